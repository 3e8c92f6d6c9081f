"""Keeps one account logged in.

Logging in is single-flight: however many calls find the session dead, one login runs and all get
its result.  With a :class:`~openbroker.session.store.SessionStore` the account's other processes
share it too.  A one-time code serves one login, so a second login inside the same 30 seconds, by
whichever process (:mod:`~openbroker.session.codes`), waits for the next code instead of being
refused, and says so (``openbroker.session`` at INFO, and a line in terminals and notebooks).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import math
from collections.abc import Awaitable, Callable
from typing import Final

from openbroker.adapters.base import Adapter, Credentials
from openbroker.errors import AuthError, BrokerClosed, OpenBrokerError
from openbroker.instruments.progress import shown
from openbroker.schemas import Secret, Session
from openbroker.session import codes, redaction, totp
from openbroker.session.store import SessionStore
from openbroker.transport.messages import Flow

log = logging.getLogger("openbroker.session")

RunSession = Callable[[Flow[Session]], Awaitable[Session]]

_codes_used: Final[dict[tuple[str, str], int]] = {}
"""The last window whose code was used, by broker and account, in this process."""


class SessionKeeper:
    """Holds the session of one account at one broker."""

    def __init__(
        self,
        adapter: Adapter,
        credentials: Credentials,
        run: RunSession,
        store: SessionStore | None = None,
    ) -> None:
        self._adapter = adapter
        self._store = store
        self._credentials = dict(credentials)
        self._run = run
        self._session: Session | None = None
        self._dead: Session | None = None
        self._lock: asyncio.Lock | None = None
        self._is_closed = False
        hidden = {field.name for field in adapter.credentials if field.secret}
        self._hidden = [v for name, v in self._credentials.items() if name in hidden]
        redaction.protect(self._hidden)

    @property
    def session(self) -> Session | None:
        """The present session, if there is one."""
        return self._session

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, for good."""
        return self._is_closed

    async def current(self) -> Session:
        """A live session, logging in if there is none.

        Raises:
            AuthError: the login was refused.
            BrokerClosed: the keeper was closed.
        """
        self.refuse_closed()
        session = self._session
        now = dt.datetime.now(dt.UTC)
        if session is not None and session is not self._dead and not session.is_expired(now):
            return session
        return await self.replace(session)

    def mark_dead(self, session: Session) -> None:
        """The broker has refused this session: the next call logs in anew."""
        self._dead = session

    async def replace(self, dead: Session | None) -> Session:
        """A session other than the dead one; renewed if the broker can, else by login."""
        self.refuse_closed()
        if self._lock is None:
            self._lock = asyncio.Lock()
        async with self._lock:
            if self._session is dead or self._session is None:
                self.take(self._kept(dead) or await self._started(dead))
            assert self._session is not None, "a login ends with a session or an error"
            return self._session

    def _kept(self, dead: Session | None) -> Session | None:
        """A session that another process has started, if it is not the dead one."""
        kept = self._store.load(dt.datetime.now(dt.UTC)) if self._store is not None else None
        known_dead = {session.created_at for session in (dead, self._dead) if session is not None}
        return None if kept is None or kept.created_at in known_dead else kept

    async def _started(self, dead: Session | None) -> Session:
        session = await self._renewed(dead) or await self._logged_in()
        if self._store is not None:
            self._store.save(session)
        return session

    def refuse_closed(self) -> None:
        """Raises ``BrokerClosed`` once it was closed."""
        if self._is_closed:
            raise BrokerClosed("this broker was closed")

    def log_out(self) -> None:
        """Forget the session here and for the next process: it has been ended at the broker."""
        if self._store is not None:
            self._store.forget()
        self.drop()

    def drop(self) -> None:
        """Forget the session, in this process."""
        if self._session is not None:
            redaction.release(self._session.tokens.values())
        self._session = None

    def close(self) -> None:
        """Forget everything secret, for good."""
        self._is_closed = True
        self.drop()
        redaction.release(self._hidden)
        self._hidden = []

    def take(self, session: Session) -> None:
        """Go on with this session, whoever started it."""
        redaction.protect(session.tokens.values())
        self.drop()
        self._session = session
        log.info("logged in at %s", self._adapter.name)

    async def _renewed(self, dead: Session | None) -> Session | None:
        if dead is None or not self._adapter.offers("renew"):
            return None
        try:
            return await self._run(self._adapter.renew(dead))
        except AuthError:
            return None

    async def _logged_in(self) -> Session:
        credentials = dict(self._credentials)
        secret = credentials.pop("totp_secret", None)
        if secret is not None and "totp" not in credentials:
            credentials["totp"] = await self._fresh_code(secret)
        try:
            return await self._run(self._adapter.login(credentials))
        except OpenBrokerError as error:
            raise error.during(broker=self._adapter.name, operation="login") from None

    async def _fresh_code(self, secret: Secret) -> Secret:
        account = self._credentials.get(self._adapter.account_field, Secret("")).reveal()
        name, url = self._adapter.name, self._adapter.hosts.get("rest", "")
        key = (name + url, account)
        used = {_codes_used.get(key), codes.last_window(name, url, account)}
        if totp.window_of(totp.now()) in used and not self._adapter.reuses_codes:
            await self._next_window()
        moment = totp.now()
        _codes_used[key] = totp.window_of(moment)
        codes.note(name, url, account, totp.window_of(moment))
        return totp.code_at(secret, moment)

    async def _next_window(self) -> None:
        """Wait for a code that no login has had; told in the log, and where somebody watches."""
        pause = totp.until_next_window(totp.now())
        log.info(
            "%s: the login waits %.0f s for the next one-time code, for this one has served a "
            "login and %s takes each once",
            self._adapter.name,
            math.ceil(pause),
            self._adapter.title,
        )
        async with shown(None).waiting(f"{self._adapter.name}: waiting for the next one-time code"):
            await asyncio.sleep(pause + 0.1)
