"""How large a single order may be, as the exchanges publish it.

An exchange rejects an order above its *freeze quantity*; larger orders have to be sliced.  Masters
that carry the figure are believed; for the others this module has the indices' limits from the
exchanges' own circulars, as data with a date and a source (``freeze_quantities.json``).  A figure
counts from its ``since`` date on; before the first, and for everything that is not in the table,
the answer is ``None``: not known.  Single stocks have limits too, which change monthly with their
prices; they are not kept here.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from importlib import resources
from typing import Any

from openbroker.schemas import Instrument


def published(day: dt.date) -> Callable[[Instrument], int | None]:
    """The freeze quantity, in units, of instruments on that day; ``None`` where it is not known."""
    limits: dict[str | None, dict[str, int]] = {}
    for rule in sorted(rules(), key=lambda rule: str(rule["since"])):
        if dt.date.fromisoformat(rule["since"]) <= day:
            limits.setdefault(rule["underlying"], {})[rule["exchange"]] = int(rule["quantity"])

    def of(instrument: Instrument) -> int | None:
        by_exchange = limits.get(instrument.underlying)
        return by_exchange.get(instrument.exchange) if by_exchange is not None else None

    return of


def rules() -> list[dict[str, Any]]:
    """The table: exchange, underlying, quantity, since, source and confidence of each figure."""
    text = resources.files("openbroker.instruments").joinpath("freeze_quantities.json")
    table: dict[str, list[dict[str, Any]]] = json.loads(text.read_text("utf-8"))
    return table["rules"]
