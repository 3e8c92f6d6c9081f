"""From a name and credentials to a broker that is ready."""

from __future__ import annotations

import inspect
from collections.abc import Generator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

from openbroker.account import Account
from openbroker.adapters.base import Adapter
from openbroker.arguments import TEXT, Kind, checked
from openbroker.client.asynchronous import AsyncBroker
from openbroker.client.blocking import Broker
from openbroker.errors import ConfigError
from openbroker.name_clash import warn_of_clash
from openbroker.orders.halt import AutoHalt
from openbroker.orders.journal_file import Durability
from openbroker.orders.settings import OnLateOrder, OrderSettings
from openbroker.registry import adapter_for
from openbroker.schemas import Secret
from openbroker.session.credentials import resolve
from openbroker.transport import bridge
from openbroker.transport.exchange import Transport

if TYPE_CHECKING:
    import httpx


@checked(
    ConfigError,
    broker=None,
    credentials=None,
    base_url=Kind("an address; one looks like https://host", TEXT.fits).or_none(),
    local_address=Kind("an IP address", TEXT.fits).or_none(),
    proxy=Kind(
        "the address of a proxy", lambda value: isinstance(value, (str, Secret)) and bool(value)
    ).or_none(),
)
def open_account(
    broker: str,
    credentials: Mapping[str, str | Secret | None],
    *,
    base_url: str | None = None,
    hosts: Mapping[str, str] | None = None,
    ca_file: str | Path | None = None,
    local_address: str | None = None,
    proxy: str | Secret | None = None,
    http: httpx.AsyncBaseTransport | None = None,
    timeout: float = 8.0,
    http2_orders: bool = False,
    keep_session: bool | str | Path = False,
) -> Account:
    """An account that is not logged in yet; nothing is sent.

    Raises:
        UnknownBroker, ConfigError: no such broker; a credential or a setting is wrong.
    """
    warn_of_clash()
    adapter: Adapter = adapter_for(broker)
    if adapter.name == "sandbox":
        from openbroker.sandbox.embedded import embedded

        credentials, http = embedded(credentials, http)
    fields = (*adapter.credentials, *adapter.settings)
    found = resolve(adapter.name, fields, credentials, beside=_settings())
    choices = {field.name for field in adapter.settings}
    adapter = adapter.with_settings({n: v.reveal() for n, v in found.items() if n in choices})
    home, adapter = adapter, adapter.at(base_url, hosts)
    transport = Transport(
        ca_file=ca_file,
        local_address=local_address,
        proxy=proxy,
        http=http,
        timeout=timeout,
        http2_orders=http2_orders,
    )
    return Account(
        adapter,
        {name: value for name, value in found.items() if name not in choices},
        transport,
        share_instruments=http is None and adapter.hosts == home.hosts,
        keep_session=keep_session,
    )


def _settings() -> list[str]:
    """The names of ``connect``'s own arguments."""
    parameters = inspect.signature(connect).parameters.values()
    return [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]


class Connecting:
    """What :func:`connect_async` returns: await it, or enter it with ``async with``."""

    def __init__(self, account: Account, settings: OrderSettings) -> None:
        self._account = account
        self._settings = settings
        self._broker: AsyncBroker | None = None

    def __await__(self) -> Generator[Any, None, AsyncBroker]:
        return AsyncBroker.open(self._account, self._settings).__await__()

    def __repr__(self) -> str:
        return "<connect_async(...), not connected yet: await it, or enter it with 'async with'>"

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(
            f"connect_async() is not connected yet, so it has no {name!r}: write "
            "'broker = await connect_async(...)' or 'async with connect_async(...) as broker:'"
        )

    async def __aenter__(self) -> AsyncBroker:
        self._broker = await AsyncBroker.open(self._account, self._settings)
        return self._broker

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._broker is not None:
            await self._broker.close()


