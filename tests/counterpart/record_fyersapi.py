"""Writes down the requests of Fyers' official client.

``python tests/counterpart/record_fyersapi.py`` makes every call of :mod:`fyersapi_calls` with
fyers-apiv3, unmodified and in its own environment, and writes one file an operation into
``recorded/fyersapi/``.
"""

from __future__ import annotations

from typing import Any, Final

import httpx
from fyersapi_calls import CALLS, CREDENTIALS, FYERSAPI
from recording import Recording, Said, with_query_apart, write_anew

HEADERS = ("content-type", "authorization", "version")
"""The headers that the documentation asks for, and the one that the client adds."""


def fyers_request(request: httpx.Request) -> Said:
    """The request as data, its query taken apart."""
    return with_query_apart(request, HEADERS)


def answer(_: httpx.Request) -> Any:
    return {"s": "ok", "code": 200, "message": ""}


RECORDING: Final = Recording(
    counterpart=FYERSAPI, calls=CALLS, credentials=CREDENTIALS, told=fyers_request, answer=answer
)


if __name__ == "__main__":
    write_anew(RECORDING)
