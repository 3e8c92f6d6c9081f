"""Turns market orders into priced ones, for callers who ask for that.

:func:`priced` decides, purely; :func:`priced_now` reads the prices for it.

The order that is sent keeps the one that was asked for (:attr:`OrderRequest.asked`), so the journal
tells both, and the guards compare what was asked: the same order at another price is the same
order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import attrs

from openbroker.account import Account
from openbroker.errors import InvalidOrder
from openbroker.orders.outcome import unsent
from openbroker.schemas import (
    AsLimit,
    Instrument,
    OrderRequest,
    OrderType,
    Quote,
    QuoteMode,
    Side,
)


async def priced_now(
    account: Account, orders: Sequence[OrderRequest], *, timeout: float | None = None
) -> Sequence[OrderRequest]:
    """The orders, those that ask for it turned into priced ones at the prices of now.

    Raises:
        InstrumentNotFound, InvalidOrder: an order has no instrument or no price.
        OpenBrokerError: the prices could not be read.
    """
    if not any(isinstance(order.market_protection, AsLimit) for order in orders):
        return orders
    located = [order.on(account.tradable(order.instrument or order.symbol)) for order in orders]
    quotes = await quotes_for(account, located, timeout=timeout)
    return [priced(order, quotes.get(order.symbol)) for order in located]


async def quotes_for(
    account: Account, orders: Sequence[OrderRequest], *, timeout: float | None = None
) -> Mapping[str, Quote]:
    """Quotes by symbol, as far as orders need one to be priced."""
    wanted = to_be_quoted(orders)
    if not wanted:
        return {}
    with unsent():
        rows = await account.read(
            "quotes",
            lambda session: account.adapter.quotes(session, wanted, QuoteMode.FULL),
            timeout=timeout,
        )
    found = {(row.exchange, row.token): row for row in rows}
    pairs = ((one.symbol, found.get((one.venue, one.token))) for one in wanted)
    return {symbol: quote for symbol, quote in pairs if quote is not None}


def to_be_quoted(orders: Sequence[OrderRequest]) -> list[Instrument]:
    """The instruments whose last price is needed: each once, in the order of the basket."""
    found = {
        order.target.symbol: order.target
        for order in orders
        if isinstance(order.market_protection, AsLimit) and order.order_type is OrderType.MARKET
    }
    return list(found.values())


def priced(order: OrderRequest, quote: Quote | None) -> OrderRequest:
    """The order with a limit instead of a protection; any other order as it is.

    Raises:
        InvalidOrder: there is no price to start from.
    """
    protection = order.market_protection
    if not isinstance(protection, AsLimit):
        return order
    start = order.trigger_price or (quote.last_price if quote is not None else None)
    if not start:
        raise InvalidOrder(
            f"{order.symbol} has no last price, so its market order cannot be turned into a limit",
            advice="Nothing was sent. Place a LIMIT order at the worst price you accept.",
        )
    return attrs.evolve(
        order,
        order_type=order.order_type.priced,
        price=_limit(order, start, protection.percent, quote),
        market_protection=None,
        asked=order,
    )


def _limit(order: OrderRequest, start: Decimal, percent: Decimal, quote: Quote | None) -> Decimal:
    is_buy = order.side is Side.BUY
    away = start * percent / 100
    worst = start + away if is_buy else start - away
    edge = None if quote is None else quote.upper_circuit if is_buy else quote.lower_circuit
    if edge:
        worst = min(worst, edge) if is_buy else max(worst, edge)
    return on_tick(worst, order.target.tick_size, ROUND_FLOOR if is_buy else ROUND_CEILING)


def on_tick(price: Decimal, tick: Decimal | None, rounding: str) -> Decimal:
    """The price on the tick below or above it."""
    if not tick:
        return price
    return (price / tick).to_integral_value(rounding) * tick
