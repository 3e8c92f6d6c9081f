"""Zerodha's front door without its official client: what a gateway checks, and in which order."""

from __future__ import annotations

import gzip
import hashlib
from typing import Any

import httpx
import pytest
from floor import still_sandbox
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openbroker.adapters.zerodha_master import instruments
from openbroker.errors import ConfigError
from openbroker.sandbox import Sandbox
from openbroker.sandbox.zerodha.desk import Rules
from openbroker.sandbox.zerodha.front import ROUTES
from openbroker.sandbox.zerodha.limits import ZERODHA
from openbroker.schemas import Instrument

ORDER = {
    "exchange": "NSE", "tradingsymbol": "INFY", "transaction_type": "BUY", "quantity": "10",
    "product": "CNC", "order_type": "LIMIT", "price": "1450", "tag": "mine",
}  # fmt: skip


class Kite:
    """An HTTP client of the in-process handler, with a session."""

    def __init__(self, **options: Any) -> None:
        self.sandbox: Sandbox = still_sandbox(dialect="zerodha", **options)
        self.keys = self.sandbox.credentials
        self.http = httpx.Client(
            transport=httpx.MockTransport(self.sandbox.in_process),
            base_url="https://sandbox.invalid",
            headers={
                "X-Kite-Version": "3",
                "Authorization": f"token {self.keys['api_key']}:{self.keys['access_token']}",
            },
        )

    def get(self, path: str, **rest: Any) -> Any:
        return self.http.get(path, **rest).json()

    def place(self, **changes: str) -> httpx.Response:
        return self.http.post("/orders/regular", data=ORDER | changes)


@pytest.fixture
def kite() -> Kite:
    return Kite()


def check_refusal(reply: httpx.Response, status: int, kind: str) -> str:
    body = reply.json()
    assert reply.status_code == status
    assert (body["status"], body["error_type"], body["data"]) == ("error", kind, None)
    message: str = body["message"]
    return message


def test_it_speaks_two_dialects_and_no_third() -> None:
    assert sorted(Sandbox("zerodha").credentials) == ["access_token", "api_key", "api_secret"]
    assert Sandbox("zerodha", seed=3).credentials == Sandbox("zerodha", seed=3).credentials
    with pytest.raises(ConfigError, match="it speaks angelone, zerodha"):
        Sandbox("kotak")


@pytest.mark.parametrize("text", ["1e999999999", "9" * 400, "1_000", "\u0967", "NaN", "0x10", "-1"])
@pytest.mark.parametrize("name", ["quantity", "price", "disclosed_quantity"])
def test_what_only_python_reads_is_no_number(kite: Kite, name: str, text: str) -> None:
    assert name in check_refusal(kite.place(**{name: text}), 400, "InputException")
    assert kite.get("/orders")["data"] == []


def test_the_version_header_is_asked_for(kite: Kite) -> None:
    for version in ("", "2"):
        reply = kite.http.get("/orders", headers={"X-Kite-Version": version})
        check_refusal(reply, 400, "InputException")


@pytest.mark.parametrize(
    "authorization",
    ["", "token", "token :", "Bearer {key}:{token}", "token {key}:x", "token x:{token}"],
)
def test_a_wrong_token_is_refused(kite: Kite, authorization: str) -> None:
    text = authorization.format(key=kite.keys["api_key"], token=kite.keys["access_token"])
    check_refusal(kite.http.get("/orders", headers={"Authorization": text}), 403, "TokenException")


def test_tokens_end_by_hand(kite: Kite) -> None:
    other = kite.sandbox.add_account()
    kite.sandbox.sessions.expire(other.client_code)
    assert kite.get("/orders")["data"] == []
    kite.sandbox.sessions.expire()
    check_refusal(kite.http.get("/orders"), 403, "TokenException")
    fresh = Kite()
    fresh.sandbox.sessions.invalidate()
    check_refusal(fresh.http.get("/orders"), 403, "TokenException")


def test_a_new_login_ends_the_session_before(kite: Kite) -> None:
    token = kite.sandbox.sessions.request_token(kite.sandbox.client)
    proof = hashlib.sha256(
        f"{kite.keys['api_key']}{token}{kite.keys['api_secret']}".encode()
    ).hexdigest()
    form = {"api_key": kite.keys["api_key"], "request_token": token, "checksum": proof}
    data = kite.http.post("/session/token", data=form).json()["data"]
    check_refusal(kite.http.get("/orders"), 403, "TokenException")
    header = {"Authorization": f"token {kite.keys['api_key']}:{data['access_token']}"}
    assert kite.get("/orders", headers=header)["data"] == []


