"""What may hold an order back before it is entered: pure checks of an intent against its past.

They run inside the journal's transaction, so two processes of one account cannot pass each other.
"""

from __future__ import annotations

from collections.abc import Sequence

from openbroker.errors import DuplicateOrder, InvalidOrder, UnresolvedOrder, UsageError
from openbroker.orders.entries import Draft, Entry, State
from openbroker.orders.halt import refuse_halted
from openbroker.orders.journal_file import Guard, Past, Repeat

NEVER_HELD = ("cancel_order", "cancel_gtt")
"""Operations that pass every guard."""


LONGEST_ID = 128
"""Characters of a caller's own id."""


def check_client_id(client_id: object) -> None:
    """Refuse what cannot name an order; ``None`` passes.

    Raises:
        InvalidOrder: it is not a short, printable, non-empty text.
    """
    if client_id is None:
        return
    if not isinstance(client_id, str) or not client_id.strip() or not client_id.isprintable():
        raise InvalidOrder(f"client_id {client_id!r:.60} is not a printable text")
    if len(client_id) > LONGEST_ID:
        raise InvalidOrder(
            f"client_id {client_id[:20]!r}... has {len(client_id)} characters, more than "
            f"{LONGEST_ID}"
        )


def check_client_ids(client_ids: object, orders: int) -> None:
    """Refuse ids that are not one for each order of a basket; none at all pass.

    Raises:
        UsageError: they are no list, or not as many as orders.
        InvalidOrder: one of them cannot name an order.
    """
    if isinstance(client_ids, (str, bytes)) or not isinstance(client_ids, Sequence):
        raise UsageError(f"client_ids {client_ids!r:.60} is not a list with an id for each order")
    if client_ids and len(client_ids) != orders:
        raise UsageError(f"{len(client_ids)} client_ids were given for {orders} orders")
    for client_id in client_ids:
        check_client_id(client_id)


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
