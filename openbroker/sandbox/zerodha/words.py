"""Kite's words, and what they mean at the exchange.

Source: kite.trade/docs/connect/v3, page Orders, read November 2026.
"""

from __future__ import annotations

import datetime as dt

from openbroker.sandbox.orders import BookOrder, Event, Mark
from openbroker.schemas import Exchange, OrderStatus, OrderType, Product, Side, Validity

SIDES = {side.value: side for side in Side}
ORDER_TYPES = {kind.value: kind for kind in OrderType}
PRODUCTS = {product.value: product for product in Product}
VALIDITIES = {validity.value: validity for validity in Validity}
EXCHANGES = {
    exchange.value: exchange
    for exchange in (
        Exchange.NSE,
        Exchange.BSE,
        Exchange.NFO,
        Exchange.BFO,
        Exchange.CDS,
        Exchange.BCD,
        Exchange.MCX,
    )
}
REGULAR, AFTER_MARKET = "regular", "amo"
VARIETIES = (REGULAR, AFTER_MARKET)
"""Cover, iceberg and auction orders are not served."""
IN_LOTS = frozenset({Exchange.MCX, Exchange.CDS, Exchange.BCD})
"""Where quantities are lots."""

ON_THE_WAY = ("PUT ORDER REQ RECEIVED", "VALIDATION PENDING", "OPEN PENDING")
"""What an order passes through before the exchange has it."""
CHANGING = ("MODIFY VALIDATION PENDING", "MODIFY PENDING", "MODIFIED")
_STATES = {
    OrderStatus.PENDING: "OPEN PENDING",
    OrderStatus.OPEN: "OPEN",
    OrderStatus.TRIGGER_PENDING: "TRIGGER PENDING",
    OrderStatus.FILLED: "COMPLETE",
    OrderStatus.CANCELLED: "CANCELLED",
    OrderStatus.REJECTED: "REJECTED",
}


def state(order: BookOrder, mark: Mark) -> str:
    """``status`` after what happened last."""
    if order.ticket.after_market and mark.status is OrderStatus.PENDING:
        modified = "MODIFY " if mark.event is Event.MODIFIED else ""
        return f"{modified}AMO REQ RECEIVED"
    if order.ticket.after_market and mark.status is OrderStatus.CANCELLED and not order.filled:
        return "CANCELLED AMO"
    return _STATES[mark.status]


def states(order: BookOrder, mark: Mark) -> tuple[str, ...]:
    """Every ``status`` that led there from the one before."""
    last = state(order, mark)
    if mark.event is Event.MODIFIED and not order.ticket.after_market:
        return (*CHANGING, last)
    return (last,)


def stamp(moment: dt.datetime) -> str:
    """``2026-11-22 09:41:30``."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"