def test_a_request_token_lives_for_minutes_and_for_its_app(kite: Kite) -> None:
    sessions, client = kite.sandbox.sessions, kite.sandbox.client
    late, foreign = (sessions.request_token(c) for c in (client, kite.sandbox.add_account()))
    kite.sandbox.clock.advance(301)
    for token in (late, foreign, "never given"):
        proof = hashlib.sha256(f"{client.api_key}{token}{client.api_secret}".encode()).hexdigest()
        form = {"api_key": client.api_key, "request_token": token, "checksum": proof}
        check_refusal(kite.http.post("/session/token", data=form), 403, "TokenException")


def test_the_login_page_sends_the_browser_back_with_what_the_app_gave() -> None:
    kite = Kite(rules=Rules(redirect_url="http://127.0.0.1:9/back"))
    where = {"api_key": kite.keys["api_key"], "v": "3", "redirect_params": "state=\"'<x>"}
    page = kite.http.get("/connect/login", params=where)
    assert "<x>" not in page.text, "what the address holds is never markup"
    form = where | {"user_id": kite.sandbox.client.client_code, "redirect_params": "state=x&y=2"}
    back = httpx.URL(kite.http.post("/connect/login", data=form).headers["location"])
    assert (back.host, back.path) == ("127.0.0.1", "/back")
    assert back.params["state"] == "x"
    assert len(back.params["request_token"]) > 20
    check_refusal(
        kite.http.post("/connect/login", data=form | {"user_id": "X"}), 403, "UserException"
    )
    check_refusal(kite.http.get("/connect/login?api_key=none"), 400, "InputException")


def test_unknown_paths_and_methods(kite: Kite) -> None:
    check_refusal(kite.http.get("/nothing"), 404, "GeneralException")
    check_refusal(kite.http.patch("/orders"), 405, "GeneralException")


def test_orders_come_from_registered_addresses_only() -> None:
    kite = Kite(rules=Rules(allowed_addresses=frozenset({"10.0.0.1"})))
    message = check_refusal(kite.place(), 403, "PermissionException")
    assert "unregistered IP" in message
    assert kite.get("/orders")["data"] == []


