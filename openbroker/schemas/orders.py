"""An order's life: :class:`OrderRequest` -> :class:`OrderAck` -> :class:`Order` -> :class:`Trade`.

A request is what is asked, an ack says *received* and never *filled*, an order is the state that
the broker tells, a trade is one execution.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar, Self

import attrs
from attrs import field, frozen
from attrs.converters import optional

from openbroker.errors import InvalidOrder, OrderNotModifiable, Outcome
from openbroker.schemas.convert import plain
from openbroker.schemas.enums import (
    InstrumentType,
    OrderStatus,
    OrderType,
    Product,
    Side,
    Validity,
)
from openbroker.schemas.fields import (
    as_accept_caution,
    as_after_market,
    as_bracket_stop,
    as_bracket_target,
    as_bracket_trail,
    as_disclosed,
    as_lots,
    as_order_type,
    as_price,
    as_product,
    as_quantity,
    as_side,
    as_symbol,
    as_trigger_price,
    as_validity,
)
from openbroker.schemas.instrument import Instrument, InstrumentRow, freeze
from openbroker.schemas.protection import AsLimit, Protection, as_protection
from openbroker.schemas.table import Record


@frozen(kw_only=True)
class OrderRequest(Record):
    """What is asked of the broker.

    Give ``quantity`` in units or ``lots``, never both. Nothing is defaulted that decides what is
    traded: ``side``, ``order_type`` and ``product`` have to be named.

    Attributes:
        symbol: the instrument's common symbol, or an :class:`Instrument`.
        side: BUY or SELL.
        quantity: units, a multiple of the lot.
        lots: lots instead of units; turned into units when the instrument is known.
        order_type: MARKET, LIMIT, SL or SL-M.
        product: CNC, MIS, NRML or MTF.
        price: rupees; for LIMIT and SL.
        trigger_price: rupees; for SL and SL-M.
        validity: DAY or IOC.
        disclosed_quantity: the visible part, units.
        market_protection: how far a market order may slip: per cent, ``"broker"`` for the
            broker's own band, ``None`` to ask for nothing; :class:`AsLimit` to have it turned into
            a priced order before it is sent.
        after_market: place it for the next session.
        bracket_target, bracket_stop: make it a bracket order: once it fills, two children close
            it so many rupees away from its price, at a profit or at a loss. Both or neither.
        bracket_trail: the stop follows in steps of so many rupees.
        accept_caution: trade it although the exchange cautions against the security.
        tag: a label of yours, letters and digits.
        wire_tag: the tag that travels: the label and eight characters that make it unique.
        instrument: filled in from the master before the order goes out.
        asked: the market order that was asked for, where this is the priced one it became.

    Raises:
        InvalidOrder: the order contradicts itself or its instrument.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "symbol", "side", "quantity", "lots", "order_type", "price", "trigger_price", "product",
        "validity", "disclosed_quantity", "market_protection", "after_market", "bracket_target",
        "bracket_stop", "bracket_trail", "accept_caution", "tag",
    )  # fmt: skip
    SPARSE: ClassVar[frozenset[str]] = frozenset(COLUMNS) - {
        "symbol", "side", "order_type", "product", "validity",
    }  # fmt: skip

    symbol: str = field(converter=as_symbol)
    side: Side = field(converter=as_side)
    quantity: int | None = field(default=None, converter=as_quantity)
    order_type: OrderType = field(converter=as_order_type)
    product: Product = field(converter=as_product)
    price: Decimal | None = field(default=None, converter=as_price)
    trigger_price: Decimal | None = field(default=None, converter=as_trigger_price)
    validity: Validity = field(default=Validity.DAY, converter=as_validity)
    disclosed_quantity: int | None = field(default=None, converter=as_disclosed)
    lots: int | None = field(default=None, converter=as_lots)
    market_protection: Protection = field(default=None, converter=as_protection)
    after_market: bool = field(default=False, converter=as_after_market)
    bracket_target: Decimal | None = field(default=None, converter=as_bracket_target)
    bracket_stop: Decimal | None = field(default=None, converter=as_bracket_stop)
    bracket_trail: Decimal | None = field(default=None, converter=as_bracket_trail)
    accept_caution: bool = field(default=False, converter=as_accept_caution)
    tag: str | None = None
    wire_tag: str | None = None
    instrument: Instrument | None = None
    asked: OrderRequest | None = None

    def __attrs_post_init__(self) -> None:
        _check_amount(self.quantity, self.lots)
        _check_bracket(self)
        check_prices(self.order_type, self.side, self.price, self.trigger_price)
        _check_protection(self.order_type, self.market_protection)
        if self.disclosed_quantity and self.quantity and self.disclosed_quantity > self.quantity:
            raise InvalidOrder(
                f"disclosed_quantity {self.disclosed_quantity} is more than the quantity "
                f"{self.quantity}"
            )
        if self.instrument is not None:
            _check_instrument(self, self.instrument)

    def on(self, instrument: Instrument) -> Self:
        """The same order with its instrument known: lots turned into units, lot and tick checked.

        Raises:
            InvalidOrder: off lot, off tick, above the freeze quantity, or not tradable.
        """
        if self.instrument is instrument and self.lots is None:
            return self
        units = self.lots * instrument.lot_size if self.lots is not None else self.quantity
        return attrs.evolve(
            self, symbol=instrument.symbol, instrument=instrument, quantity=units, lots=None
        )

    def tagged(self, wire_tag: str | None) -> Self:
        """The same order with its wire tag, which needs no second validation."""
        twin = object.__new__(type(self))
        for name in _FIELDS:
            object.__setattr__(twin, name, getattr(self, name))
        object.__setattr__(twin, "wire_tag", wire_tag)
        return twin

    @property
    def is_bracket(self) -> bool:
        return self.bracket_target is not None

    @property
    def target(self) -> Instrument:
        """The instrument, once known."""
        if self.instrument is None:
            raise InvalidOrder(f"the instrument of {self.symbol} is not resolved yet")
        return self.instrument


