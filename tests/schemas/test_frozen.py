"""Rows are frozen whole, and travel between processes."""

from __future__ import annotations

import copy
import pickle

import pytest

import openbroker as ob

ROW = ob.Order(order_id="1", vendor={"variety": "NORMAL"}, handle={"variety": "NORMAL"})


def test_a_row_pickles_and_copies_with_what_the_vendor_said() -> None:
    for twin in (pickle.loads(pickle.dumps(ROW)), copy.deepcopy(ROW)):
        assert twin == ROW
        assert (twin.vendor, twin.handle) == (ROW.vendor, ROW.handle)


@pytest.mark.parametrize("change", ["__setitem__", "update", "pop", "clear", "setdefault"])
def test_its_mappings_cannot_be_changed(change: str) -> None:
    with pytest.raises(TypeError, match="cannot be changed"):
        getattr(ROW.vendor, change)("variety", "AMO")
    assert ROW.vendor == {"variety": "NORMAL"}
