"""Faults: what goes wrong, to which requests, how often, and what was done.

Three ideas, one each:

* a :class:`Fault` is *what*: a name, a line of description, whether the request is booked, and a
  script.  A wire fault's script is a coroutine over the bytes (an
  :class:`~openbroker.sandbox.wire_exchange.Exchange`); a message fault is a plain function from
  request and response to another response, so it also works in process.
* a :class:`FaultTable` is a registry of them by name.  A front end makes its own from the common
  one (``ANGELONE = FaultTable(FAULTS)``) and adds the reply shapes that its broker is known for.
* a :class:`FaultPlan` is *when*: rules added and cleared at run time, a seed, and a log.

Probabilities are shares.  One number is drawn for a request; the rules that fit the request divide
the interval [0, 1) between them in the order added, so two rules of 0.1 hit a tenth of the requests
each, and never both.  With ``key=`` (a function that finds the order's tag in a request) the draw
depends on the seed and the key alone, and not on the order in which concurrent requests arrive.

Faults of the book (lag, stale or partial books) belong to the exchange core: they are registered
with ``stage=Stage.BOOK`` and the core asks ``plan.choose(Stage.BOOK, request)``.
"""

from __future__ import annotations

import difflib
import enum
import itertools
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
from attrs import define, evolve, field, frozen

from openbroker.errors import ConfigError

if TYPE_CHECKING:
    from openbroker.sandbox.wire_exchange import Exchange

Script: TypeAlias = Callable[..., Awaitable[None]]
Change: TypeAlias = Callable[..., httpx.Response]
Predicate: TypeAlias = Callable[[httpx.Request], bool]
KeyFunction: TypeAlias = Callable[[httpx.Request], str | None]


class Stage(enum.StrEnum):
    """When a fault takes over."""

    CONNECT = "connect"
    """A connection was accepted; no byte of it was read."""
    HEAD = "head"
    """The request's line and headers are read, its body perhaps not: ``content`` is not there."""
    REQUEST = "request"
    """The whole request is read; the handler has not run."""
    BOOK = "book"
    """A read of the order book; asked for by the exchange core."""


