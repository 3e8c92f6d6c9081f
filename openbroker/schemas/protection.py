"""How far a market order may slip, and who holds it there.

A *broker's* protection (per cent, or ``"broker"``) travels with the order and the broker keeps to
it.  :class:`AsLimit` is the caller's word that openbroker may turn the order into a priced one
before it leaves, which is the only way where a broker takes no market orders by API.  It is never
done unasked.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import field, frozen

from openbroker.errors import InvalidOrder
from openbroker.schemas.convert import Number, plain, to_money

MOST = Decimal(25)
"""Per cent. Wider than any price band of a traded share is no protection but a slip of the pen."""


def _as_percent(value: Number) -> Decimal:
    percent = to_money(value, name="AsLimit")
    if percent is None or not 0 < percent <= MOST:
        raise InvalidOrder(
            f"AsLimit({value}) is not a percentage above 0 and at most {plain(MOST)}"
        )
    return percent


@frozen
class AsLimit:
    """Send a MARKET order as a LIMIT order, and an SL-M as an SL, at most so far from its price.

    The limit of a MARKET order lies ``percent`` beyond the last price, read just before it is
    placed (above it for a BUY, below it for a SELL) and within the day's price band where the
    broker tells it; that of an SL-M order lies ``percent`` beyond its trigger. It is rounded to the
    tick on the safe side. What is left unfilled rests in the book: look at ``broker.order(ack)``.

    Attributes:
        percent: above 0, at most 25.

    Raises:
        InvalidOrder: it is not such a number.

    >>> broker.place_order("NSE:INFY", "BUY", 10, order_type="MARKET", product="MIS",
    ...                    market_protection=ob.AsLimit(1))
    """

    percent: Decimal = field(converter=_as_percent)


Protection: TypeAlias = Decimal | Literal["broker"] | AsLimit | None
"""What an order holds."""
ProtectionLike: TypeAlias = Number | Literal["broker"] | AsLimit | None
"""What a caller may write for it."""


def as_protection(value: ProtectionLike) -> Protection:
    if isinstance(value, AsLimit):
        return value
    return "broker" if value == "broker" else to_money(value, name="market_protection")
