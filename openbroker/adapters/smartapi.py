"""The shape of Angel One's SmartAPI, which mStock's Type B was modelled on.

:class:`SmartApi` is what the two do alike: how an order, its modification and its cancellation are
said, how rows, quotes and candles are read, and how a reply is judged.  It knows no route, no login
and no code of either; those, and what one of them does otherwise, stand in the broker's own class.

A reply has several witnesses: the flags ``status`` and ``success``, the error code, and the HTTP
status.  :class:`Envelope` believes them only where they agree.  A success that carries an error
code, a refusal that names an order, two flags that differ, or a success without the data that was
asked for is a reply that neither vendor's manual knows: ``MalformedReply``, which leaves an order
*unknown*, never accepted and never refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import unquote

import attrs
from attrs import frozen

from openbroker.adapters.base import (
    Adapter,
    Refusal,
    coming,
    in_india,
    json_request,
    read_body,
    refusal_of,
)
from openbroker.adapters.rules import refuse_misfit, refuse_own_band
from openbroker.adapters.smartapi_tables import (
    CANDLE,
    CONVERTED,
    QUOTE_MODES,
    REPEATED,
    Route,
)
from openbroker.adapters.wire import to_flag, to_id, to_order_id, to_text
from openbroker.errors import MalformedReply, Outcome, Unsupported, UsageError
from openbroker.schemas import (
    Candle,
    Exchange,
    Instrument,
    Interval,
    Order,
    OrderAck,
    OrderChange,
    OrderRef,
    OrderRequest,
    OrderType,
    Position,
    Product,
    Quote,
    QuoteMode,
    Secret,
    Session,
    Window,
)
from openbroker.schemas.convert import plain
from openbroker.transport.messages import Effect, Flow, Reply, Request

TOKENS_DIE = dt.time()
"""Midnight in India, when the tokens of both die (User of both documentations, 2026-11)."""

PATH = re.compile(r"/[!-~]*")
"""What the escape hatch takes for a path, so that it stays with the broker's host."""


@frozen(kw_only=True)
class Envelope:
    """How a vendor says yes and no.

    Attributes:
        codes: what its error codes mean.
        texts: what its words mean, where the code is a catch-all.
        order_ids: what it calls an order's id.
        families: what codes mean that begin so and that ``codes`` does not list.
        flags: further words for true and false, lower case.
        rate_text: what it says in plain text where there were too many requests.
        listed: whether an envelope may come in a list of one.
        catch_alls: codes that say nothing, so that the words decide. Under any other code that is
            not listed words prove nothing.
    """

    codes: Mapping[str, Refusal]
    texts: Sequence[tuple[str, Refusal]]
    order_ids: tuple[str, ...] = ("orderid",)
    families: Mapping[str, Refusal] = attrs.field(factory=dict)
    flags: Mapping[str, bool] = attrs.field(factory=dict)
    rate_text: tuple[str, ...] = ()
    listed: bool = False
    catch_alls: frozenset[str] = frozenset()

    def opened(self, reply: Reply, codes: Mapping[str, Refusal] | None = None) -> Mapping[str, Any]:
        """The envelope of a success; ``codes`` mean something else in this place.

        Raises:
            BrokerError, AuthError: it refuses.
            TransportError: it is no envelope, or it contradicts itself.
        """
        body = self._unwrapped(read_body(reply, rate_text=self.rate_text))
        flags = self._flags(body)
        code = said(body, "errorcode", "errorCode", "error_type")
        if flags == {True} and code is None and reply.status < 400:
            return body
        if flags == {False} and not self._names_something(body.get("data")):
            message = said(body, "message") or "no reason given"
            known = self._known(code, codes or self.codes)
            refusal = refusal_of(code, message, codes=known, texts=self.texts)
            if code not in known and code not in self.catch_alls:
                refusal = attrs.evolve(refusal, outcome=Outcome.UNKNOWN)
            raise refusal.make(message, code=code, status=reply.status)
        raise MalformedReply("the reply contradicts itself", status=reply.status, code=code)

    def data(self, reply: Reply, codes: Mapping[str, Refusal] | None = None) -> Any:
        """What a success holds, which may be ``null`` where there is nothing to tell.

        Raises:
            MalformedReply: it holds nothing at all, or what :meth:`opened` raises.
        """
        body = self.opened(reply, codes)
        if "data" not in body:
            raise MalformedReply("success without data", status=reply.status)
        return body["data"]

    def order_id(self, data: object) -> str | None:
        """The order that data name, if they name one and no other."""
        found = data if isinstance(data, Mapping) else {}
        names = {to_order_id(found.get(key)) for key in self.order_ids} - {None}
        return names.pop() if len(names) == 1 else None

    def _names_something(self, data: object) -> bool:
        """Whether data name an order or a rule, as those of a refusal never do."""
        found = data if isinstance(data, Mapping) else {}
        return any(to_id(found.get(key)) for key in (*self.order_ids, "uniqueorderid", "id"))

    def _known(self, code: str | None, codes: Mapping[str, Refusal]) -> Mapping[str, Refusal]:
        """The codes, and this one among them if one of its family is known."""
        if code is None or code in codes:
            return codes
        family = [found for head, found in self.families.items() if code.startswith(head)]
        return {**codes, code: family[0]} if family else codes

    def _unwrapped(self, body: Any) -> Mapping[str, Any]:
        if self.listed and isinstance(body, list) and len(body) == 1:
            body = body[0]
        if not isinstance(body, Mapping):
            raise MalformedReply("the reply is no envelope")
        return body

    def _flags(self, body: Mapping[str, Any]) -> set[bool]:
        flags = {self._flag(body[key]) for key in ("status", "success") if key in body}
        if not flags or None in flags:
            raise MalformedReply("the reply says neither success nor failure")
        return {flag for flag in flags if flag is not None}

    def _flag(self, value: object) -> bool | None:
        word = value.strip().casefold() if isinstance(value, str) else ""
        return self.flags.get(word, to_flag(value))


