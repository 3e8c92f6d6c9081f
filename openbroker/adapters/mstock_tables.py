"""mStock's spellings, codes and limits where they are not those of every SmartAPI.

Sources and dates as in :mod:`openbroker.adapters.mstock`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from openbroker.adapters.base import Refusal
from openbroker.adapters.smartapi_tables import (
    ASKED,
    BAND,
    CANDLE,
    CHANGED,
    CREDENTIALS,
    DONE,
    EXPIRED,
    FILL,
    FUNDS,
    HOLDING,
    HOLDINGS,
    INPUT,
    NOT_FOUND,
    ORDER,
    OTHER_ADDRESS,
    PLANNED,
    POSITION,
    QUOTE,
    RISK,
    SECOND_FACTOR,
    SERVER,
    WORDS,
    Route,
    charge_items,
)
from openbroker.adapters.sources import difference, priced, within
from openbroker.adapters.wire import Row, Wire, to_decimal, to_text
from openbroker.errors import BrokerError, Outcome
from openbroker.schemas import (
    Candle,
    Exchange,
    Funds,
    Holding,
    InstrumentRow,
    Interval,
    Margin,
    Mover,
    Order,
    OrderChange,
    OrderRequest,
    OrderStatus,
    OrderType,
    Position,
    Product,
    Quote,
    QuoteMode,
    Trade,
)
from openbroker.transport.messages import Effect, RateLimit

# -- routes

ROOT: Final = "/openapi/typeb"


def _route(method: str, path: str, effect: Effect = Effect.READ) -> Route:
    return Route(method, ROOT + path, effect)


ROUTES: Mapping[str, Route] = {
    "login": _route("POST", "/connect/login", Effect.SESSION),
    "otp": _route("POST", "/session/token", Effect.SESSION),
    "totp": _route("POST", "/session/verifytotp", Effect.SESSION),
    "logout": _route("GET", "/logout", Effect.SESSION),
    "funds": _route("GET", "/user/fundsummary"),
    "place_order": _route("POST", "/orders/regular", Effect.ORDER),
    "modify_order": _route("PUT", "/orders/regular/{order_id}", Effect.ORDER),
    "cancel_order": _route("DELETE", "/orders/regular/{order_id}", Effect.ORDER),
    "orders": _route("GET", "/orders"),
    "order_details": _route("POST", "/order/details"),
    "trades": _route("GET", "/tradebook"),
    "trades_of": _route("POST", "/trades"),
    "positions": _route("GET", "/portfolio/positions"),
    "convert_position": _route("POST", "/portfolio/convertposition", Effect.ORDER),
    "holdings": _route("GET", "/portfolio/holdings"),
    "margin": _route("POST", "/margins/orders"),
    "quotes": _route("POST", "/instruments/quote"),
    "history": _route("POST", "/instruments/historical"),
    "today": _route("POST", "/instruments/intraday"),
    "master": _route("GET", "/instruments/OpenAPIScripMaster"),
    "movers": _route("POST", "/losergainer"),
    "option_expiries": _route("GET", "/getoptionchainmaster/{exchange}"),
    "option_contracts": _route("GET", "/GetOptionChain/{exchange}/{expiry}/{token}"),
}
"""Where the documentation has a GET with a body, the official client's POST: proxies drop such a
body, and both are answered."""

# -- spellings

SEGMENTS: Final[Mapping[str, tuple[Exchange, Exchange]]] = {
    "NSE": (Exchange.NFO, Exchange.CDS),
    "BSE": (Exchange.BFO, Exchange.BCD),
}
"""Where an exchange's derivatives on shares and indices trade, and those on currencies."""

_CURRENCIES: Final = ("CUR", "IRC", "IRT")


def segment_of(exchange: object, kind: object) -> Exchange | str | None:
    """Where a row's contract trades.

    Books and positions say ``NSE`` of an option that is ordered in ``NFO``: the instrument type
    decides.
    """
    name, type_ = to_text(exchange), to_text(kind) or ""
    segments = SEGMENTS.get(name or "")
    if segments is None or not type_.startswith(("FUT", "OPT")):
        return name
    shares, currencies = segments
    return currencies if type_[3:] in _CURRENCIES else shares


def _segment(exchange: str, kind: str) -> Any:
    return lambda row: segment_of(row.get(exchange), row.get(kind))


def _held_on(row: Row) -> str | None:
    """Holdings often name no exchange. BSE's codes of shares have six digits, NSE's fewer."""
    token = to_text(row.get("symboltoken")) or ""
    return to_text(row.get("exchange")) or ("BSE" if re.fullmatch(r"\d{6}", token) else "NSE")


def _product(row: Row) -> Product | str | None:
    """The book shows a carried derivative as MARGIN, which has no meaning in cash rows."""
    word = to_text(row.get("producttype"))
    kind = to_text(row.get("instrumenttype")) or ""
    is_carried = word == "MARGIN" and kind.startswith(("FUT", "OPT"))
    return Product.NRML if is_carried else word


