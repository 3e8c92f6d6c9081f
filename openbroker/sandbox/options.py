"""Black's formula of 1976 for options on a forward, and its sensitivities.

Time is in years, volatility a year's, the rate continuous; prices in the underlying's unit.
"""

from __future__ import annotations

import math

from attrs import frozen

from openbroker.schemas import Right

_ROOT_TWO_PI = math.sqrt(2 * math.pi)


@frozen(kw_only=True)
class Greeks:
    """``theta`` is a calendar day's decay, ``vega`` for one point of volatility."""

    delta: float
    gamma: float
    theta: float
    vega: float


def _cumulative(x: float) -> float:
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


def _density(x: float) -> float:
    return math.exp(-0.5 * x * x) / _ROOT_TWO_PI


def _d1_d2(forward: float, strike: float, volatility: float, years: float) -> tuple[float, float]:
    spread = volatility * math.sqrt(years)
    d1 = math.log(forward / strike) / spread + 0.5 * spread
    return d1, d1 - spread


def premium(
    right: Right, forward: float, strike: float, volatility: float, years: float, rate: float
) -> float:
    """What the option is worth."""
    sign = 1.0 if right is Right.CE else -1.0
    if years <= 0:
        return max(0.0, sign * (forward - strike))
    d1, d2 = _d1_d2(forward, strike, volatility, years)
    value = sign * (forward * _cumulative(sign * d1) - strike * _cumulative(sign * d2))
    return max(0.0, math.exp(-rate * years) * value)


def greeks(
    right: Right, forward: float, strike: float, volatility: float, years: float, rate: float
) -> Greeks:
    """How the premium answers to spot, time and volatility."""
    years = max(years, 1e-6)
    d1, d2 = _d1_d2(forward, strike, volatility, years)
    sign = 1.0 if right is Right.CE else -1.0
    discount = math.exp(-rate * years)
    root = math.sqrt(years)
    decay = forward * discount * _density(d1) * volatility / (2 * root)
    carry = sign * rate * strike * discount * _cumulative(sign * d2)
    return Greeks(
        delta=sign * _cumulative(sign * d1),
        gamma=_density(d1) * discount / (forward * volatility * root),
        theta=-(decay + carry) / 365.0,
        vega=forward * discount * _density(d1) * root / 100.0,
    )
