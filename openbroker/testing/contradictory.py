"""Laws of replies that say two things at once.

Each is built from a good reply or from the world's refusal: a receipt under a refusal's HTTP
status, a refusal with an order's id in it, an answer whose words or flags do not fit together.
Such a reply comes from a gateway that answers for another, from a proxy that repeats, from an order
system that changed its mind.  Whatever it is, no order that it may be talking of is called refused
or not sent, and none is called accepted but under a status and with an id that say so.
"""

from __future__ import annotations

import base64
import codecs
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final, Protocol, cast

from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openbroker.adapters.base import Adapter
from openbroker.errors import MalformedReply, OpenBrokerError, OrderUnknown, Outcome
from openbroker.orders.contradictions import MAKES_ANEW
from openbroker.schemas import OrderAck
from openbroker.testing.cases import Case, World
from openbroker.testing.operations import outcome_of
from openbroker.testing.replies import BodyPath, all_paths, replaced, value_at

REFUSING: Final = (400, 401, 403, 404, 409, 422, 429, 500, 502, 503)
"""HTTP statuses with which a request is refused, or with which nobody knows."""

STRANGER: Final = "998877665544"
"""The id of an order that no request has named."""

ID_NAMES: Final = (
    "order_id", "orderid", "orderId", "order_ids", "uniqueorderid", "norenordno", "gtt_order_id",
)  # fmt: skip
STRANGERS: Final[tuple[Any, ...]] = (STRANGER, int(STRANGER), [STRANGER], [None, STRANGER])

ADMISSIONS: Final = (
    "Order request timed out. Please check the order book",
    "java.net.SocketTimeoutException",
    "Something went wrong",
    "connection reset by peer",
)
FLAGS: Final[tuple[Any, ...]] = (
    True, False, None, "true", "True", "success", "SUCCESS", "Success", "error", "ERROR", "Ok",
    "ok", "Not_Ok", "NOT_OK", "failed", "rejected", 0, 1, "",
)  # fmt: skip
FLAG_NAMES: Final = (
    "status", "success", "stat", "s", "ok", "code", "errorcode", "errorCode", "error_type",
    "errors", "data", "emsg", "message",
)  # fmt: skip


class Subject(Protocol):
    """What the laws need of the suite."""

    examples: ClassVar[int]

    def broker(self) -> Adapter: ...
    def world(self) -> World: ...
    def success_of(self, operation: str) -> Case: ...


