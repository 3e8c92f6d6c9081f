"""The engine: pools behind one call, and behind httpx's transport interface.

:meth:`Engine.carry` is what our own face uses.  ``handle_async_request`` makes the engine a drop-in
``httpx.AsyncBaseTransport``, so that whatever is promised of both can be tested on both.

An attempt is repeated here only on proof that nothing of it was processed (a connect failure,
REFUSED_STREAM, GOAWAY NO_ERROR), at most twice and inside its deadline.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import httpx

from openbroker.transport.attempt import Answer, Attempt, Lost, Result
from openbroker.transport.connection import Connection
from openbroker.transport.content import TooLarge, Undecodable, decoded
from openbroker.transport.dial import Lane, Proxy, Route
from openbroker.transport.messages import Phase
from openbroker.transport.outgoing import Outgoing, address_of, without_framing
from openbroker.transport.pool import Pool, Tuning, pool_for
from openbroker.transport.tls import tls_context

ATTEMPTS: Final = 3
"""How often one request is sent at most."""

_REPEATABLE: Final = frozenset({Phase.DNS, Phase.CONNECT, Phase.TLS, Phase.WAIT})
"""Where a failure with nothing handed over may be repeated; WAIT is the server's own word."""

_PAUSE: Final = 0.05
"""Seconds before a repeat, doubling: a listener that is restarting needs a moment."""

_DEFAULT_TIMEOUT: Final = 8.0
_MAX_BYTES: Final = 64 * 1024 * 1024


class Engine(httpx.AsyncBaseTransport):
    """HTTP/1.1 and HTTP/2 over warm pools.

    Args:
        ca_file: certificates to trust besides the public ones.
        local_address: the address of this machine to send from.
        proxy: an HTTP CONNECT proxy.
        http2: for httpx's interface, whether requests may travel over HTTP/2.
        tuning: the pool's figures.

    Raises:
        ConfigError: ``ca_file`` holds no certificates.
    """

    def __init__(
        self,
        *,
        ca_file: str | None = None,
        local_address: str | None = None,
        proxy: Proxy | None = None,
        http2: bool = False,
        tuning: Tuning | None = None,
    ) -> None:
        if ca_file is not None:
            tls_context(ca_file, ("http/1.1",))
        self._ca_file = ca_file
        self._local_address = local_address
        self._proxy = proxy
        self._lane = Lane.READ if http2 else Lane.ORDER
        self._tuning = tuning or Tuning()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pools: dict[tuple[tuple[str, str, int], Lane], Pool] = {}

    async def carry(
        self,
        outgoing: Outgoing,
        lane: Lane,
        deadline: float,
        late: Callable[[Answer, Attempt], None] | None = None,
    ) -> tuple[Result, Attempt, int]:
        """Send a request; its result, the last attempt and that attempt's number.

        ``deadline`` is on ``time.monotonic()``. If the caller is cancelled the exchange runs on to
        its deadline without it, and an answer goes to ``late``.
        """
        number = 0
        while True:
            number += 1
            pool = self.pool(outgoing.address.origin, lane)
            loop = pool.loop
            attempt = Attempt(outgoing, loop.create_future(), late)
            timer = loop.call_later(deadline - attempt.started_at, pool.expire, attempt)
            pool.submit(attempt)
            result = await attempt.future
            timer.cancel()
            if isinstance(result, Answer):
                return result, attempt, number
            pause = _PAUSE * 2.0 ** (number - 1)
            if not _may_repeat(result, number) or time.monotonic() + pause >= deadline:
                return result, attempt, number
            await asyncio.sleep(pause if result.phase is not Phase.WAIT else 0.0)

    def pool(self, origin: tuple[str, str, int], lane: Lane) -> Pool:
        """The running loop's pool for this origin."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._pools = loop, {}
        pool = self._pools.get((origin, lane))
        if pool is None or pool.is_closed:
            pool = pool_for(self._route(origin, lane), self._tuning, self)
            self._pools[origin, lane] = pool
        return pool

    def _route(self, origin: tuple[str, str, int], lane: Lane) -> Route:
        scheme, host, port = origin
        return Route(
            scheme=scheme,
            host=host,
            port=port,
            local_address=self._local_address,
            proxy=self._proxy,
            ca_file=self._ca_file,
            lane=lane,
        )

    async def warm(self, url: str, connections: int, lane: Lane = Lane.ORDER) -> int:
        """Open connections to the host of ``url`` and keep as many; how many are open."""
        return await self.pool(address_of(url).origin, lane).warm(connections)

    def distrust(self, name: str, why: str) -> None:
        """Close the connection of that name, whatever is under way on it."""
        for connection in self._named(name):
            connection.abort(why)

    def retire(self, name: str) -> None:
        """Let the connection of that name carry nothing more."""
        for connection in self._named(name):
            connection.retire()

    def _named(self, name: str) -> list[Connection]:
        pools = self._pools.values()
        return [one for pool in pools for one in pool.connections() if one.name == name]

    async def aclose(self) -> None:
        """Close the pools that nobody else uses."""
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            pool.users.discard(self)
            if not pool.users and not pool.is_closed and pool.loop is asyncio.get_running_loop():
                await pool.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """httpx's interface: one total deadline, the read timeout, from the call to the end."""
        content = await request.aread()
        try:
            outgoing = Outgoing(
                request.method.encode("ascii"),
                address_of(str(request.url)),
                without_framing(_text(request.headers.raw)),
                content,
                max_bytes=_MAX_BYTES,
                must_not_repeat=True,
            )
        except ValueError as error:
            raise httpx.LocalProtocolError(str(error), request=request) from error
        timeout = request.extensions.get("timeout", {}).get("read") or _DEFAULT_TIMEOUT
        result, _, _ = await self.carry(outgoing, self._lane, time.monotonic() + timeout)
        if isinstance(result, Lost):
            raise _httpx_error(result, request)
        return _httpx_response(result, request)


def _text(raw: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    return ((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def _may_repeat(lost: Lost, number: int) -> bool:
    return (
        number < ATTEMPTS
        and not lost.handed_over
        and not lost.timed_out
        and lost.phase in _REPEATABLE
    )


def _httpx_error(lost: Lost, request: httpx.Request) -> httpx.TransportError:
    """The httpx error that says the same, as far as one does."""
    kinds: dict[tuple[bool, bool], type[httpx.TransportError]] = {
        (False, False): httpx.ConnectError,
        (False, True): httpx.ConnectTimeout,
        (True, False): httpx.RemoteProtocolError,
        (True, True): httpx.ReadTimeout,
    }
    kind = kinds[lost.handed_over, lost.timed_out]
    if kind is httpx.ConnectTimeout and lost.phase is Phase.QUEUE:
        kind = httpx.PoolTimeout
    return kind(lost.cause, request=request)


def _httpx_response(answer: Answer, request: httpx.Request) -> httpx.Response:
    encoding = next((value for name, value in answer.headers if name == b"content-encoding"), b"")
    if encoding:
        try:
            decoded(answer.body, encoding.decode("latin-1"), _MAX_BYTES)
        except (TooLarge, Undecodable) as error:
            raise httpx.DecodingError(str(error), request=request) from error
    return httpx.Response(
        answer.status,
        headers=answer.headers,
        stream=httpx.ByteStream(answer.body),
        extensions={"http_version": answer.version.encode()},
    )
