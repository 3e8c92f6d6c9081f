"""The notebooks: what is committed has been run, and it still runs, without a network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent / "examples" / "notebooks").glob("*.ipynb"))

NO_NETWORK = """
import ipaddress, socket

def _refuse(self, address, real=socket.socket.connect):
    if self.family in (socket.AF_INET, socket.AF_INET6):
        assert ipaddress.ip_address(address[0]).is_loopback, f"connects to {address}"
    return real(self, address)

def _resolve(host, *rest, real=socket.getaddrinfo, **more):
    assert host in (None, "", "localhost", "127.0.0.1", "::1"), f"resolves {host}"
    return real(host, *rest, **more)

socket.socket.connect, socket.getaddrinfo = _refuse, _resolve
"""

MACHINE_PATHS = re.compile(r"/(home|root|Users|tmp|work|usr)/|[A-Z]:\\\\")


def load(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


VOLATILE = (
    (re.compile(r"\b(?!ACCEPTED|REJECTED|RELIANCE)[A-Z2-7]{8}\b"), "TAG"),
    (re.compile(r"(\d+)(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)"), "0MON"),
    (re.compile(r"\d+ (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)( \d{4})?"), "0 Mon"),
    (re.compile(r"-?\d[\d.,:]*"), "0"),
    (re.compile(r"[- ]{2,}"), " "),
)
"""What another day, another second and another tag change, and the width of columns with it."""


def texts(cell: Any) -> list[str]:
    """What a cell shows as text, without what differs from run to run."""
    shown = []
    for output in cell.outputs:
        text = output.text if output.output_type == "stream" else output.data["text/plain"]
        for pattern, stands_for in VOLATILE:
            text = pattern.sub(stands_for, text)
        shown.append(text)
    return shown


def kinds(cell: Any) -> list[str]:
    """What sort of output a cell has: stream, execute_result, display_data, error."""
    return [output.output_type for output in cell.outputs]


def test_there_is_one_for_the_first_ten_minutes() -> None:
    assert NOTEBOOKS[0].name == "01_first_ten_minutes.ipynb"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_valid_and_its_outputs_are_committed(path: Path) -> None:
    notebook = load(path)
    nbformat.validate(notebook)
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not any("error" in kinds(cell) for cell in cells)
    assert sum(bool(cell.outputs) for cell in cells) > len(cells) / 2
    assert MACHINE_PATHS.findall(path.read_text("utf-8")) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore")  # of the kernel's client, which is not ours
def test_it_runs_without_a_network(path: Path, tmp_path: Path) -> None:
    committed, fresh = load(path), load(path)
    fresh.cells.insert(0, nbformat.v4.new_code_cell(NO_NETWORK))
    where = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(fresh, timeout=60, kernel_name="python3", resources=where).execute()
    ran = code_cells(fresh)[1:]
    for now, then in zip(ran, code_cells(committed), strict=True):
        assert kinds(now) == kinds(then), now.source
        assert texts(now) == texts(then), now.source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_record_is_shown_as_its_table(path: Path) -> None:
    """GitHub and a terminal show the text, which nobody sees beside the HTML."""
    shown = [text for cell in code_cells(load(path)) for text in texts(cell)]
    assert shown
    assert not [text for text in shown if "Decimal(" in text or "=<" in text]


def test_the_first_ten_minutes_show_what_they_promise() -> None:
    shown = {
        cell.source.splitlines()[0]: output
        for cell in code_cells(load(NOTEBOOKS[0]))
        for output in cell.outputs
    }
    positions = shown["broker.positions()"].data["text/html"]
    assert "color:#b3261e" in positions or "color:#0a7d32" in positions
    chain = shown['chain = broker.option_chain("NIFTY", strikes=3)'].data["text/plain"]
    assert chain.count("ATM") == 2
    mistakes = next(output.text for first, output in shown.items() if first.startswith("for wrong"))
    assert mistakes.count("(NOT_SENT)") == 4
    assert "did you mean NSE:INFY" in mistakes
    assert "available" in shown["broker.funds()"].data["text/plain"]
