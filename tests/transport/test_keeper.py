"""The keeper: warmth without requests, also when the server does not help."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import httpx

from openbroker.sandbox.wire import WireServer
from openbroker.transport.dial import Lane
from openbroker.transport.exchange import Transport
from openbroker.transport.messages import TransportFailure
from openbroker.transport.outgoing import address_of
from openbroker.transport.pool import Pool, Tuning
from tests.transport.desk import QUICK, goes_through, order, serving, succeeded, trading, until


def pool_of(transport: Transport, url: str) -> Pool:
    return transport._engine.pool(address_of(url).origin, Lane.ORDER)


async def test_what_the_server_closes_is_replaced_at_once() -> None:
    async with serving() as (server, desk), trading(server) as transport:
        await transport.warm(server.url, 3)
        server.disconnect(reset=True)
        await until(lambda: len(server.connections) == 6)
        await until(lambda: pool_of(transport, server.url).roster.ready == 3)
        reply = succeeded(await transport.exchange(order(server.url)))
        assert reply.timings.reused
        assert sum(desk.booked.values()) == sum(record.requests for record in server.connections)


async def test_an_order_finds_warmth_whenever_it_comes() -> None:
    """The server closes after 1.2 idle seconds; successors are there before."""
    async with serving(idle_timeout=1.2) as (server, _), trading(server) as transport:
        await transport.warm(server.url, 2)
        pool = pool_of(transport, server.url)
        await until(lambda: pool.roster.lifetime is not None and pool.roster.ready == 2)
        for pause in (0.0, 0.7, 1.15, 1.2, 1.25, 1.9):
            await asyncio.sleep(pause)
            reply = succeeded(await transport.exchange(order(server.url)))
            assert reply.timings.reused, pause
        assert await goes_through(transport, order(server.url))


async def test_reconnects_are_bounded() -> None:
    calm = Tuning(tick=0.01, backoff=0.1, backoff_limit=0.4)
    async with serving() as (server, _), trading(server, tuning=calm) as transport:
        await transport.warm(server.url, 2)
        server.faults.add("fin-on-connect")
        server.disconnect(reset=True)
        before = len(server.connections)
        await asyncio.sleep(1.0)
        assert len(server.connections) - before < 20
        server.faults.clear()
        await until(lambda: len(pool_of(transport, server.url).roster.members) == 2)


async def test_long_idleness_lets_all_but_two_go() -> None:
    drowsy = Tuning(tick=0.02, quiet_after=0.1)
    async with serving() as (server, _), trading(server, tuning=drowsy) as transport:
        await transport.warm(server.url, 5)
        await asyncio.sleep(0.3)
        server.disconnect(reset=True)
        await until(lambda: server.open_connections == 2)
        await asyncio.sleep(0.1)
        assert server.open_connections == 2


async def test_certificates_that_are_away_for_a_while_do_not_end_the_keeping(
    tmp_path: Path,
) -> None:
    """As while a new file of them is put in place."""
    async with serving() as (server, _):
        ca_file = tmp_path / "ca.pem"
        shutil.copy(str(server.ca_file), ca_file)
        transport = Transport(ca_file=ca_file, tuning=QUICK)
        await transport.warm(server.url, 2)
        ca_file.unlink()
        server.disconnect(reset=True)
        await until(lambda: server.open_connections == 0)
        failure = await transport.exchange(order(server.url))
        assert isinstance(failure, TransportFailure)
        assert not failure.handed_over
        assert "ca.pem: No such file" in failure.cause
        await asyncio.sleep(0.1)
        shutil.copy(str(server.ca_file), ca_file)
        await until(lambda: server.open_connections == 2)
        await transport.aclose()


async def test_an_unused_pool_closes_itself() -> None:
    async with serving() as (server, _):
        transport = Transport(ca_file=server.ca_file, tuning=QUICK)
        assert await transport.warm(server.url, 2) == 2
        del transport
        await until(lambda: server.open_connections == 0)


async def test_accounts_on_one_route_share_connections() -> None:
    async with serving() as (server, _), trading(server) as one, trading(server) as other:
        await one.warm(server.url, 1)
        assert await goes_through(one, order(server.url))
        assert await goes_through(other, order(server.url))
        assert [record.requests for record in server.connections] == [2]
        await one.aclose()
        assert await goes_through(other, order(server.url))


async def test_an_order_after_long_idleness_brings_all_back() -> None:
    drowsy = Tuning(tick=0.02, quiet_after=0.1)
    async with serving() as (server, _), trading(server, tuning=drowsy) as transport:
        await transport.warm(server.url, 5)
        await asyncio.sleep(0.3)
        server.disconnect(reset=True)
        await until(lambda: pool_of(transport, server.url).roster.ready == 2)
        assert await goes_through(transport, order(server.url))
        await until(lambda: server.open_connections == 5, within=1.0)


async def test_the_servers_keep_alive_is_believed() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"keep-alive": "timeout=7, max=100"}, json={})

    async with WireServer(answer) as server, trading(server) as transport:
        await transport.exchange(order(server.url))
        assert pool_of(transport, server.url).roster.lifetime == 7.0
