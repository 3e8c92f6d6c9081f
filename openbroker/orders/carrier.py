"""The one way out: journal, exchange, verdict, journal.

:class:`Carrier` takes an intent through its life.  SENDING is committed before the adapter's flow
may hand over a byte; the flow runs in a task of its own, so that a cancelled caller does not abort
an exchange of which bytes may be out; what it ends with is judged on the evidence
(:mod:`openbroker.orders.outcome`) and committed.  A lost answer goes to the resolver, and the
caller waits a little for what it finds.

Nothing is ever sent twice from here.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

import attrs
from attrs import define

from openbroker import errors
from openbroker.account import Account
from openbroker.errors import (
    MalformedReply,
    OpenBrokerError,
    OrderBlocked,
    OrderNotModifiable,
    OrderRejected,
    OrderUnknown,
    Outcome,
    SessionExpired,
    StorageError,
)
from openbroker.orders.entries import Draft, Entry, State
from openbroker.orders.guards import NEVER_HELD, guard_with
from openbroker.orders.halt import HaltCounter, HaltLevel, HaltState, refuse_halted
from openbroker.orders.journal import Journal
from openbroker.orders.journal_file import OrderIdTaken, Repeated
from openbroker.orders.outcome import LOST, UNCHANGED, judge, replay
from openbroker.orders.reconcile import Resolution, Verdict
from openbroker.orders.resolver import Resolver, told
from openbroker.orders.settings import OrderSettings
from openbroker.orders.storage import JournalClosed, patiently
from openbroker.schemas import OrderAck, Session
from openbroker.session.redaction import scrub
from openbroker.transport.driver import Trace
from openbroker.transport.messages import Effect, Flow, Reply, Request

log = logging.getLogger("openbroker.orders")

T = TypeVar("T")

STATES: Mapping[Outcome, State] = {
    Outcome.REJECTED: State.REJECTED,
    Outcome.NOT_SENT: State.NOT_SENT,
    Outcome.UNKNOWN: State.UNKNOWN,
}


STRAIGHT_ON: Final = 0.01
"""Seconds from the journal to the wire within which nothing has been waited for."""


ENTER_WITHIN = 5.0
"""Seconds for which an order waits for another program that holds the journal."""
CANCEL_WITHIN = 0.25
"""Seconds for which a cancel does, before it goes out without being journaled."""
FINISH_WITHIN = 5.0
"""Seconds for which its outcome does."""


@define
class _GatedTrace(Trace):
    """A trace whose gate is asked once more when an order's bytes are about to leave."""

    gate: Callable[[], None] = lambda: None

    def began(self, request: Request) -> None:
        if request.effect is Effect.ORDER:
            self.gate()
        super().began(request)


