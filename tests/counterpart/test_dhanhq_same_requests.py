"""For the same intent openbroker sends the request that dhanhq sends.

As :mod:`test_same_requests`: the client's requests are kept in ``recorded/dhanhq/``
(:mod:`record_dhanhq` writes them), the adapter's flows are asked for theirs by hand.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import httpx
import pytest
from comparing import (
    SPELLING,
    WINDOW,
    After,
    Asked,
    Comparison,
    combinations,
    order_request,
    prices_of,
    reply,
    request_of,
)
from dhanhq_calls import (
    ACCESS_TOKEN,
    ADDRESS,
    API,
    APP_ID,
    APP_SECRET,
    CHARTED,
    CLIENT,
    CONVERTED,
    FILE,
    LOGIN,
    MARGINS,
    ORDER_ID,
    PIN,
    QUOTED,
    READS,
    RULE_CHANGES,
    RULE_ID,
    RULES,
    TOKEN_ID,
    TOTP,
    WIRE_TAG,
)
from dhanhq_intents import (
    CHANGINGS,
    CRUDE_FUTURE,
    DOLLAR_CALL,
    DOLLAR_FUTURE,
    EURO_AT_BSE,
    GOLD_FUND,
    INFY,
    INFY_BSE,
    NIFTY_CALL,
    NIFTY_FUTURE,
    SBIN,
    SENSEX_FUTURE,
    SENSEX_PUT,
    SHARE_CALL,
    SUPER_LEGS,
    Listing,
    by_name,
)
from record_dhanhq import RECORDING, dhan_request
from recording import read_recorded

from openbroker.adapters.base import OPERATIONS
from openbroker.adapters.dhan import DHAN
from openbroker.adapters.dhan_tables import WIRE, joined
from openbroker.errors import Unsupported
from openbroker.schemas import (
    Gtt,
    GttChange,
    GttRequest,
    Interval,
    Order,
    OrderChange,
    OrderRef,
    OrderRequest,
    Position,
    Product,
    QuoteMode,
    Secret,
    Session,
)
from openbroker.transport.messages import Reply

FIELDS = (
    "transactionType", "exchangeSegment", "productType", "orderType", "validity", "securityId",
    "quantity", "disclosedQuantity", "price", "triggerPrice", "afterMarketOrder", "amoTime",
    "targetPrice", "stopLossPrice", "trailingJump", "orderFlag", "price1", "triggerPrice1",
    "quantity1", "legName", "orderId", "correlationId", "dhanClientId", "fromProductType",
    "toProductType", "positionType", "convertQty", "ip", "ipFlag", "instrument", "interval", "oi",
    "fromDate", "toDate", "expiryCode",
)  # fmt: skip
ESSENTIAL = frozenset({
    "method", "headers.access-token", "headers.app_id", "headers.app_secret",
    *(f"body.{name}" for name in (*FIELDS, "orderFlag", "price1", "triggerPrice1", "quantity1")),
    *(f"body.scripList.{n}.{name}" for n in range(3) for name in MARGINS[0]),
    *(f"query.{name}.0" for name in ("client_id", "tokenId", "dhanClientId", "pin", "totp",
                                     "killSwitchStatus")),
})  # fmt: skip
"""What no row of :data:`DIFFERENCES` may touch, but for how one and the same number is written."""

FLOATS = (
    "the official client writes prices as floats, 1450.0; the documentation's samples have 1450"
)
DIFFERENCES: Mapping[tuple[str, str], str] = {
    ("every", "headers.dhanclientid"): "the official client names the account to some routes as "
    "dhanClientId and to the others as client-id; openbroker gives both to all",
    ("every", "headers.client-id"): "likewise",
    ("every", "headers.content-type"): "the official client's logins say no content type; "
    "openbroker says JSON everywhere but for the instruments",
    ("every", "headers.accept"): "likewise they ask for */*",
    ("place_order", "body.boProfitValue"): "the official client sends null for bracket orders that "
    "Dhan no longer has (its page dropped the field)",
    ("place_order", "body.boStopLossValue"): "likewise",
    ("master", "headers"): "the instruments are asked for without any of these headers",
    ("trades", "path"): "the official client ends it with a slash where no order is named; the "
    "documentation's path has none",
    **{
        (operation, f"body.{name}{SPELLING}"): FLOATS
        for operation, names in (
            ("place_order", ("price", "triggerPrice", "targetPrice", "stopLossPrice",
                             "trailingJump")),
            ("modify_order", ("price", "targetPrice", "stopLossPrice", "trailingJump")),
            ("place_gtt", ("price", "triggerPrice", "price1", "triggerPrice1")),
            ("margin", ("price", "triggerPrice")),
        )
        for name in names
    },
}  # fmt: skip

SESSION = Session(
    broker="dhan",
    account=CLIENT,
    tokens={"access_token": Secret(ACCESS_TOKEN)},
    created_at=dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC),
)


def asked(where: Listing, **ours: Any) -> OrderRequest:
    capacity = DHAN.tag.capacity if "tag" in ours else None
    return order_request(where.instrument, capacity=capacity, **ours)


def planned(where: Listing, side: str, quantity: int, product: str, price: Any) -> OrderRequest:
    return asked(
        where, side=side, quantity=quantity, product=product, price=price, order_type="LIMIT"
    )


SPELLED = {
    "security_id": "securityId", "exchange_segment": "exchangeSegment", "price": "price",
    "transaction_type": "transactionType", "order_type": "orderType", "quantity": "quantity",
    "product_type": "productType", "trigger_price": "triggerPrice", "validity": "validity",
    "disclosed_quantity": "disclosedQuantity",
}  # fmt: skip
"""The documentation's names of the order book's fields, by dhanhq's arguments."""


