"""Dates as cards and people write them: 和暦 and 西暦, 元年, a day or month that nobody knows, full and half width."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from mnverify.masked import MaskedText
from mnverify.printed.text.forms import plain, without_spaces
from mnverify.printed.text.numerals import number
from mnverify.values.dates import BirthDay, Era, PartialDate

_ERAS = {sign: era for era in Era for sign in (era.japanese, era.letter)} | {"㍾": Era.MEIJI, "㍽": Era.TAISHO}
_ERAS |= {"㍼": Era.SHOWA, "㍻": Era.HEISEI, "㋿": Era.REIWA}
_LABELS = re.compile(r"^(?:生年月日|有効期限|期限|西暦|有効期間|有効)[:：]?")
_ENDS = re.compile(r"(?:生まれ|生|まで有効|まで|迄有効|迄|が期限|\(?西暦\)?)$")
_KANJI_NUMBER = re.compile("(?<![0-9])[〇一二三四五六七八九十百千]+(?![0-9])")  # 6一 is no number in either script
_ERA = "|".join(map(re.escape, _ERAS))
_BESIDE = re.compile(r"\[([^\]]*)\]")
_YEAR = re.compile(rf"(?P<era>{_ERA})?(?P<year>元|[0-9]{{1,4}})年?")
_WEEKDAYS = "月火水木金土日"
_WEEKDAY = re.compile(f"([{_WEEKDAYS}])(?:曜日?)?")
_DATE = re.compile(
    rf"(?P<era>{_ERA})?(?P<year>元|[0-9]{{1,4}})(?:年|[-./])"
    r"(?:(?P<month>[0-9]{1,2})?(?:月|[-./])(?:(?P<day>[0-9]{1,2})?(?:日)?)?)?(?P<unknown>不詳|不明)?"
)
_SHORT = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2}))?")
_COMPACT = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_FIRST_GREGORIAN = 1868


class PrintedDate(NamedTuple):
    """A date as printed.

    Attributes:
        value: the day, or a ``PartialDate`` where it is printed without its day, or without month and day.
        in_era: it lies in the era that it is written in, and a year in brackets beside it is the same. 昭和64年1月8日 lies in
            none, and no register writes it so.
    """

    value: BirthDay
    in_era: bool


def read_date(text: str) -> PrintedDate | None:
    """The date in a text.

    Args:
        text: as ``昭和６０年７月３日``, ``平成元年1月8日生``, ``1985.7.3``, ``2033年7月3日まで有効``, ``昭和13年3月日不詳``.

    Returns:
        None where it is none, or no such day; and where it says two things: another date or another day of the week in brackets,
        anything else there that is no year, or a day with 不詳 behind it.
    """
    text = MaskedText(text)
    whole = _KANJI_NUMBER.sub(lambda run: number(run[0]) or run[0], without_spaces(plain(text))).upper()
    found = _read(_BESIDE.sub("", whole))
    for beside in _BESIDE.findall(whole):
        found = found and _beside(found, beside)
    return found


def _read(text: str) -> PrintedDate | None:
    """The date in a text in plain form, with no brackets."""
    rest = _ENDS.sub("", _ENDS.sub("", _LABELS.sub("", text)))
    match = _COMPACT.fullmatch(rest) or _SHORT.fullmatch(rest) or _DATE.fullmatch(rest)
    if match is None:
        return None
    parts = match.groupdict()
    if parts.get("unknown") and parts.get("day"):
        return None
    era, year = _era_and_year(match)
    return None if year < _FIRST_GREGORIAN else _checked(era, year, parts["month"], parts.get("day"))


def _beside(found: PrintedDate, beside: str) -> PrintedDate | None:
    """The date together with what stands in brackets beside it: a year, the same date once more, or its day of the week."""
    if beside == "西暦":
        return found
    year = _YEAR.fullmatch(beside)
    if year is not None:
        return found if _era_and_year(year)[1] == found.value.year else found._replace(in_era=False)
    weekday = _WEEKDAY.fullmatch(beside)
    if weekday is not None:
        whole = found.value
        return found if isinstance(whole, date) and _WEEKDAYS[whole.weekday()] == weekday[1] else None
    again = _read(beside)
    if again is None or again.value != found.value:
        return None
    return found._replace(in_era=found.in_era and again.in_era)


def _era_and_year(match: re.Match[str]) -> tuple[Era | None, int]:
    """The era that is written, if one is, and the Gregorian year."""
    era = _ERAS[match["era"]] if match.groupdict().get("era") else None
    year = 1 if match["year"] == "元" else int(match["year"])
    return era, year if era is None else era.first_day.year + year - 1 if year else 0


def _checked(era: Era | None, gregorian: int, month: str | None, day: str | None) -> PrintedDate | None:
    try:
        if month is None or day is None:
            if day is not None:
                return None
            partial = PartialDate(gregorian, int(month) if month else None)
            return PrintedDate(partial, era is None or era in (Era.of(partial.earliest), Era.of(partial.latest)))
        whole = date(gregorian, int(month), int(day))
        return PrintedDate(whole, era is None or Era.of(whole) is era)
    except ValueError:
        return None
