"""Search as people type it: ``nifty 26000 ce``, ``bank nifty fut dec``, ``infy``.

Reading is pure: :func:`read` turns a text into a :class:`Query` of name words, numbers, a right, a
month or a day, and filters.  A number is a strike if the name has one like it, and otherwise part
of the name (``nifty 50``).  Which names exist, :class:`Finder` asks of two small tables that the
build writes: ``words`` (every word of every name, found by prefix) and ``heads`` (each name once,
with the number of its derivatives).  Derivatives themselves are found through their name, expiry,
strike and right, so 140,000 options need no text index, and no SQLite extension is used.

Ranking: names that match exactly come before names that match in whole words, then in prefixes;
among equals those with more derivatives, then the shorter.  Of one name: index, shares, futures by
expiry; options only when the text asks for them.  Contracts past their expiry come last.

A text that finds nothing is compared with all names by the pairs of letters they share, and the
nearest of them are searched instead (*did you mean*).
"""

from __future__ import annotations

import calendar
import datetime as dt
import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from attrs import define, evolve, field, frozen

from openbroker.adapters.masters import MONTHS, parts_of
from openbroker.instruments.rows import SELECT, Ask, amount_text, from_row
from openbroker.schemas import Exchange, Instrument, InstrumentType

_RIGHTS: Final = {
    **dict.fromkeys(("CE", "CALL", "CALLS"), "CE"),
    **dict.fromkeys(("PE", "PUT", "PUTS"), "PE"),
}
_TYPES: Final = {
    **dict.fromkeys(("FUT", "FUTS", "FUTURE", "FUTURES"), InstrumentType.FUTURE),
    **dict.fromkeys(("OPT", "OPTION", "OPTIONS"), InstrumentType.OPTION),
    "INDEX": InstrumentType.INDEX,
}
_MONTHS: Final = {
    name: number
    for number in range(1, 13)
    for name in (MONTHS[number - 1], calendar.month_name[number].upper())
}
_WORD: Final = re.compile(r"\d{4}-\d\d-\d\d|\d+(?:\.\d+)?(?![A-Z0-9&])|[A-Z0-9&]+")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_GLUED: Final = re.compile(r"([A-Z&]*?)(\d+(?:\.\d+)?)?(CE|PE|FUT)")
_GLUED_DATE: Final = re.compile(rf"(\d{{1,2}})?({'|'.join(MONTHS)})(\d{{4}}|\d\d)?")
_MAX_TEXT: Final = 100
_MAX_HEADS: Final = 60


@frozen(kw_only=True)
class Query:
    """What a text asks for. ``month`` without ``year`` is the next one of that name."""

    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    right: str | None = None
    type: InstrumentType | None = None
    day: int | None = None
    month: int | None = None
    year: int | None = None
    exchange: Exchange | None = None

    @property
    def wants_options(self) -> bool:
        return self.right is not None or self.type is InstrumentType.OPTION


def read(text: str) -> Query:
    """What a text asks for.

    >>> read("bank nifty 24 nov 55000 pe").names
    ('BANK', 'NIFTY')
    """
    text = text.strip().upper()[:_MAX_TEXT]
    prefix, colon, rest = text.partition(":")
    exchange = Exchange.__members__.get(prefix.strip()) if colon else None
    query = Query(exchange=exchange)
    for word in _WORD.findall(rest if exchange else text):
        query = _take(query, word)
    return query


def _take(query: Query, word: str) -> Query:
    """The query with one more word."""
    if word in _RIGHTS:
        return evolve(query, right=_RIGHTS[word])
    if word in _TYPES and query.names:
        return evolve(query, type=_TYPES[word])
    if word in _MONTHS:
        return _take_month(query, word)
    if _NUMBER.fullmatch(word):
        return _take_number(query, word)
    return _take_iso(query, word) or evolve(query, names=(*query.names, word))


def _take_month(query: Query, word: str) -> Query:
    """A month claims the small number just before it as its day."""
    number = _MONTHS[word]
    if query.numbers and len(query.numbers[-1]) <= 2 and 1 <= int(query.numbers[-1]) <= 31:
        return evolve(query, month=number, day=int(query.numbers[-1]), numbers=query.numbers[:-1])
    return evolve(query, month=number)


def _take_number(query: Query, word: str) -> Query:
    """After a month, a number of its own century is the year, and two digits may be the day."""
    if query.month and query.year is None and re.fullmatch(r"20\d\d", word):
        return evolve(query, year=int(word))
    if query.month and query.day is None and len(word) <= 2 and 1 <= int(word) <= 31:
        return evolve(query, day=int(word))
    if query.month and query.year is None and len(word) == 2:
        return evolve(query, year=2000 + int(word))
    return evolve(query, numbers=(*query.numbers, amount_text(Decimal(word))))


