"""Where credentials come from, and what is said when one is missing or wrong."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

import openbroker
from openbroker.adapters.angelone import ANGELONE
from openbroker.adapters.base import CredentialField
from openbroker.errors import ConfigError, Outcome
from openbroker.schemas import Secret
from openbroker.session.credentials import config_file, resolve, variable

FIELDS = ANGELONE.credentials
GOOD = {
    "api_key": "k3y",
    "client_code": "A000001",
    "pin": "4917",
    "totp_secret": "JBSWY3DPEHPK3PXP",
}


def found(given: dict[str, str | Secret | None], environment: dict[str, str] | None = None):  # type: ignore[no-untyped-def]
    resolved = resolve("angelone", FIELDS, given, environment or {})
    return {name: value.reveal() for name, value in resolved.items()}


def write_profile(text: str) -> None:
    config_file().parent.mkdir(parents=True, exist_ok=True)
    config_file().write_text(text, "utf-8")


def test_arguments_are_taken_as_text_or_secret() -> None:
    assert found({**GOOD, "pin": Secret("4917")}) == GOOD


@pytest.mark.parametrize("missing", GOOD)
def test_a_missing_field_is_named_with_its_variable(missing: str) -> None:
    with pytest.raises(ConfigError) as caught:
        found({name: value for name, value in GOOD.items() if name != missing})
    assert f"{missing} (" in caught.value.message
    assert variable("angelone", missing) in caught.value.message
    assert caught.value.outcome is Outcome.NOT_SENT


def test_all_missing_fields_are_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        openbroker.connect("angelone")
    for name in GOOD:
        assert f"OPENBROKER_ANGELONE_{name.upper()}" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("pin", "secret-pin"), ("client_code", "no code!"), ("totp_secret", "0189"),
        ("api_key", "two words"),
    ],
)  # fmt: skip
def test_a_malformed_field_is_named_and_not_shown(name: str, wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        openbroker.connect("angelone", **{**GOOD, name: wrong})
    assert name in str(caught.value)
    assert variable("angelone", name) in str(caught.value)
    assert wrong not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("apikey", "did you mean 'api_key'"),
        ("jornal_dir", "did you mean 'journal_dir'"),
        ("base_ur", "did you mean 'base_url'"),
        ("zzz", "it has api_key, client_code"),
    ],
)
def test_an_unknown_field_is_named_with_the_nearest_one(name: str, words: str) -> None:
    with pytest.raises(ConfigError, match=f"no credential or setting '{name}'; {words}"):
        openbroker.connect("angelone", **{**GOOD, name: "x"})


def test_a_login_has_no_settings() -> None:
    with pytest.raises(ConfigError, match="no credential 'jornal_dir'; it has api_key"):
        found({**GOOD, "jornal_dir": "x"})


def test_a_code_stands_in_for_its_secret() -> None:
    given = {name: value for name, value in GOOD.items() if name != "totp_secret"}
    assert found({**given, "totp": "123456"})["totp"] == "123456"


def test_the_environment_fills_in_and_the_argument_wins() -> None:
    environment = {variable("angelone", name): f"{value} " for name, value in GOOD.items()}
    assert found({}, environment) == GOOD
    assert found({"client_code": "B002"}, environment)["client_code"] == "B002"


def test_the_environment_wins_over_the_profile() -> None:
    write_profile("[angelone]\nclient_code = 'P001'\n")
    given = {name: value for name, value in GOOD.items() if name != "client_code"}
    assert found(given)["client_code"] == "P001"
    assert found(given, {"OPENBROKER_ANGELONE_CLIENT_CODE": "E001"})["client_code"] == "E001"


def test_a_profile_points_to_the_environment() -> None:
    write_profile("[angelone]\npin = 'env:MY_PIN'\n")
    given = {name: value for name, value in GOOD.items() if name != "pin"}
    assert found(given, {"MY_PIN": "1357"})["pin"] == "1357"
    with pytest.raises(ConfigError, match="MY_PIN, which is not set"):
        found(given)


def test_a_profile_points_to_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "pin"
    path.write_text("2468\n")
    path.chmod(0o600)
    write_profile(f"[angelone]\npin = 'file:{path.as_posix()}'\n")
    given = {name: value for name, value in GOOD.items() if name != "pin"}
    assert found(given)["pin"] == "2468"
    path.unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        found(given)


@pytest.mark.skipif(sys.platform == "win32", reason="mode bits mean nothing there")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "pin"
    path.write_text("2468\n")
    path.chmod(mode)
    write_profile(f"[angelone]\npin = 'file:{path.as_posix()}'\n")
    with pytest.raises(ConfigError, match=r"can be read by others.*chmod 600"):
        found({name: value for name, value in GOOD.items() if name != "pin"})


class Locked(Exception):
    """What the fake keyring raises."""


def keyring_with(monkeypatch: pytest.MonkeyPatch, get: Callable[[str, str], str | None]) -> None:
    errors = types.SimpleNamespace(KeyringError=Locked)
    fake = types.SimpleNamespace(get_password=get, errors=errors)
    monkeypatch.setitem(sys.modules, "keyring", fake)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


def test_a_profile_points_to_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {("broker", "me"): "9753"}
    keyring_with(monkeypatch, lambda service, user: kept.get((service, user)))
    given = {name: value for name, value in GOOD.items() if name != "pin"}
    write_profile("[angelone]\npin = 'keyring:broker/me'\n")
    assert found(given)["pin"] == "9753"
    write_profile("[angelone]\npin = 'keyring:broker/nobody'\n")
    with pytest.raises(ConfigError, match="holds nothing for broker/nobody"):
        found(given)


def test_a_machine_without_a_keyring_is_told_what_to_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(service: str, user: str) -> str | None:
        raise Locked("no backend")

    keyring_with(monkeypatch, refuse)
    write_profile("[angelone]\npin = 'keyring:broker/me'\n")
    with pytest.raises(ConfigError, match=r"for broker/me \(Locked\).*env:NAME or file:PATH"):
        found({name: value for name, value in GOOD.items() if name != "pin"})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("apikey = 'env:KEY'", "no credential or setting 'apikey'; did you mean 'api_key'"),
        ("local_address = '10.0.0.1'", "no credential or setting 'local_address'; it has api_key"),
    ],
)
def test_what_a_profile_says_in_vain_is_told(line: str, words: str) -> None:
    write_profile(f"[angelone]\n{line}\n[zerodha]\nwhatever = 1\n")
    with pytest.raises(ConfigError, match=words) as caught:
        openbroker.connect("angelone", client_code="A000001")
    assert str(config_file()) in str(caught.value)
    assert "no place in the profile" in str(caught.value)


def test_without_the_keyring_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    write_profile("[angelone]\npin = 'keyring:broker/me'\n")
    with pytest.raises(ConfigError, match=r"openbroker-sdk\[keyring\]"):
        found({name: value for name, value in GOOD.items() if name != "pin"})


def test_a_secret_may_not_stand_in_the_profile_itself() -> None:
    write_profile("[angelone]\npin = '4917'\n")
    with pytest.raises(ConfigError) as caught:
        found({name: value for name, value in GOOD.items() if name != "pin"})
    assert "no place for a secret" in str(caught.value)
    assert "4917" not in str(caught.value)


def test_a_broken_profile_is_an_error_of_ours() -> None:
    write_profile("[angelone\n")
    with pytest.raises(ConfigError, match="is not valid TOML"):
        found({})


def test_settings_have_defaults_and_come_from_the_same_places() -> None:
    fields = (*FIELDS, *ANGELONE.settings)
    assert "mcx_quantity" not in resolve("angelone", fields, GOOD, {})
    environment = {"OPENBROKER_ANGELONE_MCX_QUANTITY": "lots"}
    assert resolve("angelone", fields, GOOD, environment)["mcx_quantity"].reveal() == "lots"
    with pytest.raises(ConfigError, match="should be units or lots"):
        resolve("angelone", fields, {**GOOD, "mcx_quantity": "kilos"}, {})


def test_a_field_of_another_broker_has_another_variable() -> None:
    field = CredentialField(name="api_key", title="a key")
    with pytest.raises(ConfigError, match="OPENBROKER_OTHER_API_KEY"):
        resolve("other", [field], {}, {"OPENBROKER_ANGELONE_API_KEY": "x"})
