"""What a trader wants at mStock, said twice: to openbroker, and to the official client.

As :mod:`intents`: the second saying is written by hand, with the arguments of the client's
``place_order`` and ``modify_order``, so that nothing of openbroker's tables stands on both sides of
a comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from openbroker.schemas import Instrument
from openbroker.testing.cases import instrument_of


@frozen(kw_only=True)
class Listing:
    """One contract by openbroker's instrument and by mStock's exchange, symbol and token."""

    instrument: Instrument
    exchange: str
    tradingsymbol: str
    symboltoken: str

    @property
    def symbol(self) -> str:
        return self.instrument.symbol

    @property
    def params(self) -> dict[str, str]:
        return {
            "_tradingsymbol": self.tradingsymbol,
            "_symboltoken": self.symboltoken,
            "_exchange": self.exchange,
        }


def listing(symbol: str, tradingsymbol: str, token: str, **more: Any) -> Listing:
    exchange, _, name = symbol.partition(":")
    row = {"exchange": exchange, "symbol": symbol, "type": "EQUITY", "token": token,
           "broker_symbol": tradingsymbol, "name": name, "tick_size": "0.05"}  # fmt: skip
    return Listing(
        instrument=instrument_of(row | more),
        exchange=exchange.removesuffix("_INDEX"),
        tradingsymbol=tradingsymbol,
        symboltoken=token,
    )


def contract(
    symbol: str, tradingsymbol: str, token: str, name: str, lot: int, expiry: str, **more: Any
) -> Listing:
    kind = "OPTION" if "strike" in more else "FUTURE"
    named = {"type": kind, "name": name, "underlying": name, "lot_size": lot, "expiry": expiry}
    return listing(symbol, tradingsymbol, token, **named, **more)


ACC = listing("NSE:ACC", "ACC-EQ", "22")
SBIN = listing("NSE:SBIN", "SBIN-EQ", "3045")
MAHINDRA = listing("NSE:M&M", "M&M-EQ", "2031")
SBIN_BSE = listing("BSE:SBIN", "SBIN", "500112")
NIFTY = listing("NSE_INDEX:NIFTY", "NIFTY", "26000", type="INDEX")
NIFTY_FUTURE = contract("NFO:NIFTY29DEC26FUT", "NIFTY26DECFUT", "52175", "NIFTY", 75, "2026-12-29")
NIFTY_CALL = contract(
    "NFO:NIFTY24NOV2626000CE", "NIFTY24NOV2626000CE", "42864", "NIFTY", 75, "2026-11-24",
    strike="26000", right="CE",
)  # fmt: skip
SENSEX_FUTURE = contract(
    "BFO:SENSEX26NOV26FUT", "SENSEX26NOVFUT", "861201", "SENSEX", 20, "2026-11-26"
)


def order_params(
    where: Listing, side: str, quantity: int, product: str, **more: Any
) -> dict[str, Any]:
    """An order as the client takes it, all text, as its README's: a LIMIT order unless changed."""
    return {
        "_variety": "NORMAL",
        **where.params,
        "_transactiontype": side,
        "_ordertype": "LIMIT",
        "_quantity": str(quantity),
        "_producttype": product,
        "_price": "0",
        "_triggerprice": "0",
        "_squareoff": "0",
        "_stoploss": "0",
        "_trailingStopLoss": "",
        "_disclosedquantity": "0",
        "_duration": "DAY",
        "_ordertag": "",
    } | {f"_{name}": word for name, word in more.items()}


@frozen(kw_only=True)
class Placing:
    """An order to place: ``ours`` are arguments of ``Broker.place_order``, ``theirs`` of the
    client's method."""

    name: str
    where: Listing
    ours: Mapping[str, Any]
    theirs: Mapping[str, str]


def placing(
    name: str, where: Listing, ours: Mapping[str, Any], product: str, **theirs: Any
) -> Placing:
    """``product`` is theirs."""
    told = order_params(where, ours["side"], ours["quantity"], product, **theirs)
    return Placing(name=name, where=where, ours=ours, theirs=told)


def asked(side: str, quantity: int, order_type: str, product: str, **more: Any) -> dict[str, Any]:
    named = {"side": side, "quantity": quantity, "order_type": order_type, "product": product}
    return named | more


