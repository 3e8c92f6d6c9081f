"""Routes about the market as a whole: greeks, movers, put/call ratios, build-up, lists of shares.

NSE derivatives only.  Sources: the documentation's pages OptionGreeks, GainersLosers, PCR and
OIBuildup, and the requests of the official clients.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen

from openbroker.sandbox.angelone import words
from openbroker.sandbox.angelone.desk import Desk
from openbroker.sandbox.angelone.fields import Body, invalid, text, trimmed, word
from openbroker.sandbox.angelone.history import something_wrong
from openbroker.sandbox.json_replies import figure
from openbroker.sandbox.market import CLOSE_MINUTE, ist
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right

MOST_ROWS = 10
EXPIRY_STEPS = {"NEAR": 0, "NEXT": 1, "FAR": 2}
MULTIPLIER = "5.0"


def option_greeks(desk: Desk, _: str, body: Body) -> list[dict[str, str]]:
    """Route 28: outside market hours it has an error to give."""
    name, expiry = text(body, "name", "").upper(), text(body, "expirydate", "").upper()
    chain = [
        instrument
        for instrument in desk.exchange.market
        if instrument.venue is Exchange.NFO
        and instrument.type is InstrumentType.OPTION
        and instrument.underlying == name
        and words.long_date(instrument.expiry) == expiry
    ]
    if not chain or not desk.is_open(Exchange.NFO):
        raise something_wrong()
    return [_greeks_row(desk, instrument) for instrument in chain]


def _greeks_row(desk: Desk, instrument: Instrument) -> dict[str, str]:
    snapshot = desk.exchange.snapshot(instrument)
    greeks, volatility = desk.exchange.market.greeks(instrument, snapshot.moment)
    return {
        "name": instrument.underlying or "",
        "expiry": words.long_date(instrument.expiry),
        "strikePrice": f"{instrument.strike:.6f}",
        "optionType": instrument.right.value if instrument.right else "",
        "delta": f"{greeks.delta:.6f}",
        "gamma": f"{greeks.gamma:.6f}",
        "theta": f"{greeks.theta:.6f}",
        "vega": f"{greeks.vega:.6f}",
        "impliedVolatility": f"{volatility * 100:.6f}",
        "tradeVolume": f"{snapshot.day.volume:.2f}",
    }


@frozen(kw_only=True)
class _Mover:
    """A future's day."""

    instrument: Instrument
    last_price: Decimal
    change: Decimal
    change_percent: Decimal
    interest: int
    interest_change: int

    @property
    def interest_percent(self) -> Decimal:
        before = self.interest - self.interest_change
        return Decimal(self.interest_change) * 100 / before if before else Decimal(0)


def _futures(desk: Desk, expiry_type: str) -> Iterator[Instrument]:
    """Every underlying's future of the nearest, next or far expiry."""
    step = EXPIRY_STEPS[expiry_type]
    by_name: dict[str, list[Instrument]] = {}
    for instrument in desk.exchange.market:
        if instrument.venue is Exchange.NFO and instrument.type is InstrumentType.FUTURE:
            by_name.setdefault(instrument.underlying or "", []).append(instrument)
    for futures in by_name.values():
        futures.sort(key=lambda future: future.expiry or dt.date.max)
        if step < len(futures):
            yield futures[step]


def _mover(desk: Desk, instrument: Instrument) -> _Mover:
    snapshot = desk.exchange.snapshot(instrument)
    yesterday = ist(snapshot.moment.date() - dt.timedelta(days=1), CLOSE_MINUTE)
    before = desk.exchange.open_interest(instrument, yesterday)
    change = snapshot.last_price - snapshot.day.close
    return _Mover(
        instrument=instrument,
        last_price=snapshot.last_price,
        change=change,
        change_percent=change * 100 / snapshot.day.close,
        interest=snapshot.open_interest,
        interest_change=snapshot.open_interest - before,
    )


