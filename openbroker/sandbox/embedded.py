"""``connect()`` without a name: the sandbox inside this process, without sockets.

It speaks Angel One's dialect, so everything but the network is the real way: the adapter's flows,
the driver, the outcome of orders.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import ClassVar

import attrs
import httpx

from openbroker.adapters.angelone import AngelOne
from openbroker.sandbox.sandbox import Sandbox
from openbroker.schemas import Secret
from openbroker.transport.messages import RateLimit


@attrs.frozen(kw_only=True)
class SandboxBroker(AngelOne):
    """Angel One's dialect without its rate limits, with a book that never lags, and with one-time
    codes that nobody has to wait for."""

    limits: ClassVar[Sequence[RateLimit]] = ()
    settle_time: ClassVar[dt.timedelta] = dt.timedelta(seconds=1)
    reuses_codes: ClassVar[bool] = True


SANDBOX = SandboxBroker(
    name="sandbox",
    title="Sandbox",
    hosts=dict.fromkeys(("rest", "master", "master_old"), "https://sandbox.invalid"),
)
"""``.invalid`` can never be resolved (RFC 2606): what should stay inside the process does."""


def embedded(
    credentials: Mapping[str, str | Secret | None], http: httpx.AsyncBaseTransport | None
) -> tuple[Mapping[str, str | Secret | None], httpx.AsyncBaseTransport | None]:
    """Credentials and transport of a new sandbox; what the caller gave is kept."""
    if http is not None or credentials:
        return credentials, http
    sandbox = Sandbox(limits=None, reuse_totp=True)
    return sandbox.credentials, httpx.MockTransport(sandbox.handler)
