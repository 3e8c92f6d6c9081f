"""OpenTelemetry spans, one an exchange (extra ``otel``).

A span is made after its exchange ended, with the times that were measured anyway, so tracing adds
nothing to an order's way.  Names follow the semantic conventions for HTTP clients; nothing that may
hold a secret (headers, bodies, query strings) becomes an attribute.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from openbroker.transport.messages import Reply, Request, TransportFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import Span, TracerProvider


def exchange_tracer(
    provider: TracerProvider | None = None,
) -> Callable[[Request, Reply | TransportFailure], None]:
    """A hook for ``Transport.on_exchange`` that makes a span of every exchange.

    Args:
        provider: where spans go; by default OpenTelemetry's global provider.
    """
    from opentelemetry import trace

    tracer = trace.get_tracer("openbroker", tracer_provider=provider)

    def on_exchange(request: Request, outcome: Reply | TransportFailure) -> None:
        end = time.time_ns()
        span = tracer.start_span(
            f"{request.method} {request.operation}",
            kind=trace.SpanKind.CLIENT,
            start_time=end - round(outcome.timings.total * 1e9),
        )
        _describe_request(span, request)
        _describe_outcome(span, outcome)
        if isinstance(outcome, TransportFailure):
            span.set_status(trace.StatusCode.ERROR, outcome.cause)
        span.end(end)

    return on_exchange


def _describe_request(span: Span, request: Request) -> None:
    parts = urlsplit(request.path)
    span.set_attribute("http.request.method", request.method)
    span.set_attribute("server.address", parts.hostname or "")
    if parts.port is not None:
        span.set_attribute("server.port", parts.port)
    span.set_attribute("url.path", parts.path)
    span.set_attribute("openbroker.operation", request.operation)
    span.set_attribute("openbroker.effect", request.effect.value)


def _describe_outcome(span: Span, outcome: Reply | TransportFailure) -> None:
    timings = outcome.timings
    span.set_attribute("openbroker.connection.reused", timings.reused)
    for phase in ("queue", "dns", "connect", "tls", "write", "first_byte"):
        span.set_attribute(f"openbroker.{phase}_ms", getattr(timings, phase) * 1000)
    if isinstance(outcome, Reply):
        span.set_attribute("http.response.status_code", outcome.status)
        span.set_attribute("network.protocol.version", timings.protocol.partition("/")[2])
    else:
        span.set_attribute("error.type", outcome.phase.value)
        span.set_attribute("openbroker.handed_over", outcome.handed_over)
