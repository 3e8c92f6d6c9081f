"""A vendor's spelling, as tables that are used in both directions.

:class:`Wire` knows how one vendor spells enum words, names fields and writes numbers and times.
``dump`` turns a schema object into the vendor's fields; ``load`` turns the vendor's row into a
schema object, over cattrs' converters for the single values.  Two laws hold:

* *Outgoing*: a word that the table does not spell is ``Unsupported``, before anything is sent; no
  two words share a spelling.
* *Incoming*: a row is never dropped and a foreign word is never fatal. A word that the table does
  not know leaves the field ``None`` (a status: ``UNKNOWN``); the row itself stays in ``vendor``.
  A value of the wrong *shape* is a ``MalformedReply`` that names its path (``@ $.data[1].price``).
"""

from __future__ import annotations

import codecs
import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar, cast, get_type_hints

import attrs
import cattrs

from openbroker.errors import MalformedReply, Unsupported
from openbroker.schemas.convert import plain
from openbroker.schemas.enums import OrderStatus, Word
from openbroker.schemas.table import INDIA

C = TypeVar("C")
Row: TypeAlias = Mapping[str, Any]
Source: TypeAlias = str | tuple[str, ...] | Callable[[Row], object]
"""Where a field comes from: a vendor key, the first filled of several, or a function of the row."""


class BadValue(ValueError):
    """A value of the wrong shape; the message says what was expected."""


def to_decimal(value: object) -> Decimal | None:
    """A number however the vendor wrote it: ``"- 2,235.80"``, ``1.98253E7``.

    Empty text and the usual words for nothing (``"-"``, ``"NA"``) are ``None``.
    """
    if isinstance(value, str):
        value = value.replace(" ", "").replace(",", "")
        value = None if value.casefold() in _NOTHING else value
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal, float)):
        raise BadValue(f"{value!r:.60} is not a number")
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise BadValue(f"{value!r:.60} is not a number") from None
    if not _is_ordinary(number):
        raise BadValue(f"{value!r:.60} is not a number of ordinary size")
    return number


_FIRST_YEAR = 1900
"""That of ``strptime`` for a time without a date."""
_NOTHING = frozenset({"", "-", "--", "na", "n/a", "nan", "null", "none"})
_MOST_DIGITS = 18
_FINEST = -40


def _is_ordinary(number: Decimal) -> bool:
    """Whether it can be written out: ``1E999999999`` would fill the memory with zeros."""
    if not number.is_finite():
        return False
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= _FINEST and number.adjusted() <= _MOST_DIGITS


def json_number(value: Decimal) -> int | float:
    """A JSON number; ``repr`` of a float that came from a price has the price's own digits."""
    return int(value) if value == value.to_integral_value() else float(value)


def json_value(value: object) -> object:
    """A value of a row that was read, as JSON can write it."""
    return json_number(value) if isinstance(value, Decimal) else value


def to_int(value: object) -> int | None:
    """A whole number however the vendor wrote it."""
    number = to_decimal(value)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise BadValue(f"{value!r:.60} is not a whole number")
    return int(number)


def to_text(value: object) -> str | None:
    """Text, or a number as text; empty text is ``None``."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Decimal) and _is_ordinary(value):
        return plain(value)
    raise BadValue(f"{value!r:.60} is not text")


def to_id(value: object) -> str | None:
    """Text that may stand in an address and in a journal; anything else is ``None``.

    Nulls that became text, flags, negative numbers and plain zeros are no ids either: a success
    with ``"orderid": "null"`` names no order.
    """
    try:
        text = to_text(value)
    except BadValue:
        return None
    if text is None or text.casefold() in _NO_ID or not text.strip("0-_"):
        return None
    return text if _ID.fullmatch(text) else None


def to_order_id(value: object) -> str | None:
    """The id of an order or a rule: text with a digit in it, or a whole number.

    A word alone (``"rejected"``, ``"NA"``) is no id of any vendor's, and a number with a fraction
    or an exponent is what is left of one that somebody has rounded.
    """
    found = None if isinstance(value, Decimal) else to_id(value)
    return found if found is not None and any(map(str.isdigit, found)) else None


_NO_ID = frozenset({"null", "none", "nan", "undefined", "true", "false"})
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")


def printable(value: object) -> str | None:
    """A word or a sentence of the vendor's on one line; anything else is ``None``."""
    text = value.strip() if isinstance(value, str) else ""
    return text if text and text.isprintable() else None


