"""A journal that cannot be written: orders are refused, cancels and the kill switch are not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

import openbroker as ob
from openbroker import HaltLevel
from openbroker.orders.journal import Journal, journals, read_day
from tests.orders.faulty import Connect, Faulty, bid

Spoil = Callable[[ExitStack], None]
Spoiler = Callable[[Journal, ExitStack], None]


def read_only(journal: Journal, until: ExitStack) -> None:
    connection = journal.today._connection
    connection.execute("PRAGMA query_only = ON")
    until.callback(connection.execute, "PRAGMA query_only = OFF")


def locked(journal: Journal, until: ExitStack) -> None:
    assert journal.today.path is not None
    other = sqlite3.connect(journal.today.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    until.callback(other.close)
    until.callback(other.execute, "ROLLBACK")


FILL = (
    (
        "INSERT INTO intents(operation, intent, writer, sent_at, until, state) "
        "VALUES ('', '{}', '', 0, 0, 'NOT_SENT')"
    ),
    "INSERT INTO events(at, what, detail) VALUES (0, '', '{}')",
    "INSERT INTO settings VALUES (hex(randomblob(4)), '')",
)


def full(journal: Journal, until: ExitStack) -> None:
    """No page is left, and none of those that are there has room for the shortest entry."""
    connection = journal.today._connection
    connection.execute("PRAGMA max_page_count = 1")
    until.callback(connection.execute, "PRAGMA max_page_count = 1000000")
    for fill in FILL:
        with suppress(sqlite3.OperationalError):
            while True:
                connection.execute(fill)


def damaged(journal: Journal, until: ExitStack) -> None:
    """Nothing can be written and nothing can be read."""
    connection = journal.today._connection
    for table in ("intents", "settings"):
        connection.execute(f"ALTER TABLE {table} RENAME TO {table}_2")
        until.callback(connection.execute, f"ALTER TABLE {table}_2 RENAME TO {table}")


WAYS: dict[str, Spoiler] = {
    "read-only": read_only, "locked": locked, "full": full, "damaged": damaged,
}  # fmt: skip


@pytest.fixture
def repaired() -> Iterator[ExitStack]:
    """What is spoilt is whole again when this is closed, at the latest at the end."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(params=WAYS)
def spoil(request: pytest.FixtureRequest, broker: ob.Broker, repaired: ExitStack) -> Spoil:
    return lambda until: WAYS[request.param](broker._async._desk.journal, until)


def refused(broker: ob.Broker) -> None:
    with pytest.raises(ob.StorageError) as caught:
        bid(broker, 9)
    assert caught.value.outcome is ob.Outcome.NOT_SENT


