"""HTTP/1.1 apart from sockets: one request at a time.

Plain replies are read by :mod:`~openbroker.transport.plain_head`, all others by h11.

Bytes go in and come out; the attempt is told what became of it.  What HTTP/1.1 cannot tell by
itself, namely *whose* reply this is, is guarded by what can be seen: bytes after the reply, or a
reply before the request was out, make it doubtful, and then the connection carries nothing more.
"""

from __future__ import annotations

import re
import time
from functools import lru_cache
from typing import Final

import h11

from openbroker.transport.attempt import Answer, Attempt
from openbroker.transport.outgoing import Headers, Outgoing
from openbroker.transport.plain_head import PlainHead, plain_head

_HEAD_CAP: Final = 64 * 1024
_INTERIM_CAP: Final = 16


_END: Final = h11.EndOfMessage()
_KEEP_ALIVE: Final = re.compile(rb"timeout=(\d{1,6})")
_BODILESS: Final = frozenset((b"GET", b"HEAD", b"DELETE"))
_CUT: Final = {
    False: "the server closed the connection before its reply",
    True: "the server closed the connection in the middle of its reply",
}
"""By whether any of it had come."""


class ProtocolFault(Exception):
    """The peer broke the protocol or a cap; the connection must close."""


@lru_cache(maxsize=16)
def _like(method: bytes) -> h11.Request:
    """A request to h11's mind: of ours it needs the method, which decides how a reply ends."""
    return h11.Request(method=method, target=b"/", headers=[(b"host", b"-")])


def _promised(headers: Headers) -> float:
    """The seconds of a ``Keep-Alive: timeout=N`` header."""
    text = next((value for name, value in headers if name == b"keep-alive"), b"")
    found = _KEEP_ALIVE.search(text.lower())
    return float(found.group(1)) if found else 0.0


def _head(outgoing: Outgoing) -> bytes:
    """Request line and headers (RFC 9112, 3 and 6.2)."""
    address, content = outgoing.address, outgoing.content
    length = b""
    if content or outgoing.method not in _BODILESS:
        length = b"content-length: %d\r\n" % len(content)
    line = b"%b %b HTTP/1.1\r\nhost: %b\r\n" % (
        outgoing.method,
        address.target,
        address.authority,
    )
    return b"%b%b%b\r\n" % (line, outgoing.header_lines, length)


class Http1:
    """The protocol state of one HTTP/1.1 connection."""

    __slots__ = (
        "_attempt",
        "_body",
        "_buffer",
        "_h11",
        "_interim",
        "_plain",
        "_response",
        "_size",
        "ended",
        "lifetime",
        "status",
    )

    streams: Final = 1
    version: Final = "HTTP/1.1"

    def __init__(self) -> None:
        self._attempt: Attempt | None = None
        self._plain: PlainHead | None = None
        self._buffer = bytearray()
        self._h11: h11.Connection | None = None
        self._response: h11.Response | None = None
        self._body: list[bytes] = []
        self._size = 0
        self._interim = 0
        self.ended = False
        self.status = 0
        self.lifetime: float | None = None
        """How long the server says that it keeps an idle connection; 0 where it does not say."""

    @property
    def room(self) -> int:
        """How many more requests may be begun now."""
        return int(self._attempt is None and not self.ended)

    @property
    def attempts(self) -> list[Attempt]:
        return [self._attempt] if self._attempt is not None else []

    def begin(self, attempt: Attempt) -> bytes:
        """Frame the request, in one piece."""
        self._attempt = attempt
        self.status = 0
        return _head(attempt.outgoing) + attempt.outgoing.content

    def receive(self, data: bytes) -> bytes:
        """Take in what the peer said (``b""`` for its end). HTTP/1.1 has nothing to send back.

        Raises:
            ProtocolFault: what came is not HTTP, breaks a cap, or was not asked for.
        """
        attempt = self._attempt
        if attempt is None:
            raise ProtocolFault("the server spoke unasked")
        if self._h11 is None and self._plain is None:
            attempt.first_byte_at = time.monotonic() if data else 0.0
            self._choose_reader(attempt, data)
        if self._plain is not None:
            self._receive_plain(attempt, self._plain, data)
        else:
            self._receive_by_h11(attempt, data)
        return b""

    def _choose_reader(self, attempt: Attempt, data: bytes) -> None:
        """By the reply's first bytes: the pattern for a plain one, h11 for any other."""
        method = attempt.outgoing.method
        self._plain = plain_head(data) if method != b"HEAD" else None
        if self._plain is None:
            self._body, self._size, self._interim = [], 0, 0
            self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_CAP)
            self._h11.send(_like(method))
            self._h11.send(_END)

    def _receive_plain(self, attempt: Attempt, plain: PlainHead, data: bytes) -> None:
        limit = attempt.outgoing.max_bytes
        if plain.end - plain.start > limit:
            raise ProtocolFault(f"the reply's body is larger than {limit} bytes")
        if not data:
            raise ProtocolFault(_CUT[True])
        if self._buffer or len(data) < plain.end:
            self._buffer += data
            if len(self._buffer) < plain.end:
                return
            data, self._buffer = bytes(self._buffer), bytearray()
        body = data[plain.start : plain.end]
        self._complete(attempt, plain.status, plain.headers, body, surplus=len(data) > plain.end)

    def _receive_by_h11(self, attempt: Attempt, data: bytes) -> None:
        assert self._h11 is not None
        try:
            self._h11.receive_data(data)
            while self._step(attempt, self._h11):
                pass
        except h11.RemoteProtocolError as error:
            why = f"the reply is not HTTP/1.1: {error}" if data else _CUT[attempt.first_byte_at > 0]
            raise ProtocolFault(why) from error

    def _step(self, attempt: Attempt, state: h11.Connection) -> bool:
        """Handle one event; whether there may be another."""
        event = state.next_event()
        if isinstance(event, h11.Data):
            self._add(event.data, attempt.outgoing.max_bytes)
        elif isinstance(event, h11.Response):
            self._response = event
        elif isinstance(event, h11.EndOfMessage):
            self._end(attempt, state)
            return False
        elif isinstance(event, h11.InformationalResponse):
            self._interim += 1
            if self._interim > _INTERIM_CAP:
                raise ProtocolFault("the server sends interim replies without end")
        else:
            return False
        return True

    def _add(self, data: bytes, limit: int) -> None:
        self._body.append(data)
        self._size += len(data)
        if self._size > limit:
            raise ProtocolFault(f"the reply's body is larger than {limit} bytes")

    def _end(self, attempt: Attempt, state: h11.Connection) -> None:
        response, self._response = self._response, None
        assert response is not None
        body, self._body = b"".join(self._body), []
        surplus, _ = state.trailing_data
        stays = state.our_state is h11.DONE and state.their_state is h11.DONE
        self.ended = self.ended or not stays
        headers = list(response.headers)
        self._complete(attempt, response.status_code, headers, body, surplus=bool(surplus))

    def _complete(
        self, attempt: Attempt, status: int, headers: Headers, body: bytes, *, surplus: bool
    ) -> None:
        answer = Answer(status, headers, body, self.version)
        if surplus:
            answer.doubt = "more bytes followed the reply on its connection"
            self.ended = True
        self.status = status
        if self.lifetime is None:
            self.lifetime = _promised(headers)
        self._attempt = self._plain = self._h11 = None
        attempt.answered(answer)

    def give_up(self, _: Attempt) -> bytes | None:
        """The caller has gone: HTTP/1.1 cannot take a request back, only close."""
        return None

    def lose(self, cause: str) -> None:
        """The connection is gone."""
        self.ended = True
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.lose(cause)
