"""Account routes: profile, funds, positions, holdings.

Positions are strings throughout, with a blank after the minus of ``netvalue``; funds are strings
with four places; holdings are numbers.  Source: the documentation's pages User, Orders, Portfolio.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from openbroker.sandbox.angelone import words
from openbroker.sandbox.angelone.desk import Desk
from openbroker.sandbox.angelone.fields import Body, trimmed
from openbroker.sandbox.json_replies import figure
from openbroker.sandbox.positions import Holding, Leg, Position
from openbroker.schemas import Product

ZERO = Decimal(0)
SEGMENTS = ["nse_cm", "nse_fo", "bse_cm", "bse_fo", "mcx_fo", "cde_fo", "ncx_fo"]
PRODUCTS = ["MARGIN", "MIS", "NRML", "CNC", "CO", "BO"]


def profile(_: Desk, account: str, __: Body) -> dict[str, Any]:
    """Route 3."""
    return {
        "clientcode": account,
        "name": "TEST USER",
        "email": "",
        "mobileno": "",
        "exchanges": SEGMENTS,
        "products": PRODUCTS,
        "lastlogintime": "",
        "broker": "",
    }


def funds(desk: Desk, account: str, _: Body) -> dict[str, str | None]:
    """Route 5.  ``availablecash`` is what is left for orders, not cash; profits stay at zero."""
    view = desk.exchange.funds(account)
    used = view.positions.total + view.orders
    left = f"{view.available:.4f}"
    return {
        "net": left,
        "availablecash": left,
        "availableintradaypayin": "0.0000",
        "availablelimitmargin": "0.0000",
        "collateral": "0.0000",
        "m2munrealized": "0.0000",
        "m2mrealized": "0.0000",
        "utiliseddebits": f"{used:.4f}",
        "utilisedspan": _some(view.positions.span),
        "utilisedoptionpremium": _some(view.positions.premium),
        "utilisedholdingsales": None,
        "utilisedexposure": _some(view.positions.exposure),
        "utilisedturnover": None,
        "utilisedpayout": "0.0000",
    }


def _some(amount: Decimal) -> str | None:
    return f"{amount:.4f}" if amount else None


def positions(desk: Desk, account: str, _: Body) -> list[dict[str, str]] | None:
    """Route 13."""
    return [position_row(desk, row) for row in desk.exchange.positions(account)] or None


def position_row(desk: Desk, position: Position) -> dict[str, str]:
    instrument = position.instrument
    last_price = desk.exchange.price(instrument)
    close = desk.exchange.market.previous_close(instrument, desk.exchange.moment)
    buys, sells = position.buys, position.sells
    unrealised = position.unrealised(last_price)
    return {
        "exchange": instrument.venue.value,
        "symboltoken": instrument.token,
        "producttype": words.PRODUCT_WORDS[position.product],
        "tradingsymbol": instrument.broker_symbol,
        "symbolname": instrument.name,
        "instrumenttype": desk.kind(instrument),
        "priceden": "1",
        "pricenum": "1",
        "genden": "1",
        "gennum": "1",
        "precision": "2",
        "multiplier": "-1",
        "boardlotsize": "1",
        **_sides("", position.bought, position.sold),
        "symbolgroup": "XX" if instrument.is_derivative else (instrument.series or ""),
        "strikeprice": f"{instrument.strike:.1f}" if instrument.strike else "-1",
        "optiontype": instrument.right.value if instrument.right else "",
        "expirydate": words.long_date(instrument.expiry),
        "lotsize": str(instrument.lot_size),
        **_sides("cf", position.carried_bought, position.carried_sold),
        "buyavgprice": trimmed(position.bought.average),
        "sellavgprice": trimmed(position.sold.average),
        "avgnetprice": trimmed(position.average_price),
        "netvalue": _spaced(sells.value - buys.value),
        "netqty": str(position.net),
        "totalbuyvalue": trimmed(buys.value),
        "totalsellvalue": trimmed(sells.value),
        "cfbuyavgprice": trimmed(position.carried_bought.average),
        "cfsellavgprice": trimmed(position.carried_sold.average),
        "totalbuyavgprice": trimmed(buys.average),
        "totalsellavgprice": trimmed(sells.average),
        "netprice": trimmed(position.average_price),
        "ltp": trimmed(last_price, 4),
        "close": trimmed(close, 4),
        "unrealised": trimmed(unrealised),
        "realised": trimmed(position.realised),
        "pnl": trimmed(unrealised + position.realised),
    }


def _sides(prefix: str, bought: Leg, sold: Leg) -> dict[str, str]:
    return {
        f"{prefix}buyqty": str(bought.quantity),
        f"{prefix}sellqty": str(sold.quantity),
        f"{prefix}buyamount": trimmed(bought.value),
        f"{prefix}sellamount": trimmed(sold.value),
    }


def _spaced(amount: Decimal) -> str:
    """``- 2235.80``: with a blank after the minus."""
    return f"- {-amount:.2f}" if amount < 0 else f"{amount:.2f}"


def holdings(desk: Desk, account: str, _: Body) -> list[dict[str, Any]] | None:
    """Route 19."""
    return _holding_rows(desk, account) or None


def all_holdings(desk: Desk, account: str, _: Body) -> dict[str, Any]:
    """Route 20."""
    rows = _holding_rows(desk, account)
    if not rows:
        return {"holdings": None, "totalholding": None}
    value = sum(row["ltp"] * row["quantity"] for row in rows)
    cost = sum(row["averageprice"] * row["quantity"] for row in rows)
    return {
        "holdings": rows,
        "totalholding": {
            "totalholdingvalue": round(value),
            "totalinvvalue": round(cost),
            "totalprofitandloss": round(value - cost, 2),
            "totalpnlpercentage": round((value - cost) / cost * 100, 2) if cost else 0.0,
        },
    }


def _holding_rows(desk: Desk, account: str) -> list[dict[str, Any]]:
    books = desk.exchange.account(account)
    rows = []
    for holding in books.holdings.values():
        sold = min(0, books.net(holding.instrument, Product.CNC))
        if holding.quantity + sold > 0:
            rows.append(_holding_row(desk, holding, holding.quantity + sold))
    return rows


def _holding_row(desk: Desk, holding: Holding, quantity: int) -> dict[str, Any]:
    instrument = holding.instrument
    last_price = desk.exchange.price(instrument)
    profit = (last_price - holding.average_price) * quantity
    cost = holding.average_price * quantity
    return {
        "tradingsymbol": instrument.broker_symbol,
        "exchange": instrument.venue.value,
        "isin": holding.isin or instrument.isin or "",
        "t1quantity": holding.t1,
        "realisedquantity": max(0, quantity - holding.t1),
        "quantity": quantity,
        "authorisedquantity": 0,
        "product": "DELIVERY",
        "collateralquantity": None,
        "collateraltype": None,
        "haircut": 0,
        "averageprice": figure(holding.average_price),
        "ltp": figure(last_price),
        "symboltoken": instrument.token,
        "close": figure(desk.exchange.market.previous_close(instrument, desk.exchange.moment)),
        "profitandloss": round(profit),
        "pnlpercentage": figure(profit / cost * 100 if cost else ZERO),
    }