def row_of(name: str, leg: str) -> dict[str, Any]:
    """The order's row in the book."""
    theirs = {
        "trigger_price": 0,
        "disclosed_quantity": 0,
        "validity": "DAY",
        **by_name(name).theirs,
    }
    told = {SPELLED[key]: value for key, value in theirs.items() if key in SPELLED}
    return told | {"orderId": ORDER_ID, "orderStatus": "PENDING", "legName": leg}


def live_order(name: str, leg: str) -> Order:
    row = json.loads(json.dumps(row_of(name, leg)))
    order = WIRE.load(row, Order)
    return Order(
        order_id=ORDER_ID, exchange=order.exchange, side=order.side, order_type=order.order_type,
        handle=order.handle, instrument=by_name(name).where.instrument, vendor=row,
    )  # fmt: skip


def super_list(name: str) -> Reply:
    """The list of super orders, with the one that was placed under a name."""
    theirs = by_name(name).theirs
    legs = [
        {"orderId": ORDER_ID, "legName": "STOP_LOSS_LEG", "price": theirs["stopLossPrice"],
         "trailingJump": theirs.get("trailingJump", 0)},
        {"orderId": ORDER_ID, "legName": "TARGET_LEG", "price": theirs["targetPrice"],
         "trailingJump": 0},
    ]  # fmt: skip
    return reply([row_of(name, "ENTRY_LEG") | {"legDetails": legs}])


def _place(name: str) -> Asked:
    placing = by_name(name)
    dhan = DHAN.with_settings(placing.settings)
    return dhan.place_order(SESSION, asked(placing.where, **placing.ours))


def _modify(name: str) -> Asked:
    change = {change.name: change for change in CHANGINGS}[name]
    leg = change.theirs["leg_name"]
    flow = DHAN.modify_order(SESSION, live_order(name, leg), OrderChange(**change.ours))
    return After(flow, [super_list(name)]) if leg in SUPER_LEGS else flow


def _cancel(name: str) -> Asked:
    if name not in SUPER_LEGS:
        return DHAN.cancel_order(SESSION, OrderRef(order_id=ORDER_ID))
    ref = OrderRef(order_id=ORDER_ID, handle={"legName": name})
    return After(DHAN.cancel_order(SESSION, ref), [super_list("bracket buy")])


