"""More of what a trader wants at Zerodha: contracts that the sandbox does not list, and every word
stated.

The contracts are rows of a master file as Zerodha writes it, so that its reader stands between the
symbols of the two sayings.  The sayings are those of :mod:`kite_intents`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kite_intents import (
    CANCELLED,
    CHANGINGS,
    INFY,
    MAHINDRA,
    PLACINGS,
    SBIN,
    Changing,
    Placing,
    asked,
    listing,
    placing,
)

from openbroker.adapters.zerodha_master import instruments
from openbroker.schemas import Instrument

MASTER: Final = b"""\
instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,\
instrument_type,segment,exchange
4267265,16669,BAJAJ-AUTO,BAJAJ AUTO,0,,0,0.5,1,EQ,NSE,NSE
3492609,13643,GTLINFRA-BE,GTL INFRA,0,,0,0.01,1,EQ,NSE,NSE
2707457,10576,NIFTYBEES,NIP IND ETF NIFTY BEES,0,,0,0.01,1,EQ,NSE,NSE
4644609,18143,EMKAYTOOLS-SM,EMKAY TAPS,0,,0,0.05,400,EQ,NSE,NSE
136308228,532454,BHARTIARTL,BHARTI AIRTEL,0,,0,0.05,1,EQ,BSE,BSE
260105,1016,NIFTY BANK,NIFTY BANK,0,,0,0,0,EQ,INDICES,NSE
265,1,SENSEX,SENSEX,0,,0,0,0,EQ,INDICES,BSE
15054594,58807,BANKNIFTY26DECFUT,BANKNIFTY,0,2026-12-29,0,0.2,35,FUT,NFO-FUT,NFO
30000130,117188,TATASTEEL26NOV152.5CE,TATASTEEL,0,2026-11-24,152.5,0.05,5500,CE,NFO-OPT,NFO
210000133,820313,SENSEX26NOV84500PE,SENSEX,0,2026-11-26,84500,0.05,20,PE,BFO-OPT,BFO
120985863,472601,NATURALGAS26DECFUT,NATURALGAS,0,2026-12-28,0,0.1,1,FUT,MCX-FUT,MCX
320000259,1250001,USDINR26NOV89.25CE,USDINR,0,2026-11-27,89.25,0.0025,1,CE,CDS-OPT,CDS
"""

LISTED: Final[Mapping[str, Instrument]] = {
    one.symbol: one for one in instruments(MASTER) if isinstance(one, Instrument)
}

BAJAJ = listing("NSE:BAJAJ-AUTO", "BAJAJ-AUTO", 4267265)
SURVEILLED = listing("NSE:GTLINFRA", "GTLINFRA-BE", 3492609)
ETF = listing("NSE:NIFTYBEES", "NIFTYBEES", 2707457)
SME = listing("NSE:EMKAYTOOLS", "EMKAYTOOLS-SM", 4644609)
BHARTI_BSE = listing("BSE:BHARTIARTL", "BHARTIARTL", 136308228)
BANK_FUTURE = listing("NFO:BANKNIFTY29DEC26FUT", "BANKNIFTY26DECFUT", 15054594)
HALF_STRIKE = listing("NFO:TATASTEEL24NOV26152.5CE", "TATASTEEL26NOV152.5CE", 30000130)
SENSEX_PUT = listing("BFO:SENSEX26NOV2684500PE", "SENSEX26NOV84500PE", 210000133)
GAS_FUTURE = listing("MCX:NATURALGAS28DEC26FUT", "NATURALGAS26DECFUT", 120985863)
DOLLAR_CALL = listing("CDS:USDINR27NOV2689.25CE", "USDINR26NOV89.25CE", 320000259)

FURTHER_QUOTED: Final = (
    "NSE:BAJAJ-AUTO", "NSE:GTLINFRA-BE", "NSE:NIFTYBEES", "NSE:EMKAYTOOLS-SM", "BSE:BHARTIARTL",
    "NSE:NIFTY BANK", "BSE:SENSEX", "NFO:BANKNIFTY26DECFUT", "NFO:TATASTEEL26NOV152.5CE",
    "BFO:SENSEX26NOV84500PE", "MCX:NATURALGAS26DECFUT", "CDS:USDINR26NOV89.25CE",
)  # fmt: skip

STATED: Final[dict[str, Any]] = {"validity": "DAY", "disclosed_quantity": 0, "trigger_price": 0}
"""What many programs say though it says nothing."""

FURTHER: Final[tuple[Placing, ...]] = (
    placing("hyphen in the symbol", BAJAJ,
            asked("SELL", 1, "LIMIT", "CNC", price="9123.5"), price=9123.5),
    placing("under surveillance, two paise", SURVEILLED,
            asked("BUY", 1000, "LIMIT", "CNC", price="0.02"), price=0.02),
    placing("fund by the paisa", ETF, asked("BUY", 7, "LIMIT", "MIS", price="271.37"),
            price=271.37),
    placing("small company in lots", SME, asked("BUY", 800, "LIMIT", "CNC", price="812.05"),
            price=812.05),
    placing("a float that is whole", SBIN, asked("BUY", 1, "LIMIT", "MIS", price=800.0),
            price=800.0),
    placing("everything stated", SBIN, asked("BUY", 1, "LIMIT", "CNC", price=800), price=800,
            **STATED),
    placing("market with everything stated", BHARTI_BSE,
            asked("SELL", 2, "MARKET", "CNC", market_protection="broker"), order_type="MARKET",
            price=0, market_protection=-1, **STATED),
    placing("a fraction of a per cent", INFY,
            asked("SELL", 3, "MARKET", "MTF", market_protection="1.5"), order_type="MARKET",
            market_protection=1.5),
    placing("at once, at the market", MAHINDRA,
            asked("BUY", 2, "MARKET", "MIS", market_protection=5, validity="IOC"),
            order_type="MARKET", validity="IOC", market_protection=5),
    placing("longest label", INFY, asked("BUY", 1, "LIMIT", "CNC", price=1440, tag="MyAlgo123456"),
            price=1440, tag="MyAlgo123456"),
    placing("stop after the market", SBIN,
            asked("SELL", 5, "SL", "CNC", price="760.05", trigger_price="760.1",
                  after_market=True),
            variety="amo", order_type="SL", price=760.05, trigger_price=760.1),
    placing("market after the market", SBIN,
            asked("BUY", 5, "MARKET", "CNC", after_market=True, market_protection="broker"),
            variety="amo", order_type="MARKET", market_protection=-1),
    placing("bank future with a stop", BANK_FUTURE,
            asked("SELL", 70, "SL-M", "NRML", trigger_price="58000.2", market_protection=1),
            order_type="SL-M", trigger_price=58000.2, market_protection=1),
    placing("half a strike", HALF_STRIKE, asked("SELL", 11000, "LIMIT", "NRML", price="0.05"),
            price=0.05),
    placing("BSE index option", SENSEX_PUT, asked("BUY", 40, "LIMIT", "MIS", price="312.35"),
            price=312.35),
    placing("gas with a stop", GAS_FUTURE,
            asked("BUY", 3750, "SL", "NRML", price="412.4", trigger_price="412.3"), quantity=3,
            order_type="SL", price=412.4, trigger_price=412.3),
    placing("currency option, quarter strike", DOLLAR_CALL,
            asked("BUY", 2000, "LIMIT", "NRML", price="0.3025"), quantity=2, price=0.3025),
)  # fmt: skip

ALL_PLACINGS: Final = (*PLACINGS, *FURTHER)
PLACED: Final[Mapping[str, Placing]] = {placing.name: placing for placing in ALL_PLACINGS}

FURTHER_CHANGES: Final[tuple[Changing, ...]] = (
    Changing(name="everything stated",
             ours={"price": "801.05", "quantity": 2, "order_type": "LIMIT", "validity": "DAY"},
             theirs={"price": 801.05, "quantity": 2, "order_type": "LIMIT", **STATED}),
    Changing(name="gas with a stop", ours={"quantity": 2500, "price": "413"},
             theirs={"quantity": 2, "price": 413}),
    Changing(name="stop after the market", ours={"trigger_price": "761"},
             theirs={"trigger_price": 761}),
    Changing(name="fund by the paisa", ours={"validity": "IOC", "price": "271.38"},
             theirs={"validity": "IOC", "price": 271.38}),
    Changing(name="small company in lots", ours={"disclosed_quantity": 400},
             theirs={"disclosed_quantity": 400}),
    Changing(name="currency option, quarter strike", ours={"price": "0.305"},
             theirs={"price": 0.305}),
    Changing(name="hyphen in the symbol",
             ours={"order_type": "SL-M", "trigger_price": "9000", "market_protection": "1.5"},
             theirs={"order_type": "SL-M", "trigger_price": 9000, "market_protection": 1.5}),
    Changing(name="bank future with a stop", ours={"market_protection": 2},
             theirs={"market_protection": 2}),
)  # fmt: skip
ALL_CHANGES: Final = (*CHANGINGS, *FURTHER_CHANGES)
ALL_CANCELLED: Final[Mapping[str, str]] = {
    **CANCELLED,
    "stop after the market": "amo",
    "half a strike": "regular",
    "gas with a stop": "regular",
}


def converted(
    name: str, where: Any, side: str, day: str, quantity: int, old: str, new: str
) -> tuple[str, Mapping[str, Any]]:
    """``convert_position``'s arguments under a name."""
    told = {**where.params, "transaction_type": side, "position_type": day, "quantity": quantity,
            "old_product": old, "new_product": new}  # fmt: skip
    return name, told


FURTHER_CONVERTED: Final[Mapping[str, Mapping[str, Any]]] = dict(
    (
        converted("delivery into intraday", SBIN, "BUY", "day", 3, "CNC", "MIS"),
        converted("intraday into margin", INFY, "BUY", "day", 1, "MIS", "MTF"),
        converted("a carried short", BANK_FUTURE, "SELL", "overnight", 35, "NRML", "MIS"),
        converted("commodity in lots", GAS_FUTURE, "BUY", "day", 2, "MIS", "NRML"),
    )
)
