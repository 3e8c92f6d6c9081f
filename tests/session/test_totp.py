"""One-time codes against the vectors of RFC 6238."""

from __future__ import annotations

import base64

import pytest

from openbroker.errors import ConfigError
from openbroker.schemas import Secret
from openbroker.session import totp

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
        (2000000000, "279037"), (20000000000, "353130"),
    ],
)  # fmt: skip
def test_the_vectors_of_the_standard(moment: int, code: str) -> None:
    assert totp.code_at(Secret(RFC_SECRET), moment).reveal() == code


def test_blanks_and_case_do_not_matter() -> None:
    spaced = Secret(f"{RFC_SECRET[:4].lower()} {RFC_SECRET[4:]}")
    assert totp.code_at(spaced, 59).reveal() == "287082"


@pytest.mark.parametrize("text", ["0189", "not base 32!", "A"])
def test_a_wrong_secret_is_an_error_that_does_not_show_it(text: str) -> None:
    with pytest.raises(ConfigError, match="not base-32") as caught:
        totp.code_at(Secret(text), 59)
    assert text not in str(caught.value)


def test_a_secret_of_sixteen_letters_is_taken() -> None:
    """80 bits, as brokers give out."""
    assert totp.code_at(Secret("JBSWY3DPEHPK3PXP"), 0).reveal() == "282760"


def test_windows_are_thirty_seconds() -> None:
    assert totp.window_of(59.9) == 1
    assert totp.window_of(60) == 2
    assert totp.until_next_window(59) == 1
    assert totp.until_next_window(60) == 30
