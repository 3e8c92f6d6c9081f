"""How orders are to be treated: those arguments of ``connect()`` that are about orders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

from openbroker.orders.entries import Entry
from openbroker.orders.halt import AutoHalt
from openbroker.orders.journal_file import Durability
from openbroker.schemas import Order

OnLateOrder: TypeAlias = Callable[[Entry, Order], None]
"""Told of an order that appeared after it had been reported absent: the intent and the row."""


@frozen(kw_only=True)
class OrderSettings:
    """How orders are treated.

    Attributes:
        durability: ``"process"``: the journal survives the death of the process; ``"power"``: a
            power cut, for some milliseconds an order.
        journal_dir: where journals are kept; by default the platform's state folder. ``":memory:"``
            keeps none, and nothing is known after the process has ended.
        resolve_within: seconds that a call waits for the truth before it raises ``OrderUnknown``.
        settle_time: seconds for which an order must be missing from the book before it counts as
            absent; by default the broker's.
        duplicate_window: seconds in which the same order is taken for a slip; 0 for never.
        strict: while any order's outcome is unknown, place no other.
        on_late_order: called when an order appears that had been reported absent.
        auto_halt: when trading halts by itself; by default never.
        background: look for lost orders without being asked; else only ``resolve()`` does.
    """

    durability: Durability = "process"
    journal_dir: Path | str | None = None
    resolve_within: float = 5.0
    settle_time: float | None = None
    duplicate_window: float = 1.0
    strict: bool = False
    on_late_order: OnLateOrder | None = None
    auto_halt: AutoHalt | None = None
    background: bool = True

    @property
    def in_memory(self) -> bool:
        return self.journal_dir == ":memory:"


MOCKED = OrderSettings(
    journal_dir=":memory:", resolve_within=0.0, duplicate_window=0.0, background=False
)
"""For brokers whose replies a test has written: nothing is read that it did not ask for."""
