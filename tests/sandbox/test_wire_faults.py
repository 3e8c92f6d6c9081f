"""Every fault by name does on the wire what its name says, and books what it says it books."""

from __future__ import annotations

import contextlib
import json
import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import h2.events
import h2.exceptions
import h2.settings
import httpx
import pytest
from attrs import Factory, frozen
from wire_peer import BARE_FIN, CLOSE_NOTIFY, RESET, SILENCE, Http2Peer, Peer, eventually, post

from openbroker.sandbox.faults import FAULTS, Stage
from openbroker.sandbox.wire import WireServer, running_server

BODY = b'{"status":true,"data":{"orderid":"7"}}'
DATE = "Sun, 22 Nov 2026 04:30:00 GMT"
HEAD = f"HTTP/1.1 200 OK\r\nDate: {DATE}\r\nContent-Length: 38\r\nContent-Type: application/json"
GOOD = HEAD.encode() + b"\r\n\r\n" + BODY


class Book(list[str]):
    """The front end of these tests: books the path of every request that reaches it."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.append(request.url.path)
        return httpx.Response(200, headers={"Date": DATE}, json=json.loads(BODY))


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def server(book: Book) -> Iterator[WireServer]:
    with running_server(book) as running:
        yield running


def booked(server: WireServer) -> bool:
    """What the plan's log says; waits until the server has come that far."""
    eventually(lambda: bool(server.faults.log))
    return server.faults.log[-1].booked


@frozen
class Row:
    """A fault, what comes back for one request, and how the connection then stands."""

    name: str
    ending: str
    received: Callable[[bytes], bool] = lambda received: received == b""
    parameters: dict[str, Any] = Factory(dict)


def equals(expected: bytes) -> Callable[[bytes], bool]:
    return lambda received: received == expected


def part_of_good(received: bytes) -> bool:
    return 0 < len(received) < len(GOOD) and GOOD.startswith(received)


HTTP_1 = [
    Row("reset-before-body", RESET),
    Row("fin-before-body", CLOSE_NOTIFY),
    Row("reset-mid-request", RESET),
    Row("fin-mid-request", CLOSE_NOTIFY),
    Row("reset-before-booking", RESET),
    Row("fin-before-booking", CLOSE_NOTIFY),
    Row("black-hole", SILENCE),
    Row("half-close", CLOSE_NOTIFY),
    Row("reset-after-booking", RESET),
    Row("fin-after-booking", CLOSE_NOTIFY),
    Row("bare-fin-after-booking", BARE_FIN),
    Row("black-hole-booked", SILENCE),
    Row("half-close-booked", CLOSE_NOTIFY),
    Row("reset-mid-reply", RESET, part_of_good),
    Row("reset-mid-reply", RESET, equals(GOOD[:40]), {"after": 40}),
    Row("fin-mid-reply", CLOSE_NOTIFY, part_of_good),
    Row("fin-mid-reply", CLOSE_NOTIFY, equals(GOOD[:1]), {"after": 1}),
    Row("stalled-reply", SILENCE, part_of_good),
    Row("truncated-body", CLOSE_NOTIFY, equals(GOOD[:-1])),
    Row("truncated-body", CLOSE_NOTIFY, equals(GOOD[:-30]), {"missing": 30}),
    Row("late-reply", SILENCE, parameters={"seconds": 30}),
    Row("late-reply", SILENCE, equals(GOOD), {"seconds": 0.05}),
    Row("slow-loris", SILENCE, equals(GOOD), {"seconds": 0.001, "step": 10}),
    Row("slow-loris", SILENCE, equals(GOOD[:1]), {"seconds": 30}),
    Row(
        "garbage-status-line",
        SILENCE,
        lambda got: got.startswith(b"\x16\x03\x01 ") and got.endswith(GOOD.partition(b"\r\n")[2]),
    ),
    Row(
        "content-length-too-long",
        SILENCE,
        lambda got: b"Content-Length: 48\r\n" in got and got.endswith(b"\r\n\r\n" + BODY),
    ),
    Row(
        "content-length-too-short",
        SILENCE,
        lambda got: b"Content-Length: 37\r\n" in got and got.endswith(b"\r\n\r\n" + BODY),
    ),
    Row(
        "conflicting-lengths",
        SILENCE,
        lambda got: b"Content-Length: 38\r\nContent-Length: 39\r\n" in got,
    ),
    Row(
        "chunked-garbage",
        SILENCE,
        lambda got: b"\r\n\r\n26\r\n" + BODY + b"\r\nzz\r\n" in got,
    ),
    Row(
        "unended-chunks",
        CLOSE_NOTIFY,
        lambda got: got.endswith(b"\r\n\r\n26\r\n" + BODY + b"\r\n"),
    ),
    Row("duplicated-reply", SILENCE, equals(GOOD * 2)),
    Row("late-duplicate", SILENCE, equals(GOOD * 2), {"seconds": 0.05}),
    Row("surplus-bytes", SILENCE, equals(GOOD + b"\r\nsurplus")),
    Row("early-reply", SILENCE, lambda got: got.startswith(b"HTTP/1.1") and got.endswith(GOOD)),
    Row("swapped-replies", SILENCE, equals(GOOD), {"seconds": 0.05}),
    Row(
        "informational-noise",
        SILENCE,
        lambda got: (
            [line[9:12] for line in got.split(b"\r\n") if line.startswith(b"HTTP/1.1")]
            == [b"100", b"102", b"103", b"100", b"200"]
        ),
        {"count": 4},
    ),
    Row(
        "header-bomb",
        SILENCE,
        lambda got: got.count(b"x-bomb-") == 50 and got.endswith(BODY),
        {"count": 50, "size": 9},
    ),
    Row(
        "gzip-bomb",
        SILENCE,
        lambda got: (
            len(got) < 20_000
            and zlib.decompress(got.partition(b"\r\n\r\n")[2], 31) == bytes(8 << 20)
        ),
        {"megabytes": 8},
    ),
    Row(
        "huge-body",
        SILENCE,
        lambda got: len(got.partition(b"\r\n\r\n")[2]) == 1 << 20,
        {"megabytes": 1},
    ),
    Row("idle-close", CLOSE_NOTIFY, equals(GOOD)),
    Row("idle-reset", RESET, equals(GOOD)),
    Row(
        "idle-408",
        CLOSE_NOTIFY,
        lambda got: got.startswith(GOOD + b"HTTP/1.1 408 "),
        {"seconds": 0.01, "spread": 0.01},
    ),
    Row("408-then-close", CLOSE_NOTIFY, lambda got: got.startswith(b"HTTP/1.1 408 ")),
]


