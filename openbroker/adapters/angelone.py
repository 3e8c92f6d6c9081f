"""Angel One, SmartAPI.

Sources: the SmartAPI documentation (smartapi.angelone.in/docs: User, Orders, Portfolio,
LiveMarketData, RateLimit, Instruments; as of 2026-11) and the official clients smartapi-python
1.5.5, smartapi-java 4dfc4af and smartapi-javascript 06b091f.  Not tried with a live account.

What is peculiar:

* HTTP 200 carries refusals. Success is the envelope's own flag, which the application spells
  ``status`` and the gateway in front of it ``success``, and which may be a string.
* Lists are ``null`` when empty; numbers come as numbers or strings, with a blank after the minus.
* Every order has a ``variety`` that its modification and its cancellation have to repeat; only an
  after-market order is cancelled as NORMAL.
* Angel One itself turns every MARKET order into a LIMIT at the last price plus or minus a band; it
  shows as LIMIT in the book and may rest there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

import attrs

from openbroker.adapters import angelone_master
from openbroker.adapters.angelone_tables import (
    AGAIN,
    CODES,
    LIMITS,
    LOGIN_CODES,
    RATE_TEXT,
    TEXTS,
    WIRE,
    to_id,
)
from openbroker.adapters.base import (
    Adapter,
    CredentialField,
    Credentials,
    Master,
    Refusal,
    TagRule,
    json_request,
    need,
    read_body,
    refusal_of,
)
from openbroker.adapters.wire import to_flag, to_text
from openbroker.errors import MalformedReply, TransportError, Unsupported
from openbroker.schemas import (
    INDIA,
    Exchange,
    Funds,
    Holding,
    Instrument,
    InstrumentType,
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
    Validity,
)
from openbroker.transport.messages import Effect, Flow, RateLimit, Reply, Request

SECURE = "/rest/secure/angelbroking"
AUTH = "/rest/auth/angelbroking"
MASTER = "/OpenAPI_File/files/OpenAPIScripMaster.json"

NO_HEADERS: Mapping[str, str] = {}

QUOTE_BATCH = 50
"""Tokens in one quote request, all exchanges together (LiveMarketData, 2026-11)."""

ORDER_PATHS = (
    "placeorder", "modifyorder", "cancelorder", "convertposition", "createrule", "modifyrule",
    "cancelrule",
)  # fmt: skip
"""Words of the paths that may change an order, lower case."""

HEADERS: Mapping[str, str] = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "X-UserType": "USER",
    "X-SourceID": "WEB",
    "X-ClientLocalIP": "127.0.0.1",
    "X-ClientPublicIP": "127.0.0.1",
    "X-MACAddress": "00:00:00:00:00:00",
}
"""The address headers are asked for and not checked: the static-IP gate looks at the connection."""


@attrs.frozen(kw_only=True)
class AngelOne(Adapter):
    """The adapter; :data:`ANGELONE` is the broker."""

    wire = WIRE
    limits: ClassVar[Sequence[RateLimit]] = LIMITS
    tag: ClassVar[TagRule] = TagRule(capacity=15)
    settle_time: ClassVar[dt.timedelta] = dt.timedelta(seconds=30)
    order_warmth: ClassVar[int] = 9
    credentials: ClassVar[Sequence[CredentialField]] = (
        CredentialField(name="api_key", title="the API key of your SmartAPI app"),
        CredentialField(
            name="client_code",
            title="your Angel One client code",
            pattern=r"[A-Za-z0-9]{3,20}",
            expects="letters and digits, like A123456",
            secret=False,
        ),
        CredentialField(
            name="pin", title="your login PIN", pattern=r"\d{4,6}", expects="4 to 6 digits"
        ),
        CredentialField(
            name="totp_secret",
            title="the TOTP secret shown beside the QR code at smartapi.angelone.in/enable-totp",
            pattern=r"[A-Za-z2-7 ]{16,64}=*",
            expects="at least 16 letters A-Z and digits 2-7",
            instead="totp",
        ),
        CredentialField(name="totp", title="a one-time code", pattern=r"\d{6}", expects="6 digits"),
    )

    # -- session

    def login(self, credentials: Credentials) -> Flow[Session]:
        api_key, client_code = need(credentials, "api_key"), need(credentials, "client_code")
        body = {
            "clientcode": client_code,
            "password": need(credentials, "pin"),
            "totp": need(credentials, "totp"),
        }
        reply = yield self._request(
            "login", "POST", f"{AUTH}/user/v1/loginByPassword", api_key, body, Effect.SESSION
        )
        return self._session(reply, api_key, client_code, codes=LOGIN_CODES)

    def renew(self, session: Session) -> Flow[Session]:
        body = {"refreshToken": session.tokens["refresh"].reveal()}
        reply = yield self._call(
            "renew", session, "POST", "/jwt/v1/generateTokens", body, Effect.SESSION, root=AUTH
        )
        return self._session(reply, session.tokens["api_key"].reveal(), session.account)

    def logout(self, session: Session) -> Flow[None]:
        body = {"clientcode": session.account}
        reply = yield self._call("logout", session, "POST", "/user/v1/logout", body, Effect.SESSION)
        self._data(reply)

    def profile(self, session: Session) -> Flow[Profile]:
        reply = yield self._call("profile", session, "GET", "/user/v1/getProfile")
        return WIRE.load(self._data(reply), Profile)

    def funds(self, session: Session) -> Flow[Funds]:
        reply = yield self._call("funds", session, "GET", "/user/v1/getRMS")
        return WIRE.load(self._data(reply), Funds)

    # -- orders

    def place_order(self, session: Session, order: OrderRequest) -> Flow[OrderAck]:
        refuse_what_the_exchange_refuses(order)
        body = {"price": "0"} | WIRE.dump(order) | {"variety": variety_of(order)}
        reply = yield self._order_call("place_order", session, "/order/v1/placeOrder", body)
        return self._ack(reply, body["variety"])

    def modify_order(self, session: Session, order: Order, change: OrderChange) -> Flow[OrderAck]:
        row = order.vendor
        body = {key: to_text(row.get(key)) or "" for key in _REPEATED} | WIRE.dump(change)
        order_type = change.order_type or order.order_type
        body["variety"] = variety_after(order, order_type)
        if order_type is None or order_type.has_trigger:
            body.setdefault("triggerprice", to_text(row.get("triggerprice")) or "0")
        if order_type is not None and not order_type.has_price:
            body["price"] = "0"
        reply = yield self._order_call("modify_order", session, "/order/v1/modifyOrder", body)
        return self._ack(reply, body["variety"])

    def cancel_order(self, session: Session, ref: OrderRef) -> Flow[OrderAck]:
        variety = ref.handle.get("variety")
        if not variety:
            order = yield from self.order(session, ref)
            variety = order.handle.get("variety") or variety_after(order, order.order_type)
        body = {"variety": "NORMAL" if variety == "AMO" else variety, "orderid": ref.order_id}
        reply = yield self._order_call("cancel_order", session, "/order/v1/cancelOrder", body)
        return self._ack(reply, variety)

    def orders(self, session: Session) -> Flow[list[Order]]:
        reply = yield self._call("orders", session, "GET", "/order/v1/getOrderBook")
        return WIRE.load_rows(self._data(reply), Order)

    def order(self, session: Session, ref: OrderRef) -> Flow[Order]:
        unique = ref.handle.get("uniqueorderid")
        if not unique:
            return (yield from self._find(session, ref))
        reply = yield self._call("order", session, "GET", f"/order/v1/details/{unique}")
        order = WIRE.load(self._data(reply), Order)
        if order.order_id != ref.order_id:
            raise MalformedReply(f"asked for order {ref.order_id}, got {order.order_id}")
        return order

    def trades(self, session: Session) -> Flow[list[Trade]]:
        reply = yield self._call("trades", session, "GET", "/order/v1/getTradeBook")
        day = reply.received_at.astimezone(INDIA).date()
        trades = WIRE.load_rows(self._data(reply), Trade)
        return [attrs.evolve(trade, traded_at=_on(day, trade.traded_at)) for trade in trades]

    # -- portfolio

    def positions(self, session: Session) -> Flow[list[Position]]:
        reply = yield self._call("positions", session, "GET", "/order/v1/getPosition")
        return WIRE.load_rows(self._data(reply), Position)

    def holdings(self, session: Session) -> Flow[list[Holding]]:
        reply = yield self._call("holdings", session, "GET", "/portfolio/v1/getHolding")
        data = self._data(reply)
        rows = data.get("holdings") if isinstance(data, Mapping) else data
        return WIRE.load_rows(rows, Holding)

    # -- market data

    def quotes(
        self, session: Session, instruments: Sequence[Instrument], mode: QuoteMode
    ) -> Flow[list[Quote]]:
        quotes: list[Quote] = []
        for start in range(0, len(instruments), QUOTE_BATCH):
            tokens: dict[str, list[str]] = {}
            for instrument in instruments[start : start + QUOTE_BATCH]:
                tokens.setdefault(str(WIRE.spell(instrument.venue)), []).append(instrument.token)
            body = {"mode": mode.value, "exchangeTokens": tokens}
            reply = yield self._call("quotes", session, "POST", "/market/v1/quote", body)
            data = self._data(reply) or {}
            if not isinstance(data, Mapping):
                raise MalformedReply("the quotes are no object @ $.data")
            for part in ("fetched", "unfetched"):
                quotes += WIRE.load_rows(data.get(part), Quote, at=f"$.data.{part}")
        return quotes

    def master(self, headers: Mapping[str, str] = NO_HEADERS) -> Flow[Master]:
        try:
            reply = yield self._master_request("master", headers)
        except TransportError:
            reply = yield self._master_request("master_old", headers)
        return None if reply.status == 304 else angelone_master.instruments(reply.content)

    def raw(
        self, session: Session, method: str, path: str, body: object | None = None
    ) -> Flow[Any]:
        if any(word in path.casefold() for word in ORDER_PATHS):
            raise Unsupported(f"{path} may change orders; use the order methods, which are safe")
        effect = Effect.READ if method == "GET" else Effect.SESSION
        reply = yield self._call("raw", session, method, path, body, effect, root="")
        return self._data(reply)

    # -- requests

    def _call(
        self,
        operation: str,
        session: Session,
        method: str,
        path: str,
        body: object | None = None,
        effect: Effect = Effect.READ,
        *,
        root: str = SECURE,
    ) -> Request:
        api_key, jwt = session.tokens["api_key"].reveal(), session.tokens["jwt"].reveal()
        return self._request(operation, method, root + path, api_key, body, effect, jwt)

    def _order_call(self, operation: str, session: Session, path: str, body: object) -> Request:
        return self._call(operation, session, "POST", path, body, Effect.ORDER)

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        api_key: str,
        body: object | None,
        effect: Effect,
        jwt: str | None = None,
    ) -> Request:
        headers = dict(HEADERS) | {"X-PrivateKey": api_key}
        if jwt is not None:
            headers["Authorization"] = f"Bearer {jwt}"
        url = self.hosts["rest"] + path
        return json_request(
            method, url, body, headers=headers, operation=operation, effect=effect, bucket=operation
        )

    def _master_request(self, host: str, headers: Mapping[str, str]) -> Request:
        return Request(
            method="GET",
            url=self.hosts[host] + MASTER,
            headers=headers,
            operation="master",
            max_bytes=256 * 1024 * 1024,
            timeout=120.0,
        )

    # -- replies

    def asks_to_wait(self, reply: Reply) -> bool:
        head = reply.content[:400]
        return (
            reply.status == 429
            or (reply.status == 403 and any(text in head.lower() for text in _RATE_BYTES))
            or (len(head) < 400 and any(code in head for code in AGAIN))
        )

    def _data(self, reply: Reply, codes: Mapping[str, Refusal] = CODES) -> Any:
        """What the envelope holds.

        Raises:
            BrokerError, AuthError: the envelope refuses.
            TransportError: it is no envelope.
        """
        body = read_body(reply, rate_text=RATE_TEXT)
        flags = (
            [to_flag(body[key]) for key in ("status", "success") if key in body]
            if isinstance(body, Mapping)
            else []
        )
        if not flags or None in flags:
            raise MalformedReply("the reply says neither success nor failure", status=reply.status)
        if all(flags):
            return body.get("data")
        message = _said(body, "message") or "no reason given"
        code = _said(body, "errorcode", "errorCode")
        refusal = refusal_of(code, message, codes=codes, texts=TEXTS)
        raise refusal.make(message, code=code, status=reply.status)

    def _session(
        self,
        reply: Reply,
        api_key: str,
        client_code: str,
        codes: Mapping[str, Refusal] = CODES,
    ) -> Session:
        data = self._data(reply, codes)
        names = {"jwt": "jwtToken", "refresh": "refreshToken", "feed": "feedToken"}
        found = {name: _token(data, key) for name, key in names.items()}
        tokens = {name: Secret(text) for name, text in found.items() if text}
        if len(tokens) < len(names):
            raise MalformedReply("the login reply lacks a token")
        return Session(
            broker=self.name,
            account=client_code,
            tokens=tokens | {"api_key": Secret(api_key)},
            created_at=reply.received_at,
            expires_at=next_midnight(reply.received_at),
        )

    def _ack(self, reply: Reply, variety: str) -> OrderAck:
        data = self._data(reply)
        order_id = to_id(data.get("orderid")) if isinstance(data, Mapping) else None
        if not order_id:
            raise MalformedReply("success without an order id", status=reply.status)
        handle = {"variety": variety, "uniqueorderid": to_id(data.get("uniqueorderid"))}
        return OrderAck(order_id=order_id, handle={k: v for k, v in handle.items() if v})


def _said(body: Mapping[str, Any], *keys: str) -> str | None:
    """The first of the fields that holds text or a number."""
    values = (body.get(key) for key in keys)
    return next((str(v).strip() for v in values if v and isinstance(v, (str, int))), None)


def _token(data: object, key: str) -> str | None:
    """A token, which is one printable word, without the prefix that some replies carry."""
    value = data.get(key) if isinstance(data, Mapping) else None
    text = value.removeprefix("Bearer ") if isinstance(value, str) else ""
    return text if text.isascii() and text.isprintable() and " " not in text else None


_REPEATED = (
    "variety", "orderid", "ordertype", "producttype", "duration", "price", "quantity",
    "tradingsymbol", "symboltoken", "exchange",
)  # fmt: skip
"""What a modification has to state, changed or not."""


_RATE_BYTES = tuple(text.encode() for text in RATE_TEXT)


def variety_of(order: OrderRequest) -> str:
    """Angel One's word for the family of an order."""
    if order.after_market:
        return "AMO"
    return "STOPLOSS" if order.order_type.has_trigger else "NORMAL"


