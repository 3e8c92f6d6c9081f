"""The examples, run as a user runs them, and what they leave behind in the simulated market."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

import openbroker as ob

EXAMPLES = Path(__file__).parent.parent / "examples"

KEEPING_THE_BOOK = """
import json, runpy, sys
import openbroker.sandbox.embedded as embedded

made = []

class Kept(embedded.Sandbox):
    def __init__(self, **options):
        super().__init__(**options)
        made.append(self)

embedded.Sandbox = Kept
books, *sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    with open(books, "w", encoding="utf-8") as file:
        json.dump([box.book() for box in made], file)
"""
"""Runs a script as ``python script`` does, and writes down the book of every sandbox it opened."""


@attrs.frozen
class Run:
    """What an example printed, and the books of its sandboxes."""

    text: str
    books: list[list[Mapping[str, Any]]]


def run(name: str, folder: Path, *arguments: str) -> Run:
    books = folder / "books.json"
    command = [sys.executable, "-W", "error", "-c", KEEPING_THE_BOOK, str(books)]
    done = subprocess.run(
        [*command, str(EXAMPLES / name), *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return Run(done.stdout, json.loads(books.read_text("utf-8")))


def test_every_example_is_tested_here() -> None:
    source = Path(__file__).read_text("utf-8")
    untested = [path.name for path in EXAMPLES.glob("*.py") if f'"{path.name}"' not in source]
    assert untested == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_can_be_imported_and_has_a_main(path: Path) -> None:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert callable(module.main)
    assert module.__doc__ is not None
    assert f"python examples/{path.name}" in module.__doc__


def test_first_order(tmp_path: Path) -> None:
    done = run("first_order.py", tmp_path)
    [[order]] = done.books
    assert (order["symbol"], order["side"], order["quantity"]) == ("NSE:INFY", "BUY", 1)
    assert (order["status"], order["filled_quantity"]) == ("FILLED", 1)
    assert order["tag"].startswith("first")
    assert order["order_id"] in done.text


def test_basket(tmp_path: Path) -> None:
    done = run("basket.py", tmp_path)
    [book] = done.books
    assert [order["symbol"] for order in book] == ["NSE:INFY", "NSE:TCS", "NSE:SBIN"]
    assert "The whole basket was held back: order 4 of the basket" in done.text
    assert done.text.count("Nothing was sent") == 1
    assert "did you mean NSE:INFY?" in done.text
    assert "NSE:TCS   REJECTED Your order has been rejected due to Insufficient Funds" in done.text
    assert done.text.count("ACCEPTED") == 3
    assert "safe to send again: 0; look into the book first: 0" in done.text


def test_async_many_accounts(tmp_path: Path) -> None:
    done = run("async_many_accounts.py", tmp_path)
    assert len(done.books) == 3
    for [order] in done.books:
        assert (order["symbol"], order["quantity"]) == ("NSE:SBIN", 5)
    lines = done.text.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["mother", "FILLED", "5"], ["father", "FILLED", "5"], ["daughter", "FILLED", "5"],
    ]  # fmt: skip


def test_square_off(tmp_path: Path) -> None:
    done = run("square_off.py", tmp_path)
    [book] = done.books
    net: dict[str, int] = {}
    for order in book:
        sign = 1 if order["side"] == "BUY" else -1
        net[order["symbol"]] = net.get(order["symbol"], 0) + sign * order["filled_quantity"]
    assert len(book) == 5
    assert net == {"NSE:INFY": 0, "NSE:SBIN": 0, "NSE:TCS": 0}
    assert done.text.splitlines()[-1] == "flat"


def test_holdings_to_csv_on_the_screen(tmp_path: Path) -> None:
    done = run("holdings_to_csv.py", tmp_path)
    rows = list(csv.DictReader(io.StringIO(done.text)))
    assert {row["symbol"]: int(row["quantity"]) for row in rows} == {
        "NSE:SBIN": 10, "NSE:INFY": 25, "NSE:NIFTYBEES": 120,
    }  # fmt: skip
    assert all(float(row["average_price"]) > 0 for row in rows)
    assert done.books == [[]]


def test_holdings_to_csv_in_a_file(tmp_path: Path) -> None:
    run("holdings_to_csv.py", tmp_path, "--output", "holdings.csv")
    with (tmp_path / "holdings.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["symbol"] for row in csv.DictReader(file)] == [
            "NSE:SBIN", "NSE:INFY", "NSE:NIFTYBEES",
        ]  # fmt: skip


@pytest.mark.parametrize("evil", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_the_csv_is_a_formula(evil: str) -> None:
    spec = importlib.util.spec_from_file_location("to_csv", EXAMPLES / "holdings_to_csv.py")
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    file = io.StringIO()
    rows = [
        ob.Holding(broker_symbol=evil, isin=evil, pnl=ob.schemas.convert.to_money("-5", name="pnl"))
    ]
    example.write(ob.Table(ob.Holding, rows), file)
    [row] = csv.DictReader(io.StringIO(file.getvalue(), newline=""))
    assert row["symbol"] == row["isin"] == f"'{evil}"
    assert row["pnl"] == "-5.0"
    assert row["quantity"] == ""


def test_latency_before_after(tmp_path: Path) -> None:
    done = run("latency_before_after.py", tmp_path, "--orders", "2")
    lines = {line.split("  ")[0]: line.split() for line in done.text.splitlines()}
    head = next(line for line in done.text.splitlines() if line.startswith("way "))
    assert head.split() == ["way", "orders", "tcp", "tls", "wait", "order"]
    before = [float(word) for word in lines["new connection each (http.client)"][-5:]]
    after = [float(word) for word in lines["openbroker"][-5:]]
    assert before[0] == after[0] == 2
    assert before[2] > 0
    assert after[1] == after[2] == 0
    assert after[-1] < before[-1]
    assert "Keeping the connection saved" in done.text


def test_same_strategy_two_brokers(tmp_path: Path) -> None:
    done = run("same_strategy_two_brokers.py", tmp_path)
    lines = [line.split(maxsplit=1) for line in done.text.splitlines()]
    assert [name for name, _ in lines] == ["angelone", "angelone", "zerodha", "zerodha"]
    orders = [told.partition(" @ ")[0] for _, told in lines]  # the two markets' clocks differ
    assert orders[:2] == orders[2:]
    assert "BUY   5 FILLED      5" in lines[0][1]
    assert "BUY 200 CANCELLED   0" in lines[1][1]


def test_the_strategy_leaves_the_same_book_at_both_brokers(tmp_path: Path) -> None:
    books = [_book_after_strategy(name) for name in ("angelone", "zerodha")]
    names = ("symbol", "side", "quantity", "order_type", "product", "validity", "status",
             "filled_quantity", "price", "average_price")  # fmt: skip
    first, second = ([{n: row[n] for n in names} for row in book] for book in books)
    assert first == second
    assert [row["status"] for row in first] == ["FILLED", "CANCELLED"]
    assert all(row["tag"].startswith("two") for book in books for row in book)
    broker_symbols = [[row["broker_symbol"] for row in book] for book in books]
    assert broker_symbols[0] != broker_symbols[1], "each broker has names of its own"


def _book_after_strategy(name: str) -> list[Mapping[str, Any]]:
    import asyncio

    import httpx

    from openbroker.sandbox import Sandbox

    spec = importlib.util.spec_from_file_location("two", EXAMPLES / "same_strategy_two_brokers.py")
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    box = Sandbox(name, limits=None, time_scale=0)

    async def trade() -> None:
        http = httpx.MockTransport(box.handler)
        async with ob.connect_async(name, http=http, **box.credentials) as broker:
            await example.strategy(broker)

    asyncio.run(trade())
    return box.book()
