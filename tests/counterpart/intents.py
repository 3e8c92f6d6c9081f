"""What a trader wants, said twice: to openbroker, and to the official client.

The second saying is written by hand, as the official client's samples and the documentation's page
Orders write it, so that nothing of openbroker's tables stands on both sides of a comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

Params = dict[str, str]


@frozen(kw_only=True)
class Listing:
    """One contract by both names."""

    symbol: str
    exchange: str
    tradingsymbol: str
    symboltoken: str

    @property
    def params(self) -> Params:
        return {
            "exchange": self.exchange,
            "tradingsymbol": self.tradingsymbol,
            "symboltoken": self.symboltoken,
        }


def listing(symbol: str, tradingsymbol: str, symboltoken: str) -> Listing:
    return Listing(
        symbol=symbol,
        exchange=symbol.partition(":")[0],
        tradingsymbol=tradingsymbol,
        symboltoken=symboltoken,
    )


SBIN = listing("NSE:SBIN", "SBIN-EQ", "3045")
INFY = listing("NSE:INFY", "INFY-EQ", "1594")
TCS = listing("NSE:TCS", "TCS-EQ", "11536")
INFY_BSE = listing("BSE:INFY", "INFY", "500209")
GTLINFRA = listing("NSE:GTLINFRA", "GTLINFRA-BE", "13643")
NIFTY_FUTURE = listing("NFO:NIFTY29DEC26FUT", "NIFTY29DEC26FUT", "37055")
NIFTY_CALL = listing("NFO:NIFTY24NOV2626000CE", "NIFTY24NOV2626000CE", "42885")
NIFTY_PUT = listing("NFO:NIFTY29DEC2626000PE", "NIFTY29DEC2626000PE", "43441")
SENSEX_FUTURE = listing("BFO:SENSEX26NOV26FUT", "SENSEX26NOVFUT", "861201")
CRUDE_FUTURE = listing("MCX:CRUDEOIL18DEC26FUT", "CRUDEOIL18DEC26FUT", "467013")
CRUDE_CALL = listing("MCX:CRUDEOIL16DEC265500CE", "CRUDEOIL16DEC265500CE", "472600")
DOLLAR_FUTURE = listing("CDS:USDINR27NOV26FUT", "USDINR27NOV26FUT", "1594")
"""The dollar future has INFY's token on purpose: it means something within its segment only."""


def order_params(where: Listing, side: str, **changes: Any) -> Params:
    """An order as the client's own samples write it: a day's limit order unless changed."""
    return {
        "variety": "NORMAL",
        **where.params,
        "transactiontype": side,
        "ordertype": "LIMIT",
        "producttype": "INTRADAY",
        "duration": "DAY",
        "price": "0",
        "squareoff": "0",
        "stoploss": "0",
        "quantity": "1",
    } | changes


@frozen(kw_only=True)
class Placing:
    """An order to place.

    Attributes:
        name: to come back to it.
        where: the contract.
        ours: further arguments of ``Broker.place_order``.
        theirs: the official client's parameters.
    """

    name: str
    where: Listing
    ours: Mapping[str, Any]
    theirs: Mapping[str, str]


def placing(name: str, where: Listing, ours: Mapping[str, Any], **theirs: Any) -> Placing:
    side = ours["side"]
    return Placing(name=name, where=where, ours=ours, theirs=order_params(where, side, **theirs))


def asked(side: str, quantity: int, order_type: str, product: str, **more: Any) -> dict[str, Any]:
    named = {"side": side, "quantity": quantity, "order_type": order_type, "product": product}
    return named | more


def bracket(target: str, stop: str, trail: str | None = None) -> dict[str, str]:
    """Distances from the order's price, rupees."""
    distances = {"bracket_target": target, "bracket_stop": stop}
    return distances if trail is None else distances | {"bracket_trail": trail}


