"""What an account holds. A figure that the broker does not give is ``None``, never 0."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from attrs import field, frozen

from openbroker.schemas.enums import Exchange, Product
from openbroker.schemas.instrument import InstrumentRow, freeze
from openbroker.schemas.secret import Secret
from openbroker.schemas.table import Record


@frozen(kw_only=True)
class Position(InstrumentRow):
    """The net of one instrument and product.

    ``quantity`` is signed: above zero long, below zero short, zero squared off today.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "symbol", "product", "quantity", "average_price", "last_price", "pnl", "realised_pnl",
        "unrealised_pnl",
    )  # fmt: skip

    product: Product | None = None
    quantity: int | None = None
    overnight_quantity: int | None = None
    buy_quantity: int | None = None
    sell_quantity: int | None = None
    buy_price: Decimal | None = None
    sell_price: Decimal | None = None
    average_price: Decimal | None = None
    last_price: Decimal | None = None
    close_price: Decimal | None = None
    pnl: Decimal | None = None
    realised_pnl: Decimal | None = None
    unrealised_pnl: Decimal | None = None

    @property
    def is_open(self) -> bool:
        """Units are held or owed, or the broker did not say how many."""
        return self.quantity != 0


@frozen(kw_only=True)
class Holding(InstrumentRow):
    """Settled shares of the account."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "symbol", "quantity", "average_price", "last_price", "pnl", "pnl_percent",
    )  # fmt: skip

    isin: str | None = None
    product: Product | None = None
    quantity: int | None = None
    t1_quantity: int | None = None
    collateral_quantity: int | None = None
    average_price: Decimal | None = None
    last_price: Decimal | None = None
    close_price: Decimal | None = None
    pnl: Decimal | None = None
    pnl_percent: Decimal | None = None


@frozen(kw_only=True)
class Funds(Record):
    """Cash and limits, in rupees.

    ``available`` is what new orders may use; ``cash`` is money alone, without pledged collateral.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "available", "cash", "collateral", "utilised", "payin", "realised_pnl", "unrealised_pnl",
    )  # fmt: skip

    available: Decimal | None = None
    cash: Decimal | None = None
    collateral: Decimal | None = None
    utilised: Decimal | None = None
    payin: Decimal | None = None
    realised_pnl: Decimal | None = None
    unrealised_pnl: Decimal | None = None
    vendor: Mapping[str, Any] = field(factory=dict, converter=freeze, eq=False, hash=False)


@frozen(kw_only=True)
class Margin(Record):
    """What orders would block, in rupees."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("total", "span", "exposure", "premium", "benefit")

    total: Decimal | None = None
    span: Decimal | None = None
    exposure: Decimal | None = None
    premium: Decimal | None = None
    benefit: Decimal | None = None
    vendor: Mapping[str, Any] = field(factory=dict, converter=freeze, eq=False, hash=False)


@frozen(kw_only=True)
class Charge(Record):
    """One part of what an order costs, in rupees."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("name", "amount")

    name: str
    amount: Decimal | None = None


@frozen(kw_only=True)
class Charges(Record):
    """What orders would cost, in rupees: brokerage, the exchange's fees and taxes.

    ``items`` are the parts, the vendor's sums left out; ``turnover`` is what is traded.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = ("total", "turnover")

    total: Decimal | None = None
    turnover: Decimal | None = None
    items: tuple[Charge, ...] = ()
    vendor: Mapping[str, Any] = field(factory=dict, converter=freeze, eq=False, hash=False)


@frozen(kw_only=True)
class HoldingsTotal(Record):
    """What all holdings are worth together, in rupees."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("value", "invested", "pnl", "pnl_percent")

    value: Decimal | None = None
    invested: Decimal | None = None
    pnl: Decimal | None = None
    pnl_percent: Decimal | None = None
    vendor: Mapping[str, Any] = field(factory=dict, converter=freeze, eq=False, hash=False)


@frozen(kw_only=True)
class Profile(Record):
    """Whose account it is, and what it may trade."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("account", "name", "exchanges", "products")

    account: str
    name: str | None = None
    exchanges: tuple[Exchange, ...] = ()
    products: tuple[Product, ...] = ()
    vendor: Mapping[str, Any] = field(factory=dict, converter=freeze, eq=False, hash=False)


@frozen(kw_only=True)
class Session:
    """Tokens after a login.

    Attributes:
        broker: the broker's registry name.
        account: the client code.
        tokens: secrets by name; what they are called is the adapter's business.
        created_at: when the broker answered the login (aware).
        expires_at: when the tokens die, where the broker's rule is known (aware).
    """

    broker: str
    account: str
    tokens: Mapping[str, Secret] = field(factory=dict, converter=freeze, hash=False)
    created_at: dt.datetime
    expires_at: dt.datetime | None = None

    def is_expired(self, now: dt.datetime) -> bool:
        """Whether the tokens are past their known end."""
        return self.expires_at is not None and now >= self.expires_at
