"""The Noren family by the conformance suite, and what the suite does not ask.

That a member is a line, when tokens die, and what a refusal's words prove.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

import openbroker as ob
from openbroker.adapters.noren import FLATTRADE, SHOONYA, TRADESMART, ZEBU, at
from openbroker.adapters.noren_gtt import NorenGtt
from openbroker.adapters.noren_system import Noren
from openbroker.adapters.noren_tables import TEXTS
from openbroker.errors import (
    BrokerUnavailable,
    InvalidCredentials,
    OpenBrokerError,
    OrderNotFound,
    OrderNotModifiable,
    OrderUnknown,
    Outcome,
    RateLimited,
    SessionExpired,
    Unsupported,
)
from openbroker.registry import adapter_for
from openbroker.schemas import QuoteMode, Secret, Session
from openbroker.testing import AdapterConformance, mock_broker
from openbroker.testing.cases import Case, Replay, Step, World, load_cases
from openbroker.testing.operations import outcome_of
from openbroker.testing.suite import check_outcome

CASES = Path(__file__).parents[1] / "cases"


class TestShoonya(AdapterConformance):
    adapter = "shoonya"
    cases = CASES / "shoonya"


class TestZebu(AdapterConformance):
    adapter = "zebu"
    cases = CASES / "zebu"


class TestTradeSmart(AdapterConformance):
    adapter = "tradesmart"
    cases = CASES / "tradesmart"


class TestFlattrade(AdapterConformance):
    adapter = "flattrade"
    cases = CASES / "flattrade"


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("shoonya", "https://api.shoonya.com/OAuthlogin/authorize/oauth?client_id=K%201"),
        ("zebu", "https://go.mynt.in/OAuthlogin/authorize/oauth?client_id=K%201"),
        (
            "tradesmart",
            "https://v2api.tradesmartonline.in/OAuthlogin/authorize/oauth?client_id=K%201",
        ),
        ("flattrade", "https://auth.flattrade.in/?app_key=K%201"),
    ],
)
def test_login_page(name: str, page: str) -> None:
    assert adapter_for(name).login_url({"api_key": Secret("K 1")}) == page


def test_an_instrument_without_data_is_left_out() -> None:
    adapter, world = adapter_for("zebu"), World.read(CASES / "zebu", "zebu")
    nothing = {"body": {"stat": "Not_Ok", "emsg": 'Error Occurred : 5 "no data"'}}
    flow = adapter.quotes(world.session, [world.instruments["NSE:INFY"]], QuoteMode.FULL)
    replay = Replay(steps=[Step(request={}, reply=nothing)], world=world, checked=False)
    assert replay.run(flow) == []


# -- a member is a line

NEWCOMER = NorenGtt(
    name="newcomer", title="Newcomer", hosts=at("api.newcomer.in"), charts_by_key=True,
    products="CIMB",
)  # fmt: skip


@pytest.mark.parametrize("case", load_cases(CASES / "shoonya"), ids=lambda case: case.name)
def test_a_new_member_is_one_line(case: Case) -> None:
    """With Shoonya's settings it does all that Shoonya does, at hosts and under a name of its
    own."""
    world = World.read(CASES / "shoonya", "newcomer")
    outcome = outcome_of(case, NEWCOMER, world)
    if isinstance(outcome, Session):
        assert outcome.broker == "newcomer"
    else:
        check_outcome(case, outcome)


def test_members_differ_in_data_alone() -> None:
    """A class of its own has only what no other member does."""
    assert type(SHOONYA) is NorenGtt
    kinds = [type(member) for member in (ZEBU, TRADESMART, FLATTRADE)]
    own = {kind.__name__: {n for n in vars(kind) if n[0] != "_" and hasattr(Noren, n)}
           for kind in kinds}  # fmt: skip
    assert own == {
        "Zebu": {"lacks", "renew", "margin"}, "TradeSmart": {"lacks"}, "Flattrade": {"limits"},
    }  # fmt: skip


# -- sessions


def opened(name: str, **told: Any) -> Session:
    adapter, world = adapter_for(name), World.read(CASES / name, name)
    reply = {"body": {"stat": "Ok", "access_token": "t", "token": "t", "uid": "A1"} | told}
    replay = Replay(steps=[Step(request={}, reply=reply)], world=world, checked=False)
    session = replay.run(adapter.login(world.credentials))
    assert isinstance(session, Session)
    return session


NOW = dt.datetime.fromisoformat("2026-11-20T11:05:00+05:30")


@pytest.mark.parametrize(
    ("name", "told", "ends"),
    [
        ("zebu", {"expires_in": "3600"}, NOW + dt.timedelta(hours=1)),
        ("zebu", {"expires_in": 1800}, NOW + dt.timedelta(minutes=30)),
        ("zebu", {"expires_in": str(int(NOW.timestamp()) + 60)}, NOW + dt.timedelta(minutes=1)),
        ("zebu", {"expires_in": "0"}, None),
        ("zebu", {"expires_in": "soon"}, None),
        ("zebu", {"expires_in": "99999999999999"}, None),
        ("shoonya", {}, None),
        ("tradesmart", {}, None),
        ("flattrade", {}, dt.datetime.fromisoformat("2026-11-21T05:00:00+05:30")),
    ],
)
def test_when_tokens_die(name: str, told: dict[str, Any], ends: dt.datetime | None) -> None:
    assert opened(name, **told).expires_at == ends


def test_a_moment_that_has_passed_is_no_end() -> None:
    assert opened("zebu", expires_in=str(int(NOW.timestamp()) - 60)).expires_at is None


def renewed(session: Session, reply: dict[str, Any]) -> Any:
    world = World.read(CASES / "zebu", "zebu")
    replay = Replay(steps=[Step(request={}, reply=reply)], world=world, checked=False)
    return replay.run(ZEBU.renew(session))


def test_a_new_refresh_token_takes_the_old_ones_place() -> None:
    body = {"stat": "Ok", "susertoken": "t2", "refresh_token": "r2", "uid": "A1"}
    session = renewed(opened("zebu", refresh_token="r1"), {"body": body})
    told = {name: token.reveal() for name, token in session.tokens.items()}
    assert told == {"token": "t2", "refresh_token": "r2"}


def test_a_refused_renewal_is_an_end_of_the_session() -> None:
    refusal = {"body": {"stat": "Not_Ok", "emsg": "Invalid Input : Invalid Refresh Token"}}
    with pytest.raises(InvalidCredentials):
        renewed(opened("zebu", refresh_token="r1"), refusal)
    with pytest.raises(InvalidCredentials, match="log in anew"):
        renewed(opened("zebu"), refusal)


def test_only_zebu_keeps_a_refresh_token() -> None:
    assert "refresh_token" not in opened("shoonya", refresh_token="r1").tokens
    assert not SHOONYA.offers("renew")


# -- what a refusal's words prove

PLACING = next(
    case for case in load_cases(CASES / "zebu") if case.name == "place_order/limit"
)  # fmt: skip
NO_DENIALS = (
    OrderNotFound, OrderNotModifiable, SessionExpired, RateLimited, BrokerUnavailable
)  # fmt: skip
WORDS = sorted(words for words, refusal in TEXTS if refusal.error not in NO_DENIALS)


def answered(text: str) -> Any:
    case = PLACING.answered_last(body={"stat": "Not_Ok", "emsg": text})
    return outcome_of(case, ZEBU, World.read(CASES / "zebu", "zebu"))


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("before", ["", "Error Occurred : 9 ", "The order was not rejected : "])
def test_words_amid_a_text_deny_nothing(words: str, before: str) -> None:
    assert isinstance(answered(f"{before}{words or 'nothing known'}"), OrderUnknown)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("before", ["Rejected : ", "Invalid Input : ", "REJECTED: "])
def test_the_systems_own_beginning_denies_the_order(words: str, before: str) -> None:
    outcome = answered(before + words)
    assert isinstance(outcome, OpenBrokerError)
    assert outcome.outcome is Outcome.REJECTED


STOPS = (
    "Session Expired", "Session Expired : Invalid Session Key",
    "Session Expired :  Invalid User Id", "Invalid Session Key", "Invalid Access Token.",
    "Too Many Requests",
    "Rate_Limited: too many requests, retry after backoff",
    "Order Recieved 101 in a current minute exceeds Limit 100 for user",
    "Invalid Input :  Order Recieved 11 in a current second exceeds Limit 10 for user",
)  # fmt: skip


@pytest.mark.parametrize("words", STOPS)
def test_what_the_gateway_stopped_was_not_sent(words: str) -> None:
    assert answered(words).outcome is Outcome.NOT_SENT


@pytest.mark.parametrize("words", STOPS)
@pytest.mark.parametrize(
    "form",
    ["OMS: {}", "{}; order 26112000000017 goes on", "{} : retried, see admin", "Error : 9 {}"],
)
def test_a_longer_text_that_quotes_the_gateway_is_no_stop(words: str, form: str) -> None:
    text = form.format(words.rstrip("."))
    denied = text.startswith("Invalid Input")
    assert answered(text).outcome is (Outcome.REJECTED if denied else Outcome.UNKNOWN)


def test_a_denial_for_too_many_orders_is_one() -> None:
    outcome = answered("Rejected : Order Recieved 11 in a current second exceeds Limit 10 for user")
    assert isinstance(outcome, RateLimited)
    assert outcome.outcome is Outcome.REJECTED


def test_a_change_that_succeeds_with_a_reason_for_a_refusal_proves_nothing() -> None:
    excused = {"stat": "Ok", "request_time": "11:05:00 20-11-2026", "emsg": "Order not found"}
    world = World.read(CASES / "zebu", "zebu")
    for operation in ("place_order", "modify_order", "cancel_order", "convert_position"):
        case = next(
            case
            for case in load_cases(CASES / "zebu")
            if case.operation == operation and case.is_success
        )
        body = {**case.exchanges[-1].reply["body"], **excused}
        outcome = outcome_of(case.answered_last(body=body), ZEBU, world)
        assert isinstance(outcome, OrderUnknown)


@pytest.mark.parametrize("stat", ["Ok", "OK", "ok"])
def test_ok_is_ok_in_any_case(stat: str) -> None:
    """Shoonya's page writes it in capitals, the other pages do not."""
    case = PLACING.answered_last(body={"stat": stat, "norenordno": "26112000000017"})
    world = World.read(CASES / "zebu", "zebu")
    assert outcome_of(case, ZEBU, world).order_id == "26112000000017"  # type: ignore[attr-defined]


# -- a market order, as the members take it


def test_a_market_order_goes_out_as_a_limit_when_asked() -> None:
    """No member takes MARKET; the caller's word makes it a LIMIT, priced from the last price."""
    world = World.read(CASES / "zebu", "zebu")
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.content.decode())
        quote = {"stat": "Ok", "exch": "NSE", "token": "1594", "lp": "1510.50"}
        made = {"stat": "Ok", "norenordno": "26112000000017"}
        return httpx.Response(200, json=quote if "GetQuotes" in request.url.path else made)

    mock = mock_broker(
        ZEBU, instruments=world.instruments.values(), session=world.session, now=world.now
    )
    with mock:
        mock.router.route().mock(side_effect=answer)
        asked = ("NSE:INFY", "BUY", 1)
        with pytest.raises(Unsupported, match="AsLimit"):
            mock.broker.place_order(*asked, order_type="MARKET", product="MIS")
        mock.broker.place_order(
            *asked, order_type="MARKET", product="MIS", market_protection=ob.AsLimit(1)
        )
    sent = json.loads(seen[-1].removeprefix("jData="))
    assert (sent["prctyp"], sent["prc"], len(seen)) == ("LMT", "1525.6", 2)
