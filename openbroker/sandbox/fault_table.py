"""What can go wrong: faults and the tables that name them.

A :class:`Fault` is a name, a line of description, whether the request is booked, and a script.  A
*wire* fault's script is a coroutine over the bytes: it is given an
:class:`~openbroker.sandbox.wire_exchange.Exchange` and uses its methods.  A *message* fault is a
plain function from request and response to another response, so it also works in process.

A :class:`FaultTable` is a registry by name.  A front end makes its own from the common one
(``ANGELONE = FaultTable(FAULTS)``) and adds the reply shapes that its broker is known for::

    @ANGELONE.message("the gateway's plain text instead of JSON", booked=False)
    def exceeding_access_rate(request, response):
        return httpx.Response(403, text="Access denied because of exceeding access rate")

    @ANGELONE.wire("the reply comes in two halves", booked=True)
    async def halved_reply(exchange, *, seconds=0.5):
        reply = exchange.render(await exchange.book())
        exchange.write(reply[: len(reply) // 2])
        await exchange.pause(seconds)
        exchange.write(reply[len(reply) // 2 :])
"""

from __future__ import annotations

import difflib
import enum
import inspect
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
from attrs import evolve, field, frozen

from openbroker.errors import ConfigError

if TYPE_CHECKING:
    from openbroker.sandbox.wire_exchange import Arrival, Exchange

Script: TypeAlias = Callable[..., Awaitable[None]]
Change: TypeAlias = Callable[..., httpx.Response]


class Stage(enum.StrEnum):
    """When a fault takes over."""

    CONNECT = "connect"
    """A connection was accepted; no byte of it was read."""
    HEAD = "head"
    """The request's line and headers are read, its body perhaps not: ``content`` is not there."""
    REQUEST = "request"
    """The whole request is read; the handler has not run."""
    BOOK = "book"
    """A read of the order book; asked for by the exchange core."""


def _frozen_mapping(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


@frozen(kw_only=True)
class Fault:
    """A way of failing.

    ``booked`` says whether the handler ran, that is whether an order now exists: ``True``,
    ``False``, or ``None`` where parameters or the peer decide; :attr:`Injection.booked` always
    tells what happened.  ``protocol`` is ``"http/1.1"`` or ``"h2"`` for a fault that only one
    knows.  ``parameters`` go to the script as keyword arguments.
    """

    name: str
    description: str
    stage: Stage = Stage.REQUEST
    booked: bool | None = None
    protocol: str | None = None
    script: Script | None = None
    change: Change | None = None
    parameters: Mapping[str, Any] = field(factory=dict, converter=_frozen_mapping, hash=False)

    @property
    def options(self) -> dict[str, Any]:
        """The parameters that the fault knows, with their values in force."""
        function = self.script or self.change
        known = inspect.signature(function).parameters.values() if function else ()
        defaults = {p.name: p.default for p in known if p.kind is p.KEYWORD_ONLY}
        return defaults | dict(self.parameters)

    def with_parameters(self, **parameters: Any) -> Fault:
        """The fault with other parameters; raises ConfigError for one that it does not know."""
        unknown = sorted(parameters.keys() - self.options.keys())
        if unknown:
            known = ", ".join(sorted(self.options)) or "none"
            raise ConfigError(
                f"fault {self.name!r} has no parameter {unknown[0]!r}",
                advice=f"Its parameters: {known}.",
            )
        return evolve(self, parameters=dict(self.parameters) | parameters)

    async def run(self, exchange: Exchange) -> None:
        """Do it to an exchange on the wire."""
        if self.change is None:
            await self.play(exchange)
        else:
            await exchange.read()
            response = await exchange.book() if self.booked else None
            exchange.send(self.change(exchange.request, response, **self.parameters))

    async def play(self, subject: Exchange | Arrival) -> None:
        """Run the script of a wire fault, on an exchange or (``Stage.CONNECT``) an arrival."""
        if self.script is not None:
            await self.script(subject, **self.parameters)


class FaultTable(dict[str, Fault]):
    """Faults by name; its two decorators add to it, the function's name becoming the fault's."""

    def wire(
        self,
        description: str,
        *,
        booked: bool | None,
        stage: Stage = Stage.REQUEST,
        protocol: str | None = None,
        name: str | None = None,
    ) -> Callable[[Script], Script]:
        """Register a script over the bytes: ``async def reset_after_booking(exchange): ...``."""

        def add(script: Script) -> Script:
            self.add(
                Fault(
                    name=name or _name_of(script),
                    description=description,
                    stage=stage,
                    booked=booked,
                    protocol=protocol,
                    script=script,
                )
            )
            return script

        return add

    def message(
        self, description: str, *, booked: bool | None, name: str | None = None
    ) -> Callable[[Change], Change]:
        """Register a change of the reply: ``def waf_page(request, response): return ...``.

        ``response`` is the handler's when ``booked``, else ``None`` (the handler did not run).
        ``booked=None`` registers two faults: the plain name, where nothing is booked, and the name
        with ``-booked``.
        """

        def add(change: Change) -> Change:
            plain = name or _name_of(change)
            for variant in (False, True) if booked is None else (booked,):
                suffix = "-booked" if booked is None and variant else ""
                self.add(
                    Fault(
                        name=plain + suffix, description=description, booked=variant, change=change
                    )
                )
            return change

        return add

    def add(self, fault: Fault) -> None:
        if fault.name in self:
            raise ValueError(f"two faults are called {fault.name!r}")
        self[fault.name] = fault

    def rows(self) -> list[dict[str, Any]]:
        """The table as rows, for documents: what each fault is called, does and takes."""
        return [
            {
                "name": fault.name,
                "stage": fault.stage.value,
                "protocol": fault.protocol or "both",
                "booked": fault.booked,
                "parameters": fault.options,
                "description": fault.description,
            }
            for fault in self.values()
        ]

    def find(self, name: str) -> Fault:
        """The fault of that name; raises ConfigError with the nearest names."""
        if name in self:
            return self[name]
        close = difflib.get_close_matches(name, self, n=4, cutoff=0.5)
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        raise ConfigError(
            f"no fault {name!r}{hint}",
            advice="openbroker sandbox --faults lists them, and so does docs/sandbox.md.",
        )


def _name_of(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", "")).strip("_").replace("_", "-")
