"""Keeping an account logged in: one login for all, codes used once, reads tried once more."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Iterator

import attrs
import httpx
import pytest

from openbroker.adapters.angelone import ANGELONE
from openbroker.errors import (
    InvalidCredentials,
    Outcome,
    SessionExpired,
    TwoFactorFailed,
    UsageError,
)
from openbroker.instruments import progress
from openbroker.schemas import Exchange, Instrument, InstrumentType, Secret, Session
from openbroker.session import codes, totp
from openbroker.session import keeper as keeping
from openbroker.session.keeper import SessionKeeper
from openbroker.testing import MockBroker, mock_broker
from openbroker.transport.messages import Flow

S = "/rest/secure/angelbroking"
A = "/rest/auth/angelbroking"
NOW = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
CREDENTIALS = {
    "api_key": "k3y",
    "client_code": "A000001",
    "pin": "4917",
    "totp_secret": "JBSWY3DPEHPK3PXP",
}
SBIN = Instrument(
    exchange=Exchange.NSE, symbol="NSE:SBIN", type=InstrumentType.EQUITY, token="3045",
    broker_symbol="SBIN-EQ",
)  # fmt: skip
TOKENS = {"jwtToken": "j.w.t", "refreshToken": "r.f.r", "feedToken": "f.e.d"}
EXPIRED = {"success": False, "message": "Invalid Token", "errorCode": "AG8001", "data": ""}


def ok(data: object) -> dict[str, object]:
    return {"status": True, "message": "SUCCESS", "errorcode": "", "data": data}


@pytest.fixture(autouse=True)
def no_codes_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_codes_used", {})


@pytest.fixture
def mock() -> Iterator[MockBroker]:
    with mock_broker("angelone", instruments=[SBIN], credentials=CREDENTIALS) as mock:
        mock.router.post(path=f"{A}/user/v1/loginByPassword", name="login").respond(json=ok(TOKENS))
        mock.router.post(path=f"{A}/jwt/v1/generateTokens", name="renew").respond(
            json={"status": False, "message": "Invalid Refresh Token", "errorcode": "AB8050"}
        )
        yield mock


def calls(mock: MockBroker, name: str) -> int:
    return int(mock.router[name].call_count)


# -- one login for all


def test_many_calls_share_one_login(mock: MockBroker) -> None:
    book = mock.router.get(path=f"{S}/order/v1/getOrderBook").respond(json=ok(None))

    async def run() -> None:
        await asyncio.gather(*(mock.async_broker.orders() for _ in range(10)))

    asyncio.run(run())
    assert calls(mock, "login") == 1
    assert book.call_count == 10


def test_calls_that_find_the_session_dead_at_once_share_one_login(
    mock: MockBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = _Clock(monkeypatch)
    tokens = [TOKENS | {"jwtToken": word} for word in ("first", "second")]
    mock.router["login"].side_effect = [httpx.Response(200, json=ok(each)) for each in tokens]
    mock.broker.login()
    clock.moment += 31

    all_have_asked = asyncio.Barrier(5)

    async def book(request: httpx.Request) -> httpx.Response:
        is_dead = request.headers["authorization"] == "Bearer first"
        if is_dead:
            await all_have_asked.wait()
        return httpx.Response(200, json=EXPIRED if is_dead else ok(None))

    route = mock.router.get(path=f"{S}/order/v1/getOrderBook").mock(side_effect=book)

    async def run() -> None:
        await asyncio.gather(*(mock.async_broker.orders() for _ in range(5)))

    asyncio.run(run())
    assert calls(mock, "login") == 2
    assert route.call_count == 10


def test_a_refused_login_is_everybodys_error(mock: MockBroker) -> None:
    mock.router["login"].respond(
        json={"status": False, "message": "Invalid totp", "errorcode": "AB1050", "data": None}
    )
    with pytest.raises(TwoFactorFailed) as caught:
        mock.broker.orders()
    assert caught.value.operation == "login"


# -- a session that dies


def test_a_read_is_tried_once_more_after_a_new_session(mock: MockBroker) -> None:
    mock.router["renew"].respond(json=ok(TOKENS))
    book = mock.router.get(path=f"{S}/order/v1/getOrderBook")
    book.side_effect = [httpx.Response(200, json=EXPIRED), httpx.Response(200, json=ok(None))]
    assert len(mock.broker.orders()) == 0
    assert book.call_count == 2
    assert calls(mock, "renew") == 1
    assert calls(mock, "login") == 1


def test_a_read_is_not_tried_a_third_time(mock: MockBroker) -> None:
    mock.router["renew"].respond(json=ok(TOKENS))
    book = mock.router.get(path=f"{S}/order/v1/getOrderBook").respond(json=EXPIRED)
    with pytest.raises(SessionExpired) as caught:
        mock.broker.orders()
    assert book.call_count == 2
    assert caught.value.outcome is None


def test_an_order_is_not_repeated_and_the_next_call_logs_in(mock: MockBroker) -> None:
    mock.router["renew"].respond(json=ok(TOKENS))
    place = mock.router.post(path=f"{S}/order/v1/placeOrder").respond(json=EXPIRED)
    order = {"order_type": "MARKET", "product": "CNC"}
    with pytest.raises(SessionExpired) as caught:
        mock.broker.place_order("NSE:SBIN", "BUY", 1, **order)
    assert caught.value.outcome is Outcome.NOT_SENT
    assert place.call_count == 1
    assert calls(mock, "renew") == 0
    place.respond(json=ok({"orderid": "261122000000111"}))
    mock.broker.place_order("NSE:SBIN", "BUY", 1, **order)
    assert calls(mock, "renew") == 1


def test_after_a_logout_the_next_call_logs_in(mock: MockBroker, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    clock = _Clock(monkeypatch)
    mock.router.post(path=f"{S}/user/v1/logout").respond(json=ok(""))
    mock.router.get(path=f"{S}/user/v1/getProfile").respond(json=ok({"clientcode": "A000001"}))
    mock.broker.login()
    mock.broker.logout()
    clock.moment += 31
    mock.broker.profile()
    assert calls(mock, "login") == 2


def test_a_session_past_its_end_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Session] = []

    async def run(flow: Flow[Session]) -> Session:
        flow.close()
        ends = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=-1 if not made else 3600)
        made.append(Session(broker="angelone", account="A1", created_at=NOW, expires_at=ends))
        return made[-1]

    adapter = _WithoutRenewal(**attrs.asdict(ANGELONE, recurse=False))
    keeper = SessionKeeper(adapter, {}, run)

    async def work() -> None:
        first = await keeper.current()
        second = await keeper.current()
        assert second is not first
        assert await keeper.current() is second

    asyncio.run(work())
    assert len(made) == 2


@attrs.frozen(kw_only=True)
class _WithoutRenewal(type(ANGELONE)):  # type: ignore[misc]  # the class behind the adapter
    @classmethod
    def offers(cls, operation: str) -> bool:
        return operation != "renew"


# -- codes are used once


class _Clock:
    """The computer's clock and the sleeping by it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, moment: float = 1_800_000_005.0) -> None:
        self.moment = moment
        self.slept: list[float] = []
        monkeypatch.setattr(totp, "now", lambda: self.moment)
        monkeypatch.setattr(asyncio, "sleep", self._sleep)

    async def _sleep(self, seconds: float, result: object = None) -> object:
        if seconds > 1:
            self.slept.append(seconds)
            self.moment += seconds
        return result


