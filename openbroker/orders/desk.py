"""The order desk: what a broker does with orders.

An order's way: it is validated against its instrument and gets its wire tag here; the guards look
at it and the journal takes it down (:mod:`~openbroker.orders.journal_file`); it is sent, judged and
taken down again (:mod:`~openbroker.orders.carrier`); and if its answer is lost, the book tells
(:mod:`~openbroker.orders.resolver`).  The desk never sends anything twice.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from openbroker.account import Account
from openbroker.errors import (
    OpenBrokerError,
    OrderBlocked,
    OrderNotModifiable,
    OrderUnknown,
    Outcome,
    StorageError,
    UnresolvedOrder,
    UsageError,
)
from openbroker.orders.carrier import ENTER_WITHIN, Carrier, failure_of, unknown_of
from openbroker.orders.entries import Draft, Entry, State
from openbroker.orders.guards import check_client_id, check_client_ids, refuse_unresolved
from openbroker.orders.halt import HaltLevel, HaltState, reduces
from openbroker.orders.intents import fingerprint, intent_of, plain_fields
from openbroker.orders.journal import Journal, account_folder, default_root
from openbroker.orders.journal_file import Repeated, TagTaken
from openbroker.orders.pricing import priced, to_be_quoted
from openbroker.orders.reconcile import Resolution
from openbroker.orders.resolver import Resolver, Sources
from openbroker.orders.results import Asked, OrderResult, OrderResults
from openbroker.orders.settings import OrderSettings
from openbroker.orders.storage import JournalClosed, patiently
from openbroker.orders.tags import check_label, new_wire_tag
from openbroker.schemas import (
    AsLimit,
    Order,
    OrderAck,
    OrderChange,
    OrderRef,
    OrderRequest,
    Position,
    Quote,
    QuoteMode,
    Session,
    Side,
    Table,
)
from openbroker.schemas.convert import to_seconds
from openbroker.schemas.orders import check_lot, check_prices, check_tick
from openbroker.transport.messages import Flow

Target: TypeAlias = OrderAck | Order | OrderRef | str
"""Which order is meant: an ack, a row of the book, or a bare id."""

log = logging.getLogger("openbroker.orders")

HALT_WITHIN = 1.0
"""Seconds for which the kill switch waits for another program that holds the journal. It is in
force in this process at once."""
CANCEL_WITHOUT = ' connect(journal_dir=":memory:") keeps none, if you have to cancel orders now.'
_TAG_TRIES = 3


class OrderDesk:
    """Places, changes and cancels the orders of one account, and knows what became of them."""

    def __init__(self, account: Account, settings: OrderSettings | None = None) -> None:
        self._account = account
        self._adapter = account.adapter
        self._settings = settings or OrderSettings()
        self.journal = Journal(self._folder(), durability=self._settings.durability)
        self._resolver = Resolver(self.journal, self._sources(), self._settings)
        self._carrier = Carrier(account, self.journal, self._resolver, self._settings)

    def _folder(self) -> Path | None:
        is_mock = not self._account.transport.reaches_network
        if self._settings.in_memory or (is_mock and self._settings.journal_dir is None):
            return None
        root = self._settings.journal_dir
        return account_folder(
            Path(root) if root is not None else default_root(),
            broker=self._adapter.name,
            account=self._account.code,
            url=self._adapter.hosts.get("rest", ""),
        )

    def _sources(self) -> Sources:
        settle = self._settings.settle_time
        return Sources(
            book=self._book_to_search,
            look_up=self._look_up if self._adapter.offers("order_by_tag") else None,
            by_tag=self._adapter.tag.capacity > 0 and self._adapter.tag.in_book,
            settle=self._adapter.settle_time.total_seconds() if settle is None else settle,
        )

    async def _book(self, timeout: float | None = None) -> list[Order]:
        rows = await self._account.read("orders", self._adapter.orders, timeout=timeout)
        return [self._account.attach(row) for row in rows]

    async def _book_to_search(self, timeout: float) -> list[Order]:
        with adapter_errors():
            return await self._book(timeout)

    async def _look_up(self, tag: str, timeout: float) -> Order | None:
        with adapter_errors():
            row = await self._account.read(
                "order_by_tag", lambda s: self._adapter.order_by_tag(s, tag), timeout=timeout
            )
            return self._account.attach(row) if row is not None else None

    # -- beginning and ending

    async def recover(self) -> None:
        """Take up what processes that have died left behind, and wait a little for the truth.

        Raises:
            StorageError: there can be no journal, so no order could be placed.
        """
        try:
            orphans = await patiently(self.journal.orphans, ENTER_WITHIN)
        except StorageError as error:
            error.advice += CANCEL_WITHOUT
            raise
        self._resolver.recover(orphans)
        within = self._settings.resolve_within
        await asyncio.gather(*(self._resolver.wait(e, within) for e in orphans if e.state.is_open))

    def stop(self) -> None:
        """Stop resolving; what is open stays so for the next start."""
        self._resolver.close()

    async def close(self) -> None:
        """After the transport has closed: let what was under way end, then close the journal."""
        self._resolver.close()
        try:
            await self._carrier.ended()
        finally:
            self.journal.close()

    # -- single orders

    def prepare(self, order: OrderRequest) -> OrderRequest:
        """The order with its instrument and its wire tag.

        Raises:
            InvalidOrder, InstrumentNotFound, Unsupported: it cannot be placed as it is.
        """
        capacity = self._adapter.tag.capacity
        check_label(order.tag, capacity=capacity, broker=self._adapter.title)
        self._adapter.refuse_unheard(order)
        instrument = self._account.tradable(order.instrument or order.symbol)
        return self._tagged(order.on(instrument))

    def _tagged(self, order: OrderRequest) -> OrderRequest:
        tag = new_wire_tag(order.tag, capacity=self._adapter.tag.capacity)
        return order.tagged(tag)

    async def priced(
        self, orders: Sequence[OrderRequest], *, timeout: float | None = None
    ) -> Sequence[OrderRequest]:
        """The orders, those that ask for it turned into priced ones at the prices of now.

        Raises:
            InstrumentNotFound, InvalidOrder: an order has no instrument or no price.
            OpenBrokerError: the prices could not be read.
        """
        if not any(isinstance(order.market_protection, AsLimit) for order in orders):
            return orders
        resolve = self._account.instruments.resolve
        located = [order.on(order.instrument or resolve(order.symbol)) for order in orders]
        quotes = await self._quotes_for(located, timeout)
        return [priced(order, quotes.get(order.symbol)) for order in located]

    async def _quotes_for(
        self, orders: Sequence[OrderRequest], timeout: float | None = None
    ) -> Mapping[str, Quote]:
        """Quotes by symbol, as far as orders need one to be priced."""
        wanted = to_be_quoted(orders)
        if not wanted:
            return {}
        with unsent():
            rows = await self._account.read(
                "quotes",
                lambda session: self._adapter.quotes(session, wanted, QuoteMode.FULL),
                timeout=timeout,
            )
        found = {(row.exchange, row.token): row for row in rows}
        pairs = ((one.symbol, found.get((one.venue, one.token))) for one in wanted)
        return {symbol: quote for symbol, quote in pairs if quote is not None}

    async def place(
        self,
        order: OrderRequest,
        *,
        timeout: float | None = None,
        client_id: str | None = None,
        allow_repeat: bool = False,
    ) -> OrderAck:
        """Place one order."""
        check_client_id(client_id)
        await self._refuse_if_strict()
        [order] = await self.priced([order], timeout=timeout)
        ready = self.prepare(order)
        [result] = await self._place_ready(
            [ready], timeout=timeout, client_ids=[client_id], allow_repeat=allow_repeat
        )
        if isinstance(result, OpenBrokerError):
            raise result
        return result

    async def _place_ready(
        self,
        orders: Sequence[OrderRequest],
        *,
        timeout: float | None,
        client_ids: Sequence[str | None] = (),
        allow_repeat: bool = False,
        closing: bool = False,
    ) -> list[OrderResult]:
        """Enter valid orders in one transaction, then send them at once."""
        shrinks = await self._shrinks(orders, closing)
        ids = client_ids or [None] * len(orders)
        terms = (timeout, allow_repeat)
        orders, entered = await self._enter(
            orders, lambda o, n: self._draft(o, ids[n], shrinks[n], *terms)
        )
        pairs = zip(orders, entered, shrinks, strict=True)
        return await gather(self._carry(o, e, timeout, small) for o, e, small in pairs)

    async def _enter(
        self, orders: Sequence[OrderRequest], draft: Callable[[OrderRequest, int], Draft]
    ) -> tuple[Sequence[OrderRequest], list[Entry | Repeated | OrderBlocked]]:
        for attempt in range(1, _TAG_TRIES + 1):
            try:
                drafts = [draft(order, number) for number, order in enumerate(orders)]
                return orders, await self._carrier.enter(drafts)
            except TagTaken:
                if attempt == _TAG_TRIES:
                    raise
                orders = [self._tagged(order) for order in orders]
        raise AssertionError("the last attempt returns or raises")

    def _draft(
        self,
        order: OrderRequest,
        client_id: str | None,
        shrinks: bool,
        timeout: float | None,
        allow_repeat: bool,
    ) -> Draft:
        intent = intent_of(order)
        asked = intent if order.asked is None else intent_of(order.asked)
        return Draft(
            operation="place_order",
            intent=intent,
            tag=order.wire_tag,
            client_id=client_id,
            symbol=order.symbol,
            fingerprint=fingerprint(asked),
            timeout=to_seconds(timeout) or self._account.transport.timeout,
            allow_repeat=allow_repeat,
            reduces=shrinks,
        )

    async def _carry(
        self,
        order: OrderRequest,
        entered: Entry | Repeated | OrderBlocked,
        timeout: float | None,
        shrinks: bool,
    ) -> OrderAck:
        if isinstance(entered, OrderBlocked):
            raise self._account.explain(entered, "place_order")
        if isinstance(entered, Repeated):
            ack = await self._carrier.repeated(entered.entry)
            order = order.tagged(entered.entry.tag)
        else:
            ack = await self._carrier.carry(
                entered,
                lambda session: self._adapter.place_order(session, order),
                timeout=timeout,
                reduces=shrinks,
            )
        return attrs.evolve(ack, request=order)

    async def modify(
        self, target: Target, change: OrderChange, *, timeout: float | None = None
    ) -> OrderAck:
        """Change a live order. An :class:`Order` row is taken as its present state; for anything
        else the state is read first."""
        order = target if isinstance(target, Order) else await self._present_state(target)
        check_change(order, change)
        grows = change.quantity is not None and change.quantity > (order.quantity or 0)
        return await self.change(
            "modify_order",
            lambda session: self._adapter.modify_order(session, order, change),
            intent=Draft(
                operation="modify_order",
                intent={"order_id": order.order_id} | plain_fields(change),
                tag=order.wire_tag,
                symbol=order.symbol,
                order_id=order.order_id,
                reduces=not grows,
            ),
            timeout=timeout,
        )

    async def cancel(self, target: Target, *, timeout: float | None = None) -> OrderAck:
        """Ask for a live order to be cancelled. No guard holds it."""
        with unsent():
            ref = self._ref(target)
        return await self.change(
            "cancel_order",
            lambda session: self._adapter.cancel_order(session, ref),
            intent=Draft(
                operation="cancel_order",
                intent={"order_id": ref.order_id},
                tag=getattr(target, "wire_tag", None),
                symbol=getattr(target, "symbol", None),
                order_id=ref.order_id,
            ),
            timeout=timeout,
        )

    async def change(
        self,
        operation: str,
        make: Callable[[Session], Flow[OrderAck]],
        *,
        intent: Draft,
        timeout: float | None = None,
    ) -> OrderAck:
        """Send anything else that changes orders, journaled and judged like an order.

        What :data:`~openbroker.orders.reconcile.SHOWS` does not list leaves no trace in the book:
        if its answer is lost, it stays unknown.
        """
        seconds = to_seconds(timeout) or self._account.transport.timeout
        [entered] = await self._carrier.enter([attrs.evolve(intent, timeout=seconds)])
        if isinstance(entered, OrderBlocked):
            raise self._account.explain(entered, operation)
        assert isinstance(entered, Entry), "only placed orders have a client_id"
        return await self._carrier.carry(entered, make, timeout=timeout, reduces=intent.reduces)

    async def _present_state(self, target: Target) -> Order:
        with unsent():
            return await self.find(target)

    async def find(self, target: Target) -> Order:
        """The present state of an order."""
        ref = self._ref(target)
        order = await self._account.read("order", lambda session: self._adapter.order(session, ref))
        return self._account.attach(order)

    def _ref(self, target: Target) -> OrderRef:
        """Which order is meant; an ack whose reply named the wrong order id is put right."""
        ref = OrderRef.of(target)
        entry = self._placed_as(target.wire_tag) if isinstance(target, OrderAck) else None
        if entry is not None and entry.order_id not in (None, ref.order_id):
            return OrderRef(order_id=entry.order_id, handle=entry.detail.get("handle") or {})
        return ref

    def _placed_as(self, wire_tag: str | None) -> Entry | None:
        """What the journal knows of an order; a damaged journal keeps nobody from cancelling."""
        try:
            return self.journal.find(wire_tag) if wire_tag else None
        except JournalClosed:
            raise
        except StorageError as error:
            log.critical("the order id of %s could not be looked up: %s", wire_tag, error)
            return None

    async def book(self) -> list[Order]:
        """Today's order book; what it shows of open unknowns is used."""
        begun = time.monotonic()
        rows = await self._book()
        self._resolver.saw(begun, rows)
        return rows

    # -- many orders

    async def place_many(
        self,
        orders: Sequence[OrderRequest],
        *,
        timeout: float | None = None,
        client_ids: Sequence[str | None] = (),
        allow_repeat: bool = False,
    ) -> OrderResults:
        """Place a basket at once. All are validated before the first is sent.

        Raises:
            UsageError: an order of the basket is invalid; nothing was sent.
        """
        check_client_ids(client_ids, len(orders))
        await self._refuse_if_strict()
        orders = await self.priced(orders, timeout=timeout)
        ready = [self._prepare_nth(number, order) for number, order in enumerate(orders)]
        results = await self._place_ready(
            ready, timeout=timeout, client_ids=client_ids, allow_repeat=allow_repeat
        )
        return OrderResults(results, map(_asked, ready))

    def _prepare_nth(self, number: int, order: OrderRequest) -> OrderRequest:
        try:
            return self.prepare(order)
        except OpenBrokerError as error:
            error.message = f"order {number + 1} of the basket: {error.message}"
            raise

    async def cancel_all(self, *, timeout: float | None = None) -> OrderResults:
        """Cancel every live order. Orders whose outcome is not known stand at the end of the
        results, each as its :class:`OrderUnknown`: they may yet appear; if the journal cannot tell
        them, its :class:`StorageError` does.

        Raises:
            OpenBrokerError: the order book could not be read; nothing was sent.
        """
        live = [order for order in await self.book() if order.is_live]
        results = await gather(self.cancel(order, timeout=timeout) for order in live)
        asked = [Asked(symbol=o.symbol, side=o.side, quantity=o.quantity) for o in live]
        try:
            unknown = [e for e in self.unresolved() if e.operation == "place_order"]
        except StorageError as error:  # what was cancelled is told all the same
            told = self._account.explain(error, "cancel_all")
            return OrderResults([*results, told], [*asked, Asked(symbol="")])
        results += [self._account.explain(unknown_of(e), e.operation) for e in unknown]
        return OrderResults(results, asked + [_asked_before(e) for e in unknown])

    async def square_off(
        self,
        chosen: Callable[[Position], bool],
        close: Callable[[Position], list[OrderRequest]],
        *,
        despite_unknown: bool = False,
    ) -> OrderResults:
        """Close the chosen positions, each with the orders that ``close`` makes of it.

        A position whose instrument has an order of unknown outcome is refused, after trying to
        resolve it: closing what the broker shows now could open the opposite.

        Raises:
            OpenBrokerError: the positions, or prices that are needed, could not be read; nothing
                was sent.
        """
        await self._try_to_resolve()
        read = await self._account.read("positions", self._adapter.positions)
        positions = [p for p in map(self._account.attach, read) if p.is_open and chosen(p)]
        open_entries = self.unresolved()
        if despite_unknown and open_entries:
            tags = [entry.tag or entry.reference for entry in open_entries]
            with unsent():
                note = partial(self.journal.note, "despite_unknown", tags=tags)
                await patiently(note, ENTER_WITHIN)
        guard = [] if despite_unknown else open_entries
        pairs = [(p, order) for p in positions for order in self._closing(p, close, guard)]
        ready = await self._all_ready([order for _, order in pairs])
        results = await self._closed(ready)
        return OrderResults(results, (_asked_of(p, order) for p, order in pairs))

    async def _try_to_resolve(self) -> None:
        within = self._settings.resolve_within
        await asyncio.gather(*(self._carrier.until_known(e, within) for e in self.unresolved()))

    def _closing(
        self,
        position: Position,
        close: Callable[[Position], list[OrderRequest]],
        open_entries: Sequence[Entry],
    ) -> Sequence[OrderRequest | OpenBrokerError]:
        try:
            refuse_unresolved(position.symbol, open_entries)
            return close(position)
        except OpenBrokerError as error:
            return [self._account.explain(error, "square_off")]

    async def _all_ready(
        self, orders: Sequence[OrderRequest | OpenBrokerError]
    ) -> list[OrderRequest | OpenBrokerError]:
        """Closing orders as they can be sent, each that cannot as its own error."""
        quotes = await self._quotes_for([o for o in orders if isinstance(o, OrderRequest)])
        return [
            self._closing_ready(o, quotes.get(o.symbol)) if isinstance(o, OrderRequest) else o
            for o in orders
        ]

    def _closing_ready(
        self, order: OrderRequest, quote: Quote | None
    ) -> OrderRequest | OpenBrokerError:
        try:
            return self.prepare(priced(order, quote))
        except OpenBrokerError as error:
            return self._account.explain(error, "square_off")

    async def _closed(self, orders: Sequence[OrderRequest | OpenBrokerError]) -> list[OrderResult]:
        """Place the closing orders; what was refused keeps its place among the results."""
        ready = [order for order in orders if isinstance(order, OrderRequest)]
        placed = iter(await self._place_ready(ready, timeout=None, allow_repeat=True, closing=True))
        return [o if isinstance(o, OpenBrokerError) else next(placed) for o in orders]

    # -- guards

    async def _refuse_if_strict(self) -> None:
        if not self._settings.strict:
            return
        with unsent():
            tags = [e.tag or e.reference for e in self.unresolved() if e.state is State.UNKNOWN]
        if tags:
            raise UnresolvedOrder(
                f"strict: the outcome of {', '.join(tags)} is not known", broker=self._adapter.name
            )

    async def _shrinks(self, orders: Sequence[OrderRequest], closing: bool) -> list[bool]:
        """For each order whether it makes a position smaller; only asked at reduce-only."""
        with unsent():
            if closing or self.journal.halt_state().level is not HaltLevel.REDUCE_ONLY:
                return [closing] * len(orders)
            read = await self._account.read("positions", self._adapter.positions)
            positions = [self._account.attach(position) for position in read]
            return [reduces(order, positions) for order in orders]

    @property
    def halt_state(self) -> HaltState:
        """The kill switch."""
        return self.journal.halt_state()

    async def halt(self, level: HaltLevel, reason: str) -> HaltState:
        """Set the kill switch, for every process of this account.

        Raises:
            StorageError: it could not be written down, so it holds in this process only.
        """
        state = HaltState(level=level, reason=reason)
        try:
            await patiently(lambda: self.journal.set_halt(state), HALT_WITHIN)
        except JournalClosed:
            raise
        except StorageError as error:
            log.critical("trading stands at %s in this process only: %s", level, error)
            raise StorageError(
                f"trading stands at {level.value} in this process, but that could not be written "
                f"down for the account's other processes: {error.message}",
                advice=f"{error.advice} Until then see to the other processes yourself.",
            ) from error
        return state

    # -- unknown outcomes

    def unresolved(self) -> Table[Entry]:
        """Intents of today whose outcome is not known, orders on their way included."""
        undecided = self.journal.undecided()
        return Table(Entry, (entry for entry in undecided if entry.state.is_open))

    async def resolve(
        self, unknown: OrderUnknown | Entry | str, *, timeout: float | None = None
    ) -> Resolution:
        """What became of an order whose answer was lost.

        Raises:
            UsageError: today's journal has no such order, or that is none.
        """
        entry = self._entry_of(unknown)
        if entry is None:
            raise UsageError(
                f"today's journal has no order {getattr(unknown, 'tag', unknown)!r}",
                advice="broker.unresolved() lists the open ones; broker.orders() shows the book.",
            )
        if timeout is None:
            timeout = self._sources().settle + self._settings.resolve_within
        found = await self._carrier.until_known(entry, timeout)
        return (
            found
            if found.order is None
            else attrs.evolve(found, order=self._account.attach(found.order))
        )

    def _entry_of(self, unknown: OrderUnknown | Entry | str) -> Entry | None:
        if isinstance(unknown, Entry):
            return self.journal.find(unknown.reference)
        if isinstance(unknown, OrderUnknown):
            reference = unknown.evidence.get("journal") or unknown.tag
            return self.journal.find(str(reference)) if reference else None
        if not isinstance(unknown, str):
            raise UsageError(
                f"resolve() takes an OrderUnknown, a row of unresolved() or a wire tag, not "
                f"{unknown!r:.60}"
            )
        return self.journal.find(unknown)


