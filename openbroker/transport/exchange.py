"""The transport's face: what a broker holds, and all that the rest of the project sees of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import httpx

from openbroker.errors import ConfigError
from openbroker.schemas.convert import to_seconds
from openbroker.schemas.secret import Secret
from openbroker.transport.attempt import Answer, Attempt, Lost, Result
from openbroker.transport.content import TooLarge, Undecodable, decoded, off_the_loop
from openbroker.transport.dial import Lane, Proxy
from openbroker.transport.engine import Engine
from openbroker.transport.foreign import ForeignTransport, refuse_global_mock
from openbroker.transport.latency import Latency
from openbroker.transport.messages import (
    Effect,
    Phase,
    Reply,
    Request,
    Timings,
    TransportFailure,
)
from openbroker.transport.outgoing import (
    Outgoing,
    address_of,
    without_framing,
)
from openbroker.transport.pool import Tuning
from openbroker.transport.retry import RetryPolicy

OnExchange: TypeAlias = Callable[[Request, Reply | TransportFailure], None]
"""Told of every exchange after it ended; called soon, never on an order's way."""

OnLate: TypeAlias = Callable[[Reply], None]
"""Given the reply that came after its caller had stopped waiting: the best evidence there is."""

DEFAULT_POLICY: Final = RetryPolicy()

_PLAIN: Final = (b"accept-encoding", b"identity")
_PACKED: Final = (b"accept-encoding", b"gzip, deflate")


class Transport:
    """Carries requests for one broker account.

    Args:
        ca_file: certificates to trust besides the public ones. Verification cannot be turned off.
        local_address: the address of this machine to send from, where it has several.
        proxy: ``http://[user:password@]host:port`` of an HTTP CONNECT proxy, text or ``Secret``.
        http: another httpx transport in place of the engine (a mock, stock httpx).
        timeout: seconds from the call to the end of the reply, where a request does not say.
        http2_reads: whether reads may travel over HTTP/2.
        http2_orders: whether orders may, too.
        user_agent: the User-Agent header where a request has none.
        tuning: the pools' figures.

    Raises:
        ConfigError: ``proxy`` or ``local_address`` is malformed.

    Attributes:
        on_exchange: called with ``(request, outcome)`` after every exchange, soon.
        latency: where the time went, by operation and phase.
    """

    def __init__(
        self,
        *,
        ca_file: str | Path | None = None,
        local_address: str | None = None,
        proxy: Secret | str | None = None,
        http: httpx.AsyncBaseTransport | None = None,
        timeout: float = 8.0,
        http2_reads: bool = True,
        http2_orders: bool = False,
        user_agent: str = "openbroker",
        tuning: Tuning | None = None,
    ) -> None:
        self.timeout = to_seconds(timeout) or 8.0
        self.on_exchange: list[OnExchange] = []
        self.latency = Latency()
        self._foreign = ForeignTransport(http) if http is not None else None
        self._engine = Engine(
            ca_file=str(ca_file) if ca_file is not None else None,
            local_address=_checked_address(local_address),
            proxy=Proxy.parse(Secret(proxy).reveal()) if proxy else None,
            tuning=tuning,
        )
        self._read_lane = Lane.READ if http2_reads else Lane.SLOW
        self._order_lane = Lane.READ if http2_orders else Lane.ORDER
        self._user_agent = (b"user-agent", user_agent.encode("ascii"))

    @property
    def reaches_network(self) -> bool:
        """Whether what is sent may leave the process: not over ``httpx.MockTransport``."""
        return self._foreign is None or self._foreign.reaches_network

    async def exchange(
        self,
        request: Request,
        deadline: float | None = None,
        *,
        late: OnLate | None = None,
    ) -> Reply | TransportFailure:
        """Send one request and return its reply, or how and how far it failed.

        Args:
            request: what to send.
            deadline: when it must have ended, on ``time.monotonic()``; by default
                ``request.timeout`` or the transport's ``timeout`` from now.
            late: given the reply, should it come after the deadline or after a cancellation.

        Raises:
            asyncio.CancelledError: and nothing else, but for
            ConfigError: respx's global mock is active and would be passed by.
        """
        if deadline is None:
            deadline = time.monotonic() + (request.timeout or self.timeout)
        if self._foreign is not None:
            outcome = await self._foreign.exchange(request, deadline)
        else:
            outcome = await self._exchange(request, deadline, late)
        self.latency.record(request, outcome)
        if self.on_exchange:
            loop = asyncio.get_running_loop()
            for hook in self.on_exchange:
                loop.call_soon(hook, request, outcome)
        return outcome

    async def _exchange(
        self, request: Request, deadline: float, late: OnLate | None
    ) -> Reply | TransportFailure:
        started = time.monotonic()
        refuse_global_mock()
        try:
            outgoing = self._outgoing(request)
        except ValueError as error:  # BadRequest, or text that no header can hold
            return TransportFailure(phase=Phase.QUEUE, handed_over=False, cause=str(error))
        on_late = _late_reply(late) if late is not None else None
        lane = self._lane(request)
        result, attempt, number = await self._engine.carry(outgoing, lane, deadline, on_late)
        if isinstance(result, Lost) or request.effect is not Effect.READ:
            return _outcome(result, attempt, number, started)
        return await off_the_loop(lambda: _outcome(result, attempt, number, started), result.body)

    def _outgoing(self, request: Request) -> Outgoing:
        headers = without_framing(request.headers.items())
        given = dict(headers)
        if b"accept-encoding" not in given:
            headers.append(_PLAIN if request.effect is Effect.ORDER else _PACKED)
        if b"user-agent" not in given:
            headers.append(self._user_agent)
        return Outgoing(
            request.method.encode("ascii"),
            address_of(request.url),
            headers,
            request.content,
            max_bytes=request.max_bytes,
            must_not_repeat=request.effect is not Effect.READ,
        )

    def _lane(self, request: Request) -> Lane:
        return self._read_lane if request.effect is Effect.READ else self._order_lane

    async def fetch(
        self,
        request: Request,
        deadline: float | None = None,
        *,
        policy: RetryPolicy = DEFAULT_POLICY,
    ) -> Reply | TransportFailure:
        """:meth:`exchange` for reads: tried again as ``policy`` says, until the deadline."""
        if deadline is None:
            deadline = time.monotonic() + (request.timeout or self.timeout)
        attempt = 1
        while True:
            outcome = await self.exchange(request, deadline)
            pause = policy.pause(
                request,
                outcome,
                attempt=attempt,
                remaining=deadline - time.monotonic(),
                chance=random.random(),  # noqa: S311 - jitter, not a secret
            )
            if pause is None:
                return outcome
            await asyncio.sleep(pause)
            attempt += 1

    async def warm(self, url: str, connections: int = 2) -> int:
        """Open the order lane's connections to ``url``'s host and keep as many open.

        Returns how many are open; fewer than asked for where the host does not answer.
        """
        if self._foreign is not None:
            return 0
        refuse_global_mock()
        return await self._engine.warm(url, connections, self._order_lane)

    def distrust(self, connection: str, why: str) -> None:
        """Close a connection whose reply proved to be another request's.

        ``connection`` is a reply's own name for it. What is under way on it ends as handed over.
        """
        if self._foreign is None:
            self._engine.distrust(connection, why)

    def retire(self, connection: str) -> None:
        """Let a connection carry nothing more; what is under way on it ends as it may.

        ``connection`` is a reply's own name for it. Over HTTP/2, where every reply names its
        request, this does nothing.
        """
        if self._foreign is None:
            self._engine.retire(connection)

    async def aclose(self) -> None:
        """Close this transport's connections, except those that others share."""
        if self._foreign is not None:
            await self._foreign.aclose()
        await self._engine.aclose()


