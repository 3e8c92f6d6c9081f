"""The same order-sized POST by everybody: ours, httpx in each of its ways, and the others."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import aiohttp
import httpx
import requests

from benchmarks.measure import AsyncCall, Call
from benchmarks.servers import Server
from openbroker.transport import bridge
from openbroker.transport.engine import Engine
from openbroker.transport.exchange import Transport
from openbroker.transport.messages import Effect, Reply, Request

PATH = "/rest/secure/angelbroking/order/v1/placeOrder"
BODY = json.dumps(
    {
        "variety": "NORMAL",
        "tradingsymbol": "SBIN-EQ",
        "symboltoken": "3045",
        "transactiontype": "BUY",
        "exchange": "NSE",
        "ordertype": "LIMIT",
        "producttype": "INTRADAY",
        "duration": "DAY",
        "price": "194.50",
        "triggerprice": "0",
        "quantity": "1",
        "ordertag": "bench1ABCDEFGH",
    }
).encode()
HEADERS = {
    "Authorization": "Bearer " + "x" * 600,
    "Content-Type": "application/json",
    "Accept": "application/json",
    "X-UserType": "USER",
    "X-SourceID": "WEB",
    "X-ClientLocalIP": "127.0.0.1",
    "X-ClientPublicIP": "106.193.147.98",
    "X-MACAddress": "fe80::216e:6507:4b90:3719",
    "X-PrivateKey": "k" * 8,
}
POOL_60 = httpx.Limits(max_keepalive_connections=10, max_connections=20, keepalive_expiry=60)


def request_to(url: str) -> Request:
    return Request(
        method="POST",
        url=url + PATH,
        headers=HEADERS,
        content=BODY,
        operation="place_order",
        effect=Effect.ORDER,
    )


def _httpx_request(url: str) -> httpx.Request:
    timeout = httpx.Timeout(8.0).as_dict()
    extensions = {"timeout": timeout}
    return httpx.Request("POST", url + PATH, headers=HEADERS, content=BODY, extensions=extensions)


def checked(outcome: object) -> None:
    """A reply that is not the expected one would make every figure worthless."""
    if not isinstance(outcome, Reply) or outcome.status != 200 or outcome.doubt:
        raise RuntimeError(f"not a good reply: {outcome!r}")


def exchange_call(transport: Transport, url: str) -> AsyncCall:
    request = request_to(url)

    async def call() -> None:
        checked(await transport.exchange(request))

    return call


def transport_call(transport: httpx.AsyncBaseTransport, url: str) -> AsyncCall:
    """At httpx's transport interface, with a request built beforehand."""
    request = _httpx_request(url)

    async def call() -> None:
        response = await transport.handle_async_request(request)
        await response.aread()
        await response.aclose()
        if response.status_code != 200:
            raise RuntimeError(f"status {response.status_code}")

    return call


@contextlib.asynccontextmanager
async def async_peers(server: Server) -> AsyncIterator[dict[str, AsyncCall]]:
    """Every asynchronous client, each with a pool of its own, by name."""
    context = ssl.create_default_context(cafile=server.ca_file)
    async with contextlib.AsyncExitStack() as stack:
        calls: dict[str, AsyncCall] = {}
        for name, http2 in (("openbroker h1", False), ("openbroker h2", True)):
            transport = Transport(ca_file=server.ca_file, http2_orders=http2)
            stack.push_async_callback(transport.aclose)
            calls[name] = exchange_call(transport, server.url)
            engine = Engine(ca_file=server.ca_file, http2=http2)
            stack.push_async_callback(engine.aclose)
            calls[f"{name} as an httpx transport"] = transport_call(engine, server.url)
        for name, options in (
            ("httpx h1", {}),
            ("httpx h2", {"http2": True}),
            ("httpx h2, 10/20/60 s", {"http2": True, "limits": POOL_60}),
        ):
            stock = httpx.AsyncHTTPTransport(verify=context, **options)  # type: ignore[arg-type]
            stack.push_async_callback(stock.aclose)
            calls[name] = transport_call(stock, server.url)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        calls["aiohttp"] = _aiohttp_call(session, server)
        yield calls


