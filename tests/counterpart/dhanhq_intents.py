"""What a trader wants at Dhan, said twice: to openbroker, and to the official client.

As :mod:`intents`: the second saying is written by hand, with the arguments of dhanhq's
``place_order`` and ``place_super_order``, so that nothing of openbroker's tables stands on both
sides of a comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from openbroker.schemas import Instrument
from openbroker.testing.cases import instrument_of


@frozen(kw_only=True)
class Listing:
    """One contract by openbroker's instrument and by Dhan's segment and security id."""

    instrument: Instrument
    segment: str
    security_id: str

    @property
    def symbol(self) -> str:
        return self.instrument.symbol

    @property
    def params(self) -> dict[str, str]:
        return {"security_id": self.security_id, "exchange_segment": self.segment}


def listing(
    symbol: str, segment: str, security_id: str, kind: str = "EQUITY", **more: Any
) -> Listing:
    exchange, _, name = symbol.partition(":")
    token = f"{segment}:{security_id}" if kind == "INDEX" else security_id
    row = {"exchange": exchange, "symbol": symbol, "type": kind, "token": token,
           "broker_symbol": name, "tick_size": "0.05"}  # fmt: skip
    return Listing(instrument=instrument_of(row | more), segment=segment, security_id=security_id)


def contract(
    symbol: str, segment: str, security_id: str, lot: int, expiry: str, **more: Any
) -> Listing:
    kind = "OPTION" if "strike" in more else "FUTURE"
    named = {"lot_size": lot, "expiry": expiry}
    return listing(symbol, segment, security_id, kind, **(named | more))


SBIN = listing("NSE:SBIN", "NSE_EQ", "3045")
INFY = listing("NSE:INFY", "NSE_EQ", "1594")
MAHINDRA = listing("NSE:M&M", "NSE_EQ", "2031")
INFY_BSE = listing("BSE:INFY", "BSE_EQ", "500209")
NIFTY = listing("NSE_INDEX:NIFTY", "IDX_I", "13", "INDEX")
NIFTY_FUTURE = contract("NFO:NIFTY29DEC26FUT", "NSE_FNO", "52175", 65, "2026-12-29",
                        underlying="NIFTY")  # fmt: skip
SBIN_FUTURE = contract("NFO:SBIN29DEC26FUT", "NSE_FNO", "52811", 750, "2026-12-29",
                       underlying="SBIN")  # fmt: skip
NIFTY_CALL = contract("NFO:NIFTY24NOV2626000CE", "NSE_FNO", "42864", 65, "2026-11-24",
                      underlying="NIFTY", strike="26000", right="CE")  # fmt: skip
SENSEX_FUTURE = contract("BFO:SENSEX26NOV26FUT", "BSE_FNO", "861201", 20, "2026-11-26",
                         underlying="SENSEX")  # fmt: skip
CRUDE_FUTURE = contract("MCX:CRUDEOIL18DEC26FUT", "MCX_COMM", "449735", 100, "2026-12-18",
                        underlying="CRUDEOIL", tick_size="1")  # fmt: skip
CRUDE_CALL = contract("MCX:CRUDEOIL16DEC265500CE", "MCX_COMM", "451020", 100, "2026-12-16",
                      underlying="CRUDEOIL", strike="5500", right="CE")  # fmt: skip
DOLLAR_FUTURE = contract("CDS:USDINR29DEC26FUT", "NSE_CURRENCY", "2674", 1000, "2026-12-29",
                         underlying="USDINR", tick_size="0.0025")  # fmt: skip
GOLD_FUND = listing("NSE:GOLDBEES", "NSE_EQ", "14428", tick_size="0.01")
SENSEX = listing("BSE_INDEX:SENSEX", "IDX_I", "51", "INDEX")
SHARE_CALL = contract("NFO:VEDL29DEC26262.5CE", "NSE_FNO", "99871", 1150, "2026-12-29",
                      underlying="VEDL", strike="262.5", right="CE")  # fmt: skip
SENSEX_PUT = contract("BFO:SENSEX26NOV2691000PE", "BSE_FNO", "837931", 20, "2026-11-26",
                      underlying="SENSEX", strike="91000", right="PE")  # fmt: skip
DOLLAR_CALL = contract(
    "CDS:USDINR27NOV2684.25CE",
    "NSE_CURRENCY",
    "9120",
    1000,
    "2026-11-27",
    underlying="USDINR",
    strike="84.25",
    right="CE",
    tick_size="0.0025",
)
EURO_AT_BSE = contract("BCD:EURINR29DEC26FUT", "BSE_CURRENCY", "1100231", 1000, "2026-12-29",
                       underlying="EURINR", tick_size="0.0025")  # fmt: skip


def order_params(
    where: Listing, side: str, quantity: int, product: str, **more: Any
) -> dict[str, Any]:
    """An order as dhanhq takes it: a LIMIT order unless changed."""
    return {
        **where.params,
        "transaction_type": side,
        "quantity": quantity,
        "order_type": "LIMIT",
        "product_type": product,
        "price": 0,
    } | more


@frozen(kw_only=True)
class Placing:
    """An order to place: ``ours`` are arguments of ``Broker.place_order``, ``theirs`` of the
    client's method, ``settings`` those of ``connect``."""

    name: str
    where: Listing
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]
    method: str = "place_order"
    settings: Mapping[str, str] = field(factory=dict)


