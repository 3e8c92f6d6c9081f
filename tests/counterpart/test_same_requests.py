"""For the same intent openbroker sends the request that the official client sends.

The official client's requests are kept in ``recorded/smartapi/`` (:mod:`record_smartapi` writes
them); the adapter's flows are asked for theirs by hand, without a wire.  Method, path, query, the
documented headers and the parsed body are compared value by value, types included.  What may differ
stands in :data:`DIFFERENCES`, each with its reason; a row of it that no case shows is an error too.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import attrs
import pytest
from comparing import (
    SPELLING,
    WINDOW,
    Asked,
    Comparison,
    combinations,
    differences,
    order_request,
    zeros_unsaid,
)
from intents import (
    CRUDE_FUTURE,
    DOLLAR_FUTURE,
    INFY_BSE,
    NIFTY_CALL,
    NIFTY_FUTURE,
    SBIN,
    SENSEX_FUTURE,
    TCS,
    Listing,
    order_params,
)
from record_smartapi import RECORDING, our_request
from recorded_calls import (
    CALLS,
    CONVERTED,
    CREDENTIALS,
    ORDER_ID,
    RULE,
    RULE_ID,
    TOKENS,
    UNIQUE_ID,
)
from recording import read_recorded
from sandboxes import DAY
from smartapi_further import (
    ALL_CHANGES,
    ALL_PLACINGS,
    BHARTI_BSE,
    DOLLAR_CALL,
    FURTHER_CONVERTED,
    GAS_FUTURE,
    HALF_STRIKE,
    LISTED,
    MAHINDRA,
    MANY,
    PLACED,
    SENSEX_PUT,
    SPANS,
)

from openbroker.adapters.angelone import ANGELONE
from openbroker.adapters.angelone_tables import WIRE
from openbroker.adapters.base import OPERATIONS
from openbroker.adapters.wire import read_json
from openbroker.errors import Unsupported
from openbroker.orders.tags import new_wire_tag
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
    "body.exchange", "body.tradingsymbol", "body.symboltoken", "body.transactiontype",
    "body.quantity", "body.qty", "body.price", "body.triggerprice", "body.ordertype",
    "body.producttype", "body.duration", "body.variety", "body.orderid", "body.disclosedquantity",
    "body.disclosedqty", "body.ordertag", "method", "headers.authorization",
    "headers.x-privatekey", "headers.x-usertype", "headers.x-sourceid", "headers.content-type",
})  # fmt: skip
"""What no row of :data:`DIFFERENCES` may touch."""

DIFFERENCES: Mapping[tuple[str, str], str] = {
    ("every", "headers.x-clientpublicip"): "asked for, not checked; the official client sends a "
    "constant of its own, openbroker looks up no address",
    ("every", "headers.x-macaddress"): "asked for, not checked; openbroker does not tell the "
    "machine's",
    ("every GET", "query"): "the official client puts the JSON of its parameters, usually {}, "
    "behind every GET; the documentation has no such query",
    ("place_order", "body.squareoff"): "of bracket orders only (Orders); the official client's "
    "samples send 0 with every order",
    ("place_order", "body.stoploss"): "likewise",
    **{
        ("place_order", f"body.{name}{SPELLING}"): "the documentation (Orders) writes texts and "
        "openbroker the shortest; the official client passes on what it is given, 790.5 and 800.00"
        for name in ("price", "quantity", "triggerprice")
    },
    **{
        ("gtts", f"body.{name}"): "the official client's samples ask for FORALL, ten a page; "
        "openbroker names the states, for FORALL has been refused of accounts with many rules "
        "(AB1004, the vendor's forum), and asks for more at once"
        for name in ("status.0", "status.1", "status.2", "status.3", "count")
    },
    ("modify_gtt", "body.timeperiod"): "may be stated again; openbroker changes no rule's term",
    ("renew", "body.jwtToken"): "the official client's renewAccessToken repeats the token, which "
    "stands in a header; its generateToken and the documentation (User) do not",
    **{
        (operation, f"body.{name}{SPELLING}"): "the documentation (GTT) writes texts, the official "
        "client's samples numbers; the broker takes both"
        for operation, names in {
            "place_gtt": ("price", "qty", "triggerprice", "disclosedqty", "timeperiod"),
            "modify_gtt": ("id", "price", "qty", "triggerprice", "disclosedqty"),
            "cancel_gtt": ("id",),
            "gtt": ("id",),
        }.items()
        for name in names
    },
    **{
        (operation, "path"): "the official Python and Java clients put /gtt-service before it, "
        "the documentation and the official JavaScript client do not; the setting gtt_prefix has it"
        for operation in ("place_gtt", "modify_gtt", "cancel_gtt")
    },
}


# -- openbroker's side

SESSION = Session(
    broker="angelone",
    account=CREDENTIALS["client_code"],
    tokens={
        "jwt": Secret(TOKENS["jwtToken"]),
        "refresh": Secret(TOKENS["refreshToken"]),
        "feed": Secret(TOKENS["feedToken"]),
        "api_key": Secret(CREDENTIALS["api_key"]),
    },
    created_at=dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC),
)
MARKET = Sandbox(today=DAY, time_scale=0).exchange.market


def instrument(symbol: str) -> Any:
    found = LISTED.get(symbol) or MARKET.symbol(symbol)
    assert found is not None, symbol
    return found


def asked(where: Listing, **ours: Any) -> OrderRequest:
    return order_request(instrument(where.symbol), capacity=ANGELONE.tag.capacity, **ours)


def live_order(params: Mapping[str, str]) -> Order:
    """The order's row in the book."""
    row = {
        "orderid": ORDER_ID, "uniqueorderid": UNIQUE_ID, "orderstatus": "open",
        "triggerprice": "0",
    }  # fmt: skip
    return WIRE.load(row | dict(params), Order)


