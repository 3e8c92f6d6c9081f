"""For the same intent openbroker sends the request that kiteconnect sends.

As :mod:`test_same_requests`: kiteconnect's requests are kept in ``recorded/kite/``
(:mod:`record_kite` writes them), the adapter's flows are asked for theirs by hand.
"""

from __future__ import annotations

import datetime as dt
import json
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
    zeros_unsaid,
)
from kite_calls import (
    CONVERTED,
    COVERED,
    CREDENTIALS,
    FIRST_LEG,
    INTERVALS,
    LAST_PRICE,
    ORDER_ID,
    QUOTED,
    REFRESH_TOKEN,
    REQUEST_TOKEN,
    RULE_ORDER,
    RULES,
    TRIGGER_ID,
)
from kite_further import (
    ALL_CHANGES,
    BANK_FUTURE,
    BHARTI_BSE,
    DOLLAR_CALL,
    FURTHER_QUOTED,
    GAS_FUTURE,
    HALF_STRIKE,
    LISTED,
    PLACED,
    SENSEX_PUT,
)
from kite_intents import (
    CRUDE_FUTURE,
    INFY,
    INFY_BSE,
    NIFTY_CALL,
    NIFTY_FUTURE,
    SBIN,
    Listing,
    order_params,
)
from record_kite import RECORDING, kite_request
from recording import read_recorded
from sandboxes import DAY

from openbroker.adapters.base import OPERATIONS
from openbroker.adapters.zerodha import ZERODHA
from openbroker.adapters.zerodha_tables import WIRE
from openbroker.errors import Unsupported
from openbroker.sandbox import Sandbox
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
from openbroker.transport.messages import Flow

ESSENTIAL = frozenset({
    "body.exchange", "body.tradingsymbol", "body.transaction_type", "body.quantity", "body.price",
    "body.trigger_price", "body.order_type", "body.product", "body.disclosed_quantity",
    "body.market_protection", "body.tag", "method", "path", "headers.authorization",
    "headers.x-kite-version", "headers.content-type", "body.checksum",
    *(f"body.orders.{leg}.{name}" for name in RULE_ORDER for leg in (0, 1)),
    "body.condition.trigger_values.0", "body.condition.trigger_values.1",
    "body.condition.last_price", "body.type",
})  # fmt: skip
"""What no row of :data:`DIFFERENCES` may touch."""

DIFFERENCES: Mapping[tuple[str, str], str] = {
    ("place_order", "body.variety"): "the variety stands in the path; the official client repeats "
    "it in the form, where the documentation has none",
    ("modify_order", "body.variety"): "likewise",
    ("modify_order", "body.order_id"): "likewise of the order's id",
    ("place_order", "body.validity"): "the official client's samples leave DAY to the server; "
    "openbroker always says which validity is meant, and it is the same",
    ("place_order", f"body.price{SPELLING}"): "a Python float is written 800.0, openbroker's "
    "Decimal 800",
    **{
        ("place_gtt", f"body.condition.{name}{SPELLING}"): "JSON's 1650 and 1650.0, as the caller "
        "of the official client wrote them; the documentation's samples have the point"
        for name in ("trigger_values.0", "last_price")
    },
    ("history", "query.interval.0"): "the official client repeats the interval, which stands in "
    "the path",
    ("history", "query.continuous.0"): "the official client says continuous=0, which is what "
    "leaving it out means",
    ("margin", "query.consider_positions.0"): "the official client sends Python's spelling, True; "
    "the documentation's is true",
    ("renew", "headers.authorization"): "the official client sends the dead session's token where "
    "it has one; the documentation has the checksum alone",
    ("login", "headers.authorization"): "likewise",
    ("master", "headers.authorization"): "the instruments need no session (Market quotes)",
}
"""The validity of ``place_order`` may be missing in theirs, never different: see the test."""

