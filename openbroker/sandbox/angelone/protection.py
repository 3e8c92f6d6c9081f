"""Two protections of prices: the broker's for market orders, the exchanges' for limits.

The broker takes a MARKET order as a LIMIT order at the last price and a band (market price
protection, MPP); boundaries are rounded inward to the tick.  The exchanges hold derivatives' limits
to a range around a reference (limit price protection, LPP), and placing answers that at once.

Sources: the broker's notice of 17 December 2024 on MPP for the bands; the moderators' post on LPP;
both read November 2026.  Currency is in neither.
"""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from openbroker.sandbox.angelone.desk import Desk
from openbroker.sandbox.angelone.replies import Refuse
from openbroker.sandbox.price_bands import protected_price
from openbroker.schemas import Exchange, Instrument, InstrumentType, OrderType, Side

INDICES = frozenset({"NIFTY", "BANKNIFTY", "FINNIFTY", "SENSEX"})

# Market price protection, per cent of the last price.
CASH_BAND = Decimal("0.5")
INDEX_FUTURE_BAND = Decimal("0.5")
OTHER_FUTURE_BAND = Decimal(1)
OPTION_STEPS = (Decimal(10), Decimal(20), Decimal(50))
OPTION_BANDS = tuple(Decimal(band) for band in ("20", "10", "5", "2.5"))
STOCK_OPTION_BANDS = tuple(Decimal(band) for band in ("40", "20", "10", "5"))

# Limit price protection of derivatives.
FUTURE_RANGE = Decimal("0.03")
OPTION_RANGE = Decimal("0.40")
LEAST_OPTION_RANGE = Decimal(20)


@frozen(kw_only=True)
class Asked:
    """The priced part of a request."""

    instrument: Instrument
    side: Side
    order_type: OrderType
    price: Decimal


def band(instrument: Instrument, last_price: Decimal) -> Decimal | None:
    """The MPP band in per cent; ``None`` where the broker has none."""
    if instrument.venue is Exchange.CDS or instrument.type is InstrumentType.INDEX:
        return None
    if instrument.type is InstrumentType.EQUITY:
        return CASH_BAND
    is_index = instrument.underlying in INDICES
    if instrument.type is InstrumentType.FUTURE:
        return INDEX_FUTURE_BAND if is_index else OTHER_FUTURE_BAND
    is_stock = not is_index and instrument.venue is not Exchange.MCX
    bands = STOCK_OPTION_BANDS if is_stock else OPTION_BANDS
    return bands[sum(last_price >= step for step in OPTION_STEPS)]


def protected(desk: Desk, asked: Asked) -> tuple[OrderType, Decimal]:
    """The order type and price under which the request goes into the book."""
    if asked.order_type is not OrderType.MARKET or not desk.rules.protect_market_orders:
        return asked.order_type, asked.price
    instrument = asked.instrument
    last_price = desk.exchange.price(instrument)
    per_cent = band(instrument, last_price)
    if per_cent is None:
        return asked.order_type, asked.price
    circuits = desk.exchange.circuits(instrument)
    return OrderType.LIMIT, protected_price(instrument, asked.side, last_price, per_cent, circuits)


def check_price_range(desk: Desk, asked: Asked) -> None:
    """Raises Refuse for a derivative's limit outside the LPP range."""
    instrument = asked.instrument
    if not instrument.is_derivative or not asked.order_type.has_price:
        return
    reference = desk.exchange.price(instrument)
    if instrument.type is InstrumentType.FUTURE:
        reach = reference * FUTURE_RANGE
    else:
        reach = max(LEAST_OPTION_RANGE, reference * OPTION_RANGE)
    if asked.side is Side.BUY and asked.price > reference + reach:
        raise _out_of_range("below", reference + reach)
    if asked.side is Side.SELL and asked.price < reference - reach:
        raise _out_of_range("above", reference - reach)


def _out_of_range(where: str, bound: Decimal) -> Refuse:
    return Refuse(
        "AB1007",
        "Your order price is outside the limit price protection (LPP) range. "
        f"Please enter a price {where} {bound:.2f}",
    )
