"""Dates as the card holds them: eight digits (Gregorian), and six digits of the Japanese calendar (和暦)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache


class Era(Enum):
    """The Japanese eras with their first days (``card.md`` §3). The first year of each is 01 (元年)."""

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
        year: the year in the era, 1 for 元年.
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
        if not 1 <= self.year <= 99:
            raise ValueError("the year of an era is 1 to 99")
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
        """Six digits ``YYMMDD``, as the card's date-of-birth key and 照合番号B want them."""
        return f"{self.year:02d}{self.month:02d}{self.day:02d}"

    def _gregorian(self) -> date:
        return date(self.era.first_day.year + self.year - 1, self.month, self.day)

    def __str__(self) -> str:
        year = "元" if self.year == 1 else str(self.year)
        return f"{self.era.japanese}{year}年{self.month}月{self.day}日"


_HALF_WIDTH = str.maketrans("０１２３４５６７８９．／", "0123456789./")
_PRINTED = re.compile(
    r"(明治|大正|昭和|平成|令和|[MTSHRmtshr])\s*(元|\d{1,2})[年./-](\d{1,2})[月./-](\d{1,2})日?", re.ASCII
)


@lru_cache(maxsize=4096)
def parse_compact_date(raw: bytes) -> date:
    """Read eight ASCII digits ``YYYYMMDD``.

    Raises:
        ValueError: not eight digits, or no such day.
    """
    if len(raw) != 8 or not raw.isdigit():
        raise ValueError("a date has eight ASCII digits")
    return date(int(raw[:4]), int(raw[4:6]), int(raw[6:]))


def age_on(birth: date, day: date) -> int:
    """Full years of age on a day. Who was born on 29 February is a year older on 1 March of a common year."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