SESSION = Session(
    broker="zerodha",
    account="AB1234",
    tokens={
        "api_key": Secret(CREDENTIALS["api_key"]),
        "access_token": Secret(CREDENTIALS["access_token"]),
        "api_secret": Secret(CREDENTIALS["api_secret"]),
        "refresh_token": Secret(REFRESH_TOKEN),
    },
    created_at=dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC),
)
MARKET = Sandbox("zerodha", today=DAY, time_scale=0).exchange.market


def instrument(symbol: str) -> Any:
    found = LISTED.get(symbol) or MARKET.symbol(symbol)
    assert found is not None, symbol
    return found


def asked(where: Listing, **ours: Any) -> OrderRequest:
    return order_request(instrument(where.symbol), capacity=ZERODHA.tag.capacity, **ours)


def live_order(name: str) -> Order:
    """The order's row in the book."""
    row = {"order_id": ORDER_ID, "status": "OPEN"} | dict(PLACED[name].theirs)
    found = WIRE.load(row, Order)
    return Order(
        order_id=found.order_id,
        exchange=found.exchange,
        side=found.side,
        handle=found.handle,
        instrument=instrument(PLACED[name].where.symbol),
    )


def _place(name: str) -> Flow[Any]:
    placing = PLACED[name]
    return ZERODHA.place_order(SESSION, asked(placing.where, **placing.ours))


def _modify(name: str) -> Flow[Any]:
    change = {change.name: change for change in ALL_CHANGES}[name]
    return ZERODHA.modify_order(SESSION, live_order(name), OrderChange(**change.ours))


def _cancel(name: str) -> Flow[Any]:
    if name == COVERED:
        row = {"order_id": ORDER_ID, "variety": "co", "parent_order_id": FIRST_LEG}
        told = {**SBIN.params, "status": "TRIGGER PENDING", "transaction_type": "SELL"}
        return ZERODHA.cancel_order(SESSION, OrderRef.of(WIRE.load(row | told, Order)))
    return ZERODHA.cancel_order(SESSION, OrderRef.of(live_order(name)))


def _quotes(name: str) -> Flow[Any]:
    mode, _, many = name.partition(" ")
    named = {f"{one.venue}:{one.broker_symbol}": one for one in (*MARKET, *LISTED.values())}
    listed = [named[key] for key in (FURTHER_QUOTED if many else QUOTED)]
    return ZERODHA.quotes(SESSION, listed, QuoteMode(mode))


LENGTHS = dict(zip(INTERVALS, ("1m", "3m", "5m", "10m", "15m", "30m", "1h", "1d"), strict=True))


def between(start: str, end: str) -> Window:
    """What an Indian clock shows."""
    first, last = (dt.datetime.fromisoformat(text).replace(tzinfo=INDIA) for text in (start, end))
    return Window(start=first, end=last)


OTHER_HISTORY: Mapping[str, tuple[str, str, Window]] = {
    "index": ("NSE_INDEX:BANKNIFTY", "1d", between("2024-01-01", "2026-11-20")),
    "BSE share": (BHARTI_BSE.symbol, "30m", between("2026-11-20 09:15", "2026-11-20 15:29:59")),
    "commodity": (GAS_FUTURE.symbol, "1h", between("2026-11-02 09:00", "2026-11-20 23:30")),
    "currency option": (DOLLAR_CALL.symbol, "5m", between("2026-11-20 09:00", "2026-11-20 17:00")),
}


def _history(name: str) -> Flow[Any]:
    if name in OTHER_HISTORY:
        symbol, length, window = OTHER_HISTORY[name]
        return ZERODHA.history(SESSION, instrument(symbol), Interval(length), window)
    where = INFY if name in LENGTHS else NIFTY_FUTURE
    interval = Interval(LENGTHS.get(name, "1m"))
    return ZERODHA.history(SESSION, instrument(where.symbol), interval, WINDOW)


def _login(_: str) -> Flow[Any]:
    words = {name: CREDENTIALS[name] for name in ("api_key", "api_secret")}
    given = words | {"request_token": REQUEST_TOKEN}
    return ZERODHA.login({name: Secret(word) for name, word in given.items()})


