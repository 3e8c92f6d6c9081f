"""Angel One's spellings, codes and limits, as data.

Sources and dates as in :mod:`openbroker.adapters.angelone`; the error codes are the documentation's
table with what the official clients and public captures add.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

from attrs import frozen

from openbroker.adapters.base import Refusal
from openbroker.adapters.masters import MONTHS, Units, dmy
from openbroker.adapters.sources import depth, difference, priced, within
from openbroker.adapters.wire import BadValue, Row, Wire, to_decimal, to_id, to_text
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
    Candle,
    Caution,
    Charge,
    Charges,
    Exchange,
    Funds,
    Greeks,
    Gtt,
    GttRequest,
    GttStatus,
    Holding,
    HoldingsTotal,
    Instrument,
    InstrumentRow,
    InstrumentType,
    Interval,
    Leverage,
    Margin,
    Mover,
    OpenInterest,
    Order,
    OrderChange,
    OrderRequest,
    OrderStatus,
    OrderType,
    Position,
    Product,
    Profile,
    PutCallRatio,
    Quote,
    Right,
    Side,
    Trade,
    Validity,
)
from openbroker.schemas.convert import plain
from openbroker.transport.messages import Effect, RateLimit

# -- routes

SECURE = "/rest/secure/angelbroking"
AUTH = "/rest/auth/angelbroking"


class Route(NamedTuple):
    """One of the vendor's routes."""

    method: str
    path: str
    effect: Effect = Effect.READ
    root: str = SECURE


ROUTES: Mapping[str, Route] = {
    "login": Route("POST", "/user/v1/loginByPassword", Effect.SESSION, AUTH),
    "renew": Route("POST", "/jwt/v1/generateTokens", Effect.SESSION, AUTH),
    "logout": Route("POST", "/user/v1/logout", Effect.SESSION),
    "profile": Route("GET", "/user/v1/getProfile"),
    "funds": Route("GET", "/user/v1/getRMS"),
    "place_order": Route("POST", "/order/v1/placeOrder", Effect.ORDER),
    "modify_order": Route("POST", "/order/v1/modifyOrder", Effect.ORDER),
    "cancel_order": Route("POST", "/order/v1/cancelOrder", Effect.ORDER),
    "orders": Route("GET", "/order/v1/getOrderBook"),
    "order": Route("GET", "/order/v1/details/{unique}"),
    "trades": Route("GET", "/order/v1/getTradeBook"),
    "positions": Route("GET", "/order/v1/getPosition"),
    "convert_position": Route("POST", "/order/v1/convertPosition", Effect.ORDER),
    "holdings": Route("GET", "/portfolio/v1/getHolding"),
    "holdings_total": Route("GET", "/portfolio/v1/getAllHolding"),
    "margin": Route("POST", "/margin/v1/batch"),
    "charges": Route("POST", "/brokerage/v1/estimateCharges"),
    "last_price": Route("POST", "/order/v1/getLtpData"),
    "quotes": Route("POST", "/market/v1/quote"),
    "history": Route("POST", "/historical/v1/getCandleData"),
    "open_interest": Route("POST", "/historical/v1/getOIData"),
    "place_gtt": Route("POST", "/gtt/v1/createRule", Effect.ORDER),
    "modify_gtt": Route("POST", "/gtt/v1/modifyRule", Effect.ORDER),
    "cancel_gtt": Route("POST", "/gtt/v1/cancelRule", Effect.ORDER),
    "gtt": Route("POST", "/gtt/v1/ruleDetails"),
    "gtts": Route("POST", "/gtt/v1/ruleList"),
    "search": Route("POST", "/order/v1/searchScrip"),
    "option_greeks": Route("POST", "/marketData/v1/optionGreek"),
    "movers": Route("POST", "/marketData/v1/gainersLosers"),
    "open_interest_build_up": Route("POST", "/marketData/v1/OIBuildup"),
    "put_call_ratios": Route("GET", "/marketData/v1/putCallRatio"),
    "intraday_leverage": Route("GET", "/marketData/v1/{exchange}Intraday"),
    "cautions": Route("GET", "/securities/v1/cautionaryScrips"),
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


def _order_handle(row: Row) -> dict[str, str]:
    handle = {key: to_id(row.get(key)) for key in ("variety", "uniqueorderid")}
    return {key: value for key, value in handle.items() if value}


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


def _charge_items(row: Row) -> tuple[Charge, ...]:
    """The leaves of the break-up, which is a tree of sums."""
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


CANDLE = ("timestamp", "open", "high", "low", "close", "volume")
"""What the places of a candle mean."""

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
        Exchange: {exchange: exchange.value for exchange in _SEGMENTS.values()},
        Right: {Right.CE: "CE", Right.PE: "PE"},
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
            "bracket_target": "squareoff",
            "bracket_stop": "stoploss",
            "bracket_trail": "trailingStopLoss",
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
            "price": priced("price"),
            "trigger_price": priced("triggerprice"),
            "average_price": priced("averageprice"),
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
            "overnight_quantity": difference("cfbuyqty", "cfsellqty"),
            "buy_quantity": "buyqty",
            "sell_quantity": "sellqty",
            "buy_price": priced("totalbuyavgprice"),
            "sell_price": priced("totalsellavgprice"),
            "average_price": priced("avgnetprice"),
            "last_price": priced("ltp"),
            "close_price": priced("close"),
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
            "average_price": priced("averageprice"),
            "last_price": priced("ltp"),
            "close_price": priced("close"),
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
        Charges: {
            "total": within("summary", "total_charges"),
            "turnover": within("summary", "trade_value"),
            "items": _charge_items,
        },
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
            **_LISTED,
            "gtt_id": "id",
            "status": "status",
            "side": "transactiontype",
            "product": "producttype",
            "quantity": "qty",
            "disclosed_quantity": "disclosedqty",
            "price": priced("price"),
            "trigger_price": priced("triggerprice"),
            "placed_at": "createddate",
            "updated_at": "updateddate",
            "valid_until": "expirydate",
        },
        InstrumentRow: _LISTED,
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
            **_LISTED,
            "last_price": "ltp",
            "open": "open",
            "high": "high",
            "low": "low",
            "close": "close",
        }
    },
)
"""The older route for one last price spells its fields otherwise."""

