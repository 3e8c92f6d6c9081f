"""Writes golden cases of the vendors' whole samples: ``python tests/cases/write_samples.py``.

Beside the cases of :mod:`write_noren` and :mod:`write_fyers`, which take replies apart field by
field: here are the samples as the vendors print them, old dates, surplus fields, contradictions
and all, and what they mean.  Sources: Shoonya-Dev/ShoonyaApi-py, README (10c719c);
myapi.fyers.in/docsv3 (late 2025).  Quotes are told of an instrument that the cases know.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import write_fyers as fyers
import write_noren as noren

Json = Any
HERE = Path(__file__).parent

# -- Shoonya's README

SHOONYA = noren.MEMBERS[0]
STATE: dict[str, Json] = {
    "stat": "Ok", "norenordno": "20121300065716", "uid": "DEMO01", "actid": "DEMO01",
    "exch": "NSE", "tsym": "ACCELYA-EQ", "qty": "180", "trantype": "B", "prctyp": "LMT",
    "ret": "DAY", "token": "7053", "pp": "2", "ls": "1", "ti": "0.05", "prc": "800.00",
    "prd": "M", "norentm": "19:59:32 13-12-2020", "remarks": "WC TEST Order",
}  # fmt: skip
AT_EXCHANGE = {"dscqty": "0", "exch_tm": "00:00:00 01-01-1980", "exchordid": "6858"}
STATES = [
    STATE | AT_EXCHANGE | {"avgprc": "800.00", "status": "COMPLETE", "rpt": "Fill",
                           "fillshares": "180"},
    STATE | AT_EXCHANGE | {"status": "OPEN", "rpt": "New"},
    STATE | {"dscqty": "0", "status": "PENDING", "rpt": "PendingNew", "uid": "DEMO1",
             "actid": "DEMO1"},
    STATE | {"status": "PENDING", "rpt": "NewAck", "uid": "DEMO1", "actid": "DEMO1"},
]  # fmt: skip
READ_STATE: dict[str, Json] = {
    "order_id": "20121300065716", "exchange": "NSE", "token": "7053",
    "broker_symbol": "ACCELYA-EQ", "side": "BUY", "order_type": "LIMIT", "product": "NRML",
    "validity": "DAY", "quantity": 180, "filled_quantity": 0, "price": "800",
    "wire_tag": "WC TEST Order", "updated_at": "2020-12-13T19:59:32+05:30",
    "after_market": False,
}  # fmt: skip
READ_STATES = [
    READ_STATE | {"status": "FILLED", "filled_quantity": 180, "disclosed_quantity": 0,
                  "average_price": "800", "exchange_order_id": "6858"},
    READ_STATE | {"status": "OPEN", "disclosed_quantity": 0, "exchange_order_id": "6858"},
    READ_STATE | {"status": "PENDING", "disclosed_quantity": 0},
    READ_STATE | {"status": "PENDING"},
]  # fmt: skip
FILL: dict[str, Json] = {
    "stat": "Ok", "uid": "FA12345", "actid": "FA12345", "exch": "NSE", "prctyp": "LMT",
    "ret": "DAY", "prd": "M", "fltm": "01-01-1980 00:00:00", "tsym": "ACCELYA-EQ", "qty": "180",
    "token": "7053", "fillshares": "180", "flqty": "180", "pp": "2", "ls": "1", "ti": "0.05",
    "prc": "800.00", "flprc": "800.00", "norentm": "19:59:32 13-12-2020",
    "exch_tm": "00:00:00 01-01-1980", "remarks": "WC TEST Order",
}  # fmt: skip
READ_FILL: dict[str, Json] = {
    "exchange": "NSE", "token": "7053", "broker_symbol": "ACCELYA-EQ", "product": "NRML",
    "quantity": 180, "price": "800", "traded_at": "2020-12-13T19:59:32+05:30",
}  # fmt: skip
CLOSED: dict[str, Json] = {
    "stat": "Ok", "uid": "POORNA", "actid": "POORNA", "exch": "NSE", "tsym": "ACC-EQ",
    "prarr": "C", "pp": "2", "ls": "1", "ti": "5.00", "mult": "1", "prcftr": "1.000000",
    "daybuyqty": "2", "daysellqty": "2", "daybuyamt": "2610.00", "daybuyavgprc": "1305.00",
    "daysellamt": "2610.00", "daysellavgprc": "1305.00", "cfbuyqty": "0", "cfsellqty": "0",
    "cfbuyamt": "0.00", "cfbuyavgprc": "0.00", "cfsellamt": "0.00", "cfsellavgprc": "0.00",
    "openbuyqty": "0", "opensellqty": "23", "openbuyamt": "0.00", "openbuyavgprc": "0.00",
    "opensellamt": "30015.00", "opensellavgprc": "1305.00", "netqty": "0", "netavgprc": "0.00",
    "lp": "0.00", "urmtom": "0.00", "rpnl": "0.00", "cforgavgprc": "0.00",
}  # fmt: skip
READ_CLOSED: dict[str, Json] = {
    "exchange": "NSE", "broker_symbol": "ACC-EQ", "quantity": 0, "overnight_quantity": 0,
    "buy_quantity": 2, "sell_quantity": 2, "buy_price": "1305", "sell_price": "1305", "pnl": "0",
    "realised_pnl": "0", "unrealised_pnl": "0",
}  # fmt: skip
"""No product: the sample tells none of its own."""
LIMITS: dict[str, Json] = {
    "cash": "1500000000000000.00", "payin": "0.00", "payout": "0.00", "brkcollamt": "0.00",
    "unclearedcash": "0.00", "daycash": "0.00", "turnoverlmt": "50000000000000.00",
    "pendordvallmt": "2000000000000000.00", "turnover": "3915000.00", "pendordval": "2871000.00",
    "marginused": "3945540.00", "mtomcurper": "0.00", "urmtom": "30540.00",
    "grexpo": "3915000.00", "uzpnl_e_i": "15270.00", "uzpnl_e_m": "61080.00",
    "uzpnl_e_c": "-45810.00",
}  # fmt: skip
UNTRADED = noren.ok(
    exch="NSE", tsym="INFY-EQ", cname="INFOSYS LIMITED", symname="INFY", seg="EQT", instname="EQ",
    isin="INE009A01021", pp="2", ls="1", ti="0.05", mult="1", uc="2093.95", lc="1713.25",
    prcftr_d="(1 / 1 ) * (1 / 1)", token="1594", lp="0.00", h="0.00", l="0.00", v="0", ltq="0",
    ltt="05:30:00", bp1="2000.00", bq1="2", bo1="2",
    **{f"bp{n}": "0.00" for n in range(2, 6)}, **{f"sp{n}": "0.00" for n in range(1, 6)},
    **{f"{side}q{n}": "0" for side in "bs" for n in range(1, 6) if (side, n) != ("b", 1)},
    **{f"bo{n}": "0" for n in range(2, 6)}, **{f"so{n}": "0" for n in range(1, 5)}, So5="0",
)  # fmt: skip


def shoonya() -> list[Json]:
    both = {"uid": noren.USER, "actid": noren.USER}

    def book(name: str, operation: str, path: str, rows: Json, fields: Json, read: Json) -> Json:
        step = noren.step(SHOONYA, path, {"body": rows}, fields)
        args = {"order_id": "20121300065716"} if "history" in operation else {}
        return noren.case(name, operation, args, step, result=read)

    held: list[Json] = []
    read_held: list[Json] = []
    for token, name, price in (("13", "ABB-EQ", "1800"), ("22", "ACC-EQ", "1400")):
        held.append({
            "stat": "Ok", "exch_tsym": [{"exch": "NSE", "token": token, "tsym": name}],
            "holdqty": "2000000", "colqty": "200", "btstqty": "0", "btstcolqty": "0",
            "usedqty": "0", "upldprc": f"{price}.00"})  # fmt: skip
        read_held.append({
            "exchange": "NSE", "token": token, "broker_symbol": name, "quantity": 2000000,
            "t1_quantity": 0, "average_price": price})  # fmt: skip
    fills = [FILL | {"norenordno": "20121300065715", "flid": "102", "trantype": "S",
                     "exchordid": "6857"},
             FILL | {"norenordno": "20121300065716", "flid": "101", "trantype": "B",
                     "exchordid": "6858"}]  # fmt: skip
    read_fills = [READ_FILL | {"order_id": "20121300065715", "trade_id": "102", "side": "SELL",
                               "exchange_order_id": "6857"},
                  READ_FILL | {"order_id": "20121300065716", "trade_id": "101", "side": "BUY",
                               "exchange_order_id": "6858"}]  # fmt: skip
    quoted = {
        "exchange": "NSE", "token": "1594", "broker_symbol": "INFY-EQ", "last_price": "0",
        "volume": 0, "last_quantity": 0, "lower_circuit": "1713.25", "upper_circuit": "2093.95",
        "updated_at": "2026-11-20T11:05:00+05:30",
        "depth": {"bids": [{"price": "2000", "quantity": 2, "orders": 2}]},
    }  # fmt: skip
    return [
        book("sample_states", "vendor.order_history", "/SingleOrdHist", STATES,
             {"uid": noren.USER, "norenordno": "20121300065716"}, READ_STATES),
        book("sample_trades", "trades", "/TradeBook", fills, both, read_fills),
        book("sample_positions", "positions", "/PositionBook", [CLOSED], both, [READ_CLOSED]),
        book("sample_holdings", "holdings", "/Holdings", held, both | {"prd": "C"}, read_held),
        noren.case("sample_limits", "funds", {},
                   noren.step(SHOONYA, "/Limits", noren.ok(**LIMITS), both),
                   result={"available": "1499999996054460", "cash": "1500000000000000",
                           "collateral": "0", "utilised": "3945540", "payin": "0"}),
        noren.case("sample_quote", "quotes", {"symbols": ["NSE:INFY"], "mode": "FULL"},
                   noren.step(SHOONYA, "/GetQuotes", UNTRADED,
                              {"uid": noren.USER, "exch": "NSE", "token": "1594"}),
                   result=[quoted]),
    ]  # fmt: skip


# -- Fyers' page

IDEA: dict[str, Json] = {
    "clientId": "X******", "id": "23030900015105",
    "id_fyers": "c6697c04-d9ab-4a7c-a6f4-b0cc4ca698f6",
    "exchOrdId": "1100000001089341", "qty": 1, "remainingQuantity": 0, "filledQty": 1,
    "discloseQty": 0, "limitPrice": 6.95, "stopPrice": 0, "tradedPrice": 6.95, "type": 1,
    "fyToken": "101000000014366", "exchange": 10, "segment": 10, "symbol": "NSE:IDEA-EQ",
    "instrument": 0, "message": "", "offlineOrder": False,
    "orderDateTime": "09-Mar-2023 09:34:38", "orderValidity": "DAY", "pan": "",
    "productType": "CNC", "side": -1, "status": 2, "source": "W", "ex_sym": "IDEA",
    "description": "VODAFONE IDEA LIMITED", "ch": -0.1, "chp": -1.44, "lp": 6.85, "slNo": 1,
    "dqQtyRem": 0, "orderNumStatus": "23030900015105:2", "disclosedQty": 0,
    "orderTag": "1:Ordertag", "takeProfit": 0, "stopLoss": 0,
}  # fmt: skip
READ_IDEA: dict[str, Json] = {
    "exchange": "NSE", "token": "101000000014366", "broker_symbol": "NSE:IDEA-EQ",
    "order_id": "23030900015105", "status": "FILLED", "side": "SELL", "order_type": "LIMIT",
    "product": "CNC", "validity": "DAY", "quantity": 1, "filled_quantity": 1,
    "pending_quantity": 0, "disclosed_quantity": 0, "price": "6.95", "average_price": "6.95",
    "wire_tag": "Ordertag", "placed_at": "2023-03-09T09:34:38+05:30",
    "exchange_order_id": "1100000001089341", "after_market": False,
}  # fmt: skip
SILVER: dict[str, Json] = {
    "netQty": 1, "qty": 1, "avgPrice": 72256.0, "netAvg": 71856.0, "side": 1,
    "productType": "MARGIN", "realized_profit": 400.0, "unrealized_profit": 461.0, "pl": 861.0,
    "ltp": 72717.0, "buyQty": 2, "buyAvg": 72256.0, "buyVal": 144512.0, "sellQty": 1,
    "sellAvg": 72656.0, "sellVal": 72656.0, "slNo": 0, "fyToken": "1120200831217406",
    "crossCurrency": "N", "rbiRefRate": 1.0, "qtyMulti_com": 1.0, "segment": 20,
    "symbol": "MCX:SILVERMIC20AUGFUT", "id": "MCX:SILVERMIC20AUGFUT-MARGIN", "cfBuyQty": 0,
    "cfSellQty": 0, "dayBuyQty": 0, "daySellQty": 1, "exchange": 10,
}  # fmt: skip
READ_SILVER: dict[str, Json] = {
    "token": "1120200831217406", "broker_symbol": "MCX:SILVERMIC20AUGFUT", "product": "NRML",
    "quantity": 1, "overnight_quantity": 0, "buy_quantity": 2, "sell_quantity": 1,
    "buy_price": "72256", "sell_price": "72656", "average_price": "71856", "last_price": "72717",
    "pnl": "861", "realised_pnl": "400", "unrealised_pnl": "461",
}  # fmt: skip
"""No exchange: the sample says NSE's number with the segment of commodities, and MCX in letters."""
OVERALL = {"count_total": 1, "count_open": 1, "pl_total": 861.0, "pl_realized": 400.0,
           "pl_unrealized": 461.0}  # fmt: skip


