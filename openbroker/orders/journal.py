"""The order journal of one account: a file a trading day, shared by the account's processes.

:class:`Journal` knows which day it is in India, rolls over to a new file at midnight, and tells a
living writer from a dead one (:mod:`~openbroker.orders.writer`): an entry that is still SENDING is
*under way* while its writer lives and *unknown* as soon as it does not.

:func:`read_day` and :func:`export_jsonl` read a day from outside, for people and other programs.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from weakref import WeakSet

import attrs
import platformdirs
from attrs import frozen

from openbroker.errors import Outcome, StorageError
from openbroker.orders.entries import WATCHED, Draft, Entry, Event, State
from openbroker.orders.halt import HaltLevel, HaltState
from openbroker.orders.journal_file import (
    DayFile,
    Durability,
    Entered,
    Guard,
)
from openbroker.orders.storage import JournalClosed
from openbroker.orders.writer import Writer
from openbroker.schemas import Table
from openbroker.schemas.table import INDIA

log = logging.getLogger("openbroker.orders")

DAY: Final = 86_400.0
_INDIA: Final = INDIA.utcoffset(None).total_seconds()
LOOK_EVERY = 0.1
"""Seconds between two looks whether the day's file is still where it was."""
_DIGITS: Final = 18
"""More than any entry's number has; SQLite's whole numbers end soon after."""
_CHECKPOINT_AFTER: Final = 500
"""Commits between two checkpoints: some 10 MB of log."""


def trading_day(moment: float) -> str:
    """The day in India at a moment (epoch seconds), as ``2026-11-22``."""
    return dt.datetime.fromtimestamp(moment, INDIA).date().isoformat()


