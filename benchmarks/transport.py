"""The transport's figures, side by side with peers in one run; writes ``docs/benchmarks.md``.

    python -m benchmarks.transport [--quick]

Both sides of a ratio are called at the same level: ours at ``Transport.exchange`` (a ``Request``
in, a whole and checked ``Reply`` with its timings out), httpx at its transport's ``handle_request``
with a request built beforehand and the body read, aiohttp at ``session.post`` with the body read.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import httpx
from attrs import evolve

from benchmarks.link import LinkFigures, measure_link
from benchmarks.measure import Figure, Rounds, interleave, interleave_async
from benchmarks.memory import measure_memory
from benchmarks.peers import (
    ANGELONE,
    ZERODHA,
    Shape,
    async_peers,
    exchange_call,
    request_to,
    sync_peers,
    sync_transport_call,
)
from benchmarks.servers import Server, loopback_server
from benchmarks.whole import BROKERS, WholeFigures, broker_storm, measure_whole
from openbroker.transport import bridge
from openbroker.transport.exchange import Transport
from openbroker.transport.messages import Reply

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
_ABOUT = (
    "Written by `{command}`. Ratios are taken within each of {rounds} interleaved rounds of "
    "{count} calls; a figure is the median over the rounds, with the interquartile range in "
    "brackets. Smaller is better. A POST of the size of an order at Angel One (about 1.2 KB out, "
    "0.3 KB back) on warm connections over TLS on loopback; the server is {server}, in a process "
    "of its own, on the same machine."
)
_WHOLE = (
    "Validation, guards, two journal commits, the hop and the exchange, at each broker's sandbox, "
    "which has a core of its own; its time is in the transport's part. What must be reached: "
    "150 us over the transport's own time (aim 80). Beside it the broker's own client, unmodified, "
    "which places the same order at the same sandbox in turns with ours; it keeps no journal."
)
PACKAGES = ("httpx", "httpcore", "h11", "h2", "aiohttp", "requests", "urllib3")


async def measure_async(
    server: Server, rounds: int, count: int, shape: Shape = ANGELONE
) -> tuple[Rounds, Rounds]:
    """One at a time, and twenty at once."""
    async with async_peers(server, shape) as peers:
        one = await interleave_async(peers, rounds=rounds, count=count)
        many = await interleave_async(peers, rounds=rounds, count=max(5, count // 20), at_once=20)
    return one, many


def measure_sync(
    server: Server, rounds: int, count: int, shape: Shape = ANGELONE
) -> tuple[Rounds, Rounds]:
    """One at a time, and a basket of twenty."""
    with sync_peers(server, shape) as peers:
        one = interleave(peers, rounds=rounds, count=count)
    with ThreadPoolExecutor(20) as threads:
        transport = Transport(ca_file=server.ca_file)
        call = exchange_call(transport, server.url, shape)

        async def basket() -> None:
            await asyncio.gather(*(call() for _ in range(20)))

        context = ssl.create_default_context(cafile=server.ca_file)
        stock = httpx.HTTPTransport(verify=context)
        stock_call = sync_transport_call(stock, server.url, shape)
        calls: dict[str, Callable[[], object]] = {
            "openbroker": lambda: bridge.run(basket),
            "httpx in 20 threads": lambda: [
                future.result() for future in [threads.submit(stock_call) for _ in range(20)]
            ],
        }
        many = interleave(calls, rounds=rounds, count=max(5, count // 20))
        bridge.run(transport.aclose())
        stock.close()
    return one, many


def storm(server: Server, *, http2: bool, each: int) -> tuple[int, int, int]:
    """Twenty threads on one transport: how many were sent, failed, and got another's reply."""
    transport = Transport(ca_file=server.ca_file, http2_orders=http2)
    url = server.url

    def trade(thread: int) -> list[str]:
        found = []
        for number in range(each):
            tag = f"{thread}x{number}"
            request = evolve(request_to(url), headers={**ANGELONE.headers, "X-Tag": tag})
            outcome = bridge.run(transport.exchange(request))
            if not isinstance(outcome, Reply) or outcome.status != 200 or outcome.doubt:
                found.append("failed")
            elif outcome.headers.get("x-tag") != tag:
                found.append("crossed")
        return found

    with ThreadPoolExecutor(20) as threads:
        bad = [word for words in threads.map(trade, range(20)) for word in words]
    bridge.run(transport.aclose())
    return 20 * each, bad.count("failed"), bad.count("crossed")


