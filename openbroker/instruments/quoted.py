"""An option chain with its prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import ClassVar

import attrs
from attrs import frozen

from openbroker.instruments.chains import ChainRow, Expiry, OptionChain
from openbroker.instruments.store import InstrumentStore
from openbroker.schemas import Exchange, Instrument, Quote


@frozen(kw_only=True)
class QuotedRow(ChainRow):
    """One strike with what its call and put last traded at; ``None`` where there is no quote."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "ce_offset", "ce_open_interest", "ce_price", "strike", "pe_price", "pe_open_interest",
        "pe_offset",
    )  # fmt: skip

    ce_quote: Quote | None = None
    pe_quote: Quote | None = None

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """Frames hold the prices and the symbols."""
        return (*cls.COLUMNS, "ce_symbol", "pe_symbol")

    @property
    def ce_price(self) -> Decimal | None:
        return self.ce_quote.last_price if self.ce_quote else None

    @property
    def pe_price(self) -> Decimal | None:
        return self.pe_quote.last_price if self.pe_quote else None

    @property
    def ce_open_interest(self) -> int | None:
        return self.ce_quote.open_interest if self.ce_quote else None

    @property
    def pe_open_interest(self) -> int | None:
        return self.pe_quote.open_interest if self.pe_quote else None


def legs_of(chain: OptionChain) -> list[Instrument]:
    """Every call and put of a chain."""
    return [leg for row in chain for leg in (row.ce, row.pe) if leg is not None]


class QuotedChain(OptionChain):
    """An option chain whose rows are :class:`QuotedRow`."""

    __slots__ = ()

    def __init__(
        self, expiry: Expiry, rows: Iterable[QuotedRow], *, price: Decimal | None = None
    ) -> None:
        super().__init__(expiry, rows, price=price)
        self._kind = QuotedRow


def with_quotes(chain: OptionChain, quotes: Mapping[str, Quote]) -> QuotedChain:
    """The chain with quotes put to its legs, by common symbol."""
    rows = [
        QuotedRow(
            **attrs.asdict(row, recurse=False),
            ce_quote=quotes.get(row.ce_symbol or ""),
            pe_quote=quotes.get(row.pe_symbol or ""),
        )
        for row in chain
    ]
    return QuotedChain(chain.expiry, rows, price=chain.price)


SPOT_EXCHANGES = (
    Exchange.NSE_INDEX, Exchange.BSE_INDEX, Exchange.MCX_INDEX, Exchange.NSE, Exchange.BSE,
)  # fmt: skip


def spot_of(store: InstrumentStore, underlying: str | Instrument) -> Instrument:
    """What a chain's strikes are counted from: the index or the share, else the nearest future.

    Raises:
        InstrumentNotFound: nothing of that name is listed.
    """
    if isinstance(underlying, Instrument):
        underlying = underlying.underlying or underlying.symbol
    name = underlying.rpartition(":")[2].upper()
    for exchange in SPOT_EXCHANGES:
        spot = store.by_symbol(f"{exchange.value}:{name}")
        if spot is not None:
            return spot
    return store.futures(underlying)[0]
