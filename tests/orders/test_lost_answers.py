"""Answers that are lost, over real TLS: what the caller is told, and what is true."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import openbroker as ob
from openbroker import Verdict
from openbroker.orders.journal import journals, read_day
from openbroker.orders.reconcile import POLLS
from openbroker.transport.exchange import Transport
from tests.orders.faulty import Connect, Faulty, Mixing, bid, used_connections


def tags(faulty: Faulty) -> list[str]:
    return [row["tag"] for row in faulty.book()]


def entries(folder: Path) -> list[Any]:
    return [entry for path in journals(folder) for entry in read_day(path)[0]]


def state_of(ack: ob.OrderAck, folder: Path) -> str:
    """The journal's word on an order."""
    [state] = [one.state for one in entries(folder) if one.tag == ack.wire_tag]
    return str(state)


def eventually(ready: Callable[[], object], within: float = 30.0) -> bool:
    """Whether it comes true; a busy machine may take long."""
    deadline = time.monotonic() + within
    while not ready() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(ready())


def unknown_bid(broker: ob.Broker, quantity: int = 1, **rest: Any) -> ob.OrderUnknown:
    with pytest.raises(ob.OrderUnknown) as caught:
        bid(broker, quantity, **rest)
    return caught.value


@pytest.mark.parametrize(
    "fault",
    [
        "reset-after-booking",
        "fin-mid-reply",
        "black-hole-booked",
        "duplicated-reply",
        "502-html-booked",
        "empty-200-booked",
        "truncated-json",
        "shape-a-booked",
    ],
)
def test_a_booked_order_is_found_and_returned(
    broker: ob.Broker, faulty: Faulty, fault: str
) -> None:
    faulty.fault(fault)
    ack = bid(broker, tag="mine")
    [row] = faulty.book()
    assert (ack.order_id, ack.wire_tag, ack.tag) == (row["order_id"], row["tag"], "mine")
    assert broker.order(ack).order_id == row["order_id"]
    broker.cancel_order(ack)
    assert not broker.unresolved()


@pytest.mark.parametrize("fault", ["reset-before-booking", "black-hole", "503-html", "shape-h"])
def test_an_order_that_is_not_booked_is_reported_absent(
    broker: ob.Broker, faulty: Faulty, fault: str
) -> None:
    faulty.fault(fault)
    unknown = unknown_bid(broker)
    assert unknown.outcome is ob.Outcome.UNKNOWN
    assert unknown.intent["symbol"] == "NSE:SBIN"
    assert [entry.tag for entry in broker.unresolved()] == [unknown.tag]
    found = broker.resolve(unknown)
    assert (found.verdict, found.tag) == (Verdict.ABSENT, unknown.tag)
    assert not broker.unresolved()
    assert faulty.book() == [], "nothing is sent again"


def test_an_unknown_crosses_process_boundaries(connect: Connect, faulty: Faulty) -> None:
    broker = connect(resolve_within=0.0, settle_time=3.0)
    faulty.fault("reset-before-booking")
    unknown = pickle.loads(pickle.dumps(unknown_bid(broker)))
    assert broker.resolve(unknown, timeout=0).verdict is Verdict.OPEN
    assert broker.resolve(unknown, timeout=20).verdict is Verdict.ABSENT
    assert broker.resolve(unknown.tag, timeout=30).verdict is Verdict.ABSENT
    with pytest.raises(ob.UsageError):
        broker.resolve("NOTATAG1")


def test_nothing_is_concluded_while_the_book_cannot_be_read(
    broker: ob.Broker, faulty: Faulty
) -> None:
    faulty.fault("503-html", times=None, path="/getOrderBook")
    faulty.fault("reset-after-booking")
    unknown = unknown_bid(broker)
    assert broker.resolve(unknown, timeout=1.6).verdict is Verdict.OPEN
    faulty.box.faults.clear()
    found = broker.resolve(unknown)
    assert found.verdict is Verdict.EXISTS
    assert found.order is not None
    assert found.order.symbol == "NSE:SBIN"


