"""Laws that hold whatever accounts do: quantities, money and positions are kept, runs repeat."""

from __future__ import annotations

import contextlib
import threading
from decimal import Decimal
from typing import Any

import pytest
from floor import instrument, place, still_sandbox, ticket
from hypothesis import given, settings
from hypothesis import strategies as st

from openbroker.sandbox import Sandbox, risk
from openbroker.sandbox.orders import BookOrder, Change, NoSuchOrder, OrderDone, Refused
from openbroker.schemas import OrderStatus, OrderType, Product, Side, Validity

SYMBOLS = {
    "NSE:INFY": (1, (Product.CNC, Product.MIS, Product.MTF, Product.NRML)),
    "NSE:SBIN": (1, (Product.CNC, Product.MIS)),
    "NFO:NIFTY24NOV26FUT": (75, (Product.NRML, Product.MIS)),
    "NFO:NIFTY24NOV2626000CE": (75, (Product.NRML, Product.MIS)),
}
STEPS = st.integers(-40, 40)

PLACES = st.sampled_from(sorted(SYMBOLS)).flatmap(
    lambda symbol: st.fixed_dictionaries(
        {
            "do": st.just("place"),
            "symbol": st.just(symbol),
            "side": st.sampled_from(Side),
            "order_type": st.sampled_from(OrderType),
            "product": st.sampled_from(SYMBOLS[symbol][1]),
            "validity": st.sampled_from(Validity),
            "lots": st.integers(1, 3) | st.integers(1, 4_000),
            "price": STEPS,
            "trigger": STEPS,
        }
    )
)
CHANGES = st.fixed_dictionaries(
    {
        "do": st.sampled_from(["modify", "cancel"]),
        "which": st.integers(0, 30),
        "price": STEPS,
        "lots": st.integers(0, 200),
    }
)
WAITS = st.fixed_dictionaries({"do": st.just("wait"), "seconds": st.sampled_from([0, 1, 7, 900])})
MOVES = st.fixed_dictionaries(
    {"do": st.just("move"), "factor": st.sampled_from(["0.96", "0.995", "1.004", "1.05"])}
)
SCRIPTS = st.lists(PLACES | PLACES | CHANGES | WAITS | MOVES, max_size=25)


class Run:
    """A script played on a fresh sandbox."""

    def __init__(self, script: list[dict[str, Any]]) -> None:
        self.sandbox = still_sandbox(cash=3_000_000)
        self.exchange = self.sandbox.exchange
        self.me = self.sandbox.client.client_code
        self.orders: list[BookOrder] = []
        for step in script:
            getattr(self, step["do"])(step)

    def near(self, symbol: str, ticks: int) -> Decimal:
        it = instrument(self.sandbox, symbol)
        tick = it.tick_size or Decimal("0.05")
        return max(tick, self.exchange.price(it) + tick * ticks)

    def place(self, step: dict[str, Any]) -> None:
        lot, _ = SYMBOLS[step["symbol"]]
        kind = step["order_type"]
        terms: dict[str, Any] = {}
        if kind.has_price:
            terms["price"] = self.near(step["symbol"], step["price"])
        if kind.has_trigger:
            terms["trigger_price"] = self.near(step["symbol"], step["trigger"])
        names = ("side", "product", "validity", "order_type")
        self.orders.append(
            place(
                self.sandbox,
                step["symbol"],
                quantity=step["lots"] * lot,
                **{name: step[name] for name in names},
                **terms,
            )
        )

    def modify(self, step: dict[str, Any]) -> None:
        order = self.pick(step)
        if order is None:
            return
        symbol = order.instrument.symbol
        change = Change(
            quantity=step["lots"] * order.instrument.lot_size,
            price=self.near(symbol, step["price"]) if order.order_type.has_price else None,
        )
        with contextlib.suppress(Refused, OrderDone):
            self.exchange.modify(self.me, order.order_id, change)

    def cancel(self, step: dict[str, Any]) -> None:
        order = self.pick(step)
        if order is not None and order.is_live:
            self.exchange.cancel(self.me, order.order_id)

    def pick(self, step: dict[str, Any]) -> BookOrder | None:
        return self.orders[step["which"] % len(self.orders)] if self.orders else None

    def wait(self, step: dict[str, Any]) -> None:
        self.sandbox.clock.advance(step["seconds"])
        self.exchange.settle()

    def move(self, step: dict[str, Any]) -> None:
        price = self.exchange.price(instrument(self.sandbox, "NSE:INFY"))
        self.exchange.move_price("NSE:INFY", round(price * Decimal(step["factor"]), 1))


@settings(max_examples=60, deadline=None)
@given(script=SCRIPTS)
def test_quantities_prices_and_money_are_kept(script):
    run = Run(script)
    trades = run.exchange.trades(run.me)
    for order in run.orders:
        _check_order(order, [t for t in trades if t.order_id == order.order_id])
    _check_positions(run, trades)
    _check_funds(run)


