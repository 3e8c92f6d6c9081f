"""Bad input, tried as a new user would, against a sandbox over real TLS.

Each mistake gives one clear error of our tree that ends with what to do next; what became of the
order is checked against the sandbox's own book.
"""

from __future__ import annotations

import socket
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import trustme

import openbroker as ob
from openbroker.sandbox import Sandbox
from openbroker.sandbox.faults import FaultPlan
from openbroker.sandbox.wire import WireServer, running_server
from openbroker.session import keeper
from openbroker.testing import mock_broker

NOT_FOR_USERS = (
    "/httpx/",
    "/httpcore/",
    "/cattrs/",
    "/h11/",
    "/h2/",
    "During handling",
    "direct cause",
)


@attrs.frozen
class Floor:
    """A sandbox server with its truth."""

    sandbox: Sandbox
    server: WireServer
    faults: FaultPlan

    def connect(self, **changes: Any) -> ob.Broker:
        """A broker on an account of its own, so that no one-time code is used twice."""
        here = {"base_url": self.server.url, "ca_file": str(self.server.ca_file)}
        credentials = self.sandbox.add_account().credentials()
        return ob.connect("angelone", **(here | credentials | changes))

    def booked(self) -> int:
        return len(self.sandbox.book())


@pytest.fixture(scope="module")
def floor() -> Iterator[Floor]:
    faults = FaultPlan()
    sandbox = Sandbox(limits=None, reuse_totp=True)
    with running_server(sandbox.handler, faults=faults) as server:
        yield Floor(sandbox, server, faults)


@pytest.fixture
def broker(floor: Floor) -> Iterator[ob.Broker]:
    with floor.connect(resolve_within=0.3) as connected:
        yield connected
    floor.faults.clear()


def order(broker: ob.Broker, symbol: Any = "NSE:INFY", quantity: Any = 1, **changes: Any) -> Any:
    usual = {"side": "BUY", "order_type": "LIMIT", "price": 1500, "product": "CNC"}
    fields = usual | changes
    return broker.place_order(symbol, fields.pop("side"), quantity, **fields)


def error_of(call: Callable[[], object], kind: type[ob.OpenBrokerError]) -> ob.OpenBrokerError:
    """The error of a call: of that very class, readable, and without foreign frames."""
    with pytest.raises(ob.OpenBrokerError) as caught:
        call()
    error = caught.value
    assert type(error) is kind, repr(error)
    shown = "".join(traceback.format_exception(error))
    assert [word for word in NOT_FOR_USERS if word in shown] == []
    assert error.__cause__ is None
    assert str(error).endswith((".", "]", "'"))
    assert error.advice
    assert error.advice in str(error)
    return error


def test_a_callers_mistake_shows_the_callers_frames(broker: ob.Broker) -> None:
    with pytest.raises(ob.InstrumentNotFound) as caught:
        order(broker, "NSE:INFI")
    frames = [entry.name for entry in traceback.extract_tb(caught.value.__traceback__)]
    assert frames[-2:] == ["place_order", "_wait"]
    assert caught.value.__context__ is None or caught.value.__suppress_context__


# -- orders that cannot be meant: nothing is sent