OUR_CONVERSIONS: Mapping[str, tuple[Listing, str, int, int, str, int]] = {
    "delivery into intraday": (SBIN, "CNC", 5, 0, "MIS", 3),
    "intraday into margin": (INFY, "MIS", 1, 0, "MTF", 1),
    "a carried short": (BANK_FUTURE, "NRML", -70, -70, "MIS", 35),
    "commodity in lots": (GAS_FUTURE, "MIS", 3, 0, "NRML", 2500),
}
"""The contract, its product, the quantity and what of it is carried as the row has them, the new
product and how many units."""


def _convert_other(name: str) -> Flow[Any]:
    where, old, quantity, carried, new, units = OUR_CONVERSIONS[name]
    row = {**where.params, "product": old, "quantity": quantity, "overnight_quantity": carried}
    position = attrs.evolve(WIRE.load(row, Position), instrument=instrument(where.symbol))
    return ZERODHA.convert_position(SESSION, position, Product(new), units)


def _convert(name: str) -> Flow[Any]:
    if name in OUR_CONVERSIONS:
        return _convert_other(name)
    row = {"exchange": "NSE", "tradingsymbol": "INFY", "product": "MIS", "quantity": 6}
    position = WIRE.load(row, Position)
    return ZERODHA.convert_position(SESSION, position, Product.CNC, CONVERTED["quantity"])


def _limit(where: Listing, side: str, quantity: int, product: str, price: Any) -> OrderRequest:
    return asked(
        where, side=side, quantity=quantity, product=product, price=price, order_type="LIMIT"
    )


def _planned(name: str) -> list[OrderRequest]:
    if name == "one that waits":
        stop = {"order_type": "SL", "price": "410.1", "trigger_price": "410.2"}
        return [asked(GAS_FUTURE, side="SELL", quantity=2500, product="NRML", **stop)]
    if name == "after the market":
        late = {"order_type": "LIMIT", "price": 1500, "after_market": True}
        return [asked(BHARTI_BSE, side="BUY", quantity=2, product="CNC", **late)]
    return {
        "one share": [_limit(SBIN, "BUY", 1, "MIS", "800.05")],
        "spread": [
            _limit(HALF_STRIKE, "SELL", 5500, "NRML", "2.05"),
            _limit(SENSEX_PUT, "BUY", 20, "MIS", "312.35"),
            _limit(DOLLAR_CALL, "BUY", 3000, "NRML", "0.3025"),
        ],
        "several": [
            _limit(SBIN, "SELL", 5, "MIS", 801),
            _limit(HALF_STRIKE, "SELL", 5500, "NRML", "2.05"),
            _limit(GAS_FUTURE, "BUY", 2500, "NRML", "412.3"),
        ],
    }[name]


def _margin(name: str) -> Flow[Any]:
    if name:
        return ZERODHA.margin(SESSION, _planned(name))
    limit = {"order_type": "LIMIT", "product": "NRML"}
    orders = [
        asked(NIFTY_FUTURE, side="SELL", quantity=75, price="25900.5", **limit),
        asked(NIFTY_CALL, side="BUY", quantity=75, price=190, **limit),
        asked(CRUDE_FUTURE, side="BUY", quantity=200, price=5300, **limit),
    ]
    return ZERODHA.margin(SESSION, orders)


def _charges(name: str) -> Flow[Any]:
    if name:
        return ZERODHA.charges(SESSION, _planned(name))
    order = asked(INFY, side="BUY", quantity=10, order_type="LIMIT", product="CNC", price="1450.5")
    return ZERODHA.charges(SESSION, [order])


