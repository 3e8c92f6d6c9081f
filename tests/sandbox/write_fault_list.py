"""Writes the list of faults into docs/sandbox.md: ``python tests/sandbox/write_fault_list.py``."""

from __future__ import annotations

from pathlib import Path

from openbroker.sandbox import Sandbox

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"
START, END = "<!-- faults -->\n", "<!-- end of faults -->\n"
BOOKED = {True: "yes", False: "no", None: "depends"}


def fault_list() -> str:
    """A table of every fault: name, when it strikes, whether the request was booked, what it is."""
    lines = ["| name | stage | booked | what happens |", "|---|---|---|---|"]
    for name, fault in sorted(Sandbox().faults.table.items()):
        booked = "-" if fault.stage == "book" else BOOKED[fault.booked]
        lines.append(f"| `{name}` | {fault.stage} | {booked} | {fault.description} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + START + fault_list() + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
