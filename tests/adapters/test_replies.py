"""What is common to the reading of all brokers' replies."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from openbroker.adapters.angelone_tables import CODES as ANGELONE_CODES
from openbroker.adapters.angelone_tables import TEXTS as ANGELONE_TEXTS
from openbroker.adapters.dhan_tables import ERRORS as DHAN_CODES
from openbroker.adapters.dhan_tables import TEXTS as DHAN_TEXTS
from openbroker.adapters.fyers_tables import TEXTS as FYERS_TEXTS
from openbroker.adapters.mstock_tables import CODES as MSTOCK_CODES
from openbroker.adapters.mstock_tables import TEXTS as MSTOCK_TEXTS
from openbroker.adapters.replies import UNLISTED, Refusal, refusal_of
from openbroker.adapters.upstox_tables import TEXTS as UPSTOX_TEXTS
from openbroker.adapters.wire import begins_as_json, to_id, to_order_id
from openbroker.adapters.zerodha_tables import TEXTS as ZERODHA_TEXTS
from openbroker.errors import (
    BrokerError,
    InvalidCredentials,
    OpenBrokerError,
    Outcome,
    RiskRejected,
    SessionExpired,
    StaticIPNotAllowed,
)

STOPPED = Refusal(error=SessionExpired, outcome=Outcome.NOT_SENT)
INPUT = Refusal(error=BrokerError, outcome=Outcome.REJECTED)
ALL_TEXTS = {
    "angelone": ANGELONE_TEXTS, "dhan": DHAN_TEXTS, "fyers": FYERS_TEXTS, "mstock": MSTOCK_TEXTS,
    "upstox": UPSTOX_TEXTS, "zerodha": ZERODHA_TEXTS,
}  # fmt: skip


@pytest.mark.parametrize(
    ("message", "code", "outcome"),
    [
        ("Invalid token", None, Outcome.NOT_SENT),
        ("  invalid TOKEN: log in", None, Outcome.NOT_SENT),
        ("OMS: invalid token at the exchange", None, Outcome.UNKNOWN),
        ("OMS: invalid token at the exchange", "E1", Outcome.REJECTED),
        ("the order went on", None, Outcome.UNKNOWN),
    ],
)
def test_words_amid_a_message_never_say_that_nothing_was_sent(
    message: str, code: str | None, outcome: Outcome
) -> None:
    found = refusal_of(code, message, codes={"E1": INPUT}, texts=[("invalid token", STOPPED)])
    assert found.outcome is outcome
    assert found.error is (SessionExpired if "token" in message.casefold() else UNLISTED.error)


def test_words_that_have_to_begin_a_message() -> None:
    texts = [("^rms:", Refusal(error=RiskRejected, outcome=Outcome.REJECTED))]
    assert refusal_of(None, "RMS:Blocked", codes={}, texts=texts).outcome is Outcome.REJECTED
    assert refusal_of(None, "sent to RMS: queued", codes={}, texts=texts) is UNLISTED


@pytest.mark.parametrize("broker", ALL_TEXTS)
def test_no_brokers_words_prove_that_nothing_was_sent_from_amid_a_message(broker: str) -> None:
    for words, _ in ALL_TEXTS[broker]:
        message = f"the order system answered: {words.removeprefix('^')}"
        found = refusal_of("UNLISTED", message, codes={}, texts=ALL_TEXTS[broker])
        assert found.outcome is not Outcome.NOT_SENT


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Request IP address are not matching with Primary and Secondary IP", StaticIPNotAllowed),
        ("API is suspended/expired for use. Please check your API subscription",
         InvalidCredentials),
    ],
)  # fmt: skip
def test_under_the_gateways_code_words_tell_which(
    message: str, kind: type[OpenBrokerError]
) -> None:
    found = refusal_of("IA403", message, codes=MSTOCK_CODES, texts=MSTOCK_TEXTS)
    assert (found.error, found.outcome) == (kind, Outcome.NOT_SENT)
    catch_all = refusal_of("MA500", message, codes=MSTOCK_CODES, texts=MSTOCK_TEXTS)
    assert (catch_all.error, catch_all.outcome) == (kind, Outcome.UNKNOWN)


def test_a_dead_token_under_a_code_for_orders() -> None:
    for words in ("Invalid Token", "Token is invalid"):
        found = refusal_of("DH-906", words, codes=DHAN_CODES, texts=DHAN_TEXTS)
        assert (found.error, found.outcome) == (SessionExpired, Outcome.NOT_SENT)


@pytest.mark.parametrize("message", ["circuit open", "sent to RMS: no answer yet"])
def test_loose_words_under_a_catch_all_prove_nothing(message: str) -> None:
    assert refusal_of("AB1007", message, codes=ANGELONE_CODES, texts=ANGELONE_TEXTS) is UNLISTED
    assert refusal_of("MA500", message, codes=MSTOCK_CODES, texts=MSTOCK_TEXTS) is UNLISTED
    assert refusal_of("-99", message, codes={}, texts=FYERS_TEXTS) is UNLISTED


@pytest.mark.parametrize(
    ("value", "order_id"),
    [
        ("261120000000111", "261120000000111"),
        (" 261120000000111 ", "261120000000111"),
        (2042130686722629633, "2042130686722629633"),
        ("GTT-C23191000044253", "GTT-C23191000044253"),
        ("23030900015105-BO-1", "23030900015105-BO-1"),
        ("7", "7"),
        (Decimal("2.042130686722629633E18"), None),
        (Decimal("261120000000111.0"), None),
        (2.5, None),
        ("rejected", None),
        ("NA", None),
        ("0", None),
        (0, None),
        (-5, None),
        (True, None),
        ("1 2", None),
        ("1\n2", None),
        ("../1", None),
        ("1" * 65, None),
        (["1"], None),
        ({}, None),
        (None, None),
    ],
)
def test_what_is_an_order_id(value: Any, order_id: str | None) -> None:
    assert to_order_id(value) == order_id
    assert order_id is None or to_id(value) == order_id


@pytest.mark.parametrize(
    ("content", "is_json"),
    [
        (b"{", True),
        (b" \r\n[", True),
        (b"\xef\xbb\xbf{", True),
        (b"\xef\xbb\xbf \n{", True),
        (b"", False),
        (b"null", False),
        (b"<html>{", False),
        (b"\x1f\x8b{", False),
    ],
)
def test_what_begins_as_json(content: bytes, is_json: bool) -> None:
    assert begins_as_json(content) is is_json