def storm_httpx(server: Server, *, each: int) -> tuple[int, int, str]:
    """The same on one shared ``httpx.HTTPTransport(http2=True)``; replies are not looked at."""
    context = ssl.create_default_context(cafile=server.ca_file)
    stock = httpx.HTTPTransport(verify=context, http2=True)
    call = sync_transport_call(stock, server.url)

    def trade(_: int) -> int:
        failed = 0
        for _ in range(each):
            try:
                call()
            except httpx.HTTPError:
                failed += 1
        return failed

    with ThreadPoolExecutor(20) as threads:
        failed = sum(threads.map(trade, range(20)))
    stock.close()
    return 20 * each, failed, "-"


def measure_hop(rounds: int, count: int) -> Rounds:
    """From a thread into the loop thread and back, for a coroutine that does nothing."""

    async def nothing() -> None:
        pass

    loop = bridge.loop_thread().loop
    return interleave(
        {
            "openbroker": lambda: bridge.run(nothing()),
            "run_coroutine_threadsafe": lambda: asyncio.run_coroutine_threadsafe(
                nothing(), loop
            ).result(),
        },
        rounds=rounds,
        count=count,
    )


Row = Sequence[str]


def table(head: Row, rows: Sequence[Row]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def verdict(name: str, figure: Figure, must: float, aim: float) -> Row:
    reached = "aim reached" if figure.middle <= aim else "reached"
    if figure.middle > must:
        reached = f"missed by {figure.middle / must - 1:.0%}"
    return [name, figure.show(), f"{must:g}", f"{aim:g}", reached]


def verdicts(one: Rounds, many: Rounds, sync: Rounds, basket: Rounds) -> list[Row]:
    h1, h2 = "openbroker h1", "openbroker h2"
    return [
        verdict("async HTTP/1.1, one, to httpx", one.ratio(h1, "httpx h1"), 0.55, 0.35),
        verdict("async HTTP/2, one, to httpx", one.ratio(h2, "httpx h2"), 0.50, 0.35),
        verdict("20 at once, HTTP/1.1, to httpx", many.ratio(h1, "httpx h1"), 0.15, 0.10),
        verdict("20 at once, HTTP/2, to httpx", many.ratio(h2, "httpx h2"), 0.35, 0.25),
        verdict("one, to aiohttp", one.ratio(h1, "aiohttp"), 1.5, 1.2),
        verdict("20 at once, to aiohttp", many.ratio(h1, "aiohttp"), 2.3, 1.7),
        verdict("sync, one, to httpx sync", sync.ratio(h1, "httpx h1"), 1.15, 0.95),
        verdict(
            "sync basket of 20, to httpx in 20 threads",
            basket.ratio("openbroker", "httpx in 20 threads"),
            0.35,
            0.22,
        ),
    ]


def link_section(link: LinkFigures) -> str:
    rows = [["raw kept socket", link.raw.show(1), "0"]]
    rows += [[name, link.times[name].show(1), link.over_raw[name].show(2)] for name in link.names]
    checks = [
        ["order, over a raw kept socket", link.over_raw["openbroker h1"].show(2), "1.0", "0.6"],
        ["first order after connect, over warm", link.first_over_warm.show(2), "2", ""],
        [
            f"after idling, server closes at 5 s, over warm (worst {link.idle_worst:.1f})",
            link.idle_over_warm.show(2),
            "2",
            "",
        ],
        ["basket of 9 right after connect, over one", link.burst_over_one.show(2), "5", ""],
        ["the same later on, all warm", link.warm_burst.show(2), "", ""],
        ["the same by httpx async after one order", link.burst_httpx.show(2), "", ""],
    ]
    return "\n\n".join(
        [
            table(["client (synchronous call)", "ms", "over raw, ms"], rows),
            table(["measure", "ms", "must", "aim"], checks),
        ]
    )


def plain(rounds: Rounds, names: Sequence[str], to: str) -> str:
    rows = [[name, rounds.time(name).show(0), rounds.ratio(name, to).show()] for name in names]
    return table(["client", "us", f"ratio to {to}"], rows)


def whole_table(found: Mapping[str, WholeFigures]) -> str:
    head = ["broker", "place_order, us", "of which transport", "the rest", "its own client"]
    rows = [
        [name, f.call.show(0), f.transport.show(0), f.rest.show(0), official_cell(f), ratio_cell(f)]
        for name, f in found.items()
    ]
    return table([*head, "ours to its own"], rows)


def official_cell(figures: WholeFigures) -> str:
    if figures.official is None:
        return f"{figures.client}: skipped, its environment is missing"
    return f"{figures.client} {figures.official.show(0)}"


def ratio_cell(figures: WholeFigures) -> str:
    return figures.ratio.show() if figures.ratio is not None else "-"


def machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = f"{len(names)} x {names[0].partition(': ')[2]}" if names else model
    load = f"{os.getloadavg()[1]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"{platform.system()} {platform.release()}, {model}; "
        f"Python {platform.python_version()} ({ssl.OPENSSL_VERSION}); {packages}. "
        f"Load average at the end: {load}."
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer calls, shorter waits")
    quick = parser.parse_args(arguments).quick
    rounds, count = (5, 60) if quick else (9, 200)
    command = "python -m benchmarks.transport --quick" if quick else "make bench"
    with loopback_server() as server:
        print("one call at a time, and twenty at once ...")
        one, many = asyncio.run(measure_async(server, rounds, count))
        sync, basket = measure_sync(server, rounds, count)
        print("the same with Zerodha's order ...")
        kite = (
            *asyncio.run(measure_async(server, rounds, count, ZERODHA)),
            *measure_sync(server, rounds, count, ZERODHA),
        )
        print("twenty threads ...")
        each = 100 if quick else 1000
        storms: list[Row] = [
            ["openbroker, HTTP/1.1", *map(str, storm(server, http2=False, each=each))],
            ["openbroker, HTTP/2", *map(str, storm(server, http2=True, each=each))],
            ["httpx, HTTP/2", *map(str, storm_httpx(server, each=each))],
        ]
        storms += [
            [f"one Broker, {name}, HTTP/1.1, journal and all", *map(str, broker_storm(name, each))]
            for name in BROKERS
        ]
        print("memory ...")
        memory = measure_memory(server)
        name = server.name
    print("a whole place_order ...")
    whole = {name: measure_whole(name, rounds, count) for name in BROKERS}
    print("the emulated link ...")
    link = measure_link(rounds, (8.0, 14.0) if quick else (20.0, 50.0))
    sections = [
        "# The transport's figures",
        _ABOUT.format(command=command, rounds=rounds, count=count, server=name),
        machine(),
        "## Against the marks",
        table(["ratio", "measured", "must", "aim", ""], verdicts(one, many, sync, basket)),
        "The same with Zerodha's order, a form (about 0.4 KB out, 0.1 KB back):",
        table(["ratio", "measured", "must", "aim", ""], verdicts(*kite)),
        "## One at a time, asynchronous",
        plain(one, list(one.medians), "httpx h1"),
        "## Twenty at once, asynchronous",
        plain(many, list(many.medians), "httpx h1"),
        "## One at a time, synchronous",
        plain(sync, list(sync.medians), "httpx h1"),
        "## A basket of twenty, synchronous",
        plain(basket, list(basket.medians), "httpx in 20 threads"),
        "## The hop into the loop thread and back",
        plain(measure_hop(rounds, count), ["openbroker", "run_coroutine_threadsafe"], "openbroker"),
        "## A whole place_order, synchronous",
        _WHOLE,
        whole_table(whole),
        "## Twenty threads on one transport",
        table(["client", "sent", "failed", "crossed"], storms),
        "## Over an emulated link (40 ms round trip, 38 ms service)",
        link_section(link),
        "## Memory over idle",
        table(["", "MB"], [[key, f"{value:.1f}"] for key, value in memory.items()]),
    ]
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text("\n\n".join(sections) + "\n")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
