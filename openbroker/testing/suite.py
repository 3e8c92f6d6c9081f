"""The conformance suite: golden cases, and the laws that hold for every adapter.

*Cases* are data; :mod:`openbroker.testing` describes the format.  *Laws* are:

* every operation that is offered has a case that succeeds, and every other one refuses before
  anything is sent;
* a rule with a target and a stop is refused or goes out with both, and where it is offered it has a
  case that succeeds;
* every word of the schema is spelled or refused, and no two share a spelling;
* a word that the schema does not know costs a row nothing but that field;
* an order-changing request is marked as one, and a read never is;
* whatever comes back, the error is one of ours; an order-changing call that was answered with
  anything but a definite word ends as *unknown*, and one that was stopped before its own request
  as *not sent*;
* a reply that says two things at once proves nothing
  (:mod:`~openbroker.testing.contradictory`);
* no secret shows in any ``repr`` or message;
* the adapter's module does no I/O.

The hostile replies are built from the success cases, so the laws need no data of the vendor's.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import copy
import importlib
import inspect
import json
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Final, cast
from urllib.parse import unquote_plus

import attrs
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openbroker.adapters.base import OCO, OPERATIONS, Adapter
from openbroker.errors import OpenBrokerError, OrderUnknown, Outcome, Unsupported, UsageError
from openbroker.orders.outcome import judge
from openbroker.registry import adapter_for
from openbroker.schemas import (
    Exchange,
    OrderAck,
    OrderStatus,
    OrderType,
    Product,
    Secret,
    Side,
    Validity,
)
from openbroker.schemas.convert import plain
from openbroker.schemas.enums import Word
from openbroker.testing.cases import (
    Case,
    Replay,
    Step,
    World,
    check_request,
    load_cases,
    plain_data,
)
from openbroker.testing.contradictory import ContradictoryReplies
from openbroker.testing.mock import MockBroker, mock_broker
from openbroker.testing.operations import (
    OPERATIONS as WAYS,
)
from openbroker.testing.operations import (
    flow_of,
    operation_of,
    outcome_of,
)
from openbroker.testing.replies import (
    HOSTILE,
    JSON,
    WRONG,
    all_paths,
    paths_of,
    replaced,
    rows_of,
    with_foreign_words,
    with_new_fields,
)
from openbroker.testing.sources import FORBIDDEN, imported_by, own_modules
from openbroker.transport.driver import Driver, Trace
from openbroker.transport.limits import Limiter
from openbroker.transport.messages import Effect, Reply, Request

FOREIGN: Final[tuple[Any, ...]] = ("no such word", "", None, 90_007, [], {})
NOTHING: Final[tuple[Any, ...]] = (
    None, "", " ", [], {}, False, True, 0, -1, "0", "-1", "null", "None", "undefined", "nil", "NA",
    "rejected", "Failed", 2.4112e14, 1.5, "12 34", "12\n34", "1" * 65,
)  # fmt: skip


class AdapterConformance(ContradictoryReplies):
    """Subclass it, name the adapter and the folder of its cases, run pytest.

    Attributes:
        adapter: a registry name, or the adapter.
        cases: the folder with ``world.json`` and the cases.
        examples: how many random replies each operation gets.
    """

    adapter: ClassVar[str | Adapter]
    cases: ClassVar[Path]
    examples: ClassVar[int] = 40

    # -- what there is to test

    @classmethod
    def broker(cls) -> Adapter:
        """The adapter under test."""
        return adapter_for(cls.adapter) if isinstance(cls.adapter, str) else cls.adapter

    @classmethod
    def world(cls) -> World:
        """What the cases share."""
        return World.read(cls.cases, cls.broker().name)

    @classmethod
    def successes(cls) -> dict[str, Case]:
        """For each operation its first case that succeeds with all its exchanges."""
        found: dict[str, Case] = {}
        for case in load_cases(cls.cases):
            if case.is_success and case.exchanges:
                found.setdefault(case.operation, case)
        return found

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if metafunc.cls is None or not hasattr(metafunc.cls, "cases"):
            return
        wanted = metafunc.fixturenames
        if "case" in wanted:
            cases = load_cases(self.cases)
            metafunc.parametrize("case", cases, ids=[case.name for case in cases])
        if "success" in wanted:
            found = self.successes()
            metafunc.parametrize("success", found.values(), ids=found.keys())
        if "changing" in wanted:
            names = [name for name, way in WAYS.items() if way.changes_orders]
            metafunc.parametrize("changing", names)
        if "operation" in wanted:
            extras = [f"vendor.{name}" for name in self.broker().extras]
            metafunc.parametrize("operation", [*OPERATIONS, *extras])
        if "hostile" in wanted:
            metafunc.parametrize("hostile", HOSTILE)
        if "kind" in wanted:
            kinds = (Side, OrderType, Product, Validity, Exchange)
            metafunc.parametrize("kind", kinds, ids=lambda kind: kind.__name__)

    def success_of(self, operation: str) -> Case:
        """The operation's success case, or a skip where the adapter has no such operation."""
        if not self.broker().offers(operation):
            pytest.skip(self.broker().why_not(operation))
        return self.successes()[operation]

    # -- golden cases

    def test_case_pure(self, case: Case) -> None:
        check_outcome(case, outcome_of(case, self.broker(), self.world()))

    def test_case_sync(self, case: Case) -> None:
        mock, script = self._mocked(case)
        with mock:
            outcome = _called(case, mock.broker)
        script.check()
        check_outcome(case, outcome)

    def test_case_async(self, case: Case) -> None:
        async def run() -> tuple[object, Script]:
            mock, script = self._mocked(case)
            async with mock:
                return await _awaited(case, mock.async_broker), script

        outcome, script = asyncio.run(run())
        script.check()
        check_outcome(case, outcome)

    def _mocked(self, case: Case) -> tuple[MockBroker, Script]:
        if operation_of(case.operation).face is None:
            pytest.skip(f"{case.operation} is not a method of a broker")
        world = self.world()
        starts_session = case.operation in ("login", "renew")
        mock = mock_broker(
            self.broker(),
            instruments=world.instruments.values(),
            session=None if case.operation == "login" else world.session,
            credentials=world.credentials if starts_session else None,
            now=world.now,
        )
        script = Script(case, world)
        mock.router.route().mock(side_effect=script)
        return mock, script

    # -- laws: what is offered

    def test_an_offered_operation_has_a_case(self, operation: str) -> None:
        assert self.success_of(operation).operation == operation

    def test_an_operation_that_is_not_offered_refuses(self, operation: str) -> None:
        adapter, world = self.broker(), self.world()
        if adapter.offers(operation):
            pytest.skip("offered")
        assert not {c.operation: c for c in adapter.capabilities()}[operation].offered
        parameters = inspect.signature(getattr(Adapter, operation)).parameters.values()
        needed = [p for p in parameters if p.default is p.empty and p.kind is not p.KEYWORD_ONLY]
        with pytest.raises(Unsupported):
            getattr(adapter, operation)(*[world.session] * (len(needed) - 1))

    def test_a_stop_is_sent_or_refused(self) -> None:
        """Whoever asks for a target and a stop never gets the target alone."""
        adapter, world = self.broker(), self.world()
        success = self.success_of("place_gtt")
        stop = stop_of(success.args, world)
        told = {"stop_trigger_price": stop, "stop_price": stop}
        pair = attrs.evolve(success, args=dict(success.args) | told)
        replay = Replay(steps=pair.exchanges, world=world, checked=False)
        with contextlib.suppress(UsageError):
            replay.run(flow_of(pair, adapter, world))
        changes = [r for r, _ in replay.trace.entries if r.effect is Effect.ORDER]
        assert adapter.offers(OCO) or not changes
        assert all(stop in unquote_plus(request.content.decode()) for request in changes)

    def test_an_oco_that_is_offered_has_a_case(self) -> None:
        placed = [c for c in load_cases(self.cases) if c.operation == "place_gtt" and c.is_success]
        pairs = [case for case in placed if "stop_price" in case.args]
        assert bool(pairs) is self.broker().offers(OCO)

    # -- laws: words

    def test_every_word_is_spelled_or_refused(self, kind: type[Word]) -> None:
        wire = self.broker().wire
        for member in kind:
            try:
                spelling = wire.spell(member)
            except Unsupported:
                continue
            assert wire.word(kind, spelling) is member

    def test_no_two_words_share_a_spelling(self, kind: type[Word]) -> None:
        table = self.broker().wire.words.get(kind, {})
        spellings = [text.casefold() for text in table.values() if isinstance(text, str)]
        assert len(spellings) == len(set(spellings))

    def test_a_foreign_word_is_none(self, kind: type[Word]) -> None:
        wire = self.broker().wire
        for text in FOREIGN:
            assert wire.word(kind, text) is None
            assert wire.status(text) is OrderStatus.UNKNOWN

    def test_a_foreign_word_costs_a_row_one_field(self, success: Case) -> None:
        """Each text of each row, replaced in turn: the row stays, with the broker's own words."""
        rows = rows_of(outcome_of(success, self.broker(), self.world()))
        for changed in with_foreign_words(success, rows):
            outcome = outcome_of(changed, self.broker(), self.world(), checked=False)
            assert len(rows_of(outcome)) == len(rows), outcome

    def test_a_new_field_costs_nothing(self, success: Case) -> None:
        adapter, world = self.broker(), self.world()
        body = success.exchanges[-1].reply.get("body")
        if body is None:
            pytest.skip("the reply is no JSON")
        changed = success.answered_last(body=with_new_fields(body))
        expected = plain_data_of(outcome_of(success, adapter, world))
        assert plain_data_of(outcome_of(changed, adapter, world)) == expected

    # -- laws: requests

    def test_requests_are_marked_by_what_they_do(self, success: Case) -> None:
        replay = Replay(steps=success.exchanges, world=self.world())
        replay.run(flow_of(success, self.broker(), self.world()))
        requests = [request for request, _ in replay.trace.entries]
        changes = operation_of(success.operation).changes_orders
        assert (requests[-1].effect is Effect.ORDER) is changes
        assert not any(request.effect is Effect.ORDER for request in requests[:-1])
        assert not (changes and (requests[-1].repeatable or requests[-1].method == "GET"))

    # -- laws: replies

    def test_hostile_reply(self, success: Case, hostile: str) -> None:
        """Whatever comes back is judged, and nothing but our own errors leaves."""
        for place in range(len(success.exchanges)):
            steps = list(success.exchanges[: place + 1])
            steps[-1] = steps[-1].answering(**HOSTILE[hostile])
            last = place == len(success.exchanges) - 1
            self._check_hostile(attrs.evolve(success, exchanges=tuple(steps)), last=last)

    def _check_hostile(self, case: Case, *, last: bool) -> None:
        outcome = outcome_of(case, self.broker(), self.world(), checked=False)
        if operation_of(case.operation).changes_orders:
            assert isinstance(outcome, OpenBrokerError), outcome
            assert outcome.outcome is (Outcome.UNKNOWN if last else Outcome.NOT_SENT), outcome
            assert isinstance(outcome, OrderUnknown) is last
        else:
            assert not isinstance(outcome, OrderUnknown)

    def test_refusal_proves_that_no_order_exists(self, changing: str) -> None:
        case = self.success_of(changing).answered_last(**self.world().refusal)
        outcome = outcome_of(case, self.broker(), self.world())
        assert isinstance(outcome, OpenBrokerError)
        assert outcome.outcome is Outcome.REJECTED

    def test_lost_reply_is_unknown(self, changing: str) -> None:
        lost = self.success_of(changing).answered_last(failure={"handed_over": True})
        assert isinstance(outcome_of(lost, self.broker(), self.world()), OrderUnknown)

    def test_unsent_request_is_not_sent(self, changing: str) -> None:
        unsent = self.success_of(changing).answered_last(failure={"handed_over": False})
        outcome = outcome_of(unsent, self.broker(), self.world())
        assert isinstance(outcome, OpenBrokerError)
        assert outcome.outcome is Outcome.NOT_SENT

    def test_doubtful_reply_is_unknown(self, changing: str) -> None:
        """A reply that may belong to another request proves nothing, however good it looks."""
        case, world, trace = self.success_of(changing), self.world(), Trace()
        driver = Driver(
            _Doubtful(case, world), Limiter(), asks_to_wait=lambda _: False  # type: ignore[arg-type]  # the seam only
        )  # fmt: skip
        with pytest.raises(OpenBrokerError) as caught:
            asyncio.run(driver.run(flow_of(case, self.broker(), world), trace=trace))
        assert isinstance(judge(caught.value, trace, intent={}, tag=None), OrderUnknown)

    def test_an_order_is_sent_once_whatever_is_answered(self, changing: str) -> None:
        """With rate limits off and the retrying of reads on."""
        case, world = self.success_of(changing), self.world()
        busy = ({"status": 429, "text": ""}, {"status": 503, "text": ""}, world.refusal)
        for reply in busy:
            transport = _Stubborn(case.answered_last(**reply), world)
            driver = Driver(
                transport, Limiter(), asks_to_wait=self.broker().asks_to_wait  # type: ignore[arg-type]  # the seam only
            )  # fmt: skip
            with pytest.raises(OpenBrokerError):
                asyncio.run(driver.run(flow_of(case, self.broker(), world)))
            assert transport.orders == 1

    def test_success_without_an_order_id_is_unknown(self) -> None:
        case, world = self.success_of("place_order"), self.world()
        ack = outcome_of(case, self.broker(), world)
        assert isinstance(ack, OrderAck)
        body = case.exchanges[-1].reply["body"]
        for path in paths_of(body, ack.order_id):
            for nothing in NOTHING:
                changed = case.answered_last(body=replaced(body, path, nothing))
                outcome = outcome_of(changed, self.broker(), world)
                assert isinstance(outcome, OrderUnknown), (nothing, outcome)

    def test_wrong_types(self, success: Case) -> None:
        """Each value of a good reply, replaced in turn by something else."""
        body = success.exchanges[-1].reply.get("body")
        for path in all_paths(body):
            for wrong in WRONG:
                changed = success.answered_last(body=replaced(body, path, wrong))
                self._check_random(changed)

    def test_any_json(self, success: Case) -> None:
        self._fuzz(success, JSON.map(lambda value: {"text": json.dumps(value)}))

    def test_any_json_in_the_success_envelope(self, success: Case) -> None:
        body = success.exchanges[-1].reply.get("body")
        paths = [path for path in all_paths(body) if path] or [()]
        mixed = st.builds(
            lambda path, value: {"body": replaced(body, path, value)},
            st.sampled_from(paths),
            JSON,
        )
        self._fuzz(success, mixed)

    def test_any_bytes(self, success: Case) -> None:
        statuses = st.sampled_from([200, 200, 400, 403, 404, 429, 500])
        text = st.text(max_size=60) | st.binary(max_size=60).map(lambda b: b.decode("latin-1"))
        replies = st.builds(lambda status, body: {"status": status, "text": body}, statuses, text)
        self._fuzz(success, replies)

    def _fuzz(self, success: Case, replies: st.SearchStrategy[dict[str, Any]]) -> None:
        @settings(
            max_examples=self.examples,
            deadline=None,
            database=None,
            suppress_health_check=list(cast("Iterable[HealthCheck]", HealthCheck)),
        )
        @given(reply=replies)
        def check(reply: dict[str, Any]) -> None:
            self._check_random(success.answered_last(**reply))

        check()

    def _check_random(self, case: Case) -> None:
        outcome = outcome_of(case, self.broker(), self.world_once(), checked=False)
        if operation_of(case.operation).changes_orders:
            if isinstance(outcome, OrderAck):
                assert outcome.order_id
                assert outcome.order_id.strip() == outcome.order_id
            elif isinstance(outcome, OpenBrokerError):
                assert outcome.outcome is not None
        list(rows_of(outcome))
        repr(outcome)

    @classmethod
    def world_once(cls) -> World:
        """The world, read from its file once."""
        kept = cls.__dict__.get("_world")
        if kept is None:
            kept = cls.world()
            cls._world = kept  # type: ignore[attr-defined]  # set here only
        assert isinstance(kept, World)
        return kept

    # -- laws: secrets and I/O

    def test_no_secret_shows(self, success: Case) -> None:
        adapter, world = self.broker(), self.world()
        hidden = [*world.session.tokens.values(), *self._secrets()]
        shown: list[object] = [adapter, world.session, world.credentials]
        shown.append(outcome_of(success, adapter, world))
        for hostile in HOSTILE.values():
            replay = Replay(steps=success.answered_last(**hostile).exchanges, world=world)
            try:
                replay.run(flow_of(success, adapter, world))
            except OpenBrokerError as error:
                shown += [error, str(error), vars(error)]
            shown += [replay.trace, *replay.trace.entries]
        text = "\n".join(map(repr, shown))
        assert not [secret for secret in hidden if secret.reveal() in text]

    def _secrets(self) -> Iterator[Secret]:
        fields = {field.name: field for field in self.broker().credentials}
        for name, value in self.world().credentials.items():
            if fields[name].secret:
                yield value

    def test_the_module_does_no_io(self) -> None:
        for module in own_modules(type(self.broker())):
            tree = ast.parse(inspect.getsource(importlib.import_module(module)))
            assert not imported_by(tree) & FORBIDDEN, module
            assert not [
                node
                for node in ast.walk(tree)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("open", "print", "input", "exec", "eval")
            ]

    def test_the_adapter_is_frozen(self) -> None:
        adapter = self.broker()
        assert hash(adapter) == hash(copy.copy(adapter))
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            adapter.name = "other"  # type: ignore[misc]  # that it fails is the test


