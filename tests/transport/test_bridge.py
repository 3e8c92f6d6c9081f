"""The loop thread: called from many threads, interrupted, forked, and at the interpreter's end."""

from __future__ import annotations

import asyncio
import contextvars
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from openbroker.sandbox.wire import running_server
from openbroker.transport import bridge
from openbroker.transport.exchange import Transport
from tests.transport.desk import Desk, is_ours, order, tag_of

posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def test_results_errors_and_context_pass() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("seen")

    async def work() -> str:
        await asyncio.sleep(0)
        return variable.get()

    async def fail() -> None:
        raise LookupError("as it was")

    assert bridge.run(work) == "seen"
    assert bridge.run(work()) == "seen"
    with pytest.raises(LookupError, match="as it was"):
        bridge.run(fail)


def test_one_thread_for_all() -> None:
    async def where() -> int:
        return threading.get_ident()

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: bridge.run(where), range(64)))
    assert len(found) == 1
    assert found != {threading.get_ident()}


def test_the_loop_thread_does_not_wait_for_itself() -> None:
    async def nested() -> None:
        bridge.run(asyncio.sleep(0))

    with pytest.raises(RuntimeError, match="loop thread"):
        bridge.run(nested)


def test_nothing_ends_the_loop_thread() -> None:
    async def leave() -> None:
        sys.exit(3)

    with pytest.raises(SystemExit):
        bridge.run(leave)
    bridge.loop_thread().loop.call_soon_threadsafe(sys.exit, 4)
    assert bridge.run(asyncio.sleep(0, "still here")) == "still here"


@pytest.mark.parametrize("http2", [False, True], ids=["h1", "h2"])
def test_threads_share_a_transport_without_a_failure(http2: bool) -> None:
    desk = Desk()
    with running_server(desk) as server:
        transport = Transport(ca_file=server.ca_file, http2_orders=http2)

        def trade(_: int) -> int:
            good = 0
            for _ in range(100):
                request = order(server.url)
                good += is_ours(request, bridge.run(transport.exchange(request)))
            return good

        with ThreadPoolExecutor(20) as threads:
            assert list(threads.map(trade, range(20))) == [100] * 20
        bridge.run(transport.aclose())
    assert set(desk.booked.values()) == {1}
    assert len(desk.booked) == 2000


def test_ctrl_c_interrupts_the_wait() -> None:
    cancelled = threading.Event()

    async def forever() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    if hasattr(signal, "pthread_kill"):
        main = threading.get_ident()
        timer = threading.Timer(0.3, signal.pthread_kill, [main, signal.SIGINT])
    timer.start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        bridge.run(forever)
    assert time.monotonic() - started < 5
    assert cancelled.wait(5)


@posix
def test_a_forked_child_starts_afresh_and_leaves_the_parent_whole() -> None:
    desk = Desk()
    with running_server(desk) as server:
        transport = Transport(ca_file=server.ca_file)
        bridge.run(transport.warm(server.url, 3))
        first = order(server.url)
        assert is_ours(first, bridge.run(transport.exchange(first)))
        ours = list(server.connections)
        child = os.fork()
        if child == 0:
            request = order(server.url, tag="child")
            outcome = bridge.run(transport.exchange(request))
            bridge.run(transport.aclose())
            os._exit(0 if is_ours(request, outcome) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert desk.booked["child"] == 1
        for _ in range(4):
            request = order(server.url)
            outcome = bridge.run(transport.exchange(request))
            assert is_ours(request, outcome)
        assert all(record.closed is None for record in ours)
        assert sum(record.requests for record in ours) == 5
        assert tag_of(first) in desk.booked
        bridge.run(transport.aclose())


def run_script(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "always", "-c", textwrap.dedent(text), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_interpreters_end_is_quiet_and_clear(tmp_path: Path) -> None:
    """Open connections make no noise, and what comes too late is told that nothing was sent."""
    result = run_script(
        """
        import atexit
        import sys
        from openbroker.errors import NotSent

        def too_late():
            try:
                bridge.run(transport.exchange(order(server.url)))
            except NotSent as error:
                print("too late:", error)

        atexit.register(too_late)
        from openbroker.sandbox.wire import running_server
        from openbroker.transport import bridge
        from openbroker.transport.exchange import Transport
        from tests.transport.desk import Desk, order
        manager = running_server(Desk(), ca_dir=sys.argv[1])
        server = manager.__enter__()
        transport = Transport(ca_file=server.ca_file)
        bridge.run(transport.warm(server.url, 3))
        print(bridge.run(transport.exchange(order(server.url))).status)
        """,
        str(tmp_path),
    )
    assert result.returncode == 0, result.stderr
    assert "200" in result.stdout
    assert "too late: the interpreter is exiting. Nothing was sent." in result.stdout
    assert result.stderr == ""


def test_a_closed_loop_is_forgotten() -> None:
    from openbroker.transport import pool

    desk = Desk()
    with running_server(desk) as server:
        transport = Transport(ca_file=server.ca_file)

        async def trade() -> bool:
            request = order(server.url)
            good = is_ours(request, await transport.exchange(request))
            await transport.aclose()
            return good

        assert asyncio.run(trade())
        assert asyncio.run(trade())
        assert not [loop for loop in pool._pools if loop.is_closed()]
