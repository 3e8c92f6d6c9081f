"""An adapter that fails with an error of its own: the order's outcome is what the evidence says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

import openbroker as ob
from openbroker.orders.entries import State
from openbroker.orders.journal import journals, read_day
from openbroker.schemas import Order, OrderAck, OrderRequest, Session
from openbroker.transport.messages import Flow
from tests.orders.faulty import HOSTS, Connect, Faulty, Unlimited, bid, used_connections

BEFORE, AFTER, NOTHING, SOUND = 2, 3, 4, 5
"""Quantities for which the adapter below fails: before the request, after its reply, and by
returning no ack."""


@attrs.frozen(kw_only=True)
class Buggy(Unlimited):
    """A plug-in with defects."""

    def place_order(self, session: Session, order: OrderRequest) -> Flow[OrderAck]:
        if order.quantity == BEFORE:
            raise KeyError(f"no such thing as {session.tokens['jwt'].reveal()}")
        ack = yield from super().place_order(session, order)
        if order.quantity == AFTER:
            _ = 1 // 0
        return None if order.quantity == NOTHING else ack  # type: ignore[return-value]  # a defect


@attrs.frozen(kw_only=True)
class BookBuggy(Unlimited):
    """Fails while the book is read, twice."""

    fails: list[int] = attrs.field(factory=lambda: [1, 2])

    def orders(self, session: Session) -> Flow[list[Order]]:
        rows = yield from super().orders(session)
        if self.fails:
            raise IndexError(self.fails.pop())
        return rows


for kind in (Buggy, BookBuggy):
    ob.register(kind(name=kind.__name__.lower(), title=kind.__name__, hosts=HOSTS))


def states(folder: Path) -> dict[Any, State]:
    return {e.intent["quantity"]: e.state for e in read_day(journals(folder)[0])[0]}


def test_nothing_was_sent_if_it_failed_before(
    connect: Connect, faulty: Faulty, tmp_path: Path
) -> None:
    broker = connect("buggy")
    with pytest.raises(ob.OpenBrokerError, match="the adapter failed: KeyError") as caught:
        bid(broker, BEFORE)
    assert caught.value.outcome is ob.Outcome.NOT_SENT
    assert isinstance(caught.value.__cause__, KeyError)
    assert faulty.book() == []
    assert states(tmp_path) == {BEFORE: State.NOT_SENT}
    token = broker._async._account.sessions.session
    assert token is not None
    assert token.tokens["jwt"].reveal() not in str(caught.value)
    assert not broker.unresolved()


@pytest.mark.parametrize("quantity", [AFTER, NOTHING])
def test_an_order_may_exist_if_it_failed_after_the_reply(
    connect: Connect, faulty: Faulty, tmp_path: Path, quantity: int
) -> None:
    broker = connect("buggy", resolve_within=0.0, settle_time=30.0)
    faulty.fault("503-html", times=None, path="/getOrderBook")
    with pytest.raises(ob.OrderUnknown, match="the adapter failed") as caught:
        bid(broker, quantity)
    faulty.box.faults.clear()
    assert isinstance(caught.value.__cause__, (ZeroDivisionError, AttributeError))
    assert broker.resolve(caught.value).order_id == faulty.book()[0]["order_id"]
    assert states(tmp_path) == {quantity: State.ACCEPTED}


def test_each_order_of_a_basket_has_its_own_result(connect: Connect, faulty: Faulty) -> None:
    broker = connect("buggy", resolve_within=0.0, settle_time=30.0)
    order = {"symbol": "NSE:SBIN", "side": "BUY", "order_type": "LIMIT", "price": "780",
             "product": "MIS"}  # fmt: skip
    asked = [order | {"quantity": quantity} for quantity in (1, BEFORE, AFTER, SOUND)]
    faulty.fault("503-html", times=None, path="/getOrderBook")
    first, before, after, last = broker.place_orders(asked)
    faulty.box.faults.clear()
    booked = {row["quantity"]: row["order_id"] for row in faulty.book()}
    assert isinstance(first, ob.OrderAck)
    assert isinstance(last, ob.OrderAck)
    assert [first.order_id, last.order_id] == [booked[1], booked[SOUND]]
    assert isinstance(before, ob.OpenBrokerError)
    assert before.outcome is ob.Outcome.NOT_SENT
    assert isinstance(after, ob.OrderUnknown)
    assert broker.resolve(after).order_id == booked[AFTER]


def test_a_book_that_it_cannot_read_does_not_end_the_search(
    connect: Connect, faulty: Faulty
) -> None:
    broker = connect("bookbuggy", resolve_within=20.0)
    faulty.fault("reset-after-booking")
    assert bid(broker).order_id == faulty.book()[0]["order_id"]


def test_its_connection_carries_no_further_order(connect: Connect) -> None:
    """Nobody knows whose the reply was at which it failed."""
    broker = connect("buggy", resolve_within=5.0)
    used = used_connections(broker)
    for _ in range(30):
        bid(broker, SOUND)
    bid(broker, AFTER)
    for _ in range(30):
        bid(broker, SOUND)
    assert used[30] in used[:30]
    assert used[30] not in used[31:]
