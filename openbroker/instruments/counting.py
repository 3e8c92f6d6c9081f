"""Rows of brokers that count in lots, turned into the schema's units.

A lot's size is the instrument's; where the master lacks the instrument the figure is not known in
units, so it becomes ``None`` and the broker's count stays in ``vendor``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import attrs

from openbroker.adapters.masters import Units
from openbroker.schemas import Gtt, Holding, InstrumentRow, Order, Position, Quote, Trade

R = TypeVar("R", bound=InstrumentRow)

QUANTITIES: Final[Mapping[type[InstrumentRow], tuple[str, ...]]] = {
    Order: (
        "quantity", "filled_quantity", "pending_quantity", "cancelled_quantity",
        "disclosed_quantity",
    ),
    Trade: ("quantity",),
    Position: ("quantity", "overnight_quantity", "buy_quantity", "sell_quantity"),
    Holding: (),
    Quote: (),
    Gtt: ("quantity", "disclosed_quantity"),
}  # fmt: skip
"""The fields of each row that the broker counts in lots where it counts orders so."""


def in_units(row: R, units: Units) -> R:
    """The row with its quantities in units."""
    if row.exchange is None or row.exchange not in units.in_lots:
        return row
    changes: dict[str, Any] = {}
    for name in QUANTITIES.get(type(row), ()):
        count = getattr(row, name)
        if count is not None:
            changes[name] = units.from_wire(count, row.instrument) if row.instrument else None
    return attrs.evolve(row, **changes)
