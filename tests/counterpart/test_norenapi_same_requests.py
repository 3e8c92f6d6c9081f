"""For the same intent openbroker sends the request that the Noren system's own clients send.

As :mod:`test_same_requests`, in both dialects: Flattrade's requests are held to NorenRestApiPy's,
whose token is in the body, the other members' to NorenRestApiOAuth's, whose token is in a header.
Shoonya asks for candles with the token in the body, so there it is held to the former.
(:mod:`record_norenapi` writes both; the adapter's flows are asked for theirs by hand.)
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote_plus

import attrs
import httpx
import pytest
from comparing import SPELLING, WINDOW, Comparison, order_request, prices_of, request_of
from norenapi_calls import (
    CHARTED,
    CODE,
    CONVERTED,
    CREDENTIALS,
    DAILY,
    INTERVALS,
    NEWER_READS,
    ORDER_ID,
    QUOTED,
    READS,
    TOKEN,
    UID,
)
from norenapi_intents import (
    CHANGINGS,
    CRUDE_FUTURE,
    DOLLAR_CALL,
    DOLLAR_FUTURE,
    GOLD_FUND,
    INFY,
    INFY_BSE,
    MAHINDRA,
    MAHINDRA_FUTURE,
    NIFTY_CALL,
    NIFTY_FUTURE,
    PLACINGS,
    SBIN,
    SENSEX_PUT,
    SHARE_CALL,
    Listing,
    by_name,
    order_params,
)
from record_norenapi import NORENAPI, NORENAPIOAUTH, RECORDINGS, noren_request
from recording import Recording, Said, read_recorded

from openbroker.adapters.base import OPERATIONS
from openbroker.adapters.noren import FLATTRADE, SHOONYA, TRADESMART, ZEBU
from openbroker.adapters.noren_system import Noren
from openbroker.adapters.noren_tables import WIRE
from openbroker.errors import Unsupported
from openbroker.schemas import (
    Instrument,
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
from openbroker.testing.cases import instrument_of
from openbroker.transport.messages import Flow

MEMBERS: Mapping[str, Noren] = {
    member.name: member for member in (FLATTRADE, SHOONYA, ZEBU, TRADESMART)
}

FIELDS = (
    "uid", "actid", "exch", "tsym", "token", "trantype", "qty", "dscqty", "prc", "trgprc", "prctyp",
    "prd", "prevprd", "ret", "postype", "amo", "remarks", "blprc", "bpprc", "trailprc",
    "norenordno", "st", "et", "intrv", "sym", "from", "to", "code", "checksum",
)  # fmt: skip
ESSENTIAL = frozenset({
    "method", "path", "headers.authorization", "body.jKey",
    *(f"body.jData.{name}" for name in FIELDS),
})  # fmt: skip
"""What no row of :data:`DIFFERENCES` may touch."""

DIFFERENCES: Mapping[tuple[str, str], str] = {
    ("every", "headers.content-type"): "NorenRestApiPy names none or JSON, NorenRestApiOAuth JSON; "
    "the members' pages name text/plain, which it is. The system does not look",
    ("modify_order", "body.jData.ret"): "the official clients leave the validity to the system; "
    "the members' pages require it, and it is the order's own",
    ("modify_order", "body.jData.prc" + SPELLING): "the book's spelling of a price that stays",
    ("modify_order", "body.jData.trgprc" + SPELLING): "likewise of a trigger",
    ("orders", "body.jData.ordersource"): "the official clients say where a read comes from, too; "
    "the members' pages have it for changes alone",
    ("order_history", "body.jData.ordersource"): "likewise",
    ("trades", "body.jData.ordersource"): "likewise",
    ("history", "body.jData.ordersource"): "likewise",
    ("logout", "body.jData.ordersource"): "likewise",
    ("place_order", "body.jData.prc" + SPELLING): "the official clients write what their user "
    "types, 9450.0 for a float; the members' pages and openbroker have 9450",
    ("place_order", "body.jData.trgprc" + SPELLING): "likewise",
    ("raw", "body.jData.uid"): "the official clients' calculators of span and greeks name the "
    "account alone; openbroker names the user in every call, as the pages have it of the others",
}

NOT_GIVEN: Mapping[str, str | None] = {
    "trgprc": "None", "remarks": None, "algo_id": None, "amo": "NO",
}  # fmt: skip
"""What the official clients' ``place_order`` writes where its user gives nothing: Python's None, as
text or as JSON's null, and NorenRestApiPy's word for no after-market order, which the members'
pages want left out."""

REFUSED = {
    ("shoonya", "on margin"), ("zebu", "on margin"), ("zebu", "bracket"),
    ("zebu", "bracket that trails"), ("zebu", "bracket in an option, to the paisa"),
}  # fmt: skip
"""Orders whose product the member's documentation does not have."""

