"""A client that hides nothing: it sends bytes, and tells which bytes and which ending came back."""

from __future__ import annotations

import functools
import socket
import ssl
import time
import types
from collections.abc import Callable
from typing import Self

import h2.config
import h2.connection
import h2.events

from openbroker.sandbox.wire import WireServer

CLOSE_NOTIFY, BARE_FIN, RESET, SILENCE = "close_notify", "fin", "reset", "silence"
PATIENCE = 0.25


@functools.cache
def client_context(ca_file_text: str, alpn: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=ca_file_text)
    context.set_alpn_protocols([alpn])
    return context


class Peer:
    """A TLS (or plain) connection to the server, with nothing between the test and the bytes.

    TLS runs over memory: Python's own TLS socket reports a reset as an end of file.
    """

    def __init__(self, server: WireServer, alpn: str = "http/1.1", *, patience: float = 5) -> None:
        self.socket = socket.create_connection((server.host, server.port), 5)
        self.socket.settimeout(patience)
        self.tls: ssl.SSLObject | None = None
        if server.scheme == "https":
            with open(server.ca_file) as file:  # noqa: PTH123
                context = client_context(file.read(), alpn)
            self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server.host)
            try:
                self._handshake(self.tls)
            except BaseException:
                self.socket.close()
                raise

    def _handshake(self, tls: ssl.SSLObject) -> None:
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                self.socket.sendall(self._outgoing.read())
                self._fill()
            else:
                self.socket.sendall(self._outgoing.read())
                return

    def _fill(self) -> None:
        data = self.socket.recv(65536)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        if self.tls is not None:
            self.tls.write(data)
            data = self._outgoing.read()
        self.socket.sendall(data)

    def _read(self) -> bytes:
        """What came next; empty at a proper end, SSLEOFError at a bare FIN."""
        if self.tls is None:
            return self.socket.recv(65536)
        while True:
            try:
                return self.tls.read(65536)
            except ssl.SSLWantReadError:
                self._fill()
            except ssl.SSLZeroReturnError:
                return b""

    def read(self, patience: float) -> tuple[bytes, str]:
        """What came next, or how it ended."""
        self.socket.settimeout(patience)
        try:
            data = self._read()
        except TimeoutError:
            return b"", SILENCE
        except ConnectionResetError:
            return b"", RESET
        except ssl.SSLEOFError:
            return b"", BARE_FIN
        return data, "" if data else CLOSE_NOTIFY

    def receive(
        self,
        *,
        patience: float = PATIENCE,
        expected: Callable[[bytes, str], bool] = lambda _, __: True,
    ) -> tuple[bytes, str]:
        """All bytes until the connection ends or falls silent, and how it ended.

        A silence that is not ``expected`` yet is listened to for five seconds: a busy machine is
        not a failure.
        """
        received, ending, limit = b"", "", time.monotonic() + 5
        while not ending:
            data, ending = self.read(patience)
            received += data
            if ending == SILENCE and not expected(received, ending) and time.monotonic() < limit:
                ending = ""
        return received, ending

    def receive_until(self, end: bytes) -> bytes:
        """Bytes up to and with ``end``, which must come in five seconds."""
        received = b""
        while not received.endswith(end):
            data, ending = self.read(5)
            assert data, f"{ending} after {received!r}"
            received += data
        return received


class Http2Peer(Peer):
    """The same over HTTP/2: frames by the h2 library, events kept in the order they came."""

    def __init__(self, server: WireServer) -> None:
        super().__init__(server, "h2")
        self.protocol = h2.connection.H2Connection(
            h2.config.H2Configuration(header_encoding="utf-8")
        )
        self.protocol.initiate_connection()
        self.was_reset = False
        self.flush()
        self.events: list[h2.events.Event] = []
        self.segments: list[bytes] = []

    def flush(self) -> None:
        try:
            self.send(self.protocol.data_to_send())
        except ConnectionResetError:
            self.was_reset = True  # the kernel tells it once only
        except BrokenPipeError:
            pass

    def post(self, path: str, body: bytes) -> int:
        stream = self.protocol.get_next_available_stream_id()
        head = [(":method", "POST"), (":scheme", "https"), (":authority", "t"), (":path", path)]
        self.protocol.send_headers(stream, head)
        self.protocol.send_data(stream, body, end_stream=True)
        self.flush()
        return stream

    def listen(
        self,
        *until: type[h2.events.Event],
        patience: float = 5.0,
        expected: Callable[[str], bool] = lambda _: True,
    ) -> str:
        """Take events until one of each kind came (or the end, or silence); says which end."""
        limit = time.monotonic() + 5
        missing = set(until)
        while missing or not until:
            data, ending = self.read(patience)
            if ending == SILENCE and not expected(ending) and time.monotonic() < limit:
                continue
            if ending:
                return RESET if self.was_reset else ending
            self.segments.append(data)
            self.take(data, missing)
        return ""

    def take(self, data: bytes, missing: set[type[h2.events.Event]]) -> None:
        for event in self.protocol.receive_data(data):
            self.events.append(event)
            missing.discard(type(event))
        self.flush()

    def seen(self, kind: type[h2.events.Event]) -> list[types.SimpleNamespace]:
        return [
            types.SimpleNamespace(**{name: getattr(event, name) for name in names(event)})
            for event in self.events
            if type(event) is kind
        ]


def names(event: h2.events.Event) -> list[str]:
    return [name for name in dir(event) if not name.startswith("_")]


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until it holds; five seconds are too many."""
    limit = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < limit, "it never came to hold"
        time.sleep(0.005)


def post(path: str = "/order", body: bytes = b'{"tag":"T1"}', *, host: str = "sandbox") -> bytes:
    """An order-sized HTTP/1.1 request as bytes."""
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
