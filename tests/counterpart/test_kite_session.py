"""kiteconnect, unmodified, takes the sandbox for Zerodha: every call that the dialect serves.

As :mod:`test_smartapi_session`: everything is said by the official client over TLS, and what it is
given back is looked at as its users would.  The clock stands still.
"""

from __future__ import annotations

import json
import urllib.request
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from kite_intents import (
    CRUDE_FUTURE,
    INFY,
    INFY_BSE,
    MAHINDRA,
    NIFTY_CALL,
    NIFTY_FUTURE,
    SBIN,
    Listing,
    order_params,
)
from official import KITE, KiteClient, OfficialError
from sandboxes import Served, served

from openbroker.demo.server import sandbox_server
from openbroker.sandbox.zerodha.desk import Rules

pytestmark = pytest.mark.official


def off_market(kite: KiteClient, where: Listing, per_cent: str) -> int:
    """A price so far from the last one, on a tick of one rupee."""
    key = f"{where.exchange}:{where.tradingsymbol}"
    last = kite.ltp(key)[key]["last_price"]
    return round(Decimal(str(last)) * (1 + Decimal(per_cent) / 100))


def row_of(kite: KiteClient, order_id: str) -> dict[str, Any]:
    rows = {row["order_id"]: row for row in kite.orders()}
    found: dict[str, Any] = rows[order_id]
    return found


def placed(kite: KiteClient, where: Listing, side: str = "BUY", **more: Any) -> dict[str, Any]:
    """Its row in the book."""
    params = order_params(where, side, more.pop("quantity", 1), more.pop("product", "CNC"))
    return row_of(kite, kite.place(params | more))


def refused(kite: KiteClient, method: str, *arguments: Any, **named: Any) -> OfficialError:
    with pytest.raises(OfficialError) as caught:
        kite.call(method, *arguments, **named)
    return caught.value


# -- session


def test_login_exchanges_the_request_token_once(kite_python: Path, tmp_path: Path) -> None:
    with served(dialect="zerodha") as place:
        sessions, client = place.sandbox.sessions, place.sandbox.client
        with KITE.running(kite_python, place.facts, tmp_path) as kite:
            token = sessions.request_token(client)
            secret = place.facts["credentials"]["api_secret"]
            assert refused(kite, "generate_session", token, "wrong").kind == "TokenException"
            session = kite.generate_session(token, secret)
            assert (session["user_id"], session["refresh_token"]) == (client.client_code, "")
            assert {"NSE", "MCX"} <= set(session["exchanges"])
            assert kite.profile()["user_id"] == client.client_code
            again = refused(kite, "generate_session", token, secret)
            assert again.kind == "TokenException"
            assert kite.invalidate_access_token() is True
            assert refused(kite, "profile").kind == "TokenException"
            assert refused(kite, "renew_access_token", "none", secret).kind == "TokenException"


def test_a_granted_refresh_token_renews(kite_python: Path, tmp_path: Path) -> None:
    with (
        served(dialect="zerodha", rules=Rules(grants_refresh=True)) as place,
        KITE.running(kite_python, place.facts, tmp_path) as kite,
    ):
        token = place.sandbox.sessions.request_token(place.sandbox.client)
        secret = place.facts["credentials"]["api_secret"]
        first = kite.generate_session(token, secret)
        second = kite.renew_access_token(first["refresh_token"], secret)
        assert second["access_token"] != first["access_token"]
        assert kite.profile()["broker"] == "ZERODHA"
        assert kite.invalidate_refresh_token(first["refresh_token"]) is True
        assert refused(kite, "orders").kind == "TokenException"


def test_tokens_die_at_six(kite_python: Path, tmp_path: Path) -> None:
    with (
        served(dialect="zerodha") as place,
        KITE.running(kite_python, place.facts, tmp_path) as kite,
    ):
        kite.login()
        place.sandbox.clock.advance(20 * 3600 - 1)  # from ten to a second before six
        assert kite.profile()["user_id"] == place.sandbox.client.client_code
        place.sandbox.clock.advance(1)
        assert refused(kite, "profile").kind == "TokenException"


