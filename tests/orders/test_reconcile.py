"""What a read of the book proves: pure."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbroker.orders.entries import Entry
from openbroker.orders.intents import change_intent
from openbroker.orders.reconcile import (
    POLLS,
    Case,
    Claim,
    Known,
    Poll,
    Verdict,
    hold,
    look,
    next_look,
)
from openbroker.schemas import (
    Exchange,
    Instrument,
    InstrumentType,
    Order,
    OrderChange,
    OrderStatus,
    OrderType,
    Product,
    Side,
)

SETTLE = 30.0
SENT = 1_795_000_000.0
SBIN = Instrument(
    exchange=Exchange.NSE,
    symbol="NSE:SBIN",
    type=InstrumentType.EQUITY,
    token="3045",
    broker_symbol="SBIN-EQ",
)
INTENT = {
    "symbol": "NSE:SBIN",
    "side": "BUY",
    "quantity": 5,
    "order_type": "LIMIT",
    "price": "780",
    "product": "MIS",
}


def case(operation: str = "place_order", *, by_tag: bool = True, **rest: Any) -> Case:
    entry = Entry(
        day="2026-11-22",
        number=1,
        operation=operation,
        intent=rest.pop("intent", INTENT),
        tag="ABCDEFGH",
        symbol="NSE:SBIN",
        sent_at=SENT,
        until=SENT + 8,
        order_id=rest.pop("order_id", None),
    )
    return Case(entry=entry, since=100.0, by_tag=by_tag, **rest)


def row(order_id: str = "1", **rest: Any) -> Order:
    fields: dict[str, Any] = {
        "side": Side.BUY,
        "quantity": 5,
        "order_type": OrderType.LIMIT,
        "price": Decimal(780),
        "product": Product.MIS,
        "status": OrderStatus.OPEN,
        "instrument": SBIN,
        "placed_at": dt.datetime.fromtimestamp(SENT + 1, dt.UTC),
    }
    return Order(order_id=order_id, **fields | rest)


def verdict(one: Case, *rows: Order, begun: float = 101.0, **known: Any) -> Verdict | None:
    _, finding = look(one, Poll.of(begun, rows), Known(**known), SETTLE)
    return finding and finding.verdict


def test_its_tag_shows_that_an_order_exists() -> None:
    assert verdict(case(), row(wire_tag="ABCDEFGH")) is Verdict.EXISTS
    assert verdict(case(), row(wire_tag="abcdefgh")) is Verdict.EXISTS
    assert verdict(case(), row(wire_tag="ABCDEFGX"), row("2")) is None


def test_two_orders_with_one_tag_are_not_chosen_between() -> None:
    rows = row("1", wire_tag="ABCDEFGH"), row("2", wire_tag="ABCDEFGH")
    assert verdict(case(), *rows) is Verdict.OPEN


def test_absence_needs_the_settle_time_and_several_reads() -> None:
    one, finding = case(), None
    for begun in (100.0, 110.0, 120.0, 129.9, 130.0):
        assert finding is None
        one, finding = look(one, Poll.of(begun, []), Known(), SETTLE)
    assert finding is not None
    assert finding.verdict is Verdict.ABSENT
    assert one.verdict is Verdict.ABSENT


def test_one_late_read_is_not_enough() -> None:
    assert verdict(case(), begun=200.0) is None
    assert verdict(case(counted=POLLS - 1), begun=200.0) is Verdict.ABSENT


@pytest.mark.parametrize(
    ("begun", "known"),
    [
        (99.0, {}),  # begun before the order may have left
        (200.0, {"seen": frozenset({"7"})}),  # a row that was there is gone
        (200.0, {"owned": {"7": SENT - 1}}),  # an order accepted before is not there yet
        (200.0, {"looked_up": False}),  # the broker could not be asked for the tag
    ],
)
def test_a_stale_or_partial_book_is_no_evidence(begun: float, known: dict[str, Any]) -> None:
    one, finding = look(case(counted=9), Poll.of(begun, []), Known(**known), SETTLE)
    assert finding is None
    assert one.counted == 9


def test_orders_accepted_later_need_not_be_there() -> None:
    assert verdict(case(counted=9), begun=200.0, owned={"7": SENT + 1}) is Verdict.ABSENT


def test_an_absent_order_that_appears_exists() -> None:
    late = case(verdict=Verdict.ABSENT)
    assert verdict(late, row(wire_tag="ABCDEFGH"), begun=500.0) is Verdict.EXISTS
    assert verdict(late, begun=500.0) is None


OURS = "AAAAAAAA"
"""A well-formed tag of ours, and another order's."""


