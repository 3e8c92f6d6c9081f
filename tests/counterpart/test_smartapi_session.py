"""The official client, unmodified, takes the sandbox for Angel One: its whole first day.

Everything here is said by smartapi-python over TLS, and what it is given back is looked at as its
users would: raw rows.  The clock stands still, so that what was placed is where it was put.
"""

from __future__ import annotations

import json
import urllib.request
from decimal import Decimal
from pathlib import Path
from typing import Any

import intents
import pytest
from official import OfficialClient, OfficialError, official_client
from sandboxes import Served, served

from openbroker.demo.server import sandbox_server

pytestmark = pytest.mark.official

SBIN = intents.SBIN.params
INFY_BSE = intents.INFY_BSE.params


def order(listed: dict[str, str], side: str, **changes: str) -> dict[str, str]:
    return intents.order_params(intents.SBIN, side, **listed | changes)


def off_market(official: OfficialClient, listing: dict[str, str], per_cent: str) -> str:
    """A price so far from the last one, on a tick of one rupee."""
    last = official.data(
        "ltpData", listing["exchange"], listing["tradingsymbol"], listing["symboltoken"]
    )["ltp"]
    return str(round(Decimal(str(last)) * (1 + Decimal(per_cent) / 100)))


def row_of(official: OfficialClient, order_id: str) -> dict[str, Any]:
    rows = {row["orderid"]: row for row in official.data("orderBook")}
    found: dict[str, Any] = rows[order_id]
    return found


def place(official: OfficialClient, params: dict[str, str]) -> dict[str, Any]:
    """Place it; its row in the book."""
    order_id = official.placeOrder(params)
    assert isinstance(order_id, str), "placeOrder gives the order id, or None for a refusal"
    assert len(order_id) == 15
    return row_of(official, order_id)


# -- session


def test_login_gives_profile_and_three_tokens(official: OfficialClient) -> None:
    data = official.login()["data"]
    assert data["clientcode"] == official.credentials["client_code"]
    assert data["jwtToken"].startswith("Bearer ")
    assert not data["jwtToken"].startswith("Bearer Bearer")
    assert len({data["jwtToken"], data["refreshToken"], data["feedToken"]}) == 3
    assert "nse_cm" in data["exchanges"]
    assert official.getfeedToken() == data["feedToken"]


def test_wrong_pin_and_wrong_code_are_refused(official: OfficialClient) -> None:
    known = official.credentials
    totp = {"totp": known["totp_secret"]}
    wrong_pin = official.generateSession(known["client_code"], "0000", totp)
    assert (wrong_pin["status"], wrong_pin["errorcode"]) == (False, "AB1007")
    wrong_code = official.generateSession(known["client_code"], known["pin"], "000000")
    assert (wrong_code["status"], wrong_code["errorcode"]) == (False, "AB1050")
    official.login()


def test_profile(official: OfficialClient) -> None:
    profile = official.data("getProfile", "any refresh token")
    assert profile["clientcode"] == official.credentials["client_code"]
    assert {"CNC", "MIS", "NRML"} <= set(profile["products"])


def test_tokens_are_refreshed(official: OfficialClient) -> None:
    first = official.login()["data"]
    second = official.data("generateToken", first["refreshToken"])
    assert second["jwtToken"] != first["jwtToken"].removeprefix("Bearer ")
    assert official.data("getProfile", "")["clientcode"] == official.credentials["client_code"]
    official.setRefreshToken(second["refreshToken"])
    renewed = official.renewAccessToken()
    assert renewed["refreshToken"] not in (first["refreshToken"], second["refreshToken"])
    official.login()


def test_logout_ends_the_token(official: OfficialClient) -> None:
    assert official.data("terminateSession", official.credentials["client_code"]) == ""
    refused = official.orderBook()
    assert (refused["success"], refused["errorCode"]) == (False, "AG8001")
    official.login()


def test_it_left_this_machine_for_nothing(official: OfficialClient) -> None:
    assert official.call("refused") == ["api.ipify.org"], "its look-up at import, and no more"
    assert list(official.folder.glob("logs/*/app.log")), "it writes its log folder where it runs"


# -- instruments and prices


