"""Writes down the requests of Zerodha's official client.

``python tests/counterpart/record_kite.py`` makes every call of :mod:`kite_calls` with kiteconnect,
unmodified and in its own environment, and writes one file an operation into ``recorded/kite/``.
"""

from __future__ import annotations

from typing import Any, Final

import httpx
from kite_calls import CALLS, CREDENTIALS, ORDER_ID, REFRESH_TOKEN, TRIGGER_ID
from official import KITE
from recording import Recording, Said, with_query_apart, write_anew

from openbroker.sandbox.zerodha.master import COLUMNS

HEADERS = ("content-type", "x-kite-version", "authorization")
"""The headers that the documentation asks for; the others are the HTTP library's."""

SESSION = {
    "user_id": "AB1234",
    "access_token": CREDENTIALS["access_token"],
    "refresh_token": REFRESH_TOKEN,
    "login_time": "",
}
DATA: dict[str, Any] = {"order_id": ORDER_ID, "trigger_id": TRIGGER_ID, "candles": [], **SESSION}
"""All that the client looks for in any reply that is an object."""
LISTS = ("/orders", "/trades")


def kite_request(request: httpx.Request) -> Said:
    """The request as data, its query taken apart."""
    return with_query_apart(request, HEADERS)


def answer(request: httpx.Request) -> Any:
    path = request.url.path
    if path == "/instruments":
        text = ",".join(COLUMNS)
        return httpx.Response(200, headers={"content-type": "text/csv"}, text=text)
    if path.startswith("/quote"):
        return {"status": "success", "data": {}}
    is_list = request.method == "GET" and path.startswith(LISTS)
    return {"status": "success", "data": [] if is_list else DATA}


RECORDING: Final = Recording(
    counterpart=KITE, calls=CALLS, credentials=CREDENTIALS, told=kite_request, answer=answer
)


if __name__ == "__main__":
    write_anew(RECORDING)