@pytest.mark.parametrize(
    "doubtful",
    [
        {"wire_tag": None},  # the broker dropped it
        {"wire_tag": "ABCDEF"},  # or cut it
        {"wire_tag": "API"},  # or put its own in its place
        {"wire_tag": None, "instrument": None, "quantity": 1},  # lots, perhaps
        {"wire_tag": None, "placed_at": None},
        {"wire_tag": None, "placed_at": dt.datetime(1900, 1, 1, 10, 30, tzinfo=dt.UTC)},
        {"wire_tag": None, "side": None, "product": None},
        {"wire_tag": None, "order_type": OrderType.MARKET, "price": None},
        {"wire_tag": None, "placed_at": dt.datetime.fromtimestamp(SENT - 10, dt.UTC)},
    ],
)
def test_nothing_is_absent_while_a_row_may_be_it(doubtful: dict[str, Any]) -> None:
    nearly = case(counted=POLLS - 1)
    assert verdict(nearly, row(**doubtful), begun=200.0) is None
    assert verdict(nearly, row(**doubtful), begun=200.0, owned={"1": SENT + 1}) is Verdict.ABSENT


@pytest.mark.parametrize(
    "other",
    [
        {"wire_tag": OURS},
        {"side": Side.SELL},
        {"quantity": 6},
        {"price": Decimal("780.05")},
        {"product": Product.CNC},
        {"placed_at": dt.datetime.fromtimestamp(SENT - 100, dt.UTC)},
        {"instrument": attrs.evolve(SBIN, symbol="NSE:INFY")},
    ],
)
def test_a_row_that_cannot_be_it_leaves_it_absent(other: dict[str, Any]) -> None:
    assert verdict(case(counted=POLLS - 1), row(**other), begun=200.0) is Verdict.ABSENT


def test_without_tags_as_few_or_as_many_rows_as_do_not_fit_leave_it_open() -> None:
    nearly = case(by_tag=False, counted=POLLS - 1)
    assert verdict(nearly, row("1"), begun=200.0, rivals=2) is None
    assert verdict(nearly, row("1"), row("2"), begun=200.0) is None
    assert verdict(nearly, row("1", placed_at=None), begun=200.0) is None
    assert verdict(nearly, row("1", wire_tag=OURS, placed_at=None), begun=200.0) is None
    assert verdict(nearly, begun=200.0) is Verdict.ABSENT


# -- without tags


def test_an_equal_row_of_its_time_is_taken_for_it() -> None:
    assert verdict(case(by_tag=False), row()) is Verdict.EXISTS


@pytest.mark.parametrize(
    "other",
    [
        {"side": Side.SELL},
        {"quantity": 6},
        {"price": Decimal("780.05")},
        {"order_type": OrderType.MARKET},
        {"product": Product.CNC},
        {"placed_at": None},
        {"placed_at": dt.datetime.fromtimestamp(SENT - 10, dt.UTC)},
        {"placed_at": dt.datetime.fromtimestamp(SENT + 3_600, dt.UTC)},
        {"instrument": attrs.evolve(SBIN, symbol="NSE:INFY")},
    ],
)
def test_a_row_that_differs_is_not(other: dict[str, Any]) -> None:
    assert verdict(case(by_tag=False), row(**other)) is None


def test_an_owned_row_is_somebody_elses() -> None:
    assert verdict(case(by_tag=False), row(), owned={"1": SENT + 1}) is None


def test_as_many_rows_as_intents_or_none_is_chosen() -> None:
    assert verdict(case(by_tag=False), row("1"), rivals=2) is None
    assert verdict(case(by_tag=False), row("1"), row("2"), rivals=2) is Verdict.EXISTS
    assert verdict(case(by_tag=False), row("1"), row("2"), rivals=1) is None


