"""A request in the form that goes on the wire, whichever face it came in by.

Everything that could smuggle a second request past the first is refused here, for both protocols:
control characters in any part, and the headers that frame a message, which are ours to write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from attrs import frozen

_CONTROL: Final = re.compile(rb"[\x00\r\n]")
_UNSAFE_TARGET: Final = re.compile(r"[^\x21-\x7e]")
_FRAMING: Final = frozenset(
    (b"content-length", b"transfer-encoding", b"connection", b"host", b"te", b"upgrade")
)
_PORTS: Final = {"https": 443, "http": 80}
_HEADERS_CAP: Final = 64 * 1024

Headers = list[tuple[bytes, bytes]]


class BadRequest(ValueError):
    """The request cannot be put on the wire. Nothing was sent."""


@frozen
class Address:
    """Where a request goes: the connection's end, and what is asked for there."""

    scheme: str
    host: str
    port: int
    authority: bytes
    target: bytes

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


class Outgoing:
    """One message, ready to be framed."""

    __slots__ = ("address", "content", "headers", "max_bytes", "method", "must_not_repeat")

    def __init__(
        self,
        method: bytes,
        address: Address,
        headers: Headers,
        content: bytes,
        *,
        max_bytes: int,
        must_not_repeat: bool,
    ) -> None:
        self.method = method
        self.address = address
        self.headers = _checked(headers)
        self.content = content
        self.max_bytes = max_bytes
        self.must_not_repeat = must_not_repeat


def _checked(headers: Headers) -> Headers:
    joined = b"".join([part for pair in headers for part in pair])
    if _CONTROL.search(joined):
        raise BadRequest("a header holds a CR, LF or NUL")
    if len(joined) > _HEADERS_CAP:
        raise BadRequest("the headers are larger than 64 KiB")
    return headers


def without_framing(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Lower-case names, less those that say where the message ends: the engine writes these."""
    lowered = ((name.lower(), value) for name, value in headers)
    return [pair for pair in lowered if pair[0] not in _FRAMING]


@lru_cache(maxsize=512)
def address_of(url: str) -> Address:
    """Cut an absolute address up.

    Raises:
        BadRequest: it is not an absolute http(s) address, or holds what needs escaping first.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise BadRequest("the address is not an absolute http or https address")
    if parts.username is not None or _UNSAFE_TARGET.search(url):
        raise BadRequest("the address holds credentials or characters that must be escaped")
    host = parts.hostname
    port = parts.port or _PORTS[parts.scheme]
    name = f"[{host}]" if ":" in host else host
    authority = name if port == _PORTS[parts.scheme] else f"{name}:{port}"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, host, port, authority.encode(), target.encode())
