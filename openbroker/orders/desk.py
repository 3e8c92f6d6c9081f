"""The order desk: everything between the caller's order and the adapter's flow.

An order's way: it is validated against its instrument, gets its wire tag, and its flow is run in a
task of its own, so that a cancelled caller does not abort an exchange of which bytes may be out.
What the flow raises is judged on the evidence (:mod:`openbroker.orders.outcome`).  The desk never
sends anything twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import attrs

from openbroker.account import Account
from openbroker.errors import (
    OpenBrokerError,
    OrderNotModifiable,
    Outcome,
    SessionExpired,
)
from openbroker.orders.outcome import judge
from openbroker.orders.results import Asked, OrderResult, OrderResults
from openbroker.orders.tags import check_label, new_wire_tag
from openbroker.schemas import (
    Instrument,
    Order,
    OrderAck,
    OrderChange,
    OrderRef,
    OrderRequest,
    Position,
    Session,
)
from openbroker.schemas.convert import plain
from openbroker.schemas.orders import check_lot, check_prices, check_tick
from openbroker.transport.driver import Trace
from openbroker.transport.messages import Flow

log = logging.getLogger("openbroker.orders")

T = TypeVar("T")
Target: TypeAlias = OrderAck | Order | OrderRef | str
"""Which order is meant: an ack, a row of the book, or a bare id."""


class OrderDesk:
    """Places, changes and cancels the orders of one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._adapter = account.adapter

    # -- single orders

    def prepare(self, order: OrderRequest) -> OrderRequest:
        """The order with its instrument and its wire tag.

        Raises:
            InvalidOrder, InstrumentNotFound, Unsupported: it cannot be placed as it is.
        """
        capacity = self._adapter.tag.capacity
        check_label(order.tag, capacity=capacity, broker=self._adapter.title)
        instrument = order.instrument or self._account.instruments.resolve(order.symbol)
        ready = order.on(instrument)
        return attrs.evolve(ready, wire_tag=new_wire_tag(order.tag, capacity=capacity))

    async def place(self, order: OrderRequest, *, timeout: float | None = None) -> OrderAck:
        """Place one order."""
        return await self._place_ready(self.prepare(order), timeout)

    async def _place_ready(self, order: OrderRequest, timeout: float | None) -> OrderAck:
        ack = await self._change(
            "place_order",
            lambda session: self._adapter.place_order(session, order),
            intent=intent_of(order),
            tag=order.wire_tag,
            timeout=timeout,
        )
        return attrs.evolve(ack, request=order)

    async def modify(
        self, target: Target, change: OrderChange, *, timeout: float | None = None
    ) -> OrderAck:
        """Change a live order. An :class:`Order` row is taken as its present state; for anything
        else the state is read first."""
        order = target if isinstance(target, Order) else await self.find(target)
        check_change(order, change)
        return await self._change(
            "modify_order",
            lambda session: self._adapter.modify_order(session, order, change),
            intent={"order_id": order.order_id} | plain_fields(change),
            tag=order.wire_tag,
            timeout=timeout,
        )

    async def cancel(self, target: Target, *, timeout: float | None = None) -> OrderAck:
        """Ask for a live order to be cancelled."""
        ref = OrderRef.of(target)
        return await self._change(
            "cancel_order",
            lambda session: self._adapter.cancel_order(session, ref),
            intent={"order_id": ref.order_id},
            tag=getattr(target, "wire_tag", None),
            timeout=timeout,
        )

    async def find(self, target: Target) -> Order:
        """The present state of an order."""
        ref = OrderRef.of(target)
        order = await self._account.read("order", lambda session: self._adapter.order(session, ref))
        return self._account.attach(order)

    # -- many orders

    async def place_many(
        self, orders: Sequence[OrderRequest], *, timeout: float | None = None
    ) -> OrderResults:
        """Place a basket at once. All are validated before the first is sent.

        Raises:
            UsageError: an order of the basket is invalid; nothing was sent.
        """
        ready = [self._prepare_nth(number, order) for number, order in enumerate(orders)]
        results = await gather(self._place_ready(order, timeout) for order in ready)
        asked = [Asked(symbol=o.symbol, side=o.side, quantity=o.quantity) for o in ready]
        return OrderResults(results, asked)

    def _prepare_nth(self, number: int, order: OrderRequest) -> OrderRequest:
        try:
            return self.prepare(order)
        except OpenBrokerError as error:
            error.message = f"order {number + 1} of the basket: {error.message}"
            raise

    async def cancel_all(self, *, timeout: float | None = None) -> OrderResults:
        """Cancel every live order.

        Raises:
            OpenBrokerError: the order book could not be read; nothing was sent.
        """
        book = await self._account.read("orders", self._adapter.orders)
        live = [self._account.attach(order) for order in book if order.is_live]
        results = await gather(self.cancel(order, timeout=timeout) for order in live)
        asked = [Asked(symbol=o.symbol, side=o.side, quantity=o.quantity) for o in live]
        return OrderResults(results, asked)

    async def square_off(
        self, positions: Iterable[Position], close: Callable[[Position], list[OrderRequest]]
    ) -> OrderResults:
        """Close positions, each with the orders that ``close`` makes of it."""
        pairs = [(position, self._closing(position, close)) for position in positions]
        orders = [(p, order) for p, closing in pairs for order in closing]
        results = await gather(self._placed_or_refused(order) for _, order in orders)
        return OrderResults(results, (_asked(p, order) for p, order in orders))

    def _closing(
        self, position: Position, close: Callable[[Position], list[OrderRequest]]
    ) -> Sequence[OrderRequest | OpenBrokerError]:
        try:
            return [self.prepare(order) for order in close(position)]
        except OpenBrokerError as error:
            return [self._account.explain(error, "square_off")]

    async def _placed_or_refused(self, order: OrderRequest | OpenBrokerError) -> OrderAck:
        if isinstance(order, OpenBrokerError):
            raise order
        return await self._place_ready(order, None)

    # -- the one way out

    async def _change(
        self,
        operation: str,
        make: Callable[[Session], Flow[T]],
        *,
        intent: Mapping[str, Any],
        tag: str | None,
        timeout: float | None,
    ) -> T:
        trace = Trace()
        work = asyncio.ensure_future(self._run(make, trace, timeout))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError as stop:
            work.add_done_callback(_log_abandoned)
            stop.add_note(f"{operation} goes on; its order, if any, carries the tag {tag}")
            raise
        except OpenBrokerError as error:
            verdict = judge(error, trace, intent=intent, tag=tag)
            raise self._account.explain(verdict, operation) from None

    async def _run(
        self, make: Callable[[Session], Flow[T]], trace: Trace, timeout: float | None
    ) -> T:
        session = await self._account.sessions.current()
        try:
            return await self._account.driver.run(make(session), timeout=timeout, trace=trace)
        except SessionExpired:
            self._account.sessions.mark_dead(session)
            raise


