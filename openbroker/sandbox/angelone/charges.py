"""What orders block and what they cost: margin batch, charges, position conversion.

Sources: the documentation's pages Margin, Brokerage and Orders for the shapes.  Margins are the
sandbox's own (:mod:`openbroker.sandbox.risk`).  The rates of charges are those that brokers and
exchanges publish, as of 2025; they make figures plausible and are no tariff.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import frozen

from openbroker.sandbox.angelone import words
from openbroker.sandbox.angelone.desk import Desk
from openbroker.sandbox.angelone.fields import Body, figure, invalid, rupees, text, whole, word
from openbroker.sandbox.angelone.orders import SYMBOL_NOT_FOUND, find_instrument
from openbroker.sandbox.angelone.replies import Refuse
from openbroker.sandbox.orders import Refused, Ticket
from openbroker.sandbox.risk import Blocked
from openbroker.schemas import Exchange, Instrument, InstrumentType, Product, Side

ZERO = Decimal(0)
MOST_POSITIONS = 50
HEDGE_BENEFIT = Decimal("0.3")
"""Of the margin of short options that stand beside long ones on the same underlying."""


def margin(desk: Desk, _: str, body: Body) -> dict[str, Any]:
    """Route 26."""
    tickets = [_ticket(desk, row) for row in rows_of(body, "positions")]
    if len(tickets) > MOST_POSITIONS:
        raise Refuse("AB1007", f"Number of positions is more than the limit of {MOST_POSITIONS}")
    blocked = desk.exchange.required(tickets)
    pairs = list(zip(tickets, blocked, strict=True))
    benefit = _benefit(pairs)
    sums = {
        "spanMargin": _sum(pairs, lambda b: b.span + b.exposure, _is_nfo),
        "deliveryMargin": _sum(pairs, lambda b: b.cash, _is_cash),
        "nonNFOMargin": _sum(pairs, lambda b: b.span + b.exposure + b.premium, _is_other),
        "totOptionsPremium": _sum(pairs, lambda b: b.premium, _is_nfo),
    }
    total = sum(sums.values(), ZERO) - benefit
    components = {
        "netPremium": sums["totOptionsPremium"],
        "spanMargin": sums["spanMargin"],
        "marginBenefit": benefit,
        "deliveryMargin": sums["deliveryMargin"],
        "nonNFOMargin": sums["nonNFOMargin"],
        "totOptionsPremium": sums["totOptionsPremium"],
    }
    return {
        "totalMarginRequired": figure(total),
        "marginComponents": {name: figure(amount) for name, amount in components.items()},
    }


_Pair = tuple[Ticket, Blocked]


def _is_cash(ticket: Ticket) -> bool:
    return not ticket.instrument.is_derivative


def _is_nfo(ticket: Ticket) -> bool:
    return ticket.instrument.venue in (Exchange.NFO, Exchange.BFO)


def _is_other(ticket: Ticket) -> bool:
    return ticket.instrument.venue in (Exchange.MCX, Exchange.CDS)


def _sum(
    pairs: Sequence[_Pair],
    amount: Callable[[Blocked], Decimal],
    wanted: Callable[[Ticket], bool],
) -> Decimal:
    return sum((amount(b) for t, b in pairs if wanted(t)), ZERO)


def _benefit(pairs: Sequence[_Pair]) -> Decimal:
    hedged = {
        ticket.instrument.underlying
        for ticket, _ in pairs
        if ticket.instrument.type is InstrumentType.OPTION and ticket.side is Side.BUY
    }
    return sum(
        (
            (blocked.span + blocked.exposure) * HEDGE_BENEFIT
            for ticket, blocked in pairs
            if ticket.side is Side.SELL and ticket.instrument.underlying in hedged
        ),
        ZERO,
    )


def rows_of(body: Body, name: str) -> Sequence[Body]:
    """A list of objects that is not empty."""
    rows = body.get(name)
    if not isinstance(rows, list) or not rows or not all(isinstance(r, dict) for r in rows):
        raise invalid(name)
    return rows


def _known(desk: Desk, row: Body) -> Instrument:
    exchange = word(row, "exchange", words.EXCHANGES)
    instrument = desk.exchange.market.find(exchange, text(row, "token", ""))
    if instrument is None:
        raise Refuse(*SYMBOL_NOT_FOUND)
    return instrument


def _ticket(desk: Desk, row: Body) -> Ticket:
    products = dict(words.PRODUCTS) | {words.BRACKET_PRODUCT: Product.MIS}
    product = word(row, "productType", products, Refuse("AB1012", "Invalid Product Type"))
    instrument = _known(desk, row)
    if instrument.is_derivative and product in (Product.CNC, Product.MTF):
        raise Refuse("AB1012", "Invalid Product Type")
    return Ticket(
        instrument=instrument,
        side=word(row, "tradeType", words.SIDES),
        quantity=whole(row, "qty"),
        order_type=word({"orderType": "LIMIT"} | dict(row), "orderType", words.ORDER_TYPES),
        product=Product.MIS if _is_intraday(instrument, product) else product,
        price=rupees(row, "price") or None,
    )


def _is_intraday(instrument: Instrument, product: Product) -> bool:
    """CARRYFORWARD of a share has no margin of its own; it is shown as intraday's."""
    return product is Product.NRML and not instrument.is_derivative


