"""What openbroker claimed, held against what the broker booked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import Factory, define, frozen

from openbroker.orders.entries import Entry, State


@frozen(kw_only=True)
class Claim:
    """What a caller was told of one order, named by its label."""

    label: str
    outcome: str
    """ACCEPTED, REJECTED, NOT_SENT, UNKNOWN."""
    order_id: str | None = None
    began: float = 0.0
    ended: float = 0.0


@frozen(order=True)
class Waited:
    """How long an unknown took to be known."""

    seconds: float
    tag: str
    fault: str
    why: str


@define(kw_only=True)
class Tally:
    """The campaign's figures; every list holds labels or tags, so that a failure can be found."""

    orders: int = 0
    booked: int = 0
    outcomes: Counter[str] = Factory(Counter)
    duplicates: list[str] = Factory(list)
    lost: list[str] = Factory(list)
    misattributed: list[str] = Factory(list)
    false_claims: list[str] = Factory(list)
    corrected_acks: list[str] = Factory(list)
    found_after: list[Waited] = Factory(list)
    absent_after: list[Waited] = Factory(list)
    left_open: list[str] = Factory(list)

    def add(self, other: Tally) -> None:
        for name in ("orders", "booked"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.outcomes.update(other.outcomes)
        for name in LISTS:
            getattr(self, name).extend(getattr(other, name))

    def explain(self, how: str) -> None:
        """Say of everything wrong how it came about."""
        for name in ("lost", "misattributed", "false_claims"):
            setattr(self, name, [f"{one} ({how})" for one in getattr(self, name)])

    @property
    def wrong(self) -> list[str]:
        """Every doubled, lost, misattributed or falsely told order."""
        return [*self.duplicates, *self.lost, *self.misattributed, *self.false_claims]


LISTS = (
    "duplicates", "lost", "misattributed", "false_claims", "corrected_acks", "found_after",
    "absent_after", "left_open",
)  # fmt: skip


def compare(
    claims: Iterable[Claim],
    entries: Sequence[Entry],
    book: Sequence[Mapping[str, Any]],
    met: Mapping[str, str],
    *,
    resolve_within: float,
) -> Tally:
    """Hold claims and journal against the book; ``met`` is which fault each tag met.

    An order is *lost* when it is booked and openbroker has no entry that says so; a *false claim*
    is any outcome that the book contradicts.
    """
    tally = Tally(booked=len(book))
    booked: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in book:
        booked[row["tag"] or ""].append(row)
    by_label = {str(entry.intent.get("tag")): entry for entry in entries}
    tally.duplicates += [tag for tag, rows in booked.items() if len(rows) > 1]
    tally.lost += sorted(booked.keys() - {entry.tag for entry in entries})
    for claim in claims:
        entry = by_label.get(claim.label)
        one = Tally()
        _judge(one, claim, entry, booked)
        if one.wrong and entry is not None:
            one.explain(f"{entry.tag} met {met.get(entry.tag or '', 'no fault')}, {entry.why}")
        tally.add(one)
        if entry is not None:
            _time(tally, claim, entry, booked, met, resolve_within)
    return tally


def _judge(
    tally: Tally,
    claim: Claim,
    entry: Entry | None,
    booked: Mapping[str, list[Mapping[str, Any]]],
) -> None:
    tally.orders += 1
    tally.outcomes[claim.outcome] += 1
    rows = booked.get(entry.tag or "", []) if entry is not None else []
    row = rows[0] if rows else None
    if claim.outcome in ("REJECTED", "NOT_SENT") and row is not None:
        tally.false_claims.append(f"{claim.label}: {claim.outcome}, yet booked")
    if claim.outcome == "ACCEPTED" and row is None:
        tally.false_claims.append(f"{claim.label}: ACCEPTED, yet not booked")
    if entry is not None:
        _judge_entry(tally, claim, entry, row)


def _judge_entry(tally: Tally, claim: Claim, entry: Entry, row: Mapping[str, Any] | None) -> None:
    state = entry.state
    if state.is_open:
        tally.left_open.append(claim.label)
    if row is None:
        if state is State.ACCEPTED:
            tally.false_claims.append(f"{claim.label}: journal ACCEPTED, yet not booked")
        return
    if state in (State.REJECTED, State.NOT_SENT):
        tally.lost.append(f"{claim.label}: booked, journal {state}")
    if state is State.ABSENT:
        tally.false_claims.append(f"{claim.label}: ABSENT, yet booked")
    if state is State.ACCEPTED and entry.order_id != row["order_id"]:
        tally.misattributed.append(f"{claim.label}: {entry.order_id} for {row['order_id']}")
    if claim.order_id not in (None, row["order_id"]):
        tally.corrected_acks.append(claim.label)


def _time(
    tally: Tally,
    claim: Claim,
    entry: Entry,
    booked: Mapping[str, list[Mapping[str, Any]]],
    met: Mapping[str, str],
    resolve_within: float,
) -> None:
    """How long the truth took: after the booking, or after the deadline of the reply."""
    if entry.settled_at is None:
        return
    tag = entry.tag or ""
    rows = booked.get(tag)
    if rows and entry.detail.get("proof") != "reply":
        since, waits = rows[0]["booked_at"] or entry.sent_at, tally.found_after
    elif not rows and entry.state is State.ABSENT:
        since, waits = claim.ended - resolve_within, tally.absent_after
    else:
        return
    seconds = entry.settled_at - since
    waits.append(Waited(seconds, tag, met.get(tag, "-"), entry.why))
