"""Drives Angel One's official client from outside, one JSON line a call (see :mod:`staying_here`).

The client is used as it comes: only the class attribute that holds its address is set, which its
own ``individual_order_details`` reads past the ``root=`` argument.

Usage: ``python smartapi_driver.py URL API_KEY`` in a temporary folder, since the client writes
``logs/``, with ``REQUESTS_CA_BUNDLE`` naming the certificates to trust.  At import the client looks
up the machine's public address, which is refused.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from staying_here import serve


def make_client(url, api_key):
    from SmartApi import SmartConnect

    SmartConnect._rootUrl = url
    return SmartConnect(api_key=api_key, root=url)


def argument(value):
    """An argument as given; ``{"totp": secret}`` stands for the present one-time password."""
    if isinstance(value, dict) and set(value) == {"totp"}:
        import pyotp

        return pyotp.TOTP(value["totp"]).now()
    return value


if __name__ == "__main__":
    serve(make_client, argument)
