"""Look-ups in a store: what finds what, and what a miss says."""

from __future__ import annotations

import datetime as dt
import pickle
import subprocess
import sys
import textwrap
import threading
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbroker.adapters import angelone_master
from openbroker.adapters.masters import parts_of, symbol_of
from openbroker.errors import InstrumentNotFound, StorageError, UsageError
from openbroker.instruments import InstrumentStore
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right, Table
from tests.instruments.angel_rows import TODAY, angel_row, content_of, future, index

OPTION = "NFO:NIFTY24NOV2626000CE"


def test_the_three_keys_find_the_same_row(store: InstrumentStore) -> None:
    by_symbol = store.by_symbol("NSE:SBIN")
    assert by_symbol is not None
    assert by_symbol == store.by_token("NSE", "3045") == store.by_broker_symbol("NSE", "SBIN-EQ")
    assert (by_symbol.token, by_symbol.broker_symbol) == ("3045", "SBIN-EQ")


def test_texts_are_taken_in_either_case(store: InstrumentStore) -> None:
    assert store.by_symbol(" nse:sbin ") == store.by_symbol("NSE:SBIN")
    assert store.by_broker_symbol("nse", "sbin-eq") == store.by_symbol("NSE:SBIN")
    assert store.by_broker_symbol("NSE", "NIFTY 50") == store.by_symbol("NSE_INDEX:NIFTY")


def test_a_token_counts_within_its_venue(store: InstrumentStore) -> None:
    assert store.by_token(Exchange.BSE, "3045") == store.by_symbol("BSE:SAMENUMBER")
    nifty = store.by_symbol("NSE_INDEX:NIFTY")
    assert nifty == store.by_token("NSE", "99926000") == store.by_token("NSE_INDEX", "99926000")


def test_a_miss_is_none(store: InstrumentStore) -> None:
    assert store.by_symbol("NSE:NOSUCH") is None
    assert store.by_token("NSE", "nosuch") is None
    assert store.by_token("NFO", "3045") is None
    assert store.by_broker_symbol("NSE", "NOSUCH-EQ") is None


def test_an_exchange_that_is_none_is_named(store: InstrumentStore) -> None:
    with pytest.raises(UsageError, match="exchange 'NES' is not one of"):
        store.by_token("NES", "3045")


@pytest.mark.parametrize(
    ("reference", "symbol"),
    [
        ("NSE:SBIN", "NSE:SBIN"),
        ("nse:sbin", "NSE:SBIN"),
        ("SBIN", "NSE:SBIN"),
        ("SBIN-EQ", "NSE:SBIN"),
        ("NSE:SBIN-EQ", "NSE:SBIN"),
        (("NSE", "3045"), "NSE:SBIN"),
        ((Exchange.NSE_INDEX, "99926000"), "NSE_INDEX:NIFTY"),
        ("NIFTY", "NSE_INDEX:NIFTY"),
        ("Nifty 50", "NSE_INDEX:NIFTY"),
        ("NSE:Nifty Bank", "NSE_INDEX:BANKNIFTY"),
        ("NIFTYNXT50", "NSE_INDEX:NIFTYNXT50"),
        ("SENSEX50", "BSE_INDEX:SENSEX50"),
        ("360one", "NSE:360ONE"),
        ("m&m", "NSE:M&M"),
        ("BAJAJ-AUTO", "NSE:BAJAJ-AUTO"),
        ("NIFTY24NOV2626000CE", OPTION),
        ("SENSEX26DECFUT", "BFO:SENSEX31DEC26FUT"),
        ("BFO:SENSEX26DEC85000PE", "BFO:SENSEX31DEC2685000PE"),
        ("CDS:USDINR27NOV2688.25CE", "CDS:USDINR27NOV2688.25CE"),
        ("NSE:TRADE2TRADE", "NSE:TRADE2TRADE"),
        ("NSE:TRADE2TRADE-BE", "NSE:TRADE2TRADE"),
        ("NSE:IRFC-N1", "NSE:IRFC-N1"),
    ],
)
def test_resolve_takes_what_people_have(
    store: InstrumentStore, reference: str | tuple[str, str], symbol: str
) -> None:
    assert store.resolve(reference).symbol == symbol


def test_resolve_returns_an_instrument_of_its_own_as_it_is(store: InstrumentStore) -> None:
    own = store.resolve(OPTION)
    assert store.resolve(own) == own


