"""The campaign's figures as Markdown, and their place in ``docs/order-safety.md``."""

from __future__ import annotations

import datetime as dt
import os
import platform
import sqlite3
import ssl
from collections.abc import Sequence
from pathlib import Path

import openbroker as ob
from benchmarks.safety_campaign import Plan
from benchmarks.safety_peers import PeerTally
from benchmarks.safety_rows import Figures, Row
from benchmarks.safety_truth import Tally
from openbroker.schemas import INDIA

PAGE = Path(__file__).parents[1] / "docs" / "order-safety.md"
BEGIN, END = "<!-- figures of {}: begin -->", "<!-- figures of {}: end -->"


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
