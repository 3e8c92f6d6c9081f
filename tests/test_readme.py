"""The documents keep their word: their Python runs, links lead somewhere, tables hold."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

import openbroker as ob

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
