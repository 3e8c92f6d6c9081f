"""What every front end is: a function from an HTTP request to its reply, and the same with faults.

A front end knows one broker's dialect.  :class:`FrontEnd` holds what none of them may differ in:
where the faults come from, how those of the book are shown, and how those of replies are played
without a wire.  :class:`Doorkeeper` and :class:`Client` are what the sandbox needs of any dialect's
sessions.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol

import httpx
from attrs import frozen

from openbroker.sandbox.book_faults import BookView, Row
from openbroker.sandbox.exchange import Exchange
from openbroker.sandbox.fault_table import Stage
from openbroker.sandbox.faults import FaultPlan


@frozen(kw_only=True)
class Client(ABC):
    """An account and what opens it; ``client_code`` is what the broker calls it."""

    client_code: str
    name: str = "TEST USER"

    @abstractmethod
    def credentials(self) -> dict[str, str]:
        """What a user of the sandbox is told."""


class Doorkeeper(Protocol):
    """Who may come in, as far as it is the same at every broker."""

    def add(self, client: Any) -> None:
        """Let a client of the dialect's in."""

    def expire(self, client_code: str | None = None) -> None:
        """Let the tokens of a client, or everybody's, be expired from now on."""

    def invalidate(self, client_code: str | None = None) -> None:
        """Let the tokens be unknown from now on, as after a login elsewhere."""


class FrontEnd(ABC):
    """Call it with a request.

    Args:
        faults: which replies and which books are spoilt; the faults of replies are the wire
            server's, or :meth:`in_process`'s.
    """

    def __init__(self, faults: FaultPlan) -> None:
        self.faults = faults
        self._view = BookView()

    @abstractmethod
    def __call__(self, request: httpx.Request) -> httpx.Response:
        """The broker's answer."""

    def in_process(self, request: httpx.Request) -> httpx.Response:
        """The same with the faults of replies; those of the wire need a wire."""
        chosen = self.faults.choose(Stage.REQUEST, request) if self.faults else None
        if chosen is None:
            return self(request)
        fault, injection = chosen
        if fault.change is None:
            injection.booked = True
            return self(request)
        injection.booked = bool(fault.booked)
        response = self(request) if fault.booked else None
        return fault.change(request, response, **fault.parameters)

    def seen(
        self, request: httpx.Request, exchange: Exchange, account: str, rows: list[Row]
    ) -> list[Row]:
        """What of a book's rows is shown for this request."""
        return self._view.see(self.faults, request, account, rows, exchange.moment)


def peer_address(request: httpx.Request) -> str:
    """The TCP source; in process there is none, and it counts as this machine's."""
    peer = request.extensions.get("peer") or ("127.0.0.1", 0)
    return str(peer[0])
