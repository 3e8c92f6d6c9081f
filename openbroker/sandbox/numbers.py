"""Numbers in requests, as brokers' servers read them.

Python's own reading is wider than theirs: digits of any script, underscores, ``Infinity``, and an
exponent that would take hours to write out.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_NUMBER: Final = re.compile(r"[+-]?(\d{1,40}\.?\d{0,20}|\.\d{1,20})([eE][+-]?\d{1,2})?", re.ASCII)


def read_number(text: str) -> Decimal | None:
    """What the text spells, ``None`` where it spells no number."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None
