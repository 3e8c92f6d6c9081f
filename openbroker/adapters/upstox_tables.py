"""Upstox's spellings, refusals and limits, as data.

Sources and dates as in :mod:`openbroker.adapters.upstox`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from openbroker.adapters.base import Refusal
from openbroker.adapters.sources import at_epoch, both_segments, depth, known, priced, within
from openbroker.adapters.wire import BadValue, Row, Source, Wire, json_number, to_decimal
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
    Exchange,
    Funds,
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

SEGMENTS: Mapping[Exchange, str] = {
    Exchange.NSE: "NSE_EQ",
    Exchange.BSE: "BSE_EQ",
    Exchange.NFO: "NSE_FO",
    Exchange.BFO: "BSE_FO",
    Exchange.CDS: "NCD_FO",
    Exchange.BCD: "BCD_FO",
    Exchange.MCX: "MCX_FO",
    Exchange.NSE_INDEX: "NSE_INDEX",
    Exchange.BSE_INDEX: "BSE_INDEX",
}

_NAMES = {
    exchange.value: exchange
    for exchange in SEGMENTS
    if not exchange.is_index
}  # fmt: skip


def _segment(row: Row) -> Exchange | None:
    """The exchange is told by what stands before the bar of an instrument's key."""
    key = row.get("instrument_token")
    return WIRE.word(Exchange, key.partition("|")[0]) if isinstance(key, str) else None


def _product(row: Row) -> Product | None:
    """D is delivery for shares and carrying forward for derivatives."""
    product = WIRE.word(Product, row.get("product"))
    exchange = _segment(row)
    if product is Product.CNC and exchange is not None and exchange.is_derivative:
        return Product.NRML
    return product


def product_word(product: Product, exchange: Exchange | None) -> str:
    """Upstox's word for a product, of which it has one less.

    Raises:
        Unsupported: NRML for shares.
    """
    carried = product is Product.NRML and exchange is not None and exchange.is_derivative
    return str(WIRE.spell(Product.CNC if carried else product))


def _is_after_market(row: Row) -> bool | None:
    flag = row.get("is_amo")
    return flag if isinstance(flag, bool) else row.get("variety") == "AMO"


def _milliseconds(key: str) -> Source:
    def source(row: Row) -> dt.datetime | None:
        try:
            value = to_decimal(row.get(key))
        except BadValue:
            return None
        return at_epoch(value / 1000) if value else None

    return source


def _benefit(row: Row) -> Decimal | None:
    parts = [to_decimal(row.get(key)) for key in ("required_margin", "final_margin")]
    return None if None in parts else (parts[0] or Decimal(0)) - (parts[1] or Decimal(0))


_LISTED: Mapping[str, Source] = {
    "exchange": _segment,
    "token": "instrument_token",
    "broker_symbol": ("trading_symbol", "tradingsymbol", "symbol"),
}

_PENDING = (
    "put order req received", "validation pending", "open pending",
    "after market order req received", "modify after market order req received",
)  # fmt: skip
_LIVE = (
    "open", "modified", "not modified", "not cancelled", "modify pending",
    "modify validation pending", "cancel pending", "cancel request pending",
)  # fmt: skip

