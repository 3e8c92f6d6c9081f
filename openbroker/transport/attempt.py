"""One try at one request: what a connection fulfils and a caller waits for.

An attempt remembers how far it came, because that is the evidence.  ``handed_over`` is set by the
connection immediately before it gives the bytes to the operating system, and never taken back but
for the two cases in which the server itself testifies that it processed nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from openbroker.transport.messages import Phase
from openbroker.transport.outgoing import Headers, Outgoing

if TYPE_CHECKING:
    from openbroker.transport.connection import Connection


class Answer:
    """A whole reply, as it came."""

    __slots__ = ("body", "doubt", "headers", "status", "version")

    def __init__(self, status: int, headers: Headers, body: bytes, version: str) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.version = version
        self.doubt: str | None = None


class Lost:
    """An attempt that got no reply."""

    __slots__ = ("cause", "handed_over", "phase", "timed_out")

    def __init__(
        self, phase: Phase, cause: str, *, handed_over: bool, timed_out: bool = False
    ) -> None:
        self.phase = phase
        self.cause = cause
        self.handed_over = handed_over
        self.timed_out = timed_out


Result: TypeAlias = Answer | Lost


class Attempt:
    """A request on its way. Ends exactly once for its caller; a later answer goes to ``late``."""

    __slots__ = (
        "assigned_at",
        "connection",
        "ended_at",
        "first_byte_at",
        "future",
        "handed_over",
        "late",
        "outgoing",
        "reused",
        "started_at",
        "stream",
        "written_at",
    )

    def __init__(
        self,
        outgoing: Outgoing,
        future: asyncio.Future[Result],
        late: Callable[[Answer, Attempt], None] | None = None,
    ) -> None:
        self.outgoing = outgoing
        self.future = future
        self.late = late
        self.started_at = time.monotonic()
        self.assigned_at = self.written_at = self.first_byte_at = self.ended_at = 0.0
        self.handed_over = False
        self.connection: Connection | None = None
        self.reused = False
        self.stream = 0

    @property
    def waited_for(self) -> bool:
        """Whether the caller is still there."""
        return not self.future.done()

    @property
    def phase(self) -> Phase:
        if self.first_byte_at:
            return Phase.BODY
        if self.handed_over:
            return Phase.WAIT
        return Phase.WRITE if self.assigned_at else Phase.QUEUE

    def answered(self, answer: Answer) -> None:
        self.ended_at = time.monotonic()
        if not self.future.done():
            self.future.set_result(answer)
        elif self.late is not None:
            self.late(answer, self)

    def lose(self, cause: str, phase: Phase | None = None, *, timed_out: bool = False) -> None:
        """End without a reply; ``handed_over`` stands as it is."""
        if not self.future.done():
            self.ended_at = time.monotonic()
            lost = Lost(
                phase or self.phase, cause, handed_over=self.handed_over, timed_out=timed_out
            )
            self.future.set_result(lost)

    def disown(self, cause: str) -> None:
        """End without a reply, on the server's word that it processed nothing of it."""
        self.handed_over = False
        self.lose(cause, Phase.WAIT)
