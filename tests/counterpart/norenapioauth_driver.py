"""Drives NorenRestApiOAuth, whose module and methods are those of the other Noren client: see
:mod:`norenapi_driver`."""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from norenapi_driver import make_client
from staying_here import serve

if __name__ == "__main__":
    serve(make_client)
