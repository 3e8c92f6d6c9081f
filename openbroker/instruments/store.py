"""The instruments of one broker on one day, and every look-up among them.

A store is a SQLite file that nobody changes once it is in place (:mod:`~.build` writes it), opened
read-only and immutable, so that it takes no locks and any number of processes share it.  One
connection serves all threads, behind a lock that is held for the few microseconds of a statement;
instruments that were found once come out of a bounded cache without touching it.  After a fork the
child leaves the parent's connection alone and opens its own.

A look-up decides what a text means, never a pattern: ``NIFTYNXT50``, ``360ONE`` and ``BAJAJ-AUTO``
are names.  Texts are taken in either case.
"""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self, TypeAlias, TypeVar

from openbroker.adapters.masters import Listed, Skipped, parts_of
from openbroker.arguments import checked, shown
from openbroker.errors import InstrumentNotFound, StorageError, UsageError
from openbroker.instruments.build import LAYOUT, Facts, fill, write_file
from openbroker.instruments.chains import Chains, Cycle, Expiry, OptionChain, When
from openbroker.instruments.frames import columns_of
from openbroker.instruments.freeze import published
from openbroker.instruments.rows import SELECT, from_row
from openbroker.instruments.search import Finder
from openbroker.instruments.twins import Twins
from openbroker.schemas import INDIA, Exchange, Instrument, InstrumentType, Table
from openbroker.schemas.convert import Number, to_word
from openbroker.schemas.enums import Word
from openbroker.schemas.frames import pandas_frame, polars_frame

if TYPE_CHECKING:
    import pandas
    import polars

Reference: TypeAlias = Instrument | str | tuple[Exchange | str, str]
"""What names an instrument: itself, a common symbol, the broker's own symbol, or exchange and
token."""

_CACHED: Final = 32_768
_LISTED: Final = tuple(exchange.value for exchange in Exchange)


