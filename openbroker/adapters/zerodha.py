"""Zerodha, Kite Connect 3.

Sources: kite.trade/docs/connect/v3 (as of 2026-11), the official client kiteconnect 5.2.2 and its
published mock replies (2026-03).  Not tried with a live account.

What is peculiar:

* Writes are forms, replies are ``{"status", "data"}`` with HTTP statuses that mean something, and
  errors are classes by name (``error_type``).
* A list is a list: ``null`` in its place is on no page (2026-11-22), so a book that is ``null`` is
  no empty one.
* Instruments are named by exchange and trading symbol; tokens serve history and streams only.
* ``variety`` is part of an order's address, so a cancellation has to know it.
* A MARKET or SL-M order without a market protection is refused (since 2026-04-01), and so is a
  change to one; a change of one keeps the protection that it has (forum, comment 52331).
* Commodities and currencies are counted in lots.
* Modifications are deltas: only what changes is sent; of a trigger everything is sent anew.
* A trigger with two legs has the lower one first, whatever it is for, and the last price between.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

import attrs

from openbroker.adapters import zerodha_master
from openbroker.adapters.base import (
    Adapter,
    CredentialField,
    Credentials,
    Master,
    Refusal,
    TagRule,
    coming,
    form_request,
    in_india,
    json_request,
    master_request,
    need,
    only_get,
    read_body,
    refusal_of,
)
from openbroker.adapters.masters import Units
from openbroker.adapters.rules import refuse_misfit
from openbroker.adapters.sources import numbered
from openbroker.adapters.two_legs import check_between
from openbroker.adapters.wire import printable, to_id, to_order_id
from openbroker.adapters.zerodha_tables import (
    ERRORS,
    HISTORY_WINDOWS,
    INTERVALS,
    LIMITS,
    LOGIN_ERRORS,
    PLANNED_WIRE,
    TEXTS,
    WIRE,
    orders_by_trigger,
    trigger_form,
    with_funded,
)
from openbroker.errors import (
    InvalidCredentials,
    InvalidOrder,
    MalformedReply,
    Outcome,
    Unsupported,
)
from openbroker.schemas import (
    Candle,
    Charges,
    Funds,
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
    OrderType,
    Position,
    Product,
    Profile,
    Quote,
    QuoteMode,
    Secret,
    Session,
    Trade,
    Window,
)
from openbroker.schemas.convert import plain
from openbroker.schemas.orders import Protection
from openbroker.transport.messages import Effect, Flow, RateLimit, Reply, Request

HEADERS = {"X-Kite-Version": "3"}
NO_HEADERS: Mapping[str, str] = {}
NO_FIELDS: Mapping[str, Any] = {}

QUOTE_PATHS = {
    QuoteMode.LTP: "/quote/ltp",
    QuoteMode.OHLC: "/quote/ohlc",
    QuoteMode.FULL: "/quote",
}
QUOTE_BATCH = {QuoteMode.LTP: 1000, QuoteMode.OHLC: 1000, QuoteMode.FULL: 500}
"""Instruments in one request (Market quotes, 2026-11)."""

TOKENS_DIE = dt.time(6, 0)
"""When access tokens are flushed, India (User, 2026-11)."""

BROKERS_BAND = "-1"
"""``market_protection``: let Zerodha choose (Orders, 2026-11)."""


@attrs.frozen(kw_only=True)
class Zerodha(Adapter):
    """The adapter; :data:`ZERODHA` is the broker."""

    wire = WIRE
    limits: ClassVar[Sequence[RateLimit]] = LIMITS
    units: ClassVar[Units] = zerodha_master.UNITS
    honours: ClassVar[frozenset[str]] = frozenset({"after_market", "market_protection"})
    tag: ClassVar[TagRule] = TagRule(capacity=20)
    protects_changes: ClassVar[bool] = True
    takes_oco: ClassVar[bool] = True
    account_field: ClassVar[str] = "api_key"
    history_windows: ClassVar[Mapping[Interval, dt.timedelta]] = HISTORY_WINDOWS
    login_parameter: ClassVar[str | None] = "request_token"
    credentials: ClassVar[Sequence[CredentialField]] = (
        CredentialField(name="api_key", title="the API key of your Kite Connect app"),
        CredentialField(
            name="api_secret", title="the API secret of the app", instead="access_token"
        ),
        CredentialField(
            name="request_token",
            title="what the login page's redirect brings; it serves once, within minutes",
            instead="access_token",
        ),
        CredentialField(name="access_token", title="today's access token, if you have it"),
    )

    # -- session

    def login_url(self, credentials: Credentials) -> str:
        return f"{self.hosts['login']}/connect/login?" + urlencode(
            {"api_key": need(credentials, "api_key"), "v": "3"}
        )

    def login(self, credentials: Credentials) -> Flow[Session]:
        api_key = need(credentials, "api_key")
        if "access_token" in credentials:
            token = need(credentials, "access_token")
            reply = yield self._request("login", "GET", "/user/profile", auth=f"{api_key}:{token}")
            return self._session(reply, api_key, token)
        request_token = need(credentials, "request_token")
        fields = {
            "api_key": api_key,
            "request_token": request_token,
            "checksum": checksum(api_key, request_token, need(credentials, "api_secret")),
        }
        reply = yield self._request("login", "POST", "/session/token", fields, Effect.SESSION)
        return self._session(reply, api_key, secret=need(credentials, "api_secret"))

    def renew(self, session: Session) -> Flow[Session]:
        """For apps that Zerodha grants refresh tokens; the others have to log in."""
        if "refresh_token" not in session.tokens:
            raise InvalidCredentials("Zerodha gave this app no refresh token: log in anew")
        api_key, secret, refresh = (
            session.tokens[name].reveal() for name in ("api_key", "api_secret", "refresh_token")
        )
        proof = checksum(api_key, refresh, secret)
        fields = {"api_key": api_key, "refresh_token": refresh, "checksum": proof}
        reply = yield self._request(
            "renew", "POST", "/session/refresh_token", fields, Effect.SESSION
        )
        return self._session(reply, api_key, secret=secret)

    def logout(self, session: Session) -> Flow[None]:
        fields = {name: session.tokens[name].reveal() for name in ("api_key", "access_token")}
        # The token stands in the address because the vendor wants it there; it dies with this call.
        reply = yield self._call(
            "logout", session, "DELETE", "/session/token", fields, Effect.SESSION
        )
        self._data(reply)

    def profile(self, session: Session) -> Flow[Profile]:
        reply = yield self._call("profile", session, "GET", "/user/profile")
        return WIRE.load(self._data(reply), Profile)

    def funds(self, session: Session) -> Flow[Funds]:
        reply = yield self._call("funds", session, "GET", "/user/margins")
        return WIRE.load(self._data(reply), Funds)

    # -- orders

    def place_order(self, session: Session, order: OrderRequest) -> Flow[OrderAck]:
        refuse_unprotected(order.order_type, order.market_protection)
        refuse_misfit(order)
        variety = "amo" if order.after_market else "regular"
        fields = self.dump_order(order) | protection_of(order.market_protection)
        reply = yield self._order_call("place_order", session, "POST", f"/orders/{variety}", fields)
        return self._ack(reply, variety)

    def modify_order(self, session: Session, order: Order, change: OrderChange) -> Flow[OrderAck]:
        if change.order_type is not None:
            refuse_unprotected(change.order_type, change.market_protection)
        variety = variety_of(order)
        path = f"/orders/{variety}/{order.order_id}"
        fields = self.dump_change(change, order) | protection_of(change.market_protection)
        reply = yield self._order_call("modify_order", session, "PUT", path, fields)
        return self._ack(reply, variety)

    def cancel_order(self, session: Session, ref: OrderRef) -> Flow[OrderAck]:
        handle = ref.handle
        if not handle.get("variety"):
            order = yield from self.order(session, ref)
            handle = {"variety": variety_of(order), **order.handle}
        path = f"/orders/{handle['variety']}/{ref.order_id}"
        named = {name: handle[name] for name in ("parent_order_id",) if name in handle}
        reply = yield self._order_call("cancel_order", session, "DELETE", path, named)
        return self._ack(reply, handle["variety"])

    def orders(self, session: Session) -> Flow[list[Order]]:
        reply = yield self._call("orders", session, "GET", "/orders")
        return WIRE.load_rows(self._data(reply), Order)

    def order(self, session: Session, ref: OrderRef) -> Flow[Order]:
        reply = yield self._call("order", session, "GET", f"/orders/{ref.order_id}")
        states = WIRE.load_rows(self._data(reply), Order)
        if not states:
            raise MalformedReply(f"the history of order {ref.order_id} is empty")
        if states[-1].order_id != ref.order_id:
            raise MalformedReply(f"asked for order {ref.order_id}, got {states[-1].order_id}")
        return states[-1]

    def trades(self, session: Session) -> Flow[list[Trade]]:
        reply = yield self._call("trades", session, "GET", "/trades")
        return WIRE.load_rows(self._data(reply), Trade)

    # -- portfolio

    def positions(self, session: Session) -> Flow[list[Position]]:
        reply = yield self._call("positions", session, "GET", "/portfolio/positions")
        data = self._data(reply)
        if not isinstance(data, Mapping):
            raise MalformedReply("the positions are no object @ $.data")
        return WIRE.load_rows(data.get("net"), Position, at="$.data.net")

    def convert_position(
        self, session: Session, position: Position, product: Product, quantity: int
    ) -> Flow[None]:
        fields = {
            "exchange": position.vendor.get("exchange"),
            "tradingsymbol": position.broker_symbol,
            "transaction_type": "BUY" if (position.quantity or 0) > 0 else "SELL",
            "position_type": "overnight" if position.overnight_quantity else "day",
            "quantity": self.vendor_quantity(quantity, position),
            "old_product": position.vendor.get("product"),
            "new_product": WIRE.spell(product),
        }
        reply = yield self._order_call(
            "convert_position", session, "PUT", "/portfolio/positions", fields
        )
        if self._data(reply) is not True:
            raise MalformedReply("success that is not true @ $.data", status=reply.status)

    def holdings(self, session: Session) -> Flow[list[Holding]]:
        reply = yield self._call("holdings", session, "GET", "/portfolio/holdings")
        return WIRE.load_rows(with_funded(self._data(reply)), Holding)

    # -- what orders block and cost

    def margin(self, session: Session, orders: Sequence[OrderRequest]) -> Flow[Margin]:
        rows = [self._planned(order) for order in orders]
        path = "/margins/basket?consider_positions=true"
        return self._one(Margin, self._json_call("margin", session, path, rows))

    def charges(self, session: Session, orders: Sequence[OrderRequest]) -> Flow[Charges]:
        rows = []
        for number, order in enumerate(orders, 1):
            if order.price is None:
                raise InvalidOrder(f"charges follow from a price; {order.symbol} has none")
            row = self._planned(order)
            row |= {"order_id": str(number), "average_price": row.pop("price")}
            rows.append(row)
        reply = yield self._json_call("charges", session, "/charges/orders", rows)
        return WIRE.load({"notes": self._data(reply)}, Charges)

    def _planned(self, order: OrderRequest) -> dict[str, Any]:
        quantity = self.vendor_quantity(order.quantity or 0, order.target)
        variety = "amo" if order.after_market else "regular"
        return PLANNED_WIRE.dump(order) | {"variety": variety, "quantity": quantity}

    # -- rules

    def place_gtt(self, session: Session, rule: GttRequest) -> Flow[OrderAck]:
        if rule.disclosed_quantity is not None or rule.valid_days is not None:
            raise Unsupported("Zerodha's triggers show the whole order and last for a year")
        fields = PLANNED_WIRE.dump(rule)
        fields["quantity"] = self.vendor_quantity(rule.quantity, rule.target)
        last_price = yield from self._last_price(session, key_of(rule.target))
        check_between(rule, last_price)
        orders = [(leg.trigger_price, fields | {"price": leg.price}) for leg in rule.legs]
        form = trigger_form(key_of(rule.target), last_price, orders)
        return (yield from self._trigger_call("place_gtt", session, "POST", "", form))

    def modify_gtt(self, session: Session, rule: Gtt, change: GttChange) -> Flow[OrderAck]:
        """The whole trigger anew; what is left of each order stays as its own."""
        if change.disclosed_quantity is not None:
            raise Unsupported("a trigger shows the whole order; change its prices or quantity")
        changed = rule.changed(change)
        fields = PLANNED_WIRE.dump(change)
        if change.quantity is not None:
            fields["quantity"] = self.vendor_quantity(change.quantity, rule)
        key = f"{rule.vendor['condition']['exchange']}:{rule.broker_symbol}"
        present = orders_by_trigger(rule.vendor)
        orders = [
            (now.trigger_price, dict(present[before.trigger_price]) | fields | {"price": now.price})
            for before, now in zip(rule.legs, changed.legs, strict=True)
        ]
        last_price = yield from self._last_price(session, key)
        check_between(changed, last_price)
        form = trigger_form(key, last_price, orders)
        return (yield from self._trigger_call("modify_gtt", session, "PUT", rule.gtt_id, form))

    def cancel_gtt(self, session: Session, rule: Gtt) -> Flow[OrderAck]:
        return self._trigger_call("cancel_gtt", session, "DELETE", rule.gtt_id, {})

    def gtt(self, session: Session, gtt_id: str) -> Flow[Gtt]:
        return self._one(Gtt, self._call("gtt", session, "GET", f"/gtt/triggers/{gtt_id}"))

    def gtts(self, session: Session, *, done: bool = False) -> Flow[list[Gtt]]:
        rules = yield from self._rows(Gtt, self._call("gtts", session, "GET", "/gtt/triggers"))
        ended = (GttStatus.CANCELLED, GttStatus.EXPIRED)
        return [rule for rule in rules if done or rule.status not in ended]

    def _trigger_call(
        self, operation: str, session: Session, method: str, rule_id: str, form: Mapping[str, Any]
    ) -> Flow[OrderAck]:
        path = f"/gtt/triggers/{rule_id}".rstrip("/")
        reply = yield self._order_call(operation, session, method, path, form)
        found = _named(self._data(reply), "trigger_id")
        if not found:
            raise MalformedReply("success without a trigger's id", status=reply.status)
        return OrderAck(order_id=found)

    def _last_price(self, session: Session, key: str) -> Flow[Decimal]:
        """What a trigger's condition has to state."""
        query = urlencode({"i": key}, quote_via=quote)
        data = self._data((yield self._call("quotes", session, "GET", f"/quote/ltp?{query}")))
        row = data.get(key) if isinstance(data, Mapping) else None
        last_price = WIRE.load(row, Quote, at=f"$.data.{key}").last_price
        if last_price is None:
            raise MalformedReply(f"there is no last price of {key}")
        return last_price

    # -- market data

    def quotes(
        self, session: Session, instruments: Sequence[Instrument], mode: QuoteMode
    ) -> Flow[list[Quote]]:
        quotes: list[Quote] = []
        batch = QUOTE_BATCH[mode]
        for start in range(0, len(instruments), batch):
            wanted = {key_of(one): one for one in instruments[start : start + batch]}
            query = urlencode([("i", key) for key in wanted], quote_via=quote)
            reply = yield self._call("quotes", session, "GET", f"{QUOTE_PATHS[mode]}?{query}")
            data = self._data(reply)
            if not isinstance(data, Mapping):
                raise MalformedReply("the quotes are no object @ $.data")
            quotes += self._quotes_of(wanted, data)
        return quotes

    def history(
        self, session: Session, instrument: Instrument, interval: Interval, window: Window
    ) -> Flow[list[Candle]]:
        start, end = in_india(window)
        query = urlencode({"from": start, "to": end, "oi": int(instrument.is_derivative)})
        path = f"/instruments/historical/{instrument.token}/{INTERVALS[interval]}?{query}"
        reply = yield self._call("history", session, "GET", path)
        data = self._data(reply)
        rows = data.get("candles") if isinstance(data, Mapping) else data
        return WIRE.load_rows(numbered(rows), Candle, at="$.data.candles")

    def master(self, headers: Mapping[str, str] = NO_HEADERS) -> Flow[Master]:
        url = self.hosts["rest"] + "/instruments"
        reply = yield master_request(url, HEADERS | dict(headers))
        return None if reply.status == 304 else zerodha_master.instruments(reply.content)

    def raw(
        self, session: Session, method: str, path: str, body: object | None = None
    ) -> Flow[Any]:
        reply = yield self._call("raw", session, "GET", only_get(method, path, body))
        return self._data(reply)

    # -- requests

    def _call(
        self,
        operation: str,
        session: Session,
        method: str,
        path: str,
        fields: Mapping[str, Any] = NO_FIELDS,
        effect: Effect = Effect.READ,
    ) -> Request:
        api_key, token = (session.tokens[name].reveal() for name in ("api_key", "access_token"))
        return self._request(operation, method, path, fields, effect, auth=f"{api_key}:{token}")

    def _order_call(
        self, operation: str, session: Session, method: str, path: str, fields: Mapping[str, Any]
    ) -> Request:
        return self._call(operation, session, method, path, fields, Effect.ORDER)

    def _json_call(
        self, operation: str, session: Session, path: str, rows: Sequence[Mapping[str, Any]]
    ) -> Request:
        asked = self._call(operation, session, "POST", path)
        return json_request(
            "POST",
            asked.url,
            rows,
            headers={**asked.headers, "Content-Type": "application/json"},
            operation=operation,
            bucket=operation,
        )

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        fields: Mapping[str, Any] = NO_FIELDS,
        effect: Effect = Effect.READ,
        *,
        auth: str | None = None,
    ) -> Request:
        headers = HEADERS | ({"Authorization": f"token {auth}"} if auth else {})
        return form_request(
            method,
            self.hosts["rest"] + path,
            fields,
            headers=headers,
            operation=operation,
            effect=effect,
            bucket=operation,
        )

    # -- replies

    def _data(self, reply: Reply, errors: Mapping[str, Refusal] = ERRORS) -> Any:
        body = read_body(reply)
        status = body.get("status") if isinstance(body, Mapping) else None
        succeeds = status == "success" and reply.status < 400
        if not succeeds and status != "error":
            raise MalformedReply("the reply says neither success nor error", status=reply.status)
        kind, data = printable(body.get("error_type")), body.get("data")
        contrary = body.get("error_type") if succeeds else _mentions_order(data)
        if contrary:
            raise MalformedReply("the reply contradicts itself", status=reply.status)
        if succeeds:
            if "data" not in body:
                raise MalformedReply("success without data", status=reply.status)
            return data
        message = printable(body.get("message")) or "no reason given"
        refusal = refusal_of(kind, message, codes=errors, texts=TEXTS)
        if kind not in errors:
            refusal = attrs.evolve(refusal, outcome=Outcome.UNKNOWN)
        raise refusal.make(message, code=kind, status=reply.status)

    def _ack(self, reply: Reply, variety: str) -> OrderAck:
        order_id = _named(self._data(reply))
        if not order_id:
            raise MalformedReply("success without an order id", status=reply.status)
        return OrderAck(order_id=order_id, handle={"variety": variety})

    def _session(
        self, reply: Reply, api_key: str, token: str | None = None, secret: str | None = None
    ) -> Session:
        data = self._data(reply, LOGIN_ERRORS)
        found = data if isinstance(data, Mapping) else {}
        account = printable(found.get("user_id"))
        token = token or printable(found.get("access_token"))
        if not account or not token:
            raise MalformedReply("the login reply lacks the user id or the token")
        tokens = {"api_key": Secret(api_key), "access_token": Secret(token)}
        refresh = printable(found.get("refresh_token"))
        if refresh and secret:
            tokens |= {"refresh_token": Secret(refresh), "api_secret": Secret(secret)}
        return Session(
            broker=self.name,
            account=account,
            tokens=tokens,
            created_at=reply.received_at,
            expires_at=coming(TOKENS_DIE, reply.received_at),
        )


