"""History, GTT, margin, charges, conversion and the market's statistics."""

from __future__ import annotations

import datetime as dt

import pytest
from floor import INFY, ORDER, SECURE, Caller, still_sandbox

from openbroker.sandbox.angelone.desk import Rules
from openbroker.sandbox.angelone.history import INTERVALS

CANDLES = f"{SECURE}/historical/v1/getCandleData"
INTEREST = f"{SECURE}/historical/v1/getOIData"
GTT = f"{SECURE}/gtt/v1"
STATS = f"{SECURE}/marketData/v1"
RULE = {
    **INFY, "transactiontype": "BUY", "producttype": "DELIVERY", "price": 1400, "qty": 10,
    "disclosedqty": 10, "triggerprice": 1405, "timeperiod": 365,
}  # fmt: skip


@pytest.fixture
def caller():
    return Caller(still_sandbox())


def candles(caller, interval="ONE_DAY", start="2026-11-02 09:15", end="2026-11-19 15:30", **more):
    body = {"exchange": "NSE", "symboltoken": "1594", "interval": interval}
    return caller.post(CANDLES, **(body | {"fromdate": start, "todate": end} | more))


@pytest.mark.parametrize(
    ("interval", "count", "second"),
    [
        ("ONE_MINUTE", 375, "09:16"),
        ("THREE_MINUTE", 125, "09:18"),
        ("FIVE_MINUTE", 75, "09:20"),
        ("TEN_MINUTE", 38, "09:25"),
        ("FIFTEEN_MINUTE", 25, "09:30"),
        ("THIRTY_MINUTE", 13, "09:45"),
        ("ONE_HOUR", 7, "10:15"),
    ],
)
def test_a_days_candles_in_every_interval(caller, interval, count, second):
    rows = candles(caller, interval, "2026-11-19 09:15", "2026-11-19 15:30")["data"]
    assert len(rows) == count
    assert rows[0][0] == "2026-11-19T09:15:00+05:30"
    assert rows[1][0] == f"2026-11-19T{second}:00+05:30"
    for _, opens, high, low, closes, volume in rows:
        assert low <= min(opens, closes) <= max(opens, closes) <= high
        assert isinstance(volume, int)


def test_daily_candles_skip_weekends_and_start_at_midnight(caller):
    rows = candles(caller)["data"]
    assert len(rows) == 14
    assert rows[0][0] == "2026-11-02T00:00:00+05:30"
    dates = [dt.datetime.fromisoformat(row[0]) for row in rows]
    assert dates == sorted(dates)
    assert all(date.weekday() < 5 for date in dates)


def test_candles_are_cut_to_the_minute_asked_for(caller):
    rows = candles(caller, "FIVE_MINUTE", "2026-11-19 10:00", "2026-11-19 10:20")["data"]
    assert [row[0][11:16] for row in rows] == ["10:00", "10:05", "10:10", "10:15", "10:20"]


def test_no_candles_are_null(caller):
    assert candles(caller, start="2026-11-14 09:15", end="2026-11-15 15:30")["data"] is None
    assert candles(caller, start="2027-11-15 09:15", end="2027-11-19 15:30")["data"] is None
    assert candles(caller, exchange="CDS")["data"] is None


def test_yesterdays_last_candle_closes_at_the_previous_close(caller):
    rows = candles(caller, start="2026-11-19 09:15", end="2026-11-19 15:30")["data"]
    quoted = caller.post(f"{ORDER}/getLtpData", **INFY)["data"]["close"]
    assert rows[0][4] == quoted


@pytest.mark.parametrize(
    "changes",
    [
        {"interval": "TWO_MINUTE"},
        {"start": "2026-11-19 09:15", "end": "2026-11-18 15:30"},
        {"start": "19-11-2026"},
        {"exchange": "X"},
    ],
)
def test_candles_asked_wrongly(caller, changes):
    assert candles(caller, **changes)["errorcode"] == "AB1004"


@pytest.mark.parametrize(("reaction", "expected"), [("error", None), ("cut", 30), ("empty", 0)])
def test_a_span_over_the_limit(reaction, expected):
    caller = Caller(still_sandbox(rules=Rules(long_span=reaction)))
    reply = candles(caller, "ONE_MINUTE", "2026-08-19 09:15", "2026-11-19 15:30")
    if expected is None:
        assert reply["errorcode"] == "AB1004"
        return
    rows = reply["data"] or []
    days = {row[0][:10] for row in rows}
    assert bool(days) is bool(expected)
    assert all(day >= "2026-10-20" for day in days)


