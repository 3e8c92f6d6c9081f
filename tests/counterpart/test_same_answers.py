"""What the users of both clients are told is the same.

After the same day (:mod:`trading_day`) both read everything back.  The official client's users
get raw rows; here their fields stand beside ours, with the meaning that the documentation's pages
Orders, Portfolio, User and LiveMarketData give them: written by hand, not taken from the adapter.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest
from meanings import (
    LISTED,
    PRODUCTS,
    TYPES,
    Meaning,
    Row,
    check_nothing_is_left_out,
    compare,
    means,
    number,
    priced,
    text,
    time,
    told,
)
from trading_day import Day

pytestmark = pytest.mark.official

BOOKED_PRODUCTS = PRODUCTS | {"BO": None}
"""A bracket's product is a word that the schema does not have."""
STATES = {
    "open": "OPEN",
    "complete": "FILLED",
    "trigger pending": "TRIGGER_PENDING",
    "cancelled": "CANCELLED",
    "cancelled after market order": "CANCELLED",
    "rejected": "REJECTED",
}

ORDER: Meaning = {
    **LISTED,
    "order_id": text("orderid"),
    "status": lambda row: STATES[row["orderstatus"]],
    "side": text("transactiontype"),
    "order_type": lambda row: TYPES[row["ordertype"]],
    "product": lambda row: BOOKED_PRODUCTS[row["producttype"]],
    "validity": text("duration"),
    "quantity": number("quantity"),
    "filled_quantity": number("filledshares"),
    "pending_quantity": number("unfilledshares"),
    "cancelled_quantity": number("cancelsize"),
    "disclosed_quantity": number("disclosedquantity"),
    "price": priced("price"),
    "trigger_price": priced("triggerprice"),
    "average_price": priced("averageprice"),
    "message": text("text"),
    "tag": text("ordertag"),
    "updated_at": lambda row: time("exchorderupdatetime")(row) or time("updatetime")(row),
    "placed_at": time("exchtime"),
    "exchange_order_id": text("exchangeorderid"),
    "parent_order_id": text("parentorderid"),
    "after_market": lambda row: row["variety"] == "AMO",
    "handle": lambda row: {"variety": row["variety"], "uniqueorderid": row["uniqueorderid"]},
}

TRADE: Meaning = {
    "exchange": text("exchange"),
    "broker_symbol": text("tradingsymbol"),
    "order_id": text("orderid"),
    "trade_id": text("fillid"),
    "side": text("transactiontype"),
    "product": lambda row: PRODUCTS[row["producttype"]],
    "quantity": number("fillsize"),
    "price": number("fillprice"),
}

POSITION: Meaning = {
    **LISTED,
    "product": lambda row: PRODUCTS[row["producttype"]],
    "quantity": number("netqty"),
    "overnight_quantity": lambda row: int(row["cfbuyqty"]) - int(row["cfsellqty"]),
    "buy_quantity": number("buyqty"),
    "sell_quantity": number("sellqty"),
    "buy_price": priced("totalbuyavgprice"),
    "sell_price": priced("totalsellavgprice"),
    "average_price": priced("avgnetprice"),
    "last_price": number("ltp"),
    "close_price": number("close"),
    "pnl": number("pnl"),
    "realised_pnl": number("realised"),
    "unrealised_pnl": number("unrealised"),
}

HOLDING: Meaning = {
    **LISTED,
    "isin": text("isin"),
    "product": lambda row: PRODUCTS[row["product"]],
    "quantity": number("quantity"),
    "t1_quantity": number("t1quantity"),
    "average_price": number("averageprice"),
    "last_price": number("ltp"),
    "close_price": number("close"),
    "pnl": number("profitandloss"),
    "pnl_percent": number("pnlpercentage"),
}

FUNDS: Meaning = {
    "available": number("availablecash"),
    "collateral": number("collateral"),
    "utilised": number("utiliseddebits"),
    "payin": number("availableintradaypayin"),
    "cash": lambda row: (
        number("availablecash")(row) + number("utiliseddebits")(row) - number("collateral")(row)
    ),
}

