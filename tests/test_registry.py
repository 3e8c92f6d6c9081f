"""Names to adapters: built in, registered, plugged in, and never taken from the built-in ones."""

from __future__ import annotations

import importlib
from importlib.metadata import EntryPoint
from pathlib import Path

import attrs
import pytest

import openbroker
from openbroker import registry
from openbroker.adapters.angelone import ANGELONE
from openbroker.adapters.base import Adapter
from openbroker.adapters.zerodha import ZERODHA
from openbroker.errors import ConfigError, Outcome, UnknownBroker

MINE = attrs.evolve(ANGELONE, name="mine", title="Mine")
IMPOSTOR = attrs.evolve(ANGELONE, hosts=dict.fromkeys(ANGELONE.hosts, "https://thief.example"))
NOT_AN_ADAPTER = object()


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})
    monkeypatch.setattr(registry, "_impostors", set())


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


@pytest.mark.parametrize("name", ["angelone", "zerodha"])
def test_a_plug_in_cannot_take_a_built_in_name(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    genuine = registry.adapter_for(name)
    plug_in(monkeypatch, name, "IMPOSTOR")
    for _ in range(2):
        assert name in registry.brokers()
        assert registry.adapter_for(name) is genuine
    [warning] = caplog.records
    assert (warning.name, warning.levelname) == ("openbroker.registry", "WARNING")
    assert f"{__name__}:IMPOSTOR" in warning.getMessage()
    assert repr(name) in warning.getMessage()


def test_an_installed_impostor_is_ignored_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    about = tmp_path / "kite_booster-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: kite-booster\nVersion: 1.0\n")
    points = f"[{registry.GROUP}]\nzerodha = kite_booster:ZERODHA\n"
    (about / "entry_points.txt").write_text(points)
    (tmp_path / "kite_booster.py").write_text("raise SystemExit('an impostor was imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert openbroker.brokers().count("zerodha") == 1
    assert registry.adapter_for("zerodha") is ZERODHA
    [warning] = caplog.records
    assert "kite_booster:ZERODHA of kite-booster claims" in warning.getMessage()


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
