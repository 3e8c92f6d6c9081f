"""Writes the golden cases of Fyers: ``python tests/cases/write_fyers.py``.

The cases are data, transcribed from the Fyers documentation and from what the official client was
recorded to send (see ``openbroker/adapters/fyers.py`` for the sources).  It imports nothing of
openbroker on purpose: what an order looks like on the wire is stated here a second time.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from writing import case, failed

FOLDER = Path(__file__).parent / "fyers"
APP, SECRET, CODE = "FYCANARY1-100", "fyersSecretCanary", "fyersC0de"
TOKEN, REFRESH, PIN = "eyJ0eXAi.fyersT0kenCanary.c2ln", "eyJ0eXAi.fyersRefresh.c2ln", "7391"
REDIRECT = "http://127.0.0.1:7171/"
PROOF = hashlib.sha256(f"{APP}:{SECRET}".encode()).hexdigest()

Json = Any

INSTRUMENTS: list[dict[str, Json]] = [
    {"exchange": "NSE", "symbol": "NSE:INFY", "type": "EQUITY", "token": "10100000001594",
     "broker_symbol": "NSE:INFY-EQ", "name": "INFOSYS LIMITED", "tick_size": "0.1",
     "series": "EQ", "isin": "INE009A01021"},
    {"exchange": "NSE_INDEX", "symbol": "NSE_INDEX:NIFTY", "type": "INDEX",
     "token": "101000000026000", "broker_symbol": "NSE:NIFTY50-INDEX", "name": "NIFTY50-INDEX"},
    {"exchange": "NFO", "symbol": "NFO:NIFTY24NOV2626000CE", "type": "OPTION",
     "token": "101126112442864", "broker_symbol": "NSE:NIFTY26NOV26000CE",
     "name": "NIFTY 24 Nov 26 26000 CE", "underlying": "NIFTY", "expiry": "2026-11-24",
     "strike": "26000", "right": "CE", "lot_size": 65, "tick_size": "0.05",
     "freeze_quantity": 1800},
    {"exchange": "MCX", "symbol": "MCX:CRUDEOIL18DEC26FUT", "type": "FUTURE",
     "token": "1120261218449735", "broker_symbol": "MCX:CRUDEOIL26DECFUT",
     "name": "CRUDEOIL 18 Dec 26 FUT", "underlying": "CRUDEOIL", "expiry": "2026-12-18",
     "lot_size": 100, "tick_size": "1"},
    {"exchange": "CDS", "symbol": "CDS:USDINR29DEC26FUT", "type": "FUTURE",
     "token": "10122612292674", "broker_symbol": "NSE:USDINR26DECFUT",
     "name": "USDINR 29 Dec 26 FUT", "underlying": "USDINR", "expiry": "2026-12-29",
     "lot_size": 1000, "tick_size": "0.0025"},
    {"exchange": "NSE", "symbol": "NSE:M&M", "type": "EQUITY", "token": "10100000002031",
     "broker_symbol": "NSE:M&M-EQ", "name": "MAHINDRA & MAHINDRA LTD", "tick_size": "0.1",
     "series": "EQ"},
]  # fmt: skip
BY = {row["symbol"]: row for row in INSTRUMENTS}
OPTION, CRUDE, DOLLAR = (INSTRUMENTS[n]["symbol"] for n in (2, 3, 4))

OPEN = {"Content-Type": "application/json", "version": "3"}
AUTH = OPEN | {"Authorization": f"{APP}:{TOKEN}"}
API = "/api/v3"
ORDERS, RULES = f"{API}/orders/sync", f"{API}/gtt/orders/sync"


def ok(code: int | str = 200, message: str = "", **data: Json) -> dict[str, Json]:
    return {"body": {"s": "ok", "code": code, "message": message} | data}


def bad(code: int, message: str = "No.", status: int = 400) -> dict[str, Json]:
    return {"status": status, "body": {"s": "error", "code": code, "message": message}}


def step(method: str, path: str, reply: Json, body: Json = None, headers: Json = AUTH) -> Json:
    request: dict[str, Json] = {"method": method, "path": path, "headers": headers}
    return {"request": request | ({"body": body} if body is not None else {}), "reply": reply}


def epoch(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp())


# -- orders

ORDER_ID = "26112000015105"
RECEIVED = ok(1101, f"Order submitted successfully. Your Order Ref. No.{ORDER_ID}", id=ORDER_ID)
CHANGED = ok(1102, "Successfully modified order", id=ORDER_ID)
CANCELLED = ok(1103, "Successfully cancelled order", id=ORDER_ID)
ACK = {"order_id": ORDER_ID}
LIMIT = {"order_type": "LIMIT", "price": "1510.5"}
ASKED = {"symbol": "NSE:INFY", "side": "BUY", "quantity": 1, "product": "CNC"}


def order_body(symbol: str, **fields: Json) -> dict[str, Json]:
    body = {
        "symbol": BY[symbol]["broker_symbol"], "qty": 1, "type": 1, "side": 1,
        "productType": "CNC", "limitPrice": 1510.5, "stopPrice": 0, "validity": "DAY",
        "disclosedQty": 0, "offlineOrder": False, "stopLoss": 0, "takeProfit": 0,
        "isSliceOrder": False, "orderTag": "$tag",
    }  # fmt: skip
    return body | fields


def placed(name: str, body: Json, symbol: str = "NSE:INFY", **args: Json) -> Json:
    return case(
        name, "place_order", ASKED | {"symbol": symbol} | args,
        step("POST", ORDERS, RECEIVED, order_body(symbol, **body)), result=ACK,
    )  # fmt: skip


def refused(name: str, kind: str = "Unsupported", **args: Json) -> Json:
    return case(name, "place_order", ASKED | args, error=failed(kind, "NOT_SENT"))


def place_cases() -> list[Json]:
    market = {"type": 2, "limitPrice": 0}
    return [
        placed("limit", {}, **LIMIT),
        placed("sell", {"side": -1}, side="SELL", **LIMIT),
        placed("market", market, order_type="MARKET"),
        placed("market_with_the_brokers_band", market, order_type="MARKET",
               market_protection="broker"),
        placed("stop_limit", {"type": 4, "limitPrice": 1515, "stopPrice": 1514.5},
               order_type="SL", price="1515", trigger_price="1514.5"),
        placed("stop_market", {"type": 3, "limitPrice": 0, "stopPrice": 1514.5},
               order_type="SL-M", trigger_price="1514.5"),
        placed("stop_market_with_the_brokers_band",
               {"type": 3, "limitPrice": 0, "stopPrice": 1514.5}, order_type="SL-M",
               trigger_price="1514.5", market_protection="broker"),
        placed("intraday", {"productType": "INTRADAY"}, product="MIS", **LIMIT),
        placed("margin_funded", {"productType": "MTF"}, product="MTF", **LIMIT),
        placed("ioc", {"validity": "IOC"}, validity="IOC", **LIMIT),
        placed("disclosed", {"qty": 100, "disclosedQty": 20}, quantity=100,
               disclosed_quantity=20, **LIMIT),
        placed("after_market", {"offlineOrder": True}, after_market=True, **LIMIT),
        placed("labelled", {}, tag="algo1", **LIMIT),
        placed("ampersand", {"limitPrice": 3600}, "NSE:M&M", order_type="LIMIT", price="3600"),
        placed("carried_forward", {"qty": 65, "limitPrice": 29.8, "productType": "MARGIN"},
               OPTION, product="NRML", quantity=65, order_type="LIMIT", price="29.8"),
        placed("commodity_counts_lots",
               {"qty": 2, "limitPrice": 5400, "productType": "MARGIN"}, CRUDE,
               product="NRML", quantity=200, order_type="LIMIT", price="5400"),
        placed("currency_counts_lots",
               {"qty": 2, "limitPrice": 88.5, "productType": "MARGIN"}, DOLLAR,
               product="NRML", quantity=2000, order_type="LIMIT", price="88.5"),
        refused("market_two_per_cent", order_type="MARKET", market_protection="2"),
        refused("carry_forward_of_shares", product="NRML", **LIMIT),
        refused("bracket", product="MIS", bracket_target="5", bracket_stop="3", **LIMIT),
        refused("stop_market_on_an_option", symbol=OPTION, product="NRML", quantity=65,
                order_type="SL-M", trigger_price="30"),
    ]  # fmt: skip


def refusal_cases() -> list[Json]:
    table = [
        (-8, "Your token has expired", 401, "SessionExpired", "NOT_SENT"),
        (-15, "Please provide valid token", 401, "SessionExpired", "NOT_SENT"),
        (-16, "Could not authenticate the user", 401, "SessionExpired", "NOT_SENT"),
        (-17, "Token is Invalid or Expired", 401, "SessionExpired", "NOT_SENT"),
        (-429, "request limit reached", 400, "RateLimited", "NOT_SENT"),
        (-353, "API Limit exceeded", 400, "RateLimited", "NOT_SENT"),
        (-50, "Price should be in multiples of tick size.", 400, "OrderRejected", "REJECTED"),
        (-53, "Invalid position", 400, "OrderRejected", "REJECTED"),
        (-300, "Please provide valid symbol", 400, "OrderRejected", "REJECTED"),
        (-352, "Invalid App ID", 403, "PermissionDenied", "REJECTED"),
        (-373, "please provide valid permission", 403, "PermissionDenied", "REJECTED"),
        (-99, "RMS:Rule: Check something", 400, "RiskRejected", "REJECTED"),
        (-99, "RMS: Margin Shortfall: available 0, required 12", 400, "InsufficientFunds",
         "REJECTED"),
        (-99, "Insufficient funds", 200, "InsufficientFunds", "REJECTED"),
        (-99, "Insufficient holdings", 400, "InsufficientHoldings", "REJECTED"),
        (-99, "Price is outside the circuit limit", 400, "PriceOutOfBand", "REJECTED"),
        (-99, "Market is closed", 400, "MarketClosed", "REJECTED"),
        (-99, "Not from your static IP", 400, "StaticIPNotAllowed", "REJECTED"),
        (-50, "IP is not whitelisted", 403, "StaticIPNotAllowed", "REJECTED"),
        (-99, "RED:RULE:{Check circuit limit including square off order}", 400, "PriceOutOfBand",
         "REJECTED"),
        (-99, "RED:Blocked for you", 400, "RiskRejected", "REJECTED"),
        (-99, "Of a later day", 400, "OrderUnknown", "UNKNOWN"),
        (-99, "internal server error", 400, "OrderUnknown", "UNKNOWN"),
        (-99, "nobody confirms the terms", 400, "OrderUnknown", "UNKNOWN"),
        (-50, "Request timed out", 400, "OrderUnknown", "UNKNOWN"),
        (-999, "RMS: Margin Shortfall", 400, "OrderUnknown", "UNKNOWN"),
        *((code, "Please provide a valid value", 400, "OrderRejected", "REJECTED")
          for code in (-101, -305, -308, -309, -310, -311, -313, -314, -315, -316, -323, -325,
                       -326, -327, -328, -372, -390, -392)),
        *((code, "Connection error. Please try again", 400, "OrderUnknown", "UNKNOWN")
          for code in (-96, -201, -202, -204, -205)),
        (-99, "Broken", 500, "OrderUnknown", "UNKNOWN"),
        (-999, "Of a later day", 400, "OrderUnknown", "UNKNOWN"),
    ]  # fmt: skip
    asked, body = ASKED | LIMIT, order_body("NSE:INFY")

    def answered(name: str, reply: Json, error: Json) -> Json:
        return case(name, "place_order", asked, step("POST", ORDERS, reply, body), error=error)

    unknown = failed("OrderUnknown", "UNKNOWN")
    return [
        answered(f"{-code}_{number}", bad(code, message, status),
                 failed(kind, outcome, str(code) if status < 500 else None))
        for number, (code, message, status, kind, outcome) in enumerate(table)
    ] + [
        answered("rate", bad(-429, "request limit reached", 429),
                 failed("RateLimited", "NOT_SENT")),
        answered("in_transit", ok(201, "Order is in transit", id=ORDER_ID),
                 failed("OrderUnknown", "UNKNOWN", "201")),
        answered("in_transit_in_letters", ok("201", "Order is in transit", id=ORDER_ID),
                 failed("OrderUnknown", "UNKNOWN", "201")),
        answered("success_with_an_error", ok(-99, "No.", id=ORDER_ID), unknown),
        answered("refusal_that_names_an_order", {"status": 400, "body": {
            **bad(-50, "No.", 400)["body"], "id": ORDER_ID}}, unknown),
        answered("no_id", ok(1101, "Order submitted"), unknown),
        answered("sliced", {"body": {"code": 1101, "message": "Order Slice placed successfully",
                                     "data": [{"statusCode": 200, "body": RECEIVED["body"],
                                               "statusDescription": "OK"}]}}, unknown),
        answered("no_data", {"body": {"s": "no_data"}}, unknown),
        answered("no_code", {"status": 400, "body": {"s": "error", "message": "?"}}, unknown),
        answered("lost", {"failure": {"handed_over": True}}, unknown),
        answered("not_sent", {"failure": {"handed_over": False}}, failed("NotSent", "NOT_SENT")),
    ]  # fmt: skip


ROW: dict[str, Json] = {
    "clientId": "XA00011", "id": ORDER_ID, "id_fyers": "c6697c04-d9ab-4a7c-a6f4-b0cc4ca698f6",
    "exchOrdId": "1100000001089341", "qty": 10, "remainingQuantity": 6, "filledQty": 4,
    "discloseQty": 0, "limitPrice": 1510.5, "stopPrice": 0, "tradedPrice": 1510.4, "type": 1,
    "fyToken": "10100000001594", "exchange": 10, "segment": 10, "symbol": "NSE:INFY-EQ",
    "instrument": 0, "message": "", "offlineOrder": False, "orderDateTime": "20-Nov-2026 10:59:58",
    "orderValidity": "DAY", "pan": "", "productType": "CNC", "side": 1, "status": 6, "source": "W",
    "ex_sym": "INFY", "description": "INFOSYS LIMITED", "ch": -0.1, "chp": -1.44, "lp": 1510.4,
    "slNo": 1, "dqQtyRem": 0, "orderNumStatus": f"{ORDER_ID}:6", "disclosedQty": 0,
    "orderTag": "1:mine", "takeProfit": 0, "stopLoss": 0,
}  # fmt: skip
PLAIN_ROW: dict[str, Json] = {
    "order_id": ORDER_ID, "status": "OPEN", "exchange": "NSE", "token": "10100000001594",
    "broker_symbol": "NSE:INFY-EQ", "side": "BUY", "order_type": "LIMIT", "product": "CNC",
    "validity": "DAY", "quantity": 10, "filled_quantity": 4, "pending_quantity": 6,
    "disclosed_quantity": 0, "price": "1510.5", "average_price": "1510.4", "wire_tag": "mine",
    "placed_at": "2026-11-20T10:59:58+05:30", "exchange_order_id": "1100000001089341",
    "after_market": False,
}  # fmt: skip
ONE = f"{API}/orders?id={ORDER_ID}"


def without(row: Json, *names: str) -> Json:
    return {key: value for key, value in row.items() if key not in names}


def book_of(*rows: Json) -> Json:
    return ok(orderBook=list(rows))


def book_cases() -> list[Json]:
    def book(name: str, reply: Json, **rest: Json) -> Json:
        return case(name, "orders", {}, step("GET", f"{API}/orders", reply), **rest)

    option = ROW | {"exchange": 10, "segment": 11, "symbol": "NSE:NIFTY26NOV26000CE",
                    "fyToken": "101126112442864", "productType": "MARGIN", "side": -1,
                    "orderTag": "2:Untagged", "offlineOrder": True}  # fmt: skip
    read_option = without(PLAIN_ROW, "wire_tag") | {
        "exchange": "NFO", "token": "101126112442864", "broker_symbol": "NSE:NIFTY26NOV26000CE",
        "product": "NRML", "side": "SELL", "after_market": True}  # fmt: skip
    foreign = ROW | {"productType": "BO", "status": 3, "orderValidity": "GTT", "type": 9,
                     "side": 0, "segment": 20}  # fmt: skip
    read_foreign = without(PLAIN_ROW, "product", "validity", "exchange", "side", "order_type") | {
        "status": "UNKNOWN"}  # fmt: skip
    ended = ROW | {"status": 5, "message": "RMS: no"}
    # Quantities in the master's units: through a broker they are turned, in a bare flow not.
    states = {1: "CANCELLED", 2: "FILLED", 4: "PENDING", 5: "REJECTED", 6: "OPEN", 7: "EXPIRED"}
    kinds = {1: "LIMIT", 2: "MARKET", 3: "SL-M", 4: "SL"}
    places = {(10, 10): "NSE", (10, 11): "NFO", (12, 10): "BSE", (12, 11): "BFO"}
    return [
        book("full", book_of(ROW), result=[PLAIN_ROW]),
        book("empty", book_of(), result=[]),
        book("option", book_of(option), result=[read_option]),
        book("foreign", book_of(foreign), result=[read_foreign]),
        book("rejected", book_of(ended),
             result=[PLAIN_ROW | {"status": "REJECTED", "message": "RMS: no"}]),
        book("states", book_of(*(ROW | {"status": code} for code in states)),
             result=[PLAIN_ROW | {"status": word} for word in states.values()]),
        book("kinds", book_of(*(ROW | {"type": code} for code in kinds)),
             result=[PLAIN_ROW | {"order_type": word} for word in kinds.values()]),
        book("places", book_of(*(ROW | {"exchange": one, "segment": other, "fyToken": "77"}
                                 for one, other in places)),
             result=[PLAIN_ROW | {"exchange": word, "token": "77"}
                     for word in places.values()]),
        book("no_list", ok(), error=failed("MalformedReply")),
        book("down", {"status": 502, "text": "<html>"}, error=failed("BrokerUnavailable")),
        case("one", "order", {"order_id": ORDER_ID}, step("GET", ONE, book_of(ROW)),
             result=PLAIN_ROW),
        case("not_there", "order", {"order_id": ORDER_ID}, step("GET", ONE, book_of()),
             error=failed("OrderNotFound")),
        case("not_known", "order", {"order_id": ORDER_ID},
             step("GET", ONE, bad(-51, "Please provide valid order id")),
             error=failed("OrderNotFound", code="-51")),
    ]  # fmt: skip


def change_cases() -> list[Json]:
    def modified(name: str, args: Json, body: Json, row: Json = ROW) -> Json:
        return case(name, "modify_order", {"order_id": ORDER_ID} | args,
                    step("GET", ONE, book_of(row)),
                    step("PATCH", ORDERS, CHANGED, {"id": ORDER_ID} | body),
                    result=ACK)  # fmt: skip

    def refused_change(name: str, args: Json) -> Json:
        return case(name, "modify_order", {"order_id": ORDER_ID} | args,
                    step("GET", ONE, book_of(ROW)),
                    error=failed("Unsupported", "NOT_SENT"))  # fmt: skip

    def answered(name: str, reply: Json, error: Json) -> Json:
        return case(name, "modify_order", {"order_id": ORDER_ID, "price": "1511"},
                    step("GET", ONE, book_of(ROW)),
                    step("PATCH", ORDERS, reply,
                         {"id": ORDER_ID, "type": 1, "limitPrice": 1511}),
                    error=error)  # fmt: skip

    def cancelled(name: str, reply: Json, **rest: Json) -> Json:
        return case(name, "cancel_order", {"order_id": ORDER_ID},
                    step("DELETE", ORDERS, reply, {"id": ORDER_ID}), **rest)  # fmt: skip

    stop = ROW | {"type": 3, "stopPrice": 1509.5, "limitPrice": 0}
    crude = ROW | {"exchange": 11, "segment": 20, "symbol": "MCX:CRUDEOIL26DECFUT",
                   "fyToken": "1120261218449735", "qty": 2, "limitPrice": 5300,
                   "filledQty": 0, "remainingQuantity": 2, "disclosedQty": 0}  # fmt: skip
    return [
        modified("price_only", {"price": "1511"}, {"type": 1, "limitPrice": 1511}),
        modified("quantity", {"quantity": 12}, {"type": 1, "limitPrice": 1510.5, "qty": 12}),
        modified("to_stop", {"order_type": "SL", "price": "1515", "trigger_price": "1514.5"},
                 {"type": 4, "limitPrice": 1515, "stopPrice": 1514.5}),
        modified("to_market", {"order_type": "MARKET"}, {"type": 2}),
        modified("trigger_of_a_stop_market", {"trigger_price": "1508"},
                 {"type": 3, "stopPrice": 1508}, stop),
        modified("commodity_price", {"price": "5401"}, {"type": 1, "limitPrice": 5401}, crude),
        refused_change("validity", {"validity": "IOC"}),
        refused_change("disclosed", {"disclosed_quantity": 2}),
        answered("traded_before", bad(-162, "This order has already traded"),
                 failed("OrderNotModifiable", "REJECTED", "-162")),
        answered("modify_gone", bad(-51, "Please provide valid order id"),
                 failed("OrderNotFound", "REJECTED", "-51")),
        answered("modify_in_transit", ok(201, "In transit", id=ORDER_ID),
                 failed("OrderUnknown", "UNKNOWN")),
        cancelled("regular", CANCELLED, result=ACK),
        cancelled("done_before", bad(-161, "This order has already been cancelled"),
                  error=failed("OrderNotModifiable", "REJECTED", "-161")),
        cancelled("rejected_before", bad(-164, "This order has already been rejected"),
                  error=failed("OrderNotModifiable", "REJECTED", "-164")),
        cancelled("ended_by_its_words", bad(-50, "The order has already been cancelled"),
                  error=failed("OrderNotModifiable", "REJECTED", "-50")),
        cancelled("cancel_gone", bad(-159, "Please provide a valid order number"),
                  error=failed("OrderNotFound", "REJECTED", "-159")),
        cancelled("wrong_number", bad(-209, "Please provide a valid order number"),
                  error=failed("OrderNotFound", "REJECTED", "-209")),
        cancelled("cancel_lost", {"failure": {"handed_over": True}},
                  error=failed("OrderUnknown", "UNKNOWN")),
    ]  # fmt: skip


# -- rules

RULE_ID = "26112000002074"
RULE: dict[str, Json] = {
    "clientId": "XA00011", "exchange": 10, "fy_token": "10100000001594",
    "id_fyers": "c6697c04-d9ab-4a7c-a6f4-b0cc4ca698f6", "id": RULE_ID, "instrument": 0,
    "lot_size": 1, "multiplier": 0, "ord_status": 6, "precision": 2, "price_limit": 1450,
    "price2_limit": 0, "price_trigger": 1455.5, "price2_trigger": 0, "product_type": "CNC",
    "qty": 10, "qty2": 0, "report_type": "PLACED", "segment": 10, "symbol": "NSE:INFY-EQ",
    "symbol_desc": "INFOSYS LIMITED", "symbol_exch": "INFY", "tick_size": 0.1, "tran_side": 1,
    "gtt_oco_ind": 1, "create_time": "20-Nov-2026 10:13:31", "create_time_epoch": 1795149811,
    "oms_msg": "", "ltp_ch": 0, "ltp_chp": 0, "ltp": 0,
}  # fmt: skip
PLAIN_RULE: dict[str, Json] = {
    "gtt_id": RULE_ID, "status": "ACTIVE", "exchange": "NSE", "token": "10100000001594",
    "broker_symbol": "NSE:INFY-EQ", "side": "BUY", "product": "CNC", "quantity": 10,
    "price": "1450", "trigger_price": "1455.5", "placed_at": "2026-11-20T10:13:31+05:30",
}  # fmt: skip


def rule_cases() -> list[Json]:
    asked = {"symbol": "NSE:INFY", "side": "BUY", "quantity": 10, "price": "1450",
             "trigger_price": "1455.5", "product": "CNC"}  # fmt: skip
    leg = {"price": 1450, "triggerPrice": 1455.5, "qty": 10}
    body = {"side": 1, "symbol": "NSE:INFY-EQ", "productType": "CNC", "orderInfo": {"leg1": leg}}
    done, ack = ok(1101, "Successfully placed order", id=RULE_ID), {"order_id": RULE_ID}
    book = f"{API}/gtt/orders"
    both = RULE | {"gtt_oco_ind": 2, "tran_side": -1, "price_limit": 1598, "price_trigger": 1600,
                   "price2_limit": 1445, "price2_trigger": 1450, "qty2": 10}  # fmt: skip
    plain_both = PLAIN_RULE | {
        "side": "SELL", "trigger_price": "1600", "price": "1598", "stop_trigger_price": "1450",
        "stop_price": "1445",
    }  # fmt: skip
    pair = {"side": "SELL", "trigger_price": "1600", "price": "1598",
            "stop_trigger_price": "1450", "stop_price": "1445"}  # fmt: skip
    short = {"side": "BUY", "trigger_price": "1450", "price": "1452",
             "stop_trigger_price": "1600", "stop_price": "1605"}  # fmt: skip
    upper = {"price": 1598, "triggerPrice": 1600, "qty": 10}
    lower = {"price": 1445, "triggerPrice": 1450, "qty": 10}
    of_both = {"leg1": upper, "leg2": lower}
    two_legs = {"side": -1, "orderInfo": of_both}

    def made(name: str, args: Json, fields: Json) -> Json:
        return case(name, "place_gtt", asked | args, step("POST", RULES, done, body | fields),
                    result=ack)  # fmt: skip

    def refused_rule(name: str, **args: Json) -> Json:
        return case(name, "place_gtt", asked | args, error=failed("Unsupported", "NOT_SENT"))

    def changed(name: str, args: Json, leg1: Json) -> Json:
        return case(name, "modify_gtt", {"gtt_id": RULE_ID} | args,
                    step("GET", book, book_of(RULE)),
                    step("PATCH", RULES, ok(1102, "Successfully modified order", id=RULE_ID),
                         {"id": RULE_ID, "orderInfo": {"leg1": leg | leg1}}),
                    result=ack)  # fmt: skip

    def pair_changed(name: str, args: Json, legs: Json, row: Json = both) -> Json:
        return case(name, "modify_gtt", {"gtt_id": RULE_ID} | args,
                    step("GET", book, book_of(row)),
                    step("PATCH", RULES, ok(1102, "Successfully modified order", id=RULE_ID),
                         {"id": RULE_ID, "orderInfo": legs}), result=ack)  # fmt: skip

    def unchanged(name: str, row: Json, args: Json, error: str = "InvalidOrder") -> Json:
        return case(name, "modify_gtt", {"gtt_id": RULE_ID} | args,
                    step("GET", book, book_of(row)), error=failed(error, "NOT_SENT"))  # fmt: skip

    def not_made(name: str, args: Json) -> Json:
        return case(name, "place_gtt", asked | args, error=failed("InvalidOrder", "NOT_SENT"))

    def lost(name: str, reply: Json, **error: str) -> Json:
        return case(name, "place_gtt", asked | pair, step("POST", RULES, reply, body | two_legs),
                    error=error or failed("OrderUnknown", "UNKNOWN"))  # fmt: skip

    states = {1: "CANCELLED", 2: "TRIGGERED", 6: "ACTIVE", 7: "EXPIRED", 4: "UNKNOWN",
              5: "UNKNOWN"}  # fmt: skip
    return [
        made("single", {}, {}),
        made("single_sell_on_margin", {"side": "SELL", "product": "MTF"},
             {"side": -1, "productType": "MTF"}),
        made("single_of_a_commodity",
             {"symbol": CRUDE, "product": "NRML", "quantity": 200, "price": "5300",
              "trigger_price": "5310"},
             {"symbol": "MCX:CRUDEOIL26DECFUT", "productType": "MARGIN",
              "orderInfo": {"leg1": {"price": 5300, "triggerPrice": 5310, "qty": 2}}}),
        refused_rule("intraday_rule", product="MIS"),
        refused_rule("rule_for_thirty_days", valid_days=30),
        refused_rule("rule_that_shows_a_part", disclosed_quantity=2),
        case("rule_refused", "place_gtt", asked,
             step("POST", RULES, bad(-50, "Trigger price is wrong"), body),
             error=failed("OrderRejected", "REJECTED", "-50")),
        case("rule_in_transit", "place_gtt", asked,
             step("POST", RULES, ok(201, "In transit", id=RULE_ID), body),
             error=failed("OrderUnknown", "UNKNOWN")),
        changed("rule_price", {"price": "1440.5"}, {"price": 1440.5}),
        changed("rule_all", {"price": "1440", "trigger_price": "1446", "quantity": 12},
                {"price": 1440, "triggerPrice": 1446, "qty": 12}),
        made("target_and_stop", pair, two_legs),
        made("target_and_stop_of_a_short", short, {
            "orderInfo": {"leg1": {"price": 1605, "triggerPrice": 1600, "qty": 10},
                          "leg2": {"price": 1452, "triggerPrice": 1450, "qty": 10}}}),
        made("pair_of_a_commodity",
             {"symbol": CRUDE, "product": "NRML", "quantity": 200, "side": "SELL",
              "price": "5490", "trigger_price": "5500", "stop_price": "5290",
              "stop_trigger_price": "5300"},
             {"symbol": "MCX:CRUDEOIL26DECFUT", "productType": "MARGIN", "side": -1,
              "orderInfo": {"leg1": {"price": 5490, "triggerPrice": 5500, "qty": 2},
                            "leg2": {"price": 5290, "triggerPrice": 5300, "qty": 2}}}),
        lost("pair_refused", bad(-50, "Trigger price is wrong"),
             **failed("OrderRejected", "REJECTED", "-50")),
        lost("pair_lost", {"failure": {"handed_over": True}}),
        lost("pair_in_transit", ok(201, "In transit", id=RULE_ID)),
        lost("pair_without_an_id", ok(1101, "Successfully placed order")),
        not_made("target_below_the_stop", short | {"side": "SELL"}),
        not_made("stop_beyond_its_trigger", pair | {"stop_price": "1451"}),
        not_made("stop_without_a_trigger", {"stop_price": "1440"}),
        pair_changed("stop_price", {"stop_price": "1444.5"},
                     of_both | {"leg2": lower | {"price": 1444.5}}),
        pair_changed("target_prices", {"price": "1610", "trigger_price": "1611"},
                     of_both | {"leg1": upper | {"price": 1610, "triggerPrice": 1611}}),
        pair_changed("everything_of_both",
                     {"price": "1610", "trigger_price": "1611", "stop_price": "1400",
                      "stop_trigger_price": "1401", "quantity": 12},
                     {"leg1": {"price": 1610, "triggerPrice": 1611, "qty": 12},
                      "leg2": {"price": 1400, "triggerPrice": 1401, "qty": 12}}),
        pair_changed("legs_keep_their_quantities", {"stop_price": "1444.5"},
                     {"leg1": upper | {"qty": 6}, "leg2": lower | {"price": 1444.5}},
                     both | {"qty": 6}),
        unchanged("target_to_the_other_side", both, {"trigger_price": "1440", "price": "1440"}),
        unchanged("stop_of_one_leg", RULE, {"stop_price": "1440"}),
        unchanged("side_untold", both | {"tran_side": 7}, {"price": "1597"}),
        unchanged("part_shown", both, {"disclosed_quantity": 2}, "Unsupported"),
        case("rule_cancelled", "cancel_gtt", {"gtt_id": RULE_ID},
             step("GET", book, book_of(RULE)),
             step("DELETE", RULES, ok(1103, "Successfully cancelled order", id=RULE_ID),
                  {"id": RULE_ID}), result=ack),
        case("rule_with_two_legs_cancelled", "cancel_gtt", {"gtt_id": RULE_ID},
             step("GET", book, book_of(both)),
             step("DELETE", RULES, ok(1103, "Successfully cancelled order", id=RULE_ID),
                  {"id": RULE_ID}), result=ack),
        case("one_rule", "gtt", {"gtt_id": RULE_ID}, step("GET", book, book_of(RULE)),
             result=PLAIN_RULE),
        case("one_with_two_legs", "gtt", {"gtt_id": RULE_ID}, step("GET", book, book_of(both)),
             result=plain_both),
        case("legs_of_several_quantities", "gtt", {"gtt_id": RULE_ID},
             step("GET", book, book_of(both | {"qty": 6})), result=without(plain_both, "quantity")),
        case("no_such_rule", "gtt", {"gtt_id": RULE_ID}, step("GET", book, book_of()),
             error=failed("OrderNotFound")),
        case("live_rules", "gtts", {},
             step("GET", book, book_of(RULE, both, RULE | {"ord_status": 1})),
             result=[PLAIN_RULE, plain_both]),
        case("all_rules", "gtts", {"done": True},
             step("GET", book, book_of(*(RULE | {"ord_status": code} for code in states))),
             result=[PLAIN_RULE | {"status": word} for word in states.values()]),
        case("no_rules", "gtts", {}, step("GET", book, book_of()), result=[]),
    ]  # fmt: skip


# -- the rest


def account_cases() -> list[Json]:
    profile = {"fy_id": "XA00011", "name": "TEST", "image": None, "display_name": None,
               "email_id": "t@example.com", "PAN": "FYxxxxxx0S", "totp": True,
               "pin_change_date": "19-08-2020 14:58:41", "pwd_to_expire": 42,
               "ddpi_enabled": False, "mtf_enabled": False}  # fmt: skip
    asked = step("GET", f"{API}/profile", ok(data=profile))
    form = {"grant_type": "authorization_code", "appIdHash": PROOF, "code": CODE}
    bare = OPEN | {"Authorization": None}
    validate, refresh = f"{API}/validate-authcode", f"{API}/validate-refresh-token"
    tokens: dict[str, Json] = {"access_token": TOKEN, "refresh_token": REFRESH}
    again = {"grant_type": "refresh_token", "appIdHash": PROOF, "refresh_token": REFRESH,
             "pin": PIN}  # fmt: skip
    kept = {"api_key": APP, "app_id_hash": PROOF, "pin": PIN} | tokens
    session = {"broker": "fyers", "account": "XA00011", "tokens": kept}
    titles = ("Total Balance", "Utilized Amount", "Clear Balance", "Realized Profit and Loss",
              "Collaterals", "Fund Transfer", "Receivables", "Adhoc Limit",
              "Limit at start of the day", "Available Balance")  # fmt: skip
    equity = (1070.75, 12.5, 1058.25, -0.3, 70, 100, 0, 0, 1058.55, 1000.25)
    lines = [
        {"id": n, "title": title, "equityAmount": amount, "commodityAmount": 0.5 if n == 10 else 0}
        for n, (title, amount) in enumerate(zip(titles, equity, strict=True), 1)
    ]
    return [
        case("by_auth_code", "login", {},
             step("POST", validate, ok(**tokens), form, bare), asked, result=session),
        case("wrong_code", "login", {},
             step("POST", validate, bad(-437, "invalid auth code"), form, bare),
             error=failed("InvalidCredentials", code="-437")),
        *(case(f"login_refused_{-code}", "login", {},
               step("POST", validate, bad(code, "No.", 401), form, bare),
               error=failed("InvalidCredentials", code=str(code)))
          for code in (-8, -15, -16, -17, -50, -352, -371, -374)),
        case("no_token", "login", {}, step("POST", validate, ok(), form, bare),
             error=failed("MalformedReply")),
        case("no_profile", "login", {}, step("POST", validate, ok(**tokens), form, bare),
             step("GET", f"{API}/profile", bad(-16, "Could not authenticate the user", 401)),
             error=failed("InvalidCredentials", code="-16")),
        case("by_refresh_token", "renew", {},
             step("POST", refresh, ok(access_token=TOKEN), again, bare), asked, result=session),
        case("logout", "logout", {},
             step("POST", f"{API}/logout", ok(message="you are successfully logged out")),
             result=None),
        case("profile", "profile", {}, asked, result={"account": "XA00011", "name": "TEST"}),
        case("funds", "funds", {}, step("GET", f"{API}/funds", ok(fund_limit=lines)),
             result={"available": "1000.75", "cash": "1058.25", "collateral": "70",
                     "utilised": "12.5", "payin": "100", "realised_pnl": "-0.3"}),
        case("no_funds", "funds", {}, step("GET", f"{API}/funds", ok()),
             error=failed("MalformedReply")),
    ]  # fmt: skip


def portfolio_cases() -> list[Json]:
    position = {
        "netQty": -65, "qty": 65, "avgPrice": 29.8, "netAvg": 29.8, "side": -1,
        "productType": "MARGIN", "realized_profit": 0, "unrealized_profit": -16.25, "pl": -16.25,
        "ltp": 30.05, "buyQty": 0, "buyAvg": 0, "buyVal": 0, "sellQty": 65, "sellAvg": 29.8,
        "sellVal": 1937, "slNo": 0, "fyToken": "101126112442864", "crossCurrency": "N",
        "rbiRefRate": 1.0, "qtyMulti_com": 1.0, "segment": 11,
        "symbol": "NSE:NIFTY26NOV26000CE", "id": "NSE:NIFTY26NOV26000CE-MARGIN",
        "cfBuyQty": 0, "cfSellQty": 0, "dayBuyQty": 0, "daySellQty": 65, "exchange": 10,
    }  # fmt: skip
    read_position = {
        "exchange": "NFO", "token": "101126112442864", "broker_symbol": "NSE:NIFTY26NOV26000CE",
        "product": "NRML", "quantity": -65, "overnight_quantity": 0, "buy_quantity": 0,
        "sell_quantity": 65, "sell_price": "29.8", "average_price": "29.8",
        "last_price": "30.05", "pnl": "-16.25", "realised_pnl": "0", "unrealised_pnl": "-16.25",
    }  # fmt: skip
    holding = {
        "holdingType": "HLD", "quantity": 6, "costPrice": 1400.0, "marketVal": 7552.5,
        "remainingQuantity": 5, "pl": 552.5, "ltp": 1510.5, "id": 1, "fyToken": 10100000001594,
        "exchange": 10, "symbol": "NSE:INFY-EQ", "segment": 10, "isin": "INE009A01021",
        "qty_t1": 1, "remainingPledgeQuantity": -1, "collateralQuantity": 0,
    }  # fmt: skip
    trade = {
        "clientId": "XA00011", "orderDateTime": "20-Nov-2026 10:59:59", "orderNumber": ORDER_ID,
        "exchangeOrderNo": "1100000001089341", "exchange": 10, "side": 1, "segment": 10,
        "orderType": 1, "fyToken": "10100000001594", "productType": "CNC", "tradedQty": 4,
        "tradePrice": 1510.4, "tradeValue": 6041.6, "tradeNumber": "52605023", "row": 52605023,
        "symbol": "NSE:INFY-EQ", "orderTag": "1:mine",
    }  # fmt: skip
    asked = {"broker_symbol": "NSE:NIFTY26NOV26000CE", "product": "MIS", "quantity": 65}
    convert = {"symbol": "NSE:NIFTY26NOV26000CE-MARGIN", "positionSide": -1, "convertQty": 65,
               "convertFrom": "MARGIN", "convertTo": "INTRADAY", "overnight": 0}  # fmt: skip
    book = f"{API}/positions"
    done = ok(message="Position Converted Successfully!!", positionDetails=1101)

    def positions(*rows: Json) -> Json:
        return step("GET", book, ok(netPositions=list(rows), overall={"count_total": len(rows)}))

    long = position | {"netQty": 65, "side": 1, "cfBuyQty": 65, "cfSellQty": 0}
    return [
        case("short", "positions", {}, positions(position), result=[read_position]),
        case("none", "positions", {}, positions(), result=[]),
        case("to_intraday", "convert_position", asked, positions(position),
             step("POST", book, done, convert), result=None),
        case("of_yesterday", "convert_position", asked, positions(long),
             step("POST", book, done, convert | {"positionSide": 1, "overnight": 1}),
             result=None),
        case("conversion_refused", "convert_position", asked, positions(position),
             step("POST", book, bad(-53, "No such position"), convert),
             error=failed("OrderRejected", "REJECTED", "-53")),
        case("held", "holdings", {},
             step("GET", f"{API}/holdings", ok(holdings=[holding], overall={"count_total": 1})),
             result=[{"exchange": "NSE", "token": "10100000001594",
                      "broker_symbol": "NSE:INFY-EQ", "isin": "INE009A01021", "quantity": 5,
                      "t1_quantity": 1, "collateral_quantity": 0, "average_price": "1400",
                      "last_price": "1510.5", "pnl": "552.5"}]),
        case("not_delivered", "holdings", {},
             step("GET", f"{API}/holdings",
                  ok(holdings=[holding | {"holdingType": "T1", "qty_t1": 0}], overall={})),
             result=[{"exchange": "NSE", "token": "10100000001594",
                      "broker_symbol": "NSE:INFY-EQ", "isin": "INE009A01021", "quantity": 0,
                      "t1_quantity": 5, "collateral_quantity": 0, "average_price": "1400",
                      "last_price": "1510.5", "pnl": "552.5"}]),
        case("nothing_held", "holdings", {},
             step("GET", f"{API}/holdings", ok(holdings=[], overall={})), result=[]),
        case("one_trade", "trades", {}, step("GET", f"{API}/tradebook", ok(tradeBook=[trade])),
             result=[{"trade_id": "52605023", "order_id": ORDER_ID, "exchange": "NSE",
                      "token": "10100000001594", "broker_symbol": "NSE:INFY-EQ", "side": "BUY",
                      "product": "CNC", "quantity": 4, "price": "1510.4",
                      "traded_at": "2026-11-20T10:59:59+05:30",
                      "exchange_order_id": "1100000001089341"}]),
        case("no_trades", "trades", {}, step("GET", f"{API}/tradebook", ok(tradeBook=[])),
             result=[]),
    ]  # fmt: skip


def margin_cases() -> list[Json]:
    share = {"symbol": "NSE:INFY-EQ", "qty": 1, "side": 1, "type": 1, "productType": "CNC",
             "limitPrice": 1510.5, "stopLoss": 0, "stopPrice": 0, "takeProfit": 0}  # fmt: skip
    option = share | {"symbol": "NSE:NIFTY26NOV26000CE", "qty": 65, "side": -1, "type": 2,
                      "productType": "MARGIN", "limitPrice": 0}  # fmt: skip
    other = {"symbol": OPTION, "side": "SELL", "quantity": 65, "product": "NRML",
             "order_type": "MARKET"}  # fmt: skip
    told = {"margin_avail": 1999.9, "margin_total": 150000.5, "margin_new_order": 150000.5}
    return [
        case("basket", "margin", {"orders": [ASKED | LIMIT, other]},
             step("POST", f"{API}/multiorder/margin", ok(data=told), {"data": [share, option]}),
             result={"total": "150000.5"}),
    ]  # fmt: skip


def quote_cases() -> list[Json]:
    short = {
        "ch": 12.5, "chp": 0.83, "lp": 1510.5, "spread": 0.1, "ask": 1510.6, "bid": 1510.4,
        "open_price": 1500, "high_price": 1512, "low_price": 1499.1, "prev_close_price": 1498,
        "atp": 1505.2, "volume": 12345, "short_name": "INFY-EQ", "exchange": "NSE",
        "description": "NSE:INFY-EQ", "original_name": "NSE:INFY-EQ", "symbol": "NSE:INFY-EQ",
        "fyToken": "10100000001594", "tt": "1795132800",
    }  # fmt: skip
    index = short | {"lp": 26000.05, "ch": 10.05, "chp": 0.04, "prev_close_price": 25990,
                     "open_price": 25990, "high_price": 26010, "low_price": 25980, "volume": 0,
                     "atp": 0, "symbol": "NSE:NIFTY50-INDEX",
                     "fyToken": "101000000026000"}  # fmt: skip
    read = {
        "exchange": "NSE", "token": "10100000001594", "last_price": "1510.5", "open": "1500",
        "high": "1512", "low": "1499.1", "close": "1498", "change": "12.5",
        "change_percent": "0.83", "volume": 12345, "average_price": "1505.2",
    }  # fmt: skip
    read_index = {
        "exchange": "NSE", "token": "101000000026000", "last_price": "26000.05",
        "open": "25990", "high": "26010", "low": "25980", "close": "25990", "change": "10.05",
        "change_percent": "0.04", "volume": 0,
    }  # fmt: skip
    book = {
        "totalbuyqty": 10, "totalsellqty": 20,
        "bids": [{"price": 1510.4, "volume": 7, "ord": 2}, {"price": 0, "volume": 0, "ord": 0}],
        "ask": [{"price": 1510.6, "volume": 3, "ord": 1}], "o": 1500, "h": 1512, "l": 1499.1,
        "c": 1498, "chp": 0.83, "tick_Size": 0.1, "ch": 12.5, "ltq": 5,
        "ltt": epoch("2026-11-20T11:04:58+05:30"), "ltp": 1510.5, "v": 12345, "atp": 1505.2,
        "lower_ckt": 1348.2, "upper_ckt": 1647.8, "expiry": "", "oi": 0, "oiflag": False,
        "pdoi": 0, "oipercent": 0.0,
    }  # fmt: skip
    read_book = read | {
        "open_interest": 0, "last_quantity": 5, "total_buy_quantity": 10,
        "total_sell_quantity": 20, "lower_circuit": "1348.2", "upper_circuit": "1647.8",
        "traded_at": "2026-11-20T11:04:58+05:30",
        "depth": {"bids": [{"price": "1510.4", "quantity": 7, "orders": 2}],
                  "asks": [{"price": "1510.6", "quantity": 3, "orders": 1}]},
    }  # fmt: skip

    def quoted(name: str, data: Json, state: str = "ok") -> Json:
        return {"n": name, "s": state, "v": data}

    infy, nifty = quote("NSE:INFY-EQ", safe=""), quote("NSE:NIFTY50-INDEX", safe="")
    mahindra = quote("NSE:M&M-EQ", safe="")
    other = short | {"lp": 3600.5, "symbol": "NSE:M&M-EQ", "fyToken": "10100000002031"}
    read_other = read | {"token": "10100000002031", "last_price": "3600.5"}
    return [
        case("full", "quotes", {"symbols": ["NSE:INFY"], "mode": "FULL"},
             step("GET", f"/data/depth?symbol={infy}&ohlcv_flag=1",
                  ok(d={"NSE:INFY-EQ": book})), result=[read_book]),
        case("one_request_each", "quotes", {"symbols": ["NSE:INFY", "NSE:M&M"], "mode": "FULL"},
             step("GET", f"/data/depth?symbol={infy}&ohlcv_flag=1", ok(d={"NSE:INFY-EQ": book})),
             step("GET", f"/data/depth?symbol={mahindra}&ohlcv_flag=1",
                  ok(d={"NSE:M&M-EQ": book | {"ltp": 3600.5}})),
             result=[read_book, read_book | {"token": "10100000002031", "last_price": "3600.5"}]),
        case("last_prices", "quotes", {"symbols": ["NSE:INFY", "NSE_INDEX:NIFTY"],
                                       "mode": "LTP"},
             step("GET", f"/data/quotes?symbols={infy}%2C{nifty}",
                  ok(d=[quoted("NSE:INFY-EQ", short), quoted("NSE:NIFTY50-INDEX", index),
                        quoted("NSE:OTHER-EQ", short)])), result=[read, read_index]),
        case("the_day", "quotes", {"symbols": ["NSE:INFY", "NSE:M&M"], "mode": "OHLC"},
             step("GET", f"/data/quotes?symbols={infy}%2C{mahindra}",
                  ok(d=[quoted("NSE:INFY-EQ", short), quoted("NSE:M&M-EQ", other)])),
             result=[read, read_other]),
        case("quote_of_nothing", "quotes", {"symbols": ["NSE:INFY"], "mode": "LTP"},
             step("GET", f"/data/quotes?symbols={infy}", bad(-300, "Invalid symbol")),
             error=failed("BrokerError", code="-300")),
    ]  # fmt: skip


def history_cases() -> list[Json]:
    span = {"start": "2026-11-19T09:15:00+05:30", "end": "2026-11-19T09:20:00+05:30"}
    at = epoch(span["start"])
    candle = [at, 1510, 1511.5, 1509.9, 1511, 1200]
    read = {"timestamp": span["start"], "open": "1510", "high": "1511.5", "low": "1509.9",
            "close": "1511", "volume": 1200}  # fmt: skip

    def path(symbol: str, resolution: str, interest: int = 0) -> str:
        return (
            f"/data/history?symbol={quote(symbol, safe='')}&resolution={resolution}&date_format=0"
            f"&range_from={at}&range_to={epoch(span['end'])}&cont_flag=0&oi_flag={interest}"
        )

    days = (
        f"/data/history?symbol={quote('NSE:INFY-EQ', safe='')}&resolution=1D&date_format=1"
        "&range_from=2026-11-19&range_to=2026-11-19&cont_flag=0&oi_flag=0"
    )
    day = epoch("2026-11-19T00:00:00+00:00")
    lengths = {"1m": "1", "3m": "3", "10m": "10", "15m": "15", "30m": "30", "1h": "60"}
    return [
        case("share", "history", {"symbol": "NSE:INFY", "interval": "5m"} | span,
             step("GET", path("NSE:INFY-EQ", "5"), ok(candles=[candle])), result=[read]),
        *(case(f"every_{ours}", "history", {"symbol": "NSE:INFY", "interval": ours} | span,
               step("GET", path("NSE:INFY-EQ", theirs), ok(candles=[candle])), result=[read])
          for ours, theirs in lengths.items()),
        case("option_with_open_interest", "history", {"symbol": OPTION, "interval": "1m"} | span,
             step("GET", path("NSE:NIFTY26NOV26000CE", "1", 1), ok(candles=[[*candle, 90]])),
             result=[read | {"oi": 90}]),
        case("days", "history", {"symbol": "NSE:INFY", "interval": "1d"} | span,
             step("GET", days, ok(candles=[[day, *candle[1:]]])),
             result=[read | {"timestamp": "2026-11-19T00:00:00+05:30"}]),
        case("holiday", "history", {"symbol": "NSE:INFY", "interval": "5m"} | span,
             step("GET", path("NSE:INFY-EQ", "5"),
                  {"body": {"s": "no_data", "candles": [], "message": ""}}), result=[]),
        case("bare_no_data", "history", {"symbol": "NSE:INFY", "interval": "5m"} | span,
             step("GET", path("NSE:INFY-EQ", "5"), {"body": {"s": "no_data"}}), result=[]),
    ]  # fmt: skip


def master_row(symbol: str, codes: tuple[int, int], **fields: Json) -> dict[str, Json]:
    one = BY[symbol]
    row = {
        "fyToken": one["token"], "symTicker": one["broker_symbol"], "symDetails": one["name"],
        "exchange": codes[0], "segment": codes[1], "exSeries": "XX", "optType": "XX",
        "exInstType": 0, "minLotSize": one.get("lot_size", 1), "isin": one.get("isin", ""),
        "tickSize": float(one.get("tick_size", 0)), "tradingSession": "0915-1530|1815-1915:",
        "lastUpdate": "2026-11-20", "expiryDate": "", "strikePrice": -1.0, "qtyFreeze": "",
        "tradeStatus": 1, "currencyCode": "INR", "qtyMultiplier": 1.0, "asmGsmVal": "",
        "originalExpDate": None, "is_mtf_tradable": 0, "mtf_margin": 0.0, "stream": "",
    }  # fmt: skip
    return row | fields


def master_cases() -> list[Json]:
    infy, nifty, option, crude, dollar, mahindra = INSTRUMENTS
    lot = {"minLotSize": 1}
    shares = [
        master_row("NSE:INFY", (10, 10), exSymbol="INFY", underSym="INFY", exSeries="EQ"),
        master_row("NSE:M&M", (10, 10), exSymbol="M&M", underSym="M&M", exSeries="EQ"),
        master_row("NSE_INDEX:NIFTY", (10, 10), exSymbol="NIFTY50", underSym="NIFTY",
                   exInstType=10, exSeries="INDEX"),
        master_row("NSE:INFY", (10, 10), symTicker="NSE:OLD-EQ", tradeStatus=0),
        master_row("NSE:INFY", (10, 10), symTicker="NSE:011NSETEST-EQ"),
        master_row("NSE:INFY", (10, 10), symTicker="NOTICKER"),
    ]  # fmt: skip
    call = {"exInstType": 14, "optType": "CE", "strikePrice": 26000.0, "underSym": "NIFTY",
            "exSymbol": "NIFTY", "expiryDate": str(epoch("2026-11-24T15:30:00+05:30"))}  # fmt: skip
    options = [
        master_row(OPTION, (10, 11), qtyFreeze="1800", **call),
        master_row(OPTION, (10, 11), **call | {"strikePrice": -1.0}),
        master_row(OPTION, (10, 11), **call | {"underSym": "BANKNIFTY", "exSymbol": "OTHER"}),
        master_row(OPTION, (10, 11), **call | {"optType": "XX"}),
    ]
    dollars = [
        master_row(DOLLAR, (10, 12), exInstType=16, exSymbol="USDINR", underSym="USDINR",
                   qtyMultiplier=1000.0, expiryDate=epoch("2026-12-29T12:30:00+05:30"), **lot),
        master_row(DOLLAR, (10, 12), exInstType=16, exSymbol="USDINR", underSym="USDINR",
                   qtyMultiplier=1000.0, expiryDate=epoch("2026-12-29T12:30:00+05:30"),
                   minLotSize=2),
    ]  # fmt: skip
    bse = [
        master_row("NSE:INFY", (12, 10), symTicker="BSE:INFY-A", fyToken="1210000000500209",
                   exSymbol="INFY", underSym="INFY", tickSize=0.05),
        master_row("NSE_INDEX:NIFTY", (12, 10), symTicker="BSE:SENSEX-INDEX", exInstType=10,
                   fyToken="121000000000001", underSym="SENSEX", symDetails="SENSEX-INDEX"),
    ]  # fmt: skip
    sensex = [
        master_row(OPTION, (12, 11), symTicker="BSE:SENSEX26NOVFUT", fyToken="1211261126825565",
                   symDetails="SENSEX 26 Nov 26 FUT", exInstType=11, exSymbol="BSX",
                   underSym="SENSEX", minLotSize=20,
                   expiryDate=epoch("2026-11-26T15:30:00+05:30")),
    ]  # fmt: skip
    metals = [
        master_row(CRUDE, (11, 20), exInstType=30, exSymbol="CRUDEOIL", underSym="",
                   qtyMultiplier=100, expiryDate=str(epoch("2026-12-18T23:30:00+05:30")), **lot),
        master_row(CRUDE, (10, 20), exInstType=30),
    ]  # fmt: skip

    def skipped(reason: str, symbol: str, ticker: str | None = None) -> Json:
        one = BY[symbol]
        return {"reason": reason, "row": f"{one['token']} {ticker or one['broker_symbol']}"}

    read = [
        {"lot_size": 1} | infy,
        {"lot_size": 1} | mahindra,
        {"lot_size": 1} | nifty,
        skipped("not allowed to trade", "NSE:INFY", "NSE:OLD-EQ"),
        skipped("a test security of the exchange", "NSE:INFY", "NSE:011NSETEST-EQ"),
        skipped("the token or the ticker is missing", "NSE:INFY", "NOTICKER"),
        option,
        skipped("an option without a strike", OPTION),
        skipped("a derivative without a name or an expiry", OPTION),
        skipped("neither a future nor an option", OPTION),
        dollar,
        skipped("how many units a lot has is not known", DOLLAR),
        {"exchange": "BSE", "symbol": "BSE:INFY", "type": "EQUITY", "token": "1210000000500209",
         "broker_symbol": "BSE:INFY-A", "name": "INFOSYS LIMITED", "lot_size": 1,
         "tick_size": "0.05", "isin": "INE009A01021"},
        {"exchange": "BSE_INDEX", "symbol": "BSE_INDEX:SENSEX", "type": "INDEX", "lot_size": 1,
         "token": "121000000000001", "broker_symbol": "BSE:SENSEX-INDEX",
         "name": "SENSEX-INDEX"},
        {"exchange": "BFO", "symbol": "BFO:SENSEX26NOV26FUT", "type": "FUTURE",
         "token": "1211261126825565", "broker_symbol": "BSE:SENSEX26NOVFUT",
         "name": "SENSEX 26 Nov 26 FUT", "underlying": "SENSEX", "expiry": "2026-11-26",
         "lot_size": 20, "tick_size": "0.05"},
        crude,
        skipped("segment '10/20' is not known", CRUDE),
    ]  # fmt: skip
    files = {"NSE_CM": shares, "NSE_FO": options, "NSE_CD": dollars, "BSE_CM": bse,
             "BSE_FO": sensex, "MCX_COM": metals}  # fmt: skip

    def fetched(name: str, rows: list[Json]) -> Json:
        keyed = {f"{row['symTicker']} {n}": row for n, row in enumerate(rows)}
        request = {"method": "GET", "path": f"/sym_details/{name}_sym_master.json",
                   "headers": {"Authorization": None}}  # fmt: skip
        return {"request": request, "reply": {"text": json.dumps(keyed)}}

    steps = [fetched(name, rows) for name, rows in files.items()]
    return [
        case("all", "master", {}, *steps, result=read),
        case("no_master", "master", {},
             {"request": steps[0]["request"], "reply": {"text": "<html>"}},
             error=failed("MalformedReply")),
    ]  # fmt: skip


def raw_cases() -> list[Json]:
    told = {"s": "ok", "marketStatus": [{"exchange": 10, "status": "OPEN"}]}
    return [
        case("get", "raw", {"method": "GET", "path": "/data/marketStatus"},
             step("GET", "/data/marketStatus", {"body": told}), result=told),
        case("no_writes", "raw", {"method": "POST", "path": ORDERS},
             error=failed("Unsupported", "NOT_SENT")),
    ]  # fmt: skip


WORLD: dict[str, Json] = {
    "now": "2026-11-20T11:05:00+05:30",
    "credentials": {"api_key": APP, "api_secret": SECRET, "redirect_uri": REDIRECT,
                    "auth_code": CODE, "pin": PIN},
    "session": {"account": "XA00011",
                "tokens": {"api_key": APP, "access_token": TOKEN, "app_id_hash": PROOF,
                           "refresh_token": REFRESH, "pin": PIN}},
    "headers": {},
    "refusal": bad(-50, "Price should be in multiples of tick size."),
    "instruments": INSTRUMENTS,
}  # fmt: skip


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    files = {
        "world": WORLD,
        "place_order": place_cases(),
        "refusals": refusal_cases(),
        "orders": book_cases(),
        "changes": change_cases(),
        "rules": rule_cases(),
        "account": account_cases(),
        "portfolio": portfolio_cases(),
        "margin": margin_cases(),
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
