"""What upstox-python-sdk is asked when its requests are recorded, by operation.

Each call is a class and a method of the client with its arguments, as the documentation's samples
and the client's own tests write them.  ``record_upstoxsdk.py`` makes the calls;
``test_upstoxsdk_same_requests`` says the same to openbroker.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from official import Counterpart, Talk
from recording import Recorded
from upstoxsdk_further import (
    ALL_CHANGES,
    ALL_PLACINGS,
    ALL_RULES,
    FURTHER_CHARGES,
    FURTHER_CONVERTED,
    FURTHER_MARGINS,
    KEYS,
    PLACED,
    SENSEX,
    SPANS,
)
from upstoxsdk_intents import CRUDE_FUTURE, INFY, NIFTY, NIFTY_CALL, NIFTY_FUTURE

ORDER_ID, GTT_ID, WIRE_TAG = "261123000000001", "GTT-C26231100141213", "algo1ABCDEFGH"
VERSION = "2.0"
CREDENTIALS: Mapping[str, str] = {
    "api_key": "recordedkey",
    "api_secret": "recordedsecret",
    "redirect_uri": "http://127.0.0.1:8765/back",
    "code": "recordedcode",
    "access_token": "recorded.access.token",
}
"""Of nobody: the recording server lets everybody in."""
ALGO_NAME = "My Algo 1"
BY_ALGORITHM = ", by an algorithm"
UNTOLD = ", its band untold"


class UpstoxClient(Talk):
    """upstox-python-sdk; nothing is expected of a reply but that it comes."""

    def prepare(self) -> None:
        """Take the access token."""
        self.call("set_access_token", CREDENTIALS["access_token"])


UPSTOXSDK = Counterpart[UpstoxClient](name="upstoxsdk", client=UpstoxClient)

INTERVALS: Mapping[str, tuple[str, str]] = {
    "1m": ("minutes", "1"),
    "3m": ("minutes", "3"),
    "5m": ("minutes", "5"),
    "10m": ("minutes", "10"),
    "15m": ("minutes", "15"),
    "30m": ("minutes", "30"),
    "1h": ("hours", "1"),
    "1d": ("days", "1"),
}
QUOTED = (INFY, NIFTY, NIFTY_CALL, CRUDE_FUTURE)

CONVERTED: Mapping[str, Any] = {
    "instrument_token": INFY.key,
    "new_product": "D",
    "old_product": "I",
    "transaction_type": "BUY",
    "quantity": 4,
}
MARGINS: Sequence[Mapping[str, Any]] = (
    {"instrument_key": NIFTY_FUTURE.key, "quantity": 65, "product": "D",
     "transaction_type": "SELL", "price": 25900.5},
    {"instrument_key": NIFTY_CALL.key, "quantity": 65, "product": "I",
     "transaction_type": "BUY", "price": 190},
    {"instrument_key": CRUDE_FUTURE.key, "quantity": 2, "product": "D",
     "transaction_type": "BUY", "price": 5300},
)  # fmt: skip
CHARGES: Mapping[str, Any] = {
    "instrument_token": INFY.key,
    "quantity": 10,
    "product": "D",
    "transaction_type": "BUY",
    "price": 1450.5,
}
ADDRESSES = {"primary_ip": "192.0.2.1", "secondary_ip": "2001:db8::1"}
SWITCHED = {"halt": ("NSE_FO", "DISABLE"), "open": ("NSE_EQ", "ENABLE")}
RULE_CHANGES: Mapping[str, Mapping[str, Any]] = {
    "new trigger": {"trigger_type": "BELOW", "trigger_price": 1440.5, "quantity": 12},
    "the other side": {"trigger_type": "ABOVE", "trigger_price": 1600, "quantity": 10},
    "quantity": {"trigger_type": "BELOW", "trigger_price": 1450.5, "quantity": 12},
}
"""Of the rule "buy the dip"."""


def model(name: str, **fields: Any) -> dict[str, Any]:
    """An object of the official client's."""
    return {"model": name, "fields": fields}