PLACINGS: Final = (
    placing("market buy", ACC, asked("BUY", 10, "MARKET", "MIS"), "INTRADAY",
            ordertype="MARKET"),
    placing("market sell with the broker's band", SBIN_BSE,
            asked("SELL", 5, "MARKET", "MIS", market_protection="broker"), "INTRADAY",
            ordertype="MARKET"),
    placing("limit buy that rests", ACC, asked("BUY", 3, "LIMIT", "CNC", price="1850.5"),
            "DELIVERY", price="1850.5"),
    placing("limit sell of a holding", SBIN, asked("SELL", 4, "LIMIT", "CNC", price="850"),
            "DELIVERY", price="850"),
    placing("immediate or cancel", SBIN,
            asked("BUY", 2, "LIMIT", "MIS", price="780.05", validity="IOC"), "INTRADAY",
            price="780.05", duration="IOC"),
    placing("ampersand", MAHINDRA, asked("BUY", 1, "LIMIT", "MIS", price="3600"), "INTRADAY",
            price="3600"),
    placing("stop limit buy", SBIN,
            asked("BUY", 6, "SL", "MIS", price="842", trigger_price="840.5"), "INTRADAY",
            variety="STOPLOSS", ordertype="STOPLOSS_LIMIT", price="842", triggerprice="840.5"),
    placing("stop limit sell", ACC,
            asked("SELL", 7, "SL", "CNC", price="1848", trigger_price="1850"), "DELIVERY",
            variety="STOPLOSS", ordertype="STOPLOSS_LIMIT", price="1848", triggerprice="1850"),
    placing("stop market buy", SBIN, asked("BUY", 8, "SL-M", "MIS", trigger_price="845"),
            "INTRADAY", variety="STOPLOSS", ordertype="STOPLOSS_MARKET", triggerprice="845"),
    placing("stop market sell on BSE", SBIN_BSE,
            asked("SELL", 2, "SL-M", "MIS", trigger_price="800"), "INTRADAY",
            variety="STOPLOSS", ordertype="STOPLOSS_MARKET", triggerprice="800"),
    placing("index future", NIFTY_FUTURE, asked("BUY", 75, "LIMIT", "NRML", price="25900"),
            "CARRYFORWARD", price="25900"),
    placing("index option at the market", NIFTY_CALL, asked("BUY", 75, "MARKET", "MIS"),
            "INTRADAY", ordertype="MARKET"),
    placing("stop on an option", NIFTY_CALL,
            asked("SELL", 75, "SL", "NRML", price="68.05", trigger_price="70"), "CARRYFORWARD",
            variety="STOPLOSS", ordertype="STOPLOSS_LIMIT", price="68.05", triggerprice="70"),
    placing("BSE index future", SENSEX_FUTURE, asked("SELL", 20, "LIMIT", "NRML", price="86000"),
            "CARRYFORWARD", price="86000"),
    placing("partly disclosed", SBIN,
            asked("BUY", 100, "LIMIT", "MIS", price="790", disclosed_quantity=40), "INTRADAY",
            price="790", disclosedquantity="40"),
    placing("labelled", ACC, asked("BUY", 1, "LIMIT", "MIS", price="1840", tag="algo1"),
            "INTRADAY", price="1840", ordertag="algo1"),
    placing("after market", SBIN, asked("BUY", 1, "LIMIT", "CNC", price="800", after_market=True),
            "DELIVERY", variety="AMO", price="800"),
)  # fmt: skip


@frozen(kw_only=True)
class Changing:
    """A modification of a placed order: what changes, and the whole new state for the client."""

    name: str
    ours: Mapping[str, Any]
    theirs: Mapping[str, str]

    def params(self, order_id: str, placed: Placing) -> dict[str, str]:
        """``modify_order``'s arguments, which lack some of ``place_order``'s."""
        state = dict(placed.theirs) | {f"_{k}": v for k, v in self.theirs.items()}
        kept = ("variety", "ordertype", "producttype", "duration", "price", "quantity",
                "tradingsymbol", "symboltoken", "exchange")  # fmt: skip
        return {
            "_orderid": order_id,
            **{f"_{name}": state[f"_{name}"] for name in kept},
            "_triggerPrice": state["_triggerprice"],
        }


CHANGINGS: Final = (
    Changing(name="limit buy that rests", ours={"price": "1860", "quantity": 5},
             theirs={"price": "1860", "quantity": "5"}),
    Changing(name="stop limit buy", ours={"trigger_price": "838", "price": "839.5"},
             theirs={"triggerprice": "838", "price": "839.5"}),
    Changing(name="labelled", ours={"order_type": "SL", "price": "1890", "trigger_price": "1885"},
             theirs={"variety": "STOPLOSS", "ordertype": "STOPLOSS_LIMIT", "price": "1890",
                     "triggerprice": "1885"}),
    Changing(name="stop limit sell", ours={"order_type": "MARKET"},
             theirs={"variety": "NORMAL", "ordertype": "MARKET", "price": "0",
                     "triggerprice": "0"}),
    Changing(name="stop on an option", ours={"order_type": "LIMIT"},
             theirs={"variety": "NORMAL", "ordertype": "LIMIT", "triggerprice": "0"}),
    Changing(name="stop market buy", ours={"trigger_price": "846"}, theirs={"triggerprice": "846"}),
    Changing(name="index future", ours={"quantity": 150}, theirs={"quantity": "150"}),
    Changing(name="immediate or cancel", ours={"validity": "DAY"}, theirs={"duration": "DAY"}),
    Changing(name="after market", ours={"price": "790"}, theirs={"price": "790"}),
)  # fmt: skip

CANCELLED: Final = {
    "limit sell of a holding": "NORMAL",
    "stop limit sell": "STOPLOSS",
    "after market": "AMO",
}
"""Orders to cancel, with the variety that the official client's user has to give."""
