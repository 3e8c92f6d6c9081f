"""Zerodha's spellings, refusals and limits, as data.

Sources and dates as in :mod:`openbroker.adapters.zerodha`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from openbroker.adapters.base import Refusal
from openbroker.adapters.sources import (
    Place,
    both_segments,
    costs,
    depth,
    known,
    noted,
    priced,
    within,
)
from openbroker.adapters.two_legs import VendorLeg, leg_sources
from openbroker.adapters.wire import Row, Wire, to_decimal, to_id, to_text
from openbroker.errors import (
    BrokerError,
    BrokerUnavailable,
    InsufficientFunds,
    InsufficientHoldings,
    InvalidCredentials,
    MarketClosed,
    OrderNotFound,
    Outcome,
    PermissionDenied,
    PriceOutOfBand,
    RiskRejected,
    SessionExpired,
    StaticIPNotAllowed,
)
from openbroker.schemas import (
    Candle,
    Charges,
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


def _order_handle(row: Row) -> dict[str, str]:
    """A cover order's second leg goes by its first as well (``exit_order`` of the client)."""
    variety = row.get("variety")
    if not isinstance(variety, str) or not variety.isalnum():
        return {}
    parent = to_id(row.get("parent_order_id")) if variety == "co" else None
    return {"variety": variety} | ({"parent_order_id": parent} if parent else {})


def _is_after_market(row: Row) -> bool:
    return row.get("variety") == "amo"


def _own_tag(row: Row) -> str | None:
    """The tag that was sent: Zerodha adds tags of its own to ``tags``, not to ``tag``."""
    return to_text(row.get("tag"))


def _benefit(row: Row) -> Decimal | None:
    """What a basket blocks less than its orders one by one."""
    alone, together = (to_decimal(within(side, "total")(row)) for side in ("initial", "final"))
    return None if alone is None or together is None else alone - together


COSTS: Mapping[str, tuple[Place, ...]] = {
    "brokerage": (("charges", "brokerage"),),
    "transaction_tax": (("charges", "transaction_tax"),),
    "exchange_turnover_charge": (("charges", "exchange_turnover_charge"),),
    "sebi_turnover_charge": (("charges", "sebi_turnover_charge"),),
    "stamp_duty": (("charges", "stamp_duty"),),
    "gst": (("charges", "gst", "total"),),
}
"""The parts of a contract note and where each stands."""


def _ordered(key: str) -> Callable[[Row], object]:
    """A field that is the same in each of a trigger's orders."""

    def source(row: Row) -> object:
        told = {order.get(key) for order in _rows(row.get("orders"))}
        return told.pop() if len(told) == 1 else None

    return source


def trigger_legs(row: Row) -> list[VendorLeg]:
    """A trigger's legs."""
    return [
        VendorLeg(trigger_price=trigger, price=order.get("price"), quantity=order.get("quantity"))
        for trigger, order in _armed(row)
    ]


def orders_by_trigger(row: Row) -> dict[Decimal | None, Mapping[str, Any]]:
    """A trigger's orders, as the row tells them, by the price that sends each."""
    return {to_decimal(trigger): order for trigger, order in _armed(row)}


def _armed(row: Row) -> list[tuple[object, Mapping[str, Any]]]:
    """Prices and the orders that they send; nothing if one has no other."""
    values = within("condition", "trigger_values")(row)
    triggers, orders = values if isinstance(values, list) else [], _rows(row.get("orders"))
    return list(zip(triggers, orders, strict=True)) if len(triggers) == len(orders) else []


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _trigger_side(row: Row) -> Side | None:
    return WIRE.word(Side, _ordered("transaction_type")(row))


_OF_THE_SHARE = ("exchange", "tradingsymbol", "isin", "last_price", "close_price")


def with_funded(rows: object) -> object:
    """Holdings, and behind each what of it was bought on margin funding, which Kite tells inside
    the share's row (``mtf``) and counts apart (Holdings, 2026-11; published mock replies, 2026-03).
    """
    if not isinstance(rows, list):
        return rows
    return [one for row in rows for one in (row, *_funded(row))]


