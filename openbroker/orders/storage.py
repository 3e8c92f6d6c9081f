"""The journal's SQLite files as files: made for their owner only, opened, waited for, and what
their failures mean.

The event loop that orders leave from waits here for no more than :data:`PATIENCE` while another
process commits, which takes microseconds.  Who is held up for longer gets :class:`JournalBusy`;
:func:`patiently` tries again from time to time and leaves the loop to others in between.

A journal's file is never opened by anybody but SQLite once it exists.  POSIX takes all of a
process's locks on a file away when the process closes *any* descriptor of it
(https://www.sqlite.org/howtocorrupt.html, section 2.2, read 2026-11-22).
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from openbroker.errors import BrokerClosed, Outcome, StorageError

T = TypeVar("T")

PATIENCE: Final = 0.002
"""Seconds for which a commit holds its thread up while another connection commits."""
OPENING: Final = 0.25
"""The same while a file is opened, once a day: two processes may be making it at the same time."""
PAUSES: Final = (0.01, 0.08)
"""Seconds between two tries, the first and the longest."""


class JournalBusy(StorageError):
    """Another program holds the journal."""


class JournalClosed(StorageError, BrokerClosed):
    """The journal was closed with its broker, in the middle of a call.

    It proves nothing about an order that was under way, so it has no outcome of its own.
    """

    advice = "connect() opens a new one, which looks for orders whose outcome was not known."
    outcome: Outcome | None = None


ADVICE: Final[Mapping[str, str]] = {
    "SQLITE_BUSY": (
        "Another program holds the file. Close what may have it open, for example a database "
        "browser or a backup, then try again."
    ),
    "SQLITE_FULL": "The disk is full. Free some space, then try again.",
    "SQLITE_READONLY": "Allow this user to write the file and its folder, then try again.",
    "SQLITE_CANTOPEN": "Allow this user to read and write the file and its folder, then try again.",
    "SQLITE_CORRUPT": (
        "The file is damaged. Move it away, keep it, and connect again: a new one is made. "
        "broker.orders() shows the orders that the old one knew."
    ),
}
_SAME: Final[Mapping[str, str]] = {
    "SQLITE_NOTADB": "SQLITE_CORRUPT",
    "SQLITE_LOCKED": "SQLITE_BUSY",
}
"""Other names of the same failures (https://www.sqlite.org/rescode.html)."""


def failed(
    path: Path | None, error: sqlite3.Error | ValueError | TypeError, outcome: Outcome | None = None
) -> StorageError:
    """SQLite's failure, or that of reading what it holds, as one of ours."""
    name = getattr(error, "sqlite_errorname", "")
    if not isinstance(error, sqlite3.Error):
        name = "SQLITE_CORRUPT"
    kind = "_".join(name.split("_")[:2])
    kind = _SAME.get(kind, kind)
    made = JournalBusy if kind == "SQLITE_BUSY" else StorageError
    return made(
        f"the order journal {path or 'in memory'} failed: {error}",
        advice=ADVICE.get(kind),
        outcome=outcome,
    )


@contextmanager
def storage_errors(path: Path | None, outcome: Outcome | None = None) -> Iterator[None]:
    """SQLite's failures as ``StorageError``."""
    try:
        yield
    except sqlite3.Error as error:
        raise failed(path, error, outcome) from None


@contextmanager
def reading(path: Path | None) -> Iterator[None]:
    """The same where rows are read: what cannot be read as ours is damaged."""
    try:
        yield
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise failed(path, error) from None


def connect(path: Path | None) -> sqlite3.Connection:
    """A connection in autocommit mode; small pages, since an order writes half a dozen of them."""
    connection = sqlite3.connect(
        path or ":memory:", isolation_level=None, check_same_thread=False, timeout=OPENING
    )
    try:
        connection.execute("PRAGMA page_size = 2048")
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def be_quick(connection: sqlite3.Connection) -> None:
    """From now on hold nobody up for longer than :data:`PATIENCE`."""
    connection.execute(f"PRAGMA busy_timeout = {round(PATIENCE * 1000)}")


def create_private(path: Path) -> None:
    """Make the file, and whatever folders it lacks, for their owner only."""
    try:
        for folder in reversed(path.parents):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StorageError(
            f"the order journal {path} cannot be opened: {error.strerror}",
            advice=ADVICE["SQLITE_CANTOPEN"],
            outcome=Outcome.NOT_SENT,
        ) from None


def identity(path: str) -> tuple[int, int] | None:
    """Which file stands at the path now; ``None`` for none. Takes some 1.5 us."""
    try:
        found = os.stat(path)  # noqa: PTH116 - it is asked at every commit; Path.stat takes longer
    except OSError:
        return None
    return found.st_dev, found.st_ino


def size(path: str) -> int:
    """Bytes of the file at the path; 0 for none."""
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        return 0


async def patiently(act: Callable[[], T], within: float) -> T:
    """Do it; while another program holds the journal, try again, for so many seconds.

    Raises:
        JournalBusy: it was held all the time.
    """
    deadline = time.monotonic() + within
    pause, longest = PAUSES
    while True:
        try:
            return act()
        except JournalBusy as busy:
            if time.monotonic() + pause >= deadline:
                busy.message += f" (for {within:g} s)"
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, longest)
