"""``openbroker doctor``: what would stop an order, found out without placing one.

Every check looks at one thing and says what it found and what to do.  Nothing is changed at the
broker; a session is opened only when asked for.  No finding holds a credential's value.
"""

from __future__ import annotations

import datetime as dt
import enum
import os
import stat
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import ClassVar, Final

from attrs import frozen

from openbroker.adapters.base import Adapter, CredentialField
from openbroker.errors import ConfigError, OpenBrokerError, TransportError
from openbroker.market_rules import READ, rules_for
from openbroker.name_clash import OURS, REMEDY, clash
from openbroker.registry import adapter_for
from openbroker.schemas import INDIA, Record, Table
from openbroker.session import totp
from openbroker.session.credentials import read_profile, refuse_unread, resolve, variable
from openbroker.transport.exchange import Transport
from openbroker.transport.messages import Reply, Request
from openbroker.transport.probe import probe

SAMPLES: Final = 3
SKEW_NOTED: Final = 5.0
"""Seconds of clock difference that are worth a word."""
SKEW_FATAL: Final = 20.0
"""Seconds at which one-time codes, which live 30, begin to be refused."""


class Verdict(enum.StrEnum):
    """What a check came to."""

    OK = "OK"
    NOTE = "NOTE"
    """Worth knowing; stops nothing by itself."""
    WARNING = "WARNING"
    """May stop an order, now or later."""
    PROBLEM = "PROBLEM"
    """Stops orders."""


@frozen(kw_only=True)
class Check(Record):
    """One thing looked at."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("check", "verdict", "finding", "advice")

    check: str
    verdict: Verdict
    finding: str
    advice: str = ""


async def examine(
    broker: str, *, base_url: str | None = None, ca_file: str | None = None, log_in: bool = False
) -> Table[Check]:
    """Everything that may stop an order at this broker.

    Args:
        broker: a name of :func:`openbroker.brokers`.
        base_url, ca_file: as for ``connect``.
        log_in: also open a session, which uses up a one-time code.

    Raises:
        UnknownBroker, ConfigError: there is no such broker, or an argument is malformed.
    """
    adapter = adapter_for(broker).at(base_url)
    checks = [installation(), *credentials(adapter), *folders()]
    if adapter.name != "sandbox":
        checks += await network(adapter, ca_file)
        checks.append(await session(adapter, base_url, ca_file, log_in=log_in))
        checks += rules(adapter)
    return Table(Check, checks)


def has_problems(checks: Sequence[Check]) -> bool:
    """Whether something stops orders."""
    return any(check.verdict is Verdict.PROBLEM for check in checks)


# -- this installation


def installation() -> Check:
    """Whether another project's package shares our import name."""
    found = clash()
    if found is not None:
        return Check(check="installation", verdict=Verdict.PROBLEM, finding=found, advice=REMEDY)
    return Check(
        check="installation", verdict=Verdict.OK, finding=f"{OURS} alone has the import name"
    )


def folders() -> Iterator[Check]:
    """Whether the journal can be written, and who else can read it."""
    from openbroker.orders.journal import default_root
    from openbroker.session.credentials import config_file

    yield writable("journal folder", default_root())
    settings = config_file()
    if settings.exists():
        yield private("settings file", settings)


