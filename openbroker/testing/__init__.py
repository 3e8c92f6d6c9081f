"""For people who write adapters, and for people who test programs that trade.

**To test a program**, :func:`mock_broker` gives a broker that cannot reach a network::

    from openbroker.testing import mock_broker

    with mock_broker("angelone", instruments=[INFY]) as mock:
        mock.router.get(path="/rest/secure/angelbroking/order/v1/getOrderBook").respond(
            json={"status": True, "message": "SUCCESS", "errorcode": "", "data": None}
        )
        assert len(mock.broker.orders()) == 0

**To test an adapter**, subclass :class:`AdapterConformance`, name the adapter and the folder of its
golden cases, and run pytest (extra ``test``)::

    from pathlib import Path

    from openbroker.testing import AdapterConformance

    class TestAngelOne(AdapterConformance):
        adapter = "angelone"
        cases = Path(__file__).parent / "cases" / "angelone"

Each case is run three times: pure (the flow is driven by hand), through ``Broker`` and through
``AsyncBroker``.  Beside the cases run laws that need no data of the vendor's; see
:mod:`openbroker.testing.suite`.  Operations that the adapter does not offer are skipped, and that
follows from the adapter itself.

Golden cases
------------

A case is data that a program in any language could run.  ``world.json`` holds what all cases of a
folder share; every other ``*.json`` of the folder is a list of cases::

    {"name": "limit_day",
     "operation": "place_order",
     "args": {"symbol": "NSE:SBIN", "side": "BUY", "quantity": 1, "order_type": "LIMIT",
              "price": "812.5", "product": "CNC", "tag": "algo"},
     "exchanges": [
       {"request": {"method": "POST", "path": "/order/v1/placeOrder",
                    "headers": {"X-UserType": "USER"},
                    "body": {"tradingsymbol": "SBIN-EQ", "ordertag": "$tag", "...": "..."}},
        "reply": {"status": 200, "body": {"status": true, "data": {"orderid": "1"}}}}],
     "result": {"order_id": "1", "handle": {"variety": "NORMAL"}}}

``operation``
    a method of the broker (:data:`openbroker.adapters.base.OPERATIONS`), or ``vendor.<name>``.
``args``
    its arguments as plain data: numbers as text, instruments by their common symbol, times in
    ISO 8601. ``modify_order``, ``convert_position``, ``modify_gtt`` and ``cancel_gtt`` name a row
    that is read first.
``exchanges``
    the requests in order, each with its reply. ``path`` holds the query too. ``headers`` must be
    there, others may. ``body`` is the parsed JSON, or a form as an object of texts, and is
    compared whole; without the key the request has no body. ``"$tag"`` in it stands for the
    order's tag, which is new each time.
    Noren's ``jData=<JSON>&jKey=...`` is an object of both, cut at every ``&`` as there.
    A reply has ``status`` (200 if left out), ``headers``, and ``body`` (JSON), ``text`` or
    ``base64`` (bytes).
    ``{"failure": {"handed_over": true}}`` in its place is a wire that gives no reply.
``result``
    what comes back, by :func:`plain_data`: exact, without the fields that are ``None`` and without
    what openbroker adds by itself.
``error``
    or the error: ``class``, and where given ``code`` and ``outcome``.

``world.json``::

    {"now": "2026-11-20T11:00:00+05:30",
     "credentials": {"api_key": "...", "...": "..."},
     "session": {"account": "A000001", "tokens": {"jwt": "..."}},
     "headers": {"X-PrivateKey": "..."},
     "refusal": {"status": 200, "body": {"...": "a definite refusal of an order"}},
     "instruments": [{"exchange": "NSE", "symbol": "NSE:SBIN", "type": "EQUITY", "token": "3045",
                      "broker_symbol": "SBIN-EQ", "tick_size": "0.05"}]}
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from openbroker.testing.cases import Case, World, load_cases, plain_data
from openbroker.testing.mock import MockBroker, mock_broker

if TYPE_CHECKING:
    from openbroker.testing.suite import AdapterConformance

__all__ = [
    "AdapterConformance",
    "Case",
    "MockBroker",
    "World",
    "load_cases",
    "mock_broker",
    "plain_data",
]


def __getattr__(name: str) -> Any:
    """The suite needs pytest and hypothesis; ``mock_broker`` does not."""
    if name != "AdapterConformance":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module("openbroker.testing.suite").AdapterConformance
