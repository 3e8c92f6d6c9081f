"""The doctor's single checks; ``test_cli`` runs the command."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from openbroker import doctor, name_clash
from openbroker.doctor import Verdict
from openbroker.errors import ConfigError, TransportError
from openbroker.market_rules import READ, RULES, Rule, rules_for
from openbroker.registry import adapter_for
from openbroker.sandbox.wire import WireServer, running_server
from openbroker.session.credentials import config_file
from openbroker.transport.exchange import Transport

DAY = dt.date(2026, 11, 20)


@contextmanager
def host(headers: Callable[[], dict[str, str]]) -> Iterator[WireServer]:
    with running_server(lambda _: httpx.Response(404, headers=headers())) as server:
        yield server


# -- credentials


def credentials_of(broker: str, **given: str) -> dict[str, Verdict]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(f"OPENBROKER_{broker}_{name}".upper(), value)
        checks = list(doctor.credentials(adapter_for(broker)))
    return {check.check.removeprefix("credential "): check.verdict for check in checks}


def test_what_stands_in_for_a_stand_in_is_enough() -> None:
    given = {"client_code": "1100000001", "access_token": "t"}
    found = credentials_of("dhan", **given)
    assert {found[name] for name in ("client_code", "pin", "totp_secret")} == {Verdict.OK}


def test_what_only_some_logins_need_is_no_problem() -> None:
    found = credentials_of("dhan", client_code="1100000001")
    assert found["totp_secret"] is Verdict.PROBLEM
    assert found["app_secret"] is found["token_id"] is Verdict.NOTE


def test_what_the_profile_says_in_vain_is_a_problem() -> None:
    config_file().parent.mkdir(parents=True, exist_ok=True)
    config_file().write_text("[angelone]\nmcx_quantity = 'lots'\n", "utf-8")
    assert list(doctor.profile(adapter_for("angelone"))) == []
    config_file().write_text("[angelone]\nmcx_quantities = 'lots'\n", "utf-8")
    [check] = doctor.profile(adapter_for("angelone"))
    assert check.verdict is Verdict.PROBLEM
    assert "did you mean 'mcx_quantity'" in check.finding


@pytest.mark.skipif(sys.platform == "win32", reason="mode bits mean nothing there")
def test_a_settings_file_that_others_can_read_is_a_warning() -> None:
    config_file().parent.mkdir(parents=True, exist_ok=True)
    config_file().write_text("", "utf-8")
    for mode, verdict in ((0o644, Verdict.WARNING), (0o600, Verdict.OK)):
        config_file().chmod(mode)
        found = {check.check: check.verdict for check in doctor.folders()}
        assert found["settings file"] is verdict


# -- the clock


@pytest.mark.parametrize("ahead", [-40, 0, 40])
def test_the_clock_is_held_against_the_date_of_the_reply(ahead: int) -> None:
    with host(lambda: {"Date": formatdate(time.time() - ahead, usegmt=True)}) as server:
        skew = asyncio.run(doctor.clock_skew(server.url + "/", str(server.ca_file)))
    assert skew is not None
    assert skew == pytest.approx(ahead, abs=3)


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}])
def test_a_host_that_does_not_tell_its_time(
    headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = Transport(http=httpx.MockTransport(lambda _: httpx.Response(404, headers=headers)))
    monkeypatch.setattr(doctor, "Transport", lambda **_: silent)
    assert asyncio.run(doctor.clock_skew("https://broker.example/", None)) is None
    assert doctor.clock(None).verdict is Verdict.NOTE


def test_a_host_that_does_not_answer() -> None:
    with pytest.raises(TransportError, match="connect"):
        asyncio.run(doctor.clock_skew("https://127.0.0.1:9/", None))


@pytest.mark.parametrize(
    ("skew", "verdict", "words"),
    [
        (0.4, Verdict.OK, "0 s ahead of"),
        (-4.9, Verdict.OK, "5 s behind"),
        (7, Verdict.WARNING, "7 s ahead of"),
        (-45, Verdict.PROBLEM, "45 s behind"),
    ],
)
def test_what_a_clock_difference_means(skew: float, verdict: Verdict, words: str) -> None:
    check = doctor.clock(skew)
    assert check.verdict is verdict
    assert words in check.finding
    assert bool(check.advice) is (verdict is not Verdict.OK)


# -- folders


def test_a_folder_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "journal"
    assert doctor.writable("journal folder", folder).verdict is Verdict.OK
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    check = doctor.writable("journal folder", tmp_path / "file" / "journal")
    assert check.verdict is Verdict.PROBLEM
    assert "cannot be written" in check.finding


@pytest.mark.skipif(sys.platform == "win32", reason="mode bits mean nothing there")
def test_what_others_can_read_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    check = doctor.private("journal folder", tmp_path)
    assert check.verdict is Verdict.WARNING
    assert "mode 755" in check.finding
    tmp_path.chmod(0o700)
    assert doctor.private("journal folder", tmp_path).verdict is Verdict.OK


def test_windows_is_told_that_modes_mean_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor.sys, "platform", "win32")
    check = doctor.private("journal folder", tmp_path)
    assert check.verdict is Verdict.NOTE
    assert "Windows" in check.finding


# -- this installation


def test_a_clash_of_names_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.installation().verdict is Verdict.OK
    monkeypatch.setattr(name_clash, "distribution", lambda _: SimpleNamespace(version="1.0.9"))
    check = doctor.installation()
    assert check.verdict is Verdict.PROBLEM
    assert "1.0.9" in check.finding
    assert "pip uninstall" in check.advice


# -- the whole


def test_what_is_no_address_is_refused_before_anything_is_looked_at() -> None:
    with pytest.raises(ConfigError, match="is not an address"):
        asyncio.run(doctor.examine("angelone", base_url="nonsense"))


def test_only_problems_stop() -> None:
    checks = [doctor.Check(check="x", verdict=verdict, finding="") for verdict in Verdict]
    assert doctor.has_problems(checks)
    assert not doctor.has_problems(checks[:-1])


# -- rules


def test_every_rule_is_dated_and_has_a_source() -> None:
    for rule in RULES:
        assert rule.source
        assert rule.text.endswith(".")
        assert rule.until is None or rule.since <= rule.until


def test_a_rule_is_told_with_the_day_it_was_read() -> None:
    checks = list(doctor.rules(adapter_for("angelone")))
    assert checks
    assert all(check.advice.endswith(f"; read last on {READ}") for check in checks)


def test_rules_of_another_broker_and_of_the_past_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def rule(subject: str, since: int, until: int | None, broker: str | None = None) -> Rule:
        end = until and DAY + dt.timedelta(days=until)
        return Rule(
            subject=subject,
            text="T.",
            since=DAY + dt.timedelta(days=since),
            until=end or None,
            broker=broker,
            source="S",
        )

    made = (
        rule("past", -9, -1),
        rule("last day", -9, None, "angelone"),
        rule("announced", 9, None),
        rule("other", -9, None, "zerodha"),
    )
    monkeypatch.setattr("openbroker.market_rules.RULES", made)
    listed = rules_for("angelone", DAY)
    assert [rule.subject for rule in listed] == ["last day", "announced"]
    assert [rule.is_in_force(DAY) for rule in listed] == [True, False]


def test_hours_are_data_that_change_on_their_day() -> None:
    hours = [rule for rule in rules_for("angelone", DAY) if rule.subject == "hours"]
    assert [rule.is_in_force(DAY) for rule in hours] == [True, False]
