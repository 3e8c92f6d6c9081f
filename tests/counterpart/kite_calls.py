"""What kiteconnect is asked when its requests are recorded, by operation.

Each call is a method of ``KiteConnect`` with its arguments, as the documentation's samples and the
client's own docstrings write them.  ``record_kite.py`` makes the calls; ``test_kite_same_requests``
says the same to openbroker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kite_further import (
    ALL_CANCELLED,
    ALL_CHANGES,
    ALL_PLACINGS,
    BHARTI_BSE,
    DOLLAR_CALL,
    FURTHER_CONVERTED,
    FURTHER_QUOTED,
    GAS_FUTURE,
    HALF_STRIKE,
    PLACED,
    SENSEX_PUT,
)
from kite_intents import CRUDE_FUTURE, INFY, NIFTY_CALL, NIFTY_FUTURE, SBIN, Listing
from recording import Recorded

ORDER_ID = "261123000000001"
FIRST_LEG, COVERED = "261123000000000", "second leg of a cover order"
TRIGGER_ID = 3375316
LAST_PRICE = 1517.5
CREDENTIALS: Mapping[str, str] = {
    "api_key": "recordedkey",
    "api_secret": "recordedsecret",
    "access_token": "recordedaccess",
}
"""Of nobody: the recording server lets everybody in."""
REQUEST_TOKEN, REFRESH_TOKEN = "recordedrequest", "recordedrefresh"

INTERVALS = (
    "minute", "3minute", "5minute", "10minute", "15minute", "30minute", "60minute", "day",
)  # fmt: skip
QUOTED = ("NSE:INFY", "NSE:M&M", "NSE:NIFTY 50", "NFO:NIFTY26NOV26000CE", "MCX:CRUDEOIL26DECFUT")

CONVERTED: Mapping[str, Any] = {
    **INFY.params,
    "transaction_type": "BUY",
    "position_type": "day",
    "quantity": 4,
    "old_product": "MIS",
    "new_product": "CNC",
}


def planned(listed: Mapping[str, str], side: str, product: str, **more: Any) -> dict[str, Any]:
    return {
        **listed,
        "transaction_type": side,
        "variety": "regular",
        "product": product,
    } | more


MARGINS: Sequence[Mapping[str, Any]] = (
    planned(NIFTY_FUTURE.params, "SELL", "NRML", order_type="LIMIT", quantity=75, price=25900.5),
    planned(NIFTY_CALL.params, "BUY", "NRML", order_type="LIMIT", quantity=75, price=190),
    planned(CRUDE_FUTURE.params, "BUY", "NRML", order_type="LIMIT", quantity=2, price=5300),
)
CHARGES: Sequence[Mapping[str, Any]] = (
    planned(
        INFY.params, "BUY", "CNC", order_type="LIMIT", quantity=10, average_price=1450.5
    ) | {"order_id": "1"},
)  # fmt: skip

FURTHER_MARGINS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "one share": [
        planned(SBIN.params, "BUY", "MIS", order_type="LIMIT", quantity=1, price=800.05)
    ],
    "one that waits": [
        planned(GAS_FUTURE.params, "SELL", "NRML", order_type="SL", quantity=2, price=410.1,
                trigger_price=410.2),
    ],
    "after the market": [
        planned(BHARTI_BSE.params, "BUY", "CNC", order_type="LIMIT", quantity=2, price=1500,
                variety="amo"),
    ],
    "spread": [
        planned(HALF_STRIKE.params, "SELL", "NRML", order_type="LIMIT", quantity=5500, price=2.05),
        planned(SENSEX_PUT.params, "BUY", "MIS", order_type="LIMIT", quantity=20, price=312.35),
        planned(DOLLAR_CALL.params, "BUY", "NRML", order_type="LIMIT", quantity=3, price=0.3025),
    ],
}  # fmt: skip
FURTHER_CHARGES: Sequence[Mapping[str, Any]] = (
    planned(SBIN.params, "SELL", "MIS", order_type="LIMIT", quantity=5, average_price=801)
    | {"order_id": "1"},
    planned(HALF_STRIKE.params, "SELL", "NRML", order_type="LIMIT", quantity=5500,
            average_price=2.05) | {"order_id": "2"},
    planned(GAS_FUTURE.params, "BUY", "NRML", order_type="LIMIT", quantity=2,
            average_price=412.3) | {"order_id": "3"},
)  # fmt: skip

SPANS: Mapping[str, tuple[str, str, tuple[str, str]]] = {
    "index": ("260105", "day", ("2024-01-01 00:00:00", "2026-11-20 00:00:00")),
    "BSE share": ("136308228", "30minute", ("2026-11-20 09:15:00", "2026-11-20 15:29:59")),
    "commodity": ("120985863", "60minute", ("2026-11-02 09:00:00", "2026-11-20 23:30:00")),
    "currency option": ("320000259", "5minute", ("2026-11-20 09:00:00", "2026-11-20 17:00:00")),
}
"""Token, interval and span."""
OPEN_INTEREST = (120985863, 320000259)

RULE_ORDER: Mapping[str, Any] = {
    "transaction_type": "BUY",
    "quantity": 10,
    "order_type": "LIMIT",
    "product": "CNC",
    "price": 1450,
}
RULE: Mapping[str, Any] = {
    "trigger_type": "single",
    **INFY.params,
    "trigger_values": [1455.5],
    "last_price": LAST_PRICE,
    "orders": [RULE_ORDER],
}
RULE_CHANGE: Mapping[str, Any] = {
    **RULE,
    "trigger_values": [1446.0],
    "orders": [{**RULE_ORDER, "price": 1440.5, "quantity": 12}],
}


def _pair(side: str, lower: tuple[float, float], upper: tuple[float, float], quantity: int = 10,
          product: str = "CNC") -> dict[str, Any]:  # fmt: skip
    """A trigger with two legs, each its trigger value and its order's price."""
    order = {"transaction_type": side, "quantity": quantity, "order_type": "LIMIT",
             "product": product}  # fmt: skip
    return {
        "trigger_type": "two-leg",
        **INFY.params,
        "trigger_values": [float(lower[0]), float(upper[0])],
        "last_price": LAST_PRICE,
        "orders": [order | {"price": lower[1]}, order | {"price": upper[1]}],
    }


