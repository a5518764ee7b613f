"""From lines to fields, without an engine: made-up lines at made-up places."""

from __future__ import annotations

import pickle
from datetime import date

import pytest

from mnverify.printed import forms
from mnverify.printed.engine import TextLine
from mnverify.printed.fields import SURE, Face, read_fields
from mnverify.values.dates import PartialDate
from mnverify.values.my_number import check_digit

TODAY = date(2026, 11, 24)
NUMBER = "98765432011" + check_digit("98765432011")
Words = tuple[str, float, float]  # text, left, top


def lines(*words: Words, height: float = 30, sure: float = 0.99) -> list[TextLine]:
    """Level lines; a character is as wide as high, half that for ASCII."""
    found = []
    for text, left, top in words:
        width = sum(0.5 if character.isascii() else 1.0 for character in text) * height
        quad = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
        found.append(TextLine.of(quad, text, sure, [sure] * len(text)))
    return found


def read(*words: Words, sure: float = 0.99) -> Face:
    return read_fields(lines(*words, sure=sure), today=TODAY)


def texts(face: Face) -> dict[str, str | list[str]]:
    shown: dict[str, str | list[str]] = {name: str(found[0].text) for name, found in face.readings.items()}
    if "additional_entry" in face.readings:
        shown["additional_entry"] = [str(one.text) for one in face.readings["additional_entry"]]
    return shown


