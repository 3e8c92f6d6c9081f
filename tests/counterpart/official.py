"""Official clients as the tests see them: processes of their own, spoken to in JSON lines."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest
from attrs import frozen

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
REQUIRED = frozenset(os.environ.get("OPENBROKER_OFFICIAL", "").split())
"""The clients without which a test fails instead of being skipped: ``make test`` names the two
that drive the sandbox, ``make parity`` those whose requests are recorded."""

GIVEN = {k: v for k, v in os.environ.items() if re.fullmatch("OPENBROKER_[A-Z0-9]+_PYTHON", k)}
"""Read at import: the tests' own environment inherits no setting."""
STDERR = "stderr.txt"
INHERITED = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG")
"""All that the official client's process gets of our environment: no proxy, no CA, no secret."""


class OfficialError(Exception):
    """The official client raised; ``kind`` is the name of its exception."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


class Talk:
    """An official client: every method of it, by the same name.

    Attributes:
        credentials: the sandbox's.
        folder: the process's working directory.
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
        return partial(self.call, method)

    def call(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Call it and wait.

        Raises:
            OfficialError: it raised.
        """
        assert self._process.stdin is not None
        line = json.dumps({"call": method, "args": arguments, "named": named})
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._read()

    def prepare(self) -> None:
        """What there is to do before the first call at a server that lets everybody in."""

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


class OfficialClient(Talk):
    """smartapi-python's ``SmartConnect``; the client keeps its ``logs/`` in the folder."""

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

    def place(self, params: Mapping[str, Any]) -> str:
        order_id = self.call("placeOrder", dict(params))
        assert isinstance(order_id, str), params
        return order_id

    def modify(self, params: Mapping[str, Any]) -> None:
        self.data("modifyOrder", dict(params))

    def cancel(self, order_id: str, variety: str) -> None:
        self.data("cancelOrder", order_id, variety)


class KiteClient(Talk):
    """kiteconnect's ``KiteConnect``: methods return the data or raise."""

    def login(self) -> None:
        """Take the sandbox's access token."""
        self.call("set_access_token", self.credentials["access_token"])

    prepare = login

    def place(self, params: Mapping[str, Any]) -> str:
        order_id = self.call("place_order", **params)
        assert isinstance(order_id, str), params
        return order_id

    def modify(self, params: Mapping[str, Any]) -> None:
        self.call("modify_order", **params)

    def cancel(self, order_id: str, variety: str) -> None:
        self.call("cancel_order", variety, order_id)


C = TypeVar("C", bound=Talk)


@frozen(kw_only=True)
class Counterpart(Generic[C]):
    """An official client: how it is called here, its driver, and how the tests speak to it."""

    name: str
    client: Callable[[subprocess.Popen[str], Mapping[str, str], Path], C]

    @property
    def python(self) -> Path | None:
        """The interpreter of the client's environment, if it is set up."""
        given = GIVEN.get(f"OPENBROKER_{self.name.upper()}_PYTHON")
        name = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
        python = Path(given) if given else ROOT / f".venv-{self.name}" / name
        return python if python.exists() else None

    @property
    def missing(self) -> str:
        """What to say where there is no environment."""
        return (
            f"the official client's environment is not set up: run `make {self.name}`, or point "
            f"OPENBROKER_{self.name.upper()}_PYTHON at an interpreter that has what "
            f"tests/counterpart/requirements-{self.name}.txt lists"
        )

    @contextmanager
    def running(self, python: Path, facts: Mapping[str, Any], folder: Path) -> Iterator[C]:
        """Start the client against a sandbox; ended with the block.

        Args:
            python: the interpreter of the client's environment.
            facts: what ``serve`` yields: ``url``, ``ca_file``, ``credentials``.
            folder: its working directory, a temporary one.
        """
        credentials = facts["credentials"]
        driver = HERE / f"{self.name}_driver.py"
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        environment |= {"REQUESTS_CA_BUNDLE": str(facts["ca_file"]), "HOME": str(folder)}
        with (
            (folder / STDERR).open("w", encoding="utf-8") as errors,
            subprocess.Popen(
                [str(python), "-I", str(driver), facts["url"], credentials["api_key"]],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            ) as process,
        ):
            try:
                yield self.client(process, credentials, folder)
            finally:
                process.terminate()


SMARTAPI = Counterpart(name="smartapi", client=OfficialClient)
KITE = Counterpart(name="kite", client=KiteClient)

official_client = SMARTAPI.running


def python_of(counterpart: Counterpart[Any]) -> Path:
    """The interpreter of an official client; skips, or fails where it is required."""
    python = counterpart.python
    if python is None:
        if counterpart.name in REQUIRED:
            pytest.fail(counterpart.missing)
        pytest.skip(counterpart.missing)
    return python


__all__ = [
    "KITE",
    "REQUIRED",
    "SMARTAPI",
    "Counterpart",
    "KiteClient",
    "OfficialClient",
    "OfficialError",
    "Talk",
    "official_client",
    "python_of",
]
