"""Rules that place an order when a price is reached ("good till triggered").

A rule lies outside the book until a price of its legs comes: from below if the trigger was at or
above the last price when the rule was made or changed, else from above.  Then that leg's order goes
in, and the rule is done whatever becomes of the order.
"""

from __future__ import annotations

import datetime as dt
import enum
import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

from attrs import define

from openbroker.sandbox.exchange import Exchange
from openbroker.sandbox.orders import Ticket
from openbroker.schemas import Instrument

FIRST_ID = 3_375_316
Terms: TypeAlias = tuple[Ticket, Decimal]
"""An order, and the price that sends it."""


class RuleStatus(enum.StrEnum):
    NEW = "NEW"
    FIRED = "FIRED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


@define(kw_only=True, eq=False)
class Leg:
    """One order of a rule, and the price that sends it."""

    ticket: Ticket
    trigger: Decimal
    from_below: bool
    order_id: str = ""

    def is_reached(self, price: Decimal) -> bool:
        return price >= self.trigger if self.from_below else price <= self.trigger


@define(kw_only=True, eq=False)
class PriceRule:
    """One leg, or two of which the first to be reached ends the rule."""

    rule_id: int
    account: str
    legs: list[Leg]
    created_at: dt.datetime
    updated_at: dt.datetime
    expires_at: dt.datetime
    status: RuleStatus = RuleStatus.NEW

    @property
    def instrument(self) -> Instrument:
        return self.ticket.instrument

    @property
    def ticket(self) -> Ticket:
        """The first leg's."""
        return self.legs[0].ticket

    @property
    def trigger(self) -> Decimal:
        """The first leg's."""
        return self.legs[0].trigger

    @property
    def order_id(self) -> str:
        """Of the order that was sent, or nothing."""
        return "".join(leg.order_id for leg in self.legs)


class NoSuchRule(Exception):
    """The account has no live rule of that id."""


class PriceRules:
    """An exchange's rules, by account."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._numbers = itertools.count(FIRST_ID)
        self._rules: dict[int, PriceRule] = {}
        self._live: dict[int, PriceRule] = {}
        exchange.on_step.append(self._look)

    def create(self, account: str, terms: Sequence[Terms], days: int) -> PriceRule:
        """A rule on one instrument: what is to be sent, and at which price, for each leg."""
        with self._exchange.lock:
            now = self._exchange.moment
            rule = PriceRule(
                rule_id=next(self._numbers),
                account=account,
                legs=self._legs(terms),
                created_at=now,
                updated_at=now,
                expires_at=now + dt.timedelta(days=days),
            )
            self._rules[rule.rule_id] = self._live[rule.rule_id] = rule
            return rule

    def replace(self, account: str, rule_id: int, terms: Sequence[Terms]) -> PriceRule:
        """Other terms for a live rule; raises NoSuchRule."""
        with self._exchange.lock:
            rule = self._live_rule(account, rule_id)
            rule.legs = self._legs(terms)
            rule.updated_at = self._exchange.moment
            return rule

    def _legs(self, terms: Sequence[Terms]) -> list[Leg]:
        return [
            Leg(
                ticket=ticket,
                trigger=trigger,
                from_below=trigger >= self._exchange.price(ticket.instrument),
            )
            for ticket, trigger in terms
        ]

    def cancel(self, account: str, rule_id: int) -> PriceRule:
        """Raises NoSuchRule."""
        with self._exchange.lock:
            self._exchange.settle()
            rule = self._live_rule(account, rule_id)
            self._end(rule, RuleStatus.CANCELLED)
            return rule

    def rule(self, account: str, rule_id: int) -> PriceRule:
        """Live or done; raises NoSuchRule."""
        with self._exchange.lock:
            self._exchange.settle()
            rule = self._rules.get(rule_id)
            if rule is None or rule.account != account:
                raise NoSuchRule(rule_id)
            return rule

    def rules(self, account: str) -> list[PriceRule]:
        """All of the account's, newest first."""
        with self._exchange.lock:
            self._exchange.settle()
            return [rule for rule in reversed(self._rules.values()) if rule.account == account]

    def _live_rule(self, account: str, rule_id: int) -> PriceRule:
        rule = self._live.get(rule_id)
        if rule is None or rule.account != account:
            raise NoSuchRule(rule_id)
        return rule

    def _look(self, moment: dt.datetime) -> None:
        for rule in list(self._live.values()):
            if moment >= rule.expires_at:
                self._end(rule, RuleStatus.EXPIRED)
            elif self._exchange.clock.is_open(rule.instrument.venue, moment):
                self._fire(rule, self._exchange.price(rule.instrument))

    def _fire(self, rule: PriceRule, price: Decimal) -> None:
        reached = next((leg for leg in rule.legs if leg.is_reached(price)), None)
        if reached is not None:
            self._end(rule, RuleStatus.FIRED)
            order = self._exchange.place(rule.account, reached.ticket)
            reached.order_id = order.order_id

    def _end(self, rule: PriceRule, status: RuleStatus) -> None:
        del self._live[rule.rule_id]
        rule.status = status
        rule.updated_at = self._exchange.moment
