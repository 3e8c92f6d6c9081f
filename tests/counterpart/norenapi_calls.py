"""What the Noren system's official clients are asked when their requests are recorded.

Each call is a method of ``NorenApi`` with its arguments, as the clients' README and docstrings
write them; both clients have them all but for the login, where NorenRestApiPy has the one that is
being withdrawn.  ``record_norenapi.py`` makes the calls; ``test_norenapi_same_requests`` says the
same to openbroker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from norenapi_intents import CANCELLED, CHANGINGS, INFY, MAHINDRA, NIFTY_CALL, PLACINGS
from recording import Recorded

ORDER_ID = "26112300000017"
UID = "FA12345"
TOKEN = "recordedtoken"
CREDENTIALS: Mapping[str, str] = {"api_key": "recordedkey", "api_secret": "recordedsecret"}
"""Of nobody: the recording server lets everybody in."""
CODE = "recordedcode"

INTERVALS = ("1", "3", "5", "10", "15", "30", "60")
START, END = 1793591100, 1795168800
"""2026-11-02 09:15 and 2026-11-20 15:30 in India."""
DAILY = {"NSE:INFY": "INFY-EQ", "NSE:M&M": "M&M-EQ", "NSE_INDEX:NIFTY": "Nifty 50"}

CONVERTED: Mapping[str, Any] = {
    "exchange": "NSE",
    "tradingsymbol": MAHINDRA.tsym,
    "quantity": 4,
    "new_product_type": "C",
    "previous_product_type": "I",
    "buy_or_sell": "B",
    "day_or_cf": "DAY",
}
CONVERTED_SHORT: Mapping[str, Any] = {
    "exchange": "NFO",
    "tradingsymbol": NIFTY_CALL.tsym,
    "quantity": 75,
    "new_product_type": "I",
    "previous_product_type": "M",
    "buy_or_sell": "S",
    "day_or_cf": "CF",
}


def _call(operation: str, method: str, *arguments: Any, name: str = "", **named: Any) -> Recorded:
    return Recorded(operation=operation, name=name, method=method, arguments=arguments, named=named)


def _orders() -> Iterator[Recorded]:
    for placing in PLACINGS:
        yield _call("place_order", "place_order", name=placing.name, **placing.theirs)
    for change in CHANGINGS:
        yield _call("modify_order", "modify_order", name=change.name, **change.params(ORDER_ID))
    for name in CANCELLED:
        yield _call("cancel_order", "cancel_order", ORDER_ID, name=name)


def _prices() -> Iterator[Recorded]:
    for where in (INFY, NIFTY_CALL):
        yield _call("quotes", "get_quotes", where.exch, where.token, name=where.symbol)
    for interval in INTERVALS:
        yield _call(
            "history",
            "get_time_price_series",
            *(INFY.exch, INFY.token, START, END, interval),
            name=interval,
        )
    for symbol, tsym in DAILY.items():
        yield _call("history", "get_daily_price_series", "NSE", tsym, START, END, name=symbol)


CALLS: tuple[Recorded, ...] = (
    *_orders(),
    _call("orders", "get_order_book"),
    _call("order_history", "single_order_history", ORDER_ID),
    _call("trades", "get_trade_book"),
    _call("positions", "get_positions"),
    _call("convert_position", "position_product_conversion", name="bought today", **CONVERTED),
    _call(
        "convert_position", "position_product_conversion", name="carried short", **CONVERTED_SHORT
    ),
    _call("holdings", "get_holdings"),
    _call("funds", "get_limits"),
    *_prices(),
    _call("logout", "logout"),
)
LOGIN = _call(
    "login", "getAccessToken", CODE, CREDENTIALS["api_secret"], CREDENTIALS["api_key"], UID
)
