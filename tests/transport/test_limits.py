"""Rate limits: never too many in any window, never a cancel behind placements."""

from __future__ import annotations

import asyncio
import time

from hypothesis import given
from hypothesis import strategies as st

from openbroker.transport.limits import SLACK, Limiter, RateLimit, Windows, limiter_for

ANGEL = (
    RateLimit(bucket="place", per_second=9, per_minute=500),
    RateLimit(bucket="modify", per_second=9),
    RateLimit(bucket="cancel", per_second=9),
    RateLimit(
        bucket="orders",
        covers=("place", "modify", "cancel"),
        urgent=("cancel",),
        per_second=9,
        per_minute=20,
    ),
)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["place", "modify", "cancel"]), st.floats(0, 0.4)), max_size=80
    )
)
def test_no_window_is_ever_exceeded(steps: list[tuple[str, float]]) -> None:
    clock = Clock()
    limiter = Limiter(ANGEL, clock=clock)
    admitted: list[float] = []
    for bucket, pause in steps:
        clock.now += pause
        if limiter.take(bucket) == 0.0:
            admitted.append(clock.now)
    for start in admitted:
        assert sum(start <= moment < start + 1.0 for moment in admitted) <= 9
        assert sum(start <= moment < start + 60.0 for moment in admitted) <= 20


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["place", "modify", "cancel"]), st.floats(0, 0.4)), max_size=40
    )
)
def test_the_delay_is_exact(steps: list[tuple[str, float]]) -> None:
    """After the delay there is room, a moment before it there is none."""
    windows = Windows(ANGEL)
    now = 0.0
    for bucket, pause in steps:
        now += pause
        delay = windows.delay(bucket, now)
        if delay > 0.0:
            assert windows.delay(bucket, now + delay * 0.999) > 0.0
            assert windows.delay(bucket, now + delay + 1e-6) == 0.0
        else:
            windows.take(bucket, now)


def test_a_cancel_has_room_that_placements_have_not() -> None:
    clock = Clock()
    limiter = Limiter(ANGEL, clock=clock)
    placed = 0
    for _ in range(60):
        clock.now += 0.2
        placed += limiter.take("place") == 0.0
    assert placed == 18, "a tenth of the twenty a minute is kept back"
    assert limiter.delay("place") > 30
    assert limiter.take("cancel") == 0.0
    assert limiter.take("cancel") == 0.0
    assert limiter.take("cancel") > 0.0


def test_unknown_buckets_and_none_are_free() -> None:
    limiter = Limiter(ANGEL)
    assert limiter.take(None) == 0.0
    assert all(limiter.take("profile") == 0.0 for _ in range(100))


def test_one_limiter_an_account() -> None:
    assert limiter_for(("angelone", "A1"), ANGEL) is limiter_for(("angelone", "A1"), ANGEL)
    assert limiter_for(("angelone", "A1"), ANGEL) is not limiter_for(("angelone", "A2"), ANGEL)


async def test_waiting_goes_in_turn_and_cancels_go_first() -> None:
    limit = RateLimit(bucket="o", covers=("place", "cancel"), urgent=("cancel",), per_second=4)
    limiter = Limiter([limit])
    order: list[str] = []

    async def go(name: str, bucket: str) -> None:
        assert await limiter.acquire(bucket, time.monotonic() + 5) == 0.0
        order.append(name)

    tasks = [asyncio.create_task(go(f"p{n}", "place")) for n in range(10)]
    await asyncio.sleep(0.05)
    tasks.append(asyncio.create_task(go("c", "cancel")))
    await asyncio.gather(*tasks)
    assert set(order[:4]) == {"p0", "p1", "p2", "p3"}
    assert set(order[4:8]) == {"c", "p4", "p5", "p6"}, "the cancel came last and waits least"
    assert set(order[8:]) == {"p7", "p8", "p9"}


async def test_too_long_a_wait_is_known_at_once() -> None:
    limiter = Limiter([RateLimit(bucket="place", per_second=1)])
    assert await limiter.acquire("place", time.monotonic() + 1) == 0.0
    started = time.monotonic()
    wait = await limiter.acquire("place", started + 0.3)
    assert time.monotonic() - started < 0.2
    assert 0.5 < wait <= 1.0 + SLACK
    assert limiter._queue == []


async def test_a_cancelled_wait_leaves_the_queue() -> None:
    limiter = Limiter([RateLimit(bucket="place", per_second=1)])
    await limiter.acquire("place")
    task = asyncio.create_task(limiter.acquire("place"))
    await asyncio.sleep(0.02)
    assert len(limiter._queue) == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert limiter._queue == []
