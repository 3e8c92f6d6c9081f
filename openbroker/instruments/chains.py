"""What derives from one underlying: expiries, futures, option chains.

*Weekly and monthly.*  Where futures end on one of a month's option expiries, that day is the
monthly one (a weekly expiry that a holiday moved to the month's last day stays weekly); where none
do, as in commodities, the last expiry of the month is.

*At the money* is the strike nearest to the price, the lower one if two are equally near; ITM and
OTM count the listed strikes from there, in opposite directions for calls and puts.

Today is always given: a contract that ended before it is neither nearest nor listed.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final, Protocol, TypeAlias

from attrs import evolve, frozen

from openbroker.adapters.masters import dmy, index_name, ymd
from openbroker.arguments import checked, shown
from openbroker.errors import InstrumentNotFound, UsageError
from openbroker.instruments.rows import SELECT, from_row, root_of
from openbroker.schemas import Exchange, Instrument, InstrumentType, Record, Right, Table
from openbroker.schemas.convert import Number, to_money, to_word
from openbroker.schemas.enums import Word

PREFERRED: Final = (
    Exchange.NFO, Exchange.BFO, Exchange.CDS, Exchange.BCD, Exchange.MCX, Exchange.NCDEX,
)  # fmt: skip
"""Where contracts of a name are looked for, if the caller names no exchange."""


class Cycle(Word):
    """How often contracts of this kind end."""

    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@frozen(kw_only=True)
class Expiry(Record):
    """A day on which contracts end."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("underlying", "date", "cycle", "exchange")

    underlying: str
    date: dt.date
    cycle: Cycle
    exchange: Exchange


When: TypeAlias = dt.date | Expiry | Cycle | str | None
"""Which expiry: a day (``2026-11-24`` or ``24NOV26`` as text too), ``"weekly"``, ``"monthly"``,
or the nearest."""


@frozen(kw_only=True)
class ChainRow(Record):
    """One strike. ``ce`` or ``pe`` is ``None`` where only the other is listed."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "ce_offset", "ce_symbol", "strike", "pe_symbol", "pe_offset",
    )  # fmt: skip

    strike: Decimal
    ce: Instrument | None = None
    pe: Instrument | None = None
    ce_offset: str | None = None
    pe_offset: str | None = None

    @property
    def ce_symbol(self) -> str | None:
        return self.ce.symbol if self.ce is not None else None

    @property
    def pe_symbol(self) -> str | None:
        return self.pe.symbol if self.pe is not None else None

    def leg(self, right: Right | str) -> Instrument | None:
        """The call or the put."""
        return self.ce if to_word(Right, right, name="right") is Right.CE else self.pe

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """Frames hold the symbols; the instruments themselves are no plain fields."""
        return cls.COLUMNS


class OptionChain(Table[ChainRow]):
    """The options of one expiry, a row a strike, ascending.

    Attributes:
        expiry: what and when it is.
        price: what the offsets are counted from, ``None`` for a chain without offsets.
    """

    __slots__ = ("expiry", "price")

    def __init__(
        self, expiry: Expiry, rows: Iterable[ChainRow], *, price: Decimal | None = None
    ) -> None:
        super().__init__(ChainRow, rows)
        self.expiry = expiry
        self.price = price

    @property
    def underlying(self) -> str:
        return self.expiry.underlying

    @checked()
    def around(self, price: Number | None, strikes: int | None = None) -> OptionChain:
        """The same chain with offsets against a price, cut to ``strikes`` on either side.

        Raises:
            UsageError: there is no price above zero to count from.
        """
        amount = to_money(price, name="around")
        if amount is None or amount <= 0:
            raise UsageError("strikes are counted from a price above zero: pass around=price")
        middle = at_the_money([row.strike for row in self], amount)
        rows = [_with_offsets(row, place - middle) for place, row in enumerate(self)]
        if strikes is not None:
            rows = rows[max(0, middle - strikes) : middle + strikes + 1]
        return OptionChain(self.expiry, rows, price=amount)

    def at(self, strike: Number) -> ChainRow:
        """The row of a strike.

        Raises:
            InstrumentNotFound: it is not listed; ``.suggestions`` names the nearest.
        """
        wanted = to_money(strike, name="strike")
        strikes = [row.strike for row in self]
        if wanted is not None and wanted in strikes:
            return self[strikes.index(wanted)]
        near = () if wanted is None else (strikes[at_the_money(strikes, wanted)],)
        raise _missing(f"{self._title()} has no strike {strike}", near)

    @checked()
    def pick(self, offset: str, right: Right | str) -> Instrument:
        """The option of an offset: ``chain.pick("OTM2", "CE")``.

        Raises:
            UsageError: the chain has no offsets.
            InstrumentNotFound: the offset is beyond the listed strikes.
        """
        side = to_word(Right, right, name="right")
        if self.price is None:
            raise UsageError("this chain has no offsets: ask for it with around=price")
        column = "ce_offset" if side is Right.CE else "pe_offset"
        wanted = offset.strip().upper()
        for row in self:
            leg = row.leg(side)
            if getattr(row, column) == wanted and leg is not None:
                return leg
        raise _missing(f"{self._title()} has no {wanted} {side}")

    def _title(self) -> str:
        return f"the {self.underlying} option chain of {self.expiry.date}"


def at_the_money(strikes: Sequence[Decimal], price: Decimal) -> int:
    """The place of the strike nearest to a price, among ascending strikes.

    >>> at_the_money([Decimal(100), Decimal(110), Decimal(120)], Decimal(115))
    1
    """
    above = bisect_left(strikes, price)
    if above == 0:
        return 0
    if above == len(strikes) or price - strikes[above - 1] <= strikes[above] - price:
        return above - 1
    return above


def _with_offsets(row: ChainRow, steps: int) -> ChainRow:
    if steps == 0:
        return evolve(row, ce_offset="ATM", pe_offset="ATM")
    below, above = f"ITM{abs(steps)}", f"OTM{abs(steps)}"
    call, put = (below, above) if steps < 0 else (above, below)
    return evolve(row, ce_offset=call, pe_offset=put)


class Master(Protocol):
    """What is needed of a store."""

    def ask(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]: ...
    def by_symbol(self, symbol: str) -> Instrument | None: ...
    def suggest(self, text: str, *, limit: int = 5) -> tuple[str, ...]: ...


Ends: TypeAlias = Mapping[Exchange, Mapping[InstrumentType, frozenset[dt.date]]]
"""On which days an underlying's contracts end, by exchange and type."""