FULL = {
    "name": "佐藤 花子",
    "address": "見本県架空市中央一丁目2番3号",
    "birth_date": "昭和60年7月3日",
    "sex": "女",
    "expiry": "2033年7月3日",
    "security_code": "4102",
}
LAYOUTS: dict[str, list[Words]] = {
    "labels to the left": [
        ("氏名", 40, 40), ("佐藤 花子", 140, 40), ("住所", 40, 110), ("見本県架空市中央一丁目2番3号", 140, 110),
        ("昭和60年7月3日生", 340, 230), ("性別", 760, 230), ("女", 850, 230), ("2033年7月3日まで有効", 340, 290),
        ("4102", 100, 560),
    ],
    "labels above": [
        ("個人番号カード", 300, 20), ("氏名", 300, 80), ("佐藤 花子", 300, 112),
        ("住所", 300, 170), ("見本県架空市中央一丁目2番3号", 300, 202),
        ("生年月日", 300, 270), ("昭和60年7月3日", 300, 302), ("性別", 700, 270), ("女", 700, 302),
        ("有効期限", 300, 360), ("2033年7月3日", 300, 392), ("セキュリティコード", 700, 360), ("4102", 700, 392),
    ],
    "label and value in one line": [
        ("氏名佐藤 花子", 40, 40), ("住所见本県架空市中央一丁目2番3号", 40, 110), ("昭和60年7月3日生 性别女", 340, 230),
        ("2033年7月3日まで有効 4102", 340, 290),
    ],
    "labels in forms of their own": [
        ("氏　名：", 40, 40), ("佐藤 花子", 220, 40), ("住　所：", 40, 110), ("見本県架空市中央", 220, 110),
        ("一丁目2番3号", 220, 145),
        ("生年月日：昭和60年7月3日", 40, 230), ("性　別：女", 560, 230), ("有効期間", 40, 290), ("2033年7月3日", 220, 290),
        ("照合番号B", 40, 560), ("4102", 300, 560),
    ],
    "the right way round": [
        ("4102", 900, 560), ("2033年 7月 3日まで有効", 40, 290), ("昭和60年 7月 3日生", 40, 230), ("女", 620, 230),
        ("性別", 520, 230),
        ("見本県架空市中央一丁目2番3号", 140, 110), ("住所", 40, 110), ("佐藤 花子", 140, 40), ("氏名", 40, 40), ("見本", 500, 560),
    ],
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_layout_is_relied_on(layout: str) -> None:
    face = read(*LAYOUTS[layout])
    assert texts(face) == FULL
    assert all(face.readings[name][0].confidence >= 0.95 for name in FULL) and not face.doubts and face.is_front


def test_what_stands_on_every_card_is_no_value() -> None:
    face = read(
        *LAYOUTS["labels to the left"],
        ("個人番号カード", 800, 40), ("電子証明書の有効期限 年 月 日", 340, 340), ("見本県架空市長", 700, 560),
        ("これは見本です。実在の人物・団体とは関係ありません。", 340, 600), ("署名年月日 年 月 日", 340, 380),
    )  # fmt: skip
    assert texts(face) == FULL


@pytest.mark.parametrize(
    ("printed", "text", "day", "era"),
    [
        ("昭和60年7月3日生", "昭和60年7月3日", date(1985, 7, 3), True),
        ("平成元年1月8日生", "平成元年1月8日", date(1989, 1, 8), True),
        ("平成元年 3月31日生", "平成元年3月31日", date(1989, 3, 31), True),
        ("昭和６４年１月５日生", "昭和64年1月5日", date(1989, 1, 5), True),
        ("令和元年5月1日生", "令和元年5月1日", date(2019, 5, 1), True),
        ("大正14年3月15日生", "大正14年3月15日", date(1925, 3, 15), True),
        ("1978年11月23日生", "1978年11月23日", date(1978, 11, 23), False),
        ("1 9 7 8年1 1月2 3日生", "1978年11月23日", date(1978, 11, 23), False),
        ("S60年7月3日生", "S60年7月3日", date(1985, 7, 3), True),
        ("昭和13年3月日不詳生", "昭和13年3月日不詳", PartialDate(1938, 3), True),
        ("1952年月日不詳", "1952年月日不詳", PartialDate(1952), False),
        ("昭和60年7月3日牛", "昭和60年7月3日", date(1985, 7, 3), True),
    ],
)
def test_birth_dates(printed: str, text: str, day: object, era: bool) -> None:
    face = read(("氏名", 40, 40), ("佐藤 花子", 140, 40), ("生年月日", 40, 230), (printed, 240, 230))
    found = face.one("birth_date")
    assert found is not None and (str(found.text), found.day, found.era) == (text, day, era)
    assert found.confidence >= SURE


@pytest.mark.parametrize(
    "printed",
    [
        "昭和65年7月3日生",  # 昭和 ended in 64
        "昭和64年1月8日生",  # on the 7th
        "平成元年1月7日生",
        "昭和60年2月30日生",
        "昭和60年13月3日生",
        "2031年7月3日生",  # not yet
        "1850年1月1日生",
        "昭和6O年7月3日生",  # a letter for a digit
        "昭和60年7月l日生",
    ],
)
def test_an_impossible_birth_date_is_doubtful(printed: str) -> None:
    face = read(("生年月日", 40, 230), (printed, 240, 230))
    found = face.one("birth_date")
    assert found is not None and found.confidence < SURE and face.doubts


@pytest.mark.parametrize(
    "printed", ["2015年7月3日まで有効", "2039年7月3日まで有効", "2033年2月29日まで有効", "令和99年1月1日まで有効"]
)
def test_an_impossible_expiry_is_doubtful(printed: str) -> None:
    found = read((printed, 340, 290)).one("expiry")
    assert found is not None and found.confidence < SURE


def test_an_expiry_that_is_past_is_read_like_any_other() -> None:
    found = read(("2025年10月10日まで有効", 340, 290)).one("expiry")
    assert found is not None and found.day == date(2025, 10, 10) and found.confidence >= SURE


def test_dates_without_any_words_are_guessed_and_say_so() -> None:
    face = read(("昭和60年7月3日", 340, 230), ("2033年7月3日", 340, 290))
    assert texts(face) == {"birth_date": "昭和60年7月3日", "expiry": "2033年7月3日"}
    assert all(face.readings[name][0].confidence < SURE for name in ("birth_date", "expiry")) and len(face.doubts) == 2


def test_a_day_that_nobody_knows_is_a_birth_date_without_any_words() -> None:
    face = read(("1952年月日不詳", 340, 230), ("2033年7月3日まで有効", 340, 290))
    found = face.one("birth_date")
    assert found is not None and found.day == PartialDate(1952) and found.confidence >= SURE and not face.doubts


def test_a_date_in_the_additional_entry_is_no_birth_date() -> None:
    face = read(("追記欄", 40, 300), ("令和8年6月30日 国外転出", 40, 340), ("平成7年6月18日生", 340, 200))
    assert texts(face) == {"birth_date": "平成7年6月18日", "additional_entry": ["令和8年6月30日 国外転出"]}


def test_entries_keep_their_order_newest_last() -> None:
    face = read(
        ("追記欄", 40, 300), ("令和5年4月1日 見本県架空市新町1番地", 40, 340),
        ("令和8年2月2日 氏名変更 佐藤 桜", 40, 380), ("見本県架空市長", 40, 420),
    )  # fmt: skip
    assert texts(face)["additional_entry"] == ["令和5年4月1日 見本県架空市新町1番地", "令和8年2月2日 氏名変更 佐藤 桜"]


def test_an_empty_additional_entry_takes_nothing_else() -> None:
    face = read(*LAYOUTS["labels to the left"], ("追記欄", 340, 360), ("見本県架空市長", 700, 560))
    assert "additional_entry" not in face.readings and texts(face) == FULL


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        (["李 美玲[通称 松本 美玲]"], "李 美玲[通称 松本 美玲]"),
        (["李 美玲", "(通称 松本 美玲)"], "李 美玲 (通称 松本 美玲)"),
        (["佐藤 花子[旧氏 鈴木]"], "佐藤 花子[旧氏 鈴木]"),
        (
            ["ＧＡＲＣＩＡ　ＭＡＲＩＡ", "ＤＥ　ＬＯＳ　ＡＮＧＥＬＥＳ"],
            "ＧＡＲＣＩＡ　ＭＡＲＩＡ ＤＥ　ＬＯＳ　ＡＮＧＥＬＥＳ",
        ),
    ],
)
def test_names_of_one_line_and_of_two(printed: list[str], text: str) -> None:
    words = [(line, 140, 40 + 36 * row) for row, line in enumerate(printed)]
    face = read(("氏名", 40, 40), *words, ("住所", 40, 140), ("見本県架空市港町3番地11", 140, 140))
    assert texts(face) == {"name": text, "address": "見本県架空市港町3番地11"}


