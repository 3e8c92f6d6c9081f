"""What Indian exchanges refuse whatever the broker: dated rules, checked before anything is sent.

A broker reports a breach late, as a rejected row in the book, or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from attrs import frozen

from openbroker.errors import Unsupported
from openbroker.schemas import Exchange, InstrumentType, OrderRequest, OrderType, Product, Validity


@frozen(kw_only=True)
class Rule:
    """A refusal that holds everywhere.

    Attributes:
        forbids: whether an order, its instrument filled in, falls under it.
        says: what to do instead.
        since: the day from which it holds, where there is one.
        source: where it is written.
    """

    forbids: Callable[[OrderRequest], bool]
    says: str
    since: dt.date | None = None
    source: str


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        forbids=lambda o: o.product is Product.CNC and o.target.exchange.is_derivative,
        says="product CNC is for shares; derivatives take NRML or MIS",
        source="the meaning of the product",
    ),
    Rule(
        forbids=lambda o: o.product is Product.MTF and o.target.exchange.is_derivative,
        says="product MTF is for shares; derivatives take NRML or MIS",
        source="the meaning of the product",
    ),
    Rule(
        forbids=lambda o: o.product is Product.NRML and not o.target.exchange.is_derivative,
        says="product NRML is for derivatives; shares take CNC, MIS or MTF",
        source="the meaning of the product",
    ),
    Rule(
        forbids=lambda o: o.order_type is OrderType.SL_M and o.target.type is InstrumentType.OPTION,
        says="exchanges take no SL-M order on options; use SL",
        since=dt.date(2021, 9, 27),
        source="NSE's discontinuation of stop-market orders on options, 2021",
    ),
    Rule(
        forbids=lambda o: o.validity is Validity.IOC and o.target.exchange is Exchange.MCX,
        says="commodities take no IOC order through the API; use DAY",
        since=dt.date(2026, 4, 1),
        source="retail algorithm rules as Angel One and Zerodha publish them, 2026",
    ),
)


def refuse_misfit(order: OrderRequest) -> None:
    """Refuse what no exchange takes.

    Raises:
        Unsupported: with what to do instead, and since when.
    """
    for rule in RULES:
        if rule.forbids(order):
            since = f" (since {rule.since})" if rule.since else ""
            raise Unsupported(f"{rule.says}{since}")


def refuse_own_band(order: OrderRequest, broker: str) -> None:
    """Refuse a market protection in per cent, for a broker that protects in a way of its own.

    Raises:
        Unsupported: with what to do instead.
    """
    if isinstance(order.market_protection, Decimal):
        raise Unsupported(
            f"{broker} protects market orders by a band of its own: pass "
            "market_protection='broker', or AsLimit(per cent) to have a priced order sent"
        )
