"""The table of brokers in README is what the adapters and the recordings say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openbroker.adapters.base import Adapter
from openbroker.capability_table import (
    CLIENTS,
    GROUPS,
    HEAD,
    NO_BROKERS,
    TRIED_LIVE,
    checked_against,
    main,
    row,
    table,
    written_into,
)
from openbroker.registry import BUILT_IN, adapter_for

ROOT = Path(__file__).parents[1]
COUNTERPART = ROOT / "tests" / "counterpart"


def test_readme_has_the_table_as_it_is() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert written_into(readme) == readme, "run: make brokers"


def test_every_broker_has_a_row() -> None:
    lines = table().splitlines()
    assert [line.split(" | ")[1].strip("`") for line in lines[2:]] == [
        name for name in BUILT_IN if name not in NO_BROKERS
    ]
    assert {line.count("|") for line in lines} == {len(HEAD) + 1}


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_that_is_named_was_recorded_and_is_pinned(name: str) -> None:
    client = CLIENTS[name]
    pins = (COUNTERPART / f"requirements-{client.folder}.txt").read_text("utf-8")
    assert f"{client.name}=={client.version}" in pins.splitlines()
    recorded = {path.stem for path in (COUNTERPART / "recorded" / client.folder).glob("*.json")}
    adapter = adapter_for(name)
    offered = {o for group in GROUPS.values() for o in group if adapter.offers(o)}
    if type(adapter).order is Adapter.order:
        offered -= {"order"}  # found in the book, which is compared
    assert offered - recorded == set(client.without), "a row says what of it is not compared"
    for path in (COUNTERPART / "recorded" / client.folder).glob("*.json"):
        assert json.loads(path.read_text("utf-8")), path.name


@pytest.mark.parametrize("name", [n for n in CLIENTS if "place_gtt" not in CLIENTS[n].without])
def test_a_rule_with_two_legs_was_recorded_where_it_is_offered(name: str) -> None:
    file = COUNTERPART / "recorded" / CLIENTS[name].folder / "place_gtt.json"
    cases = json.loads(file.read_text("utf-8")) if file.exists() else []
    pairs = [case["name"] for case in cases if "target and stop" in case["name"]]
    assert bool(pairs) is adapter_for(name).offers("oco")


def test_whatever_was_not_recorded_says_so() -> None:
    recorded = {path.name for path in (COUNTERPART / "recorded").iterdir()}
    assert recorded == {client.folder for client in CLIENTS.values()}
    others = [name for name in BUILT_IN if name not in CLIENTS]
    assert {checked_against(name) for name in others} == {"documentation only"}


def test_nobody_has_traded_with_it_yet() -> None:
    """docs/verification.md says the same; change both when it is no longer so."""
    assert set() == TRIED_LIVE
    assert row(adapter_for("zerodha"))[-1] == "never tried"
    assert "**never been tried with a live account**" in (ROOT / "docs/verification.md").read_text(
        "utf-8"
    )


def test_it_writes_between_the_markers_and_nowhere_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("above\n<!-- brokers -->\nold\n<!-- /brokers -->\nbelow\n", "utf-8")
    assert list(main([str(page)])) == [f"{page}: the table of brokers is up to date"]
    text = page.read_text("utf-8")
    assert text == f"above\n<!-- brokers -->\n{table()}<!-- /brokers -->\nbelow\n"
    with pytest.raises(ValueError, match="lacks the markers"):
        written_into("no markers")