def test_a_bare_name_that_two_exchanges_list_is_no_guess(store: InstrumentStore) -> None:
    with pytest.raises(InstrumentNotFound, match="listed more than once") as caught:
        store.resolve("infy")
    assert caught.value.suggestions == ("NSE:INFY", "BSE:INFY")


@pytest.mark.parametrize(
    ("reference", "suggestion"),
    [
        ("NSE:RELAINCE", "NSE:RELIANCE"),
        ("NSE:TATAMOTOR", "NSE:TATAMOTORS"),
        ("NIFYT", "NSE_INDEX:NIFTY"),
        ("NSE:NIFTY", "NSE_INDEX:NIFTY"),
        ("NFO:NIFTY24NOV2626025CE", OPTION),
        ("NFO:BANKNIFTY24NOV2657000PE", "NFO:BANKNIFTY24NOV2658000PE"),
        ("NFO:NIFTY25NOV2626000CE", OPTION),
        ("NFO:NIFTI24NOV2626000CE", OPTION),
        ("NIFTY27NOV26FUT", "NFO:NIFTY24NOV26FUT"),
    ],
)
def test_a_miss_says_what_may_be_meant(
    store: InstrumentStore, reference: str, suggestion: str
) -> None:
    with pytest.raises(InstrumentNotFound) as caught:
        store.resolve(reference)
    assert suggestion in caught.value.suggestions
    assert suggestion in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).suggestions == caught.value.suggestions


def test_a_miss_with_nothing_near_says_so_plainly(store: InstrumentStore) -> None:
    with pytest.raises(InstrumentNotFound, match="there is no instrument 'qqqqqq'\\.") as caught:
        store.resolve("qqqqqq")
    assert caught.value.suggestions == ()


@pytest.mark.parametrize(
    "reference", [("NSE", "0"), "", ":", "NSE:", "XYZ:SBIN", "\0", "'; --", "%"]
)
def test_nonsense_is_a_miss_and_nothing_else(
    store: InstrumentStore, reference: str | tuple[str, str]
) -> None:
    with pytest.raises(InstrumentNotFound):
        store.resolve(reference)


@pytest.mark.parametrize("reference", [None, 3045, 1.5, ["NSE:SBIN"], ("NSE", 0)])
def test_what_cannot_name_an_instrument_is_a_miss_too(
    store: InstrumentStore, reference: object
) -> None:
    with pytest.raises(InstrumentNotFound):
        store.resolve(reference)  # type: ignore[arg-type]


# --- the grammar, both ways ----------------------------------------------------------------------

_names = st.from_regex(r"[A-Z0-9&-]{1,10}", fullmatch=True) | st.sampled_from(
    ["NIFTY", "NIFTYNXT50", "SENSEX50", "360ONE", "M&M", "BAJAJ-AUTO", "NIFTY24NOV26", "A1", "A11"]
)
_days = st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)) | st.just(dt.date(2026, 11, 24))
_strikes = st.decimals(min_value="0.25", max_value=99_999, places=2)


@st.composite
def _instrument(draw: st.DrawFn) -> Instrument:
    exchange = draw(st.sampled_from(Exchange))
    name, token = draw(_names), draw(st.integers(0, 10**9))
    expiry = strike = right = None
    kind = InstrumentType.INDEX if exchange.is_index else InstrumentType.EQUITY
    if exchange.is_derivative:
        expiry, kind = draw(_days), InstrumentType.FUTURE
        if draw(st.booleans()):
            strike, right, kind = (
                draw(_strikes),
                draw(st.sampled_from(Right)),
                InstrumentType.OPTION,
            )
    return Instrument(
        exchange=exchange, symbol=symbol_of(exchange, name, expiry, strike, right), type=kind,
        token=str(token), broker_symbol=draw(st.text(min_size=1, max_size=12)), name=name,
        underlying=name if expiry else None, expiry=expiry, strike=strike, right=right,
        lot_size=draw(st.integers(1, 10**6)), tick_size=draw(st.none() | _strikes),
        freeze_quantity=draw(st.none() | st.integers(1, 10**6)),
        isin=draw(st.none() | st.just("INE009A01021")),
    )  # fmt: skip


