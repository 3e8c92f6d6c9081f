"""The same order for several accounts at once, each with its own funds and its own outcome.

    python examples/async_many_accounts.py                      # simulated: no account, no network
    python examples/async_many_accounts.py --broker angelone    # your own accounts, real money

For your own accounts set MOTHER_API_KEY, MOTHER_CLIENT_CODE, MOTHER_PIN, MOTHER_TOTP_SECRET, and so
on for each name in FAMILY.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from typing import Any

import openbroker as ob

FAMILY = ("mother", "father", "daughter")
FIELDS = ("api_key", "client_code", "pin", "totp_secret")


def credentials_of(who: str, broker_name: str) -> dict[str, Any]:
    if broker_name == "sandbox":
        return {}
    return {field: os.environ[f"{who}_{field}".upper()] for field in FIELDS}


async def buy(who: str, broker_name: str) -> tuple[str, ob.Order]:
    # Brokers tie an account's orders to its registered address. On a machine with several
    # addresses say which one this account is to use: connect_async(..., local_address="10.0.0.12").
    # Accounts that share an address share warm connections; others never do.
    async with ob.connect_async(broker_name, **credentials_of(who, broker_name)) as broker:
        ack = await broker.place_order(
            "NSE:SBIN", "BUY", 5, order_type="MARKET", product="MIS", tag="family"
        )
        return who, await broker.order(ack)


async def run(broker_name: str) -> None:
    # Why not a TaskGroup? It cancels the others when one fails; here a wrong PIN of one account
    # must not disturb the orders of the rest.
    accounts = (buy(who, broker_name) for who in FAMILY)
    results = await asyncio.gather(*accounts, return_exceptions=True)
    for who, result in zip(FAMILY, results, strict=True):
        if isinstance(result, ob.OpenBrokerError):
            print(f"{who:<9} {result.outcome or 'FAILED'}: {result}")
        elif isinstance(result, BaseException):
            raise result
        else:
            _, order = result
            print(f"{who:<9} {order.status} {order.filled_quantity} @ {order.average_price}")


def main(broker_name: str = "sandbox") -> None:
    asyncio.run(run(broker_name))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="One order, several accounts.")
    parser.add_argument("--broker", default="sandbox", help="a name of `openbroker brokers`")
    main(parser.parse_args().broker)
