"""Good-till-triggered rules: the broker keeps them for months and sends an order at a price.

A rule is no order: it has an id of its own, blocks nothing, and is not in the order book until its
price is reached.

A rule has one leg or two.  Two are an OCO, *one cancels the other*: of the orders that would close
a position one takes the profit, the target, and one limits the loss, the stop, and whichever price
is reached first sends its order and ends the other.  ``price`` and ``trigger_price`` are the
target's then, ``stop_price`` and ``stop_trigger_price`` the stop's.  A SELL, which closes what was
bought, has its target above its stop; a BUY has it below.  Vendors name the legs otherwise (the
lower and the upper, the first and the second); here each is what it is for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final, Self, TypeVar

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
    as_stop_price,
    as_stop_trigger_price,
    as_symbol,
    as_trigger_price,
    as_valid_days,
)
from openbroker.schemas.instrument import Instrument, InstrumentRow, freeze
from openbroker.schemas.orders import check_lot, check_tick
from openbroker.schemas.table import Record

N = TypeVar("N", int, Decimal)

PRICES = ("price", "trigger_price", "stop_price", "stop_trigger_price")
"""The fields of a rule that are prices."""


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
class GttLeg(Record):
    """One order of a rule and the price that sends it; rupees."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("trigger_price", "price")

    trigger_price: Decimal
    price: Decimal


