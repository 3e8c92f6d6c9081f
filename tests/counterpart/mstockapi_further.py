"""More of what a trader wants at mStock: further contracts, figures as numbers, empty words.

The contracts are rows of a master file as mStock writes it, so that its reader stands between the
symbols of the two sayings.  The sayings are those of :mod:`mstockapi_intents`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from mstockapi_intents import (
    ACC,
    CANCELLED,
    CHANGINGS,
    MAHINDRA,
    NIFTY_FUTURE,
    PLACINGS,
    SBIN,
    SBIN_BSE,
    Changing,
    Listing,
    Placing,
    asked,
    placing,
)

from openbroker.adapters.mstock_master import instruments
from openbroker.schemas import Instrument

_COLUMNS = (
    "exch_seg", "token", "name", "symbol", "expiry", "strike", "lotsize", "instrumenttype",
    "tick_size",
)  # fmt: skip
_ROWS = (
    ("NSE", "16669", "BAJAJ-AUTO-EQ", "BAJAJ-AUTO", "", "0", "1", "EQ", "0.5"),
    ("NSE", "13643", "GTLINFRA-BE", "GTLINFRA", "", "0", "1", "EQ", "0.01"),
    ("NSE", "10576", "NIFTYBEES-EQ", "NIFTYBEES", "", "0", "1", "EQ", "0.01"),
    ("NSE", "18143", "EMKAYTOOLS-SM", "EMKAYTOOLS", "", "0", "400", "EQ", "0.05"),
    ("BSE", "532454", "BHARTIARTL", "BHARTIARTL", "", "0", "1", "EQ", "0.05"),
    ("NFO", "58807", "BANKNIFTY26DECFUT", "BANKNIFTY", "29Dec2026", "0", "35", "FUTIDX", "0.2"),
    ("NFO", "117188", "TATASTEEL26NOV152.5CE", "TATASTEEL", "24Nov2026", "152.5", "5500",
     "OPTSTK", "0.05"),
    ("BFO", "820313", "SENSEX26NOV84500PE", "SENSEX", "26Nov2026", "84500", "20", "OPTIDX",
     "0.05"),
)  # fmt: skip
MASTER: Final = json.dumps([dict(zip(_COLUMNS, row, strict=True)) for row in _ROWS]).encode()

_LISTED: Final[Mapping[str, Instrument]] = {
    one.symbol: one for one in instruments(MASTER) if isinstance(one, Instrument)
}


def _listing(symbol: str, exchange: str, tradingsymbol: str, token: str) -> Listing:
    return Listing(instrument=_LISTED[symbol], exchange=exchange, tradingsymbol=tradingsymbol,
                   symboltoken=token)  # fmt: skip


BAJAJ = _listing("NSE:BAJAJ-AUTO", "NSE", "BAJAJ-AUTO-EQ", "16669")
SURVEILLED = _listing("NSE:GTLINFRA", "NSE", "GTLINFRA-BE", "13643")
ETF = _listing("NSE:NIFTYBEES", "NSE", "NIFTYBEES-EQ", "10576")
SME = _listing("NSE:EMKAYTOOLS", "NSE", "EMKAYTOOLS-SM", "18143")
BHARTI_BSE = _listing("BSE:BHARTIARTL", "BSE", "BHARTIARTL", "532454")
BANK_FUTURE = _listing("NFO:BANKNIFTY29DEC26FUT", "NFO", "BANKNIFTY26DECFUT", "58807")
HALF_STRIKE = _listing("NFO:TATASTEEL24NOV26152.5CE", "NFO", "TATASTEEL26NOV152.5CE", "117188")
SENSEX_PUT = _listing("BFO:SENSEX26NOV2684500PE", "BFO", "SENSEX26NOV84500PE", "820313")
BANK_NIFTY = _listing("NSE_INDEX:BANKNIFTY", "NSE", "BANKNIFTY", "26009")
SENSEX = _listing("BSE_INDEX:SENSEX", "BSE", "SENSEX", "51")

STOP: Final[dict[str, Any]] = {"variety": "STOPLOSS", "ordertype": "STOPLOSS_LIMIT"}

FURTHER: Final[tuple[Placing, ...]] = (
    placing("hyphen in the symbol", BAJAJ, asked("SELL", 1, "LIMIT", "CNC", price="9123.5"),
            "DELIVERY", price="9123.5"),
    placing("under surveillance, two paise", SURVEILLED,
            asked("BUY", 1000, "LIMIT", "CNC", price="0.02"), "DELIVERY", price="0.02"),
    placing("fund by the paisa", ETF, asked("BUY", 7, "LIMIT", "MIS", price="271.37"), "INTRADAY",
            price="271.37"),
    placing("small company in lots", SME, asked("BUY", 800, "LIMIT", "CNC", price="812.05"),
            "DELIVERY", price="812.05"),
    placing("figures as numbers", SBIN,
            asked("SELL", 5, "SL", "MIS", price=790.5, trigger_price=791), "INTRADAY",
            price=790.5, triggerprice=791, **STOP),
    placing("a text that is whole", SBIN, asked("BUY", 1, "LIMIT", "MIS", price="800.00"),
            "INTRADAY", price="800.00"),
    placing("at once, at the market", MAHINDRA,
            asked("BUY", 2, "MARKET", "MIS", validity="IOC"), "INTRADAY", ordertype="MARKET",
            duration="IOC"),
    placing("longest label", ACC, asked("BUY", 1, "LIMIT", "CNC", price=1840, tag="MyAlgo12345"),
            "DELIVERY", price="1840", ordertag="MyAlgo12345"),
    placing("market after the market", SBIN, asked("BUY", 5, "MARKET", "CNC", after_market=True),
            "DELIVERY", variety="AMO", ordertype="MARKET"),
    placing("stop after the market", SBIN,
            asked("SELL", 5, "SL", "CNC", price="760.05", trigger_price="760.1",
                  after_market=True),
            "DELIVERY", variety="AMO", ordertype="STOPLOSS_LIMIT", price="760.05",
            triggerprice="760.1"),
    placing("bank future with a stop", BANK_FUTURE,
            asked("SELL", 70, "SL-M", "NRML", trigger_price="58000.2"), "CARRYFORWARD",
            variety="STOPLOSS", ordertype="STOPLOSS_MARKET", triggerprice="58000.2"),
    placing("half a strike", HALF_STRIKE, asked("SELL", 11000, "LIMIT", "NRML", price="0.05"),
            "CARRYFORWARD", price="0.05"),
    placing("BSE index option", SENSEX_PUT, asked("BUY", 40, "LIMIT", "MIS", price="312.35"),
            "INTRADAY", price="312.35"),
)  # fmt: skip
ALL_PLACINGS: Final = (*PLACINGS, *FURTHER)
PLACED: Final[Mapping[str, Placing]] = {placing.name: placing for placing in ALL_PLACINGS}

FURTHER_CHANGES: Final[tuple[Changing, ...]] = (
    Changing(name="half a strike", ours={"order_type": "SL", "trigger_price": "0.1"},
             theirs={**STOP, "triggerprice": "0.1"}),
    Changing(name="bank future with a stop", ours={"order_type": "LIMIT", "price": "58100"},
             theirs={"variety": "NORMAL", "ordertype": "LIMIT", "price": "58100",
                     "triggerprice": "0"}),
    Changing(name="small company in lots",
             ours={"price": "813.1", "quantity": 1200, "order_type": "LIMIT", "validity": "DAY"},
             theirs={"price": "813.1", "quantity": "1200"}),
    Changing(name="market after the market", ours={"quantity": 6}, theirs={"quantity": "6"}),
    Changing(name="BSE index option", ours={"validity": "IOC"}, theirs={"duration": "IOC"}),
)  # fmt: skip
ALL_CHANGES: Final = (*CHANGINGS, *FURTHER_CHANGES)
ALL_CANCELLED: Final[Mapping[str, str]] = {
    **CANCELLED,
    "half a strike": "NORMAL",
    "bank future with a stop": "STOPLOSS",
}

MANY: Final[Mapping[str, Sequence[str]]] = {
    "NSE": ["16669", "13643", "10576", "18143", "26009"],
    "BSE": ["532454", "51"],
    "NFO": ["58807", "117188"],
    "BFO": ["820313"],
}
LISTED_MANY: Final = (
    BAJAJ, SURVEILLED, ETF, SME, BANK_NIFTY, BHARTI_BSE, SENSEX, BANK_FUTURE, HALF_STRIKE,
    SENSEX_PUT,
)  # fmt: skip

SPANS: Final[Mapping[str, tuple[Listing, str, str, str]]] = {
    "BSE share": (BHARTI_BSE, "ONE_DAY", "2024-01-01 00:00", "2026-11-19 23:59"),
    "option": (HALF_STRIKE, "FIVE_MINUTE", "2026-11-19 09:15", "2026-11-19 09:20"),
    "BSE option": (SENSEX_PUT, "ONE_HOUR", "2026-11-02 09:15", "2026-11-19 15:30"),
    "index": (BANK_NIFTY, "THIRTY_MINUTE", "2026-11-02 09:15", "2026-11-19 15:30"),
}
TODAYS: Final[Mapping[str, tuple[Listing, str, str]]] = {
    "share": (ACC, "1", "ONE_MINUTE"),
    "BSE share": (BHARTI_BSE, "4", "FIVE_MINUTE"),
    "BSE option": (SENSEX_PUT, "5", "ONE_HOUR"),
}
"""The contract, mStock's number of its segment, the length."""


