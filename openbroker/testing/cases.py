"""Golden cases: reading them, comparing with them, and driving a flow through one by hand.

The format is described in :mod:`openbroker.testing`.  Nothing here does more I/O than reading the
cases' files.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self, TypeVar
from urllib.parse import parse_qsl, urlsplit

import attrs
from attrs import define, field, frozen

from openbroker.errors import OpenBrokerError
from openbroker.schemas import (
    Exchange,
    Instrument,
    InstrumentType,
    Right,
    Secret,
    Session,
)
from openbroker.schemas.convert import plain
from openbroker.schemas.enums import Word
from openbroker.transport.driver import Trace, failure_error
from openbroker.transport.messages import Flow, Phase, Reply, Request, TransportFailure

T = TypeVar("T")
TAG: Final = "$tag"
WORLD: Final = "world.json"
JDATA: Final = b"jData="

ADDED: Final = frozenset({"vendor", "instrument", "request", "tag"})
"""Fields that openbroker fills in by itself, or that repeat the broker's row."""
OF_A_SESSION: Final = frozenset({"created_at", "expires_at"})


# -- comparing


def plain_data(thing: object) -> Any:
    """A result as plain JSON data.

    Enums are their words, amounts decimal text without trailing zeros, times ISO 8601, rows
    objects without their ``None`` fields; secrets are told, for those of a test are none.
    """
    for kind, write in _WRITERS:
        if isinstance(thing, kind):
            return write(thing)
    if attrs.has(type(thing)):
        return _plain_fields(thing)
    raise TypeError(f"{type(thing).__name__} has no plain form")


def _plain_list(things: Iterable[object]) -> list[Any]:
    return [plain_data(thing) for thing in things]


_WRITERS: Final[tuple[tuple[Any, Callable[[Any], Any]], ...]] = (
    (Word, lambda word: word.value),
    ((type(None), bool, int, str), lambda value: value),
    (Decimal, plain),
    ((dt.datetime, dt.date), lambda moment: moment.isoformat()),
    (Secret, Secret.reveal),
    (Mapping, lambda row: {key: plain_data(value) for key, value in row.items()}),
    ((Sequence, Iterator), _plain_list),
)


def _plain_fields(thing: Any) -> dict[str, Any]:
    left_out = ADDED | OF_A_SESSION if isinstance(thing, Session) else ADDED
    values = {
        part.name: getattr(thing, part.name)
        for part in attrs.fields(type(thing))
        if part.name not in left_out
    }
    empty: tuple[object, ...] = (None, {}, ())
    return {name: plain_data(value) for name, value in values.items() if value not in empty}


# -- what a case is made of


@frozen(kw_only=True)
class Step:
    """One exchange of a case: the request that is expected and what is answered."""

    request: Mapping[str, Any]
    reply: Mapping[str, Any]

    @property
    def content(self) -> bytes:
        """The reply's body."""
        if "text" in self.reply:
            return str(self.reply["text"]).encode()
        if "base64" in self.reply:
            return base64.b64decode(self.reply["base64"])
        return json.dumps(self.reply["body"]).encode() if "body" in self.reply else b""

    @property
    def headers(self) -> dict[str, str]:
        kind = "text/plain" if "text" in self.reply else "application/json"
        return {"content-type": kind} | dict(self.reply.get("headers", {}))

    @property
    def status(self) -> int:
        return int(self.reply.get("status", 200))

    def answer(self, now: dt.datetime) -> Reply | TransportFailure:
        """What the transport would give."""
        failure = self.reply.get("failure")
        if failure is not None:
            return TransportFailure(
                phase=Phase.WAIT if failure["handed_over"] else Phase.CONNECT,
                handed_over=failure["handed_over"],
                cause="a failure of the test's",
            )
        return Reply(
            status=self.status, headers=self.headers, content=self.content, received_at=now
        )

    def answering(self, **reply: Any) -> Step:
        """The same request, answered otherwise."""
        return attrs.evolve(self, reply=reply)


@frozen(kw_only=True)
class Case:
    """One golden case."""

    name: str
    operation: str
    args: Mapping[str, Any] = field(factory=dict)
    exchanges: tuple[Step, ...] = ()
    result: Any = None
    error: Mapping[str, Any] | None = None

    @classmethod
    def read(cls, data: Mapping[str, Any], file: str) -> Self:
        steps = tuple(Step(**step) for step in data.get("exchanges", ()))
        rest = {key: value for key, value in data.items() if key not in ("name", "exchanges")}
        return cls(name=f"{file}/{data['name']}", exchanges=steps, **rest)

    @property
    def is_success(self) -> bool:
        return self.error is None

    def answered_last(self, **reply: Any) -> Case:
        """The same case with another answer to its last request."""
        return attrs.evolve(
            self, exchanges=(*self.exchanges[:-1], self.exchanges[-1].answering(**reply))
        )