class Journal:
    """The journal of one account.

    Args:
        folder: where its days are kept; ``None`` keeps them in memory.
        durability: ``"process"`` survives the death of the process, ``"power"`` a power cut.
        clock: epoch seconds; for tests.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        durability: Durability = "process",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.folder = folder
        self.clock = clock
        self._durability: Durability = durability
        self._writer = Writer(folder)
        self._days: dict[str, DayFile] = {}
        self._current: DayFile | None = None
        self._begins = 0.0
        self._checked_at = 0
        self._closed = False
        self._look_again = 0.0
        self._unwritten: dict[str, Entry] = {}
        """Intents that could not be written down and were sent nevertheless, by reference."""
        self._pending: _Pending | None = None
        self._moved: dict[tuple[str, int], int] = {}
        """New numbers of intents that were carried over from a file that is gone."""
        _journals.add(self)

    @property
    def writer(self) -> str:
        """The name under which this process writes."""
        return self._writer.name

    @property
    def today(self) -> DayFile:
        """Today's file, made if need be.

        Raises:
            JournalClosed: the journal was closed; it is not opened again, since its writer's lock
                says to other processes that this one looks after its orders.
            StorageError: the file cannot be opened.
        """
        if self._closed:
            raise JournalClosed("this broker was closed, and its order journal with it")
        now = self.clock()
        if self._current is None or not self._begins <= now < self._begins + DAY:
            day = trading_day(now)
            self._current = self._days.get(day) or self._open(day)
            self._begins = now - (now + _INDIA) % DAY
        return self._current

    def _open(self, day: str) -> DayFile:
        self._writer.live()
        path = self.folder / f"{day}.sqlite3" if self.folder is not None else None
        file = DayFile(path, day, durability=self._durability)
        try:
            for earlier in self._earlier(day):
                file.set_halt(earlier.halt_state(), only_if_new=True)
                self._expire(earlier)
            file.make_room()
        except BaseException:
            file.close()
            raise
        self._close_old()
        self._days[day] = file
        return file

    def _close_old(self) -> None:
        """Let go of days on which nothing of ours is under way any more."""
        for day, file in tuple(self._days.items()):
            if file.path is not None and not self._mine(file):
                del self._days[day]
                file.close()

    def _mine(self, file: DayFile) -> list[Entry]:
        return [entry for entry in file.watched() if entry.writer == self.writer]

    def _earlier(self, day: str) -> Iterator[DayFile]:
        """The days before this one, the last one first: open here, or the last in the folder."""
        if self._days:
            yield from (self._days[earlier] for earlier in sorted(self._days, reverse=True))
            return
        names = sorted(path.stem for path in self._files() if path.stem < day)
        if names and self.folder is not None:
            last = DayFile(self.folder / f"{names[-1]}.sqlite3", names[-1])
            try:
                yield last
            finally:
                last.close()

    def _is_alive(self, writer: str) -> bool:
        return writer == self.writer or self._writer.is_alive(writer)

    def _files(self) -> list[Path]:
        return list(self.folder.glob("????-??-??.sqlite3")) if self.folder is not None else []

    def _expire(self, file: DayFile) -> None:
        """Close what yesterday left open: books start anew each day.

        What is under way, here or in another living process, ends as its answer says, in the file
        where it stands.
        """
        for entry in file.watched():
            mine = entry.writer == self.writer and entry.state is not State.SENDING
            if mine or not self._is_alive(entry.writer):
                file.finish(entry, State.EXPIRED, detail=entry.detail, now=self.clock())
                if entry.state is not State.ABSENT:
                    log.warning(
                        "the outcome of %s %s of %s was never known: check positions and trades",
                        entry.operation, entry.what, file.day,
                    )  # fmt: skip

    # -- an order's two commits

    def begin(self, drafts: Sequence[Draft], guard: Guard) -> list[Entered]:
        """Enter intents before their bytes leave (:meth:`DayFile.begin`)."""
        try:
            file = self._in_place(self.today)
            if self._pending is not None:
                self._write_pending(file)
            return file.begin(drafts, guard, writer=self.writer, now=self.clock())
        except StorageError as error:
            error.outcome = Outcome.NOT_SENT
            raise

    def begin_unwritten(self, draft: Draft) -> Entry:
        """An entry for an intent that must go out though it cannot be written down.

        This process remembers it; its number is below zero.
        """
        now = self.clock()
        entry = Entry(
            day=trading_day(now),
            number=-1 - len(self._unwritten),
            operation=draft.operation,
            intent=draft.intent,
            tag=draft.tag,
            symbol=draft.symbol,
            writer=self.writer,
            sent_at=now,
            until=now + draft.timeout,
            order_id=draft.order_id,
        )
        self._unwritten[entry.reference] = entry
        return entry

    def finish(
        self,
        entry: Entry,
        state: State,
        detail: Mapping[str, Any],
        *,
        order_id: str | None = None,
    ) -> bool:
        """Give an intent its outcome, in the file where it stands (:meth:`DayFile.finish`)."""
        if entry.reference in self._unwritten:
            return self._finish_unwritten(entry, state, detail, order_id)
        file, entry = self._stands(entry)
        return file.finish(entry, state, order_id=order_id, detail=detail, now=self.clock())

    def _finish_unwritten(
        self, entry: Entry, state: State, detail: Mapping[str, Any], order_id: str | None
    ) -> bool:
        known = self._unwritten[entry.reference]
        if known.state not in WATCHED:
            return False
        self._unwritten[entry.reference] = attrs.evolve(
            known,
            state=state,
            detail=detail,
            order_id=order_id or known.order_id,
            settled_at=self.clock(),
        )
        return True

    def reopen(self, entry: Entry, detail: Mapping[str, Any]) -> bool:
        """Take an intent's order id away (:meth:`DayFile.reopen`)."""
        file, entry = self._stands(entry)
        return file.reopen(entry, detail)

    def _stands(self, entry: Entry) -> tuple[DayFile, Entry]:
        """Where an entry stands, and under which number: an order may be under way while the day
        turns, or while the file is deleted."""
        file = self._on(entry.day)
        if file is None:
            raise StorageError(f"the order journal of {entry.day} is not open here")
        try:
            file = self._in_place(file)
        except StorageError as error:
            log.critical("it could not be made again, so only this process knows: %s", error)
        number = self._moved.get((entry.day, entry.number), entry.number)
        return file, entry if number == entry.number else attrs.evolve(entry, number=number)

    def _in_place(self, file: DayFile) -> DayFile:
        """The file, or another one in its place if it was deleted or replaced while it was open.

        What is written to a file that has no name any more is lost when this process ends. To ask
        takes 2 us, so it is not asked at every commit of a burst.
        """
        now = time.monotonic()
        if now < self._look_again:
            return file
        self._look_again = now + LOOK_EVERY
        if file.is_in_place:
            return file
        log.critical(
            "the order journal %s was deleted or replaced while it was open; all that it held is "
            "entered into a new one", file.path,
        )  # fmt: skip
        self._look_again = 0.0
        self._writer.renew()
        new = DayFile(file.path, file.day, durability=self._durability)
        try:
            moved = new.take_over(file)
            new.note("journal replaced", now=self.clock(), detail={"writer": self.writer})
        except BaseException:
            new.close()
            raise
        self._moved |= {(file.day, old): number for old, number in moved.items()}
        self._days[file.day] = new
        if self._current is file:
            self._current = new
        file.close()
        return new

    def _on(self, day: str) -> DayFile | None:
        """A day's file, if this journal has it open."""
        today = self.today
        return today if today.day == day else self._days.get(day)

    # -- the rest

    def note(self, what: str, *, entry: Entry | None = None, **detail: Any) -> None:
        """Enter an event."""
        file, number = self._in_place(self.today), None
        if entry is not None:
            file, entry = self._stands(entry)
            number = entry.number
        file.note(what, now=self.clock(), number=number, detail=detail)

    def halt_state(self) -> HaltState:
        """The kill switch, as whichever process of the account set it last, or as it was set here
        and could not be written down."""
        return self._pending.state if self._pending is not None else self.today.halt_state()

    def set_halt(self, state: HaltState) -> None:
        """Set the kill switch.

        Raises:
            StorageError: it could not be written down, so it holds in this process only.  It is
                written before the next order that can be journaled.
        """
        found = self._pending.found if self._pending is not None else None
        try:
            file = self._in_place(self.today)
            found = file.halt_state()
            self._write_halt(file, state)
        except JournalClosed:
            raise
        except StorageError:
            self._pending = _Pending(state, found)
            raise
        self._pending = None

    def _write_halt(self, file: DayFile, state: HaltState) -> None:
        file.set_halt(state)
        detail = {"level": state.level.value, "reason": state.reason}
        file.note("halt", now=self.clock(), detail=detail)

    def _write_pending(self, file: DayFile) -> None:
        """Write down what could not be written; a halt that somebody else set meanwhile stands."""
        assert self._pending is not None, "only called if there is one"
        state, found, now = self._pending.state, self._pending.found, file.halt_state()
        if state.level is HaltLevel.RUN and now not in (state, found):
            log.warning("trading was halted elsewhere meanwhile (%s): it stands", now.reason)
        else:
            self._write_halt(file, state)
        self._pending = None

    def find(self, reference: str) -> Entry | None:
        """The entry with this reference, or today's with this wire tag."""
        if reference in self._unwritten:
            return self._unwritten[reference]
        day, _, number = reference.partition("/")
        if not reference.isprintable():
            return None
        if not number.isdecimal() or len(number) > _DIGITS:
            return self.today.by_tag(reference)
        file = self._on(day)
        if file is None:
            return None
        asked = int(number)
        entry = file.entry(self._moved.get((day, asked), asked))
        return attrs.evolve(entry, number=asked) if entry is not None else None

    def undecided(self) -> list[Entry]:
        """Intents that evidence may still change, oldest first: today's, and those of this process
        that were under way when the day turned."""
        today = self.today
        earlier = (self._days[day] for day in sorted(self._days) if day != today.day)
        unwritten = [one for one in self._unwritten.values() if one.state in WATCHED]
        return [one for file in earlier for one in self._mine(file)] + today.watched() + unwritten

    def orphans(self) -> list[Entry]:
        """Today's undecided intents whose process has died, taken over by this one."""
        return [
            self.today.entry(entry.number) or entry
            for entry in self._left_by_the_dead(self.today.watched())
            if self.today.adopt(entry, self.writer, self.clock())
        ]

    def unconfirmed(self) -> list[Entry]:
        """Today's accepted orders of processes that have died, maybe before they could hold what
        the replies said against the book."""
        return list(self._left_by_the_dead(self.today.accepted()))

    def _left_by_the_dead(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        alive: dict[str, bool] = {}
        for entry in entries:
            if entry.writer not in alive:
                alive[entry.writer] = self._is_alive(entry.writer)
            if not alive[entry.writer]:
                yield entry

    def relinquish(self, entry: Entry) -> None:
        """Leave an undecided intent to whoever takes up orphans next, in this process too."""
        if entry.reference not in self._unwritten:
            file, entry = self._stands(entry)
            file.relinquish(entry, self.clock())

    def needs_checkpoint(self) -> bool:
        """Whether the log has grown enough; says so once."""
        if self.folder is None or self._current is None:
            return False
        commits = self._current.commits
        if commits - self._checked_at < _CHECKPOINT_AFTER:
            return False
        self._checked_at = commits
        return True

    def checkpoint(self) -> None:
        """Fold the log back into the file; safe from any thread."""
        for file in tuple(self._days.values()):
            file.checkpoint()

    def close(self) -> None:
        """Close the files for good. What is undecided stays so, for the next process."""
        if self._pending is not None and not self._closed:
            self._write_last()
        self._closed = True
        days, self._days = self._days, {}
        self._current = None
        for file in days.values():
            file.close()
        self._writer.close()

    def _write_last(self) -> None:
        try:
            self._write_pending(self.today)
        except StorageError as error:
            log.critical("the kill switch could not be written: %s", error)

    def _forked(self) -> None:
        """In a forked child: leave the parent's files alone and write under another name."""
        _inherited.extend(file.abandon() for file in self._days.values())
        _inherited.append(self._writer.abandon())
        self._days = {}
        self._unwritten = {}
        self._current = None
        self._writer = Writer(self.folder)


@frozen
class _Pending:
    """A level of the kill switch that is not written yet, and the one that it replaces, if that
    could be read."""

    state: HaltState
    found: HaltState | None


# -- where journals are, and reading them from outside


def default_root() -> Path:
    """The folder of all journals."""
    return Path(platformdirs.user_state_dir("openbroker")) / "journal"


def account_folder(root: Path, *, broker: str, account: str, url: str) -> Path:
    """The folder of one account at one address: a sandbox's account never meets a real one's."""
    host = urlsplit(url).netloc
    name = re.sub(r"[^A-Za-z0-9.@_-]", "_", f"{account or 'account'}@{host}")
    return root / broker / name


def journals(root: Path | None = None) -> list[Path]:
    """Every day's file below the root, oldest day first."""
    found = (root or default_root()).glob("*/*/????-??-??.sqlite3")
    return sorted(found, key=lambda path: (path.stem, str(path)))


def pick(
    root: Path | None = None,
    *,
    day: str | None = None,
    broker: str | None = None,
    account: str | None = None,
) -> list[Path]:
    """The files of a day, by default the last one that has any.

    Raises:
        StorageError: there are none.
    """
    found = [
        path
        for path in journals(root)
        if broker in (None, path.parents[1].name)
        and account in (None, path.parent.name.partition("@")[0])
    ]
    last = day or max((path.stem for path in found), default=None)
    chosen = [path for path in found if path.stem == last]
    if not chosen:
        raise StorageError(
            f"there is no order journal of {last or 'any day'} in {root or default_root()}",
            advice="Orders placed with openbroker on this machine are journaled there.",
        )
    return chosen


def read_day(path: Path) -> tuple[Table[Entry], list[Event]]:
    """A day's entries and events, from its file.

    Raises:
        StorageError: there is no such file, or it is no journal.
    """
    if not path.exists():
        raise StorageError(f"there is no order journal {path}")
    file = DayFile(path, path.stem)
    try:
        return Table(Entry, file.entries()), file.events()
    finally:
        file.close()


def export_jsonl(path: Path) -> Iterator[str]:
    """A day as JSON lines: each entry and each event an object with its ``kind``."""
    entries, events = read_day(path)
    for entry in entries:
        yield json.dumps(_plain("intent", entry))
    for event in events:
        yield json.dumps(_plain("event", event))


def _plain(kind: str, thing: Entry | Event) -> dict[str, Any]:
    values = {field.name: getattr(thing, field.name) for field in attrs.fields(type(thing))}
    plain = {name: dict(v) if isinstance(v, Mapping) else v for name, v in values.items()}
    return {"kind": kind} | plain


# -- forks

_journals: WeakSet[Journal] = WeakSet()
_inherited: list[object] = []
"""A forked child's copies of its parent's connections. Never closed there: SQLite forbids it."""


def _leave_to_parent() -> None:
    for journal in tuple(_journals):
        journal._forked()  # noqa: SLF001 - this module's own
    _make_immortal(_inherited)


def _make_immortal(things: Sequence[object]) -> None:
    """Keep them through the child's exit, when modules are emptied and connections would close."""
    if sys.implementation.name == "cpython":
        import ctypes

        for thing in things:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