def connect_async(
    broker: str = "sandbox",
    *,
    base_url: str | None = None,
    hosts: Mapping[str, str] | None = None,
    ca_file: str | Path | None = None,
    local_address: str | None = None,
    proxy: str | Secret | None = None,
    http: httpx.AsyncBaseTransport | None = None,
    timeout: float = 8.0,
    http2_orders: bool = False,
    keep_session: bool | str | Path = False,
    durability: Durability = "process",
    journal_dir: str | Path | None = None,
    resolve_within: float = 5.0,
    settle_time: float | None = None,
    duplicate_window: float = 1.0,
    strict: bool = False,
    on_late_order: OnLateOrder | None = None,
    auto_halt: AutoHalt | None = None,
    **credentials: str | Secret | None,
) -> Connecting:
    """:func:`connect` for asyncio: ``async with connect_async("angelone") as broker: ...``"""
    return Connecting(
        open_account(
            broker,
            credentials,
            base_url=base_url,
            hosts=hosts,
            ca_file=ca_file,
            local_address=local_address,
            proxy=proxy,
            http=http,
            timeout=timeout,
            http2_orders=http2_orders,
            keep_session=keep_session,
        ),
        OrderSettings(
            durability=durability,
            journal_dir=journal_dir,
            resolve_within=resolve_within,
            settle_time=settle_time,
            duplicate_window=duplicate_window,
            strict=strict,
            on_late_order=on_late_order,
            auto_halt=auto_halt,
        ),
    )


def connect(
    broker: str = "sandbox",
    *,
    base_url: str | None = None,
    hosts: Mapping[str, str] | None = None,
    ca_file: str | Path | None = None,
    local_address: str | None = None,
    proxy: str | Secret | None = None,
    http: httpx.AsyncBaseTransport | None = None,
    timeout: float = 8.0,
    http2_orders: bool = False,
    keep_session: bool | str | Path = False,
    durability: Durability = "process",
    journal_dir: str | Path | None = None,
    resolve_within: float = 5.0,
    settle_time: float | None = None,
    duplicate_window: float = 1.0,
    strict: bool = False,
    on_late_order: OnLateOrder | None = None,
    auto_halt: AutoHalt | None = None,
    **credentials: str | Secret | None,
) -> Broker:
    """Log in and return a broker that is ready: session, instruments, warm connections.

    Args:
        broker: a name of :func:`openbroker.brokers`; without one, the embedded sandbox, which
            needs no account and no network.
        base_url: another address for every host of the broker (a sandbox server).
        hosts: other addresses for single hosts.
        ca_file: certificates to trust besides the public ones. Verification cannot be turned off.
        local_address: this machine's address to send from, where the broker knows one.
        proxy: an HTTP CONNECT proxy, ``http://[user:password@]host:port``.
        http: another httpx transport in place of the engine, for tests.
        timeout: seconds to the end of a reply.
        http2_orders: send orders over HTTP/2 too, where the broker has it. One connection then
            carries many orders, and its loss leaves all of them unknown at once.
        keep_session: keep today's tokens in a private file for the account's other processes, in
            the platform's state folder or the folder named; by default they die with this one.
        durability: ``"process"``: what is known of orders survives the death of the process;
            ``"power"``: a power cut too, for some milliseconds an order.
        journal_dir: where order journals are kept; by default the platform's state folder. In
            memory for the embedded sandbox and for mocks, or with ``":memory:"``.
        resolve_within: seconds that an order call waits for the truth when its answer is lost,
            before it raises ``OrderUnknown``.
        settle_time: seconds for which a lost order must be missing from the book before it counts
            as absent; by default the broker's.
        duplicate_window: seconds in which the same order counts as a slip; 0 switches this off.
        strict: place nothing while the outcome of any order is not known.
        on_late_order: called with the journal's entry and the order's row when an order appears
            that had been reported absent.
        auto_halt: when trading halts by itself; by default never.
        credentials: the broker's fields and settings by name; missing ones come from
            ``OPENBROKER_<BROKER>_<FIELD>``, then from the profile. A mapping of them to unpack is,
            for a type checker, a ``dict[str, Any]``.

    Raises:
        UnknownBroker: no broker has that name.
        ConfigError: a credential is missing or malformed; it and its variable are named.
        AuthError: the broker refused the login.
        TransportError: the broker could not be reached.

    >>> broker = connect()
    """
    connecting = connect_async(
        broker,
        base_url=base_url,
        hosts=hosts,
        ca_file=ca_file,
        local_address=local_address,
        proxy=proxy,
        http=http,
        timeout=timeout,
        http2_orders=http2_orders,
        keep_session=keep_session,
        durability=durability,
        journal_dir=journal_dir,
        resolve_within=resolve_within,
        settle_time=settle_time,
        duplicate_window=duplicate_window,
        strict=strict,
        on_late_order=on_late_order,
        auto_halt=auto_halt,
        **credentials,
    )
    return Broker(bridge.run(_opened(connecting)))


async def _opened(connecting: Connecting) -> AsyncBroker:
    return await connecting
