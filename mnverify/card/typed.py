"""A date of birth as a person types it, and whether to ask back before a try is spent on it."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from mnverify.card.credentials import BirthDate
from mnverify.masked import MaskedText
from mnverify.text import Text
from mnverify.values.dates import Era, Wareki

_HALF_WIDTH = str.maketrans("０１２３４５６７８９．／－ＭＴＳＨＲｍｔｓｈｒ", "0123456789./-MTSHRmtshr")
_GREGORIAN = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})", re.ASCII)
_SIX = re.compile(r"\d{6}", re.ASCII)
_NO_ERA = Text(
    "No era has the year {typed}: it looks like the Gregorian year {year}. If the card prints {era}, answer no and type that. Is "
    "the year of birth printed in Gregorian years on this card, as on cards of foreign residents?",
    "和暦{typed}年はありません。西暦{year}年のようです。カードに{era}と印刷されているときは「いいえ」と答え、"
    "そのとおりに入力してください。このカードの生年月日は（外国人住民のカードのように）西暦で印刷されていますか。",
)
_NO_ERA_AT_ALL = Text(
    "No era has the year {typed}. Is the date printed so on this card?",
    "和暦{typed}年はありません。カードにこのとおり印刷されていますか。",
)
_GREGORIAN_TYPED = Text(
    "The card gets the date as it is printed: {era} ({digits}). A card that prints the Gregorian year, as those of foreign "
    "residents do, wants {other}: answer no and type that. Is {era} printed on this card?",
    "カードには印刷どおり{era}（{digits}）として送ります。西暦で印刷されたカード（外国人住民のカードなど）では「いいえ」と答え、"
    "{other} と入力してください。このカードには{era}と印刷されていますか。",
)


class TypedBirthDate:
    """A birth date that a person typed.

    Attributes:
        credential: what the card would get.
        question: asked before it does, to be answered with yes or no; ``None`` where nothing is doubtful. It names the date, so it
            is for the person alone.
    """

    __slots__ = ("credential", "question")

    def __init__(self, credential: BirthDate, question: Text | None) -> None:
        self.credential: Final = credential
        self.question: Final = question

    def __repr__(self) -> str:
        return f"TypedBirthDate({'doubtful' if self.question else 'plain'})"


def read_birth_date(text: str, *, today: date | None = None) -> TypedBirthDate:
    """Read ``昭和60年7月3日``, ``S60.7.3``, ``600703`` as printed, or a Gregorian date (``1985-07-03``, ``1985年7月3日``).

    A Gregorian date is turned into 和暦, and six digits that no era can have are taken for a Gregorian year: both come with a
    question, because the wrong form costs one of the card's tries.

    Args:
        text: as typed; full-width characters and blanks around it are taken too.
        today: no holder is born later; default the day here.

    Raises:
        CredentialFormatError: no such date. The message holds no digit.
    """
    typed = MaskedText(text.strip().translate(_HALF_WIDTH))
    del text
    if _SIX.fullmatch(typed):
        return TypedBirthDate(BirthDate(typed), _doubt(typed, today or date.today()))  # noqa: DTZ011  # the holder's own day
    day = _gregorian(typed)
    if day is None:
        return TypedBirthDate(BirthDate(typed), None)
    credential = BirthDate(day)
    era = Wareki.from_date(day)
    return TypedBirthDate(credential, _GREGORIAN_TYPED.fill(era=era, digits=era.digits, other=f"{day:%y%m%d}"))


def _gregorian(typed: str) -> date | None:
    found = _GREGORIAN.fullmatch(typed)
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups() if part is not None))
    except ValueError:
        return None


def _doubt(six: str, today: date) -> Text | None:
    """The question where six digits are a day of no era: the year is a Gregorian one, perhaps."""
    year, month, day = int(six[:2]), int(six[2:4]) or 1, int(six[4:]) or 1  # 00: nobody knows the day
    if any(_is_past(era, year, month, day, today) for era in Era):
        return None
    century = today.year // 100 * 100
    gregorian = century + year if century + year <= today.year else century - 100 + year
    try:
        era = Wareki.from_date(date(gregorian, month, day))
    except ValueError:
        return _NO_ERA_AT_ALL.fill(typed=year)
    return _NO_ERA.fill(typed=year, year=gregorian, era=era)


def _is_past(era: Era, year: int, month: int, day: int, today: date) -> bool:
    try:
        return Wareki(era, year, month, day).to_date() <= today
    except ValueError:
        return False
