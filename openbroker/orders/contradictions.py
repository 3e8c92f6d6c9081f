"""What else a refusal says: why it may prove nothing, whatever its code.

An adapter reads a refusal where its vendor writes it.  This module reads the rest of the same
reply, for every broker alike, and finds what a refusal never says:

* *an order's id*, wherever it stands, but for that of an order which the reply calls rejected.  A
  refusal of a change may repeat the id that it was asked about; a word from before the order system
  (a dead token, too many requests) names no order.
* *a success*, in one of the flags that envelopes have.
* *that the broker does not know*.  Zerodha's *Order request timed out. Please check the order book
  and confirm before placing again.* came with HTTP 400 under the class of plain refusals, and the
  orders were booked eight seconds later (kite.trade/forum, comment 35732, 2021-10).
* *that the order is there already*.  Ours go out once, each under a tag of its own: who calls a new
  one a duplicate has seen it before.

A body that cannot be read might say any of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from openbroker.adapters.wire import begins_as_json, read_json, to_order_id
from openbroker.errors import MalformedReply, Outcome
from openbroker.transport.messages import Reply, Request

MAKES_ANEW: Final = ("place_order", "place_gtt")
"""Operations that name no order of the past."""

NO_ANSWER: Final = re.compile(
    r"time[ds]?(out|[ _-]out\b)|\bdeadline[ _]exceeded\b|\bno[tr]? (respon|repl)"
    r"|\bawaiting\b|\bwaiting for\b.{0,30}\b(respon|repl|confirm|acknowledg)"
    r"|\bsomething went wrong\b"
    r"|\b(unexpected|unhandled|unknown) (error|exception|response|status)\b"
    r"|\b(null|io|nullpointer|runtime|socket|connect)exception\b|\bjava\.\w|\btraceback\b"
    r"|\binternal (server )?error\b|\b(check|verify|see|refer)\b.{0,30}\border ?(book|status)\b"
    r"|\b(status|state|outcome)\b.{0,30}\b(not known|unknown|unclear)\b"
    r"|\b(unable|failed|not able) to (connect|reach|communicate)\b"
    r"|\bcould ?n[o']t (connect|reach|communicate)\b|\bunreachable\b"
    r"|\bconnection (was )?(reset|refused|lost|closed|aborted|error|failed)\b"
    r"|\becon\w+\b|\bbroken pipe\b|\bsocket hang up\b|\bcontext cancell?ed\b"
    r"|\bserver is (down|busy)\b|\bbad gateway\b"
    r"|\bcircuit[ -]?breaker\b.{0,40}\b(open|tripped)\b"
    r"|\bservice (is )?(temporarily )?unavailable\b",
    re.IGNORECASE,
)
"""Words with which a broker says that it does not know what its order system did."""

SESSION_ENDED: Final = re.compile(
    r"\b(session|token|log[ -]?in)\b[\w ]{0,20}\btime[ds]?[ -]?out\b", re.IGNORECASE
)
"""A time-out of the session, which says nothing of the order's."""

UNDER_WAY: Final = re.compile(
    r"\bin[ -]transit\b|\b(being|under|still) process|\balready (placed|submitted|received)\b"
    r"|\bduplicate\b|\border already exists\b"
    r"|\border (has been|was|is) (placed|submitted|accepted|queued)\b",
    re.IGNORECASE,
)
"""Words that refuse a change of an order because it is on its way, and that say of a new one that
it is."""

DONE: Final = re.compile(r"\bsuccess(ful|fully)?\b", re.IGNORECASE)

FLAGS: Final = ("status", "success", "stat", "s", "ok")
SUCCEEDS: Final = frozenset({"success", "ok", "true"})
"""How envelopes say yes."""

ORDER_KEYS: Final = frozenset(
    {
        "orderid", "orderids", "orderno", "ordernumber", "norenordno", "nordno", "apporderid",
        "uniqueorderid", "exchangeorderid", "gttorderid", "gttorderids", "triggerid", "ruleid",
        "alid", "result",
    }
)  # fmt: skip
"""Under which names vendors write the ids of orders and rules, lower case and letters alone."""

