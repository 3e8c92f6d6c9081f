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
    CRUDE_CALL,
    CRUDE_FUTURE,
    DOLLAR_CALL,
    DOLLAR_FUTURE,
    INFY,
    INFY_BSE,
    NIFTY,
    NIFTY_CALL,
    NIFTY_FUTURE,
    PLACINGS,
    SBIN,
    SBIN_FUTURE,
    SENSEX,
    SENSEX_PUT,
    SHARE_CALL,
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
API, LOGIN, FILE = (
    "https://api.dhan.co/v2", "https://auth.dhan.co",
    "https://images.dhan.co/api-data/api-scrip-master.csv",
)  # fmt: skip
"""Where the client sends orders and reads, logins, and the request for the instruments."""
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
    "BSE share": (INFY_BSE, "EQUITY"),
    "BSE index": (SENSEX, "INDEX"),
    "BSE index option": (SENSEX_PUT, "OPTIDX"),
    "share option": (SHARE_CALL, "OPTSTK"),
    "commodity option": (CRUDE_CALL, "OPTFUT"),
    "currency option": (DOLLAR_CALL, "OPTCUR"),
}
QUOTED: Mapping[str, Sequence[Listing]] = {
    "": (INFY, NIFTY, NIFTY_CALL, CRUDE_FUTURE),
    " everywhere": (
        INFY,
        SBIN,
        INFY_BSE,
        NIFTY,
        SENSEX,
        NIFTY_CALL,
        SHARE_CALL,
        SENSEX_PUT,
        CRUDE_FUTURE,
        CRUDE_CALL,
        DOLLAR_FUTURE,
    ),
    " one": (SENSEX,),
}
QUOTED_IDS: Mapping[str, Mapping[str, Sequence[int]]] = {
    "": {"NSE_EQ": [1594], "IDX_I": [13], "NSE_FNO": [42864], "MCX_COMM": [449735]},
    " everywhere": {
        "NSE_EQ": [1594, 3045], "BSE_EQ": [500209], "IDX_I": [13, 51], "NSE_FNO": [42864, 99871],
        "BSE_FNO": [837931], "MCX_COMM": [449735, 451020], "NSE_CURRENCY": [2674]},
    " one": {"IDX_I": [51]},
}  # fmt: skip
"""What quotes are asked for, by what the case's name adds to the mode."""


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
MARGIN_OF: Mapping[str, tuple[Any, ...]] = {
    "one": (NIFTY_FUTURE, "SELL", 65, "MARGIN", 25900.5),
    "one stop": (CRUDE_FUTURE, "BUY", 2, "MARGIN", 5300, 5290),
    "delivery": (INFY, "BUY", 10, "CNC", 1450),
    "on margin, a stop": (INFY_BSE, "BUY", 3, "MTF", 1500.05, 1499.95),
    "at the market": (NIFTY_CALL, "SELL", 130, "INTRADAY", 0),
    "currency": (DOLLAR_CALL, "SELL", 4, "MARGIN", 0.2475),
    "BSE option": (SENSEX_PUT, "SELL", 20, "INTRADAY", 68.05),
}
"""The contract, and ``margin_calculator``'s arguments from the side on."""
SHARE_MARGINS: Sequence[Mapping[str, Any]] = (
    planned(INFY, "BUY", 10, "CNC", 1450.05),
    planned(SBIN, "SELL", 4, "INTRADAY", 0),
    planned(INFY_BSE, "SELL", 3, "MTF", 1499.95, 1500),
)


def converting(where: Listing, held: str, side: str, quantity: int, wanted: str) -> dict[str, Any]:
    """``convert_position``'s arguments."""
    return {
        "from_product_type": held,
        "exchange_segment": where.segment,
        "position_type": side,
        "security_id": where.security_id,
        "convert_qty": quantity,
        "to_product_type": wanted,
    }


