"""The truth about an order, as plain data for tests and campaigns.

Words are the schema's, amounts are strings, times are ISO 8601 with their zone.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from openbroker.sandbox.orders import BookOrder


def truth(order: BookOrder) -> dict[str, Any]:
    instrument = order.instrument
    return {
        "order_id": order.order_id,
        "tag": order.ticket.tag,
        "symbol": instrument.symbol,
        "side": order.side.value,
        "quantity": order.quantity,
        "price": _text(order.price),
        "status": order.status.value,
        "account": order.account,
        "exchange": instrument.venue.value,
        "broker_symbol": instrument.broker_symbol,
        "token": instrument.token,
        "order_type": order.order_type.value,
        "product": order.product.value,
        "validity": order.validity.value,
        "trigger_price": _text(order.trigger_price),
        "filled_quantity": order.filled,
        "average_price": _text(order.average_price) if order.filled else None,
        "message": str(order.refusal) if order.refusal else "",
        "parent_order_id": order.parent_id,
        "placed_at": order.placed_at.isoformat(),
        "updated_at": order.updated_at.isoformat(),
        "after_market": order.ticket.after_market,
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