@pytest.mark.parametrize("interval", INTERVALS)
def test_the_documented_span_is_served(caller, interval):
    _, days = INTERVALS[interval]
    end = dt.datetime(2026, 11, 19, 9, 20)  # noqa: DTZ001 - the broker's text has no zone
    start = end - dt.timedelta(days=days)
    reply = candles(caller, interval, f"{start:%Y-%m-%d %H:%M}", f"{end:%Y-%m-%d %H:%M}")
    assert len({row[0][:10] for row in reply["data"]}) > days * 0.65


def test_open_interest_is_the_derivatives(caller):
    body = {"interval": "FIVE_MINUTE", "fromdate": "2026-11-19 09:15", "todate": "2026-11-19 10:00"}
    rows = caller.post(INTEREST, exchange="NFO", symboltoken="42885", **body)["data"]
    assert len(rows) == 10
    assert rows[0].keys() == {"time", "oi"}
    assert all(row["oi"] % 75 == 0 for row in rows)
    assert caller.post(INTEREST, exchange="NSE", symboltoken="1594", **body)["data"] is None


# GTT


def create(caller, **changes):
    return caller.post(f"{GTT}/createRule", **(RULE | changes))


@pytest.mark.parametrize("prefix", ["", "/gtt-service"])
def test_a_rules_life_under_both_prefixes(caller, prefix):
    number = caller.post(f"{prefix}{GTT}/createRule", **RULE)["data"]["id"]
    assert isinstance(number, int)
    change = {"id": number, "symboltoken": "1594", "exchange": "NSE"}
    new = {"price": 1401, "qty": 9, "triggerprice": 1406, "disclosedqty": 9}
    assert caller.post(f"{prefix}{GTT}/modifyRule", **change, **new)["data"] == {"id": number}
    row = caller.post(f"{GTT}/ruleDetails", id=number)["data"]
    assert (row["price"], row["qty"], row["triggerprice"]) == (1401.0, 9, 1406.0)
    assert (row["status"], row["clientid"]) == ("NEW", caller.keys["client_code"])
    assert row["expirydate"] == "2027-11-20T10:00:00.000+05:30"
    assert caller.post(f"{prefix}{GTT}/cancelRule", **change)["data"] == {"id": number}
    assert caller.post(f"{GTT}/ruleDetails", id=number)["data"]["status"] == "CANCELLED"
    assert caller.post(f"{prefix}{GTT}/cancelRule", **change)["errorcode"] == "AB9013"


def test_a_rule_that_fires_was_sent_to_the_exchange(caller):
    number = create(caller)["data"]["id"]
    caller.sandbox.exchange.move_price("NSE:INFY", "1399")
    assert caller.post(f"{GTT}/ruleDetails", id=number)["data"]["status"] == "SENTTOEXCHANGE"
    (row,) = caller.book()
    assert (row["ordertype"], row["price"], row["variety"]) == ("LIMIT", 1400.0, "NORMAL")


def test_rules_are_listed_by_state_and_page(caller):
    numbers = [create(caller)["data"]["id"] for _ in range(5)]
    caller.post(f"{GTT}/cancelRule", id=numbers[0], symboltoken="1594", exchange="NSE")

    def listed(status, page=1, count=10):
        rows = caller.post(f"{GTT}/ruleList", status=status, page=page, count=count)["data"]
        return [row["id"] for row in rows or []]

    assert listed(["NEW"]) == listed(["ACTIVE"]) == numbers[:0:-1]
    assert listed(["CANCELLED"]) == numbers[:1]
    assert listed(["FORALL"]) == numbers[::-1]
    assert listed(["NEW"], page=2, count=3) == [numbers[1]]
    assert listed(["SENTTOEXCHANGE"]) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"qty": 0}, "AB9006"),
        ({"qty": "x"}, "AB9006"),
        ({"disclosedqty": 11}, "AB9007"),
        ({"price": 0}, "AB9008"),
        ({"triggerprice": "x"}, "AB9009"),
        ({"exchange": "NFO"}, "AB9010"),
        ({"symboltoken": "0"}, "AB9011"),
        ({"tradingsymbol": "X"}, "AB9012"),
        ({"transactiontype": "HOLD"}, "AB9014"),
        ({"producttype": "INTRADAY"}, "AB9015"),
        ({"timeperiod": 366}, "AB9016"),
    ],
)
def test_wrong_rules_have_codes_of_their_own(caller, changes, code):
    assert create(caller, **changes)["errorcode"] == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"status": [], "page": 1, "count": 10}, "AB9004"),
        ({"status": "NEW", "page": 1, "count": 10}, "AB9004"),
        ({"status": ["NEW"], "page": 0, "count": 10}, "AB9017"),
        ({"status": ["NEW"], "page": 1, "count": 0}, "AB9018"),
    ],
)
def test_lists_asked_wrongly(caller, body, code):
    assert caller.post(f"{GTT}/ruleList", **body)["errorcode"] == code
    assert caller.post(f"{GTT}/ruleDetails", id=1)["errorcode"] == "AB9013"