def _single(where: Listing, side: str, trigger: float, last: float, **order: Any) -> Any:
    """A trigger with one leg as programs write it, whole numbers without a point."""
    told = {"transaction_type": side, "order_type": "LIMIT"} | order
    return {"trigger_type": "single", **where.params, "trigger_values": [trigger],
            "last_price": last, "orders": [told]}  # fmt: skip


RULES: Mapping[str, Mapping[str, Any]] = {
    "one leg": RULE,
    "target and stop": _pair("SELL", (1450, 1445.5), (1600, 1598)),
    "target and stop of a short": _pair("BUY", (1450, 1452), (1600.5, 1605), product="MTF"),
    "sale on BSE": _single(
        BHARTI_BSE, "SELL", 1650, 1500, quantity=2, product="CNC", price=1649.95
    ),
    "half a strike": _single(
        HALF_STRIKE, "SELL", 0.05, 1.25, quantity=5500, product="NRML", price=0.05
    ),
    "gas": _single(GAS_FUTURE, "BUY", 400.1, 412.3, quantity=2, product="NRML", price=400.2),
}
RULE_CHANGES: Mapping[str, Mapping[str, Any]] = {
    "one leg": RULE_CHANGE,
    "target": _pair("SELL", (1450, 1445.5), (1611, 1610)),
    "stop": _pair("SELL", (1440.5, 1439), (1600, 1598)),
    "both legs": _pair("SELL", (1440.5, 1439), (1611, 1610), 12),
}  # fmt: skip