def test_it_left_this_machine_for_nothing(kite: KiteClient) -> None:
    assert kite.call("refused") == []


# -- instruments and prices


def test_instruments(kite: KiteClient, kite_side: Served) -> None:
    rows = kite.instruments()
    assert len(rows) == len(list(kite_side.sandbox.exchange.market))
    by_token = {row["instrument_token"]: row for row in rows}
    for where in (INFY, MAHINDRA, INFY_BSE, NIFTY_CALL, NIFTY_FUTURE, CRUDE_FUTURE):
        row = by_token[where.token]
        assert (row["exchange"], row["tradingsymbol"]) == (where.exchange, where.tradingsymbol)
    assert by_token[CRUDE_FUTURE.token]["lot_size"] == 1
    assert by_token[NIFTY_CALL.token]["lot_size"] == 75
    assert by_token[256265]["segment"] == "INDICES"
    assert {row["exchange"] for row in kite.instruments("MCX")} == {"MCX"}
    assert refused(kite, "instruments", "XYZ").kind == "InputException"


def test_quotes_in_three_forms_leave_the_unknown_out(kite: KiteClient) -> None:
    keys = ["NSE:INFY", "NSE:M&M", "NSE:NIFTY 50", "NSE:NOSUCH", "XX:INFY"]
    forms = {
        "ltp": {"instrument_token", "last_price"},
        "ohlc": {"ohlc"},
        "quote": {"depth", "lower_circuit_limit", "volume", "oi", "timestamp"},
    }
    for method, fields in forms.items():
        rows = kite.call(method, *keys)
        assert list(rows) == keys[:3]
        assert fields <= set(rows["NSE:INFY"])
    full = kite.quote("NSE:INFY")["NSE:INFY"]
    assert [len(full["depth"][side]) for side in ("buy", "sell")] == [5, 5]
    assert full["ohlc"]["low"] <= full["last_price"] <= full["ohlc"]["high"]


@pytest.mark.parametrize(
    "interval",
    ["minute", "3minute", "5minute", "10minute", "15minute", "30minute", "60minute", "day"],
)
def test_history(kite: KiteClient, interval: str) -> None:
    rows = kite.historical_data(INFY.token, "2026-11-20 09:15:00", "2026-11-23 15:30:00", interval)
    assert rows
    assert all(row["low"] <= row["open"] <= row["high"] for row in rows)
    assert "oi" not in rows[0]


def test_history_of_a_future_has_open_interest_and_spans_have_an_end(kite: KiteClient) -> None:
    span = ("2026-11-20 09:15:00", "2026-11-20 09:20:00", "minute")
    rows = kite.historical_data(NIFTY_FUTURE.token, *span, oi=True)
    assert all(row["oi"] > 0 for row in rows)
    long = refused(kite, "historical_data", INFY.token, "2026-01-01", "2026-11-20", "minute")
    assert (long.kind, long.message) == ("InputException", "interval exceeds max limit: 60 days")
    assert refused(kite, "historical_data", 1, *span).kind == "InputException"


# -- orders


@pytest.mark.parametrize("product", ["MIS", "CNC", "MTF"])
@pytest.mark.parametrize(
    ("terms", "booked", "status"),
    [
        ({"order_type": "MARKET", "market_protection": -1}, "LIMIT", "COMPLETE"),
        ({"order_type": "LIMIT", "price": "-4"}, "LIMIT", "OPEN"),
        ({"order_type": "LIMIT", "price": "-4", "validity": "IOC"}, "LIMIT", "CANCELLED"),
        ({"order_type": "SL", "price": "4", "trigger_price": "3"}, "SL", "TRIGGER PENDING"),
        (
            {"order_type": "SL-M", "trigger_price": "3", "market_protection": 2},
            "SL",
            "TRIGGER PENDING",
        ),
    ],
)
def test_every_order_type_and_product(
    kite: KiteClient, product: str, terms: dict[str, Any], booked: str, status: str
) -> None:
    prices = {
        name: off_market(kite, SBIN, value)
        for name, value in terms.items()
        if name in ("price", "trigger_price")
    }
    row = placed(kite, SBIN, product=product, **terms | prices)
    assert (row["order_type"], row["status"]) == (booked, status), row["status_message"]
    assert (row["product"], row["variety"], row["tradingsymbol"]) == (product, "regular", "SBIN")
    for name, price in prices.items():
        assert row[name] == price
    assert row["market_protection"] == terms.get("market_protection", 0)