PLACINGS: Final = (
    placing(
        "market buy",
        SBIN,
        asked("BUY", 10, "MARKET", "MIS"),
        ordertype="MARKET",
        quantity="10",
    ),
    placing(
        "market sell on BSE",
        INFY_BSE,
        asked("SELL", 5, "MARKET", "MIS"),
        ordertype="MARKET",
        quantity="5",
    ),
    placing(
        "limit buy that rests",
        INFY,
        asked("BUY", 3, "LIMIT", "CNC", price="1450.5"),
        producttype="DELIVERY",
        price="1450.5",
        quantity="3",
    ),
    placing(
        "limit sell of a holding",
        SBIN,
        asked("SELL", 4, "LIMIT", "CNC", price="850"),
        producttype="DELIVERY",
        price="850",
        quantity="4",
    ),
    placing(
        "immediate or cancel",
        SBIN,
        asked("BUY", 2, "LIMIT", "MIS", price="780.05", validity="IOC"),
        price="780.05",
        quantity="2",
        duration="IOC",
    ),
    placing(
        "on margin",
        TCS,
        asked("BUY", 1, "LIMIT", "MTF", price="3100"),
        producttype="MARGIN",
        price="3100",
    ),
    placing(
        "stop limit buy",
        SBIN,
        asked("BUY", 6, "SL", "MIS", price="842", trigger_price="840.5"),
        variety="STOPLOSS",
        ordertype="STOPLOSS_LIMIT",
        price="842",
        triggerprice="840.5",
        quantity="6",
    ),
    placing(
        "stop limit sell",
        INFY,
        asked("SELL", 7, "SL", "CNC", price="1448", trigger_price="1450"),
        variety="STOPLOSS",
        ordertype="STOPLOSS_LIMIT",
        producttype="DELIVERY",
        price="1448",
        triggerprice="1450",
        quantity="7",
    ),
    placing(
        "stop market buy",
        SBIN,
        asked("BUY", 8, "SL-M", "MIS", trigger_price="845"),
        variety="STOPLOSS",
        ordertype="STOPLOSS_MARKET",
        triggerprice="845",
        quantity="8",
    ),
    placing(
        "stop market sell on BSE",
        INFY_BSE,
        asked("SELL", 2, "SL-M", "MIS", trigger_price="1460"),
        variety="STOPLOSS",
        ordertype="STOPLOSS_MARKET",
        triggerprice="1460",
        quantity="2",
    ),
    placing(
        "index future",
        NIFTY_FUTURE,
        asked("BUY", 75, "LIMIT", "NRML", price="25900"),
        producttype="CARRYFORWARD",
        price="25900",
        quantity="75",
    ),
    placing(
        "index option at the market",
        NIFTY_CALL,
        asked("BUY", 75, "MARKET", "MIS"),
        ordertype="MARKET",
        quantity="75",
    ),
    placing(
        "stop on an option, carried forward",
        NIFTY_PUT,
        asked("SELL", 75, "SL", "NRML", price="248.05", trigger_price="250"),
        variety="STOPLOSS",
        ordertype="STOPLOSS_LIMIT",
        producttype="CARRYFORWARD",
        price="248.05",
        triggerprice="250",
        quantity="75",
    ),
    placing(
        "BSE index future",
        SENSEX_FUTURE,
        asked("SELL", 20, "LIMIT", "NRML", price="86000"),
        producttype="CARRYFORWARD",
        price="86000",
        quantity="20",
    ),
    placing(
        "commodity future",
        CRUDE_FUTURE,
        asked("BUY", 100, "LIMIT", "NRML", price="5300"),
        producttype="CARRYFORWARD",
        price="5300",
        quantity="100",
    ),
    placing(
        "commodity option at the market",
        CRUDE_CALL,
        asked("BUY", 100, "MARKET", "MIS"),
        ordertype="MARKET",
        quantity="100",
    ),
    placing(
        "currency future",
        DOLLAR_FUTURE,
        asked("BUY", 1000, "LIMIT", "NRML", price="88.7525"),
        producttype="CARRYFORWARD",
        price="88.7525",
        quantity="1000",
    ),
    placing(
        "more than the book holds",
        SBIN,
        asked("BUY", 3000, "LIMIT", "MIS", price="813"),
        price="813",
        quantity="3000",
    ),
    placing(
        "partly disclosed",
        SBIN,
        asked("BUY", 100, "LIMIT", "MIS", price="790", disclosed_quantity=20),
        price="790",
        quantity="100",
        disclosedquantity="20",
    ),
    placing(
        "labelled",
        INFY,
        asked("BUY", 1, "LIMIT", "MIS", price="1440", tag="algo1"),
        price="1440",
        ordertag="algo1",
    ),
    placing(
        "after market",
        SBIN,
        asked("BUY", 1, "LIMIT", "CNC", price="800", after_market=True),
        variety="AMO",
        producttype="DELIVERY",
        price="800",
    ),
    placing(
        "bracket that rests",
        SBIN,
        asked("BUY", 3, "LIMIT", "MIS", price="800", **bracket("20", "10.5", "1")),
        variety="ROBO",
        producttype="BO",
        price="800",
        squareoff="20",
        stoploss="10.5",
        trailingStopLoss="1",
        quantity="3",
    ),
    placing(
        "bracket that fills",
        INFY_BSE,
        asked("SELL", 2, "LIMIT", "MIS", price="1500", **bracket("15", "15")),
        variety="ROBO",
        producttype="BO",
        price="1500",
        squareoff="15",
        stoploss="15",
        quantity="2",
    ),
    placing(
        "on the cautionary list",
        GTLINFRA,
        asked("BUY", 100, "LIMIT", "CNC", price="1.5", accept_caution=True),
        producttype="DELIVERY",
        price="1.5",
        quantity="100",
        scripconsent="yes",
    ),
    placing(
        "dearer than the account",
        SBIN,
        asked("BUY", 90000, "LIMIT", "MIS", price="800"),
        price="800",
        quantity="90000",
    ),
)


