"""Which one-time codes have served a login, for all processes of this user.

A code serves one login, so a script that starts right after ``openbroker login`` would be refused
with the code that the command has used.  The number of the last 30-second window is therefore noted
in the platform's state folder, one small file an account; it is no secret, and neither is the name
of the file, a hash.  A broker on this machine is a simulated one, whose codes may serve twice, so
nothing is noted for it.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import platformdirs

_HERE: Final = ("127.0.0.1", "::1", "localhost")


def default_folder() -> Path:
    """Where the windows are noted."""
    return Path(platformdirs.user_state_dir("openbroker", appauthor=False)) / "codes"


def last_window(broker: str, url: str, account: str) -> int:
    """The last window whose code was used; 0 where none is known."""
    try:
        return int(_file(broker, url, account).read_text("ascii"))
    except (OSError, ValueError):
        return 0


def note(broker: str, url: str, account: str, window: int) -> None:
    """A login takes this window's code."""
    if urlsplit(url).hostname in _HERE:
        return
    path = _file(broker, url, account)
    with contextlib.suppress(OSError):  # at worst the next login is refused and says why
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(str(window), "ascii")


def _file(broker: str, url: str, account: str) -> Path:
    name = hashlib.sha256(f"{broker} {url} {account}".encode()).hexdigest()[:24]
    return default_folder() / name
