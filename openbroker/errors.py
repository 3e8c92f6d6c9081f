"""Every error that openbroker raises, in one tree.

::

    OpenBrokerError
    ├── UsageError                 the call was wrong or was stopped here: nothing was sent
    │   ├── UnknownBroker
    │   ├── Unsupported            the broker does not offer it (or it is not written yet)
    │   ├── InvalidOrder
    │   ├── InstrumentNotFound
    │   ├── ConfigError            a credential or a setting is missing or malformed
    │   ├── BrokerClosed           close() was called, or the with block ended
    │   └── OrderBlocked           one of our own guards held the order back
    │       ├── Halted
    │       ├── DuplicateOrder
    │       └── UnresolvedOrder
    ├── AuthError                  who you are, or what you may do
    │   ├── SessionExpired
    │   ├── InvalidCredentials
    │   ├── TwoFactorFailed
    │   └── PermissionDenied
    │       └── StaticIPNotAllowed
    ├── BrokerError                the broker said no
    │   ├── OrderRejected
    │   │   ├── InsufficientFunds
    │   │   ├── InsufficientHoldings
    │   │   ├── RiskRejected
    │   │   ├── MarketClosed
    │   │   └── PriceOutOfBand
    │   ├── OrderNotFound
    │   ├── OrderNotModifiable
    │   └── RateLimited            .retry_after
    ├── TransportError             the wire, not the broker
    │   ├── NotSent                nothing was handed to the network: safe to repeat
    │   ├── NoReply                [reads] sent, and no usable answer came
    │   ├── BrokerUnavailable      [reads] the broker's gateway answered that it is down
    │   └── MalformedReply         [reads] an answer that the vendor's manual does not know
    ├── StorageError               a file of openbroker's own cannot be read or written
    └── OrderUnknown               an order may exist: .intent .tag .evidence

Two rules hold everywhere.

*An exception's class says why; its* ``outcome`` *says what became of the order.*  Any error that
leaves an order-changing call carries an :class:`Outcome`; on reads it is ``None``.

*Every message ends with what to do next*, taken from the class's ``advice`` unless the place that
raised the error knows better.

All errors pickle, so they cross process boundaries whole.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, Self


class Outcome(enum.StrEnum):
    """What became of an order-changing request, as far as the evidence proves."""

    ACCEPTED = "ACCEPTED"
    """The broker's order system took it and gave an order id."""
    REJECTED = "REJECTED"
    """The order endpoint refused it in its own words: no order exists."""
    NOT_SENT = "NOT_SENT"
    """It provably never reached the order system: safe to send again."""
    UNKNOWN = "UNKNOWN"
    """Everything else. An order may exist: read the book before doing anything."""


class OpenBrokerError(Exception):
    """Base of all errors.

    Attributes:
        message: what happened, in a sentence.
        advice: what to do next, in a sentence.
        broker: the broker's registry name, where one was involved.
        operation: the operation, for example ``"place_order"``.
        code: the vendor's error code, verbatim.
        status: the HTTP status of the vendor's reply.
        outcome: on order-changing calls what became of the order, else ``None``.
    """

    advice: str = "If this looks wrong, please report it with the text above."
    outcome: Outcome | None = None

    def __init__(
        self,
        message: str,
        *,
        advice: str | None = None,
        broker: str | None = None,
        operation: str | None = None,
        code: str | None = None,
        status: int | None = None,
        outcome: Outcome | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.broker = broker
        self.operation = operation
        self.code = code
        self.status = status
        if advice is not None:
            self.advice = advice
        if outcome is not None:
            self.outcome = outcome

    def __str__(self) -> str:
        origin = " ".join(word for word in (self.broker, self.operation) if word)
        head = f"{origin}: {self.message}" if origin else self.message
        code = f" [{self.code}]" if self.code else ""
        stop = "" if code or head.endswith((".", "?", "!")) else "."
        return f"{head}{code}{'.' if code else stop} {self.advice}".rstrip()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self.args, self.__dict__)

    def during(self, *, broker: str, operation: str, outcome: Outcome | None = None) -> Self:
        """Fill in where it happened, keeping what is already known; returns the error itself."""
        self.broker = self.broker or broker
        self.operation = self.operation or operation
        if self.outcome is None and outcome is not None:
            self.outcome = outcome
        return self


