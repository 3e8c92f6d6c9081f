"""Cuts the bytes of an instrument master into rows: JSON, CSV, gzip and zip, whoever publishes it.

Bytes are read lazily, in bounded memory, under caps on rows, row sizes and unpacked bytes.  A row
that cannot be one is :class:`~openbroker.adapters.masters.Skipped`, with the reason; only the
file's own shape is fatal, as :class:`~openbroker.errors.MalformedReply`.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Final

import orjson
from attrs import frozen

from openbroker.adapters.masters import Skipped
from openbroker.errors import MalformedReply

MAX_ROWS: Final = 2_000_000
MAX_ROW_BYTES: Final = 4096
MAX_UNPACKED: Final = 512 * 1024 * 1024
_CHUNK: Final = 256 * 1024
_BOUNDARY: Final = re.compile(rb"\}\s*,\s*(?=\{)")
_KEYED_BOUNDARY: Final = re.compile(rb'\}\s*,\s*(?="[^"]{1,200}"\s*:\s*\{)')


def json_rows(
    content: bytes, *, as_text: bool = False, keyed: bool = False
) -> Iterator[dict[str, str] | Skipped]:
    """The objects of a JSON array whose rows are flat and hold strings only.

    With ``as_text`` numbers and flags are taken too, as the text that JSON has for them.
    With ``keyed`` the rows are the values of one JSON object, whose keys are passed over.

    The text is cut between rows into pieces of about 256 KiB, so that memory stays small.  A cut
    that fell inside a string cannot parse (the string would have no end), and is moved on.

    Raises:
        MalformedReply: the content is no such array, or holds a row or a count beyond the caps.
    """
    count = 0
    for piece in _json_pieces(content, _OBJECT if keyed else _ARRAY):
        count += len(piece)
        if count > MAX_ROWS:
            raise MalformedReply(f"the instrument master has more than {MAX_ROWS:,} rows")
        for row in piece:
            yield _flat(_texts(row) if as_text else row)


@frozen(kw_only=True)
class _Framing:
    """What a master's rows stand in, and where it can be cut between two of them."""

    name: str
    opening: re.Pattern[bytes]
    brackets: bytes
    boundary: re.Pattern[bytes]

    def read(self, piece: bytes) -> list[object]:
        """The rows of a piece."""
        rows = orjson.loads(self.brackets[:1] + piece + self.brackets[1:])
        return list(rows.values()) if isinstance(rows, dict) else list(rows)


_ARRAY: Final = _Framing(
    name="array",
    opening=re.compile(rb"(?:\xef\xbb\xbf)?\s*\["),
    brackets=b"[]",
    boundary=_BOUNDARY,
)
_OBJECT: Final = _Framing(
    name="object",
    opening=re.compile(rb"(?:\xef\xbb\xbf)?\s*\{"),
    brackets=b"{}",
    boundary=_KEYED_BOUNDARY,
)


def _json_pieces(content: bytes, framing: _Framing) -> Iterator[list[object]]:
    start, stop = _bounds(content, framing)
    while start < stop:
        text, start = _piece_at(content, start, stop, framing)
        yield text


def _bounds(content: bytes, framing: _Framing) -> tuple[int, int]:
    opening = framing.opening.match(content)
    stop = len(content)
    while stop and content[stop - 1] in b" \t\r\n":
        stop -= 1
    if opening is None or not stop or content[stop - 1 : stop] != framing.brackets[1:]:
        raise MalformedReply(f"the instrument master is not a whole JSON {framing.name}")
    return opening.end(), stop - 1


def _piece_at(content: bytes, start: int, stop: int, framing: _Framing) -> tuple[list[object], int]:
    """The rows from ``start`` to the first usable boundary after a chunk, and where to go on."""
    reach = start + _CHUNK
    while True:
        cut = framing.boundary.search(content, min(reach, stop), stop)
        end, resume = (cut.start() + 1, cut.end()) if cut else (stop, stop)
        try:
            rows = framing.read(content[start:end])
        except orjson.JSONDecodeError as error:
            if cut is None or end - start > _CHUNK + 16 * MAX_ROW_BYTES:
                raise MalformedReply(
                    f"the instrument master is not readable JSON near byte {start}: {error}"
                ) from None
            reach = resume
        else:
            return rows, resume


