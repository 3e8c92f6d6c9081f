"""Fyers, API v3.

Sources: myapi.fyers.in/docsv3 (Request & Response Structure, Authentication, Transaction Info,
Order Placement, GTT Orders, Other Transactions, Margin Calculator, Broker Config, Data API,
Appendix; as of late 2025), support.fyers.in (rules for retail algo trading, 2026-03-31; Market
Price Protection, 2026) and the official client fyers-apiv3 3.2.0 (requests recorded, 2026-11-22).
Not tried with a live account.

What is peculiar:

* Sides, order types, states, exchanges and segments are numbers; an instrument goes by its ticker.
* The login, and how requests and replies look, are in :mod:`~openbroker.adapters.fyers_session`.
* A book is a list under a name of its own, which the client walks through unasked; ``null`` in its
  place is no empty book, and neither is ``no_data``, which is history's.
* Changes and cancellations are a PATCH and a DELETE with a body.
* An order can be asked for by its tag, which comes back with ``1:`` in front.
* Fyers turns a MARKET order into a limit in a band of its own (since 2026-04-01), so
  ``market_protection="broker"`` is what there is; a percentage is refused here.
* One limit of 10 a second and 200 a minute covers every route, and who exceeds the minute's more
  than three times is blocked for the day. A FULL quote is a request for each instrument.
* Of a rule with two legs the first waits above the last price and the second below, whatever they
  are for.
* Commodities and currencies are counted in lots.
* Days of history begin at midnight UTC; they are told as Indian days.
* The client describes exits attached to any order (``takeProfit``, ``stopLoss``), the documentation
  only those of its bracket orders, which carry no tag; brackets are refused here.
* Orders need a registered static address and an app of the new kind; reads do not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

import attrs

from openbroker.adapters import fyers_master
from openbroker.adapters.base import (
    Master,
    TagRule,
    in_india,
    master_request,
    only_get,
    only_tagged,
)
from openbroker.adapters.fyers_session import API, NO_HEADERS, NOTHING, FyersSession
from openbroker.adapters.fyers_tables import (
    HISTORY_WINDOWS,
    INTERVALS,
    LIMITS,
    USERS_TAG,
    WIRE,
    rule_legs,
)
from openbroker.adapters.masters import Units
from openbroker.adapters.rules import refuse_misfit, refuse_own_band
from openbroker.adapters.sources import numbered
from openbroker.adapters.two_legs import kept_quantities, upper_first
from openbroker.adapters.wire import json_number, json_value
from openbroker.errors import (
    BrokerError,
    MalformedReply,
    OrderNotFound,
    RateLimited,
    Unsupported,
)
from openbroker.schemas import (
    Candle,
    Funds,
    Gtt,
    GttChange,
    GttRequest,
    GttStatus,
    Holding,
    Instrument,
    Interval,
    Margin,
    Order,
    OrderAck,
    OrderChange,
    OrderRef,
    OrderRequest,
    Position,
    Product,
    Quote,
    QuoteMode,
    Session,
    Trade,
    Window,
)
from openbroker.transport.messages import Effect, Flow, RateLimit

T = TypeVar("T")

ORDERS, RULES = f"{API}/orders/sync", f"{API}/gtt/orders/sync"

QUOTE_BATCH = 50
"""Instruments in one request (Quotes)."""

ALWAYS: Mapping[str, Any] = {
    "limitPrice": 0,
    "stopPrice": 0,
    "disclosedQty": 0,
    "offlineOrder": False,
    "stopLoss": 0,
    "takeProfit": 0,
    "isSliceOrder": False,
}
"""Fields that an order has even where they say nothing."""

PLANNED = ("symbol", "qty", "side", "type", "productType", "limitPrice", "stopPrice",
           "stopLoss", "takeProfit")  # fmt: skip
"""The fields of an order that is only asked about."""


@attrs.frozen(kw_only=True)
class Fyers(FyersSession):
    """The adapter; :data:`FYERS` is the broker."""

    limits: ClassVar[Sequence[RateLimit]] = LIMITS
    units: ClassVar[Units] = fyers_master.UNITS
    tag: ClassVar[TagRule] = TagRule(capacity=30)
    honours: ClassVar[frozenset[str]] = frozenset({"market_protection"})
    takes_oco: ClassVar[bool] = True
    history_windows: ClassVar[Mapping[Interval, dt.timedelta]] = HISTORY_WINDOWS
    lacks: ClassVar[Mapping[str, str]] = {
        "charges": "it tells what trades have cost, not what orders would",
        "open_interest": "it comes with the candles",
    }
    # -- orders

    def place_order(self, session: Session, order: OrderRequest) -> Flow[OrderAck]:
        refuse_misfit(order)
        refuse_own_band(order, self.title)
        body = dict(ALWAYS) | self.dump_order(order)
        return self._change("place_order", session, "POST", ORDERS, body)

    def modify_order(self, session: Session, order: Order, change: OrderChange) -> Flow[OrderAck]:
        """The order's type, the prices of that type, and what changes."""
        if (change.validity, change.disclosed_quantity) != (None, None):
            raise Unsupported(
                "Fyers changes quantity, prices and order type; cancel and place anew"
            )
        kind = change.order_type or order.order_type
        said = {
            "type": True,
            "limitPrice": kind is not None and kind.has_price,
            "stopPrice": kind is not None and kind.has_trigger,
        }
        body = {
            key: json_value(order.vendor[key])
            for key, is_told in said.items()
            if is_told and order.vendor.get(key) is not None
        }
        body |= self.dump_change(change, order) | {"id": order.order_id}
        return self._change("modify_order", session, "PATCH", ORDERS, body)

    def cancel_order(self, session: Session, ref: OrderRef) -> Flow[OrderAck]:
        return self._change("cancel_order", session, "DELETE", ORDERS, {"id": ref.order_id})

    def orders(self, session: Session) -> Flow[list[Order]]:
        return self._book("orders", session, Order, f"{API}/orders", "orderBook")

    def order(self, session: Session, ref: OrderRef) -> Flow[Order]:
        path = f"{API}/orders?" + urlencode({"id": ref.order_id})
        orders = yield from self._book("order", session, Order, path, "orderBook")
        found = {order.order_id: order for order in orders}.get(ref.order_id)
        if found is None:
            raise OrderNotFound(f"order {ref.order_id} is not in today's book")
        return found

    def order_by_tag(self, session: Session, wire_tag: str) -> Flow[Order | None]:
        """By the vendor's look-up; where that refuses, whose words are written nowhere, by the
        book."""
        path = f"{API}/orders?" + urlencode({"order_tag": USERS_TAG + wire_tag})
        try:
            orders = yield from self._book("order", session, Order, path, "orderBook")
        except RateLimited:
            raise
        except BrokerError:
            orders = yield from self.orders(session)
        return only_tagged(orders, wire_tag)

    def trades(self, session: Session) -> Flow[list[Trade]]:
        return self._book("trades", session, Trade, f"{API}/tradebook", "tradeBook")

    # -- portfolio

    def funds(self, session: Session) -> Flow[Funds]:
        return self._one(Funds, self._call("funds", session, "GET", f"{API}/funds"))

    def positions(self, session: Session) -> Flow[list[Position]]:
        return self._book("positions", session, Position, f"{API}/positions", "netPositions")

    def convert_position(
        self, session: Session, position: Position, product: Product, quantity: int
    ) -> Flow[None]:
        body = {
            "symbol": position.vendor.get("id"),
            "positionSide": -1 if (position.quantity or 0) < 0 else 1,
            "convertQty": self.vendor_quantity(quantity, position),
            "convertFrom": position.vendor.get("productType"),
            "convertTo": WIRE.spell(product),
            "overnight": 1 if position.overnight_quantity else 0,
        }
        path = f"{API}/positions"
        self._settled((yield self._call("convert_position", session, "POST", path, body,
                                        Effect.ORDER)))  # fmt: skip

    def holdings(self, session: Session) -> Flow[list[Holding]]:
        return self._book("holdings", session, Holding, f"{API}/holdings", "holdings")

    def margin(self, session: Session, orders: Sequence[OrderRequest]) -> Flow[Margin]:
        legs = [dict(ALWAYS) | self.dump_order(order) for order in orders]
        body = {"data": [{key: leg[key] for key in PLANNED} for leg in legs]}
        path = f"{API}/multiorder/margin"
        return self._one(Margin, self._call("margin", session, "POST", path, body))

    # -- rules

    def place_gtt(self, session: Session, rule: GttRequest) -> Flow[OrderAck]:
        if rule.disclosed_quantity is not None or rule.valid_days is not None:
            raise Unsupported("Fyers' rules show the whole order and last for a year")
        if rule.product is Product.MIS:
            raise Unsupported("Fyers' rules take CNC, NRML and MTF")
        units = self.vendor_quantity(rule.quantity, rule.target)
        body = {
            "side": WIRE.spell(rule.side),
            "symbol": rule.target.broker_symbol,
            "productType": WIRE.spell(rule.product),
            "orderInfo": order_info(rule, [units] * len(rule.legs)),
        }
        return self._change("place_gtt", session, "POST", RULES, body)

    def modify_gtt(self, session: Session, rule: Gtt, change: GttChange) -> Flow[OrderAck]:
        """The legs' whole new state; a leg's quantity that stays is in the vendor's own count."""
        if change.disclosed_quantity is not None:
            raise Unsupported("a rule shows the whole order; change its prices or quantity")
        quantities = kept_quantities(rule, rule_legs)
        if change.quantity is not None:
            quantities = [self.vendor_quantity(change.quantity, rule)] * len(quantities)
        body = {"id": rule.gtt_id, "orderInfo": order_info(rule.changed(change), quantities)}
        return self._change("modify_gtt", session, "PATCH", RULES, body)

    def cancel_gtt(self, session: Session, rule: Gtt) -> Flow[OrderAck]:
        return self._change("cancel_gtt", session, "DELETE", RULES, {"id": rule.gtt_id})

    def gtt(self, session: Session, gtt_id: str) -> Flow[Gtt]:
        rules = yield from self.gtts(session, done=True)
        found = {rule.gtt_id: rule for rule in rules}.get(gtt_id)
        if found is None:
            raise OrderNotFound(f"rule {gtt_id} is not in the list")
        return found

    def gtts(self, session: Session, *, done: bool = False) -> Flow[list[Gtt]]:
        rules = yield from self._book("gtts", session, Gtt, f"{API}/gtt/orders", "orderBook")
        ended = (GttStatus.CANCELLED, GttStatus.EXPIRED)
        return [rule for rule in rules if done or rule.status not in ended]

    # -- market data

    def quotes(
        self, session: Session, instruments: Sequence[Instrument], mode: QuoteMode
    ) -> Flow[list[Quote]]:
        size = 1 if mode is QuoteMode.FULL else QUOTE_BATCH
        quotes: list[Quote] = []
        for start in range(0, len(instruments), size):
            wanted = {one.broker_symbol: one for one in instruments[start : start + size]}
            reply = yield self._call("quotes", session, "GET", quote_path(list(wanted), mode))
            quotes += self._quotes_of(wanted, dict(quote_rows(self._data(reply).get("d"))))
        return quotes

    def history(
        self, session: Session, instrument: Instrument, interval: Interval, window: Window
    ) -> Flow[list[Candle]]:
        days = interval is Interval.D1
        ends = (str(int(at.timestamp())) for at in (window.start, window.end))
        start, end = in_india(window, "%Y-%m-%d") if days else ends
        fields = {
            "symbol": instrument.broker_symbol,
            "resolution": INTERVALS[interval],
            "date_format": "1" if days else "0",
            "range_from": start,
            "range_to": end,
            "cont_flag": "0",
            "oi_flag": "1" if instrument.is_derivative else "0",
        }
        reply = yield self._call("history", session, "GET", "/data/history?" + urlencode(fields))
        data = self._data(reply)
        if "candles" not in data and data["s"] != NOTHING:
            raise MalformedReply("there are no candles @ $.candles", status=reply.status)
        rows = data.get("candles") or [] if data["s"] == NOTHING else data.get("candles")
        candles = WIRE.load_rows(numbered(rows), Candle, at="$.candles")
        return [day_of(one) for one in candles] if days else candles

    def master(
        self,
        headers: Mapping[str, str] = NO_HEADERS,  # noqa: ARG002 - the files are joined: all or none
    ) -> Flow[Master]:
        contents = []
        for name in fyers_master.FILES:
            url = f"{self.hosts['master']}/sym_details/{name}_sym_master.json"
            reply = yield master_request(url, NO_HEADERS)
            contents.append(fyers_master.checked(reply.content))
        return fyers_master.instruments(contents)

    def raw(
        self, session: Session, method: str, path: str, body: object | None = None
    ) -> Flow[Any]:
        reply = yield self._call("raw", session, "GET", only_get(method, path, body))
        return self._data(reply)