def _revive(
    cls: type[OpenBrokerError], args: tuple[Any, ...], state: Mapping[str, Any]
) -> OpenBrokerError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class UsageError(OpenBrokerError):
    """The call was wrong or was stopped here. Nothing was sent."""

    advice = "Nothing was sent. Correct the call and try again."
    outcome: Outcome | None = Outcome.NOT_SENT


class UnknownBroker(UsageError):
    """No adapter has that name."""

    advice = "openbroker.brokers() lists the names, and so does the command `openbroker brokers`."


class Unsupported(UsageError):
    """The broker does not offer it, or the adapter does not have it yet; the message says which."""

    advice = "Nothing was sent. broker.capabilities lists what this broker offers."


class InvalidOrder(UsageError):
    """The order contradicts itself or its instrument."""

    advice = "Nothing was sent. Correct the order and place it again."


class InstrumentNotFound(UsageError):
    """No instrument has that symbol."""

    advice = "Nothing was sent. broker.instruments.search(...) finds instruments by words."

    suggestions: tuple[str, ...] = ()


class ConfigError(UsageError):
    """A credential or a setting is missing or malformed."""

    advice = "Nothing was sent. Correct the setting and try again."


class BrokerClosed(UsageError):
    """The broker was closed, by ``close()`` or at the end of its ``with`` block."""

    advice = (
        "Nothing was sent. connect() opens a new one, which looks for orders whose outcome was "
        "not known."
    )


class OrderBlocked(UsageError):
    """One of openbroker's own guards held the order back."""

    advice = "Nothing was sent."


class Halted(OrderBlocked):
    """The kill switch is on."""

    advice = "Nothing was sent. Cancels still pass; broker.resume() lifts the halt."


class DuplicateOrder(OrderBlocked):
    """The same order was placed a moment ago."""

    advice = "Nothing was sent. Pass allow_repeat=True if both are meant."


class UnresolvedOrder(OrderBlocked):
    """An earlier order in this instrument has an unknown outcome."""

    advice = "Nothing was sent. broker.resolve(...) settles the open one first."


class AuthError(OpenBrokerError):
    """The broker does not accept who you are or what you may do."""

    advice = "Check the credentials and log in again."


class SessionExpired(AuthError):
    """The access token is dead: a new day, a log-out, or a login elsewhere."""

    advice = "broker.login() starts a new session."


class InvalidCredentials(AuthError):
    """The broker refused the API key, the client code, the PIN or the password."""

    advice = "Check the API key, the client code and the PIN for this broker."


class TwoFactorFailed(AuthError):
    """The one-time code was refused."""

    advice = (
        "Check the TOTP secret and this computer's clock; a code serves one login only, so wait "
        "for the next 30-second window before trying again."
    )


class PermissionDenied(AuthError):
    """The account or the API key may not do this."""

    advice = "Ask the broker to enable it for this account or API key."


class StaticIPNotAllowed(PermissionDenied):
    """The request came from an address that is not registered for this API key."""

    advice = (
        "Register this machine's public IPv4 address with the broker, or send through the "
        "registered one with local_address= or proxy=."
    )


class BrokerError(OpenBrokerError):
    """The broker said no. ``code`` and ``message`` are the vendor's own."""

    advice = "The message is the broker's own; correct what it names."


class OrderRejected(BrokerError):
    """The order endpoint refused the order: no order exists."""

    advice = "No order exists. Correct what the broker names and place it again."
    outcome = Outcome.REJECTED


class InsufficientFunds(OrderRejected):
    """Not enough cash or margin."""

    advice = "No order exists. broker.funds() shows what is available."


