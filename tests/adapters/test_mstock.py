"""mStock by the conformance suite, and what golden cases cannot say."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from openbroker import Broker, connect
from openbroker.adapters.base import Credentials
from openbroker.adapters.mstock import MSTOCK
from openbroker.adapters.mstock_tables import CODES, WIRE
from openbroker.errors import MalformedReply, OrderUnknown, Unsupported
from openbroker.schemas import INDIA, Interval, OrderChange, Secret, Session, Window
from openbroker.testing import AdapterConformance, World, load_cases, mock_broker
from openbroker.testing.cases import Case, Replay, Step
from openbroker.testing.operations import outcome_of

CASES = Path(__file__).parents[1] / "cases" / "mstock"
ROOT = "/openapi/typeb"


class TestMStock(AdapterConformance):
    adapter = "mstock"
    cases = CASES


@pytest.fixture
def world() -> World:
    return World.read(CASES, "mstock")


def case_of(name: str) -> Case:
    return {case.name: case for case in load_cases(CASES)}[name]


# -- the cases themselves


def test_every_mapped_code_has_a_case_on_a_read_and_on_an_order() -> None:
    named = {case.name for case in load_cases(CASES)}
    for code in CODES:
        assert f"refusals/{code}_on_a_read" in named
        assert f"refusals/{code}_on_an_order" in named


def test_every_spelled_word_is_in_some_request() -> None:
    sent = "\n".join(
        str(step.request.get("body")) for case in load_cases(CASES) for step in case.exchanges
    )
    tables = {kind.__name__: words for kind, words in WIRE.words.items()}
    for kind in ("Side", "OrderType", "Product", "Validity", "Interval", "Exchange"):
        assert [word for word in tables[kind].values() if f"'{word}'" not in sent] == [], kind


# -- ways to log in


def logged_in(credentials: Credentials, world: World, *steps: Step) -> Session:
    return Replay(steps=steps, world=world).run(MSTOCK.login(credentials))


def keys(world: World, **more: str) -> Credentials:
    names = ("api_key", "client_code")
    known = {name: world.credentials[name] for name in names}
    return known | {name: Secret(text) for name, text in more.items()}


def test_the_code_of_an_sms_goes_with_the_handle_of_its_login(world: World) -> None:
    wanted = {"refreshToken": "handle", "otp": "4711"}
    data = {"jwtToken": "session", "refreshToken": "r", "feedToken": "f", "state": "live"}
    step = Step(
        request={"method": "POST", "path": f"{ROOT}/session/token", "body": wanted},
        reply={"body": {"status": "true", "message": "SUCCESS", "errorcode": "", "data": data}},
    )
    session = logged_in(keys(world, request_token="handle", otp="4711"), world, step)
    assert session.tokens["jwt"].reveal() == "session"


def test_todays_token_is_tried_before_it_is_used(world: World) -> None:
    headers = {"Authorization": "Bearer todays"}
    request = {"method": "GET", "path": f"{ROOT}/user/fundsummary", "headers": headers}
    reply = {"body": {"status": True, "message": "SUCCESS", "errorcode": "", "data": [{}]}}
    step = Step(request=request, reply=reply)
    session = logged_in(keys(world, access_token="todays"), world, step)
    assert session.tokens["jwt"].reveal() == "todays"
    assert session.expires_at == dt.datetime(2026, 11, 21, tzinfo=INDIA)


# -- what the book does not tell


def test_a_row_is_changed_by_the_masters_name_or_by_its_own(world: World) -> None:
    [row] = outcome_of(case_of("orders/full"), MSTOCK, world)
    change = OrderChange(price="1851.5")
    unlisted = next(MSTOCK.modify_order(world.session, row, change))
    assert b'"tradingsymbol":"ACC"' in unlisted.content
    listed = attrs.evolve(row, instrument=world.instruments["NSE:ACC"])
    request = next(MSTOCK.modify_order(world.session, listed, change))
    assert b'"tradingsymbol":"ACC-EQ"' in request.content


class Vendor:
    """A small mStock: it loses the answer to every order, and shows what it is told to show."""

    def __init__(self, *books: list[dict[str, Any]]) -> None:
        self.books = list(books)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path = request.url.path.removeprefix(ROOT)
        if path == "/orders/regular":
            return httpx.Response(502, text="<html>Bad Gateway</html>")
        if path == "/instruments/OpenAPIScripMaster":
            return httpx.Response(200, json=case_of("master/master").exchanges[0].reply["body"])
        if path == "/orders":
            data: Any = self.books.pop(0) if len(self.books) > 1 else self.books[0]
        else:
            data = {"jwtToken": "made-up", "refreshToken": "", "feedToken": ""}
        body = {"status": "true", "message": "SUCCESS", "errorcode": "", "data": data}
        return httpx.Response(200, json=body)

    def headers_of(self, path: str) -> httpx.Headers:
        [request] = [one for one in self.asked if one.url.path == ROOT + path]
        return request.headers


ACCOUNT: dict[str, Any] = {
    "api_key": "k",
    "client_code": "MA6800001",
    "password": "p",
    "totp": "123456",
}
TERMS: dict[str, Any] = {"order_type": "LIMIT", "price": "1850", "product": "MIS"}


def connected(vendor: Vendor) -> Broker:
    http = httpx.MockTransport(vendor)
    return connect("mstock", http=http, settle_time=0.5, resolve_within=1.0, **ACCOUNT)


def now_in_the_book(**fields: Any) -> dict[str, Any]:
    row = dict(case_of("orders/full").exchanges[0].reply["body"]["data"][0])
    now = dt.datetime.now(INDIA).strftime("%Y-%b-%d %H:%M:%S")
    return row | {"updatetime": now, "exchorderupdatetime": now} | fields


def test_a_lost_order_is_found_by_its_other_fields_for_the_book_shows_no_tag() -> None:
    vendor = Vendor([], [now_in_the_book()])
    with connected(vendor) as broker:
        ack = broker.place_order("NSE:ACC", "BUY", 10, tag="algo7", **TERMS)
    assert ack.order_id == now_in_the_book()["orderid"]
    [placed] = [one for one in vendor.asked if one.url.path == f"{ROOT}/orders/regular"]
    assert json.loads(placed.content)["ordertag"].startswith("algo7")


def test_an_order_of_another_price_is_not_taken_for_a_lost_one() -> None:
    with connected(Vendor([now_in_the_book(price="1849")])) as broker:
        with pytest.raises(OrderUnknown) as lost:
            broker.place_order("NSE:ACC", "BUY", 10, **TERMS)
        assert broker.resolve(lost.value, timeout=20).verdict == "ABSENT"


def test_the_instruments_are_asked_for_with_the_session() -> None:
    vendor = Vendor([])
    with connected(vendor) as broker:
        assert broker.instruments.resolve("NSE_INDEX:BANKNIFTY").token == "26009"
        assert broker.instruments.resolve("NSE:ACC").broker_symbol == "ACC-EQ"
    headers = vendor.headers_of("/instruments/OpenAPIScripMaster")
    assert headers["authorization"] == "Bearer made-up"
    assert headers["x-privatekey"] == "k"


# -- prices


def test_candles_that_are_missing_are_no_empty_list(world: World) -> None:
    reply = {"body": {"status": "true", "message": "SUCCESS", "errorcode": "", "data": {}}}
    flow = MSTOCK.history(
        world.session, world.instruments["NSE:ACC"], Interval.M5,
        Window(start=world.now - dt.timedelta(days=2), end=world.now - dt.timedelta(days=1)),
    )  # fmt: skip
    with pytest.raises(MalformedReply):
        Replay(steps=[Step(request={}, reply=reply)], world=world, checked=False).run(flow)


def test_what_was_not_fetched_says_why(world: World) -> None:
    unfetched = {"exchange": "NSE", "symbolToken": "22", "message": "no such token"}
    data = {"fetched": [], "unfetched": [unfetched]}
    with mock_broker("mstock", instruments=world.instruments.values()) as mock:
        mock.router.post(path=f"{ROOT}/instruments/quote").respond(
            json={"status": "true", "message": "SUCCESS", "errorcode": "", "data": data}
        )
        [quote] = mock.broker.quotes(["NSE:ACC"])
    assert quote.last_price is None
    assert quote.vendor["message"] == "no such token"


def test_a_window_holds_fewer_candles_than_a_reply() -> None:
    """A session is 385 minutes; calendar days hold fewer sessions."""
    minutes = {"1m": 1, "3m": 3, "5m": 5, "10m": 10, "15m": 15, "30m": 30, "1h": 60, "1d": 385}
    for interval, window in MSTOCK.history_windows.items():
        sessions = window / dt.timedelta(days=1)
        assert -(-385 // minutes[interval.value]) * sessions <= 1000


def test_an_option_chain_of_another_segment_is_refused(world: World) -> None:
    with pytest.raises(Unsupported):
        next(MSTOCK.option_contracts(world.session, "NIFTY", "2026-11-24", "CDS"))
