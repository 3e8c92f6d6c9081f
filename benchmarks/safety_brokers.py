"""The brokers that the order-safety campaign runs on, and what differs between them.

A broker is a row: its adapter without rate limits (the campaign does not measure how fast it may
send), where orders are placed, and which failures it is known for beside those of every gateway.
Two lists name the faults: those after which no order exists, and those after which one does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import attrs
from attrs import field, frozen

import openbroker as ob
from openbroker.adapters.angelone import ANGELONE, AngelOne
from openbroker.adapters.base import Adapter
from openbroker.adapters.zerodha import ZERODHA, Zerodha
from openbroker.sandbox.sandbox import Sandbox
from openbroker.transport.messages import RateLimit

NOT_BOOKED = (
    "reset-before-body", "fin-before-body", "reset-mid-request", "fin-mid-request",
    "reset-before-booking", "fin-before-booking", "black-hole", "half-close", "408-then-close",
    "500-html", "502-html", "503-html", "504-html", "empty-200", "no-content", "waf-page",
    "too-many-requests", "redirect", "other-shape", "json-null", "deep-json", "not-utf8",
)  # fmt: skip
BOOKED = (
    "reset-after-booking", "fin-after-booking", "bare-fin-after-booking", "black-hole-booked",
    "half-close-booked", "reset-mid-reply", "fin-mid-reply", "stalled-reply", "truncated-body",
    "late-reply", "slow-loris", "garbage-status-line", "content-length-too-long",
    "content-length-too-short", "conflicting-lengths", "chunked-garbage", "unended-chunks",
    "duplicated-reply", "late-duplicate", "surplus-bytes", "swapped-replies", "header-bomb",
    "gzip-bomb", "informational-noise", "500-html-booked", "502-html-booked", "503-html-booked",
    "504-html-booked", "empty-200-booked", "no-content-booked", "waf-page-booked",
    "redirect-booked", "truncated-json", "other-shape-booked", "json-null-booked",
    "deep-json-booked", "not-utf8-booked",
)  # fmt: skip
PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "gzip-bomb": {"megabytes": 8},
    "header-bomb": {"count": 200},
}


@attrs.frozen(kw_only=True)
class UnlimitedAngelOne(AngelOne):
    """Angel One without its rate limits."""

    limits: ClassVar[Sequence[RateLimit]] = ()


@attrs.frozen(kw_only=True)
class UnlimitedZerodha(Zerodha):
    """Zerodha without its rate limits."""

    limits: ClassVar[Sequence[RateLimit]] = ()


@frozen(kw_only=True)
class Subject:
    """A broker whose orders are put through the campaign.

    Attributes:
        adapter: registered under a name of its own.
        place: a part of the path at which orders are placed, and of no other.
        order_id: where the reply's data names the order.
        not_booked, booked: faults of this broker's alone.
        parameters: of those faults.
        prepare: done to the sandbox before it serves.
    """

    name: str
    adapter: Adapter
    place: str
    order_id: str
    not_booked: tuple[str, ...]
    booked: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    prepare: Callable[[Sandbox], None] = lambda _: None

    @property
    def title(self) -> str:
        return self.adapter.title

    def rules(self, share: float, scale: float) -> list[dict[str, Any]]:
        """The faults of the campaign, ``share`` of all orders between them."""
        names = (*NOT_BOOKED, *self.not_booked, *BOOKED, *self.booked)
        given = {**PARAMETERS, **self.parameters, **_timed(scale)}
        each = share / len(names)
        return [
            {"fault": name, "probability": each, "path": self.place} | dict(given.get(name, {}))
            for name in names
        ]


def _timed(scale: float) -> dict[str, dict[str, float]]:
    return {
        "late-reply": {"seconds": 12.0 * scale},
        "slow-loris": {"seconds": 0.5 * scale},
        "swapped-replies": {"seconds": 1.0 * scale},
    }


def _let_logins_stand(box: Sandbox) -> None:
    """Two processes of one account log in by themselves: let a login not end the other's."""
    box.sessions._end = lambda _: None  # type: ignore[attr-defined]  # noqa: SLF001


def _unlimited(kind: type[Adapter], original: Adapter) -> Adapter:
    hosts = dict.fromkeys(original.hosts, "https://campaign.invalid")
    return kind(name=f"campaign_{original.name}", title=original.title, hosts=hosts)


SUBJECTS: Mapping[str, Subject] = {
    subject.name: subject
    for subject in (
        Subject(
            name="angelone",
            adapter=_unlimited(UnlimitedAngelOne, ANGELONE),
            place="/order/v1/placeOrder",
            order_id="orderid",
            not_booked=tuple(f"shape-{letter}" for letter in "abcdefghij"),
            # shape-c-booked to -f-booked are left out: there the broker itself says in so many
            # words that it stopped the order at its gateway, and then books it.
            booked=(
                "status-as-string", "shape-a-booked", "shape-b-booked", "shape-g-booked",
                "shape-h-booked", "shape-i-booked",
            ),
            parameters={"shape-c": {"code": "AG7002", "message": "Unregistered IP address"}},
            prepare=_let_logins_stand,
        ),
        Subject(
            name="zerodha",
            adapter=_unlimited(UnlimitedZerodha, ZERODHA),
            place="/orders/regular",
            order_id="order_id",
            not_booked=(
                "user-exception", "permission-exception", "token-exception", "rate-exception",
                "input-exception", "order-exception", "margin-exception", "holding-exception",
                "network-exception", "data-exception", "general-exception",
            ),
            booked=(
                "network-exception-booked", "data-exception-booked", "general-exception-booked",
                "no-order-id",
            ),
        ),
    )
}  # fmt: skip


def register_all() -> None:
    """Make the campaign's adapters known in this process."""
    for subject in SUBJECTS.values():
        ob.register(subject.adapter)
