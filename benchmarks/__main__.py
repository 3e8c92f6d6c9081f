"""All figures: ``python -m benchmarks`` (``make bench``). Each module writes its own page."""

from __future__ import annotations

import subprocess
import sys

MODULES = ("transport", "instruments")

for module in MODULES:
    print(f"== benchmarks.{module}", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{module}"], check=True)
