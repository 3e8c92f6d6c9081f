"""What ``request(...)`` may read: the escape hatch for what the schema has no place for."""

from __future__ import annotations

import json
from collections.abc import Mapping

from openbroker.arguments import shown
from openbroker.errors import Unsupported, UsageError

READING = ("GET", "POST")
"""The methods of reads; which of them a path takes, the vendor's manual says."""


def check_read(method: str, path: str, body: object | None) -> str:
    """The method in capitals.

    Raises:
        Unsupported: it may change something.
        UsageError: the path or the body cannot be sent.
    """
    verb = method.strip().upper()
    if verb not in READING:
        raise Unsupported(
            f"method {method!r} may change something; request(...) takes "
            f"{' and '.join(READING)}, for reads",
            advice="Nothing was sent. Orders have methods of their own, which are safe.",
        )
    if not path.startswith("/"):
        raise UsageError(f"path {path!r} is not one; it starts with a slash")
    _check_body(body)
    return verb


def _check_body(body: object | None) -> None:
    """Raises ``UsageError`` unless it is nothing, or a mapping or list that JSON has words for."""
    if body is not None and not isinstance(body, (Mapping, list, tuple)):
        raise UsageError(f"body {shown(body)} is not a mapping or a list")
    try:
        json.dumps(body, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UsageError(f"body cannot be written as JSON: {error}") from None
