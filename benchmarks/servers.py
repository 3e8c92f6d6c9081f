"""The other end: nginx where it is installed, else the sandbox's wire server, each its own process.

The emulated link is always the wire server's, which can delay bytes.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import trustme
from attrs import frozen

REPLY = {
    "status": True,
    "message": "SUCCESS",
    "errorcode": "",
    "data": {
        "script": "SBIN-EQ",
        "orderid": "261122000000111",
        "uniqueorderid": "b2f0c1de-0000-4000-8000-000000000001",
    },
}
KITE_REPLY = {"status": "success", "data": {"order_id": "261122000000111"}}

_NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 3600s;
  default_type application/json;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.pem;
    add_header X-Tag $http_x_tag;
    location / {{ return 200 '{reply}'; }}
    location /orders/ {{ return 200 '{kite_reply}'; }}
  }}
}}
"""


@frozen
class Server:
    """Where to send, whom to trust, and what it is."""

    url: str
    ca_file: str
    name: str


@contextlib.contextmanager
def loopback_server() -> Iterator[Server]:
    """The fastest server there is here."""
    if shutil.which("nginx") is None:
        with wire_server() as server:
            yield server
        return
    with tempfile.TemporaryDirectory(prefix="openbroker-bench-") as name:
        yield from _nginx(Path(name))


def _nginx(folder: Path) -> Iterator[Server]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    issued = authority.issue_cert("127.0.0.1", "localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    port = _free_port()
    text = _NGINX.format(
        folder=folder,
        port=port,
        reply=json.dumps(REPLY),
        kite_reply=json.dumps(KITE_REPLY),
    )
    (folder / "nginx.conf").write_text(text)
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _await_port(port)
        version = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr
        yield Server(
            f"https://127.0.0.1:{port}",
            str(folder / "ca.pem"),
            version.partition(": ")[2].strip(),
        )
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def wire_server(**options: Any) -> Iterator[Server]:
    """The sandbox's wire server; ``options`` are its own (``round_trip``, ``latency``, ...).

    ``faults`` maps names of faults to probabilities. A request's ``X-Tag`` header is echoed.
    """
    command = [sys.executable, "-m", "benchmarks.servers", json.dumps(options)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        url, ca_file = json.loads(process.stdout.readline())
        yield Server(url, ca_file, "openbroker.sandbox.wire")
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait()


def _serve(options: dict[str, Any]) -> None:
    """In its own process: serve until standard input ends."""
    import httpx

    from openbroker.sandbox.faults import FaultPlan
    from openbroker.sandbox.wire import running_server

    bodies = [json.dumps(reply).encode() for reply in (REPLY, KITE_REPLY)]
    headers = {"content-type": "application/json"}

    def answer(request: httpx.Request) -> httpx.Response:
        tag = {"x-tag": request.headers["x-tag"]} if "x-tag" in request.headers else {}
        is_kite = request.url.path.startswith("/orders/")
        return httpx.Response(200, headers=headers | tag, content=bodies[is_kite])

    plan = FaultPlan()
    for name, probability in options.pop("faults", {}).items():
        plan.add(name, probability=probability)
    with running_server(answer, faults=plan, **options) as server:
        print(json.dumps([server.url, server.ca_file]), flush=True)
        sys.stdin.read()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _await_port(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    _serve(json.loads(sys.argv[1]))