def test_a_market_order_may_have_been_turned_into_a_limit() -> None:
    intent = {k: v for k, v in INTENT.items() if k != "price"} | {"order_type": "MARKET"}
    assert verdict(case(by_tag=False, intent=intent), row()) is Verdict.EXISTS


# -- cancel and modify


def test_a_cancel_ends_as_the_state_read_back() -> None:
    lost = case("cancel_order", order_id="1")
    assert verdict(lost, row(status=OrderStatus.CANCELLED)) is Verdict.EXISTS
    assert verdict(lost, row(status=OrderStatus.FILLED)) is Verdict.REFUSED
    assert verdict(lost, row(status=OrderStatus.OPEN)) is None
    assert verdict(lost, row("2", status=OrderStatus.CANCELLED)) is None


def test_a_modification_ends_as_the_state_read_back() -> None:
    intent = {"order_id": "1", "quantity": 5, "price": "781"}
    lost = case("modify_order", order_id="1", intent=intent)
    assert verdict(lost, row(price=Decimal("781.00"))) is Verdict.EXISTS
    assert verdict(lost, row(price=Decimal(780))) is None
    assert verdict(lost, row(status=OrderStatus.FILLED)) is Verdict.REFUSED


@pytest.mark.parametrize("wanted", [OrderType.MARKET, OrderType.SL_M])
def test_a_change_to_an_order_without_a_price_may_show_as_one_with(wanted: OrderType) -> None:
    """Brokers book it with a price of their own, so the row of a change that failed looks alike."""
    change = OrderChange(order_type=wanted, trigger_price=785 if wanted.has_trigger else None)
    lost = case("modify_order", order_id="1", counted=POLLS, intent=change_intent("1", change))
    trigger = Decimal(785) if wanted.has_trigger else None
    twin = row(order_type=wanted.priced, trigger_price=trigger, price=Decimal(779))
    assert verdict(lost, twin, begun=500.0) is None
    filled = attrs.evolve(twin, status=OrderStatus.FILLED)
    assert verdict(lost, filled, begun=500.0) is None
    assert verdict(lost, attrs.evolve(twin, status=OrderStatus.CANCELLED)) is None
    assert verdict(lost, attrs.evolve(twin, order_type=wanted, price=None)) is Verdict.EXISTS


def test_a_protection_proves_nothing_and_hides_nothing() -> None:
    """No row of a book shows it."""
    change = OrderChange(order_type=OrderType.MARKET, market_protection=2)
    lost = case("modify_order", order_id="1", intent=change_intent("1", change))
    assert verdict(lost, row(order_type=OrderType.MARKET, price=None)) is Verdict.EXISTS
    alone = change_intent("1", OrderChange(market_protection="broker"))
    lost = case("modify_order", order_id="1", counted=POLLS, intent=alone)
    for status in (OrderStatus.OPEN, OrderStatus.FILLED):
        market = row(order_type=OrderType.MARKET, price=None, status=status)
        assert verdict(lost, market, begun=500.0) is None


def test_what_a_row_does_not_tell_hides_no_change() -> None:
    change = OrderChange(price="781", disclosed_quantity=1)
    lost = case("modify_order", order_id="1", counted=POLLS, intent=change_intent("1", change))
    assert verdict(lost, row(price=Decimal(781))) is Verdict.EXISTS
    assert verdict(lost, row(price=Decimal(781), disclosed_quantity=1)) is Verdict.EXISTS
    assert verdict(lost, row(price=Decimal(781), disclosed_quantity=5), begun=500.0) is (
        Verdict.ABSENT
    )
    assert verdict(lost, row(price=None), begun=500.0) is None


# -- what a reply claimed


def claim(**intent: Any) -> Claim:
    return Claim(entry=case(intent=INTENT | intent).entry, order_id="7", since=100.0)


def held(
    one: Claim, *reads: tuple[float, list[Order]], is_telling: bool = True
) -> tuple[Verdict, bool]:
    """What the last of some reads proves, and whether the claim is looked up again."""
    still: Claim | None = one
    verdict = Verdict.OPEN
    for begun, rows in reads:
        assert still is not None
        still, finding = hold(still, Poll.of(begun, rows), SETTLE, is_telling=is_telling)
        verdict = finding.verdict
    return verdict, still is not None