OUR_RULES: Mapping[str, Mapping[str, Any]] = {
    "one leg": {"side": "BUY", "price": 1450, "trigger_price": "1455.5", "product": "CNC"},
    "target and stop": {
        "side": "SELL", "trigger_price": 1600, "price": 1598, "stop_trigger_price": 1450,
        "stop_price": "1445.5", "product": "CNC"},
    "target and stop of a short": {
        "side": "BUY", "trigger_price": 1450, "price": 1452, "stop_trigger_price": "1600.5",
        "stop_price": 1605, "product": "MTF"},
}  # fmt: skip
OUR_RULE_CHANGES: Mapping[str, Mapping[str, Any]] = {
    "one leg": {"price": "1440.5", "quantity": 12, "trigger_price": 1446},
    "target": {"trigger_price": 1611, "price": 1610},
    "stop": {"stop_trigger_price": "1440.5", "stop_price": 1439},
    "both legs": {"trigger_price": 1611, "price": 1610, "stop_trigger_price": "1440.5",
                  "stop_price": 1439, "quantity": 12},
}  # fmt: skip


OTHER_RULES: Mapping[str, tuple[Listing, float, Mapping[str, Any]]] = {
    "sale on BSE": (BHARTI_BSE, 1500, {
        "side": "SELL", "quantity": 2, "price": "1649.95", "trigger_price": 1650,
        "product": "CNC"}),
    "half a strike": (HALF_STRIKE, 1.25, {
        "side": "SELL", "quantity": 5500, "price": "0.05", "trigger_price": "0.05",
        "product": "NRML"}),
    "gas": (GAS_FUTURE, 412.3, {
        "side": "BUY", "quantity": 2500, "price": "400.2", "trigger_price": "400.1",
        "product": "NRML"}),
}  # fmt: skip
"""The contract, its last price, and the rule."""


def with_last_price(
    flow: Flow[Any], where: Listing = INFY, last_price: float = LAST_PRICE
) -> Asked:
    """A trigger's request states the last price, which is asked for first."""
    key = f"{where.exchange}:{where.tradingsymbol}"
    data = {key: {"last_price": last_price}}
    return After(flow, [reply({"status": "success", "data": data})])


def _place_gtt(name: str) -> Asked:
    ours = {"quantity": 10, **OUR_RULES[name]} if name in OUR_RULES else {}
    where, last_price, told = OTHER_RULES.get(name, (INFY, LAST_PRICE, ours))
    rule = GttRequest(symbol=where.symbol, **told).on(instrument(where.symbol))
    return with_last_price(ZERODHA.place_gtt(SESSION, rule), where, last_price)


def rule_in_the_list(name: str = "one leg") -> Gtt:
    told = RULES[name]
    row = {
        "id": TRIGGER_ID,
        "status": "active",
        "condition": {**INFY.params, "trigger_values": told["trigger_values"]},
        "orders": [{**INFY.params, **order} for order in told["orders"]],
    }
    return WIRE.load(row, Gtt)


def _modify_gtt(name: str) -> Asked:
    rule = rule_in_the_list(name if name in RULES else "target and stop")
    flow = ZERODHA.modify_gtt(SESSION, rule, GttChange(**OUR_RULE_CHANGES[name]))
    return with_last_price(flow)


OURS: Mapping[str, Callable[[str], Asked]] = {
    "login": _login,
    "renew": lambda _: ZERODHA.renew(SESSION),
    "logout": lambda _: ZERODHA.logout(SESSION),
    "profile": lambda _: ZERODHA.profile(SESSION),
    "funds": lambda _: ZERODHA.funds(SESSION),
    "place_order": _place,
    "modify_order": _modify,
    "cancel_order": _cancel,
    "orders": lambda _: ZERODHA.orders(SESSION),
    "order": lambda _: ZERODHA.order(SESSION, OrderRef(order_id=ORDER_ID)),
    "trades": lambda _: ZERODHA.trades(SESSION),
    "positions": lambda _: ZERODHA.positions(SESSION),
    "holdings": lambda _: ZERODHA.holdings(SESSION),
    "convert_position": _convert,
    "quotes": _quotes,
    "history": _history,
    "margin": _margin,
    "charges": _charges,
    "place_gtt": _place_gtt,
    "modify_gtt": _modify_gtt,
    "cancel_gtt": lambda _: ZERODHA.cancel_gtt(SESSION, rule_in_the_list()),
    "gtt": lambda _: ZERODHA.gtt(SESSION, str(TRIGGER_ID)),
    "gtts": lambda _: ZERODHA.gtts(SESSION),
    "master": lambda _: ZERODHA.master(),
}
"""For each operation how openbroker is asked for the case of that name."""


