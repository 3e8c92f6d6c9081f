"""What every driver of an official client shares: it stays on this machine and talks in JSON lines.

A driver runs in the official client's own environment, where nothing of openbroker is installed, so
this imports nothing of ours either.  Lines in::

    {"call": "generateSession", "args": ["A1", "1234"], "named": {}}

Lines out: ``{"value": ...}`` or ``{"error": "DataException", "message": "..."}``.

Every connection and look-up that does not stay on this machine is refused; what was refused is told
(``{"call": "refused"}``).
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


def as_given(value):
    return value


def answer(client, line, argument):
    asked = json.loads(line)
    if asked["call"] == "refused":
        return {"value": REFUSED}
    try:
        method = getattr(client, asked["call"])
        given = map(argument, asked.get("args", []))
        return {"value": method(*given, **asked.get("named", {}))}
    except Exception as error:  # noqa: BLE001  whatever the client throws is told to the test
        return {"error": type(error).__name__, "message": str(error)}


def serve(make_client, argument=as_given):
    """Make the client of the command line's words, then answer lines.

    ``argument`` turns what a line gives into what the client takes.  Times are told in ISO 8601.
    """
    out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # what the client prints does not come between our lines
    stay_at_home()
    client = make_client(*sys.argv[1:])
    out.write(json.dumps({"value": "ready"}) + "\n")
    for line in sys.stdin:
        told = answer(client, line, argument)
        out.write(json.dumps(told, default=lambda moment: moment.isoformat()) + "\n")
