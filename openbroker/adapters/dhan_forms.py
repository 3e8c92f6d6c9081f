"""What Dhan's requests and replies look like where a table of spellings is not enough.

Pure functions: the legs of super orders and forever orders, refusals in their several shapes,
quotes and candles.  Sources and dates as in :mod:`openbroker.adapters.dhan`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import attrs

from openbroker.adapters.base import only_tagged
from openbroker.adapters.dhan_tables import CANDLE, INDICES, SEGMENTS, WIRE, rule_rows
from openbroker.adapters.wire import json_number, json_value, printable, to_decimal, to_id
from openbroker.errors import InvalidOrder, MalformedReply, OrderNotFound, Unsupported, UsageError
from openbroker.schemas import (
    Exchange,
    Gtt,
    GttChange,
    GttRequest,
    Instrument,
    Order,
    OrderChange,
    OrderRequest,
    OrderType,
    Product,
    Side,
    Validity,
)

ENTRY, TARGET, STOP = LEGS = ("ENTRY_LEG", "TARGET_LEG", "STOP_LOSS_LEG")
SINGLE, OCO = "SINGLE", "OCO"

# -- orders

ALWAYS: Final[Mapping[str, Any]] = {
    "disclosedQuantity": 0,
    "price": 0,
    "triggerPrice": 0,
    "afterMarketOrder": False,
}
"""Fields that an order has even where they say nothing."""

REPEATED: Final = (
    "orderType", "quantity", "price", "disclosedQuantity", "triggerPrice", "validity",
)  # fmt: skip
"""The state that a modification states anew."""

NO_LEG: Final = ("orderType", "validity", "afterMarketOrder", "disclosedQuantity")
"""Fields of an order that the margin calculator does not ask for."""

NO_SUPER: Final = ("validity", "disclosedQuantity", "afterMarketOrder", "triggerPrice")
"""Fields of an order that a super order has not."""


def refuse_stop_market(kind: OrderType | None) -> None:
    """Raises ``Unsupported`` for the stop that Dhan does not let rest."""
    if kind is OrderType.SL_M:
        raise Unsupported(
            "Dhan fills an SL-M order at once as a limit or refuses it (since 2026-04-01): place "
            "an SL order with a price beyond its trigger"
        )


def changed_order(row: Mapping[str, Any], kind: OrderType | None, fields: Mapping[str, Any]) -> Any:
    """An order's whole new state: what its row says, and what changes."""
    body = {key: json_value(row.get(key)) for key in REPEATED} | dict(fields)
    if kind is not None and not kind.has_price:
        body["price"] = 0
    if kind is not None and not kind.has_trigger:
        body["triggerPrice"] = 0
    return body


def margin_leg(order: OrderRequest, fields: Mapping[str, Any]) -> dict[str, Any]:
    """An order as the margin calculator takes it."""
    if order.is_bracket:
        raise Unsupported("Dhan tells no margin of super orders; ask for the entry alone")
    leg = {"price": 0, "triggerPrice": 0} | dict(fields)
    return {name: value for name, value in leg.items() if name not in NO_LEG}


# -- super orders, which are our brackets


