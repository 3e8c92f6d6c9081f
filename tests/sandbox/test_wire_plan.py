"""The plan: shares, seeds, filters, tables of a front end's own, and the log."""

from __future__ import annotations

import collections

import httpx
import pytest

from openbroker.errors import ConfigError
from openbroker.sandbox.faults import FAULTS, Fault, FaultPlan, FaultTable, Stage
from openbroker.sandbox.process_faults import in_process

REQUEST = httpx.Request("POST", "https://sandbox/rest/placeOrder", content=b"T1")


def tagged(tag: str) -> httpx.Request:
    return httpx.Request("POST", "https://sandbox/rest/placeOrder", content=tag.encode())


def tag_of(request: httpx.Request) -> str | None:
    return request.content.decode() or None


def names(plan: FaultPlan, requests: list[httpx.Request]) -> list[str | None]:
    chosen = [plan.choose(Stage.REQUEST, request) for request in requests]
    return [hit[0].name if hit else None for hit in chosen]


def test_an_empty_plan_is_false_and_chooses_nothing() -> None:
    plan = FaultPlan()
    assert not plan
    assert plan.choose(Stage.REQUEST, REQUEST) is None
    assert plan.log == []


def test_the_same_seed_makes_the_same_faults() -> None:
    def run(seed: int) -> list[str | None]:
        plan = FaultPlan(seed=seed)
        plan.add("black-hole", probability=0.3)
        plan.add("reset-after-booking", probability=0.3)
        return names(plan, [REQUEST] * 200)

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_with_a_key_the_draw_does_not_depend_on_arrival_order() -> None:
    tags = [f"T{number}" for number in range(200)]

    def run(order: list[str]) -> dict[str, str | None]:
        plan = FaultPlan(seed=1, key=tag_of)
        plan.add("black-hole", probability=0.4)
        return dict(zip(order, names(plan, [tagged(tag) for tag in order]), strict=True))

    assert run(tags) == run(tags[::-1])
    assert set(run(tags).values()) == {"black-hole", None}


def test_a_faults_own_randomness_is_seeded_too() -> None:
    def draw() -> list[float]:
        plan = FaultPlan(seed=3)
        plan.add("reset-mid-reply")
        hits = [plan.choose(Stage.REQUEST, REQUEST) for _ in range(5)]
        return [hit[1].random.random() for hit in hits if hit]

    assert draw() == draw()
    assert len(set(draw())) == 5


def test_probabilities_are_shares_of_the_requests() -> None:
    plan = FaultPlan(seed=5)
    plan.add("black-hole", probability=0.2)
    plan.add("reset-after-booking", probability=0.2)
    counts = collections.Counter(names(plan, [REQUEST] * 5000))
    assert 800 < counts["black-hole"] < 1200  # seeded, so this is no gamble
    assert 800 < counts["reset-after-booking"] < 1200
    plan.clear()
    plan.add("black-hole")
    assert set(names(plan, [REQUEST] * 100)) == {"black-hole"}


def test_filters() -> None:
    def hits(request: httpx.Request = REQUEST, *, reused: bool = False, **rule: object) -> bool:
        plan = FaultPlan()
        plan.add("black-hole", **rule)  # type: ignore[arg-type]
        return plan.choose(Stage.REQUEST, request, reused=reused) is not None

    assert hits(path="placeOrder")
    assert not hits(path="cancelOrder")
    assert hits(method="POST")
    assert not hits(method="GET")
    assert hits(where=lambda request: request.content == b"T1")
    assert not hits(where=lambda request: request.content == b"T2")
    assert hits(reused=True)
    plan = FaultPlan()
    plan.add("black-hole", reused=True)
    assert plan.choose(Stage.REQUEST, REQUEST, reused=False) is None
    assert plan.choose(Stage.REQUEST, REQUEST, reused=True) is not None


def test_stage_and_protocol_have_to_fit() -> None:
    plan = FaultPlan()
    plan.add("refused-stream")
    plan.add("reset-before-body")
    assert plan.choose(Stage.REQUEST, REQUEST, protocol="http/1.1") is None
    assert plan.choose(Stage.HEAD, REQUEST, protocol="http/1.1") is not None
    assert plan.choose(Stage.REQUEST, REQUEST, protocol="h2") is not None


def test_times_remove_and_clear() -> None:
    plan = FaultPlan()
    rule = plan.add("black-hole", times=2)
    assert names(plan, [REQUEST] * 4) == ["black-hole", "black-hole", None, None]
    assert rule.done == 2
    other = plan.add("empty-200")
    plan.remove(rule)
    assert plan.rules == (other,)
    plan.clear()
    assert not plan
    assert len(plan.log) == 2


def test_the_log_tells_what_was_done_to_which_request() -> None:
    plan = FaultPlan(key=tag_of)
    plan.add("black-hole")
    plan.choose(Stage.REQUEST, tagged("T9"), connection=4)
    (entry,) = plan.log
    assert (entry.fault, entry.method, entry.path) == ("black-hole", "POST", "/rest/placeOrder")
    assert (entry.key, entry.connection, entry.booked) == ("T9", 4, False)


