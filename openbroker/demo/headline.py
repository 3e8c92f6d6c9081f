"""What a kept connection is worth: orders before and after, side by side in one run.

Against a sandbox server behind an emulated link, the same order is placed over a new connection
each time, as a program does that opens a client a call (``http.client``), and through openbroker.
Both send the same bytes to the same server, in turns, so a drifting machine hits both.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import ClassVar
from urllib.parse import urlsplit

from attrs import frozen

from openbroker.client import Broker, connect
from openbroker.demo.server import sandbox_server
from openbroker.errors import BrokerUnavailable
from openbroker.schemas import OrderAck, Record, Table
from openbroker.transport.messages import Reply, Request, Timings, TransportFailure

ROUND_TRIP = 40
"""Milliseconds there and back, emulated."""
SERVICE = 38
"""Milliseconds that the server takes for an order, emulated."""


@frozen(kw_only=True)
class Way(Record):
    """Medians of one way of placing orders, in milliseconds."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("way", "orders", "tcp", "tls", "wait", "order")

    way: str
    orders: int
    tcp: float
    tls: float
    wait: float
    order: float


@frozen(kw_only=True)
class Headline:
    """Both ways, and what the difference is."""

    before: Way
    after: Way

    @property
    def table(self) -> Table[Way]:
        return Table(Way, [self.before, self.after])

    @property
    def sentence(self) -> str:
        """What was saved, in plain words, and what the table cannot show."""
        saved = self.before.order - self.after.order
        return (
            f"Keeping the connection saved {saved:.0f} ms an order: {self.before.order:.0f} ms "
            f"with a new connection each, {self.after.order:.0f} ms through openbroker. (The "
            "emulated link cannot hold back a TCP handshake; its round trip is counted under tls.)"
        )


def against_sandbox(*, orders: int = 9) -> Headline:
    """:func:`measure` against a sandbox server of its own behind the emulated link.

    Raises:
        ConfigError: the server did not start (it needs the extra ``sandbox``).
        OpenBrokerError: an order did not get through.
    """
    link = ("--round-trip", str(ROUND_TRIP), "--latency", str(SERVICE))
    with (
        sandbox_server(*link, "--no-limits") as server,
        connect(
            "angelone", base_url=server.url, ca_file=server.ca_file, **server.credentials
        ) as broker,
    ):
        return measure(broker, server.url, server.ca_file, orders=orders)


def measure(broker: Broker, base_url: str, ca_file: str, *, orders: int = 9) -> Headline:
    """Place ``orders`` orders each way, in turns.

    Args:
        broker: connected to the sandbox server at ``base_url``.
        base_url, ca_file: the server's address and its certificate authority.

    Raises:
        OpenBrokerError: an order did not get through.
    """
    seen: list[tuple[Request, Timings]] = []
    broker.on_exchange(lambda request, outcome: _note(seen, request, outcome))
    context = ssl.create_default_context(cafile=ca_file)
    before: list[_Lap] = []
    after: list[float] = []
    path, body, headers = _same_order(broker)
    for _ in range(orders):
        before.append(_new_connection(base_url, context, path, body, headers))
        started = time.perf_counter()
        _place(broker)
        after.append(time.perf_counter() - started)
    kept = [timings for request, timings in seen if request.operation == "place_order"][-orders:]
    return Headline(
        before=_way(
            "new connection each (http.client)",
            [lap.order for lap in before],
            tcp=[lap.tcp for lap in before],
            tls=[lap.tls for lap in before],
            wait=[lap.wait for lap in before],
        ),
        after=_way(
            "openbroker",
            after,
            tcp=[t.connect for t in kept],
            tls=[t.tls for t in kept],
            wait=[t.first_byte for t in kept],
        ),
    )


@frozen(kw_only=True)
class _Lap:
    tcp: float
    tls: float
    wait: float
    order: float


def _note(
    seen: list[tuple[Request, Timings]], request: Request, outcome: Reply | TransportFailure
) -> None:
    seen.append((request, outcome.timings))


def _place(broker: Broker) -> OrderAck:
    return broker.place_order(
        "NSE:SBIN",
        "BUY",
        1,
        order_type="LIMIT",
        price=_far_below(broker),
        product="MIS",
        allow_repeat=True,
    )


def _far_below(broker: Broker) -> str:
    tick = broker.instruments.resolve("NSE:SBIN").tick_size
    return str(tick * 2000 if tick else 100)


def _same_order(broker: Broker) -> tuple[str, bytes, Mapping[str, str]]:
    """The request that openbroker makes of the order, for the other way to send."""
    made: list[Request] = []
    broker.on_exchange(lambda request, _: made.append(request))
    _place(broker)
    deadline = time.monotonic() + 5
    while not made and time.monotonic() < deadline:
        time.sleep(0.001)
    request = next(request for request in made if request.operation == "place_order")
    return urlsplit(request.url).path, request.content, request.headers


def _new_connection(
    base_url: str, context: ssl.SSLContext, path: str, body: bytes, headers: Mapping[str, str]
) -> _Lap:
    host, port = urlsplit(base_url).hostname or "", urlsplit(base_url).port or 443
    started = time.perf_counter()
    raw = socket.create_connection((host, port), timeout=10)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected = time.perf_counter()
    connection = http.client.HTTPSConnection(host, port, context=context)
    connection.sock = context.wrap_socket(raw, server_hostname=host)
    secured = time.perf_counter()
    try:
        connection.request("POST", path, body, dict(headers))
        reply = connection.getresponse()
        answer = reply.read()
    finally:
        connection.close()
    done = time.perf_counter()
    if reply.status != 200 or json.loads(answer).get("status") is not True:
        raise BrokerUnavailable(f"the sandbox answered {reply.status}: {answer[:80]!r}")
    return _Lap(
        tcp=connected - started, tls=secured - connected, wait=done - secured, order=done - started
    )


def _way(name: str, orders: Sequence[float], **phases: Iterable[float]) -> Way:
    medians = {phase: median(values) * 1000 for phase, values in phases.items()}
    return Way(way=name, orders=len(orders), order=median(orders) * 1000, **medians)
