"""The exchange core: many accounts, one market, one clock, one lock.

It speaks the schema's words and knows no broker.  Time moves when somebody asks: every public call
first lives through the seconds since the last one (:meth:`Exchange.settle`), so that resting orders
fill, stops are armed and days roll as of the second in which they should have.  With the same seed,
the same clock readings and the same calls everything comes out the same.

Accounts trade against the made-up book (:mod:`.depth`), never against one another.  All state is
behind one re-entrant lock; the front ends may be called from any thread.
"""

from __future__ import annotations

import datetime as dt
import itertools
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import attrs
from attrs import frozen

from openbroker.sandbox import matching, risk
from openbroker.sandbox.accounts import Account, FundsView
from openbroker.sandbox.clock import DAY_SECONDS, Clock, second_of
from openbroker.sandbox.depth import shown, synthesise
from openbroker.sandbox.market import DayFigures, Market
from openbroker.sandbox.orders import (
    BookOrder,
    BookTrade,
    Change,
    Event,
    NoSuchOrder,
    OrderDone,
    Reason,
    Refusal,
    Refused,
    Ticket,
)
from openbroker.sandbox.positions import Holding, Position
from openbroker.sandbox.randomness import key_of, mix
from openbroker.sandbox.settlement import settle
from openbroker.sandbox.truth import truth
from openbroker.schemas import (
    Depth,
    Instrument,
    OrderStatus,
    OrderType,
    Product,
    Side,
    Validity,
)

MOST_STEPS = 300
"""A longer wait than so many seconds is lived through in equal strides."""


@frozen(kw_only=True)
class Snapshot:
    """An instrument at a moment."""

    instrument: Instrument
    moment: dt.datetime
    last_price: Decimal
    day: DayFigures
    circuits: tuple[Decimal, Decimal]
    depth: Depth
    last_quantity: int
    open_interest: int


