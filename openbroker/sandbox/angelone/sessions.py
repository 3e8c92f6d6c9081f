"""Who may come in: clients, their PIN and one-time passwords, and the life of tokens.

A client has one session: a new login, a renewal or a logout ends the tokens before it.  Tokens die
at the sandbox's midnight, or after ``life`` sandbox seconds where that is set.  They are JWTs in
shape, signed with a key that exists in memory only; ``exp`` tells their end on a real clock.

One-time passwords follow the real clock (RFC 6238, six digits, 30 s, one step of tolerance either
way), since the caller's generator does; each works once.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Iterable

from attrs import define, field, frozen
from pyotp.totp import TOTP

from openbroker.sandbox import front_end
from openbroker.sandbox.angelone.replies import GatewayRefuse, Refuse
from openbroker.sandbox.clock import Clock

STEP_SECONDS = 30


@frozen(kw_only=True)
class Client(front_end.Client):
    """An account and what opens it."""

    api_key: str = field(repr=False)
    pin: str = field(repr=False)
    totp_secret: str = field(repr=False)

    def credentials(self) -> dict[str, str]:
        return {
            "api_key": self.api_key,
            "client_code": self.client_code,
            "pin": self.pin,
            "totp_secret": self.totp_secret,
        }


@frozen(kw_only=True)
class Tokens:
    jwt: str = field(repr=False)
    refresh: str = field(repr=False)
    feed: str = field(repr=False)

    def body(self) -> dict[str, str]:
        return {"jwtToken": self.jwt, "refreshToken": self.refresh, "feedToken": self.feed}


@define(kw_only=True)
class _Session:
    client: Client
    tokens: Tokens
    ends: dt.datetime
    alive: bool = True


class Sessions:
    """Logs clients in and knows their tokens.

    Args:
        clients: everybody.
        clock: the sandbox's, for the tokens' end.
        life: sandbox seconds that tokens live; ``None``: to midnight.
        reuse_totp: let one password work more than once, for tests that log in often.
        wall_clock: seconds since the epoch, really.
    """

    def __init__(
        self,
        clients: Iterable[Client],
        clock: Clock,
        *,
        life: float | None = None,
        reuse_totp: bool = False,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.clients = {client.client_code: client for client in clients}
        self.life = life
        self.reuse_totp = reuse_totp
        self._clock = clock
        self._wall_clock = wall_clock
        self._key = secrets.token_bytes(32)
        self._sessions: dict[str, _Session] = {}
        self._renewals: dict[str, _Session] = {}
        self._current: dict[str, _Session] = {}
        self._last_step: dict[str, int] = {}

    def add(self, client: Client) -> None:
        self.clients[client.client_code] = client

    def login(self, api_key: str, client_code: str, pin: str, totp: str) -> Tokens:
        """Tokens for the right words; raises Refuse."""
        client = self.clients.get(client_code)
        self._check_key(api_key)
        if client is None or not hmac.compare_digest(client.pin.encode(), pin.encode()):
            raise Refuse("AB1007", "Invalid clientcode or password")
        if client.api_key != api_key:
            raise GatewayRefuse("AG8004", "Invalid API Key")
        self._use_totp(client, totp)
        return self._open(client)

    def renew(self, client: Client, refresh: str) -> Tokens:
        """New tokens for a refresh token; raises Refuse."""
        session = self._renewals.get(refresh)
        if session is None or session.client is not client or not session.alive:
            raise Refuse("AB8050", "Invalid Refresh Token")
        if self._is_over(session):
            raise Refuse("AB8051", "Refresh Token Expired")
        return self._open(client)

    def logout(self, client: Client) -> None:
        self._end(client)

    def client(self, api_key: str, authorization: str) -> Client:
        """Whose token it is; raises GatewayRefuse."""
        self._check_key(api_key)
        word, _, token = authorization.partition(" ")
        if not authorization:
            raise GatewayRefuse("AG8003", "Token missing")
        session = self._sessions.get(token.strip())
        if word.casefold() != "bearer" or session is None or not session.alive:
            raise GatewayRefuse("AG8001", "Invalid Token")
        if session.client.api_key != api_key:
            raise GatewayRefuse("AG8004", "Invalid API Key")
        if self._is_over(session):
            raise GatewayRefuse("AG8002", "Token Expired")
        return session.client

    def _check_key(self, api_key: str) -> None:
        if not any(known.api_key == api_key for known in self.clients.values()):
            raise GatewayRefuse("AG8004", "Invalid API Key")

    def expire(self, client_code: str | None = None) -> None:
        """Let the tokens of a client, or everybody's, be expired from now on."""
        for session in self._current.values():
            if client_code in (None, session.client.client_code):
                session.ends = self._clock.now()

    def invalidate(self, client_code: str | None = None) -> None:
        """Let the tokens be unknown from now on, as after a login elsewhere."""
        for session in self._current.values():
            if client_code in (None, session.client.client_code):
                session.alive = False

    def invalidate_token(self, authorization: str) -> None:
        """The same for the session of one ``Authorization`` header, if it has one."""
        session = self._sessions.get(authorization.partition(" ")[2].strip())
        if session is not None:
            session.alive = False

    def _use_totp(self, client: Client, code: str) -> None:
        totp = TOTP(client.totp_secret)
        step = int(self._wall_clock()) // STEP_SECONDS
        matches = (
            near
            for near in (step, step - 1, step + 1)
            if hmac.compare_digest(totp.generate_otp(near).encode(), code.encode())
        )
        used = next(matches, None)
        last = -1 if self.reuse_totp else self._last_step.get(client.client_code, -1)
        if used is None or used <= last:
            raise Refuse("AB1050", "Invalid totp")
        self._last_step[client.client_code] = used

    def _open(self, client: Client) -> Tokens:
        self._end(client)
        ends = self._end_of_tokens()
        until = int(self._wall_clock() + self._clock.real_seconds_until(ends))
        tokens = Tokens(
            jwt=self._token(client, "jwt", until),
            refresh=self._token(client, "refresh", until),
            feed=self._token(client, "feed", until),
        )
        session = _Session(client=client, tokens=tokens, ends=ends)
        self._sessions[tokens.jwt] = session
        self._renewals[tokens.refresh] = session
        self._current[client.client_code] = session
        return tokens

    def _end(self, client: Client) -> None:
        before = self._current.pop(client.client_code, None)
        if before is not None:
            before.alive = False

    def _end_of_tokens(self) -> dt.datetime:
        now = self._clock.now()
        if self.life is not None:
            return now + dt.timedelta(seconds=self.life)
        return dt.datetime.combine(now.date() + dt.timedelta(days=1), dt.time(), now.tzinfo)

    def _is_over(self, session: _Session) -> bool:
        return self._clock.now() >= session.ends

    def _token(self, client: Client, kind: str, until: int) -> str:
        claims = {
            "username": client.client_code,
            "roles": 0,
            "usertype": "USER",
            "token": kind,
            "iss": "sandbox",
            "jti": secrets.token_hex(8),
            "iat": int(self._wall_clock()),
            "exp": until,
        }
        body = f"{_part({'alg': 'HS512', 'typ': 'JWT'})}.{_part(claims)}"
        signature = hmac.new(self._key, body.encode(), hashlib.sha512).digest()
        return f"{body}.{_encode(signature)}"


def _part(claims: dict[str, object]) -> str:
    return _encode(json.dumps(claims, separators=(",", ":")).encode())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
