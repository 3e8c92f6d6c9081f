"""What an account holds: positions, holdings, and what they earn.

A position nets one instrument and product.  The day's trades and what was carried into the day are
kept apart; averages, realised and unrealised profit are derived from all of them: the smaller of
both sides is realised at the difference of their averages, the rest stands at the last price.
"""

from __future__ import annotations

from decimal import Decimal

from attrs import define, field

from openbroker.schemas import Instrument, Product, Side

ZERO = Decimal(0)


@define(kw_only=True)
class Leg:
    """One side's quantity and value in rupees."""

    quantity: int = 0
    value: Decimal = ZERO

    def add(self, quantity: int, price: Decimal) -> None:
        self.quantity += quantity
        self.value += price * quantity

    @property
    def average(self) -> Decimal:
        return self.value / self.quantity if self.quantity else ZERO


def _both(day: Leg, carried: Leg) -> Leg:
    return Leg(quantity=day.quantity + carried.quantity, value=day.value + carried.value)


@define(kw_only=True)
class Position:
    instrument: Instrument
    product: Product
    bought: Leg = field(factory=Leg)
    sold: Leg = field(factory=Leg)
    carried_bought: Leg = field(factory=Leg)
    carried_sold: Leg = field(factory=Leg)

    @property
    def buys(self) -> Leg:
        """The day's and the carried."""
        return _both(self.bought, self.carried_bought)

    @property
    def sells(self) -> Leg:
        return _both(self.sold, self.carried_sold)

    @property
    def net(self) -> int:
        """Above zero long, below zero short."""
        return self.buys.quantity - self.sells.quantity

    @property
    def average_price(self) -> Decimal:
        """Of the side that is open; 0 when flat."""
        net = self.net
        return self.buys.average if net > 0 else self.sells.average if net < 0 else ZERO

    @property
    def realised(self) -> Decimal:
        matched = min(self.buys.quantity, self.sells.quantity)
        return (self.sells.average - self.buys.average) * matched

    def unrealised(self, last_price: Decimal) -> Decimal:
        return (last_price - self.average_price) * self.net if self.net else ZERO

    def trade(self, side: Side, quantity: int, price: Decimal) -> None:
        (self.bought if side is Side.BUY else self.sold).add(quantity, price)

    def carry(self) -> None:
        """Into the next day: the open part moves over at its average, the rest is forgotten."""
        net, average = self.net, self.average_price
        self.bought, self.sold = Leg(), Leg()
        self.carried_bought, self.carried_sold = Leg(), Leg()
        if net:
            side = self.carried_bought if net > 0 else self.carried_sold
            side.add(abs(net), average)


@define(kw_only=True)
class Holding:
    """Shares in the account; ``t1`` of them are not settled yet."""

    instrument: Instrument
    quantity: int
    average_price: Decimal
    t1: int = 0
    isin: str = ""
