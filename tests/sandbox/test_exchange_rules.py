"""Orders that place orders: brackets and price rules."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from floor import instrument, place, still_sandbox, ticket

from openbroker.sandbox.conditional import NoSuchRule, PriceRules, RuleStatus
from openbroker.sandbox.orders import Bracket, Change, Event, Reason
from openbroker.schemas import OrderStatus, OrderType, Product, Side


@pytest.fixture
def sandbox():
    return still_sandbox()


@pytest.fixture
def me(sandbox):
    return sandbox.client.client_code


@pytest.fixture
def rules(sandbox):
    return PriceRules(sandbox.exchange)


def bracket(sandbox, side=Side.BUY, trailing=None, **terms):
    terms = {"price": "1600" if side is Side.BUY else "1450"} | terms
    out = Bracket(target=Decimal(10), stop=Decimal(5), trailing=trailing)
    return place(sandbox, side=side, product=Product.MIS, bracket=out, **terms)


def family(sandbox, me, entry):
    children = [o for o in sandbox.exchange.orders(me) if o.parent_id == entry.order_id]
    return children[0], children[1], children[2:]


@pytest.mark.parametrize(("side", "sign"), [(Side.BUY, 1), (Side.SELL, -1)])
def test_a_filled_entry_has_a_target_and_a_stop(sandbox, me, side, sign):
    entry = bracket(sandbox, side)
    target, stop, rest = family(sandbox, me, entry)
    assert rest == []
    assert (target.order_type, target.side) == (OrderType.LIMIT, side.opposite)
    assert target.price == entry.average_price + sign * 10
    assert (stop.order_type, stop.status) == (OrderType.SL_M, OrderStatus.TRIGGER_PENDING)
    assert stop.trigger_price == entry.average_price - sign * 5
    assert target.quantity == stop.quantity == entry.filled


def test_an_entry_that_waits_has_no_children(sandbox, me):
    entry = bracket(sandbox, price="1450")
    assert [o.order_id for o in sandbox.exchange.orders(me)] == [entry.order_id]
    sandbox.exchange.cancel(me, entry.order_id)
    assert len(sandbox.exchange.orders(me)) == 1


@pytest.mark.parametrize(("price", "winner"), [("1545", 0), ("1495", 1)])
def test_one_way_out_closes_the_other(sandbox, me, price, winner):
    entry = bracket(sandbox)
    children = family(sandbox, me, entry)[:2]
    sandbox.exchange.move_price("NSE:INFY", price)
    assert children[winner].status is OrderStatus.FILLED
    assert children[1 - winner].status is OrderStatus.CANCELLED
    assert sandbox.exchange.positions(me)[0].net == 0
    assert sandbox.exchange.funds(me).orders == 0


def test_cancelling_a_child_leaves_at_market(sandbox, me):
    entry = bracket(sandbox)
    target, stop, _ = family(sandbox, me, entry)
    sandbox.exchange.cancel(me, target.order_id)
    _, _, (out,) = family(sandbox, me, entry)
    assert stop.status is OrderStatus.CANCELLED
    assert (out.order_type, out.status) == (OrderType.MARKET, OrderStatus.FILLED)
    assert sandbox.exchange.positions(me)[0].net == 0


def test_what_one_child_trades_in_part_the_other_gives_up(sandbox, me):
    sandbox.exchange.account(me).cash = Decimal(10) ** 10
    it = instrument(sandbox, "NSE:INFY")
    size = sum(level.quantity for level in sandbox.exchange._depth(it).asks)
    entry = bracket(sandbox, quantity=size)
    assert entry.status is OrderStatus.FILLED
    target, stop, _ = family(sandbox, me, entry)
    above = target.price + it.tick_size * 2
    sandbox.exchange.move_price("NSE:INFY", above)
    assert 0 < target.filled < target.quantity
    assert stop.quantity == entry.filled - target.filled
    sandbox.exchange.move_price("NSE:INFY", "1540")
    for _ in range(30):
        sandbox.clock.advance(1)
        sandbox.exchange.settle()
    assert target.filled + stop.filled == entry.filled
    assert sandbox.exchange.positions(me)[0].net == 0


def test_a_trailing_stop_follows_by_whole_steps_and_never_back(sandbox, me):
    entry = bracket(sandbox, trailing=Decimal(2))
    _, stop, _ = family(sandbox, me, entry)
    start = stop.trigger_price
    sandbox.clock.advance(1)
    sandbox.exchange.settle()
    reference = sandbox.exchange.price(instrument(sandbox, "NSE:INFY"))
    sandbox.exchange.move_price("NSE:INFY", reference + Decimal(5))
    assert stop.trigger_price >= start + 4
    high = stop.trigger_price
    sandbox.exchange.move_price("NSE:INFY", reference + Decimal(3))
    assert stop.trigger_price == high


# price rules


@pytest.mark.parametrize(("trigger", "price"), [("1450", "1449"), ("1580", "1581")])
def test_a_rule_fires_once_when_its_price_comes(sandbox, me, rules, trigger, price):
    rule = rules.create(me, [(ticket(sandbox, price="1600"), Decimal(trigger))], 365)
    sandbox.clock.advance(2)
    assert rules.rule(me, rule.rule_id).status is RuleStatus.NEW
    sandbox.exchange.move_price("NSE:INFY", price)
    sandbox.clock.advance(2)
    assert rules.rule(me, rule.rule_id).status is RuleStatus.FIRED
    (order,) = sandbox.exchange.orders(me)
    assert order.order_id == rule.order_id


def test_a_changed_rule_waits_for_its_new_price(sandbox, me, rules):
    rule = rules.create(me, [(ticket(sandbox, price="1400"), Decimal(1450))], 365)
    rules.replace(me, rule.rule_id, [(ticket(sandbox, price="1500", quantity=3), Decimal(1400))])
    sandbox.exchange.move_price("NSE:INFY", "1449")
    assert rules.rule(me, rule.rule_id).status is RuleStatus.NEW
    sandbox.exchange.move_price("NSE:INFY", "1399")
    (order,) = sandbox.exchange.orders(me)
    assert (order.quantity, order.price) == (3, Decimal(1500))


def test_a_cancelled_rule_never_fires_and_a_foreign_one_is_not_seen(sandbox, me, rules):
    rule = rules.create(me, [(ticket(sandbox, price="1400"), Decimal(1450))], 365)
    with pytest.raises(NoSuchRule):
        rules.rule("somebody", rule.rule_id)
    rules.cancel(me, rule.rule_id)
    sandbox.exchange.move_price("NSE:INFY", "1449")
    assert sandbox.exchange.orders(me) == []
    with pytest.raises(NoSuchRule):
        rules.cancel(me, rule.rule_id)


def test_a_rule_ends_with_its_days(sandbox, me, rules):
    rule = rules.create(me, [(ticket(sandbox, price="1400"), Decimal(100))], 1)
    sandbox.clock.advance(dt.timedelta(days=1).total_seconds())
    assert rules.rule(me, rule.rule_id).status is RuleStatus.EXPIRED
    assert rules.rules(me) == [rule]


@pytest.mark.parametrize(("price", "reached"), [("1449", 0), ("1601", 1)])
def test_of_two_legs_the_first_to_be_reached_ends_the_rule(sandbox, me, rules, price, reached):
    below = ticket(sandbox, price="1400", side=Side.SELL, quantity=1)
    above = ticket(sandbox, price="1590", side=Side.SELL, quantity=2)
    rule = rules.create(me, [(below, Decimal(1450)), (above, Decimal(1600))], 365)
    sandbox.exchange.move_price("NSE:INFY", price)
    sandbox.exchange.move_price("NSE:INFY", "1520")
    (order,) = sandbox.exchange.orders(me)
    assert order.ticket is rule.legs[reached].ticket
    assert [bool(leg.order_id) for leg in rule.legs] == [reached == 0, reached == 1]
    assert rules.rule(me, rule.rule_id).status is RuleStatus.FIRED


def test_an_order_remembers_what_happened_to_it(sandbox, me):
    order = place(sandbox, price="1450")
    sandbox.exchange.modify(me, order.order_id, Change(price=Decimal(1451)))
    sandbox.exchange.cancel(me, order.order_id)
    assert [(mark.event, mark.price) for mark in order.history] == [
        (Event.PLACED, Decimal(1450)),
        (Event.MODIFIED, Decimal(1451)),
        (Event.CANCELLED, Decimal(1451)),
    ]


def test_a_refusal_can_be_asked_for_without_an_order(sandbox, me):
    asked = ticket(sandbox, price="1450.03")
    bad = sandbox.exchange.refusal(me, asked)
    assert bad is not None
    assert bad.reason is Reason.TICK
    assert sandbox.exchange.refusal(me, ticket(sandbox, price="1450")) is None
    assert sandbox.book() == []
