"""One download a day, shared by all; the last good master stands in."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import logging
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from openbroker.adapters import angelone_master, cutting
from openbroker.adapters.masters import Listed
from openbroker.errors import BrokerUnavailable, ConfigError, MalformedReply, StorageError
from openbroker.instruments import InstrumentStore, build, loader, progress
from openbroker.instruments.loader import Fetched, Validators, load
from openbroker.registry import adapter_for
from openbroker.transport.messages import Reply
from tests.instruments.angel_rows import TODAY, angel_row, content_of

YESTERDAY = TODAY - dt.timedelta(days=1)
ALL = list(angelone_master.instruments(content_of(angel_row("BSE", f"S{n}") for n in range(100))))
V1 = Validators(etag='"1"', last_modified="Sat, 21 Nov 2026 02:00:00 GMT")


class Server:
    """What a broker's master flow would give, and what it was asked."""

    def __init__(self, rows: int = 100, validators: Validators = V1) -> None:
        self.rows = rows
        self.validators = validators
        self.asked: list[Validators] = []
        self.error: Exception | None = None
        self.unchanged = False

    async def __call__(self, known: Validators) -> Fetched:
        self.asked.append(known)
        await asyncio.sleep(0.01)
        if self.error is not None:
            raise self.error
        if self.unchanged:
            return Fetched(listed=None)
        return Fetched(listed=ALL[: self.rows], validators=self.validators)


async def get(server: Server, folder: Path, day: dt.date = TODAY, **more: bool) -> InstrumentStore:
    return await load("angelone", server, day=day, cache_dir=folder, progress=False, **more)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def run(server: Server, folder: Path, day: dt.date = TODAY, **more: bool) -> InstrumentStore:
    return asyncio.run(get(server, folder, day, **more))


def test_the_first_of_the_day_fetches_and_the_rest_open(tmp_path: Path) -> None:
    server = Server()
    first, again = run(server, tmp_path), run(server, tmp_path)
    assert (len(first), first.day, first.notice) == (100, TODAY, None)
    assert again is first, "accounts of one process share a store and its cache"
    assert server.asked == [Validators()]
    assert first.facts.broker == "angelone"
    assert names(tmp_path) == ["angelone-20261122.sqlite3", "angelone.lock"]


def test_a_store_that_one_account_closed_is_opened_again_for_the_next(tmp_path: Path) -> None:
    server = Server()
    run(server, tmp_path).close()
    assert len(list(run(server, tmp_path))) == 100
    assert len(server.asked) == 1


def test_many_at_once_fetch_once(tmp_path: Path) -> None:
    server = Server()

    async def all_at_once() -> list[InstrumentStore]:
        return await asyncio.gather(*(get(server, tmp_path) for _ in range(8)))

    stores = asyncio.run(all_at_once())
    assert len(server.asked) == 1
    assert len({id(store) for store in stores}) == 1


def test_the_next_day_asks_with_the_validators_of_the_last(tmp_path: Path) -> None:
    run(Server(), tmp_path, YESTERDAY)
    server = Server()
    run(server, tmp_path)
    assert server.asked == [V1]
    assert server.asked[0].headers() == {
        "If-None-Match": '"1"', "If-Modified-Since": "Sat, 21 Nov 2026 02:00:00 GMT",
    }  # fmt: skip
    assert Validators.of({"etag": '"1"', "content-type": "x"}) == Validators(etag='"1"')


def test_an_unchanged_master_is_taken_over_into_the_new_day(tmp_path: Path) -> None:
    run(Server(), tmp_path, YESTERDAY)
    server = Server()
    server.unchanged = True
    store = run(server, tmp_path)
    assert (store.day, len(store), store.notice) == (TODAY, 100, None)
    assert store.facts.etag == V1.etag
    assert run(server, tmp_path, YESTERDAY).day == YESTERDAY


