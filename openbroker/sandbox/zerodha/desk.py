"""What the routes share: the exchange, the rules of the house, and lots as Kite counts them."""

from __future__ import annotations

from collections import Counter

from attrs import define, field

from openbroker.sandbox.conditional import PriceRules
from openbroker.sandbox.exchange import Exchange as Market
from openbroker.sandbox.zerodha import words
from openbroker.sandbox.zerodha.replies import bad_input
from openbroker.schemas import Exchange, Instrument

REDIRECT_URL = "http://127.0.0.1:7171/"
"""Where the login page sends the browser by default: ``openbroker login`` listens there."""


@define(kw_only=True)
class Rules:
    """Switches for what the manual leaves open, or a test wants otherwise.

    Attributes:
        refuse_at_once: funds and holdings are refused before anything is booked; otherwise the
            order shows as rejected in the book.
        allowed_addresses: where orders may come from; ``None``: from anywhere.
        most_modifications: of one order.
        redirect_url: the app's registered redirect address.
        grants_refresh: logins bring a refresh token.
    """

    refuse_at_once: bool = False
    allowed_addresses: frozenset[str] | None = None
    most_modifications: int = 25
    redirect_url: str = REDIRECT_URL
    grants_refresh: bool = False


@define(kw_only=True)
class Desk:
    """``rules_of_price`` are the exchange's conditional orders."""

    exchange: Market
    rules_of_price: PriceRules
    rules: Rules = field(factory=Rules)
    modifications: Counter[str] = field(factory=Counter)
    """How often each order was modified."""

    def instrument(self, exchange: Exchange, symbol: str) -> Instrument:
        """By exchange and trading symbol; raises KiteError."""
        found = self.exchange.market.named(exchange, symbol)
        if found is None:
            raise bad_input(
                "The instrument you are placing an order for has either expired or does not exist."
            )
        return found

    def is_open(self, exchange: Exchange) -> bool:
        clock = self.exchange.clock
        return clock.is_open(exchange, clock.now())


def lot(instrument: Instrument) -> int:
    """Units in one of Kite's quantity."""
    return instrument.lot_size if instrument.venue in words.IN_LOTS else 1
