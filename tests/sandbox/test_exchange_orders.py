"""An order's life in the exchange, from the ticket to the trade."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from floor import CALL, TODAY, instrument, place, still_sandbox, ticket

from openbroker.sandbox.orders import Change, Event, NoSuchOrder, OrderDone, Reason, Refused
from openbroker.schemas import Exchange, OrderStatus, OrderType, Product, Side, Validity


@pytest.fixture
def sandbox():
    return still_sandbox()


@pytest.fixture
def me(sandbox):
    return sandbox.client.client_code


def test_a_market_order_fills_at_once_at_the_best_ask(sandbox, me):
    it = instrument(sandbox, "NSE:INFY")
    ask = sandbox.exchange.snapshot(it).depth.asks[0]
    order = place(sandbox, quantity=ask.quantity)
    assert order.status is OrderStatus.FILLED
    assert order.average_price == ask.price
    assert [trade.quantity for trade in sandbox.exchange.trades(me)] == [ask.quantity]


def test_what_one_order_took_the_next_does_not_get_in_the_same_second(sandbox):
    it = instrument(sandbox, "NSE:INFY")
    first, second, *_ = sandbox.exchange.snapshot(it).depth.asks
    place(sandbox, quantity=first.quantity)
    assert place(sandbox, quantity=1).average_price == second.price
    sandbox.clock.advance(1)
    best = sandbox.exchange.snapshot(it).depth.asks[0]
    assert place(sandbox, quantity=1).average_price == best.price


def test_an_order_larger_than_the_book_fills_in_parts(sandbox):
    sandbox.exchange.account(sandbox.client.client_code).cash = Decimal(10) ** 9
    order = place(sandbox, quantity=50_000)
    assert order.status is OrderStatus.OPEN
    assert 0 < order.filled < 50_000
    before = order.filled
    sandbox.clock.advance(1)
    sandbox.exchange.settle()
    assert order.filled > before
    sandbox.clock.advance(60)
    sandbox.exchange.settle()
    assert order.status is OrderStatus.FILLED


def test_a_limit_away_from_the_market_rests_until_the_price_comes(sandbox):
    order = place(sandbox, price="1450")
    sandbox.clock.advance(5)
    sandbox.exchange.settle()
    assert order.status is OrderStatus.OPEN
    sandbox.exchange.move_price("NSE:INFY", "1440")
    assert order.status is OrderStatus.FILLED
    assert order.average_price == Decimal(1450), "who waits is traded at the own price"


def test_a_limit_through_the_market_takes_the_books_prices(sandbox):
    order = place(sandbox, price="1600", quantity=1)
    assert order.status is OrderStatus.FILLED
    assert order.average_price < 1530


def test_the_price_process_alone_fills_a_limit_near_the_market(sandbox):
    price = sandbox.exchange.price(instrument(sandbox, "NSE:INFY"))
    near = [
        place(sandbox, price=price - 1, product=Product.MIS),
        place(sandbox, price=price + 1, product=Product.MIS, side=Side.SELL),
    ]
    assert all(order.status is OrderStatus.OPEN for order in near)
    sandbox.clock.advance(3600)
    sandbox.exchange.settle()
    filled = [order for order in near if order.status is OrderStatus.FILLED]
    assert filled
    assert all(order.average_price == order.price for order in filled)
    assert all(order.updated_at > order.placed_at for order in filled)


def test_ioc_keeps_nothing_in_the_book(sandbox):
    away = place(sandbox, price="1450", validity=Validity.IOC)
    assert (away.status, away.cancelled) == (OrderStatus.CANCELLED, 10)
    sandbox.exchange.account(sandbox.client.client_code).cash = Decimal(10) ** 9
    large = place(sandbox, quantity=50_000, validity=Validity.IOC)
    assert large.status is OrderStatus.CANCELLED
    assert large.filled + large.cancelled == 50_000
    assert large.filled


@pytest.mark.parametrize("order_type", [OrderType.SL, OrderType.SL_M])
def test_a_buy_stop_waits_for_its_trigger(sandbox, order_type):
    terms = {"price": "1560"} if order_type is OrderType.SL else {}
    order = place(sandbox, trigger_price="1550", order_type=order_type, **terms)
    assert order.status is OrderStatus.TRIGGER_PENDING
    sandbox.exchange.move_price("NSE:INFY", "1551")
    assert order.status is OrderStatus.FILLED
    assert order.triggered


def test_a_stop_whose_limit_the_market_jumped_over_rests_as_a_limit(sandbox):
    order = place(sandbox, trigger_price="1550", price="1552", order_type=OrderType.SL)
    sandbox.exchange.move_price("NSE:INFY", "1590")
    assert (order.status, order.event) == (OrderStatus.OPEN, Event.TRIGGERED)
    sandbox.exchange.move_price("NSE:INFY", "1540")
    assert order.average_price == Decimal(1552)


def test_modify_changes_the_order_and_may_fill_it(sandbox, me):
    order = place(sandbox, price="1450")
    sandbox.exchange.modify(me, order.order_id, Change(quantity=20, price=Decimal(1455)))
    assert (order.quantity, order.price, order.event) == (20, Decimal(1455), Event.MODIFIED)
    sandbox.exchange.modify(me, order.order_id, Change(price=Decimal(1600)))
    assert order.status is OrderStatus.FILLED


def test_a_refused_change_leaves_the_order_as_it_was(sandbox, me):
    order = place(sandbox, price="1450")
    available = sandbox.exchange.funds(me).available
    for change in (Change(price=Decimal("1450.03")), Change(quantity=10**6), Change(quantity=0)):
        with pytest.raises(Refused):
            sandbox.exchange.modify(me, order.order_id, change)
    assert (order.quantity, order.price) == (10, Decimal(1450))
    assert (order.status, order.event) == (OrderStatus.OPEN, Event.NOT_MODIFIED)
    assert sandbox.exchange.funds(me).available == available


def test_done_and_foreign_orders_cannot_be_changed(sandbox, me):
    order = place(sandbox)
    other = sandbox.add_account().client_code
    with pytest.raises(OrderDone):
        sandbox.exchange.cancel(me, order.order_id)
    for account, order_id in ((me, "1"), (other, order.order_id)):
        with pytest.raises(NoSuchOrder):
            sandbox.exchange.cancel(account, order_id)


REJECTIONS = [
    (Reason.NOT_TRADABLE, "NSE_INDEX:NIFTY", {}),
    (Reason.QUANTITY, "NSE:INFY", {"quantity": 0}),
    (Reason.LOT, CALL, {"quantity": 10, "product": Product.NRML}),
    (Reason.FREEZE, CALL, {"quantity": 1875, "product": Product.NRML}),
    (Reason.PRODUCT, CALL, {"quantity": 75, "product": Product.CNC}),
    (Reason.PRODUCT, "NSE:INFY", {"product": Product.NRML}),
    (Reason.PRODUCT, "NSE:GTLINFRA", {"product": Product.MIS}),
    (
        Reason.ORDER_TYPE,
        CALL,
        {
            "quantity": 75,
            "product": Product.NRML,
            "order_type": OrderType.SL_M,
            "trigger_price": "300",
        },
    ),
    (
        Reason.VALIDITY,
        "MCX:CRUDEOIL18DEC26FUT",
        {"quantity": 100, "product": Product.NRML, "validity": Validity.IOC},
    ),
    (Reason.PRICE, "NSE:INFY", {"price": "0"}),
    (Reason.TICK, "NSE:INFY", {"price": "1450.05"}),
    (Reason.CIRCUIT, "NSE:INFY", {"price": "1000"}),
    (
        Reason.TRIGGER,
        "NSE:INFY",
        {"order_type": OrderType.SL, "price": "1540", "trigger_price": "1550"},
    ),
    (Reason.DISCLOSED, "NSE:INFY", {"quantity": 100, "disclosed_quantity": 5}),
    (Reason.FUNDS, "NSE:INFY", {"quantity": 5_000}),
    (Reason.HOLDINGS, "NSE:TCS", {"side": Side.SELL, "quantity": 1}),
    (Reason.HOLDINGS, "NSE:SBIN", {"side": Side.SELL, "quantity": 11}),
]


@pytest.mark.parametrize(("reason", "symbol", "terms"), REJECTIONS)
def test_what_is_not_allowed_lands_in_the_book_as_rejected(sandbox, me, reason, symbol, terms):
    funds = sandbox.exchange.funds(me)
    order = place(sandbox, symbol, **terms)
    assert order.status is OrderStatus.REJECTED
    assert order.refusal is not None
    assert order.refusal.reason is reason
    assert sandbox.exchange.funds(me) == funds
    assert sandbox.exchange.book()[-1]["message"].startswith(reason)


def test_an_expired_contract_is_refused():
    sandbox = still_sandbox(today=dt.date(2026, 11, 23))
    sandbox.clock.advance(3 * 86_400)
    order = place(sandbox, CALL, quantity=75, product=Product.NRML)
    assert order.refusal is not None
    assert order.refusal.reason is Reason.EXPIRED_CONTRACT


# positions, holdings and funds


def test_a_round_trip_turns_into_realised_profit(sandbox, me):
    bought = place(sandbox, product=Product.MIS)
    sandbox.exchange.move_price("NSE:INFY", "1540")
    sold = place(sandbox, side=Side.SELL, product=Product.MIS)
    (position,) = sandbox.exchange.positions(me)
    profit = (sold.average_price - bought.average_price) * 10
    assert position.net == 0
    assert position.realised == profit > 0
    assert position.unrealised(Decimal(1)) == 0
    assert sandbox.exchange.funds(me).available == 1_000_000 + profit


def test_a_short_position_earns_when_the_price_falls(sandbox, me):
    place(sandbox, side=Side.SELL, product=Product.MIS)
    (position,) = sandbox.exchange.positions(me)
    assert position.net == -10
    assert position.unrealised(position.average_price - 5) == 50


def test_a_delivery_purchase_blocks_its_value_and_a_limit_its_price(sandbox, me):
    order = place(sandbox)
    assert sandbox.exchange.funds(me).available == 1_000_000 - order.filled_value
    rest = place(sandbox, price="1450")
    view = sandbox.exchange.funds(me)
    assert view.orders == 14_500
    sandbox.exchange.cancel(me, rest.order_id)
    assert sandbox.exchange.funds(me).orders == 0


def test_closing_a_position_needs_no_funds(sandbox, me):
    place(sandbox, quantity=3_000, product=Product.MIS)
    account = sandbox.exchange.account(me)
    account.cash -= account.available
    out = place(sandbox, quantity=3_000, side=Side.SELL, product=Product.MIS, price="1600")
    assert out.status is OrderStatus.OPEN
    twice = place(sandbox, quantity=3_000, side=Side.SELL, product=Product.MIS, price="1600")
    assert twice.refusal is not None
    assert twice.refusal.reason is Reason.FUNDS


def test_holdings_can_be_sold_once(sandbox):
    first = place(sandbox, "NSE:SBIN", side=Side.SELL, quantity=6, price="860")
    assert first.status is OrderStatus.OPEN
    second = place(sandbox, "NSE:SBIN", side=Side.SELL, quantity=6)
    assert second.refusal is not None
    assert second.refusal.figures["available"] == 4
    assert place(sandbox, "NSE:SBIN", side=Side.SELL, quantity=4).status is OrderStatus.FILLED


def test_shares_bought_today_can_be_sold_today(sandbox):
    place(sandbox, "NSE:TCS", quantity=5)
    assert place(sandbox, "NSE:TCS", side=Side.SELL, quantity=5).status is OrderStatus.FILLED


def test_conversion_moves_the_position_and_its_margin(sandbox, me):
    it = instrument(sandbox, "NSE:INFY")
    order = place(sandbox, product=Product.MIS)
    sandbox.exchange.convert(me, it, Side.BUY, 4, Product.MIS, Product.CNC)
    nets = {p.product: p.net for p in sandbox.exchange.positions(me)}
    assert nets == {Product.MIS: 6, Product.CNC: 4}
    blocked = order.average_price * 4 + order.average_price * 6 * Decimal("0.2")
    assert sandbox.exchange.funds(me).available == 1_000_000 - blocked
    for side, quantity, new in (
        (Side.BUY, 7, Product.CNC),
        (Side.SELL, 1, Product.CNC),
        (Side.BUY, 1, Product.NRML),
        (Side.BUY, 1, Product.MIS),
    ):
        with pytest.raises(Refused):
            sandbox.exchange.convert(me, it, side, quantity, Product.MIS, new)


def test_conversion_to_less_margin_needs_no_funds_and_to_more_does(sandbox, me):
    it = instrument(sandbox, "NSE:INFY")
    place(sandbox, quantity=600)
    account = sandbox.exchange.account(me)
    account.cash -= account.available
    sandbox.exchange.convert(me, it, Side.BUY, 600, Product.CNC, Product.MIS)
    account.cash -= account.available
    with pytest.raises(Refused, match="funds"):
        sandbox.exchange.convert(me, it, Side.BUY, 600, Product.MIS, Product.CNC)


def test_a_short_position_cannot_become_delivery(sandbox, me):
    it = instrument(sandbox, "NSE:INFY")
    place(sandbox, side=Side.SELL, product=Product.MIS)
    with pytest.raises(Refused, match="holdings"):
        sandbox.exchange.convert(me, it, Side.SELL, 10, Product.MIS, Product.CNC)
    sandbox.exchange.convert(me, it, Side.SELL, 4, Product.MIS, Product.MTF)
    assert {p.product: p.net for p in sandbox.exchange.positions(me)} == {
        Product.MIS: -6,
        Product.MTF: -4,
    }


# the day's end


def test_the_day_ends_with_orders_lapsed_and_positions_settled(sandbox, me):
    resting = place(sandbox, price="1450")
    place(sandbox, "NSE:TCS", quantity=5)
    sold = place(sandbox, "NSE:SBIN", side=Side.SELL, quantity=10)
    place(sandbox, "NSE:ITC", quantity=100, product=Product.MIS)
    call = place(sandbox, CALL, quantity=75, product=Product.NRML)
    tcs = sandbox.exchange.positions(me)[0].buys.value
    sandbox.clock.advance(15 * 3600)

    (position,) = sandbox.exchange.positions(me)
    assert (resting.status, resting.event) == (OrderStatus.CANCELLED, Event.EXPIRED)
    assert (position.net, position.product) == (75, Product.NRML)
    assert position.bought.quantity == 0
    assert position.carried_bought.quantity == 75
    assert position.average_price == call.average_price
    account = sandbox.exchange.account(me)
    assert "NSE:SBIN" not in account.holdings
    assert (account.holdings["NSE:TCS"].quantity, account.holdings["NSE:TCS"].t1) == (5, 5)
    assert sandbox.exchange.orders(me) == sandbox.exchange.trades(me) == []
    assert account.cash == pytest.approx(1_000_000 - tcs + sold.filled_value, rel=Decimal("0.01"))
    assert account.available == account.cash - position.buys.value
    assert len(sandbox.book()) == 5, "the truth keeps every order"


def test_an_expired_option_is_settled(sandbox, me):
    place(sandbox, CALL, quantity=75, product=Product.NRML)
    clock = sandbox.clock
    day_after = dt.datetime.combine(dt.date(2026, 11, 25), dt.time(10), clock.now().tzinfo)
    clock.advance((day_after - clock.now()).total_seconds())
    assert sandbox.exchange.positions(me) == []
    account = sandbox.exchange.account(me)
    assert account.available == account.cash != 1_000_000


# the session's hours


def test_outside_the_session_orders_wait_for_it():
    sandbox = still_sandbox(market_hours=True, start=dt.time(8, 30))
    order = place(sandbox)
    assert order.status is OrderStatus.PENDING
    sandbox.clock.advance(45 * 60)
    sandbox.exchange.settle()
    assert order.status is OrderStatus.FILLED
    assert f"{order.updated_at:%H:%M}" >= "09:15"


def test_each_segment_keeps_its_hours():
    sandbox = still_sandbox(market_hours=True, start=dt.time(15, 30))
    clock, now = sandbox.clock, sandbox.clock.now()
    assert not clock.is_open(Exchange.NSE, now)
    assert clock.is_open(Exchange.CDS, now)
    assert clock.is_open(Exchange.MCX, now)
    assert clock.next_open(Exchange.NSE, now).date() == TODAY + dt.timedelta(days=1)


def test_without_hours_the_market_never_closes():
    sandbox = still_sandbox(start=dt.time(3, 0))
    assert place(sandbox).status is OrderStatus.FILLED


def test_an_after_market_order_waits_for_the_next_day(sandbox):
    order = place(sandbox, after_market=True)
    assert order.status is OrderStatus.PENDING
    sandbox.clock.advance(86_400 - 1800)
    sandbox.exchange.settle()
    assert order.status is OrderStatus.FILLED
    assert order.updated_at.date() == TODAY + dt.timedelta(days=1)
    assert sandbox.exchange.orders(sandbox.client.client_code) == [order]


def test_the_clock_runs_at_its_scale_and_never_back():
    seconds = iter(range(100))
    sandbox = still_sandbox(time_scale=60, monotonic=lambda: next(seconds))
    first, second = sandbox.clock.now(), sandbox.clock.now()
    assert second - first == dt.timedelta(minutes=1)
    with pytest.raises(ValueError, match="backwards"):
        sandbox.clock.advance(-1)


def test_the_truth_speaks_the_schemas_words(sandbox):
    place(sandbox, price="1450", tag="abc")
    (row,) = sandbox.book()
    assert row["order_id"] == "261120000000001"
    assert (row["tag"], row["symbol"], row["side"]) == ("abc", "NSE:INFY", "BUY")
    assert (row["quantity"], row["price"], row["status"]) == (10, "1450", "OPEN")
    assert ticket(sandbox).instrument.broker_symbol == row["broker_symbol"] == "INFY-EQ"
