"""The small master of ``angel_rows``, and the store built from it."""

from __future__ import annotations

import pytest

from openbroker.adapters import angelone_master
from openbroker.instruments import InstrumentStore
from tests.instruments.angel_rows import TODAY, content_of, master_rows


@pytest.fixture(scope="session")
def master() -> bytes:
    return content_of(master_rows())


@pytest.fixture(scope="session")
def store(master: bytes) -> InstrumentStore:
    return InstrumentStore.build(angelone_master.instruments(master), day=TODAY, broker="angelone")
