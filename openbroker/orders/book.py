"""The broker's order book: as its rows are read, and as the search for lost orders reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from openbroker.account import Account
from openbroker.errors import OpenBrokerError
from openbroker.orders.carrier import failure_of
from openbroker.orders.resolver import Sources
from openbroker.orders.settings import OrderSettings
from openbroker.schemas import Order


async def read_book(account: Account, *, timeout: float | None = None) -> list[Order]:
    """Today's orders, their instruments and labels attached."""
    rows = await account.read("orders", account.adapter.orders, timeout=timeout)
    return [account.attach(row) for row in rows]


def sources_of(account: Account, settings: OrderSettings) -> Sources:
    """What an account has to find a lost order with."""
    adapter, settle = account.adapter, settings.settle_time

    async def book(timeout: float) -> list[Order]:
        with adapter_errors():
            return await read_book(account, timeout=timeout)

    async def look_up(tag: str, timeout: float) -> Order | None:
        with adapter_errors():
            row = await account.read(
                "order_by_tag", lambda s: adapter.order_by_tag(s, tag), timeout=timeout
            )
            return account.attach(row) if row is not None else None

    return Sources(
        book=book,
        look_up=look_up if adapter.offers("order_by_tag") else None,
        by_tag=adapter.tag.capacity > 0 and adapter.tag.in_book,
        settle=adapter.settle_time.total_seconds() if settle is None else settle,
    )


@contextmanager
def adapter_errors() -> Iterator[None]:
    """An adapter that fails while the book is read must not end the search for lost orders."""
    try:
        yield
    except OpenBrokerError:
        raise
    except Exception as bug:
        raise failure_of(bug) from bug
