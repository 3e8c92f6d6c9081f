"""The journal: its two commits, its days, its files, its writers."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

import openbroker.orders.journal as journal_module
from openbroker.errors import BrokerClosed, OrderBlocked, StorageError
from openbroker.orders import journal_file
from openbroker.orders.entries import Draft, Entry, State
from openbroker.orders.guards import guard_with
from openbroker.orders.halt import HaltLevel, HaltState
from openbroker.orders.intents import fingerprint
from openbroker.orders.journal import Journal, export_jsonl, journals, pick, read_day
from openbroker.orders.journal_file import OrderIdTaken, Past, Repeated, TagTaken
from openbroker.orders.storage import JournalBusy, JournalClosed, patiently

MORNING = 1_795_000_000.0
DAY = 86_400.0
INTENT = {"symbol": "NSE:SBIN", "side": "BUY", "quantity": 5, "order_type": "LIMIT"}


class Clock:
    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "angelone" / "A1@host"


@pytest.fixture
def journal(folder: Path, clock: Clock) -> Any:
    opened = Journal(folder, clock=clock)
    yield opened
    opened.close()


def draft(tag: str, quantity: int = 5, **rest: Any) -> Draft:
    intent = INTENT | {"quantity": quantity}
    return Draft(
        operation="place_order",
        intent=intent,
        tag=tag,
        symbol="NSE:SBIN",
        fingerprint=fingerprint(intent),
        **rest,
    )


def begin(journal: Journal, *drafts: Draft, window: float = 1.0) -> list[Any]:
    return journal.begin(drafts, guard_with(window))


def one(journal: Journal, tag: str = "TAGAAAAA", **rest: Any) -> Entry:
    [entry] = begin(journal, draft(tag, **rest))
    assert isinstance(entry, Entry)
    return entry


def test_sending_then_outcome(journal: Journal, folder: Path) -> None:
    entry = one(journal)
    [path] = journals(folder.parents[1])
    assert [e.state for e in read_day(path)[0]] == [State.SENDING]
    assert journal.finish(entry, State.ACCEPTED, {"proof": "reply"}, order_id="7")
    [stored] = read_day(path)[0]
    assert (stored.state, stored.order_id, dict(stored.intent)) == (State.ACCEPTED, "7", INTENT)


def test_an_order_makes_two_commits_and_a_basket_one_and_its_own(journal: Journal) -> None:
    before = journal.today.commits
    journal.finish(one(journal), State.ACCEPTED, {}, order_id="7")
    assert journal.today.commits - before == 2
    before = journal.today.commits
    begin(journal, *(draft(f"TAGBBBB{n}", n + 10) for n in range(8)))
    assert journal.today.commits - before == 1


def test_a_wire_tag_is_taken_once(journal: Journal) -> None:
    one(journal)
    with pytest.raises(TagTaken) as caught:
        begin(journal, draft("NEWTAG11", 6), draft("TAGAAAAA", 7))
    assert caught.value.outcome == "NOT_SENT"
    assert journal.find("NEWTAG11") is None, "a transaction is entered whole or not at all"


def test_an_order_id_has_one_owner(journal: Journal) -> None:
    first, second = one(journal), one(journal, "TAGBBBBB", quantity=6)
    journal.finish(first, State.ACCEPTED, {}, order_id="7")
    with pytest.raises(OrderIdTaken):
        journal.finish(second, State.ACCEPTED, {}, order_id="7")
    assert journal.find("TAGBBBBB").state is State.SENDING


def test_an_outcome_is_final(journal: Journal) -> None:
    entry = one(journal)
    assert journal.finish(entry, State.REJECTED, {"message": "no"})
    assert not journal.finish(entry, State.ACCEPTED, {}, order_id="7")
    assert journal.find("TAGAAAAA").state is State.REJECTED


def test_absent_is_not_final(journal: Journal) -> None:
    entry = one(journal)
    assert journal.finish(entry, State.ABSENT, {})
    assert journal.finish(entry, State.ACCEPTED, {}, order_id="7")


# -- guards in the transaction


def test_what_is_watched_is_what_every_process_left_undecided(
    journal: Journal, folder: Path, clock: Clock
) -> None:
    other = Journal(folder, clock=clock)

    def watched() -> list[str | None]:
        return [entry.tag for entry in other.today.watched()]

    first, second = one(journal, "TAGAAAAA"), one(journal, "TAGBBBBB", quantity=6)
    assert watched() == watched() == ["TAGAAAAA", "TAGBBBBB"]
    journal.finish(first, State.ACCEPTED, {}, order_id="7")
    assert watched() == watched() == ["TAGBBBBB"]
    journal.finish(second, State.UNKNOWN, {})
    third = one(other, "TAGCCCCC", quantity=7)
    assert watched() == watched() == ["TAGBBBBB", "TAGCCCCC"]
    journal.finish(second, State.ABSENT, {})
    other.finish(third, State.REJECTED, {})
    assert watched() == watched() == ["TAGBBBBB"]
    assert not journal.reopen(attrs.evolve(first, order_id="8"), {"cause": "it has another"})
    assert watched() == watched() == ["TAGBBBBB"]
    assert journal.reopen(attrs.evolve(first, order_id="7"), {"cause": "another's order id"})
    assert watched() == watched() == ["TAGAAAAA", "TAGBBBBB"]
    journal.finish(first, State.ACCEPTED, {}, order_id="8")
    other.reopen(attrs.evolve(first, order_id="8"), {"cause": "again"})
    assert [entry.tag for entry in journal.today.watched()] == watched()
    assert watched() == ["TAGAAAAA", "TAGBBBBB"]
    other.close()


def test_what_is_decided_is_not_searched_again(journal: Journal) -> None:
    for number in range(5):
        one(journal, f"TAG{number:05}", quantity=number + 1)
    file, asked = journal.today, list[str]()
    assert len(file.watched()) == 5
    file._connection.set_trace_callback(asked.append)
    file.watched()
    file._connection.set_trace_callback(None)
    plans = [file._connection.execute(f"EXPLAIN QUERY PLAN {text}").fetchall() for text in asked]
    steps = [step for plan in plans for (*_, step) in plan]
    assert len(plans) == 3
    assert "SCAN intents" not in steps


def test_the_window_and_what_is_open_hold_back_a_repeat(journal: Journal, clock: Clock) -> None:
    entry = one(journal)
    [blocked] = begin(journal, draft("TAGBBBBB"))
    assert type(blocked).__name__ == "DuplicateOrder"
    clock.now += 60
    [blocked] = begin(journal, draft("TAGBBBBB"))
    assert type(blocked).__name__ == "UnresolvedOrder"
    journal.finish(entry, State.ABSENT, {})
    assert isinstance(begin(journal, draft("TAGBBBBB"))[0], Entry)


def test_the_last_repeats_are_shown_and_found_without_a_search(journal: Journal) -> None:
    shown: list[Past] = []

    def guard(_: Draft, past: Past) -> None:
        shown.append(past)

    asked: list[str] = []
    journal.today._connection.set_trace_callback(asked.append)
    for number in range(60):
        journal.begin([draft(f"TAG{number:05}")], guard)
        one(journal, f"OTH{number:05}", quantity=number + 50)
    assert [len(past.same_order) for past in shown] == list(range(1, 51)) + 9 * [50]
    last = {f"TAG{number:05}" for number in range(9, 59)}
    assert {repeat.tag for repeat in shown[-1].same_order} == last
    journal.today._connection.set_trace_callback(None)
    looks = [statement for statement in asked if "sent_at, tag" in statement]
    assert len(looks) == 59
    [(*_, how)] = journal.today._connection.execute(f"EXPLAIN QUERY PLAN {looks[0]}").fetchall()[:1]
    assert "INTEGER PRIMARY KEY" in how


def test_a_repeat_may_be_meant(journal: Journal) -> None:
    one(journal)
    assert isinstance(begin(journal, draft("TAGBBBBB", allow_repeat=True))[0], Entry)


def test_a_callers_id_names_one_order(journal: Journal) -> None:
    entry = one(journal, client_id="mine")
    [again] = begin(journal, draft("TAGBBBBB", client_id="mine"))
    assert again == Repeated(entry)
    [other] = begin(journal, draft("TAGCCCCC", quantity=9, client_id="mine"))
    assert isinstance(other, OrderBlocked)


def test_a_callers_id_is_free_again_if_nothing_was_sent(journal: Journal) -> None:
    journal.finish(one(journal, client_id="mine"), State.NOT_SENT, {})
    [again] = begin(journal, draft("TAGBBBBB", client_id="mine", allow_repeat=True))
    assert isinstance(again, Entry)
    assert again.tag == "TAGBBBBB"


def test_a_halt_holds_for_every_process(journal: Journal, folder: Path, clock: Clock) -> None:
    other = Journal(folder, clock=clock)
    journal.set_halt(HaltState(level=HaltLevel.HALT, reason="enough"))
    [blocked] = begin(other, draft("TAGBBBBB"))
    assert "enough" in str(blocked)
    cancel = Draft(operation="cancel_order", intent={"order_id": "1"}, order_id="1")
    assert isinstance(begin(other, cancel)[0], Entry)
    other.set_halt(HaltState())
    assert isinstance(begin(journal, draft("TAGBBBBB"))[0], Entry)
    other.close()


# -- days


def test_midnight_in_india_opens_another_file(journal: Journal, folder: Path, clock: Clock) -> None:
    yesterday = one(journal)
    journal.finish(yesterday, State.UNKNOWN, {"cause": "no answer came"})
    journal.set_halt(HaltState(level=HaltLevel.REDUCE_ONLY, reason="weekend"))
    clock.now += DAY
    assert journal.halt_state().level is HaltLevel.REDUCE_ONLY, "a halt outlives the day"
    assert len(journals(folder.parents[1])) == 2
    assert journal.find("TAGAAAAA") is None
    stored, _ = read_day(journals(folder.parents[1])[0])
    assert stored[0].state is State.EXPIRED
    with pytest.raises(StorageError, match=yesterday.day):
        journal.finish(yesterday, State.ACCEPTED, {}, order_id="7")


def test_an_order_under_way_at_midnight_ends_where_it_began(folder: Path, clock: Clock) -> None:
    night = Journal(folder, clock=clock)
    entry = one(night)
    clock.now += DAY
    assert night.finish(entry, State.ACCEPTED, {}, order_id="7")
    night.close()
    assert read_day(pick(folder.parents[1], day=entry.day)[0])[0][0].state is State.ACCEPTED


@pytest.mark.parametrize("state", [State.ACCEPTED, State.NOT_SENT, State.UNKNOWN])
def test_an_order_under_way_keeps_its_life_when_the_day_turns(
    journal: Journal, folder: Path, clock: Clock, state: State
) -> None:
    entry = one(journal)
    clock.now += DAY
    one(journal, "TAGBBBBB")
    assert [open_.tag for open_ in journal.undecided()] == ["TAGAAAAA", "TAGBBBBB"]
    assert journal.find(entry.reference) == entry
    assert journal.finish(entry, state, {}, order_id="7" if state is State.ACCEPTED else None)
    [stored] = read_day(pick(folder.parents[1], day=entry.day)[0])[0]
    assert stored.state is state
    clock.now += DAY
    assert [open_.tag for open_ in journal.undecided()] == ["TAGBBBBB"]
    [stored] = read_day(pick(folder.parents[1], day=entry.day)[0])[0]
    assert stored.state is (State.EXPIRED if state is State.UNKNOWN else state)


def test_another_process_leaves_alone_what_is_under_way_at_midnight(
    journal: Journal, folder: Path, clock: Clock
) -> None:
    entry = one(journal)
    clock.now += DAY
    other = Journal(folder, clock=clock)
    assert other.undecided() == []
    other.close()
    assert journal.finish(entry, State.ACCEPTED, {}, order_id="7")


# -- writers


@pytest.mark.parametrize(("settled_at", "over_by"), [(None, 108.0), (103.0, 103.0), (140.0, 108.0)])
def test_an_exchange_is_over_with_its_outcome_or_its_time(
    settled_at: float | None, over_by: float
) -> None:
    entry = Entry(
        day="2026-11-23", number=1, operation="place_order", intent={}, sent_at=100.0, until=108.0,
        settled_at=settled_at,
    )  # fmt: skip
    assert entry.over_by == over_by


def test_what_a_dead_writer_left_is_taken_over(folder: Path, clock: Clock) -> None:
    gone = Journal(folder, clock=clock)
    one(gone)
    gone.close()
    heir = Journal(folder, clock=clock)
    [orphan] = heir.orphans()
    assert (orphan.state, orphan.writer) == (State.UNKNOWN, heir.writer)
    assert heir.orphans() == []
    heir.close()


def test_a_living_writers_order_is_left_to_it(journal: Journal, folder: Path, clock: Clock) -> None:
    one(journal)
    other = Journal(folder, clock=clock)
    assert other.orphans() == []
    other.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_writes_under_a_name_of_its_own(journal: Journal, folder: Path) -> None:
    one(journal)
    child = os.fork()
    if child == 0:
        try:
            entry = one(journal, "TAGCHILD", quantity=6)
            journal.finish(entry, State.ACCEPTED, {}, order_id="8")
            journal.close()
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    theirs = journal.find("TAGCHILD")
    assert theirs is not None
    assert theirs.state is State.ACCEPTED
    assert theirs.writer != journal.writer
    mine = journal.find("TAGAAAAA")
    assert mine.state is State.SENDING
    assert Journal(folder, clock=journal.clock).orphans() == [], "the parent still lives"


# -- files


@pytest.mark.skipif(sys.platform == "win32", reason="mode bits mean nothing there")
def test_only_the_owner_can_read(journal: Journal, folder: Path, tmp_path: Path) -> None:
    one(journal)
    made = [tmp_path / "state", *(p for p in (tmp_path / "state").rglob("*"))]
    assert len(made) > 4
    for path in made:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.parametrize(("durability", "level"), [("process", 1), ("power", 2)])
def test_durability(folder: Path, durability: Any, level: int) -> None:
    journal = Journal(folder, durability=durability)
    connection = journal.today._connection
    assert connection.execute("PRAGMA synchronous").fetchone() == (level,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA wal_autocheckpoint").fetchone() == (0,)
    journal.close()


def test_a_checkpoint_folds_the_log_back(journal: Journal, folder: Path) -> None:
    for number in range(300):
        entry = one(journal, f"TAG{number:05}", quantity=number + 1)
        journal.finish(entry, State.ACCEPTED, {}, order_id=str(number))
    assert journal.needs_checkpoint()
    assert not journal.needs_checkpoint()
    [path] = journals(folder.parents[1])
    before = path.stat().st_size
    journal.checkpoint()
    assert path.stat().st_size > before


def log_of(folder: Path) -> int:
    """Bytes of the day's log."""
    [path] = journals(folder.parents[1])
    return path.with_name(f"{path.name}-wal").stat().st_size


