"""Nothing that an order asks for is passed over in silence."""

from __future__ import annotations

from typing import Any

import pytest

import openbroker as ob
from openbroker.registry import BUILT_IN, adapter_for
from openbroker.schemas import OrderChange

ORDER: dict[str, Any] = {
    "symbol": "NSE:INFY",
    "side": "BUY",
    "quantity": 1,
    "order_type": "LIMIT",
    "price": "1500",
    "product": "MIS",
}
BRACKET = {"bracket_target": "10", "bracket_stop": "5"}


@pytest.mark.parametrize("option", [BRACKET, {"accept_caution": True}], ids=lambda o: next(iter(o)))
def test_an_option_that_the_broker_does_not_have_is_refused(option: dict[str, Any]) -> None:
    order = ob.OrderRequest(**ORDER, **option)
    adapter_for("angelone").refuse_unheard(order)
    with pytest.raises(ob.Unsupported, match=f"Zerodha orders take no {next(iter(option))}"):
        adapter_for("zerodha").refuse_unheard(order)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_protection_that_the_brokers_changes_do_not_have_is_refused(name: str) -> None:
    """By the adapter before it makes a request, whatever a new order may say there."""
    adapter = adapter_for(name)
    live = ob.Order(order_id="1", status=ob.OrderStatus.OPEN, side=ob.Side.BUY)
    for asked in ("broker", 2):
        change = OrderChange(order_type="MARKET", market_protection=asked)
        for refuse in (adapter.refuse_unheard_change, lambda c: adapter.dump_change(c, live)):
            if adapter.protects_changes:
                refuse(change)
                continue
            with pytest.raises(ob.Unsupported, match="no market_protection with a change"):
                refuse(change)


def test_that_is_refused_before_the_order_is_looked_up() -> None:
    with ob.connect() as broker:
        asked: list[object] = []
        broker.on_exchange(lambda request, reply: asked.append(request))
        with pytest.raises(ob.Unsupported, match="leave it out"):
            broker.modify_order("1", order_type="MARKET", market_protection="broker")
        assert asked == []


def test_what_the_desk_places_has_been_heard_whole() -> None:
    """The embedded sandbox speaks Angel One's dialect, so it takes a bracket."""
    with ob.connect() as broker:
        low = broker.quote("NSE:INFY").low
        assert low is not None
        ack = broker.place_order(**(ORDER | {"price": low - 5}), **BRACKET)
        assert broker.order(ack).vendor["variety"] == "ROBO"
