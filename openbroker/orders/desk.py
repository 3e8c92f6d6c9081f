"""The order desk: what a broker does with orders.

An order's way: it gets its price, where it asks for one (:mod:`~openbroker.orders.pricing`); it is
validated against its instrument and gets its wire tag here; the guards look at it and the journal
takes it down (:mod:`~openbroker.orders.journal_file`); it is sent, judged and taken down again
(:mod:`~openbroker.orders.carrier`); and if its answer is lost, the book tells
(:mod:`~openbroker.orders.resolver`).  The desk never sends anything twice.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import attrs

from openbroker.account import Account
from openbroker.errors import (
    Halted,
    OpenBrokerError,
    OrderBlocked,
    OrderUnknown,
    StorageError,
    UnresolvedOrder,
    UsageError,
)
from openbroker.orders.book import read_book, sources_of
from openbroker.orders.carrier import ENTER_WITHIN, Carrier, unknown_of
from openbroker.orders.entries import Draft, Entry, State
from openbroker.orders.guards import check_client_id, check_client_ids
from openbroker.orders.halt import HaltLevel, HaltState, reduces
from openbroker.orders.intents import change_intent, fingerprint, intent_of
from openbroker.orders.journal import Journal, account_folder, default_root
from openbroker.orders.journal_file import Entered, Repeated, TagTaken
from openbroker.orders.outcome import unsent
from openbroker.orders.pricing import priced_now
from openbroker.orders.reconcile import Resolution
from openbroker.orders.resolver import Resolver
from openbroker.orders.results import Asked, OrderResult, OrderResults, gather
from openbroker.orders.settings import OrderSettings
from openbroker.orders.storage import JournalClosed, patiently
from openbroker.orders.tags import check_label, new_wire_tag
from openbroker.schemas import (
    Order,
    OrderAck,
    OrderChange,
    OrderRef,
    OrderRequest,
    Session,
    Table,
)
from openbroker.schemas.convert import to_seconds
from openbroker.schemas.orders import check_change
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
        self._sources = sources_of(account, self._settings)
        self._resolver = Resolver(self.journal, self._sources, self._settings)
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

    # -- beginning and ending

    async def recover(self) -> None:
        """Take up what processes that have died left behind, and wait a little for the truth.

        Raises:
            StorageError: there can be no journal, so no order could be placed.
        """
        try:
            orphans = await patiently(self.journal.orphans, ENTER_WITHIN)
            accepted = await patiently(self.journal.unconfirmed, ENTER_WITHIN)
        except StorageError as error:
            error.advice += CANCEL_WITHOUT
            raise
        self._resolver.recover(orphans)
        self._resolver.hold_again(accepted)
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
        [order] = await priced_now(self._account, [order], timeout=timeout)
        ready = self.prepare(order)
        [result] = await self.place_ready(
            [ready], timeout=timeout, client_ids=[client_id], allow_repeat=allow_repeat
        )
        if isinstance(result, OpenBrokerError):
            raise result
        return result

    async def place_ready(
        self,
        orders: Sequence[OrderRequest],
        *,
        timeout: float | None,
        client_ids: Sequence[str | None] = (),
        allow_repeat: bool = False,
        closing: bool = False,
    ) -> list[OrderResult]:
        """Enter prepared orders in one transaction, then send them at once.

        ``closing`` says that each makes a position smaller.  Where it is not said, that is found
        out once reduce-only has held an order back.
        """
        ids = client_ids or [None] * len(orders)
        shrinks = [closing] * len(orders)

        def draft(order: OrderRequest, number: int) -> Draft:
            return self._draft(order, ids[number], shrinks[number], timeout, allow_repeat)

        ready, entered = await self._enter(dict(enumerate(orders)), draft)
        held = [number for number, one in entered.items() if isinstance(one, Halted)]
        if held and not closing:
            shrinks = await self._shrinks(list(ready.values()))
            passing = {number: ready[number] for number in held if shrinks[number]}
            anew, again = await self._enter(passing, draft) if passing else ({}, {})
            ready, entered = ready | anew, entered | again  # each in its place
        return await gather(
            self._carry(ready[number], one, timeout, shrinks[number])
            for number, one in entered.items()
        )

    async def _enter(
        self, orders: dict[int, OrderRequest], draft: Callable[[OrderRequest, int], Draft]
    ) -> tuple[dict[int, OrderRequest], dict[int, Entered]]:
        """Enter orders by their numbers in the basket; if a tag is taken, all get others."""
        for attempt in range(1, _TAG_TRIES + 1):
            drafts = [draft(order, number) for number, order in orders.items()]
            try:
                entered = await self._carrier.enter(drafts)
                return orders, dict(zip(orders, entered, strict=True))
            except TagTaken:
                if attempt == _TAG_TRIES:
                    raise
                orders = {number: self._tagged(order) for number, order in orders.items()}
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
        entered: Entered,
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
        self._adapter.refuse_unheard_change(change)
        order = target if isinstance(target, Order) else await self._present_state(target)
        check_change(order, change)
        grows = change.quantity is not None and change.quantity > (order.quantity or 0)
        return await self.change(
            "modify_order",
            lambda session: self._adapter.modify_order(session, order, change),
            intent=Draft(
                operation="modify_order",
                intent=change_intent(order.order_id, change),
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
        rows = await read_book(self._account)
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
        orders = await priced_now(self._account, orders, timeout=timeout)
        ready = [self._prepare_nth(number, order) for number, order in enumerate(orders)]
        results = await self.place_ready(
            ready, timeout=timeout, client_ids=client_ids, allow_repeat=allow_repeat
        )
        return OrderResults(results, map(Asked.of, ready))

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
        asked = [Asked.of(order) for order in live]
        try:
            unknown = [e for e in self.unresolved() if e.operation == "place_order"]
        except StorageError as error:  # what was cancelled is told all the same
            told = self._account.explain(error, "cancel_all")
            return OrderResults([*results, told], [*asked, Asked(symbol="")])
        results += [self._account.explain(unknown_of(e), e.operation) for e in unknown]
        return OrderResults(results, asked + [Asked.before(e) for e in unknown])

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

    async def _shrinks(self, orders: Sequence[OrderRequest]) -> list[bool]:
        """For each order whether reduce-only lets it pass, because it makes a position smaller."""
        with unsent():
            if self.journal.halt_state().level is not HaltLevel.REDUCE_ONLY:
                return [False] * len(orders)
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

    async def try_to_resolve(self) -> None:
        """Wait a little for what became of the open ones."""
        within = self._settings.resolve_within
        await asyncio.gather(*(self._carrier.until_known(e, within) for e in self.unresolved()))

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
            timeout = self._sources.settle + self._settings.resolve_within
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
