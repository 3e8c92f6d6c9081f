"""GTT routes: triggers that place an order when a price is reached, or one of two.

``condition`` and ``orders`` are JSON inside the form.

Source: kite.trade/docs/connect/v3, page GTT, and the published mock replies.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from openbroker.sandbox.conditional import Leg, NoSuchRule, PriceRule, RuleStatus, Terms
from openbroker.sandbox.json_replies import figure
from openbroker.sandbox.orders import Ticket
from openbroker.sandbox.zerodha import asked, words
from openbroker.sandbox.zerodha.asked import Asked, Form
from openbroker.sandbox.zerodha.desk import Desk, lot
from openbroker.sandbox.zerodha.replies import KiteError, bad_input, invalid
from openbroker.schemas import Instrument, OrderType

LEGS = {"single": 1, "two-leg": 2}
DAYS = 365
STATUS_WORDS = {
    RuleStatus.NEW: "active",
    RuleStatus.FIRED: "triggered",
    RuleStatus.CANCELLED: "deleted",
    RuleStatus.EXPIRED: "expired",
}


def create(desk: Desk, account: str, request: Asked) -> dict[str, int]:
    """``POST /gtt/triggers``."""
    rule = desk.rules_of_price.create(account, _terms(desk, request.form), DAYS)
    return {"trigger_id": rule.rule_id}


def modify(desk: Desk, account: str, request: Asked) -> dict[str, int]:
    """``PUT /gtt/triggers/{trigger_id}``: the whole trigger anew."""
    rule, terms = _rule(desk, account, request), _terms(desk, request.form)
    try:
        desk.rules_of_price.replace(account, rule.rule_id, terms)
    except NoSuchRule:
        raise _done() from None
    return {"trigger_id": rule.rule_id}


def delete(desk: Desk, account: str, request: Asked) -> dict[str, int]:
    """``DELETE /gtt/triggers/{trigger_id}``."""
    rule = _rule(desk, account, request)
    try:
        desk.rules_of_price.cancel(account, rule.rule_id)
    except NoSuchRule:
        raise _done() from None
    return {"trigger_id": rule.rule_id}


def one(desk: Desk, account: str, request: Asked) -> dict[str, Any]:
    """``GET /gtt/triggers/{trigger_id}``."""
    return _row(desk, _rule(desk, account, request))


def listing(desk: Desk, account: str, _: Asked) -> list[dict[str, Any]]:
    """``GET /gtt/triggers``."""
    return [_row(desk, rule) for rule in desk.rules_of_price.rules(account)]


def _terms(desk: Desk, form: Form) -> list[Terms]:
    legs = asked.word(form, "type", LEGS)
    condition, orders = _json(form, "condition", dict), _json(form, "orders", list)
    instrument = desk.instrument(
        asked.word(condition, "exchange", words.EXCHANGES), asked.text(condition, "tradingsymbol")
    )
    asked.number("last_price", asked.text(condition, "last_price"))
    triggers = _triggers(condition)
    if len(triggers) != legs or len(orders) != legs:
        raise bad_input(f"A {form['type']} trigger has {legs} trigger values and orders.")
    tickets = [_ticket(instrument, order) for order in orders]
    return list(zip(tickets, triggers, strict=True))


def _json(form: Form, name: str, kind: type) -> Any:
    try:
        value = json.loads(asked.text(form, name))
    except (ValueError, RecursionError):
        raise invalid(name) from None
    if not isinstance(value, kind):
        raise invalid(name)
    return value


def _triggers(condition: Form) -> Sequence[Decimal]:
    values = condition.get("trigger_values")
    if not isinstance(values, list):
        raise invalid("trigger_values")
    found = [asked.number("trigger_values", value) for value in values]
    if any(value <= 0 for value in found):
        raise invalid("trigger_values")
    return found


def _ticket(instrument: Instrument, order: object) -> Ticket:
    if not isinstance(order, dict):
        raise invalid("orders")
    if asked.word(order, "order_type", words.ORDER_TYPES) is not OrderType.LIMIT:
        raise invalid("order_type")
    return Ticket(
        instrument=instrument,
        side=asked.word(order, "transaction_type", words.SIDES),
        quantity=asked.whole(order, "quantity") * lot(instrument),
        order_type=OrderType.LIMIT,
        product=asked.word(order, "product", words.PRODUCTS),
        price=asked.rupees(order, "price"),
        label={"variety": words.REGULAR},
    )


def _rule(desk: Desk, account: str, request: Asked) -> PriceRule:
    number = request.path["trigger_id"]
    try:
        return desk.rules_of_price.rule(account, int(number) if number.isdecimal() else -1)
    except NoSuchRule:
        raise KiteError("GeneralException", "Couldn't find that trigger.", 404) from None


def _done() -> KiteError:
    return KiteError("OrderException", "The trigger is not active.")


def _row(desk: Desk, rule: PriceRule) -> dict[str, Any]:
    created, updated, expires = map(
        words.stamp, (rule.created_at, rule.updated_at, rule.expires_at)
    )
    return {
        "id": rule.rule_id,
        "user_id": rule.account,
        "parent_trigger": None,
        "type": "single" if len(rule.legs) == 1 else "two-leg",
        "created_at": created,
        "updated_at": updated,
        "expires_at": expires,
        "status": STATUS_WORDS[rule.status],
        "condition": {
            "exchange": rule.instrument.venue.value,
            "last_price": figure(desk.exchange.price(rule.instrument), 4),
            "tradingsymbol": rule.instrument.broker_symbol,
            "trigger_values": [figure(leg.trigger, 4) for leg in rule.legs],
            "instrument_token": int(rule.instrument.token),
        },
        "orders": [_order(rule, leg) for leg in rule.legs],
        "meta": {},
    }


def _order(rule: PriceRule, leg: Leg) -> dict[str, Any]:
    ticket = leg.ticket
    order = {
        "exchange": ticket.instrument.venue.value,
        "tradingsymbol": ticket.instrument.broker_symbol,
        "product": ticket.product.value,
        "order_type": ticket.order_type.value,
        "transaction_type": ticket.side.value,
        "quantity": ticket.quantity // lot(ticket.instrument),
        "price": figure(ticket.price, 4),
    }
    return order | {"result": _result(rule, leg, order) if leg.order_id else None}


def _result(rule: PriceRule, leg: Leg, order: dict[str, Any]) -> dict[str, Any]:
    return {
        "account_id": rule.account,
        **order,
        "validity": "DAY",
        "meta": "{}",
        "timestamp": words.stamp(rule.updated_at),
        "triggered_at": figure(leg.trigger, 4),
        "order_result": {"status": "success", "order_id": leg.order_id, "rejection_reason": ""},
    }