LAST_PRICE: Meaning = {
    "exchange": text("exchange"),
    "token": text("symbolToken"),
    "broker_symbol": text("tradingSymbol"),
    "last_price": number("ltp"),
}
DAY_FIGURES: Meaning = LAST_PRICE | {
    name: number(name) for name in ("open", "high", "low", "close")
}
QUOTES: Mapping[str, Meaning] = {
    "LTP": LAST_PRICE,
    "OHLC": DAY_FIGURES,
    "FULL": {
        **DAY_FIGURES,
        "change": number("netChange"),
        "change_percent": number("percentChange"),
        "volume": number("tradeVolume"),
        "open_interest": number("opnInterest"),
        "last_quantity": number("lastTradeQty"),
        "average_price": number("avgPrice"),
        "total_buy_quantity": number("totBuyQuan"),
        "total_sell_quantity": number("totSellQuan"),
        "lower_circuit": number("lowerCircuit"),
        "upper_circuit": number("upperCircuit"),
        "low_52_weeks": number("52WeekLow"),
        "high_52_weeks": number("52WeekHigh"),
        "traded_at": time("exchTradeTime"),
        "updated_at": time("exchFeedTime"),
        "depth": lambda row: (_levels(row["depth"]["buy"]), _levels(row["depth"]["sell"])),
    },
}


def _levels(rows: list[Row]) -> list[tuple[Decimal, int]]:
    return [(Decimal(str(row["price"])), row["quantity"]) for row in rows if row["quantity"]]


def test_order_book(day: Day) -> None:
    compare(ORDER, day.official.data("orderBook"), day.broker.orders())


def test_one_order(day: Day) -> None:
    raw = day.official.data("orderBook")[6]
    theirs = day.official.individual_order_details(raw["uniqueorderid"])["data"]
    compare(ORDER, [theirs], [day.broker.order(raw["orderid"])])


def test_trade_book(day: Day) -> None:
    theirs, ours = day.official.data("tradeBook"), day.broker.trades()
    compare(TRADE, theirs, ours)
    clock = [trade.traded_at.strftime("%H:%M:%S") for trade in ours if trade.traded_at]
    assert clock == [row["filltime"] for row in theirs], "the broker gives no date"


def test_positions(day: Day) -> None:
    compare(POSITION, day.official.data("position"), day.broker.positions())


def test_holdings(day: Day) -> None:
    compare(HOLDING, day.official.data("holding"), day.broker.holdings())


def test_funds(day: Day) -> None:
    raw, ours = day.official.data("rmsLimit"), day.broker.funds()
    assert told(FUNDS, ours) == means(FUNDS, raw)
    check_nothing_is_left_out(FUNDS, ours)


def test_profile(day: Day) -> None:
    raw, ours = day.official.data("getProfile", ""), day.broker.profile()
    assert (ours.account, ours.name) == (
        day.places[1].sandbox.client.client_code,
        raw["name"],
    )
    segments = {
        "nse_cm": "NSE", "bse_cm": "BSE", "nse_fo": "NFO", "bse_fo": "BFO", "mcx_fo": "MCX",
        "cde_fo": "CDS", "ncx_fo": "NCDEX",
    }  # fmt: skip
    assert list(ours.exchanges) == [segments[word] for word in raw["exchanges"]]
    assert {"CNC", "MIS", "NRML"} <= set(ours.products)


@pytest.mark.parametrize("mode", QUOTES)
def test_quotes(day: Day, mode: str) -> None:
    asked = {"NSE": ["3045", "99926000"], "NFO": ["42885"], "MCX": ["467013"]}
    names = ["NSE:SBIN", "NSE_INDEX:NIFTY", "NFO:NIFTY24NOV2626000CE", "MCX:CRUDEOIL18DEC26FUT"]
    theirs = day.official.data("getMarketData", mode, asked)["fetched"]
    ours = day.broker.quotes(names, mode)
    meaning = QUOTES[mode]
    for raw, quote in zip(theirs, ours, strict=True):
        said = told(meaning, quote)
        if quote.depth is not None:
            said["depth"] = tuple(
                [(level.price, level.quantity) for level in side]
                for side in (quote.depth.bids, quote.depth.asks)
            )
        assert said == means(meaning, raw)
        check_nothing_is_left_out(meaning, quote)


def test_last_price(day: Day) -> None:
    raw = day.official.data("ltpData", "NSE", "SBIN-EQ", "3045")
    quote = day.broker.quote("NSE:SBIN", "OHLC")
    figures = (quote.last_price, quote.open, quote.high, quote.low, quote.close)
    assert figures == tuple(
        Decimal(str(raw[key])) for key in ("ltp", "open", "high", "low", "close")
    )