@pytest.mark.parametrize("error", [BrokerUnavailable("it is down"), MalformedReply("it is HTML")])
def test_the_last_good_one_stands_in_and_says_so(
    tmp_path: Path, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    run(Server(), tmp_path, YESTERDAY)
    server = Server()
    server.error = error
    with caplog.at_level(logging.WARNING, "openbroker.instruments"):
        store = run(server, tmp_path)
    assert store.day == YESTERDAY
    assert store.notice is not None
    assert "master of 2026-11-21 is used" in store.notice
    assert str(error) in store.notice
    assert store.notice in caplog.text
    server.error = None
    assert run(server, tmp_path).day == TODAY, "the next call tries again"


def test_a_stream_that_breaks_off_is_a_failed_fetch(tmp_path: Path) -> None:
    run(Server(), tmp_path, YESTERDAY)

    def broken() -> Iterator[Listed]:
        yield from ALL[:90]
        raise MalformedReply("not readable JSON near byte 5")

    async def fetch(known: Validators) -> Fetched:
        return Fetched(listed=broken())

    store = asyncio.run(load("angelone", fetch, day=TODAY, cache_dir=tmp_path, progress=False))
    assert store.day == YESTERDAY


@pytest.mark.parametrize("packer", ["zerodha", "upstox"])
def test_a_packed_file_is_unpacked_while_the_loop_goes_on(
    packer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever unpacks waits for the loop to take its turn: on the loop that would never end."""
    unpacked = []

    async def scenario() -> None:
        loop = asyncio.get_running_loop()

        def unpack(content: bytes) -> bytes:
            turn = threading.Event()
            loop.call_soon_threadsafe(turn.set)
            unpacked.append(turn.wait(timeout=10))
            return cutting.gunzip(content)

        monkeypatch.setattr(f"openbroker.adapters.{packer}_master.gunzip", unpack)
        flow = adapter_for(packer).master()
        next(flow)
        damaged = gzip.compress(b"[]" * 99)[:-9]
        with pytest.raises(StopIteration) as done:
            flow.send(Reply(status=200, content=damaged, received_at=dt.datetime.now(dt.UTC)))
        fetched = Fetched(listed=done.value.value)

        async def fetch(known: Validators) -> Fetched:
            return fetched

        with pytest.raises(MalformedReply, match="ends early"):
            await load(packer, fetch, day=TODAY, cache_dir=tmp_path, progress=False)

    asyncio.run(scenario())
    assert unpacked == [True]


def test_without_a_last_good_one_the_error_is_the_callers(tmp_path: Path) -> None:
    server = Server()
    server.error = BrokerUnavailable("it is down")
    with pytest.raises(BrokerUnavailable):
        run(server, tmp_path)


def test_a_master_that_shrank_by_over_a_fifth_is_refused(tmp_path: Path) -> None:
    run(Server(), tmp_path, YESTERDAY)
    store = run(Server(rows=79), tmp_path)
    assert (store.day, len(store)) == (YESTERDAY, 100)
    assert store.notice is not None
    assert "79 instruments, and at least 80 were expected" in store.notice
    assert len(run(Server(rows=80), tmp_path)) == 80


def test_a_refresh_takes_it_nevertheless(tmp_path: Path) -> None:
    run(Server(), tmp_path, YESTERDAY)
    run(Server(rows=90), tmp_path)
    store = run(Server(rows=10), tmp_path, refresh=True)
    assert (store.day, len(store)) == (TODAY, 10)
    assert len(run(Server(), tmp_path)) == 10


def test_an_empty_master_is_never_taken(tmp_path: Path) -> None:
    with pytest.raises(MalformedReply, match="has 0 instruments"):
        run(Server(rows=0), tmp_path)
    run(Server(), tmp_path, YESTERDAY)
    assert run(Server(rows=0), tmp_path).day == YESTERDAY


def test_a_damaged_store_is_fetched_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "angelone-20261122.sqlite3").write_bytes(b"garbage")
    (tmp_path / "angelone-20261121.sqlite3").write_bytes(b"")
    server = Server()
    assert len(run(server, tmp_path)) == 100
    assert server.asked == [Validators()]
    assert "left aside" in caplog.text


def test_a_full_disk_is_told_and_not_hidden_behind_yesterday(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(Server(), tmp_path, YESTERDAY)
    monkeypatch.setattr(build, "_PRAGMAS", (*build._PRAGMAS, "PRAGMA max_page_count=5"))
    with pytest.raises(StorageError, match="free space"):
        run(Server(), tmp_path)
    assert len(run(Server(), tmp_path, YESTERDAY)) == 100


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be used"):
        run(Server(), tmp_path / "file")


def test_only_the_newest_few_are_kept(tmp_path: Path) -> None:
    (tmp_path / "angelone-old.sqlite3").write_bytes(b"not ours to name")
    for back in range(5, -1, -1):
        run(Server(), tmp_path, TODAY - dt.timedelta(days=back))
    kept = sorted(path.name for path in tmp_path.glob("*.sqlite3"))
    assert kept == [
        "angelone-20261120.sqlite3", "angelone-20261121.sqlite3", "angelone-20261122.sqlite3",
        "angelone-old.sqlite3",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["../evil", "", "A", "a/b", "a b", "x" * 65])
def test_only_a_registry_name_names_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError):
        asyncio.run(load(name, Server(), day=TODAY, cache_dir=tmp_path))


def test_an_unchanged_answer_that_nobody_asked_for_is_an_error(tmp_path: Path) -> None:
    server = Server()
    server.unchanged = True
    with pytest.raises(MalformedReply, match="not changed"):
        run(server, tmp_path)


def test_whoever_cannot_have_the_lock_goes_on_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "LOCK_SECONDS", 0.2)
    shelf = loader.Shelf(folder=tmp_path, broker="angelone")

    async def blocked() -> InstrumentStore:
        async with shelf.lock():
            return await get(Server(), tmp_path)

    assert len(asyncio.run(blocked())) == 100


PROCESS = """
    import asyncio, datetime as dt, sys
    from pathlib import Path
    from openbroker.adapters import angelone_master, cutting
    from openbroker.instruments.loader import Fetched, load

    folder, content = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes()

    async def fetch(known):
        with (folder / "downloads").open("a") as log:
            log.write("one\\n")
        await asyncio.sleep(0.5)
        return Fetched(listed=angelone_master.instruments(content))

    store = asyncio.run(load("angelone", fetch, day=dt.date(2026, 11, 22), cache_dir=folder))
    print(len(store))
"""


def test_processes_at_once_download_once(tmp_path: Path) -> None:
    content = tmp_path / "content.json"
    content.write_bytes(content_of(angel_row("BSE", f"S{number}") for number in range(50)))
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(PROCESS), str(tmp_path), str(content)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    outputs = [process.communicate(timeout=60) for process in processes]
    assert [output for output, _ in outputs] == ["50\n"] * 3, outputs
    assert (tmp_path / "downloads").read_text() == "one\n"


def test_the_default_folder_is_the_platforms_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert loader.default_folder().name == "instruments"
    assert "openbroker" in loader.default_folder().parts


# --- progress ------------------------------------------------------------------------------------


def test_a_bar_shows_both_steps_where_it_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_APPEARS_AFTER", 0)
    monkeypatch.setattr(progress, "_REFRESH_EVERY", 0.001)
    asyncio.run(load("angelone", Server(), day=TODAY, cache_dir=tmp_path, progress=True))
    shown = capsys.readouterr().err
    assert "fetching angelone's instruments" in shown
    assert "storing them" in shown


def test_nothing_is_shown_where_nobody_looks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(load("angelone", Server(), day=TODAY, cache_dir=tmp_path))
    assert capsys.readouterr().err == ""
    assert isinstance(progress.shown(None), progress.Silent)
    assert isinstance(progress.shown(True), progress.Bar)
