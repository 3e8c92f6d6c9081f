"""The official client at the routes beside trading: history, GTT, margin, charges, statistics."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import pytest
from intents import INFY, NIFTY_CALL, NIFTY_FUTURE, SBIN, order_params
from official import OfficialClient, OfficialError
from sandboxes import DAY, Served

pytestmark = pytest.mark.official

INTERVALS = {
    "ONE_MINUTE": (1, 30),
    "THREE_MINUTE": (3, 60),
    "FIVE_MINUTE": (5, 100),
    "TEN_MINUTE": (10, 100),
    "FIFTEEN_MINUTE": (15, 200),
    "THIRTY_MINUTE": (30, 200),
    "ONE_HOUR": (60, 400),
    "ONE_DAY": (1440, 2000),
}
"""Minutes of a candle, and the most days of a request."""


def span(interval: str, start: dt.date, end: dt.date) -> dict[str, str]:
    return {
        "exchange": "NSE",
        "symboltoken": SBIN.symboltoken,
        "interval": interval,
        "fromdate": f"{start} 09:15",
        "todate": f"{end} 09:15",
    }


# -- history


@pytest.mark.parametrize("interval", INTERVALS)
def test_candles(official: OfficialClient, interval: str) -> None:
    minutes, _ = INTERVALS[interval]
    rows = official.data("getCandleData", span(interval, DAY - dt.timedelta(days=6), DAY))
    starts = [dt.datetime.fromisoformat(row[0]) for row in rows]
    steps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert all(step >= dt.timedelta(minutes=minutes) for step in steps)
    if minutes < 1440:
        assert min(steps) == dt.timedelta(minutes=minutes)
    assert {start.utcoffset() for start in starts} == {dt.timedelta(hours=5, minutes=30)}
    for _, opened, high, low, closed, volume in rows:
        assert low <= min(opened, closed) <= max(opened, closed) <= high
        assert isinstance(volume, int)


@pytest.mark.parametrize("interval", INTERVALS)
def test_candles_of_too_many_days_are_refused(official: OfficialClient, interval: str) -> None:
    _, most_days = INTERVALS[interval]
    end = DAY - dt.timedelta(days=3)
    reply = official.getCandleData(span(interval, end - dt.timedelta(days=most_days + 1), end))
    assert (reply["status"], reply["errorcode"]) == (False, "AB1004")


def test_a_weekend_has_no_candles(official: OfficialClient) -> None:
    saturday = DAY - dt.timedelta(days=2)
    asked = span("FIVE_MINUTE", saturday, saturday + dt.timedelta(days=1))
    assert official.data("getCandleData", asked) is None


def test_dates_the_wrong_way_round_are_refused(official: OfficialClient) -> None:
    reply = official.getCandleData(span("ONE_DAY", DAY, DAY - dt.timedelta(days=9)))
    assert (reply["status"], reply["errorcode"]) == (False, "AB1004")


def test_open_interest(official: OfficialClient) -> None:
    asked = span("THREE_MINUTE", DAY - dt.timedelta(days=3), DAY)
    listed = {"exchange": "NFO", "symboltoken": NIFTY_FUTURE.symboltoken}
    rows = official.data("getOIData", asked | listed)
    assert all(row["oi"] > 0 and row["oi"] % 75 == 0 for row in rows)
    assert sorted(row["time"] for row in rows) == [row["time"] for row in rows]
    assert official.data("getOIData", asked) is None, "a share has none"


# -- GTT


def rule(**changes: Any) -> dict[str, Any]:
    """As the client's own sample: numbers, and all of it disclosed."""
    return {
        **SBIN.params,
        "producttype": "DELIVERY",
        "transactiontype": "BUY",
        "price": 780,
        "qty": 10,
        "disclosedqty": 10,
        "triggerprice": 785,
        "timeperiod": 365,
    } | changes


def identity(rule_id: int) -> dict[str, Any]:
    return {
        "id": rule_id, "symboltoken": SBIN.symboltoken, "exchange": "NSE",
    }  # fmt: skip


