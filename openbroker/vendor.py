"""What only one broker has: ``broker.vendor.<name>(...)``.

An adapter lists such operations in ``extras``; each is a flow that changes no order, with the
session first.  ``broker.vendor`` runs it like any read and puts instruments to its rows.
``dir(broker.vendor)`` and ``broker.capabilities`` list the names, ``help(broker.vendor.<name>)``
tells the arguments.
A parameter named ``instrument`` takes what ``instruments.resolve`` takes.

Something moves from here into the common face once a second broker has it.
"""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable
from typing import Any

from openbroker.account import Account
from openbroker.schemas import InstrumentRow, Table


class VendorCalls:
    """The extras of one broker. Made by ``broker.vendor``.

    ``wait`` makes a result of each call's coroutine, or leaves it one.
    """

    def __init__(self, account: Account, wait: Callable[[Any], Any]) -> None:
        self._account = account
        self._wait = wait

    def __dir__(self) -> list[str]:
        return sorted(self._account.adapter.extras)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        adapter = self._account.adapter
        if name.startswith("_") or name not in adapter.extras:
            near = difflib.get_close_matches(name, adapter.extras, n=1)
            guess = f"; did you mean {near[0]!r}?" if near else ""
            raise AttributeError(f"{adapter.name} has no extra {name!r}{guess}")
        flow = getattr(adapter, name)
        parameters = list(inspect.signature(flow).parameters.values())[1:]

        @functools.wraps(flow)
        def call(*args: Any, **kwargs: Any) -> Any:
            return self._wait(self._read(name, flow, parameters, args, kwargs))

        return call

    def __repr__(self) -> str:
        return f"<{self._account.adapter.title}: {', '.join(dir(self)) or 'no extras'}>"

    async def _read(
        self,
        name: str,
        flow: Callable[..., Any],
        parameters: list[inspect.Parameter],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        bound = _bound(name, parameters, args, kwargs)
        if "instrument" in bound:
            bound["instrument"] = self._account.instruments.resolve(bound["instrument"])
        found = await self._account.read(name, lambda session: flow(session, **bound))
        if isinstance(found, InstrumentRow):
            return self._account.attach(found)
        if isinstance(found, Table) and issubclass(found.kind, InstrumentRow):
            return self._account.table(found.kind, found)
        return found


def _bound(
    name: str,
    parameters: list[inspect.Parameter],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> dict[str, Any]:
    """The arguments by their names.

    Raises:
        TypeError: they do not fit, as Python's own functions say it.
    """
    signature = inspect.Signature(parameters)
    try:
        return dict(signature.bind(*args, **kwargs).arguments)
    except TypeError as error:
        takes = ", ".join(signature.parameters)
        raise TypeError(f"vendor.{name}({takes}): {error}") from None
