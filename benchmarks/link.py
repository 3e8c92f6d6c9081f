"""Figures over the emulated link: 40 ms of round trip and 38 ms of service."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from statistics import median

from attrs import frozen

from benchmarks.measure import AsyncCall, Call, Figure, interleave
from benchmarks.peers import (
    RawSocket,
    checked,
    exchange_call,
    request_to,
    sync_peers,
)
from benchmarks.servers import Server, wire_server
from openbroker.transport.exchange import Transport

ROUND_TRIP, SERVICE = 0.040, 0.038
IDLE_CLOSE = 5.0
BURST = 9


@frozen(kw_only=True)
class LinkFigures:
    """Milliseconds."""

    raw: Figure
    names: Sequence[str]
    times: dict[str, Figure]
    over_raw: dict[str, Figure]
    first_over_warm: Figure
    idle_over_warm: Figure
    idle_worst: float
    burst_over_one: Figure
    burst_httpx: Figure


def measure_link(rounds: int, idle: tuple[float, float]) -> LinkFigures:
    """All figures of the link; ``idle`` is the range of idle times in seconds."""
    with wire_server(round_trip=ROUND_TRIP, latency=SERVICE) as server:
        chosen = (
            "openbroker h1",
            "openbroker h2",
            "httpx h1",
            "requests, kept",
            "http.client, new",
        )
        with sync_peers(server) as peers:
            raw = RawSocket(server)
            calls: dict[str, Call] = {"raw": raw} | {name: peers[name] for name in chosen}
            found = interleave(calls, rounds=rounds, count=10)
            raw.close()
        first, burst, burst_httpx = asyncio.run(_starts(server, rounds))
    with wire_server(round_trip=ROUND_TRIP, latency=SERVICE, idle_timeout=IDLE_CLOSE) as server:
        idle_over, worst = asyncio.run(_after_idle(server, idle))
    return LinkFigures(
        raw=found.time("raw", 1e3),
        names=chosen,
        times={name: found.time(name, 1e3) for name in chosen},
        over_raw={name: found.difference(name, "raw") for name in chosen},
        first_over_warm=first,
        idle_over_warm=idle_over,
        idle_worst=worst,
        burst_over_one=burst,
        burst_httpx=burst_httpx,
    )


async def _timed(call: AsyncCall, at_once: int = 1) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(at_once)))
    return (time.perf_counter() - started) * 1e3


async def _starts(server: Server, rounds: int) -> tuple[Figure, Figure, Figure]:
    """Right after connect: the first order against a warm one, a burst against one order."""
    import ssl

    import httpx

    from benchmarks.peers import transport_call

    first, burst, burst_httpx = [], [], []
    for _ in range(rounds):
        for at_once, results in ((1, first), (BURST, burst)):
            transport = Transport(ca_file=server.ca_file)
            call = exchange_call(transport, server.url)
            await transport.warm(server.url, BURST)
            start = await _timed(call, at_once)
            warm = median([await _timed(call) for _ in range(5)])
            results.append(start - warm)
            await transport.aclose()
        context = ssl.create_default_context(cafile=server.ca_file)
        stock = httpx.AsyncHTTPTransport(verify=context)
        call = transport_call(stock, server.url)
        await call()
        warm = median([await _timed(call) for _ in range(5)])
        burst_httpx.append(await _timed(call, BURST) - warm)
        await stock.aclose()
    return Figure.of(first), Figure.of(burst), Figure.of(burst_httpx)


async def _after_idle(server: Server, idle: tuple[float, float]) -> tuple[Figure, float]:
    """One order after a random idle time, from many accounts at once, each on its own address."""

    async def account(number: int) -> float:
        transport = Transport(ca_file=server.ca_file, local_address=f"127.0.1.{number + 1}")
        await transport.warm(server.url, 2)
        request = request_to(server.url)
        warm = []
        for _ in range(5):
            started = time.perf_counter()
            checked(await transport.exchange(request))
            warm.append(time.perf_counter() - started)
        await asyncio.sleep(random.uniform(*idle))
        started = time.perf_counter()
        checked(await transport.exchange(request))
        over = time.perf_counter() - started - median(warm)
        await transport.aclose()
        return over * 1e3

    results = await asyncio.gather(*map(account, range(24)))
    return Figure.of(results), max(results)