def said(body: Mapping[str, Any], *keys: str) -> str | None:
    """The first of the fields that holds text or a number; words for nothing are none."""
    values = (body.get(key) for key in keys)
    texts = (str(value).strip() for value in values if _is_word(value))
    return next((text for text in texts if text.casefold() not in _NOTHING), None)


def _is_word(value: object) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


_NOTHING = frozenset({"", "none", "null"})


@attrs.frozen(kw_only=True)
class SmartApi(Adapter):
    """What the brokers of this shape do alike."""

    routes: ClassVar[Mapping[str, Route]]
    envelope: ClassVar[Envelope]
    headers: ClassVar[Mapping[str, str]]
    """What every request says."""
    session_tokens: ClassVar[Mapping[str, str]] = {
        "jwt": "jwtToken", "refresh": "refreshToken", "feed": "feedToken",
    }  # fmt: skip
    """The tokens of a session, each with the vendor's word for it; all have to be there."""
    unsaid: ClassVar[Mapping[str, str]] = {"price": "0"}
    """What a new order says where the caller said nothing."""
    quote_modes: ClassVar[Mapping[QuoteMode, str]] = QUOTE_MODES
    quote_batch: ClassVar[int]
    """Instruments in one request for quotes, all exchanges together."""
    history_segments: ClassVar[Sequence[Exchange]]
    order_paths: ClassVar[Sequence[str]]
    """Words of the paths that may change an order, lower case: the escape hatch refuses them."""

    # -- session

    def session_of(self, reply: Reply, data: object, api_key: str, account: str) -> Session:
        """The session whose tokens a login's data hold.

        Raises:
            MalformedReply: one of them is missing.
        """
        found = {name: token_of(data, key) for name, key in self.session_tokens.items()}
        tokens = {name: Secret(text) for name, text in found.items() if text}
        if len(tokens) < len(found):
            raise MalformedReply("the login reply lacks a token")
        return Session(
            broker=self.name,
            account=account,
            tokens=tokens | {"api_key": Secret(api_key)},
            created_at=reply.received_at,
            expires_at=coming(TOKENS_DIE, reply.received_at),
        )

    # -- orders

    def place_order(self, session: Session, order: OrderRequest) -> Flow[OrderAck]:
        self.refuse_order(order)
        body = self.order_body(order)
        reply = yield self._call("place_order", session, body)
        return self._ack(reply, body["variety"])

    def refuse_order(self, order: OrderRequest) -> None:
        """Refuse what the broker would report only later, as a rejected row in the book.

        Raises:
            Unsupported: with what to do instead.
        """
        refuse_misfit(order)
        refuse_own_band(order, self.title)

    def order_body(self, order: OrderRequest) -> dict[str, Any]:
        """A new order in the vendor's words."""
        return {**self.unsaid, **self.dump_order(order), "variety": variety_of(order)}

    def modify_order(self, session: Session, order: Order, change: OrderChange) -> Flow[OrderAck]:
        changed = self.dump_change(change, order)
        body = self.restated(order) | changed
        order_type = change.order_type or order.order_type
        body["variety"] = variety_after(order, order_type)
        if order_type is None or order_type.has_trigger:
            body.setdefault("triggerprice", plain(order.trigger_price or Decimal(0)))
        elif "triggerprice" in body:
            body["triggerprice"] = "0"
        if order_type is not None and not order_type.has_price:
            body["price"] = "0"
        reply = yield self._call("modify_order", session, body, order_id=order.order_id)
        return self._ack(reply, body["variety"])

    def restated(self, order: Order) -> dict[str, str]:
        """What a modification repeats of the order's present state."""
        return {key: to_text(order.vendor.get(key)) or "" for key in REPEATED}

    def cancel_order(self, session: Session, ref: OrderRef) -> Flow[OrderAck]:
        variety = ref.handle.get("variety")
        if not variety:
            order = yield from self.order(session, ref)
            variety = order.handle.get("variety") or variety_after(order, order.order_type)
        body = {"variety": self.cancelled_as(variety), "orderid": ref.order_id}
        reply = yield self._call("cancel_order", session, body, order_id=ref.order_id)
        return self._ack(reply, variety)

    def cancelled_as(self, variety: str) -> str:
        """The variety by which an order of a variety is cancelled."""
        return variety

    def orders(self, session: Session) -> Flow[list[Order]]:
        return self._rows(Order, self._call("orders", session))

    # -- portfolio

    def positions(self, session: Session) -> Flow[list[Position]]:
        return self._rows(Position, self._call("positions", session))

    def convert_position(
        self, session: Session, position: Position, product: Product, quantity: int
    ) -> Flow[None]:
        body = self.position_body(position) | {
            "oldproducttype": position.vendor.get("producttype"),
            "newproducttype": self.wire.spell(product),
            "transactiontype": "SELL" if (position.quantity or 0) < 0 else "BUY",
            "quantity": self.vendor_quantity(quantity, position),
            "type": "DAY",
        }
        self.envelope.opened((yield self._call("convert_position", session, body)))

    def position_body(self, position: Position) -> dict[str, Any]:
        """What a conversion repeats of the position's row."""
        row = position.vendor
        return {key: row[key] for key in CONVERTED if key in row}

    # -- market data

    def quotes(
        self, session: Session, instruments: Sequence[Instrument], mode: QuoteMode
    ) -> Flow[list[Quote]]:
        quotes: list[Quote] = []
        for start in range(0, len(instruments), self.quote_batch):
            tokens: dict[str, list[str]] = {}
            for instrument in instruments[start : start + self.quote_batch]:
                venue = str(self.wire.spell(instrument.venue))
                tokens.setdefault(venue, []).append(instrument.token)
            body = {"mode": self.quote_modes[mode], "exchangeTokens": tokens}
            data = self._data((yield self._call("quotes", session, body)))
            if not isinstance(data, Mapping) or "fetched" not in data:
                raise MalformedReply("the quotes are no object @ $.data")
            for part in ("fetched", "unfetched"):
                quotes += self.wire.load_rows(data.get(part), Quote, at=f"$.data.{part}")
        return quotes

    def span_body(
        self, instrument: Instrument, interval: Interval, window: Window
    ) -> dict[str, Any]:
        """What a request for candles asks.

        Raises:
            Unsupported: the vendor serves no history of the segment.
        """
        if instrument.venue not in self.history_segments:
            raise Unsupported(f"{self.title} serves no history of {instrument.venue}")
        start, end = in_india(window, "%Y-%m-%d %H:%M")
        return {
            "exchange": self.wire.spell(instrument.venue),
            "symboltoken": instrument.token,
            "interval": self.wire.spell(interval),
            "fromdate": start,
            "todate": end,
        }

    def candles(self, rows: object, *, at: str = "$.data") -> list[Candle]:
        """Candles from lists whose places have meanings."""
        named = [_candle_row(row, at) for row in rows] if isinstance(rows, list) else rows
        return self.wire.load_rows(named, Candle, at=at)

    def raw(
        self, session: Session, method: str, path: str, body: object | None = None
    ) -> Flow[Any]:
        if not PATH.fullmatch(path):
            raise UsageError(f"{path!r} is not a path; it starts with / and has no blanks")
        if any(word in unquote(path).casefold() for word in self.order_paths):
            raise Unsupported(f"{path} may change orders; use the order methods, which are safe")
        effect = Effect.READ if method == "GET" else Effect.SESSION
        route = Route(method, path, effect)
        reply = yield self._request("raw", route, body, keys=self.keys_of(session))
        return self._data(reply)

    # -- requests

    def keys_of(self, session: Session) -> dict[str, str]:
        """The headers that prove a session."""
        return {
            "X-PrivateKey": session.tokens["api_key"].reveal(),
            "Authorization": f"Bearer {session.tokens['jwt'].reveal()}",
        }

    def _call(
        self, operation: str, session: Session, body: object | None = None, **parts: str
    ) -> Request:
        """An operation's request; ``parts`` fill the places of its path."""
        route = self.routes[operation]
        placed = route._replace(path=route.path.format(**parts)) if parts else route
        return self._request(operation, placed, body, keys=self.keys_of(session))

    def _request(
        self, operation: str, route: Route, body: object | None, *, keys: Mapping[str, str]
    ) -> Request:
        return json_request(
            route.method,
            self.hosts["rest"] + route.path,
            body,
            headers={**self.headers, **keys},
            operation=operation,
            effect=route.effect,
            bucket=operation,
        )

    # -- replies

    def _data(self, reply: Reply) -> Any:
        return self.envelope.data(reply)

    def _ack(self, reply: Reply, variety: str) -> OrderAck:
        data = self._data(reply)
        order_id = self.envelope.order_id(data)
        if order_id is None:
            raise MalformedReply("success without an order id", status=reply.status)
        handle = {"variety": variety, "uniqueorderid": to_id(data.get("uniqueorderid"))}
        return OrderAck(order_id=order_id, handle={k: v for k, v in handle.items() if v})


