"""The brokers' own Python clients, each run by an interpreter of its own environment.

Set ``OPENBROKER_SMARTAPI_PYTHON`` and ``OPENBROKER_KITE_PYTHON`` to those interpreters; what is not
there is reported as skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.servers import Server

_COMMON = """
import statistics, sys, time
def measure(call, count=200):
    for _ in range(10):
        call()
    times = []
    for _ in range(count):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    print("median", statistics.median(times))
"""

_SCRIPTS = {
    "smartapi-python": (
        "OPENBROKER_SMARTAPI_PYTHON",
        """
from SmartApi import SmartConnect
SmartConnect._rootUrl = sys.argv[1]
client = SmartConnect(api_key="k" * 8, access_token="x" * 600, root=sys.argv[1])
order = {
    "variety": "NORMAL", "tradingsymbol": "SBIN-EQ", "symboltoken": "3045",
    "transactiontype": "BUY", "exchange": "NSE", "ordertype": "LIMIT",
    "producttype": "INTRADAY", "duration": "DAY", "price": "194.50", "quantity": "1",
}
assert client.placeOrder(order), "no order id"
measure(lambda: client.placeOrder(order))
""",
    ),
    "kiteconnect": (
        "OPENBROKER_KITE_PYTHON",
        """
from kiteconnect import KiteConnect
client = KiteConnect(api_key="k" * 8, access_token="x" * 32, root=sys.argv[1])
def place():
    return client.place_order(
        variety="regular", exchange="NSE", tradingsymbol="SBIN", transaction_type="BUY",
        quantity=1, product="MIS", order_type="LIMIT", price=194.5,
    )
assert place(), "no order id"
measure(place)
""",
    ),
}


def official_clients(server: Server) -> dict[str, float | str]:
    """The median of one order in seconds by client, or why it was skipped."""
    return {name: _run(*script, server) for name, script in _SCRIPTS.items()}


def _run(variable: str, script: str, server: Server) -> float | str:
    python = os.environ.get(variable)
    if not python:
        return f"skipped: {variable} is not set"
    with tempfile.TemporaryDirectory() as folder:
        environment = {"REQUESTS_CA_BUNDLE": server.ca_file, "PATH": os.environ["PATH"]}
        result = subprocess.run(
            [str(Path(python).absolute()), "-c", _COMMON + script, server.h1_url],
            capture_output=True,
            text=True,
            cwd=folder,
            env=environment,
            timeout=300,
            check=False,
        )
    found = [line for line in result.stdout.splitlines() if line.startswith("median ")]
    if result.returncode or not found:
        print(result.stderr[-2000:], file=sys.stderr)
        return "skipped: it did not run (see the benchmark's output)"
    return float(found[0].split()[1])
