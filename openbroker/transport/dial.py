"""Opening a connection: names, addresses raced against each other, a proxy, TLS.

Nothing of a request leaves before this is done, so every failure here is proof of "not sent".
"""

from __future__ import annotations

import asyncio
import base64
import enum
import ipaddress
import itertools
import socket
import ssl
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import h11
from attrs import field, frozen

from openbroker.errors import ConfigError
from openbroker.transport.connection import Connection
from openbroker.transport.http1 import ProtocolFault
from openbroker.transport.messages import Phase
from openbroker.transport.tls import tls_context

_STAGGER: Final = 0.25
"""Seconds that an address has before the next one is tried beside it (RFC 8305, 5)."""

_KEEPALIVE: Final = (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))

_TCP_INFO_RTT: Final = slice(68, 72)
"""Where Linux's ``struct tcp_info`` holds ``tcpi_rtt``, microseconds."""

_Address = tuple[int, int, int, str, Any]


@frozen(kw_only=True)
class Proxy:
    """An HTTP CONNECT proxy; its credentials never show."""

    host: str
    port: int
    authorization: bytes = field(default=b"", repr=False)

    @classmethod
    def parse(cls, text: str) -> Proxy:
        """Read ``http://[user:password@]host:port``.

        Raises:
            ConfigError: it is something else; the message does not repeat it.
        """
        parts = urlsplit(text)
        if parts.scheme != "http" or not parts.hostname or parts.port is None:
            raise ConfigError("proxy must look like http://[user:password@]host:port")
        if parts.username is None:
            return cls(host=parts.hostname, port=parts.port)
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        word = b"Basic " + base64.b64encode(pair.encode())
        return cls(host=parts.hostname, port=parts.port, authorization=word)


class Lane(enum.Enum):
    """What a connection is kept for."""

    ORDER = "order"
    """HTTP/1.1, one request at a time."""
    READ = "read"
    """HTTP/2 where the server has it."""
    SLOW = "slow"
    """Reads over HTTP/1.1, apart from the orders."""


@frozen(kw_only=True)
class Route:
    """All that two requests must have in common to share a connection."""

    scheme: str
    host: str
    port: int
    local_address: str | None = None
    proxy: Proxy | None = None
    ca_file: str | None = None
    lane: Lane = Lane.ORDER

    @property
    def alpn(self) -> tuple[str, ...]:
        """The protocols to offer, best first."""
        return ("http/1.1",) if self.lane is not Lane.READ else ("h2", "http/1.1")


class DialError(Exception):
    """A connection could not be opened."""

    def __init__(self, phase: Phase, cause: str) -> None:
        super().__init__(cause)
        self.phase = phase


class Dial:
    """One opening of one connection; ``phase`` tells how far it is."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self.phase = Phase.DNS
        if route.scheme == "https":
            tls_context(route.ca_file, route.alpn)

    async def open(self, timeout: float) -> Connection:
        """Open it.

        Raises:
            DialError: with the phase it failed in.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._open()
        except TimeoutError:
            cause = f"no connection within {timeout:g} s"
        except ssl.SSLCertVerificationError as error:
            cause = f"the server's certificate was not accepted: {error.verify_message}"
        except (OSError, ProtocolFault) as error:
            cause = f"{type(error).__name__}: {error}"
        raise DialError(self.phase, cause)

    async def _open(self) -> Connection:
        route = self._route
        end = (route.proxy.host, route.proxy.port) if route.proxy else (route.host, route.port)
        started = time.monotonic()
        addresses = await _resolve(*end, route.local_address)
        resolved = time.monotonic()
        self.phase = Phase.CONNECT
        sock = await _race(addresses, route.local_address)
        connected = time.monotonic()
        connection = await _wrap(sock)
        connection.timings.dns = resolved - started
        connection.timings.connect = connected - resolved
        connection.round_trip = round_trip(sock, connected - resolved)
        try:
            await self._greet(connection)
        except BaseException:
            connection.abort("the connection was not completed")
            raise
        return connection

    async def _greet(self, connection: Connection) -> None:
        route = self._route
        started = time.monotonic()
        if route.proxy is not None:
            await _tunnel(connection, route.proxy, route)
        if route.scheme == "https":
            self.phase = Phase.TLS
            await connection.secure(tls_context(route.ca_file, route.alpn), route.host)
            await connection.settled()
        connection.timings.tls = time.monotonic() - started


