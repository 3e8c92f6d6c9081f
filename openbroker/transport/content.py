"""Reply bodies: decoded under caps, so that a small bomb cannot fill the memory.

A large body (an instrument master unpacks to 30 MB and more) is decoded in a thread, because
on the event loop it would hold up every order of the process.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

RATIO: Final = 100
"""How many times larger than on the wire a body may become."""

_FREE: Final = 64 * 1024
"""Decoded bytes that no ratio is asked about: short bodies may be that repetitive."""

_INLINE: Final = 64 * 1024
"""Bytes that are unpacked where they arrive: at :data:`RATIO` that takes some milliseconds."""

_WINDOW_BITS: Final = {"gzip": 47, "x-gzip": 47, "deflate": 15}


class TooLarge(Exception):
    """A reply is larger than its cap."""


class Undecodable(Exception):
    """A reply's body is not in the encoding that it claims."""


def decoded(body: bytes, encoding: str, limit: int) -> bytes:
    """The body without its content encoding, at most ``limit`` bytes.

    Raises:
        TooLarge: it would be larger than ``limit``, or more than :data:`RATIO` times what came.
        Undecodable: the encoding is unknown or the body broken.
    """
    for name in reversed([part.strip() for part in encoding.lower().split(",") if part.strip()]):
        if name != "identity":
            body = _inflated(body, name, limit)
    if len(body) > limit:
        raise TooLarge(f"the reply's body is larger than {limit} bytes")
    return body


async def off_the_loop(unpack: Callable[[], T], body: bytes) -> T:
    """What ``unpack`` makes of a body, in a thread if the body is large.

    Only for replies that a cancelled caller may lose: not for those to orders.
    """
    if len(body) <= _INLINE:
        return unpack()
    try:
        return await asyncio.to_thread(unpack)
    except RuntimeError:  # the process is ending, and starts no thread any more
        return unpack()


def _inflated(body: bytes, name: str, limit: int) -> bytes:
    if name not in _WINDOW_BITS:
        raise Undecodable(f"content encoding {name!r} was not asked for")
    allowed = min(limit, max(_FREE, RATIO * len(body)))
    try:
        return _inflate(body, _WINDOW_BITS[name], allowed)
    except zlib.error as error:
        raise Undecodable(f"the reply's {name} body is broken") from error


def _inflate(body: bytes, window_bits: int, allowed: int) -> bytes:
    if window_bits == 15 and not _has_zlib_header(body):
        window_bits = -15
    inflater = zlib.decompressobj(window_bits)
    result = inflater.decompress(body, allowed + 1)
    if len(result) > allowed:
        raise TooLarge(f"the reply's body unpacks to more than {allowed} bytes")
    if not inflater.eof:
        raise Undecodable("the reply's packed body is cut short")
    return result


def _has_zlib_header(body: bytes) -> bool:
    """Whether "deflate" means zlib, as the standard says, or raw deflate, as some servers do."""
    return len(body) >= 2 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
