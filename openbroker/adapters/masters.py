"""What every instrument master needs, whoever publishes it.

A master is the file in which a broker lists what can be traded.  An adapter turns its bytes into
:data:`Listed` rows: an :class:`~openbroker.schemas.Instrument`, or :class:`Skipped` with the reason
why there is none.  Nothing is dropped without a word, and nothing in a file is fatal but the file's
own shape, which is :class:`~openbroker.errors.MalformedReply`.

How its bytes are cut into rows stands in :mod:`~openbroker.adapters.cutting`.  This module owns two
things that all adapters share:

*Naming.*  :func:`symbol_of` and :func:`parts_of` are the two directions of the common symbol's
grammar, as OpenAlgo's users write it with the exchange in front; :func:`settle_series` is the rule
by which an NSE stock's several series share its name; :func:`index_name` levels the spellings of
indices.  A symbol is built from a row's fields and never read out of a broker's own symbol.

*Units.*  :class:`Units` states, as data, how a broker scales strikes and ticks, and whether its
order quantities are units or lots.

It does no I/O and keeps no state.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final, TypeAlias

from attrs import evolve, field, frozen

from openbroker.errors import InvalidOrder
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right
from openbroker.schemas.convert import plain


@frozen(kw_only=True)
class Skipped:
    """A row of the master that became no instrument.

    Attributes:
        reason: why, in words that group like cases (no token, no price in it).
        row: which row it was, ``"NSE 3045 SBIN-EQ"``.
    """

    reason: str
    row: str


Listed: TypeAlias = Instrument | Skipped
"""One row of a master after reading."""


# --- reading fields ------------------------------------------------------------------------------

MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTH_OF: Final = {name: number for number, name in enumerate(MONTHS, start=1)}


@lru_cache(maxsize=8192)
def amount(text: str, scale: int = 1) -> Decimal | None:
    """A decimal number divided by ``scale``; ``None`` for no text, for no number and below zero.

    >>> amount("2600000.000000", 100)
    Decimal('26000')
    """
    try:
        value = Decimal(text.strip() or "-1")
    except InvalidOperation:
        return None
    if not value.is_finite() or value < 0:
        return None
    return Decimal(plain(value / scale)) if value else Decimal(0)


@lru_cache(maxsize=8192)
def positive(text: str, scale: int = 1) -> Decimal | None:
    """Like :func:`amount`, with ``None`` for zero as well."""
    return amount(text, scale) or None


@lru_cache(maxsize=1024)
def whole(text: str) -> int | None:
    """A whole number above zero (``"75"``, ``"75.0"``), else ``None``."""
    value = amount(text)
    return int(value) if value and value == value.to_integral_value() else None


@lru_cache(maxsize=4096)
def dmy(text: str) -> dt.date | None:
    """``24NOV2026`` or ``24-Nov-2026`` as a date, ``None`` for anything else.

    Locale has no say, as it would have with ``strptime("%b")``.
    """
    match = re.fullmatch(r"(\d{1,2})-?([A-Za-z]{3})-?(\d{4})", text.strip())
    if match is None:
        return None
    day, month, year = match.groups()
    return _date(int(year), _MONTH_OF.get(month.upper(), 0), int(day))


@lru_cache(maxsize=4096)
def ymd(text: str) -> dt.date | None:
    """``2026-11-24`` as a date, ``None`` for anything else."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text.strip())
    return _date(*map(int, match.groups())) if match else None


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


# --- naming --------------------------------------------------------------------------------------


def symbol_of(
    exchange: Exchange,
    name: str,
    expiry: dt.date | None = None,
    strike: Decimal | None = None,
    right: Right | None = None,
) -> str:
    """The common symbol of an instrument, from its parts.

    No expiry: cash or an index. Expiry alone: a future. With strike and right: an option.

    >>> symbol_of(Exchange.NFO, "NIFTY", dt.date(2026, 11, 24), Decimal("26000.0"), Right.CE)
    'NFO:NIFTY24NOV2626000CE'
    >>> symbol_of(Exchange.NSE, "INFY")
    'NSE:INFY'
    """
    head = _head(exchange, name, expiry)
    if expiry is None:
        return head
    if strike is None or right is None:
        return f"{head}FUT"
    return f"{head}{_strike_text(strike)}{right._value_}"


@lru_cache(maxsize=8192)
def contract(
    exchange: Exchange,
    underlying: str,
    expiry: dt.date,
    strike: Decimal | None,
    right: Right | None,
    *,
    token: str,
    broker_symbol: str,
    name: str,
    lot_size: int,
    tick_size: Decimal | None,
    freeze_quantity: int | None = None,
) -> Instrument:
    """A derivative under its common symbol; without a right it is a future."""
    return Instrument(
        exchange=exchange,
        symbol=symbol_of(exchange, underlying, expiry, strike, right),
        type=InstrumentType.FUTURE if right is None else InstrumentType.OPTION,
        token=token,
        broker_symbol=broker_symbol,
        name=name,
        underlying=underlying,
        expiry=expiry,
        strike=strike,
        right=right,
        lot_size=lot_size,
        tick_size=tick_size,
        freeze_quantity=freeze_quantity,
    )


