"""Rate limits, kept here so that the broker never has to refuse.

:class:`~openbroker.transport.messages.RateLimit` is an adapter's data.  :class:`Windows` decides
purely, from the times of past requests and a given ``now``; :class:`Limiter` adds the clock, a lock
and the waiting, and is shared by everything in the process that trades one account at one broker
(:func:`limiter_for`).

Windows slide: a limit of nine a second admits at most nine in *any* second, calendar seconds
included.  Each window is held :data:`SLACK` longer than the broker's, because requests bunch on
their way.  Urgent requests (cancels) are admitted before all that wait, and the longer windows
keep a share that only they may use, so a burst of placements cannot lock a cancel out for a minute.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Final

from openbroker.transport.messages import RateLimit

SLACK: Final = 0.05
"""Seconds by which each window is longer than the broker's, against jitter on the way."""

RESERVE: Final = 0.1
"""The share of every window longer than a second that only urgent requests may use."""


class _Window:
    """The times of the requests of one limit in one span."""

    __slots__ = ("capacity", "ordinary", "span", "times")

    def __init__(self, span: float, capacity: int, has_urgent: bool) -> None:
        self.span = span + SLACK
        self.capacity = capacity
        reserve = math.ceil(capacity * RESERVE) if has_urgent and span > 1.0 else 0
        self.ordinary = max(1, capacity - reserve)
        self.times: deque[float] = deque()

    def delay(self, now: float, urgent: bool, ahead: int) -> float:
        """Seconds until there is room, if ``ahead`` others are admitted before."""
        horizon = now - self.span
        while self.times and self.times[0] <= horizon:
            self.times.popleft()
        capacity = self.capacity if urgent else self.ordinary
        rounds, within = divmod(ahead, capacity)
        surplus = len(self.times) + within - capacity
        if surplus < 0:
            return rounds * self.span
        if surplus < len(self.times):
            return self.times[surplus] - horizon + rounds * self.span
        return self.span * (rounds + 1)


class Windows:
    """The pure part: what was admitted when, and how long the next one has to wait."""

    def __init__(self, limits: Iterable[RateLimit]) -> None:
        self._windows: dict[str, list[_Window]] = {}
        self._urgent: set[str] = set()
        for limit in limits:
            self._add(limit)

    def _add(self, limit: RateLimit) -> None:
        self._urgent |= limit.urgent
        windows = [_Window(span, count, bool(limit.urgent)) for span, count in limit.spans()]
        for bucket in limit.members:
            self._windows.setdefault(bucket, []).extend(windows)

    def is_urgent(self, bucket: str) -> bool:
        return bucket in self._urgent

    def share(self, one: str, other: str) -> bool:
        """Whether two buckets draw on a common limit."""
        mine = self._windows.get(one, ())
        return any(window in mine for window in self._windows.get(other, ()))

    def delay(self, bucket: str, now: float, ahead: int = 0) -> float:
        """Seconds until a request of this bucket may go; 0 when it may go now."""
        urgent = bucket in self._urgent
        windows = self._windows.get(bucket, ())
        return max((window.delay(now, urgent, ahead) for window in windows), default=0.0)

    def take(self, bucket: str, now: float) -> None:
        """Record that a request of this bucket goes at ``now``."""
        for window in self._windows.get(bucket, ()):
            window.times.append(now)


class _Ticket:
    """A place in the queue."""

    __slots__ = ("bucket", "urgent")

    def __init__(self, bucket: str, urgent: bool) -> None:
        self.bucket = bucket
        self.urgent = urgent


class Limiter:
    """Admits requests in order, urgent ones first. Safe to share between threads and loops."""

    def __init__(
        self, limits: Iterable[RateLimit] = (), *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._windows = Windows(limits)
        self._clock = clock
        self._lock = threading.Lock()
        self._queue: list[_Ticket] = []

    def delay(self, bucket: str | None, now: float | None = None) -> float:
        """Seconds that a request of this bucket would have to wait, the queue included."""
        if bucket is None:
            return 0.0
        with self._lock:
            return self._wait(_Ticket(bucket, self._windows.is_urgent(bucket)), now)

    def take(self, bucket: str | None, now: float | None = None) -> float:
        """Admit a request now and return 0, or return the seconds it would have to wait."""
        if bucket is None:
            return 0.0
        with self._lock:
            return self._admit(_Ticket(bucket, self._windows.is_urgent(bucket)), now)

    async def acquire(self, bucket: str | None, deadline: float | None = None) -> float:
        """Wait until a request of this bucket may go.

        ``deadline`` is on the limiter's clock (``time.monotonic()``).  Returns 0.0 once admitted.
        A positive figure means that it was *not* admitted: it would have had to wait that many
        seconds, which is past the deadline.  That is known at once, nothing is waited for.
        """
        wait = self.take(bucket)
        if wait <= 0.0 or bucket is None:
            return 0.0
        ticket = self._enqueue(bucket)
        try:
            return await self._wait_turn(ticket, wait, deadline)
        finally:
            with self._lock:
                self._queue.remove(ticket)

    async def _wait_turn(self, ticket: _Ticket, wait: float, deadline: float | None) -> float:
        while wait > 0.0:
            if deadline is not None and self._clock() + wait > deadline:
                return wait
            await asyncio.sleep(wait)
            with self._lock:
                wait = self._admit(ticket, None)
        return 0.0

    def _enqueue(self, bucket: str) -> _Ticket:
        with self._lock:
            ticket = _Ticket(bucket, self._windows.is_urgent(bucket))
            self._queue.append(ticket)
            return ticket

    def _admit(self, ticket: _Ticket, now: float | None) -> float:
        now = self._clock() if now is None else now
        wait = self._wait(ticket, now)
        if wait <= 0.0:
            self._windows.take(ticket.bucket, now)
        return wait

    def _wait(self, ticket: _Ticket, now: float | None) -> float:
        now = self._clock() if now is None else now
        ahead = sum(1 for other in self._before(ticket) if self._shares(ticket, other))
        return self._windows.delay(ticket.bucket, now, ahead)

    def _shares(self, ticket: _Ticket, other: _Ticket) -> bool:
        return self._windows.share(ticket.bucket, other.bucket)

    def _before(self, ticket: _Ticket) -> Iterator[_Ticket]:
        """Those in the queue that go before this one: the urgent, and equals that came earlier."""
        arrived = False
        for other in self._queue:
            arrived = arrived or other is ticket
            if other is not ticket and (
                other.urgent > ticket.urgent or (other.urgent == ticket.urgent and not arrived)
            ):
                yield other


_limiters: dict[Hashable, Limiter] = {}
_limiters_lock = threading.Lock()


def limiter_for(key: Hashable, limits: Iterable[RateLimit]) -> Limiter:
    """The process's one limiter for ``key``, which names a broker and an account."""
    with _limiters_lock:
        if key not in _limiters:
            _limiters[key] = Limiter(limits)
        return _limiters[key]
