"""One accepted TCP connection of the wire server: bytes in, bytes out.

The layers, from the kernel up::

    asyncio transport  <->  emulated link (Delay)  <->  TLS (MemoryBIO)  <->  session (HTTP)

TLS is run here over :class:`ssl.MemoryBIO` and not by asyncio, because a fault is a matter of
bytes: asyncio's TLS transport answers a close only after the peer has, cannot end a connection
without ``close_notify``, and hides the socket's own state.  Here every ending is a method of its
own: :meth:`Channel.close` as nginx does it, :meth:`Channel.fin` bare, :meth:`Channel.half_close`,
:meth:`Channel.reset`.

**The emulated link.**  With ``round_trip=R`` every byte, FIN and RST travels ``R/2`` in each
direction, in order, bandwidth unlimited, and what the client sends in the first ``R`` after it
connected is held as if it had been sent at ``R``.  The kernel completes a loopback TCP handshake
by itself, so a client's *connect* call still returns at once; the round trip that it would have
waited for is spent before its first bytes count.  The sums are a real link's: a new TLS 1.3
connection and its first request cost 3 R (TCP 1, TLS 1, request 1), a warm request 1 R; a client
that reports phases shows "connect 0, TLS 2 R" instead of "connect R, TLS R".  Not emulated: loss,
jitter, reordering, bandwidth, slow start, and the kernel's own ACKs, whose delay no HTTP client
can see.  Delays are asyncio timers: never early, and late by up to a millisecond each way.

The channel knows nothing of HTTP: it asks for a session by ALPN (without TLS, by the first bytes).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import sys
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol, cast

RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""SO_LINGER on with zero seconds: close() then sends RST and drops what is unsent."""

HTTP2_PREFACE = b"PRI * HTTP/2.0"
READ_SIZE = 65536


class Session(Protocol):
    """What a channel drives: the protocol above the bytes."""

    @property
    def busy(self) -> bool:
        """A request is being read or answered."""
        raise NotImplementedError

    def received(self, data: bytes) -> None:
        """Bytes came."""

    def ended(self) -> None:
        """The peer will send no more (FIN or close_notify)."""

    def lost(self) -> None:
        """The connection is gone."""

    def leave(self) -> None:
        """Say goodbye and close, as the server's own decision (idle, shutdown)."""


