"""A process that runs overnight: the day's instruments come by themselves, and nothing waits."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import gc
import json
import logging
import shutil
import weakref
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import attrs
import httpx
import pytest

import openbroker as ob
from openbroker.account import Account
from openbroker.adapters.angelone import ANGELONE
from openbroker.instruments import follower, publishing
from openbroker.orders.settings import MOCKED
from openbroker.sandbox import Sandbox
from openbroker.schemas import INDIA, Secret
from openbroker.session import codes, keeper
from openbroker.transport.exchange import Transport

T = TypeVar("T")

MONDAY = dt.datetime(2026, 11, 23, 9, 0, tzinfo=INDIA)
NEAREST = "NFO:NIFTY24NOV2626000CE"
LATER = "NFO:NIFTY01DEC2626000CE"
ORDER = {"order_type": "LIMIT", "price": "50", "product": "NRML"}


# -- when a master is due


@pytest.mark.parametrize(
    ("broker", "moment", "day"),
    [
        ("angelone", "2026-11-23T08:29", 22),
        ("angelone", "2026-11-23T08:30", 23),
        ("angelone", "2026-11-23T00:10", 22),
        ("angelone", "2026-11-23T23:59", 23),
        ("zerodha", "2026-11-23T07:59", 22),
        ("zerodha", "2026-11-23T08:00", 23),
        ("a_plug_in", "2026-11-23T08:15", 22),
    ],
)
def test_a_master_is_due_from_its_hour_in_india(broker: str, moment: str, day: int) -> None:
    now = dt.datetime.fromisoformat(moment).replace(tzinfo=INDIA)
    assert publishing.due(broker, now) == dt.date(2026, 11, day)
    assert publishing.due(broker, now.astimezone(dt.UTC)) == dt.date(2026, 11, day)
    next_one = now + dt.timedelta(seconds=publishing.until_next(broker, now))
    assert publishing.due(broker, next_one) == dt.date(2026, 11, day + 1)
    assert publishing.due(broker, next_one - dt.timedelta(seconds=1)) == dt.date(2026, 11, day)


def test_every_hour_has_a_date_and_a_source() -> None:
    for row in publishing.PUBLICATIONS:
        assert row.source
        assert row.since <= dt.date(2026, 11, 22)
    assert [row.broker for row in publishing.PUBLICATIONS].count(None) >= 1


# -- a night


@attrs.define
class Night:
    """A simulated Angel One whose master changes, and a clock."""

    sandbox: Sandbox = attrs.field(
        factory=lambda: Sandbox(limits=None, reuse_totp=True, today=MONDAY.date())
    )
    now: dt.datetime = MONDAY
    change: Callable[[list[dict[str, str]]], list[dict[str, str]]] = list
    gate: asyncio.Event | None = None
    masters: int = 0
    sent: list[dict[str, Any]] = attrs.field(factory=list)
    is_down: bool = False

    async def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("placeOrder"):
            self.sent.append(json.loads(request.content))
        if not path.endswith("OpenAPIScripMaster.json"):
            return self.sandbox.handler(request)
        self.masters += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.is_down:
            return httpx.Response(503, text="down")
        rows = json.loads(self.sandbox.handler(request).content)
        return httpx.Response(200, json=self.change(rows))

    def account(self) -> Account:
        given = {name: Secret(text) for name, text in self.sandbox.credentials.items()}
        transport = Transport(http=httpx.MockTransport(self.answer))
        return Account(ANGELONE, given, transport, share_instruments=True, clock=lambda: self.now)

    def run(self, trade: Callable[[ob.AsyncBroker], Awaitable[T]]) -> T:
        async def main() -> T:
            async with await ob.AsyncBroker.open(self.account(), MOCKED) as broker:
                return await trade(broker)

        return asyncio.run(main())


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Night:
    monkeypatch.setattr(follower, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(follower, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(follower, "SPREAD", 0.0)
    monkeypatch.setattr(keeper, "_codes_used", {})
    return Night()


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not fact():  # noqa: ASYNC110 - what is waited for is the code's own timer
            await asyncio.sleep(0.005)


def with_other_tokens(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The next day's file: the nearest expiry is gone, new shares are there, and the contracts have
    new tokens."""
    day = []
    for row in rows:
        if row["expiry"] == "24NOV2026":
            share = {"symbol": f"NEW{row['token']}-EQ", "name": f"NEW{row['token']}"}
            cash = {"expiry": "", "strike": "-1.000000", "lotsize": "1", "exch_seg": "NSE"}
            day.append(row | share | cash | {"token": f"8{row['token']}", "instrumenttype": ""})
        else:
            day.append(row | {"token": f"9{row['token']}"} if row["expiry"] else row)
    return day


def test_the_next_days_instruments_come_by_themselves(night: Night) -> None:
    async def trade(broker: ob.AsyncBroker) -> None:
        yesterday = broker.instruments
        old = yesterday.resolve(LATER)
        night.change = with_other_tokens
        night.now = MONDAY.replace(hour=23)
        await asyncio.sleep(0.05)
        assert broker.instruments is yesterday
        night.now = MONDAY + dt.timedelta(days=1, minutes=-31)
        await asyncio.sleep(0.05)
        assert night.masters == 1, "08:29: the file that is there is yesterday's"
        night.now = MONDAY + dt.timedelta(days=1, minutes=-29)
        await until(lambda: broker.instruments is not yesterday)
        assert broker.instruments.day == dt.date(2026, 11, 24)
        assert broker.instruments.resolve(LATER).token == f"9{old.token}"
        assert yesterday.resolve(LATER) == old, "who holds the old store keeps it whole"
        await asyncio.sleep(0.05)
        assert night.masters == 2, "once a day"

    night.run(trade)


