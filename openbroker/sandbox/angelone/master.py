"""The master file as Angel One serves it: reading it, and keeping its expiries ahead of today.

Every value of a row is a string; strikes and ticks are in paise (currency strikes in rupees times
ten million, currency ticks in paise); an expiry reads ``24NOV2026``.  Contracts are understood by
their fields; only an option's right comes from the symbol's last two letters.

Source: the documentation's page Instruments, read November 2026.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal

import attrs

from openbroker.adapters.masters import INDEX_NAMES
from openbroker.instruments.freeze import published
from openbroker.sandbox.angelone.words import long_date, read_date, short_date, year_month
from openbroker.sandbox.data import MASTER
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right

Row = dict[str, str]

PAISE = Decimal(100)
CURRENCY_STRIKE = Decimal(10) ** 7
WEEK = 7
ISINS = {
    "SBIN": "INE062A01020",
    "INFY": "INE009A01021",
    "RELIANCE": "INE002A01018",
    "TCS": "INE467B01029",
    "HDFCBANK": "INE040A01034",
    "ITC": "INE154A01025",
    "ICICIBANK": "INE090A01021",
}


def shipped_rows(today: dt.date) -> list[Row]:
    """The sandbox's master for a date."""
    rows: list[Row] = json.loads(MASTER.read_text(encoding="utf-8"))
    return roll_forward(rows, today)


def roll_forward(rows: Sequence[Row], today: dt.date) -> list[Row]:
    """The rows with every expiry moved by the same whole weeks, so that none lies before today.

    Symbols are rewritten to fit.  Rows come back as they are while the first expiry is ahead.
    """
    expiries = [read_date(row["expiry"]) for row in rows if row["expiry"]]
    behind = (today - min(expiries, default=today)).days
    if behind <= 0:
        return list(rows)
    shift = dt.timedelta(weeks=-(-behind // WEEK))
    return [_moved(row, shift) if row["expiry"] else row for row in rows]


def _moved(row: Row, shift: dt.timedelta) -> Row:
    old = read_date(row["expiry"])
    new = old + shift
    name, rest = row["name"], row["symbol"].removeprefix(row["name"])
    for spell in (short_date, year_month):
        if rest.startswith(spell(old)):
            rest = spell(new) + rest.removeprefix(spell(old))
            break
    return row | {"expiry": long_date(new), "symbol": name + rest}


def instruments(rows: Iterable[Row], day: dt.date) -> list[Instrument]:
    """The rows as the exchange knows them on that day."""
    rows = list(rows)
    taken = {row["symbol"].removesuffix("-EQ") for row in rows if row["symbol"].endswith("-EQ")}
    largest = published(day)
    listed = (_instrument(row, taken) for row in rows)
    return [attrs.evolve(one, freeze_quantity=largest(one)) for one in listed]


def _instrument(row: Row, taken: set[str]) -> Instrument:
    kind = _kind(row["instrumenttype"])
    if kind is InstrumentType.INDEX:
        return _index(row)
    return _share(row, taken) if kind is InstrumentType.EQUITY else _derivative(row, kind)


def _kind(word: str) -> InstrumentType:
    if word == "AMXIDX":
        return InstrumentType.INDEX
    kinds = {"FUT": InstrumentType.FUTURE, "OPT": InstrumentType.OPTION}
    return kinds.get(word[:3], InstrumentType.EQUITY)


def _index(row: Row) -> Instrument:
    stem = row["symbol"].upper().replace(" ", "").replace("-", "")
    exchange = Exchange(f"{row['exch_seg']}_INDEX")
    return Instrument(
        exchange=exchange,
        symbol=f"{exchange}:{INDEX_NAMES.get(stem, stem)}",
        type=InstrumentType.INDEX,
        token=row["token"],
        broker_symbol=row["symbol"],
        name=row["name"],
    )


def _share(row: Row, taken: set[str]) -> Instrument:
    symbol, series = row["symbol"], None
    if row["exch_seg"] == Exchange.NSE:
        stem, _, series = symbol.rpartition("-")
        symbol = stem if series == "EQ" or stem not in taken else symbol
    return Instrument(
        exchange=Exchange(row["exch_seg"]),
        symbol=f"{row['exch_seg']}:{symbol}",
        type=InstrumentType.EQUITY,
        token=row["token"],
        broker_symbol=row["symbol"],
        name=row["name"],
        lot_size=int(row["lotsize"]),
        tick_size=_scaled(row["tick_size"], PAISE),
        series=series,
        isin=ISINS.get(row["name"]),
    )


def _derivative(row: Row, kind: InstrumentType) -> Instrument:
    expiry = read_date(row["expiry"])
    stem = f"{row['exch_seg']}:{row['name']}{short_date(expiry)}"
    strike, right = None, None
    if kind is InstrumentType.OPTION:
        scale = CURRENCY_STRIKE if row["exch_seg"] == Exchange.CDS else PAISE
        strike = _scaled(row["strike"], scale)
        right = Right(row["symbol"][-2:])
    tail = "FUT" if strike is None else f"{strike:f}{right}"
    return Instrument(
        exchange=Exchange(row["exch_seg"]),
        symbol=stem + tail,
        type=kind,
        token=row["token"],
        broker_symbol=row["symbol"],
        name=row["name"],
        underlying=row["name"],
        expiry=expiry,
        strike=strike,
        right=right,
        lot_size=int(row["lotsize"]),
        tick_size=_scaled(row["tick_size"], PAISE),
    )


def _scaled(text: str, scale: Decimal) -> Decimal:
    """The figure in rupees, without trailing zeros."""
    return Decimal(f"{(Decimal(text) / scale).normalize():f}")
