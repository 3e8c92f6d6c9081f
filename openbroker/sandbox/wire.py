"""The wire server: a front end's function, served over real sockets and TLS.

A front end is ``handler(request: httpx.Request) -> httpx.Response`` (plain or ``async``), the very
function that :class:`httpx.MockTransport` takes, so what is tested in process is what is served
here.  This module owns listening, the book of connections and the service time; it leaves bytes to
:mod:`~openbroker.sandbox.wire_channel`, HTTP to ``wire_h1`` and ``wire_h2``, and what goes wrong on
purpose to :mod:`~openbroker.sandbox.faults`.

::

    async with WireServer(handler) as server:
        async with httpx.AsyncClient(verify=ssl.create_default_context(cafile=server.ca_file)) as c:
            await c.get(server.url + "/")

    with running_server(handler) as server:      # the same, in a thread of its own
        ...

What happens when: the handler runs as soon as the request is whole, and its reply leaves
``latency`` seconds later, so an order is booked even where its client gives up.  ``round_trip``
emulates a link; ``wire_channel`` says exactly what is and is not emulated.  ``idle_timeout`` closes
connections that rest, as brokers' gateways do: HTTP/1.1 with FIN, HTTP/2 with GOAWAY and FIN;
``ping_keeps_alive=False`` does so even if the client sends PINGs.

The server holds no reply back for a slow reader: it is made for tests, benchmarks and one trader's
sandbox, not for the open internet, and binds to loopback unless told otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import httpx
from attrs import define

from openbroker.sandbox.certificates import server_context, write_ca
from openbroker.sandbox.faults import Fault, FaultPlan, Stage
from openbroker.sandbox.wire_channel import Channel, Session
from openbroker.sandbox.wire_exchange import Arrival, Exchange, raw_body
from openbroker.sandbox.wire_h1 import Http1Session
from openbroker.sandbox.wire_h2 import Http2Session

Handler: TypeAlias = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]

LINGER = 1.0
"""Seconds that a connection closed in mid-request goes on reading, so that the peer reads why."""

_log = logging.getLogger("openbroker.sandbox")


@define(kw_only=True)
class Connection:
    """What the server knows of one connection; kept after it closed."""

    number: int
    """1, 2, 3, ... in the order accepted."""
    peer: tuple[str, int]
    opened: float
    """``time.monotonic()`` seconds."""
    closed: float | None = None
    protocol: str | None = None
    """``"http/1.1"`` or ``"h2"``; None until TLS and ALPN are done."""
    requests: int = 0
    """Requests read whole."""


_ACCEPTING = 4
"""Turns of the loop in which a connection that the listener has taken becomes one of ours. asyncio
gives a closed listener's connections no owner: their sockets would be left behind."""