def held_row(number: int, symbol: str, token: int, figures: tuple[float, ...]) -> Json:
    cost, value, profit, last = figures
    return {
        "holdingType": "HLD", "quantity": 1, "costPrice": cost, "marketVal": value,
        "remainingQuantity": 1, "pl": profit, "ltp": last, "id": number, "fyToken": token,
        "exchange": 10, "symbol": symbol, "segment": 10, "isin": "INE669E01016", "qty_t1": 1,
        "remainingPledgeQuantity": -1, "collateralQuantity": 0,
    }  # fmt: skip


def read_held(symbol: str, token: str, cost: str, profit: str, last: str) -> Json:
    return {
        "exchange": "NSE", "token": token, "broker_symbol": symbol, "isin": "INE669E01016",
        "quantity": 1, "t1_quantity": 1, "collateral_quantity": 0, "average_price": cost,
        "last_price": last, "pnl": profit,
    }  # fmt: skip


def taken_back(rule_id: str, side: int, made: tuple[str, int], prices: tuple[int, int]) -> Json:
    first, second = prices
    return {
        "clientId": "X******", "exchange": 10, "fy_token": "10100000003045", "id": rule_id,
        "instrument": 0, "lot_size": 1, "multiplier": 0, "ord_status": 1, "precision": 2,
        "price_limit": first, "price2_limit": second, "price_trigger": first,
        "price2_trigger": second, "product_type": "CNC" if side == 1 else "MTF",
        "qty": 5 if side == 1 else 3, "qty2": 5 if side == 1 else 3, "report_type": "CANCELLED",
        "segment": 10, "symbol": "NSE:SBIN-EQ", "symbol_desc": "STATE BANK OF INDIA",
        "symbol_exch": "SBIN", "tick_size": 0.05, "tran_side": side, "gtt_oco_ind": 2,
        "create_time": made[0], "create_time_epoch": made[1],
        "oms_msg": "GTT/OCO order cancelled successfully.", "ltp_ch": 0, "ltp_chp": 0, "ltp": 0,
    }  # fmt: skip


