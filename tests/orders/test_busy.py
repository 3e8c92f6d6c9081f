"""A journal that another program holds: the loop goes on, and what is known stays true."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import openbroker as ob
from openbroker.orders import carrier
from openbroker.orders.entries import Entry, State
from openbroker.orders.journal import journals, read_day
from tests.orders.faulty import Faulty

Use = Callable[[ob.AsyncBroker, "Holder"], Awaitable[Any]]


class Holder:
    """Another program, which takes the journal's write lock and gives it back."""

    def __init__(self, folder: Path) -> None:
        [path] = journals(folder)
        self._connection = sqlite3.connect(path, isolation_level=None)

    def take(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def give_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def give_back_in(self, seconds: float) -> None:
        """In the loop that the broker uses: a loop that is held up never gets there."""
        asyncio.get_running_loop().call_later(seconds, self.give_back)

    def close(self) -> None:
        self._connection.close()


@contextmanager
def holder(folder: Path) -> Iterator[Holder]:
    other = Holder(folder)
    try:
        yield other
    finally:
        other.close()


def during(faulty: Faulty, folder: Path, use: Use, **terms: Any) -> Any:
    """What ``use`` comes to, with a broker and another program that may hold its journal."""

    async def run() -> Any:
        given = faulty.terms(folder, **{"timeout": 30.0, **terms})
        async with ob.connect_async("unlimited", **given) as broker:
            with holder(folder) as other:
                try:
                    return await use(broker, other)
                finally:
                    other.give_back()

    return asyncio.run(run())


def bid(broker: ob.AsyncBroker, quantity: int = 1) -> Any:
    terms = {"order_type": "LIMIT", "price": "780", "product": "MIS"}
    return broker.place_order("NSE:SBIN", "BUY", quantity, **terms)


async def sending(broker: ob.AsyncBroker) -> None:
    """Until an order is under way."""
    for _ in range(2_000):
        if await broker.unresolved():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("no order was sent")


def stored(folder: Path) -> list[Entry]:
    return list(read_day(journals(folder)[0])[0])


def test_an_order_waits_and_the_loop_does_not(faulty: Faulty, tmp_path: Path) -> None:
    async def use(broker: ob.AsyncBroker, other: Holder) -> Any:
        other.take()
        other.give_back_in(0.3)
        order, book = await asyncio.gather(bid(broker), broker.orders())
        return order, book

    ack, book = during(faulty, tmp_path, use)
    assert len(book) == 0, "it was read while the order waited"
    assert ack.order_id == faulty.book()[0]["order_id"]


def test_an_order_does_not_wait_for_ever(
    faulty: Faulty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier, "ENTER_WITHIN", 0.2)

    async def use(broker: ob.AsyncBroker, other: Holder) -> ob.OpenBrokerError:
        other.take()
        with pytest.raises(ob.StorageError, match="Another program holds the file") as caught:
            await bid(broker)
        basket = [{"symbol": "NSE:SBIN", "side": "BUY", "quantity": 1, "order_type": "MARKET",
                   "product": "MIS"}]  # fmt: skip
        with pytest.raises(ob.StorageError):
            await broker.place_orders(basket)
        return caught.value

    assert during(faulty, tmp_path, use).outcome is ob.Outcome.NOT_SENT
    assert faulty.book() == []


@pytest.mark.parametrize("fault", ["late-reply", "late-refusal"])
def test_an_outcome_waits_too(faulty: Faulty, tmp_path: Path, fault: str) -> None:
    async def use(broker: ob.AsyncBroker, other: Holder) -> Any:
        faulty.fault(fault, seconds=0.6)
        order = asyncio.ensure_future(bid(broker))
        await sending(broker)
        other.take()
        other.give_back_in(1.2)
        [result] = await asyncio.gather(order, return_exceptions=True)
        return result

    result = during(faulty, tmp_path, use)
    [entry] = stored(tmp_path)
    if fault == "late-reply":
        assert (entry.state, entry.order_id) == (State.ACCEPTED, result.order_id)
    else:
        assert isinstance(result, ob.OrderRejected)
        assert entry.state is State.REJECTED


def test_a_known_outcome_is_told_even_if_it_cannot_be_written(
    faulty: Faulty,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(carrier, "FINISH_WITHIN", 0.1)

    async def use(broker: ob.AsyncBroker, other: Holder) -> Any:
        faulty.fault("late-reply", seconds=0.6)
        order = asyncio.ensure_future(bid(broker))
        await sending(broker)
        other.take()
        return await order

    assert during(faulty, tmp_path, use).order_id == faulty.book()[0]["order_id"]
    assert "could not be journaled" in caplog.text
    [entry] = stored(tmp_path)
    assert entry.state is State.SENDING, "the next process looks for it"


@pytest.mark.parametrize("fault", ["late-reply", "late-refusal"])
def test_a_late_answer_is_entered_when_the_journal_is_free_again(
    faulty: Faulty, tmp_path: Path, fault: str
) -> None:
    async def use(broker: ob.AsyncBroker, other: Holder) -> Any:
        faulty.fault("503-html", times=None, path="/getOrderBook")
        faulty.fault(fault, seconds=1.2)
        with pytest.raises(ob.OrderUnknown) as caught:
            await bid(broker)
        other.take()
        other.give_back_in(1.5)
        return await broker.resolve(caught.value, timeout=30)

    found = during(faulty, tmp_path, use, timeout=0.6, resolve_within=0.0, settle_time=30.0)
    assert found.verdict == ("EXISTS" if fault == "late-reply" else "REFUSED")


def test_what_the_book_shows_is_entered_when_the_journal_is_free_again(
    faulty: Faulty, tmp_path: Path
) -> None:
    async def use(broker: ob.AsyncBroker, other: Holder) -> Any:
        faulty.fault("503-html", times=None, path="/getOrderBook")
        faulty.fault("reset-after-booking")
        with pytest.raises(ob.OrderUnknown) as caught:
            await bid(broker)
        other.take()
        faulty.box.faults.clear()
        assert len(await broker.orders()) == 1, "a read is a read"
        assert len(await broker.unresolved()) == 1
        other.give_back_in(0.5)
        return await broker.resolve(caught.value, timeout=30)

    found = during(faulty, tmp_path, use, resolve_within=0.0, settle_time=6.0)
    assert (found.verdict, found.order_id) == ("EXISTS", faulty.book()[0]["order_id"])


def test_the_kill_switch_waits_without_holding_the_loop(faulty: Faulty, tmp_path: Path) -> None:
    async def use(broker: ob.AsyncBroker, other: Holder) -> Any:
        other.take()
        other.give_back_in(0.3)
        return await broker.halt(reason="enough")

    assert during(faulty, tmp_path, use).level is ob.HaltLevel.HALT
    _, events = read_day(journals(tmp_path)[0])
    assert [event.what for event in events] == ["halt"]
