"""What the engine promises in common with stock httpx, tested on both."""

from __future__ import annotations

import asyncio
import gzip
import random
import ssl
import threading

import httpx
import pytest

from openbroker.sandbox.wire import WireServer
from openbroker.transport.content import decoded
from openbroker.transport.engine import Engine
from openbroker.transport.messages import Phase
from tests.transport.desk import (
    failed,
    goes_through,
    is_ours,
    order,
    read,
    serving,
    succeeded,
    trading,
)

STOCK_LEAKS = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
carriers = pytest.mark.parametrize(
    "stock", [False, pytest.param(True, marks=STOCK_LEAKS)], ids=["engine", "stock"]
)
protocols = pytest.mark.parametrize("http2", [False, True], ids=["h1", "h2"])


@carriers
@protocols
async def test_an_order_is_answered(stock: bool, http2: bool) -> None:
    async with serving() as (server, desk), trading(server, stock, http2=http2) as transport:
        request = order(server.url)
        outcome = await transport.exchange(request)
        assert is_ours(request, outcome)
        assert succeeded(outcome).timings.protocol == ("HTTP/2" if http2 else "HTTP/1.1")
        assert list(desk.booked.values()) == [1]
        assert succeeded(outcome).received_at.tzinfo is not None


@carriers
@protocols
async def test_connections_are_reused(stock: bool, http2: bool) -> None:
    async with serving() as (server, _), trading(server, stock, http2=http2) as transport:
        for _ in range(5):
            assert await goes_through(transport, order(server.url))
        assert sum(record.requests for record in server.connections) == 5
        assert max(record.requests for record in server.connections) > 1


@carriers
@protocols
async def test_replies_are_not_crossed(stock: bool, http2: bool) -> None:
    async with (
        serving(latency=0.002) as (server, desk),
        trading(server, stock, http2=http2) as transport,
    ):
        requests = [order(server.url) for _ in range(60)]
        outcomes = await asyncio.gather(*map(transport.exchange, requests))
        assert all(map(is_ours, requests, outcomes))
        assert set(desk.booked.values()) == {1}


@carriers
async def test_nobody_there_is_not_sent(stock: bool, unused_tcp_port: int) -> None:
    async with serving() as (server, _), trading(server, stock) as transport:
        failure = failed(await transport.exchange(order(f"https://127.0.0.1:{unused_tcp_port}")))
        assert not failure.handed_over
        assert failure.phase is Phase.CONNECT


@carriers
async def test_a_stranger_is_not_trusted(stock: bool) -> None:
    async with serving() as (server, desk):
        http = httpx.AsyncHTTPTransport() if stock else None
        from openbroker.transport.exchange import Transport

        transport = Transport(http=http)
        failure = failed(await transport.exchange(order(server.url)))
        await transport.aclose()
        assert not failure.handed_over
        assert "certificate" in failure.cause.lower()
        assert not desk.booked


@carriers
@protocols
async def test_the_deadline_is_total(stock: bool, http2: bool) -> None:
    """A reply that trickles in keeps httpx's read timeout happy for ever, but not the deadline."""
    async with serving() as (server, _), trading(server, stock, http2=http2) as transport:
        server.faults.add("slow-loris", seconds=0.05, step=1)
        started = asyncio.get_running_loop().time()
        failure = failed(await transport.exchange(order(server.url, timeout=0.4)))
        assert failure.handed_over
        assert asyncio.get_running_loop().time() - started < 2.0


@carriers
@protocols
async def test_bodies_are_unpacked(stock: bool, http2: bool) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        packed = gzip.compress(b"[]" * 1000)
        return httpx.Response(200, headers={"content-encoding": "gzip"}, content=packed)

    async with WireServer(handler) as server, trading(server, stock, http2=http2) as transport:
        reply = succeeded(await transport.exchange(read(server.url)))
        assert reply.content == b"[]" * 1000


@carriers
@protocols
async def test_large_bodies_are_unpacked_while_the_loop_goes_on(
    stock: bool, http2: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever unpacks waits for the loop to take its turn: on the loop that would never end."""
    loop, turns = asyncio.get_running_loop(), []

    def unpack(body: bytes, encoding: str, limit: int) -> bytes:
        turn = threading.Event()
        loop.call_soon_threadsafe(turn.set)
        turns.append(len(body) < 1000 or turn.wait(timeout=10))
        return decoded(body, encoding, limit)

    for carrier in ("exchange", "foreign"):
        monkeypatch.setattr(f"openbroker.transport.{carrier}.decoded", unpack)
    master = random.Random(1).randbytes(1 << 17).hex().encode()

    def handler(request: httpx.Request) -> httpx.Response:
        content = gzip.compress(b"[]" if "short" in request.url.path else master)
        return httpx.Response(200, headers={"content-encoding": "gzip"}, content=content)

    async with WireServer(handler) as server, trading(server, stock, http2=http2) as transport:
        assert succeeded(await transport.exchange(read(server.url))).content == master
        assert succeeded(await transport.exchange(read(f"{server.url}/short"))).content == b"[]"
        small = read(server.url, max_bytes=len(master) - 1)
        assert "more than" in failed(await transport.exchange(small)).cause
        await loop.shutdown_default_executor()
        monkeypatch.undo()
        assert succeeded(await transport.exchange(read(server.url))).content == master
    assert turns == [True] * 3


@carriers
@protocols
async def test_bombs_do_not_go_off(stock: bool, http2: bool) -> None:
    async with serving() as (server, _), trading(server, stock, http2=http2) as transport:
        for name in ("gzip-bomb", "huge-body", "header-bomb"):
            server.faults.clear()
            server.faults.add(name)
            failure = failed(await transport.exchange(order(server.url)))
            assert failure.handed_over, name
        server.faults.clear()
        assert await goes_through(transport, order(server.url))


@protocols
async def test_the_engine_is_an_httpx_transport(http2: bool) -> None:
    async with serving() as (server, _):
        engine = Engine(ca_file=server.ca_file, http2=http2)
        async with httpx.AsyncClient(transport=engine) as client:
            url = server.url + "/order"
            response = await client.post(url, headers={"x-tag": "a"}, json={"quantity": 1})
            assert response.json()["tag"] == "a"
            assert response.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
            server.faults.add("black-hole")
            with pytest.raises(httpx.ReadTimeout):
                await client.post(url, headers={"x-tag": "b"}, timeout=0.2)
            server.faults.clear()
            server.faults.add("reset-after-booking")
            with pytest.raises(httpx.RemoteProtocolError):
                await client.post(url, headers={"x-tag": "c"})


async def test_contexts_are_built_once() -> None:
    from openbroker.transport.tls import tls_context

    context = tls_context(None, ("http/1.1",))
    assert context is tls_context(None, ("http/1.1",))
    assert context is not tls_context(None, ("h2", "http/1.1"))
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.fixture
def unused_tcp_port() -> int:
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