RULES = [
    taken_back("25012400002074", 1, ("24-Jan-2025 16:13:31", 1737715411), (1020, 620)),
    taken_back("25012400002099", -1, ("24-Jan-2025 16:10:27", 1737715227), (1000, 600)),
]
"""A BUY takes its profit below, a SELL above: the legs of the two rows mean different things."""
SAME_RULE = {"exchange": "NSE", "token": "10100000003045", "broker_symbol": "NSE:SBIN-EQ",
             "status": "CANCELLED"}  # fmt: skip
READ_RULES = [
    SAME_RULE | {"gtt_id": "25012400002074", "side": "BUY", "product": "CNC", "quantity": 5,
                 "price": "620", "trigger_price": "620", "stop_price": "1020",
                 "stop_trigger_price": "1020", "placed_at": "2025-01-24T16:13:31+05:30"},
    SAME_RULE | {"gtt_id": "25012400002099", "side": "SELL", "product": "MTF", "quantity": 3,
                 "price": "1000", "trigger_price": "1000", "stop_price": "600",
                 "stop_trigger_price": "600", "placed_at": "2025-01-24T16:10:27+05:30"},
]  # fmt: skip


def of_fyers() -> list[Json]:
    def told(name: str, operation: str, path: str, reply: Json, read: Json, **args: Json) -> Json:
        step = fyers.step("GET", f"{fyers.API}{path}", reply)
        return fyers.case(name, operation, args, step, result=read)

    holdings = [
        held_row(1, "NSE:JPASSOCIAT-EQ", 101000000011460, (1.55, 3.75, 2.2, 3.75)),
        held_row(2, "NSE:ZEEL-EQ", 10100000003812, (192.6, 149.7, -42.9, 149.7)),
    ]
    overall = {"count_total": 2, "total_investment": 194.15, "total_current_value": 153.45,
               "total_pl": -40.7, "pnl_perc": -10.48}  # fmt: skip
    return [
        told("sample_book", "orders", "/orders", fyers.ok(orderBook=[IDEA]), [READ_IDEA]),
        told("sample_positions", "positions", "/positions",
             fyers.ok(netPositions=[SILVER], overall=OVERALL), [READ_SILVER]),
        told("sample_holdings", "holdings", "/holdings",
             fyers.ok(holdings=holdings, overall=overall),
             [read_held("NSE:JPASSOCIAT-EQ", "101000000011460", "1.55", "2.2", "3.75"),
              read_held("NSE:ZEEL-EQ", "10100000003812", "192.6", "-42.9", "149.7")]),
        told("sample_rules", "gtts", "/gtt/orders", fyers.ok(orderBook=RULES), READ_RULES,
             done=True),
    ]  # fmt: skip


def main() -> None:
    for broker, cases in (("shoonya", shoonya()), ("fyers", of_fyers())):
        text = json.dumps(cases, indent=1, ensure_ascii=False)
        (HERE / broker / "samples.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
