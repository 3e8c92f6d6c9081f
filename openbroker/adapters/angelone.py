"""Angel One, SmartAPI: every route but EDIS, which needs a person at CDSL's page.

Sources: the SmartAPI documentation (smartapi.angelone.in/docs: User, Orders, Portfolio,
LiveMarketData, Historical, GTT, Margin, Brokerage, OptionGreeks, GainersLosers, PCR, OIBuildup,
RateLimit, Instruments; as of 2026-11) and the official clients smartapi-python
1.5.5, smartapi-java 4dfc4af and smartapi-javascript 06b091f.  Not tried with a live account.

What is peculiar:

* HTTP 200 carries refusals. Success is the envelope's own flag, which the application spells
  ``status`` and the gateway in front of it ``success``, and which may be a string.
* Lists are ``null`` when empty; numbers come as numbers or strings, with a blank after the minus.
* Every order has a ``variety`` that its modification and its cancellation have to repeat; only an
  after-market order is cancelled as NORMAL.
* Angel One itself turns every MARKET order into a LIMIT at the last price plus or minus a band; it
  shows as LIMIT in the book and may rest there (:meth:`AngelOne.protection_band`).
* Whether MCX quantities are units or lots is documented nowhere; it is a setting,
  ``mcx_quantity``, and units unless you say otherwise.
* The routes that change GTT rules have two addresses; the setting ``gtt_prefix`` chooses.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import quote

import attrs

from openbroker.adapters import angelone_master
from openbroker.adapters.angelone_bands import limit_at, protection_band
from openbroker.adapters.angelone_tables import (
    AGAIN,
    CHARGES_WIRE,
    CODES,
    HISTORY_SEGMENTS,
    HISTORY_WINDOWS,
    LIMITS,
    LOGIN_CODES,
    LTP_WIRE,
    MARGIN_BATCH,
    MARGIN_WIRE,
    MCX_IN_LOTS,
    RATE_TEXT,
    ROUTES,
    RULE_DAYS,
    RULE_FIGURES,
    RULE_PAGE,
    RULE_PAGES,
    TEXTS,
    WIRE,
    long_date,
)
from openbroker.adapters.base import (
    CredentialField,
    Credentials,
    Master,
    TagRule,
    master_request,
    need,
)
from openbroker.adapters.masters import Units
from openbroker.adapters.smartapi import Envelope, SmartApi
from openbroker.adapters.smartapi_tables import Route
from openbroker.adapters.wire import to_order_id, to_text
from openbroker.errors import InvalidOrder, MalformedReply, TransportError, Unsupported
from openbroker.schemas import (
    INDIA,
    Candle,
    Caution,
    Charges,
    Exchange,
    Funds,
    Greeks,
    Gtt,
    GttChange,
    GttRequest,
    Holding,
    HoldingsTotal,
    Instrument,
    InstrumentRow,
    Interval,
    Leverage,
    Margin,
    Mover,
    OpenInterest,
    Order,
    OrderAck,
    OrderRef,
    OrderRequest,
    Product,
    Profile,
    PutCallRatio,
    Quote,
    Session,
    Table,
    Trade,
    Window,
)
from openbroker.schemas.fields import as_side
from openbroker.transport.messages import Flow, RateLimit, Reply

MASTER = "/OpenAPI_File/files/OpenAPIScripMaster.json"

NO_HEADERS: Mapping[str, str] = {}

HEADERS: Mapping[str, str] = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "X-UserType": "USER",
    "X-SourceID": "WEB",
    "X-ClientLocalIP": "127.0.0.1",
    "X-ClientPublicIP": "127.0.0.1",
    "X-MACAddress": "00:00:00:00:00:00",
}
"""The address headers are asked for and not checked: the static-IP gate looks at the connection."""


@attrs.frozen(kw_only=True)
class AngelOne(SmartApi):
    """The adapter; :data:`ANGELONE` is the broker."""

    wire = WIRE
    routes: ClassVar[Mapping[str, Route]] = ROUTES
    envelope: ClassVar[Envelope] = Envelope(
        codes=CODES, texts=TEXTS, rate_text=RATE_TEXT, catch_alls=frozenset({"AB1007"})
    )
    headers: ClassVar[Mapping[str, str]] = HEADERS
    quote_batch: ClassVar[int] = 50  # LiveMarketData, 2026-11
    order_paths: ClassVar[Sequence[str]] = (
        "placeorder", "modifyorder", "cancelorder", "convertposition", "createrule", "modifyrule",
        "cancelrule",
    )  # fmt: skip
    limits: ClassVar[Sequence[RateLimit]] = LIMITS
    honours: ClassVar[frozenset[str]] = frozenset(
        {"after_market", "market_protection", "accept_caution"}
    )
    tag: ClassVar[TagRule] = TagRule(capacity=15)
    settle_time: ClassVar[dt.timedelta] = dt.timedelta(seconds=30)
    order_warmth: ClassVar[int] = 9
    credentials: ClassVar[Sequence[CredentialField]] = (
        CredentialField(name="api_key", title="the API key of your SmartAPI app"),
        CredentialField(
            name="client_code",
            title="your Angel One client code",
            pattern=r"[A-Za-z0-9]{3,20}",
            expects="letters and digits, like A123456",
            secret=False,
        ),
        CredentialField(
            name="pin", title="your login PIN", pattern=r"\d{4,6}", expects="4 to 6 digits"
        ),
        CredentialField(
            name="totp_secret",
            title="the TOTP secret shown beside the QR code at smartapi.angelone.in/enable-totp",
            pattern=r"[A-Za-z2-7 ]{16,64}=*",
            expects="at least 16 letters A-Z and digits 2-7",
            instead="totp",
        ),
        CredentialField(name="totp", title="a one-time code", pattern=r"\d{6}", expects="6 digits"),
    )
    settings: ClassVar[Sequence[CredentialField]] = (
        CredentialField(
            name="mcx_quantity",
            title="what MCX quantities mean on the wire",
            pattern="units|lots",
            expects="units or lots",
            secret=False,
            default="units",
        ),
        CredentialField(
            name="gtt_prefix",
            title="what stands before the paths that change GTT rules",
            pattern="|/gtt-service",
            expects="empty (the documentation) or /gtt-service (the Python client)",
            secret=False,
            default="",
        ),
    )
    lacks: ClassVar[Mapping[str, str]] = {"oco": "its documentation knows rules with one order"}
    extras: ClassVar[Sequence[str]] = (
        "last_price", "market_limit", "search", "holdings_total", "option_greeks", "movers",
        "put_call_ratios", "open_interest_build_up", "intraday_leverage", "cautions",
    )  # fmt: skip
    history_windows: ClassVar[Mapping[Interval, dt.timedelta]] = HISTORY_WINDOWS
    history_segments: ClassVar[Sequence[Exchange]] = HISTORY_SEGMENTS

    mcx_quantity: str = "units"
    gtt_prefix: str = ""

    def counting(self) -> Units:
        return MCX_IN_LOTS if self.mcx_quantity == "lots" else self.units

    # -- session

    def login(self, credentials: Credentials) -> Flow[Session]:
        api_key, client_code = need(credentials, "api_key"), need(credentials, "client_code")
        body = {
            "clientcode": client_code,
            "password": need(credentials, "pin"),
            "totp": need(credentials, "totp"),
        }
        keys = {"X-PrivateKey": api_key}
        reply = yield self._request("login", ROUTES["login"], body, keys=keys)
        data = self.envelope.data(reply, LOGIN_CODES)
        return self.session_of(reply, data, api_key, client_code)

    def renew(self, session: Session) -> Flow[Session]:
        body = {"refreshToken": session.tokens["refresh"].reveal()}
        reply = yield self._call("renew", session, body)
        api_key = session.tokens["api_key"].reveal()
        return self.session_of(reply, self._data(reply), api_key, session.account)

    def logout(self, session: Session) -> Flow[None]:
        body = {"clientcode": session.account}
        reply = yield self._call("logout", session, body)
        self.envelope.opened(reply)

    def profile(self, session: Session) -> Flow[Profile]:
        return self._one(Profile, self._call("profile", session))

    def funds(self, session: Session) -> Flow[Funds]:
        return self._one(Funds, self._call("funds", session))

    # -- orders

    def refuse_order(self, order: OrderRequest) -> None:
        if order.is_bracket and order.after_market:
            raise Unsupported("a bracket order cannot be placed after the market")
        super().refuse_order(order)

    def order_body(self, order: OrderRequest) -> dict[str, Any]:
        body = super().order_body(order)
        if order.is_bracket:
            body["producttype"] = "BO"
        if order.accept_caution:
            body["scripconsent"] = "yes"
        return body

    def cancelled_as(self, variety: str) -> str:
        return "NORMAL" if variety == "AMO" else variety

    def order(self, session: Session, ref: OrderRef) -> Flow[Order]:
        unique = ref.handle.get("uniqueorderid")
        if not unique:
            return (yield from self._find(session, ref))
        request = self._call("order", session, unique=quote(unique, safe=""))
        order = yield from self._one(Order, request)
        if order.order_id != ref.order_id:
            raise MalformedReply(f"asked for order {ref.order_id}, got {order.order_id}")
        return order

    def trades(self, session: Session) -> Flow[list[Trade]]:
        reply = yield self._call("trades", session)
        day = reply.received_at.astimezone(INDIA).date()
        trades = WIRE.load_rows(self._data(reply), Trade)
        return [attrs.evolve(trade, traded_at=_on(day, trade.traded_at)) for trade in trades]

    # -- portfolio

    def holdings(self, session: Session) -> Flow[list[Holding]]:
        data = self._data((yield self._call("holdings", session)))
        if isinstance(data, Mapping):
            if "holdings" not in data:
                raise MalformedReply("the holdings are missing @ $.data")
            data = data["holdings"]
        return WIRE.load_rows(data, Holding)

    def margin(self, session: Session, orders: Sequence[OrderRequest]) -> Flow[Margin]:
        if len(orders) > MARGIN_BATCH:
            raise InvalidOrder(f"Angel One nets at most {MARGIN_BATCH} orders in one margin")
        body = {
            "positions": [{"price": 0} | self.dump_order(order, MARGIN_WIRE) for order in orders]
        }
        return self._one(Margin, self._call("margin", session, body))

    def charges(self, session: Session, orders: Sequence[OrderRequest]) -> Flow[Charges]:
        for order in orders:
            if order.price is None:
                raise InvalidOrder(f"charges follow from a price; {order.symbol} has none")
        body = {"orders": [self.dump_order(order, CHARGES_WIRE) for order in orders]}
        return self._one(Charges, self._call("charges", session, body))

    # -- market data

    def history(
        self, session: Session, instrument: Instrument, interval: Interval, window: Window
    ) -> Flow[list[Candle]]:
        body = self.span_body(instrument, interval, window)
        reply = yield self._call("history", session, body)
        return self.candles(self._data(reply))

    def open_interest(
        self, session: Session, instrument: Instrument, interval: Interval, window: Window
    ) -> Flow[list[OpenInterest]]:
        body = self.span_body(instrument, interval, window)
        return self._rows(OpenInterest, self._call("open_interest", session, body))

    # -- rules

    def place_gtt(self, session: Session, rule: GttRequest) -> Flow[OrderAck]:
        self.refuse_oco(rule)
        refuse_what_a_rule_cannot(rule)
        body = {"disclosedqty": str(rule.quantity)} | WIRE.dump(rule)
        return self._rule_call("place_gtt", session, body)

    def modify_gtt(self, session: Session, rule: Gtt, change: GttChange) -> Flow[OrderAck]:
        self.refuse_oco(rule)
        kept = {key: to_text(rule.vendor.get(key)) or "0" for key in RULE_FIGURES}
        if change.quantity is not None and change.disclosed_quantity is None:
            kept["disclosedqty"] = str(change.quantity)
        return self._rule_call("modify_gtt", session, _named(rule) | kept | WIRE.dump(change))

    def cancel_gtt(self, session: Session, rule: Gtt) -> Flow[OrderAck]:
        return self._rule_call("cancel_gtt", session, _named(rule))

    def _rule_call(
        self, operation: str, session: Session, body: Mapping[str, Any]
    ) -> Flow[OrderAck]:
        reply = yield self._call(operation, session, body, prefix=self.gtt_prefix)
        data = self._data(reply)
        rule_id = to_order_id(data.get("id")) if isinstance(data, Mapping) else None
        if rule_id is None:
            raise MalformedReply("success without a rule's id", status=reply.status)
        return OrderAck(order_id=rule_id)

    def gtt(self, session: Session, gtt_id: str) -> Flow[Gtt]:
        body = {"id": gtt_id}
        return self._one(Gtt, self._call("gtt", session, body))

    def gtts(self, session: Session, *, done: bool = False) -> Flow[list[Gtt]]:
        statuses = ["NEW", "ACTIVE", "SENTTOEXCHANGE", *(["CANCELLED"] if done else [])]
        rules: dict[str, Gtt] = {}
        for page in range(1, RULE_PAGES + 1):
            body = {"status": statuses, "page": page, "count": RULE_PAGE}
            request = self._call("gtts", session, body)
            rows = yield from self._rows(Gtt, request)
            rules |= {row.gtt_id: row for row in rows}
            if len(rows) < RULE_PAGE:
                break
        return list(rules.values())

    # -- what only Angel One has

    def last_price(self, session: Session, instrument: Instrument) -> Flow[Quote]:
        """One instrument's last price and day, by the route that older programs use."""
        body = {
            "exchange": WIRE.spell(instrument.venue),
            "tradingsymbol": instrument.broker_symbol,
            "symboltoken": instrument.token,
        }
        reply = yield self._call("last_price", session, body)
        return LTP_WIRE.load(self._data(reply), Quote)

    def search(self, session: Session, exchange: str, text: str) -> Flow[Table[InstrumentRow]]:
        """Angel One's own search; ``broker.instruments.search`` knows more and asks nobody."""
        body = {"exchange": exchange, "searchscrip": text}
        return self._table(InstrumentRow, self._call("search", session, body))

    def holdings_total(self, session: Session) -> Flow[HoldingsTotal]:
        """What all holdings are worth together."""
        reply = yield self._call("holdings_total", session)
        data = self._data(reply)
        total = data.get("totalholding") if isinstance(data, Mapping) else None
        return WIRE.load(total or {}, HoldingsTotal)

    def option_greeks(
        self, session: Session, underlying: str, expiry: dt.date | str
    ) -> Flow[Table[Greeks]]:
        """Greeks of an NSE underlying's options of one expiry; market hours only."""
        day = dt.date.fromisoformat(expiry) if isinstance(expiry, str) else expiry
        body = {"name": underlying, "expirydate": long_date(day)}
        return self._table(Greeks, self._call("option_greeks", session, body))

    def movers(
        self, session: Session, kind: str = "PercPriceGainers", expiry: str = "NEAR"
    ) -> Flow[Table[Mover]]:
        """Futures that moved most: ``kind`` is PercPriceGainers, PercPriceLosers, PercOIGainers or
        PercOILosers, ``expiry`` NEAR, NEXT or FAR."""
        body = {"datatype": kind, "expirytype": expiry}
        return self._table(Mover, self._call("movers", session, body))

    def open_interest_build_up(
        self, session: Session, kind: str = "Long Built Up", expiry: str = "NEAR"
    ) -> Flow[Table[Mover]]:
        """Futures by price and interest: ``kind`` is Long Built Up, Short Built Up, Short Covering
        or Long Unwinding."""
        body = {"expirytype": expiry, "datatype": kind}
        return self._table(Mover, self._call("open_interest_build_up", session, body))

    def put_call_ratios(self, session: Session) -> Flow[Table[PutCallRatio]]:
        """Open puts to open calls, by underlying."""
        return self._table(PutCallRatio, self._call("put_call_ratios", session))

    def intraday_leverage(self, session: Session, exchange: str = "NSE") -> Flow[Table[Leverage]]:
        """Shares that may be traded intraday, and how many times the margin."""
        if exchange not in ("NSE", "BSE"):
            raise Unsupported(f"intraday leverage is told for NSE and BSE, not for {exchange}")
        request = self._call("intraday_leverage", session, exchange=exchange.lower())
        return self._table(Leverage, request)

    def cautions(self, session: Session) -> Flow[Table[Caution]]:
        """Shares whose orders need ``accept_caution=True``."""
        return self._table(Caution, self._call("cautions", session))

    def market_limit(
        self, session: Session, instrument: Instrument, side: str
    ) -> Flow[Decimal | None]:
        """The limit price, in rupees, that a MARKET order would become at the present last price;
        ``None`` where no band is published."""
        way = as_side(side)
        quote = yield from self.last_price(session, instrument)
        band = quote.last_price and protection_band(instrument, quote.last_price)
        if not quote.last_price or band is None:
            return None
        return limit_at(way, quote.last_price, band, instrument.tick_size)

    # -- market protection

    def protection_band(self, instrument: Instrument, last_price: Decimal) -> Decimal | None:
        """How far from the last price, in per cent, a MARKET order becomes a LIMIT order.

        ``None`` where Angel One publishes no band (currency). Which side of a step a premium of
        exactly 10, 20 or 50 rupees falls on is not published; the narrower band is given.
        """
        return protection_band(instrument, last_price)

    def master(self, headers: Mapping[str, str] = NO_HEADERS) -> Flow[Master]:
        try:
            reply = yield master_request(self.hosts["master"] + MASTER, headers)
        except TransportError:
            reply = yield master_request(self.hosts["master_old"] + MASTER, headers)
        return None if reply.status == 304 else angelone_master.instruments(reply.content)

    # -- replies

    def asks_to_wait(self, reply: Reply) -> bool:
        head = reply.content[:400]
        return (
            reply.status == 429
            or (reply.status == 403 and any(text in head.lower() for text in _RATE_BYTES))
            or (len(head) < 400 and any(code in head for code in AGAIN))
        )