def test_rules_as_the_command_line_writes_them() -> None:
    plan = FaultPlan()
    assert plan.add_text("black-hole").probability == 1
    assert plan.add_text("empty-200:0.25").probability == 0.25
    for wrong in ("black-hole:often", "black-hole:2", "black-hole:-0.1"):
        with pytest.raises(ConfigError):
            plan.add_text(wrong)


def test_unknown_names_and_parameters_are_named_with_what_is_known() -> None:
    plan = FaultPlan()
    with pytest.raises(
        ConfigError, match="no fault 'blak-hole'; did you mean black-hole or black-hole-booked"
    ):
        plan.add("blak-hole")
    with pytest.raises(ConfigError, match=r"no parameter 'second'.*Its parameters: seconds"):
        plan.add("late-reply", second=3)


def test_a_front_end_adds_its_own() -> None:
    table = FaultTable(FAULTS)

    @table.message("the gateway's plain text", booked=False)
    def exceeding_access_rate(request: httpx.Request, response: None) -> httpx.Response:
        return httpx.Response(403, text="Access denied because of exceeding access rate")

    plan = FaultPlan(table=table)
    plan.add("exceeding-access-rate")
    hit = plan.choose(Stage.REQUEST, REQUEST)
    assert hit is not None
    assert hit[0].booked is False
    assert "exceeding-access-rate" not in FAULTS
    with pytest.raises(ValueError, match="two faults"):
        table.add(table["black-hole"])


def test_book_faults_are_asked_for_by_the_exchange_core() -> None:
    plan = FaultPlan()
    plan.add(Fault(name="book-lag", description="the book is behind", stage=Stage.BOOK))
    assert plan.choose(Stage.REQUEST, REQUEST) is None
    assert plan.choose(Stage.BOOK, REQUEST) is not None


def test_rows_for_the_documents() -> None:
    rows = {row["name"]: row for row in FAULTS.rows()}
    assert set(rows) == set(FAULTS)
    assert rows["refused-stream"]["protocol"] == "h2"
    assert rows["late-reply"]["parameters"] == {"seconds": 10.0}


def test_options_show_a_faults_parameters() -> None:
    assert FAULTS["late-reply"].options == {"seconds": 10.0}
    assert FAULTS["late-reply"].with_parameters(seconds=3).options == {"seconds": 3}
    assert FAULTS["black-hole"].options == {}


# -- in process ---------------------------------------------------------------------------------

IN_PROCESS = [
    ("reset-before-body", False, httpx.ReadError),
    ("reset-after-booking", True, httpx.ReadError),
    ("fin-before-booking", False, httpx.RemoteProtocolError),
    ("half-close-booked", True, httpx.RemoteProtocolError),
    ("black-hole", False, httpx.ReadTimeout),
    ("late-reply", True, httpx.ReadTimeout),
]


@pytest.mark.parametrize(("name", "booked", "error"), IN_PROCESS)
def test_lost_replies_in_process(name: str, booked: bool, error: type[Exception]) -> None:
    book: list[httpx.Request] = []

    def front_end(request: httpx.Request) -> httpx.Response:
        book.append(request)
        return httpx.Response(200, json={"status": True})

    plan = FaultPlan()
    plan.add(name, times=1)
    transport = httpx.MockTransport(in_process(front_end, plan))
    with httpx.Client(transport=transport, timeout=5) as client:
        with pytest.raises(error, match=name):
            client.post("https://sandbox/order")
        assert len(book) == booked == plan.log[0].booked
        assert client.post("https://sandbox/order").json() == {"status": True}


def test_every_fault_in_process_is_a_reply_an_httpx_error_or_a_config_error() -> None:
    """The tree of what may come out is closed: no fault escapes as an accident of its script."""
    for name, fault in FAULTS.items():
        if fault.stage is Stage.CONNECT or fault.protocol == "h2":
            continue
        plan = FaultPlan()
        plan.add(name, **({"megabytes": 1} if "megabytes" in fault.options else {}))
        handler = in_process(lambda _: httpx.Response(200, json={"status": True}), plan)
        try:
            assert isinstance(handler(REQUEST), httpx.Response)
        except (httpx.TransportError, ConfigError):
            pass
        else:
            assert plan.log[0].booked is fault.booked


def test_message_faults_in_process() -> None:
    plan = FaultPlan()
    plan.add("502-html-booked", times=1)
    plan.add("status-as-string", times=1)
    plan.add("late-reply", times=1, seconds=1)
    plan.add("idle-close", times=1)
    handler = in_process(lambda _: httpx.Response(200, json={"status": True}), plan)
    with httpx.Client(transport=httpx.MockTransport(handler), timeout=5) as client:
        assert client.get("https://sandbox").status_code == 502
        assert client.get("https://sandbox").json() == {"status": "true"}
        assert client.get("https://sandbox").json() == {"status": True}
        assert client.get("https://sandbox").json() == {"status": True}
    assert [entry.booked for entry in plan.log] == [True] * 4


@pytest.mark.parametrize(
    "name", ["duplicated-reply", "truncated-body", "swapped-replies", "informational-noise"]
)
def test_faults_of_bytes_need_the_wire(name: str) -> None:
    plan = FaultPlan()
    plan.add(name)
    handler = in_process(lambda _: httpx.Response(200), plan)
    with pytest.raises(ConfigError, match="matter of bytes"):
        handler(REQUEST)
