"""A store is there whole or not at all, whatever happens while it is built."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from openbroker.adapters import angelone_master
from openbroker.adapters.masters import Listed
from openbroker.errors import MalformedReply, StorageError
from openbroker.instruments import InstrumentStore, build
from tests.instruments.angel_rows import TODAY, angel_row, content_of

ROWS = 3000
CONTENT = content_of(angel_row("BSE", f"SHARE{number}") for number in range(ROWS))


def many(size: int = ROWS) -> Iterator[Listed]:
    for number, row in enumerate(angelone_master.instruments(CONTENT)):
        if number < size:
            yield row


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "broker-20261122.sqlite3"


def test_a_file_is_put_in_place_whole_and_nothing_else_stays(path: Path) -> None:
    store = InstrumentStore.build(many(), path, day=TODAY)
    assert len(store) == ROWS
    assert list(path.parent.iterdir()) == [path]


def test_a_failing_stream_leaves_the_old_store(path: Path) -> None:
    InstrumentStore.build(many(10), path, day=TODAY)

    def failing() -> Iterator[Listed]:
        yield from many(2000)
        raise MalformedReply("the wire was cut")

    with pytest.raises(MalformedReply):
        InstrumentStore.build(failing(), path, day=TODAY)
    assert len(InstrumentStore.open(path)) == 10
    assert list(path.parent.iterdir()) == [path]


def test_a_full_database_is_a_clear_error_and_leaves_the_old_store(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    InstrumentStore.build(many(10), path, day=TODAY)
    monkeypatch.setattr(build, "_PRAGMAS", (*build._PRAGMAS, "PRAGMA max_page_count=20"))
    with pytest.raises(StorageError, match=r"full.*free space"):
        InstrumentStore.build(many(), path, day=TODAY)
    assert len(InstrumentStore.open(path)) == 10
    assert list(path.parent.iterdir()) == [path]


CHILD = """
    import datetime as dt, sys, time
    from pathlib import Path
    from openbroker.adapters import angelone_master
    from openbroker.errors import StorageError
    from openbroker.instruments import InstrumentStore

    path, content, mode = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes(), sys.argv[3]

    def rows():
        for number, row in enumerate(angelone_master.instruments(content)):
            yield row
            if number == 2000 and mode == "stall":
                print("half", flush=True)
                time.sleep(60)

    if mode == "limited":
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    for _ in range(6 if mode == "often" else 1):
        try:
            store = InstrumentStore.build(rows(), path, day=dt.date(2026, 11, 22))
            print(len(store), flush=True)
        except StorageError as error:
            print(error, flush=True)
"""


def child(path: Path, tmp_path: Path, mode: str) -> subprocess.Popen[str]:
    content = tmp_path / "content.json"
    content.write_bytes(CONTENT)
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(path), str(content), mode],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def test_a_build_that_is_killed_leaves_no_half_store(path: Path, tmp_path: Path) -> None:
    InstrumentStore.build(many(10), path, day=TODAY)
    with child(path, tmp_path, "stall") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        process.kill()
        process.wait(20)
    assert len(InstrumentStore.open(path)) == 10
    (stray,) = path.parent.glob("*.tmp")
    InstrumentStore.build(many(20), path, day=TODAY)
    assert stray.exists(), "it might be another process's build"
    old = time.time() - 2 * build._STALE_SECONDS
    os.utime(stray, (old, old))
    InstrumentStore.build(many(20), path, day=TODAY)
    assert not stray.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_disk_that_takes_no_more_is_a_clear_error(path: Path, tmp_path: Path) -> None:
    InstrumentStore.build(many(10), path, day=TODAY)
    with child(path, tmp_path, "limited") as process:
        output, _ = process.communicate(timeout=60)
    assert "the instrument store cannot be written" in output
    assert "free space" in output
    assert len(InstrumentStore.open(path)) == 10
    assert list(path.parent.glob("*.tmp")) == []


def test_processes_that_build_at_once_never_show_a_half_store(path: Path, tmp_path: Path) -> None:
    InstrumentStore.build(many(), path, day=TODAY)
    seen = 0
    processes = [child(path, tmp_path, "often") for _ in range(2)]
    while any(process.poll() is None for process in processes):
        store = InstrumentStore.open(path)
        assert len(list(store)) == ROWS
        store.close()
        seen += 1
    for process in processes:
        output, _ = process.communicate(timeout=60)
        assert output.split() == [str(ROWS)] * 6
    assert seen > 0
    assert list(path.parent.glob("*.tmp")) == []


@pytest.mark.parametrize("damage", [b"", b"not a database at all, but long enough to be read"])
def test_a_damaged_file_is_a_clear_error(path: Path, damage: bytes) -> None:
    path.write_bytes(damage)
    with pytest.raises(StorageError, match="cannot be read"):
        InstrumentStore.open(path)


def test_a_missing_file_is_a_clear_error(path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        InstrumentStore.open(path)


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        InstrumentStore.build(many(1), tmp_path / "file" / "x.sqlite3", day=TODAY)


def test_another_layout_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "LAYOUT", "0")
    with pytest.raises(StorageError, match="another layout"):
        InstrumentStore.build(many(1), path, day=TODAY)


def test_an_interrupt_in_mid_build_leaves_nothing(path: Path) -> None:
    def interrupted() -> Iterator[Listed]:
        yield from many(100)
        signal.raise_signal(signal.SIGINT)
        yield from many(200)

    with pytest.raises(KeyboardInterrupt):
        InstrumentStore.build(interrupted(), path, day=TODAY)
    assert list(path.parent.iterdir()) == []


def test_the_words_of_a_name() -> None:
    assert sorted(build.words_of("Larsen & Toubro-Ltd")) == [
        "&", "LARSEN", "LARSEN&TOUBROLTD", "LTD", "TOUBRO",
    ]  # fmt: skip
