"""What the evidence proves about a call that changes orders: pure."""

from __future__ import annotations

import datetime as dt

import pytest

from openbroker.errors import (
    BrokerError,
    InsufficientFunds,
    NoReply,
    OpenBrokerError,
    OrderNotFound,
    OrderNotModifiable,
    OrderUnknown,
    Outcome,
    SessionExpired,
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
@pytest.mark.parametrize(
    "words",
    [
        "Order request timed out. Please check the order book and confirm before placing again.",
        "RS-9999: OMS timeout",
        "The order server is not responding",
        "Something went wrong, please try after some time",
        "Internal Server Error",
        "unable to connect to the exchange adapter",
        "couldn't reach OMS",
        "connection reset by peer",
        "Service temporarily unavailable",
        "Bad Gateway",
        "circuit breaker is open",
        "kindly verify in your orderbook",
    ],
)
def test_a_refusal_that_admits_not_to_know_proves_nothing(words: str, operation: str) -> None:
    error = verdict(BrokerError(words, outcome=Outcome.REJECTED, code="OrderException"), operation)
    assert isinstance(error, OrderUnknown)
    assert error.code == "OrderException"


@pytest.mark.parametrize(
    "words", ["Order is in transit", "Your request is being processed", "order already placed"]
)
def test_that_an_order_is_on_its_way_refuses_a_change_and_not_the_order(words: str) -> None:
    for operation in ("modify_order", "cancel_order"):
        refused = verdict(BrokerError(words, outcome=Outcome.REJECTED), operation)
        assert refused.outcome is Outcome.REJECTED
    placed = verdict(BrokerError(words, outcome=Outcome.REJECTED), "place_order")
    assert placed.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "words",
    [
        "Insufficient funds. Required margin is 5 but available margin is 1",
        "RMS:Margin Exceeds, Cash Available:10.00",
        "Order cannot be cancelled as it is being processed. Try later.",
        "The market timings are 9:15 to 15:30; it is out of trading time",
        "security is unavailable for trading",
        "price is outside the circuit breaker limits",
    ],
)
def test_plain_refusals_stay_refusals(words: str) -> None:
    refused = verdict(BrokerError(words, outcome=Outcome.REJECTED), "cancel_order")
    assert refused.outcome is Outcome.REJECTED


def test_a_session_that_timed_out_sent_nothing() -> None:
    error = verdict(SessionExpired("session timed out", outcome=Outcome.NOT_SENT), "place_order")
    assert type(error) is SessionExpired
    assert error.outcome is Outcome.NOT_SENT


@pytest.mark.parametrize("operation", CHANGES)
def test_the_advice_on_a_lost_answer_fits_what_was_asked(operation: str) -> None:
    error = verdict(NoReply("no answer came"), operation)
    assert isinstance(error, OrderUnknown)
    assert error.advice == LOST.get(operation, OrderUnknown.advice)
    assert (operation in LOST) is (operation != "place_order")
