"""Closing positions: the orders that close one, a pure function of its row, and the squaring off of
an account, which places them by the order desk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from openbroker.account import Account
from openbroker.errors import InvalidOrder, OpenBrokerError
from openbroker.orders.carrier import ENTER_WITHIN
from openbroker.orders.desk import OrderDesk
from openbroker.orders.entries import Entry
from openbroker.orders.guards import refuse_unresolved
from openbroker.orders.outcome import unsent
from openbroker.orders.pricing import priced, quotes_for
from openbroker.orders.results import Asked, OrderResult, OrderResults
from openbroker.orders.storage import patiently
from openbroker.schemas import Instrument, OrderRequest, OrderType, Position, Quote, Side
from openbroker.schemas.protection import ProtectionLike

Closing: TypeAlias = OrderRequest | OpenBrokerError
"""An order that closes a position, or why there is none."""


class Closer:
    """Squares off the positions of one account."""

    def __init__(self, account: Account, desk: OrderDesk) -> None:
        self._account = account
        self._adapter = account.adapter
        self._desk = desk

    async def square_off(
        self,
        chosen: Callable[[Position], bool],
        *,
        market_protection: ProtectionLike = None,
        despite_unknown: bool = False,
    ) -> OrderResults:
        """Close the chosen positions at the market.

        A position whose instrument has an order of unknown outcome is refused, after trying to
        resolve it: closing what the broker shows now could open the opposite.

        Raises:
            OpenBrokerError: the positions, or prices that are needed, could not be read; nothing
                was sent.
        """
        await self._desk.try_to_resolve()
        read = await self._account.read("positions", self._adapter.positions)
        positions = [p for p in map(self._account.attach, read) if p.is_open and chosen(p)]
        guard = await self._guard(despite_unknown)
        pairs = [(p, o) for p in positions for o in self._closing(p, market_protection, guard)]
        ready = await self._all_ready([order for _, order in pairs])
        results = await self._placed(ready)
        return OrderResults(results, (_asked(p, order) for p, order in pairs))

    async def _guard(self, despite_unknown: bool) -> Sequence[Entry]:
        """The open orders that hold a closing back; that they are passed over is taken down."""
        open_entries = self._desk.unresolved()
        if not despite_unknown:
            return open_entries
        if open_entries:
            tags = [entry.tag or entry.reference for entry in open_entries]
            with unsent():
                note = partial(self._desk.journal.note, "despite_unknown", tags=tags)
                await patiently(note, ENTER_WITHIN)
        return []

    def _closing(
        self, position: Position, protection: ProtectionLike, open_entries: Sequence[Entry]
    ) -> Sequence[Closing]:
        try:
            refuse_unresolved(position.symbol, open_entries)
            return closing_orders(position, protection)
        except OpenBrokerError as error:
            return [self._account.explain(error, "square_off")]

    async def _all_ready(self, orders: Sequence[Closing]) -> list[Closing]:
        """Closing orders as they can be sent, each that cannot as its own error."""
        to_price = [order for order in orders if isinstance(order, OrderRequest)]
        quotes = await quotes_for(self._account, to_price)
        return [
            self._ready(o, quotes.get(o.symbol)) if isinstance(o, OrderRequest) else o
            for o in orders
        ]

    def _ready(self, order: OrderRequest, quote: Quote | None) -> Closing:
        try:
            return self._desk.prepare(priced(order, quote))
        except OpenBrokerError as error:
            return self._account.explain(error, "square_off")

    async def _placed(self, orders: Sequence[Closing]) -> list[OrderResult]:
        """Place the closing orders; what was refused keeps its place among the results."""
        ready = [order for order in orders if isinstance(order, OrderRequest)]
        placed = iter(
            await self._desk.place_ready(ready, timeout=None, allow_repeat=True, closing=True)
        )
        return [o if isinstance(o, OpenBrokerError) else next(placed) for o in orders]


def _asked(position: Position, order: Closing) -> Asked:
    if isinstance(order, OpenBrokerError):
        return Asked(symbol=position.symbol, quantity=position.quantity)
    return Asked.of(order)


def closing_orders(
    position: Position, market_protection: ProtectionLike = None
) -> list[OrderRequest]:
    """Market orders on the other side, no single one above the freeze quantity.

    Raises:
        InvalidOrder: the broker's row does not say what to close.
    """
    instrument, product, quantity = position.instrument, position.product, position.quantity
    if instrument is None or product is None or quantity is None:
        raise InvalidOrder(
            f"the position in {position.symbol} cannot be closed from its row: the instrument, the "
            f"product or the quantity is not one that openbroker knows",
            advice="Close it in the broker's own app, or place the order yourself.",
        )
    return [
        OrderRequest(
            symbol=instrument.symbol,
            instrument=instrument,
            side=Side.SELL if quantity > 0 else Side.BUY,
            quantity=units,
            order_type=OrderType.MARKET,
            product=product,
            market_protection=market_protection,
        )
        for units in slices(abs(quantity), instrument)
    ]


def slices(quantity: int, instrument: Instrument) -> list[int]:
    """The quantity in parts, each a multiple of the lot and none above the freeze quantity."""
    lot, freeze = instrument.lot_size, instrument.freeze_quantity
    most = freeze - freeze % lot if freeze else quantity
    if most <= 0:
        return [quantity]
    full, rest = divmod(quantity, most)
    return [most] * full + ([rest] if rest else [])
