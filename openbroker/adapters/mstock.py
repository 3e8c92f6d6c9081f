"""mStock (Mirae Asset Capital Markets), the Type B of its two trading APIs.

Sources: tradingapi.mstock.com/docs/v1/typeB (User, Orders, Position, Portfolio, Calculate Order
Margin, Market Quote and Instrument, Historical Data, Intraday Chart Data, Option Chain APIs, Top
Gainers and Losers, error-codes; as of 2026-11), the official clients mStock-TradingApi-B 1.0.5 and
its published replies (2025-05), and openalgo's integration (2026-08) where these are silent.  Not
tried with a live account.

There are two APIs over one order system, each with keys and tokens of its own.  Type A looks like
Kite Connect; its one advantage is that its order book shows the tag.  Type B is built, because it
names instruments by number (:mod:`~openbroker.adapters.smartapi`), documents how a session is made
without a proof whose making nobody agrees on, and states every order in full.

What is peculiar:

* A login is two requests: the password gives a handle, which with a code gives the session.  With
  TOTP enabled no SMS is sent.  There is no renewal, and no route that tells the profile.
* Success is spelled ``true``, ``"true"``, ``"True"`` or ``"success"``, and the reply to an order
  may come in a list of one, with ``order_id`` in place of ``orderid``.
* Lists are taken to be ``null`` when empty, as at Angel One, whose shape they have; no sample shows
  one without rows, and the integration takes ``null`` for one.
* The order book leaves out the tag and the variety, calls every exchange NSE or BSE, and shows the
  company's name for the symbol.  A lost order is looked for by its other fields; whether an order
  is a stop follows from its type.  The tag is told by :meth:`MStock.order_details` alone.
* Quotes over REST are last price, open, high, low and close; depth comes by stream only.
* Today's candles have a route of their own, which :meth:`MStock.history` reads as well where the
  span reaches today (openalgo takes past candles to end yesterday).
* No page lists orders in currencies, and none says whether their quantities are units or lots:
  openbroker shows their prices and refuses their orders.
* Stop orders have three spellings in the documentation; the glossary's and the client's is sent.
* The instruments are shown to customers only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote

import attrs

from openbroker.adapters import mstock_master
from openbroker.adapters.base import (
    CredentialField,
    Credentials,
    Master,
    TagRule,
    master_request,
    need,
    only_get,
)
from openbroker.adapters.mstock_tables import (
    CODES,
    FAMILIES,
    FILLS_WIRE,
    HISTORY_WINDOWS,
    LIMITS,
    LOGIN_CODES,
    MARGIN_WIRE,
    QUOTE_MODES,
    ROUTES,
    SEGMENT_NUMBERS,
    TEXTS,
    UNSAID,
    WIRE,
)
from openbroker.adapters.smartapi import Envelope, SmartApi, token_of
from openbroker.adapters.smartapi_tables import Route
from openbroker.adapters.wire import Wire
from openbroker.errors import MalformedReply, Unsupported, UsageError
from openbroker.schemas import (
    INDIA,
    Candle,
    Exchange,
    Funds,
    Holding,
    Instrument,
    InstrumentRow,
    Interval,
    Margin,
    Mover,
    Order,
    OrderRequest,
    Position,
    QuoteMode,
    Session,
    Table,
    Trade,
    Window,
)
from openbroker.schemas.convert import plain
from openbroker.transport.messages import Flow, RateLimit, Reply

NO_HEADERS: Mapping[str, str] = {}
HEADERS: Mapping[str, str] = {"X-Mirae-Version": "1", "Content-Type": "application/json"}

EPOCH = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)
"""From when the option chain counts the seconds to an expiry; its sample's falls on 2025-04-24."""


