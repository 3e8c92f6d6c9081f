"""Sandboxes over TLS whose clock and book are at hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attrs import frozen

import openbroker as ob
from openbroker.sandbox import Sandbox
from openbroker.sandbox.wire import running_server

DAY = dt.date(2026, 11, 23)
"""A Monday within the first expiry of the sandbox's master: the same contracts on every run."""


@frozen(kw_only=True)
class Served:
    """A sandbox, and where it is."""

    sandbox: Sandbox
    facts: dict[str, Any]


@contextmanager
def served(**options: Any) -> Iterator[Served]:
    """A sandbox behind TLS, in this process, so that its clock and its book are at hand.

    Its clock stands still until it is advanced, and it keeps no rate limits, unless told otherwise.
    """
    options = {"today": DAY, "time_scale": 0.0, "limits": None, "reuse_totp": True} | options
    sandbox = Sandbox(**options)
    with running_server(sandbox.handler) as server:
        facts = {
            "url": server.url,
            "ca_file": str(server.ca_file),
            "credentials": sandbox.credentials,
        }
        yield Served(sandbox=sandbox, facts=facts)


def connected(place: Served, **settings: str) -> ob.Broker:
    """openbroker at the sandbox, over TLS."""
    facts = place.facts
    return ob.connect(
        place.sandbox.dialect,
        base_url=facts["url"],
        ca_file=facts["ca_file"],
        **facts["credentials"],
        **settings,
    )
