"""A lost answer, watched: ``openbroker demo --fault lost-reply``.

The simulated broker runs in this process behind real TLS, so that a fault can be switched on for
the next order only.  The lines below are executed one by one, as in the tour.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from openbroker.demo import tour
from openbroker.sandbox.faults import FaultPlan
from openbroker.sandbox.sandbox import Sandbox
from openbroker.sandbox.wire import WireServer, running_server

LOST_REPLY: Final = "reset-after-booking"
"""What the demo calls ``lost-reply``: the order is booked and the connection broken."""

SCRIPT: Final = """\
import openbroker as ob
broker = ob.connect("angelone", base_url=url, ca_file=ca_file, settle_time=3, timeout=2, \
resolve_within=1, journal_dir=folder, **credentials)
next_order_meets(fault)
broker.place_order("NSE:SBIN", "BUY", 5, order_type="LIMIT", price=low, product="MIS")
next_order_meets("reset-before-booking")
broker.place_order("NSE:SBIN", "BUY", 7, order_type="LIMIT", price=low, product="MIS")
broker.unresolved()
broker.place_order("NSE:SBIN", "BUY", 7, order_type="LIMIT", price=low, product="MIS")
broker.resolve(broker.unresolved()[0])
broker.orders()
"""

STORY: Final = """\
The first answer was lost after the order had been booked: the call found it in the order book and
returned it as if nothing had happened. The second was lost and nothing was booked. Nobody can know
that at once, so the call said "unknown", a second try was held back, and when the order had been
missing from the book for the settle time it was reported absent. Nothing was ever sent twice."""


@contextmanager
def faulty_server(low: str, fault: str) -> Iterator[dict[str, Any]]:
    """The names that the script may use: a server, and ``next_order_meets(fault)``.

    Raises:
        ConfigError: no fault has that name.
    """
    box = Sandbox(limits=None, reuse_totp=True)
    plan: FaultPlan = box.faults
    plan.table.find(fault)

    def next_order_meets(name: str) -> None:
        plan.clear()
        plan.add(name, path="/placeOrder", times=1)

    with (
        tempfile.TemporaryDirectory(prefix="openbroker-demo-") as folder,
        running_server(box.handler, faults=plan) as server,
    ):
        assert isinstance(server, WireServer)
        yield {
            "url": server.url,
            "ca_file": server.ca_file,
            "credentials": box.credentials,
            "folder": folder,
            "low": low,
            "fault": fault,
            "next_order_meets": next_order_meets,
        }


def run(fault: str, say: tour.Say) -> None:
    """Run the script with this fault and tell what it was about."""
    name = LOST_REPLY if fault == "lost-reply" else fault
    with faulty_server("750", name) as names:
        tour.run(SCRIPT, names, say)
        names["broker"].close()
    if name == LOST_REPLY:
        say(f"\n{STORY}")