def order_info(rule: GttRequest | Gtt, quantities: Sequence[object]) -> dict[str, Any]:
    """A rule's legs; of two the first has to lie above the last price, the second below."""
    return {
        f"leg{number}": {
            "price": json_number(leg.price),
            "triggerPrice": json_number(leg.trigger_price),
            "qty": json_value(quantity),
        }
        for number, leg, quantity in zip(count(1), upper_first(rule), quantities, strict=False)
    }


def day_of(candle: Candle) -> Candle:
    """A day's candle, whose own time is midnight UTC, at the Indian day's beginning."""
    return attrs.evolve(candle, timestamp=candle.timestamp.replace(hour=0, minute=0))


def quote_path(symbols: Sequence[str], mode: QuoteMode) -> str:
    """Where quotes are; the one with everything is for one instrument."""
    if mode is QuoteMode.FULL:
        return "/data/depth?" + urlencode({"symbol": symbols[0], "ohlcv_flag": "1"})
    return "/data/quotes?" + urlencode({"symbols": ",".join(symbols)})


def quote_rows(data: object) -> Iterator[tuple[str, object]]:
    """Quotes by ticker, from either route; a row that is no quote is left out.

    Raises:
        MalformedReply: there are neither rows nor one object.
    """
    if not isinstance(data, (Mapping, list)):
        raise MalformedReply("there are no quotes @ $.d")
    if isinstance(data, Mapping):
        yield from data.items()
        return
    for row in data:
        if isinstance(row, Mapping) and row.get("s") == "ok" and isinstance(row.get("n"), str):
            yield row["n"], row.get("v")


FYERS = Fyers(
    name="fyers",
    title="Fyers",
    hosts={"rest": "https://api-t1.fyers.in", "master": "https://public.fyers.in"},
)
