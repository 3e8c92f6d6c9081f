"""What every adapter is, and what it shares with the others.

:class:`Adapter` names the operations; a broker's class overrides those that its vendor has.  What
is offered follows from what is overridden and spelled, so it cannot drift: :meth:`Adapter.offers`
gives the three answers *offered*, *the vendor lacks it*, *not written yet*.

How requests are built stands in :mod:`~openbroker.adapters.requests`, how replies are judged in
:mod:`~openbroker.adapters.replies`, what a login needs in :mod:`~openbroker.adapters.logins`; who
writes an adapter imports it all from here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar, NoReturn, Self, TypeAlias, TypeVar
from urllib.parse import urlsplit

import attrs
from attrs import field, frozen

from openbroker.adapters.capabilities import OCO, OPERATIONS, Capability
from openbroker.adapters.logins import CredentialField, Credentials, coming, need
from openbroker.adapters.masters import Skipped, Units
from openbroker.adapters.replies import UNLISTED, Refusal, only_tagged, read_body, refusal_of
from openbroker.adapters.requests import (
    as_address,
    form_request,
    in_india,
    json_request,
    master_request,
    only_get,
)
from openbroker.adapters.wire import Wire
from openbroker.errors import (
    ConfigError,
    InvalidOrder,
    OrderNotFound,
    Unsupported,
)
from openbroker.schemas import (
    AsLimit,
    Candle,
    Charges,
    Funds,
    Gtt,
    GttChange,
    GttRequest,
    Holding,
    Instrument,
    InstrumentRow,
    Interval,
    Margin,
    OpenInterest,
    Order,
    OrderAck,
    OrderChange,
    OrderRef,
    OrderRequest,
    Position,
    Product,
    Profile,
    Quote,
    QuoteMode,
    Session,
    Table,
    Trade,
    Window,
)
from openbroker.schemas.instrument import freeze
from openbroker.transport.messages import Effect, Flow, RateLimit, Reply, Request

T = TypeVar("T")
R = TypeVar("R", bound=InstrumentRow)
K = TypeVar("K", str, tuple[str, str])


@frozen(kw_only=True)
class TagRule:
    """What the vendor's order tag can carry. ``capacity`` 0: the vendor has no tag.

    Where the order book does not show it (``in_book``), a lost order is looked for by its other
    fields, as if it had none.
    """

    capacity: int = 0
    characters: str = "letters and digits"
    in_book: bool = True


Master: TypeAlias = Iterator[Instrument | Skipped] | None
"""What a master flow returns."""


@frozen(kw_only=True)
class Adapter:
    """One broker. Subclasses override operations; instances differ by name and hosts.

    Attributes:
        name: the registry name.
        title: the broker's name as people write it.
        hosts: address roots by use: ``rest``, ``master``, ``login``.
    """

    name: str
    title: str
    hosts: Mapping[str, str] = field(converter=freeze, hash=False)

    wire: ClassVar[Wire]
    credentials: ClassVar[Sequence[CredentialField]] = ()
    settings: ClassVar[Sequence[CredentialField]] = ()
    """Choices of the user's, each with a default and an attribute of its name; they come from the
    same places as credentials."""
    extras: ClassVar[Sequence[str]] = ()
    """Operations that only this vendor has, ``broker.vendor.<name>``: flows that change no order,
    with the session first."""
    history_windows: ClassVar[Mapping[Interval, dt.timedelta]] = {}
    """How much of each interval one request gives."""
    history_starts: ClassVar[dt.date] = dt.date(2000, 1, 1)
    """Before this the vendor has nothing."""
    limits: ClassVar[Sequence[RateLimit]] = ()
    tag: ClassVar[TagRule] = TagRule()
    settle_time: ClassVar[dt.timedelta] = dt.timedelta(seconds=30)
    lacks: ClassVar[Mapping[str, str]] = {}
    """Operations that the vendor does not have, with the reason."""
    honours: ClassVar[frozenset[str]] = frozenset()
    """Optional fields of an order that the flows treat, besides those that ``wire`` spells."""
    protects_changes: ClassVar[bool] = False
    """Whether a change of an order can say how far a market order may slip."""
    takes_oco: ClassVar[bool] = False
    """Whether a rule may have a target and a stop, of which one cancels the other."""
    units: ClassVar[Units] = Units()
    """On which exchanges the vendor counts in lots; the schema's quantities are always units."""
    account_field: ClassVar[str] = "client_code"
    """The credential that names the account, under which limits and one-time codes are counted."""
    master_needs_session: ClassVar[bool] = False
    """Whether the vendor shows its instrument master only to those who are logged in."""
    login_parameter: ClassVar[str | None] = None
    """The credential that a browser login's redirect brings, for vendors with such a login."""
    login_state: ClassVar[str | None] = None
    """A field of the login page that the redirect brings back as it was, where there is one."""
    order_warmth: ClassVar[int] = 10
    """How many order connections are opened at connect: the vendor's burst, ten at the most."""
    reuses_codes: ClassVar[bool] = False
    """Whether a one-time code opens more than one session, so that a second login need not wait."""

    # -- operations; each returns a flow

    def login_url(self, credentials: Credentials) -> str:
        """The vendor's login page, for vendors whose login is in a browser."""
        self._refuse("login_url")

    def begin_login(self, credentials: Credentials) -> Flow[str | None]:
        """The login page's address, where these credentials still lack what it brings."""
        names = {self.login_parameter}
        names |= {f.instead for f in self.credentials if f.name == self.login_parameter}
        yield from ()
        if self.login_parameter is None or names & credentials.keys():
            return None
        return self.login_url(credentials)

    def login(self, credentials: Credentials) -> Flow[Session]:
        """A new session."""
        self._refuse("login")

    def renew(self, session: Session) -> Flow[Session]:
        """A fresh session without the second factor."""
        self._refuse("renew")

    def logout(self, session: Session) -> Flow[None]:
        """End the session."""
        self._refuse("logout")

    def profile(self, session: Session) -> Flow[Profile]:
        """Whose account it is."""
        self._refuse("profile")

    def place_order(self, session: Session, order: OrderRequest) -> Flow[OrderAck]:
        """Place one order; ``order.instrument`` is filled in."""
        self._refuse("place_order")

    def modify_order(self, session: Session, order: Order, change: OrderChange) -> Flow[OrderAck]:
        """Change a live order, given its present state, to absolute values."""
        self._refuse("modify_order")

    def cancel_order(self, session: Session, ref: OrderRef) -> Flow[OrderAck]:
        """Ask for a live order to be cancelled."""
        self._refuse("cancel_order")

    def orders(self, session: Session) -> Flow[list[Order]]:
        """Today's order book."""
        self._refuse("orders")

    def order(self, session: Session, ref: OrderRef) -> Flow[Order]:
        """One order; by default found in the book."""
        return self._find(session, ref)

    def order_by_tag(self, session: Session, wire_tag: str) -> Flow[Order | None]:
        """The order with a wire tag, where the vendor can look it up; else the book is read."""
        self._refuse("order_by_tag")

    def trades(self, session: Session) -> Flow[list[Trade]]:
        """Today's executions."""
        self._refuse("trades")

    def positions(self, session: Session) -> Flow[list[Position]]:
        """Net positions."""
        self._refuse("positions")

    def convert_position(
        self, session: Session, position: Position, product: Product, quantity: int
    ) -> Flow[None]:
        """Turn units of a position into another product."""
        self._refuse("convert_position")

    def holdings(self, session: Session) -> Flow[list[Holding]]:
        """Settled shares."""
        self._refuse("holdings")

    def funds(self, session: Session) -> Flow[Funds]:
        """Cash and limits."""
        self._refuse("funds")

    def margin(self, session: Session, orders: Sequence[OrderRequest]) -> Flow[Margin]:
        """What the orders would block together."""
        self._refuse("margin")

    def charges(self, session: Session, orders: Sequence[OrderRequest]) -> Flow[Charges]:
        """What the orders would cost together: brokerage, fees, taxes."""
        self._refuse("charges")

    def quotes(
        self, session: Session, instruments: Sequence[Instrument], mode: QuoteMode
    ) -> Flow[list[Quote]]:
        """Quotes, in any order; instruments that the vendor has no quote for are left out."""
        self._refuse("quotes")

    def history(
        self, session: Session, instrument: Instrument, interval: Interval, window: Window
    ) -> Flow[list[Candle]]:
        """Candles of one window that the vendor serves in one request, in any order."""
        self._refuse("history")

    def open_interest(
        self, session: Session, instrument: Instrument, interval: Interval, window: Window
    ) -> Flow[list[OpenInterest]]:
        """Open interest over one window, in any order."""
        self._refuse("open_interest")

    def place_gtt(self, session: Session, rule: GttRequest) -> Flow[OrderAck]:
        """Make a rule; ``rule.instrument`` is filled in. The ack's ``order_id`` is the rule's."""
        self._refuse("place_gtt")

    def modify_gtt(self, session: Session, rule: Gtt, change: GttChange) -> Flow[OrderAck]:
        """Change a rule, given its present state, to absolute values."""
        self._refuse("modify_gtt")

    def cancel_gtt(self, session: Session, rule: Gtt) -> Flow[OrderAck]:
        """Take a rule back, given its present state."""
        self._refuse("cancel_gtt")

    def gtt(self, session: Session, gtt_id: str) -> Flow[Gtt]:
        """One rule."""
        self._refuse("gtt")

    def gtts(self, session: Session, *, done: bool = False) -> Flow[list[Gtt]]:
        """The rules that wait or were triggered; with ``done`` the ended ones too."""
        self._refuse("gtts")

    def master(self, headers: Mapping[str, str] = MappingProxyType({})) -> Flow[Master]:
        """Every row of the vendor's master, an instrument or why it is left out, read lazily.

        ``headers`` make the request conditional; ``None`` means that nothing has changed.
        """
        self._refuse("master")

    def master_headers(self, session: Session) -> Mapping[str, str]:
        """What a master's request says of the session, where the vendor wants one."""
        return {}

    def raw(
        self, session: Session, method: str, path: str, body: object | None = None
    ) -> Flow[Any]:
        """The parsed data of any read that the schema has no place for."""
        self._refuse("raw")

    # -- what is offered

    @classmethod
    def offers(cls, operation: str) -> bool:
        """Whether the adapter has the operation."""
        if operation == "order":
            return cls.offers("orders")
        if operation == OCO:
            return cls.takes_oco and cls.offers("place_gtt")
        if operation.startswith("vendor."):
            return operation.removeprefix("vendor.") in cls.extras
        return getattr(cls, operation, None) is not getattr(Adapter, operation, None)

    def capabilities(self) -> Table[Capability]:
        """What is offered and what is not, with the reason."""
        names = (*OPERATIONS, OCO, *(f"vendor.{name}" for name in self.extras))
        return Table(Capability, (self._capability(name) for name in names))

    def _capability(self, operation: str) -> Capability:
        if self.offers(operation):
            return Capability(operation=operation, offered=True)
        return Capability(operation=operation, offered=False, why=self.why_not(operation))

    def why_not(self, operation: str) -> str:
        """*The vendor lacks it* or *not written yet*, in words."""
        if operation in self.lacks:
            return f"{self.title} has no {operation}: {self.lacks[operation]}"
        return f"the {self.name} adapter has no {operation} yet"

    def _refuse(self, operation: str) -> NoReturn:
        raise Unsupported(self.why_not(operation), broker=self.name, operation=operation)

    def counting(self) -> Units:
        """How the vendor counts quantities; with a setting it may differ from ``units``."""
        return self.units

    def refuse_unheard(self, order: OrderRequest) -> None:
        """Refuse what this adapter would pass over in silence.

        Raises:
            Unsupported: an optional field is set that the vendor's orders do not have.
        """
        for name in _unheard_by(type(self)):
            if getattr(order, name) not in (None, False):
                raise Unsupported(f"{self.title} orders take no {name}")
        if isinstance(order.market_protection, AsLimit):
            raise InvalidOrder("AsLimit is for the order desk, which prices an order before this")

    def refuse_unheard_change(self, change: OrderChange) -> None:
        """Likewise of a change to an order.

        Raises:
            Unsupported: it has a market protection, which the vendor's changes do not have.
        """
        if change.market_protection is not None and not self.protects_changes:
            raise Unsupported(
                f"{self.title} takes no market_protection with a change of an order: leave it out, "
                "or cancel the order and place another"
            )

    def refuse_oco(self, rule: GttRequest | Gtt) -> None:
        """Refuse a rule with two legs, where there is none.

        Raises:
            Unsupported: with the reason.
        """
        if rule.is_oco and not self.takes_oco:
            raise Unsupported(self.why_not(OCO), broker=self.name, operation="place_gtt")

    def asks_to_wait(self, reply: Reply) -> bool:
        """Whether a reply is the vendor's way of saying *too many requests*."""
        return reply.status == 429

    # -- where it is

    def at(self, base_url: str | None = None, hosts: Mapping[str, str] | None = None) -> Self:
        """The same broker elsewhere: ``base_url`` moves every host, ``hosts`` single ones.

        Raises:
            ConfigError: an address is not https (http on this machine), or a host's name is not
                one of the adapter's.
        """
        moved = dict(self.hosts)
        if base_url is not None:
            moved = dict.fromkeys(self.hosts, str(base_url).rstrip("/"))
        for use, url in (hosts or {}).items():
            if use not in self.hosts:
                raise ConfigError(
                    f"{self.name} has no host {use!r}; it has {', '.join(self.hosts)}"
                )
            moved[use] = url.rstrip("/")
        for url in moved.values():
            _check_address(url)
        return attrs.evolve(self, hosts=moved)

    def with_settings(self, values: Mapping[str, Any]) -> Self:
        """The same broker with the user's choices."""
        return attrs.evolve(self, **values)

    # -- shared by the flows

    def _data(self, reply: Reply) -> Any:
        """What a reply holds once its envelope has been judged; every adapter has its own.

        Raises:
            BrokerError, AuthError: the envelope refuses.
            TransportError: it is no envelope.
        """
        raise NotImplementedError(f"{type(self).__name__} judges no envelope")

    def _one(self, kind: type[T], request: Request) -> Flow[T]:
        """One object behind a request."""
        reply = yield request
        return self.wire.load(self._data(reply), kind)

    def _rows(self, kind: type[T], request: Request) -> Flow[list[T]]:
        """The list behind a request."""
        reply = yield request
        return self.wire.load_rows(self._data(reply), kind)

    def _quotes_of(
        self, wanted: Mapping[K, Instrument], rows: Mapping[K, object]
    ) -> Iterator[Quote]:
        """Quotes by the vendor's names, under the instruments' own; what nobody asked for is left
        out."""
        for key, row in rows.items():
            one = wanted.get(key)
            if one is not None:
                name = key if isinstance(key, str) else ".".join(key)
                found = self.wire.load(row, Quote, at=f"$.data.{name}")
                yield attrs.evolve(found, exchange=one.venue, token=one.token)

    def _table(self, kind: type[R], request: Request) -> Flow[Table[R]]:
        """The list behind a request, as an extra returns it."""
        return Table(kind, (yield from self._rows(kind, request)))

    def dump_order(self, order: OrderRequest, wire: Wire | None = None) -> dict[str, Any]:
        """The vendor's fields of an order, quantities as the vendor counts them.

        ``wire`` is another spelling than the adapter's own, for other questions about orders.

        Raises:
            Unsupported: a word or an optional field that the vendor's orders do not have.
        """
        self.refuse_unheard(order)
        return self._counted(wire or self.wire, order, order.target)

    def dump_change(self, change: OrderChange, order: Order) -> dict[str, Any]:
        """The vendor's fields of what changes, quantities as the vendor counts them.

        Raises:
            Unsupported: a word or a market protection that the vendor's changes do not have.
        """
        self.refuse_unheard_change(change)
        return self._counted(self.wire, change, order)

    def vendor_quantity(self, units: int, about: Instrument | InstrumentRow) -> int:
        """A quantity as the vendor counts it.

        Raises:
            Unsupported: the vendor counts in lots and the instrument is not known.
        """
        instrument = about if isinstance(about, Instrument) else about.instrument
        counting = self.counting()
        if about.exchange not in counting.in_lots:
            return units
        if instrument is None:
            raise Unsupported("the instrument is not in the master, so its lot is not known")
        return counting.to_wire(units, instrument)

    def _counted(self, wire: Wire, thing: Any, about: Instrument | InstrumentRow) -> dict[str, Any]:
        body = wire.dump(thing)
        if about.exchange in self.counting().in_lots:
            for name in ("quantity", "disclosed_quantity"):
                key, units = wire.key(type(thing), name), getattr(thing, name)
                if key in body and units is not None:
                    body[key] = wire.number(Decimal(self.vendor_quantity(units, about)))
        return body

    def _find(self, session: Session, ref: OrderRef) -> Flow[Order]:
        orders = yield from self.orders(session)
        found = {order.order_id: order for order in orders}.get(ref.order_id)
        if found is None:
            raise OrderNotFound(f"order {ref.order_id} is not in today's book")
        return found