@pytest.mark.parametrize("row", HTTP_1, ids=lambda row: row.name)
def test_http1_fault(row: Row, server: WireServer, book: Book) -> None:
    server.faults.add(row.name, times=1, **row.parameters)
    with Peer(server) as peer:
        peer.send(post("/order"))
        received, ending = peer.receive(
            expected=lambda got, end: end == row.ending and row.received(got)
        )
        assert row.received(received), received
        assert ending == row.ending
        assert booked(server) is FAULTS[row.name].booked
        assert book == ["/order"] * booked(server)
    with Peer(server) as peer:  # and the next one is served
        peer.send(post("/next"))
        assert peer.receive_until(BODY) == GOOD


CONNECT = [
    ("reset-on-connect", ConnectionResetError),
    ("fin-on-connect", ssl.SSLEOFError),
    ("reset-in-handshake", ConnectionResetError),
    ("plain-text-handshake", ssl.SSLError),
    ("silent-handshake", TimeoutError),
]


@pytest.mark.parametrize(("name", "error"), CONNECT, ids=str)
def test_handshake_fault(name: str, error: type[Exception], server: WireServer) -> None:
    server.faults.add(name, times=1)
    with pytest.raises(error) as raised:
        Peer(server, patience=0.3)
    if error is ssl.SSLError:
        assert "WRONG_VERSION_NUMBER" in str(raised.value)
    assert server.faults.log[0].fault == name
    with Peer(server) as peer:
        peer.send(post("/next"))
        assert peer.receive_until(BODY) == GOOD


@pytest.mark.parametrize(
    ("name", "ending"), [("reset-at-byte", RESET), ("fin-at-byte", CLOSE_NOTIFY)]
)
@pytest.mark.parametrize("after", [1, 30, 58, len(post())])
def test_at_byte_k_of_everything(
    name: str, ending: str, after: int, server: WireServer, book: Book
) -> None:
    server.faults.add(name, times=1, after=after)
    with Peer(server) as peer:
        if after > 1:
            peer.send(post()[: after - 1])
            assert peer.receive(patience=0.05) == (b"", SILENCE)
        peer.send(post()[after - 1 : after])
        assert peer.receive(patience=5) == (b"", ending)
    assert book == []


