"""The meaning of Angel One's raw fields, beside ours: what the comparisons of answers stand on.

A :data:`Meaning` says for each field of ours how the documentation lets a reader of the raw row
find it.  It is written by hand and takes nothing from the adapter's tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

import attrs

from openbroker.schemas import INDIA

Row: TypeAlias = Mapping[str, Any]
Meaning: TypeAlias = Mapping[str, Callable[[Row], Any]]

TYPES = {"MARKET": "MARKET", "LIMIT": "LIMIT", "STOPLOSS_LIMIT": "SL", "STOPLOSS_MARKET": "SL-M"}
PRODUCTS = {"DELIVERY": "CNC", "INTRADAY": "MIS", "CARRYFORWARD": "NRML", "MARGIN": "MTF"}


def text(key: str) -> Callable[[Row], str | None]:
    return lambda row: row[key] or None


def number(key: str) -> Callable[[Row], Decimal]:
    return lambda row: Decimal(str(row[key]).replace(" ", ""))


def priced(key: str) -> Callable[[Row], Decimal | None]:
    """A price, which the broker writes as 0 where there is none."""
    return lambda row: number(key)(row) or None


def time(key: str) -> Callable[[Row], dt.datetime | None]:
    def read(row: Row) -> dt.datetime | None:
        if not row[key]:
            return None
        return dt.datetime.strptime(row[key], "%d-%b-%Y %H:%M:%S").replace(tzinfo=INDIA)

    return read


LISTED: Meaning = {
    "exchange": text("exchange"),
    "token": text("symboltoken"),
    "broker_symbol": text("tradingsymbol"),
}

OURS_ALONE = {"instrument", "vendor", "wire_tag", "traded_at", "collateral_quantity"}
"""Fields that the comparison leaves out: the master's instrument, the raw row itself, the tag as it
is on the wire, a trade's date (which the broker does not give), and collateral, which is null."""


def means(meaning: Meaning, raw: Row) -> dict[str, Any]:
    return {field: read(raw) for field, read in meaning.items()}


def told(meaning: Meaning, ours: Any) -> dict[str, Any]:
    return {field: getattr(ours, field) for field in meaning}


def check_nothing_is_left_out(meaning: Meaning, ours: Any) -> None:
    """Every field of ours that is filled stands in the table, or among those named above."""
    values = {field.name: getattr(ours, field.name) for field in attrs.fields(type(ours))}
    filled = {name for name, value in values.items() if value is not None and value != {}}
    assert filled <= set(meaning) | OURS_ALONE


def compare(meaning: Meaning, theirs: list[Row], ours: Any) -> None:
    assert len(theirs) == len(ours) > 0
    for raw, row in zip(theirs, ours, strict=True):
        assert told(meaning, row) == means(meaning, raw)
        check_nothing_is_left_out(meaning, row)
        assert row.instrument is not None
