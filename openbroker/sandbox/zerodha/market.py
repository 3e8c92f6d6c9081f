"""Market routes: quotes in three forms, candles.

Quotes are keyed by ``EXCHANGE:SYMBOL`` as asked; what is not known is left out without a word.

Source: kite.trade/docs/connect/v3, pages Market quotes and Historical data; the spans that one
candle request may cover are the forum's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from openbroker.sandbox.exchange import Snapshot
from openbroker.sandbox.history import Candle, candles
from openbroker.sandbox.json_replies import figure, level_rows
from openbroker.sandbox.zerodha import asked, words
from openbroker.sandbox.zerodha.asked import Asked
from openbroker.sandbox.zerodha.desk import Desk
from openbroker.sandbox.zerodha.replies import bad_input
from openbroker.schemas import Instrument, Interval
from openbroker.schemas.table import INDIA

MOST_QUOTES, MOST_PRICES = 500, 1000
INTERVALS: Mapping[str, tuple[Interval, int]] = {
    "minute": (Interval.M1, 60),
    "3minute": (Interval.M3, 100),
    "5minute": (Interval.M5, 100),
    "10minute": (Interval.M10, 100),
    "15minute": (Interval.M15, 200),
    "30minute": (Interval.M30, 200),
    "60minute": (Interval.H1, 400),
    "day": (Interval.D1, 2000),
}
"""The interval, and the most days of a request."""
FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")

Row = Callable[[Desk, Instrument], dict[str, Any]]


def ltp(desk: Desk, _: str, request: Asked) -> dict[str, Any]:
    """``GET /quote/ltp``."""
    return _quotes(desk, request, MOST_PRICES, _last_price)


def ohlc(desk: Desk, _: str, request: Asked) -> dict[str, Any]:
    """``GET /quote/ohlc``."""
    return _quotes(desk, request, MOST_PRICES, _day)


def quote(desk: Desk, _: str, request: Asked) -> dict[str, Any]:
    """``GET /quote``."""
    return _quotes(desk, request, MOST_QUOTES, _full)


def _quotes(desk: Desk, request: Asked, most: int, row: Row) -> dict[str, Any]:
    keys = [value for name, value in request.several if name == "i"]
    if not keys:
        raise bad_input("Missing or empty field `i`")
    if len(keys) > most:
        raise bad_input(f"Number of instruments is above the limit of {most}.")
    found = ((key, _named(desk, key)) for key in keys)
    return {key: row(desk, instrument) for key, instrument in found if instrument is not None}


def _named(desk: Desk, key: str) -> Instrument | None:
    exchange, _, symbol = key.partition(":")
    known = words.EXCHANGES.get(exchange)
    return desk.exchange.market.named(known, symbol) if known else None


def _last_price(desk: Desk, instrument: Instrument) -> dict[str, Any]:
    return {
        "instrument_token": int(instrument.token),
        "last_price": figure(desk.exchange.price(instrument), 4),
    }


def _day(desk: Desk, instrument: Instrument) -> dict[str, Any]:
    return _last_price(desk, instrument) | _ohlc(desk.exchange.snapshot(instrument))


def _ohlc(snapshot: Snapshot) -> dict[str, Any]:
    day = snapshot.day
    return {
        "ohlc": {
            "open": figure(day.open, 4),
            "high": figure(day.high, 4),
            "low": figure(day.low, 4),
            "close": figure(day.close, 4),
        }
    }


def _full(desk: Desk, instrument: Instrument) -> dict[str, Any]:
    snapshot = desk.exchange.snapshot(instrument)
    day, depth = snapshot.day, snapshot.depth
    low, high = snapshot.circuits
    when = words.stamp(snapshot.moment)
    return _last_price(desk, instrument) | {
        "timestamp": when,
        "last_trade_time": when,
        "last_quantity": snapshot.last_quantity,
        "buy_quantity": sum(level.quantity for level in depth.bids) * 40,
        "sell_quantity": sum(level.quantity for level in depth.asks) * 40,
        "volume": day.volume,
        "average_price": figure((day.high + day.low + snapshot.last_price) / 3),
        "oi": snapshot.open_interest,
        "oi_day_high": snapshot.open_interest,
        "oi_day_low": snapshot.open_interest,
        "net_change": figure(snapshot.last_price - day.close, 4),
        "lower_circuit_limit": figure(low, 4),
        "upper_circuit_limit": figure(high, 4),
        **_ohlc(snapshot),
        "depth": {"buy": level_rows(depth.bids), "sell": level_rows(depth.asks)},
    }


def history(desk: Desk, _: str, request: Asked) -> dict[str, Any]:
    """``GET /instruments/historical/{instrument_token}/{interval}``."""
    token, word = request.path["instrument_token"], request.path["interval"]
    instrument = next((one for one in desk.exchange.market if one.token == token), None)
    if instrument is None:
        raise bad_input("invalid token")
    if word not in INTERVALS:
        raise bad_input("invalid interval")
    interval, days = INTERVALS[word]
    start, end = _moment(request, "from"), _moment(request, "to")
    if end - start > dt.timedelta(days=days):
        raise bad_input(f"interval exceeds max limit: {days} days")
    with_interest = request.form.get("oi") == "1" and instrument.is_derivative
    rows = candles(desk.exchange, instrument, interval, start, end)
    return {"candles": [_candle(desk, instrument, row, with_interest) for row in rows]}


def _candle(desk: Desk, instrument: Instrument, row: Candle, with_interest: bool) -> list[Any]:
    bar, on_tick = row.bar, desk.exchange.market.on_tick
    prices = (bar.open, bar.high, bar.low, bar.close)
    interest = [desk.exchange.open_interest(instrument, row.start)] if with_interest else []
    return [
        f"{row.start:%Y-%m-%dT%H:%M:%S}+0530",
        *(float(on_tick(instrument, price)) for price in prices),
        bar.volume,
        *interest,
    ]


def _moment(request: Asked, name: str) -> dt.datetime:
    text = asked.text(request.form, name)
    for form in FORMATS:
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=INDIA)
        except ValueError:
            continue
    raise bad_input(f"invalid {name} date")
