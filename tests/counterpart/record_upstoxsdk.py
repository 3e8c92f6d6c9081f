"""Writes down the requests of Upstox's official client.

``python tests/counterpart/record_upstoxsdk.py`` makes every call of :mod:`upstoxsdk_calls` with
upstox-python-sdk, unmodified and in its own environment, and writes one file an operation into
``recorded/upstoxsdk/``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import httpx
import recording
from recording import Cases, Recorder, Said, plain_request, write_recorded
from upstoxsdk_calls import CALLS, CREDENTIALS, UPSTOXSDK

HEADERS = ("content-type", "accept", "authorization", "api-version", "x-algo-name")
"""The headers that the documentation names, in its present form or an earlier one."""

ORDER_HOST = ("localhost", "api-hft.upstox.com")
"""What the recording calls the host of orders, and what it is."""


def upstox_request(request: httpx.Request) -> Said:
    """The request as data: the path as it is spelled, the query taken apart, and which host."""
    path, _, _ = request.url.raw_path.decode().partition("?")
    names = dict.fromkeys(request.url.params)
    query = {name: request.url.params.get_list(name) for name in names}
    host = "orders" if request.url.host in ORDER_HOST else "rest"
    return plain_request(request, HEADERS) | {"host": host, "path": path, "query": query}


def answer(_: httpx.Request) -> Any:
    return {"status": "success"}


def record(python: Path) -> Cases:
    """All cases by operation."""
    recorder = Recorder(upstox_request, answer)
    return recording.record(UPSTOXSDK, python, CALLS, CREDENTIALS, recorder)


def main() -> None:
    python = UPSTOXSDK.python
    if python is None:
        sys.exit("the official client's environment is not set up; see the Makefile")
    write_recorded("upstoxsdk", record(python))


if __name__ == "__main__":
    main()