# charges


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
FUTURE = _rates("0.03", "0.00173", "0.002", "0", "0.02")
OPTION = _rates("100", "0.03503", "0.003", "0", "0.1")
SEBI_FEE = Decimal("0.0001")
GST = Decimal("0.18")
HUNDRED = Decimal(100)


def estimate(desk: Desk, _: str, body: Body) -> dict[str, Any]:
    """Route 27."""
    bills = [_bill(desk, row) for row in rows_of(body, "orders")]
    names = bills[0].parts.keys()
    whole_bill = Bill(
        value=sum((bill.value for bill in bills), ZERO),
        parts={name: sum((bill.parts[name] for bill in bills), ZERO) for name in names},
    )
    return {"summary": whole_bill.body(), "charges": [bill.body() for bill in bills]}


GROUPS: Mapping[str, tuple[str, ...]] = {
    "Angel One Brokerage": (),
    "External Charges": ("Exchange Transaction Charges", "Stamp Duty", "SEBI Fees"),
    "Taxes": ("Security Transaction Tax", "GST"),
}


@frozen(kw_only=True)
class Bill:
    """An order's charges by name."""

    value: Decimal
    parts: Mapping[str, Decimal]

    def body(self) -> dict[str, Any]:
        groups = [self._group(name, inner) for name, inner in GROUPS.items()]
        return {
            "total_charges": figure(sum(self.parts.values(), ZERO)),
            "trade_value": figure(self.value),
            "breakup": groups,
        }

    def _group(self, name: str, inner: Sequence[str]) -> dict[str, Any]:
        amount = sum((self.parts[part] for part in inner), ZERO) if inner else self.parts[name]
        return _line(name, amount, [_line(part, self.parts[part], []) for part in inner])


def _line(name: str, amount: Decimal, inner: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "amount": figure(amount), "msg": "", "breakup": inner}


def _bill(desk: Desk, row: Body) -> Bill:
    instrument = _known(desk, row)
    product = word(row, "product_type", words.PRODUCTS, Refuse("AB1012", "Invalid Product Type"))
    is_buy = word(row, "transaction_type", words.SIDES) is Side.BUY
    value = rupees(row, "price") * whole(row, "quantity")
    rates = _rates_for(instrument, product)
    brokerage = min(value * rates.brokerage / HUNDRED, rates.most_brokerage)
    exchange = value * rates.exchange / HUNDRED
    fee = value * SEBI_FEE / HUNDRED
    tax = rates.tax_on_buys if is_buy else rates.tax_on_sales
    return Bill(
        value=value,
        parts={
            "Angel One Brokerage": brokerage,
            "Exchange Transaction Charges": exchange,
            "Stamp Duty": value * rates.stamp_on_buys / HUNDRED if is_buy else ZERO,
            "SEBI Fees": fee,
            "Security Transaction Tax": value * tax / HUNDRED,
            "GST": (brokerage + exchange + fee) * GST,
        },
    )


def _rates_for(instrument: Instrument, product: Product) -> Rates:
    if instrument.type is InstrumentType.OPTION:
        return OPTION
    if instrument.type is InstrumentType.FUTURE:
        return FUTURE
    return INTRADAY if product is Product.MIS else DELIVERY


# conversion


def convert(desk: Desk, account: str, body: Body) -> None:
    """Route 14."""
    instrument = find_instrument(desk, body)
    bad_product = Refuse("AB1012", "Invalid Product Type")
    try:
        desk.exchange.convert(
            account,
            instrument,
            word(body, "transactiontype", words.SIDES),
            whole(body, "quantity"),
            word(body, "oldproducttype", words.PRODUCTS, bad_product),
            word(body, "newproducttype", words.PRODUCTS, bad_product),
        )
    except Refused:
        raise Refuse("AB1017", "Position Conversion Failed") from None
