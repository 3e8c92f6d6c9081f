"""What a refusal says besides: pure. How every adapter's replies fare, the suite's laws tell."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from openbroker.errors import (
    OpenBrokerError,
    OrderRejected,
    OrderUnknown,
    Outcome,
    RateLimited,
    SessionExpired,
    UsageError,
)
from openbroker.orders.contradictions import MOST
from openbroker.orders.outcome import judge
from openbroker.transport.driver import Trace
from openbroker.transport.messages import Effect, Reply, Request

OURS = "261120000000111"
ANOTHER = "998877665544"


def verdict(
    error: OpenBrokerError, body: Any, operation: str = "place_order", status: int = 400
) -> OpenBrokerError:
    """What becomes of an error that an adapter made of this reply."""
    request = Request(
        operation=operation,
        method="POST",
        url=f"https://broker.invalid/orders/{OURS}",
        effect=Effect.ORDER,
    )
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    reply = Reply(status=status, content=content, received_at=dt.datetime.now(dt.UTC))
    return judge(error, Trace(entries=[(request, reply)]), intent={}, tag=None)


def refused() -> OpenBrokerError:
    return OrderRejected("Invalid price")


def limited() -> OpenBrokerError:
    return RateLimited("too many requests", outcome=Outcome.NOT_SENT, status=429)


NAMING: tuple[Any, ...] = (
    {"status": "error", "order_id": ANOTHER},
    {"status": "error", "orderId": int(ANOTHER)},
    {"status": "error", "errors": [{"error_code": "UDAPI1052", "order_id": ANOTHER}]},
    {"status": "error", "errors": [{"more": [[{"order-ids": [None, ANOTHER]}]]}]},
    {"status": False, "errorcode": "AB1009", "uniqueorderid": "b2f0c1de-0000-4000-8000-1"},
    {"status": False, "data": [{"ID": ANOTHER}]},
    {"stat": "Not_Ok", "emsg": "Rejected : no", "norenordno": ANOTHER},
    [{"stat": "Not_Ok", "emsg": "Rejected : no", "Al_id": ANOTHER}],
    {"s": "error", "code": -99, "id": ANOTHER},
)
NAMING_NONE: tuple[Any, ...] = (
    {"status": "error", "order_id": None},
    {"status": "error", "order_id": "NA", "errors": [{"order_id": "", "id": "request-1"}]},
    {"status": "error", "requestId": ANOTHER, "trace": {"id": ANOTHER}},
    {"status": "error", "orderId": 0},
)


@pytest.mark.parametrize("body", NAMING, ids=repr)
@pytest.mark.parametrize("make", [refused, limited])
def test_a_refusal_that_names_an_order_proves_nothing(make: Any, body: Any) -> None:
    for operation in ("place_order", "cancel_order", "convert_position", "place_gtt"):
        error = verdict(make(), body, operation)
        assert isinstance(error, OrderUnknown)
        assert error.evidence["doubt"].startswith("it names order ")


@pytest.mark.parametrize("body", NAMING_NONE, ids=repr)
def test_what_names_no_order_is_no_contradiction(body: Any) -> None:
    assert verdict(refused(), body).outcome is Outcome.REJECTED
    assert verdict(limited(), body, status=429).outcome is Outcome.NOT_SENT


def test_an_order_that_is_called_rejected_is_none() -> None:
    for key in ("orderStatus", "order_status", "status"):
        row = {"orderId": ANOTHER, key: "Rejected"}
        assert verdict(refused(), row).outcome is Outcome.REJECTED
        assert verdict(refused(), {"data": [row]}).outcome is Outcome.REJECTED
        both = [row, {"orderId": ANOTHER + "1", key: "TRANSIT"}]
        assert verdict(refused(), {"data": both}).outcome is Outcome.UNKNOWN


def test_a_refused_change_may_repeat_the_id_it_was_asked_about() -> None:
    body = {"status": "error", "errors": [{"order_id": OURS}]}
    assert verdict(refused(), body, "cancel_order").outcome is Outcome.REJECTED
    assert verdict(refused(), body, "place_order").outcome is Outcome.UNKNOWN
    assert verdict(limited(), body, "cancel_order").outcome is Outcome.UNKNOWN
    part = {"status": "error", "errors": [{"order_id": OURS[:-1]}]}
    assert verdict(refused(), part, "cancel_order").outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "body",
    [
        {"status": "success", "data": None},
        {"status": True, "success": False},
        {"stat": "Ok"},
        [{"s": " OK "}],
        {"message": "Order placed successfully", "status": "error"},
        {"message": "SUCCESS", "status": False},
    ],
    ids=repr,
)
def test_a_refusal_that_says_yes_proves_nothing(body: Any) -> None:
    for error in (refused(), limited()):
        assert verdict(error, body, "modify_order", 429).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "content",
    [
        b'{"status": "success", "data": {"order_id": "99887',
        b'{"status": "error", "status": "success"}',
        b"\xef\xbb\xbf{",
        b'{"a": NaN}',
        b"[" * 100_000,
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\xff\xff",
        b"[" + b"0," * (MOST + 1) + b"0]",
    ],
    ids=lambda content: repr(content[:20]),
)
def test_a_body_that_cannot_be_read_proves_nothing(content: bytes) -> None:
    assert verdict(limited(), content, status=429).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "content", [b"", b"Too Many Requests", b"<html>429 Too Many Requests</html>", b"{}", b"null"]
)
def test_too_many_requests_were_not_sent(content: bytes) -> None:
    assert verdict(limited(), content, status=429).outcome is Outcome.NOT_SENT


@pytest.mark.parametrize(
    "words",
    [
        "Order request timed out. Please check the order book",
        "java.net.SocketTimeoutException: Read timed out",
        "connect ETIMEDOUT 10.0.0.1:443",
        "read ECONNRESET",
        "rpc error: code = DeadlineExceeded desc = context deadline exceeded",
        "status of the order is unknown",
        "no reply from the exchange",
        "not responding",
        "CircuitBreaker 'oms' is OPEN and does not permit further calls",
        "OMS unreachable",
    ],
)
def test_what_a_body_admits_anywhere_leaves_it_open(words: str) -> None:
    places: tuple[Any, ...] = (
        {"status": "error", "detail": {"cause": [words]}},
        {"message": words},
        words.encode(),
    )
    for body in places:
        for error in (refused(), limited()):
            for operation in ("place_order", "cancel_order"):
                assert verdict(error, body, operation, 429).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "words", ["Duplicate order", "Order already exists for this tag", "order has been placed"]
)
def test_a_new_order_that_is_there_already_is_not_refused(words: str) -> None:
    assert verdict(refused(), {"message": words}).outcome is Outcome.UNKNOWN
    assert verdict(refused(), {"message": words}, "modify_order").outcome is Outcome.REJECTED


@pytest.mark.parametrize(
    "words",
    [
        "Session timed out",
        "Your session has timed out, log in again",
        "token expired: login timeout",
    ],
)
def test_the_end_of_a_session_is_no_lost_answer(words: str) -> None:
    error = SessionExpired(words, outcome=Outcome.NOT_SENT)
    assert verdict(error, {"message": words}, status=403).outcome is Outcome.NOT_SENT
    more = {"message": f"{words}. Please check the order book."}
    assert verdict(error, more, status=403).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "error",
    [UsageError("no such word"), RateLimited("would have to wait", outcome=Outcome.NOT_SENT)],
)
def test_what_we_find_after_the_answer_proves_nothing(error: OpenBrokerError) -> None:
    assert verdict(error, {"status": "error"}).outcome is Outcome.UNKNOWN


def test_the_message_says_why_a_refusal_is_doubted() -> None:
    error = verdict(refused(), {"order_id": ANOTHER})
    assert error.message == (
        f"the outcome is not known: Invalid price (but it names order {ANOTHER})"
    )
