"""Rules of the Indian market that can stop an order: dated data with a source each.

Regulation and exchange hours change by circular; nothing here is compiled into the order path.
``openbroker doctor`` prints what is in force and what is announced.  It is no legal advice.

Read through the vendors' pages and the press, not from the circulars themselves; each rule names
where to look.  :data:`READ` is when all of them were read last: what was announced later is not in
here.

There is no calendar of holidays and special sessions, of this year or the next.  Nothing here needs
one: whether a market is open is what the broker answers, and a day's master is fetched whether the
day trades or not.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Final

from attrs import frozen

from openbroker.schemas import Record, Table


@frozen(kw_only=True)
class Rule(Record):
    """One rule.

    Attributes:
        subject: what it is about.
        text: what it says, in a sentence.
        since: the first day it holds.
        until: the last day it holds; ``None`` while no end is known.
        broker: the only broker it is about; ``None`` for all.
        source: where to read it.
    """

    COLUMNS: ClassVar[tuple[str, ...]] = ("subject", "since", "until", "text", "source")

    subject: str
    text: str
    since: dt.date
    until: dt.date | None = None
    broker: str | None = None
    source: str

    def is_in_force(self, day: dt.date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


READ: Final = dt.date(2026, 11, 22)
"""When the rules were last held against their sources."""

_SEBI: Final = "SEBI/HO/MIRSD/MIRSD-PoD/P/CIR/2025/0000013 (2025-02-04), postponed by .../132"

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        subject="static IP",
        since=dt.date(2026, 4, 1),
        text=(
            "API orders (place, modify, cancel, GTT) must come from an address that is registered "
            "with the broker; reads and login may come from anywhere."
        ),
        source=_SEBI,
    ),
    Rule(
        subject="static IP",
        since=dt.date(2026, 4, 1),
        broker="angelone",
        text=(
            "IPv4 only; register it with the API key at smartapi.angelone.in. It can be changed "
            "once a calendar week, and belongs to one app."
        ),
        source="SmartAPI documentation, Orders and GTT (2026-11)",
    ),
    Rule(
        subject="order rate",
        since=dt.date(2026, 4, 1),
        text="10 orders a second and more, per exchange segment, need a registered algorithm.",
        source=_SEBI + "; NSE/INVG/67858 (2025-05-05)",
    ),
    Rule(
        subject="order rate",
        since=dt.date(2026, 4, 1),
        broker="angelone",
        text="9 orders a second, place, modify and cancel together; openbroker keeps to it.",
        source="SmartAPI documentation, RateLimit (2026-11)",
    ),
    Rule(
        subject="market orders",
        since=dt.date(2024, 12, 17),
        broker="angelone",
        text=(
            "Angel One turns a MARKET order into a LIMIT at the last price and a band (0.5 % for "
            "shares); it can rest unfilled, so watch it."
        ),
        source="Angel One news, Market Price Protection (2024-12-17)",
    ),
    Rule(
        subject="static IP",
        since=dt.date(2026, 4, 1),
        broker="dhan",
        text=(
            "An address of your own, IPv4 or IPv6, a second one beside it; set at web.dhan.co. "
            "Once set it stays for 7 days."
        ),
        source="dhanhq.co/docs/v2, Authentication, Setup Static IP (2026)",
    ),
    Rule(
        subject="market orders",
        since=dt.date(2026, 3, 21),
        broker="dhan",
        text="Dhan turns a MARKET order into a limit in a band of its own.",
        source="dhanhq.co/docs/v2, Orders, disclaimer (2026)",
    ),
    Rule(
        subject="stop-market orders",
        since=dt.date(2026, 4, 1),
        broker="dhan",
        text="Dhan fills SL-M at once or refuses it (DH-906), so openbroker refuses it; use SL.",
        source="integrations of Dhan, 2026-08; published nowhere",
    ),
    Rule(
        subject="static IP",
        since=dt.date(2026, 4, 1),
        broker="upstox",
        text=(
            "Register it in the developer console and log in anew afterwards: a token keeps the "
            "address it was made under (UDAPI1154)."
        ),
        source="upstox.com/developer/api-documentation, Place Order V3 (2026)",
    ),
    Rule(
        subject="market orders",
        since=dt.date(2026, 4, 1),
        broker="upstox",
        text="MARKET and SL-M need market_protection: up to 25 per cent, or 'broker' (UDAPI1158).",
        source="upstox.com/developer/api-documentation, Market Price Protection (2026-03-11)",
    ),
    Rule(
        subject="commodities",
        since=dt.date(2026, 4, 1),
        broker="upstox",
        text="MCX orders by API are refused for the time being (UDAPI1161).",
        source="upstox.com/developer/api-documentation, Place Order V3 (2026); seen 2026-09-23",
    ),
    Rule(
        subject="market orders",
        since=dt.date(2026, 4, 1),
        broker="zerodha",
        text="MARKET and SL-M need market_protection: a percentage, or 'broker'.",
        source="kite.trade/docs/connect/v3, Orders (2026-11)",
    ),
    Rule(
        subject="static IP",
        since=dt.date(2026, 4, 1),
        broker="fyers",
        text=(
            "Orders are taken only from an app of the new kind and the address registered with "
            "it; an app made before places none. One address is shared by a family on request."
        ),
        source="support.fyers.in, new SEBI rules for retail algo trading (2026-03-31)",
    ),
    Rule(
        subject="login",
        since=dt.date(2026, 4, 1),
        broker="fyers",
        text=(
            "The second factor is asked once every trading day; sessions that only refresh tokens "
            "are not supported, so renewal may be refused."
        ),
        source="support.fyers.in, new SEBI rules for retail algo trading (2026-03-31)",
    ),
    Rule(
        subject="market orders",
        since=dt.date(2026, 4, 1),
        broker="fyers",
        text=(
            "Fyers turns a MARKET order into a limit in a band of its own (derivatives: 0.5 to 15 "
            "per cent, by price); it can rest unfilled, so watch it."
        ),
        source="support.fyers.in, Market Price Protection (2026)",
    ),
    Rule(
        subject="static IP",
        since=dt.date(2026, 4, 1),
        broker="shoonya",
        text=(
            "A first and a second address, registered where the API key is made; without one the "
            "login is refused as well."
        ),
        source="Shoonya, API Key Generation (2026), as integrations report it",
    ),
    Rule(
        subject="static IP",
        since=dt.date(2026, 4, 1),
        broker="flattrade",
        text=(
            "A first and, if you want, a second address, set with the API key; the token is given "
            "to a registered address alone."
        ),
        source="pi.flattrade.in/docs, Introduction and Login Flow (2026-04-07)",
    ),
    Rule(
        subject="static IP",
        since=dt.date(2026, 4, 1),
        broker="zebu",
        text="A first address has to be set where the client id and its secret are made.",
        source="zebumyntapi.web.app, OAuth, Introduction (2026)",
    ),
    Rule(
        subject="static IP",
        since=dt.date(2026, 4, 1),
        broker="tradesmart",
        text="Set it with the app's name and redirect address, at web.tradesmartonline.in/api.",
        source="TradeSmart Trading API, Quick start (2026)",
    ),
    *(
        Rule(
            subject="market orders",
            since=dt.date(2026, 4, 1),
            broker=broker,
            text="MARKET and SL-M orders by API are blocked; use LIMIT and SL.",
            source="integrations of the Noren system's members, 2026-08; published nowhere",
        )
        for broker in ("shoonya", "tradesmart", "zebu")
    ),
    Rule(
        subject="market orders",
        since=dt.date(2026, 4, 1),
        broker="flattrade",
        text="Orders by API are LIMIT or SL; their price cannot be zero.",
        source="pi.flattrade.in/docs, Place Orders (2026-04-07)",
    ),
    Rule(
        subject="static IP",
        since=dt.date(2026, 4, 1),
        broker="mstock",
        text=(
            "A primary and a secondary address, set at the API key on trade.mstock.com; from "
            "others quotes are refused as well (IA403)."
        ),
        source="integrations of mStock's Type B, 2026; its documentation is silent",
    ),
    Rule(
        subject="market orders",
        since=dt.date(2026, 4, 1),
        broker="mstock",
        text=(
            "mStock's requests have no market protection and its trade book shows one "
            "(MKT_PROTECT_VAL): take it that a MARKET order becomes a limit in a band of its own."
        ),
        source="tradingapi.mstock.com/docs/v1/typeB, Orders (2026-11)",
    ),
    Rule(
        subject="stop-market orders",
        since=dt.date(2021, 9, 27),
        text="Exchanges take no SL-M order on options; use SL.",
        source="NSE and BSE circulars of 2021-09, as reported by brokers",
    ),
    Rule(
        subject="hours",
        since=dt.date(2026, 8, 3),
        text=(
            "Shares trade from 09:15, with a closing auction from 15:15 to 15:35 for those that "
            "have derivatives; equity derivatives trade to 15:40."
        ),
        source="NSE circular on the closing auction session (2026-05)",
    ),
    Rule(
        subject="hours",
        since=dt.date(2026, 12, 7),
        text="The exchanges have announced a further change of the session; see their circulars.",
        source="NSE and BSE announcements (2026)",
    ),
)


def rules_for(broker: str, today: dt.date) -> Table[Rule]:
    """What holds for a broker today or is announced; what has ended is left out."""
    return Table(
        Rule,
        (
            rule
            for rule in RULES
            if rule.broker in (None, broker) and (rule.until is None or today <= rule.until)
        ),
    )


__all__ = ["READ", "RULES", "Rule", "rules_for"]
