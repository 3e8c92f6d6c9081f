"""Orders that are on their way when the day turns in India."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import openbroker as ob
from openbroker import Verdict
from openbroker.orders.entries import Entry, State
from openbroker.orders.journal import DAY, journals, read_day
from tests.orders.faulty import Connect, Faulty, bid


def placed_over_midnight(broker: ob.Broker, while_away: Callable[[], Any]) -> Any:
    """What placing an order comes to if the day turns before its answer is there."""
    came: list[Any] = []

    def place() -> None:
        try:
            came.append(bid(broker))
        except ob.OpenBrokerError as error:
            came.append(error)

    thread = threading.Thread(target=place)
    thread.start()
    while not [entry for entry in broker.unresolved() if entry.state is State.SENDING]:
        time.sleep(0.01)
    broker._async._desk.journal.clock = lambda: time.time() + DAY
    while_away()
    thread.join(60)
    return came[0]


def stored(folder: Path) -> list[Entry]:
    """The entries of the first day."""
    return list(read_day(journals(folder)[0])[0])


def test_an_answer_after_midnight_is_entered_where_the_order_stands(
    connect: Connect, faulty: Faulty, tmp_path: Path
) -> None:
    broker = connect(timeout=20.0)
    faulty.fault("late-reply", seconds=1.0)
    seen: list[str | None] = []
    ack = placed_over_midnight(broker, lambda: seen.extend(e.tag for e in broker.unresolved()))
    [row] = faulty.book()
    assert ack.order_id == row["order_id"]
    assert seen == [row["tag"]], "it is under way still"
    [entry] = stored(tmp_path)
    assert (entry.state, entry.order_id) == (State.ACCEPTED, row["order_id"])
    assert len(journals(tmp_path)) == 2
    assert not broker.unresolved()


def test_an_answer_lost_over_midnight_is_found_but_its_absence_proves_nothing(
    connect: Connect, faulty: Faulty, tmp_path: Path
) -> None:
    broker = connect(timeout=1.0, resolve_within=0.0, settle_time=0.5)
    faulty.fault("empty-book", times=8, path="/getOrderBook")
    faulty.fault("black-hole-booked")
    unknown = placed_over_midnight(broker, broker.unresolved)
    assert isinstance(unknown, ob.OrderUnknown)
    found = broker.resolve(unknown, timeout=60)
    assert found.verdict is Verdict.EXISTS, "eight reads without it say nothing on another day"
    [entry] = stored(tmp_path)
    assert (entry.state, entry.order_id) == (State.ACCEPTED, faulty.book()[0]["order_id"])


@pytest.mark.parametrize("by", ["tag", "reference"])
def test_what_was_known_of_yesterday_is_not_asked_of_today(
    connect: Connect, faulty: Faulty, by: str
) -> None:
    broker = connect(resolve_within=0.0)
    faulty.fault("reset-before-booking")
    with pytest.raises(ob.OrderUnknown) as caught:
        bid(broker)
    broker._async._desk.journal.clock = lambda: time.time() + DAY
    assert not broker.unresolved()
    asked = caught.value.tag if by == "tag" else caught.value
    with pytest.raises(ob.UsageError, match="today's journal has no order"):
        broker.resolve(asked or "")
