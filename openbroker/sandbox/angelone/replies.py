"""The shapes of Angel One's replies.

Success and an application's refusal share an envelope (``status``, ``errorcode``); the gateway's
refusals (token, API key, address) have one of their own (``success``, ``errorCode``); the rate
limit answers in plain text with 403; an unknown path gets the firewall's page or a 404.
"""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import httpx

from openbroker.sandbox.json_replies import as_json

RATE_TEXT = "Access denied because of exceeding access rate"
FIREWALL_PAGE = (
    "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. "
    "Please consult with your administrator.<br><br>Your support ID is: 1204567890123456789"
    "<br><br><a href='javascript:history.back();'>[Go Back]</a></body></html>"
)


class Refuse(Exception):
    """The application says no (shape a)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class GatewayRefuse(Refuse):
    """The gateway says no before the application is asked (shape c)."""


def success(data: Any) -> httpx.Response:
    return as_json({"status": True, "message": "SUCCESS", "errorcode": "", "data": data})


def refusal(error: Refuse) -> httpx.Response:
    """Shape a or c, by who refuses."""
    if isinstance(error, GatewayRefuse):
        return gateway_refusal(error.code, error.message)
    return application_refusal(error.code, error.message)


def application_refusal(code: str, message: str) -> httpx.Response:
    return as_json({"status": False, "message": message, "errorcode": code, "data": None})


def gateway_refusal(code: str, message: str) -> httpx.Response:
    return as_json({"success": False, "message": message, "errorCode": code, "data": ""})


def rate_limited() -> httpx.Response:
    return httpx.Response(403, headers={"date": formatdate(usegmt=True)}, text=RATE_TEXT)


def firewall() -> httpx.Response:
    return httpx.Response(200, headers={"date": formatdate(usegmt=True)}, html=FIREWALL_PAGE)


def bad_request(status: int, path: str) -> httpx.Response:
    """What the application server says of a path or a body that it cannot take."""
    words = {400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}
    return as_json({"status": status, "error": words[status], "path": path}, status)


def raw_json(content: bytes) -> httpx.Response:
    """A file."""
    return httpx.Response(
        200,
        headers={"content-type": "application/json", "date": formatdate(usegmt=True)},
        content=content,
    )