def test_no_order_lengthens_the_log(journal: Journal, folder: Path) -> None:
    journal.today.watched()
    room = log_of(folder)
    assert room > 0.95 * journal_file.ROOM
    for number in range(100):
        entry = one(journal, f"TAG{number:05}", quantity=number + 1)
        journal.finish(entry, State.ACCEPTED, {}, order_id=str(number))
    assert log_of(folder) == room
    [path] = journals(folder.parents[1])
    assert len(read_day(path)[0]) == 100
    journal.close()
    assert path.stat().st_size < room / 10, "nothing of it reaches the file"


def test_a_second_process_finds_the_room_made(
    journal: Journal, folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one(journal)
    room = log_of(folder)
    monkeypatch.setattr(journal_file, "ROOM", room)
    other = Journal(folder, clock=clock)
    with closing(sqlite3.connect(journals(folder.parents[1])[0])) as outside:
        outside.execute("BEGIN IMMEDIATE")
        assert len(other.today.watched()) == 1, "nothing had to be written"
    assert log_of(folder) == room
    other.close()


def test_where_there_is_no_room_orders_lengthen_the_log(
    journal: Journal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = journal.today
    was = log_of(folder)
    monkeypatch.setattr(journal_file, "ROOM", 2 * was)
    with closing(sqlite3.connect(journals(folder.parents[1])[0], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        file.make_room()
    assert log_of(folder) == was, "another process writes"
    file._connection.execute("PRAGMA max_page_count = 100")
    file.make_room()
    assert log_of(folder) == was, "the disk is nearly full"
    assert not file._connection.in_transaction
    one(journal)


@pytest.mark.parametrize(
    ("statement", "values"), [(journal_file._ENTER_IF_CLEAN, 11), (journal_file._FINISH, 5)]
)
def test_neither_commit_makes_a_temporary_table(
    journal: Journal, statement: str, values: int
) -> None:
    plan = journal.today._connection.execute(f"EXPLAIN {statement}", [None] * values).fetchall()
    steps = {row[1] for row in plan}
    assert "Insert" in steps
    assert not steps & {"OpenEphemeral", "OpenAutoindex", "SorterOpen"}


def test_memory_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    journal = Journal(None)
    journal.finish(one(journal), State.ACCEPTED, {}, order_id="7")
    journal.close()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_stops_the_order(journal: Journal) -> None:
    one(journal)
    journal.today._connection.execute("PRAGMA max_page_count = 1")
    many = [draft(f"TAGX{number:04}", quantity=number + 50) for number in range(100)]
    with pytest.raises(StorageError) as caught:
        begin(journal, *many)
    assert caught.value.outcome == "NOT_SENT"


def test_another_file_is_not_taken_for_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "2026-11-22.sqlite3"
    path.write_bytes(b"something else entirely" * 100)
    with pytest.raises(StorageError):
        read_day(path)
    with pytest.raises(StorageError):
        pick(tmp_path)


def test_export_has_a_line_for_everything(journal: Journal, folder: Path) -> None:
    journal.finish(one(journal), State.ACCEPTED, {"proof": "reply"}, order_id="7")
    journal.set_halt(HaltState(level=HaltLevel.HALT, reason="enough"))
    lines = [json.loads(line) for line in export_jsonl(journals(folder.parents[1])[0])]
    assert [line["kind"] for line in lines] == ["intent", "event"]
    assert lines[0]["intent"] == INTENT
    assert lines[1]["detail"] == {"level": "HALT", "reason": "enough"}


def test_a_waiting_writer_does_not_fail(journal: Journal, folder: Path) -> None:
    """A commit of another process takes microseconds; it is waited for, and the loop goes on."""
    one(journal)
    [path] = journals(folder.parents[1])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def wait_for_it() -> Any:
        asyncio.get_running_loop().call_later(0.2, other.execute, "COMMIT")
        return await patiently(lambda: begin(journal, draft("TAGBBBBB", 6)), 20.0)

    assert isinstance(asyncio.run(wait_for_it())[0], Entry)
    other.close()


def test_waiting_has_an_end(journal: Journal, folder: Path) -> None:
    one(journal)
    [path] = journals(folder.parents[1])
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalBusy) as caught:
            asyncio.run(patiently(lambda: begin(journal, draft("TAGBBBBB", 6)), 0.1))
    assert caught.value.outcome == "NOT_SENT"
    assert "Another program holds the file." in str(caught.value)
    assert journal.find("TAGBBBBB") is None


# -- after the end


USES: dict[str, Any] = {
    "begin": lambda journal, entry: one(journal, "TAGBBBBB", quantity=9),
    "finish": lambda journal, entry: journal.finish(entry, State.ACCEPTED, {}, order_id="7"),
    "find": lambda journal, entry: journal.find("TAGAAAAA"),
    "today": lambda journal, entry: journal.today,
    "orphans": lambda journal, entry: journal.orphans(),
    "note": lambda journal, entry: journal.note("something", entry=entry),
    "halt_state": lambda journal, entry: journal.halt_state(),
    "set_halt": lambda journal, entry: journal.set_halt(HaltState()),
}


@pytest.mark.parametrize("use", USES)
def test_a_closed_journal_says_so_and_stays_closed(folder: Path, clock: Clock, use: str) -> None:
    journal = Journal(folder, clock=clock)
    entry = one(journal)
    journal.close()
    with pytest.raises(JournalClosed) as caught:
        USES[use](journal, entry)
    assert isinstance(caught.value, BrokerClosed), "one class to catch, also in mid-call"
    assert "connect() opens a new one" in str(caught.value)
    assert caught.value.outcome == ("NOT_SENT" if use == "begin" else None)
    heir = Journal(folder, clock=clock)
    assert [orphan.tag for orphan in heir.orphans()] == ["TAGAAAAA"], "nobody holds its lock"
    heir.close()
    assert not journal.needs_checkpoint()
    journal.close()


# -- files that are not as they should be


READS: dict[str, Any] = {
    "watched": lambda file: file.watched(),
    "entries": lambda file: file.entries(),
    "by_tag": lambda file: file.by_tag("TAGAAAAA"),
    "entry": lambda file: file.entry(1),
    "owner": lambda file: file.owner("7"),
    "owned": lambda file: file.owned(),
    "events": lambda file: file.events(),
    "halt_state": lambda file: file.halt_state(),
}


def overwrite(journal: Journal) -> None:
    """Put something else into the day's file, behind the open connection's back."""
    path = journal.today.path
    assert path is not None
    journal.checkpoint()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(2048)
        file.write(b"\xa5" * (size - 2048))
    journal.today._connection.execute("PRAGMA shrink_memory")


@pytest.mark.parametrize("read", READS)
def test_a_damaged_file_is_an_error_of_ours_that_says_what_to_do(
    journal: Journal, read: str
) -> None:
    journal.finish(one(journal), State.ACCEPTED, {}, order_id="7")
    journal.set_halt(HaltState(level=HaltLevel.HALT))
    overwrite(journal)
    with pytest.raises(StorageError) as caught:
        READS[read](journal.today)
    assert "is damaged" in str(caught.value)
    assert "broker.orders()" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "read"),
    [
        ("UPDATE intents SET detail = '{'", "watched"),
        ("UPDATE intents SET intent = 'nothing'", "by_tag"),
        ("UPDATE intents SET state = 'GONE'", "entries"),
        ("UPDATE events SET detail = '['", "events"),
        ("UPDATE settings SET value = '[]'", "halt_state"),
        ("UPDATE settings SET value = '[\"NOWHERE\", 1]'", "halt_state"),
    ],
)
def test_rows_that_are_not_ours_are_damage_too(journal: Journal, change: str, read: str) -> None:
    one(journal)
    journal.set_halt(HaltState(level=HaltLevel.HALT))
    journal.today._connection.execute(change)
    with pytest.raises(StorageError, match="is damaged"):
        READS[read](journal.today)


def test_an_order_is_not_sent_if_the_kill_switch_cannot_be_read(journal: Journal) -> None:
    journal.set_halt(HaltState(level=HaltLevel.HALT))
    journal.today._connection.execute("UPDATE settings SET value = '{'")
    with pytest.raises(StorageError) as caught:
        one(journal)
    assert caught.value.outcome == "NOT_SENT"


def test_a_commit_that_fails_leaves_no_transaction_behind(journal: Journal) -> None:
    connection = journal.today._connection
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("CREATE TABLE parents(id INTEGER PRIMARY KEY)")
    connection.execute(
        "CREATE TABLE children(id REFERENCES parents(id) DEFERRABLE INITIALLY DEFERRED)"
    )
    connection.execute(
        "CREATE TRIGGER fails AFTER INSERT ON intents BEGIN INSERT INTO children VALUES (9); END"
    )
    with pytest.raises(StorageError) as caught:
        begin(journal, draft("TAGAAAAA"), draft("TAGBBBBB", 6))
    assert caught.value.outcome == "NOT_SENT"
    connection.execute("DROP TRIGGER fails")
    assert len(begin(journal, draft("TAGAAAAA"), draft("TAGBBBBB", 6))) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="locks of another kind")
