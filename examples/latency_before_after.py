"""What a kept connection is worth: the same order over new connections, then through openbroker.

    python examples/latency_before_after.py

A simulated broker runs on this machine behind an emulated link, so that the figures are the same
in spirit wherever you are; nothing leaves the machine and no account is needed. To see the way to
your real broker, which needs no login either: openbroker latency angelone
"""

from __future__ import annotations

import argparse

from openbroker.demo import headline


def main(orders: int = 9) -> None:
    print(
        f"{orders} orders each way over a link of {headline.ROUND_TRIP} ms to a server that takes "
        f"{headline.SERVICE} ms an order; medians in milliseconds\n"
    )
    # Each new connection pays for itself before the first byte of the order leaves: one round trip
    # for TCP, one or two for TLS. A kept connection pays for the order alone.
    result = headline.against_sandbox(orders=orders)
    print(result.table)
    print(f"\n{result.sentence}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Orders before and after, side by side.")
    parser.add_argument("--orders", type=int, default=9, help="orders each way")
    main(parser.parse_args().orders)
