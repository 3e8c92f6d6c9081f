"""Logging in at Fyers, and what all its requests and replies have in common.

Sources and dates as in :mod:`openbroker.adapters.fyers`.

The login page brings an ``auth_code``; it is exchanged with the SHA-256 of app id and secret.
Whose account it is, only the profile tells.  Renewal needs the PIN; Fyers announced that from
2026-04-01 the second factor is asked every day, so it may be refused, and a login follows then.

Refusals are ``{"s": "error", "code": -50}`` under any HTTP status; a success may be 201, *in
transit*, which proves nothing yet.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

import attrs

from openbroker.adapters.base import (
    Adapter,
    CredentialField,
    Credentials,
    Refusal,
    coming,
    json_request,
    need,
    read_body,
    refusal_of,
)
from openbroker.adapters.fyers_tables import (
    CATCH_ALL,
    ERRORS,
    IN_TRANSIT,
    LOGIN_ERRORS,
    RATE_BYTES,
    TEXTS,
    WIRE,
)
from openbroker.adapters.wire import printable, to_id, to_order_id, to_token
from openbroker.errors import (
    BrokerUnavailable,
    InvalidCredentials,
    MalformedReply,
    Outcome,
)
from openbroker.schemas import OrderAck, Profile, Secret, Session
from openbroker.transport.messages import Effect, Flow, Reply, Request

T = TypeVar("T")

HEADERS: Mapping[str, str] = {"Content-Type": "application/json", "version": "3"}
NO_HEADERS: Mapping[str, str] = {}
API = "/api/v3"

TOKENS_DIE = dt.time(6, 0)
"""When access tokens end, India (``exp`` of the token in Authentication's sample)."""

NOTHING = "no_data"
"""What ``s`` says of history where there is none; it is no error."""


@attrs.frozen(kw_only=True)
class FyersSession(Adapter):
    """How Fyers is spoken to; what it is asked stands in :class:`~.fyers.Fyers`."""

    wire = WIRE
    account_field: ClassVar[str] = "api_key"
    login_parameter: ClassVar[str | None] = "auth_code"
    login_state: ClassVar[str | None] = "state"
    credentials: ClassVar[Sequence[CredentialField]] = (
        CredentialField(
            name="api_key",
            title="the App ID of your Fyers app, like ABCD1234-100",
            pattern=r"[A-Za-z0-9]+-\d+",
            expects="letters and digits, a hyphen and a number",
        ),
        CredentialField(
            name="api_secret", title="the Secret ID of the app", instead="access_token"
        ),
        CredentialField(
            name="redirect_uri",
            title="the redirect address of the app, exactly as registered",
            secret=False,
            instead="access_token",
        ),
        CredentialField(
            name="auth_code",
            title="what the login page's redirect brings; it serves once",
            instead="access_token",
        ),
        CredentialField(name="access_token", title="today's access token, if you have it"),
        CredentialField(
            name="pin",
            title="your Fyers PIN, if it is to renew sessions; it is kept with their tokens",
            pattern=r"\d{4}",
            expects="4 digits",
            default="",
        ),
    )

    # -- session

    def login_url(self, credentials: Credentials) -> str:
        fields = {
            "client_id": need(credentials, "api_key"),
            "redirect_uri": need(credentials, "redirect_uri"),
            "response_type": "code",
            "state": "openbroker",
        }
        return f"{self.hosts['rest']}{API}/generate-authcode?" + urlencode(fields)

    def login(self, credentials: Credentials) -> Flow[Session]:
        app = need(credentials, "api_key")
        if "access_token" in credentials:
            tokens = {"access_token": need(credentials, "access_token")}
            return (yield from self._session("login", app, tokens))
        proof = app_id_hash(app, need(credentials, "api_secret"))
        fields = {
            "grant_type": "authorization_code",
            "appIdHash": proof,
            "code": need(credentials, "auth_code"),
        }
        path = f"{API}/validate-authcode"
        reply = yield self._request("login", "POST", path, fields, Effect.SESSION)
        found = self._data(reply, LOGIN_ERRORS)
        tokens = {"access_token": token_of(found), "app_id_hash": proof}
        refresh = to_token(found.get("refresh_token"))
        if refresh and "pin" in credentials:
            tokens |= {"refresh_token": refresh, "pin": need(credentials, "pin")}
        return (yield from self._session("login", app, tokens))

    def renew(self, session: Session) -> Flow[Session]:
        """Within 15 days of a login, with the PIN."""
        kept = {name: token.reveal() for name, token in session.tokens.items()}
        if not {"app_id_hash", "refresh_token", "pin"} <= kept.keys():
            raise InvalidCredentials(
                "Fyers renews with a refresh token and the PIN: log in anew, with pin=",
                outcome=Outcome.NOT_SENT,
            )
        fields = {
            "grant_type": "refresh_token",
            "appIdHash": kept["app_id_hash"],
            "refresh_token": kept["refresh_token"],
            "pin": kept["pin"],
        }
        path = f"{API}/validate-refresh-token"
        reply = yield self._request("renew", "POST", path, fields, Effect.SESSION)
        token = token_of(self._data(reply, LOGIN_ERRORS))
        app = kept.pop("api_key")
        return (yield from self._session("renew", app, kept | {"access_token": token}))

    def logout(self, session: Session) -> Flow[None]:
        request = self._call("logout", session, "POST", f"{API}/logout", effect=Effect.SESSION)
        self._data((yield request))

    def profile(self, session: Session) -> Flow[Profile]:
        reply = yield self._call("profile", session, "GET", f"{API}/profile")
        return WIRE.load(self._data(reply).get("data"), Profile)

    # -- requests

    def _book(
        self, operation: str, session: Session, kind: type[T], path: str, key: str
    ) -> Flow[list[T]]:
        """The list under a key."""
        reply = yield self._call(operation, session, "GET", path)
        data = self._data(reply)
        if key not in data:
            raise MalformedReply(f"there is no list @ $.{key}", status=reply.status)
        return WIRE.load_rows(data[key], kind, at=f"$.{key}")

    def _change(
        self, operation: str, session: Session, method: str, path: str, body: Mapping[str, Any]
    ) -> Flow[OrderAck]:
        reply = yield self._call(operation, session, method, path, body, Effect.ORDER)
        order_id = to_order_id(self._settled(reply).get("id"))
        if not order_id:
            raise MalformedReply("success without an order id", status=reply.status)
        return OrderAck(order_id=order_id)

    def _call(
        self,
        operation: str,
        session: Session,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        effect: Effect = Effect.READ,
    ) -> Request:
        app, token = (session.tokens[name].reveal() for name in ("api_key", "access_token"))
        return self._request(operation, method, path, body, effect, f"{app}:{token}")

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        effect: Effect = Effect.READ,
        auth: str | None = None,
    ) -> Request:
        return json_request(
            method,
            self.hosts["rest"] + path,
            body,
            headers={**HEADERS, **({"Authorization": auth} if auth else {})},
            operation=operation,
            effect=effect,
            bucket=operation,
        )

    # -- replies

    def asks_to_wait(self, reply: Reply) -> bool:
        return reply.status == 429 or any(text in reply.content[:400] for text in RATE_BYTES)

    def _data(self, reply: Reply, errors: Mapping[str, Refusal] = ERRORS) -> Mapping[str, Any]:
        """The whole reply, once it says ok; ``no_data`` is an empty answer."""
        body = read_body(reply)
        said: Mapping[str, Any] = body if isinstance(body, Mapping) else NO_HEADERS
        told = said.get("code")
        code = printable(str(told)) if isinstance(told, (int, str, Decimal)) else None
        if said.get("s") in ("ok", NOTHING) and reply.status < 400:
            if code is not None and code.startswith("-"):
                raise MalformedReply("success with an error's code", status=reply.status, code=code)
            return said
        if said.get("s") != "error":
            raise MalformedReply("the reply says neither ok nor error", status=reply.status)
        message = printable(said.get("message")) or "no reason given"
        refusal = refusal_of(code, message, codes=errors, texts=TEXTS)
        if code not in errors and code != CATCH_ALL:
            refusal = attrs.evolve(refusal, outcome=Outcome.UNKNOWN)
        raise refusal.make(message, code=code, status=reply.status)

    def _settled(self, reply: Reply) -> Mapping[str, Any]:
        """A change's answer, unless it says that the exchange has not answered."""
        data = self._data(reply)
        if data["s"] == NOTHING:
            raise MalformedReply("a change was answered with no data", status=reply.status)
        if str(data.get("code")) == IN_TRANSIT:
            raise BrokerUnavailable("the exchange has not answered yet", code=IN_TRANSIT)
        return data

    def _session(self, operation: str, app: str, tokens: Mapping[str, str]) -> Flow[Session]:
        """The session that the tokens open; the profile says whose it is."""
        auth = f"{app}:{tokens['access_token']}"
        reply = yield self._request(operation, "GET", f"{API}/profile", auth=auth)
        data = self._data(reply, LOGIN_ERRORS).get("data")
        account = to_id(data.get("fy_id")) if isinstance(data, Mapping) else None
        if not account:
            raise MalformedReply("the profile lacks the client id", status=reply.status)
        kept = {"api_key": app, **tokens}
        return Session(
            broker=self.name,
            account=account,
            tokens={name: Secret(text) for name, text in kept.items()},
            created_at=reply.received_at,
            expires_at=coming(TOKENS_DIE, reply.received_at),
        )


def app_id_hash(app: str, secret: str) -> str:
    """What proves the app at login (Authentication)."""
    return hashlib.sha256(f"{app}:{secret}".encode()).hexdigest()


def token_of(found: Mapping[str, Any]) -> str:
    """The access token of a login's reply.

    Raises:
        MalformedReply: it has none.
    """
    token = to_token(found.get("access_token"))
    if not token:
        raise MalformedReply("the login reply lacks the token")
    return token
