"""Place several orders at once, and read honestly what became of each.

python examples/basket.py                      # simulated broker: no account, no network
python examples/basket.py --broker angelone    # your own account, real money
"""

from __future__ import annotations

import argparse
from typing import Any

import openbroker as ob


def basket(broker: ob.Broker) -> list[dict[str, Any]]:
    """Two ordinary orders, and one for more money than the account has."""
    price = {quote.symbol: quote.last_price for quote in broker.quotes(["NSE:INFY", "NSE:TCS"])}
    common = {"side": "BUY", "order_type": "LIMIT", "product": "CNC", "tag": "basket"}
    return [
        common | {"symbol": "NSE:INFY", "quantity": 2, "price": price["NSE:INFY"]},
        common | {"symbol": "NSE:TCS", "quantity": 1_000_000, "price": price["NSE:TCS"]},
        common | {"symbol": "NSE:SBIN", "quantity": 5, "order_type": "MARKET"},
    ]


def main(broker_name: str = "sandbox") -> None:
    with ob.connect(broker_name) as broker:
        orders = basket(broker)

        # Every order is checked before the first is sent: half a basket is a position that nobody
        # planned. A slip in one therefore stops all of them, here.
        try:
            broker.place_orders([*orders, orders[0] | {"symbol": "NSE:INFI"}])
        except ob.UsageError as error:
            print(f"The whole basket was held back: {error}\n")

        # Results stand in the order in which the basket was given: an ack or that order's own
        # error. One bad order does not hide what became of the others.
        results = broker.place_orders(orders)
        print(results, end="\n\n")

        # ACCEPTED means that the broker received it. Its risk checks come a moment later, so an
        # order for more than you can pay is acknowledged first and rejected in the book.
        for ack in results.acks:
            order = broker.order(ack)
            print(f"{order.symbol:<9} {order.status:<8} {order.message or ''}".rstrip())

        # Which errors mean that it is safe to send an order again?
        again = [error for error in results.errors if error.outcome is ob.Outcome.NOT_SENT]
        unclear = [error for error in results.errors if error.outcome is ob.Outcome.UNKNOWN]
        print(f"\nsafe to send again: {len(again)}; look into the book first: {len(unclear)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Place a basket of orders.")
    parser.add_argument("--broker", default="sandbox", help="a name of `openbroker brokers`")
    main(parser.parse_args().broker)
