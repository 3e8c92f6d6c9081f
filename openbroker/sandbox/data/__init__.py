"""The sandbox's own market data, written by :mod:`.generate`."""

from pathlib import Path

_FOLDER = Path(__file__).parent
MASTER = _FOLDER / "angelone_master.json"
"""Rows in the shape of Angel One's master file."""
UNDERLYINGS = _FOLDER / "underlyings.json"
"""Price at the first midnight and yearly volatility, by name."""
