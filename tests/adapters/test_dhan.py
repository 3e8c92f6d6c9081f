"""Dhan and its sandbox by the conformance suite, the look-up by tag, and its three logins."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from openbroker import cli
from openbroker.adapters.dhan import DHAN, DHAN_SANDBOX
from openbroker.errors import (
    BrokerError,
    BrokerUnavailable,
    ConfigError,
    InvalidCredentials,
    MalformedReply,
    Outcome,
    StaticIPNotAllowed,
    Unsupported,
)
from openbroker.sandbox.wire import running_server
from openbroker.schemas import INDIA, GttRequest, OrderRef, OrderRequest, Secret
from openbroker.session.credentials import resolve
from openbroker.testing import AdapterConformance
from openbroker.testing.cases import Replay, Step, World
from openbroker.transport.messages import Effect, Reply

CASES = Path(__file__).parents[1] / "cases"


STOP_FIRST = {"oco_first": "stop"}


class TestDhan(AdapterConformance):
    adapter = DHAN.with_settings(STOP_FIRST)
    cases = CASES / "dhan"


class TestDhanSandbox(AdapterConformance):
    adapter = DHAN_SANDBOX.with_settings(STOP_FIRST)
    cases = CASES / "dhan_sandbox"


def first_step(flow: Any) -> Any:
    request = next(flow)
    return json.loads(request.content)


def test_which_leg_stands_first_is_a_setting_and_not_a_guess() -> None:
    world = World.read(CASES / "dhan", "dhan")
    pair = GttRequest(
        symbol="NSE:INFY", side="SELL", quantity=10, product="CNC", trigger_price=1600, price=1598,
        stop_trigger_price=1450, stop_price=1445,
    ).on(world.instruments["NSE:INFY"])  # fmt: skip
    with pytest.raises(Unsupported, match="oco_first"):
        next(DHAN.place_gtt(world.session, pair))
    told = {
        first: first_step(DHAN.with_settings({"oco_first": first}).place_gtt(world.session, pair))
        for first in ("stop", "target")
    }
    names = ("triggerPrice", "price", "triggerPrice1", "price1")
    assert [told["stop"][name] for name in names] == [1450, 1445, 1600, 1598]
    assert [told["target"][name] for name in names] == [1600, 1598, 1450, 1445]
    assert {body["orderFlag"] for body in told.values()} == {"OCO"}


def test_when_an_after_market_order_goes_out_is_a_setting() -> None:
    """PRE_OPEN is on the page alone; the others are compared with the official client's."""
    world = World.read(CASES / "dhan", "dhan")
    order = OrderRequest(
        symbol="NSE:INFY", side="BUY", quantity=1, order_type="LIMIT", product="CNC", price=1440,
        after_market=True,
    ).on(world.instruments["NSE:INFY"])  # fmt: skip
    early = DHAN.with_settings({"amo_time": "PRE_OPEN"})
    told = [first_step(one.place_order(world.session, order)) for one in (DHAN, early)]
    assert [body["amoTime"] for body in told] == ["OPEN", "PRE_OPEN"]
    assert [body["afterMarketOrder"] for body in told] == [True, True]


def test_no_other_time_is_taken() -> None:
    with pytest.raises(ConfigError, match="amo_time"):
        resolve("dhan", DHAN.settings, {"amo_time": "CLOSE"}, {})
    assert resolve("dhan", DHAN.settings, {"amo_time": "OPEN_60"}, {})["amo_time"].reveal() == (
        "OPEN_60"
    )


ROW: dict[str, Any] = json.loads((CASES / "dhan" / "orders.json").read_text("utf-8"))[0][
    "exchanges"
][0]["reply"]["body"][0]
REFUSAL = {"errorType": "Order_Error", "errorCode": "DH-906", "errorMessage": "Incorrect request"}


ELSEWHERE = [ROW | {"correlationId": "another"}]
FIRST, BOOK, SUPER = "/v2/orders/external/{}", "/v2/orders", "/v2/super/orders"


def looked_up(tag: str, *replies: tuple[str, dict[str, Any]]) -> Any:
    world = World.read(CASES / "dhan", "dhan")
    steps = [
        Step(request={"method": "GET", "path": path.format(tag)}, reply=reply)
        for path, reply in replies
    ]
    return Replay(steps=steps, world=world).run(DHAN.order_by_tag(world.session, tag))


@pytest.mark.parametrize("body", [ROW, [ROW]])
def test_an_order_is_found_by_its_tag(body: Any) -> None:
    assert looked_up("mine", (FIRST, {"body": body})).order_id == ROW["orderId"]


def test_two_orders_under_one_tag_are_not_chosen_between() -> None:
    with pytest.raises(MalformedReply, match="several orders"):
        looked_up("mine", (FIRST, {"body": [ROW, ROW | {"orderId": "2"}]}))


def test_a_tag_that_is_nowhere_is_none() -> None:
    assert looked_up("mine", (FIRST, {"body": []}), (SUPER, {"body": []})) is None


