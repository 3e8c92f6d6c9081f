"""What a broker has registered that can stop an account's orders: addresses, segments."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from attrs import frozen

from openbroker.schemas.enums import Exchange
from openbroker.schemas.table import Record


@frozen(kw_only=True)
class StaticIP(Record):
    """An address from which orders are taken."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("role", "address", "updated_at")

    role: str
    address: str
    updated_at: dt.datetime | None = None


@frozen(kw_only=True)
class SegmentSwitch(Record):
    """Whether a segment of the account is open, and whether its kill switch is on.

    ``segment`` is the broker's word; ``exchange`` is ``None`` where the schema has none for it.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = ("segment", "exchange", "is_active", "is_halted")

    segment: str
    exchange: Exchange | None = None
    is_active: bool | None = None
    is_halted: bool | None = None
