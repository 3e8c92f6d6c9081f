"""Order routes: place, modify, cancel, the book, one order's states, trades.

What is wrong with a request, and what the first risk check refuses (tick, lot, circuit, product),
is answered at once and shows in no book.  Funds and holdings are the order system's business: the
reply is a success with an order id, and the book shows the order as rejected.

Sources: kite.trade/docs/connect/v3, page Orders; the forum on which refusals reach the book.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from openbroker.sandbox.json_replies import figure
from openbroker.sandbox.orders import (
    BookOrder,
    BookTrade,
    Change,
    Event,
    Mark,
    NoSuchOrder,
    OrderDone,
    Reason,
    Refusal,
    Refused,
    Ticket,
)
from openbroker.sandbox.zerodha import asked, words
from openbroker.sandbox.zerodha.asked import Asked, Form
from openbroker.sandbox.zerodha.desk import Desk, lot
from openbroker.sandbox.zerodha.protection import Priced, priced
from openbroker.sandbox.zerodha.replies import KiteError, bad_input, invalid
from openbroker.schemas import Instrument

LONGEST_TAG = 20
LATE = frozenset({Reason.FUNDS, Reason.HOLDINGS})
"""Refusals that are left to the order system."""

REFUSALS: Mapping[Reason, tuple[str, str]] = {
    Reason.NOT_TRADABLE: ("OrderException", "Trading in this instrument is not allowed."),
    Reason.EXPIRED_CONTRACT: ("OrderException", "The contract has expired."),
    Reason.QUANTITY: ("InputException", "Invalid `quantity`."),
    Reason.LOT: ("InputException", "Invalid `quantity`. It has to be a multiple of the lot {lot}."),
    Reason.TICK: (
        "InputException",
        "Tick size for this script is {tick}. Kindly enter price in the multiple of tick size.",
    ),
    Reason.FREEZE: ("OrderException", "Quantity is above the freeze quantity of {freeze}."),
    Reason.PRICE: ("InputException", "Invalid `price`."),
    Reason.TRIGGER: ("InputException", "Invalid `trigger_price`."),
    Reason.CIRCUIT: (
        "OrderException",
        "Price exceeds circuit limits for the instrument. Place an order within the daily range.",
    ),
    Reason.PRODUCT: ("InputException", "Invalid `product` for {exchange}."),
    Reason.ORDER_TYPE: ("InputException", "Invalid `order_type` for the instrument."),
    Reason.VALIDITY: ("InputException", "Invalid `validity` for the instrument."),
    Reason.DISCLOSED: ("InputException", "Invalid `disclosed_quantity`."),
    Reason.FUNDS: (
        "MarginException",
        "Insufficient funds. Required margin is {required:.2f}, available is {available:.2f}.",
    ),
    Reason.HOLDINGS: (
        "HoldingException",
        "Insufficient stock holding in your account. Required {required}, available {available}.",
    ),
    Reason.CLOSED: ("OrderException", "Markets are closed right now."),
}


def refusal(bad: Refusal) -> KiteError:
    """A rule of the exchange or of the risk desk as Kite words it."""
    kind, message = REFUSALS[bad.reason]
    return KiteError(kind, message.format_map(bad.figures))


# placing


def place(desk: Desk, account: str, request: Asked) -> dict[str, str]:
    """``POST /orders/{variety}``."""
    ticket = _ticket(desk, request.form, _variety(request))
    with desk.exchange.lock:
        bad = desk.exchange.refusal(account, ticket)
        if bad is not None and (bad.reason not in LATE or desk.rules.refuse_at_once):
            raise refusal(bad)
        return {"order_id": desk.exchange.place(account, ticket).order_id}


def _variety(request: Asked) -> str:
    variety = request.path["variety"]
    if variety not in words.VARIETIES:
        raise invalid("variety")
    return variety


def _ticket(desk: Desk, form: Form, variety: str) -> Ticket:
    instrument = desk.instrument(
        asked.word(form, "exchange", words.EXCHANGES), asked.text(form, "tradingsymbol")
    )
    if variety == words.REGULAR and not desk.is_open(instrument.venue):
        raise KiteError(
            "OrderException",
            "Markets are closed right now. Use GTT for placing long standing orders instead.",
        )
    side = asked.word(form, "transaction_type", words.SIDES)
    terms = priced(desk, instrument, side, asked.word(form, "order_type", words.ORDER_TYPES), form)
    return Ticket(
        instrument=instrument,
        side=side,
        quantity=asked.whole(form, "quantity") * lot(instrument),
        order_type=terms.order_type,
        product=asked.word(form, "product", words.PRODUCTS),
        price=terms.price,
        trigger_price=terms.trigger_price,
        validity=asked.word({"validity": "DAY"} | dict(form), "validity", words.VALIDITIES),
        disclosed_quantity=_counted(form, "disclosed_quantity", instrument) or 0,
        tag=_tag(form),
        after_market=variety == words.AFTER_MARKET,
        label={"variety": variety, **terms.label},
    )


def _counted(form: Form, name: str, instrument: Instrument) -> int | None:
    """A quantity in units, if it is told."""
    return asked.whole(form, name) * lot(instrument) if asked.has(form, name) else None


def _tag(form: Form) -> str:
    tag = asked.text(form, "tag") if asked.has(form, "tag") else ""
    if tag and (len(tag) > LONGEST_TAG or not tag.isascii() or not tag.isalnum()):
        raise bad_input(f"Invalid `tag`. It has at most {LONGEST_TAG} letters and digits.")
    return tag


# changing


def modify(desk: Desk, account: str, request: Asked) -> dict[str, str]:
    """``PUT /orders/{variety}/{order_id}``: only what changes is told."""
    order, form = _own_order(desk, account, request), request.form
    if desk.modifications[order.order_id] >= desk.rules.most_modifications:
        raise KiteError("NetworkException", "Maximum allowed order modifications exceeded.", 400)
    terms = _new_terms(desk, order, form)
    validity = {"validity": order.validity.value} | _told(form)
    change = Change(
        quantity=_counted(form, "quantity", order.instrument),
        price=terms.price,
        trigger_price=terms.trigger_price,
        order_type=terms.order_type,
        validity=asked.word(validity, "validity", words.VALIDITIES),
        disclosed_quantity=_counted(form, "disclosed_quantity", order.instrument),
        label={**order.ticket.label, **terms.label},
    )
    _tried("modified", lambda: desk.exchange.modify(account, order.order_id, change))
    desk.modifications[order.order_id] += 1
    return {"order_id": order.order_id}


def _told(form: Form) -> dict[str, Any]:
    return {name: value for name, value in form.items() if value != ""}


def _new_terms(desk: Desk, order: BookOrder, form: Form) -> Priced:
    """Type and prices after the change; a type that stays needs no new protection."""
    if asked.has(form, "order_type"):
        kind = asked.word(form, "order_type", words.ORDER_TYPES)
        present = {"price": order.price or "", "trigger_price": order.trigger_price or ""}
        return priced(desk, order.instrument, order.side, kind, present | _told(form))
    return Priced(
        order_type=order.order_type,
        price=asked.rupees(form, "price"),
        trigger_price=asked.rupees(form, "trigger_price"),
    )


def cancel(desk: Desk, account: str, request: Asked) -> dict[str, str]:
    """``DELETE /orders/{variety}/{order_id}``."""
    order = _own_order(desk, account, request)
    _tried("cancelled", lambda: desk.exchange.cancel(account, order.order_id))
    return {"order_id": order.order_id}


def _tried(word: str, attempt: Callable[[], BookOrder]) -> None:
    try:
        attempt()
    except OrderDone:
        raise KiteError(
            "OrderException", f"Order cannot be {word} as it is being processed or is done."
        ) from None
    except Refused as error:
        raise refusal(error.refusal) from None


def _own_order(desk: Desk, account: str, request: Asked) -> BookOrder:
    """The order meant; its variety has to be the path's."""
    order = one_order(desk, account, request)
    if order.ticket.label["variety"] != _variety(request):
        raise _unknown_order()
    return order


