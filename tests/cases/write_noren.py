"""Writes the golden cases of the Noren family: ``python tests/cases/write_noren.py``.

The cases are data, transcribed from the members' documentation and from what their official clients
were recorded to send (see ``openbroker/adapters/noren_system.py`` for the sources).  It imports
nothing of openbroker on purpose: what an order looks like on the wire is stated here a second time.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from writing import case, failed

HERE = Path(__file__).parent
KEY, SECRET, CODE, TOKEN = "n0renKeyCanary", "n0renSecretCanary", "c0deCanary", "t0kenCanary"
REFRESH = "refreshCanary"
USER = "FA12345"

Json = Any


@dataclass(frozen=True)
class Member:
    """What differs between the members."""

    name: str
    root: str = "/NorenWClientAPI"
    bearer: bool = True
    charts_by_key: bool = False
    brackets: bool = True
    margin_funded: bool = False
    margins: bool = True
    basket: bool = True
    rules: bool = True
    renews: bool = False

    @property
    def tokens(self) -> dict[str, str]:
        return {"token": TOKEN} | ({"refresh_token": REFRESH} if self.renews else {})


MEMBERS = (
    Member("shoonya", charts_by_key=True),
    Member("zebu", brackets=False, margins=False, renews=True),
    Member(
        "tradesmart", root="/NorenWClientAPIv2", margin_funded=True, basket=False, rules=False
    ),
    Member(
        "flattrade", root="/PiConnectAPI", bearer=False, charts_by_key=True, margin_funded=True
    ),
)  # fmt: skip

INSTRUMENTS: list[dict[str, Json]] = [
    {"exchange": "NSE", "symbol": "NSE:INFY", "type": "EQUITY", "token": "1594",
     "broker_symbol": "INFY-EQ", "name": "INFY", "tick_size": "0.1", "series": "EQ"},
    {"exchange": "NSE", "symbol": "NSE:M&M", "type": "EQUITY", "token": "2031",
     "broker_symbol": "M&M-EQ", "name": "M&M", "tick_size": "0.1", "series": "EQ"},
    {"exchange": "NSE_INDEX", "symbol": "NSE_INDEX:NIFTY", "type": "INDEX", "token": "26000",
     "broker_symbol": "NIFTY INDEX", "name": "Nifty 50"},
    {"exchange": "NFO", "symbol": "NFO:NIFTY24NOV2626000CE", "type": "OPTION", "token": "42864",
     "broker_symbol": "NIFTY24NOV26C26000", "underlying": "NIFTY", "expiry": "2026-11-24",
     "strike": "26000", "right": "CE", "lot_size": 75, "tick_size": "0.05"},
    {"exchange": "CDS", "symbol": "CDS:USDINR29DEC26FUT", "type": "FUTURE", "token": "1201",
     "broker_symbol": "USDINR29DEC26F", "underlying": "USDINR", "expiry": "2026-12-29",
     "lot_size": 1000, "tick_size": "0.0025"},
]  # fmt: skip
BY = {row["symbol"]: row for row in INSTRUMENTS}


def bad(text: str, status: int = 200) -> dict[str, Json]:
    body = {"stat": "Not_Ok", "request_time": "11:05:00 20-11-2026", "emsg": text}
    return {"status": status, "body": body}


def ok(**fields: Json) -> dict[str, Json]:
    return {"body": {"stat": "Ok", "request_time": "11:05:00 20-11-2026"} | fields}


NO_DATA = bad('Error Occurred : 5 "no data"')


def step(
    member: Member, path: str, reply: Json, fields: Json, *, chart: bool = False, token: bool = True
) -> Json:
    body: dict[str, Json] = {"jData": fields}
    by_key = not member.bearer or (chart and member.charts_by_key)
    headers: dict[str, str | None] = {"Content-Type": "text/plain", "Authorization": None}
    if token and by_key:
        body["jKey"] = TOKEN
    elif token:
        headers["Authorization"] = f"Bearer {TOKEN}"
    request = {"method": "POST", "path": member.root + path, "headers": headers, "body": body}
    return {"request": request, "reply": reply}


# -- orders

ORDER_ID = "26112000000017"
RECEIVED = ok(norenordno=ORDER_ID)
CHANGED = ok(result=ORDER_ID)
ACK = {"order_id": ORDER_ID}
LIMIT = {"order_type": "LIMIT", "price": "1510.5"}
ENCODED = {"NSE:M&M": "M%26M-EQ"}
ASKED = {"symbol": "NSE:INFY", "side": "BUY", "quantity": 1, "product": "CNC"}


def order_body(symbol: str, **fields: str) -> dict[str, str]:
    row = BY[symbol]
    body = {
        "uid": USER, "ordersource": "API", "actid": USER, "exch": row["exchange"],
        "tsym": ENCODED.get(symbol, row["broker_symbol"]), "trantype": "B", "prctyp": "LMT",
        "prd": "C", "ret": "DAY", "qty": "1", "prc": "0", "dscqty": "0", "remarks": "$tag",
    }  # fmt: skip
    return body | fields


def placed(member: Member, name: str, body: Json, symbol: str = "NSE:INFY", **args: Json) -> Json:
    return case(
        name, "place_order", ASKED | {"symbol": symbol} | args,
        step(member, "/PlaceOrder", RECEIVED, order_body(symbol, **body)), result=ACK,
    )  # fmt: skip


def refused(name: str, **args: Json) -> Json:
    return case(name, "place_order", ASKED | args, error=failed("Unsupported", "NOT_SENT"))


def place_cases(m: Member) -> list[Json]:
    option = "NFO:NIFTY24NOV2626000CE"
    return [
        placed(m, "limit", {"prc": "1510.5"}, **LIMIT),
        placed(m, "sell", {"prc": "1510.5", "trantype": "S"}, side="SELL", **LIMIT),
        placed(m, "stop_limit", {"prctyp": "SL-LMT", "prc": "1515", "trgprc": "1514.5"},
               order_type="SL", price="1515", trigger_price="1514.5"),
        placed(m, "intraday", {"prd": "I", "prc": "1510.5"}, product="MIS", **LIMIT),
        placed(m, "ioc", {"ret": "IOC", "prc": "1510.5"}, validity="IOC", **LIMIT),
        placed(m, "disclosed", {"prc": "1510.5", "qty": "100", "dscqty": "20"},
               quantity=100, disclosed_quantity=20, **LIMIT),
        placed(m, "after_market", {"prc": "1510.5", "amo": "Yes"}, after_market=True, **LIMIT),
        placed(m, "carried_forward", {"prd": "M", "prc": "29.8", "qty": "75"}, option,
               product="NRML", quantity=75, order_type="LIMIT", price="29.8"),
        placed(m, "currency_counts_lots", {"prd": "M", "prc": "88.5", "qty": "2"},
               "CDS:USDINR29DEC26FUT", product="NRML", quantity=2000, order_type="LIMIT",
               price="88.5"),
        placed(m, "ampersand", {"prc": "3000.1"}, "NSE:M&M", order_type="LIMIT", price="3000.1"),
        refused("market_unprotected", order_type="MARKET"),
        refused("market_in_the_brokers_band", order_type="MARKET", market_protection="broker"),
        refused("market_protected", order_type="MARKET", market_protection="2"),
        refused("stop_market", order_type="SL-M", trigger_price="1514.5"),
        refused("bracket_after_market", after_market=True, **BRACKET, **LIMIT),
        *further_cases(m),
    ]  # fmt: skip


BRACKET = {"product": "MIS", "bracket_target": "5", "bracket_stop": "3"}


def further_cases(m: Member) -> list[Json]:
    """Products that some members' pages have and others' have not."""
    funded = {"product": "MTF", **LIMIT}
    return [
        placed(m, "margin_funded", {"prc": "1510.5", "prd": "F"}, **funded)
        if m.margin_funded else refused("margin_funded", **funded),
        *([
            placed(m, "bracket", {"prc": "1510.5", "prd": "B", "bpprc": "5", "blprc": "3"},
                   **BRACKET, **LIMIT),
            placed(m, "bracket_that_trails", {"prc": "1510.5", "prd": "B", "bpprc": "5",
                   "blprc": "3", "trailprc": "1"}, bracket_trail="1", **BRACKET, **LIMIT),
        ] if m.brackets else [refused("bracket", **BRACKET, **LIMIT)]),
    ]  # fmt: skip


def refusal_cases(m: Member) -> list[Json]:
    table = [
        ("expired", "Session Expired : Invalid Session Key", "SessionExpired", "NOT_SENT"),
        ("rate", "Invalid Input :  Order Recieved 11 in a current second exceeds Limit 10 for user",
         "RateLimited", "NOT_SENT"),
        ("rate_of_a_minute",
         "Invalid Input :  Order Recieved 121 in a current minute exceeds Limit 120 for user",
         "RateLimited", "NOT_SENT"),
        ("many", "Too Many Requests", "RateLimited", "NOT_SENT"),
        ("session", "Invalid Session Key", "SessionExpired", "NOT_SENT"),
        ("token", "Invalid Access Token", "SessionExpired", "NOT_SENT"),
        ("balance", "Rejected : RMS:Insufficient Balance", "InsufficientFunds", "REJECTED"),
        ("shortfall", "Rejected : RMS:Margin Shortfall", "InsufficientFunds", "REJECTED"),
        ("holding", "Rejected : RMS:Insufficient Holding", "InsufficientHoldings", "REJECTED"),
        ("circuit", "Rejected : RMS:Price beyond circuit limit", "PriceOutOfBand", "REJECTED"),
        ("price_range", "Rejected : Price out of price range", "PriceOutOfBand", "REJECTED"),
        ("closed", "Rejected : Market is closed", "MarketClosed", "REJECTED"),
        ("closed_in_short", "Rejected : MARKET CLOSED", "MarketClosed", "REJECTED"),
        ("no_static_address", "Invalid Input : Static IP not registered", "StaticIPNotAllowed",
         "REJECTED"),
        ("throttled", "Rate_Limited: too many requests, retry after backoff", "RateLimited",
         "NOT_SENT"),
        ("input", "Invalid Input : Invalid Trading Symbol", "OrderRejected", "REJECTED"),
        ("algo", "Rejected : Market order with Algo Id not allowed", "PermissionDenied",
         "REJECTED"),
        ("address", "Invalid Input : Invalid IP", "StaticIPNotAllowed", "REJECTED"),
        ("address_in_capitals", "Invalid Input : INVALID_IP", "StaticIPNotAllowed", "REJECTED"),
        ("bad_input", 'Error Occurred : 2 "invalid input"', "OrderRejected", "REJECTED"),
        ("bad_input_misspelt", 'Error Occured : 2 "invalid input"', "OrderRejected", "REJECTED"),
        ("beyond_the_band", "Rejected : RMS:ORDER PRICE IS BEYOND LPP LIMIT", "PriceOutOfBand",
         "REJECTED"),
        ("not_about_a_band", "Server Error : circuit open", "OrderUnknown", "UNKNOWN"),
        ("quoted", 'Error Occurred : 9 "Rejected by peer"', "OrderUnknown", "UNKNOWN"),
        ("limit_of_money", "Rejected : RMS:Order value exceeds Limit 10", "RiskRejected",
         "REJECTED"),
        ("margin", "Rejected : RMS:Margin Exceeds, Required:1510", "InsufficientFunds",
         "REJECTED"),
        ("risk", "Rejected : RMS:Blocked for you", "RiskRejected", "REJECTED"),
        ("other", "Rejected : ORA:Something", "OrderRejected", "REJECTED"),
        ("timeout", "Server Timeout :  ", "OrderUnknown", "UNKNOWN"),
        ("catch_all", "Error Occurred : 2 \"unexpected\"", "OrderUnknown", "UNKNOWN"),
        ("no_data", 'Error Occurred : 5 "no data"', "OrderUnknown", "UNKNOWN"),
    ]  # fmt: skip
    asked, body = ASKED | LIMIT, order_body("NSE:INFY", prc="1510.5")

    def answered(name: str, reply: Json, kind: str, outcome: str) -> Json:
        return case(name, "place_order", asked, step(m, "/PlaceOrder", reply, body),
                    error=failed(kind, outcome))  # fmt: skip

    return [
        answered(name, bad(text, status), kind, outcome)
        for number, (name, text, kind, outcome) in enumerate(table)
        for status in [(200, 400)[number % 2]]
    ] + [
        answered("no_id", ok(norenordno=None), "OrderUnknown", "UNKNOWN"),
        answered(
            "refusal_that_names_an_order",
            {"body": {**bad("Rejected : RMS:Blocked")["body"], "norenordno": ORDER_ID}},
            "OrderUnknown",
            "UNKNOWN",
        ),
        answered(
            "success_with_a_reason",
            ok(norenordno=ORDER_ID, emsg="Rejected : RMS:Blocked"),
            "OrderUnknown",
            "UNKNOWN",
        ),
        answered(
            "timeout_at_the_order_system", bad("Rejected : OMS timeout"), "OrderUnknown", "UNKNOWN"
        ),
        answered("lost", {"failure": {"handed_over": True}}, "OrderUnknown", "UNKNOWN"),
        answered("not_sent", {"failure": {"handed_over": False}}, "NotSent", "NOT_SENT"),
    ]


ROW: dict[str, Json] = {
    "stat": "Ok", "norenordno": ORDER_ID, "uid": USER, "actid": USER, "exch": "NSE",
    "tsym": "INFY-EQ", "token": "1594", "qty": "10", "prc": "1510.50", "prd": "C",
    "s_prdt_ali": "CNC", "status": "OPEN", "st_intrn": "OPEN", "trantype": "B", "prctyp": "LMT",
    "fillshares": "4", "avgprc": "1510.40", "dscqty": "0", "ret": "DAY", "amo": "No",
    "remarks": "mine", "exchordid": "1100000012345678", "pp": "2", "ti": "0.10", "ls": "1",
    "norentm": "10:59:59 20-11-2026", "ordenttm": "1795152598", "exch_tm": "20-11-2026 10:59:59",
}  # fmt: skip
PLAIN_ROW: dict[str, Json] = {
    "order_id": ORDER_ID, "status": "OPEN", "exchange": "NSE", "token": "1594",
    "broker_symbol": "INFY-EQ", "side": "BUY", "order_type": "LIMIT", "product": "CNC",
    "validity": "DAY", "quantity": 10, "filled_quantity": 4, "disclosed_quantity": 0,
    "price": "1510.5", "average_price": "1510.4", "wire_tag": "mine",
    "placed_at": "2026-11-20T10:59:58+05:30", "updated_at": "2026-11-20T10:59:59+05:30",
    "exchange_order_id": "1100000012345678", "after_market": False,
}  # fmt: skip


def without(row: Json, *names: str) -> Json:
    return {key: value for key, value in row.items() if key not in names}


def book_cases(m: Member) -> list[Json]:
    def book(name: str, reply: Json, **rest: Json) -> Json:
        return case(name, "orders", {}, step(m, "/OrderBook", reply, {"uid": USER}), **rest)

    new = without(ROW, "fillshares", "avgprc", "exchordid") | {"status": "Trigger_Pending"}
    new |= {"prctyp": "SL-LMT", "trgprc": "1509.00"}
    read_new = without(PLAIN_ROW, "average_price", "exchange_order_id") | {
        "status": "TRIGGER_PENDING", "order_type": "SL", "trigger_price": "1509",
        "filled_quantity": 0}  # fmt: skip
    foreign = ROW | {"prd": "B", "prctyp": "2L", "ret": "EOS", "status": "INVALID_STATUS_TYPE"}
    read_foreign = without(PLAIN_ROW, "product", "order_type", "validity") | {"status": "UNKNOWN"}
    ended = ROW | {"status": "Rejected", "rejreason": "RMS: no", "prd": "F", "amo": "Yes"}
    read_ended = PLAIN_ROW | {"status": "REJECTED", "message": "RMS: no", "product": "MTF",
                              "after_market": True}  # fmt: skip
    words = {"COMPLETE": "FILLED", "CANCELED": "CANCELLED", "CANCELLED": "CANCELLED",
             "REJECT": "REJECTED", "NEW": "PENDING", "Pending": "PENDING", "REPLACED": "OPEN",
             "TRIGGER PENDING": "TRIGGER_PENDING", "CANCEL_PENDING": "OPEN"}  # fmt: skip
    return [
        book("full", {"body": [ROW]}, result=[PLAIN_ROW]),
        book("empty", NO_DATA, result=[]),
        book("empty_in_other_words", bad("No Data", 400), result=[]),
        book("no_data_among_other_words", bad("Server Timeout : no data from peer"),
             error=failed("BrokerUnavailable")),
        book("waiting", {"body": [new]}, result=[read_new]),
        book("foreign", {"body": [foreign]}, result=[read_foreign]),
        book("rejected", {"body": [ended]}, result=[read_ended]),
        book("words", {"body": [ROW | {"status": word} for word in words]},
             result=[PLAIN_ROW | {"status": status} for status in words.values()]),
        book("expired", bad("Session Expired : Invalid Session Key"),
             error=failed("SessionExpired")),
        book("down", {"status": 502, "text": "<html>"}, error=failed("BrokerUnavailable")),
        case("states", "vendor.order_history", {"order_id": ORDER_ID},
             step(m, "/SingleOrdHist", {"body": [ROW, new | {"rpt": "NewAck"}]},
                  {"uid": USER, "norenordno": ORDER_ID}), result=[PLAIN_ROW, read_new]),
        case("no_states", "vendor.order_history", {"order_id": ORDER_ID},
             step(m, "/SingleOrdHist", bad("Invalid Input : Invalid Order Number"),
                  {"uid": USER, "norenordno": ORDER_ID}), error=failed("BrokerError")),
        case("one", "order", {"order_id": ORDER_ID},
             step(m, "/OrderBook", {"body": [ROW | {"norenordno": "1"}, ROW]}, {"uid": USER}),
             result=PLAIN_ROW),
        case("not_there", "order", {"order_id": ORDER_ID},
             step(m, "/OrderBook", NO_DATA, {"uid": USER}), error=failed("OrderNotFound")),
    ]  # fmt: skip


def change_cases(m: Member) -> list[Json]:
    def modified(
        name: str, args: Json, body: Json, row: Json = ROW, reply: Json = CHANGED, **rest: Json
    ) -> Json:
        whole = {"uid": USER, "ordersource": "API", "actid": USER, "norenordno": ORDER_ID,
                 "exch": "NSE", "tsym": "INFY-EQ", "qty": "10", "prctyp": "LMT", "prc": "1510.50",
                 "ret": "DAY"} | body  # fmt: skip
        return case(name, "modify_order", {"order_id": ORDER_ID} | args,
                    step(m, "/OrderBook", {"body": [row]}, {"uid": USER}),
                    step(m, "/ModifyOrder", reply, whole), **(rest or {"result": ACK}))  # fmt: skip

    def cancelled(name: str, reply: Json, **rest: Json) -> Json:
        return case(name, "cancel_order", {"order_id": ORDER_ID},
                    step(m, "/CancelOrder", reply,
                         {"uid": USER, "ordersource": "API", "norenordno": ORDER_ID}),
                    **rest)  # fmt: skip

    stop = ROW | {"prctyp": "SL-LMT", "trgprc": "1509.00", "status": "TRIGGER_PENDING"}
    ampersand = ROW | {"tsym": "M&M-EQ", "token": "2031"}
    return [
        modified("price_only", {"price": "1511"}, {"prc": "1511"}),
        modified("quantity_is_the_total", {"quantity": 12}, {"qty": "12"}),
        modified("to_stop", {"order_type": "SL", "price": "1515", "trigger_price": "1514.5"},
                 {"prctyp": "SL-LMT", "prc": "1515", "trgprc": "1514.5"}),
        modified("stop_keeps_its_trigger", {"price": "1511"},
                 {"prctyp": "SL-LMT", "prc": "1511", "trgprc": "1509.00"}, stop),
        modified("ampersand", {"price": "1511"}, {"tsym": "M%26M-EQ", "prc": "1511"}, ampersand),
        modified("gone", {"price": "1511"}, {"prc": "1511"}, ROW,
                 bad("Rejected : ORA:Order not found"),
                 error=failed("OrderNotFound", "REJECTED")),
        modified("not_to_be_modified", {"price": "1511"}, {"prc": "1511"}, ROW,
                 bad("Rejected : Not allowed to modify"),
                 error=failed("OrderNotModifiable", "REJECTED")),
        case("to_market", "modify_order", {"order_id": ORDER_ID, "order_type": "MARKET"},
             step(m, "/OrderBook", {"body": [ROW]}, {"uid": USER}),
             error=failed("Unsupported", "NOT_SENT")),
        cancelled("regular", CHANGED, result=ACK),
        cancelled("not_open", bad("Rejected : SAF:order is not open to cancel"),
                  error=failed("OrderNotModifiable", "REJECTED")),
        cancelled("not_to_be_cancelled", bad("Rejected : Not allowed to cancel"),
                  error=failed("OrderNotModifiable", "REJECTED")),
        cancelled("cancel_without_data", NO_DATA, error=failed("OrderUnknown", "UNKNOWN")),
        cancelled("cancel_gone", bad("Rejected : ORA:Order not found to Cancel"),
                  error=failed("OrderNotFound", "REJECTED")),
    ]  # fmt: skip


# -- the rest


def account_cases(m: Member) -> list[Json]:
    session = {"broker": m.name, "account": USER, "tokens": m.tokens}
    user = ok(uid=USER, actid=USER, uname="TEST", brkname="X", exarr=["NSE", "NFO", "XYZ"],
              prarr=[{"prd": "C", "s_prdt_ali": "CNC", "exch": ["NSE"]}, {"prd": "B"}])  # fmt: skip
    limits = ok(actid=USER, cash="1000.50", payin="100.00", brkcollamt="50.00",
                marginused="200.00", rpnl="-3.00")  # fmt: skip
    both = {"uid": USER, "actid": USER}
    return [
        *login_cases(m, session),
        case("logout", "logout", {}, step(m, "/Logout", ok(), {"uid": USER}), result=None),
        case("profile", "profile", {}, step(m, "/UserDetails", user, {"uid": USER}),
             result={"account": USER, "name": "TEST", "exchanges": ["NSE", "NFO"],
                     "products": ["CNC"]}),
        case("funds", "funds", {}, step(m, "/Limits", limits, both),
             result={"available": "950.5", "cash": "1000.5", "collateral": "50",
                     "utilised": "200", "payin": "100"}),
        case("funds_of_an_idle_account", "funds", {}, step(m, "/Limits", ok(cash="10"), both),
             result={"available": "10", "cash": "10"}),
    ]  # fmt: skip


def login_cases(m: Member, session: Json) -> list[Json]:
    if m.name != "flattrade":
        proof = hashlib.sha256(f"{KEY}{SECRET}{CODE}".encode()).hexdigest()
        fields = {"code": CODE, "checksum": proof, "uid": USER}
        good = ok(access_token=TOKEN, refresh_token=REFRESH, USERID=USER, actid=USER)
        if m.renews:
            good["body"]["expires_in"] = "3600"
        return [
            *renewal_cases(m, session),
            case("from_elsewhere", "login", {},
                 step(m, "/GenAcsTok", bad("Invalid Input : INVALID_IP"), fields, token=False),
                 error=failed("StaticIPNotAllowed")),
            case("too_slow", "login", {},
                 step(m, "/GenAcsTok", bad("Server Timeout :  "), fields, token=False),
                 error=failed("BrokerUnavailable")),
            case("by_code", "login", {}, step(m, "/GenAcsTok", good, fields, token=False),
                 result=session),
            case("refused", "login", {},
                 step(m, "/GenAcsTok", bad("Invalid Input : INVALID_VERIFIER"), fields,
                      token=False), error=failed("InvalidCredentials")),
        ]  # fmt: skip
    proof = hashlib.sha256(f"{KEY}{CODE}{SECRET}".encode()).hexdigest()
    request = {
        "method": "POST", "path": "/trade/apitoken",
        "headers": {"Content-Type": "application/json", "Authorization": None},
        "body": {"api_key": KEY, "request_code": CODE, "api_secret": proof},
    }  # fmt: skip
    good = {"body": {"stat": "Ok", "status": "Ok", "token": TOKEN, "client": USER, "emsg": ""}}
    return [
        case("by_code", "login", {}, {"request": request, "reply": good}, result=session),
        case("refused", "login", {},
             {"request": request, "reply": bad("Invalid Input : Invalid request code")},
             error=failed("InvalidCredentials")),
    ]  # fmt: skip


def renewal_cases(m: Member, session: Json) -> list[Json]:
    if not m.renews:
        return []
    asked = {"refresh_token": REFRESH}
    fresh = ok(access_token="t0kenOfNow", expires_in="3600", uid=USER)
    return [
        case("after_an_hour", "renew", {},
             step(m, "/RefreshToken", fresh, asked, token=False),
             result=session | {"tokens": {"token": "t0kenOfNow", "refresh_token": REFRESH}}),
    ]  # fmt: skip


def portfolio_cases(m: Member) -> list[Json]:
    both = {"uid": USER, "actid": USER}
    position = {
        "stat": "Ok", "uid": USER, "actid": USER, "exch": "NFO", "tsym": "NIFTY24NOV26C26000",
        "token": "42864", "prd": "M", "netqty": "-75", "netavgprc": "29.80", "daybuyqty": "0",
        "daysellqty": "75", "daysellavgprc": "29.80", "daybuyavgprc": "0.00", "cfbuyqty": "0",
        "cfsellqty": "0", "lp": "30.05", "rpnl": "0.00", "urmtom": "-18.75", "ls": "75",
    }  # fmt: skip
    holding = {
        "stat": "Ok",
        "exch_tsym": [{"exch": "NSE", "token": "1594", "tsym": "INFY-EQ"},
                      {"exch": "BSE", "token": "500209", "tsym": "INFY"}],
        "holdqty": "0", "dpqty": "5", "npoadqty": "5", "benqty": "2", "unplgdqty": "1",
        "btstqty": "3", "usedqty": "1", "colqty": "0", "brkcolqty": "4", "upldprc": "1400.00",
        "prd": "C",
    }  # fmt: skip
    trade = {
        "stat": "Ok", "norenordno": ORDER_ID, "exch": "NSE", "tsym": "INFY-EQ", "token": "1594",
        "trantype": "B", "prd": "C", "qty": "10", "flid": "102", "flqty": "4", "flprc": "1510.40",
        "fltm": "20-11-2026 10:59:59", "exchordid": "1100000012345678", "remarks": "mine",
    }  # fmt: skip
    traded = {
        "trade_id": "102", "order_id": ORDER_ID, "exchange": "NSE", "token": "1594",
        "broker_symbol": "INFY-EQ", "side": "BUY", "product": "CNC", "quantity": 4,
        "price": "1510.4", "traded_at": "2026-11-20T10:59:59+05:30",
        "exchange_order_id": "1100000012345678",
    }  # fmt: skip
    positions = step(m, "/PositionBook", {"body": [position]}, both)
    convert = both | {"ordersource": "API", "exch": "NFO", "tsym": "NIFTY24NOV26C26000",
                      "qty": "75", "prd": "I", "prevprd": "M", "trantype": "S",
                      "postype": "DAY"}  # fmt: skip
    asked = {"broker_symbol": "NIFTY24NOV26C26000", "product": "MIS", "quantity": 75}
    return [
        case("short", "positions", {}, positions,
             result=[{"exchange": "NFO", "token": "42864", "broker_symbol": "NIFTY24NOV26C26000",
                      "product": "NRML", "quantity": -75, "overnight_quantity": 0,
                      "buy_quantity": 0, "sell_quantity": 75, "sell_price": "29.8",
                      "average_price": "29.8", "last_price": "30.05", "pnl": "-18.75",
                      "realised_pnl": "0", "unrealised_pnl": "-18.75"}]),
        case("no_positions", "positions", {}, step(m, "/PositionBook", NO_DATA, both), result=[]),
        case("to_intraday", "convert_position", asked, positions,
             step(m, "/ProductConversion", ok(), convert), result=None),
        case("not_converted", "convert_position", asked, positions,
             step(m, "/ProductConversion", bad("Invalid Input :  Invalid Position Type"), convert),
             error=failed("OrderRejected", "REJECTED")),
        case("held", "holdings", {},
             step(m, "/Holdings", {"body": [holding]}, both | {"prd": "C"}),
             result=[{"exchange": "NSE", "token": "1594", "broker_symbol": "INFY-EQ",
                      "product": "CNC", "quantity": 7, "t1_quantity": 3,
                      "collateral_quantity": 4, "average_price": "1400"}]),
        case("nothing_held", "holdings", {},
             step(m, "/Holdings", NO_DATA, both | {"prd": "C"}), result=[]),
        case("one_trade", "trades", {}, step(m, "/TradeBook", {"body": [trade]}, both),
             result=[traded]),
        case("trade_before_the_exchange's_clock", "trades", {}, step(m, "/TradeBook", {"body": [
             trade | {"fltm": "01-01-1980 00:00:00", "norentm": "10:59:59 20-11-2026"}]}, both),
             result=[traded]),
        case("no_trades", "trades", {}, step(m, "/TradeBook", NO_DATA, both), result=[]),
    ]  # fmt: skip


def margin_cases(m: Member) -> list[Json]:
    share = {"trgprc": "0", "prc": "1510.5", "exch": "NSE", "tsym": "INFY-EQ", "trantype": "B",
             "prctyp": "LMT", "prd": "C", "ret": "DAY", "qty": "1"}  # fmt: skip
    option = share | {"prc": "29.8", "exch": "NFO", "tsym": "NIFTY24NOV26C26000", "prd": "M",
                      "qty": "75", "trantype": "S"}  # fmt: skip
    whose = {"uid": USER, "actid": USER}
    one = ASKED | LIMIT
    other = {"symbol": "NFO:NIFTY24NOV2626000CE", "side": "SELL", "quantity": 75,
             "product": "NRML", "order_type": "LIMIT", "price": "29.8"}  # fmt: skip
    single = ok(cash="4950.30", marginused="171296.19", remarks="Insufficient Balance",
                marginusedprev="0.00", ordermargin="176246.49")  # fmt: skip
    basket = ok(marginused="196915.48", marginusedtrade="75406.56", marginusedprev="10.00",
                remarks="")  # fmt: skip
    cases = [
        case("one_order", "margin", {"orders": [one]},
             step(m, "/GetOrderMargin", single, whose | share), result={"total": "176246.49"}),
    ]  # fmt: skip
    if not m.basket:
        refusal = failed("Unsupported", "NOT_SENT")
        return [*cases, case("basket", "margin", {"orders": [one, other]}, error=refusal)]
    return [
        *cases,
        case("basket", "margin", {"orders": [one, other]},
             step(m, "/GetBasketMargin", basket, whose | share | {"basketlists": [option]}),
             result={"total": "75396.56", "benefit": "121508.92"}),
    ]  # fmt: skip


RULE_ID = "26112000000031"
RULE = {"symbol": "NSE:INFY", "side": "BUY", "quantity": 10, "price": "1450",
        "trigger_price": "1451", "product": "CNC"}  # fmt: skip
RULE_BODY = {
    "uid": USER, "ordersource": "API", "actid": USER, "exch": "NSE", "tsym": "INFY-EQ",
    "ai_t": "LTP_B_O", "validity": "GTT", "d": "1451", "remarks": "GTT", "trantype": "B",
    "prctyp": "LMT", "prd": "C", "ret": "DAY", "qty": "10", "prc": "1450", "dscqty": "0",
}  # fmt: skip
RULE_ROW = {
    "stat": "Ok", "ai_t": "LTP_B_O", "al_id": RULE_ID, "tsym": "INFY-EQ", "exch": "NSE",
    "token": "1594", "remarks": "GTT", "validity": "GTT", "norentm": "10:02:06 20-11-2026",
    "pp": "2", "ls": "1", "ti": "0.10", "actid": USER, "trantype": "B", "prctyp": "LMT",
    "qty": 10, "prc": "1450.00", "C": "C", "prd": "C", "ret": "DAY", "ordersource": "API",
    "place_order_params": {"trantype": "B", "prctyp": "LMT", "qty": 10, "prc": "1450.00",
                           "prd": "C", "s_prdt_ali": "CNC"},
    "d": "1451.00", "oivariable": [{"var_name": "x", "d": "1451.00"}],
}  # fmt: skip
RULE_READ = {
    "gtt_id": RULE_ID, "status": "ACTIVE", "exchange": "NSE", "token": "1594",
    "broker_symbol": "INFY-EQ", "side": "BUY", "product": "CNC", "quantity": 10, "price": "1450",
    "trigger_price": "1451", "placed_at": "2026-11-20T10:02:06+05:30",
}  # fmt: skip
CAPITALS_ROW = {
    "stat": "Ok", "ai_t": "LTP_A", "Al_id": "26112000000032", "tsym": "M&M-EQ", "exch": "NSE",
    "Token": "2031", "Remarks": "test", "validity": "DAY", "actid": USER, "trantype": "S",
    "prctyp": "LMT", "Qty": 1, "Prc": "3205.00", "C": "C", "prd": "C", "ordersource": "API",
    "oivariable": [{"var_name": "x", "d": "3200.00"}],
}  # fmt: skip
CAPITALS_READ = {
    "gtt_id": "26112000000032", "status": "ACTIVE", "exchange": "NSE", "token": "2031",
    "broker_symbol": "M&M-EQ", "side": "SELL", "product": "CNC", "quantity": 1, "price": "3205",
    "trigger_price": "3200",
}  # fmt: skip
PAIR_ID = "26112000000033"
PAIR = {
    "symbol": "NSE:INFY", "side": "SELL", "quantity": 10, "product": "CNC",
    "trigger_price": "1600", "price": "1598.5", "stop_trigger_price": "1450", "stop_price": "1445",
}  # fmt: skip
SHORT = PAIR | {"side": "BUY", "trigger_price": "1450", "price": "1452",
                "stop_trigger_price": "1600", "stop_price": "1605"}  # fmt: skip


def pair_order(**terms: str) -> Json:
    return {
        "tsym": "INFY-EQ", "exch": "NSE", "trantype": "S", "prctyp": "LMT", "prd": "C",
        "ret": "DAY", "ordersource": "API", "uid": USER, "actid": USER, "qty": "10",
    } | terms  # fmt: skip


def pair_body(upper: Json, lower: Json, triggers: tuple[str, str] = ("1600", "1450"),
              **more: Json) -> Json:  # fmt: skip
    return {
        "uid": USER, "tsym": "INFY-EQ", "exch": "NSE", "remarks": "GTT", "validity": "GTT",
        "ai_t": "LMT_BOS_O", "place_order_params": pair_order(**upper),
        "place_order_params_leg2": pair_order(**lower),
        "oivariable": [{"d": d, "var_name": x} for d, x in zip(triggers, "xy", strict=True)],
    } | more  # fmt: skip


PAIR_ROW = RULE_ROW | {
    "ai_t": "LMT_BOS_O", "al_id": PAIR_ID, "trantype": "S", "prc": "1598.50", "d": "1600.00",
    "oivariable": [{"var_name": "x", "d": "1600.00"}, {"var_name": "y", "d": "1450.00"}],
    "place_order_params": {"trantype": "S", "prctyp": "LMT", "qty": 10, "prc": "1598.50",
                           "prd": "C", "ret": "DAY"},
    "place_order_params_leg2": {"trantype": "S", "prctyp": "LMT", "qty": 10, "prc": "1445.00",
                                "prd": "C", "ret": "DAY"},
}  # fmt: skip
PAIR_READ = {
    "gtt_id": PAIR_ID, "status": "ACTIVE", "exchange": "NSE", "token": "1594",
    "broker_symbol": "INFY-EQ", "side": "SELL", "product": "CNC", "quantity": 10,
    "trigger_price": "1600", "price": "1598.5",
    "stop_trigger_price": "1450", "stop_price": "1445", "placed_at": "2026-11-20T10:02:06+05:30",
}  # fmt: skip


def said(word: str, key: str = "al_id", rule_id: str = RULE_ID) -> Json:
    return {"request_time": "11:05:00 20-11-2026", "stat": word, key: rule_id}


def gtt_cases(m: Member) -> list[Json]:
    def last(price: str, token: str = "1594") -> Json:
        return step(m, "/GetQuotes", ok(exch="NSE", token=token, lp=price),
                    {"uid": USER, "exch": "NSE", "token": token})  # fmt: skip

    def made(name: str, reply: Json, price: str = "1510.50", body: Json = RULE_BODY,
             rule: Json = RULE, **rest: Json) -> Json:  # fmt: skip
        return case(name, "place_gtt", rule, last(price), step(m, "/PlaceGTTOrder", reply, body),
                    **(rest or {"result": {"order_id": RULE_ID}}))  # fmt: skip

    rows = step(m, "/GetPendingGTTOrder", {"body": [RULE_ROW, CAPITALS_ROW, PAIR_ROW]},
                {"uid": USER})  # fmt: skip
    changed = RULE_BODY | {"al_id": RULE_ID, "prc": "1450.00", "d": "1451"}
    target, unknown = {"gtt_id": RULE_ID}, failed("OrderUnknown", "UNKNOWN")
    sell = {"symbol": "NSE:M&M", "side": "SELL", "trigger_price": "3200", "price": "3205",
            "quantity": 1, "disclosed_quantity": 1}  # fmt: skip
    sell_body = {"tsym": "M%26M-EQ", "trantype": "S", "d": "3200", "prc": "3205", "qty": "1",
                 "dscqty": "1", "ai_t": "LTP_A_O"}  # fmt: skip
    capitals = {"gtt_id": "26112000000032"}
    sent_pair = pair_body({"prc": "1598.5"}, {"prc": "1445"})

    def pair_made(name: str, reply: Json, rule: Json = PAIR, body: Json = sent_pair,
                  **rest: Json) -> Json:  # fmt: skip
        return case(name, "place_gtt", rule, last("1510.50"),
                    step(m, "/PlaceOCOOrder", reply, body),
                    **(rest or {"result": {"order_id": PAIR_ID}}))  # fmt: skip

    def not_made(name: str, error: str, rule: Json, *steps: Json) -> Json:
        return case(name, "place_gtt", rule, *steps, error=failed(error, "NOT_SENT"))

    def pair_changed(name: str, args: Json, body: Json) -> Json:
        return case(name, "modify_gtt", {"gtt_id": PAIR_ID} | args, rows, last("1510.50"),
                    step(m, "/ModifyOCOOrder", {"body": said("OI replaced", rule_id=PAIR_ID)},
                         body | {"al_id": PAIR_ID}), result={"order_id": PAIR_ID})  # fmt: skip

    def pair_kept(name: str, error: str, args: Json, *steps: Json) -> Json:
        return case(name, "modify_gtt", {"gtt_id": PAIR_ID} | args, rows, *steps,
                    error=failed(error, "NOT_SENT"))  # fmt: skip

    return [
        made("below_the_last_price", {"body": said("OI created")}),
        made("in_a_list", {"body": [said("Oi created", "Al_id")]}),
        case("above_the_last_price", "place_gtt", RULE | sell, last("3000.00", "2031"),
             step(m, "/PlaceGTTOrder", {"body": said("OI created")}, RULE_BODY | sell_body),
             result={"order_id": RULE_ID}),
        made("rule_refused", bad("Invalid Input : Invalid Trading Symbol"),
             error=failed("OrderRejected", "REJECTED")),
        made("rule_without_an_id", {"body": {"stat": "OI created"}}, error=unknown),
        made("another_word", {"body": said("Invalid Oi")}, error=unknown),
        made("two_answers", {"body": [said("Oi created"), said("Oi created")]}, error=unknown),
        made("rule_lost", {"failure": {"handed_over": True}}, error=unknown),
        case("there_already", "place_gtt", RULE, last("1451.00"),
             error=failed("InvalidOrder", "NOT_SENT")),
        case("no_last_price", "place_gtt", RULE, last(""),
             error=failed("MalformedReply", "NOT_SENT")),
        case("last_price_of_another", "place_gtt", RULE,
             last("1510.50") | {"reply": ok(exch="NSE", token="2031", lp="1510.50")},
             error=failed("MalformedReply", "NOT_SENT")),
        case("intraday_rule", "place_gtt", RULE | {"product": "MIS"},
             error=failed("Unsupported", "NOT_SENT")),
        case("for_some_days", "place_gtt", RULE | {"valid_days": 30},
             error=failed("Unsupported", "NOT_SENT")),
        case("other_prices", "modify_gtt", target | {"price": "1440", "trigger_price": "1441"},
             rows, last("1510.50"), step(m, "/ModifyGTTOrder", {"body": said("OI replaced")},
                                         changed | {"prc": "1440", "d": "1441"}),
             result={"order_id": RULE_ID}),
        case("other_quantity", "modify_gtt", target | {"quantity": 12}, rows,
             step(m, "/ModifyGTTOrder", {"body": [said("Oi Replacedt", "Al_id")]},
                  changed | {"qty": "12"}), result={"order_id": RULE_ID}),
        case("in_capitals", "modify_gtt", capitals | {"quantity": 2}, rows,
             step(m, "/ModifyGTTOrder", {"body": said("OI replaced", rule_id="26112000000032")},
                  RULE_BODY | {"tsym": "M%26M-EQ", "trantype": "S", "d": "3200", "prc": "3205.00",
                               "qty": "2", "ai_t": "LTP_A", "remarks": "test", "validity": "DAY",
                               "al_id": "26112000000032"}),
             result={"order_id": "26112000000032"}),
        case("to_the_other_side", "modify_gtt", target | {"trigger_price": "1520"}, rows,
             last("1510.50"), error=failed("InvalidOrder", "NOT_SENT")),
        pair_made("target_and_stop", {"body": said("OI created", rule_id=PAIR_ID)}),
        pair_made("target_and_stop_of_a_short", {"body": said("OI created", rule_id=PAIR_ID)},
                  SHORT, pair_body({"trantype": "B", "prc": "1605"},
                                   {"trantype": "B", "prc": "1452"})),
        pair_made("pair_refused", bad("Invalid Input : Invalid Trading Symbol"),
                  error=failed("OrderRejected", "REJECTED")),
        pair_made("pair_without_an_id", {"body": {"stat": "OI created"}}, error=unknown),
        pair_made("pair_lost", {"failure": {"handed_over": True}}, error=unknown),
        not_made("pair_partly_shown", "Unsupported", PAIR | {"disclosed_quantity": 2}),
        not_made("intraday_pair", "Unsupported", PAIR | {"product": "MIS"}),
        not_made("target_below_the_stop", "InvalidOrder", SHORT | {"side": "SELL"}),
        not_made("stop_without_a_price", "InvalidOrder", RULE | {"stop_trigger_price": "1400"}),
        not_made("above_both_orders", "InvalidOrder", PAIR, last("1600.00")),
        pair_changed("other_stop", {"stop_price": "1440", "stop_trigger_price": "1446"},
                     pair_body({"prc": "1598.5"}, {"prc": "1440"}, ("1600", "1446"))),
        pair_changed("other_quantity_of_both", {"quantity": 12},
                     pair_body({"prc": "1598.5", "qty": "12"}, {"prc": "1445", "qty": "12"})),
        pair_changed("everything_of_both",
                     {"price": "1610", "trigger_price": "1611", "stop_price": "1400",
                      "stop_trigger_price": "1401", "quantity": 12},
                     pair_body({"prc": "1610", "qty": "12"}, {"prc": "1400", "qty": "12"},
                               ("1611", "1401"))),
        pair_kept("pair_partly_shown_by_a_change", "Unsupported", {"disclosed_quantity": 2}),
        pair_kept("target_to_the_stops_side", "InvalidOrder",
                  {"trigger_price": "1440", "price": "1440"}),
        pair_kept("price_below_both_orders", "InvalidOrder", {"quantity": 12}, last("1449.00")),
        case("second_order_untold", "modify_gtt", {"gtt_id": PAIR_ID, "quantity": 12},
             step(m, "/GetPendingGTTOrder", {"body": [without(
                 PAIR_ROW, "place_order_params_leg2")]}, {"uid": USER}),
             error=failed("InvalidOrder", "NOT_SENT")),
        case("taken_back", "cancel_gtt", target, rows,
             step(m, "/CancelGTTOrder", {"body": said("Oi delete success")},
                  {"uid": USER, "al_id": RULE_ID}), result={"order_id": RULE_ID}),
        case("pair_taken_back", "cancel_gtt", {"gtt_id": PAIR_ID}, rows,
             step(m, "/CancelOCOOrder", {"body": said("Oi delete success", rule_id=PAIR_ID)},
                  {"uid": USER, "al_id": PAIR_ID}), result={"order_id": PAIR_ID}),
        case("one_rule", "gtt", target, rows, result=RULE_READ),
        case("no_such_rule", "gtt", {"gtt_id": "1"}, rows, error=failed("OrderNotFound")),
        case("waiting", "gtts", {}, rows, result=[RULE_READ, CAPITALS_READ, PAIR_READ]),
        case("no_rules", "gtts", {}, step(m, "/GetPendingGTTOrder", NO_DATA, {"uid": USER}),
             result=[]),
    ]  # fmt: skip


def quote_cases(m: Member) -> list[Json]:
    infy = ok(exch="NSE", tsym="INFY-EQ", token="1594", lp="1510.50", o="1500.00", h="1512.00",
              l="1499.10", c="1498.00", v="12345", ltq="5", ap="1505.20", tbq="10", tsq="20",
              lc="1348.20", uc="1647.80", wk52_h="1900.00", wk52_l="1300.00", bp1="1510.40",
              bq1="7", bo1="2", sp1="1510.60", sq1="3", so1="1", bp2="0.00", bq2="0",
              bo2="0")  # fmt: skip
    nifty = ok(exch="NSE", tsym="NIFTY INDEX", token="26000", lp="26000.05")
    at = "2026-11-20T11:05:00+05:30"
    return [
        case("all", "quotes", {"symbols": ["NSE:INFY", "NSE_INDEX:NIFTY"], "mode": "FULL"},
             step(m, "/GetQuotes", infy, {"uid": USER, "exch": "NSE", "token": "1594"}),
             step(m, "/GetQuotes", nifty, {"uid": USER, "exch": "NSE", "token": "26000"}),
             result=[
                 {"exchange": "NSE", "token": "1594", "broker_symbol": "INFY-EQ",
                  "last_price": "1510.5", "open": "1500", "high": "1512", "low": "1499.1",
                  "close": "1498", "volume": 12345, "last_quantity": 5,
                  "average_price": "1505.2", "total_buy_quantity": 10,
                  "total_sell_quantity": 20, "lower_circuit": "1348.2",
                  "upper_circuit": "1647.8", "low_52_weeks": "1300", "high_52_weeks": "1900",
                  "updated_at": at,
                  "depth": {"bids": [{"price": "1510.4", "quantity": 7, "orders": 2}],
                            "asks": [{"price": "1510.6", "quantity": 3, "orders": 1}]}},
                 {"exchange": "NSE", "token": "26000", "broker_symbol": "NIFTY INDEX",
                  "last_price": "26000.05", "updated_at": at}]),
        case("of_another_contract", "quotes", {"symbols": ["NSE:INFY"], "mode": "LTP"},
             step(m, "/GetQuotes", nifty, {"uid": USER, "exch": "NSE", "token": "1594"}),
             error=failed("MalformedReply")),
    ]  # fmt: skip


def history_cases(m: Member) -> list[Json]:
    start, end = 1795059900, 1795060200  # 2026-11-19 09:15 and 09:20, India
    span = {"start": "2026-11-19T09:15:00+05:30", "end": "2026-11-19T09:20:00+05:30"}
    candle = {"stat": "Ok", "time": "19-11-2026 09:15:00", "ssboe": str(start), "into": "1510.00",
              "inth": "1511.50", "intl": "1509.90", "intc": "1511.00", "intvwap": "1510.50",
              "intv": "1200", "intoi": "0", "v": "1200", "oi": "0"}  # fmt: skip
    stale = candle | {"time": "19-11-2026 09:16:00", "into": "0.00", "inth": "0.00",
                      "intl": "0.00", "intc": "0.00", "intv": "0"}  # fmt: skip
    read = {"timestamp": "2026-11-19T09:15:00+05:30", "open": "1510", "high": "1511.5",
            "low": "1509.9", "close": "1511", "volume": 1200, "oi": 0}  # fmt: skip
    day = json.dumps({"time": "19-NOV-2026", "into": "1500.00", "inth": "1512.00",
                      "intl": "1499.00", "intc": "1511.00", "ssboe": "1795046400",
                      "intv": "4249172.00"})  # fmt: skip
    read_day = {"timestamp": "2026-11-19T00:00:00+05:30", "open": "1500", "high": "1512",
                "low": "1499", "close": "1511", "volume": 4249172}  # fmt: skip
    minutes = {"uid": USER, "exch": "NSE", "token": "1594", "st": str(start), "et": str(end),
               "intrv": "5"}  # fmt: skip

    def daily(name: str, symbol: str, vendor: str) -> Json:
        fields = {"uid": USER, "sym": vendor, "from": str(start), "to": str(end)}
        return case(name, "history", {"symbol": symbol, "interval": "1d"} | span,
                    step(m, "/EODChartData", {"body": [day]}, fields, chart=True),
                    result=[read_day])  # fmt: skip

    return [
        case("minutes", "history", {"symbol": "NSE:INFY", "interval": "5m"} | span,
             step(m, "/TPSeries", {"body": [candle, stale]}, minutes, chart=True), result=[read]),
        case("holiday", "history", {"symbol": "NSE:INFY", "interval": "5m"} | span,
             step(m, "/TPSeries", NO_DATA, minutes, chart=True), result=[]),
        daily("days", "NSE:INFY", "NSE:INFY-EQ"),
        daily("days_of_an_index", "NSE_INDEX:NIFTY", "NSE:Nifty 50"),
        daily("days_with_an_ampersand", "NSE:M&M", "NSE:M&M-EQ"),
    ]  # fmt: skip


FILES = {
    "NSE": "Exchange,Token,LotSize,Symbol,TradingSymbol,Instrument,TickSize,\n"
    "NSE,26000,1,Nifty 50,NIFTY INDEX,INDEX,0,\n"
    "NSE,1594,1,INFY,INFY-EQ,EQ,0.10,\n"
    "NSE,999,1,MRF,MRF-EQ,EQ,5.00,\n",
    "NFO": "Exchange,Token,LotSize,Symbol,TradingSymbol,Expiry,Instrument,OptionType,StrikePrice,"
    "TickSize,\nNFO,42864,75,NIFTY,NIFTY24NOV26C26000,24-NOV-2026,OPTIDX,CE,26000,0.05,\n",
    "CDS": "Exchange,Token,LotSize,Precision,Multiplier,Symbol,TradingSymbol,Expiry,Instrument,"
    "OptionType,StrikePrice,TickSize,\n"
    "CDS,1201,1,4,1000,USDINR,USDINR29DEC26F,29-DEC-2026,FUTCUR,XX,0,0.0025,\n",
    "MCX": "Exchange,Token,LotSize,GNGD,Symbol,TradingSymbol,Expiry,Instrument,OptionType,"
    "StrikePrice,TickSize,\n"
    "MCX,451669,100,1,CRUDEOIL,CRUDEOIL18DEC26,18-DEC-2026,FUTCOM,XX,0,1.00,\n",
    "BSE": "Exchange,Token,LotSize,Symbol,TradingSymbol,Instrument,TickSize,\n"
    "BSE,500209,1,INFY,INFY,A,0.05,\n",
    "BFO": "Exchange,Token,LotSize,Symbol,TradingSymbol,Expiry,Instrument,OptionType,StrikePrice,"
    "TickSize,\nBFO,837931,20,BSXOPT,SENSEX26NOV91000PE,26-NOV-2026,OPTIDX,PE,91000,0.05,\n"
    "BFO,837932,20,XYZOPT,SOMETHING26NOV100PE,26-NOV-2026,OPTSTK,PE,100,0.05,\n",
}
ORDER = ("NSE", "NFO", "CDS", "MCX", "BSE", "BFO")

FLATTRADE_HEAD = "Exchange,Token,Lotsize,Symbol,Tradingsymbol,Instrument,Expiry,Strike,Optiontype\n"
FLATTRADE_FILES = {
    "NSE_Equity": "NSE,26000,1,Nifty 50,NIFTY INDEX,INDEX,,,\nNSE,1594,1,INFY,INFY-EQ,EQ,,,\n",
    "Nfo_Equity_Derivatives": "",
    "Nfo_Index_Derivatives":
        "NFO,42864,75,NIFTY,NIFTY24NOV26C26000,OPTIDX,24-NOV-2026,26000,CE\n",
    "Currency_Derivatives": "CDS,1201,1,USDINR,USDINR29DEC26F,FUTCUR,29-DEC-2026,0,XX\n",
    "Commodity": "MCX,451669,100,CRUDEOIL,CRUDEOIL18DEC26,FUTCOM,18-DEC-2026,0,XX\n",
    "BSE_Equity": "BSE,500209,1,INFY,INFY,A,,,\n",
    "Bfo_Index_Derivatives":
        "BFO,837931,20,BSXOPT,SENSEX26NOV91000PE,OPTIDX,26-NOV-2026,91000,PE\n",
    "Bfo_Equity_Derivatives": "",
}  # fmt: skip

CRUDE = {"exchange": "MCX", "symbol": "MCX:CRUDEOIL18DEC26FUT", "type": "FUTURE",
         "token": "451669", "broker_symbol": "CRUDEOIL18DEC26", "name": "CRUDEOIL",
         "underlying": "CRUDEOIL", "expiry": "2026-12-18", "lot_size": 100,
         "tick_size": "1"}  # fmt: skip
BSE_SHARE = {"exchange": "BSE", "symbol": "BSE:INFY", "type": "EQUITY", "token": "500209",
             "broker_symbol": "INFY", "name": "INFY", "lot_size": 1,
             "tick_size": "0.05"}  # fmt: skip
SENSEX = {"exchange": "BFO", "symbol": "BFO:SENSEX26NOV2691000PE", "type": "OPTION",
          "token": "837931", "broker_symbol": "SENSEX26NOV91000PE", "name": "BSXOPT",
          "underlying": "SENSEX", "expiry": "2026-11-26", "strike": "91000", "right": "PE",
          "lot_size": 20, "tick_size": "0.05"}  # fmt: skip
BSE_INDICES = [
    {"exchange": "BSE_INDEX", "symbol": f"BSE_INDEX:{name}", "type": "INDEX", "token": token,
     "broker_symbol": name, "name": name, "lot_size": 1}
    for name, token in (("SENSEX", "1"), ("BANKEX", "12"))
]  # fmt: skip


def zipped(name: str, text: str) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(f"{name}_symbols.txt"), text)
    return base64.b64encode(packed.getvalue()).decode()


def master_cases(m: Member) -> list[Json]:
    def fetched(path: str, reply: Json) -> Json:
        headers = {"Authorization": None}
        return {"request": {"method": "GET", "path": path, "headers": headers}, "reply": reply}

    nifty = INSTRUMENTS[2] | {"lot_size": 1}
    infy = {"lot_size": 1} | INSTRUMENTS[0]
    option = INSTRUMENTS[3] | {"name": "NIFTY"}
    dollar = INSTRUMENTS[4] | {"name": "USDINR"}
    if m.name == "flattrade":
        steps = [fetched(f"/scripmaster/{name}.csv", {"text": FLATTRADE_HEAD + rows})
                 for name, rows in FLATTRADE_FILES.items()]  # fmt: skip
        ticked = [nifty, infy, option, CRUDE, BSE_SHARE, SENSEX]
        told = [without(row, "tick_size") for row in ticked]
        skipped = {"reason": "the expiry or how many units a lot has is missing",
                   "row": "CDS 1201 USDINR29DEC26F"}  # fmt: skip
        result = [*told[:3], skipped, *told[3:], *BSE_INDICES]
    else:
        steps = [fetched(f"/{name}_symbols.txt.zip", {"base64": zipped(name, FILES[name])})
                 for name in ORDER]  # fmt: skip
        mrf = {"exchange": "NSE", "symbol": "NSE:MRF", "type": "EQUITY", "token": "999",
               "broker_symbol": "MRF-EQ", "name": "MRF", "lot_size": 1,
               "series": "EQ"}  # fmt: skip
        skipped = {"reason": "the underlying's code is not known",
                   "row": "BFO 837932 SOMETHING26NOV100PE"}  # fmt: skip
        result = [nifty, infy, mrf, option, dollar, CRUDE, BSE_SHARE, SENSEX, skipped,
                  *BSE_INDICES]  # fmt: skip
    missing = [*steps[:2], steps[2] | {"reply": {"status": 404, "text": "<html>"}}]
    return [
        case("all", "master", {}, *steps, result=result),
        case("a_file_missing", "master", {}, *missing, error=failed("MalformedReply")),
    ]


def raw_cases(m: Member) -> list[Json]:
    return [
        case("search", "raw", {"method": "POST", "path": "/SearchScrip",
                               "body": {"stext": "M&M", "exch": "NSE"}},
             step(m, "/SearchScrip", {"body": {"stat": "Ok", "values": ["M&M-EQ"]}},
                  {"uid": USER, "stext": "M&M", "exch": "NSE"}),
             result={"stat": "Ok", "values": ["M&M-EQ"]}),
        case("no_writes", "raw", {"method": "POST", "path": "/PlaceOrder"},
             error=failed("Unsupported", "NOT_SENT")),
    ]  # fmt: skip


def write(m: Member) -> None:
    world = {
        "now": "2026-11-20T11:05:00+05:30",
        "credentials": {"client_code": USER, "api_key": KEY, "api_secret": SECRET, "code": CODE},
        "session": {"account": USER, "tokens": m.tokens},
        "headers": {},
        "refusal": bad("Invalid Input : Invalid Trading Symbol"),
        "instruments": INSTRUMENTS,
    }
    files = {
        "world": world,
        "place_order": place_cases(m),
        "refusals": refusal_cases(m),
        "orders": book_cases(m),
        "changes": change_cases(m),
        "account": account_cases(m),
        "portfolio": portfolio_cases(m),
        **({"margin": margin_cases(m)} if m.margins else {}),
        **({"gtt": gtt_cases(m)} if m.rules else {}),
        "quotes": quote_cases(m),
        "history": history_cases(m),
        "master": master_cases(m),
        "raw": raw_cases(m),
    }
    folder = HERE / m.name
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        text = json.dumps(data, indent=1, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    for member in MEMBERS:
        write(member)


if __name__ == "__main__":
    main()