# margin, charges, conversion


def leg(**changes):
    return {
        "exchange": "NFO",
        "qty": 75,
        "price": 0,
        "productType": "CARRYFORWARD",
        "token": "42885",
        "tradeType": "SELL",
    } | changes


def margin(caller, *legs):
    return caller.post(f"{SECURE}/margin/v1/batch", positions=list(legs))


def test_margin_of_a_short_option_and_the_benefit_of_a_hedge(caller):
    naked = margin(caller, leg())["data"]
    hedged = margin(caller, leg(), leg(token="42905", tradeType="BUY"))["data"]
    assert naked["marginComponents"]["spanMargin"] == naked["totalMarginRequired"] > 100_000
    assert hedged["marginComponents"]["marginBenefit"] > 0
    assert hedged["totalMarginRequired"] < naked["totalMarginRequired"]
    for parts in (naked["marginComponents"], hedged["marginComponents"]):
        total = sum(parts[n] for n in ("spanMargin", "deliveryMargin", "nonNFOMargin"))
        total += parts["totOptionsPremium"] - parts["marginBenefit"]
        assert total in (
            pytest.approx(naked["totalMarginRequired"], abs=0.02),
            pytest.approx(hedged["totalMarginRequired"], abs=0.02),
        )


def test_margin_of_shares_is_their_value_or_a_part_of_it(caller):
    share = {"exchange": "NSE", "token": "1594", "qty": 10, "price": 1500, "tradeType": "BUY"}
    full = margin(caller, leg(**share, productType="DELIVERY"))["data"]
    part = margin(caller, leg(**share, productType="INTRADAY"))["data"]
    assert full["totalMarginRequired"] == 15_000
    assert part["totalMarginRequired"] == 3_000


@pytest.mark.parametrize(
    ("legs", "code"),
    [
        ([], "AB1007"),
        (["x"], "AB1007"),
        ([leg()] * 51, "AB1007"),
        ([leg(token="0")], "AB1009"),
        ([leg(productType="DELIVERY")], "AB1012"),
        ([leg(orderType="X")], "AB1007"),
    ],
)
def test_margin_asked_wrongly(caller, legs, code):
    assert margin(caller, *legs)["errorcode"] == code


def test_charges_add_up(caller):
    order = {
        "product_type": "DELIVERY", "transaction_type": "BUY", "quantity": "5", "price": "812",
        "exchange": "NSE", "symbol_name": "SBIN", "token": "3045",
    }  # fmt: skip
    sale = order | {"transaction_type": "SELL", "product_type": "INTRADAY", "quantity": "500"}
    reply = caller.post(f"{SECURE}/brokerage/v1/estimateCharges", orders=[order, sale])["data"]
    summary, bills = reply["summary"], reply["charges"]
    assert [bill["trade_value"] for bill in bills] == [4060.0, 406_000.0]
    assert summary["trade_value"] == 410_060.0
    for bill in (summary, *bills):
        names = [part["name"] for part in bill["breakup"]]
        assert names == ["Angel One Brokerage", "External Charges", "Taxes"]
        parts = sum(part["amount"] for part in bill["breakup"])
        assert parts == pytest.approx(bill["total_charges"], abs=0.02)
    assert bills[0]["breakup"][0]["amount"] == 4.06
    assert bills[1]["breakup"][0]["amount"] == 20.0, "brokerage has a ceiling"
    tax = {part["name"]: part["amount"] for part in bills[0]["breakup"][2]["breakup"]}
    assert tax["Security Transaction Tax"] == 4.06


