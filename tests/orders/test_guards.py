"""The guards, through the broker: what they hold back, and what they never do."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

import openbroker as ob
from openbroker import AutoHalt, HaltLevel, Verdict
from openbroker.orders.journal import journals, read_day
from tests.orders.faulty import Connect, Faulty, bid


def market(broker: ob.Broker, side: str, quantity: int) -> ob.OrderAck:
    return broker.place_order("NSE:SBIN", side, quantity, order_type="MARKET", product="MIS")


def held(broker: ob.Broker) -> int | None:
    return {p.symbol: p.quantity for p in broker.positions()}.get("NSE:SBIN", 0)


def lost(broker: ob.Broker, faulty: Faulty, fault: str, quantity: int = 1) -> ob.OrderUnknown:
    faulty.fault(fault)
    with pytest.raises(ob.OrderUnknown) as caught:
        bid(broker, quantity)
    return caught.value


# -- duplicates


def test_the_same_order_at_once_is_a_slip(connect: Connect, faulty: Faulty) -> None:
    broker = connect(duplicate_window=5.0)
    bid(broker)
    with pytest.raises(ob.DuplicateOrder) as caught:
        bid(broker)
    assert caught.value.outcome is ob.Outcome.NOT_SENT
    bid(broker, allow_repeat=True)
    bid(broker, tag="other")
    bid(broker, 2)
    assert len(faulty.book()) == 4


def test_threads_cannot_pass_the_guard_together(connect: Connect, faulty: Faulty) -> None:
    broker = connect(duplicate_window=5.0)
    errors: list[ob.OpenBrokerError] = []

    def place() -> None:
        try:
            bid(broker)
        except ob.DuplicateOrder as error:
            errors.append(error)

    threads = [threading.Thread(target=place) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(faulty.book()), len(errors)) == (1, 7)


def test_an_unknown_order_is_not_placed_again(broker: ob.Broker, faulty: Faulty) -> None:
    """A retry loop around place_order does not double."""
    unknown = lost(broker, faulty, "black-hole")
    for _ in range(3):
        with pytest.raises(ob.UnresolvedOrder):
            bid(broker)
    assert broker.resolve(unknown, timeout=30).verdict is Verdict.ABSENT
    bid(broker)
    assert len(faulty.book()) == 1


def test_a_basket_that_lists_an_order_twice_means_it(connect: Connect, faulty: Faulty) -> None:
    broker = connect()
    order = {
        "symbol": "NSE:SBIN",
        "side": "BUY",
        "quantity": 1,
        "order_type": "LIMIT",
        "price": "780",
        "product": "MIS",
    }
    results = broker.place_orders([order, order], allow_repeat=True)
    assert len(results.acks) == len(faulty.book()) == 2


# -- the caller's id


def test_the_same_id_and_order_give_the_first_outcome(broker: ob.Broker, faulty: Faulty) -> None:
    first = bid(broker, client_id="today-1")
    again = bid(broker, client_id="today-1")
    assert (again.order_id, again.wire_tag) == (first.order_id, first.wire_tag)
    assert broker.order(again).order_id == first.order_id
    assert len(faulty.book()) == 1


def test_the_same_id_and_another_order_are_refused(broker: ob.Broker, faulty: Faulty) -> None:
    bid(broker, client_id="today-1")
    with pytest.raises(ob.DuplicateOrder):
        bid(broker, 2, client_id="today-1")
    assert len(faulty.book()) == 1


def test_an_id_remembers_a_refusal(broker: ob.Broker, faulty: Faulty) -> None:
    faulty.fault("late-refusal", seconds=0.0)
    for _ in range(2):
        with pytest.raises(ob.OrderRejected) as caught:
            bid(broker, client_id="today-1")
        assert caught.value.code == "AB1009"
    assert faulty.book() == []


def test_an_id_whose_order_was_not_sent_is_free(broker: ob.Broker, faulty: Faulty) -> None:
    faulty.fault("too-many-requests")
    with pytest.raises(ob.RateLimited):
        bid(broker, client_id="today-1")
    bid(broker, client_id="today-1")
    assert len(faulty.book()) == 1


def test_an_id_asks_again_about_an_unknown(broker: ob.Broker, faulty: Faulty) -> None:
    faulty.fault("503-html", times=None, path="/getOrderBook")
    faulty.fault("reset-after-booking")
    with pytest.raises(ob.OrderUnknown):
        bid(broker, client_id="today-1")
    faulty.box.faults.clear()
    assert bid(broker, client_id="today-1").order_id == faulty.book()[0]["order_id"]
    assert len(faulty.book()) == 1


def test_an_id_under_way_is_waited_for(broker: ob.Broker, faulty: Faulty) -> None:
    faulty.fault("late-reply", seconds=0.3)
    acks: list[ob.OrderAck] = []
    threads = [
        threading.Thread(target=lambda: acks.append(bid(broker, client_id="today-1")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({ack.order_id for ack in acks}) == len(faulty.book()) == 1


def test_a_basket_has_ids_too(broker: ob.Broker, faulty: Faulty) -> None:
    orders = [
        {
            "symbol": "NSE:SBIN",
            "side": "BUY",
            "quantity": quantity,
            "order_type": "LIMIT",
            "price": "780",
            "product": "MIS",
        }
        for quantity in (1, 2)
    ]
    first = broker.place_orders(orders, client_ids=["a", "b"])
    again = broker.place_orders(orders, client_ids=["a", "b"])
    assert [ack.order_id for ack in first.acks] == [ack.order_id for ack in again.acks]
    assert len(faulty.book()) == 2
    with pytest.raises(ob.UsageError):
        broker.place_orders(orders, client_ids=["a"])


# -- the kill switch


def test_a_halt_lets_only_cancels_pass(connect: Connect, faulty: Faulty) -> None:
    broker, other = connect(), connect()
    ack = bid(broker)
    assert broker.halt(reason="enough").level is HaltLevel.HALT
    for each in (broker, other):
        with pytest.raises(ob.Halted) as caught:
            bid(each, 2)
        assert "enough" in str(caught.value)
    with pytest.raises(ob.Halted):
        broker.modify_order(ack, price="781")
    assert other.cancel_order(ack).order_id == ack.order_id
    assert broker.cancel_all().errors == []
    assert broker.resume().level is HaltLevel.RUN
    bid(other, 2)
    assert len(faulty.book()) == 2


def test_a_halt_stops_an_order_that_waits_its_turn(
    connect: Connect, faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = connect()
    driver = broker._async._account.driver
    admit = driver._admit

    async def slow(request: Any, deadline: float) -> None:
        import asyncio

        if request.operation == "place_order":
            await asyncio.sleep(0.3)
        await admit(request, deadline)

    monkeypatch.setattr(driver, "_admit", slow)
    threading.Timer(0.1, broker.halt).start()
    with pytest.raises(ob.Halted) as caught:
        bid(broker)
    assert caught.value.outcome is ob.Outcome.NOT_SENT
    assert faulty.book() == []


def test_reduce_only_lets_positions_shrink(broker: ob.Broker) -> None:
    market(broker, "BUY", 10)
    broker.halt("REDUCE_ONLY")
    with pytest.raises(ob.Halted):
        market(broker, "BUY", 1)
    with pytest.raises(ob.Halted):
        market(broker, "SELL", 11)
    market(broker, "SELL", 4)
    assert held(broker) == 6
    assert broker.square_off().errors == []
    assert held(broker) == 0


def test_reduce_only_looks_at_each_order_of_a_basket(broker: ob.Broker) -> None:
    market(broker, "BUY", 10)
    broker.halt("REDUCE_ONLY")
    asked = [("SELL", 3, "a"), ("BUY", 3, "b"), ("SELL", 4, "c"), ("SELL", 11, "d")]
    basket = [
        {
            "symbol": "NSE:SBIN",
            "side": side,
            "quantity": quantity,
            "order_type": "MARKET",
            "product": "MIS",
            "tag": tag,
        }
        for side, quantity, tag in asked
    ]
    first, grows, third, too_many = broker.place_orders(basket)
    assert [first.tag, third.tag] == ["a", "c"]
    assert isinstance(grows, ob.Halted)
    assert isinstance(too_many, ob.Halted)
    assert held(broker) == 3


def test_an_order_costs_the_journal_two_statements(broker: ob.Broker) -> None:
    bid(broker, 1)
    statements: list[str] = []
    connection = broker._async._desk.journal.today._connection
    connection.set_trace_callback(statements.append)
    bid(broker, 2)
    connection.set_trace_callback(None)
    assert [statement.split()[0] for statement in statements] == ["INSERT", "UPDATE"]


def test_a_halt_stops_square_off(broker: ob.Broker) -> None:
    market(broker, "BUY", 10)
    broker.halt()
    [result] = broker.square_off()
    assert isinstance(result, ob.Halted)
    assert held(broker) == 10


def test_trading_halts_by_itself_where_asked_to(connect: Connect, faulty: Faulty) -> None:
    broker = connect(auto_halt=AutoHalt(unknowns=2), resolve_within=0.0)
    lost(broker, faulty, "reset-before-booking", 1)
    assert broker.halt_state().level is HaltLevel.RUN
    lost(broker, faulty, "reset-before-booking", 2)
    assert broker.halt_state().level is HaltLevel.HALT
    with pytest.raises(ob.Halted):
        bid(broker, 3)


def test_by_default_it_never_does(connect: Connect, faulty: Faulty) -> None:
    broker = connect(resolve_within=0.0)
    for quantity in range(1, 6):
        lost(broker, faulty, "reset-before-booking", quantity)
    assert broker.halt_state().level is HaltLevel.RUN


# -- unknown orders and what they block


def test_square_off_refuses_an_instrument_with_an_unknown(
    broker: ob.Broker, faulty: Faulty, tmp_path: Path
) -> None:
    market(broker, "BUY", 10)
    faulty.fault("503-html", times=None, path="/getOrderBook")
    unknown = lost(broker, faulty, "reset-before-booking")
    [result] = broker.square_off()
    assert isinstance(result, ob.UnresolvedOrder)
    assert unknown.tag is not None
    assert unknown.tag in str(result)
    assert held(broker) == 10

    [ack] = broker.square_off(despite_unknown=True)
    assert isinstance(ack, ob.OrderAck)
    assert held(broker) == 0
    _, events = read_day(journals(tmp_path)[0])
    assert [event.what for event in events] == ["despite_unknown"]


def test_square_off_tries_to_resolve_first(connect: Connect, faulty: Faulty) -> None:
    broker = connect(resolve_within=3.0)
    market(broker, "BUY", 10)
    faulty.fault("reset-before-booking")
    caught: list[ob.OpenBrokerError] = []

    def losing() -> None:
        try:
            bid(broker)
        except ob.OrderUnknown as error:
            caught.append(error)

    thread = threading.Thread(target=losing)
    thread.start()
    time.sleep(0.2)
    assert broker.square_off().errors == []
    thread.join()
    assert held(broker) == 0
    assert len(caught) == 1


def test_cancel_all_is_never_refused_and_lists_what_is_open(
    connect: Connect, faulty: Faulty
) -> None:
    broker = connect(settle_time=30.0)
    bid(broker, 2)
    unknown = lost(broker, faulty, "reset-before-booking", 7)
    results = broker.cancel_all()
    assert len(results.acks) == 1
    [error] = results.errors
    assert isinstance(error, ob.OrderUnknown)
    assert (error.tag, error.intent["quantity"]) == (unknown.tag, 7)
    assert [line.quantity for line in results.table()] == [2, 7]


def test_a_failed_read_raises(broker: ob.Broker, faulty: Faulty) -> None:
    faulty.fault("503-html", times=None, path="/getOrderBook")
    faulty.fault("503-html", times=None, path="/getPosition")
    with pytest.raises(ob.BrokerUnavailable):
        broker.cancel_all()
    with pytest.raises(ob.BrokerUnavailable):
        broker.square_off()


def test_strict_places_nothing_beside_an_unknown(connect: Connect, faulty: Faulty) -> None:
    broker = connect(strict=True, settle_time=3.0)
    unknown = lost(broker, faulty, "reset-before-booking", 7)
    with pytest.raises(ob.UnresolvedOrder):
        bid(broker, 2)
    with pytest.raises(ob.UnresolvedOrder):
        broker.place_orders([])
    broker.resolve(unknown)
    bid(broker, 2)


def test_both_faces_have_the_same_methods() -> None:
    import inspect

    for name in ("resolve", "unresolved", "halt", "resume", "halt_state", "square_off",
                 "place_order", "place_orders", "cancel_all"):  # fmt: skip
        ours, theirs = getattr(ob.Broker, name), getattr(ob.AsyncBroker, name)
        assert inspect.signature(ours) == inspect.signature(theirs)
        assert ours.__doc__ == theirs.__doc__ is not None
