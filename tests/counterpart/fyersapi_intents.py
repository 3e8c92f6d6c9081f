"""What a trader wants at Fyers, said twice: to openbroker, and to the official client.

As :mod:`intents`: the second saying is written by hand, with the fields that the documentation's
samples give to fyers-apiv3's ``place_order``, so that nothing of openbroker's tables stands on both
sides of a comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from openbroker.schemas import Instrument
from openbroker.testing.cases import instrument_of

BUY, SELL = 1, -1
AS_LIMIT, AS_MARKET, AS_STOP, AS_STOP_LIMIT = 1, 2, 3, 4


@frozen(kw_only=True)
class Listing:
    """One contract by openbroker's symbol and by Fyers' ticker."""

    symbol: str
    ticker: str
    instrument: Instrument


def listing(symbol: str, ticker: str, kind: str = "EQUITY", **more: Any) -> Listing:
    row = {"exchange": symbol.partition(":")[0], "symbol": symbol, "type": kind,
           "token": ticker, "broker_symbol": ticker, "tick_size": "0.05"}  # fmt: skip
    return Listing(symbol=symbol, ticker=ticker, instrument=instrument_of(row | more))


def future(symbol: str, ticker: str, lot: int, expiry: str, tick: str = "0.05") -> Listing:
    return listing(symbol, ticker, "FUTURE", lot_size=lot, expiry=expiry, tick_size=tick)


def option(
    symbol: str,
    ticker: str,
    lot: int,
    expiry: str,
    right: str,
    strike: str,
    tick: str = "0.05",
) -> Listing:
    return listing(
        symbol, ticker, "OPTION", lot_size=lot, expiry=expiry, right=right, strike=strike,
        tick_size=tick,
    )  # fmt: skip


SBIN = listing("NSE:SBIN", "NSE:SBIN-EQ")
INFY = listing("NSE:INFY", "NSE:INFY-EQ")
MAHINDRA = listing("NSE:M&M", "NSE:M&M-EQ")
INFY_BSE = listing("BSE:INFY", "BSE:INFY-A")
GTLINFRA = listing("NSE:GTLINFRA", "NSE:GTLINFRA-BE")
NIFTY = listing("NSE_INDEX:NIFTY", "NSE:NIFTY50-INDEX", "INDEX")
NIFTY_FUTURE = future("NFO:NIFTY29DEC26FUT", "NSE:NIFTY26DECFUT", 65, "2026-12-29")
NIFTY_CALL = option(
    "NFO:NIFTY24NOV2626000CE", "NSE:NIFTY26NOV26000CE", 65, "2026-11-24", "CE", "26000"
)
NIFTY_WEEKLY = option(
    "NFO:NIFTY01DEC2626000PE", "NSE:NIFTY26D0126000PE", 65, "2026-12-01", "PE", "26000"
)
SENSEX_FUTURE = future("BFO:SENSEX26NOV26FUT", "BSE:SENSEX26NOVFUT", 20, "2026-11-26")
CRUDE_FUTURE = future("MCX:CRUDEOIL18DEC26FUT", "MCX:CRUDEOIL26DECFUT", 100, "2026-12-18", "1")
DOLLAR_FUTURE = future("CDS:USDINR29DEC26FUT", "NSE:USDINR26DECFUT", 1000, "2026-12-29", "0.0025")
GOLD_FUND = listing("NSE:GOLDBEES", "NSE:GOLDBEES-EQ", tick_size="0.01")
BAJAJ = listing("NSE:BAJAJ-AUTO", "NSE:BAJAJ-AUTO-EQ")
SENSEX = listing("BSE_INDEX:SENSEX", "BSE:SENSEX-INDEX", "INDEX")
SHARE_CALL = option(
    "NFO:VEDL29DEC26262.5CE", "NSE:VEDL26DEC262.5CE", 1150, "2026-12-29", "CE", "262.5"
)
SENSEX_PUT = option(
    "BFO:SENSEX26NOV2691000PE", "BSE:SENSEX26NOV91000PE", 20, "2026-11-26", "PE", "91000"
)
CRUDE_CALL = option(
    "MCX:CRUDEOIL16DEC265500CE", "MCX:CRUDEOIL26DEC5500CE", 100, "2026-12-16", "CE", "5500"
)
DOLLAR_CALL = option(
    "CDS:USDINR27NOV2684.25CE", "NSE:USDINR26NOV84.25CE", 1000, "2026-11-27", "CE", "84.25",
    "0.0025",
)  # fmt: skip


def order_fields(where: Listing, side: int, qty: int, product: str, **more: Any) -> dict[str, Any]:
    """An order as the documentation's samples write it: a LIMIT order unless changed."""
    return {
        "symbol": where.ticker,
        "qty": qty,
        "type": AS_LIMIT,
        "side": side,
        "productType": product,
        "limitPrice": 0,
        "stopPrice": 0,
        "validity": "DAY",
        "disclosedQty": 0,
        "offlineOrder": False,
        "stopLoss": 0,
        "takeProfit": 0,
        "isSliceOrder": False,
    } | more