SESSION = Session(
    broker="any",
    account=UID,
    tokens={"token": Secret(TOKEN)},
    created_at=dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC),
)
INDEX = instrument_of({
    "exchange": "NSE_INDEX", "symbol": "NSE_INDEX:NIFTY", "type": "INDEX", "token": "26000",
    "broker_symbol": "NIFTY INDEX",
})  # fmt: skip


def instrument(where: Listing) -> Instrument:
    named = {"exchange": where.exch, "symbol": where.symbol, "token": where.token}
    return instrument_of(
        named | {"broker_symbol": where.tsym, "lot_size": where.lot} | dict(where.facts)
    )


def asked(where: Listing, **ours: Any) -> OrderRequest:
    return order_request(instrument(where), capacity=Noren.tag.capacity, **ours)


def live_order(name: str) -> Order:
    """The order's row in the book, which writes prices with all their decimals."""
    placing = by_name(name)
    theirs, where = placing.theirs, placing.where
    figures = {"prc": theirs["price"], "trgprc": theirs.get("trigger_price")}
    row = {
        "norenordno": ORDER_ID,
        "status": "OPEN",
        "exch": where.exch,
        "tsym": where.tsym,
        "token": where.token,
        "trantype": theirs["buy_or_sell"],
        "prd": theirs["product_type"],
        "prctyp": theirs["price_type"],
        "ret": theirs.get("retention", "DAY"),
        "qty": str(theirs["quantity"]),
    } | {key: f"{figure:.4f}" for key, figure in figures.items() if figure is not None}
    return attrs.evolve(WIRE.load(row, Order), instrument=instrument(where))


def _place(member: Noren, name: str) -> Flow[Any]:
    placing = by_name(name)
    return member.place_order(SESSION, asked(placing.where, **placing.ours))


def _modify(member: Noren, name: str) -> Flow[Any]:
    change = {change.name: change for change in CHANGINGS}[name]
    return member.modify_order(SESSION, live_order(name), OrderChange(**change.ours))


HELD: Mapping[str, tuple[Listing, Mapping[str, str], Product, int]] = {
    "bought today": (MAHINDRA, {"netqty": "6"}, Product.CNC, 4),
    "carried short": (NIFTY_CALL, {"netqty": "-150", "cfsellqty": "150"}, Product.MIS, 75),
    "delivery to the day": (INFY_BSE, {"netqty": "3"}, Product.MIS, 3),
    "sold short today, carried": (SENSEX_PUT, {"netqty": "-40"}, Product.NRML, 20),
    "ampersand in a future": (
        MAHINDRA_FUTURE, {"netqty": "400", "cfbuyqty": "200"}, Product.MIS, 200),
    "currency, counted in lots": (DOLLAR_FUTURE, {"netqty": "3"}, Product.NRML, 2000),
    "commodity": (CRUDE_FUTURE, {"netqty": "-100", "cfsellqty": "100"}, Product.MIS, 100),
}  # fmt: skip
"""The position, what its row tells of quantities, what it is converted to and how many units."""


