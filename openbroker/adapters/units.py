"""Quantities that a vendor counts in lots, for some exchange or by a setting.

The schema counts in units. What goes out is divided by the lot, what comes in is multiplied; where
a row does not tell its lot, its quantities are not known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from openbroker.adapters.wire import to_int
from openbroker.errors import InvalidOrder
from openbroker.schemas import Instrument, InstrumentRow

R = TypeVar("R", bound=InstrumentRow)


def lot_of(of: Instrument | Mapping[str, Any], keys: Sequence[str]) -> int | None:
    """The lot of an instrument, or of a row by the first of the keys that it has."""
    if isinstance(of, Instrument):
        return of.lot_size
    return next((lot for key in keys if (lot := to_int(of.get(key)))), None)


def in_lots(body: Mapping[str, Any], lot: int | None, keys: Collection[str]) -> dict[str, Any]:
    """A body whose quantities are counted in lots; numbers stay numbers and text stays text.

    Raises:
        InvalidOrder: the lot is not known, or a quantity is not a whole number of lots.
    """
    return {key: _counted(value, lot) if key in keys else value for key, value in body.items()}


def _counted(value: Any, lot: int | None) -> Any:
    units = int(value)
    if not lot or units % lot:
        raise InvalidOrder(f"{units} units are not a whole number of lots of {lot or '?'}")
    return type(value)(units // lot)


def in_units(row: R, lot: int | None, fields: Mapping[type, Sequence[str]]) -> R:
    """A row whose quantities are counted in units."""
    if lot == 1:
        return row
    values: dict[str, Any] = {name: getattr(row, name) for name in fields.get(type(row), ())}
    known = {n: value * lot if lot and value is not None else None for n, value in values.items()}
    return attrs.evolve(row, **known)
