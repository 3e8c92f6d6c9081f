"""Fyers' spellings, refusals and limits, as data.

Sources and dates as in :mod:`openbroker.adapters.fyers`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from openbroker.adapters.base import Refusal
from openbroker.adapters.sources import difference, epoch, levels, priced, within
from openbroker.adapters.two_legs import VendorLeg, leg_sources
from openbroker.adapters.wire import BadValue, Row, Source, Wire, json_number, to_decimal, to_text
from openbroker.errors import (
    BrokerError,
    BrokerUnavailable,
    InsufficientFunds,
    InsufficientHoldings,
    InvalidCredentials,
    MarketClosed,
    OrderNotFound,
    OrderNotModifiable,
    Outcome,
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

# -- spellings (Appendix: Exchanges, Segments, Order Types, Order Sides, Order Status)

SEGMENTS: Mapping[Exchange, str] = {
    Exchange.NSE: "10/10",
    Exchange.NFO: "10/11",
    Exchange.CDS: "10/12",
    Exchange.BSE: "12/10",
    Exchange.BFO: "12/11",
    Exchange.BCD: "12/12",
    Exchange.MCX: "11/20",
}
"""The codes of the exchange and of the segment, which rows tell apart."""

USERS_TAG = "1:"
"""What Fyers puts in front of a user's tag; its own begin with ``2:``."""


def segment_codes(row: Row) -> str:
    """The codes of a row, as :data:`SEGMENTS` joins them."""
    return f"{row.get('exchange')}/{row.get('segment')}"


def _exchange(row: Row) -> Exchange | None:
    return WIRE.word(Exchange, segment_codes(row))


def _wire_tag(row: Row) -> str | None:
    tag = to_text(row.get("orderTag"))
    return tag.removeprefix(USERS_TAG) if tag and tag.startswith(USERS_TAG) else None


def _balance(wanted: int) -> Source:
    """A line of the funds, by its number: shares and commodities together."""

    def source(row: Row) -> Decimal | None:
        lines = row.get("fund_limit")
        if not isinstance(lines, list):
            raise BadValue("the funds are no list of lines")
        rows = [line for line in lines if isinstance(line, Mapping)]
        found = [line for line in rows if line.get("id") == wanted]
        amounts = [to_decimal(line.get(f"{part}Amount")) for line in found for part in _LEDGERS]
        known = [amount for amount in amounts if amount is not None]
        return sum(known, Decimal(0)) if known else None

    return source


_LEDGERS = ("equity", "commodity")


def _settled(row: Row) -> object:
    """What is left of the shares that have been delivered; a row of type T1 has none."""
    return 0 if row.get("holdingType") == UNDELIVERED else _shares(row)


def _unsettled(row: Row) -> object:
    return _shares(row) if row.get("holdingType") == UNDELIVERED else row.get("qty_t1")


def _shares(row: Row) -> object:
    left = row.get("remainingQuantity")
    return row.get("quantity") if left is None else left


UNDELIVERED = "T1"
"""``holdingType`` of shares bought and not yet delivered (Appendix, Holding Types)."""


def _depth(row: Row) -> Depth | None:
    sides = [row.get("bids"), row.get("ask")]
    if not any(isinstance(side, list) for side in sides):
        return None
    bids, asks = (levels(side, quantity="volume", orders="ord") for side in sides)
    return Depth(bids=bids, asks=asks)


TWO_LEGS = 2
"""``gtt_oco_ind`` of a rule in which either leg cancels the other."""

_LEGS = (("price_trigger", "price_limit", "qty"), ("price2_trigger", "price2_limit", "qty2"))


def rule_legs(row: Row) -> list[VendorLeg]:
    """A rule's legs."""
    return [
        VendorLeg(trigger_price=row.get(trigger), price=row.get(price), quantity=row.get(quantity))
        for trigger, price, quantity in _LEGS[: 2 if row.get("gtt_oco_ind") == TWO_LEGS else 1]
    ]


def _rule_side(row: Row) -> Side | None:
    return WIRE.word(Side, row.get("tran_side"))


_LISTED: Mapping[str, Source] = {
    "exchange": _exchange,
    "token": ("fyToken", "fytoken", "fy_token"),
    "broker_symbol": "symbol",
}