def test_a_market_order_needs_a_protection_and_shows_its_limit(kite: KiteClient) -> None:
    params = order_params(SBIN, "BUY", 1, "MIS", order_type="MARKET")
    for given in ({}, {"market_protection": 0}):
        error = refused(kite, "place_order", **params, **given)
        assert error.kind == "InputException"
        assert "without market protection are not allowed" in error.message
    stop = order_params(SBIN, "BUY", 1, "MIS", order_type="SL-M", trigger_price=850)
    assert refused(kite, "place_order", **stop).kind == "InputException"
    assert refused(kite, "place_order", **params, market_protection=101).kind == "InputException"
    last = kite.ltp("NSE:SBIN")["NSE:SBIN"]["last_price"]
    row = placed(kite, SBIN, product="MIS", order_type="MARKET", market_protection=2, tag="mine")
    assert last < row["average_price"] <= row["price"] <= last * 1.02
    assert (row["tag"], row["tags"]) == ("mine", ["mine", "mktp", "mktp:2.00"])
    auto = placed(kite, SBIN, product="MIS", order_type="MARKET", market_protection=-1)
    assert auto["tags"] == ["mktp", "mktp:0.50"]
    assert auto["tag"] is None


def test_a_change_to_a_market_order_needs_a_protection_and_keeps_within_it(
    kite: KiteClient,
) -> None:
    last = kite.ltp("NSE:SBIN")["NSE:SBIN"]["last_price"]
    resting = placed(kite, SBIN, product="MIS", price=off_market(kite, SBIN, "-3"))["order_id"]
    for given in ({}, {"market_protection": 0}):
        error = refused(kite, "modify_order", "regular", resting, order_type="MARKET", **given)
        assert (error.kind, row_of(kite, resting)["status"]) == ("InputException", "OPEN")
    kite.modify_order("regular", resting, order_type="MARKET", market_protection=2)
    row = row_of(kite, resting)
    assert (row["order_type"], row["status"], row["market_protection"]) == ("LIMIT", "COMPLETE", 2)
    assert last < row["average_price"] <= row["price"] <= last * 1.02
    stop = placed(kite, SBIN, product="MIS", price=off_market(kite, SBIN, "-3"))["order_id"]
    trigger = off_market(kite, SBIN, "3")
    kite.modify_order(
        "regular", stop, order_type="SL-M", trigger_price=trigger, market_protection=-1
    )
    row = row_of(kite, stop)
    assert (row["order_type"], row["status"], row["trigger_price"]) == (
        "SL", "TRIGGER PENDING", trigger,
    )  # fmt: skip
    assert trigger < row["price"] <= trigger * 1.005
    assert row["market_protection"] == -1


def test_commodities_count_lots(kite: KiteClient, kite_side: Served) -> None:
    price = off_market(kite, CRUDE_FUTURE, "-3")
    row = placed(kite, CRUDE_FUTURE, quantity=2, product="NRML", price=price)
    assert row["quantity"] == 2
    booked = {one["order_id"]: one for one in kite_side.sandbox.book()}[row["order_id"]]
    assert booked["quantity"] == 200
    kite.modify_order("regular", row["order_id"], quantity=1)
    assert row_of(kite, row["order_id"])["pending_quantity"] == 1


def test_after_market_orders_wait(kite: KiteClient) -> None:
    row = placed(kite, SBIN, variety="amo", price=off_market(kite, SBIN, "-3"))
    assert (row["variety"], row["status"]) == ("amo", "AMO REQ RECEIVED")
    assert refused(kite, "cancel_order", "regular", row["order_id"]).kind == "OrderException"
    assert kite.modify_order("amo", row["order_id"], quantity=2) == row["order_id"]
    assert row_of(kite, row["order_id"])["status"] == "MODIFY AMO REQ RECEIVED"
    assert kite.cancel_order("amo", row["order_id"]) == row["order_id"]
    assert row_of(kite, row["order_id"])["status"] == "CANCELLED AMO"


