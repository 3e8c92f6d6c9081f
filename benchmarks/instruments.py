"""The instrument store's figures, beside what users do today: ``python -m benchmarks.instruments``.

Masters of both formats are generated (:mod:`benchmarks.generated_masters`).  Building is measured
in a fresh process for each contender, in turns; memory is the peak over what the process had after
its imports, the master's own bytes included.  Look-ups are measured in one process, in turns.  The
figures go to ``docs/instruments-benchmarks.md``.

The contenders: the list of dicts that kiteconnect's ``instruments()`` returns (with the same
conversions, row by row), and ``pandas.DataFrame(json.loads(...))``, which is how Angel One's master
is commonly read.  A look-up in a list is a scan; a dict made from it by hand is shown too.
"""

from __future__ import annotations

import csv
import io
import json
import os
import platform
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import attrs

from benchmarks import generated_masters
from benchmarks.measure import Figure, interleave
from openbroker.adapters import angelone_master, zerodha_master
from openbroker.instruments import InstrumentStore

REPORT = Path(__file__).parent.parent / "docs" / "instruments-benchmarks.md"
DAY = generated_masters.TODAY
ROUNDS = 5
NIFTY = "NFO:NIFTY24NOV2626000CE"
SEARCHES = (
    "infy", "nifty", "nifty 26000 ce", "nifty 24 nov 26000 pe", "bank nifty fut dec", "nifty 50",
    "sensex 85000 pe", "reliance", "bajaj auto", "m&m", "360one", "usdinr 88.25 ce", "crudeoil fut",
    "finnifty 27000", "relaince", "nifti 26000 ce", "tata", "tata motors", "hdfc bank", "ban", "s",
    "NIFTY24NOV2626000CE", "banknifty29dec26fut", "26000 ce", "niftynxt50", "qqqqqq", "state bank",
    "mcx", "itc 450 ce dec", "kotak bank fut",
)  # fmt: skip


# --- building, each contender in a process of its own ---------------------------------------------


def kite_list(content: bytes) -> list[dict[str, Any]]:
    """What kiteconnect makes of the CSV."""
    import dateutil.parser

    records = []
    for row in csv.DictReader(io.StringIO(content.decode().strip())):
        record: dict[str, Any] = row
        record["instrument_token"] = int(row["instrument_token"])
        record["last_price"] = float(row["last_price"])
        record["strike"] = float(row["strike"])
        record["tick_size"] = float(row["tick_size"])
        record["lot_size"] = int(row["lot_size"])
        if len(row["expiry"]) == 10:
            record["expiry"] = dateutil.parser.parse(row["expiry"]).date()
        records.append(record)
    return records


def angel_frame(content: bytes) -> Any:
    """What users make of Angel One's JSON."""
    import pandas

    return pandas.DataFrame(json.loads(content))


def kite_frame(content: bytes) -> Any:
    """The frame that follows kiteconnect's list."""
    import pandas

    return pandas.DataFrame(kite_list(content))


def angel_store(content: bytes) -> InstrumentStore:
    with tempfile.TemporaryDirectory() as folder:
        rows = angelone_master.instruments(content)
        return InstrumentStore.build(rows, Path(folder) / "a.sqlite3", day=DAY)


def zerodha_store(content: bytes) -> InstrumentStore:
    with tempfile.TemporaryDirectory() as folder:
        rows = zerodha_master.instruments(content)
        return InstrumentStore.build(rows, Path(folder) / "z.sqlite3", day=DAY)


BUILDERS: dict[str, tuple[str, str, Callable[[bytes], Any]]] = {
    "angel-store": ("Angel One", "openbroker, store on disk", angel_store),
    "angel-frame": ("Angel One", "pandas frame of the JSON", angel_frame),
    "zerodha-store": ("Zerodha", "openbroker, store on disk", zerodha_store),
    "kite-list": ("Zerodha", "kiteconnect's list of dicts", kite_list),
    "kite-frame": ("Zerodha", "pandas frame of that list", kite_frame),
}