def test_an_address_goes_on_until_the_next_label() -> None:
    face = read(
        ("住所", 40, 100), ("見本県夢見郡遠山町大字上北山下谷字東大平", 140, 100),
        ("裏山通り一万二千三百四十五番地の678", 140, 136),
        ("グランドパレスみはらし台1123号室", 140, 172), ("生年月日", 40, 208), ("昭和42年2月14日", 240, 208), ("追記欄", 40, 244),
    )  # fmt: skip
    assert texts(face)["address"] == (
        "見本県夢見郡遠山町大字上北山下谷字東大平裏山通り一万二千三百四十五番地の678グランドパレスみはらし台1123号室"
    )


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("见本县架空市东町", "見本県架空市東町"),
        ("サウスヒルズウエストタワ一", "サウスヒルズウエストタワー"),
        ("コ一ポあおぞら203", "コーポあおぞら203"),
        ("メゾン一丁目", "メゾン一丁目"),
        ("三ツ口町一ノ宮", "三ツ口町一ノ宮"),
        ("虹ヶ丘一丁目", "虹ヶ丘一丁目"),
        ("アルカンシ工ル", "アルカンシエル"),
        ("渊上涛恵", "渊上涛恵"),  # Japanese characters, however Chinese they look
    ],
)
def test_forms_that_no_japanese_print_has(seen: str, meant: str) -> None:
    assert forms.in_japanese_forms(seen) == meant
    assert len(forms.fold(seen)) == len(seen)


