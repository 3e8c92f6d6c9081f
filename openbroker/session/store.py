"""Keeps today's session for the next process, for those who ask for it.

Most brokers end a session when another login starts, and a one-time code serves one login, so two
scripts on one account have to share tokens.  The file lies in the platform's state folder, readable
by its owner alone (on Windows as the user's own folders are), one for each broker, address and
account.  It holds access tokens of the day; keys and passwords of the login are left out wherever
the adapter's tokens do not repeat them, and the TOTP secret and the PIN never stand in it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import stat
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs
from attrs import frozen

from openbroker.errors import StorageError
from openbroker.schemas import Secret, Session


def default_folder() -> Path:
    """Where sessions are kept."""
    return Path(platformdirs.user_state_dir("openbroker", appauthor=False)) / "sessions"


@frozen(kw_only=True)
class SessionStore:
    """One account's kept session."""

    path: Path

    @classmethod
    def of(cls, broker: str, url: str, account: str, folder: Path | None = None) -> SessionStore:
        """The store of an account at one address: a sandbox's never meets a real one's."""
        name = re.sub(r"[^A-Za-z0-9.@_-]", "_", f"{account or 'account'}@{urlsplit(url).netloc}")
        return cls(path=(folder or default_folder()) / broker / f"{name}.json")

    def load(self, now: dt.datetime) -> Session | None:
        """The kept session; ``None`` if there is none that could still live.

        Raises:
            StorageError: others can read the file, so its tokens are no secret any more.
        """
        try:
            mode = self.path.stat().st_mode
            text = self.path.read_text("utf-8")
        except OSError:
            return None
        if sys.platform != "win32" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise StorageError(
                f"{self.path} can be read by others",
                advice=f"Log out, then run: chmod 600 {self.path}",
            )
        session = _read(text)
        return None if session is None or session.is_expired(now) else session

    def save(self, session: Session) -> None:
        """Keep a session in place of what was kept, whole or not at all.

        Raises:
            StorageError: the folder cannot be written.
        """
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=folder, prefix=".session-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(_written(session))
            Path(name).replace(self.path)
        except OSError as error:
            raise StorageError(f"{self.path} cannot be written: {error.strerror}") from None

    def forget(self) -> None:
        """Keep nothing."""
        self.path.unlink(missing_ok=True)


def _written(session: Session) -> str:
    expires = session.expires_at
    return json.dumps(
        {
            "broker": session.broker,
            "account": session.account,
            "created_at": session.created_at.isoformat(),
            "expires_at": expires.isoformat() if expires else None,
            "tokens": {name: secret.reveal() for name, secret in session.tokens.items()},
        }
    )


def _read(text: str) -> Session | None:
    """The session behind a file's text; a file that is none of ours is no session."""
    try:
        data = json.loads(text)
        expires = data["expires_at"]
        return Session(
            broker=str(data["broker"]),
            account=str(data["account"]),
            created_at=dt.datetime.fromisoformat(data["created_at"]),
            expires_at=dt.datetime.fromisoformat(expires) if expires else None,
            tokens={str(name): Secret(str(value)) for name, value in data["tokens"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
