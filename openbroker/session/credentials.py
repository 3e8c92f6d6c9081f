"""Where credentials come from: the argument, then the environment, then the profile.

The variable of a field is ``OPENBROKER_<BROKER>_<FIELD>``.  A profile is a table
``[<broker>]`` in ``config.toml`` in the platform's configuration folder; a secret never stands in
it, only a reference: ``env:NAME``, ``file:/path`` (refused if others can read it) or
``keyring:service/user`` (extra ``keyring``).
"""

from __future__ import annotations

import difflib
import os
import re
import stat
import sys
import tomllib
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path

import platformdirs

from openbroker.adapters.base import CredentialField, Credentials
from openbroker.errors import ConfigError
from openbroker.schemas.secret import Secret

REFERENCES = ("env:", "file:", "keyring:")
"""What a secret in a profile has to begin with."""


def variable(broker: str, field: str) -> str:
    """The environment variable of a broker's field."""
    return f"OPENBROKER_{broker}_{field}".upper()


def resolve(
    broker: str,
    fields: Sequence[CredentialField],
    given: Mapping[str, str | Secret | None],
    environment: Mapping[str, str] | None = None,
    *,
    beside: Sequence[str] = (),
) -> dict[str, Secret]:
    """Every field that a login needs.

    ``beside`` are names that may have been meant by one that is no field's: ``connect``'s settings.

    Raises:
        ConfigError: a field is unknown, missing or malformed; it and its variable are named, all
            missing ones at once. No message holds a value.
    """
    known = {field.name: field for field in fields}
    for name, value in given.items():
        if name not in known:
            raise _unknown(broker, name, known, beside)
        if value is not None and not _is_text(value):
            raise ConfigError(f"{name} (of type {type(value).__name__}) is not text or a Secret")
    sources = _Sources(broker, known, given, os.environ if environment is None else environment)
    found = {name: value for name in known if (value := sources.look_up(name)) is not None}
    if beside:  # all that connect() knows is known here, so what is over was mistyped
        refuse_unread(broker, sources.profile, known)
    _refuse_missing(broker, fields, found)
    for name, value in found.items():
        _refuse_malformed(broker, known[name], value)
    return found


def _is_text(value: object) -> bool:
    """Text, or what is often typed in its place: a PIN as a number."""
    return isinstance(value, (str, Secret, int)) and not isinstance(value, bool)


def _unknown(
    broker: str, name: str, fields: Iterable[str], beside: Sequence[str], *, at: str = ""
) -> ConfigError:
    """Nobody knows that name: the nearest one is named, or else all of the broker's."""
    near = difflib.get_close_matches(name, [*fields, *beside], n=1)
    guess = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(fields)}"
    what = "credential or setting" if beside or at else "credential"
    return ConfigError(f"{at}{broker} has no {what} {name!r}; {guess}")


class _Sources:
    def __init__(
        self,
        broker: str,
        fields: Mapping[str, CredentialField],
        given: Mapping[str, str | Secret | None],
        environment: Mapping[str, str],
    ) -> None:
        self._broker = broker
        self._fields = fields
        self._given = given
        self._environment = environment
        self._profile: Mapping[str, object] | None = None

    @property
    def profile(self) -> Mapping[str, object]:
        """The profile, as far as it was needed."""
        return self._profile or {}

    def look_up(self, name: str) -> Secret | None:
        value = self._given.get(name)
        if value is not None:
            return value if isinstance(value, Secret) else Secret(value)
        text = self._environment.get(variable(self._broker, name))
        if text:
            return Secret(text.strip())
        return self._from_profile(name)

    def _from_profile(self, name: str) -> Secret | None:
        if self._profile is None:
            self._profile = read_profile(self._broker)
        value = self._profile.get(name)
        if value is None:
            return None
        if self._fields[name].secret and not str(value).startswith(REFERENCES):
            raise ConfigError(
                f"{name} stands in {config_file()} itself, which is no place for a secret",
                advice="Nothing was sent. Write env:NAME, file:PATH or keyring:SERVICE/USER there.",
            )
        return dereference(str(value), self._environment)


