"""Rows that look right wherever they are shown.

:class:`Table` is an immutable sequence of one kind of row with a text table for terminals, an HTML
table for notebooks and frames for analysis.  :class:`Record` gives a single row the same looks, and
one line at the plain prompt, in lists and in logs.  Which columns are shown is the row class's
``COLUMNS``; frames hold every field, with the column types of :mod:`openbroker.schemas.frames`.
"""

from __future__ import annotations

import datetime as dt
import enum
import html
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar, overload

import attrs

from openbroker.schemas.convert import plain
from openbroker.schemas.frames import pandas_frame, polars_frame

if TYPE_CHECKING:
    import pandas
    import polars

INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30), "IST")
"""Indian standard time, which has no summer time."""

_SIGNED = frozenset({"pnl", "change"})


def _cell(value: object) -> str:
    """A value as people read it."""
    if value is None:
        return "-"
    if isinstance(value, dt.datetime):
        local = value.astimezone(INDIA)
        is_this_year = local.year == dt.datetime.now(INDIA).year
        return local.strftime("%d %b %H:%M:%S" if is_this_year else "%d %b %Y %H:%M:%S")
    if isinstance(value, tuple):
        return ", ".join(_cell(part) for part in value)
    return _figure(value) if _is_number(value) else str(value)


def _brief(value: object) -> str:
    """A value as a row's one line tells it: exact, and in the words that a caller would type."""
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(INDIA).isoformat(" ", "seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return f"({', '.join(_brief(part) for part in value)})"
    return repr(value)


def _is_told(value: object) -> bool:
    """Whether there is something to tell: a figure of zero is, a switch that is off is none."""
    return value is not None and value is not False and value not in ("", ())


def _figure(value: object) -> str:
    if isinstance(value, Decimal):
        decimals = -min(int(value.normalize().as_tuple().exponent), -2) if value else 2
        return f"{value:,.{decimals}f}"
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


def _scalar(value: object) -> object:
    """A value as frames hold it: floats, plain text, aware times."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, dt.datetime):
        return value.astimezone(INDIA)
    if isinstance(value, tuple):
        return [_scalar(part) for part in value]
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _tone(column: str, value: object) -> str:
    """The colour of a profit or a loss."""
    if not isinstance(value, (int, Decimal)) or _SIGNED.isdisjoint(column.split("_")):
        return ""
    return "color:#0a7d32" if value > 0 else "color:#b3261e" if value < 0 else ""


class _Printer(Protocol):
    """What IPython's terminal hands to ``_repr_pretty_``."""

    stack: Sequence[int]
    """What is being shown: the row, and the lists and mappings around it."""

    def text(self, text: str, /) -> None: ...


class Record:
    """Mixin of row classes: knows its columns, shows as a small table of its own.

    Attributes:
        COLUMNS: what is shown, in this order.
        SPARSE: those of them that are shown only where a row has something to tell there.
    """

    __slots__ = ()
    COLUMNS: ClassVar[tuple[str, ...]] = ()
    SPARSE: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        """Give each class the looks as its own: attrs writes a ``repr`` of every field where the
        class body has none, and IPython asks the nearest class that has a ``repr``."""
        super().__init_subclass__()
        if "__repr__" not in vars(cls):
            cls.__repr__ = Record.__repr__  # type: ignore[method-assign]
        cls._repr_pretty_ = Record._repr_pretty_  # type: ignore[method-assign]

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """The names a frame holds: the shown columns first, then every plain field."""
        shown = cls.COLUMNS
        fields = [f.name for f in attrs.fields(cls)] if attrs.has(cls) else []
        return (*shown, *(f for f in fields if f not in _NOT_IN_FRAMES and f not in shown))

    @classmethod
    def columns_of(cls, rows: Sequence[Record]) -> tuple[str, ...]:
        """The columns that a table of these rows shows."""
        return tuple(
            name
            for name in cls.COLUMNS
            if name not in cls.SPARSE or any(_is_told(getattr(row, name)) for row in rows)
        )

    def _shown(self) -> list[tuple[str, object]]:
        return [(name, getattr(self, name)) for name in self.columns_of((self,))]

    def __repr__(self) -> str:
        told = [(name, value) for name, value in self._shown() if _is_told(value)]
        return f"{type(self).__name__}({', '.join(f'{n}={_brief(v)}' for n, v in told)})"

    def __str__(self) -> str:
        pairs = [(name, _cell(value)) for name, value in self._shown()]
        width = max((len(name) for name, _ in pairs), default=0)
        return "\n".join(f"{name:<{width}}  {text}" for name, text in pairs)

    def _repr_pretty_(self, printer: _Printer, cycle: bool) -> None:  # noqa: ARG002
        is_alone = len(printer.stack) < 2
        printer.text(str(self) if is_alone else repr(self))

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
            f"{_html_cell(name, value)}</tr>"
            for name, value in self._shown()
        )
        return f"<table>{rows}</table>"


