"""Rules with a target and a stop, where vendors number their legs.

Vendors tell the legs of such a rule by number, by height or by a name, and the names contradict
one another between the pages of one vendor.  Which leg is which follows from the rule's side and
the two trigger prices: a SELL takes its profit above and its loss below, a BUY the other way round.
So every adapter reads and writes its legs through here, and none trusts the vendor's order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeAlias

from attrs import frozen

from openbroker.adapters.wire import Row, Source, to_decimal
from openbroker.errors import InvalidOrder
from openbroker.schemas import Gtt, GttLeg, GttRequest, Side


@frozen(kw_only=True)
class VendorLeg:
    """A leg as a row tells it, in the vendor's own figures."""

    trigger_price: object
    price: object
    quantity: object


LegsOf: TypeAlias = Callable[[Row], Sequence[VendorLeg]]
"""From a row: its legs, in the vendor's order; one of them where the rule has no stop."""


def leg_sources(legs_of: LegsOf, side_of: Callable[[Row], Side | None]) -> dict[str, Source]:
    """Where the figures of a :class:`Gtt` come from; with a side that is not known, from nowhere
    in a rule with two legs."""

    def figure(of_stop: bool, name: str) -> Source:
        def source(row: Row) -> object:
            leg = _told(legs_of(row), side_of(row))[of_stop]
            return None if leg is None else getattr(leg, name)

        return source

    def quantity(row: Row) -> object:
        counts = {to_decimal(leg.quantity) for leg in legs_of(row)}
        return counts.pop() if len(counts) == 1 else None

    return {
        "quantity": quantity,
        "price": figure(False, "price"),
        "trigger_price": figure(False, "trigger_price"),
        "stop_price": figure(True, "price"),
        "stop_trigger_price": figure(True, "trigger_price"),
    }


def _told(
    legs: Sequence[VendorLeg], side: Side | None
) -> tuple[VendorLeg | None, VendorLeg | None]:
    """The target, or the only leg; and the stop."""
    if len(legs) == 1:
        return legs[0], None
    triggers = {to_decimal(leg.trigger_price): leg for leg in legs}
    heights = sorted(trigger for trigger in triggers if trigger is not None)
    if side is None or len(heights) != 2:
        return None, None
    lower, upper = (triggers[height] for height in heights)
    return (upper, lower) if side is Side.SELL else (lower, upper)


def upper_first(rule: GttRequest | Gtt) -> list[GttLeg]:
    """A rule's legs, the one that waits above the price before the one below."""
    return sorted(rule.legs, key=lambda leg: leg.trigger_price, reverse=True)


def kept_quantities(rule: Gtt, legs_of: LegsOf) -> list[object]:
    """What a change leaves of the vendor's own counts, upper leg first."""
    legs = legs_of(rule.vendor)
    return [
        leg.quantity
        for leg in sorted(legs, key=lambda leg: to_decimal(leg.trigger_price) or 0, reverse=True)
    ]


def check_between(rule: GttRequest | Gtt, last_price: Decimal) -> None:
    """Raises ``InvalidOrder`` if one of two legs would be sent at once."""
    if not rule.is_oco:
        return
    upper, lower = (leg.trigger_price for leg in upper_first(rule))
    if not lower < last_price < upper:
        raise InvalidOrder(
            f"the last price {last_price} is not between the trigger prices {lower} and {upper}, "
            "so one of the orders would be sent at once"
        )
