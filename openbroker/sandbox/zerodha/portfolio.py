"""Account routes: profile, margins of the account, positions, conversion, holdings.

Quantities of commodities and currencies are lots, and ``multiplier`` tells their units; money is
rupees.  The sandbox keeps one purse, shown as the equity segment.

Source: kite.trade/docs/connect/v3, pages User and Portfolio, and the published mock replies.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from openbroker.sandbox.json_replies import figure
from openbroker.sandbox.orders import Refused
from openbroker.sandbox.positions import Holding, Leg, Position
from openbroker.sandbox.zerodha import asked, words
from openbroker.sandbox.zerodha.asked import Asked
from openbroker.sandbox.zerodha.desk import Desk, lot
from openbroker.sandbox.zerodha.orders import refusal
from openbroker.sandbox.zerodha.replies import bad_input, invalid
from openbroker.sandbox.zerodha.sessions import user
from openbroker.schemas import Product, Side

ZERO = Decimal(0)
SEGMENTS = ("equity", "commodity")
AVAILABLE = ("adhoc_margin", "cash", "opening_balance", "live_balance", "collateral",
             "intraday_payin")  # fmt: skip
UTILISED = (
    "debits", "exposure", "m2m_realised", "m2m_unrealised", "option_premium", "payout", "span",
    "holding_sales", "turnover", "liquid_collateral", "stock_collateral", "delivery",
)  # fmt: skip


def profile(_: Desk, account: str, __: Asked) -> dict[str, Any]:
    """``GET /user/profile``."""
    return user(account)


def margins(desk: Desk, account: str, _: Asked) -> dict[str, Any]:
    """``GET /user/margins``."""
    return {"equity": _purse(desk, account), "commodity": _segment(enabled=False)}


def segment_margins(desk: Desk, account: str, request: Asked) -> dict[str, Any]:
    """``GET /user/margins/{segment}``."""
    segment = request.path["segment"]
    if segment not in SEGMENTS:
        raise invalid("segment")
    found: dict[str, Any] = margins(desk, account, request)[segment]
    return found


def _purse(desk: Desk, account: str) -> dict[str, Any]:
    view = desk.exchange.funds(account)
    held = view.positions
    return _segment(
        enabled=True,
        net=view.available,
        cash=view.cash,
        opening_balance=view.cash,
        live_balance=view.available,
        debits=view.cash - view.available,
        span=held.span,
        exposure=held.exposure,
        option_premium=held.premium,
        m2m_realised=view.realised,
    )


def _segment(*, enabled: bool, net: Decimal = ZERO, **parts: Decimal) -> dict[str, Any]:
    return {
        "enabled": enabled,
        "net": figure(net, 4),
        "available": {name: figure(parts.get(name), 4) for name in AVAILABLE},
        "utilised": {name: figure(parts.get(name), 4) for name in UTILISED},
    }


def positions(desk: Desk, account: str, _: Asked) -> dict[str, Any]:
    """``GET /portfolio/positions``."""
    rows = desk.exchange.positions(account)
    return {
        "net": [_position(desk, row, row.carried_bought, row.carried_sold) for row in rows],
        "day": [
            _position(desk, row, Leg(), Leg())
            for row in rows
            if row.bought.quantity or row.sold.quantity
        ],
    }


def _position(desk: Desk, row: Position, bought: Leg, sold: Leg) -> dict[str, Any]:
    """The day's trades on top of what was carried over, or of nothing."""
    instrument, exchange = row.instrument, desk.exchange
    shown = Position(
        instrument=instrument,
        product=row.product,
        bought=row.bought,
        sold=row.sold,
        carried_bought=bought,
        carried_sold=sold,
    )
    buys, sells, size = shown.buys, shown.sells, lot(instrument)
    last_price = exchange.price(instrument)
    close = exchange.market.previous_close(instrument, exchange.moment)
    overnight = bought.quantity - sold.quantity
    unrealised = shown.unrealised(last_price)
    buy_m2m = row.bought.value + close * bought.quantity
    sell_m2m = row.sold.value + close * sold.quantity
    return {
        "tradingsymbol": instrument.broker_symbol,
        "exchange": instrument.venue.value,
        "instrument_token": int(instrument.token),
        "product": row.product.value,
        "quantity": shown.net // size,
        "overnight_quantity": overnight // size,
        "multiplier": size,
        "average_price": figure(shown.average_price, 4),
        "close_price": figure(close, 4) if overnight else 0,
        "last_price": figure(last_price, 4),
        "value": figure(sells.value - buys.value),
        "pnl": figure(unrealised + shown.realised),
        "m2m": figure(sell_m2m - buy_m2m + last_price * shown.net),
        "unrealised": figure(unrealised),
        "realised": figure(shown.realised),
        **_side("buy", buys, size, m2m=buy_m2m),
        **_side("sell", sells, size, m2m=sell_m2m),
        **_side("day_buy", row.bought, size),
        **_side("day_sell", row.sold, size),
    }


