"""What a trade costs: brokerage, the exchange's fees and the taxes, by instrument and product.

They make figures plausible and are no tariff of any broker's: NSE's for every exchange, commodities
and currency as shares' derivatives.  A front end words the parts as its broker does.

===================  ==========================================================================
exchange fees        NSE's, in force since 2024-10-01 (list of charges at basantsecurities.com)
transaction tax      derivatives: Finance Bill 2026, since 2026-04-01 (cleartax.in, securities
                     transaction tax); shares: unchanged by it
stamp duty, SEBI's   0.015, 0.003 and 0.002 % on buys; 10 rupees a crore; 18 %
fee, GST             (tradejini.com/charges, and the same list)
brokerage            the sandbox's own: a discount broker's order of magnitude
===================  ==========================================================================

All were read 2026-11-22.
"""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from openbroker.schemas import Instrument, InstrumentType, Product, Side

ZERO = Decimal(0)
HUNDRED = Decimal(100)
SEBI_FEE = Decimal("0.0001")
GST = Decimal("0.18")


@frozen(kw_only=True)
class Rates:
    """Per cent of the trade's value, the brokerage's most in rupees."""

    brokerage: Decimal
    most_brokerage: Decimal = Decimal(20)
    exchange: Decimal
    stamp_on_buys: Decimal
    tax_on_buys: Decimal = ZERO
    tax_on_sales: Decimal


def _rates(*words: str) -> Rates:
    brokerage, exchange, stamp, on_buys, on_sales = (Decimal(word) for word in words)
    return Rates(
        brokerage=brokerage,
        exchange=exchange,
        stamp_on_buys=stamp,
        tax_on_buys=on_buys,
        tax_on_sales=on_sales,
    )


# brokerage, exchange, stamp, tax on buys, tax on sales
DELIVERY = _rates("0.1", "0.00297", "0.015", "0.1", "0.1")
INTRADAY = _rates("0.03", "0.00297", "0.003", "0", "0.025")
FUTURE = _rates("0.03", "0.00173", "0.002", "0", "0.05")
OPTION = _rates("100", "0.03503", "0.003", "0", "0.15")


@frozen(kw_only=True)
class Costs:
    """One trade's, in rupees."""

    value: Decimal
    brokerage: Decimal
    exchange_fee: Decimal
    stamp_duty: Decimal
    sebi_fee: Decimal
    transaction_tax: Decimal
    gst: Decimal

    @property
    def total(self) -> Decimal:
        parts = (
            self.brokerage, self.exchange_fee, self.stamp_duty, self.sebi_fee,
            self.transaction_tax, self.gst,
        )  # fmt: skip
        return sum(parts, ZERO)


def costs(instrument: Instrument, product: Product, side: Side, value: Decimal) -> Costs:
    """Of a trade worth so many rupees."""
    rates, is_buy = _rates_for(instrument, product), side is Side.BUY
    brokerage = min(value * rates.brokerage / HUNDRED, rates.most_brokerage)
    exchange, fee = value * rates.exchange / HUNDRED, value * SEBI_FEE / HUNDRED
    tax = rates.tax_on_buys if is_buy else rates.tax_on_sales
    return Costs(
        value=value,
        brokerage=brokerage,
        exchange_fee=exchange,
        stamp_duty=value * rates.stamp_on_buys / HUNDRED if is_buy else ZERO,
        sebi_fee=fee,
        transaction_tax=value * tax / HUNDRED,
        gst=(brokerage + exchange + fee) * GST,
    )


def _rates_for(instrument: Instrument, product: Product) -> Rates:
    if instrument.type is InstrumentType.OPTION:
        return OPTION
    if instrument.type is InstrumentType.FUTURE:
        return FUTURE
    return INTRADAY if product is Product.MIS else DELIVERY