def test_search(official: OfficialClient) -> None:
    assert SBIN in official.data("searchScrip", "NSE", "SBIN")
    assert official.data("searchScrip", "NSE", "NOSUCHSHARE") == []


def test_last_price(official: OfficialClient) -> None:
    data = official.data("ltpData", *SBIN.values())
    assert data | SBIN == data
    assert data["low"] <= data["ltp"] <= data["high"]


@pytest.mark.parametrize(
    ("mode", "more"),
    [
        ("LTP", set()),
        ("OHLC", {"open", "high", "low", "close"}),
        ("FULL", {"open", "depth", "tradeVolume", "upperCircuit", "52WeekHigh", "exchFeedTime"}),
    ],
)
def test_quotes(official: OfficialClient, mode: str, more: set[str]) -> None:
    wanted = {"NSE": ["3045", "99926000"], "NFO": ["42885", ""], "BSE": ["99919000"]}
    data = official.data("getMarketData", mode, wanted)
    rows = {(row["exchange"], row["symbolToken"]): row for row in data["fetched"]}
    assert set(rows) == {
        ("NSE", "3045"), ("NSE", "99926000"), ("NFO", "42885"), ("BSE", "99919000"),
    }  # fmt: skip
    assert all({"tradingSymbol", "ltp"} | more <= set(row) for row in rows.values())
    assert [row["errorCode"] for row in data["unfetched"]] == ["AB4018"]
    if mode == "FULL":
        depth = rows["NSE", "3045"]["depth"]
        assert [len(depth["buy"]), len(depth["sell"])] == [5, 5]


# -- orders

TYPES = {
    "MARKET": ({"ordertype": "MARKET"}, ("LIMIT", "complete")),
    "LIMIT": ({"ordertype": "LIMIT", "price": "-4"}, ("LIMIT", "open")),
    "LIMIT IOC": (
        {"ordertype": "LIMIT", "price": "-4", "duration": "IOC"}, ("LIMIT", "cancelled"),
    ),
    "STOPLOSS_LIMIT": (
        {"variety": "STOPLOSS", "ordertype": "STOPLOSS_LIMIT", "price": "4", "triggerprice": "3"},
        ("STOPLOSS_LIMIT", "trigger pending"),
    ),
    "STOPLOSS_MARKET": (
        {"variety": "STOPLOSS", "ordertype": "STOPLOSS_MARKET", "triggerprice": "3"},
        ("STOPLOSS_MARKET", "trigger pending"),
    ),
}  # fmt: skip
"""Order type: what is asked (prices in per cent off the market), and what the book says then."""


@pytest.mark.parametrize("product", ["INTRADAY", "DELIVERY", "MARGIN"])
@pytest.mark.parametrize("kind", TYPES)
def test_every_order_type_and_product(official: OfficialClient, kind: str, product: str) -> None:
    asked, (booked_type, status) = TYPES[kind]
    prices = {
        name: off_market(official, SBIN, asked[name])
        for name in ("price", "triggerprice")
        if name in asked
    }
    row = place(official, order(SBIN, "BUY", **asked | prices, producttype=product))
    assert (row["ordertype"], row["orderstatus"]) == (booked_type, status), row["text"]
    assert (row["producttype"], row["variety"]) == (product, asked.get("variety", "NORMAL"))
    assert row | SBIN | {"transactiontype": "BUY", "quantity": "1"} == row
    for name, price in prices.items():
        assert row[name] == float(price)


@pytest.mark.parametrize(
    ("listing", "changes"),
    [
        (intents.NIFTY_FUTURE.params, {"producttype": "CARRYFORWARD", "quantity": "75"}),
        (intents.NIFTY_CALL.params, {"producttype": "INTRADAY", "quantity": "150"}),
        (INFY_BSE, {"producttype": "DELIVERY", "quantity": "3"}),
        (intents.CRUDE_FUTURE.params, {"producttype": "CARRYFORWARD", "quantity": "100"}),
    ],
    ids=["index future", "index option", "BSE share", "MCX future"],
)
def test_every_segment(
    official: OfficialClient, listing: dict[str, str], changes: dict[str, str]
) -> None:
    price = off_market(official, listing, "-2.5")
    row = place(official, order(listing, "BUY", price=price, **changes))
    assert row["orderstatus"] == "open", row["text"]
    assert row | listing | changes == row


