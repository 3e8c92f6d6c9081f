"""When a read is tried again: a pure decision.

Only reads come here; an order is repeated by the engine alone, and only on proof that nothing of
it was processed.  The policy sees an outcome, the attempt's number, the time that is left and a
random number, and says how long to wait, or that this outcome stands.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime

from attrs import frozen

from openbroker.transport.messages import Reply, Request, TransportFailure


@frozen(kw_only=True)
class RetryPolicy:
    """How patient a read is.

    Attributes:
        attempts: how many times it is sent at most, the first included.
        base: seconds before the second attempt; doubles from there.
        longest: the longest such pause in seconds, before jitter.
        jitter: the share of a pause that is random.
        statuses: HTTP statuses after which another attempt makes sense.
    """

    attempts: int = 4
    base: float = 0.1
    longest: float = 2.0
    jitter: float = 0.5
    statuses: frozenset[int] = frozenset({429, 500, 502, 503, 504})

    def pause(
        self,
        request: Request,
        outcome: Reply | TransportFailure,
        *,
        attempt: int,
        remaining: float,
        chance: float,
    ) -> float | None:
        """Seconds to wait before the next attempt, or ``None`` if this outcome stands.

        ``attempt`` counts from 1, ``remaining`` is the time to the deadline in seconds and
        ``chance`` a random number from 0 up to 1.
        """
        if not request.repeatable or attempt >= self.attempts or not self._passing(outcome):
            return None
        wait = max(self._backoff(attempt, chance), retry_after(outcome))
        return wait if wait < remaining else None

    def _passing(self, outcome: Reply | TransportFailure) -> bool:
        """A reply that may belong to another request is none."""
        if isinstance(outcome, TransportFailure) or outcome.doubt is not None:
            return True
        return outcome.status in self.statuses

    def _backoff(self, attempt: int, chance: float) -> float:
        full = min(self.longest, self.base * 2.0 ** (attempt - 1))
        return full * (1.0 - self.jitter * chance)


def retry_after(outcome: Reply | TransportFailure) -> float:
    """The seconds that a reply asks to wait (RFC 9110, 10.2.3), 0 where it asks for nothing."""
    if isinstance(outcome, TransportFailure):
        return 0.0
    text = outcome.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    return _until(text, outcome.received_at) if text else 0.0


def _until(date: str, now: dt.datetime) -> float:
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return 0.0
    if then.tzinfo is None:
        then = then.replace(tzinfo=dt.UTC)
    return max(0.0, (then - now).total_seconds())
