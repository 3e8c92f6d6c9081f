"""How synchronous code reaches the event loop: one background loop thread for the whole process.

It owns the thread, its loop and the hop into it; it knows nothing about HTTP.  The hop is one
``call_soon_threadsafe`` out and one lock release back, less than what
``asyncio.run_coroutine_threadsafe`` costs (``benchmarks/transport.py`` measures both).

* The thread starts on first use and is a daemon; keep-warm work goes on in it while a script
  sleeps.
* A wait can be interrupted by Ctrl-C on every platform: POSIX wakes a lock wait for signals, on
  Windows the wait is taken in slices.
* After a fork the child abandons the parent's loop without closing anything (both would act on one
  epoll set) and starts its own on first use.
* Once the interpreter is exiting, :func:`run` raises ``NotSent``.
"""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import logging
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final, Generic, TypeVar

from openbroker.errors import NotSent

T = TypeVar("T")

_SLICE: Final = 0.05 if sys.platform == "win32" else -1.0
"""Seconds a wait may last before signals are looked at; negative where they wake it anyway."""

_STOP_WITHIN: Final = 1.0

_log = logging.getLogger("openbroker.transport")


class _Call(Generic[T]):
    """One coroutine on its way through the loop thread."""

    __slots__ = ("_coroutine", "_done", "_error", "_result", "_task")

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self._done = threading.Lock()
        self._done.acquire()
        self._task: asyncio.Task[None] | None = None
        self._error: BaseException | None = None

    def start(self, loop: asyncio.AbstractEventLoop, context: contextvars.Context) -> None:
        self._task = loop.create_task(self._drive(), context=context)

    async def _drive(self) -> None:
        try:
            self._result = await self._coroutine
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            self._error = error
        finally:
            self._done.release()

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def wait(self) -> T:
        while not self._done.acquire(timeout=_SLICE):
            pass
        if self._error is not None:
            try:
                raise self._error
            finally:
                self._error = None
        return self._result


class LoopThread:
    """A daemon thread that runs one event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._main, name="openbroker-loop", daemon=True)
        self._thread.start()
        self._ready.wait()

    def _main(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.call_soon(self._ready.set)
        while not self._stopping:
            try:
                self.loop.run_forever()
            except (SystemExit, KeyboardInterrupt):
                _log.warning("a callback tried to end openbroker's loop thread", exc_info=True)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run it in the loop and wait for its result in this thread."""
        if threading.get_ident() == self._thread.ident:
            coroutine.close()
            raise RuntimeError("run() was called from the loop thread, which would wait for itself")
        call = _Call(coroutine)
        self.loop.call_soon_threadsafe(call.start, self.loop, contextvars.copy_context())
        try:
            return call.wait()
        except KeyboardInterrupt:
            self.loop.call_soon_threadsafe(call.cancel)
            raise

    def stop(self) -> None:
        """Cancel what is running, close the loop and end the thread."""
        asyncio.run_coroutine_threadsafe(self._wind_up(), self.loop)
        self._thread.join(_STOP_WITHIN)
        if not self._thread.is_alive():
            self.loop.close()

    async def _wind_up(self) -> None:
        for callback in tuple(at_stop):
            callback(self.loop)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)
        self._stopping = True
        self.loop.stop()


at_stop: list[Callable[[asyncio.AbstractEventLoop], None]] = []
"""Called in the loop thread, with its loop, just before it ends."""


class _Process:
    """What this process has: at most one loop thread, until it exits or forks."""

    def __init__(self) -> None:
        self.thread: LoopThread | None = None
        self.is_exiting = False
        self._lock = threading.Lock()
        self._inherited: list[object] = []
        """Left to a forked child. Kept, because finalizers would touch the parent's epoll set."""

    def start(self) -> LoopThread:
        if self.is_exiting:
            raise NotSent("the interpreter is exiting", advice="Nothing was sent. Send it earlier.")
        with self._lock:
            if self.thread is None:
                self.thread = LoopThread()
            return self.thread

    def exit(self) -> None:
        self.is_exiting = True
        thread, self.thread = self.thread, None
        if thread is not None:
            thread.stop()

    def forked(self) -> None:
        self._inherited.append(self.thread)
        self.thread = None
        self._lock = threading.Lock()


_process = _Process()


def loop_thread() -> LoopThread:
    """The process's loop thread, started if need be; ``NotSent`` while the interpreter exits."""
    return _process.thread or _process.start()


def run(work: Coroutine[Any, Any, T] | Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine (or what a factory makes) in the loop thread and return its result.

    Context variables of the caller are seen by it.  Ctrl-C raises ``KeyboardInterrupt`` here and
    cancels the coroutine; what must go on regardless shields itself with ``asyncio.shield``.

    Raises:
        NotSent: the interpreter is exiting.
        RuntimeError: called from the loop thread itself.
    """
    coroutine = work() if callable(work) else work
    try:
        thread = _process.thread or _process.start()
    except NotSent:
        coroutine.close()
        raise
    return thread.run(coroutine)


atexit.register(_process.exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_process.forked)
