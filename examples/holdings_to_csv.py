"""Write the holdings to a CSV file that opens in a spreadsheet.

    python examples/holdings_to_csv.py                                # to the screen
    python examples/holdings_to_csv.py --output holdings.csv
    python examples/holdings_to_csv.py --broker angelone --output holdings.csv

It only reads; no order is placed.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path
from typing import TextIO

import openbroker as ob

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> object:
    """The value, as text where a spreadsheet would take it for a formula.

    A name that begins with ``=`` or ``@`` is run by Excel when the file is opened; a quote in front
    keeps it text. Figures are left alone, so that -5 stays a number.
    """
    if isinstance(value, str) and value.startswith(STARTS_A_FORMULA):
        return f"'{value}"
    return value


def write(holdings: ob.Table[ob.Holding], file: TextIO) -> None:
    writer = csv.DictWriter(file, holdings.kind.field_names())
    writer.writeheader()
    # A figure that the broker did not give is None and becomes an empty cell, never a 0 that would
    # count in a sum.
    for row in holdings.to_records():
        writer.writerow({name: cell(value) for name, value in row.items()})


def main(broker_name: str = "sandbox", output: Path | None = None) -> None:
    with ob.connect(broker_name) as broker:
        holdings = broker.holdings()
    if output is None:
        write(holdings, sys.stdout)
        return
    # utf-8-sig is what makes Excel read names with accents; newline="" is what csv asks for.
    with output.open("w", encoding="utf-8-sig", newline="") as file:
        write(holdings, file)
    print(f"{len(holdings)} holdings in {output}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the holdings to a CSV file.")
    parser.add_argument("--broker", default="sandbox", help="a name of `openbroker brokers`")
    parser.add_argument("--output", type=Path, help="a file; the screen by default")
    arguments = parser.parse_args()
    main(arguments.broker, arguments.output)
