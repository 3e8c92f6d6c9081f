"""HTTP/2 without the faults that were measured in httpx."""

from __future__ import annotations

import asyncio

import pytest

from openbroker.transport.dial import Lane
from openbroker.transport.outgoing import address_of
from openbroker.transport.pool import Tuning
from tests.transport.desk import (
    failed,
    goes_through,
    is_ours,
    order,
    read,
    serving,
    succeeded,
    tag_of,
    trading,
    until,
)


async def test_reads_share_one_connection() -> None:
    async with serving(latency=0.01) as (server, _), trading(server) as transport:
        requests = [read(server.url) for _ in range(50)]
        outcomes = await asyncio.gather(*map(transport.exchange, requests))
        assert all(map(is_ours, requests, outcomes))
        assert [record.protocol for record in server.connections] == ["h2"]


async def test_orders_stay_off_it() -> None:
    async with serving() as (server, _), trading(server) as transport:
        assert await goes_through(transport, read(server.url))
        assert await goes_through(transport, order(server.url))
        requests = [record for record in server.connections if record.requests]
        assert [record.protocol for record in requests] == ["h2", "http/1.1"]


async def test_a_server_without_http2_is_read_over_http1() -> None:
    async with serving(http2=False, latency=0.01) as (server, _), trading(server) as transport:
        requests = [read(server.url) for _ in range(30)]
        outcomes = await asyncio.gather(*map(transport.exchange, requests))
        assert all(map(is_ours, requests, outcomes))
        assert {record.protocol for record in server.connections} == {"http/1.1"}
        assert 1 < len(server.connections) <= 20


async def test_a_timeout_leaves_its_siblings_alone() -> None:
    async with serving(latency=0.3) as (server, _), trading(server) as transport:
        assert await goes_through(transport, read(server.url))
        server.faults.add("black-hole", times=1)
        lost = asyncio.create_task(transport.exchange(read(server.url, timeout=0.1)))
        await asyncio.sleep(0.02)
        siblings = [read(server.url) for _ in range(5)]
        outcomes = await asyncio.gather(*map(transport.exchange, siblings))
        assert all(map(is_ours, siblings, outcomes))
        assert failed(await lost).handed_over
        assert len(server.connections) == 1


async def test_the_wait_for_a_stream_ends_at_the_deadline() -> None:
    one = Tuning(limit=1, tick=0.02)
    async with serving(stream_limit=1) as (server, _), trading(server, tuning=one) as transport:
        assert await goes_through(transport, read(server.url))
        server.faults.add("black-hole", times=1)
        hole = asyncio.create_task(transport.exchange(read(server.url, timeout=1.0)))
        await asyncio.sleep(0.05)
        failure = failed(await transport.exchange(read(server.url, timeout=0.2)))
        assert not failure.handed_over
        await hole
        assert await goes_through(transport, read(server.url))


async def test_a_stream_limit_of_one_is_kept_to() -> None:
    async with serving(stream_limit=1, latency=0.01) as (server, _), trading(server) as transport:
        requests = [read(server.url) for _ in range(30)]
        outcomes = await asyncio.gather(*map(transport.exchange, requests))
        assert all(map(is_ours, requests, outcomes))


async def test_a_lowered_stream_limit_is_kept_to() -> None:
    async with serving(latency=0.01) as (server, _), trading(server) as transport:
        server.faults.add("lowered-streams", limit=2, times=1)
        assert await goes_through(transport, read(server.url))
        server.stream_limit = 2
        requests = [read(server.url) for _ in range(20)]
        outcomes = await asyncio.gather(*map(transport.exchange, requests))
        assert all(map(is_ours, requests, outcomes))


@pytest.mark.parametrize("name", ["goaway-with-reply", "goaway-then-reply"])
async def test_a_reply_with_goaway_is_not_lost(name: str) -> None:
    async with serving() as (server, desk), trading(server, http2=True) as transport:
        assert await goes_through(transport, order(server.url))
        server.faults.add(name)
        for _ in range(3):
            assert await goes_through(transport, order(server.url))
        assert set(desk.booked.values()) == {1}


@pytest.mark.parametrize(
    "name", ["goaway-below", "goaway-equal", "goaway-then-reply", "goaway-with-reply"]
)
async def test_a_reply_ahead_of_goaway_is_not_disowned(name: str) -> None:
    """Streams above the last one named may have been answered before: those are not repeated."""
    async with serving() as (server, desk), trading(server, http2=True) as transport:
        for _ in range(5):
            assert await goes_through(transport, order(server.url))
            server.faults.add(name, times=1)
            orders = [order(server.url) for _ in range(60)]
            outcomes = await asyncio.gather(*map(transport.exchange, orders))
            answered = [tag_of(o) for o, r in zip(orders, outcomes, strict=True) if is_ours(o, r)]
            assert {desk.booked[tag] for tag in answered} == {1}
        assert set(desk.booked.values()) == {1}


async def test_an_idle_close_is_noticed() -> None:
    async with serving(idle_timeout=0.15) as (server, _), trading(server) as transport:
        for _ in range(3):
            assert await goes_through(transport, read(server.url))
            await asyncio.sleep(0.3)
        assert len(server.connections) >= 3


async def test_ping_holds_a_connection() -> None:
    pinging = Tuning(tick=0.02, ping_every=0.1)
    async with (
        serving(idle_timeout=0.4) as (server, _),
        trading(server, tuning=pinging) as transport,
    ):
        assert await goes_through(transport, read(server.url))
        await asyncio.sleep(1.2)
        reply = succeeded(await transport.exchange(read(server.url)))
        assert reply.timings.reused
        assert len(server.connections) == 1


async def test_a_dead_peer_is_found_by_ping() -> None:
    pinging = Tuning(tick=0.02, ping_every=0.1, ping_within=0.2)
    async with serving() as (server, _), trading(server, tuning=pinging) as transport:
        server.faults.add("unanswered-ping", times=1)
        assert await goes_through(transport, read(server.url))
        await until(lambda: len(server.connections) == 2)
        assert await goes_through(transport, read(server.url))


async def test_large_bodies_pass_in_both_directions() -> None:
    async with serving() as (server, _), trading(server, http2=True) as transport:
        request = order(server.url, content=b"x" * 300_000)
        reply = succeeded(await transport.exchange(request))
        assert b'"bytes":300000' in reply.content.replace(b" ", b"")
        server.faults.add("huge-body", megabytes=4)
        reply = succeeded(await transport.exchange(order(server.url)))
        assert len(reply.content) == 4 * 1024 * 1024
        pool = transport._engine.pool(address_of(server.url).origin, Lane.READ)
        assert len(pool.roster.members) == 1
