"""The sandbox's own time.

It starts at 10:00 IST of the given date and runs at ``scale`` sandbox seconds to a real one; a
scale of 0 stands still until :meth:`Clock.advance`.  Any day counts as a trading day.  By default
the market is in session at any hour; with ``hours=True`` it keeps the regular session of each
segment below.

Session hours: NSE and BSE cash 09:15-15:30, equity derivatives likewise, currency 09:00-17:00, MCX
09:00-23:30.  They are the sandbox's, kept plain on purpose; live hours change by circular.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

from openbroker.schemas import Exchange
from openbroker.schemas.table import INDIA

START = dt.time(10, 0)
DAY_SECONDS = 86_400
REGULAR = (dt.time(9, 15), dt.time(15, 30))
SESSIONS = {
    Exchange.CDS: (dt.time(9, 0), dt.time(17, 0)),
    Exchange.MCX: (dt.time(9, 0), dt.time(23, 30)),
}


def second_of(moment: dt.datetime) -> int:
    """Whole seconds since the midnight (IST) of the moment's day."""
    return moment.hour * 3600 + moment.minute * 60 + moment.second


class Clock:
    """Tells the sandbox's time (aware, IST).

    Args:
        today: the date to start on; today's IST date by default.
        start: the time of day to start at.
        scale: sandbox seconds to a real second.
        hours: keep session hours; otherwise the market never closes.
        monotonic: the real clock, in seconds; for tests.
    """

    def __init__(
        self,
        *,
        today: dt.date | None = None,
        start: dt.time = START,
        scale: float = 1.0,
        hours: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.first_day = today or dt.datetime.now(INDIA).date()
        self.scale = scale
        self.hours = hours
        self._monotonic = monotonic
        self._base = dt.datetime.combine(self.first_day, start, INDIA)
        self._origin = monotonic()

    def now(self) -> dt.datetime:
        elapsed = (self._monotonic() - self._origin) * self.scale
        return self._base + dt.timedelta(seconds=elapsed)

    def advance(self, seconds: float) -> None:
        """Jump forward by so many sandbox seconds."""
        if seconds < 0:
            raise ValueError("the sandbox's clock does not run backwards")
        self._base += dt.timedelta(seconds=seconds)

    def is_open(self, exchange: Exchange, moment: dt.datetime) -> bool:
        """Whether the exchange is in session at the moment."""
        opens, closes = SESSIONS.get(exchange, REGULAR)
        return not self.hours or opens <= moment.time() < closes

    def next_open(self, exchange: Exchange, moment: dt.datetime) -> dt.datetime:
        """When the next session begins; without session hours, tomorrow's."""
        opens, _ = SESSIONS.get(exchange, REGULAR)
        today = dt.datetime.combine(moment.date(), opens, moment.tzinfo)
        return today if self.hours and moment < today else today + dt.timedelta(days=1)

    def real_seconds_until(self, moment: dt.datetime) -> float:
        """How long that is on a real clock; a clock that stands still is taken to run at 1."""
        return (moment - self.now()).total_seconds() / (self.scale or 1.0)
