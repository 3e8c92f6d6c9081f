"""What a trader wants at a member of the Noren family, said twice: to openbroker, and to the
official clients.

As :mod:`intents`: the second saying is written by hand, as the clients' ``place_order`` and
``modify_order`` take it, so that nothing of openbroker's tables stands on both sides of a
comparison.  MARKET and SL-M orders are missing, for no member takes them by API any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen


@frozen(kw_only=True)
class Listing:
    """One contract by both names.

    Attributes:
        symbol: openbroker's.
        tsym, token: the system's.
        lot: units in a lot.
        in_lots: the system counts lots, not units.
        facts: what else the master says of it, in openbroker's words.
    """

    symbol: str
    tsym: str
    token: str
    lot: int = 1
    in_lots: bool = False
    facts: Mapping[str, Any]

    @property
    def exch(self) -> str:
        return self.symbol.partition(":")[0]

    def counted(self, units: int) -> int:
        """Units as the system counts them."""
        return units // self.lot if self.in_lots else units


def share(symbol: str, tsym: str, token: str, tick_size: str = "0.05") -> Listing:
    facts = {"type": "EQUITY", "tick_size": tick_size}
    return Listing(symbol=symbol, tsym=tsym, token=token, facts=facts)


def future(
    symbol: str, tsym: str, token: str, lot: int, underlying: str, expiry: str, **more: Any
) -> Listing:
    facts = {"type": "FUTURE", "underlying": underlying, "expiry": expiry, "tick_size": "0.05"}
    in_lots = more.pop("in_lots", False)
    return Listing(
        symbol=symbol, tsym=tsym, token=token, lot=lot, in_lots=in_lots, facts=facts | more
    )


INFY = share("NSE:INFY", "INFY-EQ", "1594")
SBIN = share("NSE:SBIN", "SBIN-EQ", "3045")
MAHINDRA = share("NSE:M&M", "M&M-EQ", "2031")
INFY_BSE = share("BSE:INFY", "INFY", "500209")
NIFTY_FUTURE = future(
    "NFO:NIFTY29DEC26FUT", "NIFTY29DEC26F", "53001", 75, "NIFTY", "2026-12-29"
)  # fmt: skip
NIFTY_CALL = future(
    "NFO:NIFTY24NOV2626000CE", "NIFTY24NOV26C26000", "42864", 75, "NIFTY", "2026-11-24",
    type="OPTION", strike="26000", right="CE",
)  # fmt: skip
SENSEX_PUT = future(
    "BFO:SENSEX26NOV2691000PE", "SENSEX26NOV91000PE", "837931", 20, "SENSEX", "2026-11-26",
    type="OPTION", strike="91000", right="PE",
)  # fmt: skip
CRUDE_FUTURE = future(
    "MCX:CRUDEOIL18DEC26FUT", "CRUDEOIL18DEC26", "451669", 100, "CRUDEOIL", "2026-12-18",
    tick_size="1",
)  # fmt: skip
DOLLAR_FUTURE = future(
    "CDS:USDINR29DEC26FUT", "USDINR29DEC26F", "1201", 1000, "USDINR", "2026-12-29",
    tick_size="0.0025", in_lots=True,
)  # fmt: skip
GOLD_FUND = share("NSE:GOLDBEES", "GOLDBEES-EQ", "14428", tick_size="0.01")
BAJAJ = share("NSE:BAJAJ-AUTO", "BAJAJ-AUTO-EQ", "16669")
GTLINFRA = share("NSE:GTLINFRA", "GTLINFRA-BE", "13643")
MAHINDRA_FUTURE = future(
    "NFO:M&M29DEC26FUT", "M&M29DEC26F", "53277", 200, "M&M", "2026-12-29"
)  # fmt: skip
SHARE_CALL = future(
    "NFO:VEDL29DEC26262.5CE", "VEDL29DEC26C262.5", "99871", 1150, "VEDL", "2026-12-29",
    type="OPTION", strike="262.5", right="CE",
)  # fmt: skip
CRUDE_CALL = future(
    "MCX:CRUDEOIL16DEC265500CE", "CRUDEOIL16DEC26C5500", "451020", 100, "CRUDEOIL", "2026-12-16",
    type="OPTION", strike="5500", right="CE",
)  # fmt: skip
DOLLAR_CALL = future(
    "CDS:USDINR27NOV2684.25CE", "USDINR27NOV26C84.25", "9120", 1000, "USDINR", "2026-11-27",
    type="OPTION", strike="84.25", right="CE", tick_size="0.0025", in_lots=True,
)  # fmt: skip


def order_params(
    where: Listing, side: str, quantity: int, product: str, **more: Any
) -> dict[str, Any]:
    """An order as the clients take it: a LIMIT order of which everything shows, unless changed."""
    return {
        "buy_or_sell": side,
        "product_type": product,
        "exchange": where.exch,
        "tradingsymbol": where.tsym,
        "quantity": quantity,
        "discloseqty": 0,
        "price_type": "LMT",
    } | more


@frozen(kw_only=True)
class Placing:
    """An order to place: ``ours`` are arguments of ``Broker.place_order``, ``theirs`` of the
    clients' ``place_order``."""

    name: str
    where: Listing
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]


