"""Rolling windows that count calls, as brokers' gateways keep their rate limits.

A table of a broker's (:data:`.angelone.limits.ANGELONE`, :data:`.zerodha.limits.ZERODHA`) says how
many calls of a route fit into each window; time is the real clock's, since the caller's is.
"""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping

from attrs import field, frozen

SECOND, MINUTE, HOUR, DAY = 1.0, 60.0, 3600.0, 86_400.0


@frozen(kw_only=True)
class Limit:
    """At most so many calls in each window; ``shares`` names windows that other routes use too."""

    second: int | None = None
    minute: int | None = None
    hour: int | None = None
    day: int | None = None
    shares: Mapping[str, int] = field(factory=dict, hash=False)

    def windows(self, route: str) -> list[tuple[str, float, int]]:
        own = ((self.second, SECOND), (self.minute, MINUTE), (self.hour, HOUR), (self.day, DAY))
        # A shared window may have a route's name, and is another window all the same.
        shared = [(f"shared {name}", SECOND, most) for name, most in self.shares.items()]
        return [(route, span, most) for most, span in own if most is not None] + shared


ONE_A_SECOND = Limit(second=1)


class Windows:
    """Counts calls per client; refuses the one that would be too many.

    A refused call does not count.

    Args:
        table: limits by route; ``None`` for no limits at all.
        unlisted: the limit of a route that the table does not list.
        monotonic: the real clock, in seconds.
    """

    def __init__(
        self,
        table: Mapping[str, Limit] | None,
        *,
        unlisted: Limit = ONE_A_SECOND,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.table = table
        self._unlisted = unlisted
        self._monotonic = monotonic
        self._calls: dict[tuple[str, str, float], deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._closed_until = -math.inf

    def close_for(self, seconds: float) -> None:
        """Admit nobody for so long, whatever the table says."""
        self._closed_until = self._monotonic() + seconds

    def admits(self, client: str, route: str) -> bool:
        """Whether the call is within its limits; counts it if so."""
        now = self._monotonic()
        if self.table is None or now < self._closed_until:
            return now >= self._closed_until
        windows = self.table.get(route, self._unlisted).windows(route)
        with self._lock:
            queues = [(self._recent(client, name, span, now), most) for name, span, most in windows]
            if any(len(queue) >= most for queue, most in queues):
                return False
            for queue, _ in queues:
                queue.append(now)
            return True

    def _recent(self, client: str, name: str, span: float, now: float) -> deque[float]:
        queue = self._calls[client, name, span]
        while queue and queue[0] <= now - span:
            queue.popleft()
        return queue
