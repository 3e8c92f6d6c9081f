"""Cutting masters up, naming their rows, and the units they are in."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbroker.adapters import cutting
from openbroker.adapters.cutting import csv_rows, gunzip, json_rows, unzip
from openbroker.adapters.masters import (
    Skipped,
    Units,
    amount,
    cash_symbol,
    dmy,
    index_name,
    parts_of,
    settle_series,
    split_series,
    symbol_of,
    whole,
    ymd,
)
from openbroker.errors import InvalidOrder, MalformedReply
from openbroker.schemas import Exchange, Instrument, InstrumentType, Right

# --- cutting -------------------------------------------------------------------------------------

_texts = st.dictionaries(st.text(max_size=8), st.text(max_size=30), max_size=4)
_tricky = st.sampled_from(['},{"a":"b"}', '"},{', "}\n,\n{", "]", "[{", "\\", "x},{y", '},"k":{"'])


@given(
    st.lists(st.one_of(_texts, st.fixed_dictionaries({"a": _tricky})), max_size=40),
    st.integers(min_value=1, max_value=60),
    st.sampled_from([(",", ":"), (", ", ": "), (",\n ", ":")]),
)
def test_json_is_cut_between_rows_wherever_the_chunk_ends(
    rows: list[dict[str, str]], chunk: int, separators: tuple[str, str]
) -> None:
    content = json.dumps(rows, separators=separators).encode()
    original = cutting._CHUNK
    cutting._CHUNK = chunk  # type: ignore[misc]
    try:
        assert list(json_rows(content)) == rows
    finally:
        cutting._CHUNK = original  # type: ignore[misc]


@given(
    st.dictionaries(
        st.text(max_size=8), st.one_of(_texts, st.fixed_dictionaries({"a": _tricky})), max_size=12
    ),
    st.integers(1, 64),
    st.sampled_from([(",", ":"), (", ", ": "), (",\n", " : ")]),
)
def test_a_json_object_of_rows_is_cut_between_them_likewise(
    rows: dict[str, dict[str, str]], chunk: int, separators: tuple[str, str]
) -> None:
    content = json.dumps(rows, separators=separators).encode()
    original = cutting._CHUNK
    cutting._CHUNK = chunk  # type: ignore[misc]
    try:
        assert list(json_rows(content, keyed=True)) == list(rows.values())
    finally:
        cutting._CHUNK = original  # type: ignore[misc]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"null", b"<html>", b'{"a":{"b":"c"}'])
def test_what_is_no_whole_object_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedReply, match=r"not a whole JSON object|not readable JSON"):
        list(json_rows(content, keyed=True))


@pytest.mark.parametrize("content", [b"", b"{}", b"[", b"null", b"<html>", b'[{"a":"b"}', b"[1"])
def test_what_is_no_whole_array_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedReply, match="not a whole JSON array"):
        list(json_rows(content))


def test_damage_inside_an_array_is_refused() -> None:
    with pytest.raises(MalformedReply, match="near byte"):
        list(json_rows(b'[{"a":"b"},{"a":}]'))


def test_rows_that_are_not_flat_text_are_skipped_one_by_one() -> None:
    content = b'[{"a":"b"},{"a":1},["a"],{"a":{"b":"c"}},{"a":"' + b"x" * 5000 + b'"},{"a":"z"}]'
    rows = list(json_rows(content))
    assert [row for row in rows if not isinstance(row, Skipped)] == [{"a": "b"}, {"a": "z"}]
    assert [row.reason for row in rows if isinstance(row, Skipped)] == [
        "the row holds a value that is not text",
        "the row is not an object",
        "the row holds a value that is not text",
        "the row is too long",
    ]


def test_an_endless_row_is_refused_before_it_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "_CHUNK", 16)
    content = b'[{"a":"' + b"},{" * 200_000 + b'"}]'
    with pytest.raises(MalformedReply):
        list(json_rows(content))


def test_the_number_of_rows_is_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "MAX_ROWS", 3)
    with pytest.raises(MalformedReply, match="more than 3 rows"):
        list(json_rows(b"[" + b",".join([b'{"a":"b"}'] * 4) + b"]"))
    with pytest.raises(MalformedReply, match="more than 3 rows"):
        list(csv_rows(b"a\n" + b"x\n" * 4, ["a"]))


def test_csv_columns_come_in_the_order_asked_for_and_odd_rows_are_skipped() -> None:
    content = b'\xef\xbb\xbfa,b,c\n1,"2,2",3\n\n1,2\n4,5,' + b"6" * 5000 + b"\n7,8,9\n"
    rows = list(csv_rows(content, ["c", "a"]))
    assert [row for row in rows if not isinstance(row, Skipped)] == [("3", "1"), ("9", "7")]
    assert [row.reason for row in rows if isinstance(row, Skipped)] == [
        "the row has the wrong number of columns",
        "the row is too long",
    ]


def test_csv_without_a_column_is_refused() -> None:
    with pytest.raises(MalformedReply, match="no column z"):
        list(csv_rows(b"a,b\n1,2\n", ["a", "z"]))


def test_gzip_is_unpacked_under_a_cap_and_plain_bytes_pass() -> None:
    packed = gzip.compress(b"x" * 10_000)
    assert gunzip(packed) == b"x" * 10_000
    assert gunzip(b"plain") == b"plain"
    with pytest.raises(MalformedReply, match="more than 9,999"):
        gunzip(packed, max_bytes=9_999)
    with pytest.raises(MalformedReply, match="ends early"):
        gunzip(packed[:-9])
    with pytest.raises(MalformedReply, match="not readable gzip"):
        gunzip(b"\x1f\x8bgarbage that is long enough")


def test_zip_members_are_unpacked_under_a_common_cap() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../evil.txt", b"a" * 600)
        archive.writestr("b.txt", b"b" * 600)
    assert [len(body) for body in unzip(packed.getvalue())] == [600, 600]
    with pytest.raises(MalformedReply, match="more than 1,000"):
        list(unzip(packed.getvalue(), max_bytes=1000))
    with pytest.raises(MalformedReply, match="not readable"):
        list(unzip(b"PK no archive"))


# --- fields --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "scale", "expected"),
    [
        ("2600000.000000", 100, "26000"),
        ("832500000.000000", 10_000_000, "83.25"),
        ("5.000000", 100, "0.05"),
        ("0.250000", 100, "0.0025"),
        ("0", 1, "0"),
        ("1E3", 1, "1000"),
    ],
)
def test_amounts_are_exact(text: str, scale: int, expected: str) -> None:
    assert str(amount(text, scale)) == expected


@pytest.mark.parametrize("text", ["", " ", "-1.000000", "nan", "Infinity", "x"])
def test_what_is_no_amount_is_none(text: str) -> None:
    assert amount(text) is None


def test_whole_numbers_and_dates() -> None:
    assert [whole(text) for text in ("75", "75.0", "0", "-1", "7.5", "", "x")] == [
        75, 75, None, None, None, None, None,
    ]  # fmt: skip
    day = dt.date(2026, 11, 24)
    assert [dmy(text) for text in ("24NOV2026", "24-Nov-2026", "31FEB2026", "24XXX2026", "")] == [
        day, day, None, None, None,
    ]  # fmt: skip
    assert [ymd(text) for text in ("2026-11-24", "2026-13-01", "")] == [day, None, None]


# --- naming --------------------------------------------------------------------------------------

_bases = st.from_regex(r"[A-Z0-9&-]{1,12}", fullmatch=True)
_days = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
_strikes = st.decimals(min_value="0.0025", max_value=999_999, places=4)


@given(
    st.sampled_from([e for e in Exchange if e.is_derivative]),
    _bases,
    _days,
    st.none() | st.tuples(_strikes, st.sampled_from(Right)),
)
def test_a_derivatives_symbol_reads_back_as_its_parts(
    exchange: Exchange, name: str, expiry: dt.date, option: tuple[Decimal, Right] | None
) -> None:
    strike, right = option or (None, None)
    parts = parts_of(symbol_of(exchange, name, expiry, strike, right))
    assert parts is not None
    assert (parts.exchange, parts.name, parts.expiry) == (exchange, name, expiry)
    assert (parts.strike, parts.right) == (strike, right)


@pytest.mark.parametrize(
    "symbol",
    [
        "NSE:INFY", "NSE:360ONE", "NSE_INDEX:NIFTYNXT50", "BFO:SENSEX50", "NFO:NIFTY31FEB2626000CE",
        "XXX:NIFTY24NOV26FUT", "NFO:24NOV26FUT", "NFO:NIFTY24NOV26CE",
    ],
)  # fmt: skip
def test_what_is_no_derivatives_symbol_has_no_parts(symbol: str) -> None:
    assert parts_of(symbol) is None


@pytest.mark.parametrize(
    ("listed", "name"),
    [
        ("Nifty 50", "NIFTY"), ("Nifty Bank", "BANKNIFTY"), ("Nifty Fin Service", "FINNIFTY"),
        ("NIFTY MID SELECT", "MIDCPNIFTY"), ("Nifty Next 50", "NIFTYNXT50"), ("SNSX50", "SENSEX50"),
        ("SENSEX", "SENSEX"), ("India VIX", "INDIAVIX"), ("Nifty-IT", "NIFTYIT"),
    ],
)  # fmt: skip
def test_indices_are_named_as_their_derivatives_are(listed: str, name: str) -> None:
    assert index_name(listed) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SBIN-EQ", ("SBIN", "EQ")), ("BAJAJ-AUTO-EQ", ("BAJAJ-AUTO", "EQ")),
        ("BAJAJ-AUTO", ("BAJAJ-AUTO", None)), ("NAM-INDIA", ("NAM-INDIA", None)),
        ("IRFC-N1", ("IRFC", "N1")), ("MCDOWELL-N", ("MCDOWELL-N", None)), ("M&M", ("M&M", None)),
    ],
)  # fmt: skip
def test_a_series_is_two_characters_after_the_last_hyphen(
    text: str, expected: tuple[str, str | None]
) -> None:
    assert split_series(text) == expected


def _cash(stem: str, series: str) -> Instrument:
    return Instrument(
        exchange=Exchange.NSE, symbol=cash_symbol(Exchange.NSE, stem, series),
        type=InstrumentType.EQUITY, token=f"{stem}{series}", broker_symbol=f"{stem}-{series}",
        series=series,
    )  # fmt: skip


_FAMILIES = "A-EQ A-BE B-SM B-BE B-N1 C-N1 C-N2 D-GS E-ST E-SZ"


@given(st.permutations([split_series(text) for text in _FAMILIES.split()]))
def test_the_series_rule_does_not_depend_on_the_order_of_rows(rows: list[tuple[str, str]]) -> None:
    settled = {
        row.broker_symbol: row.symbol
        for row in settle_series(_cash(*row) for row in rows)
        if isinstance(row, Instrument)
    }
    assert settled == {
        "A-EQ": "NSE:A", "A-BE": "NSE:A-BE",
        "B-BE": "NSE:B", "B-SM": "NSE:B-SM", "B-N1": "NSE:B-N1",
        "C-N1": "NSE:C-N1", "C-N2": "NSE:C-N2",
        "D-GS": "NSE:D",
        "E-ST": "NSE:E", "E-SZ": "NSE:E-SZ",
    }  # fmt: skip


def test_lots_and_units() -> None:
    crude = Instrument(
        exchange=Exchange.MCX, symbol="MCX:CRUDEOIL18DEC26FUT", type=InstrumentType.FUTURE,
        token="1", broker_symbol="CRUDEOIL", lot_size=100,
    )  # fmt: skip
    in_lots = Units(in_lots=frozenset({Exchange.MCX}))
    assert (in_lots.to_wire(300, crude), in_lots.from_wire(3, crude)) == (3, 300)
    assert (Units().to_wire(300, crude), Units().from_wire(300, crude)) == (300, 300)
    with pytest.raises(InvalidOrder, match="lot of 100"):
        in_lots.to_wire(150, crude)
