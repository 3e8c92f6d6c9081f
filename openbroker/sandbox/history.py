"""Candles of any past day, from the same walks as the ticks.

Days before the first one trade from Monday to Friday; every day from the first one on is a trading
day.  A day's candles count from the session's opening; the last one may be short, and the running
one ends with the last whole minute.  A derivative has a history of 120 days before its expiry.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from attrs import frozen

from openbroker.sandbox.clock import REGULAR, SESSIONS
from openbroker.sandbox.exchange import Exchange
from openbroker.sandbox.market import SATURDAY, Bar, ist
from openbroker.schemas import Instrument, Interval

MINUTES = {
    Interval.M1: 1,
    Interval.M3: 3,
    Interval.M5: 5,
    Interval.M10: 10,
    Interval.M15: 15,
    Interval.M30: 30,
    Interval.H1: 60,
}
LISTED = dt.timedelta(days=120)


@frozen(kw_only=True)
class Candle:
    """``start`` is aware; a day's is its midnight."""

    start: dt.datetime
    bar: Bar


def candles(
    exchange: Exchange,
    instrument: Instrument,
    interval: Interval,
    start: dt.datetime,
    end: dt.datetime,
) -> list[Candle]:
    """The candles that begin from ``start`` to ``end``, oldest first."""
    exchange.settle()
    return [
        candle
        for date in trading_days(exchange, instrument, start.date(), end.date())
        for candle in _of_day(exchange, instrument, interval, date)
        if interval is Interval.D1 or start <= candle.start <= end
    ]


def trading_days(
    exchange: Exchange, instrument: Instrument, first: dt.date, last: dt.date
) -> Iterator[dt.date]:
    """The days on which the instrument has traded."""
    market = exchange.market
    last = min(last, exchange.moment.date())
    if instrument.expiry is not None:
        first = max(first, instrument.expiry - LISTED)
        last = min(last, instrument.expiry)
    for number in range((last - first).days + 1):
        date = first + dt.timedelta(days=number)
        if date >= market.first_day or date.weekday() < SATURDAY:
            yield date


def _of_day(
    exchange: Exchange, instrument: Instrument, interval: Interval, date: dt.date
) -> Iterator[Candle]:
    market = exchange.market
    day = market.day(date)
    first, last = (t.hour * 60 + t.minute for t in SESSIONS.get(instrument.venue, REGULAR))
    now = exchange.moment
    if date == now.date():
        last = min(last, now.hour * 60 + now.minute)
    length = MINUTES.get(interval, last - first)
    for minute in range(first, last, max(1, length)):
        start = ist(date, 0 if interval is Interval.D1 else minute)
        bar = market.bar(instrument, day, minute, min(minute + length, last))
        yield Candle(start=start, bar=bar)
