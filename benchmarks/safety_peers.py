"""What a user would pick instead, through its own public call, against the same faulty broker.

* **stock httpx with a retry loop**, as tutorials show it: three tries, a pause between them, an
  exception at the end.
* **smartapi-python**, the broker's own client, unmodified, in an environment of its own:
  ``OPENBROKER_SMARTAPI_PYTHON`` names its interpreter, else ``.venv-smartapi`` is tried.

Both give each order an ``ordertag`` of its own, so that the book tells how often it was booked.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pyotp
from attrs import frozen

from benchmarks.safety_server import Broker

SECURE = "/rest/secure/angelbroking"


@frozen(kw_only=True)
class PeerTally:
    """What a peer claimed, held against the book."""

    name: str
    orders: int
    duplicates: int
    """Orders that were booked more than once."""
    extra: int
    """Bookings beyond the first, of all orders together."""
    lost: int
    """Booked, and the caller was told that it failed, or was given nothing."""
    false_success: int
    """Claimed, and not booked under that order id."""


def tally(
    name: str, claims: Mapping[str, str | None], book: Iterable[Mapping[str, Any]]
) -> PeerTally:
    """``claims`` is tag to claimed order id, ``None`` for a failure."""
    rows = list(book)
    times = Counter(row["tag"] for row in rows)
    ids = {(row["tag"], row["order_id"]) for row in rows}
    return PeerTally(
        name=name,
        orders=len(claims),
        duplicates=sum(1 for tag in claims if times[tag] > 1),
        extra=sum(times[tag] - 1 for tag in claims if times[tag] > 1),
        lost=sum(1 for tag, claimed in claims.items() if claimed is None and times[tag]),
        false_success=sum(
            1 for tag, claimed in claims.items() if claimed and (tag, claimed) not in ids
        ),
    )


def order_body(number: int, price: str) -> dict[str, str]:
    return {
        "variety": "NORMAL",
        "tradingsymbol": "INFY-EQ",
        "symboltoken": "1594",
        "transactiontype": "BUY",
        "exchange": "NSE",
        "ordertype": "LIMIT",
        "producttype": "INTRADAY",
        "duration": "DAY",
        "price": price,
        "quantity": "1",
        "ordertag": f"p{number}",
    }


def httpx_loop(server: Broker, credentials: Mapping[str, str], orders: int, scale: float) -> Any:
    """Stock ``httpx.Client`` and the retry loop that tutorials show."""
    context = ssl.create_default_context(cafile=server.ca_file)
    client = httpx.Client(base_url=server.url, verify=context, timeout=8.0 * scale)
    headers = _login(client, credentials)
    price = _resting_price(client, headers)
    claims: dict[str, str | None] = {}
    for number in range(orders):
        body = order_body(number, price)
        claims[body["ordertag"]] = _place_with_retries(client, headers, body, scale)
    return claims


def _place_with_retries(
    client: httpx.Client, headers: Mapping[str, str], body: Mapping[str, str], scale: float
) -> str | None:
    for attempt in range(3):
        try:
            response = client.post(f"{SECURE}/order/v1/placeOrder", json=body, headers=headers)
            response.raise_for_status()
            data = response.json()
            if data["status"]:
                return str(data["data"]["orderid"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError, RecursionError):
            pass
        time.sleep(0.5 * scale * 2**attempt)
    return None


def _login(client: httpx.Client, credentials: Mapping[str, str]) -> dict[str, str]:
    headers = {"X-PrivateKey": credentials["api_key"], "X-UserType": "USER", "X-SourceID": "WEB"}
    body = {
        "clientcode": credentials["client_code"],
        "password": credentials["pin"],
        "totp": pyotp.TOTP(credentials["totp_secret"]).now(),
    }
    path = "/rest/auth/angelbroking/user/v1/loginByPassword"
    reply = client.post(path, json=body, headers=headers).json()
    return headers | {"Authorization": f"Bearer {reply['data']['jwtToken']}"}


def _resting_price(client: httpx.Client, headers: Mapping[str, str]) -> str:
    body = {"mode": "LTP", "exchangeTokens": {"NSE": ["1594"]}}
    reply = client.post(f"{SECURE}/market/v1/quote/", json=body, headers=headers).json()
    return f"{round(reply['data']['fetched'][0]['ltp'] * 0.96):.2f}"


_SMARTAPI = """
import json, socket, sys
task = json.loads(sys.stdin.read())
look_up = socket.getaddrinfo
def stay_home(host, *rest, **named):
    if host not in ("127.0.0.1", "localhost", None):
        raise socket.gaierror(f"{host} is not on this machine")
    return look_up(host, *rest, **named)
socket.getaddrinfo = stay_home
import pyotp
from SmartApi import SmartConnect
SmartConnect._rootUrl = task["url"]
keys = task["credentials"]
client = SmartConnect(api_key=keys["api_key"], root=task["url"], timeout=task["timeout"])
client.generateSession(keys["client_code"], keys["pin"], pyotp.TOTP(keys["totp_secret"]).now())
quote = client.getMarketData("LTP", {"NSE": ["1594"]})
price = "%.2f" % round(quote["data"]["fetched"][0]["ltp"] * 0.96)
claims = {}
for body in task["orders"]:
    body["price"] = price
    try:
        claims[body["ordertag"]] = client.placeOrder(body)
    except Exception:
        claims[body["ordertag"]] = None
print(json.dumps(claims))
"""


def smartapi_python() -> str | None:
    """The interpreter of smartapi-python's environment, if there is one that works."""
    given = os.environ.get("OPENBROKER_SMARTAPI_PYTHON")
    path = given or str(Path(".venv-smartapi/bin/python").absolute())
    if not Path(path).exists():
        return None
    probe = subprocess.run(
        [path, "-c", "import importlib.util as u; print(u.find_spec('SmartApi') is not None)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return path if probe.stdout.strip() == "True" else None


def official_client(
    server: Broker, credentials: Mapping[str, str], orders: int, scale: float
) -> Any:
    """smartapi-python's ``placeOrder``, once an order; ``None`` where its environment is missing.

    Raises:
        RuntimeError: its process failed.
    """
    python = smartapi_python()
    if python is None:
        return None
    task = {
        "url": server.url,
        "credentials": dict(credentials),
        "timeout": 8.0 * scale,
        "orders": [order_body(number, "") for number in range(orders)],
    }
    environment = {"PATH": os.environ["PATH"], "REQUESTS_CA_BUNDLE": server.ca_file}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [python, "-c", _SMARTAPI],
            input=json.dumps(task),
            capture_output=True,
            text=True,
            cwd=folder,
            env=environment,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"smartapi-python failed: {done.stderr[-500:]}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    print(smartapi_python() or "smartapi-python's environment is missing", file=sys.stderr)
