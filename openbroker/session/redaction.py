"""Keeps secrets out of logs.

Every secret that a broker connection holds is registered here; a filter on our loggers and on those
of httpx, httpcore, h2 and hpack replaces it wherever it appears.  hpack at DEBUG prints headers in
encoded form too, which no text filter can clean, so hpack and h2 say nothing below WARNING.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable
from typing import Final

from openbroker.schemas.secret import Secret

SHORTEST: Final = 4
"""Shorter texts are not scrubbed: they would hit everywhere and hide nothing."""

FILTERED: Final = (
    "openbroker", "openbroker.instruments", "openbroker.orders", "openbroker.registry",
    "openbroker.sandbox", "openbroker.session", "openbroker.transport", "httpx", "httpcore",
    "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "httpcore.socks",
)  # fmt: skip
"""Loggers that are filtered even before they exist, every one of ours among them: a logger's filter
does not see what its children log. Whatever other children exist by then get the filter too."""
SILENCED: Final = ("hpack", "hpack.hpack", "hpack.table", "hpack.huffman", "h2")

_FAMILIES: Final = ("openbroker", "httpx", "httpcore")

_live: Counter[str] = Counter()
_lock = threading.Lock()


def protect(secrets: Iterable[Secret]) -> None:
    """Register secrets; each call wants one :func:`release`."""
    with _lock:
        _live.update(s.reveal() for s in secrets if len(s) >= SHORTEST)
    _install()


def release(secrets: Iterable[Secret]) -> None:
    """Forget secrets that nobody else has registered."""
    with _lock:
        _live.subtract(s.reveal() for s in secrets if len(s) >= SHORTEST)
        for text in [text for text, count in _live.items() if count <= 0]:
            del _live[text]


def scrub(text: str) -> str:
    """The text with every registered secret masked, the longest first."""
    with _lock:
        live = sorted(_live, key=len, reverse=True)
    for secret in live:
        if secret in text:
            text = text.replace(secret, Secret.MASK)
    return text


class RedactingFilter(logging.Filter):
    """Masks registered secrets in a record's message and arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        clean = scrub(message)
        if clean != message:
            record.msg, record.args = clean, ()
        if record.exc_info and record.exc_info[1] is not None:
            text = logging.Formatter().formatException(record.exc_info)
            record.exc_text = scrub(text)
        return True


_FILTER: Final = RedactingFilter()


def _install() -> None:
    for name in {*FILTERED, *_children()}:
        logger = logging.getLogger(name)
        if _FILTER not in logger.filters:
            logger.addFilter(_FILTER)
    for name in SILENCED:
        logger = logging.getLogger(name)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)


def _children() -> list[str]:
    known = list(logging.root.manager.loggerDict)
    return [name for name in known if name.partition(".")[0] in _FAMILIES]
