"""Dhan and its sandbox by the conformance suite, and the look-up by tag."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openbroker.adapters.dhan import DHAN
from openbroker.errors import BrokerUnavailable
from openbroker.testing import AdapterConformance
from openbroker.testing.cases import Replay, Step, World

CASES = Path(__file__).parents[1] / "cases"


class TestDhan(AdapterConformance):
    adapter = "dhan"
    cases = CASES / "dhan"


class TestDhanSandbox(AdapterConformance):
    adapter = "dhan_sandbox"
    cases = CASES / "dhan_sandbox"


ROW: dict[str, Any] = json.loads((CASES / "dhan" / "orders.json").read_text("utf-8"))[0][
    "exchanges"
][0]["reply"]["body"][0]
REFUSAL = {"errorType": "Order_Error", "errorCode": "DH-906", "errorMessage": "Incorrect request"}


def looked_up(tag: str, *replies: dict[str, Any]) -> Any:
    world = World.read(CASES / "dhan", "dhan")
    paths = (f"/v2/orders/external/{tag}", "/v2/orders")
    steps = [
        Step(request={"method": "GET", "path": path}, reply=reply)
        for path, reply in zip(paths, replies, strict=False)
    ]
    return Replay(steps=steps, world=world).run(DHAN.order_by_tag(world.session, tag))


@pytest.mark.parametrize("body", [ROW, [ROW]])
def test_an_order_is_found_by_its_tag(body: Any) -> None:
    assert looked_up("mine", {"body": body}).order_id == ROW["orderId"]


def test_a_tag_that_is_not_there_is_none() -> None:
    assert looked_up("mine", {"body": []}) is None


def test_an_order_of_another_tag_is_none() -> None:
    assert looked_up("other", {"body": ROW}) is None


def test_a_refused_look_up_reads_the_book() -> None:
    found = looked_up("mine", {"status": 400, "body": REFUSAL}, {"body": [ROW]})
    assert found.order_id == ROW["orderId"]
    assert looked_up("other", {"status": 400, "body": REFUSAL}, {"body": [ROW]}) is None


def test_a_failed_look_up_is_no_answer() -> None:
    with pytest.raises(BrokerUnavailable):
        looked_up("mine", {"status": 502, "text": "<html>"})