WIRE = Wire(
    words={
        Side: {side: side.value for side in Side},
        OrderType: {kind: kind.value for kind in OrderType},
        Product: {Product.CNC: "D", Product.MIS: "I", Product.MTF: "MTF"},
        Validity: {validity: validity.value for validity in Validity},
        Exchange: SEGMENTS,
    },
    statuses={
        **dict.fromkeys(_PENDING, OrderStatus.PENDING),
        **dict.fromkeys(_LIVE, OrderStatus.OPEN),
        "trigger pending": OrderStatus.TRIGGER_PENDING,
        "complete": OrderStatus.FILLED,
        "cancelled": OrderStatus.CANCELLED,
        "cancelled after market order": OrderStatus.CANCELLED,
        "rejected": OrderStatus.REJECTED,
    },
    times=("%Y-%m-%d %H:%M:%S", "%d-%b-%Y %H:%M:%S"),
    number=json_number,
    fields={
        OrderRequest: {
            "target.token": "instrument_token",
            "side": "transaction_type",
            "order_type": "order_type",
            "validity": "validity",
            "quantity": "quantity",
            "price": "price",
            "trigger_price": "trigger_price",
            "disclosed_quantity": "disclosed_quantity",
            "after_market": "is_amo",
            "wire_tag": "tag",
        },
        OrderChange: {
            "order_type": "order_type",
            "validity": "validity",
            "quantity": "quantity",
            "price": "price",
            "trigger_price": "trigger_price",
            "disclosed_quantity": "disclosed_quantity",
        },
        Order: {
            **_LISTED,
            "order_id": "order_id",
            "status": "status",
            "side": "transaction_type",
            "order_type": "order_type",
            "product": _product,
            "validity": "validity",
            "quantity": "quantity",
            "filled_quantity": "filled_quantity",
            "pending_quantity": "pending_quantity",
            "disclosed_quantity": "disclosed_quantity",
            "price": priced("price"),
            "trigger_price": priced("trigger_price"),
            "average_price": priced("average_price"),
            "wire_tag": "tag",
            "message": ("status_message", "status_message_raw"),
            "placed_at": "order_timestamp",
            "updated_at": "exchange_timestamp",
            "exchange_order_id": "exchange_order_id",
            "parent_order_id": "parent_order_id",
            "after_market": _is_after_market,
        },
        Trade: {
            **_LISTED,
            "trade_id": "trade_id",
            "order_id": "order_id",
            "side": "transaction_type",
            "product": _product,
            "quantity": "quantity",
            "price": "average_price",
            "traded_at": ("exchange_timestamp", "order_timestamp"),
            "exchange_order_id": "exchange_order_id",
        },
        Position: {
            **_LISTED,
            "product": _product,
            "quantity": "quantity",
            "overnight_quantity": "overnight_quantity",
            "buy_quantity": "day_buy_quantity",
            "sell_quantity": "day_sell_quantity",
            "buy_price": priced("buy_price"),
            "sell_price": priced("sell_price"),
            "average_price": priced("average_price"),
            "last_price": priced("last_price"),
            "close_price": priced("close_price"),
            "pnl": "pnl",
            "realised_pnl": "realised",
            "unrealised_pnl": "unrealised",
        },
        Holding: {
            **_LISTED,
            "isin": "isin",
            "product": _product,
            "quantity": "quantity",
            "t1_quantity": "t1_quantity",
            "collateral_quantity": "collateral_quantity",
            "average_price": priced("average_price"),
            "last_price": priced("last_price"),
            "close_price": priced("close_price"),
            "pnl": "pnl",
        },
        Funds: {
            "available": both_segments("available_margin"),
            "utilised": both_segments("used_margin"),
            "payin": both_segments("payin_amount"),
        },
        Profile: {
            "account": "user_id",
            "name": "user_name",
            "exchanges": known("exchanges", _NAMES),
            "products": known("products", {"D": Product.CNC, "I": Product.MIS,
                                           "MTF": Product.MTF}),
        },
        Quote: {
            **_LISTED,
            "last_price": "last_price",
            "open": within("ohlc", "open"),
            "high": within("ohlc", "high"),
            "low": within("ohlc", "low"),
            "close": "cp",
            "change": "net_change",
            "volume": "volume",
            "open_interest": "oi",
            "last_quantity": "ltq",
            "average_price": priced("average_price"),
            "total_buy_quantity": "total_buy_quantity",
            "total_sell_quantity": "total_sell_quantity",
            "lower_circuit": priced("lower_circuit_limit"),
            "upper_circuit": priced("upper_circuit_limit"),
            "traded_at": _milliseconds("last_trade_time"),
            "updated_at": "timestamp",
            "depth": depth,
        },
        Margin: {"total": "final_margin", "benefit": _benefit},
        Candle: {
            "timestamp": "0",
            "open": "1",
            "high": "2",
            "low": "3",
            "close": "4",
            "volume": "5",
            "oi": "6",
        },
    },
)  # fmt: skip
"""``ohlc.close`` of a full quote is the day's own last price (its ``net_change`` says so), not the
previous close, which only the short quote tells (``cp``)."""

# -- history (Historical Candle Data V3, 2026)

INTERVALS: Mapping[Interval, str] = {
    Interval.M1: "minutes/1",
    Interval.M3: "minutes/3",
    Interval.M5: "minutes/5",
    Interval.M10: "minutes/10",
    Interval.M15: "minutes/15",
    Interval.M30: "minutes/30",
    Interval.H1: "hours/1",
    Interval.D1: "days/1",
}

