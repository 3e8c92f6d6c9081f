"""Angel One's front end, put together."""

from __future__ import annotations

import base64
import random
from collections.abc import Mapping, Sequence
from typing import ClassVar

from openbroker.sandbox.angelone.desk import Desk, Rules
from openbroker.sandbox.angelone.faults import fault_table, order_tag
from openbroker.sandbox.angelone.front import AngelOne
from openbroker.sandbox.angelone.limits import ANGELONE
from openbroker.sandbox.angelone.sessions import Client, Sessions
from openbroker.sandbox.dialect import LETTERS, Dialect, House, Opened
from openbroker.sandbox.faults import FaultPlan
from openbroker.sandbox.rate_windows import Limit
from openbroker.schemas import Instrument


class AngelOneDialect(Dialect):
    """The sandbox's own master is in Angel One's words, so instruments stay as they are."""

    limits: ClassVar[Mapping[str, Limit]] = ANGELONE
    rules: ClassVar[type] = Rules

    def instruments(self, listed: Sequence[Instrument]) -> list[Instrument]:
        return list(listed)

    def new_client(self, draw: random.Random) -> Client:
        return Client(
            client_code=f"S{draw.randrange(10**5, 10**6)}",
            api_key="".join(draw.choices(LETTERS, k=8)),
            pin=f"{draw.randrange(1000, 10_000)}",
            totp_secret=base64.b32encode(draw.randbytes(20)).decode(),
        )

    def open(self, house: House) -> Opened:
        sessions = Sessions(
            [],
            house.clock,
            life=house.token_life,
            reuse_totp=house.reuse_totp,
            wall_clock=house.wall_clock,
        )
        rules = house.rules or Rules()
        table = fault_table(sessions, house.windows)
        faults = FaultPlan(table=table, seed=house.seed, key=order_tag)
        desk = Desk(
            exchange=house.exchange,
            rules_of_price=house.price_rules,
            rows=house.rows,
            rules=rules,
        )
        handler = AngelOne(desk, sessions, house.windows, faults)
        return Opened(handler=handler, sessions=sessions, rules=rules, faults=faults)
