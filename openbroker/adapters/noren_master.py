"""The Noren family's instrument masters: a CSV file an exchange, zipped, or Flattrade's plain ones.

Sources: the files' published layouts (Shoonya-Dev/ShoonyaApi-py README, sections scripmasters;
rows of 2023-2026 quoted in public integrations of Shoonya, Zebu and TradeSmart; Flattrade's scrip
masters by the columns that an integration in daily use reads, 2026-08).  Prices and strikes are
rupees.

The traps of it:

* columns differ by exchange and by broker, in number and in the case of their names;
* header and rows end in a comma, which makes a column without a name;
* cash ticks came in paise at some members and in rupees at others; a cash tick of one and more may
  be either, and is left out rather than guessed;
* currency files count lots: ``LotSize`` is 1 and ``Multiplier`` the units in it;
* BSE derivatives go by an asset code (``BSXOPT``); a code that is neither a known one nor the
  beginning of the trading symbol is left out;
* BSE's own indices stand in no file: two of them are added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from openbroker.adapters.cutting import csv_rows, unzip
from openbroker.adapters.masters import (
    Listed,
    Skipped,
    Units,
    amount,
    base_name,
    cash_symbol,
    contract,
    dmy,
    index_name,
    is_test_scrip,
    positive,
    settle_series,
    split_series,
    symbol_of,
    whole,
)
from openbroker.errors import MalformedReply
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right

UNITS: Final = Units(in_lots=frozenset({Exchange.CDS, Exchange.BCD}))
"""Quantities are units, multiples of the file's lot, but for currencies."""

NEEDED: Final = ("exchange", "token", "lotsize", "symbol", "tradingsymbol", "instrument")
OPTIONAL: Final = ("expiry", "optiontype", "strikeprice", "ticksize", "multiplier")
ALIASES: Final = {"strike": "strikeprice"}

ASSET_CODES: Final[Mapping[str, str]] = {
    "BSX": "SENSEX",
    "BKX": "BANKEX",
    "SX50": "SENSEX50",
}
"""BSE's codes of its indices, which stand before OPT and FUT."""

INDEX_TITLES: Final[Mapping[str, str]] = {
    "NIFTYFINSERVICES": "FINNIFTY",
    "NIFTYFINANCIALSERVICES": "FINNIFTY",
    "NIFTYMIDCAPSELECT": "MIDCPNIFTY",
}

BSE_INDICES: Final = tuple(
    Instrument(
        exchange=Exchange.BSE_INDEX,
        symbol=f"BSE_INDEX:{name}",
        type=InstrumentType.INDEX,
        token=token,
        broker_symbol=name,
        name=name,
    )
    for name, token in (("SENSEX", "1"), ("BANKEX", "12"))
)
"""Tokens as quoted by integrations of Shoonya and TradeSmart, 2026-08."""

_EXCHANGES: Final = {exchange.value: exchange for exchange in Exchange if not exchange.is_index}
_RIGHTS: Final = {right.value: right for right in Right}
_ARCHIVE: Final = b"PK"
_NAMELESS: Final = ("INDEX", "UNDIND")

Row = Mapping[str, str]


def instruments(files: Iterable[bytes]) -> Iterator[Listed]:
    """The rows of all files, lazily. Each may be zipped.

    Raises:
        MalformedReply: on iteration, where a file is no such master.
    """
    rows = chain.from_iterable(map(_rows, chain.from_iterable(map(_unpacked, files))))
    return chain(settle_series(map(_listed, rows)), BSE_INDICES)


def checked(content: bytes) -> bytes:
    """The file, if it begins like one of the master's.

    Raises:
        MalformedReply: it is neither an archive nor has the columns.
    """
    if not content.startswith(_ARCHIVE):
        _header(content)
    return content


def _unpacked(content: bytes) -> Iterator[bytes]:
    return unzip(content) if content.startswith(_ARCHIVE) else iter((content,))


def _rows(content: bytes) -> Iterator[Row | Skipped]:
    """Rows by the columns' common names."""
    spelled = _header(content)
    names = [name for name in (*NEEDED, *OPTIONAL) if name in spelled]
    for cells in csv_rows(content, [spelled[name] for name in names]):
        yield cells if isinstance(cells, Skipped) else _named(names, cells)


