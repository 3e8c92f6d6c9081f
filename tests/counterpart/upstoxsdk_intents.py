"""What a trader wants at Upstox, said twice: to openbroker, and to the official client.

As :mod:`intents`: the second saying is written by hand, with the fields of the official client's
``PlaceOrderV3Request``, so that nothing of openbroker's tables stands on both sides of a
comparison.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from openbroker.schemas import Exchange, Instrument, InstrumentType, Right


@frozen(kw_only=True)
class Listing:
    """One contract by openbroker's symbol and by Upstox's key."""

    symbol: str
    key: str
    instrument: Instrument


def listing(
    symbol: str,
    key: str,
    *,
    tick: str = "0.05",
    kind: InstrumentType = InstrumentType.EQUITY,
    **more: Any,
) -> Listing:
    exchange, name = symbol.split(":")
    made = Instrument(
        exchange=Exchange(exchange),
        symbol=symbol,
        type=kind,
        token=key,
        broker_symbol=name,
        tick_size=Decimal(tick),
        **more,
    )
    return Listing(symbol=symbol, key=key, instrument=made)


def future(symbol: str, key: str, lot: int, expiry: dt.date, **more: Any) -> Listing:
    return listing(
        symbol, key, kind=InstrumentType.FUTURE, lot_size=lot, expiry=expiry,
        underlying=symbol.partition(":")[2][:-10], **more,
    )  # fmt: skip


def call_option(symbol: str, key: str, lot: int, expiry: dt.date, strike: int) -> Listing:
    return listing(
        symbol, key, kind=InstrumentType.OPTION, lot_size=lot, expiry=expiry,
        strike=Decimal(strike), right=Right.CE, underlying="NIFTY",
    )  # fmt: skip


NOV, DEC = dt.date(2026, 11, 24), dt.date(2026, 12, 29)
SBIN = listing("NSE:SBIN", "NSE_EQ|INE062A01020")
INFY = listing("NSE:INFY", "NSE_EQ|INE009A01021")
INFY_BSE = listing("BSE:INFY", "BSE_EQ|INE009A01021")
NIFTY = listing("NSE_INDEX:NIFTY", "NSE_INDEX|Nifty 50", kind=InstrumentType.INDEX)
NIFTY_FUTURE = future("NFO:NIFTY29DEC26FUT", "NSE_FO|52175", 65, DEC)
NIFTY_CALL = call_option("NFO:NIFTY24NOV2626000CE", "NSE_FO|42864", 65, NOV, 26000)
SENSEX_FUTURE = future("BFO:SENSEX26NOV26FUT", "BSE_FO|861201", 20, dt.date(2026, 11, 26))
CRUDE_FUTURE = future("MCX:CRUDEOIL18DEC26FUT", "MCX_FO|449735", 100, dt.date(2026, 12, 18),
                      tick="1")  # fmt: skip
DOLLAR_FUTURE = future("CDS:USDINR29DEC26FUT", "NCD_FO|2674", 1000, DEC, tick="0.0025")


def order_fields(
    where: Listing, side: str, quantity: int, product: str, **more: Any
) -> dict[str, Any]:
    """An order as the official client takes it: all that it requires, a LIMIT order for the day
    unless changed."""
    return {
        "quantity": quantity,
        "product": product,
        "validity": "DAY",
        "price": 0,
        "instrument_token": where.key,
        "order_type": "LIMIT",
        "transaction_type": side,
        "disclosed_quantity": 0,
        "trigger_price": 0,
        "is_amo": False,
    } | more


@frozen(kw_only=True)
class Placing:
    """An order to place: ``ours`` are arguments of ``Broker.place_order``, ``theirs`` the fields of
    a ``PlaceOrderV3Request``."""

    name: str
    where: Listing
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]


def placing(
    name: str, where: Listing, ours: Mapping[str, Any], product: str, **theirs: Any
) -> Placing:
    """``product`` is theirs, and so is a ``quantity`` that is counted in lots."""
    quantity = theirs.pop("quantity", ours["quantity"])
    told = order_fields(where, ours["side"], quantity, product, **theirs)
    return Placing(name=name, where=where, ours=ours, theirs=told)


def asked(side: str, quantity: int, order_type: str, product: str, **more: Any) -> dict[str, Any]:
    named = {"side": side, "quantity": quantity, "order_type": order_type, "product": product}
    return named | more


PLACINGS: Final = (
    placing(
        "market buy with the broker's band",
        SBIN,
        asked("BUY", 10, "MARKET", "MIS", market_protection="broker"),
        "I",
        order_type="MARKET",
        market_protection=-1,
    ),
    placing(
        "market sell with two per cent",
        INFY_BSE,
        asked("SELL", 5, "MARKET", "MIS", market_protection=2),
        "I",
        order_type="MARKET",
        market_protection=2,
    ),
    placing(
        "limit buy that rests",
        INFY,
        asked("BUY", 3, "LIMIT", "CNC", price="1450.5"),
        "D",
        price=1450.5,
    ),
    placing(
        "limit sell of a holding",
        SBIN,
        asked("SELL", 4, "LIMIT", "CNC", price="850"),
        "D",
        price=850,
    ),
    placing(
        "immediate or cancel",
        SBIN,
        asked("BUY", 2, "LIMIT", "MIS", price="780.05", validity="IOC"),
        "I",
        price=780.05,
        validity="IOC",
    ),
    placing(
        "on margin", INFY, asked("BUY", 1, "LIMIT", "MTF", price="1440.1"), "MTF", price=1440.1
    ),
    placing(
        "stop limit buy",
        SBIN,
        asked("BUY", 6, "SL", "MIS", price="842", trigger_price="840.5"),
        "I",
        order_type="SL",
        price=842,
        trigger_price=840.5,
    ),
    placing(
        "stop limit sell",
        INFY,
        asked("SELL", 7, "SL", "CNC", price="1448", trigger_price="1450"),
        "D",
        order_type="SL",
        price=1448,
        trigger_price=1450,
    ),
    placing(
        "stop market buy",
        SBIN,
        asked("BUY", 8, "SL-M", "MIS", trigger_price="845", market_protection="broker"),
        "I",
        order_type="SL-M",
        trigger_price=845,
        market_protection=-1,
    ),
    placing(
        "stop market sell on BSE",
        INFY_BSE,
        asked("SELL", 2, "SL-M", "MIS", trigger_price="1460", market_protection="2.5"),
        "I",
        order_type="SL-M",
        trigger_price=1460,
        market_protection=2.5,
    ),
    placing(
        "index future",
        NIFTY_FUTURE,
        asked("BUY", 65, "LIMIT", "NRML", price="25900"),
        "D",
        price=25900,
    ),
    placing(
        "index option at the market",
        NIFTY_CALL,
        asked("BUY", 65, "MARKET", "MIS", market_protection="broker"),
        "I",
        order_type="MARKET",
        market_protection=-1,
    ),
    placing(
        "stop on an option",
        NIFTY_CALL,
        asked("SELL", 130, "SL", "NRML", price="68.05", trigger_price="70"),
        "D",
        order_type="SL",
        price=68.05,
        trigger_price=70,
    ),
    placing(
        "BSE index future",
        SENSEX_FUTURE,
        asked("SELL", 20, "LIMIT", "NRML", price="86000"),
        "D",
        price=86000,
    ),
    placing(
        "commodity future",
        CRUDE_FUTURE,
        asked("BUY", 200, "LIMIT", "NRML", price="5300"),
        "D",
        quantity=2,
        price=5300,
    ),
    placing(
        "currency future",
        DOLLAR_FUTURE,
        asked("SELL", 3000, "LIMIT", "NRML", price="88.5025"),
        "D",
        quantity=3,
        price=88.5025,
    ),
    placing(
        "partly disclosed",
        SBIN,
        asked("BUY", 100, "LIMIT", "MIS", price="790", disclosed_quantity=20),
        "I",
        price=790,
        disclosed_quantity=20,
    ),
    placing(
        "labelled",
        INFY,
        asked("BUY", 1, "LIMIT", "MIS", price="1440", tag="algo1"),
        "I",
        price=1440,
        tag="algo1",
    ),
    placing(
        "after market",
        SBIN,
        asked("BUY", 1, "LIMIT", "CNC", price="800", after_market=True),
        "D",
        price=800,
        is_amo=True,
    ),
    placing(
        "not to be sliced",
        NIFTY_FUTURE,
        asked("BUY", 6500, "LIMIT", "NRML", price="25000"),
        "D",
        price=25000,
        slice=False,
    ),
)


def by_name(name: str) -> Placing:
    return {placing.name: placing for placing in PLACINGS}[name]


@frozen(kw_only=True)
class Changing:
    """A modification of a placed order: what changes, and the fields of a ``ModifyOrderRequest``,
    of which the official client requires four even where they stay."""

    name: str
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]


def changing(placed: Placing, ours: Mapping[str, Any], **theirs: Any) -> Changing:
    names = ("validity", "price", "order_type", "trigger_price")
    kept = {name: placed.theirs[name] for name in names}
    return Changing(name=placed.name, ours=ours, theirs=kept | theirs)


def _changing(name: str, ours: Mapping[str, Any], **theirs: Any) -> Changing:
    return changing(by_name(name), ours, **theirs)


CHANGINGS: Final = (
    _changing("limit buy that rests", {"price": "1460", "quantity": 5}, price=1460, quantity=5),
    _changing(
        "stop limit buy",
        {"trigger_price": "838", "price": "839.5"},
        trigger_price=838,
        price=839.5,
    ),
    _changing("stop market buy", {"trigger_price": "846.5"}, trigger_price=846.5),
    _changing(
        "labelled",
        {"order_type": "SL", "price": "1590", "trigger_price": "1585"},
        order_type="SL",
        price=1590,
        trigger_price=1585,
    ),
    _changing(
        "stop limit sell",
        {"order_type": "LIMIT", "price": "1449.5"},
        order_type="LIMIT",
        price=1449.5,
        trigger_price=0,
    ),
    _changing("commodity future", {"quantity": 100}, quantity=1),
    _changing("index future", {"quantity": 130}, quantity=130),
    _changing("on margin", {"validity": "IOC"}, validity="IOC"),
    _changing("partly disclosed", {"disclosed_quantity": 40}, disclosed_quantity=40),
    _changing("after market", {"price": "790"}, price=790),
    _changing(
        "limit sell of a holding",
        {"order_type": "MARKET", "market_protection": "broker"},
        order_type="MARKET",
        price=0,
        market_protection=-1,
    ),
    _changing(
        "stop on an option",
        {"order_type": "MARKET", "market_protection": 5},
        order_type="MARKET",
        price=0,
        trigger_price=0,
        market_protection=5,
    ),
)


@frozen(kw_only=True)
class Ruling:
    """A GTT rule to make while the last price is ``last_price``: ``ours`` are arguments of
    ``Broker.place_gtt``, ``theirs`` the fields of a ``GttPlaceOrderRequest`` and of its one leg."""

    name: str
    where: Listing
    last_price: float
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]
    leg: Mapping[str, Any]


def ruling(
    name: str, where: Listing, last_price: float, ours: Mapping[str, Any], product: str,
    trigger_type: str, trigger_price: float, quantity: int | None = None,
) -> Ruling:  # fmt: skip
    theirs = {
        "type": "SINGLE",
        "quantity": quantity or ours["quantity"],
        "product": product,
        "instrument_token": where.key,
        "transaction_type": ours["side"],
    }
    leg = {
        "strategy": "ENTRY",
        "trigger_type": trigger_type,
        "trigger_price": trigger_price,
        "market_protection": 0,
    }
    return Ruling(name=name, where=where, last_price=last_price, ours=ours, theirs=theirs, leg=leg)


def waits(side: str, quantity: int, at: str, product: str) -> dict[str, Any]:
    return {"side": side, "quantity": quantity, "price": at, "trigger_price": at,
            "product": product}  # fmt: skip


RULINGS: Final = (
    ruling("buy the dip", INFY, 1500.5, waits("BUY", 10, "1450.5", "CNC"), "D", "BELOW", 1450.5),
    ruling("sell the rise", INFY, 1500.5, waits("SELL", 4, "1600", "CNC"), "D", "ABOVE", 1600),
    ruling("for the day", SBIN, 800, waits("BUY", 1, "810.05", "MIS"), "I", "ABOVE", 810.05),
    ruling("on margin", SBIN, 800, waits("BUY", 1, "790", "MTF"), "MTF", "BELOW", 790),
    ruling(
        "option", NIFTY_CALL, 150, waits("SELL", 65, "120.05", "NRML"), "D", "BELOW", 120.05
    ),
    ruling(
        "commodity", CRUDE_FUTURE, 5500, waits("BUY", 200, "5400", "NRML"), "D", "BELOW", 5400, 2
    ),
)  # fmt: skip
