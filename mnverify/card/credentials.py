"""What a holder presents: form-checked before anything is sent, and never shown.

What was typed is masked first, and let go where it is refused: a traceback with local variables shows no digit of it.
"""

from __future__ import annotations

import hmac
import re
from datetime import date
from typing import ClassVar, Literal, Never

from mnverify.card.arguments import word
from mnverify.errors import CredentialFormatError
from mnverify.masked import MaskedBytes, MaskedText, mask
from mnverify.text import Text
from mnverify.values.dates import PartialDate, Wareki
from mnverify.values.my_number import MyNumber
from mnverify.values.terms import CredentialKind

_HALF_WIDTH = str.maketrans("".join(chr(0xFF10 + n) for n in range(10)), "0123456789")
_SEPARATORS = re.compile(r"(?<=\d)[ \u3000\-\u2010-\u2015\u2212\u30fc\uff0d]{1,3}(?=\d)", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
_LEAP_YEAR = 2000
_MONTHS = 12
_FIRST_EXPIRY_YEAR, _LAST_EXPIRY_YEAR = 2016, 2099  # cards are issued since 2016; four digits of this century


class Credential:
    """A credential of a fixed number of ASCII digits.

    ``repr`` and ``str`` are masked, pickling and copying are refused, comparing takes constant time. Full-width
    digits and blanks around them are taken as typed; so are blanks and hyphens within the numbers that are written in groups.

    Raises:
        CredentialFormatError: it has not the form the card wants. The message holds no digit.
    """

    __slots__ = ("_digits",)
    kind: ClassVar[CredentialKind]
    length: ClassVar[int]
    _form: ClassVar[Text]
    _grouped: ClassVar[bool] = False

    def __init__(self, digits: str) -> None:
        plain = _plain(digits)
        del digits
        if plain is not None and self._grouped:
            plain = MaskedText(_SEPARATORS.sub("", plain))
        if plain is None or len(plain) != self.length or not _DIGITS.fullmatch(plain) or not self._has_form(plain):
            raise CredentialFormatError(self._form)
        self._digits = plain

    @classmethod
    def _has_form(cls, digits: str) -> bool:
        """Whether digits can be such a credential."""
        return len(digits) == cls.length

    def digits_for_card(self) -> bytes:
        """The ASCII digits that VERIFY carries. Only a session asks for them."""
        return MaskedBytes(self._digits.encode())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Credential) or other.kind is not self.kind:
            return False
        return hmac.compare_digest(self._digits, other._digits)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'*' * self.length})"

    __str__ = __repr__

    def __reduce_ex__(self, protocol: object) -> Never:
        raise TypeError("a credential is not pickled or copied")

    def __getstate__(self) -> Never:
        raise TypeError("a credential is not pickled or copied")


class BirthDate(Credential):
    """Date of birth 生年月日, key of the face-check age record.

    Args:
        value: six digits ``YYMMDD`` as the card wants them (和暦), a date, a partial date, ``YYYY-MM-DD`` or a 和暦 date as
            printed; all but the six digits are turned into 和暦. In the six digits ``00`` stands for a day, or a month and
            day, that nobody knows.

    Raises:
        CredentialFormatError: not such a date.
    """

    __slots__ = ()
    kind = CredentialKind.BIRTH_DATE
    length = 6
    _form = Text(
        "A date of birth is typed as it is printed, in six digits YYMMDD, or as YYYY-MM-DD. Nothing was sent.",
        "生年月日は、印刷のとおり、6桁（YYMMDD）、または YYYY-MM-DD で入力してください。何も送っていません。",
    )

    def __init__(self, value: str | date | PartialDate | Wareki) -> None:
        digits = _birth_digits(value)
        del value
        if digits is None:
            raise CredentialFormatError(self._form)
        super().__init__(digits)

    @classmethod
    def from_gregorian_print(cls, day: date) -> BirthDate:
        """The six digits for a card that prints the Gregorian year (foreign residents): its last two digits.

        Never tried by itself after the 和暦 form: what is printed decides.
        """
        return cls(_gregorian_digits(day))

    @classmethod
    def _has_form(cls, digits: str) -> bool:
        return _is_month_and_day(digits[2:6])


