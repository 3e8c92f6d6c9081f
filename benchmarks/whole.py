"""A whole ``place_order``, journal and guards included, over the transport's own time.

The broker is ``openbroker sandbox`` in a process of its own; its rate limits are off and so are the
account's, because nine orders a second would measure the limiter.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

import openbroker as ob
from benchmarks.measure import Figure
from openbroker.transport.limits import Limiter
from openbroker.transport.messages import Reply, Request, TransportFailure

ORDER = {"order_type": "LIMIT", "product": "MIS", "allow_repeat": True}


@contextlib.contextmanager
def sandbox_broker() -> Iterator[ob.Broker]:
    """A broker at a sandbox of its own, without rate limits."""
    start = "from openbroker.cli import main; main()"
    command = [sys.executable, "-c", start, "sandbox", "--no-limits"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready: dict[str, Any] = json.loads(process.stdout.readline())
        with tempfile.TemporaryDirectory() as folder:
            broker = ob.connect(
                "angelone",
                base_url=ready["url"],
                ca_file=ready["ca_file"],
                journal_dir=folder,
                duplicate_window=0.0,
                **ready["credentials"],
            )
            broker._async._account.driver._limiter = Limiter()  # noqa: SLF001
            try:
                yield broker
            finally:
                broker.close()
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _price(broker: ob.Broker) -> Any:
    """A price at which a buy rests in the book."""
    return broker.quote("NSE:SBIN").close


def measure_whole(rounds: int, count: int) -> dict[str, Figure]:
    """Microseconds: the call, the transport's part of it, and the rest."""
    totals: list[float] = []

    def note(request: Request, outcome: Reply | TransportFailure) -> None:
        if request.operation == "place_order":
            totals.append(outcome.timings.total)

    with sandbox_broker() as broker:
        broker.on_exchange(note)
        price = _price(broker)
        calls, parts = [], []
        for _ in range(rounds):
            totals.clear()
            times = []
            for _ in range(count):
                started = time.perf_counter()
                broker.place_order("NSE:SBIN", "BUY", 1, price=price, **ORDER)
                times.append(time.perf_counter() - started)
            calls.append(median(times) * 1e6)
            parts.append(median(totals) * 1e6)
    rest = [call - part for call, part in zip(calls, parts, strict=True)]
    return {
        "place_order": Figure.of(calls),
        "of which transport": Figure.of(parts),
        "the rest": Figure.of(rest),
    }


def broker_storm(each: int) -> tuple[int, int, int]:
    """Twenty threads on one broker: orders, failures, and ids handed to more than one order."""
    with sandbox_broker() as broker:
        price = _price(broker)

        def trade(_: int) -> list[str | None]:
            ids: list[str | None] = []
            for _ in range(each):
                try:
                    ack = broker.place_order("NSE:SBIN", "BUY", 1, price=price, **ORDER)
                    ids.append(ack.order_id)
                except ob.OpenBrokerError as error:
                    print(error)
                    ids.append(None)
            return ids

        with ThreadPoolExecutor(20) as threads:
            found = [one for ids in threads.map(trade, range(20)) for one in ids]
    good = [one for one in found if one is not None]
    return len(found), len(found) - len(good), len(good) - len(set(good))
