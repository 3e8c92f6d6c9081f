"""An instrument master of the SmartAPI shape: one JSON array of flat rows.

A row has ``token``, ``symbol``, ``name``, ``expiry``, ``strike``, ``lotsize``, ``instrumenttype``,
``exch_seg`` and ``tick_size``.  What is common is how such a row becomes an instrument: the common
symbol is built from the fields, and only CE or PE is read from the last two letters of the broker's
own symbol, whose patterns differ by segment.  Which of ``symbol`` and ``name`` holds what, the
units of strikes and ticks, and what marks an index, each broker's own reader says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import ClassVar, Final, TypeAlias

from openbroker.adapters.cutting import json_rows
from openbroker.adapters.masters import (
    Listed,
    Skipped,
    Units,
    base_name,
    cash_symbol,
    dmy,
    index_name,
    is_test_scrip,
    positive,
    settle_series,
    split_series,
    symbol_of,
    whole,
)
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right

MasterRow: TypeAlias = Mapping[str, str]

INDICES: Final = {
    Exchange.NSE: Exchange.NSE_INDEX,
    Exchange.BSE: Exchange.BSE_INDEX,
    Exchange.MCX: Exchange.MCX_INDEX,
}
"""Where the indices of an exchange are listed."""

_RIGHTS: Final = {right.value: right for right in Right}


class MasterReader:
    """Reads one broker's rows; a broker subclasses it.

    Attributes:
        units: by what strikes and ticks are divided to be rupees.
        segments: the vendor's words for exchanges.
        symbol, name: the keys of the broker's own symbol and of the underlying's name.
    """

    units: ClassVar[Units]
    segments: ClassVar[Mapping[str, Exchange]]
    symbol: ClassVar[str] = "symbol"
    name: ClassVar[str] = "name"

    def instruments(self, content: bytes, *, as_text: bool = False) -> Iterator[Listed]:
        """The master's rows, lazily.

        Raises:
            MalformedReply: on iteration, where the content is no such master.
        """
        return settle_series(map(self._listed, json_rows(content, as_text=as_text)))

    def exchange_of(self, row: MasterRow) -> Exchange | None:
        """Where a row's instrument trades, ``None`` for a segment that is not known."""
        return self.segments.get(row["exch_seg"])

    def reader_of(self, row: MasterRow) -> Callable[[MasterRow, Exchange], Listed] | None:
        """What reads a row of this type, ``None`` for what cannot be traded."""
        raise NotImplementedError

    def _listed(self, row: MasterRow | Skipped) -> Listed:
        if isinstance(row, Skipped):
            return row
        try:
            return self._read(row)
        except KeyError as missing:
            return self.skip(row, f"the field {missing} is missing")

    def _read(self, row: MasterRow) -> Listed:
        exchange = self.exchange_of(row)
        if exchange is None:
            return self.skip(row, f"exchange {row['exch_seg'][:12]!r} is not known")
        if not row["token"] or not row[self.symbol]:
            return self.skip(row, "the token or the symbol is missing")
        read = self.reader_of(row)
        if read is None:
            kind = row["instrumenttype"]
            return self.skip(row, f"instrument type {kind[:12]!r} is not tradable")
        return read(row, exchange)

    def skip(self, row: MasterRow, reason: str) -> Skipped:
        names = (row.get(name, "?")[:40] for name in ("exch_seg", "token", self.symbol))
        return Skipped(reason=reason, row=" ".join(names))

    def cash(self, row: MasterRow, exchange: Exchange) -> Listed:
        if exchange.is_derivative:
            return self.skip(row, "the instrument type is missing")
        symbol = row[self.symbol]
        stem, series = split_series(symbol) if exchange is Exchange.NSE else (symbol, None)
        if is_test_scrip(stem):
            return self.skip(row, "a test security of the exchange")
        lot = whole(row["lotsize"])
        if lot is None:
            return self.skip(row, "the lot size is missing")
        return Instrument(
            exchange=exchange,
            symbol=cash_symbol(exchange, base_name(stem), series),
            type=InstrumentType.EQUITY,
            token=row["token"],
            broker_symbol=symbol,
            name=row[self.name],
            lot_size=lot,
            tick_size=positive(row["tick_size"], self.units.tick.get(exchange, 1)),
            series=series,
        )

    def index(self, row: MasterRow, exchange: Exchange) -> Listed:
        if exchange not in INDICES:
            return self.skip(row, f"an index in {exchange}")
        listed = INDICES[exchange]
        return Instrument(
            exchange=listed,
            symbol=symbol_of(listed, index_name(row[self.symbol])),
            type=InstrumentType.INDEX,
            token=row["token"],
            broker_symbol=row[self.symbol],
            name=row[self.name],
        )

    def future(self, row: MasterRow, exchange: Exchange) -> Listed:
        return self._derivative(row, exchange, InstrumentType.FUTURE)

    def option(self, row: MasterRow, exchange: Exchange) -> Listed:
        strike = positive(row["strike"], self.units.strike.get(exchange, 1))
        right = _RIGHTS.get(row[self.symbol][-2:])
        if strike is None or right is None:
            return self.skip(row, "an option without a strike or without CE or PE")
        return self._derivative(row, exchange, InstrumentType.OPTION, strike, right)

    def _derivative(
        self,
        row: MasterRow,
        exchange: Exchange,
        kind: InstrumentType,
        strike: Decimal | None = None,
        right: Right | None = None,
    ) -> Listed:
        if not exchange.is_derivative:
            return self.skip(row, f"a derivative in {exchange}")
        expiry, lot = dmy(row["expiry"]), whole(row["lotsize"])
        name = base_name(row[self.name])
        if expiry is None or lot is None or not name:
            return self.skip(row, "the name, the expiry or the lot size is missing")
        return Instrument(
            exchange=exchange,
            symbol=symbol_of(exchange, name, expiry, strike, right),
            type=kind,
            token=row["token"],
            broker_symbol=row[self.symbol],
            name=row[self.name],
            underlying=name,
            expiry=expiry,
            strike=strike,
            right=right,
            lot_size=lot,
            tick_size=positive(row["tick_size"], self.units.tick.get(exchange, 1)),
        )
