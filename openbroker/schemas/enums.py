"""The closed words of the schema. Values are the words that Indian traders type.

Strings are accepted wherever an enum is, in either case: ``Side("buy")`` is ``Side.BUY``.
"""

from __future__ import annotations

import enum
from typing import Self


class Word(enum.StrEnum):
    """A ``StrEnum`` that reads its values in either case."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if isinstance(value, str):
            wanted = value.strip().casefold()
            for member in cls:
                if member.value.casefold() == wanted:
                    return member
        return None


class Side(Word):
    """Which way."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(Word):
    """MARKET and LIMIT; SL is a stop that becomes a LIMIT, SL-M one that becomes a MARKET."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    SL = "SL"
    SL_M = "SL-M"

    @property
    def has_price(self) -> bool:
        return self in (OrderType.LIMIT, OrderType.SL)

    @property
    def has_trigger(self) -> bool:
        return self in (OrderType.SL, OrderType.SL_M)

    @property
    def priced(self) -> OrderType:
        """The type that is this one but has a price."""
        return {OrderType.MARKET: OrderType.LIMIT, OrderType.SL_M: OrderType.SL}.get(self, self)


class Product(Word):
    """CNC is delivery, MIS is intraday, NRML carries derivatives forward, MTF is margin funded."""

    CNC = "CNC"
    MIS = "MIS"
    NRML = "NRML"
    MTF = "MTF"


class Validity(Word):
    """How long an order stays: for the day, or immediate or cancel."""

    DAY = "DAY"
    IOC = "IOC"


class Exchange(Word):
    """Exchange segments, and the names under which an exchange's indices are listed."""

    NSE = "NSE"
    BSE = "BSE"
    NFO = "NFO"
    BFO = "BFO"
    CDS = "CDS"
    BCD = "BCD"
    MCX = "MCX"
    NCDEX = "NCDEX"
    NSE_INDEX = "NSE_INDEX"
    BSE_INDEX = "BSE_INDEX"
    MCX_INDEX = "MCX_INDEX"

    @property
    def venue(self) -> Exchange:
        """The segment whose tokens it shares: ``NSE_INDEX`` is served as ``NSE``."""
        return Exchange(self.value.removesuffix("_INDEX"))

    @property
    def is_index(self) -> bool:
        return self.value.endswith("_INDEX")

    @property
    def is_derivative(self) -> bool:
        return self in _DERIVATIVES


_DERIVATIVES = frozenset(
    {Exchange.NFO, Exchange.BFO, Exchange.CDS, Exchange.BCD, Exchange.MCX, Exchange.NCDEX}
)


class InstrumentType(Word):
    """What kind of contract."""

    EQUITY = "EQUITY"
    INDEX = "INDEX"
    FUTURE = "FUTURE"
    OPTION = "OPTION"


class Right(Word):
    """What an option gives: CE a call, PE a put."""

    CE = "CE"
    PE = "PE"


class OrderStatus(Word):
    """Where an order stands. Partly filled is OPEN with ``filled_quantity > 0``."""

    PENDING = "PENDING"
    OPEN = "OPEN"
    TRIGGER_PENDING = "TRIGGER_PENDING"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    UNKNOWN = "UNKNOWN"

    @property
    def is_done(self) -> bool:
        """No further fill can come. UNKNOWN is never done."""
        return self in _DONE

    @property
    def is_live(self) -> bool:
        """The order may still trade. UNKNOWN counts as live: it is not known to be done."""
        return not self.is_done


_DONE = frozenset(
    {OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED}
)


class GttStatus(Word):
    """Where a good-till-triggered rule stands."""

    ACTIVE = "ACTIVE"
    TRIGGERED = "TRIGGERED"
    """Its price was reached and its order was sent."""
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    UNKNOWN = "UNKNOWN"


class QuoteMode(Word):
    """How much a quote tells: the last price, the day's figures as well, or everything."""

    LTP = "LTP"
    OHLC = "OHLC"
    FULL = "FULL"


class Interval(Word):
    """Candle lengths."""

    M1 = "1m"
    M3 = "3m"
    M5 = "5m"
    M10 = "10m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    D1 = "1d"
