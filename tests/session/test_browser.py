"""A login that ends in a browser, from the printed address to the session."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from openbroker import cli
from openbroker.errors import ConfigError, InvalidCredentials
from openbroker.registry import BUILT_IN, adapter_for
from openbroker.sandbox import Sandbox
from openbroker.sandbox.wire import WireServer, running_server
from openbroker.sandbox.zerodha.desk import Rules
from openbroker.session.browser import State, caught, token_in


@pytest.fixture
def port() -> int:
    """One that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        number: int = one.getsockname()[1]
        return number


def get(port: int, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False)


def test_the_redirect_is_caught_and_what_else_comes_is_not(port: int) -> None:
    with caught("request_token", port) as token:
        assert get(port, "/favicon.ico").status_code == 404
        page = get(port, "/?status=success&request_token=abc123&action=login")
        assert page.status_code == 200
        assert "abc123" not in page.text
        found = token(5)
    assert found.reveal() == "abc123"
    assert "abc123" not in repr(found)
    with pytest.raises(httpx.ConnectError):
        get(port, "/")


@pytest.mark.parametrize("told", ["status=cancelled", "s=error&code=-1&message=no"])
def test_a_failed_login_is_told(port: int, told: str) -> None:
    with caught("request_token", port) as token:
        get(port, f"/?{told}")
        with pytest.raises(InvalidCredentials):
            token(5)


def test_a_redirect_that_says_so_in_one_letter_is_a_success() -> None:
    address = "http://127.0.0.1:7171/?s=ok&code=200&auth_code=abc123&state=x"
    assert token_in(address, "auth_code").reveal() == "abc123"


@pytest.mark.parametrize("name", ["tokenId", "tokenid", "token_id"])
def test_a_name_is_read_however_it_is_spelled(name: str) -> None:
    assert token_in(f"http://127.0.0.1:7171/?{name}=abc123", "token_id").reveal() == "abc123"


def test_nobody_comes(port: int) -> None:
    with caught("code", port) as token, pytest.raises(ConfigError, match="nobody came back"):
        token(0.05)


def test_a_port_in_use_is_told(port: int) -> None:
    with caught("code", port), pytest.raises(ConfigError, match=f"port {port}"), \
            caught("code", port):  # fmt: skip
        pass


@pytest.mark.parametrize(
    "address", ["", "http://127.0.0.1:7171/", "?request_token=", "?request_token=a&request_token=b"]
)
def test_an_address_without_one_token_is_refused(address: str) -> None:
    with pytest.raises(ConfigError):
        token_in(address, "request_token")


# -- a state that nobody can guess


def test_every_login_has_a_state_of_its_own() -> None:
    first, second = State("state"), State("state")
    assert first.value != second.value
    assert len(first.value) == 32
    assert first.value not in repr(first)
    page = "https://broker.example/page?client_id=K+1&redirect_uri=http%3A%2F%2F127.0.0.1%3A7171%2F"
    assert first.on(page) == f"{page}&state={first.value}"
    assert first.on(f"{page}&state=openbroker") == f"{page}&state={first.value}"


def test_a_token_of_another_login_is_refused_and_waited_past(port: int) -> None:
    state = State("state")
    with caught("code", port, state) as token:
        for told in ("", "&state=", "&state=guessed", f"&state={state.value}&state=guessed"):
            assert get(port, f"/?code=theirs{told}").status_code == 403
        assert get(port, f"/?code=ours&state={state.value}").status_code == 200
        assert token(5).reveal() == "ours"


def test_a_failed_login_is_told_with_a_state_or_without(port: int) -> None:
    with caught("auth_code", port, State("state")) as token:
        get(port, "/?s=error&code=-1&message=no")
        with pytest.raises(InvalidCredentials, match="did not succeed"):
            token(5)


def test_a_pasted_address_of_another_login_is_refused() -> None:
    state = State("state")
    with pytest.raises(InvalidCredentials, match="another login"):
        token_in("http://127.0.0.1:7171/?code=theirs&state=guessed", "code", state)
    assert token_in(f"?code=ours&state={state.value}", "code", state).reveal() == "ours"


