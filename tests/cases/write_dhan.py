"""Writes the golden cases of Dhan: ``python tests/cases/write_dhan.py``.

The cases are data, transcribed from the DhanHQ v2 documentation, the official client's published
mock replies and what it was recorded to send (see ``openbroker/adapters/dhan.py`` for the sources).
It imports nothing of openbroker on purpose: what an order looks like on the wire is stated here a
second time.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from writing import case, failed

FOLDER = Path(__file__).parent / "dhan"
CLIENT, PIN, TOTP = "1100000001", "739182", "482913"
TOKEN = "eyJhbGci.T0kenCanary.c2ln"

Json = Any

INSTRUMENTS: list[dict[str, Json]] = [
    {"exchange": "NSE", "symbol": "NSE:INFY", "type": "EQUITY", "token": "1594",
     "broker_symbol": "INFY", "name": "INFOSYS LIMITED", "tick_size": "0.1", "series": "EQ"},
    {"exchange": "NSE", "symbol": "NSE:ABB", "type": "EQUITY", "token": "13",
     "broker_symbol": "ABB", "name": "ABB INDIA", "tick_size": "0.5", "series": "EQ"},
    {"exchange": "NSE_INDEX", "symbol": "NSE_INDEX:NIFTY", "type": "INDEX", "token": "IDX_I:13",
     "broker_symbol": "NIFTY", "name": "NIFTY"},
    {"exchange": "NFO", "symbol": "NFO:NIFTY24NOV2626000CE", "type": "OPTION", "token": "42864",
     "broker_symbol": "NIFTY-Nov2026-26000-CE", "underlying": "NIFTY", "expiry": "2026-11-24",
     "strike": "26000", "right": "CE", "lot_size": 65, "tick_size": "0.05"},
    {"exchange": "MCX", "symbol": "MCX:CRUDEOIL18DEC26FUT", "type": "FUTURE", "token": "449735",
     "broker_symbol": "CRUDEOIL-18Dec2026-FUT", "underlying": "CRUDEOIL", "expiry": "2026-12-18",
     "lot_size": 100, "tick_size": "1"},
]  # fmt: skip
BY = {row["symbol"]: row for row in INSTRUMENTS}
SEGMENTS = {"NSE": "NSE_EQ", "NFO": "NSE_FNO", "MCX": "MCX_COMM"}

PLAIN = {"Content-Type": "application/json", "Accept": "application/json"}
AUTH = PLAIN | {"access-token": TOKEN, "client-id": CLIENT}


def ok(data: Json, status: int = 200) -> dict[str, Json]:
    return {"status": status, "body": data}


def bad(code: str, message: str = "No.", status: int = 400, kind: str = "Order_Error") -> Json:
    body = {"errorType": kind, "errorCode": code, "errorMessage": message}
    return {"status": status, "body": body}


def step(method: str, path: str, reply: Json, body: Json = None, headers: Json = AUTH) -> Json:
    request: dict[str, Json] = {"method": method, "path": f"/v2{path}", "headers": headers}
    if body is not None:
        request["body"] = {"dhanClientId": CLIENT} | body
    return {"request": request, "reply": reply}


# -- orders

ORDER_ID = "112111182198"
RECEIVED = ok({"orderId": ORDER_ID, "orderStatus": "TRANSIT"})
ACK = {"order_id": ORDER_ID}
LIMIT = {"order_type": "LIMIT", "price": "1510.5"}
ASKED = {"symbol": "NSE:INFY", "side": "BUY", "quantity": 1, "product": "CNC"}


def order_body(symbol: str, **fields: Json) -> dict[str, Json]:
    row = BY[symbol]
    body = {
        "correlationId": "$tag", "transactionType": "BUY",
        "exchangeSegment": SEGMENTS[row["exchange"]], "productType": "CNC", "orderType": "LIMIT",
        "validity": "DAY", "securityId": row["token"], "quantity": 1, "disclosedQuantity": 0,
        "price": 1510.5, "triggerPrice": 0, "afterMarketOrder": False,
    }  # fmt: skip
    return body | fields


def placed(name: str, body: Json, symbol: str = "NSE:INFY", **args: Json) -> Json:
    return case(
        name, "place_order", ASKED | {"symbol": symbol} | args,
        step("POST", "/orders", RECEIVED, order_body(symbol, **body)), result=ACK,
    )  # fmt: skip


def refused(name: str, **args: Json) -> Json:
    return case(name, "place_order", ASKED | args, error=failed("Unsupported", "NOT_SENT"))


def place_cases() -> list[Json]:
    option = "NFO:NIFTY24NOV2626000CE"
    return [
        placed("limit", {}, **LIMIT),
        placed("sell", {"transactionType": "SELL"}, side="SELL", **LIMIT),
        placed("market", {"orderType": "MARKET", "price": 0}, order_type="MARKET"),
        placed("market_in_the_brokers_band", {"orderType": "MARKET", "price": 0},
               order_type="MARKET", market_protection="broker"),
        placed("stop_limit", {"orderType": "STOP_LOSS", "price": 1515, "triggerPrice": 1514.5},
               order_type="SL", price="1515", trigger_price="1514.5"),
        placed("intraday", {"productType": "INTRADAY"}, product="MIS", **LIMIT),
        placed("margin_funded", {"productType": "MTF"}, product="MTF", **LIMIT),
        placed("ioc", {"validity": "IOC"}, validity="IOC", **LIMIT),
        placed("disclosed", {"quantity": 100, "disclosedQuantity": 40},
               quantity=100, disclosed_quantity=40, **LIMIT),
        placed("after_market", {"afterMarketOrder": True, "amoTime": "OPEN"}, after_market=True,
               **LIMIT),
        placed("carried_forward", {"productType": "MARGIN", "quantity": 65, "price": 29.8}, option,
               product="NRML", quantity=65, order_type="LIMIT", price="29.8"),
        placed("commodity_counts_lots", {"productType": "MARGIN", "quantity": 2, "price": 5400},
               "MCX:CRUDEOIL18DEC26FUT", product="NRML", quantity=200, order_type="LIMIT",
               price="5400"),
        refused("market_protected_by_us", order_type="MARKET", market_protection="2"),
        refused("stop_market", order_type="SL-M", trigger_price="1514.5"),
        refused("carry_forward_of_shares", product="NRML", **LIMIT),
        *(refused(f"bracket_{name}", **BRACKET, **LIMIT, **field) for name, field in (
            ("immediate", {"validity": "IOC"}), ("after_market", {"after_market": True}),
            ("disclosed", {"quantity": 10, "disclosed_quantity": 4}))),
        case("bracket_below_zero", "place_order",
             ASKED | BRACKET | LIMIT | {"bracket_stop": "1510.5"},
             error=failed("InvalidOrder", "NOT_SENT")),
        bracketed("bracket", {}),
        bracketed("bracket_sold", {"transactionType": "SELL", "targetPrice": 1505.5,
                                   "stopLossPrice": 1513.5}, side="SELL"),
        bracketed("bracket_that_trails", {"trailingJump": 0.5}, bracket_trail="0.5"),
        case("bracket_rejected_at_once", "place_order", ASKED | BRACKET | LIMIT,
             step("POST", "/super/orders", ok({"orderId": ORDER_ID, "orderStatus": "REJECTED"}),
                  super_body()), error=failed("OrderRejected", "REJECTED")),
    ]  # fmt: skip


BRACKET = {"product": "MIS", "bracket_target": "5", "bracket_stop": "3"}


def super_body(**fields: Json) -> dict[str, Json]:
    body = {
        "correlationId": "$tag", "transactionType": "BUY", "exchangeSegment": "NSE_EQ",
        "productType": "INTRADAY", "orderType": "LIMIT", "securityId": "1594", "quantity": 1,
        "price": 1510.5, "targetPrice": 1515.5, "stopLossPrice": 1507.5, "trailingJump": 0,
    }  # fmt: skip
    return body | fields


def bracketed(name: str, body: Json, **args: Json) -> Json:
    return case(
        name, "place_order", ASKED | BRACKET | LIMIT | args,
        step("POST", "/super/orders", RECEIVED, super_body(**body)),
        result=ACK | {"handle": {"legName": "ENTRY_LEG"}},
    )  # fmt: skip


def refusal_cases() -> list[Json]:
    table = [
        ("DH-901", "Client ID or user generated access token is invalid or expired.", 401,
         "SessionExpired", "NOT_SENT"),
        ("DH-902", "No access to trading APIs.", 400, "PermissionDenied", "REJECTED"),
        ("DH-903", "Segment not enabled.", 400, "PermissionDenied", "REJECTED"),
        ("DH-904", "Too many requests.", 400, "RateLimited", "NOT_SENT"),
        ("DH-905", "Missing required fields, bad values for parameters etc.", 400,
         "OrderRejected", "REJECTED"),
        ("DH-906", "Trigger Price should be greater than Price", 400, "OrderRejected",
         "REJECTED"),
        ("DH-906", "Invalid Token", 400, "SessionExpired", "NOT_SENT"),
        ("DH-906", "transactions blocked by RMS", 400, "RiskRejected", "REJECTED"),
        ("DH-906", "RMS:42240515152001:Fund Limit Insufficient By 2872.08 & Available Amount 92.",
         400, "InsufficientFunds", "REJECTED"),
        ("DH-906", "Insufficient Funds", 400, "InsufficientFunds", "REJECTED"),
        ("DH-906", "Market is Closed! Want to place an offline order?", 400, "MarketClosed",
         "REJECTED"),
        ("DH-906", "Price is out of the circuit limits", 400, "PriceOutOfBand", "REJECTED"),
        ("DH-906", "Insufficient Holdings to sell", 400, "InsufficientHoldings", "REJECTED"),
        ("DH-907", "System is unable to fetch data", 400, "OrderUnknown", "UNKNOWN"),
        ("DH-908", "Internal Server Error", 400, "OrderUnknown", "UNKNOWN"),
        ("DH-909", "Network Error", 400, "OrderUnknown", "UNKNOWN"),
        ("DH-910", "Others", 400, "OrderUnknown", "UNKNOWN"),
        ("DH-910", "Insufficient Funds", 400, "OrderUnknown", "UNKNOWN"),
        ("DH-910", "RMS: the circuit breaker is open", 400, "OrderUnknown", "UNKNOWN"),
        ("DH-910", "Invalid Token", 400, "OrderUnknown", "UNKNOWN"),
        ("DH-911", "Invalid IP", 400, "StaticIPNotAllowed", "REJECTED"),
        ("DH-999", "Of a later day", 400, "OrderUnknown", "UNKNOWN"),
        ("DH-906", "Incorrect request for order and cannot be processed", 500, "OrderUnknown",
         "UNKNOWN"),
    ]  # fmt: skip
    asked, body = ASKED | LIMIT, order_body("NSE:INFY")

    def answered(name: str, reply: Json, error: Json) -> Json:
        return case(name, "place_order", asked, step("POST", "/orders", reply, body), error=error)

    codes = [str(code) for code in (800, 804, 805, 806, 811, 812, 813, 814)]
    dead = [str(code) for code in range(807, 811)]
    at_once = ok({"orderId": ORDER_ID, "orderStatus": "REJECTED"})
    return [
        answered(f"{code}_{number}", bad(code, message, status),
                 failed(kind, outcome, code if status < 500 else None))
        for number, (code, message, status, kind, outcome) in enumerate(table)
    ] + [
        answered(f"data_{code}",
                 {"status": 400, "body": {"status": "failed", "data": {code: "No"}}},
                 failed("OrderUnknown", "UNKNOWN")) for code in codes
    ] + [
        answered(f"data_{code}",
                 {"status": 401, "body": {"status": "failed", "data": {code: "No"}}},
                 failed("SessionExpired", "NOT_SENT", code)) for code in dead
    ] + [
        answered("in_the_clients_words", {"status": 400, "body": {
            "status": "failure", "data": "", "remarks": {
                "error_code": "DH-905", "error_type": "Input_Exception", "error_message": "No."}}},
            failed("OrderRejected", "REJECTED", "DH-905")),
        answered("in_words_alone",
                 {"status": 400, "body": {"status": "failure", "remarks": "rms:"}},
                 failed("OrderUnknown", "UNKNOWN")),
        answered("rate", {"status": 429, "text": ""}, failed("RateLimited", "NOT_SENT")),
        answered("rejected_at_once", at_once, failed("OrderRejected", "REJECTED")),
        answered("no_id", ok({"orderId": None, "orderStatus": "TRANSIT"}),
                 failed("OrderUnknown", "UNKNOWN")),
        answered("rejected_in_small_letters",
                 ok({"orderId": ORDER_ID, "orderStatus": "Rejected"}),
                 failed("OrderRejected", "REJECTED")),
        answered("refusal_that_names_an_order", {"status": 400, "body": {
            **bad("DH-906", "Order_Error", 400)["body"], "orderId": ORDER_ID}},
                 failed("OrderUnknown", "UNKNOWN")),
        answered("success_with_an_error",
                 ok({"orderId": ORDER_ID, "orderStatus": "TRANSIT", "errorCode": "DH-906"}),
                 failed("OrderUnknown", "UNKNOWN")),
        answered("timeout_in_words", bad("DH-906", "The request timed out at the exchange", 400),
                 failed("OrderUnknown", "UNKNOWN", "DH-906")),
        answered("lost", {"failure": {"handed_over": True}}, failed("OrderUnknown", "UNKNOWN")),
        answered("not_sent", {"failure": {"handed_over": False}}, failed("NotSent", "NOT_SENT")),
    ]  # fmt: skip


ROW: dict[str, Json] = {
    "dhanClientId": CLIENT, "orderId": ORDER_ID, "exchangeOrderId": "1100000012345678",
    "correlationId": "mine", "orderStatus": "PART_TRADED", "transactionType": "BUY",
    "exchangeSegment": "NSE_EQ", "productType": "CNC", "orderType": "LIMIT", "validity": "DAY",
    "tradingSymbol": "INFY", "securityId": "1594", "quantity": 10, "disclosedQuantity": 0,
    "price": 1510.5, "triggerPrice": 0.0, "afterMarketOrder": False, "boProfitValue": 0.0,
    "boStopLossValue": 0.0, "legName": "NA", "createTime": "2026-11-20 10:59:58",
    "updateTime": "2026-11-20 10:59:59", "exchangeTime": "2026-11-20 10:59:59",
    "drvExpiryDate": None, "drvOptionType": None, "drvStrikePrice": 0.0, "omsErrorCode": "0",
    "omsErrorDescription": "0", "algoId": "0", "remainingQuantity": 6,
    "averageTradedPrice": 1510.4, "filledQty": 4,
}  # fmt: skip
PLAIN_ROW: dict[str, Json] = {
    "order_id": ORDER_ID, "status": "OPEN", "exchange": "NSE", "token": "1594",
    "broker_symbol": "INFY", "side": "BUY", "order_type": "LIMIT", "product": "CNC",
    "validity": "DAY", "quantity": 10, "filled_quantity": 4, "pending_quantity": 6,
    "disclosed_quantity": 0, "price": "1510.5", "average_price": "1510.4", "wire_tag": "mine",
    "placed_at": "2026-11-20T10:59:58+05:30", "updated_at": "2026-11-20T10:59:59+05:30",
    "exchange_order_id": "1100000012345678", "after_market": False, "handle": {"legName": "NA"},
}  # fmt: skip


def without(row: Json, *names: str) -> Json:
    return {key: value for key, value in row.items() if key not in names}


def book_cases() -> list[Json]:
    def book(name: str, reply: Json, **rest: Json) -> Json:
        return case(name, "orders", {}, step("GET", "/orders", reply), **rest)

    foreign = ROW | {"productType": "BO", "orderStatus": "TRIGGERED", "validity": "GTC",
                     "exchangeSegment": "US_EQ", "tradingSymbol": None}  # fmt: skip
    read_foreign = without(PLAIN_ROW, "product", "validity", "exchange", "broker_symbol")
    ended = ROW | {"orderStatus": "REJECTED", "omsErrorDescription": "RMS: no",
                   "correlationId": None, "filledQty": 0, "averageTradedPrice": 0}  # fmt: skip
    read_ended = without(PLAIN_ROW, "wire_tag", "average_price") | {
        "status": "REJECTED", "message": "RMS: no", "filled_quantity": 0}  # fmt: skip
    unplaced = ROW | {"correlationId": "NA", "exchangeOrderId": "0", "legName": "NA",
                      "exchangeTime": "0001-01-01 00:00:00", "updateTime": "0001-01-01 00:00:00",
                      "omsErrorDescription": "CONFIRMED", "drvExpiryDate": "0001-01-01",
                      "drvOptionType": "NA"}  # fmt: skip
    read_unplaced = without(PLAIN_ROW, "wire_tag", "exchange_order_id", "updated_at")
    words = {"TRANSIT": "PENDING", "PENDING": "OPEN", "TRADED": "FILLED",
             "CANCELLED": "CANCELLED", "EXPIRED": "EXPIRED"}  # fmt: skip
    one = f"/orders/{ORDER_ID}"
    return [
        book("full", ok([ROW]), result=[PLAIN_ROW]),
        book("empty", ok([]), result=[]),
        book("foreign", ok([foreign]), result=[read_foreign | {"status": "UNKNOWN"}]),
        book("rejected", ok([ended]), result=[read_ended]),
        book("says_nothing_in_words", ok([unplaced]), result=[read_unplaced]),
        book("words", ok([ROW | {"orderStatus": word} for word in words]),
             result=[PLAIN_ROW | {"status": status} for status in words.values()]),
        book("down", {"status": 502, "text": "<html>"}, error=failed("BrokerUnavailable")),
        book("expired", bad("DH-901", status=401), error=failed("SessionExpired")),
        case("one", "order", {"order_id": ORDER_ID}, step("GET", one, ok(ROW)),
             result=PLAIN_ROW),
        case("one_in_a_list", "order", {"order_id": ORDER_ID}, step("GET", one, ok([ROW])),
             result=PLAIN_ROW),
        case("not_there", "order", {"order_id": ORDER_ID}, step("GET", one, ok([])),
             error=failed("OrderNotFound")),
    ]  # fmt: skip


def change_cases() -> list[Json]:
    one = f"/orders/{ORDER_ID}"

    def modified(name: str, args: Json, body: Json, row: Json = ROW) -> Json:
        whole = {"orderId": ORDER_ID, "legName": "NA", "orderType": "LIMIT", "quantity": 10,
                 "price": 1510.5, "disclosedQuantity": 0, "triggerPrice": 0,
                 "validity": "DAY"} | body  # fmt: skip
        return case(name, "modify_order", {"order_id": ORDER_ID} | args,
                    step("GET", one, ok(row)), step("PUT", one, RECEIVED, whole),
                    result=ACK)  # fmt: skip

    def cancelled(name: str, reply: Json, **rest: Json) -> Json:
        return case(name, "cancel_order", {"order_id": ORDER_ID}, step("DELETE", one, reply),
                    **rest)  # fmt: skip

    stop = ROW | {"orderType": "STOP_LOSS", "triggerPrice": 1509.5}
    sl_m = ROW | {"orderType": "STOP_LOSS_MARKET", "triggerPrice": 1509.5, "price": 0}
    return [
        modified("price_only", {"price": "1511"}, {"price": 1511}),
        modified("quantity_is_the_total", {"quantity": 12}, {"quantity": 12}),
        modified("to_stop", {"order_type": "SL", "price": "1515", "trigger_price": "1514.5"},
                 {"orderType": "STOP_LOSS", "price": 1515, "triggerPrice": 1514.5}),
        modified("stop_keeps_its_trigger", {"price": "1511"},
                 {"orderType": "STOP_LOSS", "price": 1511, "triggerPrice": 1509.5}, stop),
        modified("to_market", {"order_type": "MARKET"}, {"orderType": "MARKET", "price": 0}),
        case("change_not_clearly_refused", "modify_order", {"order_id": ORDER_ID, "price": "1511"},
             step("GET", one, ok(ROW)),
             step("PUT", one, ok({"orderId": ORDER_ID, "orderStatus": "REJECTED"}), {
                 "orderId": ORDER_ID, "legName": "NA", "orderType": "LIMIT", "quantity": 10,
                 "price": 1511, "disclosedQuantity": 0, "triggerPrice": 0, "validity": "DAY"}),
             error=failed("OrderUnknown", "UNKNOWN")),
        case("stop_market", "modify_order", {"order_id": ORDER_ID, "trigger_price": "1508"},
             step("GET", one, ok(sl_m)), error=failed("Unsupported", "NOT_SENT")),
        cancelled("regular", ok({"orderId": ORDER_ID, "orderStatus": "CANCELLED"}, 202),
                  result=ACK),
        cancelled("traded_before", bad("DH-906", "Order already traded"),
                  error=failed("OrderNotModifiable", "REJECTED", "DH-906")),
        cancelled("nothing_to_cancel", bad("DH-906", "Nothing to Cancel . "),
                  error=failed("OrderNotModifiable", "REJECTED", "DH-906")),
        *(cancelled(f"ended_as_{status}", ok({"orderId": ORDER_ID, "orderStatus": status}),
                    error=failed("OrderUnknown", "UNKNOWN"))
          for status in ("REJECTED", "TRADED", "EXPIRED")),
        *super_cases(),
    ]  # fmt: skip


# -- super orders

SUPER_ID, TARGET_ID = "5925022734212", "5925022734213"
SUPER: dict[str, Json] = {
    "dhanClientId": CLIENT, "orderId": SUPER_ID, "correlationId": "mine", "orderStatus": "PENDING",
    "transactionType": "BUY", "exchangeSegment": "NSE_EQ", "productType": "INTRADAY",
    "orderType": "LIMIT", "validity": "DAY", "tradingSymbol": "INFY", "securityId": "1594",
    "quantity": 10, "remainingQuantity": 10, "ltp": 1512.0, "price": 1510.5,
    "afterMarketOrder": False, "legName": "ENTRY_LEG", "exchangeOrderId": "11925022734212",
    "createTime": "2026-11-20 10:59:58", "updateTime": "2026-11-20 10:59:59",
    "exchangeTime": "2026-11-20 10:59:59", "omsErrorDescription": "", "averageTradedPrice": 0,
    "filledQty": 0,
    "legDetails": [
        {"orderId": SUPER_ID, "legName": "STOP_LOSS_LEG", "transactionType": "SELL",
         "totalQuatity": 0, "remainingQuantity": 0, "triggeredQuantity": 0, "price": 1507.5,
         "orderStatus": "PENDING", "trailingJump": 0.5},
        {"orderId": TARGET_ID, "legName": "TARGET_LEG", "transactionType": "SELL",
         "remainingQuantity": 0, "triggeredQuantity": 0, "price": 1515.5,
         "orderStatus": "PENDING", "trailingJump": 0},
    ],
}  # fmt: skip


def super_cases() -> list[Json]:
    read = step("GET", "/super/orders", ok([SUPER]))
    others = step("GET", "/super/orders", ok([SUPER | {"orderId": "1", "legDetails": None}]))
    route = f"/super/orders/{SUPER_ID}"
    receipt = ok({"orderId": SUPER_ID, "orderStatus": "TRANSIT"})

    def changed(
        name: str, args: Json, leg: str, body: Json, order_id: str = SUPER_ID, **rest: Json
    ) -> Json:
        row = ROW | {"orderId": order_id, "legName": leg}
        if leg == "STOP_LOSS_LEG":
            row |= {"orderType": "STOP_LOSS", "triggerPrice": 1507.5}
        steps = [step("GET", f"/orders/{order_id}", ok(row)), read]
        if rest:
            return case(name, "modify_order", {"order_id": order_id} | args, *steps, **rest)
        told = {"orderId": SUPER_ID, "legName": leg} | body
        return case(name, "modify_order", {"order_id": order_id} | args, *steps,
                    step("PUT", route, receipt, told),
                    result={"order_id": order_id, "handle": {"legName": leg}})  # fmt: skip

    def cancelled(name: str, order_id: str, leg: str, path: str, listed: Json = read) -> Json:
        args = {"order_id": order_id, "handle": {"legName": leg}}
        done = ok({"orderId": order_id, "orderStatus": "CANCELLED"}, 202)
        handle = {"handle": {"legName": leg}} if listed is read else {}
        return case(name, "cancel_order", args, listed, step("DELETE", path, done),
                    result={"order_id": order_id} | handle)  # fmt: skip

    whole = {"orderType": "LIMIT", "quantity": 10, "price": 1510.5, "targetPrice": 1515.5,
             "stopLossPrice": 1507.5, "trailingJump": 0.5}  # fmt: skip
    refusal = failed("Unsupported", "NOT_SENT")
    plain = {"orderId": ORDER_ID, "legName": "ENTRY_LEG", "orderType": "LIMIT", "quantity": 10,
             "price": 1511, "disclosedQuantity": 0, "triggerPrice": 0,
             "validity": "DAY"}  # fmt: skip
    return [
        changed("super_entry", {"price": "1511", "quantity": 12}, "ENTRY_LEG",
                whole | {"price": 1511, "quantity": 12}),
        changed("super_target", {"price": "1520"}, "TARGET_LEG", {"targetPrice": 1520}, TARGET_ID),
        changed("super_stop", {"trigger_price": "1508"}, "STOP_LOSS_LEG",
                {"stopLossPrice": 1508, "trailingJump": 0.5}),
        changed("super_entry_has_no_trigger", {"order_type": "SL", "trigger_price": "1508"},
                "ENTRY_LEG", {}, error=refusal),
        changed("super_target_has_no_quantity", {"quantity": 5}, "TARGET_LEG", {}, TARGET_ID,
                error=refusal),
        case("a_leg_of_no_super_order", "modify_order", {"order_id": ORDER_ID, "price": "1511"},
             step("GET", f"/orders/{ORDER_ID}", ok(ROW | {"legName": "ENTRY_LEG"})), others,
             step("PUT", f"/orders/{ORDER_ID}", RECEIVED, plain), result=ACK),
        cancelled("super_whole", SUPER_ID, "ENTRY_LEG", f"{route}/ENTRY_LEG"),
        cancelled("super_leg", TARGET_ID, "TARGET_LEG", f"{route}/TARGET_LEG"),
        cancelled("leg_of_no_super_order", ORDER_ID, "ENTRY_LEG", f"/orders/{ORDER_ID}", others),
        cancelled("super_orders_are_refused", SUPER_ID, "ENTRY_LEG", f"/orders/{SUPER_ID}",
                  step("GET", "/super/orders", bad("DH-910"))),
        case("super_orders_cannot_be_read", "cancel_order",
             {"order_id": SUPER_ID, "handle": {"legName": "ENTRY_LEG"}},
             step("GET", "/super/orders", ok({"orderId": "1"})),
             error=failed("MalformedReply", "NOT_SENT")),
    ]  # fmt: skip


# -- forever orders

RULE_ID = "5132208051112"
RULE: dict[str, Json] = {
    "dhanClientId": CLIENT, "orderId": RULE_ID, "orderStatus": "CONFIRM", "transactionType": "BUY",
    "exchangeSegment": "NSE_EQ", "productType": "CNC", "orderType": "SINGLE",
    "tradingSymbol": "INFY", "securityId": "1594", "quantity": 10, "price": 1428,
    "triggerPrice": 1427.5, "legName": "ENTRY_LEG", "createTime": "2026-08-05 12:41:19",
    "updateTime": None, "exchangeTime": None, "drvExpiryDate": None, "drvOptionType": None,
    "drvStrikePrice": 0,
}  # fmt: skip
READ_RULE: dict[str, Json] = {
    "gtt_id": RULE_ID, "status": "ACTIVE", "exchange": "NSE", "token": "1594",
    "broker_symbol": "INFY", "side": "BUY", "product": "CNC", "quantity": 10, "price": "1428",
    "trigger_price": "1427.5", "placed_at": "2026-08-05T12:41:19+05:30",
    "handle": {"legName": "ENTRY_LEG", "orderFlag": "SINGLE"},
}  # fmt: skip


def rule_cases() -> list[Json]:
    asked = {"symbol": "NSE:INFY", "side": "BUY", "quantity": 10, "price": "1428",
             "trigger_price": "1427.5", "product": "CNC"}  # fmt: skip
    body = {"orderFlag": "SINGLE", "transactionType": "BUY", "exchangeSegment": "NSE_EQ",
            "productType": "CNC", "orderType": "LIMIT", "validity": "DAY", "securityId": "1594",
            "quantity": 10, "disclosedQuantity": 0, "price": 1428, "triggerPrice": 1427.5,
            "price1": 0, "triggerPrice1": 0, "quantity1": 0}  # fmt: skip
    receipt, ack = ok({"orderId": RULE_ID, "orderStatus": "PENDING"}), {"order_id": RULE_ID}
    route, listed = f"/forever/orders/{RULE_ID}", "/forever/orders"
    option = {"symbol": "NFO:NIFTY24NOV2626000CE", "product": "NRML", "quantity": 65,
              "price": "29.8", "trigger_price": "30"}  # fmt: skip
    first = RULE | {"orderType": "OCO", "legName": "TARGET_LEG"}
    second = first | {"legName": "STOP_LOSS_LEG", "price": 1380, "triggerPrice": 1379}
    upper = first | {"transactionType": "SELL", "price": 1598, "triggerPrice": 1600}
    lower = upper | {"legName": "STOP_LOSS_LEG", "price": 1445, "triggerPrice": 1450}
    pair = {"side": "SELL", "trigger_price": "1600", "price": "1598",
            "stop_trigger_price": "1450", "stop_price": "1445"}  # fmt: skip
    sent_pair = {"orderFlag": "OCO", "transactionType": "SELL", "price": 1445,
                 "triggerPrice": 1450, "price1": 1598, "triggerPrice1": 1600,
                 "quantity1": 10}  # fmt: skip
    short = {"side": "BUY", "trigger_price": "1379", "price": "1380",
             "stop_trigger_price": "1427.5", "stop_price": "1428"}  # fmt: skip
    at_market = RULE | {"price": 0}

    def placed(name: str, fields: Json, reply: Json = receipt, **args: Json) -> Json:
        error = args.pop("error", None)
        sent = step("POST", listed, reply, body | fields)
        return case(name, "place_gtt", asked | args, sent,
                    **({"error": error} if error else {"result": ack}))  # fmt: skip

    def refused(name: str, **args: Json) -> Json:
        return case(name, "place_gtt", asked | args, error=failed("Unsupported", "NOT_SENT"))

    def changed(name: str, args: Json, fields: Json, rows: Json = (RULE,)) -> Json:
        told = {"orderId": RULE_ID, "orderFlag": "SINGLE", "legName": "TARGET_LEG",
                "orderType": "LIMIT", "validity": "DAY", "quantity": 10, "price": 1428,
                "triggerPrice": 1427.5} | fields  # fmt: skip
        return case(name, "modify_gtt", {"gtt_id": RULE_ID} | args,
                    step("GET", listed, ok(list(rows))), step("PUT", route, receipt, told),
                    result=ack)  # fmt: skip

    def unchanged(name: str, args: Json, *rows: Json, error: str = "Unsupported") -> Json:
        return case(name, "modify_gtt", {"gtt_id": RULE_ID} | args,
                    step("GET", listed, ok(list(rows))),
                    error=failed(error, "NOT_SENT"))  # fmt: skip

    def leg_changed(name: str, args: Json, fields: Json, *rows: Json) -> Json:
        return changed(name, args, {"orderFlag": "OCO"} | fields, rows or (upper, lower))

    def not_made(name: str, **args: Json) -> Json:
        return case(name, "place_gtt", asked | args, error=failed("InvalidOrder", "NOT_SENT"))

    def statuses(**words: str) -> Json:
        rows = [RULE | {"orderStatus": word} for word in words]
        return case(
            "words",
            "gtts",
            {"done": True},
            step("GET", listed, ok(rows)),
            result=[READ_RULE | {"status": status} for status in words.values()],
        )

    read_short = READ_RULE | short | {"handle": {"orderFlag": "OCO"}}
    read_pair = read_short | pair
    alone = READ_RULE | {"handle": {"legName": "TARGET_LEG", "orderFlag": "OCO"}}
    return [
        placed("buy", {}),
        placed("sell_on_margin", {"transactionType": "SELL", "productType": "MTF"}, side="SELL",
               product="MTF"),
        placed("disclosed", {"disclosedQuantity": 4}, disclosed_quantity=4),
        placed("option", {"exchangeSegment": "NSE_FNO", "productType": "MARGIN",
                          "securityId": "42864", "quantity": 65, "price": 29.8,
                          "triggerPrice": 30}, **option),
        placed("rejected_at_once", {}, ok({"orderId": RULE_ID, "orderStatus": "REJECTED"}),
               error=failed("OrderRejected", "REJECTED")),
        placed("refused", {}, bad("DH-906"), error=failed("OrderRejected", "REJECTED", "DH-906")),
        placed("from_elsewhere", {}, bad("DH-911", "Invalid IP"),
               error=failed("StaticIPNotAllowed", "REJECTED", "DH-911")),
        placed("no_id", {}, ok({"orderStatus": "PENDING"}),
               error=failed("OrderUnknown", "UNKNOWN")),
        refused("intraday", product="MIS"),
        refused("for_a_month", valid_days=30),
        refused("delivery_of_an_option", **option | {"product": "CNC"}),
        refused("commodity", symbol="MCX:CRUDEOIL18DEC26FUT", product="NRML", quantity=100,
                price="5400", trigger_price="5410"),
        changed("price", {"price": "1430"}, {"price": 1430}),
        changed("all", {"price": "1430", "trigger_price": "1429", "quantity": 12,
                        "disclosed_quantity": 5},
                {"price": 1430, "triggerPrice": 1429, "quantity": 12, "disclosedQuantity": 5}),
        placed("target_and_stop", sent_pair, **pair),
        placed("target_and_stop_of_a_short",
               {"orderFlag": "OCO", "price": 1428, "triggerPrice": 1427.5, "price1": 1380,
                "triggerPrice1": 1379, "quantity1": 10}, **short),
        placed("pair_partly_shown", sent_pair | {"disclosedQuantity": 4}, **pair,
               disclosed_quantity=4),
        placed("pair_refused", sent_pair, bad("DH-906"), **pair,
               error=failed("OrderRejected", "REJECTED", "DH-906")),
        placed("pair_lost", sent_pair, {"failure": {"handed_over": True}}, **pair,
               error=failed("OrderUnknown", "UNKNOWN")),
        placed("pair_without_an_id", sent_pair, ok({"orderStatus": "PENDING"}), **pair,
               error=failed("OrderUnknown", "UNKNOWN")),
        not_made("target_below_the_stop", **short | {"side": "SELL"}),
        not_made("stop_without_a_price", stop_trigger_price="1450"),
        leg_changed("target", {"price": "1597"},
                    {"legName": "TARGET_LEG", "price": 1597, "triggerPrice": 1600}),
        leg_changed("stop", {"stop_price": "1440", "stop_trigger_price": "1446"},
                    {"legName": "STOP_LOSS_LEG", "price": 1440, "triggerPrice": 1446}),
        leg_changed("stop_with_its_visible_part",
                    {"stop_price": "1440", "disclosed_quantity": 5},
                    {"legName": "STOP_LOSS_LEG", "price": 1440, "triggerPrice": 1450,
                     "disclosedQuantity": 5}),
        leg_changed("target_of_a_short", {"price": "1381"},
                    {"legName": "STOP_LOSS_LEG", "price": 1381, "triggerPrice": 1379},
                    first, second),
        leg_changed("stop_named_as_the_target", {"stop_price": "1440"},
                    {"legName": "TARGET_LEG", "price": 1440, "triggerPrice": 1450},
                    upper | {"legName": "STOP_LOSS_LEG"}, lower | {"legName": "TARGET_LEG"}),
        leg_changed("leg_that_is_left", {"price": "1597"},
                    {"legName": "TARGET_LEG", "price": 1597, "triggerPrice": 1600}, upper),
        unchanged("both_legs_at_once", {"price": "1597", "stop_price": "1440"}, upper, lower),
        unchanged("quantity_of_both_legs", {"quantity": 12}, upper, lower),
        unchanged("visible_part_of_both_legs", {"disclosed_quantity": 5}, upper, lower),
        unchanged("target_to_the_other_side", {"trigger_price": "1440", "price": "1440"},
                  upper, lower, error="InvalidOrder"),
        unchanged("stop_of_one_leg", {"stop_price": "1440"}, RULE, error="InvalidOrder"),
        unchanged("at_the_market", {"quantity": 12}, at_market),
        unchanged("of_an_unknown_kind", {"price": "1430"}, RULE | {"orderType": "LIMIT"}),
        case("cancelled", "cancel_gtt", {"gtt_id": RULE_ID}, step("GET", listed, ok([RULE])),
             step("DELETE", route, ok({"orderId": RULE_ID, "orderStatus": "CANCELLED"}, 202)),
             result=ack),
        case("cancelled_with_both_legs", "cancel_gtt", {"gtt_id": RULE_ID},
             step("GET", listed, ok([first, second])),
             step("DELETE", route, ok({"orderId": RULE_ID, "orderStatus": "CANCELLED"})),
             result=ack),
        case("one", "gtt", {"gtt_id": RULE_ID}, step("GET", listed, ok([RULE])),
             result=READ_RULE),
        case("one_of_two_legs", "gtt", {"gtt_id": RULE_ID},
             step("GET", listed, ok([first, second])),
             result=read_short),
        case("legs_of_several_quantities", "gtt", {"gtt_id": RULE_ID},
             step("GET", listed, ok([lower, upper | {"quantity": 6}])),
             result=without(read_pair, "quantity")),
        case("not_there", "gtt", {"gtt_id": "1"}, step("GET", listed, ok([RULE])),
             error=failed("OrderNotFound")),
        case("live", "gtts", {}, step("GET", listed, ok([
            RULE, RULE | {"orderStatus": "CANCELLED"}, RULE | {"orderStatus": "EXPIRED"}])),
            result=[READ_RULE]),
        case("legs", "gtts", {}, step("GET", listed, ok([lower, RULE | {"orderId": "1"}, upper])),
             result=[read_pair, READ_RULE | {"gtt_id": "1"}]),
        case("leg_left", "gtts", {}, step("GET", listed, ok([first])), result=[alone]),
        case("pair_that_was_triggered", "gtts", {}, step("GET", listed, ok([
            upper | {"orderStatus": "CANCELLED"}, lower | {"orderStatus": "TRADED"}])),
            result=[read_pair | {"status": "TRIGGERED"}]),
        case("pair_taken_back", "gtts", {"done": True}, step("GET", listed, ok([
            leg | {"orderStatus": "CANCELLED"} for leg in (upper, lower)])),
            result=[read_pair | {"status": "CANCELLED"}]),
        case("none", "gtts", {}, step("GET", listed, ok([])), result=[]),
        statuses(TRANSIT="ACTIVE", PENDING="ACTIVE", CONFIRM="ACTIVE", TRADED="TRIGGERED",
                 TRIGGERED="TRIGGERED", CANCELLED="CANCELLED", EXPIRED="EXPIRED",
                 REJECTED="UNKNOWN"),
    ]  # fmt: skip


def vendor_cases() -> list[Json]:
    ips = {"primaryIP": "192.0.2.1", "modifyDatePrimary": "2026-11-28", "secondaryIP": "",
           "modifyDateSecondary": None}  # fmt: skip
    saved = ok({"message": "IP saved successfully", "status": "SUCCESS"})
    primary = {"ip": "192.0.2.1", "ipFlag": "PRIMARY"}
    second = {"ip": "2001:db8::1", "ipFlag": "SECONDARY"}
    usage = failed("UsageError", "NOT_SENT")

    def state(name: str, word: str, **rest: Json) -> Json:
        told = ok({"dhanClientId": CLIENT, "killSwitchStatus": word})
        return case(name, "vendor.kill_switch", {}, step("GET", "/killswitch", told), **rest)

    def switched(name: str, word: str) -> Json:
        said = f"Kill Switch has been successfully {name}"
        told = ok({"dhanClientId": CLIENT, "killSwitchStatus": said})
        path = f"/killswitch?killSwitchStatus={word}"
        return case(name, "vendor.set_kill_switch", {"on": word == "ACTIVATE"},
                    step("POST", path, told), result=said)  # fmt: skip

    return [
        case("addresses", "vendor.static_ips", {}, step("GET", "/ip/getIP", ok(ips)),
             result={"primary": "192.0.2.1", "primary_stays_until": "2026-11-28"}),
        case("no_addresses", "vendor.static_ips", {}, step("GET", "/ip/getIP", ok([])),
             error=failed("MalformedReply")),
        case("register", "vendor.set_static_ip", {"ip": "192.0.2.1"},
             step("POST", "/ip/setIP", saved, primary), result="IP saved successfully"),
        case("register_another", "vendor.set_static_ip",
             {"ip": "2001:DB8::1", "which": "secondary", "replace": True},
             step("PUT", "/ip/modifyIP", saved, second), result="IP saved successfully"),
        case("within_the_week", "vendor.set_static_ip", {"ip": "192.0.2.1", "replace": True},
             step("PUT", "/ip/modifyIP", bad("DH-905"), primary),
             error=failed("BrokerError", code="DH-905")),
        case("no_address", "vendor.set_static_ip", {"ip": "192.0.2.256"}, error=usage),
        case("a_third", "vendor.set_static_ip", {"ip": "192.0.2.1", "which": "THIRD"},
             error=usage),
        state("off", "DEACTIVATE", result=False),
        state("on", "ACTIVATE", result=True),
        state("neither", "PERHAPS", error=failed("MalformedReply")),
        switched("activated", "ACTIVATE"),
        switched("deactivated", "DEACTIVATE"),
    ]  # fmt: skip


# -- the rest


def account_cases() -> list[Json]:
    path = f"/app/generateAccessToken?dhanClientId={CLIENT}&pin={PIN}&totp={TOTP}"
    request = {"method": "POST", "path": path, "headers": {"access-token": None}}
    good = {"dhanClientId": CLIENT, "dhanClientName": "TEST", "dhanClientUcc": "ABCD",
            "givenPowerOfAttorney": False, "accessToken": TOKEN,
            "expiryTime": "2026-11-21T11:05:00.000"}  # fmt: skip
    session = {"account": CLIENT, "tokens": {"access_token": TOKEN}}
    profile = {"dhanClientId": CLIENT, "tokenValidity": "21/11/2026 11:05",
               "activeSegment": "Equity, Derivative", "ddpi": "Active", "mtf": "Active",
               "dataPlan": "Active", "dataValidity": "2026-12-05 09:37:52.0"}  # fmt: skip
    funds = {"dhanClientId": CLIENT, "availabelBalance": 98440.5, "sodLimit": 113642.0,
             "collateralAmount": 10.5, "receiveableAmount": 0.0, "utilizedAmount": 15202.0,
             "blockedPayoutAmount": 0.0, "withdrawableBalance": 98310.0}  # fmt: skip
    wrong = {"body": {"status": "error", "message": "Invalid TOTP"}}
    named = {"dhanClientId": CLIENT, "access-token": TOKEN}
    return [
        case("by_pin_and_code", "login", {}, {"request": request, "reply": ok(good)},
             result={"broker": "$name"} | session),
        case("wrong_code", "login", {}, {"request": request, "reply": wrong},
             error=failed("InvalidCredentials")),
        case("too_soon", "login", {}, {"request": request, "reply": {
            "body": {"message": "Token can be generated once every 2 minutes.",
                     "status": "error"}}}, error=failed("RateLimited")),
        case("dead_token", "login", {}, {"request": request, "reply": {
            "status": 401, "body": {"data": {"808": "Authentication Failed"},
                                    "status": "failed"}}},
             error=failed("InvalidCredentials", code="808")),
        case("renew", "renew", {}, step("GET", "/RenewToken", ok(good), headers=named),
             result={"broker": "$name"} | session),
        case("profile", "profile", {}, step("GET", "/profile", ok(profile), headers=named),
             result={"account": CLIENT}),
        case("funds", "funds", {}, step("GET", "/fundlimit", ok(funds)),
             result={"available": "98440.5", "collateral": "10.5", "utilised": "15202"}),
    ]  # fmt: skip


def portfolio_cases() -> list[Json]:
    position = {
        "dhanClientId": CLIENT, "tradingSymbol": "NIFTY-Nov2026-26000-CE", "securityId": "42864",
        "positionType": "SHORT", "exchangeSegment": "NSE_FNO", "productType": "MARGIN",
        "buyAvg": 0.0, "costPrice": 29.8, "buyQty": 0, "sellAvg": 29.8, "sellQty": 65,
        "netQty": -65, "realizedProfit": 0.0, "unrealizedProfit": -16.25, "multiplier": 1,
        "carryForwardBuyQty": 0, "carryForwardSellQty": 0, "dayBuyQty": 0, "daySellQty": 65,
        "drvOptionType": "CALL", "crossCurrency": False,
    }  # fmt: skip
    read_position = {
        "exchange": "NFO", "token": "42864", "broker_symbol": "NIFTY-Nov2026-26000-CE",
        "product": "NRML", "quantity": -65, "overnight_quantity": 0, "buy_quantity": 0,
        "sell_quantity": 65, "sell_price": "29.8", "average_price": "29.8", "pnl": "-16.25",
        "realised_pnl": "0", "unrealised_pnl": "-16.25",
    }  # fmt: skip
    holding = {
        "exchange": "ALL", "tradingSymbol": "INFY", "securityId": "1594", "isin": "INE009A01021",
        "totalQty": 5, "dpQty": 5, "t1Qty": 0, "availableQty": 5, "collateralQty": 0,
        "avgCostPrice": 1400.0, "lastTradedPrice": 1510.5,
    }  # fmt: skip
    trade = {
        "dhanClientId": CLIENT, "orderId": ORDER_ID, "exchangeOrderId": "1100000012345678",
        "exchangeTradeId": "15112111182198", "transactionType": "BUY",
        "exchangeSegment": "NSE_EQ", "productType": "CNC", "orderType": "LIMIT",
        "tradingSymbol": None, "customSymbol": "Infosys", "securityId": "1594",
        "tradedQuantity": 4, "tradedPrice": 1510.4, "createTime": "2026-11-20 10:59:58",
        "updateTime": "2026-11-20 10:59:59", "exchangeTime": "2026-11-20 10:59:59",
    }  # fmt: skip
    asked = {"broker_symbol": "NIFTY-Nov2026-26000-CE", "product": "MIS", "quantity": 65}
    convert = {
        "fromProductType": "MARGIN", "exchangeSegment": "NSE_FNO", "positionType": "SHORT",
        "securityId": "42864", "convertQty": 65, "toProductType": "INTRADAY",
    }  # fmt: skip
    read = step("GET", "/positions", ok([position]))
    return [
        case("short", "positions", {}, read, result=[read_position]),
        case("none", "positions", {}, step("GET", "/positions", ok([])), result=[]),
        case("to_intraday", "convert_position", asked, read,
             step("POST", "/positions/convert", {"status": 202, "text": ""}, convert),
             result=None),
        case("to_intraday_in_words", "convert_position", asked, read,
             step("POST", "/positions/convert", ok({"status": "success"}), convert),
             result=None),
        case("not_converted", "convert_position", asked, read,
             step("POST", "/positions/convert", bad("DH-905"), convert),
             error=failed("OrderRejected", "REJECTED", "DH-905")),
        case("held", "holdings", {}, step("GET", "/holdings", ok([holding])),
             result=[{"exchange": "NSE", "token": "1594", "broker_symbol": "INFY",
                      "isin": "INE009A01021", "quantity": 5, "t1_quantity": 0,
                      "collateral_quantity": 0, "average_price": "1400",
                      "last_price": "1510.5"}]),
        case("nothing_held", "holdings", {},
             step("GET", "/holdings",
                  bad("DH-1111", "No holdings available", kind="HOLDING_ERROR")), result=[]),
        case("nothing_held_in_other_words", "holdings", {},
             step("GET", "/holdings", bad("DHOLDING_ERROR", "No holdings available")),
             result=[]),
        case("holdings_refused", "holdings", {}, step("GET", "/holdings", bad("DH-910")),
             error=failed("BrokerError", code="DH-910")),
        case("one_trade", "trades", {}, step("GET", "/trades", ok([trade])),
             result=[{"trade_id": "15112111182198", "order_id": ORDER_ID, "exchange": "NSE",
                      "token": "1594", "broker_symbol": "Infosys", "side": "BUY",
                      "product": "CNC", "quantity": 4, "price": "1510.4",
                      "traded_at": "2026-11-20T10:59:59+05:30",
                      "exchange_order_id": "1100000012345678"}]),
        case("no_trades", "trades", {}, step("GET", "/trades", ok([])), result=[]),
    ]  # fmt: skip


def margin_cases() -> list[Json]:
    share = {"transactionType": "BUY", "exchangeSegment": "NSE_EQ", "productType": "CNC",
             "securityId": "1594", "quantity": 1, "price": 1510.5, "triggerPrice": 0}  # fmt: skip
    option = share | {"transactionType": "SELL", "exchangeSegment": "NSE_FNO",
                      "productType": "MARGIN", "securityId": "42864", "quantity": 65,
                      "price": 29.8}  # fmt: skip
    other = {"symbol": "NFO:NIFTY24NOV2626000CE", "side": "SELL", "quantity": 65,
             "product": "NRML", "order_type": "LIMIT", "price": "29.8"}  # fmt: skip
    single = {"totalMargin": 1510.5, "spanMargin": 0.0, "exposureMargin": 0.0,
              "availableBalance": 10500.0, "variableMargin": 1000.0, "insufficientBalance": 0.0,
              "brokerage": 20.0, "leverage": "4.00"}  # fmt: skip
    several = {"total_margin": "150000.5", "span_margin": "90000", "exposure_margin": "50000",
               "hedge_benefit": "1000"}  # fmt: skip
    multi = {"includePosition": False, "includeOrder": False, "scripList": [share, option]}
    return [
        case("one_order", "margin", {"orders": [ASKED | LIMIT]},
             step("POST", "/margincalculator", ok(single), share),
             result={"total": "1510.5", "span": "0", "exposure": "0"}),
        case("bracket", "margin", {"orders": [ASKED | BRACKET | LIMIT]},
             error=failed("Unsupported", "NOT_SENT")),
        case("several", "margin", {"orders": [ASKED | LIMIT, other]},
             step("POST", "/margincalculator/multi", ok(several), multi),
             result={"total": "150000.5", "span": "90000", "exposure": "50000",
                     "benefit": "1000"}),
    ]  # fmt: skip


def quote_cases() -> list[Json]:
    full = {
        "average_price": 1505.2, "buy_quantity": 10, "sell_quantity": 20,
        "depth": {"buy": [{"quantity": 7, "orders": 2, "price": 1510.4},
                          {"quantity": 0, "orders": 0, "price": 0}],
                  "sell": [{"quantity": 3, "orders": 1, "price": 1510.6}]},
        "last_price": 1510.5, "last_quantity": 5, "last_trade_time": "20/11/2026 11:04:58",
        "lower_circuit_limit": 1348.2, "upper_circuit_limit": 1647.8, "net_change": 12.5,
        "ohlc": {"open": 1500, "close": 1498, "high": 1512, "low": 1499.1},
        "oi": 0, "oi_day_high": 0, "oi_day_low": 0, "volume": 12345,
    }  # fmt: skip
    read = {
        "exchange": "NSE", "token": "1594", "last_price": "1510.5", "open": "1500",
        "high": "1512", "low": "1499.1", "close": "1498", "change": "12.5", "volume": 12345,
        "open_interest": 0, "last_quantity": 5, "average_price": "1505.2",
        "total_buy_quantity": 10, "total_sell_quantity": 20, "lower_circuit": "1348.2",
        "upper_circuit": "1647.8", "traded_at": "2026-11-20T11:04:58+05:30",
        "depth": {"bids": [{"price": "1510.4", "quantity": 7, "orders": 2}],
                  "asks": [{"price": "1510.6", "quantity": 3, "orders": 1}]},
    }  # fmt: skip
    untraded = full | {"average_price": 0, "last_trade_time": "01/01/1980 00:00:00",
                       "ohlc": {"open": 0, "close": 368.15, "high": 0, "low": 0}}  # fmt: skip
    read_untraded = without(read, "open", "high", "low", "average_price", "traded_at")
    prices = {"IDX_I": {"13": {"last_price": 26000.05}}, "NSE_EQ": {"13": {"last_price": 5000}}}
    asked = {"symbols": ["NSE:ABB", "NSE_INDEX:NIFTY"], "mode": "LTP"}
    refusal = {"status": 401, "body": {"data": {"808": "Authentication Failed"},
                                       "status": "failed"}}  # fmt: skip
    return [
        case("full", "quotes", {"symbols": ["NSE:INFY"], "mode": "FULL"},
             step("POST", "/marketfeed/quote",
                  ok({"data": {"NSE_EQ": {"1594": full}}, "status": "success"}),
                  {"NSE_EQ": [1594]}), result=[read]),
        case("untraded", "quotes", {"symbols": ["NSE:INFY"], "mode": "FULL"},
             step("POST", "/marketfeed/quote",
                  ok({"data": {"NSE_EQ": {"1594": untraded}}, "status": "success"}),
                  {"NSE_EQ": [1594]}), result=[read_untraded | {"close": "368.15"}]),
        case("a_share_and_an_index_of_one_number", "quotes", asked,
             step("POST", "/marketfeed/ltp", ok({"data": prices, "status": "success"}),
                  {"NSE_EQ": [13], "IDX_I": [13]}),
             result=[{"exchange": "NSE", "token": "13", "last_price": "5000"},
                     {"exchange": "NSE", "token": "IDX_I:13", "last_price": "26000.05"}]),
        case("token_dead", "quotes", asked,
             step("POST", "/marketfeed/ltp", refusal, {"NSE_EQ": [13], "IDX_I": [13]}),
             error=failed("SessionExpired", code="808")),
    ]  # fmt: skip


def history_cases() -> list[Json]:
    span = {"start": "2026-11-19T09:15:00+05:30", "end": "2026-11-19T09:20:00+05:30"}
    columns = {"open": [1510.0], "high": [1511.5], "low": [1509.9], "close": [1511.0],
               "volume": [1200], "timestamp": [1795059900], "open_interest": []}  # fmt: skip
    read = {"timestamp": "2026-11-19T09:15:00+05:30", "open": "1510", "high": "1511.5",
            "low": "1509.9", "close": "1511", "volume": 1200}  # fmt: skip
    empty: Json = {key: [] for key in columns}
    minutes = {"fromDate": "2026-11-19 09:15:00", "toDate": "2026-11-19 09:20:00"}
    share = {"securityId": "1594", "exchangeSegment": "NSE_EQ", "instrument": "EQUITY",
             "oi": False}  # fmt: skip
    option = {"securityId": "42864", "exchangeSegment": "NSE_FNO", "instrument": "OPTIDX",
              "oi": True}  # fmt: skip
    index = {"securityId": "13", "exchangeSegment": "IDX_I", "instrument": "INDEX",
             "oi": False}  # fmt: skip
    crude = {"securityId": "449735", "exchangeSegment": "MCX_COMM", "instrument": "FUTCOM",
             "oi": True}  # fmt: skip
    days = {"expiryCode": 0, "fromDate": "2026-11-19", "toDate": "2026-11-20"}
    at_midnight = {"timestamp": [1795026600]}
    day = read | {"timestamp": "2026-11-19T00:00:00+05:30"}

    def charted(
        name: str, symbol: str, interval: str, body: Json, reply: Json, result: Json
    ) -> Json:
        path = "/charts/historical" if interval == "1d" else "/charts/intraday"
        return case(name, "history", {"symbol": symbol, "interval": interval} | span,
                    step("POST", path, ok(reply), body), result=result)  # fmt: skip

    five = {"interval": 5}
    return [
        charted("minutes", "NSE:INFY", "5m", share | five | minutes, columns, [read]),
        charted("option_with_open_interest", "NFO:NIFTY24NOV2626000CE", "1m",
                option | {"interval": 1} | minutes, columns | {"open_interest": [90]},
                [read | {"oi": 90}]),
        charted("holiday", "NSE:INFY", "5m", share | five | minutes, empty, []),
        charted("days", "NSE:INFY", "1d", share | days, columns | at_midnight, [day]),
        charted("days_of_an_index", "NSE_INDEX:NIFTY", "1d", index | days,
                columns | at_midnight, [day]),
        charted("commodity", "MCX:CRUDEOIL18DEC26FUT", "1h",
                crude | {"interval": 60} | minutes, columns, [read]),
    ]  # fmt: skip


def master_cases() -> list[Json]:
    head = (
        "SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,"
        "SEM_TRADING_SYMBOL,SEM_LOT_UNITS,SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,"
        "SEM_OPTION_TYPE,SEM_TICK_SIZE,SEM_EXPIRY_FLAG,SEM_EXCH_INSTRUMENT_TYPE,SEM_SERIES,"
        "SM_SYMBOL_NAME"
    )
    rows = [
        "NSE,I,13,INDEX,0,NIFTY,1.0,Nifty 50,0001-01-01,,XX,0.0500,,INDEX,X,NIFTY",
        "NSE,E,1594,EQUITY,0,INFY,1.0,Infosys,,,,10.0000,NA,ES,EQ,INFOSYS LIMITED",
        "BSE,E,500209,EQUITY,0,INFY,1.0,Infosys,,,,5.0000,NA,ES,A,INFOSYS LIMITED",
        (
            "NSE,D,42864,OPTIDX,0,NIFTY-Nov2026-26000-CE,65.0,NIFTY 24 NOV 26000 CALL,"
            "2026-11-24 14:30:00,26000.00000,CE,5.0000,W,OP,,"
        ),
        (
            "NSE,D,58001,FUTSTK,0,BAJAJ-AUTO-Nov2026-FUT,75.0,BAJAJ-AUTO NOV FUT,"
            "2026-11-24 14:30:00,-0.01000,XX,50.0000,M,FUT,,"
        ),
        (
            "MCX,M,449735,FUTCOM,0,CRUDEOIL-18Dec2026-FUT,1.0,CRUDEOIL DEC FUT,2026-12-18 23:30:00,"
            "-0.01,XX,100.0000,M,FUTCOM,,CRUDEOIL"
        ),
        (
            "MCX,M,449999,FUTCOM,0,SOMETHING-18Dec2026-FUT,1.0,X,2026-12-18 23:30:00,"
            "-0.01,XX,100.0000,M,FUTCOM,,SOMETHING"
        ),
        "XXX,Z,1,EQUITY,0,BOGUS,1.0,x,,0,,5,NA,ES,EQ,x",
    ]
    infy, nifty, option, crude = (INSTRUMENTS[i] for i in (0, 2, 3, 4))
    bse = {"exchange": "BSE", "symbol": "BSE:INFY", "type": "EQUITY", "token": "500209",
           "broker_symbol": "INFY", "name": "INFOSYS LIMITED", "lot_size": 1,
           "tick_size": "0.05"}  # fmt: skip
    bajaj = {"exchange": "NFO", "symbol": "NFO:BAJAJ-AUTO24NOV26FUT", "type": "FUTURE",
             "token": "58001", "broker_symbol": "BAJAJ-AUTO-Nov2026-FUT", "name": "",
             "underlying": "BAJAJ-AUTO", "expiry": "2026-11-24", "lot_size": 75,
             "tick_size": "0.5"}  # fmt: skip
    read = [
        {"lot_size": 1} | nifty,
        {"lot_size": 1} | infy,
        bse,
        {"name": ""} | option,
        bajaj,
        {"name": "CRUDEOIL"} | crude,
        {"reason": "how many units a lot has is not known",
         "row": "MCX 449999 SOMETHING-18Dec2026-FUT"},
        {"reason": "segment XXX Z is not known", "row": "XXX 1 BOGUS"},
    ]  # fmt: skip
    request = {"method": "GET", "path": "/api-data/api-scrip-master.csv",
               "headers": {"access-token": None}}  # fmt: skip
    text = "\n".join([head, *rows]) + "\n"
    return [
        case("all", "master", {}, {"request": request, "reply": {"text": text}}, result=read),
    ]


def raw_cases() -> list[Json]:
    return [
        case("get", "raw", {"method": "GET", "path": "/ip/getIP"},
             step("GET", "/ip/getIP", ok([{"ip": "192.0.2.1"}])), result=[{"ip": "192.0.2.1"}]),
        case("no_writes", "raw", {"method": "POST", "path": "/orders"},
             error=failed("Unsupported", "NOT_SENT")),
    ]  # fmt: skip


WORLD: dict[str, Json] = {
    "now": "2026-11-20T11:05:00+05:30",
    "credentials": {"client_code": CLIENT, "pin": PIN, "totp": TOTP},
    "session": {"account": CLIENT, "tokens": {"access_token": TOKEN}},
    "headers": {},
    "refusal": bad("DH-905", "Missing required fields, bad values for parameters etc."),
    "instruments": INSTRUMENTS,
}


def named(data: Json, name: str) -> Json:
    """The same cases for the sandbox, which differs by its name and its host."""
    return json.loads(json.dumps(data).replace("$name", name))


def main() -> None:
    files = {
        "world": WORLD,
        "place_order": place_cases(),
        "refusals": refusal_cases(),
        "orders": book_cases(),
        "changes": change_cases(),
        "account": account_cases(),
        "portfolio": portfolio_cases(),
        "margin": margin_cases(),
        "quotes": quote_cases(),
        "history": history_cases(),
        "master": master_cases(),
        "raw": raw_cases(),
        "gtt": rule_cases(),
        "vendor": vendor_cases(),
    }
    for broker in ("dhan", "dhan_sandbox"):
        folder = FOLDER.parent / broker
        folder.mkdir(exist_ok=True)
        for name, data in files.items():
            text = json.dumps(named(data, broker), indent=1, ensure_ascii=False)
            (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
