"""Long histories: spans, windows, stitching, and what could not be read."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Iterator
from decimal import Decimal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbroker.adapters.angelone import ANGELONE
from openbroker.errors import BrokerUnavailable, OpenBrokerError, Unsupported, UsageError
from openbroker.history import span_of, stitched, windows, with_interest
from openbroker.schemas import (
    INDIA,
    Candle,
    Exchange,
    Instrument,
    InstrumentType,
    Interval,
    OpenInterest,
    Window,
)
from openbroker.testing import MockBroker, mock_broker

S = "/rest/secure/angelbroking"
SBIN = Instrument(
    exchange=Exchange.NSE, symbol="NSE:SBIN", type=InstrumentType.EQUITY, token="3045",
    broker_symbol="SBIN-EQ",
)  # fmt: skip
USD = Instrument(
    exchange=Exchange.CDS, symbol="CDS:USDINR29DEC26FUT", type=InstrumentType.FUTURE,
    token="1", broker_symbol="USDINR26DECFUT",
)  # fmt: skip
NOW = dt.datetime(2024, 8, 20, 12, tzinfo=INDIA)
EARLIEST = dt.date(2000, 1, 1)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+05:30")


def candle(moment: dt.datetime, close: int = 1) -> Candle:
    one = Decimal(close)
    return Candle(timestamp=moment, open=one, high=one, low=one, close=one, volume=1)


# -- spans


def span(**given: object) -> Window:
    asked = {"start": None, "end": None, "days": None} | given
    return span_of(NOW, **asked, earliest=EARLIEST)  # type: ignore[arg-type]  # loose on purpose


def test_days_count_back_from_the_end_or_from_now() -> None:
    assert span(days=30) == Window(start=NOW - dt.timedelta(days=30), end=NOW)
    assert span(days=1, end="2024-08-10").end == at("2024-08-10T23:59")


def test_a_day_is_meant_whole_and_a_bare_time_is_in_india() -> None:
    found = span(start="2024-08-01", end=dt.date(2024, 8, 2))
    assert found == Window(start=at("2024-08-01T00:00"), end=at("2024-08-02T23:59"))
    assert span(start="2024-08-01T09:15").start == at("2024-08-01T09:15")
    utc = dt.datetime(2024, 8, 1, 4, tzinfo=dt.UTC)
    assert span(start=utc).start == utc


def test_the_future_is_not_asked_for_and_nothing_before_the_beginning() -> None:
    assert span(start="2024-08-01", end="2030-01-01").end == NOW
    assert span(start="1990-01-01").start == at("2000-01-01T00:00")


@pytest.mark.parametrize(
    "asked",
    [
        {}, {"start": "2024-08-01", "days": 3}, {"days": 0}, {"days": -1},
        {"start": "2024-08-02", "end": "2024-08-01"}, {"start": "2024-09-01"},
        {"start": "yesterday"}, {"start": "2024-13-01"},
    ],
)  # fmt: skip
def test_a_span_that_makes_no_sense_is_a_usage_error(asked: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        span(**asked)


# -- windows


@given(
    minutes=st.integers(min_value=0, max_value=4_000_000),
    longest=st.sampled_from(sorted({*ANGELONE.history_windows.values()})),
)
def test_windows_cover_the_span_without_gap_or_overlap(minutes: int, longest: dt.timedelta) -> None:
    whole = Window(start=NOW, end=NOW + dt.timedelta(minutes=minutes))
    parts = windows(whole, longest)
    assert parts[0].start == whole.start
    assert parts[-1].end == whole.end
    for part, following in itertools.pairwise(parts):
        assert following.start - part.end == dt.timedelta(minutes=1)
    for part in parts:
        assert part.start <= part.end
        assert part.end - part.start < longest


def test_the_windows_of_the_manual() -> None:
    days = {interval.value: span.days for interval, span in ANGELONE.history_windows.items()}
    assert days == {
        "1m": 30, "3m": 60, "5m": 100, "10m": 100, "15m": 200, "30m": 200, "1h": 400, "1d": 2000,
    }  # fmt: skip


# -- stitching


def test_candles_come_in_order_and_once() -> None:
    first, second, third = (candle(NOW + dt.timedelta(minutes=n)) for n in range(3))
    again = candle(second.timestamp, close=7)
    found = stitched([[third, second], [again, first]], Window(start=NOW, end=third.timestamp))
    assert found == [first, again, third]


def test_what_was_not_asked_for_is_left_out() -> None:
    early, late = (candle(NOW + dt.timedelta(days=n)) for n in (-2, 2))
    midnight = candle(at("2024-08-20T00:00"))
    asked = Window(start=NOW, end=NOW + dt.timedelta(days=1))
    assert stitched([[early, midnight, late]], asked) == [midnight]


def test_interest_is_put_to_its_candle() -> None:
    one, other = candle(NOW), candle(NOW + dt.timedelta(minutes=5))
    rows = with_interest([one, other], [OpenInterest(timestamp=NOW, oi=5)])
    assert [row.oi for row in rows] == [5, None]


# -- through a broker


@pytest.fixture
def mock() -> Iterator[MockBroker]:
    with mock_broker("angelone", instruments=[SBIN, USD]) as opened:
        yield opened


def serve(mock: MockBroker, *, fails: dict[str, int] | None = None) -> list[str]:
    """One candle at the start of every window; ``fails``: how often a window's start fails."""
    asked: list[str] = []
    left = dict(fails or {})

    def reply(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        asked.append(body["fromdate"])
        if left.get(body["fromdate"], 0) > 0:
            left[body["fromdate"]] -= 1
            return httpx.Response(502, text="<html>Bad Gateway</html>")
        moment = body["fromdate"].replace(" ", "T") + ":00+05:30"
        row = [moment, 812.45, 815, 805.6, 807.1, 4120033]
        return httpx.Response(200, json={"status": True, "data": [row]})

    mock.router.post(path=f"{S}/historical/v1/getCandleData").mock(side_effect=reply)
    return asked


YEAR = {"start": "2023-01-01", "end": "2023-12-31"}


def test_a_year_of_five_minutes_takes_four_requests(mock: MockBroker) -> None:
    asked = serve(mock)
    candles = mock.broker.history("NSE:SBIN", "5m", **YEAR)
    assert asked == [
        "2023-01-01 00:00", "2023-04-11 00:00", "2023-07-20 00:00", "2023-10-28 00:00",
    ]  # fmt: skip
    assert [f"{row.timestamp:%Y-%m-%d %H:%M}" for row in candles] == asked
    assert candles[0].open == Decimal("812.45")
    assert candles.missing == ()
    assert candles.instrument == SBIN
    assert candles.interval is Interval.M5


def test_a_window_that_failed_is_tried_again_at_the_end(mock: MockBroker) -> None:
    asked = serve(mock, fails={"2023-04-11 00:00": 1})
    candles = mock.broker.history("NSE:SBIN", "5m", **YEAR)
    assert asked[-1] == "2023-04-11 00:00"
    assert len(candles) == 4
    assert candles.missing == ()
    assert [row.timestamp for row in candles] == sorted(row.timestamp for row in candles)


def test_a_window_that_stays_unreadable_is_named(mock: MockBroker) -> None:
    serve(mock, fails={"2023-04-11 00:00": 9})
    candles = mock.broker.history("NSE:SBIN", "5m", **YEAR)
    assert len(candles) == 3
    assert candles.missing == (Window(start=at("2023-04-11T00:00"), end=at("2023-07-19T23:59")),)


def test_if_no_window_can_be_read_that_is_an_error(mock: MockBroker) -> None:
    mock.router.post(path=f"{S}/historical/v1/getCandleData").respond(502)
    with pytest.raises(BrokerUnavailable) as caught:
        mock.broker.history("NSE:SBIN", "5m", **YEAR)
    assert caught.value.operation == "history"
    assert caught.value.outcome is None


def test_an_empty_history_is_a_fact(mock: MockBroker) -> None:
    mock.router.post(path=f"{S}/historical/v1/getCandleData").respond(
        json={"status": True, "data": None}
    )
    candles = mock.broker.history("NSE:SBIN", "1d", **YEAR)
    assert len(candles) == 0
    assert candles.missing == ()


def test_errors_that_concern_every_window_end_the_reading(mock: MockBroker) -> None:
    route = mock.router.post(path=f"{S}/historical/v1/getCandleData").respond(
        json={"success": False, "message": "Invalid Token", "errorCode": "AG8001"}
    )
    with pytest.raises(OpenBrokerError):
        mock.broker.history("NSE:SBIN", "5m", **YEAR)
    assert route.call_count == 1


def test_open_interest_comes_along_when_asked_for(mock: MockBroker) -> None:
    serve(mock)
    mock.router.post(path=f"{S}/historical/v1/getOIData").respond(
        json={"status": True, "data": [{"time": "2023-01-01T00:00:00+05:30", "oi": 166100}]}
    )
    candles = mock.broker.history("NSE:SBIN", "1d", **YEAR, oi=True)
    assert candles[0].oi == 166100


def test_what_the_broker_does_not_serve_is_unsupported(mock: MockBroker) -> None:
    with pytest.raises(Unsupported, match="no history of CDS"):
        mock.broker.history("CDS:USDINR29DEC26FUT", "5m", **YEAR)


def test_an_interval_that_does_not_exist_is_answered_with_those_that_do(mock: MockBroker) -> None:
    with pytest.raises(UsageError, match="interval '7m' is not one of 1m, 3m"):
        mock.broker.history("NSE:SBIN", "7m", days=1)


def test_frames_are_as_users_expect_them(mock: MockBroker) -> None:
    serve(mock)
    candles = mock.broker.history("NSE:SBIN", "5m", **YEAR)
    frame = candles.to_pandas()
    assert list(frame.columns) == ["open", "high", "low", "close", "volume", "oi"]
    assert frame.index.name == "timestamp"
    assert str(frame.index.tz) == "Asia/Kolkata"
    assert set(map(str, frame.dtypes)) == {"float64"}
    assert len(candles.to_polars()) == 4