# -- running a case through a broker


class Script:
    """Answers a case's requests in order and notes what was wrong with them."""

    def __init__(self, case: Case, world: World) -> None:
        self._steps = list(case.exchanges)
        self._is_unknown = (case.error or {}).get("class") == "OrderUnknown"
        self._changing = case.exchanges[-1].request if case.exchanges else {}
        self._world = world
        self._wrong: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not self._steps:
            return self._extra(request)
        step = self._steps.pop(0)
        try:
            check_request(
                step, self._world.headers, request.method, str(request.url), request.headers,
                request.content,
            )  # fmt: skip
        except AssertionError as error:
            self._wrong.append(f"{request.method} {request.url.path}: {error}")
        return _answer(step, request)

    def _extra(self, request: httpx.Request) -> httpx.Response:
        """After an unknown outcome the book may be read; anything else is one too many."""
        again = self._changing.get("path") == request.url.raw_path.decode()
        if not self._is_unknown or (again and self._changing.get("method") == request.method):
            self._wrong.append(f"one request too many: {request.method} {request.url.path}")
        raise httpx.ConnectError("the case has no such exchange", request=request)

    def check(self) -> None:
        """Raises ``AssertionError`` unless exactly the case's requests were made."""
        assert not self._wrong
        assert not self._steps, f"{len(self._steps)} requests were not made"


