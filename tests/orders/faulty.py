"""A faulty broker, and adapters that know less than Angel One's: what orders are tested with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeAlias, cast

import attrs

import openbroker as ob
from openbroker.adapters.angelone import AngelOne
from openbroker.adapters.base import TagRule
from openbroker.errors import BrokerError
from openbroker.sandbox.angelone.replies import application_refusal, success
from openbroker.sandbox.fault_table import FaultTable
from openbroker.sandbox.sandbox import Sandbox
from openbroker.sandbox.wire_exchange import Exchange
from openbroker.sandbox.wire_h1 import Http1Exchange
from openbroker.schemas import INDIA, Order, Session
from openbroker.transport.messages import Flow, RateLimit

Connect: TypeAlias = Callable[..., ob.Broker]

TERMS = {"timeout": 1.0, "resolve_within": 0.4, "settle_time": 1.0, "duplicate_window": 0.0}
HOSTS = dict.fromkeys(("rest", "master", "master_old"), "https://unlimited.invalid")


@attrs.frozen(kw_only=True)
class Unlimited(AngelOne):
    """Angel One without its rate limits, where a one-time code may serve every login."""

    limits: ClassVar[Sequence[RateLimit]] = ()
    reuses_codes: ClassVar[bool] = True


@attrs.frozen(kw_only=True)
class Tagless(Unlimited):
    """A broker that carries no tag."""

    tag: ClassVar[TagRule] = TagRule(capacity=0)


@attrs.frozen(kw_only=True)
class Answering(Unlimited):
    """A broker that can be asked for an order by its tag, and whose book shows none of them."""

    def orders(self, session: Session) -> Flow[list[Order]]:
        rows = yield from super().orders(session)
        return [attrs.evolve(row, wire_tag=None) for row in rows]

    def order_by_tag(self, session: Session, wire_tag: str) -> Flow[Order | None]:
        rows = yield from super().orders(session)
        return next((row for row in rows if row.wire_tag == wire_tag), None)


@attrs.frozen(kw_only=True)
class Silent(Unlimited):
    """A broker whose look-up by tag finds nothing, and whose book shows everything."""

    def order_by_tag(self, session: Session, wire_tag: str) -> Flow[Order | None]:
        yield from super().orders(session)
        return None


@attrs.frozen(kw_only=True)
class Refusing(Unlimited):
    """A broker whose look-up by tag is refused."""

    def order_by_tag(self, session: Session, wire_tag: str) -> Flow[Order | None]:
        yield from super().orders(session)
        raise BrokerError(f"there is no filter for {wire_tag}")


@attrs.frozen(kw_only=True)
class Mixing(Unlimited):
    """A broker whose gateway once gives the next book that is read for another's."""

    others: ClassVar[list[Order]] = []

    def orders(self, session: Session) -> Flow[list[Order]]:
        rows = yield from super().orders(session)
        others, self.others[:] = list(self.others), ()
        return others or rows


for kind in (Unlimited, Tagless, Answering, Silent, Refusing, Mixing):
    ob.register(kind(name=kind.__name__.lower(), title=kind.__name__, hosts=HOSTS))


FAULTS = FaultTable()
"""What no broker is known to do, and an order has to outlive all the same."""

H1 = "http/1.1"


@FAULTS.wire("refused, `seconds` late", booked=False)
async def late_refusal(exchange: Exchange, *, seconds: float) -> None:
    await exchange.pause(seconds)
    exchange.send(application_refusal("AB1009", "Symbol Not Found"))


@FAULTS.wire(
    "booked, and answered with the connection's reply before it once more",
    booked=True,
    protocol=H1,
)
async def reply_before(exchange: Exchange) -> None:
    await exchange.book()
    assert isinstance(exchange, Http1Exchange)
    exchange.write(exchange.session.last_reply)
    await exchange.hold()


@FAULTS.wire("booked and answered; the reply is kept for `reply-again`", booked=True, protocol=H1)
async def remembered(exchange: Exchange) -> None:
    assert isinstance(exchange, Http1Exchange)
    reply = exchange.render(await exchange.book())
    exchange.server.scratch[f"reply on {id(exchange.session)}"] = reply
    exchange.write(reply)


@FAULTS.wire(
    "not booked, and answered with the reply that the connection is remembered for",
    booked=False,
    protocol=H1,
)
async def reply_again(exchange: Exchange) -> None:
    assert isinstance(exchange, Http1Exchange)
    exchange.write(cast("bytes", exchange.server.scratch[f"reply on {id(exchange.session)}"]))
    await exchange.hold()


@FAULTS.wire("like `reply-again`, `seconds` later", booked=False, protocol=H1)
async def reply_again_late(exchange: Exchange, *, seconds: float) -> None:
    await exchange.pause(seconds)
    assert isinstance(exchange, Http1Exchange)
    exchange.write(cast("bytes", exchange.server.scratch[f"reply on {id(exchange.session)}"]))
    await exchange.hold()


@FAULTS.wire("not booked, and answered with an order id that nobody has", booked=False)
async def phantom(exchange: Exchange, *, seconds: float = 0.0) -> None:
    await exchange.pause(seconds)
    exchange.send(success({"script": "SBIN-EQ", "orderid": "201020000009999"}))


@FAULTS.wire("refused, and `seconds` later once more", booked=False, protocol=H1)
async def refused_twice(exchange: Exchange, *, seconds: float) -> None:
    assert isinstance(exchange, Http1Exchange)
    reply = exchange.render(application_refusal("AB1009", "Symbol Not Found"))
    exchange.write(reply)
    exchange.finish()
    await exchange.pause(seconds)
    exchange.write(reply)


def faulty_box() -> Sandbox:
    """A sandbox by the real clock that knows :data:`FAULTS`; several logins of one account live
    side by side."""
    now = dt.datetime.now(INDIA)
    box = Sandbox(
        limits=None, reuse_totp=True, cash="1000000000", today=now.date(), start=now.time()
    )
    for fault in FAULTS.values():
        box.faults.table.add(fault)
    box.sessions._end = lambda client: None
    return box


class Faulty:
    """The broker's side: what it booked, and what goes wrong with the next orders."""

    def __init__(self, box: Sandbox, url: str, ca_file: str) -> None:
        self.box = box
        self.url = url
        self.ca_file = ca_file

    def fault(self, name: str, *, times: int | None = 1, path: str = "/placeOrder", **rest: Any):
        return self.box.faults.add(name, path=path, times=times, **rest)

    def book(self) -> list[dict[str, Any]]:
        return self.box.book()

    def terms(self, folder: Path, **rest: Any) -> dict[str, Any]:
        known = {"base_url": self.url, "ca_file": self.ca_file, "journal_dir": folder}
        return {**known, **self.box.credentials, **TERMS, **rest}


def bid(broker: ob.Broker, quantity: int = 1, **rest: Any) -> ob.OrderAck:
    """A limit order that rests in the book."""
    terms = {"order_type": "LIMIT", "price": "780", "product": "MIS"}
    return broker.place_order("NSE:SBIN", "BUY", quantity, **terms, **rest)


def used_connections(*brokers: ob.Broker) -> list[str]:
    """The connections of placed orders' replies, in turn; grows as orders are placed."""
    used: list[str] = []
    for broker in brokers:
        broker.on_exchange(
            lambda request, reply: (
                used.append(reply.connection) if request.operation == "place_order" else None
            )
        )
    return used
