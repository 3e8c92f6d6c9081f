"""Finds out what became of orders whose answer was lost, behind everyone's back.

One task reads the book for all open cases together, at the times that
:func:`~openbroker.orders.reconcile.next_look` gives, and enters what
:func:`~openbroker.orders.reconcile.look` finds into the journal.  Whatever else is evidence comes
here too: a reply that arrives after its deadline, and every read of the book that the user makes.

An order id in a reply is a claim until the book shows it beside our tag: a gateway that mixes up
replies gives one order's id to another.  So accepted orders are looked up too, some seconds later
and all at once.  An id that proves to be another order's, or that no book shows, makes its order
unknown again, and it is looked for like any other.

Nothing is ever sent again from here.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

import attrs
from attrs import frozen

from openbroker.errors import OpenBrokerError, Outcome, StorageError
from openbroker.orders.entries import WATCHED, Entry, State
from openbroker.orders.journal import Journal
from openbroker.orders.journal_file import OrderIdTaken
from openbroker.orders.reconcile import (
    FIRST_PAUSE,
    SHOWS,
    USUAL_SETTLE,
    Case,
    Claim,
    Finding,
    Known,
    Poll,
    Resolution,
    Verdict,
    hold,
    look,
    next_look,
)
from openbroker.orders.settings import OrderSettings
from openbroker.schemas import Order, OrderAck

log = logging.getLogger("openbroker.orders")

ReadBook = Callable[[float], Awaitable[Sequence[Order]]]
"""Reads the order book within so many seconds."""
LookUp = Callable[[str, float], Awaitable[Order | None]]
"""Asks the broker for the order with a wire tag, within so many seconds."""

STATE_OF: Final = {
    Verdict.EXISTS: State.ACCEPTED,
    Verdict.REFUSED: State.REJECTED,
    Verdict.ABSENT: State.ABSENT,
}
VERDICT_OF: Final = {
    State.ACCEPTED: Verdict.EXISTS,
    State.REJECTED: Verdict.REFUSED,
    State.NOT_SENT: Verdict.REFUSED,
    State.ABSENT: Verdict.ABSENT,
}
_READ_WITHIN: Final = 5.0
CONFIRM_AFTER: Final = 5.0
"""Seconds after which accepted orders are looked up, at the usual settle time; one at the least."""
TRIES: Final = 40
TRY_AGAIN: Final = 0.25
"""How often, and after how many seconds each, a late answer is tried to be journaled again."""
CONFIRM_SHARE: Final = 50
"""The pause between such reads is at least so many times what the last one took."""


EXPIRED: Final = "its day ended before it was known; the broker's positions and trades tell"
CLOSED: Final = "this broker was closed before it was known; the next connect() looks for it"

_RUNNING: Final[set[asyncio.Task[None]]] = set()
"""Kept alive until they end: a loop holds its tasks weakly, and whoever drops a broker without
closing it still wants to know what became of the orders."""


@frozen(kw_only=True)
class Sources:
    """Where evidence comes from.

    Attributes:
        book: reads the order book, instruments attached.
        look_up: asks for one order by its tag, where the broker can.
        by_tag: whether the book shows our tags.
        settle: the settle time in seconds.
    """

    book: ReadBook
    look_up: LookUp | None
    by_tag: bool
    settle: float


class Resolver:
    """The open unknowns of one account in this process."""

    def __init__(self, journal: Journal, sources: Sources, settings: OrderSettings) -> None:
        self._journal = journal
        self._sources = sources
        self._settings = settings
        self._cases: dict[str, Case] = {}
        self._waiters: dict[str, list[asyncio.Future[Resolution]]] = {}
        self._claims: dict[str, Claim] = {}
        """Accepted orders that no book has confirmed yet, by reference, oldest first."""
        self._shown = float("-inf")
        """When the last of the accepted orders was that a book has confirmed."""
        self._writer = journal.writer
        self._seen: set[str] = set()
        self._day = ""
        self._asked: set[str] = set()
        """Cases of which the last look-up by tag has said that there is no such order."""
        self._read_at = float("-inf")
        self._took = 0.0
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._wake = asyncio.Event()

    # -- what the desk says and asks

    def open(self, entry: Entry, *, since: float | None = None) -> None:
        """Take up an unknown whose bytes left by ``since`` (monotonic; now by default)."""
        if entry.operation not in SHOWS or self._closed:
            return
        verdict = Verdict.ABSENT if entry.state is State.ABSENT else Verdict.OPEN
        self._cases[entry.reference] = Case(
            entry=entry,
            since=time.monotonic() if since is None else since,
            verdict=verdict,
            by_tag=self._sources.by_tag and entry.tag is not None,
        )
        if self._settings.background:
            self._start()

    def claimed(self, entry: Entry, order_id: str) -> None:
        """An order was accepted, and its reply named this order id."""
        self._claim(entry, order_id, time.monotonic())

    def _claim(self, entry: Entry, order_id: str, since: float) -> None:
        if self._settings.background and not self._closed:
            self._claims[entry.reference] = Claim(entry=entry, order_id=order_id, since=since)
            if self._task is None or len(self._claims) == 1:
                self._start()

    def recover(self, entries: Iterable[Entry]) -> None:
        """Take up what other processes, mostly dead ones, left behind."""
        now, epoch = time.monotonic(), self._journal.clock()
        for entry in entries:
            if entry.reference not in self._cases:
                self.open(entry, since=now - (epoch - entry.over_by))

    def hold_again(self, entries: Iterable[Entry]) -> None:
        """Hold against the book what replies have said to processes that are dead."""
        now, epoch = time.monotonic(), self._journal.clock()
        for entry in entries:
            if entry.order_id is not None:
                since = now - (epoch - (entry.settled_at or epoch))
                self._claim(entry, entry.order_id, since)

    async def wait(self, entry: Entry, timeout: float | None) -> Resolution:
        """What is known of an entry, after waiting for it for at most so many seconds."""
        known = self._journal.find(entry.reference) or entry
        if known.state in VERDICT_OF or known.state is State.EXPIRED:
            return resolution_of(known)
        if known.operation not in SHOWS:
            why = f"{known.operation} leaves no trace by which it could be found"
            return Resolution(verdict=Verdict.OPEN, tag=known.tag, why=why)
        if self._closed:
            return Resolution(verdict=Verdict.OPEN, tag=known.tag, why=CLOSED)
        self.recover([known])
        if timeout != 0:
            self._start()
        future: asyncio.Future[Resolution] = asyncio.get_running_loop().create_future()
        waiters = self._waiters.setdefault(entry.reference, [])
        waiters.append(future)
        try:
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            known = self._journal.find(entry.reference) or entry
            is_new = known.operation == "place_order"
            why = f"nothing has shown yet whether it {'exists' if is_new else 'took effect'}"
            still_open = Resolution(verdict=Verdict.OPEN, tag=known.tag, why=why)
            return resolution_of(known) if known.state in VERDICT_OF else still_open
        finally:
            waiters.remove(future)

    def saw(self, begun: float, rows: Iterable[Order]) -> None:
        """Use a read of the book, begun at a monotonic time, as evidence."""
        if self._closed:
            return
        poll = Poll.of(begun, rows)
        try:
            self._roll()
            self._confirm(poll)
            if self._cases:
                owned = self._journal.today.owned()
                for reference in tuple(self._cases):
                    self._look(reference, poll, owned)
            if self._may_be_ours(poll):
                self._seen.update(poll.rows)
        except StorageError as error:  # what is not entered is looked at again
            log.warning("what the order book shows could not be journaled: %s", error)

    def _may_be_ours(self, poll: Poll) -> bool:
        """A book with orders of which none is known is another account's, or far behind: what it
        shows need not show again."""
        if not self._seen.isdisjoint(poll.rows):
            return True
        owned = self._journal.today.owned().keys()
        return not owned or not owned.isdisjoint(poll.rows)

    def answered(self, entry: Entry, ack: OrderAck) -> None:
        """A reply came after its deadline: it was accepted.

        Its order id is a claim like any other's: one that answers another order of ours proves
        nothing, and what the book shows later outranks it.
        """
        order = Order(order_id=ack.order_id, handle=ack.handle, wire_tag=entry.tag)
        finding = Finding(verdict=Verdict.EXISTS, order=order, why="the answer came late")

        def accept() -> None:
            if entry.operation != "place_order":
                self._decide(entry, finding)
            elif self._journal.today.owner(ack.order_id) is None:
                case = self._cases.get(entry.reference)
                is_late = case is not None and case.verdict is Verdict.ABSENT
                self._decide(entry, finding, late=is_late)
                self.claimed(entry, ack.order_id)

        self._insist(accept)

    def refused(self, entry: Entry, error: OpenBrokerError) -> None:
        """A reply came after its deadline: it was refused."""
        state = State.NOT_SENT if error.outcome is Outcome.NOT_SENT else State.REJECTED
        detail = told(error) | {"proof": "late reply"}

        def refuse() -> None:
            if self._journal.finish(entry, state, detail):
                self._close_case(entry)

        self._insist(refuse)

    def _insist(self, act: Callable[[], None], tries: int = TRIES) -> None:
        """Enter what will not be said a second time; while the journal cannot be written, again a
        little later."""
        if self._closed:
            return
        try:
            act()
        except StorageError as error:
            if tries == 0:
                log.critical("a late answer could not be journaled: %s", error)
                return
            asyncio.get_running_loop().call_later(TRY_AGAIN, self._insist, act, tries - 1)

    def close(self) -> None:
        """Stop looking for good. What is open stays open in the journal, for the next process."""
        self._closed = True
        if self._task is not None and self._task.get_loop() is asyncio.get_running_loop():
            self._task.cancel()
        for case in self._cases.values():
            self._tell(case.entry, Resolution(verdict=Verdict.OPEN, tag=case.entry.tag, why=CLOSED))
        self._cases.clear()
        self._claims.clear()

    # -- the task

    def _start(self) -> None:
        if self._closed:
            return
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._forget_other_writers()
            self._wake = asyncio.Event()
            self._task = loop.create_task(self._run(), name="openbroker-resolver")
            _RUNNING.add(self._task)
            self._task.add_done_callback(_RUNNING.discard)
        self._wake.set()

    def _forget_other_writers(self) -> None:
        """After a fork the parent's cases are the parent's; before one, another process's entry
        may be asked about like our own."""
        mine = self._journal.writer
        if mine != self._writer:
            self._writer = mine
            self._waiters, self._claims = {}, {}
            self._cases = {k: case for k, case in self._cases.items() if case.entry.writer == mine}

    async def _run(self) -> None:
        """Read while there is something to find out; the next case starts it again."""
        try:
            while (pause := self._pause()) is not None:
                if pause > 0:
                    self._wake.clear()
                    await _wait(self._wake, pause)
                else:
                    await self._read()
        except asyncio.CancelledError:
            self._leave_to_the_next()
            raise

    def _leave_to_the_next(self) -> None:
        """The loop is being taken down: whoever connects next looks for what is open."""
        try:
            for case in self._cases.values():
                self._journal.relinquish(case.entry)
        except StorageError as error:
            log.critical("what is not known could not be handed on: %s", error)

    def _pause(self) -> float | None:
        """Seconds to the next read; ``None`` for none in sight."""
        settle = self._sources.settle
        due = [next_look(case, settle) for case in self._cases.values()]
        earliest = self._read_at + FIRST_PAUSE * settle / USUAL_SETTLE
        if self._claims:
            oldest = next(iter(self._claims.values()))
            due.append(max(oldest.since, self._read_at) + self._confirm_after)
        return max(min(due), earliest) - time.monotonic() if due else None

    @property
    def _confirm_after(self) -> float:
        """A large book is read less often: reading it costs the loop that orders leave from."""
        usual = CONFIRM_AFTER * self._sources.settle / USUAL_SETTLE
        return max(1.0, usual, CONFIRM_SHARE * self._took)

    async def _read(self) -> None:
        """A look-up only finds. That an order is absent, it and a whole book have to say: its own
        silence tells nothing of the rest, so it may be a stale replica's or that of a filter which
        the vendor has changed; and a book may leave out what a look-up knows."""
        self._read_at = time.monotonic()
        timeout = min(_READ_WITHIN, max(1.0, self._sources.settle / 6))
        begun = self._read_at
        try:
            self._asked = set()
            if self._sources.look_up is not None:
                await self._look_each_up(self._sources.look_up, timeout)
            if self._cases or self._claims:
                begun = time.monotonic()
                self.saw(begun, await self._sources.book(timeout))
                self._took = time.monotonic() - begun
        except OpenBrokerError as error:
            log.info("the order book could not be read for reconciliation: %s", error)
            for reference, case in self._cases.items():
                self._cases[reference] = attrs.evolve(case, last=begun)

    async def _look_each_up(self, look_up: LookUp, timeout: float) -> None:
        """Ask for each lost order by its tag. Where one cannot be, the rest is left to the book."""
        self._roll()
        for reference, case in tuple(self._cases.items()):
            if case.entry.operation != "place_order" or case.entry.tag is None:
                continue
            begun = time.monotonic()
            try:
                row = await look_up(case.entry.tag, timeout)
                if row is None:
                    self._asked.add(reference)
                elif reference in self._cases:  # nothing else has told meanwhile
                    self._judge(reference, Poll.of(begun, [row]), Known())
            except OpenBrokerError as error:
                log.info("an order could not be looked up by its tag: %s", error)
                return

    # -- verdicts

    def _confirm(self, poll: Poll) -> None:
        """Hold what replies claimed against what the book shows."""
        is_whole = self._seen <= poll.rows.keys()
        for reference, claim in tuple(self._claims.items()):
            shows_later = is_whole and claim.entry.day == self._day and claim.since < self._shown
            still, finding = hold(claim, poll, self._sources.settle, is_telling=shows_later)
            if still is None:
                self._claims.pop(reference, None)
            else:
                self._claims[reference] = still
            if finding.verdict is Verdict.EXISTS:
                self._shown = max(self._shown, claim.since)
            elif finding.verdict is Verdict.ABSENT:
                right = finding.order.order_id if finding.order is not None else None
                entry = attrs.evolve(claim.entry, order_id=claim.order_id)
                self._take_back(entry, finding.why, right)

    def _look(self, reference: str, poll: Poll, owned: dict[str, float]) -> None:
        case = self._cases.get(reference)
        if case is None:
            return
        rivals = 1 if case.by_tag else self._rivals()[case.entry.fingerprint]
        known = Known(
            seen=frozenset(self._seen),
            owned=owned,
            rivals=rivals,
            same_day=case.entry.day == self._day,
            looked_up=self._sources.look_up is None or reference in self._asked,
        )
        finding = self._judge(reference, poll, known)
        if finding is not None and finding.order is not None:
            owned[finding.order.order_id] = self._journal.clock()

    def _judge(self, reference: str, poll: Poll, known: Known) -> Finding | None:
        before = self._cases[reference]
        self._cases[reference] = attrs.evolve(before, last=poll.begun)
        case, finding = look(before, poll, known, self._sources.settle)
        if finding is not None:
            self._decide(case.entry, finding, late=before.verdict is Verdict.ABSENT)
        if reference in self._cases:
            self._cases[reference] = case
        return finding

    def _rivals(self) -> Counter[int | None]:
        """How many undecided intents there are of each kind of order."""
        return Counter(entry.fingerprint for entry in self._journal.undecided())

    def _decide(self, entry: Entry, finding: Finding, *, late: bool = False) -> None:
        if finding.verdict is Verdict.OPEN:
            log.error("%s %s: %s", entry.operation, entry.tag, finding.why)
            return
        self._enter(entry, finding)
        if finding.verdict is Verdict.ABSENT:
            self._tell(entry, resolution_of(self._journal.find(entry.reference) or entry))
            return
        self._close_case(entry, finding.order)
        if late and finding.order is not None:
            self._late(entry, finding.order)

    def _enter(self, entry: Entry, finding: Finding) -> None:
        row = finding.order
        order_id = row.order_id if row is not None else None
        detail = {"message": finding.why, "proof": "reconciliation"}
        handle = {"handle": dict(row.handle)} if row is not None else {}
        known = dict(entry.detail) | detail | handle
        state = STATE_OF[finding.verdict]
        try:
            self._journal.finish(entry, state, known, order_id=order_id)
        except OrderIdTaken:
            owner = self._journal.today.owner(order_id or "")
            if owner is not None:
                self._take_back(owner, f"order {order_id}, which is another's", None)
            self._journal.finish(entry, state, known, order_id=order_id)

    def _take_back(self, entry: Entry, why: str, right: str | None) -> None:
        """The book contradicts the order id of an acceptance: the order is unknown again.

        ``right`` is the id of the order that carries its tag, if the book has one.
        """
        cause = f"the reply named {why}"
        self._claims.pop(entry.reference, None)
        if not self._journal.reopen(entry, {"cause": cause}):
            return  # another process has
        log.error("%s is unknown again: %s", entry.tag, cause)
        self.open(attrs.evolve(entry, state=State.UNKNOWN, order_id=None, detail={"cause": cause}))
        self._journal.note("misattributed", entry=entry, claimed=entry.order_id, shown=right)

    def _late(self, entry: Entry, order: Order) -> None:
        log.warning(
            "%s: order %s (tag %s) showed after it had been reported absent: %s",
            entry.operation, order.order_id, entry.tag, order.status,
        )  # fmt: skip
        hook = self._settings.on_late_order
        if hook is not None:
            asyncio.get_running_loop().call_soon(hook, entry, order)
        self._journal.note("late order", entry=entry, order_id=order.order_id)

    def _close_case(self, entry: Entry, order: Order | None = None) -> None:
        self._cases.pop(entry.reference, None)
        known = self._journal.find(entry.reference) or entry
        self._tell(entry, attrs.evolve(resolution_of(known), order=order))

    def _tell(self, entry: Entry, resolution: Resolution) -> None:
        for future in self._waiters.get(entry.reference, ()):
            if not future.done():
                future.set_result(resolution)

    def _roll(self) -> None:
        """A new day's book starts empty. Yesterday's cases are closed in the journal; what was
        still under way then is looked for as long as somebody asks."""
        day = self._journal.today.day
        if day != self._day:
            self._day, self._seen, self._shown = day, set(), float("-inf")
            for case in tuple(self._cases.values()):
                if case.entry.day != day and not self._is_undecided(case.entry):
                    self._close_case(case.entry)

    def _is_undecided(self, entry: Entry) -> bool:
        known = self._journal.find(entry.reference)
        return known is not None and known.state in WATCHED


def resolution_of(entry: Entry) -> Resolution:
    """What the journal knows of an entry."""
    verdict = VERDICT_OF.get(entry.state, Verdict.OPEN)
    why = EXPIRED if entry.state is State.EXPIRED else entry.why
    return Resolution(verdict=verdict, order_id=entry.order_id, tag=entry.tag, why=why)


def told(error: OpenBrokerError) -> dict[str, Any]:
    """An error as the journal keeps it."""
    fields = {
        "error": type(error).__name__,
        "message": error.message,
        "code": error.code,
        "status": error.status,
    }
    return {name: value for name, value in fields.items() if value is not None}


async def _wait(event: asyncio.Event, timeout: float | None) -> None:
    try:
        async with asyncio.timeout(timeout):
            await event.wait()
    except TimeoutError:
        return
