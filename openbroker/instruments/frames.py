"""The (filtered) master as columns, for frames: straight from the rows, without an object each.

The columns and what they hold are those of ``Table[Instrument].to_pandas()``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openbroker.instruments.rows import COLUMNS, Row
from openbroker.schemas import Instrument

_READERS: Mapping[str, Callable[[Any], object]] = {
    "expiry": dt.date.fromordinal,
    "strike": float,
    "tick_size": float,
}


def columns_of(rows: Sequence[Row]) -> dict[str, list[object]]:
    """A list of values for every plain field of an instrument."""
    columns = zip(*rows, strict=True) if rows else [()] * len(COLUMNS)
    values = {name: _read(name, column) for name, column in zip(COLUMNS, columns, strict=True)}
    return {name: values[name] for name in Instrument.field_names()}


def _read(name: str, column: Sequence[Any]) -> list[object]:
    reader = _READERS.get(name)
    if reader is None:
        return list(column)
    return [None if value is None else reader(value) for value in column]
