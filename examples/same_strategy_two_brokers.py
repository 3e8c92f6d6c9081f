"""One strategy, two brokers: it says what is to be traded, never where.

    python examples/same_strategy_two_brokers.py                            # both, simulated
    python examples/same_strategy_two_brokers.py --broker angelone          # one of them
    python examples/same_strategy_two_brokers.py --live                     # your own, real money

Each broker has symbols, order types, lots and logins of its own; the strategy sees none of it. For
your own accounts set OPENBROKER_ANGELONE_... and OPENBROKER_ZERODHA_... first (see README).
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from typing import Any

import openbroker as ob
from openbroker.demo.server import sandbox_server

BROKERS = ("angelone", "zerodha")
SHARE = "NSE:INFY"


async def strategy(broker: ob.AsyncBroker) -> list[ob.Order]:
    """Buy a share at the best ask, try for two lots of oil below the market, change its mind."""
    quote = await broker.quote(SHARE)
    bought = await broker.place_order(
        SHARE, "BUY", 5, order_type="LIMIT", price=quote.ask, product="CNC", tag="two"
    )

    future = broker.instruments.search("CRUDEOIL FUT", limit=1)[0]
    oil = await broker.quote(future)
    # A market order would mean other things at other brokers: one takes a band of its own, another
    # wants to be told how far the price may slip. A limit means the same everywhere.
    assert oil.last_price is not None  # quote() raises where there is none
    below = round(oil.last_price * 98 / 100)
    resting = await broker.place_order(
        future, "BUY", lots=2, order_type="LIMIT", price=below, product="NRML", tag="two"
    )
    await broker.modify_order(resting, price=below - 10)
    await broker.cancel_order(resting)
    return [await broker.order(ack) for ack in (bought, resting)]


async def trade(name: str, *, live: bool) -> list[ob.Order]:
    if live:
        async with ob.connect_async(name) as broker:
            return await strategy(broker)
    # A simulated broker in a process of its own, spoken to in the broker's own dialect over TLS.
    with sandbox_server("--broker", name) as server:
        where: dict[str, Any] = {
            "base_url": server.url, "ca_file": server.ca_file, "journal_dir": ":memory:",
        }  # fmt: skip
        async with ob.connect_async(name, **where, **server.credentials) as broker:
            return await strategy(broker)


async def run(names: Sequence[str], *, live: bool) -> None:
    results = await asyncio.gather(*(trade(name, live=live) for name in names))
    for name, orders in zip(names, results, strict=True):
        for order in orders:
            price = order.average_price or order.price
            print(
                f"{name:<9} {order.symbol:<23} {order.side} {order.quantity:>3} "
                f"{order.status:<9} {order.filled_quantity:>3} @ {price}"
            )


def main(names: Sequence[str] = BROKERS, *, live: bool = False) -> None:
    asyncio.run(run(names, live=live))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="One strategy at two brokers.")
    parser.add_argument("--broker", choices=BROKERS, help="only this one")
    parser.add_argument("--live", action="store_true", help="your own accounts, real money")
    given = parser.parse_args()
    main([given.broker] if given.broker else BROKERS, live=given.live)
