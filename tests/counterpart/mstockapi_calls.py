"""What mStock's official client is asked when its requests are recorded, by operation.

Each call is a method of ``MConnectB`` with its arguments, as its README's samples write them.
``record_mstockapi.py`` makes the calls; ``test_mstockapi_same_requests`` says the same to
openbroker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mstockapi_further import (
    ALL_CANCELLED,
    ALL_CHANGES,
    ALL_PLACINGS,
    FURTHER_CONVERTED,
    FURTHER_MARGINS,
    MANY,
    MOVERS,
    PLACED,
    SPANS,
    TODAYS,
    conversion,
)
from mstockapi_intents import ACC, NIFTY_CALL, NIFTY_FUTURE, SBIN, SBIN_BSE
from official import Counterpart, Talk
from recording import Recorded

ORDER_ID = "1191261123101"
CLIENT, PASSWORD, HANDLE = "MA6800001", "recordedpassword", "697c39bf-recorded"
TOTP, OTP = "482913", "4711"
API_KEY, JWT = "recordedkey", "recorded.jwt.token"
CREDENTIALS: Mapping[str, str] = {"api_key": API_KEY}
"""Of nobody: the recording server lets everybody in."""


class MStockClient(Talk):
    """The official client; nothing is expected of a reply but that it comes."""

    def prepare(self) -> None:
        """Take the session's token."""
        self.call("set_access_token", JWT)


MSTOCKAPI = Counterpart[MStockClient](name="mstockapi", client=MStockClient)

INTERVALS = (
    "ONE_MINUTE", "THREE_MINUTE", "FIVE_MINUTE", "TEN_MINUTE", "FIFTEEN_MINUTE", "THIRTY_MINUTE",
    "ONE_HOUR", "ONE_DAY",
)  # fmt: skip
QUOTED: Mapping[str, list[str]] = {
    "NSE": [SBIN.symboltoken, "26000"],
    "BSE": [SBIN_BSE.symboltoken],
    "NFO": [NIFTY_CALL.symboltoken],
}
SPAN = ("2026-11-18 09:15", "2026-11-19 15:30")
EXPIRY = "1479997800"
"""2026-11-24, counted from 1980."""
BSE_EXPIRY = "1480170600"
"""2026-11-26."""

CONVERTED: Mapping[str, Any] = conversion(
    SBIN, "BUY", 4, "INTRADAY", "DELIVERY", buyqty="6", buyamount="812.4"
)

MARGINS: Mapping[str, tuple[str, ...]] = {
    "share": ("DELIVERY", "BUY", "5", "2250", "NSE", "ACC", ACC.symboltoken, "0"),
    "future": ("CARRYFORWARD", "SELL", "75", "25900.5", "NFO", "NIFTY", NIFTY_FUTURE.symboltoken),
    "stop": ("INTRADAY", "BUY", "75", "190", "NFO", "NIFTY", NIFTY_CALL.symboltoken, "189.5"),
}


def _simple(operation: str, method: str, *arguments: Any, **named: Any) -> Recorded:
    return Recorded(operation=operation, method=method, arguments=arguments, named=named)


def _orders() -> Iterator[Recorded]:
    for placing in ALL_PLACINGS:
        yield Recorded(
            operation="place_order", name=placing.name, method="place_order", named=placing.theirs
        )
    for change in ALL_CHANGES:
        yield Recorded(
            operation="modify_order",
            name=change.name,
            method="modify_order",
            named=change.params(ORDER_ID, PLACED[change.name]),
        )
    for name, variety in ALL_CANCELLED.items():
        yield Recorded(
            operation="cancel_order",
            name=name,
            method="cancel_order",
            arguments=(variety, ORDER_ID),
        )


def _prices() -> Iterator[Recorded]:
    for mode in ("LTP", "OHLC"):
        yield Recorded(
            operation="quotes", name=mode, method="get_market_quote", arguments=(mode, QUOTED)
        )
        yield Recorded(
            operation="quotes", name=f"{mode} of many", method="get_market_quote",
            arguments=(mode, MANY),
        )  # fmt: skip
    for interval in INTERVALS:
        yield Recorded(
            operation="history",
            name=interval,
            method="get_historical_chart",
            arguments=("NSE", ACC.symboltoken, interval, *SPAN),
        )
        yield Recorded(
            operation="today",
            name=interval,
            method="get_intraday_chart",
            arguments=("2", NIFTY_CALL.symboltoken, interval),
        )
    for name, (where, interval, start, end) in SPANS.items():
        yield Recorded(
            operation="history", name=name, method="get_historical_chart",
            arguments=(where.exchange, where.symboltoken, interval, start, end),
        )  # fmt: skip
    for name, (where, number, interval) in TODAYS.items():
        yield Recorded(
            operation="today", name=name, method="get_intraday_chart",
            arguments=(number, where.symboltoken, interval),
        )  # fmt: skip


def _margins() -> Iterator[Recorded]:
    for name, arguments in {**MARGINS, **FURTHER_MARGINS}.items():
        yield Recorded(
            operation="margin", name=name, method="calculate_order_margin", arguments=arguments
        )


def _more() -> Iterator[Recorded]:
    for name, told in FURTHER_CONVERTED.items():
        yield Recorded(
            operation="convert_position", name=name, method="convert_position", named=told
        )
    for name, arguments in MOVERS.items():
        yield Recorded(operation="movers", name=name, method="loser_gainer", arguments=arguments)
    for name, method, *arguments in (
        ("expiries on BSE", "get_option_chain_master", "5"),
        ("contracts on BSE", "get_option_chain_data", "5", BSE_EXPIRY, "51"),
    ):
        yield Recorded(operation="option_contracts", name=name, method=method, arguments=arguments)


CALLS: tuple[Recorded, ...] = (
    Recorded(operation="login", name="password", method="login", arguments=(CLIENT, PASSWORD)),
    Recorded(
        operation="login", name="code of the app", method="verify_totp",
        arguments=(API_KEY, HANDLE, TOTP),
    ),
    Recorded(
        operation="login", name="code of the SMS", method="generate_session",
        arguments=(API_KEY, HANDLE, OTP),
    ),
    _simple("funds", "get_fund_summary"),
    *_orders(),
    _simple("orders", "get_order_book"),
    _simple("order_details", "get_order_details", ORDER_ID),
    _simple("trades", "get_trade_book"),
    _simple("trades_of", "get_trade_history", "2026-11-19", "2026-11-19"),
    _simple("positions", "get_net_position"),
    _simple("holdings", "get_holdings"),
    _simple("convert_position", "convert_position", **CONVERTED),
    *_prices(),
    *_margins(),
    *_more(),
    _simple("movers", "loser_gainer", "1", "13", "1", "G"),
    Recorded(
        operation="option_contracts", name="expiries", method="get_option_chain_master",
        arguments=("2",),
    ),
    Recorded(
        operation="option_contracts", name="contracts", method="get_option_chain_data",
        arguments=("2", EXPIRY, "26000"),
    ),
    _simple("master", "get_instruments"),
    _simple("logout", "logout"),
)  # fmt: skip