def _place(name: str) -> Flow[Any]:
    placing = PLACED[name.partition(", whole")[0]]
    return ANGELONE.place_order(SESSION, asked(placing.where, **placing.ours))


def _modify(name: str) -> Flow[Any]:
    change = {change.name: change for change in ALL_CHANGES}[name]
    order = live_order(PLACED[name].theirs)
    return ANGELONE.modify_order(SESSION, order, OrderChange(**change.ours))


def _cancel(name: str) -> Flow[Any]:
    return ANGELONE.cancel_order(SESSION, OrderRef.of(live_order(PLACED[name].theirs)))


def _order(_: str) -> Flow[Any]:
    ref = OrderRef(order_id=ORDER_ID, handle={"uniqueorderid": UNIQUE_ID})
    return ANGELONE.order(SESSION, ref)


def _quotes(name: str) -> Flow[Any]:
    mode, _, many = name.partition(" ")
    if many:
        every = {(one.venue, one.token): one for one in LISTED.values()}
        asked_for = [every[venue, token] for venue, tokens in MANY.items() for token in tokens]
        return ANGELONE.quotes(SESSION, asked_for, QuoteMode(mode))
    symbols = (
        "NSE:SBIN", "NSE_INDEX:NIFTY", NIFTY_CALL.symbol, INFY_BSE.symbol, CRUDE_FUTURE.symbol,
    )  # fmt: skip
    return ANGELONE.quotes(SESSION, [instrument(symbol) for symbol in symbols], QuoteMode(mode))


def _interval(word: str) -> Interval:
    words = {
        "ONE_MINUTE": "1m", "THREE_MINUTE": "3m", "FIVE_MINUTE": "5m", "TEN_MINUTE": "10m",
        "FIFTEEN_MINUTE": "15m", "THIRTY_MINUTE": "30m", "ONE_HOUR": "1h", "ONE_DAY": "1d",
    }  # fmt: skip
    return Interval(words[word])


def _span(name: str) -> tuple[Any, Interval, Window]:
    where, word, *ends = SPANS[name]
    start, end = (dt.datetime.fromisoformat(text).replace(tzinfo=INDIA) for text in ends)
    return instrument(where.symbol), _interval(word), Window(start=start, end=end)


def _history(interval: str) -> Flow[Any]:
    if interval in SPANS:
        return ANGELONE.history(SESSION, *_span(interval))
    return ANGELONE.history(SESSION, instrument(SBIN.symbol), _interval(interval), WINDOW)


def _open_interest(interval: str) -> Flow[Any]:
    if interval in SPANS:
        return ANGELONE.open_interest(SESSION, *_span(interval))
    future = instrument(NIFTY_FUTURE.symbol)
    return ANGELONE.open_interest(SESSION, future, _interval(interval), WINDOW)


OUR_RULES: Mapping[str, tuple[Listing, Mapping[str, Any]]] = {
    "": (SBIN, {"side": "BUY", "quantity": 10, "price": 780, "trigger_price": "785.5",
                "product": "CNC", "valid_days": 365}),
    "sale on BSE": (BHARTI_BSE, {"side": "SELL", "quantity": 4, "price": "1649.95",
                                 "trigger_price": 1650, "product": "CNC"}),
    "on margin, twenty days": (MAHINDRA, {"side": "BUY", "quantity": 2, "price": "3500.1",
                                          "trigger_price": 3501, "product": "MTF",
                                          "valid_days": 20}),
    "partly disclosed": (SBIN, {"side": "BUY", "quantity": 100, "price": 780,
                                "trigger_price": 785, "product": "CNC",
                                "disclosed_quantity": 20}),
}  # fmt: skip


