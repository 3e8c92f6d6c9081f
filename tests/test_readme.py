"""The documents keep their word: their Python runs, links lead somewhere, tables hold."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import httpx
import pytest
import typer

import openbroker as ob
from openbroker.cli import app
from openbroker.sandbox import Sandbox
from openbroker.sandbox.control import Control

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

FENCE = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")

LIVE = re.compile(r"connect(_async)?\(\"angelone\"\)")
"""The one word that a snippet changes for a live account; the suite changes it back."""


def snippets(page: Path) -> list[str]:
    """The page's Python, in order. ``python no-run`` marks what is no whole program."""
    found = FENCE.findall(page.read_text("utf-8"))
    return [code for language, words, code in found if language == "python" and not words.strip()]


def runnable(code: str) -> bool:
    """Whether it is a program; what names a live account or leaves a gap is compiled only."""
    return '"angelone"' not in code and "..." not in code


@pytest.mark.parametrize("page", [page for page in PAGES if snippets(page)], ids=lambda p: p.name)
def test_the_python_of_a_page_runs_from_top_to_bottom(page: Path) -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    try:
        for number, text in enumerate(snippets(page), 1):
            code = LIVE.sub(r"connect\1()", text)
            compiled = compile(code, f"{page.name}, snippet {number}", "exec")
            if runnable(code):
                exec(compiled, names)
    finally:
        for value in names.values():
            if isinstance(value, ob.Broker):
                value.close()


def test_the_readme_shows_python_that_runs() -> None:
    assert any(runnable(LIVE.sub(r"connect\1()", text)) for text in snippets(ROOT / "README.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text("utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []


# -- what pages name

NOTEBOOKS = sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))
PLUGIN = ROOT / "examples" / "plugin_minimal" / "README.md"
NAMING = [*PAGES, *NOTEBOOKS, PLUGIN, ROOT / "CHANGELOG.md"]


def named(page: Path) -> list[str]:
    """What a page sets as code: spans, and the lines of its blocks of commands."""
    text = page.read_text("utf-8")
    if page.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        told = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
        text = "\n\n".join("".join(lines) for lines in told)
    blocks = [code for language, _, code in FENCE.findall(text) if language in ("", "bash")]
    spans = re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    return [*spans, *(line.strip() for block in blocks for line in block.splitlines())]


@pytest.mark.parametrize("page", NAMING, ids=lambda page: page.name)
def test_the_targets_of_make_are_there(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    words = [text.split("#")[0].split() for text in named(page) if text.startswith("make ")]
    assert {word for line in words for word in line[1:] if not word.startswith(".")} <= targets


@pytest.mark.parametrize("page", NAMING, ids=lambda page: page.name)
def test_the_commands_and_their_options_are_there(page: Path) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    for text in named(page):
        command = re.match(r"openbroker ([a-z]+)\b(.*)", text)
        if command is None:
            continue
        assert command[1] in group.commands, text
        known = {name for one in group.commands[command[1]].params for name in one.opts}
        assert set(re.findall(r"--[a-z-]+", command[2].split("#")[0])) <= known, text


@pytest.mark.parametrize("page", NAMING, ids=lambda page: page.name)
def test_the_names_of_the_api_are_there(page: Path) -> None:
    text = " ".join(named(page) + snippets(page))
    missing = [name for name in re.findall(r"\bob\.(\w+)", text) if not hasattr(ob, name)]
    missing += [
        name
        for name in re.findall(r"\bbroker\.(\w+)", text)
        if not hasattr(ob.Broker, name) and not hasattr(ob.AsyncBroker, name)
    ]
    assert missing == []


@pytest.mark.parametrize("page", NAMING, ids=lambda page: page.name)
def test_the_files_that_a_page_names_are_there(page: Path) -> None:
    names = [
        text for text in named(page) if re.fullmatch(r"[\w./-]+/[\w-]+\.(py|md|json|txt)", text)
    ]
    roots = (ROOT, ROOT / "openbroker", page.parent)
    assert [name for name in names if not any((root / name).exists() for root in roots)] == []


def test_the_requests_of_the_back_door_are_answered() -> None:
    page = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    table = "".join(line for line in page.splitlines() if line.startswith("| `"))
    asked = re.findall(r"`(GET|POST|DELETE) (/\w+)(?: (\{[^`]+\}))?`", table)
    assert len(asked) == 8
    answer = Control(Sandbox())
    for method, path, body in asked:
        reply = answer(httpx.Request(method, f"http://127.0.0.1{path}", content=body.encode()))
        assert reply.status_code == 200, (method, path, body, reply.text)


def test_no_page_tells_users_to_install_another_projects_package() -> None:
    wrong = re.compile(r"pip install (-\S+ )*['\"]?openbroker(?!-sdk)\b")
    assert [page.name for page in PAGES if wrong.search(page.read_text("utf-8"))] == []


def test_the_market_orders_page_says_what_the_adapters_do() -> None:
    writer = runpy.run_path(str(ROOT / "tests" / "docs" / "write_market_orders.py"))
    page = writer["PAGE"].read_text("utf-8")
    assert page == writer["written"](page), "run: python tests/docs/write_market_orders.py"


def test_the_errors_page_has_the_whole_tree_with_its_advice() -> None:
    writer = runpy.run_path(str(ROOT / "tests" / "docs" / "write_errors.py"))
    page = writer["PAGE"].read_text("utf-8")
    assert page == writer["written"](page), "run: python tests/docs/write_errors.py"
    for name in ob.errors.__all__:
        if name != "Outcome":
            assert f"`{name}`" in page
