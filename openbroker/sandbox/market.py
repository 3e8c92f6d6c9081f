"""What can be traded, and at what price: the sandbox's side of the market.

:class:`Market` holds the instruments and turns the underlyings' walks into prices on tick inside
the day's circuits: a share is its underlying, a future carries it at a fixed rate, an option is
worth Black's premium at a fixed volatility.  A day's figures and candles come from the same walks.

Moments are aware and IST.  Every answer depends on the seed, the moment and the moves that were
ordered (:meth:`Market.move`), and on nothing else.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from attrs import field, frozen

from openbroker.sandbox.clock import REGULAR, second_of
from openbroker.sandbox.options import Greeks, greeks, premium
from openbroker.sandbox.prices import DAY_MINUTES, Walk
from openbroker.sandbox.randomness import key_of, share
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right
from openbroker.schemas.table import INDIA

OPEN_MINUTE, CLOSE_MINUTE = (at.hour * 60 + at.minute for at in REGULAR)
"""Of every segment: bars and volumes keep the cash session, whichever hours the clock keeps."""
RATE = 0.065
YEAR_SECONDS = 365 * 86_400
NO_TICK = Decimal("0.05")
SATURDAY = 5
WICK = 0.35
MOST_MINUTES = 50_000
"""Remembered, of all underlyings."""

CIRCUITS = {InstrumentType.EQUITY: 0.10, InstrumentType.FUTURE: 0.10, InstrumentType.OPTION: 0.10}
"""How far a price may go from the previous close, as a share; an option's is of its underlying.

The sandbox's own, one for all: an exchange's bands differ by share and change by circular.
"""


@frozen(kw_only=True)
class Underlying:
    """What a walk needs to become rupees.

    ``price`` is that of the first day's midnight, ``volatility`` a year's, ``turnover`` the rupees
    that change hands in a minute.
    """

    name: str
    price: float
    volatility: float
    turnover: float = 2_000_000.0

    @property
    def deviation(self) -> float:
        """Of the logarithm over a day."""
        return self.volatility / math.sqrt(365)


@frozen(kw_only=True)
class Bar:
    """Open, high, low, close and volume of a stretch of time."""

    open: float
    high: float
    low: float
    close: float
    volume: int = 0

    def then(self, later: Bar) -> Bar:
        """Both stretches as one."""
        return Bar(
            open=self.open,
            high=max(self.high, later.high),
            low=min(self.low, later.low),
            close=later.close,
            volume=self.volume + later.volume,
        )

    def through(self, price: Callable[[float], float], volume: int) -> Bar:
        """The bar of something whose price rises or falls with this one's."""
        ends = price(self.high), price(self.low)
        return Bar(
            open=price(self.open),
            high=max(ends),
            low=min(ends),
            close=price(self.close),
            volume=volume,
        )