class Delay:
    """One direction of the emulated link: actions happen in order, each ``seconds`` later."""

    def __init__(self, seconds: float, *, not_before: float = 0.0) -> None:
        self._seconds = seconds
        self._not_before = not_before
        self._queue: deque[tuple[float, Callable[..., None], tuple[Any, ...]]] = deque()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def put(self, action: Callable[..., None], *args: Any) -> None:
        due = max(self._loop.time(), self._not_before) + self._seconds
        self._queue.append((due, action, args))
        if self._timer is None:
            self._timer = self._loop.call_at(due, self._deliver)

    def _deliver(self) -> None:
        now = self._loop.time()
        try:
            while self._queue and self._queue[0][0] <= now:
                _, action, args = self._queue.popleft()
                action(*args)
        finally:  # one failed delivery must not stop the link
            next_due = self._queue[0][0] if self._queue else None
            self._timer = self._loop.call_at(next_due, self._deliver) if next_due else None

    def cancel(self) -> None:
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Tls:
    """The server's side of TLS over memory: bytes of the wire in and out, no socket."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.established = False
        self.finished = False

    @property
    def alpn(self) -> str | None:
        return self._object.selected_alpn_protocol()

    def feed(self, data: bytes) -> bytes:
        """Take bytes of the wire, return what they say; raises ``ssl.SSLError`` on nonsense."""
        self._incoming.write(data)
        if not self.established:
            try:
                self._object.do_handshake()
            except ssl.SSLWantReadError:
                return b""
            self.established = True
        return self._read()

    def _read(self) -> bytes:
        parts = []
        try:
            while part := self._object.read(READ_SIZE):
                parts.append(part)
            self.finished = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.finished = True
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def seal(self, data: bytes) -> bytes:
        """Plain bytes in, bytes for the wire out."""
        view = memoryview(data)
        while view:
            view = view[self._object.write(view) :]
        return self._outgoing.read()

    def pending(self) -> bytes:
        """What the protocol itself wants to send (handshake flights, alerts)."""
        return self._outgoing.read()

    def goodbye(self) -> bytes:
        """``close_notify``, for the wire."""
        with contextlib.suppress(ssl.SSLError, OSError):
            self._object.unwrap()
        return self._outgoing.read()


class Channel(asyncio.Protocol):
    """An accepted connection.  ``open_session(channel, alpn)`` gives what speaks on it."""

    def __init__(
        self,
        *,
        open_session: Callable[[Channel, str], Session],
        on_open: Callable[[Channel], None],
        on_lost: Callable[[Channel], None],
        context: ssl.SSLContext | None,
        http2: bool,
        round_trip: float,
    ) -> None:
        self._open_session = open_session
        self._on_open = on_open
        self._on_lost = on_lost
        self._tls = Tls(context) if context is not None else None
        self._http2 = http2
        self._round_trip = round_trip
        self._up: Delay | None = None
        self._down: Delay | None = None
        self._session: Session | None = None
        self._first = b""
        self.ended = False
        """The peer will send no more."""
        self.closing = False
        """No more is written: a close or a reset is under way."""
        self._shut = False
        """Nor is anything more read: the server ended both directions itself."""
        self.intercept: Callable[[bytes], None] | None = None
        """Takes the bytes of the wire instead of TLS and session (faults of the handshake)."""
        self.withhold: Callable[[bytes], None] | None = None
        """Takes the plain bytes instead of the session (faults before a request is known)."""
        self.peer: tuple[str, int] = ("", 0)

    # -- asyncio's calls ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername") or ("", 0)
        self.peer = (str(peer[0]), int(peer[1]))
        if self._round_trip:
            now = asyncio.get_running_loop().time()
            self._up = Delay(self._round_trip / 2, not_before=now + self._round_trip)
            self._down = Delay(self._round_trip / 2)
        self._on_open(self)

    def data_received(self, data: bytes) -> None:
        if self._up is None:
            self._arrived(data)
        else:
            self._up.put(self._arrived, data)

    def eof_received(self) -> bool:
        if self._up is None:
            self._ended()
        else:
            self._up.put(self._ended)
        return True  # the session decides when to close: a reply may still be under way

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        self.closing = True
        self._on_lost(self)
        if self._up is None:
            self._lost()
        else:
            self._up.put(self._lost)

    # -- upwards --------------------------------------------------------------------------------

    def _arrived(self, data: bytes) -> None:
        if self._shut:
            return
        if self.intercept is not None:
            self.intercept(data)
            return
        if self._tls is not None:
            try:
                data = self._tls.feed(data)
            except ssl.SSLError:
                self.write_raw(self._tls.pending())
                self.fin()
                return
            self.write_raw(self._tls.pending())
            if self._session is None and self._tls.established:
                self._session = self._open_session(self, self._tls.alpn or "http/1.1")
        if self.withhold is not None:
            self.withhold(data)
            return
        if self._tls is None and self._session is None:
            data = self._sniff(data)
        if data and self._session is not None:
            self._session.received(data)
        if self._tls is not None and self._tls.finished:
            self._ended()

    def _sniff(self, data: bytes) -> bytes:
        """Choose the session of a plain connection by its first bytes."""
        self._first += data
        head = self._first[: len(HTTP2_PREFACE)]
        if self._http2 and len(head) < len(HTTP2_PREFACE) and HTTP2_PREFACE.startswith(head):
            return b""
        is_http2 = self._http2 and head == HTTP2_PREFACE
        self._session = self._open_session(self, "h2" if is_http2 else "http/1.1")
        return self._first

    def _ended(self) -> None:
        if self.ended:
            return
        self.ended = True
        if self._session is None:
            self.fin()
        else:
            self._session.ended()

    def _lost(self) -> None:
        if self._session is not None:
            self._session.lost()

    # -- downwards ------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send ``data`` in one write."""
        if not self.closing:
            self._emit(self._tls.seal(data) if self._tls is not None else data)

    def write_raw(self, data: bytes) -> None:
        """Send bytes beneath TLS, as they are."""
        if not self.closing:
            self._emit(data)

    def close(self) -> None:
        """End in order: ``close_notify`` and FIN, without waiting for the peer's."""
        if not self.closing and self._tls is not None:
            self._emit(self._tls.goodbye())
        self.fin()

    def fin(self) -> None:
        """FIN alone; under TLS the peer sees a truncated stream."""
        self.closing = self._shut = True
        self._act(self._transport.close)

    def half_close(self) -> None:
        """End our direction (``close_notify``, FIN) and go on reading."""
        if not self.closing:
            self.closing = True
            if self._tls is not None:
                self._emit(self._tls.goodbye())
            self._act(self._transport.write_eof)

    def reset(self) -> None:
        """RST: the peer's next call fails with ``ECONNRESET``, after what was already delivered."""
        self.closing = self._shut = True
        self._act(self._reset_now)

    def drop(self) -> None:
        """Forget everything now, link included (the server is closing)."""
        self.closing = self._shut = True
        for delay in (self._up, self._down):
            if delay is not None:
                delay.cancel()
        self._transport.abort()
        self._up = None

    def _reset_now(self) -> None:
        raw = self._transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self._transport.abort()

    def _emit(self, data: bytes) -> None:
        if data:
            self._act(self._put_on_wire, data)

    def _put_on_wire(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)

    def _act(self, action: Callable[..., None], *args: Any) -> None:
        if self._down is None:
            action(*args)
        else:
            self._down.put(action, *args)