def _check_order(order: BookOrder, fills: list[Any]) -> None:
    assert order.filled == sum(fill.quantity for fill in fills)
    assert order.filled_value == sum(fill.quantity * fill.price for fill in fills)
    assert 0 <= order.filled <= order.quantity
    assert order.filled + order.remaining + order.cancelled == order.quantity
    if order.status is OrderStatus.FILLED:
        assert order.remaining == 0
    if order.status in (OrderStatus.OPEN, OrderStatus.TRIGGER_PENDING):
        assert order.remaining > 0
    if order.status is OrderStatus.REJECTED:
        assert not fills
    if order.order_type.has_price and not _was_modified(order):
        worse = max if order.side is Side.BUY else min
        assert all(worse(fill.price, order.price) == order.price for fill in fills)


def _was_modified(order: BookOrder) -> bool:
    """Fills before a modification kept to the limit of their time."""
    return order.ticket.price != order.price or order.event.startswith(("modified", "not modified"))


def _check_positions(run: Run, trades: list[Any]) -> None:
    for position in run.exchange.positions(run.me):
        own = [
            t
            for t in trades
            if (t.instrument, t.product) == (position.instrument, position.product)
        ]
        signed = sum(t.quantity if t.side is Side.BUY else -t.quantity for t in own)
        spent = sum(t.quantity * t.price * (1 if t.side is Side.BUY else -1) for t in own)
        assert position.net == signed
        price = run.exchange.price(position.instrument)
        worth = position.realised + position.unrealised(price)
        assert worth == pytest.approx(price * signed - spent, abs=Decimal("0.0001"))


def _check_funds(run: Run) -> None:
    account = run.exchange.account(run.me)
    view = account.funds()
    positions = account.positions.values()
    assert view.realised == pytest.approx(sum(p.realised for p in positions), abs=Decimal("0.0001"))
    assert view.positions.total == pytest.approx(
        account.cash + view.realised - view.available - view.orders, abs=Decimal("0.0001")
    )
    assert view.orders >= 0
    for order in run.orders:
        if order.is_live:
            run.exchange.cancel(run.me, order.order_id)
    assert account.funds().orders == 0
    assert not any(account._pending.values())
    assert set(account._margins) == {key for key, p in account.positions.items() if p.net}


@settings(max_examples=20, deadline=None)
@given(script=SCRIPTS)
def test_the_same_script_gives_the_same_book(script):
    first, second = Run(script), Run(script)
    assert first.sandbox.book() == second.sandbox.book()
    assert first.exchange.funds(first.me) == second.exchange.funds(second.me)


@settings(max_examples=30, deadline=None)
@given(
    quantities=st.lists(st.integers(1, 900), min_size=1, max_size=12), side=st.sampled_from(Side)
)
def test_nobody_gets_more_than_the_book_held(quantities, side):
    sandbox = still_sandbox(cash=10**9)
    depth = sandbox.exchange._depth(instrument(sandbox, "NSE:INFY"))
    held = {level.price: level.quantity for level in (*depth.asks, *depth.bids)}
    accounts = [sandbox.client.client_code, sandbox.add_account(10**9).client_code]
    got: dict[Decimal, int] = {}
    for number, quantity in enumerate(quantities):
        account = accounts[number % 2]
        order = ticket(sandbox, side=side, quantity=quantity, product=Product.MIS)
        sandbox.exchange.place(account, order)
    for account in accounts:
        for trade in sandbox.exchange.trades(account):
            got[trade.price] = got.get(trade.price, 0) + trade.quantity
    assert all(quantity <= held[price] for price, quantity in got.items())
    assert sum(got.values()) == min(
        sum(quantities),
        sum(level.quantity for level in (depth.asks if side is Side.BUY else depth.bids)),
    )


def test_risk_blocks_grow_with_the_quantity_and_never_go_below_zero():
    sandbox = still_sandbox()
    for symbol, (lot, products) in SYMBOLS.items():
        it = instrument(sandbox, symbol)
        for product in products:
            if product is Product.NRML and not it.is_derivative:
                continue
            for sign in (1, -1):
                one, two = (
                    risk.blocks(it, product, sign * lot * n, Decimal(100), Decimal(26_000)).total
                    for n in (1, 2)
                )
                assert 0 <= one <= two
                assert two == 2 * one


def test_many_threads_leave_one_truth():
    sandbox: Sandbox = still_sandbox(cash=10**9, time_scale=1000)
    accounts = [sandbox.add_account(10**9).client_code for _ in range(4)]
    problems: list[BaseException] = []

    def trade(account: str) -> None:
        try:
            for number in range(40):
                order = sandbox.exchange.place(
                    account, ticket(sandbox, quantity=3, price="1519" if number % 2 else "1490")
                )
                sandbox.exchange.positions(account)
                with contextlib.suppress(OrderDone):
                    sandbox.exchange.cancel(account, order.order_id)
        except BaseException as error:  # noqa: BLE001 - told by the assertion below
            problems.append(error)

    threads = [threading.Thread(target=trade, args=(account,)) for account in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert problems == []
    book = sandbox.book()
    assert len(book) == len({row["order_id"] for row in book}) == 160
    for account in accounts:
        filled = sum(row["filled_quantity"] for row in book if row["account"] == account)
        assert filled == sum(p.net for p in sandbox.exchange.positions(account))
        with pytest.raises(NoSuchOrder):
            sandbox.exchange.order(account, "nothing")
