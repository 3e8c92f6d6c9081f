"""For the same intent openbroker sends the request that mStock's official client sends.

As :mod:`test_same_requests`: the client's requests are kept in ``recorded/mstockapi/``
(:mod:`record_mstockapi` writes them), the adapter's flows are asked for theirs by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from comparing import (
    SPELLING,
    After,
    Asked,
    Comparison,
    combinations,
    order_request,
    prices_of,
    reply,
)
from mstockapi_calls import (
    API_KEY,
    BSE_EXPIRY,
    CLIENT,
    CONVERTED,
    EXPIRY,
    HANDLE,
    INTERVALS,
    JWT,
    ORDER_ID,
    OTP,
    PASSWORD,
    TOTP,
)
from mstockapi_further import (
    ALL_CANCELLED,
    ALL_CHANGES,
    BHARTI_BSE,
    FURTHER_CONVERTED,
    HALF_STRIKE,
    LISTED_MANY,
    PLACED,
    SENSEX_PUT,
    SPANS,
    TODAYS,
)
from mstockapi_intents import (
    ACC,
    NIFTY,
    NIFTY_CALL,
    NIFTY_FUTURE,
    SBIN,
    SBIN_BSE,
    SENSEX_FUTURE,
    Listing,
    order_params,
)
from record_mstockapi import RECORDING, mstock_request
from recording import Said, read_recorded

from openbroker.adapters.base import OPERATIONS
from openbroker.adapters.mstock import MSTOCK
from openbroker.adapters.mstock_tables import WIRE
from openbroker.errors import Unsupported
from openbroker.orders.tags import label_of
from openbroker.schemas import (
    INDIA,
    Interval,
    Order,
    OrderChange,
    OrderRef,
    OrderRequest,
    Position,
    Product,
    QuoteMode,
    Secret,
    Session,
    Window,
)
from openbroker.transport.messages import Reply

ESSENTIAL = frozenset({
    "method", "path", "query", "headers.authorization", "headers.x-mirae-version",
    "headers.x-privatekey", "body.exchange", "body.tradingsymbol", "body.symboltoken",
    "body.transactiontype", "body.quantity", "body.price", "body.triggerprice", "body.ordertype",
    "body.producttype", "body.duration", "body.variety", "body.orderid", "body.order_no",
    "body.oldproducttype", "body.newproducttype", "body.refreshToken", "body.otp", "body.totp",
    *(f"body.orders.0.{name}" for name in ("product_type", "transaction_type", "quantity", "price",
                                          "exchange", "symbol_name", "token", "trigger_price")),
})  # fmt: skip
"""What no row of :data:`DIFFERENCES` may touch."""

DIFFERENCES: Mapping[tuple[str, str], str] = {
    ("every GET", "headers.content-type"): "the official client says 'None', which is Python's; "
    "openbroker says JSON everywhere",
    ("login", "body.api_key"): "the official client repeats the key, which stands in a header, "
    "beside the code of the app; the documentation's body has no such field",
    ("place_order", "body.ordertag"): "the documentation's samples state an empty tag where there "
    "is no label; openbroker's tag is always there, and its label is the user's",
    **{
        ("place_order", f"body.{name}{SPELLING}"): "the documentation (Orders) writes texts and "
        "openbroker the shortest; the official client passes on what it is given, 790.5 and 800.00"
        for name in ("price", "triggerprice")
    },
    ("modify_order", "body.disclosedquantity"): "the official client leaves it out; the "
    "documentation's request states it",
    ("modify_order", "body.modqty_remng"): "likewise",
}
"""And ``transactiontype`` of a modification, which the client leaves out and the documentation's
request states: it may be missing in theirs, never different; see the test."""

SESSION = Session(
    broker="mstock",
    account=CLIENT,
    tokens={"api_key": Secret(API_KEY), "jwt": Secret(JWT)},
    created_at=dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC),
)
NOW = dt.datetime(2026, 11, 20, 11, 5, tzinfo=INDIA)


def asked(where: Listing, **ours: Any) -> OrderRequest:
    return order_request(where.instrument, capacity=MSTOCK.tag.capacity, **ours)


def success(data: Any) -> Reply:
    body = {"status": "true", "message": "SUCCESS", "errorcode": "", "data": data}
    return reply(body, NOW)


def live_order(name: str) -> Order:
    """The order's row in the book, which shows no variety and calls every exchange NSE or BSE."""
    placing = PLACED[name]
    row = {key.removeprefix("_"): value for key, value in placing.theirs.items()}
    is_derivative = placing.where.exchange in ("NFO", "BFO")
    is_after_market = row["variety"] == "AMO"
    shown = {
        "orderid": ORDER_ID,
        "status": "O-Pending" if is_after_market else "Pending",
        "variety": None,
        "ordertype": "SL" if row["ordertype"].startswith("STOPLOSS") else row["ordertype"],
        "exchange": {"NFO": "NSE", "BFO": "BSE"}.get(row["exchange"], row["exchange"]),
        "tradingsymbol": "as the book has it",
        "instrumenttype": "FUTIDX" if is_derivative else "EQUITY",
    }
    order = WIRE.load(row | shown, Order)
    return Order(
        order_id=order.order_id, exchange=order.exchange, token=order.token, side=order.side,
        order_type=order.order_type, product=order.product, validity=order.validity,
        quantity=order.quantity, price=order.price, trigger_price=order.trigger_price,
        disclosed_quantity=order.disclosed_quantity, handle=order.handle,
        instrument=placing.where.instrument,
    )  # fmt: skip


