"""A faulty broker over real TLS in this process, and openbroker connected to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import openbroker as ob
from openbroker.sandbox.wire import running_server

sys.path.insert(0, str(Path(__file__).parents[2]))  # the campaign's parts lie in benchmarks/

from tests.orders.faulty import Connect, Faulty, faulty_box


@pytest.fixture
def faulty() -> Iterator[Faulty]:
    box = faulty_box()
    with running_server(box.handler, faults=box.faults) as server:
        yield Faulty(box, server.url, server.ca_file)


@pytest.fixture
def connect(faulty: Faulty, tmp_path: Path) -> Iterator[Connect]:
    """Connect to the faulty broker; all brokers are closed at the end."""
    with ExitStack() as stack:

        def open_(adapter: str = "unlimited", **rest: Any) -> ob.Broker:
            return stack.enter_context(_connected(adapter, faulty.terms(tmp_path, **rest)))

        yield open_


def _connected(adapter: str, terms: dict[str, Any], tries: int = 5) -> ob.Broker:
    """The login has the orders' short deadline too, which a busy machine may miss."""
    while True:
        tries -= 1
        try:
            return ob.connect(adapter, **terms)
        except ob.NotSent:
            if tries == 0:
                raise


@pytest.fixture
def broker(connect: Connect) -> ob.Broker:
    return connect()
