"""Dates as the card holds them: eight digits (Gregorian), and six digits of the Japanese calendar (和暦).

Residents' registers know birth dates of which nobody knows the day, or month and day. The card has ``00`` in their place,
and here they are a `PartialDate`: a genuine date that is a span of days.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TypeAlias

MAX_ERA_YEAR = 99  # of what has two digits for it


class Era(Enum):
    """The Japanese eras with their first days. The first year of each is 01 (元年)."""

    MEIJI = ("明治", "M", date(1868, 1, 25))
    TAISHO = ("大正", "T", date(1912, 7, 30))
    SHOWA = ("昭和", "S", date(1926, 12, 25))
    HEISEI = ("平成", "H", date(1989, 1, 8))
    REIWA = ("令和", "R", date(2019, 5, 1))

    def __init__(self, japanese: str, letter: str, first_day: date) -> None:
        self.japanese = japanese
        self.letter = letter
        self.first_day = first_day

    @classmethod
    def of(cls, day: date) -> Era:
        """The era a day belongs to.

        Raises:
            ValueError: the day is before 明治 (1868-01-25).
        """
        for era in reversed(cls):
            if day >= era.first_day:
                return era
        raise ValueError("the day is before 1868-01-25")


@dataclass(frozen=True, slots=True)
class Wareki:
    """A date of the Japanese calendar.

    Attributes:
        era: the era.
        year: the year in the era, 1 for 元年. It has no upper bound while the era lasts (令和101年), and no more than two digits
            where a credential is made of it.
        month: 1 to 12.
        day: 1 to 31.

    Raises:
        ValueError: no such day in that era (昭和64年1月8日 is none).
    """

    era: Era
    year: int
    month: int
    day: int

    def __post_init__(self) -> None:
        if self.year < 1:
            raise ValueError("the first year of an era is 1")
        if Era.of(self._gregorian()) is not self.era:
            raise ValueError("there is no such day in that era")

    @classmethod
    def from_date(cls, day: date) -> Wareki:
        """The Japanese date of a Gregorian one.

        Raises:
            ValueError: the day is before 1868-01-25.
        """
        era = Era.of(day)
        return cls(era, day.year - era.first_day.year + 1, day.month, day.day)

    @classmethod
    def parse(cls, text: str) -> Wareki:
        """Read ``昭和60年7月3日``, ``平成元年1月8日`` or ``S60.7.3`` (full-width digits too).

        Raises:
            ValueError: not such a date.
        """
        match = _PRINTED.fullmatch(text.strip().translate(_HALF_WIDTH))
        if match is None:
            raise ValueError("not a date of the Japanese calendar")
        sign, year, month, day = match.groups()
        era = next(era for era in Era if sign.upper() in (era.japanese, era.letter))
        return cls(era, 1 if year == "元" else int(year), int(month), int(day))

    def to_date(self) -> date:
        """The Gregorian date."""
        return self._gregorian()

    @property
    def digits(self) -> str:
        """Six digits ``YYMMDD``, as the card's date-of-birth key and 照合番号B want them.

        Raises:
            ValueError: the year of the era has three digits.
        """
        if self.year > MAX_ERA_YEAR:
            raise ValueError("six digits have no room for this year of the era")
        return f"{self.year:02d}{self.month:02d}{self.day:02d}"

    def _gregorian(self) -> date:
        return date(self.era.first_day.year + self.year - 1, self.month, self.day)

    def __str__(self) -> str:
        year = "元" if self.year == 1 else str(self.year)
        return f"{self.era.japanese}{year}年{self.month}月{self.day}日"


_HALF_WIDTH = str.maketrans("０１２３４５６７８９．／", "0123456789./")
_PRINTED = re.compile(
    r"(明治|大正|昭和|平成|令和|[MTSHRmtshr])\s*(元|\d{1,4})[年./-](\d{1,2})[月./-](\d{1,2})日?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A birth date of which the day, or month and day, is not known (``00`` on the card). Genuine: an age by it has bounds.

    Attributes:
        year: Gregorian, 1 to 9999.
        month: 1 to 12; None where it is not known either.

    Raises:
        ValueError: no such year or month.
    """

    year: int
    month: int | None = None

    def __post_init__(self) -> None:
        date(self.year, 1 if self.month is None else self.month, 1)

    @classmethod
    def fromisoformat(cls, text: str) -> PartialDate:
        """Read ``1985-07`` or ``1985``.

        Raises:
            ValueError: not such a date.
        """
        if _PARTIAL_ISO.fullmatch(text) is None:
            raise ValueError("a partial date is YYYY-MM or YYYY")
        return cls(int(text[:4]), int(text[5:]) if text[4:] else None)

    @property
    def earliest(self) -> date:
        """The first day that it may be."""
        return date(self.year, self.month or 1, 1)

    @property
    def latest(self) -> date:
        """The last day that it may be."""
        month = self.month or 12
        return date(self.year, month, monthrange(self.year, month)[1])

    def isoformat(self) -> str:
        """``1985-07`` or ``1985``, as ISO 8601 writes a date of reduced precision."""
        return f"{self.year:04d}" if self.month is None else f"{self.year:04d}-{self.month:02d}"

    __str__ = isoformat


BirthDay: TypeAlias = date | PartialDate
"""A birth date, whole or partial. ``isoformat()`` gives either as people and JSON read it."""


def parse_compact_date(raw: bytes) -> date:
    """Read eight ASCII digits ``YYYYMMDD``.

    Raises:
        ValueError: not eight digits, or no such day.
    """
    if len(raw) != 8 or not raw.isdigit():
        raise ValueError("a date has eight ASCII digits")
    return date(*_year_month_day(int(raw)))


def parse_compact_birth_day(raw: bytes) -> BirthDay:
    """Read eight ASCII digits ``YYYYMMDD``, with ``00`` for a day, or for month and day, that is not known.

    Raises:
        ValueError: not eight digits, or no such day.
    """
    if len(raw) == 8 and raw.isdigit() and raw.endswith(b"00"):
        month = int(raw[4:6])
        return PartialDate(int(raw[:4]), month or None)
    return parse_compact_date(raw)


def compact_digits(birth: BirthDay) -> str:
    """Eight digits ``YYYYMMDD`` as the card writes them, ``00`` for what is not known."""
    if isinstance(birth, PartialDate):
        return f"{birth.year:04d}{birth.month or 0:02d}00"
    return f"{birth.year:04d}{birth.month:02d}{birth.day:02d}"


def in_japanese_calendar(day: BirthDay) -> str | None:
    """The date as Japanese papers write it: ``昭和60年7月3日``; ``昭和60年7月日不詳`` and ``昭和60年月日不詳`` where it is partial.

    Returns:
        None where there is no one way to write it: before 1868-01-25, or a partial date that may lie in either of two eras.
    """
    try:
        if not isinstance(day, PartialDate):
            return str(Wareki.from_date(day))
        first, last = Wareki.from_date(day.earliest), Wareki.from_date(day.latest)
    except ValueError:
        return None
    if first.era is not last.era:
        return None
    year = str(first).partition("年")[0]
    return f"{year}年月日不詳" if day.month is None else f"{year}年{day.month}月日不詳"


def age_on(birth: date, day: date) -> int:
    """Full years of age on a day. Who was born on 29 February is a year older on 1 March of a common year."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _year_month_day(digits: int) -> tuple[int, int, int]:
    return digits // 10000, digits // 100 % 100, digits % 100


_PARTIAL_ISO = re.compile(r"\d{4}(-\d{2})?", re.ASCII)
