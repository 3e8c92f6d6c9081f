"""Somebody else's httpx transport behind our seam: a mock, or stock ``AsyncHTTPTransport``.

What such a transport proves is little.  ``ConnectError``, ``ConnectTimeout`` and ``PoolTimeout``
come before the first byte of a request; every other error may come after the last one.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import time
from typing import Final

import httpx

from openbroker.errors import ConfigError
from openbroker.transport.content import TooLarge, Undecodable, decoded, off_the_loop
from openbroker.transport.messages import Effect, Phase, Reply, Request, Timings, TransportFailure

_UNSENT: Final[dict[type[Exception], Phase]] = {
    httpx.ConnectError: Phase.CONNECT,
    httpx.ConnectTimeout: Phase.CONNECT,
    httpx.PoolTimeout: Phase.QUEUE,
}


_GRACE: Final = 0.05
"""Seconds after the deadline before an exchange is cancelled from outside.

The transport's own timeouts, which are set to the deadline, say more and leave no sockets behind.
"""


class ForeignTransport:
    """Carries exchanges over an ``httpx.AsyncBaseTransport``."""

    def __init__(self, http: httpx.AsyncBaseTransport) -> None:
        self._http = http
        self.reaches_network = not isinstance(http, httpx.MockTransport)

    async def exchange(self, request: Request, deadline: float) -> Reply | TransportFailure:
        """One attempt. ``deadline`` is on ``time.monotonic()``."""
        started = time.monotonic()
        try:
            async with asyncio.timeout_at(_loop_time(deadline) + _GRACE):
                response, body = await self._send(request, deadline - started)
        except TimeoutError:
            return _failed(Phase.WAIT, "no reply before the deadline", started)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return _failure(error, started)
        except TooLarge as error:
            return _failed(Phase.BODY, str(error), started)
        if request.effect is not Effect.READ:
            return _reply(request, response, body, started)
        return await off_the_loop(lambda: _reply(request, response, body, started), body)

    async def _send(self, request: Request, remaining: float) -> tuple[httpx.Response, bytes]:
        timeout = httpx.Timeout(max(remaining, 0.001)).as_dict()
        outgoing = httpx.Request(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.content,
            extensions={"timeout": timeout},
        )
        response = await self._http.handle_async_request(outgoing)
        try:
            return response, await _body(response, request.max_bytes)
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        await self._http.aclose()


async def _body(response: httpx.Response, limit: int) -> bytes:
    if response.is_stream_consumed:
        return response.content
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > limit:
            raise TooLarge(f"the reply's body is larger than {limit} bytes")
    return bytes(body)


def _reply(
    request: Request, response: httpx.Response, body: bytes, started: float
) -> Reply | TransportFailure:
    try:
        content = decoded(body, response.headers.get("content-encoding", ""), request.max_bytes)
    except (TooLarge, Undecodable) as error:
        return _failed(Phase.BODY, str(error), started)
    return Reply(
        status=response.status_code,
        headers=dict(response.headers),
        content=content,
        received_at=dt.datetime.now(dt.UTC),
        timings=Timings(total=time.monotonic() - started, protocol=_protocol(response)),
    )


def _protocol(response: httpx.Response) -> str:
    version = response.extensions.get("http_version", b"")
    return version.decode("ascii", "replace") if isinstance(version, bytes) else ""


def _failure(error: Exception, started: float) -> TransportFailure:
    phase = next((_UNSENT[kind] for kind in type(error).__mro__ if kind in _UNSENT), None)
    cause = f"{type(error).__name__}: {error}"
    if phase is not None:
        return _failed(phase, cause, started, handed_over=False)
    return _failed(Phase.WAIT, cause, started)


def _failed(
    phase: Phase, cause: str, started: float, *, handed_over: bool = True
) -> TransportFailure:
    timings = Timings(total=time.monotonic() - started)
    return TransportFailure(phase=phase, handed_over=handed_over, cause=cause, timings=timings)


def _loop_time(deadline: float) -> float:
    """A ``time.monotonic()`` deadline on the running loop's clock (mostly the same one)."""
    return asyncio.get_running_loop().time() + deadline - time.monotonic()


def refuse_global_mock() -> None:
    """Raise ``ConfigError`` while respx's global patch is active.

    The patch replaces httpx's own transports and does not reach ours, so a test that believes
    itself mocked would trade.
    """
    mocks = sys.modules.get("respx.mocks")
    if mocks is not None and any(
        kind._patches  # noqa: SLF001 - respx has no public way to ask
        for kind in mocks.Mocker.registry.values()
    ):
        raise ConfigError(
            "respx's global mock is active, but it does not reach openbroker's own transport: "
            "this request would have gone to the real broker",
            advice="Nothing was sent. Use openbroker.testing.mock_broker(), or pass "
            "http=httpx.MockTransport(router.async_handler).",
        )