def test_an_order_of_another_tag_is_none() -> None:
    assert looked_up("other", (FIRST, {"body": ROW}), (SUPER, {"body": ELSEWHERE})) is None


def test_a_refused_look_up_reads_the_book() -> None:
    refused = (FIRST, {"status": 400, "body": REFUSAL})
    found = looked_up("mine", refused, (BOOK, {"body": [ROW]}))
    assert found.order_id == ROW["orderId"]
    nothing = looked_up("other", refused, (BOOK, {"body": [ROW]}), (SUPER, {"body": []}))
    assert nothing is None


def test_a_super_order_is_found_in_its_own_list() -> None:
    entry = ROW | {"orderId": "5925022734212", "legName": "ENTRY_LEG", "legDetails": []}
    found = looked_up("mine", (FIRST, {"body": []}), (SUPER, {"body": [*ELSEWHERE, entry]}))
    assert found.order_id == "5925022734212"


def test_of_a_super_orders_legs_the_entry_is_found() -> None:
    legs = [
        ROW | {"orderId": number, "legName": leg}
        for number, leg in (("3", "TARGET_LEG"), ("1", "ENTRY_LEG"), ("2", "STOP_LOSS_LEG"))
    ]
    assert looked_up("mine", (FIRST, {"body": legs})).order_id == "1"


@pytest.mark.parametrize("failing", [0, 1])
def test_a_failed_look_up_is_no_answer(failing: int) -> None:
    replies = [(FIRST, {"body": []}), (SUPER, {"body": []})][: failing + 1]
    replies[failing] = (replies[failing][0], {"status": 502, "text": "<html>"})
    with pytest.raises(BrokerUnavailable):
        looked_up("mine", *replies)


def test_a_refused_list_of_super_orders_is_no_absence() -> None:
    refused = (SUPER, {"status": 400, "body": REFUSAL})
    with pytest.raises(BrokerError):
        looked_up("mine", (FIRST, {"body": []}), refused)


# -- logins

CLIENT = "1100000001"
APP = {"client_code": CLIENT, "app_id": "key", "app_secret": "c0nsentSecret"}
CONSENT = {"consentAppId": "940b0ca1-3ff4", "consentAppStatus": "GENERATED", "status": "success"}
TOKEN = {
    "dhanClientId": CLIENT,
    "accessToken": "eyJhbGci.consented.c2ln",
    "expiryTime": "2026-11-21T11:05:00",
}
IN_HEADERS = {"app_id": "key", "app_secret": "c0nsentSecret", "access-token": None}


def secrets(words: dict[str, str]) -> dict[str, Secret]:
    return {name: Secret(word) for name, word in words.items()}


def asked(method: str, path: str, **reply: Any) -> Step:
    request = {"method": method, "path": path, "headers": IN_HEADERS}
    return Step(request=request, reply=reply)


def run(flow: Any, *steps: Step) -> Any:
    return Replay(steps=steps, world=World.read(CASES / "dhan", "dhan")).run(flow)


def consenting(**reply: Any) -> Step:
    return asked("POST", f"/app/generate-consent?client_id={CLIENT}", **reply)


