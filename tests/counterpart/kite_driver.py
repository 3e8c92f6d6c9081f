"""Drives Zerodha's official client from outside, one JSON line a call (see :mod:`staying_here`).

The client is used as it comes, with its own argument ``root=`` for the address.

Usage: ``python kite_driver.py URL API_KEY`` with ``REQUESTS_CA_BUNDLE`` naming the certificates to
trust.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from staying_here import serve


def make_client(url, api_key):
    from kiteconnect import KiteConnect

    return KiteConnect(api_key, root=url)


if __name__ == "__main__":
    serve(make_client)