def _answer(step: Step, request: httpx.Request) -> httpx.Response:
    failure = step.reply.get("failure")
    if failure is not None:
        kind = httpx.ReadTimeout if failure["handed_over"] else httpx.ConnectError
        raise kind("a failure of the test's", request=request)
    return httpx.Response(step.status, headers=step.headers, content=step.content)


def _called(case: Case, broker: Any) -> object:
    face = operation_of(case.operation).face
    assert face is not None
    try:
        return face(broker, case.args)
    except OpenBrokerError as error:
        return error


async def _awaited(case: Case, broker: Any) -> object:
    face = operation_of(case.operation).face
    assert face is not None
    try:
        result = face(broker, case.args)
        return await result if isinstance(result, Awaitable) else result
    except OpenBrokerError as error:
        return error


def stop_of(rule: Mapping[str, Any], world: World) -> str:
    """A price that a stop beside this rule could have, whatever the market is doing."""
    if rule["side"] == Side.BUY:
        return plain(2 * Decimal(str(rule["trigger_price"])))
    return plain(world.instruments[rule["symbol"]].tick_size or Decimal(1))


def check_outcome(case: Case, outcome: object) -> None:
    """Raises ``AssertionError`` unless the outcome is what the case says."""
    if case.error is None:
        assert not isinstance(outcome, OpenBrokerError), repr(outcome)
        assert plain_data_of(outcome) == case.result
        return
    assert isinstance(outcome, OpenBrokerError), f"no error but {outcome!r}"
    shown = {"class": type(outcome).__name__, "code": outcome.code, "outcome": outcome.outcome}
    assert {key: shown[key] for key in case.error} == case.error, repr(outcome)


