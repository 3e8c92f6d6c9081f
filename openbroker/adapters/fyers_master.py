"""Fyers' symbol masters: one JSON file a segment, an object of rows keyed by ticker.

Sources: myapi.fyers.in/docsv3, Symbol Master Json and Appendix (2026); rows of 2024-2026 quoted in
public integrations.  Prices and strikes are rupees, expiries seconds since 1970.

The traps of it:

* orders name an instrument by its ticker (``NSE:SBIN-EQ``); rows of books name it by its token
  (``fyToken``) too, which is the token here;
* the exchange is told by two codes, as in the books; NSE's commodities have no place in the schema
  and their file is not read;
* what stands after a share's last hyphen is its series on NSE and its group on BSE, and ``INDEX``
  for an index;
* ``underSym`` is what an index's derivatives call it, ``exSymbol`` the exchange's own name; the one
  that a derivative's ticker begins with is taken;
* commodities and currencies are ordered in lots: ``minLotSize`` is 1, and ``qtyMultiplier`` the
  units in a lot.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from openbroker.adapters.cutting import gunzip, json_rows
from openbroker.adapters.fyers_tables import SEGMENTS, segment_codes
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
from openbroker.errors import MalformedReply
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right

FILES: Final = ("NSE_CM", "NSE_FO", "NSE_CD", "BSE_CM", "BSE_FO", "MCX_COM")
IN_LOTS: Final = frozenset({Exchange.MCX, Exchange.CDS, Exchange.BCD})
UNITS: Final = Units(in_lots=IN_LOTS)

_EXCHANGES: Final = {codes: exchange for exchange, codes in SEGMENTS.items()}
_INDICES: Final = {exchange.venue: exchange for exchange in Exchange if exchange.is_index}
_RIGHTS: Final = {right.value: right for right in Right}
_INDEX: Final = "10"
"""``exInstType`` of an index in the cash segment."""

_BEGINNING: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"[^"]*"\s*:\s*\{')

Row = Mapping[str, str]


def instruments(files: Iterable[bytes]) -> Iterator[Listed]:
    """The rows of all files, lazily.

    Raises:
        MalformedReply: on iteration, where a file is no such master.
    """
    rows = (json_rows(gunzip(file), as_text=True, keyed=True) for file in files)
    return settle_series(map(_listed, chain.from_iterable(rows)))


def checked(content: bytes) -> bytes:
    """The file, if it begins and ends like one of the master's.

    Raises:
        MalformedReply: it is no JSON object of objects.
    """
    text = gunzip(content)
    if _BEGINNING.match(text) is None or not text.rstrip().endswith(b"}"):
        raise MalformedReply("the symbol master is no JSON object of rows")
    return content


def _listed(row: Row | Skipped) -> Listed:
    if isinstance(row, Skipped):
        return row
    exchange = _EXCHANGES.get(segment_codes(row))
    if exchange is None:
        return _skip(row, f"segment {segment_codes(row)[:12]!r} is not known")
    if not row.get("fyToken") or ":" not in row.get("symTicker", ""):
        return _skip(row, "the token or the ticker is missing")
    if row.get("tradeStatus") == "0":
        return _skip(row, "not allowed to trade")
    if exchange.is_derivative:
        return _derivative(row, exchange)
    return _index(row, exchange) if row.get("exInstType") == _INDEX else _cash(row, exchange)


def _skip(row: Row, reason: str) -> Skipped:
    names = (row.get(name, "?")[:40] for name in ("fyToken", "symTicker"))
    return Skipped(reason=reason, row=" ".join(names))


def _index(row: Row, exchange: Exchange) -> Listed:
    listed = _INDICES[exchange]
    stem = row["symTicker"].partition(":")[2].removesuffix("-INDEX")
    return Instrument(
        exchange=listed,
        symbol=symbol_of(listed, index_name(row.get("underSym") or stem)),
        type=InstrumentType.INDEX,
        token=row["fyToken"],
        broker_symbol=row["symTicker"],
        name=row.get("symDetails", ""),
    )


def _cash(row: Row, exchange: Exchange) -> Listed:
    stem, _, group = row["symTicker"].partition(":")[2].rpartition("-")
    series = group if exchange is Exchange.NSE else None
    lot = whole(row.get("minLotSize", ""))
    if is_test_scrip(stem):
        return _skip(row, "a test security of the exchange")
    if not stem or lot is None:
        return _skip(row, "the series or the lot size is missing")
    return Instrument(
        exchange=exchange,
        symbol=cash_symbol(exchange, base_name(stem), series),
        type=InstrumentType.EQUITY,
        token=row["fyToken"],
        broker_symbol=row["symTicker"],
        name=row.get("symDetails", ""),
        lot_size=lot,
        tick_size=positive(row.get("tickSize", "")),
        freeze_quantity=whole(row.get("qtyFreeze", "")),
        series=series,
        isin=row.get("isin") or None,
    )


def _derivative(row: Row, exchange: Exchange) -> Listed:
    name, expiry, lot = _name(row), _expiry(row), _lot(row, exchange)
    right = _RIGHTS.get(row.get("optType", ""))
    strike = amount(row.get("strikePrice", "")) if right is not None else None
    if is_test_scrip(name):
        return _skip(row, "a test security of the exchange")
    if not name or expiry is None:
        return _skip(row, "a derivative without a name or an expiry")
    if right is None and not row["symTicker"].endswith("FUT"):
        return _skip(row, "neither a future nor an option")
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
        token=row["fyToken"],
        broker_symbol=row["symTicker"],
        name=row.get("symDetails", ""),
        lot_size=lot,
        tick_size=positive(row.get("tickSize", "")),
        freeze_quantity=None if exchange in IN_LOTS else whole(row.get("qtyFreeze", "")),
    )


def _name(row: Row) -> str:
    """The underlying's name, if the ticker begins with it and a year; else nothing."""
    stem = row["symTicker"].partition(":")[2]
    for text in (row.get("underSym", ""), row.get("exSymbol", "")):
        if text and stem.startswith(text) and stem[len(text) :][:2].isdigit():
            return base_name(text)
    return ""


def _expiry(row: Row) -> dt.date | None:
    moment = at_epoch(amount(row.get("expiryDate", "")))
    return moment.date() if moment else None


def _lot(row: Row, exchange: Exchange) -> int | None:
    """Units in a lot; ``None`` where it is not certain how orders count."""
    lot = whole(row.get("minLotSize", ""))
    if exchange not in IN_LOTS:
        return lot
    return whole(row.get("qtyMultiplier", "")) if lot == 1 else None