STATUS_KEYS: Final = frozenset({"status", "orderstatus"})

ID_PLACES: Final = ((), ("data",))
"""Where a key that is ``id`` and no more is an order's; elsewhere it may be anything's."""

MOST: Final = 20_000
"""Values of a body that are looked at; no refusal has so many."""

Path = tuple[str, ...]


def contradiction(
    outcome: Outcome, message: str, request: Request, reply: Reply
) -> str | None:  # fmt: skip
    """Why a reply that was read as this outcome does not prove it; ``None`` if nothing speaks
    against it."""
    try:
        body = _body(reply.content)
    except MalformedReply:
        return "its body cannot be read"
    values = list(_values(body))
    if len(values) >= MOST:
        return "its body is too large for a refusal's"
    named = set(_ids(values))
    if outcome is Outcome.REJECTED and request.operation not in MAKES_ANEW:
        named -= set(_echoed(named, request))
    if named:
        return f"it names order {min(named)}"
    if _says_yes(body):
        return "it says that it succeeded"
    texts = [message, *(value for _, value in values if isinstance(value, str))]
    is_new = request.operation in MAKES_ANEW
    return next(filter(None, (_admission(text, is_new=is_new) for text in texts)), None)


def _body(content: bytes) -> Any:
    """The parsed JSON of a body; any other as text.

    Raises:
        MalformedReply: it begins as JSON and is none, or it is no text.
    """
    if begins_as_json(content):
        return read_json(content)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedReply("the body is no text") from None


def _values(body: Any) -> Iterator[tuple[Path, Any]]:
    """Every value of a body with the keys above it; lists leave no trace in them."""
    rest: list[tuple[Path, Any]] = [((), body)]
    for _ in range(MOST):
        if not rest:
            return
        path, value = rest.pop()
        if isinstance(value, Mapping):
            rest += [((*path, str(key)), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            rest += [(path, inner) for inner in value]
        yield path, value


def _ids(values: Iterable[tuple[Path, Any]]) -> Iterator[str]:
    """The ids of all orders that are named and not called rejected."""
    for path, row in values:
        if isinstance(row, Mapping) and not _is_rejected(row):
            for key, value in row.items():
                if _letters(key) in ORDER_KEYS or (path in ID_PLACES and key.casefold() == "id"):
                    yield from _orders(value)


def _orders(value: Any) -> Iterator[str]:
    """The ids that a value holds, which may be a list of them."""
    for one in value if isinstance(value, list) else [value]:
        found = to_order_id(one)
        if found is not None:
            yield found


def _is_rejected(row: Mapping[str, Any]) -> bool:
    """Whether a row says of its order that it was rejected."""
    told = (row.get(key) for key in row if _letters(key) in STATUS_KEYS)
    return any(isinstance(word, str) and word.strip().casefold() == "rejected" for word in told)


def _letters(key: str) -> str:
    return "".join(filter(str.isalpha, key)).casefold()


def _echoed(ids: set[str], request: Request) -> Iterator[str]:
    """Those ids that the request itself has named."""
    asked = f"{request.url} {request.content.decode('utf-8', 'replace')}"
    for one in ids:
        if re.search(rf"(?<![A-Za-z0-9]){re.escape(one)}(?![A-Za-z0-9])", asked):
            yield one


def _says_yes(body: Any) -> bool:
    row = body[0] if isinstance(body, list) and len(body) == 1 else body
    flags = (row.get(key) for key in FLAGS) if isinstance(row, Mapping) else ()
    return any(str(flag).strip().casefold() in SUCCEEDS for flag in flags)


def _admission(text: str, *, is_new: bool) -> str | None:
    """What a text says that a refusal does not."""
    words = SESSION_ENDED.sub("", text)
    found = NO_ANSWER.search(words) or DONE.search(words) or (is_new and UNDER_WAY.search(words))
    return f"it says {found.group()!r}" if found else None


__all__ = ["MAKES_ANEW", "contradiction"]
