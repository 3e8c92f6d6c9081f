"""The policy for reads, and nothing but reads."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbroker.errors import MalformedReply
from openbroker.transport.driver import Driver, Trace
from openbroker.transport.limits import Limiter
from openbroker.transport.messages import Effect, Flow, Phase, Reply, Request, TransportFailure
from openbroker.transport.retry import RetryPolicy, retry_after
from tests.transport.desk import read, serving, succeeded, trading

NOW = dt.datetime(2026, 11, 20, 9, 15, tzinfo=dt.UTC)
POLICY = RetryPolicy()
ONCE = RetryPolicy(attempts=1)
READ = Request(method="GET", url="https://broker.example/book")
LOST = TransportFailure(phase=Phase.WAIT, handed_over=True, cause="reset")


def reply(status: int, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, headers=named, received_at=NOW)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_passing_troubles_are_tried_again(status: int) -> None:
    assert POLICY.pause(READ, reply(status), attempt=1, remaining=8, chance=0.5) is not None


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404])
def test_answers_stand(status: int) -> None:
    assert POLICY.pause(READ, reply(status), attempt=1, remaining=8, chance=0.5) is None


@pytest.mark.parametrize("effect", [Effect.ORDER, Effect.SESSION])
@pytest.mark.parametrize("outcome", [LOST, reply(429), reply(503)])
def test_what_changes_something_is_never_repeated(
    effect: Effect, outcome: Reply | TransportFailure
) -> None:
    request = Request(method="POST", url=READ.url, effect=effect)
    assert POLICY.pause(request, outcome, attempt=1, remaining=8, chance=0.0) is None


@given(
    attempt=st.integers(1, 10), remaining=st.floats(0, 20), chance=st.floats(0, 1, exclude_max=True)
)
def test_a_pause_fits_into_what_is_left(attempt: int, remaining: float, chance: float) -> None:
    pause = POLICY.pause(READ, LOST, attempt=attempt, remaining=remaining, chance=chance)
    if pause is not None:
        assert 0 < pause < remaining
        assert attempt < POLICY.attempts
        assert pause <= POLICY.longest


def test_a_reply_that_may_be_anothers_does_not_stand() -> None:
    doubtful = attrs.evolve(reply(200), doubt="more bytes followed")
    assert POLICY.pause(READ, doubtful, attempt=1, remaining=8, chance=0.5) is not None
    order = Request(method="POST", url=READ.url, effect=Effect.ORDER)
    assert POLICY.pause(order, doubtful, attempt=1, remaining=8, chance=0.5) is None


def _read_once(url: str) -> Flow[bytes]:
    answer = yield read(url)
    return answer.content


async def test_a_read_is_asked_again_if_its_reply_may_be_anothers() -> None:
    """A reply to an earlier read, come once more: it may show another account's book."""
    async with serving() as (server, _), trading(server, http2_reads=False) as transport:
        driver = Driver(transport, Limiter(), asks_to_wait=lambda _: False)
        server.faults.add("duplicated-reply", times=1)
        trace = Trace()
        assert await driver.run(_read_once(server.url), trace=trace)
        assert [getattr(answer, "doubt", "") is None for _, answer in trace.entries] == [
            False,
            True,
        ]


async def test_a_reply_that_may_be_anothers_is_no_answer_to_a_read() -> None:
    async with serving() as (server, _), trading(server, http2_reads=False) as transport:
        driver = Driver(transport, Limiter(), asks_to_wait=lambda _: False, policy=ONCE)
        server.faults.add("duplicated-reply")
        with pytest.raises(MalformedReply, match="another request"):
            await driver.run(_read_once(server.url))


def test_the_brokers_delay_is_kept() -> None:
    slow = reply(429, retry_after="3")
    assert POLICY.pause(READ, slow, attempt=1, remaining=8, chance=0.9) == 3.0
    assert POLICY.pause(READ, slow, attempt=1, remaining=2, chance=0.9) is None


def test_both_forms_of_retry_after() -> None:
    assert retry_after(reply(429)) == 0.0
    assert retry_after(reply(429, retry_after="7")) == 7.0
    later = format_datetime(NOW + dt.timedelta(seconds=9), usegmt=True)
    assert retry_after(reply(503, retry_after=later)) == 9.0
    assert retry_after(reply(503, retry_after="soon")) == 0.0
    assert retry_after(LOST) == 0.0


async def test_a_read_outlives_a_rough_patch() -> None:
    async with serving() as (server, _), trading(server) as transport:
        server.faults.add("reset-before-booking", times=2)
        assert succeeded(await transport.fetch(read(server.url))).status == 200
        assert len(server.faults.log) == 2
