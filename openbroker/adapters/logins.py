"""What a login needs, and until when it holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TypeAlias

from attrs import frozen

from openbroker.errors import InvalidCredentials, Outcome
from openbroker.schemas import INDIA, Secret

Credentials: TypeAlias = Mapping[str, Secret]
"""Resolved credential fields by name; a TOTP secret arrives as the field ``totp``, computed."""


@frozen(kw_only=True)
class CredentialField:
    """One thing a login needs.

    Attributes:
        name: as in ``connect(..., name=...)`` and ``OPENBROKER_<BROKER>_<NAME>``.
        title: what the vendor calls it.
        pattern: a regular expression that the whole value has to match.
        expects: the pattern in words, for the error.
        secret: shown as ``***`` everywhere.
        instead: another field that can stand in for it (``totp`` for ``totp_secret``).
        default: what is taken where nothing is given; ``None`` where something has to be.
    """

    name: str
    title: str
    pattern: str = r"\S+"
    expects: str = "text without blanks"
    secret: bool = True
    instead: str | None = None
    default: str | None = None


def need(credentials: Credentials, name: str) -> str:
    """A credential's text.

    Raises:
        InvalidCredentials: it is not there.
    """
    if name not in credentials:
        raise InvalidCredentials(f"the credential {name} is missing", outcome=Outcome.NOT_SENT)
    return credentials[name].reveal()


def coming(at: dt.time, moment: dt.datetime) -> dt.datetime:
    """The next time that the clock in India shows ``at``: when a vendor's tokens die."""
    local = moment.astimezone(INDIA)
    day = local.date() + dt.timedelta(days=local.time() >= at)
    return dt.datetime.combine(day, at, INDIA)