def _place_gtt(name: str) -> Flow[Any]:
    where, ours = OUR_RULES[name]
    rule = GttRequest(symbol=where.symbol, **ours)
    return ANGELONE.place_gtt(SESSION, rule.on(instrument(where.symbol)))


def rule_in_the_list() -> Gtt:
    row = json.dumps({**RULE, "id": RULE_ID, "status": "NEW"})
    return WIRE.load(read_json(row.encode()), Gtt)


OUR_RULE_CHANGES: Mapping[str, Mapping[str, Any]] = {
    "": {"price": "781.5", "quantity": 12, "trigger_price": 786},
    "trigger alone": {"trigger_price": "790.05"},
    "disclosed alone": {"disclosed_quantity": 5},
    "the term again": {"price": 779},
}


def _modify_gtt(name: str) -> Flow[Any]:
    change = GttChange(**OUR_RULE_CHANGES[name])
    return ANGELONE.modify_gtt(SESSION, rule_in_the_list(), change)


OUR_CONVERSIONS: Mapping[str, tuple[str, str, int]] = {
    "": ("6", "CNC", 4),
    "delivery into intraday": ("3", "MIS", 3),
    "intraday into margin": ("1", "MTF", 1),
    "a short carried": ("-150", "NRML", 150),
    "commodity": ("200", "MIS", 200),
}
"""What the position's row tells as its net quantity, the new product, and how many units."""


def _convert(name: str) -> Flow[Any]:
    net, product, quantity = OUR_CONVERSIONS[name]
    told = FURTHER_CONVERTED[name] if name else CONVERTED
    row = {**told, "producttype": told["oldproducttype"], "netqty": net}
    for key in ("oldproducttype", "newproducttype", "transactiontype", "quantity", "type"):
        del row[key]
    return ANGELONE.convert_position(SESSION, WIRE.load(row, Position), Product(product), quantity)


def _limit(where: Listing, side: str, quantity: int, product: str, price: Any) -> OrderRequest:
    return asked(
        where, side=side, quantity=quantity, product=product, price=price, order_type="LIMIT"
    )


def _spread() -> list[OrderRequest]:
    waits = {"order_type": "SL", "price": "410.1", "trigger_price": "410.2", "product": "NRML"}
    now = {"order_type": "MARKET", "product": "MIS"}
    return [
        _limit(HALF_STRIKE, "SELL", 5500, "NRML", "2.05"),
        asked(SENSEX_PUT, side="BUY", quantity=20, **now),
        asked(GAS_FUTURE, side="SELL", quantity=1250, **waits),
        _limit(DOLLAR_CALL, "BUY", 3000, "NRML", "0.3025"),
    ]


def _margin(name: str) -> Flow[Any]:
    if name:
        orders = [_limit(SBIN, "BUY", 1, "MIS", "800.05")] if name == "one share" else _spread()
        return ANGELONE.margin(SESSION, orders)
    short = asked(NIFTY_FUTURE, side="SELL", quantity=75, order_type="MARKET", product="NRML")
    long = asked(NIFTY_CALL, side="BUY", quantity=75, order_type="LIMIT", product="NRML", price=190)
    return ANGELONE.margin(SESSION, [short, long])


def _charges(name: str) -> Flow[Any]:
    if name:
        orders = [
            _limit(SBIN, "SELL", 5, "MIS", "801.05"),
            _limit(HALF_STRIKE, "SELL", 5500, "NRML", "2.05"),
            _limit(GAS_FUTURE, "BUY", 2500, "NRML", "412.3"),
        ]
        return ANGELONE.charges(SESSION, orders)
    order = asked(SBIN, side="BUY", quantity=10, order_type="LIMIT", product="CNC", price=800)
    return ANGELONE.charges(SESSION, [order])


def _login(_: str) -> Flow[Any]:
    words = {name: CREDENTIALS[name] for name in ("api_key", "client_code", "pin")}
    return ANGELONE.login({n: Secret(w) for n, w in words.items()} | {"totp": Secret("123456")})