def _funded(row: object) -> list[dict[str, Any]]:
    told = row.get("mtf") if isinstance(row, Mapping) else None
    if not isinstance(row, Mapping) or not isinstance(told, Mapping) or not told.get("quantity"):
        return []
    share = {name: row.get(name) for name in _OF_THE_SHARE}
    held = {name: told.get(name) for name in ("quantity", "average_price")}
    return [share | held | {"product": "MTF"}]


_EXCHANGES = {
    exchange: exchange.value
    for exchange in (
        Exchange.NSE, Exchange.BSE, Exchange.NFO, Exchange.BFO, Exchange.CDS, Exchange.BCD,
        Exchange.MCX,
    )
}  # fmt: skip

_LISTED = {"exchange": "exchange", "broker_symbol": "tradingsymbol"}

WIRE = Wire(
    words={
        Side: {side: side.value for side in Side},
        OrderType: {kind: kind.value for kind in OrderType},
        Product: {product: product.value for product in Product},
        Validity: {validity: validity.value for validity in Validity},
        Exchange: _EXCHANGES,
        GttStatus: {
            GttStatus.ACTIVE: "active",
            GttStatus.TRIGGERED: "triggered",
            GttStatus.CANCELLED: "cancelled",
            GttStatus.EXPIRED: "expired",
        },
    },
    aliases={GttStatus: {"deleted": GttStatus.CANCELLED}},
    statuses={
        "OPEN": OrderStatus.OPEN,
        "MODIFIED": OrderStatus.OPEN,
        "MODIFY PENDING": OrderStatus.OPEN,
        "MODIFY VALIDATION PENDING": OrderStatus.OPEN,
        "CANCEL PENDING": OrderStatus.OPEN,
        "TRIGGER PENDING": OrderStatus.TRIGGER_PENDING,
        "COMPLETE": OrderStatus.FILLED,
        "CANCELLED": OrderStatus.CANCELLED,
        "CANCELLED AMO": OrderStatus.CANCELLED,
        "REJECTED": OrderStatus.REJECTED,
        "PUT ORDER REQ RECEIVED": OrderStatus.PENDING,
        "VALIDATION PENDING": OrderStatus.PENDING,
        "OPEN PENDING": OrderStatus.PENDING,
        "AMO REQ RECEIVED": OrderStatus.PENDING,
        "MODIFY AMO REQ RECEIVED": OrderStatus.PENDING,
        "AFTER MARKET ORDER REQ RECEIVED": OrderStatus.PENDING,
        "MODIFY AFTER MARKET ORDER REQ RECEIVED": OrderStatus.PENDING,
    },
    times=("%Y-%m-%d %H:%M:%S",),
    fields={
        OrderRequest: {
            "target.venue": "exchange",
            "target.broker_symbol": "tradingsymbol",
            "side": "transaction_type",
            "order_type": "order_type",
            "product": "product",
            "validity": "validity",
            "quantity": "quantity",
            "price": "price",
            "trigger_price": "trigger_price",
            "disclosed_quantity": "disclosed_quantity",
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
            "product": "product",
            "validity": "validity",
            "quantity": "quantity",
            "filled_quantity": "filled_quantity",
            "pending_quantity": "pending_quantity",
            "cancelled_quantity": "cancelled_quantity",
            "disclosed_quantity": "disclosed_quantity",
            "price": priced("price"),
            "trigger_price": priced("trigger_price"),
            "average_price": priced("average_price"),
            "wire_tag": _own_tag,
            "message": ("status_message", "status_message_raw"),
            "placed_at": "order_timestamp",
            "updated_at": ("exchange_update_timestamp", "exchange_timestamp"),
            "exchange_order_id": "exchange_order_id",
            "parent_order_id": "parent_order_id",
            "after_market": _is_after_market,
            "handle": _order_handle,
        },
        Trade: {
            **_LISTED,
            "trade_id": "trade_id",
            "order_id": "order_id",
            "side": "transaction_type",
            "product": "product",
            "quantity": "quantity",
            "price": "average_price",
            "traded_at": ("fill_timestamp", "exchange_timestamp"),
            "exchange_order_id": "exchange_order_id",
        },
        Position: {
            **_LISTED,
            "product": "product",
            "quantity": "quantity",
            "overnight_quantity": "overnight_quantity",
            "buy_quantity": "buy_quantity",
            "sell_quantity": "sell_quantity",
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
            "product": "product",
            "quantity": "quantity",
            "t1_quantity": "t1_quantity",
            "collateral_quantity": "collateral_quantity",
            "average_price": priced("average_price"),
            "last_price": priced("last_price"),
            "close_price": priced("close_price"),
            "pnl": "pnl",
        },
        Funds: {
            "available": both_segments("net"),
            "cash": both_segments("available", "cash"),
            "collateral": both_segments("available", "collateral"),
            "utilised": both_segments("utilised", "debits"),
            "payin": both_segments("available", "intraday_payin"),
            "realised_pnl": both_segments("utilised", "m2m_realised"),
            "unrealised_pnl": both_segments("utilised", "m2m_unrealised"),
        },
        Profile: {
            "account": "user_id",
            "name": "user_name",
            "exchanges": known("exchanges", {text: word for word, text in _EXCHANGES.items()}),
            "products": known("products", {product.value: product for product in Product}),
        },
        Quote: {
            "last_price": "last_price",
            "open": within("ohlc", "open"),
            "high": within("ohlc", "high"),
            "low": within("ohlc", "low"),
            "close": within("ohlc", "close"),
            "change": "net_change",
            "volume": "volume",
            "open_interest": "oi",
            "last_quantity": "last_quantity",
            "average_price": priced("average_price"),
            "total_buy_quantity": "buy_quantity",
            "total_sell_quantity": "sell_quantity",
            "lower_circuit": priced("lower_circuit_limit"),
            "upper_circuit": priced("upper_circuit_limit"),
            "traded_at": "last_trade_time",
            "updated_at": "timestamp",
            "depth": depth,
        },
        Margin: {
            "total": within("final", "total"),
            "span": within("final", "span"),
            "exposure": within("final", "exposure"),
            "premium": within("final", "option_premium"),
            "benefit": _benefit,
        },
        Charges: {"total": noted(("charges", "total")), "items": costs(COSTS)},
        Gtt: {
            "gtt_id": "id",
            "status": "status",
            "exchange": within("condition", "exchange"),
            "broker_symbol": within("condition", "tradingsymbol"),
            "side": _ordered("transaction_type"),
            "product": _ordered("product"),
            **leg_sources(trigger_legs, _trigger_side),
            "placed_at": "created_at",
            "updated_at": "updated_at",
            "valid_until": "expires_at",
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
)

PLANNED_WIRE = Wire(
    words=WIRE.words,
    number=lambda amount: int(amount) if amount == int(amount) else float(amount),
    fields={
        OrderRequest: {
            "target.venue": "exchange",
            "target.broker_symbol": "tradingsymbol",
            "side": "transaction_type",
            "order_type": "order_type",
            "product": "product",
            "quantity": "quantity",
            "price": "price",
            "trigger_price": "trigger_price",
        },
        GttRequest: {
            "side": "transaction_type",
            "quantity": "quantity",
            "product": "product",
        },
        GttChange: {"quantity": "quantity"},
    },
)
"""Margins, charges and triggers spell orders as JSON with numbers."""


def trigger_form(
    key: str, last_price: Decimal, orders: Sequence[tuple[Decimal, Mapping[str, Any]]]
) -> dict[str, str]:
    """A trigger: JSON inside a form (GTT, 2026-11). The lower of two legs stands first."""
    exchange, _, symbol = key.partition(":")
    listed = {"exchange": exchange, "tradingsymbol": symbol}
    rising = sorted(orders, key=lambda pair: pair[0])
    triggers = [float(trigger) for trigger, _ in rising]
    condition = {"trigger_values": triggers, "last_price": float(last_price)}
    return {
        "type": "single" if len(rising) == 1 else "two-leg",
        "condition": json.dumps(listed | condition),
        "orders": json.dumps([listed | _leg_order(order) for _, order in rising]),
    }


def _leg_order(order: Mapping[str, Any]) -> dict[str, Any]:
    terms = {"order_type": "LIMIT", **order, "price": float(order["price"])}
    told = ("transaction_type", "quantity", "order_type", "product", "price")
    return {name: terms[name] for name in told}


INTERVALS: Mapping[Interval, str] = {
    Interval.M1: "minute",
    Interval.M3: "3minute",
    Interval.M5: "5minute",
    Interval.M10: "10minute",
    Interval.M15: "15minute",
    Interval.M30: "30minute",
    Interval.H1: "60minute",
    Interval.D1: "day",
}

HISTORY_WINDOWS: Mapping[Interval, dt.timedelta] = {
    interval: dt.timedelta(days=days)
    for interval, days in {
        Interval.M1: 60,
        Interval.M3: 100,
        Interval.M5: 100,
        Interval.M10: 100,
        Interval.M15: 200,
        Interval.M30: 200,
        Interval.H1: 400,
        Interval.D1: 2000,
    }.items()
}
"""How much one request gives; from the vendor's forum, in no published page: medium confidence."""

# -- refusals

_INPUT = Refusal(error=BrokerError, outcome=Outcome.REJECTED)
_SERVER = Refusal(error=BrokerUnavailable, outcome=Outcome.UNKNOWN)

ERRORS: Mapping[str, Refusal] = {
    "TokenException": Refusal(error=SessionExpired, outcome=Outcome.NOT_SENT),
    "UserException": Refusal(error=PermissionDenied, outcome=Outcome.REJECTED),
    "PermissionException": Refusal(error=PermissionDenied, outcome=Outcome.REJECTED),
    "InputException": _INPUT,
    "OrderException": _INPUT,
    "MarginException": Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED),
    "HoldingException": Refusal(error=InsufficientHoldings, outcome=Outcome.REJECTED),
    "NetworkException": _SERVER,
    "DataException": _SERVER,
}
"""``error_type`` in a reply below 500. NetworkException says that the order system could not be
reached and DataException that its answer was not understood, so neither proves anything;
GeneralException is a catch-all and stands in no table."""

LOGIN_ERRORS: Mapping[str, Refusal] = {
    **ERRORS,
    "TokenException": Refusal(error=InvalidCredentials, outcome=Outcome.NOT_SENT),
    "InputException": Refusal(error=InvalidCredentials, outcome=Outcome.NOT_SENT),
}

TEXTS: tuple[tuple[str, Refusal], ...] = (
    ("insufficient fund", Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED)),
    ("insufficient margin", Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED)),
    ("insufficient stock", Refusal(error=InsufficientHoldings, outcome=Outcome.REJECTED)),
    ("couldn't find that `order_id`", Refusal(error=OrderNotFound, outcome=Outcome.REJECTED)),
    ("circuit", Refusal(error=PriceOutOfBand, outcome=Outcome.REJECTED)),
    ("markets are closed", Refusal(error=MarketClosed, outcome=Outcome.REJECTED)),
    ("market is closed", Refusal(error=MarketClosed, outcome=Outcome.REJECTED)),
    ("unregistered ip", Refusal(error=StaticIPNotAllowed, outcome=Outcome.REJECTED)),
    ("static ip", Refusal(error=StaticIPNotAllowed, outcome=Outcome.REJECTED)),
    ("rms:", Refusal(error=RiskRejected, outcome=Outcome.REJECTED)),
)
"""Words in the messages of InputException and OrderException, and of the unlisted kinds, where they
name the error and prove nothing."""

# -- limits (Rate limits, 2026-11)

LIMITS: tuple[RateLimit, ...] = (
    RateLimit(
        bucket="order_changes",
        covers=frozenset({"place_order", "modify_order", "cancel_order"}),
        urgent=frozenset({"cancel_order"}),
        per_second=10,
        per_minute=400,
        per_day=5000,
    ),
    RateLimit(bucket="quotes", per_second=1),
    RateLimit(bucket="history", per_second=3),
    RateLimit(
        bucket="others",
        covers=frozenset(
            {
                "orders",
                "order",
                "trades",
                "positions",
                "convert_position",
                "holdings",
                "funds",
                "profile",
                "margin",
                "charges",
                "gtt",
                "gtts",
                "place_gtt",
                "modify_gtt",
                "cancel_gtt",
            }
        ),
        per_second=10,
    ),
)
