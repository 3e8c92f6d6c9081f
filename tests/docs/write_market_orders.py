"""Writes the table of ``docs/market-orders.md``: ``python tests/docs/write_market_orders.py``.

Each adapter is asked for the request of a market order with each protection; what it refuses is
refused before anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from openbroker.adapters.base import Adapter
from openbroker.errors import Unsupported
from openbroker.registry import BUILT_IN, adapter_for
from openbroker.schemas import Instrument, InstrumentType, OrderRequest
from openbroker.testing.cases import World

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "market-orders.md"
BEGIN = "<!-- table: python tests/docs/write_market_orders.py -->\n"
END = "<!-- end of table -->\n"

PROTECTIONS: Final = {"nothing": None, '`"broker"`': "broker", "a percentage": 2}
TYPES: Final = ("MARKET", "SL-M")


def takes(adapter: Adapter, order_type: str, protection: Any) -> bool:
    """Whether a share's order of that type leaves with that protection."""
    world = World.read(TESTS / "cases" / adapter.name, adapter.name)
    share = next(i for i in world.instruments.values() if is_share(i))
    order = OrderRequest(
        symbol=share.symbol,
        instrument=share,
        side="BUY",
        quantity=1,
        product="MIS",
        order_type=order_type,
        trigger_price="100" if order_type == "SL-M" else None,
        market_protection=protection,
        wire_tag="abcd1234",
    )
    try:
        next(adapter.place_order(world.session, order))
    except Unsupported:
        return False
    return True


def is_share(instrument: Instrument) -> bool:
    return instrument.type is InstrumentType.EQUITY and instrument.exchange == "NSE"


def cell(adapter: Adapter, order_type: str) -> str:
    """What may be said of the protection, or that no such order is taken."""
    words = [name for name, value in PROTECTIONS.items() if takes(adapter, order_type, value)]
    return ", ".join(words) or "not taken: `AsLimit`"


def rows() -> Iterator[str]:
    yield "| broker | MARKET with | SL-M with |"
    yield "|---|---|---|"
    for name in BUILT_IN:
        if name != "sandbox":
            adapter = adapter_for(name)
            cells = " | ".join(cell(adapter, kind) for kind in TYPES)
            yield f"| {adapter.title} | {cells} |"


def written(page: str) -> str:
    """The page with its table brought up to date."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "\n".join(rows())
    return f"{before}{BEGIN}\n{table}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
