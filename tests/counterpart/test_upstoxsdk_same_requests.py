"""For the same intent openbroker sends the request that upstox-python-sdk sends.

As :mod:`test_same_requests`: the client's requests are kept in ``recorded/upstoxsdk/``
(:mod:`record_upstoxsdk` writes them), the adapter's flows are asked for theirs by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import attrs
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
)
from record_upstoxsdk import RECORDING, upstox_request
from recording import Said, read_recorded
from upstoxsdk_calls import (
    ADDRESSES,
    ALGO_NAME,
    BY_ALGORITHM,
    CHARGES,
    CONVERTED,
    CREDENTIALS,
    GTT_ID,
    INTERVALS,
    MARGINS,
    ORDER_ID,
    QUOTED,
    UNTOLD,
    WIRE_TAG,
)
from upstoxsdk_further import (
    ALL_CHANGES,
    ALL_RULES,
    BHARTI_BSE,
    DOLLAR_CALL,
    GAS_FUTURE,
    HALF_STRIKE,
    KEYS,
    LISTED,
    PLACED,
    SENSEX,
    SENSEX_PUT,
    SPANS,
)
from upstoxsdk_intents import (
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
    order_fields,
)

from openbroker.adapters.base import OPERATIONS
from openbroker.adapters.upstox import UPSTOX, Upstox
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
    Window,
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
    **{
        (operation, f"{path}{SPELLING}"): "a Python float that is whole is written 790.0, "
        "openbroker's Decimal 790; the documentation's samples have both"
        for operation, paths in {
            "place_order": ("body.price", "body.trigger_price"),
            "modify_order": ("body.price",),
            "margin": ("body.instruments.0.price",),
            "charges": ("query.price.0",),
            "place_gtt": ("body.rules.0.trigger_price",),
        }.items()
        for path in paths
    },
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
    row = {"order_id": ORDER_ID, "status": "open"} | dict(PLACED[name].theirs)
    order = WIRE.load(row, Order)
    return Order(
        order_id=ORDER_ID, exchange=order.exchange, side=order.side, order_type=order.order_type,
        instrument=PLACED[name].where.instrument, vendor=row,
    )  # fmt: skip


def speaker(name: str) -> tuple[Upstox, str]:
    """The adapter as it is for the case of that name, and the name without the algorithm."""
    plain, by_algorithm, _ = name.partition(BY_ALGORITHM)
    return UPSTOX.with_settings({"algo_name": ALGO_NAME}) if by_algorithm else UPSTOX, plain


def _place(name: str) -> Asked:
    adapter, plain = speaker(name)
    placing = PLACED[plain]
    return adapter.place_order(SESSION, asked(placing.where, **placing.ours))


def _modify(name: str) -> Asked:
    adapter, plain = speaker(name)
    change = {change.name: change for change in ALL_CHANGES}[plain]
    return adapter.modify_order(SESSION, live_order(plain), OrderChange(**change.ours))


def _place_gtt(name: str) -> Asked:
    adapter, plain = speaker(name.removesuffix(UNTOLD))
    rule = {rule.name: rule for rule in ALL_RULES}[plain]
    request = GttRequest(symbol=rule.where.symbol, **rule.ours).on(rule.where.instrument)
    flow = adapter.place_gtt(SESSION, request)
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
    if name in SPANS:
        where, unit, count, *days = SPANS[name]
        start, end = (dt.datetime.fromisoformat(day).replace(tzinfo=INDIA) for day in days)
        length = Interval(f"{count}{unit[0]}")
        return UPSTOX.history(SESSION, where.instrument, length, Window(start=start, end=end))
    flow = UPSTOX.history(SESSION, NIFTY_FUTURE.instrument, Interval.M5, WINDOW)
    return After(flow, [success({"candles": []}, WINDOW.end)])


def _quotes(name: str) -> Asked:
    mode, _, many = name.partition(" ")
    by_key = {one.key: one for one in LISTED.values()}
    listed = [one.instrument for one in (map(by_key.get, KEYS) if many else QUOTED) if one]
    return UPSTOX.quotes(SESSION, listed, QuoteMode(mode))


def _login(_: str) -> Asked:
    given = {name: Secret(text) for name, text in CREDENTIALS.items() if name != "access_token"}
    return UPSTOX.login(given)


OUR_CONVERSIONS: Mapping[str, tuple[Listing, str, int, str, int]] = {
    "": (INFY, "I", 6, "CNC", CONVERTED["quantity"]),
    "delivery into intraday": (SBIN, "D", 3, "MIS", 3),
    "intraday into margin": (BHARTI_BSE, "I", 1, "MTF", 1),
    "a short carried": (NIFTY_FUTURE, "I", -130, "NRML", 130),
    "commodity in lots": (GAS_FUTURE, "D", 3, "MIS", 2500),
}
"""The contract, the row's product and quantity, the new product, and how many units."""


