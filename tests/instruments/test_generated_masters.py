"""On masters of a realistic make-up, every tradable row is found again by its common symbol."""

from __future__ import annotations

import json

import pytest

from benchmarks import generated_masters
from openbroker.adapters import angelone_master, zerodha_master
from openbroker.adapters.masters import Listed
from openbroker.instruments import InstrumentStore


@pytest.fixture(scope="module")
def angel() -> bytes:
    return generated_masters.angelone(45_000)


@pytest.fixture(scope="module")
def zerodha() -> bytes:
    return generated_masters.zerodha(45_000)


@pytest.fixture(scope="module", params=["angel", "zerodha"])
def built(request: pytest.FixtureRequest) -> tuple[int, InstrumentStore]:
    """How many rows the file has, and the store of it."""
    content: bytes = request.getfixturevalue(request.param)
    if request.param == "angel":
        rows, count = angelone_master.instruments(content), len(json.loads(content))
    else:
        rows, count = zerodha_master.instruments(content), content.count(b"\n") - 1
    listed: list[Listed] = list(rows)
    assert len(listed) == count
    return count, InstrumentStore.build(listed, day=generated_masters.TODAY)


def test_every_row_is_found_or_listed(built: tuple[int, InstrumentStore]) -> None:
    count, store = built
    assert len(store) + sum(store.skipped.values()) == count
    for row in store:
        assert store.by_symbol(row.symbol) == row
        assert store.by_token(row.exchange, row.token) == row
        assert store.by_broker_symbol(row.exchange, row.broker_symbol) is not None


def test_only_what_cannot_be_traded_safely_is_left_out(built: tuple[int, InstrumentStore]) -> None:
    _, store = built
    assert set(store.skipped) <= {
        "a test security of the exchange",
        "instrument type 'COMDTY' is not tradable",
        "how many units a lot has is not known",
    }


def test_the_two_brokers_rows_are_the_same_instruments(angel: bytes, zerodha: bytes) -> None:
    ours = InstrumentStore.build(angelone_master.instruments(angel), day=generated_masters.TODAY)
    theirs = InstrumentStore.build(zerodha_master.instruments(zerodha), day=generated_masters.TODAY)
    missing = [row.symbol for row in theirs if ours.same(row) is None]
    assert missing == []
    for row in list(theirs)[::50]:
        match = ours.same(row)
        assert match is not None
        assert (match.symbol, match.lot_size) == (row.symbol, row.lot_size)
