"""Dhan's spellings, refusals and limits, as data.

Sources and dates as in :mod:`openbroker.adapters.dhan`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from attrs import frozen

from openbroker.adapters.base import Refusal
from openbroker.adapters.sources import depth, difference, epoch, priced, within
from openbroker.adapters.two_legs import VendorLeg, leg_sources
from openbroker.adapters.wire import (
    BadValue,
    Row,
    Source,
    Wire,
    json_number,
    to_decimal,
    to_id,
    to_text,
)
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
    Gtt,
    GttChange,
    GttRequest,
    GttStatus,
    Holding,
    InstrumentType,
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
    Side,
    Trade,
    Validity,
)
from openbroker.transport.messages import RateLimit

# -- spellings


def _profit(row: Row) -> Decimal | None:
    parts = [to_decimal(row.get(key)) for key in ("realizedProfit", "unrealizedProfit")]
    return None if None in parts else sum((part or Decimal(0) for part in parts), Decimal(0))


def _held_at(row: Row) -> Exchange | None:
    """Holdings name the exchange, not the segment; ALL goes by NSE's security id."""
    word = row.get("exchange")
    names = {"NSE": Exchange.NSE, "BSE": Exchange.BSE, "ALL": Exchange.NSE}
    return names.get(word) if isinstance(word, str) else None


def _is_after_market(row: Row) -> bool | None:
    flag = row.get("afterMarketOrder")
    return flag if isinstance(flag, bool) else None


def _said(key: str, *nothing: str) -> Source:
    """Words of a row, unless they only say that there is nothing to say."""

    def source(row: Row) -> str | None:
        try:
            text = to_text(row.get(key))
        except BadValue:
            return None
        return None if text in ("0", "NA", *nothing) else text

    return source


def _of_the_day(key: str) -> Source:
    """A price of the day, which is 0 before the first trade."""
    return lambda row: to_decimal(within("ohlc", key)(row)) or None


def _order_handle(row: Row) -> dict[str, str]:
    leg = to_id(row.get("legName"))
    return {"legName": leg} if leg else {}


def _rule_handle(row: Row) -> dict[str, str]:
    """Whether a rule has one leg or two, which the rows say under ``orderType``, and which leg a
    row is that stands for itself."""
    flag, leg = _rule_flag(row), {} if PARTS in row else _order_handle(row)
    return leg | ({"orderFlag": flag} if flag else {})


PARTS = "legs"
"""Under this stand the rows of a rule's legs, once :func:`joined` has put them together."""


def joined(rows: object) -> object:
    """The rows of forever orders, one for each: of a rule with two legs each leg is a row."""
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        return rows
    legs: dict[str, list[Row]] = {}
    for number, row in enumerate(rows):
        name = to_id(row.get("orderId")) or ""
        legs.setdefault(name if name and _rule_flag(row) == "OCO" else f"#{number}", []).append(row)
    return [dict(parts[0]) | ({PARTS: parts} if parts[1:] else {}) for parts in legs.values()]


def rule_rows(row: Row) -> Sequence[Row]:
    """The rows of a rule's legs."""
    parts: Sequence[Row] = row.get(PARTS) or (row,)
    return parts


def rule_legs(row: Row) -> list[VendorLeg]:
    """A rule's legs."""
    return [
        VendorLeg(
            trigger_price=priced("triggerPrice")(part),
            price=priced("price")(part),
            quantity=part.get("quantity"),
        )
        for part in rule_rows(row)
    ]


def _rule_side(row: Row) -> Side | None:
    return WIRE.word(Side, row.get("transactionType"))


def _rule_status(row: Row) -> object:
    """That of its legs; where one has ended the other, that of the one that was triggered."""
    words = [part.get("orderStatus") for part in rule_rows(row)]
    return next((word for word in words if word != "CANCELLED"), words[0])


def _rule_flag(row: Row) -> str | None:
    return to_id(row.get("orderFlag")) or to_id(row.get("orderType"))


SEGMENTS: Mapping[Exchange, str] = {
    Exchange.NSE: "NSE_EQ",
    Exchange.BSE: "BSE_EQ",
    Exchange.NFO: "NSE_FNO",
    Exchange.BFO: "BSE_FNO",
    Exchange.CDS: "NSE_CURRENCY",
    Exchange.BCD: "BSE_CURRENCY",
    Exchange.MCX: "MCX_COMM",
}
INDICES = "IDX_I"
"""The segment of the indices of all exchanges."""


@frozen(kw_only=True)
class StaticIps(Record):
    """The addresses from which orders are taken, and the days from which each can be changed."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "primary", "primary_stays_until", "secondary", "secondary_stays_until",
    )  # fmt: skip

    primary: str | None = None
    primary_stays_until: str | None = None
    secondary: str | None = None
    secondary_stays_until: str | None = None


SWITCHED: Mapping[str, bool] = {"ACTIVATE": True, "DEACTIVATE": False}
"""The kill switch's states."""

