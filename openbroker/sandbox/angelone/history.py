"""History routes: candles and open interest.

Source: the documentation's page Historical.  Its limits of days in a request are kept; what happens
beyond them is not documented and is a rule of the house (``Rules.long_span``).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from attrs import frozen

from openbroker.sandbox.angelone import words
from openbroker.sandbox.angelone.desk import Desk
from openbroker.sandbox.angelone.fields import Body, text
from openbroker.sandbox.angelone.replies import Refuse
from openbroker.sandbox.history import Candle, candles
from openbroker.schemas import Exchange, Instrument, Interval
from openbroker.schemas.table import INDIA

INTERVALS: dict[str, tuple[Interval, int]] = {
    "ONE_MINUTE": (Interval.M1, 30),
    "THREE_MINUTE": (Interval.M3, 60),
    "FIVE_MINUTE": (Interval.M5, 100),
    "TEN_MINUTE": (Interval.M10, 100),
    "FIFTEEN_MINUTE": (Interval.M15, 200),
    "THIRTY_MINUTE": (Interval.M30, 200),
    "ONE_HOUR": (Interval.H1, 400),
    "ONE_DAY": (Interval.D1, 2000),
}
"""The interval, and the most days of a request."""
NOT_SERVED = frozenset({Exchange.CDS, Exchange.NCDEX})
FORMAT = "%Y-%m-%d %H:%M"


@frozen(kw_only=True)
class _Span:
    instrument: Instrument
    interval: Interval
    start: dt.datetime
    end: dt.datetime


def candle_data(desk: Desk, _: str, body: Body) -> list[list[Any]] | None:
    """Route 17."""
    span = _span(desk, body)
    if span is None:
        return None
    found = _candles(desk, span)
    tick = desk.exchange.market.on_tick
    return [
        [
            f"{candle.start:%Y-%m-%dT%H:%M:%S}+05:30",
            *(
                float(tick(span.instrument, value))
                for value in (
                    candle.bar.open,
                    candle.bar.high,
                    candle.bar.low,
                    candle.bar.close,
                )
            ),
            candle.bar.volume,
        ]
        for candle in found
    ] or None


def open_interest(desk: Desk, _: str, body: Body) -> list[dict[str, Any]] | None:
    """Route 18: derivatives only."""
    span = _span(desk, body)
    if span is None or not span.instrument.is_derivative:
        return None
    return [
        {
            "time": f"{candle.start:%Y-%m-%dT%H:%M:%S}+05:30",
            "oi": desk.exchange.open_interest(span.instrument, candle.start),
        }
        for candle in _candles(desk, span)
    ] or None


def _candles(desk: Desk, span: _Span) -> list[Candle]:
    return candles(desk.exchange, span.instrument, span.interval, span.start, span.end)


def _span(desk: Desk, body: Body) -> _Span | None:
    """What is asked for; ``None`` where the answer is known to be empty."""
    exchange = words.EXCHANGES.get(text(body, "exchange", ""))
    interval = INTERVALS.get(text(body, "interval", ""))
    start, end = _moment(body, "fromdate"), _moment(body, "todate")
    if exchange is None or interval is None or start is None or end is None or start > end:
        raise something_wrong()
    instrument = desk.exchange.market.find(exchange, text(body, "symboltoken", ""))
    if instrument is None:
        raise Refuse("AB1018", "Failed to Get Symbol Details")
    kind, most_days = interval
    if end - start > dt.timedelta(days=most_days):
        if desk.rules.long_span == "error":
            raise something_wrong()
        start = end - dt.timedelta(days=most_days)
        if desk.rules.long_span == "empty":
            return None
    if exchange in NOT_SERVED:
        return None
    return _Span(instrument=instrument, interval=kind, start=start, end=end)


def something_wrong() -> Refuse:
    return Refuse("AB1004", "Something Went Wrong, Please Try After Sometime")


def _moment(body: Body, name: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text(body, name, ""), FORMAT).replace(tzinfo=INDIA)
    except ValueError:
        return None
