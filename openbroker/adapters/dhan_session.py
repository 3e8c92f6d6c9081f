"""Logging in at Dhan, and what all its requests and replies have in common.

Sources and dates as in :mod:`openbroker.adapters.dhan`.

There are three logins: by PIN and one-time code, by the key and secret of an app through a page in
the browser, by a token made at web.dhan.co.  The first carries both in the address, because the
vendor wants them there; the second needs a consent before its page can be named.  A token lasts a
day; only one made at web.dhan.co can be renewed, while it lives.

An error is an object with ``errorCode``, or for market data an object with a number and words, or
for logins words alone, whatever the HTTP status.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

import attrs

from openbroker.adapters.base import (
    Adapter,
    CredentialField,
    Credentials,
    Refusal,
    json_request,
    need,
    read_body,
    refusal_of,
)
from openbroker.adapters.dhan_forms import is_error, only, reason_of
from openbroker.adapters.dhan_tables import (
    ERRORS,
    LOGIN_ERRORS,
    RATE_BYTES,
    RATE_WORDS,
    TEXTS,
    TOO_MANY,
    WIRE,
)
from openbroker.adapters.wire import printable, to_id, to_order_id, to_token
from openbroker.errors import (
    BrokerError,
    InvalidCredentials,
    MalformedReply,
    OrderRejected,
    Outcome,
)
from openbroker.schemas import Funds, OrderAck, Profile, Secret, Session
from openbroker.transport.messages import Effect, Flow, Reply, Request

HEADERS: Mapping[str, str] = {"Content-Type": "application/json", "Accept": "application/json"}
NO_HANDLE: Mapping[str, str] = {}

CONSENT = "/login/consentApp-login?consentAppId="
"""Where a consent is given, at the login host (Authentication, 2026)."""


@attrs.frozen(kw_only=True)
class DhanSession(Adapter):
    """How Dhan is spoken to; what it is asked stands in :class:`~.dhan.Dhan`."""

    wire = WIRE
    login_parameter: ClassVar[str | None] = "token_id"
    credentials: ClassVar[Sequence[CredentialField]] = (
        CredentialField(
            name="client_code",
            title="your Dhan client id",
            pattern=r"[A-Za-z0-9]{3,20}",
            expects="digits, like 1100000001",
            secret=False,
        ),
        CredentialField(
            name="pin",
            title="your Dhan PIN",
            pattern=r"\d{4,6}",
            expects="4 to 6 digits",
            instead="app_id",
        ),
        CredentialField(
            name="totp_secret",
            title="the TOTP secret shown at web.dhan.co, Profile, DhanHQ Trading APIs",
            pattern=r"[A-Za-z2-7 ]{16,64}=*",
            expects="at least 16 letters A-Z and digits 2-7",
            instead="totp",
        ),
        CredentialField(
            name="totp",
            title="a one-time code",
            pattern=r"\d{6}",
            expects="6 digits",
            instead="app_id",
        ),
        CredentialField(
            name="app_id",
            title="the API key of your app, for the login in a browser",
            instead="access_token",
        ),
        CredentialField(name="app_secret", title="the API secret of the app", default=""),
        CredentialField(
            name="token_id",
            title="what the login page's redirect brings; it serves once",
            default="",
        ),
        CredentialField(name="access_token", title="a token from web.dhan.co; it lasts a day"),
    )

    # -- the account

    def begin_login(self, credentials: Credentials) -> Flow[str | None]:
        if "app_id" not in credentials or {"token_id", "access_token"} & credentials.keys():
            return None
        query = urlencode({"client_id": need(credentials, "client_code")})
        reply = yield self._app("POST", f"/app/generate-consent?{query}", credentials)
        data = self._data(reply, LOGIN_ERRORS)
        consent = to_id(data.get("consentAppId")) if isinstance(data, Mapping) else None
        if consent is None:
            raise MalformedReply("success without a consent", status=reply.status)
        return f"{self.hosts['login']}{CONSENT}{consent}"

    def login(self, credentials: Credentials) -> Flow[Session]:
        client = need(credentials, "client_code")
        if "access_token" in credentials:
            token = need(credentials, "access_token")
            reply = yield self._send("login", "GET", "/profile", client=client, token=token)
            return self._session(reply, client, token)
        if "app_id" in credentials:
            query = urlencode({"tokenId": need(credentials, "token_id")})
            reply = yield self._app("GET", f"/app/consumeApp-consent?{query}", credentials)
            return self._session(reply, client)
        proof = {n: need(credentials, n) for n in ("pin", "totp")}
        query = urlencode({"dhanClientId": client} | proof)
        reply = yield self._auth("POST", f"/app/generateAccessToken?{query}", HEADERS)
        return self._session(reply, client)

    def renew(self, session: Session) -> Flow[Session]:
        """Refused for tokens that were not made at web.dhan.co: then a new login is needed."""
        reply = yield self._call("renew", session, "GET", "/RenewToken", effect=Effect.SESSION)
        try:
            return self._session(reply, session.account)
        except BrokerError as error:
            raise InvalidCredentials(
                error.message, code=error.code, status=error.status, outcome=Outcome.NOT_SENT
            ) from None

    def profile(self, session: Session) -> Flow[Profile]:
        return self._one(Profile, self._call("profile", session, "GET", "/profile"))

    def funds(self, session: Session) -> Flow[Funds]:
        return self._one(Funds, self._call("funds", session, "GET", "/fundlimit"))

    # -- requests

    def _change(
        self,
        operation: str,
        session: Session,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
    ) -> Request:
        return self._call(operation, session, method, path, body, effect=Effect.ORDER)

    def _call(
        self,
        operation: str,
        session: Session,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        effect: Effect = Effect.READ,
    ) -> Request:
        token = session.tokens["access_token"].reveal()
        return self._send(operation, method, path, body, effect, session.account, token)

    def _send(
        self,
        operation: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        effect: Effect = Effect.READ,
        client: str = "",
        token: str = "",
    ) -> Request:
        named = {"client-id": client, "dhanClientId": client, "access-token": token}
        return json_request(
            method,
            f"{self.hosts['rest']}/v2{path}",
            None if body is None else {"dhanClientId": client} | dict(body),
            headers={**HEADERS, **named},
            operation=operation,
            effect=effect,
            bucket=operation,
        )

    def _app(self, method: str, path: str, credentials: Credentials) -> Request:
        named = {name: need(credentials, name) for name in ("app_id", "app_secret")}
        return self._auth(method, path, {**HEADERS, **named})

    def _auth(self, method: str, path: str, headers: Mapping[str, str]) -> Request:
        return Request(
            method=method,
            url=self.hosts["login"] + path,
            headers=headers,
            operation="login",
            effect=Effect.SESSION,
            bucket="login",
        )

    # -- replies

    def asks_to_wait(self, reply: Reply) -> bool:
        """By its status or its code; a quote of security 805 has that number for a key too."""
        start = reply.content[:400]
        return reply.status == 429 or any(all(w in start for w in words) for words in RATE_BYTES)

    def _data(self, reply: Reply, errors: Mapping[str, Refusal] = ERRORS) -> Any:
        body = read_body(reply)
        if reply.status < 400 and not is_error(body):
            return body
        if not isinstance(body, Mapping):
            raise MalformedReply("a refusal that gives no reason", status=reply.status)
        if to_id(body.get("orderId")):
            raise MalformedReply("a refusal that names an order", status=reply.status)
        code, message = reason_of(body)
        refusal = refusal_of(code, message, codes=errors, texts=TEXTS)
        if errors is LOGIN_ERRORS and any(words in message.casefold() for words in RATE_WORDS):
            refusal = TOO_MANY
        elif code not in errors:
            refusal = attrs.evolve(refusal, outcome=Outcome.UNKNOWN)
        raise refusal.make(message, code=code or None, status=reply.status)

    def _ack(
        self,
        reply: Reply,
        *,
        places: bool = False,
        undone: Collection[str] = ("REJECTED",),
        handle: Mapping[str, str] = NO_HANDLE,
    ) -> OrderAck:
        """The receipt. An order that was rejected at once exists as such; a change whose receipt
        shows the order ended otherwise has not clearly been refused."""
        data = only(self._data(reply))
        found = data if isinstance(data, Mapping) else {}
        order_id, told = to_order_id(found.get("orderId")), printable(found.get("orderStatus"))
        status = (told or "").upper()
        if not order_id:
            raise MalformedReply("success without an order id", status=reply.status)
        if status in undone:
            message = printable(found.get("omsErrorDescription")) or "no reason given"
            raise OrderRejected(
                f"order {order_id} is {status}: {message}",
                status=reply.status,
                outcome=Outcome.REJECTED if places else Outcome.UNKNOWN,
            )
        return OrderAck(order_id=order_id, handle=handle)

    def _session(self, reply: Reply, client: str, token: str | None = None) -> Session:
        data = self._data(reply, LOGIN_ERRORS)
        found = data if isinstance(data, Mapping) else {}
        account = to_id(found.get("dhanClientId")) or client
        token = token or to_token(found.get("accessToken")) or to_token(found.get("token"))
        if not token or "dhanClientId" not in found:
            raise MalformedReply("the login reply lacks the client id or the token")
        return Session(
            broker=self.name,
            account=account,
            tokens={"access_token": Secret(token)},
            created_at=reply.received_at,
            expires_at=WIRE.time(
                printable(found.get("expiryTime")) or printable(found.get("tokenValidity"))
            ),
        )
