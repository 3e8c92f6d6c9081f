"""Rules that place an order when a price is reached ("good till triggered").

A rule lies outside the book until its price comes: from below if the trigger was at or above the
last price when the rule was made or changed, else from above.  Then one LIMIT order goes in, and
the rule is done whatever becomes of the order.
"""

from __future__ import annotations

import datetime as dt
import enum
import itertools
from decimal import Decimal

import attrs
from attrs import define

from openbroker.sandbox.exchange import Exchange
from openbroker.sandbox.orders import Ticket

FIRST_ID = 3_375_316


class RuleStatus(enum.StrEnum):
    NEW = "NEW"
    FIRED = "FIRED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


@define(kw_only=True, eq=False)
class PriceRule:
    rule_id: int
    account: str
    ticket: Ticket
    trigger: Decimal
    from_below: bool
    created_at: dt.datetime
    updated_at: dt.datetime
    expires_at: dt.datetime
    status: RuleStatus = RuleStatus.NEW
    order_id: str = ""

    def is_reached(self, price: Decimal) -> bool:
        return price >= self.trigger if self.from_below else price <= self.trigger


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

    def create(self, account: str, ticket: Ticket, trigger: Decimal, days: int) -> PriceRule:
        with self._exchange.lock:
            price, now = self._exchange.price(ticket.instrument), self._exchange.moment
            rule = PriceRule(
                rule_id=next(self._numbers),
                account=account,
                ticket=ticket,
                trigger=trigger,
                from_below=trigger >= price,
                created_at=now,
                updated_at=now,
                expires_at=now + dt.timedelta(days=days),
            )
            self._rules[rule.rule_id] = self._live[rule.rule_id] = rule
            return rule

    def modify(
        self,
        account: str,
        rule_id: int,
        *,
        price: Decimal,
        quantity: int,
        trigger: Decimal,
        disclosed: int,
    ) -> PriceRule:
        """Raises NoSuchRule."""
        with self._exchange.lock:
            rule = self._live_rule(account, rule_id)
            rule.ticket = attrs.evolve(
                rule.ticket, price=price, quantity=quantity, disclosed_quantity=disclosed
            )
            rule.trigger = trigger
            rule.from_below = trigger >= self._exchange.price(rule.ticket.instrument)
            rule.updated_at = self._exchange.moment
            return rule

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
            instrument = rule.ticket.instrument
            if moment >= rule.expires_at:
                self._end(rule, RuleStatus.EXPIRED)
            elif self._exchange.clock.is_open(instrument.venue, moment) and rule.is_reached(
                self._exchange.price(instrument)
            ):
                self._end(rule, RuleStatus.FIRED)
                rule.order_id = self._exchange.place(rule.account, rule.ticket).order_id

    def _end(self, rule: PriceRule, status: RuleStatus) -> None:
        del self._live[rule.rule_id]
        rule.status = status
        rule.updated_at = self._exchange.moment
