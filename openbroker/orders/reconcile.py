"""What a read of the book proves about an order whose answer was lost: pure functions.

A :class:`Case` is one open unknown.  Each read of the book is a :class:`Poll`, and :func:`look`
says what it proves:

* A placed order *exists* when a row carries its wire tag.  Where the broker echoes no tag, a row
  that equals the order in every field, was placed in its time, and belongs to no other intent is
  taken for it, provided that there are as many such rows as there are such intents.
* A cancellation or modification *took effect* when the order's row shows it, and *cannot* when the
  order is done otherwise.
* Anything else is absence, which only counts from whole and fresh reads: begun after the order may
  have left, holding every row that was ever seen and every order that had been accepted before.
  While a row *may be* the order nothing is absent: one that nothing contradicts, whose tag the
  broker may have cut or dropped, whose instrument or time cannot be read, or of which there are
  more or fewer than there are intents.
  When it has stood for the settle time over :data:`POLLS` such reads the order is *absent as of*
  then.  That is evidence and not proof, so the case goes on being watched for a late order.

An accepted order is a :class:`Claim` until the book shows it, and :func:`hold` says what a poll
proves about that: a reply's order id may be another order's, or nobody's.

Times are ``time.monotonic()`` seconds unless they are called epoch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Final

import attrs
from attrs import field, frozen

from openbroker.orders.entries import Entry
from openbroker.orders.tags import is_wire_tag
from openbroker.schemas import Order, OrderStatus, OrderType, Record
from openbroker.schemas.enums import Word

POLLS: Final = 4
"""Whole and fresh reads that absence needs."""

FIRST_PAUSE: Final = 0.7
"""Seconds between the first reads, at a settle time of :data:`USUAL_SETTLE`; all pauses scale."""
LONGEST_PAUSE: Final = 3.0
"""A read that fails may take five seconds, and an order that shows should be found within ten."""
LATE_PAUSES: Final = (10.0, 60.0)
"""Shortest and longest pause between the reads that watch for a late order."""
USUAL_SETTLE: Final = 30.0

_EARLY: Final = dt.timedelta(seconds=2)
"""How far the broker's clock may be behind ours."""
_LATEST: Final = dt.timedelta(seconds=60)
"""How long after its exchange a row's time of placing is still taken for this order's."""


class Verdict(Word):
    """What is known of an order whose answer was lost."""

    EXISTS = "EXISTS"
    """The broker has it: the order is in the book, the change took effect."""
    REFUSED = "REFUSED"
    """The broker refused it, or it can no longer take effect."""
    ABSENT = "ABSENT"
    """The book has not shown the order, or the change, for the settle time. Evidence, not proof;
    still watched to the day's end."""
    OPEN = "OPEN"
    """Not known yet."""


@frozen(kw_only=True)
class Finding:
    """A verdict and what it rests on."""

    verdict: Verdict
    order: Order | None = None
    why: str = ""


@frozen(kw_only=True)
class Poll:
    """One read of the book: when it was begun, and its rows by order id."""

    begun: float
    rows: Mapping[str, Order]

    @classmethod
    def of(cls, begun: float, rows: Iterable[Order]) -> Poll:
        return cls(begun=begun, rows={row.order_id: row for row in rows})

    @cached_property
    def by_tag(self) -> dict[str, Order]:
        """The rows that carry a tag, by it in one case."""
        return {row.wire_tag.casefold(): row for row in self.rows.values() if row.wire_tag}

    @cached_property
    def untagged(self) -> list[Order]:
        """The rows without a whole tag of ours; found once for all cases, for books are large."""
        return [row for row in self.rows.values() if not is_wire_tag(row.wire_tag)]


@frozen(kw_only=True)
class Case:
    """One open unknown and the evidence so far.

    Attributes:
        entry: the journal's entry.
        since: the last moment at which its bytes may have left.
        counted: whole and fresh reads that did not show it.
        last: when the last read for it was begun.
        verdict: OPEN, or ABSENT while it is watched for a late order.
        by_tag: whether the broker echoes our tags.
    """

    entry: Entry
    since: float
    counted: int = 0
    last: float | None = None
    verdict: Verdict = Verdict.OPEN
    by_tag: bool = True