_FIELDS = tuple(field.name for field in attrs.fields(OrderRequest))


def _check_amount(quantity: int | None, lots: int | None) -> None:
    if quantity is None and lots is None:
        raise InvalidOrder("neither quantity nor lots is given")
    if quantity is not None and lots is not None:
        raise InvalidOrder("both quantity and lots are given; give one of them")


def _check_bracket(order: OrderRequest) -> None:
    distances = (order.bracket_target, order.bracket_stop, order.bracket_trail)
    if all(distance is None for distance in distances):
        return
    if order.bracket_target is None or order.bracket_stop is None:
        raise InvalidOrder("a bracket order needs both bracket_target and bracket_stop")
    for distance in distances:
        if distance is not None and distance <= 0:
            raise InvalidOrder(f"a bracket's distance of {plain(distance)} is not above zero")
    if order.order_type is not OrderType.LIMIT or order.product is not Product.MIS:
        raise InvalidOrder("a bracket order is a LIMIT order with product MIS")


def check_prices(
    order_type: OrderType, side: Side | None, price: Decimal | None, trigger: Decimal | None
) -> None:
    """Raises ``InvalidOrder`` unless the prices are those that the order type needs."""
    _check_presence("price", order_type, order_type.has_price, price)
    _check_presence("trigger_price", order_type, order_type.has_trigger, trigger)
    if order_type is OrderType.SL and price is not None and trigger is not None:
        if side is Side.BUY and trigger > price:
            raise InvalidOrder(
                f"a BUY SL needs its trigger_price ({trigger}) at or below its price ({price})"
            )
        if side is Side.SELL and trigger < price:
            raise InvalidOrder(
                f"a SELL SL needs its trigger_price ({trigger}) at or above its price ({price})"
            )


def _check_presence(name: str, order_type: OrderType, needed: bool, value: Decimal | None) -> None:
    if needed and value is None:
        raise InvalidOrder(f"a {order_type} order needs a {name}")
    if not needed and value is not None:
        raise InvalidOrder(f"a {order_type} order takes no {name} ({value} was given)")
    if value is not None and value <= 0:
        raise InvalidOrder(f"{name} {value} is not above zero")


