"""The order lane: warm, least recently used first, looked at before the write, and suspicious."""

from __future__ import annotations

import asyncio
import time
from typing import cast

import httpx
import pytest

from openbroker.sandbox.wire import WireServer, running_server
from openbroker.transport.connection import Connection
from openbroker.transport.dial import Lane
from openbroker.transport.exchange import Transport
from openbroker.transport.messages import Phase, Reply
from openbroker.transport.outgoing import address_of
from tests.transport.desk import (
    QUICK,
    Desk,
    failed,
    goes_through,
    is_ours,
    order,
    serving,
    succeeded,
    trading,
    until,
)


def lane(transport: Transport, url: str) -> list[Connection]:
    pool = transport._engine.pool(address_of(url).origin, Lane.ORDER)
    return list(pool.roster.members)


async def test_the_first_order_finds_a_warm_connection() -> None:
    async with serving() as (server, desk), trading(server) as transport:
        assert await transport.warm(server.url, 9) == 9
        assert len(server.connections) == 9
        assert not desk.booked, "warming sends no request"
        reply = succeeded(await transport.exchange(order(server.url)))
        assert reply.timings.reused
        assert (reply.timings.dns, reply.timings.connect, reply.timings.tls) == (0, 0, 0)
        assert len(server.connections) == 9


async def test_a_burst_after_connect_opens_nothing() -> None:
    async with serving(latency=0.02) as (server, _), trading(server) as transport:
        await transport.warm(server.url, 9)
        requests = [order(server.url) for _ in range(9)]
        outcomes = await asyncio.gather(*map(transport.exchange, requests))
        assert all(map(is_ours, requests, outcomes))
        assert all(succeeded(outcome).timings.reused for outcome in outcomes)
        assert [record.requests for record in server.connections] == [1] * 9


async def test_connections_take_turns() -> None:
    async with serving() as (server, _), trading(server) as transport:
        await transport.warm(server.url, 3)
        names = [
            succeeded(await transport.exchange(order(server.url))).connection for _ in "123456"
        ]
        assert len(set(names[:3])) == 3
        assert names[:3] == names[3:]


async def test_what_exceeds_the_limit_waits_its_turn() -> None:
    async with serving(latency=0.01) as (server, desk), trading(server) as transport:
        requests = [order(server.url) for _ in range(60)]
        outcomes = await asyncio.gather(*map(transport.exchange, requests))
        assert all(map(is_ours, requests, outcomes))
        assert len(server.connections) <= QUICK.limit
        assert set(desk.booked.values()) == {1}


async def test_the_wait_for_a_connection_ends_at_the_deadline() -> None:
    async with serving() as (server, desk), trading(server) as transport:
        server.faults.add("black-hole", times=QUICK.limit)
        holes = [
            asyncio.create_task(transport.exchange(order(server.url, timeout=1.0)))
            for _ in range(QUICK.limit)
        ]
        await until(lambda: sum(record.requests for record in server.connections) == QUICK.limit)
        failure = failed(await transport.exchange(order(server.url, timeout=0.1)))
        assert (failure.phase, failure.handed_over) == (Phase.QUEUE, False)
        assert not desk.booked
        await asyncio.gather(*holes)


@pytest.mark.parametrize("name", ["duplicated-reply", "surplus-bytes", "content-length-too-short"])
async def test_surplus_bytes_make_a_reply_doubtful(name: str) -> None:
    async with serving() as (server, _), trading(server) as transport:
        server.faults.add(name, times=1)
        reply = succeeded(await transport.exchange(order(server.url)))
        assert reply.doubt is not None
        assert reply.connection not in [
            connection.name for connection in lane(transport, server.url)
        ]
        assert await goes_through(transport, order(server.url))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("fin-before-booking", "before its reply"),
        ("fin-after-booking", "before its reply"),
        ("fin-mid-reply", "in the middle of its reply"),
    ],
)
async def test_a_server_that_hangs_up_is_said_to(name: str, told: str) -> None:
    async with serving() as (server, _), trading(server) as transport:
        server.faults.add(name, times=1)
        failure = failed(await transport.exchange(order(server.url)))
        assert failure.handed_over
        assert failure.cause == f"the server closed the connection {told}"


async def test_a_late_duplicate_answers_nobody() -> None:
    async with serving() as (server, _), trading(server) as transport:
        await transport.warm(server.url, 1)
        server.faults.add("late-duplicate", seconds=0.05, times=1)
        first = succeeded(await transport.exchange(order(server.url)))
        await asyncio.sleep(0.2)
        request = order(server.url)
        second = await transport.exchange(request)
        assert is_ours(request, second)
        assert succeeded(second).connection != first.connection


async def test_a_distrusted_connection_is_closed_with_what_is_under_way() -> None:
    async with serving() as (server, desk), trading(server) as transport:
        await transport.warm(server.url, 2)
        server.faults.add("black-hole-booked", times=1)
        under_way = asyncio.create_task(transport.exchange(order(server.url)))
        await until(lambda: bool(desk.booked))
        [busy] = [one for one in lane(transport, server.url) if one.http.attempts]
        transport.distrust(busy.name, "its last reply was another's")
        failure = failed(await under_way)
        assert (failure.handed_over, failure.connection) == (True, busy.name)
        assert busy not in lane(transport, server.url)
        assert await goes_through(transport, order(server.url))
        assert set(desk.booked.values()) == {1}