def _super_orders(_: str) -> Asked:
    ref = OrderRef(order_id=ORDER_ID, handle={"legName": "ENTRY_LEG"})
    return DHAN.cancel_order(SESSION, ref)


def _quotes(name: str) -> Asked:
    mode, blank, which = name.partition(" ")
    wanted = [one.instrument for one in QUOTED[blank + which]]
    return DHAN.quotes(SESSION, wanted, QuoteMode(mode))


def _history(name: str) -> Asked:
    contract, _, interval = name.partition(", ")
    where, _ = CHARTED[contract]
    return DHAN.history(SESSION, where.instrument, Interval(interval), WINDOW)


LOGINS: Mapping[str, Mapping[str, str]] = {
    "by consent": {"app_id": APP_ID, "app_secret": APP_SECRET, "token_id": TOKEN_ID},
    "by code": {"pin": PIN, "totp": TOTP},
    "by token": {"access_token": ACCESS_TOKEN},
}


def secrets(words: Mapping[str, str]) -> dict[str, Secret]:
    return {name: Secret(word) for name, word in {"client_code": CLIENT, **words}.items()}


def _login(name: str) -> Asked:
    return DHAN.login(secrets(LOGINS[name]))


def _begin_login(_: str) -> Asked:
    return DHAN.begin_login(secrets({"app_id": APP_ID, "app_secret": APP_SECRET}))


HELD: Mapping[str, tuple[Listing, int, Product, int]] = {
    "": (INFY, 6, Product.CNC, 4),
    "delivery to the day": (INFY_BSE, 3, Product.MIS, 3),
    "delivery to margin": (SBIN, 10, Product.MTF, 6),
    "margin to delivery": (SBIN, 2, Product.CNC, 1),
    "short for the day, carried": (NIFTY_CALL, -130, Product.NRML, 65),
    "short carried, for the day": (SENSEX_PUT, -40, Product.MIS, 40),
    "commodity in lots": (CRUDE_FUTURE, 4, Product.NRML, 200),
    "currency in lots": (DOLLAR_FUTURE, -3, Product.MIS, 3000),
}
"""The position, its net quantity as Dhan tells it, what it is converted to and how many units."""


def _convert(name: str) -> Asked:
    where, net, product, units = HELD[name]
    row = {"securityId": where.security_id, "exchangeSegment": where.segment,
           "productType": CONVERTED[name]["from_product_type"], "netQty": net}  # fmt: skip
    position = attrs.evolve(WIRE.load(row, Position), instrument=where.instrument)
    return DHAN.convert_position(SESSION, position, product, units)


def _margin(name: str) -> Asked:
    future = planned(NIFTY_FUTURE, "SELL", 65, "NRML", "25900.5")
    stop = asked(
        CRUDE_FUTURE, side="BUY", quantity=200, product="NRML", order_type="SL", price=5300,
        trigger_price=5290,
    )  # fmt: skip
    sold = asked(SBIN, side="SELL", quantity=4, product="MIS", order_type="MARKET")
    orders = {
        "one": [future],
        "one stop": [stop],
        "several": [future, planned(NIFTY_CALL, "BUY", 65, "MIS", 190), stop],
        "delivery": [planned(INFY, "BUY", 10, "CNC", "1450.00")],
        "on margin, a stop": [asked(
            INFY_BSE, side="BUY", quantity=3, product="MTF", order_type="SL", price="1500.05",
            trigger_price="1499.95")],
        "at the market": [
            asked(NIFTY_CALL, side="SELL", quantity=130, product="MIS", order_type="MARKET")],
        "currency": [planned(DOLLAR_CALL, "SELL", 4000, "NRML", "0.2475")],
        "BSE option": [planned(SENSEX_PUT, "SELL", 20, "MIS", "68.05")],
        "shares": [planned(INFY, "BUY", 10, "CNC", "1450.05"), sold, asked(
            INFY_BSE, side="SELL", quantity=3, product="MTF", order_type="SL", price="1499.95",
            trigger_price="1500")],
    }  # fmt: skip
    return DHAN.margin(SESSION, orders[name])


