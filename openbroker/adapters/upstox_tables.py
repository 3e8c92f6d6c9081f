"""Upstox's spellings, refusals and limits, as data.

Sources and dates as in :mod:`openbroker.adapters.upstox`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from attrs import frozen

from openbroker.adapters.base import Refusal
from openbroker.adapters.sources import (
    Place,
    at_epoch,
    both_segments,
    costs,
    depth,
    known,
    noted,
    priced,
    within,
)
from openbroker.adapters.upstox_routes import ORDERS, READS
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
    Unsupported,
)
from openbroker.schemas import (
    Candle,
    Charges,
    Exchange,
    Funds,
    Greeks,
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
    Record,
    Right,
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
    key = row.get("instrument_token") or row.get("instrument_key")
    return WIRE.word(Exchange, key.partition("|")[0]) if isinstance(key, str) else None


def _product(row: Row) -> Product | None:
    """D is delivery for shares and carrying forward for derivatives."""
    product = WIRE.word(Product, row.get("product"))
    exchange = _segment(row)
    if product is Product.CNC and exchange is not None and exchange.is_derivative:
        return Product.NRML
    return product


def product_word(product: Product, exchange: Exchange | None) -> str:
    """Upstox's word for a product, of which it has one less: ``D`` is CNC for shares and NRML for
    derivatives.

    Raises:
        Unsupported: NRML for shares, CNC for derivatives, or it is not known which of them it is.
    """
    if exchange is None:
        raise Unsupported("the row's exchange is not known, and with it what Upstox's D means")
    if not exchange.is_derivative:
        return str(WIRE.spell(product))
    if product is Product.CNC:
        raise Unsupported("product CNC is for shares; derivatives take NRML or MIS")
    return str(WIRE.spell(Product.CNC if product is Product.NRML else product))


def _is_after_market(row: Row) -> bool | None:
    flag = row.get("is_amo")
    return flag if isinstance(flag, bool) else row.get("variety") == "AMO"


def _since_1970(key: str, in_a_second: int) -> Source:
    def source(row: Row) -> dt.datetime | None:
        try:
            value = to_decimal(row.get(key))
        except BadValue:
            return None
        return at_epoch(value / in_a_second) if value else None

    return source


def _benefit(row: Row) -> Decimal | None:
    parts = [to_decimal(row.get(key)) for key in ("required_margin", "final_margin")]
    return None if None in parts else (parts[0] or Decimal(0)) - (parts[1] or Decimal(0))


COSTS: Mapping[str, tuple[Place, ...]] = {
    "brokerage": (("charges", "brokerage"),),
    "transaction_tax": (("charges", "taxes", "stt"),),
    "gst": (("charges", "taxes", "gst"),),
    "stamp_duty": (("charges", "taxes", "stamp_duty"),),
    **{
        name: tuple(("charges", part, key) for part in ("other_charges", "otherTaxes"))
        for name, key in (
            ("exchange_turnover_charge", "transaction"),
            ("clearing_charge", "clearing"),
            ("investor_protection_fund", "ipft"),
            ("sebi_turnover_charge", "sebi_turnover"),
        )
    },
}
"""The parts of what an order costs; the last four stand under one name in the documentation
(Brokerage Details, 2026) and under another in the official client, which reads ``otherTaxes``."""


ENTRY = "ENTRY"
"""The leg of a GTT rule that opens it; the others, TARGET and STOPLOSS, close what it opened."""


def _entry(key: str) -> Callable[[Row], object]:
    """A field of a rule's first leg."""

    def source(row: Row) -> object:
        legs = row.get("rules")
        for leg in legs if isinstance(legs, list) else ():
            if isinstance(leg, Mapping) and leg.get("strategy") == ENTRY:
                return leg.get(key)
        return None

    return source


def greek_rows(chain: list[Any], underlying: str) -> Iterator[object]:
    """Both options of every strike of an option chain, each with what the strike says of it."""
    for strike in chain:
        if not isinstance(strike, Mapping):
            yield strike
            continue
        about = {name: strike.get(name) for name in ("expiry", "strike_price")}
        for side, right in (("call_options", Right.CE), ("put_options", Right.PE)):
            option = strike.get(side)
            if isinstance(option, Mapping):
                yield {**option, **about, "underlying": underlying, "right": right}