def test_bracket_order(official: OfficialClient) -> None:
    price = off_market(official, SBIN, "-3")
    bracket = {"variety": "ROBO", "producttype": "BO", "squareoff": "20", "stoploss": "10"}
    row = place(official, order(SBIN, "BUY", price=price, **bracket))
    assert (row["variety"], row["producttype"]) == ("ROBO", "BO")
    assert (row["squareoff"], row["stoploss"], row["orderstatus"]) == (20.0, 10.0, "open")
    assert official.data("cancelOrder", row["orderid"], "ROBO")["orderid"] == row["orderid"]


def test_tag_and_disclosed_quantity_are_booked(official: OfficialClient) -> None:
    price = off_market(official, SBIN, "-3")
    more = {"quantity": "10", "disclosedquantity": "5", "ordertag": "mine1"}
    row = place(official, order(SBIN, "BUY", price=price, **more))
    assert row | more == row


def test_full_response_has_both_ids(official: OfficialClient) -> None:
    params = order(SBIN, "BUY", price=off_market(official, SBIN, "-3"))
    data = official.data("placeOrderFullResponse", params)
    assert data["script"] == "SBIN-EQ"
    details = official.individual_order_details(data["uniqueorderid"])
    assert details["status"] is True
    assert details["data"] == row_of(official, data["orderid"])


def test_unknown_order_has_no_details(official: OfficialClient) -> None:
    reply = official.individual_order_details("00000000-0000-4000-8000-000000000000")
    assert (reply["status"], reply["errorcode"]) == (False, "AB1007")


def test_modify_then_cancel(official: OfficialClient) -> None:
    row = place(official, order(SBIN, "BUY", price=off_market(official, SBIN, "-4")))
    price = off_market(official, SBIN, "-3")
    same = ("variety", "orderid", "producttype", "duration", *SBIN)
    change = {name: row[name] for name in same} | {"ordertype": "LIMIT"}
    data = official.data("modifyOrder", change | {"price": price, "quantity": "7"})
    assert data == {"orderid": row["orderid"], "uniqueorderid": row["uniqueorderid"]}
    row = row_of(official, row["orderid"])
    assert (row["price"], row["quantity"], row["orderstatus"]) == (float(price), "7", "open")
    assert row["status"] == "modified", "the last event, which differs from the state"

    official.data("cancelOrder", row["orderid"], "NORMAL")
    row = row_of(official, row["orderid"])
    assert (row["orderstatus"], row["cancelsize"], row["unfilledshares"]) == ("cancelled", "7", "0")
    again = official.cancelOrder(row["orderid"], "NORMAL")
    assert (again["status"], again["errorcode"]) == (False, "AB1007")


def test_stop_is_modified(official: OfficialClient) -> None:
    asked = TYPES["STOPLOSS_LIMIT"][0]
    prices = {name: off_market(official, SBIN, asked[name]) for name in ("price", "triggerprice")}
    row = place(official, order(SBIN, "BUY", **asked | prices))
    same = ("variety", "orderid", "ordertype", "producttype", "duration", "quantity", *SBIN)
    new = {"price": prices["price"], "triggerprice": off_market(official, SBIN, "3.5")}
    official.data("modifyOrder", {name: row[name] for name in same} | new)
    row = row_of(official, row["orderid"])
    assert (row["triggerprice"], row["orderstatus"]) == (
        float(new["triggerprice"]), "trigger pending",
    )  # fmt: skip
    official.data("cancelOrder", row["orderid"], "STOPLOSS")


def test_refusals_give_no_order_id(official: OfficialClient) -> None:
    before = len(official.data("orderBook"))
    refused = {
        "AB1008": order(SBIN, "BUY", price="800", variety="SOMETHING"),
        "AB1009": order(SBIN | {"symboltoken": "1"}, "BUY", price="800"),
        "AB1012": order(SBIN, "BUY", price="800", producttype="CNC"),
        "AB4008": order(SBIN, "BUY", price="800", ordertag="t" * 20),
    }
    for code, params in refused.items():
        assert official.placeOrder(params) is None
        assert official.placeOrderFullResponse(params)["errorcode"] == code
    assert len(official.data("orderBook")) == before


