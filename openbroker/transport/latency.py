"""Where the time goes, by operation and phase, new connections apart from reused ones.

Counts are exact.  Percentiles are over the last :data:`KEPT` exchanges of each kind, which bounds
the memory and keeps the figures about now.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Sequence
from operator import attrgetter
from typing import ClassVar, Final

from attrs import frozen

from openbroker.schemas.table import Record, Table
from openbroker.transport.messages import Reply, Request, Timings, TransportFailure

KEPT: Final = 1024
PHASES: Final = ("queue", "dns", "connect", "tls", "write", "first_byte", "total")

_OPENING: Final = frozenset({"dns", "connect", "tls"})


@frozen(kw_only=True)
class LatencyRow(Record):
    """One phase of one operation; times in milliseconds.

    ``connection`` is ``"new"`` or ``"reused"``; ``count`` the replies so far, ``failed`` the
    exchanges that got none.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "operation",
        "connection",
        "phase",
        "count",
        "failed",
        "p50",
        "p90",
        "p99",
        "highest",
    )

    operation: str
    connection: str
    phase: str
    count: int
    failed: int
    p50: float
    p90: float
    p99: float
    highest: float


class _Series:
    """The exchanges of one operation over one kind of connection."""

    __slots__ = ("count", "failed", "recent")

    def __init__(self) -> None:
        self.count = 0
        self.failed = 0
        self.recent: deque[Timings] = deque(maxlen=KEPT)


class Latency:
    """Collects timings; shows as a table. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._series: dict[tuple[str, bool], _Series] = {}

    def record(self, request: Request, outcome: Reply | TransportFailure) -> None:
        """Take one exchange in."""
        timings = outcome.timings
        key = (request.operation, timings.reused)
        with self._lock:
            series = self._series.get(key)
            if series is None:
                series = self._series[key] = _Series()
            if isinstance(outcome, Reply):
                series.count += 1
                series.recent.append(timings)
            else:
                series.failed += 1

    def table(self) -> Table[LatencyRow]:
        """All figures: a table with ``.to_pandas()`` and ``.to_polars()``."""
        with self._lock:
            snapshot = {
                key: (series.count, series.failed, tuple(series.recent))
                for key, series in sorted(self._series.items())
            }
        rows: list[LatencyRow] = []
        for (operation, reused), (count, failed, recent) in snapshot.items():
            for phase in PHASES:
                if reused and phase in _OPENING:
                    continue
                rows.append(_row(operation, reused, phase, count, failed, recent))
        return Table(LatencyRow, rows)

    def clear(self) -> None:
        """Begin anew."""
        with self._lock:
            self._series.clear()

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def _row(
    operation: str,
    reused: bool,
    phase: str,
    count: int,
    failed: int,
    recent: Sequence[Timings],
) -> LatencyRow:
    values = sorted(map(attrgetter(phase), recent))
    return LatencyRow(
        operation=operation,
        connection="reused" if reused else "new",
        phase=phase,
        count=count,
        failed=failed,
        p50=percentile(values, 0.50),
        p90=percentile(values, 0.90),
        p99=percentile(values, 0.99),
        highest=percentile(values, 1.0),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` of them do not exceed, in milliseconds; nan without any."""
    if not ordered:
        return math.nan
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)] * 1000, 3)