def _place(name: str) -> Asked:
    placing = PLACED[name]
    return MSTOCK.place_order(SESSION, asked(placing.where, **placing.ours))


def _modify(name: str) -> Asked:
    change = {change.name: change for change in ALL_CHANGES}[name]
    return MSTOCK.modify_order(SESSION, live_order(name), OrderChange(**change.ours))


def _cancel(name: str) -> Asked:
    ref = OrderRef(order_id=ORDER_ID, handle={"variety": ALL_CANCELLED[name]})
    return MSTOCK.cancel_order(SESSION, ref)


def _quotes(name: str) -> Asked:
    mode, _, many = name.partition(" ")
    few = (SBIN, NIFTY, SBIN_BSE, NIFTY_CALL)
    wanted = [one.instrument for one in (LISTED_MANY if many else few)]
    return MSTOCK.quotes(SESSION, wanted, QuoteMode(mode))


LENGTHS = dict(zip(INTERVALS, ("1m", "3m", "5m", "10m", "15m", "30m", "1h", "1d"), strict=True))
PAST = Window(
    start=dt.datetime(2026, 11, 18, 9, 15, tzinfo=INDIA),
    end=dt.datetime(2026, 11, 19, 10, 0, tzinfo=dt.UTC),  # 15:30 in India
)
TO_NOW = Window(start=PAST.start, end=NOW)


def _history(name: str) -> Asked:
    if name in SPANS:
        where, word, *ends = SPANS[name]
        start, end = (dt.datetime.fromisoformat(text).replace(tzinfo=INDIA) for text in ends)
        length = Interval(LENGTHS[word])
        return MSTOCK.history(SESSION, where.instrument, length, Window(start=start, end=end))
    return MSTOCK.history(SESSION, ACC.instrument, Interval(LENGTHS[name]), PAST)


def _today(name: str) -> Asked:
    where, _, word = TODAYS.get(name, (NIFTY_CALL, "", name))
    flow = MSTOCK.history(SESSION, where.instrument, Interval(LENGTHS[word]), TO_NOW)
    return After(flow, [success({"candles": []})])


LOGINS: Mapping[str, Mapping[str, str]] = {
    "password": {"password": PASSWORD, "totp": TOTP},
    "code of the app": {"request_token": HANDLE, "totp": TOTP},
    "code of the SMS": {"request_token": HANDLE, "otp": OTP},
}


