"""Kite's own ways of failing, beside those of every broker: error classes by name.

What a gateway says before the order system is asked books nothing; NetworkException, DataException
and GeneralException prove nothing either way, so they also exist with ``-booked``.

Source: kite.trade/docs/connect/v3, page Exceptions and errors, read November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import parse_qs

import httpx

from openbroker.sandbox.book_faults import BOOK_FAULTS
from openbroker.sandbox.fault_table import FaultTable
from openbroker.sandbox.faults import FAULTS
from openbroker.sandbox.rate_windows import Windows
from openbroker.sandbox.zerodha import replies
from openbroker.sandbox.zerodha.replies import KiteError
from openbroker.sandbox.zerodha.sessions import Sessions

Reply: TypeAlias = httpx.Response | None

ERRORS = FaultTable()
REFUSED: Mapping[str, str] = {
    "UserException": "Your account is blocked.",
    "PermissionException": "Insufficient permission for that call.",
    "InputException": "Invalid `price`.",
    "OrderException": "Your order could not be placed.",
    "MarginException": "Insufficient funds.",
    "HoldingException": "Insufficient stock holding in your account.",
}
UNCERTAIN: Mapping[str, str] = {
    "NetworkException": "The order management system could not be reached.",
    "DataException": "The order management system's answer could not be read.",
    "GeneralException": "Something unexpected happened.",
}


def _register(kind: str, message: str, *, booked: bool | None) -> None:
    name = kind.removesuffix("Exception").lower() + "-exception"

    @ERRORS.message(f"{kind}, HTTP {KiteError(kind, '').status}", booked=booked, name=name)
    def error(_: httpx.Request, __: Reply, *, message: str = message) -> httpx.Response:
        return replies.failure(KiteError(kind, message))


for _kind, _message in REFUSED.items():
    _register(_kind, _message, booked=False)
for _kind, _message in UNCERTAIN.items():
    _register(_kind, _message, booked=None)


@ERRORS.message("TokenException for this request alone", booked=False)
def token_exception(_: httpx.Request, __: Reply) -> httpx.Response:
    return replies.failure(replies.dead_token())


@ERRORS.message("429 as Kite words it: NetworkException, too many requests", booked=False)
def rate_exception(_: httpx.Request, __: Reply) -> httpx.Response:
    return replies.failure(replies.too_many())


@ERRORS.message("success without an order id", booked=True)
def no_order_id(_: httpx.Request, __: Reply) -> httpx.Response:
    return replies.success({"order_id": None})


def order_tag(request: httpx.Request) -> str | None:
    """What names a request in the fault plan's log: the tag of the order that it places."""
    if request.method != "POST" or not request.url.path.startswith("/orders/"):
        return None
    return parse_qs(request.content.decode("utf-8", "replace")).get("tag", [None])[0]


def fault_table(sessions: Sessions, windows: Windows) -> FaultTable:
    """Every fault by name, for one sandbox."""
    table = FaultTable({**FAULTS, **ERRORS, **BOOK_FAULTS})

    @table.message("the client's tokens die: TokenException from now on", booked=False)
    def token_death(request: httpx.Request, _: Reply) -> httpx.Response:
        sessions.invalidate_token(request.headers.get("authorization", ""))
        return replies.failure(replies.dead_token())

    @table.message("429, for the next `seconds` real seconds", booked=False)
    def rate_burst(_: httpx.Request, __: Reply, *, seconds: float = 2.0) -> httpx.Response:
        windows.close_for(seconds)
        return replies.failure(replies.too_many())

    return table
