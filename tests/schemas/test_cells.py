"""What a table shows of a value."""

from __future__ import annotations

import datetime as dt

from openbroker.schemas import INDIA, Candle, Table


def shown(moment: dt.datetime) -> str:
    candle = Candle(timestamp=moment, open=1, high=1, low=1, close=1, volume=1)
    return repr(Table(Candle, [candle]))


def test_a_time_of_another_year_tells_its_year() -> None:
    now = dt.datetime.now(INDIA)
    before = now.replace(year=now.year - 1, day=1)
    assert f"{before:%d %b %Y %H:%M:%S}" in shown(before)
    assert f"{now:%d %b %H:%M:%S}" in shown(now)
    assert f" {now.year} " not in shown(now)
