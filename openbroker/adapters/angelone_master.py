"""Angel One's instrument master: one JSON array of about 155,000 flat rows, every value a string.

Source: smartapi.angelone.in/docs, page Instruments, and the published
``OpenAPIScripMaster.json``; read in 2026.  What the page gets wrong is settled by the file:
``exch_seg`` is ``NSE``, not ``nse_cm``.

The traps of it, each handled here and nowhere else:

* a token is unique only within its ``exch_seg``;
* strikes are paise, in currency derivatives ten-millionths of a rupee; equities carry -1;
* tick sizes are paise in every segment;
* the symbols of NFO, BFO and MCX follow different patterns (``SENSEX25OCTFUT``), so the common
  symbol is built from the fields, and only CE or PE is read from the symbol's last two letters;
* index rows (type ``AMXIDX``) sit in NSE, BSE and MCX under names like ``Nifty Fin Service``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Final

from openbroker.adapters.masters import Listed, Units
from openbroker.adapters.smartapi_master import MasterReader, MasterRow
from openbroker.schemas import Exchange

UNITS: Final = Units(
    strike={
        Exchange.NFO: 100,
        Exchange.BFO: 100,
        Exchange.MCX: 100,
        Exchange.NCDEX: 100,
        Exchange.CDS: 10_000_000,
    },
    tick=dict.fromkeys(
        (
            Exchange.NSE, Exchange.BSE, Exchange.NFO, Exchange.BFO, Exchange.MCX, Exchange.NCDEX,
            Exchange.CDS,
        ),
        100,
    ),
)  # fmt: skip
"""Quantities are units everywhere. For MCX the vendor's page does not say; units is what published
clients send (CRUDEOIL's lot is 100 in the master), so it is a setting of the adapter."""


class AngelOneMaster(MasterReader):
    """Angel One's rows, told apart by the first three letters of their type: AMXIDX, FUTSTK, ..."""

    units: ClassVar[Units] = UNITS
    segments: ClassVar[Mapping[str, Exchange]] = {
        exchange.value: exchange for exchange in UNITS.tick
    }

    def __init__(self) -> None:
        self._readers: Mapping[str, Callable[[MasterRow, Exchange], Listed]] = {
            "": self.cash,
            "AMX": self.index,
            "FUT": self.future,
            "OPT": self.option,
        }

    def reader_of(self, row: MasterRow) -> Callable[[MasterRow, Exchange], Listed] | None:
        return self._readers.get(row["instrumenttype"][:3])


_READER: Final = AngelOneMaster()


def instruments(content: bytes) -> Iterator[Listed]:
    """The master's rows, lazily.

    Raises:
        MalformedReply: on iteration, where the content is no such master.
    """
    return _READER.instruments(content)