def test_orders_share_ten_a_second_and_reads_have_their_own() -> None:
    kite = Kite(limits=ZERODHA, monotonic=lambda: 5.0)
    for number in range(9):
        assert kite.place(tag=f"n{number}").status_code == 200
    first = kite.get("/orders")["data"][0]["order_id"]
    assert kite.http.delete(f"/orders/regular/{first}").status_code == 200
    assert check_refusal(kite.place(), 429, "NetworkException") == "Too many requests"
    assert kite.http.get("/quote/ltp?i=NSE:INFY").status_code == 200
    assert kite.http.get("/quote?i=NSE:INFY").status_code == 429
    history = "/instruments/historical/408065/day?from=2026-11-01&to=2026-11-20"
    assert [kite.http.get(history).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert [kite.http.get("/trades").status_code for _ in range(11)] == [200] * 10 + [429]


def test_the_file_is_gzipped_for_those_who_take_it(kite: Kite) -> None:
    plain = kite.http.get("/instruments", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with kite.http.stream("GET", "/instruments", headers={"Accept-Encoding": "gzip"}) as reply:
        raw = b"".join(reply.iter_raw())
    assert gzip.decompress(raw) == plain.content


def test_the_adapter_reads_the_same_symbols_as_the_market_has(kite: Kite) -> None:
    content = kite.http.get("/instruments").content
    read = [row for row in instruments(content) if isinstance(row, Instrument)]
    market = {one.symbol: one for one in kite.sandbox.exchange.market}
    for row in read:
        one = market[row.symbol]
        assert (row.token, row.broker_symbol, row.lot_size, row.expiry, row.strike) == (
            one.token, one.broker_symbol, one.lot_size, one.expiry, one.strike,
        )  # fmt: skip
    left_out = {symbol.split(":")[0] for symbol in set(market) - {row.symbol for row in read}}
    assert left_out <= {"CDS", "MCX"}, "lots whose units the file does not tell"


def test_symbols_tell_weekly_options_from_monthly(kite: Kite) -> None:
    market = kite.sandbox.exchange.market
    found = {s: market.symbol(s) for s in ("NFO:NIFTY24NOV2626000CE", "NFO:NIFTY01DEC2626000CE")}
    assert [one.broker_symbol for one in found.values() if one] == [
        "NIFTY26NOV26000CE", "NIFTY26D0126000CE",
    ]  # fmt: skip


# -- faults


@pytest.mark.parametrize(
    ("fault", "status", "kind", "booked"),
    [
        ("user-exception", 403, "UserException", 0),
        ("permission-exception", 403, "PermissionException", 0),
        ("input-exception", 400, "InputException", 0),
        ("order-exception", 400, "OrderException", 0),
        ("margin-exception", 400, "MarginException", 0),
        ("holding-exception", 400, "HoldingException", 0),
        ("network-exception", 503, "NetworkException", 0),
        ("network-exception-booked", 503, "NetworkException", 1),
        ("data-exception-booked", 502, "DataException", 1),
        ("general-exception-booked", 500, "GeneralException", 1),
    ],
)
def test_error_classes_on_purpose(
    kite: Kite, fault: str, status: int, kind: str, booked: int
) -> None:
    kite.sandbox.faults.add(fault, path="/orders/", times=1)
    check_refusal(kite.place(), status, kind)
    assert len(kite.sandbox.book()) == booked
    [entry] = kite.sandbox.faults.log
    assert (entry.key, entry.booked) == ("mine", bool(booked))
    assert kite.place().status_code == 200


def test_success_without_an_id_is_booked(kite: Kite) -> None:
    kite.sandbox.faults.add("no-order-id", times=1)
    assert kite.place().json() == {"status": "success", "data": {"order_id": None}}
    assert len(kite.sandbox.book()) == 1


def test_tokens_die_and_rates_burst_on_purpose(kite: Kite) -> None:
    kite.sandbox.faults.add("rate-burst", times=1, seconds=60)
    assert [kite.place().status_code for _ in range(2)] == [429, 429]
    other = Kite()
    other.sandbox.faults.add("token-death", times=1)
    assert [other.place().status_code for _ in range(2)] == [403, 403]


@pytest.mark.parametrize("path", ["/orders", "/trades"])
def test_books_lag_on_purpose(kite: Kite, path: str) -> None:
    kite.place(price="1600")
    assert len(kite.get(path)["data"]) > 0
    kite.sandbox.faults.add("empty-book", times=1)
    assert kite.get(path)["data"] == []
    kite.sandbox.faults.add("book-lag", seconds=5)
    assert kite.get(path)["data"] == []
    kite.sandbox.clock.advance(6)
    assert len(kite.get(path)["data"]) > 0


# -- whatever comes in, something that Kite could say goes out

LEAF = st.one_of(st.text(max_size=8), st.integers().map(str), st.sampled_from(list(ORDER.values())))
FORMS = st.dictionaries(
    st.sampled_from([*ORDER, "trigger_price", "validity", "market_protection", "condition",
                     "orders", "type", "i", "from", "to", "position_type", "old_product"]),
    LEAF,
)  # fmt: skip


WORDS = ("regular", "amo", "1", "é")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    route=st.sampled_from(ROUTES), form=FORMS, word=st.sampled_from(["regular", "amo", "1", "é"])
)
def test_no_form_breaks_a_route(route: Any, form: dict[str, str], word: str) -> None:
    kite = _SHARED
    path = "/".join(word if part.startswith("{") else part for part in route.path.split("/"))
    told = {"params": form} if route.method in ("GET", "DELETE") else {"data": form}
    reply = kite.http.request(route.method, path, **told)
    body = reply.json()
    assert body["status"] in ("success", "error")
    assert (reply.status_code < 400) == (body["status"] == "success")
    assert reply.status_code < 500


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(list(ORDER)), inner, max_size=4)
    ),
)


@settings(max_examples=60, deadline=None)
@given(body=JSON)
@pytest.mark.parametrize("path", ["/margins/orders", "/margins/basket", "/charges/orders"])
def test_no_json_breaks_a_calculation(path: str, body: Any) -> None:
    reply = _SHARED.http.post(path, json=body)
    assert reply.status_code in (200, 400)


_SHARED = Kite()
