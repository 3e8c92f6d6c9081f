"""What the exchange and the broker's risk desk allow, and what an order blocks.

Pure functions over a ticket and the market's state.  The order of the checks is the order of
:data:`CHECKS`.  Rates are the sandbox's own: plausible, round, and the same every day; they are no
statement about any broker's margins.

==================  =======================================================================
CNC                 the whole value on a purchase; a sale needs shares
MTF                 half the value
MIS on cash         a fifth of the value
futures             12 % of the contract value and 3 % exposure; commodities 10 % and 2 %;
                    currency 2.5 % and 1 %
long options        the premium
short options       10 % of the underlying's value and 3 % exposure
==================  =======================================================================
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal

from attrs import frozen

from openbroker.sandbox.orders import Reason, Refusal, Ticket
from openbroker.schemas import (
    Exchange,
    Instrument,
    InstrumentType,
    OrderType,
    Product,
    Side,
    Validity,
)

ZERO = Decimal(0)
CASH_RATES = {Product.CNC: Decimal(1), Product.MTF: Decimal("0.5"), Product.MIS: Decimal("0.2")}
FUTURE_RATES = {
    Exchange.MCX: (Decimal("0.10"), Decimal("0.02")),
    Exchange.CDS: (Decimal("0.025"), Decimal("0.01")),
}
OTHER_FUTURES = (Decimal("0.12"), Decimal("0.03"))
SHORT_OPTION = (Decimal("0.10"), Decimal("0.03"))
CASH_PRODUCTS = frozenset({Product.CNC, Product.MIS, Product.MTF})
DERIVATIVE_PRODUCTS = frozenset({Product.NRML, Product.MIS})
DELIVERY_ONLY = frozenset({"BE", "BZ", "SM", "ST"})
"""Series in which every trade is delivered: intraday and margin products are refused.  NSE's BE and
BZ are trade-for-trade; SM and ST are taken for it as well, which is the sandbox's own."""
LEAST_DISCLOSED = Decimal("0.1")
"""Of a share order's quantity, as brokers tell of the exchanges' rule; no circular was read."""


@frozen(kw_only=True)
class Facts:
    """The market's state that a check needs."""

    today: dt.date
    last_price: Decimal
    circuits: tuple[Decimal, Decimal]


def _tradable(ticket: Ticket, _: Facts) -> Refusal | None:
    if ticket.instrument.type is InstrumentType.INDEX:
        return Refusal(reason=Reason.NOT_TRADABLE)
    return None


def _alive(ticket: Ticket, facts: Facts) -> Refusal | None:
    expiry = ticket.instrument.expiry
    if expiry is not None and expiry < facts.today:
        return Refusal(reason=Reason.EXPIRED_CONTRACT, figures={"expiry": expiry})
    return None


def _quantity(ticket: Ticket, _: Facts) -> Refusal | None:
    lot, freeze = ticket.instrument.lot_size, ticket.instrument.freeze_quantity
    if ticket.quantity <= 0:
        return Refusal(reason=Reason.QUANTITY, figures={"quantity": ticket.quantity})
    if ticket.quantity % lot:
        return Refusal(reason=Reason.LOT, figures={"quantity": ticket.quantity, "lot": lot})
    if freeze is not None and ticket.quantity > freeze:
        return Refusal(
            reason=Reason.FREEZE, figures={"quantity": ticket.quantity, "freeze": freeze}
        )
    return None


def _product(ticket: Ticket, _: Facts) -> Refusal | None:
    instrument = ticket.instrument
    allowed = DERIVATIVE_PRODUCTS if instrument.is_derivative else CASH_PRODUCTS
    if instrument.series in DELIVERY_ONLY:
        allowed = frozenset({Product.CNC})
    if ticket.product not in allowed:
        figures = {"product": ticket.product, "exchange": instrument.venue}
        return Refusal(reason=Reason.PRODUCT, figures=figures)
    return None


def _order_type(ticket: Ticket, _: Facts) -> Refusal | None:
    is_option = ticket.instrument.type is InstrumentType.OPTION
    if ticket.order_type is OrderType.SL_M and is_option:
        return Refusal(reason=Reason.ORDER_TYPE, figures={"order_type": ticket.order_type})
    if ticket.validity is Validity.IOC and ticket.instrument.venue is Exchange.MCX:
        return Refusal(reason=Reason.VALIDITY, figures={"validity": ticket.validity})
    return None


