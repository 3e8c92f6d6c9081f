"""Rules good till triggered at Noren's members: an order that is sent once a price is reached.

Sources: zebumyntapi.web.app (OAuth, GTT Order), shoonya.com/api-documentation (GTT Orders) and
pi.flattrade.in/docs (2026-04-07); which word means *above* and which *below* from Zebu's sample and
from rules read back at Flattrade (an integration, 2026-06).  The official Python clients have no
call for them; TradeSmart's page has none either.

What is peculiar:

* The system compares the last price in one direction only, so the direction has to be said, and the
  last price is read first.  It cannot be changed afterwards.
* Success is *OI created*, *OI replaced*, *OI delete success*, in an object or in a list of one.
* The list holds what waits, and nothing else; names in it vary in case.
* A pair of orders of which one cancels the other has routes of its own, and no fields but those of
  its two orders: the first is sent from above, the second from below, whatever each is for.  Its
  orders are wholly shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import quote

import attrs

from openbroker.adapters.noren_routes import ROUTES
from openbroker.adapters.noren_system import SOURCE, Noren, quote_of, refuse_excused
from openbroker.adapters.noren_tables import (
    ABOVE,
    BELOW,
    LOWER,
    TWO_LEGS,
    UPPER,
    WIRE,
    is_two_legged,
    rule_legs,
)
from openbroker.adapters.two_legs import check_between, kept_quantities, upper_first
from openbroker.adapters.wire import printable, to_order_id, to_text
from openbroker.errors import InvalidOrder, MalformedReply, OrderNotFound, Unsupported
from openbroker.schemas import Gtt, GttChange, GttRequest, OrderAck, Session
from openbroker.schemas.convert import plain
from openbroker.transport.messages import Flow, Reply, Request

CREATED = frozenset({"oi created"})
REPLACED = frozenset({"oi replaced", "oi replacedt"})
DELETED = frozenset({"oi delete success", "oi deleted"})
"""Success; the second spellings are the documentation's."""

KEPT_FOR = "CM"
"""Products that a rule takes: what is held overnight."""

REPEATED = ("trantype", "prctyp", "prd", "ret", "qty", "prc", "dscqty")
"""What a modification says again of the rule's order."""

PAIRED = ("tsym", "exch", "trantype", "prctyp", "prd", "ret")
"""What both orders of a pair say."""


