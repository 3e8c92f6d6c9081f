"""The plan's faults without a wire: for a front end that runs in process.

Message faults change the reply as they do on the wire.  A wire fault that loses the whole reply
ends as the exception that stock httpx raises for it: ``ReadError`` for RST, ``RemoteProtocolError``
for FIN, ``ReadTimeout`` for silence, and for a reply later than the request's read timeout; no time
passes.  What cuts, doubles or garbles bytes has no meaning where there are none: such a fault is a
ConfigError that names the wire server.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NoReturn, cast

import httpx

from openbroker.errors import ConfigError
from openbroker.sandbox.fault_table import Fault, Stage
from openbroker.sandbox.faults import FaultPlan, Injection
from openbroker.sandbox.wire_exchange import Exchange

PlainHandler = Callable[[httpx.Request], httpx.Response]


def in_process(handler: PlainHandler, plan: FaultPlan) -> PlainHandler:
    """``handler`` with the plan's faults, to be given to ``httpx.MockTransport`` in its place."""

    def afflicted(request: httpx.Request) -> httpx.Response:
        for stage in (Stage.HEAD, Stage.REQUEST):
            chosen = plan.choose(stage, request, protocol="http/1.1")
            if chosen is not None:
                return _Played(handler, request, *chosen).run()
        return handler(request)

    return afflicted


class _Played:
    """The part of an exchange that has a meaning without bytes; its coroutines never wait."""

    http2 = False

    def __init__(
        self, handler: PlainHandler, request: httpx.Request, fault: Fault, injection: Injection
    ) -> None:
        self.request = request
        self._handler = handler
        self._fault = fault
        self._injection = injection
        self._sent: httpx.Response | None = None
        self._booked: httpx.Response | None = None

    def run(self) -> httpx.Response:
        try:
            self._fault.run(cast("Exchange", self)).send(None)
        except StopIteration:
            if self._sent is not None:
                return self._sent
        raise self._needs_wire()

    def _needs_wire(self) -> ConfigError:
        return ConfigError(
            f"fault {self._fault.name!r} is a matter of bytes and there are none in process",
            advice="Serve the sandbox over the wire (openbroker sandbox) to see it.",
        )

    @property
    def random(self) -> random.Random:
        return self._injection.random

    async def read(self, _: int | None = None) -> None:
        self.request.read()

    async def book(self) -> httpx.Response:
        if self._booked is None:
            self._booked = self._handler(self.request)
            self._injection.booked = True
        return self._booked

    def send(self, response: httpx.Response) -> None:
        self._sent = response

    async def pause(self, seconds: float) -> None:
        patience = self.request.extensions.get("timeout", {}).get("read")
        if self._sent is None and patience is not None and seconds > patience:
            await self.hold()

    async def hold(self) -> None:
        raise httpx.ReadTimeout(self._why("no reply in time"), request=self.request)

    def reset(self) -> None:
        if self._sent is None:
            raise httpx.ReadError(self._why("connection reset by peer"), request=self.request)

    def close(self) -> None:
        if self._sent is None:
            why = self._why("server disconnected without sending a response")
            raise httpx.RemoteProtocolError(why, request=self.request)

    fin = half_close = close

    async def work(self, function: Callable[..., bytes], *args: object) -> bytes:
        return function(*args)

    def __getattr__(self, name: str) -> NoReturn:
        raise self._needs_wire()

    def _why(self, what: str) -> str:
        return f"{what} (fault {self._fault.name})"