CONVERTED: Mapping[str, Mapping[str, Any]] = {
    "": converting(INFY, "INTRADAY", "LONG", 4, "CNC"),
    "delivery to the day": converting(INFY_BSE, "CNC", "LONG", 3, "INTRADAY"),
    "delivery to margin": converting(SBIN, "CNC", "LONG", 6, "MTF"),
    "margin to delivery": converting(SBIN, "MTF", "LONG", 1, "CNC"),
    "short for the day, carried": converting(NIFTY_CALL, "INTRADAY", "SHORT", 65, "MARGIN"),
    "short carried, for the day": converting(SENSEX_PUT, "MARGIN", "SHORT", 40, "INTRADAY"),
    "commodity in lots": converting(CRUDE_FUTURE, "INTRADAY", "LONG", 2, "MARGIN"),
    "currency in lots": converting(DOLLAR_FUTURE, "MARGIN", "SHORT", 3, "INTRADAY"),
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
    "BSE share on margin": {
        **INFY_BSE.params, "transaction_type": "BUY", "product_type": "MTF", "order_type": "LIMIT",
        "quantity": 7, "price": 1399.95, "trigger_Price": 1400},
    "BSE option": {
        **SENSEX_PUT.params, "transaction_type": "BUY", "product_type": "MARGIN",
        "order_type": "LIMIT", "quantity": 40, "price": 101, "trigger_Price": 100.05},
    "half a strike": {
        **SHARE_CALL.params, "transaction_type": "SELL", "product_type": "MARGIN",
        "order_type": "LIMIT", "quantity": 1150, "price": 1.35, "trigger_Price": 1.4},
    "target and stop on margin, partly shown": {
        **INFY_BSE.params, "transaction_type": "SELL", "product_type": "MTF",
        "order_type": "LIMIT", "quantity": 20, "price": 1399.05, "trigger_Price": 1400.1,
        "order_flag": "OCO", "price1": 1610.1, "trigger_Price1": 1609.95, "quantity1": 20,
        "disclosed_quantity": 6},
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
        for which, ids in QUOTED_IDS.items():
            yield _named("quotes", mode + which, method, dict(ids))
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


def _conversions_and_margins() -> Iterator[Recorded]:
    for name, conversion in CONVERTED.items():
        yield _named("convert_position", name, "convert_position", **conversion)
    for name, (where, *told) in MARGIN_OF.items():
        yield _named(
            "margin", name, "margin_calculator", where.security_id, where.segment, *told
        )  # fmt: skip
    for name, legs in (("several", MARGINS), ("shares", SHARE_MARGINS)):
        yield _named("margin", name, "margin_calculator_multi", list(legs))


READS: Mapping[str, tuple[str, str, Sequence[Any]]] = {
    "an order's trades": (f"/trades/{ORDER_ID}", "get_trade_book", (ORDER_ID,)),
    "earlier trades": ("/trades/2026-10-01/2026-10-31/2", "get_trade_history",
                       ("2026-10-01", "2026-10-31", 2)),
    "ledger": ("/ledger?from-date=2026-10-01&to-date=2026-10-31", "ledger_report",
               ("2026-10-01", "2026-10-31")),
    "conditional orders": ("/alerts/orders", "get_conditional_orders", ()),
    "a conditional order": ("/alerts/orders/12345", "get_conditional_order", ("12345",)),
    "exit by profit and loss": ("/pnlExit", "get_pnl_exit", ()),
    "authorised shares": ("/edis/inquire/INE009A01021", "edis_inquiry", ("INE009A01021",)),
}  # fmt: skip
"""What only ``broker.request`` reads: its path, the client's method and the arguments."""


def _reads() -> Iterator[Recorded]:
    for name, (_, method, arguments) in READS.items():
        yield _named("raw", name, method, *arguments)


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
    *_conversions_and_margins(),
    *_prices(),
    *_rules(),
    *_reads(),
    _simple("master", "fetch_security_list"),
)  # fmt: skip