def _check_protection(order_type: OrderType, protection: Protection) -> None:
    if protection is not None and order_type.has_price:
        raise InvalidOrder(f"market_protection is for MARKET and SL-M orders, this is {order_type}")


def _check_instrument(order: OrderRequest, instrument: Instrument) -> None:
    if instrument.type is InstrumentType.INDEX:
        raise InvalidOrder(f"{instrument.symbol} is an index; trade its futures or options")
    check_lot(order.quantity, instrument)
    for name in ("price", "trigger_price", "bracket_target", "bracket_stop", "bracket_trail"):
        check_tick(getattr(order, name), instrument, name=name)
    if instrument.freeze_quantity and (order.quantity or 0) > instrument.freeze_quantity:
        raise InvalidOrder(
            f"quantity {order.quantity} is above the freeze quantity "
            f"{instrument.freeze_quantity} of {instrument.symbol}; split the order"
        )


def check_lot(quantity: int | None, instrument: Instrument) -> None:
    """Raises ``InvalidOrder`` unless the quantity is a multiple of the lot."""
    lot = instrument.lot_size
    if quantity is not None and quantity % lot:
        below = quantity - quantity % lot
        near = f"{below} or {below + lot}" if below else f"{lot}"
        raise InvalidOrder(
            f"quantity {quantity} is not a multiple of {instrument.symbol}'s lot of {lot}; "
            f"nearest: {near}"
        )


def check_tick(price: Decimal | None, instrument: Instrument, *, name: str) -> None:
    """Raises ``InvalidOrder`` unless the price is a multiple of the tick."""
    tick = instrument.tick_size
    if price is not None and tick and price % tick:
        below = price - price % tick
        raise InvalidOrder(
            f"{name} {plain(price)} is not a multiple of {instrument.symbol}'s tick of "
            f"{plain(tick)}; nearest: {plain(below)} or {plain(below + tick)}"
        )