async def test_a_reply_sooner_than_the_wire_is_doubtful() -> None:
    async with serving() as (server, _), trading(server) as transport:
        await transport.warm(server.url, 1)
        (connection,) = lane(transport, server.url)
        connection.round_trip = 10.0
        reply = succeeded(await transport.exchange(order(server.url)))
        assert "round trip" in (reply.doubt or "")
        assert connection.is_closed


async def test_the_round_trip_is_the_kernels() -> None:
    async with serving() as (server, _), trading(server) as transport:
        await transport.warm(server.url, 2)
        for connection in lane(transport, server.url):
            assert 0.0 < connection.round_trip <= connection.timings.connect


def test_a_blocked_loop_does_not_write_into_a_dead_socket() -> None:
    """The server closes at one second, the loop sees nothing until two, the order goes through."""
    desk = Desk()
    with running_server(desk, idle_timeout=1.0) as server:

        async def scenario() -> None:
            transport = Transport(ca_file=server.ca_file)
            await transport.warm(server.url, 2)
            assert await goes_through(transport, order(server.url))
            time.sleep(2.0)  # noqa: ASYNC251 - the blocked loop is what is tested
            request = order(server.url)
            outcome = await transport.exchange(request)
            assert is_ours(request, outcome)
            assert not succeeded(outcome).timings.reused
            await transport.aclose()

        asyncio.run(scenario())
    assert set(desk.booked.values()) == {1}


async def test_a_late_answer_is_heard() -> None:
    async with serving() as (server, _), trading(server) as transport:
        server.faults.add("late-reply", seconds=0.4, times=1)
        heard: list[Reply] = []
        request = order(server.url, timeout=0.15)
        failure = failed(await transport.exchange(request, late=heard.append))
        assert failure.handed_over
        assert await goes_through(transport, order(server.url)), "the lane is not held up"
        await until(lambda: bool(heard))
        assert is_ours(request, heard[0])
        assert heard[0].connection == failure.connection


async def test_a_parked_connection_is_given_up_after_the_settle_time() -> None:
    async with serving() as (server, _), trading(server) as transport:
        server.faults.add("black-hole", times=1)
        failed(await transport.exchange(order(server.url, timeout=0.1)))
        pool = transport._engine.pool(address_of(server.url).origin, Lane.ORDER)
        assert len(pool._parked) == 1
        await until(lambda: not pool._parked)


async def test_an_order_over_http2_is_awaited_beyond_its_deadline_too() -> None:
    async with serving() as (server, _), trading(server, http2=True) as transport:
        server.faults.add("late-reply", seconds=0.4, times=1)
        heard: list[Reply] = []
        request = order(server.url, timeout=0.15)
        assert failed(await transport.exchange(request, late=heard.append)).handed_over
        assert await goes_through(transport, order(server.url))
        await until(lambda: bool(heard))
        assert is_ours(request, heard[0])
        await asyncio.sleep(QUICK.settle)
        assert await goes_through(transport, order(server.url))
        assert len(server.connections) == 1


@pytest.mark.parametrize(("status", "is_replaced"), [(400, False), (403, False), (503, True)])
async def test_a_connection_rests_after_a_refusal(status: int, is_replaced: bool) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text="no")

    async with WireServer(refuse) as server, trading(server) as transport:
        await transport.warm(server.url, 1)
        first = succeeded(await transport.exchange(order(server.url)))
        await asyncio.sleep(5 * QUICK.rest)
        second = succeeded(await transport.exchange(order(server.url)))
        assert first.status == second.status == status
        assert first.doubt is second.doubt is None
        assert (first.connection != second.connection) is is_replaced


async def test_order_replies_are_not_packed() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["accept-encoding"])
        return httpx.Response(200, json={})

    async with WireServer(handler) as server, trading(server) as transport:
        await transport.exchange(order(server.url))
    assert seen == ["identity"]


async def test_hooks_are_told_after_the_fact() -> None:
    told: list[tuple[object, object]] = []
    async with serving() as (server, _), trading(server) as transport:
        transport.on_exchange.append(lambda request, outcome: told.append((request, outcome)))
        request = order(server.url)
        outcome = await transport.exchange(request)
        await asyncio.sleep(0)
        assert told == [(request, outcome)]
        rows = {(row.operation, row.phase): row for row in transport.latency.table()}
        assert rows["place_order", "total"].count == 1
        assert "place_order" in repr(transport.latency)


async def test_plain_http_is_carried_too() -> None:
    async with serving(tls=False) as (server, _), trading(server) as transport:
        assert server.url.startswith("http://")
        assert await goes_through(transport, order(server.url))


async def test_closing_closes_everything() -> None:
    async with serving() as (server, _):
        async with trading(server) as transport:
            await transport.warm(server.url, 5)
            await asyncio.gather(*(transport.exchange(order(server.url)) for _ in range(8)))
        await until(lambda: server.open_connections == 0)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        assert not [t for t in tasks if "Pool" in repr(cast("asyncio.Task[object]", t).get_coro())]
