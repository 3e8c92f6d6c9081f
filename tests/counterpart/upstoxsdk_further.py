"""More of what a trader wants at Upstox: further contracts, floats that are whole, orders of a
registered algorithm.

The contracts are rows of a master file as Upstox writes it, so that its reader stands between the
symbols of the two sayings.  The sayings are those of :mod:`upstoxsdk_intents`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from upstoxsdk_intents import (
    CHANGINGS,
    INFY,
    NIFTY_CALL,
    NIFTY_FUTURE,
    PLACINGS,
    RULINGS,
    SBIN,
    Changing,
    Listing,
    Placing,
    Ruling,
    asked,
    changing,
    placing,
    ruling,
    waits,
)

from openbroker.adapters.upstox_master import instruments
from openbroker.schemas import INDIA, Instrument


def _cash(segment: str, key: str, symbol: str, kind: str, lot: int, tick: float) -> dict[str, Any]:
    return {"segment": segment, "name": symbol, "exchange": segment[:3], "instrument_type": kind,
            "instrument_key": f"{segment}|{key}", "lot_size": lot, "exchange_token": key,
            "tick_size": tick, "trading_symbol": symbol}  # fmt: skip


def _contract(
    segment: str, key: str, name: str, day: dt.date, lot: int, tick: float, **option: Any
) -> dict[str, Any]:
    last = dt.datetime.combine(day, dt.time(23, 59, 59), INDIA)
    kind = option.get("instrument_type", "FUT")
    return {
        "segment": segment, "name": name, "exchange": segment[:3], "instrument_type": kind,
        "expiry": int(last.timestamp() * 1000), "asset_symbol": name, "underlying_symbol": name,
        "instrument_key": f"{segment}|{key}", "lot_size": lot, "minimum_lot": lot,
        "exchange_token": key, "tick_size": tick, "strike_price": 0.0,
        "trading_symbol": f"{name} {kind} {day:%d %b %y}".upper(),
    } | option  # fmt: skip


def _option(right: str, strike: float) -> dict[str, Any]:
    return {"instrument_type": right, "strike_price": strike}


NOV, DEC = dt.date(2026, 11, 24), dt.date(2026, 12, 29)
MASTER: Final = json.dumps([
    _cash("NSE_EQ", "INE101A01026", "M&M", "EQ", 1, 10.0),
    _cash("NSE_EQ", "INE917I01010", "BAJAJ-AUTO", "EQ", 1, 50.0),
    _cash("NSE_EQ", "INE221H01019", "GTLINFRA", "BE", 1, 1.0),
    _cash("NSE_EQ", "INF204KB14I2", "NIFTYBEES", "EQ", 1, 1.0),
    _cash("NSE_EQ", "INE0KWX01016", "EMKAYTOOLS", "SM", 400, 5.0),
    _cash("BSE_EQ", "INE397D01024", "BHARTIARTL", "A", 1, 5.0),
    _contract("NSE_FO", "58807", "BANKNIFTY", DEC, 35, 20.0),
    _contract("NSE_FO", "117188", "TATASTEEL", NOV, 5500, 5.0, **_option("CE", 152.5)),
    _contract("BSE_FO", "820313", "SENSEX", dt.date(2026, 11, 26), 20, 5.0,
              **_option("PE", 84500.0)),
    _contract("MCX_FO", "472601", "NATURALGAS", dt.date(2026, 12, 28), 1250, 10.0),
    _contract("NCD_FO", "12501", "USDINR", dt.date(2026, 11, 27), 1, 0.25,
              **_option("CE", 89.25), qty_multiplier=1000.0),
    {"segment": "NSE_INDEX", "name": "Nifty Bank", "exchange": "NSE", "instrument_type": "INDEX",
     "instrument_key": "NSE_INDEX|Nifty Bank", "exchange_token": "26009",
     "trading_symbol": "BANKNIFTY"},
    {"segment": "BSE_INDEX", "name": "SENSEX", "exchange": "BSE", "instrument_type": "INDEX",
     "instrument_key": "BSE_INDEX|SENSEX", "exchange_token": "1", "trading_symbol": "SENSEX"},
]).encode()  # fmt: skip

LISTED: Final[Mapping[str, Listing]] = {
    one.symbol: Listing(symbol=one.symbol, key=one.token, instrument=one)
    for one in instruments(MASTER)
    if isinstance(one, Instrument)
}

MAHINDRA, BAJAJ = LISTED["NSE:M&M"], LISTED["NSE:BAJAJ-AUTO"]
SURVEILLED, ETF = LISTED["NSE:GTLINFRA"], LISTED["NSE:NIFTYBEES"]
SME, BHARTI_BSE = LISTED["NSE:EMKAYTOOLS"], LISTED["BSE:BHARTIARTL"]
BANK_FUTURE = LISTED["NFO:BANKNIFTY29DEC26FUT"]
HALF_STRIKE = LISTED["NFO:TATASTEEL24NOV26152.5CE"]
SENSEX_PUT = LISTED["BFO:SENSEX26NOV2684500PE"]
GAS_FUTURE = LISTED["MCX:NATURALGAS28DEC26FUT"]
DOLLAR_CALL = LISTED["CDS:USDINR27NOV2689.25CE"]
BANK_NIFTY, SENSEX = LISTED["NSE_INDEX:BANKNIFTY"], LISTED["BSE_INDEX:SENSEX"]

KEYS: Final = (
    "NSE_EQ|INE101A01026", "NSE_EQ|INE917I01010", "NSE_EQ|INE221H01019", "NSE_EQ|INF204KB14I2",
    "NSE_EQ|INE0KWX01016", "BSE_EQ|INE397D01024", "NSE_FO|58807", "NSE_FO|117188",
    "BSE_FO|820313", "MCX_FO|472601", "NCD_FO|12501", "NSE_INDEX|Nifty Bank",
    "BSE_INDEX|SENSEX",
)  # fmt: skip
"""Of the contracts above, in their order."""

FURTHER: Final[tuple[Placing, ...]] = (
    placing("ampersand", MAHINDRA, asked("BUY", 1, "LIMIT", "MIS", price="3600.1"), "I",
            price=3600.1),
    placing("hyphen in the symbol", BAJAJ, asked("SELL", 1, "LIMIT", "CNC", price="9123.5"), "D",
            price=9123.5),
    placing("under surveillance, two paise", SURVEILLED,
            asked("BUY", 1000, "LIMIT", "CNC", price="0.02"), "D", price=0.02),
    placing("fund by the paisa", ETF, asked("BUY", 7, "LIMIT", "MIS", price="271.37"), "I",
            price=271.37),
    placing("small company in lots", SME, asked("BUY", 800, "LIMIT", "CNC", price="812.05"), "D",
            price=812.05),
    placing("floats that are whole", SBIN,
            asked("SELL", 5, "SL", "MIS", price=790.0, trigger_price=791.0), "I",
            order_type="SL", price=790.0, trigger_price=791.0),
    placing("a fraction of a per cent", BHARTI_BSE,
            asked("SELL", 3, "MARKET", "MTF", market_protection="0.5"), "MTF",
            order_type="MARKET", market_protection=0.5),
    placing("most protection, at once", INFY,
            asked("BUY", 2, "MARKET", "MIS", market_protection=25, validity="IOC"), "I",
            order_type="MARKET", validity="IOC", market_protection=25),
    placing("longest label", INFY,
            asked("BUY", 1, "LIMIT", "CNC", price=1440, tag="MyAlgorithmOfTheYear2026Version1"),
            "D", price=1440, tag="MyAlgorithmOfTheYear2026Version1"),
    placing("stop after the market", SBIN,
            asked("SELL", 5, "SL", "CNC", price="760.05", trigger_price="760.1",
                  after_market=True), "D",
            order_type="SL", price=760.05, trigger_price=760.1, is_amo=True),
    placing("bank future with a stop", BANK_FUTURE,
            asked("SELL", 70, "SL-M", "NRML", trigger_price="58000.2", market_protection=1), "D",
            order_type="SL-M", trigger_price=58000.2, market_protection=1),
    placing("half a strike", HALF_STRIKE, asked("SELL", 11000, "LIMIT", "NRML", price="0.05"),
            "D", price=0.05),
    placing("BSE index option", SENSEX_PUT, asked("BUY", 40, "LIMIT", "MIS", price="312.35"), "I",
            price=312.35),
    placing("gas with a stop", GAS_FUTURE,
            asked("BUY", 3750, "SL", "NRML", price="412.4", trigger_price="412.3"), "D",
            quantity=3, order_type="SL", price=412.4, trigger_price=412.3),
    placing("currency option, quarter strike", DOLLAR_CALL,
            asked("BUY", 2000, "LIMIT", "NRML", price="0.3025"), "D", quantity=2, price=0.3025),
)  # fmt: skip
ALL_PLACINGS: Final = (*PLACINGS, *FURTHER)
PLACED: Final[Mapping[str, Placing]] = {placing.name: placing for placing in ALL_PLACINGS}

FURTHER_CHANGES: Final[tuple[Changing, ...]] = (
    changing(PLACED["floats that are whole"], {"price": 789.0, "trigger_price": 790.5},
             price=789.0, trigger_price=790.5),
    changing(PLACED["gas with a stop"], {"quantity": 2500, "price": "413"}, quantity=2, price=413),
    changing(PLACED["half a strike"], {"order_type": "SL", "trigger_price": "0.1"},
             order_type="SL", trigger_price=0.1),
    changing(PLACED["ampersand"],
             {"price": "3601.2", "quantity": 2, "order_type": "LIMIT", "validity": "DAY"},
             price=3601.2, quantity=2),
    changing(PLACED["stop after the market"], {"quantity": 4}, quantity=4),
    changing(PLACED["currency option, quarter strike"], {"price": "0.305"}, price=0.305),
    changing(PLACED["hyphen in the symbol"],
             {"order_type": "SL-M", "trigger_price": "9000", "market_protection": "1.5"},
             order_type="SL-M", price=0, trigger_price=9000, market_protection=1.5),
    changing(PLACED["bank future with a stop"], {"market_protection": 2}, market_protection=2),
)  # fmt: skip
ALL_CHANGES: Final = (*CHANGINGS, *FURTHER_CHANGES)

FURTHER_RULES: Final[tuple[Ruling, ...]] = (
    ruling("sale on BSE", BHARTI_BSE, 1500, waits("SELL", 4, "1650", "CNC"), "D", "ABOVE", 1650.0),
    ruling("half a strike", HALF_STRIKE, 1.25, waits("SELL", 5500, "0.05", "NRML"), "D", "BELOW",
           0.05),
    ruling("currency", DOLLAR_CALL, 0.3, waits("BUY", 3000, "0.3525", "NRML"), "D", "ABOVE",
           0.3525, 3),
)  # fmt: skip
ALL_RULES: Final = (*RULINGS, *FURTHER_RULES)


def converted(where: Listing, side: str, quantity: int, old: str, new: str) -> dict[str, Any]:
    return {"instrument_token": where.key, "new_product": new, "old_product": old,
            "transaction_type": side, "quantity": quantity}  # fmt: skip


FURTHER_CONVERTED: Final[Mapping[str, Mapping[str, Any]]] = {
    "delivery into intraday": converted(SBIN, "BUY", 3, "D", "I"),
    "intraday into margin": converted(BHARTI_BSE, "BUY", 1, "I", "MTF"),
    "a short carried": converted(NIFTY_FUTURE, "SELL", 130, "I", "D"),
    "commodity in lots": converted(GAS_FUTURE, "BUY", 2, "D", "I"),
}


def planned(where: Listing, side: str, quantity: int, product: str, **price: Any) -> dict[str, Any]:
    """An ``Instrument`` of ``MarginRequest``."""
    return {"instrument_key": where.key, "quantity": quantity, "product": product,
            "transaction_type": side} | price  # fmt: skip


FURTHER_MARGINS: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "at the market": [planned(SBIN, "BUY", 5, "D"), planned(NIFTY_CALL, "SELL", 65, "I")],
    "one share": [planned(INFY, "BUY", 1, "MTF", price=1440.0)],
    "spread": [
        planned(HALF_STRIKE, "SELL", 5500, "D", price=2.05),
        planned(SENSEX_PUT, "BUY", 20, "I", price=312.35),
        planned(GAS_FUTURE, "SELL", 1, "D", price=410.1),
        planned(DOLLAR_CALL, "BUY", 3, "D", price=0.3025),
    ],
}

FURTHER_CHARGES: Final[Mapping[str, tuple[str, int, str, str, float]]] = {
    "sale": (SBIN.key, 5, "I", "SELL", 801.05),
    "option": (HALF_STRIKE.key, 5500, "D", "SELL", 2.0),
    "commodity": (GAS_FUTURE.key, 2, "D", "BUY", 412.3),
}

SPANS: Final[Mapping[str, tuple[Listing, str, str, str, str]]] = {
    "index": (BANK_NIFTY, "days", "1", "2024-01-01", "2026-11-20"),
    "BSE index": (SENSEX, "hours", "1", "2026-11-02", "2026-11-20"),
    "one day": (SENSEX_PUT, "minutes", "15", "2026-11-20", "2026-11-20"),
    "commodity": (GAS_FUTURE, "minutes", "30", "2026-11-02", "2026-11-20"),
}
"""The contract, the unit and how many, the first day and the last."""