RECORDED = read_recorded("kite")
SAME = Comparison(
    recorded=RECORDED,
    ours=OURS,
    told=kite_request,
    table=DIFFERENCES,
    tag="body.tag",
    both=zeros_unsaid("price", "trigger_price", "disclosed_quantity"),
)
"""Programs state 0 for prices and parts that an order does not have; the documentation's samples
leave them out, as openbroker does."""


@SAME.each_case
def test_requests_are_the_same(operation: str, case: Mapping[str, Any]) -> None:
    theirs, ours = SAME.check(operation, case)
    if operation == "place_order":
        assert ours["body"]["validity"] == theirs["body"].get("validity", "DAY")


def test_every_difference_is_needed_and_harmless() -> None:
    assert not SAME.unused()
    touched = {scope for scope, _ in SAME.touched(ESSENTIAL)}
    assert touched <= {"login", "renew", "master"}, "no session to prove"


def test_what_the_adapter_offers_is_compared() -> None:
    assert set(RECORDED) == set(OURS)
    assert set(filter(ZERODHA.offers, OPERATIONS)) - set(OURS) == {"raw"}


SEGMENTS: Mapping[str, tuple[Listing, int, int, tuple[str, ...], str, str]] = {
    "NSE": (SBIN, 1, 1, ("MIS", "CNC", "MTF"), "800.05", "801.5"),
    "BSE": (INFY_BSE, 1, 1, ("MIS", "CNC", "MTF"), "1500", "1500.05"),
    "NFO future": (NIFTY_FUTURE, 75, 75, ("MIS", "NRML"), "26000.1", "26010"),
    "NFO option": (NIFTY_CALL, 75, 75, ("MIS", "NRML"), "150.05", "151"),
    "MCX": (CRUDE_FUTURE, 100, 1, ("MIS", "NRML"), "5500", "5510"),
}
"""A contract of the segment, its lot in units and as Kite counts it, its products, and two prices
on its tick, the lower first."""


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize("side", ["BUY", "SELL"])
@pytest.mark.parametrize("kind", ["MARKET", "LIMIT", "SL", "SL-M"])
def test_every_combination(segment: str, side: str, kind: str) -> None:
    """By the client's own rule: place_order sends what it is given, as a form."""
    where, lot, kite_lot, products, low, high = SEGMENTS[segment]
    prices = prices_of(kind, side, low, high)
    if kind in ("MARKET", "SL-M"):
        prices["market_protection"] = "2"
    for product, validity, shown in combinations(segment, products):
        ours = {"side": side, "quantity": 3 * lot, "product": product, "validity": validity}
        more = {} if shown is None else {"disclosed_quantity": str(shown * kite_lot)}
        theirs = order_params(
            where, side, 3 * kite_lot, product, order_type=kind, validity=validity, **prices, **more
        )
        disclosed = None if shown is None else shown * lot
        order = asked(where, disclosed_quantity=disclosed, order_type=kind, **ours, **prices)
        if (segment, kind) == ("NFO option", "SL-M"):
            with pytest.raises(Unsupported):
                next(ZERODHA.place_order(SESSION, order))
            continue
        body = SAME.said(ZERODHA.place_order(SESSION, order))["body"]
        form = {name: str(value) for name, value in theirs.items() if name != "variety"}
        assert SAME.found({"body": form}, {"body": body}) == {}


def test_recordings_hold_no_secret() -> None:
    """The checksum's secret is made up, and stands nowhere itself."""
    text = json.dumps(RECORDED)
    assert CREDENTIALS["api_secret"] not in text
    SAME.check_headers(
        {"authorization": f"token {CREDENTIALS['api_key']}:{CREDENTIALS['access_token']}"}
    )


@pytest.mark.official
def test_recordings_are_what_the_official_client_sends() -> None:
    RECORDING.check_fresh()
