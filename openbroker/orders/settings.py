"""How orders are to be treated: those arguments of ``connect()`` that are about orders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs
from attrs import field, frozen

from openbroker.errors import ConfigError
from openbroker.orders.entries import Entry
from openbroker.orders.halt import AutoHalt
from openbroker.orders.journal_file import Durability
from openbroker.schemas import Order

OnLateOrder: TypeAlias = Callable[[Entry, Order], None]
"""Told of an order that appeared after it had been reported absent: the intent and the row."""


LONGEST: Final = 86_400.0
"""Seconds of a day: nothing here is longer."""


def _one_of(*words: object) -> Any:
    said = " or ".join(repr(word) for word in words)
    return _holding(lambda value: isinstance(value, (str, bool)) and value in words, said)


def _seconds(*, above_zero: bool = False, optional: bool = False) -> Any:
    def fits(value: Any) -> bool:
        if value is None:
            return optional
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return is_number and (value > 0 or (value == 0 and not above_zero)) and value <= LONGEST

    least = "above 0" if above_zero else "from 0"
    return _holding(fits, f"seconds {least} to {LONGEST:.0f}")


def _holding(fits: Callable[[Any], bool], said: str) -> Any:
    """A validator: refuse what does not fit, before anything is connected."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not fits(value):
            raise ConfigError(f"{attribute.name} {value!r:.60} is not {said}")

    return check


def _is_place(value: object) -> bool:
    return value is None or isinstance(value, Path) or (isinstance(value, str) and bool(value))


_FLAG: Final = _holding(lambda value: isinstance(value, bool), "True or False")


@frozen(kw_only=True)
class OrderSettings:
    """How orders are treated.

    Raises:
        ConfigError: a setting is not what it should be.

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

    durability: Durability = field(default="process", validator=_one_of("process", "power"))
    journal_dir: Path | str | None = field(
        default=None, validator=_holding(_is_place, 'a folder or ":memory:"')
    )
    resolve_within: float = field(default=5.0, validator=_seconds())
    settle_time: float | None = field(
        default=None, validator=_seconds(above_zero=True, optional=True)
    )
    duplicate_window: float = field(default=1.0, validator=_seconds())
    strict: bool = field(default=False, validator=_FLAG)
    on_late_order: OnLateOrder | None = field(
        default=None, validator=_holding(lambda v: v is None or callable(v), "a function")
    )
    auto_halt: AutoHalt | None = field(
        default=None,
        validator=_holding(lambda v: v is None or isinstance(v, AutoHalt), "an AutoHalt"),
    )
    background: bool = field(default=True, validator=_FLAG)

    @property
    def in_memory(self) -> bool:
        return self.journal_dir == ":memory:"


MOCKED = OrderSettings(
    journal_dir=":memory:", resolve_within=0.0, duplicate_window=0.0, background=False
)
"""For brokers whose replies a test has written: nothing is read that it did not ask for."""
