"""When brokers publish the day's master: dated facts with a source, and what follows from them.

A master is for the trading day it was published for.  Before that hour what a broker serves is
still the day before's, so it is stored under that day; after it, the day's own is *due*.  Hardly a
vendor names its hour, and none promises one, which is why the general row is late and why whoever
finds yesterday's file asks again (:mod:`~openbroker.instruments.follower`).

Pure: the moment is always given.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from attrs import frozen

from openbroker.schemas import INDIA


@frozen(kw_only=True)
class Publication:
    """From which time of the day, in India, a broker serves the day's master.

    Attributes:
        at: the time of day, in India.
        since: the first day for which this is known to hold.
        source: where to read it.
        broker: whose; ``None`` for everybody who is not listed.
    """

    at: dt.time
    since: dt.date
    source: str
    broker: str | None = None


PUBLICATIONS: Final[tuple[Publication, ...]] = (
    Publication(
        at=dt.time(8, 30),
        since=dt.date(2019, 1, 1),
        source=(
            "assumed: half an hour before the pre-open session, and after the one hour that a "
            "vendor has named (2026-11-22)"
        ),
    ),
    Publication(
        broker="zerodha",
        at=dt.time(8, 0),
        since=dt.date(2020, 6, 1),
        source=(
            "kite.trade/forum/discussion/8132, staff: updated on trading days around 8 AM "
            "(read 2026-11-22)"
        ),
    ),
)


def hour_of(broker: str, day: dt.date) -> dt.time:
    """When that day's master is there."""
    rows = [row for row in PUBLICATIONS if row.broker in (None, broker) and row.since <= day]
    rows.sort(key=lambda row: (row.broker is not None, row.since))
    return rows[-1].at


def due(broker: str, now: dt.datetime) -> dt.date:
    """The day whose master is the right one at a moment (aware).

    >>> due("angelone", dt.datetime(2026, 11, 23, 8, 29, tzinfo=INDIA))
    datetime.date(2026, 11, 22)
    """
    local = now.astimezone(INDIA)
    is_out = local.time() >= hour_of(broker, local.date())
    return local.date() if is_out else local.date() - dt.timedelta(days=1)


def until_next(broker: str, now: dt.datetime) -> float:
    """Seconds until another day's master becomes due."""
    day = due(broker, now) + dt.timedelta(days=1)
    return (dt.datetime.combine(day, hour_of(broker, day), INDIA) - now).total_seconds()
