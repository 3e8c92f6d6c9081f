"""How far from the last price Angel One lets a MARKET order go: dated data, and what follows.

Source: angelone.in news, *Market Price Protection (MPP) on Angel One*, 2024-12-17; as of 2026-11.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from attrs import frozen

from openbroker.schemas import Exchange, Instrument, InstrumentType, Side

INDICES = frozenset(
    {"NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50", "SENSEX", "BANKEX", "SENSEX50"}
)
"""Underlyings that are indices: their derivatives have narrower bands than those of shares."""


@frozen(kw_only=True)
class Bands:
    """Market price protection in per cent of the last price, as of a day.

    ``options`` are for premiums below 10, to 20, to 50 and above.
    """

    since: dt.date
    source: str
    cash: Decimal
    index_future: Decimal
    stock_future: Decimal
    commodity_future: Decimal
    options: tuple[Decimal, ...]
    stock_options: tuple[Decimal, ...]


BANDS = (
    Bands(
        since=dt.date(2024, 12, 17),
        source="angelone.in news, Market Price Protection (MPP) on Angel One",
        cash=Decimal("0.5"),
        index_future=Decimal("0.5"),
        stock_future=Decimal(1),
        commodity_future=Decimal(1),
        options=(Decimal(20), Decimal(10), Decimal(5), Decimal("2.5")),
        stock_options=(Decimal(40), Decimal(20), Decimal(10), Decimal(5)),
    ),
)
"""The newest last."""

_STEPS = (Decimal(10), Decimal(20), Decimal(50))


def protection_band(instrument: Instrument, last_price: Decimal) -> Decimal | None:
    """The newest band in per cent; ``None`` where none is published."""
    bands = BANDS[-1]
    if instrument.type is InstrumentType.EQUITY:
        return bands.cash
    if instrument.venue in (Exchange.CDS, Exchange.BCD) or not instrument.is_derivative:
        return None
    is_commodity = instrument.venue in (Exchange.MCX, Exchange.NCDEX)
    is_stock = not is_commodity and instrument.underlying not in INDICES
    if instrument.type is InstrumentType.OPTION:
        steps = bands.stock_options if is_stock else bands.options
        return steps[sum(last_price >= step for step in _STEPS)]
    if is_commodity:
        return bands.commodity_future
    return bands.stock_future if is_stock else bands.index_future


def limit_at(side: Side, last_price: Decimal, band: Decimal, tick: Decimal | None) -> Decimal:
    """The worst price of a band, rounded towards the last price to the tick."""
    distance = last_price * band / 100
    worst = last_price + distance if side is Side.BUY else last_price - distance
    if not tick:
        return worst
    rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
    return (worst / tick).to_integral_value(rounding) * tick
