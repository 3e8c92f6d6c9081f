"""The brokers' own Python clients, unmodified, each run by an interpreter of its own environment.

``OPENBROKER_SMARTAPI_PYTHON`` and ``OPENBROKER_KITE_PYTHON`` name those interpreters; by default
the environments that ``make smartapi kite`` sets up are used.  A client is given a task (one line
of JSON: the sandbox's ``url``, ``credentials``, ``timeout``, ``tags``), and may not leave this
machine.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

_BEGIN = """
import json, socket, sys
look_up = socket.getaddrinfo
def stay_home(host, *rest, **named):
    if host not in ("127.0.0.1", "localhost", None):
        raise socket.gaierror(f"{host} is not on this machine")
    return look_up(host, *rest, **named)
socket.getaddrinfo = stay_home
task = json.loads(sys.stdin.readline())
keys = task["credentials"]
"""


@frozen(kw_only=True)
class OfficialClient:
    """A broker's own client.

    Attributes:
        name: of its distribution.
        module: what is imported.
        variable: of the environment; names its interpreter.
        folder: its environment, below the project's root.
        script: logs in at ``task["url"]`` and defines ``place(tag)``, which places an order for one
            share of INFY that rests, and returns its id.
    """

    name: str
    module: str
    variable: str
    folder: str
    script: str

    def python(self) -> str | None:
        """The interpreter of its environment, if there is one that has the client."""
        path = os.environ.get(self.variable) or str(_ROOT / self.folder / "bin" / "python")
        if not Path(path).exists():
            return None
        look = f"import importlib.util as u; print(u.find_spec({self.module!r}) is not None)"
        probe = subprocess.run([path, "-c", look], capture_output=True, text=True, check=False)
        return path if probe.stdout.strip() == "True" else None

    @contextmanager
    def process(self, python: str, then: str, ca_file: str) -> Iterator[subprocess.Popen[str]]:
        """The client in a process of its own: its script, and ``then`` what is done with it."""
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen(
                [str(Path(python).absolute()), "-c", _BEGIN + self.script + then],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=folder,
                env={"PATH": os.environ["PATH"], "REQUESTS_CA_BUNDLE": ca_file},
            )
            with process:
                try:
                    yield process
                finally:
                    process.kill()


_ROOT = Path(__file__).parents[1]

SMARTAPI = OfficialClient(
    name="smartapi-python",
    module="SmartApi",
    variable="OPENBROKER_SMARTAPI_PYTHON",
    folder=".venv-smartapi",
    script="""
import pyotp
from SmartApi import SmartConnect
SmartConnect._rootUrl = task["url"]
client = SmartConnect(api_key=keys["api_key"], root=task["url"], timeout=task["timeout"])
client.generateSession(keys["client_code"], keys["pin"], pyotp.TOTP(keys["totp_secret"]).now())
quote = client.getMarketData("LTP", {"NSE": ["1594"]})
price = "%.2f" % round(quote["data"]["fetched"][0]["ltp"] * 0.96)
def place(tag):
    return client.placeOrder({
        "variety": "NORMAL", "tradingsymbol": "INFY-EQ", "symboltoken": "1594",
        "transactiontype": "BUY", "exchange": "NSE", "ordertype": "LIMIT",
        "producttype": "INTRADAY", "duration": "DAY", "price": price, "quantity": "1",
        "ordertag": tag,
    })
""",
)

KITE = OfficialClient(
    name="kiteconnect",
    module="kiteconnect",
    variable="OPENBROKER_KITE_PYTHON",
    folder=".venv-kite",
    script="""
from kiteconnect import KiteConnect
client = KiteConnect(keys["api_key"], root=task["url"], timeout=task["timeout"])
client.set_access_token(keys["access_token"])
price = round(client.ltp(["NSE:INFY"])["NSE:INFY"]["last_price"] * 0.96)
def place(tag):
    return client.place_order(
        variety="regular", exchange="NSE", tradingsymbol="INFY", transaction_type="BUY",
        quantity=1, product="MIS", order_type="LIMIT", price=price, validity="DAY", tag=tag,
    )
""",
)

CLIENTS = {"angelone": SMARTAPI, "zerodha": KITE}
"""The official client of each broker that has a sandbox."""
