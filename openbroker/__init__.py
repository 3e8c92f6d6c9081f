"""openbroker: trade at many brokers with one API.

::

    import openbroker as ob

    broker = ob.connect()                 # the embedded sandbox: no account, no network
    ack = broker.place_order("NSE:INFY", "BUY", 10, order_type="MARKET", product="MIS")
    print(broker.positions())

Everything a user needs is here: :func:`connect` and :func:`connect_async`, the schema's names, and
the errors.  Nothing is opened and no adapter is imported before it is used.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

from openbroker import errors, schemas
from openbroker.errors import *  # noqa: F403
from openbroker.schemas import *  # noqa: F403

if TYPE_CHECKING:
    from openbroker.client import AsyncBroker, Broker, connect, connect_async
    from openbroker.orders.halt import AutoHalt, HaltLevel, HaltState
    from openbroker.orders.reconcile import Resolution, Verdict
    from openbroker.registry import brokers, register

__version__ = "0.1.0"

_LAZY = {
    "AsyncBroker": "openbroker.client",
    "AutoHalt": "openbroker.orders.halt",
    "Broker": "openbroker.client",
    "HaltLevel": "openbroker.orders.halt",
    "HaltState": "openbroker.orders.halt",
    "Resolution": "openbroker.orders.reconcile",
    "Verdict": "openbroker.orders.reconcile",
    "brokers": "openbroker.registry",
    "connect": "openbroker.client",
    "connect_async": "openbroker.client",
    "register": "openbroker.registry",
}

__all__ = [
    "AsyncBroker",
    "AutoHalt",
    "Broker",
    "HaltLevel",
    "HaltState",
    "Resolution",
    "Verdict",
    "brokers",
    "connect",
    "connect_async",
    "register",
]
__all__ += errors.__all__
__all__ += schemas.__all__

logging.getLogger("openbroker").addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'openbroker' has no attribute {name!r}")
    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """What is meant for users, for completion in a shell."""
    return sorted([*__all__, "__version__", "errors", "schemas"])
