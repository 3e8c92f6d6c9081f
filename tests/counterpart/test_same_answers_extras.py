"""What both clients' users are told beside trading is the same: history, GTT, margin, statistics.

As :mod:`test_same_answers`, after the same day.  openbroker's side is the adapter's flows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from flow_client import FlowClient, flow_client
from intents import INFY, NIFTY_CALL, NIFTY_FUTURE, SBIN, order_params
from meanings import (
    LISTED,
    PRODUCTS,
    Meaning,
    Row,
    check_nothing_is_left_out,
    means,
    number,
    text,
    told,
)
from sandboxes import DAY
from trading_day import Day

from openbroker.schemas import (
    INDIA,
    GttChange,
    GttRequest,
    Interval,
    OrderRequest,
    Product,
    Window,
)

pytestmark = pytest.mark.official

INTERVALS = {
    "ONE_MINUTE": "1m", "THREE_MINUTE": "3m", "FIVE_MINUTE": "5m", "TEN_MINUTE": "10m",
    "FIFTEEN_MINUTE": "15m", "THIRTY_MINUTE": "30m", "ONE_HOUR": "1h", "ONE_DAY": "1d",
}  # fmt: skip


def moment(key: str) -> Any:
    return lambda row: dt.datetime.fromisoformat(row[key])


RULE: Meaning = {
    **LISTED,
    "gtt_id": lambda row: str(row["id"]),
    "status": lambda row: {
        "NEW": "ACTIVE", "ACTIVE": "ACTIVE", "SENTTOEXCHANGE": "TRIGGERED",
        "CANCELLED": "CANCELLED",
    }[row["status"]],
    "side": text("transactiontype"),
    "product": lambda row: PRODUCTS[row["producttype"]],
    "quantity": number("qty"),
    "disclosed_quantity": number("disclosedqty"),
    "price": number("price"),
    "trigger_price": number("triggerprice"),
    "placed_at": moment("createddate"),
    "updated_at": moment("updateddate"),
    "valid_until": moment("expirydate"),
}  # fmt: skip

GREEKS: Meaning = {
    "underlying": text("name"),
    "expiry": lambda row: (
        dt.datetime.strptime(row["expiry"], "%d%b%Y").replace(tzinfo=INDIA).date()
    ),
    "strike": number("strikePrice"),
    "right": text("optionType"),
    "delta": number("delta"),
    "gamma": number("gamma"),
    "theta": number("theta"),
    "vega": number("vega"),
    "implied_volatility": number("impliedVolatility"),
    "volume": number("tradeVolume"),
}

MOVER: Meaning = {
    "token": lambda row: str(row["symbolToken"]),
    "broker_symbol": text("tradingSymbol"),
    "change_percent": number("percentChange"),
    "open_interest": number("opnInterest"),
    "open_interest_change": number("netChangeOpnInterest"),
}
BUILD_UP: Meaning = {**MOVER, "last_price": number("ltp"), "change": number("netChange")}
RATIO: Meaning = {"broker_symbol": text("tradingSymbol"), "ratio": number("pcr")}
LEVERAGE: Meaning = {
    "exchange": text("exchange"),
    "broker_symbol": text("SymbolName"),
    "multiplier": number("Multiplier"),
}
TOTAL: Meaning = {
    "value": number("totalholdingvalue"),
    "invested": number("totalinvvalue"),
    "pnl": number("totalprofitandloss"),
    "pnl_percent": number("totalpnlpercentage"),
}


def compare_rows(meaning: Meaning, theirs: list[Row], ours: Any) -> None:
    assert len(theirs) == len(ours) > 0
    for raw, row in zip(theirs, ours, strict=True):
        assert told(meaning, row) == means(meaning, raw)
        check_nothing_is_left_out({**meaning, "exchange": None, "broker_symbol": None}, row)


@pytest.fixture(scope="module")
def ours(day: Day) -> Iterator[FlowClient]:
    with flow_client(day.places[1], day.broker.login()) as client:
        yield client


# -- history


def _asked(listed: Mapping[str, str], interval: str) -> dict[str, str]:
    start = DAY - dt.timedelta(days=4)
    return {
        **listed,
        "interval": interval,
        "fromdate": f"{start} 09:15",
        "todate": f"{DAY} 15:30",
    }


WINDOW = Window(
    start=dt.datetime.combine(DAY - dt.timedelta(days=4), dt.time(9, 15), INDIA),
    end=dt.datetime.combine(DAY, dt.time(15, 30), INDIA),
)


@pytest.mark.parametrize("interval", INTERVALS)
def test_candles(day: Day, ours: FlowClient, interval: str) -> None:
    listed = {"exchange": "NSE", "symboltoken": SBIN.symboltoken}
    theirs = day.official.data("getCandleData", _asked(listed, interval))
    kind = Interval(INTERVALS[interval])
    candles = ours("history", ours.instrument(SBIN.symbol), kind, WINDOW)
    assert len(theirs) > 0
    assert [
        [c.timestamp.isoformat(), c.open, c.high, c.low, c.close, c.volume] for c in candles
    ] == [[row[0], *(Decimal(str(figure)) for figure in row[1:])] for row in theirs]


def test_open_interest(day: Day, ours: FlowClient) -> None:
    listed = {"exchange": "NFO", "symboltoken": NIFTY_FUTURE.symboltoken}
    theirs = day.official.data("getOIData", _asked(listed, "THIRTY_MINUTE"))
    future = ours.instrument(NIFTY_FUTURE.symbol)
    rows = ours("open_interest", future, Interval.M30, WINDOW)
    assert [(row.timestamp.isoformat(), row.oi) for row in rows] == [
        (row["time"], row["oi"]) for row in theirs
    ]


# -- GTT


def _rule(**changes: Any) -> GttRequest:
    asked = {
        "symbol": SBIN.symbol, "side": "BUY", "quantity": 10, "price": 780, "trigger_price": 785,
        "product": "CNC", "valid_days": 365,
    }  # fmt: skip
    return GttRequest(**asked | changes)


def test_rules(day: Day, ours: FlowClient) -> None:
    instrument = ours.instrument(SBIN.symbol)
    figures = {"price": 780, "qty": 10, "disclosedqty": 10, "triggerprice": 785, "timeperiod": 365}
    buy = {**SBIN.params, "producttype": "DELIVERY", "transactiontype": "BUY", **figures}
    theirs = [
        day.official.gttCreateRule(params)
        for params in (buy, buy | {"transactiontype": "SELL", "producttype": "MARGIN"}, buy)
    ]
    rules = (_rule(), _rule(side="SELL", product="MTF"), _rule())
    acks = [ours("place_gtt", rule.on(instrument)) for rule in rules]
    assert [ack.order_id for ack in acks] == [str(rule_id) for rule_id in theirs]

    which = {"id": theirs[0], "symboltoken": SBIN.symboltoken, "exchange": "NSE"}
    changed = {"price": "781.5", "qty": 12, "disclosedqty": 12, "triggerprice": "786"}
    day.official.gttModifyRule(which | changed)
    change = GttChange(price="781.5", quantity=12, trigger_price=786)
    ours("modify_gtt", ours("gtt", acks[0].order_id), change)
    day.official.data("gttCancelRule", which | {"id": theirs[2]})
    ours("cancel_gtt", ours("gtt", acks[2].order_id))

    states = ["NEW", "ACTIVE", "SENTTOEXCHANGE"]
    compare_rows(RULE, day.official.data("gttLists", states, 1, 50), ours("gtts"))
    states.append("CANCELLED")
    everything = day.official.data("gttLists", states, 1, 50)
    compare_rows(RULE, everything, ours("gtts", done=True))
    assert {row["status"] for row in everything} == {"NEW", "CANCELLED"}
    one = day.official.data("gttDetails", theirs[0])
    compare_rows(RULE, [one], [ours("gtt", acks[0].order_id)])


# -- margin, charges, conversion


def _order(ours: FlowClient, symbol: str, **asked: Any) -> OrderRequest:
    return OrderRequest(symbol=symbol, **asked).on(ours.instrument(symbol))


def test_margin(day: Day, ours: FlowClient) -> None:
    short = {
        "exchange": "NFO", "qty": 75, "price": 0, "productType": "CARRYFORWARD",
        "token": NIFTY_FUTURE.symboltoken, "tradeType": "SELL", "orderType": "MARKET",
    }  # fmt: skip
    long = short | {
        "price": 190.5, "token": NIFTY_CALL.symboltoken, "tradeType": "BUY", "orderType": "LIMIT",
    }  # fmt: skip
    raw = day.official.data("getMarginApi", {"positions": [short, long]})
    common: dict[str, Any] = {"quantity": 75, "product": "NRML"}
    margin = ours(
        "margin",
        [
            _order(ours, NIFTY_FUTURE.symbol, side="SELL", order_type="MARKET", **common),
            _order(
                ours, NIFTY_CALL.symbol, side="BUY", order_type="LIMIT", price="190.5", **common
            ),
        ],
    )
    components = raw["marginComponents"]
    assert (margin.total, margin.span, margin.premium, margin.benefit) == (
        number("totalMarginRequired")(raw),
        *(number(part)(components) for part in ("spanMargin", "netPremium", "marginBenefit")),
    )
    assert margin.total > 0


def test_charges(day: Day, ours: FlowClient) -> None:
    params = {
        "product_type": "DELIVERY", "transaction_type": "BUY", "quantity": "10", "price": "800.5",
        "exchange": "NSE", "symbol_name": "SBIN", "token": SBIN.symboltoken,
    }  # fmt: skip
    summary = day.official.data("estimateCharges", {"orders": [params]})["summary"]
    asked: dict[str, Any] = {"side": "BUY", "quantity": 10, "order_type": "LIMIT"}
    order = _order(ours, SBIN.symbol, product="CNC", price="800.5", **asked)
    charges = ours("charges", [order])
    assert (charges.total, charges.turnover) == (
        number("total_charges")(summary), number("trade_value")(summary),
    )  # fmt: skip
    parts = [part for group in summary["breakup"] for part in group["breakup"] or [group]]
    assert {item.name: item.amount for item in charges.items} == {
        part["name"]: number("amount")(part) for part in parts
    }


def test_conversion(day: Day, ours: FlowClient) -> None:
    assert day.official.placeOrder(order_params(INFY, "BUY", ordertype="MARKET", quantity="6"))
    day.broker.place_order(INFY.symbol, "BUY", 6, order_type="MARKET", product="MIS")
    row = next(
        row
        for row in day.official.data("position")
        if row | INFY.params == row and row["producttype"] == "INTRADAY"
    )
    asked = {key: row[key] for key in row if not key.endswith("price")} | {
        "oldproducttype": "INTRADAY", "newproducttype": "DELIVERY", "transactiontype": "BUY",
        "quantity": 4, "type": "DAY",
    }  # fmt: skip
    day.official.data("convertPosition", asked)
    position = next(
        position
        for position in day.broker.positions()
        if position.symbol == INFY.symbol and position.product is Product.MIS
    )
    ours("convert_position", position, Product.CNC, 4)
    theirs_now, ours_now = (
        {
            (p.instrument.symbol, p.product): p.net
            for p in place.sandbox.exchange.positions(place.sandbox.client.client_code)
        }
        for place in day.places
    )
    assert ours_now == theirs_now
    assert ours_now[INFY.symbol, Product.CNC] == 4


# -- statistics and lists


def test_option_greeks(day: Day, ours: FlowClient) -> None:
    theirs = day.official.data("optionGreek", {"name": "TCS", "expirydate": "24NOV2026"})
    compare_rows(GREEKS, theirs, ours("option_greeks", "TCS", dt.date(2026, 11, 24)))


@pytest.mark.parametrize("kind", ["PercOIGainers", "PercPriceGainers"])
def test_movers(day: Day, ours: FlowClient, kind: str) -> None:
    theirs = day.official.data("gainersLosers", {"datatype": kind, "expirytype": "NEAR"})
    compare_rows(MOVER, theirs, ours("movers", kind, "NEAR"))


def test_build_up(day: Day, ours: FlowClient) -> None:
    kinds = ("Long Built Up", "Short Built Up", "Short Covering", "Long Unwinding")
    asked = {
        kind: day.official.data("oIBuildup", {"datatype": kind, "expirytype": "NEAR"})
        for kind in kinds
    }
    assert any(asked.values())
    for kind, theirs in asked.items():
        if theirs:
            compare_rows(BUILD_UP, theirs, ours("open_interest_build_up", kind, "NEAR"))


def test_put_call_ratios(day: Day, ours: FlowClient) -> None:
    compare_rows(RATIO, day.official.data("putCallRatio"), ours("put_call_ratios"))


@pytest.mark.parametrize(("exchange", "method"), [("NSE", "nseIntraday"), ("BSE", "bseIntraday")])
def test_intraday_leverage(day: Day, ours: FlowClient, exchange: str, method: str) -> None:
    compare_rows(LEVERAGE, day.official.data(method), ours("intraday_leverage", exchange))


def test_holdings_total(day: Day, ours: FlowClient) -> None:
    raw = day.official.data("allholding")["totalholding"]
    assert told(TOTAL, ours("holdings_total")) == means(TOTAL, raw)


def test_search(day: Day, ours: FlowClient) -> None:
    compare_rows(LISTED, day.official.data("searchScrip", "NSE", "S"), ours("search", "NSE", "S"))


def test_last_price(day: Day, ours: FlowClient) -> None:
    raw = day.official.data("ltpData", *SBIN.params.values())
    figures: Meaning = {
        **LISTED,
        "last_price": number("ltp"),
        **{name: number(name) for name in ("open", "high", "low", "close")},
    }
    compare_rows(figures, [raw], [ours("last_price", ours.instrument(SBIN.symbol))])