class VerificationNumberB(Credential):
    """Verification number B 照合番号B: birth ``YYMMDD`` ‖ expiry year ``YYYY`` ‖ security code.

    Args:
        digits: the fourteen digits, also in groups, as ``600703-2033-4102``.

    Raises:
        CredentialFormatError: not fourteen digits of that form.
    """

    __slots__ = ()
    kind = CredentialKind.VERIFICATION_NUMBER_B
    length = 14
    _grouped = True
    _form = Text(
        "Verification number B is 14 digits: birth YYMMDD as printed, expiry year, security code. Nothing was sent.",
        "照合番号Bは14桁（生年月日6桁・有効期限の西暦年4桁・セキュリティコード4桁）です。何も送っていません。",
    )

    @classmethod
    def from_printed(
        cls,
        birth: str | date | PartialDate | Wareki,
        expiry_year: int | str,
        security_code: str,
        *,
        printed: Literal["era", "gregorian"] = "era",
    ) -> VerificationNumberB:
        """Make number B of what is printed on the front of the card.

        Args:
            birth: date of birth: six digits, ``YYYY-MM-DD``, a date, or 和暦 as printed.
            expiry_year: Gregorian year of the card's expiry, four digits.
            security_code: the four digits beside the expiry.
            printed: ``"gregorian"`` where the card prints the year of birth in Gregorian years.

        Raises:
            CredentialFormatError: one of the three has not its form.
        """
        six = _birth_digits(birth, gregorian=printed == "gregorian")
        year = _plain(str(expiry_year) if type(expiry_year) is int else expiry_year)
        code = _plain(security_code)
        del birth, expiry_year, security_code
        known = printed in ("era", "gregorian")
        if six is None or year is None or code is None or (len(six), len(year), len(code)) != (6, 4, 4) or not known:
            raise CredentialFormatError(cls._form)
        return cls(MaskedText(six + year + code))

    @classmethod
    def _has_form(cls, digits: str) -> bool:
        return _is_month_and_day(digits[2:6]) and _FIRST_EXPIRY_YEAR <= int(digits[6:10]) <= _LAST_EXPIRY_YEAR

    def birth_and_expiry_year(self) -> tuple[str, int]:
        """The birth digits and the expiry year, which what answered has agreed to once it has accepted the number."""
        return self._digits[:6], int(self._digits[6:10])


class VerificationNumberA(Credential):
    """Verification number A 照合番号A: the 個人番号 itself; for role ``my-number-office`` only.

    Args:
        digits: the twelve digits, the last a check digit; also in groups, as printed.

    Raises:
        CredentialFormatError: not twelve digits, or the check digit is wrong.
    """

    __slots__ = ()
    kind = CredentialKind.VERIFICATION_NUMBER_A
    length = 12
    _grouped = True
    _form = Text(
        "Verification number A is the 12 digits of the My Number with a right check digit. Nothing was sent.",
        "照合番号Aは個人番号12桁（検査用数字を含む）です。桁か検査用数字が違います。何も送っていません。",
    )

    @classmethod
    def _has_form(cls, digits: str) -> bool:
        try:
            MyNumber(digits)
        except ValueError:
            return False
        return True


class Pin(Credential):
    """The PIN 暗証番号 of the input-assist application: four digits. It has three tries."""

    __slots__ = ()
    kind = CredentialKind.PIN
    length = 4
    _form = Text("The PIN is four digits. Nothing was sent.", "暗証番号は4桁の数字です。何も送っていません。")


_CLASSES: dict[CredentialKind, type[Credential]] = {
    each.kind: each for each in (BirthDate, VerificationNumberB, VerificationNumberA, Pin)
}


def credential_from_text(kind: CredentialKind, text: str) -> Credential:
    """The credential of a kind from what a person typed.

    Raises:
        CredentialFormatError: it has not the form of that kind.
        UsageError: there is no such kind.
    """
    typed = mask(text)
    del text
    return _CLASSES[word(CredentialKind, kind)](typed)  # type: ignore[arg-type]  # what is no text, it refuses


def _plain(typed: object) -> MaskedText | None:
    """What was typed, with half-width digits and no blanks around it; ``None`` for what is no text."""
    return MaskedText(typed.strip().translate(_HALF_WIDTH)) if isinstance(typed, str) else None


def _birth_digits(value: object, *, gregorian: bool = False) -> MaskedText | None:
    """Six digits of a birth date in any of the forms a caller may give; digits are passed on unchecked, ``None`` for no date."""
    plain = _plain(value)
    if plain is not None:
        if _DIGITS.fullmatch(plain):
            return plain
        value = plain
    try:
        if isinstance(value, str):
            value = date.fromisoformat(value) if _ISO_DATE.fullmatch(value) else Wareki.parse(value)
        if isinstance(value, Wareki):
            return MaskedText(_gregorian_digits(value.to_date()) if gregorian else value.digits)
        if isinstance(value, PartialDate):
            return _partial_digits(value, gregorian=gregorian)
        if isinstance(value, date):
            return MaskedText(_gregorian_digits(value) if gregorian else Wareki.from_date(value).digits)
    except ValueError:
        pass
    return None


def _partial_digits(value: PartialDate, *, gregorian: bool) -> MaskedText | None:
    """The digits of a date whose day, or month and day, nobody knows; ``None`` where its days lie in two eras."""
    first, last = Wareki.from_date(value.earliest), Wareki.from_date(value.latest)
    if not gregorian and first.era is not last.era:
        return None
    year = value.year % 100 if gregorian else first.year
    return MaskedText(f"{year:02d}{value.month or 0:02d}00")


def _gregorian_digits(day: date) -> str:
    return f"{day.year % 100:02d}{day.month:02d}{day.day:02d}"


def _is_month_and_day(digits: str) -> bool:
    """Whether four digits are a month and a day, or say that nobody knows the day, or both."""
    if digits.endswith("00"):
        return int(digits[:2]) <= _MONTHS
    try:
        date(_LEAP_YEAR, int(digits[:2]), int(digits[2:]))
    except ValueError:
        return False
    return True