def to_token(value: object) -> str | None:
    """A word that may stand in a header: printable ASCII without blanks; else ``None``."""
    text = printable(value) or ""
    return text if text and text.isascii() and " " not in text else None


def to_flag(value: object) -> bool | None:
    """``true``/``false`` however spelled; anything else is ``None``. Truthiness is not asked."""
    if isinstance(value, bool):
        return value
    words = {"true": True, "false": False}
    return words.get(value.strip().casefold()) if isinstance(value, str) else None


def read_json(content: bytes) -> Any:
    """The parsed body: decimals exact, no NaN, no duplicate keys.

    Raises:
        MalformedReply: it is not JSON, or nested absurdly deep.
    """
    try:
        return _DECODER.decode(content.decode("utf-8-sig"))
    except (ValueError, RecursionError, InvalidOperation) as error:
        why = "too deeply nested" if isinstance(error, RecursionError) else "not valid"
        raise MalformedReply(f"the reply's JSON is {why}: {show(content)}") from None


def begins_as_json(content: bytes) -> bool:
    """Whether a body begins as an object or a list, with or without a byte order mark."""
    return content[:64].removeprefix(codecs.BOM_UTF8).lstrip().startswith((b"{", b"["))


def show(content: bytes, limit: int = 120) -> str:
    """The first bytes of a body, on one line, for messages and evidence."""
    text = content[: 4 * limit].decode("utf-8", "replace")
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return repr(line[:limit] + ("..." if len(line) > limit else "")) if line else "an empty body"


def _exact(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise BadValue(f"{text:.40} is out of range")
    return number


def _refuse_constant(name: str) -> object:
    raise BadValue(f"{name} is not JSON")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise BadValue("a key stands twice in one object")
    return row


_DECODER = json.JSONDecoder(
    parse_float=_exact, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys
)
"""One for all: to make one a reply costs more than to read the reply."""


@attrs.frozen
class _Field:
    name: str
    source: Source
    convert: Callable[[object], Any]
    required: bool

    def read(self, row: Row, path: str) -> Any:
        try:
            value = self.convert(_take(row, self.source))
            if value is None and self.required:
                raise BadValue("a value is needed and none is there")
        except (ValueError, TypeError, cattrs.BaseValidationError) as error:
            raise MalformedReply(f"{_why(error)} @ {path}.{_key(self.source, self.name)}") from None
        return value


def _take(row: Row, source: Source) -> object:
    if isinstance(source, str):
        return row.get(source)
    if isinstance(source, tuple):
        return next((row[key] for key in source if row.get(key) not in (None, "")), None)
    return source(row)


def _key(source: Source, name: str) -> str:
    if isinstance(source, str):
        return source
    return source[0] if isinstance(source, tuple) else name


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, BadValue) else "a value of the wrong shape"


