"""What each broker offers and how that was checked, as a table for README.

``python -m openbroker.capability_table`` prints it; with a file's name it writes it there, between
the markers ``<!-- brokers -->`` and ``<!-- /brokers -->``.  What is offered follows from the
adapters.  How it was checked is data, here and nowhere else: :data:`CLIENTS` names the official
clients with which requests are compared one by one, :data:`TRIED_LIVE` the brokers at which
somebody has traded with openbroker.  What is in neither was written from documentation alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from openbroker.adapters.base import OCO, Adapter
from openbroker.registry import BUILT_IN, adapter_for

START: Final = "<!-- brokers -->\n"
END: Final = "<!-- /brokers -->\n"


@frozen(kw_only=True)
class OfficialClient:
    """A broker's own client, and where its recorded requests lie under tests/counterpart.

    Attributes:
        whose: the broker's own, or that of the order system that several brokers run.
        without: operations that the adapter has and the client has no call for.
    """

    name: str
    version: str
    folder: str
    without: Sequence[str] = ()
    whose: str = "its own"


_RULES: Final = ("place_gtt", "modify_gtt", "cancel_gtt", "gtt", "gtts")


def _noren(name: str, version: str, folder: str, *more: str) -> OfficialClient:
    return OfficialClient(
        name=name, version=version, folder=folder, without=more, whose="its system's"
    )


def _bearer(*more: str) -> OfficialClient:
    return _noren("NorenRestApiOAuth", "0.0.41", "norenapioauth", *more)


CLIENTS: Final[Mapping[str, OfficialClient]] = {
    "angelone": OfficialClient(name="smartapi-python", version="1.5.5", folder="smartapi"),
    "dhan": OfficialClient(name="dhanhq", version="2.3.0", folder="dhanhq"),
    "flattrade": _noren(
        "NorenRestApiPy", "0.0.22", "norenapi", "login", "profile", "margin", *_RULES
    ),
    "fyers": OfficialClient(
        name="fyers-apiv3", version="3.2.0", folder="fyersapi", without=("renew", "margin")
    ),
    "mstock": OfficialClient(name="mStock-TradingApi-B", version="1.0.5", folder="mstockapi"),
    "shoonya": _bearer("profile", "margin", *_RULES),
    "tradesmart": _bearer("profile", "margin"),
    "upstox": OfficialClient(name="upstox-python-sdk", version="2.30.0", folder="upstoxsdk"),
    "zebu": _bearer("renew", "profile", *_RULES),
    "zerodha": OfficialClient(name="kiteconnect", version="5.2.2", folder="kite"),
}
TRIED_LIVE: Final[frozenset[str]] = frozenset()
"""Empty, and it stays so until somebody has done it and says when."""

GROUPS: Final[Mapping[str, Sequence[str]]] = {
    "session": ("login", "renew", "logout", "profile"),
    "orders": ("place_order", "modify_order", "cancel_order", "orders", "order", "trades"),
    "portfolio": ("positions", "convert_position", "holdings", "funds"),
    "prices": ("quotes", "history"),
    "margin": ("margin", "charges"),
    "GTT": ("place_gtt", "modify_gtt", "cancel_gtt", "gtt", "gtts"),
}
NO_BROKERS: Final = frozenset({"sandbox"})
HEAD: Final = ("broker", "`connect()` name", *GROUPS, "checked against", "live account")


def table() -> str:
    """The whole table, in Markdown."""
    names = [name for name in BUILT_IN if name not in NO_BROKERS]
    rows = [HEAD, ("---",) * len(HEAD), *(row(adapter_for(name)) for name in names)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def row(adapter: Adapter) -> tuple[str, ...]:
    """One broker's cells."""
    offered = (cell(adapter, operations) for operations in GROUPS.values())
    live = "tried" if adapter.name in TRIED_LIVE else "never tried"
    return (adapter.title, f"`{adapter.name}`", *offered, checked_against(adapter.name), live)


def cell(adapter: Adapter, operations: Sequence[str]) -> str:
    """``yes``, ``no``, or what is missing; of rules whether they may have two legs."""
    missing = [name for name in operations if not adapter.offers(name)]
    if len(missing) == len(operations):
        return "no"
    if missing:
        return f"without {', '.join(missing)}"
    single = operations is GROUPS["GTT"] and not adapter.offers(OCO)
    return "yes, but no OCO" if single else "yes"


def checked_against(name: str) -> str:
    """The honest column: the client, and what of ours it has no call for."""
    client = CLIENTS.get(name)
    if client is None:
        return "documentation only"
    told = f"{client.whose} client, {client.name} {client.version}"
    left = ", ".join("GTT" if name == _RULES[0] else name for name in client.without
                     if name not in _RULES[1:])  # fmt: skip
    return f"{told}; documentation only: {left}" if left else told


def written_into(text: str) -> str:
    """The text with the table between its markers.

    Raises:
        ValueError: the markers are not there.
    """
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"the text lacks the markers {START.strip()} and {END.strip()}")
    return before + start + table() + end + after


def main(arguments: Sequence[str]) -> Iterator[str]:
    """Lines to print; files named are written."""
    if not arguments:
        yield table().rstrip()
    for name in arguments:
        path = Path(name)
        path.write_text(written_into(path.read_text("utf-8")), encoding="utf-8")
        yield f"{name}: the table of brokers is up to date"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in main(sys.argv[1:]))