def _candle_row(row: object, at: str) -> dict[str, Any]:
    if not isinstance(row, list) or len(row) < len(CANDLE) - 1:
        raise MalformedReply(f"a candle is no list of five or six values @ {at}")
    return dict(zip(CANDLE, row, strict=False))


def token_of(data: object, key: str) -> str | None:
    """A token, which is one printable word, without the prefix that some replies carry."""
    value = data.get(key) if isinstance(data, Mapping) else None
    text = value.removeprefix("Bearer ") if isinstance(value, str) else ""
    return text if text.isascii() and text.isprintable() and " " not in text else None


def variety_of(order: OrderRequest) -> str:
    """The vendors' word for the family of an order."""
    if order.is_bracket:
        return "ROBO"
    if order.after_market:
        return "AMO"
    return "STOPLOSS" if order.order_type.has_trigger else "NORMAL"


def variety_after(order: Order, order_type: OrderType | None) -> str:
    """The variety that an order has once it is of this type: a stop is STOPLOSS.

    What is neither NORMAL nor STOPLOSS (AMO, ROBO) stays, whatever the type.
    """
    variety = order.handle.get("variety", "NORMAL")
    if order_type is None or variety not in ("NORMAL", "STOPLOSS"):
        return variety
    return "STOPLOSS" if order_type.has_trigger else "NORMAL"
