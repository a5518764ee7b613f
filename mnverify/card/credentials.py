"""What a holder presents: form-checked before anything is sent, and never shown."""

from __future__ import annotations

import hmac
import re
from datetime import date
from typing import ClassVar, Literal, Never

from mnverify.errors import CredentialFormatError
from mnverify.masked import MaskedBytes
from mnverify.text import Text
from mnverify.values.dates import Wareki
from mnverify.values.my_number import MyNumber
from mnverify.values.terms import CredentialKind

_HALF_WIDTH = str.maketrans("".join(chr(0xFF10 + n) for n in range(10)), "0123456789")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
_LEAP_YEAR = 2000
_FIRST_EXPIRY_YEAR, _LAST_EXPIRY_YEAR = 2016, 2099  # cards are issued since 2016; four digits of this century


class Credential:
    """A credential of a fixed number of ASCII digits.

    ``repr`` and ``str`` are masked, pickling and copying are refused, comparing takes constant time. Full-width
    digits and blanks around them are taken as typed.

    Raises:
        CredentialFormatError: it has not the form the card wants. The message holds no digit.
    """

    __slots__ = ("_digits",)
    kind: ClassVar[CredentialKind]
    length: ClassVar[int]
    _form: ClassVar[Text]

    def __init__(self, digits: str) -> None:
        plain = _plain(digits, self._form)
        if not (len(plain) == self.length and _DIGITS.fullmatch(plain) and self._has_form(plain)):
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
        value: six digits ``YYMMDD`` as the card wants them (和暦), a date, ``YYYY-MM-DD`` or a 和暦 date as printed;
            all but the six digits are turned into 和暦.

    Raises:
        CredentialFormatError: not such a date.
    """

    __slots__ = ()
    kind = CredentialKind.BIRTH_DATE
    length = 6
    _form = Text(
        "A date of birth is six digits YYMMDD of the Japanese calendar, or YYYY-MM-DD. Nothing was sent.",
        "生年月日は和暦の6桁（YYMMDD）か YYYY-MM-DD で入力してください。何も送っていません。",
    )

    def __init__(self, value: str | date | Wareki) -> None:
        super().__init__(_birth_digits(value, self._form))

    @classmethod
    def from_gregorian_print(cls, day: date) -> BirthDate:
        """The six digits for a card that prints the Gregorian year (foreign residents): its last two digits.

        Never tried by itself after the 和暦 form: what is printed decides (``facts.md`` §7).
        """
        return cls(_gregorian_digits(day))

    @classmethod
    def _has_form(cls, digits: str) -> bool:
        return _is_month_and_day(digits[2:6])


class VerificationNumberB(Credential):
    """Verification number B 照合番号B: birth ``YYMMDD`` ‖ expiry year ``YYYY`` ‖ security code (card.md §3).

    Args:
        digits: the fourteen digits.

    Raises:
        CredentialFormatError: not fourteen digits of that form.
    """

    __slots__ = ()
    kind = CredentialKind.VERIFICATION_NUMBER_B
    length = 14
    _form = Text(
        "Verification number B is 14 digits: birth YYMMDD as printed, expiry year, security code. Nothing was sent.",
        "照合番号Bは14桁（生年月日6桁・有効期限の西暦年4桁・セキュリティコード4桁）です。何も送っていません。",
    )

    @classmethod
    def from_printed(
        cls,
        birth: str | date | Wareki,
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
        if printed not in ("era", "gregorian"):
            raise CredentialFormatError(cls._form)
        six = _birth_digits(birth, cls._form, gregorian=printed == "gregorian")
        year = _plain(str(expiry_year) if type(expiry_year) is int else expiry_year, cls._form)
        code = _plain(security_code, cls._form)
        if (len(six), len(year), len(code)) != (6, 4, 4):
            raise CredentialFormatError(cls._form)
        return cls(six + year + code)

    @classmethod
    def _has_form(cls, digits: str) -> bool:
        return _is_month_and_day(digits[2:6]) and _FIRST_EXPIRY_YEAR <= int(digits[6:10]) <= _LAST_EXPIRY_YEAR

    def birth_and_expiry_year(self) -> tuple[str, int]:
        """The birth digits and the expiry year, which the card vouches for once it has accepted the number."""
        return self._digits[:6], int(self._digits[6:10])


class VerificationNumberA(Credential):
    """Verification number A 照合番号A: the 個人番号 itself; for role ``my-number-office`` only.

    Args:
        digits: the twelve digits, the last a check digit.

    Raises:
        CredentialFormatError: not twelve digits, or the check digit is wrong.
    """

    __slots__ = ()
    kind = CredentialKind.VERIFICATION_NUMBER_A
    length = 12
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
    """
    return _CLASSES[kind](text)


def _plain(text: object, form: Text) -> str:
    if not isinstance(text, str):
        raise CredentialFormatError(form)
    return text.strip().translate(_HALF_WIDTH)


def _birth_digits(value: object, form: Text, *, gregorian: bool = False) -> str:
    """Six digits of a birth date in any of the forms a caller may give; digits are passed on unchecked."""
    if isinstance(value, str) and _DIGITS.fullmatch(_plain(value, form)):
        return _plain(value, form)
    digits = _digits_of_date(value, gregorian=gregorian)
    if digits is None:  # raised here, outside any except block: the cause would quote what was typed
        raise CredentialFormatError(form)
    return digits


def _digits_of_date(value: object, *, gregorian: bool) -> str | None:
    try:
        if isinstance(value, str):
            plain = value.strip().translate(_HALF_WIDTH)
            value = date.fromisoformat(plain) if _ISO_DATE.fullmatch(plain) else Wareki.parse(plain)
        if isinstance(value, Wareki):
            return _gregorian_digits(value.to_date()) if gregorian else value.digits
        if isinstance(value, date):
            return _gregorian_digits(value) if gregorian else Wareki.from_date(value).digits
    except ValueError:
        pass
    return None


def _gregorian_digits(day: date) -> str:
    return f"{day.year % 100:02d}{day.month:02d}{day.day:02d}"


def _is_month_and_day(digits: str) -> bool:
    try:
        date(_LEAP_YEAR, int(digits[:2]), int(digits[2:]))
    except ValueError:
        return False
    return True
