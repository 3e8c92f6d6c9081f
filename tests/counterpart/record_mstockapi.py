"""Writes down the requests of mStock's official client.

``python tests/counterpart/record_mstockapi.py`` makes every call of :mod:`mstockapi_calls` with
mStock-TradingApi-B, unmodified and in its own environment, and writes one file an operation into
``recorded/mstockapi/``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import httpx
import recording
from mstockapi_calls import CALLS, CREDENTIALS, JWT, MSTOCKAPI, ORDER_ID
from recording import Cases, Recorder, Said, plain_request, write_recorded

HEADERS = ("content-type", "x-mirae-version", "x-privatekey", "authorization")
"""The headers that the documentation asks for; the others are the HTTP library's."""


def mstock_request(request: httpx.Request) -> Said:
    return plain_request(request, HEADERS)


def answer(request: httpx.Request) -> Any:
    if request.url.path.endswith("OpenAPIScripMaster"):
        return [{"token": "22"}]
    data = {"jwtToken": JWT, "orderid": ORDER_ID}
    return {"status": "true", "message": "SUCCESS", "errorcode": "", "data": data}


def record(python: Path) -> Cases:
    """All cases by operation."""
    recorder = Recorder(mstock_request, answer)
    return recording.record(MSTOCKAPI, python, CALLS, CREDENTIALS, recorder)


def main() -> None:
    python = MSTOCKAPI.python
    if python is None:
        sys.exit("the official client's environment is not set up; see the Makefile")
    write_recorded("mstockapi", record(python))


if __name__ == "__main__":
    main()
