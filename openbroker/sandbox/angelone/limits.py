"""Angel One's rate limits and their rolling windows.

Source: the documentation's page RateLimit, read November 2026: calls a second, a minute and an
hour, counted per client code.  Order placing, modifying and cancelling share the second; each has
its own minute and hour.  Routes that the page does not list are given one a second.
"""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping

from attrs import field, frozen

SECOND, MINUTE, HOUR = 1.0, 60.0, 3600.0


@frozen(kw_only=True)
class Limit:
    """At most so many calls in each window; ``shares`` names windows that other routes use too."""

    second: int | None = None
    minute: int | None = None
    hour: int | None = None
    shares: Mapping[str, int] = field(factory=dict, hash=False)

    def windows(self, route: str) -> list[tuple[str, float, int]]:
        own = ((self.second, SECOND), (self.minute, MINUTE), (self.hour, HOUR))
        shared = [(name, SECOND, most) for name, most in self.shares.items()]
        return [(route, span, most) for most, span in own if most is not None] + shared


_ORDERS = Limit(second=9, minute=500, hour=1000, shares={"orders": 9})
_DATA = Limit(second=10, minute=500, hour=5000)
_CANDLES = Limit(second=3, minute=180, hour=5000, shares={"candles": 3})
_GTT_WRITE = Limit(second=9, minute=500, hour=5000)
_ONE = Limit(second=1)

ANGELONE: Mapping[str, Limit] = {
    "login": _ONE,
    "renew": Limit(second=1, hour=1000),
    "profile": Limit(second=3, hour=1000),
    "logout": _ONE,
    "funds": Limit(second=2),
    "place": _ORDERS,
    "modify": _ORDERS,
    "cancel": _ORDERS,
    "orders": _ONE,
    "trades": _ONE,
    "positions": _ONE,
    "holdings": _ONE,
    "all_holdings": _ONE,
    "search": _ONE,
    "order": _DATA,
    "ltp": _DATA,
    "quote": _DATA,
    "convert": _DATA,
    "margin": _DATA,
    "gtt_create": _GTT_WRITE,
    "gtt_modify": _GTT_WRITE,
    "gtt_cancel": _GTT_WRITE,
    "gtt_details": _DATA,
    "gtt_list": _DATA,
    "candles": _CANDLES,
    "open_interest": _CANDLES,
}
UNLISTED = _ONE


class Windows:
    """Counts calls per client code; refuses the one that would be too many.

    A refused call does not count.

    Args:
        table: limits by route; ``None`` for no limits at all.
        monotonic: the real clock, in seconds.
    """

    def __init__(
        self,
        table: Mapping[str, Limit] | None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.table = table
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
        windows = self.table.get(route, UNLISTED).windows(route)
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