class Carrier:
    """Carries the intents of one account."""

    def __init__(
        self, account: Account, journal: Journal, resolver: Resolver, settings: OrderSettings
    ) -> None:
        self._account = account
        self._journal = journal
        self._resolver = resolver
        self._settings = settings
        self._guard = guard_with(settings.duplicate_window)
        self._counter = HaltCounter(settings.auto_halt) if settings.auto_halt else None
        self._under_way: dict[str, asyncio.Future[Any]] = {}

    # -- entering

    async def enter(self, drafts: Sequence[Draft]) -> list[Entry | Repeated | OrderBlocked]:
        """Journal intents in one transaction, before any of them may leave.

        What no guard may hold goes out even if it cannot be journaled: a full disk must not keep
        anybody from cancelling.

        Raises:
            StorageError: they could not be journaled, so nothing may be sent.
        """
        is_free = bool(drafts) and all(draft.operation in NEVER_HELD for draft in drafts)
        bound = CANCEL_WITHIN if is_free else ENTER_WITHIN
        within = min([bound, *(draft.timeout for draft in drafts)])
        try:
            return await patiently(lambda: self._journal.begin(drafts, self._guard), within)
        except StorageError as error:
            is_free = is_free and not isinstance(error, JournalClosed)
            if not is_free:
                operation = drafts[0].operation if drafts else "place_order"
                raise self._account.explain(error, operation) from None
            log.critical("%s goes out without being journaled: %s", drafts[0].operation, error)
            return [self._journal.begin_unwritten(draft) for draft in drafts]

    # -- carrying

    async def carry(
        self,
        entry: Entry,
        make: Callable[[Session], Flow[OrderAck]],
        *,
        timeout: float | None,
        reduces: bool = False,
    ) -> OrderAck:
        """Run the flow of an entered intent to its outcome, and journal that.

        ``reduces``: it makes a position smaller, which reduce-only lets pass.

        Raises:
            OrderUnknown: the answer was lost, and ``resolve_within`` did not bring the truth.
            OpenBrokerError: any other outcome than acceptance.
        """
        work = asyncio.ensure_future(self._exchange(entry, make, timeout, reduces))
        self._under_way[entry.reference] = work
        work.add_done_callback(lambda _: self._under_way.pop(entry.reference, None))
        return await self._awaited(entry, work)

    async def repeated(self, entry: Entry) -> OrderAck:
        """The outcome of an earlier intent, for a call that repeats it by its ``client_id``."""
        work = self._work_of(entry)
        if work is not None:
            return await self._awaited(entry, work)
        if entry.state in (State.REJECTED, State.NOT_SENT):
            raise self._account.explain(revived(entry), entry.operation)
        if entry.state is State.ACCEPTED:
            return _ack(entry.order_id, entry.detail)
        unknown = unknown_of(entry)
        self._account.explain(unknown, entry.operation)
        with _noted(entry):
            return await self._settled(entry, unknown)

    async def until_known(self, entry: Entry, timeout: float | None) -> Resolution:
        """What is known of an entry, after waiting for its exchange and the resolver."""
        deadline = None if timeout is None else time.monotonic() + timeout
        work = self._work_of(entry)
        if work is not None:
            await asyncio.wait({work}, timeout=timeout)
        rest = None if deadline is None else max(0.0, deadline - time.monotonic())
        return await self._resolver.wait(entry, rest)

    async def ended(self) -> None:
        """Wait until what is under way has ended; the closed transport ends it at once."""
        loop = asyncio.get_running_loop()
        mine = [work for work in self._under_way.values() if work.get_loop() is loop]
        if mine:
            await asyncio.wait(mine)

    def _work_of(self, entry: Entry) -> asyncio.Future[OrderAck] | None:
        """The exchange of an entry, if this loop runs it.

        A forked child inherits its parent's, and a loop that has ended leaves its own behind:
        nobody would ever wake who waits for those.
        """
        work = self._under_way.get(entry.reference)
        return work if work is not None and work.get_loop() is asyncio.get_running_loop() else None

    async def _awaited(self, entry: Entry, work: asyncio.Future[OrderAck]) -> OrderAck:
        with _noted(entry):
            try:
                return await asyncio.shield(work)
            except OrderUnknown as unknown:
                return await self._settled(entry, unknown)
            except asyncio.CancelledError:
                work.add_done_callback(_log_abandoned)
                raise

    async def _settled(self, entry: Entry, unknown: OrderUnknown) -> OrderAck:
        """Wait for what the resolver finds; the ack, or the error that then is the truth."""
        try:
            found = await self._resolver.wait(entry, self._settings.resolve_within)
        except StorageError as error:
            unknown.evidence["since"] = error.message
            raise unknown from None
        known = self._known(entry)
        if found.verdict is Verdict.EXISTS:
            return _ack(found.order_id, known.detail)
        if found.verdict is Verdict.REFUSED:
            raise self._refusal(entry, known, found)
        unknown.evidence["since"] = found.why
        raise unknown

    def _known(self, entry: Entry) -> Entry:
        """The entry as the journal has it, if the journal can be asked."""
        try:
            return self._journal.find(entry.reference) or entry
        except StorageError:
            return entry

    def _refusal(self, entry: Entry, known: Entry, found: Resolution) -> OpenBrokerError:
        if "error" in known.detail and known.detail.get("proof") == "late reply":
            return self._account.explain(revived(known), entry.operation)
        kind = OrderRejected if entry.operation == "place_order" else OrderNotModifiable
        error = kind(f"order {found.order_id}: {found.why}", outcome=Outcome.REJECTED)
        return self._account.explain(error, entry.operation)

    # -- the exchange

    async def _exchange(
        self,
        entry: Entry,
        make: Callable[[Session], Flow[OrderAck]],
        timeout: float | None,
        reduces: bool,
    ) -> OrderAck:
        trace = _GatedTrace(gate=lambda: self._last_look(entry, reduces))
        try:
            ack = await self._run(entry, make, trace, timeout)
            return await self._accepted(entry, ack, _connection_of(trace))
        except OpenBrokerError as error:
            verdict = self._verdict(entry, error, trace)
            self._retire(trace)
            await self._ended(entry, verdict)
            raise verdict from error.__cause__
        except asyncio.CancelledError:
            self._torn_down(entry, trace)
            raise
        except Exception as bug:
            verdict = self._verdict(entry, failure_of(bug), trace)
            self._retire(trace)
            await self._ended(entry, verdict)
            raise verdict from bug

    def _verdict(self, entry: Entry, error: OpenBrokerError, trace: Trace) -> OpenBrokerError:
        verdict = judge(error, trace, intent=entry.intent, tag=entry.tag)
        return self._account.explain(verdict, entry.operation)

    def _retire(self, trace: Trace) -> None:
        """Let nothing more travel on the connection of a reply that was no acceptance.

        An acceptance names its order. Any other reply names nobody: should the gateway send it a
        second time, or should it have been another request's with ours still to come, the next
        order on that connection would take what comes for its own answer.
        """
        if trace.last is None:
            return
        request, answer = trace.last
        if request.effect is Effect.ORDER and isinstance(answer, Reply):
            self._account.transport.retire(answer.connection)

    def _torn_down(self, entry: Entry, trace: Trace) -> None:
        """The loop is being taken down with the exchange: enter what the evidence proves.

        Nobody in this process will hear the answer, so an unknown is left to whoever connects
        next.  There is no time to wait for anything.
        """
        error = OpenBrokerError("the event loop was stopped while it was under way")
        verdict = self._verdict(entry, error, trace)
        state, detail = self._outcome(entry, verdict)
        try:
            if self._journal.finish(entry, state, detail):
                self._journal.relinquish(entry)
        except StorageError as failure:
            log.critical("the outcome of %s could not be journaled: %s", entry.tag, failure)

    def _last_look(self, entry: Entry, reduces: bool) -> None:
        """The kill switch may have been pulled while the order waited its turn.

        It was looked at when the entry was made; an order that went straight on has not waited.
        """
        waited = self._journal.clock() - entry.sent_at
        if entry.operation not in NEVER_HELD and not 0 <= waited < STRAIGHT_ON:
            refuse_halted(self._journal.halt_state(), reduces=reduces)

    async def _run(
        self,
        entry: Entry,
        make: Callable[[Session], Flow[OrderAck]],
        trace: Trace,
        timeout: float | None,
    ) -> OrderAck:
        session = await self._account.sessions.current()
        loop = asyncio.get_running_loop()

        def late(reply: Reply) -> None:  # out of the way of the wire's own work
            loop.call_soon(self._late, entry, make, session, trace, reply)

        trace.late = late
        try:
            return await self._account.driver.run(make(session), timeout=timeout, trace=trace)
        except SessionExpired:
            self._account.sessions.mark_dead(session)
            raise

    async def _accepted(self, entry: Entry, ack: OrderAck, connection: str) -> OrderAck:
        """Journal an acceptance, unless the order id cannot be ours.

        Raises:
            MalformedReply: the id belongs to another intent: the reply was not meant for this one.
        """
        if entry.order_id not in (None, ack.order_id):
            message = f"asked about order {entry.order_id}, answered {ack.order_id}"
            raise self._not_ours(message, connection)
        if _repeats(connection, ack.order_id) and entry.operation == "place_order":
            message = f"the reply names order {ack.order_id}, as an earlier one did"
            raise self._not_ours(message, connection)
        try:
            detail = {"handle": dict(ack.handle), "proof": "reply"}
            await self._finish(entry, State.ACCEPTED, detail, ack.order_id)
        except OrderIdTaken:
            message = f"the reply names order {ack.order_id}, which answers another order of yours"
            raise self._not_ours(message, connection) from None
        if entry.operation == "place_order":
            self._resolver.claimed(entry, ack.order_id)
        return ack

    def _not_ours(self, message: str, connection: str) -> MalformedReply:
        """A reply that was another request's leaves ours to come, and the next request on that
        connection would take it for its own: a refusal for an order that is then booked."""
        self._account.transport.distrust(connection, message)
        return MalformedReply(message)

    async def _ended(self, entry: Entry, error: OpenBrokerError) -> None:
        """Journal any other outcome; an unknown is handed to the resolver."""
        state, detail = self._outcome(entry, error)
        await self._finish(entry, state, detail)
        if state is State.UNKNOWN:
            self._resolver.open(attrs.evolve(entry, state=state, detail=detail))
        await self._count(error.outcome or Outcome.UNKNOWN)

    def _outcome(self, entry: Entry, error: OpenBrokerError) -> tuple[State, dict[str, Any]]:
        """What the journal keeps of an error."""
        detail = told(error)
        if isinstance(error, OrderUnknown):
            error.evidence = _scrubbed(error.evidence) | {"journal": entry.reference}
            detail |= error.evidence
        return STATES[error.outcome or Outcome.UNKNOWN], detail

    async def _finish(
        self,
        entry: Entry,
        state: State,
        detail: Mapping[str, Any],
        order_id: str | None = None,
    ) -> None:
        """Journal an outcome. One that is known stays true even if it cannot be written down."""

        def write() -> bool:
            return self._journal.finish(entry, state, detail, order_id=order_id)

        try:
            await patiently(write, FINISH_WITHIN)
        except OrderIdTaken:
            raise
        except StorageError as error:
            log.critical(
                "the outcome of %s (%s) could not be journaled: %s",
                entry.tag or entry.reference, state, error,
            )  # fmt: skip
        except asyncio.CancelledError:  # the loop is being taken down: this is the last moment
            with suppress(StorageError):
                write()
            raise
        if self._journal.needs_checkpoint():
            asyncio.get_running_loop().run_in_executor(None, self._journal.checkpoint)

    async def _count(self, outcome: Outcome) -> None:
        if self._counter is None:
            return
        reason = self._counter.count(outcome, time.monotonic())
        if reason is None:
            return
        state = HaltState(level=self._counter.rule.level, reason=reason)
        try:
            if self._journal.halt_state().level is HaltLevel.RUN:
                log.critical("trading halts: %s", reason)
                await patiently(lambda: self._journal.set_halt(state), FINISH_WITHIN)
        except StorageError as error:
            log.critical("the halt could not be written, it holds in this process: %s", error)

    def _late(
        self,
        entry: Entry,
        make: Callable[[Session], Flow[OrderAck]],
        session: Session,
        trace: Trace,
        reply: Reply,
    ) -> None:
        """The answer came after its deadline: let the flow read it as if it had come in time."""
        if reply.doubt is not None or trace.last is None:
            return
        answered = Trace(entries=[*trace.entries[:-1], (trace.last[0], reply)])
        try:
            ack = replay(make(session), answered)
        except OpenBrokerError as error:
            verdict = self._verdict(entry, error, answered)
            if verdict.outcome is not Outcome.UNKNOWN:
                self._resolver.refused(entry, verdict)
            return
        if entry.order_id not in (None, ack.order_id):
            return
        if _repeats(reply.connection, ack.order_id) and entry.operation == "place_order":
            return  # it has answered another order before, whosesoever
        self._resolver.answered(entry, ack)