HISTORY_WINDOWS: Mapping[Interval, dt.timedelta] = {
    **dict.fromkeys(
        (Interval.M1, Interval.M3, Interval.M5, Interval.M10, Interval.M15),
        dt.timedelta(days=28),
    ),
    **dict.fromkeys((Interval.M30, Interval.H1), dt.timedelta(days=89)),
    Interval.D1: dt.timedelta(days=3650),
}
"""A month, a quarter and a decade, in days that no month is shorter than."""

# -- refusals

_INPUT = Refusal(error=BrokerError, outcome=Outcome.REJECTED)
_EXPIRED = Refusal(error=SessionExpired, outcome=Outcome.NOT_SENT)
_DENIED = Refusal(error=PermissionDenied, outcome=Outcome.REJECTED)
_ENDED = Refusal(error=OrderNotModifiable, outcome=Outcome.REJECTED)

ERRORS: Mapping[str, Refusal] = {
    "UDAPI10005": Refusal(error=RateLimited, outcome=Outcome.NOT_SENT),
    "UDAPI100016": _EXPIRED,
    "UDAPI100050": _EXPIRED,
    "UDAPI100049": _DENIED,
    "UDAPI100067": _DENIED,
    "UDAPI100073": _DENIED,
    "UDAPI1161": _DENIED,
    "UDAPI1154": Refusal(error=StaticIPNotAllowed, outcome=Outcome.REJECTED),
    "UDAPI100010": Refusal(error=OrderNotFound, outcome=Outcome.REJECTED),
    "UDAPI100040": _ENDED,
    "UDAPI100041": _ENDED,
    "UDAPI100500": Refusal(error=BrokerUnavailable),
    **dict.fromkeys(
        (
            "UDAPI100036", "UDAPI100038", "UDAPI1003", "UDAPI1004", "UDAPI1007", "UDAPI1008",
            "UDAPI1010", "UDAPI1023", "UDAPI1026", "UDAPI1029", "UDAPI1030", "UDAPI1031",
            "UDAPI1036", "UDAPI1052", "UDAPI1055", "UDAPI1056", "UDAPI1158",
        ),
        _INPUT,
    ),
}  # fmt: skip
"""Error Codes, and those of Place, Modify and Cancel Order V3; 2026. UDAPI1158: no market order
without a protection. UDAPI1161: no commodities by API for the time being."""

TEXTS: tuple[tuple[str, Refusal], ...] = (
    ("insufficient fund", Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED)),
    ("insufficient margin", Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED)),
    ("insufficient holding", Refusal(error=InsufficientHoldings, outcome=Outcome.REJECTED)),
    ("static ip", Refusal(error=StaticIPNotAllowed, outcome=Outcome.REJECTED)),
    ("circuit", Refusal(error=PriceOutOfBand, outcome=Outcome.REJECTED)),
    ("market is closed", Refusal(error=MarketClosed, outcome=Outcome.REJECTED)),
    ("rms:", Refusal(error=RiskRejected, outcome=Outcome.REJECTED)),
)

LOGIN_ERRORS: Mapping[str, Refusal] = {
    **ERRORS,
    **dict.fromkeys(
        ("UDAPI100016", "UDAPI100050", "UDAPI100057", "UDAPI100068", "UDAPI100069"),
        Refusal(error=InvalidCredentials, outcome=Outcome.NOT_SENT),
    ),
}

# -- limits (Rate Limiting, 2026; orders by the exchanges' rule since 2026-04-01)

LIMITS: tuple[RateLimit, ...] = (
    RateLimit(
        bucket="order_changes",
        covers=frozenset({"place_order", "modify_order", "cancel_order"}),
        urgent=frozenset({"cancel_order"}),
        per_second=10,
        per_minute=500,
    ),
    RateLimit(
        bucket="reads",
        covers=frozenset(
            {"orders", "order", "trades", "positions", "holdings", "funds", "profile", "margin",
             "quotes", "history"}
        ),
        per_second=50,
        per_minute=500,
    ),
)  # fmt: skip
"""Beside these 2,000 in thirty minutes, which the limiter has no span for; 500 a minute for four
minutes reaches it, and then the refusal is passed on."""
