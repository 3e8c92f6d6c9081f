"""Logins that end in a browser: the page's redirect is caught on this machine, or pasted.

The broker's login page sends the browser to the address that the app has registered, with a token
that serves once.  :func:`caught` listens there, on loopback only, for the one request that brings
the parameter; anything else gets a 404.  Nothing is stored, and the page that the browser is shown
holds nothing.

Any page that the browser has open can send it to that address, too, with the token of another
account.  So where the broker's page brings back what it was given, a :class:`State` that nobody can
guess goes with it, and a token that comes without it is refused.
"""

from __future__ import annotations

import hmac
import queue
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from attrs import field, frozen

from openbroker.errors import ConfigError, InvalidCredentials
from openbroker.schemas import Secret

PORT: Final = 7171
"""Register ``http://127.0.0.1:7171/`` as the app's redirect address, or choose another port."""
STATUS: Final = ("status", "s")
"""How a redirect says whether the login succeeded, where it says it."""
SHOWN: Final = (
    b"<!doctype html><title>openbroker</title><p>Logged in. You can close this window and go back "
    b"to the terminal.</p>"
)


def folded(name: str) -> str:
    """A parameter's name as it is compared: brokers write ``request_token`` and ``tokenId``."""
    return name.replace("_", "").casefold()


def told_by(address: str) -> dict[str, list[str]]:
    """What an address says after its question mark, by folded names."""
    query = parse_qs(urlsplit(address.strip()).query)
    return {folded(name): values for name, values in query.items()}


@frozen
class State:
    """What a login page is given and its redirect has to bring back.

    Attributes:
        name: the page's field.
    """

    name: str
    value: str = field(factory=lambda: secrets.token_hex(16), init=False, repr=False)

    def on(self, page: str) -> str:
        """The page's address with it."""
        parts = urlsplit(page)
        fields = [(name, text) for name, text in parse_qsl(parts.query) if name != self.name]
        return parts._replace(query=urlencode([*fields, (self.name, self.value)])).geturl()

    def is_in(self, address: str) -> bool:
        """Whether an address has it."""
        told = told_by(address).get(folded(self.name), [])
        return len(told) == 1 and hmac.compare_digest(told[0].encode(), self.value.encode())


def token_in(address: str, parameter: str, state: State | None = None) -> Secret:
    """The token in a redirect's address.

    Raises:
        InvalidCredentials: the page says that the login failed, or it is not the page that was
            opened.
        ConfigError: there is no such parameter.
    """
    query = told_by(address)
    told = next((query[name][0] for name in STATUS if name in query), "success")
    if told not in ("success", "ok"):
        raise InvalidCredentials("the login page reports that the login did not succeed")
    values = query.get(folded(parameter), [])
    if len(values) != 1 or not values[0]:
        raise ConfigError(
            f"the address has no {parameter}",
            advice="Paste the whole address of the page that the browser ended on.",
        )
    if state is not None and not state.is_in(address):
        raise InvalidCredentials(
            "the address comes from another login than the one that was begun here",
            advice="Open the address that is shown, and paste the one that it ends on.",
        )
    return Secret(values[0])


def _listener(
    parameter: str, state: State | None, take: Callable[[str], None]
) -> type[BaseHTTPRequestHandler]:
    """Answers the browser, and passes on the address that it came back with."""

    def brings_token(path: str) -> bool:
        return folded(parameter) in told_by(path)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not {folded(parameter), *STATUS} & told_by(self.path).keys():
                self.send_error(404)
                return
            if state is not None and brings_token(self.path) and not state.is_in(self.path):
                self.send_error(403)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(SHOWN)))
            self.end_headers()
            self.wfile.write(SHOWN)
            take(self.path)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Addresses hold tokens, so none is logged."""

    return Handler


@contextmanager
def caught(
    parameter: str, port: int = PORT, state: State | None = None
) -> Iterator[Callable[[float], Secret]]:
    """Listen for the redirect while the block runs.

    Args:
        parameter: what the redirect brings (``request_token``, ``code``).
        port: of the registered address, on 127.0.0.1.
        state: what a redirect with the token has to bring back; one without it gets a 403, and is
            waited past.

    Yields:
        A function that waits so many seconds for the token; it raises ConfigError when the time is
        up, and what :func:`token_in` raises.
    """
    addresses: queue.Queue[str] = queue.Queue()
    listener = _listener(parameter, state, addresses.put)

    def wait(seconds: float) -> Secret:
        try:
            return token_in(addresses.get(timeout=seconds), parameter, state)
        except queue.Empty:
            raise ConfigError(
                f"nobody came back from the login page within {seconds:g} s",
                advice=f"Is http://127.0.0.1:{port}/ the app's registered redirect address? "
                "Otherwise use --paste.",
            ) from None

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), listener)
    except OSError as error:
        raise ConfigError(
            f"port {port} cannot be used: {error.strerror}", advice="Choose another, or --paste."
        ) from None
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield wait
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
