"""Prices: quotes, book levels, candles. Prices are rupees; quantities are units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from attrs import frozen

from openbroker.schemas.enums import Interval
from openbroker.schemas.instrument import Instrument, InstrumentRow
from openbroker.schemas.table import INDIA, Record, Table

if TYPE_CHECKING:
    import pandas


@frozen(kw_only=True)
class Level:
    """One price level of the book."""

    price: Decimal
    quantity: int
    orders: int | None = None


@frozen(kw_only=True)
class Depth:
    """The book's best levels, best first; levels without quantity are left out."""

    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()


@frozen(kw_only=True)
class Quote(InstrumentRow):
    """The last trade, and as much of the day as was asked for. ``close`` is the previous close."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "symbol", "last_price", "change", "open", "high", "low", "close", "volume", "bid", "ask",
    )  # fmt: skip

    last_price: Decimal | None = None
    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    close: Decimal | None = None
    change: Decimal | None = None
    change_percent: Decimal | None = None
    volume: int | None = None
    open_interest: int | None = None
    last_quantity: int | None = None
    average_price: Decimal | None = None
    total_buy_quantity: int | None = None
    total_sell_quantity: int | None = None
    lower_circuit: Decimal | None = None
    upper_circuit: Decimal | None = None
    low_52_weeks: Decimal | None = None
    high_52_weeks: Decimal | None = None
    traded_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    depth: Depth | None = None

    @property
    def bid(self) -> Decimal | None:
        """The best price that a buyer offers."""
        return self.depth.bids[0].price if self.depth and self.depth.bids else None

    @property
    def ask(self) -> Decimal | None:
        """The best price that a seller asks."""
        return self.depth.asks[0].price if self.depth and self.depth.asks else None


@frozen(kw_only=True)
class Candle(Record):
    """Prices of one interval; ``timestamp`` is its start (aware)."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("timestamp", "open", "high", "low", "close", "volume")

    timestamp: dt.datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int | None = None
    oi: int | None = None


@frozen(kw_only=True)
class OpenInterest(Record):
    """Open contracts, in units, at a moment (aware)."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("timestamp", "oi")

    timestamp: dt.datetime
    oi: int


@frozen(kw_only=True)
class Window:
    """A stretch of time, ends included (aware)."""

    start: dt.datetime
    end: dt.datetime


class Candles(Table[Candle]):
    """History, oldest first, each timestamp once.

    ``missing`` names the windows that could not be read; an empty history with nothing missing is
    a fact (a holiday), not an error.
    """

    __slots__ = ("instrument", "interval", "missing")

    def __init__(
        self,
        rows: Iterable[Candle] = (),
        *,
        instrument: Instrument | None = None,
        interval: Interval = Interval.D1,
        missing: Iterable[Window] = (),
    ) -> None:
        super().__init__(Candle, rows)
        self.instrument = instrument
        self.interval = interval
        self.missing = tuple(missing)

    def to_pandas(self) -> pandas.DataFrame:
        """A frame indexed by ``timestamp`` (Asia/Kolkata), float64 columns."""
        import pandas

        names = ["open", "high", "low", "close", "volume", "oi"]
        index = pandas.DatetimeIndex(
            [row.timestamp.astimezone(INDIA) for row in self], name="timestamp"
        )
        index = index.tz_localize("Asia/Kolkata") if index.tz is None else index
        index = index.tz_convert("Asia/Kolkata")
        columns = {name: [getattr(row, name) for row in self] for name in names}
        return pandas.DataFrame(columns, index=index).astype("float64")
