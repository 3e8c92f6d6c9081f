"""Good-till-triggered rules: the broker keeps them for months and sends an order at a price.

A rule is no order: it has an id of its own, blocks nothing, and is not in the order book until its
price is reached.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar, Self, TypeVar

import attrs
from attrs import field, frozen

from openbroker.errors import InvalidOrder
from openbroker.schemas.convert import Number
from openbroker.schemas.enums import GttStatus, InstrumentType, Product, Side
from openbroker.schemas.fields import (
    as_disclosed,
    as_price,
    as_product,
    as_quantity,
    as_side,
    as_symbol,
    as_trigger_price,
    as_valid_days,
)
from openbroker.schemas.instrument import Instrument, InstrumentRow, freeze
from openbroker.schemas.orders import check_lot, check_tick
from openbroker.schemas.table import Record

N = TypeVar("N", int, Decimal)


def _units(value: Number) -> int:
    return _given("quantity", as_quantity(value))


def _price(value: Number) -> Decimal:
    return _given("price", as_price(value))


def _trigger_price(value: Number) -> Decimal:
    return _given("trigger_price", as_trigger_price(value))


def _given(name: str, value: N | None) -> N:
    if value is None:
        raise InvalidOrder(f"a rule needs a {name}")
    return value


@frozen(kw_only=True)
class GttRequest(Record):
    """A LIMIT order that is to be sent once a price is reached.

    Attributes:
        symbol: the instrument's common symbol, or an :class:`Instrument`.
        side: BUY or SELL.
        quantity: units, a multiple of the lot.
        price: rupees, of the order that is sent.
        trigger_price: rupees; the price that sends it.
        product: CNC, MIS, NRML or MTF, as far as the broker takes it in a rule.
        disclosed_quantity: the visible part, units; ``None`` shows all of it.
        valid_days: how long the rule is kept; ``None`` leaves it to the broker.
        instrument: filled in from the master before the rule goes out.

    Raises:
        InvalidOrder: the rule contradicts itself or its instrument.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "symbol", "side", "quantity", "price", "trigger_price", "product",
    )  # fmt: skip

    symbol: str = field(converter=as_symbol)
    side: Side = field(converter=as_side)
    quantity: int = field(converter=_units)
    price: Decimal = field(converter=_price)
    trigger_price: Decimal = field(converter=_trigger_price)
    product: Product = field(converter=as_product)
    disclosed_quantity: int | None = field(default=None, converter=as_disclosed)
    valid_days: int | None = field(default=None, converter=as_valid_days)
    instrument: Instrument | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        for name in ("price", "trigger_price"):
            if getattr(self, name) <= 0:
                raise InvalidOrder(f"{name} {getattr(self, name)} is not above zero")
        if self.disclosed_quantity is not None and self.disclosed_quantity > self.quantity:
            raise InvalidOrder("disclosed_quantity is more than the quantity")
        if self.instrument is not None:
            _check_instrument(self, self.instrument)

    def on(self, instrument: Instrument) -> Self:
        """The same rule with its instrument known: lot and tick checked.

        Raises:
            InvalidOrder: off lot, off tick, or not tradable.
        """
        return attrs.evolve(self, symbol=instrument.symbol, instrument=instrument)

    @property
    def target(self) -> Instrument:
        """The instrument, once known."""
        if self.instrument is None:
            raise InvalidOrder(f"the instrument of {self.symbol} is not resolved yet")
        return self.instrument


def _check_instrument(rule: GttRequest, instrument: Instrument) -> None:
    if instrument.type is InstrumentType.INDEX:
        raise InvalidOrder(f"{instrument.symbol} is an index; it cannot be traded")
    check_lot(rule.quantity, instrument)
    check_tick(rule.price, instrument, name="price")
    check_tick(rule.trigger_price, instrument, name="trigger_price")


@frozen(kw_only=True)
class Gtt(InstrumentRow):
    """A rule as the broker tells it. Words that the schema does not know are ``None``."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "gtt_id", "symbol", "side", "quantity", "price", "trigger_price", "product", "status",
        "valid_until",
    )  # fmt: skip

    gtt_id: str
    status: GttStatus = GttStatus.UNKNOWN
    side: Side | None = None
    product: Product | None = None
    quantity: int | None = None
    disclosed_quantity: int | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    placed_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    valid_until: dt.datetime | None = None
    handle: Mapping[str, str] = field(
        factory=dict, converter=freeze, repr=False, eq=False, hash=False
    )

    @property
    def order_id(self) -> str:
        """The rule's id, by the name that an ack of it has."""
        return self.gtt_id
