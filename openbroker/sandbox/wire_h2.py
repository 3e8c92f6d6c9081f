"""The wire server's HTTP/2: h2 for the protocol, replies to one batch of frames in one write."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
import httpx
from hyperframe.frame import GoAwayFrame, PingFrame

from openbroker.sandbox.wire_channel import Channel
from openbroker.sandbox.wire_exchange import (
    Exchange,
    absolute_url,
    headers_to_send,
    raw_body_now,
)

if TYPE_CHECKING:
    from openbroker.sandbox.wire import Connection, WireServer

WINDOW = 4 * 1024 * 1024
"""Octets of request body that a client may send unasked, per stream and connection."""
COLON = ord(":")
HOP_BY_HOP = frozenset({b"connection", b"keep-alive", b"transfer-encoding", b"upgrade"})
Code = h2.settings.SettingCodes


class _Advertised(h2.settings.Settings):
    """Settings whose stream limit is told to the peer, and enforced by the session.

    h2 itself answers a stream too many with a connection error; servers in the field refuse the
    stream (RFC 9113, 5.1.2) and serve the others on.
    """

    @property
    def max_concurrent_streams(self) -> int:
        return 2**31

    @max_concurrent_streams.setter
    def max_concurrent_streams(self, value: int) -> None:
        self[Code.MAX_CONCURRENT_STREAMS] = value


class _GoawayIsNotTheEnd(h2.connection.H2ConnectionStateMachine):
    """The peer's GOAWAY closes h2's connection; RFC 9113 (6.8) lets the open streams finish."""

    def process_input(self, input_: h2.connection.ConnectionInputs) -> list[h2.events.Event]:
        if input_ is h2.connection.ConnectionInputs.RECV_GOAWAY:
            return []
        return super().process_input(input_)


class Http2Exchange(Exchange):
    """A request on a stream of an HTTP/2 connection."""

    http2 = True
    session: Http2Session
    stream_id: int

    def deliver(self, response: httpx.Response) -> None:
        self.rendered = True
        self.session.reply(self.stream_id, self.request.method, response)
        self.finish()

    def render(self, response: httpx.Response) -> bytes:
        """HEADERS and DATA of the reply, as far as the peer's window lets them."""
        self.rendered = True
        return self.session.render(self.stream_id, self.request.method, response)

    def inform(self, status: int) -> None:
        self.session.protocol.send_headers(self.stream_id, [(b":status", b"%d" % status)])
        self.session.flush()

    def finish(self) -> None:
        if not self.finished:
            self.finished = True
            self.session.proceed(self)

    # -- for fault scripts ----------------------------------------------------------------------

    def render_head(self, response: httpx.Response) -> bytes:
        """HEADERS alone; DATA would follow."""
        self.session.flush()
        headers = self.session.header_block(response, len(raw_body_now(response)))
        self.session.protocol.send_headers(self.stream_id, headers)
        return self.session.protocol.data_to_send()

    def reset_stream(self, code: int) -> None:
        """RST_STREAM."""
        self.session.protocol.reset_stream(self.stream_id, code)
        self.session.flush()
        self.finish()

    def go_away_frame(self, last_stream_id: int, code: int) -> bytes:
        """GOAWAY as bytes; made by hand, since h2 would refuse to go on after its own."""
        return GoAwayFrame(0, last_stream_id=last_stream_id, error_code=code).serialize()

    def go_away(self, last_stream_id: int, code: int) -> None:
        """GOAWAY; streams go on until the connection is closed."""
        self.write(self.go_away_frame(last_stream_id, code))

    async def drain(self, above: int) -> int:
        """Take no more streams, and wait until the later ones that ran are answered.

        A GOAWAY may name the result, or a higher stream, without telling the peer that a request
        was not processed which was: the one lie that would make a careful client order twice.

        Returns:
            ``above``, or the highest stream above it that ran, answered or not.
        """
        self.session.draining = True
        while any(not other.held for other in self._processed(above)):
            self.session.changed.clear()
            await self.session.changed.wait()
        unanswered = (other.stream_id for other in self._processed(above))
        return max(above, self.session.served, *unanswered)

    def _processed(self, above: int) -> list[Http2Exchange]:
        others = self.session.exchanges.values()
        return [e for e in others if e.stream_id > above and e.processed and e is not self]

    def be_silent(self) -> None:
        super().be_silent()
        self.session.changed.set()
        self.session.depart()

    @property
    def barred(self) -> bool:
        return self.session.draining

    def leave_when_answered(self) -> None:
        """Forget this stream, answer the others, then close."""
        self.session.leaving = True
        self.finish()

    def settings(self, values: dict[Code | int, int]) -> None:
        """SETTINGS."""
        self.session.protocol.update_settings(values)
        self.session.flush()


