"""One master a day: fetched once, kept for everybody, never lost.

The stores lie in the platform's cache folder, one file a broker and day, shared by all accounts
and processes.  Whoever comes first in the day takes the broker's lock (SQLite's own file lock,
which a killed process gives back), fetches and builds; whoever comes meanwhile waits and opens the
result.  The server's validators go along, so an unchanged master costs no download.

The last good store is used, and says so in ``notice`` and the log, when the master cannot be
fetched or read, or has shrunk by more than a fifth against it, which is what a half-published file
looks like.

It knows nothing of adapters and HTTP: the caller gives a coroutine that runs the adapter's master
flow.  File names come from the broker's registry name and the day, never from a server.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import math
import re
import sqlite3
import threading
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from attrs import evolve, frozen

from openbroker.adapters.masters import Listed
from openbroker.errors import ConfigError, MalformedReply, OpenBrokerError, StorageError
from openbroker.instruments.build import Facts, copy_file, write_file
from openbroker.instruments.freeze import published
from openbroker.instruments.progress import Progress, shown
from openbroker.instruments.store import InstrumentStore

SHRINKS_TO: Final = 0.8
"""A master with fewer than this part of the last good one's instruments is refused."""
KEPT_DAYS: Final = 3
LOCK_SECONDS: Final = 180.0
_POLL_SECONDS: Final = 0.05

_log = logging.getLogger("openbroker.instruments")


@frozen(kw_only=True)
class Validators:
    """What a server gave to ask later whether a file has changed."""

    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Validators:
        """From a reply's headers, whose names are lower case."""
        return cls(etag=headers.get("etag"), last_modified=headers.get("last-modified"))

    def headers(self) -> dict[str, str]:
        """The headers of a conditional request."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in given.items() if value is not None}


@frozen(kw_only=True)
class Fetched:
    """What came of fetching a master.

    Attributes:
        listed: its rows, read lazily; ``None`` if the server says that it has not changed.
        validators: the server's, for the next day.
    """

    listed: Iterable[Listed] | None
    validators: Validators = Validators()


Fetch: TypeAlias = Callable[[Validators], Awaitable[Fetched]]
"""Runs the adapter's master flow; the validators are those of the last good store, or empty."""


async def load(
    broker: str,
    fetch: Fetch,
    *,
    day: dt.date,
    cache_dir: Path | None = None,
    progress: Progress | bool | None = None,
    refresh: bool = False,
) -> InstrumentStore:
    """The broker's instruments of the day.

    Args:
        broker: the adapter's registry name.
        fetch: called at most once, and only if today's store is not there yet.
        day: the trading day.
        cache_dir: where the stores lie; the platform's cache folder by default.
        progress: a bar if somebody watches (``None``), always, never, or your own.
        refresh: fetch even if today's store is there, and take a master however small it is.

    Raises:
        OpenBrokerError: the master cannot be had, and no earlier one is there.
        StorageError: the folder cannot be written.
    """
    shelf = Shelf(folder=cache_dir or default_folder(), broker=_checked(broker))
    bar = progress if progress is not None and not isinstance(progress, bool) else shown(progress)
    ready = None if refresh else shelf.today(day)
    if ready is not None:
        return ready
    async with shelf.lock():
        ready = None if refresh else shelf.today(day)
        return ready or await _renew(shelf, fetch, day, bar, refresh=refresh)


async def _renew(
    shelf: Shelf, fetch: Fetch, day: dt.date, progress: Progress, *, refresh: bool
) -> InstrumentStore:
    last = await asyncio.to_thread(shelf.last_good, day)
    try:
        await _fetch_and_build(shelf, fetch, day, progress, None if refresh else last)
    except StorageError:
        raise  # what keeps the master from the disk would keep the journal of orders from it too
    except OpenBrokerError as error:
        if last is None:
            raise
        return _fall_back(last, error)
    shelf.prune()
    return shelf.open(shelf.path(day))


