"""Drives the Noren system's official clients from outside, one JSON line a call (see
:mod:`staying_here`).

NorenRestApiPy and NorenRestApiOAuth share the name of their module and its methods, so one driver
serves both, each in its own environment.  The client is used as it comes, with its own argument
``host=`` for the address; its stream is never started.

Usage: ``python norenapi_driver.py URL API_KEY`` with ``REQUESTS_CA_BUNDLE`` naming the certificates
to trust.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from staying_here import serve


def make_client(url, api_key):
    from NorenRestApiPy.NorenApi import NorenApi

    return NorenApi(host=url, websocket=url)


if __name__ == "__main__":
    serve(make_client)