def asked(side: str, quantity: int, product: str, price: str, **more: Any) -> dict[str, Any]:
    """A LIMIT order in our words, unless changed."""
    return {
        "side": side,
        "quantity": quantity,
        "product": product,
        "order_type": "LIMIT",
        "price": price,
    } | more


def placing(
    name: str, where: Listing, ours: Mapping[str, Any], *theirs: Any, **more: Any
) -> Placing:
    return Placing(name=name, where=where, ours=ours, theirs=order_params(where, *theirs, **more))


PLACINGS: Final = (
    placing("delivery", INFY, asked("BUY", 3, "CNC", "1450.5"), "B", 3, "C", price=1450.5),
    placing("sale of a holding", SBIN, asked("SELL", 4, "CNC", "850"), "S", 4, "C", price=850),
    placing("intraday", SBIN, asked("BUY", 10, "MIS", "813.05"), "B", 10, "I", price=813.05),
    placing("sold short", INFY_BSE, asked("SELL", 2, "MIS", "1520"), "S", 2, "I", price=1520),
    placing(
        "immediate or cancel",
        SBIN,
        asked("BUY", 2, "MIS", "780.05", validity="IOC"),
        *("B", 2, "I"),
        price=780.05,
        retention="IOC",
    ),
    placing("ampersand", MAHINDRA, asked("BUY", 1, "MIS", "3600"), "B", 1, "I", price=3600),
    placing("on margin", INFY, asked("BUY", 1, "MTF", "1440.1"), "B", 1, "F", price=1440.1),
    placing(
        "stop buy",
        SBIN,
        asked("BUY", 6, "MIS", "842", order_type="SL", trigger_price="840.5"),
        *("B", 6, "I"),
        price_type="SL-LMT",
        price=842,
        trigger_price=840.5,
    ),
    placing(
        "stop sell",
        INFY,
        asked("SELL", 7, "CNC", "1448", order_type="SL", trigger_price="1450"),
        *("S", 7, "C"),
        price_type="SL-LMT",
        price=1448,
        trigger_price=1450,
    ),
    placing(
        "index future", NIFTY_FUTURE, asked("BUY", 75, "NRML", "25900"), "B", 75, "M", price=25900
    ),
    placing(
        "index option", NIFTY_CALL, asked("BUY", 150, "MIS", "29.8"), "B", 150, "I", price=29.8
    ),
    placing(
        "stop on a BSE option",
        SENSEX_PUT,
        asked("SELL", 20, "NRML", "68.05", order_type="SL", trigger_price="70"),
        *("S", 20, "M"),
        price_type="SL-LMT",
        price=68.05,
        trigger_price=70,
    ),
    placing(
        "commodity", CRUDE_FUTURE, asked("BUY", 200, "NRML", "5300"), "B", 200, "M", price=5300
    ),
    placing(
        "currency, counted in lots",
        DOLLAR_FUTURE,
        asked("SELL", 2000, "NRML", "88.5025"),
        *("S", 2, "M"),
        price=88.5025,
    ),
    placing(
        "partly disclosed",
        SBIN,
        asked("BUY", 100, "MIS", "790", disclosed_quantity=20),
        *("B", 100, "I"),
        price=790,
        discloseqty=20,
    ),
    placing(
        "labelled",
        INFY,
        asked("BUY", 1, "MIS", "1440", tag="algo1"),
        *("B", 1, "I"),
        price=1440,
        remarks="algo1",
    ),
    placing(
        "after market",
        SBIN,
        asked("BUY", 1, "CNC", "800", after_market=True),
        *("B", 1, "C"),
        price=800,
        amo="Yes",
    ),
    placing(
        "bracket",
        SBIN,
        asked("BUY", 5, "MIS", "810", bracket_target="6", bracket_stop="4.5"),
        *("B", 5, "B"),
        price=810,
        bookprofit_price=6,
        bookloss_price=4.5,
    ),
    placing(
        "bracket that trails",
        INFY,
        asked("SELL", 5, "MIS", "1500", bracket_target="6", bracket_stop="4", bracket_trail="1"),
        *("S", 5, "B"),
        price=1500,
        bookprofit_price=6,
        bookloss_price=4,
        trail_price=1,
    ),
    placing("at one tick", SBIN, asked("BUY", 1, "CNC", "0.05"), "B", 1, "C", price=0.05),
    placing("whole rupees, as a float", BAJAJ, asked("SELL", 15, "MIS", "9450.00"), "S", 15, "I",
            price=9450.0),
    placing("another series", GTLINFRA, asked("BUY", 100, "CNC", "1.55"), "B", 100, "C",
            price=1.55),
    placing("a fund's finer tick", GOLD_FUND, asked("BUY", 1250, "CNC", "57.63"), "B", 1250, "C",
            price=57.63),
    placing("immediate stop, as floats", INFY_BSE,
            asked("SELL", 9, "MIS", "1499.95", order_type="SL", trigger_price="1500.00",
                  validity="IOC"),
            "S", 9, "I", price_type="SL-LMT", price=1499.95, trigger_price=1500.0,
            retention="IOC"),
    placing("stop at its trigger, labelled, partly shown", MAHINDRA,
            asked("BUY", 50, "CNC", "3612.5", order_type="SL", trigger_price="3612.5", tag="s1",
                  disclosed_quantity=15),
            "B", 50, "C", price_type="SL-LMT", price=3612.5, trigger_price=3612.5, remarks="s1",
            discloseqty=15),
    placing("ampersand in a future", MAHINDRA_FUTURE, asked("SELL", 400, "NRML", "3621.1"),
            "S", 400, "M", price=3621.1),
    placing("half a strike", SHARE_CALL, asked("SELL", 2300, "NRML", "1.35"), "S", 2300, "M",
            price=1.35),
    placing("BSE option at once", SENSEX_PUT,
            asked("BUY", 40, "MIS", "68.05", validity="IOC"), "B", 40, "I", price=68.05,
            retention="IOC"),
    placing("currency option", DOLLAR_CALL, asked("BUY", 5000, "NRML", "0.2475"), "B", 5, "M",
            price=0.2475),
    placing("commodity option, stop", CRUDE_CALL,
            asked("SELL", 300, "NRML", "99.1", order_type="SL", trigger_price="100.5"),
            "S", 300, "M", price_type="SL-LMT", price=99.1, trigger_price=100.5),
    placing("after market stop, labelled", NIFTY_CALL,
            asked("BUY", 75, "NRML", "190.5", order_type="SL", trigger_price="190",
                  after_market=True, tag="amo1"),
            "B", 75, "M", price_type="SL-LMT", price=190.5, trigger_price=190, amo="Yes",
            remarks="amo1"),
    placing("bracket in an option, to the paisa", NIFTY_CALL,
            asked("BUY", 75, "MIS", "150.05", bracket_target="12.1", bracket_stop="6.05",
                  bracket_trail="2.5"),
            "B", 75, "B", price=150.05, bookprofit_price=12.1, bookloss_price=6.05,
            trail_price=2.5),
)  # fmt: skip