@frozen(kw_only=True)
class GttRequest(Record):
    """A LIMIT order that is to be sent once a price is reached, or one of two.

    Attributes:
        symbol: the instrument's common symbol, or an :class:`Instrument`.
        side: BUY or SELL, of both legs.
        quantity: units, a multiple of the lot; each leg's.
        price: rupees, of the order that is sent; of an OCO the target's.
        trigger_price: rupees; the price that sends it.
        stop_trigger_price: rupees; with it the rule is an OCO, and this price sends its stop: below
            the target's of a SELL, above that of a BUY.
        stop_price: rupees, of the stop's order: at its trigger or beyond it, as for an SL order.
        product: CNC, MIS, NRML or MTF, as far as the broker takes it in a rule.
        disclosed_quantity: the visible part, units; ``None`` shows all of it.
        valid_days: how long the rule is kept; ``None`` leaves it to the broker.
        instrument: filled in from the master before the rule goes out.

    Raises:
        InvalidOrder: the rule contradicts itself or its instrument.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "symbol", "side", "quantity", "price", "trigger_price", "stop_price", "stop_trigger_price",
        "product",
    )  # fmt: skip
    SPARSE: ClassVar[frozenset[str]] = frozenset({"stop_price", "stop_trigger_price"})

    symbol: str = field(converter=as_symbol)
    side: Side = field(converter=as_side)
    quantity: int = field(converter=_units)
    price: Decimal = field(converter=_price)
    trigger_price: Decimal = field(converter=_trigger_price)
    product: Product = field(converter=as_product)
    stop_price: Decimal | None = field(default=None, converter=as_stop_price)
    stop_trigger_price: Decimal | None = field(default=None, converter=as_stop_trigger_price)
    disclosed_quantity: int | None = field(default=None, converter=as_disclosed)
    valid_days: int | None = field(default=None, converter=as_valid_days)
    instrument: Instrument | None = None

    def __attrs_post_init__(self) -> None:
        _check_above_zero(self)
        if (self.stop_price is None) != (self.stop_trigger_price is None):
            raise InvalidOrder("a stop needs both stop_trigger_price and stop_price")
        _check_sides(self)
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

    @property
    def is_oco(self) -> bool:
        """Whether there is a stop beside the target."""
        return self.stop_trigger_price is not None

    @property
    def legs(self) -> tuple[GttLeg, ...]:
        """The only leg; or the target and the stop, in this order."""
        return _legs(self)


@frozen(kw_only=True)
class GttChange:
    """What a modification of a rule asks for: absolute values; ``None`` leaves as it is.

    The attributes are those of :class:`GttRequest`; the quantity is each leg's.

    Raises:
        InvalidOrder: nothing is to change, or a value is out of range.
    """

    quantity: int | None = field(default=None, converter=as_quantity)
    price: Decimal | None = field(default=None, converter=as_price)
    trigger_price: Decimal | None = field(default=None, converter=as_trigger_price)
    stop_price: Decimal | None = field(default=None, converter=as_stop_price)
    stop_trigger_price: Decimal | None = field(default=None, converter=as_stop_trigger_price)
    disclosed_quantity: int | None = field(default=None, converter=as_disclosed)

    def __attrs_post_init__(self) -> None:
        if not self.values:
            raise InvalidOrder("a modification has to change something")
        _check_above_zero(self)

    @property
    def values(self) -> dict[str, Any]:
        """What is to change, by the name of the field."""
        given = attrs.asdict(self, recurse=False)
        return {name: value for name, value in given.items() if value is not None}


def _check_instrument(rule: GttRequest, instrument: Instrument) -> None:
    if instrument.type is InstrumentType.INDEX:
        raise InvalidOrder(f"{instrument.symbol} is an index; it cannot be traded")
    check_figures(rule, instrument)


def check_figures(told: GttRequest | GttChange, instrument: Instrument) -> None:
    """Raises ``InvalidOrder`` unless the quantity fits the lot and every price the tick."""
    check_lot(told.quantity, instrument)
    for name in PRICES:
        check_tick(getattr(told, name), instrument, name=name)


def _check_above_zero(told: GttRequest | GttChange) -> None:
    for name in PRICES:
        value = getattr(told, name)
        if value is not None and value <= 0:
            raise InvalidOrder(f"{name} {value} is not above zero")


def _check_sides(rule: GttRequest | Gtt, named: Collection[str] = PRICES) -> None:
    """The target's trigger is on the side of profit, the stop's price at its trigger or beyond.

    What is not named is not judged: a rule may have been made elsewhere, by other rules.
    """
    for first, second, equal in _SIDES:
        if first in named or second in named:
            _check_side(rule, first, second, equal=equal)


_SIDES: Final = (
    ("trigger_price", "stop_trigger_price", False),
    ("stop_trigger_price", "stop_price", True),
)
"""Which price of a SELL has to be above which, and whether it may be equal; of a BUY below."""


def _check_side(rule: GttRequest | Gtt, first: str, second: str, *, equal: bool) -> None:
    above = rule.side is Side.SELL
    here, there = getattr(rule, first), getattr(rule, second)
    if here is None or there is None or (equal and here == there):
        return
    if here == there or (here > there) is not above:
        where = f"{'at or ' if equal else ''}{'above' if above else 'below'}"
        raise InvalidOrder(
            f"a {rule.side} rule with a stop needs its {first} ({here}) {where} its {second} "
            f"({there})"
        )


def _legs(rule: GttRequest | Gtt) -> tuple[GttLeg, ...]:
    told = [(rule.trigger_price, rule.price)]
    if rule.is_oco:
        told.append((rule.stop_trigger_price, rule.stop_price))
    legs = [
        GttLeg(trigger_price=trigger, price=price)
        for trigger, price in told
        if trigger is not None and price is not None
    ]
    if len(legs) < len(told):
        raise InvalidOrder(
            "the broker does not tell every price of this rule: change it in the broker's own app, "
            "or cancel it and make another"
        )
    return tuple(legs)


@frozen(kw_only=True)
class Gtt(InstrumentRow):
    """A rule as the broker tells it. Words that the schema does not know are ``None``.

    The stop's prices are those of an OCO; the quantity is each leg's, ``None`` where they differ.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "gtt_id", "symbol", "side", "quantity", "price", "trigger_price", "stop_price",
        "stop_trigger_price", "product", "status", "valid_until",
    )  # fmt: skip
    SPARSE: ClassVar[frozenset[str]] = frozenset({"stop_price", "stop_trigger_price"})

    gtt_id: str
    status: GttStatus = GttStatus.UNKNOWN
    side: Side | None = None
    product: Product | None = None
    quantity: int | None = None
    disclosed_quantity: int | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    stop_price: Decimal | None = None
    stop_trigger_price: Decimal | None = None
    placed_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    valid_until: dt.datetime | None = None
    handle: Mapping[str, str] = field(factory=dict, converter=freeze, eq=False, hash=False)

    @property
    def order_id(self) -> str:
        """The rule's id, by the name that an ack of it has."""
        return self.gtt_id

    @property
    def is_oco(self) -> bool:
        """Whether there is a stop beside the target."""
        return self.stop_trigger_price is not None

    @property
    def legs(self) -> tuple[GttLeg, ...]:
        """The only leg; or the target and the stop, in this order.

        Raises:
            InvalidOrder: the broker does not tell every price.
        """
        return _legs(self)

    def changed(self, change: GttChange) -> Self:
        """The rule as it shall be.

        Raises:
            InvalidOrder: a stop for a rule that has none, or the legs would change their sides.
        """
        of_stop = [name for name in change.values if name.startswith("stop_")]
        if of_stop and not self.is_oco:
            raise InvalidOrder(
                f"{of_stop[0]} cannot change: rule {self.gtt_id} has no stop; cancel it and make "
                "one that has"
            )
        changed = attrs.evolve(self, **change.values)
        if self.side is not None:
            _check_sides(changed, change.values)
        return changed
