"""Who may import whom, and what ``import openbroker`` does to a process."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

WATCH = """
import json, sys
events = []
def hook(event, args):
    if event == "open" and args and isinstance(args[0], str):
        events.append(("open", args[0], str(args[1])))
    elif event.startswith(("socket.", "subprocess.", "os.system", "sqlite3.", "urllib.")):
        events.append((event, "", ""))
sys.addaudithook(hook)
import openbroker
json.dump({"events": events, "modules": sorted(sys.modules)}, sys.stdout)
"""

COST = """
import sys, time
before = set(sys.modules)
started = time.perf_counter()
import {module}
print(len(set(sys.modules) - before), time.perf_counter() - started)
"""


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout


@pytest.fixture(scope="module")
def watched() -> dict[str, list[str]]:
    seen: dict[str, list[str]] = json.loads(run(WATCH))
    return seen


def test_importing_opens_no_socket_and_starts_nothing(watched: dict[str, list[str]]) -> None:
    assert not [event for event, *_ in watched["events"] if event != "open"]


def test_importing_opens_no_file_but_modules(watched: dict[str, list[str]]) -> None:
    opened = [Path(path) for event, path, _ in watched["events"] if event == "open"]
    assert not [path for path in opened if path.suffix not in (".py", ".pyc", ".so", ".pyd")]
    assert not [mode for event, _, mode in watched["events"] if event == "open" and "w" in mode]


def test_importing_loads_no_adapter_and_nothing_heavy(watched: dict[str, list[str]]) -> None:
    loaded = set(watched["modules"])
    heavy = {
        "httpx", "h11", "h2", "asyncio", "sqlite3", "ssl", "cattrs", "orjson", "pyotp",
        "platformdirs", "tqdm", "pandas", "polars", "numpy", "typer", "rich", "keyring",
        "opentelemetry", "pytest", "respx",
    }  # fmt: skip
    assert not loaded & heavy
    assert not [name for name in loaded if name.startswith("openbroker.adapters")]
    assert not [
        name
        for name in loaded
        if name.startswith(("openbroker.transport", "openbroker.sandbox", "openbroker.testing"))
    ]


def test_importing_costs_less_than_importing_httpx(capsys: pytest.CaptureFixture[str]) -> None:
    """Modules loaded are compared; the seconds are only told."""
    figures = {name: run(COST.format(module=name)).split() for name in ("openbroker", "httpx")}
    with capsys.disabled():
        for name, (modules, seconds) in figures.items():
            print(f"\nimport {name}: {modules} modules, {float(seconds) * 1000:.0f} ms", end="")
    assert int(figures["openbroker"][0]) < int(figures["httpx"][0])


def test_the_layers_import_as_they_may() -> None:
    tool = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if tool is None:
        pytest.skip("import-linter is not installed")
    done = subprocess.run(
        [tool, "--no-cache"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["fcntl", "termios", "resource", "pwd", "grp"])
def test_no_module_needs_posix(name: str) -> None:
    """At module level; inside functions it may be tried."""
    for path in (ROOT / "openbroker").rglob("*.py"):
        for line in path.read_text("utf-8").splitlines():
            assert not line.startswith((f"import {name}", f"from {name} ")), path
