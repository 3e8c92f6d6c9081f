"""The Noren family's routes, as data.

Sources and dates as in :mod:`openbroker.adapters.noren_system`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from openbroker.transport.messages import Effect


class Route(NamedTuple):
    """One of the system's routes; all are POST."""

    path: str
    effect: Effect = Effect.READ


ROUTES: Mapping[str, Route] = {
    "login": Route("/GenAcsTok", Effect.SESSION),
    "renew": Route("/RefreshToken", Effect.SESSION),
    "logout": Route("/Logout", Effect.SESSION),
    "profile": Route("/UserDetails"),
    "place_order": Route("/PlaceOrder", Effect.ORDER),
    "modify_order": Route("/ModifyOrder", Effect.ORDER),
    "cancel_order": Route("/CancelOrder", Effect.ORDER),
    "orders": Route("/OrderBook"),
    "order_history": Route("/SingleOrdHist"),
    "trades": Route("/TradeBook"),
    "positions": Route("/PositionBook"),
    "convert_position": Route("/ProductConversion", Effect.ORDER),
    "holdings": Route("/Holdings"),
    "funds": Route("/Limits"),
    "margin": Route("/GetOrderMargin"),
    "basket_margin": Route("/GetBasketMargin"),
    "quotes": Route("/GetQuotes"),
    "history": Route("/TPSeries"),
    "daily_history": Route("/EODChartData"),
    "place_gtt": Route("/PlaceGTTOrder", Effect.ORDER),
    "modify_gtt": Route("/ModifyGTTOrder", Effect.ORDER),
    "cancel_gtt": Route("/CancelGTTOrder", Effect.ORDER),
    "place_two_legs": Route("/PlaceOCOOrder", Effect.ORDER),
    "modify_two_legs": Route("/ModifyOCOOrder", Effect.ORDER),
    "cancel_two_legs": Route("/CancelOCOOrder", Effect.ORDER),
    "gtts": Route("/GetPendingGTTOrder"),
}

RAW_READS = frozenset(
    {
        "ClientDetails", "ExchMsg", "GetBasketMargin", "GetEnabledGTTs", "GetIndexList",
        "GetLinkedScrips", "GetOptionChain", "GetOptionGreek", "GetOrderMargin",
        "GetPendingGTTOrder", "GetQuotes", "GetSecurityInfo", "GetUnderlyingInfo", "Holdings",
        "Limits", "MWList", "MarketWatch", "OrderBook", "PositionBook", "SearchScrip",
        "SingleOrdHist", "SingleOrdStatus", "SpanCalc", "TopList", "TradeBook", "UserDetails",
    }
)  # fmt: skip
"""What the escape hatch reads; every route is POST, so the method tells nothing."""
