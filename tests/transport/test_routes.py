"""Routes: the address to send from, the proxy, and who shares a connection with whom."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import respx
import trustme

from openbroker.errors import ConfigError
from openbroker.schemas.secret import Secret
from openbroker.transport.dial import Lane, Proxy, Route
from openbroker.transport.exchange import Transport
from openbroker.transport.messages import Phase
from openbroker.transport.tls import tls_context
from tests.transport.desk import (
    QUICK,
    failed,
    goes_through,
    order,
    read,
    serving,
    succeeded,
    trading,
)


@pytest.mark.skipif(sys.platform == "darwin", reason="only 127.0.0.1 is up on macOS")
async def test_accounts_with_addresses_of_their_own_share_no_socket() -> None:
    async with serving() as (server, _):
        async with (
            trading(server, local_address="127.0.0.2") as one,
            trading(server, local_address="127.0.0.3") as other,
        ):
            for _ in range(5):
                assert await goes_through(one, order(server.url))
                assert await goes_through(other, order(server.url))
                assert await goes_through(one, read(server.url))
        peers = {record.peer[0] for record in server.connections}
        assert peers == {"127.0.0.2", "127.0.0.3"}


async def test_an_address_that_is_not_ours_is_not_sent() -> None:
    async with serving() as (server, desk), trading(server, local_address="192.0.2.1") as transport:
        failure = failed(await transport.exchange(order(server.url)))
        assert (failure.phase, failure.handed_over) == (Phase.CONNECT, False)
        assert not desk.booked


def test_settings_are_checked_at_once() -> None:
    with pytest.raises(ConfigError, match="local_address"):
        Transport(local_address="eth0")
    for proxy in ("socks5://127.0.0.1:1", "127.0.0.1:3128", "http://user:hunter2@"):
        with pytest.raises(ConfigError) as caught:
            Transport(proxy=proxy)
        assert "hunter2" not in str(caught.value)


def test_a_certificate_file_is_read_at_once_and_anew_when_it_changes(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ca_file"):
        Transport(ca_file=tmp_path / "missing.pem")
    file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(file))
    first = tls_context(str(file), ("http/1.1",))
    assert tls_context(str(file), ("http/1.1",)) is first
    trustme.CA().cert_pem.write_to_path(str(file))
    os.utime(file, ns=(1, 1))
    assert tls_context(str(file), ("http/1.1",)) is not first


async def test_a_name_that_is_none_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    transport = Transport(tuning=QUICK)
    failure = failed(await transport.exchange(order("https://broker.example")))
    await transport.aclose()
    assert (failure.phase, failure.handed_over, failure.attempt) == (Phase.DNS, False, 3)


class ConnectProxy:
    """A small CONNECT proxy."""

    def __init__(self, credentials: str | None) -> None:
        self.asked: list[str] = []
        word = base64.b64encode((credentials or "").encode()).decode()
        self._authorization = f"proxy-authorization: Basic {word}" if credentials else ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.split()[1])
        if self._authorization and self._authorization.lower() not in head.lower():
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        host, _, port = head.split()[1].rpartition(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                sink.write(data)
        sink.close()


@contextlib.asynccontextmanager
async def proxying(credentials: str | None = None) -> AsyncIterator[tuple[ConnectProxy, int]]:
    proxy = ConnectProxy(credentials)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    try:
        yield proxy, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0.05)


async def test_orders_and_reads_pass_a_proxy() -> None:
    async with serving() as (server, _), proxying("me:hunter2") as (proxy, port):
        address = Secret(f"http://me:hunter2@127.0.0.1:{port}")
        async with trading(server, proxy=address) as transport:
            assert await transport.warm(server.url, 3) == 3
            reply = succeeded(await transport.exchange(order(server.url)))
            assert reply.timings.reused
            assert await goes_through(transport, read(server.url))
        assert set(proxy.asked) == {server.authority}
        assert {record.protocol for record in server.connections} == {"http/1.1", "h2"}


async def test_a_proxy_that_refuses_is_not_sent_and_its_secret_stays() -> None:
    async with serving() as (server, desk), proxying("me:right") as (_, port):
        address = f"http://me:hunter2@127.0.0.1:{port}"
        async with trading(server, proxy=address) as transport:
            failure = failed(await transport.exchange(order(server.url)))
        assert not failure.handed_over
        assert "407" in failure.cause
        assert "hunter2" not in repr(failure)
        assert not desk.booked


def test_a_route_shows_no_credentials() -> None:
    proxy = Proxy.parse("http://me:hunter2@127.0.0.1:3128")
    route = Route(scheme="https", host="h", port=443, proxy=proxy, lane=Lane.ORDER)
    assert "hunter2" not in repr(route)
    assert base64.b64encode(b"me:hunter2").decode() not in repr(route)


async def test_the_environment_sends_nothing_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with serving() as (server, _), trading(server) as transport:
        assert await goes_through(transport, order(server.url))


async def test_redirects_and_cookies_are_left_alone() -> None:
    cookies: list[str | None] = []

    def handler(request: httpx.Request) -> httpx.Response:
        cookies.append(request.headers.get("cookie"))
        headers = {"location": "https://127.0.0.1:1/", "set-cookie": "a=b"}
        return httpx.Response(307, headers=headers)

    from openbroker.sandbox.wire import WireServer

    async with WireServer(handler) as server, trading(server) as transport:
        for _ in range(2):
            assert succeeded(await transport.exchange(order(server.url))).status == 307
    assert cookies == [None, None]


async def test_addresses_are_raced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first address of a name is dead; the second one serves after its head start."""
    async with serving() as (server, _), trading(server) as transport:
        loop = asyncio.get_running_loop()
        good = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))
        dead = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.9", server.port))

        async def getaddrinfo(*_: object, **__: object) -> list[object]:
            return [dead, good]

        monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
        url = server.url.replace("127.0.0.1", "localhost")
        outcome = await transport.exchange(order(url))
        # The certificate names the address, not "localhost", unless the server issued it for both.
        assert getattr(outcome, "status", None) == 200 or "certificate" in getattr(
            outcome, "cause", ""
        )
        assert server.connections


async def test_respx_cannot_make_a_test_trade() -> None:
    async with serving() as (server, desk), trading(server) as transport:
        with respx.mock(assert_all_called=False), pytest.raises(ConfigError, match="respx"):
            await transport.exchange(order(server.url))
        assert not desk.booked
        assert await goes_through(transport, order(server.url))
        router = respx.Router(assert_all_called=False)
        router.post(server.url + "/order").respond(json={"mocked": True})
        mocked = Transport(http=httpx.MockTransport(router.async_handler))
        assert b"mocked" in succeeded(await mocked.exchange(order(server.url))).content
        await mocked.aclose()


async def test_logs_hold_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving() as (server, _), trading(server, http2=True) as transport:
        headers = {"X-Tag": "t", "X-PrivateKey": "CANARY", "Authorization": "Bearer CANARY"}
        request = order(server.url, url=server.url + "/order?totp=CANARY", headers=headers)
        assert await goes_through(transport, request)
    assert "CANARY" not in caplog.text


async def test_the_tuning_is_part_of_what_is_shared() -> None:
    async with (
        serving() as (server, _),
        trading(server) as one,
        trading(server, tuning=None) as other,
    ):
        assert await goes_through(one, order(server.url))
        assert await goes_through(other, order(server.url))
        assert one._engine._tuning == QUICK != other._engine._tuning