class WireServer:
    """Serve ``handler`` on a socket; an asynchronous context manager.

    Args:
        handler: request to response. An exception in it is logged, answered with a 500, and raised
            again when the server closes, so that no test passes over a broken front end.
        tls: TLS 1.2 and 1.3, with a certificate of the process's own authority.
        http2: offer HTTP/2 (by ALPN; without TLS, by prior knowledge) beside HTTP/1.1.
        idle_timeout: seconds after which a resting connection is closed; None: never.
        latency: seconds of service between the request and its reply.
        round_trip: seconds of the emulated link's round trip.
        stream_limit: HTTP/2 streams at once; more are refused with REFUSED_STREAM.
        host, port: where to listen; port 0 takes a free one.
        faults: the plan to follow; by default an empty one, as ``server.faults``.
        ca_dir: where to write ``ca.pem``; by default a temporary folder, removed at close.
        ping_keeps_alive: an HTTP/2 PING counts against ``idle_timeout``.

    ``latency``, ``idle_timeout`` and ``round_trip`` may be set while it runs; the latter two hold
    for connections accepted from then on.

    Raises:
        ConfigError: TLS is asked for and trustme (extra ``sandbox``) is missing.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        tls: bool = True,
        http2: bool = True,
        idle_timeout: float | None = None,
        latency: float = 0.0,
        round_trip: float = 0.0,
        stream_limit: int = 100,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: FaultPlan | None = None,
        ca_dir: str | Path | None = None,
        ping_keeps_alive: bool = True,
    ) -> None:
        self.handler = handler
        self.idle_timeout = idle_timeout
        self.latency = latency
        self.round_trip = round_trip
        self.stream_limit = stream_limit
        self.ping_keeps_alive = ping_keeps_alive
        self.faults = FaultPlan() if faults is None else faults
        self.host = host
        self.port = port
        self.scheme = "https" if tls else "http"
        self.connections: list[Connection] = []
        self.handler_errors: list[Exception] = []
        self._http2 = http2
        self._context = server_context(host=host, http2=http2) if tls else None
        self._ca_dir = Path(ca_dir) if ca_dir is not None else None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._ca_file: Path | None = None
        self.scratch: dict[str, object] = {}
        """What fault scripts of several connections share."""
        self._open: dict[Channel, _Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._scripts: dict[Exchange, asyncio.Task[None]] = {}
        self._empty: asyncio.Event | None = None
        self._is_closing = False

    # -- the public face ------------------------------------------------------------------------

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """``https://127.0.0.1:PORT``, without a slash at the end."""
        return f"{self.scheme}://{self.authority}"

    @property
    def ca_file(self) -> str:
        """Path of the PEM file that clients trust; empty without TLS."""
        return str(self._ca_file or "")

    @property
    def open_connections(self) -> int:
        return len(self._open)

    @property
    def running_scripts(self) -> int:
        """Fault scripts that have not ended yet."""
        return len(self._scripts)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
        if error is None and self.handler_errors:
            raise self.handler_errors[0]

    async def start(self) -> None:
        """Listen."""
        self._loop = asyncio.get_running_loop()
        self._listener = await self._loop.create_server(
            self._accept, self.host, self.port, backlog=1024
        )
        if self._context is not None:
            self._ca_file = write_ca(self._ca_dir or self._temporary_folder())
        self.port = self._listener.sockets[0].getsockname()[1]

    def _temporary_folder(self) -> Path:
        self._folder = tempfile.TemporaryDirectory(prefix="openbroker-ca-")
        return Path(self._folder.name)

    async def aclose(self) -> None:
        """Stop listening, say goodbye to every connection, and wait until nothing is left."""
        self._is_closing = True
        self._accept_no_more()
        for _ in range(_ACCEPTING):
            await asyncio.sleep(0)
        self._listener.close()
        tasks = [*self._tasks, *self._scripts.values()]
        for task in tasks:
            task.cancel()
        self._empty = asyncio.Event()
        for channel, line in list(self._open.items()):
            if line.session is not None and not self.round_trip:
                line.session.leave()
            channel.drop()
        if self._open:
            await self._empty.wait()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.02)
        for channel in list(self._open):
            channel.reset()
        await asyncio.sleep(0)
        if self._folder is not None:
            self._folder.cleanup()

    def _accept_no_more(self) -> None:
        for listening in self._listener.sockets:
            with contextlib.suppress(NotImplementedError):  # Windows' loop has no readers
                self._loop.remove_reader(listening.fileno())

    def disconnect(self, *, reset: bool = False) -> None:
        """Close every connection now, in order or by RST (call it in the server's loop)."""
        for channel, line in list(self._open.items()):
            if reset:
                channel.reset()
            elif line.session is not None:
                line.session.leave()

    # -- connections ----------------------------------------------------------------------------

    def _accept(self) -> Channel:
        return Channel(
            open_session=self._open_session,
            on_open=self._opened,
            on_lost=self._lost,
            context=self._context,
            http2=self._http2,
            round_trip=self.round_trip,
        )

    def _opened(self, channel: Channel) -> None:
        record = Connection(
            number=len(self.connections) + 1, peer=channel.peer, opened=time.monotonic()
        )
        self.connections.append(record)
        self._open[channel] = _Line(self, channel, record)
        if self._is_closing:
            channel.drop()
        elif self.faults:
            self._afflict_arrival(channel, record)

    def _open_session(self, channel: Channel, alpn: str) -> Session:
        line = self._open[channel]
        line.record.protocol = alpn
        kind = Http2Session if alpn == "h2" else Http1Session
        line.session = kind(self, channel, line.record)
        line.touch()
        return line.session

    def _lost(self, channel: Channel) -> None:
        line = self._open.pop(channel, None)
        if line is not None:
            line.end()
        if self._empty is not None and not self._open:
            self._empty.set()

    def touch(self, channel: Channel) -> None:
        """A PING or its like."""
        if self.ping_keeps_alive:
            self.rest(channel)

    def rest(self, channel: Channel) -> None:
        """The connection has nothing to do from now on."""
        if channel in self._open:
            self._open[channel].touch()

    def close_later(self, channel: Channel) -> None:
        """Close a half-closed connection once its peer has had time to read."""
        self._loop.call_later(LINGER, channel.fin)

    # -- requests -------------------------------------------------------------------------------

    def extensions(self, record: Connection, version: bytes) -> dict[str, Any]:
        """What a front end may want to know beside the request: who sent it, and over what."""
        return {
            "peer": record.peer,
            "connection": record.number,
            "http_version": b"HTTP/" + version,
        }

    def begin(self, exchange: Exchange) -> None:
        """The head of a request is read."""
        if self.faults:
            self._afflict(exchange, Stage.HEAD)

    def serve(self, exchange: Exchange) -> None:
        """The request is whole: answer it, now or ``latency`` later."""
        if self.faults and self._afflict(exchange, Stage.REQUEST):
            return
        exchange.processed = True
        outcome = self._call(exchange.request)
        if not isinstance(outcome, httpx.Response):
            self._spawn(self._deliver(outcome, exchange))
        elif self.latency:
            self._loop.call_later(self.latency, exchange.deliver, outcome)
        else:
            exchange.deliver(outcome)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Run the handler, whatever its kind; the response's body is at hand."""
        outcome = self._call(request)
        if isinstance(outcome, httpx.Response):
            return outcome
        try:
            response = await outcome
            response.stream = httpx.ByteStream(await raw_body(response))
        except Exception as error:  # noqa: BLE001 - raised again when the server closes
            return self._broken(error)
        return response

    async def _deliver(self, outcome: Awaitable[httpx.Response], exchange: Exchange) -> None:
        try:
            response = await outcome
            response.stream = httpx.ByteStream(await raw_body(response))
        except Exception as error:  # noqa: BLE001 - raised again when the server closes
            response = self._broken(error)
        if self.latency:
            await asyncio.sleep(self.latency)
        exchange.deliver(response)

    def _call(self, request: httpx.Request) -> httpx.Response | Awaitable[httpx.Response]:
        try:
            return self.handler(request)
        except Exception as error:  # noqa: BLE001 - raised again when the server closes
            return self._broken(error)

    def _broken(self, error: Exception) -> httpx.Response:
        _log.error("the front end failed", exc_info=error)
        self.handler_errors.append(error)
        return httpx.Response(500, text="the sandbox's front end failed; see the server's log\n")

    # -- faults ---------------------------------------------------------------------------------

    def _afflict(self, exchange: Exchange, stage: Stage) -> bool:
        """Hand the exchange to a fault's script, if the plan has one for it."""
        chosen = self.faults.choose(
            stage,
            exchange.request,
            protocol="h2" if exchange.http2 else "http/1.1",
            connection=exchange.record.number,
            reused=exchange.record.requests > (stage is Stage.REQUEST),
        )
        if chosen is None:
            return False
        fault, exchange.injection = chosen
        exchange.scripted = True
        self._scripts[exchange] = self._spawn(self._play(exchange, fault))
        return True

    def _afflict_arrival(self, channel: Channel, record: Connection) -> None:
        """The same for a connection of which nothing is read yet: a CONNECT to the server."""
        request = httpx.Request("CONNECT", self.url)
        chosen = self.faults.choose(
            Stage.CONNECT, request, connection=record.number, protocol="tcp"
        )
        if chosen is not None:
            fault, _ = chosen
            self._open[channel].script = self._spawn(fault.play(Arrival(channel)))

    async def _play(self, exchange: Exchange, fault: Fault) -> None:
        try:
            await fault.run(exchange)
        except Exception as error:  # noqa: BLE001 - raised again when the server closes
            self._broken(error)
        finally:
            self._scripts.pop(exchange, None)
        if exchange.rendered:
            exchange.finish()
        else:
            exchange.be_silent()

    def forget(self, exchange: Exchange | None) -> None:
        """The request's connection or stream is gone: its script ends."""
        task = self._scripts.pop(exchange, None) if exchange is not None else None
        if task is not None:
            task.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


