"""The order-safety campaign: faults, truth, figures.

    python -m benchmarks.order_safety                     # the whole, on every broker
    python -m benchmarks.order_safety --broker zerodha    # on one
    python -m benchmarks.order_safety --orders 500        # a taste
    python -m benchmarks.order_safety --write             # put it into docs/order-safety.md

The brokers are those that the project simulates (``safety_brokers``).  A faulty one
(``safety_server``) serves the sandbox over TLS in a process of its own; openbroker
(``safety_clients``) and its peers (``safety_peers``) place orders there, and ``safety_truth`` holds
what they claim against what was booked.

All times of the broker are scaled by one factor: the sandbox's delays, settle time, timeouts.  What
is not scaled is the machine: an order whose reply never comes is unknown for 8 s at the least, and
the mark is 10 s, so at a factor of 0.2 two cores have some 0.2 s to read a book and say what it
proves.  Therefore several accounts trade at once, rather than one account on a faster clock.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import math
import multiprocessing
import os
import platform
import random
import sqlite3
import ssl
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
from benchmarks.safety_brokers import SUBJECTS
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
from benchmarks.safety_server import Broker, faulty_broker
from benchmarks.safety_truth import Claim, Tally, Waited
from openbroker.schemas import INDIA

MODES = ("sync, 8 threads", "asyncio, 64 tasks", "two processes")
PAGE = Path(__file__).parents[1] / "docs" / "order-safety.md"
PEER_SCALE, KILL_SCALE = 0.2, 0.04
"""Of parts that hold no time against a mark, and would take hours at the broker's own pace."""
BEGIN, END = "<!-- figures of {}: begin -->", "<!-- figures of {}: end -->"


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


@frozen(kw_only=True)
class Row:
    """A line of the table of figures."""

    measure: str
    reach: str
    found: str
    met: bool


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
        tallies = []
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
    import subprocess

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


# -- figures


def share_within(waits: Sequence[Waited], most: float) -> float:
    return sum(one.seconds <= most for one in waits) / len(waits) if waits else 1.0


def slowest(waits: Sequence[Waited], scale: float) -> str:
    """Also tells the five slowest in the log, each with its fault and what it rests on."""
    found = sorted(waits, reverse=True)[:5]
    for one in found:
        log(f"slow: {one.seconds / scale:.1f} s, {one.tag}, {one.fault}: {one.why}")
    return f"slowest {found[0].seconds / scale:.1f} s" if found else "none"


def quantile(values: Sequence[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * q))] if ordered else 0.0


def mode_rows(plan: Plan, tallies: dict[str, Tally]) -> list[Row]:
    total = Tally()
    for one in tallies.values():
        total.add(one)
    scale = plan.scale
    counts = [
        len(x) for x in (total.duplicates, total.lost, total.misattributed, total.false_claims)
    ]
    found = share_within(total.found_after, 10 * scale)
    absent = share_within(total.absent_after, 35 * scale)
    return [
        Row(
            measure=f"duplicates; lost; misattributed ids; false claims, of {total.orders:,}",
            reach="0; 0; 0; 0",
            found="; ".join(map(str, counts)),
            met=not any(counts),
        ),
        Row(
            measure=f"unknown and booked ({len(total.found_after):,}): resolved within 10 s",
            reach=">= 99.9 %",
            found=f"{100 * found:.2f} % ({slowest(total.found_after, scale)})",
            met=found >= 0.999,
        ),
        Row(
            measure=f"unknown and not booked ({len(total.absent_after):,}): absent within settle "
            "+ 5 s",
            reach=">= 99.9 %",
            found=f"{100 * absent:.2f} % ({slowest(total.absent_after, scale)})",
            met=absent >= 0.999,
        ),
    ]


@frozen(kw_only=True)
class Figures:
    """What one broker's campaign came to."""

    name: str
    rows: Sequence[Row]
    tallies: dict[str, Tally]
    peers: Sequence[PeerTally]


def run(name: str, plan: Plan, parts: Sequence[str]) -> Figures:
    """The parts that are asked for, in turn, on one broker."""
    prepare()
    rows: list[Row] = []
    tallies: dict[str, Tally] = {}
    peers: list[PeerTally] = []
    with faulty_broker(name, plan.seed) as server, tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(plan, server, Path(folder))
        if "modes" in parts:
            tallies = campaign.modes()
            rows += mode_rows(plan, tallies)
        rows += [PARTS[name](campaign) for name in parts if name in PARTS]
        if "peers" in parts:
            peers = campaign.peers()
    return Figures(name=name, rows=rows, tallies=tallies, peers=peers)


