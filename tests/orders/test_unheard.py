"""Nothing that an order asks for is passed over in silence."""

from __future__ import annotations

from typing import Any

import pytest

import openbroker as ob
from openbroker.registry import adapter_for

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


def test_what_the_desk_places_has_been_heard_whole() -> None:
    """The embedded sandbox speaks Angel One's dialect, so it takes a bracket."""
    with ob.connect() as broker:
        low = broker.quote("NSE:INFY").low
        assert low is not None
        ack = broker.place_order(**(ORDER | {"price": low - 5}), **BRACKET)
        assert broker.order(ack).vendor["variety"] == "ROBO"