class Wire:
    """The spelling tables of one vendor.

    Args:
        words: for each enum its members' spellings, text or number, as sent; text is read back in
            either case, numbers as numbers or text.
        aliases: further spellings that are only read.
        statuses: the vendor's status words to :class:`OrderStatus`, many to one.
        fields: for each schema class, field name to :data:`Source`. When dumping, a dotted name
            (``instrument.token``) reaches into the object and functions are left out.
        times: ``strptime`` formats of the vendor's local times, tried in turn; ISO is always read.
        number: how numbers are written when sent; plain text by default.
        empty_is_null: whether the vendor writes ``null`` or an empty text for a list without rows.
    """

    def __init__(
        self,
        *,
        words: Mapping[type[Word], Mapping[Any, str | int]],
        fields: Mapping[type, Mapping[str, Source]],
        statuses: Mapping[str, OrderStatus] | None = None,
        aliases: Mapping[type[Word], Mapping[str, Word]] | None = None,
        times: Sequence[str] = (),
        zone: dt.tzinfo = INDIA,
        number: Callable[[Decimal], object] = plain,
        empty_is_null: bool = False,
    ) -> None:
        self.words = words
        self.statuses = {word.casefold(): status for word, status in (statuses or {}).items()}
        self._fields = fields
        self._times = times
        self._zone = zone
        self.number = number
        self.empty_is_null = empty_is_null
        self._read = {kind: _inverse(kind, table) for kind, table in words.items()}
        for kind, more in (aliases or {}).items():
            self._read[kind].update({text.casefold(): word for text, word in more.items()})
        self._converter = self._make_converter()
        self._loaders: dict[type, tuple[_Field, ...]] = {}
        self._dumpers: dict[type, tuple[tuple[str, Callable[[object], object]], ...]] = {}

    # -- outgoing

    def spell(self, word: Word) -> str | int:
        """The vendor's spelling.

        Raises:
            Unsupported: the vendor has no such word.
        """
        table = self.words.get(type(word), {})
        if word not in table:
            offered = ", ".join(member.value for member in table) or "none"
            kind = type(word).__name__
            raise Unsupported(f"{kind} {word.value} is not offered; offered: {offered}")
        return table[word]

    def dump(self, thing: object) -> dict[str, Any]:
        """The vendor's fields of a schema object; what is ``None`` is left out."""
        body: dict[str, Any] = {}
        for key, read in self._dumper(type(thing)):
            value = read(thing)
            if value is not None:
                body[key] = self._out(value)
        return body

    def _dumper(self, kind: type) -> tuple[tuple[str, Callable[[object], object]], ...]:
        if kind not in self._dumpers:
            self._dumpers[kind] = tuple(
                (key, attrgetter(name))
                for name, key in self._fields[kind].items()
                if isinstance(key, str)
            )
        return self._dumpers[kind]

    def key(self, kind: type, name: str) -> str | None:
        """The vendor's name of a schema field, where it is a plain one."""
        key = self._fields[kind].get(name)
        return key if isinstance(key, str) else None

    def _out(self, value: object) -> object:
        if isinstance(value, Word):
            return self.spell(value)
        if isinstance(value, (Decimal, int)) and not isinstance(value, bool):
            return self.number(Decimal(value))
        return value

    # -- incoming

    def word(self, kind: type[C], text: object) -> C | None:
        """The schema's word for the vendor's, ``None`` if it knows none."""
        table = self._read.get(cast("type[Word]", kind), {})
        return cast("C | None", table.get(_folded(text)))

    def status(self, text: object) -> OrderStatus:
        """The schema's status for the vendor's; ``UNKNOWN`` for a word it does not know."""
        return self.statuses.get(_folded(text), OrderStatus.UNKNOWN)

    def time(self, value: object) -> dt.datetime | None:
        """An aware time; ``None`` for nothing, for a text of no known form, and for the year in
        which vendors write that something has not happened (``0001-01-01``)."""
        text = to_text(value)
        moment = self._moment(text) if text is not None else None
        return moment if moment is not None and moment.year >= _FIRST_YEAR else None

    def _moment(self, text: str) -> dt.datetime | None:
        for form in self._times:
            try:
                return dt.datetime.strptime(*_numbered(text, form)).replace(tzinfo=self._zone)
            except ValueError:
                continue
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=self._zone)

    def load(self, row: object, kind: type[C], *, at: str = "$.data") -> C:
        """One schema object from the vendor's row.

        Raises:
            MalformedReply: the row or one of its values has the wrong shape; the path is named.
        """
        if not isinstance(row, Mapping):
            raise MalformedReply(f"an object was expected, not {type(row).__name__} @ {at}")
        values = {part.name: part.read(row, at) for part in self._loader(kind)}
        if "vendor" in {field.name for field in attrs.fields(cast("Any", kind))}:
            values["vendor"] = row
        return kind(**values)

    def load_rows(self, rows: object, kind: type[C], *, at: str = "$.data") -> list[C]:
        """A schema object for every row.

        An empty book is evidence that an order is absent, so it has to be said as the vendor says
        it: ``null`` is no list unless ``empty_is_null``.

        Raises:
            MalformedReply: it is no list, or :meth:`load` raises it.
        """
        if self.empty_is_null and (rows is None or rows == ""):
            return []
        if not isinstance(rows, list):
            raise MalformedReply(f"a list was expected, not {type(rows).__name__} @ {at}")
        return [self.load(row, kind, at=f"{at}[{i}]") for i, row in enumerate(rows)]

    def _loader(self, kind: type) -> tuple[_Field, ...]:
        if kind not in self._loaders:
            hints = get_type_hints(kind)
            required = {f.name for f in attrs.fields(kind) if f.default is attrs.NOTHING}
            self._loaders[kind] = tuple(
                _Field(name, source, self._hook(hints[name]), name in required)
                for name, source in self._fields[kind].items()
            )
        return self._loaders[kind]

    def _hook(self, hint: Any) -> Callable[[object], Any]:
        converter = self._converter

        def convert(value: object) -> Any:
            return value if _is_ready(value) else converter.structure(value, hint)

        return convert

    def _make_converter(self) -> cattrs.Converter:
        converter = cattrs.Converter(detailed_validation=False)
        simple: Iterable[tuple[Any, Callable[[object], Any]]] = (
            (Decimal, to_decimal),
            (int, to_int),
            (str, to_text),
            (bool, to_flag),
            (dt.datetime, self.time),
            (OrderStatus, self.status),
        )
        for kind, function in simple:
            converter.register_structure_hook(kind, _ignoring_type(function))
        for word in self.words:
            converter.register_structure_hook(word, self._word_hook(word))
        return converter

    def _word_hook(self, kind: type[Word]) -> Callable[[object, Any], Any]:
        unknown = kind.__members__.get("UNKNOWN")
        return lambda value, _: (
            value if isinstance(value, kind) else self.word(kind, value) or unknown
        )


