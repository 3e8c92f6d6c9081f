"""For the same intent openbroker sends the request that fyers-apiv3 sends.

As :mod:`test_same_requests`: the client's requests are kept in ``recorded/fyersapi/``
(:mod:`record_fyersapi` writes them), the adapter's flows are asked for theirs by hand.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest
from comparing import (
    WINDOW,
    Asked,
    Comparison,
    combinations,
    order_request,
    prices_of,
    reply,
    request_of,
)
from fyersapi_calls import (
    CHARTED,
    CONVERTED,
    CREDENTIALS,
    GTT_ID,
    IN_DEPTH,
    INTERVALS,
    ORDER_ID,
    QUOTED,
    READS,
    WIRE_TAG,
)
from fyersapi_intents import (
    BUY,
    CHANGINGS,
    CRUDE_FUTURE,
    DOLLAR_CALL,
    DOLLAR_FUTURE,
    GOLD_FUND,
    INFY,
    INFY_BSE,
    MAHINDRA,
    NIFTY_CALL,
    NIFTY_FUTURE,
    RULINGS,
    SBIN,
    SELL,
    SENSEX_FUTURE,
    SHARE_CALL,
    Listing,
    by_name,
    order_fields,
)
from record_fyersapi import RECORDING, fyers_request
from recording import read_recorded

from openbroker.adapters.base import OPERATIONS
from openbroker.adapters.fyers import FYERS
from openbroker.adapters.fyers_session import app_id_hash
from openbroker.adapters.fyers_tables import WIRE
from openbroker.capability_table import CLIENTS
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
from openbroker.transport.messages import Flow, Request

ESSENTIAL = frozenset({
    "method", "path", *(f"body.{name}" for name in order_fields(SBIN, BUY, 1, "CNC")),
    "body.orderTag", "body.id", *(f"body.{name}" for name in CONVERTED[""]),
    *(f"body.orderInfo.leg{n}.{name}" for name in ("price", "triggerPrice", "qty") for n in (1, 2)),
    *(f"query.{name}.0" for name in ("id", "order_tag", "symbols", "symbol", "resolution",
                                     "date_format", "range_from", "range_to", "cont_flag",
                                     "oi_flag", "ohlcv_flag", "client_id", "redirect_uri")),
    "body.appIdHash", "body.code", "body.grant_type", "headers.authorization",
    "headers.content-type",
})  # fmt: skip
"""What no row of :data:`DIFFERENCES` may touch."""

DIFFERENCES: Mapping[tuple[str, str], str] = {
    ("logout", "body"): "the official client sends the text null where it has nothing to say; the "
    "documentation's sample has no body",
    ("login", "headers.version"): "the official client tells version 3 everywhere but here; "
    "openbroker tells it everywhere",
}

SESSION = Session(
    broker="fyers",
    account="XA00011",
    tokens={name: Secret(CREDENTIALS[name]) for name in ("api_key", "access_token")},
    created_at=dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC),
)


def asked(where: Listing, **ours: Any) -> OrderRequest:
    return order_request(where.instrument, capacity=FYERS.tag.capacity, **ours)


def live_order(name: str) -> Order:
    """The order's row in the book."""
    row = {"id": ORDER_ID, "status": 6} | dict(by_name(name).theirs)
    order = WIRE.load(row, Order)
    where = by_name(name).where.instrument
    return Order(
        order_id=ORDER_ID, exchange=where.exchange, order_type=order.order_type, instrument=where,
        vendor=row,
    )  # fmt: skip


def _place(name: str) -> Flow[Any]:
    placing = by_name(name)
    return FYERS.place_order(SESSION, asked(placing.where, **placing.ours))


def _modify(name: str) -> Flow[Any]:
    change = {change.name: change for change in CHANGINGS}[name]
    return FYERS.modify_order(SESSION, live_order(name), OrderChange(**change.ours))


def _place_gtt(name: str) -> Flow[Any]:
    rule = {rule.name: rule for rule in RULINGS}[name]
    request = GttRequest(symbol=rule.where.symbol, **rule.ours).on(rule.where.instrument)
    return FYERS.place_gtt(SESSION, request)


def rule_in_the_list() -> Gtt:
    row = {"id": GTT_ID, "ord_status": 6, "exchange": 10, "segment": 10, "tran_side": 1,
           "price_limit": 1450, "price_trigger": 1455.5, "qty": 10, "product_type": "CNC",
           "gtt_oco_ind": 1, "symbol": "NSE:INFY-EQ"}  # fmt: skip
    return WIRE.load(row, Gtt)


