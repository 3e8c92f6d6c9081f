"""Search as people type it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbroker.instruments import InstrumentStore
from openbroker.instruments.search import Query, Spelling, read
from openbroker.schemas import Exchange, Instrument, InstrumentType

TODAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("nifty 26000 ce", ["NFO:NIFTY24NOV2626000CE", "NFO:NIFTY01DEC2626000CE"]),
        ("nifty26000ce", ["NFO:NIFTY24NOV2626000CE"]),
        ("26000 put nifty dec", ["NFO:NIFTY01DEC2626000PE", "NFO:NIFTY29DEC2626000PE"]),
        ("nifty 24 nov 26000 pe", ["NFO:NIFTY24NOV2626000PE"]),
        ("nifty 24nov26 26000 pe", ["NFO:NIFTY24NOV2626000PE"]),
        ("nifty nov 24 26000 pe", ["NFO:NIFTY24NOV2626000PE"]),
        ("nifty 2026-11-24 26000 pe", ["NFO:NIFTY24NOV2626000PE"]),
        ("nifty 26000", ["NFO:NIFTY24NOV2626000CE", "NFO:NIFTY24NOV2626000PE"]),
        ("nifty", ["NSE_INDEX:NIFTY", "NFO:NIFTY24NOV26FUT", "NFO:NIFTY29DEC26FUT"]),
        ("nifty 50", ["NSE_INDEX:NIFTY"]),
        ("nifty next 50", ["NSE_INDEX:NIFTYNXT50"]),
        ("bank nifty fut dec", ["NFO:BANKNIFTY29DEC26FUT"]),
        ("nifty bank", ["NSE_INDEX:BANKNIFTY", "NFO:BANKNIFTY24NOV26FUT"]),
        ("banknifty fut", ["NFO:BANKNIFTY24NOV26FUT", "NFO:BANKNIFTY29DEC26FUT"]),
        ("BANKNIFTY29DEC26FUT", ["NFO:BANKNIFTY29DEC26FUT"]),
        ("infy", ["NSE:INFY", "BSE:INFY"]),
        ("inf", ["NSE:INFY", "BSE:INFY"]),
        ("bse:infy", ["BSE:INFY"]),
        ("360one", ["NSE:360ONE"]),
        ("360 one", ["NSE:360ONE"]),
        ("m&m", ["NSE:M&M"]),
        ("bajaj auto", ["NSE:BAJAJ-AUTO"]),
        ("mcx", ["NSE:MCX"]),
        ("usdinr 88.25 ce", ["CDS:USDINR27NOV2688.25CE"]),
        ("crudeoil fut jan", ["MCX:CRUDEOIL19JAN27FUT"]),
        ("sensex", ["BSE_INDEX:SENSEX", "BFO:SENSEX31DEC26FUT"]),
        ("nifti 26000 ce", ["NFO:NIFTY24NOV2626000CE"]),
        ("relaince", ["NSE:RELIANCE", "BSE:RELIANCE"]),
        ("58000 pe", ["NFO:BANKNIFTY24NOV2658000PE"]),
    ],
)
def test_the_best_answers_come_first(store: InstrumentStore, text: str, first: list[str]) -> None:
    found = [row.symbol for row in store.search(text)]
    assert found[: len(first)] == first


def test_a_companys_name_finds_its_shares() -> None:
    def share(symbol: str, name: str) -> Instrument:
        return Instrument(
            exchange=Exchange.NSE, symbol=f"NSE:{symbol}", type=InstrumentType.EQUITY,
            token=symbol, broker_symbol=symbol, name=name,
        )  # fmt: skip

    store = InstrumentStore.build(
        [
            share("INFY", "INFOSYS"),
            share("TCS", "TATA CONSULTANCY SERVICES"),
            share("TATASTEEL", "TATA STEEL"),
            share("M&M", "MAHINDRA & MAHINDRA"),
        ],
        day=TODAY,
    )
    for text, symbol in (
        ("infosys", "NSE:INFY"),
        ("tata consultancy", "NSE:TCS"),
        ("tata steel", "NSE:TATASTEEL"),
        ("mahindra", "NSE:M&M"),
    ):
        assert store.search(text)[0].symbol == symbol
    assert {row.symbol for row in store.search("tata")} == {"NSE:TCS", "NSE:TATASTEEL"}


def test_filters_and_the_limit(store: InstrumentStore) -> None:
    assert len(store.search("nifty 26000", limit=3)) == 3
    assert {row.exchange for row in store.search("infy", exchange="BSE")} == {Exchange.BSE}
    assert {row.exchange for row in store.search("nifty", exchange="NSE")} == {Exchange.NSE_INDEX}
    futures = store.search("nifty", type="FUTURE")
    assert {row.type for row in futures} == {InstrumentType.FUTURE}


def test_contracts_past_their_day_come_last(store: InstrumentStore) -> None:
    found = store.search("banknifty fut", today=dt.date(2026, 12, 1))
    assert [row.symbol for row in found] == ["NFO:BANKNIFTY29DEC26FUT", "NFO:BANKNIFTY24NOV26FUT"]


def test_nothing_found_is_an_empty_table(store: InstrumentStore) -> None:
    assert list(store.search("qqqqqqqq")) == []
    assert list(store.search(" ")) == []
    assert repr(store.search("qqqqqqqq")) == "(no Instrument rows)"


@given(st.text(max_size=120))
def test_any_text_is_searched_without_harm(store: InstrumentStore, text: str) -> None:
    found = store.search(text)
    assert len(found) <= 10


@given(st.lists(st.sampled_from(
    ["nifty", "50", "26000", "ce", "pe", "fut", "nov", "24", "2026", "dec26", "31 feb", "99",
     "call", "NFO:", "infy", "88.25", "2026-02-31", "24nov26", "31sep", "0", "00", "opt", "index"]
), max_size=7))  # fmt: skip
def test_any_mixture_of_words_is_searched_without_harm(
    store: InstrumentStore, words: list[str]
) -> None:
    assert len(store.search(" ".join(words))) <= 10


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("bank nifty 24 nov 55000 pe",
         Query(names=("BANK", "NIFTY"), numbers=("55000",), right="PE", day=24, month=11)),
        ("nifty dec 2027 fut",
         Query(names=("NIFTY",), month=12, year=2027, type=InstrumentType.FUTURE)),
        ("nifty 5 january call", Query(names=("NIFTY",), right="CE", day=5, month=1)),
        ("nse: sbin", Query(names=("SBIN",), exchange=Exchange.NSE)),
        ("future", Query(names=("FUTURE",))),
        ("nifty 26000.50 ce", Query(names=("NIFTY",), numbers=("26000.5",), right="CE")),
    ],
)  # fmt: skip
def test_reading(text: str, query: Query) -> None:
    assert read(text) == query


def test_spelling_prefers_the_likest_then_the_more_traded() -> None:
    names = [("RELIANCE", 300), ("RELINFRA", 10), ("RELIGARE", 0), ("INFY", 100), ("INFYX", 0)]
    spelling = Spelling.of(names)
    assert spelling.near("RELAINCE", 2)[0] == "RELIANCE"
    assert spelling.near("INFFY", 1) == ["INFY"]
    assert spelling.near("ZZZZ", 3) == []
