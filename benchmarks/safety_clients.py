"""openbroker's callers in the order-safety campaign: threads, tasks, processes, mortal children.

Each *round* is an account of its own with a book of its own, because an order book is read whole
and a day of ten thousand orders in one book would measure JSON.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import attrs
from attrs import frozen

import openbroker as ob
from benchmarks.safety_brokers import register_all
from benchmarks.safety_server import Broker
from benchmarks.safety_truth import Claim, Tally, compare
from openbroker.orders.entries import Entry
from openbroker.orders.journal import Journal, journals, read_day

SYMBOLS = ("NSE:INFY", "NSE:SBIN", "NSE:TCS", "NSE:RELIANCE")


@frozen(kw_only=True)
class Round:
    """One account, and how many orders it places. Times are the broker's, scaled by ``scale``."""

    server: Broker
    account: str
    credentials: Mapping[str, str]
    folder: Path
    scale: float
    orders: int
    settle: float = 30.0
    timeout: float = 8.0
    within: float = 5.0

    @property
    def broker(self) -> str:
        """The name to connect to."""
        return self.server.subject.adapter.name

    @property
    def journals(self) -> Path:
        return self.folder / self.account

    def terms(self) -> dict[str, Any]:
        """What ``connect`` is given."""
        return {
            "base_url": self.server.url,
            "ca_file": self.server.ca_file,
            "journal_dir": self.journals,
            "timeout": self.timeout * self.scale,
            "resolve_within": self.within * self.scale,
            "settle_time": self.settle * self.scale,
        } | dict(self.credentials)

    def entries(self) -> list[Entry]:
        """What the journal of this account holds."""
        return [entry for path in journals(self.journals) for entry in read_day(path)[0]]

    def tally(self, claims: Sequence[Claim]) -> Tally:
        """Claims and journal against the truth."""
        book = self.server.ask("book", account=self.account)
        met = self.server.ask("injections")
        within = self.within * self.scale
        return compare(claims, self.entries(), book, met, resolve_within=within)


def prepare() -> None:
    """Make the campaign's adapters known in this process."""
    register_all()


def order_number(number: int, prices: dict[str, Decimal]) -> dict[str, Any]:
    """A limit order that rests, told apart by its label."""
    symbol = SYMBOLS[number % len(SYMBOLS)]
    return {
        "symbol": symbol,
        "side": "BUY",
        "quantity": 1 + number % 7,
        "order_type": "LIMIT",
        "product": "MIS",
        "price": prices[symbol],
        "tag": f"n{number}",
    }


