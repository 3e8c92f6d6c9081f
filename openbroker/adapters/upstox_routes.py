"""Where each of Upstox's operations goes, as data.

Sources and dates as in :mod:`openbroker.adapters.upstox`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from attrs import frozen

from openbroker.errors import UsageError
from openbroker.schemas import QuoteMode
from openbroker.transport.messages import Effect


@frozen
class Route:
    """Where an operation goes.

    Attributes:
        method, path: as the documentation writes them; an empty path is made by the flow.
        effect: what the request may do.
        host: orders have one of their own.
        is_named: whether the name of a registered algorithm is told.
    """

    method: str
    path: str
    effect: Effect = Effect.READ
    host: str = "rest"
    is_named: bool = False


def _order(method: str, path: str) -> Route:
    return Route(method, path, Effect.ORDER, "orders", is_named=True)


def _rule(method: str, path: str) -> Route:
    return Route(method, path, Effect.ORDER, is_named=True)


LOGIN_PAGE = "/v2/login/authorization/dialog"
TOKEN_PATH = "/v2/login/authorization/token"  # noqa: S105 - a path

ROUTES: Mapping[str, Route] = {
    "login": Route("GET", "/v2/user/profile"),
    "logout": Route("DELETE", "/v2/logout", Effect.SESSION),
    "profile": Route("GET", "/v2/user/profile"),
    "funds": Route("GET", "/v2/user/get-funds-and-margin"),
    "place_order": _order("POST", "/v3/order/place"),
    "modify_order": _order("PUT", "/v3/order/modify"),
    "cancel_order": _order("DELETE", "/v3/order/cancel"),
    "orders": Route("GET", "/v2/order/retrieve-all"),
    "order": Route("GET", "/v2/order/details"),
    "order_by_tag": Route("GET", "/v2/order/history"),
    "order_history": Route("GET", "/v2/order/history"),
    "order_trades": Route("GET", "/v2/order/trades"),
    "trades": Route("GET", "/v2/order/trades/get-trades-for-day"),
    "positions": Route("GET", "/v2/portfolio/short-term-positions"),
    "mtf_positions": Route("GET", "/v3/portfolio/mtf-positions"),
    "convert_position": Route("PUT", "/v2/portfolio/convert-position", Effect.ORDER),
    "holdings": Route("GET", "/v2/portfolio/long-term-holdings"),
    "margin": Route("POST", "/v2/charges/margin"),
    "charges": Route("GET", "/v2/charges/brokerage"),
    "place_gtt": _rule("POST", "/v3/order/gtt/place"),
    "modify_gtt": _rule("PUT", "/v3/order/gtt/modify"),
    "cancel_gtt": _rule("DELETE", "/v3/order/gtt/cancel"),
    "gtt": Route("GET", "/v3/order/gtt"),
    "gtts": Route("GET", "/v3/order/gtt"),
    "quotes": Route("GET", ""),
    "history": Route("GET", ""),
    "option_greeks": Route("GET", "/v2/option/chain"),
    "static_ips": Route("GET", "/v2/user/ip"),
    "set_static_ips": Route("PUT", "/v2/user/ip", Effect.SESSION),
    "kill_switch": Route("GET", "/v2/user/kill-switch"),
    "set_kill_switch": Route("POST", "/v2/user/kill-switch", Effect.SESSION),
    "raw": Route("GET", ""),
}
"""The login's is for a token that is there already; a code is exchanged at :data:`TOKEN_PATH`."""

QUOTE_PATHS: Mapping[QuoteMode, str] = {
    QuoteMode.LTP: "/v3/market-quote/ltp",
    QuoteMode.OHLC: "/v3/market-quote/quotes",
    QuoteMode.FULL: "/v3/market-quote/quotes",
}

QUOTE_BATCH = 500
"""Instruments in one request (Full Market Quote, 2026)."""

MARGIN_BATCH = 20
"""Orders in one margin (Margin, 2026)."""


def quotes_path(mode: QuoteMode, keys: Iterable[str]) -> str:
    """The address of quotes; the keys stand in it with their commas."""
    return f"{QUOTE_PATHS[mode]}?instrument_key={quote(','.join(keys), safe=',')}"


def candles_path(key: str, unit: str, *days: str) -> str:
    """The address of candles up to the first day from the second, or of today's without days."""
    parts = (quote(key, safe=""), unit, *days)
    return "/v3/historical-candle/" + "/".join(parts if days else ("intraday", *parts))


def chain_query(key: str, expiry: dt.date | str) -> dict[str, str]:
    """The question for an option chain.

    Raises:
        UsageError: the expiry is no day.
    """
    try:
        day = dt.date.fromisoformat(expiry) if isinstance(expiry, str) else expiry
    except ValueError:
        raise UsageError(f"expiry {expiry!r:.40} is not a day; write 2026-11-24") from None
    return {"instrument_key": key, "expiry_date": f"{day:%Y-%m-%d}"}


ORDERS = frozenset(name for name, route in ROUTES.items() if route.is_named)
READS = frozenset(ROUTES) - ORDERS
"""The operations that are limited together."""
