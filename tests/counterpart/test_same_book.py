"""The same intents through the official client and through openbroker leave the same book.

Two sandboxes with the same seed stand at the same moment of the same day and are moved on together.
Every intent of :mod:`intents` goes to one of them as smartapi-python says it and to the other as
openbroker says it; then books, positions and funds have to be equal, order ids included.  Of the
tag only its label is compared, since openbroker makes its tags unique.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from intents import CRUDE_FUTURE, PLACINGS, by_name
from official import official_client
from sandboxes import connected, served
from trading_day import Day

from openbroker.orders.tags import label_of
from openbroker.sandbox.angelone.desk import Rules

pytestmark = pytest.mark.official


def test_the_books_are_equal(day: Day) -> None:
    theirs, ours = ([without_tag(row) for row in evening.book] for evening in day.evenings)
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


def test_lots_and_units_of_commodities(smartapi_python: Path, tmp_path: Path) -> None:
    """Where MCX quantities are lots on the wire, openbroker's user says units all the same."""
    lots = Rules(mcx_lots=True)
    with (
        served(rules=lots) as theirs,
        served(rules=lots) as ours,
        official_client(smartapi_python, theirs.facts, tmp_path) as official,
        connected(ours, mcx_quantity="lots") as broker,
    ):
        official.login()
        params = by_name("commodity future").theirs | {"quantity": "2"}
        order_id = official.placeOrder(params)
        change = {name: params[name] for name in params if name not in ("squareoff", "stoploss")}
        official.data("modifyOrder", change | {"orderid": order_id, "quantity": "1"})

        asked = by_name("commodity future").ours | {"quantity": 200}
        ack = broker.place_order(CRUDE_FUTURE.symbol, **asked)
        broker.modify_order(ack, quantity=100)

        books = [[without_tag(row) for row in p.sandbox.book()] for p in (theirs, ours)]
        assert books[0] == books[1]
        assert [row["quantity"] for row in books[1]] == [100]
        assert broker.order(ack).quantity == 100
        assert official.data("orderBook")[0]["quantity"] == "1"


def without_tag(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "tag"}
