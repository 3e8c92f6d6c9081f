"""The Noren order system (Kambala's), as all its members have it.

The members themselves are lines of :mod:`openbroker.adapters.noren`; their rules good till
triggered are in :mod:`openbroker.adapters.noren_gtt`.

Sources: the official clients NorenRestApiPy 0.0.22 and norenrestapioauth 0.0.41, whose requests are
recorded and compared with ours (2026-11-22); Shoonya-Dev/ShoonyaApi-py README (10c719c);
shoonya.com/api-documentation, zebumyntapi.web.app (OAuth), pi.flattrade.in/docs (2026-04-07) and
TradeSmart's Trading API (2026); profitmax.profitmart.in/ApiDocs and docs.infinn.in (margins);
integrations of all four members as of 2026-08.  Not tried with a live account.

What is peculiar:

* Every route is POST with the literal text ``jData=<JSON>``: the JSON is not percent-encoded, but
  symbols inside it are, since the server cuts the body at every ``&``.  All values are texts.
* The token travels as a bearer header, or in the body as ``&jKey=`` (Flattrade's calls; Shoonya's
  charts).
* Success is ``stat`` in the body; refusals are words without codes; an empty list is a refusal too
  (*no data*).  What a refusal proves stands in its first words: ``Rejected`` and ``Invalid Input``
  deny the order, whatever follows.  That nothing was sent proves only a text that is one of the
  gateway's own from end to end (a dead token, too many requests).  Any other proves nothing.
* Status words vary in case and between ``_`` and a blank.
* Since 2026-04-01 members block MARKET and SL-M orders that come by API (*Market order with Algo Id
  not allowed*); Flattrade's page names LMT and SL-LMT alone.  Such an order is refused here.
* ``amo`` is *Yes* or absent; any other word is an *Invalid AMO* (Shoonya, Flattrade).
* A bracket is product ``B``; ``bpprc``, ``blprc`` and ``trailprc`` are distances from its price, as
  TradeSmart's page says (*differential*).
* A modification repeats the order: total quantity, prices, exchange and symbol.
* Orders need a registered static address; reads do not (retail algorithm rules, 2026-04-01).
* Tokens last a trading day; Flattrade's are cleared from 05:00, Zebu's last an hour and are
  renewed.
* The length of ``remarks``, the tag, is published nowhere; 20 characters is what we ask of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

import attrs

from openbroker.adapters import noren_master
from openbroker.adapters.base import (
    Adapter,
    CredentialField,
    Credentials,
    Master,
    Refusal,
    TagRule,
    coming,
    json_request,
    need,
    read_body,
    refusal_of,
)
from openbroker.adapters.masters import Units
from openbroker.adapters.noren_routes import RAW_READS, ROUTES, Route
from openbroker.adapters.noren_tables import (
    BRACKET,
    DAILY_INDICES,
    DENIALS,
    HISTORY_WINDOWS,
    INTERVALS,
    LIMITS,
    LOGIN_TEXTS,
    NO_DATA,
    NOT_IN_MARGINS,
    RATE_BYTES,
    STOPPED,
    TEXTS,
    WIRE,
)
from openbroker.adapters.rules import refuse_misfit
from openbroker.adapters.sources import at_epoch
from openbroker.adapters.wire import (
    BadValue,
    printable,
    read_json,
    to_decimal,
    to_id,
    to_order_id,
    to_text,
    to_token,
)
from openbroker.errors import BrokerUnavailable, MalformedReply, Outcome, Unsupported
from openbroker.schemas import (
    Candle,
    Funds,
    Holding,
    Instrument,
    Interval,
    Margin,
    Order,
    OrderAck,
    OrderChange,
    OrderRef,
    OrderRequest,
    OrderType,
    Position,
    Product,
    Profile,
    Quote,
    QuoteMode,
    Secret,
    Session,
    Table,
    Trade,
    Window,
)
from openbroker.transport.messages import Effect, Flow, RateLimit, Reply, Request

T = TypeVar("T")

NO_HEADERS: Mapping[str, str] = {}
NO_FIELDS: Mapping[str, Any] = {}
SOURCE = {"ordersource": "API"}
"""Where a change comes from; the members tell the exchange."""

SYMBOL_FILES = tuple(f"/{name}_symbols.txt.zip" for name in ("NSE", "NFO", "CDS", "MCX", "BSE",
                                                             "BFO"))  # fmt: skip
OAUTH_PAGE = "/OAuthlogin/authorize/oauth?client_id="

REPEATED = ("exch", "tsym", "qty", "prctyp", "prc", "ret")
"""What a modification says again of the order as it stands."""

OK = frozenset({"ok"})
LONGEST_LIFE = dt.timedelta(days=30)
"""A greater ``expires_in`` is a moment, not a length of time."""


@attrs.frozen(kw_only=True)
class Noren(Adapter):
    """The adapter; its instances are the members.

    Attributes:
        root: what stands before every path.
        bearer: the token travels as a header; else in the body.
        charts_by_key: candles are asked for with the token in the body all the same.
        own_login: Flattrade's exchange of the code, at a host of its own.
        login_page: the login page's address but for the API key.
        tokens_die: when all tokens are cleared, in India, where that is known.
        products: the letters of the products that the member's documentation has.
        basket_margin: several orders' margin is told together.
        files: the instrument master's files.
    """

    root: str = "/NorenWClientAPI"
    bearer: bool = True
    charts_by_key: bool = False
    own_login: bool = False
    login_page: str = OAUTH_PAGE
    tokens_die: dt.time | None = None
    products: str = "CIM"
    basket_margin: bool = True
    files: tuple[str, ...] = SYMBOL_FILES

    wire = WIRE
    limits: ClassVar[Sequence[RateLimit]] = LIMITS
    units: ClassVar[Units] = noren_master.UNITS
    honours: ClassVar[frozenset[str]] = frozenset({"after_market"})
    extras: ClassVar[Sequence[str]] = ("order_history",)
    tag: ClassVar[TagRule] = TagRule(capacity=20)
    history_windows: ClassVar[Mapping[Interval, dt.timedelta]] = HISTORY_WINDOWS
    login_parameter: ClassVar[str | None] = "code"
    lacks: ClassVar[Mapping[str, str]] = {
        "renew": "a session lasts one trading day, and then the login page is needed",
        "order_by_tag": "the book is read instead",
        "open_interest": "it comes with the candles",
        "charges": "no route tells them",
    }
    credentials: ClassVar[Sequence[CredentialField]] = (
        CredentialField(
            name="client_code",
            title="your client code",
            pattern=r"[A-Za-z0-9_]{2,30}",
            expects="letters and digits",
            secret=False,
        ),
        CredentialField(
            name="api_key",
            title="the API key (client id, app key) of your app",
            instead="access_token",
        ),
        CredentialField(
            name="api_secret", title="the secret of the app", instead="access_token"
        ),
        CredentialField(
            name="code",
            title="what the login page's redirect brings; it serves once",
            instead="access_token",
        ),
        CredentialField(name="access_token", title="today's token, if you have it"),
    )  # fmt: skip

    # -- session

    def login_url(self, credentials: Credentials) -> str:
        return f"{self.hosts['login']}{self.login_page}" + quote(need(credentials, "api_key"))

    def login(self, credentials: Credentials) -> Flow[Session]:
        client = need(credentials, "client_code")
        if "access_token" in credentials:
            token = need(credentials, "access_token")
            reply = yield self._post("login", ROUTES["profile"], {"uid": client}, token)
            return self._session(reply, client, token)
        key, secret, code = (need(credentials, n) for n in ("api_key", "api_secret", "code"))
        if self.own_login:
            proof = {"api_key": key, "request_code": code, "api_secret": digest(key, code, secret)}
            url = self.hosts["token"] + "/trade/apitoken"
            reply = yield json_request(
                "POST", url, proof, headers={"Content-Type": "application/json"},
                operation="login", effect=Effect.SESSION, bucket="login",
            )  # fmt: skip
        else:
            proof = {"code": code, "checksum": digest(key, secret, code), "uid": client}
            reply = yield self._post("login", ROUTES["login"], proof)
        return self._session(reply, client)

    def logout(self, session: Session) -> Flow[None]:
        reply = yield self._call("logout", session)
        self._object(reply)

    def profile(self, session: Session) -> Flow[Profile]:
        return self._one(Profile, self._call("profile", session))

    def funds(self, session: Session) -> Flow[Funds]:
        return self._one(Funds, self._call("funds", session, {"actid": session.account}))

    # -- orders

    def place_order(self, session: Session, order: OrderRequest) -> Flow[OrderAck]:
        refuse_misfit(order)
        fields = SOURCE | {"actid": session.account, "dscqty": "0"} | self._fields(order)
        if order.after_market:
            fields["amo"] = "Yes"
        reply = yield self._call("place_order", session, fields)
        return self._ack(reply, "norenordno")

    def modify_order(self, session: Session, order: Order, change: OrderChange) -> Flow[OrderAck]:
        row = order.vendor
        if change.order_type is not None:
            self._refuse_unpriced(change.order_type)
        kept = {key: to_text(row.get(key)) or "" for key in REPEATED}
        fields = kept | {"tsym": quote(kept["tsym"], safe="")} | self.dump_change(change, order)
        kind = change.order_type or order.order_type
        if kind is None or kind.has_trigger:
            fields.setdefault("trgprc", to_text(row.get("trgprc")) or "0")
        if kind is not None and not kind.has_price:
            fields["prc"] = "0"
        fields |= SOURCE | {"actid": session.account, "norenordno": order.order_id}
        reply = yield self._call("modify_order", session, fields)
        return self._ack(reply, "result")

    def cancel_order(self, session: Session, ref: OrderRef) -> Flow[OrderAck]:
        reply = yield self._call("cancel_order", session, SOURCE | {"norenordno": ref.order_id})
        return self._ack(reply, "result")

    def orders(self, session: Session) -> Flow[list[Order]]:
        return self._rows(Order, self._call("orders", session))

    def order_history(self, session: Session, order_id: str) -> Flow[Table[Order]]:
        """Every state of one order, as the broker lists them: the latest first in its samples."""
        fields = {"norenordno": order_id}
        return self._table(Order, self._call("order_history", session, fields))

    def trades(self, session: Session) -> Flow[list[Trade]]:
        return self._rows(Trade, self._call("trades", session, {"actid": session.account}))

    # -- portfolio

    def positions(self, session: Session) -> Flow[list[Position]]:
        return self._rows(Position, self._call("positions", session, {"actid": session.account}))

    def convert_position(
        self, session: Session, position: Position, product: Product, quantity: int
    ) -> Flow[None]:
        row = position.vendor
        fields = SOURCE | {
            "actid": session.account,
            "exch": to_text(row.get("exch")) or "",
            "tsym": quote(position.broker_symbol or "", safe=""),
            "qty": str(self.vendor_quantity(quantity, position)),
            "prd": str(WIRE.spell(product)),
            "prevprd": to_text(row.get("prd")) or "",
            "trantype": "S" if (position.quantity or 0) < 0 else "B",
            "postype": "CF" if position.overnight_quantity else "DAY",
        }
        reply = yield self._call("convert_position", session, fields)
        refuse_excused(self._object(reply), reply)

    def holdings(self, session: Session) -> Flow[list[Holding]]:
        request = self._call("holdings", session, {"actid": session.account, "prd": "C"})
        return self._rows(Holding, request)

    def margin(self, session: Session, orders: Sequence[OrderRequest]) -> Flow[Margin]:
        if len(orders) > 1 and not self.basket_margin:
            raise Unsupported(f"{self.title} tells the margin of one order at a time")
        first, *rest = map(self._planned, orders)
        fields: dict[str, Any] = {"actid": session.account} | first
        if rest:
            fields["basketlists"] = rest
        operation = "basket_margin" if rest else "margin"
        return self._one(Margin, self._call("margin", session, fields, route=ROUTES[operation]))

    # -- market data

    def quotes(
        self,
        session: Session,
        instruments: Sequence[Instrument],
        mode: QuoteMode,  # noqa: ARG002 - one route tells everything
    ) -> Flow[list[Quote]]:
        quotes: list[Quote] = []
        for one in instruments:
            fields = {"exch": str(WIRE.spell(one.venue)), "token": one.token}
            reply = yield self._call("quotes", session, fields)
            data = self._data(reply)
            if data is not None:
                found = quote_of(data, one.token)
                quotes.append(attrs.evolve(found, exchange=one.venue, token=one.token))
        return quotes

    def history(
        self, session: Session, instrument: Instrument, interval: Interval, window: Window
    ) -> Flow[list[Candle]]:
        start, end = str(int(window.start.timestamp())), str(int(window.end.timestamp()))
        if interval is Interval.D1:
            route, fields = ROUTES["daily_history"], {"sym": daily_name(instrument)}
            fields |= {"from": start, "to": end}
        else:
            route = ROUTES["history"]
            fields = {"exch": str(WIRE.spell(instrument.venue)), "token": instrument.token}
            fields |= {"st": start, "et": end, "intrv": INTERVALS[interval]}
        by_key = self.charts_by_key or not self.bearer
        reply = yield self._call("history", session, fields, route=route, by_key=by_key)
        rows = self._data(reply)
        if isinstance(rows, list):
            rows = [
                read_json(row.encode(errors="replace")) if isinstance(row, str) else row
                for row in rows
            ]
            rows = [row for row in rows if not is_stale(row)]
        return WIRE.load_rows([] if rows is None else rows, Candle)

    def master(
        self,
        headers: Mapping[str, str] = NO_HEADERS,  # noqa: ARG002 - the files are joined: all or none
    ) -> Flow[Master]:
        contents = []
        for path in self.files:
            reply = yield Request(
                method="GET",
                url=self.hosts["master"] + path,
                operation="master",
                max_bytes=128 * 1024 * 1024,
                timeout=120.0,
            )
            contents.append(noren_master.checked(reply.content))
        return noren_master.instruments(contents)

    def raw(
        self, session: Session, method: str, path: str, body: object | None = None
    ) -> Flow[Any]:
        if method != "POST" or path.removeprefix("/") not in RAW_READS:
            raise Unsupported(
                f"{method} {path} is no known read; open are POST /{', /'.join(sorted(RAW_READS))}"
            )
        fields = dict(body) if isinstance(body, Mapping) else {}
        reply = yield self._call("raw", session, fields, route=Route(path))
        return self._data(reply)

    # -- requests

    def _fields(self, order: OrderRequest) -> dict[str, Any]:
        """An order's fields, its symbol encoded.

        Raises:
            Unsupported: an order type or a product that the member does not take.
        """
        self._refuse_unpriced(order.order_type)
        fields = self.dump_order(order)
        if order.is_bracket:
            if order.after_market:
                raise Unsupported("a bracket order cannot be placed after the market")
            fields["prd"] = BRACKET
        if fields["prd"] not in self.products:
            kind = "brackets" if order.is_bracket else f"product {order.product}"
            raise Unsupported(f"{self.title}'s API documentation has no {kind}")
        return fields | {"tsym": quote(fields["tsym"], safe="")}

    def _planned(self, order: OrderRequest) -> dict[str, Any]:
        """An order's fields as its margin is asked for."""
        fields = {"trgprc": "0"} | self._fields(order)
        return {key: value for key, value in fields.items() if key not in NOT_IN_MARGINS}

    def _refuse_unpriced(self, kind: OrderType) -> None:
        if not kind.has_price:
            raise Unsupported(
                f"{self.title} blocks {kind} orders that come by API (since 2026-04-01): place a "
                "LIMIT or SL order at the worst price you accept, or let "
                "market_protection=AsLimit(<per cent>) price a new order"
            )

    def _call(
        self,
        operation: str,
        session: Session,
        fields: Mapping[str, Any] = NO_FIELDS,
        *,
        route: Route | None = None,
        by_key: bool | None = None,
    ) -> Request:
        token = session.tokens["token"].reveal()
        named = {"uid": session.account} | dict(fields)
        return self._post(operation, route or ROUTES[operation], named, token, by_key=by_key)

    def _post(
        self,
        operation: str,
        route: Route,
        fields: Mapping[str, Any],
        token: str | None = None,
        *,
        by_key: bool | None = None,
    ) -> Request:
        in_body = not self.bearer if by_key is None else by_key
        text = json.dumps(fields, separators=(",", ":")).replace("&", "\\u0026")
        headers = {"Content-Type": "text/plain"}
        if token is not None and not in_body:
            headers["Authorization"] = f"Bearer {token}"
        key = f"&jKey={token}" if token is not None and in_body else ""
        return Request(
            method="POST",
            url=self.hosts["rest"] + self.root + route.path,
            headers=headers,
            content=f"jData={text}{key}".encode(),
            operation=operation,
            effect=route.effect,
            bucket=operation,
        )

    # -- replies

    def asks_to_wait(self, reply: Reply) -> bool:
        head = reply.content[:400].lower()
        return reply.status == 429 or any(text in head for text in RATE_BYTES)

    def _data(
        self,
        reply: Reply,
        texts: Sequence[tuple[str, Refusal]] = TEXTS,
        success: frozenset[str] = OK,
    ) -> Any:
        """A list, or an object that says Ok; ``None`` where the refusal is *no data*."""
        body = read_body(reply)
        if isinstance(body, list) and reply.status < 400:
            return body
        said = body if isinstance(body, Mapping) else NO_FIELDS
        word = (printable(said.get("stat")) or "").casefold()
        if word in success and reply.status < 400:
            return said
        if word != "not_ok":
            raise MalformedReply("the reply says neither Ok nor Not_Ok", status=reply.status)
        if to_id(said.get("norenordno")):
            raise MalformedReply("a refusal that names an order", status=reply.status)
        message = printable(said.get("emsg")) or "no reason given"
        if NO_DATA.fullmatch(message):
            return None
        refusal = refusal_of(None, message, codes={}, texts=texts)
        refusal = attrs.evolve(refusal, outcome=proof_of(refusal, message))
        raise refusal.make(message, code=None, status=reply.status)

    def _rows(self, kind: type[T], request: Request) -> Flow[list[T]]:
        """The list behind a request; *no data* is an empty one."""
        data = self._data((yield request))
        return WIRE.load_rows([] if data is None else data, kind)

    def _object(
        self, reply: Reply, texts: Sequence[tuple[str, Refusal]] = TEXTS
    ) -> Mapping[str, Any]:
        data = self._data(reply, texts)
        if not isinstance(data, Mapping):
            raise MalformedReply("a list where an object was expected", status=reply.status)
        return data

    def _ack(self, reply: Reply, key: str) -> OrderAck:
        said = self._object(reply)
        order_id = to_order_id(said.get(key))
        if not order_id:
            raise MalformedReply("success without an order id", status=reply.status)
        refuse_excused(said, reply)
        return OrderAck(order_id=order_id)

    def _session(self, reply: Reply, client: str, token: str | None = None) -> Session:
        found = self._object(reply, LOGIN_TEXTS)
        names = ("access_token", "susertoken", "token")
        token = token or next(filter(None, (to_token(found.get(name)) for name in names)), None)
        told = (to_id(found.get(name)) for name in ("USERID", "actid", "uid", "client"))
        if not token:
            raise MalformedReply("the login reply lacks the token")
        ends = ends_at(found.get("expires_in"), reply.received_at)
        if ends is None and self.tokens_die is not None:
            ends = coming(self.tokens_die, reply.received_at)
        return Session(
            broker=self.name,
            account=next(filter(None, told), client),
            tokens={"token": Secret(token)} | self._kept(found),
            created_at=reply.received_at,
            expires_at=ends,
        )

    def _kept(self, found: Mapping[str, Any]) -> dict[str, Secret]:  # noqa: ARG002 - a seam
        """What else of a login's reply goes into the session."""
        return {}