def _take_iso(query: Query, word: str) -> Query | None:
    if word.count("-") != 2:
        return None
    year, month, day = map(int, word.split("-"))
    return evolve(query, year=year, month=month, day=day) if 1 <= month <= 12 else query


def unglue(word: str) -> Query | None:
    """What a word means that is no name: ``NIFTY26000CE``, ``24NOV26``, a symbol's text."""
    parts = parts_of(f"NFO:{word}")
    if parts is not None:
        return Query(
            names=(parts.name,),
            numbers=(amount_text(parts.strike),) if parts.strike is not None else (),
            right=parts.right and parts.right.value,
            type=None if parts.right else InstrumentType.FUTURE,
            day=parts.expiry.day,
            month=parts.expiry.month,
            year=parts.expiry.year,
        )
    if date := _GLUED_DATE.fullmatch(word):
        day, month, year = date.groups()
        return Query(
            day=int(day) if day else None,
            month=_MONTHS[month],
            year=int(year[-2:]) + 2000 if year else None,
        )
    if glued := _GLUED.fullmatch(word):
        name, number, kind = glued.groups()
        return Query(
            names=(name,) if name else (),
            numbers=(number,) if number else (),
            right=_RIGHTS.get(kind),
            type=_TYPES.get(kind),
        )
    return None


def merge(query: Query, other: Query) -> Query:
    """The query with what a glued word said."""
    return Query(
        names=query.names + other.names,
        numbers=query.numbers + other.numbers,
        right=query.right or other.right,
        type=query.type or other.type,
        day=query.day or other.day,
        month=query.month or other.month,
        year=query.year or other.year,
        exchange=query.exchange or other.exchange,
    )


@define
class Finder:
    """Runs queries against one store."""

    ask: Ask
    _spelling: Spelling | None = field(default=None, init=False)

    def find(
        self,
        text: str,
        limit: int,
        today: dt.date,
        exchange: Exchange | None,
        type: InstrumentType | None,  # noqa: A002 - the schema's own word
    ) -> list[Instrument]:
        """The instruments that the text means, best first."""
        query = self._split_glued(read(text))
        query = evolve(query, exchange=exchange or query.exchange, type=type or query.type)
        rows = chain.from_iterable(
            self._rows(root, reading, limit, today)
            for reading, roots in self._readings(query)
            for root in roots
        )
        found: dict[str, Instrument] = {}
        while len(found) < limit and (row := next(rows, None)) is not None:
            found.setdefault(row.symbol, row)
        return list(found.values())

    def _readings(self, query: Query) -> Iterator[tuple[Query, list[str]]]:
        """What the text may mean, with the names to look under.

        Numbers are strikes first, then part of the name; if no name is known, the nearest are.
        """
        if query == Query(exchange=query.exchange, type=query.type):
            return
        known = self._heads(query.names)
        yield query, known
        if query.numbers and query.names:
            for words in (query.names + query.numbers, query.numbers + query.names):
                yield evolve(query, names=words, numbers=()), self._heads(words)
        if not known:
            yield query, self.near(query.names)

    def _split_glued(self, query: Query) -> Query:
        """Words that are nobody's name are taken apart."""
        known = evolve(query, names=())
        for word in query.names:
            known = merge(known, self._unglued(word) or Query(names=(word,)))
        return known

    def _unglued(self, word: str) -> Query | None:
        """``RELAINCE`` is a misspelt name, and no call on ``RELAIN``."""
        if self._roots_of(word):
            return None
        query = unglue(word)
        if query is None or query.numbers or all(map(self._roots_of, query.names)):
            return query
        return None

    # -- names

    def _heads(self, names: Sequence[str]) -> list[str]:
        """The names that hold every word, best first."""
        if not names:
            rows = self.ask("SELECT root FROM heads ORDER BY derivatives DESC LIMIT 8", ())
            return [row[0] for row in rows]
        joined = "".join(names)
        scores = dict.fromkeys(self._holding_all(names), 1)
        for root, word in self._roots_of(joined).items():
            scores[root] = max(scores.get(root, 0), 3 if word == joined else 1)
        if len(scores) > _MAX_HEADS * 8:
            scores = {root: score for root, score in scores.items() if root.startswith(joined)}
        return self._ranked(scores, names, joined)

    def _holding_all(self, names: Sequence[str]) -> set[str]:
        sets = [set(self._roots_of(word)) for word in names]
        return set.intersection(*sets) if len(names) > 1 else set()

    def _roots_of(self, word: str) -> dict[str, str]:
        """The names that hold a word with this prefix, each with the shortest such word."""
        rows = self.ask(
            "SELECT root, word FROM words WHERE word >= ? AND word < ? ORDER BY word DESC",
            (word, word + "\uffff"),
        )
        return dict(rows)

    def _ranked(self, scores: dict[str, int], names: Sequence[str], joined: str) -> list[str]:
        marks = ",".join("?" * len(scores))
        rows = self.ask(
            f"SELECT root, derivatives FROM heads WHERE root IN ({marks})",  # noqa: S608 - marks
            list(scores),
        )

        def rank(row: tuple[Any, ...]) -> tuple[object, ...]:
            root, derivatives = row
            exact = scores[root] + (root == joined)
            return -exact, not root.startswith(names[0]), -derivatives, len(root), root

        return [root for root, _ in sorted(rows, key=rank)[:_MAX_HEADS]]

    def near(self, names: Sequence[str]) -> list[str]:
        """Names spelled much like these words."""
        if not names:
            return []
        if self._spelling is None:
            self._spelling = Spelling.of(self.ask("SELECT root, derivatives FROM heads", ()))
        return self._spelling.near("".join(names), 3)

    # -- rows of a name

    def _rows(self, root: str, query: Query, limit: int, today: dt.date) -> Iterator[Instrument]:
        where, values = ["root = ?"], [root]
        for clause, value in _clauses(query, today):
            where.append(clause)
            values.extend(value)
        rows = self.ask(
            f"{SELECT} WHERE {' AND '.join(where)} "
            "ORDER BY right IS NOT NULL, expiry IS NOT NULL AND expiry < ?, expiry, "
            "exchange NOT LIKE '%INDEX', exchange != 'NSE', exchange != 'NFO', exchange, "
            "series IS NOT 'EQ', CAST(strike AS REAL), right LIMIT ?",
            (*values, today.toordinal(), limit),
        )
        return map(from_row, rows)


