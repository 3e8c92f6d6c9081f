"""Zerodha's instrument master: one CSV file of all exchanges, gzip on the wire.

Source: kite.trade/docs/connect/v3, page Market quotes and instruments, read in 2026; forum
discussion 5094 on commodity lots.  Prices and strikes are rupees.

The traps of it:

* cash rows of NSE carry a series suffix only outside EQ (``XYZ-BE``), so no suffix means EQ;
* ``name`` is the company for cash rows and the underlying for derivatives;
* indices sit in ``segment`` INDICES under the exchange NSE or BSE, as ``NIFTY 50``;
* in MCX, CDS and BCD the lot size is 1 and order quantities are lots.  How many units a lot has,
  the file does not say; a contract is left out unless :data:`LOT_UNITS` knows it, since a wrong
  factor would be an order a hundred times too large.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from openbroker.adapters.cutting import csv_rows, gunzip
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
    split_series,
    symbol_of,
    whole,
    ymd,
)
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right

COLUMNS: Final = (
    "instrument_token", "tradingsymbol", "name", "expiry", "strike", "tick_size", "lot_size",
    "instrument_type", "segment", "exchange",
)  # fmt: skip

IN_LOTS: Final = frozenset({Exchange.MCX, Exchange.CDS, Exchange.BCD})
UNITS: Final = Units(in_lots=IN_LOTS)
"""Everything is rupees and units, but for order quantities where the file counts lots."""

_EXCHANGES: Final = {exchange.value: exchange for exchange in Exchange if not exchange.is_index}
_INDICES: Final = {exchange.venue.value: exchange for exchange in Exchange if exchange.is_index}
_RIGHTS: Final = {right.value: right for right in Right}


def instruments(content: bytes, *, lot_units: Mapping[str, int] = LOT_UNITS) -> Iterator[Listed]:
    """The master's rows; not even the file is unpacked before the first is asked for, which is
    done in a thread. Takes it as it is or gzipped.

    Raises:
        MalformedReply: on iteration, where the content is no such master.
    """
    rows = csv_rows(gunzip(content), COLUMNS)
    yield from settle_series(map(partial(_listed, lot_units), rows))


def _listed(lot_units: Mapping[str, int], row: Sequence[str] | Skipped) -> Listed:
    if isinstance(row, Skipped):
        return row
    if not row[0] or not row[1]:
        return _skip(row, "the token or the symbol is missing")
    return _index(row) if row[8] == "INDICES" else _tradable(row, lot_units)


def _tradable(row: Sequence[str], lot_units: Mapping[str, int]) -> Listed:
    kind, _, place = row[7:]
    exchange = _EXCHANGES.get(place)
    if exchange is None:
        return _skip(row, f"exchange {place[:12]!r} is not known")
    if kind == "EQ":
        return _cash(row, exchange)
    if kind in ("FUT", "CE", "PE"):
        return _derivative(row, exchange, lot_units)
    return _skip(row, f"instrument type {kind[:12]!r} is not known")


def _skip(row: Sequence[str], reason: str) -> Skipped:
    return Skipped(reason=reason, row=f"{row[9][:12]} {row[0][:20]} {row[1][:40]}")


def _index(row: Sequence[str]) -> Listed:
    token, symbol, name, *_, place = row
    exchange = _INDICES.get(place)
    if exchange is None:
        return _skip(row, f"an index in {place[:12]!r}")
    return Instrument(
        exchange=exchange,
        symbol=symbol_of(exchange, index_name(symbol)),
        type=InstrumentType.INDEX,
        token=token,
        broker_symbol=symbol,
        name=name,
    )


def _cash(row: Sequence[str], exchange: Exchange) -> Listed:
    token, symbol, name, _, _, tick, lot_text, *_ = row
    stem, series = split_series(symbol) if exchange is Exchange.NSE else (symbol, None)
    lot = whole(lot_text)
    if is_test_scrip(stem):
        return _skip(row, "a test security of the exchange")
    if exchange.is_derivative or lot is None:
        return _skip(row, "a cash row of a derivatives exchange, or without a lot size")
    if exchange is Exchange.NSE and series is None:
        series = "EQ"
    return Instrument(
        exchange=exchange,
        symbol=cash_symbol(exchange, base_name(stem), series),
        type=InstrumentType.EQUITY,
        token=token,
        broker_symbol=symbol,
        name=name,
        lot_size=lot,
        tick_size=positive(tick),
        series=series,
    )


def _derivative(row: Sequence[str], exchange: Exchange, lot_units: Mapping[str, int]) -> Listed:
    token, symbol, title, expiry_text, strike_text, tick, lot_text, kind, _, _ = row
    name, expiry = base_name(title), ymd(expiry_text)
    right = _RIGHTS.get(kind)
    strike = amount(strike_text) if right is not None else None
    lot = _lot(exchange, name, lot_text, lot_units)
    if expiry is None or not name or not exchange.is_derivative:
        return _skip(row, "a derivative without a name, an expiry or its exchange")
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
        token=token,
        broker_symbol=symbol,
        name=title,
        lot_size=lot,
        tick_size=positive(tick),
    )


def _lot(exchange: Exchange, name: str, text: str, lot_units: Mapping[str, int]) -> int | None:
    lot = whole(text)
    return lot_units.get(name) if exchange in IN_LOTS and lot == 1 else lot
