"""Frames whose column types follow from the schema, not from the rows that happen to be there.

A price column is ``float64`` and a time column is in ``Asia/Kolkata`` even where every value is
missing or there is no row at all, so that code written on a quiet day works on a busy one:

============= ==========================  =========================
the schema    pandas                      polars
============= ==========================  =========================
Decimal       ``float64``                 ``Float64``
int           ``Int64`` (nullable)        ``Int64``
bool          ``boolean`` (nullable)      ``Boolean``
text, words   ``string``                  ``String``
datetime      ``datetime64[us, zone]``    ``Datetime("us", zone)``
date          ``datetime64[s]``           ``Date``
several       ``object`` (lists)          ``List(String)``
anything else ``object``                  ``Object``
============= ==========================  =========================
"""

from __future__ import annotations

import datetime as dt
import enum
import types
import typing
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from openbroker.errors import ConfigError

if TYPE_CHECKING:
    import pandas
    import polars

    from openbroker.schemas.table import Record

ZONE: Final = "Asia/Kolkata"

_PANDAS: Final[Mapping[type, str]] = {
    bool: "boolean",
    int: "Int64",
    float: "float64",
    str: "string",
    dt.datetime: f"datetime64[us, {ZONE}]",
    dt.date: "datetime64[s]",
    tuple: "object",
    object: "object",
}


def column_kinds(row: type[Record]) -> Mapping[str, type]:
    """The plain type of every column of a frame of such rows."""
    fields = typing.get_type_hints(row)
    return {name: _kind(_annotation(row, name, fields)) for name in row.field_names()}


def _annotation(row: type, name: str, fields: Mapping[str, Any]) -> Any:
    if name in fields:
        return fields[name]
    return typing.get_type_hints(getattr(row, name).fget)["return"]


def _kind(annotation: Any) -> type:
    """``Decimal | None`` is ``float``, a word is ``str``, ``tuple[Exchange, ...]`` is ``tuple``."""
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        parts = [part for part in typing.get_args(annotation) if part is not type(None)]
        kinds = {_kind(part) for part in parts}
        return kinds.pop() if len(kinds) == 1 else object
    plain = typing.get_origin(annotation) or annotation
    if plain is Decimal:
        return float
    if not isinstance(plain, type) or plain is typing.Any:
        return object
    return str if issubclass(plain, enum.Enum) else plain if plain in _PANDAS else object


def pandas_frame(row: type[Record], columns: Mapping[str, Sequence[object]]) -> pandas.DataFrame:
    """A ``pandas.DataFrame`` of columns that hold plain values and ``None``.

    Raises:
        ConfigError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise _needs("pandas") from None

    kinds = column_kinds(row)
    return pandas.DataFrame(
        {
            name: pandas.Series(list(values), dtype=_PANDAS[kinds[name]])
            for name, values in columns.items()
        }
    )


def polars_frame(row: type[Record], columns: Mapping[str, Sequence[object]]) -> polars.DataFrame:
    """A ``polars.DataFrame`` of columns that hold plain values and ``None``.

    Raises:
        ConfigError: polars is not installed.
    """
    try:
        import polars
    except ImportError:
        raise _needs("polars") from None

    kinds: Mapping[type, Any] = {
        bool: polars.Boolean,
        int: polars.Int64,
        float: polars.Float64,
        str: polars.String,
        dt.datetime: polars.Datetime("us", ZONE),
        dt.date: polars.Date,
        tuple: polars.List(polars.String),
        object: polars.Object,
    }
    schema = {name: kinds[kind] for name, kind in column_kinds(row).items()}
    return polars.DataFrame(dict(columns), schema=schema, strict=False)


def _needs(extra: str) -> ConfigError:
    return ConfigError(
        f"to_{extra}() needs {extra}, which is not installed",
        advice=f"Run: pip install 'openbroker-sdk[{extra}]'",
    )


__all__ = ["ZONE", "column_kinds", "pandas_frame", "polars_frame"]