WIRE = Wire(
    words={
        Side: {Side.BUY: 1, Side.SELL: -1},
        OrderType: {
            OrderType.LIMIT: 1,
            OrderType.MARKET: 2,
            OrderType.SL_M: 3,
            OrderType.SL: 4,
        },
        Product: {
            Product.CNC: "CNC",
            Product.MIS: "INTRADAY",
            Product.NRML: "MARGIN",
            Product.MTF: "MTF",
        },
        Validity: {validity: validity.value for validity in Validity},
        Exchange: SEGMENTS,
        GttStatus: {
            GttStatus.ACTIVE: 6,
            GttStatus.TRIGGERED: 2,
            GttStatus.CANCELLED: 1,
            GttStatus.EXPIRED: 7,
        },
    },
    statuses={
        "1": OrderStatus.CANCELLED,
        "2": OrderStatus.FILLED,
        "4": OrderStatus.PENDING,
        "5": OrderStatus.REJECTED,
        "6": OrderStatus.OPEN,
        "7": OrderStatus.EXPIRED,
    },
    times=("%d-%b-%Y %H:%M:%S",),
    number=json_number,
    fields={
        OrderRequest: {
            "target.broker_symbol": "symbol",
            "quantity": "qty",
            "order_type": "type",
            "side": "side",
            "product": "productType",
            "price": "limitPrice",
            "trigger_price": "stopPrice",
            "validity": "validity",
            "disclosed_quantity": "disclosedQty",
            "after_market": "offlineOrder",
            "wire_tag": "orderTag",
        },
        OrderChange: {
            "quantity": "qty",
            "order_type": "type",
            "price": "limitPrice",
            "trigger_price": "stopPrice",
        },
        Order: {
            **_LISTED,
            "order_id": "id",
            "status": "status",
            "side": "side",
            "order_type": "type",
            "product": "productType",
            "validity": "orderValidity",
            "quantity": "qty",
            "filled_quantity": "filledQty",
            "pending_quantity": "remainingQuantity",
            "disclosed_quantity": ("disclosedQty", "discloseQty"),
            "price": priced("limitPrice"),
            "trigger_price": priced("stopPrice"),
            "average_price": priced("tradedPrice"),
            "wire_tag": _wire_tag,
            "message": "message",
            "placed_at": "orderDateTime",
            "exchange_order_id": "exchOrdId",
            "parent_order_id": "parentId",
            "after_market": "offlineOrder",
        },
        Trade: {
            **_LISTED,
            "trade_id": "tradeNumber",
            "order_id": "orderNumber",
            "side": "side",
            "product": "productType",
            "quantity": "tradedQty",
            "price": "tradePrice",
            "traded_at": "orderDateTime",
            "exchange_order_id": "exchangeOrderNo",
        },
        Position: {
            **_LISTED,
            "product": "productType",
            "quantity": "netQty",
            "overnight_quantity": difference("cfBuyQty", "cfSellQty"),
            "buy_quantity": "buyQty",
            "sell_quantity": "sellQty",
            "buy_price": priced("buyAvg"),
            "sell_price": priced("sellAvg"),
            "average_price": priced("netAvg"),
            "last_price": priced("ltp"),
            "pnl": "pl",
            "realised_pnl": "realized_profit",
            "unrealised_pnl": "unrealized_profit",
        },
        Holding: {
            **_LISTED,
            "isin": "isin",
            "quantity": _settled,
            "t1_quantity": _unsettled,
            "collateral_quantity": "collateralQuantity",
            "average_price": priced("costPrice"),
            "last_price": priced("ltp"),
            "pnl": "pl",
        },
        Funds: {
            "available": _balance(10),
            "cash": _balance(3),
            "collateral": _balance(5),
            "utilised": _balance(2),
            "payin": _balance(6),
            "realised_pnl": _balance(4),
        },
        Profile: {"account": "fy_id", "name": "name"},
        Quote: {
            "token": "fyToken",
            "last_price": ("lp", "ltp"),
            "open": ("open_price", "o"),
            "high": ("high_price", "h"),
            "low": ("low_price", "l"),
            "close": ("prev_close_price", "c"),
            "change": "ch",
            "change_percent": "chp",
            "volume": ("volume", "v"),
            "open_interest": "oi",
            "last_quantity": "ltq",
            "average_price": priced("atp"),
            "total_buy_quantity": "totalbuyqty",
            "total_sell_quantity": "totalsellqty",
            "lower_circuit": priced("lower_ckt"),
            "upper_circuit": priced("upper_ckt"),
            "traded_at": epoch("ltt"),
            "depth": _depth,
        },
        Margin: {"total": within("data", "margin_total")},
        Gtt: {
            **_LISTED,
            "gtt_id": "id",
            "status": "ord_status",
            "side": "tran_side",
            "product": "product_type",
            **leg_sources(rule_legs, _rule_side),
            "placed_at": epoch("create_time_epoch"),
        },
        Candle: {
            "timestamp": epoch("0"),
            "open": "1",
            "high": "2",
            "low": "3",
            "close": "4",
            "volume": "5",
            "oi": "6",
        },
    },
)
"""Status 3 is not used; 4 is on its way to the exchange.  A stop that waits for its trigger says 6,
pending, as every resting order does."""

# -- history (Data API, History)

INTERVALS: Mapping[Interval, str] = {
    Interval.M1: "1",
    Interval.M3: "3",
    Interval.M5: "5",
    Interval.M10: "10",
    Interval.M15: "15",
    Interval.M30: "30",
    Interval.H1: "60",
    Interval.D1: "1D",
}

