"""Compares what two clients send for the same intent: value by value, types included.

What may differ stands in a table of a test's, by operation (or ``every``, ``every GET``) and path,
each with its reason.  A :class:`Comparison` holds every recorded request of a client to that of the
adapter's flow for the same intent; a broker's test adds how each operation is asked for.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

import httpx
import pytest
from attrs import frozen
from recording import Cases, Said

from openbroker.orders.tags import label_of, new_wire_tag
from openbroker.schemas import INDIA, Instrument, OrderRequest, Window
from openbroker.transport.messages import Flow, Reply, Request

Differences: TypeAlias = dict[str, tuple[Any, Any]]
Table: TypeAlias = Mapping[tuple[str, str], str]

SPELLING = " (spelling)"
"""Marks a difference in how one and the same number is written."""
ABSENT = object()


def flattened(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Leaves by their path: ``body.positions.0.qty``."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    if not pairs:
        yield name, value
    for key, inner in pairs:
        yield from flattened(inner, f"{name}.{key}" if name else str(key))


def differences(
    theirs: Mapping[str, Any], ours: Mapping[str, Any], *, tag: str = "body.ordertag"
) -> Differences:
    """What differs, type for type; our tag counts by its label."""
    one, other = dict(flattened(dict(theirs), "")), dict(flattened(dict(ours), ""))
    label = label_of(other.pop(tag, None))
    if label is not None:
        other[tag] = label
    pairs = {path: (one.get(path, ABSENT), other.get(path, ABSENT)) for path in one | other}
    return {
        f"{path}{SPELLING}" if _number(pair[0]) == _number(pair[1]) else path: pair
        for path, pair in pairs.items()
        if (type(pair[0]), pair[0]) != (type(pair[1]), pair[1])
    }


def _number(value: Any) -> Any:
    """The number that a number or its text stands for; anything else as it is."""
    try:
        is_number = isinstance(value, (int, float, str)) and not isinstance(value, bool)
        return Decimal(str(value)) if is_number else (type(value), value)
    except InvalidOperation:
        return value


def scopes_of(operation: str, said: Mapping[str, Any]) -> set[str]:
    return {operation, "every", f"every {said['method']}"}


def allowed(table: Table, operation: str, said: Mapping[str, Any]) -> set[str]:
    """The paths that may differ in this request."""
    return {path for scope, path in table if scope in scopes_of(operation, said)}


@frozen
class After:
    """A flow, and the answers to what it asks before the request that is compared."""

    flow: Flow[Any]
    answers: Sequence[Reply]


Asked: TypeAlias = Flow[Any] | After | Request
"""How openbroker is asked for a request; an address for a browser is one as it stands."""


def request_of(asked: Asked) -> Request:
    """What a flow sends, after the answers it needs first."""
    if isinstance(asked, Request):
        return asked
    flow, answers = (asked.flow, asked.answers) if isinstance(asked, After) else (asked, ())
    request = next(flow, None)
    for answer in answers:
        request = flow.send(answer)
    assert isinstance(request, Request)
    flow.close()
    return request


def as_sent(request: Request) -> httpx.Request:
    """Our request as the recording's server would see it."""
    return httpx.Request(
        request.method, request.url, headers=dict(request.headers), content=request.content
    )


def as_they_are(_operation: str, _name: str, theirs: Said, ours: Said) -> tuple[Said, Said]:
    return theirs, ours


def zeros_unsaid(*names: str) -> Callable[[str, str, Said, Said], tuple[Said, Said]]:
    """Leaves out of an order's body what the official client was told to be 0 and openbroker does
    not say: where nothing and 0 mean the same.  Any other figure still has to be there."""

    def both(operation: str, _name: str, theirs: Said, ours: Said) -> tuple[Said, Said]:
        if operation not in ("place_order", "modify_order"):
            return theirs, ours
        told, unsaid = theirs["body"], {name for name in names if name not in ours["body"]}
        zeros = {name for name in unsaid if _number(told.get(name)) == 0}
        body = {name: value for name, value in told.items() if name not in zeros}
        return theirs | {"body": body}, ours

    return both


