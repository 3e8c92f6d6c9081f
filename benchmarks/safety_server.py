"""The faulty broker of the order-safety campaign, in a process of its own.

It serves a broker's sandbox over TLS and, on a plain port, takes orders about itself: open an
account, set the faults, tell the truth.  Prints one JSON line when ready.  The truth it tells is
the sandbox's own book with the moment at which each order was booked.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import Request as PlainRequest
from urllib.request import urlopen

import httpx
from attrs import frozen

from benchmarks.safety_brokers import SUBJECTS, Subject
from openbroker.sandbox.sandbox import Sandbox
from openbroker.sandbox.wire import WireServer
from openbroker.sandbox.wire_exchange import Exchange


class FaultyBroker:
    """The sandbox, its faults and the truth."""

    def __init__(self, subject: Subject, seed: int) -> None:
        self.subject = subject
        self.box = Sandbox(
            subject.name,
            seed=seed,
            limits=None,
            reuse_totp=True,
            cash="1000000000000",
            holdings={},
        )
        subject.prepare(self.box)
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
        if request.url.path.endswith(self.subject.place):
            order_id = _order_id(response, self.subject.order_id)
            if order_id is not None:
                self.booked_at[order_id] = time.time()
        return response

    def control(self, request: httpx.Request) -> httpx.Response:
        """Answers ``POST /`` with an order about the broker itself."""
        order = json.loads(request.content)
        answer = getattr(self, f"do_{order.pop('do')}")(**order)
        return httpx.Response(200, json=answer)

    def do_account(self) -> dict[str, Any]:
        self._count += 1
        client = self.box.client if self._count == 1 else self.box.add_account()
        return {"account": client.client_code, "credentials": client.credentials()}

    def do_faults(self, rules: list[dict[str, Any]], seed: int | None = None) -> int:
        self.box.faults.clear()
        self.box.faults.log.clear()
        if seed is not None:
            self.box.faults.seed = seed
        for rule in rules:
            self.box.faults.add(rule.pop("fault"), **rule)
        return len(self.box.faults.rules)

    def do_book(self, account: str) -> list[dict[str, Any]]:
        rows = [row for row in self.box.book() if row["account"] == account]
        return [row | {"booked_at": self.booked_at.get(row["order_id"])} for row in rows]

    def do_run_on(self, cores: list[int]) -> list[int]:
        os.sched_setaffinity(0, cores)
        return cores

    def do_injections(self) -> dict[str, str]:
        """Which fault each order met, by tag, since faults were last set."""
        return {one.key: one.fault for one in self.box.faults.log if one.key is not None}


def _order_id(response: httpx.Response, field: str) -> str | None:
    try:
        return str(json.loads(response.content)["data"][field])
    except (ValueError, KeyError, TypeError):
        return None


async def serve(name: str, seed: int) -> None:
    broker = FaultyBroker(SUBJECTS[name], seed)
    wire = WireServer(broker.handle, faults=broker.box.faults)
    control = WireServer(broker.control, tls=False, http2=False)
    async with wire, control:
        facts = {"name": name, "url": wire.url, "ca_file": wire.ca_file, "control": control.url}
        print(json.dumps(facts), flush=True)
        await asyncio.Event().wait()


@frozen
class Broker:
    """The faulty broker as the campaign sees it."""

    name: str
    url: str
    ca_file: str
    control: str

    @property
    def subject(self) -> Subject:
        return SUBJECTS[self.name]

    def ask(self, do: str, **order: Any) -> Any:
        body = json.dumps({"do": do} | order).encode()
        request = PlainRequest(f"{self.control}/", data=body, method="POST")
        with urlopen(request, timeout=60) as reply:
            return json.loads(reply.read())


@contextmanager
def faulty_broker(name: str, seed: int) -> Iterator[Broker]:
    """Run it in a process of its own while the block lasts."""
    import subprocess

    command = [sys.executable, "-m", "benchmarks.safety_server", name, str(seed)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        yield Broker(**facts)
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def a_core_of_its_own(server: Broker) -> Iterator[None]:
    """Keep the broker off our cores, as a machine of its own would; where cores can be chosen.

    On one core it is woken in the middle of our write, and what we do after it finds cold caches.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) < 2:
        yield
        return
    server.ask("run_on", cores=cores[-1:])
    _run_on(cores[:-1])
    try:
        yield
    finally:
        _run_on(cores)
        server.ask("run_on", cores=cores)


def _run_on(cores: Sequence[int]) -> None:
    """All threads of this process."""
    for thread in Path("/proc/self/task").iterdir():
        with suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread.name), cores)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
