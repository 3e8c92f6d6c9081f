"""Compares what two clients send for the same intent: value by value, types included.

What may differ stands in a table of a test's, by operation (or ``every``, ``every GET``) and path,
each with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from openbroker.orders.tags import label_of
from openbroker.transport.messages import Flow, Request

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
    return {operation, "every"} | ({"every GET"} if said["method"] == "GET" else set())


def allowed(table: Table, operation: str, said: Mapping[str, Any]) -> set[str]:
    """The paths that may differ in this request."""
    return {path for scope, path in table if scope in scopes_of(operation, said)}


def first_request(flow: Flow[Any]) -> Request:
    """What a flow sends first."""
    request = next(flow, None)
    assert isinstance(request, Request)
    flow.close()
    return request
