"""A sandbox server in a process of its own, as long as a ``with`` block lasts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import frozen

from openbroker.errors import ConfigError


@frozen(kw_only=True)
class Server:
    """What the server said when it was ready."""

    url: str
    ca_file: str
    book_url: str
    credentials: Mapping[str, Any]


@contextmanager
def sandbox_server(*options: str) -> Iterator[Server]:
    """Run ``openbroker sandbox --port 0`` with further options; killed at the end.

    Raises:
        ConfigError: it did not start; its last words are in the message.
    """
    command = [sys.executable, "-m", "openbroker", "sandbox", "--port", "0", *options]
    process = subprocess.Popen(  # noqa: S603  our own command, no shell
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield _ready(process)
    finally:
        process.terminate()
        process.communicate()


def _ready(process: subprocess.Popen[str]) -> Server:
    assert process.stdout is not None, "stdout is a pipe"
    line = process.stdout.readline()
    if not line:
        _, words = process.communicate()
        raise ConfigError(f"the sandbox server did not start: {words.strip()[-300:]}")
    said: dict[str, Any] = json.loads(line)
    return Server(**said)