def _call(
    operation: str, method: str, *arguments: Any, name: str = "", **named: Any
) -> Recorded:  # fmt: skip
    return Recorded(
        operation=operation, name=name, method=method, arguments=arguments, named=named
    )  # fmt: skip


def _place(name: str, **named: Any) -> Recorded:
    order = model("PlaceOrderV3Request", **PLACED[name].theirs)
    shown = f"{name}{BY_ALGORITHM}" if named else name
    return _call("place_order", "OrderApiV3.place_order", order, name=shown, **named)


def _orders() -> Iterator[Recorded]:
    yield from (_place(placing.name) for placing in ALL_PLACINGS)
    yield _place("labelled", algo_name=ALGO_NAME)
    for change in ALL_CHANGES:
        order = model("ModifyOrderRequest", order_id=ORDER_ID, **change.theirs)
        yield _call("modify_order", "OrderApiV3.modify_order", order, name=change.name)
    yield _call(
        "modify_order", "OrderApiV3.modify_order", order, name=f"{change.name}{BY_ALGORITHM}",
        algo_name=ALGO_NAME,
    )  # fmt: skip
    cancel = "OrderApiV3.cancel_order"
    yield _call("cancel_order", cancel, ORDER_ID)
    yield _call("cancel_order", cancel, ORDER_ID, name=BY_ALGORITHM, algo_name=ALGO_NAME)
    yield _call("orders", "OrderApi.get_order_book", VERSION)
    yield _call("order", "OrderApi.get_order_status", order_id=ORDER_ID)
    yield _call("trades", "OrderApi.get_trade_history", VERSION)
    history = "OrderApi.get_order_details"
    yield _call("order_by_tag", history, VERSION, tag=WIRE_TAG)
    yield _call("order_history", history, VERSION, name="by id", order_id=ORDER_ID)
    yield _call("order_history", history, VERSION, name="by tag", tag=WIRE_TAG)
    yield _call("order_trades", "OrderApi.get_trades_by_order", ORDER_ID, VERSION)


def _rules() -> Iterator[Recorded]:
    for rule in ALL_RULES:
        leg = model("GttRule", **rule.leg)
        body = model("GttPlaceOrderRequest", rules=[leg], **rule.theirs)
        yield _call("place_gtt", "OrderApiV3.place_gtt_order", body, name=rule.name)
        if rule.name == "buy the dip":
            bare = {name: word for name, word in rule.leg.items() if name != "market_protection"}
            told = model("GttPlaceOrderRequest", rules=[model("GttRule", **bare)], **rule.theirs)
            yield _call(
                "place_gtt", "OrderApiV3.place_gtt_order", told, name=f"{rule.name}{UNTOLD}"
            )
    yield _call(
        "place_gtt", "OrderApiV3.place_gtt_order", body, name=f"{rule.name}{BY_ALGORITHM}",
        algo_name=ALGO_NAME,
    )  # fmt: skip
    for name, change in RULE_CHANGES.items():
        told = dict(change)
        quantity = told.pop("quantity")
        leg = model("GttRule", strategy="ENTRY", market_protection=0, **told)
        body = model(
            "GttModifyOrderRequest", type="SINGLE", quantity=quantity, gtt_order_id=GTT_ID,
            rules=[leg],
        )  # fmt: skip
        yield _call("modify_gtt", "OrderApiV3.modify_gtt_order", body, name=name)
    body = model("GttCancelOrderRequest", gtt_order_id=GTT_ID)
    cancel = "OrderApiV3.cancel_gtt_order"
    yield _call("cancel_gtt", cancel, body)
    yield _call("cancel_gtt", cancel, body, name=BY_ALGORITHM, algo_name=ALGO_NAME)
    yield _call("gtt", "OrderApiV3.get_gtt_order_details", gtt_order_id=GTT_ID)
    yield _call("gtts", "OrderApiV3.get_gtt_order_details")


