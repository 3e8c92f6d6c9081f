"""The campaign's figures, each beside the mark that it has to reach.

A part that placed no order has reached nothing, however little went wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen

from benchmarks.safety_campaign import Campaign, Plan, log
from benchmarks.safety_peers import PeerTally
from benchmarks.safety_truth import Tally, Waited


@frozen(kw_only=True)
class Row:
    """A line of the table of figures."""

    measure: str
    reach: str
    found: str
    met: bool


@frozen(kw_only=True)
class Figures:
    """What one broker's campaign came to."""

    name: str
    rows: Sequence[Row]
    tallies: dict[str, Tally]
    peers: Sequence[PeerTally]


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
            met=bool(total.orders) and not any(counts),
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


def lag_row(campaign: Campaign) -> Row:
    tally_ = campaign.lagging_book()
    wrong = [claim for claim in tally_.false_claims if "ABSENT" in claim]
    return row(
        "book 20 s behind, settle 30 s: wrong absent",
        "0",
        len(wrong),
        bool(tally_.orders) and not wrong,
    )


def late_row(campaign: Campaign) -> Row:
    late, told, twice = campaign.late_orders()
    return row(
        f"orders that appear after the settle time ({late}): told late; sent again",
        "100 %; 0",
        f"{told}; {twice}",
        0 < late == told and not twice,
    )


def kill_row(campaign: Campaign) -> Row:
    kills, killed, slowest = campaign.kills()
    bad = (
        len(killed.lost),
        len(killed.duplicates),
        len(killed.false_claims),
        len(killed.left_open),
    )
    log(f"slowest recovery {slowest:.2f} s; wrong: {killed.wrong or 'none'}")
    return row(
        f"`kill -9`, {kills} rounds, {killed.orders:,} intents: lost; duplicates; false; left open",
        "0; 0; 0; 0",
        "; ".join(map(str, bad)),
        killed.orders >= kills and not any(bad),
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
        f"journal cost an order, {len(costs):,} orders, broker on another core: p50, p99, p99.9",
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
