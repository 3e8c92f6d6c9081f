"""How an instrument lies in SQLite, both ways, and nothing else.

Enums are their words, an expiry is its proleptic ordinal, amounts are decimal text without trailing
zeros (exact, and equal for equal amounts, so that a strike can be compared as text).  ``root`` is
the one column that :class:`~openbroker.schemas.Instrument` does not have: what a derivative is on,
or a cash symbol without exchange and series; everything of one name shares it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeAlias

from openbroker.schemas import Exchange, Instrument, InstrumentType, Right
from openbroker.schemas.convert import plain
from openbroker.schemas.enums import Word

Row: TypeAlias = tuple[Any, ...]
Ask: TypeAlias = Callable[[str, Sequence[object]], list[Row]]
"""Runs a reading statement on a store's tables."""

COLUMNS: Final = (
    "symbol", "exchange", "type", "token", "broker_symbol", "name", "underlying", "expiry",
    "strike", "right", "lot_size", "tick_size", "freeze_quantity", "series", "isin",
)  # fmt: skip
SELECT: Final = f"SELECT {', '.join(COLUMNS)} FROM instruments"  # noqa: S608 - constants only
INSERT: Final = (
    f"INSERT INTO instruments ({', '.join(COLUMNS)}, root) "  # noqa: S608 - constants only
    f"VALUES ({', '.join('?' * (len(COLUMNS) + 1))})"
)

# sqlite3 binds plain text several times faster than a subclass of str.
_MEMBERS: Final[tuple[Word, ...]] = (*Exchange, *InstrumentType, *Right)
WORDS: Final[Mapping[str, str]] = {member: member.value for member in _MEMBERS}
_EXCHANGES: Final = {member.value: member for member in Exchange}
_TYPES: Final = {member.value: member for member in InstrumentType}
_RIGHTS: Final = {member.value: member for member in Right}
_decimal: Final[Callable[[str], Decimal]] = lru_cache(maxsize=16384)(Decimal)
_date: Final[Callable[[int], dt.date]] = lru_cache(maxsize=4096)(dt.date.fromordinal)
amount_text: Final[Callable[[Decimal], str]] = lru_cache(maxsize=16384)(plain)


def root_of(instrument: Instrument) -> str:
    """The name that an instrument shares with everything else of that name.

    ``NIFTY`` for the index, its futures and its options; ``IRFC`` for ``NSE:IRFC-N1``.
    """
    if instrument.underlying is not None:
        return instrument.underlying
    name = instrument.symbol.partition(":")[2]
    return name.removesuffix(f"-{instrument.series}") if instrument.series else name


def to_row(instrument: Instrument, root: str, freeze_quantity: int | None) -> Row:
    """The values of :data:`INSERT`."""
    i = instrument
    return (
        i.symbol,
        WORDS[i.exchange],
        WORDS[i.type],
        i.token,
        i.broker_symbol,
        i.name,
        i.underlying,
        None if i.expiry is None else i.expiry.toordinal(),
        None if i.strike is None else amount_text(i.strike),
        None if i.right is None else WORDS[i.right],
        i.lot_size,
        None if i.tick_size is None else amount_text(i.tick_size),
        freeze_quantity,
        i.series,
        i.isin,
        root,
    )


def from_row(row: Row) -> Instrument:
    """An instrument from the columns of :data:`SELECT`."""
    (
        symbol, exchange, kind, token, broker_symbol, name, underlying, expiry, strike, right,
        lot_size, tick_size, freeze_quantity, series, isin,
    ) = row  # fmt: skip
    return Instrument(
        exchange=_EXCHANGES[exchange],
        symbol=symbol,
        type=_TYPES[kind],
        token=token,
        broker_symbol=broker_symbol,
        name=name,
        underlying=underlying,
        expiry=None if expiry is None else _date(expiry),
        strike=None if strike is None else _decimal(strike),
        right=None if right is None else _RIGHTS[right],
        lot_size=lot_size,
        tick_size=None if tick_size is None else _decimal(tick_size),
        freeze_quantity=freeze_quantity,
        series=series,
        isin=isin,
    )
