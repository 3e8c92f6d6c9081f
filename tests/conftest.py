"""What holds for every test: no network but loopback, no folder and no setting of the user's."""

from __future__ import annotations

import io
import ipaddress
import itertools
import logging
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_socket

signal.signal(signal.SIGINT, signal.default_int_handler)
# A shell that starts the suite in the background has it ignored, for our children too.

LOOPBACK = ["127.0.0.0/8", "::1", "localhost"]
FOLDERS = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")

_getaddrinfo = socket.getaddrinfo


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections go to loopback and Unix sockets, and no name is looked up elsewhere."""
    pytest_socket.socket_allow_hosts(LOOPBACK, allow_unix_socket=True)
    monkeypatch.setattr(socket, "getaddrinfo", _resolve_here)


def _resolve_here(host: Any, *args: Any, **kwargs: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost") or name.endswith(".localhost") or _is_address(name):
        return _getaddrinfo(host, *args, **kwargs)
    raise socket.gaierror(socket.EAI_NONAME, f"a test tried to resolve {name!r}")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """New folders, counted here: pytest would list all that there are, for each one anew."""
    root = tmp_path_factory.mktemp("homes")
    return (root / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def own_folders(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Configuration, cache and state lie in a folder of the test's, and no setting is inherited."""
    home = next(homes)
    home.mkdir()
    for name in FOLDERS:
        monkeypatch.setenv(name, str(home / name.removeprefix("XDG_").lower()))
    for name in [name for name in os.environ if name.startswith("OPENBROKER_")]:
        monkeypatch.delenv(name)
    return home


@pytest.fixture
def root_log() -> Iterator[io.StringIO]:
    """Everything that anyone logs, at DEBUG, each line with its logger's name."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)
