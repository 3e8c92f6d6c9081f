"""Drives Angel One's official client from outside, one JSON line a call.

Runs in the official client's own environment, where nothing of openbroker is installed, so it
imports nothing of ours.  The client is used as it comes: only the class attribute that holds its
address is set, which its own ``individual_order_details`` reads past the ``root=`` argument.

Usage: ``python smartapi_driver.py URL API_KEY`` in a temporary folder, since the client writes
``logs/``, with ``REQUESTS_CA_BUNDLE`` naming the certificates to trust.  Lines in::

    {"call": "generateSession", "args": ["A1", "1234", {"totp": "BASE32SECRET"}]}

Lines out: ``{"value": ...}`` or ``{"error": "DataException", "message": "..."}``.

Every connection that does not stay on this machine is refused, the look-up of the public address
which the client does at import included; what was refused is told (``{"call": "refused"}``).
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import sys

REFUSED = []


def is_loopback(host):
    if host in (None, "localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse(host):
    REFUSED.append(str(host))
    raise OSError(f"{host} is not on this machine, and this process may not leave it")


def stay_at_home():
    """Refuse look-ups and connections beyond loopback, from here on."""
    look_up, connect, connect_ex = (
        socket.getaddrinfo,
        socket.socket.connect,
        socket.socket.connect_ex,
    )

    def guarded_look_up(host, *rest, **more):
        name = host.decode() if isinstance(host, bytes) else host
        return look_up(host, *rest, **more) if is_loopback(name) else refuse(name)

    def guarded(original):
        def call(self, address):
            beyond = isinstance(address, tuple) and not is_loopback(address[0])
            return refuse(address[0]) if beyond else original(self, address)

        return call

    socket.getaddrinfo = guarded_look_up
    socket.gethostbyname = lambda host: host if is_loopback(host) else refuse(host)
    socket.socket.connect = guarded(connect)
    socket.socket.connect_ex = guarded(connect_ex)


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


def answer(client, line):
    asked = json.loads(line)
    if asked["call"] == "refused":
        return {"value": REFUSED}
    try:
        method = getattr(client, asked["call"])
        return {"value": method(*map(argument, asked.get("args", [])))}
    except Exception as error:  # noqa: BLE001  whatever the client throws is told to the test
        return {"error": type(error).__name__, "message": str(error)}


def main():
    out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # what the client prints does not come between our lines
    stay_at_home()
    client = make_client(*sys.argv[1:3])
    out.write(json.dumps({"value": "ready"}) + "\n")
    for line in sys.stdin:
        out.write(json.dumps(answer(client, line)) + "\n")


if __name__ == "__main__":
    main()
