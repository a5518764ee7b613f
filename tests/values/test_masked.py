"""Masked bytes and texts: bytes and text in every way but that they do not show themselves."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.masked import MaskedBytearray, MaskedBytes, MaskedText, masked

SECRET = b"198507030123"
HOLDERS = [MaskedBytes(SECRET), MaskedText(SECRET.decode()), MaskedBytearray(SECRET)]


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda one: type(one).__name__)
def test_what_is_made_of_it_is_masked_too(holder: Any) -> None:
    for made in (holder, holder[2:6], holder[:], holder[::2], holder + holder, holder[:0]):
        for shown in (repr(made), f"{made!r}", ascii([made]), "%r" % (made,)):  # noqa: UP031
            assert not any(shown.count(SECRET.decode()[at : at + 2]) for at in range(0, 10, 2)), shown


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, pickle.dumps])
@pytest.mark.parametrize("holder", HOLDERS, ids=lambda one: type(one).__name__)
def test_it_is_not_pickled_or_copied(holder: object, way: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="not pickled or copied"):
        way(holder)


@given(st.binary(), st.binary(), st.integers(-9, 9), st.integers(-9, 9))
def test_masked_bytes_are_bytes(one: bytes, two: bytes, start: int, end: int) -> None:
    held = MaskedBytes(one)
    assert held == one and hash(held) == hash(one) and bytes(held) == one and held[start:end] == one[start:end]
    for made, plain in ((held + two, one + two), (two + held, two + one), (held + MaskedBytes(two), one + two)):
        assert made == plain and isinstance(made, MaskedBytes)
    assert list(held) == list(one) and held.hex() == one.hex() and memoryview(held) == one
    assert masked(held) is held and masked(bytearray(one)) == one


@given(st.binary(), st.binary())
def test_what_grows_by_masked_bytes_stays_itself(one: bytes, two: bytes) -> None:
    for growing in (bytearray(one), MaskedBytearray(one)):
        same = growing
        growing += MaskedBytes(two)
        assert growing is same and growing == one + two
        growing.extend(MaskedBytes(two))
        assert type(growing[1:]) in (bytearray, MaskedBytes)


@given(st.text(), st.text())
def test_masked_text_is_text_and_printed_where_that_is_meant(one: str, two: str) -> None:
    held = MaskedText(one)
    assert held == one and str(held) == f"{held}" == one and type(str(held)) is str
    assert (held + two, two + held) == (one + two, two + one)
    assert json.loads(json.dumps({"name": held})) == {"name": one}