def _keeper(used: list[str], account: str = "A000001") -> SessionKeeper:
    async def run(flow: Flow[Session]) -> Session:
        request = next(flow)
        used.append(request.content.decode().partition('"totp":"')[2][:6])
        flow.close()
        return Session(broker="angelone", account=account, created_at=NOW)

    credentials = {name: Secret(value) for name, value in CREDENTIALS.items()}
    return SessionKeeper(ANGELONE, credentials | {"client_code": Secret(account)}, run)


def test_a_second_login_waits_for_the_next_code(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, used = _Clock(monkeypatch), []  # type: tuple[_Clock, list[str]]
    asyncio.run(_keeper(used).current())
    assert clock.slept == []
    asyncio.run(_keeper(used).current())
    [pause] = clock.slept
    assert pause == pytest.approx(25.1)
    assert len(set(used)) == 2


def test_the_wait_is_told_with_its_length_and_its_reason(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _Clock(monkeypatch)
    with caplog.at_level(logging.INFO, "openbroker.session"):
        asyncio.run(_keeper([]).current())
        assert "waits" not in caplog.text
        asyncio.run(_keeper([]).current())
    assert "angelone: the login waits 25 s for the next one-time code" in caplog.text
    assert "this one has served a login and Angel One takes each once" in caplog.text


def test_the_wait_is_shown_where_somebody_watches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _Clock(monkeypatch)
    monkeypatch.setattr(progress, "_is_watched", lambda: True)
    monkeypatch.setattr(progress, "_APPEARS_AFTER", 0)
    asyncio.run(_keeper([]).current())
    asyncio.run(_keeper([]).current())
    assert "waiting for the next one-time code" in capsys.readouterr().err


def test_a_login_of_another_process_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after ``openbroker login``: this process has used no code yet."""
    clock, used = _Clock(monkeypatch), []  # type: tuple[_Clock, list[str]]
    asyncio.run(_keeper(used).current())
    keeping._codes_used.clear()
    asyncio.run(_keeper(used).current())
    assert len(clock.slept) == 1
    assert len(set(used)) == 2


def test_what_is_noted_of_codes_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    _Clock(monkeypatch)
    asyncio.run(_keeper([]).current())
    [noted] = codes.default_folder().iterdir()
    assert noted.read_text() == str(totp.window_of(totp.now()))
    assert "A000001" not in noted.name


@pytest.mark.parametrize("text", ["", "x", "-"])
def test_a_note_that_cannot_be_read_is_none(text: str) -> None:
    codes.note("angelone", "https://broker.example", "A1", 5)
    [noted] = codes.default_folder().iterdir()
    noted.write_text(text)
    assert codes.last_window("angelone", "https://broker.example", "A1") == 0


def test_nothing_is_noted_of_a_broker_on_this_machine() -> None:
    codes.note("angelone", "https://127.0.0.1:4444", "A1", 5)
    assert codes.last_window("angelone", "https://127.0.0.1:4444", "A1") == 0


def test_another_account_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, used = _Clock(monkeypatch), []  # type: tuple[_Clock, list[str]]
    asyncio.run(_keeper(used).current())
    asyncio.run(_keeper(used, "B000002").current())
    assert clock.slept == []


def test_a_new_window_needs_no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, used = _Clock(monkeypatch), []  # type: tuple[_Clock, list[str]]
    asyncio.run(_keeper(used).current())
    clock.moment += 26
    asyncio.run(_keeper(used).current())
    assert clock.slept == []
    assert len(set(used)) == 2


def test_a_code_that_was_given_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = _Clock(monkeypatch)
    used: list[str] = []
    given = _keeper(used)._credentials | {"totp": Secret("654321")}
    for _ in range(2):
        asyncio.run(SessionKeeper(ANGELONE, given, _keeper(used)._run).current())
    assert used == ["654321", "654321"]
    assert clock.slept == []


# -- the end


def test_a_missing_credential_is_not_sent() -> None:
    with pytest.raises(InvalidCredentials) as caught:
        next(ANGELONE.login({}))
    assert caught.value.outcome is Outcome.NOT_SENT


def test_a_closed_broker_says_so(mock: MockBroker) -> None:
    mock.broker.close()
    with pytest.raises(UsageError, match="closed"):
        mock.broker.orders()