def test_another_journal_of_this_process_takes_no_locks_away(
    journal: Journal, folder: Path, clock: Clock
) -> None:
    """POSIX drops a process's locks on a file when it closes any descriptor of it."""
    import subprocess

    entry = one(journal)
    other = Journal(folder, clock=clock)
    assert other.orphans() == []
    other.today.watched()
    elsewhere = (
        "import sys; from pathlib import Path; from openbroker.orders.journal import Journal\n"
        "print([e.tag for e in Journal(Path(sys.argv[1]), clock=lambda: float(sys.argv[2]))"
        ".orphans()])"
    )
    argv = [sys.executable, "-c", elsewhere, str(folder), str(clock.now)]
    said = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]", "the writer of this process lives"
    assert journal.find("TAGAAAAA") == entry
    other.close()


# -- files that go away under the journal's hands


@pytest.fixture
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at every commit whether the file is still there."""
    monkeypatch.setattr(journal_module, "LOOK_EVERY", 0.0)


def delete(folder: Path) -> None:
    shutil.rmtree(folder)


def move_away(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def replace(folder: Path) -> None:
    """As a program does that writes a copy and renames it: with an older state of the file."""
    [path] = folder.glob("*.sqlite3")
    path.rename(path.with_suffix(".old"))
    for rest in folder.glob("*.sqlite3-*"):
        rest.unlink()
    Journal(folder, clock=lambda: MORNING).today.close()


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be deleted there")
@pytest.mark.usefixtures("watchful")
@pytest.mark.parametrize("vanish", [delete, move_away, replace])
def test_a_journal_that_was_taken_away_is_made_again_with_all_it_held(
    journal: Journal, folder: Path, caplog: pytest.LogCaptureFixture, vanish: Any
) -> None:
    known = one(journal, "TAGKNOWN", quantity=1, client_id="mine")
    journal.finish(known, State.ACCEPTED, {"proof": "reply"}, order_id="7")
    lost = one(journal, "TAGLOST2", quantity=2)
    journal.finish(lost, State.UNKNOWN, {"cause": "no answer came"})
    sending = one(journal, "TAGSEND3", quantity=3)
    journal.set_halt(HaltState(level=HaltLevel.REDUCE_ONLY, reason="enough"))

    vanish(folder)
    assert journal.finish(sending, State.ACCEPTED, {}, order_id="8")
    assert "was deleted or replaced while it was open" in caplog.text
    [path] = journals(folder.parents[1]) if vanish is not move_away else list(folder.glob("*.sq*3"))
    entries, events = read_day(path)
    assert [(e.tag, e.state, e.order_id, e.client_id) for e in entries] == [
        ("TAGKNOWN", State.ACCEPTED, "7", "mine"),
        ("TAGLOST2", State.UNKNOWN, None, None),
        ("TAGSEND3", State.ACCEPTED, "8", None),
    ]
    assert [event.what for event in events] == ["halt", "journal replaced"]
    assert journal.halt_state().level is HaltLevel.REDUCE_ONLY
    assert Journal(folder, clock=journal.clock).orphans() == [], "the writer's lock is held again"
    caplog.clear()
    journal.set_halt(HaltState())
    assert one(journal, "TAGNEXT4", quantity=4).number == 4
    assert not caplog.records, "said once"


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be deleted there")
@pytest.mark.usefixtures("watchful")
def test_two_processes_make_one_journal_again(journal: Journal, folder: Path, clock: Clock) -> None:
    """Each brings what it knows; what both know stands there once, with its outcome."""
    other = Journal(folder, clock=clock)
    mine = one(journal, "TAGMINE1", quantity=1)
    theirs = one(other, "TAGTHEIR", quantity=2)
    cancel = Draft(operation="cancel_order", intent={"order_id": "5"}, order_id="5")
    [mine_too] = begin(journal, cancel)
    delete(folder)
    fresh = one(other, "TAGFRESH", quantity=3)
    assert journal.finish(mine, State.ACCEPTED, {}, order_id="7")
    assert other.finish(theirs, State.ACCEPTED, {}, order_id="8")
    assert other.finish(fresh, State.REJECTED, {})
    assert journal.finish(mine_too, State.ACCEPTED, {}, order_id="5")
    [path] = journals(folder.parents[1])
    stored = {(e.tag, e.state, e.order_id) for e in read_day(path)[0]}
    assert stored == {
        ("TAGMINE1", State.ACCEPTED, "7"),
        ("TAGTHEIR", State.ACCEPTED, "8"),
        ("TAGFRESH", State.REJECTED, None),
        (None, State.ACCEPTED, "5"),
    }
    other.close()


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be deleted there")
@pytest.mark.usefixtures("watchful")
def test_numbers_that_were_given_away_meanwhile_are_changed(
    journal: Journal, folder: Path, clock: Clock
) -> None:
    first, second = one(journal, "TAGMINE1", quantity=1), one(journal, "TAGMINE2", quantity=2)
    delete(folder)
    stranger = Journal(folder, clock=clock)
    clock.now += 1
    theirs = one(stranger, "TAGTHEIR", quantity=3)
    assert theirs.number == first.number
    assert journal.finish(first, State.ACCEPTED, {}, order_id="7")
    known = journal.find(first.reference)
    assert known is not None
    assert (known.tag, known.reference, known.order_id) == ("TAGMINE1", first.reference, "7")
    assert journal.finish(second, State.REJECTED, {})
    assert stranger.finish(theirs, State.ACCEPTED, {}, order_id="8")
    [path] = journals(folder.parents[1])
    stored = {(e.tag, e.state, e.order_id) for e in read_day(path)[0]}
    assert stored == {
        ("TAGMINE1", State.ACCEPTED, "7"),
        ("TAGMINE2", State.REJECTED, None),
        ("TAGTHEIR", State.ACCEPTED, "8"),
    }
    stranger.close()


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be deleted there")
@pytest.mark.usefixtures("watchful")
def test_an_order_is_refused_if_its_journal_cannot_be_made_again(
    journal: Journal, folder: Path
) -> None:
    entry = one(journal)
    delete(folder)
    folder.write_text("a file where the folder was")
    assert journal.finish(entry, State.REJECTED, {})
    with pytest.raises(StorageError) as caught:
        one(journal, "TAGBBBBB", quantity=6)
    assert caught.value.outcome == "NOT_SENT"
    folder.unlink()
    assert one(journal, "TAGBBBBB", quantity=6).number == 2
    [path] = journals(folder.parents[1])
    assert [e.state for e in read_day(path)[0]] == [State.REJECTED, State.SENDING]


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be deleted there")
def test_a_burst_asks_once_whether_the_file_is_there(
    journal: Journal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "LOOK_EVERY", 3_600.0)
    one(journal)
    delete(folder)
    one(journal, "TAGBBBBB", quantity=6)
    assert not folder.exists()
    journal._look_again = 0.0
    one(journal, "TAGCCCCC", quantity=7)
    assert [entry.tag for entry in journal.undecided()] == ["TAGAAAAA", "TAGBBBBB", "TAGCCCCC"]
    assert folder.exists()