def test_conversion(caller):
    caller.place(ordertype="MARKET")
    body = INFY | {
        "oldproducttype": "DELIVERY", "newproducttype": "INTRADAY", "transactiontype": "BUY",
        "quantity": 4, "type": "DAY",
    }  # fmt: skip
    path = f"{ORDER}/convertPosition"
    assert caller.post(path, **body) == {
        "status": True, "message": "SUCCESS", "errorcode": "", "data": None,
    }  # fmt: skip
    rows = {r["producttype"]: r["netqty"] for r in caller.get(f"{ORDER}/getPosition")["data"]}
    assert rows == {"DELIVERY": "6", "INTRADAY": "4"}
    assert caller.post(path, **(body | {"quantity": 7}))["errorcode"] == "AB1017"
    assert caller.post(path, **(body | {"newproducttype": "X"}))["errorcode"] == "AB1012"


# statistics


def test_greeks_are_strings_and_make_sense(caller):
    rows = caller.post(f"{STATS}/optionGreek", name="NIFTY", expirydate="24NOV2026")["data"]
    assert len(rows) == 82
    assert all(isinstance(value, str) for row in rows for value in row.values())
    calls = [float(row["delta"]) for row in rows if row["optionType"] == "CE"]
    puts = [float(row["delta"]) for row in rows if row["optionType"] == "PE"]
    assert calls == sorted(calls, reverse=True)
    assert all(0 <= delta <= 1 for delta in calls)
    assert all(-1 <= delta <= 0 for delta in puts)
    assert rows[0]["strikePrice"] == "25000.000000"


def test_greeks_fail_outside_the_session_and_for_unknown_chains(caller):
    ask = {"name": "NIFTY", "expirydate": "24NOV2026"}
    closed = Caller(still_sandbox(market_hours=True, start=dt.time(20, 0)))
    assert closed.post(f"{STATS}/optionGreek", **ask)["errorcode"] == "AB1004"
    assert caller.post(f"{STATS}/optionGreek", **(ask | {"name": "X"}))["errorcode"] == "AB1004"


@pytest.mark.parametrize("kind", ["PercPriceGainers", "PercPriceLosers"])
@pytest.mark.parametrize("expiry", ["NEAR", "NEXT", "FAR"])
def test_movers_are_ranked(caller, kind, expiry):
    rows = caller.post(f"{STATS}/gainersLosers", datatype=kind, expirytype=expiry)["data"]
    changes = [row["percentChange"] for row in rows]
    assert changes == sorted(changes, reverse=kind.endswith("Gainers"))
    assert all(isinstance(row["symbolToken"], int) for row in rows)
    sign = 1 if kind.endswith("Gainers") else -1
    assert all(change * sign > 0 for change in changes)


def test_every_future_is_in_one_build_up(caller):
    kinds = ("Long Built Up", "Short Built Up", "Short Covering", "Long Unwinding")
    tokens = [
        row["symbolToken"]
        for kind in kinds
        for row in caller.post(f"{STATS}/OIBuildup", datatype=kind, expirytype="NEAR")["data"]
    ]
    assert len(tokens) == len(set(tokens)) == 7


def test_statistics_asked_wrongly(caller):
    for path, good in (("gainersLosers", "PercOIGainers"), ("OIBuildup", "Long Built Up")):
        bad = [{"datatype": "X", "expirytype": "NEAR"}, {"datatype": good, "expirytype": "X"}]
        assert [caller.post(f"{STATS}/{path}", **body)["errorcode"] for body in bad] == [
            "AB1007"
        ] * 2


def test_ratios_and_lists(caller):
    ratios = caller.get(f"{STATS}/putCallRatio")["data"]
    assert {"pcr", "tradingSymbol"} == ratios[0].keys()
    assert {row["tradingSymbol"] for row in ratios} >= {"NIFTY24NOV26FUT", "BANKNIFTY24NOV26FUT"}
    nse, bse = (caller.get(f"{STATS}/{n}Intraday")["data"] for n in ("nse", "bse"))
    assert {"exchange": "NSE", "SymbolName": "INFY", "Multiplier": "5.0"} in nse
    assert all(row["exchange"] == "BSE" for row in bse)
    (caution,) = caller.get(f"{SECURE}/securities/v1/cautionaryScrips")["data"]
    assert (caution["token"], caution["symbol"]) == ("13643", "GTLINFRA-BE")
