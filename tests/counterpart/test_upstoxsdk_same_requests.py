"""For the same intent openbroker sends the request that upstox-python-sdk sends.

As :mod:`test_same_requests`: the client's requests are kept in ``recorded/upstoxsdk/``
(:mod:`record_upstoxsdk` writes them), the adapter's flows are asked for theirs by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from comparing import (
    WINDOW,
    After,
    Asked,
    Comparison,
    combinations,
    order_request,
    prices_of,
    reply,
)
from record_upstoxsdk import RECORDING, upstox_request
from recording import read_recorded
from upstoxsdk_calls import (
    ADDRESSES,
    ALGO_NAME,
    CHARGES,
    CONVERTED,
    CREDENTIALS,
    GTT_ID,
    INTERVALS,
    MARGINS,
    ORDER_ID,
    QUOTED,
    WIRE_TAG,
)
from upstoxsdk_intents import (
    CHANGINGS,
    CRUDE_FUTURE,
    DOLLAR_FUTURE,
    INFY,
    INFY_BSE,
    NIFTY,
    NIFTY_CALL,
    NIFTY_FUTURE,
    RULINGS,
    SBIN,
    SENSEX_FUTURE,
    Listing,
    by_name,
    order_fields,
)

from openbroker.adapters.base import OPERATIONS
from openbroker.adapters.upstox import UPSTOX
from openbroker.adapters.upstox_tables import WIRE
from openbroker.errors import Unsupported
from openbroker.schemas import (
    INDIA,
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
from openbroker.transport.messages import Reply, Request

ESSENTIAL = frozenset({
    "method", "path", "host", "body.quantity", "body.product", "body.validity", "body.price",
    "body.tag", "body.instrument_token", "body.order_type", "body.transaction_type",
    "body.disclosed_quantity", "body.trigger_price", "body.is_amo", "body.market_protection",
    "body.order_id", "body.gtt_order_id", "body.type", "body.new_product", "body.old_product",
    *(f"body.rules.0.{name}" for name in ("strategy", "trigger_type", "trigger_price",
                                          "market_protection")),
    *(f"body.instruments.{n}.{name}" for n in range(3) for name in MARGINS[0]),
    *(f"query.{name}.0" for name in (*CHARGES, "order_id", "tag", "gtt_order_id",
                                     "instrument_key", "expiry_date", "client_id",
                                     "redirect_uri")),
    *(f"body.{name}" for name in ADDRESSES), "body.0.segment", "body.0.action",
    *(f"body.{name}" for name in ("code", "client_id", "client_secret", "redirect_uri",
                                  "grant_type")),
    "headers.x-algo-name",
})  # fmt: skip
"""What no row of :data:`DIFFERENCES` may touch."""

DIFFERENCES: Mapping[tuple[str, str], str] = {
    ("every", "headers.api-version"): "the official client tells version 2.0 where its method "
    "takes a version; the documentation dropped the header",
    ("every DELETE", "body"): "the official client sends an empty object with every DELETE; the "
    "documentation's samples have no body",
    ("every", "headers.accept"): "the official client's newer methods ask for */*; the "
    "documentation's samples for JSON",
    ("place_order", "body.slice"): "the official client leaves slicing to the server unless told; "
    "openbroker always says that an order is not to be sliced",
    ("history", "headers.authorization"): "the official client asks for candles without a token; "
    "the documentation's samples have one",
    ("login_url", "query.response_type.0"): "the official client leaves it out, the documentation "
    "requires it",
    ("login_url", "headers.content-type"): "an address for a browser has no headers",
}
"""The slice of ``place_order`` may be missing in theirs, never true: see the test."""

SESSION = Session(
    broker="upstox",
    account="AB1234",
    tokens={"access_token": Secret(CREDENTIALS["access_token"])},
    created_at=dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC),
)
NOW = dt.datetime(2026, 11, 23, 11, tzinfo=INDIA)


def asked(where: Listing, **ours: Any) -> OrderRequest:
    capacity = UPSTOX.tag.capacity if "tag" in ours else None
    return order_request(where.instrument, capacity=capacity, **ours)


def planned(where: Listing, side: str, quantity: int, product: str, price: Any) -> OrderRequest:
    return asked(
        where, side=side, quantity=quantity, product=product, price=price, order_type="LIMIT"
    )


def success(data: Any, now: dt.datetime = NOW) -> Reply:
    return reply({"status": "success", "data": data}, now)


def price_of(where: Listing, price: float) -> Reply:
    return success({"any": {"instrument_token": where.key, "last_price": price}})


def live_order(name: str) -> Order:
    """The order's row in the book."""
    row = {"order_id": ORDER_ID, "status": "open"} | dict(by_name(name).theirs)
    order = WIRE.load(row, Order)
    return Order(
        order_id=ORDER_ID, exchange=order.exchange, side=order.side, order_type=order.order_type,
        instrument=by_name(name).where.instrument, vendor=row,
    )  # fmt: skip


