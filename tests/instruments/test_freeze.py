"""The exchanges' freeze quantities are dated, sourced, and used only from their day on."""

from __future__ import annotations

import datetime as dt

import pytest

from openbroker.instruments.freeze import published, rules
from openbroker.schemas import Exchange, Instrument, InstrumentType


def _future(exchange: Exchange, underlying: str | None) -> Instrument:
    return Instrument(
        exchange=exchange, symbol=f"{exchange}:{underlying}", type=InstrumentType.FUTURE, token="1",
        broker_symbol="x", underlying=underlying,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "quantity"),
    [
        (dt.date(2024, 7, 31), None), (dt.date(2024, 8, 1), 900), (dt.date(2025, 7, 1), 600),
        (dt.date(2025, 9, 1), 900), (dt.date(2025, 11, 2), 900), (dt.date(2025, 11, 3), 600),
    ],
)  # fmt: skip
def test_a_figure_counts_from_its_day_on(day: dt.date, quantity: int | None) -> None:
    assert published(day)(_future(Exchange.NFO, "BANKNIFTY")) == quantity


def test_what_the_table_does_not_have_is_not_known() -> None:
    limit = published(dt.date(2026, 11, 22))
    assert limit(_future(Exchange.NFO, "NIFTY")) == 1800
    assert limit(_future(Exchange.BFO, "NIFTY")) is None
    assert limit(_future(Exchange.NFO, "RELIANCE")) is None
    assert limit(_future(Exchange.NSE, None)) is None


def test_every_figure_has_a_date_a_source_and_a_confidence() -> None:
    for rule in rules():
        assert set(rule) == {
            "exchange", "underlying", "quantity", "since", "source", "confidence",
        }  # fmt: skip
        assert Exchange(rule["exchange"]).is_derivative
        assert rule["quantity"] > 0
        assert rule["source"]
        assert rule["confidence"] in ("high", "medium", "low")
        dt.date.fromisoformat(rule["since"])
