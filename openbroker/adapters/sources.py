"""Where a schema field comes from in a vendor's row, where it is more than one key.

Each function makes a :data:`~openbroker.adapters.wire.Source` for the tables of a ``Wire``.  What
one vendor alone does stays in that vendor's tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from openbroker.adapters.wire import BadValue, Row, to_decimal, to_int
from openbroker.schemas import Charge, Depth, Level
from openbroker.schemas.table import INDIA

Amount: TypeAlias = Callable[[Row], Decimal | None]
Place: TypeAlias = tuple[str, ...]
"""Where a value stands in nested objects."""


def priced(*keys: str) -> Amount:
    """A price that the vendor writes as 0 where there is none; the first key that has one."""

    def source(row: Row) -> Decimal | None:
        return next((price for key in keys if (price := to_decimal(row.get(key)))), None)

    return source


def within(*keys: str) -> Callable[[Row], object]:
    """A value inside nested objects; ``None`` where one of them is missing."""

    def source(row: Row) -> object:
        value: object = row
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    return source


def difference(one: str, other: str) -> Callable[[Row], int | None]:
    """One count less another; ``None`` unless both are told."""

    def source(row: Row) -> int | None:
        first, second = to_int(row.get(one)), to_int(row.get(other))
        return None if first is None or second is None else first - second

    return source


def balance(needed: str, plus: Iterable[str] = (), minus: Iterable[str] = ()) -> Amount:
    """A sum of amounts, of which the vendor leaves out those that are zero.

    ``None`` where the needed one is missing.
    """

    def source(row: Row) -> Decimal | None:
        first = to_decimal(row.get(needed))
        if first is None:
            return None
        added = sum((to_decimal(row.get(key)) or Decimal(0) for key in plus), Decimal(0))
        taken = sum((to_decimal(row.get(key)) or Decimal(0) for key in minus), Decimal(0))
        return first + added - taken

    return source


def both_segments(*keys: str) -> Amount:
    """A figure of the accounts ``equity`` and ``commodity`` together; ``None`` where none is."""

    def source(row: Row) -> Decimal | None:
        figures = [to_decimal(within(part, *keys)(row)) for part in ("equity", "commodity")]
        known = [figure for figure in figures if figure is not None]
        return sum(known, Decimal(0)) if known else None

    return source


def noted(*places: Place) -> Amount:
    """A figure of every contract note under ``notes`` together, each at the first place that has
    one; ``None`` where a note lacks it."""

    def source(row: Row) -> Decimal | None:
        figures = _figures(row, places)
        known = [figure for figure in figures if figure is not None]
        return sum(known, Decimal(0)) if known and len(known) == len(figures) else None

    return source


def costs(parts: Mapping[str, tuple[Place, ...]]) -> Callable[[Row], tuple[Charge, ...]]:
    """The parts of all contract notes by name, with the places where each may stand.

    What a note lacks it does not charge; what no note has is left out.
    """

    def source(row: Row) -> tuple[Charge, ...]:
        found = {name: _figures(row, places) for name, places in parts.items()}
        known = {name: [f for f in figures if f is not None] for name, figures in found.items()}
        return tuple(
            Charge(name=name, amount=sum(figures, Decimal(0)))
            for name, figures in known.items()
            if figures
        )

    return source


def _figures(row: Row, places: Iterable[Place]) -> list[Decimal | None]:
    notes = row.get("notes")
    return [_figure(note, places) for note in (notes if isinstance(notes, list) else ())]


def _figure(note: object, places: Iterable[Place]) -> Decimal | None:
    if not isinstance(note, Mapping):
        raise BadValue("a contract note is no object")
    found = (to_decimal(within(*place)(note)) for place in places)
    return next((figure for figure in found if figure is not None), None)


def epoch(*keys: str) -> Callable[[Row], dt.datetime | None]:
    """A moment in seconds since 1970; ``None`` where there is none that a clock could show."""
    return lambda row: next((at for key in keys if (at := at_epoch(row.get(key)))), None)


def at_epoch(value: object) -> dt.datetime | None:
    """Seconds since 1970 as Indian time; ``None`` for nothing, zero and what no clock shows."""
    try:
        seconds = to_decimal(value)
    except BadValue:
        return None
    if not seconds or not 0 < seconds < _FAR_FUTURE:
        return None
    return dt.datetime.fromtimestamp(float(seconds), INDIA)


_FAR_FUTURE = 4_102_444_800
"""The year 2100; what is beyond it is no count of seconds."""


def known(key: str, table: Mapping[str, Any]) -> Callable[[Row], tuple[Any, ...]]:
    """Those words of a list that the schema knows."""
    return lambda row: known_words(row.get(key), table)


def known_words(words: object, table: Mapping[str, Any]) -> tuple[Any, ...]:
    """Those of the words that the table lists; nothing where the words are no list."""
    listed = words if isinstance(words, list) else ()
    return tuple(table[word] for word in listed if isinstance(word, str) and word in table)


def depth(row: Row) -> Depth | None:
    """The book under ``depth`` with its sides ``buy`` and ``sell``."""
    book = row.get("depth")
    if not isinstance(book, Mapping):
        return None
    return Depth(bids=levels(book.get("buy")), asks=levels(book.get("sell")))


def numbered(rows: object) -> object:
    """Rows that are lists, as objects whose keys are the places: ``"0"``, ``"1"``. Anything else is
    left for :meth:`Wire.load_rows` to judge."""
    if not isinstance(rows, list):
        return rows
    return [{str(n): v for n, v in enumerate(row)} if isinstance(row, list) else row
            for row in rows]  # fmt: skip


def levels(
    rows: object, *, quantity: str = "quantity", orders: str = "orders"
) -> tuple[Level, ...]:
    """One side of the book from objects with price, quantity and orders; empty levels left out.

    ``quantity`` and ``orders`` are the vendor's names of the two.
    """
    found = []
    for row in rows if isinstance(rows, (list, tuple)) else ():
        if not isinstance(row, Mapping):
            raise BadValue("a level of the depth is no object")
        price, count = to_decimal(row.get("price")), to_int(row.get(quantity))
        if price and count:
            found.append(Level(price=price, quantity=count, orders=to_int(row.get(orders))))
    return tuple(found)
