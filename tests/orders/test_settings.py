"""What the order desk refuses before anything is sent: settings, ids, and what is no order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import openbroker as ob
from openbroker.errors import ConfigError
from openbroker.orders.entries import Entry
from openbroker.orders.guards import LONGEST_ID
from openbroker.orders.settings import MOCKED, OrderSettings
from tests.orders.faulty import Connect, Faulty, bid

NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("durability", ["forever", None, 1, True]),
        ("journal_dir", ["", 5, b"x", True]),
        ("resolve_within", [-1, NAN, INFINITE, "5", None, True, 1e9]),
        ("settle_time", [0, -1, NAN, INFINITE, "5", False]),
        ("duplicate_window", [-0.1, NAN, INFINITE, None, True]),
        ("strict", ["no", 1, None]),
        ("on_late_order", ["print", 1]),
        ("auto_halt", [True, 3, "HALT"]),
        ("background", [0, None]),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_by_its_name(
    name: str, values: list[Any]
) -> None:
    for value in values:
        with pytest.raises(ConfigError, match=name):
            OrderSettings(**{name: value})


@pytest.mark.parametrize(
    "rule",
    [
        {"unknowns": -1}, {"unknowns": 1.5}, {"rejections": True}, {"rejections": "2"},
        {"within": 0}, {"within": NAN}, {"within": INFINITE}, {"within": "60"},
        {"level": "RUN"}, {"level": "STOP"}, {"level": None},
    ],
)  # fmt: skip
def test_so_is_a_rule_for_halting(rule: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        ob.AutoHalt(**rule)


def test_what_can_be_meant_is_taken() -> None:
    assert MOCKED.in_memory
    settings = OrderSettings(durability="power", resolve_within=0, settle_time=1, journal_dir="x")
    assert not settings.in_memory
    assert ob.AutoHalt(level="reduce_only", unknowns=0).level is ob.HaltLevel.REDUCE_ONLY


IDS: list[Any] = ["", "  ", 7, b"mine", "a\nb", "\ud800", "x" * (LONGEST_ID + 1), True]


@pytest.mark.parametrize("client_id", IDS)
def test_an_id_that_cannot_name_an_order_is_refused(
    broker: ob.Broker, faulty: Faulty, client_id: Any
) -> None:
    order = {"symbol": "NSE:SBIN", "side": "BUY", "quantity": 1, "order_type": "LIMIT",
             "price": "780", "product": "MIS"}  # fmt: skip
    with pytest.raises(ob.UsageError, match="client_id"):
        bid(broker, client_id=client_id)
    with pytest.raises(ob.UsageError, match="client_id"):
        broker.place_orders([order], client_ids=[client_id])
    with pytest.raises(ob.UsageError, match="client_ids"):
        broker.place_orders([order] * 2, client_ids="ab")  # type: ignore[arg-type]  # the point
    assert faulty.book() == []
    assert bid(broker, client_id="x" * LONGEST_ID).order_id == faulty.book()[0]["order_id"]


FOREIGN: list[Any] = [
    None, 7, b"TAGAAAAA", [], object(), "", "2026-11-22/²", "2026-11-22/" + "9" * 40, "\ud800",
    Entry(day="2026-11-22", number=10**30, operation="place_order", intent={}),
    Entry(day="2001-01-01", number=1, operation="place_order", intent={}),
    ob.OrderUnknown("made up"),
]  # fmt: skip


def test_what_is_no_order_cannot_be_resolved(broker: ob.Broker) -> None:
    for thing in FOREIGN:
        with pytest.raises(ob.UsageError):
            broker.resolve(thing)


CALLS: dict[str, Callable[[ob.Broker, ob.OrderAck], object]] = {
    "placeOrder": lambda broker, ack: bid(broker, 5, client_id="again"),
    "modifyOrder": lambda broker, ack: broker.modify_order(ack, price="781"),
    "cancelOrder": lambda broker, ack: broker.cancel_order(ack),
}


@pytest.mark.parametrize("path", CALLS)
def test_the_error_of_a_lost_answer_names_the_broker_and_what_to_do(
    connect: Connect, faulty: Faulty, path: str
) -> None:
    broker = connect(resolve_within=0.0)
    ack = bid(broker)
    faulty.fault("503-html", times=None, path="/getOrderBook")
    faulty.fault("reset-before-booking", path=f"/{path}")
    said = []
    for _ in range(2 if path == "placeOrder" else 1):
        with pytest.raises(ob.OrderUnknown) as caught:
            CALLS[path](broker, ack)
        said.append(str(caught.value))
        assert caught.value.broker == "unlimited"
    for text in said:
        assert text.startswith("unlimited ")
        assert ("tells whether the order exists" in text) is (path == "placeOrder")
