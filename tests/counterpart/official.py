"""The official client as the tests see it: a process of its own, spoken to in JSON lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("smartapi_driver.py")
GIVEN_PYTHON = os.environ.get("OPENBROKER_SMARTAPI_PYTHON")
IS_REQUIRED = os.environ.get("OPENBROKER_OFFICIAL") == "required"
"""Set by ``make test``: a missing environment is a failure, not a skip."""

STDERR = "stderr.txt"
INHERITED = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG")
"""All that the official client's process gets of our environment: no proxy, no CA, no secret."""


class OfficialError(Exception):
    """The official client raised; ``kind`` is the name of its exception."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


class OfficialClient:
    """smartapi-python's ``SmartConnect``: every method of it, by the same name.

    Attributes:
        credentials: what :meth:`login` uses.
        folder: the process's working directory, where the client keeps its ``logs/``.
    """

    def __init__(
        self, process: subprocess.Popen[str], credentials: Mapping[str, str], folder: Path
    ):
        self.credentials = credentials
        self.folder = folder
        self._process = process
        self._read()

    def __getattr__(self, method: str) -> Any:
        if method.startswith("_"):
            raise AttributeError(method)
        return lambda *arguments: self.call(method, *arguments)

    def call(self, method: str, *arguments: Any) -> Any:
        """Call it and wait.

        Raises:
            OfficialError: it raised.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"call": method, "args": arguments}) + "\n")
        self._process.stdin.flush()
        return self._read()

    def login(self) -> dict[str, Any]:
        """``generateSession`` with the PIN and a one-time password computed there and then."""
        known = self.credentials
        reply: dict[str, Any] = self.call(
            "generateSession", known["client_code"], known["pin"], {"totp": known["totp_secret"]}
        )
        assert reply["status"] is True, reply
        return reply

    def data(self, method: str, *arguments: Any) -> Any:
        """The ``data`` of a reply that has to be a success."""
        reply = self.call(method, *arguments)
        assert reply["status"] is True, (method, reply)
        assert (reply["message"], reply["errorcode"]) == ("SUCCESS", "")
        return reply["data"]

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            words = (self.folder / STDERR).read_text(encoding="utf-8")
            raise AssertionError(f"the official client's process ended: {words[-2000:]}")
        said = json.loads(line)
        if "error" in said:
            raise OfficialError(said["error"], said["message"])
        return said["value"]


@contextmanager
def official_client(
    python: Path, facts: Mapping[str, Any], folder: Path
) -> Iterator[OfficialClient]:
    """Start the official client against a sandbox; ended with the block.

    Args:
        python: the interpreter of the client's environment.
        facts: what ``serve`` yields: ``url``, ``ca_file``, ``credentials``.
        folder: its working directory, a temporary one.
    """
    credentials = facts["credentials"]
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    with (
        (folder / STDERR).open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            [str(python), "-I", str(DRIVER), facts["url"], credentials["api_key"]],
            cwd=folder,
            env=environment | {"REQUESTS_CA_BUNDLE": str(facts["ca_file"]), "HOME": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
        ) as process,
    ):
        try:
            yield OfficialClient(process, credentials, folder)
        finally:
            process.terminate()


def official_python() -> Path | None:
    """The interpreter of the official client's environment, if it is set up."""
    folder = ROOT / ".venv-smartapi"
    name = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    python = Path(GIVEN_PYTHON) if GIVEN_PYTHON else folder / name
    return python if python.exists() else None


__all__ = ["IS_REQUIRED", "OfficialClient", "OfficialError", "official_client", "official_python"]