@pytest.mark.parametrize("book", ["empty-book", "partial-book"])
def test_a_book_that_loses_rows_proves_nothing(
    broker: ob.Broker, faulty: Faulty, book: str
) -> None:
    for quantity in range(2, 9):
        bid(broker, quantity)
    broker.orders()
    rest = {"share": 0.9} if book == "partial-book" else {}
    faulty.fault(book, times=None, path="/getOrderBook", **rest)
    faulty.fault("reset-before-booking")
    assert broker.resolve(unknown_bid(broker), timeout=2.0).verdict is Verdict.OPEN


def test_a_book_of_another_account_hides_nothing(connect: Connect, faulty: Faulty) -> None:
    """Its rows are not ours to miss: nothing could be called absent until the day ends."""
    broker, other = connect("mixing"), connect(**faulty.box.add_account().credentials())
    bid(broker, 2)
    bid(other, 3)
    Mixing.others[:] = other.orders()
    assert broker.orders()[0].quantity == 3
    faulty.fault("reset-before-booking")
    assert broker.resolve(unknown_bid(broker), timeout=30).verdict is Verdict.ABSENT


def test_a_book_that_lags_is_waited_for(connect: Connect, faulty: Faulty) -> None:
    """One read less than absence needs does not show it, however long that takes."""
    broker = connect(resolve_within=0.0, settle_time=3.0)
    faulty.fault("empty-book", times=POLLS - 1, path="/getOrderBook")
    faulty.fault("reset-after-booking")
    assert broker.resolve(unknown_bid(broker), timeout=60).verdict is Verdict.EXISTS


def test_the_late_answer_is_evidence(connect: Connect, faulty: Faulty) -> None:
    """The book cannot be read, so only the answer itself can tell."""
    broker = connect(resolve_within=2.0)
    faulty.fault("503-html", times=None, path="/getOrderBook")
    faulty.fault("late-reply", seconds=1.4)
    ack = bid(broker)
    assert ack.order_id == faulty.book()[0]["order_id"]


def test_a_late_refusal_is_evidence(connect: Connect, faulty: Faulty) -> None:
    broker = connect(resolve_within=2.0)
    faulty.fault("503-html", times=None, path="/getOrderBook")
    faulty.fault("late-refusal", seconds=1.4)
    with pytest.raises(ob.OrderRejected) as caught:
        bid(broker)
    assert (caught.value.code, caught.value.outcome) == ("AB1009", ob.Outcome.REJECTED)
    assert not broker.unresolved()
    assert faulty.book() == []


def test_a_reply_that_comes_again_late_takes_no_order_from_another(
    connect: Connect, faulty: Faulty, tmp_path: Path
) -> None:
    """It comes when the order that waits on its connection has been given up."""
    broker = connect()
    for n in range(1, 20):  # until all connections are open
        bid(broker, n)
    faulty.fault("remembered", times=None)
    acks = [bid(broker, n) for n in range(20, 50)]
    faulty.box.faults.clear()
    faulty.fault("reply-again-late", seconds=1.2)
    unknown = unknown_bid(broker)
    assert broker.resolve(unknown, timeout=30).verdict is Verdict.ABSENT
    known = {one.tag: (one.state, one.order_id) for one in entries(tmp_path)}
    assert [known[ack.wire_tag] for ack in acks] == [("ACCEPTED", ack.order_id) for ack in acks]
    events = [event for path in journals(tmp_path) for event in read_day(path)[1]]
    assert "misattributed" not in [event.what for event in events]


def test_an_order_id_that_came_late_is_held_against_the_book(
    connect: Connect, faulty: Faulty, tmp_path: Path
) -> None:
    broker = connect(resolve_within=1.0, settle_time=3.0)
    faulty.fault("503-html", times=None, path="/getOrderBook")
    faulty.fault("phantom", seconds=1.2)
    ack = bid(broker)
    faulty.box.faults.clear()
    bid(broker, 2)  # what came after it has to show
    assert eventually(lambda: state_of(ack, tmp_path) == "ABSENT")
    assert broker.resolve(ack.wire_tag, timeout=30).verdict is Verdict.ABSENT


def test_an_answer_after_its_order_was_called_absent_is_told(
    connect: Connect, faulty: Faulty
) -> None:
    told: list[tuple[Any, Any]] = []
    broker = connect(on_late_order=lambda entry, order: told.append((entry, order)))
    faulty.fault("book-lag", times=None, path="/getOrderBook", seconds=60.0)
    faulty.fault("late-reply", seconds=5.0)
    unknown = unknown_bid(broker)
    assert broker.resolve(unknown, timeout=30).verdict is Verdict.ABSENT
    assert eventually(lambda: told)
    assert told[0][0].tag == unknown.tag


