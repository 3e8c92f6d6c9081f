"""What became of an order-changing call: a pure verdict on the evidence.

The vendor's table says what a refusal proves, the trace says whether a byte may have left.
Everything that is neither a proven refusal nor proven unsent is :class:`OrderUnknown`; so is a
refusal whose own reply speaks against it (:mod:`~openbroker.orders.contradictions`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from openbroker.adapters.wire import show
from openbroker.errors import (
    BrokerError,
    MalformedReply,
    OpenBrokerError,
    OrderNotFound,
    OrderNotModifiable,
    OrderRejected,
    OrderUnknown,
    Outcome,
    RateLimited,
    UsageError,
)
from openbroker.orders.contradictions import MAKES_ANEW, contradiction
from openbroker.transport.driver import Trace
from openbroker.transport.messages import Effect, Flow, Reply, TransportFailure

T = TypeVar("T")

PROVEN = (Outcome.REJECTED, Outcome.NOT_SENT)


def judge(
    error: OpenBrokerError, trace: Trace, *, intent: Mapping[str, Any], tag: str | None
) -> OpenBrokerError:
    """The error that the caller of an order-changing operation gets."""
    if isinstance(error, OrderUnknown):
        return error
    if not trace.may_have_changed_orders:
        error.outcome = Outcome.NOT_SENT
        return error
    if error.outcome not in PROVEN or not _answered_order(trace):
        return unknown(error, trace, intent=intent, tag=tag)
    doubt = _doubt(error, trace)
    if doubt is not None:
        return unknown(error, trace, intent=intent, tag=tag, doubt=doubt)
    return _as_rejection(error, _operation(trace))


def _doubt(error: OpenBrokerError, trace: Trace) -> str | None:
    """Why the vendor's answer to the order's own request does not prove that nothing came of it.

    *No such order* and *the order is done* speak of an order of the past: as an answer to a new one
    they prove nothing, for something else was answered, or it was booked and the broker then failed
    to find it.
    """
    if _is_ours(error):
        return "that was found here, after the order had been answered"
    if _operation(trace) in MAKES_ANEW and isinstance(error, (OrderNotFound, OrderNotModifiable)):
        return "it speaks of another order"
    request, answer = trace.last or (None, None)
    if request is None or not isinstance(answer, Reply):
        return None
    return contradiction(error.outcome or Outcome.UNKNOWN, error.message, request, answer)


def _is_ours(error: OpenBrokerError) -> bool:
    """Whether an error says what this side thinks, which proves nothing of what was answered."""
    return isinstance(error, UsageError) or (
        isinstance(error, RateLimited) and error.status is None
    )


def unknown(
    error: OpenBrokerError,
    trace: Trace,
    *,
    intent: Mapping[str, Any],
    tag: str | None,
    doubt: str | None = None,
) -> OrderUnknown:
    """An :class:`OrderUnknown` with all that the trace can tell, and why a refusal is doubted."""
    seen = evidence(trace) | ({"doubt": doubt} if doubt else {})
    why = f"{error.message} (but {doubt})" if doubt else error.message
    return OrderUnknown(
        f"the outcome is not known: {why}",
        intent=intent,
        tag=tag,
        advice=LOST.get(_operation(trace)),
        evidence={"cause": error.message, "error": type(error).__name__} | seen,
        code=error.code,
        status=error.status,
    )


def evidence(trace: Trace) -> dict[str, Any]:
    """What the last exchange shows, as plain data."""
    answer = trace.last[1] if trace.last else None
    if isinstance(answer, TransportFailure):
        return {
            "phase": answer.phase.value,
            "handed_over": answer.handed_over,
            "connection": answer.connection,
            "attempt": answer.attempt,
        }
    if isinstance(answer, Reply):
        return {
            "phase": "reply",
            "handed_over": True,
            "connection": answer.connection,
            "status": answer.status,
            "body": show(answer.content),
            "doubt": answer.doubt,
        }
    return {"phase": "under way", "handed_over": True}


def _answered_order(trace: Trace) -> bool:
    """Whether the last thing exchanged was the order's own request."""
    return trace.last is not None and trace.last[0].effect is Effect.ORDER


def _operation(trace: Trace) -> str:
    """What was to be changed: the operation of the request that could change orders."""
    changing = (request for request, _ in trace.entries if request.effect is Effect.ORDER)
    return next((request.operation for request in changing), "")


UNCHANGED: Final[Mapping[str, str]] = {
    "modify_order": "The order stands as it was; broker.order(...) shows it.",
    "cancel_order": "The order was not cancelled; broker.order(...) shows its state.",
    "convert_position": "The position is as it was; broker.positions() shows it.",
    "place_gtt": "No rule exists. Correct what the broker names and make it again.",
    "modify_gtt": "The rule stands as it was; broker.gtt(...) shows it.",
    "cancel_gtt": "The rule was not taken back; broker.gtt(...) shows it.",
}
"""What is left when a change is refused. An order that was to be changed exists: to advise placing
it again would double it."""


LOST: Final[Mapping[str, str]] = {
    "modify_order": (
        "Do not send the change again. broker.resolve(error) or broker.order(...) tells whether it "
        "took effect."
    ),
    "cancel_order": (
        "broker.resolve(error) or broker.order(...) tells whether the order is cancelled; to "
        "cancel it once more does no harm."
    ),
    "convert_position": (
        "Do not convert again before broker.positions() has shown whether the product changed."
    ),
    "place_gtt": (
        "Do not make the rule again before broker.gtts() has shown that it is not there."
    ),
    "modify_gtt": "broker.gtt(...) shows whether the change took effect.",
    "cancel_gtt": (
        "broker.gtts() shows whether the rule is still there; to take it back once more does no "
        "harm."
    ),
}
"""What to do when the answer to a change is lost. The advice on a lost order speaks of an order
that may exist anew; after a change there is an order, a position or a rule to look at."""


def _as_rejection(error: OpenBrokerError, operation: str) -> OpenBrokerError:
    """A plain ``BrokerError`` that proves a refusal is an ``OrderRejected``; the advice is that of
    what was refused."""
    if type(error) is BrokerError and error.outcome is Outcome.REJECTED:
        error = OrderRejected(error.message, code=error.code, status=error.status)
    if isinstance(error, OrderRejected) and operation in UNCHANGED:
        error.advice = UNCHANGED[operation]
    return error


@contextmanager
def unsent() -> Iterator[None]:
    """What has to be known before an order may leave: if it fails, nothing was sent."""
    try:
        yield
    except OpenBrokerError as error:
        error.outcome = Outcome.NOT_SENT
        raise


def replay(flow: Flow[T], trace: Trace) -> T:
    """What a flow makes of replies that are all there already. Nothing is sent.

    A request that was tried several times counts with its last answer.

    Raises:
        OpenBrokerError: the flow's reading of them.
        MalformedReply: it asks for more than there is.
    """
    try:
        next(flow)
        for answer in {id(request): answer for request, answer in trace.entries}.values():
            if isinstance(answer, Reply):
                flow.send(answer)
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        flow.close()
    raise MalformedReply("the replies do not end the operation")


__all__ = ["evidence", "judge", "replay", "unknown"]