@frozen(kw_only=True)
class Placing:
    """An order to place: ``ours`` are arguments of ``Broker.place_order``, ``theirs`` the object
    that fyers-apiv3's ``place_order`` takes."""

    name: str
    where: Listing
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]


def placing(
    name: str, where: Listing, ours: Mapping[str, Any], theirs: tuple[int, int, str], **more: Any
) -> Placing:
    """``theirs`` are the side, the quantity and the product."""
    return Placing(name=name, where=where, ours=ours, theirs=order_fields(where, *theirs, **more))


def _asked(side: str, quantity: int, order_type: str, product: str, **more: Any) -> dict[str, Any]:
    named = {"side": side, "quantity": quantity, "order_type": order_type, "product": product}
    return named | more


PLACINGS: Final = (
    placing(
        "market buy",
        SBIN,
        _asked("BUY", 10, "MARKET", "MIS"),
        (BUY, 10, "INTRADAY"),
        type=AS_MARKET,
    ),
    placing(
        "market sell with the broker's band",
        INFY_BSE,
        _asked("SELL", 5, "MARKET", "MIS", market_protection="broker"),
        (SELL, 5, "INTRADAY"),
        type=AS_MARKET,
    ),
    placing(
        "limit buy that rests",
        INFY,
        _asked("BUY", 3, "LIMIT", "CNC", price="1450.5"),
        (BUY, 3, "CNC"),
        limitPrice=1450.5,
    ),
    placing(
        "limit sell of a holding",
        SBIN,
        _asked("SELL", 4, "LIMIT", "CNC", price="850"),
        (SELL, 4, "CNC"),
        limitPrice=850,
    ),
    placing(
        "immediate or cancel",
        SBIN,
        _asked("BUY", 2, "LIMIT", "MIS", price="780.05", validity="IOC"),
        (BUY, 2, "INTRADAY"),
        limitPrice=780.05,
        validity="IOC",
    ),
    placing(
        "on margin",
        INFY,
        _asked("BUY", 1, "LIMIT", "MTF", price="1440.1"),
        (BUY, 1, "MTF"),
        limitPrice=1440.1,
    ),
    placing(
        "ampersand",
        MAHINDRA,
        _asked("BUY", 1, "LIMIT", "MIS", price="3600"),
        (BUY, 1, "INTRADAY"),
        limitPrice=3600,
    ),
    placing(
        "another series",
        GTLINFRA,
        _asked("BUY", 100, "LIMIT", "CNC", price="1.55"),
        (BUY, 100, "CNC"),
        limitPrice=1.55,
    ),
    placing(
        "stop limit buy",
        SBIN,
        _asked("BUY", 6, "SL", "MIS", price="842", trigger_price="840.5"),
        (BUY, 6, "INTRADAY"),
        type=AS_STOP_LIMIT,
        limitPrice=842,
        stopPrice=840.5,
    ),
    placing(
        "stop limit sell",
        INFY,
        _asked("SELL", 7, "SL", "CNC", price="1448", trigger_price="1450"),
        (SELL, 7, "CNC"),
        type=AS_STOP_LIMIT,
        limitPrice=1448,
        stopPrice=1450,
    ),
    placing(
        "stop market buy",
        SBIN,
        _asked("BUY", 8, "SL-M", "MIS", trigger_price="845"),
        (BUY, 8, "INTRADAY"),
        type=AS_STOP,
        stopPrice=845,
    ),
    placing(
        "stop market sell on BSE",
        INFY_BSE,
        _asked("SELL", 2, "SL-M", "MIS", trigger_price="1460", market_protection="broker"),
        (SELL, 2, "INTRADAY"),
        type=AS_STOP,
        stopPrice=1460,
    ),
    placing(
        "index future",
        NIFTY_FUTURE,
        _asked("BUY", 65, "LIMIT", "NRML", price="25900"),
        (BUY, 65, "MARGIN"),
        limitPrice=25900,
    ),
    placing(
        "index option at the market",
        NIFTY_CALL,
        _asked("BUY", 65, "MARKET", "MIS"),
        (BUY, 65, "INTRADAY"),
        type=AS_MARKET,
    ),
    placing(
        "stop on a weekly option",
        NIFTY_WEEKLY,
        _asked("SELL", 65, "SL", "NRML", price="68.05", trigger_price="70"),
        (SELL, 65, "MARGIN"),
        type=AS_STOP_LIMIT,
        limitPrice=68.05,
        stopPrice=70,
    ),
    placing(
        "BSE index future",
        SENSEX_FUTURE,
        _asked("SELL", 20, "LIMIT", "NRML", price="86000"),
        (SELL, 20, "MARGIN"),
        limitPrice=86000,
    ),
    placing(
        "commodity future",
        CRUDE_FUTURE,
        _asked("BUY", 200, "LIMIT", "NRML", price="5300"),
        (BUY, 2, "MARGIN"),
        limitPrice=5300,
    ),
    placing(
        "currency future",
        DOLLAR_FUTURE,
        _asked("SELL", 3000, "LIMIT", "MIS", price="88.5025"),
        (SELL, 3, "INTRADAY"),
        limitPrice=88.5025,
    ),
    placing(
        "partly disclosed",
        SBIN,
        _asked("BUY", 100, "LIMIT", "MIS", price="790", disclosed_quantity=20),
        (BUY, 100, "INTRADAY"),
        limitPrice=790,
        disclosedQty=20,
    ),
    placing(
        "labelled",
        INFY,
        _asked("BUY", 1, "LIMIT", "MIS", price="1440", tag="algo1"),
        (BUY, 1, "INTRADAY"),
        limitPrice=1440,
        orderTag="algo1",
    ),
    placing(
        "after market",
        SBIN,
        _asked("BUY", 1, "LIMIT", "CNC", price="800", after_market=True),
        (BUY, 1, "CNC"),
        limitPrice=800,
        offlineOrder=True,
    ),
    placing("at one tick", SBIN, _asked("BUY", 1, "LIMIT", "CNC", price="0.05"), (BUY, 1, "CNC"),
            limitPrice=0.05),
    placing("whole rupees", BAJAJ, _asked("SELL", 15, "LIMIT", "MIS", price="9450.00"),
            (SELL, 15, "INTRADAY"), limitPrice=9450),
    placing("a fund's finer tick", GOLD_FUND, _asked("BUY", 1250, "LIMIT", "CNC", price="57.63"),
            (BUY, 1250, "CNC"), limitPrice=57.63),
    placing("immediate stop", INFY_BSE,
            _asked("SELL", 9, "SL", "MIS", price="1499.95", trigger_price="1500", validity="IOC"),
            (SELL, 9, "INTRADAY"), type=AS_STOP_LIMIT, limitPrice=1499.95, stopPrice=1500,
            validity="IOC"),
    placing("stop at its trigger, labelled, partly shown", MAHINDRA,
            _asked("BUY", 50, "SL", "MTF", price="3612.5", trigger_price="3612.5", tag="s1",
                   disclosed_quantity=15),
            (BUY, 50, "MTF"), type=AS_STOP_LIMIT, limitPrice=3612.5, stopPrice=3612.5,
            orderTag="s1", disclosedQty=15),
    placing("half a strike", SHARE_CALL, _asked("SELL", 2300, "LIMIT", "NRML", price="1.35"),
            (SELL, 2300, "MARGIN"), limitPrice=1.35),
    placing("BSE index option at once", SENSEX_PUT,
            _asked("BUY", 40, "LIMIT", "MIS", price="68.05", validity="IOC"),
            (BUY, 40, "INTRADAY"), limitPrice=68.05, validity="IOC"),
    placing("currency option", DOLLAR_CALL, _asked("BUY", 5000, "LIMIT", "NRML", price="0.2475"),
            (BUY, 5, "MARGIN"), limitPrice=0.2475),
    placing("commodity option, stop", CRUDE_CALL,
            _asked("SELL", 300, "SL", "NRML", price="99.1", trigger_price="100.5"),
            (SELL, 3, "MARGIN"), type=AS_STOP_LIMIT, limitPrice=99.1, stopPrice=100.5),
    placing("stop market on a future", NIFTY_FUTURE,
            _asked("SELL", 130, "SL-M", "NRML", trigger_price="25800.05"), (SELL, 130, "MARGIN"),
            type=AS_STOP, stopPrice=25800.05),
    placing("after market at the market", GTLINFRA,
            _asked("SELL", 200, "MARKET", "CNC", after_market=True), (SELL, 200, "CNC"),
            type=AS_MARKET, offlineOrder=True),
    placing("after market stop, labelled", NIFTY_CALL,
            _asked("BUY", 65, "SL", "NRML", price="190.5", trigger_price="190", after_market=True,
                   tag="amo1"),
            (BUY, 65, "MARGIN"), type=AS_STOP_LIMIT, limitPrice=190.5, stopPrice=190,
            offlineOrder=True, orderTag="amo1"),
)  # fmt: skip


