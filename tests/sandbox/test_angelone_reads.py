"""Quotes, funds, positions, holdings, search and the master file, in the broker's shapes."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from floor import INFY, ORDER, SECURE, TODAY, Caller, instrument, still_sandbox
from hypothesis import given
from hypothesis import strategies as st

from openbroker.sandbox.angelone.front import MASTER_PATH
from openbroker.sandbox.angelone.master import instruments, roll_forward, shipped_rows
from openbroker.sandbox.data import MASTER, UNDERLYINGS
from openbroker.sandbox.data.generate import master, underlyings
from openbroker.schemas import Exchange, InstrumentType

QUOTE = f"{SECURE}/market/v1/quote"
CALL = {"tradingsymbol": "NIFTY24NOV2626000CE", "symboltoken": "42885", "exchange": "NFO"}


@pytest.fixture
def caller():
    return Caller(still_sandbox())


def quote(caller, mode, **tokens):
    return caller.post(QUOTE, mode=mode, exchangeTokens=tokens)


def test_last_price_and_the_day(caller):
    data = caller.post(f"{ORDER}/getLtpData", **INFY)["data"]
    assert data.keys() == {
        "exchange", "tradingsymbol", "symboltoken", "open", "high", "low", "close", "ltp",
    }  # fmt: skip
    assert data["low"] <= data["ltp"] <= data["high"]
    assert data["low"] <= data["open"] <= data["high"]
    wrong = caller.post(f"{ORDER}/getLtpData", **(INFY | {"symboltoken": "0"}))
    assert wrong["errorcode"] == "AB1009"


def test_quotes_grow_with_their_mode(caller):
    rows = {
        mode: quote(caller, mode, NSE=["1594"])["data"]["fetched"][0]
        for mode in ("LTP", "OHLC", "FULL")
    }
    assert rows["LTP"].keys() == {"exchange", "tradingSymbol", "symbolToken", "ltp"}
    assert rows["OHLC"].keys() - rows["LTP"].keys() == {"open", "high", "low", "close"}
    assert rows["FULL"].keys() - rows["OHLC"].keys() == {
        "lastTradeQty", "exchFeedTime", "exchTradeTime", "netChange", "percentChange",
        "avgPrice", "tradeVolume", "opnInterest", "lowerCircuit", "upperCircuit", "totBuyQuan",
        "totSellQuan", "52WeekLow", "52WeekHigh", "depth",
    }  # fmt: skip
    full = rows["FULL"]
    assert full["exchFeedTime"] == "20-Nov-2026 10:00:00"
    assert full["52WeekLow"] <= full["low"] <= full["high"] <= full["52WeekHigh"]
    assert full["lowerCircuit"] < full["low"]
    assert [len(full["depth"][side]) for side in ("buy", "sell")] == [5, 5]
    assert full["depth"]["buy"][0]["price"] < full["ltp"] < full["depth"]["sell"][0]["price"]
    words = {name for name, value in full.items() if isinstance(value, str)}
    assert words == {"exchange", "tradingSymbol", "symbolToken", "exchFeedTime", "exchTradeTime"}


def test_what_cannot_be_fetched_is_told_beside_what_can(caller):
    reply = quote(caller, "LTP", NSE=["1594", "99926000"], NFO=["42885"], MCX=["", "1"], X=["2"])
    assert reply["status"] is True
    fetched = [row["tradingSymbol"] for row in reply["data"]["fetched"]]
    assert fetched == ["INFY-EQ", "Nifty 50", "NIFTY24NOV2626000CE"]
    assert reply["data"]["unfetched"][0] == {
        "exchange": "MCX",
        "symbolToken": "",
        "message": "Symbol token cannot be empty",
        "errorCode": "AB4018",
    }
    assert [row["symbolToken"] for row in reply["data"]["unfetched"]] == ["", "1", "2"]


def test_an_index_has_no_depth_volume_or_interest(caller):
    row = quote(caller, "FULL", NSE=["99926000"])["data"]["fetched"][0]
    assert row["tradeVolume"] == row["opnInterest"] == row["totBuyQuan"] == 0
    assert row["depth"]["buy"] == [{"price": 0.0, "quantity": 0, "orders": 0}] * 5


def test_fifty_tokens_are_the_most(caller):
    tokens = [row["token"] for row in shipped_rows(TODAY) if row["exch_seg"] == "NFO"]
    assert len(quote(caller, "LTP", NFO=tokens[:50])["data"]["fetched"]) == 50
    assert quote(caller, "FULL", NFO=tokens[:30], NSE=["1594"] * 21)["status"] is False


@pytest.mark.parametrize(
    "body",
    [
        {"mode": "ALL", "exchangeTokens": {"NSE": ["1594"]}},
        {"mode": "LTP"},
        {"mode": "LTP", "exchangeTokens": ["1594"]},
        {"mode": "LTP", "exchangeTokens": {"NSE": "1594"}},
        {"mode": "LTP", "exchangeTokens": {}},
    ],
)
def test_quotes_that_are_asked_wrongly(caller, body):
    assert caller.post(QUOTE, **body)["errorcode"] == "AB1007"


def test_search_finds_by_the_symbols_beginning(caller):
    found = caller.post(f"{ORDER}/searchScrip", exchange="NSE", searchscrip="sbi")["data"]
    assert [row["tradingsymbol"] for row in found] == ["SBIN-EQ", "SBILIFE-EQ", "SBIN-BL"]
    assert found[0] == {"exchange": "NSE", "tradingsymbol": "SBIN-EQ", "symboltoken": "3045"}
    assert caller.post(f"{ORDER}/searchScrip", exchange="NSE", searchscrip="ZZ")["data"] == []
    assert caller.post(f"{ORDER}/searchScrip", exchange="NSE", searchscrip="")["errorcode"]


# account


def test_funds_are_strings_and_available_cash_is_what_is_left(caller):
    caller.place(ordertype="MARKET")
    data = caller.get(f"{SECURE}/user/v1/getRMS")["data"]
    assert all(value is None or isinstance(value, str) for value in data.values())
    assert data["net"] == data["availablecash"]
    left, used = Decimal(data["availablecash"]), Decimal(data["utiliseddebits"])
    assert left + used == 1_000_000
    assert used > 0
    assert data["m2mrealized"] == data["m2munrealized"] == "0.0000"


def test_positions_are_strings_with_a_blank_in_the_minus(caller):
    caller.place(**CALL, producttype="CARRYFORWARD", ordertype="MARKET", quantity="75")
    (row,) = caller.get(f"{ORDER}/getPosition")["data"]
    assert all(isinstance(value, str) for value in row.values())
    assert row["netvalue"] == f"- {Decimal(row['buyamount']):.2f}"
    assert (row["netqty"], row["buyqty"], row["cfbuyqty"]) == ("75", "75", "0")
    assert (row["producttype"], row["expirydate"]) == ("CARRYFORWARD", "24NOV2026")
    assert (row["strikeprice"], row["optiontype"], row["lotsize"]) == ("26000.0", "CE", "75")
    paid, price = Decimal(row["avgnetprice"]), Decimal(row["ltp"])
    assert Decimal(row["unrealised"]) == pytest.approx((price - paid) * 75, abs=Decimal("0.4"))
    assert row["realised"] == "0"


def test_a_squared_off_row_stays_and_the_next_day_is_carried():
    caller = Caller(still_sandbox(reuse_totp=True))
    terms = CALL | {"producttype": "CARRYFORWARD", "ordertype": "MARKET", "quantity": "75"}
    caller.place(**terms)
    caller.place(**terms)
    caller.place(**terms, transactiontype="SELL")
    caller.sandbox.clock.advance(86_400)
    caller = Caller(caller.sandbox)
    (row,) = caller.get(f"{ORDER}/getPosition")["data"]
    assert (row["buyqty"], row["sellqty"], row["cfbuyqty"], row["netqty"]) == ("0", "0", "75", "75")
    caller.place(**terms, transactiontype="SELL")
    (row,) = caller.get(f"{ORDER}/getPosition")["data"]
    assert (row["netqty"], row["sellqty"]) == ("0", "75")
    assert Decimal(row["realised"]) == Decimal(row["pnl"]) != 0


def test_holdings_and_their_totals(caller):
    rows = caller.get(f"{SECURE}/portfolio/v1/getHolding")["data"]
    both = caller.get(f"{SECURE}/portfolio/v1/getAllHolding")["data"]
    assert both["holdings"] == rows
    sbin = rows[0]
    assert (sbin["tradingsymbol"], sbin["isin"]) == ("SBIN-EQ", "INE062A01020")
    assert (sbin["quantity"], sbin["averageprice"]) == (10, 700.0)
    assert sbin["profitandloss"] == pytest.approx((sbin["ltp"] - 700) * 10, abs=0.51)
    value = sum(row["ltp"] * row["quantity"] for row in rows)
    assert both["totalholding"]["totalholdingvalue"] == round(value)


def test_shares_sold_today_leave_the_holdings(caller):
    sbin = {"tradingsymbol": "SBIN-EQ", "symboltoken": "3045", "ordertype": "MARKET"}
    caller.place(**sbin, transactiontype="SELL", quantity="4")
    rows = caller.get(f"{SECURE}/portfolio/v1/getHolding")["data"]
    assert rows[0]["quantity"] == 6
    (position,) = caller.get(f"{ORDER}/getPosition")["data"]
    assert (position["netqty"], position["producttype"]) == ("-4", "DELIVERY")


def test_an_account_without_holdings():
    caller = Caller(still_sandbox(holdings={}))
    assert caller.get(f"{SECURE}/portfolio/v1/getHolding")["data"] is None
    both = caller.get(f"{SECURE}/portfolio/v1/getAllHolding")["data"]
    assert both == {"holdings": None, "totalholding": None}


def test_accounts_do_not_see_one_another(caller):
    caller.place()
    other = caller.sandbox.add_account()
    caller.keys = other.credentials()
    caller.http.headers["X-PrivateKey"] = other.api_key
    caller.use(caller.login().json()["data"]["jwtToken"])
    assert caller.book() == []


# the master


def test_the_master_served_is_the_one_traded(caller):
    rows = caller.get(MASTER_PATH)
    listed = {(row["exch_seg"], row["token"]) for row in rows}
    assert listed == {(i.venue.value, i.token) for i in caller.sandbox.exchange.market}
    assert len(listed) == len(rows), "a token is unique within its segment"
    assert len({row["token"] for row in rows}) < len(rows), "and only there"


def test_the_shipped_files_are_what_the_generator_writes():
    assert json.loads(MASTER.read_text(encoding="utf-8")) == master()
    assert json.loads(UNDERLYINGS.read_text(encoding="utf-8")) == underlyings()


def test_the_master_holds_what_the_sheet_names():
    rows = {(row["exch_seg"], row["token"]): row for row in shipped_rows(TODAY)}
    for token, symbol in (("3045", "SBIN-EQ"), ("2885", "RELIANCE-EQ"), ("99926000", "Nifty 50")):
        assert rows["NSE", token]["symbol"] == symbol
    assert rows["NFO", "42885"]["strike"] == "2600000.000000"
    assert rows["NFO", "42885"]["symbol"] == "NIFTY24NOV2626000CE"
    assert rows["BSE", "99919000"]["instrumenttype"] == "AMXIDX"
    expiries = {
        (row["name"], row["expiry"]) for row in rows.values() if row["instrumenttype"] == "OPTIDX"
    }
    counts = [sum(name == index for name, _ in expiries) for index in ("NIFTY", "BANKNIFTY")]
    assert counts == [3, 3]


def test_instruments_have_common_symbols_of_their_own():
    listed = instruments(shipped_rows(TODAY), TODAY)
    by_symbol = {i.symbol: i for i in listed}
    assert len(by_symbol) == len(listed)
    for symbol in ("NSE:M&M", "NSE:BAJAJ-AUTO", "NSE:360ONE", "BSE:RELIANCE", "NSE:SBIN-BL"):
        assert by_symbol[symbol].type is InstrumentType.EQUITY
    half = by_symbol["CDS:USDINR27NOV2689.5CE"]
    assert (half.strike, half.tick_size) == (Decimal("89.5"), Decimal("0.0025"))
    odd = by_symbol["BFO:SENSEX26NOV2685000PE"]
    assert (odd.broker_symbol, odd.expiry) == ("SENSEX26NOV85000PE", dt.date(2026, 11, 26))
    assert by_symbol["NSE_INDEX:BANKNIFTY"].venue is Exchange.NSE


def test_expiries_stand_while_the_first_is_ahead():
    rows = shipped_rows(TODAY)
    assert roll_forward(rows, dt.date(2026, 11, 24)) == rows
    assert roll_forward([], TODAY) == []


@given(days=st.integers(1, 3_000))
def test_expiries_roll_by_whole_weeks_together(days):
    rows = ROWS
    today = dt.date(2026, 11, 24) + dt.timedelta(days=days)
    rolled = roll_forward(rows, today)
    shifts = {
        new.expiry - old.expiry
        for old, new in zip(instruments(rows, TODAY), instruments(rolled, TODAY), strict=True)
        if old.expiry and new.expiry
    }
    (shift,) = shifts
    assert shift.days % 7 == 0
    first = min(i.expiry for i in instruments(rolled, TODAY) if i.expiry)
    assert today <= first < today + dt.timedelta(days=7)
    changed = {
        name
        for old, new in zip(rows, rolled, strict=True)
        for name in old
        if old[name] != new[name]
    }
    assert changed == {"symbol", "expiry"}


ROWS = shipped_rows(TODAY)[::7] + [r for r in shipped_rows(TODAY) if r["exch_seg"] == "BFO"]


def test_rolled_symbols_are_spelt_as_before():
    rolled = {row["token"]: row for row in roll_forward(shipped_rows(TODAY), dt.date(2027, 3, 1))}
    assert rolled["42885"]["symbol"] == "NIFTY02MAR2726000CE"
    assert rolled["42885"]["expiry"] == "02MAR2027"
    assert rolled["861201"]["symbol"] == "SENSEX27MARFUT"
    assert rolled["467013"]["symbol"] == "CRUDEOIL26MAR27FUT"


def test_a_sandbox_of_next_year_trades_rolled_contracts():
    caller = Caller(still_sandbox(today=dt.date(2027, 11, 20)))
    call = instrument(caller.sandbox, "NFO:NIFTY23NOV2726000CE")
    placed = caller.place(
        tradingsymbol=call.broker_symbol,
        symboltoken=call.token,
        exchange="NFO",
        producttype="CARRYFORWARD",
        ordertype="MARKET",
        quantity="75",
    )
    assert caller.row(placed)["orderstatus"] == "complete"