@attrs.frozen(kw_only=True)
class MStock(SmartApi):
    """The adapter; :data:`MSTOCK` is the broker."""

    wire = WIRE
    routes: ClassVar[Mapping[str, Route]] = ROUTES
    envelope: ClassVar[Envelope] = Envelope(
        codes=CODES,
        families=FAMILIES,
        texts=TEXTS,
        order_ids=("orderid", "order_id"),
        flags={"success": True, "error": False},
        listed=True,
        catch_alls=frozenset({"MA500"}),
    )
    headers: ClassVar[Mapping[str, str]] = HEADERS
    session_tokens: ClassVar[Mapping[str, str]] = {"jwt": "jwtToken"}
    unsaid: ClassVar[Mapping[str, str]] = UNSAID
    quote_modes: ClassVar[Mapping[QuoteMode, str]] = QUOTE_MODES
    quote_batch: ClassVar[int] = 500  # openalgo, 2026-08; no page says
    history_windows: ClassVar[Mapping[Interval, dt.timedelta]] = HISTORY_WINDOWS
    history_segments: ClassVar[Sequence[Exchange]] = tuple(SEGMENT_NUMBERS)
    order_paths: ClassVar[Sequence[str]] = ("orders/", "convertposition")
    limits: ClassVar[Sequence[RateLimit]] = LIMITS
    honours: ClassVar[frozenset[str]] = frozenset({"after_market", "market_protection"})
    tag: ClassVar[TagRule] = TagRule(capacity=19, in_book=False)
    settle_time: ClassVar[dt.timedelta] = dt.timedelta(seconds=30)
    order_warmth: ClassVar[int] = 9
    master_needs_session: ClassVar[bool] = True
    credentials: ClassVar[Sequence[CredentialField]] = (
        CredentialField(name="api_key", title="the API key of Type B from trade.mstock.com"),
        CredentialField(
            name="client_code",
            title="your mStock client code",
            pattern=r"[A-Za-z0-9]{3,20}",
            expects="letters and digits, like MA1234567",
            secret=False,
        ),
        CredentialField(name="password", title="your login password", instead="request_token"),
        CredentialField(
            name="totp_secret",
            title="the TOTP secret of Products > Trading APIs > Enable TOTP at trade.mstock.com",
            pattern=r"[A-Za-z2-7 ]{16,64}=*",
            expects="at least 16 letters A-Z and digits 2-7",
            instead="totp",
        ),
        CredentialField(
            name="totp", title="a code of the app", pattern=r"\d{6}", expects="6 digits",
            instead="otp",
        ),
        CredentialField(
            name="otp", title="the code of the SMS", pattern=r"\d{3,8}", expects="3 to 8 digits",
            instead="access_token",
        ),
        CredentialField(
            name="request_token",
            title="the jwtToken with which connect/login answered when the SMS was sent",
            instead="access_token",
        ),
        CredentialField(name="access_token", title="today's jwtToken, if you have it"),
    )  # fmt: skip
    extras: ClassVar[Sequence[str]] = (
        "order_details", "trades_of", "movers", "option_contracts",
    )  # fmt: skip
    lacks: ClassVar[Mapping[str, str]] = {
        "renew": "a session lasts to midnight and cannot be made longer",
        "profile": "it has no route for it; the login tells the name once",
        "charges": "its calculator tells margins",
        "open_interest": "its candles have none",
        **dict.fromkeys(
            ("place_gtt", "modify_gtt", "cancel_gtt", "gtt", "gtts"), "its API has no such orders"
        ),
    }

    # -- session

    def login(self, credentials: Credentials) -> Flow[Session]:
        api_key, client_code = need(credentials, "api_key"), need(credentials, "client_code")
        keys = {"X-PrivateKey": api_key}
        if "access_token" in credentials:
            jwt = need(credentials, "access_token")
            keys["Authorization"] = f"Bearer {jwt}"
            reply = yield self._request("login", ROUTES["funds"], None, keys=keys)
            self.envelope.data(reply, LOGIN_CODES)
            return self.session_of(reply, {"jwtToken": jwt}, api_key, client_code)
        if "request_token" in credentials:
            handle = need(credentials, "request_token")
        else:
            handle = yield from self._handle(client_code, need(credentials, "password"))
        kind = "totp" if "totp" in credentials else "otp"
        body = {"refreshToken": handle, kind: need(credentials, kind)}
        reply = yield self._request("login", ROUTES[kind], body, keys=keys)
        data = self.envelope.data(reply, LOGIN_CODES)
        return self.session_of(reply, data, api_key, client_code)

    def _handle(self, client_code: str, password: str) -> Flow[str]:
        """What a password gives: no session, but what the second request needs of the first."""
        body = {"clientcode": client_code, "password": password, "totp": "", "state": ""}
        reply = yield self._request("login", ROUTES["login"], body, keys={})
        data = self.envelope.data(reply, LOGIN_CODES)
        handle = token_of(data, "refreshToken") or token_of(data, "jwtToken")
        if not handle:
            raise MalformedReply("the login reply lacks a token")
        return handle

    def logout(self, session: Session) -> Flow[None]:
        self.envelope.opened((yield self._call("logout", session)))

    def funds(self, session: Session) -> Flow[Funds]:
        rows = self._data((yield self._call("funds", session)))
        if not isinstance(rows, list) or not rows:
            raise MalformedReply("the funds are no list of rows @ $.data")
        all_segments = [row for row in rows if isinstance(row, Mapping) and row.get("SEG") == "A"]
        return WIRE.load((all_segments or rows)[0], Funds, at="$.data[0]")

    # -- orders

    def dump_order(self, order: OrderRequest, wire: Wire | None = None) -> dict[str, Any]:
        refuse_currencies(order.target.venue)
        return super().dump_order(order, wire)

    def restated(self, order: Order) -> dict[str, str]:
        refuse_currencies(order.exchange)
        words = {
            "exchange": order.exchange,
            "transactiontype": order.side,
            "ordertype": order.order_type,
            "producttype": order.product,
            "duration": order.validity,
        }
        spelled = {key: str(WIRE.spell(word)) for key, word in words.items() if word is not None}
        if len(spelled) < len(words):
            missing = ", ".join(words.keys() - spelled.keys())
            raise Unsupported(
                f"order {order.order_id} has a {missing} that openbroker does not know; change it "
                "in mStock's own app"
            )
        known = order.instrument
        return spelled | {
            "tradingsymbol": known.broker_symbol if known else order.broker_symbol or "",
            "symboltoken": order.token or "",
            "orderid": order.order_id,
            "quantity": str(order.quantity or 0),
            "price": plain(order.price) if order.price else "0",
            "triggerprice": plain(order.trigger_price) if order.trigger_price else "0",
            "disclosedquantity": str(order.disclosed_quantity or 0),
            "modqty_remng": "0",
        }

    def trades(self, session: Session) -> Flow[list[Trade]]:
        return self._rows(Trade, self._call("trades", session))

    # -- portfolio

    def position_body(self, position: Position) -> dict[str, Any]:
        known = position.instrument
        named = {"tradingsymbol": known.broker_symbol} if known else {}
        return super().position_body(position) | named

    def holdings(self, session: Session) -> Flow[list[Holding]]:
        return self._rows(Holding, self._call("holdings", session))

    def margin(self, session: Session, orders: Sequence[OrderRequest]) -> Flow[Margin]:
        unsaid = {"price": "0", "trigger_price": "0"}
        body = {"orders": [unsaid | self.dump_order(order, MARGIN_WIRE) for order in orders]}
        return self._one(Margin, self._call("margin", session, body))

    # -- market data

    def history(
        self, session: Session, instrument: Instrument, interval: Interval, window: Window
    ) -> Flow[list[Candle]]:
        body = self.span_body(instrument, interval, window)
        reply = yield self._call("history", session, body)
        candles = self._candles_of(reply)
        today = reply.received_at.astimezone(INDIA).date()
        if window.end.astimezone(INDIA).date() < today:
            return candles
        body = {
            "exchange": SEGMENT_NUMBERS[instrument.venue],
            "symboltoken": instrument.token,
            "interval": WIRE.spell(interval),
        }
        request = attrs.evolve(self._call("today", session, body), bucket="history")
        return [*candles, *self._candles_of((yield request))]

    def _candles_of(self, reply: Reply) -> list[Candle]:
        data = self._data(reply)
        if data is None:
            return []
        if not isinstance(data, Mapping) or "candles" not in data:
            raise MalformedReply("the candles are missing @ $.data")
        return self.candles(data["candles"], at="$.data.candles")

    def master(self, headers: Mapping[str, str] = NO_HEADERS) -> Flow[Master]:
        url = self.hosts["rest"] + ROUTES["master"].path
        reply = yield master_request(url, {**HEADERS, **headers})
        if reply.status == 304:
            return None
        if not reply.content.lstrip().startswith(b"[") or reply.status >= 400:
            self.envelope.opened(reply)
            raise MalformedReply("the instrument master is no list", status=reply.status)
        return mstock_master.instruments(reply.content)

    def master_headers(self, session: Session) -> Mapping[str, str]:
        return self.keys_of(session)

    def raw(
        self, session: Session, method: str, path: str, body: object | None = None
    ) -> Flow[Any]:
        return (yield from super().raw(session, "GET", only_get(method, path, body)))

    # -- what only mStock has

    def order_details(
        self, session: Session, order_id: str, segment: str | None = None
    ) -> Flow[Order]:
        """One order with its tag, which the book leaves out; ``segment`` is E for shares and D for
        derivatives.  The id in the row may be the exchange's."""
        body = {"order_no": order_id} | ({"segment": segment} if segment else {})
        rows = WIRE.load_rows(self._data((yield self._call("order_details", session, body))), Order)
        if len(rows) != 1:
            raise MalformedReply(f"asked for one order, got {len(rows)}")
        return rows[0]

    def trades_of(self, session: Session, day: dt.date | str) -> Flow[Table[Trade]]:
        """The executions of one past day; the order ids are the exchange's."""
        date = dt.date.fromisoformat(day) if isinstance(day, str) else day
        body = {"fromdate": date.isoformat(), "todate": date.isoformat()}
        rows = self._data((yield self._call("trades_of", session, body)))
        trades = FILLS_WIRE.load_rows(rows, Trade)
        return Table(Trade, (_on(date, trade) for trade in trades))

    def movers(
        self, session: Session, kind: str = "G", exchange: int = 1, index: int = 13
    ) -> Flow[Table[Mover]]:
        """Shares that moved most today: ``kind`` is G for gainers and L for losers, ``exchange``
        and ``index`` are mStock's numbers (1: NSE; 13: NIFTY 50)."""
        body = {"Exchange": str(exchange), "SecurityIdCode": str(index), "segment": "1",
                "TypeFlag": kind}  # fmt: skip
        return self._table(Mover, self._call("movers", session, body))

    def option_contracts(
        self, session: Session, underlying: str, expiry: dt.date | str, exchange: str = "NFO"
    ) -> Flow[Table[InstrumentRow]]:
        """mStock's own list of an underlying's options of one expiry, calls first;
        ``broker.option_chain`` shows prices too."""
        day = dt.date.fromisoformat(expiry) if isinstance(expiry, str) else expiry
        if exchange not in ("NFO", "BFO"):
            raise Unsupported(f"option chains are told for NFO and BFO, not for {exchange}")
        number = SEGMENT_NUMBERS[Exchange(exchange)]
        call = self._call("option_expiries", session, exchange=number)
        token, seconds = _listed_option(self._data((yield call)), underlying, day)
        parts = {"exchange": number, "expiry": str(seconds), "token": quote(token, safe="")}
        chain = self._data((yield self._call("option_contracts", session, **parts)))
        if not isinstance(chain, Mapping):
            raise MalformedReply("the option chain is no object @ $.data")
        rows = [row for side in ("call", "put") for row in _contracts(chain.get(side), exchange)]
        return Table(InstrumentRow, WIRE.load_rows(rows, InstrumentRow))


