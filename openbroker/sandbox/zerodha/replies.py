"""The shapes of Kite's replies: an envelope, and errors that are classes by name."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

import httpx

from openbroker.sandbox.json_replies import as_json

STATUSES: Mapping[str, int] = {
    "TokenException": 403,
    "PermissionException": 403,
    "UserException": 403,
    "NetworkException": 503,
    "DataException": 502,
    "GeneralException": 500,
}
"""HTTP statuses by ``error_type``; the others are 400."""


class KiteError(Exception):
    """Kite says no."""

    def __init__(self, error_type: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.status = status or STATUSES.get(error_type, 400)


def bad_input(message: str) -> KiteError:
    return KiteError("InputException", message)


def invalid(name: str) -> KiteError:
    return bad_input(f"Invalid `{name}`.")


def dead_token() -> KiteError:
    return KiteError("TokenException", "Incorrect `api_key` or `access_token`.")


def too_many() -> KiteError:
    return KiteError("NetworkException", "Too many requests", 429)


def success(data: Any) -> httpx.Response:
    return as_json({"status": "success", "data": data})


def failure(error: KiteError) -> httpx.Response:
    body = {
        "status": "error",
        "message": error.message,
        "data": None,
        "error_type": error.error_type,
    }
    return as_json(body, error.status)


def csv_file(content: bytes, *, packed: bool) -> httpx.Response:
    """A file of comma-separated values, gzipped for those who take it."""
    headers = {"content-type": "text/csv", "date": formatdate(usegmt=True)}
    if packed:
        headers["content-encoding"] = "gzip"
        content = gzip.compress(content, mtime=0)
    return httpx.Response(200, headers=headers, stream=httpx.ByteStream(content))
