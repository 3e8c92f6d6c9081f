"""Writes down the requests of Fyers' official client.

``python tests/counterpart/record_fyersapi.py`` makes every call of :mod:`fyersapi_calls` with
fyers-apiv3, unmodified and in its own environment, and writes one file an operation into
``recorded/fyersapi/``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import httpx
import recording
from fyersapi_calls import CALLS, CREDENTIALS, FYERSAPI
from recording import Cases, Recorder, Said, plain_request, write_recorded

HEADERS = ("content-type", "authorization", "version")
"""The headers that the documentation asks for, and the one that the client adds."""


def fyers_request(request: httpx.Request) -> Said:
    """The request as data, its query taken apart."""
    names = dict.fromkeys(request.url.params)
    query = {name: request.url.params.get_list(name) for name in names}
    return plain_request(request, HEADERS) | {"query": query}


def answer(_: httpx.Request) -> Any:
    return {"s": "ok", "code": 200, "message": ""}


def record(python: Path) -> Cases:
    """All cases by operation."""
    recorder = Recorder(fyers_request, answer)
    return recording.record(FYERSAPI, python, CALLS, CREDENTIALS, recorder)


def main() -> None:
    python = FYERSAPI.python
    if python is None:
        sys.exit("the official client's environment is not set up; see the Makefile")
    write_recorded("fyersapi", record(python))


if __name__ == "__main__":
    main()
