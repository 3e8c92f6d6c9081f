"""One request and its reply on the wire server, whichever HTTP version carries it.

An :class:`Exchange` collects the request and knows how to put a reply on its connection.  On the
ordinary way :meth:`Exchange.deliver` writes the handler's response in one write and the session
goes on.  A fault takes the exchange over with a script, a coroutine that is given the exchange and
uses the methods under "for fault scripts"; see :mod:`openbroker.sandbox.faults`.
"""

from __future__ import annotations

import abc
import asyncio
import functools
import random
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import TYPE_CHECKING

import httpx

from openbroker.sandbox.wire_channel import Channel

if TYPE_CHECKING:
    from openbroker.sandbox.faults import Injection
    from openbroker.sandbox.wire import Connection, WireServer

BODILESS = frozenset({204, 304})


@functools.lru_cache(maxsize=1024)
def absolute_url(scheme: str, host: str, target: str) -> httpx.URL:
    """The URL that a request target means; raises ``httpx.InvalidURL``."""
    if target.startswith(("http://", "https://")):
        return httpx.URL(target)
    return httpx.URL(f"{scheme}://{host}{target if target.startswith('/') else '/'}")


async def raw_body(response: httpx.Response) -> bytes:
    """The body as it travels (still encoded), of a response with any kind of stream."""
    if isinstance(response.stream, httpx.SyncByteStream):
        return b"".join(response.stream)
    return b"".join([part async for part in response.stream])


def raw_body_now(response: httpx.Response) -> bytes:
    """The same for the ordinary response, whose body is at hand; no copy, no decoding."""
    if not isinstance(response.stream, httpx.SyncByteStream):
        raise TypeError("a response with an asynchronous stream must be read by its handler")
    parts = list(response.stream)
    return parts[0] if len(parts) == 1 else b"".join(parts)


class Exchange(abc.ABC):
    """A request as far as it has come, and the way back for its reply."""

    http2: bool

    def __init__(
        self, server: WireServer, channel: Channel, record: Connection, request: httpx.Request
    ) -> None:
        self.server = server
        self.channel = channel
        self.record = record
        self.request = request
        """Its ``content`` can be read once the request is whole."""
        self.injection: Injection | None = None
        self.scripted = False
        self.whole = False
        self.rendered = False
        self.finished = False
        self.held = False
        self.processed = False
        """The handler ran."""
        self.received_bytes = 0
        self._parts: list[bytes] = []
        self._progress: asyncio.Event | None = None
        self._response: httpx.Response | None = None

    # -- the session's side ---------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        """A piece of the request's body came."""
        self._parts.append(data)
        self.received_bytes += len(data)
        self._notify()

    def end_request(self) -> None:
        """The request is whole."""
        self.request.stream = httpx.ByteStream(b"".join(self._parts))
        self.request.read()
        self._parts.clear()
        self.whole = True
        self.record.requests += 1
        self._notify()

    def _notify(self) -> None:
        if self._progress is not None:
            self._progress.set()

    def deliver(self, response: httpx.Response) -> None:
        """The ordinary way: the reply in one write, then the next request."""
        self.write(self.render(response))
        self.finish()

    @abc.abstractmethod
    def render(self, response: httpx.Response) -> bytes:
        """The reply as this connection's bytes; once an exchange, since the protocol moves on."""

    @abc.abstractmethod
    def finish(self) -> None:
        """The reply is written: let the connection go on to its next request."""

    # -- for fault scripts ----------------------------------------------------------------------

    @property
    def barred(self) -> bool:
        """The connection has promised that this request is not processed."""
        return False

    @property
    def random(self) -> random.Random:
        """Seeded by the plan, so that a campaign can be run again."""
        assert self.injection is not None
        return self.injection.random

    async def read(self, size: int | None = None) -> None:
        """Wait until ``size`` bytes of the request's body are in, or by default all of it."""
        self._progress = self._progress or asyncio.Event()
        while not self.whole and (size is None or self.received_bytes < size):
            self._progress.clear()
            await self._progress.wait()

    async def book(self) -> httpx.Response:
        """Read the request, run the handler (once) and wait the service time."""
        if self._response is None:
            await self.read()
            if self.barred:
                await self.hold()
            self.processed = True
            self._response = await self.server.answer(self.request)
            if self.injection is not None:
                self.injection.booked = True
            await self.pause(self.server.latency)
        return self._response

    async def pause(self, seconds: float) -> None:
        if seconds > 0:
            await asyncio.sleep(seconds)

    async def work(self, function: Callable[..., bytes], *args: object) -> bytes:
        """Run something long beside the loop."""
        return await asyncio.to_thread(function, *args)

    async def hold(self) -> None:
        """Answer nothing, until the peer gives up."""
        self.be_silent()
        await asyncio.get_running_loop().create_future()

    def be_silent(self) -> None:
        """Nothing more will be said to this request, so a peer that left needs no waiting for."""
        self.held = True
        if self.channel.ended:
            self.channel.close()

    def write(self, data: bytes) -> None:
        """Bytes as they are (under TLS), in one write."""
        self.channel.write(data)

    @abc.abstractmethod
    def inform(self, status: int) -> None:
        """An informational (1xx) reply ahead of the real one."""

    def send(self, response: httpx.Response) -> None:
        """A correct reply; the connection then serves its next request while the script goes on."""
        self.deliver(response)

    def close(self) -> None:
        """``close_notify`` and FIN."""
        self.channel.close()

    def fin(self) -> None:
        """FIN alone."""
        self.channel.fin()

    def half_close(self) -> None:
        """End the server's direction and go on reading."""
        self.channel.half_close()

    def reset(self) -> None:
        """RST."""
        self.channel.reset()


class Arrival:
    """A connection that was just accepted, for the scripts of ``Stage.CONNECT``."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._heard = asyncio.Event()
        self._size = 0
        self.write_raw = channel.write_raw
        self.reset = channel.reset
        self.close = channel.close
        self.fin = channel.half_close  # a close would meet the ClientHello with RST

    async def read(self) -> None:
        """Wait for the client's first bytes, and keep them from TLS."""
        self._channel.intercept = lambda _: self._heard.set()
        await self._heard.wait()

    async def withhold(self, size: int) -> None:
        """Wait until ``size`` bytes of HTTP came, and keep them from the session."""
        self._channel.withhold = functools.partial(self._count, size)
        await self._heard.wait()

    def _count(self, size: int, data: bytes) -> None:
        self._size += len(data)
        if self._size >= size:
            self._heard.set()

    async def hold(self) -> None:
        """Say nothing; the connection ends when the peer ends it."""
        await self.read()
        await asyncio.get_running_loop().create_future()


def headers_to_send(response: httpx.Response, size: int) -> Iterator[tuple[bytes, bytes]]:
    """The response's own headers, the date as every origin server tells it (RFC 9110, 6.6.1), and a
    content-length where nothing else frames the body and a body may be."""
    yield from response.headers.raw
    if "date" not in response.headers:
        yield b"Date", _date(int(time.time()))
    framed = "content-length" in response.headers or "transfer-encoding" in response.headers
    if not framed and response.status_code not in BODILESS:
        yield b"content-length", b"%d" % size


@functools.lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()
