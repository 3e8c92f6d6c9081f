"""What fyers-apiv3 is asked when its requests are recorded, by operation.

Each call is a method of the client with its arguments, as the documentation's samples and the
client's own docstrings write them.  ``record_fyersapi.py`` makes the calls;
``test_fyersapi_same_requests`` says the same to openbroker.  The client has no call for renewal,
for margins and for the instrument masters.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from fyersapi_intents import (
    BAJAJ,
    CHANGINGS,
    CRUDE_CALL,
    CRUDE_FUTURE,
    DOLLAR_CALL,
    DOLLAR_FUTURE,
    INFY,
    INFY_BSE,
    MAHINDRA,
    NIFTY,
    NIFTY_CALL,
    NIFTY_FUTURE,
    PLACINGS,
    RULINGS,
    SENSEX,
    SENSEX_PUT,
    SHARE_CALL,
    Listing,
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

QUOTED: Mapping[str, tuple[Listing, ...]] = {
    "": (INFY, MAHINDRA, NIFTY, NIFTY_CALL, CRUDE_FUTURE),
    " everywhere": (BAJAJ, INFY_BSE, NIFTY, SENSEX, NIFTY_FUTURE, SHARE_CALL, SENSEX_PUT,
                    CRUDE_CALL, DOLLAR_FUTURE, DOLLAR_CALL),
    " one": (SENSEX,),
}  # fmt: skip
"""What quotes are asked for, by what the case's name adds to the mode."""
IN_DEPTH = (MAHINDRA, NIFTY_CALL, SENSEX, INFY_BSE, SHARE_CALL, CRUDE_FUTURE, DOLLAR_FUTURE)
CHARTED: Mapping[str, Listing] = {
    "ampersand": MAHINDRA, "BSE share": INFY_BSE, "index": NIFTY, "BSE index": SENSEX,
    "half a strike": SHARE_CALL, "BSE option": SENSEX_PUT, "commodity": CRUDE_FUTURE,
    "currency option": DOLLAR_CALL,
}  # fmt: skip
INTERVALS: Mapping[str, str] = {
    "1m": "1", "3m": "3", "5m": "5", "10m": "10", "15m": "15", "30m": "30", "1h": "60",
}  # fmt: skip
MOMENTS = {"date_format": "0", "range_from": "1793591100", "range_to": "1795168800"}
"""2026-11-02 09:15 and 2026-11-20 15:30, India, in seconds since 1970."""
DAYS = {"date_format": "1", "range_from": "2026-11-02", "range_to": "2026-11-20"}


def converting(
    position: str, side: int, qty: int, held: str, wanted: str, overnight: int = 0
) -> dict[str, Any]:
    """``convert_position``'s object; the position goes by its id."""
    return {"symbol": position, "positionSide": side, "convertQty": qty, "convertFrom": held,
            "convertTo": wanted, "overnight": overnight}  # fmt: skip


CONVERTED: Mapping[str, Mapping[str, Any]] = {
    "": converting("NSE:INFY-EQ-INTRADAY", 1, 4, "INTRADAY", "CNC"),
    "ampersand, on margin": converting("NSE:M&M-EQ-INTRADAY", 1, 2, "INTRADAY", "MTF"),
    "margin to delivery": converting("NSE:INFY-EQ-MTF", 1, 3, "MTF", "CNC", 1),
    "short for the day, carried": converting(
        "NSE:NIFTY26NOV26000CE-INTRADAY", -1, 65, "INTRADAY", "MARGIN"),
    "short carried, for the day": converting(
        "NSE:NIFTY26NOV26000CE-MARGIN", -1, 65, "MARGIN", "INTRADAY", 1),
    "commodity in lots": converting("MCX:CRUDEOIL26DECFUT-INTRADAY", 1, 2, "INTRADAY", "MARGIN"),
}  # fmt: skip


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
    for mode, (which, listed) in itertools.product(("LTP", "OHLC"), QUOTED.items()):
        told = {"symbols": ",".join(one.ticker for one in listed)}
        yield _call("quotes", "quotes", told, name=mode + which)
    for one in IN_DEPTH:
        told = {"symbol": one.ticker, "ohlcv_flag": "1"}
        yield _call("quotes", "depth", told, name=f"FULL {one.symbol}")
    asked = {"symbol": "NSE:INFY-EQ", "cont_flag": "0", "oi_flag": "0"}
    for ours, resolution in INTERVALS.items():
        told = {**asked, "resolution": resolution, **MOMENTS}
        yield _call("history", "history", told, name=ours)
    yield _call("history", "history", {**asked, "resolution": "1D", **DAYS}, name="1d")
    future = {"symbol": NIFTY_FUTURE.ticker, "cont_flag": "0", "oi_flag": "1", "resolution": "5"}
    yield _call("history", "history", future | MOMENTS, name="with open interest")
    for name, where in CHARTED.items():
        told = {"symbol": where.ticker, "cont_flag": "0",
                "oi_flag": "1" if where.instrument.is_derivative else "0"}  # fmt: skip
        yield _call(
            "history", "history", told | {"resolution": "15"} | MOMENTS, name=f"{name}, 15m"
        )
        yield _call("history", "history", told | {"resolution": "1D"} | DAYS, name=f"{name}, 1d")


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
    commodity = {"id": GTT_ID, "orderInfo": legs((5510, 5520), (5305, 5320.5), 3)}
    yield _call("modify_gtt", "modify_gtt_order", commodity, name="commodity in lots")
    yield _call("cancel_gtt", "cancel_gtt_order", {"id": GTT_ID})
    yield _call("gtt", "gtt_orderbook")
    yield _call("gtts", "gtt_orderbook")


PAST = {"from_date": "2026-10-01", "to_date": "2026-10-31"}
OF_PAST = "from_date=2026-10-01&to_date=2026-10-31"
READS: Mapping[str, tuple[Any, ...]] = {
    "": ("/data/marketStatus", "market_status"),
    "option chain": (
        "/data/options-chain-v3?symbol=NSE%3ANIFTY50-INDEX&strikecount=2&timestamp=&greeks=1",
        "optionchain",
        {"symbol": "NSE:NIFTY50-INDEX", "strikecount": 2, "timestamp": "", "greeks": "1"}),
    "past orders": (f"/api/v3/order-history?{OF_PAST}", "orderhistory", PAST),
    "past trades": (f"/api/v3/trade-history?{OF_PAST}&page_no=1", "tradehistory",
                    PAST | {"page_no": 1}),
    "charges": (f"/api/v3/charges-history?{OF_PAST}", "charges_history", PAST),
    "ledger": (f"/api/v3/ledger-history?{OF_PAST}", "ledger_history", PAST),
    "alerts": ("/api/v3/price-alert?archive=1", "get_alert", {"archive": 1}),
    "smart orders": ("/api/v3/smart-order/orderbook?page_no=1&page_size=15",
                     "smart_orderbook_with_filter", {"page_no": 1, "page_size": 15}),
    "smart exits": ("/api/v3/flows/tc/se", "get_smartexit_triggers"),
}  # fmt: skip
"""What only ``broker.request`` reads: its path, the client's method and what that is given."""


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
    *(_call("convert_position", "convert_position", told, name=name)
      for name, told in CONVERTED.items()),
    *_prices(),
    *_rules(),
    *(_call("raw", method, *arguments, name=name)
      for name, (_, method, *arguments) in READS.items()),
    _call("logout", "logout"),
)  # fmt: skip