def variety_after(order: Order, order_type: OrderType | None) -> str:
    """The variety that an order has once it is of this type: a stop is STOPLOSS.

    What is neither NORMAL nor STOPLOSS (AMO, ROBO) stays, whatever the type.
    """
    variety = order.handle.get("variety", "NORMAL")
    if order_type is None or variety not in ("NORMAL", "STOPLOSS"):
        return variety
    return "STOPLOSS" if order_type.has_trigger else "NORMAL"


def refuse_what_the_exchange_refuses(order: OrderRequest) -> None:
    """Rules whose breach Angel One reports only later, as a rejected row in the book.

    Raises:
        Unsupported: product and segment do not fit, a stop-market order on an option, IOC on a
            commodity, or a market protection other than Angel One's own.
    """
    instrument = order.target
    cash_only = order.product in (Product.CNC, Product.MTF)
    if cash_only and instrument.exchange.is_derivative:
        raise Unsupported(f"product {order.product} is for shares; derivatives take NRML or MIS")
    if order.product is Product.NRML and not instrument.exchange.is_derivative:
        raise Unsupported("product NRML is for derivatives; shares take CNC, MIS or MTF")
    if order.order_type is OrderType.SL_M and instrument.type is InstrumentType.OPTION:
        raise Unsupported("exchanges take no SL-M order on options (since 2021-09-27); use SL")
    if order.validity is Validity.IOC and instrument.exchange is Exchange.MCX:
        raise Unsupported("commodities take no IOC order through the API; use DAY")
    if isinstance(order.market_protection, Decimal):
        raise Unsupported(
            "Angel One applies a protection band of its own; pass market_protection='broker', or "
            "place a LIMIT order at the worst price you accept"
        )


def next_midnight(moment: dt.datetime) -> dt.datetime:
    """The coming midnight in India, when tokens die (User, 2026-11)."""
    day = moment.astimezone(INDIA).date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(), INDIA)


def _on(day: dt.date, moment: dt.datetime | None) -> dt.datetime | None:
    """A time of day, which is all that the trade book gives, on the day of the reply."""
    if moment is None or moment.year > _NO_YEAR:
        return moment
    return dt.datetime.combine(day, moment.time(), INDIA)


_NO_YEAR = 1900
"""What ``strptime`` makes of a time without a date."""


ANGELONE = AngelOne(
    name="angelone",
    title="Angel One",
    hosts={
        "rest": "https://apiconnect.angelone.in",
        "master": "https://margincalculator.angelone.in",
        "master_old": "https://margincalculator.angelbroking.com",
    },
)
