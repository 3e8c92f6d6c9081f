"""How adapters build their requests: bodies, masters, the escape hatch, and what goes into them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode

from openbroker.errors import Unsupported, UsageError
from openbroker.schemas import INDIA, Window
from openbroker.transport.messages import Request

_ENCODER = json.JSONEncoder(separators=(",", ":"))


def json_request(method: str, url: str, body: object | None, **rest: Any) -> Request:
    """A request with a JSON body (``None``: without one)."""
    content = b"" if body is None else _ENCODER.encode(body).encode()
    return Request(method=method, url=url, content=content, **rest)


def form_request(method: str, url: str, fields: Mapping[str, Any], **rest: Any) -> Request:
    """A request with a form-encoded body, or for GET and DELETE with the fields in the query."""
    text = urlencode(fields)
    if method in ("GET", "DELETE"):
        return Request(method=method, url=f"{url}?{text}" if text else url, **rest)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | dict(rest.pop("headers", {}))
    return Request(method=method, url=url, content=text.encode(), headers=headers, **rest)


def master_request(url: str, headers: Mapping[str, str]) -> Request:
    """A request for an instrument master, which may be large and slow."""
    return Request(
        method="GET",
        url=url,
        headers=headers,
        operation="master",
        max_bytes=256 * 1024 * 1024,
        timeout=120.0,
    )


def only_get(method: str, path: str, body: object | None) -> str:
    """The path of the escape hatch, for vendors whose GETs change nothing.

    Raises:
        Unsupported: it is no plain GET.
    """
    if method != "GET" or body is not None:
        raise Unsupported(f"{method} {path} may change something; only GET is open here")
    return path


def in_india(window: Window, form: str = "%Y-%m-%d %H:%M:%S") -> tuple[str, str]:
    """Both ends of a window as an Indian clock shows them."""
    start, end = (at.astimezone(INDIA).strftime(form) for at in (window.start, window.end))
    return start, end


def as_address(text: str) -> str:
    """Raises ``UsageError`` unless it is an IPv4 or IPv6 address."""
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        raise UsageError(f"{text!r:.60} is no IPv4 or IPv6 address") from None
