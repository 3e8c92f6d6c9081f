"""One account at one broker: its adapter, its wire, its session and its instruments.

:class:`Account` runs an adapter's flows with a live session and puts instruments to the rows that
come back.  Reads whose session has died are tried once more after a new login; order-changing
calls are the order desk's (:mod:`openbroker.orders.desk`).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import attrs

from openbroker.adapters.base import Adapter, Credentials
from openbroker.errors import InvalidOrder, OpenBrokerError, SessionExpired, UsageError
from openbroker.instruments import InstrumentStore, Reference
from openbroker.instruments.counting import in_units
from openbroker.instruments.follower import Follower
from openbroker.instruments.loader import Fetched, Validators, load
from openbroker.instruments.publishing import due
from openbroker.orders.tags import label_of
from openbroker.schemas import (
    INDIA,
    Exchange,
    Instrument,
    InstrumentRow,
    Order,
    Secret,
    Session,
    Table,
)
from openbroker.session.keeper import SessionKeeper
from openbroker.session.redaction import scrub
from openbroker.session.store import SessionStore
from openbroker.transport.driver import Driver, Trace
from openbroker.transport.limits import limiter_for
from openbroker.transport.messages import Flow, Reply

if TYPE_CHECKING:
    from openbroker.transport.exchange import Transport

T = TypeVar("T")
R = TypeVar("R", bound=InstrumentRow)

_log = logging.getLogger("openbroker.instruments")


def _now_in_india() -> dt.datetime:
    """The moment, by this computer's clock."""
    return dt.datetime.now(INDIA)


