"""The operations that a broker may have, and what is said of each: offered, or why not."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from openbroker.schemas import Record

OPERATIONS: tuple[str, ...] = (
    "login", "renew", "logout", "profile", "place_order", "modify_order", "cancel_order", "orders",
    "order", "trades", "positions", "convert_position", "holdings", "funds", "margin", "charges",
    "quotes", "history", "open_interest", "place_gtt", "modify_gtt", "cancel_gtt", "gtt", "gtts",
    "master", "raw",
)  # fmt: skip

OCO = "oco"
"""Not an operation of its own: ``place_gtt`` with a target and a stop."""


@frozen(kw_only=True)
class Capability(Record):
    """Whether an adapter has an operation, and why not."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("operation", "offered", "why")

    operation: str
    offered: bool
    why: str = ""