def test_the_states_of_one_order(kite: KiteClient) -> None:
    row = placed(kite, SBIN, price=off_market(kite, SBIN, "-3"), quantity=3, tag="states")
    kite.modify_order("regular", row["order_id"], price=off_market(kite, SBIN, "-2"), quantity=4)
    kite.exit_order("regular", row["order_id"])
    states = kite.order_history(row["order_id"])
    assert [one["status"] for one in states] == [
        "PUT ORDER REQ RECEIVED", "VALIDATION PENDING", "OPEN PENDING", "OPEN",
        "MODIFY VALIDATION PENDING", "MODIFY PENDING", "MODIFIED", "OPEN", "CANCELLED",
    ]  # fmt: skip
    assert [one["quantity"] for one in states] == [3] * 4 + [4] * 5
    assert states[0]["exchange_order_id"] is None
    assert states[-1] == row_of(kite, row["order_id"])
    assert states[-1]["modified"] is True
    late = refused(kite, "cancel_order", "regular", row["order_id"])
    assert late.kind == "OrderException"
    assert refused(kite, "order_history", "1").message == "Couldn't find that `order_id`."


def test_an_order_is_modified_twenty_five_times_at_most(kite: KiteClient) -> None:
    row = placed(kite, SBIN, price=off_market(kite, SBIN, "-3"))
    for number in range(25):
        kite.modify_order("regular", row["order_id"], quantity=2 + number)
    error = refused(kite, "modify_order", "regular", row["order_id"], quantity=1)
    assert (error.kind, error.message) == (
        "NetworkException", "Maximum allowed order modifications exceeded.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        ({"variety": "co"}, "InputException", "Invalid `variety`."),
        ({"tradingsymbol": "NOSUCH"}, "InputException", "does not exist"),
        ({"exchange": "LSE"}, "InputException", "Invalid `exchange`."),
        ({"transaction_type": "HOLD"}, "InputException", "Invalid `transaction_type`."),
        ({"order_type": "ODD"}, "InputException", "Invalid `order_type`."),
        ({"product": "NRML"}, "InputException", "Invalid `product`"),
        ({"quantity": 0}, "InputException", "Invalid `quantity`."),
        ({"price": 800.03}, "InputException", "Tick size for this script is 0.05"),
        ({"price": 2000}, "OrderException", "Price exceeds circuit limits"),
        ({"tag": "t" * 21}, "InputException", "Invalid `tag`."),
        ({"tag": "a-b"}, "InputException", "Invalid `tag`."),
        ({"market_protection": "yes", "order_type": "MARKET"}, "InputException", "decode"),
    ],
)
def test_what_is_refused_at_once_is_in_no_book(
    kite: KiteClient, wrong: dict[str, Any], kind: str, words: str
) -> None:
    before = len(kite.orders())
    error = refused(kite, "place_order", **order_params(SBIN, "BUY", 1, "CNC", price=800) | wrong)
    assert error.kind == kind
    assert words in error.message
    assert len(kite.orders()) == before


def test_funds_and_holdings_are_refused_in_the_book(kite: KiteClient) -> None:
    dear = placed(kite, SBIN, quantity=90_000, price=800)
    assert dear["status"] == "REJECTED"
    assert dear["status_message"].startswith("Insufficient funds.")
    short = placed(kite, SBIN, "SELL", quantity=10_000, price=830)
    assert short["status_message"].startswith("Insufficient stock holding")


def test_funds_and_holdings_are_refused_at_once_by_rule(kite_python: Path, tmp_path: Path) -> None:
    """kiteconnect has no class for these two and raises its catch-all."""
    with (
        served(dialect="zerodha", rules=Rules(refuse_at_once=True)) as place,
        KITE.running(kite_python, place.facts, tmp_path) as kite,
    ):
        kite.login()
        for side, quantity, words in (("BUY", 90_000, "funds"), ("SELL", 10_000, "holding")):
            params = order_params(SBIN, side, quantity, "CNC", price=810)
            error = refused(kite, "place_order", **params)
            assert error.kind == "GeneralException"
            assert words in error.message
        assert place.sandbox.book() == []


