"""TLS apart from sockets: bytes in, bytes out.

asyncio's own TLS transport cannot tell how long a handshake took, buffers a quarter of a megabyte
a connection and hides whether anything was written; over memory buffers all that is plain.

Contexts are built once per trust store and protocol list, because one costs 15 ms and more, and an
ALPN list set on a shared context would reach its other users.  Verification cannot be switched off.
"""

from __future__ import annotations

import contextlib
import ssl
from functools import lru_cache
from pathlib import Path
from typing import Final

import certifi

from openbroker.errors import ConfigError

_READ: Final = 64 * 1024


def tls_context(ca_file: str | None, alpn: tuple[str, ...]) -> ssl.SSLContext:
    """The process's one client context for this trust store and these protocols.

    A file that has been written anew is read anew.
    """
    written = Path(ca_file).stat().st_mtime_ns if ca_file and Path(ca_file).exists() else 0
    return _context(ca_file, written, alpn)


@lru_cache(maxsize=32)
def _context(ca_file: str | None, _: int, alpn: tuple[str, ...]) -> ssl.SSLContext:
    """``SSLContext`` itself rather than ``create_default_context``, which would write the session
    keys to wherever the environment's SSLKEYLOGFILE points.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.load_verify_locations(cafile=certifi.where())
    if ca_file is not None:
        _trust(context, ca_file)
    context.set_alpn_protocols(list(alpn))
    return context


def _trust(context: ssl.SSLContext, ca_file: str) -> None:
    try:
        context.load_verify_locations(cafile=ca_file)
    except OSError as error:
        why = "holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise ConfigError(
            f"ca_file {ca_file}: {why}",
            advice="Nothing was sent. It has to be a file of certificates in PEM form.",
        ) from None


class Tls:
    """One TLS session over memory buffers."""

    __slots__ = ("_from_peer", "_session", "_to_peer", "closed")

    def __init__(self, context: ssl.SSLContext, hostname: str) -> None:
        self._from_peer = ssl.MemoryBIO()
        self._to_peer = ssl.MemoryBIO()
        self._session = context.wrap_bio(self._from_peer, self._to_peer, server_hostname=hostname)
        self.closed = False

    def shake_hands(self, data: bytes = b"") -> bool:
        """Go on with the handshake; whether it is done. Send :meth:`pending` either way."""
        if data:
            self._from_peer.write(data)
        try:
            self._session.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    @property
    def protocol(self) -> str | None:
        """What ALPN settled on."""
        return self._session.selected_alpn_protocol()

    def pending(self) -> bytes:
        """What TLS itself wants sent."""
        return self._to_peer.read()

    def seal(self, data: bytes) -> bytes:
        self._session.write(data)
        return self._to_peer.read()

    def open(self, data: bytes) -> bytes:
        """What the peer said; sets :attr:`closed` once it said that this is all."""
        source, read = self._from_peer, self._session.read
        if data:
            source.write(data)
        parts = []
        try:
            while source.pending:
                part = read(_READ)
                if not part:
                    self.closed = True
                    break
                parts.append(part)
        except ssl.SSLWantReadError:
            pass
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def say_goodbye(self) -> bytes:
        """The close_notify alert, where one can still be made."""
        with contextlib.suppress(ssl.SSLError):
            self._session.unwrap()
        return self._to_peer.read()
