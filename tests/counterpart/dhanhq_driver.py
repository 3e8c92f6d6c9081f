"""Drives Dhan's official client from outside, one JSON line a call (see :mod:`staying_here`).

The client is used as it comes.  It has no option for its address, so the class attributes that hold
its addresses are set: ``API_BASE_URL`` and ``AUTH_BASE_URL`` of ``DhanLogin``, ``API_BASE_URL`` of
``DhanHTTP``, ``COMPACT_CSV_URL`` of ``Security``.  Its browser login opens a browser, which here
opens nothing.

Calls are the methods of ``dhanhq`` and of ``DhanLogin``, whose names differ.

Usage: ``python dhanhq_driver.py URL CLIENT_ID`` with ``REQUESTS_CA_BUNDLE`` naming the certificates
to trust, in a temporary folder, since the client writes the instruments there.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from staying_here import serve


class Client:
    """Both of the client's classes for one account."""

    def __init__(self, url, client_id):
        import webbrowser

        import dhanhq

        self.addresses_as_published = [
            dhanhq.DhanHTTP.API_BASE_URL, dhanhq.DhanLogin.API_BASE_URL,
            dhanhq.DhanLogin.AUTH_BASE_URL, dhanhq.Security.COMPACT_CSV_URL,
        ]  # fmt: skip
        dhanhq.DhanHTTP.API_BASE_URL = dhanhq.DhanLogin.API_BASE_URL = url + "/v2"
        dhanhq.DhanLogin.AUTH_BASE_URL = url
        path = dhanhq.Security.COMPACT_CSV_URL.partition("images.dhan.co")[2]
        dhanhq.Security.COMPACT_CSV_URL = url + path
        webbrowser.open = lambda address: True
        self.module = dhanhq
        self.client_id = client_id
        self.parts = [dhanhq.DhanLogin(client_id)]

    def addresses(self):
        """Those that it was published with."""
        return self.addresses_as_published

    def set_access_token(self, token):
        """Its users give the token where they make the client."""
        context = self.module.DhanContext(self.client_id, token)
        self.parts = [self.module.dhanhq(context), context.get_dhan_login()]

    def fetch_security_list(self):
        """It returns a pandas frame; its columns are enough to see that it read the file."""
        return list(self.parts[0].fetch_security_list().columns)

    def __getattr__(self, name):
        return next(getattr(part, name) for part in self.parts if hasattr(part, name))


if __name__ == "__main__":
    serve(Client)
