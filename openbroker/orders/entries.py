"""What the journal keeps: an intent, what became of it, and the words for both.

An entry is born SENDING, in the commit before the first byte may leave.  One further commit gives
it its outcome.  An UNKNOWN may later become ACCEPTED or REJECTED by evidence, or ABSENT, which
means *not in the book after the broker's settle time* and is watched to the end of the day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import field, frozen

from openbroker.schemas import Record
from openbroker.schemas.enums import Word
from openbroker.schemas.table import INDIA


class State(Word):
    """Where an intent stands."""

    SENDING = "SENDING"
    """Its bytes may be on their way; after its process has died: unknown."""
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    NOT_SENT = "NOT_SENT"
    UNKNOWN = "UNKNOWN"
    ABSENT = "ABSENT"
    """Not in the book after the settle time: evidence, not proof."""
    EXPIRED = "EXPIRED"
    """Its day ended before it was known; positions and trades tell."""

    @property
    def is_open(self) -> bool:
        """Whether an order may exist of which nothing is known."""
        return self in (State.SENDING, State.UNKNOWN)


WATCHED = (State.SENDING, State.UNKNOWN, State.ABSENT)
"""States that evidence may still change."""


@frozen(kw_only=True)
class Draft:
    """An intent that is about to be journaled.

    Attributes:
        operation: the adapter's operation.
        intent: what is asked, as plain data.
        tag: the wire tag that names the order at the broker.
        client_id: the caller's own name for this intent.
        symbol: the instrument, for the guards.
        fingerprint: equal for equal orders (:func:`~openbroker.orders.intents.fingerprint`).
        order_id: the order that is changed or cancelled.
        timeout: seconds to the end of the exchange.
        allow_repeat: the duplicate guard lets it pass.
        reduces: it closes a position, which reduce-only lets pass.
    """

    operation: str
    intent: Mapping[str, Any]
    tag: str | None = None
    client_id: str | None = None
    symbol: str | None = None
    fingerprint: int | None = None
    order_id: str | None = None
    timeout: float = 8.0
    allow_repeat: bool = False
    reduces: bool = False


@frozen(kw_only=True)
class Entry(Record):
    """One line of the journal.

    ``sent_at``, ``until`` (when its exchange had to be over) and ``settled_at`` are seconds since
    the epoch. ``detail`` holds the evidence: the broker's code and words, the transport's phase.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "number", "time", "operation", "tag", "what", "state", "order_id", "why",
    )  # fmt: skip

    day: str
    number: int
    operation: str
    intent: Mapping[str, Any]
    tag: str | None = None
    client_id: str | None = None
    symbol: str | None = None
    fingerprint: int | None = None
    writer: str = ""
    sent_at: float = 0.0
    until: float = 0.0
    state: State = State.SENDING
    order_id: str | None = None
    settled_at: float | None = None
    detail: Mapping[str, Any] = field(factory=dict)

    @property
    def reference(self) -> str:
        """Its name across processes: day and number."""
        return f"{self.day}/{self.number}"

    @property
    def over_by(self) -> float:
        """When its bytes had left at the latest (epoch): it had its outcome, or its process was
        found dead, or its time was up."""
        return self.until if self.settled_at is None else min(self.until, self.settled_at)

    @property
    def time(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.sent_at, INDIA)

    @property
    def what(self) -> str:
        """The intent in a few words."""
        names = ("symbol", "side", "quantity", "order_type", "price", "product")
        return " ".join(str(self.intent[name]) for name in names if name in self.intent)

    @property
    def why(self) -> str:
        """What is said of its outcome."""
        return str(self.detail.get("message") or self.detail.get("cause") or "")


@frozen(kw_only=True)
class Event:
    """Something that happened beside the two commits of an order: a resolution, a halt, a late
    order, an override. ``number`` is the entry that it belongs to, if it belongs to one."""

    at: float
    what: str
    number: int | None = None
    detail: Mapping[str, Any] = field(factory=dict)
