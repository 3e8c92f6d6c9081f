"""What the evidence proves about a call that changes orders: pure."""

from __future__ import annotations

import datetime as dt

import pytest

from openbroker.errors import (
    InsufficientFunds,
    NoReply,
    OpenBrokerError,
    OrderNotFound,
    OrderNotModifiable,
    OrderUnknown,
    Outcome,
)
from openbroker.orders.outcome import LOST, judge
from openbroker.transport.driver import Trace
from openbroker.transport.messages import Effect, Reply, Request

CHANGES = (
    "place_order", "modify_order", "cancel_order", "convert_position", "place_gtt", "modify_gtt",
    "cancel_gtt",
)  # fmt: skip


def answered(operation: str) -> Trace:
    """A trace whose order-changing request was answered."""
    request = Request(
        operation=operation, method="POST", url="https://broker.invalid/x", effect=Effect.ORDER
    )
    reply = Reply(status=200, content=b"{}", received_at=dt.datetime.now(dt.UTC))
    return Trace(entries=[(request, reply)])


def verdict(error: OpenBrokerError, operation: str) -> OpenBrokerError:
    return judge(error, answered(operation), intent={}, tag=None)


@pytest.mark.parametrize("operation", ["place_order", "place_gtt"])
@pytest.mark.parametrize("kind", [OrderNotFound, OrderNotModifiable])
def test_an_answer_about_another_order_proves_nothing_of_a_new_one(
    kind: type[OpenBrokerError], operation: str
) -> None:
    error = verdict(kind("Order not found", outcome=Outcome.REJECTED, code="AB1013"), operation)
    assert isinstance(error, OrderUnknown)
    assert (error.outcome, error.code) == (Outcome.UNKNOWN, "AB1013")
    assert error.evidence["error"] == kind.__name__


@pytest.mark.parametrize("kind", [OrderNotFound, OrderNotModifiable])
def test_of_the_order_that_was_to_be_changed_it_does(kind: type[OpenBrokerError]) -> None:
    error = verdict(kind("the order is complete", outcome=Outcome.REJECTED), "cancel_order")
    assert type(error) is kind
    assert error.outcome is Outcome.REJECTED


def test_a_refusal_of_a_new_order_is_one() -> None:
    assert verdict(InsufficientFunds("no"), "place_order").outcome is Outcome.REJECTED


@pytest.mark.parametrize("operation", CHANGES)
def test_the_advice_on_a_lost_answer_fits_what_was_asked(operation: str) -> None:
    error = verdict(NoReply("no answer came"), operation)
    assert isinstance(error, OrderUnknown)
    assert error.advice == LOST.get(operation, OrderUnknown.advice)
    assert (operation in LOST) is (operation != "place_order")
