"""Drives Fyers' official client from outside, one JSON line a call (see :mod:`staying_here`).

The client is used as it comes.  It has no option for its address: the class attributes ``API`` and
``DATA_API`` of its ``Config`` are set.  It writes two log files, into the temporary folder that it
runs in.  ``login_page`` opens the address that the client makes, as a browser would;
``generate_token`` is its ``SessionModel``'s, everything else its ``FyersModel``'s.

Usage: ``python fyersapi_driver.py URL APP_ID`` with ``REQUESTS_CA_BUNDLE`` naming the certificates
to trust.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from staying_here import serve


class Client:
    """Both of the client's models."""

    def __init__(self, url, app_id):
        from fyers_apiv3 import fyersModel

        config = fyersModel.Config
        self.addresses_as_published = [config.API, config.DATA_API]
        fyersModel.Config.API = url + "/api/v3"
        fyersModel.Config.DATA_API = url + "/data"
        self.models = fyersModel
        self.app_id = app_id
        self.model = None

    def addresses(self):
        """Those that it was published with."""
        return self.addresses_as_published

    def set_access_token(self, token):
        self.model = self.models.FyersModel(client_id=self.app_id, token=token)

    def login_page(self, **given):
        import requests

        session = self.models.SessionModel(client_id=self.app_id, **given)
        requests.get(session.generate_authcode(), timeout=10)

    def generate_token(self, code, **given):
        session = self.models.SessionModel(client_id=self.app_id, **given)
        session.set_token(code)
        return session.generate_token()

    def __getattr__(self, name):
        return getattr(self.model, name)


if __name__ == "__main__":
    serve(Client)