def writable(name: str, folder: Path) -> Check:
    """Writes a file there and removes it again."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Check(
            check=name,
            verdict=Verdict.PROBLEM,
            finding=f"{folder} cannot be written: {error.strerror}",
            advice="No order is placed without a journal; free some space or allow the folder.",
        )
    return private(name, folder)


def private(name: str, path: Path) -> Check:
    """Whether others on this machine can read it."""
    if sys.platform == "win32":
        finding = f"{path}; on Windows the rights of your profile's folder decide who reads it"
        return Check(check=name, verdict=Verdict.NOTE, finding=finding)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Check(
            check=name,
            verdict=Verdict.WARNING,
            finding=f"{path} is open to others (mode {mode:o})",
            advice=f"Run: chmod go-rwx {path}",
        )
    return Check(check=name, verdict=Verdict.OK, finding=str(path))


# -- credentials


def credentials(adapter: Adapter) -> Iterator[Check]:
    """Each thing that a login needs: whether it is there and has the right shape."""
    if adapter.name == "sandbox":
        yield Check(check="credentials", verdict=Verdict.OK, finding="the sandbox needs none")
        return
    for field in adapter.credentials:
        if field.name not in {other.instead for other in adapter.credentials}:
            stand_ins = list(stand_ins_of(field, adapter.credentials))
            yield credential(adapter.name, field, stand_ins)
    yield from profile(adapter)


def profile(adapter: Adapter) -> Iterator[Check]:
    """What the profile says in vain, if anything."""
    names = [field.name for field in (*adapter.credentials, *adapter.settings)]
    try:
        refuse_unread(adapter.name, read_profile(adapter.name), names)
    except ConfigError as error:
        yield _problem("profile", error)


def stand_ins_of(
    field: CredentialField, fields: Sequence[CredentialField]
) -> Iterator[CredentialField]:
    """What can stand in for a field, and what can stand in for that."""
    for other in fields:
        if other.name == field.instead:
            yield other
            yield from stand_ins_of(other, fields)


def credential(broker: str, field: CredentialField, stand_in: Sequence[CredentialField]) -> Check:
    name = f"credential {field.name}"
    try:
        found = resolve(broker, [field, *stand_in], {})
        if field.name == "totp_secret" and field.name in found:
            totp.code_at(found[field.name], time.time())
    except ConfigError as error:
        return _problem(name, error)
    if not found:
        finding = f"not there; only some logins need it ({field.title})"
        return Check(check=name, verdict=Verdict.NOTE, finding=finding)
    source = "environment" if os.environ.get(variable(broker, field.name)) else "profile"
    if field.name not in found:
        source = f"{', '.join(found)} stands in for it"
    return Check(check=name, verdict=Verdict.OK, finding=f"there ({source}), well-formed")


def _problem(name: str, error: ConfigError) -> Check:
    return Check(
        check=name,
        verdict=Verdict.PROBLEM,
        finding=error.message,
        advice=error.advice.removeprefix("Nothing was sent. "),
    )


# -- the way to the broker


async def network(adapter: Adapter, ca_file: str | None) -> list[Check]:
    """Whether the host answers, how far away it is, and whether its clock agrees with ours."""
    url = adapter.hosts["rest"]
    try:
        rows = await probe(url + "/", samples=SAMPLES, ca_file=ca_file)
        skew = await clock_skew(url + "/", ca_file)
    except TransportError as error:
        return [
            Check(
                check="network",
                verdict=Verdict.PROBLEM,
                finding=f"{url} cannot be reached: {error.message}",
                advice="Check the network, base_url and ca_file; brokers' status pages tell of "
                "outages.",
            )
        ]
    new, kept = rows[0], rows[1]
    return [
        Check(
            check="network",
            verdict=Verdict.OK,
            finding=(
                f"{url}: {new.total:.0f} ms with a new connection (DNS {new.dns:.0f}, TCP "
                f"{new.connect:.0f}, TLS {new.tls:.0f}), {kept.total:.0f} ms with a kept one"
            ),
        ),
        clock(skew),
    ]


async def clock_skew(url: str, ca_file: str | None) -> float | None:
    """Seconds by which this computer's clock is ahead of the server's ``Date``; ``None`` without.

    ``Date`` has whole seconds, so half of one is added; the travel time is split evenly.

    Raises:
        TransportError: no answer came.
    """
    transport = Transport(ca_file=ca_file)
    try:
        asked = time.time()
        answer = await transport.exchange(Request(method="GET", url=url, operation="clock"))
        here = (asked + time.time()) / 2
    finally:
        await transport.aclose()
    if not isinstance(answer, Reply):
        raise TransportError(f"{answer.phase.value}: {answer.cause}")
    text = {name.lower(): value for name, value in answer.headers.items()}.get("date")
    try:
        return None if text is None else here - parsedate_to_datetime(text).timestamp() - 0.5
    except ValueError:
        return None


def clock(skew: float | None) -> Check:
    """What a clock difference means for one-time codes."""
    if skew is None:
        return Check(check="clock", verdict=Verdict.NOTE, finding="the host does not tell its time")
    side = "ahead of" if skew > 0 else "behind"
    finding = f"this computer is {abs(skew):.0f} s {side} the broker's clock"
    if abs(skew) < SKEW_NOTED:
        return Check(check="clock", verdict=Verdict.OK, finding=finding)
    return Check(
        check="clock",
        verdict=Verdict.PROBLEM if abs(skew) >= SKEW_FATAL else Verdict.WARNING,
        finding=finding,
        advice="One-time codes live 30 seconds: let the system set its clock from the network.",
    )


async def session(
    adapter: Adapter, base_url: str | None, ca_file: str | None, *, log_in: bool
) -> Check:
    """Whether the credentials open a session."""
    if not log_in:
        return Check(
            check="session",
            verdict=Verdict.NOTE,
            finding="not tried",
            advice="--login tries it, and uses up a one-time code.",
        )
    from openbroker.client import open_account

    try:
        account = open_account(adapter.name, {}, base_url=base_url, ca_file=ca_file)
        try:
            opened = await account.sessions.current()
        finally:
            await account.transport.aclose()
    except OpenBrokerError as error:
        return Check(
            check="session",
            verdict=Verdict.PROBLEM,
            finding=f"{type(error).__name__}: {error.message}",
            advice=error.advice,
        )
    until = opened.expires_at.astimezone(INDIA) if opened.expires_at else None
    return Check(
        check="session",
        verdict=Verdict.OK,
        finding=f"logged in as {opened.account}"
        + (f"; it ends {until:%d %b %H:%M} IST" if until else ""),
    )


# -- rules


def rules(adapter: Adapter) -> Iterator[Check]:
    """What regulation, exchange and broker ask today, and what is announced."""
    today = dt.datetime.now(INDIA).date()
    for rule in rules_for(adapter.name, today):
        when = "since" if rule.is_in_force(today) else "from"
        yield Check(
            check=f"rule: {rule.subject}",
            verdict=Verdict.NOTE,
            finding=f"{when} {rule.since}: {rule.text}",
            advice=f"Source: {rule.source}; read last on {READ}",
        )


__all__ = ["Check", "Verdict", "examine", "has_problems"]
