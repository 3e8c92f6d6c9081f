"""Writes down the requests of mStock's official client.

``python tests/counterpart/record_mstockapi.py`` makes every call of :mod:`mstockapi_calls` with
mStock-TradingApi-B, unmodified and in its own environment, and writes one file an operation into
``recorded/mstockapi/``.
"""

from __future__ import annotations

from typing import Any, Final

import httpx
from mstockapi_calls import CALLS, CREDENTIALS, JWT, MSTOCKAPI, ORDER_ID
from recording import Recording, Said, plain_request, write_anew

HEADERS = ("content-type", "x-mirae-version", "x-privatekey", "authorization")
"""The headers that the documentation asks for; the others are the HTTP library's."""


def mstock_request(request: httpx.Request) -> Said:
    return plain_request(request, HEADERS)


def answer(request: httpx.Request) -> Any:
    if request.url.path.endswith("OpenAPIScripMaster"):
        return [{"token": "22"}]
    data = {"jwtToken": JWT, "orderid": ORDER_ID}
    return {"status": "true", "message": "SUCCESS", "errorcode": "", "data": data}


RECORDING: Final = Recording(
    counterpart=MSTOCKAPI, calls=CALLS, credentials=CREDENTIALS, told=mstock_request, answer=answer
)


if __name__ == "__main__":
    write_anew(RECORDING)
