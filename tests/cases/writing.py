"""What the writers of golden cases have in common: how a case reads, and its error."""

from __future__ import annotations

from typing import Any

Json = Any


def case(
    name: str, operation: str, args: Json, *exchanges: Json, result: Json = None, error: Json = None
) -> dict[str, Json]:
    """One operation, what goes over the wire, and the result or the error that comes of it."""
    made = {"name": name, "operation": operation, "args": args, "exchanges": list(exchanges)}
    return made | ({"error": error} if error is not None else {"result": result})


def failed(kind: str, outcome: str | None = None, code: str | None = None) -> dict[str, Json]:
    """An error by its class; what is left out is not looked at."""
    told = {"class": kind, "outcome": outcome, "code": code}
    return {key: value for key, value in told.items() if value is not None}