def super_order(order: OrderRequest, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A bracket with the prices of its legs, which the schema tells as distances.

    Raises:
        Unsupported: what a super order has no field for.
        InvalidOrder: the stop would be at or below zero.
    """
    if order.validity is not Validity.DAY or order.disclosed_quantity or order.after_market:
        raise Unsupported("Dhan's super orders are for the day, wholly shown and not after-market")
    price, ahead, behind = order.price, order.bracket_target, order.bracket_stop
    assert price is not None, "a bracket is a LIMIT order"
    assert ahead is not None, "a bracket has both distances"
    assert behind is not None, "a bracket has both distances"
    target, stop = price + ahead, price - behind
    if order.side is Side.SELL:
        target, stop = price - ahead, price + behind
    if min(target, stop) <= 0:
        raise InvalidOrder(f"the bracket of {order.symbol} reaches below zero")
    legs = {
        "targetPrice": json_number(target),
        "stopLossPrice": json_number(stop),
        "trailingJump": json_number(order.bracket_trail or Decimal(0)),
    }
    return {name: value for name, value in fields.items() if name not in NO_SUPER} | legs


def super_of(rows: object, order_id: str) -> Mapping[str, Any] | None:
    """The super order that an order is, or is a leg of.

    Raises:
        MalformedReply: it is no list of objects.
    """
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise MalformedReply("the super orders are no list of objects")
    for row in rows:
        legs = row.get("legDetails")
        parts = [row, *(leg for leg in legs or () if isinstance(leg, Mapping))]
        if order_id in {to_id(part.get("orderId")) for part in parts}:
            found: Mapping[str, Any] = row
            return found
    return None


def entry_of(orders: Sequence[Order], wire_tag: str) -> Order | None:
    """The order with a tag; of a super order, whose legs may repeat the tag, its entry.

    Raises:
        MalformedReply: several orders carry it, and nothing says which is meant.
    """
    tagged = [order for order in orders if order.wire_tag == wire_tag]
    entries = [order for order in tagged if order.handle.get("legName") == ENTRY]
    return only_tagged(entries or tagged, wire_tag)


def changed_super(
    row: Mapping[str, Any], leg: str, change: OrderChange, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """The new state of one leg of a super order.

    The entry's restates both others, because what is left out is taken back.

    Raises:
        Unsupported: the leg has no such field.
        MalformedReply: the row does not tell what has to be restated.
    """
    given = {name for name, value in attrs.asdict(change).items() if value is not None}
    if given - CHANGEABLE[leg]:
        asked, offered = ", ".join(sorted(given)), ", ".join(sorted(CHANGEABLE[leg]))
        raise Unsupported(f"of a super order's {leg} only {offered} can change, not {asked}")
    if leg == TARGET:
        return {"targetPrice": fields["price"]}
    stop = _leg(row, STOP)
    trail = {"trailingJump": _told(stop, "trailingJump")}
    if leg == STOP:
        return {"stopLossPrice": fields["triggerPrice"]} | trail
    kept = {key: _told(row, key) for key in ("orderType", "quantity", "price")}
    legs = {
        "targetPrice": _told(_leg(row, TARGET), "price"),
        "stopLossPrice": _told(stop, "price"),
    }
    return kept | legs | trail | dict(fields)


CHANGEABLE: Final[Mapping[str, frozenset[str]]] = {
    ENTRY: frozenset({"quantity", "price"}),
    TARGET: frozenset({"price"}),
    STOP: frozenset({"trigger_price"}),
}


def _leg(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    legs = row.get("legDetails")
    for leg in legs if isinstance(legs, list) else ():
        if isinstance(leg, Mapping) and leg.get("legName") == name:
            return leg
    raise MalformedReply(f"a super order's row has no {name}")


def _told(row: Mapping[str, Any], key: str) -> object:
    value = json_value(row.get(key))
    if value is None:
        raise MalformedReply(f"a super order's row does not tell its {key}")
    return value


# -- forever orders, which are our GTT rules

SHARES: Final = frozenset({Product.CNC, Product.MTF})
FOREVER: Final[Mapping[Exchange, frozenset[Product]]] = {
    Exchange.NSE: SHARES,
    Exchange.BSE: SHARES,
    Exchange.NFO: frozenset({Product.NRML}),
    Exchange.BFO: frozenset({Product.NRML}),
}
"""Where Dhan takes forever orders, and as what. Of products the page names CNC and MTF alone, of
segments the derivatives too, whose only product that is carried is MARGIN; rows show it."""

SECOND_LEG: Final[Mapping[str, Any]] = {"price1": 0, "triggerPrice1": 0, "quantity1": 0}
"""A rule with one leg states that there is no second."""

LIMIT_FOR_THE_DAY: Final[Mapping[str, str]] = {"orderType": "LIMIT", "validity": "DAY"}


def forever_order(rule: GttRequest, oco_first: str = "") -> dict[str, Any]:
    """A forever order; of two legs the first is the ``stop`` or the ``target``.

    Raises:
        Unsupported: another segment or product, a time after which the rule ends, or two legs whose
            order is not told.
    """
    products = FOREVER.get(rule.target.exchange, frozenset())
    if rule.product not in products:
        offered = ", ".join(sorted(products)) or "none there"
        raise Unsupported(f"Dhan's forever orders on {rule.target.exchange} take {offered}")
    if rule.valid_days is not None:
        raise Unsupported("how long a forever order stays is Dhan's choice")
    always = {"orderFlag": SINGLE, "disclosedQuantity": 0, **LIMIT_FOR_THE_DAY, **SECOND_LEG}
    return always | WIRE.dump(rule) | (_two_legs(rule, oco_first) if rule.is_oco else {})


def _two_legs(rule: GttRequest, oco_first: str) -> dict[str, Any]:
    if not oco_first:
        raise Unsupported(
            "Dhan's pages contradict one another about which leg of an OCO stands first, and the "
            "wrong one would be sent at once: try it with one share and a far price, then connect "
            "with oco_first='stop' (the fields of Create Forever Order) or oco_first='target' (the "
            "names of the legs)"
        )
    target, stop = rule.legs
    first, second = (stop, target) if oco_first == "stop" else (target, stop)
    return {
        "orderFlag": OCO,
        "price": json_number(first.price),
        "triggerPrice": json_number(first.trigger_price),
        "price1": json_number(second.price),
        "triggerPrice1": json_number(second.trigger_price),
        "quantity1": rule.quantity,
    }


def changed_forever(rule: Gtt, change: GttChange) -> dict[str, Any]:
    """The new state of a rule, or of the one leg of it that changes.

    Raises:
        Unsupported: a rule whose leg is not known or whose order is no LIMIT, or a change of both
            legs.
    """
    changed, row = rule.changed(change), rule.vendor
    flag, leg = rule.handle.get("orderFlag"), rule.handle.get("legName")
    now = (changed.price, changed.trigger_price)
    if rule.is_oco:
        row, now = _leg_that_changes(rule, changed, change)
        leg = word_of(row, "legName")
    elif flag == SINGLE:
        leg = TARGET
    if flag not in (SINGLE, OCO) or leg not in (TARGET, STOP):
        raise Unsupported(f"Dhan does not say which leg of rule {rule.gtt_id} this is")
    if None in now:
        raise Unsupported(f"rule {rule.gtt_id} has no price: it is no LIMIT order, change it there")
    prices = dict(zip(("price", "triggerPrice"), map(json_value, now), strict=True))
    kept = {"quantity": json_value(row.get("quantity"))}
    told = {"orderFlag": flag, "legName": leg, **LIMIT_FOR_THE_DAY}
    return told | kept | WIRE.dump(change) | prices


def _leg_that_changes(
    rule: Gtt, changed: Gtt, change: GttChange
) -> tuple[Mapping[str, Any], tuple[Decimal | None, Decimal | None]]:
    """The row of the only leg whose prices change, and these."""
    pairs = [pair for pair in zip(rule.legs, changed.legs, strict=True) if pair[0] != pair[1]]
    if len(pairs) != 1 or change.quantity is not None:
        raise Unsupported(
            "Dhan changes one leg of a rule at a time: change the prices of the target and those "
            "of the stop in two calls, or cancel the rule and make another"
        )
    (before, now), rows = pairs[0], rule_rows(rule.vendor)
    by_trigger = {to_decimal(row.get("triggerPrice")): row for row in rows}
    return by_trigger[before.trigger_price], (now.price, now.trigger_price)


def one_rule(rules: Sequence[Gtt], gtt_id: str) -> Gtt:
    """The rule with an id.

    Raises:
        OrderNotFound: there is none.
    """
    found = {rule.gtt_id: rule for rule in rules}.get(gtt_id)
    if found is None:
        raise OrderNotFound(f"there is no rule {gtt_id}")
    return found


# -- the account


def as_choice(word: str, choices: Sequence[str]) -> str:
    """Raises ``UsageError`` unless it is one of the words."""
    if word.upper() not in choices:
        raise UsageError(f"{word!r:.60} is not one of {', '.join(choices)}")
    return word.upper()


# -- replies


def word_of(data: object, key: str) -> str:
    """What a reply says under a key.

    Raises:
        MalformedReply: nothing.
    """
    word = printable(data.get(key)) if isinstance(data, Mapping) else None
    if word is None:
        raise MalformedReply(f"there are no words @ $.{key}")
    return word


def only(data: object) -> Any:
    """What a reply about one thing holds: the object, or the only one of a list."""
    return (data[0] if data else None) if isinstance(data, list) and len(data) < 2 else data


FAILS: Final = frozenset({"failed", "failure", "error"})


def is_error(body: object) -> bool:
    """Whether a reply is a refusal, whatever its status."""
    if not isinstance(body, Mapping):
        return not isinstance(body, list)
    told = body.get("status")
    word = told.strip().casefold() if isinstance(told, str) else ""
    return bool(body.get("errorCode") or body.get("errorType")) or word in FAILS


def reason_of(body: Mapping[str, Any]) -> tuple[str, str]:
    """A refusal's code and words; trade and market data write them differently."""
    remarks = body.get("remarks")
    told = remarks if isinstance(remarks, Mapping) else body
    code = next(filter(None, (printable(told.get(k)) for k in ("errorCode", "error_code"))), "")
    words = (told.get(k) for k in ("errorMessage", "error_message", "message", "remarks"))
    message = next(filter(None, map(printable, words)), "")
    data = body.get("data")
    if not code and isinstance(data, Mapping) and data:
        first, said = next(iter(data.items()))
        code, message = printable(first) or "", printable(said) or message
    return code, message or "no reason given"


# -- market data


def address(instrument: Instrument) -> tuple[str, str]:
    """The segment and the security id; an index's token names its segment."""
    if instrument.exchange.is_index:
        return INDICES, instrument.token.removeprefix(f"{INDICES}:")
    WIRE.spell(instrument.exchange)
    return SEGMENTS[instrument.exchange], instrument.token


def told(body: object) -> dict[tuple[str, str], Any]:
    """Quotes by segment and security id.

    Raises:
        MalformedReply: they are no object of objects.
    """
    data = body.get("data") if isinstance(body, Mapping) else None
    if not isinstance(data, Mapping):
        raise MalformedReply("the quotes are no object @ $.data")
    rows: dict[tuple[str, str], Any] = {}
    for segment, quotes in data.items():
        if not isinstance(quotes, Mapping):
            raise MalformedReply(f"the quotes are no object @ $.data.{segment}")
        rows |= {(segment, security): row for security, row in quotes.items()}
    return rows


def candle_rows(body: object) -> list[dict[str, Any]]:
    """Rows of what comes as columns.

    Raises:
        MalformedReply: a column is missing, or they differ in length.
    """
    columns = {k: body.get(k) for k in CANDLE} if isinstance(body, Mapping) else {}
    interest = body.get("open_interest") if isinstance(body, Mapping) else None
    if interest:
        columns["open_interest"] = interest
    lists = [column for column in columns.values() if isinstance(column, list)]
    if not lists or len(lists) != len(columns) or len({len(column) for column in lists}) > 1:
        raise MalformedReply("the candles are no columns of one length")
    return [dict(zip(columns, values, strict=True)) for values in zip(*lists, strict=True)]