def _side(name: str, leg: Leg, size: int, *, m2m: Decimal | None = None) -> dict[str, Any]:
    row = {
        f"{name}_quantity": leg.quantity // size,
        f"{name}_price": figure(leg.average, 4),
        f"{name}_value": figure(leg.value),
    }
    return row if m2m is None else row | {f"{name}_m2m": figure(m2m)}


def convert(desk: Desk, account: str, request: Asked) -> bool:
    """``PUT /portfolio/positions``."""
    form = request.form
    instrument = desk.instrument(
        asked.word(form, "exchange", words.EXCHANGES), asked.text(form, "tradingsymbol")
    )
    side = asked.word(form, "transaction_type", words.SIDES)
    old = asked.word(form, "old_product", words.PRODUCTS)
    quantity = asked.whole(form, "quantity") * lot(instrument)
    kind = asked.text(form, "position_type")
    if kind not in ("day", "overnight"):
        raise invalid("position_type")
    if quantity > _held(desk.exchange.account(account).position(instrument, old), side, kind):
        raise bad_input(f"There is no {kind} position of that quantity.")
    new = asked.word(form, "new_product", words.PRODUCTS)
    try:
        desk.exchange.convert(account, instrument, side, quantity, old, new)
    except Refused as error:
        raise refusal(error.refusal) from None
    return True


def _held(position: Position, side: Side, kind: str) -> int:
    """Units of the day or carried over, on that side."""
    is_day = kind == "day"
    bought = position.bought if is_day else position.carried_bought
    sold = position.sold if is_day else position.carried_sold
    net = bought.quantity - sold.quantity
    return net if side is Side.BUY else -net


def holdings(desk: Desk, account: str, _: Asked) -> list[dict[str, Any]]:
    """``GET /portfolio/holdings``."""
    books = desk.exchange.account(account)
    return [
        _holding(desk, holding, min(0, books.net(holding.instrument, Product.CNC)))
        for holding in books.holdings.values()
    ]


def _holding(desk: Desk, holding: Holding, sold: int) -> dict[str, Any]:
    instrument, exchange = holding.instrument, desk.exchange
    quantity = holding.quantity - holding.t1
    last_price = exchange.price(instrument)
    close = exchange.market.previous_close(instrument, exchange.moment)
    return {
        "tradingsymbol": instrument.broker_symbol,
        "exchange": instrument.venue.value,
        "instrument_token": int(instrument.token),
        "isin": holding.isin or instrument.isin or "",
        "product": Product.CNC.value,
        "price": 0,
        "quantity": quantity,
        "used_quantity": -sold,
        "t1_quantity": holding.t1,
        "realised_quantity": quantity,
        "authorised_quantity": 0,
        "authorised_date": f"{exchange.moment:%Y-%m-%d} 00:00:00",
        "authorisation": {},
        "opening_quantity": holding.quantity,
        "short_quantity": 0,
        "collateral_quantity": 0,
        "collateral_type": "",
        "discrepancy": False,
        "average_price": figure(holding.average_price, 4),
        "last_price": figure(last_price, 4),
        "close_price": figure(close, 4),
        "pnl": figure((last_price - holding.average_price) * holding.quantity),
        "day_change": figure(last_price - close, 4),
        "day_change_percentage": figure((last_price - close) / close * 100, 4),
        "mtf": dict.fromkeys(
            ("quantity", "used_quantity", "average_price", "value", "initial_margin"), 0
        ),
    }
