"""The Noren family: one order system, many members; a line each, and what is one member's alone.

The system is :mod:`openbroker.adapters.noren_system`, which names the sources and their dates too.
A new member is an instance of :class:`~openbroker.adapters.noren_system.Noren`, or of
:class:`~openbroker.adapters.noren_gtt.NorenGtt` where its documentation has rules good till
triggered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import attrs

from openbroker.adapters.base import Adapter
from openbroker.adapters.noren_gtt import NorenGtt
from openbroker.adapters.noren_routes import ROUTES
from openbroker.adapters.noren_system import Noren
from openbroker.adapters.noren_tables import LIMITS, ORDER_CHANGES
from openbroker.adapters.wire import to_token
from openbroker.errors import InvalidCredentials
from openbroker.schemas import Secret, Session
from openbroker.transport.messages import Flow, RateLimit

FLATTRADE_FILES = tuple(
    f"/scripmaster/{name}.csv"
    for name in (
        "NSE_Equity", "Nfo_Equity_Derivatives", "Nfo_Index_Derivatives", "Currency_Derivatives",
        "Commodity", "BSE_Equity", "Bfo_Index_Derivatives", "Bfo_Equity_Derivatives",
    )
)  # fmt: skip


@attrs.frozen(kw_only=True)
class Zebu(NorenGtt):
    """The member that renews: its tokens last an hour (OAuth, Token Refresh)."""

    lacks: ClassVar[Mapping[str, str]] = {
        name: why for name, why in NorenGtt.lacks.items() if name != "renew"
    } | {"margin": "its documentation has none"}
    margin = Adapter.margin

    def renew(self, session: Session) -> Flow[Session]:
        if "refresh_token" not in session.tokens:
            raise InvalidCredentials("the login brought no refresh token: log in anew")
        held = session.tokens["refresh_token"]
        reply = yield self._post("renew", ROUTES["renew"], {"refresh_token": held.reveal()})
        fresh = self._session(reply, session.account)
        return attrs.evolve(fresh, tokens={"refresh_token": held} | dict(fresh.tokens))

    def _kept(self, found: Mapping[str, Any]) -> dict[str, Secret]:
        token = to_token(found.get("refresh_token"))
        return {"refresh_token": Secret(token)} if token else {}


@attrs.frozen(kw_only=True)
class TradeSmart(Noren):
    """The member whose page has no rules."""

    lacks: ClassVar[Mapping[str, str]] = dict(Noren.lacks) | dict.fromkeys(
        ("place_gtt", "modify_gtt", "cancel_gtt", "gtt", "gtts"), "its documentation has none"
    )


@attrs.frozen(kw_only=True)
class Flattrade(NorenGtt):
    """The member with a limit of orders alone (its page on limits, as an integration quotes it,
    2026-09)."""

    limits: ClassVar[Sequence[RateLimit]] = (
        *LIMITS,
        RateLimit(
            bucket="order_changes", covers=ORDER_CHANGES, urgent=ORDER_CHANGES, per_minute=40
        ),
    )


def at(host: str) -> dict[str, str]:
    """The hosts of a member that has everything at one."""
    return dict.fromkeys(("rest", "login", "master"), f"https://{host}")


SHOONYA = NorenGtt(
    name="shoonya", title="Shoonya", hosts=at("api.shoonya.com"), charts_by_key=True,
    products="CIMB",
)  # fmt: skip
ZEBU = Zebu(name="zebu", title="Zebu", hosts=at("go.mynt.in"))
TRADESMART = TradeSmart(
    name="tradesmart", title="TradeSmart", hosts=at("v2api.tradesmartonline.in"),
    root="/NorenWClientAPIv2", products="CIMBF", basket_margin=False,
)  # fmt: skip
FLATTRADE = Flattrade(
    name="flattrade",
    title="Flattrade",
    hosts={
        "rest": "https://piconnect.flattrade.in",
        "login": "https://auth.flattrade.in",
        "token": "https://authapi.flattrade.in",
        "master": "https://flattrade.s3.ap-south-1.amazonaws.com",
    },
    root="/PiConnectAPI",
    bearer=False,
    own_login=True,
    login_page="/?app_key=",
    tokens_die=dt.time(5, 0),
    products="CIMBF",
    files=FLATTRADE_FILES,
)