class Exchange:
    """See the module.

    Args:
        market: instruments and prices.
        clock: the time.
        seed: of the made-up book and of the ids.
    """

    def __init__(self, market: Market, clock: Clock, *, seed: int) -> None:
        self.market = market
        self.clock = clock
        self.seed = seed
        self.lock = threading.RLock()
        self.on_step: list[Callable[[dt.datetime], None]] = []
        """Called at every step of time, after the orders (conditional rules hang in here)."""
        self.on_day: list[Callable[[dt.date], None]] = []
        """Called when a day ends, with the date that begins."""
        self.on_order: list[Callable[[BookOrder], None]] = []
        """Called after every fill and every end of an order (brackets hang in here)."""
        self._accounts: dict[str, Account] = {}
        self._all: list[BookOrder] = []
        self._by_unique_id: dict[str, BookOrder] = {}
        self._live: dict[str, BookOrder] = {}
        self._numbers = itertools.count(1)
        self._trade_numbers = itertools.count(50_000_001)
        self._entered = 0
        self._moment = clock.now().replace(microsecond=0)
        self._prices: dict[str, Decimal] = {}
        self._depths: dict[str, Depth] = {}
        self._taken: dict[tuple[str, Side], dict[Decimal, int]] = defaultdict(dict)

    def open_account(
        self, account_id: str, cash: Decimal, holdings: Iterable[Holding] = ()
    ) -> Account:
        """A new account."""
        account = Account(account_id=account_id, cash=cash)
        account.holdings.update((h.instrument.symbol, h) for h in holdings)
        with self.lock:
            self._accounts[account_id] = account
        return account

    @property
    def moment(self) -> dt.datetime:
        """The second up to which everything has been lived through."""
        return self._moment

    # orders

    def place(self, account_id: str, ticket: Ticket, *, parent_id: str = "") -> BookOrder:
        """Take an order into the book: live, waiting for the session, or rejected."""
        with self._now() as moment:
            order = self._enter(account_id, ticket, parent_id)
            bad = self._why_not(order)
            if bad is not None:
                self._reject(order, bad)
            elif ticket.after_market or not self.clock.is_open(ticket.instrument.venue, moment):
                self._reserve(order)
                order.wakes_at = self.clock.next_open(ticket.instrument.venue, moment)
                self._live[order.order_id] = order
            else:
                self._reserve(order)
                self._activate(order)
            return order

    def refusal(self, account_id: str, ticket: Ticket) -> Refusal | None:
        """Why :meth:`place` would reject the ticket, for brokers that say so at once."""
        with self._now():
            account = self._accounts[account_id]
            return self._rules(ticket) or account.refusal(ticket, *self._marks(ticket))

    def modify(self, account_id: str, order_id: str, change: Change) -> BookOrder:
        """Change a live order.

        Raises:
            NoSuchOrder: the account has none of that id.
            OrderDone: too late.
            Refused: the changed order would break a rule; the old one stands.
        """
        with self._now() as moment:
            order = self._live_order(account_id, order_id)
            account = self._accounts[account_id]
            ticket = _changed(order, change)
            account.release(order)
            bad = self._rules(ticket)
            if ticket.quantity <= order.filled:
                bad = bad or Refusal(reason=Reason.QUANTITY, figures={"filled": order.filled})
            if bad is None and not order.parent_id:
                rest = attrs.evolve(ticket, quantity=ticket.quantity - order.filled)
                bad = account.refusal(rest, *self._marks(ticket))
            if bad is None:
                _apply(order, ticket)
            self._reserve(order)
            if bad is not None:
                order.note(Event.NOT_MODIFIED, moment)
                raise Refused(bad)
            if order.status is OrderStatus.PENDING:
                order.note(Event.MODIFIED, moment)
            else:
                order.note(Event.MODIFIED, moment, _standing(order))
                self._match(order, arriving=True)
            return order

    def cancel(self, account_id: str, order_id: str) -> BookOrder:
        """Take a live order out of the book; raises like :meth:`modify`."""
        with self._now():
            order = self._live_order(account_id, order_id)
            self._finish(order, OrderStatus.CANCELLED, Event.CANCELLED)
            return order

    def orders(self, account_id: str) -> list[BookOrder]:
        """The account's orders that are live or to which something happened today, oldest first."""
        with self._now() as moment:
            return [
                order
                for order in self._accounts[account_id].orders.values()
                if order.is_live or order.updated_at.date() == moment.date()
            ]

    def order(self, account_id: str, order_id: str) -> BookOrder:
        """One order; raises NoSuchOrder."""
        with self._now():
            return self._order(account_id, order_id)

    def order_by_unique_id(self, account_id: str, unique_id: str) -> BookOrder:
        """One order by its other id; raises NoSuchOrder."""
        with self._now():
            order = self._by_unique_id.get(unique_id)
            if order is None or order.account != account_id:
                raise NoSuchOrder(unique_id)
            return order

    def trades(self, account_id: str) -> list[BookTrade]:
        """The account's trades of today, oldest first."""
        with self._now() as moment:
            trades = self._accounts[account_id].trades
            return [trade for trade in trades if trade.traded_at.date() == moment.date()]

    def book(self) -> list[dict[str, Any]]:
        """The truth about every order that was ever booked, oldest first, as plain data."""
        with self._now():
            return [truth(order) for order in self._all]

    # account

    def account(self, account_id: str) -> Account:
        """The account's books as of now."""
        with self._now():
            return self._accounts[account_id]

    def funds(self, account_id: str) -> FundsView:
        with self._now():
            return self._accounts[account_id].funds()

    def positions(self, account_id: str) -> list[Position]:
        """Open positions, and those squared off today."""
        with self._now():
            return [
                position
                for position in self._accounts[account_id].positions.values()
                if position.buys.quantity or position.sells.quantity
            ]

    def convert(
        self,
        account_id: str,
        instrument: Instrument,
        side: Side,
        quantity: int,
        old: Product,
        new: Product,
    ) -> None:
        """Move part of a position to another product.

        Raises:
            Refused: there is not so much of it, the product is not for the instrument, or the
                account cannot carry it.
        """
        with self._now():
            account = self._accounts[account_id]
            source = account.position(instrument, old)
            ticket = Ticket(
                instrument=instrument,
                side=side,
                quantity=quantity,
                order_type=OrderType.MARKET,
                product=new,
            )
            spot = self._spot(instrument)
            bad = self._rules(ticket) or account.conversion_refusal(source, ticket, spot)
            if bad is not None:
                raise Refused(bad)
            account.convert(source, ticket, spot)

    # market

    def price(self, instrument: Instrument) -> Decimal:
        """The last traded price."""
        with self._now():
            return self._price(instrument)

    def snapshot(self, instrument: Instrument) -> Snapshot:
        """Everything a quote tells."""
        with self._now() as moment:
            key = key_of("last", self.seed, instrument.symbol)
            lots = 1 + mix(key, self._number(moment)) % 12
            return Snapshot(
                instrument=instrument,
                moment=moment,
                last_price=self._price(instrument),
                day=self.market.day_figures(instrument, moment),
                circuits=self.market.circuits(instrument, moment),
                depth=shown(self._depth(instrument)),
                last_quantity=lots * instrument.lot_size,
                open_interest=self.open_interest(instrument, moment),
            )

    def open_interest(self, instrument: Instrument, moment: dt.datetime) -> int:
        """Units open in a derivative: a slow walk around a level of its own; 0 for cash."""
        if not instrument.is_derivative:
            return 0
        key = key_of("oi", self.seed, instrument.symbol)
        level = 2_000 + mix(key, 0) % 20_000
        minute = self._number(moment) // 60
        sway = mix(key, minute // 15) % 400 + mix(key ^ 1, minute) % 20
        return (level + sway) * instrument.lot_size

    def year_range(self, instrument: Instrument) -> tuple[Decimal, Decimal]:
        """The lowest and the highest price of 52 weeks."""
        with self._now() as moment:
            return self.market.year_range(instrument, moment)

    def circuits(self, instrument: Instrument) -> tuple[Decimal, Decimal]:
        with self._now() as moment:
            return self.market.circuits(instrument, moment)

    def move_price(self, symbol: str, price: Decimal | str | int) -> None:
        """Make an underlying trade at ``price`` from now on (for tests and rehearsals)."""
        with self._now() as moment:
            instrument = self.market.symbol(symbol)
            if instrument is None:
                raise KeyError(symbol)
            self.market.move(instrument, Decimal(price), moment)
            self._forget()
            self._step(moment)

    def required(self, tickets: Iterable[Ticket]) -> list[risk.Blocked]:
        """What each would block on its own."""
        with self._now():
            return [
                risk.blocks(
                    ticket.instrument,
                    ticket.product,
                    ticket.quantity if ticket.side is Side.BUY else -ticket.quantity,
                    ticket.price or self._price(ticket.instrument),
                    self._spot(ticket.instrument),
                )
                for ticket in tickets
            ]

    # time

    def settle(self) -> None:
        """Live through the time since the last call."""
        with self._now():
            pass

    @contextmanager
    def _now(self) -> Iterator[dt.datetime]:
        """Hold the lock; the outermost holder lives through the time that has passed."""
        with self.lock:
            self._entered += 1
            try:
                if self._entered == 1:
                    self._live_until(self.clock.now().replace(microsecond=0))
                yield self._moment
            finally:
                self._entered -= 1

    def _live_until(self, moment: dt.datetime) -> None:
        while moment.date() > self._moment.date():
            midnight = dt.datetime.combine(
                self._moment.date() + dt.timedelta(days=1), dt.time(), self._moment.tzinfo
            )
            self._walk(midnight - dt.timedelta(seconds=1))
            self._roll(midnight)
        self._walk(moment)

    def _walk(self, moment: dt.datetime) -> None:
        seconds = int((moment - self._moment).total_seconds())
        if seconds <= 0:
            return
        stride = -(-seconds // MOST_STEPS) if self._live or self.on_step else seconds
        for ahead in itertools.chain(range(stride, seconds, stride), (seconds,)):
            self._step(self._moment_after(moment, seconds, ahead))

    def _moment_after(self, end: dt.datetime, seconds: int, ahead: int) -> dt.datetime:
        return end - dt.timedelta(seconds=seconds - ahead)

    def _step(self, moment: dt.datetime) -> None:
        if moment != self._moment:
            self._moment = moment
            self._forget()
        for order in list(self._live.values()):
            if order.is_live and self.clock.is_open(order.instrument.venue, moment):
                self._attend(order)
        for hook in self.on_step:
            hook(moment)

    def _attend(self, order: BookOrder) -> None:
        if order.status is not OrderStatus.PENDING:
            self._match(order, arriving=False)
        elif order.wakes_at is not None and order.wakes_at <= self._moment:
            self._activate(order)

    def _roll(self, midnight: dt.datetime) -> None:
        """End the day: orders lapse, intraday is squared off, delivery is settled."""
        for order in list(self._live.values()):
            if order.status is not OrderStatus.PENDING:
                self._finish(order, OrderStatus.CANCELLED, Event.EXPIRED)
        for account in self._accounts.values():
            settle(account, midnight.date(), self._price, self._spot)
        for hook in self.on_day:
            hook(midnight.date())
        self._moment = midnight
        self._forget()

    def _forget(self) -> None:
        """What was worked out for one second ends with it."""
        self._prices.clear()
        self._depths.clear()
        self._taken.clear()

    # one order

    def _enter(self, account_id: str, ticket: Ticket, parent_id: str) -> BookOrder:
        number = next(self._numbers)
        key = key_of("order", self.seed, number)
        order = BookOrder(
            order_id=f"{self._moment:%y%m%d}{number:09d}",
            unique_id=str(uuid.UUID(int=key << 64 | mix(key, 1), version=4)),
            exchange_order_id=f"11{number:014d}",
            account=account_id,
            ticket=ticket,
            quantity=ticket.quantity,
            order_type=ticket.order_type,
            price=ticket.price,
            trigger_price=ticket.trigger_price,
            validity=ticket.validity,
            placed_at=self._moment,
            updated_at=self._moment,
            parent_id=parent_id,
        )
        self._accounts[account_id].orders[order.order_id] = order
        self._all.append(order)
        self._by_unique_id[order.unique_id] = order
        return order

    def _why_not(self, order: BookOrder) -> Refusal | None:
        if order.parent_id:
            return self._rules(order.ticket)
        return self.refusal(order.account, order.ticket)

    def _rules(self, ticket: Ticket) -> Refusal | None:
        facts = risk.Facts(
            today=self._moment.date(),
            last_price=self._price(ticket.instrument),
            circuits=self.market.circuits(ticket.instrument, self._moment),
        )
        return risk.refusal(ticket, facts)

    def _marks(self, ticket: Ticket) -> tuple[Decimal, Decimal]:
        return self._price(ticket.instrument), self._spot(ticket.instrument)

    def _reserve(self, order: BookOrder) -> None:
        self._accounts[order.account].reserve(order, *self._marks(order.ticket))

    def _activate(self, order: BookOrder) -> None:
        order.note(Event.PLACED, self._moment, _standing(order))
        self._live[order.order_id] = order
        self._match(order, arriving=True)
        if order.is_live and order.validity is Validity.IOC:
            self._finish(order, OrderStatus.CANCELLED, Event.CANCELLED)

    def _match(self, order: BookOrder, *, arriving: bool) -> None:
        if order.waits_for_trigger:
            if not self._is_triggered(order):
                return
            order.triggered = arriving = True
            order.note(Event.TRIGGERED, self._moment, OrderStatus.OPEN)
        taken = self._taken[order.instrument.symbol, order.side]
        levels = matching.opposite(self._depth(order.instrument), order.side)
        fills = matching.sweep(order.side, order.remaining, order.limit, levels, taken)
        for fill in fills:
            taken[fill.price] = taken.get(fill.price, 0) + fill.quantity
        for fill in fills if arriving else matching.at_own_price(fills, order.limit):
            self._execute(order, fill)

    def _is_triggered(self, order: BookOrder) -> bool:
        trigger = order.trigger_price
        price = self._price(order.instrument)
        return trigger is not None and matching.is_triggered(order.side, trigger, price)

    def _execute(self, order: BookOrder, fill: matching.Fill) -> None:
        trade = BookTrade(
            trade_id=str(next(self._trade_numbers)),
            order_id=order.order_id,
            account=order.account,
            instrument=order.instrument,
            side=order.side,
            product=order.product,
            quantity=fill.quantity,
            price=fill.price,
            traded_at=self._moment,
        )
        order.filled += fill.quantity
        order.filled_value += fill.price * fill.quantity
        order.last_fill_id = trade.trade_id
        order.note(Event.TRADED, self._moment)
        self._accounts[order.account].trade(order, trade, self._spot(order.instrument))
        if not order.remaining:
            self._finish(order, OrderStatus.FILLED, Event.TRADED)
        else:
            self._tell(order)

    def _finish(self, order: BookOrder, status: OrderStatus, event: Event) -> None:
        self._accounts[order.account].release(order)
        self._live.pop(order.order_id, None)
        if status is OrderStatus.CANCELLED:
            order.cancelled = order.remaining
        order.note(event, self._moment, status)
        self._tell(order)

    def _reject(self, order: BookOrder, bad: Refusal) -> None:
        order.refusal = bad
        order.note(Event.REJECTED, self._moment, OrderStatus.REJECTED)

    def _tell(self, order: BookOrder) -> None:
        for hook in self.on_order:
            hook(order)

    def _order(self, account_id: str, order_id: str) -> BookOrder:
        order = self._accounts[account_id].orders.get(order_id)
        if order is None:
            raise NoSuchOrder(order_id)
        return order

    def _live_order(self, account_id: str, order_id: str) -> BookOrder:
        order = self._order(account_id, order_id)
        if not order.is_live:
            raise OrderDone(order_id)
        return order

    def _price(self, instrument: Instrument) -> Decimal:
        price = self._prices.get(instrument.symbol)
        if price is None:
            price = self.market.price(instrument, self._moment)
            self._prices[instrument.symbol] = price
        return price

    def _spot(self, instrument: Instrument) -> Decimal:
        return Decimal(repr(round(self.market.spot(instrument, self._moment), 4)))

    def _number(self, moment: dt.datetime) -> int:
        """The second's number, counted from the first day's midnight."""
        return self.market.day(moment) * DAY_SECONDS + second_of(moment)

    def _depth(self, instrument: Instrument) -> Depth:
        depth = self._depths.get(instrument.symbol)
        if depth is None:
            depth = synthesise(
                instrument,
                self._price(instrument),
                self.market.circuits(instrument, self._moment),
                seed=self.seed,
                moment=self._number(self._moment),
            )
            self._depths[instrument.symbol] = depth
        return depth


def _changed(order: BookOrder, change: Change) -> Ticket:
    """The ticket as it would be."""
    asked: Mapping[str, Any] = {
        "quantity": change.quantity,
        "order_type": change.order_type,
        "price": change.price,
        "trigger_price": change.trigger_price,
        "validity": change.validity,
    }
    of_the_ticket: Mapping[str, Any] = {
        "disclosed_quantity": change.disclosed_quantity,
        "label": change.label,
    }
    return attrs.evolve(
        order.ticket,
        **{name: getattr(order, name) if value is None else value for name, value in asked.items()},
        **{name: value for name, value in of_the_ticket.items() if value is not None},
    )


def _standing(order: BookOrder) -> OrderStatus:
    return OrderStatus.TRIGGER_PENDING if order.waits_for_trigger else OrderStatus.OPEN


def _apply(order: BookOrder, ticket: Ticket) -> None:
    """A limit order that becomes a stop has a trigger to wait for again."""
    order.triggered = order.triggered and order.order_type.has_trigger
    order.ticket = ticket
    order.quantity = ticket.quantity
    order.order_type = ticket.order_type
    order.price = ticket.price
    order.trigger_price = ticket.trigger_price
    order.validity = ticket.validity
