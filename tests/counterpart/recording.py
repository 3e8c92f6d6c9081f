"""Writes down the requests of official clients, and reads what was written.

A :class:`Recorder` is a server on this machine that takes everything; each call of a list is made
with the client, unmodified and in its own environment, and its request is kept as data: one file an
operation in ``recorded/<client>/``.  Credentials and tokens are made up.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
from attrs import field, frozen
from official import Counterpart, Talk, python_of

from openbroker.sandbox.wire import running_server

FOLDER = Path(__file__).parent / "recorded"
FORM = "application/x-www-form-urlencoded"

Said = dict[str, Any]
Cases = dict[str, list[dict[str, Any]]]


@frozen(kw_only=True)
class Recorded:
    """A call whose request is recorded.

    Attributes:
        operation: openbroker's word for it, which is also the file's name.
        name: tells the cases of one operation apart.
        method: of the official client.
        arguments, named: the method's.
    """

    operation: str
    name: str = ""
    method: str
    arguments: Sequence[Any] = ()
    named: Mapping[str, Any] = field(factory=dict)


def plain_request(request: httpx.Request, headers: Collection[str]) -> Said:
    """A request as data: method, path, query, the documented headers, the parsed body."""
    said: Said = {
        "method": request.method,
        "path": request.url.path,
        "query": unquote(request.url.query.decode()),
        "headers": {name: request.headers[name] for name in headers if name in request.headers},
    }
    if request.content:
        said["body"] = _parsed(request)
    return said


def _parsed(request: httpx.Request) -> Any:
    """JSON, or a form; JSON inside a form is read too."""
    if request.headers.get("content-type", "").startswith(FORM):
        fields = parse_qsl(request.content.decode(), keep_blank_values=True)
        return {name: json.loads(text) if text[:1] in "[{" else text for name, text in fields}
    return json.loads(request.content)


class Recorder:
    """A handler that keeps every request and answers by a function of it."""

    def __init__(
        self, told: Callable[[httpx.Request], Said], answer: Callable[[httpx.Request], Any]
    ) -> None:
        self.requests: list[Said] = []
        self._told = told
        self._answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(self._told(request))
        answer = self._answer(request)
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(200, json=answer)

    def request_of(self, client: Talk, call: Recorded) -> Said:
        """The first request that a call makes (Angel One's login reads the profile after it)."""
        self.requests.clear()
        client.call(call.method, *call.arguments, **call.named)
        return self.requests[0]


def with_query_apart(request: httpx.Request, headers: Collection[str]) -> Said:
    """As :func:`plain_request`, the query taken apart."""
    names = dict.fromkeys(request.url.params)
    query = {name: request.url.params.get_list(name) for name in names}
    return plain_request(request, headers) | {"query": query}


@frozen(kw_only=True)
class Recording:
    """How the requests of an official client are recorded.

    Attributes:
        counterpart: the client.
        calls: what is asked of it.
        credentials: made up.
        told: a request as data.
        answer: to a request: an object, or a whole response.
    """

    counterpart: Counterpart[Any]
    calls: Sequence[Recorded]
    credentials: Mapping[str, str]
    told: Callable[[httpx.Request], Said]
    answer: Callable[[httpx.Request], Any]

    def made(self, python: Path) -> Cases:
        """All cases by operation, asked of the client in its environment."""
        recorder = Recorder(self.told, self.answer)
        with running_server(recorder) as server, tempfile.TemporaryDirectory() as folder:
            facts = {
                "url": server.url, "ca_file": str(server.ca_file), "credentials": self.credentials,
            }  # fmt: skip
            with self.counterpart.running(python, facts, Path(folder)) as client:
                client.prepare()
                return self._cases(recorder, client)

    def _cases(self, recorder: Recorder, client: Talk) -> Cases:
        cases: Cases = defaultdict(list)
        for call in self.calls:
            request = recorder.request_of(client, call)
            cases[call.operation].append(
                {"name": call.name, "method": call.method, "request": request}
            )
        return dict(cases)

    def addresses(self) -> Any:
        """Those that the client was published with; its driver tells them."""
        nowhere = {"url": "https://127.0.0.1:9", "ca_file": "", "credentials": self.credentials}
        python = python_of(self.counterpart)
        with (
            tempfile.TemporaryDirectory() as folder,
            self.counterpart.running(python, nowhere, Path(folder)) as client,
        ):
            return client.call("addresses")

    def check_fresh(self) -> None:
        """What is kept is what the client sends; skips where its environment is missing."""
        name = self.counterpart.name
        fresh = json.loads(json.dumps(self.made(python_of(self.counterpart))))
        words = f"recorded/{name} is not what the client sends: record it anew, read the change"
        assert fresh == read_recorded(name), words
        assert sum(map(len, fresh.values())) == len(self.calls)


def write_anew(*recordings: Recording) -> None:
    """What a ``record_*.py`` does: nothing before every environment is there."""
    counterparts = [recording.counterpart for recording in recordings]
    pythons = [counterpart.python for counterpart in counterparts]
    missing = [one.missing for one, python in zip(counterparts, pythons, strict=True) if not python]
    if missing:
        sys.exit("\n".join(missing))
    for recording, python in zip(recordings, pythons, strict=True):
        assert python is not None
        write_recorded(recording.counterpart.name, recording.made(python))


def read_recorded(client: str) -> Cases:
    """What is kept in the repository."""
    files = sorted((FOLDER / client).glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def write_recorded(client: str, cases: Cases) -> None:
    folder = FOLDER / client
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    for operation, rows in cases.items():
        text = json.dumps(rows, indent=1, ensure_ascii=False) + "\n"
        (folder / f"{operation}.json").write_text(text, encoding="utf-8")
