"""The pool's decisions, apart from sockets, clocks and tasks.

A roster holds a route's connections and the attempts that wait for one, and answers questions:
which connection next, how many to dial, which to retire.  It acts on nothing, so its whole
behaviour can be tried in a test.

* A connection with room is *ready*.  HTTP/1.1 connections are reused least recently used first,
  which keeps them all fresh; an HTTP/2 connection is filled before the next is begun.
* What waits is served first come, first served, by whichever connection is free first.
* ``lifetime`` is learned from the server's own closing of idle connections.  Near the end of it a
  connection is retired once its successor is there, and shortly before the end it is not used any
  more, because the server's FIN may already be on its way.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final, Generic, Protocol, TypeVar

SOFT: Final = 0.6
"""The share of the idle lifetime after which a successor is dialled..."""

HARD: Final = 0.9
"""...and after which a connection is not used any more."""

_SHORTEST: Final = 1.0
_GROWTH: Final = 1.02


class Carrier(Protocol):
    """What a roster knows of a connection."""

    @property
    def room(self) -> int: ...
    @property
    def is_idle(self) -> bool: ...

    idle_since: float


class Waiter(Protocol):
    """What a roster knows of an attempt."""

    @property
    def waited_for(self) -> bool: ...


C = TypeVar("C", bound=Carrier)
W = TypeVar("W", bound=Waiter)


class Roster(Generic[C, W]):
    """The connections and the waiting attempts of one route.

    Args:
        limit: the most connections there may be at a time, those being dialled included.
        streams: how many requests a connection is expected to carry at a time.
    """

    def __init__(self, limit: int, streams: int = 1) -> None:
        self.limit = limit
        self.streams = streams
        self.target = 0
        self.dialing = 0
        self.lifetime: float | None = None
        self.members: dict[C, None] = {}
        self._ready: deque[C] = deque()
        self._waiting: deque[W] = deque()
        self._closings: deque[float] = deque(maxlen=2)

    # -- connections -----------------------------------------------------------------------------

    def add(self, carrier: C) -> None:
        """A connection was opened."""
        self.members[carrier] = None
        self.offer(carrier)

    def offer(self, carrier: C) -> None:
        """A connection has room."""
        if carrier in self.members and carrier not in self._ready:
            self._ready.append(carrier)

    def withhold(self, carrier: C) -> None:
        """A connection is not to be used for now."""
        if carrier in self._ready:
            self._ready.remove(carrier)

    def drop(self, carrier: C) -> bool:
        """A connection is gone or no longer counts; whether it was a member."""
        self.withhold(carrier)
        return self.members.pop(carrier, self) is None

    def take(self) -> C | None:
        """The connection to use next, or ``None``. It stays ready while it has more room."""
        while self._ready:
            carrier = self._ready.popleft()
            if carrier.room > 0:
                if carrier.room > 1:
                    self._ready.appendleft(carrier)
                return carrier
        return None

    @property
    def ready(self) -> int:
        return len(self._ready)

    def idle(self) -> list[C]:
        """The ready connections that carry nothing, longest idle first."""
        found = [carrier for carrier in self._ready if carrier.is_idle]
        return sorted(found, key=lambda carrier: carrier.idle_since)

    # -- attempts --------------------------------------------------------------------------------

    def wait(self, attempt: W) -> None:
        self._waiting.append(attempt)

    def next_waiting(self) -> W | None:
        """The attempt to serve next; those whose caller has gone are forgotten."""
        while self._waiting:
            attempt = self._waiting.popleft()
            if attempt.waited_for:
                return attempt
        return None

    @property
    def has_waiting(self) -> bool:
        while self._waiting and not self._waiting[0].waited_for:
            self._waiting.popleft()
        return bool(self._waiting)

    @property
    def waiting(self) -> int:
        return sum(1 for attempt in self._waiting if attempt.waited_for)

    # -- decisions -------------------------------------------------------------------------------

    def to_dial(self, retiring: int = 0) -> int:
        """How many connections to dial now.

        Enough for all that wait, and enough to keep ``target`` that are not about to be retired;
        never more than ``limit`` (a successor may exceed it while its predecessor is still there).
        """
        lasting = len(self.members) - retiring
        room = self.limit - lasting - self.dialing
        if room <= 0:
            return 0
        needed = math.ceil(self.waiting / max(1, self.streams))
        return max(0, min(room, max(needed, self.target - lasting) - self.dialing))

    def hopeless(self) -> int:
        """How many of those waiting cannot be served by what there is or is being dialled."""
        if any(carrier not in self._ready for carrier in self.members):
            return 0
        return max(0, self.waiting - self.dialing * max(1, self.streams))

    def learn(self, idle_for: float) -> None:
        """The server closed a connection that had been idle for so long."""
        if idle_for >= _SHORTEST:
            self._closings.append(idle_for)
            if len(self._closings) == self._closings.maxlen:
                self.lifetime = max(self._closings)

    def told(self, lifetime: float) -> None:
        """The server said how long it keeps idle connections."""
        self.lifetime = max(_SHORTEST, lifetime)

    def ageing(self, now: float) -> list[C]:
        """Idle connections that want a successor, longest idle first, a few at a time."""
        if self.lifetime is None:
            return []
        limit = now - SOFT * self.lifetime
        return [carrier for carrier in self.idle() if carrier.idle_since <= limit]

    def is_spent(self, carrier: C, now: float) -> bool:
        """Whether a connection is so near its end that it must not be used."""
        return (
            self.lifetime is not None
            and carrier.is_idle
            and now - carrier.idle_since >= HARD * self.lifetime
        )

    def retired(self) -> None:
        """A connection was replaced in time. The estimate grows a little, to be tested again."""
        if self.lifetime is not None:
            self.lifetime *= _GROWTH
