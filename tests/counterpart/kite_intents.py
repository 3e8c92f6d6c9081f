"""What a trader wants at Zerodha, said twice: to openbroker, and to the official client.

As :mod:`intents`: the second saying is written by hand, as kiteconnect's ``place_order`` takes it,
so that nothing of openbroker's tables stands on both sides of a comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen


@frozen(kw_only=True)
class Listing:
    """One contract by both names; the token serves history."""

    symbol: str
    exchange: str
    tradingsymbol: str
    token: int

    @property
    def params(self) -> dict[str, str]:
        return {"exchange": self.exchange, "tradingsymbol": self.tradingsymbol}


def listing(symbol: str, tradingsymbol: str, token: int) -> Listing:
    exchange = symbol.partition(":")[0]
    return Listing(symbol=symbol, exchange=exchange, tradingsymbol=tradingsymbol, token=token)


SBIN = listing("NSE:SBIN", "SBIN", 779521)
INFY = listing("NSE:INFY", "INFY", 408065)
MAHINDRA = listing("NSE:M&M", "M&M", 519937)
INFY_BSE = listing("BSE:INFY", "INFY", 128053508)
GTLINFRA = listing("NSE:GTLINFRA", "GTLINFRA-BE", 3492609)
NIFTY_FUTURE = listing("NFO:NIFTY29DEC26FUT", "NIFTY26DECFUT", 9486082)
NIFTY_CALL = listing("NFO:NIFTY24NOV2626000CE", "NIFTY26NOV26000CE", 10978562)
NIFTY_WEEKLY = listing("NFO:NIFTY01DEC2626000PE", "NIFTY26D0126000PE", 11044354)
SENSEX_FUTURE = listing("BFO:SENSEX26NOV26FUT", "SENSEX26NOVFUT", 220467461)
CRUDE_FUTURE = listing("MCX:CRUDEOIL18DEC26FUT", "CRUDEOIL26DECFUT", 119555335)
CRUDE_CALL = listing("MCX:CRUDEOIL16DEC265500CE", "CRUDEOIL26DEC5500CE", 120985607)


def order_params(where: Listing, side: str, quantity: int, product: str, **more: Any) -> Any:
    """An order as kiteconnect takes it: a LIMIT order of the regular variety unless changed."""
    return {
        "variety": "regular",
        **where.params,
        "transaction_type": side,
        "quantity": quantity,
        "product": product,
        "order_type": "LIMIT",
    } | more


@frozen(kw_only=True)
class Placing:
    """An order to place: ``ours`` are arguments of ``Broker.place_order``, ``theirs`` of
    kiteconnect's ``place_order``."""

    name: str
    where: Listing
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]


def placing(
    name: str, where: Listing, ours: Mapping[str, Any], quantity: int | None = None, **theirs: Any
) -> Placing:
    """``quantity`` is theirs, where it is counted in lots."""
    told = order_params(
        where, ours["side"], quantity or ours["quantity"], ours["product"], **theirs
    )
    return Placing(name=name, where=where, ours=ours, theirs=told)


def asked(side: str, quantity: int, order_type: str, product: str, **more: Any) -> dict[str, Any]:
    named = {"side": side, "quantity": quantity, "order_type": order_type, "product": product}
    return named | more


