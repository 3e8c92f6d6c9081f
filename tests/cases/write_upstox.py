"""Writes the golden cases of Upstox: ``python tests/cases/write_upstox.py``.

The cases are data, transcribed from the Upstox documentation and from what the official client was
recorded to send (see ``openbroker/adapters/upstox.py`` for the sources).  It imports nothing of
openbroker on purpose: what an order looks like on the wire is stated here a second time.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from writing import case, failed

FOLDER = Path(__file__).parent / "upstox"
KEY, SECRET, CODE = "upstoxKeyCanary", "upstoxSecretCanary", "upstoxC0de"
TOKEN = "eyJ0eXAi.upstoxT0kenCanary.c2ln"
REDIRECT = "http://127.0.0.1:8765/back"

Json = Any

INSTRUMENTS: list[dict[str, Json]] = [
    {"exchange": "NSE", "symbol": "NSE:INFY", "type": "EQUITY", "token": "NSE_EQ|INE009A01021",
     "broker_symbol": "INFY", "name": "INFOSYS LIMITED", "tick_size": "0.1", "series": "EQ",
     "isin": "INE009A01021"},
    {"exchange": "NSE_INDEX", "symbol": "NSE_INDEX:NIFTY", "type": "INDEX",
     "token": "NSE_INDEX|Nifty 50", "broker_symbol": "NIFTY", "name": "Nifty 50"},
    {"exchange": "NFO", "symbol": "NFO:NIFTY24NOV2626000CE", "type": "OPTION",
     "token": "NSE_FO|42864", "broker_symbol": "NIFTY 26000 CE 24 NOV 26", "underlying": "NIFTY",
     "expiry": "2026-11-24", "strike": "26000", "right": "CE", "lot_size": 65,
     "tick_size": "0.05", "freeze_quantity": 1800},
    {"exchange": "MCX", "symbol": "MCX:CRUDEOIL18DEC26FUT", "type": "FUTURE",
     "token": "MCX_FO|449735", "broker_symbol": "CRUDEOIL FUT 18 DEC 26",
     "underlying": "CRUDEOIL", "expiry": "2026-12-18", "lot_size": 100, "tick_size": "1"},
    {"exchange": "CDS", "symbol": "CDS:USDINR29DEC26FUT", "type": "FUTURE",
     "token": "NCD_FO|2674", "broker_symbol": "USDINR FUT 29 DEC 26", "underlying": "USDINR",
     "expiry": "2026-12-29", "lot_size": 1000, "tick_size": "0.0025"},
]  # fmt: skip
BY = {row["symbol"]: row for row in INSTRUMENTS}

AUTH = {
    "Authorization": f"Bearer {TOKEN}", "Accept": "application/json",
    "Content-Type": "application/json",
}  # fmt: skip


def ok(data: Json, **more: Json) -> dict[str, Json]:
    return {"body": {"status": "success", "data": data} | more}


def bad(code: str, message: str = "No.", status: int = 400) -> dict[str, Json]:
    error = {"errorCode": code, "message": message, "propertyPath": None, "invalidValue": None,
             "error_code": code, "property_path": None, "invalid_value": None}  # fmt: skip
    return {"status": status, "body": {"status": "error", "errors": [error]}}


def twice(*codes: str) -> dict[str, Json]:
    """A refusal that names several errors."""
    errors = [bad(code)["body"]["errors"][0] for code in codes]
    return {"status": 400, "body": {"status": "error", "errors": errors}}


def step(method: str, path: str, reply: Json, body: Json = None, headers: Json = AUTH) -> Json:
    request: dict[str, Json] = {"method": method, "path": path, "headers": headers}
    return {"request": request | ({"body": body} if body is not None else {}), "reply": reply}


# -- orders

ORDER_ID = "240108010918222"
RECEIVED = ok({"order_ids": [ORDER_ID]}, metadata={"latency": 30})
CHANGED = ok({"order_id": ORDER_ID}, metadata={"latency": 30})
ACK = {"order_id": ORDER_ID}
LIMIT = {"order_type": "LIMIT", "price": "1510.5"}
ASKED = {"symbol": "NSE:INFY", "side": "BUY", "quantity": 1, "product": "CNC"}
OPTION = "NFO:NIFTY24NOV2626000CE"


def order_body(symbol: str, **fields: Json) -> dict[str, Json]:
    body = {
        "quantity": 1, "product": "D", "validity": "DAY", "price": 1510.5, "tag": "$tag",
        "instrument_token": BY[symbol]["token"], "order_type": "LIMIT", "transaction_type": "BUY",
        "disclosed_quantity": 0, "trigger_price": 0, "is_amo": False, "slice": False,
    }  # fmt: skip
    return body | fields


def placed(name: str, body: Json, symbol: str = "NSE:INFY", **args: Json) -> Json:
    return case(
        name, "place_order", ASKED | {"symbol": symbol} | args,
        step("POST", "/v3/order/place", RECEIVED, order_body(symbol, **body)), result=ACK,
    )  # fmt: skip


def refused(name: str, kind: str = "Unsupported", **args: Json) -> Json:
    return case(name, "place_order", ASKED | args, error=failed(kind, "NOT_SENT"))


def place_cases() -> list[Json]:
    market = {"order_type": "MARKET", "price": 0}
    return [
        placed("limit", {}, **LIMIT),
        placed("sell", {"transaction_type": "SELL"}, side="SELL", **LIMIT),
        placed("market", market | {"market_protection": -1}, order_type="MARKET",
               market_protection="broker"),
        placed("market_two_per_cent", market | {"market_protection": 2}, order_type="MARKET",
               market_protection="2"),
        placed("market_half_a_per_cent", market | {"market_protection": 0.5},
               order_type="MARKET", market_protection="0.5"),
        placed("stop_limit", {"order_type": "SL", "price": 1515, "trigger_price": 1514.5},
               order_type="SL", price="1515", trigger_price="1514.5"),
        placed("stop_market", {"order_type": "SL-M", "price": 0, "trigger_price": 1514.5,
                               "market_protection": -1},
               order_type="SL-M", trigger_price="1514.5", market_protection="broker"),
        placed("intraday", {"product": "I"}, product="MIS", **LIMIT),
        placed("margin_funded", {"product": "MTF"}, product="MTF", **LIMIT),
        placed("ioc", {"validity": "IOC"}, validity="IOC", **LIMIT),
        placed("disclosed", {"quantity": 100, "disclosed_quantity": 20},
               quantity=100, disclosed_quantity=20, **LIMIT),
        placed("after_market", {"is_amo": True}, after_market=True, **LIMIT),
        placed("carried_forward", {"quantity": 65, "price": 29.8}, OPTION, product="NRML",
               quantity=65, order_type="LIMIT", price="29.8"),
        placed("commodity_counts_lots", {"quantity": 2, "price": 5400}, "MCX:CRUDEOIL18DEC26FUT",
               product="NRML", quantity=200, order_type="LIMIT", price="5400"),
        placed("currency_counts_lots", {"quantity": 2, "price": 88.5}, "CDS:USDINR29DEC26FUT",
               product="NRML", quantity=2000, order_type="LIMIT", price="88.5"),
        placed("protected_to_the_limit", market | {"market_protection": 25},
               order_type="MARKET", market_protection="25"),
        refused("market_unprotected", order_type="MARKET"),
        refused("stop_market_unprotected", order_type="SL-M", trigger_price="1514.5"),
        refused("market_too_wide", "InvalidOrder", order_type="MARKET", market_protection="26"),
        refused("carry_forward_of_shares", product="NRML", **LIMIT),
        refused("delivery_of_derivatives", symbol=OPTION, quantity=65, product="CNC",
                order_type="LIMIT", price="29.8"),
        refused("above_the_freeze_quantity", "InvalidOrder", symbol=OPTION, quantity=1820,
                product="NRML", order_type="LIMIT", price="29.8"),
        refused("bracket", product="MIS", bracket_target="5", bracket_stop="3", **LIMIT),
    ]  # fmt: skip


INPUT = {
    "UDAPI10000": "This request is not supported by Upstox API",
    "UDAPI100011": "Invalid Instrument key",
    "UDAPI100015": "API Version does not exist",
    "UDAPI100036": "Invalid Input",
    "UDAPI100038": "Invalid input passed to the API",
    "UDAPI1004": "Valid order type is required",
    "UDAPI1007": "Validity is required",
    "UDAPI1008": "Price is required",
    "UDAPI1021": "The instrument key is of invalid format",
    "UDAPI1026": "Instrument is invalid",
    "UDAPI1029": "Price is required",
    "UDAPI1030": "Price is not required",
    "UDAPI1031": "Price and Trigger price both are required",
    "UDAPI1032": "Only Trigger price is required",
    "UDAPI1036": "Trigger price is required",
    "UDAPI1039": "Disclosed quantity should not be less than 10% of the quantity",
    "UDAPI1043": "Price is required",
    "UDAPI1052": "The quantity is invalid",
    "UDAPI1055": "The 'validity' is invalid",
    "UDAPI1056": "The 'order_type' is invalid",
    "UDAPI1118": "Maximum order limit exceeded",
    "UDAPI1119": "Tag exceeds 40 characters",
    "UDAPI1159": "Market protection cannot be greater than 25%",
    "UDAPI1160": "Invalid market protection",
}
"""Codes by which the order API says that a request is wrong."""


def refusal_cases() -> list[Json]:
    table = [
        ("UDAPI100050", "Invalid token used to access API", 401, "SessionExpired", "NOT_SENT"),
        ("UDAPI100016", "Invalid Credentials", 401, "SessionExpired", "NOT_SENT"),
        ("UDAPI10005", "Too Many Request Sent", 400, "RateLimited", "NOT_SENT"),
        ("UDAPI1154", "Access to this API is blocked due to static IP restrictions.", 403,
         "StaticIPNotAllowed", "REJECTED"),
        ("UDAPI100049", "Access to this API has been restricted", 403, "PermissionDenied",
         "REJECTED"),
        ("UDAPI100067", "Not with an extended_token", 403, "PermissionDenied", "REJECTED"),
        ("UDAPI100073", "Your client_id is inactive", 403, "PermissionDenied", "REJECTED"),
        ("UDAPI1161", "MCX orders via API are temporarily disabled", 400, "PermissionDenied",
         "REJECTED"),
        ("UDAPI1158", "Market orders are not allowed. Try placing a limit order.", 400,
         "OrderRejected", "REJECTED"),
        ("UDAPI1156", "Invalid Algo name passed in headers", 400, "PermissionDenied", "REJECTED"),
        ("UDAPI100039", "AMO orders cannot be placed during the market hours", 400,
         "MarketClosed", "REJECTED"),
        ("UDAPI100074", "The Place order API is accessible from 5:30 AM to 12:00 AM IST daily",
         400, "MarketClosed", "REJECTED"),
        *((code, message, 400, "OrderRejected", "REJECTED") for code, message in INPUT.items()),
        ("UDAPI100059", "Of another API", 400, "OrderUnknown", "UNKNOWN"),
        ("UDAPI100060", "Resource not found", 404, "OrderUnknown", "UNKNOWN"),
        ("UDAPI999999", "RMS:Rule: Check circuit limit including square off order exceeds", 400,
         "OrderUnknown", "UNKNOWN"),
        ("UDAPI100036", "RMS:Rule: Check circuit limit including square off order exceeds", 400,
         "PriceOutOfBand", "REJECTED"),
        ("UDAPI100036", "The order service timed out", 400, "OrderUnknown", "UNKNOWN"),
        ("UDAPI999999", "CircuitBreaker 'oms' is OPEN and does not permit further calls", 400,
         "OrderUnknown", "UNKNOWN"),
        ("UDAPI100500", "Intraday (I) orders are not allowed", 400, "OrderUnknown", "UNKNOWN"),
        ("UDAPI100036", "Insufficient Funds", 400, "InsufficientFunds", "REJECTED"),
        ("UDAPI100036", "Price is outside the circuit limits", 400, "PriceOutOfBand",
         "REJECTED"),
        ("UDAPI100500", "Something went wrong", 400, "OrderUnknown", "UNKNOWN"),
        ("UDAPI100500", "Something went wrong", 500, "OrderUnknown", "UNKNOWN"),
        ("UDAPI999999", "Of a later day", 400, "OrderUnknown", "UNKNOWN"),
    ]  # fmt: skip
    asked, body = ASKED | LIMIT, order_body("NSE:INFY")

    def answered(name: str, reply: Json, error: Json) -> Json:
        return case(name, "place_order", asked, step("POST", "/v3/order/place", reply, body),
                    error=error)  # fmt: skip

    unknown = failed("OrderUnknown", "UNKNOWN")
    return [
        answered(f"{code}_{number}", bad(code, message, status),
                 failed(kind, outcome, code if status < 500 else None))
        for number, (code, message, status, kind, outcome) in enumerate(table)
    ] + [
        answered("rate", bad("UDAPI10005", "Too Many Request Sent", 429),
                 failed("RateLimited", "NOT_SENT")),
        answered("two_reasons", twice("UDAPI1052", "UDAPI1055"),
                 failed("OrderRejected", "REJECTED", "UDAPI1052")),
        answered("two_reasons_one_unclear", twice("UDAPI1052", "UDAPI100500"),
                 failed("OrderUnknown", "UNKNOWN", "UDAPI100500")),
        answered("locked", {"status": 423, "body": {"status": "error", "errors": None}}, unknown),
        answered("partly", {"status": 207, "body": {
            "status": "partial_success", "data": {"order_ids": [ORDER_ID]}, "errors": []}},
            unknown),
        answered("no_id", ok({"order_ids": []}), unknown),
        answered("no_data", {"body": {"status": "success"}}, unknown),
        answered("success_with_errors", ok({"order_ids": ["1"]}, **bad("UDAPI1052")["body"]
                                           | {"status": "success"}), unknown),
        answered("refusal_that_names_an_order", {"status": 400, "body": {
            **bad("UDAPI1052")["body"], "data": {"order_ids": ["1"]}}}, unknown),
        answered("two_ids", ok({"order_ids": ["1", "2"]}), unknown),
        answered("no_errors", {"status": 400, "body": {"status": "error", "errors": []}},
                 unknown),
        answered("lost", {"failure": {"handed_over": True}}, unknown),
        answered("not_sent", {"failure": {"handed_over": False}}, failed("NotSent", "NOT_SENT")),
    ]  # fmt: skip


ROW: dict[str, Json] = {
    "exchange": "NSE", "product": "D", "price": 1510.5, "quantity": 10, "status": "open",
    "guid": None, "tag": "mine", "instrument_token": "NSE_EQ|INE009A01021", "placed_by": "AB1234",
    "trading_symbol": "INFY-EQ", "tradingsymbol": "INFY-EQ", "order_type": "LIMIT",
    "validity": "DAY", "trigger_price": 0.0, "disclosed_quantity": 0, "transaction_type": "BUY",
    "average_price": 1510.4, "filled_quantity": 4, "pending_quantity": 6, "status_message": None,
    "status_message_raw": None, "exchange_order_id": "1100000012345678", "parent_order_id": None,
    "order_id": ORDER_ID, "variety": "SIMPLE", "order_timestamp": "2026-11-20 10:59:58",
    "exchange_timestamp": "2026-11-20 10:59:59", "is_amo": False, "order_request_id": "1",
    "order_ref_id": "GTT-1",
}  # fmt: skip
PLAIN_ROW: dict[str, Json] = {
    "order_id": ORDER_ID, "status": "OPEN", "exchange": "NSE", "token": "NSE_EQ|INE009A01021",
    "broker_symbol": "INFY-EQ", "side": "BUY", "order_type": "LIMIT", "product": "CNC",
    "validity": "DAY", "quantity": 10, "filled_quantity": 4, "pending_quantity": 6,
    "disclosed_quantity": 0, "price": "1510.5", "average_price": "1510.4", "wire_tag": "mine",
    "placed_at": "2026-11-20T10:59:58+05:30", "updated_at": "2026-11-20T10:59:59+05:30",
    "exchange_order_id": "1100000012345678", "after_market": False,
}  # fmt: skip


def without(row: Json, *names: str) -> Json:
    return {key: value for key, value in row.items() if key not in names}


def book_cases() -> list[Json]:
    def book(name: str, reply: Json, **rest: Json) -> Json:
        return case(name, "orders", {}, step("GET", "/v2/order/retrieve-all", reply), **rest)

    option = ROW | {"instrument_token": "NSE_FO|42864", "trading_symbol": "NIFTY26NOV26000CE",
                    "is_amo": None, "variety": "AMO"}  # fmt: skip
    read_option = PLAIN_ROW | {
        "exchange": "NFO", "token": "NSE_FO|42864", "broker_symbol": "NIFTY26NOV26000CE",
        "product": "NRML", "after_market": True}  # fmt: skip
    foreign = ROW | {"product": "OCO", "status": "something new", "validity": "GTT",
                     "instrument_token": "GLOBAL|^DJI"}  # fmt: skip
    read_foreign = without(PLAIN_ROW, "product", "validity", "exchange") | {
        "status": "UNKNOWN", "token": "GLOBAL|^DJI"}  # fmt: skip
    ended = ROW | {"status": "rejected", "status_message": "RMS: no"}
    words = {
        "put order req received": "PENDING", "validation pending": "PENDING",
        "open pending": "PENDING", "after market order req received": "PENDING",
        "modify after market order req received": "PENDING", "trigger pending": "TRIGGER_PENDING",
        "complete": "FILLED", "cancelled": "CANCELLED", "modify pending": "OPEN",
        "modify validation pending": "OPEN", "modified": "OPEN", "not modified": "OPEN",
        "cancel pending": "OPEN", "not cancelled": "OPEN",
        "cancelled after market order": "CANCELLED", "cancel request pending": "OPEN",
    }  # fmt: skip
    one = f"/v2/order/details?order_id={ORDER_ID}"
    return [
        book("full", ok([ROW]), result=[PLAIN_ROW]),
        book("empty", ok([]), result=[]),
        book("derivatives_are_carried_forward", ok([option]), result=[read_option]),
        book("foreign", ok([foreign]), result=[read_foreign]),
        book("rejected", ok([ended]),
             result=[PLAIN_ROW | {"status": "REJECTED", "message": "RMS: no"}]),
        book("words", ok([ROW | {"status": word} for word in words]),
             result=[PLAIN_ROW | {"status": status} for status in words.values()]),
        book("down", {"status": 502, "text": "<html>"}, error=failed("BrokerUnavailable")),
        case("one", "order", {"order_id": ORDER_ID}, step("GET", one, ok(ROW)),
             result=PLAIN_ROW),
        case("not_there", "order", {"order_id": ORDER_ID},
             step("GET", one, bad("UDAPI100010", "Order not found")),
             error=failed("OrderNotFound", code="UDAPI100010")),
    ]  # fmt: skip


CHANGE_INPUT = {
    "UDAPI1003": "Order id is required",
    "UDAPI1010": "Order id accepts only alphanumeric characters and '-'.",
    "UDAPI1023": "Order id is required",
}


def change_cases() -> list[Json]:
    one = f"/v2/order/details?order_id={ORDER_ID}"

    def modified(name: str, args: Json, body: Json, row: Json = ROW) -> Json:
        whole = {"order_id": ORDER_ID, "validity": "DAY", "price": 1510.5, "order_type": "LIMIT",
                 "trigger_price": 0} | body  # fmt: skip
        return case(name, "modify_order", {"order_id": ORDER_ID} | args,
                    step("GET", one, ok(row)), step("PUT", "/v3/order/modify", CHANGED, whole),
                    result=ACK)  # fmt: skip

    def held_back(name: str, kind: str, args: Json) -> Json:
        return case(name, "modify_order", {"order_id": ORDER_ID} | args,
                    step("GET", one, ok(ROW)), error=failed(kind, "NOT_SENT"))  # fmt: skip

    def cancelled(name: str, reply: Json, **rest: Json) -> Json:
        return case(name, "cancel_order", {"order_id": ORDER_ID},
                    step("DELETE", f"/v3/order/cancel?order_id={ORDER_ID}", reply),
                    **rest)  # fmt: skip

    stop = ROW | {"order_type": "SL-M", "trigger_price": 1509.5, "price": 0,
                  "status": "trigger pending"}  # fmt: skip
    crude = ROW | {"instrument_token": "MCX_FO|449735"}
    return [
        modified("price_only", {"price": "1511"}, {"price": 1511}),
        modified("quantity", {"quantity": 12}, {"quantity": 12}),
        modified("to_stop", {"order_type": "SL", "price": "1515", "trigger_price": "1514.5"},
                 {"order_type": "SL", "price": 1515, "trigger_price": 1514.5}),
        modified("trigger_of_a_stop_market", {"trigger_price": "1508"},
                 {"order_type": "SL-M", "price": 0, "trigger_price": 1508}, stop),
        modified("to_market", {"order_type": "MARKET", "market_protection": "broker"},
                 {"order_type": "MARKET", "price": 0, "market_protection": -1}),
        modified("to_market_two_per_cent", {"order_type": "MARKET", "market_protection": "2"},
                 {"order_type": "MARKET", "price": 0, "market_protection": 2}),
        modified("to_stop_market",
                 {"order_type": "SL-M", "trigger_price": "1514.5", "market_protection": "0.5"},
                 {"order_type": "SL-M", "price": 0, "trigger_price": 1514.5,
                  "market_protection": 0.5}),
        modified("other_protection", {"market_protection": "3"},
                 {"order_type": "SL-M", "price": 0, "trigger_price": 1509.5,
                  "market_protection": 3}, stop),
        held_back("to_market_unprotected", "Unsupported", {"order_type": "MARKET"}),
        held_back("to_market_too_wide", "InvalidOrder",
                  {"order_type": "MARKET", "market_protection": "26"}),
        case("commodity_price", "modify_order", {"order_id": ORDER_ID, "price": "5401"},
             step("GET", one, ok(crude)),
             step("PUT", "/v3/order/modify", CHANGED,
                  {"order_id": ORDER_ID, "validity": "DAY", "price": 5401,
                   "order_type": "LIMIT", "trigger_price": 0}), result=ACK),
        case("of_an_order_half_told", "modify_order", {"order_id": ORDER_ID, "price": "1511"},
             step("GET", one, ok(without(ROW, "validity"))),
             error=failed("Unsupported", "NOT_SENT")),
        modified("disclosed", {"disclosed_quantity": 5}, {"disclosed_quantity": 5}),
        modified("validity", {"validity": "IOC"}, {"validity": "IOC"}),
        case("done_before_the_change", "modify_order", {"order_id": ORDER_ID, "price": "1511"},
             step("GET", one, ok(ROW)),
             step("PUT", "/v3/order/modify", bad("UDAPI100041", "Not allowed"),
                  {"order_id": ORDER_ID, "validity": "DAY", "price": 1511,
                   "order_type": "LIMIT", "trigger_price": 0}),
             error=failed("OrderNotModifiable", "REJECTED", "UDAPI100041")),
        cancelled("regular", CHANGED, result=ACK),
        *(cancelled(code, bad(code, message), error=failed("OrderRejected", "REJECTED", code))
          for code, message in CHANGE_INPUT.items()),
        cancelled("done_before", bad("UDAPI100040", "Not allowed"),
                  error=failed("OrderNotModifiable", "REJECTED", "UDAPI100040")),
        cancelled("cancel_gone", bad("UDAPI100010", "Order not found"),
                  error=failed("OrderNotFound", "REJECTED", "UDAPI100010")),
    ]  # fmt: skip


# -- the rest


NO_ENTRY = {
    "UDAPI100016": "Invalid Credentials",
    "UDAPI100050": "Invalid token used to access API",
    "UDAPI100057": "Invalid Auth code",
    "UDAPI100068": "Check your 'client_id' and 'redirect_uri'; one or both are incorrect.",
    "UDAPI100069": "Check your 'client_id'; one is incorrect.",
}


def account_cases() -> list[Json]:
    form = {"code": CODE, "client_id": KEY, "client_secret": SECRET, "redirect_uri": REDIRECT,
            "grant_type": "authorization_code"}  # fmt: skip
    headers = {"Authorization": None, "Accept": "application/json"}
    path = "/v2/login/authorization/token"
    good = {"email": "t@example.com", "exchanges": ["NSE", "MCX"], "products": ["D", "CO"],
            "user_id": "AB1234", "order_types": ["MARKET"], "user_type": "individual",
            "poa": False, "is_active": True, "access_token": TOKEN}  # fmt: skip
    profile = {"email": "t@example.com", "exchanges": ["NSE", "NFO", "XYZ"],
               "products": ["D", "CO", "I"], "broker": "UPSTOX", "user_id": "AB1234",
               "user_name": "Test", "is_active": True}  # fmt: skip
    segment = {"used_margin": 12.5, "payin_amount": 100.0, "span_margin": 0.0,
               "adhoc_margin": 0.0, "notional_cash": 0.0, "available_margin": 1000.25,
               "exposure_margin": 0.0}  # fmt: skip
    empty = dict.fromkeys(segment, 0.0)
    return [
        case("by_code", "login", {}, step("POST", path, {"body": good}, form, headers),
             result={"broker": "upstox", "account": "AB1234",
                     "tokens": {"access_token": TOKEN}}),
        *(case(code, "login", {}, step("POST", path, bad(code, message, 401), form, headers),
               error=failed("InvalidCredentials", code=code))
          for code, message in NO_ENTRY.items()),
        case("logout", "logout", {}, step("DELETE", "/v2/logout", ok(True)), result=None),
        case("profile", "profile", {}, step("GET", "/v2/user/profile", ok(profile)),
             result={"account": "AB1234", "name": "Test", "exchanges": ["NSE", "NFO"],
                     "products": ["CNC", "MIS"]}),
        case("funds", "funds", {},
             step("GET", "/v2/user/get-funds-and-margin",
                  ok({"equity": segment, "commodity": empty})),
             result={"available": "1000.25", "utilised": "12.5", "payin": "100"}),
        case("funds_of_both_together", "funds", {},
             step("GET", "/v2/user/get-funds-and-margin",
                  ok({"equity": segment, "commodity": None})),
             result={"available": "1000.25", "utilised": "12.5", "payin": "100"}),
        case("funds_at_night", "funds", {},
             step("GET", "/v2/user/get-funds-and-margin",
                  bad("UDAPI100072", "The Funds service is accessible from 5:30 AM", 423)),
             error=failed("BrokerError", code="UDAPI100072")),
    ]  # fmt: skip


def portfolio_cases() -> list[Json]:
    position = {
        "exchange": "NFO", "multiplier": 1.0, "value": -1937.0, "pnl": -16.25, "product": "D",
        "instrument_token": "NSE_FO|42864", "average_price": None, "buy_value": 0.0,
        "overnight_quantity": 0, "day_buy_value": 0.0, "day_buy_price": 0.0,
        "day_buy_quantity": 0, "day_sell_quantity": 65, "day_sell_price": 29.8, "quantity": -65,
        "last_price": 30.05, "unrealised": -16.25, "realised": 0.0, "sell_value": 1937.0,
        "trading_symbol": "NIFTY26NOV26000CE", "close_price": 29.0, "buy_price": 0.0,
        "sell_price": 29.8,
    }  # fmt: skip
    read_position = {
        "exchange": "NFO", "token": "NSE_FO|42864", "broker_symbol": "NIFTY26NOV26000CE",
        "product": "NRML", "quantity": -65, "overnight_quantity": 0, "buy_quantity": 0,
        "sell_quantity": 65, "sell_price": "29.8", "last_price": "30.05", "close_price": "29",
        "pnl": "-16.25", "realised_pnl": "0", "unrealised_pnl": "-16.25",
    }  # fmt: skip
    holding = {
        "isin": "INE009A01021", "cnc_used_quantity": 0, "collateral_type": "WC",
        "company_name": "INFOSYS", "haircut": 0.2, "product": "D", "quantity": 5,
        "trading_symbol": "INFY", "last_price": 1510.5, "close_price": 1498.0, "pnl": 552.5,
        "day_change": 0, "instrument_token": "NSE_EQ|INE009A01021", "average_price": 1400.0,
        "collateral_quantity": 0, "t1_quantity": 0, "exchange": "NSE",
    }  # fmt: skip
    trade = {
        "exchange": "NSE", "product": "D", "trading_symbol": "INFY-EQ",
        "instrument_token": "NSE_EQ|INE009A01021", "order_type": "LIMIT",
        "transaction_type": "BUY", "quantity": 4, "exchange_order_id": "1100000012345678",
        "order_id": ORDER_ID, "exchange_timestamp": "20-Nov-2026 10:59:59",
        "average_price": 1510.4, "trade_id": "50091502", "order_ref_id": "1",
        "order_timestamp": "2026-11-20 10:59:58",
    }  # fmt: skip
    asked = {"broker_symbol": "NIFTY26NOV26000CE", "product": "MIS", "quantity": 65}
    convert = {"instrument_token": "NSE_FO|42864", "new_product": "I", "old_product": "D",
               "transaction_type": "SELL", "quantity": 65}  # fmt: skip
    book = "/v2/portfolio/short-term-positions"
    read = step("GET", book, ok([position]))
    intraday = step("GET", book, ok([position | {"product": "I"}]))
    held, trades = "/v2/portfolio/long-term-holdings", "/v2/order/trades/get-trades-for-day"
    return [
        case("short", "positions", {}, read, result=[read_position]),
        case("none", "positions", {}, step("GET", book, ok([])), result=[]),
        case("to_intraday", "convert_position", asked, read,
             step("PUT", "/v2/portfolio/convert-position", ok({"status": "complete"}), convert),
             result=None),
        case("to_carried_forward", "convert_position", asked | {"product": "NRML"}, intraday,
             step("PUT", "/v2/portfolio/convert-position", ok({"status": "complete"}),
                  convert | {"new_product": "D", "old_product": "I"}), result=None),
        case("converted_or_not", "convert_position", asked, read,
             step("PUT", "/v2/portfolio/convert-position", ok({"status": "pending"}), convert),
             error=failed("OrderUnknown", "UNKNOWN")),
        case("no_delivery_of_derivatives", "convert_position", asked | {"product": "CNC"}, intraday,
             error=failed("Unsupported", "NOT_SENT")),
        case("of_an_unknown_segment", "convert_position", asked,
             step("GET", book, ok([position | {"instrument_token": "NSE_COM|1"}])),
             error=failed("Unsupported", "NOT_SENT")),
        case("held", "holdings", {}, step("GET", held, ok([holding])),
             result=[{"exchange": "NSE", "token": "NSE_EQ|INE009A01021", "broker_symbol": "INFY",
                      "isin": "INE009A01021", "product": "CNC", "quantity": 5, "t1_quantity": 0,
                      "collateral_quantity": 0, "average_price": "1400", "last_price": "1510.5",
                      "close_price": "1498", "pnl": "552.5"}]),
        case("nothing_held", "holdings", {}, step("GET", held, ok([])), result=[]),
        case("one_trade", "trades", {}, step("GET", trades, ok([trade])),
             result=[{"trade_id": "50091502", "order_id": ORDER_ID, "exchange": "NSE",
                      "token": "NSE_EQ|INE009A01021", "broker_symbol": "INFY-EQ", "side": "BUY",
                      "product": "CNC", "quantity": 4, "price": "1510.4",
                      "traded_at": "2026-11-20T10:59:59+05:30",
                      "exchange_order_id": "1100000012345678"}]),
        case("no_trades", "trades", {}, step("GET", trades, ok([])), result=[]),
    ]  # fmt: skip


def margin_cases() -> list[Json]:
    share = {"instrument_key": "NSE_EQ|INE009A01021", "quantity": 1, "product": "D",
             "transaction_type": "BUY", "price": 1510.5}  # fmt: skip
    option = {"instrument_key": "NSE_FO|42864", "quantity": 65, "product": "D",
              "transaction_type": "SELL", "price": 29.8}  # fmt: skip
    other = {"symbol": OPTION, "side": "SELL", "quantity": 65, "product": "NRML",
             "order_type": "LIMIT", "price": "29.8"}  # fmt: skip
    at_market = ASKED | {"order_type": "MARKET"}
    unpriced = {name: word for name, word in share.items() if name != "price"}
    told = {"margins": [], "required_margin": 151000.5, "final_margin": 150000.5}
    many = {"orders": [ASKED | LIMIT] * 21}
    return [
        case("basket", "margin", {"orders": [ASKED | LIMIT, other]},
             step("POST", "/v2/charges/margin", ok(told), {"instruments": [share, option]}),
             result={"total": "150000.5", "benefit": "1000"}),
        case("at_the_market_no_price_is_told", "margin", {"orders": [at_market]},
             step("POST", "/v2/charges/margin", ok(told), {"instruments": [unpriced]}),
             result={"total": "150000.5", "benefit": "1000"}),
        case("too_many", "margin", many, error=failed("InvalidOrder")),
    ]  # fmt: skip


def charges_cases() -> list[Json]:
    told = {"charges": {
        "total": 208.27, "brokerage": 0.0,
        "taxes": {"gst": 1.02, "stt": 175.0, "stamp_duty": 26.23},
        "other_charges": {"transaction": 5.68, "clearing": 0.0, "ipft": 0.17,
                          "sebi_turnover": 0.17},
        "otherTaxes": {"transaction": 5.68, "clearing": 0.0, "ipft": 0.17, "sebi_turnover": 0.17},
        "dp_plan": {"name": "DP3A", "min_expense": 18.5}}}  # fmt: skip
    by_the_client = {"charges": {
        "total": 31.5, "brokerage": 20, "taxes": {"gst": 3.6, "stt": 5.9, "stamp_duty": 0},
        "otherTaxes": {"transaction": 2, "clearing": 0, "sebi_turnover": 0}}}  # fmt: skip
    one = ("/v2/charges/brokerage?instrument_token=NSE_EQ%7CINE009A01021&quantity=1&product=D"
           "&transaction_type=BUY&price=1510.5")  # fmt: skip
    two = ("/v2/charges/brokerage?instrument_token=MCX_FO%7C449735&quantity=2&product=I"
           "&transaction_type=SELL&price=5400")  # fmt: skip
    other = {"symbol": "MCX:CRUDEOIL18DEC26FUT", "side": "SELL", "quantity": 200,
             "product": "MIS", "order_type": "LIMIT", "price": "5400"}  # fmt: skip

    def items(*amounts: str) -> Json:
        names = ("brokerage", "transaction_tax", "gst", "stamp_duty", "exchange_turnover_charge",
                 "clearing_charge", "investor_protection_fund",
                 "sebi_turnover_charge")  # fmt: skip
        return [{"name": n, "amount": a} for n, a in zip(names, amounts, strict=True)]

    return [
        case("one_order", "charges", {"orders": [ASKED | LIMIT]}, step("GET", one, ok(told)),
             result={"total": "208.27", "items": items("0", "175", "1.02", "26.23", "5.68", "0",
                                                       "0.17", "0.17")}),
        case("two_orders", "charges", {"orders": [ASKED | LIMIT, other]},
             step("GET", one, ok(told)), step("GET", two, ok(by_the_client)),
             result={"total": "239.77", "items": items("20", "180.9", "4.62", "26.23", "7.68",
                                                       "0", "0.17", "0.17")}),
        case("no_total", "charges", {"orders": [ASKED | LIMIT]},
             step("GET", one, ok({"charges": {"brokerage": 20}})),
             result={"items": [{"name": "brokerage", "amount": "20"}]}),
        case("without_a_price", "charges", {"orders": [
            ASKED | {"order_type": "MARKET", "market_protection": "broker"}]},
            error=failed("InvalidOrder")),
    ]  # fmt: skip


GTT_ID = "GTT-C26201100141213"
RULE: dict[str, Json] = {
    "type": "SINGLE", "exchange": "NSE_EQ", "quantity": 10, "product": "D",
    "rules": [{"strategy": "ENTRY", "status": "SCHEDULED", "message": None,
               "trigger_type": "BELOW", "trigger_price": 1450.5, "transaction_type": "BUY",
               "order_id": None}],
    "trading_symbol": "INFY", "instrument_token": "NSE_EQ|INE009A01021",
    "gtt_order_id": GTT_ID, "expires_at": 1826649000000000, "created_at": 1795152600000000,
}  # fmt: skip
READ_RULE: dict[str, Json] = {
    "gtt_id": GTT_ID, "status": "ACTIVE", "exchange": "NSE", "token": "NSE_EQ|INE009A01021",
    "broker_symbol": "INFY", "side": "BUY", "product": "CNC", "quantity": 10,
    "trigger_price": "1450.5", "placed_at": "2026-11-20T11:00:00+05:30",
    "valid_until": "2027-11-20T00:00:00+05:30",
}  # fmt: skip


def leg(strategy: str, status: str, price: float, side: str = "SELL", **more: Json) -> Json:
    return {"strategy": strategy, "status": status, "trigger_type": "IMMEDIATE",
            "trigger_price": price, "transaction_type": side, "message": "",
            "order_id": None} | more  # fmt: skip


BRACKET = RULE | {"type": "MULTIPLE", "product": "I", "rules": [
    leg("STOPLOSS", "INACTIVE", 1400), leg("TARGET", "INACTIVE", 1500),
    leg("ENTRY", "SCHEDULED", 1450.5, "BUY", trigger_type="ABOVE")]}  # fmt: skip


def gtt_cases() -> list[Json]:
    key = "NSE_EQ%7CINE009A01021"
    price = step("GET", f"/v3/market-quote/ltp?instrument_key={key}", ok(
        {"NSE_EQ:INFY": {"last_price": 1510.5, "instrument_token": "NSE_EQ|INE009A01021",
                         "ltq": 5, "volume": 12345, "cp": 1498.0}}))  # fmt: skip
    done = ok({"gtt_order_ids": [GTT_ID]}, metadata={"latency": 88})
    asked = {"symbol": "NSE:INFY", "side": "BUY", "quantity": 10, "price": "1450.5",
             "trigger_price": "1450.5", "product": "CNC"}  # fmt: skip
    one = f"/v3/order/gtt?gtt_order_id={GTT_ID}"
    ack = {"order_id": GTT_ID}

    def body(**more: Json) -> Json:
        entry = {"strategy": "ENTRY", "trigger_type": "BELOW", "trigger_price": 1450.5,
                 "market_protection": 0}  # fmt: skip
        changed = {name: more.pop(name) for name in list(more) if name.startswith("trigger_")}
        return {"type": "SINGLE", "quantity": 10, "product": "D",
                "instrument_token": "NSE_EQ|INE009A01021", "transaction_type": "BUY",
                "rules": [entry | changed]} | more  # fmt: skip

    def made(name: str, sent: Json, reply: Json = done, asks: Json = asked, **rest: Json) -> Json:
        rest = rest or {"result": ack}
        return case(name, "place_gtt", asks, price,
                    step("POST", "/v3/order/gtt/place", reply, sent), **rest)  # fmt: skip

    def changed(name: str, args: Json, *steps: Json, row: Json = RULE, **rest: Json) -> Json:
        return case(name, "modify_gtt", {"gtt_id": GTT_ID} | args, step("GET", one, ok([row])),
                    *steps, **(rest or {"result": ack}))  # fmt: skip

    def change(**more: Json) -> Json:
        kept = without(body(**more), "product", "instrument_token", "transaction_type")
        return step("PUT", "/v3/order/gtt/modify", done, kept | {"gtt_order_id": GTT_ID})

    def cancelled(name: str, reply: Json, **rest: Json) -> Json:
        return case(name, "cancel_gtt", {"gtt_id": GTT_ID}, step("GET", one, ok([RULE])),
                    step("DELETE", "/v3/order/gtt/cancel", reply, {"gtt_order_id": GTT_ID}),
                    **rest)  # fmt: skip

    above = asked | {"side": "SELL", "price": "1600", "trigger_price": "1600"}
    crude = {"symbol": "MCX:CRUDEOIL18DEC26FUT", "side": "BUY", "quantity": 200, "price": "5400",
             "trigger_price": "5400", "product": "NRML"}  # fmt: skip
    crude_price = step(
        "GET",
        "/v3/market-quote/ltp?instrument_key=MCX_FO%7C449735",
        ok({"MCX_FO:CRUDEOIL": {"last_price": 5500, "instrument_token": "MCX_FO|449735"}}),
    )
    not_there = failed("OrderNotFound")
    no = failed("Unsupported", "NOT_SENT")
    read_bracket = READ_RULE | {"product": "MIS"}
    states = {"SCHEDULED": "ACTIVE", "OPEN": "TRIGGERED", "TRIGGERED": "TRIGGERED",
              "COMPLETED": "TRIGGERED", "CANCELLED": "CANCELLED", "EXPIRED": "EXPIRED",
              "FAILED": "UNKNOWN", "PENDING": "UNKNOWN", "INACTIVE": "UNKNOWN"}  # fmt: skip
    told = [RULE | {"rules": [leg("ENTRY", state, 1450.5, "BUY")]} for state in states]
    read = [READ_RULE | {"status": status} for status in states.values()]
    ended = ("CANCELLED", "EXPIRED")
    return [
        case("target_and_stop", "place_gtt", above | {
            "stop_trigger_price": "1450", "stop_price": "1450"}, error=no),
        made("below_the_last_price", body()),
        made("above_the_last_price", body(trigger_type="ABOVE", trigger_price=1600,
                                          transaction_type="SELL"), asks=above),
        made("intraday", body(product="I"), asks=asked | {"product": "MIS"}),
        made("margin_funded", body(product="MTF"), asks=asked | {"product": "MTF"}),
        case("commodity_counts_lots", "place_gtt", crude, crude_price,
             step("POST", "/v3/order/gtt/place", done,
                  body(quantity=2, instrument_token="MCX_FO|449735", trigger_price=5400)),
             result=ack),
        case("another_price", "place_gtt", asked | {"price": "1451"}, error=no),
        case("at_the_last_price", "place_gtt",
             asked | {"price": "1510.5", "trigger_price": "1510.5"}, price,
             error=failed("InvalidOrder", "NOT_SENT")),
        case("disclosed", "place_gtt", asked | {"disclosed_quantity": 5}, error=no),
        case("for_a_month", "place_gtt", asked | {"valid_days": 30}, error=no),
        case("carry_forward_of_shares", "place_gtt", asked | {"product": "NRML"}, error=no),
        case("delivery_of_derivatives", "place_gtt", crude | {"product": "CNC"}, error=no),
        made("market_orders_refused", body(), bad("UDAPI1158", "Market orders are not allowed."),
             error=failed("OrderRejected", "REJECTED", "UDAPI1158")),
        made("static_ip", body(), bad("UDAPI1154", "Static IP restrictions", 403),
             error=failed("StaticIPNotAllowed", "REJECTED", "UDAPI1154")),
        *(made(code, body(), bad(code, "Invalid rule"),
               error=failed("OrderRejected", "REJECTED", code))
          for code in ("UDAPI1126", "UDAPI1136", "UDAPI1137", "UDAPI1141", "UDAPI1143",
                       "UDAPI1151", "UDAPI1176", "UDAPI1177")),
        made("two_ids", body(), ok({"gtt_order_ids": ["GTT-1", "GTT-2"]}),
             error=failed("OrderUnknown", "UNKNOWN")),
        made("no_ids", body(), ok({"gtt_order_ids": []}),
             error=failed("OrderUnknown", "UNKNOWN")),
        made("catch_all", body(), bad("UDAPI100500", "Something went wrong"),
             error=failed("OrderUnknown", "UNKNOWN")),
        changed("new_trigger", {"trigger_price": "1440", "price": "1440"}, price,
                change(trigger_price=1440)),
        changed("to_the_other_side", {"trigger_price": "1600", "price": "1600", "quantity": 12},
                price, change(trigger_price=1600, trigger_type="ABOVE", quantity=12)),
        changed("quantity", {"quantity": 12, "price": "1450.5"}, change(quantity=12)),
        changed("price_not_named", {"quantity": 12}, error=no),
        changed("another_price_for_it", {"price": "1451"}, error=no),
        changed("with_several_legs", {"price": "1450.5", "quantity": 12}, row=BRACKET, error=no),
        changed("at_the_exchange_by_now", {"quantity": 12, "price": "1450.5"},
                step("PUT", "/v3/order/gtt/modify", bad("UDAPI1150", "Not for open orders"),
                     change(quantity=12)["request"]["body"]),
                error=failed("OrderNotModifiable", "REJECTED", "UDAPI1150")),
        cancelled("taken_back", done, result=ack),
        *(cancelled(code, bad(code, "No."), error=failed("OrderRejected", "REJECTED", code))
          for code in ("UDAPI1134", "UDAPI1135")),
        case("one_rule", "gtt", {"gtt_id": GTT_ID}, step("GET", one, ok([RULE])),
             result=READ_RULE),
        case("with_three_legs", "gtt", {"gtt_id": GTT_ID}, step("GET", one, ok([BRACKET])),
             result=read_bracket),
        case("rule_gone", "gtt", {"gtt_id": GTT_ID}, step("GET", one, ok([])), error=not_there),
        case("no_rules", "gtts", {}, step("GET", "/v3/order/gtt", ok([])), result=[]),
        case("rules_that_wait", "gtts", {}, step("GET", "/v3/order/gtt", ok(told)),
             result=[row for row in read if row["status"] not in ended]),
        case("all_rules", "gtts", {"done": True}, step("GET", "/v3/order/gtt", ok(told)),
             result=read),
    ]  # fmt: skip


def vendor_cases() -> list[Json]:
    by_id, by_tag = f"/v2/order/history?order_id={ORDER_ID}", "/v2/order/history?tag=mineABC"
    states = [ROW | {"status": "put order req received"}, ROW]
    read = [PLAIN_ROW | {"status": "PENDING"}, PLAIN_ROW]
    trade = {"exchange": "NSE", "product": "D", "trading_symbol": "INFY-EQ",
             "instrument_token": "NSE_EQ|INE009A01021", "transaction_type": "BUY",
             "quantity": 4, "order_id": ORDER_ID, "average_price": 1510.4,
             "exchange_timestamp": "20-Nov-2026 10:59:59", "trade_id": "50091502"}  # fmt: skip
    funded = {"exchange": "NSE", "multiplier": 1.0, "value": 1510.5, "pnl": 12.5,
              "product": "MTF", "instrument_token": "NSE_EQ|INE009A01021",
              "average_price": 1498.0, "overnight_quantity": 1, "day_buy_quantity": 0,
              "day_sell_quantity": 0, "quantity": 1, "last_price": 1510.5, "unrealised": 12.5,
              "realised": 0.0, "trading_symbol": "INFY", "close_price": 1498.0,
              "buy_price": 1498.0, "sell_price": 0.0}  # fmt: skip
    greeks = {"vega": 4.1731, "theta": -472.8941, "gamma": 0.0001, "delta": 0.743, "iv": 12.5,
              "pop": 40.56}  # fmt: skip
    call = {"instrument_key": "NSE_FO|42864", "market_data": {"ltp": 29.8, "volume": 130},
            "option_greeks": greeks}  # fmt: skip
    strike = {"expiry": "2026-11-24", "pcr": 1.2, "strike_price": 26000.0,
              "underlying_key": "NSE_INDEX|Nifty 50", "underlying_spot_price": 26000.05,
              "call_options": call, "put_options": None}  # fmt: skip
    chain = "/v2/option/chain?instrument_key=NSE_INDEX%7CNifty+50&expiry_date=2026-11-24"
    of_nifty = {"instrument": "NSE_INDEX:NIFTY", "expiry": "2026-11-24"}
    told = {"user_id": "AB1234", "primary_ip": "192.0.2.1", "secondary_ip": None,
            "primary_ip_updated_at": "2026-04-03 17:17:50",
            "secondary_ip_updated_at": None}  # fmt: skip
    read_switches = [
        {"segment": "NSE_EQ", "exchange": "NSE", "is_active": True, "is_halted": True},
        {"segment": "NSE_COM", "is_active": False, "is_halted": False},
    ]
    elsewhere = ROW | {"instrument_token": "NSE_FO|42864"}
    switches = [
        {"segment": "NSE_EQ", "segment_status": "ACTIVE", "kill_switch_enabled": True},
        {"segment": "NSE_COM", "segment_status": "INACTIVE", "kill_switch_enabled": False},
    ]
    return [
        case("by_id", "vendor.order_history", {"order_id": ORDER_ID},
             step("GET", by_id, ok(states)), result=read),
        case("by_tag", "vendor.order_history", {"tag": "mineABC"},
             step("GET", by_tag, ok(states)), result=read),
        case("by_both", "vendor.order_history", {"order_id": ORDER_ID, "tag": "mineABC"},
             error=failed("InvalidOrder")),
        case("of_an_order", "vendor.order_trades", {"order_id": ORDER_ID},
             step("GET", f"/v2/order/trades?order_id={ORDER_ID}", ok([trade])),
             result=[{"trade_id": "50091502", "order_id": ORDER_ID, "exchange": "NSE",
                      "token": "NSE_EQ|INE009A01021", "broker_symbol": "INFY-EQ", "side": "BUY",
                      "product": "CNC", "quantity": 4, "price": "1510.4",
                      "traded_at": "2026-11-20T10:59:59+05:30"}]),
        case("funded", "vendor.mtf_positions", {},
             step("GET", "/v3/portfolio/mtf-positions", ok([funded])),
             result=[{"exchange": "NSE", "token": "NSE_EQ|INE009A01021",
                      "broker_symbol": "INFY", "product": "MTF", "quantity": 1,
                      "overnight_quantity": 1, "buy_quantity": 0, "sell_quantity": 0,
                      "buy_price": "1498", "average_price": "1498", "last_price": "1510.5",
                      "close_price": "1498", "pnl": "12.5", "realised_pnl": "0",
                      "unrealised_pnl": "12.5"}]),
        case("none_funded", "vendor.mtf_positions", {},
             step("GET", "/v3/portfolio/mtf-positions", ok([])), result=[]),
        case("of_a_strike", "vendor.option_greeks", of_nifty, step("GET", chain, ok([strike])),
             result=[{"exchange": "NFO", "token": "NSE_FO|42864", "underlying": "NIFTY",
                      "expiry": "2026-11-24", "strike": "26000", "right": "CE",
                      "delta": "0.743", "gamma": "0.0001", "theta": "-472.8941",
                      "vega": "4.1731", "implied_volatility": "12.5", "volume": "130"}]),
        case("of_no_day", "vendor.option_greeks", of_nifty | {"expiry": "next week"},
             error=failed("UsageError")),
        case("of_no_strike", "vendor.option_greeks", of_nifty, step("GET", chain, ok([])),
             result=[]),
        case("one_address", "vendor.static_ips", {}, step("GET", "/v2/user/ip", ok(told)),
             result={"primary": "192.0.2.1",
                     "primary_updated_at": "2026-04-03T17:17:50+05:30"}),
        case("no_address", "vendor.static_ips", {}, step("GET", "/v2/user/ip", ok({})),
             result={}),
        case("two_addresses", "vendor.set_static_ips",
             {"primary": "192.0.2.1", "secondary": "2001:db8::1"},
             step("PUT", "/v2/user/ip", ok(told | {"secondary_ip": "2001:db8::1",
                                                  "access_tokens_invalidated": True}),
                  {"primary_ip": "192.0.2.1", "secondary_ip": "2001:db8::1"}),
             result={"primary": "192.0.2.1", "primary_updated_at": "2026-04-03T17:17:50+05:30",
                     "secondary": "2001:db8::1"}),
        case("only_one", "vendor.set_static_ips", {"primary": "192.0.2.1"},
             step("PUT", "/v2/user/ip", ok(told), {"primary_ip": "192.0.2.1"}),
             result={"primary": "192.0.2.1",
                     "primary_updated_at": "2026-04-03T17:17:50+05:30"}),
        case("no_such_address", "vendor.set_static_ips", {"primary": "192.0.2.256"},
             error=failed("UsageError")),
        case("not_for_this_app", "vendor.set_static_ips", {"primary": "192.0.2.1"},
             step("PUT", "/v2/user/ip", bad("UDAPI1181", "Not for this application type"),
                  {"primary_ip": "192.0.2.1"}),
             error=failed("BrokerError", code="UDAPI1181")),
        case("segments", "vendor.kill_switch", {},
             step("GET", "/v2/user/kill-switch", ok(switches)), result=read_switches),
        case("halted", "vendor.set_kill_switch", {"exchange": "NSE", "on": True},
             step("GET", "/v2/order/retrieve-all", ok([ROW | {"status": "complete"}, elsewhere])),
             step("POST", "/v2/user/kill-switch", ok(switches),
                  [{"segment": "NSE_EQ", "action": "DISABLE"}]), result=read_switches),
        case("opened_again", "vendor.set_kill_switch", {"exchange": "NFO", "on": False},
             step("POST", "/v2/user/kill-switch", ok(switches),
                  [{"segment": "NSE_FO", "action": "ENABLE"}]), result=read_switches),
        *(case(name, "vendor.set_kill_switch", {"exchange": "NSE", "on": True},
               step("GET", "/v2/order/retrieve-all", ok([ROW | changed])),
               error=failed("UsageError"))
          for name, changed in {
              "an_order_is_open": {}, "an_order_is_unclear": {"status": "something new"},
              "an_order_is_somewhere": {"instrument_token": "NSE_COM|1"}}.items()),
        case("too_soon", "vendor.set_kill_switch", {"exchange": "NSE", "on": False},
             step("POST", "/v2/user/kill-switch", bad("UDAPI1185", "12-hour cooling period"),
                  [{"segment": "NSE_EQ", "action": "ENABLE"}]),
             error=failed("BrokerError", code="UDAPI1185")),
    ]  # fmt: skip


def quote_cases() -> list[Json]:
    infy, nifty = "NSE_EQ%7CINE009A01021", "NSE_INDEX%7CNifty%2050"
    full = {
        "ohlc": {"open": 1500, "high": 1512, "low": 1499.1, "close": 1510.5},
        "depth": {"buy": [{"quantity": 7, "price": 1510.4, "orders": 2},
                          {"quantity": 0, "price": 0, "orders": 0}],
                  "sell": [{"quantity": 3, "price": 1510.6, "orders": 1}]},
        "timestamp": "2026-11-20T11:04:59.099+05:30",
        "instrument_token": "NSE_EQ|INE009A01021", "symbol": "INFY", "last_price": 1510.5,
        "volume": 12345, "average_price": 1505.2, "oi": 0, "net_change": 12.5,
        "total_buy_quantity": 10, "total_sell_quantity": 20, "lower_circuit_limit": 1348.2,
        "upper_circuit_limit": 1647.8, "last_trade_time": "1795152898000", "oi_day_high": 0,
        "oi_day_low": 0, "prev_close_price": 1498, "year_high": 1900, "year_low": 1200,
        "cas_eligible": True,
    }  # fmt: skip
    read = {
        "exchange": "NSE", "token": "NSE_EQ|INE009A01021", "broker_symbol": "INFY",
        "last_price": "1510.5", "open": "1500", "high": "1512", "low": "1499.1",
        "close": "1498", "change": "12.5", "volume": 12345, "open_interest": 0,
        "average_price": "1505.2",
        "total_buy_quantity": 10, "total_sell_quantity": 20, "lower_circuit": "1348.2",
        "upper_circuit": "1647.8", "traded_at": "2026-11-20T11:04:58+05:30",
        "updated_at": "2026-11-20T11:04:59.099000+05:30",
        "depth": {"bids": [{"price": "1510.4", "quantity": 7, "orders": 2}],
                  "asks": [{"price": "1510.6", "quantity": 3, "orders": 1}]},
    }  # fmt: skip
    prices = {
        "NSE_EQ:INFY": {"last_price": 1510.5, "instrument_token": "NSE_EQ|INE009A01021",
                        "ltq": 5, "volume": 12345, "cp": 1498.0},
        "NSE_INDEX:Nifty 50": {"last_price": 26000.05, "instrument_token": "NSE_INDEX|Nifty 50",
                               "ltq": 0, "volume": 0, "cp": 25990.0},
        "NSE_EQ:OTHER": {"last_price": 1, "instrument_token": "NSE_EQ|INE000000000"},
    }  # fmt: skip
    return [
        case("full", "quotes", {"symbols": ["NSE:INFY"], "mode": "FULL"},
             step("GET", f"/v3/market-quote/quotes?instrument_key={infy}",
                  ok({"NSE_EQ:INFY": full})), result=[read]),
        case("last_prices", "quotes", {"symbols": ["NSE:INFY", "NSE_INDEX:NIFTY"],
                                       "mode": "LTP"},
             step("GET", f"/v3/market-quote/ltp?instrument_key={infy},{nifty}", ok(prices)),
             result=[{"exchange": "NSE", "token": "NSE_EQ|INE009A01021", "last_price": "1510.5",
                      "close": "1498", "volume": 12345, "last_quantity": 5},
                     {"exchange": "NSE", "token": "NSE_INDEX|Nifty 50",
                      "last_price": "26000.05", "close": "25990", "volume": 0,
                      "last_quantity": 0}]),
    ]  # fmt: skip


def history_cases() -> list[Json]:
    infy, option = "NSE_EQ%7CINE009A01021", "NSE_FO%7C42864"
    span = {"start": "2026-11-19T09:15:00+05:30", "end": "2026-11-19T09:20:00+05:30"}
    today = {"start": "2026-11-19T09:15:00+05:30", "end": "2026-11-20T11:00:00+05:30"}
    candle = ["2026-11-19T09:15:00+05:30", 1510, 1511.5, 1509.9, 1511, 1200, 0]
    read = {"timestamp": "2026-11-19T09:15:00+05:30", "open": "1510", "high": "1511.5",
            "low": "1509.9", "close": "1511", "volume": 1200, "oi": 0}  # fmt: skip
    of_today = "2026-11-20T09:15:00+05:30"

    def path(key: str, unit: str, end: str = "2026-11-19") -> str:
        return f"/v3/historical-candle/{key}/{unit}/{end}/2026-11-19"

    def candles(*rows: Json) -> Json:
        return ok({"candles": list(rows)})

    return [
        case("share", "history", {"symbol": "NSE:INFY", "interval": "5m"} | span,
             step("GET", path(infy, "minutes/5"), candles(candle)), result=[read]),
        case("option_with_open_interest", "history", {"symbol": OPTION, "interval": "1m"} | span,
             step("GET", path(option, "minutes/1"), candles([*candle[:6], 90])),
             result=[read | {"oi": 90}]),
        case("hours", "history", {"symbol": "NSE:INFY", "interval": "1h"} | span,
             step("GET", path(infy, "hours/1"), candles(candle)), result=[read]),
        case("holiday", "history", {"symbol": "NSE:INFY", "interval": "1d"} | span,
             step("GET", path(infy, "days/1"), candles()), result=[]),
        case("before_there_was_anything", "history", {
            "symbol": "NSE:INFY", "interval": "1m", "start": "2021-12-01T09:15:00+05:30",
            "end": "2021-12-20T15:30:00+05:30"}, result=[]),
        case("as_far_back_as_there_is", "history", {
            "symbol": "NSE:INFY", "interval": "1h", "start": "2021-12-20T09:15:00+05:30",
            "end": "2022-01-05T15:30:00+05:30"},
            step("GET", f"/v3/historical-candle/{infy}/hours/1/2022-01-05/2022-01-01",
                 candles()), result=[]),
        case("days_go_further_back", "history", {
            "symbol": "NSE:INFY", "interval": "1d", "start": "2010-01-04T00:00:00+05:30",
            "end": "2012-01-04T00:00:00+05:30"},
            step("GET", f"/v3/historical-candle/{infy}/days/1/2012-01-04/2010-01-04",
                 candles()), result=[]),
        case("to_this_day", "history", {"symbol": "NSE:INFY", "interval": "5m"} | today,
             step("GET", path(infy, "minutes/5", "2026-11-20"), candles(candle)),
             step("GET", f"/v3/historical-candle/intraday/{infy}/minutes/5",
                  candles([of_today, *candle[1:]])),
             result=[read, read | {"timestamp": of_today}]),
    ]  # fmt: skip


def master_cases() -> list[Json]:
    infy, nifty, option, crude, dollar = INSTRUMENTS
    # The last second of the day in India, in milliseconds.
    at = {"option": 1795544999000, "crude": 1797618599000, "dollar": 1798568999000}
    rows: list[Json] = [
        {"segment": "NSE_EQ", "name": "INFOSYS LIMITED", "exchange": "NSE",
         "isin": "INE009A01021", "instrument_type": "EQ", "lot_size": 1, "tick_size": 10.0,
         "instrument_key": "NSE_EQ|INE009A01021", "trading_symbol": "INFY",
         "freeze_quantity": 100000.0, "exchange_token": "1594", "cas_eligible": True},
        {"segment": "NSE_INDEX", "name": "Nifty 50", "exchange": "NSE",
         "instrument_type": "INDEX", "instrument_key": "NSE_INDEX|Nifty 50",
         "trading_symbol": "NIFTY", "exchange_token": "26000"},
        {"segment": "NSE_FO", "name": "NIFTY", "exchange": "NSE", "expiry": at["option"],
         "instrument_type": "CE", "underlying_symbol": "NIFTY", "lot_size": 65,
         "instrument_key": "NSE_FO|42864", "trading_symbol": "NIFTY 26000 CE 24 NOV 26",
         "tick_size": 5.0, "strike_price": 26000.0, "weekly": False,
         "freeze_quantity": 1800.0},
        {"segment": "MCX_FO", "name": "CRUDE OIL", "exchange": "MCX", "expiry": at["crude"],
         "instrument_type": "FUT", "underlying_symbol": "CRUDEOIL", "lot_size": 100,
         "instrument_key": "MCX_FO|449735", "trading_symbol": "CRUDEOIL FUT 18 DEC 26",
         "tick_size": 100.0, "strike_price": 0.0, "freeze_quantity": 100.0},
        {"segment": "NCD_FO", "name": "USDINR", "exchange": "NSE", "expiry": at["dollar"],
         "instrument_type": "FUT", "underlying_symbol": "USDINR", "lot_size": 1,
         "qty_multiplier": 1000.0, "instrument_key": "NCD_FO|2674",
         "trading_symbol": "USDINR FUT 29 DEC 26", "tick_size": 0.25},
        {"segment": "NCD_FO", "name": "JPYINR", "exchange": "NSE", "expiry": at["dollar"],
         "instrument_type": "FUT", "underlying_symbol": "JPYINR", "lot_size": 1,
         "instrument_key": "NCD_FO|9", "trading_symbol": "JPYINR FUT 29 DEC 26",
         "tick_size": 0.25},
        {"segment": "NSE_COM", "instrument_key": "NSE_COM|1", "trading_symbol": "GOLD"},
    ]  # fmt: skip
    read = [
        {"lot_size": 1} | infy,
        {"lot_size": 1} | nifty,
        option | {"name": "NIFTY"},
        crude | {"name": "CRUDE OIL"},
        dollar | {"name": "USDINR"},
        {"reason": "how many units a lot has is not known", "row": "NCD_FO|9 JPYINR FUT 29 DEC 26"},
        {"reason": "segment 'NSE_COM' is not known", "row": "NSE_COM|1 GOLD"},
    ]
    request = {"method": "GET", "path": "/market-quote/instruments/exchange/complete.json.gz",
               "headers": {"Authorization": None}}  # fmt: skip
    return [
        case("all", "master", {}, {"request": request, "reply": {"text": json.dumps(rows)}},
             result=read),
    ]  # fmt: skip


def raw_cases() -> list[Json]:
    return [
        case("get", "raw", {"method": "GET", "path": "/v2/user/ip"},
             step("GET", "/v2/user/ip", ok({"ip": "192.0.2.1"})), result={"ip": "192.0.2.1"}),
        case("no_writes", "raw", {"method": "POST", "path": "/v3/order/place"},
             error=failed("Unsupported", "NOT_SENT")),
    ]  # fmt: skip


WORLD: dict[str, Json] = {
    "now": "2026-11-20T11:05:00+05:30",
    "credentials": {"api_key": KEY, "api_secret": SECRET, "redirect_uri": REDIRECT, "code": CODE},
    "session": {"account": "AB1234", "tokens": {"access_token": TOKEN}},
    "headers": {},
    "refusal": bad("UDAPI1052", "The quantity is invalid"),
    "instruments": INSTRUMENTS,
}


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
        "margin": margin_cases(),
        "charges": charges_cases(),
        "gtt": gtt_cases(),
        "vendor": vendor_cases(),
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
