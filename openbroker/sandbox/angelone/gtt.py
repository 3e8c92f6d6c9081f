"""GTT routes: rules that place an order when a price is reached.

Source: the documentation's page GTT and its codes AB9003 to AB9018.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

import attrs

from openbroker.sandbox.angelone import words
from openbroker.sandbox.angelone.desk import Desk
from openbroker.sandbox.angelone.fields import Body, rupees, text, whole
from openbroker.sandbox.angelone.replies import Refuse
from openbroker.sandbox.conditional import NoSuchRule, PriceRule, RuleStatus
from openbroker.sandbox.json_replies import figure
from openbroker.sandbox.orders import Ticket
from openbroker.schemas import Exchange, Instrument, OrderType, Product

T = TypeVar("T")

EXCHANGES = {"NSE": Exchange.NSE, "BSE": Exchange.BSE}
PRODUCTS = {"DELIVERY": Product.CNC, "MARGIN": Product.MTF}
MOST_DAYS = 365
MOST_COUNT = 100
STATUS_WORDS = {
    RuleStatus.NEW: "NEW",
    RuleStatus.FIRED: "SENTTOEXCHANGE",
    RuleStatus.CANCELLED: "CANCELLED",
    RuleStatus.EXPIRED: "CANCELLED",
}
LISTED = ("NEW", "CANCELLED", "ACTIVE", "SENTTOEXCHANGE", "FORALL")
ERRORS: Mapping[str, str] = {
    "AB9004": "Invalid status array size",
    "AB9006": "Invalid quantity",
    "AB9007": "Invalid disclosed quantity",
    "AB9008": "Invalid price",
    "AB9009": "Invalid trigger price",
    "AB9010": "Invalid exchange segment",
    "AB9011": "Invalid symbol token",
    "AB9012": "Invalid trading symbol",
    "AB9013": "Invalid rule id",
    "AB9014": "Invalid order side",
    "AB9015": "Invalid product type",
    "AB9016": "Invalid time period",
    "AB9017": "Invalid page value",
    "AB9018": "Invalid count value",
}


def _refuse(code: str) -> Refuse:
    return Refuse(code, ERRORS[code])


def _read(code: str, reader: Callable[..., T], *arguments: Any) -> T:
    """What the reader reads; what it refuses has a code of its own here."""
    try:
        return reader(*arguments)
    except Refuse:
        raise _refuse(code) from None


def _positive(code: str, amount: Decimal) -> Decimal:
    if amount <= 0:
        raise _refuse(code)
    return amount


def create(desk: Desk, account: str, body: Body) -> dict[str, int]:
    """Route 21."""
    instrument = _instrument(desk, body)
    if text(body, "tradingsymbol", "") != instrument.broker_symbol:
        raise _refuse("AB9012")
    ticket = Ticket(
        instrument=instrument,
        side=_word(body, "transactiontype", words.SIDES, "AB9014"),
        quantity=_quantity(body),
        order_type=OrderType.LIMIT,
        product=_word(body, "producttype", PRODUCTS, "AB9015"),
        price=_price(body),
        disclosed_quantity=_disclosed(body),
        label={"variety": "NORMAL"},
    )
    days = _read("AB9016", whole, body, "timeperiod", str(MOST_DAYS))
    if not 1 <= days <= MOST_DAYS:
        raise _refuse("AB9016")
    return {"id": desk.rules_of_price.create(account, [(ticket, _trigger(body))], days).rule_id}


def modify(desk: Desk, account: str, body: Body) -> dict[str, int]:
    """Route 22."""
    rule = _own(desk, account, body)
    ticket = attrs.evolve(
        rule.ticket,
        price=_price(body),
        quantity=_quantity(body),
        disclosed_quantity=_disclosed(body),
    )
    try:
        desk.rules_of_price.replace(account, rule.rule_id, [(ticket, _trigger(body))])
    except NoSuchRule:
        raise _refuse("AB9013") from None
    return {"id": rule.rule_id}


def cancel(desk: Desk, account: str, body: Body) -> dict[str, int]:
    """Route 23."""
    rule = _own(desk, account, body)
    try:
        desk.rules_of_price.cancel(account, rule.rule_id)
    except NoSuchRule:
        raise _refuse("AB9013") from None
    return {"id": rule.rule_id}


def details(desk: Desk, account: str, body: Body) -> dict[str, Any]:
    """Route 24."""
    return rule_row(_rule(desk, account, body))


def listing(desk: Desk, account: str, body: Body) -> list[dict[str, Any]] | None:
    """Route 25: a page of the rules in the given states."""
    states = body.get("status")
    if not isinstance(states, list) or not states or any(s not in LISTED for s in states):
        raise _refuse("AB9004")
    page = _read("AB9017", whole, body, "page")
    count = _read("AB9018", whole, body, "count")
    if page < 1:
        raise _refuse("AB9017")
    if not 1 <= count <= MOST_COUNT:
        raise _refuse("AB9018")
    # NEW and ACTIVE are one state here: a rule is on guard as soon as it is made.
    wanted = {"NEW" if state == "ACTIVE" else state for state in states}
    rows = [
        rule_row(rule)
        for rule in desk.rules_of_price.rules(account)
        if "FORALL" in wanted or STATUS_WORDS[rule.status] in wanted
    ]
    return rows[(page - 1) * count : page * count] or None


def rule_row(rule: PriceRule) -> dict[str, Any]:
    ticket = rule.ticket
    created, updated, expires = (
        moment.isoformat(timespec="milliseconds")
        for moment in (rule.created_at, rule.updated_at, rule.expires_at)
    )
    return {
        "stoplossprice": 0.0,
        "stoplosstriggerprice": 0.0,
        "gttType": "GENERIC",
        "status": STATUS_WORDS[rule.status],
        "createddate": created,
        "updateddate": updated,
        "expirydate": expires,
        "clientid": rule.account,
        "tradingsymbol": ticket.instrument.broker_symbol,
        "symboltoken": ticket.instrument.token,
        "exchange": ticket.instrument.venue.value,
        "producttype": words.PRODUCT_WORDS[ticket.product],
        "transactiontype": ticket.side.value,
        "price": figure(ticket.price),
        "qty": ticket.quantity,
        "triggerprice": figure(rule.trigger),
        "disclosedqty": ticket.disclosed_quantity,
        "id": rule.rule_id,
    }


def _word(body: Body, name: str, table: Mapping[str, T], code: str) -> T:
    found = table.get(_read(code, text, body, name, ""))
    if found is None:
        raise _refuse(code)
    return found


def _instrument(desk: Desk, body: Body) -> Instrument:
    exchange = _word(body, "exchange", EXCHANGES, "AB9010")
    token = _read("AB9011", text, body, "symboltoken", "")
    instrument = desk.exchange.market.find(exchange, token)
    if instrument is None:
        raise _refuse("AB9011")
    return instrument


def _quantity(body: Body) -> int:
    return int(_positive("AB9006", Decimal(_read("AB9006", whole, body, "qty"))))


def _price(body: Body) -> Decimal:
    return _positive("AB9008", _read("AB9008", rupees, body, "price"))


def _trigger(body: Body) -> Decimal:
    return _positive("AB9009", _read("AB9009", rupees, body, "triggerprice"))


def _disclosed(body: Body) -> int:
    """At most the whole; the manual's own samples disclose all of it."""
    shown = _read("AB9007", whole, body, "disclosedqty", "0")
    if shown > _quantity(body):
        raise _refuse("AB9007")
    return 0 if shown == _quantity(body) else shown


def _rule(desk: Desk, account: str, body: Body) -> PriceRule:
    number = _read("AB9013", whole, body, "id")
    try:
        return desk.rules_of_price.rule(account, number)
    except NoSuchRule:
        raise _refuse("AB9013") from None


def _own(desk: Desk, account: str, body: Body) -> PriceRule:
    """The rule meant, whose instrument has to be the one given."""
    rule = _rule(desk, account, body)
    if _instrument(desk, body) is not rule.ticket.instrument:
        raise _refuse("AB9011")
    return rule
