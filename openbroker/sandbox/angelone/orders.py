"""Order routes: place, modify, cancel, the order book, one order, the trade book.

What is wrong with a request's words is answered at once by code; what the exchange or its risk
desk does not allow comes back as a success with an order id, and shows in the book as rejected.

Source: the documentation's page Orders, read November 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from openbroker.sandbox.angelone import words
from openbroker.sandbox.angelone.desk import Desk
from openbroker.sandbox.angelone.fields import (
    Body,
    invalid,
    rupees,
    text,
    trimmed,
    whole,
    word,
)
from openbroker.sandbox.angelone.protection import Asked, check_price_range, protected
from openbroker.sandbox.angelone.replies import Refuse
from openbroker.sandbox.json_replies import figure
from openbroker.sandbox.orders import (
    BookOrder,
    BookTrade,
    Bracket,
    Change,
    NoSuchOrder,
    OrderDone,
    Reason,
    Refusal,
    Refused,
    Ticket,
)
from openbroker.schemas import (
    Exchange,
    Instrument,
    OrderType,
    Product,
)

LONGEST_TAG = 19
STOP_TYPES = frozenset({OrderType.SL, OrderType.SL_M})
SYMBOL_NOT_FOUND = ("AB1009", "Symbol Not Found")

REJECTIONS: Mapping[Reason, str] = {
    Reason.NOT_TRADABLE: "RMS:Rule: Check scrip is not allowed to trade",
    Reason.EXPIRED_CONTRACT: "16387 : Security is not allowed to trade in this market",
    Reason.QUANTITY: "16419 : Invalid order quantity",
    Reason.LOT: "16419 : The order quantity {quantity} is not a multiple of the lot {lot}",
    Reason.TICK: "16283 : Price {price} is not a multiple of the tick size {tick}",
    Reason.FREEZE: "RMS:Rule: Order quantity {quantity} is above the freeze quantity {freeze}",
    Reason.PRICE: "16283 : Invalid price {price}",
    Reason.TRIGGER: "17078 : Trigger price does not fit the order's side and price",
    Reason.CIRCUIT: "RMS:Rule: Check circuit limit including square off order exceeds: price "
    "{price} is outside of {low} and {high}",
    Reason.PRODUCT: "RMS:Blocked for {segment} {word} block type: ALL",
    Reason.ORDER_TYPE: "16052 : Function Not Available",
    Reason.VALIDITY: "RMS:Rule: IOC orders are not allowed for commodities",
    Reason.DISCLOSED: "16418 : Invalid disclosed quantity {disclosed}",
    Reason.FUNDS: "Your order has been rejected due to Insufficient Funds. Available funds - Rs. "
    "{available:.2f} . You require Rs. {required:.2f} funds to execute this order.",
    Reason.HOLDINGS: "RMS:Rule: Check holdings including BTST quantity: available {available}, "
    "required {required}",
    Reason.CLOSED: "Adapter is Logged Off",
}
SEGMENTS = {
    Exchange.NSE: "nse_cm",
    Exchange.BSE: "bse_cm",
    Exchange.NFO: "nse_fo",
    Exchange.BFO: "bse_fo",
    Exchange.MCX: "mcx_fo",
    Exchange.CDS: "cde_fo",
}
RISK_PRODUCTS = {
    Product.NRML: "CARRYFWD",
    Product.CNC: "DELIVERY",
    Product.MIS: "INTRADAY",
    Product.MTF: "MARGIN",
}


def rejection_text(refusal: Refusal) -> str:
    """The book's ``text`` for a rejected order."""
    figures = dict(refusal.figures)
    if refusal.reason is Reason.PRODUCT:
        figures["segment"] = SEGMENTS.get(figures["exchange"], "")
        figures["word"] = RISK_PRODUCTS[figures["product"]]
    return REJECTIONS[refusal.reason].format_map(figures)


# placing


