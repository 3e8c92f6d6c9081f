"""Writing a store: rows stream in, a whole file appears or none does.

The file is written under a name of its own, brought to the disk and then put in place by
``os.replace``; so a reader sees the old store or the new one, two processes that build at once
both leave a whole store, and a build that is killed leaves a stray temporary file, which a later
build sweeps away.  Since nobody reads a store before it is in place, the build needs no journal.

A row is admitted once per common symbol and once per token of a venue: the first wins, the later
one is listed among the rows left out, with its reason.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import secrets
import shutil
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from openbroker.adapters.masters import Listed, Skipped
from openbroker.errors import MalformedReply, StorageError
from openbroker.instruments.rows import INSERT, WORDS, Row, root_of, to_row
from openbroker.schemas import Exchange, Instrument, InstrumentType

LAYOUT: Final = "1"
"""Changes with the tables; a store of another layout is built anew."""

MAX_LISTED_SKIPS: Final = 20_000

_TABLES: Final = """
CREATE TABLE instruments (
    symbol TEXT, exchange TEXT, type TEXT, token TEXT, broker_symbol TEXT, name TEXT,
    underlying TEXT, expiry INTEGER, strike TEXT, right TEXT, lot_size INTEGER, tick_size TEXT,
    freeze_quantity INTEGER, series TEXT, isin TEXT, root TEXT
);
CREATE TABLE heads (root TEXT PRIMARY KEY, derivatives INTEGER) WITHOUT ROWID;
CREATE TABLE expiries (
    root TEXT, expiry INTEGER, exchange TEXT, type TEXT,
    PRIMARY KEY (root, expiry, exchange, type)
) WITHOUT ROWID;
CREATE TABLE words (word TEXT, root TEXT, PRIMARY KEY (word, root)) WITHOUT ROWID;
CREATE TABLE skipped (reason TEXT, row TEXT);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
"""
_INDICES: Final = """
CREATE UNIQUE INDEX by_symbol ON instruments (symbol);
CREATE INDEX by_token ON instruments (token, exchange);
CREATE INDEX by_broker_symbol ON instruments (broker_symbol COLLATE NOCASE);
CREATE INDEX by_root ON instruments (root, right, expiry, strike);
CREATE INDEX by_isin ON instruments (isin) WHERE isin IS NOT NULL;
"""
_PRAGMAS: Final = (
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA locking_mode=EXCLUSIVE",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-32768",
)
_STALE_SECONDS: Final = 3600
_VENUES: Final = {exchange: exchange.venue.value for exchange in Exchange}
_NOT_IN_WORDS: Final = re.compile(r"[^A-Z0-9&]+")


@frozen(kw_only=True)
class Facts:
    """What a store says about itself, beside its rows.

    Attributes:
        broker: the adapter's registry name, empty where none is meant.
        day: the trading day that the master is for.
        etag: the server's validator of the master, where it has one.
        last_modified: the same, as the server words it.
    """

    day: dt.date
    broker: str = ""
    etag: str | None = None
    last_modified: str | None = None


Freeze = Callable[[Instrument], int | None]
"""The freeze quantity of an instrument whose master gives none."""


@define
class _Census:
    """What is counted while the rows stream through."""

    freeze: Freeze
    symbols: set[str] = field(factory=set)
    tokens: set[str] = field(factory=set)
    derivatives: dict[str, int] = field(factory=lambda: defaultdict(int))
    roots: set[str] = field(factory=set)
    expiries: set[tuple[str, dt.date, Exchange, InstrumentType]] = field(factory=set)
    words: dict[str, set[str]] = field(factory=lambda: defaultdict(set))
    reasons: Counter[str] = field(factory=Counter)
    skipped: list[tuple[str, str]] = field(factory=list)

    def admit(self, listed: Iterable[Listed]) -> Iterator[Row]:
        symbols, tokens = self.symbols, self.tokens
        for row in listed:
            if isinstance(row, Skipped):
                self._skip(row.reason, row.row)
                continue
            token = f"{_VENUES[row.exchange]}:{row.token}"
            if row.symbol in symbols or token in tokens:
                self._skip_repeated(row)
                continue
            symbols.add(row.symbol)
            tokens.add(token)
            root = root_of(row)
            if row.expiry is None:
                self._note_words(row, root)
            else:
                self.derivatives[root] += 1
                self.expiries.add((root, row.expiry, row.exchange, row.type))
            yield to_row(row, root, row.freeze_quantity or self.freeze(row))

    def _skip(self, reason: str, row: str) -> None:
        self.reasons[reason] += 1
        if len(self.skipped) < MAX_LISTED_SKIPS:
            self.skipped.append((reason, row))

    def _skip_repeated(self, row: Instrument) -> None:
        same_symbol = row.symbol in self.symbols
        reason = (
            "another row has the same common symbol"
            if same_symbol
            else "another row of the exchange has the same token"
        )
        self._skip(reason, f"{row.exchange} {row.token} {row.broker_symbol} ({row.symbol})")

    def _note_words(self, row: Instrument, root: str) -> None:
        texts = {row.name, row.broker_symbol.removesuffix(f"-{row.series}")}
        for text in texts - {root}:  # the root's own words are noted for all roots at the end
            self.words[root].update(words_of(text))
        self.roots.add(root)


def words_of(text: str) -> Iterator[str]:
    """The words by which a name is found: its own, and all of them run together.

    >>> sorted(words_of("Nifty Bank"))
    ['BANK', 'NIFTY', 'NIFTYBANK']
    """
    words = [word for word in _NOT_IN_WORDS.split(text.upper()) if word]
    yield from words
    if len(words) > 1:
        yield "".join(words)


def fill(
    connection: sqlite3.Connection, listed: Iterable[Listed], facts: Facts, freeze: Freeze
) -> int:
    """Write the tables into an empty database; the number of instruments.

    Raises:
        StorageError: the disk is full, or cannot be written.
    """
    census = _Census(freeze=freeze)
    try:
        connection.executescript(_TABLES)
        connection.execute("BEGIN")
        connection.executemany(INSERT, census.admit(listed))
        _write_expiries(connection, census)
        _write_heads(connection, census)
        connection.executemany("INSERT INTO skipped VALUES (?, ?)", census.skipped)
        rows = len(census.symbols)
        connection.executemany("INSERT INTO meta VALUES (?, ?)", _meta(facts, rows, census.reasons))
        connection.execute("COMMIT")
        connection.executescript(_INDICES)
    except sqlite3.OperationalError as error:
        raise StorageError(f"the instrument store cannot be written: {error}") from error
    return rows


def _write_expiries(connection: sqlite3.Connection, census: _Census) -> None:
    rows = (
        (root, expiry.toordinal(), WORDS[exchange], WORDS[kind])
        for root, expiry, exchange, kind in census.expiries
    )
    connection.executemany("INSERT INTO expiries VALUES (?, ?, ?, ?)", rows)


def _write_heads(connection: sqlite3.Connection, census: _Census) -> None:
    roots = sorted(census.roots.union(census.derivatives))
    connection.executemany(
        "INSERT INTO heads VALUES (?, ?)",
        ((root, census.derivatives.get(root, 0)) for root in roots),
    )
    pairs = {(root, root) for root in roots}
    pairs.update((word, root) for root in roots if not root.isalnum() for word in words_of(root))
    pairs.update((word, root) for root, words in census.words.items() for word in words)
    connection.executemany("INSERT INTO words VALUES (?, ?)", sorted(pairs))


def _meta(facts: Facts, rows: int, reasons: Mapping[str, int]) -> Iterator[tuple[str, str | None]]:
    yield "layout", LAYOUT
    yield "rows", str(rows)
    yield from _meta_of(facts)
    for reason, count in reasons.items():
        yield f"skipped: {reason}", str(count)


def _meta_of(facts: Facts) -> Iterator[tuple[str, str | None]]:
    yield "broker", facts.broker
    yield "day", facts.day.isoformat()
    yield "etag", facts.etag
    yield "last_modified", facts.last_modified


def write_file(
    path: Path, listed: Iterable[Listed], facts: Facts, freeze: Freeze, *, at_least: int = 0
) -> None:
    """Build the store and put it in place.

    Args:
        at_least: refuse a master of fewer instruments; nothing is put in place then.

    Raises:
        MalformedReply: it has fewer.
        StorageError: the disk is full, or cannot be written.
    """
    with _taking_the_place_of(path) as temporary:
        connection = sqlite3.connect(temporary, isolation_level=None)
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma)
            rows = fill(connection, listed, facts, freeze)
        finally:
            connection.close()
        if rows < at_least:
            raise MalformedReply(
                f"the instrument master has {rows:,} instruments, and at least {at_least:,} were "
                "expected"
            )


def copy_file(source: Path, path: Path, facts: Facts) -> None:
    """Put a copy of a store in place under new facts: the server said that nothing has changed.

    Raises:
        StorageError: the disk is full, or cannot be written.
    """
    with _taking_the_place_of(path) as temporary:
        shutil.copyfile(source, temporary)
        connection = sqlite3.connect(temporary, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=OFF")
            connection.executemany("UPDATE meta SET value = ?2 WHERE key = ?1", _meta_of(facts))
        finally:
            connection.close()


@contextlib.contextmanager
def _taking_the_place_of(path: Path) -> Iterator[Path]:
    """A new file's path; at the end of the block it becomes ``path``, on an error it vanishes."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path.parent)
        yield temporary
        _to_disk(temporary)
        temporary.replace(path)
    except (OSError, sqlite3.OperationalError) as error:
        raise StorageError(f"the instrument store cannot be written: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what killed builds left behind, an hour later."""
    for stray in folder.glob("*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - stray.stat().st_mtime > _STALE_SECONDS:
                stray.unlink()


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