def _convert(member: Noren, name: str) -> Flow[Any]:
    where, row, product, units = HELD[name]
    whole = {"exch": where.exch, "tsym": where.tsym, "cfbuyqty": "0", "cfsellqty": "0",
             "prd": CONVERTED[name]["previous_product_type"]}  # fmt: skip
    position = attrs.evolve(WIRE.load(whole | dict(row), Position), instrument=instrument(where))
    return member.convert_position(SESSION, position, product, units)


def _quotes(member: Noren, name: str) -> Flow[Any]:
    where = {one.symbol: one for one in QUOTED}[name]
    return member.quotes(SESSION, [instrument(where)], QuoteMode.FULL)


LENGTHS: Mapping[str, str] = dict(
    zip(INTERVALS, ("1m", "3m", "5m", "10m", "15m", "30m", "1h"), strict=True)
)


def _history(member: Noren, name: str) -> Flow[Any]:
    if name in LENGTHS:
        return member.history(SESSION, instrument(INFY), Interval(LENGTHS[name]), WINDOW)
    listed = (INFY, MAHINDRA, INFY_BSE, NIFTY_FUTURE, SHARE_CALL, CRUDE_FUTURE, *CHARTED)
    known = {one.symbol: instrument(one) for one in listed} | {INDEX.symbol: INDEX}
    minutes, _, symbol = name.partition(" ")
    if symbol:
        return member.history(SESSION, known[symbol], Interval(LENGTHS[minutes]), WINDOW)
    return member.history(SESSION, known[name], Interval.D1, WINDOW)


def _raw(member: Noren, name: str) -> Flow[Any]:
    path, fields, *_ = {**READS, **NEWER_READS}[name]
    return member.raw(SESSION, "POST", f"/{path}", fields)


def _login(member: Noren, _: str) -> Flow[Any]:
    given = {**CREDENTIALS, "client_code": UID, "code": CODE}
    return member.login({name: Secret(word) for name, word in given.items()})


OURS: Mapping[str, Callable[[Noren, str], Flow[Any]]] = {
    "login": _login,
    "logout": lambda member, _: member.logout(SESSION),
    "funds": lambda member, _: member.funds(SESSION),
    "place_order": _place,
    "modify_order": _modify,
    "cancel_order": lambda member, name: member.cancel_order(
        SESSION, OrderRef.of(live_order(name))
    ),
    "orders": lambda member, _: member.orders(SESSION),
    "order_history": lambda member, _: member.order_history(SESSION, ORDER_ID),
    "trades": lambda member, _: member.trades(SESSION),
    "positions": lambda member, _: member.positions(SESSION),
    "holdings": lambda member, _: member.holdings(SESSION),
    "convert_position": _convert,
    "quotes": _quotes,
    "history": _history,
    "raw": _raw,
}
"""For each operation how openbroker is asked for the case of that name."""

NOT_THEIRS = {
    "profile", "margin", "master", "place_gtt", "modify_gtt", "cancel_gtt", "gtt", "gtts",
    "renew",
}  # fmt: skip
"""What the official clients have no call for; a single order is found in the book."""


RECORDED = {one.counterpart.name: read_recorded(one.counterpart.name) for one in RECORDINGS}


def held_to(member: str, operation: str) -> str:
    """Whose requests a member's are compared with."""
    by_key = member == "flattrade" or (member, operation) == ("shoonya", "history")
    return NORENAPI.name if by_key else NORENAPIOAUTH.name


def given(operation: str, request: Mapping[str, Any]) -> Said:
    """The official client's request without what its user has not given."""
    body = request["body"]
    fields = body["jData"].items()
    if operation == "place_order":
        fields = [pair for pair in fields if pair not in NOT_GIVEN.items()]
    return {**request, "body": {**body, "jData": dict(fields)}}


def as_given(operation: str, _: str, theirs: Said, ours: Said) -> tuple[Said, Said]:
    return given(operation, theirs), ours


def placed_by(member: str, operation: str) -> list[dict[str, Any]]:
    """The recorded cases, without the orders that the member does not take."""
    cases = RECORDED[held_to(member, operation)].get(operation, [])
    refused = {name for one, name in REFUSED if (one, operation) == (member, "place_order")}
    return [case for case in cases if case["name"] not in refused]


