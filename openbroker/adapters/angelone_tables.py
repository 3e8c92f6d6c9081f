"""Angel One's spellings, codes and limits, as data.

Sources and dates as in :mod:`openbroker.adapters.angelone`; the error codes are the documentation's
table with what the official clients and public captures add.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from openbroker.adapters.base import Refusal
from openbroker.adapters.masters import MONTHS, Units, dmy
from openbroker.adapters.smartapi_tables import (
    ASKED,
    BAND,
    CANDLE,
    CHANGED,
    CHARGES,
    CLOSED,
    CREDENTIALS,
    DENIED,
    DONE,
    EXPIRED,
    FILL,
    FUNDS,
    HOLDING,
    HOLDINGS,
    INPUT,
    LISTED,
    NOT_FOUND,
    ORDER,
    OTHER_ADDRESS,
    PLANNED,
    POSITION,
    QUOTE,
    RISK,
    SECOND_FACTOR,
    SERVER,
    TOO_MANY,
    WORDS,
    Route,
)
from openbroker.adapters.sources import depth, priced, within
from openbroker.adapters.wire import Row, Wire, to_decimal, to_text
from openbroker.schemas import (
    Candle,
    Caution,
    Charges,
    Exchange,
    Funds,
    Greeks,
    Gtt,
    GttChange,
    GttRequest,
    GttStatus,
    Holding,
    HoldingsTotal,
    InstrumentRow,
    Interval,
    Leverage,
    Margin,
    Mover,
    OpenInterest,
    Order,
    OrderChange,
    OrderRequest,
    OrderStatus,
    Position,
    Product,
    Profile,
    PutCallRatio,
    Quote,
    Trade,
)
from openbroker.schemas.convert import plain
from openbroker.transport.messages import Effect, RateLimit

# -- routes

SECURE = "/rest/secure/angelbroking"
AUTH = "/rest/auth/angelbroking"


def _secure(method: str, path: str, effect: Effect = Effect.READ) -> Route:
    return Route(method, SECURE + path, effect)


def _rule_change(path: str) -> Route:
    return Route("POST", "{prefix}" + SECURE + path, Effect.ORDER)


ROUTES: Mapping[str, Route] = {
    "login": Route("POST", AUTH + "/user/v1/loginByPassword", Effect.SESSION),
    "renew": Route("POST", AUTH + "/jwt/v1/generateTokens", Effect.SESSION),
    "logout": _secure("POST", "/user/v1/logout", Effect.SESSION),
    "profile": _secure("GET", "/user/v1/getProfile"),
    "funds": _secure("GET", "/user/v1/getRMS"),
    "place_order": _secure("POST", "/order/v1/placeOrder", Effect.ORDER),
    "modify_order": _secure("POST", "/order/v1/modifyOrder", Effect.ORDER),
    "cancel_order": _secure("POST", "/order/v1/cancelOrder", Effect.ORDER),
    "orders": _secure("GET", "/order/v1/getOrderBook"),
    "order": _secure("GET", "/order/v1/details/{unique}"),
    "trades": _secure("GET", "/order/v1/getTradeBook"),
    "positions": _secure("GET", "/order/v1/getPosition"),
    "convert_position": _secure("POST", "/order/v1/convertPosition", Effect.ORDER),
    "holdings": _secure("GET", "/portfolio/v1/getHolding"),
    "holdings_total": _secure("GET", "/portfolio/v1/getAllHolding"),
    "margin": _secure("POST", "/margin/v1/batch"),
    "charges": _secure("POST", "/brokerage/v1/estimateCharges"),
    "last_price": _secure("POST", "/order/v1/getLtpData"),
    "quotes": _secure("POST", "/market/v1/quote"),
    "history": _secure("POST", "/historical/v1/getCandleData"),
    "open_interest": _secure("POST", "/historical/v1/getOIData"),
    "place_gtt": _rule_change("/gtt/v1/createRule"),
    "modify_gtt": _rule_change("/gtt/v1/modifyRule"),
    "cancel_gtt": _rule_change("/gtt/v1/cancelRule"),
    "gtt": _secure("POST", "/gtt/v1/ruleDetails"),
    "gtts": _secure("POST", "/gtt/v1/ruleList"),
    "search": _secure("POST", "/order/v1/searchScrip"),
    "option_greeks": _secure("POST", "/marketData/v1/optionGreek"),
    "movers": _secure("POST", "/marketData/v1/gainersLosers"),
    "open_interest_build_up": _secure("POST", "/marketData/v1/OIBuildup"),
    "put_call_ratios": _secure("GET", "/marketData/v1/putCallRatio"),
    "intraday_leverage": _secure("GET", "/marketData/v1/{exchange}Intraday"),
    "cautions": _secure("GET", "/securities/v1/cautionaryScrips"),
}
"""Every route but EDIS, by operation. The three that change rules may have a prefix."""

# -- spellings


def _free_cash(row: Row) -> Decimal | None:
    """``availablecash`` is a net-margin figure; cash is it less the collateral, plus what is used.

    Source: a verified account's figures, published 2026; confidence medium.
    """
    parts = [to_decimal(row.get(k)) for k in ("availablecash", "utiliseddebits", "collateral")]
    if any(part is None for part in parts):
        return None
    available, used, collateral = (part or Decimal(0) for part in parts)
    return available + used - collateral


def _is_after_market(row: Row) -> bool:
    words = f"{row.get('orderstatus')} {row.get('status')}"
    return row.get("variety") == "AMO" or "after market" in words


def _names(key: str, table: Mapping[str, Any]) -> Any:
    """Known names of a list that is printed as a list or as text in brackets."""

    def source(row: Row) -> tuple[Any, ...]:
        value = row.get(key)
        words = value.strip("[] ").split(",") if isinstance(value, str) else value or ()
        cleaned = (str(word).strip(" \"'") for word in words)
        return tuple(table[word] for word in cleaned if word in table)

    return source


def long_date(day: dt.date) -> str:
    """``25JAN2024``, whatever the locale."""
    return f"{day.day:02}{MONTHS[day.month - 1]}{day.year}"


def _day(row: Row) -> dt.date | None:
    return dmy(to_text(row.get("expiry")) or "")


def _option_symbol(row: Row) -> str | None:
    """The vendor's symbol of an NSE option, which the greeks do not tell."""
    day, strike, right = _day(row), to_decimal(row.get("strikePrice")), row.get("optionType")
    name = to_text(row.get("name"))
    if day is None or strike is None or name is None or not isinstance(right, str):
        return None
    return f"{name}{day.day:02}{MONTHS[day.month - 1]}{day.year % 100:02}{plain(strike)}{right}"