def one_order(desk: Desk, account: str, request: Asked) -> BookOrder:
    """By the id in the path; raises KiteError."""
    try:
        return desk.exchange.order(account, request.path["order_id"])
    except NoSuchOrder:
        raise _unknown_order() from None


def _unknown_order() -> KiteError:
    return KiteError("OrderException", "Couldn't find that `order_id`.")


# reading


def history(desk: Desk, account: str, request: Asked) -> list[dict[str, Any]]:
    """``GET /orders/{order_id}``: every state, oldest first."""
    order = one_order(desk, account, request)
    return list(_states(order))


def _states(order: BookOrder) -> Iterator[dict[str, Any]]:
    received = order.history[0] if order.history else order.mark()
    if not order.ticket.after_market:
        for status in words.ON_THE_WAY:
            yield _row(order, received, status)
    for mark in order.history or [order.mark()]:
        for status in words.states(order, mark):
            yield _row(order, mark, status)


def order_row(_: Desk, order: BookOrder) -> dict[str, Any]:
    """A row of ``GET /orders``."""
    mark = order.mark()
    return _row(order, mark, words.state(order, mark))


def _row(order: BookOrder, mark: Mark, status: str) -> dict[str, Any]:
    instrument, label = order.instrument, order.ticket.label
    message = refusal(order.refusal).message if order.refusal and status == "REJECTED" else None
    at_exchange = status not in words.ON_THE_WAY and not order.refusal and "AMO" not in status
    updated = words.stamp(mark.moment)
    size = lot(instrument)
    row: dict[str, Any] = {
        "placed_by": order.account,
        "order_id": order.order_id,
        "exchange_order_id": order.exchange_order_id if at_exchange else None,
        "parent_order_id": order.parent_id or None,
        "status": status,
        "status_message": message,
        "status_message_raw": f"RMS:{message}" if message else None,
        "order_timestamp": words.stamp(order.placed_at),
        "exchange_update_timestamp": updated if at_exchange else None,
        "exchange_timestamp": updated if at_exchange else None,
        "variety": label.get("variety", words.REGULAR),
        "modified": any(past.event is Event.MODIFIED for past in order.history),
        "exchange": instrument.venue.value,
        "tradingsymbol": instrument.broker_symbol,
        "instrument_token": int(instrument.token),
        "order_type": mark.order_type.value,
        "transaction_type": order.side.value,
        "validity": order.validity.value,
        "product": order.product.value,
        "quantity": mark.quantity // size,
        "disclosed_quantity": order.ticket.disclosed_quantity // size,
        "price": figure(mark.price, 4),
        "trigger_price": figure(mark.trigger_price, 4),
        "average_price": figure(mark.filled_value / mark.filled if mark.filled else None, 4),
        "filled_quantity": mark.filled // size,
        "pending_quantity": (mark.quantity - mark.filled) // size,
        "cancelled_quantity": mark.cancelled // size,
        "market_protection": float(label.get("market_protection", 0)),
        "meta": {},
        "tag": order.ticket.tag or None,
        "guid": order.unique_id,
    }
    tags = list(_tags(order))
    return row | ({"tags": tags} if tags else {})


