"""No secret in logs, reprs, tracebacks, the journal or pickles: canaries, grepped for."""

from __future__ import annotations

import io
import pickle
import traceback
from pathlib import Path
from typing import Any

import pytest

import openbroker as ob
from openbroker.orders.journal import export_jsonl, journals
from tests.orders.faulty import Connect, Faulty, bid


def canaries(faulty: Faulty, broker: ob.Broker) -> list[str]:
    known = {k: v for k, v in faulty.box.credentials.items() if k != "client_code"}
    session = broker._async._account.sessions.session
    assert session is not None
    return [*known.values(), *(token.reveal() for token in session.tokens.values())]


def shown(thing: object) -> list[str]:
    return [repr(thing), str(thing), repr(pickle.dumps(thing))]


def test_no_secret_is_shown(
    connect: Connect, faulty: Faulty, tmp_path: Path, root_log: io.StringIO
) -> None:
    broker = connect(resolve_within=0.0)
    texts: list[str] = []
    acks: list[Any] = [bid(broker, 1, tag="mine"), bid(broker, 2, client_id="id1")]
    # a gateway that prints what it was sent: the api key in the body of its page
    leak = f'{{"status": "?", "key": "{faulty.box.credentials["api_key"]}"}}'
    faulty.fault("other-shape", body=leak)
    faulty.fault("reset-before-booking")
    faulty.fault("502-html")
    faulty.fault("shape-c", code="AG7002", message=f"bad key {faulty.box.credentials['api_key']}")
    for quantity in range(3, 7):
        with pytest.raises(ob.OpenBrokerError) as caught:
            bid(broker, quantity)
        texts += shown(caught.value)
        texts.append("".join(traceback.format_exception(caught.value)))
        texts.append(repr(getattr(caught.value, "evidence", "")))
        texts.append(repr(getattr(caught.value, "intent", "")))
    broker.modify_order(acks[0], price="781")
    broker.cancel_order(acks[1])
    for thing in (*acks, broker.orders(), broker.unresolved(), broker.cancel_all(), broker):
        texts += [repr(thing), str(thing)]
    texts += [text for path in journals(tmp_path) for text in export_jsonl(path)]
    texts += [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*.sqlite3*")]
    secrets = canaries(faulty, broker)
    broker.close()
    texts += [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*.sqlite3*")]
    texts.append(root_log.getvalue())
    assert "openbroker" in root_log.getvalue(), "nothing was logged"

    assert all(len(secret) >= 4 for secret in secrets)
    for secret in secrets:
        assert not [text for text in texts if secret in text], "a secret was shown"
