"""Fyers, API v3.

Sources: myapi.fyers.in/docsv3 (Request & Response Structure, Authentication, Transaction Info,
Order Placement, GTT Orders, Other Transactions, Margin Calculator, Broker Config, Data API,
Appendix; as of late 2025), support.fyers.in (rules for retail algo trading, 2026-03-31; Market
Price Protection, 2026) and the official client fyers-apiv3 3.2.0 (requests recorded, 2026-11-22).
Not tried with a live account.

What is peculiar:

* Sides, order types, states, exchanges and segments are numbers; an instrument goes by its ticker.
* The login page brings an ``auth_code``; it is exchanged with the SHA-256 of app id and secret.
  Whose account it is, only the profile tells.
* Refusals are ``{"s": "error", "code": -50}`` under any HTTP status; a success may be 201, *in
  transit*, which proves nothing yet.
* Changes and cancellations are a PATCH and a DELETE with a body.
* An order can be asked for by its tag, which comes back with ``1:`` in front.
* Fyers turns a MARKET order into a limit in a band of its own (since 2026-04-01), so
  ``market_protection="broker"`` is what there is; a percentage is refused here.
* One limit of 10 a second and 200 a minute covers every route, and who exceeds the minute's more
  than three times is blocked for the day. A FULL quote is a request for each instrument.
* Of a rule with two legs the first waits above the last price and the second below, whatever they
  are for.
* Commodities and currencies are counted in lots.
* Days of history begin at midnight UTC; they are told as Indian days.
* The client describes exits attached to any order (``takeProfit``, ``stopLoss``), the documentation
  only those of its bracket orders, which carry no tag; brackets are refused here.
* Renewal needs the PIN. Fyers announced that from 2026-04-01 the second factor is asked every day,
  so it may be refused; a login follows then.
* Orders need a registered static address and an app of the new kind; reads do not.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

import attrs

from openbroker.adapters import fyers_master
from openbroker.adapters.base import (
    Adapter,
    CredentialField,
    Credentials,
    Master,
    Refusal,
    TagRule,
    coming,
    in_india,
    json_request,
    master_request,
    need,
    only_get,
    only_tagged,
    read_body,
    refusal_of,
)
from openbroker.adapters.fyers_tables import (
    CATCH_ALL,
    ERRORS,
    HISTORY_WINDOWS,
    IN_TRANSIT,
    INTERVALS,
    LIMITS,
    LOGIN_ERRORS,
    RATE_BYTES,
    TEXTS,
    USERS_TAG,
    WIRE,
    rule_legs,
)
from openbroker.adapters.masters import Units
from openbroker.adapters.rules import refuse_misfit, refuse_own_band
from openbroker.adapters.sources import numbered
from openbroker.adapters.two_legs import kept_quantities, upper_first
from openbroker.adapters.wire import json_number, json_value, printable, to_id, to_token
from openbroker.errors import (
    BrokerError,
    BrokerUnavailable,
    InvalidCredentials,
    MalformedReply,
    OrderNotFound,
    Outcome,
    RateLimited,
    Unsupported,
)
from openbroker.schemas import (
    Candle,
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
from openbroker.transport.messages import Effect, Flow, RateLimit, Reply, Request

T = TypeVar("T")

HEADERS: Mapping[str, str] = {"Content-Type": "application/json", "version": "3"}
NO_HEADERS: Mapping[str, str] = {}
API = "/api/v3"
ORDERS, RULES = f"{API}/orders/sync", f"{API}/gtt/orders/sync"

QUOTE_BATCH = 50
"""Instruments in one request (Quotes)."""

TOKENS_DIE = dt.time(6, 0)
"""When access tokens end, India (``exp`` of the token in Authentication's sample)."""

NOTHING = "no_data"
"""What ``s`` says of history where there is none; it is no error."""

ALWAYS: Mapping[str, Any] = {
    "limitPrice": 0,
    "stopPrice": 0,
    "disclosedQty": 0,
    "offlineOrder": False,
    "stopLoss": 0,
    "takeProfit": 0,
    "isSliceOrder": False,
}
"""Fields that an order has even where they say nothing."""

PLANNED = ("symbol", "qty", "side", "type", "productType", "limitPrice", "stopPrice",
           "stopLoss", "takeProfit")  # fmt: skip
"""The fields of an order that is only asked about."""


@attrs.frozen(kw_only=True)
class Fyers(Adapter):
    """The adapter; :data:`FYERS` is the broker."""

    wire = WIRE
    limits: ClassVar[Sequence[RateLimit]] = LIMITS
    units: ClassVar[Units] = fyers_master.UNITS
    tag: ClassVar[TagRule] = TagRule(capacity=30)
    honours: ClassVar[frozenset[str]] = frozenset({"market_protection"})
    takes_oco: ClassVar[bool] = True
    account_field: ClassVar[str] = "api_key"
    history_windows: ClassVar[Mapping[Interval, dt.timedelta]] = HISTORY_WINDOWS
    login_parameter: ClassVar[str | None] = "auth_code"
    login_state: ClassVar[str | None] = "state"
    lacks: ClassVar[Mapping[str, str]] = {
        "charges": "it tells what trades have cost, not what orders would",
        "open_interest": "it comes with the candles",
    }
    credentials: ClassVar[Sequence[CredentialField]] = (
        CredentialField(
            name="api_key",
            title="the App ID of your Fyers app, like ABCD1234-100",
            pattern=r"[A-Za-z0-9]+-\d+",
            expects="letters and digits, a hyphen and a number",
        ),
        CredentialField(
            name="api_secret", title="the Secret ID of the app", instead="access_token"
        ),
        CredentialField(
            name="redirect_uri",
            title="the redirect address of the app, exactly as registered",
            secret=False,
            instead="access_token",
        ),
        CredentialField(
            name="auth_code",
            title="what the login page's redirect brings; it serves once",
            instead="access_token",
        ),
        CredentialField(name="access_token", title="today's access token, if you have it"),
        CredentialField(
            name="pin",
            title="your Fyers PIN, if it is to renew sessions; it is kept with their tokens",
            pattern=r"\d{4}",
            expects="4 digits",
            default="",
        ),
    )

    # -- session

    def login_url(self, credentials: Credentials) -> str:
        fields = {
            "client_id": need(credentials, "api_key"),
            "redirect_uri": need(credentials, "redirect_uri"),
            "response_type": "code",
            "state": "openbroker",
        }
        return f"{self.hosts['rest']}{API}/generate-authcode?" + urlencode(fields)

    def login(self, credentials: Credentials) -> Flow[Session]:
        app = need(credentials, "api_key")
        if "access_token" in credentials:
            tokens = {"access_token": need(credentials, "access_token")}
            return (yield from self._session("login", app, tokens))
        proof = app_id_hash(app, need(credentials, "api_secret"))
        fields = {
            "grant_type": "authorization_code",
            "appIdHash": proof,
            "code": need(credentials, "auth_code"),
        }
        path = f"{API}/validate-authcode"
        reply = yield self._request("login", "POST", path, fields, Effect.SESSION)
        found = self._data(reply, LOGIN_ERRORS)
        tokens = {"access_token": token_of(found), "app_id_hash": proof}
        refresh = to_token(found.get("refresh_token"))
        if refresh and "pin" in credentials:
            tokens |= {"refresh_token": refresh, "pin": need(credentials, "pin")}
        return (yield from self._session("login", app, tokens))

    def renew(self, session: Session) -> Flow[Session]:
        """Within 15 days of a login, with the PIN."""
        kept = {name: token.reveal() for name, token in session.tokens.items()}
        if not {"app_id_hash", "refresh_token", "pin"} <= kept.keys():
            raise InvalidCredentials(
                "Fyers renews with a refresh token and the PIN: log in anew, with pin=",
                outcome=Outcome.NOT_SENT,
            )
        fields = {
            "grant_type": "refresh_token",
            "appIdHash": kept["app_id_hash"],
            "refresh_token": kept["refresh_token"],
            "pin": kept["pin"],
        }
        path = f"{API}/validate-refresh-token"
        reply = yield self._request("renew", "POST", path, fields, Effect.SESSION)
        token = token_of(self._data(reply, LOGIN_ERRORS))
        app = kept.pop("api_key")
        return (yield from self._session("renew", app, kept | {"access_token": token}))

    def logout(self, session: Session) -> Flow[None]:
        request = self._call("logout", session, "POST", f"{API}/logout", effect=Effect.SESSION)
        self._data((yield request))

    def profile(self, session: Session) -> Flow[Profile]:
        reply = yield self._call("profile", session, "GET", f"{API}/profile")
        return WIRE.load(self._data(reply).get("data"), Profile)

    def funds(self, session: Session) -> Flow[Funds]:
        return self._one(Funds, self._call("funds", session, "GET", f"{API}/funds"))

    # -- orders

    def place_order(self, session: Session, order: OrderRequest) -> Flow[OrderAck]:
        refuse_misfit(order)
        refuse_own_band(order, self.title)
        body = dict(ALWAYS) | self.dump_order(order)
        return self._change("place_order", session, "POST", ORDERS, body)

    def modify_order(self, session: Session, order: Order, change: OrderChange) -> Flow[OrderAck]:
        """The order's type, the prices of that type, and what changes."""
        if (change.validity, change.disclosed_quantity) != (None, None):
            raise Unsupported(
                "Fyers changes quantity, prices and order type; cancel and place anew"
            )
        kind = change.order_type or order.order_type
        said = {
            "type": True,
            "limitPrice": kind is not None and kind.has_price,
            "stopPrice": kind is not None and kind.has_trigger,
        }
        body = {
            key: json_value(order.vendor[key])
            for key, is_told in said.items()
            if is_told and order.vendor.get(key) is not None
        }
        body |= self.dump_change(change, order) | {"id": order.order_id}
        return self._change("modify_order", session, "PATCH", ORDERS, body)

    def cancel_order(self, session: Session, ref: OrderRef) -> Flow[OrderAck]:
        return self._change("cancel_order", session, "DELETE", ORDERS, {"id": ref.order_id})

    def orders(self, session: Session) -> Flow[list[Order]]:
        return self._book("orders", session, Order, f"{API}/orders", "orderBook")

    def order(self, session: Session, ref: OrderRef) -> Flow[Order]:
        path = f"{API}/orders?" + urlencode({"id": ref.order_id})
        orders = yield from self._book("order", session, Order, path, "orderBook")
        found = {order.order_id: order for order in orders}.get(ref.order_id)
        if found is None:
            raise OrderNotFound(f"order {ref.order_id} is not in today's book")
        return found

    def order_by_tag(self, session: Session, wire_tag: str) -> Flow[Order | None]:
        """By the vendor's look-up; where that refuses, whose words are written nowhere, by the
        book."""
        path = f"{API}/orders?" + urlencode({"order_tag": USERS_TAG + wire_tag})
        try:
            orders = yield from self._book("order", session, Order, path, "orderBook")
        except RateLimited:
            raise
        except BrokerError:
            orders = yield from self.orders(session)
        return only_tagged(orders, wire_tag)

    def trades(self, session: Session) -> Flow[list[Trade]]:
        return self._book("trades", session, Trade, f"{API}/tradebook", "tradeBook")

    # -- portfolio

    def positions(self, session: Session) -> Flow[list[Position]]:
        return self._book("positions", session, Position, f"{API}/positions", "netPositions")

    def convert_position(
        self, session: Session, position: Position, product: Product, quantity: int
    ) -> Flow[None]:
        body = {
            "symbol": position.vendor.get("id"),
            "positionSide": -1 if (position.quantity or 0) < 0 else 1,
            "convertQty": self.vendor_quantity(quantity, position),
            "convertFrom": position.vendor.get("productType"),
            "convertTo": WIRE.spell(product),
            "overnight": 1 if position.overnight_quantity else 0,
        }
        path = f"{API}/positions"
        self._settled((yield self._call("convert_position", session, "POST", path, body,
                                        Effect.ORDER)))  # fmt: skip

    def holdings(self, session: Session) -> Flow[list[Holding]]:
        return self._book("holdings", session, Holding, f"{API}/holdings", "holdings")

    def margin(self, session: Session, orders: Sequence[OrderRequest]) -> Flow[Margin]:
        legs = [dict(ALWAYS) | self.dump_order(order) for order in orders]
        body = {"data": [{key: leg[key] for key in PLANNED} for leg in legs]}
        path = f"{API}/multiorder/margin"
        return self._one(Margin, self._call("margin", session, "POST", path, body))

    # -- rules

    def place_gtt(self, session: Session, rule: GttRequest) -> Flow[OrderAck]:
        if rule.disclosed_quantity is not None or rule.valid_days is not None:
            raise Unsupported("Fyers' rules show the whole order and last for a year")
        if rule.product is Product.MIS:
            raise Unsupported("Fyers' rules take CNC, NRML and MTF")
        units = self.vendor_quantity(rule.quantity, rule.target)
        body = {
            "side": WIRE.spell(rule.side),
            "symbol": rule.target.broker_symbol,
            "productType": WIRE.spell(rule.product),
            "orderInfo": order_info(rule, [units] * len(rule.legs)),
        }
        return self._change("place_gtt", session, "POST", RULES, body)

    def modify_gtt(self, session: Session, rule: Gtt, change: GttChange) -> Flow[OrderAck]:
        """The legs' whole new state; a leg's quantity that stays is in the vendor's own count."""
        if change.disclosed_quantity is not None:
            raise Unsupported("a rule shows the whole order; change its prices or quantity")
        quantities = kept_quantities(rule, rule_legs)
        if change.quantity is not None:
            quantities = [self.vendor_quantity(change.quantity, rule)] * len(quantities)
        body = {"id": rule.gtt_id, "orderInfo": order_info(rule.changed(change), quantities)}
        return self._change("modify_gtt", session, "PATCH", RULES, body)

    def cancel_gtt(self, session: Session, rule: Gtt) -> Flow[OrderAck]:
        return self._change("cancel_gtt", session, "DELETE", RULES, {"id": rule.gtt_id})

    def gtt(self, session: Session, gtt_id: str) -> Flow[Gtt]:
        rules = yield from self.gtts(session, done=True)
        found = {rule.gtt_id: rule for rule in rules}.get(gtt_id)
        if found is None:
            raise OrderNotFound(f"rule {gtt_id} is not in the list")
        return found

    def gtts(self, session: Session, *, done: bool = False) -> Flow[list[Gtt]]:
        rules = yield from self._book("gtts", session, Gtt, f"{API}/gtt/orders", "orderBook")
        ended = (GttStatus.CANCELLED, GttStatus.EXPIRED)
        return [rule for rule in rules if done or rule.status not in ended]

    # -- market data

    def quotes(
        self, session: Session, instruments: Sequence[Instrument], mode: QuoteMode
    ) -> Flow[list[Quote]]:
        size = 1 if mode is QuoteMode.FULL else QUOTE_BATCH
        quotes: list[Quote] = []
        for start in range(0, len(instruments), size):
            wanted = {one.broker_symbol: one for one in instruments[start : start + size]}
            reply = yield self._call("quotes", session, "GET", quote_path(list(wanted), mode))
            quotes += self._quotes_of(wanted, dict(quote_rows(self._data(reply).get("d"))))
        return quotes

    def history(
        self, session: Session, instrument: Instrument, interval: Interval, window: Window
    ) -> Flow[list[Candle]]:
        days = interval is Interval.D1
        ends = (str(int(at.timestamp())) for at in (window.start, window.end))
        start, end = in_india(window, "%Y-%m-%d") if days else ends
        fields = {
            "symbol": instrument.broker_symbol,
            "resolution": INTERVALS[interval],
            "date_format": "1" if days else "0",
            "range_from": start,
            "range_to": end,
            "cont_flag": "0",
            "oi_flag": "1" if instrument.is_derivative else "0",
        }
        reply = yield self._call("history", session, "GET", "/data/history?" + urlencode(fields))
        data = self._data(reply)
        if "candles" not in data and data["s"] != NOTHING:
            raise MalformedReply("there are no candles @ $.candles", status=reply.status)
        candles = WIRE.load_rows(numbered(data.get("candles")), Candle, at="$.candles")
        return [day_of(one) for one in candles] if days else candles

    def master(
        self,
        headers: Mapping[str, str] = NO_HEADERS,  # noqa: ARG002 - the files are joined: all or none
    ) -> Flow[Master]:
        contents = []
        for name in fyers_master.FILES:
            url = f"{self.hosts['master']}/sym_details/{name}_sym_master.json"
            reply = yield master_request(url, NO_HEADERS)
            contents.append(fyers_master.checked(reply.content))
        return fyers_master.instruments(contents)

    def raw(
        self, session: Session, method: str, path: str, body: object | None = None
    ) -> Flow[Any]:
        reply = yield self._call("raw", session, "GET", only_get(method, path, body))
        return self._data(reply)

    # -- requests

    def _book(
        self, operation: str, session: Session, kind: type[T], path: str, key: str
    ) -> Flow[list[T]]:
        """The list under a key."""
        reply = yield self._call(operation, session, "GET", path)
        data = self._data(reply)
        if key not in data:
            raise MalformedReply(f"there is no list @ $.{key}", status=reply.status)
        return WIRE.load_rows(data[key], kind, at=f"$.{key}")

    def _change(
        self, operation: str, session: Session, method: str, path: str, body: Mapping[str, Any]
    ) -> Flow[OrderAck]:
        reply = yield self._call(operation, session, method, path, body, Effect.ORDER)
        try:
            order_id = to_id(self._settled(reply).get("id"))
        except BrokerError as error:
            if "id" not in body and to_id(read_body(reply).get("id")):
                raise MalformedReply("a refusal that names an order", code=error.code) from None
            raise
        if not order_id:
            raise MalformedReply("success without an order id", status=reply.status)
        return OrderAck(order_id=order_id)

    def _call(
        self,
        operation: str,
        session: Session,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        effect: Effect = Effect.READ,
    ) -> Request:
        app, token = (session.tokens[name].reveal() for name in ("api_key", "access_token"))
        return self._request(operation, method, path, body, effect, f"{app}:{token}")

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        effect: Effect = Effect.READ,
        auth: str | None = None,
    ) -> Request:
        return json_request(
            method,
            self.hosts["rest"] + path,
            body,
            headers={**HEADERS, **({"Authorization": auth} if auth else {})},
            operation=operation,
            effect=effect,
            bucket=operation,
        )

    # -- replies

    def asks_to_wait(self, reply: Reply) -> bool:
        return reply.status == 429 or any(text in reply.content[:400] for text in RATE_BYTES)

    def _data(self, reply: Reply, errors: Mapping[str, Refusal] = ERRORS) -> Mapping[str, Any]:
        """The whole reply, once it says ok; ``no_data`` is an empty answer."""
        body = read_body(reply)
        said: Mapping[str, Any] = body if isinstance(body, Mapping) else NO_HEADERS
        told = said.get("code")
        code = printable(str(told)) if isinstance(told, (int, str)) else None
        if said.get("s") in ("ok", NOTHING) and reply.status < 400:
            if code is not None and code.startswith("-"):
                raise MalformedReply("success with an error's code", status=reply.status, code=code)
            return said
        if said.get("s") != "error":
            raise MalformedReply("the reply says neither ok nor error", status=reply.status)
        message = printable(said.get("message")) or "no reason given"
        refusal = refusal_of(code, message, codes=errors, texts=TEXTS)
        if code not in errors and code != CATCH_ALL:
            refusal = attrs.evolve(refusal, outcome=Outcome.UNKNOWN)
        raise refusal.make(message, code=code, status=reply.status)

    def _settled(self, reply: Reply) -> Mapping[str, Any]:
        """A change's answer, unless it says that the exchange has not answered."""
        data = self._data(reply)
        if data["s"] == NOTHING:
            raise MalformedReply("a change was answered with no data", status=reply.status)
        if str(data.get("code")) == IN_TRANSIT:
            raise BrokerUnavailable("the exchange has not answered yet", code=IN_TRANSIT)
        return data

    def _session(self, operation: str, app: str, tokens: Mapping[str, str]) -> Flow[Session]:
        """The session that the tokens open; the profile says whose it is."""
        auth = f"{app}:{tokens['access_token']}"
        reply = yield self._request(operation, "GET", f"{API}/profile", auth=auth)
        data = self._data(reply, LOGIN_ERRORS).get("data")
        account = to_id(data.get("fy_id")) if isinstance(data, Mapping) else None
        if not account:
            raise MalformedReply("the profile lacks the client id", status=reply.status)
        kept = {"api_key": app, **tokens}
        return Session(
            broker=self.name,
            account=account,
            tokens={name: Secret(text) for name, text in kept.items()},
            created_at=reply.received_at,
            expires_at=coming(TOKENS_DIE, reply.received_at),
        )