def below(root: str, request: httpx.Request) -> Said:
    """The request as data; every member has the system under a path of its own."""
    told = noren_request(request)
    return told | {"path": told["path"].removeprefix(root)}


SAMES: Mapping[str, Comparison] = {
    name: Comparison(
        recorded={operation: placed_by(name, operation) for operation in OURS},
        ours={operation: partial(ask, member) for operation, ask in OURS.items()},
        told=partial(below, member.root),
        table=DIFFERENCES,
        tag="body.jData.remarks",
        both=as_given,
    )
    for name, member in MEMBERS.items()
}
CASES = [(name, *each) for name, same in SAMES.items() for each in same.cases()]
NAMED = pytest.mark.parametrize(
    ("member", "operation", "case"), CASES, ids=lambda part: part["name"] if isinstance(part, dict)
    else part,
)  # fmt: skip


@NAMED
def test_requests_are_the_same(member: str, operation: str, case: Mapping[str, Any]) -> None:
    SAMES[member].check(operation, case)


@pytest.mark.parametrize(("member", "name"), sorted(REFUSED))
def test_products_that_a_member_does_not_have_are_refused(member: str, name: str) -> None:
    with pytest.raises(Unsupported, match="documentation has no"):
        next(_place(MEMBERS[member], name))


@pytest.mark.parametrize("member", MEMBERS)
def test_a_change_says_the_validity_that_the_order_has(member: str) -> None:
    for change in CHANGINGS:
        body = SAMES[member].said(_modify(MEMBERS[member], change.name))["body"]["jData"]
        assert body["ret"] == by_name(change.name).theirs.get("retention", "DAY")


@pytest.mark.parametrize("member", MEMBERS)
def test_every_call_names_the_user(member: str) -> None:
    for name in {**READS, **NEWER_READS}:
        assert SAMES[member].said(_raw(MEMBERS[member], name))["body"]["jData"]["uid"] == UID


def test_every_difference_is_needed_and_harmless() -> None:
    assert not set.intersection(*(same.unused() for same in SAMES.values()))
    assert SAMES["zebu"].touched(ESSENTIAL) == {
        ("modify_order", "body.jData.ret"),  # never another: test_a_change_says_the_validity
        ("raw", "body.jData.uid"),  # never another: test_every_call_names_the_user
    }


@pytest.mark.parametrize("member", MEMBERS)
def test_what_the_adapter_offers_is_compared(member: str) -> None:
    sides = {held_to(member, operation) for operation in OURS}
    recorded = {operation for side in sides for operation in RECORDED[side]}
    offered = set(filter(MEMBERS[member].offers, OPERATIONS)) - {"order"}
    own_login = {"login"} if member == "flattrade" else set()
    assert recorded | own_login == set(OURS)
    assert offered - (recorded - {"order_history"}) == own_login | (offered & NOT_THEIRS)


@pytest.mark.parametrize("member", MEMBERS)
def test_every_call_of_a_session_is_counted(member: str) -> None:
    """As the system counts it, whatever it is about."""
    counted = {bucket for limit in MEMBERS[member].limits for bucket in limit.members}
    asked_for = {
        request_of(OURS[operation](MEMBERS[member], case["name"])).bucket
        for operation, case in SAMES[member].cases()
    }
    assert asked_for - counted == asked_for & {"login"}


def test_flattrades_own_login_is_its_token_generators() -> None:
    """By token_generator/gettoken.py of Flattrade's client (flattrade/pythonAPI, 6ae0947), which is
    a page of its own: it cannot be asked as the others are."""
    key, secret = CREDENTIALS["api_key"], CREDENTIALS["api_secret"]
    proof = hashlib.sha256(f"{key}{CODE}{secret}".encode()).hexdigest()
    request = request_of(_login(FLATTRADE, ""))
    assert (request.method, request.url) == ("POST", "https://authapi.flattrade.in/trade/apitoken")
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.content) == {
        "api_key": key, "request_code": CODE, "api_secret": proof,
    }  # fmt: skip
    page = FLATTRADE.login_url({"api_key": Secret(key)})
    assert page == f"https://auth.flattrade.in/?app_key={key}"


