"""The asyncio face: one-line methods over the account, the order desk and the store.

It is long because what a user may read about each call stands here, once for both faces.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine, Iterable, Sequence
from types import TracebackType
from typing import Any, Self, TypeAlias

from openbroker.account import Account
from openbroker.adapters.base import Capability
from openbroker.arguments import AMOUNT, checked, shown
from openbroker.client.baskets import NO_LISTS, OrderLike, basket_of
from openbroker.client.reading import check_read
from openbroker.errors import (
    InstrumentNotFound,
    OrderUnknown,
    UsageError,
)
from openbroker.gtt_desk import GttDesk, GttLike
from openbroker.history import Moment, span_of
from openbroker.history import read as read_history
from openbroker.instruments import InstrumentStore
from openbroker.instruments.chains import When
from openbroker.instruments.quoted import QuotedChain, legs_of, spot_of, with_quotes
from openbroker.orders.closing import Closer
from openbroker.orders.desk import OrderDesk, Target
from openbroker.orders.entries import Entry
from openbroker.orders.halt import HaltLevel, HaltState
from openbroker.orders.pricing import priced_now
from openbroker.orders.reconcile import Resolution
from openbroker.orders.results import OrderResults
from openbroker.orders.settings import MOCKED, OrderSettings
from openbroker.schemas import (
    INDIA,
    Candles,
    Charges,
    Exchange,
    Funds,
    Gtt,
    GttChange,
    GttRequest,
    Holding,
    Instrument,
    Interval,
    Margin,
    Order,
    OrderAck,
    OrderChange,
    OrderRequest,
    OrderType,
    Position,
    Product,
    Profile,
    Quote,
    QuoteMode,
    Session,
    Side,
    Table,
    Trade,
    Validity,
)
from openbroker.schemas.convert import Number, to_word
from openbroker.schemas.fields import as_product, as_quantity
from openbroker.schemas.protection import ProtectionLike, as_protection
from openbroker.transport.latency import Latency
from openbroker.transport.messages import Reply, Request, TransportFailure
from openbroker.vendor import VendorCalls

Symbol: TypeAlias = str | Instrument | tuple[Exchange | str, str]
"""An instrument's common symbol, the broker's own, ``(exchange, token)``, or the instrument."""


class AsyncBroker:
    """One account at one broker, for asyncio. Made by :func:`connect_async`."""

    def __init__(self, account: Account, settings: OrderSettings | None = None) -> None:
        self._account = account
        default = OrderSettings() if account.transport.reaches_network else MOCKED
        self._orders = OrderDesk(account, settings or default)
        self._rules = GttDesk(account, self._orders)
        self._positions = Closer(account, self._orders)

    @classmethod
    async def open(cls, account: Account, settings: OrderSettings | None = None) -> Self:
        """Log in, read the instruments and warm the connections, all at once; then find out what
        became of orders that an earlier process left behind."""
        broker = cls(account, settings)
        try:
            await _together(broker.login(), account.load_instruments(), broker._warm())
            await broker._orders.recover()
        except BaseException:
            await broker.close()
            raise
        return broker

    async def _warm(self) -> None:
        adapter = self._account.adapter
        await self._account.transport.warm(adapter.hosts["rest"], adapter.order_warmth)

    @property
    def _desk(self) -> OrderDesk:
        """What every call that changes or settles orders goes through; an open broker's only."""
        self._account.sessions.refuse_closed()
        return self._orders

    @property
    def _gtt_desk(self) -> GttDesk:
        self._account.sessions.refuse_closed()
        return self._rules

    @property
    def _closer(self) -> Closer:
        self._account.sessions.refuse_closed()
        return self._positions

    # -- who and what

    @property
    def name(self) -> str:
        """The broker's registry name."""
        return self._account.adapter.name

    @property
    def account(self) -> str:
        """The client code that is logged in."""
        return self._account.name

    @property
    def instruments(self) -> InstrumentStore:
        """The broker's instruments: ``resolve``, ``search``, option chains."""
        return self._account.instruments

    async def refresh_instruments(self) -> InstrumentStore:
        """Fetch the broker's instruments now, whatever is held; the new store.

        There is seldom a need: once another day's master is due, it is fetched beside the trading
        and put in place at once. A strike that the exchange adds in mid-session is a case, if the
        broker lists it before the next day. A store that you hold stays as it is. Where the master
        cannot be had, the last good one is used, and the store's ``notice`` says why.

        Raises:
            OpenBrokerError: the master cannot be had, and there is no last good one.
        """
        self._account.sessions.refuse_closed()
        return await self._account.renew_instruments(anew=True)

    @property
    def capabilities(self) -> Table[Capability]:
        """What this broker offers, what it lacks, and what is not written yet."""
        return self._account.adapter.capabilities()

    @property
    def latency(self) -> Latency:
        """Where the time of this broker's requests went, by operation and phase."""
        return self._account.transport.latency

    @checked()
    def on_exchange(self, hook: Callable[[Request, Reply | TransportFailure], None]) -> None:
        """Call ``hook(request, outcome)`` after every exchange, in the broker's loop."""
        self._account.transport.on_exchange.append(hook)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._who()}>"

    def _who(self) -> str:
        if self._account.sessions.is_closed:
            return f"{self.name} (closed)"
        return f"{self.name} {self.account or '(logged out)'}"

    # -- session

    async def login(self) -> Session:
        """Start a session if there is none. Happens by itself when needed.

        Raises:
            AuthError: the broker refused the credentials or the one-time code.
        """
        return await self._account.sessions.current()

    async def renew(self) -> Session:
        """Replace the session's tokens by fresh ones."""
        return await self._account.sessions.replace(self._account.sessions.session)

    async def logout(self) -> None:
        """End the session at the broker. The next call logs in again."""
        self._account.sessions.refuse_closed()
        if self._account.sessions.session is not None:
            await self._account.read("logout", self._account.adapter.logout)
            self._account.sessions.log_out()

    async def profile(self) -> Profile:
        """Whose account it is and what it may trade."""
        return await self._account.read("profile", self._account.adapter.profile)

    async def close(self) -> None:
        """Close the connections, for good: what needs the broker then raises ``BrokerClosed``.

        The session at the broker lives on, and what is not known of orders stays in the journal.
        """
        self._orders.stop()
        self._account.close()
        await self._account.transport.aclose()
        await self._orders.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    # -- orders

    @checked(tag=None)
    async def place_order(
        self,
        symbol: Symbol,
        side: Side | str,
        quantity: Number | None = None,
        *,
        order_type: OrderType | str,
        product: Product | str,
        price: Number | None = None,
        trigger_price: Number | None = None,
        validity: Validity | str = Validity.DAY,
        lots: Number | None = None,
        disclosed_quantity: Number | None = None,
        market_protection: ProtectionLike = None,
        after_market: bool = False,
        bracket_target: Number | None = None,
        bracket_stop: Number | None = None,
        bracket_trail: Number | None = None,
        accept_caution: bool = False,
        tag: str | None = None,
        timeout: float | None = None,
        client_id: str | None = None,
        allow_repeat: bool = False,
    ) -> OrderAck:
        """Place one order. The ack says *received*, never *filled*.

        Args:
            symbol: ``"NSE:INFY"``, an :class:`Instrument`, or what ``instruments.resolve`` takes.
            side: BUY or SELL.
            quantity: units; or give ``lots``.
            order_type: MARKET, LIMIT, SL or SL-M.
            product: CNC, MIS, NRML or MTF.
            price: rupees, for LIMIT and SL.
            trigger_price: rupees, for SL and SL-M.
            validity: DAY or IOC.
            disclosed_quantity: the visible part, units.
            market_protection: for MARKET and SL-M, how far it may slip: per cent, or ``"broker"``
                for the broker's own band; :class:`AsLimit` has it sent as a priced order.
            after_market: for the next session.
            bracket_target, bracket_stop: make it a bracket order (LIMIT, MIS): rupees away from
                its price at which two children close it, at a profit or at a loss.
            bracket_trail: rupees; the bracket's stop follows in such steps.
            accept_caution: trade it although the exchange cautions against the security.
            tag: a label of yours, letters and digits.
            timeout: seconds to the reply, 8 by default. If it is lost, up to ``resolve_within``
                more until ``OrderUnknown`` is raised.
            client_id: your own name for this order, good for one order a day. The same id with
                the same order gives the first outcome again; with another order it is refused.
            allow_repeat: place it even if the same order was just placed, or is not known yet.

        Raises:
            OrderBlocked: a guard held it: the kill switch, the duplicate guard; nothing was sent.
            UsageError: the order is invalid or not offered; nothing was sent.
            NotSent, AuthError, RateLimited: it provably did not reach the order system.
            OrderRejected: the broker refused it; no order exists.
            OrderUnknown: it may exist. Do not send it again before you know.

        >>> ack = broker.place_order("NSE:INFY", "BUY", 10, order_type="LIMIT", price="1510.5",
        ...                          product="CNC")
        """
        desk = self._desk
        instrument = self._account.tradable(symbol)
        order = OrderRequest(
            symbol=instrument.symbol,
            side=side,
            quantity=quantity,
            lots=lots,
            order_type=order_type,
            product=product,
            price=price,
            trigger_price=trigger_price,
            validity=validity,
            disclosed_quantity=disclosed_quantity,
            market_protection=market_protection,
            after_market=after_market,
            bracket_target=bracket_target,
            bracket_stop=bracket_stop,
            bracket_trail=bracket_trail,
            accept_caution=accept_caution,
            tag=tag,
            instrument=instrument,
        )
        return await desk.place(
            order.on(instrument), timeout=timeout, client_id=client_id, allow_repeat=allow_repeat
        )

    @checked()
    async def place_orders(
        self,
        orders: Iterable[OrderLike],
        *,
        timeout: float | None = None,
        client_ids: Sequence[str | None] = (),
        allow_repeat: bool = False,
    ) -> OrderResults:
        """Place a basket at once: :class:`OrderRequest` objects, or mappings of its fields.

        All are validated before the first is sent. The results stand in the order given, each an
        :class:`OrderAck` or that order's own error; an empty basket has none.

        Raises:
            UsageError: an order of the basket is invalid; nothing was sent.
        """
        return await self._desk.place_many(
            basket_of(orders),
            timeout=timeout,
            client_ids=client_ids,
            allow_repeat=allow_repeat,
        )

    @checked()
    async def modify_order(
        self,
        order: Target,
        *,
        quantity: Number | None = None,
        price: Number | None = None,
        trigger_price: Number | None = None,
        order_type: OrderType | str | None = None,
        validity: Validity | str | None = None,
        disclosed_quantity: Number | None = None,
        market_protection: ProtectionLike = None,
        timeout: float | None = None,
    ) -> OrderAck:
        """Change a live order to absolute values; what is not given stays.

        The order's present state is read first, unless you pass an :class:`Order` that you have
        just read, which saves the round trip.

        Args:
            order: an ack, an order row or a bare id.
            quantity: units, the new total.
            price: rupees, for LIMIT and SL.
            trigger_price: rupees, for SL and SL-M.
            order_type: MARKET, LIMIT, SL or SL-M.
            validity: DAY or IOC.
            disclosed_quantity: the visible part, units.
            market_protection: for MARKET and SL-M, as for ``place_order``: per cent, or
                ``"broker"``; no :class:`AsLimit`. Brokers whose changes have none refuse it.
            timeout: as for ``place_order``.

        Raises:
            InvalidOrder: nothing to change, off tick, off lot; nothing was sent.
            Unsupported: the broker's changes do not have that; nothing was sent.
            OrderNotModifiable: the order is done.
            OrderRejected, OrderUnknown: as for ``place_order``.
        """
        change = OrderChange(
            quantity=quantity,
            price=price,
            trigger_price=trigger_price,
            order_type=order_type,
            validity=validity,
            disclosed_quantity=disclosed_quantity,
            market_protection=market_protection,
        )
        return await self._desk.modify(order, change, timeout=timeout)

    @checked()
    async def cancel_order(self, order: Target, *, timeout: float | None = None) -> OrderAck:
        """Ask for a live order to be cancelled: an ack, an order row or a bare id.

        Raises:
            OrderNotFound: the broker knows no such order.
            OrderRejected, OrderUnknown: as for ``place_order``.
        """
        return await self._desk.cancel(order, timeout=timeout)

    async def cancel_all(self) -> OrderResults:
        """Cancel every live order; a result for each. It is never refused.

        Orders whose outcome is not known stand at the end of the results, each as its
        :class:`OrderUnknown`: they may yet appear.

        Raises:
            OpenBrokerError: the book could not be read; nothing was sent.
        """
        return await self._desk.cancel_all()

    @checked()
    async def square_off(
        self,
        symbol: Symbol | None = None,
        *,
        product: Product | str | None = None,
        market_protection: ProtectionLike = None,
        despite_unknown: bool = False,
    ) -> OrderResults:
        """Close open positions at the market; a result for each order.

        A position whose instrument has an order of unknown outcome is refused with
        :class:`UnresolvedOrder`, after trying to resolve it.

        Args:
            symbol: only this instrument; ``None`` for all.
            product: only this product; ``None`` for all.
            market_protection: as for ``place_order``.
            despite_unknown: close what the broker shows now, whatever may yet appear.

        Raises:
            OpenBrokerError: the positions could not be read; nothing was sent.
        """
        wanted = self.instruments.resolve(symbol).symbol if symbol is not None else None
        kind = as_product(product) if product is not None else None
        return await self._closer.square_off(
            lambda p: wanted in (None, p.symbol) and kind in (None, p.product),
            market_protection=as_protection(market_protection),
            despite_unknown=despite_unknown,
        )

    # -- the truth about orders

    @checked(timeout=AMOUNT.or_none())
    async def resolve(
        self, unknown: OrderUnknown | Entry | str, *, timeout: float | None = None
    ) -> Resolution:
        """What became of an order whose answer was lost.

        Args:
            unknown: the error, a row of :meth:`unresolved`, or the wire tag.
            timeout: seconds to wait for the truth, 0 for what is known now; by default the broker's
                settle time and a bit.

        Raises:
            UsageError: today's journal has no such order.
        """
        return await self._desk.resolve(unknown, timeout=timeout)

    async def unresolved(self) -> Table[Entry]:
        """Today's orders of this account, from any process, whose outcome is not known."""
        return self._desk.unresolved()

    @checked()
    async def halt(self, level: HaltLevel | str = HaltLevel.HALT, *, reason: str = "") -> HaltState:
        """Pull the kill switch: HALT lets only cancels pass, REDUCE_ONLY also what makes positions
        smaller. It holds for every process of the account until :meth:`resume`."""
        return await self._desk.halt(to_word(HaltLevel, level, name="level"), reason)

    async def resume(self) -> HaltState:
        """Lift the kill switch."""
        return await self._desk.halt(HaltLevel.RUN, "")

    async def halt_state(self) -> HaltState:
        """The kill switch as it stands, and why."""
        return self._desk.halt_state

    async def orders(self) -> Table[Order]:
        """Today's order book."""
        return Table(Order, await self._desk.book())

    @checked()
    async def order(self, order: Target) -> Order:
        """The present state of one order.

        Raises:
            OrderNotFound: the broker knows no such order.
        """
        return await self._desk.find(order)

    async def trades(self) -> Table[Trade]:
        """Today's executions."""
        rows = await self._account.read("trades", self._account.adapter.trades)
        return self._account.table(Trade, rows)

    # -- portfolio

    async def positions(self) -> Table[Position]:
        """Net positions, squared-off ones of today included."""
        rows = await self._account.read("positions", self._account.adapter.positions)
        return self._account.table(Position, rows)

    async def holdings(self) -> Table[Holding]:
        """Settled shares."""
        rows = await self._account.read("holdings", self._account.adapter.holdings)
        return self._account.table(Holding, rows)

    async def funds(self) -> Funds:
        """Cash and limits, rupees."""
        return await self._account.read("funds", self._account.adapter.funds)

    @checked()
    async def convert_position(
        self,
        position: Position,
        product: Product | str,
        quantity: Number | None = None,
        *,
        timeout: float | None = None,
    ) -> None:
        """Turn a position, or ``quantity`` units of it, into another product.

        Raises:
            InvalidOrder: so many units are not open; nothing was sent.
            OrderRejected, OrderUnknown: as for ``place_order``; an unknown one is never repeated.
        """
        kind, units = as_product(product), as_quantity(quantity)
        await self._gtt_desk.convert(position, kind, units, timeout=timeout)

    @checked()
    async def margin(self, orders: Iterable[OrderLike]) -> Margin:
        """What these orders would block together, rupees; nothing is placed.

        Raises:
            UsageError: an order is invalid, there is none, or there are more than the broker nets
                at once.
        """
        plans = await self._plans(orders)
        return await self._account.read("margin", lambda s: self._account.adapter.margin(s, plans))

    @checked()
    async def charges(self, orders: Iterable[OrderLike]) -> Charges:
        """What these orders would cost together: brokerage, fees and taxes, rupees.

        Raises:
            UsageError: an order is invalid or has no price to reckon with, or there is none.
        """
        plans = await self._plans(orders)
        adapter = self._account.adapter
        return await self._account.read("charges", lambda s: adapter.charges(s, plans))

    async def _plans(self, orders: Iterable[OrderLike]) -> Sequence[OrderRequest]:
        plans = [order.on(self._account.tradable(order.symbol)) for order in basket_of(orders)]
        if not plans:
            raise UsageError("orders is empty, so there is nothing to reckon")
        return await priced_now(self._account, plans)

    # -- rules

    @checked()
    async def place_gtt(
        self,
        symbol: Symbol,
        side: Side | str,
        quantity: Number,
        *,
        trigger_price: Number,
        price: Number,
        product: Product | str,
        stop_trigger_price: Number | None = None,
        stop_price: Number | None = None,
        disclosed_quantity: Number | None = None,
        valid_days: int | None = None,
        timeout: float | None = None,
    ) -> OrderAck:
        """Make a good-till-triggered rule: a LIMIT order that is sent once a price is reached.

        The ack's ``order_id`` is the rule's id. The rule blocks nothing and is in no order book
        until it is triggered.

        With a stop it is an OCO, *one cancels the other*: two orders that would close the same
        position, a target that takes its profit and a stop that limits its loss. Whichever trigger
        price is reached first sends its order and ends the other.

        Args:
            symbol: as for ``place_order``.
            side: BUY or SELL.
            quantity: units.
            trigger_price: rupees; the price that sends the order; of an OCO the target.
            price: rupees, of the order; of an OCO of the target.
            product: CNC, MIS, NRML or MTF, as far as the broker takes it in a rule.
            stop_trigger_price: rupees; the price that sends the stop: below the target's of a
                SELL, above that of a BUY. Without it there is no stop.
            stop_price: rupees, of the stop: at its trigger price or beyond it, as for an SL order.
            disclosed_quantity: the visible part, units; all of it by default.
            valid_days: how long the rule is kept; by default the broker decides.
            timeout: seconds to the reply.

        Raises:
            UsageError: the rule is invalid or not offered (``broker.capabilities`` tells whether an
                ``oco`` is); nothing was sent.
            OrderRejected: the broker refused it.
            OrderUnknown: it may exist; ``gtts()`` tells. It is never repeated.

        >>> ack = broker.place_gtt("NSE:INFY", "SELL", 10, trigger_price=1600, price=1598,
        ...                        stop_trigger_price=1450, stop_price=1445, product="CNC")
        """
        instrument = self._account.tradable(symbol)
        rule = GttRequest(
            symbol=instrument.symbol,
            side=side,
            quantity=quantity,
            price=price,
            trigger_price=trigger_price,
            product=product,
            stop_trigger_price=stop_trigger_price,
            stop_price=stop_price,
            disclosed_quantity=disclosed_quantity,
            valid_days=valid_days,
        )
        return await self._gtt_desk.place(rule.on(instrument), timeout=timeout)

    @checked()
    async def modify_gtt(
        self,
        rule: GttLike,
        *,
        quantity: Number | None = None,
        price: Number | None = None,
        trigger_price: Number | None = None,
        stop_trigger_price: Number | None = None,
        stop_price: Number | None = None,
        disclosed_quantity: Number | None = None,
        timeout: float | None = None,
    ) -> OrderAck:
        """Change a rule to absolute values; what is not given stays.

        The arguments are those of ``place_gtt``: of an OCO either leg, or both at brokers that
        change both at once; the quantity is each leg's.

        Raises:
            InvalidOrder: nothing to change, off tick, a stop of a rule that has none, or a target
                on the side of the stop; nothing was sent.
            OrderRejected, OrderUnknown: as for ``place_gtt``.
        """
        change = GttChange(
            quantity=quantity,
            price=price,
            trigger_price=trigger_price,
            stop_trigger_price=stop_trigger_price,
            stop_price=stop_price,
            disclosed_quantity=disclosed_quantity,
        )
        return await self._gtt_desk.modify(rule, change, timeout=timeout)

    @checked()
    async def cancel_gtt(self, rule: GttLike, *, timeout: float | None = None) -> OrderAck:
        """Take a rule back: a row of ``gtts()``, an ack or a bare id. No guard holds it."""
        return await self._gtt_desk.cancel(rule, timeout=timeout)

    @checked()
    async def gtt(self, rule: GttLike) -> Gtt:
        """The present state of one rule."""
        return await self._gtt_desk.find(rule)

    @checked()
    async def gtts(self, *, done: bool = False) -> Table[Gtt]:
        """The rules that wait or were triggered; with ``done`` the ended ones too."""
        adapter = self._account.adapter
        rows = await self._account.read("gtts", lambda s: adapter.gtts(s, done=done))
        return self._account.table(Gtt, rows)

    # -- prices

    @checked()
    async def quote(self, symbol: Symbol, mode: QuoteMode | str = QuoteMode.FULL) -> Quote:
        """The last price, and as much of the day as ``mode`` says: LTP, OHLC or FULL.

        Raises:
            InstrumentNotFound: no such symbol, or the broker has no quote for it.
        """
        quote = (await self.quotes([symbol], mode))[0]
        if quote.last_price is None:
            error = InstrumentNotFound(
                f"{self.name} has no quote for {quote.symbol}",
                advice="It may not trade today; broker.quotes(...) gives the broker's own words.",
            )
            error.outcome = None  # it was asked for
            raise error
        return quote

    @checked()
    async def quotes(
        self, symbols: Iterable[Symbol], mode: QuoteMode | str = QuoteMode.FULL
    ) -> Table[Quote]:
        """A quote for each symbol, in the order given; for no symbols nothing is sent.

        Where the broker has none, ``last_price`` is ``None`` and ``vendor`` holds its reason.
        """
        if not isinstance(symbols, Iterable) or isinstance(symbols, (*NO_LISTS, Instrument)):
            raise UsageError(
                f"quotes(...) takes a list of symbols, not {shown(symbols)}; quote(...) takes one"
            )
        wanted = [self.instruments.resolve(symbol) for symbol in symbols]
        kind = to_word(QuoteMode, mode, name="mode")
        if not wanted:
            return Table(Quote, ())
        adapter = self._account.adapter
        rows = await self._account.read("quotes", lambda s: adapter.quotes(s, wanted, kind))
        found = {(row.exchange, row.token): row for row in rows}
        quotes = (found.get((one.venue, one.token)) or _no_quote(one) for one in wanted)
        return self._account.table(Quote, quotes)

    @checked()
    async def option_chain(
        self,
        underlying: str | Instrument,
        expiry: When = None,
        *,
        strikes: int = 10,
        exchange: Exchange | str | None = None,
    ) -> QuotedChain:
        """Calls and puts around the money, with their prices.

        Args:
            underlying: ``"NIFTY"``, ``"NSE:INFY"``, or an instrument of that name.
            expiry: a day (``24NOV26`` too), ``"weekly"`` or ``"monthly"``; the nearest by default.
            strikes: how many on either side of the one at the money.
            exchange: the segment, where several list the underlying.

        Raises:
            InstrumentNotFound: there are no such options, or the broker has no price of the
                underlying.

        >>> broker.option_chain("NIFTY").pick("OTM2", "CE").symbol
        """
        store = self.instruments
        today = dt.datetime.now(INDIA).date()
        listed = store.option_chain(underlying, expiry, exchange=exchange, today=today)
        spot = await self.quote(spot_of(store, underlying), QuoteMode.LTP)
        chain = listed.around(spot.last_price, strikes)
        quotes = await self.quotes(legs_of(chain))
        return with_quotes(chain, {quote.symbol: quote for quote in quotes})

    @checked()
    async def history(
        self,
        symbol: Symbol,
        interval: Interval | str,
        *,
        start: Moment | None = None,
        end: Moment | None = None,
        days: int | None = None,
        oi: bool = False,
        progress: bool | None = None,
    ) -> Candles:
        """Candles, oldest first, each timestamp once, however many requests it takes.

        A window that the broker would not give stands in ``.missing``; it is never skipped in
        silence. ``.to_pandas()`` and ``.to_polars()`` make frames.

        Args:
            symbol: as for ``place_order``.
            interval: 1m 3m 5m 10m 15m 30m 1h 1d, as far as the broker has them.
            start: a time (aware, or in India), a day, or either as ISO 8601 text.
            end: likewise; a day is meant whole. Now by default.
            days: instead of ``start``: so many days back from the end.
            oi: open interest as well (derivatives).
            progress: show a bar on long runs; by default where somebody watches.

        Raises:
            UsageError: no start and no days, an empty span, or no such history.
            OpenBrokerError: not one window could be read.

        >>> candles = broker.history("NSE:INFY", "1d", days=30)
        """
        span = span_of(
            dt.datetime.now(INDIA),
            start=start,
            end=end,
            days=days,
            earliest=self._account.adapter.history_starts,
        )
        instrument = self.instruments.resolve(symbol)
        kind = to_word(Interval, interval, name="interval")
        return await read_history(self._account, instrument, kind, span, oi=oi, progress=progress)

    # -- the rest

    @property
    def vendor(self) -> VendorCalls:
        """What only this broker has: ``dir(broker.vendor)`` lists it."""
        return VendorCalls(self._account, lambda work: work)

    @checked()
    async def request(self, method: str, path: str, body: object | None = None) -> Any:
        """Read what the schema has no place for: the parsed data of one of the vendor's paths.

        Args:
            method: GET, or POST where the vendor's manual has a read behind it. Other methods
                change things, so they are refused at every broker; many brokers take GET alone.
            path: as the manual writes it, from the first slash, its query included.
            body: a mapping or a list, sent as the vendor wants it.

        Raises:
            Unsupported: the method or the path may change something.
            UsageError: the path or the body cannot be sent.
        """
        verb = check_read(method, path, body)
        adapter = self._account.adapter
        return await self._account.read("request", lambda s: adapter.raw(s, verb, path, body))


def _no_quote(instrument: Instrument) -> Quote:
    return Quote(
        exchange=instrument.venue, token=instrument.token, broker_symbol=instrument.broker_symbol
    )


async def _together(*work: Coroutine[Any, Any, Any]) -> None:
    """Do all at once; the first error ends the others and is raised."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in done:
        task.result()
