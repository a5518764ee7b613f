"""Dates: eight digits, and 和暦 both ways."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.values import Era, Wareki, parse_compact_date

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


@pytest.mark.parametrize("year", [0, -1, 100])
def test_the_year_of_an_era_has_bounds(year: int) -> None:
    with pytest.raises(ValueError):
        Wareki(Era.REIWA, year, 1, 1)


@given(st.dates())
def test_compact_date_roundtrip(day: date) -> None:
    assert parse_compact_date(f"{day.year:04d}{day.month:02d}{day.day:02d}".encode()) == day


@pytest.mark.parametrize(
    "raw", [b"", b"1985073", b"198507031", b"1985-7-3", b"19851303", b"19850229", b"00000101", b"+1985073"]
)
def test_compact_date_refuses(raw: bytes) -> None:
    with pytest.raises(ValueError):
        parse_compact_date(raw)