def test_flattrades_host_is_its_clients() -> None:
    """The ``host`` of api_helper.py and of the wheel there."""
    root = "https://piconnect.flattrade.in/PiConnectAPI/"
    for operation, case in SAMES["flattrade"].cases():
        if operation != "login":
            request = request_of(OURS[operation](FLATTRADE, case["name"]))
            assert request.url.startswith(root)


# -- every combination, by the clients' own rule

SEGMENTS: Mapping[str, tuple[Listing, tuple[str, ...], str, str]] = {
    "NSE": (SBIN, ("MIS", "CNC", "MTF"), "800.05", "801.5"),
    "ampersand": (MAHINDRA, ("MIS", "CNC"), "3600", "3600.05"),
    "ampersand future": (MAHINDRA_FUTURE, ("MIS", "NRML"), "3600", "3600.05"),
    "fund": (GOLD_FUND, ("MIS", "CNC", "MTF"), "57.63", "57.64"),
    "half a strike": (SHARE_CALL, ("MIS", "NRML"), "1.35", "2"),
    "BSE": (INFY_BSE, ("MIS", "CNC"), "1500", "1500.05"),
    "NFO future": (NIFTY_FUTURE, ("MIS", "NRML"), "26000.1", "26010"),
    "NFO option": (NIFTY_CALL, ("MIS", "NRML"), "150.05", "151"),
    "BFO": (SENSEX_PUT, ("MIS", "NRML"), "68.05", "70"),
    "MCX": (CRUDE_FUTURE, ("MIS", "NRML"), "5500", "5510"),
    "CDS": (DOLLAR_FUTURE, ("MIS", "NRML"), "88.5", "88.5025"),
    "CDS option": (DOLLAR_CALL, ("MIS", "NRML"), "0.2475", "0.25"),
}
"""A contract of the segment, its products, and two prices on its tick, the lower first."""
LETTERS = {"CNC": "C", "MIS": "I", "NRML": "M", "MTF": "F"}
TYPES = {"LIMIT": "LMT", "SL": "SL-LMT"}


def by_their_rule(params: Mapping[str, Any]) -> dict[str, Any]:
    """What the official clients' ``place_order`` makes of its arguments, where they are given."""
    body = {
        "ordersource": "API",
        "uid": UID,
        "actid": UID,
        "trantype": params["buy_or_sell"],
        "prd": params["product_type"],
        "exch": params["exchange"],
        "tsym": quote_plus(params["tradingsymbol"]),
        "qty": str(params["quantity"]),
        "dscqty": str(params["discloseqty"]),
        "prctyp": params["price_type"],
        "prc": str(params["price"]),
        "ret": params["retention"],
    }
    trigger, late = params.get("trigger_price"), params.get("amo")
    body |= {} if late is None else {"amo": late}
    return body if trigger is None else body | {"trgprc": str(trigger)}


