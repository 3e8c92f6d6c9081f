"""The order-safety campaign: faults, truth, figures.

    python -m benchmarks.order_safety                     # the whole, on every broker
    python -m benchmarks.order_safety --broker zerodha    # on one
    python -m benchmarks.order_safety --orders 500        # a taste
    python -m benchmarks.order_safety --write             # put it into docs/order-safety.md

The brokers are those that the project simulates (``safety_brokers``).  A faulty one
(``safety_server``) serves the sandbox over TLS in a process of its own; openbroker
(``safety_clients``) and its peers (``safety_peers``) place orders there, as ``safety_campaign``
bids them.  ``safety_truth`` holds what they claim against what was booked, ``safety_rows`` makes
figures of it, ``safety_page`` writes them down.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.safety_brokers import SUBJECTS
from benchmarks.safety_campaign import Campaign, Plan, lane, log
from benchmarks.safety_clients import prepare
from benchmarks.safety_page import amended, page, write
from benchmarks.safety_peers import PeerTally
from benchmarks.safety_rows import PARTS, Figures, Row, mode_rows
from benchmarks.safety_server import faulty_broker
from benchmarks.safety_truth import Tally


def run(name: str, plan: Plan, parts: Sequence[str]) -> Figures:
    """The parts that are asked for, in turn, on one broker."""
    prepare()
    rows: list[Row] = []
    tallies: dict[str, Tally] = {}
    peers: list[PeerTally] = []
    with faulty_broker(name, plan.seed) as server, tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(plan, server, Path(folder))
        if "modes" in parts:
            tallies = campaign.modes()
            rows += mode_rows(plan, tallies)
        rows += [PARTS[name](campaign) for name in parts if name in PARTS]
        if "peers" in parts:
            peers = campaign.peers()
    return Figures(name=name, rows=rows, tallies=tallies, peers=peers)


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description="Hold order outcomes against the truth.")
    parser.add_argument(
        "--broker", choices=list(SUBJECTS), help="one only; by default each in turn"
    )
    parser.add_argument("--orders", type=int, default=10_000, help="orders in each mode")
    parser.add_argument("--peer-orders", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--scale", type=float, default=1.0, help="one factor for all times")
    parser.add_argument("--at-once", type=int, default=8, help="accounts that trade at once")
    parser.add_argument("--write", action="store_true", help="write into docs/order-safety.md")
    parser.add_argument("--only", nargs="*", choices=["modes", *PARTS, "peers"])
    parser.add_argument("--lane", help=argparse.SUPPRESS)
    return parser.parse_args()


def plan_of(given: argparse.Namespace) -> Plan:
    return Plan(
        orders=given.orders,
        seed=given.seed,
        scale=given.scale,
        at_once=given.at_once,
        peer_orders=given.peer_orders,
        kills=given.kills,
    )


def main() -> None:
    given = arguments()
    if given.lane:
        print(json.dumps(lane(json.loads(given.lane))))
        return
    plan = plan_of(given)
    log(f"seed {plan.seed}")
    met = True
    for name in [given.broker] if given.broker else SUBJECTS:
        log(f"== {SUBJECTS[name].title}")
        figures = run(name, plan, given.only or ["modes", *PARTS, "peers"])
        text = page(plan, figures)
        print(text, flush=True)
        if given.write:
            write(name, text if given.only is None else amended(name, plan, figures, given.only))
        met = met and all(line.met for line in figures.rows)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