def lag_row(campaign: Campaign) -> Row:
    tally_ = campaign.lagging_book()
    wrong = [claim for claim in tally_.false_claims if "ABSENT" in claim]
    return row("book 20 s behind, settle 30 s: wrong absent", "0", len(wrong), not wrong)


def late_row(campaign: Campaign) -> Row:
    late, told, twice = campaign.late_orders()
    return row(
        f"orders that appear after the settle time ({late}): told late; sent again",
        "100 %; 0",
        f"{told}; {twice}",
        late == told and not twice,
    )


def kill_row(campaign: Campaign) -> Row:
    kills, killed, slowest = campaign.kills()
    bad = (
        len(killed.lost),
        len(killed.duplicates),
        len(killed.false_claims),
        len(killed.left_open),
    )
    log(f"slowest recovery {slowest:.2f} s")
    return row(
        f"`kill -9`, {kills} rounds, {killed.orders:,} intents: lost; duplicates; false; left open",
        "0; 0; 0; 0",
        "; ".join(map(str, bad)),
        not any(bad),
    )


def overrun_row(campaign: Campaign) -> Row:
    overrun = max(campaign.overruns())
    return row(
        "overrun of `timeout` + `resolve_within`, black hole and slow-loris, p100",
        "<= 100 ms",
        f"{1_000 * overrun:.0f} ms",
        overrun <= 0.1,
    )


def journal_row(campaign: Campaign) -> Row:
    costs = campaign.journal_costs()
    p50, p99, p999 = (1e6 * quantile(costs, q) for q in (0.5, 0.99, 0.999))
    return row(
        f"journal cost an order, {len(costs):,} orders: p50, p99, p99.9",
        "60, 300, 1,000 us",
        f"{p50:.0f}, {p99:.0f}, {p999:,.0f} us",
        p50 <= 60 and p99 <= 300 and p999 <= 1_000,
    )


PARTS: dict[str, Callable[[Campaign], Row]] = {
    "lag": lag_row,
    "late": late_row,
    "kills": kill_row,
    "overrun": overrun_row,
    "journal": journal_row,
}


def row(measure: str, reach: str, found: object, met: bool) -> Row:
    line = Row(measure=measure, reach=reach, found=str(found), met=met)
    log(str(line))
    return line


def page(plan: Plan, figures: Figures) -> str:
    """One broker's figures as Markdown."""
    lines = [
        _how(plan, figures.name),
        "",
        "| measure | reach | found |",
        "|---|---|---|",
    ]
    lines += map(table_line, figures.rows)
    if figures.tallies:
        lines += ["", *_outcome_table(figures.tallies)]
    if figures.peers:
        lines += ["", *_peer_table(figures.tallies, figures.peers)]
    return "\n".join(lines)


def table_line(figure: Row) -> str:
    missed = "" if figure.met else " (missed)"
    return f"| {figure.measure} | {figure.reach} | {figure.found}{missed} |"


def _how(plan: Plan, name: str) -> str:
    command = (
        f"python -m benchmarks.order_safety --broker {name} --orders {plan.orders} "
        f"--peer-orders {plan.peer_orders} --kills {plan.kills} --seed {plan.seed} "
        f"--scale {plan.scale} --at-once {plan.at_once}"
    )
    today = dt.datetime.now(INDIA).date()
    scaled = "none was scaled" if plan.scale == 1 else f"all of them were scaled by {plan.scale}"
    return (
        f"Measured {today} with `{command}`: {machine()}. {plan.at_once} accounts traded at once. "
        f"Times are the broker's; {scaled}."
    )