_PLANNED = {
    "target.venue": "exchange",
    "target.token": "token",
}

MARGIN_WIRE = Wire(
    words=WIRE.words,
    number=lambda amount: int(amount) if amount == int(amount) else float(amount),
    fields={
        OrderRequest: {
            **_PLANNED,
            "quantity": "qty",
            "price": "price",
            "product": "productType",
            "side": "tradeType",
            "order_type": "orderType",
        }
    },
)
"""Margins spell orders in their own way, with JSON numbers."""

CHARGES_WIRE = Wire(
    words=WIRE.words,
    fields={
        OrderRequest: {
            **_PLANNED,
            "product": "product_type",
            "side": "transaction_type",
            "quantity": "quantity",
            "price": "price",
            "target.name": "symbol_name",
        }
    },
)
"""And charges in a third."""

MCX_IN_LOTS = Units(in_lots=frozenset({Exchange.MCX}))
"""How quantities are counted where the setting ``mcx_quantity`` says ``lots``."""

RULE_NAMES = {"quantity": "qty", "disclosedquantity": "disclosedqty"}
"""What a rule calls an order's fields."""

REPEATED = (
    "variety", "orderid", "ordertype", "producttype", "duration", "price", "quantity",
    "tradingsymbol", "symboltoken", "exchange",
)  # fmt: skip
"""What a modification has to state, changed or not."""

CONVERTED = (
    "exchange", "symboltoken", "tradingsymbol", "symbolname", "instrumenttype", "priceden",
    "pricenum", "genden", "gennum", "precision", "multiplier", "boardlotsize", "buyqty", "sellqty",
    "buyamount", "sellamount",
)  # fmt: skip
"""What a conversion repeats of the position's row."""

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

INDICES = frozenset(
    {"NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50", "SENSEX", "BANKEX", "SENSEX50"}
)
"""Underlyings that are indices: their derivatives have narrower bands than those of shares."""


@frozen(kw_only=True)
class Bands:
    """Market price protection in per cent of the last price, as of a day.

    ``options`` are for premiums below 10, to 20, to 50 and above.
    """

    since: dt.date
    source: str
    cash: Decimal
    index_future: Decimal
    stock_future: Decimal
    commodity_future: Decimal
    options: tuple[Decimal, ...]
    stock_options: tuple[Decimal, ...]


BANDS = (
    Bands(
        since=dt.date(2024, 12, 17),
        source="angelone.in news, Market Price Protection (MPP) on Angel One",
        cash=Decimal("0.5"),
        index_future=Decimal("0.5"),
        stock_future=Decimal(1),
        commodity_future=Decimal(1),
        options=(Decimal(20), Decimal(10), Decimal(5), Decimal("2.5")),
        stock_options=(Decimal(40), Decimal(20), Decimal(10), Decimal(5)),
    ),
)
"""The newest last."""

_STEPS = (Decimal(10), Decimal(20), Decimal(50))


def protection_band(instrument: Instrument, last_price: Decimal) -> Decimal | None:
    """The newest band in per cent; ``None`` where none is published."""
    bands = BANDS[-1]
    if instrument.type is InstrumentType.EQUITY:
        return bands.cash
    if instrument.venue in (Exchange.CDS, Exchange.BCD) or not instrument.is_derivative:
        return None
    is_commodity = instrument.venue in (Exchange.MCX, Exchange.NCDEX)
    is_stock = not is_commodity and instrument.underlying not in INDICES
    if instrument.type is InstrumentType.OPTION:
        steps = bands.stock_options if is_stock else bands.options
        return steps[sum(last_price >= step for step in _STEPS)]
    if is_commodity:
        return bands.commodity_future
    return bands.stock_future if is_stock else bands.index_future


def limit_at(side: Side, last_price: Decimal, band: Decimal, tick: Decimal | None) -> Decimal:
    """The worst price of a band, rounded towards the last price to the tick."""
    distance = last_price * band / 100
    worst = last_price + distance if side is Side.BUY else last_price - distance
    if not tick:
        return worst
    rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
    return (worst / tick).to_integral_value(rounding) * tick


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