_SEGMENTS = {
    "nse_cm": Exchange.NSE, "bse_cm": Exchange.BSE, "nse_fo": Exchange.NFO,
    "bse_fo": Exchange.BFO, "mcx_fo": Exchange.MCX, "cde_fo": Exchange.CDS,
    "ncx_fo": Exchange.NCDEX,
}  # fmt: skip

_PRODUCT_WORDS = {
    "CNC": Product.CNC, "MIS": Product.MIS, "NRML": Product.NRML, "MARGIN": Product.MTF,
}  # fmt: skip

WIRE = Wire(
    empty_is_null=True,
    words={
        **WORDS,
        Product: {**WORDS[Product], Product.MTF: "MARGIN"},
        Exchange: {exchange: exchange.value for exchange in _SEGMENTS.values()},
        GttStatus: {
            GttStatus.ACTIVE: "ACTIVE",
            GttStatus.TRIGGERED: "SENTTOEXCHANGE",
            GttStatus.CANCELLED: "CANCELLED",
        },
    },
    aliases={Exchange: _SEGMENTS, GttStatus: {"NEW": GttStatus.ACTIVE}},
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
            **ASKED,
            "bracket_target": "squareoff",
            "bracket_stop": "stoploss",
            "bracket_trail": "trailingStopLoss",
        },
        OrderChange: CHANGED,
        GttChange: {
            "quantity": "qty",
            "price": "price",
            "trigger_price": "triggerprice",
            "disclosed_quantity": "disclosedqty",
        },
        Order: {
            **ORDER,
            "pending_quantity": "unfilledshares",
            "after_market": _is_after_market,
        },
        Trade: FILL,
        Position: {
            **POSITION,
            "buy_price": priced("totalbuyavgprice"),
            "sell_price": priced("totalsellavgprice"),
            "last_price": priced("ltp"),
            "close_price": priced("close"),
            "pnl": "pnl",
            "realised_pnl": "realised",
            "unrealised_pnl": "unrealised",
        },
        Holding: HOLDING,
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
            **QUOTE,
            "change": "netChange",
            "change_percent": "percentChange",
            "volume": "tradeVolume",
            "open_interest": "opnInterest",
            "last_quantity": "lastTradeQty",
            "average_price": priced("avgPrice"),
            "total_buy_quantity": "totBuyQuan",
            "total_sell_quantity": "totSellQuan",
            "lower_circuit": priced("lowerCircuit"),
            "upper_circuit": priced("upperCircuit"),
            "low_52_weeks": priced("52WeekLow"),
            "high_52_weeks": priced("52WeekHigh"),
            "traded_at": "exchTradeTime",
            "updated_at": "exchFeedTime",
            "depth": depth,
        },
        Margin: {
            "total": "totalMarginRequired",
            "span": within("marginComponents", "spanMargin"),
            "premium": within("marginComponents", "netPremium"),
            "benefit": within("marginComponents", "marginBenefit"),
        },
        Charges: CHARGES,
        HoldingsTotal: {
            "value": "totalholdingvalue",
            "invested": "totalinvvalue",
            "pnl": "totalprofitandloss",
            "pnl_percent": "totalpnlpercentage",
        },
        Candle: {name: name for name in CANDLE},
        OpenInterest: {"timestamp": "time", "oi": "oi"},
        GttRequest: {
            "target.broker_symbol": "tradingsymbol",
            "target.token": "symboltoken",
            "target.venue": "exchange",
            "side": "transactiontype",
            "product": "producttype",
            "price": "price",
            "quantity": "qty",
            "trigger_price": "triggerprice",
            "disclosed_quantity": "disclosedqty",
            "valid_days": "timeperiod",
        },
        Gtt: {
            **LISTED,
            "gtt_id": "id",
            "status": "status",
            "side": "transactiontype",
            "product": "producttype",
            "quantity": "qty",
            "disclosed_quantity": "disclosedqty",
            "price": priced("price"),
            "trigger_price": priced("triggerprice"),
            "stop_price": priced("stoplossprice"),
            "stop_trigger_price": priced("stoplosstriggerprice"),
            "placed_at": "createddate",
            "updated_at": "updateddate",
            "valid_until": "expirydate",
        },
        InstrumentRow: LISTED,
        Greeks: {
            "exchange": lambda _: Exchange.NFO,
            "broker_symbol": _option_symbol,
            "underlying": "name",
            "expiry": _day,
            "strike": "strikePrice",
            "right": "optionType",
            "delta": "delta",
            "gamma": "gamma",
            "theta": "theta",
            "vega": "vega",
            "implied_volatility": "impliedVolatility",
            "volume": "tradeVolume",
        },
        Mover: {
            "exchange": lambda _: Exchange.NFO,
            "token": "symbolToken",
            "broker_symbol": "tradingSymbol",
            "last_price": "ltp",
            "change": "netChange",
            "change_percent": "percentChange",
            "open_interest": "opnInterest",
            "open_interest_change": "netChangeOpnInterest",
        },
        PutCallRatio: {
            "exchange": lambda _: Exchange.NFO,
            "broker_symbol": "tradingSymbol",
            "ratio": "pcr",
        },
        Caution: {"token": "token", "broker_symbol": "symbol", "message": "message"},
        Leverage: {
            "exchange": "exchange",
            "broker_symbol": "SymbolName",
            "multiplier": "Multiplier",
        },
    },
)

