"""The orders that close a position: a pure function of its row."""

from __future__ import annotations

from openbroker.errors import InvalidOrder
from openbroker.schemas import Instrument, OrderRequest, OrderType, Position, Side
from openbroker.schemas.protection import ProtectionLike


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
