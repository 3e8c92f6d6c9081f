"""Who trades how much at what price: pure functions of an order's terms and a book.

An order that comes to the market takes the levels it reaches, best first, at their prices.  One
that waited in the book is traded at its own price, by whoever came to it.  In both cases no fill is
worse than the order's limit and none exceeds what stands in the book.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from attrs import frozen

from openbroker.schemas import Depth, Level, Side


@frozen
class Fill:
    price: Decimal
    quantity: int


def reaches(side: Side, level: Decimal, limit: Decimal | None) -> bool:
    """Whether an order with that limit trades at that level."""
    if limit is None:
        return True
    return level <= limit if side is Side.BUY else level >= limit


def is_triggered(side: Side, trigger: Decimal, last_price: Decimal) -> bool:
    """A buy stop is armed at or above its trigger, a sell stop at or below."""
    return last_price >= trigger if side is Side.BUY else last_price <= trigger


def opposite(depth: Depth, side: Side) -> tuple[Level, ...]:
    """The levels that an order of this side can take."""
    return depth.asks if side is Side.BUY else depth.bids


def sweep(
    side: Side,
    quantity: int,
    limit: Decimal | None,
    levels: Iterable[Level],
    taken: Mapping[Decimal, int],
) -> list[Fill]:
    """The fills of an order that comes to the market now.

    ``taken`` is what earlier orders took of each level.
    """
    fills = []
    for level in levels:
        if quantity <= 0 or not reaches(side, level.price, limit):
            break
        size = min(quantity, level.quantity - taken.get(level.price, 0))
        if size > 0:
            fills.append(Fill(level.price, size))
            quantity -= size
    return fills


def at_own_price(fills: Iterable[Fill], limit: Decimal | None) -> list[Fill]:
    """The same fills for an order that was waiting with a limit."""
    return [Fill(fill.price if limit is None else limit, fill.quantity) for fill in fills]
