"""Angel One by the conformance suite."""

from __future__ import annotations

from pathlib import Path

from openbroker.testing import AdapterConformance

CASES = Path(__file__).parents[1] / "cases" / "angelone"


class TestAngelOne(AdapterConformance):
    adapter = "angelone"
    cases = CASES
