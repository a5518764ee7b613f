"""Dates: eight digits, and 和暦 both ways."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.values import (
    Era,
    PartialDate,
    Wareki,
    compact_digits,
    in_japanese_calendar,
    parse_compact_birth_day,
    parse_compact_date,
)

FIRST_DAYS = {
    Era.MEIJI: date(1868, 1, 25),
    Era.TAISHO: date(1912, 7, 30),
    Era.SHOWA: date(1926, 12, 25),
    Era.HEISEI: date(1989, 1, 8),
    Era.REIWA: date(2019, 5, 1),
}


@pytest.mark.parametrize("era", Era)
def test_an_era_begins_on_its_first_day_with_year_one(era: Era) -> None:
    first = FIRST_DAYS[era]
    found = Wareki.from_date(first)
    assert (found.era, found.year, found.to_date()) == (era, 1, first)
    assert str(found) == f"{era.japanese}元年{first.month}月{first.day}日"
    assert found.digits == f"01{first:%m%d}"


@pytest.mark.parametrize("era", list(Era)[1:])
def test_the_day_before_belongs_to_the_era_before(era: Era) -> None:
    eve = FIRST_DAYS[era] - timedelta(days=1)
    found = Wareki.from_date(eve)
    assert found.era is list(Era)[list(Era).index(era) - 1]
    assert found.to_date() == eve
    with pytest.raises(ValueError):
        Wareki(era, 1, eve.month, eve.day)
    with pytest.raises(ValueError):
        first = FIRST_DAYS[era]
        Wareki(found.era, found.year, first.month, first.day)


def test_before_meiji_there_is_nothing() -> None:
    with pytest.raises(ValueError):
        Wareki.from_date(date(1868, 1, 24))
    with pytest.raises(ValueError):
        Era.of(date.min)


def test_the_last_day_of_showa() -> None:
    assert Wareki(Era.SHOWA, 64, 1, 7).to_date() == date(1989, 1, 7)
    assert Wareki.from_date(date(1989, 1, 7)).digits == "640107"
    with pytest.raises(ValueError):
        Wareki(Era.SHOWA, 64, 1, 8)
    with pytest.raises(ValueError):
        Wareki.parse("昭和64年1月8日")
    assert Wareki.parse("平成元年1月8日").to_date() == date(1989, 1, 8)


@given(st.dates(date(1868, 1, 25), date(2117, 12, 31)))
def test_roundtrip(day: date) -> None:
    found = Wareki.from_date(day)
    assert found.to_date() == day
    assert Wareki.parse(str(found)) == found
    assert Wareki.parse(f"{found.era.letter}{found.year}.{found.month}.{found.day}") == found
    full_width = str(found).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert Wareki.parse(full_width) == found
    assert len(found.digits) == 6


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("昭和60年7月3日", date(1985, 7, 3)),
        ("S60.7.3", date(1985, 7, 3)),
        ("s60/07/03", date(1985, 7, 3)),
        (" 令和元年5月1日 ", date(2019, 5, 1)),
        ("令和1年5月1日", date(2019, 5, 1)),
        ("大正元年7月30日", date(1912, 7, 30)),
        ("明治45年7月29日", date(1912, 7, 29)),
    ],
)
def test_parse(text: str, day: date) -> None:
    assert Wareki.parse(text).to_date() == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "昭和",
        "1985-07-03",
        "X60.7.3",
        "昭和0年1月1日",
        "昭和60年13月1日",
        "昭和60年2月29日",
        "昭和100年1月1日",
        "平成32年5月1日",
    ],
)
def test_parse_refuses(text: str) -> None:
    with pytest.raises(ValueError):
        Wareki.parse(text)


@pytest.mark.parametrize("year", [0, -1, 8000])
def test_the_year_of_an_era_has_bounds(year: int) -> None:
    with pytest.raises(ValueError):
        Wareki(Era.REIWA, year, 1, 1)


@pytest.mark.parametrize(
    ("day", "shown"),
    [(date(2119, 1, 1), "令和101年1月1日"), (date.max, "令和7981年12月31日"), (date(2117, 12, 31), "令和99年12月31日")],
)
def test_an_era_that_lasts_is_shown_to_the_end_of_the_calendar(day: date, shown: str) -> None:
    found = Wareki.from_date(day)
    assert str(found) == in_japanese_calendar(day) == shown
    assert Wareki.parse(shown) == found and found.to_date() == day


def test_six_digits_have_room_for_two_of_the_year() -> None:
    assert Wareki.from_date(date(2117, 12, 31)).digits == "991231"
    with pytest.raises(ValueError, match="no room"):
        _ = Wareki.from_date(date(2118, 1, 1)).digits


@pytest.mark.parametrize(
    ("raw", "birth", "iso", "earliest", "latest", "japanese"),
    [
        (b"19850700", PartialDate(1985, 7), "1985-07", date(1985, 7, 1), date(1985, 7, 31), "昭和60年7月日不詳"),
        (b"19850000", PartialDate(1985), "1985", date(1985, 1, 1), date(1985, 12, 31), "昭和60年月日不詳"),
        (b"20240200", PartialDate(2024, 2), "2024-02", date(2024, 2, 1), date(2024, 2, 29), "令和6年2月日不詳"),
        (b"19890000", PartialDate(1989), "1989", date(1989, 1, 1), date(1989, 12, 31), None),
        (b"19890100", PartialDate(1989, 1), "1989-01", date(1989, 1, 1), date(1989, 1, 31), None),
        (b"19890200", PartialDate(1989, 2), "1989-02", date(1989, 2, 1), date(1989, 2, 28), "平成元年2月日不詳"),
        (b"18600000", PartialDate(1860), "1860", date(1860, 1, 1), date(1860, 12, 31), None),
        (b"99991200", PartialDate(9999, 12), "9999-12", date(9999, 12, 1), date.max, "令和7981年12月日不詳"),
    ],
)
def test_partial_birth_dates(
    raw: bytes, birth: PartialDate, iso: str, earliest: date, latest: date, japanese: str | None
) -> None:
    assert parse_compact_birth_day(raw) == birth
    assert compact_digits(birth) == raw.decode()
    assert birth.isoformat() == str(birth) == iso and PartialDate.fromisoformat(iso) == birth
    assert (birth.earliest, birth.latest) == (earliest, latest)
    assert in_japanese_calendar(birth) == japanese
    with pytest.raises(ValueError):
        parse_compact_date(raw)


@pytest.mark.parametrize(
    "raw", [b"00000000", b"00000700", b"19851300", b"19850003", b"1985 000", b"198500", b"1985070"]
)
def test_other_zeros_are_no_partial_dates(raw: bytes) -> None:
    with pytest.raises(ValueError):
        parse_compact_birth_day(raw)


@pytest.mark.parametrize(
    "text", ["", "85", "1985-7", "1985-00", "1985-13", "0000", "1985-07-03", "１９８５", "1985-07 "]
)
def test_other_texts_are_no_partial_dates(text: str) -> None:
    with pytest.raises(ValueError):
        PartialDate.fromisoformat(text)


@given(st.dates())
def test_a_whole_birth_date_is_a_date(day: date) -> None:
    assert parse_compact_birth_day(compact_digits(day).encode()) == day


def test_a_date_before_the_japanese_calendar_is_shown_in_none() -> None:
    assert in_japanese_calendar(date.min) is None and in_japanese_calendar(date(1868, 1, 24)) is None


@given(st.dates())
def test_compact_date_roundtrip(day: date) -> None:
    assert parse_compact_date(f"{day.year:04d}{day.month:02d}{day.day:02d}".encode()) == day


@pytest.mark.parametrize(
    "raw", [b"", b"1985073", b"198507031", b"1985-7-3", b"19851303", b"19850229", b"00000101", b"+1985073"]
)
def test_compact_date_refuses(raw: bytes) -> None:
    with pytest.raises(ValueError):
        parse_compact_date(raw)