def placing(
    name: str,
    where: Listing,
    ours: Mapping[str, Any],
    product: str,
    method: str = "place_order",
    **theirs: Any,
) -> Placing:
    """``product`` is theirs, and so is a ``quantity`` that is counted in lots."""
    quantity = theirs.pop("quantity", ours["quantity"])
    settings = theirs.pop("settings", {})
    told = order_params(where, ours["side"], quantity, product, **theirs)
    return Placing(name=name, where=where, ours=ours, theirs=told, method=method, settings=settings)


def _asked(side: str, quantity: int, order_type: str, product: str, **more: Any) -> dict[str, Any]:
    named = {"side": side, "quantity": quantity, "order_type": order_type, "product": product}
    return named | more


PLACINGS: Final = (
    placing("market buy", SBIN, _asked("BUY", 10, "MARKET", "MIS"), "INTRADAY",
            order_type="MARKET"),
    placing("market sell with the broker's band", INFY_BSE,
            _asked("SELL", 5, "MARKET", "MIS", market_protection="broker"), "INTRADAY",
            order_type="MARKET"),
    placing("limit buy that rests", INFY, _asked("BUY", 3, "LIMIT", "CNC", price="1450.5"), "CNC",
            price=1450.5),
    placing("limit sell of a holding", SBIN, _asked("SELL", 4, "LIMIT", "CNC", price="850"), "CNC",
            price=850),
    placing("immediate or cancel", SBIN,
            _asked("BUY", 2, "LIMIT", "MIS", price="780.05", validity="IOC"), "INTRADAY",
            price=780.05, validity="IOC"),
    placing("on margin", INFY, _asked("BUY", 1, "LIMIT", "MTF", price="1440.1"), "MTF",
            price=1440.1),
    placing("ampersand", MAHINDRA, _asked("BUY", 1, "LIMIT", "MIS", price="3600"), "INTRADAY",
            price=3600),
    placing("stop limit buy", SBIN,
            _asked("BUY", 6, "SL", "MIS", price="842", trigger_price="840.5"), "INTRADAY",
            order_type="STOP_LOSS", price=842, trigger_price=840.5),
    placing("stop limit sell", INFY,
            _asked("SELL", 7, "SL", "CNC", price="1448", trigger_price="1450"), "CNC",
            order_type="STOP_LOSS", price=1448, trigger_price=1450),
    placing("index future", NIFTY_FUTURE, _asked("BUY", 65, "LIMIT", "NRML", price="25900"),
            "MARGIN", price=25900),
    placing("index option at the market", NIFTY_CALL, _asked("BUY", 65, "MARKET", "MIS"),
            "INTRADAY", order_type="MARKET"),
    placing("stop on an option", NIFTY_CALL,
            _asked("SELL", 65, "SL", "NRML", price="68.05", trigger_price="70"), "MARGIN",
            order_type="STOP_LOSS", price=68.05, trigger_price=70),
    placing("BSE index future", SENSEX_FUTURE, _asked("SELL", 20, "LIMIT", "NRML", price="86000"),
            "MARGIN", price=86000),
    placing("commodity future", CRUDE_FUTURE, _asked("BUY", 200, "LIMIT", "NRML", price="5300"),
            "MARGIN", quantity=2, price=5300),
    placing("commodity option at the market", CRUDE_CALL, _asked("BUY", 100, "MARKET", "MIS"),
            "INTRADAY", quantity=1, order_type="MARKET"),
    placing("currency future", DOLLAR_FUTURE,
            _asked("SELL", 3000, "LIMIT", "NRML", price="88.5025"), "MARGIN", quantity=3,
            price=88.5025),
    placing("partly disclosed", SBIN,
            _asked("BUY", 100, "LIMIT", "MIS", price="790", disclosed_quantity=40), "INTRADAY",
            price=790, disclosed_quantity=40),
    placing("labelled", INFY, _asked("BUY", 1, "LIMIT", "MIS", price="1440", tag="algo1"),
            "INTRADAY", price=1440, tag="algo1"),
    placing("after market", SBIN, _asked("BUY", 1, "LIMIT", "CNC", price="800", after_market=True),
            "CNC", price=800, after_market_order=True),
    placing("bracket buy", INFY,
            _asked("BUY", 5, "LIMIT", "MIS", price="1450.5", bracket_target="10",
                   bracket_stop="5.5"),
            "INTRADAY", "place_super_order", price=1450.5, targetPrice=1460.5,
            stopLossPrice=1445),
    placing("bracket sell that trails", NIFTY_CALL,
            _asked("SELL", 65, "LIMIT", "MIS", price="150", bracket_target="20.05",
                   bracket_stop="30", bracket_trail="2", tag="algo2"),
            "INTRADAY", "place_super_order", price=150, targetPrice=129.95, stopLossPrice=180,
            trailingJump=2, tag="algo2"),
    placing("bracket in a commodity", CRUDE_FUTURE,
            _asked("BUY", 200, "LIMIT", "MIS", price="5300", bracket_target="40",
                   bracket_stop="30"),
            "INTRADAY", "place_super_order", quantity=2, price=5300, targetPrice=5340,
            stopLossPrice=5270),
    placing("at one tick", SBIN, _asked("BUY", 1, "LIMIT", "CNC", price="0.05"), "CNC",
            price=0.05),
    placing("whole rupees", SBIN, _asked("SELL", 15, "LIMIT", "MIS", price="1450.00"), "INTRADAY",
            price=1450.0),
    placing("a fund's finer tick", GOLD_FUND, _asked("BUY", 1250, "LIMIT", "CNC", price="57.63"),
            "CNC", price=57.63),
    placing("immediate stop", INFY_BSE,
            _asked("SELL", 9, "SL", "MIS", price="1499.95", trigger_price="1500",
                   validity="IOC"),
            "INTRADAY", order_type="STOP_LOSS", price=1499.95, trigger_price=1500,
            validity="IOC"),
    placing("stop at its trigger, labelled, partly shown", SBIN,
            _asked("BUY", 50, "SL", "MTF", price="812.5", trigger_price="812.5", tag="s1",
                   disclosed_quantity=15),
            "MTF", order_type="STOP_LOSS", price=812.5, trigger_price=812.5, tag="s1",
            disclosed_quantity=15),
    placing("half a strike", SHARE_CALL, _asked("SELL", 2300, "LIMIT", "NRML", price="1.35"),
            "MARGIN", price=1.35),
    placing("BSE index option at once", SENSEX_PUT,
            _asked("BUY", 40, "LIMIT", "MIS", price="68.05", validity="IOC"), "INTRADAY",
            price=68.05, validity="IOC"),
    placing("currency option", DOLLAR_CALL, _asked("BUY", 5000, "LIMIT", "NRML", price="0.2475"),
            "MARGIN", quantity=5, price=0.2475),
    placing("currency at BSE", EURO_AT_BSE,
            _asked("SELL", 2000, "SL", "MIS", price="101.2525", trigger_price="101.255"),
            "INTRADAY", quantity=2, order_type="STOP_LOSS", price=101.2525,
            trigger_price=101.255),
    placing("commodity option, stop", CRUDE_CALL,
            _asked("SELL", 300, "SL", "NRML", price="99.1", trigger_price="100.5"), "MARGIN",
            quantity=3, order_type="STOP_LOSS", price=99.1, trigger_price=100.5),
    placing("after market at the market", SBIN,
            _asked("SELL", 2, "MARKET", "CNC", after_market=True), "CNC", order_type="MARKET",
            after_market_order=True, amo_time="OPEN"),
    placing("after market stop, half an hour late", NIFTY_CALL,
            _asked("BUY", 65, "SL", "NRML", price="190.5", trigger_price="190",
                   after_market=True, tag="amo30"),
            "MARGIN", order_type="STOP_LOSS", price=190.5, trigger_price=190,
            after_market_order=True, amo_time="OPEN_30", tag="amo30",
            settings={"amo_time": "OPEN_30"}),
    placing("after market, an hour late", INFY_BSE,
            _asked("BUY", 7, "LIMIT", "CNC", price="1440.05", after_market=True), "CNC",
            price=1440.05, after_market_order=True, amo_time="OPEN_60",
            settings={"amo_time": "OPEN_60"}),
    placing("bracket sell of a BSE share", INFY_BSE,
            _asked("SELL", 11, "LIMIT", "MIS", price="1500.05", bracket_target="12.1",
                   bracket_stop="6.05"),
            "INTRADAY", "place_super_order", price=1500.05, targetPrice=1487.95,
            stopLossPrice=1506.1),
    placing("bracket in a currency, to the fourth place", DOLLAR_FUTURE,
            _asked("BUY", 1000, "LIMIT", "MIS", price="88.5025", bracket_target="0.2",
                   bracket_stop="0.1025", bracket_trail="0.05"),
            "INTRADAY", "place_super_order", quantity=1, price=88.5025, targetPrice=88.7025,
            stopLossPrice=88.4, trailingJump=0.05),
)  # fmt: skip


