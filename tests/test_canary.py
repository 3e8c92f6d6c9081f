"""The canary: secrets of a session that is used in every way, looked for in everything it leaves.

A broker logs in, reads, trades, fails and is refused at root DEBUG, over the mock and over the
embedded sandbox; then logs, reprs, messages, tracebacks, pickles and files are searched.
"""

from __future__ import annotations

import io
import logging
import pickle
import re
import traceback
from collections.abc import Iterator
from pathlib import Path

import attrs
import httpx
import pytest

import openbroker
from openbroker.errors import OpenBrokerError, OrderUnknown
from openbroker.schemas import Exchange, Instrument, InstrumentType, Secret
from openbroker.session import keeper as keeping
from openbroker.session import redaction
from openbroker.testing import MockBroker, mock_broker

CANARIES = {
    "api_key": "canary1ApiKeyYellow",
    "client_code": "A000001",
    "pin": "491768",
    "totp_secret": "CANARYCANARYCANARYCANARYCA",
}
TOKENS = {
    "jwtToken": "canary2.Jwt.Yellow",
    "refreshToken": "canary3.Refresh.Yellow",
    "feedToken": "canary4.Feed.Yellow",
}
SECRETS = [CANARIES["api_key"], CANARIES["pin"], CANARIES["totp_secret"], *TOKENS.values()]
SBIN = Instrument(
    exchange=Exchange.NSE, symbol="NSE:SBIN", type=InstrumentType.EQUITY, token="3045",
    broker_symbol="SBIN-EQ",
)  # fmt: skip
ORDER = {"order_type": "MARKET", "product": "CNC"}
S = "/rest/secure/angelbroking"


@pytest.fixture
def mock(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockBroker]:
    monkeypatch.setattr(keeping, "_codes_used", {})
    with mock_broker("angelone", instruments=[SBIN], credentials=CANARIES) as opened:
        opened.router.post(path__regex=r".*/loginByPassword").respond(
            json={"status": True, "data": TOKENS}
        )
        yield opened


def leaks(*shown: object) -> list[str]:
    """The secrets that can be read in any of these, one way or another."""
    text = "\n".join(part for thing in shown for part in _texts(thing))
    return [secret for secret in SECRETS if secret in text]


def _texts(thing: object) -> Iterator[str]:
    yield str(thing)
    yield repr(thing)
    if isinstance(thing, OpenBrokerError):
        yield repr(vars(thing))
        yield "".join(traceback.format_exception(thing))
        yield pickle.dumps(thing).decode("latin-1")


def files(folder: Path) -> str:
    return "\n".join(
        path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file()
    )


def echoing(request: httpx.Request) -> httpx.Response:
    """A broker that repeats everything it was told, headers included."""
    told = f"{dict(request.headers)} {request.content.decode()}"
    body = {"status": False, "message": told, "errorcode": "AB1009", "data": None}
    return httpx.Response(200, json=body)


def test_the_canary_can_be_seen_where_it_is_not_hidden() -> None:
    assert leaks(SECRETS) == SECRETS


def test_nothing_of_a_session_shows(mock: MockBroker, root_log: io.StringIO) -> None:
    session = mock.broker.login()
    assert session.tokens["jwt"].reveal() == TOKENS["jwtToken"]
    account = mock.async_broker._account
    assert not leaks(session, session.tokens, mock.broker, account.adapter, account.sessions)
    assert not leaks(attrs.asdict(session, recurse=False))
    assert not leaks(root_log.getvalue())


def test_an_echoing_refusal_shows_nothing(mock: MockBroker, root_log: io.StringIO) -> None:
    mock.router.route(path__regex=rf"{S}/order/.*").mock(side_effect=echoing)
    calls = [
        mock.broker.orders,
        lambda: mock.broker.place_order("NSE:SBIN", "BUY", 1, **ORDER),
        lambda: mock.broker.cancel_order("261122000000111"),
    ]
    for call in calls:
        with pytest.raises(OpenBrokerError) as caught:
            call()
        assert Secret.MASK in str(caught.value)
        assert not leaks(caught.value)
        logging.getLogger("openbroker").error("it failed", exc_info=caught.value)
    assert not leaks(root_log.getvalue())


@pytest.mark.parametrize("status", [200, 500])
def test_an_echo_that_is_no_envelope_shows_nothing(
    mock: MockBroker, root_log: io.StringIO, status: int
) -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, text=f"{dict(request.headers)}")

    mock.router.route(path__regex=rf"{S}/order/.*").mock(side_effect=echo)
    with pytest.raises(OrderUnknown) as caught:
        mock.broker.place_order("NSE:SBIN", "BUY", 1, **ORDER)
    assert not leaks(caught.value, caught.value.evidence, caught.value.intent)
    with pytest.raises(OpenBrokerError) as read:
        mock.broker.orders()
    assert not leaks(read.value, root_log.getvalue())


def test_a_failure_of_the_wire_shows_nothing(mock: MockBroker, root_log: io.StringIO) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError(f"broken: {dict(request.headers)}", request=request)

    mock.router.route(path__regex=rf"{S}/order/.*").mock(side_effect=fail)
    with pytest.raises(OrderUnknown) as caught:
        mock.broker.place_order("NSE:SBIN", "BUY", 1, **ORDER)
    assert not leaks(caught.value, root_log.getvalue())


def test_the_loggers_of_http_libraries_show_nothing(
    mock: MockBroker, root_log: io.StringIO
) -> None:
    mock.broker.login()
    names = ("httpx", "httpcore.http11", "httpcore.connection", "hpack.hpack", "h2")
    for name in (*names, *_own_loggers()):
        logger = logging.getLogger(name)
        logger.debug("send_request_headers [(b'Authorization', b'Bearer %s')]", TOKENS["jwtToken"])
        logger.debug("Adding (b'x-privatekey', b'%s')", CANARIES["api_key"])
    seen = leaks(root_log.getvalue())
    assert not seen, seen


def _own_loggers() -> list[str]:
    """Every logger that a module of openbroker names."""
    sources = Path(openbroker.__file__).parent.rglob("*.py")
    pattern = re.compile(r'getLogger\("(openbroker[\w.]*)"\)')
    return sorted({name for path in sources for name in pattern.findall(path.read_text("utf-8"))})


def test_every_logger_of_ours_is_known() -> None:
    assert set(_own_loggers()) <= set(redaction.FILTERED)


def test_secrets_do_not_pickle(mock: MockBroker) -> None:
    session = mock.broker.login()
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(session)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(session.tokens["jwt"])


def test_wrong_credentials_are_not_shown() -> None:
    for name in ("pin", "totp_secret"):
        wrong = CANARIES | {name: f"{CANARIES[name]}!!"}
        with pytest.raises(OpenBrokerError) as caught:
            openbroker.connect("angelone", **wrong)
        assert not leaks(caught.value)


def test_nothing_is_left_in_files(own_folders: Path, root_log: io.StringIO) -> None:
    """A whole day on the embedded sandbox, journal and store included."""
    with openbroker.connect() as broker:
        session = broker.login()
        hidden = [token.reveal() for token in session.tokens.values()]
        ack = broker.place_order("NSE:SBIN", "BUY", 1, order_type="MARKET", product="MIS", tag="c1")
        broker.orders()
        broker.order(ack)
        broker.square_off()
        text = files(own_folders) + root_log.getvalue() + repr(broker) + repr(ack)
    assert len(hidden) >= 3
    assert not [secret for secret in hidden if secret in text]
