"""The Noren family's spellings, refusals and limits, as data.

Sources and dates as in :mod:`openbroker.adapters.noren_system`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from openbroker.adapters.base import Refusal
from openbroker.adapters.sources import (
    balance,
    difference,
    epoch,
    known,
    known_words,
    levels,
    priced,
)
from openbroker.adapters.two_legs import VendorLeg, leg_sources
from openbroker.adapters.wire import Row, Wire, to_decimal, to_int
from openbroker.errors import (
    BrokerError,
    BrokerUnavailable,
    InsufficientFunds,
    InsufficientHoldings,
    InvalidCredentials,
    MarketClosed,
    OrderNotFound,
    OrderNotModifiable,
    PermissionDenied,
    PriceOutOfBand,
    RateLimited,
    RiskRejected,
    SessionExpired,
    StaticIPNotAllowed,
)
from openbroker.schemas import (
    Candle,
    Depth,
    Exchange,
    Funds,
    Gtt,
    GttChange,
    GttRequest,
    GttStatus,
    Holding,
    Interval,
    Margin,
    Order,
    OrderChange,
    OrderRequest,
    OrderStatus,
    OrderType,
    Position,
    Product,
    Profile,
    Quote,
    Side,
    Trade,
    Validity,
)
from openbroker.transport.messages import RateLimit

# -- spellings


def _flattened(price: str, quantity: str, orders: str) -> Any:
    """One side of the book, which the quote spreads over numbered fields."""

    def rows(row: Row) -> list[dict[str, Any]]:
        return [
            {"price": row.get(f"{price}{n}"), "quantity": row.get(f"{quantity}{n}"),
             "orders": row.get(f"{orders}{n}")}
            for n in range(1, 6)
        ]  # fmt: skip

    return rows


_BIDS, _ASKS = _flattened("bp", "bq", "bo"), _flattened("sp", "sq", "so")


def _depth(row: Row) -> Depth | None:
    if "bp1" not in row and "sp1" not in row:
        return None
    return Depth(bids=levels(_BIDS(row)), asks=levels(_ASKS(row)))


def _filled(row: Row) -> int:
    """``fillshares`` is left out until there is a fill."""
    return to_int(row.get("fillshares")) or 0


def _traded_at(row: Row) -> object:
    """The exchange's time, or the order system's where the former stands at its beginning."""
    told = row.get("fltm")
    return row.get("norentm") if not told or str(told).startswith(_NO_TIME) else told


_NO_TIME = "01-01-1980"


def _is_after_market(row: Row) -> bool:
    amo = row.get("amo")
    return isinstance(amo, str) and amo.casefold() == "yes"


def _profit(row: Row) -> Decimal | None:
    parts = [to_decimal(row.get(key)) for key in ("rpnl", "urmtom")]
    return None if None in parts else sum((part or Decimal(0) for part in parts), Decimal(0))


def _listing(key: str) -> Any:
    """A field of the first listing of a holding, which may trade at several exchanges."""

    def source(row: Row) -> object:
        listings = row.get("exch_tsym")
        first = listings[0] if isinstance(listings, list) and listings else row
        return first.get(key) if isinstance(first, Mapping) else None

    return source


def _held_exchange(row: Row) -> Exchange | None:
    return WIRE.word(Exchange, _listing("exch")(row))


def _settled(row: Row) -> int:
    """Valuation quantity less what is bought and not settled (README, Holdings)."""
    count = {key: to_int(row.get(key)) or 0 for key in _HOLDING_PARTS}
    return (
        count["holdqty"]
        + count["unplgdqty"]
        + count["benqty"]
        + max(count["npoadqty"], count["dpqty"])
        - count["usedqty"]
    )


_HOLDING_PARTS = ("holdqty", "unplgdqty", "benqty", "npoadqty", "dpqty", "usedqty")


def _products(row: Row) -> tuple[Product, ...]:
    listed = row.get("prarr")
    parts = listed if isinstance(listed, list) else []
    words = [part.get("prd") for part in parts if isinstance(part, Mapping)]
    return known_words(words, {"C": Product.CNC, "I": Product.MIS, "M": Product.NRML})


def _blocked(row: Row) -> Decimal | None:
    """What one order blocks, or a basket after netting."""
    single = to_decimal(row.get("ordermargin"))
    return _BASKET(row) if single is None else single


def _netted(row: Row) -> Decimal | None:
    """What a basket saves, where the reply is about one."""
    return _SAVED(row) if "marginusedtrade" in row else None


def _ruled(*keys: str) -> Any:
    """A field that is the same in each of a rule's orders, its case varying."""

    def source(row: Row) -> object:
        told = {value for order in _rule_orders(row) if (value := _first(order, keys)) is not None}
        return told.pop() if len(told) == 1 else None

    return source


