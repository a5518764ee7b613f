"""個人番号 (My Number): twelve digits with a check digit."""

from __future__ import annotations

from mnverify.masked import MaskedText, refuse_copy


class MyNumber:
    """A 個人番号. It never shows itself: ``repr`` and ``str`` are masked, pickling is refused, ``reveal`` is explicit.

    Args:
        digits: twelve ASCII digits, the last a check digit.

    Raises:
        ValueError: not twelve ASCII digits, or the check digit is wrong. The message holds no digit.
    """

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        digits = MaskedText(digits)  # so that no frame on the way of an error shows them
        if len(digits) != 12 or not (digits.isascii() and digits.isdigit()):
            raise ValueError("a 個人番号 has twelve ASCII digits")
        if check_digit(digits[:11]) != digits[11]:
            raise ValueError("the check digit of the 個人番号 is wrong")
        self._digits = digits

    def reveal(self) -> str:
        """The twelve digits. Only a 個人番号利用事務等実施者 may keep them."""
        return str(self._digits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MyNumber) and other._digits == self._digits

    def __hash__(self) -> int:
        return hash(self._digits)

    def __repr__(self) -> str:
        return "MyNumber(************)"

    __str__ = __repr__

    __reduce_ex__ = refuse_copy


def check_digit(first_eleven: str) -> str:
    """The check digit of a 個人番号 (検査用数字; 番号法施行令 第8条 and the ordinance under it).

    Args:
        first_eleven: the eleven ASCII digits left of the check digit.

    Raises:
        ValueError: not eleven ASCII digits.
    """
    first_eleven = MaskedText(first_eleven)
    if len(first_eleven) != 11 or not (first_eleven.isascii() and first_eleven.isdigit()):
        raise ValueError("eleven ASCII digits are needed")
    total = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(first_eleven), start=1))
    remainder = total % 11
    return "0" if remainder <= 1 else str(11 - remainder)