@frozen(kw_only=True)
class Changing:
    """A modification of a placed order: ``theirs`` is what changes, beside the type and the prices
    that the documentation requires with it."""

    name: str
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]


CHANGINGS: Final = (
    Changing(
        name="limit buy that rests",
        ours={"price": "1460", "quantity": 5},
        theirs={"type": AS_LIMIT, "limitPrice": 1460, "qty": 5},
    ),
    Changing(
        name="stop limit buy",
        ours={"trigger_price": "838", "price": "839.5"},
        theirs={"type": AS_STOP_LIMIT, "stopPrice": 838, "limitPrice": 839.5},
    ),
    Changing(
        name="stop limit sell",
        ours={"price": "1447.5"},
        theirs={"type": AS_STOP_LIMIT, "limitPrice": 1447.5, "stopPrice": 1450},
    ),
    Changing(
        name="stop market buy",
        ours={"trigger_price": "846"},
        theirs={"type": AS_STOP, "stopPrice": 846},
    ),
    Changing(
        name="labelled",
        ours={"order_type": "SL", "price": "1590", "trigger_price": "1585"},
        theirs={"type": AS_STOP_LIMIT, "limitPrice": 1590, "stopPrice": 1585},
    ),
    Changing(
        name="limit sell of a holding",
        ours={"order_type": "MARKET"},
        theirs={"type": AS_MARKET},
    ),
    Changing(
        name="commodity future",
        ours={"quantity": 100},
        theirs={"type": AS_LIMIT, "limitPrice": 5300, "qty": 1},
    ),
    Changing(
        name="index future",
        ours={"quantity": 130},
        theirs={"type": AS_LIMIT, "limitPrice": 25900, "qty": 130},
    ),
    Changing(name="half a strike", ours={"price": "0.05", "quantity": 1150},
             theirs={"type": AS_LIMIT, "limitPrice": 0.05, "qty": 1150}),
    Changing(name="currency option", ours={"quantity": 3000, "price": "0.25"},
             theirs={"type": AS_LIMIT, "limitPrice": 0.25, "qty": 3}),
    Changing(name="commodity option, stop", ours={"trigger_price": "101.5"},
             theirs={"type": AS_STOP_LIMIT, "limitPrice": 99.1, "stopPrice": 101.5}),
    Changing(name="stop market on a future", ours={"order_type": "SL", "price": "25790"},
             theirs={"type": AS_STOP_LIMIT, "limitPrice": 25790, "stopPrice": 25800.05}),
    Changing(name="immediate stop", ours={"order_type": "LIMIT", "price": "1501.05"},
             theirs={"type": AS_LIMIT, "limitPrice": 1501.05}),
    Changing(name="after market stop, labelled", ours={"order_type": "SL-M", "quantity": 130},
             theirs={"type": AS_STOP, "stopPrice": 190, "qty": 130}),
    Changing(name="after market", ours={"price": "790.00"},
             theirs={"type": AS_LIMIT, "limitPrice": 790}),
)  # fmt: skip


