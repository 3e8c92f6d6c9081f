"""What a caller may write for the fields of orders and rules, and what it becomes."""

from __future__ import annotations

from decimal import Decimal

from openbroker.errors import InvalidOrder
from openbroker.schemas.convert import Number, to_flag, to_money, to_quantity, to_word
from openbroker.schemas.enums import OrderType, Product, Side, Validity
from openbroker.schemas.instrument import Instrument


def as_symbol(value: Instrument | str) -> str:
    return value.symbol if isinstance(value, Instrument) else value


def as_side(value: Side | str) -> Side:
    return to_word(Side, value, name="side", error=InvalidOrder)


def as_order_type(value: OrderType | str) -> OrderType:
    return to_word(OrderType, value, name="order_type", error=InvalidOrder)


def as_product(value: Product | str) -> Product:
    return to_word(Product, value, name="product", error=InvalidOrder)


def as_validity(value: Validity | str) -> Validity:
    return to_word(Validity, value, name="validity", error=InvalidOrder)


def as_price(value: Number | None) -> Decimal | None:
    return to_money(value, name="price")


def as_trigger_price(value: Number | None) -> Decimal | None:
    return to_money(value, name="trigger_price")


def as_stop_price(value: Number | None) -> Decimal | None:
    return to_money(value, name="stop_price")


def as_stop_trigger_price(value: Number | None) -> Decimal | None:
    return to_money(value, name="stop_trigger_price")


def as_quantity(value: Number | None) -> int | None:
    return to_quantity(value, name="quantity")


def as_disclosed(value: Number | None) -> int | None:
    return to_quantity(value, name="disclosed_quantity")


def as_lots(value: Number | None) -> int | None:
    return to_quantity(value, name="lots")


def as_valid_days(value: Number | None) -> int | None:
    return to_quantity(value, name="valid_days")


def as_bracket_target(value: Number | None) -> Decimal | None:
    return to_money(value, name="bracket_target")


def as_bracket_stop(value: Number | None) -> Decimal | None:
    return to_money(value, name="bracket_stop")


def as_bracket_trail(value: Number | None) -> Decimal | None:
    return to_money(value, name="bracket_trail")


def as_after_market(value: object) -> bool:
    return to_flag(value, name="after_market")


def as_accept_caution(value: object) -> bool:
    return to_flag(value, name="accept_caution")
