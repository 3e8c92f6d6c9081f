"""Writes down the requests of Dhan's official client.

``python tests/counterpart/record_dhanhq.py`` makes every call of :mod:`dhanhq_calls` with dhanhq,
unmodified and in its own environment, and writes one file an operation into ``recorded/dhanhq/``.
"""

from __future__ import annotations

from typing import Any, Final

import httpx
from dhanhq_calls import CALLS, CREDENTIALS, DHANHQ, ORDER_ID
from recording import Recording, Said, with_query_apart, write_anew

HEADERS = (
    "content-type", "accept", "access-token", "client-id", "dhanclientid", "app_id", "app_secret",
)  # fmt: skip
"""The headers that the documentation names; the others are the HTTP library's."""

RECEIPT = {"orderId": ORDER_ID, "orderStatus": "TRANSIT"}
CONSENT = {"status": "success", "consentAppId": "940b0ca1-3ff4-4476-b46e-03a3ce7dc55d"}


def dhan_request(request: httpx.Request) -> Said:
    """The request as data, its query taken apart."""
    return with_query_apart(request, HEADERS)


def answer(request: httpx.Request) -> Any:
    if request.url.path.endswith(".csv"):
        return httpx.Response(200, headers={"content-type": "text/csv"}, text="SEM_EXM_EXCH_ID\n")
    return CONSENT if request.url.path.endswith("generate-consent") else RECEIPT


RECORDING: Final = Recording(
    counterpart=DHANHQ, calls=CALLS, credentials=CREDENTIALS, told=dhan_request, answer=answer
)


if __name__ == "__main__":
    write_anew(RECORDING)