class ContradictoryReplies:
    """The laws; :class:`~openbroker.testing.AdapterConformance` has them all."""

    def test_a_success_under_a_refusals_status_is_unknown(self: Subject, changing: str) -> None:
        success = self.success_of(changing)
        for reply in _under_refusing_statuses(success):
            assert isinstance(_outcome(self, success.answered_last(**reply)), OrderUnknown), reply

    def test_a_refusal_that_names_an_order_is_unknown(self: Subject, changing: str) -> None:
        success, refusal = self.success_of(changing), self.world().refusal
        for path in _objects(refusal["body"]):
            for name in ID_NAMES:
                for value in STRANGERS:
                    reply = {**refusal, "body": _with_field(refusal["body"], path, name, value)}
                    for status in (refusal.get("status", 200), 429):
                        case = success.answered_last(**{**reply, "status": status})
                        assert isinstance(_outcome(self, case), OrderUnknown), reply

    def test_a_refusal_that_admits_not_to_know_is_unknown(self: Subject, changing: str) -> None:
        success, refusal = self.success_of(changing), self.world().refusal
        for path in _objects(refusal["body"]):
            for words in ADMISSIONS:
                reply = {**refusal, "body": _with_field(refusal["body"], path, "detail", words)}
                assert isinstance(_outcome(self, success.answered_last(**reply)), OrderUnknown)

    def test_a_body_that_cannot_be_read_is_unknown(self: Subject, changing: str) -> None:
        """Cut off, with a key that stands twice, or packed once more than it says."""
        success = self.success_of(changing)
        text = json.dumps(success.exchanges[-1].reply.get("body", {"data": None}))
        for status in (200, 429):
            for reply in (
                {"text": text[:-1]},
                {"text": text.replace("{", '{"twice": 1, "twice": 2, ', 1) + "}"},
                {"text": text.replace("{", '{"twice": 1, "twice": 2, ', 1)},
                {"base64": base64.b64encode(gzip.compress(text.encode())).decode()},
            ):
                case = success.answered_last(**reply, status=status)
                assert isinstance(_outcome(self, case), OrderUnknown), reply

    def test_a_byte_order_mark_changes_nothing(self: Subject, changing: str) -> None:
        success = self.success_of(changing)
        for reply in (success.exchanges[-1].reply, self.world().refusal):
            if "body" in reply:
                marked = codecs.BOM_UTF8 + json.dumps(reply["body"]).encode()
                packed = {"base64": base64.b64encode(marked).decode()}
                changed = {"status": reply.get("status", 200), **packed}
                plain, told = (
                    _outcome(self, success.answered_last(**answer)) for answer in (reply, changed)
                )
                assert _shown(told) == _shown(plain)

    def test_what_is_no_list_is_no_empty_book(self: Subject) -> None:
        """An empty book is evidence of absence, so it has to be said as the vendor says it."""
        success = self.success_of("orders")
        body = success.exchanges[-1].reply["body"]
        path = next(path for path in all_paths(body) if isinstance(value_at(body, path), list))
        nothings: tuple[Any, ...] = (None, "", {}, 0, False, "none")
        for nothing in nothings:
            reply = {"text": json.dumps(replaced(body, path, nothing))}
            outcome = _outcome(self, success.answered_last(**reply))
            if nothing in (None, "") and self.broker().wire.empty_is_null:
                assert outcome == []
            else:
                assert isinstance(outcome, MalformedReply), (nothing, outcome)

    def test_no_reply_of_two_minds_is_believed(self: Subject, changing: str) -> None:
        """Flags, ids and statuses of a success and of a refusal, thrown together."""
        success, refusal = self.success_of(changing), self.world().refusal["body"]
        receipt = success.exchanges[-1].reply.get("body", {})
        is_new = changing in MAKES_ANEW

        @settings(
            max_examples=self.examples,
            deadline=None,
            database=None,
            suppress_health_check=list(cast("Iterable[HealthCheck]", HealthCheck)),
        )
        @given(
            body=st.sampled_from((receipt, refusal)),
            edits=st.lists(_edits(receipt, refusal), max_size=3),
            status=st.sampled_from((200, 200, 201, 202, *REFUSING)),
            is_listed=st.booleans(),
        )
        def check(body: Any, edits: list[Edit], status: int, is_listed: bool) -> None:
            ids = _numbers(receipt) if body is receipt and is_new else set()
            for edit in edits:
                body = edit(body)
            text = json.dumps([body] if is_listed else body)
            outcome = _outcome(self, success.answered_last(status=status, text=text))
            if isinstance(outcome, OrderAck):
                assert status < 400
                assert outcome.order_id in text
            names_one = STRANGER in text or (ids and all(one in text for one in ids))
            if names_one and '"rejected"' not in text.casefold():
                assert not isinstance(outcome, OpenBrokerError) or (
                    outcome.outcome is Outcome.UNKNOWN
                ), (status, text)

        check()


@frozen
class Edit:
    """One change of a body: a field of one of its objects."""

    name: str
    value: Any
    place: int

    def __call__(self, body: Any) -> Any:
        places = list(_objects(body))
        if not places:
            return body
        return _with_field(body, places[self.place % len(places)], self.name, self.value)


def _edits(*bodies: Any) -> st.SearchStrategy[Edit]:
    """Flags and codes of any vendor's, what the bodies have at their top, and a stranger's id."""
    own = [pair for body in bodies if isinstance(body, Mapping) for pair in body.items()]
    fields = [(name, flag) for name in FLAG_NAMES for flag in FLAGS]
    named = [(name, value) for name in ID_NAMES for value in STRANGERS]
    pairs = st.sampled_from(own or fields) | st.sampled_from(fields) | st.sampled_from(named)
    return st.builds(lambda pair, place: Edit(pair[0], pair[1], place), pairs, st.integers(0, 3))


def _outcome(subject: Subject, case: Case) -> Any:
    return outcome_of(case, subject.broker(), subject.world(), checked=False)


def _under_refusing_statuses(success: Case) -> Iterator[dict[str, Any]]:
    reply = success.exchanges[-1].reply
    if "body" in reply:
        yield from ({**reply, "status": status} for status in REFUSING)


def _objects(body: Any) -> Iterator[BodyPath]:
    return (path for path in all_paths(body) if isinstance(value_at(body, path), dict))


def _with_field(body: Any, path: BodyPath, name: str, value: Any) -> Any:
    return replaced(body, path, {**value_at(body, path), name: value})


def _shown(outcome: object) -> object:
    if isinstance(outcome, OpenBrokerError):
        return type(outcome), outcome.outcome, outcome.message
    return outcome


def _numbers(receipt: Any) -> set[str]:
    """What a receipt says that may be an id."""
    texts = {str(value_at(receipt, path)) for path in all_paths(receipt)}
    return {text for text in texts if text.isalnum() and any(map(str.isdigit, text))}
