"""Addresses as people write them: the same place in other ways, and pairs that are never one place."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mnverify.printed.text import compare_addresses
from mnverify.printed.text.numerals import number
from mnverify.printed.variants import Likeness
from mnverify.virtual import personas

SAME = (
    ("東京都千代田区霞が関１丁目２番１号", "東京都千代田区霞が関1-2-1"),
    ("東京都千代田区霞が関一丁目二番一号", "東京都千代田区霞が関１－２－１"),
    ("東京都千代田区霞が関1-2-1", "東京都千代田区霞が関１‐２—１"),
    ("東京都千代田区霞が関1-2-1", "東京都 千代田区　霞が関 1−2ー1"),
    ("〒100-0013 東京都千代田区霞が関1-2-1", "東京都千代田区霞が関1丁目2番1号"),
    ("架空市中央一丁目２番３号", "架空市中央1丁目2-3"),
    ("架空市中央1丁目2番地3", "架空市中央1-2-3"),
    ("架空市中央1丁目2番地の3", "架空市中央1丁目2の3"),
    ("架空市中央一の二の三", "架空市中央1-2-3"),
    ("架空市港町３番地１１", "架空市港町3-11"),
    ("架空市旧町二十番地五", "架空市旧町20番地5"),
    ("架空市旧町二〇番地", "架空市旧町二十番地"),
    ("夢見郡遠山町一万二千三百四十五番地の６７８", "夢見郡遠山町12345-678"),
    ("架空市若葉台２丁目８番１－３０５号", "架空市若葉台2-8-1-305"),
    ("架空市若葉台２丁目８番１－３０５号", "架空市若葉台2丁目8番1 305号室"),
    ("架空市国際通り７番１２号　コーポあおぞら２０３", "架空市国際通り7-12コーポあおぞら203号室"),
    ("架空市中央1-2-3 ＡＢＣビル１０１", "架空市中央1-2-3 abcビル101"),
    ("架空市中央1-2-3 A-101", "架空市中央1-2-3 A101"),
    ("架空市中央1-2-3 ｺｰﾎﾟﾊｲﾂ201", "架空市中央1-2-3 コーポハイツ201"),
    ("札幌市中央区北１条西２丁目", "札幌市中央区北一条西2丁目"),
    ("盛岡市第３地割１２番地", "盛岡市第三地割12番地"),
    ("港区麻布十番一丁目２番３号", "港区麻布十番1-2-3"),
    ("港区六本木六丁目１番", "港区六本木6-1"),
    ("中央区八丁堀２－３", "中央区八丁堀二丁目三番"),
    ("千代田区三番町５番地", "千代田区三番町5"),
    ("国外転出　令和８年６月３０日", "国外転出 令和8年6月30日"),
    ("100-0013 東京都千代田区霞が関1-2-1", "東京都千代田区霞が関1丁目2番1号"),
    ("架空市中央1番2号室", "架空市中央1番2号室"),
    ("架空市中央1番2号 305号室", "架空市中央1-2-305"),
    ("架空市中央1-2 ハイツ305号", "架空市中央1-2 ハイツ305号室"),
    ("架空市北1条西2丁目3番4-501号", "架空市北1条西2丁目3-4-501号室"),
    ("架空市中央1番地三 ハイツ5", "架空市中央1番地3ハイツ5"),
    ("架空市中央1-二-3", "架空市中央1-2-3"),
    ("夢見郡遠山町字千-2", "夢見郡遠山町字千の2"),
)
SAME_UP_TO_VARIANTS = (
    ("東京都千代田区霞が関1-2-1", "東京都千代田区霞ヶ関1-2-1"),
    ("東京都千代田区霞が関1-2-1", "東京都千代田区霞ケ関1-2-1"),
    ("架空市虹ヶ丘１１番地", "架空市虹が丘11"),
    ("新宿区四ッ谷1-2", "新宿区四ツ谷1-2"),
    ("架空市一ノ宮町3番地", "架空市一の宮町3"),
    ("夢見郡遠山町大字上北山12番地3", "夢見郡遠山町上北山12-3"),
    ("架空市虹ヶ丘1 ハイツ・アルカンシェル501", "架空市虹ヶ丘1 ハイツアルカンシェル501"),
    ("架空市髙山1-2", "架空市高山1-2"),
)
DOUBTFUL = (
    ("夢見郡遠山町大字上北山字東12番地", "夢見郡遠山町上北山東12"),
    ("見本県架空市中央1-2-3", "架空市中央1-2-3"),
    ("架空市国際通り７番１２号　コーポあおぞら２０３", "架空市国際通り7-12"),
    ("架空市中央1-2-3", "架空市中央1-2-3-203"),
    ("千代田区三番町1-2", "千代田区3番町1-2"),
    ("架空市八千二丁目3", "架空市八千2丁目3"),
    ("架空市中央一丁目2", "架空市中央ー丁目2"),
    ("架空市ニ宮町1", "架空市二宮町1"),
    ("架空市斉木町1", "架空市斎木町1"),
    ("架空市﨑山1", "架空市崎山1"),
    ("架空市〓山1", "架空市崎山1"),
    ("架空市中央1-2-3 コーポ2階", "架空市中央1-2-3 コーポ2号"),
    ("架空市中央1-2 AO棟", "架空市中央1-2 A0棟"),
    # a numeral in kanji beside a digit: a dash, or nobody knows
    ("架空市中央1-2一3", "架空市中央1-2-3"),
    ("架空市中央5番地一2", "架空市中央5番地-2"),
    ("架空市中央1丁目2番一3号", "架空市中央1丁目2番3号"),
    ("架空市中央12三", "架空市中央12-3"),
    ("架空市中央1十", "架空市中央1-10"),
    ("架空市中央1〇番", "架空市中央10番"),
    ("架空市中央1〇2番", "架空市中央102番"),
    ("架空市中央1番地三ハイツ5", "架空市中央1番地3ハイツ5"),
    ("架空市中央1-2 二ハイツ", "架空市中央1-2-2ハイツ"),
    ("架空市中央二一", "架空市中央二 一"),
    ("架空市中央二・一", "架空市中央二一"),
    ("架空市中央三1", "架空市中央三 1"),
    ("架空市中央1一 2", "架空市中央1 一2"),
    # the number of a house, or of a room
    ("架空市中央1番2号", "架空市中央1番2号室"),
    ("架空市中央1番2", "架空市中央1番2号室"),
    ("架空市中央1丁目2番3号", "架空市中央1丁目2番3号室"),
    ("架空市中央1-2-3号", "架空市中央1-2-3室"),
    # the name of a building is left out, and every number is there
    ("架空市中央１－２－３－３０１", "架空市中央１－２－３　ハイツ３０１"),
    ("架空市中央1丁目2番3-301号", "架空市中央1-2-3 サンハイツA棟301号室"),
    ("架空市中央一丁目二番三号 301", "架空市中央1-2-3 メゾン・ド・ソレイユ 301"),
    ("架空市中央1番地の2-301", "架空市中央1番地2 市営住宅301"),
    ("架空市中央1番地301", "架空市中央1番地 第二ハイツ301"),
    ("架空市中央1-2-3-5-301", "架空市中央1-2-3 ハイツ5号棟301"),
    # what people write or leave out as they like
    ("架空市代々木1-2", "架空市代代木1-2"),
    ("架空市中央1-2 メゾンⅡ201", "架空市中央1-2 メゾンII201"),
    ("架空市中央1-2 ハイツ-101", "架空市中央1-2 ハイツ101"),
    ("架空市中央1-2 センター-1", "架空市中央1-2 センター1"),
    ("架空市イの123", "架空市イ-123"),
    ("架空市イの123", "架空市イ123"),
    ("架空市甲-123", "架空市甲123"),
    ("架空市中央壱番地", "架空市中央1番地"),
    ("架空市中央弐拾参番地", "架空市中央23番地"),
    ("架空市中央廿番地", "架空市中央20番地"),
    ("架空市中央1-2-3(ハイツ301)", "架空市中央1-2-3 ハイツ301"),
    ("架空市中央1-2-3、ハイツ301", "架空市中央1-2-3 ハイツ301"),
    ("架空市中央1-2-3,301", "架空市中央1-2-3 301"),
    ("架空市中央1-2-3 ハイツ301", "架空市中央1-2-3 ハイツ"),
    ("架空市中央1丁目2番3号 A301号室", "架空市中央1丁目2番3号 A"),
    ("架空市中央1-2 ハイツA棟101", "架空市中央1-2 ハイツA-101"),
    ("架空市中央1-2 ハイツ5号棟101号", "架空市中央1-2 ハイツ5-101"),
    ("架空市中央1-2 ハイツ3F", "架空市中央1-2 ハイツ3階"),
    ("盛岡市第1地割2番地", "盛岡市1地割2番地"),
    ("架空市四ツ谷1-2", "架空市四谷1-2"),
    ("架空市四十万一番地", "架空市四十万1番地"),
    ("架空市四十万一番地", "架空市400001番地"),
    ("架空市八千二丁目3", "架空市8002丁目3"),
    ("架空市一之宮1", "架空市一の宮1"),
    ("架空市桧山1-2", "架空市檜山1-2"),
)
NEVER = (
    ("千代田区霞が関1-2-1", "千代田区霞が関1-21"),
    ("千代田区霞が関1-2-1", "千代田区霞が関12-1"),
    ("千代田区霞が関1丁目2番1号", "千代田区霞が関1丁目21番"),
    ("架空市中央１丁目２番", "架空市中央１２番"),
    ("架空市中央一丁目二番", "架空市中央一二番"),
    ("架空市中央十一丁目", "架空市中央十 一丁目二番"),
    ("架空市中央1-2-3", "架空市中央1-23"),
    ("架空市中央1-2-3", "架空市中央12-3"),
    ("架空市中央1-2-3", "架空市中央1-2-4"),
    ("架空市中央1-2-3", "架空市中央1-2"),
    ("架空市中央1番2号", "架空市中央1丁目2番"),
    ("架空市港町３番地１１", "架空市港町31番地1"),
    ("架空市港町３番地１１", "架空市港町311番地"),
    ("千代田区三番町1-2", "千代田区二番町1-2"),
    ("千代田区一番町1-2", "千代田区三番町1-2"),
    ("千代田区一番町", "千代田区一番"),
    ("港区六本木1-2", "港区五本木1-2"),
    ("港区六本木1-2", "港区木6-1-2"),
    ("中央区八丁堀1-2", "中央区八丁1-2"),
    ("中央区八丁堀1-2", "中央区九丁堀1-2"),
    ("架空市二の丸1-2", "架空市三の丸1-2"),
    ("札幌市北1条西2丁目", "札幌市北12条西2丁目"),
    ("架空市中央1-2-3 203", "架空市中央1-2-3 302"),
    ("架空市中央1-2-3 コーポA101", "架空市中央1-2-3 コーポB101"),
    ("架空市中央1-2", "架空市東1-2"),
    ("見本県架空市中央1-2", "別県架空市中央1-2"),
    ("架空市杉山1", "架空市椙山1"),
    ("架空市太田1", "架空市大田1"),
    # a numeral in kanji beside a digit is no part of its number
    ("架空市中央1-2一3", "架空市中央1-2-13"),
    ("架空市中央5番地一2", "架空市中央5番地12"),
    ("架空市中央1一番地", "架空市中央11番地"),
    ("架空市中央1二番地", "架空市中央12番地"),
    ("架空市中央1丁目2番一3号", "架空市中央1丁目2番13号"),
    ("架空市中央1丁目一2番", "架空市中央1丁目12番"),
    ("架空市中央1丁目1一号", "架空市中央1丁目11号"),
    ("架空市中央2十番", "架空市中央210番"),
    ("架空市中央2十番", "架空市中央20番"),
    ("架空市中央2番二十3", "架空市中央2番203"),
    ("架空市中央2番十3号", "架空市中央2番103号"),
    ("架空市中央1-十2", "架空市中央1-102"),
    ("架空市中央1一2一3", "架空市中央1-12-13"),
    ("架空市中央百2番", "架空市中央1002番"),
    ("夢見郡遠山町字万-2", "夢見郡遠山町字0-2"),
    ("夢見郡遠山町万二番", "夢見郡遠山町2番"),
    ("架空市東大字町1", "架空市東町1"),
    ("架空市中央1-2", "架空市中央1,2,3"),
    ("架空市中央1・2", "架空市中央12"),
    ("架空市中央1-2 メゾンⅡ", "架空市中央1-2 メゾンⅢ"),
    ("架空市中央1-2 メゾンII", "架空市中央1-2 メゾンIII"),
    ("架空市中央1-2-3 ハイツ301", "架空市中央1-2-4 ハイツ"),
    # numbers or a place that differ, beside the name of a building that is left out
    ("架空市中央1-2-3-301", "架空市中央1-2-3 ハイツ302"),
    ("架空市中央1-2-3-301", "架空市中央1-2-4 ハイツ301"),
    ("架空市中央1-2-3-301", "架空市中央1-2 ハイツ3-302"),
    ("架空市中央1-2-3-301", "架空市東1-2-3 ハイツ301"),
    ("架空市中央1-2-301", "架空市中央1-2"),
    ("架空市中央1-2-3-301", "架空市中央1-2-3-302"),
    ("架空市中央1-2-3-301", "架空市中央1-2 ハイツ301"),
    ("架空市中央1-2-3 コーポ301", "架空市中央1-2-3 ハイツ301"),
    ("札幌市北1条2丁目3", "札幌市北1条西2丁目3"),
    ("札幌市北1条西2丁目3-301", "札幌市北1条東2丁目3 ハイツ301"),
    ("架空市中央1-2-3-301", "架空市中央1-2 東町3-301"),
    ("架空市中央1丁目301", "架空市中央1丁目ハイツ301"),
    ("", "架空市中央1"),
    ("架空市", "架空市中央1-2"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_place_written_in_another_way(one: str, other: str) -> None:
    assert compare_addresses(one, other) == compare_addresses(other, one) == (Likeness.SAME, False, False, False)
    assert compare_addresses(one, other, read=True).likeness is Likeness.SAME


@pytest.mark.parametrize(("one", "other"), SAME_UP_TO_VARIANTS)
def test_the_same_place_up_to_variants(one: str, other: str) -> None:
    assert compare_addresses(one, other).likeness is compare_addresses(other, one).likeness is Likeness.VARIANT


@pytest.mark.parametrize(("one", "other"), DOUBTFUL)
def test_a_doubt_is_neither(one: str, other: str) -> None:
    assert compare_addresses(one, other).likeness is compare_addresses(other, one).likeness is Likeness.DOUBTFUL


@pytest.mark.parametrize(("one", "other"), NEVER)
def test_another_place_is_never_the_same(one: str, other: str) -> None:
    assert compare_addresses(one, other).likeness is compare_addresses(other, one).likeness is Likeness.DIFFERENT
    assert min(compare_addresses(a, b, read=True).likeness for a, b in ((one, other), (other, one))) > Likeness.VARIANT


@pytest.mark.parametrize("first", personas(), ids=lambda one: one.id)
def test_no_persona_lives_where_another_does(first: object) -> None:
    for second in personas():
        same = compare_addresses(first.address, second.address)  # type: ignore[attr-defined]
        assert (same.likeness is Likeness.SAME) == (first.address == second.address)  # type: ignore[attr-defined]


PLACES = st.sampled_from(
    ["見本県架空市中央", "港区六本木", "千代田区三番町", "港区麻布十番", "架空市虹ヶ丘", "北九条東"]
)
NUMBERS = st.lists(st.integers(1, 120), min_size=1, max_size=4)


def written(place: str, numbers: list[int], way: int) -> str:
    labels = ("丁目", "番", "号", "")
    match way:
        case 0:
            return place + "-".join(map(str, numbers))
        case 1:
            return place + "".join(f"{n}{label}" for n, label in zip(numbers, labels, strict=False))
        case 2:
            wide = str.maketrans("0123456789-", "０１２３４５６７８９－")
            return place + "　" + "-".join(map(str, numbers)).translate(wide)
        case _:
            return (
                place
                + "".join(f"{kanji(n)}{label}" for n, label in zip(numbers[:3], labels, strict=False))
                + (f" {numbers[3]}" if len(numbers) > 3 else "")
            )


def kanji(value: int) -> str:
    digits = "〇一二三四五六七八九"
    hundreds, tens, ones = value // 100, value // 10 % 10, value % 10
    many = f"{'' if hundreds == 1 else digits[hundreds]}百" if hundreds else ""
    ten = f"{'' if tens == 1 else digits[tens]}十" if tens else ""
    return many + ten + (digits[ones] if ones else "")


@given(PLACES, NUMBERS, st.integers(0, 2), st.integers(0, 2))
def test_numbers_agree_in_every_notation(place: str, numbers: list[int], one: int, other: int) -> None:
    found = compare_addresses(written(place, numbers, one), written(place, numbers, other))
    assert found.likeness is Likeness.SAME


@given(st.sampled_from(["見本県架空市中央", "架空市虹ヶ丘"]), NUMBERS, st.integers(0, 2))
def test_numbers_in_kanji_are_the_same_numbers(place: str, numbers: list[int], other: int) -> None:
    found = compare_addresses(written(place, numbers, 3), written(place, numbers, other))
    assert found.likeness is Likeness.SAME


@given(PLACES, NUMBERS, NUMBERS, st.integers(0, 3), st.integers(0, 3))
def test_other_numbers_never_match(place: str, first: list[int], second: list[int], one: int, other: int) -> None:
    assume(first != second)
    for read in (False, True):
        found = compare_addresses(written(place, first, one), written(place, second, other), read=read)
        assert found.likeness > Likeness.VARIANT


@given(st.text(alphabet="東西町村一二三十丁目番地号-のヶA1203 　", max_size=24), st.data())
def test_it_is_reflexive_and_symmetric(text: str, data: st.DataObject) -> None:
    other = data.draw(st.text(alphabet="東西町村一二三十丁目番地号-のヶA1203 　", max_size=24))
    assert compare_addresses(text, text).likeness is Likeness.SAME
    assert compare_addresses(text, other) == compare_addresses(other, text)


@given(st.sampled_from([one.address for one in personas()]), st.data())
def test_one_digit_changed_never_matches(address: str, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([n for n, sign in enumerate(address) if sign.isdigit()]))
    digit = data.draw(st.sampled_from([d for d in "０１２３４５６７８９" if d != address[at]]))
    changed = address[:at] + digit + address[at + 1 :]
    for read in (False, True):
        assert compare_addresses(address, changed, read=read).likeness > Likeness.VARIANT


@given(st.integers(1, 99999))
def test_kanji_numerals_give_their_number(value: int) -> None:
    digits = "〇一二三四五六七八九"
    assert number("".join(digits[int(one)] for one in str(value))) == str(value)
    if value <= 120:
        assert number(kanji(value)) == str(value)


@pytest.mark.parametrize("signs", ["十百", "百千", "二二十", "十十", "万", "万二", "千一百十二三"])
def test_signs_that_are_set_as_no_number_is_stay_signs(signs: str) -> None:
    assert number(signs) is None