def place(desk: Desk, account: str, body: Body) -> dict[str, str]:
    """Route 6."""
    ticket = _ticket(desk, body)
    order = desk.exchange.place(account, ticket)
    return {"script": order.instrument.broker_symbol} | _ids(order)


def _ticket(desk: Desk, body: Body) -> Ticket:
    variety = _variety(body)
    if variety == "ROBO" and desk.rules.block_robo:
        raise Refuse("AB2002", "ROBO Order is Block")
    instrument = find_instrument(desk, body)
    side = word(body, "transactiontype", words.SIDES)
    order_type = word(body, "ordertype", words.ORDER_TYPES)
    _check_variety(variety, order_type, body)
    price = rupees(body, "price")
    asked = Asked(instrument=instrument, side=side, order_type=order_type, price=price)
    booked_type, booked_price = protected(desk, asked)
    check_price_range(desk, asked)
    _check_caution(desk, instrument, body)
    return Ticket(
        instrument=instrument,
        side=side,
        quantity=_units(desk, instrument, whole(body, "quantity")),
        order_type=booked_type,
        product=_product(variety, body),
        price=booked_price if booked_type.has_price else None,
        trigger_price=rupees(body, "triggerprice") if order_type in STOP_TYPES else None,
        validity=word(body, "duration", words.VALIDITIES),
        disclosed_quantity=whole(body, "disclosedquantity", "0"),
        tag=_tag(body),
        after_market=variety == "AMO" or not desk.is_open(instrument.venue),
        bracket=_bracket(body) if variety == "ROBO" else None,
        label={"variety": variety, "producttype": text(body, "producttype")},
    )


def _variety(body: Body) -> str:
    variety = text(body, "variety", "")
    if variety not in words.VARIETIES:
        raise Refuse("AB1008", "Invalid Order Variety")
    return variety


def _check_variety(variety: str, order_type: OrderType, body: Body) -> None:
    """Stops go with STOPLOSS (or AMO), brackets with ROBO, BO and LIMIT."""
    is_stop = order_type in STOP_TYPES
    fits = {
        "NORMAL": not is_stop,
        "STOPLOSS": is_stop,
        "ROBO": order_type is OrderType.LIMIT,
        "AMO": True,
    }
    is_bracket = text(body, "producttype", "") == words.BRACKET_PRODUCT
    if not fits[variety] or is_bracket != (variety == "ROBO"):
        raise Refuse("AB1008", "Invalid Order Variety")


def _product(variety: str, body: Body) -> Product:
    if variety == "ROBO":
        return Product.MIS
    return word(body, "producttype", words.PRODUCTS, Refuse("AB1012", "Invalid Product Type"))


def _bracket(body: Body) -> Bracket:
    target, stop = rupees(body, "squareoff"), rupees(body, "stoploss")
    if not target or not stop:
        raise invalid("squareoff" if not target else "stoploss")
    trailing = rupees(body, "trailingStopLoss") or rupees(body, "trailingstoploss")
    return Bracket(target=target, stop=stop, trailing=trailing or None)


def _tag(body: Body) -> str:
    tag = text(body, "ordertag", "")
    if len(tag) > LONGEST_TAG:
        raise Refuse("AB4008", "ordertag length should be less than 20 characters")
    return tag


def find_instrument(desk: Desk, body: Body) -> Instrument:
    """By exchange and token; a symbol that is given has to be the token's."""
    exchange = word(body, "exchange", words.EXCHANGES)
    instrument = desk.exchange.market.find(exchange, text(body, "symboltoken", ""))
    symbol = text(body, "tradingsymbol", "")
    if instrument is None or symbol != instrument.broker_symbol:
        raise Refuse(*SYMBOL_NOT_FOUND)
    return instrument


def _units(desk: Desk, instrument: Instrument, quantity: int) -> int:
    in_lots = instrument.venue is Exchange.MCX and desk.rules.mcx_lots
    return quantity * instrument.lot_size if in_lots else quantity


