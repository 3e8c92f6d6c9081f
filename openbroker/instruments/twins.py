"""The same instrument in another broker's master.

Tokens and spellings are each broker's own, and a bare name may be a share here and a bond there.
What two masters agree in is what an instrument *is*: a contract its underlying, expiry, strike and
right; a share its ISIN, or where a master has none, its name and series.
"""

from __future__ import annotations

from openbroker.instruments.rows import SELECT, Ask, amount_text, from_row, root_of
from openbroker.schemas import Instrument


class Twins:
    """Finds a store's own listing of an instrument that comes from elsewhere."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def of(self, instrument: Instrument) -> Instrument | None:
        """The store's listing, ``None`` where there is none or several may be meant."""
        if instrument.is_derivative:
            return self._contract(instrument)
        return self._by_isin(instrument) or self._by_name(instrument)

    def _contract(self, instrument: Instrument) -> Instrument | None:
        """Of one underlying, expiry, strike, right and exchange."""
        expiry, strike = instrument.expiry, instrument.strike
        return self._first(
            "root = ? AND right IS ? AND expiry = ? AND strike IS ? AND exchange = ?",
            root_of(instrument), instrument.right and instrument.right.value,
            expiry and expiry.toordinal(), None if strike is None else amount_text(strike),
            instrument.exchange.value,
        )  # fmt: skip

    def _by_isin(self, instrument: Instrument) -> Instrument | None:
        """An ISIN may be listed in several series: the same one comes first."""
        if instrument.isin is None:
            return None
        return self._first(
            "isin = ? AND exchange = ? ORDER BY series IS NOT ?",
            instrument.isin, instrument.exchange.value, instrument.series,
        )  # fmt: skip

    def _by_name(self, instrument: Instrument) -> Instrument | None:
        """The row of that name and series, whichever of the series has the bare name here."""
        found = self._found(
            "root = ? AND right IS NULL AND expiry IS NULL AND exchange = ?",
            root_of(instrument), instrument.exchange.value,
        )  # fmt: skip
        if instrument.series is not None and any(row.series is not None for row in found):
            found = [row for row in found if row.series in (None, instrument.series)]
        named = [row for row in found if row.symbol == instrument.symbol] or found
        return named[0] if len(named) == 1 else None

    def _first(self, where: str, *values: object) -> Instrument | None:
        return next(iter(self._found(f"{where} LIMIT 1", *values)), None)

    def _found(self, where: str, *values: object) -> list[Instrument]:
        return [from_row(row) for row in self._ask(f"{SELECT} WHERE {where}", values)]
