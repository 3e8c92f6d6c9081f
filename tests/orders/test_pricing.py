"""Market orders that are turned into priced ones because the caller asked for that."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

import openbroker as ob
from openbroker.orders.journal import read_day
from openbroker.orders.pricing import priced, to_be_quoted
from openbroker.testing import mock_broker
from tests.orders.faulty import Connect, Faulty

SBIN = ob.Instrument(
    exchange=ob.Exchange.NSE, symbol="NSE:SBIN", type=ob.InstrumentType.EQUITY,
    token="3045", broker_symbol="SBIN-EQ", tick_size=Decimal("0.05"),
)  # fmt: skip


def market(side: str, percent: Any, **more: Any) -> ob.OrderRequest:
    terms = {"symbol": "NSE:SBIN", "side": side, "quantity": 5, "product": "MIS"}
    terms |= {"order_type": "MARKET", "market_protection": ob.AsLimit(percent)} | more
    return ob.OrderRequest(**terms).on(SBIN)


def quoted(last: str | None, **more: str) -> ob.Quote:
    prices = {name: Decimal(value) for name, value in more.items()}
    last_price = Decimal(last) if last is not None else None
    return ob.Quote(token="3045", exchange=ob.Exchange.NSE, last_price=last_price, **prices)


# -- the price


@pytest.mark.parametrize(
    ("side", "percent", "last", "limit"),
    [
        ("BUY", 1, "800", "808"),
        ("SELL", 1, "800", "792"),
        ("BUY", "0.5", "800.15", "804.15"),  # 804.15075, and never worse
        ("SELL", "0.5", "800.15", "796.15"),  # 796.14925
        ("BUY", 1, "4", "4"),  # 4.04: the tick above would be more than was asked
        ("SELL", 25, "4", "3"),
    ],
)
def test_the_limit_is_on_a_tick_and_never_worse_than_asked(
    side: str, percent: Any, last: str, limit: str
) -> None:
    order = priced(market(side, percent), quoted(last))
    assert (order.order_type, order.price) == (ob.OrderType.LIMIT, Decimal(limit))
    assert order.market_protection is None
    assert order.asked == market(side, percent)


@pytest.mark.parametrize(("side", "limit"), [("BUY", "840"), ("SELL", "760")])
def test_the_limit_stays_within_the_days_band(side: str, limit: str) -> None:
    quote = quoted("800", upper_circuit="840", lower_circuit="760")
    assert priced(market(side, 20), quote).price == Decimal(limit)


@pytest.mark.parametrize(("side", "limit"), [("BUY", "816"), ("SELL", "784")])
def test_a_stop_is_priced_from_its_trigger_and_needs_no_quote(side: str, limit: str) -> None:
    asked = market(side, 2, order_type="SL-M", trigger_price="800")
    order = priced(asked, None)
    assert (order.order_type, order.price, order.trigger_price) == (
        ob.OrderType.SL,
        Decimal(limit),
        Decimal(800),
    )
    assert to_be_quoted([asked]) == []


@pytest.mark.parametrize("quote", [None, quoted(None), quoted("0")])
def test_without_a_price_nothing_is_guessed(quote: ob.Quote | None) -> None:
    with pytest.raises(ob.InvalidOrder, match="no last price"):
        priced(market("BUY", 1), quote)


def test_an_order_that_does_not_ask_is_left_alone() -> None:
    order = market("BUY", 1, market_protection="broker")
    assert priced(order, quoted("800")) is order
    assert to_be_quoted([order, market("BUY", 1), market("SELL", 2)]) == [SBIN]


@pytest.mark.parametrize("percent", [0, -1, 26, "much", None, True, float("nan")])
def test_only_a_percentage_that_protects_is_taken(percent: Any) -> None:
    with pytest.raises(ob.InvalidOrder, match="AsLimit"):
        ob.AsLimit(percent)


def test_a_priced_order_takes_none() -> None:
    with pytest.raises(ob.InvalidOrder, match="MARKET and SL-M"):
        market("BUY", 1, order_type="LIMIT", price="800")


# -- at a broker


def test_the_broker_gets_a_limit_and_the_journal_tells_both(
    connect: Connect, faulty: Faulty
) -> None:
    broker = connect()
    last = broker.quote("NSE:SBIN").last_price
    assert last is not None
    ack = broker.place_order(
        "NSE:SBIN", "BUY", 5, order_type="MARKET", product="MIS", market_protection=ob.AsLimit(2)
    )
    [row] = broker.orders()
    assert row.order_type is ob.OrderType.LIMIT
    assert row.price is not None
    assert last < row.price <= last * Decimal("1.03")
    assert ack.request is not None
    assert ack.request.asked is not None
    assert ack.request.asked.order_type is ob.OrderType.MARKET
    [entry] = journaled(broker)
    assert entry.intent["order_type"] == "LIMIT"
    assert entry.intent["asked"] == {"order_type": "MARKET", "market_protection": "AsLimit(2)"}


def journaled(broker: ob.Broker) -> list[Any]:
    file = broker._async._desk.journal.today.path
    assert file is not None
    return list(read_day(file)[0])


def test_the_same_order_at_another_price_is_the_same_order(
    connect: Connect, faulty: Faulty
) -> None:
    broker = connect(duplicate_window=30.0)
    order = {
        "symbol": "NSE:SBIN", "side": "BUY", "quantity": 5, "order_type": "MARKET",
        "product": "MIS", "market_protection": ob.AsLimit(2),
    }  # fmt: skip
    first = broker.place_order(**order, client_id="open", tag="one")
    faulty.box.clock.advance(600)
    again = broker.place_order(**order, client_id="open", tag="one")
    assert again.order_id == first.order_id
    broker.place_order(**order)
    faulty.box.clock.advance(600)
    with pytest.raises(ob.DuplicateOrder):
        broker.place_order(**order)
    assert len(faulty.book()) == 2


def test_baskets_and_square_off_are_priced(connect: Connect, faulty: Faulty) -> None:
    broker = connect()
    same = {"order_type": "MARKET", "product": "MIS", "market_protection": ob.AsLimit(1)}
    basket = [
        {"symbol": symbol, "side": "BUY", "quantity": 2, **same}
        for symbol in ("NSE:SBIN", "NSE:INFY")
    ]
    assert [type(one) for one in broker.place_orders(basket)] == [ob.OrderAck, ob.OrderAck]
    closed = broker.square_off(market_protection=ob.AsLimit(1))
    assert [type(one) for one in closed] == [ob.OrderAck, ob.OrderAck]
    assert {row.order_type for row in broker.orders()} == {ob.OrderType.LIMIT}
    assert len(faulty.book()) == 4


def test_margin_reckons_with_the_priced_order(connect: Connect) -> None:
    broker = connect()
    order = ob.OrderRequest(
        symbol="NSE:SBIN", side="BUY", quantity=5, order_type="MARKET", product="MIS",
        market_protection=ob.AsLimit(1),
    )  # fmt: skip
    assert broker.margin([order]).total


def test_a_quote_that_cannot_be_read_sends_nothing(connect: Connect, faulty: Faulty) -> None:
    broker = connect()
    with mocked() as mock:
        mock.router.post(path="/NorenWClientAPI/GetQuotes").respond(500)
        place = mock.router.post(path="/NorenWClientAPI/PlaceOrder")
        with pytest.raises(ob.OpenBrokerError) as caught:
            mock.broker.place_order(
                "NSE:SBIN", "BUY", 1, order_type="MARKET", product="MIS",
                market_protection=ob.AsLimit(1),
            )  # fmt: skip
    assert caught.value.outcome is ob.Outcome.NOT_SENT
    assert not place.called
    assert len(broker.orders()) == 0


def test_a_broker_that_takes_no_market_orders_takes_these() -> None:
    with mocked() as mock:
        answer = {
            "stat": "Ok",
            "lp": "800.00",
            "token": "3045",
            "exch": "NSE",
            "uc": "880",
            "lc": "720",
        }
        mock.router.post(path="/NorenWClientAPI/GetQuotes").respond(json=answer)
        place = mock.router.post(path="/NorenWClientAPI/PlaceOrder")
        place.respond(json={"stat": "Ok", "norenordno": "26112200000001"})
        with pytest.raises(ob.Unsupported):
            mock.broker.place_order("NSE:SBIN", "BUY", 1, order_type="MARKET", product="MIS")
        mock.broker.place_order(
            "NSE:SBIN", "BUY", 1, order_type="MARKET", product="MIS",
            market_protection=ob.AsLimit(1),
        )  # fmt: skip
        body = place.calls.last.request.content.decode()
    sent = json.loads(body.partition("jData=")[2].partition("&jKey=")[0])
    assert (sent["prctyp"], sent["prc"]) == ("LMT", "808")


def mocked() -> Any:
    return mock_broker("shoonya", instruments=[SBIN])
