"""The fixtures of the counterpart tests: a sandbox over TLS, and the official client at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from official import IS_REQUIRED, OfficialClient, official_client, official_python
from sandboxes import Served, served


@pytest.fixture(scope="session")
def smartapi_python() -> Path:
    python = official_python()
    if python is None:
        reason = (
            "the official client's environment is not set up: run `make .venv-smartapi/.stamp-"
            "smartapi`, or point OPENBROKER_SMARTAPI_PYTHON at an interpreter that has "
            "tests/counterpart/requirements-smartapi.txt"
        )
        if IS_REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    return python


@pytest.fixture(scope="module")
def broker_side() -> Iterator[Served]:
    """The sandbox that a module's official client trades at."""
    with served() as place:
        yield place


@pytest.fixture(scope="module")
def official(
    smartapi_python: Path, broker_side: Served, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OfficialClient]:
    """The official client, logged in."""
    folder = tmp_path_factory.mktemp("smartapi")
    with official_client(smartapi_python, broker_side.facts, folder) as client:
        client.login()
        yield client