def _outcome(
    result: Result, attempt: Attempt, number: int, started: float
) -> Reply | TransportFailure:
    name = attempt.connection.name if attempt.connection is not None else ""
    if isinstance(result, Answer):
        try:
            return _reply(result, attempt, name, started)
        except (TooLarge, Undecodable) as error:
            phase, handed_over, cause = Phase.BODY, True, str(error)
    else:
        phase, handed_over, cause = result.phase, result.handed_over, result.cause
    return TransportFailure(
        phase=phase,
        handed_over=handed_over,
        cause=cause,
        connection=name,
        attempt=number,
        timings=_timings(attempt, started),
    )


def _reply(answer: Answer, attempt: Attempt, name: str, started: float) -> Reply:
    headers = {
        header.decode("latin-1"): value.decode("latin-1") for header, value in answer.headers
    }
    content = answer.body
    limit = attempt.outgoing.max_bytes
    if "content-encoding" in headers:
        content = decoded(content, headers["content-encoding"], limit)
    return Reply(
        status=answer.status,
        headers=headers,
        content=content,
        received_at=dt.datetime.now(dt.UTC),
        timings=_timings(attempt, started),
        connection=name,
        doubt=answer.doubt,
    )


def _timings(attempt: Attempt, started: float) -> Timings:
    """Where the time went, as far as the attempt came."""
    ended = attempt.ended_at or time.monotonic()
    connection = attempt.connection
    if connection is None:
        return Timings(queue=ended - started, total=ended - started)
    opening = (0.0, 0.0, 0.0)
    if not attempt.reused:
        cost = connection.timings
        opening = (cost.dns, cost.connect, cost.tls)
    return Timings(
        queue=max(0.0, attempt.assigned_at - started - sum(opening)),
        dns=opening[0],
        connect=opening[1],
        tls=opening[2],
        write=max(0.0, attempt.written_at - attempt.assigned_at),
        first_byte=max(0.0, attempt.first_byte_at - attempt.written_at),
        total=ended - started,
        reused=attempt.reused,
        protocol=connection.http.version,
    )


def _late_reply(late: OnLate) -> Callable[[Answer, Attempt], None]:
    def deliver(answer: Answer, attempt: Attempt) -> None:
        name = attempt.connection.name if attempt.connection is not None else ""
        try:
            late(_reply(answer, attempt, name, attempt.started_at))
        except (TooLarge, Undecodable):
            return

    return deliver


def _checked_address(address: str | None) -> str | None:
    try:
        return None if address is None else str(ipaddress.ip_address(address))
    except ValueError:
        raise ConfigError(f"local_address {address!r} is not an IP address") from None
