"""What a person types for a date of birth, and when it is asked back."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.card import BirthDate
from mnverify.card.typed import read_birth_date
from mnverify.errors import CredentialFormatError
from mnverify.values.dates import Wareki

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "text",
    ["昭和60年7月3日", "S60.7.3", "s60/7/3", "Ｓ６０．７．３", "600703", "６００７０３", " 600703 "],
)
def test_as_printed_is_not_asked_back(text: str) -> None:
    typed = read_birth_date(text, today=TODAY)
    assert typed.credential == BirthDate("600703")
    assert typed.question is None


@pytest.mark.parametrize(
    "text", ["1985-07-03", "1985/7/3", "1985.7.3", "1985年7月3日", "19850703", "１９８５年７月３日"]
)
def test_a_gregorian_date_is_turned_into_the_era_and_asked_back(text: str) -> None:
    typed = read_birth_date(text, today=TODAY)
    assert typed.credential == BirthDate("600703")
    assert typed.question is not None
    for words in typed.question:
        assert "昭和60年7月3日" in words and "600703" in words and "850703" in words


@pytest.mark.parametrize(
    ("text", "year", "era"),
    [("850703", "1985", "昭和60年7月3日"), ("990101", "1999", "平成11年1月1日"), ("650101", "1965", "昭和40年1月1日")],
)
def test_six_digits_of_no_era_are_asked_back(text: str, year: str, era: str) -> None:
    typed = read_birth_date(text, today=TODAY)
    assert typed.credential == BirthDate(text)  # what is printed decides
    assert typed.question is not None
    assert all(year in words and era in words for words in typed.question)


def test_the_last_year_of_an_era_has_days_that_it_does_not_have() -> None:
    assert read_birth_date("640107", today=TODAY).question is None  # 昭和64年1月7日
    assert read_birth_date("640108", today=TODAY).question is not None
    assert read_birth_date("080101", today=TODAY).question is None
    assert (
        read_birth_date("450730", today=TODAY).question is None
    )  # 昭和45年, 明治 ended the day before in its 45th year


def test_a_day_that_nobody_knows_is_no_reason_to_ask() -> None:
    for six in ("600700", "600000"):
        try:
            typed = read_birth_date(six, today=TODAY)
        except CredentialFormatError:
            continue  # whether the card takes it is the credential's to say
        assert typed.question is None


@given(st.dates(date(1900, 1, 1), TODAY))
def test_no_holder_of_an_era_card_is_asked_about_what_is_printed(day: date) -> None:
    for text in (str(Wareki.from_date(day)), Wareki.from_date(day).digits):
        typed = read_birth_date(text, today=TODAY)
        assert typed.question is None
        assert typed.credential == BirthDate(day)


@pytest.mark.parametrize(
    "text", ["", "12", "昭和", "1985-13-03", "1700-01-01", "60070", "6007033", "昭和64年1月8日", "601303"]
)
def test_what_is_no_date_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(CredentialFormatError) as caught:
        read_birth_date(text, today=TODAY)
    assert not text or text not in str(caught.value.text)


def test_it_does_not_show_the_date() -> None:
    typed = read_birth_date("1985-07-03", today=TODAY)
    assert "85" not in repr(typed) and "60" not in repr(typed)