def _outcome_table(tallies: dict[str, Tally]) -> list[str]:
    lines = [
        (
            "| way of calling | orders | accepted | not sent | rejected | unknown when the "
            "call ended | answers lost, order found | reported absent | ids put right later "
            "| left open |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, t in tallies.items():
        cells = [t.outcomes[word] for word in ("ACCEPTED", "NOT_SENT", "REJECTED", "UNKNOWN")]
        cells += [len(t.found_after), len(t.absent_after), len(t.corrected_acks), len(t.left_open)]
        lines.append(f"| {name} | {t.orders:,} | " + " | ".join(f"{c:,}" for c in cells) + " |")
    return lines


def _peer_table(tallies: dict[str, Tally], peers: Sequence[PeerTally]) -> list[str]:
    lines = [
        (
            "| client | orders | booked more than once | surplus bookings | booked, and the caller "
            "was told it failed | success claimed under a wrong id |"
        ),
        "|---|---|---|---|---|---|",
    ]
    total = Tally()
    for one in tallies.values():
        total.add(one)
    ours = (len(total.duplicates), len(total.duplicates), len(total.lost), len(total.misattributed))
    lines.append(f"| openbroker | {total.orders:,} | " + " | ".join(map(str, ours)) + " |")
    for p in peers:
        if p.skipped:
            lines.append(f"| {p.name} | skipped: its environment is missing | | | | |")
            continue
        cells = (p.duplicates, p.extra, p.lost, p.false_success)
        lines.append(f"| {p.name} | {p.orders:,} | " + " | ".join(map(str, cells)) + " |")
    return lines


def machine() -> str:
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python "
        f"{platform.python_version()}, {ssl.OPENSSL_VERSION.split(' ', 2)[1]} OpenSSL, SQLite "
        f"{sqlite3.sqlite_version}, openbroker {ob.__version__}"
    )


_started = time.monotonic()


def log(text: str) -> None:
    print(f"{time.monotonic() - _started:7.1f} s  {text}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Hold order outcomes against the truth.")
    parser.add_argument(
        "--broker", choices=list(SUBJECTS), help="one only; by default each in turn"
    )
    parser.add_argument("--orders", type=int, default=10_000, help="orders in each mode")
    parser.add_argument("--peer-orders", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--scale", type=float, default=1.0, help="one factor for all times")
    parser.add_argument("--at-once", type=int, default=8, help="accounts that trade at once")
    parser.add_argument("--write", action="store_true", help="write into docs/order-safety.md")
    parser.add_argument("--only", nargs="*", choices=["modes", *PARTS, "peers"])
    parser.add_argument("--lane", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.lane:
        print(json.dumps(lane(json.loads(given.lane))))
        return
    plan = Plan(
        orders=given.orders,
        seed=given.seed,
        scale=given.scale,
        at_once=given.at_once,
        peer_orders=given.peer_orders,
        kills=given.kills,
    )
    log(f"seed {plan.seed}")
    met = True
    for name in [given.broker] if given.broker else SUBJECTS:
        log(f"== {SUBJECTS[name].title}")
        figures = run(name, plan, given.only or ["modes", *PARTS, "peers"])
        text = page(plan, figures)
        print(text, flush=True)
        if given.write:
            write(name, text if given.only is None else amended(name, plan, figures, given.only))
        met = met and all(line.met for line in figures.rows)
    sys.exit(0 if met else 1)


def write(name: str, text: str) -> None:
    """Put one broker's figures between their marks on the page."""
    head, _, tail = parted(name)
    begin, end = BEGIN.format(name), END.format(name)
    PAGE.write_text(f"{head}{begin}\n{text}\n{end}{tail}", "utf-8")


def parted(name: str) -> tuple[str, str, str]:
    """The page before, between and after one broker's marks.

    Raises:
        ValueError: the page has no such marks.
    """
    begin, end = BEGIN.format(name), END.format(name)
    head, found_begin, rest = PAGE.read_text("utf-8").partition(begin)
    block, found_end, tail = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"{PAGE} has no {begin} ... {end}")
    return head, block.strip("\n"), tail


def amended(name: str, plan: Plan, figures: Figures, parts: Sequence[str]) -> str:
    """The broker's figures that stand on the page, with the rows that were measured again, and how
    they were."""
    lines = parted(name)[1].splitlines()
    for row_ in figures.rows:
        start = f"| {row_.measure[:12]}"
        place = next(n for n, line in enumerate(lines) if line.startswith(start))
        lines[place] = table_line(row_)
        how = _how(plan, name).partition(": ")[0].rstrip("`")
        note = f"Measured alone: {row_.measure.partition(',')[0]}. {how} --only {' '.join(parts)}`."
        lines.insert(1, note)
    return "\n".join(lines)


if __name__ == "__main__":
    main()
