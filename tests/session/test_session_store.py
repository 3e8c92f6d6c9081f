"""Today's session, shared by the account's processes when they ask for it."""

from __future__ import annotations

import datetime as dt
import shutil
import stat
import sys
from pathlib import Path

import httpx
import pytest

import openbroker as ob
from openbroker.sandbox import Sandbox
from openbroker.session import codes, keeper
from openbroker.session.store import SessionStore

NOW = dt.datetime(2026, 11, 20, 5, 0, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    return SessionStore.of("angelone", "https://api.example", "A1/../x", tmp_path)


def session(token: str = "t0ken-canary", hours: int = 1) -> ob.Session:
    return ob.Session(
        broker="angelone",
        account="A1",
        tokens={"jwt": ob.Secret(token)},
        created_at=NOW,
        expires_at=NOW + dt.timedelta(hours=hours),
    )


def test_what_is_kept_is_found_again(store: SessionStore) -> None:
    assert store.load(NOW) is None
    store.save(session())
    assert store.load(NOW) == session()
    store.forget()
    store.forget()
    assert store.load(NOW) is None


def test_a_session_past_its_end_is_not_used(store: SessionStore) -> None:
    store.save(session(hours=1))
    assert store.load(NOW + dt.timedelta(hours=2)) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"tokens": 1}', "null", "\x00"])
def test_a_file_that_is_none_of_ours_is_no_session(store: SessionStore, text: str) -> None:
    store.save(session())
    store.path.write_text(text)
    assert store.load(NOW) is None


def test_the_name_of_an_account_cannot_leave_the_folder(
    store: SessionStore, tmp_path: Path
) -> None:
    store.save(session())
    assert store.path.resolve().parent == (tmp_path / "angelone").resolve()
    assert [path.name for path in store.path.parent.iterdir()] == [store.path.name]


@pytest.mark.skipif(sys.platform == "win32", reason="mode bits mean nothing there")
def test_only_its_owner_can_read_it(store: SessionStore) -> None:
    store.save(session())
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    store.path.chmod(0o644)
    with pytest.raises(ob.errors.StorageError, match="can be read by others"):
        store.load(NOW)


def connect(box: Sandbox, folder: Path | bool) -> ob.Broker:
    return ob.connect(
        "angelone",
        http=httpx.MockTransport(box.handler),
        base_url="https://sandbox.invalid",
        keep_session=folder,
        **box.credentials,
    )


def test_a_second_process_goes_on_with_the_first_ones_session(tmp_path: Path) -> None:
    """A one-time code serves once, and a second login would end the first session."""
    box = Sandbox(limits=None)
    with connect(box, tmp_path) as first, connect(box, tmp_path) as second:
        assert first.login() == second.login()
        assert first.funds() == second.funds()
        kept = "".join(path.read_text() for path in tmp_path.rglob("*.json"))
        assert box.credentials["pin"] not in kept
        assert box.credentials["totp_secret"] not in kept


@pytest.fixture(autouse=True)
def no_codes_used() -> None:
    forget_codes()


def forget_codes() -> None:
    """As if the last login had been half a minute ago."""
    keeper._codes_used.clear()
    shutil.rmtree(codes.default_folder(), ignore_errors=True)


def test_a_kept_session_that_the_broker_refuses_is_replaced(tmp_path: Path) -> None:
    box = Sandbox(limits=None, reuse_totp=True)
    with connect(box, tmp_path) as first:
        before = first.login()
        box.sessions.invalidate()
        forget_codes()
        assert first.funds().available is not None
        after = first.login()
    assert before != after
    with connect(box, tmp_path) as second:
        assert second.login() == after


def test_logging_out_forgets_it_for_all(tmp_path: Path) -> None:
    box = Sandbox(limits=None, reuse_totp=True)
    with connect(box, tmp_path) as broker:
        broker.logout()
    assert list(tmp_path.rglob("*.json")) == []


def test_nothing_is_kept_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with connect(Sandbox(limits=None), folder=False) as broker:
        broker.funds()
    assert not list(tmp_path.rglob("sessions/**/*.json"))
