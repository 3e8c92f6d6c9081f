"""Golden cases that a script writes are what the script writes: nobody mends one by hand."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

CASES = Path(__file__).parents[1] / "cases"
WRITERS = sorted(path.name for path in CASES.glob("write_*.py"))


def files(root: Path) -> dict[str, str]:
    return {str(p.relative_to(root)): p.read_text("utf-8") for p in root.glob("*/*.json")}


def test_the_cases_are_those_that_the_scripts_write(tmp_path: Path) -> None:
    copy = tmp_path / "cases"
    shutil.copytree(CASES, copy, ignore=shutil.ignore_patterns("*.json", "__pycache__"))
    for writer in WRITERS:
        subprocess.run([sys.executable, copy / writer], check=True)
    written, kept = files(copy), files(CASES)
    assert len(written) > 100
    assert {name for name in written if written[name] != kept.get(name)} == set()
    whole = {Path(name).parent for name in written}
    assert {name for name in kept.keys() - written.keys() if Path(name).parent in whole} == set()
