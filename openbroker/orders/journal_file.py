"""One trading day of one account, in one SQLite file.

Every order-changing call makes two short transactions here: :meth:`DayFile.begin` before its first
byte, :meth:`DayFile.finish` after its reply.  WAL with ``synchronous=NORMAL`` survives the death of
the process; ``FULL`` survives a power cut too.  No checkpoint runs on an order's way: the pages are
folded back by :meth:`DayFile.checkpoint`, from another thread.  Nor does the log grow there, until
:data:`ROOM` is used up: :meth:`DayFile.make_room` lengthens it when the day begins.

The constraints are part of the guards: a wire tag is unique, a caller's id is unique, and an order
id belongs to one intent only, so a reply that was meant for another order is recognised.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import orjson
from attrs import frozen

from openbroker.errors import OrderBlocked, Outcome, StorageError
from openbroker.orders.entries import WATCHED, Draft, Entry, Event, State
from openbroker.orders.halt import HaltLevel, HaltState
from openbroker.orders.storage import (
    be_quick,
    connect,
    create_private,
    failed,
    identity,
    reading,
    size,
    storage_errors,
)

Durability: TypeAlias = Literal["process", "power"]
"""What a committed entry survives: the death of the process, or a power cut."""

_SYNCHRONOUS: Final[Mapping[str, str]] = {"process": "NORMAL", "power": "FULL"}

ROOM: Final = 6 << 20
"""Bytes of log that a day begins with: some 600 orders, and more than is written between two
checkpoints.  They take 9 ms to write."""
_SPILLING: Final = 16
"""Pages in memory while they are written, so that the rest goes into the log."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS intents(
    number INTEGER PRIMARY KEY, operation TEXT NOT NULL, tag TEXT, client_id TEXT, symbol TEXT,
    fingerprint INTEGER, intent TEXT NOT NULL, writer TEXT NOT NULL, sent_at REAL NOT NULL,
    until REAL NOT NULL, state TEXT NOT NULL, order_id TEXT, settled_at REAL, detail TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS tags ON intents(tag) WHERE operation = 'place_order';
CREATE UNIQUE INDEX IF NOT EXISTS client_ids ON intents(client_id) WHERE client_id IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS owned ON intents(order_id)
    WHERE operation = 'place_order' AND order_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS events(
    id INTEGER PRIMARY KEY, at REAL NOT NULL, what TEXT NOT NULL, number INTEGER, detail TEXT);
