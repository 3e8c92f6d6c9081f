"""Writes down the requests of Angel One's official client.

``python tests/counterpart/record_smartapi.py`` makes every call of :mod:`recorded_calls` with
smartapi-python, unmodified and in its own environment, at a server on this machine that takes
everything, and writes one file an operation into ``recorded/smartapi/``.  Credentials and tokens
are made up; what changes from run to run or tells about the machine (one-time password, hardware
address) is replaced by words in angle brackets.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
from official import OfficialClient, official_client, official_python
from recorded_calls import CALLS, CREDENTIALS, ORDER_ID, RULE_ID, TOKENS, UNIQUE_ID

from openbroker.sandbox.wire import running_server

FOLDER = Path(__file__).parent / "recorded" / "smartapi"
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


def plain_request(request: httpx.Request) -> dict[str, Any]:
    """A request as data: method, path, query, the documented headers, the parsed body."""
    said: dict[str, Any] = {
        "method": request.method,
        "path": request.url.path,
        "query": unquote(request.url.query.decode()),
        "headers": {name: request.headers[name] for name in HEADERS if name in request.headers},
    }
    if request.content:
        said["body"] = json.loads(request.content)
    return said


def impersonal(said: dict[str, Any]) -> dict[str, Any]:
    """Without what changes from run to run or from machine to machine."""
    if "x-macaddress" in said["headers"]:
        said["headers"]["x-macaddress"] = "<hardware address>"
    return without_one_time_password(said)


def without_one_time_password(said: dict[str, Any]) -> dict[str, Any]:
    if "totp" in said.get("body", {}):
        said["body"]["totp"] = "<one-time password>"
    return said


class Recorder:
    """A handler that keeps every request and answers all alike."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(impersonal(plain_request(request)))
        rows = {"data": []} if request.url.path.endswith("/searchScrip") else {}
        return httpx.Response(200, json=REPLY | rows)

    def request_of(self, client: OfficialClient, method: str, arguments: Iterable[Any]) -> Any:
        """The first request that a call makes (a login reads the profile after it)."""
        self.requests.clear()
        client.call(method, *arguments)
        return self.requests[0]


def record(python: Path) -> dict[str, list[dict[str, Any]]]:
    """All cases by operation."""
    recorder = Recorder()
    cases: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with running_server(recorder) as server, tempfile.TemporaryDirectory() as folder:
        facts = {"url": server.url, "ca_file": str(server.ca_file), "credentials": CREDENTIALS}
        with official_client(python, facts, Path(folder)) as client:
            for call in CALLS:
                request = recorder.request_of(client, call.method, call.arguments)
                cases[call.operation].append(
                    {"name": call.name, "method": call.method, "request": request}
                )
    return dict(cases)


def read_recorded() -> dict[str, list[dict[str, Any]]]:
    """What is kept in the repository."""
    files = sorted(FOLDER.glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def main() -> None:
    python = official_python()
    if python is None:
        sys.exit("the official client's environment is not set up; see the Makefile")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for operation, cases in record(python).items():
        text = json.dumps(cases, indent=1, ensure_ascii=False) + "\n"
        (FOLDER / f"{operation}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
