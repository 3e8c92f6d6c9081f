"""A desk that takes orders: what the transport's tests trade with.

Every request carries a tag; the desk books it and answers with it, so that a reply which belongs to
another request, an order booked twice or one never booked are all plain to see.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import json
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx

from openbroker.sandbox.wire import WireServer
from openbroker.transport.exchange import Transport
from openbroker.transport.messages import Effect, Reply, Request, TransportFailure
from openbroker.transport.pool import Tuning

_tags = itertools.count(1)

QUICK = Tuning(tick=0.02, settle=1.0, rest=0.02, backoff=0.02)


class Desk:
    """A front end that books what it is sent."""

    def __init__(self) -> None:
        self.booked: Counter[str] = Counter()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        tag = request.headers.get("x-tag", "")
        self.booked[tag] += 1
        return httpx.Response(200, json={"tag": tag, "bytes": len(request.content)})


def order(base: str, *, tag: str | None = None, **changes: Any) -> Request:
    """An order-sized request with a tag of its own."""
    tag = tag or f"t{next(_tags)}"
    values: dict[str, Any] = {
        "method": "POST",
        "url": base + "/order",
        "headers": {"X-Tag": tag, "Content-Type": "application/json"},
        "content": json.dumps({"tag": tag, "symbol": "SBIN-EQ", "pad": "x" * 200}).encode(),
        "operation": "place_order",
        "effect": Effect.ORDER,
    }
    return Request(**values | changes)


def read(base: str, *, tag: str | None = None, **changes: Any) -> Request:
    tag = tag or f"t{next(_tags)}"
    values: dict[str, Any] = {
        "method": "GET",
        "url": base + "/book",
        "headers": {"X-Tag": tag},
        "operation": "orders",
    }
    return Request(**values | changes)


def tag_of(request: Request) -> str:
    return request.headers["X-Tag"]


def is_ours(request: Request, outcome: Reply | TransportFailure) -> bool:
    """Whether this is the whole and undoubted reply to this request."""
    return (
        isinstance(outcome, Reply)
        and outcome.doubt is None
        and outcome.status == 200
        and json.loads(outcome.content)["tag"] == tag_of(request)
    )


def succeeded(outcome: Reply | TransportFailure) -> Reply:
    assert isinstance(outcome, Reply), outcome
    return outcome


def failed(outcome: Reply | TransportFailure) -> TransportFailure:
    assert isinstance(outcome, TransportFailure), outcome
    return outcome


@contextlib.asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[tuple[WireServer, Desk]]:
    desk = Desk()
    async with WireServer(desk, **options) as server:
        yield server, desk


@contextlib.asynccontextmanager
async def trading(
    server: WireServer, stock: bool = False, **options: Any
) -> AsyncIterator[Transport]:
    """A transport that trusts the server; ``stock`` puts httpx's own underneath."""
    http2 = options.pop("http2", False)
    if stock:
        context = ssl.create_default_context(cafile=server.ca_file)
        http = httpx.AsyncHTTPTransport(verify=context, http2=http2)
        transport = Transport(http=http, timeout=options.get("timeout", 8.0))
    else:
        options.setdefault("tuning", QUICK)
        transport = Transport(ca_file=server.ca_file or None, http2_orders=http2, **options)
    try:
        yield transport
    finally:
        await transport.aclose()
        if stock:
            gc.collect()


async def until(condition: Callable[[], bool], within: float = 5.0) -> None:
    """Wait for something that happens by itself."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - anything may be waited for
            await asyncio.sleep(0.005)


async def goes_through(transport: Transport, request: Request) -> bool:
    """Whether a request gets its own, undoubted reply."""
    return is_ours(request, await transport.exchange(request))