def config_file() -> Path:
    """Where profiles are kept."""
    return Path(platformdirs.user_config_dir("openbroker")) / "config.toml"


def read_profile(broker: str) -> Mapping[str, object]:
    """The broker's table in the configuration file; empty without one.

    Raises:
        ConfigError: the file is not TOML, or cannot be read.
    """
    path = config_file()
    try:
        table = tomllib.loads(path.read_text("utf-8")).get(broker, {})
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    return table if isinstance(table, dict) else {}


def refuse_unread(broker: str, profile: Mapping[str, object], names: Iterable[str]) -> None:
    """Raises ``ConfigError`` if the profile says what nobody reads."""
    known = list(names)
    for name in profile:
        if name not in known:
            error = _unknown(broker, name, known, (), at=f"{config_file()}: ")
            error.advice = (
                "Nothing was sent. Correct it there; the other arguments of connect(...) have no "
                "place in the profile."
            )
            raise error


def dereference(text: str, environment: Mapping[str, str]) -> Secret:
    """The secret behind ``env:``, ``file:`` or ``keyring:``; other text stands for itself.

    Raises:
        ConfigError: there is nothing behind it, or others can read the file.
    """
    kind, _, rest = text.partition(":")
    if kind == "env":
        if rest not in environment:
            raise ConfigError(f"the profile points to the variable {rest}, which is not set")
        return Secret(environment[rest])
    if kind == "file":
        return Secret(_read_private(Path(rest).expanduser()))
    if kind == "keyring":
        return Secret(_read_keyring(rest))
    return Secret(text)


def _read_private(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        if sys.platform != "win32" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigError(
                f"{path} can be read by others", advice=f"Nothing was sent. Run: chmod 600 {path}"
            )
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None


def _read_keyring(rest: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ConfigError(
            "keyring: references need the extra of that name",
            advice="Nothing was sent. Install openbroker-sdk[keyring].",
        ) from None
    service, _, user = rest.partition("/")
    try:
        value = keyring.get_password(service, user)
    except KeyringError as error:
        raise ConfigError(
            f"the keyring cannot be asked for {service}/{user} ({type(error).__name__})",
            advice="Nothing was sent. Where there is no keyring, as on most servers, write "
            "env:NAME or file:PATH in the profile.",
        ) from None
    if value is None:
        raise ConfigError(f"the keyring holds nothing for {service}/{user}")
    return str(value)


def _refuse_missing(broker: str, fields: Sequence[CredentialField], found: Credentials) -> None:
    stand_ins = {field.instead for field in fields if field.instead}
    missing = [
        field
        for field in fields
        if field.name not in found
        and field.default is None
        and field.name not in stand_ins
        and not has_stand_in(field, fields, found)
    ]
    if missing:
        wants = "; ".join(
            f"{field.name} ({field.title}; or set {variable(broker, field.name)})"
            for field in missing
        )
        raise ConfigError(
            f"{broker} needs {wants}",
            advice="Nothing was sent. Pass it to connect(...) or set the variable.",
        )


def has_stand_in(
    field: CredentialField, fields: Sequence[CredentialField], found: Container[str]
) -> bool:
    """Whether another field stands in for it, or one that stands in for that one."""
    others = (other for other in fields if other.name == field.instead)
    return any(other.name in found or has_stand_in(other, fields, found) for other in others)


def _refuse_malformed(broker: str, field: CredentialField, value: Secret) -> None:
    if not re.fullmatch(field.pattern, value.reveal()):
        raise ConfigError(
            f"{field.name} ({variable(broker, field.name)}) should be {field.expects}",
            advice="Nothing was sent. Correct it; its value is not shown here on purpose.",
        )
