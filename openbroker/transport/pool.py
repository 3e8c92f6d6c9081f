"""A route's pool: acts on what its roster decides.

It opens and closes connections, gives them attempts, parks those whose answer is overdue and runs
the keeper, a tick that holds the pool warm without ever sending an HTTP/1.1 request.

There is one pool per event loop and route; pools of closed loops are dropped, and a forked child
leaves its parent's alone.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from typing import Final
from weakref import WeakSet

from attrs import frozen

from openbroker.errors import ConfigError
from openbroker.transport import bridge
from openbroker.transport.attempt import Attempt
from openbroker.transport.connection import Connection
from openbroker.transport.dial import Dial, DialError, Lane, Route
from openbroker.transport.http2 import Http2
from openbroker.transport.messages import Phase
from openbroker.transport.roster import Roster

_SUSPECT: Final = frozenset({408, 413, 421, 431})
"""Refusals after which servers are known to close, or to have left half a request unread."""

_MATURE: Final = 1.0
"""Seconds that a connection must live for the server to count as willing to keep it."""

_LOOKS: Final = 4
_SUCCESSORS: Final = 2
_PARKED_CAP: Final = 64
_CLOSE_WITHIN: Final = 0.5


@frozen(kw_only=True)
class Tuning:
    """The pool's figures; times in seconds.

    Attributes:
        limit: connections a route may have in a lane.
        dial_timeout: to open one connection, name resolution and TLS included.
        settle: how long an unanswered order's connection is parked for a late answer.
        rest: how long a connection rests after a refusal, so that surplus bytes show.
        tick: how often the keeper looks.
        ping_every, ping_within: HTTP/2's sign of life: asked for when idle, given up after.
        quiet_after: idleness after which only ``quiet_target`` connections are kept.
        backoff, backoff_limit: first and longest pause between failing reconnects.
    """

    limit: int = 20
    dial_timeout: float = 5.0
    settle: float = 30.0
    rest: float = 0.05
    tick: float = 0.25
    ping_every: float = 20.0
    ping_within: float = 5.0
    quiet_after: float = 900.0
    quiet_target: int = 2
    backoff: float = 0.25
    backoff_limit: float = 30.0


class Pool:
    """The connections of one route in one event loop."""

    def __init__(self, route: Route, tuning: Tuning, loop: asyncio.AbstractEventLoop) -> None:
        self.route = route
        self.users: WeakSet[object] = WeakSet()
        self.is_closed = False
        self._tuning = tuning
        self.loop = loop
        streams = 100 if route.lane is Lane.READ else 1
        self.roster: Roster[Connection, Attempt] = Roster(tuning.limit, streams)
        self._wanted = 2 if route.lane is Lane.ORDER else 1
        self._quiet = tuning.quiet_target if route.lane is Lane.ORDER else 0
        self._dials: dict[asyncio.Task[None], Dial] = {}
        self._parked: dict[Connection, asyncio.TimerHandle] = {}
        self._failures = 0
        self._not_before = 0.0
        self._being_read = 0
        """Connections whose last reply is about to be read by whoever asked."""
        self._used_at = time.monotonic()
        self._tick = loop.call_later(tuning.tick, self._keep)

    # -- carrying --------------------------------------------------------------------------------

    def submit(self, attempt: Attempt) -> None:
        """Begin an attempt now if a connection is ready, else let it wait for one."""
        self._used_at = attempt.started_at
        connection = None if self.roster.has_waiting else self._usable(attempt.started_at)
        if connection is not None:
            connection.begin(attempt)
        else:
            self.roster.wait(attempt)
        if connection is None or self.roster.target < self._wanted:
            self.roster.target = max(self.roster.target, self._wanted)
            if not self._being_read:
                self._dial_as_needed()

    def expire(self, attempt: Attempt) -> None:
        """The attempt's deadline has come."""
        connection = attempt.connection
        if connection is None:
            attempt.lose("no connection before the deadline", self._phase(), timed_out=True)
            return
        attempt.lose("no reply before the deadline", timed_out=True)
        if attempt not in connection.http.attempts:
            return
        if attempt.outgoing.must_not_repeat and connection.is_flushed:
            self._park(connection, attempt)
        elif not connection.give_up(attempt):
            connection.abort("no reply before the deadline")

    def _phase(self) -> Phase:
        """What those who wait for a connection are waiting for."""
        phases = [dial.phase for dial in self._dials.values()]
        return max(phases, key=list(Phase).index) if phases else Phase.QUEUE

    def _usable(self, now: float) -> Connection | None:
        """The next connection that is fit to carry a request, looked at before the write."""
        while (connection := self.roster.take()) is not None:
            if self.roster.is_spent(connection, now):
                connection.close()
            elif connection.is_idle and connection.stirs():
                self._look_again(connection, _LOOKS)
            else:
                return connection
        return None

    def _look_again(self, connection: Connection, looks: int) -> None:
        """Something came that the loop has not read: let it, then see what is left.

        It may be harmless (TLS 1.3 session tickets, an HTTP/2 ping) or the connection's end.
        """
        self.roster.withhold(connection)
        if connection.is_closed:
            return
        if not connection.stirs():
            self.freed(connection)
        elif looks:
            self.loop.call_soon(self._look_again, connection, looks - 1)
        else:
            connection.abort("unread bytes on an idle connection")

    def _serve(self) -> None:
        while self.roster.has_waiting:
            connection = self._usable(time.monotonic())
            if connection is None:
                self._dial_as_needed()
                return
            attempt = self.roster.next_waiting()
            if attempt is not None:
                connection.begin(attempt)

    def _park(self, connection: Connection, attempt: Attempt) -> None:
        """Keep listening for the answer, beside the pool."""
        settle = self._tuning.settle
        if isinstance(connection.http, Http2):
            self.loop.call_later(settle, connection.give_up, attempt)
            return
        self.roster.drop(connection)
        while len(self._parked) >= _PARKED_CAP:
            next(iter(self._parked)).abort("too many connections wait for late answers")
        timer = self.loop.call_later(settle, connection.abort, "no answer within the settle time")
        self._parked[connection] = timer
        self._dial_as_needed()

    # -- a connection's turns --------------------------------------------------------------------

    def freed(self, connection: Connection) -> None:
        """It has room for another request."""
        status = connection.http.status
        if self.roster.lifetime is None and connection.http.lifetime:
            self.roster.told(connection.http.lifetime)
        if connection in self._parked or status >= 500 or status in _SUSPECT:
            connection.close()
        elif status >= 400:
            connection.http.status = 0
            self.loop.call_later(self._tuning.rest, self._rested, connection)
        elif self.route.lane is Lane.ORDER:
            self._being_read += 1
            self.loop.call_soon(self._was_read, connection)
        else:
            self._offer(connection)

    def _was_read(self, connection: Connection) -> None:
        """Whoever sent the order has read the reply, and may have retired the connection."""
        self._being_read -= 1
        if not self.is_closed:
            self._offer(connection)
            self._dial_as_needed()

    def _offer(self, connection: Connection) -> None:
        self.roster.offer(connection)
        if self.roster.has_waiting:
            self._serve()

    def _rested(self, connection: Connection) -> None:
        if not connection.is_closed:
            self.freed(connection)

    def closed(self, connection: Connection) -> None:
        """It is gone; replaced at once if it is missed, later if it did not live long."""
        now = time.monotonic()
        timer = self._parked.pop(connection, None)
        if timer is not None:
            timer.cancel()
        if not self.roster.drop(connection) or self.is_closed:
            return
        if connection.closed_by_peer:
            if connection.ended_idle:
                self.roster.learn(now - connection.idle_since)
            if now - connection.opened_at < _MATURE and not connection.served:
                self._back_off(now)
        if now >= self._not_before or self.roster.has_waiting:
            self._dial_as_needed()

    # -- opening ---------------------------------------------------------------------------------

    def _dial_as_needed(self) -> None:
        if self.is_closed:
            return
        retiring = sum(1 for connection in self.roster.members if connection.retiring)
        for _ in range(self.roster.to_dial(retiring)):
            try:
                dial = Dial(self.route)
            except ConfigError as error:  # its certificates are gone; they may come back
                self._failed(DialError(Phase.TLS, error.message))
                return
            self.roster.dialing += 1
            task = self.loop.create_task(self._dial(dial))
            self._dials[task] = dial
            task.add_done_callback(self._dialed)

    async def _dial(self, dial: Dial) -> None:
        try:
            connection = await dial.open(self._tuning.dial_timeout)
        except DialError as error:
            self.roster.dialing -= 1
            self._failed(error)
        except BaseException:
            self.roster.dialing -= 1
            raise
        else:
            self.roster.dialing -= 1
            self._opened(connection)

    def _dialed(self, task: asyncio.Task[None]) -> None:
        self._dials.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.loop.call_exception_handler(
                {"message": "opening a connection failed unexpectedly", "exception": error}
            )

    def _opened(self, connection: Connection) -> None:
        self._not_before = 0.0
        self.roster.streams = connection.http.streams
        connection.serve(self)
        if connection.is_closed or self.is_closed:
            connection.close()
            return
        self.roster.add(connection)
        self._retire_one()
        self._serve()

    def _failed(self, error: DialError) -> None:
        self._back_off(time.monotonic())
        for _ in range(self.roster.hopeless()):
            attempt = self.roster.next_waiting()
            if attempt is not None:
                attempt.lose(str(error), error.phase)

    def _back_off(self, now: float) -> None:
        """Wait before reconnecting unasked; what fails within one pause counts once."""
        if now < self._not_before:
            return
        pause = self._tuning.backoff * 2.0**self._failures
        pause = min(pause, self._tuning.backoff_limit) * random.uniform(0.5, 1.0)  # noqa: S311
        self._not_before = now + pause
        self._failures = min(self._failures + 1, 16)

    async def warm(self, connections: int) -> int:
        """Open connections and keep as many; how many there are when all were tried."""
        self._wanted = min(connections, self.roster.limit)
        self.roster.target = self._wanted
        self._used_at = time.monotonic()
        self._dial_as_needed()
        while self._dials and len(self.roster.members) < self._wanted:
            await asyncio.wait(set(self._dials), return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)
        return len(self.roster.members)

    # -- keeping ---------------------------------------------------------------------------------

    def _keep(self) -> None:
        """The keeper's tick."""
        now = time.monotonic()
        if not self.users:
            self.close()
            return
        if now - self._used_at > self._tuning.quiet_after:
            self.roster.target = min(self.roster.target, self._quiet)
        if any(now - connection.opened_at > _MATURE for connection in self.roster.members):
            self._failures = 0
        self._replace_ageing(now)
        self._ask_for_life(now)
        if now >= self._not_before:
            self._dial_as_needed()
        self._tick = self.loop.call_later(self._tuning.tick, self._keep)

    def _replace_ageing(self, now: float) -> None:
        ageing = self.roster.ageing(now)
        for connection in self.roster.members:
            connection.retiring = connection.retiring and connection in ageing
        for connection in ageing[:_SUCCESSORS]:
            if len(self.roster.members) > self.roster.target or self.roster.is_spent(
                connection, now
            ):
                connection.close()
            else:
                connection.retiring = True

    def _retire_one(self) -> None:
        """A successor is there: let the oldest that waits for one go."""
        for connection in self.roster.idle():
            if connection.retiring:
                self.roster.retired()
                connection.close()
                return

    def _ask_for_life(self, now: float) -> None:
        for connection in tuple(self.roster.members):
            http = connection.http
            if not isinstance(http, Http2):
                continue
            if http.pinged_at and now - http.pinged_at > self._tuning.ping_within:
                connection.abort("no sign of life")
            elif not http.pinged_at and now - connection.heard_at > self._tuning.ping_every:
                connection.ping()

    # -- ending ----------------------------------------------------------------------------------

    def close(self) -> None:
        """Close every connection; what still waits was not sent."""
        self.is_closed = True
        self._tick.cancel()
        for task in tuple(self._dials):
            task.cancel()
        while (attempt := self.roster.next_waiting()) is not None:
            attempt.lose("the transport was closed")
        for connection in self.connections():
            connection.close()
        _forget(self.loop, self)

    async def aclose(self) -> None:
        """:meth:`close`, and wait until the sockets are closed."""
        connections = self.connections()
        dials = tuple(self._dials)
        self.close()
        waits = [asyncio.ensure_future(connection.wait_closed()) for connection in connections]
        if waits or dials:
            await asyncio.wait([*waits, *dials], timeout=_CLOSE_WITHIN)
        for connection in connections:
            connection.abort("the transport was closed")
        await asyncio.sleep(0)

    def connections(self) -> list[Connection]:
        """All connections, parked ones included."""
        return [*self.roster.members, *self._parked]

    def abandon(self) -> None:
        """The loop is closed and can close nothing any more."""
        self.is_closed = True
        for connection in self.connections():
            connection.abandon()


