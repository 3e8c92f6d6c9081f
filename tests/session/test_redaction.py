"""Secrets in logs: masked wherever they would appear, for as long as somebody holds them."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from openbroker.schemas import Secret
from openbroker.session import redaction

CANARY = Secret("canary-in-the-mine")
LONGER = Secret("canary-in-the-mine-with-more")


@pytest.fixture(autouse=True)
def protected() -> Iterator[None]:
    redaction.protect([CANARY, LONGER])
    yield
    redaction.release([CANARY, LONGER])


@pytest.mark.parametrize("name", redaction.FILTERED)
def test_messages_arguments_and_tracebacks_are_masked(name: str, root_log: io.StringIO) -> None:
    logger = logging.getLogger(name)
    logger.setLevel(logging.DEBUG)
    logger.info("Authorization: %s", CANARY.reveal())
    logger.info(f"GET https://x/?token={CANARY.reveal()}")  # noqa: G004 - as httpx does
    try:
        raise ValueError(CANARY.reveal())
    except ValueError:
        logger.exception("it failed")
    assert "canary" not in root_log.getvalue()
    assert root_log.getvalue().count(Secret.MASK) == 3
    assert "Traceback" in root_log.getvalue()


@pytest.mark.parametrize("name", redaction.SILENCED)
def test_loggers_that_print_encoded_headers_are_silent(name: str, root_log: io.StringIO) -> None:
    logging.getLogger(name).debug("Decoded (b'authorization', b'...')")
    assert root_log.getvalue() == ""


def test_the_longest_secret_is_masked_first() -> None:
    assert redaction.scrub(f"<{LONGER.reveal()}>") == f"<{Secret.MASK}>"


def test_a_secret_is_masked_until_its_last_holder_lets_go() -> None:
    redaction.protect([CANARY])
    redaction.release([CANARY])
    assert redaction.scrub(CANARY.reveal()) == Secret.MASK
    redaction.release([CANARY])
    assert redaction.scrub(CANARY.reveal()) == CANARY.reveal()
    redaction.protect([CANARY])


def test_short_texts_are_left_alone() -> None:
    redaction.protect([Secret("abc")])
    assert redaction.scrub("abcdef") == "abcdef"
