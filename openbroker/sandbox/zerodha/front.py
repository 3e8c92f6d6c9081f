"""Zerodha's front door: from an HTTP request to its reply.

The order of its checks is the gateway's: version, token, rate, address, input.  Routes are rows of
:data:`ROUTES`; each is a function of the desk, the user id and the request.  The login page, the
exchange of its token and the instruments need no session.

Source: kite.trade/docs/connect/v3, read November 2026, and the requests of kiteconnect 5.2.2.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode

import httpx
from attrs import Factory, field, frozen

from openbroker.sandbox.exchange import Exchange
from openbroker.sandbox.faults import FaultPlan
from openbroker.sandbox.front_end import FrontEnd, peer_address
from openbroker.sandbox.rate_windows import Windows
from openbroker.sandbox.zerodha import (
    asked,
    charges,
    gtt,
    market,
    orders,
    portfolio,
    replies,
    words,
)
from openbroker.sandbox.zerodha.asked import Asked
from openbroker.sandbox.zerodha.desk import Desk
from openbroker.sandbox.zerodha.master import file_of
from openbroker.sandbox.zerodha.replies import KiteError
from openbroker.sandbox.zerodha.sessions import Sessions

VERSION = "3"
LOGIN_PAGE = "/connect/login"
PAGE = (
    "<!doctype html><html><head><title>Kite (sandbox)</title></head><body>"
    "<h1>Login to Kite (a simulation)</h1><form method='post'>"
    "<input type='hidden' name='api_key' value='{api_key}'>"
    "<input type='hidden' name='redirect_params' value='{more}'>"
    "<label>User ID <input name='user_id' value='{user_id}'></label> "
    "<button>Login</button></form></body></html>"
)

Call: TypeAlias = Callable[[Desk, str, Asked], Any]


def _compiled(route: Route | BookRoute) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path))


COMPILED: Any = Factory(_compiled, takes_self=True)


@frozen
class Route:
    """A row of the route table: what it is called, where, what answers, who checks addresses."""

    name: str
    method: str
    path: str
    call: Call
    gated: bool = False
    pattern: re.Pattern[str] = field(init=False, default=COMPILED)


@frozen
class BookRoute:
    """A route that lists a book's rows, which the faults of the book may keep back."""

    name: str
    path: str
    rows: Callable[[Exchange, str], list[Any]]
    show: Callable[[Desk, Any], dict[str, Any]]
    method: str = "GET"
    gated: bool = False
    pattern: re.Pattern[str] = field(init=False, default=COMPILED)


ROUTES: tuple[Route | BookRoute, ...] = (
    Route("profile", "GET", "/user/profile", portfolio.profile),
    Route("funds", "GET", "/user/margins", portfolio.margins),
    Route("funds", "GET", "/user/margins/{segment}", portfolio.segment_margins),
    Route("place", "POST", "/orders/{variety}", orders.place, gated=True),
    Route("modify", "PUT", "/orders/{variety}/{order_id}", orders.modify, gated=True),
    Route("cancel", "DELETE", "/orders/{variety}/{order_id}", orders.cancel, gated=True),
    BookRoute("orders", "/orders", Exchange.orders, orders.order_row),
    Route("order", "GET", "/orders/{order_id}", orders.history),
    BookRoute("trades", "/trades", Exchange.trades, orders.trade_row),
    Route("order_trades", "GET", "/orders/{order_id}/trades", orders.order_trades),
    Route("positions", "GET", "/portfolio/positions", portfolio.positions),
    Route("convert", "PUT", "/portfolio/positions", portfolio.convert),
    Route("holdings", "GET", "/portfolio/holdings", portfolio.holdings),
    Route("quote", "GET", "/quote", market.quote),
    Route("ohlc", "GET", "/quote/ohlc", market.ohlc),
    Route("ltp", "GET", "/quote/ltp", market.ltp),
    Route(
        "history", "GET", "/instruments/historical/{instrument_token}/{interval}", market.history
    ),
    Route("margins", "POST", "/margins/orders", charges.order_margins),
    Route("basket", "POST", "/margins/basket", charges.basket_margins),
    Route("charges", "POST", "/charges/orders", charges.contract_note),
    Route("gtt_create", "POST", "/gtt/triggers", gtt.create, gated=True),
    Route("gtt_list", "GET", "/gtt/triggers", gtt.listing),
    Route("gtt_one", "GET", "/gtt/triggers/{trigger_id}", gtt.one),
    Route("gtt_modify", "PUT", "/gtt/triggers/{trigger_id}", gtt.modify, gated=True),
    Route("gtt_delete", "DELETE", "/gtt/triggers/{trigger_id}", gtt.delete, gated=True),
)


