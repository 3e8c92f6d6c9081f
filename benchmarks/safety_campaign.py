"""What the campaign does to one faulty broker: the modes, the special cases, the peers.

It places orders and holds what was claimed against what was booked; which figure is good enough is
:mod:`benchmarks.safety_rows`' to say.

All times of the broker are scaled by one factor: the sandbox's delays, settle time, timeouts.  What
is not scaled is the machine: an order whose reply never comes is unknown for 8 s at the least, and
the mark is 10 s, so at a factor of 0.2 two cores have some 0.2 s to read a book and say what it
proves.  Therefore several accounts trade at once, rather than one account on a faster clock.
"""

from __future__ import annotations

import asyncio
import json
import math
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

import openbroker as ob
from benchmarks.safety_clients import (
    SYMBOLS,
    JournalClock,
    Round,
    in_tasks,
    order_number,
    prepare,
    random_lifetime,
    recover,
    resting_prices,
    run_mortal,
    run_processes,
    run_tasks,
    run_threads,
)
from benchmarks.safety_peers import PEERS, PeerTally, tally
from benchmarks.safety_server import Broker, a_core_of_its_own
from benchmarks.safety_truth import Claim, Tally

MODES = ("sync, 8 threads", "asyncio, 64 tasks", "two processes")
PEER_SCALE, KILL_SCALE = 0.2, 0.04
"""Of parts that hold no time against a mark, and would take hours at the broker's own pace."""


@frozen(kw_only=True)
class Plan:
    """How much of everything."""

    orders: int
    seed: int
    scale: float
    at_once: int
    share: float = 0.35
    round_size: int = 500
    peer_orders: int = 1_000
    kills: int = 200


class Campaign:
    """One run against one faulty broker."""

    def __init__(self, plan: Plan, server: Broker, folder: Path) -> None:
        self.plan = plan
        self.server = server
        self.folder = folder

    @property
    def place(self) -> str:
        return self.server.subject.place

    # -- rounds

    def round(self, orders: int, **terms: Any) -> Round:
        return Round(
            server=self.server,
            **self.server.ask("account"),
            folder=self.folder,
            scale=self.plan.scale,
            orders=orders,
            **terms,
        )

    def rounds(self) -> Iterator[Round]:
        left = self.plan.orders
        while left > 0:
            size = min(left, self.plan.round_size)
            yield self.round(size)
            left -= size

    def mixed(self, seed: str, scale: float | None = None) -> None:
        """The campaign's faults from here on."""
        chosen = self.server.subject.rules(self.plan.share, scale or self.plan.scale)
        self.server.ask("faults", rules=chosen, seed=seed)

    def faults(self, *chosen: dict[str, Any]) -> None:
        self.server.ask("faults", rules=list(chosen), seed=str(self.plan.seed))

    def mode(self, name: str, run: Callable[[Round], list[Claim]]) -> Tally:
        """All orders of one mode, several accounts at once."""
        total = Tally()
        self.mixed(f"{self.plan.seed}/{name}")
        with ThreadPoolExecutor(self.plan.at_once) as pool:
            for tally_ in pool.map(lambda round_: round_.tally(run(round_)), self.rounds()):
                total.add(tally_)
                told = dict(total.outcomes)
                log(f"{name}: {total.orders} orders, {told}, wrong: {tally_.wrong or 'none'}")
        return total

    def modes(self) -> dict[str, Tally]:
        spawn = multiprocessing.get_context("spawn")
        size = 2 * self.plan.at_once
        with ProcessPoolExecutor(size, mp_context=spawn, initializer=prepare) as pool:
            runs = (run_threads, in_tasks, lambda round_: run_processes(pool, round_))
            return {name: self.mode(name, run) for name, run in zip(MODES, runs, strict=True)}

    # -- special cases

    def lagging_book(self) -> Tally:
        """A book 20 s behind, settle time 30 s."""
        round_ = self.round(min(1_000, self.plan.orders))
        lag = {"fault": "book-lag", "seconds": 20 * self.plan.scale}
        lost = {"fault": "reset-after-booking", "probability": 0.3, "path": self.place}
        self.faults(lag, lost)
        return round_.tally(in_tasks(round_))

    def late_orders(self) -> tuple[int, int, int]:
        """Orders that appear after the settle time: how many, told late, booked twice."""
        scale = self.plan.scale
        round_ = self.round(100)
        late = {"fault": "booked-later", "seconds": 45 * scale, "path": self.place}
        self.faults(late)
        told = asyncio.run(_watch_late(round_))
        book = self.server.ask("book", account=round_.account)
        tags = [row["tag"] for row in book]
        return len(tags), len(told & set(tags)), len(tags) - len(set(tags))

    def overruns(self) -> list[float]:
        """Seconds by which calls outlast ``timeout`` + ``resolve_within``."""
        round_ = self.round(64)
        hole = {"fault": "black-hole", "probability": 0.5, "path": self.place}
        loris = {"fault": "slow-loris", "probability": 1.0, "path": self.place}
        self.faults(hole, loris | {"seconds": 0.5 * self.plan.scale})
        claims = run_threads(round_, 4)
        allowed = (round_.timeout + round_.within) * round_.scale
        return [claim.ended - claim.began - allowed for claim in claims]

    def kills(self, lanes: int = 2) -> tuple[int, Tally, float]:
        """``kill -9`` at a random moment, and what the next process makes of it."""
        script = [sys.executable, "-m", "benchmarks.order_safety", "--lane"]
        self.mixed(f"{self.plan.seed}/kill", KILL_SCALE)
        each = math.ceil(self.plan.kills / lanes)
        with ThreadPoolExecutor(lanes) as pool:
            jobs = [
                pool.submit(_run_lane, script, self.server, self.plan, n * each, each)
                for n in range(lanes)
            ]
            tallies = [job.result() for job in jobs]
        total, slowest = Tally(), 0.0
        for tally_, slow in tallies:
            total.add(tally_)
            slowest = max(slowest, slow)
        return lanes * each, total, slowest

    def journal_costs(self) -> list[float]:
        """Seconds an order for the two commits, without faults."""
        self.faults()
        costs = []
        with a_core_of_its_own(self.server):
            for _ in range(math.ceil(self.plan.orders / self.plan.round_size)):
                with JournalClock() as clock:
                    asyncio.run(run_tasks(self.round(self.plan.round_size), 1))
                costs += clock.costs
        return costs

    def peers(self) -> list[PeerTally]:
        """The same broker, met with what a user would pick instead."""
        results = []
        for peer in PEERS[self.server.name]:
            opened = self.server.ask("account")
            self.mixed(f"{self.plan.seed}/{peer.name}", PEER_SCALE)
            orders = self.plan.peer_orders
            claims = peer.place(self.server, opened["credentials"], orders, PEER_SCALE)
            if claims is None:
                log(f"{peer.name}: skipped, its environment is missing")
                results.append(PeerTally(name=peer.name, skipped=True))
                continue
            book = self.server.ask("book", account=opened["account"])
            results.append(tally(peer.name, claims, book))
            log(str(results[-1]))
        return results


