"""The transport's face: what a broker holds, and all that the rest of the project sees of it."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias
from weakref import WeakKeyDictionary

import httpx

from openbroker.schemas.secret import Secret
from openbroker.transport.foreign import ForeignTransport, refuse_global_mock
from openbroker.transport.messages import Reply, Request, TransportFailure
from openbroker.transport.retry import RetryPolicy

OnExchange: TypeAlias = Callable[[Request, Reply | TransportFailure], None]
"""Told of every exchange after it ended; called soon, never on an order's way."""

OnLate: TypeAlias = Callable[[Reply], None]
"""Given the reply that came after its deadline: the best evidence there is."""

DEFAULT_POLICY = RetryPolicy()


class Transport:
    """Carries requests for one broker account.

    Args:
        ca_file: certificates to trust besides the public ones. Verification cannot be turned off.
        local_address: the address of this machine to send from, where it has several.
        proxy: ``http://[user:password@]host:port`` of an HTTP CONNECT proxy, text or ``Secret``.
        http: another httpx transport in place of the engine (a mock, stock httpx).
        timeout: seconds from the call to the end of the reply, where a request does not say.
        http2_reads: whether reads may travel over HTTP/2.
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
    ) -> None:
        self.timeout = timeout
        self.on_exchange: list[OnExchange] = []
        self._foreign = ForeignTransport(http) if http is not None else None
        self._ca_file = ca_file
        self._local_address = local_address
        self._stock: WeakKeyDictionary[asyncio.AbstractEventLoop, ForeignTransport]
        self._stock = WeakKeyDictionary()

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
            late: given the reply, should it come after the deadline.

        Raises:
            asyncio.CancelledError: and nothing else, but for
            ConfigError: respx's global mock is active and would be passed by.
        """
        if deadline is None:
            deadline = time.monotonic() + (request.timeout or self.timeout)
        outcome = await self._carrier().exchange(request, deadline)
        if self.on_exchange:
            loop = asyncio.get_running_loop()
            for hook in self.on_exchange:
                loop.call_soon(hook, request, outcome)
        return outcome

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
                chance=random.random(),
            )
            if pause is None:
                return outcome
            await asyncio.sleep(pause)
            attempt += 1

    async def warm(self, url: str, connections: int = 2) -> None:
        """Open the order lane's connections to ``url``'s host and keep them open."""

    async def aclose(self) -> None:
        """Close this transport's connections, except those that others share."""
        if self._foreign is not None:
            await self._foreign.aclose()
        stock = self._stock.pop(asyncio.get_running_loop(), None)
        if stock is not None:
            await stock.aclose()

    def _carrier(self) -> ForeignTransport:
        if self._foreign is not None:
            return self._foreign
        refuse_global_mock()
        loop = asyncio.get_running_loop()
        if loop not in self._stock:
            verify = (
                ssl.create_default_context(cafile=str(self._ca_file)) if self._ca_file else True
            )
            self._stock[loop] = ForeignTransport(
                httpx.AsyncHTTPTransport(verify=verify, local_address=self._local_address)
            )
        return self._stock[loop]