def test_gtt_life_cycle(official: OfficialClient) -> None:
    rule_id = official.gttCreateRule(rule())
    details = official.data("gttDetails", rule_id)
    assert details | SBIN.params == details
    assert (details["status"], details["price"], details["qty"]) == ("NEW", 780.0, 10)

    figures = {"price": "781.5", "qty": 12, "disclosedqty": 12, "triggerprice": "786"}
    changed = official.gttModifyRule(identity(rule_id) | figures)
    assert changed == rule_id
    details = official.data("gttDetails", rule_id)
    assert (details["price"], details["triggerprice"], details["qty"]) == (781.5, 786.0, 12)

    official.data("gttCancelRule", identity(rule_id))
    assert official.data("gttDetails", rule_id)["status"] == "CANCELLED"
    again = official.gttCancelRule(identity(rule_id))
    assert (again["status"], again["errorcode"]) == (False, "AB9013")


def test_gtt_lists_by_state_and_page(official: OfficialClient) -> None:
    alive = [official.gttCreateRule(rule(qty=quantity)) for quantity in (11, 12, 13)]
    listed = [row["id"] for row in official.data("gttLists", ["NEW", "ACTIVE"], 1, 100)]
    assert sorted(listed) == alive
    assert [row["id"] for row in official.data("gttLists", ["NEW"], 2, 2)] == listed[2:]
    everything = official.data("gttLists", ["FORALL"], 1, 100)
    assert {row["id"] for row in everything} >= set(alive)
    for rule_id in alive:
        official.data("gttCancelRule", identity(rule_id))
    assert official.data("gttLists", ["NEW"], 1, 10) is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"qty": 0}, "AB9006"),
        ({"disclosedqty": 11}, "AB9007"),
        ({"price": -1}, "AB9008"),
        ({"triggerprice": "x"}, "AB9009"),
        ({"exchange": "NFO"}, "AB9010"),
        ({"symboltoken": "1"}, "AB9011"),
        ({"tradingsymbol": "SBIN"}, "AB9012"),
        ({"transactiontype": "HOLD"}, "AB9014"),
        ({"producttype": "INTRADAY"}, "AB9015"),
        ({"timeperiod": 366}, "AB9016"),
    ],
)
def test_gtt_refusals(official: OfficialClient, changes: dict[str, Any], code: str) -> None:
    """``gttCreateRule`` reads the id past the refusal, and so fails by a TypeError of its own."""
    with pytest.raises(OfficialError) as caught:
        official.gttCreateRule(rule(**changes))
    assert caught.value.kind == "TypeError"
    log = next(official.folder.glob("logs/*/app.log")).read_text(encoding="utf-8")
    assert f"'errorcode': '{code}'" in log.splitlines()[-1]


def test_gtt_fires(official: OfficialClient, broker_side: Served) -> None:
    last = official.data("ltpData", *SBIN.params.values())["ltp"]
    price = str(round(last * 0.995))
    rule_id = official.gttCreateRule(rule(price=price, triggerprice=price))
    broker_side.sandbox.exchange.move_price("NSE:SBIN", Decimal(price) - 2)
    broker_side.sandbox.clock.advance(5)
    assert official.data("gttDetails", rule_id)["status"] == "SENTTOEXCHANGE"
    row = official.data("orderBook")[-1]
    assert row | SBIN.params == row
    assert (row["quantity"], row["producttype"], row["price"]) == ("10", "DELIVERY", float(price))


# -- margin, charges, conversion


def test_margin_of_a_batch(official: OfficialClient) -> None:
    short = {
        "exchange": "NFO", "qty": 75, "price": 0, "productType": "CARRYFORWARD",
        "token": NIFTY_CALL.symboltoken, "tradeType": "SELL",
    }  # fmt: skip
    alone = official.data("getMarginApi", {"positions": [short]})
    hedge = short | {"token": "42886", "tradeType": "BUY", "orderType": "LIMIT"}
    both = official.data("getMarginApi", {"positions": [short, hedge]})
    assert set(alone["marginComponents"]) == {
        "netPremium", "spanMargin", "marginBenefit", "deliveryMargin", "nonNFOMargin",
        "totOptionsPremium",
    }  # fmt: skip
    assert 0 < both["totalMarginRequired"] < alone["totalMarginRequired"]
    assert both["marginComponents"]["marginBenefit"] > 0