STOP_FIRST = DHAN.with_settings({"oco_first": "stop"})
"""As the documentation names the fields; the client has no opinion."""

OUR_RULES: Mapping[str, tuple[Listing, Mapping[str, Any]]] = {
    "buy": (INFY, {"side": "BUY", "quantity": 10, "price": 1450, "trigger_price": "1455.5",
                   "product": "CNC"}),
    "sell on margin, partly shown": (INFY, {
        "side": "SELL", "quantity": 10, "price": "1600.5", "trigger_price": 1600,
        "product": "MTF", "disclosed_quantity": 4}),
    "option": (NIFTY_CALL, {"side": "SELL", "quantity": 65, "price": "68.05", "trigger_price": 70,
                            "product": "NRML"}),
    "target and stop": (INFY, {
        "side": "SELL", "quantity": 10, "product": "CNC", "trigger_price": 1600, "price": 1598,
        "stop_trigger_price": 1450, "stop_price": "1445.5"}),
    "target and stop of a short": (NIFTY_CALL, {
        "side": "BUY", "quantity": 65, "product": "NRML", "trigger_price": 60, "price": "60.05",
        "stop_trigger_price": 82, "stop_price": "82.5"}),
    "BSE share on margin": (INFY_BSE, {
        "side": "BUY", "quantity": 7, "price": "1399.95", "trigger_price": "1400.00",
        "product": "MTF"}),
    "BSE option": (SENSEX_PUT, {"side": "BUY", "quantity": 40, "price": 101,
                                "trigger_price": "100.05", "product": "NRML"}),
    "half a strike": (SHARE_CALL, {"side": "SELL", "quantity": 1150, "price": "1.35",
                                   "trigger_price": "1.4", "product": "NRML"}),
    "target and stop on margin, partly shown": (INFY_BSE, {
        "side": "SELL", "quantity": 20, "product": "MTF", "trigger_price": "1609.95",
        "price": "1610.1", "stop_trigger_price": "1400.1", "stop_price": "1399.05",
        "disclosed_quantity": 6}),
}  # fmt: skip
OUR_RULE_CHANGES: Mapping[str, Mapping[str, Any]] = {
    "one leg": {"price": "1440.5", "trigger_price": 1446, "quantity": 12, "disclosed_quantity": 5},
    "first of two": {"price": 1610, "trigger_price": 1605, "disclosed_quantity": 4},
    "second of two": {"stop_price": 1400, "disclosed_quantity": 4},
}


def _place_gtt(name: str) -> Asked:
    where, ours = OUR_RULES[name]
    rule = GttRequest(symbol=where.symbol, **ours).on(where.instrument)
    return STOP_FIRST.place_gtt(SESSION, rule)


RULE_ROW: Mapping[str, Any] = {
    "orderId": RULE_ID, "orderStatus": "CONFIRM", "orderType": "SINGLE", "legName": "TARGET_LEG",
    "transactionType": "SELL", "quantity": 10, "price": 1420.5, "triggerPrice": 1410,
}  # fmt: skip


def rule_in_the_list(flag: str = "SINGLE") -> Gtt:
    first = {**RULE_ROW, "orderType": flag}
    upper = first | {"price": 1620, "triggerPrice": 1615}
    rows = [first] if flag == "SINGLE" else [first | {"legName": "STOP_LOSS_LEG"}, upper]
    (rule,) = WIRE.load_rows(joined(rows), Gtt)
    return rule


def _modify_gtt(name: str) -> Asked:
    rule = rule_in_the_list(RULE_CHANGES[name][0])
    return DHAN.modify_gtt(SESSION, rule, GttChange(**OUR_RULE_CHANGES[name]))


def _set_static_ip(name: str) -> Asked:
    replace = name == "change"
    return DHAN.set_static_ip(SESSION, ADDRESS, "SECONDARY", replace=replace)


def _set_kill_switch(name: str) -> Asked:
    return DHAN.set_kill_switch(SESSION, name == "activate")