_MONTHS = {
    name: f"{number:02}"
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}


def _numbered(text: str, form: str) -> tuple[str, str]:
    """The text with its month as a number: ``%b`` means other words in other locales."""
    if "%b" not in form:
        return text, form
    found = re.search(r"[A-Za-z]{3}", text)
    month = _MONTHS.get(found.group().casefold(), "") if found else ""
    return re.sub(r"[A-Za-z]{3}", month, text, count=1), form.replace("%b", "%m")


def _is_ready(value: object) -> bool:
    """Whether a source function has made the schema's value already."""
    if isinstance(value, tuple):
        return all(map(_is_ready, value))
    return value is None or isinstance(value, (Word, dt.date)) or attrs.has(type(value))


def _ignoring_type(function: Callable[[object], Any]) -> Callable[[object, Any], Any]:
    return lambda value, _: function(value)


def _folded(text: object) -> str:
    """A vendor's word as the tables are keyed; a number as text, anything else as nothing."""
    if isinstance(text, (int, Decimal)) and not isinstance(text, bool):
        return plain(Decimal(text))
    return text.strip().casefold() if isinstance(text, str) else ""


def _inverse(kind: type[Word], table: Mapping[Any, str | int]) -> dict[str, Word]:
    inverse = {_folded(text): word for word, text in table.items()}
    if len(inverse) != len(table):
        raise ValueError(f"two members of {kind.__name__} share a spelling")
    return inverse
