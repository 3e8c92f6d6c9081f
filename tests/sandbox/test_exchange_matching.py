"""Matching: no fill worse than the limit, none that the book does not hold, none lost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from floor import instrument, still_sandbox
from hypothesis import given
from hypothesis import strategies as st

from openbroker.sandbox.depth import LEVELS, SHOWN, shown, synthesise
from openbroker.sandbox.matching import Fill, at_own_price, is_triggered, sweep
from openbroker.schemas import Level, Side

TICK = Decimal("0.05")
BASE = Decimal(100)
INFY = instrument(still_sandbox(), "NSE:INFY")


@st.composite
def ladders(draw):
    """A side, its levels best first, and what was taken of them."""
    side = draw(st.sampled_from(Side))
    step = TICK if side is Side.BUY else -TICK
    sizes = draw(st.lists(st.integers(1, 500), max_size=8))
    levels = [Level(price=BASE + step * i, quantity=size) for i, size in enumerate(sizes, 1)]
    taken = {
        level.price: draw(st.integers(0, level.quantity)) for level in levels if draw(st.booleans())
    }
    return side, levels, taken


LIMITS = st.none() | st.integers(-10, 10).map(lambda ticks: BASE + TICK * ticks)


@given(ladder=ladders(), quantity=st.integers(1, 2_000), limit=LIMITS)
def test_a_sweep_is_as_good_as_the_book_allows(ladder, quantity, limit):
    side, levels, taken = ladder
    fills = sweep(side, quantity, limit, levels, taken)
    within = [
        level
        for level in levels
        if limit is None or (level.price <= limit if side is Side.BUY else level.price >= limit)
    ]
    left = {level.price: level.quantity - taken.get(level.price, 0) for level in within}
    assert sum(fill.quantity for fill in fills) == min(quantity, sum(left.values()))
    assert all(0 < fill.quantity <= left[fill.price] for fill in fills)
    prices = [fill.price for fill in fills]
    assert prices == sorted(prices, reverse=side is Side.SELL)
    assert all(fill.quantity == left[fill.price] for fill in fills[:-1]), "best levels first, whole"
    offered = [price for price, size in left.items() if size]
    assert prices == offered[: len(prices)]


@given(ladder=ladders(), quantity=st.integers(1, 2_000), limit=LIMITS)
def test_waiting_changes_the_price_and_nothing_else(ladder, quantity, limit):
    side, levels, taken = ladder
    fills = sweep(side, quantity, limit, levels, taken)
    waited = at_own_price(fills, limit)
    assert [fill.quantity for fill in waited] == [fill.quantity for fill in fills]
    assert all(fill.price == limit for fill in waited if limit is not None)


@pytest.mark.parametrize(
    ("side", "trigger", "price", "armed"),
    [
        (Side.BUY, "100", "99.95", False),
        (Side.BUY, "100", "100", True),
        (Side.SELL, "100", "100.05", False),
        (Side.SELL, "100", "100", True),
    ],
)
def test_stops_are_armed_at_their_trigger(side, trigger, price, armed):
    assert is_triggered(side, Decimal(trigger), Decimal(price)) is armed


def test_fills_compare_by_what_they_are():
    assert Fill(BASE, 1) == Fill(BASE, 1) != Fill(BASE, 2)


@given(moment=st.integers(0, 10**6), seed=st.integers(0, 99))
def test_the_book_stands_around_the_price_and_inside_the_circuits(moment, seed):
    it = INFY
    price, circuits = Decimal(1500), (Decimal(1499), Decimal(1510))
    depth = synthesise(it, price, circuits, seed=seed, moment=moment)
    bids, asks = [level.price for level in depth.bids], [level.price for level in depth.asks]
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert max(bids) < price < min(asks)
    assert len(asks) == LEVELS
    assert len(bids) == 10, "a tick apart, down to the circuit"
    assert all(circuits[0] <= p <= circuits[1] for p in (*bids, *asks))
    assert all(p % it.tick_size == 0 for p in (*bids, *asks))
    assert len(shown(depth).asks) == SHOWN
    assert depth == synthesise(it, price, circuits, seed=seed, moment=moment)


def test_levels_are_whole_lots():
    it = instrument(still_sandbox(), "NFO:NIFTY24NOV2626000CE")
    depth = synthesise(it, Decimal(200), (Decimal(1), Decimal(900)), seed=7, moment=1)
    assert all(level.quantity % it.lot_size == 0 for level in (*depth.bids, *depth.asks))
