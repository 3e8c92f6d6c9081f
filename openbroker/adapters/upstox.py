"""Upstox, API v2 and v3.

Sources: upstox.com/developer/api-documentation (Authentication, Place, Modify and Cancel Order V3,
Order Details, Order History, Portfolio, Margin, Full Market Quote, LTP V3, Historical Candle V3,
Instruments, Market Price Protection of 2026-03-11, Error Codes, Rate Limiting; 2026) and the
official client upstox-python-sdk 2.30.0 (requests recorded).  Not tried with a live account.

What is peculiar:

* Orders have a host of their own.
* An instrument goes by one key everywhere; its segment stands before the bar.
* One word for delivery and for carrying forward (``D``); which it is, the segment tells.
* Placing gives a list of ids, because large orders may be sliced; slicing is never asked for here.
* A MARKET or SL-M order without a market protection is refused (UDAPI1158, since 2026-04-01).
* Quotes come back under other keys than they were asked by.
* History and today's candles are two routes.
* An order can be asked for by its tag.
* Commodities and currencies are ordered in lots.
* Orders need a registered static address (UDAPI1154); reads do not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

import attrs

from openbroker.adapters import upstox_master
from openbroker.adapters.base import (
    Adapter,
    CredentialField,
    Credentials,
    Master,
    Refusal,
    TagRule,
    coming,
    form_request,
    json_request,
    need,
    read_body,
    refusal_of,
)
from openbroker.adapters.masters import Units
from openbroker.adapters.rules import refuse_misfit
from openbroker.adapters.upstox_tables import (
    ERRORS,
    HISTORY_WINDOWS,
    INTERVALS,
    LIMITS,
    LOGIN_ERRORS,
    TEXTS,
    WIRE,
    product_word,
)
from openbroker.adapters.wire import json_number, json_value, printable, to_id, to_token
from openbroker.errors import InvalidOrder, MalformedReply, OrderNotFound, Unsupported
from openbroker.schemas import (
    INDIA,
    Candle,
    Funds,
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
from openbroker.schemas.orders import Protection
from openbroker.transport.messages import Effect, Flow, RateLimit, Reply, Request

ACCEPT: Mapping[str, str] = {"Accept": "application/json"}
HEADERS: Mapping[str, str] = {"Content-Type": "application/json", **ACCEPT}
NO_HEADERS: Mapping[str, str] = {}
MASTER = "/market-quote/instruments/exchange/complete.json.gz"

QUOTE_PATHS = {
    QuoteMode.LTP: "/v3/market-quote/ltp",
    QuoteMode.OHLC: "/v2/market-quote/quotes",
    QuoteMode.FULL: "/v2/market-quote/quotes",
}
QUOTE_BATCH = 500
"""Instruments in one request (Full Market Quote, 2026)."""

MARGIN_BATCH = 20
"""Orders in one margin (Margin, 2026)."""

TOKENS_DIE = dt.time(3, 30)
"""When access tokens end, India (Get Token, 2026)."""

MOST_PROTECTION = 25
BROKERS_BAND = -1
"""``market_protection``: at most so many per cent; or let Upstox choose (2026-03-11)."""

ALWAYS: Mapping[str, Any] = {
    "price": 0,
    "trigger_price": 0,
    "disclosed_quantity": 0,
    "is_amo": False,
    "slice": False,
}
"""Fields that an order has even where they say nothing."""

REPEATED = ("validity", "price", "order_type", "trigger_price")
"""What a modification says again of the order as it stands."""


@attrs.frozen(kw_only=True)
class Upstox(Adapter):
    """The adapter; :data:`UPSTOX` is the broker."""

    wire = WIRE
    limits: ClassVar[Sequence[RateLimit]] = LIMITS
    units: ClassVar[Units] = upstox_master.UNITS
    tag: ClassVar[TagRule] = TagRule(capacity=20)
    honours: ClassVar[frozenset[str]] = frozenset({"market_protection"})
    account_field: ClassVar[str] = "api_key"
    history_windows: ClassVar[Mapping[Interval, dt.timedelta]] = HISTORY_WINDOWS
    login_parameter: ClassVar[str | None] = "code"
    lacks: ClassVar[Mapping[str, str]] = {
        "renew": "a token lasts until 03:30, and then the login page is needed",
        "open_interest": "it comes with the candles",
    }
    credentials: ClassVar[Sequence[CredentialField]] = (
        CredentialField(
            name="api_key", title="the API key of your Upstox app", instead="access_token"
        ),
        CredentialField(
            name="api_secret", title="the API secret of the app", instead="access_token"
        ),
        CredentialField(
            name="redirect_uri",
            title="the redirect address of the app, exactly as registered",
            secret=False,
            instead="access_token",
        ),
        CredentialField(
            name="code",
            title="what the login page's redirect brings; it serves once",
            instead="access_token",
        ),
        CredentialField(name="access_token", title="today's access token, if you have it"),
    )

    # -- session

    def login_url(self, credentials: Credentials) -> str:
        fields = {
            "client_id": need(credentials, "api_key"),
            "redirect_uri": need(credentials, "redirect_uri"),
            "response_type": "code",
        }
        return f"{self.hosts['rest']}/v2/login/authorization/dialog?" + urlencode(fields)

    def login(self, credentials: Credentials) -> Flow[Session]:
        if "access_token" in credentials:
            token = need(credentials, "access_token")
            reply = yield self._request("login", "GET", "/v2/user/profile", token=token)
            return self._session(reply, self._object(reply, LOGIN_ERRORS), token)
        fields = {
            "code": need(credentials, "code"),
            "client_id": need(credentials, "api_key"),
            "client_secret": need(credentials, "api_secret"),
            "redirect_uri": need(credentials, "redirect_uri"),
            "grant_type": "authorization_code",
        }
        reply = yield form_request(
            "POST",
            self.hosts["rest"] + "/v2/login/authorization/token",
            fields,
            headers=ACCEPT,
            operation="login",
            effect=Effect.SESSION,
            bucket="login",
        )
        body = read_body(reply)
        if reply.status < 400 and isinstance(body, Mapping) and "access_token" in body:
            return self._session(reply, body)
        return self._session(reply, self._object(reply, LOGIN_ERRORS))

    def logout(self, session: Session) -> Flow[None]:
        path = "/v2/logout"
        self._data((yield self._call("logout", session, "DELETE", path, effect=Effect.SESSION)))

    def profile(self, session: Session) -> Flow[Profile]:
        return self._one(Profile, self._call("profile", session, "GET", "/v2/user/profile"))

    def funds(self, session: Session) -> Flow[Funds]:
        return self._one(
            Funds, self._call("funds", session, "GET", "/v2/user/get-funds-and-margin")
        )

    # -- orders

    def place_order(self, session: Session, order: OrderRequest) -> Flow[OrderAck]:
        refuse_misfit(order)
        refuse_unprotected(order.order_type, order.market_protection)
        body = dict(ALWAYS) | self.dump_order(order) | protection_of(order)
        body["product"] = product_word(order.product, order.target.exchange)
        reply = yield self._change("place_order", session, "POST", "/v3/order/place", body)
        ids = self._object(reply).get("order_ids")
        if not isinstance(ids, list) or len(ids) != 1:
            raise MalformedReply("success without one order id", status=reply.status)
        return _ack(reply, ids[0])

    def modify_order(self, session: Session, order: Order, change: OrderChange) -> Flow[OrderAck]:
        if change.order_type is not None:
            refuse_unprotected(change.order_type, None)
        kind = change.order_type or order.order_type
        body = {key: json_value(order.vendor.get(key)) for key in REPEATED}
        body |= self.dump_change(change, order) | {"order_id": order.order_id}
        if kind is not None and not kind.has_price:
            body["price"] = 0
        if kind is not None and not kind.has_trigger:
            body["trigger_price"] = 0
        reply = yield self._change("modify_order", session, "PUT", "/v3/order/modify", body)
        return _ack(reply, self._object(reply).get("order_id"))

    def cancel_order(self, session: Session, ref: OrderRef) -> Flow[OrderAck]:
        path = "/v3/order/cancel?" + urlencode({"order_id": ref.order_id})
        reply = yield self._change("cancel_order", session, "DELETE", path)
        return _ack(reply, self._object(reply).get("order_id"))

    def orders(self, session: Session) -> Flow[list[Order]]:
        return self._rows(Order, self._call("orders", session, "GET", "/v2/order/retrieve-all"))

    def order(self, session: Session, ref: OrderRef) -> Flow[Order]:
        path = "/v2/order/details?" + urlencode({"order_id": ref.order_id})
        found = yield from self._one(Order, self._call("order", session, "GET", path))
        if found.order_id != ref.order_id:
            raise MalformedReply(f"asked for order {ref.order_id}, got {found.order_id}")
        return found

    def order_by_tag(self, session: Session, wire_tag: str) -> Flow[Order | None]:
        """By the history under the tag, which tells every state; then the order as it stands."""
        path = "/v2/order/history?" + urlencode({"tag": wire_tag})
        try:
            states = yield from self._rows(Order, self._call("order", session, "GET", path))
        except OrderNotFound:
            return None
        state = {row.wire_tag: row for row in states}.get(wire_tag)
        if state is None:
            return None
        return (yield from self.order(session, OrderRef(order_id=state.order_id)))

    def trades(self, session: Session) -> Flow[list[Trade]]:
        path = "/v2/order/trades/get-trades-for-day"
        return self._rows(Trade, self._call("trades", session, "GET", path))

    # -- portfolio

    def positions(self, session: Session) -> Flow[list[Position]]:
        path = "/v2/portfolio/short-term-positions"
        return self._rows(Position, self._call("positions", session, "GET", path))

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
        path = "/v2/portfolio/convert-position"
        request = self._call(
            "convert_position", session, "PUT", path, body, effect=Effect.ORDER
        )  # fmt: skip
        self._data((yield request))

    def holdings(self, session: Session) -> Flow[list[Holding]]:
        path = "/v2/portfolio/long-term-holdings"
        return self._rows(Holding, self._call("holdings", session, "GET", path))

    def margin(self, session: Session, orders: Sequence[OrderRequest]) -> Flow[Margin]:
        if len(orders) > MARGIN_BATCH:
            raise InvalidOrder(f"Upstox nets at most {MARGIN_BATCH} orders in one margin")
        body = {"instruments": [self._leg(order) for order in orders]}
        return self._one(Margin, self._call("margin", session, "POST", "/v2/charges/margin", body))

    def _leg(self, order: OrderRequest) -> dict[str, Any]:
        fields = {"price": 0} | self.dump_order(order)
        kept = {key: fields[key] for key in ("quantity", "transaction_type", "price")}
        product = product_word(order.product, order.target.exchange)
        return {"instrument_key": order.target.token, "product": product} | kept

    # -- market data

    def quotes(
        self, session: Session, instruments: Sequence[Instrument], mode: QuoteMode
    ) -> Flow[list[Quote]]:
        quotes: list[Quote] = []
        for start in range(0, len(instruments), QUOTE_BATCH):
            wanted = {one.token: one for one in instruments[start : start + QUOTE_BATCH]}
            keys = quote(",".join(wanted), safe=",")
            path = f"{QUOTE_PATHS[mode]}?instrument_key={keys}"
            reply = yield self._call("quotes", session, "GET", path)
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
        key, unit = quote(instrument.token, safe=""), INTERVALS[interval]
        start, end = (at.astimezone(INDIA).date() for at in (window.start, window.end))
        path = f"/v3/historical-candle/{key}/{unit}/{end}/{start}"
        reply = yield self._call("history", session, "GET", path)
        candles = self._candles(reply)
        if end >= reply.received_at.astimezone(INDIA).date():
            path = f"/v3/historical-candle/intraday/{key}/{unit}"
            reply = yield self._call("history", session, "GET", path)
            candles += self._candles(reply)
        return list({candle.timestamp: candle for candle in candles}.values())

    def _candles(self, reply: Reply) -> list[Candle]:
        rows = self._object(reply).get("candles")
        if isinstance(rows, list):
            rows = [
                dict(zip("0123456", row, strict=False)) if isinstance(row, list) else row
                for row in rows
            ]
        return WIRE.load_rows(rows, Candle, at="$.data.candles")

    def master(self, headers: Mapping[str, str] = NO_HEADERS) -> Flow[Master]:
        reply = yield Request(
            method="GET",
            url=self.hosts["master"] + MASTER,
            headers=headers,
            operation="master",
            max_bytes=256 * 1024 * 1024,
            timeout=120.0,
        )
        return None if reply.status == 304 else upstox_master.instruments(reply.content)

    def raw(
        self, session: Session, method: str, path: str, body: object | None = None
    ) -> Flow[Any]:
        if method != "GET" or body is not None:
            raise Unsupported(f"{method} {path} may change something; only GET is open here")
        return self._data((yield self._call("raw", session, "GET", path)))

    # -- requests

    def _change(
        self,
        operation: str,
        session: Session,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
    ) -> Request:
        return self._call(operation, session, method, path, body, Effect.ORDER, host="orders")

    def _call(
        self,
        operation: str,
        session: Session,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        effect: Effect = Effect.READ,
        host: str = "rest",
    ) -> Request:
        token = session.tokens["access_token"].reveal()
        return self._request(operation, method, path, body, effect, host, token=token)

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        effect: Effect = Effect.READ,
        host: str = "rest",
        *,
        token: str,
    ) -> Request:
        return json_request(
            method,
            self.hosts[host] + path,
            body,
            headers={**HEADERS, "Authorization": f"Bearer {token}"},
            operation=operation,
            effect=effect,
            bucket=operation,
        )

    # -- replies

    def _data(self, reply: Reply, errors: Mapping[str, Refusal] = ERRORS) -> Any:
        body = read_body(reply)
        said = body if isinstance(body, Mapping) else NO_HEADERS
        status = said.get("status")
        if status == "success" and reply.status < 400:
            return said.get("data")
        if status != "error":
            raise MalformedReply("the reply says neither success nor error", status=reply.status)
        first = _first(said.get("errors"))
        code = printable(first.get("error_code")) or printable(first.get("errorCode"))
        message = printable(first.get("message")) or "no reason given"
        refusal = refusal_of(code, message, codes=errors, texts=TEXTS)
        raise refusal.make(message, code=code, status=reply.status)

    def _object(
        self, reply: Reply, errors: Mapping[str, Refusal] = ERRORS
    ) -> Mapping[str, Any]:  # fmt: skip
        data = self._data(reply, errors)
        if not isinstance(data, Mapping):
            raise MalformedReply("no object where one was expected @ $.data", status=reply.status)
        return data

    def _session(
        self, reply: Reply, found: Mapping[str, Any], token: str | None = None
    ) -> Session:  # fmt: skip
        account = to_id(found.get("user_id"))
        token = token or to_token(found.get("access_token"))
        if not account or not token:
            raise MalformedReply("the login reply lacks the user id or the token")
        return Session(
            broker=self.name,
            account=account,
            tokens={"access_token": Secret(token)},
            created_at=reply.received_at,
            expires_at=coming(TOKENS_DIE, reply.received_at),
        )


def _ack(reply: Reply, told: object) -> OrderAck:
    order_id = to_id(told)
    if not order_id:
        raise MalformedReply("success without an order id", status=reply.status)
    return OrderAck(order_id=order_id)


def _first(errors: object) -> Mapping[str, Any]:
    """The first of a reply's errors; an empty one where it has none."""
    first = errors[0] if isinstance(errors, list) and errors else None
    return first if isinstance(first, Mapping) else NO_HEADERS


def protection_of(order: OrderRequest) -> dict[str, int | float]:
    """The market protection, as Upstox writes it.

    Raises:
        InvalidOrder: more than Upstox takes.
    """
    asked = order.market_protection
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
            "2026-04-01): pass market_protection='broker' or a percentage when placing it, or use "
            "a LIMIT order"
        )


UPSTOX = Upstox(
    name="upstox",
    title="Upstox",
    hosts={
        "rest": "https://api.upstox.com",
        "orders": "https://api-hft.upstox.com",
        "master": "https://assets.upstox.com",
    },
)
