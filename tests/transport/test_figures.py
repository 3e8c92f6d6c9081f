"""Latency tables, spans and the probe."""

from __future__ import annotations

import asyncio
import datetime as dt
import math

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from openbroker.errors import NoReply
from openbroker.transport.latency import KEPT, Latency, percentile
from openbroker.transport.messages import Phase, Reply, Request, Timings, TransportFailure
from openbroker.transport.probe import probe
from openbroker.transport.tracing import exchange_tracer
from tests.transport.desk import order, serving, trading

NOW = dt.datetime(2026, 11, 20, 9, 15, tzinfo=dt.UTC)
REQUEST = Request(method="GET", url="https://broker.example/book?secret=1", operation="orders")


def reply(total: float, *, reused: bool = True) -> Reply:
    return Reply(status=200, received_at=NOW, timings=Timings(total=total, reused=reused))


def test_percentiles_are_values_that_occurred() -> None:
    values = [n / 1000 for n in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.9, 0.99, 1.0)] == [50, 90, 99, 100]
    assert percentile([0.007], 0.5) == 7.0
    assert math.isnan(percentile([], 0.5))


def test_counts_are_exact_and_memory_is_bounded() -> None:
    latency = Latency()
    for n in range(KEPT * 3):
        latency.record(REQUEST, reply(n / 1000))
    latency.record(REQUEST, reply(0.5, reused=False))
    latency.record(REQUEST, TransportFailure(phase=Phase.WAIT, handed_over=True, cause="reset"))
    rows = {(row.connection, row.phase): row for row in latency.table()}
    total = rows["reused", "total"]
    assert total.count == KEPT * 3
    assert total.highest == KEPT * 3 - 1
    assert ("reused", "tls") not in rows
    assert rows["new", "tls"].count == 1
    assert rows["new", "total"].failed == 1
    frame = latency.table().to_pandas()
    assert set(frame["operation"]) == {"orders"}
    latency.clear()
    assert len(latency.table()) == 0


async def test_spans_tell_what_happened_and_no_secret() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with serving() as (server, _), trading(server) as transport:
        transport.on_exchange.append(exchange_tracer(provider))
        with provider.get_tracer("test").start_as_current_span("strategy") as parent:
            await transport.exchange(order(server.url, url=server.url + "/order?key=CANARY"))
            server.faults.add("reset-after-booking")
            await transport.exchange(order(server.url))
            await asyncio.sleep(0)
    good, bad, _ = exporter.get_finished_spans()
    assert good.parent is not None
    assert good.parent.span_id == parent.get_span_context().span_id
    assert good.attributes is not None
    assert good.attributes["http.response.status_code"] == 200
    assert good.attributes["openbroker.operation"] == "place_order"
    assert good.start_time is not None
    assert good.end_time is not None
    assert good.end_time > good.start_time
    assert bad.attributes is not None
    assert bad.attributes["openbroker.handed_over"] is True
    assert not bad.status.is_ok
    assert "CANARY" not in good.to_json() + bad.to_json()


async def test_the_probe_compares_protocols_and_warmth() -> None:
    async with serving(round_trip=0.02) as (server, _):
        rows = await probe(server.url, samples=2, ca_file=server.ca_file)
        kinds = [(row.protocol, row.connection) for row in rows]
        assert kinds == [
            ("HTTP/1.1", "new"),
            ("HTTP/1.1", "kept"),
            ("HTTP/2", "new"),
            ("HTTP/2", "kept"),
        ]
        assert rows[0].tls > 20
        assert rows[1].tls == 0
        assert rows[0].total > rows[1].total >= 20


async def test_the_probe_says_why_it_cannot() -> None:
    with pytest.raises(NoReply, match="connect"):
        await probe("https://127.0.0.1:1", samples=1)
