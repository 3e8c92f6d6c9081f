"""Market protection: MARKET and SL-M orders go in as limits with a band, or not at all.

``market_protection`` is a percentage, -1 for Zerodha's own band, or 0 for none; since 1 April 2026
an order without one is refused.  The band is around the last price, an SL-M's around its trigger.

Sources: kite.trade/docs/connect/v3, page Orders; the forum's notice of March 2026; for the bands
Zerodha's support page on market price protection, read November 2026.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from decimal import Decimal

from attrs import frozen

from openbroker.sandbox.price_bands import protected_price
from openbroker.sandbox.zerodha import asked
from openbroker.sandbox.zerodha.asked import Form
from openbroker.sandbox.zerodha.desk import Desk
from openbroker.sandbox.zerodha.replies import bad_input, invalid
from openbroker.schemas import Instrument, InstrumentType, OrderType, Side

REQUIRED_SINCE = dt.date(2026, 4, 1)
AUTOMATIC = Decimal(-1)
STEPS = (Decimal(100), Decimal(500))
BANDS = tuple(Decimal(band) for band in ("2", "1", "0.5"))
OPTION_STEPS = (Decimal(10), Decimal(100), Decimal(500))
OPTION_BANDS = tuple(Decimal(band) for band in ("5", "3", "2", "1"))
UNPROTECTED = (
    "Market orders without market protection are not allowed via API. "
    "Please set market protection or use a Limit order."
)


@frozen(kw_only=True)
class Priced:
    """How an order goes in. ``asked`` is the protection as it was given, ``band`` the per cent."""

    order_type: OrderType
    price: Decimal | None
    trigger_price: Decimal | None
    asked: Decimal = Decimal(0)
    band: Decimal | None = None

    @property
    def label(self) -> dict[str, str]:
        """What the book shows of it."""
        if self.band is None:
            return {}
        return {"market_protection": str(self.asked), "mktp": f"{self.band:.2f}"}


def automatic_band(instrument: Instrument, price: Decimal) -> Decimal:
    """Zerodha's own, per cent of the price."""
    if instrument.type is InstrumentType.OPTION:
        return OPTION_BANDS[bisect_right(OPTION_STEPS, price)]
    return BANDS[bisect_right(STEPS, price)]


def priced(
    desk: Desk, instrument: Instrument, side: Side, order_type: OrderType, form: Form
) -> Priced:
    """The order's prices; raises KiteError."""
    trigger = asked.rupees(form, "trigger_price") if order_type.has_trigger else None
    if order_type.has_price:
        price = asked.rupees(form, "price")
        return Priced(order_type=order_type, price=price, trigger_price=trigger)
    wanted = _wanted(form)
    if not wanted and desk.exchange.moment.date() >= REQUIRED_SINCE:
        raise bad_input(UNPROTECTED)
    reference = trigger if order_type is OrderType.SL_M else desk.exchange.price(instrument)
    if not wanted or reference is None:
        return Priced(order_type=order_type, price=None, trigger_price=trigger)
    band = automatic_band(instrument, reference) if wanted == AUTOMATIC else wanted
    circuits = desk.exchange.circuits(instrument)
    return Priced(
        order_type=OrderType.SL if order_type is OrderType.SL_M else OrderType.LIMIT,
        price=protected_price(instrument, side, reference, band, circuits),
        trigger_price=trigger,
        asked=wanted,
        band=band,
    )


def _wanted(form: Form) -> Decimal:
    if not asked.has(form, "market_protection"):
        return Decimal(0)
    wanted = asked.number("market_protection", form["market_protection"])
    if wanted != AUTOMATIC and not 0 <= wanted <= 100:
        raise invalid("market_protection")
    return wanted
