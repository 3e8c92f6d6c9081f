"""Drives Angel One's official client, unmodified, through a list of calls.

Runs in the client's own virtual environment and imports nothing of this project.  It reads one JSON
object from standard input and prints one JSON object as the last line of standard output::

    {"url": "https://127.0.0.1:PORT",
     "credentials": {"api_key", "client_code", "pin", "totp_secret"},
     "calls": [["orderBook"], ["cancelOrder", {"$": [0, "data", 0, "orderid"]}, "NORMAL"], ...]}

    {"version": "1.5.5", "results": [{"value": ...} or {"error": "...", "kind": "..."}, ...]}

A call is a method's name and its arguments.  ``{"$": [n, ...]}`` stands for what call number n
returned, followed down by the keys after it.  The method ``login`` is ``generateSession`` with the
credentials and a fresh one-time password.

The caller sets ``REQUESTS_CA_BUNDLE`` to the server's CA file and the working directory to one that
may be thrown away (the client writes ``logs/``).  Connections to anything but this machine are
refused here, the client's look-up of its public address at import included.
"""

from __future__ import annotations

import importlib.metadata
import json
import socket
import sys
from typing import Any

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def stay_home() -> None:
    """Refuse every name and address that is not this machine's."""
    look_up, connect = socket.getaddrinfo, socket.socket.connect

    def guarded_look_up(host: Any, *rest: Any, **named: Any) -> Any:
        if host not in LOOPBACK:
            raise socket.gaierror(f"{host} is not on this machine")
        return look_up(host, *rest, **named)

    def guarded_connect(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise ConnectionRefusedError(f"{address[0]} is not on this machine")
        return connect(self, address)

    socket.getaddrinfo = guarded_look_up
    socket.socket.connect = guarded_connect  # type: ignore[method-assign]


def fill(value: Any, results: list[dict[str, Any]]) -> Any:
    """Put earlier results where they are referred to."""
    if isinstance(value, dict) and value.keys() == {"$"}:
        number, *path = value["$"]
        found = results[number]["value"]
        for key in path:
            found = found[key]
        return found
    if isinstance(value, dict):
        return {key: fill(inner, results) for key, inner in value.items()}
    return [fill(inner, results) for inner in value] if isinstance(value, list) else value


def run(task: dict[str, Any]) -> list[dict[str, Any]]:
    import pyotp
    from SmartApi import SmartConnect

    # One method builds its address from the class's root, the others from the instance's.
    SmartConnect._rootUrl = task["url"]
    keys = task["credentials"]
    client = SmartConnect(api_key=keys["api_key"], root=task["url"], timeout=20)

    def login() -> Any:
        code = pyotp.TOTP(keys["totp_secret"]).now()
        return client.generateSession(keys["client_code"], keys["pin"], code)

    results: list[dict[str, Any]] = []
    for name, *arguments in task["calls"]:
        method = login if name == "login" else getattr(client, name)
        try:
            results.append({"value": method(*fill(arguments, results))})
        except Exception as error:  # noqa: BLE001 - every failure is a result
            results.append({"error": str(error), "kind": type(error).__name__})
    return results


def main() -> None:
    task = json.load(sys.stdin)
    stay_home()
    results = run(task)
    version = importlib.metadata.version("smartapi-python")
    print(json.dumps({"version": version, "results": results}))


if __name__ == "__main__":
    main()