class InstrumentStore:
    """The instruments of one broker, immutable.

    ``len(store)`` is their number; iterating gives them all.

    Attributes:
        path: the file, ``None`` for a store in memory.
        facts: broker, day and the master's validators.
        notice: what the user should know about this store ("yesterday's is used, because ..."),
            ``None`` if all is well.
        mark: the file's time of change, by which the loader tells a newer file of the same name.
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path | None, *, notice: str | None = None
    ) -> None:
        self.path = path
        self.notice = notice
        self.mark = 0
        self._connection: sqlite3.Connection | None = connection
        self._lock = threading.Lock()
        meta = dict(self.ask("SELECT key, value FROM meta"))
        if meta.get("layout") != LAYOUT:
            raise StorageError(f"the instrument store {path} has another layout")
        self._meta: Mapping[str, str | None] = meta
        self.facts = Facts(
            broker=meta["broker"] or "",
            day=dt.date.fromisoformat(meta["day"] or ""),
            etag=meta["etag"],
            last_modified=meta["last_modified"],
        )
        self._finder = Finder(self.ask)
        self._chains = Chains(self)
        self._twins = Twins(self.ask)
        self._symbol = lru_cache(_CACHED)(self._select_symbol)
        self._token = lru_cache(_CACHED)(self._select_token)
        self._broker_symbol = lru_cache(_CACHED)(self._select_broker_symbol)
        _STORES.add(self)

    # -- making

    @classmethod
    def build(
        cls,
        listed: Iterable[Listed],
        path: Path | str | None = None,
        *,
        day: dt.date | None = None,
        broker: str = "",
    ) -> Self:
        """A new store from instruments, in memory or in a file that is put in place whole.

        Args:
            listed: instruments and skipped rows, read once, lazily.
            path: the file; ``None`` for memory.
            day: the trading day that the master is for; ``None`` is today in India.

        Raises:
            StorageError: the file cannot be written; an older one stays as it was.
            MalformedReply: the master's bytes are not what they should be.
        """
        facts = Facts(day=day or dt.datetime.now(INDIA).date(), broker=broker)
        freeze = published(facts.day)
        if path is not None:
            write_file(Path(path), listed, facts, freeze)
            return cls.open(path)
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        fill(connection, listed, facts, freeze)
        return cls(connection, None)

    @classmethod
    def open(cls, path: Path | str, *, notice: str | None = None) -> Self:
        """An existing store.

        Raises:
            StorageError: there is none, or it is damaged or of another layout.
        """
        path = Path(path)
        connection = None
        try:
            connection = _open(path)
            return cls(connection, path, notice=notice)
        except (sqlite3.Error, KeyError, ValueError) as error:
            if connection is not None:
                connection.close()
            raise StorageError(f"the instrument store {path} cannot be read: {error}") from error

    @property
    def closed(self) -> bool:
        """Whether the file was let go of."""
        return self._connection is None

    def close(self) -> None:
        """Let go of the file; a later look-up fails. A store from the loader is shared by the
        accounts of a process, so that one is better left to the garbage collector."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __del__(self) -> None:
        connection = self.__dict__.get("_connection")
        if connection is not None:
            connection.close()

    # -- looking up

    def by_symbol(self, symbol: str) -> Instrument | None:
        """The instrument of a common symbol (``NFO:NIFTY24NOV2626000CE``), ``None`` for a miss."""
        return self._symbol(_text(symbol, "symbol"))

    def by_token(self, exchange: Exchange | str, token: str) -> Instrument | None:
        """The instrument of a broker's token; indices are found under ``NSE`` and ``NSE_INDEX``."""
        if not isinstance(token, (str, int)):
            raise UsageError(f"token {shown(token)} is not text")
        return self._token(_text(exchange, "exchange"), str(token))

    def by_broker_symbol(self, exchange: Exchange | str, text: str) -> Instrument | None:
        """The instrument that the broker itself spells so (``INFY-EQ``), ``None`` for a miss."""
        return self._broker_symbol(_text(exchange, "exchange"), _text(text, "text"))

    def resolve(self, reference: Reference) -> Instrument:
        """The instrument that is meant.

        Takes a common symbol, the broker's own symbol with or without the exchange in front, a
        name that only one exchange lists, ``(exchange, token)``, or an ``Instrument``, which may
        be another broker's.

        Raises:
            InstrumentNotFound: there is none, or a bare name means several; ``.suggestions`` holds
                the symbols that may be meant.
        """
        if isinstance(reference, Instrument):
            return self._own(reference) or self._miss(reference.symbol)
        if isinstance(reference, tuple) and len(reference) == 2:
            return self.by_token(*reference) or self._miss(" ".join(map(str, reference)))
        if not isinstance(reference, str) or not reference.strip():
            raise InstrumentNotFound(f"{shown(reference)} is not a symbol; one looks like NSE:INFY")
        return self._symbol(reference) or self._resolve_text(reference)

    @checked()
    def same(self, instrument: Instrument) -> Instrument | None:
        """This broker's listing of an instrument that may come from another broker.

        Derivatives agree in exchange, type, underlying, expiry, strike and right; cash rows in
        exchange and ISIN where both masters have it, and else in name and series.
        """
        return self._twins.of(instrument)

    # -- searching

    @checked()
    def search(
        self,
        text: str,
        *,
        limit: int = 10,
        exchange: Exchange | str | None = None,
        type: InstrumentType | str | None = None,  # noqa: A002 - the schema's own word
        today: dt.date | None = None,
    ) -> Table[Instrument]:
        """Instruments by words, best first: ``"nifty 26000 ce"``, ``"bank nifty fut dec"``.

        Args:
            limit: how many at the most.
            exchange: only this segment (with its indices).
            type: only this type.
            today: contracts past their expiry on this day come last; the store's day by default.
        """
        rows = self._finder.find(
            text,
            limit,
            today or self.day,
            _word(Exchange, exchange, "exchange"),
            _word(InstrumentType, type, "type"),
        )
        return Table(Instrument, rows)

    @checked()
    def suggest(self, text: str, *, limit: int = 5) -> tuple[str, ...]:
        """Symbols that may be meant by a text that is none."""
        near = self._near_contracts(text, limit)
        return near or tuple(row.symbol for row in self.search(text, limit=limit))

    # -- derivatives of one underlying

    @checked()
    def expiries(
        self,
        underlying: str | Instrument,
        *,
        exchange: Exchange | str | None = None,
        type: InstrumentType | str | None = None,  # noqa: A002 - the schema's own word
        today: dt.date | None = None,
    ) -> Table[Expiry]:
        """The days on which an underlying's contracts end, soonest first, weekly and monthly.

        Args:
            underlying: ``"NIFTY"``, ``"NSE:INFY"``, or any instrument of that name.
            exchange: one segment; otherwise the first of NFO, BFO, CDS, BCD, MCX, NCDEX that lists
                contracts of it.
            type: only options or only futures.
            today: leaves out what ended before this day; the store's day by default.

        Raises:
            InstrumentNotFound: nothing of that name has contracts.
        """
        return self._chains.expiries(
            underlying, _word(Exchange, exchange, "exchange"), _word(InstrumentType, type, "type"),
            today or self.day,
        )  # fmt: skip

    @checked()
    def nearest_expiry(
        self,
        underlying: str | Instrument,
        *,
        exchange: Exchange | str | None = None,
        cycle: Cycle | str | None = None,
        today: dt.date | None = None,
    ) -> Expiry:
        """The next expiry of an underlying's options (of its futures, if it has no options).

        Raises:
            InstrumentNotFound: there is none.
        """
        return self._chains.nearest(
            underlying, _word(Exchange, exchange, "exchange"), _word(Cycle, cycle, "cycle"),
            today or self.day,
        )  # fmt: skip

    @checked()
    def strikes(
        self,
        underlying: str | Instrument,
        expiry: When = None,
        *,
        exchange: Exchange | str | None = None,
        today: dt.date | None = None,
    ) -> tuple[Decimal, ...]:
        """The strikes of one expiry (the nearest by default), ascending."""
        chain = self.option_chain(underlying, expiry, exchange=exchange, today=today)
        return tuple(row.strike for row in chain)

    @checked()
    def option_chain(
        self,
        underlying: str | Instrument,
        expiry: When = None,
        *,
        around: Number | None = None,
        strikes: int | None = None,
        exchange: Exchange | str | None = None,
        today: dt.date | None = None,
    ) -> OptionChain:
        """Calls and puts of one expiry, strike by strike.

        Args:
            underlying: ``"NIFTY"``, ``"NSE:INFY"``, or any instrument of that name.
            expiry: a day, an ``Expiry``, ``"weekly"`` or ``"monthly"``; the nearest by default.
            around: the underlying's price; rows then carry ATM, ITM1, OTM2 offsets.
            strikes: how many on either side of the one at the money; needs ``around``.

        Raises:
            InstrumentNotFound: there are no options of that name or expiry.
        """
        chain = self._chains.options(
            underlying, expiry, _word(Exchange, exchange, "exchange"), today or self.day
        )
        return chain if around is None and strikes is None else chain.around(around, strikes)

    @checked()
    def futures(
        self,
        underlying: str | Instrument,
        *,
        exchange: Exchange | str | None = None,
        today: dt.date | None = None,
    ) -> Table[Instrument]:
        """The futures of an underlying, the nearest first.

        Raises:
            InstrumentNotFound: it has none.
        """
        return self._chains.futures(
            underlying, _word(Exchange, exchange, "exchange"), today or self.day
        )

    # -- the whole

    @property
    def day(self) -> dt.date:
        """The trading day that the master is for."""
        return self.facts.day

    def __len__(self) -> int:
        return int(self._meta["rows"] or 0)

    def __iter__(self) -> Iterator[Instrument]:
        return self.select()

    def __contains__(self, symbol: object) -> bool:
        return isinstance(symbol, str) and self.by_symbol(symbol) is not None

    def __repr__(self) -> str:
        broker = f"{self.facts.broker} " if self.facts.broker else ""
        return f"<InstrumentStore {broker}{self.day} {len(self):,} instruments>"

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many rows of the master were left out, by reason."""
        return {
            key.removeprefix("skipped: "): int(value or 0)
            for key, value in self._meta.items()
            if key.startswith("skipped: ")
        }

    def skipped_rows(self) -> list[Skipped]:
        """The rows that were left out (the first 20,000 of them)."""
        return [Skipped(reason=r, row=t) for r, t in self.ask("SELECT reason, row FROM skipped")]

    @checked()
    def select(
        self,
        *,
        exchange: Exchange | str | None = None,
        type: InstrumentType | str | None = None,  # noqa: A002 - the schema's own word
        underlying: str | None = None,
    ) -> Iterator[Instrument]:
        """All instruments that pass the filters, in the master's order."""
        return map(from_row, self._filtered(exchange, type, underlying))

    @checked()
    def to_pandas(
        self,
        *,
        exchange: Exchange | str | None = None,
        type: InstrumentType | str | None = None,  # noqa: A002 - the schema's own word
        underlying: str | None = None,
    ) -> pandas.DataFrame:
        """The (filtered) master, columns as ``Table.to_pandas()`` has them (extra ``pandas``)."""
        return pandas_frame(Instrument, columns_of(self._filtered(exchange, type, underlying)))

    @checked()
    def to_polars(
        self,
        *,
        exchange: Exchange | str | None = None,
        type: InstrumentType | str | None = None,  # noqa: A002 - the schema's own word
        underlying: str | None = None,
    ) -> polars.DataFrame:
        """The (filtered) master as a frame (extra ``polars``)."""
        return polars_frame(Instrument, columns_of(self._filtered(exchange, type, underlying)))

    # -- statements

    def ask(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a reading statement. The tables are not a public interface."""
        with self._lock:
            return self._open_connection().execute(sql, values).fetchall()

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StorageError("the instrument store is closed")
        return self._connection

    def _one(self, where: str, *values: object) -> Instrument | None:
        rows = self.ask(f"{SELECT} WHERE {where} LIMIT 1", values)
        return from_row(rows[0]) if rows else None

    def _select_symbol(self, symbol: str) -> Instrument | None:
        return self._one("symbol = ?", symbol.strip().upper())

    def _select_token(self, exchange: Exchange | str, token: str) -> Instrument | None:
        venue = to_word(Exchange, exchange, name="exchange").venue.value
        return self._one("token = ? AND exchange IN (?, ?)", token, venue, f"{venue}_INDEX")

    def _select_broker_symbol(self, exchange: Exchange | str, text: str) -> Instrument | None:
        venue = to_word(Exchange, exchange, name="exchange").venue.value
        return self._one(
            "broker_symbol = ? COLLATE NOCASE AND exchange IN (?, ?) ORDER BY broker_symbol != ?",
            text.strip(), venue, f"{venue}_INDEX", text.strip(),
        )  # fmt: skip

    # -- resolving

    def _resolve_text(self, text: str) -> Instrument:
        exchange, colon, rest = text.strip().partition(":")
        if colon and exchange.upper() in Exchange.__members__:
            return self.by_broker_symbol(exchange, rest) or self._miss(text)
        listings = self._listings(text.strip())
        if len(listings) == 1:
            return listings[0]
        if not listings:
            self._miss(text)
        raise _not_found(
            f"{text.strip()!r} is listed more than once; put the exchange in front",
            tuple(row.symbol for row in listings),
        )

    def _listings(self, name: str) -> list[Instrument]:
        """Everything that a name without an exchange may mean: by its symbol, by the broker's."""
        symbols = [f"{exchange}:{name.upper()}" for exchange in _LISTED]
        marks = ",".join("?" * len(symbols))
        by_symbol = self.ask(f"{SELECT} WHERE symbol IN ({marks})", symbols)
        by_broker = self.ask(f"{SELECT} WHERE broker_symbol = ? COLLATE NOCASE", (name,))
        rows = map(from_row, [*by_symbol, *by_broker])
        found = {row.symbol: row for row in rows}.values()
        return sorted(found, key=lambda row: _LISTED.index(row.exchange))

    def _miss(self, text: str) -> NoReturn:
        parts = parts_of(text)
        if parts is not None and parts.expiry < self.day:
            raise _not_found(f"{text!r} ended on {parts.expiry}", self.suggest(text))
        raise _not_found(f"there is no instrument {text!r}", self.suggest(text))

    def _near_contracts(self, text: str, limit: int) -> tuple[str, ...]:
        """For a derivative that is not listed: the nearest expiry's, and of it the nearest strikes.

        A name that nobody has is taken for the likest one.
        """
        parts = parts_of(text if ":" in text else f"NFO:{text}")
        if parts is None:
            return ()
        known = self.ask("SELECT 1 FROM heads WHERE root = ?", (parts.name,))
        roots = [parts.name] if known else self._finder.near((parts.name,))
        rows = self.ask(
            "SELECT symbol FROM instruments WHERE root = ? AND right IS ? AND expiry NOT NULL "
            "ORDER BY ABS(expiry - ?), ABS(CAST(strike AS REAL) - ?) LIMIT ?",
            (
                roots[0] if roots else "", parts.right and parts.right.value,
                parts.expiry.toordinal(), float(parts.strike or 0), limit,
            ),
        )  # fmt: skip
        return tuple(row[0] for row in rows)

    def _own(self, instrument: Instrument) -> Instrument | None:
        own = self._symbol(instrument.symbol)
        return own if own is instrument or own == instrument else self.same(instrument)

    def _filtered(
        self,
        exchange: Exchange | str | None,
        kind: InstrumentType | str | None,
        underlying: str | None,
    ) -> list[tuple[Any, ...]]:
        wanted = {
            "exchange": _word(Exchange, exchange, "exchange"),
            "type": _word(InstrumentType, kind, "type"),
            "underlying": underlying.upper() if underlying is not None else None,
        }
        given = {name: str(value) for name, value in wanted.items() if value is not None}
        clauses = [f"{name} = ?" for name in given]
        where = f" WHERE {' AND '.join(clauses)}" if clauses else ""
        return self.ask(f"{SELECT}{where} ORDER BY rowid", list(given.values()))

    # -- forks

    def _before_fork(self) -> None:
        self._lock.acquire()

    def _after_fork_in_parent(self) -> None:
        self._lock.release()

    def _after_fork_in_child(self) -> None:
        """A file is opened anew: the parent's descriptor and its position are not ours to move."""
        self._lock = threading.Lock()
        if self._connection is not None and self.path is not None:
            _ABANDONED.append(self._connection)
            self._connection = _open(self.path)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )


W = TypeVar("W", bound=Word)


def _word(kind: type[W], value: W | str | None, name: str) -> W | None:
    return None if value is None else to_word(kind, value, name=name)


def _text(value: str, name: str) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{name} {shown(value)} is not text")
    return value


def _not_found(message: str, suggestions: tuple[str, ...]) -> InstrumentNotFound:
    named = f"; did you mean {' or '.join(suggestions)}?" if suggestions else ""
    error = InstrumentNotFound(f"{message}{named}")
    error.suggestions = suggestions
    return error


_STORES: Final[weakref.WeakSet[InstrumentStore]] = weakref.WeakSet()
_ABANDONED: Final[list[sqlite3.Connection]] = []
"""Connections of a parent process, kept so that they are never closed in a child."""


def _at_fork(step: str) -> None:
    for store in list(_STORES):
        getattr(store, step)()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=lambda: _at_fork("_before_fork"),
        after_in_parent=lambda: _at_fork("_after_fork_in_parent"),
        after_in_child=lambda: _at_fork("_after_fork_in_child"),
    )