GTT_CHANGES: Mapping[str, Mapping[str, Any]] = {
    "price": {"price": "1440.5"},
    "trigger": {"trigger_price": 1446},
    "everything": {"price": 1440, "trigger_price": 1446, "quantity": 12},
}
PAIR_CHANGES: Mapping[str, Mapping[str, Any]] = {
    "target": {"price": 1610, "trigger_price": 1611},
    "stop": {"stop_price": "1439.5", "stop_trigger_price": 1440},
    "both legs": {"price": 1610, "trigger_price": 1611, "stop_price": "1439.5",
                  "stop_trigger_price": 1440, "quantity": 12},
}  # fmt: skip


def pair_in_the_list() -> Gtt:
    row = {"id": GTT_ID, "ord_status": 6, "exchange": 10, "segment": 10, "tran_side": -1,
           "price_limit": 1598, "price_trigger": 1600, "qty": 10, "price2_limit": 1445,
           "price2_trigger": 1450, "qty2": 10, "product_type": "CNC", "gtt_oco_ind": 2,
           "symbol": "NSE:INFY-EQ"}  # fmt: skip
    return WIRE.load(row, Gtt)


def commodity_pair() -> Gtt:
    """Its legs count lots, two each."""
    row = dict(pair_in_the_list().vendor) | {
        "symbol": "MCX:CRUDEOIL26DECFUT", "exchange": 11, "segment": 20, "product_type": "MARGIN",
        "price_limit": 5500, "price_trigger": 5520, "qty": 2, "price2_limit": 5305,
        "price2_trigger": 5310, "qty2": 2}  # fmt: skip
    return attrs.evolve(WIRE.load(row, Gtt), instrument=CRUDE_FUTURE.instrument)


def _modify_gtt(name: str) -> Flow[Any]:
    if name == "commodity in lots":
        change = GttChange(price=5510, stop_trigger_price="5320.5", quantity=300)
        return FYERS.modify_gtt(SESSION, commodity_pair(), change)
    if name in PAIR_CHANGES:
        return FYERS.modify_gtt(SESSION, pair_in_the_list(), GttChange(**PAIR_CHANGES[name]))
    return FYERS.modify_gtt(SESSION, rule_in_the_list(), GttChange(**GTT_CHANGES[name]))


def _history(name: str) -> Flow[Any]:
    charted, _, interval = name.rpartition(", ")
    if charted in CHARTED:
        where = CHARTED[charted].instrument
        return FYERS.history(SESSION, where, Interval(interval), WINDOW)
    if name in (*INTERVALS, "1d"):
        return FYERS.history(SESSION, INFY.instrument, Interval(name), WINDOW)
    return FYERS.history(SESSION, NIFTY_FUTURE.instrument, Interval.M5, WINDOW)


def _quotes(name: str) -> Flow[Any]:
    mode, blank, which = name.partition(" ")
    in_depth = {one.symbol: (one,) for one in IN_DEPTH}
    listed = in_depth[which] if mode == "FULL" else QUOTED[blank + which]
    return FYERS.quotes(SESSION, [one.instrument for one in listed], QuoteMode(mode))


def _login(_: str) -> Flow[Any]:
    given = {name: Secret(text) for name, text in CREDENTIALS.items() if name != "access_token"}
    return FYERS.login(given)


HELD: Mapping[str, tuple[Listing, int, Product, int]] = {
    "": (INFY, 6, Product.CNC, 4),
    "ampersand, on margin": (MAHINDRA, 2, Product.MTF, 2),
    "margin to delivery": (INFY, 3, Product.CNC, 3),
    "short for the day, carried": (NIFTY_CALL, -130, Product.NRML, 65),
    "short carried, for the day": (NIFTY_CALL, -130, Product.MIS, 65),
    "commodity in lots": (CRUDE_FUTURE, 4, Product.NRML, 200),
}
"""The position, its net quantity as Fyers tells it, what it is converted to and how many units."""


def _convert(name: str) -> Flow[Any]:
    told, (where, net, product, units) = CONVERTED[name], HELD[name]
    carried = net if told["overnight"] else 0
    row = {"id": told["symbol"], "productType": told["convertFrom"], "netQty": net,
           "symbol": where.ticker, "cfBuyQty": max(carried, 0),
           "cfSellQty": max(-carried, 0)}  # fmt: skip
    listed = where.instrument
    position = attrs.evolve(WIRE.load(row, Position), exchange=listed.exchange, instrument=listed)
    return FYERS.convert_position(SESSION, position, product, units)


