"""Writes the golden cases of Zerodha: ``python tests/cases/write_zerodha.py``.

The cases are data, transcribed from the Kite Connect 3 documentation and the official client's
published mock replies (see ``openbroker/adapters/zerodha.py`` for the sources).  It imports nothing
of openbroker on purpose: what an order looks like on the wire is stated here a second time.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from writing import case, failed

FOLDER = Path(__file__).parent / "zerodha"
KEY, SECRET, REQUEST, TOKEN = "k1teKey", "k1teSecretCanary", "reqTokenCanary", "accTokenCanary"
REFRESH = "refreshTokenCanary"

Json = Any

INSTRUMENTS: list[dict[str, Json]] = [
    {"exchange": "NSE", "symbol": "NSE:INFY", "type": "EQUITY", "token": "408065",
     "broker_symbol": "INFY", "name": "INFOSYS", "tick_size": "0.1", "series": "EQ"},
    {"exchange": "NSE", "symbol": "NSE:M&M", "type": "EQUITY", "token": "519937",
     "broker_symbol": "M&M", "name": "MAHINDRA", "tick_size": "0.1", "series": "EQ"},
    {"exchange": "NSE_INDEX", "symbol": "NSE_INDEX:NIFTY", "type": "INDEX", "token": "256265",
     "broker_symbol": "NIFTY 50", "name": "NIFTY"},
    {"exchange": "NFO", "symbol": "NFO:NIFTY24NOV2626000CE", "type": "OPTION", "token": "10973186",
     "broker_symbol": "NIFTY26NOV26000CE", "underlying": "NIFTY", "expiry": "2026-11-24",
     "strike": "26000", "right": "CE", "lot_size": 75, "tick_size": "0.05"},
    {"exchange": "MCX", "symbol": "MCX:CRUDEOIL18DEC26FUT", "type": "FUTURE", "token": "110000001",
     "broker_symbol": "CRUDEOIL26DECFUT", "underlying": "CRUDEOIL", "expiry": "2026-12-18",
     "lot_size": 100, "tick_size": "1"},
]  # fmt: skip

WORLD: dict[str, Json] = {
    "now": "2026-11-20T11:05:00+05:30",
    "credentials": {"api_key": KEY, "api_secret": SECRET, "request_token": REQUEST},
    "session": {"account": "AB1234", "tokens": {
        "api_key": KEY, "access_token": TOKEN, "refresh_token": REFRESH, "api_secret": SECRET}},
    "headers": {"X-Kite-Version": "3"},
    "refusal": {
        "status": 400,
        "body": {"status": "error", "message": "Invalid `quantity`.", "data": None,
                 "error_type": "InputException"},
    },
    "instruments": INSTRUMENTS,
}  # fmt: skip
AUTH = {"Authorization": f"token {KEY}:{TOKEN}"}

TIMED_OUT = "Order request timed out. Please check the order book and confirm before placing again."
"""With HTTP 400, of orders that were booked (kite.trade/forum, comment 35732, 2021-10)."""


def ok(data: Json) -> dict[str, Json]:
    return {"body": {"status": "success", "data": data}}


def bad(kind: str, message: str = "No.", status: int = 400) -> dict[str, Json]:
    body = {"status": "error", "message": message, "data": None, "error_type": kind}
    return {"status": status, "body": body}


def step(method: str, path: str, reply: Json, body: Json = None, headers: Json = AUTH) -> Json:
    request: dict[str, Json] = {"method": method, "path": path, "headers": headers}
    return {"request": request | ({"body": body} if body is not None else {}), "reply": reply}


# -- orders

ORDER_ID = "151220000000000"
RECEIVED = ok({"order_id": ORDER_ID})
ACK = {"order_id": ORDER_ID, "handle": {"variety": "regular"}}
BY = {row["symbol"]: row for row in INSTRUMENTS}
LIMIT = {"order_type": "LIMIT", "price": "1510.5"}


def order_body(symbol: str, **fields: str) -> dict[str, str]:
    row = BY[symbol]
    body = {
        "exchange": row["exchange"], "tradingsymbol": row["broker_symbol"],
        "transaction_type": "BUY", "order_type": "LIMIT", "product": "CNC", "validity": "DAY",
        "quantity": "1", "tag": "$tag",
    }  # fmt: skip
    return body | fields


def placed(name: str, body: Json, symbol: str = "NSE:INFY", **args: Json) -> Json:
    asked = {"symbol": symbol, "side": "BUY", "quantity": 1, "product": "CNC"} | args
    return case(
        name, "place_order", asked,
        step("POST", "/orders/regular", RECEIVED, order_body(symbol, **body)), result=ACK,
    )  # fmt: skip


def place_cases() -> list[Json]:
    amo = placed("after_market", {"price": "1510.5"}, after_market=True, **LIMIT)
    amo["exchanges"][0]["request"]["path"] = "/orders/amo"
    amo["result"] = {"order_id": ORDER_ID, "handle": {"variety": "amo"}}
    return [
        placed("limit", {"price": "1510.5"}, **LIMIT),
        placed("sell", {"price": "1510.5", "transaction_type": "SELL"}, side="SELL", **LIMIT),
        placed("market", {"order_type": "MARKET", "market_protection": "-1"},
               order_type="MARKET", market_protection="broker"),
        placed("market_two_per_cent", {"order_type": "MARKET", "market_protection": "2"},
               order_type="MARKET", market_protection="2"),
        placed("stop_limit", {"order_type": "SL", "price": "1515", "trigger_price": "1514.5"},
               order_type="SL", price="1515", trigger_price="1514.5"),
        placed("stop_market", {"order_type": "SL-M", "trigger_price": "1514.5",
                               "market_protection": "-1"},
               order_type="SL-M", trigger_price="1514.5", market_protection="broker"),
        placed("intraday", {"product": "MIS", "price": "1510.5"}, product="MIS", **LIMIT),
        placed("margin_funded", {"product": "MTF", "price": "1510.5"}, product="MTF", **LIMIT),
        placed("ioc", {"validity": "IOC", "price": "1510.5"}, validity="IOC", **LIMIT),
        placed("disclosed", {"price": "1510.5", "quantity": "100", "disclosed_quantity": "20"},
               quantity=100, disclosed_quantity=20, **LIMIT),
        placed("carried_forward", {"product": "NRML", "price": "29.8", "quantity": "75"},
               "NFO:NIFTY24NOV2626000CE", product="NRML", quantity=75, order_type="LIMIT",
               price="29.8"),
        placed("commodity_counts_lots", {"product": "NRML", "price": "5400", "quantity": "2"},
               "MCX:CRUDEOIL18DEC26FUT", product="NRML", quantity=200, order_type="LIMIT",
               price="5400"),
        placed("ampersand", {"price": "3000.1"}, "NSE:M&M", order_type="LIMIT", price="3000.1"),
        amo,
        case("market_unprotected", "place_order",
             {"symbol": "NSE:INFY", "side": "BUY", "quantity": 1, "product": "CNC",
              "order_type": "MARKET"}, error=failed("Unsupported", "NOT_SENT")),
        case("carry_forward_of_shares", "place_order",
             {"symbol": "NSE:INFY", "side": "BUY", "quantity": 1, "product": "NRML"} | LIMIT,
             error=failed("Unsupported", "NOT_SENT")),
        case("delivery_of_options", "place_order",
             {"symbol": "NFO:NIFTY24NOV2626000CE", "side": "BUY", "quantity": 75,
              "product": "CNC", "order_type": "LIMIT", "price": "29.8"},
             error=failed("Unsupported", "NOT_SENT")),
    ]  # fmt: skip


def refusal_cases() -> list[Json]:
    table = [
        ("TokenException", "Incorrect `api_key` or `access_token`.", 403, "SessionExpired",
         "NOT_SENT"),
        ("UserException", "Account blocked.", 403, "PermissionDenied", "REJECTED"),
        ("PermissionException", "Insufficient permission.", 403, "PermissionDenied", "REJECTED"),
        ("InputException", "Invalid `price`.", 400, "OrderRejected", "REJECTED"),
        ("OrderException", "Order rejected.", 400, "OrderRejected", "REJECTED"),
        ("OrderException", "Price is outside the circuit limits.", 400, "PriceOutOfBand",
         "REJECTED"),
        ("OrderException", "Markets are closed right now.", 400, "MarketClosed", "REJECTED"),
        ("MarginException", "Insufficient funds.", 400, "InsufficientFunds", "REJECTED"),
        ("HoldingException", "Insufficient stock holding.", 400, "InsufficientHoldings",
         "REJECTED"),
        ("NetworkException", "OMS unreachable.", 502, "OrderUnknown", "UNKNOWN"),
        ("DataException", "OMS not understood.", 502, "OrderUnknown", "UNKNOWN"),
        ("GeneralException", "Something unexpected.", 500, "OrderUnknown", "UNKNOWN"),
        ("GeneralException", "Something unexpected.", 400, "OrderUnknown", "UNKNOWN"),
        ("GeneralException", "RMS: no words for it.", 400, "OrderUnknown", "UNKNOWN"),
        ("OrderException", TIMED_OUT, 400, "OrderUnknown", "UNKNOWN"),
    ]  # fmt: skip
    asked = {"symbol": "NSE:INFY", "side": "BUY", "quantity": 1, "product": "CNC"} | LIMIT
    body = order_body("NSE:INFY", price="1510.5")
    return [
        case(f"{kind}_{status}_{number}", "place_order", asked,
             step("POST", "/orders/regular", bad(kind, message, status), body),
             error=failed(error, outcome, kind if status < 500 else None))
        for number, (kind, message, status, error, outcome) in enumerate(table)
    ] + [
        case("rate", "place_order", asked,
             step("POST", "/orders/regular", bad("NetworkException", "Too many requests", 429),
                  body), error=failed("RateLimited", "NOT_SENT")),
        case("no_id", "place_order", asked,
             step("POST", "/orders/regular", ok({"order_id": None}), body),
             error=failed("OrderUnknown", "UNKNOWN")),
        case("an_id_that_says_nothing", "place_order", asked,
             step("POST", "/orders/regular", ok({"order_id": "null"}), body),
             error=failed("OrderUnknown", "UNKNOWN")),
        case("no_data", "place_order", asked,
             step("POST", "/orders/regular", {"body": {"status": "success"}}, body),
             error=failed("OrderUnknown", "UNKNOWN")),
        case("refusal_that_names_an_order", "place_order", asked,
             step("POST", "/orders/regular", {"status": 400, "body": {
                 **bad("OrderException", "No.")["body"], "data": {"order_id": "1"}}}, body),
             error=failed("OrderUnknown", "UNKNOWN")),
        case("success_with_an_error", "place_order", asked,
             step("POST", "/orders/regular", {"body": {
                 **ok({"order_id": "1"})["body"], "error_type": "OrderException"}}, body),
             error=failed("OrderUnknown", "UNKNOWN")),
        case("lost", "place_order", asked,
             step("POST", "/orders/regular", {"failure": {"handed_over": True}}, body),
             error=failed("OrderUnknown", "UNKNOWN")),
        case("not_sent", "place_order", asked,
             step("POST", "/orders/regular", {"failure": {"handed_over": False}}, body),
             error=failed("NotSent", "NOT_SENT")),
    ]  # fmt: skip


ROW: dict[str, Json] = {
    "placed_by": "AB1234", "order_id": ORDER_ID, "exchange_order_id": "1100000012345678",
    "parent_order_id": None, "status": "OPEN", "status_message": None,
    "status_message_raw": None, "order_timestamp": "2026-11-20 10:59:58",
    "exchange_update_timestamp": "2026-11-20 10:59:59", "exchange_timestamp": None,
    "variety": "regular", "modified": False, "exchange": "NSE", "tradingsymbol": "INFY",
    "instrument_token": 408065, "order_type": "LIMIT", "transaction_type": "BUY",
    "validity": "DAY", "product": "CNC", "quantity": 10, "disclosed_quantity": 0,
    "price": 1510.5, "trigger_price": 0, "average_price": 0, "filled_quantity": 4,
    "pending_quantity": 6, "cancelled_quantity": 0, "market_protection": 0, "meta": {},
    "tag": "mine", "tags": ["mine", "mktp"], "guid": "1000X1",
}  # fmt: skip
PLAIN_ROW: dict[str, Json] = {
    "order_id": ORDER_ID, "status": "OPEN", "exchange": "NSE", "broker_symbol": "INFY",
    "side": "BUY", "order_type": "LIMIT", "product": "CNC", "validity": "DAY",
    "quantity": 10, "filled_quantity": 4, "pending_quantity": 6, "cancelled_quantity": 0,
    "disclosed_quantity": 0, "price": "1510.5", "wire_tag": "mine",
    "placed_at": "2026-11-20T10:59:58+05:30", "updated_at": "2026-11-20T10:59:59+05:30",
    "exchange_order_id": "1100000012345678", "after_market": False,
    "handle": {"variety": "regular"},
}  # fmt: skip

FIRST_LEG = "240108010918221"
COVERED = ROW | {"variety": "co", "product": "CO", "parent_order_id": FIRST_LEG}


def book_cases() -> list[Json]:
    foreign = ROW | {"variety": "iceberg", "product": "XYZ", "status": "SOMETHING NEW",
                     "validity": "TTL", "extra": {"a": 1}}  # fmt: skip
    understood = {k: v for k, v in PLAIN_ROW.items() if k not in ("product", "validity")}
    understood |= {"status": "UNKNOWN", "handle": {"variety": "iceberg"}}
    covered = {k: v for k, v in PLAIN_ROW.items() if k != "product"}
    return [
        case("full", "orders", {}, step("GET", "/orders", ok([ROW])), result=[PLAIN_ROW]),
        case("empty", "orders", {}, step("GET", "/orders", ok([])), result=[]),
        case("foreign", "orders", {}, step("GET", "/orders", ok([foreign])),
             result=[understood]),
        case("second_leg_of_a_cover_order_in_the_book", "orders", {},
             step("GET", "/orders", ok([COVERED])),
             result=[covered | {"parent_order_id": FIRST_LEG,
                                "handle": {"variety": "co", "parent_order_id": FIRST_LEG}}]),
        case("one", "order", {"order_id": ORDER_ID},
             step("GET", f"/orders/{ORDER_ID}",
                  ok([ROW | {"status": "PUT ORDER REQ RECEIVED"}, ROW])), result=PLAIN_ROW),
        case("down", "orders", {}, step("GET", "/orders", {"status": 502, "text": "<html>"}),
             error=failed("BrokerUnavailable")),
    ]  # fmt: skip


def change_cases() -> list[Json]:
    read = step("GET", f"/orders/{ORDER_ID}", ok([ROW]))
    there = f"/orders/regular/{ORDER_ID}"
    target = {"order_id": ORDER_ID}
    stop = ROW | {"order_type": "SL-M", "price": 0, "trigger_price": 1509.5,
                  "status": "TRIGGER PENDING"}  # fmt: skip
    return [
        case("price_only", "modify_order", target | {"price": "1511"},
             read, step("PUT", there, RECEIVED, {"price": "1511"}), result=ACK),
        case("to_stop", "modify_order",
             target | {"order_type": "SL", "price": "1515", "trigger_price": "1514.5"},
             read, step("PUT", there, RECEIVED, {"order_type": "SL", "price": "1515",
                                                 "trigger_price": "1514.5"}), result=ACK),
        case("quantity", "modify_order", target | {"quantity": 12},
             read, step("PUT", there, RECEIVED, {"quantity": "12"}), result=ACK),
        case("to_market", "modify_order",
             target | {"order_type": "MARKET", "market_protection": "broker"}, read,
             step("PUT", there, RECEIVED, {"order_type": "MARKET", "market_protection": "-1"}),
             result=ACK),
        case("to_market_two_per_cent", "modify_order",
             target | {"order_type": "MARKET", "market_protection": "2"}, read,
             step("PUT", there, RECEIVED, {"order_type": "MARKET", "market_protection": "2"}),
             result=ACK),
        case("to_stop_market", "modify_order",
             target | {"order_type": "SL-M", "trigger_price": "1514.5",
                       "market_protection": "0.5"}, read,
             step("PUT", there, RECEIVED, {"order_type": "SL-M", "trigger_price": "1514.5",
                                           "market_protection": "0.5"}), result=ACK),
        case("other_protection", "modify_order", target | {"market_protection": "3"},
             step("GET", f"/orders/{ORDER_ID}", ok([stop])),
             step("PUT", there, RECEIVED, {"market_protection": "3"}), result=ACK),
        case("to_market_unprotected", "modify_order", target | {"order_type": "MARKET"}, read,
             error=failed("Unsupported", "NOT_SENT")),
        case("regular", "cancel_order", target | {"handle": {"variety": "regular"}},
             step("DELETE", there, RECEIVED), result=ACK),
        case("by_bare_id", "cancel_order", target,
             step("GET", f"/orders/{ORDER_ID}", ok([ROW])), step("DELETE", there, RECEIVED),
             result=ACK),
        case("second_leg_of_a_cover_order", "cancel_order", target,
             step("GET", f"/orders/{ORDER_ID}", ok([COVERED])),
             step("DELETE", f"/orders/co/{ORDER_ID}?parent_order_id={FIRST_LEG}", RECEIVED),
             result=ACK | {"handle": {"variety": "co"}}),
        case("row_without_a_variety", "cancel_order", target,
             step("GET", f"/orders/{ORDER_ID}", ok([ROW | {"variety": None}])),
             error=failed("Unsupported", "NOT_SENT")),
        case("change_of_a_row_without_a_variety", "modify_order", target | {"price": "1511"},
             step("GET", f"/orders/{ORDER_ID}", ok([ROW | {"variety": None}])),
             error=failed("Unsupported", "NOT_SENT")),
        case("another_order", "cancel_order", target,
             step("GET", f"/orders/{ORDER_ID}", ok([ROW | {"order_id": "1"}])),
             error=failed("MalformedReply", "NOT_SENT")),
    ]  # fmt: skip


# -- the rest


def proof(token: str) -> str:
    return hashlib.sha256(f"{KEY}{token}{SECRET}".encode()).hexdigest()


def account_cases() -> list[Json]:
    checksum = proof(REQUEST)
    exchanged = {"api_key": KEY, "request_token": REQUEST, "checksum": checksum}
    renewed = {"api_key": KEY, "refresh_token": REFRESH, "checksum": proof(REFRESH)}
    granted = {"user_id": "AB1234", "access_token": TOKEN, "refresh_token": REFRESH}
    renewable = {"api_key": KEY, "access_token": TOKEN, "refresh_token": REFRESH,
                 "api_secret": SECRET}  # fmt: skip
    segment = {
        "enabled": True, "net": 100.5,
        "available": {"adhoc_margin": 0, "cash": 90, "opening_balance": 90, "live_balance": 90,
                      "collateral": 10.5, "intraday_payin": 0},
        "utilised": {"debits": 12, "m2m_realised": -1.5, "m2m_unrealised": 2},
    }  # fmt: skip
    margins = {"equity": segment, "commodity": {"enabled": False, "net": 0}}
    user = {"user_id": "AB1234", "user_name": "Test", "exchanges": ["NSE", "MF", "MCX"],
            "products": ["CNC", "BO"]}  # fmt: skip
    return [
        case("by_request_token", "login", {},
             step("POST", "/session/token", ok({"user_id": "AB1234", "access_token": TOKEN}),
                  {"api_key": KEY, "request_token": REQUEST, "checksum": checksum},
                  {"Authorization": None}),
             result={"broker": "zerodha", "account": "AB1234",
                     "tokens": {"api_key": KEY, "access_token": TOKEN}}),
        case("login_refused", "login", {},
             step("POST", "/session/token", bad("TokenException", "Token is invalid.", 403),
                  {"api_key": KEY, "request_token": REQUEST, "checksum": checksum},
                  {"Authorization": None}),
             error=failed("InvalidCredentials", None, "TokenException")),
        case("with_a_refresh_token", "login", {},
             step("POST", "/session/token", ok(granted), exchanged, {"Authorization": None}),
             result={"broker": "zerodha", "account": "AB1234", "tokens": renewable}),
        case("renew", "renew", {},
             step("POST", "/session/refresh_token", ok(granted), renewed, {"Authorization": None}),
             result={"broker": "zerodha", "account": "AB1234", "tokens": renewable}),
        case("logout", "logout", {},
             step("DELETE", f"/session/token?api_key={KEY}&access_token={TOKEN}", ok(True)),
             result=None),
        case("profile", "profile", {}, step("GET", "/user/profile", ok(user)),
             result={"account": "AB1234", "name": "Test", "exchanges": ["NSE", "MCX"],
                     "products": ["CNC"]}),
        case("funds", "funds", {}, step("GET", "/user/margins", ok(margins)),
             result={"available": "100.5", "cash": "90", "collateral": "10.5", "utilised": "12",
                     "payin": "0", "realised_pnl": "-1.5", "unrealised_pnl": "2"}),
    ]  # fmt: skip


def portfolio_cases() -> list[Json]:
    position = {"tradingsymbol": "NIFTY26NOV26000CE", "exchange": "NFO", "product": "NRML",
                "quantity": -75, "overnight_quantity": 0, "average_price": 29.8, "pnl": -20,
                "buy_quantity": 0, "sell_quantity": 75, "last_price": 30.05}  # fmt: skip
    holding = {"tradingsymbol": "INFY", "exchange": "NSE", "isin": "INE009A01021",
               "product": "CNC", "quantity": 5, "t1_quantity": 0, "average_price": 1400,
               "last_price": 1510.5, "pnl": 552.5}  # fmt: skip
    funded = {"quantity": 40, "used_quantity": 0, "average_price": 1450.25, "value": 58010,
              "initial_margin": 14502.5}  # fmt: skip
    return [
        case("short", "positions", {},
             step("GET", "/portfolio/positions", ok({"net": [position], "day": []})),
             result=[{"exchange": "NFO", "broker_symbol": "NIFTY26NOV26000CE", "product": "NRML",
                      "quantity": -75, "overnight_quantity": 0, "buy_quantity": 0,
                      "sell_quantity": 75, "average_price": "29.8", "last_price": "30.05",
                      "pnl": "-20"}]),
        case("to_intraday", "convert_position",
             {"broker_symbol": "NIFTY26NOV26000CE", "product": "MIS", "quantity": 75},
             step("GET", "/portfolio/positions", ok({"net": [position], "day": []})),
             step("PUT", "/portfolio/positions", ok(True),
                  {"exchange": "NFO", "tradingsymbol": "NIFTY26NOV26000CE",
                   "transaction_type": "SELL", "position_type": "day", "quantity": "75",
                   "old_product": "NRML", "new_product": "MIS"}), result=None),
        case("not_converted", "convert_position",
             {"broker_symbol": "NIFTY26NOV26000CE", "product": "MIS", "quantity": 75},
             step("GET", "/portfolio/positions", ok({"net": [position], "day": []})),
             step("PUT", "/portfolio/positions", ok(False),
                  {"exchange": "NFO", "tradingsymbol": "NIFTY26NOV26000CE",
                   "transaction_type": "SELL", "position_type": "day", "quantity": "75",
                   "old_product": "NRML", "new_product": "MIS"}),
             error=failed("OrderUnknown", "UNKNOWN")),
        case("none", "positions", {},
             step("GET", "/portfolio/positions", ok({"net": [], "day": []})), result=[]),
        case("held", "holdings", {}, step("GET", "/portfolio/holdings", ok([holding])),
             result=[{"exchange": "NSE", "broker_symbol": "INFY", "isin": "INE009A01021",
                      "product": "CNC", "quantity": 5, "t1_quantity": 0, "average_price": "1400",
                      "last_price": "1510.5", "pnl": "552.5"}]),
        case("partly_on_margin_funding", "holdings", {},
             step("GET", "/portfolio/holdings", ok([holding | {"mtf": funded}])),
             result=[{"exchange": "NSE", "broker_symbol": "INFY", "isin": "INE009A01021",
                      "product": "CNC", "quantity": 5, "t1_quantity": 0, "average_price": "1400",
                      "last_price": "1510.5", "pnl": "552.5"},
                     {"exchange": "NSE", "broker_symbol": "INFY", "isin": "INE009A01021",
                      "product": "MTF", "quantity": 40, "average_price": "1450.25",
                      "last_price": "1510.5"}]),
        case("none_on_margin_funding", "holdings", {},
             step("GET", "/portfolio/holdings",
                  ok([holding | {"mtf": dict.fromkeys(funded, 0)}])),
             result=[{"exchange": "NSE", "broker_symbol": "INFY", "isin": "INE009A01021",
                      "product": "CNC", "quantity": 5, "t1_quantity": 0, "average_price": "1400",
                      "last_price": "1510.5", "pnl": "552.5"}]),
        case("nothing_held", "holdings", {}, step("GET", "/portfolio/holdings", ok([])),
             result=[]),
        case("no_trades", "trades", {}, step("GET", "/trades", ok([])), result=[]),
    ]  # fmt: skip


# -- what orders block and cost

COSTS = {
    "transaction_tax": 1.5, "transaction_tax_type": "stt", "exchange_turnover_charge": 0.25,
    "sebi_turnover_charge": 0.01, "brokerage": 20, "stamp_duty": 0.2,
    "gst": {"igst": 3.6, "cgst": 0, "sgst": 0, "total": 3.6}, "total": 25.56,
}  # fmt: skip
SHARES = {"symbol": "NSE:INFY", "side": "BUY", "quantity": 10, "product": "CNC"} | LIMIT
OIL = {"symbol": "MCX:CRUDEOIL18DEC26FUT", "side": "SELL", "quantity": 200, "product": "NRML",
       "order_type": "LIMIT", "price": "5400"}  # fmt: skip


def planned(symbol: str, quantity: int, **terms: Json) -> Json:
    row = BY[symbol]
    return {"exchange": row["exchange"], "tradingsymbol": row["broker_symbol"],
            "transaction_type": "BUY", "order_type": "LIMIT", "product": "CNC",
            "variety": "regular", "quantity": quantity} | terms  # fmt: skip


def cost_cases() -> list[Json]:
    shares = planned("NSE:INFY", 10)
    oil = planned("MCX:CRUDEOIL18DEC26FUT", 2, product="NRML", transaction_type="SELL")
    basket = {
        "initial": {"total": 20000.5, "span": 12000, "exposure": 3000, "option_premium": 0},
        "final": {"total": 18000.25, "span": 10000, "exposure": 3000, "option_premium": 5.5},
        "orders": [], "charges": {},
    }  # fmt: skip
    notes = [{"price": 1510.5, "quantity": 10, "charges": COSTS}] * 2
    path = "/margins/basket?consider_positions=true"
    json_headers = AUTH | {"Content-Type": "application/json"}
    market = {key: value for key, value in SHARES.items() if key != "price"}
    return [
        case("basket", "margin", {"orders": [SHARES, OIL]},
             step("POST", path, ok(basket),
                  [shares | {"price": 1510.5}, oil | {"price": 5400}], json_headers),
             result={"total": "18000.25", "span": "10000", "exposure": "3000", "premium": "5.5",
                     "benefit": "2000.25"}),
        case("margin_after_market", "margin", {"orders": [SHARES | {"after_market": True}]},
             step("POST", path, ok(basket),
                  [shares | {"price": 1510.5, "variety": "amo"}], json_headers),
             result={"total": "18000.25", "span": "10000", "exposure": "3000", "premium": "5.5",
                     "benefit": "2000.25"}),
        case("margin_at_the_market", "margin", {"orders": [market | {"order_type": "MARKET"}]},
             step("POST", path, bad("InputException", "Invalid `quantity`."),
                  [shares | {"order_type": "MARKET"}], json_headers),
             error=failed("BrokerError", None, "InputException")),
        case("notes", "charges", {"orders": [SHARES, OIL]},
             step("POST", "/charges/orders", ok(notes),
                  [shares | {"order_id": "1", "average_price": 1510.5},
                   oil | {"order_id": "2", "average_price": 5400}], json_headers),
             result={"total": "51.12", "items": [
                 {"name": "brokerage", "amount": "40"}, {"name": "transaction_tax", "amount": "3"},
                 {"name": "exchange_turnover_charge", "amount": "0.5"},
                 {"name": "sebi_turnover_charge", "amount": "0.02"},
                 {"name": "stamp_duty", "amount": "0.4"}, {"name": "gst", "amount": "7.2"}]}),
        case("charges_without_a_price", "charges",
             {"orders": [market | {"order_type": "MARKET"}]},
             error=failed("InvalidOrder", "NOT_SENT")),
    ]  # fmt: skip


# -- triggers


def trigger_row(**changes: Json) -> Json:
    return {
        "id": 112127, "user_id": "AB1234", "parent_trigger": None, "type": "single",
        "created_at": "2026-11-20 10:00:00", "updated_at": "2026-11-20 10:30:00",
        "expires_at": "2027-11-20 10:00:00", "status": "active",
        "condition": {"exchange": "NSE", "last_price": 1510.5, "tradingsymbol": "INFY",
                      "trigger_values": [1450.5], "instrument_token": 408065},
        "orders": [{"exchange": "NSE", "tradingsymbol": "INFY", "product": "CNC",
                    "order_type": "LIMIT", "transaction_type": "BUY", "quantity": 10,
                    "price": 1450, "result": None}],
        "meta": {},
    } | changes  # fmt: skip


TRIGGER_READ = {
    "gtt_id": "112127", "status": "ACTIVE", "exchange": "NSE", "broker_symbol": "INFY",
    "side": "BUY", "product": "CNC", "quantity": 10, "price": "1450", "trigger_price": "1450.5",
    "placed_at": "2026-11-20T10:00:00+05:30", "updated_at": "2026-11-20T10:30:00+05:30",
    "valid_until": "2027-11-20T10:00:00+05:30",
}  # fmt: skip


def trigger_body(symbol: str, trigger: float, last: float, **terms: Json) -> dict[str, str]:
    row = BY[symbol]
    listed = {"exchange": row["exchange"], "tradingsymbol": row["broker_symbol"]}
    leg = {"transaction_type": "BUY", "quantity": 10, "order_type": "LIMIT", "product": "CNC"}
    condition = listed | {"trigger_values": [trigger], "last_price": last}
    return {"type": "single", "condition": json.dumps(condition),
            "orders": json.dumps([listed | leg | terms])}  # fmt: skip


def pair_body(*legs: tuple[float, float], last: float = 1510.5, **terms: Json) -> dict[str, str]:
    """A trigger with two legs, each its trigger price and its price, the lower first."""
    listed = {"exchange": "NSE", "tradingsymbol": "INFY"}
    told = {"transaction_type": "SELL", "quantity": 10, "order_type": "LIMIT", "product": "CNC"}
    orders = [listed | told | terms | {"price": price} for _, price in legs]
    condition = listed | {"trigger_values": [trigger for trigger, _ in legs], "last_price": last}
    return {"type": "two-leg", "condition": json.dumps(condition), "orders": json.dumps(orders)}


def pair_of(symbol: str, body: dict[str, str]) -> dict[str, str]:
    """The same of another instrument."""
    row = BY[symbol]
    listed = {"exchange": row["exchange"], "tradingsymbol": row["broker_symbol"]}
    told = {name: json.loads(body[name]) for name in ("condition", "orders")}
    return body | {
        "condition": json.dumps(told["condition"] | listed),
        "orders": json.dumps([order | listed for order in told["orders"]]),
    }


def pair_row(*legs: tuple[float, float], quantities: tuple[int, int] = (10, 10),
             **terms: Json) -> Json:  # fmt: skip
    row, order = trigger_row(type="two-leg"), trigger_row()["orders"][0]
    row["condition"] = row["condition"] | {"trigger_values": [trigger for trigger, _ in legs]}
    row["orders"] = [
        order | {"transaction_type": "SELL"} | terms | {"price": price, "quantity": count}
        for (_, price), count in zip(legs, quantities, strict=True)
    ]
    return row


def last_price(symbol: str, price: float) -> Json:
    row = BY[symbol]
    key = f"{row['exchange']}:{row['broker_symbol']}"
    data = {key: {"instrument_token": int(row["token"]), "last_price": price}}
    return step("GET", f"/quote/ltp?i={quote(key, safe='')}", ok(data))


def gtt_cases() -> list[Json]:
    rule = {"symbol": "NSE:INFY", "side": "BUY", "quantity": 10, "price": "1450",
            "trigger_price": "1450.5", "product": "CNC"}  # fmt: skip
    oil = {"symbol": "MCX:CRUDEOIL18DEC26FUT", "side": "SELL", "quantity": 200, "price": "5300",
           "trigger_price": "5310", "product": "NRML"}  # fmt: skip
    made, there = ok({"trigger_id": 112127}), "/gtt/triggers/112127"
    read = step("GET", there, ok(trigger_row()))
    infy, target = last_price("NSE:INFY", 1510.5), {"gtt_id": "112127"}
    legs = pair_row((1450, 1445), (1600, 1598))
    two_read = TRIGGER_READ | {
        "side": "SELL", "trigger_price": "1600", "price": "1598", "stop_trigger_price": "1450",
        "stop_price": "1445",
    }  # fmt: skip
    of_several = {key: two_read[key] for key in two_read if key != "quantity"}
    pair = {"symbol": "NSE:INFY", "side": "SELL", "quantity": 10, "product": "CNC",
            "trigger_price": "1600", "price": "1598", "stop_trigger_price": "1450",
            "stop_price": "1445"}  # fmt: skip
    short = pair | {"side": "BUY", "trigger_price": "1450", "price": "1452",
                    "stop_trigger_price": "1600", "stop_price": "1605"}  # fmt: skip
    pair_sent = pair_body((1450.0, 1445.0), (1600.0, 1598.0))
    pair_there = step("GET", there, ok(legs))

    def not_sent(name: str, error: str, operation: str, args: Json, *steps: Json) -> Json:
        return case(name, operation, args, *steps, error=failed(error, "NOT_SENT"))

    def pair_made(name: str, reply: Json, **rest: Json) -> Json:
        return case(name, "place_gtt", pair, infy, step("POST", "/gtt/triggers", reply, pair_sent),
                    **rest)  # fmt: skip

    def pair_changed(name: str, args: Json, body: Json, row: Json = legs) -> Json:
        return case(name, "modify_gtt", target | args, step("GET", there, ok(row)), infy,
                    step("PUT", there, made, body), result={"order_id": "112127"})  # fmt: skip

    states = [trigger_row(status=word) for word in
              ("active", "triggered", "deleted", "expired", "disabled")]  # fmt: skip
    told = [TRIGGER_READ | {"status": word} for word in
            ("ACTIVE", "TRIGGERED", "CANCELLED", "EXPIRED", "UNKNOWN")]  # fmt: skip
    body = trigger_body("NSE:INFY", 1450.5, 1510.5, price=1450.0)
    return [
        case("shares", "place_gtt", rule, infy,
             step("POST", "/gtt/triggers", made, body), result={"order_id": "112127"}),
        case("commodity_counts_lots", "place_gtt", oil,
             last_price("MCX:CRUDEOIL18DEC26FUT", 5400),
             step("POST", "/gtt/triggers", made, trigger_body(
                 "MCX:CRUDEOIL18DEC26FUT", 5310.0, 5400.0, transaction_type="SELL", quantity=2,
                 product="NRML", price=5300.0)), result={"order_id": "112127"}),
        case("refused", "place_gtt", rule, infy,
             step("POST", "/gtt/triggers", bad("InputException", "Invalid `orders`."), body),
             error=failed("OrderRejected", "REJECTED", "InputException")),
        case("no_id", "place_gtt", rule, infy,
             step("POST", "/gtt/triggers", ok({}), body), error=failed("OrderUnknown", "UNKNOWN")),
        case("a_flag_for_an_id", "place_gtt", rule, infy,
             step("POST", "/gtt/triggers", ok({"trigger_id": True}), body),
             error=failed("OrderUnknown", "UNKNOWN")),
        case("lost", "place_gtt", rule, infy,
             step("POST", "/gtt/triggers", {"failure": {"handed_over": True}}, body),
             error=failed("OrderUnknown", "UNKNOWN")),
        case("no_last_price", "place_gtt", rule,
             step("GET", "/quote/ltp?i=NSE%3AINFY", ok({})),
             error=failed("MalformedReply", "NOT_SENT")),
        case("for_some_days", "place_gtt", rule | {"valid_days": 30},
             error=failed("Unsupported", "NOT_SENT")),
        case("partly_shown", "place_gtt", rule | {"disclosed_quantity": 1},
             error=failed("Unsupported", "NOT_SENT")),
        case("other_prices", "modify_gtt", target | {"price": "1440", "trigger_price": "1441"},
             read, infy, step("PUT", there, made, trigger_body(
                 "NSE:INFY", 1441.0, 1510.5, price=1440.0)), result={"order_id": "112127"}),
        case("other_quantity", "modify_gtt", target | {"quantity": 12}, read, infy,
             step("PUT", there, made, trigger_body(
                 "NSE:INFY", 1450.5, 1510.5, quantity=12, price=1450.0)),
             result={"order_id": "112127"}),
        pair_made("target_and_stop", made, result={"order_id": "112127"}),
        case("target_and_stop_of_a_short", "place_gtt", short, infy,
             step("POST", "/gtt/triggers", made, pair_body(
                 (1450.0, 1452.0), (1600.0, 1605.0), transaction_type="BUY")),
             result={"order_id": "112127"}),
        case("pair_of_a_commodity", "place_gtt",
             {"symbol": "MCX:CRUDEOIL18DEC26FUT", "side": "SELL", "quantity": 200,
              "product": "NRML", "trigger_price": "5500", "price": "5490",
              "stop_trigger_price": "5300", "stop_price": "5290"},
             last_price("MCX:CRUDEOIL18DEC26FUT", 5400),
             step("POST", "/gtt/triggers", made, pair_of(
                 "MCX:CRUDEOIL18DEC26FUT", pair_body(
                     (5300.0, 5290.0), (5500.0, 5490.0), last=5400.0, quantity=2,
                     product="NRML"))), result={"order_id": "112127"}),
        pair_made("pair_refused", bad("InputException", "Trigger cannot be created."),
                  error=failed("OrderRejected", "REJECTED", "InputException")),
        pair_made("pair_without_an_id", ok({}), error=failed("OrderUnknown", "UNKNOWN")),
        pair_made("pair_lost", {"failure": {"handed_over": True}},
                  error=failed("OrderUnknown", "UNKNOWN")),
        pair_made("pair_lost_in_the_gateway", {"status": 502, "text": "<html>Bad gateway</html>"},
                  error=failed("OrderUnknown", "UNKNOWN")),
        not_sent("above_both_legs", "InvalidOrder", "place_gtt", pair,
                 last_price("NSE:INFY", 1600.0)),
        not_sent("target_below_the_stop", "InvalidOrder", "place_gtt", short | {"side": "SELL"}),
        not_sent("legs_at_one_price", "InvalidOrder", "place_gtt",
                 pair | {"stop_trigger_price": "1600", "stop_price": "1600"}),
        not_sent("stop_above_its_trigger", "InvalidOrder", "place_gtt",
                 pair | {"stop_price": "1451"}),
        not_sent("stop_without_a_price", "InvalidOrder", "place_gtt",
                 {key: pair[key] for key in pair if key != "stop_price"}),
        not_sent("stop_off_tick", "InvalidOrder", "place_gtt", pair | {"stop_price": "1444.97"}),
        pair_changed("other_stop", {"stop_trigger_price": "1460", "stop_price": "1455.5"},
                     pair_body((1460.0, 1455.5), (1600.0, 1598.0))),
        pair_changed("other_target", {"price": "1597"},
                     pair_body((1450.0, 1445.0), (1600.0, 1597.0))),
        pair_changed("both_legs", {"trigger_price": "1610", "price": "1609", "quantity": 12,
                                   "stop_trigger_price": "1440", "stop_price": "1439"},
                     pair_body((1440.0, 1439.0), (1610.0, 1609.0), quantity=12)),
        pair_changed("upper_leg_first", {"price": "1597"},
                     pair_body((1450.0, 1445.0), (1600.0, 1597.0)),
                     pair_row((1600, 1598), (1450, 1445))),
        pair_changed("stop_of_a_short", {"stop_price": "1606"}, pair_body(
            (1450.0, 1452.0), (1600.0, 1606.0), transaction_type="BUY"),
            pair_row((1450, 1452), (1600, 1605), transaction_type="BUY")),
        not_sent("target_to_the_other_side", "InvalidOrder", "modify_gtt",
                 target | {"trigger_price": "1440", "price": "1440"}, pair_there),
        not_sent("stop_of_one_leg", "InvalidOrder", "modify_gtt",
                 target | {"stop_trigger_price": "1440", "stop_price": "1440"}, read),
        not_sent("legs_untold", "InvalidOrder", "modify_gtt", target | {"quantity": 12},
                 step("GET", there, ok(legs | {"orders": legs["orders"][:1]}))),
        not_sent("below_both_legs", "InvalidOrder", "modify_gtt", target | {"quantity": 12},
                 pair_there, last_price("NSE:INFY", 1449.0)),
        case("cancel_a_pair", "cancel_gtt", target, pair_there, step("DELETE", there, made),
             result={"order_id": "112127"}),
        case("cancel", "cancel_gtt", target, read, step("DELETE", there, made),
             result={"order_id": "112127"}),
        case("one", "gtt", target, read, result=TRIGGER_READ),
        case("one_with_two_legs", "gtt", target, pair_there, result=two_read),
        case("pair_of_a_short", "gtt", target,
             step("GET", there, ok(pair_row((1450, 1452), (1600, 1605), transaction_type="BUY"))),
             result=two_read | {"side": "BUY", "trigger_price": "1450", "price": "1452",
                                "stop_trigger_price": "1600", "stop_price": "1605"}),
        case("legs_of_several_quantities", "gtt", target,
             step("GET", there, ok(pair_row((1450, 1445), (1600, 1598), quantities=(5, 10)))),
             result=of_several),
        case("waiting", "gtts", {}, step("GET", "/gtt/triggers", ok(states)),
             result=[told[0], told[1], told[4]]),
        case("ended_too", "gtts", {"done": True}, step("GET", "/gtt/triggers", ok(states)),
             result=told),
        case("no_triggers", "gtts", {}, step("GET", "/gtt/triggers", ok([])), result=[]),
    ]  # fmt: skip


def quote_cases() -> list[Json]:
    infy = {"instrument_token": 408065, "last_price": 1510.5}
    nifty = {"instrument_token": 256265, "last_price": 26000.05}
    mahindra = {"instrument_token": 519937, "last_price": 3000}
    keys = "&".join("i=" + quote(k, safe="") for k in ("NSE:INFY", "NSE:M&M", "NSE:NIFTY 50"))
    asked = {"symbols": ["NSE:INFY", "NSE:M&M", "NSE_INDEX:NIFTY"], "mode": "LTP"}
    return [
        case("last_prices", "quotes", asked,
             step("GET", f"/quote/ltp?{keys}",
                  ok({"NSE:NIFTY 50": nifty, "NSE:INFY": infy, "NSE:M&M": mahindra})),
             result=[{"exchange": "NSE", "token": "256265", "last_price": "26000.05"},
                     {"exchange": "NSE", "token": "408065", "last_price": "1510.5"},
                     {"exchange": "NSE", "token": "519937", "last_price": "3000"}]),
    ]  # fmt: skip


def history_cases() -> list[Json]:
    query = "from=2026-11-19+09%3A15%3A00&to=2026-11-19+09%3A20%3A00&oi="
    span = {"start": "2026-11-19T09:15:00+05:30", "end": "2026-11-19T09:20:00+05:30"}
    candle = ["2026-11-19T09:15:00+0530", 1510, 1511.5, 1509.9, 1511, 1200]
    read = {"timestamp": "2026-11-19T09:15:00+05:30", "open": "1510", "high": "1511.5",
            "low": "1509.9", "close": "1511", "volume": 1200}  # fmt: skip
    return [
        case("share", "history", {"symbol": "NSE:INFY", "interval": "5m"} | span,
             step("GET", f"/instruments/historical/408065/5minute?{query}0",
                  ok({"candles": [candle]})), result=[read]),
        case("option_with_open_interest", "history",
             {"symbol": "NFO:NIFTY24NOV2626000CE", "interval": "1m"} | span,
             step("GET", f"/instruments/historical/10973186/minute?{query}1",
                  ok({"candles": [[*candle, 90]]})), result=[read | {"oi": 90}]),
        case("holiday", "history", {"symbol": "NSE:INFY", "interval": "5m"} | span,
             step("GET", f"/instruments/historical/408065/5minute?{query}0", ok({"candles": []})),
             result=[]),
    ]  # fmt: skip


def master_cases() -> list[Json]:
    head = (
        "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,"
        "lot_size,instrument_type,segment,exchange"
    )
    rows = [
        "408065,1594,INFY,INFOSYS,0,,0,0.1,1,EQ,NSE,NSE",
        "256265,1001,NIFTY 50,NIFTY 50,0,,0,0,0,EQ,INDICES,NSE",
        "10973186,42864,NIFTY26NOV26000CE,NIFTY,0,2026-11-24,26000,0.05,75,CE,NFO-OPT,NFO",
    ]
    wanted = [INSTRUMENTS[0], INSTRUMENTS[2], INSTRUMENTS[3]]
    read = [{"lot_size": 1, **row} for row in wanted]
    read[1] |= {"name": "NIFTY 50"}
    read[2] |= {"name": "NIFTY"}
    request = {"method": "GET", "path": "/instruments", "headers": {"Authorization": None}}
    text = "\n".join([head, *rows]) + "\n"
    return [
        case("all", "master", {}, {"request": request, "reply": {"text": text}}, result=read),
    ]


def raw_cases() -> list[Json]:
    return [
        case("get", "raw", {"method": "GET", "path": "/mf/holdings"},
             step("GET", "/mf/holdings", ok([{"fund": "X"}])), result=[{"fund": "X"}]),
        case("no_writes", "raw", {"method": "POST", "path": "/orders/regular"},
             error=failed("Unsupported", "NOT_SENT")),
    ]  # fmt: skip


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    files = {
        "world": WORLD,
        "place_order": place_cases(),
        "refusals": refusal_cases(),
        "orders": book_cases(),
        "changes": change_cases(),
        "account": account_cases(),
        "portfolio": portfolio_cases(),
        "costs": cost_cases(),
        "gtt": gtt_cases(),
        "quotes": quote_cases(),
        "history": history_cases(),
        "master": master_cases(),
        "raw": raw_cases(),
    }
    for name, data in files.items():
        text = json.dumps(data, indent=1, ensure_ascii=False)
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
