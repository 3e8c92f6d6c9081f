"""Time-based one-time codes (RFC 6238), as every Indian broker uses them: 6 digits, 30 seconds.

Computed here and not by pyotp, which since 2.10 refuses secrets of less than 112 bits: brokers give
out such of 16 letters, and whoever has one cannot change it.
"""

from __future__ import annotations

import base64
import hmac
import time

from openbroker.errors import ConfigError
from openbroker.schemas.secret import Secret

WINDOW = 30
"""Seconds that a code lives."""


def code_at(secret: Secret, moment: float) -> Secret:
    """The code of a moment (epoch seconds).

    Raises:
        ConfigError: the secret is not base-32 text.
    """
    letters = secret.reveal().replace(" ", "").rstrip("=")
    try:
        key = base64.b32decode(letters + "=" * (-len(letters) % 8), casefold=True)
    except ValueError:
        raise ConfigError(
            "the TOTP secret is not base-32 text",
            advice="Copy the letters and digits that the broker shows beside the QR code.",
        ) from None
    digest = hmac.digest(key, window_of(moment).to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return Secret(f"{number % 1_000_000:06}")


def window_of(moment: float) -> int:
    """The number of the window that a moment lies in."""
    return int(moment) // WINDOW


def until_next_window(moment: float) -> float:
    """Seconds until the code changes."""
    return WINDOW - moment % WINDOW


def now() -> float:
    """This computer's clock, which a code stands and falls with."""
    return time.time()
