"""Writes the sandbox's master and its underlyings: ``python -m openbroker.sandbox.data.generate``.

The rows have the shape of Angel One's ``OpenAPIScripMaster.json``; which contracts there are, their
lots, ticks, strikes and prices are the sandbox's own.  Tokens of shares and indices are those by
which they are known; tokens of derivatives are made up, except NIFTY24NOV2626000CE, and one of
them repeats INFY's on purpose: a token means something only within its exchange segment.

The first expiry is 24 November 2026; :func:`openbroker.sandbox.angelone.master.roll_forward` moves
all of them together once it has passed.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from openbroker.sandbox.data import MASTER, UNDERLYINGS

Row = dict[str, str]

# name, NSE token, BSE token, price, yearly volatility, tick in paise
SHARES: tuple[tuple[str, str, str, str, float, int], ...] = (
    ("RELIANCE", "2885", "500325", "1450.00", 0.24, 10),
    ("TCS", "11536", "532540", "3120.00", 0.23, 10),
    ("HDFCBANK", "1333", "500180", "985.00", 0.19, 5),
    ("INFY", "1594", "500209", "1510.00", 0.25, 10),
    ("SBIN", "3045", "500112", "812.40", 0.24, 5),
    ("ICICIBANK", "4963", "532174", "1365.00", 0.20, 10),
    ("ITC", "1660", "500875", "405.00", 0.18, 5),
    ("HINDUNILVR", "1394", "500696", "2420.00", 0.20, 10),
    ("BHARTIARTL", "10604", "532454", "2080.00", 0.23, 10),
    ("KOTAKBANK", "1922", "500247", "2090.00", 0.20, 10),
    ("LT", "11483", "500510", "4010.00", 0.22, 10),
    ("AXISBANK", "5900", "532215", "1245.00", 0.23, 10),
    ("ASIANPAINT", "236", "500820", "2870.00", 0.24, 10),
    ("MARUTI", "10999", "532500", "15900.00", 0.22, 100),
    ("SUNPHARMA", "3351", "524715", "1760.00", 0.22, 10),
    ("TITAN", "3506", "500114", "3890.00", 0.24, 10),
    ("ULTRACEMCO", "11532", "532538", "11800.00", 0.22, 100),
    ("NESTLEIND", "17963", "500790", "1265.00", 0.19, 10),
    ("WIPRO", "3787", "507685", "245.00", 0.25, 1),
    ("HCLTECH", "7229", "532281", "1620.00", 0.25, 10),
    ("BAJFINANCE", "317", "500034", "1010.00", 0.28, 5),
    ("BAJAJFINSV", "16675", "532978", "2075.00", 0.26, 10),
    ("POWERGRID", "14977", "532898", "276.00", 0.22, 5),
    ("NTPC", "11630", "532555", "327.00", 0.22, 5),
    ("ONGC", "2475", "500312", "247.00", 0.27, 1),
    ("TATASTEEL", "3499", "500470", "172.00", 0.30, 1),
    ("JSWSTEEL", "11723", "500228", "1155.00", 0.28, 10),
    ("M&M", "2031", "500520", "3720.00", 0.26, 10),
    ("BAJAJ-AUTO", "16669", "532977", "8950.00", 0.25, 50),
    ("ADANIENT", "25", "512599", "2420.00", 0.38, 10),
    ("ADANIPORTS", "15083", "532921", "1490.00", 0.32, 10),
    ("COALINDIA", "20374", "533278", "380.00", 0.25, 5),
    ("GRASIM", "1232", "500300", "2740.00", 0.22, 10),
    ("HINDALCO", "1363", "500440", "790.00", 0.30, 5),
    ("TECHM", "13538", "532755", "1440.00", 0.27, 10),
    ("CIPLA", "694", "500087", "1515.00", 0.23, 10),
    ("DRREDDY", "881", "500124", "1245.00", 0.24, 10),
    ("EICHERMOT", "910", "505200", "6850.00", 0.26, 50),
    ("HEROMOTOCO", "1348", "500182", "5600.00", 0.28, 50),
    ("BRITANNIA", "547", "500825", "5850.00", 0.21, 50),
    ("APOLLOHOSP", "157", "508869", "7450.00", 0.24, 50),
    ("TATACONSUM", "3432", "500800", "1175.00", 0.24, 10),
    ("SBILIFE", "21808", "540719", "2010.00", 0.23, 10),
    ("HDFCLIFE", "467", "540777", "760.00", 0.24, 5),
    ("BPCL", "526", "500547", "365.00", 0.30, 5),
    ("IOC", "1624", "530965", "168.00", 0.28, 1),
    ("GAIL", "4717", "532155", "183.00", 0.28, 1),
    ("VEDL", "3063", "500295", "520.00", 0.34, 5),
    ("DLF", "14732", "532868", "760.00", 0.33, 5),
    ("BEL", "383", "500049", "415.00", 0.31, 5),
    ("IRCTC", "13611", "542830", "705.00", 0.28, 5),
    ("TRENT", "1964", "500251", "4450.00", 0.36, 10),
    ("PNB", "10666", "532461", "122.00", 0.30, 1),
    ("BANKBARODA", "4668", "532134", "288.00", 0.27, 5),
    ("CANBK", "10794", "532483", "147.00", 0.29, 1),
    ("YESBANK", "11915", "532648", "22.80", 0.33, 1),
    ("IDEA", "14366", "532822", "10.40", 0.48, 1),
    ("360ONE", "13061", "", "1090.00", 0.33, 10),
    ("J&KBANK", "5633", "", "105.00", 0.34, 1),
    ("NIFTYBEES", "10576", "", "294.00", 0.13, 1),
)

# symbol with series, token, price, volatility, lot
OTHER_SERIES: tuple[tuple[str, str, str, float, str], ...] = (
    ("GTLINFRA-BE", "13643", "1.55", 0.60, "1"),
    ("SBIN-BL", "9045", "", 0.0, "1"),
    ("KRISHCA-SM", "14915", "212.00", 0.45, "500"),
)

# exchange, symbol, name, token, price, volatility
INDICES: tuple[tuple[str, str, str, str, float, float], ...] = (
    ("NSE", "Nifty 50", "NIFTY", "99926000", 26000.0, 0.13),
    ("NSE", "Nifty Bank", "BANKNIFTY", "99926009", 58600.0, 0.14),
    ("NSE", "Nifty Fin Service", "FINNIFTY", "99926037", 27400.0, 0.15),
    ("NSE", "India VIX", "INDIA VIX", "99926017", 13.2, 0.9),
    ("NSE", "Nifty IT", "NIFTY IT", "99926008", 37200.0, 0.20),
    ("BSE", "SENSEX", "SENSEX", "99919000", 85000.0, 0.13),
)

OTHER_UNDERLYINGS = {
    "CRUDEOIL": (5600.0, 0.35),
    "NATURALGAS": (402.0, 0.55),
    "USDINR": (89.2, 0.04),
    "EURINR": (103.4, 0.07),
}

NOV, DEC_1, DEC, JAN = (
    dt.date(2026, 11, 24),
    dt.date(2026, 12, 1),
    dt.date(2026, 12, 29),
    dt.date(2027, 1, 25),
)
STOCK_LOTS = {"SBIN": 750, "RELIANCE": 500, "TCS": 175, "INFY": 400, "HDFCBANK": 550}


def _row(
    token: str,
    symbol: str,
    name: str,
    exchange: str,
    *,
    kind: str = "",
    expiry: dt.date | None = None,
    strike: str = "-1.000000",
    lot: str = "1",
    tick: str = "5.000000",
) -> Row:
    return {
        "token": token,
        "symbol": symbol,
        "name": name,
        "expiry": f"{expiry:%d%b%Y}".upper() if expiry else "",
        "strike": strike,
        "lotsize": lot,
        "instrumenttype": kind,
        "exch_seg": exchange,
        "tick_size": tick,
    }


def shares() -> Iterator[Row]:
    for name, nse, bse, _, _, tick in SHARES:
        yield _row(nse, f"{name}-EQ", name, "NSE", tick=f"{tick}.000000")
        if bse:
            yield _row(bse, name, name, "BSE", tick=f"{min(tick, 5)}.000000")
    for symbol, token, _, _, lot in OTHER_SERIES:
        yield _row(token, symbol, symbol.rpartition("-")[0], "NSE", lot=lot)


def indices() -> Iterator[Row]:
    for exchange, symbol, name, token, _, _ in INDICES:
        yield _row(token, symbol, name, exchange, kind="AMXIDX", strike="0.000000", tick="0.000000")


def _future(name: str, expiry: dt.date, token: int, lot: int, kind: str) -> Row:
    symbol = f"{name}{expiry:%d%b%y}FUT".upper()
    tick = "10.000000" if kind == "FUTIDX" else "5.000000"
    return _row(str(token), symbol, name, "NFO", kind=kind, expiry=expiry, lot=str(lot), tick=tick)


def _options(
    stem: str, strikes: Iterable[int | str], token: int, *facts: str, scale: int = 100, **more: Any
) -> Iterator[Row]:
    """Call and put of each strike, whose tokens follow one another; ``scale`` makes a strike what
    the master writes."""
    for strike in strikes:
        for right in ("CE", "PE"):
            written = f"{Decimal(strike) * scale:.6f}"
            yield _row(str(token), f"{stem}{strike}{right}", *facts, strike=written, **more)
            token += 1


def _chain(
    name: str, expiry: dt.date, strikes: range, token: int, lot: int, kind: str
) -> Iterator[Row]:
    stem = f"{name}{expiry:%d%b%y}".upper()
    return _options(stem, strikes, token, name, "NFO", kind=kind, expiry=expiry, lot=str(lot))


def equity_derivatives() -> Iterator[Row]:
    nifty, bank = range(25_000, 27_050, 50), range(57_000, 60_100, 100)
    for token, expiry in zip((37_054, 37_055, 37_056), (NOV, DEC, JAN), strict=True):
        yield _future("NIFTY", expiry, token, 75, "FUTIDX")
        yield _future("BANKNIFTY", expiry, token + 10, 35, "FUTIDX")
    # 26000 CE is the forty-first row of its chain.
    for token, expiry in zip((42_845, 43_100, 43_400), (NOV, DEC_1, DEC), strict=True):
        yield from _chain("NIFTY", expiry, nifty, token, 75, "OPTIDX")
    for token, expiry in zip((51_000, 51_200, 51_400), (NOV, DEC, JAN), strict=True):
        yield from _chain("BANKNIFTY", expiry, bank, token, 35, "OPTIDX")
    for number, (name, lot) in enumerate(STOCK_LOTS.items()):
        for month, expiry in enumerate((NOV, DEC, JAN)):
            yield _future(name, expiry, 51_700 + 10 * number + month, lot, "FUTSTK")
    yield from _chain("SBIN", NOV, range(760, 870, 10), 52_000, 750, "OPTSTK")
    yield from _chain("TCS", NOV, range(2_900, 3_360, 40), 52_100, 175, "OPTSTK")


def sensex() -> Iterator[Row]:
    """BFO spells its symbols in its own way: year, month, no day."""
    expiry = dt.date(2026, 11, 26)
    stem = f"SENSEX{expiry:%y%b}".upper()
    yield _row("861201", f"{stem}FUT", "SENSEX", "BFO", kind="FUTIDX", expiry=expiry, lot="20")
    yield from _options(
        stem, range(84_500, 85_600, 100), 872_000, "SENSEX", "BFO",
        kind="OPTIDX", expiry=expiry, lot="20",
    )  # fmt: skip


def commodities() -> Iterator[Row]:
    future, option, gas = dt.date(2026, 12, 18), dt.date(2026, 12, 16), dt.date(2026, 12, 28)
    yield _row(
        "467013", "CRUDEOIL18DEC26FUT", "CRUDEOIL", "MCX",
        kind="FUTCOM", expiry=future, lot="100", tick="100.000000",
    )  # fmt: skip
    yield _row(
        "467385", "NATURALGAS28DEC26FUT", "NATURALGAS", "MCX",
        kind="FUTCOM", expiry=gas, lot="1250", tick="10.000000",
    )  # fmt: skip
    yield from _options(
        "CRUDEOIL16DEC26", (5500, 5600, 5700), 472_600, "CRUDEOIL", "MCX",
        kind="OPTFUT", expiry=option, lot="100", tick="10.000000",
    )  # fmt: skip


def currencies() -> Iterator[Row]:
    expiry = dt.date(2026, 11, 27)
    facts: dict[str, Any] = {"expiry": expiry, "lot": "1000", "tick": "0.250000"}
    for token, name in (("1594", "USDINR"), ("1595", "EURINR")):
        yield _row(token, f"{name}{expiry:%d%b%y}FUT".upper(), name, "CDS", kind="FUTCUR", **facts)
    yield from _options(
        f"USDINR{expiry:%d%b%y}".upper(), ("89", "89.25", "89.5"), 10_900, "USDINR", "CDS",
        scale=10**7, kind="OPTCUR", **facts,
    )  # fmt: skip


def master() -> list[Row]:
    """Every row of the master."""
    return [
        *shares(),
        *indices(),
        *equity_derivatives(),
        *sensex(),
        *commodities(),
        *currencies(),
    ]


def underlyings() -> dict[str, list[float]]:
    """Price at the first midnight and yearly volatility, by name."""
    table = {name: [float(price), sigma] for name, _, _, price, sigma, _ in SHARES}
    table |= {
        symbol.rpartition("-")[0]: [float(price), sigma]
        for symbol, _, price, sigma, _ in OTHER_SERIES
        if price
    }
    table |= {name: [price, sigma] for _, _, name, _, price, sigma in INDICES}
    return table | {name: list(values) for name, values in OTHER_UNDERLYINGS.items()}


def main() -> None:
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in master())
    MASTER.write_text(f"[{rows}]\n", encoding="utf-8", newline="\n")
    lines = ",\n".join(f'"{name}": {json.dumps(v)}' for name, v in underlyings().items())
    UNDERLYINGS.write_text(f"{{{lines}}}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
