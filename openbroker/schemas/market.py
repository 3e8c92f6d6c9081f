"""Prices: quotes, book levels, candles. Prices are rupees; quantities are units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar, Self

from attrs import frozen

from openbroker.schemas.enums import Interval
from openbroker.schemas.instrument import Instrument, InstrumentRow
from openbroker.schemas.table import INDIA, Record, Table

if TYPE_CHECKING:
    import pandas


@frozen(kw_only=True)
class Level(Record):
    """One price level of the book."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("price", "quantity", "orders")

    price: Decimal
    quantity: int
    orders: int | None = None


@frozen(kw_only=True)
class Rung(Record):
    """A bid and the ask that stands opposite, counted from the best; ``None`` where a side has
    fewer levels."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "bid_orders", "bid_quantity", "bid", "ask", "ask_quantity", "ask_orders",
    )  # fmt: skip
    SPARSE: ClassVar[frozenset[str]] = frozenset({"bid_orders", "ask_orders"})

    bid_orders: int | None = None
    bid_quantity: int | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    ask_quantity: int | None = None
    ask_orders: int | None = None

    @classmethod
    def of(cls, bid: Level | None, ask: Level | None) -> Self:
        """The rung of two opposite levels."""
        return cls(
            bid_orders=bid.orders if bid else None,
            bid_quantity=bid.quantity if bid else None,
            bid=bid.price if bid else None,
            ask=ask.price if ask else None,
            ask_quantity=ask.quantity if ask else None,
            ask_orders=ask.orders if ask else None,
        )


@frozen(kw_only=True, repr=False)
class Depth:
    """The book's best levels, best first; levels without quantity are left out."""

    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()

    def table(self) -> Table[Rung]:
        """Bids and asks side by side."""
        return Table(Rung, (Rung.of(bid, ask) for bid, ask in zip_longest(self.bids, self.asks)))

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


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
