"""Fyers by the conformance suite, and what the suite does not ask: tag, login, hosts, limit."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from openbroker.adapters.fyers import FYERS
from openbroker.adapters.fyers_tables import LIMITS
from openbroker.errors import (
    InvalidCredentials,
    MalformedReply,
    OrderUnknown,
    RateLimited,
)
from openbroker.schemas import Interval, QuoteMode, Secret, Window
from openbroker.testing import AdapterConformance, mock_broker
from openbroker.testing.cases import Replay, Step, World, load_cases
from openbroker.testing.operations import flow_of
from openbroker.transport.messages import Flow

CASES = Path(__file__).parents[1] / "cases"


class TestFyers(AdapterConformance):
    adapter = "fyers"
    cases = CASES / "fyers"


WORLD = World.read(CASES / "fyers", "fyers")
INFY = WORLD.instruments["NSE:INFY"]
ROW: dict[str, Any] = json.loads((CASES / "fyers" / "orders.json").read_text("utf-8"))[0][
    "exchanges"
][0]["reply"]["body"]["orderBook"][0]
LOOK_UP = "/api/v3/orders?order_tag=1%3Amine"


def looked_up(*steps: tuple[str, dict[str, Any]]) -> Any:
    made = [Step(request={"method": "GET", "path": path}, reply=reply) for path, reply in steps]
    return Replay(steps=made, world=WORLD).run(FYERS.order_by_tag(WORLD.session, "mine"))


def book(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"body": {"s": "ok", "code": 200, "message": "", "orderBook": list(rows)}}


def refusal(code: int) -> dict[str, Any]:
    return {"status": 400, "body": {"s": "error", "code": code, "message": "No."}}


def test_an_order_is_found_by_its_tag() -> None:
    assert looked_up((LOOK_UP, book(ROW))).order_id == ROW["id"]


def test_two_orders_under_one_tag_are_not_chosen_between() -> None:
    with pytest.raises(MalformedReply, match="several orders"):
        looked_up((LOOK_UP, book(ROW, ROW | {"id": "2"})))


def test_a_tag_that_is_not_there_is_none() -> None:
    assert looked_up((LOOK_UP, book())) is None
    assert looked_up((LOOK_UP, book(ROW | {"orderTag": "1:other"}))) is None
    assert looked_up((LOOK_UP, book(ROW | {"orderTag": "2:mine"}))) is None, "Fyers' own tag"


def test_where_the_look_up_refuses_the_book_is_read() -> None:
    everything = ("/api/v3/orders", book(ROW))
    assert looked_up((LOOK_UP, refusal(-51)), everything).order_id == ROW["id"]
    assert looked_up((LOOK_UP, refusal(-50)), ("/api/v3/orders", book())) is None


def test_a_look_up_that_is_too_early_asks_no_second_time() -> None:
    with pytest.raises(RateLimited):
        looked_up((LOOK_UP, refusal(-429)))


def test_an_order_in_transit_is_found_by_its_tag() -> None:
    """201 proves nothing: the verdict comes from the look-up, under the tag that travelled."""
    placed: list[dict[str, Any]] = []

    def place(request: httpx.Request) -> httpx.Response:
        placed.append(ROW | {"orderTag": f"1:{json.loads(request.content)['orderTag']}"})
        told = {"s": "ok", "code": 201, "message": "In transit", "id": ROW["id"]}
        return httpx.Response(200, json=told)

    def look_up(request: httpx.Request) -> httpx.Response:
        wanted = request.url.params.get("order_tag")
        rows = [row for row in placed if wanted in (None, row["orderTag"])]
        return httpx.Response(200, json=book(*rows)["body"])

    with mock_broker("fyers", instruments=[INFY], session=WORLD.session) as mock:
        mock.router.post(path="/api/v3/orders/sync").mock(side_effect=place)
        asked = mock.router.get(path="/api/v3/orders").mock(side_effect=look_up)
        with pytest.raises(OrderUnknown) as caught:
            mock.broker.place_order(
                "NSE:INFY", "BUY", 10, order_type="LIMIT", price="1510.5", product="CNC", tag="algo"
            )
        found = mock.broker.resolve(caught.value, timeout=20)
    assert found.order is not None
    assert found.order.order_id == ROW["id"]
    assert len(placed) == 1
    assert asked.calls[0].request.url.params["order_tag"].startswith("1:algo")


def test_the_master_has_a_host_of_its_own() -> None:
    hosts: dict[str, set[str]] = {}
    for case in load_cases(CASES / "fyers"):
        if case.is_success and case.exchanges:
            replay = Replay(steps=case.exchanges, world=WORLD)
            replay.run(flow_of(case, FYERS, WORLD))
            seen = {request.url.split("/")[2] for request, _ in replay.trace.entries}
            hosts.setdefault(case.operation, set()).update(seen)
    assert hosts.pop("master") == {"public.fyers.in"}
    assert set().union(*hosts.values()) == {"api-t1.fyers.in"}


def test_login_page() -> None:
    asked = {"api_key": Secret("ABCD-100"), "redirect_uri": Secret("http://127.0.0.1:7171/")}
    assert FYERS.login_url(asked) == (
        "https://api-t1.fyers.in/api/v3/generate-authcode?client_id=ABCD-100"
        "&redirect_uri=http%3A%2F%2F127.0.0.1%3A7171%2F&response_type=code&state=openbroker"
    )


def steps_of(name: str) -> list[Step]:
    return list({case.name: case for case in load_cases(CASES / "fyers")}[name].exchanges)


def test_a_known_token_is_tried_on_the_profile() -> None:
    profile = steps_of("account/profile")
    given = {"api_key": WORLD.credentials["api_key"], "access_token": Secret("tokenOfToday")}
    asked = Step(request={"method": "GET", "path": "/api/v3/profile"}, reply=profile[0].reply)
    session = Replay(steps=[asked], world=WORLD).run(FYERS.login(given))
    assert session.account == "XA00011"
    assert set(session.tokens) == {"api_key", "access_token"}
    with pytest.raises(InvalidCredentials, match="pin="):
        next(FYERS.renew(session))


def test_a_wrong_refresh_token_is_told() -> None:
    asked = Step(
        request={"method": "POST", "path": "/api/v3/validate-refresh-token"}, reply=refusal(-501)
    )
    with pytest.raises(InvalidCredentials, match="-501"):
        Replay(steps=[asked], world=WORLD, checked=False).run(FYERS.renew(WORLD.session))


def answered(flow: Flow[Any], body: dict[str, Any]) -> Any:
    step = Step(request={}, reply={"body": body})
    return Replay(steps=[step], world=WORLD, checked=False).run(flow)


SPAN = Window(start=WORLD.now - dt.timedelta(hours=1), end=WORLD.now)


def test_a_success_without_its_data_is_no_empty_answer() -> None:
    told = {"s": "ok", "code": 200, "message": ""}
    for flow in (
        FYERS.history(WORLD.session, INFY, Interval.M5, SPAN),
        FYERS.quotes(WORLD.session, [INFY], QuoteMode.LTP),
        FYERS.positions(WORLD.session),
        FYERS.gtts(WORLD.session),
    ):
        with pytest.raises(MalformedReply):
            answered(flow, told)


def test_an_instrument_without_a_quote_is_left_out() -> None:
    missing = {"n": INFY.broker_symbol, "s": "error", "v": {"errmsg": "No data", "code": -300}}
    flow = FYERS.quotes(WORLD.session, [INFY], QuoteMode.LTP)
    assert answered(flow, {"s": "ok", "d": [missing]}) == []
    flow = FYERS.quotes(WORLD.session, [INFY], QuoteMode.FULL)
    assert answered(flow, {"s": "ok", "d": {}}) == []


def test_fifty_quotes_a_request() -> None:
    many = [attrs.evolve(INFY, broker_symbol=f"NSE:A{n}-EQ") for n in range(51)]
    empty = Step(request={}, reply={"body": {"s": "ok", "d": []}})
    replay = Replay(steps=[empty, empty], world=WORLD, checked=False)
    assert replay.run(FYERS.quotes(WORLD.session, many, QuoteMode.OHLC)) == []
    asked = [request.url.count("-EQ") for request, _ in replay.trace.entries]
    assert asked == [50, 1]


def test_tokens_end_at_six_in_the_morning() -> None:
    session = Replay(steps=steps_of("account/by_auth_code"), world=WORLD).run(
        FYERS.login(WORLD.credentials)
    )
    assert session.expires_at is not None
    assert session.expires_at.isoformat() == "2026-11-21T06:00:00+05:30"


def test_without_a_pin_no_refresh_token_is_kept() -> None:
    given = {name: value for name, value in WORLD.credentials.items() if name != "pin"}
    session = Replay(steps=steps_of("account/by_auth_code"), world=WORLD).run(FYERS.login(given))
    assert not {"pin", "refresh_token"} & set(session.tokens)


def test_one_limit_covers_every_route() -> None:
    (limit,) = LIMITS
    offered = {c.operation for c in FYERS.capabilities() if c.offered}
    assert limit.members == offered - {"master", "oco"}, "the master lies on a public host"


def test_windows_are_within_the_published_spans() -> None:
    """100 days counted with both ends, 366 for days."""
    for interval, window in FYERS.history_windows.items():
        assert window.days + 1 == (366 if interval is Interval.D1 else 100)
