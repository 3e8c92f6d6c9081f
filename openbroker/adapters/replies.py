"""How adapters judge the replies that come back.

A reply is judged in a fixed order: HTTP status, content type, JSON (:func:`read_body`), then the
vendor's own flag and code.  What a vendor's code means, and what it proves about an order, is a
table of :class:`Refusal`; a code that no table lists proves nothing (:func:`refusal_of`).

Here a reply is read where the vendor writes its verdict.  What the rest of it says against that
verdict, of an order for example that a 429 names, is found where orders are judged, for all brokers
alike (:mod:`openbroker.orders.contradictions`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
from attrs import frozen

from openbroker.adapters.wire import begins_as_json, read_json, show
from openbroker.errors import (
    BrokerError,
    BrokerUnavailable,
    MalformedReply,
    OpenBrokerError,
    Outcome,
    RateLimited,
)
from openbroker.schemas import Order
from openbroker.transport.messages import Reply


@frozen(kw_only=True)
class Refusal:
    """What a vendor's code or text means: the error, and what it proves about an order."""

    error: type[OpenBrokerError]
    outcome: Outcome = Outcome.UNKNOWN

    def make(self, message: str, *, code: str | None, status: int | None) -> OpenBrokerError:
        return self.error(message, code=code, status=status, outcome=self.outcome)


UNLISTED = Refusal(error=BrokerError, outcome=Outcome.UNKNOWN)
"""A code that no table lists."""


def read_body(reply: Reply, *, rate_text: Iterable[str] = ()) -> Any:
    """The reply's JSON, after its status and its content type have been judged.

    A 4xx with JSON is returned: its envelope says more than its status.

    Raises:
        RateLimited: 429, or a text that the vendor is known to send for it.
        BrokerUnavailable: 5xx; what it did is unknown.
        MalformedReply: a redirect, HTML, an empty body, or no JSON.
    """
    status, content = reply.status, reply.content
    text = content[:300].decode("utf-8", "replace").casefold()
    is_json = begins_as_json(content)
    if status == 429 or (not is_json and status < 500 and any(t in text for t in rate_text)):
        raise _rate_limited(reply)
    if status >= 500 or status == 408:
        raise BrokerUnavailable(f"the gateway answered {status}: {show(content)}", status=status)
    if 300 <= status < 400:
        raise MalformedReply(f"the gateway answered a redirect ({status})", status=status)
    if not is_json:
        raise MalformedReply(f"the reply ({status}) is not JSON: {show(content)}", status=status)
    return read_json(content)


def _rate_limited(reply: Reply) -> RateLimited:
    error = RateLimited(
        f"too many requests: {show(reply.content)}",
        status=reply.status,
        outcome=Outcome.NOT_SENT,
    )
    after = reply.headers.get("retry-after", "")
    error.retry_after = float(after) if after.isdigit() else None
    return error


def refusal_of(
    code: str | None,
    message: str,
    *,
    codes: Mapping[str, Refusal],
    texts: Sequence[tuple[str, Refusal]],
) -> Refusal:
    """What a vendor's refusal means.

    A code that the table lists decides; the text decides where the code is a catch-all that stands
    in no table, and says more where the code only says that the input is wrong.  Words with ``^``
    before them are those that a message begins with.

    Words amid a message tell what it is about, and never that nothing was sent: a message may quote
    them of an order that has gone on.  Only a message that begins with them says it of itself.
    """
    listed = codes.get(code or "")
    if listed is not None and listed.error is not BrokerError:
        return listed
    folded = message.casefold().lstrip()
    words, by_text = next((pair for pair in texts if _says(folded, pair[0])), ("", None))
    proven = (listed or UNLISTED).outcome
    if by_text is None:
        return listed or UNLISTED
    if by_text.outcome is Outcome.NOT_SENT and not folded.startswith(words.removeprefix("^")):
        return attrs.evolve(by_text, outcome=proven)
    return by_text


def _says(folded: str, words: str) -> bool:
    return folded.startswith(words[1:]) if words.startswith("^") else words in folded


def only_tagged(orders: Iterable[Order], wire_tag: str) -> Order | None:
    """The order with a wire tag; of its states the last.

    Raises:
        MalformedReply: several orders carry it, and nothing says which is meant.
    """
    found = {order.order_id: order for order in orders if order.wire_tag == wire_tag}
    if len(found) > 1:
        raise MalformedReply(f"several orders carry the tag {wire_tag}: {', '.join(found)}")
    return next(iter(found.values()), None)
