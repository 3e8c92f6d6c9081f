"""mStock's instrument master: the SmartAPI's rows with two columns changed about.

Source: tradingapi.mstock.com/docs/v1/typeB, Market Quote and Instrument; Option Chain APIs (the
numbers of NSE's indices); Annexure; as of 2026-11.

* ``name`` is the broker's own symbol and ``symbol`` the underlying's name;
* strikes and ticks are rupees;
* contracts on currencies are listed in NSE and BSE: the type tells them apart;
* NSE's indices are not in the file, so those that have options are added here by their numbers;
* BSE's SENSEX is in the file as if it were a share, and is told apart by its number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Final

from openbroker.adapters.masters import Listed, Units, symbol_of
from openbroker.adapters.mstock_tables import segment_of
from openbroker.adapters.smartapi_master import INDICES, MasterReader, MasterRow
from openbroker.schemas import Exchange, Instrument, InstrumentType

INDEX_TOKENS: Final[Mapping[tuple[Exchange, str], str]] = {
    (Exchange.NSE, "26000"): "NIFTY",
    (Exchange.NSE, "26009"): "BANKNIFTY",
    (Exchange.NSE, "26013"): "NIFTYNXT50",
    (Exchange.NSE, "26037"): "FINNIFTY",
    (Exchange.NSE, "26074"): "MIDCPNIFTY",
    (Exchange.BSE, "51"): "SENSEX",
}
"""Underlyings of index options."""


class MStockMaster(MasterReader):
    """mStock's rows."""

    units: ClassVar[Units] = Units()
    segments: ClassVar[Mapping[str, Exchange]] = {
        exchange.value: exchange
        for exchange in (
            Exchange.NSE, Exchange.BSE, Exchange.NFO, Exchange.BFO, Exchange.CDS, Exchange.BCD,
        )
    }  # fmt: skip
    symbol: ClassVar[str] = "name"
    name: ClassVar[str] = "symbol"

    def exchange_of(self, row: MasterRow) -> Exchange | None:
        return self.segments.get(str(segment_of(row["exch_seg"], row["instrumenttype"])))

    def reader_of(self, row: MasterRow) -> Callable[[MasterRow, Exchange], Listed] | None:
        kind = row["instrumenttype"]
        if kind.startswith("FUT"):
            return self.future
        return self.option if kind.startswith("OPT") else self.cash

    def cash(self, row: MasterRow, exchange: Exchange) -> Listed:
        named = INDEX_TOKENS.get((exchange, row["token"]))
        return super().cash(row, exchange) if named is None else index_of(exchange, row["token"])


def index_of(exchange: Exchange, token: str) -> Instrument:
    """An index by its number."""
    listed, name = INDICES[exchange], INDEX_TOKENS[exchange, token]
    return Instrument(
        exchange=listed,
        symbol=symbol_of(listed, name),
        type=InstrumentType.INDEX,
        token=token,
        broker_symbol=name,
        name=name,
    )


_READER: Final = MStockMaster()


def instruments(content: bytes) -> Iterator[Listed]:
    """The master's rows, lazily, and after them the indices that it lacks.

    Raises:
        MalformedReply: on iteration, where the content is no such master.
    """
    missing = dict.fromkeys(INDEX_TOKENS)
    for row in _READER.instruments(content, as_text=True):
        if isinstance(row, Instrument) and row.type is InstrumentType.INDEX:
            missing.pop((row.venue, row.token), None)
        yield row
    for exchange, token in missing:
        yield index_of(exchange, token)
