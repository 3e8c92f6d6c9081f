"""``openbroker journal`` and ``openbroker demo --fault``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import openbroker as ob
from openbroker.cli import app
from openbroker.demo import lost_reply
from openbroker.errors import ConfigError, StorageError
from tests.orders.faulty import Connect, Faulty, bid


def journal(folder: Path, *options: str) -> str:
    result = CliRunner().invoke(app, ["journal", "--folder", str(folder), *options])
    if result.exception is not None:
        raise result.exception
    return result.output


def test_a_day_is_shown_and_exported(connect: Connect, faulty: Faulty, tmp_path: Path) -> None:
    broker = connect(resolve_within=0.0, settle_time=60.0)
    ack = bid(broker, tag="mine")
    faulty.fault("reset-before-booking")
    with pytest.raises(ob.OrderUnknown) as caught:
        bid(broker, 2)
    broker.halt(reason="enough")

    text = journal(tmp_path)
    assert ack.wire_tag is not None
    assert ack.wire_tag in text
    assert "event halt" in text
    only_open = journal(tmp_path, "--open", "--broker", "unlimited")
    assert str(caught.value.tag) in only_open
    assert ack.wire_tag not in only_open

    lines = [json.loads(line) for line in journal(tmp_path, "--jsonl").splitlines()]
    assert [(line["kind"], line.get("state")) for line in lines] == [
        ("intent", "ACCEPTED"),
        ("intent", "UNKNOWN"),
        ("event", None),
    ]
    with pytest.raises(StorageError):
        journal(tmp_path, "--account", "NOBODY")
    with pytest.raises(StorageError):
        journal(tmp_path, "2001-01-01")


def test_the_demo_of_a_lost_reply_tells_the_truth() -> None:
    said: list[str] = []
    lost_reply.run("lost-reply", said.append)
    text = "\n".join(said)
    for word in ("OrderUnknown:", "UnresolvedOrder:", "ABSENT", "OPEN", "Nothing was ever sent"):
        assert word in text
    with pytest.raises(ConfigError):
        lost_reply.run("no-such-fault", said.append)