@contextmanager
def unsent() -> Iterator[None]:
    """What has to be known before an order may leave: if it fails, nothing was sent."""
    try:
        yield
    except OpenBrokerError as error:
        error.outcome = Outcome.NOT_SENT
        raise


@contextmanager
def adapter_errors() -> Iterator[None]:
    """An adapter that fails while the book is read must not end the search for lost orders."""
    try:
        yield
    except OpenBrokerError:
        raise
    except Exception as bug:
        raise failure_of(bug) from bug


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


async def gather(work: Iterable[Coroutine[Any, Any, OrderAck]]) -> list[OrderResult]:
    """All results in order, our errors among them; any other exception is raised."""
    calls = list(work)
    if len(calls) == 1:
        return [await _result(calls[0])]
    return list(await asyncio.gather(*map(_result, calls)))


async def _result(call: Coroutine[Any, Any, OrderAck]) -> OrderResult:
    try:
        return await call
    except OpenBrokerError as error:
        return error


def _asked(order: OrderRequest) -> Asked:
    return Asked(symbol=order.symbol, side=order.side, quantity=order.quantity)


def _asked_of(position: Position, order: OrderRequest | OpenBrokerError) -> Asked:
    if isinstance(order, OpenBrokerError):
        return Asked(symbol=position.symbol, quantity=position.quantity)
    return _asked(order)


def _asked_before(entry: Entry) -> Asked:
    side = entry.intent.get("side")
    return Asked(
        symbol=entry.symbol or "",
        side=Side(side) if side is not None else None,
        quantity=entry.intent.get("quantity"),
    )
