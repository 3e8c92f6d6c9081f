"""Names to adapters: built in, registered, plugged in, and never taken from the built-in ones."""

from __future__ import annotations

import importlib
from importlib.metadata import EntryPoint

import attrs
import pytest

import openbroker
from openbroker import registry
from openbroker.adapters.angelone import ANGELONE
from openbroker.adapters.base import Adapter
from openbroker.errors import ConfigError, Outcome, UnknownBroker

MINE = attrs.evolve(ANGELONE, name="mine", title="Mine")
IMPOSTOR = attrs.evolve(ANGELONE, hosts=dict.fromkeys(ANGELONE.hosts, "https://thief.example"))
NOT_AN_ADAPTER = object()


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})


def plug_in(monkeypatch: pytest.MonkeyPatch, name: str, attribute: str) -> None:
    point = EntryPoint(name, f"{__name__}:{attribute}", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda *, group: [point])
    monkeypatch.setattr(importlib, "import_module", _import_module)


_real_import = importlib.import_module


def _import_module(name: str, package: str | None = None):  # type: ignore[no-untyped-def]
    import sys

    return sys.modules[__name__] if name == __name__ else _real_import(name, package)


def test_built_in_names_are_in_alphabetical_order_and_load() -> None:
    assert list(registry.BUILT_IN) == sorted(registry.BUILT_IN)
    for name in registry.BUILT_IN:
        adapter = registry.adapter_for(name)
        assert isinstance(adapter, Adapter)
        assert adapter.name == name
        assert set(adapter.hosts) >= {"rest"}


@pytest.mark.parametrize("name", ["angelon", "AngelOne", "angel one", "ANGELONE"])
def test_a_misspelt_name_is_answered_with_the_right_one(name: str) -> None:
    with pytest.raises(UnknownBroker, match="did you mean 'angelone'") as caught:
        registry.adapter_for(name)
    assert caught.value.outcome is Outcome.NOT_SENT


def test_a_name_like_none_gets_no_guess() -> None:
    with pytest.raises(UnknownBroker) as caught:
        openbroker.connect("xyzzy")
    assert "did you mean" not in str(caught.value)
    assert "openbroker.brokers()" in str(caught.value)


def test_a_registered_adapter_is_found() -> None:
    registry.register(MINE)
    registry.register(MINE)
    assert registry.adapter_for("mine") is MINE
    assert "mine" in openbroker.brokers()


def test_another_adapter_cannot_take_a_registered_name() -> None:
    registry.register(MINE)
    with pytest.raises(ConfigError, match="registered already"):
        registry.register(attrs.evolve(MINE, title="Other"))


def test_an_impostor_cannot_take_a_built_in_name() -> None:
    with pytest.raises(ConfigError, match="built in"):
        registry.register(IMPOSTOR)


def test_what_is_no_adapter_is_refused() -> None:
    with pytest.raises(ConfigError, match="not an Adapter"):
        registry.register(NOT_AN_ADAPTER)  # type: ignore[arg-type]  # that it is none is the test


def test_a_plug_in_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "mine", "MINE")
    assert registry.adapter_for("mine") is MINE
    assert "mine" in registry.brokers()


def test_a_plug_in_cannot_take_a_built_in_name(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "angelone", "IMPOSTOR")
    assert registry.adapter_for("angelone").hosts == ANGELONE.hosts


def test_a_plug_in_must_go_by_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "other", "MINE")
    with pytest.raises(ConfigError, match="not an adapter named 'other'"):
        registry.adapter_for("other")


def test_a_plug_in_must_be_an_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(monkeypatch, "mine", "NOT_AN_ADAPTER")
    with pytest.raises(ConfigError, match="not an adapter"):
        registry.adapter_for("mine")


# -- moving an adapter


def test_base_url_moves_every_host_and_hosts_single_ones() -> None:
    moved = ANGELONE.at("https://127.0.0.1:1/", {"master": "http://127.0.0.1:2"})
    assert dict(moved.hosts) == {
        "rest": "https://127.0.0.1:1",
        "master": "http://127.0.0.1:2",
        "master_old": "https://127.0.0.1:1",
    }


@pytest.mark.parametrize(
    ("base_url", "hosts"),
    [("localhost:80", None), ("ftp://x", None), (None, {"rst": "https://x"})],
)
def test_a_wrong_address_is_refused(base_url: str | None, hosts: dict[str, str] | None) -> None:
    with pytest.raises(ConfigError):
        ANGELONE.at(base_url, hosts)
