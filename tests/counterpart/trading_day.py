"""One day of trading, by two clients at two sandboxes that stand at the same moment."""

from __future__ import annotations

from typing import Any, Self

from attrs import define, field, frozen
from intents import CANCELLED, CHANGINGS, PLACINGS, Placing
from official import OfficialClient
from sandboxes import Served

import openbroker as ob

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
        evenings: what the day left at each, kept since other tests trade on.
    """

    official: OfficialClient
    broker: ob.Broker
    places: tuple[Served, Served]
    evenings: list[Evening] = field(factory=list)

    def run(self) -> None:
        ids = {placing.name: self._place(placing) for placing in PLACINGS}
        for change in CHANGINGS:
            theirs, ack = ids[change.name]
            self.official.data("modifyOrder", change.params(theirs))
            self.broker.modify_order(ack, **change.ours)
            self._move_on()
        for name, variety in CANCELLED.items():
            theirs, ack = ids[name]
            self.official.data("cancelOrder", theirs, variety)
            self.broker.cancel_order(ack)
            self._move_on()
        self.evenings = [Evening.at(place) for place in self.places]

    def _place(self, placing: Placing) -> tuple[str, ob.OrderAck]:
        theirs = self.official.placeOrder(dict(placing.theirs))
        assert theirs is not None, placing.name
        ack = self.broker.place_order(placing.where.symbol, **placing.ours)
        self._move_on()
        return theirs, ack

    def _move_on(self) -> None:
        for place in self.places:
            place.sandbox.clock.advance(SECONDS_BETWEEN)