def _aiohttp_call(session: aiohttp.ClientSession, server: Server) -> AsyncCall:
    context = ssl.create_default_context(cafile=server.ca_file)
    url = server.url + PATH

    async def call() -> None:
        async with session.post(url, data=BODY, headers=HEADERS, ssl=context) as response:
            await response.read()
            if response.status != 200:
                raise RuntimeError(f"status {response.status}")

    return call


@contextlib.contextmanager
def sync_peers(server: Server) -> Iterator[dict[str, Call]]:
    """Every synchronous client, by name."""
    context = ssl.create_default_context(cafile=server.ca_file)
    with contextlib.ExitStack() as stack:
        calls: dict[str, Call] = {}
        for name, http2 in (("openbroker h1", False), ("openbroker h2", True)):
            transport = Transport(ca_file=server.ca_file, http2_orders=http2)
            stack.callback(bridge.run, transport.aclose)
            calls[name] = _bridged(transport, server.url)
        for name, options in (
            ("httpx h1", {}),
            ("httpx h2", {"http2": True}),
            ("httpx h2, 10/20/60 s", {"http2": True, "limits": POOL_60}),
        ):
            stock = httpx.HTTPTransport(verify=context, **options)  # type: ignore[arg-type]
            stack.callback(stock.close)
            calls[name] = sync_transport_call(stock, server.url)
        session = stack.enter_context(requests.Session())
        session.trust_env = False
        session.verify = server.ca_file
        calls["requests, kept"] = _requests_call(session, server.url)
        context_h1 = ssl.create_default_context(cafile=server.ca_file)
        calls["http.client, kept"] = _kept_call(stack, server.url, context_h1)
        calls["http.client, new"] = _new_call(server.url, context_h1)
        yield calls


def _bridged(transport: Transport, url: str) -> Call:
    request = request_to(url)

    def call() -> None:
        checked(bridge.run(transport.exchange(request)))

    return call


def sync_transport_call(transport: httpx.BaseTransport, url: str) -> Call:
    request = _httpx_request(url)

    def call() -> None:
        response = transport.handle_request(request)
        response.read()
        response.close()
        if response.status_code != 200:
            raise RuntimeError(f"status {response.status_code}")

    return call


def _requests_call(session: requests.Session, url: str) -> Call:
    def call() -> None:
        response = session.post(url + PATH, data=BODY, headers=HEADERS, timeout=8)
        response.raise_for_status()

    return call


def _connection(url: str, context: ssl.SSLContext) -> http.client.HTTPSConnection:
    parts = urlsplit(url)
    return http.client.HTTPSConnection(parts.hostname or "", parts.port, context=context, timeout=8)


def _post(connection: http.client.HTTPSConnection) -> None:
    connection.request("POST", PATH, BODY, HEADERS)
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise RuntimeError(f"status {response.status}")


def _kept_call(stack: contextlib.ExitStack, url: str, context: ssl.SSLContext) -> Call:
    connection = _connection(url, context)
    stack.callback(connection.close)
    connection.connect()
    assert connection.sock is not None
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call() -> None:
        _post(connection)

    return call


def _new_call(url: str, context: ssl.SSLContext) -> Call:
    def call() -> None:
        with contextlib.closing(_connection(url, context)) as connection:
            _post(connection)

    return call


class RawSocket:
    """One kept TLS socket, one write, one read loop: the least that any client must do."""

    def __init__(self, server: Server) -> None:
        parts = urlsplit(server.url)
        context = ssl.create_default_context(cafile=server.ca_file)
        plain = socket.create_connection((parts.hostname or "", parts.port or 443))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = context.wrap_socket(plain, server_hostname=parts.hostname)
        lines = [f"POST {PATH} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in HEADERS.items()]
        lines += [f"Content-Length: {len(BODY)}", "", ""]
        self._bytes = "\r\n".join(lines).encode() + BODY

    def __call__(self) -> None:
        self._sock.sendall(self._bytes)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._sock.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        name = b"content-length:"
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(name)
        )
        while len(body) < length:
            body += self._sock.recv(65536)

    def close(self) -> None:
        self._sock.close()
