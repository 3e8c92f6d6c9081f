"""What the Noren system's official clients are asked when their requests are recorded.

Each call is a method of ``NorenApi`` with its arguments, as the clients' README and docstrings
write them; both clients have them all but for the login, where NorenRestApiPy has the one that is
being withdrawn.  ``record_norenapi.py`` makes the calls; ``test_norenapi_same_requests`` says the
same to openbroker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from norenapi_intents import (
    CANCELLED,
    CHANGINGS,
    CRUDE_FUTURE,
    DOLLAR_CALL,
    DOLLAR_FUTURE,
    INFY,
    INFY_BSE,
    MAHINDRA,
    MAHINDRA_FUTURE,
    NIFTY_CALL,
    NIFTY_FUTURE,
    PLACINGS,
    SBIN,
    SENSEX_PUT,
    SHARE_CALL,
    Listing,
)
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
DAILY: Mapping[str, tuple[str, str]] = {
    "NSE:INFY": ("NSE", "INFY-EQ"),
    "NSE:M&M": ("NSE", "M&M-EQ"),
    "NSE_INDEX:NIFTY": ("NSE", "Nifty 50"),
    "BSE:INFY": ("BSE", "INFY"),
    "NFO:NIFTY29DEC26FUT": ("NFO", "NIFTY29DEC26F"),
    "NFO:VEDL29DEC26262.5CE": ("NFO", "VEDL29DEC26C262.5"),
    "MCX:CRUDEOIL18DEC26FUT": ("MCX", "CRUDEOIL18DEC26"),
}
"""Whose days are asked for, and the exchange and the name that the client is given."""
QUOTED = (INFY, NIFTY_CALL, INFY_BSE, MAHINDRA, SHARE_CALL, SENSEX_PUT, CRUDE_FUTURE, DOLLAR_FUTURE)
CHARTED = (NIFTY_FUTURE, INFY_BSE, SENSEX_PUT, CRUDE_FUTURE, DOLLAR_CALL)
"""Beside INFY, for one interval."""


def converting(
    where: Listing, side: str, quantity: int, held: str, wanted: str, since: str = "DAY"
) -> dict[str, Any]:
    """``position_product_conversion``'s arguments."""
    return {
        "exchange": where.exch,
        "tradingsymbol": where.tsym,
        "quantity": quantity,
        "new_product_type": wanted,
        "previous_product_type": held,
        "buy_or_sell": side,
        "day_or_cf": since,
    }


CONVERTED: Mapping[str, Mapping[str, Any]] = {
    "bought today": converting(MAHINDRA, "B", 4, "I", "C"),
    "carried short": converting(NIFTY_CALL, "S", 75, "M", "I", "CF"),
    "delivery to the day": converting(INFY_BSE, "B", 3, "C", "I"),
    "sold short today, carried": converting(SENSEX_PUT, "S", 20, "I", "M"),
    "ampersand in a future": converting(MAHINDRA_FUTURE, "B", 200, "M", "I", "CF"),
    "currency, counted in lots": converting(DOLLAR_FUTURE, "B", 2, "I", "M"),
    "commodity": converting(CRUDE_FUTURE, "S", 100, "M", "I", "CF"),
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
    for where in QUOTED:
        yield _call("quotes", "get_quotes", where.exch, where.token, name=where.symbol)
    for interval in INTERVALS:
        yield _call(
            "history",
            "get_time_price_series",
            *(INFY.exch, INFY.token, START, END, interval),
            name=interval,
        )
    for where in CHARTED:
        asked = (where.exch, where.token, START, END, "5")
        yield _call("history", "get_time_price_series", *asked, name=f"5 {where.symbol}")
    for symbol, named in DAILY.items():
        yield _call("history", "get_daily_price_series", *named, START, END, name=symbol)


_OPTION = {"prd": "M", "exch": "NFO", "instname": "OPTIDX", "symname": "NIFTY",
           "exd": "24-NOV-2026", "optt": "CE", "strprc": "26000", "buyqty": "75", "sellqty": "0",
           "netqty": "75"}  # fmt: skip
_GREEKS = {"exd": "24-NOV-2026", "strprc": "26000", "sptprc": "25910.5", "int_rate": "6.5",
           "volatility": "12.25", "optt": "CE"}  # fmt: skip
READS: Mapping[str, tuple[str, Mapping[str, Any], str, tuple[Any, ...]]] = {
    "search": ("SearchScrip", {"exch": "NSE", "stext": "M%26M"}, "searchscrip", ("NSE", "M&M")),
    "contract": ("GetSecurityInfo", {"exch": "NFO", "token": SHARE_CALL.token},
                 "get_security_info", ("NFO", SHARE_CALL.token)),
    "option chain": (
        "GetOptionChain", {"exch": "NFO", "tsym": "M%26M29DEC26F", "strprc": "3600.5", "cnt": "5"},
        "get_option_chain", ("NFO", MAHINDRA_FUTURE.tsym, 3600.5, 5)),
    "limits of a segment": (
        "Limits", {"actid": UID, "prd": "M", "seg": "FO", "exch": "NFO"}, "get_limits",
        ("M", "FO", "NFO")),
    "holdings of a product": ("Holdings", {"actid": UID, "prd": "M"}, "get_holdings", ("M",)),
    "span": ("SpanCalc", {"actid": UID, "pos": [_OPTION]}, "span_calculator", (UID, [_OPTION])),
    "greeks": ("GetOptionGreek", {"source": "API", "actid": UID} | _GREEKS, "option_greek",
               tuple(_GREEKS.values())),
    "watch lists": ("MWList", {"ordersource": "API"}, "get_watch_list_names", ()),
    "a watch list": ("MarketWatch", {"ordersource": "API", "wlname": "one"}, "get_watch_list",
                     ("one",)),
}  # fmt: skip
"""What only ``broker.request`` reads: its path and fields, the client's method and arguments."""
NEWER_READS: Mapping[str, tuple[str, Mapping[str, Any], str, tuple[Any, ...]]] = {
    "messages": ("ExchMsg", {"ordersource": "API", "exch": "NSE"}, "exch_msg", ("NSE",)),
    "linked": ("GetLinkedScrips", {"source": "API", "token": SBIN.token, "exch": "NSE"},
               "linked_scrips", (SBIN.token, "NSE")),
}  # fmt: skip


def _reads(
    reads: Mapping[str, tuple[str, Mapping[str, Any], str, tuple[Any, ...]]],
) -> Iterator[Recorded]:
    for name, (_, _, method, arguments) in reads.items():
        yield _call("raw", method, *arguments, name=name)


CALLS: tuple[Recorded, ...] = (
    *_orders(),
    _call("orders", "get_order_book"),
    _call("order_history", "single_order_history", ORDER_ID),
    _call("trades", "get_trade_book"),
    _call("positions", "get_positions"),
    *(_call("convert_position", "position_product_conversion", name=name, **told)
      for name, told in CONVERTED.items()),
    _call("holdings", "get_holdings"),
    _call("funds", "get_limits"),
    *_prices(),
    *_reads(READS),
    _call("logout", "logout"),
)  # fmt: skip
NEWER_CALLS: tuple[Recorded, ...] = tuple(_reads(NEWER_READS))
"""What NorenRestApiOAuth alone has."""
LOGIN = _call(
    "login", "getAccessToken", CODE, CREDENTIALS["api_secret"], CREDENTIALS["api_key"], UID
)
