"""Angel One's own ways of failing, beside those of every broker: reply shapes and bad books.

The ten shapes of failure are called ``shape-a`` to ``shape-j``.  Those that the gateway gives
before it passes a request on (c to f) book nothing; the others also exist as ``shape-a-booked`` and
so on, where the request was carried out before the reply was spoilt.
``token-death`` and ``rate-burst`` change the sandbox's state, so :func:`fault_table` makes them for
one sandbox.

==  =======================================================================================
a   200, the application's refusal: ``status`` false, ``errorcode``
b   200, the same with the flag and the data as strings
c   200, the gateway's refusal: ``success`` false, ``errorCode``, no ``status``
d   403, plain text: access rate exceeded
e   429, text
f   403, JSON with AB1021
g   200, the firewall's HTML page
h   200 or 503, empty
i   502, 503 or 504, HTML
j   400 or 404, JSON or HTML
==  =======================================================================================

Sources: captures and forum threads of 2024 to 2026, as third parties published them.
"""

from __future__ import annotations

import json
from typing import TypeAlias

import httpx

from openbroker.sandbox.angelone import replies
from openbroker.sandbox.angelone.sessions import Sessions
from openbroker.sandbox.book_faults import BOOK_FAULTS
from openbroker.sandbox.fault_table import FaultTable
from openbroker.sandbox.faults import FAULTS
from openbroker.sandbox.json_replies import as_json
from openbroker.sandbox.message_faults import error_page
from openbroker.sandbox.rate_windows import Windows

SHAPES = FaultTable()
_shape = SHAPES.message
Reply: TypeAlias = httpx.Response | None


@_shape("shape a: the application's refusal, HTTP 200", booked=None)
def shape_a(
    _: httpx.Request,
    __: Reply,
    *,
    code: str = "AB1004",
    message: str = "Something Went Wrong, Please Try After Sometime",
) -> httpx.Response:
    return replies.application_refusal(code, message)


@_shape("shape b: shape a with flag and data as strings", booked=None)
def shape_b(
    _: httpx.Request,
    __: Reply,
    *,
    code: str = "AB1004",
    message: str = "Something Went Wrong, Please Try After Sometime",
) -> httpx.Response:
    return as_json({"status": "false", "message": message, "errorcode": code, "data": "null"})


@_shape("shape c: the gateway's refusal (token, API key, address), HTTP 200", booked=False)
def shape_c(
    _: httpx.Request, __: Reply, *, code: str = "AG8001", message: str = "Invalid Token"
) -> httpx.Response:
    return replies.gateway_refusal(code, message)


@_shape("shape d: the rate limit's plain text, HTTP 403", booked=False)
def shape_d(_: httpx.Request, __: Reply) -> httpx.Response:
    return replies.rate_limited()


@_shape("shape e: HTTP 429 with a text", booked=False)
def shape_e(_: httpx.Request, __: Reply) -> httpx.Response:
    return httpx.Response(429, text="Too many requests")


@_shape("shape f: JSON with AB1021, too many requests", booked=False)
def shape_f(_: httpx.Request, __: Reply, *, status: int = 403) -> httpx.Response:
    return as_json(
        {"status": False, "message": "Too many requests", "errorcode": "AB1021", "data": None},
        status,
    )


@_shape("shape g: the firewall's HTML page, HTTP 200", booked=None)
def shape_g(_: httpx.Request, __: Reply) -> httpx.Response:
    return replies.firewall()


@_shape("shape h: an empty body, HTTP 200", booked=None)
def shape_h(_: httpx.Request, __: Reply, *, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=b"")


@_shape("shape i: a gateway's HTML page, HTTP 502", booked=None)
def shape_i(_: httpx.Request, __: Reply, *, status: int = 502) -> httpx.Response:
    return error_page(status)


@_shape("shape j: HTTP 400 with JSON, or with HTML", booked=None)
def shape_j(
    request: httpx.Request, __: Reply, *, status: int = 400, html: bool = False
) -> httpx.Response:
    return error_page(status) if html else replies.bad_request(status, request.url.path)


def order_tag(request: httpx.Request) -> str | None:
    """What names a request in the fault plan's log: the tag of the order that it places."""
    if not request.url.path.endswith("/placeOrder"):
        return None
    try:
        tag = json.loads(request.content).get("ordertag")
    except (ValueError, RecursionError, AttributeError):
        return None
    return tag if isinstance(tag, str) else None


def fault_table(sessions: Sessions, windows: Windows) -> FaultTable:
    """Every fault by name, for one sandbox."""
    table = FaultTable({**FAULTS, **SHAPES, **BOOK_FAULTS})

    @table.message("the client's tokens die: shape c AG8001 from now on", booked=False)
    def token_death(request: httpx.Request, _: Reply) -> httpx.Response:
        sessions.invalidate_token(request.headers.get("authorization", ""))
        return replies.gateway_refusal("AG8001", "Invalid Token")

    @table.message("the rate limit's text, for the next `seconds` real seconds", booked=False)
    def rate_burst(_: httpx.Request, __: Reply, *, seconds: float = 2.0) -> httpx.Response:
        windows.close_for(seconds)
        return replies.rate_limited()

    return table