def _place(name: str) -> Asked:
    plain, _, algorithm = name.partition(", by an algorithm")
    is_named = plain != name and not algorithm
    adapter = UPSTOX.with_settings({"algo_name": ALGO_NAME}) if is_named else UPSTOX
    placing = by_name(plain)
    return adapter.place_order(SESSION, asked(placing.where, **placing.ours))


def _modify(name: str) -> Asked:
    change = {change.name: change for change in CHANGINGS}[name]
    return UPSTOX.modify_order(SESSION, live_order(name), OrderChange(**change.ours))


def _place_gtt(name: str) -> Asked:
    rule = {rule.name: rule for rule in RULINGS}[name]
    request = GttRequest(symbol=rule.where.symbol, **rule.ours).on(rule.where.instrument)
    flow = UPSTOX.place_gtt(SESSION, request)
    return After(flow, [price_of(rule.where, rule.last_price)])


def rule_in_the_list() -> Gtt:
    leg = dict(RULINGS[0].leg) | {"status": "SCHEDULED", "transaction_type": "BUY"}
    return WIRE.load(dict(RULINGS[0].theirs) | {"gtt_order_id": GTT_ID, "rules": [leg]}, Gtt)


GTT_CHANGES: Mapping[str, Mapping[str, Any]] = {
    "new trigger": {"price": "1440.5", "trigger_price": "1440.5", "quantity": 12},
    "the other side": {"price": 1600, "trigger_price": 1600},
    "quantity": {"price": "1450.5", "quantity": 12},
}


def _modify_gtt(name: str) -> Asked:
    ours = GTT_CHANGES[name]
    flow = UPSTOX.modify_gtt(SESSION, rule_in_the_list(), GttChange(**ours))
    return After(flow, [price_of(INFY, 1500.5)]) if "trigger_price" in ours else flow


def _history(name: str) -> Asked:
    if name in INTERVALS:
        return UPSTOX.history(SESSION, INFY.instrument, Interval(name), WINDOW)
    flow = UPSTOX.history(SESSION, NIFTY_FUTURE.instrument, Interval.M5, WINDOW)
    return After(flow, [success({"candles": []}, WINDOW.end)])


def _quotes(mode: str) -> Asked:
    listed = [one.instrument for one in QUOTED]
    return UPSTOX.quotes(SESSION, listed, QuoteMode(mode))


def _login(_: str) -> Asked:
    given = {name: Secret(text) for name, text in CREDENTIALS.items() if name != "access_token"}
    return UPSTOX.login(given)


def _convert(_: str) -> Asked:
    row = {"instrument_token": INFY.key, "product": "I", "quantity": 6}
    position = WIRE.load(row, Position)
    quantity = CONVERTED["quantity"]
    return UPSTOX.convert_position(SESSION, position, Product.CNC, quantity)


def _margin(_: str) -> Asked:
    orders = [
        planned(NIFTY_FUTURE, "SELL", 65, "NRML", "25900.5"),
        planned(NIFTY_CALL, "BUY", 65, "MIS", 190),
        planned(CRUDE_FUTURE, "BUY", 200, "NRML", 5300),
    ]
    return UPSTOX.margin(SESSION, orders)


def _charges(_: str) -> Asked:
    return UPSTOX.charges(SESSION, [planned(INFY, "BUY", 10, "CNC", "1450.5")])


def _order_history(name: str) -> Asked:
    by = {"by id": {"order_id": ORDER_ID}, "by tag": {"tag": WIRE_TAG}}[name]
    return UPSTOX.order_history(SESSION, **by)


def _switch(name: str) -> Asked:
    exchange, on = {"halt": ("NFO", True), "open": ("NSE", False)}[name]
    flow = UPSTOX.set_kill_switch(SESSION, exchange, on)
    return After(flow, [success([])]) if on else flow


REF = OrderRef(order_id=ORDER_ID)


def _login_page(_: str) -> Asked:
    given = {name: Secret(CREDENTIALS[name]) for name in ("api_key", "redirect_uri")}
    return Request(method="GET", url=UPSTOX.login_url(given), headers={"accept": ""})


OURS: Mapping[str, Callable[[str], Asked]] = {
    "login": _login,
    "login_url": _login_page,
    "logout": lambda _: UPSTOX.logout(SESSION),
    "profile": lambda _: UPSTOX.profile(SESSION),
    "funds": lambda _: UPSTOX.funds(SESSION),
    "place_order": _place,
    "modify_order": _modify,
    "cancel_order": lambda _: UPSTOX.cancel_order(SESSION, REF),
    "orders": lambda _: UPSTOX.orders(SESSION),
    "order": lambda _: UPSTOX.order(SESSION, REF),
    "order_by_tag": lambda _: UPSTOX.order_by_tag(SESSION, WIRE_TAG),
    "order_history": _order_history,
    "order_trades": lambda _: UPSTOX.order_trades(SESSION, ORDER_ID),
    "trades": lambda _: UPSTOX.trades(SESSION),
    "positions": lambda _: UPSTOX.positions(SESSION),
    "mtf_positions": lambda _: UPSTOX.mtf_positions(SESSION),
    "holdings": lambda _: UPSTOX.holdings(SESSION),
    "convert_position": _convert,
    "margin": _margin,
    "charges": _charges,
    "quotes": _quotes,
    "history": _history,
    "option_greeks": lambda _: UPSTOX.option_greeks(
        SESSION, NIFTY.instrument, dt.date(2026, 11, 24)
    ),
    "place_gtt": _place_gtt,
    "modify_gtt": _modify_gtt,
    "cancel_gtt": lambda _: UPSTOX.cancel_gtt(SESSION, rule_in_the_list()),
    "gtt": lambda _: UPSTOX.gtt(SESSION, GTT_ID),
    "gtts": lambda _: UPSTOX.gtts(SESSION),
    "static_ips": lambda _: UPSTOX.static_ips(SESSION),
    "set_static_ips": lambda _: UPSTOX.set_static_ips(SESSION, *ADDRESSES.values()),
    "kill_switch": lambda _: UPSTOX.kill_switch(SESSION),
    "set_kill_switch": _switch,
}
"""For each operation how openbroker is asked for the case of that name."""