class Account:
    """One account at one broker.

    Attributes:
        adapter: the broker.
        code: the client code, as far as the credentials tell it.
        sessions: keeps the account logged in.
        driver: runs flows.
        transport: the wire.
    """

    def __init__(
        self,
        adapter: Adapter,
        credentials: Credentials,
        transport: Transport,
        *,
        share_instruments: bool = False,
        keep_session: bool | str | Path = False,
        clock: Callable[[], dt.datetime] = _now_in_india,
    ) -> None:
        self.adapter = adapter
        self.code = _code_of(adapter, credentials)
        url = adapter.hosts.get("rest", "")
        limiter = limiter_for((adapter.name, url, self.code), adapter.limits)
        folder = None if isinstance(keep_session, bool) else Path(keep_session)
        kept = SessionStore.of(adapter.name, url, self.code, folder) if keep_session else None
        self.transport = transport
        self.driver = Driver(transport, limiter, asks_to_wait=adapter.asks_to_wait)
        self.sessions = SessionKeeper(adapter, credentials, self.driver.run, kept)
        self._share_instruments = share_instruments
        self._store: InstrumentStore | None = None
        self._clock = clock
        self._renewing: asyncio.Lock | None = None
        self._follower = Follower(
            adapter.name,
            held=lambda: self.instruments.day,
            renew=self.renew_instruments,
            clock=clock,
        )

    @property
    def name(self) -> str:
        """The account's client code, once logged in."""
        return self.sessions.session.account if self.sessions.session else ""

    @property
    def instruments(self) -> InstrumentStore:
        """The broker's instruments."""
        assert self._store is not None, "connect() loads the instruments before it returns"
        return self._store

    def close(self) -> None:
        """Forget the session's tokens in this process, and look after the instruments no more."""
        self._follower.stop()
        self.sessions.close()

    # -- running flows

    async def read(
        self, operation: str, make: Callable[[Session], Flow[T]], *, timeout: float | None = None
    ) -> T:
        """Run a flow that changes no order, once more if the session proves dead.

        Its errors have no ``outcome``: there is no order that something could have become of.
        """
        self._follower.go_on()
        session = await self.sessions.current()
        try:
            try:
                return await self.driver.run(make(session), timeout=timeout)
            except SessionExpired:
                session = await self.sessions.replace(session)
                return await self.driver.run(make(session), timeout=timeout)
        except OpenBrokerError as error:
            if not isinstance(error, UsageError):
                error.outcome = None
            raise self.explain(error, operation) from None

    async def run(
        self, operation: str, make: Callable[[], Flow[T]], *, trace: Trace | None = None
    ) -> T:
        """Run a flow that needs no session."""
        try:
            return await self.driver.run(make(), trace=trace)
        except OpenBrokerError as error:
            raise self.explain(error, operation) from None

    def explain(self, error: OpenBrokerError, operation: str) -> OpenBrokerError:
        """The error with its place filled in and free of secrets."""
        error.message = scrub(error.message)
        error.args = (error.message,)
        return error.during(broker=self.adapter.name, operation=operation)

    # -- instruments

    def use_instruments(self, store: InstrumentStore) -> None:
        """Look symbols up in this store in place of the broker's master, come what may."""
        self._follower.stop()
        self._store = store

    async def load_instruments(self) -> None:
        """Read the broker's master, once a day for all accounts and processes, and follow it into
        the days to come.

        A broker that was moved to another address keeps its own in memory: what a test server
        lists must never be taken for what the broker lists.
        """
        self._store = await self._loaded()
        self._follower.begin()

    async def renew_instruments(self, *, anew: bool = False) -> InstrumentStore:
        """Put the day's instruments in place of those that are held; what runs now goes on with
        the old ones.

        Args:
            anew: fetch them even if the day's are there already.
        """
        if self._renewing is None:
            self._renewing = asyncio.Lock()
        async with self._renewing:
            held = self._store
            if held is None or anew or held.day < due(self.adapter.name, self._clock()):
                self._store = await self._loaded(anew=anew)
                _log.info("%s: %r is in use", self.adapter.name, self._store)
            return self.instruments

    async def _loaded(self, *, anew: bool = False) -> InstrumentStore:
        now = self._clock()
        if self._share_instruments:
            name = self.adapter.name
            return await load(name, self._fetch, day=due(name, now), refresh=anew)
        listed = (await self._fetch(Validators())).listed
        return await asyncio.to_thread(InstrumentStore.build, listed or (), day=now.date())

    def tradable(self, reference: Reference) -> Instrument:
        """The instrument that is meant, as the master in use has it; one of an older master is
        looked up again.

        Raises:
            InstrumentNotFound: there is none, or none any more.
            InvalidOrder: the contract has ended.
        """
        instrument = self.instruments.resolve(reference)
        expiry = instrument.expiry
        if expiry is not None and self._share_instruments and expiry < self._clock().date():
            raise InvalidOrder(
                f"{instrument.symbol} ended on {expiry}",
                advice="Nothing was sent. broker.instruments.expiries(...) lists what is alive.",
            )
        return instrument

    async def _fetch(self, known: Validators) -> Fetched:
        try:
            return await self._fetch_as(await self._master_session(), known)
        except SessionExpired:
            if not self.adapter.master_needs_session:
                raise
            session = await self.sessions.replace(self.sessions.session)
            return await self._fetch_as(session, known)

    async def _master_session(self) -> Session | None:
        return await self.sessions.current() if self.adapter.master_needs_session else None

    async def _fetch_as(self, session: Session | None, known: Validators) -> Fetched:
        trace = Trace()
        headers = known.headers()
        if session is not None:
            headers |= self.adapter.master_headers(session)
        rows = await self.run("master", lambda: self.adapter.master(headers), trace=trace)
        answer = trace.last[1] if trace.last else None
        told = answer.headers if isinstance(answer, Reply) else {}
        return Fetched(listed=rows, validators=Validators.of(told))

    # -- rows and their instruments

    def find(self, row: InstrumentRow) -> Instrument | None:
        """The instrument of a row: by token, else by the broker's symbol."""
        if row.exchange is None or self._store is None:
            return None
        return self._by_token(row.exchange, row.token) or (
            self._store.by_broker_symbol(row.exchange, row.broker_symbol)
            if row.broker_symbol
            else None
        )

    def _by_token(self, exchange: Exchange, token: str | None) -> Instrument | None:
        return self.instruments.by_token(exchange, token) if token else None

    def attach(self, row: R) -> R:
        """The row with its instrument, and an order with its label."""
        row = in_units(attrs.evolve(row, instrument=self.find(row)), self.adapter.counting())
        if isinstance(row, Order):
            row = attrs.evolve(row, tag=label_of(row.wire_tag))
        return row

    def table(self, kind: type[R], rows: Iterable[R]) -> Table[R]:
        """Rows with their instruments, as a table."""
        return Table(kind, (self.attach(row) for row in rows))


def _code_of(adapter: Adapter, credentials: Credentials) -> str:
    """What names the account in limits and file names: its code, or a hash where that is secret."""
    code = credentials.get(adapter.account_field, Secret("")).reveal()
    is_secret = any(f.secret for f in adapter.credentials if f.name == adapter.account_field)
    return hashlib.sha256(code.encode()).hexdigest()[:16] if code and is_secret else code