@frozen(kw_only=True)
class World:
    """What all cases of a folder share."""

    now: dt.datetime
    credentials: Mapping[str, Secret]
    session: Session
    headers: Mapping[str, str]
    refusal: Mapping[str, Any]
    instruments: Mapping[str, Instrument]

    @classmethod
    def read(cls, folder: Path, broker: str) -> Self:
        data = json.loads((folder / WORLD).read_text("utf-8"))
        now = dt.datetime.fromisoformat(data["now"])
        tokens = {name: Secret(text) for name, text in data["session"]["tokens"].items()}
        account = data["session"]["account"]
        instruments = [instrument_of(row) for row in data["instruments"]]
        return cls(
            now=now,
            credentials={name: Secret(text) for name, text in data["credentials"].items()},
            session=Session(broker=broker, account=account, tokens=tokens, created_at=now),
            headers=data.get("headers", {}),
            refusal=data["refusal"],
            instruments={one.symbol: one for one in instruments},
        )


_READ: Final[Mapping[str, Any]] = {
    "exchange": Exchange,
    "type": InstrumentType,
    "right": Right,
    "strike": Decimal,
    "tick_size": Decimal,
    "expiry": dt.date.fromisoformat,
}


def instrument_of(row: Mapping[str, Any]) -> Instrument:
    """An instrument from plain data."""
    return Instrument(**{key: _READ.get(key, _as_is)(value) for key, value in row.items()})


def _as_is(value: Any) -> Any:
    return value


def load_cases(folder: Path) -> list[Case]:
    """Every case of a folder, in the order of the files."""
    files = sorted(path for path in folder.glob("*.json") if path.name != WORLD)
    return [
        Case.read(data, path.stem) for path in files for data in json.loads(path.read_text("utf-8"))
    ]


# -- checking requests


def check_request(
    step: Step, headers: Mapping[str, str], method: str, url: str, sent: Mapping[str, str],
    content: bytes,
) -> None:  # fmt: skip
    """Raises ``AssertionError`` unless the request is the one that the step expects."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    assert (method, path) == (step.request["method"], step.request["path"])
    have = {name.lower(): value for name, value in sent.items()}
    wanted_headers: dict[str, str | None] = {**headers, **step.request.get("headers", {})}
    for name, value in wanted_headers.items():
        if value is None:
            assert name.lower() not in have, f"header {name} should not be there"
        else:
            assert have.get(name.lower()) == value, f"header {name}"
    body = _parsed(content, have.get("content-type", ""))
    wanted = step.request.get("body")
    assert with_tag(body, wanted) == wanted


def _parsed(content: bytes, kind: str) -> Any:
    """A body as cases write it: JSON, or a form as an object of texts."""
    if not content:
        return None
    if content.startswith(JDATA):
        fields = dict(part.split("=", 1) for part in content.decode().split("&"))
        return fields | {"jData": json.loads(fields["jData"])}
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(content.decode(), keep_blank_values=True, strict_parsing=True))
    return json.loads(content)


def with_tag(body: Any, wanted: Any) -> Any:
    """The body with ``$tag`` where the case has it and the request has a tag."""
    if not isinstance(body, dict) or not isinstance(wanted, dict):
        return body
    tagged = {
        key: TAG if wanted.get(key) == TAG and _is_tag(value) else value
        for key, value in body.items()
    }
    return {key: with_tag(value, wanted.get(key)) for key, value in tagged.items()}


def _is_tag(value: object) -> bool:
    return isinstance(value, str) and value.isalnum() and len(value) >= 8


# -- driving a flow by hand


@define
class Replay:
    """A flow driven through a case's exchanges; what was exchanged is in ``trace``."""

    steps: Sequence[Step]
    world: World
    checked: bool = True
    trace: Trace = field(factory=Trace)

    def run(self, flow: Flow[T]) -> T:
        """The flow's result.

        Raises:
            OpenBrokerError: what the flow raised.
            AssertionError: a request is not the expected one, or there are too many or too few.
        """
        try:
            request = next(flow)
            for step in self.steps:
                request = self._exchange(flow, step, request)
            raise AssertionError(f"one request too many: {request!r}")
        except StopIteration as stop:
            self._check_all_used()
            result: T = stop.value
            return result
        except OpenBrokerError:
            self._check_all_used()
            raise
        finally:
            flow.close()

    def _exchange(self, flow: Flow[Any], step: Step, request: Request) -> Request:
        if self.checked:
            check_request(
                step, self.world.headers, request.method, request.url, request.headers,
                request.content,
            )  # fmt: skip
        answer = step.answer(self.world.now)
        self.trace.began(request)
        self.trace.ended(answer)
        if isinstance(answer, TransportFailure):
            return flow.throw(failure_error(answer))
        return flow.send(answer)

    def _check_all_used(self) -> None:
        if self.checked:
            used = len(self.trace.entries)
            assert used == len(self.steps), f"{used} of {len(self.steps)} requests were made"
