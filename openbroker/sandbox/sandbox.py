"""The simulated broker, put together.

:class:`Sandbox` joins clock, market, exchange and a broker's front end (:mod:`.dialect`); its
:attr:`~Sandbox.handler` is a function from request to response, ready for
``httpx.MockTransport``.  :func:`serve` puts it behind the wire server, over TLS, beside a
plain-HTTP address that tells the truth about the book.

Nothing here touches the network until :func:`serve` is entered, and nothing needs the ``sandbox``
extra (certificates) before that.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

import httpx

from openbroker.arguments import AMOUNT, checked, shown
from openbroker.errors import ConfigError
from openbroker.sandbox.angelone.master import instruments, shipped_rows
from openbroker.sandbox.brackets import Brackets
from openbroker.sandbox.clock import START, Clock
from openbroker.sandbox.conditional import PriceRules
from openbroker.sandbox.control import Control
from openbroker.sandbox.data import UNDERLYINGS
from openbroker.sandbox.dialect import Dialect, House
from openbroker.sandbox.exchange import Exchange
from openbroker.sandbox.front_end import Client
from openbroker.sandbox.market import Market, Underlying
from openbroker.sandbox.positions import Holding
from openbroker.sandbox.rate_windows import Limit, Windows

Limits: TypeAlias = Mapping[str, Limit] | Literal["published"] | None

DIALECTS: Final[Mapping[str, str]] = {
    "angelone": "openbroker.sandbox.angelone.dialect:AngelOneDialect",
    "zerodha": "openbroker.sandbox.zerodha.dialect:ZerodhaDialect",
}
"""Brokers that the sandbox can be, by their registry names; read when first spoken."""

HOLDINGS: Mapping[str, tuple[int, str]] = {
    "NSE:SBIN": (10, "700.00"),
    "NSE:INFY": (25, "1402.35"),
    "NSE:NIFTYBEES": (120, "251.40"),
}
"""What a new account holds: shares and their average cost."""


class Sandbox:
    """A simulated broker with one account; :meth:`add_account` opens more.

    Args:
        dialect: which broker it is, a name of :data:`DIALECTS`.
        seed: of prices, books, ids and credentials. The same seed gives the same run for the same
            calls at the same readings of the clock.
        time_scale: sandbox seconds to a real one; 0 stands still until ``clock.advance``.
        today: the date to start on (10:00 IST); today's by default.
        start: the time of day to start at.
        market_hours: keep session hours; by default the market never closes.
        limits: ``"published"`` for the broker's own rate limits, ``None`` for none, or another
            table (see :mod:`.rate_windows`).
        cash: rupees that each account starts with.
        holdings: common symbol to (shares, average cost) that each account starts with.
        rules: switches of the front end: the dialect's ``desk.Rules``.
        token_life: sandbox seconds that tokens live; ``None``: to the broker's own end of them.
        reuse_totp: let one password work more than once.
        monotonic: the real clock of sandbox time and rate limits, in seconds.
        wall_clock: the real clock of one-time passwords, in seconds since the epoch.
    """

    @checked(ConfigError, dialect=None, time_scale=AMOUNT, rules=None)
    def __init__(
        self,
        dialect: str = "angelone",
        *,
        seed: int = 7,
        time_scale: float = 1.0,
        today: dt.date | None = None,
        start: dt.time = START,
        market_hours: bool = False,
        limits: Limits = "published",
        cash: Decimal | str | int = "1000000",
        holdings: Mapping[str, tuple[int, str]] = HOLDINGS,
        rules: Any = None,
        token_life: float | None = None,
        reuse_totp: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.seed = seed
        self.clock = Clock(
            today=today, start=start, scale=time_scale, hours=market_hours, monotonic=monotonic
        )
        self.dialect = dialect
        self._speech = _dialect(dialect)
        if rules is not None and not isinstance(rules, self._speech.rules):
            kind = f"{self._speech.rules.__module__}.{self._speech.rules.__qualname__}"
            raise ConfigError(f"rules {shown(rules)} is not of {kind}")
        rows = shipped_rows(self.clock.first_day)
        listed = self._speech.instruments(instruments(rows, self.clock.first_day))
        market = Market(listed, _underlyings(), seed=seed, first_day=self.clock.first_day)
        self.exchange = Exchange(market, self.clock, seed=seed)
        self.brackets = Brackets(self.exchange)
        self.windows = Windows(
            self._speech.limits if isinstance(limits, str) else limits,
            unlisted=self._speech.unlisted,
            monotonic=monotonic,
        )
        opened = self._speech.open(
            House(
                exchange=self.exchange,
                clock=self.clock,
                price_rules=PriceRules(self.exchange),
                rows=rows,
                rules=rules,
                windows=self.windows,
                seed=seed,
                token_life=token_life,
                reuse_totp=reuse_totp,
                wall_clock=wall_clock,
            )
        )
        self.rules, self.sessions = opened.rules, opened.sessions
        self.faults, self.handler = opened.faults, opened.handler
        self._cash = Decimal(str(cash))
        self._holdings = holdings
        self._random = random.Random(f"credentials {seed}")  # noqa: S311 - of a simulated broker
        self.client = self.add_account()

    def __repr__(self) -> str:
        moment = self.clock.now().strftime("%d %b %H:%M:%S")
        return f"<Sandbox {self.dialect} at {moment}, {len(self.book())} orders>"

    @property
    def in_process(self) -> Callable[[httpx.Request], httpx.Response]:
        """:attr:`handler` with the faults of replies, for ``httpx.MockTransport``."""
        return self.handler.in_process

    @property
    def credentials(self) -> dict[str, str]:
        """The first account's, by the names that the broker's adapter gives them."""
        return self.client.credentials()

    @checked(ConfigError)
    def add_account(self, cash: Decimal | str | int | None = None) -> Client:
        """Open another account; its ``credentials()`` open it."""
        client = self._speech.new_client(self._random)
        self.exchange.open_account(
            client.client_code,
            self._cash if cash is None else Decimal(str(cash)),
            [self._holding(symbol, *terms) for symbol, terms in self._holdings.items()],
        )
        self.sessions.add(client)
        return client

    def book(self) -> list[dict[str, Any]]:
        """The truth about every order that was booked, of all accounts, oldest first."""
        return self.exchange.book()

    def _holding(self, symbol: str, shares: int, cost: str) -> Holding:
        instrument = self.exchange.market.symbol(symbol)
        if instrument is None:
            raise ConfigError(f"the sandbox lists no {symbol}, so nobody can hold it")
        return Holding(
            instrument=instrument,
            quantity=shares,
            average_price=Decimal(cost),
            isin=instrument.isin or "",
        )


def _dialect(name: str) -> Dialect:
    if not isinstance(name, str) or name not in DIALECTS:
        raise ConfigError(
            f"the sandbox has no dialect {shown(name)}; it speaks {', '.join(DIALECTS)}"
        )
    module, _, attribute = DIALECTS[name].partition(":")
    dialect: Dialect = getattr(importlib.import_module(module), attribute)()
    return dialect


def _underlyings() -> dict[str, Underlying]:
    table: dict[str, tuple[float, float]] = json.loads(UNDERLYINGS.read_text(encoding="utf-8"))
    return {
        name: Underlying(name=name, price=price, volatility=volatility)
        for name, (price, volatility) in table.items()
    }


@asynccontextmanager
async def serve(sandbox: Sandbox, *, port: int = 0, **wire: Any) -> AsyncIterator[dict[str, Any]]:
    """Serve the sandbox over TLS while the block runs.

    Args:
        sandbox: what to serve.
        port: of the broker's address; 0 takes a free one.
        wire: further arguments of :class:`~openbroker.sandbox.wire.WireServer`
            (``idle_timeout``, ``latency`` and ``round_trip`` in seconds, ...).

    Yields:
        ``{"url", "ca_file", "book_url", "credentials"}``, ready to be printed as JSON. Beside
        ``book_url`` are the other paths of :mod:`.control`.
    """
    from openbroker.sandbox.wire import WireServer

    wire.setdefault("faults", sandbox.faults)
    sandbox.handler.faults = wire["faults"]
    broker = WireServer(sandbox.handler, port=port, **wire)
    truth = WireServer(Control(sandbox), tls=False, http2=False)
    async with broker, truth:
        yield {
            "url": broker.url,
            "ca_file": str(broker.ca_file),
            "book_url": f"{truth.url}/book",
            "credentials": sandbox.credentials,
        }