def _head(exchange: Exchange, name: str, expiry: dt.date | None) -> str:
    return f"{exchange}:{name}" if expiry is None else f"{exchange}:{name}{expiry_text(expiry)}"


@lru_cache(maxsize=1024)
def expiry_text(day: dt.date) -> str:
    """``24NOV26``, in any locale."""
    return f"{day.day:02d}{MONTHS[day.month - 1]}{day.year % 100:02d}"


_strike_text = lru_cache(maxsize=8192)(plain)


@frozen(kw_only=True)
class Parts:
    """What a common symbol's text says, if it is a derivative's."""

    exchange: Exchange
    name: str
    expiry: dt.date
    strike: Decimal | None = None
    right: Right | None = None


_DERIVATIVE: Final = re.compile(
    rf"(?P<exchange>[A-Z_]+):(?P<name>.+)(?P<day>\d\d)(?P<month>{'|'.join(MONTHS)})(?P<year>\d\d)"
    r"(?:FUT|(?P<strike>\d+(?:\.\d+)?)(?P<right>CE|PE))"
)


def parts_of(symbol: str) -> Parts | None:
    """What the text of a common symbol says, ``None`` where it is not that of a derivative.

    The reading is unique: the month's letters are the last ones before the right, so the date, the
    name before it and the strike after it have fixed places.  It is a reading of the text only;
    whether such an instrument exists, and whether a name merely looks like this, a look-up decides.
    """
    match = _DERIVATIVE.fullmatch(symbol.strip().upper())
    if match is None or match["exchange"] not in Exchange.__members__:
        return None
    expiry = _date(2000 + int(match["year"]), _MONTH_OF[match["month"]], int(match["day"]))
    if expiry is None:
        return None
    return Parts(
        exchange=Exchange[match["exchange"]],
        name=match["name"],
        expiry=expiry,
        strike=Decimal(match["strike"]) if match["strike"] else None,
        right=Right(match["right"]) if match["right"] else None,
    )


@lru_cache(maxsize=4096)
def base_name(text: str) -> str:
    """A name as the grammar writes it: upper case, without blanks."""
    return "".join(text.split()).upper()


INDEX_NAMES: Final[Mapping[str, str]] = {
    "NIFTY50": "NIFTY",
    "NIFTYBANK": "BANKNIFTY",
    "NIFTYFINSERVICE": "FINNIFTY",
    "NIFTYNEXT50": "NIFTYNXT50",
    "NIFTYMIDSELECT": "MIDCPNIFTY",
    "SNSX50": "SENSEX50",
}
"""Indices whose derivatives trade under another name than the index is listed by."""


@lru_cache(maxsize=1024)
def index_name(text: str) -> str:
    """An index's common name: upper case, no blanks or hyphens, and as its derivatives call it.

    >>> index_name("Nifty Fin Service")
    'FINNIFTY'
    """
    name = base_name(text).replace("-", "")
    return INDEX_NAMES.get(name, name)


SHARE_SERIES: Final = ("EQ", "BE", "BZ", "SM", "ST", "SZ")
"""NSE series in which a company's shares themselves trade, the usual one first: rolling settlement,
trade-for-trade, trade-for-trade for non-compliance, and the same three for small companies."""

_SERIES: Final = re.compile(r"(.+)-([A-Z0-9]{2})")


def split_series(text: str) -> tuple[str, str | None]:
    """An NSE cash symbol's stem and series: ``("BAJAJ-AUTO", "EQ")`` for ``BAJAJ-AUTO-EQ``.

    A series is two letters or digits after the last hyphen; ``BAJAJ-AUTO`` alone has none.
    """
    match = _SERIES.fullmatch(text)
    return (match[1], match[2]) if match else (text, None)


def cash_symbol(exchange: Exchange, stem: str, series: str | None) -> str:
    """The symbol of a cash row before :func:`settle_series` has seen the others of its stem."""
    return f"{exchange}:{stem}" if series in (None, "EQ") else f"{exchange}:{stem}-{series}"


