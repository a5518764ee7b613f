"""Dates as cards and people write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.printed.dates import read_date
from mnverify.values import PartialDate, in_japanese_calendar
from mnverify.virtual import Persona, personas

DAY = date(1985, 7, 3)
SAME_DAY = (
    "昭和60年7月3日",
    "昭和６０年　７月　３日",
    "昭和六十年七月三日",
    "昭和60年07月03日生",
    "昭和60年7月3日生まれ",
    "生年月日：昭和60年7月3日",
    "S60.7.3",
    "s60/7/3",
    "Ｓ６０．７．３",
    "㍼60年7月3日",
    "1985年7月3日",
    "１９８５年７月３日",
    "西暦1985年7月3日",
    "1985年（昭和60年）7月3日",
    "昭和60年7月3日（1985年）",
    "1985-07-03",
    "1985/7/3",
    "1985.7.3",
    "19850703",
    "1985年7月3日まで有効",
    "1985－07－03",
    "昭和60年7月3日（1985年7月3日）",
    "1985年7月3日（昭和60年7月3日生）",
    "昭和60年7月3日（Ｓ60.7.3）（水）",
    "昭和60年7月3日（水曜日）",
    "1985年7月3日（西暦）",
)
NOT_DATES = (
    "",
    "昭和",
    "昭和60年13月3日",
    "昭和60年2月30日",
    "昭和0年1月1日",
    "昭和60年7月3日4",
    "7月3日",
    "600703",
    "1985-7",
    "0985-07-03",
    "昭和60年日3",
    "abc",
    "1985-07-03T10:00:00",
    "三十",
    "昭和60年7月3日（1986年7月4日）",
    "昭和60年7月3日（昭和61年7月3日）",
    "昭和60年7月3日（1985年7月4日）",
    "昭和60年7月3日（1985年7月）",
    "昭和60年7月3日（1985年7月3日）（1985年7月4日）",
    "昭和60年7月3日（木）",
    "昭和60年7月（水）",
    "昭和60年7月3日（4日）",
    "昭和60年7月3日（訂正）",
    "昭和60年7月3日（）",
    "昭和60年7月3日不詳",
    "昭和60年7月3日不明",
    "1985年7月3不詳",
    "昭和6一年7月3日",
    "昭和60年1二月3日",
    "昭和60年7月二3日",
    "昭和六0年7月3日",
)


@pytest.mark.parametrize("text", SAME_DAY)
def test_one_day_however_it_is_written(text: str) -> None:
    assert read_date(text) == (DAY, True)


@pytest.mark.parametrize("text", NOT_DATES)
def test_what_is_no_date_gives_none(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("平成元年1月8日", date(1989, 1, 8)),
        ("平成１年１月８日", date(1989, 1, 8)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("大正14年3月15日", date(1925, 3, 15)),
        ("明治33年1月1日", date(1900, 1, 1)),
    ],
)
def test_first_and_last_years_of_eras(text: str, day: date) -> None:
    assert read_date(text) == (day, True)


@pytest.mark.parametrize(
    "text",
    [
        *("昭和64年1月8日", "平成元年1月7日", "平成40年1月1日", "1985年（昭和61年）7月3日", "昭和60年7月3日（1986年）"),
        "平成元年1月8日（昭和64年1月8日）",
    ],
)
def test_a_day_outside_its_era_or_with_another_year_beside_it_is_told(text: str) -> None:
    found = read_date(text)
    assert found is not None
    assert not found.in_era


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("昭和13年3月日不詳", PartialDate(1938, 3)),
        ("昭和１３年３月　日不詳", PartialDate(1938, 3)),
        ("昭和13年3月不詳", PartialDate(1938, 3)),
        ("1952年月日不詳", PartialDate(1952)),
        ("昭和27年月日不明", PartialDate(1952)),
        ("1952", PartialDate(1952)),
        ("1938-03", PartialDate(1938, 3)),
    ],
)
def test_dates_that_nobody_knows_whole(text: str, value: PartialDate) -> None:
    assert read_date(text) == (value, True)


@given(st.dates(date(1868, 1, 25), date(2100, 12, 31)), st.integers(-400, 400))
def test_a_date_beside_another_gives_neither(day: date, by: int) -> None:
    other = day + timedelta(days=by)
    found = read_date(f"{day.year}年{day.month}月{day.day}日（{other.year}年{other.month}月{other.day}日）")
    assert found == ((day, True) if by == 0 else None)


@given(st.dates(date(1868, 1, 25), date(2100, 12, 31)))
def test_every_day_is_read_as_it_is_written(day: date) -> None:
    for text in (in_japanese_calendar(day), day.isoformat(), f"{day.year}年{day.month}月{day.day}日"):
        assert text is not None
        assert read_date(text) == (day, True)


@given(st.dates(date(1868, 1, 26), date(2100, 12, 31)), st.integers(1, 20000))
def test_no_other_day_is_read(day: date, by: int) -> None:
    other = day - timedelta(days=min(by, (day - date(1868, 1, 25)).days))
    written = in_japanese_calendar(other)
    found = read_date(written) if written else None
    assert found is not None
    assert found.value != day


@pytest.mark.parametrize("someone", personas(), ids=lambda one: one.id)
def test_every_card_s_print_gives_the_chip_s_date(someone: Persona) -> None:
    assert read_date(someone.birth_printed) == (someone.birth, True)