# -- faults of the request, which a whole request in one segment does not show ---------------------


@pytest.mark.parametrize(
    ("name", "ending"), [("reset-before-body", RESET), ("fin-before-body", CLOSE_NOTIFY)]
)
def test_before_the_body(name: str, ending: str, server: WireServer) -> None:
    server.faults.add(name)
    with Peer(server) as peer:
        peer.send(post()[:-12])
        assert peer.receive(patience=5) == (b"", ending)


@pytest.mark.parametrize(
    ("name", "ending"), [("reset-mid-request", RESET), ("fin-mid-request", CLOSE_NOTIFY)]
)
def test_at_byte_k_of_the_body(name: str, ending: str, server: WireServer) -> None:
    server.faults.add(name, after=5)
    with Peer(server) as peer:
        peer.send(post()[:-8])
        assert peer.receive(patience=0.1) == (b"", SILENCE)
        peer.send(post()[-8:-7])
        assert peer.receive(patience=5) == (b"", ending)


def test_early_reply_repeats_the_connections_last_one(server: WireServer, book: Book) -> None:
    server.faults.add("early-reply", reused=True)
    with Peer(server) as peer:
        peer.send(post("/first"))
        assert peer.receive_until(BODY) == GOOD
        peer.send(post("/second")[:-12])
        assert peer.receive_until(BODY) == GOOD  # the body was not even sent
        assert book == ["/first"]
        peer.send(post("/second")[-12:])
        assert peer.receive_until(BODY) == GOOD
        assert book == ["/first", "/second"]


@pytest.mark.parametrize("name", ["half-close", "half-close-booked"])
def test_half_close_goes_on_reading(name: str, server: WireServer, book: Book) -> None:
    server.faults.add(name, times=1)
    with Peer(server) as peer:
        peer.send(post("/order"))
        assert peer.receive(patience=5) == (b"", CLOSE_NOTIFY)
        for _ in range(5):
            peer.send(b"more")
            time.sleep(0.02)
        assert server.open_connections == 1


def test_black_hole_ends_with_its_client(server: WireServer) -> None:
    server.faults.add("black-hole")
    with Peer(server) as peer:
        peer.send(post())
        assert booked(server) is False
        assert server.open_connections == 1
    eventually(lambda: server.open_connections == 0)


def test_swapped_replies_cross_between_connections() -> None:
    def by_path(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=request.url.path)

    with running_server(by_path) as server, Peer(server) as one, Peer(server) as other:
        server.faults.add("swapped-replies", seconds=5)
        one.send(post("/one"))
        time.sleep(0.05)
        other.send(post("/other"))
        assert other.receive_until(b"/one")
        assert one.receive_until(b"/other")


def test_the_connection_goes_on_after_a_fault_that_keeps_it(server: WireServer) -> None:
    for name in ("late-reply", "slow-loris", "informational-noise", "duplicated-reply"):
        server.faults.add(name, path=name, **({"seconds": 0.001} if name[0] == "l" else {}))
    with Peer(server) as peer:
        for name in ("late-reply", "informational-noise", "duplicated-reply"):
            peer.send(post(f"/{name}"))
            peer.receive_until(BODY)
        assert peer.receive()[1] == SILENCE
        peer.send(post("/next"))
        assert peer.receive_until(BODY) == GOOD
    assert len(server.connections) == 1


# -- the message --------------------------------------------------------------------------------