def test_an_order_that_appears_late_is_told(connect: Connect, faulty: Faulty) -> None:
    told: list[tuple[Any, Any]] = []
    broker = connect(on_late_order=lambda entry, order: told.append((entry, order)))
    faulty.fault("book-lag", times=None, path="/getOrderBook", seconds=3.0)
    faulty.fault("reset-after-booking")
    unknown = unknown_bid(broker)
    assert broker.resolve(unknown, timeout=30).verdict is Verdict.ABSENT
    deadline = time.monotonic() + 10
    while not told and time.monotonic() < deadline:
        time.sleep(0.05)
    [(entry, order)] = told
    assert (entry.tag, order.order_id) == (unknown.tag, faulty.book()[0]["order_id"])
    assert broker.resolve(unknown).verdict is Verdict.EXISTS
    assert len(faulty.book()) == 1


def test_an_id_that_is_another_orders_is_put_right(broker: ob.Broker, faulty: Faulty) -> None:
    faulty.fault("swapped-replies", times=2, seconds=0.3)
    acks: list[ob.OrderAck] = []
    threads = [
        threading.Thread(target=lambda n=n: acks.append(bid(broker, n, tag=f"n{n}")))
        for n in (1, 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    right = {row["tag"]: row["order_id"] for row in faulty.book()}
    assert {ack.wire_tag: ack.order_id for ack in acks} != right, "the fault did its work"
    broker.orders()
    deadline = time.monotonic() + 5
    while broker.unresolved() and time.monotonic() < deadline:
        time.sleep(0.05)
    for ack in acks:
        assert broker.order(ack).order_id == right[ack.wire_tag or ""], "an ack means its order"


def test_an_acceptance_that_no_book_shows_is_unknown_again(
    broker: ob.Broker, faulty: Faulty, tmp_path: Path
) -> None:
    """Until it is, nothing that was sent later can be called absent."""
    faulty.fault("phantom")
    ack = bid(broker, 1)
    assert [row["order_id"] for row in faulty.book()] == []
    faulty.fault("reset-before-booking")
    lost = unknown_bid(broker, 2)
    others = [bid(broker, n).order_id for n in range(3, 9)]
    assert broker.resolve(lost, timeout=20).verdict is Verdict.ABSENT
    deadline = time.monotonic() + 20
    state = ""
    while state != "ABSENT" and time.monotonic() < deadline:
        time.sleep(0.05)
        [state] = [one.state for one in entries(tmp_path) if one.tag == ack.wire_tag]
    assert state == "ABSENT"
    assert broker.resolve(ack.wire_tag, timeout=30).verdict is Verdict.ABSENT
    accepted = [one.order_id for one in entries(tmp_path) if one.state == "ACCEPTED"]
    assert accepted == others == [row["order_id"] for row in faulty.book()]


def test_a_book_that_shows_nothing_later_takes_no_acceptance_back(
    broker: ob.Broker, faulty: Faulty, tmp_path: Path
) -> None:
    """It may hold so many rows only, or lag for longer than the settle time."""
    shown = [bid(broker, n).order_id for n in range(1, 4)]
    assert [row.order_id for row in broker.orders()] == shown
    faulty.fault("stale-book", times=None, path="/getOrderBook")
    acks = [bid(broker, n) for n in range(4, 8)]
    faulty.fault("reset-before-booking")
    lost = unknown_bid(broker, 8)
    assert broker.resolve(lost, timeout=3.5).verdict is Verdict.OPEN
    assert {one.order_id for one in entries(tmp_path) if one.state == "ACCEPTED"} == {
        *shown, *(ack.order_id for ack in acks)
    }  # fmt: skip


def test_an_accepted_order_that_the_book_shows_late_is_not_taken_back(
    connect: Connect, faulty: Faulty, tmp_path: Path
) -> None:
    broker = connect(settle_time=3.0)
    faulty.fault("book-lag", times=None, path="/getOrderBook", seconds=2.5)
    acks = [bid(broker, n) for n in range(1, 5)]
    time.sleep(4.5)
    assert [(one.state, one.order_id) for one in entries(tmp_path)] == [
        ("ACCEPTED", ack.order_id) for ack in acks
    ]
    assert not broker.unresolved()


@pytest.mark.parametrize("whose", ["our own", "another account's"])
def test_a_connection_that_repeats_a_reply_is_left(
    whose: str, connect: Connect, faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order's own reply is still to come on it, and would be taken for the next order's."""
    left: list[str] = []
    distrust = Transport.distrust

    def spy(transport: Transport, connection: str, why: str) -> None:
        left.append(connection)
        distrust(transport, connection, why)

    monkeypatch.setattr(Transport, "distrust", spy)
    first = connect()
    second = first if whose == "our own" else connect(**faulty.box.add_account().credentials())
    used = used_connections(*{first, second})
    earlier = {bid(first, n).order_id for n in range(1, 40)}
    faulty.fault("reply-before")
    ack = bid(second, 40)
    assert ack.order_id not in earlier
    assert ack.order_id == faulty.book()[-1]["order_id"]
    assert left == used[-1:]
    assert used[-1] in used[:-1]
    bid(second, 41)
    assert used[-1] != used[-2]


@pytest.mark.parametrize("other", ["a placed order", "a cancellation"])
def test_a_reply_of_another_account_that_comes_again_later_is_nobodys(
    other: str, connect: Connect, faulty: Faulty
) -> None:
    """Orders lie between the two, and no journal of ours knows the other account's ids."""
    first, second = connect(), connect(**faulty.box.add_account().credentials())
    for n in range(1, 20):  # until all connections are open
        bid(first, n)
    path = "/placeOrder" if other == "a placed order" else "/cancelOrder"
    faulty.fault("remembered", times=None, path=path)
    acks = [bid(first, n) for n in range(20, 50)]
    if other == "a cancellation":
        for ack in acks:
            first.cancel_order(ack)
    faulty.box.faults.clear()
    for n in range(10, 40):
        bid(second, n)
    faulty.fault("reply-again")
    with pytest.raises(ob.OrderUnknown) as caught:
        bid(second, 7)
    assert "an earlier one" in str(caught.value)
    assert second.resolve(caught.value, timeout=30).verdict is Verdict.ABSENT


@pytest.mark.parametrize("fault", ["shape-e", "shape-c", "502-html", "other-shape"])
def test_a_reply_that_names_no_order_ends_its_connection(
    broker: ob.Broker, faulty: Faulty, fault: str
) -> None:
    """Should it come again, the next order would take it for its own."""
    used = used_connections(broker)
    for n in range(1, 30):
        bid(broker, n)
    faulty.fault(fault)
    with pytest.raises(ob.OpenBrokerError):
        bid(broker, 30)
    for n in range(31, 60):
        bid(broker, n)
    left = used[29]
    assert left in used[:29]
    assert left not in used[30:]


def test_a_refusal_that_comes_again_refuses_nobody(connect: Connect, faulty: Faulty) -> None:
    """With more orders under way than there are connections."""
    broker = connect(timeout=20.0)
    faulty.fault("refused-twice", times=None, probability=0.2, seconds=0.02)
    outcomes: list[object] = []

    def place(first: int) -> None:
        for n in range(first, first + 10):
            try:
                outcomes.append(bid(broker, 1, tag=f"n{n}").wire_tag)
            except (ob.OrderRejected, ob.OrderUnknown) as error:  # both at once: in doubt
                outcomes.append(error)

    threads = [threading.Thread(target=place, args=(100 * n,)) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 300
    accepted = {tag for tag in outcomes if isinstance(tag, str)}
    assert 0 < len(accepted) < 300
    assert accepted == set(tags(faulty)), "what was refused is not booked, what was booked is told"


def test_what_has_no_order_id_may_be_asked_again_and_again(broker: ob.Broker) -> None:
    terms = {"order_type": "LIMIT", "product": "MIS"}
    broker.place_order("NSE:SBIN", "BUY", 30, price=broker.quote("NSE:SBIN").upper_circuit, **terms)
    for _ in range(25):
        held = next(row for row in broker.positions() if row.product == "MIS")
        broker.convert_position(held, "CNC", 1)
    assert {row.quantity for row in broker.positions() if row.product == "CNC"} == {25}


# -- cancel and modify


def test_a_lost_cancel_ends_as_the_state_read_back(broker: ob.Broker, faulty: Faulty) -> None:
    ack = bid(broker)
    faulty.fault("reset-after-booking", path="/cancelOrder")
    assert broker.cancel_order(ack).order_id == ack.order_id
    assert broker.order(ack).status == "CANCELLED"


def test_a_lost_cancel_that_did_not_arrive_stays_unknown(broker: ob.Broker, faulty: Faulty) -> None:
    ack = bid(broker)
    faulty.fault("reset-before-booking", path="/cancelOrder")
    with pytest.raises(ob.OrderUnknown) as caught:
        broker.cancel_order(ack)
    assert "whether it took effect" in caught.value.evidence["since"]
    found = broker.resolve(caught.value)
    assert found.verdict is Verdict.ABSENT
    assert found.why.startswith("the order book has not shown it cancelled for")
    assert broker.order(ack).status == "OPEN"


def test_a_lost_modification_ends_as_the_state_read_back(broker: ob.Broker, faulty: Faulty) -> None:
    ack = bid(broker)
    faulty.fault("black-hole-booked", path="/modifyOrder")
    assert broker.modify_order(ack, price="781").order_id == ack.order_id
    assert broker.order(ack).price == 781


def test_a_cancel_that_comes_too_late_is_refused(broker: ob.Broker, faulty: Faulty) -> None:
    ack = bid(broker)
    broker.cancel_order(ack)
    faulty.fault("502-html", path="/modifyOrder")
    with pytest.raises(ob.OrderNotModifiable) as caught:
        broker.modify_order(ack, price="781")
    assert caught.value.outcome in {ob.Outcome.NOT_SENT, ob.Outcome.REJECTED}


# -- brokers without tags


def test_without_tags_the_only_equal_row_is_taken(connect: Connect, faulty: Faulty) -> None:
    broker = connect("tagless")
    bid(broker, 3)
    faulty.fault("reset-after-booking")
    ack = bid(broker, 4)
    assert ack.order_id == faulty.book()[-1]["order_id"]


def test_without_tags_equals_are_not_chosen_between(connect: Connect, faulty: Faulty) -> None:
    broker = connect("tagless")
    faulty.fault("reset-before-booking")
    first = unknown_bid(broker, 4)
    faulty.fault("reset-after-booking")
    second = unknown_bid(broker, 4, allow_repeat=True)
    time.sleep(1.5)
    for unknown in (first, second):
        assert broker.resolve(unknown, timeout=0.5).verdict is Verdict.OPEN


def test_the_brokers_own_look_up_is_asked(connect: Connect, faulty: Faulty) -> None:
    broker = connect("answering")
    faulty.fault("reset-after-booking")
    assert bid(broker).order_id == faulty.book()[0]["order_id"]
    faulty.fault("reset-before-booking")
    assert broker.resolve(unknown_bid(broker, 2), timeout=30).verdict is Verdict.ABSENT


@pytest.mark.parametrize(
    ("kind", "verdict"), [("silent", Verdict.ABSENT), ("refusing", Verdict.OPEN)]
)
def test_what_a_look_up_does_not_find_the_book_does(
    connect: Connect, faulty: Faulty, kind: str, verdict: Verdict
) -> None:
    broker = connect(kind)
    faulty.fault("reset-after-booking")
    assert bid(broker).order_id == faulty.book()[0]["order_id"]
    faulty.fault("reset-before-booking")
    assert broker.resolve(unknown_bid(broker, 2), timeout=3.0).verdict is verdict


# -- baskets


def test_one_lost_answer_hides_no_success(broker: ob.Broker, faulty: Faulty) -> None:
    faulty.fault("reset-before-booking", times=2)
    asked = [
        {
            "symbol": "NSE:SBIN",
            "side": "BUY",
            "quantity": quantity,
            "order_type": "LIMIT",
            "price": "780",
            "product": "MIS",
        }
        for quantity in range(1, 7)
    ]
    results = broker.place_orders(asked)
    assert [line.quantity for line in results.table()] == [1, 2, 3, 4, 5, 6]
    assert len(results.acks) == 4
    assert [type(error) for error in results.errors] == [ob.OrderUnknown] * 2
    assert sorted(row["quantity"] for row in faulty.book()) == sorted(
        ack.quantity for ack in results.acks
    )


# -- callers that leave


def test_a_cancelled_caller_is_told_the_tag(faulty: Faulty, tmp_path: Path) -> None:
    async def place() -> tuple[asyncio.CancelledError, list[Any]]:
        terms = faulty.terms(tmp_path)
        async with ob.connect_async("unlimited", **terms) as broker:
            faulty.fault("late-reply", seconds=0.2)
            call = broker.place_order(
                "NSE:SBIN", "BUY", 1, order_type="LIMIT", price="780", product="MIS"
            )
            task = asyncio.ensure_future(call)
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            await asyncio.sleep(0.3)
            return caught.value, list(await broker.unresolved())

    stop, still_open = asyncio.run(place())
    [row] = faulty.book()
    assert row["tag"] in stop.__notes__[0]
    assert still_open == []
    [entry] = entries(tmp_path)
    assert (entry.state, entry.order_id) == ("ACCEPTED", row["order_id"])


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no such signals here")
def test_ctrl_c_is_told_the_tag(broker: ob.Broker, faulty: Faulty) -> None:
    faulty.fault("late-reply", seconds=0.3)
    main = threading.main_thread().ident
    assert main is not None
    threading.Timer(0.1, signal.pthread_kill, (main, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt) as caught:
        bid(broker)
    [row] = faulty.book()
    assert row["tag"] in caught.value.__notes__[0]
    time.sleep(0.4)
    assert not broker.unresolved()


# -- the next process


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("fault", ["black-hole-booked", "black-hole"])
def test_what_a_killed_process_left_is_known_at_the_next_start(
    connect: Connect, faulty: Faulty, tmp_path: Path, fault: str
) -> None:
    faulty.fault(fault)
    child = os.fork()
    if child == 0:
        try:
            bid(ob.connect("unlimited", **faulty.terms(tmp_path, timeout=2.0)))
        finally:
            os._exit(1)
    deadline = time.monotonic() + 10
    while not entries(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.2)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    [left] = entries(tmp_path)
    assert left.state == "SENDING"

    broker = connect(resolve_within=3.0)
    [known] = entries(tmp_path)
    if fault == "black-hole-booked":
        assert (known.state, known.order_id) == ("ACCEPTED", faulty.book()[0]["order_id"])
    else:
        assert (
            known.state == "UNKNOWN" or broker.resolve(known, timeout=30).verdict is Verdict.ABSENT
        )
        assert faulty.book() == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_what_replies_told_a_killed_process_is_held_against_the_book(
    connect: Connect, faulty: Faulty, tmp_path: Path
) -> None:
    """It died before it could look itself."""
    faulty.fault("swapped-replies", times=2, seconds=1.0)
    child = os.fork()
    if child == 0:
        try:
            broker = ob.connect("unlimited", **faulty.terms(tmp_path, timeout=20.0))
            same = {"order_type": "LIMIT", "price": "780", "product": "MIS", "side": "BUY"}
            asked = [{"symbol": "NSE:SBIN", "quantity": n, **same} for n in (1, 2)]
            broker.place_orders(asked)
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    right = {row["tag"]: row["order_id"] for row in faulty.book()}
    claimed = {one.tag: one.order_id for one in entries(tmp_path)}
    assert claimed.keys() == right.keys()
    assert claimed != right, "the fault did its work"

    connect()
    assert eventually(lambda: {one.tag: one.order_id for one in entries(tmp_path)} == right)


def test_a_closed_brokers_unknown_is_found_by_the_next(
    connect: Connect, faulty: Faulty, tmp_path: Path
) -> None:
    first = connect(resolve_within=0.0)
    faulty.fault("reset-after-booking")
    faulty.fault("503-html", times=None, path="/getOrderBook")
    unknown = unknown_bid(first)
    first.close()
    faulty.box.faults.clear()
    second = connect()
    assert second.resolve(unknown).verdict is Verdict.EXISTS
    assert second.resolve(unknown).order_id == faulty.book()[0]["order_id"]


def test_two_brokers_of_one_account_share_the_day(connect: Connect, faulty: Faulty) -> None:
    one, two = connect(), connect()
    faulty.fault("reset-before-booking")
    unknown = unknown_bid(one)
    assert [entry.tag for entry in two.unresolved()] == [unknown.tag]
    with pytest.raises(ob.UnresolvedOrder):
        bid(two)
    assert two.resolve(unknown, timeout=30).verdict is Verdict.ABSENT