@frozen(kw_only=True)
class Comparison:
    """An official client's recorded requests, held to openbroker's.

    Attributes:
        recorded: the cases by operation.
        ours: for each operation how openbroker is asked for the case of a name.
        told: a request in the recording's words.
        table: what may differ, with the reasons.
        tag: where the order's tag stands, which counts by its label.
        both: what the test has to say of an operation's case before its two requests are compared;
            it returns them.
    """

    recorded: Cases
    ours: Mapping[str, Callable[[str], Asked]]
    told: Callable[[httpx.Request], Said]
    table: Table
    tag: str = "body.ordertag"
    both: Callable[[str, str, Said, Said], tuple[Said, Said]] = as_they_are

    @property
    def each_case(self) -> pytest.MarkDecorator:
        """A test of ``operation`` and ``case``, for every request that is recorded."""
        cases = [
            pytest.param(operation, case, id=f"{operation} {case['name']}".strip())
            for operation, case in self.cases()
        ]
        return pytest.mark.parametrize(("operation", "case"), cases)

    def cases(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for operation, cases in self.recorded.items():
            yield from ((operation, case) for case in cases)

    def said(self, asked: Asked) -> Said:
        """Our request in the recording's words."""
        return self.told(as_sent(request_of(asked)))

    def found(self, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Differences:
        return differences(theirs, ours, tag=self.tag)

    def pair(self, operation: str, case: Mapping[str, Any]) -> tuple[Said, Said]:
        """Both requests of a case: theirs and ours."""
        name = case["name"]
        return self.both(operation, name, case["request"], self.said(self.ours[operation](name)))

    def check(self, operation: str, case: Mapping[str, Any]) -> tuple[Said, Said]:
        """Nothing differs but what the table allows; returns both for what else there is to say."""
        theirs, ours = self.pair(operation, case)
        seen = self.found(theirs, ours)
        assert set(seen) <= allowed(self.table, operation, theirs), seen
        return theirs, ours

    def unused(self) -> set[tuple[str, str]]:
        """The table's rows that no case shows."""
        seen: set[tuple[str, str]] = set()
        for operation, case in self.cases():
            theirs, ours = self.pair(operation, case)
            seen |= set(itertools.product(scopes_of(operation, theirs), self.found(theirs, ours)))
        return set(self.table) - seen

    def touched(self, essential: frozenset[str]) -> set[tuple[str, str]]:
        """The table's rows that allow a difference where there should be none."""
        return {row for row in self.table if row[1] in essential}

    def check_headers(self, made_up: Mapping[str, str]) -> None:
        """Where a recorded request has one of these headers, it is the made-up word."""
        headers = [case["request"]["headers"] for _, case in self.cases()]
        for name, word in made_up.items():
            assert {one.get(name, word) for one in headers} == {word}, name


# -- what the same intents are made of

WINDOW: Final = Window(
    start=dt.datetime(2026, 11, 2, 9, 15, tzinfo=INDIA),
    end=dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC),  # 15:30 in India
)
"""Whose candles are asked for."""


def order_request(instrument: Instrument, *, capacity: int | None, **ours: Any) -> OrderRequest:
    """An order request as the order desk hands it to the adapter, with a tag of that capacity.

    What is only asked about needs none.
    """
    tag = None if capacity is None else new_wire_tag(ours.get("tag"), capacity=capacity)
    return OrderRequest(symbol=instrument.symbol, wire_tag=tag, **ours).on(instrument)


def prices_of(kind: str, side: str, low: str, high: str) -> dict[str, str]:
    """The prices that an order type takes, a stop's trigger before its price."""
    price, trigger = (high, low) if side == "BUY" else (low, high)
    stated = {"MARKET": (), "LIMIT": ("price",), "SL": ("price", "trigger_price"),
              "SL-M": ("trigger_price",)}[kind]  # fmt: skip
    return {name: {"price": price, "trigger_price": trigger}[name] for name in stated}


def combinations(segment: str, products: Iterable[str]) -> Iterator[tuple[str, str, int | None]]:
    """Every product, validity (commodities have the day alone) and part shown, in lots."""
    validities = ("DAY",) if segment == "MCX" else ("DAY", "IOC")
    return itertools.product(products, validities, (None, 2))


def reply(data: Any, at: dt.datetime = WINDOW.end) -> Reply:
    """An answer in JSON."""
    return Reply(
        status=200,
        headers={"content-type": "application/json"},
        content=json.dumps(data).encode(),
        received_at=at,
    )