@frozen(kw_only=True)
class Known:
    """What is known beside the poll.

    Attributes:
        seen: every order id that any read of today has shown.
        owned: order ids of our accepted intents, and when (epoch) they were accepted.
        rivals: how many open cases ask for the same order as this one.
        same_day: whether it is still the day on which the order was sent: a book starts anew each
            day, so a later one's silence proves nothing.
        looked_up: whether the broker's look-up by tag, if it has one, knows of no such order.
    """

    seen: frozenset[str] = frozenset()
    owned: Mapping[str, float] = field(factory=dict)
    rivals: int = 1
    same_day: bool = True
    looked_up: bool = True


def look(case: Case, poll: Poll, known: Known, settle: float) -> tuple[Case, Finding | None]:
    """The case after this poll, and a finding if the poll decides it.

    A case that is ABSENT already is only decided by a row that shows it.
    """
    finding = SHOWS.get(case.entry.operation, _nothing_shows)(case, poll, known)
    case = attrs.evolve(case, last=poll.begun)
    if finding is not None:
        return case, finding
    if case.verdict is Verdict.ABSENT or not is_evidence(case, poll, known):
        return case, None
    if DOUBTS.get(case.entry.operation, _nothing_hides)(case, poll, known):
        return case, None
    case = attrs.evolve(case, counted=case.counted + 1)
    stood = poll.begun - case.since
    if stood < settle or case.counted < POLLS:
        return case, None
    silence = SILENT[case.entry.operation]
    why = f"{silence} for {stood:.1f} s, {case.counted} reads"
    absent = Finding(verdict=Verdict.ABSENT, why=why)
    return attrs.evolve(case, verdict=Verdict.ABSENT), absent


def is_evidence(case: Case, poll: Poll, known: Known) -> bool:
    """Whether the poll's silence counts: fresh, a whole book of the order's day, and no look-up
    that could not be made."""
    if not known.same_day or (case.entry.operation == "place_order" and not known.looked_up):
        return False
    due = {order_id for order_id, at in known.owned.items() if at < case.entry.sent_at}
    return poll.begun >= case.since and known.seen <= poll.rows.keys() and due <= poll.rows.keys()


# -- whether an accepted order is what its reply said


@frozen(kw_only=True)
class Claim:
    """An accepted order that no book has shown yet.

    Attributes:
        entry: the journal's entry.
        order_id: what the reply named.
        since: when it did.
        counted: telling reads (:func:`hold`) that showed neither the order id nor the tag.
    """

    entry: Entry
    order_id: str
    since: float
    counted: int = 0


def hold(
    claim: Claim, poll: Poll, settle: float, *, is_telling: bool
) -> tuple[Claim | None, Finding]:
    """The claim after this poll, ``None`` if it needs no further look, and what the poll proves.

    ``is_telling``: the poll is of the order's day, holds every row that was ever seen on it, and
    shows an order that was accepted later.

    EXISTS: the book has the order id. ABSENT: our tag stands beside another one (the finding's
    order), the order of that id is of another instrument or side, or for the settle time no telling
    read has shown anything of the order. OPEN: none of these.
    """
    tag = (claim.entry.tag or "").casefold()
    named, ours = poll.rows.get(claim.order_id), poll.by_tag.get(tag)
    if named is not None and tag and tag == (named.wire_tag or "").casefold():
        return None, Finding(verdict=Verdict.EXISTS, order=named)
    if ours is not None or (named is not None and _is_other(claim.entry, named)):
        why = f"order {claim.order_id}, which is another's"
        return None, Finding(verdict=Verdict.ABSENT, order=ours, why=why)
    if named is not None:
        return None, Finding(verdict=Verdict.EXISTS, order=named)
    stood = poll.begun - claim.since
    return _missed(claim, stood, settle, counts=is_telling and stood >= 0)


def _is_other(entry: Entry, row: Order) -> bool:
    """Whether a row without a tag is of another instrument or side. All else may have been changed
    since, and a tag says more."""
    if row.wire_tag:
        return False
    is_other_side = row.side is not None and row.side != entry.intent.get("side")
    return is_other_side or (row.instrument is not None and row.symbol != entry.symbol)