OURS: Mapping[str, Callable[[str], Asked]] = {
    "begin_login": _begin_login,
    "login": _login,
    "renew": lambda _: DHAN.renew(SESSION),
    "profile": lambda _: DHAN.profile(SESSION),
    "funds": lambda _: DHAN.funds(SESSION),
    "place_order": _place,
    "modify_order": _modify,
    "cancel_order": _cancel,
    "super_orders": _super_orders,
    "orders": lambda _: DHAN.orders(SESSION),
    "order": lambda _: DHAN.order(SESSION, OrderRef(order_id=ORDER_ID)),
    "order_by_tag": lambda _: DHAN.order_by_tag(SESSION, WIRE_TAG),
    "trades": lambda _: DHAN.trades(SESSION),
    "positions": lambda _: DHAN.positions(SESSION),
    "holdings": lambda _: DHAN.holdings(SESSION),
    "convert_position": _convert,
    "margin": _margin,
    "quotes": _quotes,
    "history": _history,
    "place_gtt": _place_gtt,
    "modify_gtt": _modify_gtt,
    "cancel_gtt": lambda _: DHAN.cancel_gtt(SESSION, rule_in_the_list()),
    "gtt": lambda _: DHAN.gtt(SESSION, RULE_ID),
    "gtts": lambda _: DHAN.gtts(SESSION),
    "static_ips": lambda _: DHAN.static_ips(SESSION),
    "set_static_ip": _set_static_ip,
    "kill_switch": lambda _: DHAN.kill_switch(SESSION),
    "set_kill_switch": _set_kill_switch,
    "raw": lambda name: DHAN.raw(SESSION, "GET", READS[name][0]),
    "master": lambda _: DHAN.master(),
}
"""For each operation how openbroker is asked for the case of that name."""


RECORDED = read_recorded("dhanhq")
SAME = Comparison(
    recorded=RECORDED, ours=OURS, told=dhan_request, table=DIFFERENCES, tag="body.correlationId"
)


@SAME.each_case
def test_requests_are_the_same(operation: str, case: Mapping[str, Any]) -> None:
    SAME.check(operation, case)


def test_every_difference_is_needed_and_harmless() -> None:
    assert not SAME.unused()
    assert not SAME.touched(ESSENTIAL)


def test_a_header_that_names_the_account_names_this_one() -> None:
    for one in itertools.chain.from_iterable(SAME.pair(*each) for each in SAME.cases()):
        named = {one["headers"].get(name, CLIENT) for name in ("client-id", "dhanclientid")}
        assert named == {CLIENT}
        assert one["headers"].get("content-type", "application/json") == "application/json"


@SAME.each_case
def test_every_request_goes_where_the_client_sends_it(
    operation: str, case: Mapping[str, Any]
) -> None:
    path = case["request"]["path"]
    home = next((one for one in (API, FILE) if path.startswith(httpx.URL(one).path)), LOGIN)
    told = httpx.URL(request_of(OURS[operation](case["name"])).url)
    assert (told.scheme, told.host) == ("https", httpx.URL(home).host)


@pytest.mark.official
@pytest.mark.recorded
def test_the_addresses_are_the_clients() -> None:
    assert RECORDING.addresses() == [API, API, LOGIN, FILE]


def test_orders_never_go_where_they_are_sliced() -> None:
    paths = {case["request"]["path"] for case in RECORDED["place_order"]}
    assert paths == {"/v2/orders", "/v2/super/orders"}


def test_what_the_adapter_offers_is_compared() -> None:
    assert set(RECORDED) == set(OURS)
    offered = {*filter(DHAN.offers, OPERATIONS), *DHAN.extras, "order_by_tag", "begin_login"}
    assert offered <= set(OURS)
    assert set(OURS) - offered == {"super_orders"}
    assert set(RULES) == set(OUR_RULES)