@frozen(kw_only=True)
class Changing:
    """A modification of a placed order: what is to change, and all that the official client has to
    repeat with it."""

    name: str
    ours: Mapping[str, Any]
    theirs: Mapping[str, str]

    def params(self, order_id: str, placed: Placing | None = None) -> Params:
        """``modifyOrder``'s parameters."""
        told = dict((placed or by_name(self.name)).theirs)
        names = (
            "variety", "ordertype", "producttype", "duration", "price", "quantity",
            "tradingsymbol", "symboltoken", "exchange",
        )  # fmt: skip
        trigger = {"triggerprice": told["triggerprice"]} if "triggerprice" in told else {}
        return {name: told[name] for name in names} | trigger | {"orderid": order_id} | self.theirs


CHANGINGS: Final = (
    Changing(
        name="limit buy that rests",
        ours={"price": "1460", "quantity": 5},
        theirs={"price": "1460", "quantity": "5"},
    ),
    Changing(
        name="stop limit buy",
        ours={"trigger_price": "838", "price": "839.5"},
        theirs={"triggerprice": "838", "price": "839.5"},
    ),
    Changing(name="stop market buy", ours={"trigger_price": "850"}, theirs={"triggerprice": "850"}),
    Changing(
        name="partly disclosed",
        ours={"order_type": "MARKET"},
        theirs={"ordertype": "MARKET", "price": "0"},
    ),
    Changing(name="on margin", ours={"validity": "IOC"}, theirs={"duration": "IOC"}),
    Changing(name="index future", ours={"quantity": 150}, theirs={"quantity": "150"}),
)

CANCELLED: Final = {
    "limit sell of a holding": "NORMAL",
    "stop limit sell": "STOPLOSS",
    "commodity future": "NORMAL",
    "after market": "NORMAL",
    "bracket that rests": "ROBO",
}
"""Orders to cancel, with the variety that the official client's user has to give."""


def by_name(name: str) -> Placing:
    return {placing.name: placing for placing in PLACINGS}[name]
