"""How far away a broker is: name resolution, TCP, TLS and first byte, cold against warm.

It needs no login: whatever a host answers to ``GET /`` has travelled the same way as an order.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median
from typing import ClassVar, Final

from attrs import frozen

from openbroker.errors import NoReply
from openbroker.schemas.secret import Secret
from openbroker.schemas.table import Record, Table
from openbroker.transport.exchange import Transport
from openbroker.transport.messages import Effect, Reply, Request, Timings
from openbroker.transport.pool import Tuning

_PRIVATE: Final = Tuning(limit=1, quiet_target=0)
"""Figures of its own, so that the probe's pool is shared with nobody."""


@frozen(kw_only=True)
class ProbeRow(Record):
    """Medians in milliseconds of one protocol, over new connections or a kept one."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "protocol",
        "connection",
        "samples",
        "dns",
        "connect",
        "tls",
        "first_byte",
        "total",
    )

    protocol: str
    connection: str
    samples: int
    dns: float
    connect: float
    tls: float
    first_byte: float
    total: float


async def probe(
    url: str,
    *,
    samples: int = 5,
    timeout: float = 8.0,
    ca_file: str | None = None,
    local_address: str | None = None,
    proxy: Secret | str | None = None,
) -> Table[ProbeRow]:
    """Measure the way to the host of ``url``.

    Opens ``samples`` new connections over HTTP/1.1 and as many over HTTP/2 (where the host has it),
    one after the other, and sends ``samples`` further requests over the last of each.

    Raises:
        NoReply: the host could not be reached; the message says in which phase.
    """
    rows: list[ProbeRow] = []
    for http2 in (False, True):
        cold: list[Timings] = []
        warm: list[Timings] = []
        for number in range(samples):
            transport = Transport(
                ca_file=ca_file,
                local_address=local_address,
                proxy=proxy,
                timeout=timeout,
                http2_reads=http2,
                tuning=_PRIVATE,
            )
            try:
                cold.append(await _ask(transport, url))
                if number == samples - 1:
                    warm += [await _ask(transport, url) for _ in range(samples)]
            finally:
                await transport.aclose()
        rows += [_row("new", cold), _row("kept", warm)]
        if http2 and cold[0].protocol != "HTTP/2":
            return Table(ProbeRow, rows[:2])
    return Table(ProbeRow, rows)


async def _ask(transport: Transport, url: str) -> Timings:
    request = Request(method="GET", url=url, operation="probe", effect=Effect.READ)
    outcome = await transport.exchange(request, time.monotonic() + transport.timeout)
    if not isinstance(outcome, Reply):
        raise NoReply(f"{outcome.phase.value}: {outcome.cause}", operation="probe")
    return outcome.timings


def _row(connection: str, timings: Sequence[Timings]) -> ProbeRow:
    def middle(phase: str) -> float:
        values: list[float] = [getattr(one, phase) for one in timings]
        return round(median(values) * 1000, 3)

    return ProbeRow(
        protocol=timings[0].protocol,
        connection=connection,
        samples=len(timings),
        dns=middle("dns"),
        connect=middle("connect"),
        tls=middle("tls"),
        first_byte=middle("first_byte"),
        total=middle("total"),
    )