def _equal_but_for_freeze(row: Instrument, original: Instrument) -> bool:
    """The exchanges' table may have filled in what the original left open."""
    return row == attrs.evolve(
        original, freeze_quantity=original.freeze_quantity or row.freeze_quantity
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(_instrument(), max_size=30))
def test_every_row_is_found_again_by_its_symbol_or_is_listed_as_left_out(
    rows: list[Instrument],
) -> None:
    store = InstrumentStore.build(rows, day=TODAY)
    kept = list(store)
    assert len(kept) == len(store)
    assert len(store) + sum(store.skipped.values()) == len(rows)
    assert len(store.skipped_rows()) == len(rows) - len(store)
    for row in kept:
        assert store.by_symbol(row.symbol) == row
        assert store.by_token(row.exchange, row.token) == row
        assert any(_equal_but_for_freeze(row, original) for original in rows)
        if row.is_derivative:
            parts = parts_of(row.symbol)
            assert parts is not None
            assert (parts.name, parts.expiry) == (row.underlying, row.expiry)
            assert (parts.strike, parts.right) == (row.strike, row.right)
    store.close()


def test_of_two_rows_with_one_key_the_first_stays_and_the_other_is_listed() -> None:
    rows = [
        angel_row("BSE", "TWICE", token="1"),
        angel_row("BSE", "TWICE", token="2"),
        angel_row("BSE", "OTHER", token="1"),
        index("BSE", "TWICE INDEX", "TWICE", "1"),
    ]
    store = InstrumentStore.build(angelone_master.instruments(content_of(rows)), day=TODAY)
    assert [row.symbol for row in store] == ["BSE:TWICE"]
    assert store.skipped == {
        "another row has the same common symbol": 1,
        "another row of the exchange has the same token": 2,
    }
    assert store.skipped_rows()[0].row == "BSE 2 TWICE (BSE:TWICE)"


def test_rows_left_out_are_counted_and_listed(store: InstrumentStore) -> None:
    assert store.skipped == {
        "a test security of the exchange": 1,
        "instrument type 'COMDTY' is not tradable": 1,
        "exchange 'XYZ' is not known": 1,
    }
    assert [row.row.split()[-1] for row in store.skipped_rows()] == [
        "011NSETEST-EQ", "GOLD", "NOWHERE",
    ]  # fmt: skip


# --- other brokers' instruments ------------------------------------------------------------------


@pytest.fixture(scope="module")
def other() -> InstrumentStore:
    """A broker that spells and numbers everything differently, and gives ISINs."""

    def renamed(symbol: str, **changes: object) -> Instrument:
        exchange, _, name = symbol.partition(":")
        blank = Instrument(
            exchange=Exchange(exchange), symbol=symbol, type=InstrumentType.EQUITY,
            token=f"x{name}", broker_symbol=f"~{name}~",
        )  # fmt: skip
        return attrs.evolve(blank, **changes)  # type: ignore[arg-type]

    return InstrumentStore.build(
        [
            renamed("NSE:SBIN", series="EQ", isin="INE062A01020"),
            renamed("NSE:TRADE2TRADE-BE", series="BE"),
            renamed("NSE:TRADE2TRADE", series="EQ"),
            renamed("NSE:RENAMED", isin="INE000000001"),
            renamed("NSE_INDEX:NIFTY", type=InstrumentType.INDEX),
            renamed(
                OPTION, type=InstrumentType.OPTION, underlying="NIFTY", right=Right.CE,
                expiry=dt.date(2026, 11, 24), strike=Decimal("26000.00"), lot_size=75,
            ),
            renamed(
                "NFO:NIFTY24NOV26FUT", type=InstrumentType.FUTURE, underlying="NIFTY",
                expiry=dt.date(2026, 11, 24), lot_size=75,
            ),
        ],
        day=TODAY,
    )  # fmt: skip


@pytest.mark.parametrize("symbol", [OPTION, "NFO:NIFTY24NOV26FUT", "NSE:SBIN", "NSE_INDEX:NIFTY"])
def test_the_same_instrument_is_found_at_another_broker(
    store: InstrumentStore, other: InstrumentStore, symbol: str
) -> None:
    theirs = other.resolve(symbol)
    ours = store.same(theirs)
    assert ours is not None
    assert (ours.symbol, ours.token) == (symbol, store.resolve(symbol).token)
    assert store.resolve(theirs) == ours
    back = other.same(ours)
    assert back == theirs


def test_the_series_decides_where_the_bare_name_went_elsewhere(
    store: InstrumentStore, other: InstrumentStore
) -> None:
    ours = store.resolve("NSE:TRADE2TRADE")
    assert ours.series == "BE"
    theirs = other.same(ours)
    assert theirs is not None
    assert theirs.symbol == "NSE:TRADE2TRADE-BE"