def build_here(name: str, path: Path) -> dict[str, float]:
    """Run by the child: seconds by the wall and of the processor, and megabytes over idle at the
    peak and afterwards."""
    if name.endswith(("frame", "list")):
        import dateutil.parser  # noqa: F401 - imports are not what is measured
        import pandas  # noqa: F401
    idle = _status("VmRSS")
    content = path.read_bytes()
    started, worked = time.perf_counter(), time.process_time()
    result = BUILDERS[name][2](content)
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    peak = _status("VmHWM") - idle
    del content
    kept = _status("VmRSS") - idle
    assert len(result) > 100_000
    return {"seconds": seconds, "cpu": cpu, "peak": peak, "kept": kept}


def _status(field: str) -> float:
    """Megabytes, from Linux's account of the process."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


Runs = dict[str, list[dict[str, float]]]


def build_all(masters: dict[str, Path]) -> Runs:
    """Every contender's figures, round by round."""
    runs: Runs = {name: [] for name in BUILDERS}
    for _ in range(ROUNDS):
        for name, (broker, _, _) in BUILDERS.items():
            runs[name].append(_child("build", name, str(masters[broker])))
    return runs


def build_rows(runs: Runs) -> Iterator[list[str]]:
    for name, (broker, title, _) in BUILDERS.items():
        figures = {
            key: Figure.of([run[key] for run in runs[name]])
            for key in ("seconds", "cpu", "peak", "kept")
        }
        yield [
            broker, title, figures["seconds"].show(), figures["cpu"].show(),
            figures["peak"].show(0), figures["kept"].show(0),
        ]  # fmt: skip


def _child(*arguments: str) -> dict[str, float]:
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.instruments", *arguments],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    figures: dict[str, float] = json.loads(run.stdout)
    return figures


# --- opening --------------------------------------------------------------------------------------


def open_here(path: Path) -> dict[str, float]:
    """Run by the child: an existing store, up to the first answer."""
    started = time.perf_counter()
    assert InstrumentStore.open(path).by_symbol(NIFTY) is not None
    return {"seconds": time.perf_counter() - started}


# --- look-ups -------------------------------------------------------------------------------------


def cold_lookups(path: Path) -> tuple[float, float]:
    """Microseconds (p50) by symbol and by token, each instrument once, in a store just opened."""
    store = InstrumentStore.open(path)
    sample = random.Random(1).sample(list(store), 8000)
    by_symbol = [_timed(partial(store.by_symbol, row.symbol)) for row in sample[:4000]]
    by_token = [_timed(partial(store.by_token, row.exchange, row.token)) for row in sample[4000:]]
    return median(by_symbol) * 1e6, median(by_token) * 1e6


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    assert call() is not None
    return time.perf_counter() - started


def lookups(store: InstrumentStore, frame: Any, records: list[dict[str, Any]]) -> list[list[str]]:
    """The same questions to every contender, in turns."""
    option = store.resolve(NIFTY)
    record = next(row for row in records if row["tradingsymbol"] == "NIFTY26NOV26000CE")
    by_hand = {(row["exchange"], row["tradingsymbol"]): row for row in records}
    expiry = frame.loc[frame.symbol == option.broker_symbol, "expiry"].iloc[0]

    def chain_of_frame() -> Any:
        kind = frame.instrumenttype.str.startswith("OPT")
        return frame[kind & (frame.name == "NIFTY") & (frame.expiry == expiry)]

    def chain_of_list() -> list[dict[str, Any]]:
        return [
            row for row in records
            if row["name"] == "NIFTY" and row["expiry"] == record["expiry"]
            and row["instrument_type"] in ("CE", "PE")
        ]  # fmt: skip

    assert len(chain_of_frame()) == len(chain_of_list()) == 2 * len(store.option_chain("NIFTY"))
    quick = {
        "by symbol, store (cached)": lambda: store.by_symbol(NIFTY),
        "by token, store (cached)": lambda: store.by_token("NFO", option.token),
        "resolve an Instrument, store (cached)": lambda: store.resolve(option),
        "by symbol, dict made by hand of the list": lambda: by_hand["NFO", "NIFTY26NOV26000CE"],
    }
    slow = {
        "by symbol, list of dicts": lambda: next(
            row for row in records if row["tradingsymbol"] == "NIFTY26NOV26000CE"
        ),
        "by symbol, pandas": lambda: frame[frame.symbol == option.broker_symbol].iloc[0],
        "by token, list of dicts": lambda: next(
            row for row in records if row["instrument_token"] == record["instrument_token"]
        ),
        "by token, pandas": lambda: frame[
            (frame.exch_seg == "NFO") & (frame.token == option.token)
        ].iloc[0],
        "option chain (221 strikes), store": lambda: store.option_chain("NIFTY"),
        "option chain, list of dicts": chain_of_list,
        "option chain, pandas": chain_of_frame,
        "search 'nifty 26000 ce', store": lambda: store.search("nifty 26000 ce"),
        "search, pandas str.contains": lambda: frame[
            frame.symbol.str.contains("NIFTY.*26000CE", regex=True)
        ],
    }
    fast = interleave(quick, rounds=ROUNDS, count=2000)
    rest = interleave(slow, rounds=ROUNDS, count=10)
    return [
        *([name, fast.time(name).show()] for name in quick),
        *([name, rest.time(name).show(0)] for name in slow),
    ]