def _header(content: bytes) -> dict[str, str]:
    """The file's spelling of each common name."""
    header = content.partition(b"\n")[0].decode("utf-8-sig", "replace")
    spelled = {_common(name): name.strip() for name in header.split(",")}
    missing = [name for name in NEEDED if name not in spelled]
    if missing:
        raise MalformedReply(f"the instrument master has no column {', '.join(missing)}")
    return spelled


def _common(name: str) -> str:
    folded = name.strip().casefold()
    return ALIASES.get(folded, folded)


def _named(names: Sequence[str], cells: Sequence[str]) -> Row:
    return dict.fromkeys(OPTIONAL, "") | dict(zip(names, map(str.strip, cells), strict=True))


def _listed(row: Row | Skipped) -> Listed:
    if isinstance(row, Skipped):
        return row
    exchange = _EXCHANGES.get("NCDEX" if row["exchange"] == "NCX" else row["exchange"])
    if exchange is None:
        return _skip(row, f"exchange {row['exchange'][:12]!r} is not known")
    if not row["token"] or not row["tradingsymbol"]:
        return _skip(row, "the token or the symbol is missing")
    if row["instrument"] in _NAMELESS:
        return _index(row, exchange)
    return _derivative(row, exchange) if exchange.is_derivative else _cash(row, exchange)


def _skip(row: Row, reason: str) -> Skipped:
    shown = f"{row['exchange'][:12]} {row['token'][:20]} {row['tradingsymbol'][:40]}"
    return Skipped(reason=reason, row=shown)


def _index(row: Row, exchange: Exchange) -> Listed:
    if exchange is not Exchange.NSE or not row["symbol"]:
        return _skip(row, f"an index in {exchange}, or without a name")
    name = index_name(row["symbol"])
    return Instrument(
        exchange=Exchange.NSE_INDEX,
        symbol=symbol_of(Exchange.NSE_INDEX, INDEX_TITLES.get(name, name)),
        type=InstrumentType.INDEX,
        token=row["token"],
        broker_symbol=row["tradingsymbol"],
        name=row["symbol"],
    )


def _cash(row: Row, exchange: Exchange) -> Listed:
    text = row["tradingsymbol"]
    stem, series = split_series(text) if exchange is Exchange.NSE else (text, None)
    lot, tick = whole(row["lotsize"]), positive(row["ticksize"])
    if is_test_scrip(stem):
        return _skip(row, "a test security of the exchange")
    if lot is None:
        return _skip(row, "the lot size is missing")
    return Instrument(
        exchange=exchange,
        symbol=cash_symbol(exchange, base_name(stem), series),
        type=InstrumentType.EQUITY,
        token=row["token"],
        broker_symbol=text,
        name=row["symbol"],
        lot_size=lot,
        tick_size=tick if tick is not None and tick < 1 else None,
        series=series,
    )


def _derivative(row: Row, exchange: Exchange) -> Listed:
    name, expiry = _underlying(row, exchange), dmy(row["expiry"])
    lot = _lot(row, exchange)
    right = _RIGHTS.get(row["optiontype"])
    strike = amount(row["strikeprice"]) if right is not None else None
    if name is None:
        return _skip(row, "the underlying's code is not known")
    if expiry is None or lot is None:
        return _skip(row, "the expiry or how many units a lot has is missing")
    if right is not None and not strike:
        return _skip(row, "an option without a strike")
    if right is None and row["optiontype"] != "XX":
        return _skip(row, "neither a future nor an option")
    return contract(
        exchange,
        name,
        expiry,
        strike,
        right,
        token=row["token"],
        broker_symbol=row["tradingsymbol"],
        name=row["symbol"],
        lot_size=lot,
        tick_size=positive(row["ticksize"]),
    )


def _underlying(row: Row, exchange: Exchange) -> str | None:
    name = base_name(row["symbol"])
    if exchange is Exchange.BFO:
        code = name.removesuffix("OPT").removesuffix("FUT")
        name = ASSET_CODES.get(code, name)
    return name if name and row["tradingsymbol"].startswith(name) else None


def _lot(row: Row, exchange: Exchange) -> int | None:
    lot = whole(row["lotsize"])
    if exchange not in UNITS.in_lots or lot is None:
        return lot
    units = whole(row["multiplier"])
    return lot * units if units is not None else None
