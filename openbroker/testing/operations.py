"""How each operation of a case is run: as a flow, and as a method of a broker.

One table serves the three ways of running a case, the laws and the fuzzing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import attrs
from attrs import frozen

from openbroker.adapters.base import Adapter
from openbroker.errors import OpenBrokerError, UsageError
from openbroker.orders.outcome import judge
from openbroker.schemas import (
    Instrument,
    OrderChange,
    OrderRef,
    OrderRequest,
    QuoteMode,
    Window,
)
from openbroker.testing.cases import Case, Replay, World
from openbroker.transport.messages import Flow

VENDOR: Final = "vendor."
UNIQUE: Final = "ABCDEFGX"
"""What a flow that is driven by hand has in place of a tag's unique part."""

Args = Mapping[str, Any]


@frozen(kw_only=True)
class Operation:
    """How to run one operation.

    Attributes:
        flow: from the adapter, the world and the arguments; reads a row first where one is needed.
        face: from a ``Broker`` or an ``AsyncBroker`` and the arguments: the result or a coroutine.
        changes_orders: whether it may create, change or cancel an order.
    """

    flow: Callable[[Adapter, World, Args], Flow[Any]]
    face: Callable[[Any, Any], Any] | None = None
    changes_orders: bool = False


def operation_of(name: str) -> Operation:
    """The way to run an operation or a vendor's extra."""
    if name.startswith(VENDOR):
        return _extra(name.removeprefix(VENDOR))
    return OPERATIONS[name]


def flow_of(case: Case, adapter: Adapter, world: World) -> Flow[Any]:
    """The case's flow."""
    return operation_of(case.operation).flow(adapter, world, case.args)


def outcome_of(case: Case, adapter: Adapter, world: World, *, checked: bool = True) -> Any:
    """The result of a case that is driven by hand, or the error that its caller would get."""
    replay = Replay(steps=case.exchanges, world=world, checked=checked)
    try:
        return replay.run(flow_of(case, adapter, world))
    except OpenBrokerError as error:
        if not operation_of(case.operation).changes_orders:
            return _of_a_read(error)
        return judge(error, replay.trace, intent={}, tag=None)


def _of_a_read(error: OpenBrokerError) -> OpenBrokerError:
    """The error as a broker raises it: without an outcome, for there is no order."""
    if not isinstance(error, UsageError):
        error.outcome = None
    return error


# -- arguments


def order_of(world: World, args: Args) -> OrderRequest:
    """An order as the order desk hands it to the adapter."""
    order = OrderRequest(**args).on(world.instruments[args["symbol"]])
    return attrs.evolve(order, wire_tag=f"{order.tag or ''}{UNIQUE}")


def plan_of(world: World, args: Args) -> OrderRequest:
    """An order that is only asked about, without a tag."""
    return OrderRequest(**args).on(world.instruments[args["symbol"]])


def _instruments(world: World, symbols: Iterable[str]) -> list[Instrument]:
    return [world.instruments[symbol] for symbol in symbols]


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _window(args: Args) -> Window:
    return Window(start=_time(args["start"]), end=_time(args["end"]))


def _ref(args: Args) -> OrderRef:
    return OrderRef(order_id=args["order_id"], handle=args.get("handle", {}))


def _change(args: Args) -> OrderChange:
    return OrderChange(**_without(args, "order_id", "handle", "gtt_id"))


def _without(args: Args, *names: str) -> dict[str, Any]:
    return {key: value for key, value in args.items() if key not in names}


# -- flows that read a row first


def _modify(adapter: Adapter, world: World, args: Args) -> Flow[Any]:
    order = yield from adapter.order(world.session, _ref(args))
    return (yield from adapter.modify_order(world.session, order, _change(args)))


# -- the table


def _simple(name: str, *, changes_orders: bool = False) -> Operation:
    return Operation(
        flow=lambda adapter, world, _: getattr(adapter, name)(world.session),
        face=lambda broker, _: getattr(broker, name)(),
        changes_orders=changes_orders,
    )


def _extra(name: str) -> Operation:
    return Operation(
        flow=lambda adapter, world, args: getattr(adapter, name)(world.session, **args),
        face=lambda broker, args: getattr(broker.vendor, name)(**args),
    )


OPERATIONS: Final[Mapping[str, Operation]] = {
    "login": Operation(
        flow=lambda adapter, world, _: adapter.login(world.credentials),
        face=lambda broker, _: broker.login(),
    ),
    "renew": _simple("renew"),
    "logout": _simple("logout"),
    "profile": _simple("profile"),
    "funds": _simple("funds"),
    "orders": _simple("orders"),
    "trades": _simple("trades"),
    "positions": _simple("positions"),
    "holdings": _simple("holdings"),
    "order": Operation(
        flow=lambda adapter, world, args: adapter.order(world.session, _ref(args)),
        face=lambda broker, args: broker.order(_ref(args)),
    ),
    "place_order": Operation(
        flow=lambda adapter, world, args: adapter.place_order(world.session, order_of(world, args)),
        face=lambda broker, args: broker.place_order(**args),
        changes_orders=True,
    ),
    "modify_order": Operation(
        flow=_modify,
        face=lambda broker, args: broker.modify_order(
            _ref(args), **_without(args, "order_id", "handle")
        ),
        changes_orders=True,
    ),
    "cancel_order": Operation(
        flow=lambda adapter, world, args: adapter.cancel_order(world.session, _ref(args)),
        face=lambda broker, args: broker.cancel_order(_ref(args)),
        changes_orders=True,
    ),
    "quotes": Operation(
        flow=lambda adapter, world, args: adapter.quotes(
            world.session, _instruments(world, args["symbols"]), QuoteMode(args["mode"])
        ),
        face=lambda broker, args: broker.quotes(args["symbols"], args["mode"]),
    ),
    "raw": Operation(
        flow=lambda adapter, world, args: adapter.raw(world.session, **args),
        face=lambda broker, args: broker.request(**args),
    ),
    "master": Operation(flow=lambda adapter, _, __: adapter.master()),
}
"""Every operation of :data:`openbroker.adapters.base.OPERATIONS`."""
