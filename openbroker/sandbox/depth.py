"""The book around the price, made up.

Twenty levels a side at fixed distances from the last price, of a size that depends on the seed, the
instrument and the second.  Nothing stands outside the day's circuits.  Orders of the sandbox's
accounts meet this book, never one another.
"""

from __future__ import annotations

from decimal import Decimal

from openbroker.sandbox.market import NO_TICK
from openbroker.sandbox.randomness import key_of, mix, share
from openbroker.schemas import Depth, Instrument, InstrumentType, Level, Side

LEVELS = 20
SHOWN = 5
STEP = 0.0001
"""Distance between two levels, as a share of the price; at least a tick."""
LEVEL_RUPEES = 300_000.0


def synthesise(
    instrument: Instrument,
    price: Decimal,
    circuits: tuple[Decimal, Decimal],
    *,
    seed: int,
    moment: int,
) -> Depth:
    """The book of one second.

    ``moment`` is the second's number (any integer that names it).
    """
    if instrument.type is InstrumentType.INDEX:
        return Depth()
    key = mix(key_of("depth", seed, instrument.venue, instrument.token), moment)
    return Depth(
        bids=_levels(instrument, price, circuits, side=Side.BUY, key=key),
        asks=_levels(instrument, price, circuits, side=Side.SELL, key=key ^ 0x5E11),
    )


def shown(depth: Depth) -> Depth:
    """What a quote tells of it."""
    return Depth(bids=depth.bids[:SHOWN], asks=depth.asks[:SHOWN])


def _levels(
    instrument: Instrument,
    price: Decimal,
    circuits: tuple[Decimal, Decimal],
    *,
    side: Side,
    key: int,
) -> tuple[Level, ...]:
    tick = instrument.tick_size or NO_TICK
    step = tick * max(1, round(float(price) * STEP / float(tick)))
    signed = step if side is Side.SELL else -step
    low, high = circuits
    prices = (price + signed * i for i in range(1, LEVELS + 1))
    return tuple(
        Level(price=level, quantity=quantity, orders=1 + quantity // instrument.lot_size % 9)
        for i, level in enumerate(prices)
        if low <= level <= high
        for quantity in (_size(instrument, price, share(key, i)),)
    )


def _size(instrument: Instrument, price: Decimal, luck: float) -> int:
    lots = max(1.0, LEVEL_RUPEES / (float(price) * instrument.lot_size))
    return max(1, round(lots * (0.3 + 1.4 * luck))) * instrument.lot_size
