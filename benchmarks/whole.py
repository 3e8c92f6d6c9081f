"""A whole ``place_order``, journal and guards included: its parts, and beside the broker's client.

The broker is the sandbox in a process of its own (:mod:`.safety_server`, with no fault set), in the
dialect of each broker that has one; its rate limits are off and so are the account's, because nine
orders a second would measure the limiter.  It has a core of its own, as a broker would.  The
broker's own client (:mod:`.official`) places the same order at the same sandbox, on an account of
its own, taking turns with ours.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from attrs import frozen

import openbroker as ob
from benchmarks.measure import Figure
from benchmarks.official import CLIENTS, OfficialClient
from benchmarks.safety_server import Broker, a_core_of_its_own, faulty_broker
from openbroker.transport.limits import Limiter
from openbroker.transport.messages import Reply, Request, TransportFailure

BROKERS = tuple(CLIENTS)
SYMBOL = "NSE:INFY"
SEED = 7


@frozen(kw_only=True)
class WholeFigures:
    """One broker's, in microseconds; ``official`` and ``ratio`` are ``None`` where the client's
    environment is missing."""

    call: Figure
    transport: Figure
    rest: Figure
    client: str
    official: Figure | None
    ratio: Figure | None


@contextlib.contextmanager
def connected(server: Broker) -> Iterator[ob.Broker]:
    """openbroker on an account of its own there, without its rate limits."""
    with tempfile.TemporaryDirectory() as folder:
        broker = ob.connect(
            server.name,
            base_url=server.url,
            ca_file=server.ca_file,
            journal_dir=folder,
            duplicate_window=0.0,
            **server.ask("account")["credentials"],
        )
        broker._async._account.driver._limiter = Limiter()  # noqa: SLF001
        try:
            yield broker
        finally:
            broker.close()


def order_call(broker: ob.Broker) -> Callable[[], ob.OrderAck]:
    """Places an order that rests, each time it is called."""
    last = broker.quote(SYMBOL).last_price
    assert last is not None
    price = round(last * 96 / 100)

    def call() -> ob.OrderAck:
        return broker.place_order(
            SYMBOL, "BUY", 1, order_type="LIMIT", product="MIS", price=price, allow_repeat=True
        )

    return call


_MEASURE = """
import statistics, time
number = 0
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        number += 1
        started = time.perf_counter()
        assert place(f"b{number}"), "no order id"
        times.append(time.perf_counter() - started)
    print("median", statistics.median(times), flush=True)
"""


@contextlib.contextmanager
def official_medians(
    client: OfficialClient, server: Broker
) -> Iterator[Callable[[int], float] | None]:
    """The median of so many orders by the broker's own client, in seconds, as often as it is asked
    for; ``None`` where its environment is missing.

    Raises:
        RuntimeError: the client failed.
    """
    python = client.python()
    if python is None:
        yield None
        return
    task = {"url": server.url, "timeout": 8} | server.ask("account")
    with client.process(python, _MEASURE, server.ca_file) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(task) + "\n")

        def medians(count: int) -> float:
            assert process.stdin is not None
            assert process.stdout is not None
            print(count, file=process.stdin, flush=True)
            for line in process.stdout:
                if line.startswith("median "):
                    return float(line.split()[1])
            assert process.stderr is not None
            raise RuntimeError(f"{client.name} failed: {process.stderr.read()[-500:]}")

        yield medians


def measure_whole(name: str, rounds: int, count: int) -> WholeFigures:
    """The call, the transport's part of it, the rest; and the official client's order."""
    totals: list[float] = []

    def note(request: Request, outcome: Reply | TransportFailure) -> None:
        if request.operation == "place_order":
            totals.append(outcome.timings.total)

    client = CLIENTS[name]
    calls, parts, theirs = list[float](), list[float](), list[float]()
    with (
        faulty_broker(name, SEED) as server,
        a_core_of_its_own(server),
        connected(server) as broker,
        official_medians(client, server) as official,
    ):
        broker.on_exchange(note)
        place = order_call(broker)
        for _ in range(rounds):
            totals.clear()
            calls.append(median(_timed(place) for _ in range(count)) * 1e6)
            parts.append(median(totals) * 1e6)
            if official is not None:
                theirs.append(official(count) * 1e6)
    ratios = [ours / other for ours, other in zip(calls, theirs, strict=False)]
    return WholeFigures(
        call=Figure.of(calls),
        transport=Figure.of(parts),
        rest=Figure.of([call - part for call, part in zip(calls, parts, strict=True)]),
        client=client.name,
        official=Figure.of(theirs) if theirs else None,
        ratio=Figure.of(ratios) if ratios else None,
    )


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def broker_storm(name: str, each: int) -> tuple[int, int, int]:
    """Twenty threads on one broker: orders, failures, and ids handed to more than one order."""
    with faulty_broker(name, SEED) as server, connected(server) as broker:
        place = order_call(broker)

        def trade(_: int) -> list[str | None]:
            ids: list[str | None] = []
            for _ in range(each):
                try:
                    ids.append(place().order_id)
                except ob.OpenBrokerError as error:
                    print(error)
                    ids.append(None)
            return ids

        with ThreadPoolExecutor(20) as threads:
            found = [one for ids in threads.map(trade, range(20)) for one in ids]
    good = [one for one in found if one is not None]
    return len(found), len(found) - len(good), len(good) - len(set(good))