@attrs.frozen(kw_only=True)
class NorenGtt(Noren):
    """A member whose documentation has the rules."""

    takes_oco: ClassVar[bool] = True

    def place_gtt(self, session: Session, rule: GttRequest) -> Flow[OrderAck]:
        fields = self._of_rule(rule)
        if rule.is_oco:
            return (yield from self._place_pair(session, rule, fields))
        key = {"exch": fields["exch"], "token": rule.target.token}
        fields |= {"ai_t": (yield from self._way(session, key, rule.trigger_price))}
        reply = yield self._rule_call("place_gtt", session, fields)
        return self._rule_ack(reply, CREATED)

    def modify_gtt(self, session: Session, rule: Gtt, change: GttChange) -> Flow[OrderAck]:
        if is_two_legged(rule.vendor):
            return (yield from self._modify_pair(session, rule, change))
        fields = self._as_it_stands(rule) | self._counted(WIRE, change, rule)
        if change.trigger_price is not None:
            key = {"exch": fields["exch"], "token": rule.token or ""}
            yield from self._same_way(session, key, rule, change.trigger_price)
        reply = yield self._rule_call("modify_gtt", session, fields)
        return self._rule_ack(reply, REPLACED)

    def cancel_gtt(self, session: Session, rule: Gtt) -> Flow[OrderAck]:
        route = ROUTES["cancel_two_legs" if is_two_legged(rule.vendor) else "cancel_gtt"]
        reply = yield self._call("cancel_gtt", session, {"al_id": rule.gtt_id}, route=route)
        return self._rule_ack(reply, DELETED)

    def gtts(
        self,
        session: Session,
        *,
        done: bool = False,  # noqa: ARG002 - the list holds what waits alone
    ) -> Flow[list[Gtt]]:
        return self._rows(Gtt, self._call("gtts", session))

    def gtt(self, session: Session, gtt_id: str) -> Flow[Gtt]:
        found = {rule.gtt_id: rule for rule in (yield from self.gtts(session))}.get(gtt_id)
        if found is None:
            raise OrderNotFound(f"rule {gtt_id} is not among those that wait")
        return found

    # -- pairs

    def _place_pair(
        self, session: Session, rule: GttRequest, fields: Mapping[str, Any]
    ) -> Flow[OrderAck]:
        if rule.disclosed_quantity is not None:
            raise Unsupported(f"{self.title} shows the whole of both orders of a pair")
        yield from self._check_between(session, rule, fields["exch"], rule.target.token)
        fields = self._of_pair(session, rule, fields, [fields["qty"]] * 2)
        reply = yield self._call("place_gtt", session, fields, route=ROUTES["place_two_legs"])
        return self._rule_ack(reply, CREATED)

    def _modify_pair(self, session: Session, rule: Gtt, change: GttChange) -> Flow[OrderAck]:
        if change.disclosed_quantity is not None:
            raise Unsupported(f"{self.title} shows the whole of both orders of a pair")
        changed, fields = rule.changed(change), self._as_it_stands(rule)
        quantities = [to_text(count) or "" for count in kept_quantities(rule, rule_legs)]
        if change.quantity is not None:
            quantities = [self._counted(WIRE, change, rule)["qty"]] * 2
        whole = self._of_pair(session, changed, fields, quantities) | {"al_id": rule.gtt_id}
        yield from self._check_between(session, changed, fields["exch"], rule.token or "")
        reply = yield self._call("modify_gtt", session, whole, route=ROUTES["modify_two_legs"])
        return self._rule_ack(reply, REPLACED)

    def _of_pair(
        self,
        session: Session,
        rule: GttRequest | Gtt,
        fields: Mapping[str, Any],
        quantities: Sequence[str],
    ) -> dict[str, Any]:
        """A pair's fields, the order that is sent from above first."""
        same = {name: fields[name] for name in PAIRED} | SOURCE
        same |= {"uid": session.account, "actid": session.account}
        legs = upper_first(rule)
        orders = [
            same | {"qty": quantity, "prc": plain(leg.price)}
            for quantity, leg in zip(quantities, legs, strict=True)
        ]
        watched = [
            {"d": plain(leg.trigger_price), "var_name": name}
            for name, leg in zip((UPPER, LOWER), legs, strict=True)
        ]
        return {name: fields[name] for name in ("tsym", "exch", "remarks", "validity")} | {
            "ai_t": TWO_LEGS,
            "oivariable": watched,
            "place_order_params": orders[0],
            "place_order_params_leg2": orders[1],
        }

    def _check_between(
        self, session: Session, rule: GttRequest | Gtt, exchange: str, token: str
    ) -> Flow[None]:
        key = {"exch": exchange, "token": token}
        check_between(rule, (yield from self._last_price(session, key)))

    # -- requests

    def _of_rule(self, rule: GttRequest) -> dict[str, Any]:
        """A new rule's fields but for its direction."""
        if rule.valid_days is not None:
            raise Unsupported(f"{self.title} keeps a rule until it is triggered or taken back")
        fields = {"dscqty": "0"} | self._counted(WIRE, rule, rule.target)
        if fields["prd"] not in KEPT_FOR:
            raise Unsupported(f"a rule at {self.title} takes CNC or NRML, not {rule.product}")
        fixed = {"validity": "GTT", "prctyp": "LMT", "ret": "DAY", "remarks": "GTT"}
        return fixed | fields | {"tsym": quote(fields["tsym"], safe="")}

    def _as_it_stands(self, rule: Gtt) -> dict[str, Any]:
        """The present rule's fields, as a modification repeats them."""
        row = rule.vendor
        inner = row.get("place_order_params")
        flat = {**(inner if isinstance(inner, Mapping) else {}), **row}
        told = {name.casefold(): to_text(flat[name]) for name in flat if _is_plain(flat[name])}
        kept = {name: told.get(name) or "" for name in REPEATED} | {
            "ai_t": told.get("ai_t") or "",
            "remarks": told.get("remarks") or "GTT",
            "validity": told.get("validity") or "GTT",
            "exch": told.get("exch") or "",
            "tsym": quote(rule.broker_symbol or "", safe=""),
            "d": to_text(rule.trigger_price) or "",
            "al_id": rule.gtt_id,
        }
        defaults = {"prctyp": "LMT", "ret": "DAY", "dscqty": "0"}
        return kept | {name: word for name, word in defaults.items() if not kept[name]}

    def _rule_call(self, operation: str, session: Session, fields: Mapping[str, Any]) -> Request:
        whole = SOURCE | {"actid": session.account} | dict(fields)
        return self._call(operation, session, whole)

    def _way(self, session: Session, key: Mapping[str, str], trigger: Decimal) -> Flow[str]:
        """From which side the last price has to come.

        Raises:
            InvalidOrder: it is there already.
        """
        last = yield from self._last_price(session, key)
        if last == trigger:
            raise InvalidOrder(f"the last price is {last} already: place the order itself")
        return ABOVE if trigger > last else BELOW

    def _last_price(self, session: Session, key: Mapping[str, str]) -> Flow[Decimal]:
        reply = yield self._call("quotes", session, key)
        last = quote_of(self._object(reply), key["token"]).last_price
        if last is None:
            raise MalformedReply("there is no last price to compare the trigger with")
        return last

    def _same_way(
        self, session: Session, key: Mapping[str, str], rule: Gtt, trigger: Decimal
    ) -> Flow[None]:
        way = yield from self._way(session, key, trigger)
        present = to_text(rule.vendor.get("ai_t")) or ""
        if present.removesuffix("_O") != way.removesuffix("_O"):
            raise InvalidOrder(
                f"rule {rule.gtt_id} waits for the price from the other side, and that cannot be "
                "changed: take it back and place another"
            )

    # -- replies

    def _rule_ack(self, reply: Reply, success: frozenset[str]) -> OrderAck:
        data = self._data(reply, success=success)
        row = data[0] if isinstance(data, list) and len(data) == 1 else data
        said = row if isinstance(row, Mapping) else {}
        rule_id = to_order_id(said.get("al_id")) or to_order_id(said.get("Al_id"))
        if (printable(said.get("stat")) or "").casefold() not in success or not rule_id:
            raise MalformedReply("success without a rule's id", status=reply.status)
        refuse_excused(said, reply)
        return OrderAck(order_id=rule_id)


def _is_plain(value: object) -> bool:
    return isinstance(value, (str, int, Decimal)) and not isinstance(value, bool)
