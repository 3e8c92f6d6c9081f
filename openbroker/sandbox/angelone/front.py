"""Angel One's front door: from an HTTP request to its reply.

:class:`AngelOne` is a plain function of a request, so it runs in process behind
``httpx.MockTransport`` and behind the wire server alike.  The order of its checks is the gateway's:
path, API key, token, rate, address, body.  Routes are rows of :data:`ROUTES`; each is a function of
the desk, the client code and the body that returns the reply's ``data`` or raises ``Refuse``.

Source: the SmartAPI documentation, read November 2026, and the requests of the official clients.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import httpx
from attrs import frozen

from openbroker.sandbox.angelone import (
    charges,
    gtt,
    history,
    market,
    orders,
    portfolio,
    replies,
    statistics,
)
from openbroker.sandbox.angelone.desk import Desk
from openbroker.sandbox.angelone.fields import Body, text
from openbroker.sandbox.angelone.replies import GatewayRefuse, Refuse
from openbroker.sandbox.angelone.sessions import Sessions
from openbroker.sandbox.exchange import Exchange
from openbroker.sandbox.faults import FaultPlan
from openbroker.sandbox.front_end import FrontEnd, peer_address
from openbroker.sandbox.rate_windows import Windows

SECURE = "/rest/secure/angelbroking"
AUTH = "/rest/auth/angelbroking"
MASTER_PATH = "/OpenAPI_File/files/OpenAPIScripMaster.json"
DETAILS = f"{SECURE}/order/v1/details/"
PREFIXES = re.compile(r"^/(gtt-service|order-service)(?=/rest/)")

Call: TypeAlias = Callable[[Desk, str, Body], Any]


@frozen
class Route:
    """A row of the route table: what it is called, what answers, whether addresses are checked."""

    name: str
    call: Call
    gated: bool = False


@frozen
class BookRoute:
    """A route that lists a book's rows, which the faults of the book may keep back."""

    name: str
    rows: Callable[[Exchange, str], list[Any]]
    show: Callable[[Desk, Any], dict[str, Any]]
    gated: bool = False


LOGIN = f"{AUTH}/user/v1/loginByPassword"
RENEW = f"{AUTH}/jwt/v1/generateTokens"
LOGOUT = f"{SECURE}/user/v1/logout"

ROUTES: Mapping[tuple[str, str], Route | BookRoute] = {
    ("GET", f"{SECURE}/user/v1/getProfile"): Route("profile", portfolio.profile),
    ("GET", f"{SECURE}/user/v1/getRMS"): Route("funds", portfolio.funds),
    ("POST", f"{SECURE}/order/v1/placeOrder"): Route("place", orders.place, gated=True),
    ("POST", f"{SECURE}/order/v1/modifyOrder"): Route("modify", orders.modify, gated=True),
    ("POST", f"{SECURE}/order/v1/cancelOrder"): Route("cancel", orders.cancel, gated=True),
    ("GET", f"{SECURE}/order/v1/getOrderBook"): BookRoute(
        "orders", Exchange.orders, orders.order_row
    ),
    ("GET", DETAILS): Route("order", orders.order_details),
    ("GET", f"{SECURE}/order/v1/getTradeBook"): BookRoute(
        "trades", Exchange.trades, orders.trade_row
    ),
    ("POST", f"{SECURE}/order/v1/getLtpData"): Route("ltp", market.ltp),
    ("GET", f"{SECURE}/order/v1/getPosition"): Route("positions", portfolio.positions),
    ("POST", f"{SECURE}/order/v1/searchScrip"): Route("search", market.search),
    ("POST", f"{SECURE}/market/v1/quote"): Route("quote", market.quote),
    ("GET", f"{SECURE}/portfolio/v1/getHolding"): Route("holdings", portfolio.holdings),
    ("GET", f"{SECURE}/portfolio/v1/getAllHolding"): Route("all_holdings", portfolio.all_holdings),
    ("POST", f"{SECURE}/order/v1/convertPosition"): Route("convert", charges.convert),
    ("POST", f"{SECURE}/historical/v1/getCandleData"): Route("candles", history.candle_data),
    ("POST", f"{SECURE}/historical/v1/getOIData"): Route("open_interest", history.open_interest),
    ("POST", f"{SECURE}/gtt/v1/createRule"): Route("gtt_create", gtt.create, gated=True),
    ("POST", f"{SECURE}/gtt/v1/modifyRule"): Route("gtt_modify", gtt.modify, gated=True),
    ("POST", f"{SECURE}/gtt/v1/cancelRule"): Route("gtt_cancel", gtt.cancel, gated=True),
    ("POST", f"{SECURE}/gtt/v1/ruleDetails"): Route("gtt_details", gtt.details),
    ("POST", f"{SECURE}/gtt/v1/ruleList"): Route("gtt_list", gtt.listing),
    ("POST", f"{SECURE}/margin/v1/batch"): Route("margin", charges.margin),
    ("POST", f"{SECURE}/brokerage/v1/estimateCharges"): Route("charges", charges.estimate),
    ("POST", f"{SECURE}/marketData/v1/optionGreek"): Route("greeks", statistics.option_greeks),
    ("POST", f"{SECURE}/marketData/v1/gainersLosers"): Route("movers", statistics.gainers_losers),
    ("GET", f"{SECURE}/marketData/v1/putCallRatio"): Route("pcr", statistics.put_call_ratio),
    ("POST", f"{SECURE}/marketData/v1/OIBuildup"): Route("build_up", statistics.build_up),
    ("GET", f"{SECURE}/marketData/v1/nseIntraday"): Route("nse_intraday", statistics.nse_intraday),
    ("GET", f"{SECURE}/marketData/v1/bseIntraday"): Route("bse_intraday", statistics.bse_intraday),
    ("GET", f"{SECURE}/securities/v1/cautionaryScrips"): Route("caution", statistics.cautionary),
}
KNOWN_PATHS = {path for _, path in ROUTES} | {LOGIN, RENEW, LOGOUT}


