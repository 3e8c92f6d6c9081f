"""Angel One's spellings, codes and limits, as data.

Sources and dates as in :mod:`openbroker.adapters.angelone`; the error codes are the documentation's
table with what the official clients and public captures add.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from openbroker.adapters.base import Refusal
from openbroker.adapters.wire import BadValue, Row, Wire, to_decimal, to_int, to_text
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
    TwoFactorFailed,
)
from openbroker.schemas import (
    Depth,
    Exchange,
    Funds,
    Holding,
    Level,
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


def _priced(key: str) -> Any:
    """A price that the vendor writes as 0 where there is none."""
    return lambda row: to_decimal(row.get(key)) or None


def _difference(one: str, other: str) -> Any:
    def source(row: Row) -> int | None:
        first, second = to_int(row.get(one)), to_int(row.get(other))
        return None if first is None or second is None else first - second

    return source


def _free_cash(row: Row) -> Decimal | None:
    """``availablecash`` is a net-margin figure; cash is it less the collateral, plus what is used.

    Source: a verified account's figures, published 2026; confidence medium.
    """
    parts = [to_decimal(row.get(k)) for k in ("availablecash", "utiliseddebits", "collateral")]
    if any(part is None for part in parts):
        return None
    available, used, collateral = (part or Decimal(0) for part in parts)
    return available + used - collateral


def _order_handle(row: Row) -> dict[str, str]:
    handle = {key: to_id(row.get(key)) for key in ("variety", "uniqueorderid")}
    return {key: value for key, value in handle.items() if value}


def to_id(value: object) -> str | None:
    """Text that may stand in an address and in a journal; anything else is ``None``."""
    try:
        text = to_text(value)
    except BadValue:
        return None
    return text if text is not None and _ID.fullmatch(text) else None


_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _is_after_market(row: Row) -> bool:
    words = f"{row.get('orderstatus')} {row.get('status')}"
    return row.get("variety") == "AMO" or "after market" in words


def _depth(row: Row) -> Depth | None:
    depth = row.get("depth")
    if not isinstance(depth, Mapping):
        return None
    return Depth(bids=_levels(depth.get("buy")), asks=_levels(depth.get("sell")))


def _levels(rows: object) -> tuple[Level, ...]:
    levels = []
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, Mapping):
            raise BadValue("a level of the depth is no object")
        price, quantity = to_decimal(row.get("price")), to_int(row.get("quantity"))
        if price and quantity:
            levels.append(Level(price=price, quantity=quantity, orders=to_int(row.get("orders"))))
    return tuple(levels)


def _names(key: str, table: Mapping[str, Any]) -> Any:
    """Known names of a list that is printed as a list or as text in brackets."""

    def source(row: Row) -> tuple[Any, ...]:
        value = row.get(key)
        words = value.strip("[] ").split(",") if isinstance(value, str) else value or ()
        cleaned = (str(word).strip(" \"'") for word in words)
        return tuple(table[word] for word in cleaned if word in table)

    return source


_LISTED = {"exchange": "exchange", "token": "symboltoken", "broker_symbol": "tradingsymbol"}

_SEGMENTS = {
    "nse_cm": Exchange.NSE, "bse_cm": Exchange.BSE, "nse_fo": Exchange.NFO,
    "bse_fo": Exchange.BFO, "mcx_fo": Exchange.MCX, "cde_fo": Exchange.CDS,
    "ncx_fo": Exchange.NCDEX,
}  # fmt: skip

_PRODUCT_WORDS = {
    "CNC": Product.CNC, "MIS": Product.MIS, "NRML": Product.NRML, "MARGIN": Product.MTF,
}  # fmt: skip

WIRE = Wire(
    words={
        Side: {Side.BUY: "BUY", Side.SELL: "SELL"},
        OrderType: {
            OrderType.MARKET: "MARKET",
            OrderType.LIMIT: "LIMIT",
            OrderType.SL: "STOPLOSS_LIMIT",
            OrderType.SL_M: "STOPLOSS_MARKET",
        },
        Product: {
            Product.CNC: "DELIVERY",
            Product.MIS: "INTRADAY",
            Product.NRML: "CARRYFORWARD",
            Product.MTF: "MARGIN",
        },
        Validity: {Validity.DAY: "DAY", Validity.IOC: "IOC"},
        Exchange: {exchange: exchange.value for exchange in _SEGMENTS.values()},
    },
    aliases={Exchange: _SEGMENTS},
    statuses={
        "put order req received": OrderStatus.PENDING,
        "validation pending": OrderStatus.PENDING,
        "open pending": OrderStatus.PENDING,
        "after market order req received": OrderStatus.PENDING,
        "modify after market order req received": OrderStatus.PENDING,
        "open": OrderStatus.OPEN,
        "modified": OrderStatus.OPEN,
        "not modified": OrderStatus.OPEN,
        "not cancelled": OrderStatus.OPEN,
        "modify pending": OrderStatus.OPEN,
        "modify validation pending": OrderStatus.OPEN,
        "cancel pending": OrderStatus.OPEN,
        "trigger pending": OrderStatus.TRIGGER_PENDING,
        "complete": OrderStatus.FILLED,
        "cancelled": OrderStatus.CANCELLED,
        "cancelled after market order": OrderStatus.CANCELLED,
        "rejected": OrderStatus.REJECTED,
    },
    times=("%d-%b-%Y %H:%M:%S", "%H:%M:%S"),
    fields={
        OrderRequest: {
            "target.venue": "exchange",
            "target.token": "symboltoken",
            "target.broker_symbol": "tradingsymbol",
            "side": "transactiontype",
            "order_type": "ordertype",
            "product": "producttype",
            "validity": "duration",
            "price": "price",
            "trigger_price": "triggerprice",
            "quantity": "quantity",
            "disclosed_quantity": "disclosedquantity",
            "wire_tag": "ordertag",
        },
        OrderChange: {
            "order_type": "ordertype",
            "validity": "duration",
            "price": "price",
            "trigger_price": "triggerprice",
            "quantity": "quantity",
            "disclosed_quantity": "disclosedquantity",
        },
        Order: {
            **_LISTED,
            "order_id": "orderid",
            "status": ("orderstatus", "status"),
            "side": "transactiontype",
            "order_type": "ordertype",
            "product": "producttype",
            "validity": "duration",
            "quantity": "quantity",
            "filled_quantity": "filledshares",
            "pending_quantity": "unfilledshares",
            "cancelled_quantity": "cancelsize",
            "disclosed_quantity": "disclosedquantity",
            "price": _priced("price"),
            "trigger_price": _priced("triggerprice"),
            "average_price": _priced("averageprice"),
            "wire_tag": "ordertag",
            "message": "text",
            "updated_at": ("exchorderupdatetime", "updatetime"),
            "placed_at": "exchtime",
            "exchange_order_id": "exchangeorderid",
            "parent_order_id": "parentorderid",
            "after_market": _is_after_market,
            "handle": _order_handle,
        },
        Trade: {
            **_LISTED,
            "trade_id": "fillid",
            "order_id": "orderid",
            "side": "transactiontype",
            "product": "producttype",
            "quantity": "fillsize",
            "price": "fillprice",
            "traded_at": "filltime",
        },
        Position: {
            **_LISTED,
            "product": "producttype",
            "quantity": "netqty",
            "overnight_quantity": _difference("cfbuyqty", "cfsellqty"),
            "buy_quantity": "buyqty",
            "sell_quantity": "sellqty",
            "buy_price": _priced("totalbuyavgprice"),
            "sell_price": _priced("totalsellavgprice"),
            "average_price": _priced("avgnetprice"),
            "last_price": _priced("ltp"),
            "close_price": _priced("close"),
            "pnl": "pnl",
            "realised_pnl": "realised",
            "unrealised_pnl": "unrealised",
        },
        Holding: {
            **_LISTED,
            "isin": "isin",
            "product": "product",
            "quantity": "quantity",
            "t1_quantity": "t1quantity",
            "collateral_quantity": "collateralquantity",
            "average_price": _priced("averageprice"),
            "last_price": _priced("ltp"),
            "close_price": _priced("close"),
            "pnl": "profitandloss",
            "pnl_percent": "pnlpercentage",
        },
        Funds: {
            "available": "availablecash",
            "cash": _free_cash,
            "collateral": "collateral",
            "utilised": "utiliseddebits",
            "payin": "availableintradaypayin",
        },
        Profile: {
            "account": "clientcode",
            "name": "name",
            "exchanges": _names("exchanges", _SEGMENTS),
            "products": _names("products", _PRODUCT_WORDS),
        },
        Quote: {
            "exchange": "exchange",
            "token": "symbolToken",
            "broker_symbol": "tradingSymbol",
            "last_price": "ltp",
            "open": "open",
            "high": "high",
            "low": "low",
            "close": "close",
            "change": "netChange",
            "change_percent": "percentChange",
            "volume": "tradeVolume",
            "open_interest": "opnInterest",
            "last_quantity": "lastTradeQty",
            "average_price": _priced("avgPrice"),
            "total_buy_quantity": "totBuyQuan",
            "total_sell_quantity": "totSellQuan",
            "lower_circuit": _priced("lowerCircuit"),
            "upper_circuit": _priced("upperCircuit"),
            "low_52_weeks": _priced("52WeekLow"),
            "high_52_weeks": _priced("52WeekHigh"),
            "traded_at": "exchTradeTime",
            "updated_at": "exchFeedTime",
            "depth": _depth,
        },
    },
)

# -- refusals

_EXPIRED = Refusal(error=SessionExpired, outcome=Outcome.NOT_SENT)
_CREDENTIALS = Refusal(error=InvalidCredentials, outcome=Outcome.NOT_SENT)
_SERVER = Refusal(error=BrokerUnavailable, outcome=Outcome.UNKNOWN)
_INPUT = Refusal(error=BrokerError, outcome=Outcome.REJECTED)
_NOT_FOUND = Refusal(error=OrderNotFound, outcome=Outcome.REJECTED)
_DENIED = Refusal(error=PermissionDenied, outcome=Outcome.REJECTED)
_FUNDS = Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED)

CODES: Mapping[str, Refusal] = {
    "AG8001": _EXPIRED,
    "AG8002": _EXPIRED,
    "AG8003": _EXPIRED,
    "AG8004": _CREDENTIALS,
    "AG7002": Refusal(error=StaticIPNotAllowed, outcome=Outcome.NOT_SENT),
    "AB8050": _EXPIRED,
    "AB8051": _EXPIRED,
    "AB1000": _CREDENTIALS,
    "AB1001": _CREDENTIALS,
    "AB1002": _CREDENTIALS,
    "AB1003": _INPUT,
    "AB1004": _SERVER,
    "AB1005": _INPUT,
    "AB1006": _DENIED,
    "AB1008": _INPUT,
    "AB1009": _INPUT,
    "AB1010": _EXPIRED,
    "AB1011": _EXPIRED,
    "AB1012": _INPUT,
    "AB1013": _NOT_FOUND,
    "AB1014": _INPUT,
    "AB1015": _INPUT,
    "AB1016": _INPUT,
    "AB1017": _INPUT,
    "AB1018": _INPUT,
    "AB1021": Refusal(error=RateLimited, outcome=Outcome.NOT_SENT),
    "AB1031": _CREDENTIALS,
    "AB1032": _CREDENTIALS,
    "AB1035": _CREDENTIALS,
    "AB1050": Refusal(error=TwoFactorFailed, outcome=Outcome.NOT_SENT),
    "AB2000": _SERVER,
    "AB2001": _SERVER,
    "AB2002": _DENIED,
    "AB2020": _FUNDS,
    "AB4008": _INPUT,
    "AB4018": _INPUT,
    "AB4036": Refusal(error=RiskRejected, outcome=Outcome.REJECTED),
    "AB9000": _SERVER,
    **{f"AB{number}": _INPUT for number in range(9001, 9019)},
}
"""AB1007 is a catch-all and stands in no table: its text decides, and a text that :data:`TEXTS`
does not list proves nothing."""

LOGIN_CODES: Mapping[str, Refusal] = {**CODES, "AB1007": _CREDENTIALS}

TEXTS: tuple[tuple[str, Refusal], ...] = (
    ("order not found", _NOT_FOUND),
    ("invalid order variety", _INPUT),
    ("invalid parameters", _INPUT),
    ("insufficient fund", _FUNDS),
    ("insufficient margin", _FUNDS),
    ("insufficient holding", Refusal(error=InsufficientHoldings, outcome=Outcome.REJECTED)),
    ("lpp", Refusal(error=PriceOutOfBand, outcome=Outcome.REJECTED)),
    ("limit price protection", Refusal(error=PriceOutOfBand, outcome=Outcome.REJECTED)),
    ("price range", Refusal(error=PriceOutOfBand, outcome=Outcome.REJECTED)),
    ("circuit", Refusal(error=PriceOutOfBand, outcome=Outcome.REJECTED)),
    ("logged off", Refusal(error=MarketClosed, outcome=Outcome.REJECTED)),
    ("market is closed", Refusal(error=MarketClosed, outcome=Outcome.REJECTED)),
    ("rms:", Refusal(error=RiskRejected, outcome=Outcome.REJECTED)),
    ("not in open state", Refusal(error=OrderNotModifiable, outcome=Outcome.REJECTED)),
)

AGAIN = (b'"AB1004"', b'"AB1021"', b'"AB2001"')
"""Codes that say *try again later*; what they prove of an order is :data:`CODES`' business."""

RATE_TEXT = ("exceeding access rate", "exceeding rate limit", "too many requests")

# -- limits (RateLimit, 2026-11; those marked are not listed there and assumed)


def _limit(bucket: str, second: int, minute: int | None = None, hour: int | None = None) -> Any:
    return RateLimit(bucket=bucket, per_second=second, per_minute=minute, per_hour=hour)


LIMITS: tuple[RateLimit, ...] = (
    _limit("login", 1),
    _limit("renew", 1, None, 1000),
    _limit("logout", 1),
    _limit("profile", 3, None, 1000),
    _limit("funds", 2),
    RateLimit(
        bucket="order_changes",
        covers=frozenset({"place_order", "modify_order", "cancel_order"}),
        urgent=frozenset({"cancel_order"}),
        per_second=9,
    ),
    _limit("place_order", 9, 500, 1000),
    _limit("modify_order", 9, 500, 1000),
    _limit("cancel_order", 9, 500, 1000),
    _limit("orders", 1),
    _limit("trades", 1),
    _limit("positions", 1),
    _limit("holdings", 1),
    _limit("order", 10, 500, 5000),
    _limit("quotes", 10, 500, 5000),
)