def test_a_cancel_goes_out_and_an_order_does_not(
    broker: ob.Broker,
    faulty: Faulty,
    spoil: Spoil,
    repaired: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("openbroker.orders.carrier.ENTER_WITHIN", 0.1)
    first, second = bid(broker), bid(broker, 2)
    spoil(repaired)
    refused(broker)
    assert broker.cancel_order(first).order_id == first.order_id
    assert "cancel_order goes out without being journaled" in caplog.text
    assert [row["status"] for row in faulty.book()] == ["CANCELLED", "OPEN"]
    results = broker.cancel_all()
    assert [ack.order_id for ack in results.acks] == [second.order_id]
    assert all(isinstance(error, ob.StorageError) for error in results.errors)
    assert [row["status"] for row in faulty.book()] == ["CANCELLED", "CANCELLED"]
    refused(broker)
    repaired.close()
    bid(broker, 3)
    assert not broker.unresolved()


def test_what_such_a_cancel_comes_to_is_told_truthfully(
    broker: ob.Broker, faulty: Faulty, repaired: ExitStack
) -> None:
    ack = bid(broker)
    read_only(broker._async._desk.journal, repaired)
    faulty.fault("late-refusal", path="/cancelOrder", seconds=0.0)
    with pytest.raises(ob.OrderRejected) as refusal:
        broker.cancel_order(ack)
    assert refusal.value.outcome is ob.Outcome.REJECTED

    faulty.fault("503-html", times=None, path="/getOrderBook")
    faulty.fault("reset-before-booking", path="/cancelOrder")
    with pytest.raises(ob.OrderUnknown) as lost:
        broker.cancel_order(ack)
    assert [entry.operation for entry in broker.unresolved()] == ["cancel_order"]
    faulty.box.faults.clear()
    assert broker.resolve(lost.value).verdict == "ABSENT"

    faulty.fault("reset-after-booking", path="/cancelOrder")
    assert broker.cancel_order(ack).order_id == ack.order_id, "the book told"
    assert not broker.unresolved()


def test_a_halt_holds_here_at_once_and_everywhere_as_soon_as_it_can_be_written(
    connect: Connect,
    broker: ob.Broker,
    faulty: Faulty,
    spoil: Spoil,
    repaired: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("openbroker.orders.desk.HALT_WITHIN", 0.1)
    other = connect()
    spoil(repaired)
    with pytest.raises(ob.StorageError, match="HALT in this process") as caught:
        broker.halt(reason="enough")
    assert "other processes" in str(caught.value)
    assert broker.halt_state() == ob.HaltState(level=HaltLevel.HALT, reason="enough")
    repaired.close()
    assert other.halt_state().level is HaltLevel.RUN, "it could not be told"
    with pytest.raises(ob.Halted, match="enough"):
        bid(broker)
    with pytest.raises(ob.Halted, match="enough"):
        bid(other)
    assert faulty.book() == []


def test_a_resume_holds_likewise(
    broker: ob.Broker, faulty: Faulty, repaired: ExitStack, tmp_path: Path
) -> None:
    broker.halt(reason="enough")
    read_only(broker._async._desk.journal, repaired)
    with pytest.raises(ob.StorageError, match="RUN in this process"):
        broker.resume()
    assert broker.halt_state().level is HaltLevel.RUN
    repaired.close()
    bid(broker)
    assert len(faulty.book()) == 1
    _, events = read_day(journals(tmp_path)[0])
    assert [event.detail["level"] for event in events] == ["HALT", "RUN"]


def test_a_resume_that_could_not_be_written_lifts_no_later_halt(
    connect: Connect, broker: ob.Broker, faulty: Faulty, repaired: ExitStack
) -> None:
    other = connect()
    broker.halt(reason="one")
    read_only(broker._async._desk.journal, repaired)
    with pytest.raises(ob.StorageError):
        broker.resume()
    other.halt(reason="two")
    repaired.close()
    with pytest.raises(ob.Halted, match="two"):
        bid(broker)
    assert faulty.book() == []


def test_a_level_is_written_at_the_last_moment(
    connect: Connect, broker: ob.Broker, repaired: ExitStack
) -> None:
    read_only(broker._async._desk.journal, repaired)
    with pytest.raises(ob.StorageError):
        broker.halt(reason="enough")
    repaired.close()
    broker.close()
    assert connect().halt_state().reason == "enough"


def test_an_automatic_halt_changes_no_orders_outcome(
    connect: Connect, faulty: Faulty, repaired: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    broker = connect(auto_halt=ob.AutoHalt(rejections=1))
    ack = bid(broker)
    faulty.fault("late-refusal", path="/cancelOrder", seconds=0.0)
    connection = broker._async._desk.journal.today._connection
    connection.execute("ALTER TABLE settings RENAME TO settings_2")
    repaired.callback(connection.execute, "ALTER TABLE settings_2 RENAME TO settings")
    with pytest.raises(ob.OrderRejected):
        broker.cancel_order(ack)
    assert "the halt could not be written" in caplog.text


def test_where_no_journal_can_be_made_the_error_tells_how_to_cancel(
    connect: Connect, tmp_path: Path
) -> None:
    place = tmp_path / "a-file"
    place.write_text("")
    with pytest.raises(ob.StorageError, match=":memory:"):
        connect(journal_dir=place)
    assert not connect(journal_dir=":memory:").unresolved()
