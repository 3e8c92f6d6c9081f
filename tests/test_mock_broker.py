"""The safe way to mock: no network, no login, no download, and nothing answered by accident."""

from __future__ import annotations

import asyncio
import datetime as dt
import doctest

import httpx
import pytest
import respx

from openbroker.adapters.angelone import ANGELONE
from openbroker.errors import ConfigError, OrderRejected, RateLimited, SessionExpired
from openbroker.schemas import INDIA, Exchange, Instrument, InstrumentType, Secret, Session
from openbroker.testing import mock, mock_broker

S = "/rest/secure/angelbroking"
SBIN = Instrument(
    exchange=Exchange.NSE, symbol="NSE:SBIN", type=InstrumentType.EQUITY, token="3045",
    broker_symbol="SBIN-EQ",
)  # fmt: skip
EMPTY = {"status": True, "data": None}


def test_the_example_in_its_docstring_runs() -> None:
    finder = doctest.DocTestFinder(recurse=False)
    [example] = finder.find(mock.mock_broker, "mock_broker", globs={})
    assert doctest.DocTestRunner(verbose=False).run(example).failed == 0


def test_what_is_not_mocked_is_an_error_and_no_connection() -> None:
    with mock_broker("angelone") as opened, pytest.raises(AssertionError, match="not mocked"):
        opened.broker.orders()


def test_both_faces_share_one_account() -> None:
    opened = mock_broker("angelone", instruments=[SBIN])
    route = opened.router.get(path=f"{S}/order/v1/getOrderBook").respond(json=EMPTY)
    assert len(opened.broker.orders()) == 0

    async def run() -> int:
        async with opened:
            return len(await opened.async_broker.orders())

    assert asyncio.run(run()) == 0
    assert route.call_count == 2


def test_an_adapter_will_do_in_place_of_a_name() -> None:
    with mock_broker(ANGELONE.at("https://127.0.0.1:1")) as opened:
        opened.router.get("https://127.0.0.1:1" + f"{S}/order/v1/getOrderBook").respond(json=EMPTY)
        assert len(opened.broker.orders()) == 0


def test_a_router_of_ones_own_is_used() -> None:
    router = respx.Router(assert_all_called=False)
    router.get(path=f"{S}/order/v1/getOrderBook").respond(json=EMPTY)
    with mock_broker("angelone", router=router) as opened:
        assert opened.router is router
        assert len(opened.broker.orders()) == 0


def test_a_session_of_ones_own_is_used() -> None:
    tokens = {name: Secret(f"my-{name}") for name in ("api_key", "jwt", "refresh", "feed")}
    now = dt.datetime(2026, 11, 20, tzinfo=INDIA)
    session = Session(broker="angelone", account="A000001", tokens=tokens, created_at=now)
    with mock_broker("angelone", session=session) as opened:
        route = opened.router.get(path=f"{S}/order/v1/getOrderBook").respond(json=EMPTY)
        opened.broker.orders()
        assert route.calls.last.request.headers["authorization"] == "Bearer my-jwt"
        assert opened.broker.account == "A000001"


def test_an_expired_session_is_told_as_the_broker_told_it() -> None:
    dead = {"success": False, "message": "Invalid Token", "errorCode": "AG8001"}
    with mock_broker("angelone", instruments=[SBIN]) as opened:
        opened.router.get(path=f"{S}/order/v1/getOrderBook").respond(json=dead)
        with pytest.raises(SessionExpired, match="Invalid Token"):
            opened.broker.orders()
        opened.router.post(path=f"{S}/order/v1/placeOrder").respond(json=dead)
        for _ in range(2):
            with pytest.raises(SessionExpired):
                opened.broker.place_order("NSE:SBIN", "BUY", 1, order_type="MARKET", product="CNC")


def test_rate_limits_and_retries_are_off() -> None:
    with mock_broker("angelone") as opened:
        route = opened.router.get(path=f"{S}/order/v1/getOrderBook").respond(json=EMPTY)
        for _ in range(5):
            opened.broker.orders()
        assert route.call_count == 5
        route.respond(429)
        with pytest.raises(RateLimited):
            opened.broker.orders()
        assert route.call_count == 6


def test_replies_arrive_when_they_are_said_to() -> None:
    moment = dt.datetime(2024, 2, 29, 12, tzinfo=INDIA)
    row = {"orderid": "1", "fillid": "2", "filltime": "11:02:13"}
    with mock_broker("angelone", now=moment) as opened:
        opened.router.get(path=f"{S}/order/v1/getTradeBook").respond(
            json={"status": True, "data": [row]}
        )
        [trade] = opened.broker.trades()
    assert trade.traded_at == dt.datetime(2024, 2, 29, 11, 2, 13, tzinfo=INDIA)


def test_a_refusal_is_the_error_that_a_program_would_get() -> None:
    refusal = {"status": False, "message": "Invalid Product Type", "errorcode": "AB1012"}
    with mock_broker("angelone", instruments=[SBIN]) as opened:
        opened.router.post(path=f"{S}/order/v1/placeOrder").respond(json=refusal)
        with pytest.raises(OrderRejected, match="Invalid Product Type"):
            opened.broker.place_order("NSE:SBIN", "BUY", 1, order_type="MARKET", product="CNC")


def test_without_respx_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "respx", None)
    with pytest.raises(ConfigError, match=r"openbroker-sdk\[test\]"):
        mock_broker("angelone")


def test_a_route_may_raise_what_httpx_raises() -> None:
    with mock_broker("angelone", instruments=[SBIN]) as opened:
        opened.router.post(path=f"{S}/order/v1/placeOrder").mock(
            side_effect=httpx.ReadTimeout("too late")
        )
        with pytest.raises(Exception, match="outcome is not known"):
            opened.broker.place_order("NSE:SBIN", "BUY", 1, order_type="MARKET", product="CNC")
