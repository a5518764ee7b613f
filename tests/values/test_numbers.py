"""Sex, 個人番号, key ids."""

from __future__ import annotations

import copy
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.values import KeyId, MyNumber, Sex, check_digit

NUMBER = "123456789018"


def test_sex_both_ways() -> None:
    assert {digit: Sex.from_digit(digit).value for digit in "0129"} == {
        "0": "unknown",
        "1": "male",
        "2": "female",
        "9": "not-applicable",
    }
    for member in Sex:
        assert Sex.from_digit(member.digit) is member
        assert member.japanese


@pytest.mark.parametrize("digit", ["", "3", "8", "12", "１", "M", " "])
def test_sex_refuses(digit: str) -> None:
    with pytest.raises(ValueError):
        Sex.from_digit(digit)


def by_the_ordinance(first_eleven: str) -> str:
    """The ordinance's formula, written out: P1 is the digit left of the check digit."""
    p = [int(digit) for digit in reversed(first_eleven)]
    q = [2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6]
    rest = sum(a * b for a, b in zip(p, q, strict=True)) % 11
    return "0" if rest in (0, 1) else str(11 - rest)


@given(st.text("0123456789", min_size=11, max_size=11))
def test_check_digit(first_eleven: str) -> None:
    right = by_the_ordinance(first_eleven)
    assert check_digit(first_eleven) == right
    assert MyNumber(first_eleven + right).reveal() == first_eleven + right
    for wrong in set("0123456789") - {right}:
        with pytest.raises(ValueError):
            MyNumber(first_eleven + wrong)


@pytest.mark.parametrize(
    "digits", ["", NUMBER[:11], NUMBER + "0", "12345678901A", "１２３４５６７８９０１８", " 12345678901"]
)
def test_my_number_refuses(digits: str) -> None:
    with pytest.raises(ValueError) as caught:
        MyNumber(digits)
    assert not digits or digits not in str(caught.value)


@pytest.mark.parametrize("digits", ["", "1234567890", "123456789012", "1234567890１"])
def test_check_digit_refuses(digits: str) -> None:
    with pytest.raises(ValueError):
        check_digit(digits)


def test_my_number_never_shows_itself() -> None:
    number = MyNumber(NUMBER)
    for shown in (repr(number), str(number), f"{number}", f"{[number]}", format(number)):
        assert NUMBER not in shown and "1234" not in shown
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError):
            pickle.dumps(number, protocol)
    with pytest.raises(TypeError):
        copy.deepcopy(number)
    assert not hasattr(number, "__dict__")


def test_my_number_error_shows_no_digit() -> None:
    try:
        MyNumber("123456789012")
    except ValueError as error:
        assert "123456789012" not in "".join(traceback.format_exception_only(error))


def test_my_number_equality() -> None:
    assert MyNumber(NUMBER) == MyNumber(NUMBER)
    assert hash(MyNumber(NUMBER)) == hash(MyNumber(NUMBER))
    assert MyNumber(NUMBER) != NUMBER


def test_key_id() -> None:
    known = KeyId(b"5000023\x08\x05001" + bytes(4))
    assert (known.name, repr(known), str(known)) == ("5000023/001", "KeyId(5000023/001)", "KeyId(5000023/001)")
    padded = KeyId(known[:12] + b"\x00\x00\x00\x01")
    assert padded.name == "5000023/001+00000001"
    assert padded != known
    assert KeyId(bytes(16)).name == "00" * 16


@given(st.binary(max_size=40))
def test_key_id_has_sixteen_bytes(raw: bytes) -> None:
    if len(raw) == 16:
        assert KeyId(raw) == raw and KeyId(raw).name
    else:
        with pytest.raises(ValueError):
            KeyId(raw)
