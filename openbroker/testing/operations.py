"""How each operation of a case is run: as a flow, and as a method of a broker.

One table serves the three ways of running a case, the laws and the fuzzing.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

import attrs
from attrs import frozen

from openbroker.adapters.base import Adapter
from openbroker.errors import InvalidOrder, OpenBrokerError, UsageError
from openbroker.orders.outcome import judge
from openbroker.schemas import (
    GttChange,
    GttRequest,
    Instrument,
    InstrumentRow,
    Interval,
    OrderChange,
    OrderRef,
    OrderRequest,
    Position,
    Product,
    QuoteMode,
    Window,
)
from openbroker.testing.cases import Case, Replay, World
from openbroker.transport.messages import Flow

VENDOR: Final = "vendor."
UNIQUE: Final = "ABCDEFGX"
"""What a flow that is driven by hand has in place of a tag's unique part."""

Args = Mapping[str, Any]
R = TypeVar("R", bound=InstrumentRow)


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


def _ref(args: Args) -> OrderRef:
    return OrderRef(order_id=args["order_id"], handle=args.get("handle", {}))


def _change(args: Args) -> OrderChange:
    return OrderChange(**_without(args, "order_id", "handle"))


def _without(args: Args, *names: str) -> dict[str, Any]:
    return {key: value for key, value in args.items() if key not in names}


# -- flows that read a row first


def _modify(adapter: Adapter, world: World, args: Args) -> Flow[Any]:
    order = _known(world, (yield from adapter.order(world.session, _ref(args))))
    return (yield from adapter.modify_order(world.session, order, _change(args)))


def _known(world: World, row: R) -> R:
    """The row with its instrument, as the order desk hands it to the adapter."""
    listed: dict[tuple[object, object], Instrument] = {}
    for one in world.instruments.values():
        listed |= {(one.venue, one.broker_symbol): one, (one.venue, one.token): one}
    names = ((row.exchange, row.token), (row.exchange, row.broker_symbol))
    return attrs.evolve(row, instrument=next((listed[n] for n in names if n in listed), None))


def _convert(adapter: Adapter, world: World, args: Args) -> Flow[Any]:
    rows = yield from adapter.positions(world.session)
    product, units = Product(args["product"]), args["quantity"]
    position = _known(world, _held(rows, args))
    return (yield from adapter.convert_position(world.session, position, product, units))


def _held(rows: Iterable[Position], args: Args) -> Position:
    found = {row.broker_symbol: row for row in rows}.get(args["broker_symbol"])
    if found is None:
        raise InvalidOrder(f"there is no position in {args['broker_symbol']}")
    return found


def _modify_rule(adapter: Adapter, world: World, args: Args) -> Flow[Any]:
    rule = yield from adapter.gtt(world.session, args["gtt_id"])
    change = GttChange(**_without(args, "gtt_id"))
    return (yield from adapter.modify_gtt(world.session, rule, change))


def _cancel_rule(adapter: Adapter, world: World, args: Args) -> Flow[Any]:
    rule = yield from adapter.gtt(world.session, args["gtt_id"])
    return (yield from adapter.cancel_gtt(world.session, rule))


def _rule(world: World, args: Args) -> GttRequest:
    return GttRequest(**args).on(world.instruments[args["symbol"]])


def _history(name: str) -> Callable[[Adapter, World, Args], Flow[Any]]:
    return lambda adapter, world, args: getattr(adapter, name)(
        world.session,
        world.instruments[args["symbol"]],
        Interval(args["interval"]),
        Window(start=_time(args["start"]), end=_time(args["end"])),
    )


# -- faces that need a row first: the sync ones get it, the async ones wait for it


def _with_row(read: Callable[[Any], Any], then: Callable[[Any, Any], Any]) -> Any:
    """Of a broker: what ``then`` makes of what ``read`` gives."""

    def call(broker: Any, args: Args) -> Any:
        rows = read(broker)
        if not inspect.isawaitable(rows):
            return then(broker, _held(rows, args))

        async def later() -> Any:
            return await then(broker, _held(await rows, args))

        return later()

    return call


def _convert_by_face(broker: Any, args: Args) -> Any:
    def then(broker: Any, row: Position) -> Any:
        return broker.convert_position(row, args["product"], args["quantity"])

    return _with_row(lambda b: b.positions(), then)(broker, args)


# -- the table


def _simple(name: str, *, changes_orders: bool = False) -> Operation:
    return Operation(
        flow=lambda adapter, world, _: getattr(adapter, name)(world.session),
        face=lambda broker, _: getattr(broker, name)(),
        changes_orders=changes_orders,
    )


def _extra(name: str) -> Operation:
    def flow(adapter: Adapter, world: World, args: Args) -> Flow[Any]:
        named = dict(args)
        if "instrument" in named:
            named["instrument"] = world.instruments[named["instrument"]]
        flow: Flow[Any] = getattr(adapter, name)(world.session, **named)
        return flow

    return Operation(
        flow=flow,
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
    "convert_position": Operation(flow=_convert, face=_convert_by_face, changes_orders=True),
    "margin": Operation(
        flow=lambda adapter, world, args: adapter.margin(
            world.session, [plan_of(world, order) for order in args["orders"]]
        ),
        face=lambda broker, args: broker.margin(args["orders"]),
    ),
    "charges": Operation(
        flow=lambda adapter, world, args: adapter.charges(
            world.session, [plan_of(world, order) for order in args["orders"]]
        ),
        face=lambda broker, args: broker.charges(args["orders"]),
    ),
    "history": Operation(
        flow=_history("history"), face=lambda broker, args: broker.history(**args)
    ),
    "open_interest": Operation(flow=_history("open_interest")),
    "place_gtt": Operation(
        flow=lambda adapter, world, args: adapter.place_gtt(world.session, _rule(world, args)),
        face=lambda broker, args: broker.place_gtt(**args),
        changes_orders=True,
    ),
    "modify_gtt": Operation(
        flow=_modify_rule,
        face=lambda broker, args: broker.modify_gtt(args["gtt_id"], **_without(args, "gtt_id")),
        changes_orders=True,
    ),
    "cancel_gtt": Operation(
        flow=_cancel_rule,
        face=lambda broker, args: broker.cancel_gtt(args["gtt_id"]),
        changes_orders=True,
    ),
    "gtt": Operation(
        flow=lambda adapter, world, args: adapter.gtt(world.session, args["gtt_id"]),
        face=lambda broker, args: broker.gtt(args["gtt_id"]),
    ),
    "gtts": Operation(
        flow=lambda adapter, world, args: adapter.gtts(world.session, **args),
        face=lambda broker, args: broker.gtts(**args),
    ),
    "raw": Operation(
        flow=lambda adapter, world, args: adapter.raw(world.session, **args),
        face=lambda broker, args: broker.request(**args),
    ),
    "master": Operation(
        flow=lambda adapter, world, _: adapter.master(adapter.master_headers(world.session))
    ),
}
"""Every operation of :data:`openbroker.adapters.base.OPERATIONS`."""
