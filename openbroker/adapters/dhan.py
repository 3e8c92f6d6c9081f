"""Dhan, DhanHQ API v2.

Sources: dhanhq.co/docs/v2 (Authentication, Orders, Portfolio, Funds, Market Quote, Historical Data,
Instruments, Super Order, Forever Order, Trader's Control, Annexure; read 2026-11-22), the official
client dhanhq 2.3.0 (1670f81, requests recorded) and its published mock replies.  Not tried with a
live account.

What is peculiar:

* There is no envelope on success; what an error looks like depends on the route.
* Every body repeats the client id. Prices are numbers; ``disclosedQuantity``, ``price``,
  ``triggerPrice`` and ``afterMarketOrder`` are always there (without them DH-905).
* A modification is the order's whole new state, not what changes.
* An order can be asked for by its tag. By-id replies come as an object or as a list of one.
* Having no holdings is an error; having no orders is ``[]``, and ``null`` is no empty book.
* A bracket is a super order: a route of its own, with the prices of its legs. Its legs stand in the
  book as well, so which route a change of one takes is looked up in the list of super orders.
* A GTT rule is a forever order. Of those with two legs each leg is a row, put together here; which
  is the target follows from the prices, for the pages contradict one another in the legs' names. A
  change is of one leg, whose visible part goes with it, and states DAY, for rows tell no validity.
* Which of its two legs a new one names first, the pages say in two ways: the fields of *Create
  Forever Order* and its sample have the target second, the names of the legs have it first. The
  wrong one would be sent at once, so it is a setting, ``oco_first``; without it OCOs are refused.
* An after-market order says when it goes to the exchange; the schema has no field for that, so it
  is a setting, ``amo_time``, by default the open. (The client has no PRE_OPEN any more, the
  page has.)
* Dhan turns a MARKET order into a limit in a band of its own. A STOP_LOSS_MARKET order it fills at
  once as a limit or refuses, so that one is refused here: a stop that does not rest is none.
* Commodities and currencies are counted in lots.
* Orders need a registered static address (since 2026-04-01); reads do not.
* The vendor's sandbox takes a token of its own; others report that it does not answer reads of
  orders (2026), so an order there may stay unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import quote

import attrs

from openbroker.adapters import dhan_master
from openbroker.adapters.base import (
    CredentialField,
    Master,
    TagRule,
    as_address,
    in_india,
    master_request,
    only_get,
)
from openbroker.adapters.dhan_forms import (
    ALWAYS,
    ENTRY,
    LEGS,
    address,
    as_choice,
    candle_rows,
    changed_forever,
    changed_order,
    changed_super,
    entry_of,
    forever_order,
    margin_leg,
    one_rule,
    only,
    refuse_stop_market,
    super_of,
    super_order,
    told,
    word_of,
)
from openbroker.adapters.dhan_session import DhanSession
from openbroker.adapters.dhan_tables import (
    HISTORY_WINDOWS,
    INTERVALS,
    LIMITS,
    NO_HOLDINGS,
    SWITCHED,
    WIRE,
    StaticIps,
    charted_as,
    joined,
)
from openbroker.adapters.masters import Units
from openbroker.adapters.rules import refuse_misfit, refuse_own_band
from openbroker.adapters.wire import json_number, to_id
from openbroker.errors import (
    BrokerError,
    MalformedReply,
    OrderNotFound,
)
from openbroker.schemas import (
    Candle,
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
    Quote,
    QuoteMode,
    Session,
    Trade,
    Window,
)
from openbroker.transport.messages import Effect, Flow, RateLimit, Reply

NO_HEADERS: Mapping[str, str] = {}
MASTER = "/api-data/api-scrip-master.csv"

QUOTE_PATHS = {
    QuoteMode.LTP: "/marketfeed/ltp",
    QuoteMode.OHLC: "/marketfeed/ohlc",
    QuoteMode.FULL: "/marketfeed/quote",
}
QUOTE_BATCH = 1000
"""Instruments in one request (Market Quote, 2026)."""

NOT_CANCELLED = ("REJECTED", "TRADED", "EXPIRED")
"""How an order may have ended whose cancellation is answered with its state."""


@attrs.frozen(kw_only=True)
class Dhan(DhanSession):
    """The adapter; :data:`DHAN` is the broker, :data:`DHAN_SANDBOX` its own sandbox."""

    limits: ClassVar[Sequence[RateLimit]] = LIMITS
    units: ClassVar[Units] = dhan_master.UNITS
    tag: ClassVar[TagRule] = TagRule(capacity=30)
    honours: ClassVar[frozenset[str]] = frozenset(
        {"market_protection", "bracket_target", "bracket_stop", "bracket_trail"}
    )
    extras: ClassVar[Sequence[str]] = (
        "static_ips", "set_static_ip", "kill_switch", "set_kill_switch",
    )  # fmt: skip
    history_windows: ClassVar[Mapping[Interval, dt.timedelta]] = HISTORY_WINDOWS
    takes_oco: ClassVar[bool] = True
    lacks: ClassVar[Mapping[str, str]] = {
        "logout": "a token ends by itself after 24 hours",
        "charges": "a margin's row has the brokerage, of the other charges it tells nothing",
        "open_interest": "it comes with the candles",
    }
    settings: ClassVar[Sequence[CredentialField]] = (
        CredentialField(
            name="oco_first",
            title="which leg a forever order with two legs names first",
            pattern="|stop|target",
            expects="stop (the fields of Create Forever Order) or target (the names of the legs)",
            secret=False,
            default="",
        ),
        CredentialField(
            name="amo_time",
            title="when an after-market order goes to the exchange",
            pattern="PRE_OPEN|OPEN|OPEN_30|OPEN_60",
            expects="PRE_OPEN, OPEN, OPEN_30 or OPEN_60 (so many minutes after the open)",
            secret=False,
            default="OPEN",
        ),
    )

    oco_first: str = ""
    amo_time: str = "OPEN"

    # -- orders

    def place_order(self, session: Session, order: OrderRequest) -> Flow[OrderAck]:
        refuse_misfit(order)
        refuse_stop_market(order.order_type)
        refuse_own_band(order, "Dhan")
        body = dict(ALWAYS) | self.dump_order(order)
        if order.is_bracket:
            body = super_order(order, body)
            reply = yield self._change("place_order", session, "POST", "/super/orders", body)
            return self._ack(reply, places=True, handle={"legName": ENTRY})
        if order.after_market:
            body["amoTime"] = self.amo_time
        reply = yield self._change("place_order", session, "POST", "/orders", body)
        return self._ack(reply, places=True)

    def modify_order(self, session: Session, order: Order, change: OrderChange) -> Flow[OrderAck]:
        leg, fields = order.handle.get("legName", ""), self.dump_change(change, order)
        row = yield from self._super_of(session, order.order_id, leg)
        if row is not None:
            path = f"/super/orders/{to_id(row.get('orderId'))}"
            body = changed_super(row, leg, change, fields)
        else:
            kind = change.order_type or order.order_type
            refuse_stop_market(kind)
            path = f"/orders/{order.order_id}"
            body = changed_order(order.vendor, kind, fields)
        body |= {"orderId": path.rpartition("/")[2], "legName": leg}
        reply = yield self._change("modify_order", session, "PUT", path, body)
        return self._ack_of(reply, order.order_id, row, leg)

    def cancel_order(self, session: Session, ref: OrderRef) -> Flow[OrderAck]:
        """Of a super order: the leg that is meant, by its entry the whole. A list of them that is
        refused keeps nobody from cancelling."""
        leg, path = ref.handle.get("legName", ""), f"/orders/{ref.order_id}"
        try:
            row = yield from self._super_of(session, ref.order_id, leg)
        except BrokerError:
            row = None
        if row is not None:
            path = f"/super/orders/{to_id(row.get('orderId'))}/{leg}"
        reply = yield self._change("cancel_order", session, "DELETE", path)
        return self._ack_of(reply, ref.order_id, row, leg, undone=NOT_CANCELLED)

    def _ack_of(
        self,
        reply: Reply,
        order_id: str,
        row: Mapping[str, Any] | None,
        leg: str,
        *,
        undone: Collection[str] = ("REJECTED",),
    ) -> OrderAck:
        """The receipt of a change; of a leg's it may name the super order."""
        ack = self._ack(reply, undone=undone)
        if row is None:
            return ack
        whole = ack.order_id == to_id(row.get("orderId"))
        return OrderAck(order_id=order_id if whole else ack.order_id, handle={"legName": leg})

    def _super_of(
        self, session: Session, order_id: str, leg: str
    ) -> Flow[Mapping[str, Any] | None]:  # fmt: skip
        """The row of the super order that an order is a leg of; other orders may name a leg too."""
        if leg not in LEGS:
            return None
        reply = yield self._call("super_orders", session, "GET", "/super/orders")
        return super_of(self._data(reply), order_id)

    def orders(self, session: Session) -> Flow[list[Order]]:
        return self._rows(Order, self._call("orders", session, "GET", "/orders"))

    def order(self, session: Session, ref: OrderRef) -> Flow[Order]:
        reply = yield self._call("order", session, "GET", f"/orders/{ref.order_id}")
        row = only(self._data(reply))
        if row is None:
            raise OrderNotFound(f"order {ref.order_id} is not in today's book")
        found = WIRE.load(row, Order)
        if found.order_id != ref.order_id:
            raise MalformedReply(f"asked for order {ref.order_id}, got {found.order_id}")
        return attrs.evolve(found, handle={**found.handle, **ref.handle})

    def order_by_tag(self, session: Session, wire_tag: str) -> Flow[Order | None]:
        """By the vendor's look-up; where that refuses, whose words are written nowhere, by the
        book. That either knows super orders is written nowhere too, so their list is read before
        anything is said to be absent."""
        path = f"/orders/external/{quote(wire_tag, safe='')}"
        reply = yield self._call("order", session, "GET", path)
        try:
            rows = self._data(reply)
            orders = WIRE.load_rows(rows if isinstance(rows, list) else [rows], Order)
        except BrokerError:
            orders = yield from self.orders(session)
        found = entry_of(orders, wire_tag)
        if found is None:
            request = self._call("super_orders", session, "GET", "/super/orders")
            found = entry_of((yield from self._rows(Order, request)), wire_tag)
        return found

    def trades(self, session: Session) -> Flow[list[Trade]]:
        return self._rows(Trade, self._call("trades", session, "GET", "/trades"))

    # -- portfolio

    def positions(self, session: Session) -> Flow[list[Position]]:
        return self._rows(Position, self._call("positions", session, "GET", "/positions"))

    def convert_position(
        self, session: Session, position: Position, product: Product, quantity: int
    ) -> Flow[None]:
        body = {
            "fromProductType": position.vendor.get("productType"),
            "exchangeSegment": position.vendor.get("exchangeSegment"),
            "positionType": "SHORT" if (position.quantity or 0) < 0 else "LONG",
            "securityId": position.token,
            "convertQty": self.vendor_quantity(quantity, position),
            "toProductType": WIRE.spell(product),
        }
        reply = yield self._change(
            "convert_position", session, "POST", "/positions/convert", body
        )  # fmt: skip
        if reply.status == 202 and not reply.content.strip():
            return
        data = self._data(reply)
        if not isinstance(data, Mapping) or data.get("status") != "success":
            raise MalformedReply("the reply does not say that it was done", status=reply.status)

    def holdings(self, session: Session) -> Flow[list[Holding]]:
        reply = yield self._call("holdings", session, "GET", "/holdings")
        try:
            return WIRE.load_rows(self._data(reply), Holding)
        except BrokerError as error:
            if error.code in NO_HOLDINGS:
                return []
            raise

    def margin(self, session: Session, orders: Sequence[OrderRequest]) -> Flow[Margin]:
        legs = [margin_leg(order, self.dump_order(order)) for order in orders]
        if len(legs) == 1:
            path, body = "/margincalculator", legs[0]
        else:
            path = "/margincalculator/multi"
            body = {"includePosition": False, "includeOrder": False, "scripList": legs}
        return self._one(Margin, self._call("margin", session, "POST", path, body))

    # -- rules

    def place_gtt(self, session: Session, rule: GttRequest) -> Flow[OrderAck]:
        body = forever_order(rule, self.oco_first)
        reply = yield self._change("place_gtt", session, "POST", "/forever/orders", body)
        return self._ack(reply, places=True)

    def modify_gtt(self, session: Session, rule: Gtt, change: GttChange) -> Flow[OrderAck]:
        body = changed_forever(rule, change) | {"orderId": rule.gtt_id}
        path = f"/forever/orders/{rule.gtt_id}"
        reply = yield self._change("modify_gtt", session, "PUT", path, body)
        return self._ack(reply)

    def cancel_gtt(self, session: Session, rule: Gtt) -> Flow[OrderAck]:
        path = f"/forever/orders/{rule.gtt_id}"
        reply = yield self._change("cancel_gtt", session, "DELETE", path)
        return self._ack(reply, undone=NOT_CANCELLED)

    def gtt(self, session: Session, gtt_id: str) -> Flow[Gtt]:
        return one_rule((yield from self.gtts(session, done=True)), gtt_id)

    def gtts(self, session: Session, *, done: bool = False) -> Flow[list[Gtt]]:
        reply = yield self._call("gtts", session, "GET", "/forever/orders")
        rules = WIRE.load_rows(joined(self._data(reply)), Gtt)
        ended = (GttStatus.CANCELLED, GttStatus.EXPIRED)
        return [rule for rule in rules if done or rule.status not in ended]

    # -- what only Dhan has

    def static_ips(self, session: Session) -> Flow[StaticIps]:
        """The addresses from which Dhan takes this account's orders."""
        return self._one(StaticIps, self._call("static_ips", session, "GET", "/ip/getIP"))

    def set_static_ip(
        self, session: Session, ip: str, which: str = "PRIMARY", *, replace: bool = False
    ) -> Flow[str]:
        """Register an address for orders, or with ``replace`` change it. It then stays for a week.

        Args:
            ip: IPv4 or IPv6.
            which: PRIMARY or SECONDARY.

        Returns:
            What Dhan says about it.

        Raises:
            UsageError: it is no address, or neither of the two.
        """
        body = {"ip": as_address(ip), "ipFlag": as_choice(which, ("PRIMARY", "SECONDARY"))}
        method, path = ("PUT", "/ip/modifyIP") if replace else ("POST", "/ip/setIP")
        request = self._call("set_static_ip", session, method, path, body, Effect.SESSION)
        return word_of(self._data((yield request)), "message")

    def kill_switch(self, session: Session) -> Flow[bool]:
        """Whether Dhan's own kill switch is on: it then takes no order for the day."""
        reply = yield self._call("kill_switch", session, "GET", "/killswitch")
        word = word_of(self._data(reply), "killSwitchStatus")
        if word not in SWITCHED:
            raise MalformedReply(f"{word!r:.40} is no state of the kill switch")
        return SWITCHED[word]

    def set_kill_switch(self, session: Session, on: bool) -> Flow[str]:
        """Turn Dhan's kill switch on, which needs every position closed and no order open, or off.

        Returns:
            What Dhan says about it.
        """
        [word] = (word for word, state in SWITCHED.items() if state is bool(on))
        path = f"/killswitch?killSwitchStatus={word}"
        request = self._call("set_kill_switch", session, "POST", path, effect=Effect.SESSION)
        return word_of(self._data((yield request)), "killSwitchStatus")

    # -- market data

    def quotes(
        self, session: Session, instruments: Sequence[Instrument], mode: QuoteMode
    ) -> Flow[list[Quote]]:
        quotes: list[Quote] = []
        for start in range(0, len(instruments), QUOTE_BATCH):
            wanted = {address(one): one for one in instruments[start : start + QUOTE_BATCH]}
            body: dict[str, Any] = {}
            for segment, security in wanted:
                body.setdefault(segment, []).append(json_number(Decimal(security)))
            reply = yield self._call("quotes", session, "POST", QUOTE_PATHS[mode], body)
            quotes += self._quotes_of(wanted, told(self._data(reply)))
        return quotes

    def history(
        self, session: Session, instrument: Instrument, interval: Interval, window: Window
    ) -> Flow[list[Candle]]:
        segment, security = address(instrument)
        body: dict[str, Any] = {
            "securityId": security,
            "exchangeSegment": segment,
            "instrument": charted_as(instrument.type, instrument.exchange, instrument.underlying),
            "oi": instrument.is_derivative,
        }
        if interval is Interval.D1:
            path, body["expiryCode"] = "/charts/historical", 0
            after = attrs.evolve(window, end=window.end + dt.timedelta(days=1))
            body["fromDate"], body["toDate"] = in_india(after, "%Y-%m-%d")
        else:
            path, body["interval"] = "/charts/intraday", INTERVALS[interval]
            body["fromDate"], body["toDate"] = in_india(window)
        reply = yield self._call("history", session, "POST", path, body)
        return WIRE.load_rows(candle_rows(self._data(reply)), Candle)

    def master(self, headers: Mapping[str, str] = NO_HEADERS) -> Flow[Master]:
        reply = yield master_request(self.hosts["master"] + MASTER, headers)
        return None if reply.status == 304 else dhan_master.instruments(reply.content)

    def raw(
        self, session: Session, method: str, path: str, body: object | None = None
    ) -> Flow[Any]:
        reply = yield self._call("raw", session, "GET", only_get(method, path, body))
        return self._data(reply)


DHAN = Dhan(
    name="dhan",
    title="Dhan",
    hosts={
        "rest": "https://api.dhan.co",
        "login": "https://auth.dhan.co",
        "master": "https://images.dhan.co",
    },
)
DHAN_SANDBOX = Dhan(
    name="dhan_sandbox",
    title="Dhan's sandbox",
    hosts={**DHAN.hosts, "rest": "https://sandbox.dhan.co"},
)
