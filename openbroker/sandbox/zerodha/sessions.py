"""Who may come in: apps and their secrets, request tokens, and access tokens until six.

The login page gives a request token, good once and for some minutes; with the app's checksum it is
exchanged for an access token, which lives until 06:00 IST.  A client has one session: a new login
ends the one before.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from typing import Any

from attrs import define, field, frozen

from openbroker.sandbox import front_end
from openbroker.sandbox.clock import Clock
from openbroker.sandbox.zerodha.replies import KiteError, bad_input, dead_token, invalid
from openbroker.sandbox.zerodha.words import EXCHANGES, ORDER_TYPES, PRODUCTS, stamp

TOKENS_DIE = dt.time(6, 0)
REQUEST_TOKEN_LIFE = dt.timedelta(minutes=5)


@frozen(kw_only=True)
class Client(front_end.Client):
    """An account, the app that it uses, and an access token that is good from the beginning."""

    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    first_token: str = field(repr=False)

    def credentials(self) -> dict[str, str]:
        return {
            "api_key": self.api_key,
            "api_secret": self.api_secret,
            "access_token": self.first_token,
        }


@define(kw_only=True)
class _Session:
    client: Client
    access_token: str
    refresh_token: str
    ends: dt.datetime
    alive: bool = True


class Sessions:
    """Knows clients by their API key and sessions by their tokens.

    Args:
        clock: the sandbox's, for the tokens' end.
        life: sandbox seconds that access tokens live; ``None``: to the next 06:00.
    """

    def __init__(self, clock: Clock, *, life: float | None = None) -> None:
        self.clients: dict[str, Client] = {}
        self.life = life
        self._clock = clock
        self._requests: dict[str, tuple[Client, dt.datetime]] = {}
        self._sessions: dict[str, _Session] = {}

    def add(self, client: Client) -> None:
        """Let a client in; its first token opens a session."""
        self.clients[client.api_key] = client
        self._open(client, client.first_token)

    # the login page

    def app(self, api_key: str) -> Client:
        """Whose app it is; raises KiteError."""
        client = self.clients.get(api_key)
        if client is None:
            raise invalid("api_key")
        return client

    def request_token(self, client: Client) -> str:
        """A new request token, as the login page gives it."""
        token = secrets.token_urlsafe(24).replace("-", "x").replace("_", "y")
        self._requests[token] = (client, self._clock.now() + REQUEST_TOKEN_LIFE)
        return token

    # sessions

    def exchange(
        self, api_key: str, request_token: str, checksum: str, *, refresh: bool
    ) -> dict[str, Any]:
        """A session for a request token; raises KiteError."""
        client = self.app(api_key)
        _check_sum(client, request_token, checksum)
        owner, until = self._requests.pop(request_token, (None, self._clock.now()))
        if owner is not client or self._clock.now() >= until:
            raise _invalid_token()
        renewal = secrets.token_hex(16) if refresh else ""
        return self._told(self._open(client, secrets.token_hex(16), renewal))

    def renew(self, api_key: str, refresh_token: str, checksum: str) -> dict[str, Any]:
        """A new access token for a refresh token; raises KiteError."""
        client = self.app(api_key)
        _check_sum(client, refresh_token, checksum)
        session = self._sessions.get(api_key)
        if session is None or not refresh_token or session.refresh_token != refresh_token:
            raise _invalid_token()
        return self._told(self._open(client, secrets.token_hex(16), refresh_token))

    def logout(self, api_key: str, token: str) -> None:
        """End the session that has this access or refresh token; raises KiteError."""
        session = self._sessions.get(api_key)
        if session is None or token not in (session.access_token, session.refresh_token):
            raise bad_input("Invalid token.")
        session.alive = False

    def client(self, authorization: str) -> Client:
        """Whose ``Authorization`` it is; raises KiteError."""
        session = self._session_of(authorization)
        if session is None or not session.alive or self._clock.now() >= session.ends:
            raise dead_token()
        return session.client

    def expire(self, client_code: str | None = None) -> None:
        """Let the tokens of a client, or everybody's, be expired from now on."""
        for session in self._of(client_code):
            session.ends = self._clock.now()

    def invalidate(self, client_code: str | None = None) -> None:
        """Let the tokens be unknown from now on, as after a login elsewhere."""
        for session in self._of(client_code):
            session.alive = False

    def invalidate_token(self, authorization: str) -> None:
        """The same for the session of one ``Authorization`` header, if it has one."""
        session = self._session_of(authorization)
        if session is not None:
            session.alive = False

    def _of(self, client_code: str | None) -> list[_Session]:
        return [
            session
            for session in self._sessions.values()
            if client_code in (None, session.client.client_code)
        ]

    def _session_of(self, authorization: str) -> _Session | None:
        scheme, _, rest = authorization.partition(" ")
        api_key, _, token = rest.strip().partition(":")
        session = self._sessions.get(api_key)
        if scheme != "token" or session is None:
            return None
        same = hmac.compare_digest(session.access_token.encode(), token.encode())
        return session if same else None

    def _open(self, client: Client, token: str, refresh_token: str = "") -> _Session:
        session = _Session(
            client=client, access_token=token, refresh_token=refresh_token, ends=self._end()
        )
        self._sessions[client.api_key] = session
        return session

    def _end(self) -> dt.datetime:
        now = self._clock.now()
        if self.life is not None:
            return now + dt.timedelta(seconds=self.life)
        day = now.date() + dt.timedelta(days=now.time() >= TOKENS_DIE)
        return dt.datetime.combine(day, TOKENS_DIE, now.tzinfo)

    def _told(self, session: _Session) -> dict[str, Any]:
        return user(session.client.client_code) | {
            "api_key": session.client.api_key,
            "access_token": session.access_token,
            "public_token": secrets.token_hex(16),
            "enctoken": "",
            "refresh_token": session.refresh_token,
            "silo": "",
            "login_time": stamp(self._clock.now()),
        }


def user(account: str) -> dict[str, Any]:
    """Whose account it is."""
    return {
        "user_id": account,
        "user_type": "individual",
        "email": "",
        "user_name": "TEST USER",
        "user_shortname": "Test",
        "broker": "ZERODHA",
        "exchanges": [*EXCHANGES, "MF"],
        "products": [*PRODUCTS, "CO"],
        "order_types": list(ORDER_TYPES),
        "avatar_url": None,
        "meta": {"demat_consent": "physical"},
    }


def _invalid_token() -> KiteError:
    return KiteError("TokenException", "Token is invalid or has expired.")


def _check_sum(client: Client, token: str, checksum: str) -> None:
    proof = hashlib.sha256(f"{client.api_key}{token}{client.api_secret}".encode()).hexdigest()
    if not hmac.compare_digest(proof.encode(), checksum.encode()):
        raise KiteError("TokenException", "Invalid `checksum`.")
