"""One connection: the thin asyncio edge under the protocol states.

It moves bytes between a socket, TLS and HTTP, sets ``handed_over`` immediately before a write, and
judges what the protocol alone cannot: whether the peer has already closed (:meth:`stirs`), and
whether a reply came sooner than the wire allows.
"""

from __future__ import annotations

import asyncio
import itertools
import select
import socket
import ssl
import time
from typing import TYPE_CHECKING, Final, Protocol

from openbroker.transport.attempt import Answer, Attempt
from openbroker.transport.http1 import Http1, ProtocolFault
from openbroker.transport.http2 import Http2
from openbroker.transport.tls import Tls

if TYPE_CHECKING:
    from collections.abc import Callable

_names = itertools.count(1)

_EARLY: Final = 0.5
_EARLY_MARGIN: Final = 0.001
"""A reply that comes before this share of the round trip, less this margin, cannot be an answer.

Both leave room for errors of measuring: on a busy machine even the kernel's figure may be a
fraction of a millisecond long, and good replies must not be doubted.
"""

_HANDSHAKE_CAP: Final = 256 * 1024


class Owner(Protocol):
    """Who is told of a connection's turns: its pool."""

    def freed(self, connection: Connection) -> None: ...
    def closed(self, connection: Connection) -> None: ...


class DialTimings:
    """What opening a connection cost, in seconds."""

    __slots__ = ("connect", "dns", "tls")

    def __init__(self) -> None:
        self.dns = self.connect = self.tls = 0.0


