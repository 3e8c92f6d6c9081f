"""Figures about instruments that some brokers compute: greeks, movers, ratios, cautions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from attrs import frozen

from openbroker.schemas.enums import Right
from openbroker.schemas.instrument import InstrumentRow


@frozen(kw_only=True)
class Greeks(InstrumentRow):
    """An option's sensitivities as the broker computes them; volatility in per cent a year."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "symbol", "delta", "gamma", "theta", "vega", "implied_volatility", "volume",
    )  # fmt: skip

    underlying: str | None = None
    expiry: dt.date | None = None
    strike: Decimal | None = None
    right: Right | None = None
    delta: Decimal | None = None
    gamma: Decimal | None = None
    theta: Decimal | None = None
    vega: Decimal | None = None
    implied_volatility: Decimal | None = None
    volume: Decimal | None = None


@frozen(kw_only=True)
class Mover(InstrumentRow):
    """A contract whose price or open interest moved. Interest is in units."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "symbol", "last_price", "change", "change_percent", "open_interest",
        "open_interest_change",
    )  # fmt: skip

    last_price: Decimal | None = None
    change: Decimal | None = None
    change_percent: Decimal | None = None
    open_interest: Decimal | None = None
    open_interest_change: Decimal | None = None


@frozen(kw_only=True)
class PutCallRatio(InstrumentRow):
    """Open puts to open calls of an underlying, told by one of its contracts."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("symbol", "ratio")

    ratio: Decimal | None = None


@frozen(kw_only=True)
class Caution(InstrumentRow):
    """A security that the exchange cautions against."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("symbol", "message")

    message: str | None = None


@frozen(kw_only=True)
class Leverage(InstrumentRow):
    """How many times its margin may be traded intraday."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("symbol", "multiplier")

    multiplier: Decimal | None = None
