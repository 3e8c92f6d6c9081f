"""The same intents through kiteconnect and through openbroker leave the same book at Zerodha.

As :mod:`test_same_book`: two sandboxes with one seed and one clock, and the intents of
:mod:`kite_intents`.
"""

from __future__ import annotations

from collections import Counter

import pytest
from kite_intents import PLACINGS
from test_same_book import without_tag
from trading_day import Day

from openbroker.orders.tags import label_of

pytestmark = pytest.mark.official


def test_the_books_are_equal(kite_day: Day) -> None:
    theirs, ours = ([without_tag(row) for row in evening.book] for evening in kite_day.evenings)
    assert len(ours) == len(PLACINGS)
    for their_row, our_row in zip(theirs, ours, strict=True):
        assert our_row == their_row


def test_the_tag_keeps_its_label(kite_day: Day) -> None:
    theirs, ours = ([row["tag"] for row in evening.book] for evening in kite_day.evenings)
    assert [label_of(tag) or "" for tag in ours] == theirs
    assert len(set(ours)) == len(PLACINGS)


def test_every_end_is_among_them(kite_day: Day) -> None:
    """A comparison of books that hold nothing but rejections would prove nothing."""
    ends = Counter(row["status"] for row in kite_day.evenings[0].book)
    assert set(ends) == {"OPEN", "FILLED", "TRIGGER_PENDING", "CANCELLED", "REJECTED"}
    assert ends["REJECTED"] == 1, "the one that is dearer than the account"


def test_trades_positions_and_funds_are_equal(kite_day: Day) -> None:
    theirs, ours = kite_day.evenings
    assert theirs.trades
    assert theirs.positions
    assert (ours.trades, ours.positions, ours.funds) == (
        theirs.trades, theirs.positions, theirs.funds,
    )  # fmt: skip
