"""JSON as brokers' application servers write it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from email.utils import formatdate

import httpx

from openbroker.sandbox.depth import SHOWN
from openbroker.schemas import Level


def as_json(body: object, status: int = 200) -> httpx.Response:
    """A reply with a body and the real time."""
    return httpx.Response(
        status,
        headers={"content-type": "application/json", "date": formatdate(usegmt=True)},
        content=json.dumps(body, separators=(",", ":")).encode(),
    )


def figure(amount: Decimal | None, places: int = 2) -> float:
    """A JSON number; nothing is 0, and 0 has no sign."""
    return float(round(amount, places)) + 0.0 if amount is not None else 0.0


def level_rows(levels: Sequence[Level]) -> list[dict[str, float | int]]:
    """One side of a quote's book: as many levels as are shown, filled up with zeros."""
    empty = Level(price=Decimal(0), quantity=0, orders=0)
    return [
        {"price": figure(level.price, 4), "quantity": level.quantity, "orders": level.orders or 0}
        for level in (*levels, *[empty] * SHOWN)[:SHOWN]
    ]