CREATE TABLE IF NOT EXISTS settings(name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

_COLUMNS: Final = (
    "number, operation, tag, client_id, symbol, fingerprint, intent, writer, sent_at, until, "
    "state, order_id, settled_at, detail"
)
_INSERT: Final = (
    "INSERT INTO intents(operation, tag, client_id, symbol, fingerprint, intent, writer, sent_at, "
    "until, order_id, state) "
)
_ENTER: Final = _INSERT + "VALUES (?,?,?,?,?,?,?,?,?,?,'SENDING')"
_ENTER_IF_CLEAN: Final = (
    "INSERT OR IGNORE INTO intents(operation, tag, client_id, symbol, fingerprint, intent, writer, "
    "sent_at, until, order_id, number, state) SELECT ?,?,?,?,?,?,?,?,?,?,?,'SENDING' "
    "WHERE NOT EXISTS (SELECT 1 FROM settings WHERE name = 'halt' AND value NOT LIKE '[\"RUN\"%')"
)
"""For an intent in whose past there is nothing that a guard could object to: no halt, and no entry
of another process since this one looked, which would have the number that this one asks for.  One
statement, since each gives up the interpreter's lock and may wait to get it back.  It reads nothing
of the table that it writes to, for which SQLite would make a temporary one."""
_HALT: Final = "SELECT value FROM settings WHERE name = 'halt'"
_NEWS: Final = "SELECT number, fingerprint FROM intents WHERE number > ? ORDER BY number"
_REPEATS: Final = (
    "SELECT state, sent_at, tag FROM intents WHERE operation = 'place_order' AND number IN ({}) "
    "ORDER BY sent_at DESC"
)
_LAST: Final = 50
"""How many of an order's repetitions the guards are shown, the last ones."""
_IS_WATCHED: Final = "({})".format(" OR ".join(f"state = '{state}'" for state in WATCHED))
"""Written out, because SQLite makes a temporary index of a list of three words, at every commit."""
_RELINQUISH: Final = (
    "UPDATE intents SET writer = '', until = min(until, ?) WHERE number = ? AND writer = ? "
    "AND state IN ('UNKNOWN', 'ABSENT')"
)
_TAKE: Final = f"INSERT OR IGNORE INTO intents({_COLUMNS}) VALUES ({', '.join('?' * 14)})"  # noqa: S608
_SAME: Final = "SELECT number FROM intents WHERE operation = ? AND tag IS ? AND sent_at = ?"
_TAKE_EVENT: Final = (
    "INSERT INTO events(at, what, number, detail) SELECT ?,?,?,? "
    "WHERE NOT EXISTS (SELECT 1 FROM events WHERE at = ? AND what = ?)"
)
_OWNED: Final = (
    "SELECT order_id, settled_at FROM intents "
    "WHERE operation = 'place_order' AND order_id IS NOT NULL"
)
_EVENTS: Final = "SELECT at, what, number, detail FROM events ORDER BY id"
_FINISH: Final = (
    "UPDATE intents SET state = ?, order_id = coalesce(?, order_id), settled_at = ?, "  # noqa: S608
    f"detail = ? WHERE number = ? AND {_IS_WATCHED}"
)
_ADOPT: Final = (
    "UPDATE intents SET writer = ?, state = ?, settled_at = ?, detail = ? "  # noqa: S608
    f"WHERE number = ? AND writer = ? AND {_IS_WATCHED}"
)
_REOPENED: Final = (
    "INSERT INTO settings VALUES ('reopened', 1) ON CONFLICT(name) DO UPDATE SET value = value + 1"
)
_STAND: Final = (
    "SELECT (SELECT value FROM settings WHERE name = 'reopened'), "
    "coalesce((SELECT max(number) FROM intents), 0)"
)
_IS_MADE: Final = "SELECT 1 FROM sqlite_master WHERE name = 'settings'"


class TagTaken(StorageError):
    """Another order of the day has this wire tag; take another."""

    outcome = Outcome.NOT_SENT


class OrderIdTaken(StorageError):
    """Another intent owns this order id: the reply was not ours."""


@frozen
class Repeat:
    """The same order, placed earlier."""

    state: State
    sent_at: float
    tag: str | None


@frozen
class Past:
    """What a guard is shown before an intent is entered."""

    now: float
    halt: HaltState
    same_id: Entry | None
    same_order: Sequence[Repeat]


Guard: TypeAlias = Callable[[Draft, Past], Entry | None]
"""Raises ``OrderBlocked``, or returns the earlier entry that the draft repeats by its id, or
``None`` to let it be entered."""


@frozen
class Repeated:
    """The draft repeats this earlier entry by its ``client_id``; nothing was entered."""

    entry: Entry


Entered: TypeAlias = Entry | Repeated | OrderBlocked
"""What became of a draft: a new entry, an earlier one in its place, or a guard's refusal."""


class DayFile:
    """The journal of one day. ``path`` ``None`` keeps it in memory."""

    def __init__(self, path: Path | None, day: str, *, durability: Durability = "process") -> None:
        self.path = path
        self.day = day
        self.commits = 0
        self._looked_up_to = 0
        self._placed: dict[int, list[int]] = {}
        """The day's intents up to there by their fingerprints, to be found without a search: what
        is not among them repeats nothing."""
        self._watched: list[int] = []
        self._watched_up_to = 0
        self._reopened: str | None = None
        if path is not None:
            create_private(path)
        with storage_errors(path):
            self._connection = connect(path)
            try:
                self._prepare(durability)
            except sqlite3.Error:
                self._connection.close()
                raise
        self._place = "" if path is None else os.fspath(path)
        self._identity = identity(self._place)

    @property
    def is_in_place(self) -> bool:
        """Whether the file is still the one that its path names: not deleted, not replaced."""
        return not self._place or identity(self._place) == self._identity

    def _prepare(self, durability: Durability) -> None:
        self._connection.execute(f"PRAGMA synchronous = {_SYNCHRONOUS[durability]}")
        self._connection.execute("PRAGMA wal_autocheckpoint = 0")
        if self._connection.execute(_IS_MADE).fetchone() is None:
            with self._transaction():
                for statement in _SCHEMA.split(";"):
                    self._connection.execute(statement)
        be_quick(self._connection)

    def make_room(self) -> None:
        """Lengthen the log now, by a transaction that is taken back: a commit that writes over what
        is there takes two thirds of the time of one that lengthens it.

        Where that is not possible, because another process writes or the disk is nearly full, the
        commits lengthen it as they go.
        """
        if self.path is None or size(f"{self._place}-wal") >= ROOM:
            return
        (pages,) = self._connection.execute("PRAGMA cache_size").fetchone()
        self._connection.execute(f"PRAGMA cache_size = {_SPILLING}")
        with suppress(sqlite3.Error), self._taken_back():
            self._connection.execute("INSERT INTO settings VALUES ('room', zeroblob(?))", (ROOM,))
        self._connection.execute(f"PRAGMA cache_size = {pages}")

    @contextmanager
    def _taken_back(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    # -- the two commits of an order

    def begin(
        self, drafts: Sequence[Draft], guard: Guard, *, writer: str, now: float
    ) -> list[Entered]:
        """Enter intents before their bytes leave, all in one transaction.

        An intent that the guard refuses, or that repeats an earlier one by its id, is not entered;
        the refusal or the earlier entry stands in its place.

        Raises:
            TagTaken, StorageError: nothing was entered; nothing may be sent.
        """
        try:
            if len(drafts) == 1 and drafts[0].client_id is None:
                entry = self._insert(drafts[0], writer, now, only_if_clean=True)
                if entry is not None:
                    self.commits += 1
                    return [entry]
            with self._transaction():
                self._look_around()
                halt = self.halt_state()
                return [self._enter(draft, halt, guard, writer, now) for draft in drafts]
        except sqlite3.Error as error:
            raise failed(self.path, error, Outcome.NOT_SENT) from None

    def _enter(
        self, draft: Draft, halt: HaltState, guard: Guard, writer: str, now: float
    ) -> Entered:
        try:
            earlier = guard(draft, self._past(draft, halt, now))
        except OrderBlocked as blocked:
            return blocked
        if earlier is not None:
            return Repeated(earlier)
        entry = self._insert(draft, writer, now)
        assert entry is not None, "an insert without a condition inserts"
        return entry

    def _look_around(self) -> None:
        """Learn what other processes have entered."""
        for number, fingerprint in self._connection.execute(_NEWS, (self._looked_up_to,)):
            self._learn(number, fingerprint)

    def _learn(self, number: int, fingerprint: int | None) -> None:
        self._looked_up_to = number
        if fingerprint is not None:
            same = self._placed.setdefault(fingerprint, [])
            same.append(number)
            del same[:-_LAST]

    def _insert(
        self, draft: Draft, writer: str, now: float, *, only_if_clean: bool = False
    ) -> Entry | None:
        until = now + draft.timeout
        intent = _dumps(draft.intent)
        values = (
            draft.operation, draft.tag, draft.client_id, draft.symbol, draft.fingerprint, intent,
            writer, now, until, draft.order_id,
        )  # fmt: skip
        if only_if_clean and self._earlier(draft):
            return None
        try:
            if only_if_clean:
                next_one = (*values, self._looked_up_to + 1)
                cursor = self._connection.execute(_ENTER_IF_CLEAN, next_one)
            else:
                cursor = self._connection.execute(_ENTER, values)
        except sqlite3.IntegrityError:
            raise TagTaken(f"the wire tag {draft.tag} is taken") from None
        if cursor.rowcount != 1:
            return None
        number = cursor.lastrowid or 0
        self._learn(number, draft.fingerprint)
        return Entry(
            day=self.day,
            number=number,
            operation=draft.operation,
            intent=draft.intent,
            tag=draft.tag,
            client_id=draft.client_id,
            symbol=draft.symbol,
            fingerprint=draft.fingerprint,
            writer=writer,
            sent_at=now,
            until=until,
            order_id=draft.order_id,
        )

    def _past(self, draft: Draft, halt: HaltState, now: float) -> Past:
        same_id = None
        if draft.client_id is not None:
            same_id = self._one("client_id = ?", draft.client_id)
            if same_id is not None and same_id.state is State.NOT_SENT:
                self._release(same_id)
                same_id = None
        repeats: list[Repeat] = []
        earlier = self._earlier(draft)
        if earlier:
            query = _REPEATS.format(",".join("?" * len(earlier)))
            rows = self._connection.execute(query, earlier)
            repeats = [Repeat(State(state), sent_at, tag) for state, sent_at, tag in rows]
        return Past(now, halt, same_id, repeats)

    def _earlier(self, draft: Draft) -> Sequence[int]:
        """The numbers of intents that the draft must not repeat unseen."""
        if draft.allow_repeat or draft.fingerprint is None:
            return ()
        return self._placed.get(draft.fingerprint, ())

    def _release(self, entry: Entry) -> None:
        """Provably nothing was sent for it, so its caller's id may be used again."""
        self._connection.execute(
            "UPDATE intents SET client_id = NULL WHERE number = ?", (entry.number,)
        )

    def finish(
        self,
        entry: Entry,
        state: State,
        *,
        order_id: str | None = None,
        detail: Mapping[str, Any],
        now: float,
    ) -> bool:
        """Give an intent its outcome, unless other evidence has; whether this call did.

        Raises:
            OrderIdTaken: the order id belongs to another intent.
        """
        values = (state.value, order_id, now, _dumps(detail), entry.number)
        try:
            cursor = self._connection.execute(_FINISH, values)
        except sqlite3.IntegrityError:
            raise OrderIdTaken(f"order {order_id} belongs to another intent") from None
        except sqlite3.Error as error:
            raise failed(self.path, error) from None
        self.commits += 1
        return cursor.rowcount == 1

    def reopen(self, entry: Entry, detail: Mapping[str, Any]) -> bool:
        """Take an intent's order id away, unless it has another one by now; whether it was done."""
        with storage_errors(self.path), self._transaction():
            cursor = self._connection.execute(
                "UPDATE intents SET state = 'UNKNOWN', order_id = NULL, settled_at = NULL, "
                "detail = ? WHERE number = ? AND order_id = ?",
                (_dumps(detail), entry.number, entry.order_id),
            )
            self._connection.execute(_REOPENED)
        return cursor.rowcount == 1

    def adopt(self, entry: Entry, writer: str, now: float) -> bool:
        """Take over an intent whose process has died; whether it was still to be had."""
        state = State.UNKNOWN if entry.state is State.SENDING else entry.state
        detail = dict(entry.detail) or {"cause": "its process ended before the outcome was known"}
        with storage_errors(self.path):
            cursor = self._connection.execute(
                _ADOPT,
                (writer, state.value, now, _dumps(detail), entry.number, entry.writer),
            )
        return cursor.rowcount == 1

    def relinquish(self, entry: Entry, now: float) -> None:
        """Name no writer for an undecided intent whose exchange is over, so that it is taken for an
        orphan."""
        with storage_errors(self.path):
            self._connection.execute(_RELINQUISH, (now, entry.number, entry.writer))

    def take_over(self, lost: DayFile) -> dict[int, int]:
        """Enter all that another file of the same day holds, which stands at its path no more.

        The account's other processes do the same with what is one and the same file, so an intent
        that is here already gets its outcome and no second line.

        Returns:
            The new numbers of intents whose own number had been given to another one here.
        """
        moved: dict[int, int] = {}
        with storage_errors(self.path), self._transaction():
            for row in lost._rows(f"SELECT {_COLUMNS} FROM intents ORDER BY number"):  # noqa: S608
                number = self._take(row)
                if number != row[0]:
                    moved[row[0]] = number
            for row in lost._rows("SELECT at, what, number, detail FROM events ORDER BY id"):
                self._connection.execute(_TAKE_EVENT, (*row, *row[:2]))
            for row in lost._rows("SELECT name, value FROM settings"):
                self._connection.execute("INSERT OR IGNORE INTO settings VALUES (?,?)", row)
        return moved

    def _rows(self, query: str) -> list[Any]:
        with reading(self.path):
            return self._connection.execute(query).fetchall()

    def _take(self, row: Sequence[Any]) -> int:
        number, operation, tag, sent_at = row[0], row[1], row[2], row[8]
        state, outcome = row[10], (row[10], row[11], row[12], row[13])
        here = self._connection.execute(_SAME, (operation, tag, sent_at)).fetchone()
        if here is not None:
            if state not in WATCHED:
                self._connection.execute(_FINISH, (*outcome, here[0]))
            return int(here[0])
        taken = self._connection.execute(_TAKE, row)
        if taken.rowcount == 1:
            return int(number)
        return self._connection.execute(_TAKE, (None, *row[1:])).lastrowid or 0

    # -- beside the orders

    def note(
        self, what: str, *, now: float, number: int | None = None, detail: Mapping[str, Any]
    ) -> None:
        """Enter an event."""
        with storage_errors(self.path):
            self._connection.execute(
                "INSERT INTO events(at, what, number, detail) VALUES (?,?,?,?)",
                (now, what, number, _dumps(detail)),
            )

    def halt_state(self) -> HaltState:
        """The kill switch, as whichever process of the account set it last."""
        with reading(self.path):
            row = self._connection.execute(_HALT).fetchone()
            if row is None:
                return HaltState()
            level, reason = orjson.loads(row[0])
            return HaltState(level=HaltLevel(level), reason=reason)

    def set_halt(self, state: HaltState, *, only_if_new: bool = False) -> None:
        verb = "INSERT OR IGNORE" if only_if_new else "INSERT OR REPLACE"
        with storage_errors(self.path):
            self._connection.execute(
                f"{verb} INTO settings VALUES ('halt', ?)",
                (_dumps([state.level.value, state.reason]),),
            )

    # -- reading

    def entry(self, number: int) -> Entry | None:
        return self._one("number = ?", number)

    def by_tag(self, tag: str) -> Entry | None:
        """The placed order with this wire tag."""
        return self._one("operation = 'place_order' AND tag = ?", tag)

    def owner(self, order_id: str) -> Entry | None:
        """The intent that an order id belongs to."""
        return self._one("operation = 'place_order' AND order_id = ?", order_id)

    def accepted(self) -> list[Entry]:
        """Placed orders that were accepted, oldest first."""
        return self.entries("operation = 'place_order' AND state = 'ACCEPTED'")

    def watched(self) -> list[Entry]:
        """Intents that evidence may still change, oldest first.

        An outcome is final until somebody reopens its intent, which the file counts.  So long as
        nobody has, only what was undecided and what is new is looked at again.
        """
        with reading(self.path):
            reopened, last = self._connection.execute(_STAND).fetchone()
        if reopened != self._reopened:
            self._reopened, self._watched, self._watched_up_to = reopened, [], 0
        known = ",".join(map(str, self._watched))
        found = self.entries(f"number IN ({known}) AND {_IS_WATCHED}")
        found += self.entries(f"number > ? AND {_IS_WATCHED}", self._watched_up_to)
        self._watched = [entry.number for entry in found if entry.number <= last]
        self._watched_up_to = last
        return found

    def entries(self, where: str = "1", *values: object) -> list[Entry]:
        """Intents, oldest first."""
        query = f"SELECT {_COLUMNS} FROM intents WHERE {where} ORDER BY number"  # noqa: S608 - ours
        with reading(self.path):
            return [self._entry(row) for row in self._connection.execute(query, values)]

    def owned(self) -> dict[str, float]:
        """Every order id that an intent of ours owns, and when that became known."""
        with reading(self.path):
            return dict(self._connection.execute(_OWNED).fetchall())

    def events(self) -> list[Event]:
        """What happened beside the orders, oldest first."""
        with reading(self.path):
            return [
                Event(at=at, what=what, number=number, detail=orjson.loads(detail))
                for at, what, number, detail in self._connection.execute(_EVENTS)
            ]

    def _one(self, where: str, value: object) -> Entry | None:
        return next(iter(self.entries(where, value)), None)

    def _entry(self, row: Sequence[Any]) -> Entry:
        return Entry(
            day=self.day,
            number=row[0],
            operation=row[1],
            tag=row[2],
            client_id=row[3],
            symbol=row[4],
            fingerprint=row[5],
            intent=orjson.loads(row[6]),
            writer=row[7],
            sent_at=row[8],
            until=row[9],
            state=State(row[10]),
            order_id=row[11],
            settled_at=row[12],
            detail=orjson.loads(row[13]) if row[13] else {},
        )

    # -- the file

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            self._looked_up_to, self._placed = 0, {}
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self.commits += 1

    def checkpoint(self) -> None:
        """Fold the log back into the file, on a connection of its own: safe from any thread."""
        if self.path is None:
            return
        with storage_errors(self.path), closing(connect(self.path)) as other:
            other.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        self._connection.close()

    def abandon(self) -> object:
        """For a forked child: hand out the connection, which must never be closed there."""
        return self._connection


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()
