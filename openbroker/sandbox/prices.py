"""The seeded price process.

An underlying's price is a random walk in continuous time that can be asked for at any second of
any day, past or future, in any order.  A day is cut into hours, an hour into minutes, a minute into
seconds; every cut is a bridge, a walk whose two ends are already fixed, so that a candle of any
length agrees with the ticks inside it.  Days count from the sandbox's first day, so the same seed
gives the same prices whatever the date.

What it refuses to know: ticks, circuits, contracts.  Those are the market's.
"""

from __future__ import annotations

import functools
import math
from itertools import accumulate

from openbroker.sandbox.randomness import bell, key_of, mix

DAY_MINUTES = 1440


def bridge(key: int, steps: int, start: float, end: float, deviation: float) -> tuple[float, ...]:
    """``steps + 1`` points from start to end, wandering by ``deviation`` (of the free walk)."""
    scale = deviation / math.sqrt(steps)
    walk = (0.0, *accumulate(bell(key, i) * scale for i in range(steps)))
    drift = (end - start - walk[-1]) / steps
    return tuple(start + value + drift * i for i, value in enumerate(walk))


class Walk:
    """One underlying's logarithmic price relative to its base, which it has at day 0, 00:00.

    Args:
        seed: the sandbox's.
        name: the underlying's.
        deviation: of the logarithm over 24 hours, for example 0.015.
    """

    def __init__(self, seed: int, name: str, deviation: float) -> None:
        self._key = key_of("walk", seed, name)
        self._deviation = deviation
        self._past = [0.0]
        self._future = [0.0]
        self._hours = functools.lru_cache(4096)(self._cut_day)
        self._minutes = functools.lru_cache(4096)(self._cut_hour)
        self._seconds = functools.lru_cache(512)(self._cut_minute)

    def at(self, day: int, second: int) -> float:
        """At a second of a day."""
        minute, rest = divmod(second, 60)
        return self._seconds(day, minute)[rest]

    def at_minute(self, day: int, minute: int) -> float:
        """At the start of a minute: cheaper than :meth:`at`, and equal to it."""
        if minute >= DAY_MINUTES:
            return self._midnight(day + 1)
        hour, rest = divmod(minute, 60)
        return self._minutes(day, hour)[rest]

    def _midnight(self, day: int) -> float:
        line, steps = (self._future, day) if day >= 0 else (self._past, -day)
        while len(line) <= steps:
            side = 1 if day >= 0 else -1
            step = bell(self._key, side * len(line)) * self._deviation
            line.append(line[-1] + step)
        return line[steps]

    def _cut_day(self, day: int) -> tuple[float, ...]:
        key = mix(self._key ^ 0x1, day)
        return bridge(key, 24, self._midnight(day), self._midnight(day + 1), self._deviation)

    def _cut_hour(self, day: int, hour: int) -> tuple[float, ...]:
        ends = self._hours(day)
        key = mix(self._key ^ 0x2, day * 24 + hour)
        return bridge(key, 60, ends[hour], ends[hour + 1], self._deviation / math.sqrt(24))

    def _cut_minute(self, day: int, minute: int) -> tuple[float, ...]:
        start = self.at_minute(day, minute)
        end = self.at_minute(day, minute + 1)
        key = mix(self._key ^ 0x3, day * DAY_MINUTES + minute)
        return bridge(key, 60, start, end, self._deviation / math.sqrt(DAY_MINUTES))
