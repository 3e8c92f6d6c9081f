"""Every failure that the simulated Zerodha knows, and what becomes of an order that meets it.

The law is the same as everywhere: an order that is called rejected or not sent is in no book, an
acknowledged one is, and what was not known at first is found out, never sent again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import openbroker as ob
from openbroker.errors import OpenBrokerError, Outcome
from openbroker.orders.reconcile import Verdict
from openbroker.sandbox import Sandbox
from openbroker.sandbox.fault_table import Fault, Stage
from openbroker.sandbox.wire import running_server

FAULTS = Sandbox("zerodha").faults.table
OF_MESSAGES = sorted(name for name, fault in FAULTS.items() if fault.change is not None)
OF_THE_WIRE = (
    "reset-after-booking", "fin-after-booking", "reset-before-booking", "fin-before-booking",
    "reset-mid-reply", "truncated-body", "garbage-status-line", "duplicated-reply",
    "surplus-bytes", "black-hole-booked", "late-reply",
)  # fmt: skip
PARAMETERS: dict[str, dict[str, Any]] = {
    "late-reply": {"seconds": 2.0},
    "rate-burst": {"seconds": 0.0},
}


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Sandbox, dict[str, Any]]]:
    box = Sandbox("zerodha", limits=None, cash="1000000000")
    with running_server(box.handler, faults=box.faults) as server:
        yield box, {"base_url": server.url, "ca_file": str(server.ca_file), **box.credentials}


@pytest.mark.parametrize("name", [*OF_MESSAGES, *OF_THE_WIRE])
def test_what_is_said_of_an_order_is_true(
    served: tuple[Sandbox, dict[str, Any]], name: str, tmp_path: Path
) -> None:
    box, where = served
    terms: dict[str, Any] = {"settle_time": 0.3, "resolve_within": 0.0, "timeout": 1.0}
    if name == "token-death":
        box = Sandbox("zerodha", limits=None)
        with running_server(box.handler, faults=box.faults) as server:
            facts = {"base_url": server.url, "ca_file": str(server.ca_file), **box.credentials}
            check(box, facts | terms, FAULTS[name].with_parameters(), tmp_path)
        return
    fault = box.faults.table[name].with_parameters(**PARAMETERS.get(name, {}))
    check(box, where | terms, fault, tmp_path)


def check(box: Sandbox, terms: dict[str, Any], fault: Fault, folder: Path) -> None:
    tag = f"f{len(box.book()):04}"
    with ob.connect("zerodha", journal_dir=folder, **terms) as broker:
        box.faults.clear()
        box.faults.add(box.faults.table[fault.name].with_parameters(**fault.parameters),
                       path="/orders/regular", method="POST", times=1)  # fmt: skip
        outcome = outcome_of(broker, tag)
        box.faults.clear()
        booked = [row for row in box.book() if row["tag"].startswith(tag)]
        assert len(booked) <= 1, "nothing is sent twice"
        if fault.booked is not None and fault.stage is Stage.REQUEST:
            assert len(booked) == fault.booked
        if isinstance(outcome, ob.OrderAck):
            assert [row["order_id"] for row in booked] == [outcome.order_id]
        elif outcome.outcome in (Outcome.REJECTED, Outcome.NOT_SENT):
            assert booked == []
        else:
            assert isinstance(outcome, ob.OrderUnknown)
            if fault.name == "token-death":
                return
            truth = broker.resolve(outcome, timeout=20)
            found = [row["order_id"] for row in booked]
            assert truth.verdict is (Verdict.EXISTS if found else Verdict.ABSENT)
            assert [truth.order_id][: len(found)] == found


def outcome_of(broker: ob.Broker, tag: str) -> ob.OrderAck | OpenBrokerError:
    try:
        return broker.place_order(
            "NSE:INFY", "BUY", 1, order_type="LIMIT", price="1450", product="MIS", tag=tag,
            allow_repeat=True,
        )  # fmt: skip
    except OpenBrokerError as error:
        return error
