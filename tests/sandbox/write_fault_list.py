"""Writes the list of faults into docs/sandbox.md: ``python tests/sandbox/write_fault_list.py``."""

from __future__ import annotations

from pathlib import Path

from openbroker.sandbox import Sandbox
from openbroker.sandbox.sandbox import DIALECTS

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"
START, END = "<!-- faults -->\n", "<!-- end of faults -->\n"
BOOKED = {True: "yes", False: "no", None: "depends"}


def fault_list() -> str:
    """A table of every fault: name, whose, when, whether the request was booked, what it is."""
    tables = {name: Sandbox(name).faults.table for name in DIALECTS}
    lines = ["| name | broker | stage | booked | what happens |", "|---|---|---|---|---|"]
    for name in sorted(set().union(*tables.values())):
        owners = [dialect for dialect, table in tables.items() if name in table]
        whose = "all" if len(owners) == len(tables) else ", ".join(owners)
        fault = tables[owners[0]][name]
        booked = "-" if fault.stage == "book" else BOOKED[fault.booked]
        lines.append(f"| `{name}` | {whose} | {fault.stage} | {booked} | {fault.description} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + START + fault_list() + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