def _texts(row: object) -> object:
    """A row's values as text; what is missing or nested is left out."""
    if not isinstance(row, dict):
        return row
    kept = (str, int, float)
    return {k: v if isinstance(v, str) else str(v) for k, v in row.items() if isinstance(v, kept)}


def _flat(row: object) -> dict[str, str] | Skipped:
    if not isinstance(row, dict):
        return Skipped(reason="the row is not an object", row=str(row)[:80])
    try:
        size = len("".join(row.values()))
    except TypeError:
        return Skipped(reason="the row holds a value that is not text", row=str(row)[:80])
    if size > MAX_ROW_BYTES:
        return Skipped(reason="the row is too long", row=str(row)[:80])
    return row


def csv_rows(
    content: bytes, columns: Sequence[str], *, delimiter: str = ","
) -> Iterator[Sequence[str] | Skipped]:
    """The named columns of a CSV file with a header line, in the order asked for.

    Raises:
        MalformedReply: a column is missing, the text is no CSV, or it goes beyond the caps.
    """
    lines = io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", errors="replace", newline="")
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        pick = _picker(next(reader, []), columns)
        for count, cells in enumerate(reader):
            if count >= MAX_ROWS:
                raise MalformedReply(f"the instrument master has more than {MAX_ROWS:,} rows")
            if cells:
                yield pick(cells)
    except csv.Error as error:
        raise MalformedReply(f"the instrument master is not readable CSV: {error}") from None


def _picker(
    header: Sequence[str], columns: Sequence[str]
) -> Callable[[list[str]], Sequence[str] | Skipped]:
    names = [name.strip() for name in header]
    missing = [name for name in columns if name not in names]
    if missing:
        raise MalformedReply(f"the instrument master has no column {', '.join(missing)}")
    chosen = itemgetter(*(names.index(name) for name in columns), 0)
    width = len(names)

    def pick(cells: list[str]) -> Sequence[str] | Skipped:
        if len(cells) != width:
            return Skipped(reason="the row has the wrong number of columns", row=str(cells)[:80])
        if len("".join(cells)) > MAX_ROW_BYTES:
            return Skipped(reason="the row is too long", row=str(cells)[:80])
        picked: tuple[str, ...] = chosen(cells)
        return picked[:-1]  # the one too many makes it a tuple even for a single column

    return pick


def gunzip(content: bytes, *, max_bytes: int = MAX_UNPACKED) -> bytes:
    """The unpacked bytes of a gzip file; bytes that are not gzip are returned as they are.

    Raises:
        MalformedReply: damaged, or larger than ``max_bytes`` when unpacked.
    """
    if content[:2] != b"\x1f\x8b":
        return content
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(content, max_bytes)
    except zlib.error as error:
        raise MalformedReply(f"the instrument master is not readable gzip: {error}") from None
    if unpacker.unconsumed_tail:
        raise MalformedReply(f"the instrument master unpacks to more than {max_bytes:,} bytes")
    if not unpacker.eof:
        raise MalformedReply("the instrument master's gzip data ends early")
    return unpacked


def unzip(content: bytes, *, max_bytes: int = MAX_UNPACKED) -> Iterator[bytes]:
    """The files of a zip archive, one after the other. Names inside the archive are not used.

    Raises:
        MalformedReply: damaged, or larger than ``max_bytes`` in all when unpacked.
    """
    left = max_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                with archive.open(member) as unpacked:
                    body = unpacked.read(left + 1)
                left -= len(body)
                if left < 0:
                    raise MalformedReply(f"the archive unpacks to more than {max_bytes:,} bytes")
                yield body
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise MalformedReply(f"the archive is not readable: {error}") from None
