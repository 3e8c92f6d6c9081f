"""What a closed broker answers, and that it holds nothing back from the next one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import openbroker as ob
from openbroker.orders.entries import State
from openbroker.orders.journal import Journal, journals, read_day
from tests.orders.faulty import Connect, Faulty, bid

ASKED: dict[str, Any] = {
    "symbol": "NSE:SBIN", "side": "BUY", "quantity": 1, "order_type": "MARKET", "product": "MIS",
}  # fmt: skip
CALLS: dict[str, Callable[[ob.Broker, ob.OrderUnknown], Any]] = {
    "resolve": lambda broker, unknown: broker.resolve(unknown, timeout=1.0),
    "unresolved": lambda broker, unknown: broker.unresolved(),
    "halt": lambda broker, unknown: broker.halt(),
    "halt_state": lambda broker, unknown: broker.halt_state(),
    "place_order": lambda broker, unknown: bid(broker, 9),
    "cancel_order": lambda broker, unknown: broker.cancel_order("1"),
    "cancel_order of an ack": lambda broker, unknown: broker.cancel_order(
        ob.OrderAck(order_id="1", request=ob.OrderRequest(**ASKED).tagged("AAAAAAAA"))
    ),
}


def lost(broker: ob.Broker, faulty: Faulty) -> ob.OrderUnknown:
    faulty.fault("503-html", times=None, path="/getOrderBook")
    faulty.fault("reset-after-booking")
    with pytest.raises(ob.OrderUnknown) as caught:
        bid(broker)
    return caught.value


@pytest.mark.parametrize("call", CALLS)
def test_a_closed_broker_says_what_to_do_and_lets_go_of_its_journal(
    connect: Connect, faulty: Faulty, tmp_path: Path, call: str
) -> None:
    broker = connect(resolve_within=0.0)
    unknown = lost(broker, faulty)
    broker.close()
    with pytest.raises(ob.BrokerClosed, match=r"this broker was closed\..*connect\(\)") as caught:
        CALLS[call](broker, unknown)
    assert type(caught.value) is ob.BrokerClosed
    assert caught.value.outcome is ob.Outcome.NOT_SENT

    [path] = journals(tmp_path)
    heir = Journal(path.parent)
    assert [orphan.tag for orphan in heir.orphans()] == [unknown.tag]
    heir.close()
    assert len(faulty.book()) == 1


def test_who_waits_for_the_truth_is_told_that_the_broker_was_closed(
    connect: Connect, faulty: Faulty
) -> None:
    broker = connect(resolve_within=0.0, settle_time=60.0)
    unknown = lost(broker, faulty)
    found: list[ob.Resolution] = []
    waiting = threading.Thread(target=lambda: found.append(broker.resolve(unknown, timeout=60)))
    waiting.start()
    while not broker._async._desk._resolver._waiters.get(unknown.evidence["journal"]):
        time.sleep(0.01)
    broker.close()
    waiting.join(30)
    assert [(one.verdict, one.tag) for one in found] == [("OPEN", unknown.tag)]
    assert "closed" in found[0].why


def test_an_order_under_way_ends_in_the_journal_before_it_closes(
    connect: Connect, faulty: Faulty, tmp_path: Path
) -> None:
    broker = connect(timeout=20.0, resolve_within=20.0, settle_time=60.0)
    faulty.fault("black-hole-booked")
    errors: list[BaseException] = []

    def place() -> None:
        try:
            bid(broker)
        except ob.OpenBrokerError as error:
            errors.append(error)

    placing = threading.Thread(target=place)
    placing.start()
    while not faulty.book():
        time.sleep(0.01)
    broker.close()
    placing.join(30)
    [error] = errors
    assert isinstance(error, ob.OrderUnknown), error
    assert error.tag == faulty.book()[0]["tag"]
    [entry] = read_day(journals(tmp_path)[0])[0]
    assert entry.state is State.UNKNOWN
    second = connect(resolve_within=5.0)
    assert second.resolve(error, timeout=60).order_id == faulty.book()[0]["order_id"]
