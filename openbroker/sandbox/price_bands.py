"""Market orders as limits: the price to which a band around the last one lets them slip."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from openbroker.schemas import Instrument, Side


def protected_price(
    instrument: Instrument,
    side: Side,
    last_price: Decimal,
    per_cent: Decimal,
    circuits: tuple[Decimal, Decimal],
) -> Decimal:
    """The limit of a market order: inward to the tick, and inside the day's circuits."""
    tick = instrument.tick_size or Decimal("0.05")
    slip = last_price * per_cent / 100
    low, high = circuits
    if side is Side.BUY:
        steps = ((last_price + slip) / tick).to_integral_value(ROUND_FLOOR)
        return min(high, steps * tick)
    steps = ((last_price - slip) / tick).to_integral_value(ROUND_CEILING)
    return max(low, steps * tick)