def searches(path: Path) -> tuple[float, float, float]:
    """Milliseconds: p50, p95 and the slowest, of a store just opened."""
    store = InstrumentStore.open(path)
    times = []
    for _ in range(20):
        for text in random.Random(2).sample(SEARCHES, len(SEARCHES)):
            started = time.perf_counter()
            store.search(text)
            times.append((time.perf_counter() - started) * 1e3)
    return median(times), quantiles(times, n=20)[18], max(times)


def chain_times(store: InstrumentStore) -> tuple[float, float]:
    """Milliseconds: p50 and p95."""
    times = []
    for _ in range(100):
        started = time.perf_counter()
        chain = store.option_chain("NIFTY", around=26012)
        times.append((time.perf_counter() - started) * 1e3)
        assert len(chain) >= 200
    return median(times), quantiles(times, n=20)[18]


# --- the round trip -------------------------------------------------------------------------------


def round_trip(store: InstrumentStore) -> tuple[int, int]:
    """How many instruments there are, and how many their common symbol leads back to."""
    rows = list(store)
    found = sum(
        store.by_symbol(row.symbol) == row == store.by_token(row.exchange, row.token)
        for row in rows
    )
    return len(rows), found


# --- the report -----------------------------------------------------------------------------------


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    import pandas

    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.processor(),
    )  # fmt: skip
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{platform.system()} {platform.release()}, {os.cpu_count()} x {model} (load {load}); "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"attrs {attrs.__version__}, pandas {pandas.__version__}."
    )


def mark(value: float, reach: float, unit: str) -> list[str]:
    verdict = "reached" if value <= reach else f"missed by {value / reach - 1:.0%}"
    return [f"{value:,.3g} {unit}", f"<= {reach:g} {unit}", verdict]


@attrs.frozen
class Figures:
    """All that was measured; two-level names are by broker."""

    runs: Runs
    opened: float
    cold: tuple[float, float]
    answers: list[list[str]]
    searches: dict[str, tuple[float, float, float]]
    chain: tuple[float, float]
    trips: dict[str, tuple[int, int]]
    skipped: dict[str, dict[str, int]]


def measure(folder: Path, contents: dict[str, bytes]) -> Figures:
    masters = {broker: folder / broker for broker in contents}
    for broker, path in masters.items():
        path.write_bytes(contents[broker])
    readers = {"Angel One": angelone_master.instruments, "Zerodha": zerodha_master.instruments}
    paths = {broker: folder / f"{broker}.sqlite3" for broker in contents}
    stores = {
        broker: InstrumentStore.build(readers[broker](content), paths[broker], day=DAY)
        for broker, content in contents.items()
    }
    angel = stores["Angel One"]
    frame, records = angel_frame(contents["Angel One"]), kite_list(contents["Zerodha"])
    opened = [_child("open", str(paths["Angel One"]))["seconds"] for _ in range(ROUNDS * 2)]
    return Figures(
        runs=build_all(masters),
        opened=median(opened) * 1e3,
        cold=cold_lookups(paths["Angel One"]),
        answers=lookups(angel, frame, records),
        searches={broker: searches(path) for broker, path in paths.items()},
        chain=chain_times(angel),
        trips={broker: round_trip(store) for broker, store in stores.items()},
        skipped={broker: dict(store.skipped) for broker, store in stores.items()},
    )