def _day(row: Row) -> dt.date | None:
    try:
        return dt.date.fromisoformat(to_text(row.get("expiry")) or "")
    except ValueError:
        return None


@frozen(kw_only=True)
class StaticIps(Record):
    """The registered addresses from which orders are taken, and when each was set."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "primary", "primary_updated_at", "secondary", "secondary_updated_at",
    )  # fmt: skip

    primary: str | None = None
    primary_updated_at: dt.datetime | None = None
    secondary: str | None = None
    secondary_updated_at: dt.datetime | None = None


@frozen(kw_only=True)
class SegmentSwitch(Record):
    """Whether a segment of the account is open, and whether Upstox's kill switch halts it.

    ``segment`` is Upstox's word; ``exchange`` is ``None`` where the schema has none for it.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = ("segment", "exchange", "is_active", "is_halted")

    segment: str
    exchange: Exchange | None = None
    is_active: bool | None = None
    is_halted: bool | None = None


def _is_active(row: Row) -> bool | None:
    return {"ACTIVE": True, "INACTIVE": False}.get(str(row.get("segment_status")))


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
        GttStatus: {
            GttStatus.ACTIVE: "SCHEDULED",
            GttStatus.TRIGGERED: "TRIGGERED",
            GttStatus.CANCELLED: "CANCELLED",
            GttStatus.EXPIRED: "EXPIRED",
        },
    },
    aliases={GttStatus: {"OPEN": GttStatus.TRIGGERED, "COMPLETED": GttStatus.TRIGGERED}},
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
            "close": ("prev_close_price", "cp"),
            "change": "net_change",
            "volume": "volume",
            "open_interest": "oi",
            "last_quantity": "ltq",
            "average_price": priced("average_price"),
            "total_buy_quantity": "total_buy_quantity",
            "total_sell_quantity": "total_sell_quantity",
            "lower_circuit": priced("lower_circuit_limit"),
            "upper_circuit": priced("upper_circuit_limit"),
            "traded_at": _since_1970("last_trade_time", 1_000),
            "updated_at": "timestamp",
            "depth": depth,
        },
        Margin: {"total": "final_margin", "benefit": _benefit},
        Charges: {"total": noted(("charges", "total")), "items": costs(COSTS)},
        Gtt: {
            **_LISTED,
            "gtt_id": "gtt_order_id",
            "status": _entry("status"),
            "side": _entry("transaction_type"),
            "product": _product,
            "quantity": "quantity",
            "trigger_price": _entry("trigger_price"),
            "placed_at": _since_1970("created_at", 1_000_000),
            "valid_until": _since_1970("expires_at", 1_000_000),
        },
        Greeks: {
            "exchange": _segment,
            "token": "instrument_key",
            "underlying": "underlying",
            "expiry": _day,
            "strike": "strike_price",
            "right": "right",
            "delta": within("option_greeks", "delta"),
            "gamma": within("option_greeks", "gamma"),
            "theta": within("option_greeks", "theta"),
            "vega": within("option_greeks", "vega"),
            "implied_volatility": within("option_greeks", "iv"),
            "volume": within("market_data", "volume"),
        },
        StaticIps: {
            "primary": "primary_ip",
            "primary_updated_at": "primary_ip_updated_at",
            "secondary": "secondary_ip",
            "secondary_updated_at": "secondary_ip_updated_at",
        },
        SegmentSwitch: {
            "segment": "segment",
            "exchange": "segment",
            "is_active": _is_active,
            "is_halted": "kill_switch_enabled",
        },
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
previous close, which is ``prev_close_price`` there and ``cp`` in the short quote.