PLACINGS: Final = (
    placing(
        "market buy with the broker's band",
        SBIN,
        asked("BUY", 10, "MARKET", "MIS", market_protection="broker"),
        order_type="MARKET",
        market_protection=-1,
    ),
    placing(
        "market sell with two per cent",
        INFY_BSE,
        asked("SELL", 5, "MARKET", "MIS", market_protection=2),
        order_type="MARKET",
        market_protection=2,
    ),
    placing(
        "limit buy that rests", INFY, asked("BUY", 3, "LIMIT", "CNC", price="1450.5"), price=1450.5
    ),
    placing(
        "limit sell of a holding", SBIN, asked("SELL", 4, "LIMIT", "CNC", price="850"), price=850
    ),
    placing(
        "immediate or cancel",
        SBIN,
        asked("BUY", 2, "LIMIT", "MIS", price="780.05", validity="IOC"),
        price=780.05,
        validity="IOC",
    ),
    placing("on margin", INFY, asked("BUY", 1, "LIMIT", "MTF", price="1440.1"), price=1440.1),
    placing("ampersand", MAHINDRA, asked("BUY", 1, "LIMIT", "MIS", price="3600"), price=3600),
    placing(
        "stop limit buy",
        SBIN,
        asked("BUY", 6, "SL", "MIS", price="842", trigger_price="840.5"),
        order_type="SL",
        price=842,
        trigger_price=840.5,
    ),
    placing(
        "stop limit sell",
        INFY,
        asked("SELL", 7, "SL", "CNC", price="1448", trigger_price="1450"),
        order_type="SL",
        price=1448,
        trigger_price=1450,
    ),
    placing(
        "stop market buy",
        SBIN,
        asked("BUY", 8, "SL-M", "MIS", trigger_price="845", market_protection="broker"),
        order_type="SL-M",
        trigger_price=845,
        market_protection=-1,
    ),
    placing(
        "stop market sell on BSE",
        INFY_BSE,
        asked("SELL", 2, "SL-M", "MIS", trigger_price="1460", market_protection=3),
        order_type="SL-M",
        trigger_price=1460,
        market_protection=3,
    ),
    placing(
        "index future", NIFTY_FUTURE, asked("BUY", 75, "LIMIT", "NRML", price="25900"), price=25900
    ),
    placing(
        "index option at the market",
        NIFTY_CALL,
        asked("BUY", 75, "MARKET", "MIS", market_protection="broker"),
        order_type="MARKET",
        market_protection=-1,
    ),
    placing(
        "stop on a weekly option",
        NIFTY_WEEKLY,
        asked("SELL", 75, "SL", "NRML", price="68.05", trigger_price="70"),
        order_type="SL",
        price=68.05,
        trigger_price=70,
    ),
    placing(
        "BSE index future",
        SENSEX_FUTURE,
        asked("SELL", 20, "LIMIT", "NRML", price="86000"),
        price=86000,
    ),
    placing(
        "commodity future",
        CRUDE_FUTURE,
        asked("BUY", 200, "LIMIT", "NRML", price="5300"),
        quantity=2,
        price=5300,
    ),
    placing(
        "commodity option at the market",
        CRUDE_CALL,
        asked("BUY", 100, "MARKET", "MIS", market_protection="broker"),
        quantity=1,
        order_type="MARKET",
        market_protection=-1,
    ),
    placing(
        "more than the book holds",
        SBIN,
        asked("BUY", 3000, "LIMIT", "MIS", price="813"),
        price=813,
    ),
    placing(
        "partly disclosed",
        SBIN,
        asked("BUY", 100, "LIMIT", "MIS", price="790", disclosed_quantity=20),
        price=790,
        disclosed_quantity=20,
    ),
    placing(
        "labelled",
        INFY,
        asked("BUY", 1, "LIMIT", "MIS", price="1440", tag="algo1"),
        price=1440,
        tag="algo1",
    ),
    placing(
        "after market",
        SBIN,
        asked("BUY", 1, "LIMIT", "CNC", price="800", after_market=True),
        variety="amo",
        price=800,
    ),
    placing(
        "dearer than the account",
        SBIN,
        asked("BUY", 90000, "LIMIT", "MIS", price="800"),
        price=800,
    ),
)


@frozen(kw_only=True)
class Changing:
    """A modification of a placed order: what changes, and nothing else."""

    name: str
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]

    def params(self, order_id: str) -> dict[str, Any]:
        """``modify_order``'s arguments."""
        variety = by_name(self.name).theirs["variety"]
        return {"variety": variety, "order_id": order_id, **self.theirs}


CHANGINGS: Final = (
    Changing(
        name="limit buy that rests",
        ours={"price": "1460", "quantity": 5},
        theirs={"price": 1460, "quantity": 5},
    ),
    Changing(
        name="stop limit buy",
        ours={"trigger_price": "838", "price": "839.5"},
        theirs={"trigger_price": 838, "price": 839.5},
    ),
    Changing(
        name="labelled",
        ours={"order_type": "SL", "price": "1590", "trigger_price": "1585"},
        theirs={"order_type": "SL", "price": 1590, "trigger_price": 1585},
    ),
    Changing(name="commodity future", ours={"quantity": 100}, theirs={"quantity": 1}),
    Changing(name="index future", ours={"quantity": 150}, theirs={"quantity": 150}),
    Changing(name="on margin", ours={"validity": "IOC"}, theirs={"validity": "IOC"}),
    Changing(
        name="partly disclosed",
        ours={"disclosed_quantity": 40},
        theirs={"disclosed_quantity": 40},
    ),
    Changing(name="after market", ours={"price": "790"}, theirs={"price": 790}),
    Changing(
        name="ampersand",
        ours={"order_type": "MARKET", "market_protection": "broker"},
        theirs={"order_type": "MARKET", "market_protection": -1},
    ),
    Changing(
        name="stop on a weekly option",
        ours={"order_type": "MARKET", "market_protection": 5},
        theirs={"order_type": "MARKET", "market_protection": 5},
    ),
    Changing(
        name="BSE index future",
        ours={"order_type": "SL-M", "trigger_price": "85000", "market_protection": 1},
        theirs={"order_type": "SL-M", "trigger_price": 85000, "market_protection": 1},
    ),
)

CANCELLED: Final = {
    "limit sell of a holding": "regular",
    "stop limit sell": "regular",
    "commodity future": "regular",
    "after market": "amo",
}
"""Orders to cancel, with the variety that the official client's user has to give."""


def by_name(name: str) -> Placing:
    return {placing.name: placing for placing in PLACINGS}[name]
