"""The pattern for plain replies and h11 never disagree about what the pattern accepts."""

from __future__ import annotations

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openbroker.transport.plain_head import plain_head

GOOD = b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 2\r\n\r\n{}"
fair = st.tuples(
    st.sampled_from([b"X-A", b"Server", b"date", b"Connection", b"Keep-Alive"]),
    st.sampled_from([b": ", b":", b":\t", b":  "]),
    st.one_of(
        st.sampled_from([b"keep-alive", b"Keep-Alive ", b"close", b"", b"a\tb", b"\xe9\xff"]),
        st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=6).map(
            lambda text: text.encode("latin-1")
        ),
    ),
).map(b"".join)
foul = st.sampled_from(
    [
        b"Content-Length: 2",
        b"Content-Length: +2",
        b"Content-Length: 2, 2",
        b"Content-Length: 0x2",
        b"Content-Length: \xb2",
        b"Transfer-Encoding: chunked",
        b"A b: c",
        b"a : b",
        b": b",
        b" folded",
        b"",
    ]
)
starts = st.sampled_from(
    [b"HTTP/1.1 200 OK"] * 5
    + [b"HTTP/1.1 403 \xe9", b"HTTP/1.1 204 No", b"HTTP/1.1 100 C", b"HTTP/1.0 200 OK"]
    + [b"HTTP/1.1 200", b"HTTP/1.1 200 ", b"HTTP/1.1  200 OK", b"http/1.1 200 OK"]
)


@st.composite
def replies(draw: st.DrawFn) -> bytes:
    end = draw(st.sampled_from([b"\r\n"] * 7 + [b"\n"]))
    lines = draw(st.lists(fair, max_size=3))
    if draw(st.integers(0, 3)) == 0:
        lines.append(draw(foul))
    length = draw(st.sampled_from([b"0", b"1", b"2", b"02", b"9", b" 2 "]))
    lines.insert(draw(st.integers(0, len(lines))), b"Content-Length: " + length)
    return end.join([draw(starts), *lines]) + end + end + draw(st.binary(max_size=5))


def by_h11(data: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes, bytes, bool]:
    state = h11.Connection(h11.CLIENT)
    state.send(h11.Request(method="POST", target="/", headers=[("host", "-")]))
    state.send(h11.EndOfMessage())
    state.receive_data(data)
    response = state.next_event()
    assert isinstance(response, h11.Response)
    body = b""
    while isinstance(event := state.next_event(), h11.Data):
        body += event.data
    ended = isinstance(event, h11.EndOfMessage)
    stays = not ended or state.their_state is h11.DONE
    return response.status_code, list(response.headers), body, state.trailing_data[0], stays


@given(replies())
@example(GOOD)
@example(GOOD + b"surplus")
def test_what_the_pattern_accepts_h11_reads_alike(data: bytes) -> None:
    plain = plain_head(data)
    if plain is None:
        return
    status, headers, body, surplus, stays = by_h11(data)
    assert stays
    assert plain.status == status
    assert plain.headers == headers
    assert data[plain.start : plain.end] == body
    if len(body) == plain.end - plain.start:
        assert data[plain.end :] == surplus


@given(st.binary(max_size=200))
def test_noise_is_left_to_h11(data: bytes) -> None:
    assert plain_head(data) is None or data.startswith(b"HTTP/1.1 ")


def test_a_plain_reply_is_plain() -> None:
    plain = plain_head(GOOD)
    assert plain is not None
    assert (plain.status, plain.headers) == (
        200,
        [(b"server", b"x"), (b"content-length", b"2")],
    )
    assert GOOD[plain.start : plain.end] == b"{}"


@pytest.mark.parametrize(
    "data",
    [
        GOOD.replace(b"Server: x", b"Transfer-Encoding: chunked"),
        GOOD.replace(b"Server: x", b"Content-Length: 2"),
        GOOD.replace(b"Server: x", b"Connection: close"),
        GOOD.replace(b"Server: x", b" folded"),
        GOOD.replace(b"Content-Length: 2", b"Content-Length: -2"),
        GOOD.replace(b"200", b"204"),
        GOOD.replace(b"HTTP/1.1", b"HTTP/1.0"),
        GOOD.replace(b"\r\n\r\n", b"\r\n"),
        b"",
    ],
)
def test_what_is_not_plain_is_left_to_h11(data: bytes) -> None:
    assert plain_head(data) is None


def test_no_input_makes_it_slow() -> None:
    """Linear in the input: a run of the worst characters is through at once."""
    for filler in (b" ", b"a", b"a:", b"a: b\r\n", b"\t "):
        assert plain_head(b"HTTP/1.1 200 OK\r\na:" + filler * 60_000) is None