def test_charges(official: OfficialClient) -> None:
    order = {
        "product_type": "DELIVERY", "transaction_type": "BUY", "quantity": "10", "price": "800",
        "exchange": "NSE", "symbol_name": "SBIN", "token": "3045",
    }  # fmt: skip
    data = official.data("estimateCharges", {"orders": [order, order]})
    assert data["summary"]["trade_value"] == 16000
    assert [bill["trade_value"] for bill in data["charges"]] == [8000, 8000]
    names = [group["name"] for group in data["summary"]["breakup"]]
    assert names == ["Angel One Brokerage", "External Charges", "Taxes"]
    total = sum(group["amount"] for group in data["summary"]["breakup"])
    assert data["summary"]["total_charges"] == pytest.approx(total, abs=0.02)


def test_position_is_converted(official: OfficialClient) -> None:
    params = order_params(INFY, "BUY", ordertype="MARKET", quantity="6")
    assert official.placeOrder(params) is not None
    row = _position(official, "INTRADAY")
    passed_through = (
        "symbolname", "instrumenttype", "priceden", "pricenum", "genden", "gennum", "precision",
        "multiplier", "boardlotsize", "buyqty", "sellqty", "buyamount", "sellamount",
    )  # fmt: skip
    asked = {name: row[name] for name in passed_through} | INFY.params
    asked |= {"oldproducttype": "INTRADAY", "newproducttype": "DELIVERY", "type": "DAY"}
    asked |= {"transactiontype": "BUY"}
    assert official.data("convertPosition", asked | {"quantity": 4}) is None
    assert _position(official, "INTRADAY")["netqty"] == "2"
    assert _position(official, "DELIVERY")["netqty"] == "4"
    too_many = official.convertPosition(asked | {"quantity": 3})
    assert (too_many["status"], too_many["errorcode"]) == (False, "AB1017"), too_many


def _position(official: OfficialClient, product: str) -> dict[str, Any]:
    rows = [
        row
        for row in official.data("position")
        if row | INFY.params == row and row["producttype"] == product
    ]
    assert len(rows) == 1
    found: dict[str, Any] = rows[0]
    return found


# -- statistics


def test_option_greeks(official: OfficialClient) -> None:
    rows = official.data("optionGreek", {"name": "TCS", "expirydate": "24NOV2026"})
    assert all(isinstance(value, str) for row in rows for value in row.values())
    calls = sorted(
        (float(row["strikePrice"]), float(row["delta"]))
        for row in rows
        if row["optionType"] == "CE"
    )
    deltas = [delta for _, delta in calls]
    assert deltas == sorted(deltas, reverse=True), "a call's delta falls as its strike rises"
    reply = official.optionGreek({"name": "TCS", "expirydate": "01JAN2020"})
    assert (reply["status"], reply["errorcode"]) == (False, "AB1004")


@pytest.mark.parametrize("expiry", ["NEAR", "NEXT", "FAR"])
def test_gainers_and_losers(official: OfficialClient, expiry: str) -> None:
    signs = {
        "PercOIGainers": 1, "PercOILosers": -1, "PercPriceGainers": 1, "PercPriceLosers": -1,
    }  # fmt: skip
    found = 0
    for kind, sign in signs.items():
        rows = official.data("gainersLosers", {"datatype": kind, "expirytype": expiry})
        moves = [sign * row["percentChange"] for row in rows]
        assert moves == sorted(moves, reverse=True)
        assert all(move >= 0 for move in moves)
        assert all(isinstance(row["symbolToken"], int) for row in rows)
        found += len(rows)
    assert found


def test_every_future_is_in_one_build_up(official: OfficialClient) -> None:
    kinds = ("Long Built Up", "Short Built Up", "Short Covering", "Long Unwinding")
    rows = [
        row
        for kind in kinds
        for row in official.data("oIBuildup", {"datatype": kind, "expirytype": "NEAR"})
    ]
    assert all(isinstance(value, str) for row in rows for value in row.values())
    symbols = [row["tradingSymbol"] for row in rows]
    assert "NIFTY24NOV26FUT" in symbols
    assert len(symbols) == len(set(symbols))


def test_put_call_ratio(official: OfficialClient) -> None:
    ratios = {row["tradingSymbol"]: row["pcr"] for row in official.data("putCallRatio")}
    assert ratios["NIFTY24NOV26FUT"] > 0


def test_intraday_lists(official: OfficialClient) -> None:
    assert {row["exchange"] for row in official.data("nseIntraday")} == {"NSE"}
    assert {row["exchange"] for row in official.data("bseIntraday")} == {"BSE"}