_LISTED: Mapping[str, Source] = {
    "exchange": "exchangeSegment",
    "token": "securityId",
    "broker_symbol": ("tradingSymbol", "customSymbol"),
}

WIRE = Wire(
    words={
        Side: {side: side.value for side in Side},
        OrderType: {
            OrderType.MARKET: "MARKET",
            OrderType.LIMIT: "LIMIT",
            OrderType.SL: "STOP_LOSS",
            OrderType.SL_M: "STOP_LOSS_MARKET",
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
            GttStatus.ACTIVE: "CONFIRM",
            GttStatus.TRIGGERED: "TRIGGERED",
            GttStatus.CANCELLED: "CANCELLED",
            GttStatus.EXPIRED: "EXPIRED",
        },
    },
    aliases={
        GttStatus: {
            "TRANSIT": GttStatus.ACTIVE,
            "PENDING": GttStatus.ACTIVE,
            "TRADED": GttStatus.TRIGGERED,
        }
    },
    statuses={
        "TRANSIT": OrderStatus.PENDING,
        "PENDING": OrderStatus.OPEN,
        "PART_TRADED": OrderStatus.OPEN,
        "TRADED": OrderStatus.FILLED,
        "CANCELLED": OrderStatus.CANCELLED,
        "REJECTED": OrderStatus.REJECTED,
        "EXPIRED": OrderStatus.EXPIRED,
    },
    times=("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M"),
    number=json_number,
    fields={
        OrderRequest: {
            "wire_tag": "correlationId",
            "side": "transactionType",
            "target.venue": "exchangeSegment",
            "product": "productType",
            "order_type": "orderType",
            "validity": "validity",
            "target.token": "securityId",
            "quantity": "quantity",
            "disclosed_quantity": "disclosedQuantity",
            "price": "price",
            "trigger_price": "triggerPrice",
            "after_market": "afterMarketOrder",
        },
        OrderChange: {
            "order_type": "orderType",
            "quantity": "quantity",
            "price": "price",
            "disclosed_quantity": "disclosedQuantity",
            "trigger_price": "triggerPrice",
            "validity": "validity",
        },
        GttChange: {
            "quantity": "quantity",
            "price": "price",
            "trigger_price": "triggerPrice",
            "disclosed_quantity": "disclosedQuantity",
        },
        GttRequest: {
            "side": "transactionType",
            "target.venue": "exchangeSegment",
            "product": "productType",
            "target.token": "securityId",
            "quantity": "quantity",
            "disclosed_quantity": "disclosedQuantity",
            "price": "price",
            "trigger_price": "triggerPrice",
        },
        Gtt: {
            **_LISTED,
            "gtt_id": "orderId",
            "status": _rule_status,
            "side": "transactionType",
            "product": "productType",
            **leg_sources(rule_legs, _rule_side),
            "placed_at": "createTime",
            "updated_at": "updateTime",
            "handle": _rule_handle,
        },
        Order: {
            **_LISTED,
            "order_id": "orderId",
            "status": "orderStatus",
            "side": "transactionType",
            "order_type": "orderType",
            "product": "productType",
            "validity": "validity",
            "quantity": "quantity",
            "filled_quantity": ("filledQty", "filled_qty"),
            "pending_quantity": "remainingQuantity",
            "disclosed_quantity": "disclosedQuantity",
            "price": priced("price"),
            "trigger_price": priced("triggerPrice"),
            "average_price": priced("averageTradedPrice"),
            "wire_tag": _said("correlationId"),
            "message": _said("omsErrorDescription", "CONFIRMED"),
            "placed_at": "createTime",
            "updated_at": ("updateTime", "exchangeTime"),
            "exchange_order_id": _said("exchangeOrderId"),
            "after_market": _is_after_market,
            "handle": _order_handle,
        },
        Trade: {
            **_LISTED,
            "trade_id": "exchangeTradeId",
            "order_id": "orderId",
            "side": "transactionType",
            "product": "productType",
            "quantity": "tradedQuantity",
            "price": "tradedPrice",
            "traded_at": ("exchangeTime", "createTime"),
            "exchange_order_id": "exchangeOrderId",
        },
        Position: {
            **_LISTED,
            "product": "productType",
            "quantity": "netQty",
            "overnight_quantity": difference("carryForwardBuyQty", "carryForwardSellQty"),
            "buy_quantity": "buyQty",
            "sell_quantity": "sellQty",
            "buy_price": priced("buyAvg"),
            "sell_price": priced("sellAvg"),
            "average_price": priced("costPrice"),
            "pnl": _profit,
            "realised_pnl": "realizedProfit",
            "unrealised_pnl": "unrealizedProfit",
        },
        Holding: {
            "exchange": _held_at,
            "token": "securityId",
            "broker_symbol": "tradingSymbol",
            "isin": "isin",
            "quantity": "availableQty",
            "t1_quantity": "t1Qty",
            "collateral_quantity": "collateralQty",
            "average_price": priced("avgCostPrice"),
            "last_price": priced("lastTradedPrice"),
        },
        Funds: {
            "available": ("availabelBalance", "availableBalance"),
            "collateral": "collateralAmount",
            "utilised": "utilizedAmount",
        },
        StaticIps: {
            "primary": "primaryIP",
            "primary_stays_until": "modifyDatePrimary",
            "secondary": "secondaryIP",
            "secondary_stays_until": "modifyDateSecondary",
        },
        Profile: {"account": "dhanClientId", "name": "dhanClientName"},
        Quote: {
            "last_price": "last_price",
            "open": _of_the_day("open"),
            "high": _of_the_day("high"),
            "low": _of_the_day("low"),
            "close": _of_the_day("close"),
            "change": "net_change",
            "volume": "volume",
            "open_interest": "oi",
            "last_quantity": "last_quantity",
            "average_price": priced("average_price"),
            "total_buy_quantity": "buy_quantity",
            "total_sell_quantity": "sell_quantity",
            "lower_circuit": priced("lower_circuit_limit"),
            "upper_circuit": priced("upper_circuit_limit"),
            "traded_at": _said("last_trade_time", "01/01/1980 00:00:00"),
            "depth": depth,
        },
        Margin: {
            "total": ("totalMargin", "total_margin"),
            "span": ("spanMargin", "span_margin"),
            "exposure": ("exposureMargin", "exposure_margin"),
            "benefit": ("hedgeBenefit", "hedge_benefit"),
        },
        Candle: {
            "timestamp": epoch("timestamp"),
            "open": "open",
            "high": "high",
            "low": "low",
            "close": "close",
            "volume": "volume",
            "oi": "open_interest",
        },
    },
)
"""PENDING is an order that rests at the exchange; a stop that waits for its trigger says so too.
The balance's name is the vendor's own."""