_Key = tuple[Route, Tuning]
_pools: dict[asyncio.AbstractEventLoop, dict[_Key, Pool]] = {}
_inherited: list[object] = []
"""A forked child's copy of its parent's pools. Kept alive: finalizers would disturb the parent."""


def pool_for(route: Route, tuning: Tuning, user: object) -> Pool:
    """The running loop's pool for this route; ``user`` keeps it open while it lives."""
    loop = asyncio.get_running_loop()
    pools = _pools.get(loop)
    if pools is None:
        _drop_closed_loops()
        pools = _pools[loop] = {}
    pool = pools.get((route, tuning))
    if pool is None:
        pool = pools[route, tuning] = Pool(route, tuning, loop)
    pool.users.add(user)
    return pool


def _drop_closed_loops() -> None:
    for loop in [loop for loop in _pools if loop.is_closed()]:
        for pool in _pools.pop(loop).values():
            pool.abandon()


def _forget(loop: asyncio.AbstractEventLoop, pool: Pool) -> None:
    pools = _pools.get(loop, {})
    for key in [key for key, value in pools.items() if value is pool]:
        del pools[key]
    if not pools:
        _pools.pop(loop, None)


def close_pools(loop: asyncio.AbstractEventLoop) -> None:
    """Close all pools of a loop that is about to end. Call it in that loop."""
    for pool in tuple(_pools.get(loop, {}).values()):
        pool.close()


def _leave_to_parent() -> None:
    _inherited.append(dict(_pools))
    _pools.clear()


bridge.at_stop.append(close_pools)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