class _Line:
    """An open connection and its idle clock, which costs a request one attribute."""

    def __init__(self, server: WireServer, channel: Channel, record: Connection) -> None:
        self.record = record
        self.session: Session | None = None
        self.script: asyncio.Task[None] | None = None
        self._channel = channel
        self._loop = asyncio.get_running_loop()
        self._limit = server.idle_timeout
        self._rested = self._loop.time()
        self._timer = self._loop.call_later(self._limit, self._look) if self._limit else None

    def touch(self) -> None:
        self._rested = self._loop.time()

    def end(self) -> None:
        self.record.closed = time.monotonic()
        if self._timer is not None:
            self._timer.cancel()
        if self.script is not None:
            self.script.cancel()

    def _look(self) -> None:
        """Leave if it rested long enough, or look again when it may have."""
        assert self._limit is not None
        busy = self.session is not None and self.session.busy
        due = self._loop.time() + self._limit if busy else self._rested + self._limit
        if due > self._loop.time():
            self._timer = self._loop.call_at(due, self._look)
        elif self.session is None:
            self._channel.fin()
        else:
            self.session.leave()


@contextlib.contextmanager
def running_server(handler: Handler, **options: Any) -> Iterator[WireServer]:
    """A :class:`WireServer` in a background thread with a loop of its own.

    For scripts, notebooks and tests of synchronous clients; ``options`` are WireServer's.  The
    handler runs in that thread.
    """
    server = WireServer(handler, **options)
    started = threading.Event()
    stop: Callable[[], object] = threading.Event().set
    failure: list[BaseException] = []

    async def serve() -> None:
        nonlocal stop
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        async with server:
            stop = lambda: loop.call_soon_threadsafe(stopped.set)  # noqa: E731
            started.set()
            await stopped.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            failure.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=run, name="openbroker-wire-server", daemon=True)
    thread.start()
    started.wait()
    try:
        if not failure:
            yield server
    finally:
        stop()
        thread.join()
    if failure:
        raise failure[0]
