"""Who gets in, how often, from where; and what is behind a wrong door."""

from __future__ import annotations

import base64
import datetime as dt
import json
import sys
from email.utils import parsedate_to_datetime

import httpx
import pytest
from floor import AUTH, ORDER, SECURE, Caller, still_sandbox
from pyotp.totp import TOTP

from openbroker.errors import ConfigError
from openbroker.sandbox import Sandbox
from openbroker.sandbox.angelone.desk import Rules
from openbroker.sandbox.angelone.front import MASTER_PATH, ROUTES
from openbroker.sandbox.angelone.limits import ANGELONE
from openbroker.sandbox.rate_windows import Limit, Windows

PROFILE = f"{SECURE}/user/v1/getProfile"
LOGOUT = f"{SECURE}/user/v1/logout"
RENEW = f"{AUTH}/jwt/v1/generateTokens"


@pytest.fixture
def caller():
    return Caller(still_sandbox())


def shape_a(reply, code):
    assert reply.status_code == 200
    body = reply.json()
    assert body.keys() == {"status", "message", "errorcode", "data"}
    assert (body["status"], body["errorcode"], body["data"]) == (False, code, None)


def shape_c(reply, code):
    assert reply.status_code == 200
    body = reply.json()
    assert body.keys() == {"success", "message", "errorCode", "data"}
    assert (body["success"], body["errorCode"], body["data"]) == (False, code, "")


def test_login_gives_three_tokens_and_echoes_the_state():
    data = Caller(still_sandbox(), login=False).login(state="live").json()["data"]
    assert data.keys() == {"jwtToken", "refreshToken", "feedToken", "state"}
    assert data["state"] == "live"
    assert not data["jwtToken"].startswith("Bearer")


def test_a_jwt_tells_its_end_on_the_real_clock():
    now = 1_800_000_000.0
    sandbox = still_sandbox(wall_clock=lambda: now, time_scale=2, monotonic=lambda: 0.0)
    code = TOTP(sandbox.credentials["totp_secret"]).at(int(now))
    token = Caller(sandbox, login=False).login(totp=code).json()["data"]["jwtToken"]
    part = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert claims["exp"] == now + 14 * 3600 / 2, "ten o'clock to midnight at twice the speed"
    assert claims["username"] == sandbox.credentials["client_code"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": "0000"}, "AB1007"),
        ({"clientcode": "NOBODY"}, "AB1007"),
        ({"totp": "000000x"}, "AB1050"),
        ({"totp": 5}, "AB1050"),
        ({"password": None}, "AB1007"),
    ],
)
def test_wrong_words_at_login(changes, code):
    shape_a(Caller(still_sandbox(), login=False).login(**changes), code)


def test_a_one_time_password_works_once_and_in_its_window():
    now = [1_800_000_000.0]
    sandbox = still_sandbox(wall_clock=lambda: now[0])
    caller = Caller(sandbox, login=False)
    totp = TOTP(sandbox.credentials["totp_secret"])
    assert caller.login(totp=totp.at(int(now[0]))).json()["status"]
    shape_a(caller.login(totp=totp.at(int(now[0]))), "AB1050")
    assert caller.login(totp=totp.at(int(now[0]) + 30)).json()["status"], "one step early"
    shape_a(caller.login(totp=totp.at(int(now[0]) + 60)), "AB1050")
    now[0] += 3600
    shape_a(caller.login(totp=totp.at(int(now[0]) - 60)), "AB1050")


def test_a_password_may_be_used_again_where_a_test_wants_it():
    caller = Caller(still_sandbox(reuse_totp=True), login=False)
    assert [caller.login().json()["status"] for _ in range(3)] == [True] * 3


@pytest.mark.parametrize("key", ["", "wrong"])
def test_a_wrong_api_key(caller, key):
    caller.http.headers["X-PrivateKey"] = key
    shape_c(caller.http.get(PROFILE), "AG8004")
    shape_c(caller.login(), "AG8004")


def test_anothers_api_key(caller):
    other = caller.sandbox.add_account()
    caller.http.headers["X-PrivateKey"] = other.api_key
    shape_c(caller.http.get(PROFILE), "AG8004")


def test_tokens_missing_wrong_and_bare(caller):
    del caller.http.headers["Authorization"]
    shape_c(caller.http.get(PROFILE), "AG8003")
    shape_c(caller.http.get(PROFILE, headers={"Authorization": "Bearer x"}), "AG8001")
    shape_c(caller.http.get(PROFILE, headers={"Authorization": "x"}), "AG8001")


