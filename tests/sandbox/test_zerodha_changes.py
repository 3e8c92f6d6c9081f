"""Changes to a market order at the simulated Zerodha, over TLS: protected, or not at all."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

import openbroker as ob
from openbroker.sandbox import Sandbox

BID: dict[str, Any] = {
    "symbol": "NSE:INFY", "side": "BUY", "quantity": 2, "order_type": "LIMIT", "product": "MIS",
}  # fmt: skip


def last_price(broker: ob.Broker) -> Decimal:
    last = broker.quote("NSE:INFY").last_price
    assert last is not None
    return last


def bid(broker: ob.Broker) -> ob.OrderAck:
    return broker.place_order(**BID, price=last_price(broker) // 1 - 30)


def test_a_resting_order_goes_to_the_market_within_its_protection(broker: ob.Broker) -> None:
    ack, last = bid(broker), last_price(broker)
    broker.modify_order(ack, order_type="MARKET", market_protection=2)
    order = broker.order(ack)
    assert (order.status, order.vendor["market_protection"]) == ("FILLED", 2)
    assert order.price is not None
    assert order.average_price is not None
    assert last <= order.average_price <= order.price <= last * Decimal("1.02")


def test_it_becomes_a_stop_in_the_brokers_band(broker: ob.Broker) -> None:
    ack, trigger = bid(broker), last_price(broker) // 1 + 20
    broker.modify_order(ack, order_type="SL-M", trigger_price=trigger, market_protection="broker")
    order = broker.order(ack)
    assert (order.status, order.trigger_price) == ("TRIGGER_PENDING", trigger)
    assert order.vendor["market_protection"] == -1
    assert order.price is not None
    assert trigger < order.price <= trigger * Decimal("1.005")


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"order_type": "MARKET"}, ob.Unsupported, "pass market_protection='broker'"),
        ({"order_type": "MARKET", "market_protection": ob.AsLimit(1)}, ob.InvalidOrder,
         "change this one to LIMIT"),
        ({"market_protection": 2}, ob.InvalidOrder, "this is LIMIT"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_changes_nothing(
    broker: ob.Broker, change: dict[str, Any], kind: type[ob.OpenBrokerError], words: str
) -> None:
    ack = bid(broker)
    before = broker.order(ack)
    with pytest.raises(kind, match=words) as caught:
        broker.modify_order(ack, **change)
    assert caught.value.outcome is ob.Outcome.NOT_SENT
    assert broker.order(ack) == before


def test_the_asyncio_face_says_the_same(terms: dict[str, Any], box: Sandbox) -> None:
    async def day() -> ob.Order:
        async with ob.connect_async("zerodha", **terms) as broker:
            ack = await broker.place_order(**BID, price=1400)
            await broker.modify_order(ack, order_type="MARKET", market_protection="0.5")
            return await broker.order(ack)

    order = asyncio.run(day())
    assert (order.status, order.vendor["market_protection"]) == ("FILLED", 0.5)
