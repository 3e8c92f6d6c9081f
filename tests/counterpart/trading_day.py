"""One day of trading, by two clients at two sandboxes that stand at the same moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import intents
import kite_intents
from attrs import define, field, frozen
from sandboxes import Served

import openbroker as ob


@frozen(kw_only=True)
class Intents:
    """What is traded at a broker, said twice.

    ``cancelled`` is by the order's name, with the variety that the official client needs.
    """

    broker: str
    placings: Sequence[Any]
    changings: Sequence[Any]
    cancelled: Mapping[str, str]


ANGELONE = Intents(
    broker="angelone",
    placings=intents.PLACINGS,
    changings=intents.CHANGINGS,
    cancelled=intents.CANCELLED,
)
ZERODHA = Intents(
    broker="zerodha",
    placings=kite_intents.PLACINGS,
    changings=kite_intents.CHANGINGS,
    cancelled=kite_intents.CANCELLED,
)

SECONDS_BETWEEN = 2.0


@frozen(kw_only=True)
class Evening:
    """What a day leaves behind at a sandbox, by the sandbox's own account."""

    book: list[dict[str, Any]]
    trades: list[Any]
    positions: list[tuple[Any, ...]]
    funds: Any

    @classmethod
    def at(cls, place: Served) -> Self:
        exchange, account = place.sandbox.exchange, place.sandbox.client.client_code
        return cls(
            book=exchange.book(),
            trades=exchange.trades(account),
            positions=[
                (p.instrument.symbol, p.product, p.net, p.buys, p.sells, p.realised)
                for p in exchange.positions(account)
            ],
            funds=exchange.funds(account),
        )


@define
class Day:
    """Every intent goes to the first place as the official client says it, and to the second as
    openbroker says it; both clocks are moved on together.

    Attributes:
        official: the official client, logged in.
        broker: openbroker, connected.
        places: the sandbox of each, of the same seed.
        intents: what is traded.
        evenings: what the day left at each, kept since other tests trade on.
    """

    official: Any
    broker: ob.Broker
    places: tuple[Served, Served]
    intents: Intents
    evenings: list[Evening] = field(factory=list)

    def run(self) -> None:
        ids = {placing.name: self._place(placing) for placing in self.intents.placings}
        for change in self.intents.changings:
            theirs, ack = ids[change.name]
            self.official.modify(change.params(theirs))
            self.broker.modify_order(ack, **change.ours)
            self._move_on()
        for name, variety in self.intents.cancelled.items():
            theirs, ack = ids[name]
            self.official.cancel(theirs, variety)
            self.broker.cancel_order(ack)
            self._move_on()
        self.evenings = [Evening.at(place) for place in self.places]

    def _place(self, placing: Any) -> tuple[str, ob.OrderAck]:
        theirs = self.official.place(placing.theirs)
        ack = self.broker.place_order(placing.where.symbol, **placing.ours)
        self._move_on()
        return theirs, ack

    def _move_on(self) -> None:
        for place in self.places:
            place.sandbox.clock.advance(SECONDS_BETWEEN)