# -- history

INTERVALS: Mapping[Interval, int] = {
    Interval.M1: 1,
    Interval.M5: 5,
    Interval.M15: 15,
    Interval.H1: 60,
}

HISTORY_WINDOWS: Mapping[Interval, dt.timedelta] = {
    **dict.fromkeys(INTERVALS, dt.timedelta(days=90)),
    Interval.D1: dt.timedelta(days=3650),
}
"""Minutes: 90 days a request (Historical Data, 2026). Of days nothing is published; ten years is
what a request is kept to."""

CANDLE = ("timestamp", "open", "high", "low", "close", "volume")

_FUTURES = {
    Exchange.CDS: "FUTCUR", Exchange.BCD: "FUTCUR", Exchange.MCX: "FUTCOM",
}  # fmt: skip
_OPTIONS = {
    Exchange.CDS: "OPTCUR", Exchange.BCD: "OPTCUR", Exchange.MCX: "OPTFUT",
}  # fmt: skip
INDEX_UNDERLYINGS = frozenset(
    {
        "NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50", "SENSEX", "BANKEX",
        "SENSEX50",
    }
)  # fmt: skip


def charted_as(kind: InstrumentType, exchange: Exchange, underlying: str | None) -> str:
    """What the chart routes call an instrument (Annexure, Instrument)."""
    if kind is InstrumentType.INDEX:
        return "INDEX"
    if kind is InstrumentType.EQUITY:
        return "EQUITY"
    of_index = "IDX" if underlying in INDEX_UNDERLYINGS else "STK"
    if kind is InstrumentType.FUTURE:
        return _FUTURES.get(exchange, f"FUT{of_index}")
    return _OPTIONS.get(exchange, f"OPT{of_index}")


# -- refusals

_INPUT = Refusal(error=BrokerError, outcome=Outcome.REJECTED)
_SERVER = Refusal(error=BrokerUnavailable)
_EXPIRED = Refusal(error=SessionExpired, outcome=Outcome.NOT_SENT)
_DENIED = Refusal(error=PermissionDenied, outcome=Outcome.REJECTED)
TOO_MANY = Refusal(error=RateLimited, outcome=Outcome.NOT_SENT)

