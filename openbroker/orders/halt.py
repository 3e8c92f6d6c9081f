"""The kill switch: how much trading is allowed, and what may pull it without being asked.

The level lives in the journal, so that every process of the account obeys it, and outlives the day.
Cancels pass at every level.  Nothing but ``broker.resume()`` lifts it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import ClassVar

from attrs import define, field, frozen

from openbroker.errors import Halted, Outcome
from openbroker.schemas import OrderRequest, Position, Record, Side
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


@frozen(kw_only=True)
class AutoHalt:
    """When trading halts by itself; opt in with ``connect(..., auto_halt=AutoHalt())``.

    Attributes:
        unknowns: orders without a known outcome inside ``within``; 0 switches this off.
        rejections: rejected orders inside ``within``; 0 switches this off.
        within: seconds.
        level: what to halt to.
    """

    unknowns: int = 3
    rejections: int = 20
    within: float = 60.0
    level: HaltLevel = HaltLevel.HALT

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