@pytest.mark.parametrize("name", [n for n in BUILT_IN if adapter_for(n).login_state])
def test_a_page_with_a_state_brings_it_back_under_its_name(
    name: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command, with a browser that is sent to the registered address twice."""
    adapter = adapter_for(name)
    shown: list[str] = []

    def browser(page: str) -> None:
        address = page.rsplit(maxsplit=1)[-1]
        shown.append(address)
        (told,) = parse_qs(urlsplit(address).query)["state"]
        assert get(port, f"/?{adapter.login_parameter}=theirs&state=openbroker").status_code == 403
        assert get(port, f"/?{adapter.login_parameter}=ours&state={told}").status_code == 200

    monkeypatch.setattr(cli, "_say", browser)
    given = {field.name: "ABCD1234-100" for field in adapter.credentials
             if field.name in ("api_key", "api_secret", "redirect_uri")}  # fmt: skip
    brought = cli._from_browser(
        name, given, port=port, wait=5, paste=False, base_url="https://127.0.0.1:9"
    )
    assert {field: token.reveal() for field, token in brought.items()} == {
        adapter.login_parameter: "ours"
    }
    assert len(shown) == 1


def test_who_has_a_state() -> None:
    assert [name for name in BUILT_IN if adapter_for(name).login_state] == ["fyers", "upstox"]


# -- the command, against the sandbox's login page


@contextmanager
def zerodha(port: int) -> Iterator[tuple[Sandbox, WireServer]]:
    rules = Rules(redirect_url=f"http://127.0.0.1:{port}/back")
    box = Sandbox("zerodha", limits=None, rules=rules)
    with running_server(box.handler) as server:
        yield box, server


@contextmanager
def logging_in(
    server: WireServer,
    box: Sandbox,
    *options: str,
    known: tuple[str, ...] = ("api_key", "api_secret"),
) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-W", "error", "-m", "openbroker", "login", "zerodha", *options]
    where = ["--base-url", server.url, "--ca-file", str(server.ca_file)]
    environment = environment_of(box.credentials, *known)
    with subprocess.Popen(
        [*command, *where],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def environment_of(known: Mapping[str, str], *names: str) -> dict[str, str]:
    import os

    given = {f"OPENBROKER_ZERODHA_{name.upper()}": known[name] for name in names}
    return {**os.environ, **given}


def address_in(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip().startswith("https://"):
            return line.strip()
    assert process.stderr is not None
    raise AssertionError(process.stderr.read())


def log_in_by_hand(address: str, server: WireServer, box: Sandbox) -> str:
    """What a user does in the browser; the address that it is sent to."""
    import ssl

    context = ssl.create_default_context(cafile=str(server.ca_file))
    with httpx.Client(verify=context, trust_env=False) as browser:
        page = browser.get(address)
        assert page.status_code == 200
        assert "Login to Kite" in page.text
        form = {"api_key": box.credentials["api_key"], "user_id": box.client.client_code}
        reply = browser.post(address.partition("?")[0], data=form)
    assert reply.status_code == 302
    return reply.headers["location"]


def test_login_by_the_caught_redirect(port: int, tmp_path: Path) -> None:
    kept = tmp_path / "token"
    with (
        zerodha(port) as (box, server),
        logging_in(server, box, "--port", str(port), "--save", str(kept)) as process,
    ):
        address = address_in(process)
        assert box.credentials["api_secret"] not in address
        back = log_in_by_hand(address, server, box)
        assert httpx.get(back, trust_env=False).status_code == 200
        said, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        assert f"logged in at zerodha as {box.client.client_code}" in said
        token = kept.read_text("utf-8")
        assert token not in said + errors
        if sys.platform != "win32":
            assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert box.sessions.client(f"token {box.credentials['api_key']}:{token}") is box.client


def test_login_by_the_pasted_address(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal's part by hand; the session itself is the other tests'."""
    from openbroker import cli

    with zerodha(port) as (box, server):
        for name, value in environment_of(box.credentials, "api_key", "api_secret").items():
            monkeypatch.setenv(name, value)
        said: list[str] = []
        monkeypatch.setattr(cli.typer, "echo", said.append)
        hidden: list[bool] = []

        def pasted(_: str, *, hide_input: bool) -> str:
            hidden.append(hide_input)
            return log_in_by_hand(said[0].split()[-1], server, box)

        monkeypatch.setattr(cli.typer, "prompt", pasted)
        found = cli._from_browser("zerodha", {}, port=port, wait=1, paste=True, base_url=server.url)
    assert list(found) == ["request_token"]
    assert hidden == [True]
    assert found["request_token"].reveal() not in "".join(said)


def test_a_token_that_is_there_needs_no_browser(port: int) -> None:
    known = ("api_key", "access_token")
    with zerodha(port) as (box, server), logging_in(server, box, known=known) as process:
        said, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert said.startswith(f"logged in at zerodha as {box.client.client_code}")