@frozen(kw_only=True)
class OrderChange:
    """What a modification asks for: absolute values; ``None`` leaves as it is.

    ``market_protection`` means what it means in an :class:`OrderRequest`, but for :class:`AsLimit`:
    a change names its price itself.

    Raises:
        InvalidOrder: nothing is to change, or a value is out of range or contradicts another.
    """

    quantity: int | None = field(default=None, converter=as_quantity)
    price: Decimal | None = field(default=None, converter=as_price)
    trigger_price: Decimal | None = field(default=None, converter=as_trigger_price)
    order_type: OrderType | None = field(default=None, converter=optional(as_order_type))
    validity: Validity | None = field(default=None, converter=optional(as_validity))
    disclosed_quantity: int | None = field(default=None, converter=as_disclosed)
    market_protection: Protection = field(default=None, converter=as_protection)

    def __attrs_post_init__(self) -> None:
        if all(value is None for value in attrs.astuple(self, recurse=False)):
            raise InvalidOrder("a modification has to change something")
        if isinstance(self.market_protection, AsLimit):
            raise InvalidOrder(
                "AsLimit prices new orders: change this one to LIMIT, from SL-M to SL, with the "
                "worst price you accept"
            )
        if self.order_type is not None:
            _check_protection(self.order_type, self.market_protection)
        for name in ("price", "trigger_price"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise InvalidOrder(f"{name} {value} is not above zero")


@frozen(kw_only=True)
class OrderAck(Record):
    """The broker received the order. It says nothing about fills.

    ``handle`` is what the vendor needs back later (Angel One's variety); keep the ack, or keep the
    bare ``order_id`` and let the book be read.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = ("order_id", "symbol", "side", "quantity", "tag")
    SPARSE: ClassVar[frozenset[str]] = frozenset(COLUMNS) - {"order_id"}
    """An ack of a change knows the order's id only."""

    order_id: str
    handle: Mapping[str, str] = field(factory=dict, converter=freeze, hash=False)
    request: OrderRequest | None = None

    @property
    def symbol(self) -> str | None:
        return self.request.symbol if self.request else None

    @property
    def side(self) -> Side | None:
        return self.request.side if self.request else None

    @property
    def quantity(self) -> int | None:
        return self.request.quantity if self.request else None

    @property
    def tag(self) -> str | None:
        """The caller's label."""
        return self.request.tag if self.request else None

    @property
    def wire_tag(self) -> str | None:
        """The tag as the broker carries it."""
        return self.request.wire_tag if self.request else None


@frozen(kw_only=True)
class Order(InstrumentRow):
    """An order as the broker tells it.

    A side, product, type or validity that the schema does not know is ``None`` with the broker's
    word in ``vendor``; an unknown status is ``UNKNOWN``.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "order_id", "symbol", "side", "quantity", "filled_quantity", "order_type", "price",
        "trigger_price", "average_price", "product", "status", "tag", "message",
    )  # fmt: skip
    SPARSE: ClassVar[frozenset[str]] = frozenset({"trigger_price"})

    order_id: str
    status: OrderStatus = OrderStatus.UNKNOWN
    side: Side | None = None
    order_type: OrderType | None = None
    product: Product | None = None
    validity: Validity | None = None
    quantity: int | None = None
    filled_quantity: int | None = None
    pending_quantity: int | None = None
    cancelled_quantity: int | None = None
    disclosed_quantity: int | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    average_price: Decimal | None = None
    wire_tag: str | None = None
    tag: str | None = None
    message: str | None = None
    placed_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    exchange_order_id: str | None = None
    parent_order_id: str | None = None
    after_market: bool | None = None
    handle: Mapping[str, str] = field(factory=dict, converter=freeze, eq=False, hash=False)

    @property
    def is_done(self) -> bool:
        return self.status.is_done

    @property
    def is_live(self) -> bool:
        return self.status.is_live


def check_change(order: Order, change: OrderChange) -> None:
    """Refuse a change that the order cannot take.

    Raises:
        OrderNotModifiable: the order is done.
        InvalidOrder: its prices, quantity or market protection would not fit.
    """
    if order.is_done:
        raise OrderNotModifiable(
            f"order {order.order_id} is {order.status}", outcome=Outcome.NOT_SENT
        )
    if order.instrument is not None:
        check_lot(change.quantity, order.instrument)
        check_tick(change.price, order.instrument, name="price")
        check_tick(change.trigger_price, order.instrument, name="trigger_price")
    order_type = change.order_type or order.order_type
    if order_type is None:
        return
    _check_protection(order_type, change.market_protection)
    price = change.price or (order.price if order_type.has_price else None)
    trigger = change.trigger_price or (order.trigger_price if order_type.has_trigger else None)
    check_prices(order_type, order.side, price, trigger)


@frozen(kw_only=True)
class OrderRef:
    """Which order is meant: its id, and the vendor's handle where it is known."""

    order_id: str
    handle: Mapping[str, str] = field(factory=dict, converter=freeze, hash=False)

    @classmethod
    def of(cls, target: OrderAck | Order | OrderRef | str) -> OrderRef:
        """From an ack, an order row or a bare id.

        Raises:
            InvalidOrder: it is none of these, or the id is empty or holds odd characters.
        """
        if isinstance(target, OrderRef):
            return target
        order_id = target if isinstance(target, str) else getattr(target, "order_id", None)
        if not isinstance(order_id, str) or not _ID_CHARACTERS.issuperset(order_id) or not order_id:
            raise InvalidOrder(
                f"{target!r} is not an order: pass an order id, an ack or an order row"
            )
        return cls(order_id=order_id, handle=getattr(target, "handle", {}))


_ID_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


@frozen(kw_only=True)
class Trade(InstrumentRow):
    """One execution. ``(order_id, trade_id)`` identifies it."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "trade_id", "order_id", "symbol", "side", "quantity", "price", "product", "traded_at",
    )  # fmt: skip

    trade_id: str
    order_id: str
    side: Side | None = None
    product: Product | None = None
    quantity: int | None = None
    price: Decimal | None = None
    traded_at: dt.datetime | None = None
    exchange_order_id: str | None = None


__all__ = [
    "Order",
    "OrderAck",
    "OrderChange",
    "OrderRef",
    "OrderRequest",
    "Protection",
    "Trade",
    "check_lot",
    "check_prices",
    "check_tick",
]