def marks(figures: Figures) -> Iterator[list[str]]:
    """The issue's table."""
    for name in ("angel-store", "zerodha-store"):
        broker, runs = BUILDERS[name][0], figures.runs[name]
        cpu, least = median(run["cpu"] for run in runs), min(run["seconds"] for run in runs)
        yield [f"parse and build, {broker}'s format, processor's time", *mark(cpu, 2.5, "s")]
        yield [f"parse and build, {broker}'s, least disturbed run", *mark(least, 2.5, "s")]
        peak = max(run["peak"] for run in runs)
        yield [f"peak memory over idle, {broker}'s format", *mark(peak, 200, "MB")]
    yield ["open an existing store, first look-up", *mark(figures.opened, 15, "ms")]
    cached = {name: float(time_.split()[0].replace(",", "")) for name, time_ in figures.answers}
    for key, cold in zip(("symbol", "token"), figures.cold, strict=True):
        yield [f"by {key}, cached (p50)", *mark(cached[f"by {key}, store (cached)"], 8, "us")]
        yield [f"by {key}, cold (p50)", *mark(cold, 40, "us")]
    for broker, (_, p95, _) in figures.searches.items():
        yield [f"search, {broker}'s (p95)", *mark(p95, 15, "ms")]
    yield ["option chain of 221 strikes (p50)", *mark(figures.chain[0], 3, "ms")]
    for broker, (count, found) in figures.trips.items():
        verdict = "reached" if found == count else "MISSED"
        title = f"instruments that their symbol leads back to, {broker}'s"
        yield [title, f"{found:,} of {count:,}", "100 %", verdict]


def report(folder: Path) -> str:
    contents = {"Angel One": generated_masters.angelone(), "Zerodha": generated_masters.zerodha()}
    figures = measure(folder, contents)
    sizes = [f"{broker}'s {len(content) / 1e6:.1f} MB" for broker, content in contents.items()]
    timings = [
        [broker, f"{p50:.2f}", f"{p95:.2f}", f"{worst:.1f}"]
        for broker, (p50, p95, worst) in figures.searches.items()
    ]
    skipped = [
        [broker, reason, f"{count:,}"]
        for broker, reasons in figures.skipped.items()
        for reason, count in reasons.items()
    ]
    build_header = ["format", "contender", "seconds", "of the processor", "peak MB", "kept MB"]
    return TEMPLATE.format(
        machine=machine(),
        sizes=", ".join(sizes),
        rounds=ROUNDS,
        marks=table(["measure", "measured", "reach", ""], list(marks(figures))),
        built=table(build_header, list(build_rows(figures.runs))),
        looked_up=table(["question", "us"], figures.answers),
        searches=table(["format", "p50 ms", "p95 ms", "slowest ms"], timings),
        skipped=table(["format", "reason", "rows"], skipped),
        count=len(SEARCHES),
    )


TEMPLATE = """\
# The instrument store's figures

Written by `python -m benchmarks.instruments`. Medians over {rounds} rounds in which the \
contenders take turns, with the interquartile range in brackets. The masters are generated: {sizes}.

{machine}

## Against the marks

{marks}

The machine is shared, and its load stands above: the processor's time and the fastest of the \
{rounds} runs by the clock tell of the code, the medians by the clock below also of the \
neighbours. Two processes building at once, a build killed half-way and a full disk are not \
figures but tests: \
`tests/instruments/test_build.py` and `test_loader.py`.

## Building, beside what users do today

A fresh process each; the download is not in it. Memory is over what the process had after its \
imports, the master's own bytes included; *kept* is what stays once they are gone.

{built}

The list and the frame are built again in every process and after every login; the store once a \
day, and it keeps every expiry a date, every price exact, and every symbol in one grammar.

## Asking

{looked_up}

## Search

{count} kinds of text (names, contracts, misspellings, words that nothing matches), 20 times each, \
in a store just opened. The slowest is the first misspelling, which reads the list of names.

{searches}

Plain SQLite tables answer it; no text-search extension is used, so it is the same everywhere.

## Rows left out

{skipped}
"""


def main() -> None:
    if sys.argv[1:2] == ["build"]:
        print(json.dumps(build_here(sys.argv[2], Path(sys.argv[3]))))
    elif sys.argv[1:2] == ["open"]:
        print(json.dumps(open_here(Path(sys.argv[2]))))
    else:
        with tempfile.TemporaryDirectory() as folder:
            REPORT.write_text(report(Path(folder)), "utf-8")
        print(REPORT.read_text("utf-8"))


if __name__ == "__main__":
    main()