def refuse_currencies(exchange: Exchange | None) -> None:
    """Refuse an order whose quantity might be taken for lots.

    Raises:
        Unsupported: the segment is that of currencies.
    """
    if exchange in (Exchange.CDS, Exchange.BCD):
        raise Unsupported(
            "mStock does not say whether quantities in currencies are units or lots; trade them in "
            "its own app"
        )


def _on(day: dt.date, trade: Trade) -> Trade:
    """Past trades tell the time alone."""
    moment = trade.traded_at
    at = None if moment is None else dt.datetime.combine(day, moment.time(), INDIA)
    return attrs.evolve(trade, traded_at=at)


def _contracts(rows: object, exchange: str) -> list[dict[str, str]]:
    """Contracts from texts like ``42313,108000,0``, which begin with the token."""
    texts = rows if isinstance(rows, list) else []
    tokens = [text.partition(",")[0] for text in texts if isinstance(text, str)]
    return [{"exchange": exchange, "token": token} for token in tokens]


def _listed_option(data: object, underlying: str, day: dt.date) -> tuple[str, int]:
    """The number of an underlying, and that of its expiry, from lists like ``NIFTY,26000,8,2``.

    Raises:
        UsageError: there are no such options.
    """
    found = data if isinstance(data, Mapping) else {}
    expiries = found.get("dctExp")
    dated = {} if not isinstance(expiries, Mapping) else expiries
    for text in (*_texts(found.get("OPTIDX")), *_texts(found.get("OFSTK"))):
        name, token, *codes = text.split(",")
        if name == underlying:
            for seconds in (dated.get(code) for code in codes):
                if isinstance(seconds, int) and _day_of(seconds) == day:
                    return token, seconds
    raise UsageError(f"mStock lists no options of {underlying} that expire on {day}")


def _texts(rows: object) -> list[str]:
    listed = rows if isinstance(rows, list) else []
    return [row for row in listed if isinstance(row, str) and row.count(",") > 1]


def _day_of(seconds: int) -> dt.date | None:
    """The day of an expiry; ``None`` for what no clock shows."""
    try:
        return (EPOCH + dt.timedelta(seconds=seconds)).date()
    except OverflowError:
        return None


MSTOCK = MStock(name="mstock", title="mStock", hosts={"rest": "https://api.mstock.trade"})
