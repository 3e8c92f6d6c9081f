"""Faults of the wire that any broker's connection may show, each a short script over the bytes.

Sources: the failure matrix measured against httpx and httpcore (resets and FINs before and after
booking, duplicated replies, GOAWAY in all its orders), RFC 9112 (message framing), RFC 9113
(streams, GOAWAY, settings, flow control), and what gateways in the field do to connections that
rest (408 from Apache and HAProxy, FIN from nginx).

A script's keyword arguments are the fault's parameters.  A script that renders no reply and closes
nothing leaves the connection silent.  Three conventions: "booked" means that the handler ran; the
service time passes before what follows ``exchange.book()``; a script ends an exchange by
``send`` (a correct reply; the connection goes on), by raw writes, or by one of the endings.
"""

from __future__ import annotations

import asyncio
import functools
import zlib
from collections import deque
from typing import TYPE_CHECKING, cast

import httpx
from h2.errors import ErrorCodes
from h2.settings import SettingCodes

from openbroker.sandbox.fault_table import FaultTable, Stage

if TYPE_CHECKING:
    from openbroker.sandbox.wire_exchange import Arrival, Exchange
    from openbroker.sandbox.wire_h1 import Http1Exchange
    from openbroker.sandbox.wire_h2 import Http2Exchange

WIRE_FAULTS = FaultTable()
H1 = "http/1.1"
H2 = "h2"
MEGABYTE = 1024 * 1024

_wire = WIRE_FAULTS.wire

# -- before a request: the connection itself ----------------------------------------------------


@_wire("RST as soon as the connection is accepted", booked=False, stage=Stage.CONNECT)
async def reset_on_connect(arrival: Arrival) -> None:
    arrival.reset()


@_wire("FIN as soon as the connection is accepted", booked=False, stage=Stage.CONNECT)
async def fin_on_connect(arrival: Arrival) -> None:
    arrival.fin()


@_wire("RST after the client's first bytes (its ClientHello)", booked=False, stage=Stage.CONNECT)
async def reset_in_handshake(arrival: Arrival) -> None:
    await arrival.read()
    arrival.reset()


@_wire("the client's first bytes are never answered", booked=False, stage=Stage.CONNECT)
async def silent_handshake(arrival: Arrival) -> None:
    await arrival.hold()


