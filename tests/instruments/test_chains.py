"""Expiries, futures and option chains."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbroker.errors import InstrumentNotFound, UsageError
from openbroker.instruments import InstrumentStore
from openbroker.instruments.chains import Cycle, at_the_money, calendar_of
from openbroker.schemas import Exchange, Right

NOV, DEC1, DEC29 = dt.date(2026, 11, 24), dt.date(2026, 12, 1), dt.date(2026, 12, 29)


def test_expiries_are_told_apart(store: InstrumentStore) -> None:
    rows = [(row.date, row.cycle, row.exchange) for row in store.expiries("nifty")]
    assert rows == [
        (NOV, Cycle.MONTHLY, Exchange.NFO),
        (DEC1, Cycle.WEEKLY, Exchange.NFO),
        (DEC29, Cycle.MONTHLY, Exchange.NFO),
    ]


def test_a_weekly_expiry_that_a_holiday_moved_to_the_months_end_stays_weekly() -> None:
    moved = dt.date(2026, 11, 30)
    rows = calendar_of("NIFTY", Exchange.NFO, {NOV, moved, DEC29}, futures={NOV, DEC29})
    assert [row.cycle.value for row in rows] == ["MONTHLY", "WEEKLY", "MONTHLY"]


def test_where_futures_end_on_other_days_the_months_last_is_monthly() -> None:
    first, last = dt.date(2026, 12, 4), dt.date(2026, 12, 16)
    rows = calendar_of("CRUDEOIL", Exchange.MCX, {first, last}, futures={dt.date(2026, 12, 18)})
    assert [row.cycle.value for row in rows] == ["WEEKLY", "MONTHLY"]


@pytest.mark.parametrize("name", ["NIFTY", "nifty 50", "NSE_INDEX:NIFTY", "NFO:NIFTY24NOV26FUT"])
def test_an_underlying_goes_by_many_names(store: InstrumentStore, name: str) -> None:
    assert store.nearest_expiry(name).date == NOV
    assert store.nearest_expiry(store.resolve("NFO:NIFTY24NOV2626000CE")).date == NOV


def test_nearest_never_lies_before_today(store: InstrumentStore) -> None:
    assert store.nearest_expiry("NIFTY", today=NOV).date == NOV
    assert store.nearest_expiry("NIFTY", today=NOV + dt.timedelta(days=1)).date == DEC1
    assert store.nearest_expiry("NIFTY", today=DEC1, cycle="monthly").date == DEC29
    assert store.nearest_expiry("NIFTY", cycle="weekly").date == DEC1
    with pytest.raises(InstrumentNotFound, match="no expiry"):
        store.nearest_expiry("NIFTY", today=dt.date(2027, 1, 1))


def test_the_first_preferred_exchange_is_taken_unless_one_is_named(store: InstrumentStore) -> None:
    assert {row.exchange for row in store.expiries("RELIANCE")} == {Exchange.NFO}
    chain = store.option_chain("RELIANCE", exchange="BFO")
    assert chain[0].ce_symbol == "BFO:RELIANCE24NOV261500CE"
    with pytest.raises(InstrumentNotFound, match="NIFTY has no options in BFO"):
        store.option_chain("NIFTY", exchange="BFO")


def test_commodity_options_and_futures_end_on_days_of_their_own(store: InstrumentStore) -> None:
    assert [row.date.day for row in store.expiries("CRUDEOIL", type="OPTION")] == [16, 15]
    assert [row.date.day for row in store.expiries("CRUDEOIL", type="FUTURE")] == [18, 19]
    assert store.nearest_expiry("CRUDEOIL").date.day == 16
    assert store.nearest_expiry("SENSEX").date == dt.date(2026, 12, 31)


def test_futures_come_nearest_first(store: InstrumentStore) -> None:
    assert [row.symbol for row in store.futures("NIFTY")] == [
        "NFO:NIFTY24NOV26FUT", "NFO:NIFTY29DEC26FUT",
    ]  # fmt: skip
    assert [row.symbol for row in store.futures("NIFTY", today=DEC1)] == ["NFO:NIFTY29DEC26FUT"]
    with pytest.raises(InstrumentNotFound, match="USDINR has no futures"):
        store.futures("USDINR")


def test_a_chain_has_a_row_a_strike(store: InstrumentStore) -> None:
    chain = store.option_chain("NIFTY")
    assert [row.strike for row in chain] == [25900, 25950, 26000, 26050, 26100]
    assert chain.expiry.date == NOV
    assert (chain.underlying, chain.price) == ("NIFTY", None)
    row = chain.at(26000)
    assert (row.ce_symbol, row.pe_symbol) == ("NFO:NIFTY24NOV2626000CE", "NFO:NIFTY24NOV2626000PE")
    assert row.leg("pe") == store.resolve("NFO:NIFTY24NOV2626000PE")
    assert row.ce_offset is None
    assert store.strikes("NIFTY") == tuple(row.strike for row in chain)


@pytest.mark.parametrize(
    ("when", "day"),
    [
        (DEC1, DEC1), ("2026-12-01", DEC1), ("01DEC2026", DEC1), ("weekly", DEC1),
        ("01DEC26", DEC1), ("1-Dec-26", DEC1),
        (Cycle.MONTHLY, NOV), (None, NOV),
    ],
)  # fmt: skip
def test_an_expiry_is_named_in_many_ways(
    store: InstrumentStore, when: dt.date | str | None, day: dt.date
) -> None:
    assert store.option_chain("NIFTY", when).expiry.date == day
    assert store.option_chain("NIFTY", store.option_chain("NIFTY", when).expiry).expiry.date == day


def test_a_name_that_nobody_has_is_told_from_one_without_options(store: InstrumentStore) -> None:
    with pytest.raises(InstrumentNotFound, match="nothing is called 'NIFTYY'; did you mean") as one:
        store.option_chain("NIFTYY")
    assert "NSE_INDEX:NIFTY" in one.value.suggestions
    with pytest.raises(InstrumentNotFound, match="SBIN has no options"):
        store.option_chain("SBIN")


def test_an_expiry_that_is_not_listed_names_those_that_are(store: InstrumentStore) -> None:
    with pytest.raises(InstrumentNotFound, match="no expiry 2026-12-02") as caught:
        store.option_chain("NIFTY", dt.date(2026, 12, 2))
    assert caught.value.suggestions == ("2026-11-24", "2026-12-01", "2026-12-29")
    with pytest.raises(UsageError, match=r"expiry 'fortnightly' is not a day.*'weekly', 'monthly'"):
        store.option_chain("NIFTY", "fortnightly")


def test_offsets_count_strikes_from_the_price(store: InstrumentStore) -> None:
    chain = store.option_chain("NIFTY", around="26010.40")
    assert [row.ce_offset for row in chain] == ["ITM2", "ITM1", "ATM", "OTM1", "OTM2"]
    assert [row.pe_offset for row in chain] == ["OTM2", "OTM1", "ATM", "ITM1", "ITM2"]
    assert chain.pick("otm2", "CE").strike == 26100
    assert chain.pick("OTM2", Right.PE).strike == 25900
    assert chain.pick("ATM", "pe").symbol == "NFO:NIFTY24NOV2626000PE"
    with pytest.raises(InstrumentNotFound, match="no OTM3 CE"):
        chain.pick("OTM3", "CE")


def test_a_chain_can_be_cut_around_the_money(store: InstrumentStore) -> None:
    chain = store.option_chain("NIFTY", around=26010, strikes=1)
    assert [row.strike for row in chain] == [25950, 26000, 26050]
    assert [row.strike for row in store.option_chain("NIFTY", around=1, strikes=1)] == [
        25900,
        25950,
    ]
    assert len(store.option_chain("NIFTY", around=99999, strikes=0)) == 1


def test_what_needs_a_price_says_so(store: InstrumentStore) -> None:
    chain = store.option_chain("NIFTY")
    with pytest.raises(UsageError, match="around=price"):
        chain.pick("ATM", "CE")
    with pytest.raises(UsageError, match="around=price"):
        store.option_chain("NIFTY", strikes=5)
    with pytest.raises(UsageError, match="above zero"):
        store.option_chain("NIFTY", around=0)
    with pytest.raises(UsageError, match="right 'XX'"):
        chain.at(26000).leg("XX")


def test_a_strike_that_is_not_listed_names_the_nearest(store: InstrumentStore) -> None:
    with pytest.raises(InstrumentNotFound, match="no strike 26040") as caught:
        store.option_chain("NIFTY").at(26040)
    assert caught.value.suggestions == ("26050",)


def test_a_chain_looks_like_any_other_table(store: InstrumentStore) -> None:
    chain = store.option_chain("NIFTY", around=26000, strikes=1)
    assert "ITM1       NFO:NIFTY24NOV2625950CE  25,950" in repr(chain)
    assert "<th>strike</th>" in chain._repr_html_()
    frame = chain.to_pandas()
    assert list(frame.columns) == ["ce_offset", "ce_symbol", "strike", "pe_symbol", "pe_offset"]
    assert list(frame["strike"]) == [25950.0, 26000.0, 26050.0]


def test_a_name_without_contracts_is_a_miss_with_suggestions(store: InstrumentStore) -> None:
    with pytest.raises(InstrumentNotFound, match="SBIN has no options"):
        store.option_chain("NSE:SBIN")
    with pytest.raises(InstrumentNotFound) as caught:
        store.option_chain("NIFYT")
    assert "NSE_INDEX:NIFTY" in caught.value.suggestions


_prices = st.decimals(min_value=1, max_value=1000, places=2)


@given(st.lists(_prices, min_size=1, max_size=20, unique=True), _prices)
def test_at_the_money_is_the_nearest_strike_and_the_lower_of_two(
    strikes: list[Decimal], price: Decimal
) -> None:
    strikes.sort()
    nearest = min(strikes, key=lambda strike: (abs(strike - price), strike))
    assert strikes[at_the_money(strikes, price)] == nearest
