"""The evidence contract under every fault of the wire that the sandbox knows.

Whatever the wire does: *not sent* is only said where nothing was booked, nothing is booked twice,
no reply is taken for another's, and the deadline holds.
"""

from __future__ import annotations

import asyncio

import pytest

from openbroker.sandbox.fault_table import Stage
from openbroker.sandbox.wire_faults import WIRE_FAULTS
from openbroker.transport.messages import Phase, Reply, TransportFailure
from tests.transport.desk import failed, goes_through, is_ours, order, serving, tag_of, trading

DEADLINE = 0.6
NAMES = sorted(WIRE_FAULTS)
CARRIERS = ["engine", "stock"]
STOCK_LEAKS = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""Stock httpx, cancelled in mid-handshake, leaves its socket to the garbage collector."""

SMALLER = {"huge-body": {"megabytes": 10}, "gzip-bomb": {"megabytes": 20}}
"""The server shares the loop, so what it sends must not take it long."""

MISTAKEN_BY_STOCK = {
    "content-length-too-short",
    "duplicated-reply",
    "early-reply",
    "late-duplicate",
    "swapped-replies",
}


@pytest.mark.parametrize("http2", [False, True], ids=["h1", "h2"])
@pytest.mark.parametrize("stock", [False, pytest.param(True, marks=STOCK_LEAKS)], ids=CARRIERS)
@pytest.mark.parametrize("name", NAMES)
async def test_the_truth_is_told(name: str, stock: bool, http2: bool) -> None:
    if stock and name in MISTAKEN_BY_STOCK:
        pytest.skip("stock httpx takes surplus bytes for a reply, or a cut body for a whole one")
    fault = WIRE_FAULTS[name]
    async with serving() as (server, desk), trading(server, stock, http2=http2) as transport:
        if fault.stage is not Stage.CONNECT:
            assert await goes_through(transport, order(server.url))
        server.faults.add(name, probability=0.5, **SMALLER.get(name, {}))
        requests = [order(server.url, timeout=DEADLINE) for _ in range(6)]
        loop = asyncio.get_running_loop()
        for request in requests:
            started = loop.time()
            outcome = await transport.exchange(request)
            assert loop.time() - started < DEADLINE + 1.0
            count = desk.booked[tag_of(request)]
            assert count <= 1, f"booked {count} times"
            if isinstance(outcome, TransportFailure) and not outcome.handed_over:
                assert count == 0, "said to be not sent, but booked"
            if is_ours(request, outcome):
                assert count == 1
            elif isinstance(outcome, Reply) and name not in {"early-reply", "swapped-replies"}:
                assert outcome.doubt or outcome.status != 200, "a reply that is not ours"
        server.faults.clear()
        assert stock or await goes_through(transport, order(server.url))


@pytest.mark.parametrize(
    ("name", "http2", "parameters"),
    [
        ("reset-before-booking", False, {}),
        ("reset-after-booking", False, {}),
        ("fin-after-booking", False, {}),
        ("bare-fin-after-booking", False, {}),
        ("half-close-booked", False, {}),
        ("truncated-body", False, {}),
        ("reset-mid-reply", False, {"after": 0}),
        ("reset-mid-reply", False, {"after": 20}),
        ("reset-mid-request", False, {"after": 10}),
        ("garbage-status-line", False, {}),
        ("reset-stream-booked", True, {}),
        ("goaway-equal", True, {}),
        ("goaway-zero", True, {"code": "INTERNAL_ERROR"}),
        ("garbage-frames", True, {}),
    ],
)
async def test_a_lost_reply_proves_nothing(
    name: str, http2: bool, parameters: dict[str, object]
) -> None:
    async with serving() as (server, _), trading(server, http2=http2) as transport:
        assert await goes_through(transport, order(server.url))
        server.faults.add(name, **parameters)
        failure = failed(await transport.exchange(order(server.url, timeout=2.0)))
        assert failure.handed_over
        assert failure.attempt == 1
        assert failure.connection
        assert failure.phase in {Phase.WAIT, Phase.BODY}


@pytest.mark.parametrize("name", ["refused-stream", "goaway-below", "goaway-zero"])
async def test_the_servers_own_word_allows_a_repeat(name: str) -> None:
    async with serving() as (server, desk), trading(server, http2=True) as transport:
        assert await goes_through(transport, order(server.url))
        server.faults.add(name, times=2)
        request = order(server.url)
        assert is_ours(request, await transport.exchange(request))
        assert desk.booked[tag_of(request)] == 1
        server.faults.add(name, times=3)
        failure = failed(await transport.exchange(order(server.url)))
        assert (failure.handed_over, failure.attempt) == (False, 3)


async def test_a_failing_handshake_is_not_sent_and_repeated() -> None:
    async with serving() as (server, desk), trading(server) as transport:
        server.faults.add("reset-in-handshake", times=2)
        request = order(server.url)
        assert is_ours(request, await transport.exchange(request))
        assert set(desk.booked.values()) == {1}


async def test_a_silent_handshake_ends_at_the_deadline() -> None:
    async with serving() as (server, _), trading(server) as transport:
        server.faults.add("silent-handshake")
        failure = failed(await transport.exchange(order(server.url, timeout=0.2)))
        assert (failure.phase, failure.handed_over) == (Phase.TLS, False)


async def test_cancelling_the_caller_does_not_cancel_the_order() -> None:
    async with serving(latency=0.1) as (server, desk), trading(server) as transport:
        late: list[Reply] = []
        request = order(server.url)
        task = asyncio.create_task(transport.exchange(request, late=late.append))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.2)
        assert desk.booked[tag_of(request)] == 1
        assert len(late) == 1
        assert is_ours(request, late[0])


@pytest.mark.parametrize(
    "headers",
    [{"x-tag": "a\r\nb: c"}, {"x\n": "a"}, {"x-tag": "a\0"}],
    ids=["value", "name", "nul"],
)
def test_control_characters_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="CR, LF or NUL"):
        order("https://127.0.0.1:1", headers=headers)


@pytest.mark.parametrize("http2", [False, True], ids=["h1", "h2"])
async def test_what_cannot_be_framed_is_not_sent(http2: bool) -> None:
    async with serving() as (server, desk), trading(server, http2=http2) as transport:
        for request in (
            order(server.url, url=server.url + "/a b"),
            order(server.url, url="ftp://127.0.0.1/"),
            order(server.url, headers={"x-big": "x" * 70_000}),
            order(server.url, headers={"x-tag": "\u20b9"}),
            order(server.url, headers={"x tag": "t"}),
            order(server.url, url="https://[::1"),
            order(server.url, method="po st"),
        ):
            assert not failed(await transport.exchange(request)).handed_over
        assert not desk.booked
        request = order(server.url, headers={"X-Tag": "f", "Content-Length": "1", "Host": "evil"})
        assert is_ours(request, await transport.exchange(request))
