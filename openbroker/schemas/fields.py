"""What a caller may write for the fields of orders and rules, and what it becomes."""

from __future__ import annotations

from decimal import Decimal

from openbroker.schemas.convert import Number, to_money, to_quantity, to_word
from openbroker.schemas.enums import OrderType, Product, Side, Validity
from openbroker.schemas.instrument import Instrument


def as_symbol(value: Instrument | str) -> str:
    return value.symbol if isinstance(value, Instrument) else value


def as_side(value: Side | str) -> Side:
    return to_word(Side, value, name="side")


def as_order_type(value: OrderType | str) -> OrderType:
    return to_word(OrderType, value, name="order_type")


def as_product(value: Product | str) -> Product:
    return to_word(Product, value, name="product")


def as_validity(value: Validity | str) -> Validity:
    return to_word(Validity, value, name="validity")


def as_price(value: Number | None) -> Decimal | None:
    return to_money(value, name="price")


def as_trigger_price(value: Number | None) -> Decimal | None:
    return to_money(value, name="trigger_price")


def as_quantity(value: Number | None) -> int | None:
    return to_quantity(value, name="quantity")


def as_disclosed(value: Number | None) -> int | None:
    return to_quantity(value, name="disclosed_quantity")


def as_lots(value: Number | None) -> int | None:
    return to_quantity(value, name="lots")


def as_valid_days(value: Number | None) -> int | None:
    return to_quantity(value, name="valid_days")