A GTT rule tells no price of the order that it sends, so ``Gtt.price`` stays ``None``. The statuses
FAILED, PENDING and INACTIVE say too little of a rule to be one of ours."""

ALWAYS: Mapping[str, Any] = {
    "price": 0,
    "trigger_price": 0,
    "disclosed_quantity": 0,
    "is_amo": False,
    "slice": False,
}
"""Fields that an order has even where they say nothing."""

REPEATED = ("validity", "price", "order_type", "trigger_price")
"""What a modification says again of the order as it stands."""

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

WITHIN_DAYS_SINCE = "2022-01-01"
"""The first day that has candles of minutes and hours; those of days begin with 2000."""

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
    "UDAPI1156": _DENIED,
    "UDAPI1161": _DENIED,
    "UDAPI1154": Refusal(error=StaticIPNotAllowed, outcome=Outcome.REJECTED),
    "UDAPI100010": Refusal(error=OrderNotFound, outcome=Outcome.REJECTED),
    "UDAPI100040": _ENDED,
    "UDAPI100041": _ENDED,
    "UDAPI1150": _ENDED,
    "UDAPI100039": Refusal(error=MarketClosed, outcome=Outcome.REJECTED),
    "UDAPI100074": Refusal(error=MarketClosed, outcome=Outcome.REJECTED),
    "UDAPI100500": Refusal(error=BrokerUnavailable),
    **dict.fromkeys(
        (
            "UDAPI10000", "UDAPI100011", "UDAPI100015", "UDAPI100036", "UDAPI100038",
            "UDAPI1003", "UDAPI1004", "UDAPI1007", "UDAPI1008", "UDAPI1010", "UDAPI1021",
            "UDAPI1023", "UDAPI1026", "UDAPI1029", "UDAPI1030", "UDAPI1031", "UDAPI1032",
            "UDAPI1036", "UDAPI1039", "UDAPI1043", "UDAPI1052", "UDAPI1055", "UDAPI1056",
            "UDAPI1118", "UDAPI1119", "UDAPI1126", "UDAPI1134", "UDAPI1135", "UDAPI1136",
            "UDAPI1137", "UDAPI1141", "UDAPI1143", "UDAPI1151", "UDAPI1158", "UDAPI1159",
            "UDAPI1160", "UDAPI1176", "UDAPI1177",
        ),
        _INPUT,
    ),
}  # fmt: skip
"""Error Codes, and those of Place, Modify and Cancel Order V3 and of Place, Modify and Cancel GTT
Order; 2026. Each stands for a request that was looked at and turned down.

UDAPI1118 to 1119: too many slices, a tag over 40 characters. UDAPI1158 to 1160, 1176 and 1177: no
market order without a protection, and none over 25 per cent. UDAPI1156: the algorithm's name is not
registered. UDAPI1161: no MCX orders by API for the time being. UDAPI1150: the rule's order is at
the exchange. UDAPI100039 and 100074: an after-market order while the market is open, and orders
between midnight and 05:30. UDAPI100500 is a catch-all, seen for refusals and for failures alike,
and so is a code that is not listed."""

TEXTS: tuple[tuple[str, Refusal], ...] = (
    ("insufficient fund", Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED)),
    ("insufficient margin", Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED)),
    ("insufficient holding", Refusal(error=InsufficientHoldings, outcome=Outcome.REJECTED)),
    ("static ip", Refusal(error=StaticIPNotAllowed, outcome=Outcome.REJECTED)),
    ("circuit limit", Refusal(error=PriceOutOfBand, outcome=Outcome.REJECTED)),
    ("market is closed", Refusal(error=MarketClosed, outcome=Outcome.REJECTED)),
    ("rms:", Refusal(error=RiskRejected, outcome=Outcome.REJECTED)),
)
"""Not "circuit" alone: gateways speak of circuit breakers."""

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
        covers=ORDERS,
        urgent=frozenset({"cancel_order", "cancel_gtt"}),
        per_second=10,
        per_minute=500,
    ),
    RateLimit(bucket="reads", covers=READS, per_second=50, per_minute=500),
)
"""Orders and rules, and all the rest. Beside these 2,000 in thirty minutes, which the limiter has
no span for; 500 a minute for four minutes reaches it, and then the refusal is passed on."""
