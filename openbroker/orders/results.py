"""Several orders at once, and what they came to."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, ClassVar, Self, TypeAlias

from attrs import frozen

from openbroker.errors import OpenBrokerError, Outcome
from openbroker.orders.entries import Entry
from openbroker.schemas import Order, OrderAck, OrderRequest, Record, Side, Table

OrderResult: TypeAlias = OrderAck | OpenBrokerError
"""An ack, or the error that this order ended with."""


async def gather(work: Iterable[Coroutine[Any, Any, OrderAck]]) -> list[OrderResult]:
    """All results in order, our errors among them; any other exception is raised."""
    calls = list(work)
    if len(calls) == 1:
        return [await _result(calls[0])]
    return list(await asyncio.gather(*map(_result, calls)))


async def _result(call: Coroutine[Any, Any, OrderAck]) -> OrderResult:
    try:
        return await call
    except OpenBrokerError as error:
        return error


@frozen(kw_only=True)
class Result(Record):
    """What one order of several came to, for showing."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "symbol",
        "side",
        "quantity",
        "outcome",
        "order_id",
        "why",
    )

    symbol: str
    side: Side | None
    quantity: int | None
    outcome: Outcome
    order_id: str | None
    why: str


@frozen(kw_only=True)
class Asked:
    """What a result is the result of, for showing."""

    symbol: str
    side: Side | None = None
    quantity: int | None = None

    @classmethod
    def of(cls, order: OrderRequest | Order) -> Self:
        return cls(symbol=order.symbol, side=order.side, quantity=order.quantity)

    @classmethod
    def before(cls, entry: Entry) -> Self:
        """What an earlier intent asked for."""
        side = entry.intent.get("side")
        return cls(
            symbol=entry.symbol or "",
            side=Side(side) if side is not None else None,
            quantity=entry.intent.get("quantity"),
        )


class OrderResults(tuple[OrderResult, ...]):  # noqa: SLOT001
    """Results in the order in which they were asked for, each an ack or its own error.

    ``acks`` and ``errors`` pick one kind; ``raise_first()`` raises the first error, if any.
    """

    asked: tuple[Asked, ...]

    def __new__(cls, results: Iterable[OrderResult], asked: Iterable[Asked]) -> Self:
        self = super().__new__(cls, tuple(results))
        self.asked = tuple(asked)
        return self

    @property
    def acks(self) -> list[OrderAck]:
        return [result for result in self if isinstance(result, OrderAck)]

    @property
    def errors(self) -> list[OpenBrokerError]:
        return [result for result in self if isinstance(result, OpenBrokerError)]

    def raise_first(self) -> Self:
        """Raise the first error; return the results if there is none."""
        for error in self.errors:
            raise error
        return self

    def table(self) -> Table[Result]:
        """The results as a table."""
        return Table(Result, (_line(a, r) for a, r in zip(self.asked, self, strict=True)))

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def _line(asked: Asked, result: OrderResult) -> Result:
    if isinstance(result, OrderAck):
        outcome, order_id, why = Outcome.ACCEPTED, result.order_id, ""
    else:
        outcome, order_id = result.outcome or Outcome.UNKNOWN, None
        why = f"{type(result).__name__}: {result.message}"
    return Result(
        symbol=asked.symbol,
        side=asked.side,
        quantity=asked.quantity,
        outcome=outcome,
        order_id=order_id,
        why=why,
    )
