"""What a caller may pass, looked at before anything happens.

:func:`checked` reads a public function's annotations once and holds every argument to the
:class:`Kind` of its annotation, so that a wrong one is a sentence of ours that names the argument,
and nothing was sent.  What the schema reads anyway (prices, quantities, words, symbols) stands in
:data:`KINDS` with ``None``: it has better words for what is wrong.  An annotation that stands
nowhere is refused when the module is imported, so no new argument can be forgotten.

It knows types, no broker and no order.  No message shows a text that could be a secret: of what is
neither text nor number only the type is named.
"""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from attrs import frozen

from openbroker.errors import UsageError
from openbroker.schemas import Instrument, Position, Secret
from openbroker.schemas.convert import to_money

P = ParamSpec("P")
T = TypeVar("T")


@frozen
class Kind:
    """What fits an argument: the rule, and its words."""

    words: str
    fits: Callable[[Any], bool]

    def or_none(self) -> Kind:
        """The same, and ``None``."""
        return Kind(self.words, lambda value: value is None or self.fits(value))


def is_whole(value: object) -> bool:
    """A whole number, zero or more; no flag."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_amount(value: object) -> bool:
    """A finite number, zero or more; no flag."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and 0 <= value < math.inf  # type: ignore[operator]  # narrowed above


def _is_money(value: Any) -> bool:
    try:
        return to_money(value, name="amount") is not None
    except UsageError:
        return False


FLAG: Final = Kind("True or False", lambda value: isinstance(value, bool))
SECONDS: Final = Kind(
    "a number of seconds above zero", lambda value: is_amount(value) and value > 0
)
AMOUNT: Final = Kind("a number, zero or more", is_amount)
WHOLE: Final = Kind("a whole number, zero or more", is_whole)
TEXT: Final = Kind("text", lambda value: isinstance(value, str))
DAY: Final = Kind(
    "a datetime.date",
    lambda value: isinstance(value, dt.date) and not isinstance(value, dt.datetime),
)
MOMENT: Final = Kind(
    "a day or a time; write 2026-11-20", lambda value: isinstance(value, (str, dt.date))
)
FUNCTION: Final = Kind("a function", callable)
PATH: Final = Kind(
    "a path", lambda value: isinstance(value, Path) or (isinstance(value, str) and value != "")
)
NAME: Final = Kind(
    "a name like NIFTY, a symbol or an Instrument",
    lambda value: isinstance(value, Instrument) or (isinstance(value, str) and bool(value.strip())),
)
LIST: Final = Kind(
    "a list", lambda value: isinstance(value, Sequence) and not isinstance(value, (str, bytes))
)
RUPEES: Final = Kind("an amount of rupees", _is_money)

KINDS: Final[Mapping[str, Kind | None]] = {
    "bool": FLAG,
    "bool | None": FLAG.or_none(),
    "float": SECONDS,
    "float | None": SECONDS.or_none(),
    "int": WHOLE,
    "int | None": WHOLE.or_none(),
    "str": TEXT,
    "str | None": TEXT.or_none(),
    "str | Instrument": NAME,
    "str | Path | None": PATH.or_none(),
    "str | Secret | None": Kind(
        "text or a Secret", lambda v: isinstance(v, (str, Secret))
    ).or_none(),
    "bool | str | Path": Kind(
        "True, False or a folder", lambda value: FLAG.fits(value) or PATH.fits(value)
    ),
    "dt.date | None": DAY.or_none(),
    "Moment | None": MOMENT.or_none(),
    "Instrument": Kind(
        "an Instrument; instruments.resolve(...) gives one", lambda v: isinstance(v, Instrument)
    ),
    "Position": Kind("a row of positions()", lambda value: isinstance(value, Position)),
    "Sequence[str | None]": LIST,
    "Mapping[str, str] | None": Kind(
        "a mapping of names to addresses",
        lambda value: isinstance(value, Mapping) and all(map(TEXT.fits, value.values())),
    ).or_none(),
    "Callable[[Request, Reply | TransportFailure], None]": FUNCTION,
    "httpx.AsyncBaseTransport | None": Kind(
        "an httpx transport", lambda value: hasattr(value, "handle_async_request")
    ).or_none(),
    "Mapping[str, tuple[int, str]]": Kind(
        "a mapping of symbols to (shares, average cost)",
        lambda value: (
            isinstance(value, Mapping)
            and all(isinstance(terms, tuple) and len(terms) == 2 for terms in value.values())
        ),
    ),
    "Decimal | str | int": RUPEES,
    "Decimal | str | int | None": RUPEES.or_none(),
    "dt.time": Kind("a datetime.time", lambda value: isinstance(value, dt.time)),
    "Limits": Kind(
        '"published", None or a table',
        lambda value: value in (None, "published") or isinstance(value, Mapping),
    ),
    "Callable[[], float]": FUNCTION,
    # read by the schema, the store or the order desk
    "Symbol": None,
    "Symbol | None": None,
    "Iterable[Symbol]": None,
    "Number": None,
    "Number | None": None,
    "ProtectionLike": None,
    "Side | str": None,
    "OrderType | str": None,
    "OrderType | str | None": None,
    "Product | str": None,
    "Product | str | None": None,
    "Validity | str": None,
    "Validity | str | None": None,
    "QuoteMode | str": None,
    "Interval | str": None,
    "HaltLevel | str": None,
    "Exchange | str | None": None,
    "InstrumentType | str | None": None,
    "Right | str": None,
    "Cycle | str | None": None,
    "When": None,
    "Iterable[OrderLike]": None,
    "Target": None,
    "GttLike": None,
    "OrderUnknown | Entry | str": None,
    "object | None": None,
}
"""What fits an annotation; ``None``: whoever reads it refuses it himself."""


def checked(
    error: type[UsageError] = UsageError, **special: Kind | None
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Hold a public function's arguments to their kinds; the first misfit is raised as ``error``.

    Args:
        error: the class that a misfit is raised as.
        special: for single arguments another kind than that of their annotation.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        names, kinds = _read(function, special)

        def check(args: tuple[object, ...], kwargs: Mapping[str, object]) -> None:
            for name, value in (*zip(names, args, strict=False), *kwargs.items()):
                kind = kinds.get(name)
                if kind is not None and not kind.fits(value):
                    raise error(f"{name} {shown(value)} is not {kind.words}")

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaited(*args: P.args, **kwargs: P.kwargs) -> Any:
                check(args, kwargs)
                return await function(*args, **kwargs)

            return awaited  # type: ignore[return-value]  # T is the coroutine

        @functools.wraps(function)
        def called(*args: P.args, **kwargs: P.kwargs) -> T:
            check(args, kwargs)
            return function(*args, **kwargs)

        return called

    return decorate


def _read(
    function: Callable[..., object], special: Mapping[str, Kind | None]
) -> tuple[list[str], dict[str, Kind]]:
    """The arguments' names in order, and the kinds of those that are looked at here."""
    parameters = inspect.signature(function).parameters.values()
    named = [p for p in parameters if p.name != "self" and p.kind is not p.VAR_KEYWORD]
    found = {
        p.name: special.get(p.name) if p.name in special else KINDS[p.annotation] for p in named
    }
    return [p.name for p in parameters], {name: kind for name, kind in found.items() if kind}


def shown(value: object) -> str:
    """A value for a message: text and numbers as they are, of anything else the type."""
    if value is None or isinstance(value, (str, int, float)):
        return f"{value!r:.60}"
    return f"(of type {type(value).__name__})"


__all__ = ["AMOUNT", "DAY", "FUNCTION", "KINDS", "TEXT", "Kind", "checked", "shown"]