SEGMENTS: Mapping[str, tuple[Listing, int, int, Mapping[str, str], str, str]] = {
    "NSE": (SBIN, 1, 1, {"MIS": "INTRADAY", "CNC": "CNC", "MTF": "MTF"}, "800.05", "801.5"),
    "BSE": (INFY_BSE, 1, 1, {"MIS": "INTRADAY", "CNC": "CNC", "MTF": "MTF"}, "1500", "1500.05"),
    "NFO future": (NIFTY_FUTURE, 65, 65, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "26000.1", "26010"),
    "NFO option": (NIFTY_CALL, 65, 65, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "150.05", "151"),
    "half a strike": (SHARE_CALL, 1150, 1150, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "1.35", "2"),
    "fund": (GOLD_FUND, 1, 1, {"MIS": "INTRADAY", "CNC": "CNC", "MTF": "MTF"}, "57.63", "57.64"),
    "BFO": (SENSEX_FUTURE, 20, 20, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "86000.05", "86010"),
    "MCX": (CRUDE_FUTURE, 100, 1, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "5500", "5510"),
    "CDS": (DOLLAR_FUTURE, 1000, 1, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "88.5025", "88.51"),
    "CDS option": (DOLLAR_CALL, 1000, 1, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "0.2475", "0.25"),
    "BCD": (EURO_AT_BSE, 1000, 1, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "101.2525", "101.255"),
}
"""A contract of the segment, its lot in units and as Dhan counts it, its products in both
spellings, and two prices on its tick, the lower first."""
KINDS = {"MARKET": "MARKET", "LIMIT": "LIMIT", "SL": "STOP_LOSS"}


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize("side", ["BUY", "SELL"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("late", [False, True], ids=["at once", "after market"])
def test_every_combination(segment: str, side: str, kind: str, late: bool) -> None:
    """By the client's own rule: place_order sends the fields that it is given, as JSON."""
    where, lot, their_lot, products, low, high = SEGMENTS[segment]
    prices = prices_of(kind, side, low, high)
    for product, validity, part in combinations(segment, products):
        order = asked(
            where, side=side, quantity=3 * lot, product=product, validity=validity,
            disclosed_quantity=None if part is None else part * lot, order_type=kind,
            after_market=late, **prices,
        )  # fmt: skip
        theirs = {
            "dhanClientId": CLIENT, "transactionType": side, "exchangeSegment": where.segment,
            "productType": products[product], "orderType": KINDS[kind], "validity": validity,
            "securityId": where.security_id, "quantity": 3 * their_lot,
            "disclosedQuantity": (part or 0) * their_lot,
            "price": float(prices.get("price", 0)), "afterMarketOrder": late,
            "triggerPrice": float(prices.get("trigger_price", 0)),
        } | ({"amoTime": "OPEN"} if late else {})  # fmt: skip
        body = SAME.said(DHAN.place_order(SESSION, order))["body"]
        spelled = {f"body.{name}{SPELLING}" for name in ("price", "triggerPrice")}
        assert set(SAME.found({"body": theirs}, {"body": body})) <= spelled


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize("side", ["BUY", "SELL"])
def test_a_stop_that_would_not_rest_is_refused(segment: str, side: str) -> None:
    """The one order type of the client's that openbroker does not place."""
    where, lot, _, products, low, _ = SEGMENTS[segment]
    for product in products:
        order = asked(
            where, side=side, quantity=lot, product=product, order_type="SL-M", trigger_price=low
        )
        with pytest.raises(Unsupported):
            next(DHAN.place_order(SESSION, order))


def test_every_call_of_a_session_is_counted() -> None:
    counted = {bucket for limit in DHAN.limits for bucket in limit.members}
    asked_for = {request_of(OURS[name](case["name"])).bucket for name, case in SAME.cases()}
    assert asked_for - counted == {"login", None}, "None asks for the instruments"


def test_recordings_hold_no_secret_of_anybody() -> None:
    SAME.check_headers({"access-token": ACCESS_TOKEN, "app_id": APP_ID, "app_secret": APP_SECRET})


@pytest.mark.official
@pytest.mark.recorded
def test_recordings_are_what_the_official_client_sends() -> None:
    RECORDING.check_fresh()