OURS: Mapping[str, Callable[[str], Asked]] = {
    "login": _login,
    "renew": lambda _: ANGELONE.renew(SESSION),
    "logout": lambda _: ANGELONE.logout(SESSION),
    "profile": lambda _: ANGELONE.profile(SESSION),
    "funds": lambda _: ANGELONE.funds(SESSION),
    "place_order": _place,
    "modify_order": _modify,
    "cancel_order": _cancel,
    "orders": lambda _: ANGELONE.orders(SESSION),
    "order": _order,
    "trades": lambda _: ANGELONE.trades(SESSION),
    "positions": lambda _: ANGELONE.positions(SESSION),
    "holdings": lambda _: ANGELONE.holdings(SESSION),
    "quotes": _quotes,
    "history": _history,
    "open_interest": _open_interest,
    "place_gtt": _place_gtt,
    "modify_gtt": _modify_gtt,
    "cancel_gtt": lambda _: ANGELONE.cancel_gtt(SESSION, rule_in_the_list()),
    "gtt": lambda _: ANGELONE.gtt(SESSION, str(RULE_ID)),
    "gtts": lambda name: ANGELONE.gtts(SESSION, done=name.startswith("all")),
    "margin": _margin,
    "charges": _charges,
    "convert_position": _convert,
    "last_price": lambda name: ANGELONE.last_price(
        SESSION, instrument(TCS.symbol if name else SBIN.symbol)
    ),
    "search": lambda name: ANGELONE.search(SESSION, *(("BSE", "M&M") if name else ("NSE", "SBIN"))),
    "holdings_total": lambda _: ANGELONE.holdings_total(SESSION),
    "option_greeks": lambda name: ANGELONE.option_greeks(
        SESSION, *(("NIFTY", dt.date(2026, 12, 1)) if name else ("TCS", "2026-11-24"))
    ),
    "movers": lambda kind: ANGELONE.movers(SESSION, kind, "NEXT"),
    "open_interest_build_up": lambda kind: ANGELONE.open_interest_build_up(SESSION, kind, "NEAR"),
    "put_call_ratios": lambda _: ANGELONE.put_call_ratios(SESSION),
    "intraday_leverage": lambda exchange: ANGELONE.intraday_leverage(SESSION, exchange),
}
"""For each operation how openbroker is asked for the case of that name."""


RECORDED = read_recorded("smartapi")
SAME = Comparison(
    recorded=RECORDED,
    ours=OURS,
    told=our_request,
    table=DIFFERENCES,
    both=zeros_unsaid("triggerprice", "disclosedquantity", "trailingStopLoss"),
)
"""Programs state 0 for what an order does not have; the documentation's samples leave it out, as
openbroker does."""


@SAME.each_case
def test_requests_are_the_same(operation: str, case: Mapping[str, Any]) -> None:
    SAME.check(operation, case)


def test_every_difference_is_needed_and_harmless() -> None:
    assert not SAME.unused()
    assert not SAME.touched(ESSENTIAL)


def test_a_difference_would_be_seen() -> None:
    """The comparison itself: values, types, missing and further fields, another label."""
    theirs = {"method": "POST", "body": {"price": "1", "quantity": "2", "ordertag": "mine"}}
    other = {"price": 1, "duration": "DAY", "ordertag": new_wire_tag("yours", capacity=15)}
    found = differences(theirs, {"method": "GET", "body": other})
    assert set(found) == {
        "method", "body.price (spelling)", "body.quantity", "body.duration", "body.ordertag",
    }  # fmt: skip
    same = {"ordertag": new_wire_tag("mine", capacity=15)}
    assert differences({"body": {"ordertag": "mine"}}, {"body": same}) == {}
    unlabelled = {"price": "1", "ordertag": new_wire_tag(None, capacity=15)}
    assert differences({"body": {"price": "1"}}, {"body": unlabelled}) == {}


def test_gtt_paths_are_the_same_by_setting() -> None:
    adapter = attrs.evolve(ANGELONE, gtt_prefix="/gtt-service")
    ours = SAME.said(adapter.cancel_gtt(SESSION, rule_in_the_list()))
    assert ours["path"] == RECORDED["cancel_gtt"][0]["request"]["path"]


def test_what_the_adapter_offers_is_compared() -> None:
    assert set(RECORDED) == set(OURS)
    mine = {"master", "raw", "cautions", "market_limit"}
    assert {*ANGELONE.extras, *filter(ANGELONE.offers, OPERATIONS)} - set(OURS) == mine, (
        "the official client has no call for these (market_limit asks for a quote, which is "
        "compared); whatever else is offered is compared"
    )


# -- every combination, by the client's own rule: placeOrder sends what it is given


def test_the_official_client_sends_orders_as_given() -> None:
    given = {call.name: call.arguments[0] for call in CALLS if call.operation == "place_order"}
    sent = {case["name"]: case["request"]["body"] for case in RECORDED["place_order"]}
    assert sent == given
    assert len(given) == len(ALL_PLACINGS) + 1, "and one by the other method"


