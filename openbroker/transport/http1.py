"""HTTP/1.1 apart from sockets: one request at a time over h11.

Bytes go in and come out; the attempt is told what became of it.  What HTTP/1.1 cannot tell by
itself, namely *whose* reply this is, is guarded by what can be seen: bytes after the reply, or a
reply before the request was out, make it doubtful, and then the connection carries nothing more.
"""

from __future__ import annotations

import time
from typing import Final

import h11

from openbroker.transport.attempt import Answer, Attempt
from openbroker.transport.outgoing import Headers

_HEAD_CAP: Final = 64 * 1024
_INTERIM_CAP: Final = 16


class ProtocolFault(Exception):
    """The peer broke the protocol or a cap; the connection must close."""


class Http1:
    """The protocol state of one HTTP/1.1 connection."""

    __slots__ = ("_attempt", "_body", "_h11", "_interim", "_response", "_size", "ended", "status")

    streams: Final = 1
    version: Final = "HTTP/1.1"

    def __init__(self) -> None:
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_CAP)
        self._attempt: Attempt | None = None
        self._response: h11.Response | None = None
        self._body: list[bytes] = []
        self._size = 0
        self._interim = 0
        self.ended = False
        self.status = 0

    @property
    def room(self) -> int:
        """How many more requests may be begun now."""
        return int(self._attempt is None and not self.ended)

    @property
    def attempts(self) -> list[Attempt]:
        return [self._attempt] if self._attempt is not None else []

    def begin(self, attempt: Attempt) -> bytes:
        """Frame the request, in one piece.

        Raises:
            ProtocolFault: it cannot be framed.
        """
        outgoing = attempt.outgoing
        headers = [(b"host", outgoing.address.authority), *outgoing.headers]
        if outgoing.content or outgoing.method not in (b"GET", b"HEAD", b"DELETE"):
            headers.append((b"content-length", b"%d" % len(outgoing.content)))
        try:
            head = self._head(outgoing.method, outgoing.address.target, headers)
            if outgoing.content:
                self._h11.send(h11.Data(data=outgoing.content))
            self._h11.send(h11.EndOfMessage())
        except h11.LocalProtocolError as error:
            raise ProtocolFault(f"the request cannot be put into HTTP/1.1: {error}") from error
        self._attempt = attempt
        self._body, self._size, self._interim, self.status = [], 0, 0, 0
        return head + outgoing.content

    def _head(self, method: bytes, target: bytes, headers: Headers) -> bytes:
        request = h11.Request(method=method, target=target, headers=headers)
        return self._h11.send(request) or b""

    def receive(self, data: bytes) -> bytes:
        """Take in what the peer said (``b""`` for its end). HTTP/1.1 has nothing to send back.

        Raises:
            ProtocolFault: what came is not HTTP, breaks a cap, or was not asked for.
        """
        attempt = self._attempt
        if attempt is None:
            raise ProtocolFault("the server spoke unasked")
        if data and not attempt.first_byte_at:
            attempt.first_byte_at = time.monotonic()
        try:
            self._h11.receive_data(data)
            while self._step(attempt):
                pass
        except h11.RemoteProtocolError as error:
            raise ProtocolFault(f"the reply is not HTTP/1.1: {error}") from error
        return b""

    def _step(self, attempt: Attempt) -> bool:
        """Handle one event; whether there may be another."""
        event = self._h11.next_event()
        if isinstance(event, h11.Data):
            self._add(event.data, attempt.outgoing.max_bytes)
        elif isinstance(event, h11.Response):
            self._response = event
        elif isinstance(event, h11.EndOfMessage):
            self._end(attempt)
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

    def _end(self, attempt: Attempt) -> None:
        response = self._response
        assert response is not None
        self.status = response.status_code
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        answer = Answer(response.status_code, list(response.headers), bytes(body), self.version)
        self._finish_cycle(answer)
        self._attempt = self._response = None
        self._body = []
        attempt.answered(answer)

    def _finish_cycle(self, answer: Answer) -> None:
        surplus, _ = self._h11.trailing_data
        if surplus:
            answer.doubt = "more bytes followed the reply on its connection"
        if surplus or self._h11.our_state is not h11.DONE or self._h11.their_state is not h11.DONE:
            self.ended = True
        else:
            self._h11.start_next_cycle()

    def give_up(self, _: Attempt) -> bytes | None:
        """The caller has gone: HTTP/1.1 cannot take a request back, only close."""
        return None

    def lose(self, cause: str) -> None:
        """The connection is gone."""
        self.ended = True
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.lose(cause)