def _tags(order: BookOrder) -> Iterator[str]:
    """The user's, and those that the server adds of its own."""
    if order.ticket.tag:
        yield order.ticket.tag
    band = order.ticket.label.get("mktp")
    if band is not None:
        yield from ("mktp", f"mktp:{band}")


def order_trades(desk: Desk, account: str, request: Asked) -> list[dict[str, Any]]:
    """``GET /orders/{order_id}/trades``."""
    order_id = one_order(desk, account, request).order_id
    trades = (trade for trade in desk.exchange.trades(account) if trade.order_id == order_id)
    return [trade_row(desk, trade) for trade in trades]


def trade_row(desk: Desk, trade: BookTrade) -> dict[str, Any]:
    """A row of ``GET /trades``."""
    order = desk.exchange.order(trade.account, trade.order_id)
    when = words.stamp(trade.traded_at)
    return {
        "trade_id": trade.trade_id,
        "order_id": trade.order_id,
        "exchange_order_id": order.exchange_order_id,
        "exchange": trade.instrument.venue.value,
        "tradingsymbol": trade.instrument.broker_symbol,
        "instrument_token": int(trade.instrument.token),
        "product": trade.product.value,
        "average_price": figure(trade.price, 4),
        "quantity": trade.quantity // lot(trade.instrument),
        "transaction_type": trade.side.value,
        "fill_timestamp": when,
        "order_timestamp": f"{order.placed_at:%H:%M:%S}",
        "exchange_timestamp": when,
    }
