"""What brokers of the SmartAPI shape spell alike, as data.

Angel One's SmartAPI is the original; mStock's Type B was modelled on it.  What stands here is said
by the documentation of both; what one of them says otherwise stands in its own tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from openbroker.adapters.base import Refusal
from openbroker.adapters.sources import difference, priced, within
from openbroker.adapters.wire import BadValue, Row, Source, to_decimal, to_id, to_text
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
    Charge,
    Interval,
    OrderType,
    Product,
    QuoteMode,
    Right,
    Side,
    Validity,
)
from openbroker.transport.messages import Effect

Fields = Mapping[str, Source]


class Route(NamedTuple):
    """One of a vendor's routes; the path may have places for parts."""

    method: str
    path: str
    effect: Effect = Effect.READ


# -- words

WORDS: Final[Mapping[type[Any], Mapping[Any, str]]] = {
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
    },
    Validity: {Validity.DAY: "DAY", Validity.IOC: "IOC"},
    Interval: {
        Interval.M1: "ONE_MINUTE",
        Interval.M3: "THREE_MINUTE",
        Interval.M5: "FIVE_MINUTE",
        Interval.M10: "TEN_MINUTE",
        Interval.M15: "FIFTEEN_MINUTE",
        Interval.M30: "THIRTY_MINUTE",
        Interval.H1: "ONE_HOUR",
        Interval.D1: "ONE_DAY",
    },
    Right: {Right.CE: "CE", Right.PE: "PE"},
}

QUOTE_MODES: Final[Mapping[QuoteMode, str]] = {mode: mode.value for mode in QuoteMode}

# -- fields

CANDLE: Final = ("timestamp", "open", "high", "low", "close", "volume")
"""What the places of a candle mean."""

LISTED: Final[Fields] = {
    "exchange": "exchange",
    "token": "symboltoken",
    "broker_symbol": "tradingsymbol",
}

CHANGED: Final[Fields] = {
    "order_type": "ordertype",
    "validity": "duration",
    "price": "price",
    "trigger_price": "triggerprice",
    "quantity": "quantity",
    "disclosed_quantity": "disclosedquantity",
}
"""What a modification may say."""

ASKED: Final[Fields] = {
    "target.venue": "exchange",
    "target.token": "symboltoken",
    "target.broker_symbol": "tradingsymbol",
    "side": "transactiontype",
    "product": "producttype",
    **CHANGED,
    "wire_tag": "ordertag",
}
"""What an order says."""


def _handle(row: Row) -> dict[str, str]:
    handle = {key: to_id(row.get(key)) for key in ("variety", "uniqueorderid")}
    return {key: value for key, value in handle.items() if value}


ORDER: Final[Fields] = {
    **LISTED,
    "order_id": "orderid",
    "status": ("orderstatus", "status"),
    "side": "transactiontype",
    "order_type": "ordertype",
    "product": "producttype",
    "validity": "duration",
    "quantity": "quantity",
    "filled_quantity": "filledshares",
    "cancelled_quantity": "cancelsize",
    "disclosed_quantity": "disclosedquantity",
    "price": priced("price"),
    "trigger_price": priced("triggerprice"),
    "average_price": priced("averageprice"),
    "wire_tag": "ordertag",
    "message": "text",
    "updated_at": ("exchorderupdatetime", "updatetime"),
    "placed_at": "exchtime",
    "exchange_order_id": "exchangeorderid",
    "parent_order_id": "parentorderid",
    "handle": _handle,
}

FILL: Final[Fields] = {
    **LISTED,
    "trade_id": "fillid",
    "order_id": "orderid",
    "side": "transactiontype",
    "product": "producttype",
    "quantity": "fillsize",
    "price": "fillprice",
    "traded_at": "filltime",
}

POSITION: Final[Fields] = {
    **LISTED,
    "product": "producttype",
    "quantity": "netqty",
    "overnight_quantity": difference("cfbuyqty", "cfsellqty"),
    "buy_quantity": "buyqty",
    "sell_quantity": "sellqty",
    "average_price": priced("avgnetprice"),
}

