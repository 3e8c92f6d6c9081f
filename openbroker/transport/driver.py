"""The one driver of all flows: what stands between an adapter and the wire.

:class:`Driver` runs a flow to its result: it waits for the rate limit, exchanges each request,
tries reads again as the policy says, and turns a failure of the wire into an error that is thrown
into the flow.  It does not know what an order is; it keeps a :class:`Trace` of what was exchanged,
from which the order desk judges.
"""

from __future__ import annotations

import random
import time
from asyncio import sleep
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

import attrs
from attrs import define, field

from openbroker.errors import MalformedReply, NoReply, NotSent, Outcome, RateLimited, TransportError
from openbroker.schemas.convert import to_seconds
from openbroker.transport.messages import Effect, Flow, Phase, Reply, Request, TransportFailure
from openbroker.transport.retry import RetryPolicy

if TYPE_CHECKING:
    from openbroker.transport.exchange import Transport
    from openbroker.transport.limits import Limiter

T = TypeVar("T")
_TOO_MANY: Final = 429


@define
class Trace:
    """What a flow has exchanged so far, oldest first; an entry without an answer is under way."""

    entries: list[tuple[Request, Reply | TransportFailure | None]] = field(factory=list)
    late: Callable[[Reply], None] | None = None
    """Given an order's reply that comes after its deadline."""

    def began(self, request: Request) -> None:
        self.entries.append((request, None))

    def ended(self, answer: Reply | TransportFailure) -> None:
        self.entries[-1] = (self.entries[-1][0], answer)

    @property
    def last(self) -> tuple[Request, Reply | TransportFailure | None] | None:
        return self.entries[-1] if self.entries else None

    @property
    def may_have_changed_orders(self) -> bool:
        """Whether a byte of an order-changing request may have left this process."""
        return any(
            request.effect is Effect.ORDER
            and not (isinstance(answer, TransportFailure) and not answer.handed_over)
            for request, answer in self.entries
        )


class Driver:
    """Runs flows over one account's transport.

    Args:
        transport: the wire.
        limiter: the account's rate limits.
        asks_to_wait: whether a reply is the vendor's way of saying *too many requests*.
        policy: when reads are tried again.
    """

    def __init__(
        self,
        transport: Transport,
        limiter: Limiter,
        *,
        asks_to_wait: Callable[[Reply], bool],
        policy: RetryPolicy | None = None,
    ) -> None:
        self._transport = transport
        self._limiter = limiter
        self._asks_to_wait = asks_to_wait
        self._policy = policy or RetryPolicy()

    async def run(
        self, flow: Flow[T], *, timeout: float | None = None, trace: Trace | None = None
    ) -> T:
        """The flow's result.

        ``timeout`` is seconds for each of its exchanges, the wait for the rate limit included.

        Raises:
            OpenBrokerError: whatever the flow makes of the replies, or of the wire's failure.
        """
        trace = Trace() if trace is None else trace
        timeout = to_seconds(timeout)
        try:
            request = next(flow)
            while True:
                error, reply = await self._answer(request, timeout, trace)
                request = flow.send(reply) if reply is not None else flow.throw(_known(error))
        except StopIteration as stop:
            result: T = stop.value
            return result
        finally:
            flow.close()

    async def _answer(
        self, request: Request, timeout: float | None, trace: Trace
    ) -> tuple[TransportError | RateLimited | None, Reply | None]:
        deadline = time.monotonic() + (timeout or request.timeout or self._transport.timeout)
        try:
            answer = await self._exchange(request, deadline, trace)
        except RateLimited as limited:
            return limited, None
        if isinstance(answer, TransportFailure):
            return failure_error(answer), None
        if answer.doubt is not None:
            return MalformedReply(f"the reply may belong to another request: {answer.doubt}"), None
        return None, answer

    async def _exchange(
        self, request: Request, deadline: float, trace: Trace
    ) -> Reply | TransportFailure:
        attempt = 1
        while True:
            await self._admit(request, deadline)
            trace.began(request)
            answer = await self._sent(request, deadline, trace)
            trace.ended(answer)
            pause = self._pause(request, answer, attempt, deadline)
            if pause is None:
                return answer
            await sleep(pause)
            attempt += 1

    async def _sent(
        self, request: Request, deadline: float, trace: Trace
    ) -> Reply | TransportFailure:
        if trace.late is None or request.effect is not Effect.ORDER:
            return await self._transport.exchange(request, deadline)
        return await self._transport.exchange(request, deadline, late=trace.late)

    async def _admit(self, request: Request, deadline: float) -> None:
        wait = await self._limiter.acquire(request.bucket, deadline)
        if wait > 0:
            error = RateLimited(
                f"{request.operation} would have to wait {wait:.1f} s for the broker's rate limit",
                advice=f"Nothing was sent. Try again in {wait:.1f} s, or pass a longer timeout.",
                outcome=Outcome.NOT_SENT,
            )
            error.retry_after = wait
            raise error

    def _pause(
        self, request: Request, answer: Reply | TransportFailure, attempt: int, deadline: float
    ) -> float | None:
        if isinstance(answer, Reply) and self._asks_to_wait(answer):
            answer = attrs.evolve(answer, status=_TOO_MANY)
        return self._policy.pause(
            request,
            answer,
            attempt=attempt,
            remaining=deadline - time.monotonic(),
            chance=random.random(),  # noqa: S311  jitter, no secret
        )


_ADVICE: Final[Mapping[Phase, str]] = {
    Phase.DNS: "Nothing reached the broker. Check the network and, if you gave one, base_url.",
    Phase.CONNECT: (
        "Nothing reached the broker; it is safe to try again. Check that the network is up and "
        "that base_url, proxy and local_address, if you gave them, are right."
    ),
    Phase.TLS: (
        "Nothing reached the broker. If the server is your own (a sandbox), pass its ca_file; if "
        "not, check this computer's clock, and whether somebody stands between you and the broker."
    ),
}
"""What helps, where trying again alone does not."""


def failure_error(failure: TransportFailure) -> TransportError:
    """The error that a failed exchange is, for whoever asked."""
    if not failure.handed_over:
        return NotSent(
            f"the request did not leave ({failure.phase.value}): {failure.cause}",
            advice=_ADVICE.get(failure.phase),
        )
    return NoReply(f"no answer came ({failure.phase.value}): {failure.cause}")


def _known(error: TransportError | RateLimited | None) -> TransportError | RateLimited:
    assert error is not None, "an exchange ends with a reply or an error"
    return error
