"""Upstox, API v2 and v3.

Sources: upstox.com/developer/api-documentation (Authentication, Place, Modify and Cancel Order V3,
Order Details, Order History, Portfolio, Margin, Brokerage Details, Full Market Quote, LTP V3,
Historical Candle V3, Option Chain, Place, Modify, Cancel and Get GTT Order, Static IPs, Kill
Switch, Instruments, Market Price Protection of 2026-03-11, Error Codes, Rate Limiting; 2026),
community.upstox.com (MPP Extended to GTT Orders, 2025-08) and the official client
upstox-python-sdk 2.30.0 (its requests recorded 2026-11-22).  Not tried with a live account.

What is peculiar:

* Placing, changing and cancelling orders have a host of their own; GTT rules do not.
* A list is a list, in the samples and in the client's models (``list[OrderBookData]``): a book that
  is ``null`` is no empty one.
* An instrument goes by one key everywhere; its segment stands before the bar.
* One word for delivery and for carrying forward (``D``); which it is, the segment tells.
* Placing gives a list of ids, because large orders may be sliced; slicing is never asked for here.
* A MARKET or SL-M order needs a market protection, and so does a change to one (Modify Order V3,
  ``ModifyOrderRequest`` of the client). By the documentation what a modification leaves out stays
  as it was.
* Upstox takes ``is_amo`` for a hint and goes by the market's hours.
* Quotes come back under other keys than they were asked by.
* History and today's candles are two routes.
* An order can be asked for by its tag.
* Commodities and currencies are ordered in lots.
* A GTT rule has no price for its order (see :mod:`openbroker.adapters.upstox_terms`).
* Positions on margin funding have a list of their own, ``broker.vendor.mtf_positions()``.
* Orders and rules need a registered static address (UDAPI1154); reads do not. Registering one ends
  every session.
* The vendor's sandbox takes orders and answers no reads, so nothing could be looked up there: it is
  no broker here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

import attrs

from openbroker.adapters import upstox_master
from openbroker.adapters.base import (
    Master,
    TagRule,
    as_address,
    in_india,
    master_request,
    only_get,
    only_tagged,
)
from openbroker.adapters.masters import Units
from openbroker.adapters.rules import refuse_misfit
from openbroker.adapters.sources import numbered
from openbroker.adapters.upstox_routes import (
    MARGIN_BATCH,
    QUOTE_BATCH,
    candles_path,
    chain_query,
    quotes_path,
)
from openbroker.adapters.upstox_session import UpstoxSession
from openbroker.adapters.upstox_tables import (
    ALWAYS,
    HISTORY_WINDOWS,
    INTERVALS,
    LIMITS,
    REPEATED,
    WIRE,
    WITHIN_DAYS_SINCE,
    SegmentSwitch,
    StaticIps,
    greek_rows,
    product_word,
)
from openbroker.adapters.upstox_terms import (
    changed_rule,
    new_rule,
    protection_of,
    refuse_unprotected,
    refuse_what_a_change_cannot,
    refuse_what_a_rule_cannot,
)
from openbroker.adapters.wire import json_value, to_order_id
from openbroker.errors import (
    InvalidOrder,
    MalformedReply,
    OrderNotFound,
    Unsupported,
    UsageError,
)
from openbroker.schemas import (
    INDIA,
    Candle,
    Charges,
    Exchange,
    Funds,
    Greeks,
    Gtt,
    GttChange,
    GttRequest,
    GttStatus,
    Holding,
    Instrument,
    Interval,
    Margin,
    Order,
    OrderAck,
    OrderChange,
    OrderRef,
    OrderRequest,
    Position,
    Product,
    Profile,
    Quote,
    QuoteMode,
    Session,
    Table,
    Trade,
    Window,
)
from openbroker.schemas.convert import to_word
from openbroker.transport.messages import Flow, RateLimit, Reply, Request

NO_HEADERS: Mapping[str, str] = {}
MASTER = "/market-quote/instruments/exchange/complete.json.gz"


@attrs.frozen(kw_only=True)
class Upstox(UpstoxSession):
    """The adapter; :data:`UPSTOX` is the broker."""

    limits: ClassVar[Sequence[RateLimit]] = LIMITS
    units: ClassVar[Units] = upstox_master.UNITS
    tag: ClassVar[TagRule] = TagRule(capacity=40)
    honours: ClassVar[frozenset[str]] = frozenset({"market_protection"})
    protects_changes: ClassVar[bool] = True
    history_windows: ClassVar[Mapping[Interval, dt.timedelta]] = HISTORY_WINDOWS
    lacks: ClassVar[Mapping[str, str]] = {
        "renew": "a token lasts until 03:30, and then the login page is needed",
        "open_interest": "it comes with the candles",
        "oco": "the target and the stop of a rule close what its own ENTRY opens, and no rule is "
        "without an ENTRY; a position that is open takes two rules, which do not cancel each other",
    }
    extras: ClassVar[Sequence[str]] = (
        "order_history", "order_trades", "mtf_positions", "option_greeks", "static_ips",
        "set_static_ips", "kill_switch", "set_kill_switch",
    )  # fmt: skip

    # -- the account

    def profile(self, session: Session) -> Flow[Profile]:
        return self._one(Profile, self._call("profile", session))

    def funds(self, session: Session) -> Flow[Funds]:
        return self._one(Funds, self._call("funds", session))

    # -- orders

    def place_order(self, session: Session, order: OrderRequest) -> Flow[OrderAck]:
        refuse_misfit(order)
        refuse_unprotected(order.order_type, order.market_protection)
        body = dict(ALWAYS) | self.dump_order(order)
        body |= protection_of(order.market_protection)
        body["product"] = product_word(order.product, order.target.exchange)
        reply = yield self._call("place_order", session, body)
        return _ack(reply, _only(self._object(reply).get("order_ids")))

    def modify_order(self, session: Session, order: Order, change: OrderChange) -> Flow[OrderAck]:
        if change.order_type is not None:
            refuse_unprotected(change.order_type, change.market_protection)
        kind = change.order_type or order.order_type
        body = {key: json_value(order.vendor.get(key)) for key in REPEATED}
        body |= self.dump_change(change, order) | {"order_id": order.order_id}
        body |= protection_of(change.market_protection)
        if kind is not None and not kind.has_price:
            body["price"] = 0
        if kind is not None and not kind.has_trigger:
            body["trigger_price"] = 0
        lacking = [key for key in REPEATED if body.get(key) is None]
        if lacking:
            raise Unsupported(
                f"Upstox does not tell the order's {lacking[0]}, which a change needs"
            )
        reply = yield self._call("modify_order", session, body)
        return _ack(reply, self._object(reply).get("order_id"))

    def cancel_order(self, session: Session, ref: OrderRef) -> Flow[OrderAck]:
        reply = yield self._call("cancel_order", session, query={"order_id": ref.order_id})
        return _ack(reply, self._object(reply).get("order_id"))

    def orders(self, session: Session) -> Flow[list[Order]]:
        return self._rows(Order, self._call("orders", session))

    def order(self, session: Session, ref: OrderRef) -> Flow[Order]:
        request = self._call("order", session, query={"order_id": ref.order_id})
        found = yield from self._one(Order, request)
        if found.order_id != ref.order_id:
            raise MalformedReply(f"asked for order {ref.order_id}, got {found.order_id}")
        return found

    def order_by_tag(self, session: Session, wire_tag: str) -> Flow[Order | None]:
        """By the history under the tag, which tells every state; then the order as it stands."""
        request = self._call("order_by_tag", session, query={"tag": wire_tag})
        try:
            states = yield from self._rows(Order, request)
        except OrderNotFound:
            return None
        state = only_tagged(states, wire_tag)
        if state is None:
            return None
        return (yield from self.order(session, OrderRef(order_id=state.order_id)))

    def trades(self, session: Session) -> Flow[list[Trade]]:
        return self._rows(Trade, self._call("trades", session))

    # -- portfolio

    def positions(self, session: Session) -> Flow[list[Position]]:
        return self._rows(Position, self._call("positions", session))

    def convert_position(
        self, session: Session, position: Position, product: Product, quantity: int
    ) -> Flow[None]:
        body = {
            "instrument_token": position.token,
            "new_product": product_word(product, position.exchange),
            "old_product": position.vendor.get("product"),
            "transaction_type": "SELL" if (position.quantity or 0) < 0 else "BUY",
            "quantity": self.vendor_quantity(quantity, position),
        }
        reply = yield self._call("convert_position", session, body)
        if self._object(reply).get("status") != "complete":
            raise MalformedReply("success that is not complete @ $.data.status")

    def holdings(self, session: Session) -> Flow[list[Holding]]:
        return self._rows(Holding, self._call("holdings", session))

    def margin(self, session: Session, orders: Sequence[OrderRequest]) -> Flow[Margin]:
        if len(orders) > MARGIN_BATCH:
            raise InvalidOrder(f"Upstox nets at most {MARGIN_BATCH} orders in one margin")
        body = {"instruments": [self._leg(order) for order in orders]}
        return self._one(Margin, self._call("margin", session, body))

    def _leg(self, order: OrderRequest) -> dict[str, Any]:
        """Without a price where the order has none: it is optional (Margin, 2026), and 0 is one."""
        fields = self.dump_order(order)
        priced = {"price": fields["price"]} if "price" in fields else {}
        return {
            "instrument_key": order.target.token,
            "quantity": fields["quantity"],
            "product": product_word(order.product, order.target.exchange),
            "transaction_type": fields["transaction_type"],
            **priced,
        }

    def charges(self, session: Session, orders: Sequence[OrderRequest]) -> Flow[Charges]:
        """Asked for one by one: Upstox tells the costs of one order at a time."""
        for order in orders:
            if order.price is None:
                raise InvalidOrder(f"charges follow from a price; {order.symbol} has none")
        notes = []
        for leg in map(self._leg, orders):
            fields = {"instrument_token": leg.pop("instrument_key"), **leg}
            notes.append(self._object((yield self._call("charges", session, query=fields))))
        return WIRE.load({"notes": notes}, Charges)

    # -- rules

    def place_gtt(self, session: Session, rule: GttRequest) -> Flow[OrderAck]:
        self.refuse_oco(rule)
        refuse_what_a_rule_cannot(rule)
        body = {
            "quantity": self.vendor_quantity(rule.quantity, rule.target),
            "product": product_word(rule.product, rule.target.exchange),
            "instrument_token": rule.target.token,
            "transaction_type": WIRE.spell(rule.side),
        }
        last_price = yield from self._last_price(session, rule.target.token)
        body |= new_rule(rule.trigger_price, last_price)
        return (yield from self._rule_call("place_gtt", session, body))

    def modify_gtt(self, session: Session, rule: Gtt, change: GttChange) -> Flow[OrderAck]:
        refuse_what_a_change_cannot(rule, change)
        quantity = json_value(rule.vendor.get("quantity"))
        if change.quantity is not None:
            quantity = self.vendor_quantity(change.quantity, rule)
        last_price = None
        if change.trigger_price is not None:
            last_price = yield from self._last_price(session, rule.token or "")
        body = {"gtt_order_id": rule.gtt_id, "quantity": quantity}
        body |= changed_rule(rule, change, last_price)
        return (yield from self._rule_call("modify_gtt", session, body))

    def cancel_gtt(self, session: Session, rule: Gtt) -> Flow[OrderAck]:
        return self._rule_call("cancel_gtt", session, {"gtt_order_id": rule.gtt_id})

    def gtt(self, session: Session, gtt_id: str) -> Flow[Gtt]:
        request = self._call("gtt", session, query={"gtt_order_id": gtt_id})
        rules = yield from self._rows(Gtt, request)
        found = {rule.gtt_id: rule for rule in rules}.get(gtt_id)
        if found is None:
            raise OrderNotFound(f"Upstox tells no rule {gtt_id}; rules that are completed are gone")
        return found

    def gtts(self, session: Session, *, done: bool = False) -> Flow[list[Gtt]]:
        rules = yield from self._rows(Gtt, self._call("gtts", session))
        ended = (GttStatus.CANCELLED, GttStatus.EXPIRED)
        return [rule for rule in rules if done or rule.status not in ended]

    def _rule_call(
        self, operation: str, session: Session, body: Mapping[str, Any]
    ) -> Flow[OrderAck]:
        reply = yield self._call(operation, session, body)
        return _ack(reply, _only(self._object(reply).get("gtt_order_ids")))

    def _last_price(self, session: Session, key: str) -> Flow[Decimal]:
        """On which side of it a trigger lies, a rule has to state."""
        path = quotes_path(QuoteMode.LTP, [key])
        rows = self._object((yield self._call("quotes", session, path=path)))
        quotes = (WIRE.load(row, Quote, at=f"$.data.{name}") for name, row in rows.items())
        found = {one.token: one.last_price for one in quotes}.get(key)
        if found is None:
            raise MalformedReply(f"there is no last price of {key}")
        return found

    # -- what only Upstox has

    def order_history(
        self, session: Session, order_id: str | None = None, tag: str | None = None
    ) -> Flow[Table[Order]]:
        """Every state that an order went through, by its id or by its whole tag
        (``order.wire_tag``)."""
        asked = {"order_id": order_id, "tag": tag}
        given = {name: text for name, text in asked.items() if text is not None}
        if len(given) != 1:
            raise InvalidOrder("an order's history goes by its id or by its tag: give one of them")
        return self._table(Order, self._call("order_history", session, query=given))

    def order_trades(self, session: Session, order_id: str) -> Flow[Table[Trade]]:
        """The executions of one order."""
        request = self._call("order_trades", session, query={"order_id": order_id})
        return self._table(Trade, request)

    def mtf_positions(self, session: Session) -> Flow[Table[Position]]:
        """Positions bought on margin funding, which stand in a list of their own."""
        return self._table(Position, self._call("mtf_positions", session))

    def option_greeks(
        self, session: Session, instrument: Instrument, expiry: dt.date | str
    ) -> Flow[Table[Greeks]]:
        """Greeks of an underlying's options of one expiry; there are none of commodities."""
        asked = chain_query(instrument.token, expiry)
        chain = self._data((yield self._call("option_greeks", session, query=asked)))
        if not isinstance(chain, list):
            raise MalformedReply("no list where one was expected @ $.data")
        name = instrument.underlying or instrument.symbol.partition(":")[2]
        return Table(Greeks, WIRE.load_rows(list(greek_rows(chain, name)), Greeks))

    def static_ips(self, session: Session) -> Flow[StaticIps]:
        """The registered addresses from which orders are taken."""
        return self._one(StaticIps, self._call("static_ips", session))

    def set_static_ips(
        self, session: Session, primary: str, secondary: str | None = None
    ) -> Flow[StaticIps]:
        """Register the addresses for orders, IPv4 or IPv6; once a calendar week.

        Without ``secondary`` there is none. Upstox then ends every session: log in anew.
        """
        given = {"primary_ip": primary, "secondary_ip": secondary}
        body = {name: as_address(text) for name, text in given.items() if text is not None}
        return self._one(StaticIps, self._call("set_static_ips", session, body))

    def kill_switch(self, session: Session) -> Flow[Table[SegmentSwitch]]:
        """Which segments of the account are open, and which Upstox's kill switch halts."""
        return self._switches(self._call("kill_switch", session))

    def set_kill_switch(
        self, session: Session, exchange: Exchange | str, on: bool
    ) -> Flow[Table[SegmentSwitch]]:
        """Halt an exchange's segment, or open it again, which Upstox allows after twelve hours.

        Halting needs every position closed. Upstox would cancel what is open there, so this
        refuses while an order is live.

        Raises:
            UsageError: there is no such segment, or an order in it is live; nothing was sent.
        """
        where = to_word(Exchange, exchange, name="exchange")
        book = (yield from self.orders(session)) if on else []
        if any(not order.is_done and order.exchange in (where, None) for order in book):
            raise UsageError(f"an order is live on {where}, and Upstox would cancel it: see to it")
        body = [{"segment": WIRE.spell(where), "action": "DISABLE" if on else "ENABLE"}]
        return (yield from self._switches(self._call("set_kill_switch", session, body)))

    def _switches(self, request: Request) -> Flow[Table[SegmentSwitch]]:
        return Table(SegmentSwitch, (yield from self._rows(SegmentSwitch, request)))

    # -- market data

    def quotes(
        self, session: Session, instruments: Sequence[Instrument], mode: QuoteMode
    ) -> Flow[list[Quote]]:
        quotes: list[Quote] = []
        for start in range(0, len(instruments), QUOTE_BATCH):
            wanted = {one.token: one for one in instruments[start : start + QUOTE_BATCH]}
            reply = yield self._call("quotes", session, path=quotes_path(mode, wanted))
            for name, row in self._object(reply).items():
                found = WIRE.load(row, Quote, at=f"$.data.{name}")
                one = wanted.get(found.token or "")
                if one is not None:
                    quotes.append(attrs.evolve(found, exchange=one.venue))
        return quotes

    def history(
        self, session: Session, instrument: Instrument, interval: Interval, window: Window
    ) -> Flow[list[Candle]]:
        """The days before today, and today's candles from their own route where it is asked for."""
        of = instrument.token, INTERVALS[interval]
        start, end = in_india(window, "%Y-%m-%d")
        if interval is not Interval.D1:
            start = max(start, WITHIN_DAYS_SINCE)
        if start > end:
            return []
        reply = yield self._call("history", session, path=candles_path(*of, end, start))
        candles = self._candles(reply)
        if window.end.astimezone(INDIA).date() >= reply.received_at.astimezone(INDIA).date():
            reply = yield self._call("history", session, path=candles_path(*of))
            candles += self._candles(reply)
        return list({candle.timestamp: candle for candle in candles}.values())

    def _candles(self, reply: Reply) -> list[Candle]:
        rows = numbered(self._object(reply).get("candles"))
        return WIRE.load_rows(rows, Candle, at="$.data.candles")

    def master(self, headers: Mapping[str, str] = NO_HEADERS) -> Flow[Master]:
        reply = yield master_request(self.hosts["master"] + MASTER, headers)
        return None if reply.status == 304 else upstox_master.instruments(reply.content)

    def raw(
        self, session: Session, method: str, path: str, body: object | None = None
    ) -> Flow[Any]:
        return self._data((yield self._call("raw", session, path=only_get(method, path, body))))


def _only(ids: object) -> object:
    """The only one of a list of ids; ``None`` where there are none or several."""
    return ids[0] if isinstance(ids, list) and len(ids) == 1 else None


def _ack(reply: Reply, told: object) -> OrderAck:
    order_id = to_order_id(told)
    if not order_id:
        raise MalformedReply("success without one id", status=reply.status)
    return OrderAck(order_id=order_id)


UPSTOX = Upstox(
    name="upstox",
    title="Upstox",
    hosts={
        "rest": "https://api.upstox.com",
        "orders": "https://api-hft.upstox.com",
        "master": "https://assets.upstox.com",
    },
)
