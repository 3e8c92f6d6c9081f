"""The sandbox's back door: plain HTTP beside the broker's address, for tests and campaigns.

==========================  ====================================================================
``GET /book``               the truth about every order that was booked, oldest first
``GET /faults``             the faults by name, the rules in force, what was done
``POST /faults``            add a rule: ``{"fault": NAME, "probability": 0.1, "path": "...",
                            "method": "...", "times": 3, ...}``, further keys are the fault's own
``DELETE /faults``          drop every rule
``GET /clock``              ``{"now": ...}``, the sandbox's time
``POST /clock``             ``{"seconds": 60}``: jump forward
``POST /price``             ``{"symbol": "NSE:INFY", "price": "1490"}``: move an underlying there
``POST /tokens``            ``{"do": "expire"}`` or ``{"do": "invalidate"}``: end every session
==========================  ====================================================================

What cannot be understood is answered with 400 and ``{"error": ...}``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import httpx

from openbroker.errors import OpenBrokerError

if TYPE_CHECKING:
    from openbroker.sandbox.sandbox import Sandbox

Body = dict[str, Any]


class Control:
    """Call it with a request; see the module."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._routes: Mapping[tuple[str, str], Callable[[Body], Any]] = {
            ("GET", "/book"): lambda _: sandbox.book(),
            ("GET", "/faults"): self._faults,
            ("POST", "/faults"): self._add_fault,
            ("DELETE", "/faults"): self._clear_faults,
            ("GET", "/clock"): self._clock,
            ("POST", "/clock"): self._advance,
            ("POST", "/price"): self._move,
            ("POST", "/tokens"): self._end_tokens,
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        call = self._routes.get((request.method, request.url.path))
        if call is None:
            return httpx.Response(404, json={"error": "no such path or method"})
        try:
            return httpx.Response(200, json=call(_body(request)))
        except (OpenBrokerError, ValueError, TypeError, InvalidOperation) as error:
            return httpx.Response(400, json={"error": str(error) or type(error).__name__})
        except KeyError as error:
            return httpx.Response(400, json={"error": f"{error} is missing or unknown"})

    def _faults(self, _: Body) -> Body:
        plan = self._sandbox.handler.faults
        return {
            "known": {name: fault.description for name, fault in sorted(plan.table.items())},
            "rules": [
                {
                    "fault": rule.fault.name,
                    "probability": rule.probability,
                    "path": rule.path,
                    "times": rule.times,
                    "done": rule.done,
                }
                for rule in plan.rules
            ],
            "log": [
                {"fault": entry.fault, "path": entry.path, "booked": entry.booked}
                for entry in plan.log
            ],
        }

    def _add_fault(self, body: Body) -> Body:
        self._sandbox.handler.faults.add(body.pop("fault"), **body)
        return self._faults({})

    def _clear_faults(self, _: Body) -> Body:
        self._sandbox.handler.faults.clear()
        return self._faults({})

    def _clock(self, _: Body) -> Body:
        return {"now": self._sandbox.clock.now().isoformat()}

    def _advance(self, body: Body) -> Body:
        self._sandbox.clock.advance(float(body["seconds"]))
        return self._clock({})

    def _move(self, body: Body) -> Body:
        self._sandbox.exchange.move_price(body["symbol"], Decimal(str(body["price"])))
        return {}

    def _end_tokens(self, body: Body) -> Body:
        sessions = self._sandbox.sessions
        {"expire": sessions.expire, "invalidate": sessions.invalidate}[body["do"]]()
        return {}


def _body(request: httpx.Request) -> Body:
    body = json.loads(request.content or b"{}")
    if not isinstance(body, dict):
        raise TypeError("the body has to be a JSON object")
    return body