def _account() -> Iterator[Recorded]:
    app = {name: CREDENTIALS[name] for name in ("code", "redirect_uri")}
    app |= {"client_id": CREDENTIALS["api_key"], "client_secret": CREDENTIALS["api_secret"]}
    yield _call("login", "LoginApi.token", VERSION, grant_type="authorization_code", **app)
    yield _call(
        "login_url", "LoginApi.authorize", app["client_id"], app["redirect_uri"], VERSION
    )  # fmt: skip
    yield _call("profile", "UserApi.get_profile", VERSION)
    yield _call("funds", "UserApi.get_user_fund_margin", VERSION)
    yield _call("positions", "PortfolioApi.get_positions", VERSION)
    yield _call("mtf_positions", "PortfolioApi.get_mtf_positions")
    yield _call("holdings", "PortfolioApi.get_holdings", VERSION)
    converted = model("ConvertPositionRequest", **CONVERTED)
    yield _call("convert_position", "PortfolioApi.convert_positions", converted, VERSION)
    for name, told in FURTHER_CONVERTED.items():
        converted = model("ConvertPositionRequest", **told)
        yield _call(
            "convert_position", "PortfolioApi.convert_positions", converted, VERSION, name=name
        )
    for name, orders in {"": MARGINS, **FURTHER_MARGINS}.items():
        legs = [model("Instrument", **leg) for leg in orders]
        asked = model("MarginRequest", instruments=legs)
        yield _call("margin", "ChargeApi.post_margin", asked, name=name)
    for name, values in {"": tuple(CHARGES.values()), **FURTHER_CHARGES}.items():
        yield _call("charges", "ChargeApi.get_brokerage", *values, VERSION, name=name)
    yield _call("static_ips", "UserApi.get_user_ips")
    addresses = model("UpdateUserIpRequest", **ADDRESSES)
    yield _call("set_static_ips", "UserApi.update_user_ip", addresses)
    yield _call("kill_switch", "UserApi.get_kill_switch")
    for name, (segment, action) in SWITCHED.items():
        switch = model("KillSwitchSegmentUpdateRequest", segment=segment, action=action)
        yield _call("set_kill_switch", "UserApi.update_kill_switch", [switch], name=name)


def _prices() -> Iterator[Recorded]:
    keys = ",".join(one.key for one in QUOTED)
    full = "MarketQuoteV3Api.get_full_market_quote_v3"
    yield _call("quotes", "MarketQuoteV3Api.get_ltp", name="LTP", instrument_key=keys)
    yield _call("quotes", full, name="FULL", instrument_key=keys)
    many = ",".join(KEYS)
    yield _call("quotes", "MarketQuoteV3Api.get_ltp", name="LTP of many", instrument_key=many)
    yield _call("quotes", full, name="FULL of many", instrument_key=many)
    for name, (where, unit, count, first, last) in SPANS.items():
        yield _call(
            "history", "HistoryV3Api.get_historical_candle_data1", where.key, unit, count, last,
            first, name=name,
        )  # fmt: skip
    for name, unit in INTERVALS.items():
        yield _call(
            "history", "HistoryV3Api.get_historical_candle_data1", INFY.key, *unit, "2026-11-20",
            "2026-11-02", name=name,
        )  # fmt: skip
    yield _call(
        "history", "HistoryV3Api.get_intra_day_candle_data", NIFTY_FUTURE.key, "minutes", "5",
        name="today",
    )  # fmt: skip
    chain = "OptionsApi.get_put_call_option_chain"
    yield _call("option_greeks", chain, NIFTY.key, "2026-11-24")
    yield _call("option_greeks", chain, SENSEX.key, "2026-11-26", name="BSE index")


CALLS: tuple[Recorded, ...] = (
    *_account(),
    *_orders(),
    *_rules(),
    *_prices(),
    _call("logout", "LoginApi.logout", VERSION),
)