def calendar_of(
    underlying: str, exchange: Exchange, days: Iterable[dt.date], futures: Iterable[dt.date]
) -> list[Expiry]:
    """The days as expiries, ascending, told apart by the rule at the top of this module."""
    ordered = sorted(days)
    monthly = {(day.year, day.month): {day} for day in ordered}
    for day in set(futures).intersection(ordered):
        monthly[day.year, day.month] = {*futures}
    return [
        Expiry(
            underlying=underlying,
            date=day,
            cycle=Cycle.MONTHLY if day in monthly[day.year, day.month] else Cycle.WEEKLY,
            exchange=exchange,
        )
        for day in ordered
    ]


@frozen
class Chains:
    """Chains of one store's contracts."""

    master: Master

    def expiries(
        self,
        underlying: str | Instrument,
        exchange: Exchange | None,
        kind: InstrumentType | None,
        today: dt.date,
    ) -> Table[Expiry]:
        """The expiries from today on."""
        rows = self._expiries(underlying, exchange, kind)
        return Table(Expiry, [row for row in rows if row.date >= today])

    def nearest(
        self,
        underlying: str | Instrument,
        exchange: Exchange | None,
        cycle: Cycle | None,
        today: dt.date,
    ) -> Expiry:
        """The next option expiry; the next future's where there are no options."""
        ends = self._ends(self._root(underlying))
        has_options = any(InstrumentType.OPTION in kinds for kinds in ends.values())
        kind = InstrumentType.OPTION if has_options else InstrumentType.FUTURE
        rows = self._expiries(underlying, exchange, kind)
        return _first(rows, cycle, today)

    def options(
        self, underlying: str | Instrument, when: When, exchange: Exchange | None, today: dt.date
    ) -> OptionChain:
        """The options of one expiry."""
        expiry = (
            when
            if isinstance(when, Expiry)
            else _first(
                self._expiries(underlying, exchange, InstrumentType.OPTION), _wanted(when), today
            )
        )
        legs: dict[Decimal, dict[Right, Instrument]] = defaultdict(dict)
        for option in self._contracts(expiry):
            if option.strike is not None and option.right is not None:
                legs[option.strike][option.right] = option
        rows = (
            ChainRow(strike=strike, ce=pair.get(Right.CE), pe=pair.get(Right.PE))
            for strike, pair in sorted(legs.items())
        )
        return OptionChain(expiry, rows)

    def futures(
        self, underlying: str | Instrument, exchange: Exchange | None, today: dt.date
    ) -> Table[Instrument]:
        """The futures from today on."""
        first = self._expiries(underlying, exchange, InstrumentType.FUTURE)[0]
        rows = self.master.ask(
            f"{SELECT} WHERE root = ? AND right IS NULL AND expiry >= ? AND exchange = ? "
            "ORDER BY expiry",
            (first.underlying, today.toordinal(), first.exchange.value),
        )
        return Table(Instrument, map(from_row, rows))

    def _contracts(self, expiry: Expiry) -> Iterable[Instrument]:
        rows = self.master.ask(
            f"{SELECT} WHERE root = ? AND right IN ('CE', 'PE') AND expiry = ? AND exchange = ?",
            (expiry.underlying, expiry.date.toordinal(), expiry.exchange.value),
        )
        return map(from_row, rows)

    def _expiries(
        self, underlying: str | Instrument, exchange: Exchange | None, kind: InstrumentType | None
    ) -> list[Expiry]:
        """All expiries on the exchange, or on the first preferred one that has any."""
        root = self._root(underlying)
        ends = self._ends(root)
        for place in PREFERRED if exchange is None else (exchange,):
            kinds = ends.get(place, {})
            days = frozenset[dt.date]().union(*(kinds[k] for k in kinds if kind in (None, k)))
            if days:
                return calendar_of(root, place, days, kinds.get(InstrumentType.FUTURE, ()))
        if not self.master.ask("SELECT 1 FROM heads WHERE root = ?", (root,)):
            raise _unknown(root, self.master.suggest(root))
        what = "contracts" if kind is None else f"{kind.value.lower()}s"
        where = "" if exchange is None else f" in {exchange}"
        raise _missing(f"{root} has no {what}{where}", self.master.suggest(root))

    def _ends(self, root: str) -> Ends:
        ends: dict[Exchange, dict[InstrumentType, set[dt.date]]] = {}
        rows = self.master.ask(
            "SELECT exchange, type, expiry FROM expiries WHERE root = ?", (root,)
        )
        for exchange, kind, expiry in rows:
            kinds = ends.setdefault(Exchange(exchange), {})
            kinds.setdefault(InstrumentType(kind), set()).add(dt.date.fromordinal(expiry))
        return {
            exchange: {kind: frozenset(days) for kind, days in kinds.items()}
            for exchange, kinds in ends.items()
        }

    def _root(self, underlying: str | Instrument) -> str:
        if isinstance(underlying, Instrument):
            return root_of(underlying)
        found = self.master.by_symbol(underlying) if ":" in underlying else None
        if found is not None:
            return root_of(found)
        name = underlying.strip().upper().rpartition(":")[2]
        return name if self._ends(name) else index_name(name)


