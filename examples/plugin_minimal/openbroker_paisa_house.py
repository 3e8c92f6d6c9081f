"""Paisa House, a made-up broker: how little an adapter has to say.

Sources: none, there is no such broker. A real adapter names here the vendor's page or client and
the date of reading, for every fact below.

What is peculiar:

* A reply is ``{"ok": true, "data": ...}`` or ``{"ok": false, "why": "FUNDS", "text": "..."}``.
* A reply of ``LATE`` proves nothing about an order, so it stands in no table.
* Only shares at NSE, only limit orders for the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import attrs

from openbroker.adapters.base import (
    Adapter,
    CredentialField,
    Credentials,
    Effect,
    Flow,
    Master,
    RateLimit,
    Refusal,
    Reply,
    Request,
    TagRule,
    json_request,
    master_request,
    need,
    read_body,
    refusal_of,
)
from openbroker.adapters.wire import Wire, printable, to_order_id, to_token
from openbroker.errors import (
    InsufficientFunds,
    InvalidCredentials,
    MalformedReply,
    OrderNotFound,
    OrderRejected,
    Outcome,
    SessionExpired,
)
from openbroker.schemas import (
    Exchange,
    Instrument,
    InstrumentType,
    Order,
    OrderAck,
    OrderRef,
    OrderRequest,
    OrderStatus,
    OrderType,
    Product,
    Secret,
    Session,
    Side,
    Validity,
)

WIRE = Wire(
    words={
        Exchange: {Exchange.NSE: "NSE"},
        Side: {Side.BUY: "B", Side.SELL: "S"},
        OrderType: {OrderType.LIMIT: "LIMIT"},
        Product: {Product.CNC: "DELIVERY", Product.MIS: "DAYTRADE"},
        Validity: {Validity.DAY: "DAY"},
    },
    statuses={
        "WORKING": OrderStatus.OPEN,
        "DONE": OrderStatus.FILLED,
        "WITHDRAWN": OrderStatus.CANCELLED,
        "REFUSED": OrderStatus.REJECTED,
    },
    fields={
        OrderRequest: {
            "target.token": "stock",
            "side": "side",
            "order_type": "kind",
            "product": "product",
            "validity": "validity",
            "quantity": "shares",
            "price": "price",
            "wire_tag": "note",
        },
        Order: {
            "order_id": "id",
            "status": "status",
            "token": "stock",
            "exchange": lambda _: Exchange.NSE,
            "side": "side",
            "order_type": "kind",
            "product": "product",
            "validity": "validity",
            "quantity": "shares",
            "filled_quantity": "bought_or_sold",
            "price": "price",
            "wire_tag": "note",
            "placed_at": "at",
        },
        Instrument: {
            "exchange": lambda _: Exchange.NSE,
            "symbol": lambda row: f"NSE:{printable(row.get('name'))}",
            "type": lambda _: InstrumentType.EQUITY,
            "token": "stock",
            "broker_symbol": "name",
            "name": "company",
            "tick_size": "tick",
        },
    },
)

REFUSALS: Mapping[str, Refusal] = {
    "TOKEN": Refusal(error=SessionExpired, outcome=Outcome.NOT_SENT),
    "PIN": Refusal(error=InvalidCredentials, outcome=Outcome.NOT_SENT),
    "FUNDS": Refusal(error=InsufficientFunds, outcome=Outcome.REJECTED),
    "ORDER": Refusal(error=OrderRejected, outcome=Outcome.REJECTED),
    "UNKNOWN ID": Refusal(error=OrderNotFound, outcome=Outcome.REJECTED),
}
"""What the broker's words prove. One that is not listed proves nothing: the outcome is unknown."""


@attrs.frozen(kw_only=True)
class PaisaHouse(Adapter):
    """The adapter; :data:`PAISA_HOUSE` is the broker."""

    wire = WIRE
    tag: ClassVar[TagRule] = TagRule(capacity=16)
    limits: ClassVar[Sequence[RateLimit]] = (
        RateLimit(bucket="place_order", per_second=5),
        RateLimit(bucket="orders", per_second=2),
    )
    credentials: ClassVar[Sequence[CredentialField]] = (
        CredentialField(name="client_code", title="your client code", secret=False),
        CredentialField(name="pin", title="your PIN", pattern=r"\d{4}", expects="4 digits"),
    )

    def login(self, credentials: Credentials) -> Flow[Session]:
        account = need(credentials, "client_code")
        body = {"client": account, "pin": need(credentials, "pin")}
        reply = yield self._request("login", "POST", "/login", body, Effect.SESSION)
        data = self._data(reply)
        token = to_token(data.get("token")) if isinstance(data, Mapping) else None
        if token is None:
            raise MalformedReply("the login's reply has no token", status=reply.status)
        return Session(
            broker=self.name,
            account=account,
            tokens={"token": Secret(token)},
            created_at=reply.received_at,
        )

    def place_order(self, session: Session, order: OrderRequest) -> Flow[OrderAck]:
        body = self.dump_order(order)
        return self._ack((yield self._call("place_order", session, "POST", "/orders", body)))

    def cancel_order(self, session: Session, ref: OrderRef) -> Flow[OrderAck]:
        path = f"/orders/{ref.order_id}"
        return self._ack((yield self._call("cancel_order", session, "DELETE", path)))

    def orders(self, session: Session) -> Flow[list[Order]]:
        return self._rows(Order, self._call("orders", session, "GET", "/orders"))

    def master(self, headers: Mapping[str, str] = MappingProxyType({})) -> Flow[Master]:
        reply = yield master_request(self.hosts["rest"] + "/stocks", headers)
        return iter(WIRE.load_rows(self._data(reply), Instrument))

    # -- requests

    def _call(
        self,
        operation: str,
        session: Session,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
    ) -> Request:
        effect = Effect.READ if method == "GET" else Effect.ORDER
        token = session.tokens["token"].reveal()
        return self._request(operation, method, path, body, effect, {"Authorization": token})

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        effect: Effect,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Request:
        return json_request(
            method,
            self.hosts["rest"] + path,
            body,
            headers={"Content-Type": "application/json", **headers},
            operation=operation,
            effect=effect,
            bucket=operation,
        )

    # -- replies

    def _data(self, reply: Reply) -> Any:
        body = read_body(reply)
        said = body.get("ok") if isinstance(body, Mapping) else None
        if said is True and reply.status < 400:
            return body.get("data")
        if said is not False:
            raise MalformedReply("the reply says neither yes nor no", status=reply.status)
        code = printable(body.get("why"))
        text = printable(body.get("text")) or "no reason given"
        raise refusal_of(code, text, codes=REFUSALS, texts=()).make(
            text, code=code, status=reply.status
        )

    def _ack(self, reply: Reply) -> OrderAck:
        data = self._data(reply)
        order_id = to_order_id(data.get("id")) if isinstance(data, Mapping) else None
        if order_id is None:
            raise MalformedReply("success without an order id", status=reply.status)
        return OrderAck(order_id=order_id)


PAISA_HOUSE = PaisaHouse(
    name="paisa_house", title="Paisa House", hosts={"rest": "https://api.paisa-house.example"}
)
