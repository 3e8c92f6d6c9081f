"""Dhan, DhanHQ API v2.

Sources: dhanhq.co/docs/v2 (Authentication, Orders, Portfolio, Funds, Market Quote, Historical Data,
Instruments, Annexure; 2026), the official client dhanhq 2.3.0 (1670f81, requests recorded) and its
published mock replies.  Not tried with a live account.

What is peculiar:

* There is no envelope on success; an error is an object with ``errorCode``, or for market data
  ``{"status": "failed", "data": {"808": "..."}}``.
* Every body repeats the client id. Prices are numbers; ``disclosedQuantity``, ``price``,
  ``triggerPrice`` and ``afterMarketOrder`` are always there (without them DH-905).
* A modification is the order's whole new state, not what changes.
* An order can be asked for by its tag. By-id replies come as an object or as a list of one.
* Having no holdings is an error.
* Dhan turns a MARKET order into a limit in a band of its own. A STOP_LOSS_MARKET order it fills at
  once as a limit or refuses, so that one is refused here: a stop that does not rest is none.
* Commodities and currencies are counted in lots.
* The login by PIN and one-time code carries both in the address, because the vendor wants them
  there. The browser login needs a request before its page can be named and is not written.
* Orders need a registered static address (since 2026-04-01); reads do not.
* The vendor's sandbox takes a token of its own; others report that it does not answer reads of
  orders (2026), so an order there may stay unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

import attrs

from openbroker.adapters import dhan_master
from openbroker.adapters.base import (
    Adapter,
    CredentialField,
    Credentials,
    Master,
    Refusal,
    TagRule,
    in_india,
    json_request,
    master_request,
    need,
    only_get,
    read_body,
    refusal_of,
)
from openbroker.adapters.dhan_tables import (
    CANDLE,
    ERRORS,
    HISTORY_WINDOWS,
    INDICES,
    INTERVALS,
    LIMITS,
    LOGIN_ERRORS,
    NO_HOLDINGS,
    RATE_BYTES,
    SEGMENTS,
    TEXTS,
    WIRE,
    charted_as,
)
from openbroker.adapters.masters import Units
from openbroker.adapters.rules import refuse_misfit
from openbroker.adapters.wire import json_number, json_value, printable, to_id, to_token
from openbroker.errors import (
    BrokerError,
    MalformedReply,
    OrderNotFound,
    OrderRejected,
    Outcome,
    Unsupported,
)
from openbroker.schemas import (
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
from openbroker.transport.messages import Effect, Flow, RateLimit, Reply, Request

HEADERS: Mapping[str, str] = {"Content-Type": "application/json", "Accept": "application/json"}
NO_HEADERS: Mapping[str, str] = {}
MASTER = "/api-data/api-scrip-master.csv"

QUOTE_PATHS = {
    QuoteMode.LTP: "/marketfeed/ltp",
    QuoteMode.OHLC: "/marketfeed/ohlc",
    QuoteMode.FULL: "/marketfeed/quote",
}
QUOTE_BATCH = 1000
"""Instruments in one request (Market Quote, 2026)."""

ALWAYS: Mapping[str, Any] = {
    "disclosedQuantity": 0,
    "price": 0,
    "triggerPrice": 0,
    "afterMarketOrder": False,
}
"""Fields that an order has even where they say nothing."""

REPEATED = ("orderType", "quantity", "price", "disclosedQuantity", "triggerPrice", "validity")
"""The state that a modification states anew."""


@attrs.frozen(kw_only=True)
class Dhan(Adapter):
    """The adapter; :data:`DHAN` is the broker, :data:`DHAN_SANDBOX` its own sandbox."""

    wire = WIRE
    limits: ClassVar[Sequence[RateLimit]] = LIMITS
    units: ClassVar[Units] = dhan_master.UNITS
    tag: ClassVar[TagRule] = TagRule(capacity=30)
    honours: ClassVar[frozenset[str]] = frozenset({"market_protection"})
    history_windows: ClassVar[Mapping[Interval, dt.timedelta]] = HISTORY_WINDOWS
    lacks: ClassVar[Mapping[str, str]] = {
        "logout": "a token ends by itself after 24 hours",
        "open_interest": "it comes with the candles",
    }
    credentials: ClassVar[Sequence[CredentialField]] = (
        CredentialField(
            name="client_code",
            title="your Dhan client id",
            pattern=r"[A-Za-z0-9]{3,20}",
            expects="digits, like 1100000001",
            secret=False,
        ),
        CredentialField(
            name="pin",
            title="your Dhan PIN",
            pattern=r"\d{4,6}",
            expects="4 to 6 digits",
            instead="access_token",
        ),
        CredentialField(
            name="totp_secret",
            title="the TOTP secret shown at web.dhan.co, Profile, DhanHQ Trading APIs",
            pattern=r"[A-Za-z2-7 ]{16,64}=*",
            expects="at least 16 letters A-Z and digits 2-7",
            instead="totp",
        ),
        CredentialField(
            name="totp",
            title="a one-time code",
            pattern=r"\d{6}",
            expects="6 digits",
            instead="access_token",
        ),
        CredentialField(name="access_token", title="a token from web.dhan.co; it lasts a day"),
    )

    # -- session

    def login(self, credentials: Credentials) -> Flow[Session]:
        client = need(credentials, "client_code")
        if "access_token" in credentials:
            token = need(credentials, "access_token")
            reply = yield self._send("login", "GET", "/profile", client=client, token=token)
            return self._session(reply, client, token)
        proof = {n: need(credentials, n) for n in ("pin", "totp")}
        query = urlencode({"dhanClientId": client} | proof)
        reply = yield Request(
            method="POST",
            url=f"{self.hosts['login']}/app/generateAccessToken?{query}",
            headers=HEADERS,
            operation="login",
            effect=Effect.SESSION,
            bucket="login",
        )
        return self._session(reply, client)

    def renew(self, session: Session) -> Flow[Session]:
        reply = yield self._call("renew", session, "GET", "/RenewToken", effect=Effect.SESSION)
        return self._session(reply, session.account)

    def profile(self, session: Session) -> Flow[Profile]:
        return self._one(Profile, self._call("profile", session, "GET", "/profile"))

    def funds(self, session: Session) -> Flow[Funds]:
        return self._one(Funds, self._call("funds", session, "GET", "/fundlimit"))

    # -- orders

    def place_order(self, session: Session, order: OrderRequest) -> Flow[OrderAck]:
        refuse_misfit(order)
        refuse_stop_market(order.order_type)
        refuse_own_band(order)
        body = dict(ALWAYS) | self.dump_order(order)
        if order.after_market:
            body["amoTime"] = "OPEN"
        reply = yield self._change("place_order", session, "POST", "/orders", body)
        return self._ack(reply, rejectable=True)

    def modify_order(self, session: Session, order: Order, change: OrderChange) -> Flow[OrderAck]:
        kind = change.order_type or order.order_type
        refuse_stop_market(kind)
        body = {key: json_value(order.vendor.get(key)) for key in REPEATED}
        body |= self.dump_change(change, order)
        if kind is not None and not kind.has_price:
            body["price"] = 0
        if kind is not None and not kind.has_trigger:
            body["triggerPrice"] = 0
        body |= {"orderId": order.order_id, "legName": order.handle.get("legName", "")}
        path = f"/orders/{order.order_id}"
        reply = yield self._change("modify_order", session, "PUT", path, body)
        return self._ack(reply)

    def cancel_order(self, session: Session, ref: OrderRef) -> Flow[OrderAck]:
        path = f"/orders/{ref.order_id}"
        reply = yield self._change("cancel_order", session, "DELETE", path)
        return self._ack(reply)

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
        return found

    def order_by_tag(self, session: Session, wire_tag: str) -> Flow[Order | None]:
        """By the vendor's look-up; where that refuses, whose words are written nowhere, by the
        book."""
        path = f"/orders/external/{quote(wire_tag, safe='')}"
        reply = yield self._call("order", session, "GET", path)
        try:
            row = only(self._data(reply))
            orders = [WIRE.load(row, Order)] if row is not None else []
        except BrokerError:
            orders = yield from self.orders(session)
        return {order.wire_tag: order for order in orders}.get(wire_tag)

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
        legs = [{"price": 0, "triggerPrice": 0} | self.dump_order(order) for order in orders]
        for leg in legs:
            for name in ("orderType", "validity", "afterMarketOrder", "disclosedQuantity"):
                leg.pop(name, None)
        if len(legs) == 1:
            path, body = "/margincalculator", legs[0]
        else:
            path = "/margincalculator/multi"
            body = {"includePosition": False, "includeOrder": False, "scripList": legs}
        return self._one(Margin, self._call("margin", session, "POST", path, body))

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

    # -- requests

    def _change(
        self,
        operation: str,
        session: Session,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
    ) -> Request:
        return self._call(operation, session, method, path, body, effect=Effect.ORDER)

    def _call(
        self,
        operation: str,
        session: Session,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        effect: Effect = Effect.READ,
    ) -> Request:
        token = session.tokens["token"].reveal()
        return self._send(operation, method, path, body, effect, session.account, token)

    def _send(
        self,
        operation: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        effect: Effect = Effect.READ,
        client: str = "",
        token: str = "",
    ) -> Request:
        named = {"client-id": client, "dhanClientId": client, "access-token": token}
        return json_request(
            method,
            f"{self.hosts['rest']}/v2{path}",
            None if body is None else {"dhanClientId": client} | dict(body),
            headers={**HEADERS, **named},
            operation=operation,
            effect=effect,
            bucket=operation,
        )

    # -- replies

    def asks_to_wait(self, reply: Reply) -> bool:
        return reply.status == 429 or any(text in reply.content[:400] for text in RATE_BYTES)

    def _data(self, reply: Reply, errors: Mapping[str, Refusal] = ERRORS) -> Any:
        body = read_body(reply)
        if reply.status < 400 and not is_error(body):
            return body
        if not isinstance(body, Mapping):
            raise MalformedReply("a refusal that gives no reason", status=reply.status)
        code, message = reason_of(body)
        refusal = refusal_of(code, message, codes=errors, texts=TEXTS)
        raise refusal.make(message, code=code or None, status=reply.status)

    def _ack(self, reply: Reply, *, rejectable: bool = False) -> OrderAck:
        data = only(self._data(reply))
        found = data if isinstance(data, Mapping) else {}
        order_id = to_id(found.get("orderId"))
        if not order_id:
            raise MalformedReply("success without an order id", status=reply.status)
        if rejectable and found.get("orderStatus") == "REJECTED":
            message = printable(found.get("omsErrorDescription")) or "no reason given"
            raise OrderRejected(
                f"order {order_id} was rejected: {message}",
                status=reply.status,
                outcome=Outcome.REJECTED,
            )
        return OrderAck(order_id=order_id)

    def _session(self, reply: Reply, client: str, token: str | None = None) -> Session:
        data = self._data(reply, LOGIN_ERRORS)
        found = data if isinstance(data, Mapping) else {}
        account = to_id(found.get("dhanClientId")) or client
        token = token or to_token(found.get("accessToken")) or to_token(found.get("token"))
        if not token or "dhanClientId" not in found:
            raise MalformedReply("the login reply lacks the client id or the token")
        return Session(
            broker=self.name,
            account=account,
            tokens={"token": Secret(token)},
            created_at=reply.received_at,
            expires_at=WIRE.time(printable(found.get("expiryTime"))),
        )


def only(data: object) -> Any:
    """What a reply about one thing holds: the object, or the only one of a list."""
    return (data[0] if data else None) if isinstance(data, list) and len(data) < 2 else data


def is_error(body: object) -> bool:
    """Whether a reply is a refusal, whatever its status."""
    if not isinstance(body, Mapping):
        return not isinstance(body, list)
    return bool(body.get("errorCode") or body.get("errorType")) or body.get("status") in (
        "failed", "failure", "error",
    )  # fmt: skip


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


def refuse_stop_market(kind: OrderType | None) -> None:
    """Raises ``Unsupported`` for the stop that Dhan does not let rest."""
    if kind is OrderType.SL_M:
        raise Unsupported(
            "Dhan fills an SL-M order at once as a limit or refuses it (since 2026-04-01): place "
            "an SL order with a price beyond its trigger"
        )


def refuse_own_band(order: OrderRequest) -> None:
    """Raises ``Unsupported`` for a market protection in per cent, for which Dhan has no field."""
    if isinstance(order.market_protection, Decimal):
        raise Unsupported(
            "Dhan protects market orders by a band of its own; pass market_protection='broker', "
            "or place a LIMIT order at the worst price you accept"
        )


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