def _shown_units(desk: Desk, instrument: Instrument, quantity: int) -> int:
    in_lots = instrument.venue is Exchange.MCX and desk.rules.mcx_lots
    return quantity // instrument.lot_size if in_lots else quantity


def _check_caution(desk: Desk, instrument: Instrument, body: Body) -> None:
    listed = (instrument.venue.value, instrument.token) in desk.rules.cautionary
    if listed and text(body, "scripconsent", "").casefold() != "yes":
        raise Refuse(
            "AB4036",
            "The scrip is under cautionary listing. To place the order pass scripconsent as yes",
        )


# changing


def modify(desk: Desk, account: str, body: Body) -> dict[str, str]:
    """Route 7: a stop's trigger stays where none is given.

    An order that moves between stop and limit moves between STOPLOSS and NORMAL; which of the two
    the real one wants to hear then is documented nowhere, so either is taken.
    """
    order_type = word(body, "ordertype", words.ORDER_TYPES)
    order = _order_of(desk, account, body)
    variety = _variety_after(order, order_type)
    if _variety(body) not in (_spoken(variety), _spoken(_booked_variety(order))):
        raise Refuse("AB1007", "Invalid Order Variety")
    _check_variety(variety, order_type, order.ticket.label)
    instrument = order.instrument
    asked = Asked(
        instrument=instrument, side=order.side, order_type=order_type, price=rupees(body, "price")
    )
    booked_type, price = protected(desk, asked)
    check_price_range(desk, asked)
    change = Change(
        quantity=_units(desk, instrument, whole(body, "quantity")),
        price=price if booked_type.has_price else None,
        trigger_price=(rupees(body, "triggerprice") or None) if order_type in STOP_TYPES else None,
        order_type=booked_type,
        validity=word(body, "duration", words.VALIDITIES),
    )
    changed = _tried(lambda: desk.exchange.modify(account, order.order_id, change))
    label = {**changed.ticket.label, "variety": variety}
    changed.ticket = attrs.evolve(changed.ticket, label=label)
    return _ids(changed)


def cancel(desk: Desk, account: str, body: Body) -> dict[str, str]:
    """Route 8."""
    order = _own_order(desk, account, body)
    return _ids(_tried(lambda: desk.exchange.cancel(account, order.order_id)))


def _tried(attempt: Callable[[], BookOrder]) -> BookOrder:
    try:
        return attempt()
    except OrderDone:
        raise Refuse("AB1007", "Order cannot be modified or cancelled in its state") from None
    except Refused as error:
        raise Refuse("AB1007", rejection_text(error.refusal)) from None


def _own_order(desk: Desk, account: str, body: Body) -> BookOrder:
    """The order meant; its variety has to be the one given."""
    variety = _variety(body)
    order = _order_of(desk, account, body)
    if variety != _spoken(_booked_variety(order)):
        raise Refuse("AB1007", "Invalid Order Variety")
    return order


def _order_of(desk: Desk, account: str, body: Body) -> BookOrder:
    try:
        return desk.exchange.order(account, text(body, "orderid", ""))
    except NoSuchOrder:
        raise Refuse("AB1013", "Order not found") from None


def _spoken(variety: str) -> str:
    """How a booked variety is spoken of: AMO as NORMAL."""
    return "NORMAL" if variety == "AMO" else variety


def _variety_after(order: BookOrder, order_type: OrderType) -> str:
    """The booked variety once the order is of this type."""
    booked = _booked_variety(order)
    if booked not in ("NORMAL", "STOPLOSS"):
        return booked
    return "STOPLOSS" if order_type in STOP_TYPES else "NORMAL"


def _booked_variety(order: BookOrder) -> str:
    return order.ticket.label.get("variety", "NORMAL")


def _ids(order: BookOrder) -> dict[str, str]:
    return {"orderid": order.order_id, "uniqueorderid": order.unique_id}


# reading


