"""JSON as brokers' application servers write it."""

from __future__ import annotations

import json
from decimal import Decimal
from email.utils import formatdate

import httpx


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