class Connection(asyncio.Protocol):
    """A socket, its TLS session and its HTTP state."""

    def __init__(self, sock: socket.socket) -> None:
        self.name = f"c{next(_names)}"
        self.http: Http1 | Http2 = Http1()
        self.timings = DialTimings()
        self.round_trip = 0.0
        self.opened_at = self.idle_since = self.heard_at = time.monotonic()
        self.served = 0
        self.is_closed = False
        self.closed_by_peer = self.ended_idle = False
        self.retiring = False
        self._sock = sock
        self._look = _look_at(sock)
        self._owner: Owner | None = None
        self._tls: Tls | None = None
        self._transport: asyncio.Transport | None = None
        self._greeting: asyncio.Future[None] | None = None
        self._greeted: Callable[[bytes], bool] | None = None
        self._seen = 0
        self._closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    # -- opening ---------------------------------------------------------------------------------

    async def negotiate(self, step: Callable[[bytes], bool], first: bytes) -> None:
        """Send ``first``, then hand ``step`` whatever comes until it says that it is done."""
        self._greeting = asyncio.get_running_loop().create_future()
        self._greeted, self._seen = step, 0
        self._write(first)
        try:
            await self._greeting
        finally:
            self._greeting = self._greeted = None

    async def secure(self, context: ssl.SSLContext, hostname: str) -> None:
        """Do the TLS handshake and choose the HTTP version.

        Raises:
            ssl.SSLError: the peer is not who it claims to be, or cannot speak TLS.
            ConnectionError: the peer closed.
        """
        tls = Tls(context, hostname)

        def step(data: bytes) -> bool:
            try:
                done = tls.shake_hands(data)
            finally:
                self._write(tls.pending())
            if done:
                self._secured(tls)
            return done

        tls.shake_hands()
        await self.negotiate(step, tls.pending())

    def _secured(self, tls: Tls) -> None:
        self._tls = tls
        if tls.protocol == "h2":
            self.http = Http2()
            self._send(self.http.greet())
        self._received(tls.open(b""))

    async def settled(self) -> None:
        """Wait until requests may be begun: at once, or with HTTP/2's first SETTINGS."""
        if isinstance(self.http, Http2) and not self.http.streams:
            self._greeting = asyncio.get_running_loop().create_future()
            try:
                await self._greeting
            finally:
                self._greeting = None

    def serve(self, owner: Owner) -> None:
        self._owner = owner
        self.idle_since = time.monotonic()

    @property
    def room(self) -> int:
        """How many more requests may be begun now."""
        return 0 if self.is_closed else self.http.room

    @property
    def is_idle(self) -> bool:
        return not self.http.attempts

    # -- carrying --------------------------------------------------------------------------------

    def stirs(self) -> bool:
        """Whether the socket has something that the loop has not seen: most likely an end.

        A loop that was blocked has not read the peer's FIN yet, and a write would go into a dead
        socket without a word.
        """
        return self._look()

    def begin(self, attempt: Attempt) -> None:
        """Write a request. From here on it may have left this process."""
        attempt.connection = self
        attempt.reused = self.served > 0 or attempt.started_at >= self.idle_since
        attempt.assigned_at = time.monotonic()
        self.served += 1
        try:
            data = self.http.begin(attempt)
            if self._tls is not None:
                data = self._tls.seal(data)
        except (ProtocolFault, ssl.SSLError) as fault:
            attempt.lose(str(fault))
            self.abort(str(fault))
            return
        assert self._transport is not None
        attempt.handed_over = True
        self._transport.write(data)
        attempt.written_at = time.monotonic()

    @property
    def is_flushed(self) -> bool:
        """Whether the operating system has taken every byte."""
        return self._transport is not None and self._transport.get_write_buffer_size() == 0

    def data_received(self, data: bytes) -> None:
        try:
            if self._greeted is not None:
                self._greet(data)
            elif self._tls is not None:
                self._received(self._tls.open(data))
                if self._tls.closed and not self.is_closed:
                    self._ended()
            else:
                self._received(data)
        except (ProtocolFault, ssl.SSLError) as fault:
            self.abort(str(fault))

    def _greet(self, data: bytes) -> None:
        assert self._greeted is not None
        assert self._greeting is not None
        self._seen += len(data)
        if self._greeting.done():
            return
        try:
            if self._greeted(data):
                self._greeted = None
                self._greeting.set_result(None)
            elif self._seen > _HANDSHAKE_CAP:
                raise ProtocolFault("the handshake is larger than its cap")
        except (OSError, ProtocolFault) as error:
            self._greeting.set_exception(error)

    def _received(self, data: bytes) -> None:
        if not data:
            return
        self.heard_at = time.monotonic()
        under_way = self.http.attempts
        reply = self.http.receive(data)
        if reply:
            self._send(reply)
        if self.http.version == Http1.version:
            for attempt in under_way:
                self._judge(attempt)
        if under_way and not self.http.attempts:
            self.idle_since = self.heard_at
        self._moved_on()

    def _moved_on(self) -> None:
        if self.http.ended:
            self.close()
        elif self._greeted is None and self._greeting is not None and self.http.room:
            if not self._greeting.done():
                self._greeting.set_result(None)
        elif self._owner is not None and self.http.room:
            self._owner.freed(self)

    def _judge(self, attempt: Attempt) -> None:
        """Doubt a reply that the request cannot have caused."""
        answer = _answer_of(attempt)
        if answer is None or answer.doubt is not None:
            pass
        elif attempt.first_byte_at - attempt.written_at < _EARLY * self.round_trip - _EARLY_MARGIN:
            answer.doubt = "the reply came sooner than the connection's round trip"
        elif not self.is_flushed:
            answer.doubt = "the reply came before the request was out"
        if answer is not None and answer.doubt is not None:
            self.http.ended = True

    # -- ending ----------------------------------------------------------------------------------

    def eof_received(self) -> bool:
        self._ended()
        return False

    def _ended(self) -> None:
        """The peer said its last; a body that runs to the end is complete now."""
        try:
            if self.http.attempts:
                self.http.receive(b"")
        except ProtocolFault as fault:
            self.abort(str(fault))
        else:
            self._over("the server closed the connection", by_peer=True)
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        cause = f"the connection broke: {exc}" if exc else "the server closed the connection"
        self._over(cause, by_peer=True)
        if not self._closed.done():
            self._closed.set_result(None)

    def close(self) -> None:
        """Close in good order: nothing is under way."""
        if self._tls is not None and not self.is_closed:
            self._write(self._tls.say_goodbye())
        self._over("the connection was closed")
        if self._transport is not None:
            self._transport.close()

    def retire(self) -> None:
        """Carry nothing more over HTTP/1.1, which cannot tell whose a reply is."""
        if self.http.version != Http1.version:
            return
        if self.is_idle:
            self.close()
        else:
            self.http.ended = True

    def abort(self, cause: str) -> None:
        """Close at once; bytes that wait to be written never leave."""
        self._over(cause)
        if self._transport is not None:
            self._transport.abort()

    def _over(self, cause: str, *, by_peer: bool = False) -> None:
        if not self.is_closed:
            self.is_closed = True
            self.closed_by_peer = by_peer
            self.ended_idle = self.is_idle
            if self._greeting is not None and not self._greeting.done():
                self._greeting.set_exception(ConnectionResetError(cause))
            self.http.lose(cause)
            if self._owner is not None:
                self._owner.closed(self)

    async def wait_closed(self) -> None:
        await self._closed

    def abandon(self) -> None:
        """Drop the socket of a loop that is closed and can do it no more."""
        self.is_closed = True
        self._sock.close()

    # -- bytes -----------------------------------------------------------------------------------

    def _send(self, data: bytes) -> None:
        self._write(self._tls.seal(data) if self._tls is not None else data)

    def _write(self, data: bytes) -> None:
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def ping(self) -> None:
        if isinstance(self.http, Http2) and not self.is_closed:
            self._send(self.http.ping())

    def give_up(self, attempt: Attempt) -> bool:
        """Take a request back; whether the connection lives on."""
        data = self.http.give_up(attempt)
        if data is None:
            return False
        self._send(data)
        self._moved_on()
        return True


def _answer_of(attempt: Attempt) -> Answer | None:
    """The answer that an attempt has just been given."""
    future = attempt.future
    if not future.done() or future.cancelled():
        return None
    result = future.result()
    return result if isinstance(result, Answer) else None


def _look_at(sock: socket.socket) -> Callable[[], bool]:
    """A function that says whether the socket has something to read or has ended."""
    if not hasattr(select, "poll"):
        return lambda: sock.fileno() >= 0 and bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock.fileno(), select.POLLIN | getattr(select, "POLLRDHUP", 0))
    return lambda: bool(poll.poll(0))
