"""What may hold an order back before it is entered: pure checks of an intent against its past.

They run inside the journal's transaction, so two processes of one account cannot pass each other.
"""

from __future__ import annotations

from collections.abc import Sequence

from openbroker.errors import DuplicateOrder, UnresolvedOrder
from openbroker.orders.entries import Draft, Entry, State
from openbroker.orders.halt import refuse_halted
from openbroker.orders.journal_file import Guard, Past, Repeat

NEVER_HELD = ("cancel_order", "cancel_gtt")
"""Operations that pass every guard."""


def guard_with(window: float) -> Guard:
    """The guard with a duplicate window of so many seconds."""

    def check(draft: Draft, past: Past) -> Entry | None:
        if past.same_id is not None:
            return same_intent(draft, past.same_id)
        if draft.operation not in NEVER_HELD:
            refuse_halted(past.halt, reduces=draft.reduces)
            refuse_repeat(past.same_order, past.now, window)
        return None

    return check


def same_intent(draft: Draft, earlier: Entry) -> Entry:
    """The earlier entry, if it asked for the same.

    Raises:
        DuplicateOrder: the id was used for another order.
    """
    if earlier.fingerprint != draft.fingerprint:
        raise DuplicateOrder(
            f"client_id {draft.client_id!r} was used for another order ({earlier.what})",
            advice="Nothing was sent. An id names one order for the whole day; choose a new one.",
        )
    return earlier


def refuse_repeat(repeats: Sequence[Repeat], now: float, window: float) -> None:
    """Refuse an order that was just placed, or whose twin may already exist.

    Raises:
        UnresolvedOrder: the same order was sent and its outcome is not known.
        DuplicateOrder: the same order was placed inside the window.
    """
    for repeat in repeats:
        if repeat.state in (State.NOT_SENT, State.REJECTED):
            continue  # no order came of it
        age = now - repeat.sent_at
        if window and 0 <= age < window:
            raise DuplicateOrder(
                f"the same order was placed {age:.2f} s ago (tag {repeat.tag}, {repeat.state})"
            )
        if repeat.state.is_open:
            raise UnresolvedOrder(
                f"the same order was sent {age:.0f} s ago and its outcome is not known (tag "
                f"{repeat.tag})",
                advice="Nothing was sent. broker.resolve(...) settles the open one first; "
                "allow_repeat=True places a second one whatever became of it.",
            )


def refuse_unresolved(symbol: str, open_entries: Sequence[Entry]) -> None:
    """Raises ``UnresolvedOrder`` if an open order may still change the position in ``symbol``."""
    tags = [entry.tag or entry.reference for entry in open_entries if entry.symbol == symbol]
    if tags:
        raise UnresolvedOrder(
            f"{symbol} has orders whose outcome is not known ({', '.join(tags)}), so its position "
            f"may be about to change",
            advice="Nothing was sent. broker.resolve(...) settles them first; "
            "despite_unknown=True closes what the broker shows now.",
        )
