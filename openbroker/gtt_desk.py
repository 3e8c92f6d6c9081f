"""What changes an account without being an order: GTT rules and conversions of positions.

They go the order desk's way (journal, guards, verdict), but they carry no tag, so nothing can be
looked up afterwards: if the answer to one is lost, it stays unknown and is never repeated.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from openbroker.account import Account
from openbroker.arguments import shown
from openbroker.errors import InvalidOrder, OpenBrokerError, Outcome
from openbroker.orders.desk import OrderDesk
from openbroker.orders.entries import Draft
from openbroker.orders.intents import plain_fields
from openbroker.schemas import Gtt, GttChange, GttRequest, OrderAck, OrderRef, Position, Product
from openbroker.schemas.gtt import check_figures
from openbroker.schemas.orders import check_lot
from openbroker.transport.messages import Flow

GttLike: TypeAlias = Gtt | OrderAck | str
"""Which rule is meant: a row of the list, the ack, or a bare id."""


class GttDesk:
    """Makes, changes and takes back the rules of one account, and converts its positions."""

    def __init__(self, account: Account, desk: OrderDesk) -> None:
        self._account = account
        self._adapter = account.adapter
        self._desk = desk

    async def place(self, rule: GttRequest, *, timeout: float | None = None) -> OrderAck:
        """Make a rule whose instrument is filled in."""
        self._adapter.refuse_oco(rule)
        return await self._desk.change(
            "place_gtt",
            lambda session: self._adapter.place_gtt(session, rule),
            intent=Draft(operation="place_gtt", intent=plain_fields(rule), symbol=rule.symbol),
            timeout=timeout,
        )

    async def modify(
        self, target: GttLike, change: GttChange, *, timeout: float | None = None
    ) -> OrderAck:
        """Change a rule; its state is read first, unless a row of the list is given."""
        rule = await self._present_state(target)
        if rule.instrument is not None:
            check_figures(change, rule.instrument)
        rule.changed(change)
        return await self._desk.change(
            "modify_gtt",
            lambda session: self._adapter.modify_gtt(session, rule, change),
            intent=_of("modify_gtt", rule, plain_fields(change)),
            timeout=timeout,
        )

    async def cancel(self, target: GttLike, *, timeout: float | None = None) -> OrderAck:
        """Take a rule back. No guard holds it."""
        rule = await self._present_state(target)
        return await self._desk.change(
            "cancel_gtt",
            lambda session: self._adapter.cancel_gtt(session, rule),
            intent=_of("cancel_gtt", rule, {}),
            timeout=timeout,
        )

    async def find(self, target: GttLike) -> Gtt:
        """The present state of a rule."""
        gtt_id = _id_of(target)
        return self._account.attach(
            await self._account.read("gtt", lambda session: self._adapter.gtt(session, gtt_id))
        )

    async def _present_state(self, target: GttLike) -> Gtt:
        try:
            return target if isinstance(target, Gtt) else await self.find(target)
        except OpenBrokerError as error:
            error.outcome = Outcome.NOT_SENT
            raise

    async def convert(
        self, position: Position, product: Product, quantity: int | None, *, timeout: float | None
    ) -> None:
        """Turn units of a position into another product."""
        units = quantity_of(position, quantity)
        await self._desk.change(
            "convert_position",
            lambda s: _as_ack(self._adapter.convert_position(s, position, product, units)),
            intent=Draft(
                operation="convert_position",
                intent={
                    "symbol": position.symbol,
                    "from": position.product.value if position.product else "?",
                    "product": product.value,
                    "quantity": units,
                },
                symbol=position.symbol,
            ),
            timeout=timeout,
        )


def quantity_of(position: Position, quantity: int | None) -> int:
    """How many units of a position are meant; ``None`` means all of them.

    Raises:
        InvalidOrder: there are not so many, or the broker did not say how many there are.
    """
    if position.quantity is None:
        raise InvalidOrder(f"the broker does not say how many units of {position.symbol} there are")
    held = abs(position.quantity)
    units = held if quantity is None else quantity
    if not 0 < units <= held:
        raise InvalidOrder(f"{units} units of {position.symbol} are not open; {held} are")
    if position.instrument is not None:
        check_lot(units, position.instrument)
    return units


def _of(operation: str, rule: Gtt, intent: dict[str, Any]) -> Draft:
    return Draft(
        operation=operation,
        intent={"gtt_id": rule.gtt_id} | intent,
        symbol=rule.symbol,
        order_id=rule.gtt_id,
    )


def _id_of(target: GttLike) -> str:
    try:
        return OrderRef.of(target.gtt_id if isinstance(target, Gtt) else target).order_id
    except InvalidOrder:
        raise InvalidOrder(
            f"{shown(target)} is not a rule: pass a rule's id, its ack or a row of gtts()",
            advice="Nothing was sent. broker.gtts() lists the rules.",
        ) from None


def _as_ack(flow: Flow[None]) -> Flow[OrderAck]:
    """A conversion has no id of its own."""
    yield from flow
    return OrderAck(order_id="")
