"""What an order or a GTT rule can ask of Upstox as to its price.

*Market protection*: a MARKET or SL-M order goes out with a percentage, or with -1 for a band of
Upstox's choice (Market Price Protection, 2026-03-11); without one it is refused (UDAPI1158, since
2026-04-01).  A change to MARKET or SL-M says it likewise (Modify Order V3, 2026-11).

*Rules* are legs: ENTRY, and with type MULTIPLE a TARGET and a STOPLOSS that close what ENTRY
opened.  That is no OCO, whose two orders close what is open already: without an ENTRY there is no
rule.  So rules with one leg are made and changed here, an OCO is refused; rules with several legs
are read (the ENTRY's side, trigger and status) and can be taken back.

A leg has a trigger and no price.  Its order is a LIMIT at the trigger price, and since 2025-08-04
Upstox moves that price by a band of its own (community.upstox.com, MPP Extended to GTT Orders)
unless the leg says ``market_protection: 0``, as the samples of Place GTT Order and of the official
client do (2026).  So the price has to be the trigger price, and the 0 is always sent: a band that
nobody asked for would be another price.  Others report that 0 is refused since market orders are;
if so, the refusal is passed on.

Upstox does not tell which band a rule has, so a change has to name its price again.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from openbroker.adapters.upstox_tables import ENTRY
from openbroker.adapters.wire import json_number
from openbroker.errors import InvalidOrder, Unsupported
from openbroker.schemas import Gtt, GttChange, GttRequest, OrderType
from openbroker.schemas.orders import Protection

MOST_PROTECTION = 25
BROKERS_BAND = -1
NO_BAND = 0
"""``market_protection``: at most so many per cent; let Upstox choose; the price as it is told."""

SINGLE = "SINGLE"


def protection_of(asked: Protection) -> dict[str, int | float]:
    """The market protection, as Upstox writes it.

    Raises:
        InvalidOrder: more than Upstox takes.
    """
    if asked is None:
        return {}
    if not isinstance(asked, Decimal):
        return {"market_protection": BROKERS_BAND}
    if not 0 < asked <= MOST_PROTECTION:
        raise InvalidOrder(f"Upstox's market protection is 0 to {MOST_PROTECTION} per cent")
    return {"market_protection": json_number(asked)}


def refuse_unprotected(kind: OrderType, protection: Protection) -> None:
    """Raises ``Unsupported`` for what Upstox refuses since 2026-04-01."""
    if protection is None and not kind.has_price:
        raise Unsupported(
            f"Upstox takes no {kind} order without a market protection (UDAPI1158, since "
            "2026-04-01): pass market_protection='broker' or a percentage, or use a LIMIT order"
        )


def refuse_what_a_rule_cannot(rule: GttRequest) -> None:
    """Raises ``Unsupported`` for what Upstox's rules do not have."""
    if rule.disclosed_quantity is not None or rule.valid_days is not None:
        raise Unsupported("Upstox's rules show the whole order and last for a year")
    _check_price(rule.price, rule.trigger_price)


def refuse_what_a_change_cannot(rule: Gtt, change: GttChange) -> None:
    """Raises ``Unsupported`` for what a change to a rule cannot say."""
    if rule.vendor.get("type") != SINGLE:
        raise Unsupported(f"rule {rule.gtt_id} has several legs: change it in Upstox's own app")
    if change.disclosed_quantity is not None:
        raise Unsupported("a rule shows the whole order; change its price or quantity")
    _check_price(change.price, change.trigger_price or rule.trigger_price)


def _check_price(price: Decimal | None, trigger: Decimal | None) -> None:
    if trigger is None or price != trigger:
        raise Unsupported(
            f"Upstox sends a rule's order at its trigger price ({trigger}) and takes no other: "
            "pass the same as price"
        )


def new_rule(trigger: Decimal, last_price: Decimal) -> dict[str, Any]:
    """The type and the leg of a new rule.

    Raises:
        InvalidOrder: the trigger is the last price.
    """
    return _rule(trigger, _direction(trigger, last_price))


def changed_rule(rule: Gtt, change: GttChange, last_price: Decimal | None) -> dict[str, Any]:
    """The type and the leg of a rule as it shall be.

    A trigger that stays keeps its direction, whatever the last price is by now.

    Raises:
        InvalidOrder: the new trigger is the last price.
        Unsupported: it is not told on which side of the price the rule waits.
    """
    if change.trigger_price is None or last_price is None:
        return _rule(rule.trigger_price or Decimal(0), _direction_of(rule))
    return new_rule(change.trigger_price, last_price)


def _rule(trigger: Decimal, direction: str) -> dict[str, Any]:
    leg = {
        "strategy": ENTRY,
        "trigger_type": direction,
        "trigger_price": json_number(trigger),
        "market_protection": NO_BAND,
    }
    return {"type": SINGLE, "rules": [leg]}


def _direction(trigger: Decimal, last_price: Decimal) -> str:
    if trigger == last_price:
        raise InvalidOrder(
            f"the trigger_price {trigger} is the last price, so the rule would wait for nothing; "
            "place a LIMIT order"
        )
    return "ABOVE" if trigger > last_price else "BELOW"


def _direction_of(rule: Gtt) -> str:
    legs = rule.vendor.get("rules")
    leg = legs[0] if isinstance(legs, (list, tuple)) and legs else None
    direction = leg.get("trigger_type") if isinstance(leg, Mapping) else None
    if not isinstance(direction, str):
        raise Unsupported(f"Upstox does not tell when rule {rule.gtt_id} is triggered")
    return direction