def _rules() -> Iterator[Recorded]:
    for name, rule in RULES.items():
        yield Recorded(operation="place_gtt", name=name, method="place_gtt", named=rule)
    for name, change in RULE_CHANGES.items():
        yield Recorded(
            operation="modify_gtt",
            name=name,
            method="modify_gtt",
            arguments=(TRIGGER_ID,),
            named=change,
        )


def _orders() -> Iterator[Recorded]:
    for placing in ALL_PLACINGS:
        yield Recorded(
            operation="place_order", name=placing.name, method="place_order", named=placing.theirs
        )
    for change in ALL_CHANGES:
        variety = PLACED[change.name].theirs["variety"]
        yield Recorded(
            operation="modify_order",
            name=change.name,
            method="modify_order",
            named={"variety": variety, "order_id": ORDER_ID, **change.theirs},
        )
    for name, variety in ALL_CANCELLED.items():
        yield Recorded(
            operation="cancel_order",
            name=name,
            method="cancel_order",
            arguments=(variety, ORDER_ID),
        )
    yield Recorded(
        operation="cancel_order", name=COVERED, method="exit_order", arguments=("co", ORDER_ID),
        named={"parent_order_id": FIRST_LEG},
    )  # fmt: skip


def _prices() -> Iterator[Recorded]:
    for mode, method in (("LTP", "ltp"), ("OHLC", "ohlc"), ("FULL", "quote")):
        yield Recorded(operation="quotes", name=mode, method=method, arguments=QUOTED)
        yield Recorded(
            operation="quotes", name=f"{mode} of many", method=method, arguments=FURTHER_QUOTED
        )
    span = ("2026-11-02 09:15:00", "2026-11-20 15:30:00")
    for interval in INTERVALS:
        yield Recorded(
            operation="history",
            name=interval,
            method="historical_data",
            arguments=(INFY.token, *span, interval),
        )
    yield Recorded(
        operation="history",
        name="with open interest",
        method="historical_data",
        arguments=(NIFTY_FUTURE.token, *span, "minute"),
        named={"oi": True},
    )
    for name, (token, interval, days) in SPANS.items():
        yield Recorded(
            operation="history",
            name=name,
            method="historical_data",
            arguments=(token, *days, interval),
            named={"oi": int(token) in OPEN_INTEREST},
        )


def _more() -> Iterator[Recorded]:
    for name, told in FURTHER_CONVERTED.items():
        yield Recorded(
            operation="convert_position", name=name, method="convert_position", named=told
        )
    for name, orders in FURTHER_MARGINS.items():
        yield Recorded(
            operation="margin", name=name, method="basket_order_margins", arguments=(orders,)
        )
    yield Recorded(
        operation="charges", name="several", method="get_virtual_contract_note",
        arguments=(list(FURTHER_CHARGES),),
    )  # fmt: skip


def _simple(operation: str, method: str, *arguments: Any, **named: Any) -> Recorded:
    return Recorded(operation=operation, method=method, arguments=arguments, named=named)


CALLS: tuple[Recorded, ...] = (
    _simple("login", "generate_session", REQUEST_TOKEN, CREDENTIALS["api_secret"]),
    _simple("renew", "renew_access_token", REFRESH_TOKEN, CREDENTIALS["api_secret"]),
    _simple("profile", "profile"),
    _simple("funds", "margins"),
    *_orders(),
    _simple("orders", "orders"),
    _simple("order", "order_history", ORDER_ID),
    _simple("trades", "trades"),
    _simple("positions", "positions"),
    _simple("holdings", "holdings"),
    _simple("convert_position", "convert_position", **CONVERTED),
    *_prices(),
    *_more(),
    _simple("margin", "basket_order_margins", list(MARGINS)),
    _simple("charges", "get_virtual_contract_note", list(CHARGES)),
    *_rules(),
    _simple("cancel_gtt", "delete_gtt", TRIGGER_ID),
    _simple("gtt", "get_gtt", TRIGGER_ID),
    _simple("gtts", "get_gtts"),
    _simple("master", "instruments"),
    _simple("logout", "invalidate_access_token"),
)