async def _fetch_and_build(
    shelf: Shelf, fetch: Fetch, day: dt.date, progress: Progress, last: InstrumentStore | None
) -> None:
    known = Validators()
    if last is not None:
        known = Validators(etag=last.facts.etag, last_modified=last.facts.last_modified)
    async with progress.waiting(f"fetching {shelf.broker}'s instruments"):
        fetched = await fetch(known)
    facts = Facts(
        day=day, broker=shelf.broker, etag=fetched.validators.etag,
        last_modified=fetched.validators.last_modified,
    )  # fmt: skip
    if fetched.listed is not None:
        expected = None if last is None else len(last)
        rows = progress.counting("storing them", fetched.listed, expected)
        least = max(1, math.ceil(SHRINKS_TO * len(last))) if last is not None else 1
        await asyncio.to_thread(
            write_file, shelf.path(day), rows, facts, published(day), at_least=least
        )
    elif last is not None and last.path is not None:
        kept = evolve(facts, etag=facts.etag or known.etag,
                      last_modified=facts.last_modified or known.last_modified)  # fmt: skip
        await asyncio.to_thread(copy_file, last.path, shelf.path(day), kept)
    else:
        raise MalformedReply("the server says that a master has not changed which we do not have")


def _fall_back(last: InstrumentStore, error: Exception) -> InstrumentStore:
    notice = (
        f"the instrument master of {last.day} is used, because today's could not be had: {error}"
    )
    _log.warning("%s: %s", last.facts.broker, notice)
    last.notice = notice
    return last


def default_folder() -> Path:
    """The platform's cache folder for instruments."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("openbroker", appauthor=False)) / "instruments"


def _checked(broker: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", broker):
        raise ConfigError(f"{broker!r} is no registry name of a broker")
    return broker


_OPEN: Final[weakref.WeakValueDictionary[Path, InstrumentStore]] = weakref.WeakValueDictionary()
_OPEN_LOCK: Final = threading.Lock()


@frozen(kw_only=True)
class Shelf:
    """One broker's stores in a folder."""

    folder: Path
    broker: str

    def path(self, day: dt.date) -> Path:
        """Where the day's store lies."""
        return self.folder / f"{self.broker}-{day:%Y%m%d}.sqlite3"

    def today(self, day: dt.date) -> InstrumentStore | None:
        """The day's store, if it is there and whole."""
        return self._try(self.path(day))

    def last_good(self, day: dt.date) -> InstrumentStore | None:
        """The newest store up to that day that is whole."""
        return next(filter(None, map(self._try, self._stores(self.path(day).name))), None)

    def open(self, path: Path) -> InstrumentStore:
        """The store of a file; accounts of one process share it, and its cache, as long as the
        file is the same."""
        mark = path.stat().st_mtime_ns
        with _OPEN_LOCK:
            store = _OPEN.get(path)
            if store is None or store.closed or store.mark != mark:
                store = InstrumentStore.open(path)
                store.mark = mark
                _OPEN[path] = store
        return store

    def prune(self) -> None:
        """Remove all but the newest few."""
        for path in self._stores()[KEPT_DAYS:]:
            with contextlib.suppress(OSError):
                path.unlink()

    @contextlib.asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Only one process or thread at a time builds; after a while others go on regardless, since
        two that build at once do no harm."""
        connection = await self._locked()
        try:
            yield
        finally:
            connection.close()

    async def _locked(self) -> sqlite3.Connection:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self.folder / f"{self.broker}.lock", timeout=0, isolation_level=None,
                check_same_thread=False,
            )  # fmt: skip
        except (OSError, sqlite3.OperationalError) as error:
            raise StorageError(f"the cache folder {self.folder} cannot be used: {error}") from error
        give_up = time.monotonic() + LOCK_SECONDS
        try:
            while not _locks(connection) and time.monotonic() < give_up:  # noqa: ASYNC110 - a file
                await asyncio.sleep(_POLL_SECONDS)
        except BaseException:
            connection.close()
            raise
        return connection

    def _stores(self, newest: str = "~") -> list[Path]:
        pattern = re.compile(rf"{re.escape(self.broker)}-\d{{8}}\.sqlite3")
        found = (path for path in self.folder.glob("*.sqlite3") if pattern.fullmatch(path.name))
        return sorted((path for path in found if path.name <= newest), reverse=True)

    def _try(self, path: Path) -> InstrumentStore | None:
        if not path.is_file():
            return None
        try:
            return self.open(path)
        except (StorageError, OSError) as error:
            _log.warning("%s: %s is left aside: %s", self.broker, path, error)
            return None


def _locks(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return False
        raise StorageError(f"the instrument lock cannot be used: {error}") from error
    return True
