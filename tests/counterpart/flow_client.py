"""Runs an adapter's flows at a sandbox over TLS, for operations that are compared one by one."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
from sandboxes import Served

from openbroker.registry import adapter_for
from openbroker.schemas import Instrument, Session
from openbroker.transport.messages import Flow, Reply, Request

T = TypeVar("T")


class FlowClient:
    """An adapter with a session at a sandbox.

    Attributes:
        adapter: the broker's, moved to the sandbox.
        session: a live one.
    """

    def __init__(self, place: Served, session: Session, http: httpx.Client) -> None:
        self.adapter = adapter_for(place.sandbox.dialect).at(place.facts["url"])
        self.session = session
        self._market = place.sandbox.exchange.market
        self._http = http

    def instrument(self, symbol: str) -> Instrument:
        found = self._market.symbol(symbol)
        assert found is not None, symbol
        return found

    def __call__(self, operation: str, *arguments: Any, **named: Any) -> Any:
        """The result of the adapter's operation of that name."""
        return self.run(getattr(self.adapter, operation)(self.session, *arguments, **named))

    def run(self, flow: Flow[T]) -> T:
        reply: Reply | None = None
        while True:
            try:
                request = next(flow) if reply is None else flow.send(reply)
            except StopIteration as end:
                result: T = end.value
                return result
            reply = self._exchange(request)

    def _exchange(self, request: Request) -> Reply:
        answer = self._http.request(
            request.method, request.url, headers=dict(request.headers), content=request.content
        )
        return Reply(
            status=answer.status_code,
            headers=dict(answer.headers),
            content=answer.content,
            received_at=dt.datetime.now(dt.UTC),
        )


@contextmanager
def flow_client(place: Served, session: Session) -> Iterator[FlowClient]:
    context = ssl.create_default_context(cafile=place.facts["ca_file"])
    with httpx.Client(verify=context, trust_env=False) as http:
        yield FlowClient(place, session, http)
