"""Hostile replies: fixed ones, and good ones with something changed."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hypothesis import strategies as st

from openbroker.schemas import Table
from openbroker.testing.cases import Case

DEEP: Final = "[" * 100_000
HOSTILE: Final[Mapping[str, Mapping[str, Any]]] = {
    "500 empty": {"status": 500, "text": ""},
    "502 HTML": {"status": 502, "text": "<html>Bad Gateway</html>",
                 "headers": {"content-type": "text/html"}},
    "503 JSON": {"status": 503, "body": {"message": "down"}},
    "404 HTML": {"status": 404, "text": "<html>no such page</html>"},
    "302": {"status": 302, "text": "", "headers": {"location": "/login"}},
    "200 empty": {"text": ""},
    "200 HTML": {"text": "<html>Request Rejected</html>"},
    "200 truncated": {"text": '{"status": true, "data": {"order'},
    "200 []": {"text": "[]"},
    "200 {}": {"text": "{}"},
    "200 null": {"text": "null"},
    "200 number": {"text": "7"},
    "200 deep": {"text": DEEP},
    "200 NaN": {"text": '{"status": true, "success": true, "data": NaN}'},
    "200 twice": {"text": '{"status": true, "status": true, "data": null}'},
}  # fmt: skip
"""Replies that say nothing definite about an order."""

WRONG: Final[tuple[Any, ...]] = (None, [], {}, "", "?", -1, 1e300, True, [[]], "\ud800", "a\r\nb")
"""What stands where something else is expected."""

JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
BodyPath = tuple[str | int, ...]


def rows_of(outcome: object) -> list[Any]:
    """The rows of a result that is a list of them."""
    if isinstance(outcome, (list, Table)):
        return [row for row in outcome if hasattr(row, "vendor")]
    return []


def all_paths(body: Any, at: BodyPath = ()) -> Iterator[BodyPath]:
    yield at
    if isinstance(body, dict):
        for key, value in body.items():
            yield from all_paths(value, (*at, key))
    if isinstance(body, list):
        for number, value in enumerate(body):
            yield from all_paths(value, (*at, number))


def value_at(body: Any, path: BodyPath) -> Any:
    for part in path:
        body = body[part]
    return body


def replaced(body: Any, path: BodyPath, value: Any) -> Any:
    if not path:
        return value
    body = copy.deepcopy(body)
    value_at(body, path[:-1])[path[-1]] = value
    return body


def paths_of(body: Any, value: str) -> list[BodyPath]:
    found = [path for path in all_paths(body) if str(value_at(body, path)) == value]
    assert found, f"{value} is not in the reply"
    return found


def with_foreign_words(case: Case, rows: list[Any]) -> Iterator[Case]:
    """The case once for every word in its rows, with another word in its place."""
    body = case.exchanges[-1].reply.get("body")
    known = [dict(row.vendor) for row in rows]
    for path in all_paths(body):
        value = value_at(body, path)
        if isinstance(value, str) and _is_word(value) and value_at(body, path[:-1]) in known:
            yield case.answered_last(body=replaced(body, path, "SOMETHING NEW"))


def _is_word(text: str) -> bool:
    return text.replace("_", "").replace(" ", "").isalpha()


def with_new_fields(body: Any) -> Any:
    if isinstance(body, dict):
        changed = {key: with_new_fields(value) for key, value in body.items()}
        return changed | {"somethingNew": "of a later day"} if len(body) > 2 else changed
    return [with_new_fields(value) for value in body] if isinstance(body, list) else body
