"""Whether the holder is of an age: one answer, from a birth date that was verified, with what it cannot say.

An age is reached at midnight of the birthday in Japan, whatever time zone the moment has. By the law on the reckoning of ages
(年齢計算ニ関スル法律) it is reached at the end of the day before: here an instant later, never too early. Who was born on 29
February is a year older on 1 March of a common year. A birth date of which the day, or month and day, is not known gives bounds:
the answer is yes where it holds for every day that it may be, no where it holds for none, else nobody can tell.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.values.dates import BirthDay, PartialDate, age_on
from mnverify.verification.result import Outcome, VerificationResult
from mnverify.verification.verifier import JAPAN

MAX_YEARS = 150


class AgeAnswer(StrEnum):
    """Whether the holder is old enough. ``unknown`` is never a yes."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


_DETAILS = {
    "yes": Text("The holder is {years} or older.", "{years}歳以上です。"),
    "no": Text("The holder is younger than {years}.", "{years}歳未満です。"),
    "partial-birth-date": Text(
        "Cannot tell: the birth date in the chip is not complete, and the holder may be younger than {years}.",
        "判定できません。チップ内の生年月日の一部が不詳で、{years}歳に達していない可能性があります。",
    ),
    "no-birth-date": Text(
        "Cannot tell: what was read holds no birth date.", "判定できません。読み取った内容に生年月日がありません。"
    ),
    "not-verified": Text("Cannot tell: the card was not verified.", "判定できません。カードを確認できませんでした。"),
}
_LIMITS = {
    "age-holder": Text(
        "Whether the card is in its holder's hand: this reading compares no face.",
        "カードを持っている人が本人かどうかは、顔を照合していないため分かりません。",
    ),
    "age-expiry": Text(
        "Whether the card has expired: what was read for the age holds no expiry date.",
        "年齢の確認で読んだ内容に有効期限がないため、カードが期限切れかどうかは分かりません。",
    ),
}


class AgeCheck(NamedTuple):
    """The answer to "at least so old?". As a condition it is true for ``yes`` alone.

    Attributes:
        years: the age asked for.
        answer: yes, no or unknown.
        code: stable code: ``yes``, ``no``, ``partial-birth-date``, ``no-birth-date`` or ``not-verified``.
        result: the verification that it rests on.
    """

    years: int
    answer: AgeAnswer
    code: str
    result: VerificationResult

    def __bool__(self) -> bool:
        return self.answer is AgeAnswer.YES

    @property
    def old_enough(self) -> bool | None:
        """``True``, ``False``, or ``None`` where nobody can tell."""
        return {AgeAnswer.YES: True, AgeAnswer.NO: False, AgeAnswer.UNKNOWN: None}[self.answer]

    @property
    def detail(self) -> Text:
        """The sentence for people."""
        return _DETAILS[self.code].fill(years=self.years)

    @property
    def limits(self) -> dict[str, Text]:
        """What the answer cannot say, by stable code: the result's limits, and those of an age."""
        limits = {"age-holder": _LIMITS["age-holder"]}
        if self.result.check("expiry").outcome is Outcome.NOT_PERFORMED:
            limits["age-expiry"] = _LIMITS["age-expiry"]
        return {**limits, **{code: text for code, text in self.result.limits.items() if code != "holder"}}

    def to_dict(self, *, lang: str = "en") -> dict[str, Any]:
        """The object of ``age --json``: the answer, and the result without its fields. The birth date is not in it."""
        document = self.result.to_dict(lang=lang)
        document.pop("fields", None)
        document["limits"] = [{"code": code, "detail": text.in_language(lang)} for code, text in self.limits.items()]
        return {
            "at_least": self.years,
            "old_enough": self.old_enough,
            "answer": self.answer.value,
            "code": self.code,
            "detail": self.detail.in_language(lang),
            **document,
        }

    def __repr__(self) -> str:
        return f"AgeCheck(at least {self.years}: {self.answer}/{self.code})"


def check_age(result: VerificationResult, years: int) -> AgeCheck:
    """Whether the holder is at least so old on the day of ``result.at`` in Japan.

    Args:
        result: a verification of a reading with a birth date; where it was rejected the answer is ``unknown``.
        years: 0 to 150.

    Raises:
        UsageError: an argument has another type, or ``years`` is out of range.
    """
    if not isinstance(result, VerificationResult) or type(years) is not int or not 0 <= years <= MAX_YEARS:
        raise UsageError(
            Text(
                f"check_age takes a VerificationResult and 0 to {MAX_YEARS} whole years. Nothing was answered.",
                f"check_age には VerificationResult と 0〜{MAX_YEARS} の整数の年齢を渡してください。判定していません。",
            )
        )
    if not result.verified:
        return AgeCheck(years, AgeAnswer.UNKNOWN, "not-verified", result)
    if result.birth_date is None:
        return AgeCheck(years, AgeAnswer.UNKNOWN, "no-birth-date", result)
    answer = at_least(result.birth_date, years, day_in_japan(result.at))
    return AgeCheck(years, answer, "partial-birth-date" if answer is AgeAnswer.UNKNOWN else answer.value, result)


def at_least(birth: BirthDay, years: int, day: date) -> AgeAnswer:
    """Whether who was born then is at least so old on a day, for every day that a partial birth date may be."""
    if isinstance(birth, PartialDate):
        if age_on(birth.latest, day) >= years:
            return AgeAnswer.YES
        return AgeAnswer.UNKNOWN if age_on(birth.earliest, day) >= years else AgeAnswer.NO
    return AgeAnswer.YES if age_on(birth, day) >= years else AgeAnswer.NO


def day_in_japan(at: datetime) -> date:
    """The day that it is in Japan, also at the ends of time."""
    try:
        return at.astimezone(JAPAN).date()
    except OverflowError:
        return date.min if at.year == date.min.year else date.max
