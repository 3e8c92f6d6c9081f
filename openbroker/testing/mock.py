"""A broker that cannot reach a network, for tests.

respx's global patch does not reach openbroker's own transport, so a program that is tested under
it could trade.  :func:`mock_broker` puts a respx router in the transport's place instead: a
request that no route answers is an ``AssertionError``, never a connection.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

import attrs
import httpx

from openbroker.account import Account
from openbroker.adapters.base import Adapter
from openbroker.client import AsyncBroker, Broker
from openbroker.errors import ConfigError, SessionExpired
from openbroker.instruments import InstrumentStore
from openbroker.registry import adapter_for
from openbroker.schemas import Instrument, Secret, Session
from openbroker.session.keeper import SessionKeeper
from openbroker.transport import bridge
from openbroker.transport.driver import Driver
from openbroker.transport.exchange import OnLate, Transport
from openbroker.transport.limits import Limiter
from openbroker.transport.messages import Reply, Request, TransportFailure
from openbroker.transport.retry import RetryPolicy

if TYPE_CHECKING:
    from respx import Router


def mock_broker(
    broker: str | Adapter,
    *,
    instruments: Iterable[Instrument] = (),
    session: Session | None = None,
    credentials: Mapping[str, str | Secret] | None = None,
    router: Router | None = None,
    now: dt.datetime | None = None,
) -> MockBroker:
    """A mocked broker: no network, no login and no instrument download.

    Rate limits and the retrying of reads are off, so that a test sees each request once and waits
    for nothing.

    Args:
        broker: a registry name, or an adapter.
        instruments: what can be traded; symbols are looked up among these.
        session: the session to trade with; by default one with made-up tokens. When the mocked
            broker answers that it has expired, ``SessionExpired`` is raised.
        credentials: log in with these through the router: at first use where no session is given,
            and when the session has expired.
        router: the respx router that answers; by default a new one, ``mock.router``.
        now: when replies arrive (aware); by default the present moment.

    Raises:
        ConfigError: respx is not installed.

    >>> from openbroker import Exchange, Instrument, InstrumentType
    >>> from openbroker.testing import mock_broker
    >>> sbin = Instrument(exchange=Exchange.NSE, symbol="NSE:SBIN", type=InstrumentType.EQUITY,
    ...                   token="3045", broker_symbol="SBIN-EQ")
    >>> with mock_broker("angelone", instruments=[sbin]) as mock:
    ...     place = mock.router.post(path="/rest/secure/angelbroking/order/v1/placeOrder")
    ...     _ = place.respond(json={"status": True, "data": {"orderid": "261122000000111"}})
    ...     ack = mock.broker.place_order("NSE:SBIN", "BUY", 1, order_type="MARKET", product="CNC")
    >>> ack.order_id
    '261122000000111'
    >>> place.call_count
    1
    """
    adapter = adapter_for(broker) if isinstance(broker, str) else broker
    transport = MockTransport(router or new_router(), now)
    account = Account(adapter, _secrets(credentials or {}), transport)
    account.driver = Driver(
        transport,
        Limiter(),
        asks_to_wait=adapter.asks_to_wait,
        policy=RetryPolicy(attempts=1),
    )
    account.sessions = _keeper(adapter, account.driver, session, credentials)
    account.use_instruments(InstrumentStore.build(instruments))
    return MockBroker(account, transport.router)


def _keeper(
    adapter: Adapter,
    driver: Driver,
    session: Session | None,
    credentials: Mapping[str, str | Secret] | None,
) -> SessionKeeper:
    if credentials is None:
        return GivenSession(adapter, session or made_up_session(adapter))
    keeper = SessionKeeper(adapter, _secrets(credentials), driver.run)
    if session is not None:
        keeper.take(session)
    return keeper


def new_router() -> Router:
    """An empty respx router: unanswered requests are errors, unused routes are not."""
    try:
        import respx
    except ImportError:
        raise ConfigError(
            "mock_broker needs respx", advice="Install openbroker-sdk[test] or respx."
        ) from None
    return respx.Router(assert_all_called=False, assert_all_mocked=True)


def _secrets(credentials: Mapping[str, str | Secret]) -> dict[str, Secret]:
    return {name: Secret(value) for name, value in credentials.items()}


class AnyTokens(dict[str, Secret]):
    """A made-up token under every name: what tokens are called is the adapter's business."""

    def __missing__(self, name: str) -> Secret:
        return Secret(f"made-up-{name}")


def made_up_session(adapter: Adapter) -> Session:
    """A session that no broker ever gave."""
    session = Session(broker=adapter.name, account="MOCK", created_at=dt.datetime.now(dt.UTC))
    object.__setattr__(session, "tokens", AnyTokens())
    return session


class GivenSession(SessionKeeper):
    """Keeps the one session that it was given."""

    def __init__(self, adapter: Adapter, session: Session) -> None:
        super().__init__(adapter, {}, _no_login)
        self.take(session)

    async def replace(self, dead: Session | None) -> Session:  # noqa: ARG002
        refusal = sys.exception()
        if isinstance(refusal, SessionExpired):
            raise refusal
        raise SessionExpired(
            "the mocked session has expired",
            advice="Pass credentials= to mock_broker to have it log in through the router.",
        )


async def _no_login(_: object) -> Session:
    raise AssertionError("a mock with a given session does not log in")


class MockTransport(Transport):
    """The transport's seam over a respx router."""

    def __init__(self, router: Router, now: dt.datetime | None = None) -> None:
        super().__init__(http=httpx.MockTransport(router.async_handler))
        self.router = router
        self._now = now

    async def exchange(
        self, request: Request, deadline: float | None = None, *, late: OnLate | None = None
    ) -> Reply | TransportFailure:
        answer = await super().exchange(request, deadline, late=late)
        if isinstance(answer, Reply) and self._now is not None:
            return attrs.evolve(answer, received_at=self._now)
        return answer


class MockBroker:
    """What :func:`mock_broker` gives; enter it with ``with`` or ``async with``.

    Attributes:
        router: the respx router; add routes to it before the calls that they answer.
        broker: the :class:`~openbroker.Broker`.
        async_broker: the :class:`~openbroker.AsyncBroker` over the same account.
    """

    def __init__(self, account: Account, router: Router) -> None:
        self.router = router
        self.async_broker = AsyncBroker(account)
        self.broker = Broker(self.async_broker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        bridge.run(self.async_broker.close())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.async_broker.close()
