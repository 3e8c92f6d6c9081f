"""Measuring side by side: rounds that take turns, medians, and the spread between rounds.

Whatever disturbs the machine then disturbs everybody.  A ratio is taken within each round and the
median over the rounds is reported, with its interquartile range.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from statistics import median, quantiles
from typing import TypeAlias

from attrs import frozen

Call: TypeAlias = Callable[[], object]
AsyncCall: TypeAlias = Callable[[], Awaitable[object]]


@frozen
class Figure:
    """A median over the rounds with its interquartile range."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        low, _, high = quantiles(values, n=4) if len(values) > 1 else (values[0],) * 3
        return cls(median(values), low, high)

    def show(self, digits: int = 2) -> str:
        return f"{self.middle:,.{digits}f} ({self.low:,.{digits}f}-{self.high:,.{digits}f})"


@frozen
class Rounds:
    """The medians of each round, in seconds, by name."""

    medians: Mapping[str, Sequence[float]]

    def time(self, name: str, scale: float = 1e6) -> Figure:
        """In microseconds by default."""
        return Figure.of([value * scale for value in self.medians[name]])

    def ratio(self, name: str, to: str) -> Figure:
        pairs = zip(self.medians[name], self.medians[to], strict=True)
        return Figure.of([one / other for one, other in pairs])

    def difference(self, name: str, to: str, scale: float = 1e3) -> Figure:
        """In milliseconds by default."""
        pairs = zip(self.medians[name], self.medians[to], strict=True)
        return Figure.of([(one - other) * scale for one, other in pairs])


def interleave(calls: Mapping[str, Call], *, rounds: int, count: int) -> Rounds:
    """Time ``count`` calls of each in every round."""
    medians: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        _times(call, max(2, count // 10))
    for _ in range(rounds):
        for name, call in calls.items():
            medians[name].append(median(_times(call, count)))
    return Rounds(medians)


def _times(call: Call, count: int) -> list[float]:
    times = []
    for _ in range(count):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return times


async def interleave_async(
    calls: Mapping[str, AsyncCall], *, rounds: int, count: int, at_once: int = 1
) -> Rounds:
    """The same for coroutines; ``at_once`` of them together make one measurement."""
    medians: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        await _times_async(call, max(2, count // 10), at_once)
    for _ in range(rounds):
        for name, call in calls.items():
            medians[name].append(median(await _times_async(call, count, at_once)))
    return Rounds(medians)


async def _times_async(call: AsyncCall, count: int, at_once: int) -> list[float]:
    times = []
    for _ in range(count):
        started = time.perf_counter()
        if at_once == 1:
            await call()
        else:
            await asyncio.gather(*(call() for _ in range(at_once)))
        times.append(time.perf_counter() - started)
    return times
