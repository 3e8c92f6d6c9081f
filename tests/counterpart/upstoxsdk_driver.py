"""Drives Upstox's official client from outside, one JSON line a call (see :mod:`staying_here`).

The client is used as it comes.  Its own options make it speak to this machine: the attributes
``host``, ``order_host`` and ``ssl_ca_cert`` of its ``Configuration``.  Both hosts are one server
under two names, so that a recording shows which of them the client chose: orders go to
``localhost``, everything else to the address of the command line.

A call is named by its class and method, ``OrderApiV3.place_order``; what the client takes as an
object of its own comes as ``{"model": "PlaceOrderV3Request", "fields": {...}}``.  Only the request
matters here, so a reply is told by no more than its arrival.

Usage: ``python upstoxsdk_driver.py URL API_KEY`` with ``REQUESTS_CA_BUNDLE`` naming the
certificates to trust.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from staying_here import serve


def model(value):
    """What a line gives, as the client's own objects."""
    import upstox_client

    if isinstance(value, list):
        return [model(one) for one in value]
    if not isinstance(value, dict) or "model" not in value:
        return value
    fields = {name: model(field) for name, field in value["fields"].items()}
    return getattr(upstox_client, value["model"])(**fields)


class Client:
    """All of the client's classes over one connection, by ``Class.method``."""

    def __init__(self, url, _):
        import upstox_client

        self.classes = upstox_client
        self.configuration = upstox_client.Configuration()
        self.configuration.host = url
        self.configuration.order_host = url.replace("127.0.0.1", "localhost")
        self.configuration.ssl_ca_cert = os.environ["REQUESTS_CA_BUNDLE"]
        self.api_client = upstox_client.ApiClient(self.configuration)

    def set_access_token(self, token):
        self.configuration.access_token = token

    def __getattr__(self, name):
        kind, _, method = name.partition(".")
        call = getattr(getattr(self.classes, kind)(self.api_client), method)

        def made(*given, **named):
            call(*given, **named)

        return made


if __name__ == "__main__":
    serve(Client, model)