def test_an_app_leads_to_a_page() -> None:
    address = run(DHAN.begin_login(secrets(APP)), consenting(body=CONSENT))
    assert address == "https://auth.dhan.co/login/consentApp-login?consentAppId=940b0ca1-3ff4"


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ({"status": 401, "body": {"status": "error", "message": "no"}}, InvalidCredentials),
        ({"body": {"status": "success"}}, MalformedReply),
        ({"body": CONSENT | {"consentAppId": "a b&c"}}, MalformedReply),
        ({"body": []}, MalformedReply),
        ({"status": 503, "text": ""}, BrokerUnavailable),
    ],
)
def test_no_consent_is_told(reply: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        run(DHAN.begin_login(secrets(APP)), consenting(**reply))


@pytest.mark.parametrize(
    "words",
    [
        {"client_code": CLIENT, "pin": "1234", "totp": "123456"},
        {"client_code": CLIENT, "access_token": "t"},
        APP | {"token_id": "t1"},
        APP | {"access_token": "t"},
    ],
)
def test_the_other_logins_need_no_page(words: dict[str, str]) -> None:
    assert run(DHAN.begin_login(secrets(words))) is None


def test_a_session_by_what_the_page_brings() -> None:
    step = asked("GET", "/app/consumeApp-consent?tokenId=t%2F1", body=TOKEN)
    session = run(DHAN.login(secrets(APP | {"token_id": "t/1"})), step)
    assert session.account == CLIENT
    assert session.tokens["access_token"].reveal() == TOKEN["accessToken"]
    assert session.expires_at == dt.datetime(2026, 11, 21, 11, 5, tzinfo=INDIA)


def test_an_app_without_its_page_is_no_login() -> None:
    with pytest.raises(InvalidCredentials, match="token_id"):
        run(DHAN.login(secrets(APP)))


def test_a_pasted_token_lasts_as_long_as_the_profile_says() -> None:
    body = {"dhanClientId": CLIENT, "tokenValidity": "21/11/2026 11:05"}
    words = {"client_code": CLIENT, "access_token": "t"}
    step = Step(request={"method": "GET", "path": "/v2/profile"}, reply={"body": body})
    session = run(DHAN.login(secrets(words)), step)
    assert session.expires_at == dt.datetime(2026, 11, 21, 11, 5, tzinfo=INDIA)


@pytest.mark.parametrize("code", ["DH-901", "DH-905", "DH-910"])
def test_a_refused_renewal_asks_for_a_login(code: str) -> None:
    """Only tokens made at web.dhan.co can be renewed; in which words Dhan says so is not known."""
    world = World.read(CASES / "dhan", "dhan")
    body = {"errorType": "Other", "errorCode": code, "errorMessage": "no"}
    step = Step(
        request={"method": "GET", "path": "/v2/RenewToken"}, reply={"status": 400, "body": body}
    )
    with pytest.raises(InvalidCredentials) as caught:
        run(DHAN.renew(world.session), step)
    assert caught.value.outcome is Outcome.NOT_SENT


def test_a_login_changes_no_order_and_is_not_repeated() -> None:
    for flow in (DHAN.begin_login(secrets(APP)), DHAN.login(secrets(APP | {"token_id": "t"}))):
        request = next(flow)
        assert request.effect is Effect.SESSION
        assert not request.repeatable
        assert "c0nsentSecret" not in request.url + repr(request)


def test_what_is_enough_to_log_in() -> None:
    assert resolve("dhan", DHAN.credentials, APP, {}).keys() == APP.keys()


def test_the_command_line_catches_the_redirect(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the app's key to what the page brings, over TLS, with the browser's part by hand."""
    consents: list[httpx.Request] = []

    def broker(request: httpx.Request) -> httpx.Response:
        consents.append(request)
        return httpx.Response(200, json=CONSENT)

    said: list[str] = []
    monkeypatch.setattr(cli.typer, "echo", said.append)
    back = "http://127.0.0.1:7171/?tokenId=t0kenOfThePage"
    monkeypatch.setattr(cli.typer, "prompt", lambda *_, **__: back)
    with running_server(broker) as server:
        found = cli._from_browser(
            "dhan", dict(APP), port=7171, wait=1, paste=True, base_url=server.url,
            ca_file=str(server.ca_file),
        )  # fmt: skip
        page = f"{server.url}/login/consentApp-login?consentAppId=940b0ca1-3ff4"
    assert {name: token.reveal() for name, token in found.items()} == {"token_id": "t0kenOfThePage"}
    [consent] = consents
    assert consent.headers["app_secret"] == "c0nsentSecret"
    assert page in "".join(said)
    assert "t0kenOfThePage" not in "".join(said)


def test_nothing_is_asked_for_that_another_login_does_not_need(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prompts: list[str] = []

    def prompt(text: str, **_: Any) -> str:
        prompts.append(text.partition(" ")[0])
        return "x"

    monkeypatch.setattr(cli.typer, "prompt", prompt)
    monkeypatch.setenv("OPENBROKER_DHAN_APP_ID", "key")
    cli._asked_for("dhan")
    assert prompts == ["client_code"]
    prompts.clear()
    monkeypatch.delenv("OPENBROKER_DHAN_APP_ID")
    cli._asked_for("dhan")
    assert prompts == ["client_code", "pin", "totp_secret"]


# -- replies


@pytest.mark.parametrize(
    ("status", "body", "asks"),
    [
        (429, {}, True),
        (400, {"errorType": "Rate_Limit", "errorCode": "DH-904", "errorMessage": "No"}, True),
        (400, {"status": "failed", "data": {"805": "Too many requests"}}, True),
        (200, {"status": "success", "data": {"NSE_EQ": {"805": {"last_price": 1}}}}, False),
        (400, {"status": "failed", "data": {"811": "No"}}, False),
    ],
)
def test_what_asks_to_wait(status: int, body: dict[str, Any], asks: bool) -> None:
    content = json.dumps(body).encode()
    reply = Reply(status=status, content=content, received_at=dt.datetime.now(dt.UTC))
    assert DHAN.asks_to_wait(reply) is asks


def test_an_order_that_was_asked_for_by_its_ack_keeps_its_leg() -> None:
    world = World.read(CASES / "dhan", "dhan")
    ref = OrderRef(order_id=ROW["orderId"], handle={"legName": "ENTRY_LEG"})
    path = f"/v2/orders/{ref.order_id}"
    step = Step(request={"method": "GET", "path": path}, reply={"body": ROW | {"legName": "NA"}})
    assert run(DHAN.order(world.session, ref), step).handle == {"legName": "ENTRY_LEG"}


def test_a_foreign_address_is_told_from_other_refusals() -> None:
    world = World.read(CASES / "dhan", "dhan")
    body = {"errorType": "Invalid_IP", "errorCode": "DH-911", "errorMessage": "Invalid IP"}
    step = Step(
        request={"method": "GET", "path": "/v2/orders"}, reply={"status": 400, "body": body}
    )
    with pytest.raises(StaticIPNotAllowed):
        run(DHAN.orders(world.session), step)
