"""The face for scripts, threads and notebooks: the asyncio face, waited for."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from openbroker.adapters.base import Capability
from openbroker.client.asynchronous import AsyncBroker, Symbol
from openbroker.client.baskets import OrderLike
from openbroker.errors import OrderUnknown, UsageError
from openbroker.gtt_desk import GttLike
from openbroker.history import Moment
from openbroker.instruments import InstrumentStore
from openbroker.instruments.chains import When
from openbroker.instruments.quoted import QuotedChain
from openbroker.orders.carrier import telling
from openbroker.orders.desk import Target
from openbroker.orders.entries import Entry
from openbroker.orders.halt import HaltLevel, HaltState
from openbroker.orders.reconcile import Resolution
from openbroker.orders.results import OrderResults
from openbroker.schemas import (
    Candles,
    Charges,
    Exchange,
    Funds,
    Gtt,
    Holding,
    Instrument,
    Interval,
    Margin,
    Order,
    OrderAck,
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
from openbroker.schemas.convert import Number
from openbroker.schemas.protection import ProtectionLike
from openbroker.transport import bridge
from openbroker.transport.latency import Latency
from openbroker.transport.messages import Reply, Request, TransportFailure
from openbroker.vendor import VendorCalls

T = TypeVar("T")


class Broker:
    """One account at one broker, for scripts, threads and notebooks. Made by :func:`connect`.

    Every method is that of :class:`AsyncBroker`, waited for. It may be used from many threads.
    """

    def __init__(self, inner: AsyncBroker) -> None:
        self._async = inner

    @staticmethod
    def _wait(work: Coroutine[Any, Any, T]) -> T:
        try:
            with telling():
                return bridge.run(work)
        except UsageError as error:
            raise error.with_traceback(None)  # noqa: B904 - the mistake lies in the caller's frames

    @property
    def name(self) -> str:
        return self._async.name

    @property
    def account(self) -> str:
        return self._async.account

    @property
    def instruments(self) -> InstrumentStore:
        return self._async.instruments

    def refresh_instruments(self) -> InstrumentStore:
        return self._wait(self._async.refresh_instruments())

    @property
    def capabilities(self) -> Table[Capability]:
        return self._async.capabilities

    @property
    def latency(self) -> Latency:
        return self._async.latency

    def on_exchange(self, hook: Callable[[Request, Reply | TransportFailure], None]) -> None:
        self._async.on_exchange(hook)

    def __repr__(self) -> str:
        return repr(self._async).replace("AsyncBroker", "Broker", 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def login(self) -> Session:
        return self._wait(self._async.login())

    def renew(self) -> Session:
        return self._wait(self._async.renew())

    def logout(self) -> None:
        return self._wait(self._async.logout())

    def profile(self) -> Profile:
        return self._wait(self._async.profile())

    def close(self) -> None:
        return self._wait(self._async.close())

    def place_order(
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
        return self._wait(
            self._async.place_order(
                symbol,
                side,
                quantity,
                order_type=order_type,
                product=product,
                price=price,
                trigger_price=trigger_price,
                validity=validity,
                lots=lots,
                disclosed_quantity=disclosed_quantity,
                market_protection=market_protection,
                after_market=after_market,
                bracket_target=bracket_target,
                bracket_stop=bracket_stop,
                bracket_trail=bracket_trail,
                accept_caution=accept_caution,
                tag=tag,
                timeout=timeout,
                client_id=client_id,
                allow_repeat=allow_repeat,
            )
        )

    def place_orders(
        self,
        orders: Iterable[OrderLike],
        *,
        timeout: float | None = None,
        client_ids: Sequence[str | None] = (),
        allow_repeat: bool = False,
    ) -> OrderResults:
        return self._wait(
            self._async.place_orders(
                orders, timeout=timeout, client_ids=client_ids, allow_repeat=allow_repeat
            )
        )

    def modify_order(
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
        return self._wait(
            self._async.modify_order(
                order,
                quantity=quantity,
                price=price,
                trigger_price=trigger_price,
                order_type=order_type,
                validity=validity,
                disclosed_quantity=disclosed_quantity,
                market_protection=market_protection,
                timeout=timeout,
            )
        )

    def cancel_order(self, order: Target, *, timeout: float | None = None) -> OrderAck:
        return self._wait(self._async.cancel_order(order, timeout=timeout))

    def cancel_all(self) -> OrderResults:
        return self._wait(self._async.cancel_all())

    def resolve(
        self, unknown: OrderUnknown | Entry | str, *, timeout: float | None = None
    ) -> Resolution:
        return self._wait(self._async.resolve(unknown, timeout=timeout))

    def unresolved(self) -> Table[Entry]:
        return self._wait(self._async.unresolved())

    def halt(self, level: HaltLevel | str = HaltLevel.HALT, *, reason: str = "") -> HaltState:
        return self._wait(self._async.halt(level, reason=reason))

    def resume(self) -> HaltState:
        return self._wait(self._async.resume())

    def halt_state(self) -> HaltState:
        return self._wait(self._async.halt_state())

    def square_off(
        self,
        symbol: Symbol | None = None,
        *,
        product: Product | str | None = None,
        market_protection: ProtectionLike = None,
        despite_unknown: bool = False,
    ) -> OrderResults:
        return self._wait(
            self._async.square_off(
                symbol,
                product=product,
                market_protection=market_protection,
                despite_unknown=despite_unknown,
            )
        )

    def orders(self) -> Table[Order]:
        return self._wait(self._async.orders())

    def order(self, order: Target) -> Order:
        return self._wait(self._async.order(order))

    def trades(self) -> Table[Trade]:
        return self._wait(self._async.trades())

    def positions(self) -> Table[Position]:
        return self._wait(self._async.positions())

    def holdings(self) -> Table[Holding]:
        return self._wait(self._async.holdings())

    def funds(self) -> Funds:
        return self._wait(self._async.funds())

    def quote(self, symbol: Symbol, mode: QuoteMode | str = QuoteMode.FULL) -> Quote:
        return self._wait(self._async.quote(symbol, mode))

    def quotes(
        self, symbols: Iterable[Symbol], mode: QuoteMode | str = QuoteMode.FULL
    ) -> Table[Quote]:
        return self._wait(self._async.quotes(symbols, mode))

    def option_chain(
        self,
        underlying: str | Instrument,
        expiry: When = None,
        *,
        strikes: int = 10,
        exchange: Exchange | str | None = None,
    ) -> QuotedChain:
        return self._wait(
            self._async.option_chain(underlying, expiry, strikes=strikes, exchange=exchange)
        )

    def convert_position(
        self,
        position: Position,
        product: Product | str,
        quantity: Number | None = None,
        *,
        timeout: float | None = None,
    ) -> None:
        return self._wait(
            self._async.convert_position(position, product, quantity, timeout=timeout)
        )

    def margin(self, orders: Iterable[OrderLike]) -> Margin:
        return self._wait(self._async.margin(orders))

    def charges(self, orders: Iterable[OrderLike]) -> Charges:
        return self._wait(self._async.charges(orders))

    def place_gtt(
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
        return self._wait(
            self._async.place_gtt(
                symbol,
                side,
                quantity,
                trigger_price=trigger_price,
                price=price,
                product=product,
                stop_trigger_price=stop_trigger_price,
                stop_price=stop_price,
                disclosed_quantity=disclosed_quantity,
                valid_days=valid_days,
                timeout=timeout,
            )
        )

    def modify_gtt(
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
        return self._wait(
            self._async.modify_gtt(
                rule,
                quantity=quantity,
                price=price,
                trigger_price=trigger_price,
                stop_trigger_price=stop_trigger_price,
                stop_price=stop_price,
                disclosed_quantity=disclosed_quantity,
                timeout=timeout,
            )
        )

    def cancel_gtt(self, rule: GttLike, *, timeout: float | None = None) -> OrderAck:
        return self._wait(self._async.cancel_gtt(rule, timeout=timeout))

    def gtt(self, rule: GttLike) -> Gtt:
        return self._wait(self._async.gtt(rule))

    def gtts(self, *, done: bool = False) -> Table[Gtt]:
        return self._wait(self._async.gtts(done=done))

    def history(
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
        return self._wait(
            self._async.history(
                symbol, interval, start=start, end=end, days=days, oi=oi, progress=progress
            )
        )

    @property
    def vendor(self) -> VendorCalls:
        return VendorCalls(self._async._account, self._wait)  # noqa: SLF001 - its own half

    def request(self, method: str, path: str, body: object | None = None) -> Any:
        return self._wait(self._async.request(method, path, body))


def _copy_docs() -> None:
    """The methods are the same, so is what is to be said of them."""
    for name, ours in vars(Broker).items():
        theirs = vars(AsyncBroker).get(name)
        if theirs is not None and not name.startswith("_") and not ours.__doc__:
            ours.__doc__ = theirs.__doc__


_copy_docs()
