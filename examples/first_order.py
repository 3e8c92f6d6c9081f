"""Place one order and see it through to its end.

    python examples/first_order.py                      # simulated broker: no account, no network
    python examples/first_order.py --broker angelone    # your own account, real money

For your own account set OPENBROKER_ANGELONE_API_KEY, _CLIENT_CODE, _PIN and _TOTP_SECRET first.
"""

from __future__ import annotations

import argparse
import time

import openbroker as ob

SYMBOL = "NSE:INFY"


def main(broker_name: str = "sandbox") -> None:
    with ob.connect(broker_name) as broker:
        quote = broker.quote(SYMBOL)
        print(quote, end="\n\n")

        # Why not MARKET? A limit at the best ask fills just as fast while that ask stands, and can
        # never fill at a worse price.
        limit = quote.ask or quote.last_price

        try:
            ack = broker.place_order(
                SYMBOL, "BUY", 1, order_type="LIMIT", price=limit, product="CNC", tag="first"
            )
        except ob.OrderUnknown as unknown:
            # The answer was lost on the way: the order may stand. Sending it again could buy twice,
            # so look into the book first; the tag tells which order is ours.
            print(unknown)
            print(broker.orders())
            return

        # An ack means *received*. Whether it was filled, is waiting or was turned down by the
        # broker's risk checks stands in the order book.
        order = wait_until_done(broker, ack, seconds=10)
        if order.is_live:
            print("Not filled in time: cancelled, so that nothing is left behind unwatched.")
            broker.cancel_order(order)

        print(broker.orders(), end="\n\n")
        print(broker.positions())


def wait_until_done(broker: ob.Broker, ack: ob.OrderAck, seconds: float) -> ob.Order:
    """The order's state, once it is filled, cancelled or rejected, or when the time is up."""
    deadline = time.monotonic() + seconds
    order = broker.order(ack)
    while order.is_live and time.monotonic() < deadline:
        time.sleep(0.5)
        order = broker.order(ack)
    return order


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Place one order and see it through.")
    parser.add_argument("--broker", default="sandbox", help="a name of `openbroker brokers`")
    main(parser.parse_args().broker)
