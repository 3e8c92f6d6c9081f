"""What orders block and what they cost: margin batch, charges, position conversion.

Sources: the documentation's pages Margin, Brokerage and Orders for the shapes.  Margins are the
sandbox's own (:mod:`openbroker.sandbox.risk`), charges are :mod:`openbroker.sandbox.tariff`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import frozen

from openbroker.sandbox.angelone import words
from openbroker.sandbox.angelone.desk import Desk
from openbroker.sandbox.angelone.fields import Body, invalid, rupees, text, whole, word
from openbroker.sandbox.angelone.orders import SYMBOL_NOT_FOUND, find_instrument
from openbroker.sandbox.angelone.replies import Refuse
from openbroker.sandbox.json_replies import figure
from openbroker.sandbox.orders import Refused, Ticket
from openbroker.sandbox.risk import Blocked, hedge_benefit
from openbroker.sandbox.tariff import costs
from openbroker.schemas import Exchange, Instrument, Product

ZERO = Decimal(0)
MOST_POSITIONS = 50


def margin(desk: Desk, _: str, body: Body) -> dict[str, Any]:
    """Route 26."""
    tickets = [_ticket(desk, row) for row in rows_of(body, "positions")]
    if len(tickets) > MOST_POSITIONS:
        raise Refuse("AB1007", f"Number of positions is more than the limit of {MOST_POSITIONS}")
    blocked = desk.exchange.required(tickets)
    pairs = list(zip(tickets, blocked, strict=True))
    benefit = hedge_benefit(pairs)
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
    side = word(row, "transaction_type", words.SIDES)
    value = rupees(row, "price") * whole(row, "quantity")
    bill = costs(instrument, product, side, value)
    return Bill(
        value=value,
        parts={
            "Angel One Brokerage": bill.brokerage,
            "Exchange Transaction Charges": bill.exchange_fee,
            "Stamp Duty": bill.stamp_duty,
            "SEBI Fees": bill.sebi_fee,
            "Security Transaction Tax": bill.transaction_tax,
            "GST": bill.gst,
        },
    )


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
