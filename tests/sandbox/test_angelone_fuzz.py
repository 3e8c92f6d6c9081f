"""Whatever is sent to the door, an answer comes back, and the books stay in order."""

from __future__ import annotations

import functools
import json

import httpx
import pytest
from floor import INFY, Caller, still_sandbox
from hypothesis import given, settings
from hypothesis import strategies as st

from openbroker.sandbox.angelone.front import LOGIN, RENEW, ROUTES

POSTS = sorted(path for method, path in ROUTES if method == "POST")
WORDS = st.sampled_from(
    [
        "NORMAL", "STOPLOSS", "ROBO", "AMO", "BUY", "SELL", "LIMIT", "MARKET", "STOPLOSS_LIMIT",
        "STOPLOSS_MARKET", "DELIVERY", "CARRYFORWARD", "INTRADAY", "MARGIN", "BO", "DAY", "IOC",
        "NSE", "NFO", "MCX", "CDS", "1594", "42885", "467013", "INFY-EQ", "NIFTY24NOV2626000CE",
        "0", "1", "75", "1450", "1e3", "9" * 40, "1e400", "-1", "NaN", "", " ", "yes", "FULL",
        "ONE_DAY", "2026-11-19 09:15", "0001-01-01 00:00", "9999-12-31 23:59", "NEAR", "NEW",
        "24NOV2026", "PercOIGainers", "Long Built Up", "261120000000001", "\x00", "é", "٣",
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        "variety", "tradingsymbol", "symboltoken", "transactiontype", "exchange", "ordertype",
        "producttype", "duration", "price", "triggerprice", "squareoff", "stoploss",
        "trailingStopLoss", "quantity", "disclosedquantity", "ordertag", "scripconsent", "orderid",
        "mode", "exchangeTokens", "interval", "fromdate", "todate", "qty", "timeperiod", "id",
        "status", "page", "count", "positions", "orders", "name", "expirydate", "datatype",
        "expirytype", "oldproducttype", "newproducttype", "searchscrip", "disclosedqty", "token",
        "productType", "tradeType", "orderType", "product_type", "transaction_type",
    ]
)  # fmt: skip
GOOD = INFY | {
    "variety": "NORMAL", "transactiontype": "BUY", "ordertype": "LIMIT", "quantity": "1",
    "producttype": "DELIVERY", "duration": "DAY", "price": "1450", "qty": 1, "triggerprice": 1400,
    "mode": "FULL", "exchangeTokens": {"NSE": ["1594"]}, "interval": "ONE_DAY", "page": 1,
    "fromdate": "2026-11-19 09:15", "todate": "2026-11-19 15:30", "status": ["NEW"], "count": 5,
    "name": "TCS", "expirydate": "24NOV2026", "datatype": "PercOIGainers", "expirytype": "NEAR",
    "searchscrip": "INFY", "oldproducttype": "DELIVERY", "newproducttype": "INTRADAY",
    "positions": [{"exchange": "NSE", "token": "1594", "qty": 1, "price": 1,
                   "productType": "DELIVERY", "tradeType": "BUY"}],
    "orders": [{"exchange": "NSE", "token": "1594", "quantity": 1, "price": 1,
                "product_type": "DELIVERY", "transaction_type": "BUY"}],
}  # fmt: skip


@functools.cache
def door() -> Caller:
    return Caller(still_sandbox())


def answered(reply: httpx.Response) -> None:
    assert reply.status_code in (200, 400, 404, 405)
    body = reply.json()
    assert body.get("status") in (True, False, 400, 404, 405) or body.get("success") is False


@pytest.mark.parametrize("path", POSTS)
@settings(max_examples=40, deadline=None)
@given(changes=st.dictionaries(NAMES, VALUES, max_size=4), whole=st.booleans())
def test_any_body_gets_an_answer(path, changes, whole):
    body = (GOOD | changes) if whole else changes
    answered(door().http.post(path, content=json.dumps(body).encode()))


@pytest.mark.parametrize("path", [*POSTS, LOGIN, RENEW])
@settings(max_examples=15, deadline=None)
@given(content=st.binary(max_size=30) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_get_an_answer(path, content):
    answered(door().http.post(path, content=content))


def test_a_body_too_deep_is_a_bad_one():
    answered(door().http.post(POSTS[0], content=b"[" * 200_000))


def test_the_books_are_still_in_order():
    caller = door()
    rows = caller.book()
    truth = caller.sandbox.book()
    assert [row["orderid"] for row in rows] == [row["order_id"] for row in truth]
    assert all(row["filled_quantity"] <= row["quantity"] for row in truth)