@_wire("plain HTTP where TLS is expected", booked=False, stage=Stage.CONNECT)
async def plain_text_handshake(arrival: Arrival) -> None:
    await arrival.read()
    arrival.write_raw(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    arrival.fin()


@_wire(
    "RST once `after` bytes came, headers included (under TLS: bytes of HTTP, not of TLS)",
    booked=False,
    stage=Stage.CONNECT,
)
async def reset_at_byte(arrival: Arrival, *, after: int = 20) -> None:
    await arrival.withhold(after)
    arrival.reset()


@_wire(
    "close once `after` bytes came, headers included (under TLS: bytes of HTTP, not of TLS)",
    booked=False,
    stage=Stage.CONNECT,
)
async def fin_at_byte(arrival: Arrival, *, after: int = 20) -> None:
    await arrival.withhold(after)
    arrival.close()


# -- in mid-request -----------------------------------------------------------------------------


@_wire(
    "RST once the headers are read; reused=True makes it the race of an idle close",
    booked=False,
    stage=Stage.HEAD,
)
async def reset_before_body(exchange: Exchange) -> None:
    exchange.reset()


@_wire(
    "close once the headers are read; reused=True makes it the race of an idle close",
    booked=False,
    stage=Stage.HEAD,
)
async def fin_before_body(exchange: Exchange) -> None:
    exchange.close()


@_wire("RST after `after` bytes of the request's body", booked=False, stage=Stage.HEAD)
async def reset_mid_request(exchange: Exchange, *, after: int = 1) -> None:
    await exchange.read(after)
    exchange.reset()


@_wire("close after `after` bytes of the request's body", booked=False, stage=Stage.HEAD)
async def fin_mid_request(exchange: Exchange, *, after: int = 1) -> None:
    await exchange.read(after)
    exchange.close()


@_wire(
    "a reply before the body is read (the connection's last reply again, if it had one); the "
    "request's own reply follows",
    booked=True,
    stage=Stage.HEAD,
    protocol=H1,
)
async def early_reply(exchange: Http1Exchange) -> None:
    stock = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    exchange.write(exchange.session.last_reply or stock)
    exchange.send(await exchange.book())


# -- the request was read, nothing was booked ---------------------------------------------------


@_wire("RST after the whole request, before it is booked", booked=False)
async def reset_before_booking(exchange: Exchange) -> None:
    exchange.reset()


@_wire("close after the whole request, before it is booked", booked=False)
async def fin_before_booking(exchange: Exchange) -> None:
    exchange.close()


@_wire("the request is never answered and never booked", booked=False)
async def black_hole(exchange: Exchange) -> None:
    await exchange.hold()


@_wire("the server ends its direction without a reply and reads on", booked=False)
async def half_close(exchange: Exchange) -> None:
    exchange.half_close()


# -- booked, and the reply is lost --------------------------------------------------------------


@_wire("RST after booking, before any byte of the reply", booked=True)
async def reset_after_booking(exchange: Exchange) -> None:
    await exchange.book()
    exchange.reset()


@_wire("close_notify and FIN after booking, before any byte of the reply", booked=True)
async def fin_after_booking(exchange: Exchange) -> None:
    await exchange.book()
    exchange.close()


@_wire("FIN without close_notify after booking", booked=True)
async def bare_fin_after_booking(exchange: Exchange) -> None:
    await exchange.book()
    exchange.fin()


@_wire("booked, and never answered", booked=True)
async def black_hole_booked(exchange: Exchange) -> None:
    await exchange.book()
    await exchange.hold()


@_wire("booked; the server ends its direction without a reply and reads on", booked=True)
async def half_close_booked(exchange: Exchange) -> None:
    await exchange.book()
    exchange.half_close()


# -- booked, and the reply is cut ---------------------------------------------------------------


def _cut(exchange: Exchange, reply: bytes, after: int | None) -> bytes:
    """The reply's first ``after`` bytes; by default some of them, by the plan's seed."""
    return reply[: exchange.random.randrange(1, len(reply)) if after is None else after]


@_wire("RST after `after` bytes of the reply (default: anywhere in it)", booked=True)
async def reset_mid_reply(exchange: Exchange, *, after: int | None = None) -> None:
    exchange.write(_cut(exchange, exchange.render(await exchange.book()), after))
    exchange.reset()


@_wire("close after `after` bytes of the reply (default: anywhere in it)", booked=True)
async def fin_mid_reply(exchange: Exchange, *, after: int | None = None) -> None:
    exchange.write(_cut(exchange, exchange.render(await exchange.book()), after))
    exchange.close()


@_wire("the reply stops after `after` bytes (default: anywhere) and nothing more", booked=True)
async def stalled_reply(exchange: Exchange, *, after: int | None = None) -> None:
    exchange.write(_cut(exchange, exchange.render(await exchange.book()), after))
    await exchange.hold()


@_wire("the reply's last `missing` bytes never come; the connection closes", booked=True)
async def truncated_body(exchange: Exchange, *, missing: int = 1) -> None:
    exchange.write(exchange.render(await exchange.book())[:-missing])
    exchange.close()


@_wire("the reply leaves `seconds` late", booked=True)
async def late_reply(exchange: Exchange, *, seconds: float = 10.0) -> None:
    response = await exchange.book()
    await exchange.pause(seconds)
    exchange.send(response)


@_wire("the reply comes `step` bytes at a time, `seconds` apart", booked=True)
async def slow_loris(exchange: Exchange, *, seconds: float = 0.1, step: int = 1) -> None:
    reply = exchange.render(await exchange.book())
    for start in range(0, len(reply), step):
        exchange.write(reply[start : start + step])
        await exchange.pause(seconds)


# -- booked, and the reply is malformed ---------------------------------------------------------


def _plain_head(response: httpx.Response, *lines: bytes) -> bytes:
    """Status line and headers without framing, then ``lines`` as they are."""
    kept = [
        b"%s: %s" % (name, value)
        for name, value in response.headers.raw
        if name.lower() not in {b"content-length", b"transfer-encoding"}
    ]
    status = b"HTTP/1.1 %d %s" % (response.status_code, response.reason_phrase.encode())
    return b"\r\n".join([status, *kept, *lines, b"", b""])


async def _booked_body(exchange: Exchange) -> tuple[httpx.Response, bytes]:
    response = await exchange.book()
    return response, b"".join(cast("httpx.SyncByteStream", response.stream))


@_wire("a status line that is none", booked=True, protocol=H1)
async def garbage_status_line(exchange: Exchange) -> None:
    reply = exchange.render(await exchange.book())
    exchange.write(b"\x16\x03\x01 ??? garbage\r\n" + reply.partition(b"\r\n")[2])


@_wire("Content-Length is `by` more than the body; nothing more comes", booked=True, protocol=H1)
async def content_length_too_long(exchange: Exchange, *, by: int = 10) -> None:
    response, body = await _booked_body(exchange)
    exchange.write(_plain_head(response, b"Content-Length: %d" % (len(body) + by)) + body)
    await exchange.hold()


@_wire("Content-Length is `by` less than the body", booked=True, protocol=H1)
async def content_length_too_short(exchange: Exchange, *, by: int = 1) -> None:
    response, body = await _booked_body(exchange)
    exchange.render(response)
    exchange.write(_plain_head(response, b"Content-Length: %d" % max(len(body) - by, 0)) + body)


@_wire("two Content-Length headers that differ", booked=True, protocol=H1)
async def conflicting_lengths(exchange: Exchange) -> None:
    response, body = await _booked_body(exchange)
    exchange.render(response)
    lengths = (b"Content-Length: %d" % len(body), b"Content-Length: %d" % (len(body) + 1))
    exchange.write(_plain_head(response, *lengths) + body)


@_wire("a chunked body with a chunk size that is no number", booked=True, protocol=H1)
async def chunked_garbage(exchange: Exchange) -> None:
    response, body = await _booked_body(exchange)
    exchange.write(
        _plain_head(response, b"Transfer-Encoding: chunked")
        + b"%x\r\n%s\r\nzz\r\nnonsense\r\n" % (len(body), body)
    )
    await exchange.hold()


@_wire("a chunked body without its last chunk; the connection closes", booked=True, protocol=H1)
async def unended_chunks(exchange: Exchange) -> None:
    response, body = await _booked_body(exchange)
    head = _plain_head(response, b"Transfer-Encoding: chunked")
    exchange.write(head + b"%x\r\n%s\r\n" % (len(body), body))
    exchange.close()


@_wire("bytes that are no HTTP/2 frame: a length beyond every limit", booked=True, protocol=H2)
async def garbage_frames(exchange: Exchange) -> None:
    await exchange.book()
    exchange.write(b"\xff" * 64)


# -- booked, and a reply too many, or another's -------------------------------------------------


@_wire("the reply twice in one segment", booked=True, protocol=H1)
async def duplicated_reply(exchange: Exchange) -> None:
    exchange.write(exchange.render(await exchange.book()) * 2)


@_wire("the reply again `seconds` later", booked=True, protocol=H1)
async def late_duplicate(exchange: Exchange, *, seconds: float = 0.05) -> None:
    reply = exchange.render(await exchange.book())
    exchange.write(reply)
    exchange.finish()
    await exchange.pause(seconds)
    exchange.write(reply)


@_wire("bytes after the reply, in the same segment", booked=True, protocol=H1)
async def surplus_bytes(exchange: Exchange, *, surplus: bytes = b"\r\nsurplus") -> None:
    exchange.write(exchange.render(await exchange.book()) + surplus)


@_wire(
    "this reply and the next afflicted request's change places (if none comes in `seconds`: "
    "its own reply)",
    booked=True,
)
async def swapped_replies(exchange: Exchange, *, seconds: float = 1.0) -> None:
    response = await exchange.book()
    waiting = cast(
        "deque[tuple[httpx.Response, asyncio.Future[httpx.Response]]]",
        exchange.server.scratch.setdefault("swapped-replies", deque()),
    )
    while waiting:
        other, partner = waiting.popleft()
        if not partner.done():
            partner.set_result(response)
            exchange.send(other)
            return
    mine: asyncio.Future[httpx.Response] = asyncio.get_running_loop().create_future()
    waiting.append((response, mine))
    done, _ = await asyncio.wait([mine], timeout=seconds or None)
    if not done:
        mine.cancel()
    exchange.send(mine.result() if done else response)


@_wire("`count` informational replies (100, 102, 103) before the reply", booked=True)
async def informational_noise(exchange: Exchange, *, count: int = 3) -> None:
    response = await exchange.book()
    for number in range(count):
        exchange.inform((100, 102, 103)[number % 3])
    exchange.send(response)


# -- bombs --------------------------------------------------------------------------------------


@_wire("`count` headers of `size` bytes each", booked=True)
async def header_bomb(exchange: Exchange, *, count: int = 1000, size: int = 1000) -> None:
    response = await exchange.book()
    bomb = [(b"x-bomb-%d" % number, b"b" * size) for number in range(count)]
    headers = [*response.headers.raw, *bomb]
    exchange.send(httpx.Response(response.status_code, headers=headers, stream=response.stream))


@functools.cache
def _gzip_of_zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(MEGABYTE)
    return b"".join([*(packer.compress(block) for _ in range(megabytes)), packer.flush()])


@_wire("a small gzip body that unpacks to `megabytes` of zeros", booked=True)
async def gzip_bomb(exchange: Exchange, *, megabytes: int = 200) -> None:
    await exchange.book()
    body = await exchange.work(_gzip_of_zeros, megabytes)
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    exchange.send(httpx.Response(200, headers=headers, stream=httpx.ByteStream(body)))


@_wire("a JSON string of `megabytes`, uncompressed", booked=True)
async def huge_body(exchange: Exchange, *, megabytes: int = 64) -> None:
    await exchange.book()
    body = b'"' + b"x" * (megabytes * MEGABYTE - 2) + b'"'
    headers = {"content-type": "application/json"}
    exchange.send(httpx.Response(200, headers=headers, stream=httpx.ByteStream(body)))


# -- a good reply, and then the connection ------------------------------------------------------


async def _reply_and_rest(exchange: Exchange, seconds: float, spread: float) -> None:
    exchange.send(await exchange.book())
    await exchange.pause(seconds + spread * exchange.random.random())


@_wire("a good reply; `seconds` (and up to `spread` more) later the connection closes", booked=True)
async def idle_close(exchange: Exchange, *, seconds: float = 0.0, spread: float = 0.0) -> None:
    await _reply_and_rest(exchange, seconds, spread)
    exchange.close()


@_wire("a good reply; `seconds` (and up to `spread` more) later RST", booked=True)
async def idle_reset(exchange: Exchange, *, seconds: float = 0.0, spread: float = 0.0) -> None:
    await _reply_and_rest(exchange, seconds, spread)
    exchange.reset()


@_wire("a good reply; `seconds` later an unasked 408, then close", booked=True, protocol=H1)
async def idle_408(exchange: Exchange, *, seconds: float = 0.0, spread: float = 0.0) -> None:
    await _reply_and_rest(exchange, seconds, spread)
    exchange.write(
        b"HTTP/1.1 408 Request Time-out\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    exchange.close()


@_wire("408 instead of the reply, then close", booked=False, protocol=H1, name="408-then-close")
async def request_timeout(exchange: Exchange) -> None:
    exchange.write(
        b"HTTP/1.1 408 Request Time-out\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    exchange.close()


# -- HTTP/2 -------------------------------------------------------------------------------------


def _code(name: str) -> int:
    return ErrorCodes[name.upper()].value


@_wire("RST_STREAM REFUSED_STREAM: not processed, says RFC 9113", booked=False, protocol=H2)
async def refused_stream(exchange: Http2Exchange) -> None:
    exchange.reset_stream(ErrorCodes.REFUSED_STREAM)


@_wire("RST_STREAM with `code`, nothing booked", booked=False, protocol=H2)
async def reset_stream(exchange: Http2Exchange, *, code: str = "INTERNAL_ERROR") -> None:
    exchange.reset_stream(_code(code))


@_wire("RST_STREAM with `code` after booking", booked=True, protocol=H2)
async def reset_stream_booked(exchange: Http2Exchange, *, code: str = "INTERNAL_ERROR") -> None:
    await exchange.book()
    exchange.reset_stream(_code(code))


@_wire("the reply's HEADERS, then RST_STREAM with `code`", booked=True, protocol=H2)
async def reset_stream_mid_reply(exchange: Http2Exchange, *, code: str = "INTERNAL_ERROR") -> None:
    exchange.write(exchange.render_head(await exchange.book()))
    exchange.reset_stream(_code(code))


@_wire(
    "GOAWAY below this stream: not processed; the streams before it are answered",
    booked=False,
    protocol=H2,
)
async def goaway_below(exchange: Http2Exchange, *, code: str = "NO_ERROR") -> None:
    last = await exchange.drain(exchange.stream_id)
    exchange.go_away(max(last - 2, 0) if last == exchange.stream_id else last, _code(code))
    exchange.leave_when_answered()


@_wire("GOAWAY with last_stream_id 0, then close", booked=False, protocol=H2)
async def goaway_zero(exchange: Http2Exchange, *, code: str = "NO_ERROR") -> None:
    exchange.go_away(await exchange.drain(0), _code(code))
    exchange.close()


@_wire("GOAWAY that names this stream as processed, no reply, then close", booked=True, protocol=H2)
async def goaway_equal(exchange: Http2Exchange, *, code: str = "NO_ERROR") -> None:
    await exchange.book()
    exchange.go_away(await exchange.drain(exchange.stream_id), _code(code))
    exchange.close()


@_wire("GOAWAY, the reply `seconds` later, then close", booked=True, protocol=H2)
async def goaway_then_reply(exchange: Http2Exchange, *, seconds: float = 0.05) -> None:
    response = await exchange.book()
    exchange.go_away(await exchange.drain(exchange.stream_id), ErrorCodes.NO_ERROR)
    await exchange.pause(seconds)
    exchange.send(response)
    exchange.close()


@_wire("GOAWAY and the reply in one segment, then close", booked=True, protocol=H2)
async def goaway_with_reply(exchange: Http2Exchange) -> None:
    response = await exchange.book()
    last = await exchange.drain(exchange.stream_id)
    goodbye = exchange.go_away_frame(last, ErrorCodes.NO_ERROR)
    exchange.write(goodbye + exchange.render(response))
    exchange.close()


@_wire("SETTINGS lowers the stream limit to `limit`, then the reply", booked=True, protocol=H2)
async def lowered_streams(exchange: Http2Exchange, *, limit: int = 1) -> None:
    response = await exchange.book()
    exchange.settings({SettingCodes.MAX_CONCURRENT_STREAMS: limit})
    exchange.send(response)


@_wire(
    "SETTINGS closes the window, then the reply: later request bodies get no credit",
    booked=True,
    protocol=H2,
)
async def flow_control_stall(exchange: Http2Exchange) -> None:
    response = await exchange.book()
    exchange.settings({SettingCodes.INITIAL_WINDOW_SIZE: 0})
    exchange.send(response)


@_wire("the reply, and from then on no PING is answered", booked=True, protocol=H2)
async def unanswered_ping(exchange: Http2Exchange) -> None:
    response = await exchange.book()
    exchange.session.answers_pings = False
    exchange.send(response)
