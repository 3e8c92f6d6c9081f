"""Bodies are unpacked, and bombs are not."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbroker.transport.content import TooLarge, Undecodable, decoded

LIMIT = 1024 * 1024


@given(st.binary(max_size=2000))
def test_what_was_packed_comes_out(body: bytes) -> None:
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "": body,
        "identity": body,
        "gzip": gzip.compress(body),
        "x-gzip": gzip.compress(body),
        "deflate": zlib.compress(body),
        "gzip, deflate": zlib.compress(gzip.compress(body)),
        "GZIP": gzip.compress(body),
    }
    for encoding, data in packed.items():
        assert decoded(data, encoding, LIMIT) == body
    assert decoded(raw.compress(body) + raw.flush(), "deflate", LIMIT) == body


def test_the_limit_holds_packed_and_plain() -> None:
    with pytest.raises(TooLarge):
        decoded(b"x" * 11, "", 10)
    with pytest.raises(TooLarge):
        decoded(gzip.compress(b"ab" * 600), "gzip", 1000)
    assert len(decoded(gzip.compress(b"x" * 60_000), "gzip", LIMIT)) == 60_000


@pytest.mark.parametrize("nested", [1, 2])
def test_a_bomb_stops_at_its_ratio(nested: int) -> None:
    bomb = b"\0" * 50_000_000
    for _ in range(nested):
        bomb = gzip.compress(bomb)
    with pytest.raises(TooLarge):
        decoded(bomb, ", ".join(["gzip"] * nested), 100_000_000)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"plain", "gzip"),
        (gzip.compress(b"x" * 99, mtime=0)[:-9], "gzip"),
        (b"x", "br"),
        (b"", "gzip"),
    ],
)
def test_what_is_broken_or_unasked_is_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(Undecodable):
        decoded(body, encoding, LIMIT)