class Zerodha(FrontEnd):
    """Call it with a request; see the module.

    Args:
        desk: exchange and rules.
        sessions: who may come in.
        windows: the rate limits.
        faults: as :class:`~openbroker.sandbox.front_end.FrontEnd` has it.
    """

    def __init__(self, desk: Desk, sessions: Sessions, windows: Windows, faults: FaultPlan) -> None:
        super().__init__(faults)
        self.desk = desk
        self.sessions = sessions
        self.windows = windows
        self._open: Mapping[tuple[str, str], Callable[[httpx.Request], httpx.Response]] = {
            ("POST", "/session/token"): self._login,
            ("POST", "/session/refresh_token"): self._renew,
            ("DELETE", "/session/token"): self._logout,
            ("GET", LOGIN_PAGE): self._login_page,
            ("POST", LOGIN_PAGE): self._logged_in,
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._answer(request, request.url.path.rstrip("/"))
        except KiteError as error:
            return replies.failure(error)

    def _answer(self, request: httpx.Request, path: str) -> httpx.Response:
        if path != LOGIN_PAGE and request.headers.get("x-kite-version") != VERSION:
            raise replies.invalid("X-Kite-Version")
        session_call = self._open.get((request.method, path))
        if session_call is not None:
            return session_call(request)
        if request.method == "GET" and re.fullmatch(r"/instruments(/[A-Z]+)?", path):
            return self._instruments(request, path)
        route, at = _route(request.method, path)
        client = self.sessions.client(request.headers.get("authorization", ""))
        if not self.windows.admits(client.client_code, route.name):
            raise replies.too_many()
        if route.gated:
            self._check_address(request)
        asked_for = Asked.of(request, at)
        if isinstance(route, BookRoute):
            return replies.success(self._book(request, route, client.client_code))
        return replies.success(route.call(self.desk, client.client_code, asked_for))

    def _book(self, request: httpx.Request, route: BookRoute, account: str) -> list[dict[str, Any]]:
        exchange = self.desk.exchange
        rows = self.seen(request, exchange, account, route.rows(exchange, account))
        return [route.show(self.desk, row) for row in rows]

    def _check_address(self, request: httpx.Request) -> None:
        allowed = self.desk.rules.allowed_addresses
        if allowed is not None and peer_address(request) not in allowed:
            raise KiteError("PermissionException", "Order request from an unregistered IP address.")

    def _instruments(self, request: httpx.Request, path: str) -> httpx.Response:
        wanted = path.removeprefix("/instruments").strip("/")
        if wanted and wanted not in words.EXCHANGES:
            raise replies.invalid("exchange")
        listed = (one for one in self.desk.exchange.market if wanted in ("", one.venue.value))
        packed = "gzip" in request.headers.get("accept-encoding", "")
        return replies.csv_file(file_of(listed), packed=packed)

    # session

    def _login(self, request: httpx.Request) -> httpx.Response:
        form = Asked.of(request, {}).form
        return replies.success(
            self.sessions.exchange(
                asked.text(form, "api_key"),
                asked.text(form, "request_token"),
                asked.text(form, "checksum"),
                refresh=self.desk.rules.grants_refresh,
            )
        )

    def _renew(self, request: httpx.Request) -> httpx.Response:
        form = Asked.of(request, {}).form
        words_ = (asked.text(form, name) for name in ("api_key", "refresh_token", "checksum"))
        return replies.success(self.sessions.renew(*words_))

    def _logout(self, request: httpx.Request) -> httpx.Response:
        form = Asked.of(request, {}).form
        name = "access_token" if asked.has(form, "access_token") else "refresh_token"
        self.sessions.logout(asked.text(form, "api_key"), asked.text(form, name))
        return replies.success(True)

    def _login_page(self, request: httpx.Request) -> httpx.Response:
        form = Asked.of(request, {}).form
        client = self.sessions.app(asked.text(form, "api_key"))
        page = PAGE.format(
            api_key=html.escape(client.api_key, quote=True),
            user_id=html.escape(client.client_code, quote=True),
            more=html.escape(str(form.get("redirect_params", "")), quote=True),
        )
        return httpx.Response(200, headers={"date": formatdate(usegmt=True)}, html=page)

    def _logged_in(self, request: httpx.Request) -> httpx.Response:
        """The user has pressed the button: back to the app, with a request token."""
        form = Asked.of(request, {}).form
        client = self.sessions.app(asked.text(form, "api_key"))
        if asked.text(form, "user_id") != client.client_code:
            raise KiteError("UserException", "Invalid user ID.")
        query = {
            "action": "login",
            "type": "login",
            "status": "success",
            "request_token": self.sessions.request_token(client),
        } | dict(parse_qsl(str(form.get("redirect_params", ""))))
        address = f"{self.desk.rules.redirect_url}?{urlencode(query)}"
        return httpx.Response(302, headers={"location": address, "date": formatdate(usegmt=True)})


def _route(method: str, path: str) -> tuple[Route | BookRoute, Mapping[str, str]]:
    """The row for a request and the words of its path; raises KiteError."""
    known = False
    for route in ROUTES:
        found = route.pattern.fullmatch(path)
        if found is not None and route.method == method:
            return route, found.groupdict()
        known = known or found is not None
    if known:
        raise KiteError("GeneralException", "Method not allowed", 405)
    raise KiteError("GeneralException", "Route not found", 404)