def _movers(desk: Desk, body: Body) -> list[_Mover]:
    expiry_type = text(body, "expirytype", "")
    if expiry_type not in EXPIRY_STEPS:
        raise invalid("expirytype")
    return [_mover(desk, future) for future in _futures(desk, expiry_type)]


RANKS: Mapping[str, Callable[[_Mover], Decimal]] = {
    "PercOIGainers": lambda mover: mover.interest_percent,
    "PercOILosers": lambda mover: -mover.interest_percent,
    "PercPriceGainers": lambda mover: mover.change_percent,
    "PercPriceLosers": lambda mover: -mover.change_percent,
}


def gainers_losers(desk: Desk, _: str, body: Body) -> list[dict[str, Any]]:
    """Route 29: the token is a number here."""
    rank = word(body, "datatype", RANKS)
    by_interest = "OI" in text(body, "datatype")
    ranked = sorted(_movers(desk, body), key=rank, reverse=True)
    return [
        {
            "tradingSymbol": mover.instrument.broker_symbol,
            "percentChange": figure(
                mover.interest_percent if by_interest else mover.change_percent
            ),
            "symbolToken": int(mover.instrument.token),
            "opnInterest": mover.interest,
            "netChangeOpnInterest": float(mover.interest_change),
        }
        for mover in ranked[:MOST_ROWS]
        if rank(mover) > 0
    ]


def put_call_ratio(desk: Desk, _: str, __: Body) -> list[dict[str, Any]]:
    """Route 30: open puts to open calls, told by the nearest future."""
    moment = desk.exchange.moment
    rows = []
    for future in _futures(desk, "NEAR"):
        open_units = {Right.CE: 0, Right.PE: 0}
        for option in desk.exchange.market:
            if option.right is not None and option.underlying == future.underlying:
                open_units[option.right] += desk.exchange.open_interest(option, moment)
        if open_units[Right.CE]:
            ratio = open_units[Right.PE] / open_units[Right.CE]
            rows.append({"pcr": round(ratio, 2), "tradingSymbol": future.broker_symbol})
    return rows


BUILDS: Mapping[str, tuple[bool, bool]] = {
    "Long Built Up": (True, True),
    "Short Built Up": (False, True),
    "Short Covering": (True, False),
    "Long Unwinding": (False, False),
}
"""Whether the price rose, whether open interest rose."""


def build_up(desk: Desk, _: str, body: Body) -> list[dict[str, str]]:
    """Route 31: all strings."""
    kind = word(body, "datatype", BUILDS)
    return [
        {
            "symbolToken": mover.instrument.token,
            "ltp": trimmed(mover.last_price),
            "netChange": trimmed(mover.change),
            "percentChange": trimmed(mover.change_percent),
            "opnInterest": str(float(mover.interest)),
            "netChangeOpnInterest": str(float(mover.interest_change)),
            "tradingSymbol": mover.instrument.broker_symbol,
        }
        for mover in _movers(desk, body)
        if (mover.change > 0, mover.interest_change > 0) == kind
    ]


def nse_intraday(desk: Desk, _: str, __: Body) -> list[dict[str, str]]:
    """Route 32."""
    return _intraday(desk, Exchange.NSE)


def bse_intraday(desk: Desk, _: str, __: Body) -> list[dict[str, str]]:
    """Route 32."""
    return _intraday(desk, Exchange.BSE)


def _intraday(desk: Desk, exchange: Exchange) -> list[dict[str, str]]:
    return [
        {"exchange": exchange.value, "SymbolName": instrument.name, "Multiplier": MULTIPLIER}
        for instrument in desk.exchange.market
        if instrument.exchange is exchange and instrument.series in (None, "EQ")
    ]


def cautionary(desk: Desk, _: str, __: Body) -> list[dict[str, str]]:
    """Route 33."""
    return [
        {
            "token": instrument.token,
            "symbol": instrument.broker_symbol,
            "message": "Security is under additional surveillance measure",
        }
        for instrument in desk.exchange.market
        if (instrument.venue.value, instrument.token) in desk.rules.cautionary
    ]
