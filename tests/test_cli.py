"""The ``openbroker`` command, run as a user runs it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import openbroker as ob
from openbroker.demo.server import Server, sandbox_server

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-W", "error", "-m", "openbroker"]


def run(*arguments: str, text: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command; rich is told that the terminal is wide, so that it breaks no lines."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=text,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"} | variables,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def told(*arguments: str, **variables: str) -> Any:
    """What a command that succeeds says as JSON."""
    done = run(*arguments, "--json", **variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with sandbox_server("--no-limits", "--seed", "11") as running:
        yield running


def variables(server: Server) -> dict[str, str]:
    return {
        f"OPENBROKER_ANGELONE_{name}".upper(): str(value)
        for name, value in server.credentials.items()
    }


def book(server: Server) -> Any:
    with urllib.request.urlopen(server.book_url) as reply:
        return json.loads(reply.read())


# -- every command is tested


def test_help_lists_every_command_and_each_has_its_own() -> None:
    text = run("--help").stdout
    source = Path(__file__).read_text("utf-8")
    from openbroker.cli import app

    names = [command.name or command.callback.__name__ for command in app.registered_commands]
    assert len(names) >= 8
    for name in names:
        assert name in text
        assert f'"{name}"' in source, f"{name} is not tested here"


# -- looking things up


def test_brokers() -> None:
    assert told("brokers")["angelone"] == "Angel One"
    assert "angelone     Angel One" in run("brokers").stdout


def test_capabilities() -> None:
    rows = {row["operation"]: row for row in told("capabilities", "angelone")}
    assert rows["place_order"]["offered"] is True
    assert "place_order" in run("capabilities", "angelone").stdout


def test_find() -> None:
    rows = told("find", "nifty", "26000", "ce")
    assert rows
    assert all(row["strike"] == 26000 and row["right"] == "CE" for row in rows)
    assert rows[0]["symbol"] in run("find", "nifty", "26000", "ce").stdout
    assert len(told("find", "nifty", "--limit", "2")) == 2


def test_find_at_a_broker_needs_no_account(server: Server) -> None:
    where = ("--broker", "angelone", "--base-url", server.url, "--ca-file", server.ca_file)
    rows = told("find", "infy", *where, "--limit", "1")
    assert [row["symbol"] for row in rows] == ["NSE:INFY"]


NOT_FOUND = {
    ("zzzzqq",): "sandbox lists nothing that goes by 'zzzzqq'. Fewer words or letters find more",
    ("nifty", "99999", "ce"): "'nifty 99999 ce'. Its words alone find NSE_INDEX:NIFTY, NFO:NIFTY",
}


@pytest.mark.parametrize("words", NOT_FOUND, ids=" ".join)
def test_find_says_that_there_is_nothing(words: tuple[str, ...]) -> None:
    done = run("find", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert NOT_FOUND[words] in done.stderr
    done = run("find", *words, "--json")
    assert (done.returncode, json.loads(done.stdout)) == (1, [])


def test_version() -> None:
    assert run("--version").stdout == f"openbroker {ob.__version__}\n"


def test_latency(server: Server) -> None:
    where = ("--base-url", server.url, "--ca-file", server.ca_file, "--samples", "2")
    rows = told("latency", "angelone", *where)
    assert {(row["protocol"], row["connection"]) for row in rows} >= {
        ("HTTP/1.1", "new"), ("HTTP/1.1", "kept"),
    }  # fmt: skip
    kept = next(row for row in rows if row["connection"] == "kept")
    assert kept["connect"] == kept["tls"] == 0
    assert "first_byte" in run("latency", "angelone", *where).stdout


# -- logging in


def test_login_asks_for_what_is_missing_and_shows_no_secret() -> None:
    from openbroker.cli import _asked_for

    asked = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.prompt", lambda text, hide_input: asked.append((text, hide_input)))
        patch.setenv("OPENBROKER_ANGELONE_API_KEY", "known")
        _asked_for("angelone")
    hidden = {text.split()[0]: hide for text, hide in asked}
    assert hidden == {"client_code": False, "pin": True, "totp_secret": True}


def test_login_of_the_sandbox_needs_nothing() -> None:
    from openbroker.cli import _asked_for

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.prompt", lambda *_, **__: pytest.fail("asked for something"))
        assert _asked_for("sandbox") == {}
    done = run("login", "sandbox")
    assert done.returncode == 0, done.stderr
    assert "logged in at sandbox as S" in done.stdout


# -- doctor


def test_doctor_finds_nothing_wrong(server: Server) -> None:
    where = ("--base-url", server.url, "--ca-file", server.ca_file)
    checks = told("doctor", "angelone", "--login", *where, **variables(server))
    verdicts = {check["check"]: check["verdict"] for check in checks}
    assert "PROBLEM" not in verdicts.values(), checks
    for name in ("installation", "network", "session", "journal folder", "credential pin"):
        assert verdicts[name] == "OK", checks
    assert "rule: static IP" in verdicts
    assert book(server) == []


def test_doctor_names_what_is_missing_and_malformed_and_shows_no_value() -> None:
    secret = "not-a-pin-at-all"
    done = run("doctor", "angelone", "--base-url", "https://127.0.0.1:9",
               OPENBROKER_ANGELONE_PIN=secret, OPENBROKER_ANGELONE_API_KEY="abcdefgh")  # fmt: skip
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert any(
        line.startswith("OK        credential api_key: there (environment)") for line in lines
    )
    assert any("PROBLEM   credential client_code" in line for line in lines)
    assert any("credential pin" in line and "4 to 6 digits" in line for line in lines)
    assert any(line.startswith("PROBLEM   network") for line in lines)
    assert secret not in done.stdout + done.stderr
    assert "abcdefgh" not in done.stdout + done.stderr


def test_doctor_says_why_a_login_fails(server: Server) -> None:
    wrong = variables(server) | {"OPENBROKER_ANGELONE_PIN": "0000"}
    where = ("--base-url", server.url, "--ca-file", server.ca_file)
    done = run("doctor", "angelone", "--login", *where, **wrong)
    assert done.returncode == 1
    assert "PROBLEM   session: InvalidCredentials" in done.stdout


def test_doctor_of_the_sandbox() -> None:
    checks = told("doctor", "sandbox")
    assert {check["verdict"] for check in checks} == {"OK"}


# -- the sandbox server


def test_sandbox_says_one_json_line_and_tells_the_truth(server: Server) -> None:
    assert server.url.startswith("https://127.0.0.1:")
    assert server.book_url.startswith("http://127.0.0.1:")
    assert server.book_url.endswith("/book")
    assert Path(server.ca_file).is_file()
    assert set(server.credentials) == {"api_key", "client_code", "pin", "totp_secret"}
    assert all(isinstance(value, str) and value for value in server.credentials.values())


def test_sandbox_lists_its_faults() -> None:
    rows = told("sandbox", "--faults")
    assert {"black-hole", "shape-a"} <= {row["name"] for row in rows}
    text = run("sandbox", "--faults").stdout.splitlines()
    assert len(text) == len(rows)
    zerodha = told("sandbox", "--broker", "zerodha", "--faults")
    assert "network-exception" in {row["name"] for row in zerodha}


SETTINGS = ("--port", "0", "--seed", "3", "--idle-timeout", "0.2", "--latency", "30",
            "--time-scale", "2", "--round-trip", "4", "--no-limits")  # fmt: skip


def test_sandbox_takes_its_settings_and_books_orders() -> None:
    with sandbox_server(*SETTINGS[2:]) as one:
        with ob.connect(
            "angelone", base_url=one.url, ca_file=one.ca_file, **one.credentials
        ) as broker:
            ack = broker.place_order(
                "NSE:SBIN", "BUY", 2, order_type="LIMIT", price="790", product="MIS", tag="cli"
            )
            waits = [
                row.p50
                for row in broker.latency.table()
                if (row.operation, row.phase) == ("place_order", "first_byte")
            ]
        [order] = book(one)
    assert set(order) >= {"order_id", "tag", "symbol", "side", "quantity", "price", "status"}
    assert (order["order_id"], order["symbol"]) == (ack.order_id, "NSE:SBIN")
    assert order["tag"] == ack.wire_tag
    assert waits
    assert min(waits) >= 30


def test_the_same_seed_gives_the_same_account(server: Server) -> None:
    with sandbox_server("--seed", "11") as again, sandbox_server("--seed", "12") as other:
        assert again.credentials == server.credentials
        assert other.credentials != server.credentials


@contextlib.contextmanager
def started() -> Iterator[tuple[subprocess.Popen[str], Mapping[str, Any]]]:
    process = subprocess.Popen(
        [*COMMAND, "sandbox", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without asking")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_sandbox_ends_cleanly_when_told(number: signal.Signals) -> None:
    with started() as (process, facts):
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 0
        assert (out, err) == ("", "")
        assert not Path(facts["ca_file"]).exists()


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("sandbox", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert done.stderr.startswith("ConfigError: port ")
    assert "address already in use" in done.stderr


# -- the journal


def test_journal_shows_what_was_asked_and_what_came_of_it() -> None:
    assert "place_order" not in run("journal").stdout
    with (
        sandbox_server("--seed", "13") as one,
        ob.connect("angelone", base_url=one.url, ca_file=one.ca_file, **one.credentials) as broker,
    ):
        ack = broker.place_order("NSE:TCS", "BUY", 1, order_type="MARKET", product="MIS")
    text = run("journal").stdout
    assert "NSE:TCS" in text
    assert "ACCEPTED" in text
    lines = [json.loads(line) for line in run("journal", "--jsonl").stdout.splitlines()]
    assert any(ack.order_id in json.dumps(line) for line in lines)
    assert "NSE:TCS" not in run("journal", "--open").stdout


# -- the demo


def test_demo_travels_and_measures() -> None:
    done = run("demo", "--orders", "2")
    assert done.returncode == 0, done.stderr
    text = done.stdout
    assert "FILLED" in text
    assert "did you mean NSE:INFY" in text
    assert "Keeping the connection saved" in text
    assert text.count("takes 38 ms") == text.count("TCP handshake") == 1
    assert text.rstrip().endswith("broker.positions()")
    writer = runpy.run_path(str(ROOT / "tests" / "docs" / "write_demo.py"))
    page = writer["README"].read_text("utf-8")
    now = _without_figures(writer["written"](page, text))
    assert now == _without_figures(page), "run: python tests/docs/write_demo.py"


def _without_figures(text: str) -> str:
    """The days and prices of a run, and the width of columns that goes with them, left out."""
    return re.sub(r"[- ]{2,}", " ", re.sub(r"-?\d[\d.,]*", "0", text))


# -- mistakes

MISTAKES = {
    ("capabilities", "angelon"): (2, "did you mean 'angelone'"),
    ("find", "infy", "--broker", "nosuch"): (2, "UnknownBroker: no broker 'nosuch'"),
    ("latency", "nosuch"): (2, "UnknownBroker"),
    ("latency", "--base-url", "https://127.0.0.1:9"): (1, "connect"),
    ("latency", "--base-url", "https://nosuch.invalid"): (1, "nosuch.invalid/ does not answer"),
    ("latency", "sandbox"): (2, "lives in your own process"),
    ("latency", "--samples", "0"): (2, "--samples"),
    ("login", "nosuch"): (2, "UnknownBroker"),
    ("doctor", "nosuch"): (2, "UnknownBroker"),
    ("doctor", "--base-url", "nonsense"): (2, "is not an address"),
    ("find",): (2, "words"),
    ("find", "x", "--limit", "0"): (2, "--limit"),
    ("demo", "--orders", "0"): (2, "--orders"),
    ("sandbox", "--port", "99999"): (2, "--port"),
    ("sandbox", "--latency", "-1"): (2, "--latency"),
    ("sandbox", "--idle-timeout", "-1"): (2, "--idle-timeout"),
    ("sandbox", "--time-scale", "-1"): (2, "--time-scale"),
    ("sandbox", "--fault", "nosuch"): (2, "no fault 'nosuch'. openbroker sandbox --faults lists"),
    ("sandbox", "--fault", "black-hol"): (2, "did you mean black-hole or"),
    ("journal", "yesterday"): (2, "day 'yesterday' is no date. Write it like 2026-11-22"),
    ("journal", "2026-13-40"): (2, "is no date"),
    ("sandbox", "--fault", "black-hole:2"): (2, "not between 0 and 1"),
    ("nosuch",): (2, "nosuch"),
}


@pytest.mark.parametrize("arguments", MISTAKES, ids=" ".join)
def test_a_mistake_is_a_sentence_and_an_exit_code(arguments: tuple[str, ...]) -> None:
    code, words = MISTAKES[arguments]
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert done.stdout == ""


def test_a_login_that_has_nobody_to_ask_says_what_to_set() -> None:
    command = [sys.executable, "-m", "openbroker", "login", "angelone"]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        start_new_session=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "nobody is here to ask for it. Set OPENBROKER_ANGELONE_API_KEY, or" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_extra_is_named() -> None:
    hide = "import sys; sys.modules['typer'] = None; import openbroker.__main__"
    done = subprocess.run(
        [sys.executable, "-c", hide], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith("pip install 'openbroker-sdk[cli]'")
    assert "Traceback" not in done.stderr


def test_certificates_without_their_extra_are_named() -> None:
    hide = (
        "import sys; sys.modules['trustme'] = None; sys.argv = ['openbroker', 'sandbox']; "
        "from openbroker.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", hide], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "openbroker-sdk[sandbox]" in done.stderr
    assert "Traceback" not in done.stderr
