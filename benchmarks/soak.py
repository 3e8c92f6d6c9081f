"""A soak: orders and reads from threads and tasks for minutes, against a server that misbehaves.

    python -m benchmarks.soak --minutes 10

The server closes idle connections and every so often resets, refuses, delays or duplicates.  Prints
one JSON line a minute and a verdict at the end: nothing crossed, nothing doubtful taken for good,
and no socket, task or thread left behind.  The exit status is 1 if anything leaked or crossed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import psutil

from benchmarks.peers import ANGELONE
from benchmarks.servers import Server, wire_server
from openbroker.transport import bridge
from openbroker.transport.exchange import Transport
from openbroker.transport.messages import Effect, Reply, Request
from openbroker.transport.pool import Tuning

FAULTS = {
    "reset-before-booking": 0.004,
    "reset-after-booking": 0.004,
    "fin-mid-reply": 0.004,
    "duplicated-reply": 0.002,
    "late-reply": 0.001,
    "idle-close": 0.01,
    "black-hole": 0.001,
    "refused-stream": 0.004,
    "goaway-with-reply": 0.002,
    "goaway-below": 0.002,
    "reset-in-handshake": 0.02,
}
"""Not among them: late duplicates. One that comes while the connection's next request is under way
cannot be told from its answer by anything that HTTP/1.1 carries (over a real link, the round trip
tells); order ids that are new to the journal catch it, a layer above."""

TUNING = Tuning(settle=2.0)
WORKERS = 8

_numbers = itertools.count(1)


def _request(url: str, effect: Effect) -> Request:
    return Request(
        method="POST",
        url=url + ANGELONE.path,
        headers={**ANGELONE.headers, "X-Tag": f"tag{next(_numbers)}"},
        content=ANGELONE.body,
        operation=effect.value,
        effect=effect,
        timeout=1.0,
    )


def _kind(request: Request, outcome: object) -> str:
    if not isinstance(outcome, Reply):
        return "unknown" if getattr(outcome, "handed_over", True) else "not sent"
    if outcome.doubt is not None:
        return "doubtful"
    return "good" if outcome.headers.get("x-tag") == request.headers["X-Tag"] else "crossed"


async def _trade(transport: Transport, url: str, counts: Counter[str], end: float) -> None:
    """One task's life: bursts, single requests and pauses."""
    while time.monotonic() < end:
        effect = Effect.ORDER if random.random() < 0.6 else Effect.READ
        requests = [_request(url, effect) for _ in range(random.choice((1, 1, 1, 5)))]
        outcomes = await asyncio.gather(*map(transport.exchange, requests))
        counts.update(map(_kind, requests, outcomes))
        await asyncio.sleep(random.choice((0.0, 0.005, 0.05, 0.5)))


def _trade_in_thread(transport: Transport, url: str, counts: Counter[str], end: float) -> None:
    while time.monotonic() < end:
        request = _request(url, Effect.ORDER)
        kind = _kind(request, bridge.run(transport.exchange(request)))
        counts[kind] += 1
        time.sleep(random.choice((0.0, 0.01, 0.1)))


def _state() -> dict[str, float]:
    """What may leak."""
    process = psutil.Process()
    loop = bridge.loop_thread().loop
    gc.collect()
    return {
        "sockets": len(process.net_connections("tcp")),
        "files": process.num_fds(),
        "threads": threading.active_count(),
        "tasks": len(asyncio.all_tasks(loop)),
        "memory_mb": round(process.memory_info().rss / 1e6, 1),
    }


def _run(server: Server, minutes: float) -> bool:
    bridge.run(asyncio.sleep(0))
    before = _state()
    transport = Transport(ca_file=server.ca_file, tuning=TUNING)
    bridge.run(transport.warm(server.url, 9))
    end = time.monotonic() + minutes * 60
    counts: Counter[str] = Counter()

    async def tasks() -> None:
        work = (_trade(transport, server.url, counts, end) for _ in range(WORKERS))
        await asyncio.gather(*work)

    with ThreadPoolExecutor(WORKERS + 1) as threads:
        running = [threads.submit(bridge.run, tasks)]
        running += [
            threads.submit(_trade_in_thread, transport, server.url, counts, end)
            for _ in range(WORKERS)
        ]
        while time.monotonic() < end:
            time.sleep(min(60.0, max(0.1, end - time.monotonic())))
            print(json.dumps({**counts, **_state()}), flush=True)
        for future in running:
            future.result()
    bridge.run(transport.aclose())
    time.sleep(0.5)
    return _verdict(before, _state(), counts)


def _verdict(before: dict[str, float], after: dict[str, float], counts: Counter[str]) -> bool:
    leaked = {
        name: [before[name], after[name]]
        for name in ("sockets", "files", "threads", "tasks")
        if after[name] > before[name]
    }
    print(json.dumps({"counts": counts, "before": before, "after": after, "leaked": leaked}))
    return not leaked and not counts["crossed"] and counts["good"] > 0


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args(arguments).minutes
    with wire_server(idle_timeout=2.0, faults=FAULTS) as server:
        good = _run(server, minutes)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
