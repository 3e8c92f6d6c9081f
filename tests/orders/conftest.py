"""A faulty broker over real TLS in this process, and openbroker connected to it."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar, cast

import attrs
import pytest

import openbroker as ob
from openbroker.adapters.angelone import AngelOne
from openbroker.adapters.base import TagRule
from openbroker.errors import BrokerError
from openbroker.sandbox.angelone.replies import application_refusal, success
from openbroker.sandbox.fault_table import Fault
from openbroker.sandbox.sandbox import Sandbox
from openbroker.sandbox.wire import running_server
from openbroker.sandbox.wire_exchange import Exchange
from openbroker.sandbox.wire_h1 import Http1Exchange
from openbroker.schemas import INDIA, Order, Session
from openbroker.transport.messages import Flow, RateLimit

sys.path.insert(0, str(Path(__file__).parents[2]))  # the campaign's parts lie in benchmarks/

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


for kind in (Unlimited, Tagless, Answering, Silent, Refusing):
    ob.register(kind(name=kind.__name__.lower(), title=kind.__name__, hosts=HOSTS))


async def _refuse_late(exchange: Exchange, *, seconds: float) -> None:
    await exchange.pause(seconds)
    exchange.send(application_refusal("AB1009", "Symbol Not Found"))


LATE_REFUSAL = Fault(
    name="late-refusal",
    description="refused, `seconds` late",
    booked=False,
    script=_refuse_late,
)


async def _reply_before(exchange: Exchange) -> None:
    await exchange.book()
    assert isinstance(exchange, Http1Exchange)
    exchange.write(exchange.session.last_reply)
    await exchange.hold()


REPLY_BEFORE = Fault(
    name="reply-before",
    description="booked, and answered with the connection's reply before it once more",
    booked=True,
    protocol="http/1.1",
    script=_reply_before,
)


async def _remember(exchange: Exchange) -> None:
    assert isinstance(exchange, Http1Exchange)
    reply = exchange.render(await exchange.book())
    exchange.server.scratch[f"reply on {id(exchange.session)}"] = reply
    exchange.write(reply)


REMEMBERED = Fault(
    name="remembered",
    description="booked and answered; the reply is kept for `reply-again`",
    booked=True,
    protocol="http/1.1",
    script=_remember,
)


async def _reply_again(exchange: Exchange) -> None:
    assert isinstance(exchange, Http1Exchange)
    exchange.write(cast("bytes", exchange.server.scratch[f"reply on {id(exchange.session)}"]))
    await exchange.hold()


REPLY_AGAIN = Fault(
    name="reply-again",
    description="not booked, and answered with the reply that the connection is remembered for",
    booked=False,
    protocol="http/1.1",
    script=_reply_again,
)


async def _lie(exchange: Exchange) -> None:
    exchange.send(success({"script": "SBIN-EQ", "orderid": "201020000009999"}))


PHANTOM = Fault(
    name="phantom",
    description="not booked, and answered with an order id that nobody has",
    booked=False,
    script=_lie,
)


async def _refuse_twice(exchange: Exchange, *, seconds: float) -> None:
    assert isinstance(exchange, Http1Exchange)
    reply = exchange.render(application_refusal("AB1009", "Symbol Not Found"))
    exchange.write(reply)
    exchange.finish()
    await exchange.pause(seconds)
    exchange.write(reply)


REFUSED_TWICE = Fault(
    name="refused-twice",
    description="refused, and `seconds` later once more",
    booked=False,
    protocol="http/1.1",
    script=_refuse_twice,
)


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


@pytest.fixture
def faulty() -> Iterator[Faulty]:
    box = Sandbox(
        limits=None,
        reuse_totp=True,
        cash="1000000000",
        today=dt.datetime.now(INDIA).date(),
        start=dt.datetime.now(INDIA).time(),
    )
    box.faults.table.add(LATE_REFUSAL)
    for fault in (REPLY_BEFORE, REMEMBERED, REPLY_AGAIN, REFUSED_TWICE, PHANTOM):
        box.faults.table.add(fault)
    box.sessions._end = lambda client: None  # several logins of one account live side by side
    with running_server(box.handler, faults=box.faults) as server:
        yield Faulty(box, server.url, server.ca_file)


Connect = Callable[..., ob.Broker]


@pytest.fixture
def connect(faulty: Faulty, tmp_path: Path) -> Iterator[Connect]:
    """Connect to the faulty broker; all brokers are closed at the end."""
    with ExitStack() as stack:

        def open_(adapter: str = "unlimited", **rest: Any) -> ob.Broker:
            return stack.enter_context(_connected(adapter, faulty.terms(tmp_path, **rest)))

        yield open_


def _connected(adapter: str, terms: dict[str, Any], tries: int = 5) -> ob.Broker:
    """The login has the orders' short deadline too, which a busy machine may miss."""
    while True:
        tries -= 1
        try:
            return ob.connect(adapter, **terms)
        except ob.NotSent:
            if tries == 0:
                raise


@pytest.fixture
def broker(connect: Connect) -> ob.Broker:
    return connect()


def bid(broker: ob.Broker, quantity: int = 1, **rest: Any) -> ob.OrderAck:
    """A limit order that rests in the book."""
    terms = {"order_type": "LIMIT", "price": "780", "product": "MIS"}
    return broker.place_order("NSE:SBIN", "BUY", quantity, **terms, **rest)
