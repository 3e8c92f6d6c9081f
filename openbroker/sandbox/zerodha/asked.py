"""Reading requests: Kite takes forms, a few JSON arrays, and words that stand in the path.

A value that cannot be read is an InputException that names its field.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar
from urllib.parse import parse_qsl

import httpx
from attrs import field, frozen

from openbroker.sandbox.numbers import read_number
from openbroker.sandbox.zerodha.replies import bad_input, invalid

Form: TypeAlias = Mapping[str, Any]
V = TypeVar("V")

MOST = Decimal(10) ** 12
"""Nothing larger is meant seriously."""


@frozen(kw_only=True)
class Asked:
    """A request, taken apart.

    Attributes:
        path: the words of the route's pattern.
        form: the form's fields; of GET and DELETE the query's.
        several: the query's fields that come more than once.
        content: the body as it came.
    """

    path: Mapping[str, str] = field(factory=dict)
    form: Form = field(factory=dict)
    several: Sequence[tuple[str, str]] = ()
    content: bytes = b""

    @classmethod
    def of(cls, request: httpx.Request, path: Mapping[str, str]) -> Asked:
        query = request.url.params.multi_items()
        fields = dict(query)
        if request.method in ("POST", "PUT"):
            text = request.content.decode("utf-8", "replace")
            fields |= dict(parse_qsl(text, keep_blank_values=True))
        return cls(path=path, form=fields, several=query, content=request.content)

    def rows(self) -> Sequence[Form]:
        """The JSON array of the body.

        Raises:
            KiteError: it is none, or empty.
        """
        try:
            rows = json.loads(self.content)
        except (ValueError, RecursionError):
            raise bad_input("Invalid JSON in the request.") from None
        if not isinstance(rows, list) or not rows or not all(isinstance(r, dict) for r in rows):
            raise bad_input("The request has to be a list of orders.")
        return rows


def text(form: Form, name: str) -> str:
    """A field that has to be there."""
    value = form.get(name)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or value == "":
        raise bad_input(f"Missing or empty field `{name}`")
    return str(value).strip()


def word(form: Form, name: str, table: Mapping[str, V]) -> V:
    """A word of a table."""
    found = table.get(text(form, name))
    if found is None:
        raise invalid(name)
    return found


def has(form: Form, name: str) -> bool:
    """Whether a field is there and not empty."""
    return form.get(name) not in (None, "")


def rupees(form: Form, name: str) -> Decimal | None:
    """An amount, ``None`` for nothing and for 0."""
    if not has(form, name):
        return None
    amount = number(name, form[name])
    if not 0 <= amount <= MOST:
        raise invalid(name)
    return amount or None


def whole(form: Form, name: str) -> int:
    """A whole number that has to be there."""
    amount = number(name, text(form, name))
    if not 0 <= amount <= MOST or amount != int(amount):
        raise invalid(name)
    return int(amount)


def number(name: str, value: object) -> Decimal:
    """What a field spells, or an InputException."""
    amount = read_number(str(value).strip())
    if amount is None:
        raise bad_input(
            f"Invalid request (failed to decode {name}, got: {value} (expected decimal))"
        )
    return amount