_CYCLES: Final = {cycle.value: cycle for cycle in Cycle}
_SHORT: Final = re.compile(r"^(\d{1,2}-?[A-Za-z]{3}-?)(\d\d)$")
"""``24NOV26``, as the symbols of contracts have it."""


def _wanted(when: dt.date | Cycle | str | None) -> dt.date | Cycle | None:
    """What a text means: a cycle's word or a day.

    Raises:
        UsageError: it is neither, nor a day itself.
    """
    if when is None or isinstance(when, Cycle):
        return when
    if isinstance(when, dt.date):
        return when.date() if isinstance(when, dt.datetime) else when
    text = when.strip() if isinstance(when, str) else ""
    found = _CYCLES.get(text.upper()) or ymd(text) or dmy(_SHORT.sub(r"\g<1>20\2", text))
    if found is None:
        raise UsageError(
            f"expiry {shown(when)} is not a day (2026-11-24), 'weekly', 'monthly' or a row of "
            "expiries(...)"
        )
    return found


def _first(rows: Sequence[Expiry], wanted: dt.date | Cycle | None, today: dt.date) -> Expiry:
    """The day itself, or the first from today on that is of the wanted cycle."""
    for row in rows:
        if row.date == wanted or (row.date >= today and wanted in (None, row.cycle)):
            return row
    what = str(wanted) if isinstance(wanted, dt.date) else f"{wanted or 'expiry'} from {today} on"
    listed = tuple(str(row.date) for row in rows if row.date >= today)
    raise _missing(f"{rows[0].underlying} has no expiry {what}", listed)


def _unknown(name: str, suggestions: Sequence[str]) -> InstrumentNotFound:
    guess = f"; did you mean {' or '.join(suggestions)}?" if suggestions else ""
    error = InstrumentNotFound(f"nothing is called {name!r}{guess}")
    error.suggestions = tuple(suggestions)
    return error


def _missing(message: str, suggestions: Sequence[object] = ()) -> InstrumentNotFound:
    names = tuple(map(str, suggestions))
    listed = f"; listed: {', '.join(names)}" if names else ""
    error = InstrumentNotFound(f"{message}{listed}")
    error.suggestions = names
    return error