def conversion(
    where: Listing, side: str, quantity: int, old: str, new: str, **row: str
) -> dict[str, Any]:
    """``convert_position``'s arguments; ``row`` is what differs from a share's."""
    told = {
        "oldproducttype": old, "newproducttype": new,
        "symbolname": where.tradingsymbol.removesuffix("-EQ"), "instrumenttype": "",
        "priceden": "", "pricenum": "", "genden": "", "gennum": "", "precision": "",
        "multiplier": "1", "boardlotsize": "", "buyqty": str(quantity) if side == "BUY" else "0",
        "sellqty": str(quantity) if side == "SELL" else "0", "buyamount": "0", "sellamount": "0",
        "transactiontype": side, "quantity": quantity, "type": "DAY",
    } | row  # fmt: skip
    return {**where.params, **{f"_{name}": word for name, word in told.items()}}


FURTHER_CONVERTED: Final[Mapping[str, Mapping[str, Any]]] = {
    "delivery into intraday": conversion(SBIN_BSE, "BUY", 3, "DELIVERY", "INTRADAY"),
    "a short carried": conversion(
        NIFTY_FUTURE, "SELL", 150, "INTRADAY", "CARRYFORWARD", symbolname="NIFTY",
        instrumenttype="FUTIDX",
    ),
}  # fmt: skip

FURTHER_MARGINS: Final[Mapping[str, tuple[str, ...]]] = {
    "at the market": ("INTRADAY", "SELL", "1", "0", "BSE", "BHARTIARTL", "532454"),
    "half a strike": ("CARRYFORWARD", "SELL", "5500", "2.05", "NFO", "TATASTEEL", "117188"),
    "BSE option": ("INTRADAY", "BUY", "20", "312.35", "BFO", "SENSEX", "820313", "0"),
}
MOVERS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "losers on BSE": ("4", "51", "1", "L"),
}
