"""The faulty broker of the order-safety campaign, in a process of its own.

It serves the sandbox over TLS and, on a plain port, takes orders about itself: open an account, set
the faults, tell the truth.  Prints one JSON line when ready.  The truth it tells is the sandbox's
own book with the moment at which each order was booked.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request as PlainRequest
from urllib.request import urlopen

import httpx
from attrs import frozen

from openbroker.sandbox.sandbox import Sandbox
from openbroker.sandbox.wire import WireServer
from openbroker.sandbox.wire_exchange import Exchange

PLACE = "/order/v1/placeOrder"

NOT_BOOKED = (
    "reset-before-body", "fin-before-body", "reset-mid-request", "fin-mid-request",
    "reset-before-booking", "fin-before-booking", "black-hole", "half-close", "408-then-close",
    "500-html", "502-html", "503-html", "504-html", "empty-200", "no-content", "waf-page",
    "too-many-requests", "redirect", "other-shape", "json-null", "deep-json", "not-utf8",
    "shape-a", "shape-b", "shape-c", "shape-d", "shape-e", "shape-f", "shape-g", "shape-h",
    "shape-i", "shape-j",
)  # fmt: skip
BOOKED = (
    "reset-after-booking", "fin-after-booking", "bare-fin-after-booking", "black-hole-booked",
    "half-close-booked", "reset-mid-reply", "fin-mid-reply", "stalled-reply", "truncated-body",
    "late-reply", "slow-loris", "garbage-status-line", "content-length-too-long",
    "content-length-too-short", "conflicting-lengths", "chunked-garbage", "unended-chunks",
    "duplicated-reply", "late-duplicate", "surplus-bytes", "swapped-replies", "header-bomb",
    "gzip-bomb", "informational-noise", "500-html-booked", "502-html-booked", "503-html-booked",
    "504-html-booked", "empty-200-booked", "no-content-booked", "waf-page-booked",
    "redirect-booked", "truncated-json", "status-as-string", "other-shape-booked",
    "json-null-booked", "deep-json-booked", "not-utf8-booked", "shape-a-booked", "shape-b-booked",
    "shape-g-booked", "shape-h-booked", "shape-i-booked",
)  # fmt: skip
"""``shape-c-booked`` to ``-f-booked`` are left out: there the broker itself says in so many words
that it stopped the order at its gateway, and then books it."""

PARAMETERS: dict[str, dict[str, Any]] = {
    "shape-c": {"code": "AG7002", "message": "Unregistered IP address"},
    "gzip-bomb": {"megabytes": 8},
    "header-bomb": {"count": 200},
}


def rules(share: float, scale: float) -> list[dict[str, Any]]:
    """The faults of the campaign, ``share`` of all orders between them."""
    names = (*NOT_BOOKED, *BOOKED)
    timed = {
        "late-reply": {"seconds": 12.0 * scale},
        "slow-loris": {"seconds": 0.5 * scale},
        "swapped-replies": {"seconds": 1.0 * scale},
    }
    each = share / len(names)
    return [
        {"fault": name, "probability": each, "path": PLACE}
        | PARAMETERS.get(name, {})
        | timed.get(name, {})
        for name in names
    ]


class FaultyBroker:
    """The sandbox, its faults and the truth."""

    def __init__(self, seed: int) -> None:
        self.box = Sandbox(
            seed=seed, limits=None, reuse_totp=True, cash="1000000000000", holdings={}
        )
        # Two processes of one account log in by themselves: let a login not end the other's.
        self.box.sessions._end = _keep  # type: ignore[method-assign]  # noqa: SLF001
        self.booked_at: dict[str, float] = {}
        self._count = 0

        @self.box.faults.table.wire("booked `seconds` later, long after the RST", booked=None)
        async def booked_later(exchange: Exchange, *, seconds: float = 45.0) -> None:
            loop = asyncio.get_running_loop()
            loop.call_later(seconds, self.handle, exchange.request)
            exchange.reset()

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The front end's handler; notes when a placed order was booked."""
        response = self.box.handler(request)
        if request.url.path.endswith(PLACE):
            order_id = _order_id(response)
            if order_id is not None:
                self.booked_at[order_id] = time.time()
        return response

    def control(self, request: httpx.Request) -> httpx.Response:
        """Answers ``POST /`` with an order about the broker itself."""
        order = json.loads(request.content)
        answer = getattr(self, f"do_{order.pop('do')}")(**order)
        return httpx.Response(200, json=answer)

    def do_account(self) -> dict[str, str]:
        self._count += 1
        client = self.box.client if self._count == 1 else self.box.add_account()
        return client.credentials()

    def do_faults(self, rules: list[dict[str, Any]], seed: int | None = None) -> int:
        self.box.faults.clear()
        if seed is not None:
            self.box.faults.seed = seed
        for rule in rules:
            self.box.faults.add(rule.pop("fault"), **rule)
        return len(self.box.faults.rules)

    def do_book(self, account: str) -> list[dict[str, Any]]:
        rows = [row for row in self.box.book() if row["account"] == account]
        return [row | {"booked_at": self.booked_at.get(row["order_id"])} for row in rows]

    def do_injections(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for injection in self.box.faults.log:
            counts[injection.fault] = counts.get(injection.fault, 0) + 1
        self.box.faults.log.clear()
        return counts


def _keep(_: object) -> None:
    """In place of what ends a client's earlier session."""


def _order_id(response: httpx.Response) -> str | None:
    try:
        return str(json.loads(response.content)["data"]["orderid"])
    except (ValueError, KeyError, TypeError):
        return None


async def serve(seed: int) -> None:
    broker = FaultyBroker(seed)
    wire = WireServer(broker.handle, faults=broker.box.faults)
    control = WireServer(broker.control, tls=False, http2=False)
    async with wire, control:
        facts = {"url": wire.url, "ca_file": wire.ca_file, "control": control.url}
        print(json.dumps(facts), flush=True)
        await asyncio.Event().wait()


@frozen
class Broker:
    """The faulty broker as the campaign sees it."""

    url: str
    ca_file: str
    control: str

    def ask(self, do: str, **order: Any) -> Any:
        body = json.dumps({"do": do} | order).encode()
        request = PlainRequest(f"{self.control}/", data=body, method="POST")
        with urlopen(request, timeout=60) as reply:
            return json.loads(reply.read())


@contextmanager
def faulty_broker(seed: int) -> Iterator[Broker]:
    """Run it in a process of its own while the block lasts."""
    import subprocess

    command = [sys.executable, "-m", "benchmarks.safety_server", str(seed)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        yield Broker(**facts)
    finally:
        process.terminate()
        process.communicate()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