_NOT_IN_FRAMES = frozenset({"vendor", "handle", "instrument", "depth", "request", "tokens"})


def _html_cell(column: str, value: object) -> str:
    align = "right" if _is_number(value) else "left"
    style = ";".join(part for part in (f"text-align:{align}", _tone(column, value)) if part)
    return f"<td style='{style}'>{html.escape(_cell(value))}</td>"


R = TypeVar("R", bound=Record)


class Table(Sequence[R], Generic[R]):
    """An immutable sequence of rows of one kind.

    Slices are tables too. ``to_pandas()`` and ``to_polars()`` need the extras of those names.
    """

    __slots__ = ("_kind", "_rows")

    def __init__(self, kind: type[R], rows: Iterable[R] = ()) -> None:
        self._kind = kind
        self._rows = tuple(rows)

    @property
    def kind(self) -> type[R]:
        """The class of the rows."""
        return self._kind

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Table[R]: ...
    def __getitem__(self, index: int | slice) -> R | Table[R]:
        if isinstance(index, slice):
            return Table(self._kind, self._rows[index])
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Table):
            return self._rows == other._rows
        return list(self) == other if isinstance(other, list) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._rows)

    def __repr__(self) -> str:
        return (
            _text_table(self._kind.columns_of(self._rows), self._rows)
            or f"(no {self._kind.__name__} rows)"
        )

    def _repr_html_(self) -> str:
        columns = self._kind.columns_of(self._rows)
        head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
        body = "".join(
            "<tr>" + "".join(_html_cell(name, getattr(row, name)) for name in columns) + "</tr>"
            for row in self._rows
        )
        empty = f"<caption>no {html.escape(self._kind.__name__)} rows</caption>"
        return (
            f"<table>{'' if self._rows else empty}<thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>"
        )

    def to_records(self) -> list[dict[str, object]]:
        """One plain dict a row: floats, text, aware times; ``None`` where a figure is missing."""
        names = self._kind.field_names()
        return [{name: _scalar(getattr(row, name)) for name in names} for row in self._rows]

    def to_pandas(self) -> pandas.DataFrame:
        """A ``pandas.DataFrame`` with a column for every plain field (extra ``pandas``).

        Column types follow from the schema, also where a figure or every row is missing.
        """
        return pandas_frame(self._kind, self._columns())

    def to_polars(self) -> polars.DataFrame:
        """A ``polars.DataFrame`` with a column for every plain field (extra ``polars``)."""
        return polars_frame(self._kind, self._columns())

    def _columns(self) -> dict[str, list[object]]:
        return {
            name: [_scalar(getattr(row, name)) for row in self._rows]
            for name in self._kind.field_names()
        }


def _text_table(columns: Sequence[str], rows: Sequence[Record]) -> str:
    if not rows:
        return ""
    values = [[getattr(row, name) for name in columns] for row in rows]
    texts = [[_cell(value) for value in line] for line in values]
    widths = [max(len(name), *(len(line[i]) for line in texts)) for i, name in enumerate(columns)]
    right = [any(_is_number(line[i]) for line in values) for i in range(len(columns))]

    def line(cells: Sequence[str]) -> str:
        padded = (
            f"{cell:>{width}}" if to_right else f"{cell:<{width}}"
            for cell, width, to_right in zip(cells, widths, right, strict=True)
        )
        return "  ".join(padded).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([line(columns), rule, *(line(cells) for cells in texts)])
