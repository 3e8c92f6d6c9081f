"""Writes down the requests of Angel One's official client.

``python tests/counterpart/record_smartapi.py`` makes every call of :mod:`recorded_calls` with
smartapi-python, unmodified and in its own environment, at a server on this machine that takes
everything, and writes one file an operation into ``recorded/smartapi/``.  Credentials and tokens
are made up; what changes from run to run or tells about the machine (one-time password, hardware
address) is replaced by words in angle brackets.
"""

from __future__ import annotations

from typing import Any, Final

import httpx
from official import SMARTAPI
from recorded_calls import CALLS, CREDENTIALS, ORDER_ID, RULE_ID, TOKENS, UNIQUE_ID
from recording import Recording, Said, plain_request, write_anew

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


def smart_request(request: httpx.Request) -> Said:
    """The request as data, without what changes from run to run or from machine to machine."""
    said = our_request(request)
    if "x-macaddress" in said["headers"]:
        said["headers"]["x-macaddress"] = "<hardware address>"
    return said


def our_request(request: httpx.Request) -> Said:
    """The request as data, without its one-time password: openbroker sends no hardware address."""
    said = plain_request(request, HEADERS)
    if "totp" in said.get("body", {}):
        said["body"]["totp"] = "<one-time password>"
    return said


def answer(request: httpx.Request) -> dict[str, Any]:
    rows: dict[str, Any] = {"data": []} if request.url.path.endswith("/searchScrip") else {}
    return REPLY | rows


RECORDING: Final = Recording(
    counterpart=SMARTAPI, calls=CALLS, credentials=CREDENTIALS, told=smart_request, answer=answer
)


if __name__ == "__main__":
    write_anew(RECORDING)
