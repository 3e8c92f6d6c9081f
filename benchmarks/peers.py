"""The same order-sized POST by everybody: ours, httpx in each of its ways, and the others.

It is Angel One's (JSON, long headers) or Zerodha's (a form).
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from urllib.parse import urlsplit

import aiohttp
import httpx
import requests
from attrs import frozen

from benchmarks.measure import AsyncCall, Call
from benchmarks.servers import Server
from openbroker.transport import bridge
from openbroker.transport.engine import Engine
from openbroker.transport.exchange import Transport
from openbroker.transport.messages import Effect, Reply, Request


@frozen(kw_only=True)
class Shape:
    """An order-sized POST as one broker has it."""

    path: str
    headers: Mapping[str, str]
    body: bytes


ANGELONE = Shape(
    path="/rest/secure/angelbroking/order/v1/placeOrder",
    headers={
        "Authorization": "Bearer " + "x" * 600,
        "Content-Type": "application/json",
        "Accept": "application/json",
        "X-UserType": "USER",
        "X-SourceID": "WEB",
        "X-ClientLocalIP": "127.0.0.1",
        "X-ClientPublicIP": "106.193.147.98",
        "X-MACAddress": "fe80::216e:6507:4b90:3719",
        "X-PrivateKey": "k" * 8,
    },
    body=json.dumps(
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
    ).encode(),
)
ZERODHA = Shape(
    path="/orders/regular",
    headers={
        "Authorization": "token " + "k" * 16 + ":" + "x" * 32,
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Kite-Version": "3",
    },
    body=(
        b"exchange=NSE&tradingsymbol=SBIN&transaction_type=BUY&quantity=1&product=MIS"
        b"&order_type=LIMIT&price=194.50&validity=DAY&tag=bench1ABCDEFGH"
    ),
)
POOL_60 = httpx.Limits(max_keepalive_connections=10, max_connections=20, keepalive_expiry=60)


def request_to(url: str, shape: Shape = ANGELONE) -> Request:
    return Request(
        method="POST",
        url=url + shape.path,
        headers=shape.headers,
        content=shape.body,
        operation="place_order",
        effect=Effect.ORDER,
    )


def _httpx_request(url: str, shape: Shape) -> httpx.Request:
    return httpx.Request(
        "POST",
        url + shape.path,
        headers=shape.headers,
        content=shape.body,
        extensions={"timeout": httpx.Timeout(8.0).as_dict()},
    )


def checked(outcome: object) -> None:
    """A reply that is not the expected one would make every figure worthless."""
    if not isinstance(outcome, Reply) or outcome.status != 200 or outcome.doubt:
        raise RuntimeError(f"not a good reply: {outcome!r}")


def exchange_call(transport: Transport, url: str, shape: Shape = ANGELONE) -> AsyncCall:
    request = request_to(url, shape)

    async def call() -> None:
        checked(await transport.exchange(request))

    return call


def transport_call(
    transport: httpx.AsyncBaseTransport, url: str, shape: Shape = ANGELONE
) -> AsyncCall:
    """At httpx's transport interface, with a request built beforehand."""
    request = _httpx_request(url, shape)

    async def call() -> None:
        response = await transport.handle_async_request(request)
        await response.aread()
        await response.aclose()
        if response.status_code != 200:
            raise RuntimeError(f"status {response.status_code}")

    return call


@contextlib.asynccontextmanager
async def async_peers(
    server: Server, shape: Shape = ANGELONE
) -> AsyncIterator[dict[str, AsyncCall]]:
    """Every asynchronous client, each with a pool of its own, by name."""
    context = ssl.create_default_context(cafile=server.ca_file)
    async with contextlib.AsyncExitStack() as stack:
        calls: dict[str, AsyncCall] = {}
        for name, http2 in (("openbroker h1", False), ("openbroker h2", True)):
            transport = Transport(ca_file=server.ca_file, http2_orders=http2)
            stack.push_async_callback(transport.aclose)
            calls[name] = exchange_call(transport, server.url, shape)
            engine = Engine(ca_file=server.ca_file, http2=http2)
            stack.push_async_callback(engine.aclose)
            calls[f"{name} as an httpx transport"] = transport_call(engine, server.url, shape)
        for name, options in (
            ("httpx h1", {}),
            ("httpx h2", {"http2": True}),
            ("httpx h2, 10/20/60 s", {"http2": True, "limits": POOL_60}),
        ):
            stock = httpx.AsyncHTTPTransport(verify=context, **options)  # type: ignore[arg-type]
            stack.push_async_callback(stock.aclose)
            calls[name] = transport_call(stock, server.url, shape)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        calls["aiohttp"] = _aiohttp_call(session, server, shape)
        yield calls


