"""Zerodha's front end, put together."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import ClassVar

from openbroker.sandbox.dialect import LETTERS, Dialect, House, Opened
from openbroker.sandbox.faults import FaultPlan
from openbroker.sandbox.rate_windows import Limit
from openbroker.sandbox.zerodha import master
from openbroker.sandbox.zerodha.desk import Desk, Rules
from openbroker.sandbox.zerodha.faults import fault_table, order_tag
from openbroker.sandbox.zerodha.front import Zerodha
from openbroker.sandbox.zerodha.limits import UNLISTED, ZERODHA
from openbroker.sandbox.zerodha.sessions import Client, Sessions
from openbroker.schemas import Instrument


class ZerodhaDialect(Dialect):
    """Kite Connect 3."""

    limits: ClassVar[Mapping[str, Limit]] = ZERODHA
    rules: ClassVar[type] = Rules
    unlisted: ClassVar[Limit] = UNLISTED

    def instruments(self, listed: Sequence[Instrument]) -> list[Instrument]:
        return master.instruments(listed)

    def new_client(self, draw: random.Random) -> Client:
        return Client(
            client_code=f"{''.join(draw.choices('ABCDEFGHJKLMNPQRSTUVWXYZ', k=2))}"
            f"{draw.randrange(1000, 10_000)}",
            api_key="".join(draw.choices(LETTERS.lower(), k=16)),
            api_secret="".join(draw.choices(LETTERS.lower(), k=32)),
            first_token="".join(draw.choices(LETTERS, k=32)),
        )

    def open(self, house: House) -> Opened:
        sessions = Sessions(house.clock, life=house.token_life)
        rules = house.rules or Rules()
        table = fault_table(sessions, house.windows)
        faults = FaultPlan(table=table, seed=house.seed, key=order_tag)
        desk = Desk(exchange=house.exchange, rules_of_price=house.price_rules, rules=rules)
        handler = Zerodha(desk, sessions, house.windows, faults)
        return Opened(handler=handler, sessions=sessions, rules=rules, faults=faults)
