"""The same intents through the official client and through openbroker leave the same book.

Two sandboxes with the same seed stand at the same moment of the same day and are moved on together.
Every intent of :mod:`intents` goes to one of them as smartapi-python says it and to the other as
openbroker says it; then books, positions and funds have to be equal, order ids included.  Of the
tag only its label is compared, since openbroker makes its tags unique.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from intents import PLACINGS
from trading_day import Day

from openbroker.orders.tags import label_of

pytestmark = pytest.mark.official


def test_the_books_are_equal(day: Day) -> None:
    theirs, ours = ([_without_tag(row) for row in evening.book] for evening in day.evenings)
    assert len(ours) == len(PLACINGS) + 2, "a bracket that fills gets two children"
    for their_row, our_row in zip(theirs, ours, strict=True):
        assert our_row == their_row


def test_the_tag_keeps_its_label(day: Day) -> None:
    theirs, ours = ([row["tag"] for row in evening.book] for evening in day.evenings)
    assert [label_of(tag) or "" for tag in ours] == theirs
    assert len(set(ours)) == len(PLACINGS), "unique, but for a bracket's children, who inherit it"


def test_every_end_is_among_them(day: Day) -> None:
    """A comparison of books that hold nothing but rejections would prove nothing."""
    ends = Counter(row["status"] for row in day.evenings[0].book)
    assert set(ends) == {"OPEN", "FILLED", "TRIGGER_PENDING", "CANCELLED", "REJECTED"}
    assert ends["REJECTED"] == 1, "the one that is dearer than the account"


def test_trades_positions_and_funds_are_equal(day: Day) -> None:
    theirs, ours = day.evenings
    assert theirs.trades
    assert theirs.positions
    assert (ours.trades, ours.positions, ours.funds) == (
        theirs.trades, theirs.positions, theirs.funds,
    )  # fmt: skip


def _without_tag(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "tag"}