def _aiohttp_call(session: aiohttp.ClientSession, server: Server, shape: Shape) -> AsyncCall:
    context = ssl.create_default_context(cafile=server.ca_file)
    url, body, headers = server.url + shape.path, shape.body, shape.headers

    async def call() -> None:
        async with session.post(url, data=body, headers=headers, ssl=context) as response:
            await response.read()
            if response.status != 200:
                raise RuntimeError(f"status {response.status}")

    return call


@contextlib.contextmanager
def sync_peers(server: Server, shape: Shape = ANGELONE) -> Iterator[dict[str, Call]]:
    """Every synchronous client, by name."""
    context = ssl.create_default_context(cafile=server.ca_file)
    with contextlib.ExitStack() as stack:
        calls: dict[str, Call] = {}
        for name, http2 in (("openbroker h1", False), ("openbroker h2", True)):
            transport = Transport(ca_file=server.ca_file, http2_orders=http2)
            stack.callback(bridge.run, transport.aclose)
            calls[name] = _bridged(transport, server.url, shape)
        for name, options in (
            ("httpx h1", {}),
            ("httpx h2", {"http2": True}),
            ("httpx h2, 10/20/60 s", {"http2": True, "limits": POOL_60}),
        ):
            stock = httpx.HTTPTransport(verify=context, **options)  # type: ignore[arg-type]
            stack.callback(stock.close)
            calls[name] = sync_transport_call(stock, server.url, shape)
        session = stack.enter_context(requests.Session())
        session.trust_env = False
        session.verify = server.ca_file
        calls["requests, kept"] = _requests_call(session, server.url, shape)
        context_h1 = ssl.create_default_context(cafile=server.ca_file)
        calls["http.client, kept"] = _kept_call(stack, server.url, context_h1, shape)
        calls["http.client, new"] = _new_call(server.url, context_h1, shape)
        yield calls


def _bridged(transport: Transport, url: str, shape: Shape) -> Call:
    request = request_to(url, shape)

    def call() -> None:
        checked(bridge.run(transport.exchange(request)))

    return call


def sync_transport_call(transport: httpx.BaseTransport, url: str, shape: Shape = ANGELONE) -> Call:
    request = _httpx_request(url, shape)

    def call() -> None:
        response = transport.handle_request(request)
        response.read()
        response.close()
        if response.status_code != 200:
            raise RuntimeError(f"status {response.status_code}")

    return call


def _requests_call(session: requests.Session, url: str, shape: Shape) -> Call:
    def call() -> None:
        url_, body, headers = url + shape.path, shape.body, dict(shape.headers)
        response = session.post(url_, data=body, headers=headers, timeout=8)
        response.raise_for_status()

    return call


def _connection(url: str, context: ssl.SSLContext) -> http.client.HTTPSConnection:
    parts = urlsplit(url)
    return http.client.HTTPSConnection(parts.hostname or "", parts.port, context=context, timeout=8)


def _post(connection: http.client.HTTPSConnection, shape: Shape) -> None:
    connection.request("POST", shape.path, shape.body, shape.headers)
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise RuntimeError(f"status {response.status}")


def _kept_call(
    stack: contextlib.ExitStack, url: str, context: ssl.SSLContext, shape: Shape
) -> Call:
    connection = _connection(url, context)
    stack.callback(connection.close)
    connection.connect()
    assert connection.sock is not None
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call() -> None:
        _post(connection, shape)

    return call


def _new_call(url: str, context: ssl.SSLContext, shape: Shape) -> Call:
    def call() -> None:
        with contextlib.closing(_connection(url, context)) as connection:
            _post(connection, shape)

    return call


class RawSocket:
    """One kept TLS socket, one write, one read loop: the least that any client must do."""

    def __init__(self, server: Server) -> None:
        parts = urlsplit(server.url)
        context = ssl.create_default_context(cafile=server.ca_file)
        plain = socket.create_connection((parts.hostname or "", parts.port or 443))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock = context.wrap_socket(plain, server_hostname=parts.hostname)
        lines = [f"POST {ANGELONE.path} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in ANGELONE.headers.items()]
        lines += [f"Content-Length: {len(ANGELONE.body)}", "", ""]
        self._bytes = "\r\n".join(lines).encode() + ANGELONE.body

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