def _missed(
    claim: Claim, stood: float, settle: float, *, counts: bool
) -> tuple[Claim | None, Finding]:
    """What the silence of a book about an accepted order proves.

    Little: a reply has named the order, and a book that lags, loses rows or ends after so many of
    them is likelier than a reply about nothing. So the book has to show what came after the order.
    About orders that a broker may keep elsewhere it tells nothing. Then what the reply said has to
    do.
    """
    claim = attrs.evolve(claim, counted=claim.counted + counts)
    if counts and stood >= settle and claim.counted >= POLLS and is_plain(claim.entry):
        why = f"order {claim.order_id}, which no book has shown for {stood:.1f} s"
        return None, Finding(verdict=Verdict.ABSENT, why=why)
    goes_on = stood < _LET_GO * settle or (counts and claim.counted < POLLS)
    return claim if goes_on else None, Finding(verdict=Verdict.OPEN)


_LET_GO: Final = 2
"""Settle times after which an accepted order is not looked for any more."""


def is_plain(entry: Entry) -> bool:
    """Whether every broker's order book has orders like this one from the start."""
    return not any(entry.intent.get(name) for name in ("after_market", "bracket_target"))


# -- what shows that an intent took effect


def _placed(case: Case, poll: Poll, known: Known) -> Finding | None:
    rows = _tagged(case, poll) if case.by_tag else _alike(case, poll, known)
    if case.by_tag and len(rows) > 1:
        ids = ", ".join(row.order_id for row in rows)
        return Finding(verdict=Verdict.OPEN, why=f"several orders carry its tag: {ids}")
    if not rows or (not case.by_tag and len(rows) != known.rivals):
        return None
    return Finding(verdict=Verdict.EXISTS, order=rows[0], why="found in the order book")


def _tagged(case: Case, poll: Poll) -> list[Order]:
    tag = (case.entry.tag or "").casefold()
    return [r for r in poll.rows.values() if r.wire_tag and r.wire_tag.casefold() == tag]


def _alike(case: Case, poll: Poll, known: Known) -> list[Order]:
    """Rows that could be this order and are nobody else's, earliest first."""
    rows = [
        row
        for row in poll.rows.values()
        if row.order_id not in known.owned and is_alike(case.entry, row)
    ]
    return sorted(rows, key=lambda row: (row.placed_at or _NEVER, row.order_id))


def _may_be_there(case: Case, poll: Poll, known: Known) -> bool:
    """Whether the book has a row that could be this order for all that can be read of it."""
    rows = poll.untagged if case.by_tag else poll.rows.values()
    return any(row.order_id not in known.owned and is_possible(case.entry, row) for row in rows)


def is_possible(entry: Entry, row: Order) -> bool:
    """Whether nothing in a row contradicts that it is this intent's order.

    Of a type that is not the intent's the prices say nothing: brokers turn orders into others.  Of
    a row whose instrument is not known the quantity may be in lots.
    """
    intent, at = entry.intent, row.placed_at
    if at is not None and at.year > _NO_YEAR:
        sent, until = (dt.datetime.fromtimestamp(s, dt.UTC) for s in (entry.sent_at, entry.until))
        if not sent - _LATEST <= at <= until + _LATEST:
            return False
    told: dict[str, object] = {"side": row.side, "product": row.product}
    if row.instrument is not None:
        told |= {"symbol": row.symbol, "quantity": row.quantity}
    if row.order_type == intent.get("order_type"):
        told |= {"price": row.price, "trigger_price": row.trigger_price}
    wanted = {**intent, "symbol": entry.symbol}
    return all(shown is None or _equal(wanted.get(name), shown) for name, shown in told.items())


_NO_YEAR: Final = 1980
"""With years up to this vendors write that they have no time; 1900 is that of a time of day."""
_NEVER: Final = dt.datetime.max.replace(tzinfo=dt.UTC)


def is_alike(entry: Entry, row: Order) -> bool:
    """Whether a row equals an intent in every field, and was placed in its time."""
    intent = entry.intent
    if row.placed_at is None:
        return False
    sent, until = (dt.datetime.fromtimestamp(at, dt.UTC) for at in (entry.sent_at, entry.until))
    if not sent - _EARLY <= row.placed_at <= until + _LATEST:
        return False
    same = (
        row.symbol == entry.symbol
        and row.side == intent.get("side")
        and row.quantity == intent.get("quantity")
        and row.product == intent.get("product")
    )
    if not same or intent.get("order_type") == OrderType.MARKET:
        return same  # brokers turn market orders into limits, so type and price say nothing
    return row.order_type == intent.get("order_type") and all(
        _equal(intent.get(name), getattr(row, name)) for name in ("price", "trigger_price")
    )


