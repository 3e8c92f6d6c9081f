"""Reading the head of a plain HTTP/1.1 reply by one strict pattern.

Nearly every reply of a broker is plain: one Content-Length, no transfer encoding, a connection that
stays.  h11 reads one in about 70 us, which is more than everything else an order costs here; the
pattern takes a tenth of that.  Whatever is not plain, or not whole in its first read, is left to
h11, and a test holds the two to the same answer for whatever the pattern accepts.
"""

from __future__ import annotations

import re
from typing import Final

from openbroker.transport.outgoing import Headers

_HEAD: Final = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9]{2})(?: [^\x00-\x08\x0a-\x1f\x7f]*+)?\r\n"
    rb"((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]++:[^\x00-\x08\x0a-\x1f\x7f]*+\r\n)++)\r\n"
)
"""Status line and field lines (RFC 9112, 4 and 5), without folding; possessive, so that no input
makes it slow."""

_BODILESS: Final = frozenset((204, 304))
_LENGTH: Final = re.compile(rb"[0-9]{1,12}")
_CAP: Final = 64 * 1024


class PlainHead:
    """A head that says all: the status, the headers, and where in the bytes the body is."""

    __slots__ = ("end", "headers", "start", "status")

    def __init__(self, status: int, headers: Headers, start: int, end: int) -> None:
        self.status = status
        self.headers = headers
        self.start = start
        self.end = end


def plain_head(data: bytes) -> PlainHead | None:
    """The head at the beginning of ``data`` if it is a plain one, else ``None``."""
    found = _HEAD.match(data)
    if found is None or found.end() > _CAP:
        return None
    headers = [_field(line) for line in found.group(2)[:-2].split(b"\r\n")]
    status = int(found.group(1))
    length = _length(headers)
    if length is None or status in _BODILESS:
        return None
    return PlainHead(status, headers, found.end(), found.end() + length)


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.lower(), value.strip(b" \t")


def _length(headers: Headers) -> int | None:
    """The body's length, if nothing else has a say in where the message ends."""
    length: int | None = None
    for name, value in headers:
        if name == b"content-length":
            if length is not None or not _LENGTH.fullmatch(value):
                return None
            length = int(value)
        elif name == b"transfer-encoding" or (
            name == b"connection" and value.lower() != b"keep-alive"
        ):
            return None
    return length