def test_what_the_risk_desk_refuses_has_an_id_and_a_text(official: OfficialClient) -> None:
    dear = place(official, order(SBIN, "BUY", price="800", quantity="90000"))
    assert (dear["orderstatus"], dear["filledshares"]) == ("rejected", "0")
    assert "Insufficient Funds" in dear["text"]
    wrong = place(official, order(SBIN, "BUY", price="800", producttype="CARRYFORWARD"))
    assert wrong["orderstatus"] == "rejected"
    assert wrong["text"].startswith("RMS:Blocked for nse_cm CARRYFWD")


# -- what trading leaves behind


def test_trades_positions_and_funds(official: OfficialClient, broker_side: Served) -> None:
    before = Decimal(official.data("rmsLimit")["availablecash"])
    row = place(official, order(INFY_BSE, "BUY", ordertype="MARKET", quantity="4"))
    assert row["orderstatus"] == "complete"

    trades = [t for t in official.data("tradeBook") if t["orderid"] == row["orderid"]]
    assert sum(int(trade["fillsize"]) for trade in trades) == 4
    assert {trade["tradingsymbol"] for trade in trades} == {"INFY"}

    position = _position(official, INFY_BSE)
    assert (position["netqty"], position["producttype"]) == ("4", "INTRADAY")
    assert position["netvalue"].startswith("- ")
    assert Decimal(official.data("rmsLimit")["availablecash"]) < before

    official.placeOrder(order(INFY_BSE, "SELL", ordertype="MARKET", quantity="4"))
    closed = _position(official, INFY_BSE)
    assert (closed["netqty"], closed["buyqty"], closed["sellqty"]) == ("0", "4", "4")
    assert len(broker_side.sandbox.book()) == len(official.data("orderBook"))


def _position(official: OfficialClient, listing: dict[str, str]) -> dict[str, Any]:
    rows = [row for row in official.data("position") if row | listing == row]
    assert len(rows) == 1
    found: dict[str, Any] = rows[0]
    return found


def test_holdings(official: OfficialClient) -> None:
    rows = official.data("holding")
    assert {row["tradingsymbol"]: row["quantity"] for row in rows} == {
        "SBIN-EQ": 10, "INFY-EQ": 25, "NIFTYBEES-EQ": 120,
    }  # fmt: skip
    both = official.data("allholding")
    assert both["holdings"] == rows
    total = both["totalholding"]
    assert total["totalprofitandloss"] == pytest.approx(
        total["totalholdingvalue"] - total["totalinvvalue"], abs=1
    )


# -- sandboxes of their own


def test_an_untouched_account_has_null_for_empty_lists(
    smartapi_python: Path, tmp_path: Path
) -> None:
    with (
        served(holdings={}) as place_,
        official_client(smartapi_python, place_.facts, tmp_path) as client,
    ):
        client.login()
        for method in ("orderBook", "tradeBook", "position", "holding"):
            assert client.data(method) is None, method
        assert client.data("allholding") == {"holdings": None, "totalholding": None}


def test_the_rate_limit_trips_it_as_it_does_in_the_field(
    smartapi_python: Path, tmp_path: Path
) -> None:
    with (
        served(limits="published") as place_,
        official_client(smartapi_python, place_.facts, tmp_path) as client,
    ):
        client.login()
        client.orderBook()
        with pytest.raises(OfficialError) as caught:
            client.orderBook()
    assert caught.value.kind == "DataException"
    assert "exceeding access rate" in caught.value.message


def test_the_command_serves_it_too(smartapi_python: Path, tmp_path: Path) -> None:
    with sandbox_server("--seed", "5") as server:
        facts = {
            "url": server.url, "ca_file": server.ca_file, "credentials": server.credentials,
        }  # fmt: skip
        with official_client(smartapi_python, facts, tmp_path) as client:
            client.login()
            order_id = client.placeOrder(order(SBIN, "BUY", price="700", ordertag="cli"))
        with urllib.request.urlopen(server.book_url) as reply:
            book = json.load(reply)
    assert [(row["order_id"], row["tag"], row["quantity"]) for row in book] == [
        (order_id, "cli", 1)
    ]