async def _resolve(host: str, port: int, local_address: str | None) -> Sequence[_Address]:
    """Addresses in the order to try, families taking turns; only those we can reach from ours."""
    family = socket.AF_UNSPEC
    if local_address is not None:
        is_v6 = ipaddress.ip_address(local_address).version == 6
        family = socket.AF_INET6 if is_v6 else socket.AF_INET
    if _is_numeric(host):
        flags = socket.AI_NUMERICHOST
        found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=flags)
    else:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
    if not found:
        raise OSError(f"no address for {host}")
    first = found[0][0]
    same = [address for address in found if address[0] == first]
    other = [address for address in found if address[0] != first]
    pairs = itertools.zip_longest(same, other)
    return [address for pair in pairs for address in pair if address is not None]


def _is_numeric(host: str) -> bool:
    """Whether the host is an address already, and needs no resolver thread."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _race(addresses: Sequence[_Address], local_address: str | None) -> socket.socket:
    """The first socket that connects; each address has a head start on the next one."""
    if len(addresses) == 1:
        return await _connect(addresses[0], local_address)
    waiting = list(addresses)
    running: set[asyncio.Task[socket.socket]] = set()
    errors: list[BaseException] = []
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(_connect(waiting.pop(0), local_address)))
            done, running = await asyncio.wait(
                running,
                timeout=_STAGGER if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                error = task.exception()
                if error is None:
                    running |= done - {task}
                    return task.result()
                errors.append(error)
    finally:
        for task in running:
            task.add_done_callback(_close_loser)
            task.cancel()
    raise errors[0]


def _close_loser(task: asyncio.Task[socket.socket]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()


async def _connect(address: _Address, local_address: str | None) -> socket.socket:
    family, kind, protocol, _, end = address
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        _set_options(sock)
        if local_address is not None:
            sock.bind((local_address, 0))
        await asyncio.get_running_loop().sock_connect(sock, end)
    except BaseException:
        sock.close()
        raise
    return sock


def _set_options(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def round_trip(sock: socket.socket, connect_time: float) -> float:
    """The connection's round trip in seconds: the kernel's figure, 0 where it gives none.

    The time that connecting took will not do: a busy loop makes it longer than the wire is, and a
    round trip taken too long would cast doubt on good replies.
    """
    if sys.platform != "linux":
        return 0.0
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    measured = int.from_bytes(info[_TCP_INFO_RTT], sys.byteorder) / 1e6
    return min(measured, connect_time)


async def _wrap(sock: socket.socket) -> Connection:
    try:
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: Connection(sock), sock=sock
        )
    except BaseException:
        sock.close()
        raise
    return connection


async def _tunnel(connection: Connection, proxy: Proxy, route: Route) -> None:
    """Ask the proxy for a tunnel (RFC 9110, 9.3.6)."""
    state = h11.Connection(h11.CLIENT)
    target = f"[{route.host}]" if ":" in route.host else route.host
    end = f"{target}:{route.port}".encode()
    headers = [(b"host", end)]
    if proxy.authorization:
        headers.append((b"proxy-authorization", proxy.authorization))
    first = state.send(h11.Request(method=b"CONNECT", target=end, headers=headers)) or b""
    first += state.send(h11.EndOfMessage()) or b""
    await connection.negotiate(_until_tunnel(state), first)


def _until_tunnel(state: h11.Connection) -> Callable[[bytes], bool]:
    def step(data: bytes) -> bool:
        try:
            state.receive_data(data)
            event = state.next_event()
        except h11.RemoteProtocolError as error:
            raise ConnectionError("the proxy does not speak HTTP") from error
        if not isinstance(event, h11.Response):
            return False
        if not 200 <= event.status_code < 300:
            raise ConnectionError(f"the proxy refused the tunnel (status {event.status_code})")
        return True

    return step
