"""Orders as callers write them: objects, or mappings of their fields."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from openbroker.arguments import shown
from openbroker.errors import InvalidOrder
from openbroker.schemas import OrderRequest

OrderLike: TypeAlias = OrderRequest | Mapping[str, Any]

NO_LISTS = (str, bytes, Mapping)
"""What can be gone through and is yet no list."""


def basket_of(items: Iterable[OrderLike]) -> list[OrderRequest]:
    """The orders of a basket.

    Raises:
        InvalidOrder: it is no list, or one of them is no order.
    """
    if isinstance(items, NO_LISTS) or not isinstance(items, Iterable):
        raise InvalidOrder(f"a basket is a list of orders, not {shown(items)}")
    return [order_of(item) for item in items]


_FILLED_IN = frozenset({"wire_tag", "instrument", "asked"})
"""Fields of an order that are not its caller's to give."""


def order_of(item: object) -> OrderRequest:
    """One order of a basket.

    Raises:
        InvalidOrder: a field is missing, or it has none of that name.
    """
    if isinstance(item, OrderRequest):
        return item
    if not isinstance(item, Mapping):
        raise InvalidOrder(f"an order is an OrderRequest or a mapping of its fields, not {item!r}")
    known = [name for name in OrderRequest.field_names() if name not in _FILLED_IN]
    for name in item:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
            guess = f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(known)}"
            raise InvalidOrder(f"an order has no field {name!r}{guess}")
    missing = [name for name in ("symbol", "side", "order_type", "product") if name not in item]
    if missing:
        raise InvalidOrder(f"an order needs {', '.join(missing)}")
    return OrderRequest(**item)
