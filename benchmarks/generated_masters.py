"""Instrument masters of a realistic size and make-up, generated: no broker's file is kept here.

One universe of contracts (seeded, so that every run sees the same) is written in the formats of two
brokers.  The make-up follows what the fact sheets and public notes say of the real files: about
155,000 rows in Angel One's, of which more than four fifths are options, 9,000 NSE cash rows in
dozens of series, 12,000 BSE rows, commodities and currencies, indices, test securities and rows of
types that cannot be traded; about 200,000 in Zerodha's.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

TODAY = dt.date(2026, 11, 22)
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")

SHARES = (
    ("INFY", "INFOSYS"), ("RELIANCE", "RELIANCE INDUSTRIES"), ("SBIN", "STATE BANK OF INDIA"),
    ("TCS", "TATA CONSULTANCY SERVICES"), ("HDFCBANK", "HDFC BANK"), ("ICICIBANK", "ICICI BANK"),
    ("TATAMOTORS", "TATA MOTORS"), ("TATASTEEL", "TATA STEEL"), ("M&M", "MAHINDRA & MAHINDRA"),
    ("BAJAJ-AUTO", "BAJAJ AUTO"), ("BAJFINANCE", "BAJAJ FINANCE"), ("360ONE", "360 ONE WAM"),
    ("MCX", "MULTI COMMODITY EXCHANGE OF INDIA"), ("BSE", "BSE LIMITED"), ("ITC", "ITC"),
    ("LT", "LARSEN & TOUBRO"), ("AXISBANK", "AXIS BANK"), ("KOTAKBANK", "KOTAK MAHINDRA BANK"),
    ("MARUTI", "MARUTI SUZUKI INDIA"), ("SUNPHARMA", "SUN PHARMACEUTICAL INDUSTRIES"),
    ("TITAN", "TITAN COMPANY"), ("WIPRO", "WIPRO"), ("NTPC", "NTPC"),
    ("ONGC", "OIL AND NATURAL GAS"),
    ("IRFC", "INDIAN RAILWAY FINANCE"), ("ADANIENT", "ADANI ENTERPRISES"), ("DLF", "DLF"),
)  # fmt: skip
_SYLLABLES = (
    "AB", "AR", "BA", "BHA", "CHE", "DA", "DEV", "EM", "FI", "GA", "GU", "HI", "IN", "JAI", "KA",
    "KIR", "LA", "MA", "MEH", "NA", "NI", "OM", "PA", "PRA", "RA", "RI", "SA", "SHI", "SU", "TA",
    "TRI", "UT", "VA", "VI", "YA", "ZEN",
)  # fmt: skip
_TRADES = (
    "BANK", "CHEM", "TECH", "INFRA", "POWER", "STEEL", "FIN", "PHARMA", "AGRO", "TEX", "MOTORS",
    "FOODS", "CEM", "LABS", "IND",
)  # fmt: skip
_INDICES = (
    ("NSE", "Nifty 50", "99926000"), ("NSE", "Nifty Bank", "99926009"),
    ("NSE", "Nifty Fin Service", "99926037"), ("NSE", "India VIX", "99926017"),
    ("NSE", "Nifty IT", "99926008"), ("NSE", "NIFTY MID SELECT", "99926074"),
    ("NSE", "Nifty Next 50", "99926013"), ("BSE", "SENSEX", "99919000"),
    ("BSE", "BANKEX", "99919012"), ("BSE", "SNSX50", "99919018"), ("MCX", "MCXBULLDEX", "99920003"),
)  # fmt: skip
_OTHER_SERIES = ("BE", "BZ", "SM", "ST", "N1", "N2", "N5", "NA", "GS", "SG", "GB", "TB", "MF", "IV")


@dataclass(frozen=True, slots=True)
class Contract:
    """One row of the universe, before a broker's format."""

    exchange: str
    kind: str
    name: str
    token: int
    company: str = ""
    series: str = ""
    expiry: dt.date | None = None
    strike: Decimal | None = None
    right: str = ""
    lot: int = 1
    tick: Decimal = Decimal("0.05")
    weekly: bool = False


def universe(options: int, seed: int = 6) -> list[Contract]:
    """A universe with about that many options."""
    return list(_Maker(seed).make(options))