def _login(name: str) -> Asked:
    words = {"api_key": API_KEY, "client_code": CLIENT} | dict(LOGINS[name])
    return MSTOCK.login({key: Secret(word) for key, word in words.items()})


OUR_CONVERSIONS: Mapping[str, tuple[str, str]] = {
    "": ("6", "CNC"),
    "delivery into intraday": ("3", "MIS"),
    "a short carried": ("-150", "NRML"),
}
"""What the position's row tells as its net quantity, and the new product."""


def _convert(name: str) -> Asked:
    net, product = OUR_CONVERSIONS[name]
    told = FURTHER_CONVERTED[name] if name else CONVERTED
    row = {key.removeprefix("_"): value for key, value in told.items()}
    shown = row | {"producttype": row["oldproducttype"], "netqty": net}
    position = WIRE.load(shown, Position)
    return MSTOCK.convert_position(SESSION, position, Product(product), row["quantity"])


def _margin(name: str) -> Asked:
    orders = {
        "share": asked(ACC, side="BUY", quantity=5, product="CNC", order_type="LIMIT", price=2250),
        "future": asked(NIFTY_FUTURE, side="SELL", quantity=75, product="NRML",
                        order_type="LIMIT", price="25900.5"),
        "stop": asked(NIFTY_CALL, side="BUY", quantity=75, product="MIS", order_type="SL",
                      price=190, trigger_price="189.5"),
        "at the market": asked(BHARTI_BSE, side="SELL", quantity=1, product="MIS",
                               order_type="MARKET"),
        "half a strike": asked(HALF_STRIKE, side="SELL", quantity=5500, product="NRML",
                               order_type="LIMIT", price="2.05"),
        "BSE option": asked(SENSEX_PUT, side="BUY", quantity=20, product="MIS",
                            order_type="LIMIT", price="312.35"),
    }  # fmt: skip
    return MSTOCK.margin(SESSION, [orders[name]])


def _option_contracts(name: str) -> Asked:
    asks, _, bse = name.partition(" ")
    flow = MSTOCK.option_contracts(SESSION, "NIFTY", "2026-11-24")
    listed = {"dctExp": {"1": int(EXPIRY)}, "OPTIDX": ["NIFTY,26000,1"]}
    if bse:
        flow = MSTOCK.option_contracts(SESSION, "SENSEX", dt.date(2026, 11, 26), "BFO")
        listed = {"dctExp": {"9": int(BSE_EXPIRY)}, "OPTIDX": ["SENSEX,51,9"]}
    return After(flow, [success(listed)]) if asks == "contracts" else flow


OURS: Mapping[str, Callable[[str], Asked]] = {
    "login": _login,
    "logout": lambda _: MSTOCK.logout(SESSION),
    "funds": lambda _: MSTOCK.funds(SESSION),
    "place_order": _place,
    "modify_order": _modify,
    "cancel_order": _cancel,
    "orders": lambda _: MSTOCK.orders(SESSION),
    "order_details": lambda _: MSTOCK.order_details(SESSION, ORDER_ID),
    "trades": lambda _: MSTOCK.trades(SESSION),
    "trades_of": lambda _: MSTOCK.trades_of(SESSION, "2026-11-19"),
    "positions": lambda _: MSTOCK.positions(SESSION),
    "holdings": lambda _: MSTOCK.holdings(SESSION),
    "convert_position": _convert,
    "quotes": _quotes,
    "history": _history,
    "today": _today,
    "margin": _margin,
    "movers": lambda name: MSTOCK.movers(SESSION, *(("L", 4, 51) if name else ())),
    "option_contracts": _option_contracts,
    "master": lambda _: MSTOCK.master(MSTOCK.master_headers(SESSION)),
}
"""For each operation how openbroker is asked for the case of that name."""


def side_apart(operation: str, name: str, theirs: Said, ours: Said) -> tuple[Said, Said]:
    """A side that theirs does not state is checked here and taken out of ours."""
    if operation == "modify_order":
        assert "transactiontype" not in theirs["body"]
        side = ours["body"].pop("transactiontype")
        assert side == PLACED[name].theirs["_transactiontype"]
    return theirs, ours


