"""Orders through Angel One's door: words, codes, the book's rows."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from floor import INFY, ORDER, Caller, instrument, still_sandbox

from openbroker.sandbox.angelone.desk import Rules
from openbroker.sandbox.angelone.protection import band
from openbroker.sandbox.price_bands import protected_price
from openbroker.schemas import Side

CALL = {"tradingsymbol": "NIFTY24NOV2626000CE", "symboltoken": "42885", "exchange": "NFO"}
CRUDE = {"tradingsymbol": "CRUDEOIL18DEC26FUT", "symboltoken": "467013", "exchange": "MCX"}
CARRY = {"producttype": "CARRYFORWARD"}
ROW_STRINGS = {
    "quantity", "disclosedquantity", "lotsize", "cancelsize", "filledshares", "unfilledshares",
}  # fmt: skip
ROW_NUMBERS = {
    "price", "triggerprice", "squareoff", "stoploss", "trailingstoploss", "strikeprice",
    "averageprice",
}  # fmt: skip


@pytest.fixture
def caller():
    return Caller(still_sandbox())


def test_a_placed_order_has_two_ids(caller):
    reply = caller.place(ordertag="ob1")
    assert reply["data"].keys() == {"script", "orderid", "uniqueorderid"}
    assert reply["data"]["script"] == "INFY-EQ"
    assert re.fullmatch(r"261120\d{9}", reply["data"]["orderid"])
    assert re.fullmatch(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", reply["data"]["uniqueorderid"]
    )


def test_the_books_row_mixes_numbers_and_strings(caller):
    row = caller.row(caller.place(ordertag="ob1"))
    assert all(isinstance(row[name], str) for name in ROW_STRINGS)
    assert all(isinstance(row[name], float) for name in ROW_NUMBERS)
    assert (row["status"], row["orderstatus"], row["ordertag"]) == ("open", "open", "ob1")
    assert (row["price"], row["strikeprice"], row["unfilledshares"]) == (1450.0, -1.0, "10")
    assert row["updatetime"] == "20-Nov-2026 10:00:00"
    assert re.fullmatch(r"\d{16}", row["exchangeorderid"])


def test_the_book_may_speak_in_strings_only():
    caller = Caller(still_sandbox(rules=Rules(string_book=True)))
    row = caller.row(caller.place())
    assert all(isinstance(value, str) for value in row.values())
    assert row["price"] == "1450.0"


@pytest.mark.parametrize("text", ["1e999999999", "9" * 400, "1_000", "\u0967", "NaN", "0x10", "-1"])
@pytest.mark.parametrize("name", ["quantity", "price", "disclosedquantity"])
def test_what_only_python_reads_is_no_number(caller, name, text):
    reply = caller.place(**{name: text})
    assert (reply["errorcode"], reply["message"]) == ("AB1007", f"Invalid parameter: {name}")
    assert caller.book() == []


def test_numbers_may_be_numbers(caller):
    row = caller.row(caller.place(price=1450, quantity=10, symboltoken=1594))
    assert (row["price"], row["quantity"]) == (1450.0, "10")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"variety": "SPECIAL"}, "AB1008"),
        ({"variety": None}, "AB1007"),
        ({"variety": "STOPLOSS"}, "AB1008"),
        ({"ordertype": "STOPLOSS_LIMIT", "triggerprice": "1440"}, "AB1008"),
        ({"producttype": "BO"}, "AB1008"),
        ({"producttype": "NONE"}, "AB1012"),
        ({"symboltoken": "1"}, "AB1009"),
        ({"tradingsymbol": "SBIN-EQ"}, "AB1009"),
        ({"exchange": "NYSE"}, "AB1007"),
        ({"transactiontype": "HOLD"}, "AB1007"),
        ({"ordertype": "ICEBERG"}, "AB1007"),
        ({"duration": "GTC"}, "AB1007"),
        ({"price": "dear"}, "AB1007"),
        ({"price": "NaN"}, "AB1007"),
        ({"price": "-1"}, "AB1007"),
        ({"quantity": "1.5"}, "AB1007"),
        ({"quantity": "many"}, "AB1007"),
        ({"quantity": True}, "AB1007"),
        ({"ordertag": "x" * 20}, "AB4008"),
        ({"variety": "ROBO", "producttype": "BO", "stoploss": "5"}, "AB1007"),
        ({**CALL, **CARRY, "quantity": "75", "price": "2000"}, "AB1007"),
    ],
)
def test_wrong_words_are_answered_at_once_and_book_nothing(caller, changes, code):
    reply = caller.place(**changes)
    assert (reply["status"], reply["errorcode"]) == (False, code)
    assert caller.sandbox.book() == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (CARRY, "RMS:Blocked for nse_cm CARRYFWD"),
        ({"quantity": "1000"}, "Insufficient Funds. Available funds - Rs. 1000000.00"),
        ({"price": "1000"}, "circuit limit"),
        ({"price": "1450.05"}, "multiple of the tick size 0.1"),
        ({"transactiontype": "SELL", "quantity": "26"}, "Check holdings"),
        ({**CALL, **CARRY, "quantity": "70", "price": "200"}, "multiple of the lot 75"),
        ({**CALL, "quantity": "75", "price": "200"}, "RMS:Blocked for nse_fo DELIVERY"),
        (
            {
                **CALL,
                **CARRY,
                "variety": "STOPLOSS",
                "ordertype": "STOPLOSS_MARKET",
                "triggerprice": "250",
                "quantity": "75",
            },
            "16052 : Function Not Available",
        ),
        ({**CRUDE, **CARRY, "quantity": "100", "price": "5600", "duration": "IOC"}, "IOC"),
    ],
)
def test_what_risk_refuses_is_a_success_that_the_book_shows_rejected(caller, changes, text):
    reply = caller.place(**changes)
    assert reply["status"] is True
    row = caller.row(reply)
    assert (row["status"], row["orderstatus"]) == ("rejected", "rejected")
    assert text in row["text"]
    assert row["exchangeorderid"] == row["exchtime"] == ""


def test_every_order_type_reaches_the_book(caller):
    stop = {"variety": "STOPLOSS", "triggerprice": "1600", "producttype": "INTRADAY"}
    kinds = {
        "LIMIT": {},
        "STOPLOSS_LIMIT": {**stop, "price": "1605"},
        "STOPLOSS_MARKET": {**stop, "price": "0"},
    }
    for kind, changes in kinds.items():
        row = caller.row(caller.place(ordertype=kind, **changes))
        assert row["ordertype"] == kind
        assert row["orderstatus"] == ("open" if kind == "LIMIT" else "trigger pending")
        assert row["variety"] == changes.get("variety", "NORMAL")


# protection


def test_a_market_order_is_booked_as_a_limit_half_a_per_cent_away(caller):
    price = float(caller.sandbox.exchange.price(instrument(caller.sandbox, "NSE:INFY")))
    row = caller.row(caller.place(ordertype="MARKET", price="0"))
    assert (row["ordertype"], row["orderstatus"]) == ("LIMIT", "complete")
    assert price * 1.005 - 0.1 < row["price"] <= price * 1.005
    assert row["averageprice"] <= row["price"]


def test_the_sheets_example_of_a_band():
    it = instrument(still_sandbox(), "NSE:INFY")
    bounds = (Decimal(1), Decimal(99_999))
    price = Decimal(2400)
    assert protected_price(it, Side.BUY, price, Decimal("0.5"), bounds) == 2412
    assert protected_price(it, Side.SELL, price, Decimal("0.5"), bounds) == 2388
    assert protected_price(it, Side.BUY, price, Decimal("0.5"), (Decimal(1), price)) == 2400


@pytest.mark.parametrize(
    ("symbol", "price", "per_cent"),
    [
        ("NSE:INFY", 1500, "0.5"),
        ("NFO:NIFTY24NOV26FUT", 26_000, "0.5"),
        ("NFO:SBIN24NOV26FUT", 800, "1"),
        ("NFO:NIFTY24NOV2626000CE", 5, "20"),
        ("NFO:NIFTY24NOV2626000CE", 10, "10"),
        ("NFO:NIFTY24NOV2626000CE", 49, "5"),
        ("NFO:NIFTY24NOV2626000CE", 50, "2.5"),
        ("NFO:SBIN24NOV26800CE", 5, "40"),
        ("NFO:SBIN24NOV26800CE", 51, "5"),
        ("MCX:CRUDEOIL18DEC26FUT", 5600, "1"),
        ("MCX:CRUDEOIL16DEC265600CE", 15, "10"),
    ],
)
def test_bands_by_segment_and_premium(symbol, price, per_cent):
    it = instrument(still_sandbox(), symbol)
    assert band(it, Decimal(price)) == Decimal(per_cent)


def test_currency_and_indices_have_no_band():
    sandbox = still_sandbox()
    for symbol in ("CDS:USDINR27NOV26FUT", "NSE_INDEX:NIFTY"):
        assert band(instrument(sandbox, symbol), Decimal(90)) is None


def test_market_orders_stay_market_orders_without_protection():
    caller = Caller(still_sandbox(rules=Rules(protect_market_orders=False)))
    row = caller.row(caller.place(ordertype="MARKET", price="0"))
    assert (row["ordertype"], row["price"]) == ("MARKET", 0.0)


# changing


def modify(caller, reply, **changes):
    body = {
        "variety": "NORMAL",
        "orderid": reply["data"]["orderid"],
        "ordertype": "LIMIT",
        "producttype": "DELIVERY",
        "duration": "DAY",
        "price": "1455",
        "quantity": "12",
    }
    return caller.post(f"{ORDER}/modifyOrder", **(body | INFY | changes))


def cancel(caller, reply, variety="NORMAL"):
    order_id = reply["data"]["orderid"]
    return caller.post(f"{ORDER}/cancelOrder", variety=variety, orderid=order_id)


def test_a_modified_order_says_so_beside_its_state(caller):
    placed = caller.place()
    reply = modify(caller, placed)
    assert reply["data"].keys() == {"orderid", "uniqueorderid"}
    row = caller.row(placed)
    assert (row["status"], row["orderstatus"]) == ("modified", "open")
    assert (row["price"], row["quantity"]) == (1455.0, "12")


def test_a_modified_stop_keeps_waiting(caller):
    stop = {"variety": "STOPLOSS", "ordertype": "STOPLOSS_LIMIT"}
    placed = caller.place(**stop, price="1605", triggerprice="1600")
    reply = modify(caller, placed, **stop, price="1615", triggerprice="1610")
    assert reply["status"]
    row = caller.row(placed)
    assert (row["status"], row["orderstatus"]) == ("modified", "trigger pending")
    assert row["triggerprice"] == 1610.0
    assert modify(caller, placed, **stop, price="1620")["status"]
    row = caller.row(placed)
    assert (row["price"], row["triggerprice"]) == (1620.0, 1610.0)


def test_an_order_moves_between_limit_and_stop(caller):
    stop = {"ordertype": "STOPLOSS_LIMIT", "price": "1605", "triggerprice": "1600"}
    placed = caller.place()
    assert modify(caller, placed, **stop)["status"]
    row = caller.row(placed)
    assert (row["variety"], row["orderstatus"]) == ("STOPLOSS", "trigger pending")
    assert modify(caller, placed, variety="STOPLOSS", ordertype="LIMIT", price="1450")["status"]
    row = caller.row(placed)
    assert (row["variety"], row["orderstatus"]) == ("NORMAL", "open")
    wrong = modify(caller, placed, variety="STOPLOSS", ordertype="LIMIT", price="1450")
    assert wrong["errorcode"] == "AB1007"


def test_an_after_market_order_keeps_its_variety(caller):
    stop = {"ordertype": "STOPLOSS_LIMIT", "price": "1605", "triggerprice": "1600"}
    waiting = caller.place(**stop, variety="AMO")
    assert modify(caller, waiting, **(stop | {"price": "1610"}))["status"]
    assert caller.row(waiting)["price"] == 1610.0


def test_a_refused_modification_leaves_the_order_live(caller):
    placed = caller.place()
    reply = modify(caller, placed, price="1455.05")
    assert (reply["status"], reply["errorcode"]) == (False, "AB1007")
    row = caller.row(placed)
    assert (row["status"], row["orderstatus"]) == ("not modified", "open")


def test_cancel_and_cancel_again(caller):
    placed = caller.place()
    assert cancel(caller, placed)["status"]
    row = caller.row(placed)
    assert (row["orderstatus"], row["cancelsize"], row["unfilledshares"]) == (
        "cancelled",
        "10",
        "0",
    )
    assert cancel(caller, placed)["errorcode"] == "AB1007"


def test_unknown_orders_and_other_varieties(caller):
    placed = caller.place()
    assert cancel(caller, {"data": {"orderid": "1"}})["errorcode"] == "AB1013"
    wrong = cancel(caller, placed, "STOPLOSS")
    assert (wrong["errorcode"], wrong["message"]) == ("AB1007", "Invalid Order Variety")


def test_an_after_market_order_is_cancelled_as_normal(caller):
    placed = caller.place(variety="AMO")
    assert caller.row(placed)["orderstatus"] == "after market order req received"
    assert cancel(caller, placed, "AMO")["message"] == "Invalid Order Variety"
    assert modify(caller, placed)["status"]
    assert caller.row(placed)["orderstatus"] == "modify after market order req received"
    assert cancel(caller, placed)["status"]
    row = caller.row(placed)
    assert (row["variety"], row["orderstatus"]) == ("AMO", "cancelled after market order")


def test_after_hours_every_order_is_an_after_market_order():
    caller = Caller(still_sandbox(market_hours=True, start=dt.time(20, 0)))
    placed = caller.place(price="1500")
    assert caller.row(placed)["orderstatus"] == "after market order req received"
    clock = caller.sandbox.clock
    morning = clock.now().replace(hour=9, minute=16) + dt.timedelta(days=1)
    clock.advance((morning - clock.now()).total_seconds())
    assert caller.sandbox.book()[0]["status"] in ("OPEN", "FILLED")


# one order, trades


def test_one_order_by_its_unique_id(caller):
    placed = caller.place()
    unique = placed["data"]["uniqueorderid"]
    row = caller.get(f"{ORDER}/details/{unique}")["data"]
    assert row == caller.row(placed)
    for wrong in (placed["data"]["orderid"], "x"):
        assert caller.get(f"{ORDER}/details/{wrong}") == {
            "status": False,
            "message": "Order not found",
            "errorcode": "AB1007",
            "data": None,
        }


def test_empty_lists_are_null(caller):
    for path in ("getOrderBook", "getTradeBook", "getPosition"):
        assert caller.get(f"{ORDER}/{path}")["data"] is None


def test_trades_are_strings_without_token_or_date(caller):
    placed = caller.place(ordertype="MARKET")
    (row,) = caller.get(f"{ORDER}/getTradeBook")["data"]
    assert all(isinstance(value, str) for value in row.values())
    assert "symboltoken" not in row
    assert row["filltime"] == "10:00:00"
    assert Decimal(row["tradevalue"]) == Decimal(row["fillprice"]) * int(row["fillsize"])
    assert row["orderid"] == placed["data"]["orderid"]
    booked = caller.row(placed)
    assert booked["fillid"] == row["fillid"]
    assert booked["averageprice"] == float(row["fillprice"])


# brackets, caution, units


def test_a_bracket_has_children_that_know_their_parent(caller):
    placed = caller.place(
        variety="ROBO", producttype="BO", price="1600", squareoff="20", stoploss="15"
    )
    rows = caller.book()
    children = [row for row in rows if row["parentorderid"] == placed["data"]["orderid"]]
    assert [row["ordertype"] for row in children] == ["LIMIT", "STOPLOSS_MARKET"]
    assert {row["variety"] for row in rows} == {"ROBO"}
    assert {row["producttype"] for row in rows} == {"BO"}
    first = {"data": {"orderid": children[0]["orderid"]}}
    assert cancel(caller, first)["message"] == "Invalid Order Variety"
    assert cancel(caller, first, "ROBO")["status"]
    assert caller.sandbox.exchange.positions(caller.keys["client_code"])[0].net == 0


def test_brackets_may_be_blocked():
    caller = Caller(still_sandbox(rules=Rules(block_robo=True)))
    robo = {"variety": "ROBO", "producttype": "BO", "squareoff": "20", "stoploss": "15"}
    assert caller.place(**robo)["errorcode"] == "AB2002"


def test_cautionary_shares_need_consent(caller):
    listed = {"tradingsymbol": "GTLINFRA-BE", "symboltoken": "13643", "price": "1.55"}
    assert caller.place(**listed)["errorcode"] == "AB4036"
    assert caller.place(**listed, scripconsent="yes")["status"]


@pytest.mark.parametrize(("in_lots", "asked", "units"), [(False, "100", 100), (True, "1", 100)])
def test_mcx_quantities_are_units_or_lots(in_lots, asked, units):
    caller = Caller(still_sandbox(rules=Rules(mcx_lots=in_lots)))
    placed = caller.place(**CRUDE, **CARRY, quantity=asked, price="5600", transactiontype="SELL")
    assert caller.sandbox.book()[0]["quantity"] == units
    assert caller.row(placed)["quantity"] == asked


def test_a_derivatives_row_tells_its_contract(caller):
    row = caller.row(caller.place(**CALL, **CARRY, quantity="75", price="150"))
    assert (row["instrumenttype"], row["optiontype"]) == ("OPTIDX", "CE")
    assert (row["strikeprice"], row["expirydate"], row["lotsize"]) == (26000.0, "24NOV2026", "75")
