"""Figures over the emulated link: 40 ms of round trip and 38 ms of service."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Sequence
from statistics import median

import httpx
from attrs import frozen

from benchmarks.measure import AsyncCall, Call, Figure, interleave
from benchmarks.peers import RawSocket, exchange_call, sync_peers, transport_call
from benchmarks.servers import Server, wire_server
from openbroker.transport.exchange import Transport

ROUND_TRIP, SERVICE = 0.040, 0.038
IDLE_CLOSE = 5.0
BURST = 9
ACCOUNTS = 24


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
    warm_burst: Figure
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
        starts = asyncio.run(_starts(server, rounds))
    with wire_server(round_trip=ROUND_TRIP, latency=SERVICE, idle_timeout=IDLE_CLOSE) as server:
        idle_over, worst = asyncio.run(_after_idle(server, idle))
    return LinkFigures(
        raw=found.time("raw", 1e3),
        names=chosen,
        times={name: found.time(name, 1e3) for name in chosen},
        over_raw={name: found.difference(name, "raw") for name in chosen},
        first_over_warm=starts["first"],
        idle_over_warm=idle_over,
        idle_worst=worst,
        burst_over_one=starts["burst"],
        warm_burst=starts["warm burst"],
        burst_httpx=starts["httpx"],
    )


async def _timed(call: AsyncCall, at_once: int = 1) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(at_once)))
    return (time.perf_counter() - started) * 1e3


async def _starts(server: Server, rounds: int) -> dict[str, Figure]:
    """Right after connect, and warm: one order and a burst, over the warm median of one."""
    found: dict[str, list[float]] = {"first": [], "burst": [], "warm burst": [], "httpx": []}
    for _ in range(rounds):
        for at_once, name in ((1, "first"), (BURST, "burst")):
            transport = Transport(ca_file=server.ca_file)
            call = exchange_call(transport, server.url)
            await transport.warm(server.url, BURST)
            start = await _timed(call, at_once)
            warm = median([await _timed(call) for _ in range(5)])
            found[name].append(start - warm)
            if at_once == BURST:
                found["warm burst"].append(await _timed(call, at_once) - warm)
            await transport.aclose()
        found["httpx"].append(await _burst_by_httpx(server))
    return {name: Figure.of(values) for name, values in found.items()}


async def _burst_by_httpx(server: Server) -> float:
    context = ssl.create_default_context(cafile=server.ca_file)
    stock = httpx.AsyncHTTPTransport(verify=context)
    call = transport_call(stock, server.url)
    await call()
    warm = median([await _timed(call) for _ in range(5)])
    burst = await _timed(call, BURST) - warm
    await stock.aclose()
    return burst


async def _after_idle(server: Server, idle: tuple[float, float]) -> tuple[Figure, float]:
    """One order after a random idle time, by many accounts, each on an address of its own.

    The warm orders before are sent by one account after the other, so that they do not wait for
    one another at the server; after the idle time, chance keeps them apart.
    """
    accounts = [
        Transport(ca_file=server.ca_file, local_address=f"127.0.1.{number + 1}")
        for number in range(ACCOUNTS)
    ]
    warm: list[float] = []
    for transport in accounts:
        await transport.warm(server.url, 2)
        call = exchange_call(transport, server.url)
        warm += [await _timed(call) for _ in range(3)]

    async def order_later(transport: Transport) -> float:
        await asyncio.sleep(random.uniform(*idle))
        return await _timed(exchange_call(transport, server.url)) - median(warm)

    results = await asyncio.gather(*map(order_later, accounts))
    for transport in accounts:
        await transport.aclose()
    return Figure.of(results), max(results)