HISTORY_WINDOWS: Mapping[Interval, dt.timedelta] = {
    **dict.fromkeys(INTERVALS, dt.timedelta(days=99)),
    Interval.D1: dt.timedelta(days=365),
}
"""100 days a request, 366 for days, both ends counted."""

# -- refusals (Request & Response Structure, Common API Error Codes)

_INPUT = Refusal(error=BrokerError, outcome=Outcome.REJECTED)
_SERVER = Refusal(error=BrokerUnavailable)
_EXPIRED = Refusal(error=SessionExpired, outcome=Outcome.NOT_SENT)
_DENIED = Refusal(error=PermissionDenied, outcome=Outcome.REJECTED)
_RATE = Refusal(error=RateLimited, outcome=Outcome.NOT_SENT)
_ENDED = Refusal(error=OrderNotModifiable, outcome=Outcome.REJECTED)
_NOT_THERE = Refusal(error=OrderNotFound, outcome=Outcome.REJECTED)
_ADDRESS = Refusal(error=StaticIPNotAllowed, outcome=Outcome.REJECTED)

ERRORS: Mapping[str, Refusal] = {
    **dict.fromkeys(("-8", "-15", "-16", "-17"), _EXPIRED),
    "-50": _INPUT,
    "-51": _NOT_THERE,
    "-53": _INPUT,
    "-300": _INPUT,
    "-352": _DENIED,
    "-373": _DENIED,
    **dict.fromkeys(("-353", "-429"), _RATE),
    **dict.fromkeys(("-159", "-209"), _NOT_THERE),
    **dict.fromkeys(("-161", "-162", "-164"), _ENDED),
    **dict.fromkeys(
        (
            "-101", "-305", "-308", "-309", "-310", "-311", "-313", "-314", "-315", "-316", "-323",
            "-325", "-326", "-327", "-328", "-372", "-390", "-392",
        ),
        _INPUT,
    ),
    **dict.fromkeys(("-96", "-201", "-202", "-204", "-205"), _SERVER),
}  # fmt: skip
"""From -101 on, except -300, -352 and -429, they are the codes of API v2 that the vendor published
(FYERS_MyAPI, 2021).  -96 and -201 to -205 tell of faults on the way and prove nothing; neither does
a code that is not listed."""

CATCH_ALL = "-99"
"""Stands in no table, so that its words decide: the order system's refusals (*RED:Margin
Shortfall*), *internal server error* and *invalid token* have it alike, as integrations record
(2025 and 2026), and the official client gives it to its own failures."""

IN_TRANSIT = "201"
"""A success that the exchange has not answered; whether there is an order, the book tells (Order
Placement)."""

TEXTS: tuple[tuple[str, Refusal], ...] = (
    ("static ip", _ADDRESS),
    ("whitelist", _ADDRESS),
    ("insufficient fund", Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED)),
    ("insufficient margin", Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED)),
    ("margin shortfall", Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED)),
    ("insufficient holding", Refusal(error=InsufficientHoldings, outcome=Outcome.REJECTED)),
    ("already been cancelled", _ENDED),
    ("already been rejected", _ENDED),
    ("already traded", _ENDED),
    ("circuit limit", Refusal(error=PriceOutOfBand, outcome=Outcome.REJECTED)),
    ("market is closed", Refusal(error=MarketClosed, outcome=Outcome.REJECTED)),
    ("^rms:", Refusal(error=RiskRejected, outcome=Outcome.REJECTED)),
    ("^red:", Refusal(error=RiskRejected, outcome=Outcome.REJECTED)),
)
"""What they prove, they prove under a code that is listed above or under :data:`CATCH_ALL`."""

LOGIN_ERRORS: Mapping[str, Refusal] = {
    **ERRORS,
    **dict.fromkeys(
        ("-8", "-15", "-16", "-17", "-50", "-352", "-371", "-374", "-437", "-501"),
        Refusal(error=InvalidCredentials, outcome=Outcome.NOT_SENT),
    ),
}
"""-437 and -501 are what a wrong auth code and a wrong refresh token were answered (the vendor's Go
client's own tests, 2026-02)."""

RATE_BYTES = (b'"code":-429', b'"code": -429', b'"code":-353', b'"code": -353')

# -- limits (Request & Response Structure, Rate Limit: all routes together)

LIMITS: tuple[RateLimit, ...] = (
    RateLimit(
        bucket="all",
        covers=frozenset(
            {
                "login", "renew", "logout", "profile", "place_order", "modify_order",
                "cancel_order", "orders", "order", "trades", "positions", "convert_position",
                "holdings", "funds", "margin", "quotes", "history", "place_gtt", "modify_gtt",
                "cancel_gtt", "gtt", "gtts", "raw",
            }
        ),
        urgent=frozenset({"cancel_order"}),
        per_second=10,
        per_minute=200,
        per_day=100_000,
    ),
)  # fmt: skip
"""Who goes over the minute's limit more than three times in a day is blocked for the rest of it."""
