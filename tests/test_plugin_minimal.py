"""The plug-in of ``examples/``: installed beside openbroker, it is a broker like any other."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

import openbroker as ob
from openbroker import registry
from openbroker.sandbox.wire import running_server

PACKAGE = Path(__file__).parents[1] / "examples" / "plugin_minimal"
PROJECT = tomllib.loads((PACKAGE / "pyproject.toml").read_text("utf-8"))
MODULES: list[str] = PROJECT["tool"]["setuptools"]["py-modules"]
POINTS: dict[str, str] = PROJECT["project"]["entry-points"][registry.GROUP]


def install(target: Path) -> None:
    """What an installer does with the package, and needs no index for."""
    project = PROJECT["project"]
    name = project["name"].replace("-", "_")
    about = target / f"{name}-{project['version']}.dist-info"
    about.mkdir(parents=True)
    for module in MODULES:
        shutil.copy(PACKAGE / f"{module}.py", target)
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (about / "METADATA").write_text(head, "utf-8")
    points = "\n".join(f"{one} = {where}" for one, where in POINTS.items())
    (about / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{points}\n", "utf-8")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    target = tmp_path / "site"
    install(target)
    monkeypatch.syspath_prepend(target)
    yield target
    for module in MODULES:
        sys.modules.pop(module, None)


class House:
    """Paisa House itself, as far as its adapter speaks with it."""

    def __init__(self) -> None:
        self.orders: list[dict[str, object]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/login":
            assert json.loads(request.content) == {"client": "PH1001", "pin": "7391"}
            return self._yes({"token": "t0ken"})
        if request.url.path == "/stocks":
            row = {"stock": "1594", "name": "INFY", "company": "Infosys", "tick": 0.1}
            return self._yes([row])
        assert request.headers["authorization"] == "t0ken"
        if request.method == "POST":
            row = json.loads(request.content) | {
                "id": f"PH-{len(self.orders)}",
                "status": "WORKING",
            }
            self.orders.append(row)
            return self._yes({"id": row["id"]})
        return self._yes(self.orders)

    @staticmethod
    def _yes(data: object) -> httpx.Response:
        return httpx.Response(200, json={"ok": True, "data": data})


def test_an_installed_plug_in_trades(installed: Path, tmp_path: Path) -> None:
    assert installed.is_dir()
    assert "paisa_house" in ob.brokers()
    with (
        running_server(House(), tls=False) as server,
        ob.connect(
            "paisa_house",
            base_url=server.url,
            client_code="PH1001",
            pin="7391",
            journal_dir=tmp_path / "journal",
        ) as broker,
    ):
        ack = broker.place_order(
            "NSE:INFY", "BUY", 10, order_type="LIMIT", price="1510.5", product="CNC", tag="algo"
        )
        assert ack.order_id == "PH-0"
        [row] = broker.orders()
    assert (row.symbol, row.side, row.quantity, row.price) == (
        "NSE:INFY", ob.Side.BUY, 10, Decimal("1510.5"),
    )  # fmt: skip
    assert (row.tag, row.status) == ("algo", ob.OrderStatus.OPEN)


def test_a_plug_in_that_is_not_installed_is_no_broker() -> None:
    assert "paisa_house" not in ob.brokers()
    with pytest.raises(ob.UnknownBroker):
        ob.connect("paisa_house")


def test_it_passes_the_public_conformance_suite(installed: Path, tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    shutil.copytree(PACKAGE / "tests", tests, ignore=shutil.ignore_patterns("__pycache__"))
    paths = [str(installed), str(Path(ob.__file__).parents[1])]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert " passed" in done.stdout
