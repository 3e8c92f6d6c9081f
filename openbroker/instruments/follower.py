"""Keeps an account's instruments those of the day, for processes that run overnight.

A timer in the account's own loop looks at the clock, at most :data:`LOOK_EVERY` seconds apart, so
that a computer that slept finds out soon.  Once another day's master is due, it is fetched, built
beside the trading (in a thread of its own) and put in place at once; until then, and whenever
the broker serves no new one, everything goes on with what is held, and it is tried again at growing
pauses.  No call ever waits for it.

Timers hold the follower weakly: an account that nobody uses any more is not kept alive by its
clock, and a loop that ends takes its timers with it.  :meth:`Follower.go_on` goes on in whatever
loop is running then.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
import time
import weakref
from collections.abc import Awaitable, Callable
from typing import Final

from openbroker.errors import OpenBrokerError
from openbroker.instruments.publishing import due, until_next

LOOK_EVERY: Final = 600.0
FIRST_PAUSE: Final = 120.0
LONGEST_PAUSE: Final = 3600.0
SPREAD: Final = 60.0
"""Seconds over which processes spread their fetching, for they all know the same hour."""

_log = logging.getLogger("openbroker.instruments")


class Follower:
    """Looks at the clock and has the instruments renewed when another day's are due.

    Args:
        broker: the adapter's registry name.
        held: the day of the master that is held.
        renew: fetches the day's master and puts it in place.
        clock: the moment, aware.
    """

    def __init__(
        self,
        broker: str,
        *,
        held: Callable[[], dt.date],
        renew: Callable[[], Awaitable[object]],
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._broker = broker
        self._held = held
        self._renew = renew
        self._clock = clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._failures = 0
        self._not_before = 0.0
        self._stopped = False

    @property
    def is_due(self) -> bool:
        """Whether another day's master should be there by now."""
        return self._held() < due(self._broker, self._clock())

    def begin(self) -> None:
        """Watch the clock in the running loop."""
        self._loop, self._task = asyncio.get_running_loop(), None
        self.look()

    def go_on(self) -> None:
        """Watch it in the running loop if it has begun in another, which may have ended."""
        if self._loop is not None and self._loop is not asyncio.get_running_loop():
            self.begin()

    def stop(self) -> None:
        """Watch no more, and give up what is under way."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def look(self) -> None:
        """Begin to renew, if that is due and not under way; look again later."""
        if self._loop is None or self._stopped:
            return
        is_busy = self._task is not None and not self._task.done()
        if self.is_due and not is_busy and time.monotonic() >= self._not_before:
            self._task = self._loop.create_task(self._renewed())
        else:
            spread = random.uniform(0, SPREAD)  # noqa: S311 - not a secret
            self._look_in(until_next(self._broker, self._clock()) + spread)

    def _look_in(self, seconds: float) -> None:
        assert self._loop is not None, "it is being followed"
        if self._timer is not None:
            self._timer.cancel()
        pause = min(seconds, LOOK_EVERY)
        itself: weakref.ref[Follower] = weakref.ref(self)
        self._timer = self._loop.call_later(pause, _look, itself)

    async def _renewed(self) -> None:
        try:
            await self._renew()
        except OpenBrokerError as error:
            _log.warning("%s: the day's instruments cannot be had yet: %s", self._broker, error)
        self._failures = self._failures + 1 if self.is_due else 0
        pause = min(FIRST_PAUSE * 2.0 ** (self._failures - 1), LONGEST_PAUSE)
        self._not_before = time.monotonic() + pause if self._failures else 0.0
        self._look_in(pause)


def _look(follower: weakref.ref[Follower]) -> None:
    alive = follower()
    if alive is not None:
        alive.look()