BAD_ORDERS: dict[str, tuple[dict[str, Any], type[ob.OpenBrokerError], str]] = {
    "misspelt order type": ({"order_type": "LIMITT"}, ob.InvalidOrder, "Did you mean LIMIT"),
    "misspelt side": ({"side": "BYU"}, ob.InvalidOrder, "Did you mean BUY"),
    "another platform's product": ({"product": "INTRADAY"}, ob.InvalidOrder, "CNC, MIS, NRML, MTF"),
    "half a share": ({"quantity": 0.5}, ob.InvalidOrder, "0.5 is not a whole number"),
    "half a share as text": ({"quantity": "1.5"}, ob.InvalidOrder, "not a whole number"),
    "no shares": ({"quantity": 0}, ob.InvalidOrder, "not above zero"),
    "negative quantity": ({"quantity": -1}, ob.InvalidOrder, "not above zero"),
    "quantity that is a flag": ({"quantity": True}, ob.InvalidOrder, "not a number"),
    "quantity that is no number": ({"quantity": float("nan")}, ob.InvalidOrder, "not a number"),
    "quantity too large": ({"quantity": 10**10}, ob.InvalidOrder, "more than any exchange"),
    "quantity beyond all": ({"quantity": 10**30}, ob.InvalidOrder, "ordinary size"),
    "no quantity": ({"quantity": None}, ob.InvalidOrder, "neither quantity nor lots"),
    "quantity and lots": ({"lots": 1}, ob.InvalidOrder, "both quantity and lots"),
    "price off tick": ({"price": 1500.03}, ob.InvalidOrder, "nearest: 1500 or 1500.1"),
    "price off tick as text": ({"price": "1500.03"}, ob.InvalidOrder, "tick of 0.1"),
    "price that is no number": ({"price": float("nan")}, ob.InvalidOrder, "not a number"),
    "price without end": ({"price": float("inf")}, ob.InvalidOrder, "not a number"),
    "price beyond all": ({"price": "1e400"}, ob.InvalidOrder, "ordinary size"),
    "price next to nothing": ({"price": "1e-400"}, ob.InvalidOrder, "ordinary size"),
    "price in words": ({"price": "about 1500"}, ob.InvalidOrder, "not a number"),
    "price in a list": ({"price": [1500]}, ob.InvalidOrder, "not a number"),
    "negative price": ({"price": -1500}, ob.InvalidOrder, "not above zero"),
    "no price": ({"price": None}, ob.InvalidOrder, "needs a price"),
    "price on a market order": ({"order_type": "MARKET"}, ob.InvalidOrder, "takes no price"),
    "stop without trigger": ({"order_type": "SL"}, ob.InvalidOrder, "needs a trigger_price"),
    "stop the wrong way round": (
        {"order_type": "SL", "trigger_price": 1510}, ob.InvalidOrder, "at or below its price"),
    "label too long": ({"tag": "morningtrade"}, ob.InvalidOrder, "longer than the 7"),
    "label with a blank": ({"tag": "a b"}, ob.InvalidOrder, "letters and digits"),
    "empty label": ({"tag": ""}, ob.InvalidOrder, "letters and digits"),
    "label that is a number": ({"tag": 5}, ob.InvalidOrder, "letters and digits"),
    "no such share": ({"symbol": "NSE:INFI"}, ob.InstrumentNotFound, "did you mean NSE:INFY"),
    "name without exchange": ({"symbol": "INFY"}, ob.InstrumentNotFound, "NSE:INFY or BSE:INFY"),
    "no such exchange": ({"symbol": "NSX:INFY"}, ob.InstrumentNotFound, "did you mean NSE:INFY"),
    "no symbol": ({"symbol": None}, ob.InstrumentNotFound, "one looks like NSE:INFY"),
    "empty symbol": ({"symbol": " "}, ob.InstrumentNotFound, "one looks like NSE:INFY"),
    "token instead of a symbol": ({"symbol": 1594}, ob.InstrumentNotFound, "looks like NSE:INFY"),
    "token with too much": ({"symbol": ("NSE", "1594", 1)}, ob.InstrumentNotFound, "looks like"),
    "an index": ({"symbol": "NSE_INDEX:NIFTY"}, ob.InvalidOrder, "futures or options"),
    "derivatives product on a share": ({"product": "NRML"}, ob.Unsupported, "CNC, MIS or MTF"),
    "time-out below zero": ({"timeout": -1}, ob.UsageError, "seconds above zero"),
    "time-out in text": ({"timeout": "5s"}, ob.UsageError, "seconds above zero"),
    "protection on a limit order": (
        {"market_protection": 1}, ob.InvalidOrder, "for MARKET and SL-M"),
    "protection that the broker lacks": (
        {"order_type": "MARKET", "price": None, "market_protection": 1},
        ob.Unsupported, "market_protection='broker'"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", BAD_ORDERS)
def test_an_order_that_cannot_be_meant_is_not_sent(
    floor: Floor, broker: ob.Broker, mistake: str
) -> None:
    fields, kind, words = BAD_ORDERS[mistake]
    before = floor.booked()
    error = error_of(lambda: order(broker, **fields), kind)
    assert words in str(error)
    assert "Nothing was sent" in str(error) or "pass market_protection" in str(error)
    assert error.outcome is ob.Outcome.NOT_SENT
    assert floor.booked() == before


def option_of(broker: ob.Broker) -> ob.Instrument:
    return broker.instruments.option_chain("NIFTY")[0].leg("CE")


def test_quantity_off_lot(floor: Floor, broker: ob.Broker) -> None:
    option = option_of(broker)
    before = floor.booked()
    error = error_of(
        lambda: order(broker, option, option.lot_size + 1, product="NRML"), ob.InvalidOrder
    )
    assert f"lot of {option.lot_size}; nearest: {option.lot_size}" in str(error)
    assert floor.booked() == before


def test_quantity_above_the_freeze_limit(floor: Floor, broker: ob.Broker) -> None:
    option = option_of(broker)
    assert option.freeze_quantity is not None
    error = error_of(
        lambda: order(broker, option, option.freeze_quantity + option.lot_size, product="NRML"),
        ob.InvalidOrder,
    )
    assert "split the order" in str(error)


def test_float_prices_on_tick_are_taken_as_they_read(floor: Floor, broker: ob.Broker) -> None:
    ack = order(broker, price=1500.1)
    assert str(broker.order(ack).price) in {"1500.1", "1500.10"}


# -- baskets

BAD_BASKETS: dict[str, tuple[Any, str]] = {
    "a misspelt field": ([{"symbl": "NSE:INFY"}], "did you mean 'symbol'"),
    "missing fields": ([{"symbol": "NSE:INFY"}], "needs side, order_type, product"),
    "one order instead of a list": ({"symbol": "NSE:INFY"}, "a basket is a list of orders"),
    "nothing at all": (None, "a basket is a list of orders"),
    "a number in it": ([1], "mapping of its fields, not 1"),
    "a text": ("NSE:INFY", "a basket is a list of orders"),
}


@pytest.mark.parametrize("mistake", BAD_BASKETS)
def test_a_basket_that_cannot_be_meant(floor: Floor, broker: ob.Broker, mistake: str) -> None:
    orders, words = BAD_BASKETS[mistake]
    before = floor.booked()
    error = error_of(lambda: broker.place_orders(orders), ob.InvalidOrder)
    assert words in str(error)
    assert floor.booked() == before


def test_one_bad_order_stops_the_whole_basket(floor: Floor, broker: ob.Broker) -> None:
    good = {"symbol": "NSE:INFY", "side": "BUY", "quantity": 1, "order_type": "LIMIT",
            "price": 1500, "product": "CNC"}  # fmt: skip
    before = floor.booked()
    error = error_of(
        lambda: broker.place_orders([good, good | {"price": 1500.03}]), ob.InvalidOrder
    )
    assert "order 2 of the basket" in str(error)
    assert floor.booked() == before


# -- other calls


@pytest.mark.parametrize("target", [None, "", "12/../3", 17, object()])
def test_what_is_no_order_cannot_be_cancelled(broker: ob.Broker, target: Any) -> None:
    assert "is not an order" in str(error_of(lambda: broker.cancel_order(target), ob.InvalidOrder))


def test_an_order_that_nobody_placed(broker: ob.Broker) -> None:
    error = error_of(lambda: broker.order("999"), ob.OrderNotFound)
    assert "broker.orders()" in str(error)
    error = error_of(lambda: broker.cancel_order("999"), ob.OrderNotFound)
    assert error.outcome is ob.Outcome.NOT_SENT


def test_a_done_order_cannot_be_changed(broker: ob.Broker) -> None:
    ack = order(broker, price=1500.2)
    broker.cancel_order(ack)
    error = error_of(lambda: broker.modify_order(ack, price=1500.3), ob.OrderNotModifiable)
    assert error.outcome is ob.Outcome.NOT_SENT


def test_one_symbol_where_a_list_is_meant(broker: ob.Broker) -> None:
    error = error_of(lambda: broker.quotes("NSE:INFY"), ob.UsageError)
    assert "takes a list" in str(error)


def test_a_misspelt_quote_mode(broker: ob.Broker) -> None:
    error = error_of(lambda: broker.quote("NSE:INFY", "FUL"), ob.UsageError)
    assert "Did you mean FULL" in str(error)


def test_an_interval_as_other_libraries_spell_it(broker: ob.Broker) -> None:
    error = error_of(lambda: broker.history("NSE:INFY", "5min", days=1), ob.UsageError)
    assert "Did you mean 5m" in str(error)


def test_what_only_this_broker_has_tells_its_arguments(broker: ob.Broker) -> None:
    with pytest.raises(TypeError, match=r"vendor\.search\(exchange, text\): missing .* 'text'"):
        broker.vendor.search("NSE")


@pytest.mark.parametrize("path", ["/rest/secure/angelbroking/order/v1/placeOrder",
                                  "/rest/secure/angelbroking/gtt/rest/v1/createRule"])  # fmt: skip
def test_the_escape_hatch_places_no_orders(floor: Floor, broker: ob.Broker, path: str) -> None:
    before = floor.booked()
    error_of(lambda: broker.request("POST", path, {}), ob.Unsupported)
    assert floor.booked() == before


@pytest.mark.parametrize("path", ["rest/x", "@evil.invalid/", ".evil.invalid/x", ":1/x", ""])
def test_the_escape_hatch_stays_at_the_broker(broker: ob.Broker, path: str) -> None:
    error = error_of(lambda: broker.request("GET", path), ob.UsageError)
    assert "starts with a slash" in str(error)


@pytest.mark.parametrize("method", ["DELETE", "PUT", "patch", " delete ", "HEAD", ""])
def test_the_escape_hatch_only_reads(floor: Floor, method: str) -> None:
    with floor.connect() as broker:
        asked: list[object] = []
        broker.on_exchange(lambda request, _: asked.append(request))
        error = error_of(
            lambda: broker.request(method, "/rest/secure/angelbroking/order/v1/x"), ob.Unsupported
        )
        assert "GET and POST, for reads" in str(error)
        assert broker.request("get", "/rest/secure/angelbroking/user/v1/getProfile")
    assert [request.operation for request in asked] == ["raw"]


# -- the broker says no: who you are


def test_wrong_pin(floor: Floor) -> None:
    error = error_of(lambda: floor.connect(pin="0000"), ob.InvalidCredentials)
    assert "the PIN" in str(error)
    assert error.code == "AB1007"


def test_wrong_api_key(floor: Floor) -> None:
    error_of(lambda: floor.connect(api_key="wrongkey"), ob.InvalidCredentials)


def test_stale_one_time_code(floor: Floor) -> None:
    error = error_of(lambda: floor.connect(totp="123456"), ob.TwoFactorFailed)
    assert "clock" in str(error)
    assert "123456" not in str(error)


# -- the token dies in mid-session


@pytest.fixture
def fresh_codes(broker: ob.Broker) -> None:
    """As if the login had been half a minute ago: its one-time code is not waited out."""
    keeper._codes_used.clear()


@pytest.mark.usefixtures("fresh_codes")
@pytest.mark.parametrize("end", ["expire", "invalidate"])
def test_reads_outlive_their_session(floor: Floor, broker: ob.Broker, end: str) -> None:
    getattr(floor.sandbox.sessions, end)(broker.account)
    assert broker.funds().available is not None


@pytest.mark.usefixtures("fresh_codes")
@pytest.mark.parametrize("end", ["expire", "invalidate"])
def test_an_order_on_a_dead_session_was_not_sent_and_the_next_one_works(
    floor: Floor, broker: ob.Broker, end: str
) -> None:
    getattr(floor.sandbox.sessions, end)(broker.account)
    before = floor.booked()
    error = error_of(lambda: order(broker), ob.SessionExpired)
    assert error.outcome is ob.Outcome.NOT_SENT
    assert floor.booked() == before
    order(broker)
    assert floor.booked() == before + 1


# -- the wire

NO_JSON = ("waf-page", "502-html", "empty-200", "json-null", "other-shape", "deep-json",
           "not-utf8", "truncated-json", "redirect", "500-html-booked",
           "waf-page-booked")  # fmt: skip


@pytest.mark.parametrize("fault", ["waf-page", "empty-200", "deep-json", "not-utf8", "redirect"])
def test_a_read_that_gets_no_json(floor: Floor, broker: ob.Broker, fault: str) -> None:
    floor.faults.add(fault)
    error_of(broker.funds, ob.MalformedReply)


def test_a_read_while_the_gateway_is_down(floor: Floor, broker: ob.Broker) -> None:
    floor.faults.add("502-html")
    error = error_of(broker.funds, ob.BrokerUnavailable)
    assert error.status == 502
    assert "Try again" in str(error)


@pytest.mark.parametrize("fault", NO_JSON)
def test_an_order_that_gets_no_json_is_unknown_or_found(
    floor: Floor, broker: ob.Broker, fault: str
) -> None:
    floor.faults.add(fault, path="placeOrder")
    before = floor.booked()
    truly = FaultPlan().table[fault].booked
    if truly:
        try:
            ack = order(broker)
        except ob.OrderUnknown as unknown:
            told = unknown.tag
        else:
            told = ack.wire_tag
        assert floor.booked() == before + 1
        assert floor.sandbox.book()[-1]["tag"] == told
        return
    error = error_of(lambda: order(broker), ob.OrderUnknown)
    assert "Do not send it again" in str(error)
    assert error.outcome is ob.Outcome.UNKNOWN
    assert floor.booked() == before


def test_a_lost_answer_is_never_a_failure(floor: Floor, broker: ob.Broker) -> None:
    floor.faults.add("reset-after-booking", path="placeOrder")
    floor.faults.add("502-html", path="getOrderBook")
    before = floor.booked()
    error = error_of(lambda: order(broker), ob.OrderUnknown)
    assert isinstance(error, ob.OrderUnknown)
    assert floor.booked() == before + 1
    assert floor.sandbox.book()[-1]["tag"] == error.tag
    assert error.intent["symbol"] == "NSE:INFY"


def test_a_server_that_is_down(floor: Floor) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"https://127.0.0.1:{taken.getsockname()[1]}"
        error = error_of(lambda: floor.connect(base_url=nobody), ob.NotSent)
    assert "connect" in str(error)
    assert "base_url" in str(error)


def test_a_server_that_goes_down(floor: Floor) -> None:
    with running_server(floor.sandbox.handler) as server:
        broker = floor.connect(base_url=server.url)
    with broker:
        before = floor.booked()
        error = error_of(lambda: order(broker), ob.NotSent)
        assert error.outcome is ob.Outcome.NOT_SENT
        assert floor.booked() == before
        error_of(broker.funds, ob.NotSent)


def test_a_host_that_does_not_exist(floor: Floor) -> None:
    error = error_of(lambda: floor.connect(base_url="https://nosuch.invalid"), ob.NotSent)
    assert "base_url" in str(error)


def test_a_certificate_of_nobody_we_trust(floor: Floor, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    for ca_file in (None, str(other)):
        error = error_of(lambda ca=ca_file: floor.connect(ca_file=ca), ob.NotSent)
        assert "certificate" in str(error)
        assert "ca_file" in str(error)


# -- settings

BAD_SETTINGS: dict[str, tuple[dict[str, Any], str]] = {
    "missing PIN": ({"pin": None}, "set OPENBROKER_ANGELONE_PIN"),
    "malformed PIN": ({"pin": "12a4"}, "should be 4 to 6 digits"),
    "malformed TOTP secret": ({"totp_secret": "abc"}, "OPENBROKER_ANGELONE_TOTP_SECRET"),
    "client code with a blank": ({"client_code": "A 1"}, "letters and digits"),
    "misspelt setting": ({"jornal_dir": "x"}, "did you mean 'journal_dir'"),
    "misspelt credential": ({"apikey": "x"}, "did you mean 'api_key'"),
    "unknown credential": ({"password": "hunter2"}, "no credential or setting 'password'"),
    "address without scheme": ({"base_url": "127.0.0.1:99"}, "is not an address"),
    "address of another kind": ({"base_url": "ftp://x"}, "is not an address"),
    "address without host": ({"base_url": "https://"}, "is not an address"),
    "address with an odd port": ({"base_url": "https://x:abc"}, "is not an address"),
    "address that is a number": ({"base_url": 5}, "is not an address"),
    "empty address": ({"base_url": ""}, "is not an address"),
    "address in the clear": ({"base_url": "http://broker.invalid"}, "in the clear"),
    "unknown host": ({"hosts": {"foo": "https://x"}}, "it has rest, master"),
    "certificates that are not there": ({"ca_file": "/nosuch.pem"}, "No such file"),
    "certificates that are a folder": ({"ca_file": str(Path(__file__).parent)}, "ca_file"),
    "certificates that are none": ({"ca_file": __file__}, "holds no certificate"),
    "local address in words": ({"local_address": "eth0"}, "is not an IP address"),
    "proxy that is none": ({"proxy": "nonsense"}, "http://[user:password@]host:port"),
}


@pytest.mark.parametrize("mistake", BAD_SETTINGS)
def test_a_setting_that_cannot_be_meant(floor: Floor, mistake: str) -> None:
    changes, words = BAD_SETTINGS[mistake]
    error = error_of(lambda: floor.connect(**changes), ob.ConfigError)
    assert words in str(error)
    assert "Nothing was sent" in str(error)
    assert "hunter2" not in str(error)


def test_all_missing_credentials_are_named_at_once() -> None:
    error = error_of(lambda: ob.connect("angelone"), ob.ConfigError)
    for name in ("API_KEY", "CLIENT_CODE", "PIN", "TOTP_SECRET"):
        assert f"OPENBROKER_ANGELONE_{name}" in str(error)


def test_no_message_shows_a_secret(floor: Floor) -> None:
    secret = "MALFORMED-SECRET"
    for field in ("pin", "totp_secret", "totp", "client_code"):
        error = error_of(lambda name=field: floor.connect(**{name: f"{secret} "}), ob.ConfigError)
        assert secret not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("timeout", [0, -1, "x", float("inf"), True])
def test_a_time_out_that_cannot_be_meant(timeout: Any) -> None:
    error = error_of(lambda: ob.connect(timeout=timeout), ob.ConfigError)
    assert "seconds above zero" in str(error)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("angelon", "did you mean 'angelone'"), ("zzz", "openbroker.brokers()"), (None, "no broker")],
)
def test_an_unknown_broker(name: Any, hint: str) -> None:
    assert hint in str(error_of(lambda: ob.connect(name), ob.UnknownBroker))
    assert hint in str(error_of(lambda: ob.connect_async(name), ob.UnknownBroker))


def test_a_symbol_that_the_broker_has_no_quote_for_is_a_read_that_found_nothing() -> None:
    """The request went out, so it is not said that nothing was sent."""
    bond = ob.Instrument(
        exchange=ob.Exchange.NSE, symbol="NSE:BOND", type=ob.InstrumentType.EQUITY, token="9",
        broker_symbol="BOND",
    )  # fmt: skip
    unfetched = {"status": True, "data": {"fetched": [], "unfetched": [{"symbolToken": "9"}]}}
    with mock_broker("angelone", instruments=[bond]) as mocked:
        mocked.router.post(path__regex=r".*/market/v1/quote.*").respond(json=unfetched)
        with pytest.raises(ob.InstrumentNotFound, match="has no quote for NSE:BOND") as caught:
            mocked.broker.quote("NSE:BOND")
        assert caught.value.outcome is None
        assert "Nothing was sent" not in str(caught.value)
        [row] = mocked.broker.quotes(["NSE:BOND"])
        assert (row.symbol, row.last_price) == ("NSE:BOND", None)
