"""The tour: a short script that is shown while it runs.

The lines below are executed one by one; each is printed with what it gave.  What the demo prints at
the end as *the script* is exactly what it has run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any, Final

from openbroker.demo.server import Server
from openbroker.errors import OpenBrokerError

SCRIPT: Final = """\
import openbroker as ob
broker = ob.connect("angelone", base_url=url, ca_file=ca_file, **credentials)
broker.profile()
broker.quotes(["NSE:INFY", "NSE:SBIN", "NSE_INDEX:NIFTY"])
broker.option_chain("NIFTY", strikes=2)
ack = broker.place_order("NSE:INFY", "BUY", 10, order_type="MARKET", product="MIS", tag="tour")
low = broker.quote("NSE:SBIN").low - 5
bid = broker.place_order("NSE:SBIN", "BUY", 5, order_type="LIMIT", price=low, product="MIS")
broker.modify_order(bid, quantity=8)
broker.cancel_order(bid)
broker.orders()
broker.positions()
broker.square_off()
broker.positions()
"""

MISTAKES: Final = """\
broker.place_order("NSE:INFI", "BUY", 10, order_type="MARKET", product="MIS")
broker.place_order("NSE:INFY", "BUY", 10, order_type="LIMITT", product="MIS")
broker.place_order("NSE:INFY", "BUY", 10, order_type="LIMIT", price=1500.03, product="MIS")
"""

Say = Callable[[str], None]


def run(script: str, names: dict[str, Any], say: Say) -> None:
    """Execute the script line by line, saying each line and what it gave."""
    for line in script.splitlines():
        say(f"\n>>> {line}")
        try:
            for text in _execute(line, names):
                say(text)
        except OpenBrokerError as error:
            say(f"{type(error).__name__}: {error}")


def _execute(line: str, names: dict[str, Any]) -> Iterator[str]:
    """Run one line; an expression's value, or what a name was given, is shown."""
    statement = ast.parse(line).body[0]
    if isinstance(statement, ast.Expr):
        value = eval(compile(line, "<tour>", "eval"), names)  # noqa: S307  the constants above
        if value is not None:
            yield _shown(value)
        return
    exec(compile(line, "<tour>", "exec"), names)  # noqa: S102  the constants above
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        yield _shown(names[statement.targets[0].id])


def _shown(value: object) -> str:
    """Records as their small table, everything else as its ``repr``."""
    return str(value) if hasattr(value, "COLUMNS") else repr(value)


def names_for(server: Server) -> dict[str, Any]:
    """The names that the script may use without defining them."""
    return {
        "url": server.url,
        "ca_file": server.ca_file,
        "credentials": server.credentials,
    }
