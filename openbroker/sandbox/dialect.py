"""What a broker's dialect brings to the sandbox, and what it is given.

The core (clock, market, exchange, accounts) is the same for all; a :class:`Dialect` names the
instruments as its broker does, invents credentials, knows the published rate limits, and puts its
front end together.
"""

from __future__ import annotations

import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from attrs import frozen

from openbroker.sandbox.clock import Clock
from openbroker.sandbox.conditional import PriceRules
from openbroker.sandbox.exchange import Exchange
from openbroker.sandbox.faults import FaultPlan
from openbroker.sandbox.front_end import Client, Doorkeeper, FrontEnd
from openbroker.sandbox.rate_windows import ONE_A_SECOND, Limit, Windows
from openbroker.schemas import Instrument

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"


@frozen(kw_only=True)
class House:
    """What a front end stands on.

    Attributes:
        exchange, clock, price_rules: the core.
        rows: the sandbox's master as it is shipped.
        rules: the front end's switches; ``None`` for its own.
        windows: the rate limits in force.
        seed: of the faults.
        token_life: sandbox seconds that tokens live; ``None`` for the broker's own end.
        reuse_totp: one-time passwords work more than once.
        wall_clock: of one-time passwords, seconds since the epoch.
    """

    exchange: Exchange
    clock: Clock
    price_rules: PriceRules
    rows: Sequence[dict[str, str]]
    rules: Any
    windows: Windows
    seed: int
    token_life: float | None = None
    reuse_totp: bool = False
    wall_clock: Callable[[], float] = time.time


@frozen(kw_only=True)
class Opened:
    """A front end and what it consists of."""

    handler: FrontEnd
    sessions: Doorkeeper
    rules: Any
    faults: FaultPlan


class Dialect(ABC):
    """One broker's."""

    limits: ClassVar[Mapping[str, Limit]]
    """The published ones."""
    unlisted: ClassVar[Limit] = ONE_A_SECOND
    rules: ClassVar[type] = object
    """What the front end's switches are an object of."""

    @abstractmethod
    def instruments(self, listed: Sequence[Instrument]) -> list[Instrument]:
        """The sandbox's instruments under the broker's symbols and tokens."""

    @abstractmethod
    def new_client(self, draw: random.Random) -> Client:
        """Invented credentials."""

    @abstractmethod
    def open(self, house: House) -> Opened:
        """The front end on that house."""