Reply = Callable[[httpx.Response], bool]
MESSAGES: dict[str, tuple[dict[str, Any], Reply]] = {
    **{
        f"{status}-html{suffix}": (
            {},
            lambda r, status=status: (
                r.status_code == status
                and r.headers["content-type"].startswith("text/html")
                and f"<h1>{status} " in r.text
            ),
        )
        for status in (500, 502, 503, 504)
        for suffix in ("", "-booked")
    },
    "too-many-requests": (
        {"seconds": 7},
        lambda r: (r.status_code, r.headers["retry-after"]) == (429, "7"),
    ),
    "truncated-json": ({}, lambda r: r.content == BODY[: len(BODY) // 2]),
    "status-as-string": ({}, lambda r: r.json() == {"status": "true", "data": {"orderid": "7"}}),
}
for _suffix in ("", "-booked"):
    MESSAGES |= {
        f"empty-200{_suffix}": ({}, lambda r: (r.status_code, r.content) == (200, b"")),
        f"no-content{_suffix}": ({}, lambda r: (r.status_code, r.content) == (204, b"")),
        f"waf-page{_suffix}": (
            {},
            lambda r: r.status_code == 200 and "<title>Request Rejected</title>" in r.text,
        ),
        f"redirect{_suffix}": (
            {},
            lambda r: (
                (r.status_code, r.headers["location"]) == (307, "https://elsewhere.invalid/order")
            ),
        ),
        f"other-shape{_suffix}": ({"body": "[7]"}, lambda r: r.json() == [7]),
        f"json-null{_suffix}": ({}, lambda r: r.json() is None),
        f"deep-json{_suffix}": ({"depth": 10}, lambda r: r.content == b"[" * 10 + b"]" * 10),
        f"not-utf8{_suffix}": ({}, lambda r: b"\xff\xfe\xfa" in r.content),
    }


@pytest.mark.parametrize("http2", [False, True])
@pytest.mark.parametrize("name", MESSAGES)
def test_message_fault(name: str, http2: bool, server: WireServer, book: Book) -> None:
    parameters, holds = MESSAGES[name]
    server.faults.add(name, times=1, **parameters)
    context = ssl.create_default_context(cafile=server.ca_file)
    with httpx.Client(verify=context, http2=http2) as client:
        assert holds(client.post(server.url + "/order"))
        assert book == ["/order"] * booked(server)
        assert booked(server) is FAULTS[name].booked
        assert client.post(server.url + "/next").content == BODY
    assert len(server.connections) == 1


# -- HTTP/2 -------------------------------------------------------------------------------------

ENDED, RESET_STREAM, GOAWAY = (
    h2.events.StreamEnded,
    h2.events.StreamReset,
    h2.events.ConnectionTerminated,
)


@frozen
class Frames:
    """A fault, the events that come back for one request, and how the connection then stands."""

    name: str
    ending: str
    replied: bool = False
    reset: int | None = None
    goaway: tuple[int, int] | None = None
    parameters: dict[str, Any] = Factory(dict)


HTTP_2 = [
    Frames("refused-stream", SILENCE, reset=7),
    Frames("reset-stream", SILENCE, reset=2),
    Frames("reset-stream", SILENCE, reset=8, parameters={"code": "cancel"}),
    Frames("reset-stream-booked", SILENCE, reset=2),
    Frames("reset-stream-mid-reply", SILENCE, reset=2),
    Frames("goaway-below", CLOSE_NOTIFY, goaway=(0, 0)),
    Frames("goaway-zero", CLOSE_NOTIFY, goaway=(0, 0)),
    Frames("goaway-zero", CLOSE_NOTIFY, goaway=(0, 11), parameters={"code": "ENHANCE_YOUR_CALM"}),
    Frames("goaway-equal", CLOSE_NOTIFY, goaway=(1, 0)),
    Frames("goaway-then-reply", CLOSE_NOTIFY, replied=True, goaway=(1, 0)),
    Frames("goaway-with-reply", CLOSE_NOTIFY, replied=True, goaway=(1, 0)),
    Frames("lowered-streams", SILENCE, replied=True),
    Frames("flow-control-stall", SILENCE, replied=True),
    Frames("unanswered-ping", SILENCE, replied=True),
    Frames("reset-before-body", RESET),
    Frames("fin-before-body", CLOSE_NOTIFY),
    Frames("reset-after-booking", RESET),
    Frames("fin-after-booking", CLOSE_NOTIFY),
    Frames("bare-fin-after-booking", BARE_FIN),
    Frames("black-hole", SILENCE),
    Frames("black-hole-booked", SILENCE),
    Frames("truncated-body", CLOSE_NOTIFY),
    Frames("stalled-reply", SILENCE, parameters={"after": 20}),
    Frames("late-reply", SILENCE, replied=True, parameters={"seconds": 0.05}),
    Frames("slow-loris", SILENCE, replied=True, parameters={"seconds": 0.001, "step": 10}),
    Frames("header-bomb", SILENCE, replied=True, parameters={"count": 20, "size": 20}),
    Frames("informational-noise", SILENCE, replied=True),
    Frames("swapped-replies", SILENCE, replied=True, parameters={"seconds": 0.02}),
    Frames("idle-close", CLOSE_NOTIFY, replied=True),
    Frames("idle-reset", RESET, replied=True),
]


@pytest.mark.parametrize("row", HTTP_2, ids=lambda row: row.name)
def test_http2_fault(row: Frames, server: WireServer, book: Book) -> None:
    server.faults.add(row.name, times=1, **row.parameters)
    with Http2Peer(server) as peer:
        peer.listen(h2.events.RemoteSettingsChanged)
        peer.post("/order", b"{}")
        ending = listen_through_goaway(
            peer, lambda end: end == row.ending and bool(peer.seen(ENDED)) == row.replied
        )
        assert ending == row.ending
        assert bool(peer.seen(ENDED)) == row.replied
        assert [e.error_code for e in peer.seen(RESET_STREAM)] == ([row.reset] if row.reset else [])
        goaways = [(e.last_stream_id, int(e.error_code)) for e in peer.seen(GOAWAY)]
        assert goaways == ([row.goaway] if row.goaway else [])
        assert booked(server) is FAULTS[row.name].booked
        assert book == ["/order"] * booked(server)


def listen_through_goaway(peer: Http2Peer, expected: Callable[[str], bool]) -> str:
    """h2 refuses frames after GOAWAY, which this client wants to see all the same."""
    peer.protocol.state_machine.process_input = tolerant(peer.protocol.state_machine.process_input)
    return peer.listen(patience=0.25, expected=expected)


def tolerant(process: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def process_input(given: Any) -> Any:
        try:
            return process(given)
        except h2.exceptions.ProtocolError:
            return []

    return process_input


def test_goaway_and_reply_share_a_segment(server: WireServer) -> None:
    server.faults.add("goaway-with-reply")
    with Http2Peer(server) as peer:
        peer.listen(h2.events.RemoteSettingsChanged)
        peer.segments.clear()
        peer.post("/order", b"{}")
        listen_through_goaway(peer, lambda end: end == CLOSE_NOTIFY)
        together = [part for part in peer.segments if BODY in part]
        assert len(together) == 1
        assert together[0][3] == 7  # the segment's first frame is GOAWAY


def test_goaway_below_answers_the_streams_before(server: WireServer, book: Book) -> None:
    server.latency = 0.2
    server.faults.add("goaway-below", path="/second")
    with Http2Peer(server) as peer:
        peer.listen(h2.events.RemoteSettingsChanged)
        first = peer.post("/first", b"{}")
        peer.post("/second", b"{}")
        ending = listen_through_goaway(peer, lambda end: end == CLOSE_NOTIFY)
        assert ending == CLOSE_NOTIFY
        assert peer.seen(GOAWAY)[0].last_stream_id == first
        assert [event.stream_id for event in peer.seen(ENDED)] == [first]
        assert book == ["/first"]


@pytest.mark.parametrize("afflicted", ["/1", "/2", "/3"])
@pytest.mark.parametrize("name", [name for name in FAULTS if name.startswith("goaway")])
def test_goaway_never_disowns_a_request_that_ran(
    name: str, afflicted: str, server: WireServer, book: Book
) -> None:
    """RFC 9113, 6.8: what lies above last_stream_id is safe to repeat, so it must not have run."""
    server.latency = 0.05
    server.faults.add(name, path=afflicted)
    with Http2Peer(server) as peer:
        peer.listen(h2.events.RemoteSettingsChanged)
        streams = {f"/{number}": peer.post(f"/{number}", b"{}") for number in (1, 2, 3)}
        listen_through_goaway(peer, lambda end: end == CLOSE_NOTIFY)
        (goaway,) = peer.seen(GOAWAY)
        answered = {event.stream_id for event in peer.seen(ENDED)}
        disowned = {path for path, stream in streams.items() if stream > goaway.last_stream_id}
        ran_unanswered = {path for path in book if streams[path] not in answered}
        assert disowned.isdisjoint(ran_unanswered)
        assert server.faults.log[0].booked is FAULTS[name].booked


@pytest.mark.parametrize("name", [name for name in FAULTS if name.startswith("goaway")])
def test_goaway_covers_what_was_answered_before(name: str, server: WireServer, book: Book) -> None:
    """``last_stream_id`` is the highest stream that was acted upon, answered or not."""
    server.faults.add(name, path="/slow")
    with Http2Peer(server) as peer:
        peer.listen(h2.events.RemoteSettingsChanged)
        head = [(":method", "POST"), (":scheme", "https"), (":authority", "t")]
        slow = peer.protocol.get_next_available_stream_id()
        peer.protocol.send_headers(slow, [*head, (":path", "/slow")])
        later = peer.post("/later", b"{}")
        peer.listen(ENDED)
        peer.protocol.send_data(slow, b"{}", end_stream=True)
        peer.flush()
        listen_through_goaway(peer, lambda end: end == CLOSE_NOTIFY)
        (goaway,) = peer.seen(GOAWAY)
        assert book[0] == "/later"
        assert goaway.last_stream_id >= later > slow


def test_lowered_streams_are_told_and_enforced(server: WireServer) -> None:
    server.faults.add("lowered-streams", times=1, limit=1)
    with Http2Peer(server) as peer:
        peer.listen(h2.events.RemoteSettingsChanged)
        peer.events.clear()
        peer.post("/order", b"{}")
        peer.listen(ENDED)
        peer.listen(patience=0.1)
        limit = h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS
        changes = [event.changed_settings for event in peer.seen(h2.events.RemoteSettingsChanged)]
        assert [change[limit].new_value for change in changes if limit in change] == [1]


def test_flow_control_stall_gives_no_credit(server: WireServer) -> None:
    server.faults.add("flow-control-stall", times=1)
    with Http2Peer(server) as peer:
        peer.listen(h2.events.RemoteSettingsChanged)
        peer.post("/order", b"{}")
        peer.listen(ENDED)
        peer.listen(patience=0.1)
        stream = peer.protocol.get_next_available_stream_id()
        head = [(":method", "POST"), (":scheme", "https"), (":authority", "t"), (":path", "/2")]
        peer.protocol.send_headers(stream, head)
        assert peer.protocol.local_flow_control_window(stream) == 0


def test_unanswered_ping(server: WireServer) -> None:
    server.faults.add("unanswered-ping", times=1)
    with Http2Peer(server) as peer:
        peer.listen(h2.events.RemoteSettingsChanged)
        peer.post("/order", b"{}")
        peer.listen(ENDED)
        peer.protocol.ping(b"12345678")
        peer.flush()
        peer.listen(patience=0.2)
        assert not peer.seen(h2.events.PingAckReceived)
        peer.post("/order", b"{}")  # everything else goes on
        peer.events.clear()
        assert peer.listen(ENDED) == ""


def test_garbage_frames(server: WireServer, book: Book) -> None:
    server.faults.add("garbage-frames")
    with Http2Peer(server) as peer:
        peer.listen(h2.events.RemoteSettingsChanged)
        peer.post("/order", b"{}")
        garbage = b"\xff" * 64
        peer.listen(patience=0.1, expected=lambda _: peer.segments[-1].endswith(garbage))
        assert peer.segments[-1].endswith(garbage)
        assert book == ["/order"]


def test_a_client_that_gives_up_a_stream_ends_its_script(server: WireServer) -> None:
    server.faults.add("late-reply", seconds=30)
    with Http2Peer(server) as peer:
        peer.listen(h2.events.RemoteSettingsChanged)
        stream = peer.post("/order", b"{}")
        eventually(lambda: booked(server))
        assert server.running_scripts == 1
        peer.protocol.reset_stream(stream, 8)
        peer.flush()
        server.faults.clear()
        peer.post("/next", b"{}")
        assert peer.listen(ENDED) == ""
        assert server.running_scripts == 0


def test_all_faults_at_once_leave_a_true_log_and_nothing_behind(
    server: WireServer, book: Book
) -> None:
    server.faults.key = lambda request: request.url.path
    slow = {"seconds": 0.02}
    for name, fault in FAULTS.items():
        if fault.protocol != "h2" and "bomb" not in name and name != "huge-body":
            server.faults.add(name, probability=0.01, **slow if "seconds" in fault.options else {})

    def trade(first: int) -> None:
        for number in range(first, first + 25):
            with contextlib.suppress(OSError), Peer(server, patience=0.3) as peer:
                peer.send(post(f"/{number}"))
                peer.receive(patience=0.05)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(trade, range(0, 200, 25)))
    eventually(lambda: server.open_connections == 0 and server.running_scripts == 0)
    assert len(book) == len(set(book))
    whole = [entry for entry in server.faults.log if entry.key is not None]
    assert len(whole) > 30
    assert all(entry.booked == (entry.key in book) for entry in whole)


def test_every_common_fault_is_tried_above() -> None:
    tried = {row.name for row in (*HTTP_1, *HTTP_2)} | {name for name, _ in CONNECT} | set(MESSAGES)
    assert set(FAULTS) - tried == {"garbage-frames", "reset-at-byte", "fin-at-byte"}
    assert all(fault.description and fault.stage is not Stage.BOOK for fault in FAULTS.values())