def test_their_rule_is_the_recorded_one() -> None:
    plain = [placing for placing in PLACINGS if "book" not in str(placing.theirs)]
    recorded = {case["name"]: case["request"] for case in RECORDED["norenapi"]["place_order"]}
    for placing in plain:
        told = given("place_order", recorded[placing.name])["body"]["jData"]
        rest = {key: told[key] for key in ("remarks",) if key in told}
        assert told == by_their_rule({"retention": "DAY"} | dict(placing.theirs)) | rest


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize("side", ["BUY", "SELL"])
@pytest.mark.parametrize("late", [False, True], ids=["at once", "after market"])
def test_every_combination(member: str, segment: str, side: str, late: bool) -> None:
    where, products, low, high = SEGMENTS[segment]
    prices = {kind: prices_of(kind, side, low, high) for kind in TYPES}
    validities = ("DAY",) if segment == "MCX" else ("DAY", "IOC")
    for kind, product, validity, shown in itertools.product(
        TYPES, products, validities, (None, 2)
    ):  # fmt: skip
        disclosed = None if shown is None else shown * where.lot
        order = asked(
            where, side=side, quantity=3 * where.lot, order_type=kind, product=product,
            validity=validity, disclosed_quantity=disclosed, after_market=late, **prices[kind],
        )  # fmt: skip
        flow = MEMBERS[member].place_order(SESSION, order)
        if product == "MTF" and (member, "on margin") in REFUSED:
            with pytest.raises(Unsupported):
                next(flow)
            continue
        theirs = order_params(
            where, side[0], where.counted(3 * where.lot), LETTERS[product],
            price_type=TYPES[kind], retention=validity,
            discloseqty=where.counted(disclosed or 0), amo="Yes" if late else None, **prices[kind],
        )  # fmt: skip
        body = SAMES[member].said(flow)["body"]
        assert SAMES[member].found({"body": {"jData": by_their_rule(theirs)}}, {"body": {
            "jData": body["jData"]}}) == {}  # fmt: skip


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("kind", ["MARKET", "SL-M"])
def test_orders_without_a_price_are_refused(member: str, kind: str) -> None:
    """The official clients would send them, and the members refuse them since 2026-04-01."""
    prices = {"trigger_price": "840"} if kind == "SL-M" else {}
    order = asked(SBIN, side="BUY", quantity=1, order_type=kind, product="MIS", **prices)
    with pytest.raises(Unsupported, match="since 2026-04-01"):
        next(MEMBERS[member].place_order(SESSION, order))


# -- the body


@pytest.mark.parametrize("member", MEMBERS)
def test_the_system_cuts_the_body_where_it_should(member: str) -> None:
    """At every ``&``: there is one before the key, and none in the JSON, whatever the symbol."""
    flows = [_place(MEMBERS[member], "ampersand"), _modify(MEMBERS[member], "ampersand"),
             _convert(MEMBERS[member], "bought today"),
             _history(MEMBERS[member], "NSE:M&M")]  # fmt: skip
    for flow in flows:
        request = request_of(flow)
        parts = request.content.decode().split("&")
        by_key = member == "flattrade" or (member == "shoonya" and "EOD" in request.url)
        assert len(parts) == 1 + by_key
        assert json.loads(parts[0].removeprefix("jData="))


def test_the_official_clients_encode_the_symbols_that_they_trade() -> None:
    """Not those of daily candles, whose ``&`` would cut their body; ours is escaped."""
    for recorded in RECORDED.values():
        symbols = {case["name"]: case["request"]["body"]["jData"].get("tsym")
                   for case in recorded["place_order"]}  # fmt: skip
        assert symbols["ampersand"] == "M%26M-EQ"
        daily = {case["name"]: case["request"]["body"]["jData"].get("sym")
                 for case in recorded["history"]}  # fmt: skip
        assert {name: daily[name] for name in DAILY} == {
            name: ":".join(named) for name, named in DAILY.items()
        }


def token_of(request: Mapping[str, Any]) -> Any:
    by_header = request.get("headers", {}).get("authorization")
    return request["body"].get("jKey", by_header)


def test_recordings_hold_no_secret() -> None:
    """The checksum's secret is made up, and stands nowhere itself."""
    text = json.dumps(RECORDED)
    assert CREDENTIALS["api_secret"] not in text
    requests = [case["request"] for side in RECORDED.values() for cases in side.values()
                for case in cases]  # fmt: skip
    assert {token_of(r) for r in requests} == {TOKEN, f"Bearer {TOKEN}", None}
    (login,) = RECORDED["norenapioauth"]["login"]
    assert [r for r in requests if token_of(r) is None] == [login["request"]]


@pytest.mark.official
@pytest.mark.recorded
@pytest.mark.parametrize(
    "recording", RECORDINGS, ids=[recording.counterpart.name for recording in RECORDINGS]
)
def test_recordings_are_what_the_official_client_sends(recording: Recording) -> None:
    recording.check_fresh()