# -- what trading leaves behind


def test_trades_positions_conversion_and_funds(kite: KiteClient) -> None:
    before = kite.margins("equity")["net"]
    row = placed(
        kite, INFY_BSE, quantity=4, product="MIS", order_type="MARKET", market_protection=3
    )
    assert row["status"] == "COMPLETE"
    trades = kite.order_trades(row["order_id"])
    assert sum(trade["quantity"] for trade in trades) == 4
    assert [one for one in kite.trades() if one["order_id"] == row["order_id"]] == trades
    positions = kite.positions()
    for rows in positions.values():
        [found] = [one for one in rows if one["tradingsymbol"] == "INFY"]
        assert (found["quantity"], found["product"]) == (4, "MIS")
    assert kite.margins()["equity"]["net"] < before
    move = {
        **INFY_BSE.params, "transaction_type": "BUY", "position_type": "day", "quantity": 3,
        "old_product": "MIS", "new_product": "CNC",
    }  # fmt: skip
    assert kite.call("convert_position", **move) is True
    kinds = {p["product"]: p["quantity"] for p in kite.positions()["net"] if p["exchange"] == "BSE"}
    assert kinds == {"MIS": 1, "CNC": 3}
    carried = move | {"position_type": "overnight", "quantity": 1}
    assert refused(kite, "convert_position", **carried).kind == "InputException"


def test_holdings(kite: KiteClient) -> None:
    assert {row["tradingsymbol"]: row["quantity"] for row in kite.holdings()} == {
        "SBIN": 10, "INFY": 25, "NIFTYBEES": 120,
    }  # fmt: skip


def test_a_position_is_overnight_on_the_next_day(kite_python: Path, tmp_path: Path) -> None:
    with (
        served(dialect="zerodha", token_life=10**6) as place,
        KITE.running(kite_python, place.facts, tmp_path) as kite,
    ):
        kite.login()
        kite.place(
            order_params(CRUDE_FUTURE, "BUY", 2, "NRML", order_type="MARKET", market_protection=-1)
        )
        place.sandbox.clock.advance(86_400)
        positions = kite.positions()
        [net] = positions["net"]
        assert (net["quantity"], net["overnight_quantity"], net["multiplier"]) == (2, 2, 100)
        assert positions["day"] == []


# -- margins and triggers


def test_margins_and_charges(kite: KiteClient) -> None:
    def asked(where: Listing, side: str, quantity: int, **more: Any) -> dict[str, Any]:
        return order_params(where, side, quantity, "NRML", price=200) | more

    short, long = asked(NIFTY_CALL, "SELL", 75), asked(NIFTY_CALL, "BUY", 75)
    alone = kite.order_margins([short, long])
    assert [row["type"] for row in alone] == ["equity", "equity"]
    assert all(row["total"] > 0 for row in alone)
    basket = kite.basket_order_margins([short, long])
    assert basket["final"]["total"] < basket["initial"]["total"]
    assert basket["initial"]["total"] == pytest.approx(sum(row["total"] for row in alone))
    compact = kite.basket_order_margins([short], mode="compact")
    assert "orders" not in compact
    note = asked(CRUDE_FUTURE, "BUY", 1, order_id="1", average_price=5400)
    [billed] = kite.get_virtual_contract_note([note])
    assert billed["charges"]["total"] > billed["charges"]["brokerage"] > 0
    assert refused(kite, "order_margins", []).kind == "InputException"


def leg(side: str, price: float, quantity: int = 1) -> dict[str, Any]:
    return {
        "transaction_type": side, "quantity": quantity, "order_type": "LIMIT", "product": "CNC",
        "price": price,
    }  # fmt: skip