LTP_WIRE = Wire(
    words=WIRE.words,
    fields={
        Quote: {
            **LISTED,
            "last_price": "ltp",
            "open": "open",
            "high": "high",
            "low": "low",
            "close": "close",
        }
    },
)
"""The older route for one last price spells its fields otherwise."""

MARGIN_WIRE = Wire(
    words=WIRE.words,
    number=lambda amount: int(amount) if amount == int(amount) else float(amount),
    fields={
        OrderRequest: {
            "target.venue": "exchange",
            "target.token": "token",
            "quantity": "qty",
            "price": "price",
            "product": "productType",
            "side": "tradeType",
            "order_type": "orderType",
        }
    },
)
"""Margins spell orders in their own way, with JSON numbers."""

CHARGES_WIRE = Wire(words=WIRE.words, fields={OrderRequest: PLANNED})
"""And charges in a third."""

MCX_IN_LOTS = Units(in_lots=frozenset({Exchange.MCX}))
"""How quantities are counted where the setting ``mcx_quantity`` says ``lots``."""

RULE_FIGURES = ("price", "qty", "triggerprice", "disclosedqty")
"""What a change of a rule has to state, changed or not."""

# -- figures of the vendor's

MARGIN_BATCH = 50
"""Orders in one margin request (Margin, 2026-11)."""
RULE_DAYS = 365
"""Days that a rule is kept at the most (sample of the official client)."""
RULE_PAGE = 50
"""Rules asked for at once."""
RULE_PAGES = 40

