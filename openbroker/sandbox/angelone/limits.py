"""Angel One's rate limits.

Source: the documentation's page RateLimit, read November 2026: calls a second, a minute and an
hour, counted per client code.  Order placing, modifying and cancelling share the second; each has
its own minute and hour.  Routes that the page does not list are given one a second.
"""

from __future__ import annotations

from collections.abc import Mapping

from openbroker.sandbox.rate_windows import ONE_A_SECOND, Limit

_ORDERS = Limit(second=9, minute=500, hour=1000, shares={"orders": 9})
_DATA = Limit(second=10, minute=500, hour=5000)
_CANDLES = Limit(second=3, minute=180, hour=5000, shares={"candles": 3})
_GTT_WRITE = Limit(second=9, minute=500, hour=5000)
_ONE = ONE_A_SECOND

ANGELONE: Mapping[str, Limit] = {
    "login": _ONE,
    "renew": Limit(second=1, hour=1000),
    "profile": Limit(second=3, hour=1000),
    "logout": _ONE,
    "funds": Limit(second=2),
    "place": _ORDERS,
    "modify": _ORDERS,
    "cancel": _ORDERS,
    "orders": _ONE,
    "trades": _ONE,
    "positions": _ONE,
    "holdings": _ONE,
    "all_holdings": _ONE,
    "search": _ONE,
    "order": _DATA,
    "ltp": _DATA,
    "quote": _DATA,
    "convert": _DATA,
    "margin": _DATA,
    "gtt_create": _GTT_WRITE,
    "gtt_modify": _GTT_WRITE,
    "gtt_cancel": _GTT_WRITE,
    "gtt_details": _DATA,
    "gtt_list": _DATA,
    "candles": _CANDLES,
    "open_interest": _CANDLES,
}
