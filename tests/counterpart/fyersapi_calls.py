"""What fyers-apiv3 is asked when its requests are recorded, by operation.

Each call is a method of the client with its arguments, as the documentation's samples and the
client's own docstrings write them.  ``record_fyersapi.py`` makes the calls;
``test_fyersapi_same_requests`` says the same to openbroker.  The client has no call for renewal,
for margins and for the instrument masters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fyersapi_intents import (
    CHANGINGS,
    CRUDE_FUTURE,
    INFY,
    MAHINDRA,
    NIFTY,
    NIFTY_CALL,
    NIFTY_FUTURE,
    PLACINGS,
    RULINGS,
    leg,
    legs,
)
from official import Counterpart, Talk
from recording import Recorded

ORDER_ID, GTT_ID, WIRE_TAG = "26112300000001", "26112300002074", "algo1ABCDEFGH"
CREDENTIALS: Mapping[str, str] = {
    "api_key": "RECORDED-100",
    "api_secret": "recordedsecret",
    "redirect_uri": "http://127.0.0.1:7171/",
    "auth_code": "recordedcode",
    "access_token": "recorded.access.token",
}
"""Of nobody: the recording server lets everybody in."""


class FyersClient(Talk):
    """fyers-apiv3; whatever is answered, it returns."""

    def prepare(self) -> None:
        """Take the access token."""
        self.call("set_access_token", CREDENTIALS["access_token"])


FYERSAPI = Counterpart[FyersClient](name="fyersapi", client=FyersClient)

QUOTED = (INFY, MAHINDRA, NIFTY, NIFTY_CALL, CRUDE_FUTURE)
INTERVALS: Mapping[str, str] = {
    "1m": "1", "3m": "3", "5m": "5", "10m": "10", "15m": "15", "30m": "30", "1h": "60",
}  # fmt: skip
MOMENTS = {"date_format": "0", "range_from": "1793591100", "range_to": "1795168800"}
"""2026-11-02 09:15 and 2026-11-20 15:30, India, in seconds since 1970."""
DAYS = {"date_format": "1", "range_from": "2026-11-02", "range_to": "2026-11-20"}

CONVERTED: Mapping[str, Any] = {
    "symbol": "NSE:INFY-EQ-INTRADAY",
    "positionSide": 1,
    "convertQty": 4,
    "convertFrom": "INTRADAY",
    "convertTo": "CNC",
    "overnight": 0,
}


def _call(operation: str, method: str, *arguments: Any, name: str = "", **named: Any) -> Recorded:
    return Recorded(operation=operation, name=name, method=method, arguments=arguments, named=named)


def _orders() -> Iterator[Recorded]:
    for placing in PLACINGS:
        yield _call("place_order", "place_order", placing.theirs, name=placing.name)
    for change in CHANGINGS:
        told = {"id": ORDER_ID, **change.theirs}
        yield _call("modify_order", "modify_order", told, name=change.name)
    yield _call("cancel_order", "cancel_order", {"id": ORDER_ID})
    yield _call("orders", "orderbook")
    yield _call("order", "orderbook", {"id": ORDER_ID})
    yield _call("order_by_tag", "orderbook", {"order_tag": f"1:{WIRE_TAG}"})
    yield _call("trades", "tradebook")


def _prices() -> Iterator[Recorded]:
    symbols = ",".join(one.ticker for one in QUOTED)
    for mode in ("LTP", "OHLC"):
        yield _call("quotes", "quotes", {"symbols": symbols}, name=mode)
    for one in (MAHINDRA, NIFTY_CALL):
        told = {"symbol": one.ticker, "ohlcv_flag": "1"}
        yield _call("quotes", "depth", told, name=f"FULL {one.symbol}")
    asked = {"symbol": "NSE:INFY-EQ", "cont_flag": "0", "oi_flag": "0"}
    for ours, resolution in INTERVALS.items():
        told = {**asked, "resolution": resolution, **MOMENTS}
        yield _call("history", "history", told, name=ours)
    yield _call("history", "history", {**asked, "resolution": "1D", **DAYS}, name="1d")
    future = {"symbol": NIFTY_FUTURE.ticker, "cont_flag": "0", "oi_flag": "1", "resolution": "5"}
    yield _call("history", "history", future | MOMENTS, name="with open interest")


def _rules() -> Iterator[Recorded]:
    for rule in RULINGS:
        yield _call("place_gtt", "place_gtt_order", rule.theirs, name=rule.name)
    changes = {
        "price": leg(1440.5, 1455.5, 10),
        "trigger": leg(1450, 1446, 10),
        "everything": leg(1440, 1446, 12),
        "target": legs((1610, 1611), (1445, 1450), 10),
        "stop": legs((1598, 1600), (1439.5, 1440), 10),
        "both legs": legs((1610, 1611), (1439.5, 1440), 12),
    }
    for name, order_info in changes.items():
        told = {"id": GTT_ID, "orderInfo": order_info}
        yield _call("modify_gtt", "modify_gtt_order", told, name=name)
    yield _call("cancel_gtt", "cancel_gtt_order", {"id": GTT_ID})
    yield _call("gtt", "gtt_orderbook")
    yield _call("gtts", "gtt_orderbook")


CALLS: tuple[Recorded, ...] = (
    _call("login_url", "login_page", redirect_uri=CREDENTIALS["redirect_uri"],
          response_type="code", state="openbroker"),
    _call("login", "generate_token", CREDENTIALS["auth_code"],
          secret_key=CREDENTIALS["api_secret"], grant_type="authorization_code"),
    _call("profile", "get_profile"),
    _call("funds", "funds"),
    *_orders(),
    _call("positions", "positions"),
    _call("holdings", "holdings"),
    _call("convert_position", "convert_position", CONVERTED),
    *_prices(),
    *_rules(),
    _call("raw", "market_status"),
    _call("logout", "logout"),
)  # fmt: skip
