"""Angel One's instrument master: one JSON array of about 155,000 flat rows, every value a string.

Source: smartapi.angelone.in/docs, page Instruments, and the published
``OpenAPIScripMaster.json``; read in 2026.  What the page gets wrong is settled by the file:
``exch_seg`` is ``NSE``, not ``nse_cm``.

The traps of it, each handled here and nowhere else:

* a token is unique only within its ``exch_seg``;
* strikes are paise, in currency derivatives ten-millionths of a rupee; equities carry -1;
* tick sizes are paise in every segment;
* the symbols of NFO, BFO and MCX follow different patterns (``SENSEX25OCTFUT``), so the common
  symbol is built from the fields, and only CE or PE is read from the symbol's last two letters;
* index rows (type ``AMXIDX``) sit in NSE, BSE and MCX under names like ``Nifty Fin Service``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from openbroker.adapters.masters import (
    Listed,
    Skipped,
    Units,
    base_name,
    cash_symbol,
    dmy,
    index_name,
    is_test_scrip,
    json_rows,
    positive,
    settle_series,
    split_series,
    symbol_of,
    whole,
)
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right

UNITS: Final = Units(
    strike={
        Exchange.NFO: 100,
        Exchange.BFO: 100,
        Exchange.MCX: 100,
        Exchange.NCDEX: 100,
        Exchange.CDS: 10_000_000,
    },
    tick=dict.fromkeys(
        (
            Exchange.NSE, Exchange.BSE, Exchange.NFO, Exchange.BFO, Exchange.MCX, Exchange.NCDEX,
            Exchange.CDS,
        ),
        100,
    ),
)  # fmt: skip
"""Quantities are units everywhere. For MCX the vendor's page does not say; units is what published
clients send (CRUDEOIL's lot is 100 in the master), so it is a setting of the adapter."""

_SEGMENTS: Final = {exchange.value: exchange for exchange in UNITS.tick}
_INDICES: Final = {
    Exchange.NSE: Exchange.NSE_INDEX,
    Exchange.BSE: Exchange.BSE_INDEX,
    Exchange.MCX: Exchange.MCX_INDEX,
}
_RIGHTS: Final = {right.value: right for right in Right}


def instruments(content: bytes) -> Iterator[Listed]:
    """The master's rows, lazily.

    Raises:
        MalformedReply: on iteration, where the content is no such master.
    """
    return settle_series(map(_listed, json_rows(content)))


def _listed(row: Mapping[str, str] | Skipped) -> Listed:
    if isinstance(row, Skipped):
        return row
    try:
        return _read(row)
    except KeyError as missing:
        return _skip(row, f"the field {missing} is missing")


def _read(row: Mapping[str, str]) -> Listed:
    exchange = _SEGMENTS.get(row["exch_seg"])
    if exchange is None:
        return _skip(row, f"exchange {row['exch_seg'][:12]!r} is not known")
    if not row["token"] or not row["symbol"]:
        return _skip(row, "the token or the symbol is missing")
    kind = row["instrumenttype"]
    read = _READERS.get(kind[:3])
    if read is None:
        return _skip(row, f"instrument type {kind[:12]!r} is not tradable")
    return read(row, exchange)


def _skip(row: Mapping[str, str], reason: str) -> Skipped:
    names = (row.get(name, "?")[:40] for name in ("exch_seg", "token", "symbol"))
    return Skipped(reason=reason, row=" ".join(names))


def _cash(row: Mapping[str, str], exchange: Exchange) -> Listed:
    if exchange.is_derivative:
        return _skip(row, "the instrument type is missing")
    symbol = row["symbol"]
    stem, series = split_series(symbol) if exchange is Exchange.NSE else (symbol, None)
    if is_test_scrip(stem):
        return _skip(row, "a test security of the exchange")
    lot = whole(row["lotsize"])
    if lot is None:
        return _skip(row, "the lot size is missing")
    return Instrument(
        exchange=exchange,
        symbol=cash_symbol(exchange, base_name(stem), series),
        type=InstrumentType.EQUITY,
        token=row["token"],
        broker_symbol=symbol,
        name=row["name"],
        lot_size=lot,
        tick_size=positive(row["tick_size"], UNITS.tick[exchange]),
        series=series,
    )


def _index(row: Mapping[str, str], exchange: Exchange) -> Listed:
    if exchange not in _INDICES:
        return _skip(row, f"an index in {exchange}")
    listed = _INDICES[exchange]
    return Instrument(
        exchange=listed,
        symbol=symbol_of(listed, index_name(row["symbol"])),
        type=InstrumentType.INDEX,
        token=row["token"],
        broker_symbol=row["symbol"],
        name=row["name"],
    )


def _future(row: Mapping[str, str], exchange: Exchange) -> Listed:
    return _derivative(row, exchange, InstrumentType.FUTURE)


def _option(row: Mapping[str, str], exchange: Exchange) -> Listed:
    strike = positive(row["strike"], UNITS.strike.get(exchange, 1))
    right = _RIGHTS.get(row["symbol"][-2:])
    if strike is None or right is None:
        return _skip(row, "an option without a strike or without CE or PE")
    return _derivative(row, exchange, InstrumentType.OPTION, strike, right)


def _derivative(
    row: Mapping[str, str],
    exchange: Exchange,
    kind: InstrumentType,
    strike: Decimal | None = None,
    right: Right | None = None,
) -> Listed:
    if not exchange.is_derivative:
        return _skip(row, f"a derivative in {exchange}")
    expiry, lot = dmy(row["expiry"]), whole(row["lotsize"])
    name = base_name(row["name"])
    if expiry is None or lot is None or not name:
        return _skip(row, "the name, the expiry or the lot size is missing")
    return Instrument(
        exchange=exchange,
        symbol=symbol_of(exchange, name, expiry, strike, right),
        type=kind,
        token=row["token"],
        broker_symbol=row["symbol"],
        name=row["name"],
        underlying=name,
        expiry=expiry,
        strike=strike,
        right=right,
        lot_size=lot,
        tick_size=positive(row["tick_size"], UNITS.tick[exchange]),
    )


_READERS: Final[Mapping[str, Callable[[Mapping[str, str], Exchange], Listed]]] = {
    "": _cash,
    "AMX": _index,
    "FUT": _future,
    "OPT": _option,
}
"""By the first three letters of the instrument type: AMXIDX, FUTIDX, FUTSTK, OPTCUR, ..."""