def _disclosed(ticket: Ticket, _: Facts) -> Refusal | None:
    shown = ticket.disclosed_quantity
    if not shown:
        return None
    too_little = shown < LEAST_DISCLOSED * ticket.quantity
    if ticket.instrument.is_derivative or too_little or shown > ticket.quantity:
        return Refusal(reason=Reason.DISCLOSED, figures={"disclosed": shown})
    return None


def _prices(ticket: Ticket, facts: Facts) -> Refusal | None:
    if ticket.order_type.has_price:
        bad = _price(ticket.instrument, ticket.price, facts, Reason.PRICE)
        if bad is not None:
            return bad
    if ticket.order_type.has_trigger:
        bad = _price(ticket.instrument, ticket.trigger_price, facts, Reason.TRIGGER)
        if bad is not None:
            return bad
    return _sides(ticket) if ticket.order_type is OrderType.SL else None


def _price(
    instrument: Instrument, price: Decimal | None, facts: Facts, reason: Reason
) -> Refusal | None:
    if price is None or price <= 0:
        return Refusal(reason=reason, figures={"price": price or 0})
    if instrument.tick_size and price % instrument.tick_size:
        return Refusal(reason=Reason.TICK, figures={"price": price, "tick": instrument.tick_size})
    low, high = facts.circuits
    if not low <= price <= high:
        return Refusal(reason=Reason.CIRCUIT, figures={"price": price, "low": low, "high": high})
    return None


def _sides(ticket: Ticket) -> Refusal | None:
    """A buy stop's limit is not below its trigger, a sell stop's not above."""
    if ticket.price is None or ticket.trigger_price is None:
        return None
    gap = ticket.price - ticket.trigger_price
    if gap < 0 if ticket.side is Side.BUY else gap > 0:
        figures = {"price": ticket.price, "trigger": ticket.trigger_price}
        return Refusal(reason=Reason.TRIGGER, figures=figures)
    return None


CHECKS: tuple[Callable[[Ticket, Facts], Refusal | None], ...] = (
    _tradable,
    _alive,
    _quantity,
    _product,
    _order_type,
    _disclosed,
    _prices,
)


def refusal(ticket: Ticket, facts: Facts) -> Refusal | None:
    """The first rule that the ticket breaks; funds and holdings are the account's business."""
    return next((bad for check in CHECKS if (bad := check(ticket, facts))), None)


@frozen(kw_only=True)
class Blocked:
    """What something blocks, in rupees, by kind."""

    cash: Decimal = ZERO
    span: Decimal = ZERO
    exposure: Decimal = ZERO
    premium: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.cash + self.span + self.exposure + self.premium


def blocks(
    instrument: Instrument,
    product: Product,
    signed_quantity: int,
    price: Decimal,
    spot: Decimal,
) -> Blocked:
    """What an open quantity blocks: above zero long at ``price``, below zero short."""
    quantity = abs(signed_quantity)
    value = price * quantity
    if not instrument.is_derivative:
        is_sale_of_shares = product is Product.CNC and signed_quantity < 0
        return Blocked() if is_sale_of_shares else Blocked(cash=value * CASH_RATES[product])
    if instrument.type is InstrumentType.FUTURE:
        span, exposure = FUTURE_RATES.get(instrument.venue, OTHER_FUTURES)
        return Blocked(span=value * span, exposure=value * exposure)
    if signed_quantity > 0:
        return Blocked(premium=value)
    span, exposure = SHORT_OPTION
    return Blocked(span=spot * quantity * span, exposure=spot * quantity * exposure)


HEDGE_BENEFIT = Decimal("0.3")
"""Of the margin of short options that stand beside long ones on the same underlying."""


def hedge_benefit(pairs: Iterable[tuple[Ticket, Blocked]]) -> Decimal:
    """What a basket blocks less than its tickets one by one."""
    pairs = list(pairs)
    hedged = {
        ticket.instrument.underlying
        for ticket, _ in pairs
        if ticket.instrument.type is InstrumentType.OPTION and ticket.side is Side.BUY
    }
    return sum(
        (
            (blocked.span + blocked.exposure) * HEDGE_BENEFIT
            for ticket, blocked in pairs
            if ticket.side is Side.SELL and ticket.instrument.underlying in hedged
        ),
        ZERO,
    )
