"""Order tags: the caller's label, made unique for the wire.

On the wire goes the label and eight base-32 characters: seven random ones and a check character.
The check lets :func:`label_of` tell our tags from those that other programs leave in the same
book.  35 random bits keep a day of a thousand orders unique with 99.999 per cent.
"""

from __future__ import annotations

import secrets
from typing import Final

from openbroker.errors import InvalidOrder, Unsupported

ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
SUFFIX: Final = 8
_BITS: Final = 5
_SHIFTS: Final = tuple(range(0, _BITS * (SUFFIX - 1), _BITS))
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_LABEL: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def check_label(label: str | None, *, capacity: int, broker: str) -> None:
    """Refuse a label that the broker's tag cannot carry.

    Raises:
        InvalidOrder: it is too long or holds something other than letters and digits.
        Unsupported: the broker carries no tag.
    """
    if label is None:
        return
    if capacity < SUFFIX:
        raise Unsupported(f"{broker} orders carry no tag")
    if not isinstance(label, str) or not label or not _LABEL.issuperset(label):
        raise InvalidOrder(f"tag {label!r} may hold letters and digits only")
    room = capacity - SUFFIX
    if len(label) > room:
        raise InvalidOrder(f"tag {label!r} is longer than the {room} characters that fit")


def new_wire_tag(label: str | None, *, capacity: int) -> str | None:
    """A tag that no other order carries; ``None`` where the broker has no room for one."""
    if capacity < SUFFIX:
        return None
    number = secrets.randbits(_BITS * (SUFFIX - 1))
    body = "".join([ALPHABET[(number >> shift) & 31] for shift in _SHIFTS])
    return f"{label or ''}{body}{_check(body)}"


def is_wire_tag(text: str | None) -> bool:
    """Whether a tag is one of ours, whole."""
    if text is None or len(text) < SUFFIX:
        return False
    body, check = text[-SUFFIX:-1].upper(), text[-1].upper()
    return set(body) <= set(ALPHABET) and _check(body) == check


def label_of(wire_tag: str | None) -> str | None:
    """The label of one of our tags; ``None`` for no label and for a foreign tag."""
    if wire_tag is None or not is_wire_tag(wire_tag):
        return None
    return wire_tag[:-SUFFIX] or None


def _check(body: str) -> str:
    total = sum([place * _VALUES[character] for place, character in enumerate(body, 1)])
    return ALPHABET[total % len(ALPHABET)]
