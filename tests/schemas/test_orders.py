"""What an order may say, and what is answered to one that says too little, too much or nonsense."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbroker.errors import InvalidOrder, Outcome
from openbroker.schemas import (
    AsLimit,
    Exchange,
    Gtt,
    GttChange,
    GttRequest,
    Instrument,
    InstrumentType,
    Order,
    OrderAck,
    OrderChange,
    OrderRef,
    OrderRequest,
    OrderStatus,
    OrderType,
    Product,
    Right,
    Secret,
    Side,
)
from openbroker.schemas.convert import plain, to_money, to_quantity
from openbroker.schemas.gtt import PRICES
from openbroker.schemas.orders import check_change

SBIN = Instrument(
    exchange=Exchange.NSE, symbol="NSE:SBIN", type=InstrumentType.EQUITY, token="3045",
    broker_symbol="SBIN-EQ", tick_size=Decimal("0.05"),
)  # fmt: skip
CALL = Instrument(
    exchange=Exchange.NFO, symbol="NFO:NIFTY24NOV2626000CE", type=InstrumentType.OPTION,
    token="42885", broker_symbol="NIFTY24NOV2626000CE", underlying="NIFTY",
    expiry=dt.date(2026, 11, 24), strike=Decimal(26000), right=Right.CE, lot_size=75,
    tick_size=Decimal("0.05"), freeze_quantity=1800,
)  # fmt: skip
INDEX = Instrument(
    exchange=Exchange.NSE_INDEX, symbol="NSE_INDEX:NIFTY", type=InstrumentType.INDEX, token="1",
    broker_symbol="Nifty 50",
)  # fmt: skip
GOOD: dict[str, object] = {
    "symbol": "NSE:SBIN", "side": "BUY", "quantity": 1, "order_type": "LIMIT", "product": "CNC",
    "price": "812.5",
}  # fmt: skip


def order(**changes: object) -> OrderRequest:
    fields = {key: value for key, value in (GOOD | changes).items() if value is not ...}
    return OrderRequest(**fields)  # type: ignore[arg-type]  # loose, as callers are


def test_words_are_taken_as_text_in_either_case() -> None:
    made = order(side="buy", order_type="limit", product=Product.CNC)
    assert (made.side, made.order_type, made.product) == (Side.BUY, OrderType.LIMIT, Product.CNC)


@pytest.mark.parametrize("price", ["812.5", 812.5, Decimal("812.50"), " 812.5 "])
def test_money_is_exact_however_it_is_written(price: object) -> None:
    assert order(price=price).price == Decimal("812.5")
    assert order(price=0.1 + 0.2).price == Decimal("0.30000000000000004")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"side": "BYU"}, "side 'BYU' is not one of BUY, SELL. Did you mean BUY?"),
        ({"order_type": "LIMT"}, "Did you mean LIMIT?"),
        ({"product": "CNS"}, "Did you mean CNC?"),
        ({"validity": "GTC"}, "validity 'GTC' is not one of DAY, IOC"),
        ({"quantity": 0}, "quantity 0 is not above zero"),
        ({"quantity": -5}, "quantity -5 is not above zero"),
        ({"quantity": 0.5}, "quantity 0.5 is not a whole number of units"),
        ({"quantity": "one"}, "quantity 'one' is not a number"),
        ({"quantity": True}, "quantity True is not a number"),
        ({"quantity": ...}, "neither quantity nor lots is given"),
        ({"lots": 1}, "both quantity and lots are given"),
        ({"price": ...}, "a LIMIT order needs a price"),
        ({"price": 0}, "price 0 is not above zero"),
        ({"price": "NaN"}, "price 'NaN' is not a number"),
        ({"price": float("inf")}, "price inf is not a number"),
        ({"trigger_price": 800}, "a LIMIT order takes no trigger_price"),
        ({"order_type": "MARKET"}, "a MARKET order takes no price"),
        ({"order_type": "SL"}, "a SL order needs a trigger_price"),
        ({"order_type": "SL-M", "price": ...}, "a SL-M order needs a trigger_price"),
        ({"order_type": "SL", "trigger_price": 813}, "a BUY SL needs its trigger_price"),
        ({"order_type": "SL", "trigger_price": 812, "side": "SELL"}, "a SELL SL needs its"),
        ({"disclosed_quantity": 2}, "disclosed_quantity 2 is more than the quantity 1"),
        ({"market_protection": 1}, "market_protection is for MARKET and SL-M orders"),
        ({"bracket_target": 5}, "needs both bracket_target and bracket_stop"),
        ({"bracket_trail": 5}, "needs both bracket_target and bracket_stop"),
        ({"bracket_target": 5, "bracket_stop": 0, "product": "MIS"}, "not above zero"),
        ({"bracket_target": 5, "bracket_stop": 3}, "LIMIT order with product MIS"),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidOrder) as caught:
        order(**changes)
    assert message in str(caught.value)
    assert caught.value.outcome is Outcome.NOT_SENT


@pytest.mark.parametrize(
    ("changes", "instrument", "message"),
    [
        ({"price": "812.51"}, SBIN, "tick of 0.05; nearest: 812.5 or 812.55"),
        ({"quantity": 70}, CALL, "lot of 75; nearest: 75"),
        ({"quantity": 80}, CALL, "lot of 75; nearest: 75 or 150"),
        ({"quantity": 1875}, CALL, "above the freeze quantity 1800"),
        ({}, INDEX, "is an index; trade its futures or options"),
        ({"order_type": "SL", "trigger_price": "812.01"}, SBIN, "trigger_price 812.01"),
        ({"product": "MIS", "bracket_target": "1.01", "bracket_stop": 1}, SBIN, "bracket_target"),
    ],
)
def test_what_does_not_fit_the_instrument_is_said(
    changes: dict[str, object], instrument: Instrument, message: str
) -> None:
    with pytest.raises(InvalidOrder, match=message):
        order(**changes).on(instrument)


def test_lots_become_units_when_the_instrument_is_known() -> None:
    made = order(quantity=..., lots=2, symbol=CALL).on(CALL)
    assert (made.symbol, made.quantity, made.lots) == (CALL.symbol, 150, None)
    assert made.target is CALL


def test_an_order_without_its_instrument_says_so() -> None:
    with pytest.raises(InvalidOrder, match="not resolved yet"):
        _ = order().target


def test_a_change_has_to_change_something() -> None:
    with pytest.raises(InvalidOrder, match="has to change something"):
        OrderChange()
    with pytest.raises(InvalidOrder, match="price 0 is not above zero"):
        OrderChange(price=0)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"market_protection": 1, "order_type": "LIMIT", "price": 5}, "for MARKET and SL-M orders"),
        ({"market_protection": AsLimit(1), "order_type": "MARKET"}, "AsLimit prices new orders"),
        ({"market_protection": "two", "order_type": "MARKET"}, "'two' is not a number"),
    ],
)
def test_a_change_cannot_say_everything_of_a_protection(
    asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidOrder, match=message):
        OrderChange(**asked)


@pytest.mark.parametrize("asked", [2, "broker"])
def test_a_protection_fits_an_order_that_has_no_price(asked: Any) -> None:
    change = OrderChange(market_protection=asked)
    check_change(Order(order_id="1", order_type=OrderType.MARKET), change)
    check_change(Order(order_id="1"), change)
    resting = Order(order_id="1", order_type=OrderType.LIMIT, price=Decimal(5))
    with pytest.raises(InvalidOrder, match="for MARKET and SL-M orders, this is LIMIT"):
        check_change(resting, change)
    check_change(resting, OrderChange(order_type="MARKET", market_protection=asked))


@pytest.mark.parametrize("target", ["", " ", "26 11", "a/b", "a\r\nb", "ä", 7, None])
def test_what_is_no_order_is_refused(target: object) -> None:
    with pytest.raises(InvalidOrder, match="is not an order"):
        OrderRef.of(target)  # type: ignore[arg-type]  # that it is none is the test


def test_a_reference_keeps_the_handle() -> None:
    ack = OrderAck(order_id="1", handle={"variety": "AMO"})
    assert OrderRef.of(ack).handle == {"variety": "AMO"}
    assert OrderRef.of("1").handle == {}


@pytest.mark.parametrize("status", OrderStatus)
def test_a_status_is_either_done_or_live(status: OrderStatus) -> None:
    assert status.is_done is not status.is_live
    assert OrderStatus.UNKNOWN.is_live


# -- rules

RULE: dict[str, object] = {
    "symbol": "NSE:SBIN", "side": "BUY", "quantity": 1, "price": "812.5", "trigger_price": "812",
    "product": "CNC",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"quantity": None}, "a rule needs a quantity"),
        ({"price": None}, "a rule needs a price"),
        ({"trigger_price": 0}, "trigger_price 0 is not above zero"),
        ({"disclosed_quantity": 2}, "disclosed_quantity is more"),
        ({"valid_days": 0}, "valid_days 0 is not above zero"),
        ({"side": "HOLD"}, "side 'HOLD'"),
    ],
)
def test_a_rule_that_says_nonsense_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidOrder, match=message):
        GttRequest(**(RULE | changes))  # type: ignore[arg-type]  # loose, as callers are


OCO = RULE | {"side": "SELL", "trigger_price": "830", "price": "829.5",
              "stop_trigger_price": "790", "stop_price": "789.5"}  # fmt: skip
SHORT = OCO | {"side": "BUY", "trigger_price": "790", "price": "790.5",
               "stop_trigger_price": "830", "stop_price": "830"}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "changes", "message"),
    [
        (OCO, {"stop_price": None}, "needs both stop_trigger_price and stop_price"),
        (OCO, {"stop_trigger_price": None}, "needs both stop_trigger_price and stop_price"),
        (OCO, {"stop_price": 0}, "stop_price 0 is not above zero"),
        (OCO, {"stop_price": "a lot"}, "stop_price"),
        (
            OCO,
            {"side": "BUY"},
            r"BUY .* trigger_price \(830\) below its stop_trigger_price",
        ),
        (SHORT, {"side": "SELL"}, r"SELL .* trigger_price \(790\) above its stop_trigger_price"),
        (OCO, {"trigger_price": 790}, "above its stop_trigger_price"),
        (OCO, {"stop_price": 791}, "at or above its stop_price"),
        (SHORT, {"stop_price": 829}, "at or below its stop_price"),
    ],
)
def test_a_stop_on_the_wrong_side_is_refused(
    rule: dict[str, object], changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidOrder, match=message):
        GttRequest(**(rule | changes))  # type: ignore[arg-type]  # loose, as callers are


def test_a_rule_tells_its_legs() -> None:
    single, pair, short = (GttRequest(**terms) for terms in (RULE, OCO, SHORT))  # type: ignore[arg-type]
    assert (single.is_oco, pair.is_oco, short.is_oco) == (False, True, True)
    assert [(leg.trigger_price, leg.price) for leg in single.legs] == [(812, Decimal("812.5"))]
    assert [leg.trigger_price for leg in pair.legs] == [830, 790], "the target first"
    assert [leg.trigger_price for leg in short.legs] == [790, 830]
    with pytest.raises(InvalidOrder, match=r"stop_price 789\.51 is not a multiple"):
        attrs.evolve(pair, stop_price="789.51").on(SBIN)
    with pytest.raises(InvalidOrder, match=r"stop_trigger_price 790\.01 is not a multiple"):
        attrs.evolve(pair, stop_trigger_price="790.01").on(SBIN)


def told(**changes: object) -> Gtt:
    """A rule in the list."""
    terms = {name: Decimal(str(OCO[name])) for name in PRICES} | {"side": Side.SELL}
    return Gtt(gtt_id="1", **(terms | changes))  # type: ignore[arg-type]  # loose, as rows are


def test_a_change_is_held_to_what_it_names() -> None:
    rule = told()
    assert rule.changed(GttChange(price=828)).price == 828
    assert rule.changed(GttChange(stop_price=788)).legs[1].price == 788
    with pytest.raises(InvalidOrder, match="above its stop_trigger_price"):
        rule.changed(GttChange(trigger_price=789))
    with pytest.raises(InvalidOrder, match="stop_price cannot change: rule 1 has no stop"):
        told(stop_price=None, stop_trigger_price=None).changed(GttChange(stop_price=788))
    odd = told(stop_price=Decimal(800))
    assert odd.changed(GttChange(price=828)).price == 828, "made elsewhere, and left as it was"
    with pytest.raises(InvalidOrder, match="at or above its stop_price"):
        odd.changed(GttChange(stop_trigger_price=795))
    sideless = told(side=None).changed(GttChange(trigger_price=700))
    assert sideless.trigger_price == 700, "which leg is which, the broker did not say"
    with pytest.raises(InvalidOrder, match="does not tell every price"):
        _ = told(stop_price=None).legs


def test_a_change_of_a_rule_changes_something_above_zero() -> None:
    with pytest.raises(InvalidOrder, match="has to change something"):
        GttChange()
    with pytest.raises(InvalidOrder, match="stop_trigger_price 0 is not above zero"):
        GttChange(stop_trigger_price=0)
    assert GttChange(quantity=3, stop_price="1.5").values == {
        "quantity": 3,
        "stop_price": Decimal("1.5"),
    }


def test_a_rule_fits_its_instrument() -> None:
    rule = GttRequest(**RULE)  # type: ignore[arg-type]  # loose, as callers are
    assert rule.on(SBIN).target is SBIN
    with pytest.raises(InvalidOrder, match="tick"):
        attrs.evolve(rule, price="812.51").on(SBIN)
    with pytest.raises(InvalidOrder, match="index"):
        rule.on(INDEX)
    with pytest.raises(InvalidOrder, match="not resolved yet"):
        _ = rule.target


# -- numbers and secrets


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_plain_text_is_the_same_amount(amount: Decimal) -> None:
    assert Decimal(plain(amount)) == amount
    assert "E" not in plain(amount)


@given(st.floats(-1e15, 1e15).filter(lambda number: not number or abs(number) > 1e-12))
def test_a_float_counts_as_what_it_shows(number: float) -> None:
    assert to_money(number, name="price") == Decimal(repr(number))


@given(st.integers(min_value=1, max_value=2**31 - 1))
def test_whole_numbers_are_quantities_however_written(units: int) -> None:
    assert to_quantity(units) == to_quantity(str(units)) == to_quantity(Decimal(units)) == units


def test_a_secret_shows_nowhere() -> None:
    secret = Secret("hunter2")
    for text in (repr(secret), str(secret), f"{secret}", f"{secret:>9}", "%s" % secret):  # noqa: UP031
        assert "hunter2" not in text
    assert secret.reveal() == "hunter2"
    assert Secret(secret) == secret
    assert secret != Secret("hunter3")
    assert secret != "hunter2"
    assert len({secret, Secret("hunter2")}) == 1
    assert not Secret("")
