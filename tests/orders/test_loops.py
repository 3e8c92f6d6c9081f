"""Loops that end, and processes that fork, while an order is under way."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import openbroker as ob
from openbroker.orders.entries import State
from openbroker.orders.journal import journals, read_day
from openbroker.transport import pool
from tests.orders.faulty import Connect, Faulty, bid


def stored(folder: Path) -> list[Any]:
    return [entry for path in journals(folder) for entry in read_day(path)[0]]


@pytest.fixture
def left_open() -> Iterator[list[ob.AsyncBroker]]:
    """Brokers whose loop ends before they are closed: asyncio says of their sockets, rightly, that
    nobody closed them. It says so here, and not in whichever test next begins a loop: the pools of
    a loop that has ended are kept until then."""
    brokers: list[ob.AsyncBroker] = []
    yield brokers
    brokers.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        pool._drop_closed_loops()
        gc.collect()


def in_a_loop_that_ends(faulty: Faulty, folder: Path, **terms: Any) -> ob.AsyncBroker:
    """Place an order in a loop that ends when it is booked, without waiting for its answer."""

    async def run() -> ob.AsyncBroker:
        given = faulty.terms(folder, **{"timeout": 30.0, **terms})
        broker = await ob.connect_async("unlimited", **given)
        order = {"order_type": "LIMIT", "price": "780", "product": "MIS"}
        placing = asyncio.ensure_future(broker.place_order("NSE:SBIN", "BUY", 1, **order))
        for _ in range(2_000):
            if faulty.book() or placing.done():
                break
            await asyncio.sleep(0.01)
        return broker

    return asyncio.run(run())


def test_an_order_whose_loop_ends_is_found_by_the_next_connection(
    connect: Connect, faulty: Faulty, tmp_path: Path, left_open: list[ob.AsyncBroker]
) -> None:
    faulty.fault("black-hole-booked")
    faulty.fault("503-html", times=None, path="/getOrderBook")
    left_open.append(in_a_loop_that_ends(faulty, tmp_path))
    [entry] = stored(tmp_path)
    assert entry.state is State.UNKNOWN
    assert "loop was stopped" in entry.why
    faulty.box.faults.clear()
    broker = connect(resolve_within=20.0)
    [entry] = stored(tmp_path)
    assert (entry.state, entry.order_id) == (State.ACCEPTED, faulty.book()[0]["order_id"])
    assert len(faulty.book()) == 1
    assert not broker.unresolved()


def test_an_unknown_whose_loop_ends_is_found_likewise(
    connect: Connect, faulty: Faulty, tmp_path: Path, left_open: list[ob.AsyncBroker]
) -> None:
    faulty.fault("reset-after-booking")
    faulty.fault("503-html", times=None, path="/getOrderBook")

    async def run() -> ob.AsyncBroker:
        given = faulty.terms(tmp_path, resolve_within=0.0)
        broker = await ob.connect_async("unlimited", **given)
        order = {"order_type": "LIMIT", "price": "780", "product": "MIS"}
        with pytest.raises(ob.OrderUnknown):
            await broker.place_order("NSE:SBIN", "BUY", 1, **order)
        return broker

    left_open.append(asyncio.run(run()))
    faulty.box.faults.clear()
    connect(resolve_within=20.0)
    [entry] = stored(tmp_path)
    assert (entry.state, entry.order_id) == (State.ACCEPTED, faulty.book()[0]["order_id"])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_does_not_wait_for_its_parents_orders(
    connect: Connect, faulty: Faulty
) -> None:
    broker = connect(timeout=30.0)
    faulty.fault("late-reply", seconds=3.0)
    acks: list[ob.OrderAck] = []
    placing = threading.Thread(target=lambda: acks.append(bid(broker, client_id="mine")))
    placing.start()
    while not broker._async._desk._carrier._under_way:
        time.sleep(0.01)
    child = os.fork()
    if child == 0:
        try:
            broker.close()
        finally:
            os._exit(0)
    deadline = time.monotonic() + 60
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < deadline:
        time.sleep(0.05)
    if ended == (0, 0):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert ended[0] == child, "the child waited for ever"
    placing.join(60)
    assert [ack.order_id for ack in acks] == [faulty.book()[0]["order_id"]]
