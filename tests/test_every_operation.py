"""Every operation of the public face, on the embedded sandbox: what it gives is of its kind."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest

import openbroker as ob
from openbroker.errors import (
    InvalidOrder,
    OpenBrokerError,
    Outcome,
    Unsupported,
)
from openbroker.schemas import (
    INDIA,
    Candles,
    Charges,
    Exchange,
    Greeks,
    Gtt,
    GttStatus,
    InstrumentType,
    Margin,
    Mover,
    Product,
    PutCallRatio,
    Table,
)


@pytest.fixture(scope="module")
def broker() -> Iterator[ob.Broker]:
    with ob.connect() as broker:
        yield broker


@pytest.fixture(scope="module")
def option(broker: ob.Broker) -> ob.Instrument:
    """The call nearest the money of NIFTY's nearest expiry."""
    last = broker.quote("NSE_INDEX:NIFTY").last_price
    assert last is not None
    calls = [
        one
        for one in broker.instruments.select(
            exchange=Exchange.NFO, type=InstrumentType.OPTION, underlying="NIFTY"
        )
        if one.right == "CE" and one.strike is not None and one.expiry is not None
    ]
    nearest = min(one.expiry for one in calls if one.expiry is not None)
    return min(
        (one for one in calls if one.expiry == nearest),
        key=lambda one: abs((one.strike or Decimal(0)) - last),
    )


# -- history


@pytest.mark.parametrize("interval", [interval.value for interval in ob.Interval])
def test_history_in_every_interval(broker: ob.Broker, interval: str) -> None:
    candles = broker.history("NSE:SBIN", interval, days=12)
    assert isinstance(candles, Candles)
    assert len(candles) > 3
    assert [row.timestamp for row in candles] == sorted({row.timestamp for row in candles})
    assert all(row.low <= min(row.open, row.close) <= row.high for row in candles)
    assert candles.missing == ()


def test_history_over_several_windows_is_one_history(broker: ob.Broker) -> None:
    whole = broker.history("NSE:SBIN", "1h", days=420)
    assert whole[0].timestamp < dt.datetime.now(INDIA) - dt.timedelta(days=405)
    assert len({row.timestamp for row in whole}) == len(whole)


def test_open_interest_of_a_derivative(broker: ob.Broker, option: ob.Instrument) -> None:
    candles = broker.history(option, "1h", days=4, oi=True)
    assert len(candles) > 0
    assert all(row.oi is not None and row.oi >= 0 for row in candles)


# -- what orders would do


def test_margin_and_charges(broker: ob.Broker, option: ob.Instrument) -> None:
    sold = {"symbol": option, "side": "SELL", "lots": 1, "order_type": "MARKET", "product": "NRML"}
    margin = broker.margin([sold])
    assert isinstance(margin, Margin)
    assert margin.total is not None
    assert margin.total > 10_000
    price = broker.quote("NSE:SBIN").last_price
    bought = {
        "symbol": "NSE:SBIN", "side": "BUY", "quantity": 10, "order_type": "LIMIT",
        "product": "CNC", "price": price,
    }  # fmt: skip
    charges = broker.charges([bought])
    assert isinstance(charges, Charges)
    assert charges.total is not None
    assert charges.total == pytest.approx(sum(i.amount or 0 for i in charges.items), abs=1)
    with pytest.raises(InvalidOrder, match="price"):
        broker.charges([sold])


# -- conversion


def test_a_position_is_converted(broker: ob.Broker) -> None:
    broker.place_order("NSE:INFY", "BUY", 5, order_type="MARKET", product="MIS")
    [position] = [p for p in broker.positions() if p.symbol == "NSE:INFY" and p.product == "MIS"]
    with pytest.raises(InvalidOrder, match="9 units of NSE:INFY are not open; 5 are"):
        broker.convert_position(position, "CNC", 9)
    broker.convert_position(position, "CNC", 2)
    held = {p.product: p.quantity for p in broker.positions() if p.symbol == "NSE:INFY"}
    assert held == {Product.MIS: 3, Product.CNC: 2}
    with pytest.raises(OpenBrokerError) as caught:
        broker.convert_position(position, "NRML")
    assert caught.value.outcome in (Outcome.REJECTED, Outcome.NOT_SENT)


# -- rules


