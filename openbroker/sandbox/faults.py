"""Faults on purpose: which requests meet which fault, how often, and what was done.

:mod:`.fault_table` says what a fault is, :mod:`.wire_faults` and :mod:`.message_faults` list those
that every broker may show (``FAULTS``), and here is the :class:`FaultPlan`: rules that are added
and cleared at run time, a seed, and a log.

Probabilities are shares.  One number is drawn for a request; the rules that fit the request divide
the interval [0, 1) between them in the order added, so two rules of 0.1 hit a tenth of the requests
each, and never both.  With ``key=`` (a function that finds the order's tag in a request) the draw
depends on the seed and the key alone, and not on the order in which concurrent requests arrive.

Faults of the book (lag, stale or partial books) belong to the exchange core: they are registered
with ``stage=Stage.BOOK`` and the core asks ``plan.choose(Stage.BOOK, request)``.
"""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import httpx
from attrs import define, field

from openbroker.errors import ConfigError
from openbroker.sandbox.fault_table import Fault, FaultTable, Stage
from openbroker.sandbox.message_faults import MESSAGE_FAULTS
from openbroker.sandbox.wire_faults import WIRE_FAULTS

__all__ = ["FAULTS", "Fault", "FaultPlan", "FaultTable", "Injection", "Rule", "Stage"]

Predicate: TypeAlias = Callable[[httpx.Request], bool]
KeyFunction: TypeAlias = Callable[[httpx.Request], str | None]

FAULTS = FaultTable(WIRE_FAULTS | MESSAGE_FAULTS)
"""Every fault that is common to all brokers, by name."""


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
        self.table = FaultTable(FAULTS if table is None else table)
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