@frozen(kw_only=True)
class Changing:
    """A modification of a placed order: what changes, and the whole new state for the client."""

    name: str
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]
    method: str = "modify_order"


def changing(name: str, ours: Mapping[str, Any], **theirs: Any) -> Changing:
    told = {"leg_name": "NA", "trigger_price": 0, "disclosed_quantity": 0, "validity": "DAY"}
    return Changing(name=name, ours=ours, theirs=told | theirs)


CHANGINGS: Final = (
    changing("limit buy that rests", {"price": "1460", "quantity": 5}, order_type="LIMIT",
             quantity=5, price=1460),
    changing("stop limit buy", {"trigger_price": "838", "price": "839.5"}, order_type="STOP_LOSS",
             quantity=6, price=839.5, trigger_price=838),
    changing("labelled", {"order_type": "SL", "price": "1590", "trigger_price": "1585"},
             order_type="STOP_LOSS", quantity=1, price=1590, trigger_price=1585),
    changing("stop limit sell", {"order_type": "MARKET"}, order_type="MARKET", quantity=7, price=0),
    changing("commodity future", {"quantity": 100}, order_type="LIMIT", quantity=1, price=5300),
    changing("index future", {"quantity": 130}, order_type="LIMIT", quantity=130, price=25900),
    changing("on margin", {"validity": "IOC"}, order_type="LIMIT", quantity=1, price=1440.1,
             validity="IOC"),
    changing("partly disclosed", {"disclosed_quantity": 50}, order_type="LIMIT", quantity=100,
             price=790, disclosed_quantity=50),
    changing("after market", {"price": "790"}, order_type="LIMIT", quantity=1, price=790),
    changing("half a strike", {"price": "0.05", "quantity": 1150}, order_type="LIMIT",
             quantity=1150, price=0.05),
    changing("currency option", {"quantity": 3000, "price": "0.25"}, order_type="LIMIT",
             quantity=3, price=0.25),
    changing("immediate stop", {"trigger_price": "1500.5", "price": "1500.05", "validity": "DAY"},
             order_type="STOP_LOSS", quantity=9, price=1500.05, trigger_price=1500.5),
    changing("stop at its trigger, labelled, partly shown", {"order_type": "LIMIT"},
             order_type="LIMIT", quantity=50, price=812.5, disclosed_quantity=15),
    changing("after market stop, half an hour late", {"order_type": "MARKET", "quantity": 130},
             order_type="MARKET", quantity=130, price=0),
    changing("currency at BSE", {"trigger_price": "101.26", "price": "101.2575"},
             order_type="STOP_LOSS", quantity=2, price=101.2575, trigger_price=101.26),
    Changing(
        name="bracket in a currency, to the fourth place",
        ours={"price": "88.4975", "quantity": 2000}, method="modify_super_order",
        theirs={"order_type": "LIMIT", "leg_name": "ENTRY_LEG", "quantity": 2, "price": 88.4975,
                "targetPrice": 88.7025, "stopLossPrice": 88.4, "trailingJump": 0.05},
    ),
    Changing(
        name="bracket buy", ours={"price": "1451", "quantity": 6}, method="modify_super_order",
        theirs={"order_type": "LIMIT", "leg_name": "ENTRY_LEG", "quantity": 6, "price": 1451,
                "targetPrice": 1460.5, "stopLossPrice": 1445, "trailingJump": 0},
    ),
    Changing(
        name="bracket sell that trails", ours={"price": "125"}, method="modify_super_order",
        theirs={"order_type": "", "leg_name": "TARGET_LEG", "targetPrice": 125},
    ),
    Changing(
        name="bracket in a commodity", ours={"trigger_price": "5275"}, method="modify_super_order",
        theirs={"order_type": "", "leg_name": "STOP_LOSS_LEG", "stopLossPrice": 5275,
                "trailingJump": 0},
    ),
)  # fmt: skip

CANCELLED: Final = (
    "limit sell of a holding", "stop limit sell", "commodity future", "after market",
    "currency option",
)  # fmt: skip
SUPER_LEGS: Final = ("ENTRY_LEG", "TARGET_LEG", "STOP_LOSS_LEG")


def by_name(name: str) -> Placing:
    return {placing.name: placing for placing in PLACINGS}[name]
