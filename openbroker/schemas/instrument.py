"""What can be traded, and rows that refer to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, NoReturn

from attrs import field, frozen

from openbroker.schemas.enums import Exchange, InstrumentType, Right
from openbroker.schemas.table import Record


class Frozen(dict[str, Any]):
    """A mapping that cannot be changed, and that pickles and copies, unlike a mapping proxy."""

    __slots__ = ()

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("this mapping is part of a frozen row and cannot be changed")

    def __reduce__(self) -> tuple[type[Frozen], tuple[dict[str, Any]]]:
        return Frozen, (dict(self),)


for _way in (
    "__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update",
):  # fmt: skip
    setattr(Frozen, _way, Frozen._refuse)  # noqa: SLF001  every way in is shut


def freeze(value: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """A copy that cannot be changed."""
    return value if type(value) is Frozen else Frozen(value or {})


@frozen(kw_only=True)
class Instrument(Record):
    """A tradable contract, as one broker lists it.

    Attributes:
        exchange: the segment; indices have segments of their own (``NSE_INDEX``).
        symbol: the common text form with the exchange in front, ``NSE:INFY``.
        type: equity, index, future or option.
        token: the broker's identifier, unique within the exchange's venue.
        broker_symbol: the broker's own spelling, ``INFY-EQ``.
        name: the company's or the contract's name, where the broker gives one.
        underlying: what a derivative is on, ``NIFTY``.
        expiry: the last trading day of a derivative.
        strike: rupees.
        right: ``CE`` or ``PE``.
        lot_size: units in a lot; orders are multiples of it.
        tick_size: rupees; prices are multiples of it. ``None`` where the broker gives none.
        freeze_quantity: the largest single order in units, where known.
        series: the exchange's series, ``EQ``, where there is one.
        isin: the security's ISIN, where the broker gives one.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "symbol", "type", "expiry", "strike", "right", "lot_size", "tick_size", "token",
        "broker_symbol",
    )  # fmt: skip

    exchange: Exchange
    symbol: str
    type: InstrumentType
    token: str
    broker_symbol: str
    name: str = ""
    underlying: str | None = None
    expiry: dt.date | None = None
    strike: Decimal | None = None
    right: Right | None = None
    lot_size: int = 1
    tick_size: Decimal | None = None
    freeze_quantity: int | None = None
    series: str | None = None
    isin: str | None = None

    @property
    def venue(self) -> Exchange:
        """The segment under which the broker knows the token."""
        return self.exchange.venue

    @property
    def is_derivative(self) -> bool:
        return self.type in (InstrumentType.FUTURE, InstrumentType.OPTION)


@frozen(kw_only=True)
class InstrumentRow(Record):
    """Base of rows that a broker gives about an instrument.

    ``exchange``, ``token`` and ``broker_symbol`` are what the broker said, ``None`` where it said
    nothing that the schema knows. ``instrument`` is filled in from the master and stays ``None``
    where the master lacks it (expired, foreign). ``vendor`` is the broker's row, untouched.
    """

    exchange: Exchange | None = None
    token: str | None = None
    broker_symbol: str | None = None
    instrument: Instrument | None = None
    vendor: Mapping[str, Any] = field(factory=dict, converter=freeze, eq=False, hash=False)

    @property
    def symbol(self) -> str:
        """The common symbol; the broker's own spelling where the master lacks the instrument."""
        if self.instrument is not None:
            return self.instrument.symbol
        return self.broker_symbol or "?"