RECORDED = read_recorded("mstockapi")
SAME = Comparison(
    recorded=RECORDED, ours=OURS, told=mstock_request, table=DIFFERENCES, both=side_apart
)


@SAME.each_case
def test_requests_are_the_same(operation: str, case: Mapping[str, Any]) -> None:
    theirs, ours = SAME.check(operation, case)
    if operation == "place_order":
        assert (label_of(ours["body"]["ordertag"]) or "") == theirs["body"]["ordertag"]


def test_every_difference_is_needed_and_harmless() -> None:
    assert not SAME.unused()
    assert not SAME.touched(ESSENTIAL)


def test_what_the_adapter_offers_is_compared() -> None:
    assert set(RECORDED) == set(OURS)
    offered = {*filter(MSTOCK.offers, OPERATIONS), *MSTOCK.extras}
    assert offered - set(OURS) == {"order", "raw"}, "one order is read from the book"
    assert set(OURS) - offered == {"today"}


SEGMENTS: Mapping[str, tuple[Listing, int, Mapping[str, str], str, str]] = {
    "NSE": (SBIN, 1, {"MIS": "INTRADAY", "CNC": "DELIVERY"}, "800.05", "801.5"),
    "BSE": (SBIN_BSE, 1, {"MIS": "INTRADAY", "CNC": "DELIVERY"}, "800", "800.05"),
    "NFO future": (
        NIFTY_FUTURE, 75, {"MIS": "INTRADAY", "NRML": "CARRYFORWARD"}, "26000.1", "26010",
    ),
    "NFO option": (NIFTY_CALL, 75, {"MIS": "INTRADAY", "NRML": "CARRYFORWARD"}, "150.05", "151"),
    "BFO": (SENSEX_FUTURE, 20, {"MIS": "INTRADAY", "NRML": "CARRYFORWARD"}, "86000.05", "86010"),
}  # fmt: skip
"""A contract of the segment, its lot, its products in both spellings, and two prices on its tick,
the lower first."""
KINDS = {"MARKET": "MARKET", "LIMIT": "LIMIT", "SL": "STOPLOSS_LIMIT", "SL-M": "STOPLOSS_MARKET"}


@pytest.mark.parametrize("segment", SEGMENTS)
@pytest.mark.parametrize("side", ["BUY", "SELL"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_combination(segment: str, side: str, kind: str) -> None:
    """By the client's own rule: place_order sends the fields that it is given, as JSON."""
    where, lot, products, low, high = SEGMENTS[segment]
    prices = prices_of(kind, side, low, high)
    for product, validity, part in combinations(segment, products):
        shown = None if part is None else part * lot
        order = asked(
            where, side=side, quantity=3 * lot, product=product, validity=validity,
            disclosed_quantity=shown, order_type=kind, **prices,
        )  # fmt: skip
        if (segment, kind) == ("NFO option", "SL-M"):
            with pytest.raises(Unsupported):
                next(MSTOCK.place_order(SESSION, order))
            continue
        given = order_params(
            where, side, 3 * lot, products[product], ordertype=KINDS[kind], duration=validity,
            variety="STOPLOSS" if "trigger_price" in prices else "NORMAL",
            price=prices.get("price", "0"), triggerprice=prices.get("trigger_price", "0"),
            disclosedquantity=str(shown or 0),
        )  # fmt: skip
        theirs = {name.removeprefix("_"): word for name, word in given.items()}
        del theirs["ordertag"]
        body = SAME.said(MSTOCK.place_order(SESSION, order))["body"]
        assert SAME.found({"body": theirs}, {"body": body}) == {}


def test_recordings_hold_no_secret_of_anybody() -> None:
    SAME.check_headers({"authorization": f"Bearer {JWT}", "x-privatekey": API_KEY})


@pytest.mark.official
@pytest.mark.recorded
def test_recordings_are_what_the_official_client_sends() -> None:
    RECORDING.check_fresh()