WORDS = {"MIS": "INTRADAY", "CNC": "DELIVERY", "MTF": "MARGIN", "NRML": "CARRYFORWARD"}
CASH = ("MIS", "CNC", "MTF")
DERIVATIVE = ("MIS", "NRML")
SEGMENTS: Mapping[str, tuple[Listing, int, tuple[str, ...], str, str]] = {
    "NSE": (SBIN, 1, CASH, "800.05", "801.5"),
    "BSE": (INFY_BSE, 1, CASH, "1500", "1500.05"),
    "NFO future": (NIFTY_FUTURE, 75, DERIVATIVE, "26000.1", "26010"),
    "NFO option": (NIFTY_CALL, 75, DERIVATIVE, "150.05", "151"),
    "BFO future": (SENSEX_FUTURE, 20, DERIVATIVE, "85000", "85100.05"),
    "MCX": (CRUDE_FUTURE, 100, DERIVATIVE, "5500", "5510"),
    "CDS": (DOLLAR_FUTURE, 1000, DERIVATIVE, "89.4025", "89.5"),
}
"""A contract of the segment, its lot, its products, and two prices on its tick, the lower first."""


def _order_type(kind: str, side: str, low: str, high: str) -> tuple[dict[str, str], dict[str, str]]:
    """The words of an order type: ours and theirs."""
    price, trigger = (high, low) if side == "BUY" else (low, high)
    ours, theirs = {
        "MARKET": ({}, {"ordertype": "MARKET"}),
        "LIMIT": ({"price": price}, {"ordertype": "LIMIT", "price": price}),
        "SL": (
            {"price": price, "trigger_price": trigger},
            {"ordertype": "STOPLOSS_LIMIT", "price": price, "triggerprice": trigger},
        ),
        "SL-M": (
            {"trigger_price": trigger},
            {"ordertype": "STOPLOSS_MARKET", "triggerprice": trigger},
        ),
    }[kind]
    stop = {"variety": "STOPLOSS"} if kind.startswith("SL") else {}
    return {"order_type": kind, **ours}, {**theirs, **stop}


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize("side", ["BUY", "SELL"])
@pytest.mark.parametrize("kind", ["MARKET", "LIMIT", "SL", "SL-M"])
def test_every_combination(segment: str, side: str, kind: str) -> None:
    where, lot, products, low, high = SEGMENTS[segment]
    ours_type, theirs_type = _order_type(kind, side, low, high)
    for product, validity, part in combinations(segment, products):
        disclosed = None if part is None else part * lot
        ours = {"side": side, "quantity": 3 * lot, "product": product, "validity": validity}
        more = {} if disclosed is None else {"disclosedquantity": str(disclosed)}
        theirs = order_params(
            where,
            side,
            quantity=str(3 * lot),
            producttype=WORDS[product],
            duration=validity,
            **theirs_type,
            **more,
        )
        order = asked(where, disclosed_quantity=disclosed, **ours, **ours_type)
        if (segment, kind) == ("NFO option", "SL-M"):
            with pytest.raises(Unsupported):
                next(ANGELONE.place_order(SESSION, order))
            continue
        body = SAME.said(ANGELONE.place_order(SESSION, order))["body"]
        found = SAME.found({"body": theirs}, {"body": body})
        assert set(found) <= {"body.squareoff", "body.stoploss"}, found


@pytest.mark.parametrize(
    ("price", "text"),
    [("812.50", "812.5"), (812.5, "812.5"), (Decimal("8.1E+2"), "810"), (800, "800")],
)
def test_prices_are_plain_text(price: Any, text: str) -> None:
    """However the user wrote it, never with an exponent or trailing zeros."""
    order = asked(SBIN, side="BUY", quantity=1, order_type="LIMIT", product="MIS", price=price)
    body = SAME.said(ANGELONE.place_order(SESSION, order))["body"]
    assert (body["price"], body["quantity"]) == (text, "1")


# -- the recordings themselves


def test_recordings_hold_no_secret_and_nothing_of_a_machine() -> None:
    for _, case in SAME.cases():
        headers = case["request"]["headers"]
        assert headers["x-privatekey"] == CREDENTIALS["api_key"]
        assert headers["x-macaddress"] == "<hardware address>"
    SAME.check_headers({"authorization": f"Bearer {TOKENS['jwtToken']}"})


@pytest.mark.official
def test_recordings_are_what_the_official_client_sends() -> None:
    RECORDING.check_fresh()
