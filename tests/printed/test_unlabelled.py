"""A name whose label was not found: the one line that can be it, or none."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from mnverify.printed import FieldOutcome, compare, scan
from mnverify.printed.engine import TextLine
from mnverify.printed.fields import SURE, Face, read_fields
from mnverify.printed.judging import CONFIDENT
from mnverify.printed.unlabelled import MOST_SURE, NO_LABEL
from mnverify.virtual import persona
from mnverify.virtual.print import Print, print_front
from mnverify.virtual.print.layouts import layout_named
from tests.printed.chips import chip
from tests.printed.test_fields import LAYOUTS, NUMBER, TODAY, Words, lines

NAME: Words = ("佐藤 花子", 140, 40)
BESIDE: list[Words] = [
    ("住所", 40, 110), ("見本県架空市中央一丁目2番3号", 140, 110), ("昭和60年7月3日生", 340, 230), ("性別", 760, 230),
    ("女", 850, 230), ("2033年7月3日まで有効", 340, 290), ("4102", 100, 560),
]  # fmt: skip


def read(*words: Words, more: list[TextLine] | None = None) -> Face:
    return read_fields([*lines(*words), *(more or [])], today=TODAY)


def name_in(face: Face) -> str | None:
    found = face.one("name")
    return None if found is None else str(found.text)


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if "in one line" not in name])
def test_the_one_line_at_its_place_is_the_name(layout: str) -> None:
    whole = read(*LAYOUTS[layout])
    face = read(*(word for word in LAYOUTS[layout] if not re.match(r"氏\s*名", word[0])))
    found = face.one("name")
    assert found is not None and found.text == "佐藤 花子" and found.confidence <= MOST_SURE < SURE < CONFIDENT
    assert face.doubts == (NO_LABEL,) and "氏名" in NO_LABEL.ja and "label" in NO_LABEL.en
    others = {name: one for name, one in face.readings.items() if name != "name"}
    assert others == {name: one for name, one in whole.readings.items() if name != "name"}
    assert face.landmarks == whole.landmarks - 2  # neither the label nor a guess says that it is legible


def test_label_and_value_in_one_line() -> None:
    words = [
        ("佐藤 花子", 100, 40) if word[0].startswith("氏名") else word
        for word in LAYOUTS["label and value in one line"]
    ]
    assert name_in(read(*words)) == "佐藤 花子"


@pytest.mark.parametrize(
    "name",
    [
        "李 美玲[通称 松本 美玲]",
        "GARCIA MARIA DE LOS ANGELES",
        "O'BRIEN JEAN-LUC",
        "スミス アンナ",
        "一ノ瀬 花",
        "林 々子",
        "髙𠮷 﨑",
    ],
)
def test_names_of_every_kind(name: str) -> None:
    assert name_in(read((name, 140, 40), *BESIDE)) == name


@pytest.mark.parametrize(
    "word",
    [
        ("佐藤 花子", 420, 40),  # elsewhere
        ("藤 花子", 170, 40),  # its first character was not seen
        ("佐藤 花子", 140, 180),  # below the address
        ("佐藤 花子2", 140, 40),
        ("氏各佐藤 花子", 140, 40),  # the label, misread
        ("名佐藤 花子", 140, 40),  # a part of it
        ("氏", 140, 40),
        ("通称 松本 美玲", 140, 40),
        ("[通称 松本 美玲]", 140, 40),
        ("旧氏 鈴木", 140, 40),
        ("佐藤 花子]", 140, 40),
        ("見本県架空市港町", 140, 40),
        ("港町二丁目", 140, 40),
        ("個人番号カード", 140, 40),
        ("番号力一ド", 140, 40),
        ("見本県架空市長", 140, 40),
        ("Individual Number Card", 140, 40),
        ("CARD", 140, 40),
        ("生年月日", 140, 40),
        ("電子証明書の有効期限", 140, 40),
        ("花", 140, 40),
        ("・・・", 140, 40),
        ("", 140, 40),
    ],
)
def test_what_is_no_name_is_none(word: Words) -> None:
    face = read(word, *BESIDE)
    assert name_in(face) is None and NO_LABEL not in face.doubts


@pytest.mark.parametrize(
    "other",
    [
        ("鈴木 一郎", 140, 75),  # below it, as a second line of the name
        ("鈴木 一郎", 600, 40),
        ("花", 420, 40),
        ("12", 420, 40),
        ("(通称 松本 美玲)", 140, 75),
        ("DE LOS ANGELES", 140, 75),
    ],
)
def test_where_a_second_line_could_be_it_none_is_taken(other: Words) -> None:
    assert name_in(read(NAME, *BESIDE)) == "佐藤 花子"
    assert name_in(read(NAME, other, *BESIDE)) is None


@pytest.mark.parametrize(
    "caption",
    [("個人番号カード", 800, 40), ("見本", 600, 40), ("氏", 60, 40), ("|", 20, 40), ("个人番号力一ド", 40, 8)],
)
def test_what_stands_on_every_card_is_no_second_line(caption: Words) -> None:
    assert name_in(read(NAME, caption, *BESIDE)) == "佐藤 花子"


def test_a_line_of_another_size_is_no_name() -> None:
    for height in (10.0, 110.0):
        (line,) = lines(("佐藤 花子", 140, 0), height=height)
        assert name_in(read(*BESIDE, more=[line])) is None


def test_a_label_that_was_found_keeps_what_it_says() -> None:
    far = [("氏名", 900, 40), NAME, *BESIDE]
    assert name_in(read(*far)) is None
    assert name_in(read(("氏名", 40, 40), ("佐藤 花子", 140, 40), *BESIDE)) == "佐藤 花子"


def test_without_an_address_nothing_tells_where_the_name_is() -> None:
    assert name_in(read(NAME, *BESIDE[2:])) is None
    assert name_in(read(NAME, *BESIDE[1:])) is None
    assert name_in(read(NAME, *(word for word in BESIDE if not word[0].startswith("見本県")))) is None


def test_never_on_a_back() -> None:
    assert name_in(read(NAME, (NUMBER, 340, 360), *BESIDE)) is None


# --- with the engine that comes with the extra "ocr", on prints whose label is painted over ---------------------------


def covered(print_: Print, *, also: float = 0.0) -> Print:
    """The print with the label of the name painted over, and so many millimetres to the right of where its value begins."""
    dots = print_.dpi / 25.4
    (label,) = (one for one in layout_named(print_.layout).front.labels if one.text == "氏名")
    left, top = round((label.x - 0.3) * dots), round((label.y - 0.8) * dots)
    right, bottom = left + round((2 * label.size + 0.8) * dots), top + round((1.6 * label.size + 1.0) * dots)
    pixels = print_.pixels.copy()
    paint = np.median(pixels[top:bottom, left - 3 : left].reshape(-1, 3), axis=0)
    pixels[top:bottom, left:right] = paint
    if also:
        place = print_.places["name"]
        pixels[place.y - 4 : place.y + place.height + 4, left : place.x + round(also * dots)] = paint
    return replace(print_, pixels=pixels)


def plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("layout", ["standard", "mirrored"])
@pytest.mark.parametrize("who", ["sato-hanako", "ri-mirei", "hikkoshi-ichiro"])
def test_a_print_whose_label_is_painted_over(who: str, layout: str) -> None:
    front = print_front(persona(who), layout=layout, dpi=300, seed=1)
    whole, seen = (scan(one.pixels, today=date(2026, 11, 24)).printed for one in (front, covered(front)))
    assert seen.name is not None and plain(seen.name) == plain(persona(who).name)
    assert seen.confidence["name"] <= MOST_SURE and NO_LABEL in seen.doubts and NO_LABEL not in whole.doubts
    for name in whole.fields():
        assert name == "name" or getattr(seen, name) == getattr(whole, name)
    assert compare(chip(who), seen).fields["name"].outcome is FieldOutcome.MATCH
    other = compare(chip("heisei-gannen"), seen).fields["name"]
    assert other.outcome is FieldOutcome.UNCERTAIN  # never a mismatch by itself


@pytest.mark.parametrize("layout", ["standard", "mirrored"])
def test_a_print_whose_first_character_is_hidden_too(layout: str) -> None:
    front = print_front(persona("sato-hanako"), layout=layout, dpi=300, seed=1)
    seen = scan(covered(front, also=4.0).pixels, today=date(2026, 11, 24)).printed
    assert seen.name is None and seen.address is not None
