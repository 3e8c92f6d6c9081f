"""The sandbox's certificate authority.

One authority a process, made on first use and held in memory only: every wire server of the process
is signed by it, so one CA file opens them all.  Its private key is never written.  Verification
is therefore never switched off in a test or an example: clients are given the CA file instead.
"""

from __future__ import annotations

import functools
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from openbroker.errors import ConfigError

if TYPE_CHECKING:
    import trustme

IDENTITIES = ("localhost", "127.0.0.1", "127.0.0.2", "127.0.0.3", "::1")


@functools.cache
def authority() -> trustme.CA:
    """The process's authority.

    Raises:
        ConfigError: trustme (extra ``sandbox``) is not installed.
    """
    try:
        import trustme
    except ImportError as error:
        raise ConfigError(
            "the sandbox's TLS server needs the package trustme",
            advice="pip install 'openbroker-sdk[sandbox]'",
        ) from error
    return trustme.CA(organization_name="openbroker sandbox")


def server_context(*, host: str, http2: bool) -> ssl.SSLContext:
    """A fresh server context for ``host`` (and every loopback name), TLS 1.2 or later."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    authority().issue_cert(*dict.fromkeys((host, *IDENTITIES))).configure_cert(context)
    return context


def write_ca(folder: Path) -> Path:
    """Write the authority's certificate as ``ca.pem`` into ``folder``; returns the file's path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "ca.pem"
    authority().cert_pem.write_to_path(path)
    return path
