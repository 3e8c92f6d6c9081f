"""The sandbox's instruments under Zerodha's names and tokens, and the file that lists them.

A token is the exchange's own, times 256, and the segment's number.  Shares have no suffix in series
EQ; a derivative's symbol holds year and month, a weekly option's the day as well.  Indices have
tokens of their own.

Source: kite.trade/docs/connect/v3, page Market quotes and instruments, and its sample file.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping

import attrs

from openbroker.sandbox.zerodha.desk import lot
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right

SEGMENTS: Mapping[Exchange, int] = {
    Exchange.NSE: 1,
    Exchange.NFO: 2,
    Exchange.CDS: 3,
    Exchange.BSE: 4,
    Exchange.BFO: 5,
    Exchange.BCD: 6,
    Exchange.MCX: 7,
}
INDICES: Mapping[str, tuple[str, int]] = {
    "NSE_INDEX:NIFTY": ("NIFTY 50", 256265),
    "NSE_INDEX:BANKNIFTY": ("NIFTY BANK", 260105),
    "NSE_INDEX:FINNIFTY": ("NIFTY FIN SERVICE", 257801),
    "NSE_INDEX:INDIAVIX": ("INDIA VIX", 264969),
    "NSE_INDEX:NIFTYIT": ("NIFTY IT", 259849),
    "BSE_INDEX:SENSEX": ("SENSEX", 265),
}
"""Trading symbol and token by common symbol."""
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKLY_MONTHS = "123456789OND"
COLUMNS = (
    "instrument_token", "exchange_token", "tradingsymbol", "name", "last_price", "expiry", "strike",
    "tick_size", "lot_size", "instrument_type", "segment", "exchange",
)  # fmt: skip


def instruments(listed: Iterable[Instrument]) -> list[Instrument]:
    """The same contracts as Zerodha names them."""
    listed = list(listed)
    last: dict[tuple[str, int, int], dt.date] = {}
    for one in listed:
        if one.expiry is not None:
            key = _month(one, one.expiry)
            last[key] = max(one.expiry, last.get(key, one.expiry))
    return [_named(one, last) for one in listed]


def _month(one: Instrument, expiry: dt.date) -> tuple[str, int, int]:
    return f"{one.exchange}{one.type}{one.underlying}", expiry.year, expiry.month


def _named(one: Instrument, last: Mapping[tuple[str, int, int], dt.date]) -> Instrument:
    if one.type is InstrumentType.INDEX:
        symbol, token = INDICES[one.symbol]
        return attrs.evolve(one, broker_symbol=symbol, token=str(token))
    token = int(one.token) * 256 + SEGMENTS[one.venue]
    if one.expiry is None:
        symbol = one.broker_symbol.removesuffix("-EQ")
    else:
        symbol = _contract(one, one.expiry, is_monthly=one.expiry == last[_month(one, one.expiry)])
    return attrs.evolve(one, broker_symbol=symbol, token=str(token))


def _contract(one: Instrument, expiry: dt.date, *, is_monthly: bool) -> str:
    month = MONTHS[expiry.month - 1] if is_monthly else _week(expiry)
    tail = "FUT" if one.strike is None else f"{one.strike:f}{one.right}"
    return f"{one.underlying}{expiry:%y}{month}{tail}"


def _week(expiry: dt.date) -> str:
    return f"{WEEKLY_MONTHS[expiry.month - 1]}{expiry.day:02d}"


def file_of(listed: Iterable[Instrument]) -> bytes:
    """The file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(_row, listed))
    return text.getvalue().encode()


def _row(one: Instrument) -> tuple[object, ...]:
    is_index = one.type is InstrumentType.INDEX
    return (
        one.token,
        int(one.token) // 256,
        one.broker_symbol,
        one.broker_symbol if is_index else one.name,
        "0.0",
        one.expiry or "",
        f"{one.strike:f}" if one.strike else "0.0",
        f"{one.tick_size:f}" if one.tick_size else "0.0",
        0 if is_index else one.lot_size // lot(one),
        _kind(one),
        _segment(one),
        one.venue.value,
    )


def _kind(one: Instrument) -> str:
    if one.right is not None:
        return Right(one.right).value
    return "FUT" if one.type is InstrumentType.FUTURE else "EQ"


def _segment(one: Instrument) -> str:
    if one.type is InstrumentType.INDEX:
        return "INDICES"
    if not one.is_derivative:
        return one.venue.value
    return f"{one.venue.value}-{'FUT' if one.type is InstrumentType.FUTURE else 'OPT'}"