def _clauses(query: Query, today: dt.date) -> Iterator[tuple[str, list[Any]]]:
    """What a row of a name has to be, as SQL."""
    if query.numbers:
        yield f"strike IN ({','.join('?' * len(query.numbers))})", list(query.numbers)
    if query.right:
        yield "right = ?", [query.right]
    elif query.numbers or query.wants_options:
        yield "right IN ('CE', 'PE')", []
    elif query.month is None:
        yield "right IS NULL", []
    if query.type is not None:
        yield "type = ?", [query.type.value]
    if query.exchange is not None:
        yield "exchange IN (?, ?)", [query.exchange.value, f"{query.exchange.value}_INDEX"]
    if query.month is not None:
        first, last = _span(query.day, query.month, query.year, today)
        yield "expiry BETWEEN ? AND ?", [first, last]


def _span(day: int | None, month: int, year: int | None, today: dt.date) -> tuple[int, int]:
    """The ordinals of the first and last day that a month or a day means."""
    year = year or (today.year if month >= today.month else today.year + 1)
    length = calendar.monthrange(year, month)[1]
    start = dt.date(year, month, min(day or 1, length))
    return start.toordinal(), (start if day else start.replace(day=length)).toordinal()


@frozen
class Spelling:
    """Names by the pairs of letters in them, for texts that are nobody's name."""

    roots: Sequence[tuple[str, int]]
    holders: dict[str, list[int]]

    @classmethod
    def of(cls, rows: Iterable[tuple[Any, ...]]) -> Spelling:
        roots = [(str(root), int(derivatives)) for root, derivatives in rows]
        holders: dict[str, list[int]] = defaultdict(list)
        for place, (root, _) in enumerate(roots):
            for pair in _pairs(root):
                holders[pair].append(place)
        return cls(roots, dict(holders))

    def near(self, word: str, count: int) -> list[str]:
        """At most ``count`` names, the likest first."""
        shared: Counter[int] = Counter()
        wanted = _pairs(word)
        for pair in wanted:
            shared.update(self.holders.get(pair, ()))

        def overlap(place: int) -> tuple[float, int]:
            root, derivatives = self.roots[place]
            return 2 * shared[place] / (len(wanted) + len(root) + 1), derivatives

        likely = [self.roots[place] for place in sorted(shared, key=overlap, reverse=True)[:40]]
        weight = dict(likely)
        matcher = difflib.SequenceMatcher(b=word, autojunk=False)

        def likeness(root: str) -> float:
            matcher.set_seq1(root)
            return matcher.ratio()

        scored = [(likeness(root), weight[root], root) for root in weight]
        return [root for score, _, root in sorted(scored, reverse=True) if score >= 0.6][:count]


def _pairs(word: str) -> set[str]:
    framed = f"^{word}$"
    return {framed[i : i + 2] for i in range(len(framed) - 1)}