def order_details(desk: Desk, account: str, body: Body) -> dict[str, Any]:
    """Route 10."""
    try:
        order = desk.exchange.order_by_unique_id(account, body["uniqueorderid"])
    except NoSuchOrder:
        raise Refuse("AB1007", "Order not found") from None
    return order_row(desk, order)


def order_row(desk: Desk, order: BookOrder) -> dict[str, Any]:
    """Route 9, a row: prices are numbers, quantities are strings."""
    instrument, ticket = order.instrument, order.ticket
    bracket = ticket.bracket
    updated = words.stamp(order.updated_at)

    def units(quantity: int) -> str:
        return str(_shown_units(desk, instrument, quantity))

    row = {
        "variety": _booked_variety(order),
        "ordertype": words.ORDER_TYPE_WORDS[order.order_type],
        "producttype": ticket.label.get("producttype", words.PRODUCT_WORDS[order.product]),
        "duration": order.validity.value,
        "price": figure(order.price, 4),
        "triggerprice": figure(order.trigger_price, 4),
        "quantity": units(order.quantity),
        "disclosedquantity": str(ticket.disclosed_quantity),
        "squareoff": figure(bracket.target if bracket else None),
        "stoploss": figure(bracket.stop if bracket else None),
        "trailingstoploss": figure(bracket.trailing if bracket else None),
        "tradingsymbol": instrument.broker_symbol,
        "transactiontype": order.side.value,
        "exchange": instrument.venue.value,
        "symboltoken": instrument.token,
        "ordertag": ticket.tag,
        "instrumenttype": desk.kind(instrument),
        "strikeprice": figure(instrument.strike) if instrument.strike else -1.0,
        "optiontype": instrument.right.value if instrument.right else "",
        "expirydate": words.long_date(instrument.expiry),
        "lotsize": str(instrument.lot_size),
        "cancelsize": units(order.cancelled),
        "averageprice": figure(order.average_price, 4),
        "filledshares": units(order.filled),
        "unfilledshares": units(order.remaining),
        "orderid": order.order_id,
        "text": rejection_text(order.refusal) if order.refusal else "",
        "status": words.last_event(order),
        "orderstatus": words.order_state(order),
        "updatetime": updated,
        "exchtime": "" if order.refusal else updated,
        "exchorderupdatetime": "" if order.refusal else updated,
        "fillid": order.last_fill_id,
        "filltime": f"{order.updated_at:%H:%M:%S}" if order.filled else "",
        "parentorderid": order.parent_id,
        "uniqueorderid": order.unique_id,
        "exchangeorderid": "" if order.refusal else order.exchange_order_id,
    }
    if desk.rules.string_book:
        return {name: str(value) for name, value in row.items()}
    return row


def trade_row(desk: Desk, trade: BookTrade) -> dict[str, str]:
    """Route 11, a row: all strings, no token, no date."""
    instrument = trade.instrument
    units = _shown_units(desk, instrument, trade.quantity)
    return {
        "exchange": instrument.venue.value,
        "producttype": words.PRODUCT_WORDS[trade.product],
        "tradingsymbol": instrument.broker_symbol,
        "instrumenttype": desk.kind(instrument),
        "symbolgroup": instrument.series or ("XX" if instrument.is_derivative else ""),
        "strikeprice": trimmed(instrument.strike) if instrument.strike else "-1",
        "optiontype": instrument.right.value if instrument.right else "",
        "expirydate": words.long_date(instrument.expiry),
        "marketlot": str(instrument.lot_size),
        "precision": "2",
        "multiplier": "-1",
        "tradevalue": f"{trade.price * trade.quantity:.2f}",
        "transactiontype": trade.side.value,
        "fillprice": f"{trade.price:.4f}"
        if trade.price % Decimal("0.01")
        else f"{trade.price:.2f}",
        "fillsize": str(units),
        "orderid": trade.order_id,
        "fillid": trade.trade_id,
        "filltime": f"{trade.traded_at:%H:%M:%S}",
    }
