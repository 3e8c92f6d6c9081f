"""Zerodha by the conformance suite."""

from __future__ import annotations

from pathlib import Path

from openbroker.testing import AdapterConformance


class TestZerodha(AdapterConformance):
    adapter = "zerodha"
    cases = Path(__file__).parents[1] / "cases" / "zerodha"