RECORDED = read_recorded("upstoxsdk")
SAME = Comparison(
    recorded=RECORDED, ours=OURS, told=upstox_request, table=DIFFERENCES, tag="body.tag"
)


@SAME.each_case
def test_requests_are_the_same(operation: str, case: Mapping[str, Any]) -> None:
    theirs, ours = SAME.check(operation, case)
    if operation == "place_order":
        assert ours["body"]["slice"] is theirs["body"].get("slice", False) is False


def test_every_difference_is_needed_and_harmless() -> None:
    assert not SAME.unused()
    assert not SAME.touched(ESSENTIAL)


def test_what_the_adapter_offers_is_compared() -> None:
    assert set(RECORDED) == set(OURS)
    offered = {*filter(UPSTOX.offers, OPERATIONS), *UPSTOX.extras, "order_by_tag"}
    assert offered - set(OURS) == {"raw", "master"}


SEGMENTS: Mapping[str, tuple[Listing, int, int, Mapping[str, str], str, str]] = {
    "NSE": (SBIN, 1, 1, {"MIS": "I", "CNC": "D", "MTF": "MTF"}, "800.05", "801.5"),
    "BSE": (INFY_BSE, 1, 1, {"MIS": "I", "CNC": "D", "MTF": "MTF"}, "1500", "1500.05"),
    "NFO future": (NIFTY_FUTURE, 65, 65, {"MIS": "I", "NRML": "D"}, "26000.1", "26010"),
    "NFO option": (NIFTY_CALL, 65, 65, {"MIS": "I", "NRML": "D"}, "150.05", "151"),
    "BFO": (SENSEX_FUTURE, 20, 20, {"MIS": "I", "NRML": "D"}, "86000.05", "86010"),
    "MCX": (CRUDE_FUTURE, 100, 1, {"MIS": "I", "NRML": "D"}, "5500", "5510"),
    "CDS": (DOLLAR_FUTURE, 1000, 1, {"MIS": "I", "NRML": "D"}, "88.5025", "88.51"),
}
"""A contract of the segment, its lot in units and as Upstox counts it, its products in both
spellings, and two prices on its tick, the lower first."""


PROTECTED = {"MARKET": "2", "SL-M": "0.5"}


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize("side", ["BUY", "SELL"])
@pytest.mark.parametrize("kind", ["MARKET", "LIMIT", "SL", "SL-M"])
def test_every_combination(segment: str, side: str, kind: str) -> None:
    """By the client's own rule: place_order sends the fields that it is given, as JSON."""
    where, lot, their_lot, products, low, high = SEGMENTS[segment]
    prices = prices_of(kind, side, low, high)
    if kind in PROTECTED:
        prices["market_protection"] = PROTECTED[kind]
    for product, validity, part in combinations(segment, products):
        order = asked(
            where, side=side, quantity=3 * lot, product=product, validity=validity,
            disclosed_quantity=None if part is None else part * lot, order_type=kind, **prices,
        )  # fmt: skip
        if (segment, kind) == ("NFO option", "SL-M"):
            with pytest.raises(Unsupported):
                next(UPSTOX.place_order(SESSION, order))
            continue
        theirs = order_fields(
            where, side, 3 * their_lot, products[product], order_type=kind, validity=validity,
            disclosed_quantity=(part or 0) * their_lot, slice=False,
            **{name: number(text) for name, text in prices.items()},
        )  # fmt: skip
        body = SAME.said(UPSTOX.place_order(SESSION, order))["body"]
        assert SAME.found({"body": theirs}, {"body": body}) == {}


def number(text: str) -> float:
    return float(text) if "." in text else int(text)


def test_recordings_hold_no_secret_of_anybody() -> None:
    SAME.check_headers({"authorization": f"Bearer {CREDENTIALS['access_token']}"})
    (login,) = RECORDED["login"]
    made_up = {"recordedcode", "recordedkey", "recordedsecret", "authorization_code"}
    assert set(login["request"]["body"].values()) - made_up == {CREDENTIALS["redirect_uri"]}


@pytest.mark.official
@pytest.mark.recorded
def test_recordings_are_what_the_official_client_sends() -> None:
    RECORDING.check_fresh()