def _clock(*keys: str) -> Any:
    """A time that may be in the twelve-hour form, or with blanks after its colons."""

    def source(row: Row) -> str | None:
        text = next((text for key in keys if (text := to_text(row.get(key)))), None)
        found = _TWELVE_HOURS.fullmatch(text or "")
        if found is None:
            return text and text.replace(": ", ":")
        hour = int(found["hour"]) % 12 + (12 if found["half"].upper() == "PM" else 0)
        return f"{found['day']} {hour:02}{found['rest']}"

    return source


_TWELVE_HOURS: Final = re.compile(
    r"(?P<day>\S+) (?P<hour>\d\d)(?P<rest>:\d\d:\d\d) (?P<half>[AaPp][Mm])"
)


def _candle_time(row: Row) -> object:
    """Past candles end in ``+05``, which is India's offset cut short."""
    value = row.get("timestamp")
    return value.removesuffix("+05") if isinstance(value, str) else value


def _order_type(row: Row) -> OrderType | str | None:
    """The book calls every stop SL; one without a price is a stop-market order."""
    word = to_text(row.get("ordertype"))
    return OrderType.SL_M if word == "SL" and not to_decimal(row.get("price")) else word


def _is_after_market(row: Row) -> bool:
    words = (to_text(row.get(key)) or "" for key in ("orderstatus", "status"))
    return any(word.startswith("O-") for word in words)


def _handle(row: Row) -> dict[str, str]:
    """The book leaves the variety out, and marks an after-market order by its status."""
    return {"variety": "AMO"} if _is_after_market(row) else {}


def _part(name: str) -> Any:
    """One line of a calculation's break-up."""

    def source(row: Row) -> Decimal | None:
        return next((item.amount for item in charge_items(row) if item.name == name), None)

    return source


WIRE = Wire(
    empty_is_null=True,
    words={
        **WORDS,
        Exchange: {
            exchange: exchange.value
            for exchange in (
                Exchange.NSE,
                Exchange.BSE,
                Exchange.NFO,
                Exchange.BFO,
                Exchange.CDS,
            )
        },
    },
    aliases={
        OrderType: {
            "SL": OrderType.SL,
            "STOP_LOSS": OrderType.SL,
            "SL-M": OrderType.SL_M,
            "STOP_LOSS_MARKET": OrderType.SL_M,
        },
        Product: {"CNC": Product.CNC, "MTF": Product.MTF},
        Exchange: {"BCD": Exchange.BCD, "MCX": Exchange.MCX},
    },
    statuses={
        "transit": OrderStatus.PENDING,
        "o-pending": OrderStatus.PENDING,
        "o-modified": OrderStatus.PENDING,
        "pending": OrderStatus.OPEN,
        "triggered": OrderStatus.OPEN,
        "trigger pending": OrderStatus.TRIGGER_PENDING,
        "traded": OrderStatus.FILLED,
        "cancelled": OrderStatus.CANCELLED,
        "o-cancelled": OrderStatus.CANCELLED,
        "rejected": OrderStatus.REJECTED,
    },
    times=("%Y-%b-%d %H:%M:%S", "%d-%m-%Y %H:%M:%S", "%Y-%m-%d %H:%M", "%H:%M:%S"),
    fields={
        OrderRequest: ASKED,
        OrderChange: CHANGED,
        Order: {
            **ORDER,
            "exchange": _segment("exchange", "instrumenttype"),
            "order_type": _order_type,
            "product": _product,
            "pending_quantity": difference("quantity", "filledshares"),
            "placed_at": _clock("exchtime", "updatetime"),
            "updated_at": _clock("exchorderupdatetime", "updatetime"),
            "after_market": _is_after_market,
            "handle": _handle,
        },
        Trade: {
            "exchange": _segment("EXCHANGE", "INSTRUMENT_NAME"),
            "token": "SEC_ID",
            "broker_symbol": "SYMBOL",
            "trade_id": "TRADE_NUMBER",
            "order_id": "ORDER_NUMBER",
            "exchange_order_id": "EXCH_ORDER_NUMBER",
            "side": "BUY_SELL",
            "product": "PRODUCT",
            "quantity": "QUANTITY",
            "price": "PRICE",
            "traded_at": "ORDER_DATE_TIME",
        },
        Position: {
            **POSITION,
            "exchange": _segment("exchange", "instrumenttype"),
            "broker_symbol": ("tradingsymbol", "symbolname"),
            "product": _product,
            "buy_price": priced("buyavgprice"),
            "sell_price": priced("sellavgprice"),
        },
        Holding: {**HOLDING, "exchange": _held_on},
        Funds: {
            "available": "AVAILABLE_BALANCE",
            "collateral": "COLLATERALS",
            "utilised": "AMOUNT_UTILIZED",
            "realised_pnl": "REALISED_PROFITS",
            "unrealised_pnl": "MTM_COMBINED",
        },
        Margin: {
            "total": within("summary", "total_charges"),
            "span": _part("SPANMARGIN"),
            "exposure": _part("EXPOMARGIN"),
        },
        Quote: QUOTE,
        Candle: {name: name for name in CANDLE} | {"timestamp": _candle_time},
        InstrumentRow: {"exchange": "exchange", "token": "token"},
        Mover: {
            "exchange": _segment("exchange", "instrument"),
            "token": "security_id",
            "broker_symbol": "symbol",
            "last_price": "ltp",
            "change": "change",
            "change_percent": "per_change",
        },
    },
)

