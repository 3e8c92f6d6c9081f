"""The order-safety campaign in small: every claim held against what was booked."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

pytest.importorskip("trustme")

from benchmarks.safety_brokers import SUBJECTS
from benchmarks.safety_clients import (
    Round,
    in_tasks,
    prepare,
    random_lifetime,
    recover,
    run_mortal,
    run_processes,
    run_threads,
)
from benchmarks.safety_server import Broker, faulty_broker
from benchmarks.safety_truth import Tally

SEED = int(os.environ.get("OPENBROKER_CAMPAIGN_SEED", "20261122"))
SCALE = 0.1
ORDERS = 120


@pytest.fixture(scope="module", params=list(SUBJECTS))
def server(request: pytest.FixtureRequest) -> Iterator[Broker]:
    prepare()
    with faulty_broker(request.param, SEED) as broker:
        yield broker


@pytest.fixture
def round_(server: Broker, tmp_path: Path) -> Round:
    rules = server.subject.rules(0.35, SCALE)
    server.ask("faults", rules=rules, seed=f"{SEED}/test")
    return Round(
        server=server,
        **server.ask("account"),
        folder=tmp_path,
        scale=SCALE,
        orders=ORDERS,
    )


def server_book(round_: Round) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = round_.server.ask("book", account=round_.account)
    return rows


def check(tally: Tally) -> None:
    assert tally.orders == ORDERS
    assert tally.found_after, f"no answer was lost, seed {SEED}"
    assert tally.absent_after, f"no order was lost, seed {SEED}"
    assert not tally.wrong, (SEED, tally)
    assert not tally.left_open, (SEED, tally)


def test_threads(round_: Round) -> None:
    check(round_.tally(run_threads(round_)))


def test_tasks(round_: Round) -> None:
    check(round_.tally(in_tasks(round_)))


def test_two_processes_on_one_account(round_: Round) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn, initializer=prepare) as pool:
        check(round_.tally(run_processes(pool, round_)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("number", range(4))
def test_a_killed_process(round_: Round, number: int) -> None:
    run_mortal(round_, random_lifetime(SEED, number, 0.4))
    recover(round_)
    tally = round_.tally([])
    assert not tally.duplicates
    assert not tally.lost
    entries = round_.entries()
    assert not [entry for entry in entries if entry.state.is_open]
    book = {row["tag"]: row["order_id"] for row in server_book(round_)}
    for entry in entries:
        assert (entry.state == "ACCEPTED") == (entry.tag in book), entry
        assert entry.order_id == book.get(entry.tag), entry
