"""The kill switch's rules: pure."""

from __future__ import annotations

import pytest

from openbroker.errors import Halted, Outcome
from openbroker.orders.halt import (
    AutoHalt,
    HaltCounter,
    HaltLevel,
    HaltState,
    reduces,
    refuse_halted,
)
from openbroker.schemas import (
    Exchange,
    Instrument,
    InstrumentType,
    OrderRequest,
    Position,
    Product,
)

SBIN = Instrument(
    exchange=Exchange.NSE,
    symbol="NSE:SBIN",
    type=InstrumentType.EQUITY,
    token="3045",
    broker_symbol="SBIN-EQ",
)


def order(side: str, quantity: int, product: str = "MIS") -> OrderRequest:
    return OrderRequest(
        symbol="NSE:SBIN", side=side, quantity=quantity, order_type="MARKET", product=product
    )


def position(quantity: int | None) -> Position:
    return Position(instrument=SBIN, product=Product.MIS, quantity=quantity)


@pytest.mark.parametrize(
    ("held", "asked", "smaller"),
    [
        (10, order("SELL", 10), True),
        (10, order("SELL", 11), False),
        (10, order("BUY", 1), False),
        (-10, order("BUY", 4), True),
        (-10, order("SELL", 4), False),
        (10, order("SELL", 10, "CNC"), False),
        (0, order("SELL", 1), False),
        (None, order("SELL", 1), False),
    ],
)
def test_what_reduces(held: int | None, asked: OrderRequest, smaller: bool) -> None:
    assert reduces(asked, [position(held)]) is smaller


def test_levels() -> None:
    refuse_halted(HaltState())
    refuse_halted(HaltState(level=HaltLevel.REDUCE_ONLY), reduces=True)
    for level, smaller in ((HaltLevel.REDUCE_ONLY, False), (HaltLevel.HALT, True)):
        with pytest.raises(Halted) as caught:
            refuse_halted(HaltState(level=level, reason="why"), reduces=smaller)
        assert "why" in str(caught.value)


def test_a_counter_counts_inside_its_span() -> None:
    counter = HaltCounter(AutoHalt(unknowns=3, rejections=0, within=60))
    assert counter.count(Outcome.UNKNOWN, 0) is None
    assert counter.count(Outcome.UNKNOWN, 61) is None
    assert counter.count(Outcome.UNKNOWN, 62) is None
    assert counter.count(Outcome.UNKNOWN, 63) == "3 orders ended UNKNOWN within 60 s"
    for at in range(50):
        assert counter.count(Outcome.REJECTED, at) is None
        assert counter.count(Outcome.NOT_SENT, at) is None