_RATE_BYTES = tuple(text.encode() for text in RATE_TEXT)


def refuse_what_a_rule_cannot(rule: GttRequest) -> None:
    """What Angel One's rules do not take (GTT, 2026-11).

    Raises:
        Unsupported: another segment than shares, another product than CNC and MTF, over a year.
    """
    if rule.target.exchange not in (Exchange.NSE, Exchange.BSE):
        raise Unsupported("Angel One's GTT rules are for NSE and BSE shares")
    if rule.product not in (Product.CNC, Product.MTF):
        raise Unsupported("Angel One's GTT rules take the products CNC and MTF")
    if rule.valid_days is not None and rule.valid_days > RULE_DAYS:
        raise Unsupported(f"Angel One keeps a rule for {RULE_DAYS} days at the most")


def _named(rule: Gtt) -> dict[str, str]:
    """What a change of a rule has to repeat of it."""
    named = {key: to_text(rule.vendor.get(key)) or "" for key in ("symboltoken", "exchange")}
    return {"id": rule.gtt_id} | named


def _on(day: dt.date, moment: dt.datetime | None) -> dt.datetime | None:
    """A time of day, which is all that the trade book gives, on the day of the reply."""
    if moment is None or moment.year > _NO_YEAR:
        return moment
    return dt.datetime.combine(day, moment.time(), INDIA)


_NO_YEAR = 1900
"""What ``strptime`` makes of a time without a date."""


ANGELONE = AngelOne(
    name="angelone",
    title="Angel One",
    hosts={
        "rest": "https://apiconnect.angelone.in",
        "master": "https://margincalculator.angelone.in",
        "master_old": "https://margincalculator.angelbroking.com",
    },
)