def resting_prices(quotes: Sequence[Any], instruments: Any) -> dict[str, Decimal]:
    """Some per cent below the market, on tick."""
    prices = {}
    for quote in quotes:
        tick = instruments.resolve(quote.symbol).tick_size or Decimal("0.05")
        prices[quote.symbol] = (quote.last_price * Decimal("0.96") // tick) * tick
    return prices


def claim_of(label: str, began: float, outcome: Any) -> Claim:
    """What a call came to, as its caller was told."""
    ended = time.time()
    if isinstance(outcome, ob.OrderAck):
        said, order_id = "ACCEPTED", outcome.order_id
    else:
        said, order_id = str(outcome.outcome), None
    return Claim(label=label, outcome=said, order_id=order_id, began=began, ended=ended)


# -- synchronous: threads


def run_threads(round_: Round, threads: int = 8) -> list[Claim]:
    """The round through ``Broker``, from several threads."""
    claims: list[Claim] = []
    with ob.connect(round_.broker, **round_.terms()) as broker:
        prices = resting_prices(broker.quotes(SYMBOLS), broker.instruments)
        numbers = iter(range(round_.orders))
        lock = threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                claims.append(_placed(broker, order_number(number, prices)))

        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        _wait_until_known(broker, round_)
    return claims


def _placed(broker: ob.Broker, order: dict[str, Any]) -> Claim:
    began = time.time()
    try:
        outcome: Any = broker.place_order(**order)
    except ob.OpenBrokerError as error:
        outcome = error
    return claim_of(order["tag"], began, outcome)


def _wait_until_known(broker: ob.Broker, round_: Round) -> None:
    deadline = time.monotonic() + 3 * round_.settle * round_.scale + 5
    while time.monotonic() < deadline:
        time.sleep(round_.scale)
        if not broker.unresolved():
            broker.orders()  # every accepted id is held against its tag
            if not broker.unresolved():
                return


# -- asynchronous: tasks


async def run_tasks(round_: Round, tasks: int = 64, first: int = 0) -> list[Claim]:
    """The round through ``AsyncBroker``, from several tasks; labels count from ``first``."""
    claims: list[Claim] = []
    async with ob.connect_async(round_.broker, **round_.terms()) as broker:
        prices = resting_prices(await broker.quotes(SYMBOLS), broker.instruments)
        numbers = iter(range(first, first + round_.orders))

        async def work() -> None:
            for number in numbers:
                order = order_number(number, prices)
                began = time.time()
                try:
                    outcome: Any = await broker.place_order(**order)
                except ob.OpenBrokerError as error:
                    outcome = error
                claims.append(claim_of(order["tag"], began, outcome))

        await asyncio.gather(*(work() for _ in range(tasks)))
        deadline = time.monotonic() + 3 * round_.settle * round_.scale + 5
        while time.monotonic() < deadline:
            await asyncio.sleep(round_.scale)
            if not await broker.unresolved():
                await broker.orders()
                if not await broker.unresolved():
                    break
    return claims


def in_tasks(round_: Round) -> list[Claim]:
    return asyncio.run(run_tasks(round_))


# -- two processes on one account


def run_processes(pool: ProcessPoolExecutor, round_: Round) -> list[Claim]:
    """Half of the round each, in two processes on one account and one journal."""
    half = round_.orders // 2
    parts = [(half, 0), (round_.orders - half, half)]
    jobs = [pool.submit(_in_process, attrs.evolve(round_, orders=n), at) for n, at in parts]
    return [claim for job in jobs for claim in job.result()]


def _in_process(round_: Round, first: int) -> list[Claim]:
    return asyncio.run(run_tasks(round_, 32, first))


# -- kill -9


def run_mortal(round_: Round, lifetime: float) -> None:
    """Place orders in a forked child and kill it ``lifetime`` seconds after it began to.

    Raises:
        RuntimeError: it ended by itself, so that nothing was tried.
    """
    ready, began = os.pipe()
    child = os.fork()
    if child == 0:
        _place_until_killed(round_, began)
    os.close(began)
    os.read(ready, 1)
    os.close(ready)
    time.sleep(lifetime)
    os.kill(child, signal.SIGKILL)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL:
        raise RuntimeError("the child that was to be killed ended by itself (see above)")


def _place_until_killed(round_: Round, began: int) -> None:
    async def orders() -> None:
        async with ob.connect_async(round_.broker, **round_.terms()) as broker:
            prices = resting_prices(await broker.quotes(SYMBOLS), broker.instruments)
            os.write(began, b"!")

            async def work(first: int) -> None:
                for number in range(first, 10**6, 8):
                    with suppress(ob.OpenBrokerError):
                        await broker.place_order(**order_number(number, prices))

            await asyncio.gather(*(work(first) for first in range(8)))

    try:
        asyncio.run(orders())
    except BaseException:
        traceback.print_exc()  # it was to be killed, not to end by itself
        raise
    finally:
        os._exit(1)


def recover(round_: Round) -> float:
    """What the next process does: connect, and wait until nothing is open. Seconds it took.

    Forked, so that every round starts as a fresh process does.
    """
    started = time.monotonic()
    for _ in range(5):
        child = os.fork()
        if child == 0:
            _connect_and_wait(round_)
        if os.waitpid(child, 0)[1] == 0:
            break
    return time.monotonic() - started


def _connect_and_wait(round_: Round) -> None:
    status = 1
    try:
        with ob.connect(round_.broker, **round_.terms()) as broker:
            _wait_until_known(broker, round_)
            status = int(bool(broker.unresolved()))
    finally:
        os._exit(status)


# -- how long the journal takes


class JournalClock:
    """Times every order's two commits in this process."""

    def __init__(self) -> None:
        self.costs: list[float] = []
        self._begun: dict[str, float] = {}
        self._begin, self._finish = Journal.begin, Journal.finish

    def __enter__(self) -> Self:
        begin, finish = self._begin, self._finish

        def timed_begin(journal: Journal, drafts: Any, guard: Any) -> Any:
            started = time.perf_counter()
            entered = begin(journal, drafts, guard)
            cost = (time.perf_counter() - started) / max(1, len(drafts))
            for entry in entered:
                self._begun[getattr(entry, "reference", "")] = cost
            return entered

        def timed_finish(journal: Journal, entry: Entry, *args: Any, **kwargs: Any) -> bool:
            started = time.perf_counter()
            done = finish(journal, entry, *args, **kwargs)
            cost = time.perf_counter() - started
            begun = self._begun.pop(entry.reference, None)
            if begun is not None:
                self.costs.append(begun + cost)
            return done

        Journal.begin, Journal.finish = timed_begin, timed_finish  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        Journal.begin, Journal.finish = self._begin, self._finish  # type: ignore[method-assign]


def random_lifetime(seed: int, number: int, longest: float) -> float:
    return random.Random(f"{seed}/{number}").uniform(0.0, longest)