class InsufficientHoldings(OrderRejected):
    """Fewer shares held than sold."""

    advice = "No order exists. broker.holdings() shows what can be sold."


class RiskRejected(OrderRejected):
    """The broker's risk system refused it."""


class MarketClosed(OrderRejected):
    """The market is not open for this instrument."""

    advice = "No order exists. Place it in market hours, or as an after-market order."


class PriceOutOfBand(OrderRejected):
    """The price lies outside the permitted range."""

    advice = "No order exists. Use a price inside the range that the broker names."


class OrderNotFound(BrokerError):
    """The broker knows no such order."""

    advice = "broker.orders() lists today's orders."


class OrderNotModifiable(BrokerError):
    """The order is already done, or cannot be changed in this state."""

    advice = "broker.order(...) shows its present state."


class RateLimited(BrokerError):
    """Too many requests. ``retry_after`` is seconds to wait, ``None`` if the broker gave none."""

    advice = "Wait a moment, then try again."

    retry_after: float | None = None


class TransportError(OpenBrokerError):
    """The wire failed, not the broker."""

    advice = "Check the network, then try again."


class NotSent(TransportError):
    """Nothing was handed to the network: safe to repeat."""

    advice = "Nothing reached the broker; it is safe to try again."
    outcome = Outcome.NOT_SENT


class NoReply(TransportError):
    """A read was sent and no usable answer came."""

    advice = "Nothing was changed by this read; try again."


class BrokerUnavailable(TransportError):
    """The broker's gateway answered that the service is down."""

    advice = "Try again in a little while; broker status pages tell of outages."


class MalformedReply(TransportError):
    """The answer is not one that the vendor's manual knows."""

    advice = "Try again; if it stays, the broker's API may have changed: please report it."


class StorageError(OpenBrokerError):
    """A file of openbroker's own cannot be read or written: disk full, damaged, forbidden."""

    advice = "Check the free space and the permissions of the folder, then try again."


class OrderUnknown(OpenBrokerError):
    """The outcome of an order-changing request is not known: an order may exist.

    Attributes:
        intent: what was asked, as plain data (no secrets).
        tag: the tag that the order carries at the broker, if it carries one.
        evidence: what is known about the exchange, as plain data (phase, status, first bytes...).
    """

    advice = (
        "Do not send it again. broker.resolve(error) or broker.orders() tells whether the order "
        "exists."
    )
    outcome = Outcome.UNKNOWN

    def __init__(
        self,
        message: str,
        *,
        intent: Mapping[str, Any] | None = None,
        tag: str | None = None,
        evidence: Mapping[str, Any] | None = None,
        advice: str | None = None,
        broker: str | None = None,
        operation: str | None = None,
        code: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(
            message, advice=advice, broker=broker, operation=operation, code=code, status=status
        )
        self.intent = dict(intent or {})
        self.tag = tag
        self.evidence = dict(evidence or {})


__all__ = [
    "AuthError",
    "BrokerClosed",
    "BrokerError",
    "BrokerUnavailable",
    "ConfigError",
    "DuplicateOrder",
    "Halted",
    "InstrumentNotFound",
    "InsufficientFunds",
    "InsufficientHoldings",
    "InvalidCredentials",
    "InvalidOrder",
    "MalformedReply",
    "MarketClosed",
    "NoReply",
    "NotSent",
    "OpenBrokerError",
    "OrderBlocked",
    "OrderNotFound",
    "OrderNotModifiable",
    "OrderRejected",
    "OrderUnknown",
    "Outcome",
    "PermissionDenied",
    "PriceOutOfBand",
    "RateLimited",
    "RiskRejected",
    "SessionExpired",
    "StaticIPNotAllowed",
    "StorageError",
    "TransportError",
    "TwoFactorFailed",
    "UnknownBroker",
    "UnresolvedOrder",
    "Unsupported",
    "UsageError",
]
