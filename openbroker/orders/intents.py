"""Orders as plain data: what the journal keeps, what an error carries, what makes two the same."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import attrs

from openbroker.schemas import AsLimit, Instrument, OrderChange, OrderRequest
from openbroker.schemas.convert import plain
from openbroker.schemas.enums import Word

SAMENESS: Final = (
    "symbol", "side", "quantity", "order_type", "product", "price", "trigger_price", "validity",
    "after_market", "bracket_target", "bracket_stop", "bracket_trail", "tag",
)  # fmt: skip
"""The fields in which two orders have to agree to be the same order placed twice."""


def plain_fields(thing: Any) -> dict[str, Any]:
    """An attrs object's filled fields as text, numbers and flags; nested objects are left out."""
    fields: dict[str, Any] = {}
    for name in _names(type(thing)):
        value = getattr(thing, name)
        if value is not None and not isinstance(value, (Instrument, OrderRequest)):
            fields[name] = value if type(value) in _SIMPLE else _text(value)
    return fields


_SIMPLE: Final = frozenset({str, int, bool})


_NAMES: Final[dict[type, tuple[str, ...]]] = {}


def _names(kind: type) -> tuple[str, ...]:
    if kind not in _NAMES:
        _NAMES[kind] = tuple(field.name for field in attrs.fields(kind))
    return _NAMES[kind]


def _text(value: Any) -> str:
    if isinstance(value, AsLimit):
        return f"AsLimit({plain(value.percent)})"
    return str(value.value) if isinstance(value, Word) else plain(value)


def intent_of(order: OrderRequest) -> dict[str, Any]:
    """The order as plain data, to be read by people and other processes."""
    intent = plain_fields(order)
    if order.asked is not None:
        asked = plain_fields(order.asked)
        intent["asked"] = {name: asked[name] for name in ("order_type", "market_protection")}
    return intent


def change_intent(order_id: str, change: OrderChange) -> dict[str, Any]:
    """A change as plain data."""
    return {"order_id": order_id} | plain_fields(change)


def fingerprint(intent: dict[str, Any]) -> int:
    """A number that the same order has whenever it is placed, whatever its wire tag."""
    words = "\x1f".join(str(intent.get(name, "")) for name in SAMENESS)
    digest = hashlib.blake2b(words.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
