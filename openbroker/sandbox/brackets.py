"""Bracket orders: an entry with two ways out.

When the entry is done with something filled, two children go in on the other side: a LIMIT at the
target and a stop.  What one of them trades, the other gives up; when one is done, so is the other.
A child that its owner cancels is the way to leave at once: the rest is sold (or bought) at market.
A trailing stop follows the price by whole steps of its trailing distance.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from decimal import Decimal

import attrs

from openbroker.sandbox.exchange import Exchange
from openbroker.sandbox.orders import BookOrder, Bracket, Change, Event, Refused, Ticket
from openbroker.schemas import InstrumentType, OrderStatus, OrderType, Side

NO_TICK = Decimal("0.05")


class Brackets:
    """Watches an exchange's orders for entries and children."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._entries: dict[str, BookOrder] = {}
        self._children: dict[str, list[BookOrder]] = {}
        exchange.on_order.append(self._watch)
        exchange.on_step.append(self._trail)

    def _watch(self, order: BookOrder) -> None:
        if order.ticket.bracket is not None and not order.parent_id:
            self._watch_entry(order)
        elif order.parent_id in self._children:
            self._watch_child(order)

    def _watch_entry(self, order: BookOrder) -> None:
        if order.is_live or not order.filled or order.order_id in self._entries:
            return
        self._entries[order.order_id] = order
        tickets = exits(order)
        self._children[order.order_id] = [
            self._exchange.place(order.account, ticket, parent_id=order.order_id)
            for ticket in tickets
        ]

    def _watch_child(self, child: BookOrder) -> None:
        family = self._children[child.parent_id]
        entry = self._entries[child.parent_id]
        others = [other for other in family if other is not child and other.is_live]
        left = entry.filled - sum(other.filled for other in family)
        was_cancelled = child.status is OrderStatus.CANCELLED and child.event is Event.CANCELLED
        if left and was_cancelled and others:
            del self._children[child.parent_id]
            self._drop(others)
            ticket = attrs.evolve(
                child.ticket, quantity=left, order_type=OrderType.MARKET, price=None, bracket=None
            )
            self._exchange.place(child.account, ticket, parent_id=child.parent_id)
        elif not left:
            self._drop(others)
        elif child.filled:
            for other in others:
                self._shrink(other, other.filled + left)

    def _drop(self, orders: list[BookOrder]) -> None:
        for order in orders:
            self._exchange.cancel(order.account, order.order_id)

    def _shrink(self, order: BookOrder, quantity: int) -> None:
        if quantity != order.quantity:
            self._exchange.modify(order.account, order.order_id, Change(quantity=quantity))

    def _trail(self, _: dt.datetime) -> None:
        for family in list(self._children.values()):
            for child in family:
                if child.is_live and child.waits_for_trigger:
                    self._follow(child)

    def _follow(self, stop: BookOrder) -> None:
        bracket = stop.ticket.bracket
        if bracket is None or bracket.trailing is None or stop.trigger_price is None:
            return
        price = self._exchange.price(stop.instrument)
        stop.best_price = stop.best_price or price
        sign = 1 if stop.side is Side.SELL else -1
        steps = (price - stop.best_price) * sign // bracket.trailing
        if steps > 0:
            move = bracket.trailing * steps * sign
            stop.best_price += move
            change = Change(trigger_price=stop.trigger_price + move)
            # A stop that would leave the day's circuits stays where it is.
            with contextlib.suppress(Refused):
                self._exchange.modify(stop.account, stop.order_id, change)


def exits(entry: BookOrder) -> tuple[Ticket, Ticket]:
    """The target and the stop of an entry that traded."""
    bracket = entry.ticket.bracket
    assert bracket is not None
    sign = 1 if entry.side is Side.BUY else -1
    reference = _on_tick(entry, entry.average_price)
    target = attrs.evolve(
        entry.ticket,
        side=entry.side.opposite,
        quantity=entry.filled,
        order_type=OrderType.LIMIT,
        price=reference + sign * _on_tick(entry, bracket.target),
        bracket=None,
    )
    return target, _stop(entry, target, reference - sign * _on_tick(entry, bracket.stop), bracket)


def _stop(entry: BookOrder, target: Ticket, trigger: Decimal, bracket: Bracket) -> Ticket:
    """A market stop, or a limit one at the trigger where market stops are not allowed."""
    is_option = entry.instrument.type is InstrumentType.OPTION
    return attrs.evolve(
        target,
        order_type=OrderType.SL if is_option else OrderType.SL_M,
        price=trigger if is_option else None,
        trigger_price=trigger,
        bracket=bracket,
    )


def _on_tick(entry: BookOrder, amount: Decimal) -> Decimal:
    tick = entry.instrument.tick_size or NO_TICK
    return tick * round(amount / tick)