def test_the_life_of_a_trigger(kite: KiteClient) -> None:
    last = kite.ltp("NSE:INFY")["NSE:INFY"]["last_price"]
    at = ("single", "INFY", "NSE")
    made = kite.place_gtt(*at, [1400], last, [leg("BUY", 1399)])
    number = made["trigger_id"]
    assert kite.get_gtt(number)["status"] == "active"
    kite.modify_gtt(number, *at, [1410], last, [leg("BUY", 1409, 2)])
    row = kite.get_gtt(number)
    assert row["condition"]["trigger_values"] == [1410]
    assert (row["orders"][0]["price"], row["orders"][0]["quantity"]) == (1409, 2)
    assert kite.delete_gtt(number) == {"trigger_id": number}
    assert kite.get_gtt(number)["status"] == "deleted"
    assert number in [one["id"] for one in kite.get_gtts()]
    assert refused(kite, "delete_gtt", number).kind == "OrderException"
    assert refused(kite, "get_gtt", 1).kind == "GeneralException"


@pytest.mark.parametrize(("price", "side"), [("1449", 0), ("1601", 1)])
def test_a_trigger_of_two_legs_fires_one(
    kite_python: Path, tmp_path: Path, price: str, side: int
) -> None:
    with (
        served(dialect="zerodha") as place,
        KITE.running(kite_python, place.facts, tmp_path) as kite,
    ):
        kite.login()
        legs = [leg("SELL", 1440), leg("SELL", 1600)]
        made = kite.place_gtt("two-leg", "INFY", "NSE", [1450, 1600], 1517, legs)
        place.sandbox.exchange.move_price("NSE:INFY", price)
        row = kite.get_gtt(made["trigger_id"])
        assert row["status"] == "triggered"
        results = [order["result"] for order in row["orders"]]
        assert results[1 - side] is None
        [order] = kite.orders()
        assert results[side]["order_result"]["order_id"] == order["order_id"]
        assert order["price"] == legs[side]["price"]


# -- sandboxes of their own


def test_an_untouched_account_has_empty_lists(kite_python: Path, tmp_path: Path) -> None:
    with (
        served(dialect="zerodha", holdings={}) as place,
        KITE.running(kite_python, place.facts, tmp_path) as kite,
    ):
        kite.login()
        for method in ("orders", "trades", "holdings", "get_gtts"):
            assert kite.call(method) == [], method
        assert kite.positions() == {"net": [], "day": []}


def test_the_rate_limits(kite_python: Path, tmp_path: Path) -> None:
    """One quote a second; the client has no class for 429 but NetworkException."""
    with (
        served(dialect="zerodha", limits="published") as place,
        KITE.running(kite_python, place.facts, tmp_path) as kite,
    ):
        kite.login()
        kite.ltp("NSE:INFY")
        error = refused(kite, "quote", "NSE:INFY")
        assert (error.kind, error.message) == ("NetworkException", "Too many requests")


def test_a_closed_market_takes_after_market_orders_only(kite_python: Path, tmp_path: Path) -> None:
    import datetime as dt

    with (
        served(dialect="zerodha", market_hours=True, start=dt.time(20, 0)) as place,
        KITE.running(kite_python, place.facts, tmp_path) as kite,
    ):
        kite.login()
        params = order_params(SBIN, "BUY", 1, "CNC", price=800)
        error = refused(kite, "place_order", **params)
        assert error.kind == "OrderException"
        assert error.message.startswith("Markets are closed right now")
        assert kite.place(params | {"variety": "amo"})


def test_the_command_line_serves_it_too(kite_python: Path, tmp_path: Path) -> None:
    with sandbox_server("--broker", "zerodha", "--no-limits") as server:
        facts = {
            "url": server.url, "ca_file": server.ca_file, "credentials": server.credentials,
        }  # fmt: skip
        with KITE.running(kite_python, facts, tmp_path) as kite:
            kite.login()
            order_id = kite.place(order_params(INFY, "BUY", 1, "CNC", price=1450, tag="wire"))
        with urllib.request.urlopen(server.book_url) as reply:
            [order] = json.load(reply)
    assert (order["order_id"], order["tag"]) == (order_id, "wire")
