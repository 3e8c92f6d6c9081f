"""Upstox's instrument master: one gzipped JSON file of all exchanges.

Source: upstox.com/developer/api-documentation/instruments (JSON files, 2026) and rows of 2026
quoted in public integrations.

The traps of it:

* the key of an instrument (``NSE_EQ|INE009A01021``, ``NSE_FO|52175``, ``NSE_INDEX|Nifty 50``) is
  what every route takes; it is the token here, whole;
* ticks are paise, strikes rupees, expiries milliseconds since 1970;
* on NSE ``instrument_type`` of a share is its series, on BSE its group;
* ``freeze_quantity`` is the largest single order: units in equity derivatives; what it counts
  elsewhere is not told, and for shares it is one figure for all, so it is read nowhere else;
* in currencies ``lot_size`` is 1 and ``qty_multiplier`` the units in it; commodities are listed in
  units and ordered in lots.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

from openbroker.adapters.cutting import gunzip, json_rows
from openbroker.adapters.masters import (
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
)
from openbroker.adapters.sources import at_epoch
from openbroker.adapters.upstox_tables import SEGMENTS
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right

CURRENCIES: Final = frozenset({Exchange.CDS, Exchange.BCD})
UNITS: Final = Units(tick=dict.fromkeys(Exchange, 100), in_lots=CURRENCIES | {Exchange.MCX})

_SEGMENTS: Final = {text: exchange for exchange, text in SEGMENTS.items()}
_RIGHTS: Final = {right.value: right for right in Right}


def instruments(content: bytes) -> Iterator[Listed]:
    """The master's rows; not even the file is unpacked before the first is asked for, which is
    done in a thread. Takes it as it is or gzipped.

    Raises:
        MalformedReply: on iteration, where the content is no such master.
    """
    yield from settle_series(map(_listed, json_rows(gunzip(content), as_text=True)))


def _listed(row: Mapping[str, str] | Skipped) -> Listed:
    if isinstance(row, Skipped):
        return row
    exchange = _SEGMENTS.get(row.get("segment", ""))
    if exchange is None:
        return _skip(row, f"segment {row.get('segment', '')[:16]!r} is not known")
    if not row.get("instrument_key") or not row.get("trading_symbol"):
        return _skip(row, "the token or the symbol is missing")
    if exchange.is_index:
        return _index(row, exchange)
    return _derivative(row, exchange) if exchange.is_derivative else _cash(row, exchange)


def _skip(row: Mapping[str, str], reason: str) -> Skipped:
    names = (row.get(name, "?")[:40] for name in ("instrument_key", "trading_symbol"))
    return Skipped(reason=reason, row=" ".join(names))


def _index(row: Mapping[str, str], exchange: Exchange) -> Listed:
    return Instrument(
        exchange=exchange,
        symbol=symbol_of(exchange, index_name(row["trading_symbol"])),
        type=InstrumentType.INDEX,
        token=row["instrument_key"],
        broker_symbol=row["trading_symbol"],
        name=row.get("name", ""),
    )


def _cash(row: Mapping[str, str], exchange: Exchange) -> Listed:
    symbol, lot = row["trading_symbol"], whole(row.get("lot_size", ""))
    series = row.get("instrument_type", "") or "EQ" if exchange is Exchange.NSE else None
    if is_test_scrip(symbol):
        return _skip(row, "a test security of the exchange")
    if lot is None:
        return _skip(row, "the lot size is missing")
    return Instrument(
        exchange=exchange,
        symbol=cash_symbol(exchange, base_name(symbol), series),
        type=InstrumentType.EQUITY,
        token=row["instrument_key"],
        broker_symbol=symbol,
        name=row.get("name", ""),
        lot_size=lot,
        tick_size=positive(row.get("tick_size", ""), UNITS.tick[exchange]),
        series=series,
        isin=row.get("isin"),
    )


def _derivative(row: Mapping[str, str], exchange: Exchange) -> Listed:
    kind = row.get("instrument_type", "")
    name = base_name(row.get("underlying_symbol") or row.get("asset_symbol", ""))
    expiry, lot = _expiry(row), _lot(row, exchange)
    right = _RIGHTS.get(kind)
    strike = amount(row.get("strike_price", "")) if right is not None else None
    if is_test_scrip(name):
        return _skip(row, "a test security of the exchange")
    if not name or expiry is None or (right is None and kind != "FUT"):
        return _skip(row, "a derivative without a name, an expiry or its kind")
    if right is not None and not strike:
        return _skip(row, "an option without a strike")
    if lot is None:
        return _skip(row, "how many units a lot has is not known")
    return contract(
        exchange,
        name,
        expiry,
        strike,
        right,
        token=row["instrument_key"],
        broker_symbol=row["trading_symbol"],
        name=row.get("name", ""),
        lot_size=lot,
        tick_size=positive(row.get("tick_size", ""), UNITS.tick[exchange]),
        freeze_quantity=_largest(row, exchange),
    )


def _largest(row: Mapping[str, str], exchange: Exchange) -> int | None:
    return None if exchange in UNITS.in_lots else whole(row.get("freeze_quantity", ""))


def _expiry(row: Mapping[str, str]) -> dt.date | None:
    milliseconds = amount(row.get("expiry", ""), 1000)
    moment = at_epoch(milliseconds)
    return moment.date() if moment else None


def _lot(row: Mapping[str, str], exchange: Exchange) -> int | None:
    lot = whole(row.get("lot_size", ""))
    if exchange not in CURRENCIES or lot is None:
        return lot
    units = whole(row.get("qty_multiplier", ""))
    return lot * units if units is not None else None