class AngelOne(FrontEnd):
    """Call it with a request; see the module.

    Args:
        desk: exchange, master and rules.
        sessions: who may come in.
        windows: the rate limits.
        faults: as :class:`~openbroker.sandbox.front_end.FrontEnd` has it.
    """

    def __init__(self, desk: Desk, sessions: Sessions, windows: Windows, faults: FaultPlan) -> None:
        super().__init__(faults)
        self.desk = desk
        self.sessions = sessions
        self.windows = windows
        self._master = json.dumps(list(desk.rows), separators=(",", ":")).encode()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = PREFIXES.sub("", request.url.path)
        if path == MASTER_PATH and request.method == "GET":
            return replies.raw_json(self._master)
        path = path if path.startswith(DETAILS) else path.rstrip("/")
        try:
            return self._answer(request, path)
        except Refuse as error:
            return replies.refusal(error)
        except _TooMany:
            return replies.rate_limited()
        except _BadBody:
            return replies.bad_request(400, path)

    def _answer(self, request: httpx.Request, path: str) -> httpx.Response:
        if request.method == "POST" and path == LOGIN:
            return self._login(request)
        if request.method == "POST" and path in (RENEW, LOGOUT):
            return self._change_session(request, path)
        key = DETAILS if path.startswith(DETAILS) else path
        route = ROUTES.get((request.method, key))
        if route is None:
            return self._unknown(path, key)
        client = self._admit(request, route.name)
        if route.gated:
            self._check_address(request)
        body = _body(request)
        if key == DETAILS:
            body = {"uniqueorderid": path.removeprefix(DETAILS)}
        if isinstance(route, BookRoute):
            return replies.success(self._book(request, route, client))
        return replies.success(route.call(self.desk, client, body))

    def _book(
        self, request: httpx.Request, route: BookRoute, client: str
    ) -> list[dict[str, Any]] | None:
        rows = route.rows(self.desk.exchange, client)
        seen = self.seen(request, self.desk.exchange, client, rows)
        return [route.show(self.desk, row) for row in seen] or None

    def _unknown(self, path: str, key: str) -> httpx.Response:
        if key in KNOWN_PATHS:
            return replies.bad_request(405, path)
        if path.startswith((SECURE, AUTH)):
            return replies.bad_request(404, path)
        return replies.firewall()

    def _admit(self, request: httpx.Request, route: str) -> str:
        api_key = request.headers.get("x-privatekey", "")
        client = self.sessions.client(api_key, request.headers.get("authorization", ""))
        _check_user_type(request)
        if not self.windows.admits(client.client_code, route):
            raise _TooMany
        return client.client_code

    def _check_address(self, request: httpx.Request) -> None:
        allowed = self.desk.rules.allowed_addresses
        if allowed is not None and peer_address(request) not in allowed:
            raise GatewayRefuse("AG7002", "Unregistered IP address")

    def _login(self, request: httpx.Request) -> httpx.Response:
        _check_user_type(request)
        body = _body(request)
        client_code = text(body, "clientcode", "")
        if not self.windows.admits(client_code, "login"):
            raise _TooMany
        tokens = self.sessions.login(
            request.headers.get("x-privatekey", ""),
            client_code,
            text(body, "password", ""),
            text(body, "totp", ""),
        )
        state = {"state": body["state"]} if "state" in body else {}
        return replies.success(tokens.body() | state)

    def _change_session(self, request: httpx.Request, path: str) -> httpx.Response:
        code = self._admit(request, "renew" if path == RENEW else "logout")
        client = self.sessions.clients[code]
        body = _body(request)
        if path == RENEW:
            tokens = self.sessions.renew(client, text(body, "refreshToken", ""))
            return replies.success(tokens.body())
        if text(body, "clientcode", "") != code:
            raise Refuse("AB1007", "Invalid clientcode")
        self.sessions.logout(client)
        return replies.success("")


class _TooMany(Exception):
    """The call is over a rate limit."""


class _BadBody(Exception):
    """The body is no JSON object."""


def _check_user_type(request: httpx.Request) -> None:
    if request.headers.get("x-usertype", "") != "USER":
        raise Refuse("AB1005", "User type must be USER")


def _body(request: httpx.Request) -> Body:
    if request.method != "POST":
        return {}
    try:
        body = json.loads(request.content or b"{}")
    except (ValueError, RecursionError):
        raise _BadBody from None
    if not isinstance(body, dict):
        raise _BadBody
    return body
