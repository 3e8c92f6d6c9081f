"""What dhanhq is asked when its requests are recorded, by operation.

Each call is a method of ``dhanhq`` or ``DhanLogin`` with its arguments, as the documentation's and
the client's own examples write them.  ``record_dhanhq.py`` makes the calls;
``test_dhanhq_same_requests`` says the same to openbroker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dhanhq_intents import (
    CANCELLED,
    CHANGINGS,
    CRUDE_FUTURE,
    DOLLAR_FUTURE,
    INFY,
    NIFTY,
    NIFTY_CALL,
    NIFTY_FUTURE,
    PLACINGS,
    SBIN_FUTURE,
    SUPER_LEGS,
    Listing,
)
from official import Counterpart, Talk
from recording import Recorded

ORDER_ID, RULE_ID, WIRE_TAG = "112111182198", "5132208051112", "algo1ABCDEFGH"
CLIENT, PIN, TOTP = "1100000001", "1234", "482913"
ACCESS_TOKEN, TOKEN_ID = "recorded.access.token", "recordedtoken"
APP_ID, APP_SECRET = "recordedkey", "recordedsecret"
ADDRESS = "192.0.2.10"
CREDENTIALS: Mapping[str, str] = {"api_key": CLIENT}
"""What the driver is told: the client id. All of it is of nobody, for the recording server lets
everybody in."""


class DhanClient(Talk):
    """dhanhq; nothing is expected of a reply but that it comes."""

    def prepare(self) -> None:
        """Take the access token."""
        self.call("set_access_token", ACCESS_TOKEN)


DHANHQ = Counterpart[DhanClient](name="dhanhq", client=DhanClient)

INTERVALS: Mapping[str, int] = {"1m": 1, "5m": 5, "15m": 15, "1h": 60}
CHARTED: Mapping[str, tuple[Listing, str]] = {
    "share": (INFY, "EQUITY"),
    "index": (NIFTY, "INDEX"),
    "index future": (NIFTY_FUTURE, "FUTIDX"),
    "share future": (SBIN_FUTURE, "FUTSTK"),
    "index option": (NIFTY_CALL, "OPTIDX"),
    "commodity future": (CRUDE_FUTURE, "FUTCOM"),
    "currency future": (DOLLAR_FUTURE, "FUTCUR"),
}
QUOTED = (INFY, NIFTY, NIFTY_CALL, CRUDE_FUTURE)
QUOTED_IDS = {"NSE_EQ": [1594], "IDX_I": [13], "NSE_FNO": [42864], "MCX_COMM": [449735]}


def planned(
    where: Listing, side: str, quantity: int, product: str, price: float, trigger: float = 0
) -> dict[str, Any]:
    """A leg of ``margin_calculator_multi``, by the documentation."""
    return {
        "exchangeSegment": where.segment,
        "transactionType": side,
        "quantity": quantity,
        "productType": product,
        "securityId": where.security_id,
        "price": price,
        "triggerPrice": trigger,
    }


MARGINS: Sequence[Mapping[str, Any]] = (
    planned(NIFTY_FUTURE, "SELL", 65, "MARGIN", 25900.5),
    planned(NIFTY_CALL, "BUY", 65, "INTRADAY", 190),
    planned(CRUDE_FUTURE, "BUY", 2, "MARGIN", 5300, 5290),
)
CONVERTED: Mapping[str, Any] = {
    "from_product_type": "INTRADAY",
    "exchange_segment": "NSE_EQ",
    "position_type": "LONG",
    "security_id": INFY.security_id,
    "convert_qty": 4,
    "to_product_type": "CNC",
}

RULES: Mapping[str, Mapping[str, Any]] = {
    "buy": {**INFY.params, "transaction_type": "BUY", "product_type": "CNC",
            "order_type": "LIMIT", "quantity": 10, "price": 1450, "trigger_Price": 1455.5},
    "sell on margin, partly shown": {
        **INFY.params, "transaction_type": "SELL", "product_type": "MTF", "order_type": "LIMIT",
        "quantity": 10, "price": 1600.5, "trigger_Price": 1600, "disclosed_quantity": 4},
    "option": {**NIFTY_CALL.params, "transaction_type": "SELL", "product_type": "MARGIN",
               "order_type": "LIMIT", "quantity": 65, "price": 68.05, "trigger_Price": 70},
    "target and stop": {
        **INFY.params, "transaction_type": "SELL", "product_type": "CNC", "order_type": "LIMIT",
        "quantity": 10, "price": 1445.5, "trigger_Price": 1450, "order_flag": "OCO",
        "price1": 1598, "trigger_Price1": 1600, "quantity1": 10},
    "target and stop of a short": {
        **NIFTY_CALL.params, "transaction_type": "BUY", "product_type": "MARGIN",
        "order_type": "LIMIT", "quantity": 65, "price": 82.5, "trigger_Price": 82,
        "order_flag": "OCO", "price1": 60.05, "trigger_Price1": 60, "quantity1": 65},
}  # fmt: skip
RULE_CHANGES: Mapping[str, Sequence[Any]] = {
    "one leg": ("SINGLE", "LIMIT", "TARGET_LEG", 12, 1440.5, 1446, 5, "DAY"),
    "first of two": ("OCO", "LIMIT", "TARGET_LEG", 10, 1610, 1605, 4, "DAY"),
    "second of two": ("OCO", "LIMIT", "STOP_LOSS_LEG", 10, 1400, 1410, 4, "DAY"),
}
"""``modify_forever``'s arguments after the id."""


