"""HTTP/2 apart from sockets: many requests at a time over h2.

Three things are done differently from httpx, each for a fault that was measured in it:

* GOAWAY frames are taken out of the byte stream before h2 sees them, because h2 ends all streams
  with the first one and so loses a reply that arrives together with it.  Streams at or below the
  last one named run on; those above were not processed, which is proof where the code is NO_ERROR
  and no part of a reply has come.
* A stream that times out is reset alone; its siblings notice nothing.
* The wait for a free stream happens in the pool, under the request's own deadline.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings
from h2.errors import ErrorCodes
from h2.settings import SettingCodes

from openbroker.transport.attempt import Answer, Attempt
from openbroker.transport.http1 import ProtocolFault
from openbroker.transport.outgoing import Headers

_STREAMS: Final = 100
_STREAM_WINDOW: Final = 1024 * 1024
_CONNECTION_WINDOW: Final = 16 * 1024 * 1024
_HEAD_CAP: Final = 64 * 1024
_FRAME_HEAD: Final = 9
_FRAME_CAP: Final = 16 * 1024
_GOAWAY: Final = 7
_LAST_STREAM: Final = 2**30

_CONFIG: Final = h2.config.H2Configuration(
    client_side=True,
    header_encoding=None,
    validate_outbound_headers=False,
    normalize_outbound_headers=False,
)
_SETTINGS: Final = {
    SettingCodes.ENABLE_PUSH: 0,
    SettingCodes.INITIAL_WINDOW_SIZE: _STREAM_WINDOW,
    SettingCodes.MAX_HEADER_LIST_SIZE: _HEAD_CAP,
    SettingCodes.MAX_FRAME_SIZE: _FRAME_CAP,
}


_log = logging.getLogger("hpack")
if _log.level == logging.NOTSET:
    _log.setLevel(logging.WARNING)
"""At DEBUG hpack prints every header, tokens included; who wants that must ask hpack itself."""


class _Stream:
    """One request and what has come for it."""

    __slots__ = ("attempt", "body", "headers", "size", "unsent")

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.headers: Headers = []
        self.body: list[bytes] = []
        self.size = 0
        self.unsent = memoryview(attempt.outgoing.content)


class Http2:
    """The protocol state of one HTTP/2 connection."""

    version: Final = "HTTP/2"

    def __init__(self) -> None:
        self._h2 = h2.connection.H2Connection(_CONFIG)
        self._h2.local_settings = h2.settings.Settings(client=True, initial_values=_SETTINGS)
        self._streams: dict[int, _Stream] = {}
        self._buffer = bytearray()
        self._next_stream = 1
        self._draining = False
        self.streams = 0
        self.ended = False
        self.status = 0
        self.lifetime = 0.0
        self.pinged_at = 0.0

    @property
    def room(self) -> int:
        """How many more requests may be begun now."""
        return 0 if self._draining else self.streams - len(self._streams)

    @property
    def attempts(self) -> list[Attempt]:
        return [stream.attempt for stream in self._streams.values()]

    def greet(self) -> bytes:
        """The connection's first bytes."""
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(_CONNECTION_WINDOW)
        return self._h2.data_to_send()

    def begin(self, attempt: Attempt) -> bytes:
        """Frame the request, in one piece as far as flow control allows.

        Raises:
            ProtocolFault: it cannot be framed.
        """
        outgoing = attempt.outgoing
        address = outgoing.address
        headers = [
            (b":method", outgoing.method),
            (b":authority", address.authority),
            (b":scheme", address.scheme.encode()),
            (b":path", address.target),
            *outgoing.headers,
        ]
        if outgoing.content:
            headers.append((b"content-length", b"%d" % len(outgoing.content)))
        number = attempt.stream = self._next_stream
        self._next_stream += 2
        self._draining = self._draining or number > _LAST_STREAM
        stream = self._streams[number] = _Stream(attempt)
        try:
            self._h2.send_headers(number, headers, end_stream=not outgoing.content)
            self._send_body(number, stream)
        except h2.exceptions.ProtocolError as error:
            raise ProtocolFault(f"the request cannot be put into HTTP/2: {error}") from error
        return self._h2.data_to_send()

    def _send_body(self, number: int, stream: _Stream) -> None:
        while stream.unsent:
            window = self._h2.local_flow_control_window(number)
            size = min(len(stream.unsent), window, self._h2.max_outbound_frame_size)
            if size <= 0:
                return
            part, stream.unsent = stream.unsent[:size], stream.unsent[size:]
            self._h2.send_data(number, bytes(part), end_stream=not stream.unsent)

    def ping(self) -> bytes:
        """Ask for a sign of life; :attr:`pinged_at` is cleared when it comes."""
        self.pinged_at = time.monotonic()
        self._h2.ping(b"openbrkr")
        return self._h2.data_to_send()

    def receive(self, data: bytes) -> bytes:
        """Take in what the peer said (``b""`` for its end); what to send in turn.

        Raises:
            ProtocolFault: what came is not HTTP/2, breaks a cap, or the connection has ended.
        """
        if not data:
            raise ProtocolFault("the server closed the connection")
        try:
            for frames, goaway in self._parted(data):
                for event in self._h2.receive_data(frames):
                    handler = _HANDLERS.get(type(event))
                    if handler is not None:
                        handler(self, event)
                if goaway is not None:
                    self._drain(goaway)
        except h2.exceptions.ProtocolError as error:
            raise ProtocolFault(f"the reply is not HTTP/2: {type(error).__name__}") from error
        self.ended = self._draining and not self._streams
        return self._h2.data_to_send()

    def _parted(self, data: bytes) -> Iterator[tuple[bytes, bytes | None]]:
        """Whole frames for h2, parted at each GOAWAY, and that GOAWAY's payload.

        In the order of their coming: a reply ahead of a GOAWAY is a reply, whatever that says.
        """
        buffer = self._buffer
        buffer += data
        passed = bytearray()
        start = 0
        while len(buffer) - start >= _FRAME_HEAD:
            length = int.from_bytes(buffer[start : start + 3], "big")
            if length > _FRAME_CAP:
                raise ProtocolFault("a frame is larger than was agreed")
            end = start + _FRAME_HEAD + length
            if end > len(buffer):
                break
            if buffer[start + 3] == _GOAWAY:
                yield bytes(passed), bytes(buffer[start + _FRAME_HEAD : end])
                passed.clear()
            else:
                passed += buffer[start:end]
            start = end
        del buffer[:start]
        yield bytes(passed), None

    def _drain(self, payload: bytes) -> None:
        """GOAWAY: nothing new here; what the server says it never processed is given back."""
        if len(payload) < 8:
            raise ProtocolFault("a GOAWAY frame is cut short")
        last = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
        code = int.from_bytes(payload[4:8], "big")
        self._draining = True
        for number in [number for number in self._streams if number > last]:
            stream = self._streams.pop(number)
            attempt = stream.attempt
            if code == ErrorCodes.NO_ERROR and not stream.headers:
                attempt.disown("the server is closing and did not process the request (GOAWAY)")
            else:
                attempt.lose(f"the server ended the connection (GOAWAY, code {code})")

    def on_response(self, event: h2.events.ResponseReceived) -> None:
        stream = self._streams.get(event.stream_id or 0)
        if stream is not None:
            stream.headers = [(bytes(name), bytes(value)) for name, value in event.headers or ()]
            stream.attempt.first_byte_at = time.monotonic()

    def on_data(self, event: h2.events.DataReceived) -> None:
        number = event.stream_id or 0
        self._h2.acknowledge_received_data(event.flow_controlled_length or 0, number)
        stream = self._streams.get(number)
        if stream is None:
            return
        stream.body.append(event.data or b"")
        stream.size += len(event.data or b"")
        limit = stream.attempt.outgoing.max_bytes
        if stream.size > limit:
            self._reset(number)
            stream.attempt.lose(f"the reply's body is larger than {limit} bytes")

    def on_end(self, event: h2.events.StreamEnded) -> None:
        stream = self._streams.pop(event.stream_id or 0, None)
        if stream is None:
            return
        status = next((value for name, value in stream.headers if name == b":status"), b"0")
        headers = [pair for pair in stream.headers if not pair[0].startswith(b":")]
        answer = Answer(int(status), headers, b"".join(stream.body), self.version)
        if stream.unsent:
            answer.doubt = "the reply came before the request was out"
        stream.attempt.answered(answer)

    def on_reset(self, event: h2.events.StreamReset) -> None:
        stream = self._streams.pop(event.stream_id or 0, None)
        if stream is None:
            return
        if event.error_code == ErrorCodes.REFUSED_STREAM and not stream.headers:
            stream.attempt.disown("the server refused the stream and did not process the request")
        else:
            stream.attempt.lose(f"the server reset the stream (code {event.error_code})")

    def on_settings(self, _: h2.events.RemoteSettingsChanged) -> None:
        if self.streams and not self._h2.remote_settings.initial_window_size:
            self._draining = True  # no credit for bodies any more: what is under way may end
        self.streams = min(_STREAMS, self._h2.remote_settings.max_concurrent_streams)

    def on_window(self, _: h2.events.WindowUpdated) -> None:
        for number, stream in self._streams.items():
            self._send_body(number, stream)

    def on_pong(self, _: h2.events.PingAckReceived) -> None:
        self.pinged_at = 0.0

    def _reset(self, number: int) -> None:
        self._streams.pop(number, None)
        self._h2.reset_stream(number, ErrorCodes.CANCEL)

    def give_up(self, attempt: Attempt) -> bytes | None:
        """The caller has gone: take back this one stream; what to send for it.

        A stream whose body the server gave no credit for tells that the connection is stuck, so
        nothing new goes there; of any other it is asked whether it still lives.
        """
        stream = self._streams.get(attempt.stream)
        if stream is None:
            return b""
        self._draining = self._draining or bool(stream.unsent)
        self._reset(attempt.stream)
        self.ended = self._draining and not self._streams
        return self.ping() if not self.pinged_at else self._h2.data_to_send()

    def lose(self, cause: str) -> None:
        """The connection is gone, and every stream with it."""
        self.ended = self._draining = True
        streams, self._streams = self._streams, {}
        for stream in streams.values():
            stream.attempt.lose(cause)


_HANDLERS: Final[dict[type[h2.events.Event], Callable[[Http2, Any], None]]] = {
    h2.events.ResponseReceived: Http2.on_response,
    h2.events.DataReceived: Http2.on_data,
    h2.events.StreamEnded: Http2.on_end,
    h2.events.StreamReset: Http2.on_reset,
    h2.events.RemoteSettingsChanged: Http2.on_settings,
    h2.events.WindowUpdated: Http2.on_window,
    h2.events.PingAckReceived: Http2.on_pong,
}
