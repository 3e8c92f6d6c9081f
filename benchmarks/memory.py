"""Memory: what 10,000 orders in a row and 1,000 at once leave behind, in a fresh process."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys

from benchmarks.peers import checked, request_to
from benchmarks.servers import Server
from openbroker.transport.exchange import Transport


def measure_memory(server: Server) -> dict[str, float]:
    """Megabytes over idle: halfway and after the row, and after the crowd."""
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", server.url, server.ca_file],
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(result.stdout)
    return figures


async def _main(url: str, ca_file: str) -> None:
    import psutil

    process = psutil.Process()

    def used() -> float:
        gc.collect()
        return float(process.memory_info().rss) / 1e6

    transport = Transport(ca_file=ca_file)
    await transport.warm(url, 9)
    request = request_to(url)
    idle = used()
    figures = {}
    for name in ("after 5,000 in a row", "after 10,000 in a row"):
        for _ in range(5000):
            checked(await transport.exchange(request))
        figures[name] = round(used() - idle, 1)
    for outcome in await asyncio.gather(*(transport.exchange(request) for _ in range(1000))):
        checked(outcome)
    figures["after 1,000 at once"] = round(used() - idle, 1)
    await transport.aclose()
    print(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2]))
