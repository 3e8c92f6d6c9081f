"""The kill switch: how much trading is allowed, and what may pull it without being asked.

The level lives in the journal, so that every process of the account obeys it, and outlives the day.
Cancels pass at every level.  Nothing but ``broker.resume()`` lifts it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from typing import ClassVar

import attrs
from attrs import define, field, frozen

from openbroker.errors import ConfigError, Halted, Outcome
from openbroker.schemas import OrderRequest, Position, Record, Side
from openbroker.schemas.convert import to_word
from openbroker.schemas.enums import Word


class HaltLevel(Word):
    """RUN lets everything pass, REDUCE_ONLY only what makes positions smaller, HALT only cancels.

    Cancels pass always.
    """

    RUN = "RUN"
    REDUCE_ONLY = "REDUCE_ONLY"
    HALT = "HALT"


@frozen(kw_only=True)
class HaltState(Record):
    """The level in force and why it was set."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("level", "reason")

    level: HaltLevel = HaltLevel.RUN
    reason: str = ""


def refuse_halted(state: HaltState, *, reduces: bool = False) -> None:
    """Raises ``Halted`` unless the level lets an order pass. ``reduces``: it closes a position."""
    if state.level is HaltLevel.RUN or (state.level is HaltLevel.REDUCE_ONLY and reduces):
        return
    why = f" ({state.reason})" if state.reason else ""
    only = "reduce only" if state.level is HaltLevel.REDUCE_ONLY else "a halt"
    raise Halted(f"trading stands at {only}{why}")


def reduces(order: OrderRequest, positions: Iterable[Position]) -> bool:
    """Whether the order can only make an open position smaller."""
    for position in positions:
        if position.symbol == order.symbol and position.product is order.product:
            net = position.quantity or 0
            against = Side.SELL if net > 0 else Side.BUY
            return order.side is against and 0 < (order.quantity or 0) <= abs(net)
    return False


def _count(_: object, attribute: attrs.Attribute[int], value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ConfigError(f"{attribute.name} {value!r:.60} is not a whole number from 0")


def _span(_: object, attribute: attrs.Attribute[float], value: object) -> None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not 0 < float(str(value)) < math.inf:
        raise ConfigError(f"{attribute.name} {value!r:.60} is not a number of seconds above zero")


def _stricter(value: HaltLevel | str) -> HaltLevel:
    level = to_word(HaltLevel, value, name="level", error=ConfigError)
    if level is HaltLevel.RUN:
        raise ConfigError("level RUN halts nothing; it is HALT or REDUCE_ONLY")
    return level


@frozen(kw_only=True)
class AutoHalt:
    """When trading halts by itself; opt in with ``connect(..., auto_halt=AutoHalt())``.

    Attributes:
        unknowns: orders without a known outcome inside ``within``; 0 switches this off.
        rejections: rejected orders inside ``within``; 0 switches this off.
        within: seconds.
        level: what to halt to: HALT or REDUCE_ONLY.

    Raises:
        ConfigError: one of them is not what it should be.
    """

    unknowns: int = field(default=3, validator=_count)
    rejections: int = field(default=20, validator=_count)
    within: float = field(default=60.0, validator=_span)
    level: HaltLevel = field(default=HaltLevel.HALT, converter=_stricter)

    def limit(self, outcome: Outcome) -> int:
        return {Outcome.UNKNOWN: self.unknowns, Outcome.REJECTED: self.rejections}.get(outcome, 0)


@define
class HaltCounter:
    """Counts outcomes against an :class:`AutoHalt`; pure but for its memory."""

    rule: AutoHalt
    _times: dict[Outcome, deque[float]] = field(factory=dict)

    def count(self, outcome: Outcome, now: float) -> str | None:
        """The reason to halt, if this outcome is one too many."""
        most = self.rule.limit(outcome)
        if not most:
            return None
        times = self._times.setdefault(outcome, deque())
        times.append(now)
        while times[0] < now - self.rule.within:
            times.popleft()
        if len(times) < most:
            return None
        times.clear()
        return f"{most} orders ended {outcome.value} within {self.rule.within:g} s"
