"""Time-based one-time codes (RFC 6238), as every Indian broker uses them: 6 digits, 30 seconds."""

from __future__ import annotations

import binascii
import time

import pyotp

from openbroker.errors import ConfigError
from openbroker.schemas.secret import Secret

WINDOW = 30
"""Seconds that a code lives."""


def code_at(secret: Secret, moment: float) -> Secret:
    """The code of a moment (epoch seconds).

    Raises:
        ConfigError: the secret is not base-32 text.
    """
    try:
        return Secret(pyotp.TOTP(secret.reveal().replace(" ", "")).at(int(moment)))
    except (binascii.Error, ValueError):
        raise ConfigError(
            "the TOTP secret is not base-32 text",
            advice="Copy the letters and digits that the broker shows beside the QR code.",
        ) from None


def window_of(moment: float) -> int:
    """The number of the window that a moment lies in."""
    return int(moment) // WINDOW


def until_next_window(moment: float) -> float:
    """Seconds until the code changes."""
    return WINDOW - moment % WINDOW


def now() -> float:
    """This computer's clock, which a code stands and falls with."""
    return time.time()
