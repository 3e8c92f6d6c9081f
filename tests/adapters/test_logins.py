"""What each broker's login needs, and what stands in for it."""

from __future__ import annotations

import pytest

from openbroker.errors import ConfigError
from openbroker.registry import BUILT_IN, adapter_for
from openbroker.session.credentials import resolve

CLIENT = {"client_code": "A123456"}
ENOUGH = {
    "angelone": CLIENT | {"api_key": "k", "pin": "1234", "totp": "123456"},
    "dhan": CLIENT | {"pin": "1234", "totp_secret": "ABCDEFGHIJKLMNOP"},
    "dhan_sandbox": CLIENT | {"access_token": "t"},
    "flattrade": CLIENT | {"api_key": "k", "api_secret": "s", "code": "c"},
    "fyers": {"api_key": "ABCD-100", "access_token": "t"},
    "mstock": CLIENT | {"api_key": "k", "password": "p", "totp_secret": "ABCDEFGHIJKLMNOP"},
    "shoonya": CLIENT | {"access_token": "t"},
    "tradesmart": CLIENT | {"access_token": "t"},
    "upstox": {"access_token": "t"},
    "zebu": CLIENT | {"api_key": "k", "api_secret": "s", "code": "c"},
    "zerodha": {"api_key": "k", "access_token": "t"},
}


@pytest.mark.parametrize("name", ENOUGH)
def test_enough_is_enough(name: str) -> None:
    fields = adapter_for(name).credentials
    assert resolve(name, fields, ENOUGH[name], {}).keys() == ENOUGH[name].keys()


@pytest.mark.parametrize("name", ENOUGH)
def test_less_is_refused_by_name(name: str) -> None:
    fields = adapter_for(name).credentials
    for missing in ENOUGH[name]:
        given = {key: value for key, value in ENOUGH[name].items() if key != missing}
        with pytest.raises(ConfigError):
            resolve(name, fields, given, {})


def test_every_broker_is_asked() -> None:
    assert {*ENOUGH, "sandbox"} >= set(BUILT_IN)
