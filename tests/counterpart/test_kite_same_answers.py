"""What the users of kiteconnect and of openbroker are told is the same.

As :mod:`test_same_answers`: after the same day at Zerodha both read everything back.  The meanings
of the raw fields are kite.trade/docs/connect/v3's, written by hand, not taken from the adapter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from flow_client import FlowClient, flow_client
from kite_calls import QUOTED
from kite_intents import INFY, NIFTY_FUTURE
from meanings import (
    Meaning,
    Row,
    check_nothing_is_left_out,
    compare,
    means,
    number,
    priced,
    text,
    told,
)
from sandboxes import DAY
from trading_day import Day

from openbroker.schemas import INDIA, Interval, OrderRequest, Window

pytestmark = pytest.mark.official

LOTS = {"MCX": 100}
"""Units of a lot where Kite counts in lots: of crude oil, the only commodity here."""


def units(key: str) -> Callable[[Row], int]:
    return lambda row: row[key] * LOTS.get(row["exchange"], 1)


def time(key: str) -> Callable[[Row], dt.datetime | None]:
    """kiteconnect parses some times, and the driver tells them in ISO 8601."""
    return lambda row: (
        dt.datetime.fromisoformat(row[key]).replace(tzinfo=INDIA) if row[key] else None
    )


LISTED: Meaning = {"exchange": text("exchange"), "broker_symbol": text("tradingsymbol")}
STATES = {
    "OPEN": "OPEN", "COMPLETE": "FILLED", "TRIGGER PENDING": "TRIGGER_PENDING",
    "CANCELLED": "CANCELLED", "CANCELLED AMO": "CANCELLED", "REJECTED": "REJECTED",
}  # fmt: skip

ORDER: Meaning = {
    **LISTED,
    "order_id": text("order_id"),
    "status": lambda row: STATES[row["status"]],
    "side": text("transaction_type"),
    "order_type": text("order_type"),
    "product": text("product"),
    "validity": text("validity"),
    "quantity": units("quantity"),
    "filled_quantity": units("filled_quantity"),
    "pending_quantity": units("pending_quantity"),
    "cancelled_quantity": units("cancelled_quantity"),
    "disclosed_quantity": units("disclosed_quantity"),
    "price": priced("price"),
    "trigger_price": priced("trigger_price"),
    "average_price": priced("average_price"),
    "message": text("status_message"),
    "tag": text("tag"),
    "placed_at": time("order_timestamp"),
    "updated_at": time("exchange_update_timestamp"),
    "exchange_order_id": text("exchange_order_id"),
    "parent_order_id": text("parent_order_id"),
    "after_market": lambda row: row["variety"] == "amo",
    "handle": lambda row: {"variety": row["variety"]},
}

TRADE: Meaning = {
    **LISTED,
    "order_id": text("order_id"),
    "trade_id": text("trade_id"),
    "side": text("transaction_type"),
    "product": text("product"),
    "quantity": units("quantity"),
    "price": number("average_price"),
    "traded_at": time("fill_timestamp"),
    "exchange_order_id": text("exchange_order_id"),
}

POSITION: Meaning = {
    **LISTED,
    "product": text("product"),
    "quantity": units("quantity"),
    "overnight_quantity": units("overnight_quantity"),
    "buy_quantity": units("buy_quantity"),
    "sell_quantity": units("sell_quantity"),
    "buy_price": priced("buy_price"),
    "sell_price": priced("sell_price"),
    "average_price": priced("average_price"),
    "last_price": number("last_price"),
    "close_price": priced("close_price"),
    "pnl": number("pnl"),
    "realised_pnl": number("realised"),
    "unrealised_pnl": number("unrealised"),
}

HOLDING: Meaning = {
    **LISTED,
    "isin": text("isin"),
    "product": text("product"),
    "quantity": number("quantity"),
    "t1_quantity": number("t1_quantity"),
    "collateral_quantity": number("collateral_quantity"),
    "average_price": number("average_price"),
    "last_price": number("last_price"),
    "close_price": number("close_price"),
    "pnl": number("pnl"),
}

LAST_PRICE: Meaning = {"token": lambda row: str(row["instrument_token"]),
                       "last_price": number("last_price")}  # fmt: skip
DAY_FIGURES: Meaning = LAST_PRICE | {
    name: lambda row, name=name: Decimal(str(row["ohlc"][name]))
    for name in ("open", "high", "low", "close")
}
QUOTES: Mapping[str, tuple[str, Meaning]] = {
    "LTP": ("ltp", LAST_PRICE),
    "OHLC": ("ohlc", DAY_FIGURES),
    "FULL": (
        "quote",
        {
            **DAY_FIGURES,
            "change": number("net_change"),
            "volume": number("volume"),
            "open_interest": number("oi"),
            "last_quantity": number("last_quantity"),
            "average_price": priced("average_price"),
            "total_buy_quantity": number("buy_quantity"),
            "total_sell_quantity": number("sell_quantity"),
            "lower_circuit": priced("lower_circuit_limit"),
            "upper_circuit": priced("upper_circuit_limit"),
            "traded_at": time("last_trade_time"),
            "updated_at": time("timestamp"),
            "depth": lambda row: tuple(map(_levels, (row["depth"]["buy"], row["depth"]["sell"]))),
        },
    ),
}


def _levels(rows: list[Row]) -> list[tuple[Decimal, int]]:
    return [(Decimal(str(row["price"])), row["quantity"]) for row in rows if row["quantity"]]


def test_order_book(kite_day: Day) -> None:
    compare(ORDER, kite_day.official.orders(), kite_day.broker.orders())


def test_one_order(kite_day: Day) -> None:
    for row in kite_day.official.orders()[::5]:
        theirs = kite_day.official.order_history(row["order_id"])[-1]
        compare(ORDER, [theirs], [kite_day.broker.order(row["order_id"])])


def test_trades(kite_day: Day) -> None:
    compare(TRADE, kite_day.official.trades(), kite_day.broker.trades())


def test_positions(kite_day: Day) -> None:
    compare(POSITION, kite_day.official.positions()["net"], kite_day.broker.positions())


def test_holdings(kite_day: Day) -> None:
    compare(HOLDING, kite_day.official.holdings(), kite_day.broker.holdings())


def test_funds(kite_day: Day) -> None:
    raw, ours = kite_day.official.margins(), kite_day.broker.funds()

    def both(*keys: str) -> Decimal:
        total = Decimal(0)
        for segment in raw.values():
            value: Any = segment
            for key in keys:
                value = value[key]
            total += Decimal(str(value))
        return total

    assert (ours.available, ours.cash, ours.utilised, ours.collateral, ours.payin) == (
        both("net"), both("available", "cash"), both("utilised", "debits"),
        both("available", "collateral"), both("available", "intraday_payin"),
    )  # fmt: skip
    assert ours.realised_pnl == both("utilised", "m2m_realised")
    assert ours.available != ours.cash


def test_profile(kite_day: Day) -> None:
    raw, ours = kite_day.official.profile(), kite_day.broker.profile()
    assert ours.account == kite_day.places[1].sandbox.client.client_code
    assert ours.name == raw["user_name"]
    assert [word.value for word in ours.exchanges] == [w for w in raw["exchanges"] if w != "MF"]
    assert [word.value for word in ours.products] == [w for w in raw["products"] if w != "CO"]


@pytest.mark.parametrize("mode", QUOTES)
def test_quotes(kite_day: Day, mode: str) -> None:
    names = (
        "NSE:INFY", "NSE:M&M", "NSE_INDEX:NIFTY", "NFO:NIFTY24NOV2626000CE",
        "MCX:CRUDEOIL18DEC26FUT",
    )  # fmt: skip
    method, meaning = QUOTES[mode]
    theirs = kite_day.official.call(method, *QUOTED)
    ours = kite_day.broker.quotes(names, mode)
    for key, quote in zip(QUOTED, ours, strict=True):
        said = told(meaning, quote)
        if quote.depth is not None:
            said["depth"] = tuple(
                [(level.price, level.quantity) for level in side]
                for side in (quote.depth.bids, quote.depth.asks)
            )
        assert said == means(meaning, theirs[key])
        check_nothing_is_left_out({**meaning, **LISTED}, quote)


# -- beside trading; openbroker's side is the adapter's flows


@pytest.fixture(scope="module")
def ours(kite_day: Day) -> Iterator[FlowClient]:
    with flow_client(kite_day.places[1], kite_day.broker.login()) as client:
        yield client


LENGTHS = {
    "minute": "1m", "3minute": "3m", "5minute": "5m", "10minute": "10m", "15minute": "15m",
    "30minute": "30m", "60minute": "1h", "day": "1d",
}  # fmt: skip
SPAN = (dt.datetime.combine(DAY - dt.timedelta(days=4), dt.time(9, 15), INDIA),
        dt.datetime.combine(DAY, dt.time(15, 30), INDIA))  # fmt: skip


@pytest.mark.parametrize("interval", LENGTHS)
@pytest.mark.parametrize("where", [INFY, NIFTY_FUTURE], ids=["share", "future"])
def test_candles(kite_day: Day, ours: FlowClient, interval: str, where: Any) -> None:
    start, end = (moment.strftime("%Y-%m-%d %H:%M:%S") for moment in SPAN)
    is_future = where is NIFTY_FUTURE
    theirs = kite_day.official.historical_data(where.token, start, end, interval, oi=is_future)
    window = Window(start=SPAN[0], end=SPAN[1])
    one = ours.instrument(where.symbol)
    candles = ours("history", one, Interval(LENGTHS[interval]), window)
    assert len(theirs) > 0
    assert [
        (c.timestamp.isoformat(), c.open, c.high, c.low, c.close, c.volume, c.oi) for c in candles
    ] == [
        (
            row["date"],
            *(Decimal(str(row[name])) for name in ("open", "high", "low", "close")),
            row["volume"],
            row.get("oi"),
        )
        for row in theirs
    ]


def test_margin_and_charges(kite_day: Day, ours: FlowClient) -> None:
    params = {
        **NIFTY_FUTURE.params, "transaction_type": "SELL", "variety": "regular", "product": "NRML",
        "order_type": "LIMIT", "quantity": 75, "price": 25900,
    }  # fmt: skip
    order = OrderRequest(
        symbol=NIFTY_FUTURE.symbol, side="SELL", quantity=75, order_type="LIMIT", product="NRML",
        price=25900,
    ).on(ours.instrument(NIFTY_FUTURE.symbol))  # fmt: skip
    basket = kite_day.official.basket_order_margins([params])["final"]
    margin = ours("margin", [order])
    assert (margin.total, margin.span, margin.exposure, margin.premium, margin.benefit) == (
        *(Decimal(str(basket[name])) for name in ("total", "span", "exposure", "option_premium")),
        0,
    )
    noted = params | {"order_id": "1", "average_price": 25900}
    [note] = kite_day.official.get_virtual_contract_note([noted])
    charges = ours("charges", [order])
    assert charges.total == Decimal(str(note["charges"]["total"]))
    parts = {item.name: item.amount for item in charges.items}
    flat = note["charges"] | {"gst": note["charges"]["gst"]["total"]}
    assert parts == {name: Decimal(str(flat[name])) for name in parts}


RULE: Meaning = {
    "gtt_id": lambda row: str(row["id"]),
    "status": lambda row: {"active": "ACTIVE", "deleted": "CANCELLED"}[row["status"]],
    "exchange": lambda row: row["condition"]["exchange"],
    "broker_symbol": lambda row: row["condition"]["tradingsymbol"],
    "side": lambda row: row["orders"][0]["transaction_type"],
    "product": lambda row: row["orders"][0]["product"],
    "quantity": lambda row: row["orders"][0]["quantity"],
    "price": lambda row: Decimal(str(row["orders"][0]["price"])),
    "trigger_price": lambda row: Decimal(str(row["condition"]["trigger_values"][0])),
    "placed_at": time("created_at"),
    "updated_at": time("updated_at"),
    "valid_until": time("expires_at"),
}


def test_triggers(kite_day: Day) -> None:
    """Each client makes one, changes it and takes it back; both read the same at every step."""
    kite, broker = kite_day.official, kite_day.broker
    leg = {"transaction_type": "BUY", "quantity": 2, "order_type": "LIMIT", "product": "CNC"}
    at, last = ("single", "INFY", "NSE"), kite.ltp("NSE:INFY")["NSE:INFY"]["last_price"]
    number = kite.place_gtt(*at, [1400.5], last, [leg | {"price": 1400}])["trigger_id"]
    ack = broker.place_gtt("NSE:INFY", "BUY", 2, price=1400, trigger_price="1400.5", product="CNC")
    assert ack.order_id == str(number)
    compare(RULE, [kite.get_gtt(number)], [broker.gtt(ack)])
    kite.modify_gtt(number, *at, [1410.0], last, [leg | {"price": 1409.5}])
    broker.modify_gtt(ack, price="1409.5", trigger_price=1410)
    compare(RULE, kite.get_gtts(), broker.gtts())
    kite.delete_gtt(number)
    broker.cancel_gtt(ack)
    compare(RULE, kite.get_gtts(), broker.gtts(done=True))
    assert len(broker.gtts()) == 0