_OPTIONAL = (
    "disclosed_quantity", "market_protection", "after_market", "bracket_target", "bracket_stop",
    "bracket_trail", "accept_caution",
)  # fmt: skip


_UNHEARD: dict[type[Adapter], tuple[str, ...]] = {}


def _unheard_by(kind: type[Adapter]) -> tuple[str, ...]:
    """The optional fields of an order that adapters of this kind do nothing with."""
    if kind not in _UNHEARD:
        spelled = {name for name in _OPTIONAL if kind.wire.key(OrderRequest, name) is not None}
        _UNHEARD[kind] = tuple(n for n in _OPTIONAL if n not in spelled | kind.honours)
    return _UNHEARD[kind]


_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.hostname and parts.port != 0 and parts.username is None
    except ValueError:
        parts, usable = urlsplit(""), False
    if not usable or parts.scheme not in ("https", "http"):
        raise ConfigError(f"{url!r} is not an address; it looks like https://host or with a port")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ConfigError(f"{url!r} would send your credentials in the clear; use https://")


__all__ = [
    "OCO",
    "OPERATIONS",
    "UNLISTED",
    "Adapter",
    "Capability",
    "CredentialField",
    "Credentials",
    "Effect",
    "Flow",
    "Master",
    "RateLimit",
    "Refusal",
    "Reply",
    "Request",
    "TagRule",
    "as_address",
    "coming",
    "form_request",
    "in_india",
    "json_request",
    "master_request",
    "need",
    "only_get",
    "only_tagged",
    "read_body",
    "refusal_of",
]
