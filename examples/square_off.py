"""Close every intraday position, and check that it is closed.

python examples/square_off.py                      # simulated broker: no account, no network
python examples/square_off.py --broker angelone    # your own account, real money
"""

from __future__ import annotations

import argparse
import time

import openbroker as ob


def main(broker_name: str = "sandbox") -> None:
    with ob.connect(broker_name) as broker:
        if broker.name == "sandbox":
            open_something(broker)
        print(broker.positions(), end="\n\n")

        # Orders first: a limit order that still waits could fill after the square-off and open
        # what has just been closed.
        for error in broker.cancel_all().errors:
            print(f"not cancelled: {error}")

        # Only MIS here: what you carry overnight (CNC, NRML) is none of an intraday exit's
        # business. If the positions cannot be read this raises; it never takes "no answer" for
        # "nothing to close".
        print(broker.square_off(product="MIS"), end="\n\n")

        # A market order is usually done at once, but only the positions say that you are flat.
        left = wait_until_flat(broker, seconds=10)
        print(broker.positions(), end="\n\n")
        print("flat" if not left else f"STILL OPEN: {', '.join(p.symbol for p in left)}")


def open_something(broker: ob.Broker) -> None:
    """A long and a short position, and an order that waits far from the market."""
    broker.place_order("NSE:INFY", "BUY", 10, order_type="MARKET", product="MIS")
    broker.place_order("NSE:SBIN", "SELL", 20, order_type="MARKET", product="MIS")
    low = broker.quote("NSE:TCS").lower_circuit
    broker.place_order("NSE:TCS", "BUY", 1, order_type="LIMIT", price=low, product="MIS")


def wait_until_flat(broker: ob.Broker, seconds: float) -> list[ob.Position]:
    """The intraday positions that are still open when the time is up."""
    deadline = time.monotonic() + seconds
    while True:
        left = [p for p in broker.positions() if p.is_open and p.product == "MIS"]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.5)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Close every intraday position.")
    parser.add_argument("--broker", default="sandbox", help="a name of `openbroker brokers`")
    main(parser.parse_args().broker)
