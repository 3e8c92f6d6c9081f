"""Connecting: where settings come from, and where the result may be used."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import openbroker as ob
from openbroker import name_clash
from openbroker.sandbox import Sandbox
from openbroker.sandbox.wire import running_server
from openbroker.session.credentials import config_file


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(limits=None, reuse_totp=True)


@pytest.fixture(scope="module")
def where(sandbox: Sandbox) -> Iterator[dict[str, str]]:
    with running_server(sandbox.handler) as server:
        yield {"base_url": server.url, "ca_file": str(server.ca_file)}


@pytest.fixture
def account(sandbox: Sandbox) -> dict[str, str]:
    """Credentials of an account that nobody has logged in to."""
    return sandbox.add_account().credentials()


def variables(account: dict[str, str]) -> dict[str, str]:
    return {f"OPENBROKER_ANGELONE_{name}".upper(): value for name, value in account.items()}


# -- where credentials come from


def test_from_the_environment(
    where: dict[str, str], account: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables(account).items():
        monkeypatch.setenv(name, f"{value}\n")
    with ob.connect("angelone", **where) as broker:
        assert broker.account == account["client_code"]


def test_an_argument_goes_before_the_environment(
    where: dict[str, str], account: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in variables(account):
        monkeypatch.setenv(name, "7777")
    with ob.connect("angelone", **where, **account) as broker:
        assert broker.account == account["client_code"]


def write_profile(text: str) -> None:
    config_file().parent.mkdir(parents=True, exist_ok=True)
    config_file().write_text(text, encoding="utf-8")


def test_from_a_profile_that_holds_references_only(
    where: dict[str, str],
    account: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pin = tmp_path / "pin"
    pin.write_text(f"{account['pin']}\n")
    pin.chmod(0o600)
    monkeypatch.setenv("MY_KEY", account["api_key"])
    monkeypatch.setenv("OPENBROKER_ANGELONE_TOTP_SECRET", account["totp_secret"])
    write_profile(
        f'[angelone]\nclient_code = "{account["client_code"]}"\n'
        f'api_key = "env:MY_KEY"\npin = "file:{pin.as_posix()}"\n'
    )
    with ob.connect("angelone", **where) as broker:
        assert broker.account == account["client_code"]


def test_a_secret_may_be_given_as_one(where: dict[str, str], account: dict[str, str]) -> None:
    secrets = {name: ob.Secret(value) for name, value in account.items()}
    with ob.connect("angelone", **where, **secrets) as broker:
        assert account["api_key"] not in repr(vars(broker))


def test_a_one_time_code_may_stand_in_for_its_secret(
    where: dict[str, str], account: dict[str, str]
) -> None:
    import pyotp

    code = pyotp.TOTP(account.pop("totp_secret")).now()
    with ob.connect("angelone", **where, **account, totp=code) as broker:
        assert broker.account == account["client_code"]


# -- the embedded sandbox


def test_without_a_name_it_is_the_embedded_sandbox_and_opens_no_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", refuse)
    with ob.connect() as broker:
        assert broker.name == "sandbox"
        assert broker.quote("NSE:INFY").last_price


def test_sandboxes_are_apart_and_nobody_waits_for_a_code() -> None:
    started = time.monotonic()
    with ob.connect() as one, ob.connect() as other, ob.connect():
        one.place_order("NSE:INFY", "BUY", 1, order_type="MARKET", product="MIS")
        assert len(one.orders()) == 1
        assert len(other.orders()) == 0
    # A code lives 30 seconds; waiting twice for the next one takes longer than this.
    assert time.monotonic() - started < 25


# -- closing


AN_ORDER: dict[str, Any] = {
    "symbol": "NSE:INFY", "side": "BUY", "quantity": 1, "order_type": "MARKET", "product": "MIS",
}  # fmt: skip
A_RULE: dict[str, Any] = {
    "symbol": "NSE:INFY", "side": "SELL", "quantity": 1, "trigger_price": 1600, "price": 1598,
    "product": "CNC",
}  # fmt: skip
NEEDS_THE_BROKER: dict[str, dict[str, Any]] = {
    "cancel_all": {},
    "cancel_gtt": {"rule": "1"},
    "cancel_order": {"order": "1"},
    "charges": {"orders": [AN_ORDER]},
    "convert_position": {"position": ob.Position(quantity=1, product="MIS"), "product": "CNC"},
    "funds": {},
    "gtt": {"rule": "1"},
    "gtts": {},
    "halt": {},
    "halt_state": {},
    "history": {"symbol": "NSE:INFY", "interval": "1d", "days": 2},
    "holdings": {},
    "login": {},
    "logout": {},
    "margin": {"orders": [AN_ORDER]},
    "modify_gtt": {"rule": "1", "price": 1599},
    "modify_order": {"order": "1", "price": 1500},
    "option_chain": {"underlying": "NIFTY"},
    "order": {"order": "1"},
    "orders": {},
    "place_gtt": A_RULE,
    "place_order": AN_ORDER,
    "place_orders": {"orders": [AN_ORDER]},
    "positions": {},
    "profile": {},
    "quote": {"symbol": "NSE:INFY"},
    "quotes": {"symbols": ["NSE:INFY"]},
    "refresh_instruments": {},
    "renew": {},
    "request": {"method": "GET", "path": "/x"},
    "resolve": {"unknown": "AAAAAAAA"},
    "resume": {},
    "square_off": {},
    "trades": {},
    "unresolved": {},
}
NEEDS_NOBODY = {"account", "capabilities", "close", "instruments", "latency", "name", "on_exchange",
                "vendor"}  # fmt: skip
"""What a closed broker still has: what is in memory."""


def test_every_method_is_tried_on_a_closed_broker() -> None:
    public = {name for name in vars(ob.Broker) if not name.startswith("_")}
    assert public == NEEDS_THE_BROKER.keys() | NEEDS_NOBODY


def test_a_closed_broker_says_so_and_sends_nothing(
    sandbox: Sandbox, where: dict[str, str], account: dict[str, str]
) -> None:
    broker = ob.connect("angelone", **where, **account)
    broker.close()
    broker.close()
    before = len(sandbox.book())
    said: set[str] = set()
    for name, arguments in NEEDS_THE_BROKER.items():
        with pytest.raises(ob.BrokerClosed) as caught:
            getattr(broker, name)(**arguments)
        assert type(caught.value) is ob.BrokerClosed, name
        assert caught.value.outcome is ob.Outcome.NOT_SENT, name
        said.add(str(caught.value))
    [words] = said
    assert words.startswith("this broker was closed. Nothing was sent. connect() opens a new one")
    assert len(sandbox.book()) == before
    assert repr(broker) == "<Broker angelone (closed)>"


def test_logged_out_is_not_closed(where: dict[str, str], account: dict[str, str]) -> None:
    with ob.connect() as broker:
        broker.logout()
        assert "(logged out)" in repr(broker)
        assert broker.funds().available is not None


# -- loops


def test_inside_a_running_loop() -> None:
    """As in Jupyter, whose cells run in a loop."""

    async def cell() -> ob.Funds:
        with ob.connect() as broker:
            return broker.funds()

    assert asyncio.run(cell()).available


def test_async_in_both_forms() -> None:
    async def use() -> None:
        async with ob.connect_async() as broker:
            assert (await broker.funds()).available
        other = await ob.connect_async()
        assert (await other.funds()).available
        await other.close()
        with pytest.raises(ob.UsageError, match="closed"):
            await other.funds()

    asyncio.run(use())


def test_a_forgotten_await_is_explained() -> None:
    with pytest.raises(AttributeError, match=r"await connect_async"):
        ob.connect_async().funds()
    assert "not connected yet: await it" in repr(ob.connect_async())


def test_many_async_accounts_share_a_loop() -> None:
    async def one() -> int:
        async with ob.connect_async() as broker:
            await broker.place_order("NSE:SBIN", "BUY", 1, order_type="MARKET", product="MIS")
            return len(await broker.orders())

    async def all_of_them() -> list[int]:
        return await asyncio.gather(*(one() for _ in range(5)))

    assert asyncio.run(all_of_them()) == [1] * 5


# -- threads and processes


def in_threads(count: int, work: Callable[[int], None]) -> list[BaseException]:
    failed: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failed


def test_one_broker_in_twenty_threads(
    sandbox: Sandbox, where: dict[str, str], account: dict[str, str]
) -> None:
    before = len(sandbox.book())
    with ob.connect("angelone", **where, **account) as broker:

        def trade(number: int) -> None:
            broker.place_order(
                "NSE:SBIN", "BUY", number + 1, order_type="LIMIT", price="790", product="MIS",
                timeout=30,
            )  # fmt: skip
            assert broker.quote("NSE:SBIN").symbol == "NSE:SBIN"

        assert in_threads(20, trade) == []
    booked = sandbox.book()[before:]
    assert sorted(order["quantity"] for order in booked) == list(range(1, 21))
    assert len({order["tag"] for order in booked}) == 20


def test_twenty_threads_may_connect_at_once() -> None:
    def open_and_close(_: int) -> None:
        with ob.connect() as broker:
            assert broker.funds().available

    assert in_threads(20, open_and_close) == []


def _child(parents: ob.Broker, say: Any) -> None:
    """In a forked child: the parent's broker and one of its own."""
    try:
        with ob.connect() as own:
            own.place_order("NSE:SBIN", "BUY", 1, order_type="MARKET", product="MIS")
            mine = len(own.orders())
        say.send((mine, len(parents.orders())))
    except BaseException as error:  # noqa: BLE001 - told to the parent
        say.send(repr(error))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_after_a_fork_parent_and_child_go_on(
    sandbox: Sandbox, where: dict[str, str], account: dict[str, str]
) -> None:
    with ob.connect("angelone", **where, **account) as broker:
        broker.place_order("NSE:SBIN", "BUY", 3, order_type="LIMIT", price="790", product="MIS")
        ours, theirs = multiprocessing.Pipe()
        child = multiprocessing.get_context("fork").Process(target=_child, args=(broker, theirs))
        child.start()
        assert ours.poll(30), "the child says nothing"
        assert ours.recv() == (1, 1)
        child.join(30)
        assert child.exitcode == 0
        assert len(broker.orders()) == 1


# -- the other distribution of our name


@pytest.fixture
def both_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(name_clash, "distribution", lambda _: SimpleNamespace(version="1.0.9"))
    name_clash.warn_of_clash.cache_clear()
    yield
    name_clash.warn_of_clash.cache_clear()


@pytest.mark.usefixtures("both_installed")
def test_a_clash_of_names_is_named_once() -> None:
    with pytest.warns(RuntimeWarning, match=r"'openbroker' 1\.0\.9 .*pip uninstall"):
        ob.connect().close()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ob.connect().close()


def test_without_a_clash_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_: str) -> None:
        raise PackageNotFoundError("openbroker")

    monkeypatch.setattr(name_clash, "distribution", absent)
    assert name_clash.clash() is None