class _Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.token = 1000
        self.names: set[str] = set()

    def next_token(self) -> int:
        self.token += self.random.randint(1, 3)
        return self.token

    def make(self, options: int) -> Iterator[Contract]:
        stocks = [*SHARES, *(self._company() for _ in range(2100))]
        yield from self._cash(stocks)
        yield from self._commodities_and_currencies()
        yield from self._derivatives([name for name, _ in stocks[:220]], options)

    def _company(self) -> tuple[str, str]:
        while True:
            head = "".join(self.random.sample(_SYLLABLES, self.random.randint(1, 3)))
            tail = self.random.choice(_TRADES)
            name = (head + tail)[: self.random.choice((8, 10, 12))]
            if name not in self.names:
                self.names.add(name)
                return name, f"{head} {tail}"

    def _cash(self, stocks: list[tuple[str, str]]) -> Iterator[Contract]:
        for name, company in stocks:
            yield Contract("NSE", "EQ", name, self.next_token(), company, "EQ")
            yield Contract("BSE", "EQ", name, self.next_token(), company)
        for number in range(7000):
            series = _OTHER_SERIES[number % len(_OTHER_SERIES)]
            place = number // 3
            known = number % 3 == 0 and place < len(stocks)
            name, company = stocks[place] if known else self._company()
            yield Contract("NSE", "EQ", name, self.next_token(), company, series)
        for _ in range(10000):
            name, company = self._company()
            yield Contract("BSE", "EQ", name, self.next_token(), company)
        for number in range(20):
            yield Contract("NSE", "EQ", f"{number:03d}NSETEST", self.next_token(), "", "EQ")

    def _commodities_and_currencies(self) -> Iterator[Contract]:
        months = [dt.date(2026, 12, 18), dt.date(2027, 1, 19), dt.date(2027, 2, 18)]
        for name, lot, centre, step in (
            ("CRUDEOIL", 100, 5600, 50), ("NATURALGAS", 1250, 260, 5), ("GOLD", 100, 98000, 500),
            ("SILVER", 30, 110000, 500), ("COPPER", 2500, 880, 5), ("ZINC", 5000, 260, 2),
        ):  # fmt: skip
            yield from self._ladder("MCX", name, months, lot, Decimal(centre), Decimal(step), 90)
        days = [TODAY + dt.timedelta(days=5 + 7 * week) for week in range(12)]
        for name, centre in (("USDINR", 88), ("EURINR", 102), ("GBPINR", 117), ("JPYINR", 58)):
            yield from self._ladder("CDS", name, days, 1000, Decimal(centre), Decimal("0.25"), 30)

    def _derivatives(self, stocks: list[str], options: int) -> Iterator[Contract]:
        tuesdays = [dt.date(2026, 11, 24) + dt.timedelta(days=7 * week) for week in range(6)]
        quarters = [
            dt.date(2027, month, day) for month, day in ((1, 27), (2, 23), (3, 30), (6, 29))
        ]
        thursdays = [day + dt.timedelta(days=2) for day in tuesdays]
        monthly = [dt.date(2026, 11, 24), dt.date(2026, 12, 29), dt.date(2027, 1, 27)]
        made = 0
        for exchange, name, days, lot, centre, step in (
            ("NFO", "NIFTY", tuesdays + quarters, 75, 26000, 50),
            ("NFO", "BANKNIFTY", monthly, 35, 58000, 100),
            ("NFO", "FINNIFTY", monthly, 65, 27000, 50),
            ("NFO", "MIDCPNIFTY", monthly, 140, 13500, 25),
            ("NFO", "NIFTYNXT50", monthly, 25, 70000, 100),
            ("BFO", "SENSEX", thursdays + quarters, 20, 85000, 100),
            ("BFO", "BANKEX", monthly, 30, 65000, 100),
            ("BFO", "SENSEX50", monthly, 75, 27000, 50),
        ):
            for row in self._ladder(exchange, name, days, lot, Decimal(centre), Decimal(step), 110):
                made += row.right != ""
                yield row
        each = (options - made) // (len(stocks) * 2 * 3 * 2)
        for exchange, wings in (("NFO", round(each * 1.3)), ("BFO", round(each * 0.7))):
            for name in stocks:
                centre = Decimal(self.random.choice((180, 450, 1500, 3200)))
                lot = self.random.choice((250, 400, 550, 1200))
                step = Decimal("2.5") if centre < 400 else Decimal(10)
                yield from self._ladder(exchange, name, monthly, lot, centre, step, wings // 2)

    def _ladder(
        self,
        exchange: str,
        name: str,
        days: list[dt.date],
        lot: int,
        centre: Decimal,
        step: Decimal,
        wings: int,
    ) -> Iterator[Contract]:
        last = {(day.year, day.month): day for day in sorted(days)}
        for day in days:
            weekly = last[day.year, day.month] != day
            if not weekly:
                yield Contract(exchange, "FUT", name, self.next_token(), name, expiry=day, lot=lot)
            for place in range(-wings, wings + 1):
                strike = centre + step * place
                for right in ("CE", "PE") if strike > 0 else ():
                    yield Contract(
                        exchange, right, name, self.next_token(), name, "", day, strike, right,
                        lot, Decimal("0.05"), weekly,
                    )  # fmt: skip


# --- Angel One -----------------------------------------------------------------------------------

_ANGEL_TYPES = {
    ("NFO", "FUT"): "FUTSTK", ("NFO", "OPT"): "OPTSTK", ("BFO", "FUT"): "FUTSTK",
    ("BFO", "OPT"): "OPTSTK", ("MCX", "FUT"): "FUTCOM", ("MCX", "OPT"): "OPTFUT",
    ("CDS", "FUT"): "FUTCUR", ("CDS", "OPT"): "OPTCUR",
}  # fmt: skip


def _angel_row(contract: Contract) -> dict[str, str]:
    kind, scale = "", 10_000_000 if contract.exchange == "CDS" else 100
    if contract.kind != "EQ":
        kind = _ANGEL_TYPES[contract.exchange, "OPT" if contract.right else "FUT"]
    strike = "-1.000000" if contract.strike is None else f"{contract.strike * scale:.6f}"
    return {
        "token": str(contract.token),
        "symbol": _angel_symbol(contract),
        "name": contract.name,
        "expiry": _dmy(contract.expiry, 4) if contract.expiry else "",
        "strike": strike,
        "lotsize": str(contract.lot),
        "instrumenttype": kind,
        "exch_seg": contract.exchange,
        "tick_size": f"{contract.tick * 100:.6f}",
    }


def _dmy(day: dt.date, digits: int) -> str:
    return f"{day.day:02d}{MONTHS[day.month - 1]}{str(day.year)[-digits:]}"


def _angel_symbol(contract: Contract) -> str:
    if contract.expiry is None:
        return f"{contract.name}-{contract.series}" if contract.series else contract.name
    strike = "" if contract.strike is None else f"{contract.strike.normalize():f}"
    tail = strike + (contract.right or "FUT")
    if contract.exchange == "BFO":
        short = f"{contract.expiry:%y}{MONTHS[contract.expiry.month - 1]}"
        if contract.weekly:
            short = f"{contract.expiry:%y}{contract.expiry.month}{contract.expiry:%d}"
        return f"{contract.name}{short}{tail}"
    return f"{contract.name}{_dmy(contract.expiry, 2)}{tail}"


def _angel_extras() -> Iterator[dict[str, str]]:
    blank = {"expiry": "", "strike": "0.000000", "lotsize": "1", "tick_size": "0.000000"}
    for exchange, symbol, token in _INDICES:
        name = symbol.upper()
        yield {**blank, "token": token, "symbol": symbol, "name": name, "instrumenttype": "AMXIDX",
               "exch_seg": exchange}  # fmt: skip
    for number, name in enumerate(("GOLD", "SILVER", "COTTON")):
        yield {**blank, "token": str(990000 + number), "symbol": name, "name": name,
               "instrumenttype": "COMDTY", "exch_seg": "MCX"}  # fmt: skip


def angelone(rows: int = 155_000) -> bytes:
    """A master in Angel One's format of about that many rows."""
    contracts = universe(rows - 34_400)
    return json.dumps(
        [*_angel_extras(), *map(_angel_row, contracts)], separators=(",", ":")
    ).encode()


# --- Zerodha -------------------------------------------------------------------------------------

ZERODHA_COLUMNS = (
    "instrument_token", "exchange_token", "tradingsymbol", "name", "last_price", "expiry", "strike",
    "tick_size", "lot_size", "instrument_type", "segment", "exchange",
)  # fmt: skip
_SEGMENT_NUMBER = {"NSE": 1, "NFO": 2, "CDS": 3, "BSE": 4, "BFO": 5, "BCD": 6, "MCX": 7}
_WEEKLY_MONTH = "123456789OND"


def _zerodha_symbol(contract: Contract) -> str:
    day = contract.expiry
    if day is None:
        bare = contract.series in ("", "EQ")
        return contract.name if bare else f"{contract.name}-{contract.series}"
    short = f"{day:%y}{MONTHS[day.month - 1]}"
    if contract.weekly:
        short = f"{day:%y}{_WEEKLY_MONTH[day.month - 1]}{day:%d}"
    strike = "" if contract.strike is None else f"{contract.strike.normalize():f}"
    return f"{contract.name}{short}{strike}{contract.right or 'FUT'}"


def _zerodha_row(contract: Contract) -> tuple[object, ...]:
    lots = contract.exchange in ("MCX", "CDS")
    segment = contract.exchange
    if contract.expiry is not None:
        segment += "-OPT" if contract.right else "-FUT"
    return (
        contract.token * 256 + _SEGMENT_NUMBER[contract.exchange],
        contract.token,
        _zerodha_symbol(contract),
        contract.company,
        0,
        contract.expiry or "",
        f"{contract.strike.normalize():f}" if contract.strike is not None else 0,
        contract.tick,
        1 if lots else contract.lot,
        contract.kind,
        segment,
        contract.exchange,
    )


def zerodha(rows: int = 200_000) -> bytes:
    """A master in Zerodha's format of about that many rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(ZERODHA_COLUMNS)
    for exchange, symbol, token in _INDICES:
        name = symbol.upper()
        writer.writerow((token, token, name, name, 0, "", 0, 0, 0, "EQ", "INDICES", exchange))
    writer.writerows(map(_zerodha_row, universe(rows - 34_400)))
    return text.getvalue().encode()