HISTORY_WINDOWS: Mapping[Interval, dt.timedelta] = {
    interval: dt.timedelta(days=days)
    for interval, days in {
        Interval.M1: 30,
        Interval.M3: 60,
        Interval.M5: 100,
        Interval.M10: 100,
        Interval.M15: 200,
        Interval.M30: 200,
        Interval.H1: 400,
        Interval.D1: 2000,
    }.items()
}
"""How much of each interval one request gives (Historical, 2026-11)."""

HISTORY_SEGMENTS = (Exchange.NSE, Exchange.NFO, Exchange.BSE, Exchange.BFO, Exchange.MCX)
"""Segments with history (Historical, 2026-11)."""

# -- refusals

CODES: Mapping[str, Refusal] = {
    "AG8001": EXPIRED,
    "AG8002": EXPIRED,
    "AG8003": EXPIRED,
    "AG8004": CREDENTIALS,
    "AG7002": OTHER_ADDRESS,
    "AB8050": EXPIRED,
    "AB8051": EXPIRED,
    "AB1000": CREDENTIALS,
    "AB1001": CREDENTIALS,
    "AB1002": CREDENTIALS,
    "AB1003": INPUT,
    "AB1004": SERVER,
    "AB1005": INPUT,
    "AB1006": DENIED,
    "AB1008": INPUT,
    "AB1009": INPUT,
    "AB1010": EXPIRED,
    "AB1011": EXPIRED,
    "AB1012": INPUT,
    "AB1013": NOT_FOUND,
    "AB1014": INPUT,
    "AB1015": INPUT,
    "AB1016": INPUT,
    "AB1017": INPUT,
    "AB1018": INPUT,
    "AB1021": TOO_MANY,
    "AB1031": CREDENTIALS,
    "AB1032": CREDENTIALS,
    "AB1035": CREDENTIALS,
    "AB1050": SECOND_FACTOR,
    "AB2000": SERVER,
    "AB2001": SERVER,
    "AB2002": DENIED,
    "AB2020": FUNDS,
    "AB4008": INPUT,
    "AB4018": INPUT,
    "AB4036": RISK,
    "AB9000": SERVER,
    **{f"AB{number}": INPUT for number in range(9001, 9019)},
}
"""AB1007 is a catch-all and stands in no table: its text decides, and a text that :data:`TEXTS`
does not list proves nothing."""

LOGIN_CODES: Mapping[str, Refusal] = {**CODES, "AB1007": CREDENTIALS}

TEXTS: tuple[tuple[str, Refusal], ...] = (
    ("order not found", NOT_FOUND),
    ("invalid order variety", INPUT),
    ("invalid parameters", INPUT),
    ("insufficient fund", FUNDS),
    ("insufficient margin", FUNDS),
    ("insufficient holding", HOLDINGS),
    ("lpp", BAND),
    ("limit price protection", BAND),
    ("price range", BAND),
    ("circuit limit", BAND),
    ("logged off", CLOSED),
    ("market is closed", CLOSED),
    ("^rms:", RISK),
    ("not in open state", DONE),
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
    _limit("last_price", 10, 500, 5000),
    _limit("convert_position", 10, 500, 5000),
    _limit("margin", 10, 500, 5000),
    RateLimit(
        bucket="rule_changes",
        covers=frozenset({"place_gtt", "modify_gtt", "cancel_gtt"}),
        urgent=frozenset({"cancel_gtt"}),
        per_second=9,
    ),
    _limit("place_gtt", 9, 500, 5000),
    _limit("modify_gtt", 9, 500, 5000),
    _limit("cancel_gtt", 9, 500, 5000),
    _limit("gtt", 10, 500, 5000),
    _limit("gtts", 10, 500, 5000),
    RateLimit(
        bucket="candles",
        covers=frozenset({"history", "open_interest"}),
        per_second=3,
        per_minute=180,
        per_hour=5000,
    ),
    _limit("search", 1),
    _limit("holdings_total", 1),
    _limit("option_greeks", 1),
    # not listed, assumed
    _limit("charges", 1),
    _limit("movers", 1),
    _limit("put_call_ratios", 1),
    _limit("open_interest_build_up", 1),
    _limit("intraday_leverage", 1),
    _limit("cautions", 1),
)