HOLDING: Final[Fields] = {
    **LISTED,
    "isin": "isin",
    "product": "product",
    "quantity": "quantity",
    "t1_quantity": "t1quantity",
    "collateral_quantity": "collateralquantity",
    "average_price": priced("averageprice"),
    "last_price": priced("ltp"),
    "close_price": priced("close"),
    "pnl": "profitandloss",
    "pnl_percent": "pnlpercentage",
}

QUOTE: Final[Fields] = {
    "exchange": "exchange",
    "token": "symbolToken",
    "broker_symbol": "tradingSymbol",
    "last_price": "ltp",
    "open": "open",
    "high": "high",
    "low": "low",
    "close": "close",
}

PLANNED: Final[Fields] = {
    "target.venue": "exchange",
    "target.token": "token",
    "product": "product_type",
    "side": "transaction_type",
    "quantity": "quantity",
    "price": "price",
    "target.name": "symbol_name",
}
"""How the calculators of charges name an order's fields."""

CONVERTED: Final = (
    "exchange", "symboltoken", "tradingsymbol", "symbolname", "instrumenttype", "priceden",
    "pricenum", "genden", "gennum", "precision", "multiplier", "boardlotsize", "buyqty", "sellqty",
    "buyamount", "sellamount",
)  # fmt: skip
"""What a conversion repeats of the position's row."""

REPEATED: Final = (
    "variety", "orderid", "ordertype", "producttype", "duration", "price", "quantity",
    "tradingsymbol", "symboltoken", "exchange",
)  # fmt: skip
"""What a modification has to state, changed or not."""


def charge_items(row: Row) -> tuple[Charge, ...]:
    """The leaves of a calculation's break-up, which is a tree of sums.

    Raises:
        BadValue: a part of it is no object.
    """
    return tuple(_leaves(within("summary", "breakup")(row), depth=4))


def _leaves(parts: object, depth: int) -> Iterator[Charge]:
    for part in parts if isinstance(parts, list) else ():
        if not isinstance(part, Mapping):
            raise BadValue("a part of the charges is no object")
        inner = part.get("breakup")
        if inner and depth:
            yield from _leaves(inner, depth - 1)
        else:
            name = to_text(part.get("name")) or "?"
            yield Charge(name=name, amount=to_decimal(part.get("amount")))


CHARGES: Final[Fields] = {
    "total": within("summary", "total_charges"),
    "turnover": within("summary", "trade_value"),
    "items": charge_items,
}


# -- what refusals mean

EXPIRED: Final = Refusal(error=SessionExpired, outcome=Outcome.NOT_SENT)
CREDENTIALS: Final = Refusal(error=InvalidCredentials, outcome=Outcome.NOT_SENT)
SECOND_FACTOR: Final = Refusal(error=TwoFactorFailed, outcome=Outcome.NOT_SENT)
OTHER_ADDRESS: Final = Refusal(error=StaticIPNotAllowed, outcome=Outcome.NOT_SENT)
TOO_MANY: Final = Refusal(error=RateLimited, outcome=Outcome.NOT_SENT)
SERVER: Final = Refusal(error=BrokerUnavailable, outcome=Outcome.UNKNOWN)
INPUT: Final = Refusal(error=BrokerError, outcome=Outcome.REJECTED)
NOT_FOUND: Final = Refusal(error=OrderNotFound, outcome=Outcome.REJECTED)
DENIED: Final = Refusal(error=PermissionDenied, outcome=Outcome.REJECTED)
FUNDS: Final = Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED)
HOLDINGS: Final = Refusal(error=InsufficientHoldings, outcome=Outcome.REJECTED)
RISK: Final = Refusal(error=RiskRejected, outcome=Outcome.REJECTED)
BAND: Final = Refusal(error=PriceOutOfBand, outcome=Outcome.REJECTED)
CLOSED: Final = Refusal(error=MarketClosed, outcome=Outcome.REJECTED)
DONE: Final = Refusal(error=OrderNotModifiable, outcome=Outcome.REJECTED)