def test_the_life_of_a_rule(broker: ob.Broker) -> None:
    last = broker.quote("NSE:TCS").last_price
    assert last is not None
    price = (last * Decimal("0.9")).quantize(Decimal(1))
    ack = broker.place_gtt(
        "NSE:TCS", "BUY", 3, trigger_price=price, price=price, product="CNC", valid_days=30
    )
    rule = broker.gtt(ack)
    assert isinstance(rule, Gtt)
    assert (rule.symbol, rule.quantity, rule.price) == ("NSE:TCS", 3, price)
    assert rule.status is GttStatus.ACTIVE
    broker.modify_gtt(ack, quantity=4)
    broker.modify_gtt(rule, price=price - 1)
    assert ack.order_id in [row.gtt_id for row in broker.gtts()]
    broker.cancel_gtt(ack.order_id)
    assert ack.order_id not in [row.gtt_id for row in broker.gtts()]
    done = {row.gtt_id: row.status for row in broker.gtts(done=True)}
    assert done[ack.order_id] is GttStatus.CANCELLED
    with pytest.raises(OpenBrokerError) as caught:
        broker.cancel_gtt("999999")
    assert caught.value.outcome is Outcome.NOT_SENT


def test_a_bracket_order_is_placed_and_shows_its_family(broker: ob.Broker) -> None:
    last = broker.quote("NSE:SBIN").last_price
    assert last is not None
    price = (last * Decimal("0.97")).quantize(Decimal(1))
    ack = broker.place_order(
        "NSE:SBIN", "BUY", 1, order_type="LIMIT", product="MIS", price=price,
        bracket_target=10, bracket_stop=5, bracket_trail=1,
    )  # fmt: skip
    order = broker.order(ack)
    assert ack.handle["variety"] == order.handle["variety"] == "ROBO"
    assert order.vendor["producttype"] == "BO"
    broker.cancel_order(ack)


# -- extras


def test_what_only_this_broker_has(broker: ob.Broker, option: ob.Instrument) -> None:
    vendor = broker.vendor
    assert set(dir(vendor)) == set(broker._async._account.adapter.extras)
    assert option.expiry is not None
    greeks = vendor.option_greeks("NIFTY", option.expiry)
    assert isinstance(greeks, Table)
    assert greeks.kind is Greeks
    named = {row.symbol: row for row in greeks}
    assert named[option.symbol].instrument == option
    assert 0 < named[option.symbol].delta < 1
    for kind in ("PercPriceGainers", "PercPriceLosers", "PercOIGainers", "PercOILosers"):
        assert vendor.movers(kind, "NEAR").kind is Mover
    assert vendor.open_interest_build_up("Long Built Up").kind is Mover
    ratios = vendor.put_call_ratios()
    assert ratios.kind is PutCallRatio
    assert all(row.ratio > 0 for row in ratios)
    assert len(vendor.intraday_leverage("NSE")) > 10
    assert vendor.cautions() is not None
    assert vendor.holdings_total() is not None
    found = vendor.search("NSE", "SBIN")
    assert "NSE:SBIN" in [row.symbol for row in found]
    last = vendor.last_price("NSE:SBIN")
    assert last.symbol == "NSE:SBIN"
    assert last.last_price > 0
    limit = vendor.market_limit("NSE:SBIN", "BUY")
    assert last.last_price < limit < last.last_price * 2


def test_an_extra_that_does_not_exist_is_answered_with_one_that_does(broker: ob.Broker) -> None:
    with pytest.raises(AttributeError, match="did you mean 'movers'"):
        _ = broker.vendor.mover
    assert not hasattr(broker.vendor, "_anything")
    assert "option_greeks" in repr(broker.vendor)
    assert "expiry" in (broker.vendor.option_greeks.__doc__ or "")
    with pytest.raises(Unsupported):
        broker.vendor.intraday_leverage("MCX")


def test_extras_are_awaited_on_the_async_face() -> None:
    async def run() -> Table[PutCallRatio]:
        async with ob.connect_async() as broker:
            ratios: Table[PutCallRatio] = await broker.vendor.put_call_ratios()
            return ratios

    assert len(asyncio.run(run())) > 0


def test_capabilities_tell_of_everything(broker: ob.Broker) -> None:
    told = {row.operation: row.offered for row in broker.capabilities}
    assert told["history"]
    assert told["place_gtt"]
    assert told["vendor.option_greeks"]


def test_settings_are_taken_where_credentials_are() -> None:
    with pytest.raises(ob.ConfigError, match=r"mcx_quantity .* should be units or lots"):
        ob.connect(
            "angelone", api_key="k", client_code="A00001", pin="1234", totp="123456",
            mcx_quantity="kilos",
        )  # fmt: skip
