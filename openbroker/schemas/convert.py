"""How loose values that a caller types become the schema's exact ones.

Every function either returns the exact value or raises an error with what to type instead:
``InvalidOrder`` where an order is meant, ``UsageError`` for words that stand elsewhere too.
"""

from __future__ import annotations

import difflib
import math
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias, TypeVar

from openbroker.errors import InvalidOrder, UsageError
from openbroker.schemas.enums import Word

Number: TypeAlias = Decimal | int | float | str
"""What is accepted where money is meant. A float counts as what ``repr`` shows of it."""

MOST_UNITS = 2**31 - 1
"""More than any exchange's order has room for."""

_LARGEST: Final = 18
_FINEST: Final = 15
"""Powers of ten beyond which no exchange has a price, and decimal arithmetic gives up."""

W = TypeVar("W", bound=Word)


def to_word(kind: type[W], value: W | str, *, name: str, error: type[UsageError] = UsageError) -> W:
    """The enum's member, or an error that lists the members and the nearest one."""
    try:
        return kind(value)
    except ValueError:
        words = [member.value for member in kind]
        spelled = {word.upper(): word for word in words}
        near = difflib.get_close_matches(str(value).upper(), spelled, n=1, cutoff=0.5)
        guess = f" Did you mean {spelled[near[0]]}?" if near else ""
        raise error(f"{name} {str(value)!r} is not one of {', '.join(words)}.{guess}") from None


def to_money(value: Number | None, *, name: str) -> Decimal | None:
    """A finite decimal, exact. ``None`` passes."""
    if value is None:
        return value
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        text = repr(value) if isinstance(value, float) else str(value).strip()
        amount = value if isinstance(value, Decimal) else Decimal(text)
        if not amount.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise InvalidOrder(f"{name} {value!r} is not a number") from None
    if not -_FINEST <= amount.adjusted() <= _LARGEST:
        raise InvalidOrder(f"{name} {value!r:.60} is not a number of ordinary size")
    return amount


def to_quantity(value: Number | None, *, name: str = "quantity") -> int | None:
    """A whole number of units above zero. ``None`` passes."""
    amount = to_money(value, name=name)
    if amount is None:
        return None
    if amount != amount.to_integral_value():
        raise InvalidOrder(f"{name} {amount} is not a whole number of units")
    if amount <= 0:
        raise InvalidOrder(f"{name} {amount} is not above zero")
    if amount > MOST_UNITS:
        raise InvalidOrder(f"{name} {amount:g} is more than any exchange takes")
    return int(amount)


def to_flag(value: object, *, name: str) -> bool:
    """True or False, and nothing that merely counts as one: ``"no"`` would count as true."""
    if not isinstance(value, bool):
        raise InvalidOrder(f"{name} {value!r:.60} is not True or False")
    return value


def to_seconds(value: object, *, name: str = "timeout") -> float | None:
    """Seconds above zero. ``None`` passes.

    Raises:
        UsageError: it is not a number of seconds.
    """
    if value is None:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < math.inf:
        return float(value)
    raise UsageError(f"{name} {value!r} is not a number of seconds above zero")


def plain(amount: Decimal) -> str:
    """The amount as text without exponent or trailing zeros: ``1510.5``, ``26000``."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
