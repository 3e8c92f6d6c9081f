"""The price process: the same for everybody, in any order, at any length of candle."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from floor import TODAY, instrument, still_sandbox
from hypothesis import given
from hypothesis import strategies as st

from openbroker.sandbox.history import candles
from openbroker.sandbox.options import greeks, premium
from openbroker.sandbox.prices import Walk, bridge
from openbroker.schemas import Interval, Right
from openbroker.schemas.table import INDIA

DAYS = st.integers(-400, 40)
SECONDS = st.integers(0, 86_399)


@given(moments=st.lists(st.tuples(DAYS, SECONDS), max_size=8))
def test_a_price_does_not_depend_on_what_was_asked_before(moments):
    asked = Walk(7, "INFY", 0.02)
    prices = [asked.at(*moment) for moment in moments]
    assert prices == [Walk(7, "INFY", 0.02).at(*moment) for moment in moments]


@given(day=DAYS, minute=st.integers(0, 1439))
def test_a_minute_begins_where_its_first_second_is(day, minute):
    walk = Walk(7, "INFY", 0.02)
    assert walk.at(day, minute * 60) == pytest.approx(walk.at_minute(day, minute), abs=1e-12)
    assert walk.at_minute(day, 1440) == walk.at_minute(day + 1, 0)


def test_seeds_and_names_give_walks_of_their_own():
    at = [Walk(seed, name, 0.02).at(3, 40_000) for seed in (7, 8) for name in ("INFY", "TCS")]
    assert len(set(at)) == 4


def test_a_walk_wanders_as_far_as_it_was_told():
    walk = Walk(7, "INFY", 0.02)
    steps = [walk.at(day + 1, 0) - walk.at(day, 0) for day in range(1000)]
    assert math.sqrt(sum(step**2 for step in steps) / 1000) == pytest.approx(0.02, rel=0.1)


@given(steps=st.integers(1, 60), start=st.floats(-1, 1), end=st.floats(-1, 1))
def test_a_bridge_keeps_its_ends(steps, start, end):
    points = bridge(99, steps, start, end, 0.5)
    assert len(points) == steps + 1
    assert points[0] == pytest.approx(start)
    assert points[-1] == pytest.approx(end)


def test_the_same_seed_gives_the_same_prices_whatever_the_date():
    quotes = {
        still_sandbox(today=TODAY + dt.timedelta(days=shift)).exchange.market.price(
            instrument(still_sandbox(), "NSE:INFY"),
            dt.datetime.combine(TODAY + dt.timedelta(days=shift), dt.time(11, 7), INDIA),
        )
        for shift in (0, 3, 300)
    }
    assert len(quotes) == 1


@pytest.mark.parametrize("symbol", ["NSE:INFY", "NFO:NIFTY24NOV26FUT", "NFO:NIFTY24NOV2626000PE"])
def test_prices_are_on_tick_and_inside_the_circuits(symbol):
    sandbox = still_sandbox()
    market, it = sandbox.exchange.market, instrument(sandbox, symbol)
    start = sandbox.clock.now()
    low, high = market.circuits(it, start)
    for second in range(0, 7_000, 97):
        price = market.price(it, start + dt.timedelta(seconds=second))
        assert price % it.tick_size == 0
        assert low <= price <= high


def test_longer_candles_are_made_of_shorter_ones():
    sandbox = still_sandbox()
    it = instrument(sandbox, "NSE:INFY")
    start, end = _session(TODAY - dt.timedelta(days=1))
    ones = candles(sandbox.exchange, it, Interval.M1, start, end)
    fives = candles(sandbox.exchange, it, Interval.M5, start, end)
    days = candles(sandbox.exchange, it, Interval.D1, start, end)
    assert (len(ones), len(fives), len(days)) == (375, 75, 1)
    for number, five in enumerate(fives):
        parts = [candle.bar for candle in ones[number * 5 : number * 5 + 5]]
        assert five.bar.high == max(part.high for part in parts)
        assert five.bar.low == min(part.low for part in parts)
        assert five.bar.open == parts[0].open
        assert five.bar.close == parts[-1].close
        assert five.bar.volume == sum(part.volume for part in parts)
    assert days[0].bar.volume == sum(candle.bar.volume for candle in ones)
    assert days[0].bar.high == max(candle.bar.high for candle in ones)


def test_todays_candles_hold_every_tick_and_end_with_the_last_whole_minute():
    sandbox = still_sandbox()
    market, it = sandbox.exchange.market, instrument(sandbox, "NSE:INFY")
    sandbox.clock.advance(90)
    rows = candles(sandbox.exchange, it, Interval.M1, *_session(TODAY))
    assert f"{rows[-1].start:%H:%M}" == "10:00"
    for second in range(60):
        tick = market.price(it, rows[-1].start + dt.timedelta(seconds=second))
        assert market.on_tick(it, rows[-1].bar.low) <= tick <= market.on_tick(it, rows[-1].bar.high)


def test_weekends_have_no_candles_but_the_sandboxs_own_first_day_may_be_one():
    sunday = dt.date(2026, 11, 22)
    sandbox = still_sandbox(today=sunday)
    it = instrument(sandbox, "NSE:INFY")
    start, _ = _session(sunday - dt.timedelta(days=6))
    rows = candles(sandbox.exchange, it, Interval.D1, start, sandbox.clock.now())
    assert [f"{row.start:%a}" for row in rows] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sun"]


def test_the_days_figures_follow_the_ticks():
    sandbox = still_sandbox()
    market, it = sandbox.exchange.market, instrument(sandbox, "NFO:NIFTY24NOV26FUT")
    start = sandbox.clock.now()
    seen = []
    for second in range(0, 400, 7):
        moment = start + dt.timedelta(seconds=second)
        seen.append(market.price(it, moment))
        figures = market.day_figures(it, moment)
        assert figures.low <= min(seen)
        assert figures.high >= max(seen)
    again = market.day_figures(it, start + dt.timedelta(seconds=100))
    assert again == still_sandbox().exchange.market.day_figures(
        it, start + dt.timedelta(seconds=100)
    )


TERMS = {
    "forward": st.floats(50, 200),
    "strike": st.floats(50, 200),
    "volatility": st.floats(0.05, 1),
    "years": st.floats(0.01, 2),
}


@given(**TERMS)
def test_calls_and_puts_keep_parity(forward, strike, volatility, years):
    call, put = (
        premium(right, forward, strike, volatility, years, 0.065) for right in (Right.CE, Right.PE)
    )
    assert call - put == pytest.approx(math.exp(-0.065 * years) * (forward - strike), abs=1e-6)


def test_an_expired_option_is_worth_its_intrinsic_value():
    assert premium(Right.CE, 110, 100, 0.2, 0, 0.065) == 10
    assert premium(Right.PE, 110, 100, 0.2, 0, 0.065) == 0


@given(**TERMS)
def test_vega_and_delta_are_the_premiums_slopes(forward, strike, volatility, years):
    def worth(spot: float, sigma: float) -> float:
        carried = spot * math.exp(0.065 * years)
        return premium(Right.CE, carried, strike, sigma, years, 0.065)

    spot = forward * math.exp(-0.065 * years)
    at = greeks(Right.CE, forward, strike, volatility, years, 0.065)
    step = spot * 1e-4
    slope = (worth(spot + step, volatility) - worth(spot - step, volatility)) / (2 * step)
    assert at.delta == pytest.approx(slope, abs=2e-3)
    gain = (worth(spot, volatility + 1e-4) - worth(spot, volatility - 1e-4)) / 2e-4 / 100
    assert at.vega == pytest.approx(gain, abs=2e-3)


def _session(date: dt.date) -> tuple[dt.datetime, dt.datetime]:
    return (
        dt.datetime.combine(date, dt.time(9, 15), INDIA),
        dt.datetime.combine(date, dt.time(15, 30), INDIA),
    )
