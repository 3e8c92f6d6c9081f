"""What the end of a day does to an account.

Intraday positions are squared off at the last price, expired contracts are settled at it, delivery
moves shares and money, the rest is carried over at its average.  The day's realised profit becomes
cash.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from openbroker.sandbox.accounts import Account
from openbroker.sandbox.positions import Holding, Leg, Position
from openbroker.schemas import Instrument, Product, Side


def settle(
    account: Account,
    date: dt.date,
    price: Callable[[Instrument], Decimal],
    spot: Callable[[Instrument], Decimal],
) -> None:
    """End the account's day; ``date`` is the one that begins."""
    for holding in account.holdings.values():
        holding.t1 = 0
    for position in account.positions.values():
        if position.net and not _may_stay(position, date):
            side = Side.SELL if position.net > 0 else Side.BUY
            position.trade(side, abs(position.net), price(position.instrument))
        account.cash += position.realised
        if position.product is Product.CNC:
            _deliver(account, position)
        position.carry()
        account.remargin(position, spot(position.instrument))
    account.realised = Decimal(0)


def _may_stay(position: Position, date: dt.date) -> bool:
    expiry = position.instrument.expiry
    return position.product is not Product.MIS and (expiry is None or expiry >= date)


def _deliver(account: Account, position: Position) -> None:
    """Bought shares become holdings, sold ones leave them; the money moves."""
    net, average = position.net, position.average_price
    if not net:
        return
    symbol = position.instrument.symbol
    account.cash -= average * net
    holding = account.holdings.get(symbol)
    if net > 0:
        _add_shares(account, position.instrument, net, average)
    elif holding is not None:
        holding.quantity += net
        if holding.quantity <= 0:
            del account.holdings[symbol]
    position.bought, position.sold = Leg(), Leg()


def _add_shares(account: Account, instrument: Instrument, shares: int, price: Decimal) -> None:
    holding = account.holdings.setdefault(
        instrument.symbol,
        Holding(
            instrument=instrument,
            quantity=0,
            average_price=Decimal(0),
            isin=instrument.isin or "",
        ),
    )
    value = holding.average_price * holding.quantity + price * shares
    holding.quantity += shares
    holding.t1 += shares
    holding.average_price = value / holding.quantity