def test_an_order_does_not_wait_for_them(night: Night) -> None:
    async def trade(broker: ob.AsyncBroker) -> None:
        yesterday = broker.instruments
        night.gate = asyncio.Event()
        night.now = MONDAY + dt.timedelta(days=1)
        await until(lambda: night.masters == 2)
        ack = await broker.place_order("NSE:SBIN", "BUY", 1, order_type="MARKET", product="MIS")
        assert ack.order_id
        assert broker.instruments is yesterday, "the master is on its way still"
        night.gate.set()
        await until(lambda: broker.instruments is not yesterday)

    night.run(trade)


def test_an_instrument_of_yesterday_is_looked_up_again(night: Night) -> None:
    async def trade(broker: ob.AsyncBroker) -> None:
        old = broker.instruments.resolve(LATER)
        night.change = with_other_tokens
        await broker.refresh_instruments()
        assert broker.instruments.day == MONDAY.date()
        lot = {"symbol": old, "side": "BUY", "quantity": old.lot_size}
        kept = ob.OrderRequest(**(lot | ORDER), instrument=old)
        for place in (
            lambda: broker.place_order(**lot, **ORDER),
            lambda: broker.place_orders([lot | ORDER]),
            lambda: broker.place_orders([kept]),
        ):
            with contextlib.suppress(ob.OrderRejected):  # the sandbox knows the old tokens only
                await place()
        assert [order["symboltoken"] for order in night.sent] == [f"9{old.token}"] * 3

    night.run(trade)


def test_a_contract_that_has_ended_is_refused(night: Night) -> None:
    async def trade(broker: ob.AsyncBroker) -> None:
        old = broker.instruments.resolve(NEAREST)
        night.gate = asyncio.Event()
        night.now = MONDAY + dt.timedelta(days=2)
        lot = {"side": "BUY", "quantity": old.lot_size, **ORDER}
        for symbol in (NEAREST, old):
            with pytest.raises(ob.InvalidOrder, match=r"ended on 2026-11-24.*expiries") as caught:
                await broker.place_order(symbol, **lot)
            assert caught.value.outcome is ob.Outcome.NOT_SENT
            with pytest.raises(ob.InvalidOrder, match=r"order 1 of the basket: .* ended on"):
                await broker.place_orders([{"symbol": symbol, **lot}])
        night.change = with_other_tokens
        night.gate.set()
        await until(lambda: broker.instruments.day == dt.date(2026, 11, 25))
        for symbol in (NEAREST, old):
            with pytest.raises(ob.InstrumentNotFound, match="ended on 2026-11-24; did you mean"):
                await broker.place_order(symbol, **lot)
        assert night.sent == []

    night.run(trade)


def test_until_the_broker_has_them_what_is_held_is_used(
    night: Night, caplog: pytest.LogCaptureFixture
) -> None:
    async def trade(broker: ob.AsyncBroker) -> None:
        yesterday = broker.instruments
        night.is_down = True
        night.now = MONDAY + dt.timedelta(days=1)
        await until(lambda: "master of 2026-11-23 is used" in caplog.text)
        assert broker.instruments.day == yesterday.day
        assert (await broker.quote("NSE:SBIN")).last_price
        night.is_down = False
        await until(lambda: broker.instruments.day == dt.date(2026, 11, 24))

    with caplog.at_level(logging.INFO, "openbroker.instruments"):
        night.run(trade)
    assert "angelone: <InstrumentStore angelone 2026-11-24" in caplog.text


def test_what_is_fetched_at_night_is_the_day_befores(night: Night) -> None:
    night.now = MONDAY.replace(hour=1)

    async def look(broker: ob.AsyncBroker) -> dt.date:
        return broker.instruments.day

    assert night.run(look) == dt.date(2026, 11, 22)
    night.now = MONDAY
    for _ in range(2):
        keeper._codes_used.clear()
        shutil.rmtree(codes.default_folder())
        assert night.run(look) == dt.date(2026, 11, 23)
    assert night.masters == 2


def test_a_closed_broker_fetches_nothing_more(night: Night) -> None:
    async def main() -> None:
        broker = await ob.AsyncBroker.open(night.account(), MOCKED)
        await broker.close()
        night.now = MONDAY + dt.timedelta(days=1)
        await asyncio.sleep(0.05)

    asyncio.run(main())
    assert night.masters == 1


def test_it_goes_on_in_another_loop(night: Night) -> None:
    """As with ``asyncio.run`` for every step of a script."""
    broker = asyncio.run(ob.AsyncBroker.open(night.account(), MOCKED))
    night.now = MONDAY + dt.timedelta(days=1)

    async def step() -> None:
        await broker.quote("NSE:SBIN")
        await until(lambda: broker.instruments.day == dt.date(2026, 11, 24))
        await broker.close()

    asyncio.run(step())


def test_nobody_is_kept_alive_by_the_clock(night: Night) -> None:
    async def main() -> None:
        account = night.account()
        await account.load_instruments()
        gone = weakref.ref(account)
        account.sessions.close()
        del account
        gc.collect()
        assert gone() is None

    asyncio.run(main())


def test_the_scripts_face_has_it_too() -> None:
    with ob.connect() as broker:
        before = broker.instruments
        after = broker.refresh_instruments()
        assert after is broker.instruments
        assert after is not before
        assert len(after) == len(before)
