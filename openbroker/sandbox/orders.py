"""An order's life inside the exchange: the ticket that asks, the entry in the book, the trade.

A :class:`Ticket` may be wrong; the exchange then keeps it as a rejected :class:`BookOrder`, as
brokers do.  Words of a broker's own that its front end needs back (a variety) travel in ``label``.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import define, field, frozen

from openbroker.schemas import Instrument, OrderStatus, OrderType, Product, Side, Validity


class Event(enum.StrEnum):
    """What last happened to an order."""

    RECEIVED = "received"
    PLACED = "placed"
    TRIGGERED = "triggered"
    TRADED = "traded"
    MODIFIED = "modified"
    NOT_MODIFIED = "not modified"
    CANCELLED = "cancelled"
    NOT_CANCELLED = "not cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"


class Reason(enum.StrEnum):
    """Why the exchange or its risk rules refuse an order."""

    NOT_TRADABLE = "not tradable"
    EXPIRED_CONTRACT = "expired contract"
    QUANTITY = "quantity"
    LOT = "lot"
    TICK = "tick"
    FREEZE = "freeze"
    PRICE = "price"
    TRIGGER = "trigger"
    CIRCUIT = "circuit"
    PRODUCT = "product"
    ORDER_TYPE = "order type"
    VALIDITY = "validity"
    DISCLOSED = "disclosed"
    FUNDS = "funds"
    HOLDINGS = "holdings"
    CLOSED = "closed"


@frozen(kw_only=True)
class Refusal:
    """Why not, with the figures that a broker's wording may want."""

    reason: Reason
    figures: Mapping[str, Any] = field(factory=dict, hash=False)

    def __str__(self) -> str:
        figures = ", ".join(f"{name} {value}" for name, value in self.figures.items())
        return f"{self.reason}: {figures}" if figures else str(self.reason)


class Refused(Exception):
    """Nothing was changed.  ``refusal`` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class NoSuchOrder(Exception):
    """The account has no order of that id."""


class OrderDone(Exception):
    """The order is filled, cancelled or rejected: too late."""


@frozen(kw_only=True)
class Bracket:
    """The two ways out of an entry order: distances from its price, in rupees.

    ``trailing`` is how far the price has to go for the stop to follow by as much.
    """

    target: Decimal
    stop: Decimal
    trailing: Decimal | None = None


@frozen(kw_only=True)
class Ticket:
    """What an account asks for."""

    instrument: Instrument
    side: Side
    quantity: int
    order_type: OrderType
    product: Product
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    validity: Validity = Validity.DAY
    disclosed_quantity: int = 0
    tag: str = ""
    after_market: bool = False
    bracket: Bracket | None = None
    label: Mapping[str, str] = field(factory=dict, hash=False)


@frozen(kw_only=True)
class Change:
    """What a modification asks for; ``None`` leaves as it is. ``quantity`` is the new total."""

    quantity: int | None = None
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    order_type: OrderType | None = None
    validity: Validity | None = None
    disclosed_quantity: int | None = None
    label: Mapping[str, str] | None = None


@frozen(kw_only=True)
class Mark:
    """An order after something happened to it."""

    event: Event
    moment: dt.datetime
    status: OrderStatus
    quantity: int
    filled: int
    filled_value: Decimal
    cancelled: int
    order_type: OrderType
    price: Decimal | None
    trigger_price: Decimal | None


@define(kw_only=True, eq=False)
class BookOrder:
    """An order in the book."""

    order_id: str
    unique_id: str
    exchange_order_id: str
    account: str
    ticket: Ticket
    quantity: int
    order_type: OrderType
    price: Decimal | None
    trigger_price: Decimal | None
    validity: Validity
    placed_at: dt.datetime
    updated_at: dt.datetime
    status: OrderStatus = OrderStatus.PENDING
    event: Event = Event.RECEIVED
    filled: int = 0
    filled_value: Decimal = Decimal(0)
    cancelled: int = 0
    triggered: bool = False
    refusal: Refusal | None = None
    parent_id: str = ""
    last_fill_id: str = ""
    best_price: Decimal | None = None
    wakes_at: dt.datetime | None = None
    history: list[Mark] = field(factory=list, repr=False)

    @property
    def instrument(self) -> Instrument:
        return self.ticket.instrument

    @property
    def side(self) -> Side:
        return self.ticket.side

    @property
    def product(self) -> Product:
        return self.ticket.product

    @property
    def remaining(self) -> int:
        """What may still trade."""
        return self.quantity - self.filled - self.cancelled

    @property
    def average_price(self) -> Decimal:
        return self.filled_value / self.filled if self.filled else Decimal(0)

    @property
    def is_live(self) -> bool:
        return self.status.is_live

    @property
    def limit(self) -> Decimal | None:
        """The worst price that is accepted; ``None`` for any."""
        return self.price if self.order_type.has_price else None

    @property
    def waits_for_trigger(self) -> bool:
        return self.order_type.has_trigger and not self.triggered

    def note(self, event: Event, moment: dt.datetime, status: OrderStatus | None = None) -> None:
        """Record what happened."""
        self.event = event
        self.updated_at = moment
        if status is not None:
            self.status = status
        self.history.append(self.mark())

    def mark(self) -> Mark:
        """The order as it stands."""
        return Mark(
            event=self.event,
            moment=self.updated_at,
            status=self.status,
            quantity=self.quantity,
            filled=self.filled,
            filled_value=self.filled_value,
            cancelled=self.cancelled,
            order_type=self.order_type,
            price=self.price,
            trigger_price=self.trigger_price,
        )


@frozen(kw_only=True)
class BookTrade:
    """One execution."""

    trade_id: str
    order_id: str
    account: str
    instrument: Instrument
    side: Side
    product: Product
    quantity: int
    price: Decimal
    traded_at: dt.datetime