FILLS_WIRE: Final = Wire(
    words=WIRE.words, fields={Trade: FILL}, times=("%H:%M:%S",), empty_is_null=True
)
"""Past trades are spelled as Angel One spells them."""

MARGIN_WIRE: Final = Wire(
    words=WIRE.words, fields={OrderRequest: {**PLANNED, "trigger_price": "trigger_price"}}
)

UNSAID: Final[Mapping[str, str]] = {
    "price": "0", "triggerprice": "0", "squareoff": "0", "stoploss": "0", "trailingStopLoss": "",
    "disclosedquantity": "0",
}  # fmt: skip
"""What the documentation's samples state of an order that has no such thing."""

QUOTE_MODES: Final[Mapping[QuoteMode, str]] = {
    QuoteMode.LTP: "LTP",
    QuoteMode.OHLC: "OHLC",
    QuoteMode.FULL: "OHLC",
}
"""There is no more than OHLC over REST: depth, volume and open interest stay ``None``."""

SEGMENT_NUMBERS: Final[Mapping[Exchange, str]] = {
    Exchange.NSE: "1",
    Exchange.NFO: "2",
    Exchange.CDS: "3",
    Exchange.BSE: "4",
    Exchange.BFO: "5",
}
"""Today's candles and option chains go by numbers (Intraday Chart Data, 2026-11)."""

HISTORY_WINDOWS: Final[Mapping[Interval, dt.timedelta]] = {
    interval: dt.timedelta(days=days)
    for interval, days in {
        Interval.M1: 2,
        Interval.M3: 7,
        Interval.M5: 12,
        Interval.M10: 25,
        Interval.M15: 38,
        Interval.M30: 76,
        Interval.H1: 140,
        Interval.D1: 1000,
    }.items()
}
"""A reply ends at 1,000 candles, as an integration reports (openalgo, 2026-08); no page says so.
Reckoned by 385 minutes a session."""

# -- refusals

CODES: Final[Mapping[str, Refusal]] = {
    "400": INPUT,
    "IA400": INPUT,
    "IA401": EXPIRED,
    "IA403": Refusal(error=BrokerError, outcome=Outcome.NOT_SENT),
    "IA404": INPUT,
    "IA500": SERVER,
    "MA0034": INPUT,
    "RS-0111": FUNDS,
    "RS-0034": DONE,
    "RS-00093": DONE,
    "TokenException": EXPIRED,
    "APIKeyException": CREDENTIALS,
    "InputException": INPUT,
    "VersionException": INPUT,
}
"""MA500 (*something went wrong*) is a catch-all and stands in no table: its text decides, and one
that :data:`TEXTS` does not list proves nothing.  IA403 is the gateway's, for a key that has expired
and for an address that is not registered."""

FAMILIES: Final[Mapping[str, Refusal]] = {"RS-": INPUT}
"""Codes of the exchange and of the risk system, which are refusals whatever their number."""

LOGIN_CODES: Final[Mapping[str, Refusal]] = {
    **CODES,
    "MA400": SECOND_FACTOR,
    "400": CREDENTIALS,
    "IA401": CREDENTIALS,
}

TEXTS: Final[tuple[tuple[str, Refusal], ...]] = (
    ("ip address", OTHER_ADDRESS),
    ("suspended/expired", CREDENTIALS),
    ("username or password", CREDENTIALS),
    ("entered otp", SECOND_FACTOR),
    ("correct totp", SECOND_FACTOR),
    ("fund limit insufficient", FUNDS),
    ("insufficient fund", FUNDS),
    ("insufficient holding", HOLDINGS),
    ("price range", BAND),
    ("circuit limit", BAND),
    ("order is cancelled", DONE),
    ("order does not ex", NOT_FOUND),
    ("^rms:", RISK),
)

# -- limits (Introduction, 2026-11: thirty orders a second, but ten need a registered algorithm)

LIMITS: Final[tuple[RateLimit, ...]] = (
    RateLimit(
        bucket="order_changes",
        covers=frozenset({"place_order", "modify_order", "cancel_order", "convert_position"}),
        urgent=frozenset({"cancel_order"}),
        per_second=9,
        per_minute=250,
        per_hour=1000,
    ),
    RateLimit(
        bucket="data",
        covers=frozenset({"history", "option_expiries", "option_contracts", "movers"}),
        per_second=1,
        per_minute=1000,
        per_hour=5000,
    ),
    RateLimit(bucket="quotes", per_second=20),
    # not listed, assumed
    RateLimit(
        bucket="reads",
        covers=frozenset(
            {"orders", "order_details", "trades", "trades_of", "positions", "holdings", "funds",
             "margin", "raw"}
        ),
        per_second=10,
    ),
    RateLimit(bucket="login", covers=frozenset({"login"}), per_second=1),
)  # fmt: skip
