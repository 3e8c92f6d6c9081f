"""One account's books: cash, positions, holdings, orders, trades, and what is blocked.

Available funds are cash and the day's realised profit, less what positions and live orders block.
Unrealised profit does not count, so that funds change by what the account does and not by the
second.  Totals are kept up to date change by change.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from attrs import define, field, frozen

from openbroker.sandbox import risk
from openbroker.sandbox.orders import BookOrder, BookTrade, Reason, Refusal, Ticket
from openbroker.sandbox.positions import ZERO, Holding, Leg, Position
from openbroker.schemas import Instrument, OrderType, Product, Side

PositionKey = tuple[str, Product]


@frozen(kw_only=True)
class FundsView:
    """An account's money, in rupees."""

    cash: Decimal
    available: Decimal
    realised: Decimal
    positions: risk.Blocked
    orders: Decimal


@define(kw_only=True)
class _Reservation:
    """What a live order blocks: so much a unit, for the units that would open something.

    The exits of a bracket block nothing and do not count as pending.
    """

    unit: Decimal
    reducing: int
    counts: bool
    held: Decimal = ZERO


@define(kw_only=True, eq=False)
class Account:
    account_id: str
    cash: Decimal
    holdings: dict[str, Holding] = field(factory=dict)
    positions: dict[PositionKey, Position] = field(factory=dict)
    orders: dict[str, BookOrder] = field(factory=dict)
    trades: list[BookTrade] = field(factory=list)
    realised: Decimal = ZERO
    _reservations: dict[str, _Reservation] = field(factory=dict)
    _reserved: Decimal = ZERO
    _pending: Counter[tuple[str, Product, Side]] = field(factory=Counter)
    _margins: dict[PositionKey, risk.Blocked] = field(factory=dict)
    _margin: Decimal = ZERO

    @property
    def available(self) -> Decimal:
        return self.cash + self.realised - self._margin - self._reserved

    def funds(self) -> FundsView:
        parts = list(self._margins.values())
        return FundsView(
            cash=self.cash,
            available=self.available,
            realised=self.realised,
            positions=risk.Blocked(
                cash=sum((part.cash for part in parts), ZERO),
                span=sum((part.span for part in parts), ZERO),
                exposure=sum((part.exposure for part in parts), ZERO),
                premium=sum((part.premium for part in parts), ZERO),
            ),
            orders=self._reserved,
        )

    def position(self, instrument: Instrument, product: Product) -> Position:
        """The position, made when it is not there."""
        key = (instrument.symbol, product)
        if key not in self.positions:
            self.positions[key] = Position(instrument=instrument, product=product)
        return self.positions[key]

    def net(self, instrument: Instrument, product: Product) -> int:
        position = self.positions.get((instrument.symbol, product))
        return position.net if position else 0

    def sellable(self, instrument: Instrument) -> int:
        """Shares that a delivery sale may still take."""
        holding = self.holdings.get(instrument.symbol)
        held = holding.quantity if holding else 0
        pending = self._pending[instrument.symbol, Product.CNC, Side.SELL]
        return held + self.net(instrument, Product.CNC) - pending

    def refusal(self, ticket: Ticket, price: Decimal, spot: Decimal) -> Refusal | None:
        """Why the account cannot carry the order."""
        if ticket.product is Product.CNC and ticket.side is Side.SELL:
            shares = self.sellable(ticket.instrument)
            if ticket.quantity > shares:
                short = {"available": max(0, shares), "required": ticket.quantity}
                return Refusal(reason=Reason.HOLDINGS, figures=short)
            return None
        required = self.required(ticket, price, spot)
        if required > self.available:
            figures = {"available": self.available, "required": required}
            return Refusal(reason=Reason.FUNDS, figures=figures)
        return None

    def required(self, ticket: Ticket, price: Decimal, spot: Decimal) -> Decimal:
        """What the order would block: nothing for the part that closes a position."""
        opening = ticket.quantity - self._reducing(ticket, ticket.quantity)
        return _unit(ticket, price, spot) * opening

    def reserve(self, order: BookOrder, price: Decimal, spot: Decimal) -> None:
        """Block for an order that goes live."""
        counts = not order.parent_id
        self._reservations[order.order_id] = _Reservation(
            unit=_unit(order.ticket, price, spot) if counts else ZERO,
            reducing=self._reducing(order.ticket, order.remaining),
            counts=counts,
        )
        self._pending[_way(order)] += order.remaining if counts else 0
        self._hold(order)

    def release(self, order: BookOrder) -> None:
        """The order is done, or is about to be reserved anew."""
        reservation = self._reservations.pop(order.order_id, None)
        if reservation is not None:
            self._reserved -= reservation.held
            self._pending[_way(order)] -= order.remaining if reservation.counts else 0

    def trade(self, order: BookOrder, trade: BookTrade, spot: Decimal) -> None:
        """Book an execution.  ``order.remaining`` already lacks it."""
        self.trades.append(trade)
        if self._reservations[order.order_id].counts:
            self._pending[_way(order)] -= trade.quantity
        position = self.position(trade.instrument, trade.product)
        self.realised -= position.realised
        position.trade(trade.side, trade.quantity, trade.price)
        self.realised += position.realised
        self.remargin(position, spot)
        self._hold(order)

    def remargin(self, position: Position, spot: Decimal) -> None:
        """Work out anew what the position blocks."""
        key = (position.instrument.symbol, position.product)
        before = self._margins.pop(key, None)
        self._margin -= before.total if before else ZERO
        if position.net:
            after = risk.blocks(
                position.instrument, position.product, position.net, position.average_price, spot
            )
            self._margins[key] = after
            self._margin += after.total

    def conversion_refusal(self, source: Position, ticket: Ticket, spot: Decimal) -> Refusal | None:
        """Why that much of the position cannot become the ticket's product."""
        signed = ticket.quantity if ticket.side is Side.BUY else -ticket.quantity
        held = source.net if signed > 0 else -source.net
        if ticket.quantity > held or ticket.product is source.product:
            return Refusal(reason=Reason.QUANTITY, figures={"open": max(0, held)})
        if ticket.product is Product.CNC and signed < 0:
            return Refusal(reason=Reason.HOLDINGS, figures={"required": ticket.quantity})
        before, after = (
            risk.blocks(source.instrument, product, signed, source.average_price, spot).total
            for product in (source.product, ticket.product)
        )
        if after - before > self.available:
            figures = {"available": self.available, "required": after - before}
            return Refusal(reason=Reason.FUNDS, figures=figures)
        return None

    def convert(self, source: Position, ticket: Ticket, spot: Decimal) -> None:
        """Move that much of a position to the ticket's product, at its average."""
        target = self.position(source.instrument, ticket.product)
        average, left = source.average_price, ticket.quantity
        for leg in _legs(source, ticket.side):
            moved = min(left, leg.quantity)
            leg.quantity -= moved
            leg.value -= average * moved
            left -= moved
        (target.bought if ticket.side is Side.BUY else target.sold).add(ticket.quantity, average)
        self.realised = sum((p.realised for p in self.positions.values()), ZERO)
        self.remargin(source, spot)
        self.remargin(target, spot)

    def _reducing(self, ticket: Ticket, quantity: int) -> int:
        """How much of the order closes what is open and not yet being closed."""
        net = self.net(ticket.instrument, ticket.product)
        against = -net if ticket.side is Side.BUY else net
        if ticket.product is Product.CNC and ticket.side is Side.SELL:
            return quantity
        closing = self._pending[ticket.instrument.symbol, ticket.product, ticket.side]
        return max(0, min(quantity, against - closing))

    def _hold(self, order: BookOrder) -> None:
        reservation = self._reservations[order.order_id]
        self._reserved -= reservation.held
        reservation.held = reservation.unit * max(0, order.remaining - reservation.reducing)
        self._reserved += reservation.held


def _legs(position: Position, side: Side) -> tuple[Leg, Leg]:
    if side is Side.BUY:
        return position.bought, position.carried_bought
    return position.sold, position.carried_sold


def _way(order: BookOrder) -> tuple[str, Product, Side]:
    return order.instrument.symbol, order.product, order.side


def _unit(ticket: Ticket, price: Decimal, spot: Decimal) -> Decimal:
    signed = 1 if ticket.side is Side.BUY else -1
    worst = ticket.price if ticket.order_type.has_price and ticket.price else price
    if ticket.order_type is OrderType.SL_M and ticket.trigger_price:
        worst = ticket.trigger_price
    return risk.blocks(ticket.instrument, ticket.product, signed, worst, spot).total
