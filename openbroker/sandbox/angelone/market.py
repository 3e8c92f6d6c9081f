"""Market routes: last price, quotes in three modes, symbol search.

Source: the documentation's pages LiveMarketData and Instruments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openbroker.sandbox.angelone import words
from openbroker.sandbox.angelone.desk import Desk
from openbroker.sandbox.angelone.fields import Body, invalid, text, word
from openbroker.sandbox.angelone.orders import find_instrument
from openbroker.sandbox.angelone.replies import Refuse
from openbroker.sandbox.exchange import Snapshot
from openbroker.sandbox.json_replies import figure, level_rows
from openbroker.schemas import Instrument

MOST_TOKENS = 50
MOST_HITS = 50


def ltp(desk: Desk, _: str, body: Body) -> dict[str, Any]:
    """Route 12."""
    instrument = find_instrument(desk, body)
    snapshot = desk.exchange.snapshot(instrument)
    return {
        "exchange": instrument.venue.value,
        "tradingsymbol": instrument.broker_symbol,
        "symboltoken": instrument.token,
        **_ohlc(snapshot),
        "ltp": figure(snapshot.last_price, 4),
    }


def search(desk: Desk, _: str, body: Body) -> list[dict[str, str]]:
    """Route 15: symbols that begin with the words, indices left out."""
    exchange = word(body, "exchange", words.EXCHANGES)
    wanted = text(body, "searchscrip").upper()
    if not wanted:
        raise invalid("searchscrip")
    hits = (
        instrument
        for instrument in desk.exchange.market
        if instrument.exchange is exchange and instrument.broker_symbol.startswith(wanted)
    )
    return [
        {
            "exchange": instrument.venue.value,
            "tradingsymbol": instrument.broker_symbol,
            "symboltoken": instrument.token,
        }
        for instrument, _ in zip(hits, range(MOST_HITS), strict=False)
    ]


def quote(desk: Desk, _: str, body: Body) -> dict[str, Any]:
    """Route 16."""
    rows = {"LTP": _ltp_row, "OHLC": _ohlc_row, "FULL": _full_row}
    row = word(body, "mode", rows)
    fetched, unfetched = [], []
    for exchange, token in _wanted(body):
        known = words.EXCHANGES.get(exchange)
        instrument = desk.exchange.market.find(known, token) if known else None
        if instrument is None:
            unfetched.append(_missing(exchange, token))
        else:
            fetched.append(row(desk, instrument))
    return {"fetched": fetched, "unfetched": unfetched}


def _wanted(body: Body) -> Sequence[tuple[str, str]]:
    groups = body.get("exchangeTokens")
    if not isinstance(groups, Mapping):
        raise invalid("exchangeTokens")
    pairs = [
        (exchange, str(token)) for exchange, tokens in groups.items() for token in _list(tokens)
    ]
    if not pairs:
        raise invalid("exchangeTokens")
    if len(pairs) > MOST_TOKENS:
        raise Refuse("AB4029", f"Number of tokens is more than the limit of {MOST_TOKENS}")
    return pairs


def _list(tokens: object) -> Sequence[Any]:
    if not isinstance(tokens, list):
        raise invalid("exchangeTokens")
    return tokens


def _missing(exchange: str, token: str) -> dict[str, str]:
    code, message = (
        ("AB4018", "Symbol token cannot be empty")
        if not token
        else ("AB1018", "Failed to Get Symbol Details")
    )
    return {"exchange": exchange, "symbolToken": token, "message": message, "errorCode": code}


def _ohlc(snapshot: Snapshot) -> dict[str, float]:
    day = snapshot.day
    return {
        "open": figure(day.open, 4),
        "high": figure(day.high, 4),
        "low": figure(day.low, 4),
        "close": figure(day.close, 4),
    }


def _ltp_row(desk: Desk, instrument: Instrument) -> dict[str, Any]:
    return {
        "exchange": instrument.venue.value,
        "tradingSymbol": instrument.broker_symbol,
        "symbolToken": instrument.token,
        "ltp": figure(desk.exchange.price(instrument), 4),
    }


def _ohlc_row(desk: Desk, instrument: Instrument) -> dict[str, Any]:
    return _ltp_row(desk, instrument) | _ohlc(desk.exchange.snapshot(instrument))


def _full_row(desk: Desk, instrument: Instrument) -> dict[str, Any]:
    snapshot = desk.exchange.snapshot(instrument)
    low, high = snapshot.circuits
    change = snapshot.last_price - snapshot.day.close
    depth = snapshot.depth
    stamp = words.stamp(snapshot.moment)
    year_low, year_high = desk.exchange.year_range(instrument)
    return _ltp_row(desk, instrument) | {
        **_ohlc(snapshot),
        "lastTradeQty": snapshot.last_quantity,
        "exchFeedTime": stamp,
        "exchTradeTime": stamp,
        "netChange": figure(change),
        "percentChange": figure(change / snapshot.day.close * 100),
        "avgPrice": figure((snapshot.day.high + snapshot.day.low + snapshot.last_price) / 3),
        "tradeVolume": snapshot.day.volume,
        "opnInterest": snapshot.open_interest,
        "lowerCircuit": figure(low, 4),
        "upperCircuit": figure(high, 4),
        "totBuyQuan": sum(level.quantity for level in depth.bids) * 40,
        "totSellQuan": sum(level.quantity for level in depth.asks) * 40,
        "52WeekLow": figure(year_low),
        "52WeekHigh": figure(year_high),
        "depth": {"buy": level_rows(depth.bids), "sell": level_rows(depth.asks)},
    }
