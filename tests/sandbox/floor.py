"""A sandbox with a clock that stands still, and a caller that speaks Angel One to it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import httpx
from pyotp.totp import TOTP

from openbroker.sandbox import Sandbox
from openbroker.sandbox.orders import BookOrder, Ticket
from openbroker.schemas import Instrument, OrderType, Product, Side

TODAY = dt.date(2026, 11, 20)
SECURE = "/rest/secure/angelbroking"
AUTH = "/rest/auth/angelbroking"
ORDER = f"{SECURE}/order/v1"
INFY = {"tradingsymbol": "INFY-EQ", "symboltoken": "1594", "exchange": "NSE"}
CALL = "NFO:NIFTY24NOV2626000CE"


def still_sandbox(**options: Any) -> Sandbox:
    """Time stands still until the clock is moved; no rate limits unless asked for."""
    settings: dict[str, Any] = {"today": TODAY, "time_scale": 0, "limits": None}
    return Sandbox(**(settings | options))


def instrument(sandbox: Sandbox, symbol: str) -> Instrument:
    found = sandbox.exchange.market.symbol(symbol)
    assert found is not None, symbol
    return found


def ticket(sandbox: Sandbox, symbol: str = "NSE:INFY", **terms: Any) -> Ticket:
    """A delivery purchase of ten at market, but for the terms."""
    settings: dict[str, Any] = {
        "instrument": instrument(sandbox, symbol),
        "side": Side.BUY,
        "quantity": 10,
        "order_type": OrderType.LIMIT if "price" in terms else OrderType.MARKET,
        "product": Product.CNC,
    }
    for name in ("price", "trigger_price"):
        if name in terms:
            terms[name] = Decimal(terms[name])
    return Ticket(**(settings | terms))


def place(sandbox: Sandbox, symbol: str = "NSE:INFY", **terms: Any) -> BookOrder:
    return sandbox.exchange.place(sandbox.client.client_code, ticket(sandbox, symbol, **terms))


class Caller:
    """An HTTP client of the sandbox's in-process handler."""

    def __init__(self, sandbox: Sandbox, *, login: bool = True) -> None:
        self.sandbox = sandbox
        self.keys = sandbox.credentials
        self.http = httpx.Client(
            transport=httpx.MockTransport(sandbox.in_process),
            base_url="https://sandbox.invalid",
            headers={"X-PrivateKey": self.keys["api_key"], "X-UserType": "USER"},
        )
        if login:
            reply = self.login().json()
            self.use(reply["data"]["jwtToken"])

    def login(self, **changes: Any) -> httpx.Response:
        body = {
            "clientcode": self.keys["client_code"],
            "password": self.keys["pin"],
            "totp": TOTP(self.keys["totp_secret"]).now(),
        }
        return self.http.post(f"{AUTH}/user/v1/loginByPassword", json=body | changes)

    def use(self, token: str) -> None:
        self.http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> Any:
        """The reply's whole JSON."""
        return self.http.get(path).json()

    def post(self, path: str, **body: Any) -> Any:
        return self.http.post(path, json=body).json()

    def place(self, **changes: Any) -> Any:
        """A delivery purchase of ten INFY below the market, but for the changes."""
        body = {
            "variety": "NORMAL",
            "transactiontype": "BUY",
            "ordertype": "LIMIT",
            "producttype": "DELIVERY",
            "duration": "DAY",
            "price": "1450",
            "quantity": "10",
        }
        return self.post(f"{ORDER}/placeOrder", **(body | INFY | changes))

    def book(self) -> list[dict[str, Any]]:
        return self.get(f"{ORDER}/getOrderBook")["data"] or []

    def row(self, reply: Any) -> dict[str, Any]:
        """The book's row of an order just placed."""
        found = {row["orderid"]: row for row in self.book()}
        return found[reply["data"]["orderid"]]
