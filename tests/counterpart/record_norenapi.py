"""Writes down the requests of the Noren system's official clients.

``python tests/counterpart/record_norenapi.py`` makes every call of :mod:`norenapi_calls` with
NorenRestApiPy (the token in the body) and with NorenRestApiOAuth (the token in a header),
unmodified and each in its own environment, and writes one file an operation into
``recorded/norenapi/`` and ``recorded/norenapioauth/``.
"""

from __future__ import annotations

import json
from typing import Any, Final

import httpx
from norenapi_calls import CALLS, CREDENTIALS, LOGIN, NEWER_CALLS, ORDER_ID, TOKEN, UID
from official import Counterpart, Talk
from recording import Recording, Said, write_anew

LISTS = ("/OrderBook", "/SingleOrdHist", "/TradeBook", "/PositionBook", "/Holdings", "/TPSeries",
         "/EODChartData")  # fmt: skip
DATA: dict[str, Any] = {
    "stat": "Ok", "norenordno": ORDER_ID, "result": ORDER_ID, "access_token": TOKEN,
    "susertoken": TOKEN, "refresh_token": TOKEN, "USERID": UID, "actid": UID,
}  # fmt: skip
"""All that the clients look for in any reply that is an object."""
BODY, KEY = "jData=", "&jKey="


class KeyClient(Talk):
    """NorenRestApiPy's ``NorenApi``."""

    def prepare(self) -> None:
        assert self.call("set_session", UID, "", TOKEN) is True


class BearerClient(Talk):
    """NorenRestApiOAuth's ``NorenApi``."""

    def prepare(self) -> None:
        self.call("injectOAuthHeader", TOKEN, UID, UID)


NORENAPI: Final = Counterpart(name="norenapi", client=KeyClient)
NORENAPIOAUTH: Final = Counterpart(name="norenapioauth", client=BearerClient)


def noren_request(request: httpx.Request) -> Said:
    """A request as data: path, headers that mean something, and the text of the body taken apart
    where the system takes it apart.

    No percent sign is decoded: what the system reads is the JSON as it stands.
    """
    text, _, key = request.content.decode().partition(KEY)
    assert text.startswith(BODY)
    body: Said = {"jData": json.loads(text.removeprefix(BODY))}
    names = ("authorization", "content-type")
    headers = {name: request.headers[name] for name in names if name in request.headers}
    return {
        "method": request.method,
        "path": request.url.path,
        **({"headers": headers} if headers else {}),
        "body": body | ({"jKey": key} if key else {}),
    }


def answer(request: httpx.Request) -> Any:
    return [] if request.url.path in LISTS else DATA


RECORDINGS: Final = tuple(
    Recording(
        counterpart=counterpart, calls=calls, credentials=CREDENTIALS, told=noren_request,
        answer=answer,
    )
    for counterpart, calls in ((NORENAPI, CALLS), (NORENAPIOAUTH, (LOGIN, *CALLS, *NEWER_CALLS)))
)  # fmt: skip


if __name__ == "__main__":
    write_anew(*RECORDINGS)
