"""Reading request bodies and writing figures as Angel One does.

Bodies may give numbers as numbers or as strings.  A value that cannot be read is refused with
AB1007, the code under which the broker files invalid parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar

from openbroker.sandbox.angelone.replies import Refuse
from openbroker.sandbox.numbers import read_number

Body: TypeAlias = Mapping[str, Any]
V = TypeVar("V")

MOST = Decimal(10) ** 12
"""Nothing larger is meant seriously."""


def invalid(name: str) -> Refuse:
    return Refuse("AB1007", f"Invalid parameter: {name}")


def text(body: Body, name: str, default: str | None = None) -> str:
    """A string, or a number as one."""
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise invalid(name)
    return str(value).strip()


def rupees(body: Body, name: str, default: str = "0") -> Decimal:
    """An amount from nothing to :data:`MOST`; an empty string is the default."""
    amount = read_number(text(body, name, default) or default)
    if amount is None or not 0 <= amount <= MOST:
        raise invalid(name)
    return amount


def whole(body: Body, name: str, default: str = "") -> int:
    """A whole number in the same range."""
    amount = rupees(body, name, default)
    if amount != int(amount):
        raise invalid(name)
    return int(amount)


def word(body: Body, name: str, table: Mapping[str, V], refuse: Refuse | None = None) -> V:
    """A word of a table."""
    found = table.get(text(body, name, ""))
    if found is None:
        raise refuse or invalid(name)
    return found


def trimmed(amount: Decimal | int, places: int = 2) -> str:
    """``29.81``, ``75``, ``0``: a figure without trailing zeros."""
    rounded = round(Decimal(amount), places)
    plain = f"{rounded:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in ("-0", "") else plain