def _convert(name: str) -> Asked:
    where, old, held, product, quantity = OUR_CONVERSIONS[name]
    row = {"instrument_token": where.key, "product": old, "quantity": held}
    position = attrs.evolve(WIRE.load(row, Position), instrument=where.instrument)
    return UPSTOX.convert_position(SESSION, position, Product(product), quantity)


def _at_market(where: Listing, side: str, quantity: int, product: str) -> OrderRequest:
    return asked(where, side=side, quantity=quantity, product=product, order_type="MARKET")


def _margin(name: str) -> Asked:
    if name:
        return UPSTOX.margin(SESSION, _further(name))
    orders = [
        planned(NIFTY_FUTURE, "SELL", 65, "NRML", "25900.5"),
        planned(NIFTY_CALL, "BUY", 65, "MIS", 190),
        planned(CRUDE_FUTURE, "BUY", 200, "NRML", 5300),
    ]
    return UPSTOX.margin(SESSION, orders)


def _further(name: str) -> list[OrderRequest]:
    return {
        "at the market": [
            _at_market(SBIN, "BUY", 5, "CNC"), _at_market(NIFTY_CALL, "SELL", 65, "MIS"),
        ],
        "one share": [planned(INFY, "BUY", 1, "MTF", 1440)],
        "spread": [
            planned(HALF_STRIKE, "SELL", 5500, "NRML", "2.05"),
            planned(SENSEX_PUT, "BUY", 20, "MIS", "312.35"),
            planned(GAS_FUTURE, "SELL", 1250, "NRML", "410.1"),
            planned(DOLLAR_CALL, "BUY", 3000, "NRML", "0.3025"),
        ],
        "sale": [planned(SBIN, "SELL", 5, "MIS", "801.05")],
        "option": [planned(HALF_STRIKE, "SELL", 5500, "NRML", 2)],
        "commodity": [planned(GAS_FUTURE, "BUY", 2500, "NRML", "412.3")],
    }[name]  # fmt: skip


def _charges(name: str) -> Asked:
    if name:
        return UPSTOX.charges(SESSION, _further(name))
    return UPSTOX.charges(SESSION, [planned(INFY, "BUY", 10, "CNC", "1450.5")])


def _order_history(name: str) -> Asked:
    by = {"by id": {"order_id": ORDER_ID}, "by tag": {"tag": WIRE_TAG}}[name]
    return UPSTOX.order_history(SESSION, **by)


def _switch(name: str) -> Asked:
    exchange, on = {"halt": ("NFO", True), "open": ("NSE", False)}[name]
    flow = UPSTOX.set_kill_switch(SESSION, exchange, on)
    return After(flow, [success([])]) if on else flow


def _greeks(name: str) -> Asked:
    where, expiry = (SENSEX, "2026-11-26") if name else (NIFTY, dt.date(2026, 11, 24))
    return UPSTOX.option_greeks(SESSION, where.instrument, expiry)


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
    "cancel_order": lambda name: speaker(name)[0].cancel_order(SESSION, REF),
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
    "option_greeks": _greeks,
    "place_gtt": _place_gtt,
    "modify_gtt": _modify_gtt,
    "cancel_gtt": lambda name: speaker(name)[0].cancel_gtt(SESSION, rule_in_the_list()),
    "gtt": lambda _: UPSTOX.gtt(SESSION, GTT_ID),
    "gtts": lambda _: UPSTOX.gtts(SESSION),
    "static_ips": lambda _: UPSTOX.static_ips(SESSION),
    "set_static_ips": lambda _: UPSTOX.set_static_ips(SESSION, *ADDRESSES.values()),
    "kill_switch": lambda _: UPSTOX.kill_switch(SESSION),
    "set_kill_switch": _switch,
}
"""For each operation how openbroker is asked for the case of that name."""


RECORDED = read_recorded("upstoxsdk")


def band_untold(_: str, name: str, theirs: Said, ours: Said) -> tuple[Said, Said]:
    """Some of the client's samples say nothing of a rule's band, and Upstox then chooses one:
    openbroker always says that there is none, for the price was told (see the adapter's terms)."""
    if name.endswith(UNTOLD):
        (leg,) = ours["body"]["rules"]
        assert leg["market_protection"] == 0
        untold = {key: value for key, value in leg.items() if key != "market_protection"}
        ours = ours | {"body": ours["body"] | {"rules": [untold]}}
    return theirs, ours


SAME = Comparison(
    recorded=RECORDED,
    ours=OURS,
    told=upstox_request,
    table=DIFFERENCES,
    tag="body.tag",
    both=band_untold,
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
