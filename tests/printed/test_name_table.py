"""Names as people write them, and pairs that are never one name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.printed.text import Agreement, compare_names
from mnverify.printed.text.names import parse_name
from mnverify.printed.variants import Likeness
from mnverify.virtual import personas

SAME = (
    ("佐藤　花子", "佐藤花子"),
    ("佐藤　花子", "佐藤 花子"),
    ("百瀬　トメ", "百瀬ﾄﾒ"),
    ("山田　ガク", "山田　カ\u3099ク"),
    ("青木　セーラ", "青木　セ－ラ"),
    ("ＧＡＲＣＩＡ　ＭＡＲＩＡ", "Garcia Maria"),
    ("Weiß Łucja", "WEIẞ ŁUCJA"),
    ("ＮＧＵＹＥＮ　ＶＡＮ　ＡＮ", "NGUYEN VANAN"),
    ("O’BRIEN　ANN", "O'BRIEN ANN"),
    ("李　美玲［通称　松本　美玲］", "李美玲（通称：松本美玲）"),
    ("李　美玲［通称　松本　美玲］", "李 美玲 通称 松本 美玲"),
    ("山田［佐藤］　花子", "山田（旧氏：佐藤）花子"),
)
VARIANTS = (
    ("髙橋　一郎", "高橋　一郎"),
    ("𠮷田　髙次", "吉田　高次"),
    ("\ufa19田　一", "神田　一"),
    ("葛\U000e0100城　一", "葛城　一"),
    ("JOSÉ LEE", "JOSE LEE"),
    ("SMITH-JONES ANN", "SMITH JONES ANN"),
)
DOUBTFUL = (
    ("山﨑　一", "山崎　一"),
    ("渡邉　一", "渡辺　一"),
    ("渡邉　一", "渡邊　一"),
    ("齋藤　一", "斎藤　一"),
    ("斉藤　一", "斎藤　一"),
    ("齊藤　一", "斎藤　一"),
    ("沢田　一", "澤田　一"),
    ("エ藤　一", "工藤　一"),
    ("ニ宮　一", "二宮　一"),
    ("カ石　一", "力石　一"),
    ("佐々木　一", "佐佐木　一"),
    ("〓田　一", "髙田　一"),
    ("\ue000田　一", "髙田　一"),
    ("キョウコ", "キヨウコ"),
    ("桧山　遥", "檜山　遙"),
    ("代々木　巌", "代代木　巖"),
    ("佐々木　一", "佐〻木　一"),
    ("ジョン・スミス", "ジョン　スミス"),
    ("ジョン・スミス", "ジョンスミス"),
    ("メアリー・アン・リー", "メアリー　アン・リー"),
    ("O’BRIEN ANN", "OBRIEN ANN"),
    ("LEE VAN", "LE EVAN"),
    ("ANNE MARIE", "ANN EMARIE"),
    ("LEE VAN AN", "LE EVANAN"),
    ("\ufe00山田", "口山田"),
    ("濵田　一", "濱田　一"),
    # a stroke through a letter, and letters that others spell with two
    ("ŁUKASZ NOWAK", "LUKASZ NOWAK"),
    ("łukasz nowak", "LUKASZ NOWAK"),
    ("L\u0338UKASZ NOWAK", "LUKASZ NOWAK"),
    ("ØYVIND BERG", "OYVIND BERG"),
    ("ØYVIND BERG", "OEYVIND BERG"),
    ("ĐORĐE ILIC", "DORDE ILIC"),
    ("GUÐRUN ÞOR", "GUDRUN THOR"),
    ("Weiß Hans", "WEISS HANS"),
    ("WEISS HANS", "WEIẞ HANS"),
    ("ÆGIR BERG", "AEGIR BERG"),
    ("ÆGIR ØEN", "AEGIR OEN"),
    ("MÜLLER ANN", "MUELLER ANN"),
    ("ŒUVRE ANN", "OEUVRE ANN"),
)
PART_MISSING = (
    ("GARCIA MARIA ANNA", "GARCIA MARIA"),
    ("GARCIA MARIA A", "GARCIA MARIA ANNA"),
    ("李　美玲［通称　松本　美玲］", "李　美玲"),
    ("李　美玲［通称　松本　美玲］", "松本　美玲"),
    ("山田［佐藤］　花子", "山田　花子"),
)
NEVER = (
    ("加藤　一", "伊藤　一"),
    ("太田　一", "大田　一"),
    ("杉本　一", "椙本　一"),
    ("藤田　一", "籐田　一"),
    ("末永　一", "未永　一"),
    ("佐藤　花子", "佐藤　花"),
    ("佐藤　花子", "佐藤　華子"),
    ("百瀬　トメ", "百瀬　トヌ"),
    ("ジョン・スミス", "ジョン・スミ"),
    ("ジョン・スミス", "ジャン　スミス"),
    ("O'BRIEN ANN", "OBRIAN ANN"),
    ("佐々木　一", "佐木　一"),
    ("\ufe00山", "山田"),
    ("KIM LEE", "KIM LEA"),
    ("GARCIA MARIA", "GARCIA ANNA"),
    ("GARCIA MARIA", "LOPEZ MARIA"),
    ("李　美玲［通称　松本　美玲］", "李　美玲［通称　松木　美鈴］"),
    ("山田［佐藤］花子", "山田［鈴木］花子"),
    ("ŁUKASZ NOWAK", "TUKASZ NOWAK"),
    ("ØYVIND BERG", "EYVIND BERG"),
    ("WEIß HANS", "WEIS HANS"),
    ("WEIß HANS", "WEISSE HANS"),
    ("ÆGIR BERG", "AGIR BERG"),
    ("ÆGIR BERG", "AEGIR BORG"),
    ("MÜLLER ANN", "MUALLER ANN"),
    ("佐藤　花子", ""),
)


def both(one: str, other: str) -> Agreement:
    found = compare_names(one, other)
    assert compare_names(other, one) == found
    return found


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_name_written_in_another_way(one: str, other: str) -> None:
    assert both(one, other) == (Likeness.SAME, False, False, False)


@pytest.mark.parametrize(("one", "other"), VARIANTS)
def test_the_same_name_up_to_variants(one: str, other: str) -> None:
    assert both(one, other) == (Likeness.VARIANT, False, False, False)


@pytest.mark.parametrize(("one", "other"), DOUBTFUL)
def test_what_is_taken_for_each_other_is_a_doubt(one: str, other: str) -> None:
    assert both(one, other) == (Likeness.DOUBTFUL, False, False, False)


@pytest.mark.parametrize(("one", "other"), PART_MISSING)
def test_a_part_that_one_side_lacks_is_a_doubt(one: str, other: str) -> None:
    assert both(one, other) == (Likeness.DOUBTFUL, True, False, False)


@pytest.mark.parametrize(("one", "other"), NEVER[:-1])
def test_another_name_is_never_the_same(one: str, other: str) -> None:
    assert both(one, other).likeness is Likeness.DIFFERENT
    assert compare_names(one, other, read=True).likeness > Likeness.VARIANT


def test_no_name_is_no_match() -> None:
    assert both(*NEVER[-1]).likeness is Likeness.DOUBTFUL


def test_latin_names_in_another_order_say_so() -> None:
    assert both("ＧＡＲＣＩＡ　ＭＡＲＩＡ", "Maria Garcia") == (Likeness.SAME, False, True, False)


def test_the_parts_of_a_name() -> None:
    assert parse_name("李　美玲［通称　松本　美玲］") == ("李 美玲", "松本 美玲", "")
    assert parse_name("山田［佐藤］　花子") == ("山田 花子", "", "佐藤")


def test_no_persona_has_the_name_of_another() -> None:
    names = [one.name for one in personas()]
    for name in names:
        assert [other for other in names if compare_names(name, other).likeness <= Likeness.VARIANT] == [name]


KANJI = st.text(alphabet="佐藤花子髙高崎﨑斉斎々ニ二ー一　 ［］通称", max_size=12)


@given(KANJI, KANJI)
def test_it_is_reflexive_and_symmetric(one: str, other: str) -> None:
    assert compare_names(one, one).likeness is Likeness.SAME
    assert compare_names(one, other) == compare_names(other, one)


@given(st.sampled_from([one.name for one in personas()]), st.sampled_from("竹虎鯨龍梅"), st.data())
def test_one_character_changed_never_matches(name: str, new: str, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([n for n, sign in enumerate(name) if sign not in "　［］通称"]))
    for read in (False, True):
        assert compare_names(name, name[:at] + new + name[at + 1 :], read=read).likeness > Likeness.VARIANT