class Http2Session:
    """One HTTP/2 connection."""

    def __init__(self, server: WireServer, channel: Channel, record: Connection) -> None:
        self._server = server
        self._channel = channel
        self._record = record
        self.exchanges: dict[int, Http2Exchange] = {}
        self.served = 0
        """The highest stream that ran and is done with."""
        self._unsent: dict[int, memoryview] = {}
        self._receiving = False
        self.leaving = False
        self._limit = server.stream_limit
        self.answers_pings = True
        self._deaf = False
        self.draining = False
        """Requests that come from now on are not processed, and not answered."""
        self.changed = asyncio.Event()
        """Something was answered, or never will be."""
        self.protocol = self._start()
        self.flush()

    def _start(self) -> h2.connection.H2Connection:
        protocol = h2.connection.H2Connection(
            h2.config.H2Configuration(
                client_side=False,
                header_encoding=None,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        protocol.state_machine = _GoawayIsNotTheEnd()
        protocol.local_settings = _Advertised(
            client=False,
            initial_values={
                Code.MAX_CONCURRENT_STREAMS: self._limit,
                Code.INITIAL_WINDOW_SIZE: WINDOW,
                Code.MAX_HEADER_LIST_SIZE: protocol.DEFAULT_MAX_HEADER_LIST_SIZE,
            },
        )
        protocol.initiate_connection()
        protocol.increment_flow_control_window(WINDOW)
        return protocol

    @property
    def busy(self) -> bool:
        return bool(self.exchanges or self._unsent)

    # -- the channel's calls --------------------------------------------------------------------

    def received(self, data: bytes) -> None:
        if self._deaf:
            return
        self._receiving = True
        try:
            for event in self.protocol.receive_data(data):
                self._take(event)
        except h2.exceptions.ProtocolError:
            self._deaf = True  # h2 has queued the GOAWAY that says why
        finally:
            self._receiving = False
        self.flush()
        if self._deaf:
            self._part()
        else:
            self.depart()

    def _part(self) -> None:
        """End our side first: a close would meet what the peer still writes with RST, and it would
        not read why."""
        self.lost()
        self._channel.half_close()
        self._server.close_later(self._channel)

    def ended(self) -> None:
        self.leaving = True
        if all(exchange.held or not exchange.whole for exchange in self.exchanges.values()):
            self.lost()
        self.depart()

    def lost(self) -> None:
        for exchange in self.exchanges.values():
            self._server.forget(exchange)
        self.exchanges.clear()

    def leave(self) -> None:
        if not self._channel.closing:
            self.protocol.close_connection()
            self.flush()
            self._channel.close()

    # -- requests -------------------------------------------------------------------------------

    def _take(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RequestReceived():
                self._begin(event)
            case h2.events.DataReceived():
                size = event.flow_controlled_length or 0
                self.protocol.acknowledge_received_data(size, event.stream_id or 0)
                if event.stream_id in self.exchanges:
                    self.exchanges[event.stream_id].feed(event.data or b"")
            case h2.events.StreamEnded() if event.stream_id in self.exchanges:
                self._end(self.exchanges[event.stream_id])
            case h2.events.StreamReset():
                self._drop(event.stream_id or 0)
            case h2.events.WindowUpdated() | h2.events.RemoteSettingsChanged():
                self._pump_all()
            case h2.events.SettingsAcknowledged():
                self._limit = self.protocol.local_settings[Code.MAX_CONCURRENT_STREAMS]
            case h2.events.ConnectionTerminated():
                self.leaving = True
            case _:
                self._server.touch(self._channel)  # PING and its like

    def _begin(self, event: h2.events.RequestReceived) -> None:
        stream_id = event.stream_id or 0
        if self.draining:
            return
        if len(self.exchanges) >= self._limit:
            self.protocol.reset_stream(stream_id, h2.errors.ErrorCodes.REFUSED_STREAM)
            return
        try:
            request = self._request(event.headers or [])
        except httpx.InvalidURL:
            self.protocol.reset_stream(stream_id, h2.errors.ErrorCodes.PROTOCOL_ERROR)
            return
        exchange = Http2Exchange(self._server, self._channel, self._record, request)
        exchange.session, exchange.stream_id = self, stream_id
        self.exchanges[stream_id] = exchange
        self._server.begin(exchange)

    def _request(self, headers: Sequence[tuple[bytes, bytes]]) -> httpx.Request:
        fields = {name: value.decode("latin-1") for name, value in headers if name[0] == COLON}
        plain = [(name, value) for name, value in headers if name[0] != COLON]
        host = fields.get(b":authority") or self._server.authority
        return httpx.Request(
            fields[b":method"],
            absolute_url(fields.get(b":scheme", "https"), host, fields.get(b":path", "/")),
            headers=[(b"host", host.encode("latin-1")), *plain],
            stream=httpx.ByteStream(b""),
            extensions=self._server.extensions(self._record, b"2"),
        )

    def _end(self, exchange: Http2Exchange) -> None:
        exchange.end_request()
        if self.draining:
            exchange.be_silent()
        elif not exchange.scripted:
            self._server.serve(exchange)

    def _drop(self, stream_id: int) -> None:
        self._unsent.pop(stream_id, None)
        exchange = self.exchanges.pop(stream_id, None)
        self.changed.set()
        if exchange is not None:
            self._note(exchange)
            self._server.forget(exchange)

    def _note(self, exchange: Http2Exchange) -> None:
        if exchange.processed:
            self.served = max(self.served, exchange.stream_id)

    # -- replies --------------------------------------------------------------------------------

    def reply(self, stream_id: int, method: str, response: httpx.Response) -> None:
        """Queue the reply; it leaves with the batch that is being read, or now."""
        if stream_id in self.exchanges and not self._channel.closing:
            self._frame(stream_id, method, response)
            if not self._receiving:
                self.flush()

    def render(self, stream_id: int, method: str, response: httpx.Response) -> bytes:
        self.flush()
        self._frame(stream_id, method, response)
        return self.protocol.data_to_send()

    def _frame(self, stream_id: int, method: str, response: httpx.Response) -> None:
        body = b"" if method == "HEAD" else raw_body_now(response)
        headers = self.header_block(response, len(body))
        self.protocol.send_headers(stream_id, headers, end_stream=not body)
        if body:
            self._unsent[stream_id] = memoryview(body)
            self._pump(stream_id)

    def header_block(self, response: httpx.Response, size: int) -> list[tuple[bytes, bytes]]:
        lowered = [(name.lower(), value) for name, value in headers_to_send(response, size)]
        status = (b":status", b"%d" % response.status_code)
        return [status, *(pair for pair in lowered if pair[0] not in HOP_BY_HOP)]

    def _pump_all(self) -> None:
        for stream_id in list(self._unsent):
            self._pump(stream_id)

    def _pump(self, stream_id: int) -> None:
        """Send as much of a body as the peer's windows let through."""
        body = self._unsent.pop(stream_id)
        while body:
            window = self.protocol.local_flow_control_window(stream_id)
            size = min(window, self.protocol.max_outbound_frame_size, len(body))
            if size <= 0:
                self._unsent[stream_id] = body
                return
            self.protocol.send_data(stream_id, bytes(body[:size]), end_stream=size == len(body))
            body = body[size:]

    def proceed(self, exchange: Http2Exchange) -> None:
        self._note(exchange)
        self.exchanges.pop(exchange.stream_id, None)
        self.changed.set()
        if not self.exchanges:
            self._server.rest(self._channel)
        if not self._receiving:
            self.depart()

    def flush(self) -> None:
        data = self.protocol.data_to_send()
        if not self.answers_pings:
            data = without_ping_answers(data)
        if data:
            self._channel.write(data)

    def depart(self) -> None:
        """Close once the peer has said goodbye and everything is answered."""
        waiting = any(not exchange.held for exchange in self.exchanges.values())
        if self.leaving and not waiting and not self._unsent:
            self._channel.close()


def without_ping_answers(frames: bytes) -> bytes:
    """The frames but for PING with ACK, for a server that does not answer PINGs."""
    kept, start = [], 0
    while start < len(frames):
        end = start + 9 + int.from_bytes(frames[start : start + 3], "big")
        kind, flags = frames[start + 3], frames[start + 4]
        if not (kind == PingFrame.type and flags & 1):
            kept.append(frames[start:end])
        start = end
    return b"".join(kept)
