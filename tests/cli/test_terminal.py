"""Width, wrapping by Japanese rules, tables that stay straight and fit."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.cli.terminal import columns, pad, paint, table, width, wrap

JAPANESE = "有効期限とセキュリティコードは、発行者の署名の対象外です（月日とコードの画像は含みません）。"


def test_full_width_counts_two_and_accents_nothing() -> None:
    assert width("abc") == 3
    assert width("券面") == 4
    assert width("e\u0301") == 1
    assert width("ｶﾞ") == 2
    assert width("–") == 1 and width("–", ambiguous=2) == 2
    assert pad("券面", 6) == "券面  " and pad("long", 2) == "long"


@pytest.mark.parametrize("within", [20, 21, 33, 60])
@pytest.mark.parametrize("text", [JAPANESE, "The issuer signed exactly these records, and nothing else of the card."])
def test_no_line_is_wider_than_it_may_be_and_nothing_is_lost(text: str, within: int) -> None:
    lines = wrap(text, within, hanging=2)
    assert all(width(line) <= within for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_words_stay_whole_where_they_can() -> None:
    assert wrap("read face-check -o evidence.json", 12) == ["read", "face-check", "-o", "evidence.json"[:12], "n"]


@pytest.mark.parametrize("within", range(10, 60))
def test_no_line_begins_with_a_full_stop_or_ends_with_an_opening_bracket(within: int) -> None:
    for line in wrap(JAPANESE, within):
        assert line[0] not in "、。）ー"
        assert line[-1] != "（"


@given(
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf", "Mn", "Me", "Zl", "Zp")), max_size=80),
    st.integers(12, 60),
)
def test_any_text_is_wrapped_whole(text: str, within: int) -> None:
    lines = wrap(text, within)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width(line) <= within for line in lines)


ROWS = [["Maker Reader 00 00", "非接触", "使えます"], ["B", "接触", "使えません"]]


def test_a_table_is_straight() -> None:
    heading, *lines = table(ROWS, headings=["name", "種別", "状態"], within=80).splitlines()
    at = [width(line[: line.index("使え")]) for line in lines]
    assert at == [width(heading[: heading.index("状態")])] * 2


@pytest.mark.parametrize("within", [36, 33, 30])
def test_a_table_without_room_wraps_its_cells(within: int) -> None:
    text = table(ROWS, within=within)
    assert all(width(line) <= within for line in text.splitlines())
    assert "Maker" in text and "00" in text and len(text.splitlines()) > 2


def test_a_table_without_any_room_is_a_list() -> None:
    text = table([["a" * 12, "b" * 12, "c" * 12, "d" * 12]], headings=["1", "2", "3", "4"], within=30)
    assert text.splitlines() == ["a" * 12, f"    2: {'b' * 12}", f"    3: {'c' * 12}", f"    4: {'d' * 12}"]


def test_a_table_of_nothing() -> None:
    assert table([]) == ""


@pytest.mark.parametrize(("set_to", "are"), [("60", 60), ("500", 100), ("3", 30), ("x", 100)])
def test_columns(monkeypatch: pytest.MonkeyPatch, set_to: str, are: int) -> None:
    monkeypatch.setenv("COLUMNS", set_to)
    assert columns() == are


def test_no_colour_where_there_is_no_terminal_or_no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    assert paint(" x ", "31") == "x"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert paint(" x ", "31") == "\x1b[31m x \x1b[0m"
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            assert paint(" x ", "31") == "x"


def test_every_character_of_the_rules_is_what_it_should_be() -> None:
    assert unicodedata.east_asian_width("✓") == unicodedata.east_asian_width("✗") == "N"  # marks do not shift columns
