"""Faults of the order and trade book: what a client is shown, and what is kept from it.

They change the shape of no reply, so they belong to no broker: a front end asks a :class:`BookView`
which rows it may show.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from typing import TypeAlias

import httpx

from openbroker.sandbox.fault_table import Fault, FaultTable, Stage
from openbroker.sandbox.faults import FaultPlan
from openbroker.sandbox.orders import BookOrder, BookTrade

Row: TypeAlias = BookOrder | BookTrade

BOOK_FAULTS = FaultTable(
    (fault.name, fault)
    for fault in (
        Fault(
            name="book-lag",
            description="rows of the last `seconds` sandbox seconds are not in the book yet",
            stage=Stage.BOOK,
            parameters={"seconds": 5.0},
        ),
        Fault(
            name="stale-book",
            description="the book as it was when it was last read without fault",
            stage=Stage.BOOK,
        ),
        Fault(
            name="partial-book",
            description="each row is missing with probability `share`",
            stage=Stage.BOOK,
            parameters={"share": 0.5},
        ),
        Fault(name="empty-book", description="the book is empty", stage=Stage.BOOK),
    )
)


class BookView:
    """The order and trade book as a client is shown it, faults included."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], frozenset[str]] = {}

    def see(
        self,
        plan: FaultPlan,
        request: httpx.Request,
        client: str,
        rows: list[Row],
        now: dt.datetime,
    ) -> list[Row]:
        """The rows that are shown for this request."""
        place = (client, request.url.path)
        chosen = plan.choose(Stage.BOOK, request) if plan else None
        if chosen is None:
            self._ids[place] = frozenset(_name(row) for row in rows)
            return rows
        fault, injection = chosen
        if fault.name == "stale-book":
            before = self._ids.get(place, frozenset())
            return [row for row in rows if _name(row) in before]
        return BOOK_CHANGES[fault.name](rows, now, injection.random, **fault.parameters)


def _name(row: Row) -> str:
    return row.order_id if isinstance(row, BookOrder) else row.trade_id


def _born(row: Row) -> dt.datetime:
    return row.placed_at if isinstance(row, BookOrder) else row.traded_at


def _lag(rows: list[Row], now: dt.datetime, _: random.Random, *, seconds: float) -> list[Row]:
    latest = now - dt.timedelta(seconds=seconds)
    return [row for row in rows if _born(row) <= latest]


def _partial(rows: list[Row], _: dt.datetime, chance: random.Random, *, share: float) -> list[Row]:
    return [row for row in rows if chance.random() >= share]


def _empty(_: list[Row], __: dt.datetime, ___: random.Random) -> list[Row]:
    return []


BOOK_CHANGES: Mapping[str, Callable[..., list[Row]]] = {
    "book-lag": _lag,
    "partial-book": _partial,
    "empty-book": _empty,
}