def _rule_orders(row: Row) -> list[Row]:
    """A rule's orders, which stand flat or one level down."""
    first, second = (
        inner if isinstance(inner, Mapping) else {}
        for inner in map(row.get, ("place_order_params", "place_order_params_leg2"))
    )
    return [{**row, **first}, second] if is_two_legged(row) else [{**first, **row}]


def _first(order: Row, keys: Sequence[str]) -> Any:
    found = (order.get(key) for key in keys)
    return next((value for value in found if value not in (None, "")), None)


def is_two_legged(row: Row) -> bool:
    """Whether a rule is a pair of which one order cancels the other."""
    return row.get("ai_t") == TWO_LEGS


def rule_legs(row: Row) -> list[VendorLeg]:
    """A rule's legs: the order of the first variable, and of a pair that of the second."""
    return [
        VendorLeg(
            trigger_price=trigger,
            price=_first(order, ("prc", "Prc")),
            quantity=_first(order, ("qty", "Qty")),
        )
        for trigger, order in zip(_watched(row), _rule_orders(row), strict=False)
    ]


def _watched(row: Row) -> list[object]:
    """The prices that send the orders: ``d`` or the only variable's, of a pair both variables'."""
    told = row.get("oivariable")
    variables = [one for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []
    if not is_two_legged(row):
        return [to_decimal(row.get("d")) or (variables[0].get("d") if variables else None)]
    named = {one.get("var_name"): one.get("d") for one in variables}
    return [named.get(UPPER), named.get(LOWER)]


def _rule_side(row: Row) -> Side | None:
    return WIRE.word(Side, _ruled("trantype")(row))


TWO_LEGS = "LMT_BOS_O"
"""A pair of orders: ``x`` sends the first from above, ``y`` the second from below (the members' web
pages; *Ltp 144.85 is above 50.75*, of an ``x`` that was meant for a stop below, Flattrade's book as
an integration read it back, 2026-09-03)."""
UPPER, LOWER = "x", "y"
ABOVE, BELOW = "LTP_A_O", "LTP_B_O"
"""Which way the last price has to come: rules of one order (Zebu's page; Flattrade's own books as
read back by an integration, 2026-06)."""

BRACKET = "B"
"""A bracket order's product."""
NOT_IN_MARGINS = frozenset({"bpprc", "trailprc"})
"""What the margins' pages do not list of an order."""

_SAVED = balance("marginused", minus=("marginusedtrade",))
_BASKET = balance("marginusedtrade", minus=("marginusedprev",))


_EXCHANGES: Mapping[Exchange, str] = {
    Exchange.NSE: "NSE",
    Exchange.BSE: "BSE",
    Exchange.NFO: "NFO",
    Exchange.BFO: "BFO",
    Exchange.CDS: "CDS",
    Exchange.BCD: "BCD",
    Exchange.MCX: "MCX",
    Exchange.NCDEX: "NCX",
}

_LISTED = {"exchange": "exch", "token": "token", "broker_symbol": "tsym"}

_STATUSES: Mapping[str, OrderStatus] = {
    "NEW": OrderStatus.PENDING,
    "PENDING": OrderStatus.PENDING,
    "OPEN PENDING": OrderStatus.PENDING,
    "VALIDATION PENDING": OrderStatus.PENDING,
    "AFTER MARKET ORDER REQ RECEIVED": OrderStatus.PENDING,
    "OPEN": OrderStatus.OPEN,
    "REPLACED": OrderStatus.OPEN,
    "MODIFY PENDING": OrderStatus.OPEN,
    "REPLACE PENDING": OrderStatus.OPEN,
    "CANCEL PENDING": OrderStatus.OPEN,
    "TRIGGER PENDING": OrderStatus.TRIGGER_PENDING,
    "COMPLETE": OrderStatus.FILLED,
    "CANCELED": OrderStatus.CANCELLED,
    "CANCELLED": OrderStatus.CANCELLED,
    "REJECT": OrderStatus.REJECTED,
    "REJECTED": OrderStatus.REJECTED,
}
"""INVALID_STATUS_TYPE stands in no table: it says nothing."""

WIRE = Wire(
    words={
        Side: {Side.BUY: "B", Side.SELL: "S"},
        OrderType: {
            OrderType.MARKET: "MKT",
            OrderType.LIMIT: "LMT",
            OrderType.SL: "SL-LMT",
            OrderType.SL_M: "SL-MKT",
        },
        Product: {
            Product.CNC: "C",
            Product.MIS: "I",
            Product.NRML: "M",
            Product.MTF: "F",
        },
        Validity: {Validity.DAY: "DAY", Validity.IOC: "IOC"},
        Exchange: _EXCHANGES,
        GttStatus: {GttStatus.ACTIVE: "Ok"},
    },
    statuses={
        spelled: status
        for words, status in _STATUSES.items()
        for spelled in (words, words.replace(" ", "_"))
    },
    times=("%H:%M:%S %d-%m-%Y", "%d-%m-%Y %H:%M:%S", "%d-%b-%Y"),
    fields={
        OrderRequest: {
            "target.venue": "exch",
            "target.broker_symbol": "tsym",
            "side": "trantype",
            "order_type": "prctyp",
            "product": "prd",
            "validity": "ret",
            "quantity": "qty",
            "price": "prc",
            "trigger_price": "trgprc",
            "disclosed_quantity": "dscqty",
            "bracket_target": "bpprc",
            "bracket_stop": "blprc",
            "bracket_trail": "trailprc",
            "wire_tag": "remarks",
        },
        GttRequest: {
            "target.venue": "exch",
            "target.broker_symbol": "tsym",
            "side": "trantype",
            "product": "prd",
            "quantity": "qty",
            "price": "prc",
            "trigger_price": "d",
            "disclosed_quantity": "dscqty",
        },
        GttChange: {
            "quantity": "qty",
            "price": "prc",
            "trigger_price": "d",
            "disclosed_quantity": "dscqty",
        },
        OrderChange: {
            "order_type": "prctyp",
            "validity": "ret",
            "quantity": "qty",
            "price": "prc",
            "trigger_price": "trgprc",
            "disclosed_quantity": "dscqty",
        },
        Order: {
            **_LISTED,
            "order_id": "norenordno",
            "status": "status",
            "side": "trantype",
            "order_type": "prctyp",
            "product": "prd",
            "validity": "ret",
            "quantity": "qty",
            "filled_quantity": _filled,
            "cancelled_quantity": "cancelqty",
            "disclosed_quantity": "dscqty",
            "price": priced("prc"),
            "trigger_price": priced("trgprc"),
            "average_price": priced("avgprc"),
            "wire_tag": "remarks",
            "message": "rejreason",
            "placed_at": epoch("ordenttm"),
            "updated_at": "norentm",
            "exchange_order_id": "exchordid",
            "after_market": _is_after_market,
        },
        Trade: {
            **_LISTED,
            "trade_id": "flid",
            "order_id": "norenordno",
            "side": "trantype",
            "product": "prd",
            "quantity": "flqty",
            "price": "flprc",
            "traded_at": _traded_at,
            "exchange_order_id": "exchordid",
        },
        Position: {
            **_LISTED,
            "product": "prd",
            "quantity": "netqty",
            "overnight_quantity": difference("cfbuyqty", "cfsellqty"),
            "buy_quantity": "daybuyqty",
            "sell_quantity": "daysellqty",
            "buy_price": priced("daybuyavgprc"),
            "sell_price": priced("daysellavgprc"),
            "average_price": priced("netavgprc"),
            "last_price": priced("lp"),
            "pnl": _profit,
            "realised_pnl": "rpnl",
            "unrealised_pnl": "urmtom",
        },
        Holding: {
            "exchange": _held_exchange,
            "token": _listing("token"),
            "broker_symbol": _listing("tsym"),
            "product": "prd",
            "isin": _listing("isin"),
            "quantity": _settled,
            "t1_quantity": "btstqty",
            "collateral_quantity": "brkcolqty",
            "average_price": priced("upldprc"),
        },
        Gtt: {
            "gtt_id": ("al_id", "Al_id"),
            "status": "stat",
            "exchange": "exch",
            "token": ("token", "Token"),
            "broker_symbol": "tsym",
            "side": _ruled("trantype"),
            "product": _ruled("prd"),
            "disclosed_quantity": _ruled("dscqty"),
            **leg_sources(rule_legs, _rule_side),
            "placed_at": "norentm",
        },
        Funds: {
            "available": balance("cash", ("payin", "brkcollamt"), ("marginused",)),
            "cash": "cash",
            "collateral": "brkcollamt",
            "utilised": "marginused",
            "payin": "payin",
        },
        Profile: {
            "account": ("actid", "uid"),
            "name": "uname",
            "exchanges": known("exarr", {text: word for word, text in _EXCHANGES.items()}),
            "products": _products,
        },
        Quote: {
            **_LISTED,
            "last_price": "lp",
            "open": priced("o"),
            "high": priced("h"),
            "low": priced("l"),
            "close": priced("c"),
            "volume": "v",
            "open_interest": "oi",
            "last_quantity": "ltq",
            "average_price": priced("ap"),
            "total_buy_quantity": "tbq",
            "total_sell_quantity": "tsq",
            "lower_circuit": priced("lc"),
            "upper_circuit": priced("uc"),
            "low_52_weeks": priced("wk52_l"),
            "high_52_weeks": priced("wk52_h"),
            "updated_at": "request_time",
            "depth": _depth,
        },
        Margin: {
            "total": _blocked,
            "benefit": _netted,
        },
        Candle: {
            "timestamp": "time",
            "open": "into",
            "high": "inth",
            "low": "intl",
            "close": "intc",
            "volume": "intv",
            "oi": "oi",
        },
    },
)
"""Funds: ``rpnl`` and ``unmtom`` are parts of the margin in use there, and their sign is written
nowhere; they stay in ``vendor``. What new orders may use is cash, today's pay-in and pledged
collateral less the margin in use, which is how the members' own screens reckon; medium confidence.
Margin: figures before and after netting as recorded from Shoonya on 2026-09-30."""

# -- history

INTERVALS: Mapping[Interval, str] = {
    Interval.M1: "1",
    Interval.M3: "3",
    Interval.M5: "5",
    Interval.M10: "10",
    Interval.M15: "15",
    Interval.M30: "30",
    Interval.H1: "60",
}
"""Minutes, for TPSeries; days are another route."""

HISTORY_WINDOWS: Mapping[Interval, dt.timedelta] = {
    interval: dt.timedelta(days=days)
    for interval, days in {
        Interval.M1: 5,
        Interval.M3: 10,
        Interval.M5: 20,
        Interval.M10: 40,
        Interval.M15: 60,
        Interval.M30: 90,
        Interval.H1: 180,
        Interval.D1: 730,
    }.items()
}
"""How much one request gives, by experience: longer ranges time out, and days stop at 1,201 rows
(an integration in daily use, 2026-08; published nowhere)."""

DAILY_INDICES: Mapping[str, str] = {
    "NSE_INDEX:NIFTY": "Nifty 50",
    "NSE_INDEX:BANKNIFTY": "Nifty Bank",
    "NSE_INDEX:FINNIFTY": "Nifty Financial Services",
    "NSE_INDEX:MIDCPNIFTY": "Nifty Midcap Select",
    "NSE_INDEX:NIFTYNXT50": "Nifty Next 50",
    "NSE_INDEX:INDIAVIX": "India VIX",
}
"""What the daily route calls indices (the same source). For any other name it gives an empty list,
which would read as a holiday, so any other is refused."""

# -- refusals

TEXTS: tuple[tuple[str, Refusal], ...] = (
    ("session expired", Refusal(error=SessionExpired)),
    ("invalid session", Refusal(error=SessionExpired)),
    ("invalid access token", Refusal(error=SessionExpired)),
    ("in a current ", Refusal(error=RateLimited)),
    ("rate_limited", Refusal(error=RateLimited)),
    ("too many requests", Refusal(error=RateLimited)),
    ("server timeout", Refusal(error=BrokerUnavailable)),
    ("ora:order not found", Refusal(error=OrderNotFound)),
    ("order is not open", Refusal(error=OrderNotModifiable)),
    ("not allowed to modify", Refusal(error=OrderNotModifiable)),
    ("not allowed to cancel", Refusal(error=OrderNotModifiable)),
    ("invalid ip", Refusal(error=StaticIPNotAllowed)),
    ("invalid_ip", Refusal(error=StaticIPNotAllowed)),
    ("static ip", Refusal(error=StaticIPNotAllowed)),
    ("margin exceeds", Refusal(error=InsufficientFunds)),
    ("insufficient balance", Refusal(error=InsufficientFunds)),
    ("margin shortfall", Refusal(error=InsufficientFunds)),
    ("insufficient holding", Refusal(error=InsufficientHoldings)),
    ("circuit", Refusal(error=PriceOutOfBand)),
    ("price range", Refusal(error=PriceOutOfBand)),
    ("lpp limit", Refusal(error=PriceOutOfBand)),
    ("market is closed", Refusal(error=MarketClosed)),
    ("market closed", Refusal(error=MarketClosed)),
    ("algo id", Refusal(error=PermissionDenied)),
    ("rms:", Refusal(error=RiskRejected)),
    ("", Refusal(error=BrokerError)),
)
"""Noren has words only, no codes.  These tell what a refusal is about; what it proves, its form
tells (:data:`STOPPED`, :data:`DENIALS`), and of any other form the order is unknown."""

STOPPED = re.compile(
    r"session expired(\s*:\s*invalid [\w ]+)?|invalid session( key)?|invalid access token"
    r"|(invalid input\s*:\s*)?order rece?ie?ved \d+ in a current (second|minute|hour|day)"
    r" exceeds limit \d+( for user)?"
    r"|too many requests|rate_limited\s*:\s*too many requests(, retry after backoff)?",
    re.IGNORECASE,
)
"""What the gateway says, whole, of a request that it has let go no further: the token is dead
(Shoonya's page; logs of the members), or there were too many (*Recieved* is its own spelling).  A
longer text may quote it of an order that the order system has seen."""

DENIALS = re.compile(
    r"rejected\b|invalid input\b|error occurr?ed\s*:\s*2\s*\"invalid input\"", re.IGNORECASE
)
"""``Rejected`` is the order system's own word, ``Invalid Input`` the gateway's check of the fields,
and error 2 with those words what the members' pages show as PlaceOrder's refusal.  Any other
``Error Occurred`` is a catch-all and proves nothing."""

LOGIN_TEXTS: tuple[tuple[str, Refusal], ...] = (
    ("in a current ", Refusal(error=RateLimited)),
    ("invalid ip", Refusal(error=StaticIPNotAllowed)),
    ("invalid_ip", Refusal(error=StaticIPNotAllowed)),
    ("server timeout", Refusal(error=BrokerUnavailable)),
    ("", Refusal(error=InvalidCredentials)),
)

NO_DATA = re.compile(r'(error occurr?ed\s*:\s*5\s*)?"?no data"?\s*', re.IGNORECASE)
"""What an error says, whole, where another system would give an empty list."""

RATE_BYTES = (b"in a current ", b"rate_limited", b"too many requests")

# -- limits

ORDER_CHANGES = frozenset(
    {"place_order", "modify_order", "cancel_order", "place_gtt", "modify_gtt", "cancel_gtt"}
)
READS = frozenset(
    {"orders", "order_history", "trades", "positions", "holdings", "funds", "profile", "margin",
     "quotes", "history", "gtts", "raw"}
)  # fmt: skip

LIMITS: tuple[RateLimit, ...] = (
    RateLimit(
        bucket="all",
        covers=ORDER_CHANGES | READS | {"convert_position", "logout"},
        urgent=ORDER_CHANGES,
        per_second=10,
        per_minute=120,
    ),
)
"""The system counts every call of a user together, reads too, as its refusals say: *Order Recieved
11 in a current second exceeds Limit 10 for user*, and likewise 121 in a minute (logs of Zebu,
TradeSmart and Flattrade, 2026-08 and 2026-09; of Shoonya the second alone).  Since reads eat what
orders need, orders go first."""
