"""Writes down the requests of Dhan's official client.

``python tests/counterpart/record_dhanhq.py`` makes every call of :mod:`dhanhq_calls` with dhanhq,
unmodified and in its own environment, and writes one file an operation into ``recorded/dhanhq/``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import httpx
import recording
from dhanhq_calls import CALLS, CREDENTIALS, DHANHQ, ORDER_ID
from recording import Cases, Recorder, Said, plain_request, write_recorded

HEADERS = (
    "content-type", "accept", "access-token", "client-id", "dhanclientid", "app_id", "app_secret",
)  # fmt: skip
"""The headers that the documentation names; the others are the HTTP library's."""

RECEIPT = {"orderId": ORDER_ID, "orderStatus": "TRANSIT"}
CONSENT = {"status": "success", "consentAppId": "940b0ca1-3ff4-4476-b46e-03a3ce7dc55d"}


def dhan_request(request: httpx.Request) -> Said:
    """The request as data, its query taken apart."""
    names = dict.fromkeys(request.url.params)
    query = {name: request.url.params.get_list(name) for name in names}
    return plain_request(request, HEADERS) | {"query": query}


def answer(request: httpx.Request) -> Any:
    if request.url.path.endswith(".csv"):
        return httpx.Response(200, headers={"content-type": "text/csv"}, text="SEM_EXM_EXCH_ID\n")
    return CONSENT if request.url.path.endswith("generate-consent") else RECEIPT


def record(python: Path) -> Cases:
    """All cases by operation."""
    recorder = Recorder(dhan_request, answer)
    return recording.record(DHANHQ, python, CALLS, CREDENTIALS, recorder)


def main() -> None:
    python = DHANHQ.python
    if python is None:
        sys.exit("the official client's environment is not set up; see the Makefile")
    write_recorded("dhanhq", record(python))


if __name__ == "__main__":
    main()
