"""Long histories out of short windows.

A vendor serves so many days of an interval in one request.  Here a span is split into such windows,
each is read by the adapter's flow, and what comes is stitched: in order, each timestamp once.  A
window that cannot be read is tried again at the end, and if it still fails it is *named* in
``Candles.missing``, never skipped in silence; an empty window is a fact (a holiday).

:func:`span_of`, :func:`windows` and :func:`stitched` are pure; :func:`read` asks the broker.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import attrs

from openbroker.errors import (
    BrokerError,
    OpenBrokerError,
    TransportError,
    Unsupported,
    UsageError,
)
from openbroker.schemas import INDIA, Candle, Candles, Instrument, Interval, OpenInterest, Window

if TYPE_CHECKING:
    from openbroker.account import Account
    from openbroker.schemas import Session
    from openbroker.transport.messages import Flow

T = TypeVar("T")
Moment: TypeAlias = dt.datetime | dt.date | str
"""A time (aware, or in India), a day, or either as ISO 8601 text."""

STEP: Final = dt.timedelta(minutes=1)
"""Windows are given to the minute, ends included, so the next one starts a minute later."""

BAR_FROM: Final = 4
"""Windows from which a progress bar is worth its line."""


# -- spans and windows


def span_of(
    now: dt.datetime,
    *,
    start: Moment | None,
    end: Moment | None,
    days: int | None,
    earliest: dt.date,
) -> Window:
    """The span that is asked for.

    ``days`` counts back from ``end``; without an end it is now. A day as ``end`` is meant whole.

    Raises:
        UsageError: neither start nor days is given, or both; or the span is empty or in the future.
    """
    last = min(_moment("end", end, last=True), now) if end is not None else now
    if (start is None) == (days is None):
        raise UsageError("a history needs either start= or days=")
    if days is not None and days <= 0:
        raise UsageError(f"days={days} is not above zero")
    first = last - dt.timedelta(days=days) if days is not None else _moment("start", start or last)
    first = max(first, dt.datetime.combine(earliest, dt.time(), INDIA))
    if first > last:
        raise UsageError(f"the history would start at {first:%Y-%m-%d %H:%M}, after its end")
    return Window(start=first, end=last)


def _moment(name: str, value: Moment, *, last: bool = False) -> dt.datetime:
    if isinstance(value, str):
        value = _read(name, value)
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=INDIA)
    return dt.datetime.combine(value, dt.time(23, 59) if last else dt.time(), INDIA)


def _read(name: str, text: str) -> dt.datetime | dt.date:
    try:
        is_day = len(text.strip()) <= len("2026-11-20")
        kind = dt.date if is_day else dt.datetime
        return kind.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{name} {text!r} is not a day or a time; write 2026-11-20") from None


def windows(span: Window, longest: dt.timedelta) -> list[Window]:
    """The span in windows of at most ``longest``, oldest first, without gap or overlap."""
    return list(_windows(span, longest))


def _windows(span: Window, longest: dt.timedelta) -> Iterator[Window]:
    start = span.start
    while True:
        end = min(start + longest - STEP, span.end)
        yield Window(start=start, end=end)
        start = end + STEP
        if start > span.end:
            return


def stitched(pieces: Iterable[Sequence[Candle]], span: Window) -> list[Candle]:
    """Candles of the span in order, each timestamp once; the piece that came last decides."""
    found = {candle.timestamp: candle for piece in pieces for candle in piece}
    return [found[moment] for moment in sorted(found) if _begins_in(span, moment)]


def _begins_in(span: Window, moment: dt.datetime) -> bool:
    """A day's candle begins at midnight, which may lie before the first minute asked for."""
    return span.start.date() <= moment.astimezone(span.start.tzinfo).date() and moment <= span.end


def with_interest(candles: Iterable[Candle], interest: Iterable[OpenInterest]) -> list[Candle]:
    """The candles, each with the open interest of its timestamp."""
    known = {row.timestamp: row.oi for row in interest}
    return [attrs.evolve(candle, oi=known.get(candle.timestamp, candle.oi)) for candle in candles]


# -- reading


async def read(
    account: Account,
    instrument: Instrument,
    interval: Interval,
    span: Window,
    *,
    oi: bool = False,
    progress: bool | None = None,
) -> Candles:
    """The history of a span.

    Raises:
        Unsupported: the broker has no such history.
        OpenBrokerError: not one window could be read.
    """
    adapter = account.adapter
    longest = adapter.history_windows.get(interval)
    if longest is None:
        raise Unsupported(f"{adapter.title} has no candles of {interval}")
    parts = windows(span, longest)
    reader = _Reader(account, f"{instrument.symbol} {interval}", parts, progress)
    candles = await reader.read("history", lambda s, w: adapter.history(s, instrument, interval, w))
    rows = stitched(candles, span)
    if oi:
        interest = await reader.read(
            "open_interest", lambda s, w: adapter.open_interest(s, instrument, interval, w)
        )
        rows = with_interest(rows, (row for piece in interest for row in piece))
    missing = sorted(set(reader.missing), key=lambda window: window.start)
    return Candles(rows, instrument=instrument, interval=interval, missing=missing)


class _Reader:
    """Reads windows one after another, and those that failed once more at the end."""

    def __init__(
        self, account: Account, title: str, parts: Sequence[Window], progress: bool | None
    ) -> None:
        self._account = account
        self._title = title
        self._parts = parts
        self._progress = progress
        self.missing: list[Window] = []

    async def read(
        self, operation: str, make: Callable[[Session, Window], Flow[list[T]]]
    ) -> list[list[T]]:
        pieces: list[list[T]] = []
        failed: list[Window] = []
        for part in self._shown(self._parts):
            piece = await self._piece(operation, make, part)
            if isinstance(piece, OpenBrokerError):
                failed.append(part)
            else:
                pieces.append(piece)
        for part in failed:
            piece = await self._piece(operation, make, part)
            if not isinstance(piece, OpenBrokerError):
                pieces.append(piece)
            elif len(failed) == len(self._parts):
                raise piece
            else:
                self.missing.append(part)
        return pieces

    async def _piece(
        self, operation: str, make: Callable[[Session, Window], Flow[list[T]]], part: Window
    ) -> list[T] | BrokerError | TransportError:
        """What a window holds, or why it could not be read. Other errors concern all windows."""
        try:
            return await self._account.read(operation, lambda session: make(session, part))
        except (BrokerError, TransportError) as error:
            return error

    def _shown(self, parts: Sequence[Window]) -> Iterable[Window]:
        if len(parts) < BAR_FROM:
            return parts
        from openbroker.instruments.progress import shown

        return shown(self._progress).counting(self._title, parts, len(parts), unit="windows")