def test_the_isin_decides_over_the_name(other: InstrumentStore) -> None:
    renamed = attrs.evolve(other.resolve("NSE:RENAMED"), symbol="NSE:OLDNAME", token="1")
    assert other.same(renamed) == other.resolve("NSE:RENAMED")


def test_what_another_broker_lacks_is_a_miss(
    store: InstrumentStore, other: InstrumentStore
) -> None:
    assert other.same(store.resolve("NFO:NIFTY24NOV2626050CE")) is None
    with pytest.raises(InstrumentNotFound):
        other.resolve(store.resolve("NSE:IRFC-N1"))


# --- the whole -----------------------------------------------------------------------------------


def test_filters_and_frames_agree_with_the_rows(store: InstrumentStore) -> None:
    nifty = list(store.select(exchange="NFO", type="OPTION", underlying="nifty"))
    assert len(nifty) == 30
    table = Table(Instrument, nifty)
    frame = store.to_pandas(exchange="NFO", type="OPTION", underlying="NIFTY")
    assert frame.equals(table.to_pandas())
    whole = store.to_polars()
    assert whole.columns == list(Instrument.field_names())
    assert len(whole) == len(store) == len(store.to_pandas())
    assert store.to_pandas(underlying="NOSUCH").empty


def test_a_store_tells_what_it_is(store: InstrumentStore) -> None:
    assert store.day == TODAY
    assert repr(store) == f"<InstrumentStore angelone 2026-11-22 {len(store)} instruments>"
    assert "nse:sbin" in store
    assert "NSE:NOSUCH" not in store
    assert 5 not in store


def test_freeze_quantities_come_from_the_exchanges_table_unless_the_master_has_them() -> None:
    rows = [future("NFO", "NIFTY", "24NOV2026"), future("NFO", "RELIANCE", "24NOV2026")]
    built = InstrumentStore.build(angelone_master.instruments(content_of(rows)), day=TODAY)
    nifty = built.resolve("NFO:NIFTY24NOV26FUT")
    assert nifty.freeze_quantity == 1800
    assert built.resolve("NFO:RELIANCE24NOV26FUT").freeze_quantity is None
    given_by_master = InstrumentStore.build([attrs.evolve(nifty, freeze_quantity=900)], day=TODAY)
    assert given_by_master.resolve(nifty.symbol).freeze_quantity == 900


def test_a_closed_store_says_so(master: bytes) -> None:
    store = InstrumentStore.build(angelone_master.instruments(master), day=TODAY)
    store.close()
    with pytest.raises(StorageError, match="closed"):
        store.by_symbol("NSE:SBIN")


# --- threads and forks ---------------------------------------------------------------------------


def test_threads_share_one_store(master: bytes, tmp_path: Path) -> None:
    path = tmp_path / "shared.sqlite3"
    store = InstrumentStore.build(angelone_master.instruments(master), path, day=TODAY)
    expected = list(store)
    failures: list[object] = []

    def look_up() -> None:
        failures.extend(
            row
            for row in expected
            if store._select_symbol(row.symbol) != row or store.by_symbol(row.symbol) != row
        )
        store.search("nifty 26000 ce")

    threads = [threading.Thread(target=look_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


FORKING = """
    import os, sys, threading
    from openbroker.instruments import InstrumentStore

    store = InstrumentStore.open(sys.argv[1])
    symbols = [row.symbol for row in store][::7]
    done = threading.Event()

    def busy():
        while not done.is_set():
            for symbol in symbols:
                store._select_symbol(symbol)

    threads = [threading.Thread(target=busy) for _ in range(3)]
    for thread in threads:
        thread.start()
    codes = []
    for _ in range(15):
        child = os.fork()
        if child == 0:
            ok = all(store._select_symbol(symbol).symbol == symbol for symbol in symbols)
            os._exit(0 if ok else 1)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    done.set()
    for thread in threads:
        thread.join()
    print(codes)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_child_of_a_busy_parent_has_a_connection_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "forked.sqlite3"
    rows = content_of(angel_row("BSE", f"SHARE{number}") for number in range(15_000))
    InstrumentStore.build(angelone_master.instruments(rows), path, day=TODAY).close()
    assert path.stat().st_size > 2_000_000, "more than SQLite's cache, so that the file is read"
    script = textwrap.dedent(FORKING)
    run = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert run.stdout.strip() == str([0] * 15), run.stderr
