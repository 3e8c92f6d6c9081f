"""What a user would pick instead, through its own public call, against the same faulty broker.

* **stock httpx with a retry loop**, as tutorials show it: three tries, a pause between them, an
  exception at the end.
* **the broker's own client**, unmodified, in an environment of its own (see :mod:`.official`):
  smartapi-python at Angel One, kiteconnect at Zerodha.

Each gives every order a tag of its own, so that the book tells how often it was booked.
"""

from __future__ import annotations

import json
import ssl
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import httpx
import pyotp
from attrs import frozen

from benchmarks.official import KITE, SMARTAPI, OfficialClient
from benchmarks.safety_server import Broker


@frozen(kw_only=True)
class PeerTally:
    """What a peer claimed, held against the book."""

    name: str
    orders: int = 0
    duplicates: int = 0
    """Orders that were booked more than once."""
    extra: int = 0
    """Bookings beyond the first, of all orders together."""
    lost: int = 0
    """Booked, and the caller was told that it failed, or was given nothing."""
    false_success: int = 0
    """Claimed, and not booked under that order id."""
    skipped: bool = False
    """Its environment is missing."""


Claims: TypeAlias = Mapping[str, str | None]
"""Tag to claimed order id, ``None`` for a failure."""


def tally(name: str, claims: Claims, book: Iterable[Mapping[str, Any]]) -> PeerTally:
    """Hold the claims against the book."""
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


class Script(ABC):
    """What a script that speaks to a broker by hand has to know of it."""

    @abstractmethod
    def headers(self, client: httpx.Client, credentials: Mapping[str, str]) -> dict[str, str]:
        """Those of a session; logs in where that is needed."""

    @abstractmethod
    def resting_price(self, client: httpx.Client) -> str:
        """A price at which a buy of INFY rests."""

    @abstractmethod
    def send(self, client: httpx.Client, tag: str, price: str) -> httpx.Response:
        """Place one order."""

    @abstractmethod
    def order_id(self, reply: Any) -> str | None:
        """The order id of a success; ``None`` for anything else."""


class AngelOneScript(Script):
    """SmartAPI by hand."""

    SECURE = "/rest/secure/angelbroking"

    def headers(self, client: httpx.Client, credentials: Mapping[str, str]) -> dict[str, str]:
        headers = {
            "X-PrivateKey": credentials["api_key"],
            "X-UserType": "USER",
            "X-SourceID": "WEB",
        }
        body = {
            "clientcode": credentials["client_code"],
            "password": credentials["pin"],
            "totp": pyotp.TOTP(credentials["totp_secret"]).now(),
        }
        path = "/rest/auth/angelbroking/user/v1/loginByPassword"
        reply = client.post(path, json=body, headers=headers).json()
        return headers | {"Authorization": f"Bearer {reply['data']['jwtToken']}"}

    def resting_price(self, client: httpx.Client) -> str:
        body = {"mode": "LTP", "exchangeTokens": {"NSE": ["1594"]}}
        reply = client.post(f"{self.SECURE}/market/v1/quote/", json=body).json()
        return f"{round(reply['data']['fetched'][0]['ltp'] * 0.96):.2f}"

    def send(self, client: httpx.Client, tag: str, price: str) -> httpx.Response:
        body = {
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
            "ordertag": tag,
        }
        return client.post(f"{self.SECURE}/order/v1/placeOrder", json=body)

    def order_id(self, reply: Any) -> str | None:
        return str(reply["data"]["orderid"]) if reply["status"] else None


class ZerodhaScript(Script):
    """Kite Connect by hand."""

    def headers(self, client: httpx.Client, credentials: Mapping[str, str]) -> dict[str, str]:  # noqa: ARG002 - the token is at hand
        token = f"token {credentials['api_key']}:{credentials['access_token']}"
        return {"X-Kite-Version": "3", "Authorization": token}

    def resting_price(self, client: httpx.Client) -> str:
        reply = client.get("/quote/ltp", params={"i": "NSE:INFY"}).json()
        return f"{round(reply['data']['NSE:INFY']['last_price'] * 0.96):.2f}"

    def send(self, client: httpx.Client, tag: str, price: str) -> httpx.Response:
        form = {
            "exchange": "NSE",
            "tradingsymbol": "INFY",
            "transaction_type": "BUY",
            "order_type": "LIMIT",
            "product": "MIS",
            "validity": "DAY",
            "price": price,
            "quantity": "1",
            "tag": tag,
        }
        return client.post("/orders/regular", data=form)

    def order_id(self, reply: Any) -> str | None:
        return str(reply["data"]["order_id"]) if reply["status"] == "success" else None


class Peer(ABC):
    """A client other than ours."""

    name: str

    @abstractmethod
    def place(
        self, server: Broker, credentials: Mapping[str, str], orders: int, scale: float
    ) -> Claims | None:
        """Place so many orders; ``None`` where the client's environment is missing."""


@frozen
class RetryLoop(Peer):
    """Stock ``httpx.Client`` and the retry loop that tutorials show."""

    script: Script
    name: str = "httpx and a retry loop"

    def place(
        self, server: Broker, credentials: Mapping[str, str], orders: int, scale: float
    ) -> Claims:
        context = ssl.create_default_context(cafile=server.ca_file)
        with httpx.Client(base_url=server.url, verify=context, timeout=8.0 * scale) as client:
            client.headers.update(self.script.headers(client, credentials))
            price = self.script.resting_price(client)
            tags = (f"p{number}" for number in range(orders))
            return {tag: self._place(client, tag, price, scale) for tag in tags}

    def _place(self, client: httpx.Client, tag: str, price: str, scale: float) -> str | None:
        for attempt in range(3):
            try:
                response = self.script.send(client, tag, price)
                response.raise_for_status()
                order_id = self.script.order_id(response.json())
                if order_id:
                    return order_id
            except (httpx.HTTPError, ValueError, KeyError, TypeError, RecursionError):
                pass
            time.sleep(0.5 * scale * 2**attempt)
        return None


_PLACE_ALL = """
claims = {}
for tag in task["tags"]:
    try:
        claims[tag] = place(tag)
    except Exception:
        claims[tag] = None
print(json.dumps(claims))
"""


@frozen
class Official(Peer):
    """A broker's own client, called once an order."""

    client: OfficialClient

    @property
    def name(self) -> str:  # type: ignore[override]  # the client's own
        return self.client.name

    def place(
        self, server: Broker, credentials: Mapping[str, str], orders: int, scale: float
    ) -> Claims | None:
        """Raises ``RuntimeError`` when its process failed."""
        python = self.client.python()
        if python is None:
            return None
        task = {
            "url": server.url,
            "credentials": dict(credentials),
            "timeout": 8.0 * scale,
            "tags": [f"p{number}" for number in range(orders)],
        }
        with self.client.process(python, _PLACE_ALL, server.ca_file) as process:
            told, errors = process.communicate(json.dumps(task) + "\n")
        if process.returncode:
            raise RuntimeError(f"{self.name} failed: {errors[-500:]}")
        claims: dict[str, str | None] = json.loads(told.splitlines()[-1])
        return claims


PEERS: Mapping[str, Sequence[Peer]] = {
    "angelone": (RetryLoop(AngelOneScript()), Official(SMARTAPI)),
    "zerodha": (RetryLoop(ZerodhaScript()), Official(KITE)),
}
"""What a user would pick at each broker."""