def refuse_excused(said: Mapping[str, Any], reply: Reply) -> None:
    """Raises ``MalformedReply`` for a change's success that has a reason for a refusal."""
    if printable(said.get("emsg")):
        raise MalformedReply("success with a reason for a refusal", status=reply.status)


def ends_at(told: object, moment: dt.datetime) -> dt.datetime | None:
    """When a token dies: ``expires_in`` counts seconds from now (Zebu), or since 1970."""
    try:
        seconds = to_decimal(told)
    except BadValue:
        return None
    if seconds is not None and 0 < seconds <= LONGEST_LIFE.total_seconds():
        return moment + dt.timedelta(seconds=float(seconds))
    ends = at_epoch(told)
    return ends if ends is not None and ends > moment else None


def proof_of(refusal: Refusal, message: str) -> Outcome:
    """What a text proves of an order by its form, whatever it is about."""
    if STOPPED.fullmatch(message.strip(" .")):
        return Outcome.NOT_SENT
    is_denial = refusal.error is not BrokerUnavailable and DENIALS.match(message)
    return Outcome.REJECTED if is_denial else Outcome.UNKNOWN


def digest(*parts: str) -> str:
    """What proves the app at login; the order of the parts is the member's."""
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def daily_name(instrument: Instrument) -> str:
    """How the daily route names an instrument.

    Raises:
        Unsupported: an index whose name there is not known.
    """
    name = instrument.broker_symbol
    if instrument.exchange.is_index:
        if instrument.symbol not in DAILY_INDICES:
            raise Unsupported(f"no daily candles of {instrument.symbol}; ask for 1h")
        name = DAILY_INDICES[instrument.symbol]
    return f"{WIRE.spell(instrument.venue)}:{name}"


def quote_of(data: object, token: str) -> Quote:
    """The quote that was asked for.

    Raises:
        MalformedReply: it is of another contract.
    """
    found = WIRE.load(without_flag(data), Quote)
    if found.token not in (None, token):
        raise MalformedReply(f"asked for the quote of token {token}, got that of {found.token}")
    return found


def without_flag(data: object) -> object:
    """The row of a reply in which the envelope's flag stands among the row's fields."""
    if not isinstance(data, Mapping):
        return data
    return {key: value for key, value in data.items() if key != "stat"}


def is_stale(row: object) -> bool:
    """Whether a candle is one of those in which nothing traded: all four prices 0."""
    if not isinstance(row, Mapping):
        return False
    try:
        return not any(to_decimal(row.get(key)) for key in ("into", "inth", "intl", "intc"))
    except ValueError:
        return False