@frozen(kw_only=True)
class Ruling:
    """A rule to make: ``ours`` are arguments of ``Broker.place_gtt``, ``theirs`` the object that
    fyers-apiv3's ``place_gtt_order`` takes."""

    name: str
    where: Listing
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]


def leg(price: float, trigger: float, qty: int) -> dict[str, Any]:
    return {"leg1": {"price": price, "triggerPrice": trigger, "qty": qty}}


def legs(upper: tuple[float, float], lower: tuple[float, float], qty: int) -> dict[str, Any]:
    """Both legs, each its price and its trigger price; the first has to be the upper one."""
    first, second = (
        {"price": price, "triggerPrice": trigger, "qty": qty} for price, trigger in (upper, lower)
    )
    return {"leg1": first, "leg2": second}


RULINGS: Final = (
    Ruling(
        name="buy",
        where=INFY,
        ours={"side": "BUY", "quantity": 10, "price": 1450, "trigger_price": "1455.5",
              "product": "CNC"},
        theirs={"side": BUY, "symbol": "NSE:INFY-EQ", "productType": "CNC",
                "orderInfo": leg(1450, 1455.5, 10)},
    ),
    Ruling(
        name="sell on margin",
        where=SBIN,
        ours={"side": "SELL", "quantity": 4, "price": "790.05", "trigger_price": 791,
              "product": "MTF"},
        theirs={"side": SELL, "symbol": "NSE:SBIN-EQ", "productType": "MTF",
                "orderInfo": leg(790.05, 791, 4)},
    ),
    Ruling(
        name="target and stop",
        where=INFY,
        ours={"side": "SELL", "quantity": 10, "product": "CNC", "trigger_price": 1600,
              "price": 1598, "stop_trigger_price": 1450, "stop_price": "1445.5"},
        theirs={"side": SELL, "symbol": "NSE:INFY-EQ", "productType": "CNC",
                "orderInfo": legs((1598, 1600), (1445.5, 1450), 10)},
    ),
    Ruling(
        name="target and stop of a short",
        where=CRUDE_FUTURE,
        ours={"side": "BUY", "quantity": 200, "product": "NRML", "trigger_price": 5300,
              "price": 5305, "stop_trigger_price": 5500, "stop_price": 5510},
        theirs={"side": BUY, "symbol": "MCX:CRUDEOIL26DECFUT", "productType": "MARGIN",
                "orderInfo": legs((5510, 5500), (5305, 5300), 2)},
    ),
    Ruling(
        name="option",
        where=NIFTY_CALL,
        ours={"side": "BUY", "quantity": 130, "price": 150, "trigger_price": 149,
              "product": "NRML"},
        theirs={"side": BUY, "symbol": "NSE:NIFTY26NOV26000CE", "productType": "MARGIN",
                "orderInfo": leg(150, 149, 130)},
    ),
    Ruling(
        name="commodity",
        where=CRUDE_FUTURE,
        ours={"side": "SELL", "quantity": 200, "price": 5300, "trigger_price": 5310,
              "product": "NRML"},
        theirs={"side": SELL, "symbol": "MCX:CRUDEOIL26DECFUT", "productType": "MARGIN",
                "orderInfo": leg(5300, 5310, 2)},
    ),
    Ruling(
        name="BSE share on margin",
        where=INFY_BSE,
        ours={"side": "BUY", "quantity": 7, "price": "1399.95", "trigger_price": "1400.00",
              "product": "MTF"},
        theirs={"side": BUY, "symbol": "BSE:INFY-A", "productType": "MTF",
                "orderInfo": leg(1399.95, 1400, 7)},
    ),
    Ruling(
        name="currency option, target and stop",
        where=DOLLAR_CALL,
        ours={"side": "SELL", "quantity": 5000, "product": "NRML", "trigger_price": "0.5",
              "price": "0.4975", "stop_trigger_price": "0.1025", "stop_price": "0.1"},
        theirs={"side": SELL, "symbol": "NSE:USDINR26NOV84.25CE", "productType": "MARGIN",
                "orderInfo": legs((0.4975, 0.5), (0.1, 0.1025), 5)},
    ),
    Ruling(
        name="half a strike",
        where=SHARE_CALL,
        ours={"side": "SELL", "quantity": 1150, "price": "1.35", "trigger_price": "1.4",
              "product": "NRML"},
        theirs={"side": SELL, "symbol": "NSE:VEDL26DEC262.5CE", "productType": "MARGIN",
                "orderInfo": leg(1.35, 1.4, 1150)},
    ),
)  # fmt: skip


def by_name(name: str) -> Placing:
    return {placing.name: placing for placing in PLACINGS}[name]
