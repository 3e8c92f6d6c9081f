"""Dhan's instrument master: one CSV file of all exchanges, the compact one.

Sources: dhanhq.co/docs/v2/instruments (2026); rows of 2026 quoted in public integrations.

The traps of it:

* strikes are rupees and ticks paise (``10.0000`` is 0.10), but for indices, whose tick is nothing;
* security ids are unique within a segment only, and the indices of all exchanges are one segment:
  NSE's index 13 is not NSE's share 13, so an index's token here is ``IDX_I:13``;
* a derivative's underlying stands in its trading symbol alone (``BAJAJ-AUTO-Oct2026-FUT``,
  ``CRUDEOIL-19Oct2026-FUT``); the column for it may be empty;
* in commodities and currencies lots are 1: what a lot holds, the file does not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from openbroker.adapters.cutting import csv_rows
from openbroker.adapters.dhan_tables import INDICES
from openbroker.adapters.masters import (
    LOT_UNITS,
    Listed,
    Skipped,
    Units,
    amount,
    base_name,
    cash_symbol,
    contract,
    index_name,
    is_test_scrip,
    positive,
    settle_series,
    symbol_of,
    whole,
    ymd,
)
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right

COLUMNS: Final = (
    "SEM_EXM_EXCH_ID", "SEM_SEGMENT", "SEM_SMST_SECURITY_ID", "SEM_INSTRUMENT_NAME",
    "SEM_TRADING_SYMBOL", "SEM_LOT_UNITS", "SEM_EXPIRY_DATE", "SEM_STRIKE_PRICE",
    "SEM_OPTION_TYPE", "SEM_TICK_SIZE", "SEM_SERIES", "SM_SYMBOL_NAME",
)  # fmt: skip

IN_LOTS: Final = frozenset({Exchange.MCX, Exchange.CDS, Exchange.BCD})
UNITS: Final = Units(tick=dict.fromkeys(Exchange, 100), in_lots=IN_LOTS)

_SEGMENTS: Final[Mapping[tuple[str, str], Exchange]] = {
    ("NSE", "E"): Exchange.NSE,
    ("BSE", "E"): Exchange.BSE,
    ("NSE", "D"): Exchange.NFO,
    ("BSE", "D"): Exchange.BFO,
    ("NSE", "C"): Exchange.CDS,
    ("BSE", "C"): Exchange.BCD,
    ("MCX", "M"): Exchange.MCX,
    ("NSE", "I"): Exchange.NSE_INDEX,
    ("BSE", "I"): Exchange.BSE_INDEX,
}
_RIGHTS: Final = {right.value: right for right in Right}
_CONTRACT: Final = re.compile(r"(?P<name>.+)-\d{0,2}[A-Za-z]{3}\d{4}-.+")


def instruments(content: bytes) -> Iterator[Listed]:
    """The master's rows, lazily.

    Raises:
        MalformedReply: on iteration, where the content is no such master.
    """
    return settle_series(map(_listed, csv_rows(content, COLUMNS)))


def _listed(row: Sequence[str] | Skipped) -> Listed:
    if isinstance(row, Skipped):
        return row
    exchange = _SEGMENTS.get((row[0], row[1]))
    if exchange is None:
        return _skip(row, f"segment {row[0][:8]} {row[1][:8]} is not known")
    if not row[2] or not row[4]:
        return _skip(row, "the token or the symbol is missing")
    if exchange.is_index:
        return _index(row, exchange)
    return _derivative(row, exchange) if exchange.is_derivative else _cash(row, exchange)


def _skip(row: Sequence[str], reason: str) -> Skipped:
    return Skipped(reason=reason, row=f"{row[0][:8]} {row[2][:20]} {row[4][:40]}")


def _index(row: Sequence[str], exchange: Exchange) -> Listed:
    return Instrument(
        exchange=exchange,
        symbol=symbol_of(exchange, index_name(row[4])),
        type=InstrumentType.INDEX,
        token=f"{INDICES}:{row[2]}",
        broker_symbol=row[4],
        name=row[11],
    )


def _cash(row: Sequence[str], exchange: Exchange) -> Listed:
    _, _, token, kind, symbol, lot_text, *_, tick, series, name = row
    lot = whole(lot_text)
    if kind != "EQUITY":
        return _skip(row, f"instrument {kind[:12]!r} is not known")
    if is_test_scrip(symbol):
        return _skip(row, "a test security of the exchange")
    if lot is None:
        return _skip(row, "the lot size is missing")
    listed = (series or "EQ") if exchange is Exchange.NSE else None
    return Instrument(
        exchange=exchange,
        symbol=cash_symbol(exchange, base_name(symbol), listed),
        type=InstrumentType.EQUITY,
        token=token,
        broker_symbol=symbol,
        name=name,
        lot_size=lot,
        tick_size=positive(tick, UNITS.tick[exchange]),
        series=listed,
    )


def _derivative(row: Sequence[str], exchange: Exchange) -> Listed:
    _, _, token, kind, symbol, lot_text, expiry_text, strike_text, side, tick, _, title = row
    found = _CONTRACT.fullmatch(symbol)
    name = base_name(found["name"]) if found else ""
    expiry = ymd(expiry_text[:10])
    right = _RIGHTS.get(side) if kind.startswith("OPT") else None
    strike = amount(strike_text) if right is not None else None
    lot = _lot(exchange, name, lot_text)
    if is_test_scrip(name):
        return _skip(row, "a test security of the exchange")
    if not name or expiry is None or not kind.startswith(("FUT", "OPT")):
        return _skip(row, "a derivative without a name, an expiry or its kind")
    if kind.startswith("OPT") and not strike:
        return _skip(row, "an option without a strike or without CE or PE")
    if lot is None:
        return _skip(row, "how many units a lot has is not known")
    return contract(
        exchange,
        name,
        expiry,
        strike,
        right,
        token=token,
        broker_symbol=symbol,
        name=title,
        lot_size=lot,
        tick_size=positive(tick, UNITS.tick[exchange]),
    )


def _lot(exchange: Exchange, name: str, text: str) -> int | None:
    lot = whole(text)
    return LOT_UNITS.get(name) if exchange in IN_LOTS and lot == 1 else lot