def _simple(operation: str, method: str, *arguments: Any, **named: Any) -> Recorded:
    return Recorded(operation=operation, method=method, arguments=arguments, named=named)


def _named(operation: str, name: str, method: str, *arguments: Any, **named: Any) -> Recorded:
    return Recorded(operation=operation, name=name, method=method, arguments=arguments, named=named)


def _session() -> Iterator[Recorded]:
    yield _simple("begin_login", "generate_login_session", APP_ID, APP_SECRET)
    yield _named("login", "by consent", "consume_token_id", TOKEN_ID, APP_ID, APP_SECRET)
    yield _named("login", "by code", "generate_token", PIN, TOTP)
    yield _named("login", "by token", "user_profile", ACCESS_TOKEN)
    yield _simple("renew", "renew_token", ACCESS_TOKEN)
    yield _simple("profile", "user_profile", ACCESS_TOKEN)
    yield _simple("static_ips", "get_ip", ACCESS_TOKEN)
    for name, method in (("first", "set_ip"), ("change", "modify_ip")):
        yield _named("set_static_ip", name, method, ACCESS_TOKEN, ADDRESS, "SECONDARY")
    yield _simple("kill_switch", "status_kill_switch")
    for action in ("activate", "deactivate"):
        yield _named("set_kill_switch", action, "kill_switch", action)


def _orders() -> Iterator[Recorded]:
    for placing in PLACINGS:
        yield _named("place_order", placing.name, placing.method, **placing.theirs)
    for change in CHANGINGS:
        yield _named("modify_order", change.name, change.method, ORDER_ID, **change.theirs)
    for name in CANCELLED:
        yield _named("cancel_order", name, "cancel_order", ORDER_ID)
    for leg in SUPER_LEGS:
        yield _named("cancel_order", leg, "cancel_super_order", ORDER_ID, leg)
    yield _simple("super_orders", "get_super_order_list")


def _prices() -> Iterator[Recorded]:
    for mode, method in (("LTP", "ticker_data"), ("OHLC", "ohlc_data"), ("FULL", "quote_data")):
        yield _named("quotes", mode, method, dict(QUOTED_IDS))
    minutes = ("2026-11-02 09:15:00", "2026-11-20 15:30:00")
    days = ("2026-11-02", "2026-11-21")
    for name, (where, kind) in CHARTED.items():
        told = (where.security_id, where.segment, kind)
        interest = {"oi": where.instrument.is_derivative}
        yield _named("history", f"{name}, 1d", "historical_daily_data", *told, *days, **interest)
        for interval, number in INTERVALS.items():
            yield _named(
                "history", f"{name}, {interval}", "intraday_minute_data", *told, *minutes,
                number, **interest,
            )  # fmt: skip


def _rules() -> Iterator[Recorded]:
    for name, rule in RULES.items():
        yield _named("place_gtt", name, "place_forever", **rule)
    for name, change in RULE_CHANGES.items():
        yield _named("modify_gtt", name, "modify_forever", RULE_ID, *change)
    yield _simple("cancel_gtt", "cancel_forever", RULE_ID)
    yield _simple("gtt", "get_forever")
    yield _simple("gtts", "get_forever")


CALLS: tuple[Recorded, ...] = (
    *_session(),
    _simple("funds", "get_fund_limits"),
    *_orders(),
    _simple("orders", "get_order_list"),
    _simple("order", "get_order_by_id", ORDER_ID),
    _simple("order_by_tag", "get_order_by_correlationID", WIRE_TAG),
    _simple("trades", "get_trade_book"),
    _simple("positions", "get_positions"),
    _simple("holdings", "get_holdings"),
    _simple("convert_position", "convert_position", **CONVERTED),
    _named("margin", "one", "margin_calculator", NIFTY_FUTURE.security_id, "NSE_FNO", "SELL", 65,
           "MARGIN", 25900.5),
    _named("margin", "one stop", "margin_calculator", CRUDE_FUTURE.security_id, "MCX_COMM", "BUY",
           2, "MARGIN", 5300, 5290),
    _named("margin", "several", "margin_calculator_multi", list(MARGINS)),
    *_prices(),
    *_rules(),
    _simple("master", "fetch_security_list"),
)  # fmt: skip