REF = OrderRef(order_id=ORDER_ID)


def _login_page(_: str) -> Asked:
    given = {name: Secret(CREDENTIALS[name]) for name in ("api_key", "redirect_uri")}
    return Request(method="GET", url=FYERS.login_url(given))


OURS: Mapping[str, Callable[[str], Asked]] = {
    "login": _login,
    "login_url": _login_page,
    "logout": lambda _: FYERS.logout(SESSION),
    "profile": lambda _: FYERS.profile(SESSION),
    "funds": lambda _: FYERS.funds(SESSION),
    "place_order": _place,
    "modify_order": _modify,
    "cancel_order": lambda _: FYERS.cancel_order(SESSION, REF),
    "orders": lambda _: FYERS.orders(SESSION),
    "order": lambda _: FYERS.order(SESSION, REF),
    "order_by_tag": lambda _: FYERS.order_by_tag(SESSION, WIRE_TAG),
    "trades": lambda _: FYERS.trades(SESSION),
    "positions": lambda _: FYERS.positions(SESSION),
    "holdings": lambda _: FYERS.holdings(SESSION),
    "convert_position": _convert,
    "quotes": _quotes,
    "history": _history,
    "place_gtt": _place_gtt,
    "modify_gtt": _modify_gtt,
    "cancel_gtt": lambda _: FYERS.cancel_gtt(SESSION, rule_in_the_list()),
    "gtt": lambda _: FYERS.gtt(SESSION, GTT_ID),
    "gtts": lambda _: FYERS.gtts(SESSION),
    "raw": lambda name: FYERS.raw(SESSION, "GET", READS[name][0]),
}
"""For each operation how openbroker is asked for the case of that name."""


RECORDED = read_recorded("fyersapi")
SAME = Comparison(
    recorded=RECORDED, ours=OURS, told=fyers_request, table=DIFFERENCES, tag="body.orderTag"
)


@SAME.each_case
def test_requests_are_the_same(operation: str, case: Mapping[str, Any]) -> None:
    SAME.check(operation, case)


def test_every_difference_is_needed_and_harmless() -> None:
    assert not SAME.unused()
    assert not SAME.touched(ESSENTIAL)


HOST = "https://api-t1.fyers.in"


@SAME.each_case
def test_every_request_goes_where_the_client_sends_it(
    operation: str, case: Mapping[str, Any]
) -> None:
    assert request_of(OURS[operation](case["name"])).url.startswith(HOST + "/")


@pytest.mark.official
@pytest.mark.recorded
def test_the_addresses_are_the_clients() -> None:
    assert RECORDING.addresses() == [f"{HOST}/api/v3", f"{HOST}/data"]


def test_what_the_adapter_offers_is_compared() -> None:
    """But for what the client has no call for, which README says too."""
    assert set(RECORDED) == set(OURS)
    offered = {*filter(FYERS.offers, OPERATIONS), "order_by_tag"}
    assert offered - set(OURS) == {*CLIENTS["fyers"].without, "master"}


def test_the_hash_proves_app_and_secret() -> None:
    """The client's own: SHA-256 of both with a colon between."""
    (login,) = RECORDED["login"]
    proof = app_id_hash(CREDENTIALS["api_key"], CREDENTIALS["api_secret"])
    assert login["request"]["body"]["appIdHash"] == proof


