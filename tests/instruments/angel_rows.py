"""A small master in Angel One's format that holds every trap."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable

TODAY = dt.date(2026, 11, 22)
_TOKENS = iter(range(100_000, 10_000_000))


def angel_row(
    exch_seg: str,
    symbol: str,
    name: str = "",
    *,
    token: str = "",
    expiry: str = "",
    strike: str = "-1.000000",
    lotsize: str = "1",
    instrumenttype: str = "",
    tick_size: str = "5.000000",
) -> dict[str, str]:
    return {
        "token": token or str(next(_TOKENS)),
        "symbol": symbol,
        "name": name or symbol.rpartition("-")[0] or symbol,
        "expiry": expiry,
        "strike": strike,
        "lotsize": lotsize,
        "instrumenttype": instrumenttype,
        "exch_seg": exch_seg,
        "tick_size": tick_size,
    }


def option(
    exch_seg: str, name: str, expiry: str, strike: float, **more: str
) -> list[dict[str, str]]:
    """A call and a put; the expiry as ``24NOV2026``."""
    scale = 10_000_000 if exch_seg == "CDS" else 100
    kind = more.pop("instrumenttype", "OPTIDX")
    short = expiry[:5] + expiry[-2:]
    return [
        angel_row(
            exch_seg, f"{name}{short}{strike:g}{right}", name, expiry=expiry,
            strike=f"{strike * scale:.6f}", instrumenttype=kind, **more,
        )
        for right in ("CE", "PE")
    ]  # fmt: skip


def future(exch_seg: str, name: str, expiry: str, **more: str) -> dict[str, str]:
    short = expiry[:5] + expiry[-2:]
    kind = more.pop("instrumenttype", "FUTIDX")
    return angel_row(
        exch_seg, f"{name}{short}FUT", name, expiry=expiry, instrumenttype=kind, **more
    )


def index(exch_seg: str, symbol: str, name: str, token: str) -> dict[str, str]:
    return angel_row(
        exch_seg, symbol, name, token=token, strike="0.000000", instrumenttype="AMXIDX",
        tick_size="0.000000",
    )  # fmt: skip


def master_rows() -> list[dict[str, str]]:
    rows = [
        index("NSE", "Nifty 50", "NIFTY", "99926000"),
        index("NSE", "Nifty Bank", "BANKNIFTY", "99926009"),
        index("NSE", "Nifty Next 50", "NIFTYNXT50", "99926013"),
        index("BSE", "SENSEX", "SENSEX", "99919000"),
        index("BSE", "SNSX50", "SENSEX50", "99919018"),
        angel_row("NSE", "SBIN-EQ", token="3045"),
        angel_row("NSE", "INFY-EQ", token="1594"),
        angel_row("BSE", "INFY", token="500209"),
        angel_row("NSE", "RELIANCE-EQ", token="2885", tick_size="10.000000"),
        angel_row("BSE", "RELIANCE", token="500325"),
        angel_row("NSE", "360ONE-EQ"),
        angel_row("NSE", "M&M-EQ", "M&M"),
        angel_row("NSE", "BAJAJ-AUTO-EQ", "BAJAJ-AUTO"),
        angel_row("NSE", "TATAMOTORS-EQ"),
        angel_row("NSE", "MCX-EQ"),
        # the same number as an NSE token, on another exchange
        angel_row("BSE", "SAMENUMBER", token="3045"),
        # series
        angel_row("NSE", "IRFC-EQ"),
        angel_row("NSE", "IRFC-N1"),
        angel_row("NSE", "TRADE2TRADE-BE"),
        angel_row("NSE", "TRADE2TRADE-N2"),
        angel_row("NSE", "ONLYBOND-GS"),
        angel_row("NSE", "TWOBONDS-N1"),
        angel_row("NSE", "TWOBONDS-N2"),
        angel_row("NSE", "SMALLCO-SM"),
        # left out
        angel_row("NSE", "011NSETEST-EQ"),
        angel_row("MCX", "GOLD", instrumenttype="COMDTY"),
        angel_row("XYZ", "NOWHERE"),
    ]
    for expiry in ("24NOV2026", "01DEC2026", "29DEC2026"):
        for strike in (25900, 25950, 26000, 26050, 26100):
            rows += option("NFO", "NIFTY", expiry, strike, lotsize="75")
    for expiry in ("24NOV2026", "29DEC2026"):
        rows.append(future("NFO", "NIFTY", expiry, lotsize="75"))
        rows.append(future("NFO", "BANKNIFTY", expiry, lotsize="35"))
        rows += option("NFO", "BANKNIFTY", expiry, 58000, lotsize="35")
        rows.append(future("NFO", "RELIANCE", expiry, lotsize="500", instrumenttype="FUTSTK"))
        rows += option("NFO", "RELIANCE", expiry, 1500, lotsize="500", instrumenttype="OPTSTK")
        rows += option("BFO", "RELIANCE", expiry, 1500, lotsize="500", instrumenttype="OPTSTK")
    rows.append(angel_row(
        "BFO", "SENSEX26DECFUT", "SENSEX", expiry="31DEC2026", instrumenttype="FUTIDX",
        lotsize="20",
    ))  # fmt: skip
    rows += [
        angel_row(
            "BFO", f"SENSEX26DEC85000{right}", "SENSEX", expiry="31DEC2026",
            strike="8500000.000000", instrumenttype="OPTIDX", lotsize="20",
        )
        for right in ("CE", "PE")
    ]  # fmt: skip
    for expiry in ("18DEC2026", "19JAN2027"):
        rows.append(future("MCX", "CRUDEOIL", expiry, lotsize="100", instrumenttype="FUTCOM"))
    for expiry in ("16DEC2026", "15JAN2027"):
        rows += option("MCX", "CRUDEOIL", expiry, 5600, lotsize="100", instrumenttype="OPTFUT")
    rows += option(
        "CDS", "USDINR", "27NOV2026", 88.25, lotsize="1000", instrumenttype="OPTCUR",
        tick_size="0.250000",
    )  # fmt: skip
    return rows


def content_of(rows: Iterable[dict[str, str]]) -> bytes:
    return json.dumps(list(rows)).encode()
