"""Sex as the card encodes it (JIS X 0303)."""

from __future__ import annotations

from enum import StrEnum


class Sex(StrEnum):
    """Sex by JIS X 0303: one ASCII digit on the card, a word in results."""

    UNKNOWN = "unknown"
    MALE = "male"
    FEMALE = "female"
    NOT_APPLICABLE = "not-applicable"

    @classmethod
    def from_digit(cls, digit: str) -> Sex:
        """The sex a card digit stands for.

        Raises:
            ValueError: the digit is not one of ``0 1 2 9``.
        """
        for sex, code in _DIGITS.items():
            if code == digit:
                return sex
        raise ValueError("sex is not one of the digits 0, 1, 2, 9")

    @property
    def digit(self) -> str:
        """The ASCII digit on the card."""
        return _DIGITS[self]

    @property
    def japanese(self) -> str:
        """The word a Japanese form uses."""
        return _JAPANESE[self]


_DIGITS = {Sex.UNKNOWN: "0", Sex.MALE: "1", Sex.FEMALE: "2", Sex.NOT_APPLICABLE: "9"}
_JAPANESE = {Sex.UNKNOWN: "不明", Sex.MALE: "男", Sex.FEMALE: "女", Sex.NOT_APPLICABLE: "適用不能"}
