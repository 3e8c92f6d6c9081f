"""Writes the demo's real output into README: ``python tests/docs/write_demo.py``.

Prices differ from day to day, for the sandbox lives on today's date; the text is what one run
printed, shortened where it says so.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
SHOWN = (
    '>>> ack = broker.place_order("NSE:INFY"',
    ">>> broker.orders()",
    ">>> broker.square_off()",
    '>>> broker.place_order("NSE:INFI"',
)


def written(page: str, said: str) -> str:
    """README with what a run of the demo said."""
    steps = re.split(r"\n(?=>>> )", said)
    steps = [step.split("\n\n")[0].rstrip() for step in steps if step.startswith(SHOWN)]
    table = re.search(r"^way .*?(?=\n\nThe script)", said, re.MULTILINE | re.DOTALL)
    assert table is not None, said
    block = "\n\n".join([*steps, "...", table.group(0)])
    parts = re.split(r"(<!-- /?demo -->)", page)
    parts[2] = f"\n```text\n{block}\n```\n"
    return "".join(parts)


def main() -> None:
    command = [sys.executable, "-m", "openbroker", "demo"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    README.write_text(written(README.read_text("utf-8"), said), "utf-8")


if __name__ == "__main__":
    main()
