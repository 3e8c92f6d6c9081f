"""What cannot be meant, thrown at every argument of everything public.

Each misfit is an error of our tree that names the argument, and nothing was sent: the requests that
reach the simulated broker are counted.  What an argument may well be stands in ``MAY_BE``.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs
import httpx
import pytest

import openbroker as ob
from openbroker.arguments import KINDS
from openbroker.client import open_account
from openbroker.instruments import InstrumentStore
from openbroker.instruments.chains import OptionChain
from openbroker.orders.settings import MOCKED
from openbroker.sandbox import Sandbox
from openbroker.schemas import OrderRequest
from openbroker.transport import bridge

JUNK: Final[Mapping[str, Any]] = {
    "None": None,
    "object": object(),
    "empty text": "",
    "empty list": [],
    "empty dict": {},
    "1.5": 1.5,
    "bytes": b"BUY",
    "nan": float("nan"),
    "datetime": dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
    "word": "nosuchword",
}

ORDER: Final = {
    "symbol": "NSE:SBIN", "side": "BUY", "quantity": 1, "order_type": "LIMIT", "price": "750",
    "product": "MIS",
}  # fmt: skip
RULE: Final = ORDER | {"trigger_price": "760"}


@attrs.define
class Floor:
    """A simulated broker whose requests are counted, and what stands in its books."""

    sandbox: Sandbox
    asked: int = 0
    broker: ob.Broker = attrs.field(init=False)
    resting: ob.Order = attrs.field(init=False)
    position: ob.Position = attrs.field(init=False)
    rule: ob.Gtt = attrs.field(init=False)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return self.sandbox.handler(request)

    def open(self) -> None:
        account = open_account(
            "sandbox", self.sandbox.credentials, http=httpx.MockTransport(self.answer)
        )
        self.broker = ob.Broker(bridge.run(ob.AsyncBroker.open(account, MOCKED)))
        ack = self.broker.place_order(**ORDER)
        self.broker.place_order("NSE:INFY", "BUY", 5, order_type="MARKET", product="MIS")
        self.resting = self.broker.order(ack)
        [self.position] = [p for p in self.broker.positions() if p.symbol == "NSE:INFY"]
        rule = {name: value for name, value in RULE.items() if name != "order_type"}
        self.rule = self.broker.gtt(self.broker.place_gtt(**(rule | {"product": "CNC"})))

    def connect(self, **changes: Any) -> ob.Broker:
        usual = {"http": httpx.MockTransport(self.answer), "journal_dir": ":memory:"}
        return ob.connect(**({"broker": "sandbox"} | usual | self.sandbox.credentials | changes))


@pytest.fixture(scope="module")
def floor() -> Iterator[Floor]:
    floor = Floor(Sandbox(limits=None, reuse_totp=True))
    floor.open()
    with floor.broker:
        yield floor


def good(floor: Floor) -> dict[str, dict[str, Any]]:
    """For each method arguments that it takes."""
    rule = {name: value for name, value in RULE.items() if name != "order_type"}
    return {
        "on_exchange": {"hook": print},
        "place_order": dict(ORDER),
        "place_orders": {"orders": [ORDER]},
        "modify_order": {"order": floor.resting, "price": "751"},
        "cancel_order": {"order": floor.resting},
        "square_off": {"symbol": "NSE:INFY"},
        "resolve": {"unknown": "ABCDEFGH"},
        "halt": {"level": "RUN"},
        "order": {"order": floor.resting},
        "convert_position": {"position": floor.position, "product": "CNC", "quantity": 1},
        "margin": {"orders": [ORDER]},
        "charges": {"orders": [ORDER]},
        "place_gtt": rule | {"product": "CNC"},
        "modify_gtt": {"rule": floor.rule, "price": "761"},
        "cancel_gtt": {"rule": floor.rule},
        "gtt": {"rule": floor.rule},
        "gtts": {},
        "quote": {"symbol": "NSE:SBIN"},
        "quotes": {"symbols": ["NSE:SBIN"]},
        "option_chain": {"underlying": "NIFTY"},
        "history": {"symbol": "NSE:SBIN", "interval": "1d", "days": 5},
        "request": {"method": "GET", "path": "/rest/secure/angelbroking/user/v1/getProfile"},
        "InstrumentStore.by_symbol": {"symbol": "NSE:INFY"},
        "InstrumentStore.by_token": {"exchange": "NSE", "token": "1594"},
        "InstrumentStore.by_broker_symbol": {"exchange": "NSE", "text": "INFY-EQ"},
        "InstrumentStore.resolve": {"reference": "NSE:INFY"},
        "InstrumentStore.same": {"instrument": floor.broker.instruments.resolve("NSE:INFY")},
        "InstrumentStore.search": {"text": "nifty"},
        "InstrumentStore.suggest": {"text": "nifty"},
        "InstrumentStore.expiries": {"underlying": "NIFTY"},
        "InstrumentStore.nearest_expiry": {"underlying": "NIFTY"},
        "InstrumentStore.strikes": {"underlying": "NIFTY"},
        "InstrumentStore.option_chain": {"underlying": "NIFTY"},
        "InstrumentStore.futures": {"underlying": "NIFTY"},
        "InstrumentStore.select": {},
        "InstrumentStore.to_pandas": {},
        "InstrumentStore.to_polars": {},
        "OptionChain.around": {"price": 26000},
        "OptionChain.at": {"strike": 26000},
        "OptionChain.pick": {"offset": "ATM", "right": "CE"},
    }


MAY_BE: Final[Mapping[str, set[str]]] = {
    "price": {"1.5"},
    "strike": {"1.5"},
    "around": {"1.5"},
    "market_protection": {"1.5"},
    "timeout": {"1.5"},
    "time_scale": {"1.5"},
    "token_life": {"1.5"},
    "resolve_within": {"1.5"},
    "settle_time": {"1.5"},
    "duplicate_window": {"1.5"},
    "cash": {"1.5"},
    "place_gtt.trigger_price": {"1.5"},
    "modify_gtt.trigger_price": {"1.5"},
    "place_orders.orders": {"empty list"},
    "place_orders.client_ids": {"empty list"},
    "quotes.symbols": {"empty list"},
    "halt.reason": {"empty text", "word"},
    "client_id": {"word"},
    "unknown": {"word"},
    "tag": {"word"},
    "order": {"word"},
    "rule": {"word"},
    "request.body": {"empty list", "empty dict"},
    "history.start": {"datetime"},
    "history.end": {"datetime"},
    "expiry": {"datetime"},
    "token": {"empty text", "word"},
    "text": {"empty text", "word"},
    "InstrumentStore.by_symbol.symbol": {"empty text", "word"},
    "select.underlying": {"empty text", "word"},
    "to_pandas.underlying": {"empty text", "word"},
    "to_polars.underlying": {"empty text", "word"},
    "hosts": {"empty dict"},
    "holdings": {"empty dict"},
    "limits": {"None", "empty dict"},
    "keep_session": {"word"},
    "journal_dir": {"word"},
    "durability": set(),
}
"""What fits after all: by argument, or by method and argument. Words that name nothing are found
to be so by a look-up, in the master or at the broker."""

SAID_AS: Final[Mapping[str, tuple[str, ...]]] = {
    "symbol": ("instrument",),
    "symbols": ("symbol",),
    "orders": ("order",),
    "reference": ("symbol", "instrument"),
    "underlying": ("NOSUCHWORD",),
    "base_url": ("address",),
    "bracket_trail": ("bracket",),
    "offset": ("option chain", "offsets"),
    "price": ("modification", "around"),
    "stop_price": ("stop",),
    "stop_trigger_price": ("stop",),
    "unknown": ("OrderUnknown", "order"),
}
"""Other words under which a message may name an argument."""


def methods() -> Iterator[tuple[str, inspect.Parameter]]:
    """Every argument of everything public, by the name of its method."""
    for owner, prefix in ((ob.Broker, ""), (InstrumentStore, "store"), (OptionChain, "chain")):
        for name, function in vars(owner).items():
            skipped = name.startswith("_") or not inspect.isfunction(function) or name == "ask"
            for parameter in (
                () if skipped else list(inspect.signature(function).parameters.values())[1:]
            ):
                yield (f"{owner.__name__}.{name}" if prefix else name), parameter


ARGUMENTS: Final = list(methods())


def may_be(method: str, name: str) -> set[str]:
    short = method.rpartition(".")[2]
    keys = (name, f"{short}.{name}", f"{method}.{name}")
    return set().union(*(MAY_BE.get(key, set()) for key in keys))


def misfits(method: str, parameter: inspect.Parameter) -> dict[str, Any]:
    """The junk that does not fit an argument."""
    fits = may_be(method, parameter.name)
    if parameter.default is None:
        fits.add("None")
    return {name: junk for name, junk in JUNK.items() if name not in fits}


def complaints(
    call: Callable[..., object], usual: Mapping[str, Any], name: str, junk: Mapping[str, Any],
    asked: Callable[[], int],
) -> list[str]:  # fmt: skip
    """What is wrong with the answers to junk as one argument."""
    found = []
    for title, value in junk.items():
        before = asked()
        try:
            call(**{**usual, name: value})
        except ob.UsageError as error:
            words = (name, *SAID_AS.get(name, ()))
            if not any(word in str(error) for word in words):
                found.append(f"{title}: does not name it: {error}")
            if error.advice not in str(error) or error.outcome is not ob.Outcome.NOT_SENT:
                found.append(f"{title}: no advice, or the outcome {error.outcome}: {error}")
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            found.append(f"{title}: {error!r}")
        else:
            found.append(f"{title}: taken")
        if asked() != before:
            found.append(f"{title}: something was sent")
    return found


@pytest.mark.parametrize(
    ("method", "parameter"), ARGUMENTS, ids=[f"{m}-{p.name}" for m, p in ARGUMENTS]
)
def test_junk_is_refused_by_name_and_nothing_is_sent(
    floor: Floor, method: str, parameter: inspect.Parameter
) -> None:
    owner, _, short = method.rpartition(".")
    at: Any = {
        "": floor.broker,
        "InstrumentStore": floor.broker.instruments,
        "OptionChain": floor.broker.instruments.option_chain("NIFTY", around=26000),
    }[owner]
    usual = good(floor)[method]
    assert complaints(
        getattr(at, short), usual, parameter.name, misfits(method, parameter), lambda: floor.asked
    ) == []  # fmt: skip


SETTINGS: Final = [
    p for p in inspect.signature(ob.connect).parameters.values() if p.kind is not p.VAR_KEYWORD
]


@pytest.mark.parametrize("parameter", SETTINGS, ids=[p.name for p in SETTINGS])
def test_junk_is_no_setting(floor: Floor, parameter: inspect.Parameter) -> None:
    junk = misfits("connect", parameter)
    assert complaints(floor.connect, {}, parameter.name, junk, lambda: floor.asked) == []
    assert complaints(
        ob.connect_async, {"broker": "sandbox"}, parameter.name, junk,
        lambda: floor.asked,
    ) == []  # fmt: skip


@pytest.mark.parametrize("name", ["api_key", "client_code", "pin", "totp_secret"])
def test_junk_is_no_credential_and_is_not_shown(floor: Floor, name: str) -> None:
    numbers_and_words = {"None", "1.5", "nan", "word", "empty text"}
    junk = {title: value for title, value in JUNK.items() if title not in numbers_and_words}
    assert complaints(floor.connect, {}, name, junk, lambda: floor.asked) == []
    with pytest.raises(ob.ConfigError) as caught:
        floor.connect(**{name: b"hunter2"})
    assert "hunter2" not in str(caught.value)


BOX: Final = list(inspect.signature(Sandbox).parameters.values())


@pytest.mark.parametrize("parameter", BOX, ids=[p.name for p in BOX])
def test_junk_makes_no_sandbox(parameter: inspect.Parameter) -> None:
    junk = misfits("Sandbox", parameter)
    assert complaints(Sandbox, {}, parameter.name, junk, lambda: 0) == []


FIELDS: Final = [name for name in OrderRequest.field_names() if name not in ("instrument", "tag")]


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("method", ["place_orders", "margin", "charges"])
def test_junk_in_a_basket(floor: Floor, method: str, name: str) -> None:
    field = attrs.fields_dict(OrderRequest)[name]
    fits = may_be(method, name) | ({"None"} if field.default is None else set())
    junk = {title: value for title, value in JUNK.items() if title not in fits}
    call = getattr(floor.broker, method)

    def place(**order: Any) -> object:
        return call([order])

    assert complaints(place, ORDER, name, junk, lambda: floor.asked) == []


def test_every_annotation_has_a_kind() -> None:
    """A new argument cannot be forgotten: :func:`openbroker.arguments.checked` reads them all."""
    for method, parameter in ARGUMENTS:
        if not method.startswith("InstrumentStore.") or parameter.annotation in KINDS:
            assert parameter.annotation in KINDS, f"{method}({parameter})"


@pytest.mark.parametrize("method", ["margin", "charges"])
def test_an_empty_basket_is_not_reckoned(floor: Floor, method: str) -> None:
    before = floor.asked
    with pytest.raises(ob.UsageError, match="orders is empty"):
        getattr(floor.broker, method)([])
    assert floor.asked == before


def test_empty_lists_are_answered_here(floor: Floor) -> None:
    before = floor.asked
    assert len(floor.broker.quotes([])) == 0
    assert len(floor.broker.place_orders([])) == 0
    assert floor.asked == before