def settle_series(rows: Iterable[Listed]) -> Iterator[Listed]:
    """Decides which series of an NSE stock is called by the bare name.

    The rule, in this order: series EQ; else the first of BE, BZ, SM, ST, SZ that is listed; else
    the only series that the stem has.  Every other row keeps its series in the symbol
    (``NSE:IRFC-N1``), and where several bonds share a stem that is no share, all of them do.

    Rows of other kinds pass as they come; cash rows outside EQ follow at the end.
    """
    taken: set[str] = set()
    waiting: dict[str, list[Instrument]] = {}
    for row in rows:
        series = getattr(row, "series", None)
        if series is None or isinstance(row, Skipped) or row.exchange is not Exchange.NSE:
            yield row
        elif series == "EQ":
            taken.add(row.symbol)
            yield row
        else:
            waiting.setdefault(row.symbol.removesuffix(f"-{series}"), []).append(row)
    for bare, family in waiting.items():
        yield from _named(bare, family, free=bare not in taken)


def _named(bare: str, family: list[Instrument], *, free: bool) -> Iterator[Instrument]:
    heir = _heir(family) if free else None
    for row in family:
        yield evolve(row, symbol=bare) if row is heir else row


def _heir(family: list[Instrument]) -> Instrument | None:
    shares = [row for row in family if row.series in SHARE_SERIES]
    if shares:
        return min(shares, key=lambda row: SHARE_SERIES.index(row.series or ""))
    return family[0] if len(family) == 1 else None


# --- units ---------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Units:
    """How a broker's numbers become rupees and units, as data.

    Attributes:
        strike: what a strike in the master is divided by to be rupees, by exchange.
        tick: the same for tick sizes.
        in_lots: exchanges on which the broker counts order quantities in lots.

    The schema's quantities are always units; an adapter passes them through
    :meth:`to_wire` and :meth:`from_wire` on their way.
    """

    strike: Mapping[Exchange, int] = field(factory=dict)
    tick: Mapping[Exchange, int] = field(factory=dict)
    in_lots: frozenset[Exchange] = frozenset()

    def to_wire(self, quantity: int, instrument: Instrument) -> int:
        """A quantity of units as the broker counts it.

        Raises:
            InvalidOrder: it is no whole number of lots, where the broker counts those.
        """
        if instrument.exchange not in self.in_lots:
            return quantity
        lots, rest = divmod(quantity, instrument.lot_size)
        if rest:
            raise InvalidOrder(
                f"quantity {quantity} is not a multiple of {instrument.symbol}'s lot of "
                f"{instrument.lot_size}"
            )
        return lots

    def from_wire(self, quantity: int, instrument: Instrument) -> int:
        """The broker's count as units."""
        return quantity * (instrument.lot_size if instrument.exchange in self.in_lots else 1)


LOT_UNITS: Final[Mapping[str, int]] = {
    "CRUDEOIL": 100, "CRUDEOILM": 10, "NATURALGAS": 1250, "NATGASMINI": 250,
    "COPPER": 2500, "ZINC": 5000, "ZINCMINI": 1000, "LEAD": 5000, "LEADMINI": 1000,
    "ALUMINIUM": 5000, "ALUMINI": 1000, "SILVER": 30, "SILVERM": 5, "SILVERMIC": 1,
    "USDINR": 1000, "EURINR": 1000, "GBPINR": 1000,
    "EURUSD": 1000, "GBPUSD": 1000, "USDJPY": 1000,
}  # fmt: skip
"""Units in a lot by underlying, for vendors whose master counts lots.

Only contracts whose price is quoted for one of the units that the lot is counted in: a barrel, a
kilogram, an mmBtu, a dollar.  GOLD (a kilogram, quoted for ten grams) and JPYINR (100,000 yen,
quoted for a hundred) could be counted in two ways and stay out, and so does NICKEL, whose lot has
changed more than once: a contract that is not listed is left out by those vendors' adapters, since
a wrong factor would be an order many times too large.

Sources, read 2026-11-22: support.zerodha.com, How can I trade commodity options, and
dhan.co/commodities-lot-size (energy, copper, zinc, silver); MCX lot sizes as integrations list them
(lead, aluminium, the minis; alike in 2011, 2023 and 2026); support.zerodha.com, How can I trade
currency derivatives; nseindia.com, Contract Specifications - Cross Currency.  CRUDEOIL and USDJPY
stand so in Angel One's and Shoonya's masters too, which count units (August 2026)."""


def is_test_scrip(symbol: str) -> bool:
    """Whether it is one of the securities on which NSE tests its systems (``011NSETEST``)."""
    return "NSETEST" in symbol


__all__ = [
    "INDEX_NAMES",
    "LOT_UNITS",
    "MONTHS",
    "SHARE_SERIES",
    "Listed",
    "Parts",
    "Skipped",
    "Units",
    "amount",
    "base_name",
    "cash_symbol",
    "dmy",
    "expiry_text",
    "index_name",
    "is_test_scrip",
    "parts_of",
    "positive",
    "settle_series",
    "split_series",
    "symbol_of",
    "whole",
    "ymd",
]
