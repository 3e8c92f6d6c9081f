"""The wire server without faults: correct HTTP for every client, and nothing left behind."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import http.client
import json
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from pathlib import Path

import h2.events
import h2.settings
import httpx
import pytest
from hyperframe.frame import GoAwayFrame
from wire_peer import CLOSE_NOTIFY, SILENCE, Http2Peer, Peer, eventually, post

from openbroker.errors import ConfigError
from openbroker.sandbox import certificates
from openbroker.sandbox.wire import WireServer, running_server


def echo(request: httpx.Request) -> httpx.Response:
    """What the front end saw, as JSON."""
    return httpx.Response(
        200,
        json={
            "method": request.method,
            "path": request.url.path,
            "query": request.url.query.decode(),
            "size": len(request.content),
            "x": request.headers.get("x-test"),
            "version": request.extensions["http_version"].decode(),
            "peer": request.extensions["peer"][0],
        },
    )


def trusting(server: WireServer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=server.ca_file)


@pytest.mark.parametrize("http2", [False, True])
def test_stock_httpx_async(http2: bool) -> None:
    async def main() -> None:
        async with (
            WireServer(echo) as server,
            httpx.AsyncClient(verify=trusting(server), http2=http2) as client,
        ):
            seen = (await client.post(server.url + "/a?b=1", headers={"X-Test": "y"})).json()
            assert seen["method"] == "POST"
            assert (seen["path"], seen["query"], seen["x"]) == ("/a", "b=1", "y")
            assert seen["version"] == ("HTTP/2" if http2 else "HTTP/1.1")
            replies = await asyncio.gather(*(client.get(f"{server.url}/{n}") for n in range(100)))
            assert [reply.json()["path"] for reply in replies] == [f"/{n}" for n in range(100)]
            if http2:
                assert len(server.connections) == 1
                assert server.connections[0].requests == 101

    asyncio.run(main(), debug=True)


@pytest.mark.parametrize("http2", [False, True])
def test_stock_httpx_sync(http2: bool) -> None:
    with (
        running_server(echo) as server,
        httpx.Client(verify=trusting(server), http2=http2) as client,
    ):
        for number in range(20):
            assert client.get(f"{server.url}/{number}").json()["path"] == f"/{number}"
        assert [record.requests for record in server.connections] == [20]
        assert server.connections[0].protocol == ("h2" if http2 else "http/1.1")


def test_http_client_keeps_its_connection() -> None:
    with running_server(echo) as server:
        client = http.client.HTTPSConnection(server.host, server.port, context=trusting(server))
        for number in range(3):
            client.request("POST", f"/{number}", b"x" * number)
            assert json.load(client.getresponse())["size"] == number
        client.close()
        assert [record.requests for record in server.connections] == [3]


def test_requests() -> None:
    requests = pytest.importorskip("requests")
    with running_server(echo) as server, requests.Session() as session:
        for number in range(3):
            reply = session.post(f"{server.url}/r", data=b"x" * number, verify=server.ca_file)
            assert reply.json()["size"] == number
        assert len(server.connections) == 1


def test_aiohttp() -> None:
    aiohttp = pytest.importorskip("aiohttp")

    async def main() -> None:
        async with WireServer(echo) as server, aiohttp.ClientSession() as session:
            context = trusting(server)
            for _ in range(3):
                async with session.post(server.url, data=b"abc", ssl=context) as reply:
                    assert (await reply.json())["size"] == 3
            assert len(server.connections) == 1
        await asyncio.sleep(0)

    asyncio.run(main())


def test_curl() -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("no curl here")
    with running_server(echo) as server:
        base = [curl, "-sS", "--cacert", server.ca_file]
        body = ["--data-binary", f"@{sys.executable}"]
        for version, name in (("--http1.1", "HTTP/1.1"), ("--http2", "HTTP/2")):
            if version == "--http2" and b"HTTP2" not in subprocess.check_output([curl, "-V"]):
                continue
            expect = ["-H", "Expect: 100-continue"]
            reply = subprocess.check_output([*base, version, *body, *expect, server.url + "/c"])
            seen = json.loads(reply)
            assert seen["size"] == Path(sys.executable).stat().st_size
            assert seen["version"] == name
        head = subprocess.check_output([*base, "--http1.1", "-I", server.url])
        assert head.startswith(b"HTTP/1.1 200 OK")


def test_urllib_closes_as_http_1_0_clients_do() -> None:
    with running_server(echo) as server:
        with urllib.request.urlopen(server.url, context=trusting(server)) as reply:
            assert json.load(reply)["method"] == "GET"
        with Peer(server) as peer:
            peer.send(b"GET / HTTP/1.0\r\n\r\n")
            received, ending = peer.receive(patience=5)
        assert ending == CLOSE_NOTIFY
        assert received.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("http2", [False, True])
def test_large_bodies_both_ways(http2: bool) -> None:
    def mirror(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=request.content)

    body = bytes(range(256)) * 20_000
    with (
        running_server(mirror) as server,
        httpx.Client(verify=trusting(server), http2=http2, timeout=60) as client,
    ):
        assert client.post(server.url, content=body).content == body
        assert client.post(server.url, content=b"").content == b""


@pytest.mark.parametrize("http2", [False, True])
def test_streamed_request_and_streamed_response(http2: bool) -> None:
    async def shout(request: httpx.Request) -> httpx.Response:
        async def parts() -> AsyncIterator[bytes]:
            for part in request.content.split():
                yield part.upper()

        return httpx.Response(200, content=parts())

    async def main() -> None:
        async def words() -> AsyncIterator[bytes]:
            yield b"one "
            yield b"two"

        async with (
            WireServer(shout) as server,
            httpx.AsyncClient(verify=trusting(server), http2=http2) as client,
        ):
            for _ in range(2):
                reply = await client.post(server.url, content=words())
                assert reply.content == b"ONETWO"
            assert len(server.connections) == 1

    asyncio.run(main())


def test_plain_chunked_response_of_a_plain_handler() -> None:
    def parts(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=iter([b"a", b"b"]))

    with running_server(parts) as server, Peer(server) as peer:
        peer.send(post())
        received = peer.receive_until(b"0\r\n\r\n")
        assert b"2\r\nab\r\n0\r\n\r\n" in received


def test_pipelined_requests_are_answered_in_order() -> None:
    def slow(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=request.url.path)

    for latency in (0.0, 0.005):
        with running_server(slow, latency=latency) as server, Peer(server) as peer:
            peer.send(b"".join(post(f"/{number}") for number in range(50)))
            received = peer.receive_until(b"/49")
            replies = [part.partition(b"\r\n\r\n")[2] for part in received.split(b"HTTP/1.1 ")[1:]]
            assert replies == [b"/%d" % number for number in range(50)]


def test_a_request_byte_by_byte() -> None:
    with running_server(echo) as server, Peer(server) as peer:
        for byte in post():
            peer.send(bytes([byte]))
        assert b'"size":12' in peer.receive_until(b"}")


def test_head_and_bodiless_replies_keep_the_connection() -> None:
    with running_server(lambda r: httpx.Response(int(r.url.path[1:]))) as server:
        client = http.client.HTTPSConnection(server.host, server.port, context=trusting(server))
        for method, path in (("HEAD", "/200"), ("GET", "/204"), ("GET", "/304"), ("GET", "/200")):
            client.request(method, path)
            reply = client.getresponse()
            assert (reply.status, reply.read()) == (int(path[1:]), b"")
        client.close()
        assert len(server.connections) == 1


def test_encoded_bodies_travel_as_they_are() -> None:
    packed = httpx.ByteStream(b"\x1f\x8b not gzip at all")
    reply = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=packed)
    with running_server(lambda _: reply) as server, Peer(server) as peer:
        peer.send(post())
        peer.receive_until(b"\x1f\x8b not gzip at all")


def test_nonsense_is_refused_and_the_connection_closed() -> None:
    with running_server(echo) as server:
        for nonsense in (b"NONSENSE\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"):
            with Peer(server) as peer:
                peer.send(nonsense)
                received, ending = peer.receive(patience=5)
            assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n")
            assert ending == CLOSE_NOTIFY


def test_the_front_end_is_told_of_the_peer() -> None:
    seen = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["peer"])
        return httpx.Response(200)

    with running_server(note) as server:
        source = httpx.HTTPTransport(verify=trusting(server), local_address="127.0.0.1")
        with httpx.Client(transport=source) as client:
            client.get(server.url)
        assert seen == [server.connections[0].peer]
        assert seen[0][0] == "127.0.0.1"


@pytest.mark.parametrize("http2", [False, True])
def test_without_tls(http2: bool) -> None:
    with (
        running_server(echo, tls=False, http2=http2) as server,
        httpx.Client(http1=not http2, http2=http2, trust_env=False) as client,
    ):
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert server.ca_file == ""
        for _ in range(2):
            assert client.get(server.url + "/book").json()["path"] == "/book"
        assert len(server.connections) == 1


def test_http1_only_server_refuses_http2() -> None:
    with (
        running_server(echo, http2=False) as server,
        httpx.Client(verify=trusting(server), http2=True) as client,
    ):
        assert client.get(server.url).http_version == "HTTP/1.1"


def test_ca_file_in_a_folder_of_the_caller(tmp_path: Path) -> None:
    with running_server(echo, ca_dir=tmp_path / "ca") as server:
        assert Path(server.ca_file) == tmp_path / "ca" / "ca.pem"
        assert "PRIVATE" not in Path(server.ca_file).read_text()
    assert (tmp_path / "ca" / "ca.pem").exists()
    with running_server(echo) as server:
        temporary = Path(server.ca_file)
        assert temporary.exists()
    assert not temporary.exists()


def test_missing_trustme_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    certificates.authority.cache_clear()
    with pytest.raises(ConfigError, match=r"pip install 'openbroker-sdk\[sandbox\]'"):
        WireServer(echo)
    WireServer(echo, tls=False)


def test_a_failing_front_end_answers_500_and_fails_the_close() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise LookupError("a bug")

    async def broken_later(request: httpx.Request) -> httpx.Response:
        raise LookupError("a bug")

    for handler in (broken, broken_later):
        with (
            pytest.raises(LookupError, match="a bug"),
            running_server(handler) as server,
            httpx.Client(verify=trusting(server)) as client,
        ):
            assert client.get(server.url).status_code == 500


def test_a_taken_port_is_told_to_the_caller() -> None:
    with (
        running_server(echo, tls=False) as server,
        pytest.raises(OSError, match="in use"),
        running_server(echo, tls=False, port=server.port),
    ):
        pass


# -- HTTP/2 by its frames -----------------------------------------------------------------------


def test_http2_refuses_the_stream_too_many_and_serves_the_others() -> None:
    with running_server(echo, stream_limit=1, latency=0.05) as server, Http2Peer(server) as peer:
        peer.listen(h2.events.RemoteSettingsChanged)
        changed = peer.seen(h2.events.RemoteSettingsChanged)[0].changed_settings
        assert changed[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS].new_value == 1
        peer.protocol.remote_settings[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS] = 9
        peer.protocol.remote_settings.acknowledge()
        first, second = peer.post("/1", b"x"), peer.post("/2", b"x")
        peer.listen(h2.events.StreamReset, h2.events.StreamEnded)
        assert [(e.stream_id, e.error_code) for e in peer.seen(h2.events.StreamReset)] == [
            (second, 7)
        ]
        assert [e.stream_id for e in peer.seen(h2.events.StreamEnded)] == [first]


def test_http2_ping_is_answered() -> None:
    with running_server(echo) as server, Http2Peer(server) as peer:
        peer.protocol.ping(b"12345678")
        peer.flush()
        peer.listen(h2.events.PingAckReceived)
        assert peer.seen(h2.events.PingAckReceived)[0].ping_data == b"12345678"


def test_http2_a_batch_of_requests_gets_its_replies_in_few_writes() -> None:
    with running_server(echo) as server, Http2Peer(server) as peer:
        peer.listen(h2.events.RemoteSettingsChanged)
        peer.segments.clear()
        for number in range(20):
            stream = peer.protocol.get_next_available_stream_id()
            head = [(":method", "GET"), (":scheme", "https"), (":authority", "t")]
            peer.protocol.send_headers(stream, [*head, (":path", f"/{number}")], end_stream=True)
        peer.flush()
        while len(peer.seen(h2.events.StreamEnded)) < 20:
            peer.listen(h2.events.StreamEnded)
        assert len(peer.segments) <= 3


def test_http2_client_goaway_lets_open_streams_finish_and_then_closes() -> None:
    with running_server(echo, latency=0.1) as server, Http2Peer(server) as peer:
        peer.post("/last", b"x")
        go_away = GoAwayFrame(0, last_stream_id=0, error_code=0)
        peer.send(go_away.serialize())
        assert peer.listen(h2.events.StreamEnded) == ""
        assert peer.listen() == CLOSE_NOTIFY


def test_http2_nonsense_is_answered_by_goaway_and_a_close() -> None:
    with running_server(echo, latency=0.1) as server, Http2Peer(server) as peer:
        peer.post("/", b"x")
        peer.send(b"\0\0\1\0\0\0\0\0\0x")  # DATA on stream 0
        peer.listen(h2.events.ConnectionTerminated)
        assert peer.seen(h2.events.ConnectionTerminated)[0].error_code != 0
        assert peer.listen() == CLOSE_NOTIFY


@pytest.mark.parametrize("http2", [False, True])
@pytest.mark.parametrize("status", [200, 204, 500])
def test_every_reply_tells_the_date(http2: bool, status: int) -> None:
    with running_server(lambda _: httpx.Response(status)) as server:
        before = dt.datetime.now(dt.UTC).replace(microsecond=0)
        with httpx.Client(http2=http2, verify=trusting(server)) as client:
            reply = client.get(server.url)
        assert reply.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
        assert before <= parsedate_to_datetime(reply.headers["date"]) <= dt.datetime.now(dt.UTC)
        assert ("content-length" in reply.headers) is (status != 204)


def test_a_front_end_may_tell_a_date_of_its_own() -> None:
    told = {"date": "Mon, 01 Jan 2024 00:00:00 GMT"}
    with running_server(lambda _: httpx.Response(200, headers=told)) as server:
        reply = httpx.get(server.url, verify=trusting(server))
    assert reply.headers.get_list("date") == [told["date"]]


# -- time ---------------------------------------------------------------------------------------


def test_idle_timeout_closes_what_rests_and_only_that() -> None:
    with running_server(echo, idle_timeout=0.2, latency=0.5) as server, Peer(server) as peer:
        peer.send(post())
        peer.receive_until(b"}")  # service longer than the idle time is not idleness
        answered = time.monotonic()
        received, ending = peer.receive(patience=5)
        assert (received, ending) == (b"", CLOSE_NOTIFY)
        assert time.monotonic() - answered >= 0.15
        eventually(lambda: server.connections[0].closed is not None)


def test_idle_timeout_closes_a_connection_that_never_spoke() -> None:
    with running_server(echo, idle_timeout=0.1) as server, Peer(server) as peer:
        assert peer.receive(patience=5) == (b"", CLOSE_NOTIFY)


@pytest.mark.parametrize("ping_keeps_alive", [False, True])
def test_http2_idle_timeout_says_goaway(ping_keeps_alive: bool) -> None:
    options = {"idle_timeout": 0.3, "ping_keeps_alive": ping_keeps_alive}
    with running_server(echo, **options) as server, Http2Peer(server) as peer:
        peer.listen(h2.events.RemoteSettingsChanged)
        opened = time.monotonic()
        ending = ""
        for _ in range(4):
            peer.protocol.ping(b"12345678")
            peer.flush()
            ending = peer.listen(h2.events.ConnectionTerminated, patience=0.15)
            if ending != SILENCE:
                break
        if ping_keeps_alive:
            assert ending == SILENCE
        peer.protocol.clear_outbound_data_buffer()
        peer.listen(h2.events.ConnectionTerminated)
        assert time.monotonic() - opened >= (0.6 if ping_keeps_alive else 0.25)
        assert peer.seen(h2.events.ConnectionTerminated)[0].error_code == 0
        assert peer.listen() == CLOSE_NOTIFY


def test_latency_delays_the_reply_and_not_the_booking() -> None:
    booked = threading.Event()

    def book(request: httpx.Request) -> httpx.Response:
        booked.set()
        return httpx.Response(200)

    with running_server(book, latency=0.3) as server, Peer(server) as peer:
        start = time.monotonic()
        peer.send(post())
        assert booked.wait(5)
        peer.receive_until(b"\r\n\r\n")
        assert time.monotonic() - start >= 0.3


# -- nothing is left ----------------------------------------------------------------------------


def test_close_leaves_no_task_no_socket_and_no_thread() -> None:
    async def main() -> None:
        before, seen = asyncio.all_tasks(), list[httpx.Request]()

        def note(request: httpx.Request) -> httpx.Response:
            seen.append(request)
            return echo(request)

        async with WireServer(note, latency=30) as server:
            client = httpx.AsyncClient(verify=trusting(server))
            waiting = asyncio.create_task(client.get(server.url))
            await asyncio.to_thread(eventually, lambda: len(seen) == 1)
        with pytest.raises(httpx.HTTPError):
            await waiting
        await client.aclose()
        assert server.open_connections == 0
        assert server.connections[0].closed is not None
        assert asyncio.all_tasks() == before

    threads = threading.active_count()
    asyncio.run(main())
    with running_server(echo) as server, Peer(server):
        pass
    assert threading.active_count() == threads
    gc.collect()  # an unclosed socket would warn here, and warnings are errors


@pytest.mark.parametrize("turns", range(6))
def test_a_connection_that_comes_while_the_server_closes_is_not_left_behind(turns: int) -> None:
    async def main(client: socket.socket) -> None:
        async with WireServer(echo, tls=False) as server:
            client.connect((server.host, server.port))  # by the kernel; the loop has not seen it
            for _ in range(turns):
                await asyncio.sleep(0)
        assert server.open_connections == 0

    with socket.socket() as client:
        asyncio.run(main(client))
        gc.collect()  # an unclosed socket would warn here, and warnings are errors


def test_a_thousand_connections_come_and_go() -> None:
    async def main() -> None:
        async with WireServer(echo, tls=False) as server:

            async def once() -> None:
                _, writer = await asyncio.open_connection(server.host, server.port)
                writer.close()
                await writer.wait_closed()

            for _ in range(10):
                await asyncio.gather(*(once() for _ in range(100)))
            await asyncio.to_thread(eventually, lambda: server.open_connections == 0)
            assert len(server.connections) == 1000

    asyncio.run(main())
