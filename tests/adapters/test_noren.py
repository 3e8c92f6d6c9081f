"""The Noren family by the conformance suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from openbroker.registry import adapter_for
from openbroker.schemas import QuoteMode, Secret
from openbroker.testing import AdapterConformance
from openbroker.testing.cases import Replay, Step, World

CASES = Path(__file__).parents[1] / "cases"


class TestShoonya(AdapterConformance):
    adapter = "shoonya"
    cases = CASES / "shoonya"


class TestZebu(AdapterConformance):
    adapter = "zebu"
    cases = CASES / "zebu"


class TestTradeSmart(AdapterConformance):
    adapter = "tradesmart"
    cases = CASES / "tradesmart"


class TestFlattrade(AdapterConformance):
    adapter = "flattrade"
    cases = CASES / "flattrade"


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("shoonya", "https://api.shoonya.com/OAuthlogin/authorize/oauth?client_id=K%201"),
        ("zebu", "https://go.mynt.in/OAuthlogin/authorize/oauth?client_id=K%201"),
        (
            "tradesmart",
            "https://v2api.tradesmartonline.in/OAuthlogin/authorize/oauth?client_id=K%201",
        ),
        ("flattrade", "https://auth.flattrade.in/?app_key=K%201"),
    ],
)
def test_login_page(name: str, page: str) -> None:
    assert adapter_for(name).login_url({"api_key": Secret("K 1")}) == page


def test_an_instrument_without_data_is_left_out() -> None:
    adapter, world = adapter_for("zebu"), World.read(CASES / "zebu", "zebu")
    nothing = {"body": {"stat": "Not_Ok", "emsg": 'Error Occurred : 5 "no data"'}}
    flow = adapter.quotes(world.session, [world.instruments["NSE:INFY"]], QuoteMode.FULL)
    replay = Replay(steps=[Step(request={}, reply=nothing)], world=world, checked=False)
    assert replay.run(flow) == []
