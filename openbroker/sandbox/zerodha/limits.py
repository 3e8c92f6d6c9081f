"""Kite's rate limits.

Source: kite.trade/docs/connect/v3, page Exceptions, and the notice of March 2026 on the ten orders
a second that hold since April: quotes one a second, history three, orders ten (placing, changing
and cancelling together), everything else ten; 400 orders a minute, 5000 a day.
"""

from __future__ import annotations

from collections.abc import Mapping

from openbroker.sandbox.rate_windows import Limit

_ORDERS = Limit(minute=400, day=5000, shares={"orders": 10})
_QUOTES = Limit(shares={"quotes": 1})

ZERODHA: Mapping[str, Limit] = {
    "place": _ORDERS,
    "modify": _ORDERS,
    "cancel": _ORDERS,
    "quote": _QUOTES,
    "ohlc": _QUOTES,
    "ltp": _QUOTES,
    "history": Limit(second=3),
}
UNLISTED = Limit(second=10)
