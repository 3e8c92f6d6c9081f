"""Writes down the requests of Upstox's official client.

``python tests/counterpart/record_upstoxsdk.py`` makes every call of :mod:`upstoxsdk_calls` with
upstox-python-sdk, unmodified and in its own environment, and writes one file an operation into
``recorded/upstoxsdk/``.
"""

from __future__ import annotations

from typing import Any, Final

import httpx
from recording import Recording, Said, with_query_apart, write_anew
from upstoxsdk_calls import CALLS, CREDENTIALS, UPSTOXSDK

HEADERS = ("content-type", "accept", "authorization", "api-version", "x-algo-name")
"""The headers that the documentation names, in its present form or an earlier one."""

ORDER_HOST = ("localhost", "api-hft.upstox.com")
"""What the recording calls the host of orders, and what it is."""


def upstox_request(request: httpx.Request) -> Said:
    """The request as data: the path as it is spelled, the query taken apart, and which host."""
    path, _, _ = request.url.raw_path.decode().partition("?")
    host = "orders" if request.url.host in ORDER_HOST else "rest"
    return with_query_apart(request, HEADERS) | {"host": host, "path": path}


def answer(_: httpx.Request) -> Any:
    return {"status": "success"}


RECORDING: Final = Recording(
    counterpart=UPSTOXSDK, calls=CALLS, credentials=CREDENTIALS, told=upstox_request, answer=answer
)


if __name__ == "__main__":
    write_anew(RECORDING)
