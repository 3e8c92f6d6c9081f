"""Upstox by the conformance suite, and what the suite does not ask: its hosts, the tag, the name of
an algorithm, the end of a token, what is limited together, how much history a request gives."""

from __future__ import annotations

import calendar
import datetime as dt
import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from openbroker.adapters.base import OPERATIONS
from openbroker.adapters.upstox import UPSTOX
from openbroker.adapters.upstox_tables import ERRORS, INTERVALS, LOGIN_ERRORS
from openbroker.errors import InvalidOrder, MalformedReply
from openbroker.history import windows
from openbroker.orders.tags import check_label
from openbroker.schemas import INDIA, Interval, Secret, Window
from openbroker.testing import AdapterConformance
from openbroker.testing.cases import Replay, Step, World, load_cases
from openbroker.testing.operations import flow_of

CASES = Path(__file__).parents[1] / "cases"


class TestUpstox(AdapterConformance):
    adapter = "upstox"
    cases = CASES / "upstox"


WORLD = World.read(CASES / "upstox", "upstox")
ROW: dict[str, Any] = json.loads((CASES / "upstox" / "orders.json").read_text("utf-8"))[0][
    "exchanges"
][0]["reply"]["body"]["data"][0]


def test_orders_have_a_host_of_their_own() -> None:
    hosts = {}
    for case in load_cases(CASES / "upstox"):
        if case.is_success and case.exchanges:
            replay = Replay(steps=case.exchanges, world=WORLD)
            replay.run(flow_of(case, UPSTOX, WORLD))
            hosts[case.operation] = replay.trace.entries[-1][0].url.split("/")[2]
    changes = {"place_order", "modify_order", "cancel_order"}
    assert {name for name, host in hosts.items() if host == "api-hft.upstox.com"} == changes
    assert hosts.pop("master") == "assets.upstox.com"
    assert {hosts[name] for name in hosts.keys() - changes} == {"api.upstox.com"}


def test_orders_and_rules_tell_the_name_of_a_registered_algorithm() -> None:
    named = UPSTOX.with_settings({"algo_name": "My Algo 1"})
    told = set()
    for case in load_cases(CASES / "upstox"):
        if case.is_success:
            for adapter in (named, UPSTOX):
                replay = Replay(steps=case.exchanges, world=WORLD)
                replay.run(flow_of(case, adapter, WORLD))
                for request, _ in replay.trace.entries:
                    name = request.headers.get("X-Algo-Name")
                    assert name in ((None, "My Algo 1") if adapter is named else (None,))
                    told |= {request.operation} if name else set()
    orders = {"place_order", "modify_order", "cancel_order"}
    assert told == orders | {"place_gtt", "modify_gtt", "cancel_gtt"}


def test_a_tag_has_forty_characters_eight_of_them_ours() -> None:
    check_label("A" * 32, capacity=UPSTOX.tag.capacity, broker=UPSTOX.title)
    with pytest.raises(InvalidOrder):
        check_label("A" * 33, capacity=UPSTOX.tag.capacity, broker=UPSTOX.title)


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        ("2026-11-20T11:05:00", "2026-11-21T03:30:00"),
        ("2026-11-20T03:29:59", "2026-11-20T03:30:00"),
        ("2026-11-20T03:30:00", "2026-11-21T03:30:00"),
    ],
)
def test_a_token_ends_at_half_past_three(at: str, ends: str) -> None:
    now = dt.datetime.fromisoformat(at).replace(tzinfo=INDIA)
    (case,) = (c for c in load_cases(CASES / "upstox") if c.name == "account/by_code")
    world = attrs.evolve(WORLD, now=now)
    session = Replay(steps=case.exchanges, world=world).run(UPSTOX.login(world.credentials))
    assert session.expires_at == dt.datetime.fromisoformat(ends).replace(tzinfo=INDIA)


def test_every_code_in_the_tables_has_a_case() -> None:
    cases = load_cases(CASES / "upstox")
    logins = {case.error["code"] for case in cases if case.operation == "login" and case.error}
    assert set(LOGIN_ERRORS) - set(ERRORS) <= logins
    told = {str(step.reply.get("body")) for case in cases for step in case.exchanges}
    assert [code for code in ERRORS if not any(f"'{code}'" in text for text in told)] == []


def spans_of(bucket: str) -> tuple[int | None, int | None]:
    (limit,) = (limit for limit in UPSTOX.limits if bucket in limit.members)
    return limit.per_second, limit.per_minute


def test_orders_and_rules_are_limited_together_and_so_are_the_others() -> None:
    changes = {
        f"{verb}_{what}" for verb in ("place", "modify", "cancel") for what in ("order", "gtt")
    }
    assert {spans_of(name) for name in changes} == {(10, 500)}
    offered = {*filter(UPSTOX.offers, OPERATIONS), *UPSTOX.extras, "order_by_tag"}
    others = offered - changes - {"master"}
    assert {spans_of(name) for name in others} == {(50, 500)}


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@pytest.mark.parametrize("interval", list(Interval))
def test_a_window_of_history_is_never_more_than_a_request_gives(interval: Interval) -> None:
    """A month up to 15 minutes, a quarter above, a decade of days: on whichever day it begins."""
    unit, _, count = INTERVALS[interval].partition("/")
    months = 120 if unit == "days" else 3 if unit == "hours" or int(count) > 15 else 1
    longest = UPSTOX.history_windows[interval]
    for number in range(4 * 366):
        day = dt.date(2022, 1, 1) + dt.timedelta(days=number)
        start = dt.datetime.combine(day, dt.time(), INDIA)
        span = Window(start=start, end=start + dt.timedelta(days=3 * longest.days))
        assert windows(span, longest)[0].end.date() <= months_later(day, months)


def looked_up(tag: str, *steps: tuple[str, dict[str, Any]]) -> Any:
    made = [Step(request={"method": "GET", "path": path}, reply=reply) for path, reply in steps]
    return Replay(steps=made, world=WORLD).run(UPSTOX.order_by_tag(WORLD.session, tag))


def told(data: Any) -> dict[str, Any]:
    return {"body": {"status": "success", "data": data}}


def test_an_order_is_found_by_its_tag() -> None:
    states = [ROW | {"status": "put order req received"}, ROW]
    found = looked_up(
        "mine",
        ("/v2/order/history?tag=mine", told(states)),
        (f"/v2/order/details?order_id={ROW['order_id']}", told(ROW)),
    )
    assert found.order_id == ROW["order_id"]
    assert found.wire_tag == "mine"


def test_two_orders_under_one_tag_are_not_chosen_between() -> None:
    states = [ROW, ROW | {"order_id": "2"}]
    with pytest.raises(MalformedReply, match="several orders"):
        looked_up("mine", ("/v2/order/history?tag=mine", told(states)))


def test_a_tag_that_is_not_there_is_none() -> None:
    missing = {"errorCode": "UDAPI100010", "message": "Order not found"}
    refusal = {"status": 404, "body": {"status": "error", "errors": [missing]}}
    assert looked_up("mine", ("/v2/order/history?tag=mine", told([]))) is None
    assert looked_up("mine", ("/v2/order/history?tag=mine", refusal)) is None
    assert looked_up("other", ("/v2/order/history?tag=other", told([ROW]))) is None


def test_login_page() -> None:
    asked = {"api_key": Secret("K 1"), "redirect_uri": Secret("http://127.0.0.1:8765/back")}
    assert UPSTOX.login_url(asked) == (
        "https://api.upstox.com/v2/login/authorization/dialog?client_id=K+1"
        "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8765%2Fback&response_type=code"
    )