def _connection_of(trace: Trace) -> str:
    """The name of the connection that the last reply came on, if it has one."""
    answer = trace.last[1] if trace.last is not None else None
    return answer.connection if answer is not None else ""


_NAMED: Final[OrderedDict[tuple[str, str], None]] = OrderedDict()
"""Which order ids the replies on each connection have named, the oldest first. Of the whole
process, because accounts share connections and no journal holds another account's ids; and all of
them, because a reply that is sent a second time may come several orders later."""
_NAMED_CAP: Final = 65_536


def _repeats(connection: str, order_id: str) -> bool:
    """Whether a reply on this connection has named this order before; takes it down if not."""
    if not connection or not order_id:
        return False
    if (connection, order_id) in _NAMED:
        return True
    _NAMED[connection, order_id] = None
    if len(_NAMED) > _NAMED_CAP:
        _NAMED.popitem(last=False)
    return False


# -- telling a caller who cannot wait


_interrupted: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar(
    "openbroker_interrupted", default=None
)
"""What is under way for a synchronous caller, so that its KeyboardInterrupt can say so."""


@contextmanager
def telling() -> Iterator[None]:
    """Let a ``KeyboardInterrupt`` of this thread name the orders that go on without it."""
    notes: list[str] = []
    token = _interrupted.set(notes)
    try:
        yield
    except KeyboardInterrupt as stop:
        for note in tuple(notes):
            stop.add_note(note)
        raise
    finally:
        _interrupted.reset(token)


