"""What adapters and the transport say to each other.

A flow yields :class:`Request` objects and is sent :class:`Reply` objects; everything between the
two, sockets included, is the transport's business.  The transport's side of the seam is one
coroutine::

    exchange(request, deadline) -> Reply | TransportFailure

It raises only ``asyncio.CancelledError``; every other way of failing is a
:class:`TransportFailure`, whose ``handed_over`` is the whole truth about whether a byte of the
request may have left this process.  It becomes true immediately *before* the bytes are handed to
the operating system, so ``False`` is proof and ``True`` is only a possibility.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Final, TypeAlias, TypeVar

from attrs import field, frozen

T = TypeVar("T")


class Effect(enum.StrEnum):
    """What a request does at the broker, which decides how it may be treated on the way."""

    READ = "READ"
    """Changes nothing: may be repeated, may travel over HTTP/2."""
    SESSION = "SESSION"
    """Login, renewal, log-out: changes no order, and is not repeated blindly."""
    ORDER = "ORDER"
    """May create, change or cancel an order: travels on the order lane, is never repeated once a
    byte of it may have left."""


class Phase(enum.StrEnum):
    """How far an exchange had come."""

    QUEUE = "queue"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    WRITE = "write"
    WAIT = "wait"
    BODY = "body"


_CONTROL: Final = re.compile(r"[\r\n\0]")


def _no_control(_: object, attribute: object, value: str) -> None:
    if _CONTROL.search(value):
        raise ValueError(f"{getattr(attribute, 'name', 'text')} holds a CR, LF or NUL")


def _clean_headers(_: object, __: object, value: Mapping[str, str]) -> None:
    if not _CONTROL.search("".join([*value.keys(), *value.values()])):
        return
    for name, text in value.items():
        if _CONTROL.search(name) or _CONTROL.search(text):
            raise ValueError(f"header {name!r} holds a CR, LF or NUL")


@frozen(kw_only=True, repr=False)
class Request:
    """One HTTP request, complete but for the connection.

    Attributes:
        method: the HTTP method, upper case.
        url: the absolute address, query included. Never holds a secret.
        headers: header names to values; may hold secrets, so ``repr`` does not show them.
        content: the body's bytes; may hold secrets likewise.
        operation: the adapter's operation, for logs, limits and latency figures.
        effect: what the request does at the broker.
        bucket: which of the adapter's rate limits it draws on; ``None`` for none.
        max_bytes: how large a reply body may be, decoded.
        timeout: seconds to the end of the reply; ``None`` takes the broker's default.
    """

    method: str = field(validator=_no_control)
    url: str = field(validator=_no_control)
    headers: Mapping[str, str] = field(factory=dict, validator=_clean_headers)
    content: bytes = b""
    operation: str = "request"
    effect: Effect = Effect.READ
    bucket: str | None = None
    max_bytes: int = 8 * 1024 * 1024
    timeout: float | None = None

    @property
    def repeatable(self) -> bool:
        """Whether a second sending changes nothing at the broker."""
        return self.effect is Effect.READ

    @property
    def path(self) -> str:
        """The address without its query, for logs."""
        return self.url.partition("?")[0]

    def __repr__(self) -> str:
        return f"<Request {self.operation}: {self.method} {self.path} {self.effect.value}>"


@frozen(kw_only=True)
class Timings:
    """Where an exchange spent its time, in seconds.

    ``dns``, ``connect`` and ``tls`` are zero on a reused connection. ``first_byte`` runs from the
    end of the write to the reply's first byte. ``total`` runs from the call to the last byte.
    """

    queue: float = 0.0
    dns: float = 0.0
    connect: float = 0.0
    tls: float = 0.0
    write: float = 0.0
    first_byte: float = 0.0
    total: float = 0.0
    reused: bool = False
    protocol: str = ""


@frozen(kw_only=True, repr=False)
class Reply:
    """One HTTP reply, whole.

    Attributes:
        status: the HTTP status.
        headers: names in lower case.
        content: the decoded body.
        received_at: when the last byte arrived (aware, UTC).
        timings: where the time went.
        connection: an opaque name of the connection that carried it.
        doubt: why this may not be the answer to our request (surplus bytes on the connection, an
            answer sooner than the wire allows), else ``None``. A doubtful reply to an
            order-changing request proves nothing.
    """

    status: int
    headers: Mapping[str, str] = field(factory=dict)
    content: bytes = b""
    received_at: dt.datetime
    timings: Timings = field(factory=Timings)
    connection: str = ""
    doubt: str | None = None

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def __repr__(self) -> str:
        return f"<Reply {self.status} {self.content_type or '?'} {len(self.content)} bytes>"


@frozen(kw_only=True)
class TransportFailure:
    """An exchange without a reply.

    Attributes:
        phase: how far it had come.
        handed_over: whether any byte of the request may have left this process. ``False`` is
            proof that the broker has not seen it.
        cause: what happened, in words without secrets.
        connection: the connection's opaque name, empty when there was none.
        attempt: which attempt this was, from 1.
        timings: where the time went until then.
    """

    phase: Phase
    handed_over: bool
    cause: str
    connection: str = ""
    attempt: int = 1
    timings: Timings = field(factory=Timings)


Flow: TypeAlias = Generator[Request, Reply, T]
"""An operation of an adapter: yields requests, is sent replies, returns its result."""


def _names(buckets: Iterable[str]) -> frozenset[str]:
    return frozenset(buckets)


@frozen(kw_only=True)
class RateLimit:
    """How many requests a broker takes in a time.

    Attributes:
        bucket: the limit's name; requests name it in ``Request.bucket``.
        covers: the buckets that draw on this limit; by default only itself. A request's bucket may
            be covered by several limits (each of place, modify and cancel has its own, and there
            is one for all three), and every one of them must have room.
        urgent: those of the covered buckets that go first and may use the reserve.
        per_second, per_minute, per_hour, per_day: requests in any such span; ``None`` for no limit.
    """

    bucket: str
    covers: frozenset[str] = field(default=frozenset(), converter=_names)
    urgent: frozenset[str] = field(default=frozenset(), converter=_names)
    per_second: int | None = None
    per_minute: int | None = None
    per_hour: int | None = None
    per_day: int | None = None

    @property
    def members(self) -> frozenset[str]:
        return self.covers or frozenset((self.bucket,))

    def spans(self) -> Iterator[tuple[float, int]]:
        """Each span in seconds with its capacity."""
        table = (
            (1.0, self.per_second),
            (60.0, self.per_minute),
            (3_600.0, self.per_hour),
            (86_400.0, self.per_day),
        )
        return ((span, capacity) for span, capacity in table if capacity is not None)
