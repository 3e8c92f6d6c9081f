"""Angel One by the conformance suite, and what golden cases cannot say."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from openbroker.adapters.angelone import ANGELONE
from openbroker.adapters.angelone_bands import BANDS
from openbroker.adapters.angelone_tables import CODES, WIRE
from openbroker.errors import InvalidOrder, OrderUnknown, Unsupported
from openbroker.instruments.counting import in_units
from openbroker.schemas import (
    Exchange,
    Instrument,
    InstrumentType,
    Order,
    OrderAck,
    OrderChange,
    OrderStatus,
    QuoteMode,
    Right,
)
from openbroker.testing import AdapterConformance, World, load_cases, mock_broker
from openbroker.testing.cases import Case, Replay, Step
from openbroker.testing.operations import outcome_of, plan_of
from openbroker.transport.messages import Reply

CASES = Path(__file__).parents[1] / "cases" / "angelone"
LOTS = attrs.evolve(ANGELONE, mcx_quantity="lots")
CRUDE = "MCX:CRUDEOIL18DEC26FUT"


class TestAngelOne(AdapterConformance):
    adapter = "angelone"
    cases = CASES


@pytest.fixture
def world() -> World:
    return World.read(CASES, "angelone")


def case_of(name: str) -> Case:
    return {case.name: case for case in load_cases(CASES)}[name]


@pytest.mark.parametrize("word", ["null", "None", "-", "0", 0, "000"])
def test_a_success_that_names_no_order_is_unknown(world: World, word: object) -> None:
    with mock_broker("angelone", instruments=world.instruments.values()) as mock:
        place = mock.router.post(path="/rest/secure/angelbroking/order/v1/placeOrder")
        place.respond(json={"status": True, "message": "SUCCESS", "data": {"orderid": word}})
        with pytest.raises(OrderUnknown):
            mock.broker.place_order("NSE:SBIN", "BUY", 1, order_type="MARKET", product="CNC")


# -- the cases themselves


def test_every_mapped_code_has_a_case_on_a_read_and_on_an_order() -> None:
    named = {case.name for case in load_cases(CASES)}
    for code in CODES:
        assert f"refusals/{code}_on_a_read" in named
        assert f"refusals/{code}_on_an_order" in named


def test_every_spelled_word_is_in_some_request() -> None:
    sent = [
        str(value)
        for case in load_cases(CASES)
        for step in case.exchanges
        for value in _values(step.request.get("body"))
    ]
    tables = {kind.__name__: words for kind, words in WIRE.words.items()}
    for kind in ("Side", "OrderType", "Product", "Validity", "Interval"):
        assert set(tables[kind].values()) <= set(sent), kind


def _values(body: object) -> list[object]:
    if isinstance(body, dict):
        return [one for value in body.values() for one in _values(value)]
    if isinstance(body, list):
        return [one for value in body for one in _values(value)]
    return [body]


# -- replies


@pytest.mark.parametrize("number", ["1e999999999", "0e-999999999", "1" * 5000, "1.5", "true"])
def test_an_order_id_of_absurd_size_is_no_order_id(number: str, world: World) -> None:
    text = f'{{"status": true, "data": {{"orderid": {number}}}}}'
    outcome = outcome_of(case_of("place_order/limit").answered_last(text=text), ANGELONE, world)
    assert isinstance(outcome, OrderUnknown)


def test_a_row_keeps_the_brokers_own_words(world: World) -> None:
    [row] = outcome_of(case_of("orders/foreign_words"), ANGELONE, world)
    assert isinstance(row, Order)
    assert row.status is OrderStatus.UNKNOWN
    assert row.is_live
    assert row.vendor["producttype"] == "XYZ"
    assert row.vendor["newfield"] == {"a": 1}


def test_months_are_read_whatever_the_locale() -> None:
    moment = WIRE.time("22-Nov-2026 09:41:30")
    assert moment == dt.datetime.fromisoformat("2026-11-22T09:41:30+05:30")


@pytest.mark.parametrize(
    ("status", "text", "again"),
    [
        (429, "", True),
        (403, "Access denied because of exceeding access rate", True),
        (403, '{"status":false,"message":"Too many requests","errorcode":"AB1021"}', True),
        (200, '{"status":false,"message":"x","errorcode":"AB1004","data":null}', True),
        (200, '{"status":false,"message":"x","errorcode":"AB2001","data":null}', True),
        (200, '{"success":false,"message":"Unregistered IP","errorCode":"AG7002"}', False),
        (200, '{"status":true,"data":[]}', False),
        (403, "<html>Request Rejected</html>", False),
    ],
)
def test_which_replies_ask_to_come_again(status: int, text: str, again: bool, world: World) -> None:
    step = Step(request={}, reply={"status": status, "text": text})
    reply = step.answer(world.now)
    assert isinstance(reply, Reply)
    assert ANGELONE.asks_to_wait(reply) is again


# -- quotes


def test_more_than_fifty_tokens_are_split(world: World) -> None:
    many = [
        Instrument(
            exchange=Exchange.NSE,
            symbol=f"NSE:S{number}",
            type=InstrumentType.EQUITY,
            token=str(number),
            broker_symbol=f"S{number}-EQ",
        )
        for number in range(120)
    ]
    steps = [_quote_step(range(at, min(at + 50, 120))) for at in (0, 50, 100)]
    quotes = Replay(steps=steps, world=world).run(
        ANGELONE.quotes(world.session, many, QuoteMode.LTP)
    )
    assert [quote.token for quote in quotes] == [str(number) for number in range(120)]


def _quote_step(numbers: range) -> Step:
    tokens = [str(number) for number in numbers]
    rows = [{"exchange": "NSE", "symbolToken": token, "ltp": 1} for token in tokens]
    return Step(
        request={
            "method": "POST",
            "path": "/rest/secure/angelbroking/market/v1/quote",
            "body": {"mode": "LTP", "exchangeTokens": {"NSE": tokens}},
        },
        reply={"body": {"status": True, "data": {"fetched": rows, "unfetched": []}}},
    )


def test_a_quote_of_a_foreign_segment_is_kept(world: World) -> None:
    row = {"exchange": "GIFT", "symbolToken": 7, "ltp": "8.1E2", "new": [1], "depth": {"buy": None}}
    full = case_of("quotes/full")
    body = {"status": True, "data": {"fetched": [row], "unfetched": None}}
    [quote] = outcome_of(full.answered_last(body=body), ANGELONE, world)
    assert (quote.exchange, quote.token, quote.last_price) == (None, "7", Decimal(810))
    assert quote.vendor["exchange"] == "GIFT"
    assert quote.bid is None


def test_what_was_not_fetched_says_why(world: World) -> None:
    unfetched = {
        "exchange": "NSE",
        "symbolToken": "3045",
        "message": "Symbol token cannot be empty",
        "errorCode": "AB4018",
    }
    with mock_broker("angelone", instruments=world.instruments.values()) as mock:
        mock.router.post(path="/rest/secure/angelbroking/market/v1/quote").respond(
            json={"status": True, "data": {"fetched": [], "unfetched": [unfetched]}}
        )
        [quote] = mock.broker.quotes(["NSE:SBIN"])
    assert quote.last_price is None
    assert quote.symbol == "NSE:SBIN"
    assert quote.vendor["errorCode"] == "AB4018"


# -- the unit of MCX quantities


def test_mcx_orders_are_sent_in_the_unit_that_was_chosen(world: World) -> None:
    in_units = case_of("place_order/commodity_in_units")
    body = dict(in_units.exchanges[0].request["body"]) | {"quantity": "1"}
    request = dict(in_units.exchanges[0].request) | {"body": body}
    step = attrs.evolve(in_units.exchanges[0], request=request)
    ack = outcome_of(attrs.evolve(in_units, exchanges=(step,)), LOTS, world)
    assert isinstance(ack, OrderAck)


def test_other_segments_stay_in_units(world: World) -> None:
    assert isinstance(outcome_of(case_of("place_order/lots"), LOTS, world), OrderAck)


def test_mcx_rows_are_read_in_units(world: World) -> None:
    full = case_of("orders/full")
    row = full.exchanges[0].reply["body"]["data"][0] | {
        "exchange": "MCX",
        "quantity": "3",
        "filledshares": "1",
        "unfilledshares": "2",
    }
    changed = full.answered_last(body={"status": True, "data": [row]})
    [unlike] = outcome_of(changed, LOTS, world)
    order = attrs.evolve(unlike, instrument=world.instruments[CRUDE])
    read = in_units(order, LOTS.counting())
    assert (read.quantity, read.filled_quantity, read.pending_quantity) == (300, 100, 200)
    assert in_units(unlike, LOTS.counting()).quantity is None
    assert in_units(order, ANGELONE.counting()).quantity == 3


def test_half_a_lot_is_refused_where_lots_are_sent(world: World) -> None:
    order = outcome_of(case_of("order/by_unique_id"), ANGELONE, world)
    crude = attrs.evolve(order, exchange=Exchange.MCX, instrument=world.instruments[CRUDE])
    with pytest.raises(InvalidOrder, match="lot"):
        next(LOTS.modify_order(world.session, crude, OrderChange(quantity=150)))
    nameless = attrs.evolve(crude, instrument=None)
    with pytest.raises(Unsupported, match="lot is not known"):
        next(LOTS.modify_order(world.session, nameless, OrderChange(quantity=100)))


def test_margins_of_mcx_are_asked_in_the_chosen_unit(world: World) -> None:
    plan = plan_of(
        world,
        {
            "symbol": CRUDE, "side": "BUY", "quantity": 200, "product": "NRML",
            "order_type": "MARKET",
        },
    )  # fmt: skip
    assert b'"qty":2,' in next(LOTS.margin(world.session, [plan])).content
    assert b'"qty":200,' in next(ANGELONE.margin(world.session, [plan])).content


# -- rules


def test_the_address_of_rule_changes_is_a_setting(world: World) -> None:
    adapter = attrs.evolve(ANGELONE, gtt_prefix="/gtt-service")
    rule = outcome_of(case_of("gtt/one"), ANGELONE, world)
    assert "/gtt-service/rest/secure/" in next(adapter.cancel_gtt(world.session, rule)).url
    assert "/gtt-service" not in next(adapter.gtt(world.session, "1")).url
    assert "/gtt-service" not in next(ANGELONE.cancel_gtt(world.session, rule)).url


# -- market protection


def _instrument(exchange: Exchange, kind: InstrumentType, underlying: str | None) -> Instrument:
    is_option = kind is InstrumentType.OPTION
    return Instrument(
        exchange=exchange,
        symbol="X",
        type=kind,
        token="1",
        broker_symbol="X",
        underlying=underlying,
        strike=Decimal(1) if is_option else None,
        right=Right.CE if is_option else None,
    )


@pytest.mark.parametrize(
    ("exchange", "kind", "underlying", "price", "band"),
    [
        (Exchange.NSE, InstrumentType.EQUITY, None, "2400", "0.5"),
        (Exchange.NFO, InstrumentType.FUTURE, "NIFTY", "26000", "0.5"),
        (Exchange.NFO, InstrumentType.FUTURE, "SBIN", "800", "1"),
        (Exchange.NFO, InstrumentType.OPTION, "NIFTY", "9.95", "20"),
        (Exchange.NFO, InstrumentType.OPTION, "NIFTY", "15", "10"),
        (Exchange.NFO, InstrumentType.OPTION, "NIFTY", "49.95", "5"),
        (Exchange.NFO, InstrumentType.OPTION, "NIFTY", "50.05", "2.5"),
        (Exchange.NFO, InstrumentType.OPTION, "SBIN", "9.95", "40"),
        (Exchange.NFO, InstrumentType.OPTION, "SBIN", "60", "5"),
        (Exchange.BFO, InstrumentType.OPTION, "SENSEX", "60", "2.5"),
        (Exchange.MCX, InstrumentType.FUTURE, "CRUDEOIL", "5400", "1"),
        (Exchange.MCX, InstrumentType.OPTION, "CRUDEOIL", "15", "10"),
        (Exchange.CDS, InstrumentType.FUTURE, "USDINR", "88", None),
        (Exchange.NSE_INDEX, InstrumentType.INDEX, None, "26000", None),
    ],
)
def test_the_band_of_a_market_order(
    exchange: Exchange, kind: InstrumentType, underlying: str | None, price: str, band: str | None
) -> None:
    found = ANGELONE.protection_band(_instrument(exchange, kind, underlying), Decimal(price))
    assert found == (None if band is None else Decimal(band))


def test_the_example_of_the_brokers_notice() -> None:
    share = _instrument(Exchange.NSE, InstrumentType.EQUITY, None)
    band = ANGELONE.protection_band(share, Decimal(2400))
    assert band is not None
    assert Decimal(2400) * (1 + band / 100) == 2412


def test_bands_are_dated_and_sourced() -> None:
    assert [bands.since for bands in BANDS] == sorted(bands.since for bands in BANDS)
    assert all(bands.source for bands in BANDS)
