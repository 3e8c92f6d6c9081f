"""``Broker`` and ``AsyncBroker`` are one API: same methods, same arguments, same words."""

from __future__ import annotations

import inspect
import typing

import pytest

import openbroker
from openbroker import AsyncBroker, Broker, connect, connect_async
from openbroker.adapters.base import OPERATIONS

SYNC_ONLY: set[str] = set()
ASYNC_ONLY = {"open"}


def _public(cls: type) -> dict[str, object]:
    return {name: value for name, value in vars(cls).items() if not name.startswith("_")}


SHARED = sorted(set(_public(Broker)) & set(_public(AsyncBroker)))


def test_both_have_the_same_public_names() -> None:
    assert set(_public(Broker)) - SYNC_ONLY == set(_public(AsyncBroker)) - ASYNC_ONLY


@pytest.mark.parametrize("name", SHARED)
def test_both_take_the_same_arguments_and_return_the_same(name: str) -> None:
    ours, theirs = getattr(Broker, name), getattr(AsyncBroker, name)
    if isinstance(theirs, property):
        assert isinstance(ours, property)
        assert ours.fget is not None
        assert theirs.fget is not None
        ours, theirs = ours.fget, theirs.fget
    assert inspect.signature(ours) == inspect.signature(theirs)


@pytest.mark.parametrize("name", SHARED)
def test_a_method_is_waited_for_in_one_and_awaited_in_the_other(name: str) -> None:
    assert not inspect.iscoroutinefunction(getattr(Broker, name))


@pytest.mark.parametrize("cls", [Broker, AsyncBroker])
def test_everything_public_is_described(cls: type) -> None:
    assert cls.__doc__
    for name, value in _public(cls).items():
        assert inspect.getdoc(value) or inspect.getdoc(getattr(AsyncBroker, name)), name


@pytest.mark.parametrize("name", SHARED)
def test_no_public_signature_is_untyped(name: str) -> None:
    method = getattr(AsyncBroker, name)
    function = method.fget if isinstance(method, property) else method
    signature = inspect.signature(function)
    for parameter in list(signature.parameters.values())[1:]:
        assert parameter.annotation is not parameter.empty, parameter
    assert signature.return_annotation is not signature.empty
    assert typing.get_origin(signature.return_annotation) is not typing.Union


def test_connect_and_connect_async_take_the_same_arguments() -> None:
    ours, theirs = inspect.signature(connect), inspect.signature(connect_async)
    assert ours.parameters == theirs.parameters
    assert connect.__doc__
    assert connect_async.__doc__


def test_what_is_exported_is_there_and_described() -> None:
    for name in openbroker.__all__:
        value = getattr(openbroker, name)
        assert value is not None
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, name


def test_completion_offers_what_is_meant_for_users() -> None:
    extra = {"__version__", "errors", "schemas"}
    assert set(dir(openbroker)) == set(openbroker.__all__) | extra


def test_every_operation_has_a_method() -> None:
    by_another_name = {
        "master": "instruments",
        "raw": "request",
        "open_interest": "history",
    }
    for operation in OPERATIONS:
        assert hasattr(AsyncBroker, by_another_name.get(operation, operation)), operation


def test_after_the_second_argument_everything_is_by_name() -> None:
    positional_third = {"quantity"}
    for name, method in _public(AsyncBroker).items():
        if not inspect.isfunction(method):
            continue
        parameters = list(inspect.signature(method).parameters.values())[3:]
        loose = {p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD}
        assert loose <= positional_third | {"body"}, name