def check_change(order: Order, change: OrderChange) -> None:
    """Refuse a change that the order cannot take.

    Raises:
        OrderNotModifiable: the order is done.
        InvalidOrder: its prices or quantity would not fit.
    """
    if order.is_done:
        raise OrderNotModifiable(
            f"order {order.order_id} is {order.status}", outcome=Outcome.NOT_SENT
        )
    if order.instrument is not None:
        check_lot(change.quantity, order.instrument)
        check_tick(change.price, order.instrument, name="price")
        check_tick(change.trigger_price, order.instrument, name="trigger_price")
    order_type = change.order_type or order.order_type
    if order_type is None:
        return
    price = change.price or (order.price if order_type.has_price else None)
    trigger = change.trigger_price or (order.trigger_price if order_type.has_trigger else None)
    check_prices(order_type, order.side, price, trigger)


def intent_of(order: OrderRequest) -> dict[str, Any]:
    """The order as plain data, to be read by people and other processes."""
    return plain_fields(order)


def plain_fields(thing: Any) -> dict[str, Any]:
    """An attrs object's filled fields as text, numbers and flags; nested objects are left out."""
    fields: dict[str, Any] = {}
    for field in attrs.fields(type(thing)):
        value = getattr(thing, field.name)
        if value is None or isinstance(value, Instrument):
            continue
        simple = isinstance(value, (bool, int)) or type(value) is str
        fields[field.name] = value if simple else _text(value)
    return fields


def _text(value: Any) -> str:
    return str(value.value) if hasattr(value, "value") else plain(value)


async def gather(work: Iterable[Awaitable[OrderAck]]) -> list[OrderResult]:
    """All results in order, our errors among them; any other exception is raised."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, OpenBrokerError):
            raise result
    return [r for r in results if isinstance(r, (OrderAck, OpenBrokerError))]


def _asked(position: Position, order: OrderRequest | OpenBrokerError) -> Asked:
    if isinstance(order, OpenBrokerError):
        return Asked(symbol=position.symbol, quantity=position.quantity)
    return Asked(symbol=order.symbol, side=order.side, quantity=order.quantity)


def _log_abandoned(work: asyncio.Future[Any]) -> None:
    """Say what an exchange came to whose caller is gone."""
    if work.cancelled():
        return
    error = work.exception()
    log.warning("an abandoned order call ended: %s", error or "accepted")
