"""More of what a trader wants at Angel One: contracts that the sandbox does not list, figures as
numbers, and every word stated.

The contracts are rows of a master file as Angel One writes it, so that its reader stands between
the symbols of the two sayings.  The sayings are those of :mod:`intents`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from intents import (
    CANCELLED,
    CHANGINGS,
    CRUDE_FUTURE,
    INFY,
    INFY_BSE,
    NIFTY_FUTURE,
    PLACINGS,
    SBIN,
    Changing,
    Listing,
    Placing,
    asked,
    bracket,
    listing,
    placing,
)

from openbroker.adapters.angelone_master import instruments
from openbroker.schemas import Instrument

_COLUMNS = (
    "exch_seg", "token", "symbol", "name", "expiry", "strike", "lotsize", "instrumenttype",
    "tick_size",
)  # fmt: skip
_CASH = ("", "-1.000000")
_ROWS = (
    ("NSE", "2031", "M&M-EQ", "M&M", *_CASH, "1", "", "10.000000"),
    ("NSE", "16669", "BAJAJ-AUTO-EQ", "BAJAJ-AUTO", *_CASH, "1", "", "50.000000"),
    ("NSE", "13643", "GTLINFRA-BE", "GTLINFRA", *_CASH, "1", "", "1.000000"),
    ("NSE", "10576", "NIFTYBEES-EQ", "NIFTYBEES", *_CASH, "1", "", "1.000000"),
    ("NSE", "18143", "EMKAYTOOLS-SM", "EMKAYTOOLS", *_CASH, "400", "", "5.000000"),
    ("BSE", "532454", "BHARTIARTL", "BHARTIARTL", *_CASH, "1", "", "5.000000"),
    ("NSE", "99926009", "Nifty Bank", "BANKNIFTY", "", "0.000000", "1", "AMXIDX", "0.000000"),
    ("BSE", "99919000", "SENSEX", "SENSEX", "", "0.000000", "1", "AMXIDX", "0.000000"),
    ("NFO", "58807", "BANKNIFTY29DEC26FUT", "BANKNIFTY", "29DEC2026", "-1.000000", "35", "FUTIDX",
     "20.000000"),
    ("NFO", "117188", "TATASTEEL24NOV26152.5CE", "TATASTEEL", "24NOV2026", "15250.000000", "5500",
     "OPTSTK", "5.000000"),
    ("BFO", "820313", "SENSEX26NOV84500PE", "SENSEX", "26NOV2026", "8450000.000000", "20",
     "OPTIDX", "5.000000"),
    ("MCX", "472601", "NATURALGAS28DEC26FUT", "NATURALGAS", "28DEC2026", "-1.000000", "1250",
     "FUTCOM", "10.000000"),
    ("CDS", "12501", "USDINR27NOV2689.25CE", "USDINR", "27NOV2026", "892500000.000000", "1000",
     "OPTCUR", "0.250000"),
)  # fmt: skip
MASTER: Final = json.dumps([dict(zip(_COLUMNS, row, strict=True)) for row in _ROWS]).encode()

LISTED: Final[Mapping[str, Instrument]] = {
    one.symbol: one for one in instruments(MASTER) if isinstance(one, Instrument)
}

MAHINDRA = listing("NSE:M&M", "M&M-EQ", "2031")
BAJAJ = listing("NSE:BAJAJ-AUTO", "BAJAJ-AUTO-EQ", "16669")
SURVEILLED = listing("NSE:GTLINFRA", "GTLINFRA-BE", "13643")
ETF = listing("NSE:NIFTYBEES", "NIFTYBEES-EQ", "10576")
SME = listing("NSE:EMKAYTOOLS", "EMKAYTOOLS-SM", "18143")
BHARTI_BSE = listing("BSE:BHARTIARTL", "BHARTIARTL", "532454")
BANK_FUTURE = listing("NFO:BANKNIFTY29DEC26FUT", "BANKNIFTY29DEC26FUT", "58807")
HALF_STRIKE = listing("NFO:TATASTEEL24NOV26152.5CE", "TATASTEEL24NOV26152.5CE", "117188")
SENSEX_PUT = listing("BFO:SENSEX26NOV2684500PE", "SENSEX26NOV84500PE", "820313")
GAS_FUTURE = listing("MCX:NATURALGAS28DEC26FUT", "NATURALGAS28DEC26FUT", "472601")
DOLLAR_CALL = listing("CDS:USDINR27NOV2689.25CE", "USDINR27NOV2689.25CE", "12501")

STATED: Final[dict[str, Any]] = {"triggerprice": "0", "disclosedquantity": "0",
                                 "trailingStopLoss": "0"}  # fmt: skip
"""What many programs say though it says nothing."""
STOP: Final[dict[str, Any]] = {"variety": "STOPLOSS", "ordertype": "STOPLOSS_LIMIT"}

FURTHER: Final[tuple[Placing, ...]] = (
    placing("ampersand", MAHINDRA, asked("BUY", 1, "LIMIT", "MIS", price="3600.1"),
            price="3600.1"),
    placing("hyphen in the symbol", BAJAJ, asked("SELL", 1, "LIMIT", "CNC", price="9123.5"),
            producttype="DELIVERY", price="9123.5"),
    placing("under surveillance, two paise", SURVEILLED,
            asked("BUY", 1000, "LIMIT", "CNC", price="0.02"), producttype="DELIVERY",
            price="0.02", quantity="1000"),
    placing("fund by the paisa", ETF, asked("BUY", 7, "LIMIT", "MIS", price="271.37"),
            price="271.37", quantity="7"),
    placing("small company in lots", SME, asked("BUY", 800, "LIMIT", "CNC", price="812.05"),
            producttype="DELIVERY", price="812.05", quantity="800"),
    placing("figures as numbers", SBIN,
            asked("SELL", 5, "SL", "MIS", price=790.5, trigger_price=791), price=790.5,
            triggerprice=791, quantity=5, **STOP),
    placing("a text that is whole", SBIN, asked("BUY", 1, "LIMIT", "MIS", price="800.00"),
            price="800.00"),
    placing("everything stated", SBIN, asked("BUY", 1, "LIMIT", "CNC", price=800),
            producttype="DELIVERY", price="800", **STATED),
    placing("market with everything stated", BHARTI_BSE, asked("SELL", 2, "MARKET", "CNC"),
            ordertype="MARKET", producttype="DELIVERY", quantity="2", **STATED),
    placing("with the broker's band", INFY,
            asked("BUY", 2, "MARKET", "MIS", market_protection="broker"), ordertype="MARKET",
            quantity="2"),
    placing("at once, at the market", INFY, asked("SELL", 3, "MARKET", "MTF", validity="IOC"),
            ordertype="MARKET", producttype="MARGIN", quantity="3", duration="IOC"),
    placing("longest label", INFY, asked("BUY", 1, "LIMIT", "CNC", price=1440, tag="MyAlgo1"),
            producttype="DELIVERY", price="1440", ordertag="MyAlgo1"),
    placing("market after the market", SBIN, asked("BUY", 5, "MARKET", "CNC", after_market=True),
            variety="AMO", ordertype="MARKET", producttype="DELIVERY", quantity="5"),
    placing("stop after the market", SBIN,
            asked("SELL", 5, "SL", "CNC", price="760.05", trigger_price="760.1",
                  after_market=True),
            variety="AMO", ordertype="STOPLOSS_LIMIT", producttype="DELIVERY", price="760.05",
            triggerprice="760.1", quantity="5"),
    placing("bank future with a stop", BANK_FUTURE,
            asked("SELL", 70, "SL-M", "NRML", trigger_price="58000.2"), variety="STOPLOSS",
            ordertype="STOPLOSS_MARKET", producttype="CARRYFORWARD", triggerprice="58000.2",
            quantity="70"),
    placing("half a strike", HALF_STRIKE, asked("SELL", 11000, "LIMIT", "NRML", price="0.05"),
            producttype="CARRYFORWARD", price="0.05", quantity="11000"),
    placing("BSE index option", SENSEX_PUT, asked("BUY", 40, "LIMIT", "MIS", price="312.35"),
            price="312.35", quantity="40"),
    placing("gas with a stop", GAS_FUTURE,
            asked("BUY", 3750, "SL", "NRML", price="412.4", trigger_price="412.3"),
            producttype="CARRYFORWARD", price="412.4", triggerprice="412.3", quantity="3750",
            **STOP),
    placing("currency option, quarter strike", DOLLAR_CALL,
            asked("BUY", 2000, "LIMIT", "NRML", price="0.3025"), producttype="CARRYFORWARD",
            price="0.3025", quantity="2000"),
    placing("bracket with a trail in paise", INFY,
            asked("SELL", 4, "LIMIT", "MIS", price="1520.5", **bracket("12.5", "7.1", "0.5")),
            variety="ROBO", producttype="BO", price="1520.5", squareoff="12.5", stoploss="7.1",
            trailingStopLoss="0.5", quantity="4"),
)  # fmt: skip
ALL_PLACINGS: Final = (*PLACINGS, *FURTHER)
PLACED: Final[Mapping[str, Placing]] = {placing.name: placing for placing in ALL_PLACINGS}

FURTHER_CHANGES: Final[tuple[Changing, ...]] = (
    Changing(name="ampersand", ours={"price": "3601.2", "quantity": 2, "order_type": "LIMIT",
                                     "validity": "DAY"},
             theirs={"price": "3601.2", "quantity": "2"}),
    Changing(name="gas with a stop", ours={"quantity": 2500, "price": "413"},
             theirs={"quantity": "2500", "price": "413"}),
    Changing(name="half a strike", ours={"order_type": "SL", "trigger_price": "0.1"},
             theirs={"variety": "STOPLOSS", "ordertype": "STOPLOSS_LIMIT",
                     "triggerprice": "0.1"}),
    Changing(name="bank future with a stop",
             ours={"order_type": "LIMIT", "price": "58100"},
             theirs={"variety": "NORMAL", "ordertype": "LIMIT", "price": "58100",
                     "triggerprice": "0"}),
    Changing(name="market after the market", ours={"quantity": 6}, theirs={"quantity": "6"}),
    Changing(name="small company in lots", ours={"disclosed_quantity": 400},
             theirs={"disclosedquantity": "400"}),
    Changing(name="currency option, quarter strike", ours={"price": "0.305"},
             theirs={"price": "0.305"}),
)  # fmt: skip
ALL_CHANGES: Final = (*CHANGINGS, *FURTHER_CHANGES)
ALL_CANCELLED: Final[Mapping[str, str]] = {
    **CANCELLED,
    "half a strike": "NORMAL",
    "bank future with a stop": "STOPLOSS",
    "bracket with a trail in paise": "ROBO",
}

MANY: Final[Mapping[str, Sequence[str]]] = {
    "NSE": ["2031", "16669", "13643", "10576", "18143", "99926009"],
    "BSE": ["532454", "99919000"],
    "NFO": ["58807", "117188"],
    "BFO": ["820313"],
    "MCX": ["472601"],
    "CDS": ["12501"],
}

SPANS: Final[Mapping[str, tuple[Listing, str, str, str]]] = {
    "BSE share": (BHARTI_BSE, "ONE_DAY", "2024-01-01 00:00", "2026-11-20 23:59"),
    "option": (HALF_STRIKE, "FIVE_MINUTE", "2026-11-20 09:15", "2026-11-20 09:20"),
    "BSE option": (SENSEX_PUT, "ONE_HOUR", "2026-11-02 09:15", "2026-11-20 15:30"),
    "commodity": (GAS_FUTURE, "THIRTY_MINUTE", "2026-11-02 09:00", "2026-11-20 23:30"),
}


def conversion(
    where: Listing, side: str, quantity: int, old: str, new: str, **row: str
) -> dict[str, Any]:
    """``convertPosition``'s parameters; ``row`` is what differs from a share's."""
    return {
        **where.params,
        "oldproducttype": old,
        "newproducttype": new,
        "symbolname": where.tradingsymbol.removesuffix("-EQ"),
        "instrumenttype": "",
        "priceden": "1",
        "pricenum": "1",
        "genden": "1",
        "gennum": "1",
        "precision": "2",
        "multiplier": "-1",
        "boardlotsize": "1",
        "buyqty": str(quantity) if side == "BUY" else "0",
        "sellqty": str(quantity) if side == "SELL" else "0",
        "buyamount": "0",
        "sellamount": "0",
        "transactiontype": side,
        "quantity": quantity,
        "type": "DAY",
    } | row


FURTHER_CONVERTED: Final[Mapping[str, Mapping[str, Any]]] = {
    "delivery into intraday": conversion(SBIN, "BUY", 3, "DELIVERY", "INTRADAY"),
    "intraday into margin": conversion(INFY_BSE, "BUY", 1, "INTRADAY", "MARGIN"),
    "a short carried": conversion(
        NIFTY_FUTURE, "SELL", 150, "INTRADAY", "CARRYFORWARD", symbolname="NIFTY",
        instrumenttype="FUTIDX", boardlotsize="75",
    ),
    "commodity": conversion(
        CRUDE_FUTURE, "BUY", 200, "CARRYFORWARD", "INTRADAY", symbolname="CRUDEOIL",
        instrumenttype="FUTCOM", boardlotsize="100",
    ),
}  # fmt: skip


def planned(
    where: Listing, side: str, quantity: int, product: str, kind: str, price: float = 0
) -> dict[str, Any]:
    """A position as ``getMarginApi`` takes it."""
    return {"exchange": where.exchange, "qty": quantity, "price": price, "productType": product,
            "token": where.symboltoken, "tradeType": side, "orderType": kind}  # fmt: skip


FURTHER_MARGINS: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "one share": [planned(SBIN, "BUY", 1, "INTRADAY", "LIMIT", 800.05)],
    "spread": [
        planned(HALF_STRIKE, "SELL", 5500, "CARRYFORWARD", "LIMIT", 2.05),
        planned(SENSEX_PUT, "BUY", 20, "INTRADAY", "MARKET"),
        planned(GAS_FUTURE, "SELL", 1250, "CARRYFORWARD", "STOPLOSS_LIMIT", 410.1),
        planned(DOLLAR_CALL, "BUY", 3000, "CARRYFORWARD", "LIMIT", 0.3025),
    ],
}


def charged(
    where: Listing, name: str, side: str, quantity: str, product: str, price: str
) -> dict[str, str]:
    return {"product_type": product, "transaction_type": side, "quantity": quantity,
            "price": price, "exchange": where.exchange, "symbol_name": name,
            "token": where.symboltoken}  # fmt: skip


FURTHER_CHARGES: Final[Sequence[Mapping[str, str]]] = (
    charged(SBIN, "SBIN", "SELL", "5", "INTRADAY", "801.05"),
    charged(HALF_STRIKE, "TATASTEEL", "SELL", "5500", "CARRYFORWARD", "2.05"),
    charged(GAS_FUTURE, "NATURALGAS", "BUY", "2500", "CARRYFORWARD", "412.3"),
)


def ruled(
    where: Listing, side: str, quantity: Any, product: str, price: Any, trigger: Any, **more: Any
) -> dict[str, Any]:
    """A rule as ``gttCreateRule`` takes it."""
    return {**where.params, "producttype": product, "transactiontype": side, "price": price,
            "qty": quantity, "disclosedqty": quantity, "triggerprice": trigger} | more  # fmt: skip


FURTHER_RULES: Final[Mapping[str, Mapping[str, Any]]] = {
    "sale on BSE": ruled(BHARTI_BSE, "SELL", "4", "DELIVERY", "1649.95", "1650"),
    "on margin, twenty days": ruled(
        MAHINDRA, "BUY", "2", "MARGIN", "3500.1", "3501", timeperiod="20"
    ),
    "partly disclosed": ruled(SBIN, "BUY", "100", "DELIVERY", "780", "785", disclosedqty="20"),
}
