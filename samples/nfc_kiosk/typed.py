"""What a person types of the print, checked before any try of the card is spent on it.

The page asks for the era as it is printed, so nobody has to know that 昭和60年 is 1985, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mnverify import BirthDate, MyNumber, VerificationNumberA, VerificationNumberB
from mnverify.errors import CredentialFormatError
from mnverify.masked import MaskedText, not_copied
from mnverify.values import BirthDay, PartialDate
from mnverify.values.dates import Era, Wareki

ERAS = {"reiwa": Era.REIWA, "heisei": Era.HEISEI, "showa": Era.SHOWA, "taisho": Era.TAISHO}
GREGORIAN = "gregorian"
_HALF_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
_MOST = 16  # characters of a field; the longest is a 個人番号 in groups


class FormError(Exception):
    """Something was typed that is not printed so on any card.

    Args:
        fields: a stable code by the name of the field; it holds nothing that was typed.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(", ".join(fields.values()))
        self.fields = dict(fields)


@not_copied
@dataclass(frozen=True, slots=True, repr=False)
class Birth:
    """A date of birth as it is printed.

    Attributes:
        era: a word of ``ERAS``, or ``gregorian``, as cards of foreign residents are printed.
        year: of the era, or Gregorian.
        month: ``None`` where none is printed.
        day: ``None`` where none is printed.
    """

    era: str
    year: int
    month: int | None
    day: int | None

    @property
    def value(self) -> BirthDay:
        """The date.

        Raises:
            ValueError: there is no such day.
        """
        if self.month is not None and self.day is not None:
            if self.era == GREGORIAN:
                return date(self.year, self.month, self.day)
            return Wareki(ERAS[self.era], self.year, self.month, self.day).to_date()
        first = self.year if self.era == GREGORIAN else ERAS[self.era].first_day.year + self.year - 1
        return PartialDate(first, self.month)

    @property
    def digits(self) -> MaskedText:
        """The six digits that the card wants."""
        return MaskedText(f"{self.year % 100:02d}{self.month or 0:02d}{self.day or 0:02d}")


@not_copied
@dataclass(frozen=True, slots=True, repr=False)
class Print:
    """What is printed on the front, as far as number B needs it."""

    birth: Birth
    expiry_year: int
    security_code: MaskedText

    @property
    def credential(self) -> VerificationNumberB:
        """照合番号B."""
        return VerificationNumberB.from_printed(self.birth.digits, self.expiry_year, self.security_code)


def read_birth(form: Mapping[str, Any], today: date) -> Birth:
    """The date of birth of a form: ``era``, ``year``, ``month``, ``day``.

    Raises:
        FormError: it is none.
    """
    era, year = form.get("era"), _number(form.get("year"))
    month, day = _number(form.get("month")), _number(form.get("day"))
    if era not in (*ERAS, GREGORIAN):
        raise FormError({"era": "era-missing"})
    if not year or (month is None and _given(form.get("month"))) or (day is None and _given(form.get("day"))):
        raise FormError({"year": "birth-missing"})
    if day is not None and month is None:
        raise FormError({"month": "month-missing"})
    birth = Birth(era, year, month, day)
    try:
        value = birth.value
    except ValueError:
        value = None
    if value is None or (era == GREGORIAN and year < Era.MEIJI.first_day.year):
        raise FormError({"year": "no-such-day"})
    if (value.earliest if isinstance(value, PartialDate) else value) > today:
        raise FormError({"year": "in-future"})
    return birth


def read_print(form: Mapping[str, Any], today: date) -> Print:
    """Birth date, ``expiry_year`` and ``security_code`` of a form.

    Raises:
        FormError: which of them is none; all at once.
    """
    wrong: dict[str, str] = {}
    birth: Birth | None = None
    try:
        birth = read_birth(form, today)
    except FormError as error:
        wrong |= error.fields
    expiry_year, code = _digits(form.get("expiry_year")), _digits(form.get("security_code"))
    if len(expiry_year) != 4:
        wrong["expiry_year"] = "expiry-year-form"
    if len(code) != 4:
        wrong["security_code"] = "security-code-form"
    if birth is None or wrong:
        raise FormError(wrong)
    printed = Print(birth, int(expiry_year), code)
    try:
        _ = printed.credential
    except CredentialFormatError:
        wrong["expiry_year"] = "expiry-year-form"
    if wrong:
        raise FormError(wrong)
    return printed


def read_my_number(form: Mapping[str, Any]) -> MyNumber:
    """The 個人番号 that was typed, for the counter of those who may ask for it.

    Raises:
        FormError: not twelve digits with a right check digit.
    """
    number: MyNumber | None
    try:
        number = MyNumber(_digits(form.get("my_number")))
    except ValueError:
        number = None
    if number is None:
        raise FormError({"my_number": "my-number-form"})
    return number


def birth_credential(birth: Birth) -> BirthDate:
    """What opens the age record."""
    return BirthDate(birth.digits)


def number_credential(number: MyNumber) -> VerificationNumberA:
    """照合番号A."""
    return VerificationNumberA(MaskedText(number.reveal()))


def _given(typed: object) -> bool:
    return isinstance(typed, str) and bool(typed.strip())


def _digits(typed: object) -> MaskedText:
    """The digits of a field, blanks and hyphens aside; empty where there is anything else."""
    if not isinstance(typed, str) or len(typed) > _MOST:
        return MaskedText("")
    plain = typed.translate(_HALF_WIDTH)
    bare = "".join(one for one in plain if one not in " \u3000-")
    return MaskedText(bare if bare.isascii() and bare.isdigit() else "")


def _number(typed: object) -> int | None:
    digits = "1" if isinstance(typed, str) and typed.strip() == "元" else _digits(typed)
    return int(digits) if 0 < len(digits) <= 4 else None
