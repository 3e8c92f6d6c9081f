"""Writes down the requests of Angel One's official client.

``python tests/counterpart/record_smartapi.py`` makes every call of :mod:`recorded_calls` with
smartapi-python, unmodified and in its own environment, at a server on this machine that takes
everything, and writes one file an operation into ``recorded/smartapi/``.  Credentials and tokens
are made up; what changes from run to run or tells about the machine (one-time password, hardware
address) is replaced by words in angle brackets.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import httpx
import recording
from official import SMARTAPI
from recorded_calls import CALLS, CREDENTIALS, ORDER_ID, RULE_ID, TOKENS, UNIQUE_ID
from recording import Cases, Recorder, plain_request, write_recorded

HEADERS = (
    "content-type", "accept", "x-usertype", "x-sourceid", "x-clientlocalip", "x-clientpublicip",
    "x-macaddress", "x-privatekey", "authorization",
)  # fmt: skip
"""The headers that the documentation asks for; the others are the HTTP library's."""

REPLY = {
    "status": True,
    "message": "SUCCESS",
    "errorcode": "",
    "data": {
        **TOKENS,
        "clientcode": CREDENTIALS["client_code"],
        "orderid": ORDER_ID,
        "uniqueorderid": UNIQUE_ID,
        "id": RULE_ID,
    },
}
"""What every call but a search is answered: all that the client looks for in any reply."""


def impersonal(said: dict[str, Any]) -> dict[str, Any]:
    """Without what changes from run to run or from machine to machine."""
    if "x-macaddress" in said["headers"]:
        said["headers"]["x-macaddress"] = "<hardware address>"
    return without_one_time_password(said)


def without_one_time_password(said: dict[str, Any]) -> dict[str, Any]:
    if "totp" in said.get("body", {}):
        said["body"]["totp"] = "<one-time password>"
    return said


def answer(request: httpx.Request) -> dict[str, Any]:
    rows = {"data": []} if request.url.path.endswith("/searchScrip") else {}
    return REPLY | rows


def record(python: Path) -> Cases:
    """All cases by operation."""
    recorder = Recorder(lambda request: impersonal(plain_request(request, HEADERS)), answer)
    return recording.record(SMARTAPI, python, CALLS, CREDENTIALS, recorder)


def main() -> None:
    python = SMARTAPI.python
    if python is None:
        sys.exit("the official client's environment is not set up; see the Makefile")
    write_recorded("smartapi", record(python))


if __name__ == "__main__":
    main()
