"""Writes the golden cases of Angel One: ``python tests/cases/write_angelone.py``.

The cases are data, transcribed from the SmartAPI documentation and public captures (see
``openbroker/adapters/angelone.py`` for the sources); this script only saves writing the same
envelope a hundred times.  It imports nothing of openbroker on purpose: what an order looks like on
the wire is stated here a second time, not computed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from writing import case

FOLDER = Path(__file__).parent / "angelone"
S = "/rest/secure/angelbroking"
A = "/rest/auth/angelbroking"
JWT, REFRESH, FEED, KEY = (
    "eyJhbGciOi.JWT.canary",
    "eyJ.REFRESH.canary",
    "eyJ.FEED.canary",
    "k3yCanary",
)

Json = Any

INSTRUMENTS: list[dict[str, Json]] = [
    {"exchange": "NSE", "symbol": "NSE:SBIN", "type": "EQUITY", "token": "3045",
     "broker_symbol": "SBIN-EQ", "name": "SBIN", "tick_size": "0.05", "series": "EQ"},
    {"exchange": "NSE", "symbol": "NSE:RELIANCE", "type": "EQUITY", "token": "2885",
     "broker_symbol": "RELIANCE-EQ", "name": "RELIANCE", "tick_size": "0.1", "series": "EQ"},
    {"exchange": "BSE", "symbol": "BSE:RELIANCE", "type": "EQUITY", "token": "500325",
     "broker_symbol": "RELIANCE", "name": "RELIANCE", "tick_size": "0.05"},
    {"exchange": "NSE_INDEX", "symbol": "NSE_INDEX:NIFTY", "type": "INDEX", "token": "99926000",
     "broker_symbol": "Nifty 50", "name": "NIFTY"},
    {"exchange": "NFO", "symbol": "NFO:NIFTY24NOV2626000CE", "type": "OPTION", "token": "42885",
     "broker_symbol": "NIFTY24NOV2626000CE", "name": "NIFTY", "underlying": "NIFTY",
     "expiry": "2026-11-24", "strike": "26000", "right": "CE", "lot_size": 75,
     "tick_size": "0.05"},
    {"exchange": "NFO", "symbol": "NFO:BANKNIFTY29DEC26FUT", "type": "FUTURE", "token": "53001",
     "broker_symbol": "BANKNIFTY29DEC26FUT", "name": "BANKNIFTY", "underlying": "BANKNIFTY",
     "expiry": "2026-12-29", "lot_size": 35, "tick_size": "0.2"},
    {"exchange": "MCX", "symbol": "MCX:CRUDEOIL18DEC26FUT", "type": "FUTURE", "token": "430001",
     "broker_symbol": "CRUDEOIL18DEC26FUT", "name": "CRUDEOIL", "underlying": "CRUDEOIL",
     "expiry": "2026-12-18", "lot_size": 100, "tick_size": "1"},
    {"exchange": "CDS", "symbol": "CDS:USDINR29DEC26FUT", "type": "FUTURE", "token": "1234",
     "broker_symbol": "USDINR26DECFUT", "name": "USDINR", "underlying": "USDINR",
     "expiry": "2026-12-29", "lot_size": 1000, "tick_size": "0.0025"},
]  # fmt: skip
"""What the cases trade; tokens as published where they are known."""

WORLD: dict[str, Json] = {
    "now": "2026-11-20T11:05:00+05:30",
    "credentials": {"api_key": KEY, "client_code": "A000001", "pin": "4917", "totp": "123456"},
    "session": {
        "account": "A000001",
        "tokens": {"api_key": KEY, "jwt": JWT, "refresh": REFRESH, "feed": FEED},
    },
    "headers": {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "X-UserType": "USER",
        "X-SourceID": "WEB",
        "X-ClientLocalIP": "127.0.0.1",
        "X-ClientPublicIP": "127.0.0.1",
        "X-MACAddress": "00:00:00:00:00:00",
        "X-PrivateKey": KEY,
    },
    "refusal": {
        "body": {"status": False, "message": "Symbol Not Found", "errorcode": "AB1009",
                 "data": None}
    },
    "instruments": INSTRUMENTS,
}  # fmt: skip


# -- parts of cases


def ok(data: Json) -> dict[str, Json]:
    return {"body": {"status": True, "message": "SUCCESS", "errorcode": "", "data": data}}


def refused(code: str, message: str, *, status: int = 200) -> dict[str, Json]:
    body = {"status": False, "message": message, "errorcode": code, "data": None}
    return {"status": status, "body": body}


def post(path: str, body: Json, reply: Json, *, root: str = S, jwt: str | None = JWT) -> Json:
    return _step("POST", root + path, reply, jwt) | {
        "request": _request("POST", root + path, jwt) | {"body": body}
    }


def get(path: str, reply: Json) -> Json:
    return _step("GET", S + path, reply, JWT)


def _request(method: str, path: str, jwt: str | None) -> dict[str, Json]:
    authorization = None if jwt is None else f"Bearer {jwt}"
    return {"method": method, "path": path, "headers": {"Authorization": authorization}}


def _step(method: str, path: str, reply: Json, jwt: str | None) -> dict[str, Json]:
    return {"request": _request(method, path, jwt), "reply": reply}


def failed(kind: str, outcome: str | None = None, code: str | None = None) -> dict[str, Json]:
    return {"class": kind, "outcome": outcome, "code": code}


# -- orders

ORDER_ID, UNIQUE = "261120000000111", "b2f0c1de-0000-4000-8000-000000000001"
RECEIVED = ok({"script": "SBIN-EQ", "orderid": ORDER_ID, "uniqueorderid": UNIQUE})
BY = {row["symbol"]: row for row in INSTRUMENTS}


def order_body(symbol: str, **fields: str) -> dict[str, str]:
    row = BY[symbol]
    body = {
        "variety": "NORMAL",
        "exchange": row["exchange"],
        "symboltoken": row["token"],
        "tradingsymbol": row["broker_symbol"],
        "transactiontype": "BUY",
        "ordertype": "LIMIT",
        "producttype": "DELIVERY",
        "duration": "DAY",
        "price": "0",
        "quantity": "1",
        "ordertag": "$tag",
    }
    return body | fields


def order_args(symbol: str, **fields: Json) -> dict[str, Json]:
    return {"symbol": symbol, "side": "BUY", "quantity": 1, "product": "CNC"} | fields


def ack(variety: str, order_id: str = ORDER_ID, unique: str | None = UNIQUE) -> dict[str, Json]:
    handle = {"variety": variety} | ({"uniqueorderid": unique} if unique else {})
    return {"order_id": order_id, "handle": handle}


def placed(name: str, args: Json, body: Json, variety: str = "NORMAL") -> dict[str, Json]:
    return case(
        name, "place_order", args, post("/order/v1/placeOrder", body, RECEIVED), result=ack(variety)
    )


def place_cases() -> list[Json]:
    sbin, nifty, bank = "NSE:SBIN", "NFO:NIFTY24NOV2626000CE", "NFO:BANKNIFTY29DEC26FUT"
    crude, usd = "MCX:CRUDEOIL18DEC26FUT", "CDS:USDINR29DEC26FUT"
    limit: dict[str, Json] = {"order_type": "LIMIT", "price": "812.5"}
    return [
        placed("limit", order_args(sbin, **limit), order_body(sbin, price="812.5")),
        placed("market", order_args(sbin, order_type="MARKET"),
               order_body(sbin, ordertype="MARKET")),
        placed("market_with_the_brokers_band",
               order_args(sbin, order_type="MARKET", market_protection="broker"),
               order_body(sbin, ordertype="MARKET")),
        placed("stop_limit", order_args(sbin, order_type="SL", price="815", trigger_price="814.5"),
               order_body(sbin, variety="STOPLOSS", ordertype="STOPLOSS_LIMIT", price="815",
                          triggerprice="814.5"), "STOPLOSS"),
        placed("stop_market", order_args(sbin, order_type="SL-M", trigger_price="814.5"),
               order_body(sbin, variety="STOPLOSS", ordertype="STOPLOSS_MARKET",
                          triggerprice="814.5"), "STOPLOSS"),
        placed("sell", order_args(sbin, side="SELL", **limit),
               order_body(sbin, transactiontype="SELL", price="812.5")),
        placed("intraday", order_args(sbin, product="MIS", **limit),
               order_body(sbin, producttype="INTRADAY", price="812.5")),
        placed("margin_funded", order_args(sbin, product="MTF", **limit),
               order_body(sbin, producttype="MARGIN", price="812.5")),
        placed("carried_forward",
               order_args(nifty, quantity=75, product="NRML", order_type="LIMIT", price="29.8"),
               order_body(nifty, producttype="CARRYFORWARD", price="29.8", quantity="75")),
        placed("lots",
               {"symbol": bank, "side": "SELL", "lots": 2, "product": "MIS",
                "order_type": "LIMIT", "price": "58000.2"},
               order_body(bank, transactiontype="SELL", producttype="INTRADAY", price="58000.2",
                          quantity="70")),
        placed("ioc", order_args(sbin, validity="IOC", **limit),
               order_body(sbin, duration="IOC", price="812.5")),
        placed("disclosed", order_args(sbin, quantity=100, disclosed_quantity=20, **limit),
               order_body(sbin, price="812.5", quantity="100", disclosedquantity="20")),
        placed("after_market", order_args(sbin, after_market=True, **limit),
               order_body(sbin, variety="AMO", price="812.5"), "AMO"),
        placed("after_market_stop",
               order_args(sbin, after_market=True, order_type="SL-M", trigger_price="814.5"),
               order_body(sbin, variety="AMO", ordertype="STOPLOSS_MARKET",
                          triggerprice="814.5"), "AMO"),
        placed("bracket",
               order_args(sbin, product="MIS", bracket_target="5", bracket_stop="3.05",
                          bracket_trail="1", **limit),
               order_body(sbin, variety="ROBO", producttype="BO", price="812.5", squareoff="5",
                          stoploss="3.05", trailingStopLoss="1"), "ROBO"),
        placed("cautioned_against", order_args(sbin, accept_caution=True, **limit),
               order_body(sbin, price="812.5", scripconsent="yes")),
        case("bracket_after_market", "place_order",
             order_args(sbin, product="MIS", bracket_target="5", bracket_stop="3",
                        after_market=True, **limit), error=failed("Unsupported", "NOT_SENT")),
        placed("labelled", order_args(sbin, tag="algo7", **limit),
               order_body(sbin, price="812.5")),
        placed("bse", order_args("BSE:RELIANCE", order_type="LIMIT", price="1500.05"),
               order_body("BSE:RELIANCE", price="1500.05")),
        placed("commodity_in_units",
               order_args(crude, quantity=100, product="NRML", order_type="LIMIT", price="5400"),
               order_body(crude, producttype="CARRYFORWARD", price="5400", quantity="100")),
        placed("currency",
               order_args(usd, quantity=1000, product="NRML", order_type="LIMIT", price="88.25"),
               order_body(usd, producttype="CARRYFORWARD", price="88.25", quantity="1000")),
        case("order_id_as_a_number", "place_order", order_args(sbin, **limit),
             post("/order/v1/placeOrder", order_body(sbin, price="812.5"),
                  ok({"script": "SBIN-EQ", "orderid": 261120000000111})),
             result=ack("NORMAL", unique=None)),
        case("flag_as_text", "place_order", order_args(sbin, **limit),
             post("/order/v1/placeOrder", order_body(sbin, price="812.5"),
                  {"body": {"status": "TRUE", "data": {"orderid": ORDER_ID}}}),
             result=ack("NORMAL", unique=None)),
        case("carry_forward_on_cash", "place_order", order_args(sbin, product="NRML", **limit),
             error=failed("Unsupported", "NOT_SENT")),
        case("delivery_on_derivatives", "place_order",
             order_args(nifty, quantity=75, order_type="LIMIT", price="29.8"),
             error=failed("Unsupported", "NOT_SENT")),
        case("stop_market_on_an_option", "place_order",
             order_args(nifty, quantity=75, product="MIS", order_type="SL-M", trigger_price="29"),
             error=failed("Unsupported", "NOT_SENT")),
        case("ioc_on_a_commodity", "place_order",
             order_args(crude, quantity=100, product="MIS", validity="IOC", order_type="LIMIT",
                        price="5400"),
             error=failed("Unsupported", "NOT_SENT")),
        case("own_protection", "place_order",
             order_args(sbin, order_type="MARKET", market_protection="2"),
             error=failed("Unsupported", "NOT_SENT")),
    ]  # fmt: skip


def book_row(**fields: Json) -> dict[str, Json]:
    row = {
        "variety": "NORMAL", "ordertype": "LIMIT", "producttype": "INTRADAY", "duration": "DAY",
        "price": 194.0, "triggerprice": 0.0, "quantity": "1", "disclosedquantity": "0",
        "squareoff": 0.0, "stoploss": 0.0, "trailingstoploss": 0.0, "tradingsymbol": "SBIN-EQ",
        "transactiontype": "BUY", "exchange": "NSE", "symboltoken": "3045", "ordertag": "",
        "instrumenttype": "", "strikeprice": -1.0, "optiontype": "", "expirydate": "",
        "lotsize": "1", "cancelsize": "0", "averageprice": 0.0, "filledshares": "0",
        "unfilledshares": "1", "orderid": ORDER_ID, "text": "", "status": "open",
        "orderstatus": "open", "updatetime": "20-Nov-2026 09:41:30",
        "exchtime": "20-Nov-2026 09:41:30", "exchorderupdatetime": "20-Nov-2026 09:41:30",
        "fillid": "", "filltime": "", "parentorderid": "", "uniqueorderid": UNIQUE,
        "exchangeorderid": "1100000000048358",
    }  # fmt: skip
    return row | fields


def order_row(**fields: Json) -> dict[str, Json]:
    """The result of :func:`book_row`."""
    row = {
        "exchange": "NSE", "token": "3045", "broker_symbol": "SBIN-EQ", "order_id": ORDER_ID,
        "status": "OPEN", "side": "BUY", "order_type": "LIMIT", "product": "MIS",
        "validity": "DAY", "quantity": 1, "filled_quantity": 0, "pending_quantity": 1,
        "cancelled_quantity": 0, "disclosed_quantity": 0, "price": "194",
        "placed_at": "2026-11-20T09:41:30+05:30", "updated_at": "2026-11-20T09:41:30+05:30",
        "exchange_order_id": "1100000000048358", "after_market": False,
        "handle": {"variety": "NORMAL", "uniqueorderid": UNIQUE},
    }  # fmt: skip
    changed = row | fields
    return {key: value for key, value in changed.items() if value is not None}


def cancel_body(variety: str) -> dict[str, str]:
    return {"variety": variety, "orderid": ORDER_ID}


CHANGED = ok({"orderid": ORDER_ID, "uniqueorderid": UNIQUE})


def cancel_cases() -> list[Json]:
    def cancelled(name: str, handle: Json, *exchanges: Json, variety: str) -> dict[str, Json]:
        args = {"order_id": ORDER_ID, "handle": handle}
        return case(name, "cancel_order", args, *exchanges, result=ack(variety))

    def cancel(variety: str) -> Json:
        return post("/order/v1/cancelOrder", cancel_body(variety), CHANGED)

    book = get("/order/v1/getOrderBook", ok([book_row(variety="STOPLOSS")]))
    bare = get("/order/v1/getOrderBook", ok([book_row(variety=None)]))
    return [
        cancelled("normal", {"variety": "NORMAL"}, cancel("NORMAL"), variety="NORMAL"),
        cancelled("stop", {"variety": "STOPLOSS"}, cancel("STOPLOSS"), variety="STOPLOSS"),
        cancelled("bracket", {"variety": "ROBO"}, cancel("ROBO"), variety="ROBO"),
        cancelled("after_market_is_cancelled_as_normal", {"variety": "AMO"}, cancel("NORMAL"),
                  variety="AMO"),
        cancelled("bare_id_reads_the_book", {}, book, cancel("STOPLOSS"), variety="STOPLOSS"),
        cancelled("row_without_a_variety", {}, bare, cancel("NORMAL"), variety="NORMAL"),
        case("bare_id_not_in_the_book", "cancel_order", {"order_id": "1"},
             get("/order/v1/getOrderBook", ok(None)), error=failed("OrderNotFound", "NOT_SENT")),
        case("invalid_variety", "cancel_order",
             {"order_id": ORDER_ID, "handle": {"variety": "STOPLOSS"}},
             post("/order/v1/cancelOrder", cancel_body("STOPLOSS"),
                  refused("AB1007", "Invalid Order Variety")),
             error=failed("OrderRejected", "REJECTED", "AB1007")),
    ]  # fmt: skip


def modify_cases() -> list[Json]:
    def body(**fields: str) -> dict[str, str]:
        return {
            "variety": "NORMAL", "orderid": ORDER_ID, "ordertype": "LIMIT",
            "producttype": "INTRADAY", "duration": "DAY", "price": "194", "quantity": "1",
            "tradingsymbol": "SBIN-EQ", "symboltoken": "3045", "exchange": "NSE",
        } | fields  # fmt: skip

    def modified(
        name: str, change: Json, sent: Json, *, row: Json | None = None, variety: str = "NORMAL"
    ) -> dict[str, Json]:
        args = {"order_id": ORDER_ID, "handle": {"uniqueorderid": UNIQUE}} | change
        read = get(f"/order/v1/details/{UNIQUE}", ok(row or book_row()))
        sending = post("/order/v1/modifyOrder", sent, CHANGED)
        return case(name, "modify_order", args, read, sending, result=ack(variety))

    stop = book_row(variety="STOPLOSS", ordertype="STOPLOSS_LIMIT", triggerprice=193.5,
                    status="trigger pending", orderstatus="trigger pending")  # fmt: skip
    return [
        modified("price_only", {"price": "195.5"}, body(price="195.5")),
        modified("quantity_only", {"quantity": 3}, body(quantity="3")),
        modified("validity", {"validity": "IOC"}, body(duration="IOC")),
        modified("to_stop_limit", {"order_type": "SL", "price": "195", "trigger_price": "194.5"},
                 body(variety="STOPLOSS", ordertype="STOPLOSS_LIMIT", price="195",
                      triggerprice="194.5"), variety="STOPLOSS"),
        modified("to_stop_market", {"order_type": "SL-M", "trigger_price": "194.5"},
                 body(variety="STOPLOSS", ordertype="STOPLOSS_MARKET", price="0",
                      triggerprice="194.5"), variety="STOPLOSS"),
        modified("to_market", {"order_type": "MARKET"}, body(ordertype="MARKET", price="0")),
        modified("a_stop_keeps_its_trigger", {"price": "194.5"},
                 body(variety="STOPLOSS", ordertype="STOPLOSS_LIMIT", price="194.5",
                      triggerprice="193.5"), row=stop, variety="STOPLOSS"),
        modified("stop_to_limit", {"order_type": "LIMIT"},
                 body(), row=stop, variety="NORMAL"),
        modified("after_market", {"price": "195.5"}, body(variety="AMO", price="195.5"),
                 row=book_row(variety="AMO"), variety="AMO"),
        modified("numbers_as_text", {"quantity": 2}, body(price="194.05", quantity="2"),
                 row=book_row(price="194.05", quantity=1)),
        case("not_in_open_state", "modify_order",
             {"order_id": ORDER_ID, "handle": {"uniqueorderid": UNIQUE}, "price": "195.5"},
             get(f"/order/v1/details/{UNIQUE}", ok(book_row())),
             post("/order/v1/modifyOrder", body(price="195.5"),
                  refused("AB1007", "Order is not in open state")),
             error=failed("OrderNotModifiable", "REJECTED", "AB1007")),
        case("order_unknown_to_the_broker", "modify_order",
             {"order_id": ORDER_ID, "handle": {"uniqueorderid": UNIQUE}, "price": "195.5"},
             get(f"/order/v1/details/{UNIQUE}", refused("AB1007", "Order not found")),
             error=failed("OrderNotFound", "NOT_SENT", "AB1007")),
    ]  # fmt: skip


STATUSES = {
    "PENDING": ["put order req received", "validation pending", "open pending"],
    "OPEN": ["open", "modified", "not modified", "not cancelled", "modify pending",
             "modify validation pending", "cancel pending"],
    "TRIGGER_PENDING": ["trigger pending"],
    "FILLED": ["complete"],
    "CANCELLED": ["cancelled"],
    "REJECTED": ["rejected"],
    "UNKNOWN": ["something new"],
}  # fmt: skip


def orders_cases() -> list[Json]:
    def orders(name: str, rows: Json, result: Json) -> dict[str, Json]:
        return case(name, "orders", {}, get("/order/v1/getOrderBook", ok(rows)), result=result)

    words = [(common, word) for common, listed in STATUSES.items() for word in listed]
    amo_words = {
        "PENDING": ["after market order req received", "modify after market order req received"],
        "CANCELLED": ["cancelled after market order"],
    }
    amo = [(common, word) for common, listed in amo_words.items() for word in listed]
    as_text = book_row(price="194.00", triggerprice="0", quantity=10, averageprice="193.9500",
                       filledshares=4.0, unfilledshares="6", strikeprice="-1", lotsize=1,
                       ordertag="algoABCDEFGX")  # fmt: skip
    partial = order_row(quantity=10, filled_quantity=4, pending_quantity=6,
                        average_price="193.95", wire_tag="algoABCDEFGX")  # fmt: skip
    return [
        orders("full", [book_row()], [order_row()]),
        orders("null", None, []),
        orders("empty_list", [], []),
        orders("empty_text", "", []),
        orders("mixed_number_types", [as_text], [partial]),
        orders("every_status",
               [book_row(orderid=str(n), orderstatus=word, status="open")
                for n, (_, word) in enumerate(words)],
               [order_row(order_id=str(n), status=common)
                for n, (common, _) in enumerate(words)]),
        orders("every_after_market_status",
               [book_row(orderid=str(n), orderstatus=word, status=word, variety="AMO")
                for n, (_, word) in enumerate(amo)],
               [order_row(order_id=str(n), status=common, after_market=True,
                          handle={"variety": "AMO", "uniqueorderid": UNIQUE})
                for n, (common, _) in enumerate(amo)]),
        orders("state_before_last_event",
               [book_row(status="modified", orderstatus="trigger pending")],
               [order_row(status="TRIGGER_PENDING")]),
        orders("last_event_where_the_state_is_missing",
               [book_row(status="complete", orderstatus="")], [order_row(status="FILLED")]),
        orders("rejected_with_reason",
               [book_row(status="rejected", orderstatus="rejected", exchtime="",
                         exchorderupdatetime="", exchangeorderid="",
                         text="RMS:Blocked for nse_cm CARRYFWD ...")],
               [order_row(status="REJECTED", placed_at=None, exchange_order_id=None,
                          message="RMS:Blocked for nse_cm CARRYFWD ...")]),
        orders("bracket_from_the_app",
               [book_row(variety="ROBO", producttype="BO", squareoff=5.0, stoploss=3.0,
                         parentorderid="261120000000099")],
               [order_row(product=None, parent_order_id="261120000000099",
                          handle={"variety": "ROBO", "uniqueorderid": UNIQUE})]),
        orders("commodity_of_another_exchange",
               [book_row(exchange="NCDEX", tradingsymbol="GUARSEED20DEC26", symboltoken="77",
                         quantity="1E1", price="5.2105E3")],
               [order_row(exchange="NCDEX", token="77", broker_symbol="GUARSEED20DEC26",
                          quantity=10, price="5210.5")]),
        orders("foreign_words",
               [book_row(exchange="GIFT", ordertype="ICEBERG", producttype="XYZ",
                         duration="GTD", transactiontype="SHORT", orderstatus="parked",
                         newfield={"a": 1})],
               [order_row(exchange=None, order_type=None, product=None, validity=None, side=None,
                          status="UNKNOWN")]),
        orders("times_of_no_known_form",
               [book_row(updatetime="0", exchtime="-", exchorderupdatetime="NA")],
               [order_row(placed_at=None, updated_at=None)]),
    ]  # fmt: skip


def order_cases() -> list[Json]:
    by_unique = {"order_id": ORDER_ID, "handle": {"uniqueorderid": UNIQUE}}
    details = f"/order/v1/details/{UNIQUE}"
    return [
        case("by_unique_id", "order", by_unique, get(details, ok(book_row())), result=order_row()),
        case("by_book", "order", {"order_id": ORDER_ID},
             get("/order/v1/getOrderBook", ok([book_row(orderid="1"), book_row()])),
             result=order_row()),
        case("not_in_the_book", "order", {"order_id": "7"},
             get("/order/v1/getOrderBook", ok([book_row()])), error=failed("OrderNotFound")),
        case("unknown_to_the_broker", "order", by_unique,
             get(details, refused("AB1007", "Order not found")),
             error=failed("OrderNotFound", None, "AB1007")),
        case("another_order", "order", by_unique, get(details, ok(book_row(orderid="1"))),
             error=failed("MalformedReply")),
        case("no_order", "order", by_unique, get(details, ok(None)),
             error=failed("MalformedReply")),
    ]  # fmt: skip


def trades_cases() -> list[Json]:
    row = {
        "exchange": "NSE", "producttype": "DELIVERY", "tradingsymbol": "SBIN-EQ",
        "instrumenttype": "", "symbolgroup": "EQ", "strikeprice": "-1", "optiontype": "",
        "expirydate": "", "marketlot": "1", "precision": "2", "multiplier": "-1",
        "tradevalue": "812.40", "transactiontype": "BUY", "fillprice": "812.40", "fillsize": "1",
        "orderid": "261120000000095", "fillid": "50001234", "filltime": "11:02:13",
    }  # fmt: skip
    read = {
        "exchange": "NSE", "broker_symbol": "SBIN-EQ", "trade_id": "50001234",
        "order_id": "261120000000095", "side": "BUY", "product": "CNC", "quantity": 1,
        "price": "812.4", "traded_at": "2026-11-20T11:02:13+05:30",
    }  # fmt: skip
    foreign = row | {"exchange": "NCDEX", "producttype": "BO", "tradingsymbol": "GUAR",
                     "fillprice": 5.2105e3, "fillsize": 1.0e1, "new": 1}  # fmt: skip
    foreign_read = read | {"exchange": "NCDEX", "broker_symbol": "GUAR", "price": "5210.5",
                           "quantity": 10}  # fmt: skip
    del foreign_read["product"]
    dated = row | {"filltime": "19-Nov-2026 15:29:59"}
    return [
        case("full", "trades", {}, get("/order/v1/getTradeBook", ok([row])), result=[read]),
        *_empties("trades", "/order/v1/getTradeBook"),
        case("foreign", "trades", {}, get("/order/v1/getTradeBook", ok([foreign])),
             result=[foreign_read]),
        case("time_with_its_day", "trades", {}, get("/order/v1/getTradeBook", ok([dated])),
             result=[read | {"traded_at": "2026-11-19T15:29:59+05:30"}]),
    ]  # fmt: skip


def _empties(operation: str, path: str) -> list[Json]:
    empties = {"null": None, "empty_list": [], "empty_text": ""}
    return [
        case(name, operation, {}, get(path, ok(data)), result=[]) for name, data in empties.items()
    ]


# -- portfolio


def position_row(**fields: Json) -> dict[str, Json]:
    return {
        "exchange": "NFO", "symboltoken": "42885", "producttype": "CARRYFORWARD",
        "tradingsymbol": "NIFTY24NOV2626000CE", "symbolname": "NIFTY", "instrumenttype": "OPTIDX",
        "priceden": "1", "pricenum": "1", "genden": "1", "gennum": "1", "precision": "2",
        "multiplier": "-1", "boardlotsize": "1", "buyqty": "75", "sellqty": "0",
        "buyamount": "2235.80", "sellamount": "0", "symbolgroup": "XX", "strikeprice": "26000.0",
        "optiontype": "CE", "expirydate": "24NOV2026", "lotsize": "75", "cfbuyqty": "0",
        "cfsellqty": "0", "cfbuyamount": "0", "cfsellamount": "0", "buyavgprice": "29.81",
        "sellavgprice": "0", "avgnetprice": "29.81", "netvalue": "- 2235.80", "netqty": "75",
        "totalbuyvalue": "2235.80", "totalsellvalue": "0", "cfbuyavgprice": "0",
        "cfsellavgprice": "0", "totalbuyavgprice": "29.81", "totalsellavgprice": "0",
        "netprice": "29.81", "ltp": "31.2", "close": "28.0", "unrealised": "104.25",
        "realised": "0", "pnl": "104.25",
    } | fields  # fmt: skip


def positions_cases() -> list[Json]:
    path = "/order/v1/getPosition"
    read = {
        "exchange": "NFO", "token": "42885", "broker_symbol": "NIFTY24NOV2626000CE",
        "product": "NRML", "quantity": 75, "overnight_quantity": 0, "buy_quantity": 75,
        "sell_quantity": 0, "buy_price": "29.81", "average_price": "29.81", "last_price": "31.2",
        "close_price": "28", "pnl": "104.25", "realised_pnl": "0", "unrealised_pnl": "104.25",
    }  # fmt: skip
    as_documented = {
        key: value
        for key, value in position_row().items()
        if key not in ("ltp", "close", "unrealised", "realised", "pnl")
    }
    documented = {key: value for key, value in read.items()
                  if key not in ("last_price", "close_price") and "pnl" not in key}  # fmt: skip
    loss = position_row(netqty="- 75", buyqty="0", sellqty="75", pnl="- 2,235.80",
                        unrealised="- 2235.80", cfsellqty="75")  # fmt: skip
    short = read | {"quantity": -75, "buy_quantity": 0, "sell_quantity": 75, "pnl": "-2235.8",
                    "unrealised_pnl": "-2235.8", "overnight_quantity": -75}  # fmt: skip
    foreign = position_row(exchange="NCDEX", producttype="BO", netqty=1.0e2, ltp=3.12e1, new="x")
    foreign_read = read | {"exchange": "NCDEX", "quantity": 100}
    del foreign_read["product"]
    return [
        case("full", "positions", {}, get(path, ok([position_row()])), result=[read]),
        case("as_the_documentation_prints_it", "positions", {}, get(path, ok([as_documented])),
             result=[documented]),
        case("blank_after_the_minus", "positions", {}, get(path, ok([loss])), result=[short]),
        case("squared_off", "positions", {},
             get(path, ok([position_row(netqty="0", sellqty="75")])),
             result=[read | {"quantity": 0, "sell_quantity": 75}]),
        case("foreign", "positions", {}, get(path, ok([foreign])), result=[foreign_read]),
        *_empties("positions", path),
    ]  # fmt: skip


HOLDING = {
    "tradingsymbol": "SBIN-EQ", "exchange": "NSE", "isin": "INE062A01020", "t1quantity": 0,
    "realisedquantity": 10, "quantity": 10, "authorisedquantity": 0, "product": "DELIVERY",
    "collateralquantity": None, "collateraltype": None, "haircut": 0, "averageprice": 700.0,
    "ltp": 812.4, "symboltoken": "3045", "close": 807.1, "profitandloss": 1124,
    "pnlpercentage": 16.06,
}  # fmt: skip
HOLDING_READ = {
    "exchange": "NSE", "token": "3045", "broker_symbol": "SBIN-EQ", "isin": "INE062A01020",
    "product": "CNC", "quantity": 10, "t1_quantity": 0, "average_price": "700",
    "last_price": "812.4", "close_price": "807.1", "pnl": "1124", "pnl_percent": "16.06",
}  # fmt: skip
TOTALS = {"totalholdingvalue": 8124, "totalinvvalue": 7000, "totalprofitandloss": 1124,
          "totalpnlpercentage": 16.06}  # fmt: skip


def holdings_cases() -> list[Json]:
    path = "/portfolio/v1/getHolding"
    as_text = HOLDING | {"quantity": "10", "averageprice": "7.0E2", "ltp": "812.40",
                         "profitandloss": "1,124", "collateralquantity": "2"}  # fmt: skip
    foreign = HOLDING | {"product": "PLEDGED", "exchange": "GIFT", "new": []}
    foreign_read = {k: v for k, v in HOLDING_READ.items() if k not in ("product", "exchange")}
    return [
        case("bare_list", "holdings", {}, get(path, ok([HOLDING])), result=[HOLDING_READ]),
        case("with_totals", "holdings", {},
             get(path, ok({"holdings": [HOLDING], "totalholding": TOTALS})),
             result=[HOLDING_READ]),
        case("with_null_holdings", "holdings", {},
             get(path, ok({"holdings": None, "totalholding": None})), result=[]),
        case("numbers_as_text", "holdings", {}, get(path, ok([as_text])),
             result=[HOLDING_READ | {"collateral_quantity": 2}]),
        case("foreign", "holdings", {}, get(path, ok([foreign])), result=[foreign_read]),
        *_empties("holdings", path),
    ]  # fmt: skip


def funds_cases() -> list[Json]:
    data = {
        "net": "2198702.2500", "availablecash": "2198702.2500", "availableintradaypayin": "0.0000",
        "availablelimitmargin": "0.0000", "collateral": "156600.2200", "m2munrealized": "0.0000",
        "m2mrealized": "0.0000", "utiliseddebits": "1697.1700", "utilisedspan": None,
        "utilisedoptionpremium": None, "utilisedholdingsales": None, "utilisedexposure": None,
        "utilisedturnover": None, "utilisedpayout": "0.0000",
    }  # fmt: skip
    return [
        case("with_nulls", "funds", {}, get("/user/v1/getRMS", ok(data)),
             result={"available": "2198702.25", "cash": "2043799.2", "collateral": "156600.22",
                     "utilised": "1697.17", "payin": "0"}),
        case("all_null", "funds", {}, get("/user/v1/getRMS", ok(dict.fromkeys(data))), result={}),
        case("nothing", "funds", {}, get("/user/v1/getRMS", ok(None)),
             error=failed("MalformedReply")),
    ]  # fmt: skip


# -- session


def session_cases() -> list[Json]:
    tokens = {"jwtToken": JWT, "refreshToken": REFRESH, "feedToken": FEED}
    credentials = {"clientcode": "A000001", "password": "4917", "totp": "123456"}
    session = {"broker": "angelone", "account": "A000001",
               "tokens": WORLD["session"]["tokens"]}  # fmt: skip
    path = "/user/v1/loginByPassword"

    def login(name: str, reply: Json, **end: Json) -> dict[str, Json]:
        return case(name, "login", {}, post(path, credentials, reply, root=A, jwt=None), **end)

    def renewal(name: str, reply: Json, **end: Json) -> dict[str, Json]:
        step = post("/jwt/v1/generateTokens", {"refreshToken": REFRESH}, reply, root=A)
        return case(name, "renew", {}, step, **end)

    logout = post("/user/v1/logout", {"clientcode": "A000001"}, ok(""))
    profile = {
        "clientcode": "A000001", "name": "TEST USER", "email": "", "mobileno": "",
        "exchanges": ["nse_cm", "nse_fo", "bse_cm", "bse_fo", "mcx_fo", "cde_fo", "ncx_fo"],
        "products": ["MARGIN", "MIS", "NRML", "CNC", "CO", "BO"], "lastlogintime": "",
        "broker": "",
    }  # fmt: skip
    printed = profile | {
        "exchanges": '[ "nse_cm", "nse_fo", \'bse_cm\', bse_fo, mcx_fo, cde_fo, ncx_fo ]',
        "products": '["MARGIN","MIS","NRML","CNC","CO","BO"]',
        "brokerid": "B2C",
    }
    read = {"account": "A000001", "name": "TEST USER",
            "exchanges": ["NSE", "NFO", "BSE", "BFO", "MCX", "CDS", "NCDEX"],
            "products": ["MTF", "MIS", "NRML", "CNC"]}  # fmt: skip
    return [
        login("login", ok(tokens | {"state": "live"}), result=session),
        login("jwt_with_its_prefix", ok(tokens | {"jwtToken": f"Bearer {JWT}"}), result=session),
        login("without_a_token", ok(tokens | {"feedToken": None}), error=failed("MalformedReply")),
        login("wrong_totp", refused("AB1050", "Invalid totp"),
              error={"class": "TwoFactorFailed", "code": "AB1050"}),
        login("wrong_pin", refused("AB1007", "Invalid clientcode or password"),
              error={"class": "InvalidCredentials", "code": "AB1007"}),
        login("wrong_api_key",
              {"body": {"success": False, "message": "Invalid API Key or App not found",
                        "errorCode": "AG8004", "data": ""}},
              error={"class": "InvalidCredentials", "code": "AG8004"}),
        login("too_many",
              {"status": 403, "text": "Access denied because of exceeding access rate"},
              error={"class": "RateLimited"}),
        renewal("renew", ok(tokens), result=session),
        case("logout", "logout", {}, logout, result=None),
        case("profile_with_lists", "profile", {}, get("/user/v1/getProfile", ok(profile)),
             result=read),
        case("profile_as_printed", "profile", {}, get("/user/v1/getProfile", ok(printed)),
             result=read),
    ]  # fmt: skip


# -- prices


def quote_cases() -> list[Json]:
    listed = {"exchange": "NSE", "tradingSymbol": "SBIN-EQ", "symbolToken": "3045", "ltp": 812.4}
    read = {"exchange": "NSE", "token": "3045", "broker_symbol": "SBIN-EQ", "last_price": "812.4"}
    day = {"open": 808.0, "high": 815.25, "low": 805.6, "close": 807.1}
    day_read = {"open": "808", "high": "815.25", "low": "805.6", "close": "807.1"}
    full = listed | day | {
        "lastTradeQty": 12, "exchFeedTime": "20-Nov-2026 11:02:14",
        "exchTradeTime": "20-Nov-2026 11:02:13", "netChange": 5.3, "percentChange": 0.66,
        "avgPrice": 811.02, "tradeVolume": 4120033, "opnInterest": 0, "lowerCircuit": 726.4,
        "upperCircuit": 887.8, "totBuyQuan": 702311, "totSellQuan": 954120, "52WeekLow": 655.2,
        "52WeekHigh": 901.0,
        "depth": {"buy": [{"price": 812.4, "quantity": 300, "orders": 3},
                          {"price": 0, "quantity": 0, "orders": 0}],
                  "sell": [{"price": 812.45, "quantity": 150, "orders": 2}]},
    }  # fmt: skip
    full_read = read | day_read | {
        "change": "5.3", "change_percent": "0.66", "volume": 4120033, "open_interest": 0,
        "last_quantity": 12, "average_price": "811.02", "total_buy_quantity": 702311,
        "total_sell_quantity": 954120, "lower_circuit": "726.4", "upper_circuit": "887.8",
        "low_52_weeks": "655.2", "high_52_weeks": "901",
        "traded_at": "2026-11-20T11:02:13+05:30", "updated_at": "2026-11-20T11:02:14+05:30",
        "depth": {"bids": [{"price": "812.4", "quantity": 300, "orders": 3}],
                  "asks": [{"price": "812.45", "quantity": 150, "orders": 2}]},
    }  # fmt: skip

    def quotes(name: str, mode: str, row: Json, result: Json) -> dict[str, Json]:
        step = post("/market/v1/quote", {"mode": mode, "exchangeTokens": {"NSE": ["3045"]}},
                    ok({"fetched": [row], "unfetched": []}))  # fmt: skip
        return case(name, "quotes", {"symbols": ["NSE:SBIN"], "mode": mode}, step, result=result)

    index = {"exchange": "NSE", "tradingSymbol": "Nifty 50", "symbolToken": "99926000",
             "ltp": 25910.05}  # fmt: skip
    return [
        quotes("ltp", "LTP", listed, [read]),
        quotes("ohlc", "OHLC", listed | day, [read | day_read]),
        quotes("full", "FULL", full, [full_read]),
        quotes("numbers_as_text", "OHLC",
               listed | {"ltp": "812.40", "open": "8.08E2", "high": "815.25", "low": "805.60",
                         "close": "807.1"}, [read | day_read]),
        quotes("without_depth", "FULL", full | {"depth": None},
               [{key: value for key, value in full_read.items() if key != "depth"}]),
        case("segments_together_and_an_index", "quotes",
             {"symbols": ["NSE_INDEX:NIFTY", "NSE:SBIN"], "mode": "LTP"},
             post("/market/v1/quote",
                  {"mode": "LTP", "exchangeTokens": {"NSE": ["99926000", "3045"]}},
                  ok({"fetched": [index, listed], "unfetched": []})),
             result=[read, {"exchange": "NSE", "token": "99926000", "broker_symbol": "Nifty 50",
                            "last_price": "25910.05"}]),
        case("gateway_spelling_of_success", "quotes", {"symbols": ["NSE:SBIN"], "mode": "LTP"},
             post("/market/v1/quote", {"mode": "LTP", "exchangeTokens": {"NSE": ["3045"]}},
                  {"body": {"success": True, "message": "SUCCESS", "errorCode": "",
                            "data": {"fetched": [listed], "unfetched": []}}}),
             result=[read]),
        case("no_data", "quotes", {"symbols": [], "mode": "LTP"}, result=[]),
    ]  # fmt: skip


# -- refusals


BOOK = "/order/v1/getOrderBook"
CODES: list[tuple[str, str, str, str | None, str]] = [
    # code, message, error on a read, error on an order (None: the same), outcome of the order
    ("AG8001", "Invalid Token", "SessionExpired", None, "NOT_SENT"),
    ("AG8002", "Token Expired", "SessionExpired", None, "NOT_SENT"),
    ("AG8003", "Token missing", "SessionExpired", None, "NOT_SENT"),
    ("AG8004", "Invalid API Key", "InvalidCredentials", None, "NOT_SENT"),
    ("AG7002", "Unregistered IP", "StaticIPNotAllowed", None, "NOT_SENT"),
    ("AB8050", "Invalid Refresh Token", "SessionExpired", None, "NOT_SENT"),
    ("AB8051", "Refresh Token Expired", "SessionExpired", None, "NOT_SENT"),
    ("AB1000", "Invalid Email Or Password", "InvalidCredentials", None, "NOT_SENT"),
    ("AB1001", "Invalid Email", "InvalidCredentials", None, "NOT_SENT"),
    ("AB1002", "Invalid Password Length", "InvalidCredentials", None, "NOT_SENT"),
    ("AB1003", "Client Already Exists", "BrokerError", "OrderRejected", "REJECTED"),
    ("AB1004", "Something Went Wrong, Please Try After Sometime", "BrokerUnavailable",
     "OrderUnknown", "UNKNOWN"),
    ("AB1005", "User Type Must Be USER", "BrokerError", "OrderRejected", "REJECTED"),
    ("AB1006", "Client Is Block For Trading", "PermissionDenied", None, "REJECTED"),
    ("AB1007", "AMX Error", "BrokerError", "OrderUnknown", "UNKNOWN"),
    ("AB1008", "Invalid Order Variety", "BrokerError", "OrderRejected", "REJECTED"),
    ("AB1009", "Symbol Not Found", "BrokerError", "OrderRejected", "REJECTED"),
    ("AB1010", "AMX Session Expired", "SessionExpired", None, "NOT_SENT"),
    ("AB1011", "Client not login", "SessionExpired", None, "NOT_SENT"),
    ("AB1012", "Invalid Product Type", "BrokerError", "OrderRejected", "REJECTED"),
    ("AB1013", "Order not found", "OrderNotFound", "OrderUnknown", "UNKNOWN"),
    ("AB1014", "Trade not found", "BrokerError", "OrderRejected", "REJECTED"),
    ("AB1015", "Holding not found", "BrokerError", "OrderRejected", "REJECTED"),
    ("AB1016", "Position not found", "BrokerError", "OrderRejected", "REJECTED"),
    ("AB1017", "Position conversion failed", "BrokerError", "OrderRejected", "REJECTED"),
    ("AB1018", "Failed to get symbol details", "BrokerError", "OrderRejected", "REJECTED"),
    ("AB1021", "Too many requests", "RateLimited", None, "NOT_SENT"),
    ("AB1031", "Old Password Mismatch", "InvalidCredentials", None, "NOT_SENT"),
    ("AB1032", "User Not Found", "InvalidCredentials", None, "NOT_SENT"),
    ("AB1035", "Login password expired", "InvalidCredentials", None, "NOT_SENT"),
    ("AB1050", "Invalid totp", "TwoFactorFailed", None, "NOT_SENT"),
    ("AB2000", "Error not specified", "BrokerUnavailable", "OrderUnknown", "UNKNOWN"),
    ("AB2001", "Internal Error, Please Try After Sometime", "BrokerUnavailable", "OrderUnknown",
     "UNKNOWN"),
    ("AB2002", "ROBO order is block", "PermissionDenied", None, "REJECTED"),
    ("AB2020", "Insufficient funds", "InsufficientFunds", None, "REJECTED"),
    ("AB4008", "ordertag length should be less than 20 characters", "BrokerError",
     "OrderRejected", "REJECTED"),
    ("AB4018", "Symbol token cannot be empty", "BrokerError", "OrderRejected", "REJECTED"),
    ("AB4036", "Scrip is in the cautionary list", "RiskRejected", None, "REJECTED"),
    ("AB9000", "Internal error", "BrokerUnavailable", "OrderUnknown", "UNKNOWN"),
    *((f"AB{number}", "Invalid value", "BrokerError", "OrderRejected", "REJECTED")
      for number in range(9001, 9019)),
    ("AB7777", "Something that no table lists", "BrokerError", "OrderUnknown", "UNKNOWN"),
    ("AB7778", "RMS: known words under it", "RiskRejected", "OrderUnknown", "UNKNOWN"),
    ("AB1009", "The request timed out at the exchange", "BrokerError", "OrderUnknown", "UNKNOWN"),
]  # fmt: skip
"""Every code of the documentation, and what it proves about an order that it answered."""

TEXTS: list[tuple[str, str, str]] = [
    # message under the catch-all AB1007, error on an order, outcome
    ("Insufficient Funds: Available Rs. 10, required Rs. 812", "InsufficientFunds", "REJECTED"),
    ("Order not found", "OrderUnknown", "UNKNOWN"),
    ("Invalid Order Variety", "OrderRejected", "REJECTED"),
    ("Invalid parameters", "OrderRejected", "REJECTED"),
    ("RMS:Blocked for nse_cm CARRYFWD", "RiskRejected", "REJECTED"),
    ("Adapter is Logged Off", "MarketClosed", "REJECTED"),
    ("Price is outside the LPP range; permitted up to 820", "PriceOutOfBand", "REJECTED"),
]


def error_cases() -> list[Json]:
    sbin = order_args("NSE:SBIN", order_type="LIMIT", price="812.5")
    body = order_body("NSE:SBIN", price="812.5")

    def read(name: str, reply: Json, kind: str, code: str | None = None) -> dict[str, Json]:
        return case(name, "orders", {}, get(BOOK, reply), error={"class": kind, "code": code})

    def order(
        name: str, reply: Json, kind: str, outcome: str, code: str | None = None
    ) -> dict[str, Json]:
        step = post("/order/v1/placeOrder", body, reply)
        return case(name, "place_order", sbin, step, error=failed(kind, outcome, code))

    cases = []
    for code, message, on_read, on_order, outcome in CODES:
        reply = refused(code, message)
        cases.append(read(f"{code}_on_a_read", reply, on_read, code))
        cases.append(order(f"{code}_on_an_order", reply, on_order or on_read, outcome, code))
    for number, (message, kind, outcome) in enumerate(TEXTS):
        cases.append(order(f"text_{number}", refused("AB1007", message), kind, outcome, "AB1007"))

    shapes: list[tuple[str, Json, str, str | None, str, str | None]] = [
        # name, reply, error on a read, error on an order (None: the same), outcome, code
        ("a_application", refused("AB1009", "Symbol Not Found"), "BrokerError", "OrderRejected",
         "REJECTED", "AB1009"),
        ("b_flags_as_text",
         {"body": {"status": "false", "message": "Symbol Not Found", "errorcode": "AB1009",
                   "data": "null"}}, "BrokerError", "OrderRejected", "REJECTED", "AB1009"),
        ("c_gateway",
         {"body": {"success": False, "message": "Invalid Token", "errorCode": "AG8001",
                   "data": ""}}, "SessionExpired", None, "NOT_SENT", "AG8001"),
        ("c_gateway_static_ip",
         {"body": {"success": False, "message": "Unregistered IP", "errorCode": "AG7002",
                   "data": ""}}, "StaticIPNotAllowed", None, "NOT_SENT", "AG7002"),
        ("d_rate_text", {"status": 403, "text": "Access denied because of exceeding access rate"},
         "RateLimited", None, "NOT_SENT", None),
        ("d_rate_text_as_documented",
         {"status": 403, "text": "Access denied because of exceeding rate limit"},
         "RateLimited", None, "NOT_SENT", None),
        ("e_429_text", {"status": 429, "text": "slow down"}, "RateLimited", None, "NOT_SENT",
         None),
        ("e_429_json", {"status": 429, "body": {"message": "slow down"},
                        "headers": {"Retry-After": "2"}}, "RateLimited", None, "NOT_SENT", None),
        ("f_rate_code_200", refused("AB1021", "Too many requests"), "RateLimited", None,
         "NOT_SENT", "AB1021"),
        ("f_rate_code_403", refused("AB1021", "Too many requests", status=403), "RateLimited",
         None, "NOT_SENT", "AB1021"),
        ("g_web_firewall",
         {"text": "<html><head><title>Request Rejected</title></head><body>The requested URL was "
                  "rejected. Your support ID is: 17</body></html>",
          "headers": {"content-type": "text/html"}}, "MalformedReply", "OrderUnknown", "UNKNOWN",
         None),
        ("h_empty_200", {"text": ""}, "MalformedReply", "OrderUnknown", "UNKNOWN", None),
        ("h_empty_500", {"status": 500, "text": ""}, "BrokerUnavailable", "OrderUnknown",
         "UNKNOWN", None),
        ("i_502_html", {"status": 502, "text": "<html>Bad Gateway</html>"}, "BrokerUnavailable",
         "OrderUnknown", "UNKNOWN", None),
        ("i_503_html", {"status": 503, "text": "<html>Unavailable</html>"}, "BrokerUnavailable",
         "OrderUnknown", "UNKNOWN", None),
        ("i_504_html", {"status": 504, "text": "<html>Time-out</html>"}, "BrokerUnavailable",
         "OrderUnknown", "UNKNOWN", None),
        ("j_400_json", refused("AB1012", "Invalid Product Type", status=400), "BrokerError",
         "OrderRejected", "REJECTED", "AB1012"),
        ("j_404_html", {"status": 404, "text": "<html>Not Found</html>"}, "MalformedReply",
         "OrderUnknown", "UNKNOWN", None),
        ("no_flag", {"body": {"message": "SUCCESS", "data": {"orderid": ORDER_ID}}},
         "MalformedReply", "OrderUnknown", "UNKNOWN", None),
        ("flag_of_another_kind", {"body": {"status": 1, "data": {"orderid": ORDER_ID}}},
         "MalformedReply", "OrderUnknown", "UNKNOWN", None),
    ]  # fmt: skip
    for name, reply, witness in contradictions():
        shapes.append((name, reply, "MalformedReply", "OrderUnknown", "UNKNOWN", witness))
    for name, reply, on_read, on_order, outcome, shape_code in shapes:
        cases.append(read(f"{name}_on_a_read", reply, on_read, shape_code))
        cases.append(order(f"{name}_on_an_order", reply, on_order or on_read, outcome, shape_code))

    missing: Json
    for number, missing in enumerate((None, "", [], {"script": "SBIN-EQ", "orderid": None},
                                      {"orderid": ""}, {"orderid": "a\r\nb"})):  # fmt: skip
        cases.append(
            order(f"success_without_an_id_{number}", ok(missing), "OrderUnknown", "UNKNOWN")
        )
    cases.append(order("no_reply", {"failure": {"handed_over": True}}, "OrderUnknown", "UNKNOWN"))
    cases.append(order("not_sent", {"failure": {"handed_over": False}}, "NotSent", "NOT_SENT"))
    return cases


def contradictions() -> list[tuple[str, Json, str | None]]:
    """Replies whose witnesses disagree: name, reply, the code that they carry."""
    data = {"script": "SBIN-EQ", "orderid": ORDER_ID, "uniqueorderid": UNIQUE}

    def body(**said: Json) -> Json:
        return {"body": {"message": "SUCCESS", "data": data} | said}

    return [
        ("contradicting_flags", body(status=True, success=False, message="what?", data=None), None),
        ("contradicting_flags_with_an_order", body(status=True, success=False), None),
        ("contradicting_flags_the_other_way", body(success=True, status=False), None),
        ("contradicting_flags_as_text", body(status="false", success="TRUE"), None),
        ("one_flag_of_two_is_no_flag", body(status=True, success="perhaps"), None),
        ("success_with_a_code", body(status=True, errorcode="AB1009"), "AB1009"),
        ("success_with_a_code_of_the_gateways", body(success=True, errorCode="AG8001"), "AG8001"),
        ("success_under_a_refusing_status", body(status=True, errorcode="") | {"status": 403},
         None),
        ("refusal_that_names_an_order",
         body(status=False, message="Symbol Not Found", errorcode="AB1009"), "AB1009"),
        ("refusal_of_the_gateways_that_names_an_order",
         body(success=False, message="Invalid Token", errorCode="AG8001"), "AG8001"),
        ("refusal_that_names_a_rule",
         body(status=False, message="Invalid quantity value", errorcode="AB9006",
              data={"id": "1"}), "AB9006"),
        ("success_without_data", {"body": {"status": True, "message": "SUCCESS", "errorcode": ""}},
         None),
    ]  # fmt: skip


def contradiction_cases() -> list[Json]:
    """The same where something else was asked than the order book or a new order."""
    change = {"order_id": ORDER_ID, "handle": {"uniqueorderid": UNIQUE}, "price": "195.5"}
    changed = {"variety": "NORMAL", "orderid": ORDER_ID, "ordertype": "LIMIT",
               "producttype": "INTRADAY", "duration": "DAY", "price": "195.5", "quantity": "1",
               "tradingsymbol": "SBIN-EQ", "symboltoken": "3045", "exchange": "NSE"}  # fmt: skip
    read = get(f"/order/v1/details/{UNIQUE}", ok(book_row()))
    cases: list[Json] = []
    for name, reply, code in contradictions():
        unknown = failed("OrderUnknown", "UNKNOWN", code)
        cases += [
            case(f"modify_{name}", "modify_order", change, read,
                 post("/order/v1/modifyOrder", changed, reply), error=unknown),
            case(f"cancel_{name}", "cancel_order",
                 {"order_id": ORDER_ID, "handle": {"variety": "NORMAL"}},
                 post("/order/v1/cancelOrder", cancel_body("NORMAL"), reply), error=unknown),
        ]  # fmt: skip
    rule = {"symbol": "NSE:SBIN", "side": "BUY", "quantity": 14, "price": "608.05",
            "trigger_price": "608", "product": "CNC"}  # fmt: skip
    create = {"tradingsymbol": "SBIN-EQ", "symboltoken": "3045", "exchange": "NSE",
              "transactiontype": "BUY", "producttype": "DELIVERY", "price": "608.05", "qty": "14",
              "triggerprice": "608", "disclosedqty": "14"}  # fmt: skip
    for name, reply, code in contradictions():
        unknown = failed("OrderUnknown", "UNKNOWN", code)
        cases.append(case(f"rule_{name}", "place_gtt", rule,
                          post("/gtt/v1/createRule", create, reply), error=unknown))  # fmt: skip
    quotes = {"symbols": ["NSE:SBIN"], "mode": "LTP"}
    asked = {"mode": "LTP", "exchangeTokens": {"NSE": ["3045"]}}
    malformed = failed("MalformedReply")
    return [
        *cases,
        case("quotes_without_data", "quotes", quotes, post("/market/v1/quote", asked, ok(None)),
             error=malformed),
        case("quotes_of_another_shape", "quotes", quotes, post("/market/v1/quote", asked, ok({})),
             error=malformed),
        case("holdings_of_another_shape", "holdings", {},
             get("/portfolio/v1/getHolding", ok({})), error=malformed),
        case("no_charges", "charges",
             {"orders": [{"symbol": "NSE:SBIN", "side": "BUY", "quantity": 5, "product": "CNC",
                          "order_type": "LIMIT", "price": "812"}]},
             post("/brokerage/v1/estimateCharges",
                  {"orders": [{"exchange": "NSE", "token": "3045", "product_type": "DELIVERY",
                               "transaction_type": "BUY", "quantity": "5", "price": "812",
                               "symbol_name": "SBIN"}]}, ok(None)), error=malformed),
        case("login_without_data", "login", {},
             post("/user/v1/loginByPassword",
                  {"clientcode": "A000001", "password": "4917", "totp": "123456"},
                  {"body": {"status": True, "message": "SUCCESS", "errorcode": ""}}, root=A,
                  jwt=None), error=malformed),
    ]  # fmt: skip


def raw_cases() -> list[Json]:
    path = f"{S}/user/v1/getProfile"
    return [
        case("get", "raw", {"method": "GET", "path": path},
             get("/user/v1/getProfile", ok({"clientcode": "A000001"})),
             result={"clientcode": "A000001"}),
        case("hidden_order_path", "raw", {"method": "POST", "path": f"{S}/order/v1/place%4frder"},
             error=failed("Unsupported", "NOT_SENT")),
        case("another_host", "raw", {"method": "GET", "path": "@example.org/"},
             error=failed("UsageError", "NOT_SENT")),
        case("order_path", "raw", {"method": "POST", "path": f"{S}/order/v1/placeOrder"},
             error=failed("Unsupported", "NOT_SENT")),
    ]  # fmt: skip


# -- what orders would do


def plan_cases() -> list[Json]:
    nifty, sbin = "NFO:NIFTY24NOV2626000CE", "NSE:SBIN"
    orders = [
        {"symbol": nifty, "side": "SELL", "quantity": 75, "product": "NRML",
         "order_type": "LIMIT", "price": "29.85"},
        {"symbol": sbin, "side": "BUY", "quantity": 10, "product": "CNC",
         "order_type": "MARKET"},
    ]  # fmt: skip
    planned = {"positions": [
        {"exchange": "NFO", "qty": 75, "price": 29.85, "productType": "CARRYFORWARD",
         "token": "42885", "tradeType": "SELL", "orderType": "LIMIT"},
        {"exchange": "NSE", "qty": 10, "price": 0, "productType": "DELIVERY", "token": "3045",
         "tradeType": "BUY", "orderType": "MARKET"},
    ]}  # fmt: skip
    margin = {"totalMarginRequired": 29612.35, "marginComponents": {
        "netPremium": 0, "spanMargin": 21488.35, "marginBenefit": 0.0, "deliveryMargin": 8124,
        "nonNFOMargin": 0, "totOptionsPremium": 0}}  # fmt: skip
    bought = {"symbol": sbin, "side": "BUY", "quantity": 5, "product": "CNC",
              "order_type": "LIMIT", "price": "812"}  # fmt: skip
    asked = {"orders": [{"exchange": "NSE", "token": "3045", "product_type": "DELIVERY",
                         "transaction_type": "BUY", "quantity": "5", "price": "812",
                         "symbol_name": "SBIN"}]}  # fmt: skip
    summary = {"total_charges": 25.51, "trade_value": 4060, "breakup": [
        {"name": "Angel One Brokerage", "amount": 20, "msg": "", "breakup": []},
        {"name": "External Charges", "amount": 0.75, "msg": "", "breakup": [
            {"name": "Exchange Transaction Charges", "amount": 0.13, "msg": "", "breakup": []},
            {"name": "Stamp Duty", "amount": "0.61", "msg": "", "breakup": None},
            {"name": "SEBI Fees", "amount": 0.01, "msg": "", "breakup": []}]},
        {"name": "Taxes", "amount": 4.76, "msg": "", "breakup": [
            {"name": "Security Transaction Tax", "amount": 1.14, "msg": "", "breakup": []},
            {"name": "GST", "amount": 3.62, "msg": "", "breakup": []}]},
    ]}  # fmt: skip
    items = [{"name": "Angel One Brokerage", "amount": "20"},
             {"name": "Exchange Transaction Charges", "amount": "0.13"},
             {"name": "Stamp Duty", "amount": "0.61"}, {"name": "SEBI Fees", "amount": "0.01"},
             {"name": "Security Transaction Tax", "amount": "1.14"},
             {"name": "GST", "amount": "3.62"}]  # fmt: skip
    market = {key: value for key, value in bought.items() if key != "price"}
    return [
        case("margin", "margin", {"orders": orders}, post("/margin/v1/batch", planned, ok(margin)),
             result={"total": "29612.35", "span": "21488.35", "premium": "0", "benefit": "0"}),
        case("margin_of_too_many", "margin", {"orders": [bought] * 51},
             error=failed("InvalidOrder", "NOT_SENT")),
        case("charges", "charges", {"orders": [bought]},
             post("/brokerage/v1/estimateCharges", asked,
                  ok({"summary": summary, "charges": [summary]})),
             result={"total": "25.51", "turnover": "4060", "items": items}),
        case("charges_without_a_price", "charges", {"orders": [market | {"order_type": "MARKET"}]},
             error=failed("InvalidOrder", "NOT_SENT")),
    ]  # fmt: skip


def convert_cases() -> list[Json]:
    path = "/order/v1/convertPosition"
    held = get("/order/v1/getPosition", ok([position_row()]))
    body = {
        "exchange": "NFO", "symboltoken": "42885", "tradingsymbol": "NIFTY24NOV2626000CE",
        "symbolname": "NIFTY", "instrumenttype": "OPTIDX", "priceden": "1", "pricenum": "1",
        "genden": "1", "gennum": "1", "precision": "2", "multiplier": "-1", "boardlotsize": "1",
        "buyqty": "75", "sellqty": "0", "buyamount": "2235.80", "sellamount": "0",
        "oldproducttype": "CARRYFORWARD", "newproducttype": "INTRADAY", "transactiontype": "BUY",
        "quantity": 75, "type": "DAY",
    }  # fmt: skip
    args = {"broker_symbol": "NIFTY24NOV2626000CE", "product": "MIS", "quantity": 75}
    short = get("/order/v1/getPosition", ok([position_row(netqty="-75")]))
    failure = refused("AB1017", "Position Conversion Failed")
    return [
        case("long", "convert_position", args, held, post(path, body, ok(None)), result=None),
        case("short", "convert_position", args, short,
             post(path, body | {"transactiontype": "SELL"}, ok(None)), result=None),
        case("refused", "convert_position", args, held, post(path, body, failure),
             error=failed("OrderRejected", "REJECTED", "AB1017")),
        case("lost", "convert_position", args, held,
             post(path, body, {"failure": {"handed_over": True}}),
             error=failed("OrderUnknown", "UNKNOWN")),
    ]  # fmt: skip


# -- rules


def rule_row(**fields: Json) -> dict[str, Json]:
    return {
        "stoplossprice": 0.0, "stoplosstriggerprice": 0.0, "gttType": "GENERIC", "status": "NEW",
        "createddate": "2024-10-11T17:48:26.858+05:30",
        "updateddate": "2024-10-11T17:48:26.858+05:30",
        "expirydate": "2025-10-11T17:48:26.858+05:30", "clientid": "A000001",
        "tradingsymbol": "SBIN-EQ", "symboltoken": "3045", "exchange": "NSE",
        "producttype": "DELIVERY", "transactiontype": "BUY", "price": 608.06, "qty": 14,
        "triggerprice": 608.0, "disclosedqty": 14, "id": 3375316,
    } | fields  # fmt: skip


RULE_READ = {
    "exchange": "NSE", "token": "3045", "broker_symbol": "SBIN-EQ", "gtt_id": "3375316",
    "status": "ACTIVE", "side": "BUY", "product": "CNC", "quantity": 14,
    "disclosed_quantity": 14, "price": "608.06", "trigger_price": "608",
    "placed_at": "2024-10-11T17:48:26.858000+05:30",
    "updated_at": "2024-10-11T17:48:26.858000+05:30",
    "valid_until": "2025-10-11T17:48:26.858000+05:30",
}  # fmt: skip


def gtt_cases() -> list[Json]:
    sbin = {"symbol": "NSE:SBIN", "side": "BUY", "quantity": 14, "price": "608.05",
            "trigger_price": "608", "product": "CNC"}  # fmt: skip
    create = {"tradingsymbol": "SBIN-EQ", "symboltoken": "3045", "exchange": "NSE",
              "transactiontype": "BUY", "producttype": "DELIVERY", "price": "608.05", "qty": "14",
              "triggerprice": "608", "disclosedqty": "14"}  # fmt: skip
    named = {"id": "3375316", "symboltoken": "3045", "exchange": "NSE"}
    kept = {"price": "608.06", "qty": "14", "triggerprice": "608", "disclosedqty": "14"}
    read = post("/gtt/v1/ruleDetails", {"id": "3375316"}, ok(rule_row()))
    pair = {"stop_trigger_price": "650", "stop_price": "651.5"}
    read_pair = post(
        "/gtt/v1/ruleDetails",
        {"id": "3375316"},
        ok(rule_row(gttType="OCO", stoplosstriggerprice=650.0, stoplossprice=651.5)),
    )
    made, changed = ok({"id": "1"}), ok({"id": 3375316})
    live = {"status": ["NEW", "ACTIVE", "SENTTOEXCHANGE"], "page": 1, "count": 50}
    as_documented = rule_row(
        price="608.06", qty="14", triggerprice="608.0", disclosedqty="14", id="3375316",
        createddate="2024-10-11T12:18:26.858Z",
    )  # fmt: skip
    in_utc = RULE_READ | {"placed_at": "2024-10-11T12:18:26.858000+00:00"}
    rules = [rule_row(id=n) for n in range(51)]
    read_all = [RULE_READ | {"gtt_id": str(n)} for n in range(51)]
    states = {"ACTIVE": "ACTIVE", "SENTTOEXCHANGE": "TRIGGERED", "CANCELLED": "CANCELLED",
              "SOMETHING": "UNKNOWN"}  # fmt: skip
    foreign = rule_row(exchange="GIFT", producttype="XX", transactiontype="Z", new=1, qty=1.4e1)
    foreign_read = {key: value for key, value in RULE_READ.items()
                    if key not in ("exchange", "product", "side")}  # fmt: skip

    def place(name: str, args: Json, body: Json, reply: Json = made, **end: Json) -> Json:
        end = end or {"result": {"order_id": "1"}}
        return case(name, "place_gtt", args, post("/gtt/v1/createRule", body, reply), **end)

    def page(number: int, rows: Json) -> Json:
        return post("/gtt/v1/ruleList", live | {"page": number}, ok(rows))

    return [
        place("place", sbin, create),
        place("place_with_all", sbin | {"disclosed_quantity": 4, "valid_days": 90,
                                        "product": "MTF", "side": "SELL"},
              create | {"disclosedqty": "4", "timeperiod": "90", "producttype": "MARGIN",
                        "transactiontype": "SELL"}),
        place("id_as_a_number", sbin, create, changed, result={"order_id": "3375316"}),
        place("invalid_quantity", sbin, create, refused("AB9006", "Invalid quantity value"),
              error=failed("OrderRejected", "REJECTED", "AB9006")),
        place("without_an_id", sbin, create, ok({"id": None}),
              error=failed("OrderUnknown", "UNKNOWN")),
        case("derivative", "place_gtt",
             sbin | {"symbol": "NFO:NIFTY24NOV2626000CE", "quantity": 75},
             error=failed("Unsupported", "NOT_SENT")),
        case("intraday", "place_gtt", sbin | {"product": "MIS"},
             error=failed("Unsupported", "NOT_SENT")),
        case("over_a_year", "place_gtt", sbin | {"valid_days": 366},
             error=failed("Unsupported", "NOT_SENT")),
        case("target_and_stop", "place_gtt", sbin | pair, error=failed("Unsupported", "NOT_SENT")),
        case("pair_made_elsewhere", "gtt", {"gtt_id": "3375316"}, read_pair,
             result=RULE_READ | pair),
        case("change_of_a_pair", "modify_gtt", {"gtt_id": "3375316", "price": "620"}, read_pair,
             error=failed("Unsupported", "NOT_SENT")),
        case("modify_price", "modify_gtt", {"gtt_id": "3375316", "price": "610"}, read,
             post("/gtt/v1/modifyRule", named | kept | {"price": "610"}, changed),
             result={"order_id": "3375316"}),
        case("modify_quantity", "modify_gtt", {"gtt_id": "3375316", "quantity": 20}, read,
             post("/gtt/v1/modifyRule", named | kept | {"qty": "20", "disclosedqty": "20"},
                  changed), result={"order_id": "3375316"}),
        case("cancel", "cancel_gtt", {"gtt_id": "3375316"}, read,
             post("/gtt/v1/cancelRule", named, changed), result={"order_id": "3375316"}),
        case("cancel_unknown", "cancel_gtt", {"gtt_id": "7"},
             post("/gtt/v1/ruleDetails", {"id": "7"}, refused("AB9013", "Invalid rule id")),
             error=failed("BrokerError", "NOT_SENT", "AB9013")),
        case("one", "gtt", {"gtt_id": "3375316"}, read, result=RULE_READ),
        case("list", "gtts", {}, page(1, [rule_row()]), result=[RULE_READ]),
        case("list_as_documented", "gtts", {}, page(1, [as_documented]), result=[in_utc]),
        case("empty_list", "gtts", {}, page(1, None), result=[]),
        case("two_pages", "gtts", {}, page(1, rules[:50]), page(2, rules[50:]), result=read_all),
        case("done_too", "gtts", {"done": True},
             post("/gtt/v1/ruleList",
                  {"status": ["NEW", "ACTIVE", "SENTTOEXCHANGE", "CANCELLED"], "page": 1,
                   "count": 50}, ok([rule_row()])), result=[RULE_READ]),
        case("every_state", "gtts", {},
             page(1, [rule_row(id=n, status=word) for n, word in enumerate(states)]),
             result=[RULE_READ | {"gtt_id": str(n), "status": state}
                     for n, state in enumerate(states.values())]),
        case("foreign", "gtts", {}, page(1, [foreign]), result=[foreign_read]),
    ]  # fmt: skip


# -- history


def history_cases() -> list[Json]:
    candle = ["2023-09-06T11:15:00+05:30", 19571.2, 19573.35, 19534.4, 19552.05, 0]
    read = {"timestamp": "2023-09-06T11:15:00+05:30", "open": "19571.2", "high": "19573.35",
            "low": "19534.4", "close": "19552.05", "volume": 0}  # fmt: skip
    args = {"symbol": "NSE:SBIN", "interval": "5m", "start": "2023-09-06T11:15:00+05:30",
            "end": "2023-09-06T12:00:00+05:30"}  # fmt: skip
    words = {"1m": "ONE_MINUTE", "3m": "THREE_MINUTE", "5m": "FIVE_MINUTE", "10m": "TEN_MINUTE",
             "15m": "FIFTEEN_MINUTE", "30m": "THIRTY_MINUTE", "1h": "ONE_HOUR",
             "1d": "ONE_DAY"}  # fmt: skip

    def body(interval: str = "FIVE_MINUTE", token: str = "3045", exchange: str = "NSE") -> Json:
        return {"exchange": exchange, "symboltoken": token, "interval": interval,
                "fromdate": "2023-09-06 11:15", "todate": "2023-09-06 12:00"}  # fmt: skip

    def candles(name: str, data: Json, result: Json, interval: str = "5m") -> Json:
        step = post("/historical/v1/getCandleData", body(words[interval]), ok(data))
        return case(name, "history", args | {"interval": interval}, step, result=result)

    as_text = ["2023-09-06T11:20:00+05:30", "1.957120E4", "19573.35", "19534.40", "19552.05", "7"]
    later = read | {"timestamp": "2023-09-06T11:20:00+05:30", "volume": 7}
    nifty = args | {"symbol": "NFO:NIFTY24NOV2626000CE"}
    interest = [{"time": "2023-09-06T11:15:00+05:30", "oi": 166100}]
    path = "/historical/v1/getOIData"
    return [
        *(candles(f"interval_{word}", [candle], [read], word) for word in words),
        candles("null", None, []),
        candles("empty", [], []),
        candles("numbers_as_text", [candle, as_text], [read, later]),
        case("currency_is_not_served", "history", args | {"symbol": "CDS:USDINR29DEC26FUT"},
             error=failed("Unsupported", "NOT_SENT")),
        case("an_index_goes_by_its_venue", "history", args | {"symbol": "NSE_INDEX:NIFTY"},
             post("/historical/v1/getCandleData", body(token="99926000"), ok([candle])),
             result=[read]),
        case("open_interest", "open_interest", nifty,
             post(path, body(token="42885", exchange="NFO"), ok(interest)),
             result=[{"timestamp": "2023-09-06T11:15:00+05:30", "oi": 166100}]),
        case("no_open_interest", "open_interest", nifty,
             post(path, body(token="42885", exchange="NFO"), ok(None)), result=[]),
    ]  # fmt: skip


# -- what only Angel One has


def extra_cases() -> list[Json]:
    market = "/marketData/v1"
    future = {"exchange": "NFO", "token": "53001", "broker_symbol": "BANKNIFTY29DEC26FUT"}
    mover = {"tradingSymbol": "BANKNIFTY29DEC26FUT", "percentChange": 4.1, "symbolToken": 53001,
             "opnInterest": 91200000, "netChangeOpnInterest": 1.52e7}  # fmt: skip
    mover_read = future | {"change_percent": "4.1", "open_interest": "91200000",
                           "open_interest_change": "15200000"}  # fmt: skip
    built = {"symbolToken": "53001", "ltp": "58010.2", "netChange": "310.0",
             "percentChange": "0.54", "opnInterest": "91200000.0",
             "netChangeOpnInterest": "1.52E7", "tradingSymbol": "BANKNIFTY29DEC26FUT"}  # fmt: skip
    built_read = mover_read | {"last_price": "58010.2", "change": "310", "change_percent": "0.54"}
    greek = {"name": "NIFTY", "expiry": "24NOV2026", "strikePrice": "26000.000000",
             "optionType": "CE", "delta": "0.492400", "gamma": "0.002800", "theta": "-4.091800",
             "vega": "2.296700", "impliedVolatility": "16.330000",
             "tradeVolume": "24048.00"}  # fmt: skip
    greek_read = {"exchange": "NFO", "broker_symbol": "NIFTY24NOV2626000CE",
                  "underlying": "NIFTY", "expiry": "2026-11-24", "strike": "26000", "right": "CE",
                  "delta": "0.4924", "gamma": "0.0028", "theta": "-4.0918", "vega": "2.2967",
                  "implied_volatility": "16.33", "volume": "24048"}  # fmt: skip
    listed = {"exchange": "NSE", "tradingsymbol": "SBIN-EQ", "symboltoken": "3045"}
    listed_read = {"exchange": "NSE", "token": "3045", "broker_symbol": "SBIN-EQ"}
    price = listed | {"open": "808.00", "high": 815.25, "low": "805.6", "close": "807.1",
                      "ltp": 812.4}  # fmt: skip
    price_read = listed_read | {"last_price": "812.4", "open": "808", "high": "815.25",
                                "low": "805.6", "close": "807.1"}  # fmt: skip
    greeks_path = f"{market}/optionGreek"
    asked = {"name": "NIFTY", "expirydate": "24NOV2026"}
    wanted = {"underlying": "NIFTY", "expiry": "2026-11-24"}
    caution = {"token": "1234", "symbol": "ABC-EQ", "message": "Additional surveillance"}
    return [
        case("last_price", "vendor.last_price", {"instrument": "NSE:SBIN"},
             post("/order/v1/getLtpData", listed, ok(price)), result=price_read),
        case("market_limit_of_a_buy", "vendor.market_limit",
             {"instrument": "NSE:SBIN", "side": "BUY"},
             post("/order/v1/getLtpData", listed, ok(price)), result="816.45"),
        case("market_limit_of_a_sale", "vendor.market_limit",
             {"instrument": "NSE:SBIN", "side": "sell"},
             post("/order/v1/getLtpData", listed, ok(price)), result="808.35"),
        case("market_limit_without_a_price", "vendor.market_limit",
             {"instrument": "NSE:SBIN", "side": "BUY"},
             post("/order/v1/getLtpData", listed, ok(listed | {"ltp": 0})), result=None),
        case("search", "vendor.search", {"exchange": "NSE", "text": "SBIN"},
             post("/order/v1/searchScrip", {"exchange": "NSE", "searchscrip": "SBIN"},
                  ok([listed])), result=[listed_read]),
        case("search_finds_nothing", "vendor.search", {"exchange": "NSE", "text": "NONE"},
             post("/order/v1/searchScrip", {"exchange": "NSE", "searchscrip": "NONE"}, ok([])),
             result=[]),
        case("holdings_total", "vendor.holdings_total", {},
             get("/portfolio/v1/getAllHolding", ok({"holdings": [HOLDING],
                                                     "totalholding": TOTALS})),
             result={"value": "8124", "invested": "7000", "pnl": "1124",
                     "pnl_percent": "16.06"}),
        case("no_holdings_at_all", "vendor.holdings_total", {},
             get("/portfolio/v1/getAllHolding", ok(None)), result={}),
        case("option_greeks", "vendor.option_greeks", wanted, post(greeks_path, asked, ok([greek])),
             result=[greek_read]),
        case("option_greeks_after_hours", "vendor.option_greeks", wanted,
             post(greeks_path, asked, refused("AB9019", "No Data Available")),
             error={"class": "BrokerError", "code": "AB9019"}),
        case("movers", "vendor.movers", {"kind": "PercOIGainers", "expiry": "NEXT"},
             post(f"{market}/gainersLosers",
                  {"datatype": "PercOIGainers", "expirytype": "NEXT"}, ok([mover])),
             result=[mover_read]),
        case("open_interest_build_up", "vendor.open_interest_build_up",
             {"kind": "Short Covering", "expiry": "NEAR"},
             post(f"{market}/OIBuildup", {"expirytype": "NEAR", "datatype": "Short Covering"},
                  ok([built])), result=[built_read]),
        case("put_call_ratios", "vendor.put_call_ratios", {},
             get(f"{market}/putCallRatio",
                 ok([{"pcr": 1.04, "tradingSymbol": "BANKNIFTY29DEC26FUT"}])),
             result=[{"exchange": "NFO", "broker_symbol": "BANKNIFTY29DEC26FUT",
                      "ratio": "1.04"}]),
        case("intraday_leverage", "vendor.intraday_leverage", {"exchange": "BSE"},
             get(f"{market}/bseIntraday",
                 ok([{"exchange": "BSE", "SymbolName": "RELIANCE", "Multiplier": "5.0"}])),
             result=[{"exchange": "BSE", "broker_symbol": "RELIANCE", "multiplier": "5"}]),
        case("intraday_leverage_elsewhere", "vendor.intraday_leverage", {"exchange": "MCX"},
             error=failed("Unsupported", "NOT_SENT")),
        case("cautions", "vendor.cautions", {}, get("/securities/v1/cautionaryScrips",
                                                    ok([caution])),
             result=[{"token": "1234", "broker_symbol": "ABC-EQ",
                      "message": "Additional surveillance"}]),
    ]  # fmt: skip


def master_cases() -> list[Json]:
    """The published file's own form: every value a string, strikes and ticks in paise."""
    rows = [
        {"token": "3045", "symbol": "SBIN-EQ", "name": "SBIN", "expiry": "", "strike": "-1.000000",
         "lotsize": "1", "instrumenttype": "", "exch_seg": "NSE", "tick_size": "5.000000"},
        {"token": "42885", "symbol": "NIFTY24NOV2626000CE", "name": "NIFTY", "expiry": "24NOV2026",
         "strike": "2600000.000000", "lotsize": "75", "instrumenttype": "OPTIDX",
         "exch_seg": "NFO", "tick_size": "5.000000"},
    ]  # fmt: skip
    wanted = [row for row in INSTRUMENTS if row["token"] in ("3045", "42885")]
    read = [{"lot_size": 1, **row} for row in wanted]
    request = {"method": "GET", "path": "/OpenAPI_File/files/OpenAPIScripMaster.json",
               "headers": dict.fromkeys(WORLD["headers"])}  # fmt: skip
    step = {"request": request, "reply": {"body": rows}}
    lost = {"request": request, "reply": {"failure": {"handed_over": False}}}
    return [
        case("master", "master", {}, step, result=read),
        case("old_host_where_the_new_one_fails", "master", {}, lost, step, result=read),
    ]


FILES = {
    "session": session_cases,
    "place_order": place_cases,
    "cancel_order": cancel_cases,
    "modify_order": modify_cases,
    "orders": orders_cases,
    "order": order_cases,
    "trades": trades_cases,
    "positions": positions_cases,
    "holdings": holdings_cases,
    "funds": funds_cases,
    "quotes": quote_cases,
    "refusals": error_cases,
    "contradictions": contradiction_cases,
    "raw": raw_cases,
    "master": master_cases,
    "plans": plan_cases,
    "convert_position": convert_cases,
    "gtt": gtt_cases,
    "history": history_cases,
    "vendor": extra_cases,
}


def texts() -> dict[str, str]:
    """Every file's name and text."""
    files: dict[str, Json] = {name: make() for name, make in FILES.items()} | {"world": WORLD}
    return {f"{name}.json": text_of(data) for name, data in files.items()}


def text_of(data: Json) -> str:
    if isinstance(data, list):
        return "[\n" + ",\n".join(map(_case_text, data)) + "\n]\n"
    return json.dumps(data, indent=1) + "\n"


def _case_text(one: Json) -> str:
    """One case; an error, of which there are many alike, on one line."""
    return json.dumps(one, indent=None if "error" in one else 1)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in texts().items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
