"""A simulated Zerodha over real TLS in this process, and openbroker connected to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import openbroker as ob
from openbroker.sandbox import Sandbox
from openbroker.sandbox.wire import running_server


@pytest.fixture
def box() -> Sandbox:
    return Sandbox("zerodha", today=dt.date(2026, 11, 23), time_scale=0.0, limits=None)


@pytest.fixture
def terms(box: Sandbox, tmp_path: Path) -> Iterator[dict[str, Any]]:
    with running_server(box.handler, faults=box.faults) as server:
        yield {
            "base_url": server.url,
            "ca_file": str(server.ca_file),
            "journal_dir": tmp_path,
            "timeout": 5.0,
            **box.credentials,
        }


@pytest.fixture
def broker(terms: dict[str, Any]) -> Iterator[ob.Broker]:
    with ob.connect("zerodha", **terms) as broker:
        yield broker
