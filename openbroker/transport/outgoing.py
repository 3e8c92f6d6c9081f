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

_LINES: Final = re.compile(rb"(?:[!#$%&'*+\-.^_`|~0-9a-z]+: [^\x00-\x08\x0a-\x1f\x7f]*\r\n)*")
"""Header lines as RFC 9110, 5.5 and 5.6.2 allow them, names in lower case."""

_METHOD: Final = re.compile(rb"[A-Z]+")
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

    __slots__ = (
        "address",
        "content",
        "header_lines",
        "headers",
        "max_bytes",
        "method",
        "must_not_repeat",
    )

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
        if not _METHOD.fullmatch(method):
            raise BadRequest("the method is not a word in upper case")
        self.method = method
        self.address = address
        self.headers = headers
        self.header_lines = _lines(headers)
        self.content = content
        self.max_bytes = max_bytes
        self.must_not_repeat = must_not_repeat


def _lines(headers: Headers) -> bytes:
    """The headers as HTTP/1.1 writes them; also how both protocols check them."""
    lines = b"".join([b"%b: %b\r\n" % pair for pair in headers])
    if not _LINES.fullmatch(lines):
        raise BadRequest("a header holds a control character, or its name is not a token")
    if len(lines) > _HEADERS_CAP:
        raise BadRequest("the headers are larger than 64 KiB")
    return lines


@lru_cache(maxsize=256)
def header_name(name: str) -> bytes:
    """A header's name in lower case; empty for those that say where the message ends.

    The engine writes these itself, whatever it is given.
    """
    lowered = name.lower().encode("ascii")
    return b"" if lowered in _FRAMING else lowered


def without_framing(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers as bytes, less those that say where the message ends."""
    named = ((header_name(name), value) for name, value in headers)
    return [(name, value.encode("latin-1")) for name, value in named if name]


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