def plain_data_of(outcome: object) -> Any:
    """A result in the form in which cases state it; quotes in an order of their own."""
    data = plain_data(outcome)
    if isinstance(data, list) and data and all("last_price" in row for row in data):
        data.sort(key=lambda row: (row.get("exchange", ""), row.get("token", "")))
    return data


class _Stubborn:
    """A transport that gives every order the case's last reply, and counts them."""

    timeout = 8.0

    def __init__(self, case: Case, world: World) -> None:
        self._steps = list(case.exchanges)
        self._world = world
        self.orders = 0

    async def exchange(self, request: Request, _: float | None = None) -> Reply:
        is_order = request.effect is Effect.ORDER
        self.orders += is_order
        step = self._steps[-1] if is_order else self._steps.pop(0)
        reply = step.answer(self._world.now)
        assert isinstance(reply, Reply)
        return reply


class _Doubtful:
    """A transport whose every reply may be another request's."""

    timeout = 8.0

    def __init__(self, case: Case, world: World) -> None:
        self._steps = iter(case.exchanges)
        self._world = world

    async def exchange(self, request: Request, _: float | None = None) -> Reply:
        reply = next(self._steps).answer(self._world.now)
        assert isinstance(reply, Reply)
        return reply if request.repeatable else attrs.evolve(reply, doubt="surplus bytes")
