"""The wire server's HTTP/1.1: h11 for the protocol, one write for a reply, pipelining in order."""

from __future__ import annotations

import contextlib
from http import HTTPStatus
from typing import TYPE_CHECKING

import h11
import httpx

from openbroker.sandbox.wire_channel import Channel
from openbroker.sandbox.wire_exchange import (
    BODILESS,
    Exchange,
    absolute_url,
    headers_to_send,
    raw_body_now,
)

if TYPE_CHECKING:
    from openbroker.sandbox.wire import Connection, WireServer

MAX_HEAD = 64 * 1024
"""Bytes of request line and headers; JWTs in several headers make real ones large."""


class Http1Exchange(Exchange):
    """A request on an HTTP/1.1 connection."""

    http2 = False
    session: Http1Session

    def render(self, response: httpx.Response) -> bytes:
        self.rendered = True
        return self.session.render(self.request.method, response)

    def inform(self, status: int) -> None:
        self.write(self.session.render_informational(status))

    def finish(self) -> None:
        if not self.finished:
            self.finished = True
            self.session.proceed()


class Http1Session:
    """One HTTP/1.1 connection."""

    def __init__(self, server: WireServer, channel: Channel, record: Connection) -> None:
        self._server = server
        self._channel = channel
        self._record = record
        self._protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._exchange: Http1Exchange | None = None
        self._advancing = False
        self._deaf = False
        self.last_reply = b""

    @property
    def busy(self) -> bool:
        return self._exchange is not None

    # -- the channel's calls --------------------------------------------------------------------

    def received(self, data: bytes) -> None:
        if not self._deaf:
            self._protocol.receive_data(data)
            self._advance()

    def ended(self) -> None:
        self.received(b"")  # h11's word for the end
        if self._exchange is None or self._exchange.held or not self._exchange.whole:
            self._channel.close()

    def lost(self) -> None:
        self._deaf = True
        self._server.forget(self._exchange)

    def leave(self) -> None:
        self._channel.close()

    # -- requests -------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Take every event that h11 has; replies given on the way let the next request in."""
        if self._advancing:
            return
        self._advancing = True
        try:
            while not self._deaf and self._take(self._protocol.next_event()):
                pass
        except (h11.RemoteProtocolError, httpx.InvalidURL) as error:
            if not self._channel.ended:
                self._refuse(
                    getattr(error, "error_status_hint", HTTPStatus.BAD_REQUEST), str(error)
                )
        finally:
            self._advancing = False

    def _take(self, event: object) -> bool:
        """Act on one event; says whether there may be more."""
        match event:
            case h11.Request():
                self._begin(event)
            case h11.Data():
                self._current.feed(bytes(event.data))
            case h11.EndOfMessage():
                self._current.end_request()
                if self._current.scripted:
                    self.proceed()
                else:
                    self._server.serve(self._current)
            case _:  # NEED_DATA, PAUSED, ConnectionClosed
                return False
        return True

    @property
    def _current(self) -> Http1Exchange:
        assert self._exchange is not None
        return self._exchange

    def _begin(self, event: h11.Request) -> None:
        headers = list(event.headers.raw_items())
        host = next((value for name, value in event.headers if name == b"host"), b"")
        request = httpx.Request(
            event.method.decode("ascii"),
            absolute_url(
                self._server.scheme,
                host.decode("latin-1") or self._server.authority,
                event.target.decode("latin-1"),
            ),
            headers=headers,
            stream=httpx.ByteStream(b""),
            extensions=self._server.extensions(self._record, event.http_version),
        )
        self._exchange = Http1Exchange(self._server, self._channel, self._record, request)
        self._exchange.session = self
        if self._protocol.they_are_waiting_for_100_continue:
            self._channel.write(self.render_informational(HTTPStatus.CONTINUE))
        self._server.begin(self._exchange)

    # -- replies --------------------------------------------------------------------------------

    def render(self, method: str, response: httpx.Response) -> bytes:
        body = raw_body_now(response)
        head = h11.Response(
            status_code=response.status_code,
            headers=list(headers_to_send(response, len(body))),
            reason=response.reason_phrase.encode("ascii", "ignore"),
        )
        parts = [self._protocol.send(head)]
        if body and method != "HEAD" and response.status_code not in BODILESS:
            parts.append(self._protocol.send(h11.Data(data=body)))
        parts.append(self._protocol.send(h11.EndOfMessage()))
        self.last_reply = b"".join(part for part in parts if part)
        return self.last_reply

    def render_informational(self, status: int) -> bytes:
        reason = HTTPStatus(status).phrase.encode()
        event = h11.InformationalResponse(status_code=status, headers=[], reason=reason)
        return self._protocol.send(event) or b""

    def proceed(self) -> None:
        """Go on to the next request, once this one is both read and answered."""
        exchange = self._exchange
        if exchange is None or not exchange.finished:
            return
        if self._protocol.our_state is h11.MUST_CLOSE:
            self._part(read_all=exchange.whole)
        elif exchange.whole and self._protocol.our_state is h11.DONE:
            with contextlib.suppress(h11.LocalProtocolError):
                self._protocol.start_next_cycle()
            self._exchange = None
            self._server.rest(self._channel)
            self._advance()

    def _refuse(self, status: int, reason: str) -> None:
        """Answer nonsense and close: 400, or what h11 hints at."""
        if self._protocol.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            text = f"{status} {HTTPStatus(status).phrase}: {reason}\n"
            response = httpx.Response(status, text=text, headers={"connection": "close"})
            self._channel.write(self.render("GET", response))
        self._part(read_all=False)

    def _part(self, *, read_all: bool) -> None:
        """Close; where the peer is still writing, end our side first so that it can read why."""
        self._deaf = True
        if read_all:
            self._channel.close()
        else:
            self._channel.half_close()
            self._server.close_later(self._channel)
