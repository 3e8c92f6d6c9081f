"""Logging in at Upstox, and what all its requests and replies have in common.

Sources and dates as in :mod:`openbroker.adapters.upstox`.

The login is a page in the browser, whose redirect brings a code for a token; a token that is there
already does as well.  Tokens end at half past three at night and are renewed by nothing.

A refusal may name several errors.  It proves what the one proves that proves least.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

import attrs

from openbroker.adapters.base import (
    Adapter,
    CredentialField,
    Credentials,
    Refusal,
    coming,
    form_request,
    json_request,
    need,
    read_body,
    refusal_of,
)
from openbroker.adapters.upstox_routes import LOGIN_PAGE, ROUTES, TOKEN_PATH
from openbroker.adapters.upstox_tables import ERRORS, LOGIN_ERRORS, TEXTS, WIRE
from openbroker.adapters.wire import printable, to_id, to_token
from openbroker.errors import MalformedReply, OpenBrokerError, Outcome
from openbroker.schemas import Secret, Session
from openbroker.transport.messages import Effect, Flow, Reply, Request

ACCEPT: Mapping[str, str] = {"Accept": "application/json"}
HEADERS: Mapping[str, str] = {"Content-Type": "application/json", **ACCEPT}
NOTHING: Mapping[str, Any] = {}

TOKENS_DIE = dt.time(3, 30)
"""When access tokens end, India (Get Token, 2026)."""


@attrs.frozen(kw_only=True)
class UpstoxSession(Adapter):
    """How Upstox is spoken to; what it is asked stands in :class:`~.upstox.Upstox`."""

    wire = WIRE
    account_field: ClassVar[str] = "api_key"
    login_parameter: ClassVar[str | None] = "code"
    login_state: ClassVar[str | None] = "state"
    credentials: ClassVar[Sequence[CredentialField]] = (
        CredentialField(
            name="api_key", title="the API key of your Upstox app", instead="access_token"
        ),
        CredentialField(
            name="api_secret", title="the API secret of the app", instead="access_token"
        ),
        CredentialField(
            name="redirect_uri",
            title="the redirect address of the app, exactly as registered",
            secret=False,
            instead="access_token",
        ),
        CredentialField(
            name="code",
            title="what the login page's redirect brings; it serves once",
            instead="access_token",
        ),
        CredentialField(name="access_token", title="today's access token, if you have it"),
    )
    settings: ClassVar[Sequence[CredentialField]] = (
        CredentialField(
            name="algo_name",
            title="the name of your exchange-approved algorithm, told with every order",
            pattern=r"|[!-~]([ -~]*[!-~])?",
            expects="printable ASCII, or nothing for orders of no registered algorithm",
            secret=False,
            default="",
        ),
    )

    algo_name: str = ""

    def login_url(self, credentials: Credentials) -> str:
        fields = {
            "client_id": need(credentials, "api_key"),
            "redirect_uri": need(credentials, "redirect_uri"),
            "response_type": "code",
        }
        return f"{self.hosts['rest']}{LOGIN_PAGE}?" + urlencode(fields)

    def login(self, credentials: Credentials) -> Flow[Session]:
        if "access_token" in credentials:
            token = need(credentials, "access_token")
            reply = yield self._request("login", token)
            return self._session(reply, self._object(reply, LOGIN_ERRORS), token)
        fields = {
            "code": need(credentials, "code"),
            "client_id": need(credentials, "api_key"),
            "client_secret": need(credentials, "api_secret"),
            "redirect_uri": need(credentials, "redirect_uri"),
            "grant_type": "authorization_code",
        }
        reply = yield form_request(
            "POST",
            self.hosts["rest"] + TOKEN_PATH,
            fields,
            headers=ACCEPT,
            operation="login",
            effect=Effect.SESSION,
            bucket="login",
        )
        body = read_body(reply)
        if reply.status < 400 and isinstance(body, Mapping) and "access_token" in body:
            return self._session(reply, body)
        return self._session(reply, self._object(reply, LOGIN_ERRORS))

    def logout(self, session: Session) -> Flow[None]:
        self._data((yield self._call("logout", session)))

    # -- requests

    def _call(
        self,
        operation: str,
        session: Session,
        body: object | None = None,
        *,
        query: Mapping[str, Any] = NOTHING,
        path: str | None = None,
    ) -> Request:
        token = session.tokens["access_token"].reveal()
        return self._request(operation, token, body, query, path)

    def _request(
        self,
        operation: str,
        token: str,
        body: object | None = None,
        query: Mapping[str, Any] = NOTHING,
        path: str | None = None,
    ) -> Request:
        """A request by its route; ``path`` stands in for those whose path is made."""
        route = ROUTES[operation]
        asked = "?" + urlencode(query) if query else ""
        named = {"X-Algo-Name": self.algo_name} if route.is_named and self.algo_name else {}
        return json_request(
            route.method,
            self.hosts[route.host] + (path or route.path) + asked,
            body,
            headers={**HEADERS, "Authorization": f"Bearer {token}", **named},
            operation=operation,
            effect=route.effect,
            bucket=operation,
        )

    # -- replies

    def _data(self, reply: Reply, errors: Mapping[str, Refusal] = ERRORS) -> Any:
        body = read_body(reply)
        said = body if isinstance(body, Mapping) else NOTHING
        status = said.get("status")
        succeeds = status == "success" and reply.status < 400
        if not succeeds and status != "error":
            raise MalformedReply("the reply says neither success nor error", status=reply.status)
        if said.get("errors" if succeeds else "data"):
            raise MalformedReply("the reply contradicts itself", status=reply.status)
        if succeeds:
            if "data" not in said:
                raise MalformedReply("success without data", status=reply.status)
            return said["data"]
        faults = [_fault(one, errors, reply.status) for one in _listed(said.get("errors"))]
        raise next((one for one in faults if one.outcome is Outcome.UNKNOWN), faults[0])

    def _object(
        self, reply: Reply, errors: Mapping[str, Refusal] = ERRORS
    ) -> Mapping[str, Any]:  # fmt: skip
        data = self._data(reply, errors)
        if not isinstance(data, Mapping):
            raise MalformedReply("no object where one was expected @ $.data", status=reply.status)
        return data

    def _session(
        self, reply: Reply, found: Mapping[str, Any], token: str | None = None
    ) -> Session:  # fmt: skip
        account = to_id(found.get("user_id"))
        token = token or to_token(found.get("access_token"))
        if not account or not token:
            raise MalformedReply("the login reply lacks the user id or the token")
        return Session(
            broker=self.name,
            account=account,
            tokens={"access_token": Secret(token)},
            created_at=reply.received_at,
            expires_at=coming(TOKENS_DIE, reply.received_at),
        )


def _listed(errors: object) -> list[Mapping[str, Any]]:
    """A reply's errors; an empty one where it has none."""
    found = errors if isinstance(errors, list) else []
    return [one for one in found if isinstance(one, Mapping)] or [NOTHING]


def _fault(error: Mapping[str, Any], errors: Mapping[str, Refusal], status: int) -> OpenBrokerError:
    code = printable(error.get("error_code")) or printable(error.get("errorCode"))
    message = printable(error.get("message")) or "no reason given"
    refusal = refusal_of(code, message, codes=errors, texts=TEXTS)
    if code not in errors:
        refusal = attrs.evolve(refusal, outcome=Outcome.UNKNOWN)
    return refusal.make(message, code=code, status=status)