@frozen(kw_only=True)
class DayFigures:
    """A day so far, in rupees; ``close`` is the previous day's."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int


@frozen(kw_only=True)
class Source:
    """One underlying: its walk, and the moves ordered from outside."""

    underlying: Underlying
    walk: Walk
    moves: list[tuple[int, float]] = field(factory=list)

    def at(self, day: int, second: int) -> float:
        return self._rupees(self.walk.at(day, second), day, second)

    def at_minute(self, day: int, minute: int) -> float:
        return self._rupees(self.walk.at_minute(day, minute), day, minute * 60)

    def _rupees(self, log: float, day: int, second: int) -> float:
        shift = self._shift(day * 86_400 + second) if self.moves else 0.0
        return self.underlying.price * math.exp(log + shift)

    def _shift(self, moment: int) -> float:
        reached = bisect_right(self.moves, (moment, math.inf))
        return self.moves[reached - 1][1] if reached else 0.0

    def move(self, day: int, second: int, factor: float) -> None:
        """From that second on every price is ``factor`` times what it would have been."""
        before = self.moves[-1][1] if self.moves else 0.0
        self.moves.append((day * 86_400 + second, before + math.log(factor)))


class Market:
    """The instruments and their prices.

    Args:
        instruments: everything listed.
        underlyings: by name; an instrument's is its ``underlying``, or its ``name`` for cash.
        seed: of all walks.
        first_day: day 0.
    """

    def __init__(
        self,
        instruments: Iterable[Instrument],
        underlyings: Mapping[str, Underlying],
        *,
        seed: int,
        first_day: dt.date,
    ) -> None:
        self.seed = seed
        self.first_day = first_day
        self._instruments = {(i.venue, i.token): i for i in instruments}
        self._by_name = {(i.venue, i.broker_symbol): i for i in self._instruments.values()}
        self._by_symbol = {i.symbol: i for i in self._instruments.values()}
        self._underlyings = underlyings
        self._sources: dict[str, Source] = {}
        self._sessions: dict[tuple[str, int, int], tuple[int, Bar]] = {}
        self._minutes: dict[tuple[str, int, int, int], Bar] = {}
        self._closes: dict[tuple[str, int], Decimal] = {}
        self._bands: dict[tuple[str, int], tuple[Decimal, Decimal]] = {}

    def __iter__(self) -> Iterator[Instrument]:
        return iter(self._instruments.values())

    def find(self, exchange: Exchange, token: str) -> Instrument | None:
        return self._instruments.get((exchange.venue, token))

    def named(self, exchange: Exchange, broker_symbol: str) -> Instrument | None:
        return self._by_name.get((exchange.venue, broker_symbol))

    def symbol(self, symbol: str) -> Instrument | None:
        """By the common symbol, ``NSE:INFY``."""
        return self._by_symbol.get(symbol)

    def day(self, moment: dt.datetime | dt.date) -> int:
        date = moment.date() if isinstance(moment, dt.datetime) else moment
        return (date - self.first_day).days

    def price(self, instrument: Instrument, moment: dt.datetime) -> Decimal:
        """The last traded price."""
        day, second = self.day(moment), second_of(moment)
        value = self._value(instrument, self.source(instrument).at(day, second), day, second)
        return self._inside(instrument, self.on_tick(instrument, value), day)

    def previous_close(self, instrument: Instrument, moment: dt.datetime | dt.date) -> Decimal:
        return self._previous_close(instrument, self.day(moment))

    def circuits(
        self, instrument: Instrument, moment: dt.datetime | dt.date
    ) -> tuple[Decimal, Decimal]:
        """The lowest and the highest price of the day; an index has none."""
        return self._circuits(instrument, self.day(moment))

    def spot(self, instrument: Instrument, moment: dt.datetime) -> float:
        """The underlying's price."""
        return self.source(instrument).at(self.day(moment), second_of(moment))

    def day_figures(self, instrument: Instrument, moment: dt.datetime) -> DayFigures:
        """Open, high, low and volume since the session's start (09:15, before it midnight)."""
        day, second = self.day(moment), second_of(moment)
        bar = self._since_open(instrument, day, second)
        tick = functools.partial(self.on_tick, instrument)
        return DayFigures(
            open=tick(bar.open),
            high=tick(bar.high),
            low=tick(bar.low),
            close=self.previous_close(instrument, moment),
            volume=bar.volume,
        )

    def bar(self, instrument: Instrument, day: int, start: int, end: int) -> Bar:
        """The candle of the minutes from ``start`` up to ``end``; prices not rounded."""
        source = self.source(instrument)
        if day >= 0:
            spot = functools.reduce(
                Bar.then, (self._minute(source, day, minute) for minute in range(start, end))
            )
        else:
            spot = _past_bar([source.at_minute(day, minute) for minute in range(start, end + 1)])
        volume = self._traded(instrument, day, end) - self._traded(instrument, day, start)
        return spot.through(lambda value: self._value(instrument, value, day, start * 60), volume)

    def years(self, instrument: Instrument, day: int, second: int) -> float:
        """To expiry; 0 after it."""
        if instrument.expiry is None:
            return 0.0
        left = (self.day(instrument.expiry) - day) * 86_400
        left += CLOSE_MINUTE * 60 - second
        return max(0.0, left / YEAR_SECONDS)

    def year_range(self, instrument: Instrument, moment: dt.datetime) -> tuple[Decimal, Decimal]:
        """Lowest and highest midnight price of the last 365 days, and today's extremes."""
        day, figures = self.day(moment), self.day_figures(instrument, moment)
        source = self.source(instrument)
        past = [
            self._value(instrument, source.at_minute(before, 0), before, 0)
            for before in range(day - 365, day)
        ]
        low, high = self.on_tick(instrument, min(past)), self.on_tick(instrument, max(past))
        return min(low, figures.low), max(high, figures.high)

    def greeks(self, instrument: Instrument, moment: dt.datetime) -> tuple[Greeks, float]:
        """An option's sensitivities and its volatility."""
        day, second = self.day(moment), second_of(moment)
        years = self.years(instrument, day, second)
        forward = self.spot(instrument, moment) * math.exp(RATE * years)
        volatility = self._volatility(instrument)
        right, strike = _option_terms(instrument)
        return greeks(right, forward, strike, volatility, years, RATE), volatility

    def move(self, instrument: Instrument, price: Decimal, moment: dt.datetime) -> None:
        """Move a share or an index to ``price`` from this moment on; what hangs on it follows.

        Raises:
            ValueError: the instrument is a derivative, or the price is not above zero.
        """
        if instrument.is_derivative or price <= 0:
            raise ValueError(f"{instrument.symbol} cannot be moved to {price}: move its underlying")
        factor = float(price) / self.spot(instrument, moment)
        self.source(instrument).move(self.day(moment), second_of(moment), factor)

    def on_tick(self, instrument: Instrument, value: float) -> Decimal:
        tick = instrument.tick_size or NO_TICK
        return tick * max(1, round(value / float(tick)))

    def source(self, instrument: Instrument) -> Source:
        name = instrument.underlying or instrument.name
        if name not in self._sources:
            underlying = self._underlyings[name]
            walk = Walk(self.seed, name, underlying.deviation)
            self._sources[name] = Source(underlying=underlying, walk=walk)
        return self._sources[name]

    def _volatility(self, instrument: Instrument) -> float:
        return self.source(instrument).underlying.volatility

    def _value(self, instrument: Instrument, spot: float, day: int, second: int) -> float:
        if not instrument.is_derivative:
            return spot
        years = self.years(instrument, day, second)
        forward = spot * math.exp(RATE * years)
        if instrument.type is InstrumentType.FUTURE:
            return forward
        right, strike = _option_terms(instrument)
        return premium(right, forward, strike, self._volatility(instrument), years, RATE)

    def _inside(self, instrument: Instrument, price: Decimal, day: int) -> Decimal:
        if instrument.type is InstrumentType.INDEX:
            return price
        low, high = self._circuits(instrument, day)
        return min(max(price, low), high)

    def _previous_close(self, instrument: Instrument, day: int) -> Decimal:
        key = (instrument.symbol, day)
        if key not in self._closes:
            self._closes[key] = self._close_before(instrument, day)
        return self._closes[key]

    def _close_before(self, instrument: Instrument, day: int) -> Decimal:
        before = day - 1
        while (self.first_day + dt.timedelta(days=before)).weekday() >= SATURDAY:
            before -= 1
        spot = self.source(instrument).at_minute(before, CLOSE_MINUTE)
        return self.on_tick(instrument, self._value(instrument, spot, before, CLOSE_MINUTE * 60))

    def _circuits(self, instrument: Instrument, day: int) -> tuple[Decimal, Decimal]:
        key = (instrument.symbol, day)
        if key not in self._bands:
            self._bands[key] = self._band(instrument, day)
        return self._bands[key]

    def _band(self, instrument: Instrument, day: int) -> tuple[Decimal, Decimal]:
        close = float(self._previous_close(instrument, day))
        width = CIRCUITS.get(instrument.type, 0.2)
        if instrument.type is InstrumentType.OPTION:
            reach = width * self.source(instrument).at_minute(day, 0)
        else:
            reach = width * close
        tick = instrument.tick_size or NO_TICK
        low = tick * max(1, math.ceil(round((close - reach) / float(tick), 6)))
        high = tick * math.floor(round((close + reach) / float(tick), 6))
        return low, high

    def _minute(self, source: Source, day: int, minute: int) -> Bar:
        """A minute of the underlying, true to every tick."""
        key = (source.underlying.name, day, minute, len(source.moves))
        if len(self._minutes) > MOST_MINUTES:
            self._minutes.clear()
        if key not in self._minutes:
            self._minutes[key] = _bar([source.at(day, minute * 60 + s) for s in range(60)])
        return self._minutes[key]

    def _traded(self, instrument: Instrument, day: int, minute: int) -> int:
        """Units traded from the session's start up to a minute: even, but for some luck."""
        if instrument.type is InstrumentType.INDEX:
            return 0
        key = key_of("volume", self.seed, instrument.symbol)
        passed = minute - OPEN_MINUTE + share(key, day * DAY_MINUTES + minute)
        if passed <= 0:
            return 0
        underlying = self.source(instrument).underlying
        pace = max(3.0, underlying.turnover / (underlying.price * instrument.lot_size))
        return round(pace * passed * (0.5 + share(key ^ 1, day))) * instrument.lot_size

    def _since_open(self, instrument: Instrument, day: int, second: int) -> Bar:
        """The session's bar, to the second; whole minutes are remembered."""
        minute = second // 60
        start = OPEN_MINUTE if minute >= OPEN_MINUTE else 0
        source = self.source(instrument)
        spot = _bar([source.at(day, s) for s in range(second - second % 60, second + 1)])
        if minute > start:
            spot = self._whole_minutes(source, day, start, minute).then(spot)
        volume = self._traded(instrument, day, minute)
        return spot.through(lambda value: self._value(instrument, value, day, second), volume)

    def _whole_minutes(self, source: Source, day: int, start: int, end: int) -> Bar:
        """The bar from ``start`` up to ``end``, going on from the last one asked for."""
        key = (source.underlying.name, day, start)
        known, bar = self._sessions.get(key, (start + 1, self._minute(source, day, start)))
        if known > end:
            known, bar = start + 1, self._minute(source, day, start)
        for minute in range(known, end):
            bar = bar.then(self._minute(source, day, minute))
        self._sessions[key] = (end, bar)
        return bar


def _bar(prices: Sequence[float]) -> Bar:
    return Bar(open=prices[0], high=max(prices), low=min(prices), close=prices[-1])


def _past_bar(prices: Sequence[float]) -> Bar:
    """From the starts of minutes, the last one's end included.

    Ticks of days before the first were never shown, so wicks of a likely size will do.
    """
    steps = [(a, b) if a < b else (b, a) for a, b in pairwise(prices)]
    return Bar(
        open=prices[0],
        high=max(b + WICK * (b - a) for a, b in steps),
        low=min(a - WICK * (b - a) for a, b in steps),
        close=prices[-1],
    )


def _option_terms(instrument: Instrument) -> tuple[Right, float]:
    if instrument.right is None or instrument.strike is None:
        raise ValueError(f"{instrument.symbol} is an option without right or strike")
    return instrument.right, float(instrument.strike)


def ist(date: dt.date, minute: int) -> dt.datetime:
    """The aware moment of a minute of a day."""
    midnight = dt.datetime.combine(date, dt.time(), INDIA)
    return midnight + dt.timedelta(minutes=minute)
