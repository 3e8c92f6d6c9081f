"""Writes the table of ``docs/errors.md`` from the tree: ``python tests/docs/write_errors.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from openbroker import errors

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
BEGIN, END = "<!-- table: python tests/docs/write_errors.py -->\n", "<!-- end of table -->\n"


def classes(root: type[errors.OpenBrokerError], depth: int = 0) -> Iterator[tuple[int, type]]:
    """The tree, parents first, children as they stand in the module."""
    yield depth, root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from classes(child, depth + 1)


def row(depth: int, cls: type[errors.OpenBrokerError]) -> str:
    """One line: the name, what became of an order, what it means, what to do."""
    meaning = (cls.__doc__ or "").strip().splitlines()[0].replace("|", "\\|")
    outcome = cls.outcome.value if cls.outcome else ""
    indent = "&nbsp;&nbsp;" * depth
    return f"| {indent}`{cls.__name__}` | {outcome} | {meaning} | {cls.advice} |"


def table() -> str:
    head = "| error | outcome | what it means | what to do |\n|---|---|---|---|\n"
    return head + "\n".join(row(*entry) for entry in classes(errors.OpenBrokerError)) + "\n"


def written(page: str) -> str:
    """The page with its table brought up to date."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
