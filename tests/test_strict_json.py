"""The one way from foreign JSON: the same limits for text and for objects, one form of base64, and nothing echoed."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mnverify.masked import MaskedDict, MaskedList, MaskedText, Unseen
from mnverify.strict_json import Limits, StrictJson, printable
from mnverify.text import Text


class RefusedError(Exception):
    """With the place and the reason."""

    def __init__(self, where: str, why: Text) -> None:
        super().__init__(f"{where}: {why.en} {why.ja}")
        self.why = why


PLAIN = StrictJson("root", RefusedError, Limits(200, 3))
NUMBERS = StrictJson("root", RefusedError, Limits(200, 3, longest_number=4))
SECRET = "佐藤花子 19850703"

_json = st.recursive(
    st.none() | st.booleans() | st.integers(-99999, 99999) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


def _comes_to(call: Any, value: object) -> object:
    try:
        return call(value)
    except RefusedError as error:
        return error.why


@given(st.dictionaries(st.text(max_size=6), _json, max_size=4))
def test_an_object_is_taken_exactly_where_its_text_is(document: dict[str, Any]) -> None:
    for strict in (PLAIN, NUMBERS):
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        if any("\ud800" <= character <= "\udfff" for character in text) or "\\" in text:
            return
        if abs(len(text.encode()) - 200) < 16:  # the size of an object is counted without its last commas
            return
        loaded, adopted = _comes_to(strict.load, text), _comes_to(strict.adopt, document)
        assert isinstance(loaded, Text) == isinstance(adopted, Text)
        if not isinstance(loaded, Text):
            assert loaded == adopted == document
            assert repr(loaded) == repr(adopted) == f"MaskedDict({len(document)} members)"


@pytest.mark.parametrize(
    "wrong",
    [None, 5, "x", [], (), {1: "x"}, {b"a": ""}, {"a": b""}, {"a": {1}}, {"a": object()}, {"a": 1}, {"a": 1.5}, {"a": float("nan")},
     {"a": {"b": {"c": {}}}}, {"a": [[[]]]}, {"a": "x" * 300}, {"x" * 300: ""}, {"a": "\ud800"}, {"\ud800": ""}],
)  # fmt: skip
def test_objects_that_are_refused(wrong: object) -> None:
    for given_so in (wrong, Unseen(wrong)):
        with pytest.raises(RefusedError):
            PLAIN.adopt(given_so)


def test_numbers_only_where_they_belong() -> None:
    assert NUMBERS.load('{"a": 1234}') == NUMBERS.adopt({"a": 1234}) == {"a": 1234}
    for text in ('{"a": 12345}', '{"a": NaN}', '{"a": Infinity}', '{"a": -12345}'):
        with pytest.raises(RefusedError):
            NUMBERS.load(text)
    with pytest.raises(RefusedError):
        PLAIN.load('{"a": 1}')


@example("AAAA=")
@example("AAAA====")
@example("AAA==")
@given(st.text("ABCQgwEI048/+=-_ \n", max_size=9))
def test_base64_has_one_form(text: str) -> None:
    try:
        raw = binascii.a2b_base64(text, strict_mode=True)
        good = base64.b64encode(raw).decode() == text
    except ValueError:
        good = False
    if good:
        assert PLAIN.base64(MaskedText(text), "a") == raw
    else:
        with pytest.raises(RefusedError):
            PLAIN.base64(MaskedText(text), "a")


def test_no_reason_repeats_what_is_there() -> None:
    value, other = MaskedText(SECRET), MaskedDict({SECRET: SECRET})
    calls: list[Callable[[], object]] = [
        lambda: PLAIN.keys(other, "a", ("b",)),
        lambda: PLAIN.keys(other, "a"),
        lambda: PLAIN.keys(value, "a"),
        lambda: PLAIN.items(value, "a"),
        lambda: PLAIN.items(MaskedList([value] * 3), "a", 2),
        lambda: PLAIN.word(value, "a", ("b", "c")),
        lambda: PLAIN.matching(value, "a", "[0-9]+", Text("digits", "数字")),
        lambda: PLAIN.text(value, "a", 3),
        lambda: PLAIN.text(MaskedText(SECRET + "\x1b"), "a", 99),
        lambda: PLAIN.flag(value, "a"),
        lambda: PLAIN.whole(value, "a", 0, 9),
        lambda: PLAIN.tenths(value, "a", 9),
        lambda: PLAIN.hex(value, "a", 0, 9),
        lambda: PLAIN.base64(value, "a"),
        lambda: PLAIN.load(SECRET),
        lambda: PLAIN.load(f'{{"{SECRET}": 1}}'),
    ]
    for call in calls:
        with pytest.raises(RefusedError) as caught:
            call()
        assert "佐藤" not in str(caught.value) and "1985" not in str(caught.value)
        assert caught.value.why.ja and caught.value.__context__ is None


@pytest.mark.parametrize("text", ["佐藤　花子", "𠮷田", "a b", ""])
def test_texts_without_control_characters(text: str) -> None:
    assert printable(text)


@pytest.mark.parametrize("text", ["a\tb", "a\x9b", "\u202e", "\x1b[2J", "\u200b"])
def test_texts_with_control_characters(text: str) -> None:
    assert not printable(text)
