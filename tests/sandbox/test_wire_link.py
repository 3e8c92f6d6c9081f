"""The emulated link: what each round trip costs, in lower bounds, and that order is kept."""

from __future__ import annotations

import asyncio
import ssl
import time

import httpx
import pytest
from wire_peer import CLOSE_NOTIFY, RESET, Peer, eventually, post

from openbroker.sandbox.wire import running_server
from openbroker.sandbox.wire_channel import Delay

ROUND_TRIP = 0.1


def ok(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text=request.url.path)


def test_tcp_tls_and_request_cost_a_round_trip_each() -> None:
    with running_server(ok, round_trip=ROUND_TRIP) as server:
        start = time.monotonic()
        with Peer(server) as peer:
            assert time.monotonic() - start >= 2 * ROUND_TRIP  # TCP and TLS 1.3
            assert peer.tls is not None
            assert peer.tls.version() == "TLSv1.3"
            peer.send(post("/cold"))
            peer.receive_until(b"/cold")
            assert time.monotonic() - start >= 3 * ROUND_TRIP
            warm = time.monotonic()
            peer.send(post("/warm"))
            peer.receive_until(b"/warm")
            assert time.monotonic() - warm >= ROUND_TRIP


def test_without_tls_tcp_and_request() -> None:
    with running_server(ok, round_trip=ROUND_TRIP, tls=False) as server:
        start = time.monotonic()
        with Peer(server) as peer:
            peer.send(post("/cold"))
            peer.receive_until(b"/cold")
        assert time.monotonic() - start >= 2 * ROUND_TRIP


def test_the_service_time_comes_on_top() -> None:
    with running_server(ok, round_trip=ROUND_TRIP, latency=0.1, tls=False) as server:
        start = time.monotonic()
        with Peer(server) as peer:
            peer.send(post("/cold"))
            peer.receive_until(b"/cold")
        assert time.monotonic() - start >= 2 * ROUND_TRIP + 0.1


def test_requests_in_flight_share_the_link() -> None:
    """Twenty pipelined requests travel together: their order holds and each is answered."""
    with running_server(ok, round_trip=ROUND_TRIP) as server, Peer(server) as peer:
        for number in range(20):
            peer.send(post(f"/{number:02}"))
        received = peer.receive_until(b"/19")
        assert [part[-3:] for part in received.split(b"HTTP/1.1 200")[1:]] == [
            b"/%02d" % number for number in range(20)
        ]


@pytest.mark.parametrize("http2", [False, True])
def test_stock_httpx_over_the_link(http2: bool) -> None:
    with running_server(ok, round_trip=0.02) as server:
        context = ssl.create_default_context(cafile=server.ca_file)
        with httpx.Client(verify=context, http2=http2) as client:
            assert [client.get(f"{server.url}/{n}").text for n in range(5)] == [
                f"/{n}" for n in range(5)
            ]


def test_the_end_comes_after_what_was_written_before_it() -> None:
    with running_server(ok, round_trip=ROUND_TRIP) as server:
        server.faults.add("idle-close", path="/close")
        server.faults.add("idle-reset", path="/reset")
        for path, ending in (("/close", CLOSE_NOTIFY), ("/reset", RESET)):
            with Peer(server) as peer:
                peer.send(post(path))
                received, seen = peer.receive(patience=5)
                assert received.endswith(path.encode())
                assert seen == ending


def test_a_request_arrives_although_its_client_left_at_once() -> None:
    """What was sent travels on: a client that gives up may still have bought shares."""
    booked: list[str] = []

    def book(request: httpx.Request) -> httpx.Response:
        booked.append(request.url.path)
        return httpx.Response(200)

    with running_server(book, round_trip=ROUND_TRIP, tls=False) as server:
        with Peer(server) as peer:
            peer.send(post("/order"))
        eventually(lambda: booked == ["/order"])


def test_delay_keeps_order_and_survives_a_failed_delivery() -> None:
    async def main() -> None:
        failures: list[object] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: failures.append(context["exception"])
        )
        delay, seen = Delay(0.01), []
        done = asyncio.Event()
        for number in range(100):
            delay.put(seen.append, number)
        delay.put([].pop)
        delay.put(done.set)
        await asyncio.wait_for(done.wait(), 5)
        assert seen == list(range(100))
        assert [type(failure) for failure in failures] == [IndexError]

    asyncio.run(main())
