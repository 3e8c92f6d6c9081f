"""Orders as plain data: what the journal keeps, what an error carries, what makes two the same."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import attrs

from openbroker.schemas import Instrument, OrderRequest
from openbroker.schemas.convert import plain

SAMENESS: Final = (
    "symbol", "side", "quantity", "order_type", "product", "price", "trigger_price", "validity",
    "after_market", "bracket_target", "bracket_stop", "bracket_trail", "tag",
)  # fmt: skip
"""The fields in which two orders have to agree to be the same order placed twice."""


def plain_fields(thing: Any) -> dict[str, Any]:
    """An attrs object's filled fields as text, numbers and flags; nested objects are left out."""
    fields: dict[str, Any] = {}
    for field in attrs.fields(type(thing)):
        value = getattr(thing, field.name)
        if value is None or isinstance(value, Instrument):
            continue
        simple = isinstance(value, (bool, int)) or type(value) is str
        fields[field.name] = value if simple else _text(value)
    return fields


def _text(value: Any) -> str:
    return str(value.value) if hasattr(value, "value") else plain(value)


def intent_of(order: OrderRequest) -> dict[str, Any]:
    """The order as plain data, to be read by people and other processes."""
    return plain_fields(order)


def request_of(intent: dict[str, Any]) -> OrderRequest:
    """The order behind plain data; its instrument is not in it."""
    known = {field.name for field in attrs.fields(OrderRequest)}
    return OrderRequest(**{name: value for name, value in intent.items() if name in known})


def fingerprint(intent: dict[str, Any]) -> int:
    """A number that the same order has whenever it is placed, whatever its wire tag."""
    words = "\x1f".join(str(intent.get(name, "")) for name in SAMENESS)
    digest = hashlib.blake2b(words.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
