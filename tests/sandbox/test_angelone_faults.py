"""The broker's ways of failing, on request; and the sandbox behind its wire."""

from __future__ import annotations

import asyncio
import json
import ssl

import httpx
import pytest
from floor import INFY, ORDER, Caller, still_sandbox
from write_fault_list import PAGE, fault_list

from openbroker.errors import ConfigError
from openbroker.sandbox import serve
from openbroker.sandbox.angelone.faults import SHAPES, order_tag
from openbroker.sandbox.angelone.front import MASTER_PATH
from openbroker.sandbox.book_faults import BOOK_FAULTS
from openbroker.sandbox.control import Control
from openbroker.sandbox.fault_table import Stage

PLACE = f"{ORDER}/placeOrder"
BOOK = f"{ORDER}/getOrderBook"


@pytest.fixture
def caller():
    return Caller(still_sandbox())


def failed(caller, name, **options):
    caller.sandbox.faults.add(name, path="placeOrder", times=1, **options)
    body = INFY | {
        "variety": "NORMAL", "transactiontype": "BUY", "ordertype": "LIMIT", "quantity": "1",
        "producttype": "DELIVERY", "duration": "DAY", "price": "1450",
    }  # fmt: skip
    return caller.http.post(PLACE, json=body)


SHAPE_FACTS = {
    "shape-a": (200, "application/json"),
    "shape-b": (200, "application/json"),
    "shape-c": (200, "application/json"),
    "shape-d": (403, "text/plain"),
    "shape-e": (429, "text/plain"),
    "shape-f": (403, "application/json"),
    "shape-g": (200, "text/html"),
    "shape-h": (200, ""),
    "shape-i": (502, "text/html"),
    "shape-j": (400, "application/json"),
}


BEFORE_THE_ORDER_SYSTEM = ("shape-c", "shape-d", "shape-e", "shape-f")


@pytest.mark.parametrize("name", SHAPE_FACTS)
@pytest.mark.parametrize("booked", [False, True])
def test_the_ten_shapes(caller, name, booked):
    if booked and name in BEFORE_THE_ORDER_SYSTEM:
        assert f"{name}-booked" not in caller.sandbox.faults.table
        return
    status, kind = SHAPE_FACTS[name]
    reply = failed(caller, name + "-booked" * booked)
    assert reply.status_code == status
    assert kind in reply.headers.get("content-type", "")
    assert len(caller.sandbox.book()) == booked
    assert [entry.booked for entry in caller.sandbox.faults.log] == [booked]
    if "json" in kind:
        reply.json()


def test_shapes_a_b_and_c_in_detail(caller):
    a = failed(caller, "shape-a", code="AB2001", message="Internal Error").json()
    assert a == {
        "status": False, "message": "Internal Error", "errorcode": "AB2001", "data": None,
    }  # fmt: skip
    b = failed(caller, "shape-b").json()
    assert (b["status"], b["data"]) == ("false", "null")
    c = failed(caller, "shape-c", code="AG7002", message="Unregistered IP").json()
    assert "status" not in c
    assert (c["success"], c["errorCode"]) == (False, "AG7002")


def test_the_log_names_the_orders_it_hit(caller):
    caller.sandbox.faults.add("shape-h-booked", times=1)
    caller.http.post(PLACE, json={"ordertag": "ob1"})
    assert [entry.key for entry in caller.sandbox.faults.log] == ["ob1"]
    for body in (b"[]", b"{", b'{"ordertag": 5}', b"[" * 10**5):
        assert order_tag(httpx.Request("POST", f"https://x{PLACE}", content=body)) is None
    assert order_tag(httpx.Request("GET", f"https://x{BOOK}")) is None


def test_every_fault_has_a_name_and_a_line():
    names = still_sandbox().faults.table
    assert set(SHAPES) | set(BOOK_FAULTS) | {"token-death", "rate-burst"} <= set(names)
    assert all(fault.description for fault in names.values())
    assert {fault.stage for fault in BOOK_FAULTS.values()} == {Stage.BOOK}
    with pytest.raises(ConfigError, match="did you mean shape-a or shape-j"):
        still_sandbox().faults.add("shape_a")


def test_token_death_holds_until_the_next_login(caller):
    caller = Caller(still_sandbox(reuse_totp=True))
    assert failed(caller, "token-death").json()["errorCode"] == "AG8001"
    assert caller.get(BOOK)["errorCode"] == "AG8001"
    caller.use(caller.login().json()["data"]["jwtToken"])
    assert caller.book() == []


def test_a_rate_burst_lasts_its_seconds():
    now = [0.0]
    caller = Caller(still_sandbox(monotonic=lambda: now[0], reuse_totp=True))
    assert failed(caller, "rate-burst", seconds=3).status_code == 403
    assert caller.http.get(BOOK).status_code == 403
    now[0] = 3.1
    assert caller.http.get(BOOK).status_code == 200


# the book


def ids(caller):
    return [row["orderid"] for row in caller.book()]