def _frozen_mapping(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


@frozen(kw_only=True)
class Fault:
    """A way of failing.

    ``booked`` says whether the handler ran, that is whether an order now exists: ``True``,
    ``False``, or ``None`` where parameters or the peer decide; :attr:`Injection.booked` always
    tells what happened.  ``protocol`` is ``"http/1.1"`` or ``"h2"`` for a fault that only one
    knows.  ``parameters`` go to the script as keyword arguments.
    """

    name: str
    description: str
    stage: Stage = Stage.REQUEST
    booked: bool | None = None
    protocol: str | None = None
    script: Script | None = None
    change: Change | None = None
    parameters: Mapping[str, Any] = field(factory=dict, converter=_frozen_mapping, hash=False)

    def with_parameters(self, **parameters: Any) -> Fault:
        return evolve(self, parameters=dict(self.parameters) | parameters)

    async def run(self, exchange: Exchange) -> None:
        """Do it to an exchange on the wire."""
        if self.script is not None:
            await self.script(exchange, **self.parameters)
        elif self.change is not None:
            response = await exchange.book() if self.booked else None
            await exchange.read()
            exchange.send(self.change(exchange.request, response, **self.parameters))


class FaultTable(dict[str, Fault]):
    """Faults by name; its two decorators add to it, the function's name becoming the fault's."""

    def wire(
        self,
        description: str,
        *,
        booked: bool | None,
        stage: Stage = Stage.REQUEST,
        protocol: str | None = None,
        name: str | None = None,
    ) -> Callable[[Script], Script]:
        """Register a script over the bytes: ``async def reset_after_booking(exchange): ...``."""

        def add(script: Script) -> Script:
            self.add(
                Fault(
                    name=name or _name_of(script),
                    description=description,
                    stage=stage,
                    booked=booked,
                    protocol=protocol,
                    script=script,
                )
            )
            return script

        return add

    def message(
        self, description: str, *, booked: bool, name: str | None = None
    ) -> Callable[[Change], Change]:
        """Register a change of the reply: ``def waf_page(request, response): return ...``.

        ``response`` is the handler's when ``booked``, else ``None`` (the handler did not run).
        """

        def add(change: Change) -> Change:
            self.add(
                Fault(
                    name=name or _name_of(change),
                    description=description,
                    booked=booked,
                    change=change,
                )
            )
            return change

        return add

    def add(self, fault: Fault) -> None:
        if fault.name in self:
            raise ValueError(f"two faults are called {fault.name!r}")
        self[fault.name] = fault

    def find(self, name: str) -> Fault:
        """The fault of that name; raises ConfigError with a hint."""
        if name in self:
            return self[name]
        close = difflib.get_close_matches(name, self, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ConfigError(f"no fault {name!r}{hint}", advice=f"Faults: {', '.join(sorted(self))}.")


def _name_of(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", "")).strip("_").replace("_", "-")


FAULTS = FaultTable()
"""Every fault that is common to all brokers."""


@define(kw_only=True)
class Injection:
    """One fault that was done to one request (``plan.log``)."""

    fault: str
    method: str
    path: str
    key: str | None
    connection: int
    at: float
    """``time.monotonic()`` seconds."""
    booked: bool = False
    """The handler ran for this request (so far)."""
    random: random.Random = field(repr=False)


@define(kw_only=True)
class Rule:
    """A fault and the requests it is meant for."""

    fault: Fault
    probability: float
    path: str | None
    method: str | None
    where: Predicate | None
    reused: bool | None
    times: int | None
    done: int = 0

    def fits(self, stage: Stage, request: httpx.Request, protocol: str, *, reused: bool) -> bool:
        return (
            self.fault.stage is stage
            and self.fault.protocol in {None, protocol}
            and (self.times is None or self.done < self.times)
            and (self.path is None or self.path in request.url.path)
            and (self.method is None or self.method == request.method)
            and (self.reused is None or self.reused == reused)
            and (self.where is None or self.where(request))
        )


class FaultPlan:
    """Which requests meet which fault; may be changed at any time, from any thread.

    Args:
        table: the faults that :meth:`add` knows by name.
        seed: of the draws and of the faults' own randomness.
        key: finds what names a request (its order tag), for the log and for draws that do not
            depend on arrival order; ``None`` for a request that has none.

    Example::

        plan = FaultPlan(seed=7)
        plan.add("reset-after-booking", probability=0.1, path="/placeOrder")
        plan.add("late-reply", seconds=12, times=1)
    """

    def __init__(
        self,
        *,
        table: Mapping[str, Fault] | None = None,
        seed: int | str = 0,
        key: KeyFunction | None = None,
    ) -> None:
        self.table = FaultTable(common() if table is None else table)
        self.seed = seed
        self.key = key
        self.log: list[Injection] = []
        self._rules: tuple[Rule, ...] = ()
        self._draws = itertools.count()
        self._seen: Counter[str] = Counter()

    def add(
        self,
        fault: Fault | str,
        *,
        probability: float = 1.0,
        path: str | None = None,
        method: str | None = None,
        where: Predicate | None = None,
        reused: bool | None = None,
        times: int | None = None,
        **parameters: Any,
    ) -> Rule:
        """Add a rule.

        Args:
            fault: a Fault, or the name of one in the table.
            probability: the share of the fitting requests, 0 to 1.
            path: a part of the URL's path.
            method: ``"POST"``, ...
            where: a predicate over the request (``content`` only at ``Stage.REQUEST``).
            reused: only the first request of a connection (False) or only later ones (True).
            times: at most so many injections.
            parameters: the fault's own (``seconds=``, ``after=``, ...).

        Raises:
            ConfigError: no fault has that name, or the probability is out of range.
        """
        if not 0 <= probability <= 1:
            raise ConfigError(f"probability {probability} is not between 0 and 1")
        found = fault if isinstance(fault, Fault) else self.table.find(fault)
        rule = Rule(
            fault=found.with_parameters(**parameters),
            probability=probability,
            path=path,
            method=method,
            where=where,
            reused=reused,
            times=times,
        )
        self._rules = (*self._rules, rule)
        return rule

    def add_text(self, text: str) -> Rule:
        """Add a rule written ``NAME`` or ``NAME:PROBABILITY``, as the command line has it."""
        name, _, share = text.partition(":")
        try:
            return self.add(name, probability=float(share) if share else 1.0)
        except ValueError as error:
            raise ConfigError(f"{text!r} is not NAME[:PROBABILITY]") from error

    def remove(self, rule: Rule) -> None:
        self._rules = tuple(kept for kept in self._rules if kept is not rule)

    def clear(self) -> None:
        """Drop every rule; the log stays."""
        self._rules = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self._rules

    def __bool__(self) -> bool:
        return bool(self._rules)

    def choose(
        self,
        stage: Stage,
        request: httpx.Request,
        *,
        protocol: str = "",
        connection: int = 0,
        reused: bool = False,
    ) -> tuple[Fault, Injection] | None:
        """The fault for this request at this stage, entered in the log, or None."""
        fitting = [r for r in self._rules if r.fits(stage, request, protocol, reused=reused)]
        if not fitting:
            return None
        key = self.key(request) if self.key is not None and stage is Stage.REQUEST else None
        chance = self._chance(stage, key)
        point, reached = chance.random(), 0.0
        for rule in fitting:
            reached += rule.probability
            if point < reached:
                rule.done += 1
                return rule.fault, self._enter(rule.fault, request, key, connection, chance)
        return None

    def _chance(self, stage: Stage, key: str | None) -> random.Random:
        if key is None:
            return random.Random(f"{self.seed}/{stage}/{next(self._draws)}")  # noqa: S311
        self._seen[key] += 1
        return random.Random(f"{self.seed}/{stage}/{key}/{self._seen[key]}")  # noqa: S311

    def _enter(
        self,
        fault: Fault,
        request: httpx.Request,
        key: str | None,
        connection: int,
        chance: random.Random,
    ) -> Injection:
        injection = Injection(
            fault=fault.name,
            method=request.method,
            path=request.url.path,
            key=key,
            connection=connection,
            at=time.monotonic(),
            random=chance,
        )
        self.log.append(injection)
        return injection


def common() -> FaultTable:
    """The table of all common faults, loaded on first use."""
    return FAULTS