def app_id_hash(app: str, secret: str) -> str:
    """What proves the app at login (Authentication)."""
    return hashlib.sha256(f"{app}:{secret}".encode()).hexdigest()


def token_of(found: Mapping[str, Any]) -> str:
    """The access token of a login's reply.

    Raises:
        MalformedReply: it has none.
    """
    token = to_token(found.get("access_token"))
    if not token:
        raise MalformedReply("the login reply lacks the token")
    return token


def order_info(rule: GttRequest | Gtt, quantities: Sequence[object]) -> dict[str, Any]:
    """A rule's legs; of two the first has to lie above the last price, the second below."""
    return {
        f"leg{number}": {
            "price": json_number(leg.price),
            "triggerPrice": json_number(leg.trigger_price),
            "qty": json_value(quantity),
        }
        for number, leg, quantity in zip(count(1), upper_first(rule), quantities, strict=False)
    }


def day_of(candle: Candle) -> Candle:
    """A day's candle, whose own time is midnight UTC, at the Indian day's beginning."""
    return attrs.evolve(candle, timestamp=candle.timestamp.replace(hour=0, minute=0))


def quote_path(symbols: Sequence[str], mode: QuoteMode) -> str:
    """Where quotes are; the one with everything is for one instrument."""
    if mode is QuoteMode.FULL:
        return "/data/depth?" + urlencode({"symbol": symbols[0], "ohlcv_flag": "1"})
    return "/data/quotes?" + urlencode({"symbols": ",".join(symbols)})


def quote_rows(data: object) -> Iterator[tuple[str, object]]:
    """Quotes by ticker, from either route; a row that is no quote is left out.

    Raises:
        MalformedReply: there are neither rows nor one object.
    """
    if not isinstance(data, (Mapping, list)):
        raise MalformedReply("there are no quotes @ $.d")
    if isinstance(data, Mapping):
        yield from data.items()
        return
    for row in data:
        if isinstance(row, Mapping) and row.get("s") == "ok" and isinstance(row.get("n"), str):
            yield row["n"], row.get("v")


FYERS = Fyers(
    name="fyers",
    title="Fyers",
    hosts={"rest": "https://api-t1.fyers.in", "master": "https://public.fyers.in"},
)
