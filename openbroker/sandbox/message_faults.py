"""Faults of the message that any broker's gateway may show: the bytes are sound, the reply is not.

Each is a function ``(request, response) -> response``; ``response`` is the front end's own where
the request was booked, else ``None``.  Where both can happen in the field, and no reply tells them
apart, there are two faults: the plain name (nothing booked) and the name with ``-booked``.  A front
end adds its broker's dialect in a table of its own.
"""

from __future__ import annotations

import json
import zlib
from http import HTTPStatus
from typing import Any

import httpx

from openbroker.sandbox.fault_table import FaultTable

MESSAGE_FAULTS = FaultTable()
_message = MESSAGE_FAULTS.message

WAF_PAGE = (
    "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. "
    "Please consult with your administrator.<br><br>Your support ID is: {id}</body></html>"
)
"""What an F5 web application firewall shows, with HTTP status 200."""


def error_page(status: int) -> httpx.Response:
    """A gateway's HTML page, shaped as nginx writes it."""
    title = f"{status} {HTTPStatus(status).phrase}"
    return httpx.Response(
        status,
        html=(
            f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1>"
            "</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        ),
    )


def like(response: httpx.Response | None, body: bytes) -> httpx.Response:
    """The response with another body, as JSON; a 200 where there is none."""
    return httpx.Response(
        200 if response is None else response.status_code,
        headers={"content-type": "application/json"},
        content=body,
    )


def _register_pages() -> None:
    for status in (500, 502, 503, 504):

        @_message(f"HTTP {status} with a gateway's HTML page", booked=None, name=f"{status}-html")
        def page(_: httpx.Request, __: Any, *, status: int = status) -> httpx.Response:
            return error_page(status)


_register_pages()


@_message("HTTP 200 with an empty body", booked=None)
def empty_200(_: httpx.Request, __: Any) -> httpx.Response:
    return httpx.Response(200, content=b"")


@_message("HTTP 204 without a body", booked=None)
def no_content(_: httpx.Request, __: Any) -> httpx.Response:
    return httpx.Response(204)


@_message("a firewall's page 'Request Rejected' with HTTP 200", booked=None)
def waf_page(request: httpx.Request, _: Any) -> httpx.Response:
    return httpx.Response(200, html=WAF_PAGE.format(id=zlib.crc32(request.url.raw_path) + 10**18))


@_message("HTTP 429 with Retry-After `seconds`", booked=False)
def too_many_requests(_: httpx.Request, __: Any, *, seconds: int = 1) -> httpx.Response:
    return httpx.Response(429, headers={"retry-after": str(seconds)}, text="Too many requests")


@_message("HTTP 307 to another host", booked=None)
def redirect(
    request: httpx.Request, _: Any, *, to: str = "https://elsewhere.invalid"
) -> httpx.Response:
    return httpx.Response(307, headers={"location": to + request.url.path})


@_message("the reply's JSON stops after `share` of it", booked=True)
def truncated_json(
    _: httpx.Request, response: httpx.Response, *, share: float = 0.5
) -> httpx.Response:
    return like(response, response.content[: max(1, int(len(response.content) * share))])


@_message("the reply's `status` as a string ('true', 'false') instead of a boolean", booked=True)
def status_as_string(_: httpx.Request, response: httpx.Response) -> httpx.Response:
    value = json.loads(response.content or b"null")
    if isinstance(value, dict) and isinstance(value.get("status"), bool):
        value["status"] = str(value["status"]).lower()
    return like(response, json.dumps(value).encode())


@_message("JSON of another shape: `body`", booked=None)
def other_shape(_: httpx.Request, __: Any, *, body: str = "[]") -> httpx.Response:
    return like(None, body.encode())


@_message("JSON null", booked=None)
def json_null(_: httpx.Request, __: Any) -> httpx.Response:
    return like(None, b"null")


@_message("JSON nested `depth` deep", booked=None)
def deep_json(_: httpx.Request, __: Any, *, depth: int = 100_000) -> httpx.Response:
    return like(None, b"[" * depth + b"]" * depth)


@_message("bytes that are not UTF-8", booked=None)
def not_utf8(_: httpx.Request, __: Any) -> httpx.Response:
    return like(None, b'{"status": true, "message": "\xff\xfe\xfa"}')
