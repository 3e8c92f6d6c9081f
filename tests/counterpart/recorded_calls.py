"""What the official client is asked when its requests are recorded, by operation.

Each call is a method of smartapi-python's ``SmartConnect`` with its arguments, as the client's
samples and the documentation's pages write them.  ``record_smartapi.py`` makes the calls;
``test_same_requests.py`` says the same to openbroker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from intents import INFY, NIFTY_CALL, NIFTY_FUTURE, SBIN, TCS
from recording import Recorded
from smartapi_further import (
    ALL_CANCELLED,
    ALL_CHANGES,
    ALL_PLACINGS,
    FURTHER_CHARGES,
    FURTHER_CONVERTED,
    FURTHER_MARGINS,
    FURTHER_RULES,
    MANY,
    PLACED,
    SPANS,
    conversion,
)

ORDER_ID = "261123000000001"
UNIQUE_ID = "5c7e1101-c21a-4581-8a7b-e3514893e6f9"
CREDENTIALS: Mapping[str, str] = {
    "api_key": "recorded-key",
    "client_code": "A000001",
    "pin": "1234",
    "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
}
"""Of nobody: the recording server lets everybody in."""
TOKENS: Mapping[str, str] = {
    "jwtToken": "recorded.jwt.token",
    "refreshToken": "recorded-refresh",
    "feedToken": "recorded-feed",
}

INTERVALS = (
    "ONE_MINUTE", "THREE_MINUTE", "FIVE_MINUTE", "TEN_MINUTE", "FIFTEEN_MINUTE", "THIRTY_MINUTE",
    "ONE_HOUR", "ONE_DAY",
)  # fmt: skip

QUOTED = {"NSE": ["3045", "99926000"], "NFO": ["42885"], "BSE": ["500209"], "MCX": ["467013"]}

RULE: Mapping[str, Any] = {
    **SBIN.params,
    "producttype": "DELIVERY",
    "transactiontype": "BUY",
    "price": 780,
    "qty": 10,
    "disclosedqty": 10,
    "triggerprice": 785.5,
    "timeperiod": 365,
}
RULE_ID = 3375316
RULE_CHANGE: Mapping[str, Any] = {
    "price": 781.5,
    "qty": 12,
    "triggerprice": 786,
    "disclosedqty": 12,
}
FURTHER_RULE_CHANGES: Mapping[str, Mapping[str, Any]] = {
    "trigger alone": {"price": "780", "qty": "10", "triggerprice": "790.05", "disclosedqty": "10"},
    "disclosed alone": {
        "price": "780", "qty": "10", "triggerprice": "785.5", "disclosedqty": "5"},
    "the term again": {
        "price": "779", "qty": "10", "triggerprice": "785.5", "disclosedqty": "10",
        "timeperiod": "365"},
}  # fmt: skip
RULE_PAGE = 50
RULE_STATES: Mapping[str, Sequence[str]] = {
    "live": ("NEW", "ACTIVE", "SENTTOEXCHANGE"),
    "all": ("NEW", "ACTIVE", "SENTTOEXCHANGE", "CANCELLED"),
}

CONVERTED: Mapping[str, Any] = conversion(
    INFY, "BUY", 4, "INTRADAY", "DELIVERY", buyqty="6", buyamount="9102"
)

MARGINS: Sequence[Mapping[str, Any]] = (
    {
        "exchange": "NFO",
        "qty": 75,
        "price": 0,
        "productType": "CARRYFORWARD",
        "token": NIFTY_FUTURE.symboltoken,
        "tradeType": "SELL",
        "orderType": "MARKET",
    },
    {
        "exchange": "NFO",
        "qty": 75,
        "price": 190,
        "productType": "CARRYFORWARD",
        "token": NIFTY_CALL.symboltoken,
        "tradeType": "BUY",
        "orderType": "LIMIT",
    },
)

CHARGES: Mapping[str, Any] = {
    "product_type": "DELIVERY",
    "transaction_type": "BUY",
    "quantity": "10",
    "price": "800",
    "exchange": "NSE",
    "symbol_name": "SBIN",
    "token": SBIN.symboltoken,
}


def _simple(operation: str, method: str, *arguments: Any) -> Recorded:
    return Recorded(operation=operation, name="", method=method, arguments=arguments)


def _named(operation: str, name: str, method: str, *arguments: Any) -> Recorded:
    return Recorded(operation=operation, name=name, method=method, arguments=arguments)


def _orders() -> Iterator[Recorded]:
    for placing in ALL_PLACINGS:
        yield Recorded(
            operation="place_order",
            name=placing.name,
            method="placeOrder",
            arguments=(dict(placing.theirs),),
        )
    for change in ALL_CHANGES:
        yield Recorded(
            operation="modify_order",
            name=change.name,
            method="modifyOrder",
            arguments=(change.params(ORDER_ID, PLACED[change.name]),),
        )
    for name, variety in ALL_CANCELLED.items():
        yield Recorded(
            operation="cancel_order",
            name=name,
            method="cancelOrder",
            arguments=(ORDER_ID, variety),
        )


def _prices() -> Iterator[Recorded]:
    for mode in ("LTP", "OHLC", "FULL"):
        yield Recorded(
            operation="quotes", name=mode, method="getMarketData", arguments=(mode, QUOTED)
        )
        yield Recorded(
            operation="quotes", name=f"{mode} of many", method="getMarketData",
            arguments=(mode, MANY),
        )  # fmt: skip
    for interval in INTERVALS:
        asked = {
            "exchange": "NSE",
            "symboltoken": SBIN.symboltoken,
            "interval": interval,
            "fromdate": "2026-11-02 09:15",
            "todate": "2026-11-20 15:30",
        }
        yield Recorded(
            operation="history", name=interval, method="getCandleData", arguments=(asked,)
        )
        derivative = {"exchange": "NFO", "symboltoken": NIFTY_FUTURE.symboltoken}
        yield Recorded(
            operation="open_interest",
            name=interval,
            method="getOIData",
            arguments=(asked | derivative,),
        )
    for name, (where, interval, start, end) in SPANS.items():
        asked = {
            "exchange": where.exchange,
            "symboltoken": where.symboltoken,
            "interval": interval,
            "fromdate": start,
            "todate": end,
        }
        for operation, method in (("history", "getCandleData"), ("open_interest", "getOIData")):
            yield Recorded(operation=operation, name=name, method=method, arguments=(asked,))


def _rules() -> Iterator[Recorded]:
    which = {"id": RULE_ID, "symboltoken": SBIN.symboltoken, "exchange": "NSE"}
    yield _simple("place_gtt", "gttCreateRule", dict(RULE))
    yield _simple("modify_gtt", "gttModifyRule", which | RULE_CHANGE)
    yield _simple("cancel_gtt", "gttCancelRule", which)
    for name, rule in FURTHER_RULES.items():
        yield _named("place_gtt", name, "gttCreateRule", dict(rule))
    for name, change in FURTHER_RULE_CHANGES.items():
        yield _named("modify_gtt", name, "gttModifyRule", which | change)
    yield _simple("gtt", "gttDetails", RULE_ID)
    for name, states in RULE_STATES.items():
        yield Recorded(
            operation="gtts", name=name, method="gttLists", arguments=(list(states), 1, RULE_PAGE)
        )
    yield _named("gtts", "all, as its samples ask", "gttLists", ["FORALL"], 1, 10)


def _more() -> Iterator[Recorded]:
    for name, told in FURTHER_CONVERTED.items():
        yield _named("convert_position", name, "convertPosition", dict(told))
    for name, positions in FURTHER_MARGINS.items():
        yield _named("margin", name, "getMarginApi", {"positions": list(positions)})
    yield _named("charges", "several", "estimateCharges", {"orders": list(FURTHER_CHARGES)})
    full = PLACED["labelled"].theirs
    yield _named("place_order", "labelled, whole reply", "placeOrderFullResponse", dict(full))
    yield _named("renew", "with the old token", "renewAccessToken")
    yield _named("last_price", "by itself", "ltpData", *TCS.params.values())
    yield _named("search", "on BSE", "searchScrip", "BSE", "M&M")
    nifty = {"name": "NIFTY", "expirydate": "01DEC2026"}
    yield _named("option_greeks", "index", "optionGreek", nifty)


def _statistics() -> Iterator[Recorded]:
    for kind in ("PercOIGainers", "PercOILosers", "PercPriceGainers", "PercPriceLosers"):
        asked = {"datatype": kind, "expirytype": "NEXT"}
        yield Recorded(operation="movers", name=kind, method="gainersLosers", arguments=(asked,))
    for kind in ("Long Built Up", "Short Built Up", "Short Covering", "Long Unwinding"):
        yield Recorded(
            operation="open_interest_build_up",
            name=kind,
            method="oIBuildup",
            arguments=({"datatype": kind, "expirytype": "NEAR"},),
        )


CALLS: tuple[Recorded, ...] = (
    _simple(
        "login",
        "generateSession",
        CREDENTIALS["client_code"],
        CREDENTIALS["pin"],
        {"totp": CREDENTIALS["totp_secret"]},
    ),
    _simple("renew", "generateToken", TOKENS["refreshToken"]),
    _simple("profile", "getProfile", TOKENS["refreshToken"]),
    _simple("funds", "rmsLimit"),
    *_orders(),
    _simple("orders", "orderBook"),
    _simple("order", "individual_order_details", UNIQUE_ID),
    _simple("trades", "tradeBook"),
    _simple("positions", "position"),
    _simple("holdings", "holding"),
    *_prices(),
    *_rules(),
    _simple("margin", "getMarginApi", {"positions": list(MARGINS)}),
    _simple("charges", "estimateCharges", {"orders": [CHARGES]}),
    _simple("convert_position", "convertPosition", dict(CONVERTED)),
    _simple("last_price", "ltpData", *SBIN.params.values()),
    _simple("search", "searchScrip", "NSE", "SBIN"),
    _simple("holdings_total", "allholding"),
    _simple("option_greeks", "optionGreek", {"name": "TCS", "expirydate": "24NOV2026"}),
    *_more(),
    *_statistics(),
    _simple("put_call_ratios", "putCallRatio"),
    Recorded(operation="intraday_leverage", name="NSE", method="nseIntraday"),
    Recorded(operation="intraday_leverage", name="BSE", method="bseIntraday"),
    _simple("logout", "terminateSession", CREDENTIALS["client_code"]),
)