async def _watch_late(round_: Round) -> set[str]:
    told: set[str] = set()
    terms = round_.terms() | {"on_late_order": lambda _, order: told.add(order.wire_tag or "")}
    async with ob.connect_async(round_.broker, **terms) as broker:
        prices = resting_prices(await broker.quotes(SYMBOLS), broker.instruments)
        calls = (broker.place_order(**order_number(n, prices)) for n in range(round_.orders))
        await asyncio.gather(*calls, return_exceptions=True)
        deadline = time.monotonic() + 120 * round_.scale + 5
        while time.monotonic() < deadline and len(told) < round_.orders:  # noqa: ASYNC110
            await asyncio.sleep(round_.scale)
    return told


def _run_lane(
    script: Sequence[str], server: Broker, plan: Plan, first: int, count: int
) -> tuple[Tally, float]:
    task = {"server": attrs.asdict(server), "seed": plan.seed, "first": first, "count": count}
    done = subprocess.run(
        [*script, json.dumps(task)], stdout=subprocess.PIPE, text=True, check=True
    )
    facts = json.loads(done.stdout.splitlines()[-1])
    slowest = facts.pop("slowest")
    facts["outcomes"] = {}
    total = Tally()
    for name, value in facts.items():
        getattr(total, name).extend(value) if isinstance(value, list) else None
    total.orders, total.booked = facts["orders"], facts["booked"]
    return total, slowest


def lane(task: dict[str, Any]) -> dict[str, Any]:
    """Some of the ``kill -9`` rounds, in a process that forks its mortal children."""
    prepare()
    server = Broker(**task["server"])
    total, slowest = Tally(), 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(task["first"], task["first"] + task["count"]):
            round_ = Round(
                server=server,
                **server.ask("account"),
                folder=Path(folder),
                scale=KILL_SCALE,
                orders=0,
                timeout=25.0,
            )
            run_mortal(round_, random_lifetime(task["seed"], number, 0.5))
            slowest = max(slowest, recover(round_))
            tally_ = round_.tally([])
            tally_.left_open += [e.tag or "" for e in round_.entries() if e.state.is_open]
            tally_.false_claims += _contradictions(round_)
            tally_.orders = len(round_.entries())
            total.add(tally_)
    names = (
        "duplicates", "lost", "misattributed", "false_claims", "left_open", "orders", "booked",
    )  # fmt: skip
    return {name: getattr(total, name) for name in names} | {"slowest": slowest}


def _contradictions(round_: Round) -> list[str]:
    """Entries that the book contradicts, after recovery."""
    book = {row["tag"]: row for row in round_.server.ask("book", account=round_.account)}
    wrong = []
    for entry in round_.entries():
        row = book.get(entry.tag)
        claims = entry.state.value == "ACCEPTED"
        denies = entry.state.value in ("REJECTED", "NOT_SENT", "ABSENT")
        if (claims and (row is None or row["order_id"] != entry.order_id)) or (denies and row):
            wrong.append(f"{entry.tag}: {entry.state}")
    return wrong


_started = time.monotonic()


def log(text: str) -> None:
    print(f"{time.monotonic() - _started:7.1f} s  {text}", file=sys.stderr, flush=True)