def silence(*times: float) -> list[tuple[float, list[Order]]]:
    return [(begun, [row("1")]) for begun in times]


@pytest.mark.parametrize(
    "rows",
    [
        [row("7", wire_tag="ABCDEFGH")],
        [row("7", wire_tag="abcdefgh"), row("8", wire_tag="ABCDEFGH")],  # a slice beside it
        [row("7", wire_tag="ABC")],  # cut
        [row("7", wire_tag="ABCDEFGH", side=Side.SELL)],  # the tag says more
        [row("7")],
    ],
)
def test_a_book_with_its_order_id_confirms_an_acceptance(rows: list[Order]) -> None:
    assert held(claim(), (105.0, rows)) == (Verdict.EXISTS, False)


@pytest.mark.parametrize(
    "rows",
    [
        [row("8", wire_tag="ABCDEFGH")],
        [row("8", wire_tag="abcdefgh"), row("7", wire_tag="XBCDEFGH")],
    ],
)
def test_its_tag_beside_another_order_id_takes_an_acceptance_back(rows: list[Order]) -> None:
    assert held(claim(), (105.0, rows)) == (Verdict.ABSENT, False)


@pytest.mark.parametrize(
    "other", [{"side": Side.SELL}, {"instrument": attrs.evolve(SBIN, symbol="NSE:INFY")}]
)
def test_an_order_id_of_another_kind_of_order_takes_an_acceptance_back(
    other: dict[str, Any],
) -> None:
    """Where the book shows no tags, that is all that tells."""
    untagged = attrs.evolve(claim(), entry=attrs.evolve(claim().entry, tag=None))
    assert held(untagged, (105.0, [row("7", **other)])) == (Verdict.ABSENT, False)
    assert held(untagged, (105.0, [row("7", price=Decimal(5))])) == (Verdict.EXISTS, False)


def test_an_acceptance_that_no_book_shows_is_taken_back() -> None:
    reads = silence(105, 110, 120, 129.9)
    assert held(claim(), *reads) == (Verdict.OPEN, True)
    assert held(claim(), *reads, *silence(130)) == (Verdict.ABSENT, False)


def test_a_few_late_reads_take_nothing_back() -> None:
    assert held(claim(), *silence(200, 300, 400)) == (Verdict.OPEN, True)
    assert held(claim(), *silence(200, 300, 400, 500)) == (Verdict.ABSENT, False)


def test_a_book_that_is_not_telling_or_not_fresh_takes_nothing_back() -> None:
    assert held(claim(), *silence(110, 120, 130, 159.9), is_telling=False) == (Verdict.OPEN, True)
    assert held(claim(), *silence(110, 120, 130, 160), is_telling=False) == (Verdict.OPEN, False)
    assert held(claim(), *silence(90, 99, 99, 99, 131)) == (Verdict.OPEN, True)


@pytest.mark.parametrize("kind", [{"after_market": True}, {"bracket_target": "5"}])
def test_what_may_be_kept_elsewhere_is_not_taken_back(kind: dict[str, Any]) -> None:
    assert held(claim(**kind), *silence(110, 120, 130, 160)) == (Verdict.OPEN, False)


def test_what_leaves_no_trace_is_never_found() -> None:
    lost = case("convert_position", counted=9)
    assert verdict(lost, row(wire_tag="ABCDEFGH")) is None


# -- when to look


@given(last=st.floats(100.0, 1_000.0), absent=st.booleans(), settle=st.floats(0.5, 60.0))
def test_pauses_grow_and_stay_bounded(last: float, absent: bool, settle: float) -> None:
    state = Verdict.ABSENT if absent else Verdict.OPEN
    pause = next_look(case(last=last, verdict=state), settle) - last
    scale = settle / 30
    longest = 60.0 if absent else 5.0
    assert 0 < pause <= longest * scale + 1e-6


def test_the_first_look_is_at_once_and_one_falls_on_the_settle_time() -> None:
    one = case()
    assert next_look(one, SETTLE) == one.since
    looks = []
    for _ in range(30):
        one = attrs.evolve(one, last=next_look(one, SETTLE))
        looks.append(one.last)
    assert one.since + SETTLE in looks
    assert sum(at is not None and at <= one.since + SETTLE for at in looks) > POLLS
