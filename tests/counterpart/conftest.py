"""The fixtures of the counterpart tests: a sandbox over TLS, and the official client at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from official import IS_REQUIRED, OfficialClient, official_client, official_python
from sandboxes import Served, connected, served
from trading_day import Day


@pytest.fixture(scope="session")
def smartapi_python() -> Path:
    python = official_python()
    if python is None:
        reason = (
            "the official client's environment is not set up: run `make smartapi`, or point "
            "OPENBROKER_SMARTAPI_PYTHON at an interpreter that has what tests/counterpart/"
            "requirements-smartapi.txt lists"
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


@pytest.fixture(scope="session")
def folders_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a broker keeps on disk lies in a temporary folder, for brokers that outlive one test."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CONFIG", "CACHE", "STATE", "DATA"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        yield


@pytest.fixture(scope="session")
def day(
    smartapi_python: Path,
    tmp_path_factory: pytest.TempPathFactory,
    folders_of_the_session: None,
) -> Iterator[Day]:
    """The day, lived through; both clients are still logged in."""
    folder = tmp_path_factory.mktemp("smartapi")
    with (
        served(cash=5_000_000) as theirs,
        served(cash=5_000_000) as ours,
        official_client(smartapi_python, theirs.facts, folder) as official,
        connected(ours) as broker,
    ):
        official.login()
        day = Day(official, broker, (theirs, ours))
        day.run()
        yield day
