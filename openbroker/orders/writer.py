"""Who writes in a journal, and whether that process still lives.

A writer holds an SQLite lock on a file of its own for as long as it lives, on every platform and
however it dies.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import suppress
from pathlib import Path

from openbroker.errors import StorageError
from openbroker.orders.storage import create_private


class Writer:
    """One process's name in the journal, and the proof that it lives."""

    def __init__(self, folder: Path | None) -> None:
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._folder = folder / "writers" if folder is not None else None
        self._lock: sqlite3.Connection | None = None

    def live(self) -> None:
        """Take this writer's lock, held until the process ends."""
        if self._folder is not None and self._lock is None:
            self._lock = _locked(self._path(self.name))

    def renew(self) -> None:
        """Take it again if its file was deleted."""
        if self._lock is not None and not self._path(self.name).exists():
            self._lock.close()
            self._lock = None
        self.live()

    def is_alive(self, name: str) -> bool:
        """Whether another writer's process still runs; a dead one's file is removed."""
        if self._folder is None or not self._path(name).exists():
            return False
        try:
            lock = _locked(self._path(name))
        except StorageError:
            return True
        lock.close()
        self._path(name).unlink(missing_ok=True)
        return False

    def _path(self, name: str) -> Path:
        assert self._folder is not None, "a journal in memory has no writers' files"
        return self._folder / f"{name}.lock"

    def close(self) -> None:
        if self._lock is not None and self._folder is not None:
            self._lock.close()
            self._lock = None
            with suppress(OSError):
                self._path(self.name).unlink()

    def abandon(self) -> object:
        return self._lock


def _locked(path: Path) -> sqlite3.Connection:
    create_private(path)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.0)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        connection.close()
        raise StorageError(f"{path} is locked: {error}") from None
    return connection
