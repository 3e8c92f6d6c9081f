"""The fixtures of the counterpart tests: a sandbox over TLS, and the official client at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from official import (
    KITE,
    SMARTAPI,
    Counterpart,
    KiteClient,
    OfficialClient,
    official_client,
    python_of,
)
from sandboxes import Served, connected, served
from trading_day import ANGELONE, ZERODHA, Day, Intents


@pytest.fixture(scope="session")
def smartapi_python() -> Path:
    return python_of(SMARTAPI)


@pytest.fixture(scope="session")
def kite_python() -> Path:
    return python_of(KITE)


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


@pytest.fixture(scope="module")
def kite_side() -> Iterator[Served]:
    """The sandbox that a module's kiteconnect trades at."""
    with served(dialect="zerodha") as place:
        yield place


@pytest.fixture(scope="module")
def kite(
    kite_python: Path, kite_side: Served, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KiteClient]:
    """kiteconnect, with a session."""
    with KITE.running(kite_python, kite_side.facts, tmp_path_factory.mktemp("kite")) as client:
        client.login()
        yield client


@pytest.fixture(scope="session")
def day(
    smartapi_python: Path,
    tmp_path_factory: pytest.TempPathFactory,
    folders_of_the_session: None,
) -> Iterator[Day]:
    """The day at Angel One, lived through; both clients are still logged in."""
    with lived(SMARTAPI, ANGELONE, smartapi_python, tmp_path_factory.mktemp("smartapi")) as day:
        yield day


@pytest.fixture(scope="session")
def kite_day(
    kite_python: Path, tmp_path_factory: pytest.TempPathFactory, folders_of_the_session: None
) -> Iterator[Day]:
    """The same at Zerodha."""
    with lived(KITE, ZERODHA, kite_python, tmp_path_factory.mktemp("kite")) as day:
        yield day


@contextmanager
def lived(
    counterpart: Counterpart[Any], intents: Intents, python: Path, folder: Path
) -> Iterator[Day]:
    """Both clients' day at two sandboxes of one seed."""
    with (
        served(cash=5_000_000, dialect=intents.broker) as theirs,
        served(cash=5_000_000, dialect=intents.broker) as ours,
        counterpart.running(python, theirs.facts, folder) as official,
        connected(ours) as broker,
    ):
        official.login()
        day = Day(official, broker, (theirs, ours), intents)
        day.run()
        yield day
