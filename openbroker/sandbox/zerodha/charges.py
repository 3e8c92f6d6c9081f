"""What orders block and what they cost: order margins, basket margins, the virtual contract note.

The shapes are kite.trade/docs/connect/v3, page Margin calculation; the figures are the sandbox's
own (:mod:`openbroker.sandbox.risk`, :mod:`openbroker.sandbox.tariff`).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from openbroker.sandbox.json_replies import figure
from openbroker.sandbox.orders import Ticket
from openbroker.sandbox.risk import Blocked, hedge_benefit
from openbroker.sandbox.tariff import Costs, costs
from openbroker.sandbox.zerodha import asked, words
from openbroker.sandbox.zerodha.asked import Asked, Form
from openbroker.sandbox.zerodha.desk import Desk, lot
from openbroker.schemas import Exchange, OrderType

ZERO = Decimal(0)
COMPACT = "compact"


def order_margins(desk: Desk, _: str, request: Asked) -> list[dict[str, Any]]:
    """``POST /margins/orders``."""
    tickets = [_ticket(desk, row) for row in request.rows()]
    blocked = desk.exchange.required(tickets)
    return [_margin(desk, *pair) for pair in zip(tickets, blocked, strict=True)]


def basket_margins(desk: Desk, _: str, request: Asked) -> dict[str, Any]:
    """``POST /margins/basket``: one by one, and with what they hedge of one another."""
    tickets = [_ticket(desk, row) for row in request.rows()]
    pairs = list(zip(tickets, desk.exchange.required(tickets), strict=True))
    bills = [_costs(desk, ticket) for ticket in tickets]
    basket = {
        "initial": _sum(blocked for _, blocked in pairs),
        "final": _sum((blocked for _, blocked in pairs), less=hedge_benefit(pairs)),
        "charges": _charges(bills),
    }
    if request.form.get("mode") == COMPACT:
        return basket
    return basket | {"orders": [_margin(desk, *pair) for pair in pairs]}


def contract_note(desk: Desk, _: str, request: Asked) -> list[dict[str, Any]]:
    """``POST /charges/orders``."""
    return [_note(desk, row) for row in request.rows()]


def _note(desk: Desk, row: Form) -> dict[str, Any]:
    asked.text(row, "order_id")
    ticket = _ticket(desk, {**row, "price": row.get("average_price")})
    told = ("transaction_type", "tradingsymbol", "exchange", "variety", "product", "order_type")
    return {
        **{name: asked.text(row, name) for name in told},
        "quantity": ticket.quantity // lot(ticket.instrument),
        "price": figure(ticket.price, 4),
        "charges": _charges([_costs(desk, ticket)]),
    }


def _ticket(desk: Desk, row: Form) -> Ticket:
    instrument = desk.instrument(
        asked.word(row, "exchange", words.EXCHANGES), asked.text(row, "tradingsymbol")
    )
    asked.text(row, "variety")
    kind = asked.word(row, "order_type", words.ORDER_TYPES)
    return Ticket(
        instrument=instrument,
        side=asked.word(row, "transaction_type", words.SIDES),
        quantity=asked.whole(row, "quantity") * lot(instrument),
        order_type=kind,
        product=asked.word(row, "product", words.PRODUCTS),
        price=asked.rupees(row, "price") if kind is not OrderType.MARKET else None,
    )


def _costs(desk: Desk, ticket: Ticket) -> Costs:
    price = ticket.price or desk.exchange.price(ticket.instrument)
    return costs(ticket.instrument, ticket.product, ticket.side, price * ticket.quantity)


def _margin(desk: Desk, ticket: Ticket, blocked: Blocked) -> dict[str, Any]:
    instrument = ticket.instrument
    segment = "commodity" if instrument.venue is Exchange.MCX else "equity"
    return {
        "type": segment,
        "tradingsymbol": instrument.broker_symbol,
        "exchange": instrument.venue.value,
        **_parts(blocked),
        "charges": _charges([_costs(desk, ticket)]),
        "total": figure(blocked.total),
    }


def _sum(blocked: Iterable[Blocked], *, less: Decimal = ZERO) -> dict[str, Any]:
    rows = list(blocked)
    whole = Blocked(
        cash=sum((row.cash for row in rows), ZERO),
        span=sum((row.span for row in rows), ZERO) - less,
        exposure=sum((row.exposure for row in rows), ZERO),
        premium=sum((row.premium for row in rows), ZERO),
    )
    return {
        "type": "",
        "tradingsymbol": "",
        "exchange": "",
        **_parts(whole),
        "charges": _charges([]),
        "total": figure(whole.total),
    }


def _parts(blocked: Blocked) -> dict[str, Any]:
    return {
        "span": figure(blocked.span),
        "exposure": figure(blocked.exposure),
        "option_premium": figure(blocked.premium),
        "additional": 0,
        "bo": 0,
        "cash": 0,
        "var": figure(blocked.cash),
        "pnl": {"realised": 0, "unrealised": 0},
        "leverage": 1,
    }


def _charges(bills: list[Costs]) -> dict[str, Any]:
    def total(name: str) -> float:
        return figure(sum((getattr(bill, name) for bill in bills), ZERO), 6)

    gst = total("gst")
    return {
        "transaction_tax": total("transaction_tax"),
        "transaction_tax_type": "stt" if bills else "",
        "exchange_turnover_charge": total("exchange_fee"),
        "sebi_turnover_charge": total("sebi_fee"),
        "brokerage": total("brokerage"),
        "stamp_duty": total("stamp_duty"),
        "gst": {"igst": gst, "cgst": 0, "sgst": 0, "total": gst},
        "total": total("total"),
    }