def _mentions_order(data: object) -> bool:
    return isinstance(data, Mapping) and to_id(data.get("order_id")) is not None


def _named(data: object, key: str = "order_id") -> str | None:
    """The order or the trigger that a reply's data name."""
    return to_order_id(data.get(key)) if isinstance(data, Mapping) else None


def checksum(api_key: str, request_token: str, api_secret: str) -> str:
    """What proves the app at login (User, 2026-11)."""
    return hashlib.sha256(f"{api_key}{request_token}{api_secret}".encode()).hexdigest()


def key_of(instrument: Instrument) -> str:
    """How quotes name an instrument."""
    return f"{instrument.venue.value}:{instrument.broker_symbol}"


def variety_of(order: Order) -> str:
    """What an order's address has before its id.

    Raises:
        Unsupported: its row does not say.
    """
    variety = order.handle.get("variety")
    if not variety:
        raise Unsupported(f"Zerodha does not tell the variety of order {order.order_id}")
    return variety


def protection_of(asked: Protection) -> dict[str, str]:
    """The market protection, as Zerodha writes it."""
    if asked is None:
        return {}
    if isinstance(asked, Decimal):
        return {"market_protection": plain(asked)}
    return {"market_protection": BROKERS_BAND}


def refuse_unprotected(kind: OrderType, protection: Protection) -> None:
    """Raises ``Unsupported`` for what Zerodha refuses since 2026-04-01."""
    if protection is None and not kind.has_price:
        raise Unsupported(
            f"Zerodha takes no {kind} order without a market protection (since "
            "2026-04-01): pass market_protection='broker' or a percentage, or use a LIMIT order"
        )


ZERODHA = Zerodha(
    name="zerodha",
    title="Zerodha",
    hosts={"rest": "https://api.kite.trade", "login": "https://kite.zerodha.com"},
)