def test_the_user_type_has_to_be_user(caller):
    shape_a(caller.http.get(PROFILE, headers={"X-UserType": "ADMIN"}), "AB1005")


def test_a_new_login_ends_the_old_session():
    caller = Caller(still_sandbox(reuse_totp=True))
    old = caller.http.headers["Authorization"]
    caller.use(caller.login().json()["data"]["jwtToken"])
    assert caller.get(PROFILE)["status"]
    shape_c(caller.http.get(PROFILE, headers={"Authorization": old}), "AG8001")


def test_tokens_are_renewed_all_three():
    caller = Caller(still_sandbox(), login=False)
    first = caller.login().json()["data"]
    caller.use(first["jwtToken"])
    shape_a(caller.http.post(RENEW, json={"refreshToken": "x"}), "AB8050")
    second = caller.post(RENEW, refreshToken=first["refreshToken"])["data"]
    assert not set(first.values()) & set(second.values())
    shape_c(caller.http.get(PROFILE), "AG8001")
    caller.use(second["jwtToken"])
    assert caller.get(PROFILE)["data"]["clientcode"] == caller.keys["client_code"]
    shape_a(caller.http.post(RENEW, json={"refreshToken": first["refreshToken"]}), "AB8050")


def test_logout_needs_the_own_code_and_ends_the_session(caller):
    shape_a(caller.http.post(LOGOUT, json={"clientcode": "X"}), "AB1007")
    reply = caller.post(LOGOUT, clientcode=caller.keys["client_code"])
    assert reply == {"status": True, "message": "SUCCESS", "errorcode": "", "data": ""}
    shape_c(caller.http.get(PROFILE), "AG8001")


def test_tokens_die_at_midnight_or_after_their_life():
    for options, seconds in (({}, 14 * 3600), ({"token_life": 60}, 60)):
        caller = Caller(still_sandbox(**options))
        caller.sandbox.clock.advance(seconds - 1)
        assert caller.get(PROFILE)["status"]
        caller.sandbox.clock.advance(1)
        shape_c(caller.http.get(PROFILE), "AG8002")


def test_tokens_can_be_ended_from_outside(caller):
    caller.sandbox.sessions.expire()
    shape_c(caller.http.get(PROFILE), "AG8002")
    caller.sandbox.sessions.invalidate()
    shape_c(caller.http.get(PROFILE), "AG8001")


# rates


def test_the_limits_are_rolling_windows():
    now = [100.0]
    windows = Windows(ANGELONE, monotonic=lambda: now[0])

    def count(route, most):
        return sum(windows.admits("me", route) for _ in range(most))

    assert count("place", 5) == 5
    now[0] += 0.6
    assert count("cancel", 9) == 4, "placing and cancelling share nine a second"
    now[0] += 0.41
    assert count("modify", 9) == 5, "the first five are a second old, the next four are not"
    assert windows.admits("other", "place")


def test_five_hundred_orders_a_minute():
    now = [0.0]
    windows = Windows(ANGELONE, monotonic=lambda: now[0])
    times = []
    for _ in range(110 * 9):
        if windows.admits("me", "place"):
            times.append(now[0])
        now[0] += 1 / 9 + 0.001
    in_a_minute = [sum(start <= t < start + 60 for t in times) for start in times]
    assert max(in_a_minute) == 500


def test_an_hour_holds_a_thousand_orders():
    now = [0.0]
    windows = Windows({"place": Limit(minute=500, hour=1000)}, monotonic=lambda: now[0])
    admitted = 0
    for _ in range(3600):
        admitted += windows.admits("me", "place")
        now[0] += 1
    assert admitted == 1000
    assert windows.admits("me", "place"), "the first is an hour old"


def test_over_the_limit_is_plain_text():
    caller = Caller(still_sandbox(limits="published", monotonic=lambda: 5.0))
    assert caller.http.get(f"{ORDER}/getOrderBook").status_code == 200
    reply = caller.http.get(f"{ORDER}/getOrderBook")
    assert reply.status_code == 403
    assert reply.text == "Access denied because of exceeding access rate"
    assert "text/plain" in reply.headers["content-type"]
    assert caller.login().status_code == 403, "one login a second"


def test_limits_of_ones_own():
    caller = Caller(still_sandbox(limits={"profile": Limit(second=2)}, monotonic=lambda: 5.0))
    assert [caller.http.get(PROFILE).status_code for _ in range(3)] == [200, 200, 403]


