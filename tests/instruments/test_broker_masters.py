"""Angel One's and Zerodha's rows as instruments."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
from decimal import Decimal

import pytest

from openbroker.adapters import angelone_master, zerodha_master
from openbroker.adapters.masters import Listed, Skipped
from openbroker.errors import MalformedReply
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right
from tests.instruments.angel_rows import angel_row, content_of


def _instruments(rows: list[Listed]) -> dict[str, Instrument]:
    return {row.symbol: row for row in rows if isinstance(row, Instrument)}


@pytest.fixture(scope="module")
def angel(master: bytes) -> list[Listed]:
    return list(angelone_master.instruments(master))


def test_angel_strikes_and_ticks_are_rupees_whatever_the_segment(angel: list[Listed]) -> None:
    rows = _instruments(angel)
    nifty = rows["NFO:NIFTY24NOV2626000CE"]
    assert (nifty.strike, nifty.tick_size, nifty.lot_size) == (
        Decimal(26000),
        Decimal("0.05"),
        75,
    )
    dollar = rows["CDS:USDINR27NOV2688.25CE"]
    assert (dollar.strike, dollar.tick_size) == (Decimal("88.25"), Decimal("0.0025"))
    assert rows["NSE:RELIANCE"].tick_size == Decimal("0.1")
    assert rows["NSE:SBIN"].strike is None
    assert rows["NSE_INDEX:NIFTY"].tick_size is None


def test_angel_symbols_are_built_from_fields_not_from_the_vendors_pattern(
    angel: list[Listed],
) -> None:
    rows = _instruments(angel)
    future = rows["BFO:SENSEX31DEC26FUT"]
    assert (future.broker_symbol, future.type) == ("SENSEX26DECFUT", InstrumentType.FUTURE)
    put = rows["BFO:SENSEX31DEC2685000PE"]
    assert (put.broker_symbol, put.right, put.underlying) == (
        "SENSEX26DEC85000PE", Right.PE, "SENSEX",
    )  # fmt: skip
    assert put.expiry == dt.date(2026, 12, 31)
    assert rows["MCX:CRUDEOIL18DEC26FUT"].lot_size == 100


def test_angel_index_rows_have_exchanges_of_their_own(angel: list[Listed]) -> None:
    rows = _instruments(angel)
    assert rows["NSE_INDEX:BANKNIFTY"].broker_symbol == "Nifty Bank"
    assert rows["BSE_INDEX:SENSEX50"].venue is Exchange.BSE
    assert rows["NSE_INDEX:NIFTYNXT50"].type is InstrumentType.INDEX


def test_angel_series(angel: list[Listed]) -> None:
    rows = _instruments(angel)
    by_vendor = {row.broker_symbol: symbol for symbol, row in rows.items()}
    assert by_vendor["IRFC-EQ"] == "NSE:IRFC"
    assert by_vendor["IRFC-N1"] == "NSE:IRFC-N1"
    assert by_vendor["TRADE2TRADE-BE"] == "NSE:TRADE2TRADE"
    assert by_vendor["SMALLCO-SM"] == "NSE:SMALLCO"
    assert by_vendor["BAJAJ-AUTO-EQ"] == "NSE:BAJAJ-AUTO"
    assert rows["NSE:TWOBONDS-N1"].series == "N1"
    assert "NSE:TWOBONDS" not in rows


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (angel_row("NSE", "011NSETEST-EQ"), "a test security of the exchange"),
        (angel_row("MCX", "GOLD", instrumenttype="COMDTY"),
         "instrument type 'COMDTY' is not tradable"),
        (angel_row("XYZ", "A"), "exchange 'XYZ' is not known"),
        (angel_row("BCD", "A", instrumenttype="FUTCUR"), "exchange 'BCD' is not known"),
        (angel_row("NFO", "A"), "the instrument type is missing"),
        (angel_row("NSE", "A-EQ", lotsize="0"), "the lot size is missing"),
        (angel_row("NSE", "A24NOV26FUT", instrumenttype="FUTIDX", expiry="24NOV2026"),
         "a derivative in NSE"),
        (angel_row("NFO", "A24NOV26FUT", instrumenttype="FUTIDX"),
         "the name, the expiry or the lot size is missing"),
        (angel_row("NFO", "A24NOV26100CE", instrumenttype="OPTIDX", expiry="24NOV2026"),
         "an option without a strike or without CE or PE"),
        (angel_row("NFO", "A24NOV26100XX", instrumenttype="OPTIDX", expiry="24NOV2026",
                   strike="10000"), "an option without a strike or without CE or PE"),
        (angel_row("NCDEX", "AGRI", instrumenttype="AMXIDX"), "an index in NCDEX"),
        ({"symbol": "A"}, "the field 'exch_seg' is missing"),
        (angel_row("NSE", "") | {"token": ""}, "the token or the symbol is missing"),
    ],
)  # fmt: skip
def test_angel_rows_that_become_nothing_say_why(row: dict[str, str], reason: str) -> None:
    (skipped,) = angelone_master.instruments(content_of([row]))
    assert isinstance(skipped, Skipped)
    assert skipped.reason == reason


def test_angel_error_page_is_refused() -> None:
    with pytest.raises(MalformedReply):
        list(angelone_master.instruments(b"<html>503</html>"))


# --- Zerodha -------------------------------------------------------------------------------------

_HEADER = (
    "instrument_token", "exchange_token", "tradingsymbol", "name", "last_price", "expiry", "strike",
    "tick_size", "lot_size", "instrument_type", "segment", "exchange",
)  # fmt: skip
_ROWS = (
    (408065, 1594, "INFY", "INFOSYS", 0, "", 0, 0.05, 1, "EQ", "NSE", "NSE"),
    (1, 2, "XYZ-BE", "XYZ LIMITED", 0, "", 0, 0.05, 1, "EQ", "NSE", "NSE"),
    (3, 4, "BAJAJ-AUTO", "BAJAJ AUTO", 0, "", 0, 0.05, 1, "EQ", "NSE", "NSE"),
    (256265, 1001, "NIFTY 50", "NIFTY 50", 0, "", 0, 0, 0, "EQ", "INDICES", "NSE"),
    (5, 6, "NIFTY26NOV26000CE", "NIFTY", 0, "2026-11-24", 26000, 0.05, 75, "CE", "NFO-OPT", "NFO"),
    (7, 8, "NIFTY26NOVFUT", "NIFTY", 0, "2026-11-24", 0, 0.05, 75, "FUT", "NFO-FUT", "NFO"),
    (9, 10, "CRUDEOIL26DECFUT", "CRUDEOIL", 0, "2026-12-18", 0, 1, 1, "FUT", "MCX-FUT", "MCX"),
    (11, 12, "GOLD26DECFUT", "GOLD", 0, "2026-12-04", 0, 1, 1, "FUT", "MCX-FUT", "MCX"),
    (13, 14, "USDINR26N2788.25CE", "USDINR", 0, "2026-11-27", 88.25, 0.0025, 1, "CE", "CDS-OPT",
     "CDS"),
    (15, 16, "ODD", "ODD", 0, "", 0, 0, 1, "EQ", "GIFT", "GIFT"),
    (17, 18, "BADFUT", "", 0, "", 0, 0, 75, "FUT", "NFO-FUT", "NFO"),
    (19, 20, "BADOPT", "BAD", 0, "2026-11-24", 0, 0, 75, "CE", "NFO-OPT", "NFO"),
    (21, 22, "011NSETEST", "", 0, "", 0, 0, 1, "EQ", "NSE", "NSE"),
    (23, 24, "MCXBULL", "MCXBULL", 0, "", 0, 0, 0, "EQ", "INDICES", "GLOBAL"),
    (25, 26, "WHAT", "WHAT", 0, "", 0, 0, 1, "XX", "NSE", "NSE"),
    (27, 28, "CASHINNFO", "WHAT", 0, "", 0, 0, 1, "EQ", "NFO", "NFO"),
    ("", 28, "NOTOKEN", "WHAT", 0, "", 0, 0, 1, "EQ", "NSE", "NSE"),
)  # fmt: skip


@pytest.fixture(scope="module")
def kite() -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([_HEADER, *_ROWS])
    return text.getvalue().encode()


def test_zerodha_rows(kite: bytes) -> None:
    listed = list(zerodha_master.instruments(gzip.compress(kite)))
    rows = _instruments(listed)
    assert set(rows) == {
        "NSE:INFY", "NSE:XYZ", "NSE:BAJAJ-AUTO", "NSE_INDEX:NIFTY", "NFO:NIFTY24NOV2626000CE",
        "NFO:NIFTY24NOV26FUT", "MCX:CRUDEOIL18DEC26FUT", "CDS:USDINR27NOV2688.25CE",
    }  # fmt: skip
    assert (rows["NSE:INFY"].name, rows["NSE:INFY"].series) == ("INFOSYS", "EQ")
    assert rows["NSE:XYZ"].broker_symbol == "XYZ-BE"
    assert rows["NFO:NIFTY24NOV2626000CE"].strike == 26000
    assert rows["MCX:CRUDEOIL18DEC26FUT"].lot_size == 100
    assert rows["CDS:USDINR27NOV2688.25CE"].lot_size == 1000
    assert rows["NSE_INDEX:NIFTY"].token == "256265"


def test_zerodha_contracts_whose_lot_is_unknown_are_left_out_not_guessed(kite: bytes) -> None:
    reasons = [row.reason for row in zerodha_master.instruments(kite) if isinstance(row, Skipped)]
    assert sorted(reasons) == sorted([
        "how many units a lot has is not known",
        "exchange 'GIFT' is not known",
        "a derivative without a name, an expiry or its exchange",
        "an option without a strike",
        "a test security of the exchange",
        "an index in 'GLOBAL'",
        "instrument type 'XX' is not known",
        "a cash row of a derivatives exchange, or without a lot size",
        "the token or the symbol is missing",
    ])  # fmt: skip
    known = zerodha_master.instruments(kite, lot_units={"USDINR": 1000, "GOLD": 100})
    rows = _instruments(list(known))
    assert rows["CDS:USDINR27NOV2688.25CE"].lot_size == 1000
    assert "MCX:CRUDEOIL18DEC26FUT" not in rows