def test_a_label_whose_box_is_too_wide_still_has_its_value_beside_it() -> None:
    wide, *others = lines(
        ("氏名", 69, 130), ("末永昭子", 209, 125), ("住所見本県架空市終日町6丁目4番地", 66, 192), height=60
    )
    wide = TextLine.of([(69, 130), (245, 130), (245, 190), (69, 190)], "氏名", 0.99, [0.99, 0.99])
    found = texts(read_fields([wide, *others], today=TODAY))
    assert found == {"name": "末永昭子", "address": "見本県架空市終日町6丁目4番地"}


def test_an_address_is_never_taken_for_the_name() -> None:
    below_the_name = [("氏名", 40, 40), ("住所見本県架空市中央6丁目4番地", 40, 75)]
    assert texts(read(*below_the_name)) == {"address": "見本県架空市中央6丁目4番地"}
    assert texts(read(("氏名", 40, 40), ("見本県架空市中央6丁目4番地", 40, 75))) == {}


def test_four_digits_of_which_there_are_two() -> None:
    found = read(("4102", 100, 560), ("7788", 600, 560))
    code = found.one("security_code")
    assert code is not None and code.confidence < SURE and found.doubts
    labelled = read(("照合番号", 500, 560), ("7788", 660, 560), ("4102", 100, 400))
    code = labelled.one("security_code")
    assert code is not None and code.text == "7788" and code.confidence >= SURE


@pytest.mark.parametrize("text", ["41O2", "410", "41023", "410a", "4l02", ""])
def test_what_is_not_four_digits_is_no_code(text: str) -> None:
    assert read(("照合番号", 40, 560), (text, 220, 560)).one("security_code") is None


def test_a_field_is_no_surer_than_its_weakest_character() -> None:
    line = lines(("4102", 100, 560))[0]
    weak = TextLine(line.quad, line.text, 0.9, (0.99, 0.6, 0.99, 0.99))
    found = read_fields([weak], today=TODAY).one("security_code")
    assert found is not None and found.confidence < 0.8


@pytest.mark.parametrize(
    "number",
    [
        NUMBER,
        f"{NUMBER[:4]} {NUMBER[4:8]} {NUMBER[8:]}",
        f"個人番号 {NUMBER}",
        f"{NUMBER[:4]}－{NUMBER[4:8]}－{NUMBER[8:]}",
    ],
)
def test_the_number_becomes_a_part_of_no_field(number: str) -> None:
    face = read(*LAYOUTS["labels to the left"], (number, 140, 146))
    assert texts(face) == FULL and face.number is not None
    assert NUMBER not in repr(face) and "4102" not in repr(face)


def test_twelve_digits_with_a_wrong_check_digit_are_no_number() -> None:
    wrong = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
    assert read((wrong, 40, 40)).number is None


def test_a_back_is_known() -> None:
    face = read(
        ("個人番号", 300, 100),
        (f"{NUMBER[:4]} {NUMBER[4:8]} {NUMBER[8:]}", 300, 140),
        ("氏名", 300, 220),
        ("佐藤 花子", 300, 260),
        ("生年月日", 300, 320),
        ("昭和60年7月3日", 300, 360),
    )
    assert face.number is not None and not face.is_front


def test_nothing_is_shown_and_nothing_is_copied() -> None:
    face = read(*LAYOUTS["labels to the left"])
    shown = (
        repr(face)
        + repr(lines(("佐藤 花子", 1, 1)))
        + "".join(repr(one) for found in face.readings.values() for one in found)
    )
    assert not any(value in shown for value in ("佐藤", "架空", "昭和", "4102", "2033"))
    with pytest.raises(TypeError):
        pickle.dumps(lines(("佐藤 花子", 1, 1))[0])


def test_lines_of_nonsense_give_nothing() -> None:
    face = read(("", 0, 0), ("。", 5, 5), ("年月日", 9, 9), ("生", 40, 40), ("氏名", 100, 100))
    assert not face.readings and face.landmarks <= 1


def test_a_character_that_is_also_a_chinese_form_is_doubtful() -> None:
    found = read(("住所", 40, 100), ("見本県架空市若叶台2丁目", 140, 100)).one("address")
    assert found is not None and found.confidence <= 0.5 and "若叶台" in found.text
