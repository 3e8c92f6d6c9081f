"""Rules with a target and a stop at the simulated Zerodha, over TLS: one fires, the other goes."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

import openbroker as ob
from openbroker.orders.entries import Entry
from openbroker.sandbox import Sandbox
from openbroker.schemas import Gtt, GttStatus

PAIR: dict[str, Any] = {
    "symbol": "NSE:INFY", "side": "SELL", "quantity": 10, "product": "CNC",
    "trigger_price": 1600, "price": 1598, "stop_trigger_price": 1450, "stop_price": 1445,
}  # fmt: skip
LOST = ("reset-after-booking", "black-hole-booked", "truncated-body")


def prices(rule: Gtt) -> tuple[Decimal | None, ...]:
    return (rule.trigger_price, rule.price, rule.stop_trigger_price, rule.stop_price)


def test_what_was_asked_is_what_is_told(broker: ob.Broker) -> None:
    rule = broker.gtt(broker.place_gtt(**PAIR))
    assert prices(rule) == (1600, 1598, 1450, 1445)
    assert (rule.side, rule.quantity, rule.status) == ("SELL", 10, GttStatus.ACTIVE)
    assert rule.is_oco
    assert not broker.orders()


@pytest.mark.parametrize(("price", "limit"), [("1449", 1445), ("1601", 1598)])
def test_the_leg_that_is_reached_is_sent_and_the_other_is_not(
    broker: ob.Broker, box: Sandbox, price: str, limit: int
) -> None:
    ack = broker.place_gtt(**PAIR)
    box.exchange.move_price("NSE:INFY", price)
    assert broker.gtt(ack).status is GttStatus.TRIGGERED
    box.exchange.move_price("NSE:INFY", "1601" if price == "1449" else "1449")
    (order,) = broker.orders()
    assert (order.price, order.side, order.quantity) == (limit, "SELL", 10)


def test_a_short_is_closed_from_both_sides(broker: ob.Broker, box: Sandbox) -> None:
    sides = {"trigger_price": 1450, "price": 1452, "stop_trigger_price": 1600, "stop_price": 1605}
    rule = broker.gtt(broker.place_gtt(**PAIR | sides | {"side": "BUY", "product": "MIS"}))
    assert prices(rule) == (1450, 1452, 1600, 1605)
    box.exchange.move_price("NSE:INFY", "1602")
    (order,) = broker.orders()
    assert (order.price, order.side) == (1605, "BUY")


def test_either_leg_changes_and_the_pair_is_taken_back(broker: ob.Broker, box: Sandbox) -> None:
    ack = broker.place_gtt(**PAIR)
    broker.modify_gtt(ack, stop_trigger_price=1460, stop_price="1455.5")
    assert prices(broker.gtt(ack)) == (1600, 1598, 1460, Decimal("1455.5"))
    broker.modify_gtt(broker.gtt(ack), price=1599, quantity=7)
    rule = broker.gtt(ack)
    assert prices(rule) == (1600, 1599, 1460, Decimal("1455.5"))
    assert rule.quantity == 7
    broker.cancel_gtt(rule)
    assert broker.gtt(ack).status is GttStatus.CANCELLED
    assert not broker.gtts()
    box.exchange.move_price("NSE:INFY", "1400")
    assert not broker.orders()


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_is_unknown_and_never_repeated(
    broker: ob.Broker, box: Sandbox, fault: str
) -> None:
    box.faults.add(fault, path="/gtt/triggers", method="POST", times=1)
    with pytest.raises(ob.OrderUnknown) as caught:
        broker.place_gtt(**PAIR, timeout=1.0)
    intent = caught.value.intent
    told = {name: str(value) for name, value in intent.items() if name in PAIR}
    assert told == {name: str(value) for name, value in PAIR.items()}
    (rule,) = broker.gtts()
    assert prices(rule) == (1600, 1598, 1450, 1445)
    (entry,) = broker.unresolved()
    assert isinstance(entry, Entry)
    assert entry.operation == "place_gtt"


def test_the_asyncio_face_says_the_same(terms: dict[str, Any], box: Sandbox) -> None:
    async def day() -> tuple[Gtt, Gtt]:
        async with ob.connect_async("zerodha", **terms) as broker:
            ack = await broker.place_gtt(**PAIR)
            await broker.modify_gtt(ack, stop_price=1440)
            before = await broker.gtt(ack)
            box.exchange.move_price("NSE:INFY", "1449")
            return before, await broker.gtt(ack)

    before, after = asyncio.run(day())
    assert prices(before) == prices(after) == (1600, 1598, 1450, 1440)
    assert (before.status, after.status) == (GttStatus.ACTIVE, GttStatus.TRIGGERED)


def test_a_broker_without_them_refuses_before_anything_is_sent() -> None:
    with ob.connect() as broker:
        told = {row.operation: row for row in broker.capabilities}
        assert not told["oco"].offered
        asked: list[object] = []
        broker.on_exchange(lambda request, reply: asked.append(request))
        with pytest.raises(ob.Unsupported, match=r"no oco: .*one order"):
            broker.place_gtt(**PAIR)
        assert asked == []
