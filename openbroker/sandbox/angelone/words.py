"""Angel One's words, and what they mean at the exchange.

Source: the SmartAPI documentation's pages Orders and User, read November 2026.
"""

from __future__ import annotations

import datetime as dt

from openbroker.sandbox.orders import BookOrder, Event
from openbroker.schemas import Exchange, OrderStatus, OrderType, Product, Side, Validity

SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
ORDER_TYPES = {
    "MARKET": OrderType.MARKET,
    "LIMIT": OrderType.LIMIT,
    "STOPLOSS_LIMIT": OrderType.SL,
    "STOPLOSS_MARKET": OrderType.SL_M,
}
ORDER_TYPE_WORDS = {kind: word for word, kind in ORDER_TYPES.items()}
PRODUCTS = {
    "DELIVERY": Product.CNC,
    "CARRYFORWARD": Product.NRML,
    "MARGIN": Product.MTF,
    "INTRADAY": Product.MIS,
}
PRODUCT_WORDS = {product: word for word, product in PRODUCTS.items()}
VALIDITIES = {"DAY": Validity.DAY, "IOC": Validity.IOC}
EXCHANGES = {
    exchange.value: exchange
    for exchange in (
        Exchange.NSE,
        Exchange.BSE,
        Exchange.NFO,
        Exchange.BFO,
        Exchange.MCX,
        Exchange.CDS,
        Exchange.NCDEX,
    )
}
VARIETIES = frozenset({"NORMAL", "STOPLOSS", "ROBO", "AMO"})
BRACKET_PRODUCT = "BO"
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

_STATES = {
    OrderStatus.PENDING: "open pending",
    OrderStatus.OPEN: "open",
    OrderStatus.TRIGGER_PENDING: "trigger pending",
    OrderStatus.FILLED: "complete",
    OrderStatus.CANCELLED: "cancelled",
    OrderStatus.REJECTED: "rejected",
}
_EVENTS = {
    Event.MODIFIED: "modified",
    Event.NOT_MODIFIED: "not modified",
    Event.NOT_CANCELLED: "not cancelled",
}


def order_state(order: BookOrder) -> str:
    """``orderstatus``: where the order stands."""
    waiting = order.status is OrderStatus.PENDING
    if order.ticket.after_market and waiting:
        modified = order.event is Event.MODIFIED
        return ("modify " if modified else "") + ("after market order req received")
    if order.ticket.after_market and order.status is OrderStatus.CANCELLED:
        return "cancelled after market order"
    return _STATES[order.status]


def last_event(order: BookOrder) -> str:
    """``status``: what last happened, which may differ from the state."""
    if order.is_live and order.status is not OrderStatus.PENDING:
        return _EVENTS.get(order.event, order_state(order))
    return order_state(order)


def long_date(date: dt.date | None) -> str:
    """``24NOV2026``, or nothing."""
    return f"{date.day:02d}{MONTHS[date.month - 1]}{date.year}" if date else ""


def short_date(date: dt.date) -> str:
    """``24NOV26``."""
    return f"{date.day:02d}{MONTHS[date.month - 1]}{date.year % 100:02d}"


def year_month(date: dt.date) -> str:
    """``26NOV``."""
    return f"{date.year % 100:02d}{MONTHS[date.month - 1]}"


def read_date(text: str) -> dt.date:
    """From ``24NOV2026``; raises ValueError."""
    return dt.date(int(text[5:]), MONTHS.index(text[2:5].upper()) + 1, int(text[:2]))


def stamp(moment: dt.datetime) -> str:
    """``22-Nov-2026 09:41:30``."""
    month = MONTHS[moment.month - 1].title()
    return f"{moment.day:02d}-{month}-{moment.year} {moment:%H:%M:%S}"