ERRORS: Mapping[str, Refusal] = {
    "DH-901": _EXPIRED,
    "DH-902": _DENIED,
    "DH-903": _DENIED,
    "DH-904": TOO_MANY,
    "DH-905": _INPUT,
    "DH-906": _INPUT,
    "DH-907": Refusal(error=BrokerError),
    "DH-908": _SERVER,
    "DH-909": _SERVER,
    "DH-911": Refusal(error=StaticIPNotAllowed, outcome=Outcome.REJECTED),
    "800": _SERVER,
    "804": Refusal(error=BrokerError),
    "805": Refusal(error=RateLimited),
    "806": Refusal(error=PermissionDenied),
    **dict.fromkeys(("807", "808", "809", "810"), _EXPIRED),
    **dict.fromkeys(("811", "812", "813", "814"), Refusal(error=BrokerError)),
}
"""Annexure, 2026. DH-907 says that there is nothing or that the question was wrong, DH-908 and
DH-909 tell of faults behind the gateway, and the three digits are the data routes' own: none of
them proves anything about an order, but for those that say that the token is dead. DH-910 is a
catch-all and stands in no table."""

TEXTS: tuple[tuple[str, Refusal], ...] = (
    ("invalid token", _EXPIRED),
    ("token is invalid", _EXPIRED),
    ("invalid ip", Refusal(error=StaticIPNotAllowed, outcome=Outcome.REJECTED)),
    ("static ip", Refusal(error=StaticIPNotAllowed, outcome=Outcome.REJECTED)),
    ("insufficient fund", Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED)),
    ("insufficient balance", Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED)),
    ("insufficient holding", Refusal(error=InsufficientHoldings, outcome=Outcome.REJECTED)),
    ("order not found", Refusal(error=OrderNotFound, outcome=Outcome.REJECTED)),
    ("already traded", Refusal(error=OrderNotModifiable, outcome=Outcome.REJECTED)),
    ("nothing to cancel", Refusal(error=OrderNotModifiable, outcome=Outcome.REJECTED)),
    ("already cancelled", Refusal(error=OrderNotModifiable, outcome=Outcome.REJECTED)),
    ("circuit limit", Refusal(error=PriceOutOfBand, outcome=Outcome.REJECTED)),
    ("market is closed", Refusal(error=MarketClosed, outcome=Outcome.REJECTED)),
    ("fund limit insufficient", Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED)),
    ("rms:", Refusal(error=RiskRejected, outcome=Outcome.REJECTED)),
    ("by rms", Refusal(error=RiskRejected, outcome=Outcome.REJECTED)),
)
"""What they prove, they prove under a code that is listed above. DH-906, *incorrect request for
order*, also says that the token is dead (seen 2026-09)."""

LOGIN_ERRORS: Mapping[str, Refusal] = {
    "": Refusal(error=InvalidCredentials, outcome=Outcome.NOT_SENT),
    "DH-901": Refusal(error=InvalidCredentials, outcome=Outcome.NOT_SENT),
    "DH-904": TOO_MANY,
    "DH-905": Refusal(error=InvalidCredentials, outcome=Outcome.NOT_SENT),
    "DH-906": Refusal(error=InvalidCredentials, outcome=Outcome.NOT_SENT),
    **dict.fromkeys(
        ("807", "808", "809", "810"),
        Refusal(error=InvalidCredentials, outcome=Outcome.NOT_SENT),
    ),
}

NO_HOLDINGS = frozenset({"DH-1111", "DHOLDING_ERROR"})
"""Codes with which Dhan says that there are no holdings."""

RATE_WORDS = ("can be generated once every",)
"""With which a login is put off for two minutes, under no code and HTTP status 200."""

RATE_BYTES = ((b'"DH-904"',), (b'"failed"', b'"805"'))
"""Words that a refusal for too many requests has, each with all of its own."""

# -- limits (Introduction, 2026; orders by the exchanges' rule since 2026-04-01)

_NON_TRADING = (
    "orders", "order", "super_orders", "trades", "positions", "convert_position", "holdings",
    "funds", "profile", "margin", "gtts", "static_ips", "set_static_ip", "kill_switch",
    "set_kill_switch", "renew", "raw",
)  # fmt: skip

LIMITS: tuple[RateLimit, ...] = (
    RateLimit(
        bucket="order_changes",
        covers=frozenset(
            {"place_order", "modify_order", "cancel_order", "place_gtt", "modify_gtt", "cancel_gtt"}
        ),
        urgent=frozenset({"cancel_order", "cancel_gtt"}),
        per_second=10,
        per_minute=250,
        per_hour=1000,
        per_day=7000,
    ),
    RateLimit(bucket="quotes", per_second=1),
    RateLimit(bucket="history", per_second=5, per_day=100_000),
    RateLimit(
        bucket="reads",
        covers=frozenset(_NON_TRADING),
        per_second=20,
    ),
)
