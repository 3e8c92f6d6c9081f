"""Writes the golden cases of mStock: ``python tests/cases/write_mstock.py``.

The cases are data, transcribed from mStock's documentation of Type B, from its client's published
replies and from what the client was recorded to send (see ``openbroker/adapters/mstock.py`` for the
sources).  It imports nothing of openbroker on purpose: what an order looks like on the wire is
stated here a second time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from write_angelone import failed, text_of
from writing import case

FOLDER = Path(__file__).parent / "mstock"
ROOT = "/openapi/typeb"
KEY, JWT, FEED, HANDLE = (
    "mstockKeyCanary",
    "eyJ.MSTOCK.canary",
    "eyJ.MFEED.canary",
    "697c39bf-9411-46b0-81c2-canary",
)
PASSWORD = "Canary@mstock1"

Json = Any

INSTRUMENTS: list[dict[str, Json]] = [
    {"exchange": "NSE", "symbol": "NSE:ACC", "type": "EQUITY", "token": "22",
     "broker_symbol": "ACC-EQ", "name": "ACC", "tick_size": "0.05", "series": "EQ"},
    {"exchange": "BSE", "symbol": "BSE:SBIN", "type": "EQUITY", "token": "500112",
     "broker_symbol": "SBIN", "name": "SBIN", "tick_size": "0.05"},
    {"exchange": "NSE_INDEX", "symbol": "NSE_INDEX:NIFTY", "type": "INDEX", "token": "26000",
     "broker_symbol": "NIFTY", "name": "NIFTY"},
    {"exchange": "NFO", "symbol": "NFO:NIFTY24NOV2626000CE", "type": "OPTION", "token": "42885",
     "broker_symbol": "NIFTY24NOV2626000CE", "name": "NIFTY", "underlying": "NIFTY",
     "expiry": "2026-11-24", "strike": "26000", "right": "CE", "lot_size": 75,
     "tick_size": "0.05"},
    {"exchange": "NFO", "symbol": "NFO:BANKNIFTY29DEC26FUT", "type": "FUTURE", "token": "53001",
     "broker_symbol": "BANKNIFTY29DEC26FUT", "name": "BANKNIFTY", "underlying": "BANKNIFTY",
     "expiry": "2026-12-29", "lot_size": 35, "tick_size": "0.2"},
    {"exchange": "BFO", "symbol": "BFO:SENSEX26NOV26FUT", "type": "FUTURE", "token": "877001",
     "broker_symbol": "SENSEX26NOVFUT", "name": "SENSEX", "underlying": "SENSEX",
     "expiry": "2026-11-26", "lot_size": 20, "tick_size": "0.05"},
    {"exchange": "CDS", "symbol": "CDS:USDINR29DEC26FUT", "type": "FUTURE", "token": "1234",
     "broker_symbol": "USDINR26DECFUT", "name": "USDINR", "underlying": "USDINR",
     "expiry": "2026-12-29", "lot_size": 1000, "tick_size": "0.0025"},
    {"exchange": "MCX", "symbol": "MCX:CRUDEOIL18DEC26FUT", "type": "FUTURE", "token": "430001",
     "broker_symbol": "CRUDEOIL18DEC26FUT", "name": "CRUDEOIL", "underlying": "CRUDEOIL",
     "expiry": "2026-12-18", "lot_size": 100, "tick_size": "1"},
]  # fmt: skip
BY = {row["symbol"]: row for row in INSTRUMENTS}
ACC, OPTION, FUTURE = "NSE:ACC", "NFO:NIFTY24NOV2626000CE", "NFO:BANKNIFTY29DEC26FUT"
CURRENCY = "CDS:USDINR29DEC26FUT"

WORLD: dict[str, Json] = {
    "now": "2026-11-20T11:05:00+05:30",
    "credentials": {"api_key": KEY, "client_code": "MA6800001", "password": PASSWORD,
                    "totp": "123456"},
    "session": {
        "account": "MA6800001", "tokens": {"api_key": KEY, "jwt": JWT},
    },
    "headers": {"X-Mirae-Version": "1", "Content-Type": "application/json"},
    "refusal": {
        "status": 400,
        "body": {"status": "false", "message": "Enter valid trigger price.", "errorcode": "400",
                 "data": None},
    },
    "instruments": INSTRUMENTS,
}  # fmt: skip


def ok(data: Json, flag: Json = "true") -> dict[str, Json]:
    return {"body": {"status": flag, "message": "SUCCESS", "errorcode": "", "data": data}}


def refused(code: str | None, message: str, status: int = 200) -> dict[str, Json]:
    body = {"status": "false", "message": message, "errorcode": code, "data": None}
    return {"status": status, "body": body}


def step(
    method: str, path: str, reply: Json, body: Json = None, *, key: bool = True, jwt: bool = True
) -> Json:
    headers = {"X-PrivateKey": KEY if key else None, "Authorization": f"Bearer {JWT}"}
    if not jwt:
        headers["Authorization"] = None
    request: dict[str, Json] = {"method": method, "path": ROOT + path, "headers": headers}
    return {"request": request | ({"body": body} if body is not None else {}), "reply": reply}


# -- orders

ORDER_ID = "1191261120101"
RECEIVED = ok({"script": "ACC-EQ", "orderid": ORDER_ID, "uniqueorderid": ""})
LIMIT = {"order_type": "LIMIT", "price": "1850.5"}
ASKED = {"symbol": ACC, "side": "BUY", "quantity": 1, "product": "CNC"}


def order_body(symbol: str, **fields: str) -> dict[str, str]:
    row = BY[symbol]
    return {
        "variety": "NORMAL", "tradingsymbol": row["broker_symbol"], "symboltoken": row["token"],
        "exchange": row["exchange"], "transactiontype": "BUY", "ordertype": "LIMIT",
        "quantity": "1", "producttype": "DELIVERY", "price": "0", "triggerprice": "0",
        "squareoff": "0", "stoploss": "0", "trailingStopLoss": "", "disclosedquantity": "0",
        "duration": "DAY", "ordertag": "$tag",
    } | fields  # fmt: skip


def ack(variety: str = "NORMAL", order_id: str = ORDER_ID) -> dict[str, Json]:
    return {"order_id": order_id, "handle": {"variety": variety}}


def placed(
    name: str, body: Json, symbol: str = ACC, variety: str = "NORMAL", reply: Json = None,
    **args: Json,
) -> Json:  # fmt: skip
    sent = order_body(symbol, **({"variety": variety} | body))
    sending = step("POST", "/orders/regular", reply or RECEIVED, sent)
    return case(name, "place_order", ASKED | {"symbol": symbol} | args, sending,
                result=ack(variety))  # fmt: skip


def held_back(name: str, **args: Json) -> Json:
    return case(name, "place_order", ASKED | args, error=failed("Unsupported", "NOT_SENT"))


def place_cases() -> list[Json]:
    stop = {"ordertype": "STOPLOSS_LIMIT", "price": "1860", "triggerprice": "1859.5"}
    stop_asked = {"order_type": "SL", "price": "1860", "trigger_price": "1859.5"}
    limit = {"price": "1850.5"}
    listed = {"body": [{"status": "success", "data": {"order_id": ORDER_ID}}]}
    return [
        placed("limit", limit, **LIMIT),
        placed("sell", limit | {"transactiontype": "SELL"}, side="SELL", **LIMIT),
        placed("market", {"ordertype": "MARKET"}, order_type="MARKET"),
        placed("market_with_the_brokers_band", {"ordertype": "MARKET"}, order_type="MARKET",
               market_protection="broker"),
        placed("stop_limit", stop, variety="STOPLOSS", **stop_asked),
        placed("stop_market", {"ordertype": "STOPLOSS_MARKET", "triggerprice": "1859.5"},
               variety="STOPLOSS", order_type="SL-M", trigger_price="1859.5"),
        placed("intraday", limit | {"producttype": "INTRADAY"}, product="MIS", **LIMIT),
        placed("carried_forward",
               {"producttype": "CARRYFORWARD", "price": "29.8", "quantity": "75"}, OPTION,
               product="NRML", quantity=75, order_type="LIMIT", price="29.8"),
        placed("future_in_lots",
               {"producttype": "INTRADAY", "price": "58000.2", "quantity": "70",
                "transactiontype": "SELL"}, FUTURE,
               side="SELL", quantity=None, lots=2, product="MIS", order_type="LIMIT",
               price="58000.2"),
        placed("bse_future", {"producttype": "CARRYFORWARD", "price": "86000", "quantity": "20"},
               "BFO:SENSEX26NOV26FUT", product="NRML", quantity=20, order_type="LIMIT",
               price="86000"),
        placed("bse_share", {"price": "812.05"}, "BSE:SBIN", order_type="LIMIT", price="812.05"),
        placed("ioc", limit | {"duration": "IOC"}, validity="IOC", **LIMIT),
        placed("disclosed", limit | {"quantity": "100", "disclosedquantity": "40"}, quantity=100,
               disclosed_quantity=40, **LIMIT),
        placed("after_market", limit, variety="AMO", after_market=True, **LIMIT),
        placed("labelled", limit, tag="algo7", **LIMIT),
        placed("reply_in_a_list", limit, reply=listed, **LIMIT),
        placed("order_id_with_a_blank", limit,
               reply=ok({"orderid": f" {ORDER_ID}", "uniqueorderid": ""}), **LIMIT),
        placed("flag_is_true", limit, reply=ok({"orderid": ORDER_ID}, flag=True), **LIMIT),
        placed("flag_with_a_capital", limit, reply=ok({"orderid": ORDER_ID}, flag="True"),
               **LIMIT),
        held_back("margin_funded", product="MTF", **LIMIT),
        held_back("carry_forward_on_cash", product="NRML", **LIMIT),
        held_back("delivery_on_derivatives", symbol=OPTION, quantity=75, **LIMIT),
        held_back("stop_market_on_an_option", symbol=OPTION, quantity=75, product="MIS",
                  order_type="SL-M", trigger_price="29"),
        held_back("own_protection", order_type="MARKET", market_protection="2"),
        held_back("commodity", symbol="MCX:CRUDEOIL18DEC26FUT", quantity=100, product="NRML",
                  order_type="LIMIT", price="5400"),
        held_back("currency", symbol=CURRENCY, quantity=1000, product="NRML", order_type="LIMIT",
                  price="88.25"),
        held_back("bracket", product="MIS", bracket_target="5", bracket_stop="3", **LIMIT),
    ]  # fmt: skip


def book_row(**fields: Json) -> dict[str, Json]:
    return {
        "variety": None, "ordertype": "LIMIT", "producttype": "INTRADAY", "duration": "DAY",
        "price": "1850.00", "triggerprice": "0", "quantity": "10", "disclosedquantity": "0",
        "squareoff": "0", "stoploss": "0", "trailingstoploss": "0", "tradingsymbol": "ACC",
        "transactiontype": "BUY", "exchange": "NSE", "symboltoken": "22",
        "instrumenttype": "EQUITY", "strikeprice": "0", "optiontype": "XX",
        "expirydate": "2026-Nov-20", "lotsize": "0", "cancelsize": "0", "averageprice": "0",
        "filledshares": "0", "unfilledshares": "0", "orderid": ORDER_ID, "text": "CONFIRMED",
        "status": "Pending", "orderstatus": "Pending", "updatetime": "2026-Nov-20 10:20:34",
        "exchtime": "", "exchorderupdatetime": "2026-Nov-20 10:20:34", "fillid": "",
        "filltime": "", "parentorderid": "", "uniqueorderid": "",
        "exchangeorderid": "1000000000017276",
    } | fields  # fmt: skip


def order_row(**fields: Json) -> dict[str, Json]:
    """The result of :func:`book_row`."""
    row = {
        "exchange": "NSE", "token": "22", "broker_symbol": "ACC", "order_id": ORDER_ID,
        "status": "OPEN", "side": "BUY", "order_type": "LIMIT", "product": "MIS",
        "validity": "DAY", "quantity": 10, "filled_quantity": 0, "pending_quantity": 10,
        "cancelled_quantity": 0, "disclosed_quantity": 0, "price": "1850",
        "message": "CONFIRMED", "placed_at": "2026-11-20T10:20:34+05:30",
        "updated_at": "2026-11-20T10:20:34+05:30", "exchange_order_id": "1000000000017276",
        "after_market": False,
    } | fields  # fmt: skip
    return {key: value for key, value in row.items() if value is not None}


OPTION_ROW = book_row(
    ordertype="SL", producttype="MARGIN", price="30.00", triggerprice="29.5", quantity="150",
    tradingsymbol="NIFTY-24Nov2026-26000-CE", symboltoken="42885", instrumenttype="OPTIDX",
    strikeprice="26000", optiontype="CE", expirydate="2026-Nov-24", lotsize="",
)  # fmt: skip
OPTION_READ = order_row(
    exchange="NFO", token="42885", broker_symbol="NIFTY-24Nov2026-26000-CE", order_type="SL",
    product="NRML", price="30", trigger_price="29.5", quantity=150, pending_quantity=150,
)  # fmt: skip
STATUSES = {
    "Transit": "PENDING", "O-Pending": "PENDING", "O-Modified": "PENDING", "Pending": "OPEN",
    "TRIGGERED": "OPEN", "trigger pending": "TRIGGER_PENDING", "Traded": "FILLED",
    "Cancelled": "CANCELLED", "O-Cancelled": "CANCELLED", "Rejected": "REJECTED",
    "Something": "UNKNOWN",
}  # fmt: skip


def orders_cases() -> list[Json]:
    def orders(name: str, rows: Json, result: Json) -> Json:
        return case(name, "orders", {}, step("GET", "/orders", ok(rows)), result=result)

    return [
        orders("full", [book_row()], [order_row()]),
        orders("null", None, []),
        orders("empty_list", [], []),
        orders("option_in_the_books_words", [OPTION_ROW], [OPTION_READ]),
        orders("every_status",
               [book_row(orderid=str(n), status=word, orderstatus=word)
                for n, word in enumerate(STATUSES, 1)],
               [order_row(order_id=str(n), status=status)
                | ({"after_market": True, "handle": {"variety": "AMO"}}
                   if word.startswith("O-") else {})
                for n, (word, status) in enumerate(STATUSES.items(), 1)]),
        orders("partly_filled", [book_row(filledshares="4", averageprice="1849.9500")],
               [order_row(filled_quantity=4, pending_quantity=6, average_price="1849.95")]),
        orders("rejected_with_a_reason",
               [book_row(status="Rejected", orderstatus="Rejected",
                         text="EXCH:16284:The order price is out of the days price range.")],
               [order_row(status="REJECTED",
                          message="EXCH:16284:The order price is out of the days price range.")]),
        orders("time_with_blanks",
               [book_row(updatetime="2026-Nov-20 10: 20: 34",
                         exchorderupdatetime="2026-Nov-20 10: 20: 34")], [order_row()]),
        orders("time_of_the_exchange", [book_row(exchtime="2026-Nov-20 10:20:33")],
               [order_row(placed_at="2026-11-20T10:20:33+05:30")]),
        orders("currency", [book_row(instrumenttype="FUTCUR", symboltoken="1234",
                                     tradingsymbol="USDINR-29Dec2026-FUT")],
               [order_row(exchange="CDS", token="1234", broker_symbol="USDINR-29Dec2026-FUT")]),
        orders("bse_future", [book_row(instrumenttype="FUTIDX", exchange="BSE",
                                       symboltoken="877001")],
               [order_row(exchange="BFO", token="877001")]),
        orders("delivery_on_margin", [book_row(producttype="MARGIN")], [order_row(product=None)]),
        orders("other_spellings_of_stops",
               [book_row(ordertype=word) for word in ("STOP_LOSS", "STOP_LOSS_MARKET", "SL-M",
                                                      "STOPLOSS_LIMIT")],
               [order_row(order_type=kind) for kind in ("SL", "SL-M", "SL-M", "SL")]),
        orders("stop_market", [book_row(ordertype="SL", price="0.00", triggerprice="1859.5")],
               [order_row(order_type="SL-M", price=None, trigger_price="1859.5")]),
        orders("foreign_words",
               [book_row(exchange="GIFT", ordertype="ICEBERG", producttype="XYZ", duration="GTD",
                         transactiontype="SHORT", orderstatus="parked", newfield={"a": 1})],
               [order_row(exchange=None, order_type=None, product=None, validity=None, side=None,
                          status="UNKNOWN")]),
        case("by_book", "order", {"order_id": ORDER_ID},
             step("GET", "/orders", ok([book_row(orderid="1"), book_row()])), result=order_row()),
        case("not_in_the_book", "order", {"order_id": "7"}, step("GET", "/orders", ok(None)),
             error=failed("OrderNotFound")),
        case("book_without_data", "orders", {},
             step("GET", "/orders",
                  {"body": {"status": "true", "message": "SUCCESS", "errorcode": ""}}),
             error=failed("MalformedReply")),
    ]  # fmt: skip


def changed_body(**fields: str) -> dict[str, str]:
    return {
        "variety": "NORMAL", "tradingsymbol": "ACC-EQ", "symboltoken": "22", "exchange": "NSE",
        "transactiontype": "BUY", "orderid": ORDER_ID, "ordertype": "LIMIT", "quantity": "10",
        "producttype": "INTRADAY", "duration": "DAY", "price": "1850", "triggerprice": "0",
        "disclosedquantity": "0", "modqty_remng": "0",
    } | fields  # fmt: skip


def change_cases() -> list[Json]:
    path = f"/orders/regular/{ORDER_ID}"
    changed = ok({"orderid": f" {ORDER_ID}", "uniqueorderid": ""})

    def modified(
        name: str, change: Json, sent: Json, row: Json = None, variety: str = "NORMAL"
    ) -> Json:
        read = step("GET", "/orders", ok([row or book_row()]))
        sending = step("PUT", path, changed, changed_body(**({"variety": variety} | sent)))
        return case(name, "modify_order", {"order_id": ORDER_ID} | change, read, sending,
                    result=ack(variety))  # fmt: skip

    def cancelled(name: str, handle: Json, *reads: Json, variety: str) -> Json:
        body = {"variety": variety, "orderid": ORDER_ID}
        return case(name, "cancel_order", {"order_id": ORDER_ID, "handle": handle}, *reads,
                    step("DELETE", path, changed, body), result=ack(variety))  # fmt: skip

    option = {"tradingsymbol": "NIFTY24NOV2626000CE", "symboltoken": "42885", "exchange": "NFO",
              "producttype": "CARRYFORWARD", "ordertype": "STOPLOSS_LIMIT", "quantity": "150",
              "price": "30", "triggerprice": "29.5"}  # fmt: skip
    done = refused("RS-0034", "Order is Cancelled.Kindly refresh your OrderBook")
    gone = refused("RS-00093", "Order is Cancelled.Kindly refresh your OrderBook")
    foreign = book_row(producttype="XYZ", duration="GTD")
    return [
        modified("price", {"price": "1851.5"}, {"price": "1851.5"}),
        modified("quantity", {"quantity": 12}, {"quantity": "12"}),
        modified("validity", {"validity": "IOC"}, {"duration": "IOC"}),
        modified("disclosed", {"disclosed_quantity": 4}, {"disclosedquantity": "4"}),
        modified("to_market", {"order_type": "MARKET"}, {"ordertype": "MARKET", "price": "0"}),
        modified("to_stop", {"order_type": "SL", "price": "1852", "trigger_price": "1851"},
                 {"ordertype": "STOPLOSS_LIMIT", "price": "1852", "triggerprice": "1851"},
                 variety="STOPLOSS"),
        modified("an_option_in_its_own_words", {"trigger_price": "29.55"},
                 option | {"triggerprice": "29.55"}, OPTION_ROW, "STOPLOSS"),
        modified("after_market", {"price": "1851.5"}, {"price": "1851.5"},
                 book_row(status="O-Pending", orderstatus="O-Pending"), "AMO"),
        modified("stop_to_limit", {"order_type": "LIMIT"},
                 option | {"ordertype": "LIMIT", "triggerprice": "0"}, OPTION_ROW),
        case("modify_what_is_done", "modify_order", {"order_id": ORDER_ID, "price": "1851.5"},
             step("GET", "/orders", ok([book_row()])),
             step("PUT", path, done, changed_body(price="1851.5")),
             error=failed("OrderNotModifiable", "REJECTED", "RS-0034")),
        case("modify_a_row_of_foreign_words", "modify_order",
             {"order_id": ORDER_ID, "price": "1851.5"}, step("GET", "/orders", ok([foreign])),
             error=failed("Unsupported", "NOT_SENT")),
        case("modify_a_currency", "modify_order", {"order_id": ORDER_ID, "price": "88.5"},
             step("GET", "/orders", ok([book_row(instrumenttype="FUTCUR", symboltoken="1234")])),
             error=failed("Unsupported", "NOT_SENT")),
        case("modify_without_a_trigger", "modify_order", {"order_id": ORDER_ID, "price": "1851.5"},
             step("GET", "/orders", ok([book_row()])),
             step("PUT", path, refused("IA400", "Trigger price can not be blank."),
                  changed_body(price="1851.5")),
             error=failed("OrderRejected", "REJECTED", "IA400")),
        cancelled("cancel", {"variety": "NORMAL"}, variety="NORMAL"),
        cancelled("cancel_a_stop", {"variety": "STOPLOSS"}, variety="STOPLOSS"),
        cancelled("cancel_after_market", {"variety": "AMO"}, variety="AMO"),
        cancelled("cancel_a_bare_id", {}, step("GET", "/orders", ok([book_row()])),
                  variety="NORMAL"),
        cancelled("cancel_a_bare_id_of_a_stop", {}, step("GET", "/orders", ok([OPTION_ROW])),
                  variety="STOPLOSS"),
        cancelled("cancel_a_bare_id_after_market", {},
                  step("GET", "/orders", ok([book_row(status="O-Pending",
                                                      orderstatus="O-Pending")])),
                  variety="AMO"),
        case("cancel_what_is_cancelled", "cancel_order",
             {"order_id": ORDER_ID, "handle": {"variety": "NORMAL"}},
             step("DELETE", path, gone, {"variety": "NORMAL", "orderid": ORDER_ID}),
             error=failed("OrderNotModifiable", "REJECTED", "RS-00093")),
        case("cancel_something_went_wrong", "cancel_order",
             {"order_id": ORDER_ID, "handle": {"variety": "NORMAL"}},
             step("DELETE", path,
                  {"body": {"status": "False", "message": "something went wrong",
                            "errorcode": "MA500", "data": "None"}},
                  {"variety": "NORMAL", "orderid": ORDER_ID}),
             error=failed("OrderUnknown", "UNKNOWN", "MA500")),
    ]  # fmt: skip


# -- account

TRADE = {
    "ALGO_ID": "0", "BUY_SELL": "Sell", "CLIENT_ID": "MA6800001", "ENCASH_FLG": "N",
    "EXCHANGE": "NSE", "EXCH_ORDER_NUMBER": "1100000048872942", "EXPIRY_DATE": "0",
    "FULL_SYMBOL": "ACC LIMITED", "GTC_FLG": "N", "INSTRUMENT_NAME": "EQUITY",
    "MKT_PROTECT_FLG": "N", "MKT_PROTECT_VAL": 0, "MKT_TYPE": "NL", "OPT_TYPE": "XX",
    "ORDER_DATE_TIME": "20-11-2026 10:21:42", "ORDER_NUMBER": ORDER_ID, "ORDER_TYPE": "MARKET",
    "PARTICIPANT_TYPE": "B", "PRICE": 1849.95, "PRODUCT": "CNC", "QUANTITY": 4, "R": 1,
    "REMARKS1": "NA", "REMARKS2": "NA", "SEC_ID": "22", "SEGMENT": "E", "SETTLOR": "90144",
    "SOURCE_FLG": "WEB", "STRIKE_PRICE": 0, "SYMBOL": "ACC", "TRADE_NUMBER": "206465040",
    "TRADE_VALUE": 7399.8,
}  # fmt: skip
TRADE_READ = {
    "exchange": "NSE", "token": "22", "broker_symbol": "ACC", "trade_id": "206465040",
    "order_id": ORDER_ID, "exchange_order_id": "1100000048872942", "side": "SELL",
    "product": "CNC", "quantity": 4, "price": "1849.95",
    "traded_at": "2026-11-20T10:21:42+05:30",
}  # fmt: skip


def position_row(**fields: Json) -> dict[str, Json]:
    return {
        "exchange": "NSE", "symboltoken": "42885", "producttype": "CARRYFORWARD",
        "tradingsymbol": "", "symbolname": "NIFTY-24Nov2026-26000-CE", "instrumenttype": "OPTIDX",
        "priceden": "", "pricenum": "", "genden": "", "gennum": "", "precision": "",
        "multiplier": "1", "boardlotsize": "", "buyqty": "150", "sellqty": "75",
        "buyamount": "30.1", "sellamount": "29.9", "symbolgroup": "", "strikeprice": "26000",
        "optiontype": "CE", "expirydate": "24-Nov-2026", "lotsize": "75", "cfbuyqty": "0",
        "cfsellqty": "0", "cfbuyamount": "", "cfsellamount": "", "buyavgprice": "30.1",
        "sellavgprice": "29.9", "avgnetprice": "30.3", "netvalue": "-2272.5", "netqty": "75",
        "totalbuyvalue": "4515", "totalsellvalue": "2242.5", "cfbuyavgprice": "0",
        "cfsellavgprice": "0", "totalbuyavgprice": "", "totalsellavgprice": "",
        "netprice": "30.3",
    } | fields  # fmt: skip


POSITION_READ = {
    "exchange": "NFO", "token": "42885", "broker_symbol": "NIFTY-24Nov2026-26000-CE",
    "product": "NRML", "quantity": 75, "overnight_quantity": 0, "buy_quantity": 150,
    "sell_quantity": 75, "buy_price": "30.1", "sell_price": "29.9", "average_price": "30.3",
}  # fmt: skip
HELD = {
    "tradingsymbol": "ACC LIMITED", "exchange": None, "isin": "INE012A01025", "t1quantity": 0,
    "realisedquantity": 0, "quantity": 10, "authorisedquantity": 0, "product": None,
    "collateralquantity": 0, "collateraltype": None, "haircut": 0, "averageprice": 1800,
    "ltp": 1850.5, "symboltoken": "22", "close": 1840, "profitandloss": 0, "pnlpercentage": 0,
}  # fmt: skip
HELD_READ = {
    "exchange": "NSE", "token": "22", "broker_symbol": "ACC LIMITED", "isin": "INE012A01025",
    "quantity": 10, "t1_quantity": 0, "collateral_quantity": 0, "average_price": "1800",
    "last_price": "1850.5", "close_price": "1840", "pnl": "0", "pnl_percent": "0",
}  # fmt: skip
FUNDS = {
    "ADDITIONAL_MARGIN": "0.0", "ADHOC_LIMIT": "0", "AMOUNT_UTILIZED": "27395.71",
    "AVAILABLE_BALANCE": "299972.29", "BANK_HOLDING": "0", "CLEAR_BALANCE": "0",
    "COLLATERALS": "74668", "LIMIT_SOD": "99999", "LIMIT_TYPE": "CAPITAL",
    "MF_COLLATERAL": "0.0", "MTM_COMBINED": "-12.5", "OPT_BUY_PRIMIUM_UTILIZE": "0.0",
    "PAY_OUT_AMT": "50000.0", "PEAK_MARGIN": "33222.73", "REALISED_PROFITS": "7",
    "RECEIVABLES": "0", "SEG": "A", "SUM_OF_ALL": "300000.5", "UNCLEAR_BALANCE": "0",
}  # fmt: skip


def account_cases() -> list[Json]:
    def read(name: str, operation: str, path: str, data: Json, result: Json = None,
             flag: Json = "true", **end: Json) -> Json:  # fmt: skip
        reading = step("GET", path, ok(data, flag))
        return case(name, operation, {}, reading, **(end or {"result": result}))

    sparse = dict.fromkeys(FUNDS) | {"AVAILABLE_BALANCE": "1", "COLLATERALS": "None", "SEG": "A"}
    foreign = position_row(producttype="XYZ", exchange="GIFT", instrumenttype="", new=1)
    trade = TRADE | {"EXCHANGE": "NSE", "INSTRUMENT_NAME": "OPTIDX", "PRODUCT": "XYZ",
                     "SEC_ID": "42885", "BUY_SELL": "Buy"}  # fmt: skip
    trade_read = {k: v for k, v in TRADE_READ.items() if k != "product"}
    return [
        read("trades", "trades", "/tradebook", [TRADE], [TRADE_READ]),
        read("trades_of_a_derivative", "trades", "/tradebook", [trade],
             [trade_read | {"exchange": "NFO", "token": "42885", "side": "BUY"}]),
        read("no_trades", "trades", "/tradebook", None, []),
        read("no_trades_listed", "trades", "/tradebook", [], []),
        read("positions", "positions", "/portfolio/positions", [position_row()], [POSITION_READ]),
        read("a_share", "positions", "/portfolio/positions",
             [position_row(symboltoken="22", tradingsymbol="ACC-EQ", symbolname="ACC",
                           instrumenttype="EQUITY", producttype="DELIVERY")],
             [POSITION_READ | {"exchange": "NSE", "token": "22", "broker_symbol": "ACC-EQ",
                               "product": "CNC"}]),
        read("foreign_position", "positions", "/portfolio/positions", [foreign],
             [{k: v for k, v in POSITION_READ.items() if k not in ("exchange", "product")}]),
        read("no_positions", "positions", "/portfolio/positions", None, []),
        read("no_positions_listed", "positions", "/portfolio/positions", [], []),
        read("holdings", "holdings", "/portfolio/holdings", [HELD], [HELD_READ]),
        read("held_at_bse_alone", "holdings", "/portfolio/holdings",
             [HELD | {"symboltoken": "500112", "product": "DELIVERY"}],
             [HELD_READ | {"exchange": "BSE", "token": "500112", "product": "CNC"}]),
        read("no_holdings", "holdings", "/portfolio/holdings", None, []),
        read("no_holdings_listed", "holdings", "/portfolio/holdings", [], []),
        read("funds", "funds", "/user/fundsummary", [{"SEG": "X"}, FUNDS],
             {"available": "299972.29", "collateral": "74668", "utilised": "27395.71",
              "realised_pnl": "7", "unrealised_pnl": "-12.5"}, flag=True),
        read("funds_with_nulls", "funds", "/user/fundsummary", [sparse], {"available": "1"}),
        read("no_funds", "funds", "/user/fundsummary", [], error=failed("MalformedReply")),
        read("funds_without_data", "funds", "/user/fundsummary", None,
             error=failed("MalformedReply")),
    ]  # fmt: skip


def convert_cases() -> list[Json]:
    path = "/portfolio/convertposition"
    held = step("GET", "/portfolio/positions", ok([position_row()]))
    short = step("GET", "/portfolio/positions", ok([position_row(netqty="-75")]))
    args = {"broker_symbol": "NIFTY-24Nov2026-26000-CE", "product": "MIS", "quantity": 75}
    body = {
        "exchange": "NSE", "symboltoken": "42885", "oldproducttype": "CARRYFORWARD",
        "newproducttype": "INTRADAY", "tradingsymbol": "NIFTY24NOV2626000CE",
        "symbolname": "NIFTY-24Nov2026-26000-CE", "instrumenttype": "OPTIDX", "priceden": "",
        "pricenum": "", "genden": "", "gennum": "", "precision": "", "multiplier": "1",
        "boardlotsize": "", "buyqty": "150", "sellqty": "75", "buyamount": "30.1",
        "sellamount": "29.9", "transactiontype": "BUY", "quantity": 75, "type": "DAY",
    }  # fmt: skip
    lacking = refused("MA0034", "INSUFICIENT QUANTITY: 1 AVAILABLE QUANTITY: 0")
    return [
        case("convert", "convert_position", args, held, step("POST", path, ok(None), body),
             result=None),
        case("convert_a_short", "convert_position", args, short,
             step("POST", path, ok(None), body | {"transactiontype": "SELL"}), result=None),
        case("convert_refused", "convert_position", args, held, step("POST", path, lacking, body),
             error=failed("OrderRejected", "REJECTED", "MA0034")),
        case("convert_lost", "convert_position", args, held,
             step("POST", path, {"failure": {"handed_over": True}}, body),
             error=failed("OrderUnknown", "UNKNOWN")),
    ]  # fmt: skip


def margin_cases() -> list[Json]:
    orders = [
        {"symbol": ACC, "side": "BUY", "quantity": 5, "product": "CNC", "order_type": "LIMIT",
         "price": "2250"},
        {"symbol": OPTION, "side": "SELL", "quantity": 75, "product": "NRML",
         "order_type": "SL", "price": "29.5", "trigger_price": "30"},
        {"symbol": FUTURE, "side": "BUY", "quantity": 35, "product": "MIS",
         "order_type": "MARKET"},
    ]  # fmt: skip
    asked = [
        {"product_type": "DELIVERY", "transaction_type": "BUY", "quantity": "5", "price": "2250",
         "exchange": "NSE", "symbol_name": "ACC", "token": "22", "trigger_price": "0"},
        {"product_type": "CARRYFORWARD", "transaction_type": "SELL", "quantity": "75",
         "price": "29.5", "exchange": "NFO", "symbol_name": "NIFTY", "token": "42885",
         "trigger_price": "30"},
        {"product_type": "INTRADAY", "transaction_type": "BUY", "quantity": "35", "price": "0",
         "exchange": "NFO", "symbol_name": "BANKNIFTY", "token": "53001", "trigger_price": "0"},
    ]  # fmt: skip
    parts = {"BROKERAGE": 0, "EXPOMARGIN": 512.5, "SPANMARGIN": 10100.25, "VARELMMARGIN": 637.25}
    summary = {"total_charges": 11250, "trade_value": 0, "breakup": [
        {"name": name, "amount": amount, "msg": "", "breakup": []}
        for name, amount in parts.items()]}  # fmt: skip
    reply = {"status": "true", "message": "SUCCESS", "errorcode": None,
             "data": {"summary": summary, "charges": [summary]}}  # fmt: skip
    return [
        case("margin_of_a_currency", "margin",
             {"orders": [{"symbol": CURRENCY, "side": "BUY", "quantity": 1000, "product": "NRML",
                          "order_type": "MARKET"}]}, error=failed("Unsupported", "NOT_SENT")),
        case("margin", "margin", {"orders": orders},
             step("POST", "/margins/orders", {"body": reply}, {"orders": asked}),
             result={"total": "11250", "span": "10100.25", "exposure": "512.5"}),
    ]  # fmt: skip


# -- session


def session_cases() -> list[Json]:
    session = {"broker": "mstock", "account": "MA6800001", "tokens": WORLD["session"]["tokens"]}
    first = {"clientcode": "MA6800001", "password": PASSWORD, "totp": "", "state": ""}
    second = {"refreshToken": HANDLE, "totp": "123456"}
    asked = "Please enter the OTP that we sent on XXXXXXX452"
    handle = {"jwtToken": HANDLE, "refreshToken": "", "feedToken": "", "state": "live"}
    greeted = {"body": {"status": "true", "message": asked, "errorcode": "", "data": handle}}
    as_refresh = ok(handle | {"jwtToken": "another", "refreshToken": HANDLE})
    tokens = {"ClientName": "TEST", "ClientId": "MA6800001", "exchanges": ["NSE"],
              "jwtToken": JWT, "refreshToken": "eyJ.MREF.canary", "feedToken": FEED}  # fmt: skip

    def opened(reply: Json) -> Json:
        return step("POST", "/connect/login", reply, first, key=False, jwt=False)

    def login(name: str, reply: Json, start: Json = None, **end: Json) -> Json:
        verified = step("POST", "/session/verifytotp", reply, second, jwt=False)
        return case(name, "login", {}, opened(start or greeted), verified, **end)

    wrong_code = {"status": 400, "body": {"status": "error", "data": None, "error_type": "MA400",
                                          "message": "Please enter correct TOTP"}}  # fmt: skip
    late = refused("MA500", "Entered OTP has been expired. Please regenerate a new one.")
    no_key = {
        "status": 403,
        "body": {
            "status": "error",
            "data": None,
            "message": "API is suspended/expired for use. Please check your API subscription",
        },
    }
    wrong = refused("MA500", "Invalid username or password. 9 attempts remaining ")
    blank = refused("400", "Please provide valid clientcode and password.", status=400)
    return [
        login("login", ok(tokens, True), result=session),
        login("handle_as_refresh_token", ok(tokens, True), as_refresh, result=session),
        login("session_without_a_token", ok(tokens | {"jwtToken": None}),
              error=failed("MalformedReply")),
        login("wrong_code", wrong_code, error={"class": "TwoFactorFailed", "code": "MA400"}),
        login("late_code", late, error={"class": "TwoFactorFailed", "code": "MA500"}),
        login("dead_key", no_key, error={"class": "InvalidCredentials"}),
        case("wrong_password", "login", {}, opened(wrong),
             error={"class": "InvalidCredentials", "code": "MA500"}),
        case("blank_password", "login", {}, opened(blank),
             error={"class": "InvalidCredentials", "code": "400"}),
        case("login_without_a_handle", "login", {}, opened(ok(None)),
             error=failed("MalformedReply")),
        case("logout", "logout", {}, step("GET", "/logout", {"body": {
            "status": True, "message": "Success", "errorcode": None, "data": None}}), result=None),
        case("logout_of_a_dead_session", "logout", {},
             step("GET", "/logout", refused("IA401", "Invalid request. Please try again.", 401)),
             error={"class": "SessionExpired", "code": "IA401"}),
    ]  # fmt: skip


# -- prices


def quote_cases() -> list[Json]:
    listed = {"exchange": "NSE", "tradingSymbol": "ACC-EQ", "symbolToken": "22", "ltp": 1850.5}
    day = {"open": 1841.0, "high": 1855.25, "low": 1838.6, "close": 1840}
    read = {"exchange": "NSE", "token": "22", "broker_symbol": "ACC-EQ", "last_price": "1850.5"}
    day_read = read | {"open": "1841", "high": "1855.25", "low": "1838.6", "close": "1840"}

    def quotes(name: str, mode: str, sent: str, row: Json, result: Json) -> Json:
        body = {"mode": sent, "exchangeTokens": {"NSE": ["22"]}}
        reading = step("POST", "/instruments/quote", ok({"fetched": [row], "unfetched": []}), body)
        return case(name, "quotes", {"symbols": [ACC], "mode": mode}, reading, result=[result])

    several = {"mode": "LTP", "exchangeTokens": {"NSE": ["26000", "22"], "NFO": ["42885"]}}
    option = {"exchange": "NFO", "tradingSymbol": "NIFTY24NOV2626000CE", "symbolToken": "42885",
              "ltp": 31.2}  # fmt: skip
    index = {"exchange": "NSE", "tradingSymbol": "NIFTY", "symbolToken": "26000", "ltp": 25910.05}
    one = {"mode": "LTP", "exchangeTokens": {"NSE": ["22"]}}
    return [
        quotes("ltp", "LTP", "LTP", listed, read),
        quotes("ohlc", "OHLC", "OHLC", listed | day, day_read),
        quotes("full_is_no_more", "FULL", "OHLC", listed | day, day_read),
        case("segments_together", "quotes",
             {"symbols": ["NSE_INDEX:NIFTY", ACC, OPTION], "mode": "LTP"},
             step("POST", "/instruments/quote",
                  ok({"fetched": [index, listed, option], "unfetched": []}), several),
             result=[{"exchange": "NFO", "token": "42885", "broker_symbol": "NIFTY24NOV2626000CE",
                      "last_price": "31.2"}, read,
                     {"exchange": "NSE", "token": "26000", "broker_symbol": "NIFTY",
                      "last_price": "25910.05"}]),
        case("currency", "quotes", {"symbols": [CURRENCY], "mode": "LTP"},
             step("POST", "/instruments/quote",
                  ok({"fetched": [{"exchange": "CDS", "symbolToken": "1234", "ltp": 88.2525}],
                      "unfetched": []}), {"mode": "LTP", "exchangeTokens": {"CDS": ["1234"]}}),
             result=[{"exchange": "CDS", "token": "1234", "last_price": "88.2525"}]),
        case("quotes_without_data", "quotes", {"symbols": [ACC], "mode": "LTP"},
             step("POST", "/instruments/quote", ok(None), one), error=failed("MalformedReply")),
        case("no_symbols", "quotes", {"symbols": [], "mode": "LTP"}, result=[]),
    ]  # fmt: skip


def history_cases() -> list[Json]:
    words = {"1m": "ONE_MINUTE", "3m": "THREE_MINUTE", "5m": "FIVE_MINUTE", "10m": "TEN_MINUTE",
             "15m": "FIFTEEN_MINUTE", "30m": "THIRTY_MINUTE", "1h": "ONE_HOUR",
             "1d": "ONE_DAY"}  # fmt: skip
    past, now = "/instruments/historical", "/instruments/intraday"
    row = ["2026-11-19 09:45", 1841.0, 1849.5, 1840, 1848.05, 173362]
    cut = ["2026-11-19T09:45:00+05", 1841.0, 1849.5, 1840, 1848.05, 173362]
    today = ["2026-11-20 09:45", 1850.5, 1851, 1849.5, 1850, 811]
    read = {"timestamp": "2026-11-19T09:45:00+05:30", "open": "1841", "high": "1849.5",
            "low": "1840", "close": "1848.05", "volume": 173362}  # fmt: skip
    today_read = {"timestamp": "2026-11-20T09:45:00+05:30", "open": "1850.5", "high": "1851",
                  "low": "1849.5", "close": "1850", "volume": 811}  # fmt: skip
    args = {"symbol": ACC, "interval": "5m", "start": "2026-11-19T09:15:00+05:30",
            "end": "2026-11-19T15:30:00+05:30"}  # fmt: skip
    to_now = args | {"end": "2026-11-20T11:00:00+05:30"}

    def body(interval: str = "FIVE_MINUTE", end: str = "2026-11-19 15:30", exchange: str = "NSE",
             token: str = "22") -> Json:  # fmt: skip
        return {"exchange": exchange, "symboltoken": token, "interval": interval,
                "fromdate": "2026-11-19 09:15", "todate": end}  # fmt: skip

    def candles(*rows: Json) -> Json:
        return ok({"candles": list(rows)})

    short = {"exchange": "1", "symboltoken": "22", "interval": "FIVE_MINUTE"}
    until = body(end="2026-11-20 11:00")
    return [
        *(case(f"interval_{word}", "history", args | {"interval": word},
               step("POST", past, candles(row), body(spelling)), result=[read])
          for word, spelling in words.items()),
        case("offset_cut_short", "history", args, step("POST", past, candles(cut), body()),
             result=[read]),
        case("no_candles", "history", args, step("POST", past, candles(), body()), result=[]),
        case("null", "history", args, step("POST", past, ok(None), body()), result=[]),
        case("up_to_now", "history", to_now, step("POST", past, candles(row), until),
             step("POST", now, candles(today), short), result=[read, today_read]),
        case("an_index", "history", args | {"symbol": "NSE_INDEX:NIFTY"},
             step("POST", past, candles(row), body(token="26000")), result=[read]),
        case("a_derivative_up_to_now", "history", to_now | {"symbol": OPTION},
             step("POST", past, candles(row),
                  body(end="2026-11-20 11:00", exchange="NFO", token="42885")),
             step("POST", now, candles(), short | {"exchange": "2", "symboltoken": "42885"}),
             result=[read]),
        case("commodities_are_not_served", "history",
             args | {"symbol": "MCX:CRUDEOIL18DEC26FUT"}, error=failed("Unsupported", "NOT_SENT")),
    ]  # fmt: skip


# -- what only mStock has


def extra_cases() -> list[Json]:
    details = book_row(
        ordertype="MARKET", price=0, triggerprice=0, squareoff=0, stoploss=0, trailingstoploss=0,
        strikeprice=0, orderid="1000000000016254", updatetime="20-11-2026 03:14:25 PM",
        exchorderupdatetime="", ordertag="algo7ABCDEFGX", filledshares="10",
    )  # fmt: skip
    del details["exchangeorderid"]
    told = order_row(
        order_type="MARKET", price=None, order_id="1000000000016254", filled_quantity=10,
        pending_quantity=0, wire_tag="algo7ABCDEFGX", placed_at="2026-11-20T15:14:25+05:30",
        updated_at="2026-11-20T15:14:25+05:30", exchange_order_id=None,
    )  # fmt: skip
    fill = {
        "exchange": "NSE", "producttype": "DELIVERY", "tradingsymbol": "ACC LIMITED",
        "instrumenttype": "", "symbolgroup": "", "strikeprice": "", "optiontype": "",
        "expirydate": "", "marketlot": "", "precision": "", "multiplier": "", "tradevalue": "",
        "transactiontype": "SELL", "fillprice": "1845.45", "fillsize": "1",
        "orderid": "1300000040250500", "fillid": "68346395", "filltime": "14:48:23",
    }  # fmt: skip
    fill_read = {
        "exchange": "NSE", "broker_symbol": "ACC LIMITED", "trade_id": "68346395",
        "order_id": "1300000040250500", "side": "SELL", "product": "CNC", "quantity": 1,
        "price": "1845.45", "traded_at": "2026-11-18T14:48:23+05:30",
    }  # fmt: skip
    mover = {
        "exchange": "NSE", "segment": "E", "security_id": 22, "ltp": 1850.5, "Pclose": 0,
        "volume": 6227379, "per_change": 6.19, "change": 42.7, "symbol_name": "ACC LIMITED",
        "instrument": "EQUITY", "series": "EQ", "lot_size": 1, "symbol": "ACC", "Message": "0",
    }  # fmt: skip
    master = {
        "dctExp": {"1": 1479997800, "2": 1480602600},
        "FUTIDX": ["NIFTY,26000,1,2"], "OPTIDX": ["BANKNIFTY,26009,2", "NIFTY,26000,1,2"],
        "OFSTK": ["ACC,22,2"],
    }  # fmt: skip
    chain = {
        "contractModel": {"sym": "NIFTY", "exid": 2, "ultk": 26000, "exp": 1479997800},
        "call": ["42885,2600000,0", "42887,2605000,0"], "put": ["42886,2600000,0"],
        "future": ["54458,-1,2969100"], "spot": "NIFTY,26000,NSEIDX",
    }  # fmt: skip
    wanted = {"underlying": "NIFTY", "expiry": "2026-11-24"}
    expiries = step("GET", "/getoptionchainmaster/2", ok(master, True))
    return [
        case("order_details", "vendor.order_details", {"order_id": ORDER_ID, "segment": "E"},
             step("POST", "/order/details", ok([details]), {"order_no": ORDER_ID, "segment": "E"}),
             result=told),
        case("order_details_in_the_morning", "vendor.order_details", {"order_id": ORDER_ID},
             step("POST", "/order/details",
                  ok([details | {"updatetime": "20-11-2026 12:04:05 AM"}]),
                  {"order_no": ORDER_ID}),
             result=told | {"placed_at": "2026-11-20T00:04:05+05:30",
                            "updated_at": "2026-11-20T00:04:05+05:30"}),
        case("details_of_no_order", "vendor.order_details", {"order_id": "7"},
             step("POST", "/order/details", ok(None), {"order_no": "7"}),
             error=failed("MalformedReply")),
        case("trades_of", "vendor.trades_of", {"day": "2026-11-18"},
             step("POST", "/trades", ok([fill]),
                  {"fromdate": "2026-11-18", "todate": "2026-11-18"}), result=[fill_read]),
        case("trades_of_a_quiet_day", "vendor.trades_of", {"day": "2026-11-18"},
             step("POST", "/trades", ok([]),
                  {"fromdate": "2026-11-18", "todate": "2026-11-18"}), result=[]),
        case("movers", "vendor.movers", {"kind": "L"},
             step("POST", "/losergainer", ok([mover], True),
                  {"Exchange": "1", "SecurityIdCode": "13", "segment": "1", "TypeFlag": "L"}),
             result=[{"exchange": "NSE", "token": "22", "broker_symbol": "ACC",
                      "last_price": "1850.5", "change": "42.7", "change_percent": "6.19"}]),
        case("option_contracts", "vendor.option_contracts", wanted, expiries,
             step("GET", "/GetOptionChain/2/1479997800/26000", ok(chain, True)),
             result=[{"exchange": "NFO", "token": token} for token in ("42885", "42887", "42886")]),
        case("options_that_are_not_listed", "vendor.option_contracts",
             wanted | {"expiry": "2026-11-25"}, expiries,
             error={"class": "UsageError"}),
        case("option_chain_elsewhere", "vendor.option_contracts", wanted | {"exchange": "MCX"},
             error={"class": "Unsupported"}),
    ]  # fmt: skip


# -- refusals

CODES: list[tuple[str, str, int, str, str | None, str]] = [
    # code, message, HTTP status, error on a read, on an order (None: the same), the order's outcome
    ("400", "Enter valid trigger price.", 401, "BrokerError", "OrderRejected", "REJECTED"),
    ("IA400", "Trigger price can not be blank.", 400, "BrokerError", "OrderRejected", "REJECTED"),
    ("IA401", "Invalid request. Please try again.", 400, "SessionExpired", None, "NOT_SENT"),
    ("IA403", "Something new about keys", 403, "BrokerError", None, "NOT_SENT"),
    ("IA404", "Requested resource could not be found.", 404, "BrokerError", "OrderRejected",
     "REJECTED"),
    ("IA500", "Internal server error", 200, "BrokerUnavailable", "OrderUnknown", "UNKNOWN"),
    ("MA0034", "INSUFICIENT QUANTITY TO CONVERT", 200, "BrokerError", "OrderRejected", "REJECTED"),
    ("MA500", "something went wrong", 200, "BrokerError", "OrderUnknown", "UNKNOWN"),
    ("RS-0111", "RMS:1141241105101:NSE,EQUITY,22,ACC,FUND LIMIT INSUFFICIENT", 200,
     "InsufficientFunds", None, "REJECTED"),
    ("RS-0034", "Order is Cancelled.Kindly refresh your OrderBook", 200, "OrderNotModifiable",
     "OrderUnknown", "UNKNOWN"),
    ("RS-00093", "Order is Cancelled.Kindly refresh your OrderBook", 200, "OrderNotModifiable",
     "OrderUnknown", "UNKNOWN"),
    ("RS-9999", "Something else of the exchange's", 200, "BrokerError", "OrderRejected",
     "REJECTED"),
    ("MA7777", "Something that no table lists", 200, "BrokerError", "OrderUnknown", "UNKNOWN"),
    ("MA7778", "RMS: known words under it", 200, "RiskRejected", "OrderUnknown", "UNKNOWN"),
    ("RS-9998", "OMS timeout", 200, "BrokerError", "OrderUnknown", "UNKNOWN"),
]  # fmt: skip
KINDS: list[tuple[str, str, str, str | None, str]] = [
    # error_type, message, error on a read, on an order, outcome
    ("TokenException", "Invalid token", "SessionExpired", None, "NOT_SENT"),
    ("APIKeyException", "Invalid key", "InvalidCredentials", None, "NOT_SENT"),
    ("InputException", "Bad quantity", "BrokerError", "OrderRejected", "REJECTED"),
    (
        "VersionException",
        "Please provide valid api version.",
        "BrokerError",
        "OrderRejected",
        "REJECTED",
    ),
    ("MiraeException", "something went wrong", "BrokerError", "OrderUnknown", "UNKNOWN"),
]
TEXTS: list[tuple[str, str, str, str]] = [
    # code, message, error on an order, outcome
    ("IA403", "Request IP address are not matching with Primary and Secondary IP",
     "StaticIPNotAllowed", "NOT_SENT"),
    ("IA403", "API is suspended/expired for use. Please check your API subscription",
     "InvalidCredentials", "NOT_SENT"),
    ("RS-0001", "EXCH:16284:The order price is out of the days price range.", "PriceOutOfBand",
     "REJECTED"),
    ("RS-0002", "RMS:Blocked for this scrip", "RiskRejected", "REJECTED"),
    ("RS-0003", "Insufficient holdings", "InsufficientHoldings", "REJECTED"),
    ("MA500", "FUND LIMIT INSUFFICIENT,AVAILABLE FUND=0", "InsufficientFunds", "REJECTED"),
]  # fmt: skip


def contradictions() -> list[tuple[str, Json, str | None]]:
    data = {"orderid": ORDER_ID, "uniqueorderid": ""}

    def body(**said: Json) -> Json:
        return {"body": {"message": "SUCCESS", "errorcode": "", "data": data} | said}

    validation = {"title": "One or more validation errors occurred.", "status": 400,
                  "errors": {"orders": ["The orders field is required."]}}  # fmt: skip
    return [
        ("success_with_a_code", body(status="true", errorcode="IA400"), "IA400"),
        ("success_with_an_error_type", body(status="success", error_type="InputException"),
         "InputException"),
        ("success_under_a_refusing_status", body(status="true") | {"status": 401}, None),
        ("success_that_names_two_orders", body(status="true", data=data | {"order_id": "1"}), None),
        ("refusal_that_names_an_order", body(status="false", errorcode="IA400"), "IA400"),
        ("refusal_that_names_an_order_in_type_as_words",
         body(status="error", data={"order_id": ORDER_ID}), None),
        ("two_flags", body(status="true", success=False), None),
        ("a_flag_of_another_kind", body(status="perhaps"), None),
        ("a_validators_page", {"status": 400, "body": validation}, None),
        ("two_envelopes", {"body": [{"status": "success", "data": data}] * 2}, None),
        ("success_without_data", {"body": {"status": "true", "message": "SUCCESS"}}, None),
    ]  # fmt: skip


def refusal_cases() -> list[Json]:
    asked, body = ASKED | LIMIT, order_body(ACC, price="1850.5")

    def read(name: str, reply: Json, kind: str, code: str | None) -> Json:
        return case(name, "orders", {}, step("GET", "/orders", reply),
                    error={"class": kind, "code": code})  # fmt: skip

    def order(name: str, reply: Json, kind: str, outcome: str, code: str | None) -> Json:
        return case(name, "place_order", asked, step("POST", "/orders/regular", reply, body),
                    error=failed(kind, outcome, code))  # fmt: skip

    cases = []
    for code, message, status, on_read, on_order, outcome in CODES:
        reply = refused(code, message, status)
        cases += [
            read(f"{code}_on_a_read", reply, on_read, code),
            order(f"{code}_on_an_order", reply, on_order or on_read, outcome, code),
        ]
    for kind, message, on_read, on_order, outcome in KINDS:
        reply = {"body": {"status": "error", "message": message, "error_type": kind, "data": None}}
        cases += [
            read(f"{kind}_on_a_read", reply, on_read, kind),
            order(f"{kind}_on_an_order", reply, on_order or on_read, outcome, kind),
        ]
    for number, (code, message, error, outcome) in enumerate(TEXTS):
        cases.append(order(f"text_{number}", refused(code, message), error, outcome, code))
    for name, reply, witness in contradictions():
        cases += [
            read(f"{name}_on_a_read", reply, "MalformedReply", witness),
            order(f"{name}_on_an_order", reply, "OrderUnknown", "UNKNOWN", witness),
        ]
    flags = {"true_false": False, "text": "False", "error": "error"}
    for name, flag in flags.items():
        reply = {"body": [{"status": flag, "message": "Bad", "errorcode": "IA400", "data": None}]}
        cases.append(order(f"refusal_in_a_list_{name}", reply, "OrderRejected", "REJECTED",
                           "IA400"))  # fmt: skip
    missing: Json
    for number, missing in enumerate((None, "", [], {"orderid": None}, {"orderid": "null"})):
        cases.append(order(f"success_without_an_id_{number}", ok(missing), "OrderUnknown",
                           "UNKNOWN", None))  # fmt: skip
    hostile: dict[str, tuple[Json, str, str]] = {
        "429": ({"status": 429, "text": "slow down"}, "RateLimited", "NOT_SENT"),
        "502": ({"status": 502, "text": "<html>Bad Gateway</html>"}, "OrderUnknown", "UNKNOWN"),
        "empty": ({"text": ""}, "OrderUnknown", "UNKNOWN"),
        "lost": ({"failure": {"handed_over": True}}, "OrderUnknown", "UNKNOWN"),
        "not_sent": ({"failure": {"handed_over": False}}, "NotSent", "NOT_SENT"),
    }
    for name, (reply, error, outcome) in hostile.items():
        cases.append(order(name, reply, error, outcome, None))
    return cases


def raw_cases() -> list[Json]:
    path = f"{ROOT}/FetchBasket"
    return [
        case("get", "raw", {"method": "GET", "path": path}, step("GET", "/FetchBasket", ok([])),
             result=[]),
        case("write", "raw", {"method": "POST", "path": path},
             error=failed("Unsupported", "NOT_SENT")),
        case("order_path", "raw", {"method": "GET", "path": f"{ROOT}/orders/r%65gular"},
             error=failed("Unsupported", "NOT_SENT")),
        case("another_host", "raw", {"method": "GET", "path": "@example.org/"},
             error=failed("UsageError", "NOT_SENT")),
    ]  # fmt: skip


def master_cases() -> list[Json]:
    """The published form: the columns symbol and name changed about, amounts in rupees."""
    rows = [
        {"token": "22", "symbol": "ACC", "name": "ACC-EQ", "expiry": "", "strike": "",
         "lotsize": "1", "instrumenttype": "EQ", "exch_seg": "NSE", "tick_size": "0.05"},
        {"token": "42885", "symbol": "NIFTY", "name": "NIFTY24NOV2626000CE",
         "expiry": "24Nov2026", "strike": "26000", "lotsize": "75", "instrumenttype": "OPTIDX",
         "exch_seg": "NFO", "tick_size": "0.05"},
        {"token": "877001", "symbol": "SENSEX", "name": "SENSEX26NOVFUT", "expiry": "26Nov2026",
         "strike": "", "lotsize": "20", "instrumenttype": "FUTIDX", "exch_seg": "BFO",
         "tick_size": "0.05"},
        {"token": "1234", "symbol": "USDINR", "name": "USDINR26DECFUT", "expiry": "29Dec2026",
         "strike": "", "lotsize": 1000, "instrumenttype": "FUTCUR", "exch_seg": "NSE",
         "tick_size": 0.0025},
        {"token": "51", "symbol": "SENSEX", "name": "SENSEX", "expiry": "", "strike": "",
         "lotsize": "1", "instrumenttype": "", "exch_seg": "BSE", "tick_size": "0.01"},
    ]  # fmt: skip
    names = {"NIFTY": "26000", "BANKNIFTY": "26009", "NIFTYNXT50": "26013", "FINNIFTY": "26037",
             "MIDCPNIFTY": "26074"}  # fmt: skip

    def index(exchange: str, name: str, token: str) -> Json:
        return {"exchange": exchange, "symbol": f"{exchange}:{name}", "type": "INDEX",
                "token": token, "broker_symbol": name, "name": name, "lot_size": 1}  # fmt: skip

    wanted = ("22", "42885", "877001", "1234")
    read = [
        *({"lot_size": 1, **row} for token in wanted for row in INSTRUMENTS
          if row["token"] == token),
        index("BSE_INDEX", "SENSEX", "51"),
        *(index("NSE_INDEX", name, token) for name, token in names.items()),
    ]  # fmt: skip
    path = "/instruments/OpenAPIScripMaster"
    return [
        case("master", "master", {}, step("GET", path, {"body": rows}), result=read),
        case("master_of_a_dead_session", "master", {},
             step("GET", path, refused("IA401", "Invalid request. Please try again.", 401)),
             error={"class": "SessionExpired", "code": "IA401"}),
        case("master_that_is_no_list", "master", {}, step("GET", path, ok([])),
             error=failed("MalformedReply")),
    ]  # fmt: skip


FILES = {
    "session": session_cases,
    "place_order": place_cases,
    "orders": orders_cases,
    "changes": change_cases,
    "account": account_cases,
    "convert_position": convert_cases,
    "margin": margin_cases,
    "quotes": quote_cases,
    "history": history_cases,
    "vendor": extra_cases,
    "refusals": refusal_cases,
    "raw": raw_cases,
    "master": master_cases,
}


def texts() -> dict[str, str]:
    """Every file's name and text."""
    files: dict[str, Json] = {name: make() for name, make in FILES.items()} | {"world": WORLD}
    return {f"{name}.json": text_of(data) for name, data in files.items()}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in texts().items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