def _equal(wanted: Any, shown: Any) -> bool:
    if wanted is None:
        return True
    if isinstance(shown, (Decimal, int)) and not isinstance(shown, bool):
        return Decimal(str(wanted)) == shown
    return bool(wanted == shown)


def _cancelled(case: Case, poll: Poll, _: Known) -> Finding | None:
    row = poll.rows.get(case.entry.order_id or "")
    if row is None:
        return None
    if row.status is OrderStatus.CANCELLED:
        return Finding(verdict=Verdict.EXISTS, order=row, why="the book shows it cancelled")
    return _too_late(row)


def _modified(case: Case, poll: Poll, known: Known) -> Finding | None:
    row = poll.rows.get(case.entry.order_id or "")
    if row is None:
        return None
    told = _told(case.entry, row)
    if told and all(told.values()):
        return Finding(verdict=Verdict.EXISTS, order=row, why="the book shows the change")
    return None if _may_have_changed(case, poll, known) else _too_late(row)


def _told(entry: Entry, row: Order) -> dict[str, bool]:
    """Whether a row shows each part of a change of which it tells anything."""
    parts = {name: value for name, value in entry.intent.items() if name in _IN_ROWS}
    shown = {name: getattr(row, name) for name in parts}
    return {n: _equal(parts[n], value) for n, value in shown.items() if value is not None}


_IN_ROWS: Final = {field.name for field in attrs.fields(Order)} - {"order_id"}


def _may_have_changed(case: Case, poll: Poll, _: Known) -> bool:
    """Whether the book cannot tell the change from none: it shows nothing of what was to change, or
    that was to become an order without a price, which brokers book with one and fill at once."""
    row = poll.rows.get(case.entry.order_id or "")
    if row is None:
        return False
    wanted = case.entry.intent.get("order_type")
    if wanted in (OrderType.MARKET, OrderType.SL_M):
        is_priced = row.order_type is OrderType(wanted).priced
        return is_priced or row.status is OrderStatus.FILLED
    return not _told(case.entry, row)


def _too_late(row: Order) -> Finding | None:
    if not row.is_done:
        return None
    return Finding(verdict=Verdict.REFUSED, order=row, why=f"the order is {row.status} already")


def _nothing_shows(_: Case, __: Poll, ___: Known) -> Finding | None:
    return None


Shows = Callable[[Case, Poll, Known], Finding | None]

SHOWS: Final[Mapping[str, Shows]] = {
    "place_order": _placed,
    "modify_order": _modified,
    "cancel_order": _cancelled,
}
"""How the book shows that an operation took effect. Others leave no trace there: they stay
unknown."""


def _nothing_hides(_: Case, __: Poll, ___: Known) -> bool:
    return False


DOUBTS: Final[Mapping[str, Callable[[Case, Poll, Known], bool]]] = {
    "place_order": _may_be_there,
    "modify_order": _may_have_changed,
}
"""When a book that does not show it may have it all the same."""

SILENT: Final[Mapping[str, str]] = {
    "place_order": "not in the order book",
    "modify_order": "the order book has not shown the change",
    "cancel_order": "the order book has not shown it cancelled",
}
"""What a book that does not show it is told as."""


# -- when to look


def next_look(case: Case, settle: float) -> float:
    """When the book should be read for this case again: at once, then at growing pauses."""
    if case.last is None:
        return case.since
    scale = settle / USUAL_SETTLE
    stood = max(0.0, case.last - case.since)
    if case.verdict is Verdict.ABSENT:
        shortest, longest = LATE_PAUSES
        return case.last + min(max(stood / 10, shortest * scale), longest * scale)
    pause = min(max(stood * 0.35, FIRST_PAUSE * scale), LONGEST_PAUSE * scale)
    end = case.since + settle
    return end if case.last < end < case.last + pause else case.last + pause


@frozen(kw_only=True)
class Resolution(Record):
    """What became of an order whose answer was lost.

    Attributes:
        verdict: EXISTS, REFUSED, ABSENT or OPEN.
        order: the row of the book, where there is one.
        order_id: the broker's id, once known.
        tag: the wire tag.
        why: what the verdict rests on.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = ("verdict", "order_id", "tag", "why")

    verdict: Verdict
    order: Order | None = None
    order_id: str | None = None
    tag: str | None = None
    why: str = ""
