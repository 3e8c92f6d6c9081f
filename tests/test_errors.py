"""The error tree: drawn as it is, picklable, and never without advice."""

from __future__ import annotations

import copy
import inspect
import pickle
import re

import pytest

import openbroker
from openbroker import errors
from openbroker.errors import OpenBrokerError, OrderUnknown, Outcome

CLASSES = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and issubclass(value, OpenBrokerError)
]


def _drawn() -> dict[str, str | None]:
    """Each class of the docstring's tree with its parent's name."""
    parents: dict[str, str | None] = {}
    path: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^    ([│├└─ ]*)([A-Z]\w+)", line)
        if found is None:
            continue
        depth, name = len(found.group(1)), found.group(2)
        while path and path[-1][0] >= depth:
            path.pop()
        parents[name] = path[-1][1] if path else None
        path.append((depth, name))
    return parents


def test_the_drawn_tree_is_the_real_one() -> None:
    real = {
        cls.__name__: cls.__bases__[0].__name__ if cls is not OpenBrokerError else None
        for cls in CLASSES
    }
    assert _drawn() == real


def test_all_names_the_whole_tree() -> None:
    assert set(errors.__all__) == {cls.__name__ for cls in CLASSES} | {"Outcome"}
    assert errors.__all__ == sorted(errors.__all__)
    assert all(getattr(openbroker, name) is getattr(errors, name) for name in errors.__all__)


@pytest.mark.parametrize("cls", CLASSES)
def test_every_class_has_advice_and_a_docstring(cls: type[OpenBrokerError]) -> None:
    assert cls.advice.strip().endswith(".")
    assert cls.__doc__
    assert str(cls("it happened")).endswith(cls.advice)


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("copied", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy])
def test_every_error_survives_pickling_whole(cls, copied) -> None:  # type: ignore[no-untyped-def]
    error = cls(
        "it happened", advice="Do this.", broker="angelone", operation="place_order",
        code="AB1", status=403,
    )  # fmt: skip
    error.retry_after = 2.5
    again = copied(error)
    assert type(again) is cls
    assert vars(again) == vars(error)
    assert str(again) == str(error) == "angelone place_order: it happened [AB1]. Do this."
    assert again.outcome is error.outcome


def test_an_unknown_order_travels_with_its_evidence() -> None:
    error = OrderUnknown(
        "no answer", intent={"symbol": "NSE:SBIN"}, tag="AB", evidence={"phase": "wait"}
    )
    again = pickle.loads(pickle.dumps(error))
    assert (again.intent, again.tag, again.evidence) == (error.intent, "AB", {"phase": "wait"})
    assert again.outcome is Outcome.UNKNOWN


def test_what_is_known_already_is_kept() -> None:
    error = OpenBrokerError("x", operation="first").during(
        broker="b", operation="second", outcome=Outcome.NOT_SENT
    )
    assert (error.broker, error.operation, error.outcome) == ("b", "first", Outcome.NOT_SENT)
    assert error.during(broker="c", operation="d", outcome=Outcome.UNKNOWN).outcome is (
        Outcome.NOT_SENT
    )


def test_usage_errors_say_that_nothing_was_sent() -> None:
    for cls in CLASSES:
        if issubclass(cls, errors.UsageError):
            assert cls("x").outcome is Outcome.NOT_SENT
        if issubclass(cls, errors.OrderRejected):
            assert cls("x").outcome is Outcome.REJECTED