@frozen(kw_only=True)
class Changing:
    """A modification of a placed order: ``ours`` is what changes, ``theirs`` the whole order, as
    the clients' ``modify_order`` takes it."""

    name: str
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]

    def params(self, order_id: str) -> dict[str, Any]:
        where = by_name(self.name).where
        named = {"orderno": order_id, "exchange": where.exch, "tradingsymbol": where.tsym}
        return named | dict(self.theirs)


def changing(
    name: str, ours: Mapping[str, Any], quantity: int, kind: str, price: float, **more: Any
) -> Changing:
    theirs = {"newquantity": quantity, "newprice_type": kind, "newprice": price} | more
    return Changing(name=name, ours=ours, theirs=theirs)


CHANGINGS: Final = (
    changing("delivery", {"price": "1460", "quantity": 5}, 5, "LMT", 1460),
    changing("sale of a holding", {"quantity": 2}, 2, "LMT", 850),
    changing(
        "stop buy", {"trigger_price": "838", "price": "839.5"}, 6, "SL-LMT", 839.5,
        newtrigger_price=838,
    ),
    changing("stop sell", {"price": "1447.5"}, 7, "SL-LMT", 1447.5, newtrigger_price=1450),
    changing(
        "labelled", {"order_type": "SL", "price": "1590", "trigger_price": "1585"}, 1, "SL-LMT",
        1590, newtrigger_price=1585,
    ),
    changing("stop on a BSE option", {"order_type": "LIMIT", "price": "71"}, 20, "LMT", 71),
    changing("ampersand", {"price": "3605.5"}, 1, "LMT", 3605.5),
    changing("index future", {"quantity": 150}, 150, "LMT", 25900),
    changing("currency, counted in lots", {"quantity": 3000}, 3, "LMT", 88.5025),
    changing("after market", {"price": "790"}, 1, "LMT", 790),
    changing("half a strike", {"price": "0.05", "quantity": 1150}, 1150, "LMT", 0.05),
    changing("currency option", {"price": "0.25", "quantity": 3000}, 3, "LMT", 0.25),
    changing("ampersand in a future", {"quantity": 200, "price": "3700.00"}, 200, "LMT", 3700.0),
    changing(
        "immediate stop, as floats", {"trigger_price": "1500.5", "price": "1500.05"}, 9, "SL-LMT",
        1500.05, newtrigger_price=1500.5,
    ),
    changing(
        "commodity option, stop", {"quantity": 100}, 100, "SL-LMT", 99.1, newtrigger_price=100.5,
    ),
    changing(
        "stop at its trigger, labelled, partly shown", {"order_type": "LIMIT"}, 50, "LMT", 3612.5,
    ),
    changing(
        "after market stop, labelled", {"trigger_price": "191", "price": "191.05"}, 75, "SL-LMT",
        191.05, newtrigger_price=191,
    ),
)  # fmt: skip

CANCELLED: Final = ("delivery", "stop sell", "after market", "commodity option, stop")


def by_name(name: str) -> Placing:
    return {placing.name: placing for placing in PLACINGS}[name]
