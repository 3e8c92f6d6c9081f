"""Drives mStock's official client of Type B from outside, one JSON line a call (see
:mod:`staying_here`).

The client is used as it comes.  It has no option for its address: ``default_root_uri`` of its
``__config__`` is set.  Its own option ``disable_ssl=False`` turns on the verification that it
leaves off.  It writes ``mconnect.log`` into the temporary folder that it runs in.

A call is answered with the HTTP status, for the client's methods return whole responses.  The calls
that make a session go to a client that has none yet, as its README has it.

Usage: ``python mstockapi_driver.py URL API_KEY`` with ``REQUESTS_CA_BUNDLE`` naming the
certificates to trust.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from staying_here import serve

SESSION_CALLS = ("login", "generate_session", "verify_totp")


class Client:
    """``MConnectB``, with a session and without one."""

    def __init__(self, url, api_key):
        from tradingapi_b import __config__, mconnect

        __config__.default_root_uri = url + "/"
        self.make = mconnect.MConnectB
        self.model = self.make(api_key=api_key, disable_ssl=False)

    def set_access_token(self, token):
        self.model.set_access_token(token)

    def __getattr__(self, name):
        model = self.make(disable_ssl=False) if name in SESSION_CALLS else self.model
        return lambda *given, **named: getattr(model, name)(*given, **named).status_code


if __name__ == "__main__":
    serve(Client)