def test_a_lagging_book_shows_orders_later(caller):
    caller.sandbox.faults.add("book-lag", seconds=5)
    placed = caller.place()["data"]["orderid"]
    assert ids(caller) == []
    caller.sandbox.clock.advance(4)
    assert ids(caller) == []
    caller.sandbox.clock.advance(1)
    assert ids(caller) == [placed]
    assert len(caller.sandbox.book()) == 1, "the truth never lags"


def test_a_stale_book_is_the_one_read_before(caller):
    first = caller.place()["data"]["orderid"]
    assert ids(caller) == [first]
    caller.place()
    rule = caller.sandbox.faults.add("stale-book")
    assert ids(caller) == [first]
    caller.sandbox.faults.remove(rule)
    assert len(ids(caller)) == 2


def test_a_partial_book_lacks_rows(caller):
    for _ in range(40):
        caller.place(quantity="1")
    caller.sandbox.faults.add("partial-book", share=0.5)
    seen = {len(ids(caller)) for _ in range(5)}
    assert all(8 <= count <= 32 for count in seen)
    assert len(seen) > 1


def test_an_empty_book_is_null_and_trades_may_be_hit_alone(caller):
    caller.place(ordertype="MARKET")
    caller.sandbox.faults.add("empty-book", path="getTradeBook")
    assert caller.get(f"{ORDER}/getTradeBook")["data"] is None
    assert len(ids(caller)) == 1


# the back door


def test_faults_are_switched_from_outside(caller):
    door = Control(caller.sandbox)

    def ask(method, path, body=None, status=200):
        reply = door(httpx.Request(method, f"http://x{path}", json=body))
        assert reply.status_code == status, reply.text
        return reply.json()

    assert "reset-after-booking" in ask("GET", "/faults")["known"]
    rules = ask("POST", "/faults", {"fault": "shape-d", "path": "placeOrder", "times": 1})["rules"]
    assert rules == [
        {"fault": "shape-d", "probability": 1.0, "path": "placeOrder", "times": 1, "done": 0}
    ]
    assert caller.http.post(PLACE, json={}).status_code == 403
    assert ask("GET", "/faults")["log"] == [{"fault": "shape-d", "path": PLACE, "booked": False}]
    assert ask("DELETE", "/faults")["rules"] == []
    for wrong in ({"fault": "x"}, {}, {"fault": "shape-d", "nonsense": 1}, [1]):
        assert "error" in ask("POST", "/faults", wrong, status=400)

    caller.place()
    assert [row["status"] for row in ask("GET", "/book")] == ["OPEN"]
    ask("POST", "/price", {"symbol": "NSE:INFY", "price": "1440"})
    assert [row["status"] for row in ask("GET", "/book")] == ["FILLED"]
    assert ask("POST", "/clock", {"seconds": 60})["now"] == "2026-11-20T10:01:00+05:30"
    assert ask("POST", "/clock", {"seconds": -1}, status=400)
    assert ask("POST", "/price", {"symbol": "NSE:X", "price": "1"}, status=400)
    assert ask("POST", "/price", {"symbol": "NSE:INFY", "price": "x"}, status=400)
    ask("POST", "/tokens", {"do": "expire"})
    assert caller.get(BOOK)["errorCode"] == "AG8002"
    ask("POST", "/tokens", {"do": "invalidate"})
    assert caller.get(BOOK)["errorCode"] == "AG8001"
    ask("POST", "/tokens", {"do": "x"}, status=400)
    ask("PUT", "/book", status=404)


# behind the wire


def test_served_over_tls_beside_the_truth():
    asyncio.run(_served())


async def _served():
    sandbox = still_sandbox()
    async with serve(sandbox, latency=0.001) as facts:
        assert facts.keys() == {"url", "ca_file", "book_url", "credentials"}
        assert json.loads(json.dumps(facts)) == facts
        context = ssl.create_default_context(cafile=facts["ca_file"])
        async with httpx.AsyncClient(verify=context, base_url=facts["url"]) as http:
            reply = await http.get(MASTER_PATH)
            assert len(reply.json()) > 600
        async with httpx.AsyncClient() as http:
            assert (await http.get(facts["book_url"])).json() == []
            assert (await http.get(facts["book_url"] + "x")).status_code == 404
    assert facts["credentials"] == sandbox.credentials


def test_a_plan_rules_the_books_behind_the_wire_too():
    asyncio.run(_books_behind_the_wire())


async def _books_behind_the_wire():
    sandbox = still_sandbox()
    caller = Caller(sandbox)
    caller.place()
    sandbox.faults.add("empty-book")
    async with serve(sandbox) as facts:
        context = ssl.create_default_context(cafile=facts["ca_file"])
        headers = dict(caller.http.headers)
        headers.pop("host", None)
        async with httpx.AsyncClient(verify=context, headers=headers) as http:
            reply = await http.get(facts["url"] + BOOK)
    assert reply.json()["data"] is None


def test_the_page_lists_every_fault():
    page = PAGE.read_text(encoding="utf-8")
    assert fault_list() in page, "run python tests/sandbox/write_fault_list.py"
