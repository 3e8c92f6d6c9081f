"""What the routes share: the exchange, the master's rows and the rules of the house."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, field

from openbroker.sandbox.angelone.master import Row
from openbroker.sandbox.conditional import PriceRules
from openbroker.sandbox.exchange import Exchange as Market
from openbroker.schemas import Exchange, Instrument


@define(kw_only=True)
class Rules:
    """Switches for what the broker's manual leaves open, or a test wants otherwise.

    Attributes:
        mcx_lots: MCX quantities are lots; otherwise units.
        protect_market_orders: MARKET becomes LIMIT at the last price and a band.
        cautionary: (exchange, token) of shares that need consent.
        allowed_addresses: where orders may come from; ``None``: from anywhere.
        long_span: the reaction to a candle request over the documented days: ``"error"``,
            ``"cut"`` (the latest part) or ``"empty"``.
        string_book: the order book's prices are strings too, as in the documentation's samples.
        block_robo: refuse bracket orders with AB2002.
    """

    mcx_lots: bool = False
    protect_market_orders: bool = True
    cautionary: frozenset[tuple[str, str]] = frozenset({("NSE", "13643")})
    allowed_addresses: frozenset[str] | None = None
    long_span: str = "error"
    string_book: bool = False
    block_robo: bool = False


@define(kw_only=True)
class Desk:
    """``rules_of_price`` are the exchange's conditional orders."""

    exchange: Market
    rules_of_price: PriceRules
    rows: Sequence[Row]
    rules: Rules = field(factory=Rules)
    _kinds: dict[tuple[str, str], str] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._kinds = {(row["exch_seg"], row["token"]): row["instrumenttype"] for row in self.rows}

    def kind(self, instrument: Instrument) -> str:
        """``OPTIDX``, ``FUTSTK``, or nothing for a share."""
        return self._kinds.get((instrument.venue.value, instrument.token), "")

    def is_open(self, exchange: Exchange) -> bool:
        clock = self.exchange.clock
        return clock.is_open(exchange, clock.now())