SEGMENTS: Mapping[str, tuple[Listing, int, int, Mapping[str, str], str, str]] = {
    "NSE": (SBIN, 1, 1, {"MIS": "INTRADAY", "CNC": "CNC", "MTF": "MTF"}, "800.05", "801.5"),
    "BSE": (INFY_BSE, 1, 1, {"MIS": "INTRADAY", "CNC": "CNC", "MTF": "MTF"}, "1500", "1500.05"),
    "NFO future": (NIFTY_FUTURE, 65, 65, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "26000.1",
                   "26010"),
    "NFO option": (NIFTY_CALL, 65, 65, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "150.05", "151"),
    "half a strike": (SHARE_CALL, 1150, 1150, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "1.35", "2"),
    "fund": (GOLD_FUND, 1, 1, {"MIS": "INTRADAY", "CNC": "CNC", "MTF": "MTF"}, "57.63", "57.64"),
    "BFO": (SENSEX_FUTURE, 20, 20, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "86000.05", "86010"),
    "MCX": (CRUDE_FUTURE, 100, 1, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "5500", "5510"),
    "CDS": (DOLLAR_FUTURE, 1000, 1, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "88.5025", "88.51"),
    "CDS option": (DOLLAR_CALL, 1000, 1, {"MIS": "INTRADAY", "NRML": "MARGIN"}, "0.2475", "0.25"),
}  # fmt: skip
"""A contract of the segment, its lot in units and as Fyers counts it, its products in both
spellings, and two prices on its tick, the lower first."""
TYPES = {"LIMIT": 1, "MARKET": 2, "SL-M": 3, "SL": 4}


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize(("side", "number"), [("BUY", BUY), ("SELL", SELL)])
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("late", [False, True], ids=["at once", "after market"])
def test_every_combination(segment: str, side: str, number: int, kind: str, late: bool) -> None:
    """By the client's own rule: place_order sends the object that it is given, as JSON."""
    where, lot, their_lot, products, low, high = SEGMENTS[segment]
    prices = prices_of(kind, side, low, high)
    for product, validity, part in combinations(segment, products):
        order = asked(
            where, side=side, quantity=3 * lot, product=product, validity=validity,
            disclosed_quantity=None if part is None else part * lot, order_type=kind,
            after_market=late, **prices,
        )  # fmt: skip
        if kind == "SL-M" and where.instrument.right is not None:
            with pytest.raises(Unsupported):
                next(FYERS.place_order(SESSION, order))
            continue
        theirs = order_fields(
            where, number, 3 * their_lot, products[product], type=TYPES[kind], validity=validity,
            disclosedQty=(part or 0) * their_lot, limitPrice=as_number(prices.get("price")),
            stopPrice=as_number(prices.get("trigger_price")), offlineOrder=late,
        )  # fmt: skip
        body = SAME.said(FYERS.place_order(SESSION, order))["body"]
        assert SAME.found({"body": theirs}, {"body": body}) == {}


def as_number(text: str | None) -> float:
    return float(text) if text and "." in text else int(text or 0)


def test_the_margin_is_asked_as_the_documentation_writes_it() -> None:
    """The client has no call for it: by the sample of Multiorder Margin Calculator."""
    one = asked(NIFTY_FUTURE, side="BUY", quantity=65, order_type="MARKET", product="NRML")
    two = asked(SBIN, side="SELL", quantity=50, order_type="LIMIT", price="800.05", product="CNC")
    sent = SAME.said(FYERS.margin(SESSION, [one, two]))
    zeros = {"limitPrice": 0, "stopLoss": 0, "stopPrice": 0, "takeProfit": 0}
    assert (sent["method"], sent["path"]) == ("POST", "/api/v3/multiorder/margin")
    assert sent["body"] == {"data": [
        {"symbol": "NSE:NIFTY26DECFUT", "qty": 65, "side": 1, "type": 2,
         "productType": "MARGIN"} | zeros,
        {"symbol": "NSE:SBIN-EQ", "qty": 50, "side": -1, "type": 1, "productType": "CNC"}
        | zeros | {"limitPrice": 800.05},
    ]}  # fmt: skip


def test_the_days_gtt_list_is_read_for_one_rule() -> None:
    """Fyers has no route for one rule, and neither has the client."""
    (theirs,) = RECORDED["gtt"]
    assert theirs["request"] == RECORDED["gtts"][0]["request"]
    row = dict(rule_in_the_list().vendor)
    flow = FYERS.gtt(SESSION, GTT_ID)
    next(flow)
    with pytest.raises(StopIteration) as done:
        flow.send(reply({"s": "ok", "orderBook": [row]}))
    assert done.value.value.gtt_id == GTT_ID


def test_every_call_of_a_session_is_counted() -> None:
    counted = {bucket for limit in FYERS.limits for bucket in limit.members}
    asked_for = {request_of(OURS[name](case["name"])).bucket for name, case in SAME.cases()}
    assert asked_for - counted == {None}, "the page of the login, which a browser opens"


def test_recordings_hold_no_secret_of_anybody() -> None:
    key = f"{CREDENTIALS['api_key']}:{CREDENTIALS['access_token']}"
    SAME.check_headers({"authorization": key})
    assert CREDENTIALS["api_secret"] not in json.dumps(RECORDED)


@pytest.mark.official
@pytest.mark.recorded
def test_recordings_are_what_the_official_client_sends() -> None:
    RECORDING.check_fresh()