def test_no_limits():
    caller = Caller(still_sandbox())
    assert {caller.http.get(PROFILE).status_code for _ in range(20)} == {200}


# addresses


def test_only_orders_are_held_to_registered_addresses():
    caller = Caller(still_sandbox(rules=Rules(allowed_addresses=frozenset({"203.0.113.7"}))))
    assert caller.get(PROFILE)["status"]
    for path in ("order/v1/placeOrder", "order/v1/cancelOrder", "gtt/v1/createRule"):
        shape_c(caller.http.post(f"{SECURE}/{path}", json={}), "AG7002")
    assert caller.sandbox.book() == []
    request = caller.http.build_request("POST", f"{ORDER}/placeOrder", json={})
    request.extensions["peer"] = ("203.0.113.7", 5000)
    shape_a(caller.sandbox.handler(request), "AB1008")


# paths


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/", 200, "text/html"),
        ("GET", "/rest/other", 200, "text/html"),
        ("POST", f"{AUTH}/user/v1/loginByMpin", 404, "application/json"),
        ("GET", f"{SECURE}/order/v1/nothing", 404, "application/json"),
        ("GET", f"{ORDER}/placeOrder", 405, "application/json"),
        ("DELETE", PROFILE, 405, "application/json"),
    ],
)
def test_wrong_paths(caller, method, path, status, kind):
    reply = caller.http.request(method, path)
    assert reply.status_code == status
    assert kind in reply.headers["content-type"]
    if kind == "text/html":
        assert "Request Rejected" in reply.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"nonsense", b"\xff"])
def test_bodies_that_are_no_object(caller, body):
    reply = caller.http.post(f"{ORDER}/placeOrder", content=body)
    if body:
        assert reply.status_code == 400
    else:
        shape_a(reply, "AB1008")


def test_every_route_answers_a_stranger_with_the_gateways_refusal(caller):
    del caller.http.headers["Authorization"]
    for method, path in ROUTES:
        shape_c(caller.http.request(method, path), "AG8003")


def test_paths_may_end_with_a_slash_or_begin_with_a_services_name(caller):
    body = {"mode": "LTP", "exchangeTokens": {"NSE": ["1594"]}}
    for path in (f"{SECURE}/market/v1/quote", f"{SECURE}/market/v1/quote/"):
        assert caller.post(path, **body)["status"]
    assert caller.post(
        f"/order-service{ORDER}/getLtpData",
        exchange="NSE",
        tradingsymbol="INFY-EQ",
        symboltoken="1594",
    )["status"]


def test_the_master_needs_no_login():
    caller = Caller(still_sandbox(), login=False)
    rows = caller.get(MASTER_PATH)
    assert all(isinstance(value, str) for row in rows for value in row.values())
    assert len(rows) > 600


def test_replies_are_dated_by_the_real_clock(caller):
    date = parsedate_to_datetime(caller.http.get(PROFILE).headers["date"])
    assert abs((dt.datetime.now(dt.UTC) - date).total_seconds()) < 60


# the whole


def test_importing_and_making_a_sandbox_needs_no_certificates():
    import subprocess

    code = "import sys, openbroker.sandbox as s; s.Sandbox(); print('trustme' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_credentials_come_from_the_seed_and_show_in_no_repr():
    one, two, other = Sandbox(seed=1), Sandbox(seed=1), Sandbox(seed=2)
    assert one.credentials == two.credentials != other.credentials
    keys = one.credentials
    assert keys.keys() == {"api_key", "client_code", "pin", "totp_secret"}
    assert not any(keys[name] in repr(one.client) for name in ("api_key", "pin", "totp_secret"))


def test_holdings_must_be_listed():
    with pytest.raises(ConfigError, match="NSE:NOTHING"):
        Sandbox(holdings={"NSE:NOTHING": (1, "2")})


def test_a_handler_is_what_mock_transport_takes():
    sandbox = still_sandbox()
    with httpx.Client(transport=httpx.MockTransport(sandbox.handler)) as http:
        assert http.get(f"https://x{MASTER_PATH}").status_code == 200


def test_the_order_book_has_a_second_of_its_own():
    """What orders share a second is not what the book's readers have."""
    caller = Caller(still_sandbox(limits="published", monotonic=lambda: 5.0))
    assert caller.place()["status"] is True
    assert len(caller.book()) == 1
