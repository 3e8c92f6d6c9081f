"""A value that must not be seen by accident."""

from __future__ import annotations

import hmac
from typing import Final, NoReturn


class Secret:
    """Text that shows as ``***`` wherever it could leak; ``reveal()`` gives the text.

    It cannot be pickled or copied into JSON, and compares in constant time.

    >>> Secret("hunter2")
    Secret('***')
    >>> f"{Secret('hunter2')}"
    '***'
    """

    __slots__ = ("__text",)
    MASK: Final = "***"

    def __init__(self, text: str | Secret) -> None:
        self.__text = text.reveal() if isinstance(text, Secret) else str(text)

    def reveal(self) -> str:
        """The text itself. Call it only where the bytes go out."""
        return self.__text

    def __bool__(self) -> bool:
        return bool(self.__text)

    def __len__(self) -> int:
        return len(self.__text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__text.encode(), other.reveal().encode())

    def __hash__(self) -> int:
        return hash((Secret, self.__text))

    def __repr__(self) -> str:
        return f"Secret('{self.MASK}')"

    def __str__(self) -> str:
        return self.MASK

    def __format__(self, spec: str) -> str:
        return format(self.MASK, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Secret cannot be pickled; pass its source (environment, keyring) instead"
        )