@contextmanager
def _noted(entry: Entry) -> Iterator[None]:
    """Let whatever interrupts the waiting name the order that goes on without it."""
    mark = f"carries the tag {entry.tag}" if entry.tag else f"is {entry.reference} in the journal"
    note = (
        f"{entry.operation} goes on; it {mark}. broker.unresolved() tells whether its outcome is "
        "known."
    )
    notes = _interrupted.get()
    if notes is not None:
        notes.append(note)
    try:
        yield
    except asyncio.CancelledError as stop:
        stop.add_note(note)
        raise
    else:
        if notes is not None:
            notes.remove(note)


def _log_abandoned(work: asyncio.Future[Any]) -> None:
    """Say what an exchange came to whose caller is gone."""
    if not work.cancelled():
        log.warning("an abandoned order call ended: %s", work.exception() or "accepted")


# -- plain data and back


def _ack(order_id: str | None, detail: Mapping[str, Any]) -> OrderAck:
    return OrderAck(order_id=order_id or "", handle=detail.get("handle") or {})


def unknown_of(entry: Entry) -> OrderUnknown:
    """The error of an entry whose outcome is not known."""
    return OrderUnknown(
        entry.why or "its process ended before the outcome was known",
        intent=entry.intent,
        tag=entry.tag,
        advice=LOST.get(entry.operation),
        evidence=dict(entry.detail) | {"journal": entry.reference},
        operation=entry.operation,
    )


def revived(entry: Entry) -> OpenBrokerError:
    """The error that an entry ended with."""
    detail = entry.detail
    kind = getattr(errors, str(detail.get("error")), OrderRejected)
    outcome = Outcome.REJECTED if entry.state is State.REJECTED else Outcome.NOT_SENT
    error: OpenBrokerError = kind(
        str(detail.get("message", "")),
        code=detail.get("code"),
        status=detail.get("status"),
        operation=entry.operation,
    )
    error.outcome = outcome
    if isinstance(error, OrderRejected) and entry.operation in UNCHANGED:
        error.advice = UNCHANGED[entry.operation]
    return error


def failure_of(bug: Exception) -> OpenBrokerError:
    """What is not of our tree and came out of an adapter's flow, as an error of ours."""
    return OpenBrokerError(
        f"the adapter failed: {type(bug).__name__}: {str(bug)[:200]}",
        advice="This is a defect of the adapter; its author needs the traceback.",
    )


def _scrubbed(evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {k: scrub(v) if isinstance(v, str) else v for k, v in evidence.items()}
