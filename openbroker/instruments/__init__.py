"""The instrument master: one symbology, every broker's tokens.

``store`` holds one broker's instruments of one day and answers every look-up; ``build`` writes it
from a stream of rows; ``search`` reads what people type; ``chains`` knows expiries, strikes and
option chains, ``twins`` the same instrument at another broker; ``loader`` fetches the master once a
day and keeps the last good one; ``freeze`` has the exchanges' published limits.  Reading a broker's
own file is the adapter's business.
"""

from openbroker.instruments.store import InstrumentStore, Reference

__all__ = ["InstrumentStore", "Reference"]
